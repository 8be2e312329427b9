"""Items placed on machines at least cost: against every assignment, and against HiGHS whole."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

pytest.importorskip("numba", reason="large plans need the extra 'plan'")
highspy = pytest.importorskip("highspy")

from onshore.plan.large import placing  # noqa: E402
from onshore.plan.large.assignment import NoAssignment, assign  # noqa: E402
from onshore.plan.large.placement_model import Placement  # noqa: E402
from onshore.plan.large.placement_prices import Prices  # noqa: E402
from onshore.plan.large.placement_tree import Tree  # noqa: E402


class Case(NamedTuple):
    cost: np.ndarray
    weight: np.ndarray
    capacity: np.ndarray
    opening: np.ndarray | None


def drawn(seed: int, machines: int, items: int) -> Case:
    """Whole or broken figures, some pairs not possible, with or without openings; tight."""
    chance = np.random.default_rng(seed)
    whole, openings, forbidden = chance.random(3) < (0.5, 0.5, 0.4)
    cost = chance.integers(-5, 30, (machines, items)).astype(float)
    weight = chance.integers(1, 20, (machines, items)).astype(float)
    if not whole:
        cost += chance.random(cost.shape)
        weight *= chance.random(weight.shape) * 1e5
    capacity = weight.sum(axis=1) / machines * chance.uniform(0.7, 1.6, machines)
    opening = chance.integers(0, 60, machines).astype(float) if openings else None
    if forbidden:
        cost[chance.random(cost.shape) < 0.2] = np.inf
    return Case(cost, weight, np.floor(capacity), opening)


def price(case: Case, machine_of: np.ndarray) -> float:
    """What an assignment costs, by its definition; infinite where it breaks a limit."""
    total, load = 0.0, [0.0] * len(case.capacity)
    for item, machine in enumerate(machine_of):
        total += case.cost[machine, item]
        load[machine] += case.weight[machine, item]
    if any(used > room * (1 + 1e-9) for used, room in zip(load, case.capacity, strict=True)):
        return np.inf
    if case.opening is not None:
        total += sum(case.opening[machine] for machine in set(machine_of))
    return total


def least_of_all(case: Case) -> float:
    machines, items = case.cost.shape
    every = itertools.product(range(machines), repeat=items)
    return min(price(case, machine_of) for machine_of in every)


def least_by_highs(case: Case) -> float:
    """The textbook model, written out row by row."""
    machines, items = case.cost.shape
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 1e-9)
    x = [[highs.addBinary() for _ in range(items)] for _ in range(machines)]
    y = [highs.addBinary() for _ in range(machines)]
    for j in range(items):
        highs.addConstr(sum(x[i][j] for i in range(machines)) == 1)
        for i in range(machines):
            if np.isinf(case.cost[i, j]):
                highs.addConstr(x[i][j] <= 0)
    total = 0
    for i in range(machines):
        used = sum(case.weight[i, j] * x[i][j] for j in range(items))
        highs.addConstr(used <= case.capacity[i] * y[i])
        total += sum(case.cost[i, j] * x[i][j] for j in range(items) if case.cost[i, j] < np.inf)
        total += (0.0 if case.opening is None else case.opening[i]) * y[i]
    highs.minimize(total)
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return np.inf
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs.getInfo().objective_function_value


@pytest.mark.parametrize("seeds", [range(40), range(40, 80)], ids=["first", "second"])
def test_no_assignment_of_all_is_cheaper(seeds):
    infeasible = 0
    for seed in seeds:
        case = drawn(seed, machines=3, items=7)
        best = least_of_all(case)
        if np.isinf(best):
            infeasible += 1
            with pytest.raises(NoAssignment):
                assign(*case, seconds=60)
            continue
        found = assign(*case, seconds=60)
        assert found.objective == pytest.approx(best, abs=1e-6), seed
        assert price(case, found.machine_of) == pytest.approx(best, abs=1e-6), seed
        assert found.bound <= best + 1e-6, seed
        assert (found.status, found.gap) == ("proved", pytest.approx(0, abs=1e-8)), seed
    assert 0 < infeasible < len(seeds) / 2


@pytest.mark.parametrize("openings", [False, True], ids=["assigned", "opened"])
def test_bounds_hold_however_early_the_search_ends(openings):
    """Truth by the textbook model; the whole costs and the gaps asked for round bounds up."""
    compared = 0
    for seed in range(50):
        case = drawn(1000 + seed, machines=4, items=14)
        if openings != (case.opening is not None):
            opening = np.arange(5.0, 5.0 + 9 * 4, 9) if openings else None
            case = case._replace(opening=opening)
        best = least_by_highs(case)
        if np.isinf(best):
            continue
        found = assign(*case, gap=0.05 * (seed % 3), seconds=0.01 if seed % 2 else 5)
        assert found.bound <= best + 1e-6 * abs(best), seed
        if np.isfinite(found.objective):
            compared += 1
            assert found.objective >= best - 1e-6 * abs(best), seed
            assert price(case, found.machine_of) == pytest.approx(found.objective), seed
            assert found.gap == pytest.approx(
                (found.objective - found.bound) / abs(found.objective), abs=1e-8
            )
    assert compared > 30


def test_search_dives_neighbourhoods_and_branching_suffice_without_the_whole(monkeypatch):
    """Small cases end with HiGHS on all pairs left; here that is never asked."""
    for limit in ("_FEWER", "_FEW", "_MIDDLE", "_SMALL"):
        monkeypatch.setattr(placing, limit, 0)
    proved = 0
    for seed in range(12):
        case = drawn(3000 + seed, machines=4, items=14)
        best = least_by_highs(case)
        if np.isinf(best):
            continue
        found = assign(*case, seconds=0.6)
        assert found.bound <= best + 1e-6 * abs(best), seed
        assert price(case, found.machine_of) == pytest.approx(best), seed
        proved += found.status == "proved"
    assert proved >= 6


def test_what_branching_ends_is_told_as_proved(monkeypatch):
    """A bound of one less than a whole cost, and a trace more, proves that cost the least."""
    for limit in ("_FEWER", "_FEW", "_MIDDLE", "_SMALL"):
        monkeypatch.setattr(placing, limit, 0)
    for seed in (5, 6, 9):
        chance = np.random.default_rng(seed)
        cost = chance.integers(20, 200, (12, 60)).astype(float)
        weight = np.tile(chance.integers(5, 40, 60), (12, 1)).astype(float)
        capacity = np.full(12, np.floor(0.25 * weight[0].sum()))
        case = Case(cost, weight, capacity, chance.integers(300, 700, 12).astype(float))
        found = assign(*case, seconds=20)
        assert (found.status, found.bound) == ("proved", found.objective), seed
        assert price(case, found.machine_of) == found.objective, seed


def test_shifted_and_scaled_costs_shift_and_scale_the_least():
    """A constant on one item's costs is paid by every assignment."""
    for seed in (1, 4, 7):
        case = drawn(seed, machines=4, items=12)._replace(capacity=np.full(4, 1e6))
        one = assign(*case)
        opening = None if case.opening is None else 3 * case.opening
        more = case.cost.copy()
        more[:, 5] += 11.5
        two = assign(*case._replace(cost=3 * more, opening=opening))
        assert two.objective == pytest.approx(3 * (one.objective + 11.5))


