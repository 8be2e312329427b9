"""Extractions against solving each table anew without the sector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_output_tables import BOOK, drawn, inputs_of, tables

from onshore import economy

VARIANTS = ("whole", "backward", "forward")


def lost_by_solving(table, chosen, variant):
    """Output lost by each sector, from a system of equations without those taken out."""
    n, output = table.size, table.output
    inputs = inputs_of(table)
    if variant == "forward":
        sales = np.divide(table.flows.T, output, out=np.zeros((n, n)), where=output > 0).T
        primary = output - output @ sales
        sales[chosen] = 0.0
        return output - np.linalg.solve((np.eye(n) - sales).T, primary)
    demand = output - inputs @ output
    inputs[:, chosen] = 0.0
    if variant == "whole":
        inputs[chosen], demand[chosen] = 0.0, 0.0
    return output - np.linalg.solve(np.eye(n) - inputs, demand)


@pytest.mark.parametrize("variant", VARIANTS)
@given(table=tables())
def test_each_sector_taken_out_is_the_table_solved_anew(variant, table):
    found = economy.extract(table, variant)
    made = np.where(table.output > 0, table.output, 1.0)
    for k, row in enumerate(found.iter_rows(named=True)):
        lost = lost_by_solving(table, [k], variant)
        scale = table.output.sum()
        assert row["output_lost"] == pytest.approx(lost.sum(), rel=1e-9, abs=1e-12 * scale)
        jobs = (table.factors["jobs"] / made) @ lost
        assert row["jobs_lost"] == pytest.approx(jobs, rel=1e-9, abs=1e-12 * scale)
        share = lost.sum() / scale
        assert row["output_lost_share"] == pytest.approx(share, rel=1e-9, abs=1e-12)
        elsewhere = lost.sum() - lost[k]
        assert row["elsewhere_lost"] == pytest.approx(elsewhere, rel=1e-9, abs=1e-12 * scale)


@pytest.mark.parametrize("variant", VARIANTS)
@given(table=tables(), data=st.data())
def test_sectors_taken_out_together_are_the_table_solved_anew(variant, table, data):
    names = data.draw(st.lists(st.sampled_from(table.sectors), unique=True))
    found = economy.extract_together(table, names, variant)
    chosen = [table.place(name) for name in names]
    lost = lost_by_solving(table, chosen, variant) if chosen else np.zeros(table.size)
    assert np.allclose(found["output_lost"], lost, rtol=1e-9, atol=1e-12 * table.output.sum())
    assert found.filter("taken_out")["sector"].sort().to_list() == sorted(names)


@pytest.mark.parametrize("variant", VARIANTS)
def test_taking_out_nothing_loses_nothing(variant):
    found = economy.extract_together(drawn(1), [], variant)
    assert found["output_lost"].to_list() == [0.0] * 5
    assert found["jobs_lost"].to_list() == [0.0] * 5
    without = drawn(1, 4, idle=[3])
    own = economy.extract(without, variant).filter(sector="s3").drop("sector").row(0)
    assert set(own) == {0.0}


@pytest.mark.parametrize("variant", VARIANTS)
@given(table=tables())
def test_one_taken_out_is_the_same_alone_and_in_the_list(variant, table):
    name = table.sectors[-1]
    alone = economy.extract_together(table, [name], variant)["output_lost"].sum()
    listed = economy.extract(table, variant).filter(sector=name)["output_lost"].item()
    assert alone == pytest.approx(listed, rel=1e-9, abs=1e-12 * table.output.sum())


def test_taking_out_all_loses_all():
    table = drawn(2)
    found = economy.extract_together(table, table.sectors)
    assert np.allclose(found["output_lost"], table.output)
    assert np.allclose(found["wages_lost"], table.factors["wages"])


def test_an_unbalanced_table_is_taken_out_of_as_it_is():
    table = economy.Table(
        ["a", "b"], [[10, 20], [30, 5]], [100, 90], {}, final_demand={"all": [60, 70]}
    )
    assert "unbalanced rows" in table.warnings[0]
    assert "a +10 (+10.000%)" in table.warnings[0]
    lost = lost_by_solving(table, [1], "whole").sum()
    assert economy.extract(table)["output_lost"][1] == pytest.approx(lost)


def test_a_factor_that_the_economy_has_none_of_has_no_share():
    table = economy.Table(["a", "b"], [[1, 2], [3, 4]], [10, 20], {"oil": [0, 0]})
    found = economy.extract(table)
    assert found["oil_lost"].to_list() == [0.0, 0.0]
    assert found["oil_lost_share"].to_list() == [None, None]


def test_what_cannot_be_taken_out_is_refused():
    with pytest.raises(economy.EconomyError, match="whole, backward or forward"):
        economy.extract(BOOK, "sideways")
    with pytest.raises(economy.EconomyError, match="Near: manufacturing"):
        economy.extract_together(BOOK, ["manufactoring"])
