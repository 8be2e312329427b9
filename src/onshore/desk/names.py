"""What organisations and desks are called, in the page's language."""

from typing import Any

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
