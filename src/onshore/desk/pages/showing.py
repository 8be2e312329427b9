"""How figures, days, states and codes look on a page, as safe HTML in the page's language."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onshore.codes import UnknownCode, currencies, units
from onshore.desk.pages import wording
from onshore.desk.pages.wording import language
from onshore.figures import Basis, FigureError, shown
from onshore.report.chip import draw_chip

_LONG_CODE = 24
"""Characters of a code that may break over lines in a table."""

_CHIPS = {basis: mark_safe(draw_chip(basis)) for basis in Basis}


STATE_ICONS: Final = {
    "draft": "pen",
    "published": "megaphone",
    "scouting": "search",
    "matched": "link",
    "no-match": "unlink",
    "offer": "tag",
    "MoU": "handshake",
    "contracted": "contract",
    "sample": "flask",
    "qualified": "gauge",
    "serial supply": "truck",
    "verified localized": "seal",
    "on hold": "pause",
    "withdrawn": "undo",
    "failed": "cross",
    "import exception": "gate",
    "reverted to import": "ship",
}
"""The icon of each state of a need."""


@cache
def _choice_name(term: str, _language: str) -> str:
    return wording.choice_label(term)


def choice_label(term: Any) -> str:
    """Name a choice or a need's state in the page's language.

    A programme's own term stays as it was written.

    Examples
    --------
    >>> from django.utils.translation import override
    >>> with override("fa"):
    ...     choice_label("could make")
    'می‌تواند بسازد'
    """
    return _choice_name(str(term), language()) if term else ""


def nothing() -> SafeString:
    """Show that a value is not given."""
    return format_html('<span class="none" title="{}">–</span>', _("not given"))


@cache
def icon(name: str) -> SafeString:
    """Show an icon of the sprite; its meaning has to stand beside it in words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("desk/icons-1.svg"),
        name,
    )


def number(value: Any, decimals: int | None = None) -> SafeString:
    """Show a number, in full or to some decimals."""
    if value is None or value == "":
        return nothing()
    return format_html('<bdi class="figure">{}</bdi>', shown.number(value, language(), decimals))


def decimals_of(value: Any) -> int:
    """Count the decimals that a value has.

    Examples
    --------
    >>> decimals_of(Decimal("1.50")), decimals_of(3), decimals_of(None)
    (1, 0, 0)
    """
    if value is None or value == "" or isinstance(value, int):
        return 0
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def currency_name(code: str) -> str:
    """Name a currency within a sentence: its code in English, its name in Persian."""
    if language() == "en":
        return code
    try:
        return currencies.name(code, "fa")
    except UnknownCode:
        return code


def currency(code: str) -> SafeString:
    """Show a currency: its code in English, its name in Persian."""
    if language() == "en":
        return format_html('<bdi class="currency">{}</bdi>', code)
    return format_html('<bdi class="currency" title="{}">{}</bdi>', code, currency_name(code))


def money(amount: Any, of: str | None, decimals: int | None = None, rate: Any = None) -> SafeString:
    """Show an amount with its currency.

    Parameters
    ----------
    amount
        The amount; None shows that it is not given.
    of
        Code of the currency.
    decimals
        Places after the mark; None for those that it has, at most 2.
    rate
        The `onshore.figures.Rate` it was converted at: told on hover and in print.
    """
    if amount is None or amount == "":
        return nothing()
    places = min(decimals_of(amount), 2) if decimals is None else decimals
    told = _rate_told(rate) if rate is not None else ""
    return format_html(
        '<span class="money"{}>{}&nbsp;{}{}</span>',
        format_html(' title="{}" tabindex="0"', told) if told else "",
        number(amount, places),
        currency(of or ""),
        format_html('<span class="rate-told">{}</span>', told) if told else "",
    )


