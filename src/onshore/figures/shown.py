"""How figures are shown, in English and Persian.

English sets thousands apart by a narrow no-break space and uses the true minus; Persian uses
Persian digits and marks. Nothing is ever shown in scientific notation.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

from onshore.codes import currencies, units
from onshore.figures import months, solar_hijri
from onshore.figures.errors import FigureError
from onshore.figures.money import Money
from onshore.figures.numerals import plain_text
from onshore.figures.quantity import Quantity

Number = int | float | Decimal | Fraction
Scale = Literal["thousand", "million", "billion", "trillion"]

_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_THOUSANDS = {"en": "\u202f", "fa": "\u066c"}
_POINT = {"en": ".", "fa": "\u066b"}
# In Persian text a sign would stand on the wrong side of its number without the mark before it.
_MINUS = {"en": "\u2212", "fa": "\u200e\u2212"}
_PLUS = {"en": "+", "fa": "\u200e+"}
_PERCENT = {"en": "%", "fa": "\u066a"}
_SCALES: dict[str, tuple[int, str]] = {
    "thousand": (3, "هزار"),
    "million": (6, "میلیون"),
    "billion": (9, "میلیارد"),
    "trillion": (12, "هزار میلیارد"),
}


def digits(text: str, locale: str) -> str:
    """Write a text's digits in the locale's script.

    Examples
    --------
    >>> digits("1403-H1", "fa")
    '۱۴۰۳-H۱'
    """
    return text.translate(_PERSIAN) if locale == "fa" else text


def number(value: Number, locale: str, decimals: int | None = None) -> str:
    r"""Write a number.

    Parameters
    ----------
    value
        The number.
    locale
        ``"en"`` or ``"fa"``.
    decimals
        Places after the decimal mark, halves rounded away from zero; None shows those that
        the value has (of a ``Fraction``, at most 6).

    Raises
    ------
    FigureError
        The value is not finite, or the language is another.

    Examples
    --------
    >>> number(Decimal("-1045000.5"), "fa")
    '\u200e−۱٬۰۴۵٬۰۰۰٫۵'
    >>> number(1e21, "en", 1).replace("\u202f", " ")
    '1 000 000 000 000 000 000 000.0'
    """
    _check_locale(locale)
    text = _plain(value, decimals)
    sign = _MINUS[locale] if text.startswith("-") else ""
    whole, _, fraction = text.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", _THOUSANDS[locale])
    return sign + digits(grouped + (_POINT[locale] + fraction if fraction else ""), locale)


def signed(value: Number, locale: str, decimals: int | None = None) -> str:
    """Write a number with a plus or minus; zero, also by rounding, has neither.

    Examples
    --------
    >>> signed(12, "en"), signed(-0.2, "en", 0)
    ('+12', '0')
    """
    text = number(value, locale, decimals)
    plain = _plain(value, decimals)
    return text if plain.startswith("-") or not plain.strip("0.") else _PLUS[locale] + text


def percent(fraction: Number, locale: str, decimals: int = 0) -> str:
    r"""Write a fraction in percent: 0.12 is 12%.

    In Persian the figure is isolated, left to right, so that sign, number and mark stand in one
    order, with the sign on the left and the mark on the right, whatever the text around them.

    Examples
    --------
    >>> percent(Decimal("-0.231"), "en", 1), percent(0.12, "fa") == "\u2066۱۲٪\u2069"
    ('−23.1%', True)
    """
    return _in_order(number(_fraction(fraction) * 100, locale, decimals), locale)


def signed_percent(fraction: Number, locale: str, decimals: int = 0) -> str:
    r"""Write a change, a fraction, in percent with its plus or minus.

    Examples
    --------
    >>> signed_percent(0.12, "en"), signed_percent(0.12, "fa") == "\u2066+۱۲٪\u2069"
    ('+12%', True)
    """
    return _in_order(signed(_fraction(fraction) * 100, locale, decimals), locale)


def money(value: Money, locale: str, decimals: int = 0, scale: Scale | None = None) -> str:
    r"""Write an amount of money, with its currency's code or, in Persian, its name.

    Parameters
    ----------
    value
        The amount.
    locale
        ``"en"`` or ``"fa"``.
    decimals
        Places after the decimal mark.
    scale
        ``"thousand"``, ``"million"``, ``"billion"`` or ``"trillion"`` to show the amount in;
        None shows all of it.

    Raises
    ------
    FigureError
        There is no such scale.

    Examples
    --------
    >>> total = Money.parse("40 trillion IRR")
    >>> money(total, "en", scale="trillion").replace("\xa0", " ")
    '40 trillion IRR'
    >>> money(total, "fa", scale="trillion").replace("\xa0", " ")
    '۴۰ هزار میلیارد ریال ایران'
    """
    amount, word = Fraction(value.amount), ""
    if scale is not None:
        if scale not in _SCALES:
            raise FigureError(f"'{scale}' is not a scale. Write one of: {', '.join(_SCALES)}.")
        power, persian = _SCALES[scale]
        amount /= 10**power
        word = persian if locale == "fa" else scale
    currency = currencies.name(value.currency, "fa") if locale == "fa" else value.currency
    return "\u00a0".join(filter(None, (number(amount, locale, decimals), word, currency)))


def quantity(value: Quantity, locale: str, decimals: int | None = None) -> str:
    r"""Write a quantity with its unit's symbol or, in Persian, its name.

    Examples
    --------
    >>> quantity(Quantity.parse("1200.5 kg"), "fa").replace("\xa0", " ")
    '۱٬۲۰۰٫۵ کیلوگرم'
    """
    unit = units.name(value.unit, "fa") if locale == "fa" else units.symbol(value.unit)
    return f"{number(value.value, locale, decimals)}\u00a0{unit}"


def day(value: date, locale: str, calendar: str = "gregorian") -> str:
    """Write a date in one calendar.

    Raises
    ------
    FigureError
        There is no such calendar, or the Solar Hijri one does not reach so far.

    Examples
    --------
    >>> day(date(2024, 9, 22), "en", "gregorian"), day(date(2024, 9, 22), "en", "solar_hijri")
    ('2024-09-22', '1 Mehr 1403')
    """
    _check_locale(locale)
    if calendar == "solar_hijri":
        y, m, d = solar_hijri.from_gregorian(value)
    elif calendar == "gregorian":
        if locale == "en":
            return value.isoformat()[:10]
        y, m, d = value.year, value.month, value.day
    else:
        raise FigureError(f"'{calendar}' is not a calendar. Write gregorian or solar_hijri.")
    return digits(f"{d} {months.name(calendar, m, locale)} {y}", locale)


def both_calendars(value: date, locale: str) -> str:
    """Write a date in both calendars, the reader's own first.

    Examples
    --------
    >>> both_calendars(date(2024, 9, 22), "en"), both_calendars(date(2024, 9, 22), "fa")
    ('2024-09-22 · 1 Mehr 1403', '۱ مهر ۱۴۰۳ · ۲۲ سپتامبر ۲۰۲۴')
    """
    order = ("solar_hijri", "gregorian") if locale == "fa" else ("gregorian", "solar_hijri")
    return " · ".join(day(value, locale, calendar) for calendar in order)


def isolate(text: str) -> str:
    r"""Set a code or part number apart from the direction of the text around it.

    The marks U+2068 and U+2069 keep ``6205-2RS`` whole inside a Persian sentence.

    Examples
    --------
    >>> isolate("6205-2RS") == "\u20686205-2RS\u2069"
    True
    """
    return f"\u2068{text}\u2069"


def _in_order(text: str, locale: str) -> str:
    figure = text.removeprefix("\u200e") + _PERCENT[locale]
    return f"\u2066{figure}\u2069" if locale == "fa" else figure


def _check_locale(locale: str) -> None:
    if locale not in _POINT:
        raise FigureError(f"'{locale}' is not a language kept here. Write en or fa.")


def _fraction(value: Number) -> Fraction:
    try:
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, OverflowError):
        raise FigureError(f"{value} is not a finite number. Leave the figure out.") from None


def _plain(value: Number, decimals: int | None) -> str:
    """Write digits with a hyphen and a point, no exponent, no minus before zero."""
    exact = _fraction(value)
    if decimals is None and not isinstance(value, Fraction):
        return plain_text(Decimal(repr(value) if isinstance(value, float) else value))
    places = 6 if decimals is None else decimals
    rounded = floor(abs(exact) * 10**places + Fraction(1, 2))
    text = plain_text(Decimal((0, tuple(map(int, str(rounded))), -places)), keep=decimals)
    return f"-{text}" if exact < 0 and rounded else text
