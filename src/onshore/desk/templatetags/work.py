"""Tags of the officer's and the verifier's pages."""

from typing import Any

from django import template

from onshore.codes import UnknownCode, countries, units
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import language, sentence, unit_named
from onshore.figures import FigureError, Period, Status, shown

register = template.Library()
register.filter("named", named)
register.filter("sentence", sentence)
register.filter("unit_named", unit_named)


@register.filter
def unit_label(code: Any) -> str:
    """Name a unit in the page's language."""
    if not code:
        return ""
    try:
        return units.name(str(code), language())
    except UnknownCode:
        return str(code)


@register.filter
def period_label(text: Any) -> str:
    """Name a period in the page's language."""
    try:
        return Period.parse(str(text)).label(language()) if text else ""
    except FigureError:
        return str(text)


@register.filter
def country_label(code: Any) -> str:
    """Name a country in the page's language."""
    try:
        return countries.name(str(code), language())
    except UnknownCode:
        return str(code)


@register.filter
def year_label(year: Any) -> str:
    """Write a year in the page's digits, without marks for thousands."""
    return shown.digits(str(year), language())


@register.filter
def status_label(status: Any) -> str:
    """Name an observation's status in the page's language."""
    try:
        return Status.parse(str(status)).label(language()) if status else ""
    except FigureError:
        return str(status)
