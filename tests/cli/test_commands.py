"""The commands as their users meet them: output, messages, files, exit status."""

import json
import shutil
import subprocess
import sys

import openpyxl
import polars as pl
import pytest

from onshore.cli import main


@pytest.fixture
def programme(tmp_path, capsys):
    folder = tmp_path / "mine"
    assert main(["new", str(folder)]) == 0
    capsys.readouterr()
    return folder


def test_new_makes_a_programme_that_checks_and_plans(programme, capsys):
    assert main(["check", str(programme)]) == 0
    out = capsys.readouterr().out
    assert "no errors" in out
    assert main(["plan", str(programme), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["planned"] >= 1
    assert 0 < answer["objective"] <= answer["bound"]


@pytest.mark.parametrize(("home", "currency"), [("DE", "EUR"), ("Brazil", "BRL"), ("IR", "IRR")])
def test_new_serves_any_home_country(tmp_path, home, currency):
    folder = tmp_path / "p"
    assert main(["new", str(folder), "--home", home, "--currency", currency]) == 0
    assert main(["check", str(folder)]) == 0
    assert main(["plan", str(folder)]) == 0


def test_new_refuses_a_folder_that_holds_something(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("do not lose me")
    assert main(["new", str(tmp_path / "mine")]) == 2
    assert "is there already" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.docx"]


def test_new_names_what_is_near_an_unknown_country(tmp_path, capsys):
    assert main(["new", str(tmp_path / "p"), "--home", "Irann"]) == 2
    assert "Iran" in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


def test_check_lists_every_error_and_marks_the_sheet(programme, tmp_path, capsys):
    needs = (programme / "needs.csv").read_text(encoding="utf-8")
    needs = needs.replace(",120,H87,", ",-120,H87,").replace(",40,H87,", ",40,H78,")
    (programme / "needs.csv").write_text(needs, encoding="utf-8")
    marked = tmp_path / "errors.xlsx"
    assert main(["check", str(programme), "--out", str(marked)]) == 1
    out = capsys.readouterr().out
    assert "needs.csv, row 2, column yearly_quantity" in out
    assert "needs.csv, row 3, column unit" in out
    comments = [
        cell.comment.text
        for sheet in openpyxl.load_workbook(marked)
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    ]
    assert len(comments) == 2


def test_check_gives_its_errors_as_json(programme, capsys):
    text = (programme / "budgets.csv").read_text(encoding="utf-8")
    (programme / "budgets.csv").write_text(text.replace("100000", "ten", 1), encoding="utf-8")
    assert main(["check", str(programme), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"tables", "errors", "notes"}
    (error,) = answer["errors"]
    assert set(error) == {"file", "row", "column", "reason", "found", "next_step"}
    assert (error["file"], error["row"], error["found"]) == ("budgets.csv", 2, "ten")


def test_run_refuses_bad_data_and_writes_nothing(programme, tmp_path, capsys):
    with (programme / "needs.csv").open("a", encoding="utf-8") as file:
        file.write("N-1,B-9,again,,mechanical,steel,1,H87,1,EUR,CIF,,2024-01-01,DE,true\n")
    out = tmp_path / "out"
    assert main(["run", str(programme), "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert "N-1" in said.out
    assert "B-9" in said.out
    assert not out.exists()


def test_run_writes_the_whole_folder_and_touches_nothing_else(programme, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("keep")
    assert main(["run", str(programme), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert str(out / "report.html") in said.out.splitlines()
    assert sorted(p.name for p in out.iterdir()) == sorted(
        ["letter.txt", "matches.csv", "plan.csv", "savings.csv", "left_out.csv"]
        + [f"report{fa}.{kind}" for fa in ("", ".fa") for kind in ("html", "pdf", "xlsx")]
    )
    assert (out / "letter.txt").read_text() == "keep"
    plan = pl.read_csv(out / "plan.csv")
    assert set(plan["need_id"]) <= {"N-1", "N-2", "N-3", "N-4"}


def test_match_rank_writes_a_table_or_prints_it(programme, tmp_path, capsys):
    needs, offers = str(programme / "needs.csv"), str(programme / "offers.csv")
    assert main(["match", "rank", needs, offers, "--top", "2"]) == 0
    printed = pl.read_csv(capsys.readouterr().out.encode())
    assert (
        main(["match", "rank", needs, offers, "--top", "2", "--out", str(tmp_path / "m.csv")]) == 0
    )
    assert pl.read_csv(tmp_path / "m.csv").equals(printed)
    best = dict(printed.filter(pl.col("rank") == 1).select("need_id", "offer_id").iter_rows())
    assert best["N-1"] == "O-1"
    assert best["N-2"] == "O-3"


def test_money_is_shown_at_each_rate_type_and_refused_without_one(worked_example, capsys):
    words = ["rates", str(worked_example), "40 trillion IRR", "--to", "USD"]
    assert main([*words, "--on", "2020-08-22"]) == 0
    table = pl.read_csv(capsys.readouterr().out.encode())
    official = table.filter(pl.col("rate_type") == "official")
    assert official["amount"].item() == pytest.approx(40e12 / 42_000)
    assert table["rate_type"].n_unique() >= 3
    assert main([*words, "--on", "2020-08-22", "--type", "auction"]) == 1
    assert "auction" in capsys.readouterr().err
    assert main([*words, "--on", "2031-01-01"]) == 1
    assert "2031-01-01" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["chekc"], ["check"], ["run", "x"], ["match", "rank", "a"], ["plan", "x", "--gap", "wide"]],
)
def test_wrong_usage_ends_with_2_and_no_traceback(words, capsys):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert err
    assert "Traceback" not in err


def test_a_closed_pipe_is_no_error(worked_example):
    script = f"{sys.executable} -c 'import sys; from onshore.cli import main; sys.exit(main())'"
    done = subprocess.run(
        [
            "sh",
            "-c",
            f"{script} match rank {worked_example}/needs.csv {worked_example}/offers.csv | head -1",
        ],
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("need_id,")
    assert "Traceback" not in done.stderr


def test_a_programme_without_offers_is_planned_as_empty(programme, tmp_path):
    header = (programme / "offers.csv").read_text(encoding="utf-8").splitlines()[0]
    (programme / "offers.csv").write_text(header + "\n", encoding="utf-8")
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    assert main(["run", str(programme), "--out", str(tmp_path / "out")]) == 0
    assert pl.read_csv(tmp_path / "out" / "plan.csv").height == 0
