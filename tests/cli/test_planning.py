"""``onshore plan`` on an instance's folder: the plan, its proof, and what it refuses."""

import importlib.util
import json
from pathlib import Path

import polars as pl
import pytest

from onshore.cli import main

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
    ],
)
def test_a_bad_file_is_refused_by_its_row(instance, tmp_path, capsys, file, old, new, told):
    path = instance / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert main(["plan", str(instance), "--out", str(tmp_path / "out")]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
