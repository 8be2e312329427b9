"""The starts of an instance as arrays, the form that the compiled kernels work on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import TOLERANCE, Instance
from onshore.plan.large.arrays import Floats, Whole


class Options(NamedTuple):
    """Every possible start; those of a job stand together, the jobs of a pair, those of an item.

    A pair is an item with a maker; a job is a pair with one of the maker's resources.

    Of each option: ``item``, ``pair``, ``job``, ``resource`` (positions), ``fund`` (its budget's
    row), ``start`` and ``first`` (years of tooling and of first production), ``value``, ``cost``
    (money), ``use`` (of the resource, each year from ``first`` on), ``group`` (the floor that it
    counts for, -1: none; where candidates are in several groups, only floors of which no
    candidate counts for two are kept).

    ``item_begins`` and ``job_begins`` bound the options of an item and of a job;
    ``resource_begins`` bounds the entries of ``resource_jobs``, the jobs of a resource.
    ``makers`` is the most makers of an item, ``pair_item`` and ``job_item`` the item of a pair
    and of a job. ``capacity`` is a row a resource and a column a year, ``budget`` a row each;
    none is above what all options together use, so that all are finite. ``floor`` is each
    floor's share of the whole.
    """

    item: Whole
    pair: Whole
    job: Whole
    resource: Whole
    fund: Whole
    start: Whole
    first: Whole
    value: Floats
    cost: Floats
    use: Floats
    group: Whole
    item_begins: Whole
    job_begins: Whole
    pair_item: Whole
    job_item: Whole
    resource_begins: Whole
    resource_jobs: Whole
    makers: Whole
    capacity: Floats
    budget: Floats
    floor: Floats


class Names(NamedTuple):
    """What the options stand for: each has a row of the candidates."""

    candidates: pl.DataFrame
    candidate_of: Whole


def options_of(instance: Instance) -> tuple[Options, Names]:
    """Lay an instance out as arrays: its budgets, capacities and shares of single groups.

    The options are `onshore.plan.starts.possible_starts`, in the same order. A decision already
    taken is not told apart: see `onshore.plan.decided.with_fixed`.
    """
    years = instance.years
    discounts = instance.budgets.unique("year").sort("year")["discount"].to_numpy()
    to_come = np.append(np.cumsum(discounts[::-1])[::-1], 0.0)
    budgets = instance.budgets["amount"].to_numpy().reshape(years, -1)
    resources, capacity = _capacity(instance)
    candidates = _in_order(instance.candidates, resources)
    column = {
        name: candidates[name].to_numpy()
        for name in ("lead_years", "opens", "needed_from", "share", "annual_saving", "tooling_cost")
    }
    resource = candidates["resource_at"].to_numpy().astype(np.int64)
    fund = _funds(candidates, instance)
    use = column["share"] * candidates["use_per_year"].to_numpy()
    least = np.minimum.accumulate(capacity[:, ::-1], axis=1)[:, ::-1]

    start = np.tile(np.arange(years), (len(candidates), 1))
    first = np.maximum(start + column["lead_years"][:, None], column["needed_from"][:, None])
    inside = np.minimum(first, years - 1)
    value = (column["share"] * column["annual_saving"])[:, None] * to_come[np.minimum(first, years)]
    possible = (
        (start >= column["opens"][:, None])
        & (first < years)
        & ((value > 0) | _wanted(candidates, instance)[:, None])
        & (column["tooling_cost"][:, None] <= budgets[:, fund].T * (1 + TOLERANCE))
        & (use[:, None] <= least[resource[:, None], inside] * (1 + TOLERANCE))
    )
    of, year = np.nonzero(possible)
    budget = year * budgets.shape[1] + fund[of]
    return _options(
        candidates, of, year, budget, first[of, year], value[of, year], use, capacity, instance
    )


def only(options: Options, kept: npt.NDArray[np.bool_]) -> Options:
    """Leave options out; items, pairs and jobs stay, some without any."""
    before = np.append(0, np.cumsum(kept)).astype(np.int64)
    last = Options._fields.index("item_begins")
    own = {name: getattr(options, name)[kept] for name in Options._fields[:last]}
    return options._replace(
        **own,
        item_begins=before[options.item_begins],
        job_begins=before[options.job_begins],
    )


def _options(
    candidates: pl.DataFrame,
    of: Whole,
    year: Whole,
    budget: Whole,
    first: Whole,
    value: Floats,
    use: Floats,
    capacity: Floats,
    instance: Instance,
) -> tuple[Options, Names]:
    item, pair = (
        _numbered(candidates.select(pl.struct(names).rle_id()).to_series().to_numpy()[of])
        for names in (["item"], ["item", "maker"])
    )
    job = _numbered(of)
    items, pairs, jobs = (int(numbers[-1]) + 1 if len(of) else 0 for numbers in (item, pair, job))
    first_of_job = np.searchsorted(job, np.arange(jobs))
    resource = candidates["resource_at"].to_numpy().astype(np.int64)[of]
    cost = candidates["tooling_cost"].to_numpy()[of]
    group, floor = _floors(candidates, instance)
    most = candidates["max_makers"].to_numpy().astype(np.int64)
    by_resource = np.argsort(resource[first_of_job], kind="stable")
    options = Options(
        item=item,
        pair=pair,
        job=job,
        resource=resource,
        fund=budget.astype(np.int64),
        start=year.astype(np.int64),
        first=first.astype(np.int64),
        value=value,
        cost=cost,
        use=use[of],
        group=group[of],
        item_begins=np.searchsorted(item, np.arange(items + 1)),
        job_begins=np.searchsorted(job, np.arange(jobs + 1)),
        pair_item=item[np.searchsorted(pair, np.arange(pairs))],
        job_item=item[first_of_job],
        resource_begins=np.searchsorted(
            resource[first_of_job][by_resource], np.arange(len(capacity) + 1)
        ),
        resource_jobs=by_resource,
        makers=most[of[np.searchsorted(item, np.arange(items))]],
        capacity=_at_most(capacity, resource, use[of]),
        budget=np.minimum(
            instance.budgets["amount"].to_numpy() * (1 + TOLERANCE),
            np.bincount(budget, cost, minlength=instance.budgets.height) + 1.0,
        ),
        floor=floor,
    )
    return options, Names(candidates, of.astype(np.int64))


def _funds(candidates: pl.DataFrame, instance: Instance) -> Whole:
    """Count each candidate's fund among those of a year."""
    funds = instance.budgets.filter(pl.col("year") == 0).select("fund").with_row_index("at")
    placed = candidates.join(funds, on="fund", how="left", nulls_equal=True, maintain_order="left")
    return placed["at"].to_numpy().astype(np.int64)