def _rate_told(rate: Any) -> str:
    return _("%(type)s of %(day)s: %(rate)s %(pair)s (%(source)s)") % {
        "type": choice_label(rate.rate_type),
        "day": shown.both_calendars(rate.date, language()),
        "rate": shown.number(rate.rate, language()),
        "pair": rate_pair(rate),
        "source": rate.source,
    }


def rate_pair(rate: Any) -> str:
    """Say which currency a rate counts, and per which other."""
    names = {"quote": currency_name(rate.quote), "base": currency_name(rate.base)}
    return _("%(quote)s per %(base)s") % names


def day(value: date | datetime | None) -> SafeString:
    """Show a day in the reader's calendar, in both on hover; of a moment also its time."""
    if not value:
        return nothing()
    moment = timezone.localtime(value) if isinstance(value, datetime) else None
    on = moment.date() if moment else value
    text = day_text(on)
    if moment:
        text += " " + shown.digits(f"{moment:%H:%M}", language())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        (moment or value).isoformat(),
        _both(on),
        text,
    )


def day_text(on: date) -> str:
    """Write a day in the reader's own calendar."""
    calendar = "solar_hijri" if language() == "fa" else "gregorian"
    try:
        return shown.day(on, language(), calendar)
    except FigureError:  # a day that the Solar Hijri tables do not reach
        return shown.day(on, language())


def _both(on: date) -> str:
    try:
        return shown.both_calendars(on, language())
    except FigureError:
        return shown.day(on, language())


def numbers(text: str) -> SafeString:
    """Show times of day, or numbers joined by semicolons, in the page's digits."""
    told = shown.digits(text.replace(";", "، " if language() == "fa" else ", "), language())
    return format_html("<bdi>{}</bdi>", told)


def isolated(text: Any) -> SafeString:
    """Show a code or part number, apart from the direction of the text around it."""
    if text is None or text == "":
        return nothing()
    kind = "code long" if len(str(text)) > _LONG_CODE else "code"
    return format_html('<bdi class="{}" dir="ltr">{}</bdi>', kind, text)


def unit(code: str | None) -> SafeString:
    """Show a unit: its symbol in English, its name in Persian."""
    if not code:
        return nothing()
    return format_html('<bdi title="{}">{}</bdi>', code, unit_text(code))


def unit_text(code: str) -> str:
    """Write a unit; one that is not known is left as it is."""
    try:
        return units.name(code, "fa") if language() == "fa" else units.symbol(code)
    except UnknownCode:
        return code


def chip(basis: Any, *, label: bool = True) -> SafeString:
    """Show a basis: its step on the ladder of seven, and its name."""
    if not basis:
        return nothing()
    known = basis if isinstance(basis, Basis) else Basis.parse(str(basis))
    name = known.label(language())
    if not label:
        return format_html('<span class="basis" title="{}">{}</span>', name, _CHIPS[known])
    return format_html('<span class="basis">{}<span>{}</span></span>', _CHIPS[known], name)


def state(value: str) -> SafeString:
    """Show a need's state, by icon and name."""
    if not value:
        return nothing()
    return format_html(
        '<span class="state">{}<span>{}</span></span>',
        icon(STATE_ICONS.get(value, "dot")),
        choice_label(value),
    )


def choice(value: Any) -> SafeString:
    """Show a choice by its name; truths as yes and no."""
    if value is None or value == "":
        return nothing()
    if isinstance(value, bool):
        return escape(_("yes") if value else _("no"))
    return escape(choice_label(str(value)))


def text(value: Any) -> SafeString:
    """Show a text, whatever its direction."""
    if value is None or value == "":
        return nothing()
    return format_html('<span dir="auto">{}</span>', value)


SHOWN: dict[str, Callable[[Any], SafeString]] = {
    "text": text,
    "link": text,
    "period": text,
    "code": isolated,
    "number": number,
    "unit": unit,
    "day": day,
    "state": state,
    "basis": chip,
    "choice": choice,
}
"""How a value of each kind of column is shown; money takes its currency besides."""
