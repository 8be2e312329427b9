"""The starts that could replace those of a failing maker, and what is left for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.making import Plan
from onshore.plan.outcomes import discounts_to_come
from onshore.plan.risk import rows_of_plan
from onshore.plan.rows import Floats
from onshore.plan.starts import opened_by, possible_starts
from onshore.plan.weighing import solve_whole

_Whole = npt.NDArray[np.int64]
_PRICES = 16  # of money, that the bound is tried at
_CANDIDATE = ["item", "maker", "resource"]


@dataclass(frozen=True, eq=False)
class Failure:
    """One maker's failure: what is ``lost``, and the ``options`` that could take its place.

    Of each option, all of them fitting by themselves, the one that brings most first: ``gain``,
    ``cost``, ``use``, ``item`` and ``resource`` (positions), ``purse`` (row of ``money``),
    ``first`` (year of production) and ``opens`` (what it would open, with its cost). ``hours``
    (a row a resource, a column a year) and ``money`` (a row a fund and year) are left.
    """

    maker: str
    year: int
    lost: pl.DataFrame
    options: pl.DataFrame
    gain: Floats
    cost: Floats
    use: Floats
    item: _Whole
    resource: _Whole
    purse: _Whole
    first: _Whole
    opens: list[dict[int, float]]
    hours: Floats
    money: Floats
    resources: pl.Series
    purses: pl.DataFrame

    def greedy(self) -> list[int]:
        """Take the option that brings most, of an item not yet replaced, as long as any fits."""
        hours, money = self.hours.copy(), self.money.copy()
        done: set[int] = set()
        opened: set[int] = set()
        chosen = []
        for option in range(len(self.gain)):
            item, at, purse, first = (
                int(where[option]) for where in (self.item, self.resource, self.purse, self.first)
            )
            new = {k: cost for k, cost in self.opens[option].items() if k not in opened}
            if item in done or self.gain[option] <= sum(new.values()):
                continue
            after = hours[at, first:] - self.use[option]
            if money[purse] < self.cost[option] or after.min() < 0:
                continue
            hours[at, first:] = after
            money[purse] -= self.cost[option]
            done.add(item)
            opened.update(new)
            chosen.append(option)
        return chosen

    def bound(self) -> float:
        """Bound what can be recovered: all money in one purse, at the best of some prices."""
        if not len(self.gain):
            return 0.0
        order = np.argsort(self.item, kind="stable")
        begins = np.flatnonzero(np.diff(self.item[order], prepend=-1))
        gain, cost = self.gain[order], self.cost[order]
        rates = gain[cost > 0] / cost[cost > 0]
        prices = np.append(0.0, np.quantile(rates, np.linspace(0, 1, _PRICES)) if len(rates) else 0)
        left = np.maximum(gain[:, None] - cost[:, None] * prices, 0.0)
        purse = float(self.money[np.unique(self.purse)].sum())
        sold = np.where(prices > 0, prices * min(purse, float(cost.sum())), 0.0)
        return float((np.maximum.reduceat(left, begins).sum(axis=0) + sold).min())

    def best(
        self, instance: Instance, *, gap: float, seconds: float
    ) -> tuple[list[int], float, str]:
        """Recover the most, as a mixed-integer program of what is left."""
        if not len(self.gain):
            return [], 0.0, "proved"
        left = self._instance(instance)
        starts = possible_starts(left)
        worth = starts["value"].to_numpy()
        found = solve_whole(left, starts, worth, worth, gap=gap, seconds=seconds)
        taken = starts[found.chosen].select(*_CANDIDATE, "start_year")
        numbered = self.options.select(*_CANDIDATE, "start_year").with_row_index("option")
        options = taken.join(numbered, on=[*_CANDIDATE, "start_year"])["option"].sort().to_list()
        return options, found.bound, found.stopped

    def opening_cost(self, chosen: Sequence[int]) -> float:
        """Add up what these options newly open."""
        opened: dict[int, float] = {}
        for option in chosen:
            opened.update(self.opens[option])
        return sum(opened.values())

    def moves(self, chosen: Sequence[int]) -> pl.DataFrame:
        """Set what is lost beside what takes its place."""
        taken = self.options[list(chosen)].select(
            "item",
            to_maker="maker",
            to_resource="resource",
            new_start_year="start_year",
            new_first_production_year="first_production_year",
            tooling_cost="tooling_cost",
            value_recovered="value",
        )
        return (
            self.lost.join(taken, on="item", how="left", maintain_order="left")
            .with_columns(pl.col("tooling_cost", "value_recovered").fill_null(0.0))
            .sort("value_lost", "item", descending=[True, False])
        )

    def _instance(self, instance: Instance) -> Instance:
        rows = self.options.select(_CANDIDATE).unique(maintain_order=True)
        candidates = instance.candidates.join(rows, on=_CANDIDATE, how="semi").with_columns(
            opens=pl.max_horizontal("opens", pl.lit(self.year)),
            max_makers=pl.lit(1, pl.Int64),
            required=pl.lit(False),
        )
        used = sorted(set(self.resource.tolist()))
        capacity = pl.DataFrame(
            {
                "resource": np.repeat(self.resources[used].to_numpy(), instance.years),
                "year": np.tile(np.arange(instance.years), len(used)),
                "amount": self.hours[used].ravel(),
            },
            schema_overrides={"resource": pl.String},
        )
        budgets = self.purses.with_columns(amount=pl.Series(self.money)).join(
            instance.budgets.drop("amount"), on=["fund", "year"], nulls_equal=True
        )
        new = sorted({k for opens in self.opens for k in opens})
        openings = None if instance.openings is None else instance.openings[new]
        return Instance(candidates, capacity, budgets, openings=openings)


@dataclass(frozen=True, eq=False)
class Left:
    """A plan's starts and what they leave of each limit, and the options of its items.

    ``starts`` and ``options`` are by the maker that fails; ``none`` is a table of no starts.
    """

    year: int
    starts: dict[str, pl.DataFrame]
    options: dict[str, pl.DataFrame]
    none: tuple[pl.DataFrame, pl.DataFrame]
    hours: Floats
    money: Floats
    resources: pl.Series
    purses: pl.DataFrame
    opens: dict[int, dict[int, float]]

    @classmethod
    def of(cls, plan: Plan, instance: Instance, year: int, makers: Sequence[str]) -> Left:
        """Lay the plan out; ``makers`` are those whose failure will be asked for."""
        resources = instance.capacity["resource"].unique().sort()
        purses = instance.budgets.select("fund", "year")
        freed = pl.when(pl.col("start_year") >= year).then("tooling_cost").otherwise(0.0)
        rows = _placed(rows_of_plan(plan, instance), resources, purses).with_columns(
            value_lost=_value_from(year, instance), tooling_freed=freed
        )
        limits = instance.capacity.sort("resource", "year")["amount"].to_numpy()
        hours = limits.reshape(len(resources), instance.years).copy()
        _give_back(hours, rows, -1.0, 0)
        money = instance.budgets["amount"].to_numpy().copy()
        np.subtract.at(money, rows["purse"].to_numpy(), rows["tooling_cost"].to_numpy())
        touched = rows.filter(pl.col("maker").is_in(list(makers)))
        options = _options(rows, touched, instance, year)
        opens = _opens(options, rows, instance)
        placed = _placed(options, resources, purses)
        by_maker = placed.join(touched.select("item", fails="maker"), on="item").sort(
            "value", "start", descending=[True, False]
        )
        return cls(
            year=year,
            starts=_by(touched.with_columns(fails="maker")),
            options=_by(by_maker),
            none=(rows.clear(), placed.clear()),
            hours=hours,
            money=money,
            resources=resources,
            purses=purses,
            opens=opens,
        )

    def failure(self, maker: str) -> Failure:
        """Take a maker out of the plan from the year on."""
        own = self.starts.get(maker, self.none[0])
        options = self.options.get(maker, self.none[1])
        hours, money = self.hours.copy(), self.money.copy()
        _give_back(hours, own, 1.0, self.year)
        np.add.at(money, own["purse"].to_numpy(), own["tooling_freed"].to_numpy())
        # Plans are kept within a tolerance, so that what is left can be a little below nothing.
        hours, money = np.maximum(hours, 0.0), np.maximum(money, 0.0)
        least = np.minimum.accumulate(hours[:, ::-1], axis=1)[:, ::-1]
        at, first = options["resource_at"].to_numpy(), options["first_production_year"].to_numpy()
        options = options.filter(
            pl.Series(options["use"].to_numpy() <= least[at, first]),
            pl.Series(options["tooling_cost"].to_numpy() <= money[options["purse"].to_numpy()]),
        )
        numbers = {name: at for at, name in enumerate(options["item"].unique().sort())}
        item = options["item"].replace_strict(numbers, return_dtype=pl.Int64, default=None)
        return Failure(
            maker=maker,
            year=self.year,
            lost=own.select("item", "resource", "start_year", "value_lost", "tooling_freed"),
            options=options,
            gain=options["value"].to_numpy(),
            cost=options["tooling_cost"].to_numpy(),
            use=options["use"].to_numpy(),
            item=item.to_numpy(),
            resource=options["resource_at"].to_numpy(),
            purse=options["purse"].to_numpy(),
            first=options["first_production_year"].to_numpy(),
            opens=[self.opens.get(start, {}) for start in options["start"]],
            hours=hours,
            money=money,
            resources=self.resources,
            purses=self.purses,
        )


def _placed(starts: pl.DataFrame, resources: pl.Series, purses: pl.DataFrame) -> pl.DataFrame:
    """Give starts the positions of their resource and of their budget."""
    at = pl.DataFrame({"resource": resources}).with_row_index("resource_at")
    rows = purses.rename({"year": "start_year"}).with_row_index("purse")
    return (
        starts.join(at, on="resource", how="left", maintain_order="left")
        .join(rows, on=["fund", "start_year"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("resource_at", "purse").cast(pl.Int64))
    )


def _value_from(year: int, instance: Instance) -> pl.Expr:
    """Tell what a start saves from a year on."""
    to_come = pl.Series(discounts_to_come(instance))
    first = pl.max_horizontal("first_production_year", pl.lit(year)).clip(0, instance.years)
    sums = first.replace_strict(list(range(len(to_come))), to_come.to_list())
    return pl.col("share") * pl.col("annual_saving") * sums


def _give_back(hours: Floats, starts: pl.DataFrame, sign: float, year: int) -> None:
    years = np.arange(hours.shape[1])
    from_year = np.maximum(starts["first_production_year"].to_numpy(), year)
    used = sign * starts["use"].to_numpy()[:, None] * (years >= from_year[:, None])
    np.add.at(hours, starts["resource_at"].to_numpy(), used)


def _options(
    rows: pl.DataFrame, touched: pl.DataFrame, instance: Instance, year: int
) -> pl.DataFrame:
    """List the starts from a year on of touched items at makers that do not make them yet."""
    candidates = (
        instance.candidates.join(touched.select("item"), on="item", how="semi")
        .join(rows, on=["item", "maker"], how="anti")
        .with_columns(required=pl.lit(False))
    )
    alone = replace(
        instance, candidates=candidates, floors=None, links=None, openings=None, fixed=None
    )
    return possible_starts(alone).filter(pl.col("start_year") >= year)


def _opens(
    options: pl.DataFrame, rows: pl.DataFrame, instance: Instance
) -> dict[int, dict[int, float]]:
    """List for each option what it would open that the plan does not, with the cost."""
    opens: dict[int, dict[int, float]] = {}
    if instance.openings is not None:
        already = opened_by(rows, instance)["opening"].unique().implode()
        new = opened_by(options, instance).filter(~pl.col("opening").is_in(already))
        for opening, start, cost in new.iter_rows():
            opens.setdefault(start, {})[opening] = cost
    return opens


def _by(starts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = starts.partition_by("fails", as_dict=True, include_key=False)
    return {str(key[0]): part for key, part in parts.items()}
