"""The screen of products to localize: percentiles by hand, sensitivity, what is left out."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.trade import COMPONENTS, TradeError, opportunity, product_names

# What A imports: p 100, q 50, r 25, s 10 in 2021; the rest of the world buys too.
FLOWS = [
    (2020, "B", "A", "p", 80.0), (2021, "B", "A", "p", 100.0),
    (2021, "C", "A", "q", 50.0), (2021, "B", "A", "r", 25.0), (2021, "B", "A", "s", 10.0),
    (2020, "B", "C", "p", 100.0), (2021, "B", "C", "p", 110.0),
    (2020, "C", "B", "q", 100.0), (2021, "C", "B", "q", 150.0),
    (2020, "B", "C", "r", 100.0), (2021, "B", "C", "r", 50.0),
    (2021, "B", "C", "s", 70.0),
    (2020, "A", "B", "t", 5.0), (2021, "A", "B", "t", 5.0),
]  # fmt: skip
DEPENDENCY = pl.DataFrame(
    {"product": ["p", "q", "r", "s"], "hhi": [0.9, 0.3, 0.6, 0.5],
     "top_partner": ["B", "C", "B", "B"], "top_share": [0.95, 0.4, 0.7, 0.6]}
)  # fmt: skip
PAIRS = pl.DataFrame(
    {"country": ["A"] * 4 + ["B"], "product": ["p", "q", "r", "s", "p"],
     "rca": [0.1, 0.2, 0.0, 3.0, 2.0], "density": [0.3, 0.2, 0.1, 0.6, 0.9],
     "cog": [0.5, 1.5, 1.0, 0.0, 0.0]}
)  # fmt: skip
PCI = pl.DataFrame({"product": ["p", "q", "r", "s"], "pci": [1.0, 2.0, 0.5, -1.0]})


def flows():
    columns = ["period", "exporter", "importer", "product", "value"]
    return pl.DataFrame(FLOWS, schema=columns, orient="row")


def screen(**changes):
    given = {"dependency": DEPENDENCY, "pairs": PAIRS, "indices": PCI, "draws": 200} | changes
    return opportunity(flows(), "A", **given)


def test_percentiles_and_scores_by_hand():
    found = screen()
    rows = {row["product"]: row for row in found.products.to_dicts()}
    # s is made already (RCA 3); of the other three the percentiles are 1/6, 3/6 and 5/6.
    assert set(rows) == {"p", "q", "r"}
    assert [rows["p"][f"{name}_percentile"] * 6 for name in COMPONENTS] == pytest.approx(
        [5, 5, 5, 1, 3]
    )
    assert [rows["q"][f"{name}_percentile"] * 6 for name in COMPONENTS] == pytest.approx(
        [3, 1, 3, 5, 5]
    )
    assert [rows["r"][f"{name}_percentile"] * 6 for name in COMPONENTS] == pytest.approx(
        [1, 3, 1, 3, 1]
    )
    assert [rows[k]["score"] * 30 for k in "pqr"] == pytest.approx([19, 17, 9])
    assert found.products["product"].to_list() == ["p", "q", "r"]
    assert found.products["rank"].to_list() == [1, 2, 3]
    assert rows["p"]["market_growth"] == pytest.approx(0.1)
    assert rows["r"]["market_growth"] == pytest.approx(-0.5)
    assert rows["q"]["pci"] == 2.0
    assert found.metadata["filter"]["left_out"] == {"made_already": 1, "below_minimum": 0}


def test_a_weight_moves_the_order_and_zero_leaves_a_component_out():
    assert screen(weights={"gain": 10}).products["product"][0] == "q"
    without = screen(weights={"import_value": 0}).products
    kept = screen().products
    order = dict(zip(without["product"], without["rank"], strict=True))
    told = dict(zip(kept["product"], kept["rank_without_import_value"], strict=True))
    assert order == told
    assert "Imports" not in without["reason"][0]
    assert "rank_without_import_value" not in without.columns


def test_the_reason_names_every_component_with_its_place():
    reason = screen().products.filter(pl.col("product") == "p")["reason"][0]
    assert reason.startswith("Imports of 100 (top 17 %); HHI 0.90, 95% from B (top 17 %)")
    assert "world imports grow 10.0% a year (top 50 %)" in reason
    assert "For it most of all: import value; least: complexity gain." in reason


def test_what_is_not_known_of_a_product_is_named_and_the_rest_counts():
    partly = DEPENDENCY.filter(pl.col("product") != "p")
    row = screen(dependency=partly).products.filter(pl.col("product") == "p").row(0, named=True)
    assert row["missing"] == "dependency"
    assert "not known: dependency" in row["reason"]
    known = [row[f"{name}_percentile"] for name in COMPONENTS if name != "dependency"]
    assert row["dependency_percentile"] is None
    assert row["score"] == pytest.approx(sum(known) / 4)


def test_a_component_that_nobody_knows_does_not_count_and_is_told():
    found = opportunity(flows().filter(pl.col("period") == 2021), "A", dependency=DEPENDENCY)
    assert found.metadata["weights"] == {"import_value": 1.0, "dependency": 1.0}
    assert len(found.warnings) == 3
    assert "growth needs two years" in found.warnings[-1]
    # Without a table of complexity nothing is known to be made already.
    assert found.products.height == 4


def test_steady_weights_leave_the_ranks_and_drawn_ones_are_repeatable():
    steady = screen(spread=1.0).products
    assert steady["rank_low"].to_list() == steady["rank"].to_list()
    assert steady["rank_high"].to_list() == steady["rank"].to_list()
    assert screen(seed=7).products.equals(screen(seed=7).products)
    drawn = screen(spread=8.0, top=1).products
    assert (drawn["rank_low"] <= drawn["rank"]).all()
    assert (drawn["rank_high"] >= drawn["rank"]).all()
    assert drawn["in_top"].sum() == pytest.approx(1.0)
    assert 0 < drawn["in_top"][0] < 1


@settings(max_examples=40)
@given(st.lists(st.floats(0.1, 10), min_size=5, max_size=5), st.floats(0.5, 20))
def test_only_the_proportions_of_weights_count(weights, factor):
    one = screen(weights=dict(zip(COMPONENTS, weights, strict=True)), draws=2).products
    scaled = [weight * factor for weight in weights]
    other = screen(weights=dict(zip(COMPONENTS, scaled, strict=True)), draws=2).products
    assert one.sort("product")["score"].to_list() == pytest.approx(
        other.sort("product")["score"].to_list()
    )


@settings(max_examples=40)
@given(st.sampled_from(["p", "q", "r"]), st.floats(0.01, 5))
def test_more_of_a_component_never_lowers_a_product(product, more):
    mine = pl.col("product") == product
    raised = PAIRS.with_columns(
        cog=pl.when(mine & (pl.col("country") == "A")).then(pl.col("cog") + more).otherwise("cog")
    )
    before = screen(draws=2).products.filter(mine).row(0, named=True)
    after = screen(pairs=raised, draws=2).products.filter(mine).row(0, named=True)
    assert after["score"] >= before["score"] - 1e-12
    assert after["rank"] <= before["rank"]


def test_what_is_made_already_can_be_kept_and_small_imports_left_out():
    assert screen(made_from=None).products.height == 4
    found = screen(minimum=30)
    assert found.products["product"].sort().to_list() == ["p", "q"]
    assert found.metadata["filter"]["left_out"] == {"made_already": 1, "below_minimum": 1}


def test_not_a_number_counts_as_not_known():
    nowhere = PAIRS.with_columns(cog=pl.lit(float("nan")))
    found = screen(pairs=nowhere)
    assert "gain" not in found.metadata["weights"]
    assert found.products["score"].is_finite().all()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"weights": {"nearness": 1}}, "'nearness' is not a component"),
        ({"weights": {"gain": -1}}, "The weight of gain is -1"),
        ({"weights": {"gain": float("nan")}}, "The weight of gain is nan"),
        ({"weights": dict.fromkeys(COMPONENTS, 0)}, "No component with a weight above 0"),
        ({"minimum": 1e9}, "is left to rank"),
        ({"draws": 0}, "draws (0), top (20) and spread (2.0) are 1 or more"),
        ({"spread": 0.5}, "spread (0.5) are 1 or more"),
        ({"year": 1999}, "no year 1999"),
        ({"dependency": DEPENDENCY.drop("hhi")}, "dependency has no column 'hhi'"),
        ({"dependency": pl.concat([DEPENDENCY, DEPENDENCY])}, "more than once"),
    ],
)
def test_what_cannot_be_screened_is_refused(changes, told):
    with pytest.raises(TradeError) as caught:
        screen(**changes)
    assert told in str(caught.value)


def test_a_country_that_imports_nothing_is_refused():
    only_sells = flows().filter(pl.col("importer") != "A")
    with pytest.raises(TradeError, match="A imports nothing in 2021"):
        opportunity(only_sells, "A", dependency=DEPENDENCY)


def test_names_are_given_to_hs_codes_and_not_to_codes_of_another_list():
    assert product_names(["8482.10"])["name"].to_list() == ["Ball bearings"]
    sitc = [f"{number:04}" for number in range(9000, 9100)]
    assert product_names([*sitc, "8482"])["name"].null_count() == 101
