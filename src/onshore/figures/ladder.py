"""How much of a figure stands: the basis of a claim, the status of an observation."""

import difflib
from enum import Enum
from functools import cache
from typing import Self

from onshore.codes import fold
from onshore.figures.errors import FigureError


class _Named(Enum):
    """Members with a name in English and Persian, read from the spellings people use."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a member from a spelling in English or Persian.

        Raises
        ------
        FigureError
            No member is spelled so; the message names what is near.
        """
        known = _spellings(cls)
        wanted = fold(text).replace("-", " ").replace("_", " ")
        if wanted in known:
            return known[wanted]  # type: ignore[return-value]
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
        hint = f" Did you mean '{known[near[0]].value}'?" if near else ""
        choice = ", ".join(str(member.value) for member in cls)
        kind = cls.__name__.lower()
        if not wanted:
            raise FigureError(f"The {kind} is missing. Write one of: {choice}.")
        raise FigureError(f"'{text}' is not a {kind}.{hint} Write one of: {choice}.")

    def label(self, locale: str = "en") -> str:
        """Name as it is shown in ``"en"`` or ``"fa"``."""
        return _LABELS[str(self.value)] if locale == "fa" else str(self.value)

    @property
    def step(self) -> int:
        """Place in the order, from 1."""
        return list(type(self)).index(self) + 1

    def __lt__(self, other: Self) -> bool:
        return self.step < other.step if isinstance(other, type(self)) else NotImplemented

    def __le__(self, other: Self) -> bool:
        return self.step <= other.step if isinstance(other, type(self)) else NotImplemented

    def __gt__(self, other: Self) -> bool:
        return self.step > other.step if isinstance(other, type(self)) else NotImplemented

    def __ge__(self, other: Self) -> bool:
        return self.step >= other.step if isinstance(other, type(self)) else NotImplemented


class Basis(_Named):
    """How far a localization figure has come, from a wish to a verified fact.

    Examples
    --------
    >>> Basis.parse("تفاهم‌نامه") < Basis.CONTRACTED
    True
    >>> Basis.VERIFIED.step
    7
    """

    TARGET = "target"
    ANNOUNCED = "announced"
    MOU = "MoU"
    CONTRACTED = "contracted"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    VERIFIED = "verified"


class Status(_Named):
    """How settled an observed statistic is.

    Examples
    --------
    >>> Status.parse("موقت").label("en")
    'provisional'
    """

    REPORTED = "reported"
    PROVISIONAL = "provisional"
    REVISED = "revised"
    FINAL = "final"


_LABELS = {
    "target": "هدف",
    "announced": "اعلام‌شده",
    "MoU": "تفاهم‌نامه",
    "contracted": "قراردادبسته",
    "delivered": "تحویل‌شده",
    "accepted": "پذیرفته‌شده",
    "verified": "راستی‌آزمایی‌شده",
    "reported": "گزارش‌شده",
    "provisional": "موقت",
    "revised": "بازنگری‌شده",
    "final": "نهایی",
}

_SPELLINGS = {
    "target": ("targets", "targeted", "aim", "goal", "هدف گذاری شده", "هدفگذاری شده"),
    "announced": ("announcement", "اعلامی", "اعلام شده", "اعلان شده"),
    "MoU": (
        "mou",
        "m o u",
        "memorandum",
        "memorandum of understanding",
        "تفاهم نامه",
        "تفاهمنامه",
        "تفاهم",
        "یادداشت تفاهم",
    ),
    "contracted": (
        "contract",
        "signed contract",
        "قرارداد",
        "قراردادی",
        "قرارداد شده",
        "منعقد شده",
    ),
    "delivered": ("delivery", "supplied", "تحویل", "تحویل شده", "تحویلی"),
    "accepted": ("acceptance", "پذیرفته", "پذیرفته شده", "تأییدشده", "تأیید شده", "مورد تأیید"),
    "verified": ("verification", "راستی آزمایی شده", "راستی آزمایی", "صحت سنجی شده", "محقق شده"),
    "reported": ("report", "گزارشی", "گزارش شده"),
    "provisional": ("preliminary", "مقدماتی", "اولیه", "موقتی"),
    "revised": ("revision", "بازنگری شده", "تجدیدنظرشده", "تجدید نظر شده", "اصلاح شده"),
    "final": ("definitive", "قطعی"),
}


@cache
def _spellings(kind: type[_Named]) -> dict[str, _Named]:
    known: dict[str, _Named] = {}
    for member in kind:
        value = str(member.value)
        for text in (value, member.name, _LABELS[value], *_SPELLINGS[value]):
            known[fold(text).replace("-", " ").replace("_", " ")] = member
    return known