@pytest.mark.parametrize("machines", [1, 3])
def test_what_is_without_weight_goes_where_it_is_cheapest(machines):
    cost = np.random.default_rng(0).random((machines, 6))
    for capacity in (0.0, 1.0, np.inf):
        found = assign(cost, np.zeros((machines, 6)), np.full(machines, capacity))
        assert found.machine_of.tolist() == cost.argmin(axis=0).tolist()
        assert found.objective == pytest.approx(cost.min(axis=0).sum())
        assert found.status == "proved"


def test_figures_far_from_one_are_solved_alike():
    case = drawn(11, machines=3, items=7)
    best = least_of_all(case)
    for size in (1e-9, 1e9):
        opening = None if case.opening is None else case.opening * size
        figures = Case(case.cost * size, case.weight / size, case.capacity / size, opening)
        assert assign(*figures).objective == pytest.approx(best * size, rel=1e-6)


def test_no_time_leaves_nothing_proven_wrong():
    case = drawn(5, machines=6, items=40)._replace(capacity=np.full(6, 1e6))
    found = assign(*case, seconds=0)
    assert found.bound <= assign(*case).objective <= found.objective
    with pytest.raises(ValueError, match="seconds is -1"):
        assign(*case, seconds=-1)
    with pytest.raises(ValueError, match="gap is nan"):
        assign(*case, gap=np.nan)


