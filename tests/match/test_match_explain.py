"""Reasons, as data and as sentences."""

import json

import polars as pl
import pytest

from onshore.match import MatchError, explain, find_candidates

NEED = "Электродвигатель 75 кВт, 400 В, 1500 об/мин, IP55"
OFFER = "Electric motor 75 kW, 690 V, flange mounted"


@pytest.fixture
def reasons():
    needs = pl.DataFrame({"need_id": ["N"], "description": [NEED]})
    offers = pl.DataFrame({"offer_id": ["O"], "description": [OFFER]})
    return find_candidates(needs, offers)["reasons"][0]


def test_reasons_list_what_agrees_differs_and_is_not_said(reasons):
    assert json.loads(reasons) == {
        "agree": [["power", "75 kW"], ["words", "Электродвигатель", "Electric motor"]],
        "differ": [["voltage", "400 V", "690 V"]],
        "unsaid": [["speed", "1500 rpm"], ["IP", "IP 55"]],
    }


def test_the_sentence_in_english(reasons):
    assert explain(reasons) == (
        "Agrees: power 75 kW; Электродвигатель (offer: Electric motor). "
        "Differs: voltage 400 V (offer: 690 V). Not said: speed 1500 rpm; IP 55."
    )


def test_the_sentence_in_persian_isolates_what_the_lines_say(reasons):
    assert explain(reasons, "fa") == (
        "همخوان: توان \u206875 kW\u2069؛ \u2068Электродвигатель\u2069 "
        "(پیشنهاد: \u2068Electric motor\u2069). "
        "ناهمخوان: ولتاژ \u2068400 V\u2069 (پیشنهاد: \u2068690 V\u2069). "
        "گفته‌نشده: سرعت \u20681500 rpm\u2069؛ درجه حفاظت \u2068IP 55\u2069."
    )


def test_a_part_number_that_an_offer_lacks_is_named():
    needs = pl.DataFrame({"need_id": ["N"], "description": ["Contactor LC1-D09-M7, grade S355"]})
    offers = pl.DataFrame({"offer_id": ["O"], "description": ["Contactor"]})
    (reasons,) = find_candidates(needs, offers)["reasons"]
    assert json.loads(reasons) == {
        "agree": [["words", "Contactor"]],
        "unsaid": [["part number", "LC1-D09-M7"], ["words", "grade, S355"]],
    }


@pytest.mark.parametrize("locale", ["en", "fa"])
def test_every_reason_that_can_be_given_can_be_said(locale):
    everything = (
        "pump 6205-2RS bearing KX-8814 DIN 933 M16x1.5 DN200 PN16 class 300 sch 40 IP55 HRC 60 "
        "HB 200 HV 300 10 mm 2 inch 3 mm2 4 kW 5 kVA 6 V 7 A 8 Ah 9 Hz 10 °C 11 bar 12 kg 13 m3/h "
        "14 t/h 15 rpm 16 l 17 Nm 18 kN 19 g/cm3 20 ohm 21 µF 22 % 23 mesh 24 ply 25 poles "
        "26 teeth 27 cores 28 GB 100x50x20"
    )
    other = everything.replace("200", "250").replace("KX-8814", "KX-8815").replace("6205", "6206")
    needs = pl.DataFrame({"need_id": ["N"], "description": [everything], "hs_code": ["848180"]})
    offers = pl.DataFrame(
        {
            "offer_id": ["same", "other", "bare"],
            "description": [everything, other, "pump"],
            "hs_code": ["848180", "841370", None],
        }
    )
    kinds = set()
    for text in find_candidates(needs, offers)["reasons"]:
        sentence = explain(text, locale)
        for listed in json.loads(text).values():
            for kind, *said in listed:
                kinds.add(kind)
                assert all(part in sentence for part in said)
    assert len(kinds) >= 40


@pytest.mark.parametrize(
    ("note", "word"), [("empty need", "neither"), ("nothing in common", "No offer")]
)
def test_a_need_without_candidates_says_why(note, word):
    text = json.dumps({"note": note})
    assert word in explain(text)
    assert explain(text, "fa").endswith(".")


@pytest.mark.parametrize(
    "text", ["", "[]", "pump", '{"agree": [["nonsense", "x"]]}', '{"note": "x"}', '{"agree": 1}']
)
def test_what_are_no_reasons_is_refused(text):
    with pytest.raises(MatchError, match="not reasons of a candidate"):
        explain(text)


def test_an_unknown_language_is_refused(reasons):
    with pytest.raises(MatchError, match="'ru'"):
        explain(reasons, "ru")  # type: ignore[arg-type]
