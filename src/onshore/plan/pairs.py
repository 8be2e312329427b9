"""Needs beside offers, with the facts of both, and what is missing to value them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from onshore.codes import UnknownCode, units
from onshore.figures import MissingRate, RateTable

if TYPE_CHECKING:
    from onshore.records import Settings

_MONEY = pl.Decimal(38, 6)
_PLANNED_CLASSES = ["exact", "near", "could make"]
_STOPPED = ["on hold", "withdrawn", "failed", "import exception", "reverted to import"]
_SERVED = ["contracted", "sample", "qualified", "serial supply", "verified localized"]
_Rules = list[tuple[pl.Expr, pl.Expr | str]]
_WITHOUT_FREIGHT = ["EXW", "FCA", "FAS", "FOB", "CFR", "CPT"]


def candidate_pairs(
    candidates: pl.DataFrame,
    needs: pl.DataFrame,
    items: pl.DataFrame,
    offers: pl.DataFrame,
    organisations: pl.DataFrame,
    home: str,
) -> pl.DataFrame:
    """Put the facts of need, offer, buyer and maker on each candidate's row.

    The need's unit and HS code are its item's where it has none of its own. An organisation
    without a country is at home.
    """
    for column in ("decision", "rank"):
        if column not in candidates.columns:
            candidates = candidates.with_columns(pl.lit(None).alias(column))
    country = pl.col("country").fill_null(home)
    buyers = organisations.select(buyer_id="organisation_id", buyer_country=country)
    makers = organisations.select("place", maker_id="organisation_id", maker_country=country)
    wanted = needs.join(
        items.select("item_id", item_unit="unit", item_hs="hs_code"),
        on="item_id",
        how="left",
        maintain_order="left",
    ).select(
        "need_id",
        "item_id",
        "buyer_id",
        "yearly_quantity",
        "import_price",
        "incoterm",
        "freight_insurance",
        "required_year",
        "state",
        need_unit=pl.coalesce("unit", "item_unit"),
        need_chapter=pl.coalesce("hs_code", "item_hs").str.head(2),
        import_currency="currency",
    )
    offered = offers.select(
        "offer_id",
        "maker_id",
        "price",
        "capacity_per_year",
        "lead_months",
        "local_content",
        offer_unit="unit",
        offer_chapter=pl.col("hs_code").str.head(2),
        offer_currency="currency",
        tooling="tooling_cost",
    )
    pairs = candidates.filter(pl.col("class").is_in(_PLANNED_CLASSES) & _worth_valuing())
    for facts, key in (
        (wanted, "need_id"),
        (offered, "offer_id"),
        (buyers, "buyer_id"),
        (makers, "maker_id"),
    ):
        pairs = pairs.join(facts, on=key, how="left", maintain_order="left")
    return _with_units(pairs.with_columns(pl.col("buyer_country").fill_null(home)))


def _worth_valuing() -> pl.Expr:
    # A plan picks what is cheap, and a wrong match is cheap more often than a right one: of the
    # offers that merely could make a need, only the first, or one that a person confirmed.
    merely = (pl.col("class") == "could make") & (pl.col("rank") > 1)
    return ~merely.fill_null(value=False) | (pl.col("decision") == "confirmed").fill_null(
        value=False
    )


def missing_facts(pairs: pl.DataFrame, rates: RateTable, settings: Settings) -> pl.DataFrame:
    """Add ``reason``: the first thing that keeps a candidate from being valued, or null."""
    currencies = pl.concat([pairs["import_currency"], pairs["offer_currency"]])
    no_rate = _without_rate(currencies.drop_nulls().unique(), rates, settings)
    horizon_ends = settings.first_year + settings.years
    rules: _Rules = [
        (pl.col("decision") == "rejected", "a reviewer rejected it"),
        (pl.col("state").is_in(_STOPPED), pl.format("the need's state is '{}'", "state")),
        (
            pl.col("state").is_in(_SERVED),
            pl.format("the need already has a maker: its state is '{}'", "state"),
        ),
        (
            pl.col("buyer_country") != settings.home,
            "the buyer is abroad: to supply it is an export, not a saving of imports",
        ),
        (
            (pl.col("need_chapter") != pl.col("offer_chapter"))
            & (pl.col("decision") != "confirmed").fill_null(value=True),
            pl.format(
                "the HS codes are of different chapters, {} and {}: confirm the match if it holds",
                "need_chapter",
                "offer_chapter",
            ),
        ),
        (pl.col("maker_id").is_null(), "the offer does not say who makes it"),
        (pl.col("maker_country") != settings.home, "the maker is abroad"),
        *_needs_rules(horizon_ends),
        *_offer_rules(horizon_ends),
        *(
            (
                pl.col(column).is_in(no_rate),
                pl.format(
                    "there is no {} rate from {} to {} on {}",
                    *(pl.lit(settings.rate_type), column),
                    *(pl.lit(settings.currency), pl.lit(settings.price_date.isoformat())),
                ),
            )
            for column in ("import_currency", "offer_currency")
        ),
    ]
    return pairs.with_columns(reason=_first_reason(rules))


def in_one_currency(pairs: pl.DataFrame, rates: RateTable, settings: Settings) -> pl.DataFrame:
    """Add reference CIF, domestic price and tooling cost in the programme's currency.

    Prices are per unit of the need. Adds ``use_per_year`` in the offer's unit, too.
    """
    freight = (
        pl.when(pl.col("incoterm").is_in(_WITHOUT_FREIGHT)).then("freight_insurance").otherwise(0)
    )
    numerator, denominator = pl.col("offer_per_need"), pl.col("need_per_offer")
    own = pairs.with_columns(
        pl.lit(settings.price_date).alias("price_date"),
        own_cif=pl.col("import_price") + freight.cast(_MONEY),
        own_price=pl.col("price") * numerator / denominator,
        use_per_year=pl.col("yearly_quantity") * numerator / denominator,
    )
    for amount, currency, out in (
        ("own_cif", "import_currency", "reference_cif"),
        ("own_price", "offer_currency", "domestic_price"),
        ("tooling", "offer_currency", "tooling_cost"),
    ):
        own = rates.convert_column(
            own,
            amount=amount,
            currency=currency,
            on="price_date",
            to=settings.currency,
            rate_type=settings.rate_type,
            out=out,
        )
    months = pl.col("lead_months").cast(pl.Float64)
    more = (pl.col("class") == "could make").cast(pl.Int64)
    return own.with_columns(
        lead_years=(months / 12).ceil().cast(pl.Int64) + more,
        needed_from=(pl.col("required_year") - settings.first_year).clip(0).fill_null(0),
    )


def _needs_rules(horizon_ends: int) -> _Rules:
    quantity, term = pl.col("yearly_quantity"), pl.col("incoterm")
    freight = term.is_in(_WITHOUT_FREIGHT) & pl.col("freight_insurance").is_null()
    return [
        (quantity.is_null(), "the need does not say its yearly quantity"),
        (quantity <= 0, "the need's yearly quantity is 0"),
        (pl.col("need_unit").is_null(), "neither the need nor its item says the unit"),
        (pl.col("import_price").is_null(), "the need does not say its import price"),
        (pl.col("import_currency").is_null(), "the import price has no currency"),
        (term.is_null(), "the import price has no delivery term (incoterm)"),
        (
            freight,
            pl.format(
                "the import price is {}, so freight and insurance have to be given as well", term
            ),
        ),
        (
            term == "DDP",
            "the import price is DDP and so holds a duty that is not known; give the CIF price",
        ),
        (
            pl.col("required_year") >= horizon_ends,
            pl.format("the need begins in {}, after the plan's last year", "required_year"),
        ),
    ]


def _offer_rules(horizon_ends: int) -> _Rules:
    required = {
        "offer_unit": "unit",
        "price": "price",
        "offer_currency": "currency",
        "capacity_per_year": "capacity per year",
        "lead_months": "lead time",
        "tooling": "tooling cost; write 0 where none is needed",
    }
    return [
        *((pl.col(c).is_null(), f"the offer does not say its {n}") for c, n in required.items()),
        (pl.col("unit_problem").is_not_null(), pl.col("unit_problem")),
        (
            pl.col("opening_year") >= horizon_ends,
            pl.format("the maker's place opens in {}, after the last year", "opening_year"),
        ),
    ]


def _first_reason(rules: Iterable[tuple[pl.Expr, pl.Expr | str]]) -> pl.Expr:
    return pl.coalesce(
        pl.when(broken).then(pl.lit(reason) if isinstance(reason, str) else reason)
        for broken, reason in rules
    )


def _without_rate(currencies: pl.Series, rates: RateTable, settings: Settings) -> list[str]:
    missing = []
    for currency in currencies.sort():
        try:
            rates.find(
                currency, settings.currency, on=settings.price_date, rate_type=settings.rate_type
            )
        except MissingRate:
            missing.append(currency)
    return missing


def _with_units(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add how many offer units (``offer_per_need``) are how many need units, as whole numbers."""
    both = (
        pairs.select("need_unit", "offer_unit")
        .unique()
        .drop_nulls()
        .sort("need_unit", "offer_unit")
    )
    rows: list[tuple[str, str, int | None, int | None, str | None]] = []
    for need_unit, offer_unit in both.iter_rows():
        try:
            factor = units.factor(need_unit, offer_unit)
        except (UnknownCode, ValueError) as error:
            rows.append((need_unit, offer_unit, None, None, str(error)))
        else:
            rows.append((need_unit, offer_unit, factor.numerator, factor.denominator, None))
    factors = pl.DataFrame(
        rows,
        schema={
            "need_unit": pl.String,
            "offer_unit": pl.String,
            "offer_per_need": pl.Decimal(38, 0),
            "need_per_offer": pl.Decimal(38, 0),
            "unit_problem": pl.String,
        },
        orient="row",
    )
    return pairs.join(factors, on=["need_unit", "offer_unit"], how="left", maintain_order="left")
