"""The pages and charts of the ``onshore economy`` commands."""

from collections.abc import Callable
from typing import Final

from onshore.report.bulletin import Bulletin, Section
from onshore.report.economy_changes_pages import (
    compose_decomposition,
    compose_regions,
    compose_substitution,
)
from onshore.report.economy_structure_pages import (
    compose_extraction,
    compose_linkages,
    compose_multipliers,
)
from onshore.report.finding import Finding, Metadata, Tables
from onshore.report.finding_page import page_of
from onshore.report.words import Locale

_COMPOSERS: Final[dict[str, Callable[[Finding], list[Section]]]] = {
    "multipliers": compose_multipliers,
    "linkages": compose_linkages,
    "extract": compose_extraction,
    "substitute": compose_substitution,
    "decompose": compose_decomposition,
    "regions": compose_regions,
}

_TITLES: Final = {
    "multipliers": "economy.ask_multipliers",
    "linkages": "economy.ask_linkages",
    "extract": "economy.ask_extract",
    "substitute": "economy.ask_substitute",
    "decompose": "economy.ask_decompose",
    "regions": "economy.ask_regions",
}


def economy_bulletin(
    kind: str, tables: Tables, metadata: Metadata, locale: Locale = "en"
) -> Bulletin:
    """Write the result of an ``onshore economy`` command as a bulletin.

    Parameters
    ----------
    kind
        ``multipliers``, ``linkages``, ``extract``, ``substitute``, ``decompose`` or ``regions``.
    tables
        The result's tables by the stem of their files. What is not known is shown as it is.
    metadata
        What is written to ``metadata.json``: ``source``, ``currency``, ``years``, ``warnings``,
        ``formulas`` and others, each where it is there.
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
    finding = Finding(tables, metadata, locale)
    sections = _COMPOSERS[kind](finding)
    return page_of(finding, finding.say("economy.subtitle"), finding.say(_TITLES[kind]), sections)
