"""Whether a home product is the equivalent of an import: each criterion with its figures."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.account.columns import MONEY, typed
from onshore.account.deliveries import with_unit_factors
from onshore.account.errors import AccountError
from onshore.account.landed_cost import (
    PRICE_COLUMNS,
    in_currency,
    with_parity,
    with_price_problem,
)
from onshore.figures import MissingRate, RateTable

CRITERIA = ("class", "price", "delivery", "capacity", "specification")

_NEEDS: dict[str, pl.DataType] = {
    **dict.fromkeys(
        ("need_id", "item_id", "buyer_id", "unit", "currency", "incoterm"), pl.String()
    ),
    **dict.fromkeys(("yearly_quantity", "import_price", "freight_insurance"), MONEY),
}
_OFFERS: dict[str, pl.DataType] = {
    **dict.fromkeys(("offer_id", "unit", "currency"), pl.String()),
    **dict.fromkeys(("price", "capacity_per_year", "lead_months"), MONEY),
}
_CANDIDATES: dict[str, pl.DataType] = dict.fromkeys(
    ("need_id", "offer_id", "class", "decision"), pl.String()
)
_TESTS: dict[str, pl.DataType] = {
    **dict.fromkeys(("need_id", "offer_id", "stage", "result"), pl.String()),
    "tested_on": pl.Date(),
}
_WITHOUT_FREIGHT = ("EXW", "FCA", "FAS", "FOB", "CFR", "CPT")


def equivalence(
    needs: pl.DataFrame,
    offers: pl.DataFrame,
    candidates: pl.DataFrame,
    *,
    premium: float,
    within_months: float,
    rates: RateTable,
    currency: str,
    rate_type: str,
    on: date,
    baselines: pl.DataFrame | None = None,
    qualifications: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Test home products as equivalents of what is imported, criterion by criterion.

    Parameters
    ----------
    needs, offers, candidates
        The programme's tables; each candidate is tested.
    premium
        How much more the home product may cost, as a share of the import's price: 0.15 is 15 %.
    within_months
        Lead time that is allowed, in months.
    rates, currency, rate_type, on
        Prices are compared in this currency, as they stand, at the rates of this type and day.
    baselines
        The programme's table: where one of the buyer's baselines of the item holds on the day
        (of several the one frozen last), the import's price is its import parity; else it is
        the need's import price with freight and insurance, without duty.
    qualifications
        The programme's table of tests.

    Returns
    -------
    DataFrame
        Five rows per candidate: ``need_id``, ``offer_id``, ``criterion``, ``verdict`` (*met*,
        *not met*, *not known*), ``found`` and ``required`` (Decimal(38, 6), null where the
        criterion is no figure), ``unit`` (str: currency, ``months``, or a unit code) and
        ``reason`` (str). The criteria are

        - *class*: the match is exact or near;
        - *price*: the offer's price is at most (1 + premium) x the import's;
        - *delivery*: the lead time is at most ``within_months``;
        - *capacity*: a year's capacity covers a year's need;
        - *specification*: the last test of every stage passed; without tests, a reviewer
          confirmed the match.

    Raises
    ------
    AccountError
        ``premium`` or ``within_months`` is negative, or a candidate occurs twice.

    Examples
    --------
    >>> from decimal import Decimal
    >>> needs = pl.DataFrame({
    ...     "need_id": ["N"], "unit": ["H87"], "yearly_quantity": [Decimal(100)],
    ...     "import_price": [Decimal(10)], "incoterm": ["CIF"], "currency": ["EUR"],
    ... })
    >>> offers = pl.DataFrame({
    ...     "offer_id": ["O"], "unit": ["H87"], "price": [Decimal(11)], "currency": ["EUR"],
    ...     "capacity_per_year": [Decimal(80)], "lead_months": [Decimal(4)],
    ... })
    >>> candidates = pl.DataFrame({"need_id": ["N"], "offer_id": ["O"], "class": ["near"]})
    >>> none = RateTable(pl.DataFrame(schema={
    ...     "base": pl.String, "quote": pl.String, "date": pl.Date, "rate": pl.Decimal(38, 6),
    ...     "rate_type": pl.String,
    ... }))
    >>> found = equivalence(
    ...     needs, offers, candidates, premium=0.15, within_months=6, rates=none,
    ...     currency="EUR", rate_type="official", on=date(2024, 5, 1),
    ... )
    >>> dict(found.select("criterion", "verdict").rows())["price"]
    'met'
    >>> equivalence_verdicts(found).select("verdict", "not_met", "not_known").row(0)
    ('not equivalent', 'capacity', 'specification')
    """
    if not premium >= 0 or not within_months >= 0:
        raise AccountError(
            f"A premium of {premium} and {within_months} months cannot be tested against. Give "
            "both as 0 or more; a premium of 15 % is 0.15."
        )
    pairs = _pairs(needs, offers, candidates)
    pairs = _with_prices(pairs, baselines, rates, currency, rate_type, on)
    pairs = _with_tests(pairs, qualifications)
    limit = pl.lit(premium).cast(MONEY)
    told = [
        _class(),
        _price(limit, premium, currency),
        _delivery(within_months),
        _capacity(),
        _specification(),
    ]
    rows = [
        pairs.select("_order", "need_id", "offer_id", criterion=pl.lit(name), **parts)
        for name, parts in zip(CRITERIA, told, strict=True)
    ]
    return pl.concat(rows).sort("_order", maintain_order=True).drop("_order")


