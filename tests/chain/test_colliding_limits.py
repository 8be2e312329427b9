"""Limits that collide: the smallest set is named, by how much each would have to give."""

from itertools import combinations

import polars as pl
import pytest
from drawn_chains import STEEL, drawn, small_steel
from hypothesis import given
from hypothesis import strategies as st
from plain_model import plain_optimum

from onshore import chain
from onshore.chain.infeasible import smallest_hitting


def refused(tables, told=STEEL):
    read = chain.read_chain(tables, settings=told)
    with pytest.raises(chain.ChainError, match="no flows keep all limits") as error:
        chain.solve(read)
    return error.value


def told(error):
    return sorted(set(error.problems.select("table", "key").rows()))


def test_a_demand_collides_with_what_can_be_melted_for_it():
    # 1500 kt of sponge iron and 100 kt of scrap make 1526.6 kt of steel.
    error = refused(small_steel(demands={"amount": [1600.0]}))
    assert told(error) == [
        ("assets", "module"),
        ("demands", "mill"),
        ("markets", "scrap"),
    ]
    lacking = 1600 - 1500 / 1.05 - 100 / 1.02
    assert f"it would have to give way by {lacking * 1.05:.6g}" in str(error)
    assert f"it would have to give way by {lacking * 1.02:.6g}" in str(error)
    assert f"it would have to give way by {lacking:.6g}" in str(error)


def test_the_smaller_of_two_sets_is_told_with_what_it_lacks():
    error = refused(
        small_steel(demands={"amount": [2100.0]}, assets={"capacity": [4e3, 3e3, 2e3, 2e3]})
    )
    assert told(error) == [("assets", "furnace"), ("demands", "mill")]
    assert error.problems["found"].to_list() == ["100 too much", "100 too much"]
    assert "the capacity of furnace (melting at mill), 2000 kt in 2025" in str(error)
    assert "the demand for 2100 kt of steel at mill in 2025" in str(error)


def test_of_several_sets_the_smallest_is_told_and_what_does_not_help_alone():
    # Gas, share and demand collide; so do the furnace and the demand, which are fewer.
    limits = {"name": ["winter gas"], "commodity": ["gas"], "amount": [100.0]}
    tables = small_steel(
        limits=limits, demands={"amount": [3000.0]}, markets={"most": [None, None, None]}
    )
    error = refused(tables)
    assert told(error) == [("assets", "furnace"), ("demands", "mill")]
    furnace, demand = str(error).splitlines()[1:3]
    assert furnace.endswith("(it would have to give way by 1000; others would still collide)")
    assert demand.endswith("(it would have to give way by 1000)")


@given(st.lists(st.frozensets(st.integers(0, 6), min_size=1, max_size=4), max_size=8))
def test_the_fewest_that_meet_every_set_are_found(sets):
    found = smallest_hitting(sets, 7)
    assert all(found & one for one in sets)
    for size in range(len(found)):
        for fewer in combinations(range(7), size):
            assert not all(set(fewer) & one for one in sets)
    assert smallest_hitting(sets, len(found) - 1) is None


def test_a_least_use_that_nothing_can_feed_is_named():
    tables = small_steel(assets={"min_use": [0.0, 0.0, 0.0, 0.9]})
    error = refused(tables)
    keys = [key for _, key in told(error)]
    assert "furnace" in keys
    assert "runs at least 1800 kt in 2025 (min_use)" in str(error)


def test_limits_and_shares_are_named_in_the_users_words():
    limits = {"name": ["winter gas"], "commodity": ["gas"], "amount": [0.0]}
    free = {"most": [None, None, None]}
    error = refused(small_steel(limits=limits, markets=free))
    assert ("limits", "winter gas") in told(error)
    assert "the limit winter gas: at most 0 in 2025" in str(error)
    # Without gas there is no sponge iron, and of scrap alone the share forbids to melt.
    assert "melting takes in scrap for at most 0.3 of its charge in 2025 (furnace)" in str(error)


def test_seasons_and_stocks_collide_too():
    seasons = {**STEEL, "seasons": {"summer": 0.5, "winter": 0.5}}
    stock = {"commodity": ["steel"], "place": ["port"], "first": [10.0], "capacity": [10.0]}
    tables = small_steel(
        stocks=stock,
        demands=pl.DataFrame(
            {"commodity": ["steel", "steel"], "place": ["mill", "port"], "amount": [500.0, 4000.0]}
        ),
    )
    error = refused(tables, seasons)
    assert any(table == "demands" and "port" in key for table, key in told(error))


def test_a_place_that_nothing_reaches_is_told_by_its_demand_alone():
    demands = pl.DataFrame({"commodity": ["steel"], "place": ["mine"], "amount": [1.0]})
    error = refused(small_steel(demands=demands))
    assert told(error) == [("demands", "mine")]
    assert "this limit cannot be kept" in str(error)


def test_plants_of_a_step_are_told_together():
    twice = {
        "asset": ["pit", "pellet plant", "module", "furnace A", "furnace B"],
        "process": ["mining", "pelletizing", "reduction", "melting", "melting"],
        "place": ["mine", "mine", "mill", "mill", "mill"],
        "capacity": [4e3, 3e3, 2e3, 700.0, 300.0],
        "from_year": [2000] * 5,
    }
    tables = small_steel(demands={"amount": [1250.0]})
    error = refused({**tables, "assets": pl.DataFrame(twice)})
    assert "the capacity of melting, 1000 kt in 2025 at 2 assets (furnace A, furnace B)" in str(
        error
    )
    assert "(it would have to give way by 250)" in str(error)
    assert told(error) == [("assets", "furnace A"), ("assets", "furnace B"), ("demands", "mill")]


@pytest.mark.parametrize("seed", range(16))
def test_no_line_of_the_set_can_be_left_out(seed):
    # Only demands and capacities are told here, so that each can be taken out of the tables.
    tables, settings = drawn(seed, steps=2, places=2, years=1, seasons=1, hard=True)
    tables = {**tables, "demands": tables["demands"].with_columns(amount=pl.col("amount") * 8)}
    del tables["limits"], tables["stocks"]
    shares = {name for name in ("share_min", "share_max") if name in tables["recipes"].columns}
    tables["recipes"] = tables["recipes"].drop(shares)
    read = chain.read_chain(tables, settings=settings)
    if plain_optimum(read, "least cost") is not None:
        pytest.skip("this draw has flows")
    with pytest.raises(chain.ChainError) as error:
        chain.solve(read)
    problems = error.value.problems
    lines = [set(rows.select("table", "key").rows()) for _, rows in problems.group_by("reason")]
    # All others relaxed, the set still collides; with any one line of it relaxed too, it does not.
    assert plain_optimum(only(read, set().union(*lines)), "least cost") is None
    for one in range(len(lines)):
        fewer = set().union(*lines[:one], *lines[one + 1 :])
        assert plain_optimum(only(read, fewer), "least cost") is not None


def only(read, kept):
    """Keep these limits, and make all others as wide as can be."""
    changed = {}
    for table, (key, column, loose) in _KEYS.items():
        frame = read.table(table)
        mine = pl.col(key).is_in([name for where, name in kept if where == table])
        wide = pl.when(mine).then(column).otherwise(loose)
        changed[table] = frame.with_columns(wide.alias(column))
    return read.with_tables(**changed)


_KEYS = {
    "assets": ("asset", "capacity", 1e7),
    "links": ("link", "capacity", 1e7),
    "markets": ("market", "most", 1e7),
    "demands": ("place", "amount", 0.0),
}
