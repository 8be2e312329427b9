"""``onshore reconcile``: what it writes, says and refuses."""

from pathlib import Path

import polars as pl
import pytest

from onshore.cli.app import answer

HEAD = "id,statement,value,unit,period_gregorian,sector_or_place\n"
ROWS = """T,Exports,1045,million EUR,2024,all
A,Part of it: oil,600,million EUR,2024,oil
B,Part of it: gas,440,million EUR,2024,gas
"""


@pytest.fixture
def figures(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def test_the_table_goes_to_standard_output(figures, capsys):
    assert answer(["reconcile", str(figures)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == (
        "relation,ids,stated,computed,difference,tolerance,verdict,working"
    )
    assert "sum,T;A;B,1045 million EUR,1040 million EUR,5,1.5,off by" in out


def test_table_and_report_are_written_in_both_languages(figures, tmp_path):
    out = tmp_path / "out"
    assert answer(["reconcile", str(figures), "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {"tie_out.csv", "report.html", "report.fa.html"}
    assert pl.read_csv(out / "tie_out.csv")["verdict"].to_list() == ["off by"]
    english = (out / "report.html").read_text(encoding="utf-8")
    persian = (out / "report.fa.html").read_text(encoding="utf-8")
    assert "1 relation does not tie" in english
    assert "۱ رابطه ناسازگار است" in persian
    assert 'dir="rtl"' in persian


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (["nowhere.csv"], "is not there", 2),
        (["."], "is a folder", 2),
    ],
)
def test_what_is_not_a_file_is_refused(arguments, said, status, capsys):
    assert answer(["reconcile", *arguments]) == status
    assert said in capsys.readouterr().err


def test_errors_are_listed_and_nothing_is_written(figures, tmp_path, capsys):
    relations = tmp_path / "relations.txt"
    relations.write_text("sum: T = A + A\nsum: T = A + Z\n", encoding="utf-8")
    out = tmp_path / "out"
    status = answer(["reconcile", str(figures), "--relations", str(relations), "--out", str(out)])
    said = capsys.readouterr()
    assert status == 1
    assert "relations.txt, row 1, column formula: a part is listed twice." in said.out
    assert "relations.txt, row 2" in said.out
    assert "2 errors" in said.err
    assert not out.exists()


def test_rates_are_read_from_a_table_or_a_programme(tmp_path, capsys):
    figures = tmp_path / "f.csv"
    figures.write_text(
        HEAD
        + "A,Projects awarded,40,trillion IRR,2020,cars\n"
        + "B,The same projects in US dollars,952,million USD,2020,cars\n",
        encoding="utf-8",
    )
    (tmp_path / "rates.csv").write_text(
        "base,quote,date,until,rate,rate_type,source\n"
        "USD,IRR,2020-01-01,2020-12-31,42000,official,CBI\n"
        "USD,IRR,2020-01-01,2020-12-31,215000,NIMA,CBI\n",
        encoding="utf-8",
    )
    for rates in (tmp_path / "rates.csv", tmp_path):
        assert answer(["reconcile", str(figures), "--rates", str(rates)]) == 0
        assert "ties only at: official" in capsys.readouterr().out
    assert answer(["reconcile", str(figures)]) == 0
    assert "needs a rate" in capsys.readouterr().out
    Path(tmp_path / "rates.csv").write_text("base,quote\nUSD,IRR\n", encoding="utf-8")
    assert answer(["reconcile", str(figures), "--rates", str(tmp_path)]) == 1
