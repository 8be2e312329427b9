"""Small instances drawn by Hypothesis, and every plan of them, found the slow way."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import strategies as st

from onshore.plan import Instance

MAKERS = ["A", "B", "C"]
Start = tuple[dict[str, Any], int]


def instances(*, floors: bool | None = None) -> st.SearchStrategy[Instance]:
    # All comes evenly from a seed: Hypothesis itself prefers what is small, and with few items,
    # years and means nearly every best plan is empty.
    return st.integers(0, 2**32).map(lambda seed: instance_of(seed, floors=floors))


def instance_of(seed: int, *, floors: bool | None = None) -> Instance:
    dice = random.Random(seed)
    years = dice.choice([1, 2, 3, 3])
    shared = dice.random() < 0.5
    rows = [row for item in range(dice.choice([2, 3])) for row in _quotes(dice, item, years)]
    capacity = [
        {"resource": resource, "year": year, "amount": dice.randint(2, 20)}
        for resource in (["shared"] if shared else MAKERS)
        for year in range(years)
    ]
    budgets = [
        {"year": year, "amount": dice.randint(2, 14), "discount": 1 - year / 8}
        for year in range(years)
    ]
    with_floors = dice.random() < 0.5 if floors is None else floors
    shares = dice.choice([(0.125, 0.0), (0.0, 0.25), (0.25, 0.125), (0.0, 0.0)])
    candidates = pl.DataFrame(rows, schema_overrides={"group": pl.String})
    return Instance(
        candidates.with_columns(resource=pl.lit("shared") if shared else pl.col("maker")),
        pl.DataFrame(capacity),
        pl.DataFrame(budgets),
        pl.DataFrame({"group": ["north", "south"], "floor_share": shares}) if with_floors else None,
    )


def _quotes(dice: random.Random, item: int, years: int) -> list[dict[str, Any]]:
    max_makers = dice.choice([1, 1, 2])
    return [
        {
            "item": f"item {item}",
            "maker": maker,
            "tooling_cost": dice.randint(0, 9),
            "lead_years": dice.choice([0, 0, 0, 1, 2]),
            "use_per_year": dice.randint(0, 9),
            "annual_saving": dice.randint(-1, 12),
            "opens": dice.choice([0, 0, 0, years - 1]),
            "share": 1 / max_makers,
            "max_makers": max_makers,
            "needed_from": dice.choice([0, 0, 0, years - 1]),
            "group": dice.choice(["north", "north", "south", "south", None]),
        }
        for maker in dice.sample(MAKERS, dice.randint(1, 2))
    ]


def all_plans(instance: Instance) -> Iterator[tuple[Start, ...]]:
    """Every plan that keeps every limit, from the definition alone."""
    candidates = instance.candidates.to_dicts()
    options = []
    for item in sorted({row["item"] for row in candidates}):
        own = [row for row in candidates if row["item"] == item]
        starts = [(row, year) for row in own for year in range(row["opens"], instance.years)]
        starts = [s for s in starts if first_production(*s) < instance.years]
        starts = [s for s in starts if value(*s, instance) > 0]
        choices: list[tuple[Start, ...]] = [()]
        for size in range(1, own[0]["max_makers"] + 1):
            choices += [
                chosen
                for chosen in itertools.combinations(starts, size)
                if len({row["maker"] for row, _ in chosen}) == size
            ]
        options.append(choices)
    for parts in itertools.product(*options):
        plan = tuple(itertools.chain.from_iterable(parts))
        if not broken_limits(plan, instance):
            yield plan


def first_production(row: dict[str, Any], year: int) -> int:
    return max(year + row["lead_years"], row["needed_from"])


def value(row: dict[str, Any], year: int, instance: Instance) -> Fraction:
    discounts = [Fraction(d) for d in instance.budgets.sort("year")["discount"]]
    yearly = Fraction(row["share"]) * Fraction(row["annual_saving"])
    return yearly * sum(discounts[first_production(row, year) :])


def worth(plan: tuple[Start, ...], instance: Instance) -> float:
    return math.fsum(float(value(*start, instance)) for start in plan)


def broken_limits(plan: tuple[Start, ...], instance: Instance) -> set[tuple[Any, ...]]:
    """Which limits a plan breaks, as (kind, name, year)."""
    broken: set[tuple[Any, ...]] = set()
    for year, amount in instance.budgets.select("year", "amount").iter_rows():
        if sum(row["tooling_cost"] for row, start in plan if start == year) > amount:
            broken.add(("budget", None, year))
    for resource, year, amount in instance.capacity.iter_rows():
        used = sum(
            row["share"] * row["use_per_year"]
            for row, start in plan
            if row["resource"] == resource and first_production(row, start) <= year
        )
        if used > amount:
            broken.add(("capacity", resource, year))
    if instance.floors is not None:
        whole = sum(value(*start, instance) for start in plan)
        for group, share in instance.floors.select("group", "floor_share").iter_rows():
            own = sum(value(*start, instance) for start in plan if start[0]["group"] == group)
            if own < Fraction(share) * whole:
                broken.add(("floor", group, None))
    return broken


def starts_of(plan: tuple[Start, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "item": row["item"],
                "maker": row["maker"],
                "resource": row["resource"],
                "start_year": year,
            }
            for row, year in plan
        ],
        schema={
            "item": pl.String,
            "maker": pl.String,
            "resource": pl.String,
            "start_year": pl.Int64,
        },
    )
