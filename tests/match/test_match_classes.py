"""Classes: what agrees, what conflicts, and when nobody is found."""

import json

import polars as pl
import pytest

from onshore.match import find_candidates

FILLER = [
    "Roller chain 16B-1",
    "Refractory castable 60 % alumina",
    "Cable 3x2.5 mm2",
    "V belt SPB 2650",
    "Graphite gasket",
]


def only(need, offer):
    """Give the candidate row of one need for one offer, among offers of other things."""
    needs = pl.DataFrame({"need_id": ["N"], "description": [need]})
    offers = pl.DataFrame(
        {
            "offer_id": ["the one", *(f"filler {i}" for i in range(len(FILLER)))],
            "description": [offer, *FILLER],
        }
    )
    found = find_candidates(needs, offers, top=10).filter(pl.col("offer_id") == "the one")
    return found.row(0, named=True)


AGREEING = [
    ("Butterfly valve DN200 PN16", "Butterfly valve, wafer, DN 200, PN 16"),
    ("Butterfly valve DN200", "Butterfly valve 8 inch"),
    ('Butterfly valve 8"', "Butterfly valve DN200"),
    ("Electric motor 75 kW 400 V", "Electric motor 75kW, 380 V"),
    ("Electric motor 75 kW", "Electric motor 100 HP"),
    ("Electric motor 7,5 kW", "الکتروموتور ۷/۵ کیلووات"),
    ("Электродвигатель 7,5 кВт", "Electric motor 7.5 kW"),
    ("Pressure gauge 0-10 bar", "Pressure gauge 0…1 MPa"),
    ("Hydraulic hose 1 1/2 inch", 'Hydraulic hose 1.5"'),
    ("Refractory brick 230x114x64", "Refractory brick 230 × 114 × 64 mm"),
    ("Gate valve class 300", "gate valve 300#"),
]
CONFLICTING = [
    ("Butterfly valve DN200 PN16", "Butterfly valve DN250 PN16"),
    ("Butterfly valve DN200", "Butterfly valve 10 inch"),
    ("شیر پروانه‌ای DN۲۰۰", "شیر پروانه‌ای DN۲۵۰"),
    ("Gate valve DN100 PN16", "Gate valve DN100 PN40"),
    ("Electric motor 75 kW 400 V", "Electric motor 75 kW 690 V"),
    ("الکتروموتور ۷۵ کیلووات", "الکتروموتور ۹۰ کیلووات"),
    ("Электродвигатель 75 кВт", "Electric motor 90 kW"),
    ("Deep groove ball bearing 6205", "Deep groove ball bearing 6206"),
    ("Ball bearing 6205-2RS", "Ball bearing 6206-2RS"),
    ("Roller bearing NU205", "Roller bearing NU206"),
    ("Hex bolt M16x80", "Hex bolt M20x80"),
    ("Hex bolt M16x80", "Hex bolt M16x100"),
    ("Stainless steel sheet 304L", "Stainless steel sheet 316L"),
    ("Refractory brick 230x114x64", "Refractory brick 230x114x76"),
    ("Rubber lining 60 shore, 10 mm", "Rubber lining 60 shore, 12 mm"),
]


@pytest.mark.parametrize(("need", "offer"), AGREEING)
def test_sizes_that_agree_in_other_words_are_at_least_near(need, offer):
    found = only(need, offer)
    assert "differ" not in json.loads(found["reasons"])
    assert found["class"] in ("exact", "near")


@pytest.mark.parametrize(("need", "offer"), CONFLICTING)
def test_a_conflicting_size_is_never_above_could_make(need, offer):
    found = only(need, offer)
    assert json.loads(found["reasons"])["differ"]
    assert found["class"] in ("could make", "none")


@pytest.mark.parametrize(("need", "offer"), CONFLICTING)
def test_the_agreeing_line_comes_before_the_conflicting_one(need, offer):
    offers = pl.DataFrame({"offer_id": ["A", "B"], "description": [offer, need]})
    needs = pl.DataFrame({"need_id": ["N"], "description": [need]})
    assert find_candidates(needs, offers)["offer_id"][0] == "B"


