"""Which goods may be imported: rules by good and by HS code, and exceptions from them."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.account.columns import MONEY, named, typed
from onshore.account.errors import AccountError

MEASURES = ("licence", "restricted", "banned")
"""What a rule does, the mildest first."""

RULES: dict[str, pl.DataType] = {
    **dict.fromkeys(("rule_id", "hs_code", "item_id", "measure", "reason"), pl.String()),
    **dict.fromkeys(("equivalent_offer_id", "equivalence_test"), pl.String()),
    **dict.fromkeys(("published", "comment_until", "from", "until"), pl.Date()),
}
EXCEPTIONS: dict[str, pl.DataType] = {
    **dict.fromkeys(("exception_id", "rule_id", "need_id", "unit", "reason"), pl.String()),
    **dict.fromkeys(("contested_by", "contest", "decision", "decision_reason"), pl.String()),
    "decided_by": pl.String(),
    "quantity": MONEY,
    "contested": pl.Boolean(),
    **dict.fromkeys(("published", "comment_until", "decided_on", "from", "until"), pl.Date()),
}

_ITEMS = {"item_id": pl.String(), "hs_code": pl.String()}
_STATUS = ["item_id", "hs_code", "status", "until", "rules", "exceptions", "needs", "reason"]


def import_status(
    items: pl.DataFrame,
    rules: pl.DataFrame,
    exceptions: pl.DataFrame,
    *,
    on: date,
    needs: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell of each item whether it may be imported on a day, until when, and why.

    A rule that names an item holds for that item alone; one that names none, for every item
    whose HS code begins with its code.
    The strictest rule that no exception lifts decides. An exception without a need lifts its
    rule for all its goods; one for a need lifts it for that need's item alone, and only that
    need may import.

    Parameters
    ----------
    items
        The programme's table ``items``: ``item_id``, ``hs_code`` (str).
    rules, exceptions
        The programme's tables ``import_rules`` and ``exceptions``. Exceptions count where they
        are granted and the day lies in them; leave out those that break a rule with
        `sound_exceptions`.
    on
        The day.
    needs
        The programme's table ``needs``; needed where an exception names a need.

    Returns
    -------
    DataFrame
        One row per item, in order: ``item_id``, ``hs_code``; ``status`` (str: *free*, *licence*,
        *restricted*, *banned*, *excepted*); ``until`` (Date, the last day of what makes it so:
        of several rules the last, of several exceptions the first; null where it is open);
        ``rules`` and ``exceptions`` (str, ids joined by ``", "``: those that decide, null where
        there are none), ``needs`` (str: an excepted item may be imported for these alone; null
        means for all), ``reason`` (str).

    Raises
    ------
    AccountError
        An exception that counts names a need, and ``needs`` is not given or does not have it;
        or an item occurs twice.

    Examples
    --------
    >>> items = pl.DataFrame({"item_id": ["bearing", "pump"], "hs_code": ["848210", "841370"]})
    >>> rules = pl.DataFrame({
    ...     "rule_id": ["R1"], "hs_code": ["8482"], "measure": ["banned"],
    ...     "reason": ["made at home"], "from": [date(2024, 3, 20)],
    ... })
    >>> exceptions = pl.DataFrame({
    ...     "exception_id": ["E1"], "rule_id": ["R1"], "decision": ["granted"],
    ...     "from": [date(2024, 6, 1)], "until": [date(2024, 8, 31)], "reason": ["maker on strike"],
    ... })
    >>> import_status(items, rules, exceptions, on=date(2024, 5, 1))["status"].to_list()
    ['banned', 'free']
    >>> row = import_status(items, rules, exceptions, on=date(2024, 7, 1)).row(0, named=True)
    >>> row["status"], str(row["until"]), row["exceptions"]
    ('excepted', '2024-08-31', 'E1')
    """
    known = typed(items, _ITEMS)
    _require_once(known)
    held = rules_by_item(known, rules, on=on)
    pairs = _exceptions_by_item(held, exceptions, needs, on)
    lifted = _lifted(held, pairs)
    general = pairs.filter(pl.col("need_id").is_null())
    bound = _bound(held.join(general, on=["item_id", "rule_id"], how="anti"))
    told = pl.concat([lifted, bound.join(lifted, on="item_id", how="anti")], how="diagonal")
    return (
        known.join(told, on="item_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("status").fill_null("free"),
            reason=pl.when(pl.col("status").is_null())
            .then(pl.lit("no import rule holds for it"))
            .otherwise("reason"),
        )
        .select(_STATUS)
    )


def rules_by_item(items: pl.DataFrame, rules: pl.DataFrame, *, on: date) -> pl.DataFrame:
    """Pair items with the rules that hold for them on a day."""
    known = typed(rules, RULES).filter(_holds(on), pl.col("measure").is_in(MEASURES))
    wide = known.rename({"hs_code": "rule_hs", "item_id": "rule_item", "reason": "rule_reason"})
    lengths = wide["rule_hs"].str.len_chars().unique().drop_nulls().sort()
    pairs = [
        items.with_columns(rule_hs=pl.col("hs_code").str.head(length))
        .filter(pl.col("rule_hs").str.len_chars() == length)
        .join(wide.filter(pl.col("rule_item").is_null()), on="rule_hs")
        for length in lengths
    ]
    named_items = items.join(wide, left_on="item_id", right_on="rule_item")
    columns = ["item_id", "rule_id", "measure", "rule_reason", "until"]
    both = [frame.select(columns) for frame in (*pairs, named_items)]
    return pl.concat(both).unique(["item_id", "rule_id"], maintain_order=True)


