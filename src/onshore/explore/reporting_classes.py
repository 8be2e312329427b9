"""Classes of resources and reserves: CRIRSCO's, and what they are in the UNFC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from onshore.explore.block_estimates import BlockEstimate
from onshore.explore.errors import ExploreError
from onshore.explore.kriging import Data, Vector

Rules = Mapping[str, tuple[int, float]]

RULES: Rules = {"measured": (3, 1 / 3), "indicated": (2, 2 / 3), "inferred": (1, 1.0)}
"""Holes that a block of a class has within a share of the variogram's range."""

BRIDGE = (
    ("proved", "mineral reserve", "E1", "F1", "G1", "viable project"),
    ("probable", "mineral reserve", "E1", "F1", "G2", "viable project"),
    ("measured", "mineral resource", "E2", "F2", "G1", "potentially viable project"),
    ("indicated", "mineral resource", "E2", "F2", "G2", "potentially viable project"),
    ("inferred", "mineral resource", "E2", "F2", "G3", "potentially viable project"),
    ("exploration target", "exploration results", "E3", "F3", "G4", "prospective project"),
)
"""Classes of the CRIRSCO Template and their categories in the UNFC, as the bridging document of
the two has them by default (UNECE, ECE/ENERGY/GE.3/2024/5: CRIRSCO Template 2019, UNFC 2019)."""

_COLUMNS = ("class", "kind", "e", "f", "g", "unfc_class")


def classify_blocks(estimate: BlockEstimate, *, rules: Rules = RULES) -> BlockEstimate:
    """Propose a class for each block from how near how many holes are.

    A block is of the first class of which it has the holes within the share of the variogram's
    range (in the variogram's own metric), so that what is known less surely is further down. It
    is a proposal: a Competent Person decides, who also judges geology, sampling, and what can be
    mined.

    Parameters
    ----------
    estimate
        From `estimate_blocks`.
    rules
        Holes needed and share of the range for ``measured``, ``indicated`` and ``inferred``.

    Returns
    -------
    BlockEstimate
        Its blocks have a column ``class``, null where no rule holds.

    Raises
    ------
    ExploreError
        A rule is of no class of resources, needs no hole, or reaches no distance.
    """
    known = ("measured", "indicated", "inferred")
    if set(rules) - set(known) or any(n < 1 or not reach > 0 for n, reach in rules.values()):
        raise ExploreError(
            f"rules are for {', '.join(known)}: holes, 1 or more, within a positive share of the "
            f"range; found {dict(rules)}."
        )
    data = Data.of(estimate.composites, estimate.variogram)
    centres = data.into_metric(estimate.blocks.select("x", "y", "z").to_numpy())
    reaches = {name: reach * estimate.variogram.ranges[0] for name, (_, reach) in rules.items()}
    most = max((holes for holes, _ in rules.values()), default=1)
    nearest = _nearest_holes(data, centres, most, max(reaches.values(), default=0.0))
    classes = np.full(centres.shape[0], None, dtype=object)
    for name in reversed(known):
        if name in rules:
            within = nearest[:, rules[name][0] - 1] <= reaches[name]
            classes[within] = name
    warning = (
        "classes are proposed from the distance to holes alone; a Competent Person has to judge "
        "them before they are reported."
    )
    return replace(
        estimate,
        blocks=estimate.blocks.with_columns(pl.Series("class", classes.tolist(), dtype=pl.String)),
        warnings=[*estimate.warnings, warning],
    )


def _nearest_holes(data: Data, centres: Vector, count: int, reach: float) -> Vector:
    """Give the distances to the nearest holes, in the metric, infinite beyond the reach."""
    from scipy.spatial import cKDTree

    blocks = cKDTree(centres)
    nearest = np.full((len(centres), count), np.inf)
    order = np.argsort(data.hole, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(data.hole[order])) + 1):
        samples = data.metric[part]
        middle = samples.mean(axis=0)
        radius = float(np.linalg.norm(samples - middle, axis=1).max())
        at = np.array(blocks.query_ball_point(middle, radius + reach), dtype=np.int64)
        if at.size:
            apart = cKDTree(samples).query(centres[at], distance_upper_bound=reach * (1 + 1e-9))[0]
            both = np.column_stack([nearest[at], apart])
            nearest[at] = np.sort(both, axis=1)[:, :count]
    return nearest


def unfc_bridge(estimates: pl.DataFrame) -> pl.DataFrame:
    """Add to estimates by CRIRSCO class what they are in the UNFC.

    Categories are those of the bridging document by default; sub-categories (such as E1.1 or
    F2.2) hang on the project's state and are not in the class. Where a resource includes what
    is also told as reserve, the two must not be added.

    Parameters
    ----------
    estimates
        With a column ``class``, as the table ``estimates`` has it; ``includes_reserves`` (bool)
        is used where it is there.

    Returns
    -------
    DataFrame
        The rows with ``kind`` (exploration results, mineral resource, mineral reserve), ``e``,
        ``f``, ``g``, ``unfc`` (such as "221"), ``unfc_class``, and ``told_twice``: true where a
        resource includes reserves.

    Raises
    ------
    ExploreError
        There is no column ``class``, or a class is not of CRIRSCO.

    Examples
    --------
    >>> unfc_bridge(pl.DataFrame({"class": ["indicated", "proved"]}))["unfc"].to_list()
    ['222', '111']
    """
    if "class" not in estimates.columns:
        raise ExploreError("the estimates have no column class: add it.")
    bridge = pl.DataFrame(BRIDGE, schema=list(_COLUMNS), orient="row")
    unknown = estimates.filter(
        pl.col("class").is_null() | ~pl.col("class").is_in(bridge["class"].to_list())
    )
    if unknown.height:
        raise ExploreError(
            f"{unknown['class'][0]!r} is no class of the CRIRSCO Template; write one of "
            f"{', '.join(bridge['class'])}."
        )
    told = estimates.drop(
        *(name for name in (*_COLUMNS[1:], "unfc", "told_twice") if name in estimates.columns)
    ).join(bridge, on="class", how="left", maintain_order="left")
    inclusive = (
        pl.col("includes_reserves").fill_null(value=False)
        if "includes_reserves" in told.columns
        else pl.lit(value=False)
    )
    return told.with_columns(
        pl.concat_str(pl.col(name).str.slice(1) for name in ("e", "f", "g")).alias("unfc"),
        (inclusive & (pl.col("kind") == "mineral resource")).alias("told_twice"),
    )
