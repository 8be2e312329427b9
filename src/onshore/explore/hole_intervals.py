"""Intervals of drillholes: assays and lithology logs."""

from __future__ import annotations

import polars as pl

from onshore.explore.hole_findings import HoleFindings
from onshore.explore.hole_surveys import with_collar

PERCENT_OF = {"percent": 1.0, "grams per tonne": 1e-4, "ppm": 1e-4, "ppb": 1e-7}
"""What one of a unit is in percent."""

_SPELLINGS = {"%": "percent", "pct": "percent", "g/t": "grams per tonne", "gpt": "grams per tonne"}
_GAP = 0.01


def checked_assays(
    assays: pl.DataFrame,
    collars: pl.DataFrame,
    below_limit: float,
    findings: HoleFindings,
    warnings: list[str],
) -> pl.DataFrame:
    """Give the assays that can be used, each analyte in one unit."""
    table = "assays"
    assays = assays.with_columns(pl.col("unit").replace(_SPELLINGS))
    assays = findings.take_out(
        *(assays, pl.col("analyte").is_null(), table, "analyte", "no analyte is named."),
        "write what was analysed.",
    )
    known = pl.col("unit").is_in(list(PERCENT_OF))
    assays = findings.take_out(
        *(assays, ~known | pl.col("unit").is_null(), table, "unit", "the unit is not known."),
        f"write one of {', '.join(PERCENT_OF)}.",
    )
    assays = findings.take_out(
        *(assays, pl.col("value") < 0, table, "value", "the value is negative."),
        "where it lies below the detection limit, write the limit and set below_limit.",
    )
    per_unit = pl.col("unit").replace_strict(PERCENT_OF, return_dtype=pl.Float64)
    assays = findings.take_out(
        *(assays, pl.col("value") * per_unit > 100, table, "value"),
        pl.format("the value is more than the whole: {} {}.", "value", "unit"),
        "check value and unit.",
    )
    assays = _checked(assays, collars, table, ("hole_id", "analyte"), findings)
    assays = assays.filter(pl.col("value").is_not_null())
    limit = pl.col("below_limit").fill_null(value=False)
    below = int(assays.select(limit.sum()).item())
    if below:
        warnings.append(
            f"{below:,} of {assays.height:,} assays lie below the detection limit and count as "
            f"{below_limit:g} of it."
        )
    assays = assays.with_columns(
        limit.alias("below_limit"),
        pl.when(limit).then(pl.col("value") * below_limit).otherwise("value").alias("value"),
    )
    return _in_one_unit(assays, warnings)


def _in_one_unit(assays: pl.DataFrame, warnings: list[str]) -> pl.DataFrame:
    if assays.is_empty():
        return assays
    counts = (
        assays.group_by("analyte", "unit")
        .len()
        .sort("analyte", "len", "unit", descending=[False, True, False])
    )
    main = counts.group_by("analyte", maintain_order=True).agg(
        pl.col("unit").first().alias("main"), pl.len().alias("units")
    )
    for analyte, unit, _ in main.filter(pl.col("units") > 1).iter_rows():
        warnings.append(f"assays of {analyte} are in several units; all are told in {unit}.")
    ratio = pl.col("unit").replace_strict(PERCENT_OF, return_dtype=pl.Float64) / pl.col(
        "main"
    ).replace_strict(PERCENT_OF, return_dtype=pl.Float64)
    same = pl.col("unit") == pl.col("main")
    return (
        assays.join(main.select("analyte", "main"), on="analyte", maintain_order="left")
        .with_columns(pl.when(same).then("value").otherwise(pl.col("value") * ratio).alias("value"))
        .with_columns(pl.col("main").alias("unit"))
    )


def checked_lithologies(
    logs: pl.DataFrame, collars: pl.DataFrame, findings: HoleFindings
) -> pl.DataFrame:
    """Give the lithology logs that can be used."""
    table = "lithology_logs"
    odd = ~pl.col("density").is_between(0.5, 12)
    findings.add(
        logs.filter(odd),
        *(table, "density", "the density is not between 0.5 and 12 t/m3."),
        "write it in tonnes per cubic metre.",
        left_out=False,
    )
    logs = logs.with_columns(pl.when(odd).then(None).otherwise("density").alias("density"))
    return _checked(logs, collars, table, ("hole_id",), findings)


def _checked(
    rows: pl.DataFrame,
    collars: pl.DataFrame,
    table: str,
    by: tuple[str, ...],
    findings: HoleFindings,
) -> pl.DataFrame:
    rows = with_collar(rows, collars, table, findings)
    ends = pl.col("from").is_null() | pl.col("to").is_null()
    rows = findings.take_out(
        *(rows, ends, table, "from", "an end of the interval is missing."),
        "fill in from and to.",
    )
    told = pl.format("{} to {}", "from", "to")
    rows = findings.take_out(
        *(rows, (pl.col("to") <= pl.col("from")) | (pl.col("from") < 0), table, "to"),
        "the interval does not lead downward.",
        "write from as the smaller depth, in metres.",
        found=told,
    )
    rows = findings.take_out(
        *(rows, pl.col("to") > pl.col("end") + _GAP, table, "to"),
        pl.format("the interval reaches below the end of the hole, {} m.", "end"),
        "mend the interval, or the hole's depth.",
        found=told,
    )
    rows = rows.sort(*by, "from", "to", "row")
    rows = _without_overlaps(rows, table, by, findings)
    before = pl.col("to").shift(1).over(by)
    findings.add(
        rows.with_columns(before.alias("before")).filter(pl.col("from") > pl.col("before") + _GAP),
        *(table, "from"),
        pl.format("there is nothing between {} and {} m.", "before", "from"),
        "add what is missing if the core was logged or analysed there.",
        left_out=False,
    )
    return rows


def _without_overlaps(
    rows: pl.DataFrame, table: str, by: tuple[str, ...], findings: HoleFindings
) -> pl.DataFrame:
    """Leave out each interval that begins above the end of the last one that is kept."""
    overlaps, ends = [], list[float]()
    group, end = None, 0.0
    for *key, top, bottom in rows.select(*by, "from", "to").iter_rows():
        if key != group:
            group, end = key, float("-inf")
        overlaps.append(top < end - 1e-9)
        ends.append(end)
        if not overlaps[-1]:
            end = bottom
    marked = rows.with_columns(
        pl.Series("_over", overlaps, dtype=pl.Boolean), pl.Series("_end", ends, dtype=pl.Float64)
    )
    return findings.take_out(
        *(marked, pl.col("_over"), table, "from"),
        pl.format("the interval overlaps the one before, which ends at {} m.", "_end"),
        "mend the depths, or delete one of the two.",
        found=pl.format("{} to {}", "from", "to"),
    ).drop("_over", "_end")