def equivalence_verdicts(criteria: pl.DataFrame) -> pl.DataFrame:
    """Judge each candidate by all its criteria.

    Parameters
    ----------
    criteria
        As `equivalence` gives them.

    Returns
    -------
    DataFrame
        One row per candidate: ``need_id``, ``offer_id``, ``verdict`` (*equivalent* where all
        criteria are met, *not equivalent* where one is not, else *not known*), ``not_met`` and
        ``not_known`` (str, criteria joined by ``", "``, or null).
    """

    def named(verdict: str) -> pl.Expr:
        names = pl.col("criterion").filter(pl.col("verdict") == verdict)
        return pl.when(names.len() > 0).then(names.str.join(", "))

    return (
        criteria.group_by("need_id", "offer_id", maintain_order=True)
        .agg(not_met=named("not met"), not_known=named("not known"))
        .select(
            "need_id",
            "offer_id",
            verdict=pl.when(pl.col("not_met").is_not_null())
            .then(pl.lit("not equivalent"))
            .when(pl.col("not_known").is_not_null())
            .then(pl.lit("not known"))
            .otherwise(pl.lit("equivalent")),
            not_met="not_met",
            not_known="not_known",
        )
    )


def _pairs(needs: pl.DataFrame, offers: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    asked = typed(candidates, _CANDIDATES)
    twice = asked.filter(pl.struct("need_id", "offer_id").is_duplicated())
    if not twice.is_empty():
        need, offer = twice.select("need_id", "offer_id").row(0)
        raise AccountError(
            f"The candidate {need} with {offer} occurs more than once. Give each one row."
        )
    wanted = typed(needs, _NEEDS).rename({"unit": "need_unit", "currency": "import_currency"})
    given = typed(offers, _OFFERS).rename({"unit": "offer_unit", "currency": "offer_currency"})
    pairs = asked.join(wanted, on="need_id", maintain_order="left").join(
        given, on="offer_id", maintain_order="left"
    )
    return with_unit_factors(
        pairs.with_columns(unit="need_unit", baseline_unit="offer_unit"),
        bare="the need does not say its unit",
    ).with_row_index("_order")


def _with_prices(
    pairs: pl.DataFrame,
    baselines: pl.DataFrame | None,
    rates: RateTable,
    currency: str,
    rate_type: str,
    on: date,
) -> pl.DataFrame:
    """Add ``_home``, ``_abroad`` (one unit of the need), ``_by_parity`` and ``_price_gap``."""
    parity = _parities(pairs, baselines, rates, currency, rate_type, on)
    term, extra = pl.col("incoterm"), pl.col("freight_insurance")
    short = term.is_in(_WITHOUT_FREIGHT)
    quoted = pl.col("import_price") + pl.when(short).then(extra).otherwise(pl.lit(0, dtype=MONEY))
    own = pairs.join(parity, on="need_id", how="left", maintain_order="left").with_columns(
        _on=pl.lit(on),
        _home=(pl.col("price") * pl.col("_above") / pl.col("_below")).cast(MONEY),
        _quoted=pl.when(pl.col("_parity").is_null()).then(quoted.cast(MONEY)),
        _by_parity=pl.col("_parity").is_not_null(),
    )
    no_rate = _without_rate(own, rates, currency, rate_type, on)
    needs_rate = pl.col("_quoted").is_not_null() & pl.col("import_currency").is_in(no_rate)
    gaps = {
        "the offer has no price or no currency": pl.col("price").is_null()
        | pl.col("offer_currency").is_null(),
        "the units of need and offer cannot be told in each other": pl.col("_above").is_null(),
        "the need has no import price, currency or delivery term": ~pl.col("_by_parity")
        & (pl.col("import_price").is_null() | pl.col("import_currency").is_null() | term.is_null()),
        "the import price leaves out freight or insurance, and they are not given": ~pl.col(
            "_by_parity"
        )
        & short
        & extra.is_null(),
        f"there is no {rate_type} rate to {currency} on {on}": needs_rate
        | pl.col("offer_currency").is_in(no_rate),
    }
    gap = pl.coalesce(pl.when(bad).then(pl.lit(reason)) for reason, bad in gaps.items())
    known = own.with_columns(_price_gap=gap).with_columns(
        pl.when(pl.col("_price_gap").is_null()).then(name).alias(name)
        for name in ("_home", "_quoted")
    )
    for amount, of in (("_home", "offer_currency"), ("_quoted", "import_currency")):
        known = rates.convert_column(
            known,
            amount=amount,
            currency=of,
            on="_on",
            to=currency,
            rate_type=rate_type,
            out=amount,
        )
    return known.with_columns(_abroad=pl.coalesce("_parity", "_quoted"))


def _without_rate(
    pairs: pl.DataFrame, rates: RateTable, currency: str, rate_type: str, on: date
) -> list[str]:
    missing = []
    codes = pl.concat([pairs["offer_currency"], pairs["import_currency"]]).unique().drop_nulls()
    for code in codes.sort():
        try:
            rates.find(code, currency, on=on, rate_type=rate_type)
        except MissingRate:
            missing.append(code)
    return missing


def _parities(
    pairs: pl.DataFrame,
    baselines: pl.DataFrame | None,
    rates: RateTable,
    currency: str,
    rate_type: str,
    on: date,
) -> pl.DataFrame:
    """Give ``_parity`` of one unit of each need, by the buyer's baseline of its item."""
    known = typed(
        pl.DataFrame() if baselines is None else baselines,
        {
            **dict.fromkeys(("baseline_id", "item_id", "buyer_id"), pl.String()),
            "baseline_unit": pl.String(),
            **dict.fromkeys(("frozen_on", "until"), pl.Date()),
            **PRICE_COLUMNS,
        },
    )
    if baselines is not None:
        known = known.with_columns(baselines["unit"].alias("baseline_unit"))
    holds = (pl.col("price_date") <= on) & (pl.col("until").is_null() | (pl.col("until") >= on))
    wanted = pairs.select("need_id", "item_id", "buyer_id", unit="need_unit").unique("need_id")
    found = with_unit_factors(
        wanted.join(known.filter(holds), on=["item_id", "buyer_id"])
        .sort("frozen_on", "baseline_id")
        .unique("need_id", keep="last", maintain_order=True)
        .with_columns(price_date=pl.lit(on))
    )
    no_rate = _unconvertible(found, rates, currency, rate_type, on)
    sound = with_price_problem(found).filter(
        pl.col("price_problem").is_null(),
        pl.col("_above").is_not_null(),
        ~pl.col("currency").is_in(no_rate),
        ~pl.coalesce("local_currency", "currency").is_in(no_rate),
    )
    in_one = in_currency(sound, rates=rates, currency=currency, rate_type=rate_type)
    return with_parity(in_one).select(
        "need_id",
        _parity=(pl.col("_parity") * pl.col("_above") / pl.col("_below")).cast(MONEY),
    )


def _unconvertible(
    found: pl.DataFrame, rates: RateTable, currency: str, rate_type: str, on: date
) -> list[str]:
    codes = found.select(offer_currency="currency", import_currency="local_currency")
    return _without_rate(codes, rates, currency, rate_type, on)


def _with_tests(pairs: pl.DataFrame, qualifications: pl.DataFrame | None) -> pl.DataFrame:
    """Add ``passed``, ``failed``, ``waiting``: how many stages ended so at their last test."""
    tests = typed(pl.DataFrame() if qualifications is None else qualifications, _TESTS)
    pair = ["need_id", "offer_id"]
    last = tests.sort("tested_on", nulls_last=False).unique(
        [*pair, "stage"], keep="last", maintain_order=True
    )
    counts = last.group_by(pair).agg(
        (pl.col("result") == result).sum().cast(pl.Int64).alias(name)
        for result, name in (("passed", "passed"), ("failed", "failed"), ("pending", "waiting"))
    )
    return pairs.join(counts, on=pair, how="left", maintain_order="left").with_columns(
        pl.col("passed", "failed", "waiting").fill_null(0)
    )


_Parts = dict[str, pl.Expr]


def _parts(
    met: pl.Expr,
    reason: pl.Expr,
    *,
    found: pl.Expr | None = None,
    required: pl.Expr | None = None,
    unit: pl.Expr | None = None,
) -> _Parts:
    verdict = (
        pl.when(met.is_null())
        .then(pl.lit("not known"))
        .when(met)
        .then(pl.lit("met"))
        .otherwise(pl.lit("not met"))
    )
    nothing = pl.lit(None, dtype=MONEY)
    return {
        "verdict": verdict,
        "found": nothing if found is None else found.cast(MONEY),
        "required": nothing if required is None else required.cast(MONEY),
        "unit": pl.lit(None, dtype=pl.String) if unit is None else unit,
        "reason": reason,
    }


def _class() -> _Parts:
    how = pl.col("class")
    reason = pl.format("the match is {}", how).fill_null("nobody said how well they match")
    return _parts(how.is_in(["exact", "near"]), reason)


def _price(limit: pl.Expr, premium: float, currency: str) -> _Parts:
    home, most = pl.col("_home"), pl.col("_abroad") * (1 + limit)
    what = (
        pl.when("_by_parity")
        .then(pl.lit("the import parity"))
        .otherwise(pl.lit("the import's price without duty"))
    )
    reason = pl.format("set against {} and {} % more", what, pl.lit(f"{premium * 100:g}"))
    return _parts(
        home <= most,
        pl.coalesce("_price_gap", reason),
        found=home,
        required=most,
        unit=pl.lit(currency),
    )


def _delivery(within_months: float) -> _Parts:
    months = pl.col("lead_months")
    most = pl.lit(within_months).cast(MONEY)
    reason = pl.when(months.is_null()).then(pl.lit("the offer does not say its lead time"))
    return _parts(
        months <= most,
        reason.otherwise(pl.lit("lead time from order to accepted serial delivery")),
        found=months,
        required=most,
        unit=pl.lit("months"),
    )


def _capacity() -> _Parts:
    capacity, wanted = pl.col("capacity_per_year"), pl.col("yearly_quantity")
    needed = (wanted * pl.col("_above") / pl.col("_below")).cast(MONEY)
    reason = (
        pl.when(capacity.is_null())
        .then(pl.lit("the offer does not say its capacity"))
        .when(wanted.is_null())
        .then(pl.lit("the need does not say its yearly quantity"))
        .when(needed.is_null())
        .then("unit_problem")
        .otherwise(pl.lit("capacity of a year beside the need of a year"))
    )
    return _parts(
        capacity >= needed, reason, found=capacity, required=needed, unit=pl.col("offer_unit")
    )


def _specification() -> _Parts:
    decision = pl.col("decision")
    cases: list[tuple[pl.Expr, bool | None, pl.Expr]] = [
        (pl.col("failed") > 0, False, pl.format("{} stages of test failed", "failed")),
        (decision == "rejected", False, pl.lit("a reviewer rejected the match")),
        (pl.col("waiting") > 0, None, pl.format("{} stages of test are pending", "waiting")),
        (pl.col("passed") > 0, True, pl.format("{} stages of test passed", "passed")),
        (decision == "confirmed", True, pl.lit("a reviewer confirmed the match")),
    ]
    met = pl.coalesce(
        pl.when(case).then(pl.lit({True: 1, False: 0, None: -1}[verdict]))
        for case, verdict, _ in cases
    )
    reason = pl.coalesce(pl.when(case).then(text) for case, _, text in cases)
    known = pl.when(met >= 0).then(met == 1)
    return _parts(known, reason.fill_null("it was neither tested nor reviewed"))
