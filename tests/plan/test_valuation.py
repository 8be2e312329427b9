"""A programme's records valued, against the definition worked out row by row."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.figures import MissingRate, RateTable
from onshore.plan import PlanError, instance_from_records, make_plan, plan_table

MONEY = pl.Decimal(38, 6)
SCHEMAS = {
    "baselines": {
        "baseline_id": pl.String,
        "item_id": pl.String,
        "buyer_id": pl.String,
        "reference_cif": MONEY,
        "currency": pl.String,
        "price_date": pl.Date,
        "duty": pl.Float64,
        "handling_inland": MONEY,
        "volume": MONEY,
        "unit": pl.String,
        "frozen_on": pl.Date,
        "until": pl.Date,
    },
    "needs": {
        "need_id": pl.String,
        "item_id": pl.String,
        "buyer_id": pl.String,
        "yearly_quantity": MONEY,
        "unit": pl.String,
        "import_price": MONEY,
        "currency": pl.String,
        "incoterm": pl.String,
        "freight_insurance": MONEY,
        "required_year": pl.Int64,
        "state": pl.String,
        "hs_code": pl.String,
    },
    "items": {"item_id": pl.String, "unit": pl.String, "hs_code": pl.String},
    "offers": {
        "offer_id": pl.String,
        "maker_id": pl.String,
        "unit": pl.String,
        "price": MONEY,
        "currency": pl.String,
        "capacity_per_year": MONEY,
        "lead_months": MONEY,
        "tooling_cost": MONEY,
        "local_content": pl.Float64,
        "hs_code": pl.String,
    },
    "organisations": {"organisation_id": pl.String, "country": pl.String, "place": pl.String},
    "places": {"place_id": pl.String, "parent": pl.String, "phase": pl.Int64},
    "budgets": {"year": pl.Int64, "fund": pl.String, "amount": MONEY, "currency": pl.String},
    "candidates": {
        "need_id": pl.String,
        "offer_id": pl.String,
        "rank": pl.Int64,
        "class": pl.String,
        "decision": pl.String,
    },
    "rates": {
        "base": pl.String,
        "quote": pl.String,
        "date": pl.Date,
        "until": pl.Date,
        "rate": MONEY,
        "rate_type": pl.String,
        "source": pl.String,
        "illustrative": pl.Boolean,
    },
}
RATES = {"USD": Fraction(42000), "EUR": Fraction(47000)}
DAY = date(2020, 8, 1)


@dataclass(frozen=True)
class Programme:
    home: str = "IR"
    currency: str = "EUR"
    price_date: date = DAY
    rate_type: str = "official"
    discount_rate: Decimal = Decimal("0.08")
    first_year: int = 1403
    years: int = 3
    phases: dict[int, int] = field(default_factory=lambda: {1: 1403, 2: 1404})


PROGRAMME = Programme()


def table(name: str, *rows: dict) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMAS[name])


NEED = {
    "need_id": "N1",
    "buyer_id": "B",
    "yearly_quantity": Decimal(100),
    "unit": "KGM",
    "import_price": Decimal(10),
    "currency": "EUR",
    "incoterm": "CIF",
    "state": "published",
}
OFFER = {
    "offer_id": "O1",
    "maker_id": "M",
    "unit": "KGM",
    "price": Decimal(8),
    "currency": "EUR",
    "capacity_per_year": Decimal(1000),
    "lead_months": Decimal(13),
    "tooling_cost": Decimal(50),
    "local_content": 0.5,
}
TABLES = {
    "needs": [NEED],
    "items": [{"item_id": "I1", "unit": "TNE"}],
    "offers": [OFFER],
    "organisations": [{"organisation_id": "B"}, {"organisation_id": "M", "place": "IR-04"}],
    "places": [
        {"place_id": "IR-04", "phase": 1},
        {"place_id": "IR-07", "phase": 2},
        {"place_id": "IR-21"},
        {"place_id": "park", "parent": "IR-07"},
    ],
    "budgets": [
        {"year": 1403 + n, "fund": "F", "amount": Decimal(500), "currency": "EUR"} for n in range(3)
    ],
    "candidates": [{"need_id": "N1", "offer_id": "O1", "rank": 1, "class": "near"}],
    "rates": [
        {
            "base": base,
            "quote": "IRR",
            "date": DAY,
            "rate": Decimal(int(rate)),
            "rate_type": "official",
            "source": "S",
        }
        for base, rate in RATES.items()
    ],
}


def valued(programme: Programme = PROGRAMME, **changed: list[dict]):
    frames = {name: table(name, *rows) for name, rows in (TABLES | changed).items()}
    rates = RateTable(frames.pop("rates"))
    known = frames.pop("baselines", None)
    return instance_from_records(**frames, rates=rates, settings=programme, baselines=known)


def only(**changed) -> dict:
    found = valued(**changed)
    assert found.left_out.is_empty(), found.left_out["reason"].to_list()
    return found.valued.row(0, named=True)


def reason(**changed) -> str:
    found = valued(**changed)
    assert found.valued.is_empty()
    assert found.instance.candidates.is_empty()
    (why,) = found.left_out["reason"]
    return why


def test_the_saving_is_the_quantity_times_cif_less_imported_content():
    row = only()
    assert row["annual_saving"] == 100 * (10 - Decimal(8) / 2)
    assert (row["reference_cif"], row["imported_content"], row["tooling_cost"]) == (10, 4, 50)
    assert row["lead_years"] == ceil(13 / 12)
    assert (row["place"], row["opens"], row["needed_from"]) == ("IR-04", 0, 0)


@pytest.mark.parametrize("term", ["EXW", "FCA", "FAS", "FOB", "CFR", "CPT"])
def test_terms_without_freight_or_insurance_have_them_added(term):
    need = NEED | {"incoterm": term, "freight_insurance": Decimal("1.25")}
    assert only(needs=[need])["reference_cif"] == Decimal("11.25")
    assert term in reason(needs=[NEED | {"incoterm": term}])


@pytest.mark.parametrize("term", ["CIF", "CIP", "DAP", "DPU"])
def test_terms_that_hold_freight_and_insurance_are_taken_as_they_are(term):
    need = NEED | {"incoterm": term, "freight_insurance": Decimal("1.25")}
    assert only(needs=[need])["reference_cif"] == 10


def test_a_price_with_the_duty_in_it_is_not_a_cif_price():
    assert "duty" in reason(needs=[NEED | {"incoterm": "DDP"}])


def test_could_make_takes_a_year_more():
    candidate = TABLES["candidates"][0]
    assert only(candidates=[candidate | {"class": "exact"}])["lead_years"] == 2
    assert only(candidates=[candidate | {"class": "could make"}])["lead_years"] == 3


@pytest.mark.parametrize(("months", "years"), [(0, 0), (1, 1), (12, 1), (24, 2), (25, 3)])
def test_lead_times_are_rounded_up_to_years(months, years):
    assert only(offers=[OFFER | {"lead_months": Decimal(months)}])["lead_years"] == years


def test_need_and_offer_in_unlike_units_of_one_dimension():
    need = NEED | {"unit": None, "item_id": "I1", "import_price": Decimal(10000)}
    row = only(needs=[need], offers=[OFFER | {"capacity_per_year": Decimal(100_000)}])
    # 100 t a year at 10,000 EUR a tonne; the offer is per kilogram.
    assert row["unit"] == "TNE"
    assert row["use_per_year"] == 100_000
    assert row["domestic_price"] == 8000


def test_rates_of_the_price_date_bring_prices_to_one_currency():
    need = NEED | {"import_price": Decimal(47), "currency": "USD"}
    offer = OFFER | {
        "price": Decimal(470_000),
        "tooling_cost": Decimal(4_700_000),
        "currency": "IRR",
    }
    row = only(needs=[need], offers=[offer])
    assert row["reference_cif"] == 42
    assert row["domestic_price"] == 10
    assert row["tooling_cost"] == 100


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"candidates": {"decision": "rejected"}}, "a reviewer rejected it"),
        ({"needs": {"state": "withdrawn"}}, "the need's state is 'withdrawn'"),
        ({"needs": {"state": "contracted"}}, "already has a maker"),
        ({"needs": {"yearly_quantity": None}}, "yearly quantity"),
        ({"needs": {"yearly_quantity": Decimal(0)}}, "yearly quantity is 0"),
        ({"needs": {"unit": None}}, "says the unit"),
        ({"needs": {"unit": "H87"}}, "cannot be told in the other"),
        ({"needs": {"import_price": None}}, "import price"),
        ({"needs": {"incoterm": None}}, "delivery term"),
        ({"needs": {"currency": None}}, "no currency"),
        ({"needs": {"currency": "CNY"}}, "no official rate from CNY to EUR on 2020-08-01"),
        ({"needs": {"required_year": 1406}}, "begins in 1406"),
        ({"offers": {"maker_id": None}}, "who makes it"),
        ({"offers": {"unit": None}}, "does not say its unit"),
        ({"offers": {"price": None}}, "does not say its price"),
        ({"offers": {"currency": None}}, "does not say its currency"),
        ({"offers": {"currency": "RUB"}}, "no official rate from RUB to EUR"),
        ({"offers": {"capacity_per_year": None}}, "does not say its capacity"),
        (
            {"offers": {"capacity_per_year": Decimal(99)}},
            "capacity of 99 a year is below the 100 KGM",
        ),
        ({"offers": {"lead_months": None}}, "does not say its lead time"),
        ({"offers": {"tooling_cost": None}}, "write 0 where none is needed"),
        ({"offers": {"price": Decimal(20)}}, "it saves nothing"),
        ({"offers": {"local_content": None, "price": Decimal(11)}}, "all of it counts as imported"),
    ],
)
def test_what_is_left_out_is_listed_with_its_reason(changed, words):
    rows = {name: [TABLES[name][0] | cells] for name, cells in changed.items()}
    assert words in reason(**rows)


def test_local_content_that_is_not_said_counts_as_imported():
    row = only(offers=[OFFER | {"local_content": None}])
    assert row["imported_content"] == 8
    assert row["annual_saving"] == 200


def test_organisations_abroad_neither_save_imports_nor_make_at_home():
    buyer, maker = TABLES["organisations"]
    assert "export" in reason(organisations=[buyer | {"country": "RU"}, maker])
    assert "abroad" in reason(organisations=[buyer, maker | {"country": "RU"}])


def test_a_candidate_of_the_class_none_is_no_candidate():
    found = valued(candidates=[TABLES["candidates"][0] | {"class": "none"}])
    assert found.valued.is_empty()
    assert found.left_out.is_empty()


def test_of_offers_that_could_make_it_only_the_first_or_a_confirmed_one_is_taken():
    first = TABLES["candidates"][0] | {"class": "could make"}
    second = first | {"offer_id": "O2", "rank": 2}
    offers = [OFFER, OFFER | {"offer_id": "O2", "price": Decimal(1)}]
    assert valued(offers=offers, candidates=[first, second]).valued["offer_id"].to_list() == ["O1"]
    confirmed = second | {"decision": "confirmed"}
    found = valued(offers=offers, candidates=[first, confirmed]).valued
    assert found["offer_id"].to_list() == ["O1", "O2"]


def test_goods_of_different_chapters_are_no_match_unless_a_person_says_so():
    tables = {
        "needs": [NEED | {"item_id": "I1"}],
        "items": [{"item_id": "I1", "unit": "KGM", "hs_code": "720270"}],
        "offers": [OFFER | {"hs_code": "260112"}],
    }
    assert "different chapters, 72 and 26" in reason(**tables)
    candidate = TABLES["candidates"][0] | {"decision": "confirmed"}
    assert only(**tables, candidates=[candidate])["annual_saving"] > 0
    assert only(**tables | {"offers": [OFFER | {"hs_code": "720230"}]})["annual_saving"] > 0


def test_a_price_under_a_fifth_of_the_import_is_not_believed_until_confirmed():
    offers = [OFFER | {"price": Decimal("1.99")}]
    assert "under a fifth of the CIF price of 10" in reason(offers=offers)
    confirmed = [TABLES["candidates"][0] | {"decision": "confirmed"}]
    assert only(offers=offers, candidates=confirmed)["domestic_price"] == Decimal("1.99")
    assert only(offers=[OFFER | {"price": Decimal(2)}])["domestic_price"] == 2


@pytest.mark.parametrize(
    ("place", "phases", "opens"),
    [
        ("IR-04", {1: 1403, 2: 1404}, 0),
        ("IR-04", {1: 1400, 2: 1404}, 0),
        ("IR-07", {1: 1403, 2: 1404}, 1),
        ("park", {1: 1403, 2: 1404}, 1),
        ("IR-21", {1: 1403, 2: 1404, 3: 1405}, 2),
        (None, {1: 1403, 2: 1405}, 2),
    ],
)
def test_a_maker_opens_with_the_phase_of_its_place(place, phases, opens):
    maker = {"organisation_id": "M", "place": place}
    found = valued(Programme(phases=phases), organisations=[{"organisation_id": "B"}, maker])
    assert found.valued["opens"].to_list() == [opens]
    assert found.instance.candidates["opens"].to_list() == [opens]


def test_without_phases_no_place_has_to_wait():
    places = [{"place_id": "IR-04"}]
    assert valued(Programme(phases={}), places=places).valued["opens"].to_list() == [0]


def test_a_place_that_opens_after_the_horizon_is_left_out():
    found = valued(Programme(phases={1: 1410, 2: 1411}))
    assert "opens in 1410" in found.left_out["reason"].item()


def test_a_phase_without_a_first_year_is_an_error():
    with pytest.raises(PlanError, match="IR-07: its phase 2 has no first year"):
        valued(Programme(phases={1: 1403}))


def test_what_is_produced_before_the_need_begins_is_not_counted():
    found = valued(
        needs=[NEED | {"required_year": 1405}], offers=[OFFER | {"lead_months": Decimal(0)}]
    )
    plan = make_plan(found.instance)
    assert plan.objective == pytest.approx(600 / 1.08**2)
    assert plan_table(plan, found, PROGRAMME)["first_production_year"].to_list() == [1405]


def test_budgets_of_several_funds_and_currencies_are_added():
    budgets = [
        {"year": 1403, "fund": "A", "amount": Decimal(10), "currency": "EUR"},
        {"year": 1403, "fund": "B", "amount": Decimal(470_000), "currency": "IRR"},
        {"year": 1405, "fund": "A", "amount": Decimal(5), "currency": "EUR"},
    ]
    found = valued(budgets=budgets).instance.budgets
    assert found["amount"].to_list() == [20, 0, 5]
    assert found["discount"].to_list() == pytest.approx([1, 1 / 1.08, 1 / 1.08**2])


def test_a_programme_without_budgets_has_no_limit_on_tooling():
    found = valued(
        budgets=[], offers=[OFFER | {"tooling_cost": Decimal(10**9), "lead_months": Decimal(0)}]
    )
    assert make_plan(found.instance).starts.height == 1


def test_a_budget_that_cannot_be_used_is_an_error():
    row = TABLES["budgets"][0]
    with pytest.raises(
        PlanError, match="row 2, column year: it is outside the horizon 1403 to 1405"
    ):
        valued(budgets=[row, row | {"year": 1406}])
    with pytest.raises(MissingRate, match="CNY"):
        valued(budgets=[row | {"currency": "CNY"}])


def test_a_programme_in_one_currency_needs_no_rates():
    assert only(rates=[])["annual_saving"] == 600


def test_candidates_as_ranking_gives_them_have_no_decision_yet():
    frames = {name: table(name, *rows) for name, rows in TABLES.items()}
    frames["candidates"] = frames["candidates"].drop("decision")
    rates = RateTable(frames.pop("rates"))
    assert instance_from_records(**frames, rates=rates, settings=PROGRAMME).valued.height == 1


def test_an_empty_programme_has_an_empty_plan():
    found = valued(candidates=[])
    plan = make_plan(found.instance)
    written = plan_table(plan, found, PROGRAMME)
    assert written.is_empty()
    assert found.left_out.columns == ["need_id", "offer_id", "reason"]


def test_the_plan_is_written_in_calendar_years_and_money():
    found = valued(offers=[OFFER | {"lead_months": Decimal(12)}])
    plan = make_plan(found.instance)
    written = plan_table(plan, found, PROGRAMME)
    (row,) = written.to_dicts()
    saving = 600 / 1.08 + 600 / 1.08**2
    assert float(row.pop("expected_saving")) == pytest.approx(saving, abs=1e-6)
    assert row == {
        "need_id": "N1",
        "offer_id": "O1",
        "maker_id": "M",
        "start_year": 1403,
        "first_production_year": 1404,
        "tooling_cost": Decimal(50),
        "risk": None,
    }
    assert written.schema["expected_saving"] == MONEY


UNITS = {"KGM": Fraction(1), "TNE": Fraction(1000), "GRM": Fraction(1, 1000)}
CURRENCIES = {"EUR": Fraction(1), "USD": RATES["USD"] / RATES["EUR"], "IRR": 1 / RATES["EUR"]}
amounts = st.decimals(0, 10**6, places=3)


@st.composite
def pairs(draw):
    need = NEED | {
        "yearly_quantity": draw(st.decimals(1, 10**4, places=2)),
        "unit": draw(st.sampled_from(sorted(UNITS))),
        "import_price": draw(amounts),
        "currency": draw(st.sampled_from(sorted(CURRENCIES))),
        "incoterm": draw(st.sampled_from(["FOB", "CIF"])),
        "freight_insurance": draw(amounts),
    }
    offer = OFFER | {
        "unit": draw(st.sampled_from(sorted(UNITS))),
        "price": draw(amounts),
        "currency": draw(st.sampled_from(sorted(CURRENCIES))),
        "capacity_per_year": Decimal(10**12),
        "local_content": draw(st.sampled_from([None, 0.0, 0.25, 0.5, 1.0])),
    }
    return need, offer


@settings(max_examples=100, deadline=None)
@given(st.lists(pairs(), min_size=1, max_size=4))
def test_values_agree_with_exact_fractions_row_by_row(drawn):
    needs = [need | {"need_id": f"N{n}"} for n, (need, _) in enumerate(drawn)]
    offers = [offer | {"offer_id": f"O{n}"} for n, (_, offer) in enumerate(drawn)]
    candidates = [
        {"need_id": f"N{n}", "offer_id": f"O{n}", "rank": 1, "class": "near"}
        for n in range(len(drawn))
    ]
    found = valued(needs=needs, offers=offers, candidates=candidates)
    rows = {row["need_id"]: row for row in found.valued.to_dicts()}
    for need, offer in zip(needs, offers, strict=True):
        freight = need["freight_insurance"] if need["incoterm"] == "FOB" else 0
        cif = Fraction(need["import_price"] + freight) * CURRENCIES[need["currency"]]
        per_need = UNITS[need["unit"]] / UNITS[offer["unit"]]
        price = Fraction(offer["price"]) * per_need * CURRENCIES[offer["currency"]]
        imported = price * (1 - Fraction(offer["local_content"] or 0))
        quantity = Fraction(need["yearly_quantity"])
        saving = float(quantity * (cif - imported))
        # Every price is rounded to a millionth before it is multiplied by the quantity.
        near = float(quantity) * 3e-6
        row = rows.get(need["need_id"])
        if row is None:
            assert saving <= near or price * 5 <= cif + Fraction(1, 10**5)
        else:
            assert float(row["annual_saving"]) == pytest.approx(saving, abs=near)
            assert row["annual_saving"] > 0
            assert float(row["use_per_year"]) == pytest.approx(float(quantity * per_need), abs=1e-6)
    assert found.valued.height + found.left_out.height == len(drawn)


def test_the_cost_effect_is_what_the_buyer_pays_less_than_at_import_parity():
    baseline = {
        "baseline_id": "B1", "item_id": "I1", "buyer_id": "B", "currency": "EUR", "unit": "KGM",
        "reference_cif": Decimal(9), "duty": 0.1, "handling_inland": Decimal(2), "volume": 1,
        "frozen_on": DAY, "price_date": DAY,
    }  # fmt: skip
    need = NEED | {"item_id": "I1", "buyer_id": "B"}
    row = only(needs=[need], baselines=[baseline])
    per_need = UNITS[row["unit"]] / UNITS["KGM"]
    parity = Fraction(row["reference_cif"]) * Fraction(11, 10) + 2 * per_need * CURRENCIES["EUR"]
    assert float(row["import_parity"]) == pytest.approx(float(parity))
    effect = Fraction(row["yearly_quantity"]) * (parity - Fraction(row["domestic_price"]))
    assert float(row["cost_effect"]) == pytest.approx(float(effect))
    # Another buyer's baseline, one that has expired, an older one: none of them counts.
    others = [
        baseline | {"baseline_id": "B2", "buyer_id": "M", "duty": 0.5},
        baseline | {"baseline_id": "B3", "until": DAY - timedelta(days=1), "duty": 0.6},
        baseline | {"baseline_id": "B4", "frozen_on": DAY - timedelta(days=9), "duty": 0.7},
    ]
    assert only(needs=[need], baselines=[*others, baseline])["cost_effect"] == row["cost_effect"]
    unknown = only(needs=[need], baselines=others[:2])
    assert unknown["duty"] is None
    assert unknown["import_parity"] == unknown["reference_cif"]
    plan = make_plan(valued(needs=[need], baselines=[baseline]).instance)
    years = plan.starts["value"].item() / float(row["annual_saving"])
    assert plan.starts["cost_effect_value"].item() == pytest.approx(
        years * float(row["cost_effect"])
    )
