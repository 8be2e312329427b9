"""``onshore trade complexity``: its files, its page and its refusals."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from onshore.cli import main
from onshore.trade import complexity, scan_exports

FACTS = Path(__file__).parent / "complexity_oracle" / "part_facts.csv"
FILES = [
    "chart.svg",
    "countries.csv",
    "metadata.json",
    "pairs.parquet",
    "products.csv",
    "report.html",
]


def run(*words):
    return main(["trade", "complexity", *map(str, words)])


def read(folder, name):
    return pl.read_csv(folder / name, schema_overrides={"country": pl.String, "product": pl.String})


def test_the_files_hold_what_python_gives(tmp_path, capsys):
    assert run(FACTS, "--out", tmp_path, "--no-filter") == 0
    found = complexity(scan_exports(FACTS), reliable=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    assert read(tmp_path, "countries.csv").equals(found.countries)
    assert read(tmp_path, "products.csv").equals(found.products)
    assert pl.read_parquet(tmp_path / "pairs.parquet").equals(found.pairs)
    metadata = json.loads((tmp_path / "metadata.json").read_text())
    assert metadata["command"] == "complexity"
    assert metadata["source"] == {
        "file": "part_facts.csv",
        "size": FACTS.stat().st_size,
        "rows": 3184,
        "sha256": hashlib.sha256(FACTS.read_bytes()).hexdigest(),
    }
    assert metadata["filter"] == {"on": False}
    assert metadata["currency"] == "USD"
    assert "population standard deviation" in metadata["normalisation"]["eci"]
    assert any("Tacchella" in text for text in metadata["formulas"])
    printed = capsys.readouterr()
    assert [Path(line).name for line in printed.out.splitlines()] == [
        "countries.csv", "products.csv", "pairs.parquet", "metadata.json", "chart.svg",
        "report.html",
    ]  # fmt: skip
    assert all(f"warning: {text}" in printed.err for text in metadata["warnings"])
    assert (tmp_path / "chart.svg").read_text().startswith("<svg")
    assert "<html" in (tmp_path / "report.html").read_text()


def test_the_filter_is_on_unless_it_is_switched_off(tmp_path, capsys):
    assert run(FACTS, "--out", tmp_path, "--country-share", "0.001") == 0
    told = json.loads((tmp_path / "metadata.json").read_text())["filter"]
    assert told["thresholds"] == {
        "country_share": 0.001,
        "product_share": 1e-6,
        "exporters": 2,
        "population": 1e6,
    }
    removed = [row["key"] for row in told["removed"]["country"]]
    kept = read(tmp_path, "countries.csv")["country"].to_list()
    assert removed
    assert not set(removed) & set(kept)
    assert len(removed) + len(kept) == 46
    assert f"took out {len(removed)} countries" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["GTM", "gtm", "320", "Guatemala"])
def test_a_country_is_found_by_any_of_its_names(tmp_path, text):
    assert run(FACTS, "--out", tmp_path, "--country", text) == 0
    assert json.loads((tmp_path / "metadata.json").read_text())["country"] == "gtm"
    assert read(tmp_path, "countries.csv").height > 25


def test_a_country_that_is_not_in_the_results_is_named(tmp_path, capsys):
    assert run(FACTS, "--out", tmp_path, "--country", "ZZZ") == 0
    assert "ZZZ" in capsys.readouterr().err
    assert run(FACTS, "--out", tmp_path, "--country", "BLZ", "--country-share", "0.01") == 0
    assert "blz was taken out by the reliability filter" in capsys.readouterr().err
    assert json.loads((tmp_path / "metadata.json").read_text())["country"] is None


def test_the_page_is_persian_where_that_is_asked(tmp_path):
    assert run(FACTS, "--out", tmp_path, "--country", "BLZ", "--language", "fa") == 0
    assert 'lang="fa"' in (tmp_path / "report.html").read_text()
    assert read(tmp_path, "countries.csv").columns[0] == "country"


def test_years_are_chosen(tmp_path):
    facts = pl.read_csv(FACTS, infer_schema=False)
    path = tmp_path / "years.parquet"
    pl.concat(
        facts.with_columns(pl.col("export_usd").cast(pl.Float64) * year, year=pl.lit(year))
        for year in (2019, 2020, 2021)
    ).write_parquet(path)
    assert run(path, "--out", tmp_path / "two", "--year", "2019", "--year", "2021") == 0
    assert read(tmp_path / "two", "countries.csv")["year"].unique().to_list() == [2019, 2021]
    assert pl.read_parquet(tmp_path / "two" / "pairs.parquet").columns[0] == "year"
    assert run(path, "--out", tmp_path / "one", "--year", "2020") == 0
    assert read(tmp_path / "one", "countries.csv").columns[0] == "country"
    assert json.loads((tmp_path / "one" / "metadata.json").read_text())["years"] == [2020]


def test_people_take_out_the_small(tmp_path):
    countries = pl.read_csv(FACTS)["country"].unique().sort()
    people = tmp_path / "people.csv"
    pl.DataFrame({"iso3": countries.str.to_uppercase(), "population": 5e6}).with_columns(
        population=pl.when(pl.col("iso3") == "BLZ").then(380_000).otherwise("population")
    ).write_csv(people)
    assert run(FACTS, "--out", tmp_path / "out", "--population", people) == 0
    removed = json.loads((tmp_path / "out" / "metadata.json").read_text())["filter"]["removed"]
    assert {row["key"]: row["reason"] for row in removed["country"]} == {"blz": "380000 people"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("country,product,value\nirn,0101,lots\n", "'lots' of irn, 0101"),
        ("country,product\nirn,0101\n", "'value'"),
        ("country,product,value\nirn,0101,0\n", "there are no exports"),
    ],
)
def test_bad_facts_are_refused_and_nothing_is_written(tmp_path, capsys, text, reason):
    path = tmp_path / "facts.csv"
    path.write_text(text)
    assert run(path, "--out", tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert reason in error
    assert "facts.csv" in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_wrong_usage_is_told(tmp_path, capsys):
    assert run(tmp_path / "none.csv", "--out", tmp_path / "out") == 2
    assert "is not there" in capsys.readouterr().err
    assert run(FACTS, "--out", tmp_path / "out", "--no-filter", "--exporters", "3") == 2
    assert "Leave out the one" in capsys.readouterr().err
    assert run(FACTS, "--out", FACTS) == 2
    picture = tmp_path / "facts.png"
    picture.write_bytes(b"\x89PNG")
    assert run(picture, "--out", tmp_path / "out") == 1
    assert "Save the table in one of these forms" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
