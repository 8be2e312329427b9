"""What must hold between cells: of one row, and between rows."""

from collections.abc import Callable

import polars as pl

from onshore.figures import Period
from onshore.records.errors import Findings
from onshore.records.headings import Layout
from onshore.records.schemas import Rule, Schema
from onshore.records.verdicts import scattered


def check_rows(
    frame: pl.DataFrame,
    rows: pl.Series,
    faulty: dict[str, pl.Series],
    table: Schema,
    layout: Layout,
    findings: Findings,
) -> None:
    """Note the rows whose cells do not go together.

    Parameters
    ----------
    frame
        Typed rows of the table, all its columns present.
    rows
        Row number of each.
    faulty
        Indices of the cells that could not be read, by column; they are null and not blank.
    """
    numbered = frame.with_columns(rows.alias("row")).with_columns(
        scattered(pl.repeat(False, frame.height, eager=True), faulty[name], value=True).alias(
            _FAULTY + name
        )
        if name in faulty
        else pl.lit(value=False).alias(_FAULTY + name)
        for name in frame.columns
    )
    for rule in table.rules:
        broken, column, reason, step = _RULES[rule.kind](rule, layout)
        _note(numbered, broken, column, layout, findings, reason, step)
    if table.name == "claims":
        for check in (_claimed_by_itself, _claim_without_amount):
            check(numbered, layout, findings)


_FAULTY = "faulty "


def _blank(name: str) -> pl.Expr:
    return pl.col(name).is_null() & ~pl.col(_FAULTY + name)


_Checked = tuple[pl.Expr, str, str, str]


def _with(rule: Rule, layout: Layout) -> _Checked:
    lacking = pl.col(rule.column).is_not_null() & _blank(rule.other)
    what, other = layout.heading(rule.column), layout.heading(rule.other)
    step = f"fill in {other}."
    if rule.unless:
        lacking &= _blank(rule.unless)
        step = f"fill in {other} or {layout.heading(rule.unless)}."
    return lacking, rule.other, f"{what} has a value and {other} has none.", step


def _not_before(rule: Rule, layout: Layout) -> _Checked:
    broken = pl.col(rule.column) < pl.col(rule.other)
    other = layout.heading(rule.other)
    return broken, rule.column, f"the day is before {other}.", "write the later day here."


def _at_most(rule: Rule, layout: Layout) -> _Checked:
    broken = pl.col(rule.column) > pl.col(rule.other)
    other = layout.heading(rule.other)
    return broken, rule.column, f"the number is above {other}.", f"write at most {other}."


def _between(rule: Rule, layout: Layout) -> _Checked:  # noqa: ARG001
    column = pl.col(rule.column)
    bounds = f"{rule.low:g} and {rule.high:g}"
    broken = (column < rule.low) | (column > rule.high)
    return (
        broken,
        rule.column,
        f"the number is not between {bounds}.",
        f"write one between {bounds}.",
    )


_RULES: dict[str, Callable[[Rule, Layout], _Checked]] = {
    "with": _with,
    "not_before": _not_before,
    "at_most": _at_most,
    "between": _between,
}


def _claimed_by_itself(claims: pl.DataFrame, layout: Layout, findings: Findings) -> None:
    verified = pl.col("basis") == "verified"
    _note(
        claims,
        verified & _blank("verified_by"),
        "verified_by",
        layout,
        findings,
        "the claim is verified and names no verifier.",
        "name who verified it, or write the step of the ladder it has reached.",
    )
    same = pl.col("verified_by").str.to_lowercase() == pl.col("claimed_by").str.to_lowercase()
    _note(
        claims,
        same,
        "verified_by",
        layout,
        findings,
        "who verified is who claimed.",
        "have another person verify it, or lower its basis to accepted.",
    )


def _claim_without_amount(claims: pl.DataFrame, layout: Layout, findings: Findings) -> None:
    computed = ("item_id", "buyer_id", "quantity", "baseline_id")
    lacking = pl.any_horizontal(_blank(name) for name in computed)
    _note(
        claims,
        _blank("stated_amount") & lacking,
        "stated_amount",
        layout,
        findings,
        "the claim has neither a stated amount nor all it is computed from.",
        "fill in stated_amount and stated_currency, or item_id, buyer_id, quantity and "
        "baseline_id.",
    )


def _note(
    numbered: pl.DataFrame,
    broken: pl.Expr,
    column: str,
    layout: Layout,
    findings: Findings,
    reason: str,
    step: str,
) -> None:
    errors = numbered.filter(broken).select(
        "row",
        pl.lit(reason).alias("reason"),
        pl.col(column).cast(pl.String).alias("found"),
        pl.lit(step).alias("next_step"),
    )
    findings.add_frame(errors, layout.heading(column))


def check_keys(
    frame: pl.DataFrame, rows: pl.Series, table: Schema, layout: Layout, findings: Findings
) -> None:
    """Note each row whose key stands in an earlier row, naming both."""
    key = list(table.key)
    keyed = frame.select(key).with_columns(rows.alias("row")).drop_nulls(key)
    seen_before = ~(pl.col(key[0]) if len(key) == 1 else pl.struct(key)).is_first_distinct()
    repeated = keyed.filter(seen_before)
    if repeated.is_empty():
        return
    first = keyed.join(repeated, on=key, how="semi").group_by(key).agg(first=pl.col("row").min())
    both = repeated.join(first, on=key)
    what = "key" if len(key) == 1 else "combination of " + ", ".join(map(layout.heading, key))
    errors = both.select(
        "row",
        pl.format("the {} is that of row {} already.", pl.lit(what), "first").alias("reason"),
        pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator=" + ").alias(
            "found"
        ),
        pl.format(
            "give row {} or row {} another key, or delete one of them.", "first", "row"
        ).alias("next_step"),
    )
    findings.add_frame(errors, layout.heading(key[0]))


def check_claims_overlap(
    claims: pl.DataFrame, rows: pl.Series, layout: Layout, findings: Findings
) -> None:
    """Note each claim for an item and buyer whose period another claim has days of too."""
    computed = (
        claims.select("item_id", "buyer_id", "period").with_columns(rows.alias("row")).drop_nulls()
    )
    if computed.is_empty():
        return
    periods = {text: Period.parse(text) for text in computed["period"].unique()}
    spans = pl.DataFrame(
        {
            "period": list(periods),
            "start": [period.start for period in periods.values()],
            "end": [period.end for period in periods.values()],
        }
    )
    pair = ["item_id", "buyer_id"]
    timed = computed.join(spans, on="period").sort(*pair, "start", "row")
    ends_last = pl.col("end") == pl.col("end").cum_max()
    before = (
        pl.when(ends_last).then("row").forward_fill().shift(1).over(pair).alias("other"),
        pl.col("end").cum_max().shift(1).over(pair).alias("until"),
    )
    overlapping = timed.with_columns(before).filter(pl.col("start") <= pl.col("until"))
    errors = overlapping.select(
        "row",
        pl.format("row {} claims for the same item and buyer in the same days.", "other").alias(
            "reason"
        ),
        pl.col("period").alias("found"),
        pl.format(
            "keep the claim of row {} or of row {}, or give them periods apart.", "other", "row"
        ).alias("next_step"),
    )
    findings.add_frame(errors, layout.heading("period"))
