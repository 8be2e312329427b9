"""What organisations, desks, agreements and places are called, in the page's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.codes import UnknownCode, places
from onshore.desk.pages.wording import language
from onshore.report import Words

KINDS = {
    "buyer": gettext_lazy("Buyer"),
    "maker": gettext_lazy("Maker"),
    "agency": gettext_lazy("Agency"),
    "university": gettext_lazy("University"),
    "start-up": gettext_lazy("Start-up"),
    "fund": gettext_lazy("Fund"),
    "insurer": gettext_lazy("Insurer"),
    "contractor": gettext_lazy("Contractor"),
}
"""What an organisation may be."""


def named(thing: Any) -> str:
    """Give the name of an organisation or desk: in Persian its Persian name, where it has one.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> named(SimpleNamespace(name="Foundry", name_fa="ریخته‌گری"))
    'Foundry'
    >>> named(None)
    ''
    """
    if thing is None:
        return ""
    return str((thing.name_fa if language() == "fa" else "") or thing.name)


def titled(row: Any) -> str:
    """Give the title of an agreement, a call or a bulletin in the page's language."""
    return str((row.title_fa if language() == "fa" else "") or row.title)


def kinds_named(roles: str) -> str:
    """Name what an organisation is, from the cell that tells it.

    Examples
    --------
    >>> kinds_named("maker; buyer")
    'Maker; Buyer'
    """
    kinds = (part.strip() for part in roles.split(";") if part.strip())
    return _("; ").join(str(KINDS.get(kind, kind)) for kind in kinds)


def place_name(code: str) -> str:
    """Give the name of a place by its ISO 3166-2 code; another code stays as it is.

    Examples
    --------
    >>> place_name("IR-10"), place_name("PARK-1")
    ('Isfahan', 'PARK-1')
    """
    try:
        return places.name(code, language())
    except UnknownCode:
        return code


def series_named(row: Mapping[str, Any]) -> str:
    """Name a series of statistics: its indicator, product, place and partner."""
    words = Words(language())
    what = [words.name(name, row[name] or "") for name in ("indicator", "product")]
    where = [place_name(row[name]) if row[name] else "" for name in ("place", "partner")]
    return " · ".join(filter(None, (*what, *where)))
