"""Figures that their source gives as the least they may be: *more than 66 million USD*."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from onshore.report.bulletin import Column

if TYPE_CHECKING:
    from onshore.report.edition import Edition

# "More than 66", "at least" at the end; not "at least" of something else.
_OVER: Final = re.compile(
    r"\b(more than|at least)(?=\s*([0-9]|$))|\bor more\b"
    r"|(بیش از|دست‌کم)(?=\s*([0-9۰-۹]|این|$))|یا بیشتر",
    re.IGNORECASE,
)
MORE_THAN: Final = "MORE_THAN"
"""How data sets mark such a figure."""


def is_over(row: Mapping[str, Any]) -> bool:
    """Tell whether the source gives a figure as the least it may be.

    Examples
    --------
    >>> is_over({"statement": "Exports, more than", "statement_fa": "صادرات"})
    True
    >>> is_over({"statement": "at least two mills stood still", "statement_fa": None})
    False
    """
    return any(said and _OVER.search(said) for said in (row["statement"], row["statement_fa"]))


def bounds(frame: pl.DataFrame) -> pl.Series:
    """Mark the rows of observations that are the least they may be; the others are null."""
    said = frame.select("statement", "statement_fa").iter_rows(named=True)
    return pl.Series([MORE_THAN if is_over(row) else None for row in said], dtype=pl.String)


def cut(share: float, places: int) -> float:
    """Cut a rise that is told as *more than* to its digits: rounded up it would say too much.

    Examples
    --------
    >>> cut(4.0769, 3), cut(-0.0769, 3)
    (4.076, -0.0769)
    """
    if share <= 0:
        return share
    return float(Decimal(repr(share)).quantize(Decimal(1).scaleb(-places), ROUND_DOWN))


def observed_over(observations: pl.DataFrame, compared: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Tell of each target that was compared whether what was observed is a bound."""
    known = {_entry(row, "period") for row in observations.iter_rows(named=True) if is_over(row)}
    return [_entry(row, "observed_period") in known for row in compared]


def _entry(row: Mapping[str, Any], period: str) -> tuple[str, ...]:
    key = ("indicator", "product", "place", "partner", "unit", period)
    return tuple(row[name] or "" for name in key)


def bounded(
    edition: "Edition", frame: pl.DataFrame, over: Sequence[bool], *rises: str
) -> tuple[tuple[Column, ...], pl.DataFrame]:
    """Say of each row whether its figure is the least that it may be, where that is so of any.

    Numbers stay numbers; a rise to such a figure is cut to the digits that are shown of it.

    Parameters
    ----------
    over
        Whether each row's figure is a bound.
    rises
        Columns of the frame that hold rises to the figure.

    Returns
    -------
    tuple
        The column to show, none where no row is bounded; and the frame with it.
    """
    if not any(over):
        return (), frame
    told = [edition.say("statistics.more_than_this") if one else "" for one in over]
    cuts = [
        pl.Series(
            name,
            [
                cut(rise, 3) if one and rise is not None else rise
                for one, rise in zip(over, frame[name], strict=True)
            ],
            pl.Float64,
        )
        for name in rises
    ]
    column = Column("bound", edition.say("column.bound"))
    return (column,), frame.with_columns(pl.Series("bound", told, pl.String), *cuts)


def noted(edition: "Edition", note: str, bound: Sequence[Column]) -> str:
    """Say below a table what its bounds mean, after its own note."""
    said = edition.say("statistics.bound_note") if bound else ""
    return " ".join(filter(None, (note, said)))
