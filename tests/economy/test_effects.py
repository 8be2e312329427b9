"""Multipliers and linkages against published values, peers' results and the whole inverse."""

import csv

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from input_output_tables import BOOK, drawn, inputs_of, tables

from onshore import economy


@pytest.fixture(scope="module")
def germany(shared_data):
    return economy.read_table(shared_data / "trade" / "germany_1995_flow.csv")


@pytest.fixture(scope="module")
def published(shared_data):
    table = pl.read_csv(shared_data / "trade" / "germany_1995_published.csv")
    return lambda measure: dict(table.filter(measure=measure).select("sector", "value").iter_rows())


@pytest.mark.parametrize(
    ("factor", "measure"),
    [
        ("output", "output_multiplier"),
        ("value_added", "gva_multiplier"),
        ("gva", "gva_multiplier"),
        ("employment", "employment_multiplier"),
        ("employment_domestic_total", "employment_multiplier"),
    ],
)
def test_germanys_effects_are_the_published_ones(germany, published, factor, measure):
    found = economy.multipliers(germany, factor)
    assert found.columns == ["sector", "effect", "multiplier"]
    effects = dict(found.select("sector", "effect").iter_rows())
    assert {name: round(value, 4) for name, value in effects.items()} == published(measure)


def test_the_multiplier_is_the_effect_per_what_the_sector_takes_itself(germany, published):
    found = economy.multipliers(germany, "value_added")
    direct = found["effect"] / found["multiplier"]
    assert direct.round(4).to_list() == list(published("gva_indicator").values())


def test_germanys_forward_linkages_are_the_published_ones_but_for_the_misprint(germany, published):
    found = dict(economy.linkages(germany).select("sector", "forward").iter_rows())
    printed = published("forward_linkage") | {"industry_group": 1.6910}
    assert {name: round(value, 4) for name, value in found.items()} == printed


def test_the_inverse_of_the_book():
    # Miller and Blair (2009), section 2.3: L = [[1.2541, .3300], [.2640, 1.1221]].
    inverse = economy.leontief_inverse(BOOK)
    assert inverse.round(4).tolist() == [[1.2541, 0.33], [0.264, 1.1221]]
    assert economy.multipliers(BOOK)["effect"].round(3).to_list() == [1.518, 1.452]


@given(table=tables())
def test_output_is_the_inverse_times_final_demand(table):
    inverse = economy.leontief_inverse(table)
    assert np.allclose(inverse @ table.residual_demand, table.output, rtol=1e-10, atol=1e-9)


@given(table=tables())
def test_effects_and_linkages_are_those_of_the_whole_inverses(table):
    inverse = np.linalg.inv(np.eye(table.size) - inputs_of(table))
    made = np.where(table.output > 0, table.output, 1.0)
    jobs = np.where(table.output > 0, table.factors["jobs"] / made, 0.0)
    assert np.allclose(economy.multipliers(table, "jobs")["effect"], jobs @ inverse)
    sales = np.where(table.output > 0, table.flows.T / made, 0.0).T
    ghosh = np.linalg.inv(np.eye(table.size) - sales)
    found = economy.linkages(table)
    assert np.allclose(found["backward"], inverse.sum(axis=0))
    assert np.allclose(found["forward"], ghosh.sum(axis=1))
    working = found.filter(pl.col("kind") != "no output")
    assert working["backward_relative"].mean() == pytest.approx(1)
    assert working["forward_relative"].mean() == pytest.approx(1)
    key = (pl.col("backward_relative") > 1) & (pl.col("forward_relative") > 1)
    assert working.filter(key)["sector"].to_list() == found.filter("key")["sector"].to_list()


@given(table=tables())
def test_kind_two_is_the_table_closed_by_households(table):
    n = table.size
    closed = np.zeros((n + 1, n + 1))
    made = np.where(table.output > 0, table.output, 1.0)
    closed[:n, :n] = inputs_of(table)
    closed[n, :n] = np.where(table.output > 0, table.factors["wages"] / made, 0.0)
    spent, earned = table.final_demand["households"], table.factors["wages"].sum()
    closed[:n, n] = spent / max(earned, spent.sum())
    inverse = np.linalg.inv(np.eye(n + 1) - closed)[:n, :n]
    jobs = np.where(table.output > 0, table.factors["jobs"] / made, 0.0)
    assert np.allclose(economy.multipliers(table, kind="II")["effect"], inverse.sum(axis=0))
    assert np.allclose(economy.multipliers(table, "jobs", kind="II")["effect"], jobs @ inverse)
    noted = economy.household_notes(table)
    assert bool(noted) == (spent.sum() > earned)


