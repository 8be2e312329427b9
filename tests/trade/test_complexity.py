"""Complexity against ecomplexity 0.5.3, plain loops, arithmetic and what must hold of it."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_exports import assert_plain, drawn, facts_of
from polars.testing import assert_frame_equal

from onshore.trade import Thresholds, TradeError, complexity, scan_exports

ORACLE = Path(__file__).parent / "complexity_oracle"
CODES = {"country": pl.String, "product": pl.String, "other": pl.String}


def test_a_part_of_the_worlds_trade_is_as_ecomplexity_reckons_it():
    found = complexity(scan_exports(ORACLE / "part_facts.csv"), reliable=False)
    assert_like_the_peer(found, "part")


def test_the_worlds_trade_is_as_ecomplexity_reckons_it(shared_data):
    found = complexity(
        scan_exports(shared_data / "trade" / "world_trade_1998_2000.csv"), reliable=False
    )
    assert found.countries.height == 226
    assert found.products.height == 785
    assert found.pairs.height == 226 * 785
    assert_like_the_peer(found, "whole")


def assert_like_the_peer(found, name):
    for table, key, ours in (
        ("countries", ["country"], found.countries),
        ("products", ["product"], found.products),
        ("pairs", ["country", "product"], found.pairs),
        ("proximity", ["product", "other"], found.proximity()),
    ):
        peer = pl.read_csv(ORACLE / f"{name}_{table}.csv", schema_overrides=CODES)
        if table == "proximity":
            # Pairs that nobody has both of are left out of ours.
            ours = peer.select(key).join(ours, on=key, how="left").fill_null(0.0)
        both = peer.join(ours, on=key, suffix="_ours", how="left")
        for column in set(peer.columns) - set(key):
            apart = (both[column] - both[f"{column}_ours"]).abs()
            assert apart.null_count() == 0, (table, column)
            assert apart.max() <= 1e-8, (table, column)


def plainly(values, least=1.0):
    """Reckon density, COI before its scaling, COG and PCI by loops and a general eigensolver."""
    countries, products = range(len(values)), range(len(values[0]))
    total = sum(map(sum, values))
    of_country = [sum(row) for row in values]
    of_product = [sum(row[p] for row in values) for p in products]
    has = [
        [
            values[c][p] > 0 and values[c][p] / of_country[c] / (of_product[p] / total) >= least
            for p in products
        ]
        for c in countries
    ]
    diversity = [sum(row) for row in has]
    ubiquity = [sum(row[p] for row in has) for p in products]
    near = [
        [sum(has[c][p] and has[c][q] for c in countries) / max(ubiquity[p], ubiquity[q])
         for q in products]
        for p in products
    ]  # fmt: skip
    between = np.array(
        [
            [sum(has[c][p] * has[d][p] / ubiquity[p] for p in products) / diversity[c]
             for d in countries]
            for c in countries
        ]
    )  # fmt: skip
    strength, patterns = np.linalg.eig(between)
    second = np.argsort(-strength.real)[1]
    eci = patterns[:, second].real
    pci = [sum(has[c][p] * eci[c] for c in countries) / ubiquity[p] for p in products]
    pci = np.array(pci) / strength[second].real
    if np.corrcoef(eci, diversity)[0, 1] < 0:
        eci, pci = -eci, -pci
    gain = pci / eci.std()
    around = [sum(row) for row in near]
    density = [
        [sum(has[c][q] * near[q][p] for q in products) / around[p] for p in products]
        for c in countries
    ]
    cog = [
        [0.0 if has[c][p] else
         sum((not has[c][q]) * near[q][p] * gain[q] / around[q] for q in products)
         for p in products]
        for c in countries
    ]  # fmt: skip
    coi = [sum(density[c][p] * (not has[c][p]) * gain[p] for p in products) for c in countries]
    return {
        "eci": (eci - eci.mean()) / eci.std(),
        "pci": (pci - eci.mean()) / eci.std(),
        "coi": (np.array(coi) - np.mean(coi)) / np.std(coi),
        "density": np.array(density),
        "cog": np.array(cog),
    }


@pytest.mark.parametrize(
    ("countries", "products", "least"), [(4, 40, 1.0), (9, 12, 1.0), (15, 6, 1.0), (5, 30, 0.6)]
)
def test_few_and_many_products_give_what_plain_loops_give(countries, products, least):
    values = drawn(countries, products, seed=countries)
    found = complexity(facts_of(values), reliable=False, rca=least)
    truth = plainly(values.tolist(), least)
    by_code = found.countries.sort("country")
    assert by_code["eci"].to_numpy() == pytest.approx(truth["eci"], abs=1e-9)
    assert by_code["coi"].to_numpy() == pytest.approx(truth["coi"], abs=1e-9)
    assert found.products.sort("product")["pci"].to_numpy() == pytest.approx(truth["pci"], abs=1e-9)
    for column in ("density", "cog"):
        ours = found.pairs[column].to_numpy().reshape(countries, products)
        assert ours == pytest.approx(truth[column], abs=1e-9)


@given(st.integers(3, 12), st.integers(3, 60), st.integers(0, 10**6))
def test_what_holds_of_all_facts(countries, products, seed):
    found = complexity(facts_of(drawn(countries, products, seed)), reliable=False)
    assert_plain(found)
    eci = found.countries["eci"].drop_nulls()
    if eci.is_empty():
        assert found.warnings
        return
    assert eci.mean() == pytest.approx(0, abs=1e-9)
    assert eci.std(ddof=0) == pytest.approx(1)
    made = (
        found.pairs.filter(pl.col("rca") >= 1 - 1e-12)
        .join(found.products, on="product")
        .group_by("country")
        .agg(pl.col("pci").mean(), n=pl.len())
        .join(found.countries.drop_nulls("eci"), on="country")
    )
    # ECI is the mean PCI of what a country has an advantage in.
    assert made["pci"].to_numpy() == pytest.approx(made["eci"].to_numpy(), abs=1e-8)
    assert made["n"].to_list() == made["diversity"].to_list()
    assert found.pairs["density"].drop_nulls().is_between(-1e-12, 1 + 1e-12).all()
    assert found.proximity()["proximity"].is_between(0, 1, closed="right").all()
    assert found.countries["fitness"].mean() == pytest.approx(1)


def test_the_order_of_rows_and_the_money_do_not_matter():
    facts = facts_of(drawn(12, 70, seed=3))
    other = facts.sample(fraction=1, shuffle=True, seed=1).with_columns(pl.col("value") * 1e3)
    one, two = complexity(facts), complexity(other)
    for name in ("countries", "products", "pairs"):
        ours = getattr(one, name).drop("value", strict=False)
        theirs = getattr(two, name).drop("value", strict=False)
        assert_frame_equal(ours, theirs, abs_tol=1e-9)


def test_fitness_of_a_nested_pair_is_known():
    # A makes both goods, B the first alone. From F and Q of 1 on, B's fitness over A's is
    # 1 / (n + 1) after n rounds: it falls to 0 without end.
    facts = pl.DataFrame(
        {"country": ["A", "A", "B"], "product": ["1", "2", "1"], "value": [10.0, 10.0, 10.0]}
    )
    found = complexity(facts, reliable=False, rca=0.7)
    fitness = dict(found.countries.select("country", "fitness").iter_rows())
    assert fitness["B"] / fitness["A"] == pytest.approx(1 / 201, rel=1e-12)
    assert fitness["A"] + fitness["B"] == pytest.approx(2)
    assert any("Fitness still moves after 200 rounds" in text for text in found.warnings)


def test_fitness_solves_its_own_equations():
    found = complexity(scan_exports(ORACLE / "part_facts.csv"), reliable=False)
    has = found.pairs["rca"].to_numpy().reshape(found.countries.height, -1) >= 1 - 1e-12
    fit = found.countries.sort("country")["fitness"].to_numpy()
    rare = 1 / (has / fit[:, None]).sum(axis=0)
    again = (has * rare).sum(axis=1)
    assert not any("Fitness" in text for text in found.warnings)
    assert again / again.mean() == pytest.approx(fit, rel=1e-6)


def test_several_years_are_those_of_each_alone():
    first, second = facts_of(drawn(9, 30, seed=1)), facts_of(drawn(9, 30, seed=2))
    both = pl.concat(
        [second.with_columns(year=pl.lit(2021)), first.with_columns(year=pl.lit(2020))]
    )
    found = complexity(both, reliable=False)
    for year, alone in ((2020, first), (2021, second)):
        single = complexity(alone, reliable=False)
        for name in ("countries", "products", "pairs"):
            table = getattr(found, name)
            assert table.columns[0] == "year"
            mine = table.filter(pl.col("year") == year).drop("year")
            assert_frame_equal(mine, getattr(single, name))
        assert_frame_equal(found.proximity(year), single.proximity())
    assert found.metadata["years"] == [2020, 2021]
    assert complexity(both, years=[2021]).countries.columns[0] == "country"
    with pytest.raises(TradeError, match="Give one of: 2020, 2021"):
        found.proximity()
    with pytest.raises(TradeError, match="no exports of 1999"):
        complexity(both, years=[1999])
    with pytest.raises(TradeError, match="no column of years"):
        complexity(first, years=[2020])


@pytest.mark.parametrize(
    ("years", "known"),
    [
        (["2020", "2021"], [2020, 2021]),
        (["۱۳۹۹", "۱۴۰۰"], [1399, 1400]),
        (["1998-2000", "2001-2003"], ["1998-2000", "2001-2003"]),
        ([2020.0, 2021.0], [2020, 2021]),
        ([date(2020, 12, 31), date(2021, 12, 31)], [2020, 2021]),
    ],
)
def test_years_are_numbers_where_they_can_be(years, known):
    facts = facts_of(drawn(5, 9))
    found = complexity(
        pl.concat(facts.with_columns(year=pl.lit(year)) for year in years), reliable=False
    )
    assert found.metadata["years"] == known
    assert found.countries["year"].unique(maintain_order=True).to_list() == known
    assert found.proximity(known[0]).equals(found.proximity(known[1]))


def test_products_that_are_nearer_than_a_threshold():
    found = complexity(scan_exports(ORACLE / "part_facts.csv"), reliable=False)
    near = found.proximity()
    assert_frame_equal(found.proximity(least=0.4), near.filter(pl.col("proximity") > 0.4))
    assert (near["product"] < near["other"]).all()
    assert_frame_equal(near, near.sort("product", "other"))


def test_tables_stand_in_their_order():
    found = complexity(scan_exports(ORACLE / "part_facts.csv"), reliable=False)
    assert found.countries.columns == ["country", "diversity", "eci", "coi", "fitness"]
    assert found.products.columns == ["product", "ubiquity", "pci"]
    assert found.pairs.columns == ["country", "product", "value", "rca", "density", "cog"]
    assert found.countries["eci"].is_sorted(descending=True)
    assert found.products["pci"].is_sorted(descending=True)
    assert_frame_equal(found.pairs, found.pairs.sort("country", "product"))
    assert found.pairs["value"].sum() == pytest.approx(
        pl.read_csv(ORACLE / "part_facts.csv")["export_usd"].sum()
    )


def test_the_filter_takes_out_the_tiny_and_says_why():
    values = drawn(10, 40, seed=8)
    values[0] *= 1e-7
    values[:, 5] = 0
    values[3, 5] = 2.0
    found = complexity(facts_of(values), thresholds=Thresholds(product_share=0.0))
    told = found.metadata["filter"]
    assert [row["key"] for row in told["removed"]["country"]] == ["c00"]
    assert "of the world's exports, below 0.01 %" in told["removed"]["country"][0]["reason"]
    assert [row["key"] for row in told["removed"]["product"]] == ["p005"]
    assert told["removed"]["product"][0]["reason"] == "exported by 1 of these countries"
    assert told["thresholds"]["population"] == 1e6
    assert "population" not in few_counted(facts_of(values))["thresholds"]
    kept = facts_of(values).filter(pl.col("country") != "c00", pl.col("product") != "p005")
    assert_frame_equal(found.countries, complexity(kept, reliable=False).countries)
    assert complexity(facts_of(values), reliable=False).metadata["filter"] == {"on": False}


def few_counted(facts):
    return complexity(facts, thresholds=Thresholds(population=0)).metadata["filter"]


def test_territories_that_never_had_a_million_people_are_taken_out():
    facts = facts_of(drawn(10, 40, seed=8)).with_columns(
        pl.col("country").replace({"c03": "ISL", "c04": "irn", "c05": "kna"})
    )
    told = complexity(facts).metadata["filter"]["removed"]["country"]
    assert {row["key"]: row["reason"] for row in told} == dict.fromkeys(
        ("ISL", "kna"), "fewer than a million people"
    )
    assert few_counted(facts)["removed"]["country"] == []


@given(st.integers(0, 10**6), st.floats(0, 0.1), st.floats(0, 0.05), st.integers(1, 4))
def test_all_that_is_left_reaches_the_thresholds(seed, country, product, exporters):
    facts = facts_of(drawn(8, 15, seed))
    limits = Thresholds(country_share=country, product_share=product, exporters=exporters)
    try:
        pairs = complexity(facts, thresholds=limits).pairs
    except TradeError:
        with pytest.raises(TradeError, match="Lower them"):
            complexity(facts, thresholds=limits)
        return
    total = pairs["value"].sum()
    by_country = pairs.group_by("country").agg(pl.col("value").sum() / total)
    by_product = pairs.group_by("product").agg(
        pl.col("value").sum() / total, n=(pl.col("value") > 0).sum()
    )
    assert by_country["value"].min() >= country * (1 - 1e-9)
    assert by_product["value"].min() >= product * (1 - 1e-9)
    assert by_product["n"].min() >= exporters


def test_countries_with_few_people_fall_out_where_people_are_known():
    facts = facts_of(drawn(4, 30, seed=1)).with_columns(
        pl.col("country").replace({"c00": "irn", "c01": "tur", "c02": "and", "c03": "omn"})
    )
    people = pl.DataFrame(
        {"country": ["IRN", "Turkey", "AD"], "population": [88_000_000, 85_000_000, 77_000]}
    )
    found = complexity(facts, population=people)
    removed = {row["key"]: row["reason"] for row in found.metadata["filter"]["removed"]["country"]}
    assert removed == {"and": "77000 people", "omn": "population not known"}
    assert found.metadata["filter"]["thresholds"]["population"] == 1e6


def test_a_wrong_threshold_is_refused():
    facts = facts_of(drawn(4, 30))
    for wrong in ({"country_share": 1.5}, {"product_share": math.nan}, {"exporters": -1}):
        with pytest.raises(TradeError, match="threshold"):
            Thresholds(**wrong)
    for rca in (0, -1, math.nan):
        with pytest.raises(TradeError, match="above 0"):
            complexity(facts, rca=rca)
