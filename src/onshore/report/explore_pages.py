"""The pages and charts of the ``onshore explore`` commands."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from onshore.report.bulletin import Bulletin, Section
from onshore.report.explore_finding import ExploreFinding
from onshore.report.explore_holes_page import compose_desurvey
from onshore.report.explore_map_page import compose_map, compose_training
from onshore.report.explore_raster import Raster
from onshore.report.explore_resources_page import compose_resources
from onshore.report.explore_targets_page import compose_targets
from onshore.report.explore_validation_page import compose_validation
from onshore.report.explore_weights_page import compose_weights
from onshore.report.finding import Metadata, Tables
from onshore.report.finding_page import page_of
from onshore.report.words import Locale

_COMPOSERS: Final[dict[str, Callable[[ExploreFinding], list[Section]]]] = {
    "weights": compose_weights,
    "train": compose_training,
    "map": compose_map,
    "validate": compose_validation,
    "targets": compose_targets,
    "desurvey": compose_desurvey,
    "resources": compose_resources,
}

_TITLES: Final = {
    "weights": "explore.ask_weights",
    "train": "explore.ask_train",
    "map": "explore.ask_map",
    "validate": "explore.ask_validate",
    "targets": "explore.ask_targets",
    "desurvey": "explore.ask_desurvey",
    "resources": "explore.ask_resources",
}

Rasters = Mapping[str, Raster]


def explore_bulletin(
    kind: str,
    tables: Tables,
    metadata: Metadata,
    locale: Locale = "en",
    *,
    rasters: Rasters | None = None,
    outlines: pl.DataFrame | None = None,
) -> Bulletin:
    """Write the result of an ``onshore explore`` command as a bulletin.

    Parameters
    ----------
    kind
        ``weights``, ``train``, ``map``, ``validate``, ``targets``, ``desurvey`` or ``resources``.
    tables
        The result's tables by the stem of their files. What is missing leaves its part out.
    metadata
        What is written to ``metadata.json``: ``source``, ``layers``, ``method``, ``warnings``,
        ``formulas`` and others, each where it is there.
    locale
        ``en`` or ``fa``.
    rasters
        Maps to be drawn, ``score`` and ``uncertainty``, as ``read_raster`` gives them.
    outlines
        Targets to be drawn on them: ``rank``, ``target`` and ``geometry`` (WKB or WKT of polygons,
        in the maps' reference system).

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
    finding = ExploreFinding(tables, metadata, locale, rasters, outlines)
    sections = _COMPOSERS[kind](finding)
    return page_of(finding, finding.say("explore.subtitle"), finding.say(_TITLES[kind]), sections)
