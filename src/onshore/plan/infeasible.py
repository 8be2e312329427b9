"""Why no plan keeps all limits: which of them collide, and the least change that mends it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from onshore.plan.elastic import Elastic
from onshore.plan.elastic_sifted import SiftedElastic
from onshore.plan.errors import PlanError
from onshore.plan.instance import Instance
from onshore.plan.mending import changes_for, in_words
from onshore.plan.starts import starts_without_limits

_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "budget": 1.0,
        "capacity": 1.0,
        "floor": 1.0,
        "floor_amount": 1.0,
        "phase": 0.25,
        "together": 10.0,
        "exclude": 10.0,
        "required": 10.0,
        "fixed": 100.0,
    }
)
_FOR_LEAST = 0.4  # of the time goes to the least change, the rest to what collides
_SHOWN = 10
_MOST_WHOLE = 20_000  # starts: with more the relaxation says what collides
_COLLIDING = {"kind": pl.String, "name": pl.String, "year": pl.Int64, "proved": pl.Boolean}


class PlanInfeasible(PlanError):
    """No plan keeps all the limits; which collide is named, with the least change that mends it.

    Attributes
    ----------
    reasons : DataFrame
        As `why_infeasible` gives it.
    """

    def __init__(self, reasons: pl.DataFrame) -> None:
        colliding = reasons.filter("collides")["limit"].to_list()
        mends = reasons.filter(pl.col("needed").is_not_null())["reason"].to_list()
        super().__init__(
            f"no plan keeps all the limits. These collide: {_listed(colliding)}. "
            f"The least that mends it: {_listed(mends)}."
        )
        self.reasons = reasons


def why_infeasible(
    instance: Instance,
    *,
    weights: Mapping[str, float] | None = None,
    seconds: float = 60.0,
) -> pl.DataFrame:
    """Name the limits that collide, and the least change of limits that mends it.

    Every limit is made elastic: it may be passed at a price, the weight of its kind times the
    share of itself by which it is passed (or of the most that one start takes of it, of a floor
    the best start's value, where that is more). The cheapest passing is the least change. The
    limits that have to be passed are made firm, one after the other, until nothing is left to
    pass: these contain a colliding set (the elastic filter). Each of them is then tried without:
    what is still impossible without it does not need it (the deletion filter). What is left
    collides, and would not if any one of it were gone. Both filters go over the linear relaxation
    first, which is quick: what collides there collides for whole starts too.

    Where only the empty plan keeps the limits though some start would be worth something, the
    answer is what keeps every start out.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    weights
        The price of passing a limit, by kind: ``budget``, ``capacity``, ``floor``,
        ``floor_amount`` (1 each: for as much again), ``phase`` (0.25 for each year that a maker
        opens earlier), ``required``, ``together``, ``exclude`` (10, to drop it), ``fixed``
        (100, to take a decision back). Those not given stay as they are here.
    seconds
        Stop after about this time. The change is then the least that was found until then, and
        the colliding set may hold more than it needs.

    Returns
    -------
    DataFrame
        One row per limit that collides or is changed: ``kind`` (str, as above), ``name`` (str:
        the fund, null for the general budget; the resource, group, item, maker or pair of
        items; for a decision 'item, maker, resource'), ``year`` (int, counted from 0; null
        where there is none), ``given`` and ``needed`` (float: the limit, and what it has to be
        in the least change; null where it may stay. In the limit's own unit; for a phase the
        year in which the maker opens; for what may only be dropped 1 and 0), ``reason`` (str),
        ``limit`` (str, the limit in words), ``collides`` (bool, of the colliding set),
        ``proved`` (bool; that without this limit the others of the set could be kept; false
        where time ran out, null for what does not collide). No rows where a plan keeps all the
        limits.

    Raises
    ------
    PlanError
        A weight is of an unknown kind or not above 0, or ``seconds`` is not above 0.
    SolverError
        The time ran out before the colliding set was known.

    References
    ----------
    Chinneck, J. W. (2008). Feasibility and Infeasibility in Optimization. Springer: the elastic
    filter, the deletion filter.

    Examples
    --------
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump"], "maker": ["M"], "resource": ["M"], "tooling_cost": [5.0],
    ...     "lead_years": [0], "use_per_year": [1.0], "annual_saving": [5.0], "opens": [0],
    ...     "share": [1.0], "max_makers": [1], "required": [True],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M"], "year": [0], "amount": [9.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ... )
    >>> for row in why_infeasible(instance).select("limit", "reason").iter_rows():
    ...     print(*row, sep=": ")
    the budget of year 0 (4): raise the budget of year 0 by 1
    pump is required: it collides and may stay as it is
    """
    prices = _prices(weights)
    if not seconds > 0:
        raise PlanError(f"seconds: {seconds} is not above 0; give the time the search may take")
    starts = starts_without_limits(instance)
    ends = time.perf_counter() + seconds
    kind = Elastic if starts.height <= _MOST_WHOLE else SiftedElastic
    elastic = kind.of(starts, instance, prices, ends)
    least = elastic.least_passing(_FOR_LEAST * seconds)
    only_empty = instance.may_be_empty and not least.passed.any() and not least.chosen.any()
    if only_empty and (starts["value"] > 0).any():
        elastic = kind.of(starts, instance, prices, ends, some=True)
        least = elastic.least_passing(_FOR_LEAST * seconds)
    if not least.passed.any():
        return in_words(pl.DataFrame(schema=_COLLIDING), pl.DataFrame(), instance)
    colliding = pl.DataFrame(elastic.colliding(), schema=_COLLIDING, orient="row")
    changes = changes_for(starts.filter(pl.Series(least.chosen)), instance)
    return in_words(colliding.with_columns(collides=pl.lit(value=True)), changes, instance)


def _listed(parts: list[str]) -> str:
    more = len(parts) - _SHOWN
    rest = [f"and {more} more; all are in the error's table 'reasons'"] if more > 0 else []
    return "; ".join(parts[:_SHOWN] + rest)


def _prices(weights: Mapping[str, float] | None) -> dict[str, float]:
    given = dict(weights or {})
    for kind, weight in given.items():
        if kind not in _WEIGHTS:
            raise PlanError(f"weights: {kind!r} is no kind of limit; known: {', '.join(_WEIGHTS)}")
        if not 0 < weight < np.inf:
            raise PlanError(f"weights, {kind}: {weight} is not above 0 and finite")
    return {**_WEIGHTS, **given}
