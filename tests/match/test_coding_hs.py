"""Codes of HS 2022 for lines of goods."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.codes import hs
from onshore.match import MatchError
from onshore.match.coding import classify_items

GOODS = Path(__file__).parents[2] / "benchmarks" / "data" / "goods_lines.csv"
SCHEMA = {
    "item_id": pl.String,
    "rank": pl.Int64,
    "code": pl.String,
    "probability": pl.Float64,
    "description": pl.String,
    "reasons": pl.String,
}


def lines(*descriptions: str | None) -> pl.DataFrame:
    ids = [str(at) for at in range(1, len(descriptions) + 1)]
    return pl.DataFrame(
        {"item_id": ids, "description": descriptions},
        schema={"item_id": pl.String, "description": pl.String},
    )


@pytest.fixture(scope="module")
def goods() -> list[dict[str, str]]:
    with GOODS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_items_are_answered_in_their_order_with_falling_probabilities():
    found = classify_items(lines("copper cathodes", "Ball bearings, 6205", "женская обувь"), top=4)
    assert dict(found.schema) == SCHEMA
    assert found["item_id"].unique(maintain_order=True).to_list() == ["1", "2", "3"]
    for (_,), item in found.group_by(["item_id"], maintain_order=True):
        assert item["rank"].to_list() == [1, 2, 3, 4]
        assert item["probability"].is_sorted(descending=True)
        assert item["probability"].min() >= 0
        assert item["probability"].sum() <= 1 + 1e-9


def test_a_description_of_the_hs_gets_its_own_code():
    codes = [code for code in hs.codes if len(code) == 6 and not code.startswith("99")][::23]
    found = classify_items(lines(*(hs.name(code) for code in codes)), top=1)
    right = sum(a == b for a, b in zip(found["code"], codes, strict=True))
    assert right >= 0.97 * len(codes)


def test_descriptions_are_those_of_the_hs():
    found = classify_items(lines("polypropylene"), top=5)
    assert found["description"].to_list() == [hs.name(code) for code in found["code"]]


def test_bounds_decide_between_codes_that_differ_by_them():
    found = classify_items(
        lines(
            "woven cotton fabric, 85 percent or more by weight of cotton, unbleached, plain weave, "
            "weighing not over 100 g/m2",
            "woven cotton fabric, under 85 percent by weight of cotton, mixed with manmade fibers, "
            "unbleached, plain weave, weighing not over 200 g/m2",
        ),
        top=1,
    )
    assert found["code"].to_list() == ["520811", "521011"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("الکتروموتور سه فاز ۳۰ کیلووات", "850152"),
        ("электродвигатель асинхронный трехфазный 90 кВт", "850153"),
        ("liquid dielectric transformer 630 kVA", "850421"),
        ("liquid dielectric transformer 40 MVA", "850423"),
        ("трансформатор масляный 1000 кВА", "850422"),
    ],
)
def test_a_measure_finds_the_code_whose_bounds_hold_it(line, code):
    assert classify_items(lines(line), top=1)["code"].to_list() == [code]


def test_shorthand_of_trade_is_read():
    found = classify_items(lines("PTS FOR BALL BEARNG", "parts of ball bearings"), top=2)
    codes = found["code"].to_list()
    assert codes[:2] == codes[2:]


def test_a_word_that_only_sounds_a_little_alike_bridges_nothing():
    # цыплята (chicks) shares its consonants with split; изопропиловый its letters with isopropyl.
    found = classify_items(lines("цыплята", "изопропиловый спирт"), top=10)
    assert "split" not in " ".join(found.filter(pl.col("item_id") == "1")["reasons"])
    assert found.filter(pl.col("item_id") == "2")["code"][0] == "290512"


def test_american_and_british_spellings_are_one():
    found = classify_items(lines("aluminum foil", "aluminium foil"), top=3)
    codes = found["code"].to_list()
    assert codes[:3] == codes[3:]


def test_the_words_that_decided_and_what_bridged_are_told():
    found = classify_items(lines("свежие яблоки", "apples, fresh"), top=1)
    assert found["code"].to_list() == ["080810", "080810"]
    bridged, plain = map(json.loads, found["reasons"])
    assert ["свежие", "fresh"] in bridged["bridged"]
    assert set(plain["words"]) == {"apples", "fresh"}


@pytest.mark.parametrize("language", ["persian", "russian"])
def test_plain_trade_words_of_all_chapters_find_their_code(goods, language):
    assert len({row["code"][:2] for row in goods}) == 96
    assert all(row["code"] in hs for row in goods)
    found = classify_items(lines(*(row[language] for row in goods)), top=10)
    right = {str(at): row["code"] for at, row in enumerate(goods, start=1)}
    hits = sum(right[item] == code for item, code in found.select("item_id", "code").iter_rows())
    assert hits / len(goods) >= 0.40


@pytest.mark.shared_data
def test_schedule_b_lines_find_their_code(shared_data):
    # Lines that the weights were learned from: not a measure of quality, but of whether the
    # shipped weights fit the shipped texts.
    lines_b = pl.read_csv(shared_data / "match" / "schedule_b_train.csv", infer_schema=False)
    lines_b = lines_b.gather_every(29).select(item_id="code", description="long_description")
    found = classify_items(lines_b, top=10)
    right = found.filter(pl.col("item_id").str.starts_with(pl.col("code")))
    assert right["item_id"].n_unique() / lines_b.height >= 0.85


def test_empty_lines_and_lines_of_digits_are_named_not_guessed():
    found = classify_items(lines("", None, "   ", "12345678", "\x00\x01", "??!", "123456"), top=3)
    assert found["item_id"].to_list() == [*"1234567"]
    assert found["code"].null_count() == 7
    assert found["probability"].to_list() == [0.0] * 7
    notes = [json.loads(reasons)["note"] for reasons in found["reasons"]]
    assert notes[0] == notes[1] == notes[2] == "empty item"
    assert notes[3] == notes[6] == "no word of the line is known"


def test_a_part_number_without_a_model_is_said_to_be_unread():
    items = pl.DataFrame({"item_id": ["1"], "part_number": ["KX-8814"], "maker": ["Kimia"]})
    found = classify_items(items)
    assert "no model" in json.loads(found["reasons"][0])["note"]


def test_a_very_long_line_is_read_from_its_beginning():
    found = classify_items(lines("portland cement " + "lorem ipsum " * 9_000), top=5)
    assert any(code.startswith("2523") for code in found["code"])


def test_marks_of_direction_and_control_characters_make_no_difference():
    found = classify_items(lines("ball\u200f bearings\x07", "ball bearings"), top=3)
    codes = found["code"].to_list()
    assert codes[:3] == codes[3:]


def test_other_columns_are_ignored():
    items = lines("ball bearings").with_columns(quantity=pl.lit(3))
    assert classify_items(items).equals(classify_items(lines("ball bearings")))


@pytest.mark.parametrize(
    ("items", "says"),
    [
        (pl.DataFrame({"description": ["x"]}), "no column item_id"),
        (pl.DataFrame({"item_id": ["1"]}), "no column description"),
        (pl.DataFrame({"item_id": ["1", "1"], "description": ["x", "y"]}), "more than once: 1"),
        (pl.DataFrame({"item_id": [None, "1"], "description": ["x", "y"]}), "is empty"),
        (pl.DataFrame({"item_id": ["1"], "description": [["x"]]}), "not text"),
    ],
)
def test_a_wrong_table_is_refused_with_what_is_wrong(items, says):
    with pytest.raises(MatchError, match=says):
        classify_items(items)


def test_fewer_than_one_code_is_refused():
    with pytest.raises(MatchError, match="at least 1"):
        classify_items(lines("x"), top=0)


def test_a_table_without_rows_gives_a_table_without_rows():
    found = classify_items(lines())
    assert found.is_empty()
    assert dict(found.schema) == SCHEMA


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=4))
def test_any_text_is_answered_the_same_alone_and_among_others(texts):
    together = classify_items(lines(*texts), top=3)
    for at, text in enumerate(texts, start=1):
        alone = classify_items(lines(text), top=3)
        among = together.filter(pl.col("item_id") == str(at))
        assert alone["code"].to_list() == among["code"].to_list()
        assert alone["probability"].to_list() == pytest.approx(among["probability"].to_list())
