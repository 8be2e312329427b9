"""``onshore economy``: the files it writes, what it says and what it refuses."""

import json

import numpy as np
import polars as pl
import pytest
from input_output_tables import drawn

from onshore import economy
from onshore.cli import main

COMMON = {"metadata.json", "chart.svg", "report.html"}


def text_of(table, *, final=True):
    columns = {"sector": list(table.sectors)}
    columns |= dict(zip(table.sectors, table.flows.T, strict=True))
    wide = pl.DataFrame({**columns, **(table.final_demand if final else {})})
    rows = [
        {"sector": name, **dict(zip(table.sectors, values.tolist(), strict=True))}
        for name, values in (table.factors | {"output": table.output}).items()
    ]
    return pl.concat([wide, pl.DataFrame(rows)], how="diagonal").write_csv()


def imports_of(table):
    columns = dict(zip(table.sectors, table.imports.T, strict=True))
    frame = pl.DataFrame({"product": list(table.sectors), **columns})
    return frame.with_columns(households=pl.Series(table.final_imports["households"])).write_csv()


@pytest.fixture
def folder(tmp_path):
    for name, seed in (("early", 1), ("late", 2)):
        table = drawn(seed, 4)
        (tmp_path / f"{name}.csv").write_text(text_of(table), "utf-8")
        (tmp_path / f"{name}-imports.csv").write_text(imports_of(table), "utf-8")
    rows = [("isfahan", "s0", 60), ("isfahan", "s1", 20), ("yazd", "s0", 8), ("yazd", "s1", 9)]
    rows += [("tehran", "s0", 5), ("tehran", "s1", 90), ("tehran", "s2", 9), ("tehran", "s3", 9)]
    frame = pl.DataFrame(rows, schema=["place", "sector", "value"], orient="row")
    frame.write_csv(tmp_path / "activity.csv")
    return tmp_path


