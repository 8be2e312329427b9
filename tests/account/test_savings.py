"""Savings against the definition worked out in exact fractions."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import AccountError, by_basis, savings
from onshore.figures import Basis, MissingRate, RateTable

MONEY = pl.Decimal(38, 6)
CLAIMS = {
    "claim_id": pl.String,
    "sector": pl.String,
    "basis": pl.String,
    "quantity": MONEY,
    "baseline_id": pl.String,
    "imported_content": MONEY,
    "domestic_price": MONEY,
    "domestic_currency": pl.String,
    "stated_amount": MONEY,
}
BASELINES = {
    "baseline_id": pl.String,
    "reference_cif": MONEY,
    "currency": pl.String,
    "price_date": pl.Date,
    "duty": pl.Float64,
    "handling_inland": MONEY,
}
DAYS = {date(2019, 3, 21): Fraction(42000), date(2020, 3, 20): Fraction(50000)}
RATES = RateTable(
    pl.DataFrame(
        {
            "base": ["USD", "USD"],
            "quote": ["IRR", "IRR"],
            "date": list(DAYS),
            "rate": [Decimal(int(rate)) for rate in DAYS.values()],
            "rate_type": ["official", "official"],
        }
    )
)
BASES = [str(basis.value) for basis in Basis]
amounts = st.decimals(0, 10**6, places=4)


def ledger_of(claims: list[dict], baselines: list[dict], currency: str = "USD") -> pl.DataFrame:
    return savings(
        pl.DataFrame(claims, schema=CLAIMS),
        pl.DataFrame(baselines, schema=BASELINES),
        rates=RATES,
        currency=currency,
        rate_type="official",
    )


BASELINE = {
    "baseline_id": "B",
    "reference_cif": Decimal(10),
    "currency": "USD",
    "price_date": date(2019, 3, 21),
    "duty": 0.05,
    "handling_inland": Decimal(1),
}
CLAIM = {
    "claim_id": "C",
    "basis": "verified",
    "quantity": Decimal(100),
    "baseline_id": "B",
    "imported_content": Decimal(4),
    "domestic_price": Decimal(420_000),
    "domestic_currency": "IRR",
}


def only(claim: dict, baseline: dict = BASELINE, currency: str = "USD") -> tuple:
    row = ledger_of([claim], [baseline], currency).row(0, named=True)
    return row["net_currency_saved"], row["cost_effect"]


def test_the_two_savings_by_hand():
    # 100 x (10 - 4); 100 x (10 x 1.05 + 1 - 420,000 / 42,000)
    assert only(CLAIM) == (600, 150)
    assert only(CLAIM, currency="IRR") == (600 * 42000, 150 * 42000)


def test_the_rate_is_that_of_the_baselines_price_date():
    later = BASELINE | {"price_date": date(2020, 3, 20)}
    assert only(CLAIM, later, "IRR") == (600 * 50000, 100 * (11.5 * 50000 - 420_000))


def test_a_home_made_good_that_costs_more_than_its_import_has_a_negative_effect():
    saved, effect = only(CLAIM | {"domestic_price": Decimal(840_000)})
    assert (saved, effect) == (600, -850)


def test_imported_content_above_the_import_price_loses_currency():
    assert only(CLAIM | {"imported_content": Decimal(12)})[0] == -200


def test_imported_content_that_is_not_given_counts_as_the_whole_price():
    assert only(CLAIM | {"imported_content": None}) == (0, 150)
    assert only(CLAIM | {"imported_content": None, "domestic_price": None}) == (None, None)


def test_what_is_not_known_is_not_zero():
    assert only(CLAIM | {"domestic_price": None}) == (600, None)


def test_duty_and_handling_that_are_not_given_count_as_none():
    assert only(CLAIM, BASELINE | {"duty": None, "handling_inland": None}) == (600, 0)


def test_lump_sums_are_not_computed():
    lump = {"claim_id": "L", "basis": "announced", "stated_amount": Decimal(245)}
    found = ledger_of([lump, CLAIM], [BASELINE])
    assert found["claim_id"].to_list() == ["C"]


def test_a_baseline_that_is_not_there_is_named():
    with pytest.raises(AccountError, match=r"C \(B9\)"):
        ledger_of([CLAIM | {"baseline_id": "B9"}], [BASELINE])


def test_no_rate_no_saving():
    with pytest.raises(MissingRate, match="2015"):
        ledger_of([CLAIM], [BASELINE | {"price_date": date(2015, 1, 1)}])


def test_one_currency_needs_no_rates():
    none = RateTable(
        pl.DataFrame(
            schema={
                "base": pl.String,
                "quote": pl.String,
                "date": pl.Date,
                "rate": MONEY,
                "rate_type": pl.String,
            }
        )
    )
    found = savings(
        pl.DataFrame([CLAIM | {"domestic_currency": "USD"}], schema=CLAIMS),
        pl.DataFrame([BASELINE], schema=BASELINES),
        rates=none,
        currency="USD",
        rate_type="official",
    )
    assert found["net_currency_saved"].to_list() == [600]


@st.composite
def ledgers(draw):
    baselines = [
        {
            "baseline_id": f"B{n}",
            "reference_cif": draw(amounts),
            "currency": draw(st.sampled_from(["USD", "IRR"])),
            "price_date": draw(st.sampled_from(sorted(DAYS))),
            "duty": draw(st.sampled_from([None, 0.0, 0.04, 0.125])),
            "handling_inland": draw(st.none() | amounts),
        }
        for n in range(draw(st.integers(1, 3)))
    ]
    claims = [
        {
            "claim_id": f"C{n}",
            "sector": draw(st.sampled_from(["steel", "copper", None])),
            "basis": draw(st.sampled_from(BASES)),
            "quantity": draw(st.decimals(0, 10**5, places=3)),
            "baseline_id": draw(st.sampled_from(baselines))["baseline_id"],
            "imported_content": draw(st.none() | amounts),
            "domestic_price": draw(amounts),
            "domestic_currency": draw(st.sampled_from(["USD", "IRR"])),
        }
        for n in range(draw(st.integers(0, 8)))
    ]
    return claims, baselines


@settings(max_examples=200, deadline=None)
@given(ledgers())
def test_every_claim_agrees_with_exact_fractions(drawn):
    claims, baselines = drawn
    frozen = {row["baseline_id"]: row for row in baselines}
    for claim, row in zip(claims, ledger_of(claims, baselines).to_dicts(), strict=True):
        base = frozen[claim["baseline_id"]]
        in_usd = {"USD": Fraction(1), "IRR": 1 / DAYS[base["price_date"]]}
        quantity = Fraction(claim["quantity"])
        own, home = in_usd[base["currency"]], in_usd[claim["domestic_currency"]]
        cif = Fraction(base["reference_cif"]) * own
        domestic = Fraction(claim["domestic_price"]) * home
        given_content = claim["imported_content"]
        content = domestic if given_content is None else Fraction(given_content) * own
        duty = Fraction(str(base["duty"] or 0))
        parity = cif * (1 + duty) + Fraction(base["handling_inland"] or 0) * own
        near = 5e-6
        saved, effect = row["net_currency_saved"], row["cost_effect"]
        assert abs(Fraction(saved) - quantity * (cif - content)) <= near
        assert abs(Fraction(effect) - quantity * (parity - domestic)) <= near


@settings(max_examples=100, deadline=None)
@given(ledgers(), st.randoms(use_true_random=False))
def test_every_claim_counts_once_in_any_order(drawn, random):
    claims, baselines = drawn
    ledger = ledger_of(claims, baselines)
    whole = by_basis(ledger)
    assert whole["basis"].to_list() == BASES
    assert whole["claims"].sum() == len(claims)
    assert whole["net_currency_saved"].sum() == sum(ledger["net_currency_saved"], Decimal(0))
    assert whole["cost_effect"].sum() == sum(ledger["cost_effect"], Decimal(0))

    sectors = by_basis(ledger, ["sector"])
    assert sectors.height == 7 * ledger["sector"].n_unique()
    for row in sectors.to_dicts():
        own = [
            claim["net_currency_saved"]
            for claim in ledger.to_dicts()
            if (claim["sector"], claim["basis"]) == (row["sector"], row["basis"])
        ]
        assert (row["claims"], row["net_currency_saved"]) == (len(own), sum(own, Decimal(0)))

    places = list(range(ledger.height))
    random.shuffle(places)
    shuffled = ledger[places]
    assert by_basis(shuffled).equals(whole)
    assert by_basis(shuffled, ["sector"]).equals(sectors)


def test_the_bases_that_nobody_claims_are_there_with_zero():
    found = by_basis(ledger_of([CLAIM], [BASELINE]))
    assert dict(found.select("basis", "claims").rows()) == dict.fromkeys(BASES, 0) | {"verified": 1}


def test_a_cost_effect_that_is_not_known_is_counted_as_such():
    claims = [CLAIM, CLAIM | {"claim_id": "D", "domestic_price": None}]
    row = by_basis(ledger_of(claims, [BASELINE])).filter(basis="verified").row(0, named=True)
    assert (row["claims"], row["without_cost_effect"], row["cost_effect"]) == (2, 1, 150)


def test_a_claim_given_twice_is_refused():
    with pytest.raises(AccountError, match="counted twice: C"):
        by_basis(ledger_of([CLAIM, CLAIM], [BASELINE]))


@pytest.mark.parametrize("basis", ["signed", None])
def test_a_basis_off_the_ladder_is_refused(basis):
    with pytest.raises(AccountError, match=r"C \("):
        by_basis(ledger_of([CLAIM | {"basis": basis}], [BASELINE]))


@settings(max_examples=100, deadline=None)
@given(ledgers())
def test_a_saving_is_the_same_in_either_currency_there_and_back(drawn):
    claims, baselines = drawn
    frozen = {row["baseline_id"]: row for row in baselines}
    dollars, rials = (ledger_of(claims, baselines, currency) for currency in ("USD", "IRR"))
    for claim, usd, irr in zip(claims, dollars.to_dicts(), rials.to_dicts(), strict=True):
        rate = DAYS[frozen[claim["baseline_id"]]["price_date"]]
        for saved in ("net_currency_saved", "cost_effect"):
            assert abs(Fraction(usd[saved]) * rate - Fraction(irr[saved])) <= rate * Fraction(
                1, 10**5
            )
