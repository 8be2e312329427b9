"""The pages and charts of the ``onshore trade`` commands."""

from collections.abc import Callable
from typing import Final

from onshore.report.bulletin import Bulletin
from onshore.report.complexity_page import compose_complexity
from onshore.report.dependency_page import compose_dependency
from onshore.report.finding import Finding, Metadata, Tables
from onshore.report.opportunity_pages import compose_exports, compose_opportunity
from onshore.report.words import Locale

_COMPOSERS: Final[dict[str, Callable[[Finding], Bulletin]]] = {
    "dependency": compose_dependency,
    "complexity": compose_complexity,
    "opportunity": compose_opportunity,
    "exports": compose_exports,
}


def trade_bulletin(
    kind: str, tables: Tables, metadata: Metadata, locale: Locale = "en"
) -> Bulletin:
    """Write the result of an ``onshore trade`` command as a bulletin.

    Parameters
    ----------
    kind
        ``dependency``, ``complexity``, ``opportunity`` or ``exports``.
    tables
        The result's tables by the stem of their files. What is missing leaves its part out.
    metadata
        What is written to ``metadata.json``: ``source``, ``country``, ``currency``, ``years``,
        ``filter``, ``normalisation``, ``warnings``, ``formulas``, each where it is there.
    locale
        ``en`` or ``fa``.

    Returns
    -------
    Bulletin
        For ``to_html``, ``to_pdf`` and ``to_xlsx``.

    Raises
    ------
    ValueError
        There is no such kind.
    """
    if kind not in _COMPOSERS:
        raise ValueError(f"There is no page of '{kind}'. There are: {', '.join(_COMPOSERS)}.")
    return _COMPOSERS[kind](Finding(tables, metadata, locale))
