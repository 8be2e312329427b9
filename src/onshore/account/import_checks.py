"""What import rules and exceptions must keep to, so that nobody is shut out unheard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from onshore.account.columns import typed
from onshore.account.import_rules import EXCEPTIONS, MEASURES, RULES
from onshore.codes import fold

_FOUND = ["id", "table", "rule", "reason", "next_step"]

_Check = tuple[str, pl.Expr, pl.Expr | str, str]


def check_import_rules(
    rules: pl.DataFrame,
    exceptions: pl.DataFrame,
    *,
    on: date,
    equivalent: pl.DataFrame | None = None,
    organisations: pl.DataFrame | None = None,
    least_comment_days: int = 1,
) -> pl.DataFrame:
    """List what import rules and exceptions break.

    Parameters
    ----------
    rules, exceptions
        The programme's tables ``import_rules`` and ``exceptions``.
    on
        The day of the check: what is contested must be decided once its comments are closed.
    equivalent
        What `equivalence_verdicts` found, to check bans against: ``offer_id``, ``verdict``.
    organisations
        The programme's table, so that who contests is told from who decides by name too.
    least_comment_days
        Days, first and last included, that comments have to be open.

    Returns
    -------
    DataFrame
        One row per rule or exception and what it breaks: ``id``, ``table`` (*import_rules* or
        *exceptions*), ``rule``, ``reason``, ``next_step`` (str). Of import rules:

        - *goods*: it names an item or an HS code;
        - *reason*: it says why, and a ban names the home product;
        - *dates*: it does not end before it begins;
        - *comments*: it begins after its comment window closes;
        - *equivalence*: the home product of a ban is equivalent for some need;
        - *same goods*: no other rule with the same goods and measure holds in the same days.

        Of exceptions:

        - *import rule*: its rule is in the table;
        - *reason*: it says why it is asked for, and a decision why it was taken;
        - *expiry*: it has a last day, not before its first nor before the decision;
        - *comments*: it was put out for comment for long enough, and decided after that;
        - *decision*: what is decided has the day and who decided; what is granted, its first
          day; a date of decision goes with a decision;
        - *contest*: a contest says who and why; contested and undecided after the comments
          closed; decided by who contests.

    Examples
    --------
    >>> rules = pl.DataFrame({
    ...     "rule_id": ["R1"], "hs_code": ["8482"], "measure": ["restricted"],
    ...     "reason": ["made at home"], "from": [date(2024, 3, 20)],
    ... })
    >>> exceptions = pl.DataFrame({
    ...     "exception_id": ["E1"], "rule_id": ["R1"], "decision": ["granted"],
    ...     "reason": ["strike"], "decision_reason": ["the maker agrees"], "decided_by": ["Agency"],
    ...     "published": [date(2024, 5, 1)], "comment_until": [date(2024, 5, 31)],
    ...     "decided_on": [date(2024, 5, 20)], "from": [date(2024, 6, 1)],
    ...     "until": [date(2024, 8, 31)],
    ... })
    >>> check_import_rules(rules, exceptions, on=date(2024, 7, 1))["reason"].to_list()
    ['it was decided on 2024-05-20, and comments were open until 2024-05-31']
    """
    known = _with_same_goods(typed(rules, RULES).with_row_index("_order"))
    passed = None if equivalent is None else _equivalent_offers(equivalent)
    asked = _with_deciders(typed(exceptions, EXCEPTIONS), organisations).with_row_index("_order")
    asked = asked.join(
        known.select("rule_id", rule_known=pl.lit(value=True)).unique("rule_id"),
        on="rule_id",
        how="left",
        maintain_order="left",
    )
    return pl.concat(
        [
            _told(known, "import_rules", "rule_id", _rule_checks(passed)),
            _told(asked, "exceptions", "exception_id", _exception_checks(on, least_comment_days)),
        ]
    )


def sound_exceptions(exceptions: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    """Keep the exceptions that break nothing.

    Parameters
    ----------
    exceptions
        The programme's table ``exceptions``.
    broken
        What `check_import_rules` found.

    Returns
    -------
    DataFrame
        The rows of ``exceptions`` that are not in ``broken``, in their order.
    """
    bad = broken.filter(table="exceptions").select(exception_id="id")
    return exceptions.join(bad, on="exception_id", how="anti", maintain_order="left")


def _rule_checks(equivalent: list[str] | None) -> list[_Check]:
    banned, offer = pl.col("measure") == "banned", pl.col("equivalent_offer_id")
    checks: list[_Check] = [
        (
            "goods",
            pl.col("hs_code").is_null() & pl.col("item_id").is_null(),
            "it names neither an item nor an HS code",
            "Fill in item_id or hs_code.",
        ),
        (
            "measure",
            ~pl.col("measure").is_in(MEASURES).fill_null(value=False),
            "it does not say what it does",
            f"Write one of: {', '.join(MEASURES)}.",
        ),
        ("reason", pl.col("reason").is_null(), "it gives no reason", "Say why, in reason."),
        (
            "reason",
            banned & offer.is_null(),
            "it bans an import and names no home product",
            "Name the offer that is equivalent in equivalent_offer_id, or make it a restriction.",
        ),
        (
            "dates",
            pl.col("from").is_null(),
            "it has no first day",
            "Fill in from.",
        ),
        (
            "dates",
            pl.col("until") < pl.col("from"),
            pl.format("it ends on {}, before it begins on {}", "until", "from"),
            "Write the later day in until.",
        ),
        (
            "comments",
            pl.col("comment_until") >= pl.col("from"),
            pl.format("it began on {}, and comments were open until {}", "from", "comment_until"),
            "Let it begin after the comments close.",
        ),
        (
            "same goods",
            pl.col("same").is_not_null(),
            pl.format("it does to the same goods what {} does, in the same days", "same"),
            "Keep one of them, or let one begin when the other ends.",
        ),
    ]
    if equivalent is not None:
        checks.append(
            (
                "equivalence",
                banned & ~offer.is_in(equivalent).fill_null(value=True),
                pl.format("its home product {} is not shown to be equivalent for any need", offer),
                "Have it tested against a need, or make the ban a restriction.",
            )
        )
    return checks


def _exception_checks(on: date, least_days: int) -> list[_Check]:
    decided = pl.col("decision").is_in(["granted", "refused"]).fill_null(value=False)
    granted = (pl.col("decision") == "granted").fill_null(value=False)
    contested = pl.col("contested").fill_null(value=False) | pl.col("contested_by").is_not_null()
    closes, day = pl.col("comment_until"), pl.col("decided_on")
    open_days = (closes - pl.col("published")).dt.total_days() + 1
    return [
        (
            "import rule",
            pl.col("rule_known").is_null(),
            pl.format(
                "its rule {} is not in the table import_rules", pl.col("rule_id").fill_null("")
            ),
            "Name the rule that it is an exception from in rule_id.",
        ),
        ("reason", pl.col("reason").is_null(), "it does not say why it is asked for", _FILL),
        (
            "reason",
            decided & pl.col("decision_reason").is_null(),
            pl.format("it was {} without a reason", "decision"),
            "Say why in decision_reason.",
        ),
        ("expiry", pl.col("until").is_null(), "it has no last day", "Fill in until."),
        (
            "expiry",
            pl.col("until") < pl.col("from"),
            pl.format("it ends on {}, before it begins on {}", "until", "from"),
            "Write the later day in until.",
        ),
        (
            "expiry",
            granted & (pl.col("until") < day),
            pl.format("it was granted on {}, after its last day, {}", day, "until"),
            "Grant it for days to come.",
        ),
        (
            "comments",
            decided & (closes.is_null() | pl.col("published").is_null()),
            "it was decided and was not put out for comment",
            "Publish it, and fill in published and comment_until.",
        ),
        (
            "comments",
            open_days < least_days,
            pl.format("comments were open for {} days, and need {}", open_days, pl.lit(least_days)),
            "Leave them open for longer, and decide again.",
        ),
        (
            "comments",
            decided & (day <= closes),
            pl.format("it was decided on {}, and comments were open until {}", day, closes),
            "Decide after the comments close.",
        ),
        (
            "decision",
            decided & (day.is_null() | pl.col("decided_by").is_null()),
            "its decision does not say when and by whom",
            "Fill in decided_on and decided_by.",
        ),
        (
            "decision",
            ~decided & day.is_not_null(),
            "it has a day of decision and no decision",
            "Write granted or refused in decision.",
        ),
        (
            "decision",
            granted & pl.col("from").is_null(),
            "it was granted without a first day",
            "Fill in from.",
        ),
        (
            "contest",
            contested & (pl.col("contested_by").is_null() | pl.col("contest").is_null()),
            "it is contested, and not said by whom or why",
            "Fill in contested_by and contest.",
        ),
        (
            "contest",
            contested & ~decided & (closes < on),
            pl.format("it is contested and undecided, and comments closed on {}", closes),
            "Decide it, with a reason that answers the contest.",
        ),
        (
            "contest",
            decided & pl.col("_own_cause"),
            "who decided it is who contested it",
            "Have somebody else decide.",
        ),
    ]


_FILL = "Say why, in reason."


def _told(rows: pl.DataFrame, table: str, key: str, checks: list[_Check]) -> pl.DataFrame:
    found = [
        rows.filter(broken).select(
            "_order",
            id=key,
            table=pl.lit(table),
            rule=pl.lit(rule),
            reason=pl.lit(reason) if isinstance(reason, str) else reason,
            next_step=pl.lit(next_step),
        )
        for rule, broken, reason, next_step in checks
    ]
    return pl.concat(found).sort("_order", maintain_order=True).select(_FOUND)


def _with_same_goods(rules: pl.DataFrame) -> pl.DataFrame:
    """Add ``same``: other rules with the same goods and measure that share days with a rule."""
    goods = ["hs_code", "item_id", "measure"]
    spans = rules.select(
        "_order", "rule_id", *goods, "from", until=pl.col("until").fill_null(date.max)
    ).filter(pl.col("hs_code").is_not_null() | pl.col("item_id").is_not_null())
    same = (
        spans.join(spans, on=goods, nulls_equal=True, suffix="_other")
        .filter(
            pl.col("_order") != pl.col("_order_other"),
            pl.col("from") <= pl.col("until_other"),
            pl.col("from_other") <= pl.col("until"),
        )
        .sort("_order", "_order_other")
        .group_by("_order", maintain_order=True)
        .agg(same=pl.col("rule_id_other").str.join(", "))
    )
    return rules.join(same, on="_order", how="left", maintain_order="left")


def _equivalent_offers(equivalent: pl.DataFrame) -> list[str]:
    passed = equivalent.filter(pl.col("verdict") == "equivalent")
    return passed["offer_id"].unique().sort().to_list()


def _with_deciders(exceptions: pl.DataFrame, organisations: pl.DataFrame | None) -> pl.DataFrame:
    """Add ``_own_cause``: whether who decided is who contested, by id or by name."""
    names: dict[str, set[str]] = {}
    if organisations is not None:
        columns = {name: pl.String() for name in ("organisation_id", "name", "name_fa")}
        for key, *own in typed(organisations, columns).iter_rows():
            names[key] = {fold(name) for name in own if name}
    pairs = exceptions.select("decided_by", "contested_by").iter_rows()
    own = [_is_one(decider, contester, names) for decider, contester in pairs]
    return exceptions.with_columns(_own_cause=pl.Series(own, dtype=pl.Boolean))


def _is_one(decider: str | None, contester: str | None, names: Mapping[str, set[str]]) -> bool:
    if decider is None or contester is None:
        return False
    return fold(decider) in {fold(contester), *names.get(contester, set())}
