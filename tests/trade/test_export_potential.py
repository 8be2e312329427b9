"""The ITC's export potential: worked by hand, by brute force in fractions, and its identities."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onshore.trade import (
    TradeError,
    diversification,
    export_growth,
    export_potential,
    market_sums,
    next_markets,
    open_facts,
)

# Three countries and three products. World trade: p 16, q 24, r 32.
HAND = [
    ("A", "B", "p", 4.0), ("C", "B", "p", 4.0), ("A", "C", "p", 4.0), ("B", "C", "p", 4.0),
    ("A", "B", "q", 6.0), ("C", "B", "q", 10.0), ("B", "A", "q", 4.0), ("B", "C", "q", 4.0),
    ("A", "C", "r", 4.0), ("B", "C", "r", 20.0), ("C", "A", "r", 8.0),
]  # fmt: skip


def flows_of(rows, period=None):
    columns = ["exporter", "importer", "product", "value"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame if period is None else frame.with_columns(period=pl.lit(period))


def by_pair(frame, *columns):
    return {(row["partner"], row["product"]): tuple(row[c] for c in columns)
            for row in frame.to_dicts()}  # fmt: skip


def test_three_countries_and_products_by_hand():
    # Shares of A: p 8/16, q 6/24, r 4/32.
    # Hypothetical: to B 8/2 + 16/4 = 8, to C 8/2 + 4/4 + 24/8 = 8; sold to B 10, to C 8.
    found = export_potential(flows_of(HAND), "A")
    assert by_pair(
        found.pairs, "supply", "ease", "demand", "potential", "exports", "unrealised"
    ) == {
        ("B", "p"): (0.5, 1.25, 8.0, 5.0, 4.0, 1.0),
        ("B", "q"): (0.25, 1.25, 16.0, 5.0, 6.0, 0.0),
        ("C", "p"): (0.5, 1.0, 8.0, 4.0, 4.0, 0.0),
        ("C", "q"): (0.25, 1.0, 4.0, 1.0, 0.0, 1.0),
        ("C", "r"): (0.125, 1.0, 24.0, 3.0, 4.0, 0.0),
    }
    partners = found.partners.sort("partner")
    assert partners.select("partner", "exports", "hypothetical", "ease", "potential", "unrealised",
                           "realised", "products").rows() == [
        ("B", 10.0, 8.0, 1.25, 10.0, 1.0, 0.9, 1),
        ("C", 8.0, 8.0, 1.0, 8.0, 1.0, 0.875, 1),
    ]  # fmt: skip
    products = {row["product"]: row for row in found.products.to_dicts()}
    assert products["q"]["potential"] == 6.0
    assert products["q"]["unrealised"] == 1.0
    assert products["q"]["top_partner"] == "C"
    assert products["r"]["imports"] == 8.0
    assert "pass through" in products["r"]["caveat"]
    assert products["p"]["caveat"] is None


def test_factors_of_growth_and_access_by_hand():
    growth = pl.DataFrame({"country": ["A", "C"], "supply": [3.0, 1.0], "demand": [1.0, 2.0]})
    access = pl.DataFrame(
        {"importer": ["B", "C"], "product": [None, "q"], "factor": [0.5, 4.0]},
        schema_overrides={"product": pl.String},
    )
    found = export_potential(flows_of(HAND), "A", growth=growth, access=access)
    pairs = by_pair(found.pairs, "supply", "ease", "demand", "potential")
    # Of p: 24 / (24 + 4 + 4); the ease stays that of the trade of today.
    assert pairs["B", "p"] == (0.75, 1.25, 4.0, 3.75)
    assert pairs["C", "p"] == (0.75, 1.0, 16.0, 12.0)
    assert pairs["C", "q"][2] == 32.0
    assert pairs["C", "q"][0] == 0.5  # 18 / (18 + 10 + 8)


def test_years_are_averaged_and_an_absent_year_counts_as_none():
    twice = pl.concat([flows_of(HAND, 2020), flows_of(HAND, 2021)])
    once = export_potential(flows_of(HAND), "A").pairs
    assert export_potential(twice, "A").pairs.equals(once)
    half = pl.concat([flows_of(HAND, 2020), flows_of([("B", "C", "p", 0.0)], 2021)])
    halved = export_potential(half, "A").pairs
    assert by_pair(halved, "potential")["C", "r"] == (1.5,)
    only = export_potential(half, "A", years=[2020]).pairs
    assert only.equals(once)


def test_re_exports_can_be_scaled_down():
    # A sells 4 of r and buys 8: its own make counts as 4 x 4/8 = 2 of a world of 30.
    found = export_potential(flows_of(HAND), "A", re_exports=False)
    assert by_pair(found.pairs, "supply")["C", "r"] != (0.125,)
    # B too: it buys 8 of p and sells 4; C buys 4 of q and sells 10.
    # r: A 4*4/8 = 2, B 20, C 8*8/24 = 8/3.
    share = Fraction(2) / (2 + 20 + Fraction(8, 3))
    assert by_pair(found.pairs, "supply")["C", "r"][0] == pytest.approx(float(share), rel=1e-15)


KEYS = st.tuples(st.sampled_from("ABCD"), st.sampled_from("ABCDE"), st.sampled_from("pqr"))
WORLDS = st.dictionaries(KEYS, st.integers(1, 1000), min_size=2).map(
    lambda flows: {key: value for key, value in flows.items() if key[0] != key[1]}
)


@settings(max_examples=40)
@given(WORLDS)
def test_equal_to_the_formula_in_fractions_and_adds_up_to_what_is_sold(world):
    assume(any(i == "A" for i, _, _ in world))
    assume(any("A" not in (i, j) for i, j, _ in world))
    rows = [(*key, float(value)) for key, value in world.items()]
    found = export_potential(flows_of(rows), "A")
    exact = fractions_of(world, "A")
    pairs = by_pair(found.pairs, "potential")
    assert set(pairs) >= {pair for pair, value in exact.items() if value}
    for pair, (potential,) in pairs.items():
        assert potential == pytest.approx(float(exact.get(pair, 0)), rel=1e-12)
    partners = found.partners
    assert partners["potential"].to_list() == pytest.approx(partners["exports"].to_list())
    assert (found.pairs["unrealised"] >= 0).all()
    assert not found.pairs.select(pl.col(pl.Float64).is_nan().any()).row(0)[0]


def fractions_of(world, home):
    def total(i=None, j=None, k=None):
        asked = (i, j, k)
        return sum(
            Fraction(value)
            for key, value in world.items()
            if all(want is None or want == have for want, have in zip(asked, key, strict=True))
        )

    products = {k for _, _, k in world}
    partners = {j for _, j, _ in world} - {home}
    share = {k: total(i=home, k=k) / total(k=k) for k in products}
    potential = {}
    for j in partners:
        usual = sum(share[k] * total(j=j, k=k) for k in products)
        for k in products:
            if usual:
                ease = total(i=home, j=j) / usual
                potential[j, k] = share[k] * ease * total(j=j, k=k)
    return potential


@settings(max_examples=40)
@given(st.floats(0.01, 1e6))
def test_the_unit_of_money_changes_no_share(factor):
    scaled = flows_of(HAND).with_columns(pl.col("value") * factor)
    found = export_potential(scaled, "A").pairs.sort("partner", "product")
    base = export_potential(flows_of(HAND), "A").pairs.sort("partner", "product")
    assert found["ease"].to_list() == pytest.approx(base["ease"].to_list())
    assert found["potential"].to_list() == pytest.approx([v * factor for v in base["potential"]])


def test_a_partner_that_is_not_sold_to_is_named_and_not_nan():
    rows = [*HAND, ("C", "D", "p", 100.0)]
    found = export_potential(flows_of(rows), "A")
    row = found.partners.filter(pl.col("partner") == "D").row(0, named=True)
    assert (row["ease"], row["potential"], row["realised"]) == (0.0, 0.0, None)
    assert row["hypothetical"] > 0
    assert any("sold nothing to 1 partners" in warning for warning in found.warnings)


def test_the_world_beside_countries_is_left_out_and_named():
    world = flows_of([("A", "World", "p", 8.0), ("A", "World", "q", 6.0)])
    found = export_potential(pl.concat([flows_of(HAND), world]), "A")
    assert found.pairs.equals(export_potential(flows_of(HAND), "A").pairs)
    assert "World" in found.warnings[0]


@pytest.mark.parametrize(
    ("rows", "country", "told"),
    [
        (HAND, "Z", "in no flow"),
        ([("B", "A", "p", 1.0), ("C", "B", "p", 1.0)], "A", "exports nothing"),
        ([("A", "B", "p", 1.0)], "A", "what others sell and buy is not there"),
        ([("A", "B", "p", -1.0), ("B", "A", "p", 1.0)], "A", "Row 1 of the flows (A to B"),
        ([("A", "B", "p", None), ("B", "A", "p", 1.0)], "A", "has the value None"),
    ],
)
def test_bad_flows_are_refused_by_name(rows, country, told):
    with pytest.raises(TradeError) as caught:
        export_potential(flows_of(rows), country)
    assert told in str(caught.value)


def test_bad_factors_columns_and_periods_are_refused():
    bad = pl.DataFrame({"country": ["B"], "supply": [-1.0], "demand": [1.0]})
    with pytest.raises(TradeError, match="factor of growth of B is -1"):
        export_potential(flows_of(HAND), "A", growth=bad)
    twice = pl.DataFrame({"country": ["B", "B"], "supply": [1.0, 1.0], "demand": [1.0, 1.0]})
    with pytest.raises(TradeError, match="told twice"):
        export_potential(flows_of(HAND), "A", growth=twice)
    with pytest.raises(TradeError, match="no column 'value'"):
        market_sums(flows_of(HAND).drop("value"), "A")
    with pytest.raises(TradeError, match="2020-Q1' is not a year"):
        market_sums(flows_of(HAND, "2020-Q1"), "A")
    with pytest.raises(TradeError, match="no year 1999"):
        export_potential(flows_of(HAND), "A", years=[1999])


def densities(country, **near):
    return pl.DataFrame(
        [(country, product, rca, density) for product, (rca, density) in near.items()],
        schema=["country", "product", "rca", "density"],
        orient="row",
    )


def test_diversification_ranks_by_density_ease_and_demand():
    near = densities("A", p=(2.0, 0.9), q=(0.5, 0.5), r=(0.0, 0.25))
    products, pairs = diversification(flows_of(HAND), "A", near)
    # q: 1/2 x (1.25 x 16 + 1 x 4) = 12; r: 1/4 x 24 = 6; p is sold competitively.
    assert products.select("rank", "product", "indicator", "demand", "top_partner").rows() == [
        (1, "q", 1.0, 24.0, "B"),
        (2, "r", 0.5, 24.0, "C"),
    ]
    assert pairs.filter(pl.col("partner") == "C").select("rank", "product").rows() == [
        (1, "r"),
        (2, "q"),
    ]
    with pytest.raises(TradeError, match="no row of A"):
        diversification(flows_of(HAND), "A", densities("B", p=(0.0, 0.5)))


# Illustrative flows round two published figures: auto parts to Russia, 13 and 66 million USD.
PARTS = [
    (2022, "IR", "RU", 13.0), (2022, "CN", "RU", 987.0),
    (2023, "IR", "RU", 66.0), (2023, "CN", "RU", 1034.0),
    (2022, "IR", "IQ", 20.0), (2022, "CN", "IQ", 180.0),
    (2023, "IR", "IQ", 21.0), (2023, "CN", "IQ", 219.0),
    (2022, "CN", "KZ", 400.0), (2023, "CN", "KZ", 500.0),
    (2022, "CN", "IR", 90.0), (2023, "CN", "IR", 100.0),
]  # fmt: skip


def parts():
    return pl.DataFrame(
        PARTS, schema=["period", "exporter", "importer", "value"], orient="row"
    ).with_columns(product=pl.lit("870899"))


def test_auto_parts_to_russia_grew_fivefold_by_share_and_not_by_the_market():
    table = export_growth(parts(), "IR")
    row = table.row(0, named=True)
    assert (row["partner"], row["exports_from"], row["exports_to"]) == ("RU", 13.0, 66.0)
    assert row["growth"] == pytest.approx(66 / 13 - 1)
    assert row["share_from"] == pytest.approx(0.013)
    assert row["share_to"] == pytest.approx(0.06)
    assert row["market_effect"] == pytest.approx(0.013 * 100)
    effects = table["market_effect"] + table["share_effect"]
    assert effects.to_list() == pytest.approx(table["change"].to_list())


def test_next_markets_are_measured_by_potential_and_by_the_share_that_was_reached():
    flows = parts()
    table = next_markets(flows, "IR", export_potential(flows, "IR"), products=["8708"])
    rows = {row["partner"]: row for row in table.to_dicts()}
    assert rows["KZ"]["at_reference_share"] == pytest.approx(500 * 0.06)
    assert rows["KZ"]["import_growth"] == pytest.approx(0.25)
    assert rows["KZ"]["exports"] == 0
    assert "nothing sold there yet" in rows["KZ"]["reason"]
    assert "the market of reference" in rows["RU"]["reason"]
    assert "IR" not in rows
    assert table["rank"].to_list() == [1, 2, None]
    assert table["partner"].to_list()[-1] == "RU"
    with pytest.raises(TradeError, match="No product of the flows begins with 84"):
        next_markets(flows, "IR", export_potential(flows, "IR"), products=["84"])
    with pytest.raises(TradeError, match="sold nothing of it to KZ"):
        next_markets(flows, "IR", export_potential(flows, "IR"), reference="KZ")


def test_growth_needs_two_years():
    with pytest.raises(TradeError, match="Growth needs two years"):
        export_growth(parts().filter(pl.col("period") == 2023), "IR")
    with pytest.raises(TradeError, match="no year 2019"):
        export_growth(parts(), "IR", since=2019)


def test_a_market_that_is_new_has_no_growth_and_its_change_is_all_share():
    flows = pl.concat(
        [parts(), parts().head(1).with_columns(period=pl.lit(2023), importer=pl.lit("KZ"))],
        how="diagonal_relaxed",
    )
    row = export_growth(flows, "IR").filter(pl.col("partner") == "KZ").row(0, named=True)
    assert row["growth"] is None
    assert row["growth_a_year"] is None
    assert (row["market_effect"], row["share_effect"]) == (0.0, pytest.approx(13.0))


@pytest.mark.shared_data
def test_trade_of_twenty_three_countries_agrees_with_dense_arrays(shared_data):
    table = pl.read_parquet(shared_data / "trade" / "bilateral_hs4_sample.parquet")
    flows = table.rename({"year": "period", "hs4": "product"})
    found = export_potential(flows, "ARG")
    keys = [flows[name].unique().sort() for name in ("exporter", "importer", "product")]
    numbered = flows.select(
        *(pl.col(key.name).cast(pl.Enum(key)).to_physical().cast(pl.Int64) for key in keys),
        "value",
    )
    trade = np.zeros([len(key) for key in keys])
    np.add.at(
        trade,
        tuple(numbered.select(pl.exclude("value")).to_numpy().T),
        numbered["value"].to_numpy(),
    )
    trade /= flows["period"].n_unique()
    home = keys[0].to_list().index("ARG")
    share = np.nan_to_num(trade[home].sum(axis=0) / trade.sum(axis=(0, 1)))
    demand = trade.sum(axis=0)
    with np.errstate(invalid="ignore"):
        ease = np.nan_to_num(trade[home].sum(axis=1) / (demand @ share))
    potential = share * demand * ease[:, None]
    potential[keys[1].to_list().index("ARG")] = 0
    assert found.pairs["potential"].sum() == pytest.approx(potential.sum(), rel=1e-12)
    largest = found.pairs.sort("potential").tail(1).row(0, named=True)
    assert largest["potential"] == pytest.approx(potential.max(), rel=1e-12)
    gap = np.maximum(potential - trade[home], 0).sum()
    assert found.products["unrealised"].sum() == pytest.approx(gap, rel=1e-12)


def test_areas_not_specified_are_part_of_the_world_and_no_market():
    rows = [*HAND, ("A", "Areas, nes", "p", 8.0), ("C", "Areas, nes", "p", 8.0)]
    found = export_potential(flows_of(rows), "A")
    assert set(found.partners["partner"]) == {"B", "C"}
    # Of p, A sells 8 + 8 of a world of 16 + 16.
    assert set(found.pairs.filter(pl.col("product") == "p")["supply"]) == {0.5}
    assert not found.warnings[0].startswith("A sold nothing")


NAMES = {"A": "IRN", "B": "DEU", "C": "CHN"}


def reported(flow):
    """Give the flows by hand as reporters tell them: importers, exporters, or both."""
    sides = {"import": ("importer", "exporter"), "export": ("exporter", "importer")}
    told = [
        flows_of(HAND, 2020).select(
            *(pl.col(side).replace(NAMES).alias(column)
              for side, column in zip(sides[one], ("reporter", "partner"), strict=True)),
            "product", "period", pl.lit(one).alias("flow"), "value",
        )
        for one in sides if flow in (one, "both")
    ]  # fmt: skip
    return pl.concat(told)


@pytest.mark.parametrize("flow", ["import", "export", "both"])
def test_facts_of_reporters_give_the_same_as_flows(flow):
    flows = flows_of(HAND, 2020).with_columns(pl.col("exporter", "importer").replace(NAMES))
    with open_facts(reported(flow)) as facts:
        sums = market_sums(facts, facts.key("Iran"))
    found = export_potential(sums, "IRN")
    assert found.pairs.equals(export_potential(flows, "IRN").pairs)


def test_a_countrys_own_facts_have_growth_but_no_shares():
    extract = pl.DataFrame(
        {"reporter": ["IRN"] * 3, "partner": ["RUS", "RUS", "IRQ"], "product": ["870899"] * 3,
         "period": [2022, 2023, 2023], "flow": ["export"] * 3, "value": [13.0, 66.0, 5.0]}
    )  # fmt: skip
    with open_facts(extract) as facts:
        sums = market_sums(facts, "IRN")
    row = export_growth(sums, "IRN").row(0, named=True)
    assert (row["exports_from"], row["exports_to"], row["partner"]) == (13.0, 66.0, "RUS")
    assert row["share_to"] is None
    assert row["market_effect"] is None
    with pytest.raises(TradeError, match="Give the world's trade"):
        export_potential(sums, "IRN")


def test_frames_need_neither_ibis_nor_duckdb():
    program = (
        "import sys; sys.modules.update(ibis=None, duckdb=None, pyarrow=None, scipy=None)\n"
        "import polars as pl\n"
        "from onshore.trade import export_potential\n"
        f"flows = pl.DataFrame({HAND!r}, schema=['exporter', 'importer', 'product', 'value'],"
        " orient='row')\n"
        "print(export_potential(flows, 'A').partners['potential'].sum())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "18.0", done.stderr
