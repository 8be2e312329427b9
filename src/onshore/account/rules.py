"""The rules that a claim has to keep before it counts."""

from __future__ import annotations

import polars as pl

from onshore.account.claim_facts import claim_facts, is_lump_sum
from onshore.account.content_lines import lines_of, with_content
from onshore.account.conversions import Conversion, unconverted
from onshore.figures import Basis, RateTable

_BROKEN = ["claim_id", "rule", "reason", "next_step"]


def check_claims(
    claims: pl.DataFrame,
    deals: pl.DataFrame,
    deliveries: pl.DataFrame,
    baselines: pl.DataFrame,
    *,
    content: pl.DataFrame | None = None,
    shares: pl.DataFrame | None = None,
    rates: RateTable | None = None,
    currency: str | None = None,
    rate_type: str | None = None,
) -> pl.DataFrame:
    """List the rules that claims break.

    A claim that breaks a rule does not count at the basis it claims until it is mended: leave
    it out of the ledger by `sound_claims`, and show it with its reason.

    Parameters
    ----------
    claims, deals, deliveries, baselines
        The programme's tables of these names.
    content, shares
        The programme's tables ``content_lines`` and ``claim_shares``, where it has them.
    rates, currency, rate_type
        Give all three to have the rule *rate* checked: the exchange rates, the ISO 4217 code of
        the currency that savings are reckoned in, and the type of rate.

    Returns
    -------
    DataFrame
        One row per claim and broken rule, in the order of the claims: ``claim_id``, ``rule``,
        ``reason``, ``next_step`` (str). The rules are

        - *measure*: a claim is either a published lump sum with a stated amount, or has item,
          buyer, quantity and baseline, and imported content or a domestic price with its
          currency (imported content in one figure, or in lines);
        - *baseline*: the baseline is in the table, and is of the claim's item and buyer;
        - *baseline price*: the baseline's price is CIF, or can be brought to CIF;
        - *frozen baseline*: the baseline has its price date, the day it was frozen, its expiry,
          volume and evidence;
        - *frozen late*: the baseline was frozen before the period, or on its first day;
        - *price date*: the baseline's price is from before the period;
        - *expired baseline*: the baseline holds to the end of the period;
        - *imported content*: it is given either in one figure or in lines; no line is listed
          twice, each has its amount and currency, and tooling has the volume it is spread over,
          in a unit that can be told in the baseline's;
        - *shares*: the shares of a claim's sponsors are 100 % at most, and each is named once;
        - *one claim*: no other claim for the same item and buyer has a period that overlaps;
        - *shared deliveries*: where the deal names no item, no other claim, delivered or above,
          rests on it in the same days for another item;
        - *deal*: but for lump sums, an MoU has a deal; contracted and above have a contract;
          the deal is of the claim's buyer and item;
        - *deliveries*: delivered, accepted and verified have at least the claimed quantity
          delivered under the deal within the period; accepted, that quantity accepted;
          verified, accepted from serial supply;
        - *rate*: there is a rate from the currencies of the baseline and of the domestic price
          on the baseline's price date;
        - *verifier*: a verified claim names who verified it, and that is not who claims it.

    Raises
    ------
    AccountError
        Only some of rates, currency and rate_type are given.

    Examples
    --------
    >>> claims = pl.DataFrame({
    ...     "claim_id": ["C1"], "period": ["1403"], "basis": ["verified"],
    ...     "stated_amount": [245], "claimed_by": ["Plant A"], "verified_by": ["plant a"],
    ... })
    >>> tables = [pl.DataFrame(schema={c: pl.String for c in columns}) for columns in (
    ...     ["deal_id", "basis", "buyer_id", "item_id", "unit"],
    ...     ["deal_id", "quantity", "accepted", "unit", "delivered_on", "accepted_on", "serial"],
    ...     ["baseline_id", "item_id", "buyer_id", "price_date", "until", "unit"],
    ... )]
    >>> check_claims(claims, *tables)["rule"].to_list()
    ['deliveries', 'verifier']
    """
    conversion = Conversion.of(rates, currency, rate_type)
    facts = claim_facts(claims, deals, deliveries, baselines, shares)
    lines = lines_of(content, facts)
    facts = unconverted(with_content(facts, lines), lines, conversion)
    found = [
        facts.filter(broken).select(
            "_order",
            "claim_id",
            rule=pl.lit(rule),
            reason=reason,
            next_step=pl.lit(next_step),
        )
        for rule, broken, reason, next_step in (*_rules(), _rate())
    ]
    return pl.concat(found).sort("_order", maintain_order=True).select(_BROKEN)


