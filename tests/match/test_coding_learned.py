"""Codes learned from a user's own coded lines."""

import json

import numpy as np
import polars as pl
import pytest

from onshore.match import MatchError
from onshore.match.coding import CodeModel, classify_items, learn_codes

CODES = ["853224", "854110", "853310"]


def coded(makers: int = 6, each: int = 12, digits: str = "") -> pl.DataFrame:
    """Invented makers, each with its series: capacitors, diodes, resistors."""
    rng = np.random.default_rng(5)
    rows = []
    for maker in range(makers):
        for number in range(each):
            size, value = rng.integers(100, 999, 2)
            part, code = [
                (f"GC{size}X7R{value}K", CODES[0]),
                (f"1N{size}{value}", CODES[1]),
                (f"RK73H{size}F{value}", CODES[2]),
            ][number % 3]
            rows.append((f"{maker}-{number}", part, f"Maker{'abcdefgh'[maker]} Ltd", code + digits))
    return pl.DataFrame(
        rows, schema=["item_id", "part_number", "maker", "code"], orient="row"
    ).with_columns(description=pl.lit(""))


@pytest.fixture(scope="module")
def model() -> CodeModel:
    return learn_codes(coded())


def test_part_numbers_of_an_unseen_maker_get_the_code_of_their_series(model):
    items = pl.DataFrame(
        {
            "item_id": ["a", "b", "c"],
            "description": ["", "", ""],
            "part_number": ["gc-188 x7r 104 k", "1N4148", "RK73H111F222"],
            "maker": ["Unheard Of Inc"] * 3,
        }
    )
    found = classify_items(items, model=model, top=1)
    assert found["code"].to_list() == CODES
    assert found["description"].str.contains("(?i)capacitor|diode|resistor").all()
    marks = [json.loads(reasons)["marks"] for reasons in found["reasons"]]
    assert all({kind for kind, _ in mark} <= {"part", "start", "shape", "series", "form", "length",
                                              "maker"} for mark in marks)  # fmt: skip


def test_words_of_coded_lines_are_learned_too():
    lines = pl.DataFrame(
        {
            "item_id": [str(at) for at in range(8)],
            "description": ["زغال صنعتی", "زغال کک", "graphite rod", "graphite block"] * 2,
            "code": ["A", "A", "B", "B"] * 2,
        }
    )
    scheme = pl.DataFrame({"code": ["A", "B"], "description": ["first class", "second class"]})
    learned = learn_codes(lines)
    items = pl.DataFrame({"item_id": ["1", "2"], "description": ["GRAPHITE plate", "زغال ریز"]})
    assert classify_items(items, scheme, model=learned, top=1)["code"].to_list() == ["B", "A"]


def test_probabilities_of_an_item_add_up_to_one_at_most(model):
    found = classify_items(coded().drop("code"), model=model, top=3)
    sums = found.group_by("item_id").agg(pl.col("probability").sum())["probability"]
    assert sums.max() <= 1 + 1e-9
    assert found["probability"].min() >= 0


def test_national_lines_are_described_by_the_code_they_refine():
    learned = learn_codes(coded(digits="0001"))
    items = pl.DataFrame({"item_id": ["1"], "description": [""], "part_number": ["1N5819"]})
    found = classify_items(items, model=learned, top=1)
    assert found["code"].item() == "8541100001"
    assert "diodes" in found["description"].item().lower()


def test_the_same_seed_gives_the_same_model(model):
    again = learn_codes(coded())
    assert np.array_equal(again.weights, model.weights)
    assert again.sureness == model.sureness


def test_a_saved_model_answers_the_same_and_keeps_no_text(model, tmp_path):
    path = tmp_path / "model"
    model.save(path)
    loaded = CodeModel.load(path)
    items = coded().drop("code")
    assert classify_items(items, model=loaded).equals(classify_items(items, model=model))
    content = path.read_bytes().lower()
    assert b"maker" not in content
    assert b"x7r" not in content


def test_a_file_that_is_no_model_is_refused(model, tmp_path):
    whole = tmp_path / "whole"
    model.save(whole)
    cut = tmp_path / "cut"
    cut.write_bytes(whole.read_bytes()[:-200])
    other = tmp_path / "other"
    other.write_text("item_id,code\n")
    arrays = tmp_path / "arrays.npz"
    np.savez(arrays, a=np.zeros(3))
    for path in (cut, other, arrays):
        with pytest.raises(MatchError, match="onshore classify learn"):
            CodeModel.load(path)
    with pytest.raises(MatchError, match="not there"):
        CodeModel.load(tmp_path / "absent")


def test_a_model_of_another_version_is_refused(model, tmp_path):
    path = tmp_path / "model.npz"
    head = json.dumps({"form": "onshore code model 0"}).encode()
    np.savez(path, head=np.frombuffer(head, dtype=np.uint8))
    with pytest.raises(MatchError, match="another version"):
        CodeModel.load(path)


def test_a_model_of_another_scheme_is_refused(model):
    scheme = pl.DataFrame({"code": ["a", "b"], "description": ["sugar", "salt"]})
    items = pl.DataFrame({"item_id": ["1"], "description": ["salt"]})
    with pytest.raises(MatchError, match="another scheme: 3 of its 3 codes"):
        classify_items(items, scheme, model=model)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (coded().drop("code"), "no column code"),
        (coded().with_columns(code=pl.lit("1")), "at least 2"),
        (coded().with_columns(code=pl.lit(None, pl.String)), "code is empty in data row 1, 2"),
        (coded().with_columns(item_id=pl.lit("1")), "more than once"),
        (coded().head(0), "at least 2"),
    ],
)
def test_lines_that_nothing_can_be_learned_from_are_refused(table, says):
    with pytest.raises(MatchError, match=says):
        learn_codes(table)


def test_lines_without_any_text_can_still_be_learned_from():
    lines = pl.DataFrame(
        {"item_id": ["1", "2", "3"], "description": ["", "pump", ""], "code": ["A", "B", "A"]}
    )
    assert learn_codes(lines).codes == ("A", "B")
