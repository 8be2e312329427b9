"""Names of the months of both calendars, and the spellings they are read from."""

from functools import cache

from onshore.codes import fold
from onshore.figures.solar_hijri import month_name

_GREGORIAN = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "fa": (
        "ژانویه",
        "فوریه",
        "مارس",
        "آوریل",
        "مه",
        "ژوئن",
        "ژوئیه",
        "اوت",
        "سپتامبر",
        "اکتبر",
        "نوامبر",
        "دسامبر",
    ),
}

_GREGORIAN_SPELLINGS = (
    "jan",
    "feb",
    "mar",
    "apr اپریل آپریل",
    "می",
    "jun ژوین جون",
    "jul جولای ژوییه",
    "aug آگوست آگست",
    "sep sept",
    "oct اکتوبر",
    "nov",
    "dec",
)
_SOLAR_HIJRI_SPELLINGS = (
    "farvardeen",
    "ordibehest",
    "khordaad",
    "teer",
    "amordad امرداد",
    "shahrivar shahriwar shahrivr",
    "",
    "aaban",
    "aazar",
    "dei day",
    "",
    "isfand esfand اسپند",
)


def name(calendar: str, month: int, locale: str) -> str:
    """Name of a month, 1 to 12, of a calendar in ``"en"`` or ``"fa"``."""
    if calendar == "solar_hijri":
        return month_name(month, locale)
    return _GREGORIAN["fa" if locale == "fa" else "en"][month - 1]


@cache
def spellings() -> dict[str, tuple[str, int]]:
    """Give calendar and number of each month by its folded spellings."""
    known: dict[str, tuple[str, int]] = {}
    for calendar, more in (
        ("solar_hijri", _SOLAR_HIJRI_SPELLINGS),
        ("gregorian", _GREGORIAN_SPELLINGS),
    ):
        for month in range(1, 13):
            names = [name(calendar, month, "en"), name(calendar, month, "fa")]
            for text in (*names, *more[month - 1].split()):
                known[fold(text)] = (calendar, month)
    return known
