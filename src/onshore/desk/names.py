"""What organisations and desks are called, in the page's language."""

from typing import Any

from onshore.codes import UnknownCode, places
from onshore.desk.wording import language


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