def ran(folder, *words, files):
    out = folder / "out"
    assert main(["economy", *[str(word) for word in words], "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == files | COMMON
    told = json.loads((out / "metadata.json").read_text("utf-8"))
    assert told["command"] == words[0]
    assert told["formulas"]
    assert told["normalisation"]
    assert (out / "chart.svg").read_text("utf-8").startswith("<svg")
    assert "<html" in (out / "report.html").read_text("utf-8")[:500]
    return out, told


def test_multipliers_are_written_for_one_factor_and_for_all(folder, capsys):
    path = folder / "early.csv"
    words = ("multipliers", path, "--factor", "jobs", "--kind", "II", "--currency", "million IRR")
    out, told = ran(folder, *words, files={"multipliers.csv", "effects.csv"})
    read = economy.read_table(path)
    found = pl.read_csv(out / "multipliers.csv")
    assert found.equals(economy.multipliers(read, "jobs", kind="II"))
    assert pl.read_csv(out / "effects.csv").equals(economy.effects(read))
    assert told["source"]["rows"] == 4
    assert len(told["source"]["sha256"]) == 64
    assert (told["factor"], told["kind"], told["currency"]) == ("jobs", "II", "million IRR")
    assert str(out / "multipliers.csv") in capsys.readouterr().out.splitlines()


def test_linkages_are_written(folder):
    read = economy.read_table(folder / "early.csv")
    out, _ = ran(folder, "linkages", folder / "early.csv", files={"linkages.csv"})
    assert pl.read_csv(out / "linkages.csv").equals(economy.linkages(read))


@pytest.mark.parametrize("variant", ["whole", "backward", "forward"])
def test_extractions_are_written(folder, variant):
    words = ("extract", folder / "early.csv", "--variant", variant)
    both = ("--together", "s0", "--together", "s2")
    out, told = ran(folder, *words, *both, files={"extract.csv", "together.csv"})
    read = economy.read_table(folder / "early.csv")
    assert pl.read_csv(out / "extract.csv").equals(economy.extract(read, variant))
    together = pl.read_csv(out / "together.csv")
    assert together.filter("taken_out")["sector"].to_list() == ["s0", "s2"]
    assert told["variant"] == variant


def test_substitution_is_written_for_one_product_and_for_each(folder):
    path, imports = folder / "early.csv", folder / "early-imports.csv"
    words = ("substitute", path, "--imports", imports)
    out, told = ran(folder, *words, files={"products.csv"})
    assert pl.read_csv(out / "products.csv")["net_currency_saved"].is_not_null().all()
    words = (*words, "--product", "S1", "--share", "0.5")
    out, told = ran(folder, *words, files={"products.csv", "substitute.csv", "sectors.csv"})
    read = economy.read_table(path, imports=imports)
    done = economy.substitute(read, "s1", share=0.5)
    assert pl.read_csv(out / "substitute.csv").equals(done.summary)
    assert pl.read_csv(out / "sectors.csv").equals(done.sectors)
    assert told["product"] == "s1"
    assert told["imports"]["file"] == "early-imports.csv"


def test_growth_is_decomposed(folder):
    early, late = folder / "early.csv", folder / "late.csv"
    given = [f"--imports-{n}" for n in ("before", "after")]
    files = [folder / "early-imports.csv", folder / "late-imports.csv"]
    words = ("decompose", early, late, given[0], files[0], given[1], files[1])
    out, told = ran(folder, *words, files={"decompose.csv"})
    found = pl.read_csv(out / "decompose.csv")
    terms = found.select(pl.sum_horizontal(found.columns[4:])).to_series()
    assert np.allclose(terms, found["change"])
    assert told["source_after"]["file"] == "late.csv"


def test_the_next_provinces_and_a_provinces_own_table(folder, capsys):
    activity, table = folder / "activity.csv", folder / "early.csv"
    words = ("regions", activity, "--sector", "s0", "--taken", "isfahan")
    out, told = ran(folder, *words, files={"next.csv", "quotients.csv"})
    found = pl.read_csv(out / "next.csv")
    assert found["phase"].to_list() == ["taken", "next", "later"]
    assert told["filter"] == {"location_quotient_from": 1.25, "share_of_sector_from": 0.02}
    own = ("--table", table, "--place", "tehran")
    files = {"next.csv", "quotients.csv", "multipliers.csv", "flows.csv"}
    out, told = ran(folder, *words, *own, files=files)
    assert told["illustrative"] is True
    assert "illustrative" in capsys.readouterr().err


def test_warnings_are_printed_and_written(folder, capsys):
    idle = drawn(3, 4, idle=[1])
    (folder / "idle.csv").write_text(text_of(idle), "utf-8")
    _, told = ran(folder, "linkages", folder / "idle.csv", files={"linkages.csv"})
    assert told["warnings"][0].startswith("no output: s1.")
    assert "warning: no output: s1." in capsys.readouterr().err


def test_the_page_speaks_persian(folder):
    words = ("multipliers", folder / "early.csv", "--language", "fa")
    out, _ = ran(folder, *words, files={"multipliers.csv", "effects.csv"})
    assert 'dir="rtl"' in (out / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["multipliers", "no.csv"], 2, "is not there"),
        (["multipliers", "early.csv", "--factor", "oil"], 1, "no factor 'oil'"),
        (["multipliers", "bad.csv"], 1, "bad.csv, row 2 (a), column b: 'x' is no number"),
        (["multipliers", "alone.csv"], 1, "neither output nor final demand"),
        (["extract", "early.csv", "--together", "s9"], 1, "no sector 's9'"),
        (["extract", "early.csv", "--variant", "half"], 2, "half"),
        (["substitute", "early.csv", "--product", "s1"], 2, "--amount X or --share S"),
        (["substitute", "early.csv", "--amount", "1"], 2, "--product SECTOR"),
        (["substitute", "early.csv", "--product", "s1", "--share", "1"], 1, "imports by product"),
        (["decompose", "early.csv", "late.csv"], 1, "no imports by product"),
        (["decompose", "early.csv", "late.csv", "--imports", "late.csv"], 2, "--imports-before"),
        (["regions", "activity.csv", "--sector", "s9"], 1, "There are: s0, s1, s2, s3"),
        (["regions", "activity.csv", "--sector", "s0", "--place", "qom"], 2, "--table TABLE"),
        (["regions", "early.csv", "--sector", "s0"], 1, "lacks place, value"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(folder, capsys, words, status, told):
    (folder / "bad.csv").write_text("s,a,b\na,1,x\nb,1,1\noutput,9,9\n", "utf-8")
    (folder / "alone.csv").write_text("s,a,b\na,1,2\nb,1,1\n", "utf-8")
    given = [str(folder / word) if word.endswith(".csv") else word for word in words]
    assert main(["economy", *given, "--out", str(folder / "out")]) == status
    assert told in capsys.readouterr().err
    assert not (folder / "out").exists()
