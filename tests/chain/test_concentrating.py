"""Ore to concentrate: mass and metal are kept, and what the tables say follows from the grades."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore import chain
from onshore.chain import ChainError, concentrate, concentrate_elements, recovery_of_assays
from onshore.chain.concentrating import with_grades

EXAMPLES = Path(__file__).parents[2] / "examples" / "chain"
shares = st.floats(1e-4, 1.0)


# Nothing, or a gram of ore in a year and more: amounts near the smallest float have no digits.
ores = st.one_of(st.just(0.0), st.floats(1e-9, 1e6))


@given(ores, shares, shares, st.floats(0.01, 1.0))
def test_mass_and_metal_are_kept(ore, one, other, recovery):
    feed, rich = sorted((one, other))
    split = concentrate(ore, feed, rich, recovery)

    assert split.concentrate + split.tailings == pytest.approx(ore, rel=1e-12)
    in_products = split.metal + split.tailings * split.tailings_grade
    assert in_products == pytest.approx(ore * feed, rel=1e-9, abs=1e-9)
    assert split.metal == pytest.approx(ore * feed * recovery, rel=1e-12)
    assert 0.0 <= split.tailings_grade <= feed * (1 + 1e-9)
    assert split.ratio * split.mass_pull == pytest.approx(1.0)


@given(st.floats(0.001, 0.1), st.floats(0.2, 0.6), st.floats(0.05, 0.99))
def test_the_assays_tell_the_recovery_that_made_them(feed, rich, recovery):
    split = concentrate(1000.0, feed, rich, recovery)
    assert recovery_of_assays(feed, rich, split.tailings_grade) == pytest.approx(recovery)


def test_a_copper_concentrator_by_hand():
    # 1,000 t at 0.8 % hold 8 t of copper; 85 % of it is 6.8 t, in concentrate of 25 %: 27.2 t.
    split = concentrate(1000, 0.008, 0.25, 0.85)
    assert split.concentrate == pytest.approx(27.2)
    assert split.ratio == pytest.approx(1000 / 27.2)
    assert split.tailings_grade == pytest.approx(1.2 / 972.8)
    assert split.enrichment == pytest.approx(31.25)


def test_recipe_rows_balance():
    recipe = concentrate(1, 0.01, 0.25, 0.8).recipe("mill", "ore", "concentrate", "tailings")
    assert recipe["rate"].to_list() == pytest.approx([-31.25, 1.0, 30.25])
    assert recipe["rate"].sum() == pytest.approx(0.0)


@given(st.lists(st.tuples(st.floats(1e-3, 0.05), st.floats(0.1, 1.0)), min_size=1, max_size=6))
def test_each_element_is_kept_and_grades_add_up(rows):
    elements = pl.DataFrame(
        {
            "element": [f"e{n}" for n in range(len(rows))],
            "grade": [grade for grade, _ in rows],
            "recovery": [recovery for _, recovery in rows],
        }
    )
    found = concentrate_elements(1000.0, elements, 0.5)

    kept = found["won"] + found["lost"]
    assert kept.to_list() == pytest.approx((1000 * elements["grade"]).to_list())
    assert found["concentrate_grade"].sum() == pytest.approx(0.5)
    assert found["share"].sum() == pytest.approx(1.0)
    mass = found["won"].sum() / 0.5
    assert (found["won"] / mass).to_list() == pytest.approx(found["concentrate_grade"].to_list())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((100, 0.7, 28, 0.9), "28 % is 0.28"),
        ((100, 0.28, 0.007, 0.9), "poorer than the ore"),
        ((100, 0.0, 0.28, 0.9), "feed_grade is 0"),
        ((100, 0.007, 0.28, 90), "90 % is 0.9"),
        ((-1, 0.007, 0.28, 0.9), "ore is -1"),
        ((float("nan"), 0.007, 0.28, 0.9), "ore is nan"),
    ],
)
def test_impossible_figures_are_refused(arguments, told):
    with pytest.raises(ChainError, match=told):
        concentrate(*arguments)


def test_no_concentrate_is_richer_than_its_mineral():
    with pytest.raises(ChainError, match="richer than its mineral"):
        concentrate(100, 0.007, 0.36, 0.9, mineral_grade=0.346)


def test_assays_out_of_order_are_refused():
    with pytest.raises(ChainError, match="richer than the tailings"):
        recovery_of_assays(0.007, 0.28, 0.008)


def test_elements_that_cannot_be_are_refused():
    frame = pl.DataFrame({"element": ["a", "b"], "grade": [0.7, 0.6], "recovery": [0.9, 0.9]})
    with pytest.raises(ChainError, match=r"add up to 1\.3"):
        concentrate_elements(1.0, frame, 0.9)
    with pytest.raises(ChainError, match="column recovery is missing"):
        concentrate_elements(1.0, frame.drop("recovery"), 0.9)
    with pytest.raises(ChainError, match="recovery of a is missing"):
        concentrate_elements(
            1.0, frame.with_columns(grade=pl.lit(0.1), recovery=pl.lit(None, pl.Float64)), 0.9
        )


def small(ore_unit="kt"):
    frame = pl.DataFrame
    return chain.read_chain(
        {
            "commodities": frame(
                {
                    "commodity": ["ore", "concentrate", "tailings", "power"],
                    "unit": [ore_unit, "kt", "kt", "GWh"],
                    "kind": ["material"] * 3 + ["energy"],
                }
            ),
            "places": frame({"place": ["here"]}),
            "processes": frame({"process": ["mill"], "commodity": ["concentrate"]}),
            "recipes": frame(
                {
                    "process": ["mill"] * 3,
                    "commodity": ["ore", "tailings", "power"],
                    "rate": [-40.0, 39.0, -1.0],
                    "unit": ["kt", "kt", "GWh"],
                }
            ),
            "assets": frame(
                {
                    "asset": ["mill"],
                    "process": ["mill"],
                    "place": ["here"],
                    "capacity": [10.0],
                    "from_year": [2020],
                }
            ),
            "markets": frame(
                {
                    "market": ["ore", "power", "tailings dam"],
                    "commodity": ["ore", "power", "tailings"],
                    "place": ["here"] * 3,
                    "direction": ["import", "import", "export"],
                }
            ),
        },
        settings={"name": "mill", "years": [2025]},
    )


@pytest.mark.parametrize(("unit", "factor"), [("kt", 1.0), ("t", 1000.0)])
def test_other_ore_changes_the_recipe_and_what_grows_with_the_ore(unit, factor):
    changed = with_grades(small(unit), "mill", 0.01, 0.25, 0.5).table("recipes")
    rates = dict(changed.select("commodity", "rate").iter_rows())
    assert rates["ore"] == pytest.approx(-50.0 * factor)
    assert rates["tailings"] == pytest.approx(49.0)
    assert rates["power"] == pytest.approx(-1.25)
    assert rates["concentrate"] == 1.0


def test_only_a_concentrator_has_grades():
    copper = chain.read_chain(EXAMPLES / "copper")
    with pytest.raises(ChainError, match="smelting takes 2 materials"):
        with_grades(copper, "smelting", 0.1, 0.9, 0.9)
    with pytest.raises(ChainError, match="no process 'milling'"):
        with_grades(copper, "milling", 0.1, 0.9, 0.9)
