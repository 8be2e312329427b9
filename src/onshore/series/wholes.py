"""Every growth with the growth of the whole that its product is a part of."""

from __future__ import annotations

import polars as pl

from onshore.series.aggregation import STATED
from onshore.series.growth import growth
from onshore.series.measured import measure_of
from onshore.series.settled import SERIES, settled

_ADDED = (
    "stated_growth",
    "whole",
    "whole_parts",
    "whole_growth",
    "contribution",
    "whole_reason",
)


def growth_with_wholes(observations: pl.DataFrame) -> pl.DataFrame:
    """Set beside each value's growth that of the whole its product is a part of.

    The whole is what the column ``part_of`` names: the products with one name in it add up to it.

    Parameters
    ----------
    observations
        The programme's table ``observations``; the last vintages are taken. An indicator that
        ends in ``, growth as stated`` is a growth a source states, in percent, of the indicator
        before the comma; it is given beside the value and not as a series.

    Returns
    -------
    DataFrame
        The columns of `growth`; ``stated_growth`` (float, share); ``whole`` (str),
        ``whole_parts`` (str, joined by ``"; "``), ``whole_growth`` (float, share),
        ``contribution`` (float, share: the product's change over the whole's value a year
        before) and ``whole_reason`` (str): why the whole's growth is not known.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.
    """
    is_stated = pl.col("indicator").str.ends_with(STATED)
    own = observations.filter(~is_stated)
    if "part_of" not in own.columns:
        own = own.with_columns(part_of=pl.lit(None, dtype=pl.String))
    named = settled(own).select(*SERIES, "period", whole="part_of")
    rows = _joined(growth(own), named, [*SERIES, "period"])
    rows = _joined(rows, _stated(observations.filter(is_stated)), [*_GROUP, "product", "period"])
    measured = _in_like_units(rows)
    return measured.with_columns(
        whole_parts=pl.col("_parts").list.join("; "),
        whole_growth=pl.when(_KNOWN).then(_sum("_value") / _sum("_before") - 1),
        contribution=pl.when(_KNOWN).then((pl.col("_value") - pl.col("_before")) / _sum("_before")),
        whole_reason=_reason(),
    ).select(*rows.columns[: rows.columns.index("whole")], *_ADDED)


_GROUP = ("indicator", "place", "partner")
_WHOLE = [*_GROUP, "whole"]
_PERIOD = [*_WHOLE, "period"]


def _joined(rows: pl.DataFrame, other: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return rows.join(other, on=on, how="left", nulls_equal=True, maintain_order="left")


def _stated(stated: pl.DataFrame) -> pl.DataFrame:
    """Give the growth that sources state, by the indicator it is of."""
    last = settled(stated).unique([*_GROUP, "product", "period"], maintain_order=True)
    return last.select(
        pl.col("indicator").str.strip_suffix(STATED),
        "place",
        "partner",
        "product",
        "period",
        stated_growth=pl.col("value").cast(pl.Float64) / 100,
    )


def _in_like_units(rows: pl.DataFrame) -> pl.DataFrame:
    """Add each value and the one before it in its dimension's first unit, and its whole's parts."""
    units = rows["unit"].unique().sort()
    measures = pl.DataFrame(
        {
            "unit": units,
            "_factor": pl.Series([float(measure_of(u).factor) for u in units], dtype=pl.Float64),
            "_dimension": pl.Series([measure_of(u).dimension for u in units], dtype=pl.String),
        }
    )
    factor = 1 + pl.col("stated_growth")
    implied = pl.when(factor > 0).then(pl.col("value").cast(pl.Float64) / factor)
    return (
        rows.join(measures, on="unit", how="left", maintain_order="left")
        .with_columns(
            _value=pl.col("value").cast(pl.Float64) * pl.col("_factor"),
            _before=pl.coalesce(pl.col("value_before").cast(pl.Float64), implied)
            * pl.col("_factor"),
            _parts=pl.col("product").drop_nulls().unique().sort().implode().over(_WHOLE),
            _here=pl.col("product").unique().sort().implode().over(_PERIOD),
        )
        .with_columns(
            _missing=pl.col("_parts").list.set_difference("_here"),
            _lacking=pl.col("product").filter(pl.col("_before").is_null()).implode().over(_PERIOD),
            _dimensions=pl.col("_dimension").unique().sort().implode().over(_PERIOD),
        )
    )


def _sum(column: str) -> pl.Expr:
    return pl.col(column).sum().over(_PERIOD)


_ONE_EACH = pl.len().over(_PERIOD) == pl.col("_here").list.len()
_KNOWN = (
    pl.col("whole").is_not_null()
    & _ONE_EACH
    & (pl.col("_dimensions").list.len() == 1)
    & (pl.col("_missing").list.len() == 0)
    & (pl.col("_lacking").list.len() == 0)
    & (pl.col("_before").sum().over(_PERIOD) > 0)
)


def _reason() -> pl.Expr:
    def told(*parts: str | pl.Expr) -> pl.Expr:
        return pl.concat_str([pl.lit(p) if isinstance(p, str) else p for p in parts])

    return (
        pl.when(pl.col("whole").is_null())
        .then(pl.lit("The whole is not named. Fill in part_of, or name its parts."))
        .when(pl.col("_dimensions").list.len() > 1)
        .then(told("The parts of ", pl.col("whole"), " are in units of several kinds. Mend them."))
        .when(~_ONE_EACH)
        .then(told("A part of ", pl.col("whole"), " is listed twice. Keep one of them."))
        .when(pl.col("_missing").list.len() > 0)
        .then(told("Not observed in the period: ", pl.col("_missing").list.join(", "), ". Add it."))
        .when(pl.col("_lacking").list.len() > 0)
        .then(
            told(
                "No year before is observed or stated for: ",
                pl.col("_lacking").list.join(", "),
                ". Add it, or leave the part out.",
            )
        )
        .when(~_KNOWN)
        .then(pl.lit("The whole's value of the year before is not above 0."))
        .otherwise(pl.lit(None, dtype=pl.String))
    )
