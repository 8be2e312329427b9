"""The order in which to drill targets: by what each is worth, what it tells included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.drilling_asked import Asked, distances_km, read_asked, read_results
from onshore.explore.drilling_field import Best, Field, as_one, bound_of, chosen
from onshore.explore.drilling_model import MOST, check_model, groups
from onshore.explore.errors import ExploreError

_COLUMNS = {
    "step": pl.Int64,
    "target": pl.String,
    "probability": pl.Float64,
    "updated": pl.Float64,
    "supposed": pl.String,
    "cost": pl.Float64,
    "value": pl.Float64,
    "alone": pl.Float64,
    "worth": pl.Float64,
    "spent": pl.Float64,
    "found": pl.Float64,
    "if_found": pl.String,
    "if_empty": pl.String,
    "reason": pl.String,
}


@dataclass(frozen=True)
class DrillingOrder:
    """In which order to drill, and what it is worth.

    Attributes
    ----------
    table : DataFrame
        One row a target, in the order of drilling: ``step``; ``target``; ``probability`` that
        drilling it finds a deposit, before anything is drilled, and ``updated`` by the results
        supposed in the steps above it; ``supposed``: its own result in what follows, "empty" or
        "found", the likelier; ``cost``, ``value``; ``alone`` = probability x value - cost;
        ``worth``: expected gain per cost of drilling it and then the best of its group;
        ``spent`` and ``found`` up to it (money, and expected finds before anything is drilled);
        ``if_found`` and ``if_empty``: the next target then; ``reason`` where there is no step.
    worth : float
        Expected gain (values of finds less costs) of drilling in the best order, each next
        target chosen by the results so far.
    worth_without_learning : float
        The same where results tell nothing of other targets.
    bound : float
        What no way of drilling gains more than. Where ``exact`` is false, ``worth`` is what is
        gained at least.
    exact : bool
        Whether no other way of drilling is better under the model, with all its ties.
    warnings : list of str
        What was supposed or simplified.
    """

    table: pl.DataFrame
    worth: float
    worth_without_learning: float
    bound: float
    exact: bool
    warnings: list[str]

    @property
    def worth_of_learning(self) -> float:
        """What it is worth that a result tells of neighbouring targets: the information's value."""
        return self.worth - self.worth_without_learning


def drilling_order(
    targets: pl.DataFrame,
    *,
    value: float | None = None,
    cost: float | None = None,
    detection: float = 1.0,
    odds_ratio: float = 2.0,
    range_km: float = 10.0,
    budget: float | None = None,
    drilled: Mapping[str, bool] | None = None,
) -> DrillingOrder:
    """Order targets for drilling by the value of what is found and of what is learned.

    A result changes the probability of neighbouring targets (see `drilling_model.groups`), so a
    target may be worth drilling for what it tells. Within a group of neighbours the best way to
    drill is found exactly, over all results. Between groups the next target is the one of the group
    whose best way gains most per money spent; after each result `drilling_order` can be asked again
    with ``drilled``.

    Parameters
    ----------
    targets
        ``target``, ``probability`` (of a deposit; or ``expected`` deposits m, from which it is
        1 - exp(-m)), ``lon``, ``lat`` (degrees); optional ``value``, ``cost``, ``detection``, each
        for the target. `Targets.polygons` is such a table.
    value
        Of a deposit found, where the table has no column; in any currency, that of the cost. Where
        ``expected`` is known it is multiplied by the mean number of deposits given one.
    cost
        Of drilling a target, where the table has no column.
    detection
        Probability that drilling a target finds a deposit that is there.
    odds_ratio
        By how much a deposit multiplies the odds of one right beside it; 1: nothing is learned.
    range_km
        Distance at which its logarithm has fallen to 1/e.
    budget
        Money there is; what is ``drilled`` is not charged to it.
    drilled
        Results so far: target and whether a deposit was found.

    Raises
    ------
    ExploreError
        Columns or values are missing or out of range; the row is named.

    Notes
    -----
    Up to ten targets, or without a budget, no adaptive way of drilling gains more. With more
    targets and a budget the index is a rule that is best where the budget does not bind: see
    ``exact``.

    References
    ----------
    Howard, R. A. (1966). Information value theory. IEEE Transactions on Systems Science and
    Cybernetics 2(1), 22-26.
    Brown, D. B. and Smith, J. E. (2013). Optimal sequential exploration: bandits, clairvoyants, and
    wildcats. Operations Research 61(3), 644-665.

    Examples
    --------
    >>> order = drilling_order(
    ...     pl.DataFrame({
    ...         "target": ["A", "B"], "probability": [0.2, 0.18], "lon": [0.0, 0.01],
    ...         "lat": [0.0, 0.0],
    ...     }),
    ...     value=100.0, cost=19.0, odds_ratio=10.0,
    ... )
    >>> order.table.select("step", "target", "if_found", "if_empty").rows()
    [(1, 'A', 'B', None), (None, 'B', None, None)]
    >>> order.worth > order.worth_without_learning
    True
    """
    check_model(odds_ratio, range_km)
    if budget is not None and not budget >= 0:
        raise ExploreError(f"a budget is 0 or more. Found: {budget}.")
    asked = read_asked(targets, value, cost, detection)
    done = read_results(drilled or {}, asked)
    parts, left_out = groups(
        asked.probability,
        asked.detection,
        distances_km(asked.lon, asked.lat),
        odds_ratio=odds_ratio,
        range_km=range_km,
    )
    warnings = [] if odds_ratio == 1 else [
        f"supposed: a deposit multiplies the odds of one right beside it by {odds_ratio:g}, which "
        f"falls off over {range_km:g} km."
    ]  # fmt: skip
    if left_out > 1.0:
        warnings.append(
            f"more than {MOST} targets tell of each other: they are taken in groups of at most "
            f"{MOST}, and ties of an odds ratio up to {left_out:.3g} between groups are left out."
        )
    if budget is not None and len(parts) > 1 and asked.count <= MOST:
        parts = [as_one(parts)]
    fields = tuple(Field.of(part, asked).learned(done) for part in parts)
    limit = math.inf if budget is None else budget
    exact = budget is None or len(fields) <= 1
    alone = np.concatenate([np.empty(0), *(each.alone for each in fields)])
    money = np.concatenate([np.empty(0), *(each.cost for each in fields)])
    without = chosen(alone, money, limit)
    if exact:
        worth = bound = sum(each.best(limit).gain for each in fields)
    else:
        worth, bound = without, bound_of(fields, limit)
        warnings.append(
            "with a budget and more than one group of targets the order is a rule (the best gain "
            f"per money first): it gains at least {worth:.6g}, the best way at most {bound:.6g}."
        )
    return DrillingOrder(
        table=_ordered(asked, fields, done, limit),
        worth=worth,
        worth_without_learning=without,
        bound=bound,
        exact=exact and left_out == 1.0,
        warnings=warnings,
    )


