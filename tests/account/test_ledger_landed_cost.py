"""Import parity by delivery term, against the parts that the price was made of."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import AccountError, incoterms, landed_cost, savings
from onshore.figures import MissingRate, RateTable

DAY = date(2020, 8, 1)
RATES = RateTable(
    pl.DataFrame(
        {
            "base": ["USD", "USD"],
            "quote": ["IRR", "IRR"],
            "date": [DAY, DAY],
            "rate": [Decimal(42_000), Decimal(220_000)],
            "rate_type": ["official", "market"],
        }
    )
)
TERMS = ["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"]
# Goods at the seller's gate for 100 USD: 4 to get on board, 7 of freight, 1 of insurance make a
# CIF of 112. Duty of 10 % of it, VAT of 9 % on both, and 6 USD from the port to the buyer.
PARTS = {
    "currency": "USD",
    "price_date": DAY,
    "origin_charges": Decimal(4),
    "freight": Decimal(7),
    "insurance": Decimal(1),
    "handling_inland": Decimal(6),
    "duty": 0.1,
}
PRICES = {
    "EXW": "100",
    "FCA": "100",
    "FAS": "100",
    "FOB": "104",
    "CFR": "111",
    "CPT": "111",
    "CIF": "112",
    "CIP": "112",
    "DAP": "118",
    "DPU": "118",
    "DDP": "129.2",
}
SCHEMA = {
    **dict.fromkeys(
        ("reference_cif", "import_price", "origin_charges", "freight", "insurance"),
        pl.Decimal(38, 6),
    ),
    "handling_inland": pl.Decimal(38, 6),
    **dict.fromkeys(("incoterm", "delivered_to", "currency", "duty_base"), pl.String),
    "local_currency": pl.String,
    "price_date": pl.Date,
    "duty": pl.Float64,
    "vat": pl.Float64,
    "vat_recoverable": pl.Boolean,
}


def landed(currency="USD", rate_type="official", **price) -> dict:
    frame = pl.DataFrame([PARTS | price], schema=SCHEMA)
    found = landed_cost(frame, rates=RATES, currency=currency, rate_type=rate_type)
    return found.row(0, named=True)


@pytest.mark.parametrize("term", TERMS)
def test_one_good_has_one_parity_by_whatever_term_it_is_quoted(term):
    row = landed(incoterm=term, import_price=Decimal(PRICES[term]))
    assert row["cif"] == 112
    assert row["duty_paid"] == Decimal("11.2")
    assert row["import_parity"] == Decimal("129.2")


@pytest.mark.parametrize(
    ("term", "added", "taken_off"),
    [
        ("EXW", "origin_charges, freight, insurance", ""),
        ("FOB", "freight, insurance", ""),
        ("CFR", "insurance", ""),
        ("CIF", "", ""),
        ("CIP", "", ""),
        ("DAP", "", "handling_inland"),
        ("DDP", "", "handling_inland, duty"),
    ],
)
def test_what_was_added_and_taken_off_is_told(term, added, taken_off):
    row = landed(incoterm=term, import_price=Decimal(PRICES[term]))
    assert (row["added"], row["taken_off"]) == (added, taken_off)


def test_the_table_of_terms_agrees_with_what_is_done():
    held = {row["incoterm"]: row for row in incoterms().to_dicts()}
    assert list(held) == TERMS
    for term in TERMS:
        row = landed(incoterm=term, import_price=Decimal(PRICES[term]))
        for part in ("origin_charges", "freight", "insurance"):
            assert (part in row["added"]) is not held[term][part]
        for part in ("handling_inland", "duty"):
            assert (part in row["taken_off"]) is held[term][part]


@pytest.mark.parametrize("term", ["CPT", "CIP", "DAP", "DPU", "DDP"])
def test_a_named_place_is_the_port_or_the_buyers(term):
    at_port = Decimal(PRICES[term]) - (6 if term in ("DAP", "DPU", "DDP") else 0)
    row = landed(incoterm=term, import_price=at_port, delivered_to="port")
    assert row["import_parity"] == Decimal("129.2")
    row = landed(incoterm=term, import_price=at_port + 6, delivered_to="buyer")
    assert row["import_parity"] == Decimal("129.2")


def test_duty_is_of_the_fob_value_where_a_programme_says_so():
    row = landed(incoterm="FOB", import_price=Decimal(104), duty_base="FOB")
    assert (row["cif"], row["duty_paid"]) == (112, Decimal("10.4"))
    paid = landed(incoterm="DDP", import_price=Decimal("128.4"), duty_base="FOB")
    assert (paid["cif"], paid["duty_paid"]) == (112, Decimal("10.4"))


def test_vat_counts_where_it_cannot_be_recovered():
    cif = {"incoterm": "CIF", "import_price": Decimal(112), "vat": 0.09}
    assert landed(**cif)["import_parity"] == Decimal("129.2")
    lost = landed(**cif, vat_recoverable=False)
    assert lost["vat_paid"] == Decimal("11.088")  # 9 % of 112 + 11.2
    assert lost["import_parity"] == Decimal("140.288")
    ddp = {"incoterm": "DDP", "import_price": Decimal("140.288"), "vat": 0.09}
    assert abs(landed(**ddp)["import_parity"] - Decimal("129.2")) < Decimal("1e-5")


def test_the_rate_is_that_of_the_day_and_type_and_home_charges_are_home_money():
    price = {"incoterm": "CIF", "import_price": Decimal(112)}
    home = price | {"handling_inland": Decimal(252_000), "local_currency": "IRR"}
    for rate_type, rate in (("official", 42_000), ("market", 220_000)):
        row = landed("IRR", rate_type, **home)
        assert row["import_parity"] == Decimal("123.2") * rate + 252_000
    with pytest.raises(MissingRate, match="It has: market, official"):
        landed("IRR", "customs", **price)
    with pytest.raises(MissingRate, match="2019"):
        landed("IRR", **price, price_date=date(2019, 1, 1))


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ({"incoterm": "EXW", "origin_charges": None}, "its EXW price needs origin_charges"),
        ({"incoterm": "FAS", "freight": None}, "its FAS price needs freight"),
        ({"incoterm": "CPT", "insurance": None}, "its CPT price needs insurance"),
        ({"incoterm": "DAP", "handling_inland": None}, "its DAP price needs handling_inland"),
        ({"incoterm": "DDP", "duty": None}, "its DDP price needs duty"),
        ({"incoterm": "CIF", "duty_base": "FOB", "freight": None}, "its CIF price needs freight"),
        ({"incoterm": None}, "has no delivery term"),
        ({"incoterm": "FOB", "delivered_to": "buyer"}, "names no place at home"),
        ({"incoterm": "CIF", "reference_cif": Decimal(1)}, "both a CIF price and an import price"),
        ({"import_price": None}, "neither a CIF price nor an import price"),
        ({"incoterm": "DAP", "handling_inland": Decimal(100)}, "are all of the price"),
    ],
)
def test_a_price_that_cannot_be_brought_to_the_door_is_refused(price, reason):
    with pytest.raises(AccountError, match=reason):
        landed(**({"import_price": Decimal(100)} | price))


def test_a_saving_is_measured_against_the_parity_of_its_term():
    claims = pl.DataFrame(
        {
            "claim_id": ["C"],
            "baseline_id": ["B"],
            "quantity": [Decimal(1000)],
            "imported_content": [Decimal(40)],
            "domestic_price": [Decimal(135)],
            "domestic_currency": ["USD"],
        }
    )
    for term in TERMS:
        price = PARTS | {"incoterm": term, "import_price": Decimal(PRICES[term])}
        baseline = pl.DataFrame([price], schema=SCHEMA).with_columns(baseline_id=pl.lit("B"))
        found = savings(claims, baseline, rates=RATES, currency="USD", rate_type="official")
        assert found["net_currency_saved"].item() == 72_000  # 1000 x (112 - 40)
        assert found["cost_effect"].item() == -5_800  # 1000 x (129.2 - 135): dearer, and kept


money = st.decimals(Decimal("0.01"), 10_000, places=3)


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"fob": money, "freight": money, "insurance": money, "inland": money, "origin": money}
    ),
    st.sampled_from(TERMS),
    st.sampled_from([0.0, 0.04, 0.26]),
    st.sampled_from([None, "CIF", "FOB"]),
    st.sampled_from([None, True, False]),
)
def test_there_and_back_through_any_term(parts, term, duty, base, recoverable):
    """A price built up from its parts by a term comes back to the same CIF and parity."""
    part = {name: Fraction(amount) for name, amount in parts.items()}
    rate, vat = Fraction(str(duty)), Fraction("0.09")
    cif = part["fob"] + part["freight"] + part["insurance"]
    due = rate * (part["fob"] if base == "FOB" else cif)
    tax = vat * (cif + due)
    price = {
        "FOB": part["fob"],
        "CFR": part["fob"] + part["freight"],
        "CPT": part["fob"] + part["freight"],
        "CIF": cif,
        "CIP": cif,
        "DAP": cif + part["inland"],
        "DPU": cif + part["inland"],
        "DDP": cif + part["inland"] + due + tax,
    }.get(term, part["fob"] - part["origin"])
    quoted = Decimal(round(price * 10**6)).scaleb(-6)
    if quoted <= 0:
        return
    row = landed(
        incoterm=term,
        import_price=quoted,
        origin_charges=parts["origin"],
        freight=parts["freight"],
        insurance=parts["insurance"],
        handling_inland=parts["inland"],
        duty=duty,
        duty_base=base,
        vat=0.09,
        vat_recoverable=recoverable,
    )
    near = Fraction(1, 10**5)
    assert abs(Fraction(row["cif"]) - cif) <= near
    assert abs(Fraction(row["duty_paid"]) - due) <= near
    whole = cif + due + part["inland"] + (tax if recoverable is False else 0)
    assert abs(Fraction(row["import_parity"]) - whole) <= near