def test_all_effects_are_those_of_each_factor():
    table = drawn(3)
    found = economy.effects(table)
    assert found["kind"].unique().sort().to_list() == ["I", "II"]
    for factor in ("output", "value added", "jobs", "wages"):
        for kind in ("I", "II"):
            own = found.filter(factor=factor, kind=kind).select("sector", "effect", "multiplier")
            one = economy.multipliers(table, factor, kind=kind)
            assert own["sector"].to_list() == one["sector"].to_list()
            assert np.allclose(own["effect"], one["effect"])


def test_a_sector_without_output_is_named_and_its_effects_are_numbers():
    table = drawn(4, 4, idle=[2])
    assert table.warnings[0].startswith("no output: s2.")
    found = economy.effects(table)
    assert found["effect"].is_finite().all()
    assert found.filter(sector="s2", factor="output", kind="I")["effect"].item() == 1.0
    assert found.filter(sector="s2", factor="jobs", kind="I").select("effect", "multiplier").row(
        0
    ) == (0.0, None)
    assert found["multiplier"].drop_nulls().is_finite().all()
    told = economy.linkages(table).filter(sector="s2")
    assert told["kind"].item() == "no output"
    assert not told["key"].item()


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: economy.multipliers(BOOK, "jobs"), "no factor 'jobs'. It has: value added"),
        (lambda: economy.multipliers(BOOK, kind="III"), "Write I or II"),
        (lambda: economy.multipliers(BOOK, kind="II"), "no factor is named as income"),
        (
            lambda: economy.multipliers(
                economy.Table(["a", "b"], [[5, 5], [5, 15]], [10, 20], {"x": [0, 0]})
            ),
            "Sectors whose inputs reach their output: a, b",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(ask, told):
    with pytest.raises(economy.EconomyError, match=told):
        ask()


def test_households_without_any_income_are_refused():
    table = economy.Table(
        ["a"], [[1]], [10], {"wages": [0]}, final_demand={"households": [4], "exports": [5]}
    )
    with pytest.raises(economy.EconomyError, match="income wages is 0"):
        economy.multipliers(table, kind="II")


class Frame:
    """As much of a pandas frame as a system of pymrio needs."""

    def __init__(self, index, columns, numbers):
        self.index, self.columns = index, columns
        self.numbers, self.shape = np.array(numbers, dtype=float), np.shape(numbers)

    def __array__(self, dtype=None, copy=None):
        return self.numbers


class System:
    """As much of pymrio's IOSystem as is read."""

    def __init__(self, Z, Y, x=None, extensions=()):  # noqa: N803
        self.Z, self.Y, self.x, self.extensions = Z, Y, x, extensions

    def get_extensions(self, *, data):
        assert data
        return iter(self.extensions)


class Extension:
    def __init__(self, name, frame):
        self.name, self.F = name, frame


def levels(path, index, heads):
    with path.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.reader(stream, delimiter="\t"))
    columns = [tuple(head[n] for head in lines[:heads]) for n in range(index, len(lines[0]))]
    rows = [tuple(line[: min(index, 2)]) for line in lines[heads:] if line]
    numbers = [[float(cell) for cell in line[index:]] for line in lines[heads:] if line]
    return Frame(rows, columns, numbers)


@pytest.fixture(scope="module")
def test_system(shared_data):
    folder = shared_data / "trade" / "test_mrio"
    flows = levels(folder / "trade_flows_Z.tsv", 3, 2)
    demand = levels(folder / "finald_demand_Y.tsv", 3, 2)
    emissions = levels(folder / "emissions.tsv", 3, 2)
    factor = levels(folder / "factor_input.tsv", 2, 2)
    return System(
        flows, demand, None, [Extension("factor", factor), Extension("emissions", emissions)]
    )


def test_a_pymrio_system_has_the_output_and_the_footprints_that_pymrio_finds(
    test_system, shared_data
):
    table = economy.from_pymrio(test_system)
    folder = shared_data / "trade" / "test_mrio"
    expected = pl.read_csv(folder / "expected_output_x.csv")
    assert table.sectors[:2] == ("reg1/food", "reg1/mining")
    assert np.allclose(table.output, expected["x"])
    footprints = pl.read_csv(folder / "expected_emissions_consumption_based.csv")
    for row in footprints.iter_rows(named=True):
        factor = f"{row['stressor']}/{row['compartment']}"
        effect = economy.multipliers(table, factor)["effect"].to_numpy()
        for region in (f"reg{n}" for n in range(1, 7)):
            demand = [v for k, v in table.final_demand.items() if k.startswith(f"{region}/")]
            assert effect @ np.sum(demand, axis=0) == pytest.approx(row[region], rel=1e-9)


def test_a_system_without_flows_is_refused():
    with pytest.raises(economy.EconomyError, match="no flows Z"):
        economy.from_pymrio(System(None, None))
