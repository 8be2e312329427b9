"""Small instances with every component, drawn from a seed, and every plan of them at once."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from onshore.plan import Instance

MAKERS = ["A", "B", "C"]
GROUPS = ["north", "south", "small"]
Start = tuple[dict[str, Any], int]
SMALL = 1e-9


def tables_of(seed: int, *, decided: bool = False) -> dict[str, pl.DataFrame | None]:
    """Draw the tables of an instance; all amounts are exact in binary.

    With ``decided`` there is a decision already taken, and nothing else is required.
    """
    dice = random.Random(seed)
    years = dice.choice([1, 2, 2, 3])
    funds = [None, "bank"] if dice.random() < 0.4 else [None]
    items = [f"item {at}" for at in range(dice.choice([2, 3, 3]))]
    in_lists = dice.random() < 0.4
    demanding = dice.random() < 0.5 and not decided
    candidates = [row for item in items for row in _quotes(dice, item, years, funds, demanding)]
    budgets = [
        {"year": year, "amount": dice.randint(3, 14), "discount": 1 - year / 8, "fund": fund}
        for year in range(years)
        for fund in funds
    ]
    capacity = [
        {"resource": maker, "year": year, "amount": dice.randint(2, 16)}
        for maker in MAKERS
        for year in range(years)
    ]
    for row in candidates:
        row["group"] = (
            dice.sample(GROUPS, dice.randint(0, 2)) if in_lists else dice.choice([*GROUPS, None])
        )
    group = pl.List(pl.String) if in_lists else pl.String
    return {
        "candidates": pl.DataFrame(
            candidates, schema_overrides={"group": group, "fund": pl.String}
        ),
        "capacity": pl.DataFrame(capacity),
        "budgets": pl.DataFrame(budgets, schema_overrides={"fund": pl.String}),
        "floors": _floors(dice, demanding),
        "links": _links(dice, items),
        "openings": _openings(dice, candidates),
        "fixed": _fixed(dice, candidates, years, decided=decided),
    }


def _quotes(
    dice: random.Random, item: str, years: int, funds: list[str | None], demanding: bool
) -> list[dict[str, Any]]:
    makers = dice.choice([1, 1, 2])
    required = demanding and dice.random() < 0.3
    return [
        {
            "item": item,
            "maker": maker,
            "resource": maker,
            "tooling_cost": dice.randint(0, 9),
            "lead_years": dice.choice([0, 0, 1]),
            "use_per_year": dice.randint(0, 9),
            "annual_saving": dice.choice([-2, *range(1, 13)]),
            "opens": dice.choice([0, 0, years - 1]),
            "share": 1 / makers,
            "max_makers": makers,
            "needed_from": dice.choice([0, 0, years - 1]),
            "fund": dice.choice(funds),
            "required": required,
            "cost_effect": dice.randint(-3, 8),
        }
        for maker in dice.sample(MAKERS, dice.randint(1, 3))
    ]


def _floors(dice: random.Random, demanding: bool) -> pl.DataFrame | None:
    if dice.random() < 0.4:
        return None
    shares = dice.choice([(0.125, 0.0, 0.125), (0.0, 0.25, 0.0), (0.0, 0.0, 0.0)])
    amounts = [dice.choice([0, 0, 0, 4, 10]) if demanding else 0 for _ in GROUPS]
    return pl.DataFrame(
        {"group": GROUPS, "floor_share": shares, "floor_amount": [float(a) for a in amounts]}
    )


def _links(dice: random.Random, items: list[str]) -> pl.DataFrame | None:
    pairs = [pair for pair in itertools.combinations(items, 2) if dice.random() < 0.25]
    kinds = [dice.choice(["together", "exclude"]) for _ in pairs]
    rows = [(a, b, kind) for (a, b), kind in zip(pairs, kinds, strict=True)]
    return pl.DataFrame(rows, schema=["item", "with_item", "kind"], orient="row") if rows else None


def _openings(dice: random.Random, candidates: list[dict[str, Any]]) -> pl.DataFrame | None:
    used = {row["maker"] for row in candidates}
    groups = {
        name
        for row in candidates
        for name in (row["group"] if isinstance(row["group"], list) else [row["group"]])
        if name is not None
    }
    every = [
        *(("resource", name) for name in sorted(used)),
        *(("maker", name) for name in sorted(used)),
        *(("group", name) for name in sorted(groups)),
    ]
    rows = [(what, name, float(dice.randint(0, 9))) for what, name in every if dice.random() < 0.2]
    return pl.DataFrame(rows, schema=["what", "name", "cost"], orient="row") if rows else None


def _fixed(
    dice: random.Random, candidates: list[dict[str, Any]], years: int, *, decided: bool
) -> pl.DataFrame | None:
    if dice.random() < 0.8 and not decided:
        return None
    row = dice.choice(candidates)
    start = {name: row[name] for name in ("item", "maker", "resource")}
    return pl.DataFrame([start | {"start_year": dice.randrange(years)}])


@dataclass
class Plans:
    """Every choice of starts by item, as sums over the items, one row a plan.

    ``sums`` has a row a plan and a column for each of ``names``: 'value', a limit (kind, name,
    year), a group, an opening, an item made. ``largest`` is the most that one start adds.
    """

    instance: Instance
    names: list[Any]
    sums: np.ndarray
    largest: np.ndarray

    def of(self, name: object) -> np.ndarray:
        return self.sums[:, self.names.index(name)]

    @property
    def worth(self) -> np.ndarray:
        worth = self.of("value").copy()
        if self.instance.openings is not None:
            for what, name, cost in self.instance.openings.select("what", "name", "cost").rows():
                worth -= cost * (self.of(("opening", what, name)) > 0)
        return worth

    @property
    def passed(self) -> dict[tuple[Any, ...], np.ndarray]:
        """How far each plan passes each limit, from the definition alone."""
        it, value = self.instance, self.of("value")
        passed: dict[tuple[Any, ...], np.ndarray] = {}
        for (kind, name, year), given in amounts_of(it).items():
            passed[kind, name, year] = self.of((kind, name, year)) - given
        if it.floors is not None:
            for row in it.floors.to_dicts():
                own, share = self.of(("group", row["group"])), row["floor_share"]
                # A floor of nothing asks for nothing, even of a group worth less than that.
                if share > 0 or row["owed"] != 0:
                    passed["floor", row["group"], None] = share * value + row["owed"] - own
                if row["floor_amount"] > 0:
                    passed["floor_amount", row["group"], None] = row["floor_amount"] - own
        made = {item: self.of(("made", item)) > 0 for item in items_of(it)}
        for item in it.candidates.filter("required")["item"].unique():
            passed["required", item, None] = ~made[item]
        if it.links is not None:
            for one, other, kind in it.links.iter_rows():
                a, b = made[one], made[other]
                passed[kind, f"{one}, {other}", None] = a != b if kind == "together" else a & b
        if it.fixed is not None:
            for start in it.fixed.iter_rows():
                taken = self.of(("fixed", *start)) > 0
                passed["fixed", ", ".join(start[:3]), start[3]] = ~taken
        for maker, opens in phases_of(it):
            early = [self.of(("early", maker, opens, by)) > 0 for by in range(1, opens + 1)]
            passed["phase", maker, opens] = np.sum(early, axis=0)
        return {limit: np.where(by > SMALL, by, 0.0) for limit, by in passed.items()}

    @property
    def feasible(self) -> np.ndarray:
        """Which plans keep every limit."""
        return ~np.any([by > 0 for by in self.passed.values()], axis=0)

    @property
    def best(self) -> float | None:
        """What the best plan is worth, less its openings; None where there is no plan."""
        kept = self.feasible
        return float(self.worth[kept].max()) if kept.any() else None

    def size(self, limit: tuple[Any, ...]) -> float:
        """By what the passing of a limit is measured."""
        if limit[0] in ("budget", "capacity"):
            most = float(self.largest[self.names.index(limit)])
            return max(amounts_of(self.instance)[limit], most) or 1.0
        if limit[0] == "floor_amount":
            assert self.instance.floors is not None
            amount = self.instance.floors.filter(group=limit[1])["floor_amount"].item()
            return max(amount, float(self.largest[self.names.index("value")]))
        return 1.0


def amounts_of(instance: Instance) -> dict[tuple[Any, ...], float]:
    budgets = instance.budgets.select(pl.lit("budget"), "fund", "year", "amount")
    capacity = instance.capacity.select(pl.lit("capacity"), "resource", "year", "amount")
    return {row[:3]: row[3] for row in [*budgets.rows(), *capacity.rows()]}


def phases_of(instance: Instance) -> list[tuple[str, int]]:
    late = instance.candidates.filter(pl.col("opens") > 0)
    return sorted(set(late.select("maker", "opens").rows()))


def items_of(instance: Instance) -> list[str]:
    return instance.candidates["item"].unique().sort().to_list()


def all_plans(instance: Instance, *, early: bool = False) -> Plans:
    """Every plan; with ``early`` also those that start before a maker opens."""
    return _summed([_choices(item, instance, early) for item in items_of(instance)], instance)


def plan_of(starts: pl.DataFrame, instance: Instance) -> Plans:
    """One plan, given by its starts."""
    rows = {(r["item"], r["maker"], r["resource"]): r for r in instance.candidates.to_dicts()}
    chosen = [
        (rows[s["item"], s["maker"], s["resource"]], s["start_year"]) for s in starts.to_dicts()
    ]
    for item in items_of(instance):
        makers = [row["maker"] for row, _ in chosen if row["item"] == item]
        most = instance.candidates.filter(item=item)["max_makers"][0]
        assert len(makers) == len(set(makers)) <= most
    assert all(year >= row["opens"] for row, year in chosen)
    own = [tuple(s for s in chosen if s[0]["item"] == item) for item in items_of(instance)]
    return _summed([[choice] for choice in own], instance)


def _choices(item: str, instance: Instance, early: bool) -> list[tuple[Start, ...]]:
    rows = [row for row in instance.candidates.to_dicts() if row["item"] == item]
    linked: set[str] = set()
    if instance.links is not None:
        together = instance.links.filter(kind="together")
        linked = {*together["item"], *together["with_item"]}
    fixed = set() if instance.fixed is None else set(instance.fixed.iter_rows())
    starts = []
    for row in rows:
        for year in range(0 if early else row["opens"], instance.years):
            decided = (row["item"], row["maker"], row["resource"], year) in fixed
            inside = _first(row, year) < instance.years
            wanted = row["annual_saving"] > 0 or row["required"] or item in linked
            if decided or (inside and wanted):
                starts.append((row, year))
    return [
        chosen
        for size in range(rows[0]["max_makers"] + 1)
        for chosen in itertools.combinations(starts, size)
        if len({row["maker"] for row, _ in chosen}) == size
    ]


def _summed(choices: list[list[tuple[Start, ...]]], instance: Instance) -> Plans:
    names = _names(instance)
    total = np.zeros((1, len(names)))
    largest = np.zeros(len(names))
    for own in choices:
        vectors = np.array([_vector(choice, instance, names) for choice in own])
        single = [at for at, choice in enumerate(own) if len(choice) == 1]
        largest = np.maximum(largest, np.abs(vectors[single]).max(axis=0, initial=0.0))
        total = (total[:, None, :] + vectors[None, :, :]).reshape(-1, len(names))
    return Plans(instance, names, total, largest)


def _names(instance: Instance) -> list[Any]:
    groups = [] if instance.floors is None else instance.floors["group"].to_list()
    opened = [] if instance.openings is None else instance.openings.select("what", "name").rows()
    fixed = [] if instance.fixed is None else instance.fixed.rows()
    return [
        "value",
        *amounts_of(instance),
        *(("group", group) for group in groups),
        *(("opening", *row) for row in opened),
        *(("made", item) for item in items_of(instance)),
        *(("fixed", *start) for start in fixed),
        *(
            ("early", maker, opens, by)
            for maker, opens in phases_of(instance)
            for by in range(1, opens + 1)
        ),
    ]


def _vector(choice: tuple[Start, ...], instance: Instance, names: list[Any]) -> list[float]:
    discounts = dict(instance.budgets.select("year", "discount").iter_rows())
    found: Counter[Any] = Counter()
    for row, year in choice:
        first = _first(row, year)
        value = sum(d for y, d in discounts.items() if y >= first)
        value *= row["share"] * row["annual_saving"]
        found["value"] += value
        found["budget", row["fund"], year] += row["tooling_cost"]
        for later in range(first, instance.years):
            found["capacity", row["resource"], later] += row["share"] * row["use_per_year"]
        group = row["group"]
        groups = set(group) if isinstance(group, list) else {group}
        for name in groups:
            found["group", name] += value
            found["opening", "group", name] += 1
        found["opening", "maker", row["maker"]] += 1
        found["opening", "resource", row["resource"]] += 1
        found["made", row["item"]] += 1
        found["fixed", row["item"], row["maker"], row["resource"], year] += 1
        for by in range(1, row["opens"] - year + 1):
            found["early", row["maker"], row["opens"], by] += 1
    return [found[name] for name in names]


def _first(row: dict[str, Any], year: int) -> int:
    return max(year + row["lead_years"], row["needed_from"])
