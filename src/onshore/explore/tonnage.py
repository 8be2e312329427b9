"""Tonnes, grade and metal of blocks above cut-off grades."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.explore.block_estimates import BlockEstimate
from onshore.explore.errors import ExploreError
from onshore.explore.hole_intervals import PERCENT_OF


def tonnage_grade(
    estimate: BlockEstimate,
    cutoffs: Sequence[float],
    *,
    density: float | None = None,
) -> pl.DataFrame:
    """Tell tonnes, mean grade and metal of the blocks at or above each cut-off grade.

    Blocks are estimated, so the curve is smoother than that of what will be mined: low cut-offs
    get too many tonnes, high ones too few.

    Parameters
    ----------
    estimate
        From `estimate_blocks`, or with classes from `classify_blocks`; a column ``density`` (t/m3)
        of its blocks goes before the one told here, and a column ``share`` (0 to 1) says how much
        of a block counts.
    cutoffs
        Grades, in the estimate's unit.
    density
        Tonnes per cubic metre of all blocks that tell none.

    Returns
    -------
    DataFrame
        ``class`` (of blocks with classes; then a row ``all``), ``cutoff``, ``tonnes``, ``grade``
        (null where there is nothing), ``unit``, ``metal`` (t), Float64.

    Raises
    ------
    ExploreError
        There are no cut-offs, one is negative, or blocks have no density.
    """
    if not len(cutoffs) or not all(cutoff >= 0 for cutoff in cutoffs):
        raise ExploreError(f"cut-off grades are not negative, at least one; found {cutoffs}.")
    blocks = _with_tonnes(estimate, density)
    classes = list[str]()
    if "class" in blocks.columns:
        order = ["measured", "indicated", "inferred"]
        there = blocks["class"].drop_nulls().unique().to_list()
        classes = sorted(
            there, key=lambda name: (name not in order, name in order and order.index(name))
        )
    parts = [
        _above(blocks.filter(pl.col("class") == name), name, cutoffs, estimate.unit)
        for name in classes
    ]
    return pl.concat([*parts, _above(blocks, "all", cutoffs, estimate.unit)])


def _with_tonnes(estimate: BlockEstimate, density: float | None) -> pl.DataFrame:
    blocks = estimate.blocks
    if "density" not in blocks.columns:
        blocks = blocks.with_columns(pl.lit(None, dtype=pl.Float64).alias("density"))
    blocks = blocks.with_columns(pl.coalesce("density", pl.lit(density, dtype=pl.Float64)))
    odd = blocks.filter(~pl.col("density").is_between(0.5, 12) | pl.col("density").is_null())
    if odd.height:
        raise ExploreError(
            f"{odd.height:,} blocks have no density between 0.5 and 12 t/m3, found "
            f"{odd['density'][0]}: give density in tonnes per cubic metre."
        )
    share = pl.col("share") if "share" in blocks.columns else pl.lit(1.0)
    volume = estimate.size[0] * estimate.size[1] * estimate.size[2]
    return blocks.with_columns((pl.col("density") * share * volume).alias("tonnes"))


def _above(blocks: pl.DataFrame, name: str, cutoffs: Sequence[float], unit: str) -> pl.DataFrame:
    rows = []
    for cutoff in sorted(set(cutoffs)):
        kept = blocks.filter(pl.col("grade") >= cutoff)
        tonnes = float(kept["tonnes"].sum())
        content = float((kept["tonnes"] * kept["grade"]).sum())
        grade = content / tonnes if tonnes else None
        rows.append((name, float(cutoff), tonnes, grade, unit, content * PERCENT_OF[unit] / 100))
    columns = {
        "class": pl.String,
        "cutoff": pl.Float64,
        "tonnes": pl.Float64,
        "grade": pl.Float64,
        "unit": pl.String,
        "metal": pl.Float64,
    }
    return pl.DataFrame(rows, schema=columns, orient="row")
