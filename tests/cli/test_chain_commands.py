"""``onshore chain``: the files it writes, what it says and what it refuses."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from onshore.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples" / "chain"
COMMON = {"sites.csv", "names.csv", "metadata.json", "chart.svg", "report.html"}


@pytest.fixture
def steel(tmp_path):
    """The worked chain of steel, one year and two seasons, so that a command takes little time."""
    folder = tmp_path / "steel"
    shutil.copytree(EXAMPLES / "steel", folder)
    demands = pl.read_csv(folder / "demands.csv").filter(pl.col("year") <= 2026)
    demands.write_csv(folder / "demands.csv")
    budgets = pl.read_csv(folder / "budgets.csv").filter(pl.col("year") <= 2026)
    budgets.write_csv(folder / "budgets.csv")
    text = (folder / "chain.toml").read_text("utf-8")
    years = "years = [2025, 2026, 2027, 2028, 2029, 2030]"
    assert years in text
    (folder / "chain.toml").write_text(text.replace(years, "years = [2025, 2026]"), "utf-8")
    return folder


def ran(folder, command, *words, files):
    out = folder.parent / "out"
    asked = ["chain", command, str(folder), *[str(word) for word in words], "--out", str(out)]
    assert main(asked) == 0
    assert {path.name for path in out.iterdir()} == files | COMMON
    told = json.loads((out / "metadata.json").read_text("utf-8"))
    assert told["command"] == command
    assert told["formulas"]
    assert told["source"]["sha256"]
    assert told["illustrative_rows"]["demands"][0] > 0
    assert (out / "chart.svg").read_text("utf-8").startswith("<svg")
    assert "<html" in (out / "report.html").read_text("utf-8")[:500]
    return out, told


def refused(capsys, *words):
    status = main(["chain", *[str(word) for word in words]])
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return status, said


RUN = {f"{name}.csv" for name in (
    "balance", "self_sufficiency", "exports_left", "bottlenecks", "capacity_worth", "activity",
    "flows", "trades", "stocks", "unserved", "prices", "streams",
)}  # fmt: skip


def test_run_writes_every_answer_and_says_the_bottleneck(steel, capsys):
    out, told = ran(steel, "run", "--year", 2025, files=RUN)
    said = capsys.readouterr().out
    assert "The bottleneck is the capacity of electric arc furnace" in said
    assert told["years"] == [2025]
    assert told["product"] == "finished steel"
    assert told["parameters"] == {"objective": "least cost", "projects": "none"}
    balance = pl.read_csv(out / "balance.csv")
    assert balance["year"].unique().to_list() == [2025]
    assert balance["difference"].abs().max() < 1e-6
    sites = pl.read_csv(out / "sites.csv")
    eaf = sites.filter(
        (pl.col("process") == "electric arc furnace") & (pl.col("kind") == "in service")
    )
    assert eaf["capacity"].sum() == pytest.approx(37_700, abs=100)
    assert 'class="p-land"' in (out / "report.html").read_text("utf-8")


def test_the_most_output_is_asked_for_by_name(steel):
    _, told = ran(
        steel, "run", "--year", 2026, "--objective", "most output:crude steel",
        "--projects", "all", "--language", "fa", files=RUN,
    )  # fmt: skip
    assert told["product"] == "crude steel"
    assert told["objective_value"] > 43_000
    page = (steel.parent / "out" / "report.html").read_text("utf-8")
    assert 'lang="fa"' in page


def test_target_tells_its_probability(steel, capsys):
    files = {"fan.csv", "projects.csv", "steps.csv", "shortfall.csv", "outputs.csv", "dates.csv"}
    out, told = ran(
        steel, "target", "--commodity", "crude steel", "--amount", 43_100, "--year", 2026,
        "--draws", 40, "--seed", 7, files=files,
    )  # fmt: skip
    assert 0 <= told["probability"] <= 1
    said = capsys.readouterr().out
    assert "43,100 kt of crude steel in 2026" in said
    outputs = pl.read_csv(out / "outputs.csv").filter(pl.col("year") == 2026)
    share = (outputs["output"] >= 43_100 * (1 - 1e-9)).mean()
    assert told["probability"] == pytest.approx(share)
    assert told["parameters"]["seed"] == 7


def test_shock_ranks_what_is_lost(steel, capsys):
    out, told = ran(
        steel, "shock", "--kind", "province", "--first", 3, "--season", "summer", "--weeks", 6,
        files={"losses.csv"},
    )  # fmt: skip
    losses = pl.read_csv(out / "losses.csv")
    assert losses["rank"].to_list() == list(range(1, losses.height + 1))
    assert losses["lost"].to_list() == sorted(losses["lost"], reverse=True)
    assert set(losses["weeks"]) == {6.0}
    assert told["years"] == [2025]
    assert "lost in turn" in capsys.readouterr().out


def test_shock_takes_losses_cuts_and_options(steel):
    losses = steel.parent / "losses.csv"
    losses.write_text("kind,node,weeks\nplace,IR-10,۴\n", "utf-8")
    cuts = steel.parent / "cuts.csv"
    cuts.write_text("commodity,season,share\nnatural gas,winter,0.3\n", "utf-8")
    options = steel.parent / "options.csv"
    options.write_text("kind,commodity,place,cost\nstock,finished steel,IR-10,20000\n", "utf-8")
    out, told = ran(
        steel, "shock", "--losses", losses, "--cuts", cuts, "--options", options,
        "--season", "summer", files={"losses.csv", "cuts.csv", "protection.csv"},
    )  # fmt: skip
    assert pl.read_csv(out / "losses.csv")["node"].to_list() == ["IR-10"]
    assert pl.read_csv(out / "cuts.csv")["lost"].sum() > 0
    assert pl.read_csv(out / "protection.csv").height == 1
    assert set(told["beside"]) == {"losses", "cuts", "options"}


def test_expand_keeps_to_the_budget(steel, capsys):
    files = {"built.csv", "left_out.csv", "spending.csv", "needs.csv", "balance.csv", "streams.csv"}
    out, told = ran(steel, "expand", "--budget", 600_000_000, "--gap", 0.05, files=files)
    spending = pl.read_csv(out / "spending.csv")
    built = pl.read_csv(out / "built.csv")
    assert 0 < spending["spent"].sum() <= 600_000_000 + 1
    assert built["cost"].sum() <= 600_000_000 + 1
    assert spending["left"].min() >= -1
    assert told["gain_unit"] == "USD"
    assert "projects are built" in capsys.readouterr().out


def test_bad_rows_are_named_and_nothing_is_written(steel, capsys):
    text = (steel / "recipes.csv").read_text("utf-8")
    assert "pelletizing,iron ore concentrate,-1.18577" in text
    spoiled = text.replace(
        "pelletizing,iron ore concentrate,-1.18577", "pelletizing,iron ore concentrate,-0.1"
    )
    (steel / "recipes.csv").write_text(spoiled, "utf-8")
    out = steel.parent / "out"
    status, said = refused(capsys, "run", steel, "--out", out)
    assert status == 1
    assert "pelletizing" in said
    assert "makes mass from nothing" in said
    assert not out.exists()


def test_limits_that_collide_are_named(steel, capsys):
    demands = pl.read_csv(steel / "demands.csv").with_columns(
        amount=pl.col("amount") * 100, worth=pl.lit(None, pl.Float64)
    )
    demands.write_csv(steel / "demands.csv")
    status, said = refused(capsys, "run", steel, "--year", 2025, "--out", steel.parent / "out")
    assert status == 1
    assert "no flows keep all limits" in said
    assert "Relax one of them" in said


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("run", "nowhere"), 2, "nowhere is not there"),
        (("run", "STEEL/chain.toml"), 2, "A chain is a folder"),
        (("run", "STEEL", "--year", "1999"), 2, "does not tell 1999. Its years are 2025, 2026"),
        (("run", "STEEL", "--product", "gold"), 2, "has no commodity 'gold'"),
        (("run", "STEEL", "--objective", "beauty"), 1, "beauty"),
        (("shock", "STEEL", "--lose", "IR-10"), 2, "write it as KIND=NODE"),
        (("shock", "STEEL", "--lose", "place=IR-99"), 1, "IR-99"),
        (("shock", "STEEL", "--weeks", "0"), 1, "no time of a loss"),
        (("shock", "STEEL", "--budget", "5"), 2, "--options FILE"),
        (("shock", "STEEL", "--losses", "STEEL/places.csv"), 1, "the column kind is missing"),
        (("expand", "STEEL", "--reach", "45 Mt"), 2, "COMMODITY:AMOUNT:YEAR"),
        (("expand", "STEEL", "--reach", "a:1:2026", "--frontier"), 2, "--frontier and --reach"),
        (
            ("target", "STEEL", "--commodity", "gold", "--amount", "5", "--year", "2026"),
            1,
            "gold",
        ),
    ],
)
def test_bad_input_is_refused_in_words(steel, capsys, words, status, said):
    given = [word.replace("STEEL", str(steel)) for word in words]
    out = steel.parent / "out"
    got, told = refused(capsys, *given, "--out", out)
    assert (got, said in told) == (status, True), told
    assert not out.exists()


def test_a_number_that_is_none_is_named_by_row_and_column(steel, capsys):
    losses = steel.parent / "losses.csv"
    losses.write_text("kind,node,weeks\nplace,IR-10,4\nplace,IR-06,many\n", "utf-8")
    status, said = refused(
        capsys, "shock", steel, "--losses", losses, "--out", steel.parent / "out"
    )  # fmt: skip
    assert status == 1
    assert "losses.csv, row 3, column weeks: many is no number" in said


def test_a_chain_without_a_file_says_what_belongs_in_it(tmp_path, capsys):
    status, said = refused(capsys, "run", tmp_path, "--out", tmp_path / "out")
    assert status == 1
    assert "chain.toml" in said
    assert "a file for each table" in said
