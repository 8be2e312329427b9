"""Large tables: every bad row among 200,000 is found, each for its reason."""

import importlib.util
import sys
from pathlib import Path

import pytest

from onshore.records import check

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ROWS = 200_000


@pytest.fixture(scope="module")
def benchmark_module():
    """Give the benchmark, whose programme is the trial's too."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location(
            "records_check", BENCHMARKS / "records_check.py"
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules["records_check"] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_every_bad_row_is_found_for_its_own_reason(benchmark_module, tmp_path):
    benchmark_module.make_programme(tmp_path, ROWS)
    result = check(tmp_path)
    assert set(result.errors["row"]) == benchmark_module.bad_rows(ROWS)
    assert set(result.errors["file"]) == {"needs.csv"}
    kinds = len(benchmark_module.FAULTS)
    for kind, words in enumerate(
        (
            "is that of row",
            "no row of the table items",
            "no row of the table organisations",
            "is empty",
            "HS 2022",
            "not one of the column's",
            "negative",
            "a quantity and its unit",
            "decimal or thousands",
            "Recommendation 20",
            "has none",
            "30 days",
            "day 3 of month 4",
            "too many cells",
        )
    ):
        bad = [i for i in range(57, ROWS, 100) if i // 100 % kinds == kind]
        found = result.errors.filter(reason_contains(words))["row"].to_list()
        assert found == [i + 2 for i in bad], words


def reason_contains(words):
    import polars as pl

    return pl.col("reason").str.contains(words, literal=True)


def test_the_benchmark_runs(benchmark_module, capsys):
    benchmark_module.main(["--rows", "2000"])
    told = capsys.readouterr().out
    assert "all 20 bad rows found" in told
    assert "rows/CPU s" in told
    assert "pandera" in told
