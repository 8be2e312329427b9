"""``onshore classify``: tables in, codes out, and what is refused."""

from pathlib import Path

import polars as pl
import pytest
from cyclopts import App

from onshore.cli import coding
from onshore.cli.console import Refused

ITEMS = "item_id,description,quantity\n1,gate valve,3\n2,hex bolt,5\n"
SCHEME = "code,parent,description\nV,,Valves\nB,,Bolts\n"
LABELLED = "item_id,description,code\n1,gate valve,V\n2,ball valve,V\n3,hex bolt,B\n4,stud,B\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("items", ITEMS), ("scheme", SCHEME), ("labelled", LABELLED)):
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def run(*words: object) -> int:
    app = App(name="onshore")
    coding.register(app)
    words = ("classify", *map(str, words))
    return app(words, exit_on_error=False, print_error=False, result_action="return_value")


def test_items_are_written_with_their_codes(folder, capsys):
    out = folder / "codes.csv"
    scheme = folder / "scheme.csv"
    assert run("items", folder / "items.csv", "--scheme", scheme, "--top", 1, "--out", out) == 0
    table = pl.read_csv(out, infer_schema=False)
    assert table.columns == ["item_id", "rank", "code", "probability", "description", "reasons"]
    assert table["code"].to_list() == ["V", "B"]
    assert "not used: quantity" in capsys.readouterr().err


def test_codes_of_the_hs_go_to_standard_output(folder, capsys):
    assert run("items", folder / "items.csv", "--top", 1) == 0
    table = pl.read_csv(capsys.readouterr().out.encode(), infer_schema=False)
    assert table["code"].str.head(4).to_list() == ["8481", "7318"]


def test_a_model_is_learned_and_used(folder):
    model = folder / "model.npz"
    assert run("learn", folder / "labelled.csv", "--out", model) == 0
    out = folder / "codes.parquet"
    scheme = folder / "scheme.csv"
    run("items", folder / "items.csv", "--scheme", scheme, "--model", model, "--out", out)
    assert "marks" in pl.read_parquet(out)["reasons"][0]


@pytest.mark.parametrize(
    ("items", "says"),
    [
        ("item_id,description\n1,a\n1,b\n", "items.csv: items: item_id occurs more than once: 1"),
        ("item_id,description\n1,a\n,b\n", "items.csv: items: item_id is empty in data row 2"),
        ("a,b\n1,2\n", "items.csv: items: no column item_id or description"),
        ("", "items.csv cannot be read as a table"),
    ],
)
def test_a_wrong_table_is_refused_with_file_column_and_row(folder, items, says):
    (folder / "items.csv").write_text(items, encoding="utf-8")
    with pytest.raises(Refused, match=says):
        run("items", folder / "items.csv", "--out", folder / "codes.csv")
    assert not (folder / "codes.csv").exists()


def test_a_wrong_scheme_model_or_target_is_refused_by_its_name(folder):
    (folder / "scheme.csv").write_text("code,parent,description\nA,B,x\nB,A,y\n", "utf-8")
    with pytest.raises(Refused, match=r"scheme.csv: scheme: codes are above each other"):
        run("items", folder / "items.csv", "--scheme", folder / "scheme.csv")
    with pytest.raises(Refused, match=r"items.csv is not a model of codes"):
        run("items", folder / "items.csv", "--model", folder / "items.csv")
    with pytest.raises(Refused, match="give a name that ends in"):
        run("items", folder / "items.csv", "--out", folder / "codes.doc")
    (folder / "labelled.csv").write_text("item_id,description,code\n1,a,X\n2,b,\n", "utf-8")
    with pytest.raises(Refused, match=r"labelled.csv: labelled: code is empty in data row 2"):
        run("learn", folder / "labelled.csv", "--out", folder / "model.npz")
