"""What the commands refuse, before any work and in one line; and how they stop."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from onshore.cli import main

ONSHORE = [sys.executable, "-c", "import sys; from onshore.cli import main; sys.exit(main())"]


@pytest.fixture
def programme(tmp_path, capsys):
    folder = tmp_path / "mine"
    assert main(["new", str(folder)]) == 0
    capsys.readouterr()
    return folder


@pytest.fixture
def no_work(monkeypatch):
    """Fail the test if a command begins its work."""

    def begun(*args, **kwargs):
        pytest.fail("the work began")

    monkeypatch.setattr("onshore.cli.main_job.match_and_plan", begun)
    monkeypatch.setattr("onshore.cli.main_job.do_main_job", begun)
    monkeypatch.setattr("onshore.cli.main_job.keep_accounts", begun)
    monkeypatch.setattr("onshore.match.find_candidates", begun)


def refused(words, capsys) -> str:
    """Run a command that has to be refused in one line; give what it says."""
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    first, *more = said.err.strip().splitlines()
    assert first.startswith("onshore: ")
    assert all(line.startswith("See: ") for line in more)
    return said.err


@pytest.mark.parametrize("out", ["afile/sub", "afile", "/proc/onshore", "/sys/onshore"])
def test_run_refuses_a_folder_that_cannot_be_written_before_its_work(
    out, programme, tmp_path, capsys, no_work
):
    (tmp_path / "afile").write_text("")
    if out.startswith("/") and not Path(out).parent.is_dir():
        pytest.skip(f"the system has no {Path(out).parent}")
    told = f"{tmp_path / 'afile'} is a file" if "afile" in out else f"{Path(out).parent} cannot"
    assert told in refused(["run", programme, "--out", tmp_path / out], capsys)


def test_run_refuses_a_folder_in_the_place_of_a_result(programme, tmp_path, capsys, no_work):
    (tmp_path / "out" / "report.html").mkdir(parents=True)
    assert "report.html is a folder" in refused(
        ["run", programme, "--out", tmp_path / "out"], capsys
    )


def test_run_does_not_mix_results_with_a_programme(programme, tmp_path, capsys, no_work):
    other = tmp_path / "other"
    assert main(["new", str(other)]) == 0
    capsys.readouterr()
    before = sorted(path.name for path in programme.iterdir())
    for out in (programme, other, other / ".." / "mine"):
        assert "holds a programme" in refused(["run", programme, "--out", out], capsys)
    assert sorted(path.name for path in programme.iterdir()) == before


def test_new_refuses_a_place_under_a_file(tmp_path, capsys):
    (tmp_path / "afile").write_text("")
    assert "afile is a file" in refused(["new", tmp_path / "afile" / "sub"], capsys)


@pytest.mark.parametrize(
    ("command", "out", "told"),
    [
        (command, out, told)
        for command in ("rank", "plan", "account")
        for out, told in (
            ("x.txt", ".csv, .xlsx or .parquet"),
            ("folder", "is a folder"),
            ("afile/x.csv", "is a file"),
        )
        # A plan is written to a folder, with its proof and its prices.
        if (command, out) != ("plan", "folder")
    ],
)
def test_a_table_that_cannot_be_written_is_refused_before_the_work(
    command, out, told, programme, tmp_path, capsys, no_work
):
    (tmp_path / "afile").write_text("")
    (tmp_path / "folder").mkdir()
    words = {
        "rank": ["match", "rank", programme / "needs.csv", programme / "offers.csv"],
        "plan": ["plan", programme],
        "account": ["account", programme],
    }[command]
    assert told in refused([*words, "--out", tmp_path / out], capsys)


@pytest.mark.parametrize(
    "words",
    [["--gap", "-1"], ["--gap", "nan"], ["--gap", "inf"], ["--time", "0"], ["--time", "nan"]],
)
def test_plan_refuses_gaps_and_times_that_make_no_sense(words, programme, capsys, no_work):
    assert "Give" in refused(["plan", programme, *words], capsys)


def test_an_amount_beyond_all_money_is_refused(programme, capsys):
    words = ["rates", str(programme), "1e400 EUR", "--to", "USD", "--on", _price_date(programme)]
    assert main(words) == 2
    assert capsys.readouterr().err.strip().splitlines()[-1].startswith("onshore: 1e400 EUR: ")
    words[2] = "1e19 EUR"
    assert main(words) == 0


def _price_date(programme) -> str:
    import tomllib

    return str(tomllib.loads((programme / "programme.toml").read_text("utf-8"))["price_date"])


def test_check_writes_marked_sheets_over_no_table(programme, capsys):
    for name in ("needs.xlsx", "نیازها.xlsx"):
        assert "Give another name" in refused(
            ["check", programme, "--out", programme / name], capsys
        )
    sheet = programme.parent / "list.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["need_id", "description"])
    book.save(sheet)
    assert "Give another name" in refused(["check", sheet, "--out", sheet], capsys)


def test_check_says_when_no_marked_sheets_are_written(programme, tmp_path, capsys):
    out = tmp_path / "errors.xlsx"
    assert main(["check", str(programme), "--out", str(out)]) == 0
    assert f"No errors: {out} was not written." in capsys.readouterr().err
    assert not out.exists()


def test_warnings_come_last(programme, capsys):
    (programme / "needs.csv").rename(programme / "my_needs_list.csv")
    for command in ("check", "plan"):
        assert main([command, str(programme)]) == 0
        last = capsys.readouterr().err.strip().splitlines()[-2:]
        assert "my_needs_list.csv is not read" in last[0]
        assert "has no needs" in last[1]
    assert main(["check", str(programme), "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("my_needs_list.csv" in note for note in notes)


def test_what_a_plan_cannot_be_made_with_is_an_error_of_check(programme, capsys):
    with (programme / "budgets.csv").open("a", encoding="utf-8") as file:
        file.write("1300,Fund,1,GBP,Example,true\n")
    assert main(["check", str(programme)]) == 1
    said = capsys.readouterr().out
    assert "budgets.csv, row 5, column year" in said
    assert "budgets.csv, row 5, column currency" in said
    assert main(["plan", str(programme)]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_claim_without_a_rate_is_not_counted_and_the_others_are(worked_example, tmp_path, capsys):
    import shutil

    folder = tmp_path / "steel"
    shutil.copytree(worked_example, folder)
    assert main(["account", str(folder)]) == 0
    before = capsys.readouterr()
    baselines = pl.read_csv(folder / "baselines.csv", infer_schema=False)
    claims = pl.read_csv(folder / "claims.csv", infer_schema=False)
    told = {line.split()[3].rstrip(":") for line in _not_counted(before.err)}
    counted = claims.filter(pl.col("baseline_id").is_not_null(), ~pl.col("claim_id").is_in(told))
    lost = counted.row(0, named=True)
    yen = pl.when(pl.col("baseline_id") == lost["baseline_id"]).then(pl.lit("JPY"))
    baselines.with_columns(yen.otherwise("currency").alias("currency")).write_csv(
        folder / "baselines.csv"
    )
    assert main(["account", str(folder)]) == 0
    after = capsys.readouterr()
    [new] = set(_not_counted(after.err)) - set(_not_counted(before.err))
    assert lost["claim_id"] in new
    assert "from JPY to EUR" in new
    claims_of = [pl.read_csv(text.out.encode())["claims"].sum() for text in (before, after)]
    assert claims_of[0] - claims_of[1] == 1


def _not_counted(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("not counted")]


@pytest.mark.parametrize("home", ["DE", "IT", "CN", "IR"])
def test_the_examples_of_a_new_programme_are_imported_from_abroad(tmp_path, home):
    assert main(["new", str(tmp_path / "p"), "--home", home]) == 0
    needs = pl.read_csv(tmp_path / "p" / "needs.csv", infer_schema=False)
    assert home not in needs["origin"].to_list()
    assert needs["origin"].null_count() == 0


def test_no_encoding_of_the_terminal_stops_a_command(programme):
    text = (programme / "needs.csv").read_text(encoding="utf-8")
    (programme / "needs.csv").write_text(text.replace("N-1,", "ن-۱,,", 1), encoding="utf-8")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for words in ([], ["--json"]):
        done = subprocess.run(
            [*ONSHORE, "check", str(programme), *words], capture_output=True, env=environment
        )
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
        assert done.stdout.isascii()
    assert json.loads(done.stdout)["errors"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_under_the_output_is_one_line(programme):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*ONSHORE, "check", str(programme)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("onshore: ")


@pytest.mark.parametrize("after", [0.1, 0.3, 0.8])
def test_the_program_can_be_stopped_from_its_first_moment(programme, tmp_path, after):
    # The program says when it has begun; what is before that is Python's own start.
    begin = "import sys; from onshore.cli import main; print('begun', flush=True); sys.exit(main())"
    words = ["run", str(programme), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        [sys.executable, "-c", begin, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout.readline() == "begun\n"
        time.sleep(after)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.splitlines()[-1] == "onshore: Stopped; nothing was written."
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()
