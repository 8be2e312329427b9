"""What holds the chain back: the worth of more capacity at each step, and what binds after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.prices import objective_unit
from onshore.chain.program import Compiled
from onshore.chain.solver import Answer, Floats, Solver

_SMALL = 1e-9
_LITTLE = 1e-5
_STEP = 1e-4
"""Share of a capacity by which it is widened to see what one more unit brings."""


@dataclass(frozen=True, eq=False)
class Step:
    """Limits of one kind that are told together: the capacity of a process, imports of a good.

    ``columns`` are bounded above by ``upper``, ``rows`` too; each grows by ``room`` per unit of
    yearly capacity (of rows by 1). ``entity`` numbers what each belongs to, ``names`` and
    ``places`` name it.
    """

    kind: str
    step: str
    unit: str
    columns: NDArray[np.int64]
    room: Floats
    entity: NDArray[np.int64]
    rows: NDArray[np.int64]
    row_entity: NDArray[np.int64]
    names: list[str]
    places: list[str | None]

    def worth(self, answer: Answer) -> Floats:
        """Give for each entity what the duals say one more unit of yearly capacity brings."""
        worth = np.zeros(len(self.names))
        np.add.at(worth, self.entity, np.maximum(-answer.reduced[self.columns], 0.0) * self.room)
        np.add.at(worth, self.row_entity, np.maximum(-answer.duals[self.rows], 0.0))
        return worth


def capacity_worth(compiled: Compiled, answer: Answer) -> pl.DataFrame:
    """Tell what one more unit of yearly capacity is worth at each step of the chain.

    A step is the capacity of a process, imports or exports of a commodity (their most), links of
    a commodity, or a limit. Duals tell where it is worth most; the worth itself is found by
    widening that one capacity a little and solving again, since where limits bind together a dual
    alone may tell too much.

    Returns
    -------
    DataFrame
        ``kind`` (process, imports, exports, links, limit), ``step``, ``name`` (where it is worth
        most), ``place``, ``worth`` (of the objective, discounted, over all years, per unit of
        yearly capacity), ``unit``, ``dual``, ``percent`` (what one percent more of the whole step
        brings), ``use`` (share of the step's capacity in use), by ``percent``, largest first.
    """
    widening = _Widening(compiled)
    rows = []
    for step in steps(compiled):
        duals = step.worth(answer)
        best = int(duals.argmax())
        dual = float(duals[best])
        rows.append(
            {
                "kind": step.kind,
                "step": step.step,
                "name": step.names[best],
                "place": step.places[best],
                "worth": widening.one_more(step, best, answer) if dual > _SMALL else 0.0,
                "unit": f"{objective_unit(compiled)} per {step.unit} a year",
                "dual": dual,
                "percent": widening.percent(step, answer) if dual > _SMALL else 0.0,
                "use": _use(compiled, step, answer),
            }
        )
    schema = {
        "kind": pl.String,
        "step": pl.String,
        "name": pl.String,
        "place": pl.String,
        "worth": pl.Float64,
        "unit": pl.String,
        "dual": pl.Float64,
        "percent": pl.Float64,
        "use": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema).sort("percent", descending=True, maintain_order=True)


def bottlenecks(compiled: Compiled, *, count: int = 4) -> pl.DataFrame:
    """Tell what binds, and what would bind next if it did not.

    The step of which one percent more brings most is widened without limit, and the chain solved
    again; then the same among the others, ``count`` times in all. (Percent, since units of steps
    differ: a kt of pellets, a TJ of gas.)

    Returns
    -------
    DataFrame
        ``rank``, ``kind``, ``step``, ``name`` and ``place`` (where it is worth most), ``worth``
        (of one more unit of yearly capacity then, over all years), ``unit``, ``percent`` (what one
        percent more of the whole step brings), ``more`` (yearly capacity that can be used before
        others bind: the largest of the years; null: without end), ``gain`` (of the objective from
        that; null: without end), ``total`` (from all up to this one), ``words``.
    """
    widening = _Widening(compiled)
    left = list(steps(compiled))
    now, total = widening.solver.run(), 0.0
    rows: list[dict[str, object]] = []
    while len(rows) < count and now.status == "optimal":
        found = _worthiest(now, widening, left)
        if found is None:
            break
        step, percent = found
        best = int(step.worth(now).argmax())
        worth = widening.one_more(step, best, now)
        left.remove(step)
        then, more = widening.without_bound(step, now)
        gain = None if more is None else now.objective - then.objective
        total += gain or 0.0
        rows.append(
            {
                "rank": len(rows) + 1,
                "kind": step.kind,
                "step": step.step,
                "name": step.names[best],
                "place": step.places[best],
                "worth": worth,
                "unit": f"{objective_unit(compiled)} per {step.unit} a year",
                "percent": percent,
                "more": more,
                "gain": gain,
                "total": None if more is None else total,
                "words": _words(compiled, step, len(rows), worth, more, gain),
            }
        )
        now = then
    schema = {
        "rank": pl.Int64,
        "kind": pl.String,
        "step": pl.String,
        "name": pl.String,
        "place": pl.String,
        "worth": pl.Float64,
        "unit": pl.String,
        "percent": pl.Float64,
        "more": pl.Float64,
        "gain": pl.Float64,
        "total": pl.Float64,
        "words": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def steps(compiled: Compiled) -> list[Step]:
    """Give the steps of a compiled chain that have a bound which may bind."""
    found = []
    activity = compiled.entities["activity"]
    for (process,), rows in activity.group_by(["process"], maintain_order=True):
        found.append(_columns_step(compiled, "process", str(process), "activity", rows["activity"]))
    trade = compiled.entities["trade"].with_row_index("trade")
    for (direction, commodity), rows in trade.group_by(
        ["direction", "commodity"], maintain_order=True
    ):
        kind = f"{direction}s"
        found.append(_columns_step(compiled, kind, str(commodity), "trade", rows["trade"]))
    links = compiled.entities["flow"].with_row_index("flow")
    for (commodity,), rows in links.group_by(["commodity"], maintain_order=True):
        found.append(_columns_step(compiled, "links", str(commodity), "flow", rows["flow"]))
    limits = compiled.entities["limit"].with_row_index("row")
    begin = compiled.block("limit").start
    for (name,), rows in limits.group_by(["name"], maintain_order=True):
        nothing = np.zeros(0, dtype=np.int64)
        at = rows["row"].to_numpy().astype(np.int64) + begin
        unit = _unit(compiled, rows["commodity"][0]) or "unit"
        found.append(
            Step("limit", str(name), unit, nothing, np.zeros(0), nothing, at,
                 np.zeros(len(at), dtype=np.int64), [str(name)], [rows["place"][0]])
        )  # fmt: skip
    return [step for step in found if len(step.columns) or len(step.rows)]


def _columns_step(
    compiled: Compiled, kind: str, name: str, block: str, entities: pl.Series
) -> Step:
    """Gather the bounds of some entities: those that are finite and above 0."""
    periods = compiled.periods
    n_seasons = len(compiled.seasons)
    which = entities.to_numpy().astype(np.int64)
    columns = (compiled.block(block).start + which[:, None] * periods + np.arange(periods)).ravel()
    entity = np.repeat(np.arange(len(which)), periods)
    upper = compiled.upper[columns]
    if block == "activity":
        room = compiled.room[columns - compiled.block(block).start]
    else:
        room = np.tile(np.tile(compiled.shares, len(compiled.years)), len(which))
    real = np.isfinite(upper) & (upper > 0)
    rows, row_entity = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if block == "trade" and n_seasons > 1:
        years = len(compiled.years)
        all_rows = (
            compiled.block("market").start + which[:, None] * years + np.arange(years)
        ).ravel()
        finite = np.isfinite(compiled.row_upper[all_rows])
        rows, row_entity = all_rows[finite], np.repeat(np.arange(len(which)), years)[finite]
    frame = compiled.entities[block][which]
    commodity = frame["commodity"][0]
    places = frame["place"] if "place" in frame.columns else frame["to"]
    return Step(
        kind,
        name,
        _unit(compiled, commodity) or "unit",
        columns[real],
        room[real],
        entity[real],
        rows,
        row_entity,
        frame["name"].to_list(),
        places.to_list(),
    )


def _worthiest(now: Answer, widening: _Widening, left: list[Step]) -> tuple[Step, float] | None:
    """Find the step of which one percent more brings most, by solving again for each."""
    promised = {id(step): widening.promised(step, now) for step in left}
    by_promise = sorted(left, key=lambda step: -promised[id(step)])
    best: tuple[Step, float] | None = None
    for step in by_promise:
        # What duals promise is never below what widening really brings.
        promise = promised[id(step)]
        if promise <= _SMALL or (best is not None and promise <= best[1] * (1 + 1e-6)):
            break
        brings = widening.percent(step, now)
        if best is None or brings > best[1]:
            best = (step, brings)
    return best


class _Widening:
    """A solver in which capacities are widened: a little and taken back, or for good."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.solver = Solver(compiled)
        self.upper = compiled.upper.copy()
        self.row_upper = compiled.row_upper.copy()

    def promised(self, step: Step, now: Answer) -> float:
        """Give what the duals say that one percent more of the whole step brings."""
        columns = np.maximum(-now.reduced[step.columns], 0.0) * self.upper[step.columns]
        rows = np.maximum(-now.duals[step.rows], 0.0) * self.row_upper[step.rows]
        return 0.01 * float(columns.sum() + rows.sum())

    def percent(self, step: Step, now: Answer) -> float:
        """Give what one percent more of the whole step brings, at the rate of a little more."""
        more, rows_more = self.upper[step.columns] * _STEP, self.row_upper[step.rows] * _STEP
        gain = self._gain(step.columns, more, step.rows, rows_more, now) * 0.01 / _STEP
        return _cleared(gain, self.promised(step, now))

    def one_more(self, step: Step, entity: int, now: Answer) -> float:
        """Give what one more unit of yearly capacity brings there, at the rate of a little more."""
        columns, room = step.columns[step.entity == entity], step.room[step.entity == entity]
        rows = step.rows[step.row_entity == entity]
        size = max(
            float((self.upper[columns] / np.maximum(room, 1e-12)).max(initial=0.0)),
            float(self.row_upper[rows].max(initial=0.0)),
        )
        more = _STEP * size if 0 < size < np.inf else _STEP
        gain = self._gain(columns, more * room, rows, np.full(len(rows), more), now) / more
        return _cleared(gain, float(step.worth(now)[entity]))

    def without_bound(self, step: Step, now: Answer) -> tuple[Answer, float | None]:
        """Widen a step for good, without limit; give the answer and how much of it is used.

        A little is asked for each unit of more capacity, so that no more is counted than helps:
        a hundred-thousandth of what the first unit brings. None where there is no best.
        """
        over = self.solver.loosen(step.columns, self.upper[step.columns], step.rows)
        self.upper[step.columns] = np.inf
        self._bound(step.columns, np.zeros(0, dtype=np.int64))
        per_year = 1.0 / np.maximum(step.room, 1e-12)
        price = _LITTLE * float(step.worth(now).max())
        self.solver.cost(over, price * np.concatenate([per_year, np.ones(len(step.rows))]))
        priced = self.solver.run()
        if priced.status != "optimal":
            return priced, None
        self.solver.cost(over, 0.0)
        then = self.solver.run()
        return then, _yearly(self.compiled, step, priced.values[over])

    def _gain(
        self,
        columns: NDArray[np.int64],
        more: Floats,
        rows: NDArray[np.int64],
        rows_more: Floats,
        now: Answer,
    ) -> float:
        self._bound(columns, rows, more, rows_more)
        then = self.solver.run()
        self._bound(columns, rows)
        return now.objective - then.objective if then.status == "optimal" else 0.0

    def _bound(
        self,
        columns: NDArray[np.int64],
        rows: NDArray[np.int64],
        more: Floats | float = 0.0,
        rows_more: Floats | float = 0.0,
    ) -> None:
        if len(columns):
            upper = self.upper[columns] + more
            self.solver.bound(columns, self.compiled.lower[columns], upper)
        if len(rows):
            upper = self.row_upper[rows] + rows_more
            self.solver.bound_rows(rows, self.compiled.row_lower[rows], upper)


def _cleared(gain: float, promised: float) -> float:
    """Clear a gain of rounding: the dual's where it is that, 0 where it is next to nothing."""
    if abs(gain - promised) <= 1e-6 * promised:
        return promised
    return gain if gain > 1e-6 * promised else 0.0


def _yearly(compiled: Compiled, step: Step, over: Floats) -> float:
    """Give the yearly capacity, in the year of most, that covers what bounds were passed by."""
    n_seasons, years = len(compiled.seasons), len(compiled.years)
    period = step.columns % compiled.periods
    # What is made in a season, over the share of the year that it can be made in.
    yearly = np.zeros((len(step.names), years, n_seasons))
    at = (step.entity, period // n_seasons, period % n_seasons)
    np.add.at(yearly, at, over[: len(step.columns)] / np.maximum(step.room, 1e-12))
    more = yearly.max(axis=2).sum(axis=0)
    if step.kind == "limit":
        told = compiled.entities["limit"]["year"][step.rows - compiled.block("limit").start]
        year = np.array([compiled.years.index(y) for y in told], dtype=np.int64)
    else:
        year = (step.rows - compiled.block("market").start) % years
    np.add.at(more, year, over[len(step.columns) :])
    return float(more.max(initial=0.0))


def _row_values(compiled: Compiled, rows: NDArray[np.int64], values: Floats) -> Floats:
    told = np.zeros(len(rows))
    for n, row in enumerate(rows):
        at = slice(compiled.starts[row], compiled.starts[row + 1])
        told[n] = compiled.value[at] @ values[compiled.index[at]]
    return told


def _use(compiled: Compiled, step: Step, answer: Answer) -> float | None:
    if len(step.columns):
        most = compiled.upper[step.columns].sum()
        return float(answer.values[step.columns].sum() / most) if most > 0 else None
    most = compiled.row_upper[step.rows].sum()
    used = _row_values(compiled, step.rows, answer.values).sum()
    return float(used / most) if most > 0 else None


def _unit(compiled: Compiled, commodity: str | None) -> str | None:
    if commodity is None:
        return None
    units = compiled.chain.table("commodities").filter(commodity=commodity)["unit"]
    return str(units[0]) if len(units) else None


def _words(
    compiled: Compiled,
    step: Step,
    before: int,
    worth: float,
    more: float | None,
    gain: float | None,
) -> str:
    told = {
        "process": f"the capacity of {step.step}",
        "imports": f"what can be imported of {step.step}",
        "exports": f"what can be exported of {step.step}",
        "links": f"the links that carry {step.step}",
        "limit": f"the limit {step.step}",
    }[step.kind]
    unit = objective_unit(compiled)
    lead = "The bottleneck is" if before == 0 else "Then binds"
    if worth == 0.0:
        return f"{lead} {told}, together with others: more of it alone brings nothing."
    sentence = f"{lead} {told}: one more {step.unit} a year brings {worth:.4g} {unit}"
    if gain is None or more is None:
        return f"{sentence}, and nothing else would stop it."
    return f"{sentence}; up to {more:.6g} {step.unit} more bring {gain:.6g} {unit}."
