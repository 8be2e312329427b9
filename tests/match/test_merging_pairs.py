"""The learned model of pairs: what it tells apart, what it refuses, what its commands write."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.cli.console import Refused
from onshore.cli.merging import merge
from onshore.match import MatchError
from onshore.match.merging import PairModel, learn_pairs

KINDS = ["gear pump", "ball valve", "hex bolt", "relay", "oil seal", "contactor", "coupling"]
MAKERS = ["Armon", "Beltek", "Corvin", "Danlux"]


def labelled(count=120):
    """Goods whose copies are written otherwise, and the next good of the same kind."""
    names = [f"{KINDS[n % 7]} {MAKERS[n % 7 % 4]} KX-{1000 + 7 * n}" for n in range(count)]
    copies = [f"{n.split()[-1].replace('-', '')} {n.rsplit(' ', 1)[0].upper()}" for n in names]
    prices = [100 + 3 * n for n in range(count)]
    return pl.DataFrame(
        {
            "left_name": names * 2,
            "left_price": prices * 2,
            "right_name": copies + copies[7:] + copies[:7],
            "right_price": [p + 1 for p in prices] + [p * 2 for p in prices],
            "label": [1] * count + [0] * count,
        }
    )


@pytest.fixture(scope="module")
def model():
    return learn_pairs(labelled())


def test_what_was_left_out_of_learning_is_told_apart(model):
    fresh = pl.DataFrame(
        {
            "left_name": ["Relay Beltek KX-5555", "Relay Beltek KX-5555"],
            "left_price": [300, 300],
            "right_name": ["kx5555 relay BELTEK", "KX5562 RELAY BELTEK"],
            "right_price": [301, 600],
        }
    )
    assert model.left_out_f1 > 0.95
    assert model.score(fresh)["label_predicted"].to_list() == [1, 0]


def test_the_same_seed_gives_the_same_model(model):
    again = learn_pairs(labelled()).score(labelled())
    assert again.equals(model.score(labelled()))


def test_rows_keep_their_order_and_columns_and_score_alone_as_together(model):
    pairs = labelled().with_columns(note=pl.lit("kept")).sample(50, shuffle=True, seed=3)
    scored = model.score(pairs)
    assert scored.columns == [*pairs.columns, "probability", "label_predicted"]
    assert scored.select(pairs.columns).equals(pairs)
    alone = pl.concat([model.score(pairs[at]) for at in range(5)])
    assert alone.equals(scored.head(5))
    assert scored["probability"].is_between(0, 1).all()
    assert set(scored["label_predicted"]) == {0, 1}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), min_size=1, max_size=5))
def test_left_and_right_may_change_places(model, texts):
    pairs = pl.DataFrame(texts, schema=["left_name", "right_name"], orient="row").with_columns(
        left_price=pl.lit("7"), right_price=pl.lit("9.5")
    )
    turned = pairs.select(
        left_name="right_name", right_name="left_name", left_price="right_price",
        right_price="left_price",
    )  # fmt: skip
    one, other = model.score(pairs)["probability"], model.score(turned)["probability"]
    assert np.allclose(one, other, atol=1e-9)


def test_columns_of_any_names_are_compared():
    pairs = labelled().rename({"left_name": "left_title", "right_name": "right_what"})
    learned = learn_pairs(pairs)
    assert learned.left_out_f1 > 0.95
    assert learned.score(pairs.drop("label")).height == pairs.height


def test_a_model_is_the_same_after_saving(model, tmp_path):
    model.save(tmp_path / "m.model")
    loaded = PairModel.load(tmp_path / "m.model")
    assert loaded.score(labelled()).equals(model.score(labelled()))
    assert b"Armon" not in (tmp_path / "m.model").read_bytes()


def test_scoring_needs_no_lightgbm(model, tmp_path):
    model.save(tmp_path / "m.model")
    labelled(10).drop("label").write_csv(tmp_path / "p.csv")
    code = (
        "import sys; sys.modules['lightgbm'] = None; sys.modules['numba'] = None\n"
        "import polars as pl; from onshore.match.merging import PairModel, learn_pairs\n"
        "pairs = pl.read_csv(sys.argv[2])\n"
        "print(PairModel.load(sys.argv[1]).score(pairs)['label_predicted'].to_list())\n"
        "try: learn_pairs(pairs.with_columns(label=pl.Series([1, 0] * 10)))\n"
        "except Exception as e: print(e)\n"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "m.model"), str(tmp_path / "p.csv")]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert str([1] * 10 + [0] * 10) in said
    assert "pip install 'onshore[match]'" in said


BAD = [
    (lambda p: p.drop("label"), "no column 'label'"),
    (lambda p: p.with_columns(label=pl.lit("yes")), "row 2: 'yes'"),
    (lambda p: p.with_columns(label=pl.lit(2)), "0 or 1"),
    (lambda p: p.with_columns(label=pl.lit(None, pl.Int64)), "row 2: ''"),
    (lambda p: p.with_columns(label=pl.lit(1)), "all 240 labels are 1"),
    (lambda p: p.head(0), "no row"),
    (lambda p: p.select("right_name", "label"), "left_"),
    (lambda p: p.select("left_name", "label"), "right_"),
    (lambda p: pl.concat([p.head(1), p.tail(1)]), "too few"),
]


@pytest.mark.parametrize(("spoil", "said"), BAD)
def test_pairs_that_nothing_can_be_learned_from_are_refused(spoil, said):
    with pytest.raises(MatchError, match=said):
        learn_pairs(spoil(labelled()))


def test_a_missing_column_is_named_in_scoring(model):
    with pytest.raises(MatchError, match="right_price"):
        model.score(labelled().drop("right_price"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a model", None])
def test_a_file_that_is_no_model_is_refused(model, tmp_path, content):
    path = tmp_path / "m.model"
    model.save(path)
    path.write_bytes(path.read_bytes()[:-200] if content is None else content)
    with pytest.raises(MatchError, match="Learn it anew"):
        PairModel.load(path)


def test_any_text_can_be_scored(model):
    odd = ["", "x" * 100_000, "پمپ " * 20_000, "\x00\u200f\u202e", "12345", "1" * 50_000]
    pairs = pl.DataFrame(
        [(a, b, None, "free") for a in odd for b in odd],
        schema=["left_name", "right_name", "left_price", "right_price"],
        orient="row",
    )
    assert model.score(pairs)["probability"].is_finite().all()


def test_the_commands_learn_and_score(tmp_path, capsys):
    pairs, out = tmp_path / "pairs.csv", tmp_path / "scored.csv"
    labelled().write_csv(pairs)
    assert run("learn", pairs, "--out", tmp_path / "m.model") == 0
    assert "F1" in capsys.readouterr().err
    assert run("score", pairs, "--model", tmp_path / "m.model", "--out", out) == 0
    scored = pl.read_csv(out)
    assert scored.columns == [*labelled().columns, "probability", "label_predicted"]
    assert scored["left_name"].to_list() == labelled()["left_name"].to_list()
    assert (scored["label_predicted"] == scored["label"]).mean() > 0.95


def test_a_command_that_is_refused_writes_nothing(tmp_path):
    pairs, out = tmp_path / "pairs.csv", tmp_path / "m.model"
    labelled().with_columns(label=pl.lit("maybe")).write_csv(pairs)
    with pytest.raises(Refused, match=r"pairs\.csv.*row 2: 'maybe'") as refused:
        run("learn", pairs, "--out", out)
    assert refused.value.status == 1
    for content in (b"", b"a,b\n1,2,3\n", b"\xff\xfe\xfa"):
        pairs.write_bytes(content)
        with pytest.raises(Refused, match=r"pairs\.csv"):
            run("learn", pairs, "--out", out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.csv"]


def run(*words):
    return merge(
        list(map(str, words)),
        exit_on_error=False,
        print_error=False,
        result_action="return_value",
    )


@pytest.mark.slow
@pytest.mark.shared_data
def test_products_of_two_shops_are_told_apart(shared_data):
    folder = shared_data / "match" / "pairs"
    train, test = (
        pl.read_csv(folder / f"wdc_cameras_{part}.csv", infer_schema_length=None)
        for part in ("train", "valid")
    )
    scored = learn_pairs(train).score(test.drop("label"))
    predicted, labels = scored["label_predicted"], test["label"]
    assert 2 * (predicted * labels).sum() / (predicted.sum() + labels.sum()) >= 0.75
