"""The pages and charts of the ``onshore chain`` commands."""

from collections.abc import Callable, Sequence
from typing import Final

from onshore.report.bulletin import Bulletin, Section
from onshore.report.chain_expand_page import compose_expand
from onshore.report.chain_finding import ChainFinding
from onshore.report.chain_flow_page import compose_run
from onshore.report.chain_shock_page import compose_shock
from onshore.report.chain_target_page import compose_target
from onshore.report.finding import Metadata, Tables
from onshore.report.finding_page import page_of
from onshore.report.map import Province
from onshore.report.words import Locale

_COMPOSERS: Final[dict[str, Callable[[ChainFinding], list[Section]]]] = {
    "run": compose_run,
    "target": compose_target,
    "shock": compose_shock,
    "expand": compose_expand,
}

_TITLES: Final = {
    "run": "chain.ask_run",
    "target": "chain.ask_target",
    "shock": "chain.ask_shock",
    "expand": "chain.ask_expand",
}


def chain_bulletin(
    kind: str,
    tables: Tables,
    metadata: Metadata,
    locale: Locale = "en",
    *,
    outlines: Sequence[Province] = (),
) -> Bulletin:
    """Write the result of an ``onshore chain`` command as a bulletin.

    Parameters
    ----------
    kind
        ``run``, ``target``, ``shock`` or ``expand``.
    tables
        The result's tables by the stem of their files. What is missing leaves its part out.
    metadata
        What is written to ``metadata.json``: ``source``, ``chain``, ``currency``, ``years``,
        ``product``, ``note``, ``warnings``, ``formulas``, each where it is there.
    locale
        ``en`` or ``fa``.
    outlines
        Outlines of provinces or countries for the maps, as ``read_provinces`` gives them.

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
    finding = ChainFinding(tables, metadata, locale, outlines)
    sections = _COMPOSERS[kind](finding)
    return page_of(finding, _subtitle(finding), finding.say(_TITLES[kind]), sections)


def _subtitle(finding: ChainFinding) -> str:
    told = finding.metadata.get("chain") or {}
    name = (told.get("name_fa") if finding.rtl else "") or told.get("name") or ""
    return str(name) or finding.say("chain.subtitle")