@pytest.mark.parametrize(
    "line",
    [
        "Опора шаровая 2110 в сборе",  # not 2110 volts
        "Thermocouple INCONEL 600 L=3",  # not 600 litres
        "Contactor KX-8814 A",  # not 8814 amperes
        "Lance tip M2.1",  # not a thread M2
        "Spherical roller bearing 22320 CC/W33",  # not 22320 cubic centimetres
    ],
)
def test_a_number_that_is_no_size_is_not_taken_for_one(line):
    needs = pl.DataFrame({"need_id": ["N"], "description": [line]})
    offers = pl.DataFrame({"offer_id": ["O"], "description": ["Gate valve"]})
    unsaid = json.loads(find_candidates(needs, offers)["reasons"][0]).get("unsaid", [])
    assert {kind for kind, *_ in unsaid} <= {"words", "part number", "bearing"}


def test_a_standard_with_all_its_sizes_is_exact():
    assert only("Hex bolt ISO 4014 M16x80", "پیچ شش‌گوش ISO 4014 M16×80")["class"] == "exact"


def test_a_standard_with_its_sizes_on_another_thing_is_not_exact():
    assert only("Hex bolt ISO 4014 M16x80", "Insulating cap ISO 4014 M16x80")["class"] != "exact"


def test_a_standard_without_the_size_is_not_exact():
    assert only("Hex bolt ISO 4014 M16x80", "Hex bolt ISO 4014")["class"] != "exact"


def test_a_part_number_that_agrees_with_another_voltage_is_not_exact():
    found = only("Contactor LC1-D09-M7 coil 230 V", "Contactor LC1D09M7 coil 24 V")
    assert found["class"] == "could make"


def test_nobody_makes_it():
    needs = pl.DataFrame(
        {"need_id": ["N"], "description": ["Ophthalmic microscope with slit illumination"]}
    )
    offers = pl.DataFrame({"offer_id": FILLER, "description": FILLER})
    found = find_candidates(needs, offers)
    assert set(found["class"]) == {"none"}


def test_a_need_that_says_nothing_has_one_row_of_class_none():
    needs = pl.DataFrame(
        {"need_id": ["blank", "null", "marks"], "description": ["", None, " \u200f – ()"]}
    )
    offers = pl.DataFrame({"offer_id": ["B", "A"], "description": ["pump", "valve"]})
    found = find_candidates(needs, offers)

    assert found.select("need_id", "rank", "offer_id", "score", "class").rows() == [
        (need, 1, "A", 0.0, "none") for need in ("blank", "null", "marks")
    ]
    assert {json.loads(reasons)["note"] for reasons in found["reasons"]} == {"empty need"}


def test_an_hs_code_that_agrees_comes_before_one_that_differs():
    needs = pl.DataFrame({"need_id": ["N"], "description": ["gate valve"], "hs_code": ["848180"]})
    offers = pl.DataFrame(
        {
            "offer_id": ["A", "B", "C"],
            "description": ["gate valve"] * 3,
            "hs_code": ["730792", "848180", None],
        }
    )
    found = find_candidates(needs, offers)
    reasons = {
        offer: json.loads(text) for offer, text in found.select("offer_id", "reasons").iter_rows()
    }

    assert found["offer_id"][0] == "B"
    assert ["HS", "848180"] in reasons["B"]["agree"]
    assert reasons["A"]["differ"] == [["HS", "848180", "730792"]]
    assert "HS" not in json.dumps(reasons["C"])


def test_a_line_that_says_the_same_comes_first_without_asking_the_model():
    needs = pl.DataFrame(
        {
            "need_id": ["1", "2", "3"],
            "description": ["Gear pump, 7,5 kW KX-8814", "chain roller 16B-1", "Gear pump 7.5 kW"],
        }
    )
    offers = pl.DataFrame(
        {
            "offer_id": ["a", "b", "c"],
            "description": [
                "GEAR PUMP 7500 W KX8814",
                "Gear pump 7.5 kW KX-8815",
                "roller chain 16B-1",
            ],
        }
    )
    found = find_candidates(needs, offers, top=1)
    first = found.select("offer_id", "score", "class").rows()
    assert first[:2] == [("a", 1.0, "exact"), ("c", 1.0, "exact")]
    assert found["score"][2] < 1.0
