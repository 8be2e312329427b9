"""Reasons that other rooms give in English, in the bulletin's language and by their kind."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from onshore.codes import UnknownCode, currencies, units
from onshore.figures import FigureError, Period, shown
from onshore.report.words import Locale, Words

_NO_RATE = "there is no "
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIT = re.compile(r"(?P<code>[A-Z0-9]{1,3}) \(.+\)")
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True)
class Reason:
    """A sentence with places to be filled, in both languages, and its kind, if it has one."""

    pattern: re.Pattern[str]
    text: dict[str, str]
    kind: dict[str, str] | None


@cache
def reasons() -> tuple[Reason, ...]:
    """Return every reason that is known, as ``reasons.toml`` holds them."""
    with files("onshore.report").joinpath("reasons.toml").open("rb") as file:
        rooms = tomllib.load(file)
    return tuple(
        Reason(
            pattern=re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+?)", re.escape(entry["en"])), re.DOTALL),
            text={"en": entry["en"], "fa": entry["fa"]},
            kind=entry.get("kind"),
        )
        for room in rooms.values()
        for entry in room.values()
    )


def reason_in(locale: Locale, text: str) -> str:
    """Write a reason in a language; one that is not known is left as it was written.

    Examples
    --------
    >>> reason_in("fa", "the maker is abroad")
    'سازنده در خارج است'
    >>> reason_in("fa", "the need begins in 1412, after the plan's last year")
    'نیاز از ۱۴۱۲ آغاز می‌شود، پس از سال پایانی برنامه'
    """
    if locale == "en":
        return text
    first, *more = text.split(f"; {_NO_RATE}")
    if more:  # a reason for each of two currencies
        return "؛ ".join(reason_in(locale, part) for part in (first, *(_NO_RATE + m for m in more)))
    found = _find(text)
    if found is None:
        return text
    reason, values = found
    told = {name: _told(name, value) for name, value in values.items()}
    return reason.text[locale].format(**told)


def _told(name: str, value: str) -> str:
    """Write in Persian what stands in a reason: figures, days, periods, units, terms."""
    if name == "period":
        try:
            return Period.parse(value).label("fa")
        except FigureError:
            return value
    if name in {"state", "fact", "columns"}:
        parts = re.split(r", | and | or ", value)
        return " و ".join(Words("fa").name(f"{name} of a reason", part) for part in parts)
    if name == "rate_type":
        return Words("fa").name("rate type", value)
    if name == "others":
        return "، ".join(shown.isolate(code) for code in value.split(", "))
    unit = _UNIT.fullmatch(value)
    try:
        if name in {"base", "quote"}:
            return currencies.name(value, "fa")
        if unit or name == "unit":
            return units.name(unit["code"] if unit else value, "fa")
    except UnknownCode:
        return value
    if _DAY.fullmatch(value):
        return shown.both_calendars(date.fromisoformat(value), "fa")
    if not _NUMBER.fullmatch(value):
        return value
    if name in {"year", "one", "other"}:
        return shown.digits(value, "fa")
    return shown.number(Decimal(value), "fa")


def kind_in(locale: Locale, text: str) -> str:
    """Name what a reason has in common with others; a reason without a kind is its own.

    Examples
    --------
    >>> kind_in("en", "the need begins in 1412, after the plan's last year")
    "the need begins after the plan's last year"
    """
    found = _find(text)
    if found is None or found[0].kind is None:
        return reason_in(locale, text)
    return found[0].kind[locale]


def _find(text: str) -> tuple[Reason, dict[str, str]] | None:
    for reason in reasons():
        match = reason.pattern.fullmatch(text)
        if match:
            return reason, match.groupdict()
    return None
