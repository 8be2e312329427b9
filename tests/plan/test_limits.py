"""Used and binding limits against their definition, move by move."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import (
    Start,
    all_plans,
    broken_limits,
    first_production,
    instances,
    starts_of,
    value,
    worth,
)

from onshore.plan import Instance, Plan, PlanError, limits, make_plan


def better_moves(plan: tuple[Start, ...], instance: Instance) -> list[tuple[Start, ...]]:
    """Every plan that one better start makes of this plan, whether or not it keeps the limits."""
    moves = []
    for row in instance.candidates.to_dicts():
        for year in range(row["opens"], instance.years):
            new = (row, year)
            if first_production(*new) >= instance.years or not alone_possible(new, instance):
                continue
            own = [s for s in plan if s[0]["item"] == row["item"]]
            same_pair = [s for s in own if s[0]["maker"] == row["maker"]]
            full = len(own) >= row["max_makers"]
            least = min(own, key=lambda s: value(*s, instance)) if full else None
            replaced = same_pair[0] if same_pair else least
            before = value(*replaced, instance) if replaced else 0
            if value(*new, instance) > before:
                moves.append((*(s for s in plan if s is not replaced), new))
    return moves


def alone_possible(start: Start, instance: Instance) -> bool:
    without_floors = Instance(instance.candidates, instance.capacity, instance.budgets)
    return not broken_limits((start,), without_floors)


@settings(max_examples=100, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_a_limit_binds_when_a_better_start_would_break_it(instance, random):
    # Any plan that keeps the limits, not only the best: there all feasible moves are taken.
    starts = random.choice(list(all_plans(instance)))
    plan = Plan(starts_of(starts), worth(starts, instance), 0.0, 0.0, "drawn")
    found = limits(plan, instance)
    expected = set().union(*(broken_limits(m, instance) for m in better_moves(starts, instance)))
    binding = set(found.filter("binding").select("kind", "name", "year").iter_rows())
    # Of several starts worth the same, either may be the one that is replaced.
    values = [(s[0]["item"], value(*s, instance)) for s in starts]
    if len(set(values)) == len(values):
        assert binding == expected
    budgets = found.filter(kind="budget")
    assert budgets["used"].sum() == sum(row["tooling_cost"] for row, _ in starts)
    assert budgets["limit"].to_list() == instance.budgets["amount"].to_list()
    assert found.filter(kind="capacity").height == instance.capacity.height


@settings(max_examples=50, deadline=None)
@given(instances(floors=True))
def test_floors_are_shown_as_the_value_of_their_group(instance):
    plan = make_plan(instance)
    values = plan.starts.join(instance.candidates, on=["item", "maker", "resource"])
    for _, group, _, used, limit, _ in limits(plan, instance).filter(kind="floor").iter_rows():
        share = instance.floors.filter(group=group)["floor_share"].item()
        assert used == pytest.approx(values.filter(group=group)["value"].sum())
        assert limit == pytest.approx(share * plan.objective)


@given(instances())
def test_a_plan_of_another_instance_is_refused(instance):
    plan = make_plan(instance)
    stranger = Plan(
        plan.starts.with_columns(item="item" + plan.starts["item"]),
        plan.objective,
        plan.bound,
        plan.gap,
        plan.status,
    )
    if plan.starts.is_empty():
        assert limits(stranger, instance)["used"].sum() == 0
    else:
        with pytest.raises(PlanError, match="is not possible in this instance"):
            limits(stranger, instance)
