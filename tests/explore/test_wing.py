"""The worked example of an exploration wing opens, and its figures hang together."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import onshore
from onshore import explore

WING = Path(__file__).parents[2] / "examples" / "explore" / "wing"


@pytest.fixture(scope="module")
def wing():
    return onshore.open(WING)


@pytest.fixture(scope="module")
def holes(wing):
    return explore.read_drillholes(
        *(wing.table(name) for name in ("drillholes", "surveys", "assays", "lithology_logs"))
    )


def test_its_rows_are_marked_as_illustrative(wing):
    for name, frame in wing.frames.items():
        if "illustrative" in frame.columns and frame.height and name != "commodity_routes":
            assert frame["illustrative"].all(), name
    assert wing.settings.illustrative


def test_its_holes_are_without_fault(holes):
    assert holes.findings.is_empty()
    assert holes.collars.height == 25
    ends = explore.desurvey(holes).group_by("hole_id").agg(pl.col("z").last())
    assert (ends["z"] < holes.collars["z"].min()).all()


def test_files_and_records_give_the_same_holes(holes):
    files = [WING / f"{name}.csv" for name in ("drillholes", "surveys", "assays", "lithology_logs")]
    read = explore.read_drillholes(*files)
    for name in ("collars", "surveys", "assays", "lithologies"):
        assert getattr(read, name).equals(getattr(holes, name)), name


def test_its_resource_is_what_its_holes_tell(wing, holes):
    ore = explore.composite(holes, length=4.0, analytes=["Cu"], by_rock=True).filter(rock="skarn")
    estimate = explore.estimate_blocks(
        ore, size=(20, 20, 10), least=3, within=explore.rock_shares(holes, ["skarn"], length=4.0)
    )
    table = explore.tonnage_grade(explore.classify_blocks(estimate), [0.3], density=3.2)
    told = wing.table("estimates").filter(deposit_id="D-1").sort("estimated_on")
    for name in ("measured", "indicated"):
        made = table.filter(pl.col("class") == name).row(0, named=True)
        stated = told.filter(pl.col("class") == name).row(-1, named=True)
        assert made["tonnes"] == pytest.approx(float(stated["tonnage"]), rel=2e-3)
        assert made["grade"] == pytest.approx(float(stated["grade"]), abs=1e-3)


def test_its_ledger_ties_but_for_what_it_shows_as_missing(wing):
    ledger = explore.resource_ledger(wing.table("estimates"), wing.table("resource_changes"))
    assert len(ledger.warnings) == 1
    missing = ledger.lines.filter(reason="not explained")
    assert missing.select("deposit_id", "class", "tonnage").rows() == [
        ("D-4", "probable", Decimal(-300_000))
    ]
    proved = ledger.balances.filter(pl.col("class") == "proved")
    assert proved["tonnage"].to_list() == [Decimal(40_100_000)]


def test_every_rare_mineral_has_a_whole_route(wing):
    routes = wing.table("commodity_routes").sort("commodity", "mineral", "step")
    assert routes["rare"].all()
    for _, route in routes.group_by("commodity", "mineral"):
        assert route["step"].to_list() == list(range(1, route.height + 1))
    sought = set(wing.table("deposits")["commodities"].str.split(";").explode())
    assert {"Li", "REE", "Ti", "Re"} <= sought & set(routes["commodity"])
