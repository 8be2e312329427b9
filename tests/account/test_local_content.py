"""Declarations: reckoned by the formula they name, checked, and refused with what would mend it."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import AccountError, formulas, local_content, read_formula
from onshore.figures import RateTable

MONEY = pl.Decimal(38, 6)
DECLARATION = {
    "declaration_id": "D1",
    "offer_id": "O1",
    "formula": "neutral",
    "formula_version": "2026-01-01",
    "local_content": 0.6,
    "assembly_id": None,
    "rates_on": None,
    "declared_on": date(2026, 2, 1),
}
TYPES = {
    "declaration_id": pl.String,
    "offer_id": pl.String,
    "formula": pl.String,
    "formula_version": pl.String,
    "local_content": pl.Float64,
    "assembly_id": pl.String,
    "rates_on": pl.Date,
    "declared_on": pl.Date,
}
BILL = pl.DataFrame(
    {
        "assembly_id": ["pump", "pump", "motor", "loop"],
        "part_id": ["bearing", "motor", "copper", "loop"],
        "quantity": [Decimal(2), Decimal(1), Decimal(3), Decimal(1)],
        "unit_price": [Decimal(10), Decimal(90), Decimal(5), None],
        "currency": ["USD", "EUR", "EUR", None],
        "origin": ["DE", "IR", None, None],
    }
)
RATES = RateTable(
    pl.DataFrame(
        {
            "base": ["USD", "USD"],
            "quote": ["EUR", "EUR"],
            "date": [date(2026, 1, 20), date(2025, 12, 1)],
            "rate": [Decimal("0.9"), Decimal("0.8")],
            "rate_type": ["official", "official"],
            "source": ["a bank", "a bank"],
        }
    )
)
NO_BILL = pl.DataFrame()


def amounts(*rows, declaration="D1") -> pl.DataFrame:
    told = [(declaration, name, Decimal(str(n)), currency) for name, n, currency in rows]
    schema = {"declaration_id": pl.String, "component": pl.String}
    return pl.DataFrame(told, schema | {"amount": MONEY, "currency": pl.String}, orient="row")


TWO = amounts(("value", 1000, "EUR"), ("imported", 400, "EUR"))


def judged(given=TWO, bill=NO_BILL, *, rates=None, offers=None, among=None, **changed) -> dict:
    declared = pl.DataFrame([DECLARATION | changed], schema=TYPES)
    kind = "official" if rates else None
    found = local_content(
        declared,
        given,
        bill,
        home="IR",
        rates=rates,
        rate_type=kind,
        offers=offers,
        among=among,
    )
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        (0.6, "agrees"),
        (0.605, "agrees"),
        (0.595, "agrees"),
        (0.6051, "overstated"),
        (0.5949, "understated"),
        (1.0, "overstated"),
        (0.0, "understated"),
        (None, "computed"),
    ],
)
def test_a_declaration_is_set_beside_what_its_parts_make(declared, verdict):
    row = judged(local_content=declared)
    assert (row["content"], row["verdict"]) == (0.6, verdict)
    assert (row["formula"], row["version"]) == ("neutral", "2026-01-01")
    assert row["title"] == "Value less imports"
    assert "onshore" in row["source"]
    assert row["working"] == "(value - imported) / value: value 1000 EUR, imported 400 EUR"


@pytest.mark.parametrize("declared", [1.01, -0.01, 60.0, float("nan"), float("inf")])
def test_a_share_above_the_whole_or_below_nothing_is_refused(declared):
    row = judged(local_content=declared)
    assert row["verdict"] == "refused"
    assert "declares a local content of" in row["reason"]
    assert "0 to 100 %" in row["next_step"]
    assert row["content"] is None


def test_nothing_to_reckon_from_is_unproved():
    row = judged(amounts(("value", 1, "EUR"), declaration="another"))
    assert row["verdict"] == "unproved"
    assert "declaration_amounts" in row["next_step"]


def test_imports_come_through_the_bill_and_the_value_from_the_offer():
    # 2 bearings at 10 USD and 3 kg of copper at 5 EUR of unknown origin: at 0.9 EUR, 33 EUR.
    offers = pl.DataFrame({"offer_id": ["O1"], "price": [Decimal(132)], "currency": ["EUR"]})
    row = judged(amounts(), BILL, offers=offers, rates=RATES, assembly_id="pump")
    assert row["content"] == 0.75
    assert (row["imported"], row["unknown_origin"]) == (Decimal(33), Decimal(15))
    assert row["currency"] == "EUR"
    stated = judged(
        amounts(("value", 66, "EUR")), BILL, offers=offers, rates=RATES, assembly_id="pump"
    )
    assert stated["content"] == 0.5


def test_the_rate_is_of_the_day_named_for_it():
    given = amounts(("value", 100, "EUR"), ("imported", 50, "USD"))
    assert judged(given, rates=RATES)["content"] == 0.55
    assert judged(given, rates=RATES, rates_on=date(2025, 12, 5))["content"] == 0.6


def test_a_formula_with_a_currency_is_reckoned_in_it():
    # A tender in rand with parts in dollars, at the rate of the day it was advertised.
    rand = RateTable(
        pl.DataFrame(
            {
                "base": ["USD"],
                "quote": ["ZAR"],
                "date": [date(2020, 8, 5)],
                "rate": [Decimal("17.5")],
                "rate_type": ["official"],
                "source": ["South African Reserve Bank"],
            }
        )
    )
    row = judged(
        amounts(("value", 100, "USD"), ("imported", 700, "ZAR")),
        rates=rand,
        formula="south-africa-sats-1286",
        formula_version="2011",
        rates_on=date(2020, 8, 5),
        declared_on=date(2020, 9, 30),
    )
    assert (row["currency"], row["content"]) == ("ZAR", 0.6)


@pytest.mark.parametrize(
    ("given", "changed", "told"),
    [
        (TWO, {"formula": "neutrall"}, "no formula 'neutrall'"),
        (TWO, {"formula_version": "2025"}, "neutral has no version 2025"),
        (TWO, {"formula": None}, "names no formula"),
        (TWO, {"formula_version": None}, "no version"),
        (
            TWO,
            {"formula": "india-ppp-mii", "formula_version": "2020-09-16"},
            "was not in effect on 2026-02-01",
        ),
        (amounts(("value", 10, "EUR")), {}, "asks for imported"),
        (amounts(("value", 0, "EUR"), ("imported", 0, "EUR")), {}, "divides by value"),
        (pl.concat([TWO, amounts(("freight", 1, "EUR"))]), {}, "has no component freight"),
        (pl.concat([TWO, amounts(("value", 1, "EUR"))]), {}, "component value is listed twice"),
        (amounts(("value", 10, "EUR"), ("imported", -1, "EUR")), {}, "imported is below 0"),
        (amounts(("value", 10, "EUR"), ("imported", 1, None)), {}, "imported has no currency"),
        (amounts(("value", 10, "EUR"), ("imported", 1, "USD")), {}, "no rate is given"),
        (amounts(("value", 10, "EUR"), ("imported", 11, "EUR")), {}, "local content of -10 %"),
        (amounts(("value", 1e27, "EUR"), ("imported", 1, "EUR")), {}, "more than can be reckoned"),
        (
            amounts(("value", 10, "EUR"), ("originating", 5, "EUR")),
            {"assembly_id": "pump", "formula": "rvc-build-up", "formula_version": "2004"},
            "takes nothing from a bill of materials",
        ),
        (TWO, {"assembly_id": "pump"}, "imported is stated and follows from the bill"),
        (amounts(("value", 10, "EUR")), {"assembly_id": "pmup"}, "pmup has no line"),
        (amounts(("value", 10, "EUR")), {"assembly_id": "loop"}, "in a circle: loop > loop"),
    ],
)
def test_what_cannot_be_reckoned_is_refused_with_the_next_step(given, changed, told):
    row = judged(given, BILL, **changed)
    assert row["verdict"] == "refused"
    assert told in row["reason"]
    assert row["next_step"]
    assert row["content"] is None


def test_a_rate_that_is_missing_or_of_another_type_is_refused_and_named():
    given = amounts(("value", 100, "EUR"), ("imported", 50, "USD"))
    late = judged(given, rates=RATES, rates_on=date(2026, 6, 1))
    assert late["verdict"] == "refused"
    assert "USD" in late["reason"]
    declared = pl.DataFrame([DECLARATION], schema=TYPES)
    market = local_content(declared, given, NO_BILL, home="IR", rates=RATES, rate_type="market")
    assert market["verdict"].to_list() == ["refused"]
    assert "market" in market["reason"].item()
    assert "table rates" in market["next_step"].item()


def test_a_version_of_the_day_is_named_where_another_was_in_effect():
    row = judged(formula="india-ppp-mii", formula_version="2017-06-15")
    assert row["next_step"] == "Declare by the version of that day: 2024-07-19."
    sound = judged(formula="india-ppp-mii", formula_version="2024-07-19")
    assert (sound["verdict"], sound["class"]) == ("agrees", "Class-I local supplier")


def test_annex_e_has_to_add_up_to_the_local_value_of_annex_c():
    sats = {"formula": "south-africa-sats-1286", "formula_version": "2011", "local_content": None}
    parts = [("value", 1000, "ZAR"), ("imported", 400, "ZAR"), ("local_products", 350, "ZAR")]
    parts += [("manpower", 150, "ZAR"), ("overheads", 60, "ZAR")]
    sound = judged(amounts(*parts, ("administration", 40, "ZAR")), **sats)
    assert (sound["verdict"], sound["content"]) == ("computed", 0.6)
    off = judged(amounts(*parts, ("administration", 50, "ZAR")), **sats)
    assert off["verdict"] == "refused"
    assert "do not tie: 610 and 600" in off["reason"]


def test_parts_that_make_more_than_the_whole_are_refused():
    iktva = {"formula": "aramco-iktva", "formula_version": "2016", "local_content": None}
    parts = [("A", 60, "USD"), ("B", 30, "USD"), ("E", 100, "USD")]
    assert judged(amounts(*parts, ("C", 10, "USD")), **iktva)["content"] == 1.0
    over = judged(amounts(*parts, ("C", 11, "USD")), **iktva)
    assert over["verdict"] == "refused"
    assert "local content of 101 %" in over["reason"]


def test_an_incentive_is_a_share_without_currency():
    iktva = {"formula": "aramco-iktva", "formula_version": "2022", "local_content": 0.52}
    given = amounts(("A", 30, "SAR"), ("B", 20, "SAR"), ("E", 100, "SAR"), ("I", 0.02, None))
    assert "SAR and USD" in judged(given, **iktva)["reason"]
    dollars = given.with_columns(currency=pl.col("currency").replace("SAR", "USD"))
    row = judged(dollars, **iktva)
    assert (row["verdict"], row["content"]) == ("agrees", 0.52)


def test_a_formula_of_ones_own_may_be_declared_by():
    text = """
    name = "ours"
    version = 2026-01-15
    title = "Half of services counts"
    issuer = "The agency"
    above = { value = 1, imported = -1, services = -0.5 }
    below = { value = 1 }
    components.value = { meaning = "Price." }
    components.imported = { meaning = "Imports." }
    components.services = { meaning = "Services from abroad.", required = false }
    sources = [{ title = "Circular 12" }]
    """
    own = formulas([read_formula(text, "ours.toml")])
    given = pl.concat([TWO, amounts(("services", 200, "EUR"))])
    row = judged(given, among=own, formula="ours", formula_version="2026-01-15")
    assert (row["content"], row["source"]) == (0.5, "Circular 12")


def test_each_declaration_stands_by_itself_in_its_order():
    ids = ["D3", "D1", "D2"]
    declared = pl.DataFrame([DECLARATION | {"declaration_id": d} for d in ids], schema=TYPES)
    found = local_content(declared, TWO, NO_BILL, home="IR")
    assert found["declaration_id"].to_list() == ids
    assert found["verdict"].to_list() == ["unproved", "agrees", "unproved"]
    assert local_content(declared.clear(), TWO, NO_BILL, home="IR").height == 0
    with pytest.raises(AccountError, match="declarations has no column formula"):
        local_content(declared.drop("formula"), TWO, NO_BILL, home="IR")


money = st.decimals("0", "1e12", places=6, allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(st.decimals("0.01", "1e12", places=6, allow_nan=False), money, money)
def test_content_lies_between_nothing_and_all_and_falls_as_imports_rise(value, one, other):
    less, more = sorted((one, other))
    rows = [
        judged(amounts(("value", value, "EUR"), ("imported", n, "EUR")), local_content=None)
        for n in (less, more)
    ]
    for row, imported in zip(rows, (less, more), strict=True):
        assert (row["verdict"] == "refused") == (imported > value)
        if row["content"] is not None:
            assert 0 <= row["content"] <= 1
            assert row["content"] == pytest.approx(float(1 - imported / value), abs=1e-12)
    if rows[1]["content"] is not None:
        assert rows[0]["content"] >= rows[1]["content"]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)), st.permutations(range(3)))
def test_the_order_of_rows_changes_nothing(lines, parts):
    given = amounts(("A", 30, "EUR"), ("B", 20, "USD"), ("E", 100, "EUR"))
    iktva = {"formula": "aramco-iktva", "formula_version": "2016", "local_content": None}
    assert judged(given[parts], rates=RATES, **iktva) == judged(given, rates=RATES, **iktva)
    priced = amounts(("value", 132, "EUR"))
    told = {"assembly_id": "pump", "rates": RATES}
    assert judged(priced, BILL[lines], **told) == judged(priced, BILL, **told)