def _wanted(candidates: pl.DataFrame, instance: Instance) -> npt.NDArray[np.bool_]:
    """Tell which candidates may be needed though they save nothing."""
    wanted = candidates["required"]
    if instance.links is not None:
        pairs = instance.links.filter(kind="together")
        linked = pl.concat([pairs["item"], pairs["with_item"]]).implode()
        wanted = wanted | candidates["item"].is_in(linked)
    return wanted.to_numpy()


def _floors(candidates: pl.DataFrame, instance: Instance) -> tuple[Whole, Floats]:
    """Give the floor that each candidate counts for, and the floors' shares.

    Of floors that one candidate counts for together the one that asks most is kept. A floor that
    is left out only lets plans be worth more, so that bounds hold.
    """
    if instance.floors is None:
        return np.full(len(candidates), -1), np.zeros(0)
    share = instance.floors["floor_share"].to_numpy().astype(float).copy()
    group = np.full(len(candidates), -1)
    counts = sets_of_floors(candidates["group"], instance)
    for at in np.argsort(-share, kind="stable"):
        own = counts[:, at]
        if (group[own] >= 0).any():
            share[at] = 0.0
        else:
            group[own] = at
    return group, share


def sets_of_floors(groups: pl.Series, instance: Instance) -> npt.NDArray[np.bool_]:
    """Tell which floors the value of each of these groups counts for: a column a floor."""
    names = [] if instance.floors is None else instance.floors["group"].to_list()
    listed = groups.dtype == pl.List
    return np.column_stack(
        [
            (groups.list.contains(name) if listed else groups == name)
            .fill_null(value=False)
            .to_numpy()
            for name in names
        ]
        or [np.zeros((len(groups), 0), bool)]
    )


def _numbered(ascending: Whole) -> Whole:
    """Count runs of equal values from 0 on."""
    return np.cumsum(np.diff(ascending, prepend=ascending[:1]) != 0).astype(np.int64)


def _in_order(candidates: pl.DataFrame, resources: pl.DataFrame) -> pl.DataFrame:
    return candidates.join(resources, on="resource", how="left", maintain_order="left").sort(
        "item", "maker", "resource"
    )


def _capacity(instance: Instance) -> tuple[pl.DataFrame, Floats]:
    """Count the resources; give their capacities, a row each, a column a year."""
    wide = instance.capacity.sort("resource", "year")
    names = wide["resource"].unique(maintain_order=True)
    resources = pl.DataFrame({"resource": names, "resource_at": np.arange(len(names))})
    table = np.zeros((len(names), instance.years))
    placed = wide.join(resources, on="resource", how="left", maintain_order="left")
    table[placed["resource_at"].to_numpy(), placed["year"].to_numpy()] = placed["amount"].to_numpy()
    return resources, table


def _at_most(capacity: Floats, resource: Whole, use: Floats) -> Floats:
    """Cap the capacities by what all options together use; a limit may be without end."""
    whole = np.bincount(resource, use, minlength=len(capacity)) + 1.0
    least: Floats = np.minimum(capacity * (1 + TOLERANCE), whole[:, None])
    return least
