"""``onshore trade opportunity`` and ``exports``, from a file of facts to a folder of results."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import onshore
from onshore.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "steel"

COUNTRIES = ["IRN", "DEU", "CHN", "TUR", "RUS", "IND", "ITA", "IRQ", "KAZ", "ARE", "JPN", "KOR"]
PRODUCTS = [
    *("848210", "848220", "848230", "840991", "841370", "841381", "848180", "850110", "850140"),
    *("853710", "854231", "870830", "870840", "870850", "870899", "720610", "722511", "730799"),
    *("732690", "401110", "390120", "681591", "252210", "260112"),
]


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """Invented trade of twelve countries in three years, as BACI writes it."""
    draw = np.random.default_rng(3)
    ability = draw.lognormal(0, 1.5, (len(COUNTRIES), len(PRODUCTS)))
    rows = []
    for year in (2021, 2022, 2023):
        for i, exporter in enumerate(COUNTRIES):
            for j, importer in enumerate(COUNTRIES):
                for k, product in enumerate(PRODUCTS):
                    value = ability[i, k] * (j + 3) * draw.lognormal(0, 0.4) * 1.1 ** (year - 2021)
                    if i != j and value > 3:
                        rows.append((year, exporter, importer, product, round(value, 3), 1.0))
    folder = tmp_path_factory.mktemp("facts")
    path = folder / "BACI_HS22.csv"
    pl.DataFrame(rows, schema=list("tijkvq"), orient="row").write_csv(path)
    return path


def run(*words):
    return main([str(word) for word in words])


def test_opportunity_writes_its_tables_their_source_and_a_page(facts, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("trade", "opportunity", facts, "--country", "Iran", "--out", out) == 0
    assert {path.name for path in out.iterdir()} == {
        "products.csv", "metadata.json", "chart.svg", "report.html",
    }  # fmt: skip
    products = pl.read_csv(out / "products.csv", schema_overrides={"product": pl.String})
    assert products["rank"].is_sorted()
    assert products.filter(pl.col("product") == "848210")["name"].to_list() in (
        ["Ball bearings"], [],
    )  # fmt: skip
    wanted = {"import_value", "hhi", "density", "cog", "market_growth", "rank_low", "reason"}
    assert wanted <= set(products.columns)
    metadata = json.loads((out / "metadata.json").read_text())
    assert metadata["command"] == "opportunity"
    assert metadata["country"] == "IRN"
    assert metadata["source"]["sha256"]
    assert metadata["years"] == [2023]
    assert metadata["currency"] == "thousand USD"
    left = metadata["filter"]["left_out"]
    assert products.height + left["made_already"] + left["below_minimum"] == len(PRODUCTS)
    # The imports are those of the file.
    told = pl.read_csv(facts, schema_overrides={"k": pl.String}).filter(
        pl.col("t") == 2023, pl.col("j") == "IRN"
    )
    truth = dict(told.group_by("k").agg(pl.col("v").sum()).iter_rows())
    for row in products.iter_rows(named=True):
        assert row["import_value"] == pytest.approx(truth[row["product"]])
    assert "products ranked for IRN in 2023" in capsys.readouterr().err


def test_weights_and_the_years_are_asked_for(facts, tmp_path):
    out = tmp_path / "out"
    words = ["--weight", "import_value=1", "--weight", "dependency=0", "--weight", "density=0",
             "--weight", "gain=0", "--weight", "growth=0", "--year", "2022"]  # fmt: skip
    assert run("trade", "opportunity", facts, "--country", "364", "--out", out, *words) == 0
    products = pl.read_csv(out / "products.csv")
    assert products["import_value"].is_sorted(descending=True)
    assert json.loads((out / "metadata.json").read_text())["year"] == 2022


def test_a_programme_adds_the_needs_under_the_products(facts, worked_example, tmp_path):
    out = tmp_path / "out"
    # The file's name says that its codes are of HS 2022.
    words = ["--programme", worked_example]
    assert run("trade", "opportunity", facts, "--country", "IRN", "--out", out, *words) == 0
    needs = pl.read_csv(out / "needs.csv", infer_schema=False)
    products = pl.read_csv(out / "products.csv", infer_schema=False)
    assert needs.height > 0
    assert set(needs["product"]) <= set(products["product"])
    assert (needs["hs_code"] == needs["product"]).all()
    back = pl.read_csv(out / "products_of_needs.csv", infer_schema=False)
    assert set(needs["need_id"]) == set(back.drop_nulls("product")["need_id"])
    assert (back["product"].is_null() == back["reason"].is_not_null()).all()
    assert back["need_id"].n_unique() == onshore.open(worked_example).table("needs").height


def test_the_results_of_complexity_can_be_given(facts, tmp_path):
    first, second = tmp_path / "complexity", tmp_path / "out"
    assert run("trade", "complexity", facts, "--out", first, "--no-filter") == 0
    words = ["--complexity", first, "--year", "2023"]
    assert run("trade", "opportunity", facts, "--country", "IRN", "--out", second, *words) == 0
    own = tmp_path / "own"
    words = ["--no-filter", "--year", "2023"]
    assert run("trade", "opportunity", facts, "--country", "IRN", "--out", own, *words) == 0
    # Its keys may be written in another way.
    pairs = pl.read_parquet(first / "pairs.parquet")
    pairs.with_columns(pl.col("country").str.to_lowercase()).write_parquet(first / "pairs.parquet")
    third = tmp_path / "third"
    assert run("trade", "opportunity", facts, "--country", "IRN", "--out", third,
               "--complexity", first) == 0  # fmt: skip
    # A sum's last digit hangs on the order in which the threads added.
    tables = (pl.read_csv(folder / "products.csv") for folder in (second, third))
    assert_frame_equal(*tables, abs_tol=0, rel_tol=1e-12)
    given, reckoned = (pl.read_csv(folder / "products.csv") for folder in (second, own))
    assert given["density"].to_list() == pytest.approx(reckoned["density"].to_list())
    assert given["product"].to_list() == reckoned["product"].to_list()


def test_a_folder_that_is_no_complexity_is_refused(facts, tmp_path, capsys):
    words = ["--country", "IRN", "--out", tmp_path / "out", "--complexity", tmp_path]
    (tmp_path / "pairs.parquet").write_text("no parquet")
    (tmp_path / "products.csv").write_text("product,pci\n848210,1\n")
    assert run("trade", "opportunity", facts, *words) == 1
    assert "pairs.parquet cannot be read" in capsys.readouterr().err
    pl.DataFrame({"country": ["IRN"]}).write_parquet(tmp_path / "pairs.parquet")
    assert run("trade", "opportunity", facts, *words) == 1
    assert "no column 'product'" in capsys.readouterr().err


def test_exports_writes_potential_growth_and_next_markets(facts, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["--product", "8708", "--reference", "Russia"]
    assert run("trade", "exports", facts, "--country", "IRN", "--out", out, *words) == 0
    assert {path.name for path in out.iterdir()} == {
        *("products.csv", "partners.csv", "pairs.parquet", "diversification.csv"),
        *("diversification_pairs.parquet", "growth.csv", "next_markets.csv"),
        *("metadata.json", "chart.svg", "report.html"),
    }
    partners = pl.read_csv(out / "partners.csv")
    assert partners["potential"].to_list() == pytest.approx(partners["exports"].to_list())
    assert dict(partners.select("partner", "name").iter_rows())["RUS"].startswith("Russia")
    pairs = pl.read_parquet(out / "pairs.parquet")
    products = pl.read_csv(out / "products.csv")
    assert pairs["unrealised"].sum() == pytest.approx(products["unrealised"].sum())
    growth = pl.read_csv(out / "growth.csv")
    effects = growth["market_effect"] + growth["share_effect"]
    assert effects.to_list() == pytest.approx(growth["change"].to_list())
    markets = pl.read_csv(out / "next_markets.csv")
    reference = markets.filter(pl.col("partner") == "RUS")
    assert reference["at_reference_share"][0] == pytest.approx(reference["exports"][0])
    assert "of potential exports not realised" in capsys.readouterr().err


def test_factors_are_read_and_their_countries_found(facts, tmp_path):
    growth = tmp_path / "growth.csv"
    growth.write_text("country,supply,demand\nGermany,1,2\nAtlantis,1,1\n")
    out, plain = tmp_path / "out", tmp_path / "plain"
    words = ["--country", "IRN", "--out"]
    assert run("trade", "exports", facts, *words, out, "--growth", growth) == 0
    assert run("trade", "exports", facts, *words, plain) == 0
    grown, usual = (
        dict(pl.read_csv(folder / "partners.csv").select("partner", "potential").iter_rows())
        for folder in (out, plain)
    )
    assert grown["DEU"] == pytest.approx(2 * usual["DEU"])
    assert grown["CHN"] == pytest.approx(usual["CHN"])


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--country", "Atlantis"], 1, "Atlantis"),
        (["--country", "IRN", "--weight", "gain"], 2, "such as gain=2"),
        (["--country", "IRN", "--weight", "luck=1"], 1, "'luck' is not a component"),
        (["--country", "IRN", "--year", "1999"], 1, "1999"),
        (["--country", "IRN", "--complexity", "nowhere"], 2, "is not there"),
        (["--country", "IRN", "--revision", "HS1789", "--programme", EXAMPLE], 2, "HS1789"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    facts, tmp_path, capsys, words, status, told
):
    out = tmp_path / "out"
    assert run("trade", "opportunity", facts, "--out", out, *words) == status
    assert told in capsys.readouterr().err
    assert not out.exists()


def test_an_extract_of_one_country_is_screened_and_has_no_potential(facts, tmp_path, capsys):
    extract = tmp_path / "extract.csv"
    whole = pl.read_csv(facts, schema_overrides={"k": pl.String})
    whole.filter(pl.col("j") == "IRN").write_csv(extract)
    out = tmp_path / "out"
    assert run("trade", "opportunity", extract, "--country", "IRN", "--out", out) == 0
    told = capsys.readouterr().err
    assert "Complexity needs the exports of many countries" in told
    assert "growth is not known of any product" in told
    weights = json.loads((out / "metadata.json").read_text())["weights"]
    assert set(weights) == {"import_value", "dependency"}
    other = tmp_path / "other"
    assert run("trade", "exports", extract, "--country", "IRN", "--out", other) == 1
    assert "Give the world's trade" in capsys.readouterr().err
    assert not other.exists()


def test_mixed_revisions_are_named(facts, tmp_path, capsys):
    # 854230 ended with HS 1992-2002, 854231 came with HS 2007.
    mixed = tmp_path / "mixed.csv"
    text = facts.read_text()
    lines = [line for line in text.splitlines() if ",854231," in line]
    mixed.write_text(text + "".join(f"{line.replace('854231', '854230')}\n" for line in lines))
    out = tmp_path / "out"
    assert run("trade", "exports", mixed, "--country", "IRN", "--out", out) == 0
    told = capsys.readouterr().err
    assert "HS revisions are mixed" in told
    assert "hs_revisions.convert" in told
    assert any("mixed" in w for w in json.loads((out / "metadata.json").read_text())["warnings"])


def test_bad_factors_are_named_by_row(facts, tmp_path, capsys):
    growth = tmp_path / "growth.csv"
    growth.write_text("country,supply,demand\nDEU,1,much\n")
    words = ["--country", "IRN", "--out", tmp_path / "out", "--growth", growth]
    assert run("trade", "exports", facts, *words) == 1
    assert "row 2, column demand: 'much' is no number" in capsys.readouterr().err