def test_a_published_case_is_solved_to_its_published_least_cost():
    """Chu and Beasley 1997, class A, 5 machines x 100 items: see data/README.md."""
    text = (Path(__file__).parent / "data" / "gap_a05100.txt").read_text(encoding="ascii")
    figures = np.array(text.split(), dtype=float)
    machines, items = int(figures[0]), int(figures[1])
    cost, weight, capacity = np.split(figures[2:], [machines * items, 2 * machines * items])
    case = Case(cost.reshape(machines, items), weight.reshape(machines, items), capacity, None)
    found = assign(*case, seconds=30)
    assert (found.objective, found.bound, found.status) == (1698, 1698, "proved")
    assert price(case, found.machine_of) == 1698


def test_capacity_without_end_leaves_the_choice_of_machines_to_open():
    case = Case(
        np.array([[1.0, 1, 9, 9], [9, 9, 1, 1], [3, 3, 3, 3]]),
        np.ones((3, 4)),
        np.full(3, np.inf),
        np.array([10.0, 10, 10]),
    )
    assert assign(*case).machine_of.tolist() == [2, 2, 2, 2]  # 12 + 10, not 4 + 20


def test_the_same_seed_gives_the_same_assignment_and_progress_never_turns_back():
    case = drawn(5, machines=6, items=40)._replace(capacity=np.full(6, 1e6))
    told: list[tuple[float, float, float]] = []
    one = assign(*case, seconds=20, seed=3, progress=lambda *now: told.append(now))
    two = assign(*case, seconds=20, seed=3)
    assert one.machine_of.tolist() == two.machine_of.tolist()
    assert told
    for before, after in itertools.pairwise(told):
        assert after[0] >= before[0]
        assert after[1] <= before[1]
        assert after[2] >= before[2]


GOOD = Case(np.ones((2, 3)), np.ones((2, 3)), np.full(2, 5.0), None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost": np.ones(3)}, "a row a machine"),
        ({"cost": np.ones((2, 0)), "weight": np.ones((2, 0))}, "at least one of each"),
        ({"weight": np.ones((3, 2))}, "weight has the shape"),
        ({"capacity": np.ones(3)}, "there are 2 machines"),
        ({"opening": np.ones(1)}, "opening has the shape"),
        ({"weight": np.array([[1.0, 1, 1], [1, -2, 1]])}, "weight of machine 1, item 1 is -2"),
        ({"weight": np.array([[1.0, 1, 1], [1, np.inf, 1]])}, "give a finite figure"),
        ({"capacity": np.array([1.0, np.nan])}, "capacity of machine 1 is nan"),
        ({"opening": np.array([-1.0, 0])}, "opening of machine 0 is -1"),
        ({"cost": np.array([[1.0, np.nan, 1], [1, 1, 1]])}, "cost of machine 0, item 1 is nan"),
    ],
)
def test_what_is_no_problem_is_refused(change, words):
    assert assign(*GOOD).objective == 3
    with pytest.raises(ValueError, match=words):
        assign(*GOOD._replace(**change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": np.array([[1.0, 9, 1], [1, 8, 1]])}, "item 1 fits on no machine"),
        ({"cost": np.array([[1.0, 1, np.inf], [1, 1, np.inf]])}, "item 2 fits on no machine"),
        ({"weight": np.full((2, 3), 4.0)}, "2 more capacity is needed"),
        ({"weight": np.full((2, 3), 3.0)}, "raise capacities"),
    ],
)
def test_what_cannot_be_is_named(change, words):
    with pytest.raises(NoAssignment, match=words):
        assign(*GOOD._replace(**change), seconds=20)


def test_branching_never_raises_the_bound_above_the_least_cost():
    """The nodes open at any time cover all assignments below the target."""
    raised = 0
    for seed in range(40):
        case = drawn(2000 + seed, machines=4, items=12)
        best = least_by_highs(case)
        if np.isinf(best):
            continue
        possible = np.isfinite(case.cost) & (case.weight <= case.capacity[:, None])
        opening = np.zeros(4) if case.opening is None else case.opening
        cost = np.where(possible, case.cost, 0.0)
        placement = Placement(cost, case.weight, case.capacity, opening, possible)
        target = best + 0.1 * abs(best) + 1
        prices = Prices(placement)
        prices.run(20, target)
        tree = Tree(placement, prices.better(target), prices.of_item, target)
        bounds = [tree.bound]
        for nodes in (1, 5, 30):
            tree.run(nodes, target, lambda: False)
            bounds.append(tree.bound)
        assert bounds == sorted(bounds), seed
        assert bounds[-1] <= best + 1e-6 * abs(best), seed
        raised += bounds[-1] > bounds[0] + 1e-6
    assert raised > 5
