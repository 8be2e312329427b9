"""``onshore plan`` on an instance's folder: the plan, its proof, and what it refuses."""

import importlib.util
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from onshore.cli import main
from onshore.plan import read_instance

LOCALIZATION = Path(__file__).parents[2] / "benchmarks" / "localization"


def script(name):
    path = LOCALIZATION / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"localization_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def instance(tmp_path):
    generate = script("generate")
    folder = tmp_path / "instance"
    generate.write(generate.draw(60, 20, n_regions=4, seed=3), folder)
    return folder


def test_a_plan_comes_with_its_certificate_and_the_checker_agrees(instance, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["plan", str(instance), "--gap", "0.01", "--out", str(out), "--json"]) == 0
    certificate = json.loads((out / "certificate.json").read_text())
    assert json.loads(capsys.readouterr().out) == certificate
    objective, bound = certificate["objective"], certificate["bound"]
    assert certificate["gap"] == pytest.approx((bound - objective) / objective)
    assert certificate["gap"] <= 0.01
    checker = script("checker")
    rows = checker.read(out / "plan.csv", "item", "maker", "start_year")
    plan = [(row["item"], row["maker"], int(row["start_year"])) for row in rows]
    verdict = checker.check(checker.load(instance), plan)
    assert verdict["broken"] == []
    assert verdict["objective_musd"] == pytest.approx(objective)
    told = pl.read_csv(out / "explanations.csv")
    assert set(told["item"]) == {f"I{n:06d}" for n in range(60)}
    assert pl.read_csv(out / "prices.csv").height > 0


def test_ctrl_c_ends_the_search_with_the_best_plan_so_far(tmp_path):
    generate = script("generate")
    folder, out = tmp_path / "instance", tmp_path / "out"
    generate.write(generate.draw(400, 40, seed=2), folder)
    words = ["plan", str(folder), "--gap", "0", "--time", "300", "--out", str(out)]
    work = subprocess.Popen(
        [Path(sys.executable).with_name("onshore"), *words], stderr=subprocess.PIPE, text=True
    )
    assert any("gap" in line for line in iter(work.stderr.readline, ""))
    work.send_signal(signal.SIGINT)
    assert "Ctrl-C again" in work.communicate(timeout=60)[1]
    assert work.returncode == 0
    certificate = json.loads((out / "certificate.json").read_text())
    assert certificate["status"] == "interrupted"
    assert certificate["planned"] == pl.read_csv(out / "plan.csv").height > 0


def test_the_hash_changes_with_the_instance(instance, tmp_path):
    def hashed():
        main(["plan", str(instance), "--gap", "0.1", "--out", str(tmp_path / "out")])
        return json.loads((tmp_path / "out" / "certificate.json").read_text())["instance_hash"]

    first = hashed()
    assert hashed() == first
    budgets = instance / "budgets.csv"
    budgets.write_text(budgets.read_text().replace("\n0,", "\n0,1", 1))
    assert hashed() != first


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("candidates.csv", "I000000,", "I999999,", "I999999 is not in items.csv"),
        ("makers.csv", "maker,", "firm,", "no column maker"),
        ("capacity.csv", "M00000,0,", "M00000,0,x", "is not a number"),
        ("budgets.csv", "\n1,", "\n7,", "year"),
        ("floors.csv", "R00,0", "R00,7", "floor"),
        ("items.csv", "I000001,", "I000000,", "occurs twice"),
        ("capacity.csv", "M00000,0,", "M00000,0,-", "capacity.csv, row 2, column hours: it is neg"),
        (
            "capacity.csv",
            "M00001,0,",
            "M00001,1,",
            "M00001 has no row for year 0",
        ),
        ("capacity.csv", "M00001,0,", "M00001,9,", "row 7, column year: it is outside the horizon"),
        ("capacity.csv", "M00001,0,", "M00001,,", "row 7, column year: it is empty"),
        ("candidates.csv", "I000000,M", "I000000,,M", "row 2: 7 cells, and the heading has 6"),
        ("items.csv", ",0.027933,1,1", ",0.027933,1,2", "items.csv, item I000001, column share"),
        ("makers.csv", "M00000,", "M00000\0,", "row 2: the file holds a character that no text"),
        ("makers.csv", "maker,", "maker,maker,", "row 1: the column maker is there twice"),
        ("makers.csv", ",", ";", "no column maker, region; found maker;"),
    ],
)
def test_a_bad_file_is_refused_by_its_row(instance, tmp_path, capsys, file, old, new, told):
    path = instance / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, -1 if new == ";" else 1))
    refused(instance, tmp_path, capsys, told)


def refused(instance, tmp_path, capsys, told):
    assert main(["plan", str(instance), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.startswith("onshore: ")
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("items.csv", lambda content: b"", "items.csv is empty"),
        ("items.csv", lambda content: content.splitlines(True)[0], "a heading but no row"),
        ("candidates.csv", lambda content: content.splitlines(True)[0], "nothing to plan"),
        ("candidates.csv", lambda content: content[: len(content) // 2], "candidates.csv, row "),
        ("makers.csv", lambda content: content.decode().encode("utf-16"), "not written in UTF-8"),
        ("makers.csv", lambda content: content + "ش,ش,ش,1".encode("cp1256"), "row 22: the file is"),
        ("capacity.csv", lambda content: content.rsplit(b"\n", 2)[0], "M00019 has no row for year"),
    ],
)
def test_a_torn_file_is_refused(instance, tmp_path, capsys, file, change, told):
    path = instance / file
    content = change(path.read_bytes())
    path.write_bytes(content[: content.rindex(b",")] if told.endswith("row ") else content)
    refused(instance, tmp_path, capsys, told)


def test_persian_digits_and_a_byte_order_mark_are_read(instance):
    read = read_instance(instance)
    for name in ("capacity", "budgets"):
        path = instance / f"{name}.csv"
        heading, *rows = path.read_text().splitlines()
        rows = [re.sub(r"(?<=,)[\d.,]+|^\d+(?=,)", persian, row) for row in rows]
        path.write_text("\ufeff" + "\n".join([heading, *rows]) + "\n", encoding="utf-8")
    assert "۱" in path.read_text()
    again = read_instance(instance)
    assert again.capacity.equals(read.capacity)
    assert again.budgets.equals(read.budgets)


def persian(found):
    return found.group().translate(str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫"))
