"""What must hold between exchange rates, so that every table that opens can convert money."""

import datetime as dt

import polars as pl

from onshore.records.errors import Findings
from onshore.records.headings import Layout

CONTRADICTION = 0.05
"""A rate and its inverse may differ by this share, as those of buyers and sellers do."""

_LONGEST_DAYS = 31
_PAIR = ["base", "quote", "rate_type"]


def check_rates(rates: pl.DataFrame, rows: pl.Series, layout: Layout, findings: Findings) -> None:
    """Note rates that nothing can be converted by, and pairs of rates that contradict.

    A rate is above 0 and between two currencies; it ends before the next one of its pair and
    type begins; and a rate times its inverse of the same days and type is about 1.
    """
    numbered = rates.with_columns(rows.alias("row"))
    _note(
        findings,
        layout.heading("rate"),
        numbered.filter(pl.col("rate") <= 0).with_columns(found=pl.col("rate")),
        pl.lit("the rate is not above 0."),
        pl.lit("write what one unit of the first currency costs; a very small rate, turned round."),
    )
    _note(
        findings,
        layout.heading("quote"),
        numbered.filter(pl.col("base") == pl.col("quote")).with_columns(found=pl.col("quote")),
        pl.lit("the rate is between a currency and itself."),
        pl.lit("delete the row: a currency converts into itself without a rate."),
    )
    needed = [*_PAIR, "date", "rate"]
    sound = numbered.drop_nulls(needed).filter(
        pl.col("rate") > 0, pl.col("base") != pl.col("quote")
    )
    ordered = sound.sort(*_PAIR, "date", "row").with_columns(
        following=pl.col("date").shift(-1).over(_PAIR),
        following_row=pl.col("row").shift(-1).over(_PAIR),
    )
    _note(
        findings,
        layout.heading("until"),
        ordered.filter(
            pl.col("until") >= pl.col("following"), pl.col("date") < pl.col("following")
        ).with_columns(found=pl.col("until")),
        pl.format(
            "the rate still holds when that of row {} begins, on {}.", "following_row", "following"
        ),
        pl.format("write a day before {}, or leave the cell empty.", "following"),
    )
    _note_contradictions(ordered, layout, findings)


def _note_contradictions(ordered: pl.DataFrame, layout: Layout, findings: Findings) -> None:
    longest = pl.col("date") + dt.timedelta(days=_LONGEST_DAYS - 1)
    before_next = pl.col("following") - dt.timedelta(days=1)
    spans = ordered.select(
        *_PAIR,
        "date",
        "row",
        "rate",
        last=pl.coalesce("until", pl.min_horizontal(longest, before_next)),
    ).sort("date")
    turned = spans.select(
        "rate_type",
        "date",
        base="quote",
        quote="base",
        other_row="row",
        other_rate="rate",
        other_last="last",
    )
    # Two spans have a day in common where one of them begins within the other.
    both = spans.join_asof(turned, on="date", by=_PAIR, check_sortedness=False).filter(
        pl.col("date") <= pl.col("other_last")
    )
    product = pl.col("rate").cast(pl.Float64) * pl.col("other_rate").cast(pl.Float64)
    apart = pl.max_horizontal(product, 1 / product) - 1 > CONTRADICTION
    _note(
        findings,
        layout.heading("rate"),
        both.filter(apart)
        .with_columns(
            first=pl.min_horizontal("row", "other_row"),
            second=pl.max_horizontal("row", "other_row"),
        )
        .unique(["first", "second"], maintain_order=True)
        .with_columns(found=pl.col("rate")),
        pl.format(
            "the rates of row {} and of row {} contradict: {} {} for one {}, and {} {} for one {}.",
            *("row", "other_row", _written("rate"), "quote", "base"),
            *(_written("other_rate"), "base", "quote"),
        ),
        pl.format("correct the rate of row {} or of row {}, or delete one.", "row", "other_row"),
    )


def _note(
    findings: Findings, column: str, bad: pl.DataFrame, reason: pl.Expr, step: pl.Expr
) -> None:
    told = bad.select(
        "row",
        reason.alias("reason"),
        pl.col("found").cast(pl.String).alias("found"),
        step.alias("next_step"),
    )
    findings.add_frame(told, column)


def _written(number: str) -> pl.Expr:
    return pl.col(number).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