def _holds(on: date) -> pl.Expr:
    began = (pl.col("from") <= on).fill_null(value=False)
    return began & (pl.col("until").is_null() | (pl.col("until") >= on))


def _exceptions_by_item(
    held: pl.DataFrame, exceptions: pl.DataFrame, needs: pl.DataFrame | None, on: date
) -> pl.DataFrame:
    """Pair the rules of an item with the exceptions that lift them, each for all or for a need."""
    # An exception lasts for a time; without a last day it lifts nothing.
    granted = typed(exceptions, EXCEPTIONS).filter(
        _holds(on) & pl.col("until").is_not_null(), pl.col("decision") == "granted"
    )
    own = granted.filter(pl.col("need_id").is_not_null())
    if not own.is_empty() and needs is None:
        raise AccountError(
            f"Exceptions are for needs: {named(own, 'exception_id', 'need_id')}. Give the table "
            "needs, so that their items are known."
        )
    columns = {"need_id": pl.String(), "item_id": pl.String()}
    wanted = typed(pl.DataFrame() if needs is None else needs, columns)
    lost = own.join(wanted.drop_nulls(), on="need_id", how="anti")
    if not lost.is_empty():
        raise AccountError(
            f"Exceptions are for needs without an item: {named(lost, 'exception_id', 'need_id')}. "
            "Give the needs their item_id."
        )
    kept = ["item_id", "rule_id", "exception_id", "need_id", "until", "reason"]
    general = granted.filter(pl.col("need_id").is_null())
    rules = held.select("item_id", "rule_id")
    bound_to_needs = own.join(wanted.drop_nulls(), on="need_id")
    return pl.concat(
        [
            rules.join(general, on="rule_id").select(kept),
            rules.join(bound_to_needs, on=["rule_id", "item_id"]).select(kept),
        ]
    )


def _bound(judged: pl.DataFrame) -> pl.DataFrame:
    strictness = pl.col("measure").cast(pl.Enum(MEASURES)).to_physical()
    strictest = judged.filter(strictness == strictness.max().over("item_id"))
    return (
        strictest.sort("rule_id")
        .group_by("item_id")
        .agg(
            status=pl.col("measure").first(),
            until=pl.when(pl.col("until").is_not_null().all()).then(pl.col("until").max()),
            rules=pl.col("rule_id").str.join(", "),
            reason=pl.col("rule_reason").drop_nulls().unique(maintain_order=True).str.join("; "),
        )
    )


def _lifted(held: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Tell the items of which every rule is lifted: for everybody, or for the same need."""
    wholly = pairs.select("item_id", "need_id").unique()
    everybody = wholly.select("item_id", need_id=pl.lit(None, dtype=pl.String)).unique()
    asked = pl.concat([wholly, everybody]).unique().rename({"need_id": "for_need"})
    reaches = pl.col("need_id").is_null() | (pl.col("need_id") == pl.col("for_need"))
    found = (
        asked.join(held.select("item_id", "rule_id"), on="item_id")
        .join(pairs, on=["item_id", "rule_id"], how="left")
        .sort("rule_id", "exception_id")
        .group_by("item_id", "for_need", "rule_id", maintain_order=True)
        .agg(
            pl.col("exception_id", "reason").filter(reaches),
            last=pl.col("until").filter(reaches).max(),
        )
        .group_by("item_id", "for_need", maintain_order=True)
        .agg(
            pl.col("rule_id").unique(maintain_order=True),
            pl.col("exception_id", "reason").list.explode(keep_nulls=False, empty_as_null=False),
            until=pl.col("last").min(),
            all_lifted=pl.col("last").is_not_null().all(),
        )
        .filter("all_lifted")
    )
    for_all = pl.col("for_need").is_null().any().over("item_id")
    kept = found.filter(~for_all | pl.col("for_need").is_null()).sort("item_id", "for_need")
    return kept.group_by("item_id", maintain_order=True).agg(
        status=pl.lit("excepted"),
        until=pl.col("until").min(),
        rules=_joined("rule_id", ", "),
        exceptions=_joined("exception_id", ", "),
        needs=pl.when(pl.col("for_need").is_not_null().all()).then(
            pl.col("for_need").str.join(", ")
        ),
        reason=_joined("reason", "; "),
    )


def _joined(name: str, separator: str) -> pl.Expr:
    each = pl.col(name).list.explode(keep_nulls=False, empty_as_null=False)
    return each.drop_nulls().unique(maintain_order=True).str.join(separator)


def _require_once(items: pl.DataFrame) -> None:
    twice = items.filter(pl.col("item_id").is_duplicated()).unique("item_id").sort("item_id")
    if not twice.is_empty():
        raise AccountError(
            f"Items occur more than once: {named(twice, 'item_id')}. Give each item one row."
        )
