"""What was left out and why: of the plan, of the claims, of the tables."""

import polars as pl

from onshore.report.bulletin import Column, Section, Table
from onshore.report.edition import Edition
from onshore.report.reasons import kind_in

_TOP_ROWS = 15


def left_out(edition: Edition, notes: tuple[str, ...]) -> Section:
    """Show what the figures above do not contain, with further notes."""
    say = edition.say
    pairs = edition.results.left_out.height
    claims = edition.results.broken_claims["claim_id"].n_unique()
    counts = {
        "pairs": edition.count("left.pairs", pairs),
        "claims": edition.count("left.claims", claims),
    }
    anything = pairs or claims
    return Section(
        key="left-out",
        title=say("left.title", **counts) if anything else say("left.title_none"),
        lead=say("left.lead", **counts) if anything else say("left.lead_none"),
        name=say("left.name"),
        tables=(*_kind_table(edition), *_pair_table(edition), *_claim_table(edition)),
        notes=(*notes, *edition.results.notes),
    )


def _kind_table(edition: Edition) -> tuple[Table, ...]:
    """Count what was left out of the plan by kind of reason."""
    rows = edition.results.left_out
    if rows.is_empty():
        return ()
    say = edition.say
    kinds = [kind_in(edition.locale, reason) for reason in rows["reason"]]
    frame = (
        rows.with_columns(pl.Series("kind", kinds, pl.String))
        .group_by("kind")
        .agg(pl.len().alias("pairs"), pl.col("need_id").n_unique().alias("needs"))
        .sort("pairs", "kind", descending=[True, False])
    )
    return (
        Table(
            title=say("left.kind_table"),
            columns=(
                Column("kind", say("column.reason")),
                Column("pairs", say("column.pairs"), "whole"),
                Column("needs", say("column.needs"), "whole"),
            ),
            frame=frame,
        ),
    )


def _pair_table(edition: Edition) -> tuple[Table, ...]:
    """Show what was left out, the needs that come nowhere in the plan first."""
    rows = edition.results.left_out
    if rows.is_empty():
        return ()
    say = edition.say
    planned = edition.results.plan_table["need_id"].implode()
    needs = edition.needs.select("need_id", "description", "withheld")
    offers = edition.table("offers").select("offer_id", "maker_id")
    shown = (
        rows.join(needs, on="need_id", how="left", maintain_order="left")
        .join(offers, on="offer_id", how="left", maintain_order="left")
        .with_columns(pl.col("need_id").is_in(planned).alias("planned"))
        .sort("planned", maintain_order=True)
    )
    frame = shown.select(
        "need_id",
        pl.when("withheld")
        .then(pl.lit(say("needs.withheld")))
        .otherwise("description")
        .alias("description"),
        "offer_id",
        pl.Series("maker", [edition.organisation(key) for key in shown["maker_id"]], pl.String),
        pl.Series("reason", [edition.reason(text) for text in shown["reason"]], pl.String),
    )
    return (
        Table(
            title=say("left.pair_table"),
            columns=(
                Column("need_id", say("column.need"), "code"),
                Column("description", say("column.description")),
                Column("offer_id", say("column.offer"), "code"),
                Column("maker", say("column.maker")),
                Column("reason", say("column.reason")),
            ),
            frame=frame,
            note=say("left.pair_note"),
            shown=_TOP_ROWS,
        ),
    )


def _claim_table(edition: Edition) -> tuple[Table, ...]:
    broken = edition.results.broken_claims
    if broken.is_empty():
        return ()
    say = edition.say
    claims = edition.table("claims").select("claim_id", "basis", "period", "claimed_by")
    shown = broken.join(claims, on="claim_id", how="left", maintain_order="left")
    frame = shown.select(
        "claim_id",
        "basis",
        pl.Series(
            "period",
            [edition.period(text) if text else "" for text in shown["period"]],
            dtype=pl.String,
        ),
        "claimed_by",
        pl.Series("reason", [edition.reason(text) for text in shown["reason"]], pl.String),
    )
    return (
        Table(
            title=say("left.claim_table"),
            columns=(
                Column("claim_id", say("column.claim"), "code"),
                Column("basis", say("column.claimed_basis"), "basis"),
                Column("period", say("column.period")),
                Column("claimed_by", say("column.claimed_by")),
                Column("reason", say("column.reason")),
            ),
            frame=frame,
        ),
    )
