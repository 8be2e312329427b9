"""Import substitution and Chenery's terms against tables solved anew, and their identities."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_output_tables import BOOK, drawn, inputs_of, tables

from onshore import economy

DRAWN = tables()
AGGREGATE = tables(by_product=False)


def effect(done, name):
    return done.summary.filter(effect=name)["value"].item()


@given(table=DRAWN, share=st.floats(0, 1))
def test_a_share_moved_home_is_the_table_solved_with_the_new_coefficients(table, share):
    p = table.size - 1
    done = economy.substitute(table, table.sectors[p], share=share)
    made = np.where(table.output > 0, table.output, 1.0)
    bought = np.where(table.output > 0, table.imports / made, 0.0)
    inputs, final = inputs_of(table), sum(table.final_imports.values())
    demand = table.output - inputs @ table.output
    demand[p] += share * final[p]
    inputs[p] += share * bought[p]
    after = np.linalg.solve(np.eye(table.size) - inputs, demand)
    assert np.allclose(done.sectors["output"], after - table.output, atol=1e-9)
    before = (bought @ table.output).sum() + final.sum()
    bought[p] *= 1 - share
    final = final.copy()
    final[p] *= 1 - share
    left = (bought @ after).sum() + final.sum()
    # Net currency is what all imports fall by.
    assert effect(done, "net currency saved") == pytest.approx(before - left, rel=1e-9, abs=1e-9)
    moved, induced = effect(done, "imports moved home"), effect(done, "induced imports")
    assert moved - induced == pytest.approx(before - left, rel=1e-9, abs=1e-9)
    jobs = (table.factors["jobs"] / made) @ (after - table.output)
    assert effect(done, "jobs") == pytest.approx(jobs, rel=1e-9, abs=1e-9)


@given(table=AGGREGATE, amount=st.floats(0.01, 1000))
def test_an_amount_without_imports_by_product_is_final_demand(table, amount):
    p = table.size - 1
    done = economy.substitute(table, table.sectors[p], amount)
    column = economy.leontief_inverse(table)[:, p] * amount
    assert np.allclose(done.sectors["output"], column)
    made = np.where(table.output > 0, table.output, 1.0)
    assert effect(done, "induced imports") == pytest.approx((table.imports / made) @ column)
    assert done.summary["per_unit"][0] == pytest.approx(1)
    assert "was not checked against imports" in done.warnings[0]


@given(table=AGGREGATE)
def test_a_unit_of_each_product_is_what_substitute_finds(table):
    every = economy.substitution_effects(table)
    saved = every["net_currency_saved"].to_list()
    assert saved == sorted(saved, reverse=True)
    assert set(every["sector"]) == {n for n in table.sectors if table.output[table.place(n)] > 0}
    for row in every.iter_rows(named=True):
        one = economy.substitute(table, row["sector"], 1.0)
        assert row["net_currency_saved"] == pytest.approx(effect(one, "net currency saved"))
        assert row["value added"] == pytest.approx(effect(one, "value added"))


def test_small_amounts_are_as_the_unit_of_each_product_says():
    table = drawn(5)
    unit = economy.substitution_effects(table).filter(sector="s2")
    done = economy.substitute(table, "s2", 1e-6)
    assert done.summary.filter(effect="output")["per_unit"].item() == pytest.approx(
        unit["output"].item(), rel=1e-6
    )


def test_all_value_of_an_import_moved_home_is_value_added_or_induced_imports():
    # Of a unit of demand, value added and imports at all stages make up the unit.
    table = drawn(6, by_product=False)
    done = economy.substitute(table, "s1", 50.0)
    parts = effect(done, "value added") + effect(done, "induced imports")
    assert parts == pytest.approx(50.0)


def test_a_plant_that_imports_more_saves_less():
    table = drawn(7, by_product=False)
    usual = economy.substitute(table, "s1", 50.0)
    assembly = economy.substitute(table, "s1", 50.0, import_content=0.9)
    average = table.imports[1] / table.output[1]
    less = effect(usual, "net currency saved") - effect(assembly, "net currency saved")
    assert less == pytest.approx((0.9 - average) * 50)
    assert effect(usual, "value added") - effect(assembly, "value added") == pytest.approx(less)
    assert "its value added is" in assembly.warnings[-1]


def test_without_imports_net_currency_is_not_known():
    done = economy.substitute(BOOK, "manufacturing", 10)
    assert effect(done, "net currency saved") is None
    assert done.sectors["imports"].to_list() == [None, None]
    assert any("tells no imports" in told for told in done.warnings)
    every = economy.substitution_effects(BOOK)
    assert every["net_currency_saved"].to_list() == [None, None]


def test_moving_nothing_changes_nothing():
    done = economy.substitute(drawn(8), "s1", 0.0)
    assert set(done.summary["value"]) == {0.0}
    assert done.summary["per_unit"].to_list() == [None] * done.summary.height


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"product": "s9", "amount": 1}, "no sector 's9'"),
        ({"product": "s1"}, "amount or share"),
        ({"product": "s1", "amount": 1, "share": 0.5}, "amount or share"),
        ({"product": "s1", "amount": -1}, "Give 0 or more"),
        ({"product": "s1", "share": 1.5}, "not between 0 and 1"),
        ({"product": "s1", "amount": 1e9}, "Move at most what is imported"),
        ({"product": "s0", "amount": 1}, "s0 has no output"),
        ({"product": "s1", "amount": 1, "import_content": 2}, "import_content 2"),
    ],
)
def test_what_cannot_be_moved_is_refused(asked, told):
    with pytest.raises(economy.EconomyError, match=told):
        economy.substitute(drawn(9, idle=[0]), **asked)


def test_a_share_needs_imports_by_product():
    with pytest.raises(economy.EconomyError, match="needs imports by product"):
        economy.substitute(drawn(9, by_product=False), "s1", share=0.5)


TERMS = ["home_demand", "exports", "import_substitution", "technology"]


@given(
    seeds=st.tuples(st.integers(0, 9999), st.integers(0, 9999)),
    n=st.integers(1, 6),
    idle=st.booleans(),
)
def test_chenerys_terms_add_up_to_the_change(seeds, n, idle):
    without = [0] if idle and n > 1 else []
    early, late = (drawn(seed, n, idle=without) for seed in seeds)
    found = economy.decompose(early, late)
    assert np.allclose(found["change"], late.output - early.output)
    scale = max(early.output.max(), late.output.max())
    assert np.allclose(
        found.select(pl.sum_horizontal(TERMS)).to_series(), found["change"], atol=1e-11 * scale
    )


def test_a_table_against_itself_has_no_terms():
    found = economy.decompose(drawn(1), drawn(1))
    assert np.allclose(found.select("change", *TERMS).to_numpy(), 0)


def test_each_cause_alone_is_found_as_that_cause():
    # x = u (D + A x) + E by hand: u = 70/80, A = .3, D = 50; R = 1 / (1 - .2625).
    one = economy.Table(["a"], [[20]], [100], {}, [[10]], {"home": [50], "exports": [30]})
    met, need = 70 / 80, 0.3
    for home, abroad, term in ((60, 30, "home_demand"), (50, 40, "exports")):
        output = (met * home + abroad) / (1 - met * need)
        used = need * output
        # The share met at home is the same for final and intermediate use.
        two = economy.Table(
            ["a"], [[met * (home + used) - home]], [output], {},
            [[used - (met * (home + used) - home)]], {"home": [home], "exports": [abroad]},
        )  # fmt: skip
        row = economy.decompose(one, two).row(0, named=True)
        assert row[term] == pytest.approx(row["change"])
        assert sum(abs(row[other]) for other in TERMS if other != term) < 1e-9


def test_the_order_of_sectors_does_not_matter():
    one, two = drawn(1, 3), drawn(2, 3)
    turned = [2, 0, 1]
    other = economy.Table(
        [two.sectors[k] for k in turned],
        two.flows[np.ix_(turned, turned)],
        two.output[turned],
        {},
        two.imports[np.ix_(turned, turned)],
        {name: column[turned] for name, column in two.final_demand.items()},
        final_imports={name: column[turned] for name, column in two.final_imports.items()},
    )
    found, expected = economy.decompose(one, other), economy.decompose(one, two)
    assert found["sector"].to_list() == expected["sector"].to_list()
    assert np.allclose(found.drop("sector").to_numpy(), expected.drop("sector").to_numpy())


@pytest.mark.parametrize(
    ("late", "told"),
    [
        (drawn(2, 4), "s4 only before"),
        (drawn(2, by_product=False), "table after has no imports by product"),
        (
            economy.Table([f"s{k}" for k in range(5)], np.eye(5), [9] * 5, {}, np.eye(5)),
            "no final demand named exports",
        ),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(late, told):
    with pytest.raises(economy.EconomyError, match=told):
        economy.decompose(drawn(1), late)
