"""Sizes that differ lower the class, sizes that are the same in another system do not."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match import find_candidates

# Nominal pipe sizes: DN and inches (ASME B36.10M).
NOMINAL = {15: "1/2", 20: "3/4", 25: "1", 40: "1 1/2", 50: "2", 80: "3", 100: "4", 150: "6",
           200: "8", 250: "10", 300: "12", 400: "16", 500: "20"}  # fmt: skip
KINDS = {
    "DN": (
        sorted(NOMINAL),
        "Gate valve DN{} PN16",
        ["gate valve dn {} pn 16", "شیر کشویی DN{} PN16", "Задвижка Ду{} Ру16"],
    ),
    "voltage": (
        [24, 110, 230, 400, 690, 6000],
        "Contactor 40 A, coil {} V",
        ["contactor 40 A coil {}V", "کنتاکتور ۴۰ آمپر بوبین {} ولت", "Контактор 40 А катушка {} В"],
    ),
    "bearing": (
        [6204, 6205, 6206, 6305, 6306, 22212, 22216, 30206, 32210],
        "Bearing {}",
        ["bearing {}", "بلبرینگ {}", "Подшипник {}"],
    ),
    "thread": (
        [8, 10, 12, 16, 20, 24],
        "Hex bolt M{}x80",
        ["hex bolt M{} x 80", "پیچ شش‌گوش M{}×80", "Болт шестигранный М{}х80"],
    ),
    "power": (
        [1.1, 2.2, 4, 5.5, 7.5, 11, 15, 37, 110],
        "Electric motor {} kW",
        ["motor electric {} kW", "الکتروموتور {} کیلووات", "Электродвигатель {} кВт"],
    ),
}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_another_size_is_no_more_than_could_make_and_comes_after_the_right_one(data):
    sizes, offered, asked = KINDS[data.draw(st.sampled_from(sorted(KINDS)))]
    right, wrong = data.draw(st.permutations(sizes))[:2]
    found = candidates(
        data.draw(st.sampled_from(asked)).format(right),
        {"right": offered.format(right), "wrong": offered.format(wrong), "other": "Safety shoes"},
    )
    assert found["right"] in ("exact", "near")
    assert found.get("wrong", "none") in ("could make", "none")
    assert next(iter(found)) == "right"


@pytest.mark.parametrize("need", ['Gate valve {}" PN16', "شیر کشویی {} اینچ PN16"])
@pytest.mark.parametrize("bore", sorted(NOMINAL))
def test_a_bore_in_inches_is_the_same_as_its_dn(need, bore):
    others = {f"DN{size}": f"Gate valve DN{size} PN16" for size in NOMINAL}
    found = candidates(need.format(NOMINAL[bore]), others)
    assert next(iter(found)) == f"DN{bore}"
    assert [offer for offer, named in found.items() if named in ("exact", "near")] == [f"DN{bore}"]


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("electric motor 10 hp", "Electric motor 7.5 kW"),
        ("hydraulic hose 1 MPa", "Hydraulic hose 10 bar"),
        ("cable 20 kV", "Cable 20000 V"),
        ("steel sheet 0.2 cm", "Steel sheet 2 mm"),
        ("pump 60 l/min", "Pump 3.6 m3/h"),
        ("butterfly valve DN200 PN16", 'Butterfly valve 8" PN16'),
    ],
)
def test_the_same_size_in_another_unit_agrees(need, offer):
    assert candidates(need, {"offer": offer, "other": "Safety shoes"})["offer"] in ("exact", "near")


def candidates(need, offers):
    """Give the class of each candidate, in their order."""
    found = find_candidates(
        pl.DataFrame({"need_id": ["N"], "description": [need]}),
        pl.DataFrame({"offer_id": list(offers), "description": list(offers.values())}),
        top=20,
    )
    return dict(found.select("offer_id", "class").iter_rows())