def sound_claims(claims: pl.DataFrame, broken: pl.DataFrame) -> pl.DataFrame:
    """Keep the claims that break no rule.

    Parameters
    ----------
    claims
        The programme's table ``claims``.
    broken
        What `check_claims` found of them.

    Returns
    -------
    DataFrame
        The rows of ``claims`` without a row in ``broken``, in their order.
    """
    return claims.join(broken, on="claim_id", how="anti", maintain_order="left")


_Rule = tuple[str, pl.Expr, pl.Expr, str]


def _rules() -> list[_Rule]:
    return [
        _measure(),
        *_baseline_rules(),
        (
            "imported content",
            pl.col("content_problem").is_not_null(),
            pl.col("content_problem"),
            "Mend the table content_lines, or the claim's imported_content.",
        ),
        (
            "shares",
            pl.col("shares_problem").is_not_null(),
            pl.col("shares_problem"),
            "Mend the table claim_shares: the shares of a claim are 100 % at most.",
        ),
        (
            "one claim",
            pl.col("others").is_not_null(),
            pl.format("it is for the same item and buyer, in the same days, as {}", "others"),
            "Merge the claims, or make their periods follow each other.",
        ),
        (
            "shared deliveries",
            pl.col("rivals").is_not_null(),
            pl.format("it rests on the same deliveries, of deal {}, as {}", "deal_id", "rivals"),
            "Make one deal for each item, with its own deliveries.",
        ),
        _deal(),
        _deliveries(),
        _verifier(),
    ]


def _measure() -> _Rule:
    domestic, content = pl.col("domestic_price"), pl.col("imported_content")
    gaps = {
        **{
            name: pl.col(name).is_null()
            for name in ("item_id", "buyer_id", "quantity", "baseline_id")
        },
        "imported_content": content.is_null() & ~pl.col("has_lines") & domestic.is_null(),
        "domestic_currency": domestic.is_not_null() & pl.col("domestic_currency").is_null(),
    }
    listed = pl.concat_str(
        [pl.when(gap).then(pl.lit(name)) for name, gap in gaps.items()],
        separator=", ",
        ignore_nulls=True,
    )
    return (
        "measure",
        ~is_lump_sum() & pl.any_horizontal(gaps.values()),
        pl.format("nothing can be computed without {}", listed),
        "Fill these in; or, for a published lump sum, give stated_amount alone.",
    )


def _baseline_rules() -> list[_Rule]:
    unknown = pl.col("baseline_id").is_not_null() & pl.col("baseline_known").is_null()
    stranger = _differ("item_id", "baseline_item") | _differ("buyer_id", "baseline_buyer")
    return [
        (
            "baseline",
            unknown | stranger,
            pl.when(unknown)
            .then(pl.format("the baseline {} is not in the table baselines", "baseline_id"))
            .otherwise(pl.format("the baseline {} is of another item or buyer", "baseline_id")),
            "Freeze a baseline for this item and buyer, and name it in baseline_id.",
        ),
        (
            "baseline price",
            pl.col("price_problem").is_not_null(),
            pl.format("of its baseline {}: {}", "baseline_id", "price_problem"),
            "Give what is missing in the table baselines, per unit; write 0 where there is none.",
        ),
        (
            "frozen baseline",
            pl.col("baseline_gaps").is_not_null(),
            pl.format("its baseline {} is frozen without {}", "baseline_id", "baseline_gaps"),
            "Fill these in: a baseline is frozen with its date, volume, evidence and expiry.",
        ),
        (
            "frozen late",
            pl.col("frozen_on") > pl.col("starts"),
            pl.format(
                "its baseline was frozen on {}, after the period {} began", "frozen_on", "period"
            ),
            "Freeze a baseline before the period that it measures.",
        ),
        (
            "price date",
            pl.col("price_date") >= pl.col("starts"),
            pl.format(
                "the baseline's price of {} is not from before the period {}",
                "price_date",
                "period",
            ),
            "Freeze a baseline with a price from before the period.",
        ),
        (
            "expired baseline",
            pl.col("baseline_until") < pl.col("ends"),
            pl.format(
                "the baseline holds until {}, the period {} ends on {}",
                "baseline_until",
                "period",
                "ends",
            ),
            "Freeze a new baseline, or end the period before the baseline does.",
        ),
    ]