def _ordered(
    asked: Asked, fields: tuple[Field, ...], done: Mapping[int, bool], budget: float
) -> pl.DataFrame:
    start = np.full(asked.count, np.nan)
    for each in fields:
        start[list(each.members)] = each.likely
    rows: list[dict[str, object]] = []
    spent = found = 0.0
    now = list(fields)
    picks = [each.best(budget) for each in now]
    while (place := _next(picks)) is not None:
        target = picks[place].first
        assert target is not None
        updated = float(now[place].likely[now[place].members.index(target)])
        supposed = updated > 0.5
        spent, found = spent + float(asked.cost[target]), found + float(start[target])
        rows.append(
            _row(asked, target, start)
            | {
                "step": len(rows) + 1,
                "updated": updated,
                "supposed": "found" if supposed else "empty",
                "worth": picks[place].worth,
                "spent": spent,
                "found": found,
            }
        )
        left = budget - spent
        others = [
            pick if each.cost.sum() <= left else each.best(left)
            for each, pick in zip(now, picks, strict=True)
        ]
        ways = [now[place].learned({target: result}) for result in (False, True)]
        for result, name in ((True, "if_found"), (False, "if_empty")):
            trial = [*others[:place], ways[result].best(left), *others[place + 1 :]]
            follows = _next(trial)
            rows[-1][name] = None if follows is None else asked.names[trial[follows].first or 0]
            if result == supposed:
                picks = trial
        now[place] = ways[supposed]
    for each in now:
        first = each.best(math.inf).first
        for number, alone in zip(each.members, each.alone.tolist(), strict=True):
            worth = number == first or alone > 0
            reason = "beyond the budget" if worth else "not worth its cost"
            rows.append(_row(asked, number, start) | {"reason": reason})
    rows += [
        _row(asked, number, start) | {"reason": f"drilled: {'found' if result else 'empty'}"}
        for number, result in sorted(done.items())
    ]
    return pl.DataFrame([{name: row.get(name) for name in _COLUMNS} for row in rows],
                        schema=_COLUMNS)  # fmt: skip


def _row(asked: Asked, number: int, start: Array) -> dict[str, object]:
    chance, value, cost = (
        float(start[number]),
        float(asked.value[number]),
        float(asked.cost[number]),
    )
    known = math.isnan(chance)
    return {
        "target": asked.names[number],
        "probability": None if known else chance,
        "cost": cost,
        "value": value,
        "alone": None if known else chance * value - cost,
    }


def _next(picks: list[Best]) -> int | None:
    """Tell which group is next: the one that gains most per money; of equals the first."""
    there = [place for place, pick in enumerate(picks) if pick.first is not None]
    return max(there, key=lambda place: (picks[place].worth, -place), default=None)