def _deal() -> _Rule:
    step, no_contract = pl.col("step"), pl.col("deal_basis") != Basis.CONTRACTED.value
    cases = {
        "it names no deal": pl.col("deal_id").is_null(),
        "its deal is not in the table deals": pl.col("deal_basis").is_null(),
        "its deal is a memorandum, not a contract": (step >= Basis.CONTRACTED.step) & no_contract,
        "its deal is with another buyer": _differ("buyer_id", "deal_buyer"),
        "its deal is for another item": _differ("item_id", "deal_item"),
    }
    return (
        "deal",
        ~is_lump_sum() & (step >= Basis.MOU.step) & pl.any_horizontal(cases.values()),
        pl.coalesce(pl.when(broken).then(pl.lit(reason)) for reason, broken in cases.items()),
        "Name the deal it rests on in deal_id, or claim it as announced.",
    )


def _deliveries() -> _Rule:
    step, quantity = pl.col("step"), pl.col("quantity")
    counted = (
        pl.when(step == Basis.VERIFIED.step)
        .then("serial_accepted")
        .when(step == Basis.ACCEPTED.step)
        .then("accepted")
        .otherwise("delivered")
    )
    how = (
        pl.when(step == Basis.VERIFIED.step)
        .then(pl.lit("accepted from serial supply"))
        .when(step == Basis.ACCEPTED.step)
        .then(pl.lit("accepted"))
        .otherwise(pl.lit("delivered"))
    )
    short = pl.format(
        "{} of the {} claimed were {} in {}", _written(counted), _written(quantity), how, "period"
    )
    lump = pl.lit("a lump sum without quantity has no deliveries to rest on")
    broken = quantity.is_null() | pl.col("unit_problem").is_not_null() | (counted < quantity)
    return (
        "deliveries",
        (step >= Basis.DELIVERED.step) & broken,
        pl.when(quantity.is_null()).then(lump).otherwise(pl.coalesce("unit_problem", short)),
        "Record the deliveries and what was accepted of them, or claim what they bear out.",
    )


def _verifier() -> _Rule:
    cases = {
        "it does not say who verified it": pl.col("verified_by").is_null(),
        "it does not say who claims it, so that the verifier cannot be told apart": pl.col(
            "claimed_by"
        ).is_null(),
        "who verified it is who claims it": pl.col("_verified_by") == pl.col("_claimed_by"),
    }
    return (
        "verifier",
        (pl.col("step") == Basis.VERIFIED.step) & pl.any_horizontal(cases.values()),
        pl.coalesce(pl.when(broken).then(pl.lit(reason)) for reason, broken in cases.items()),
        "Have it verified by somebody who does not claim it, or claim it as accepted.",
    )


def _rate() -> _Rule:
    return (
        "rate",
        pl.col("no_rate").is_not_null(),
        pl.col("no_rate"),
        "Add the rate of that day to the table rates, with its type and source.",
    )


def _differ(ours: str, theirs: str) -> pl.Expr:
    """Whether both are given and are not the same."""
    return (pl.col(ours) != pl.col(theirs)).fill_null(False)


def _written(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
