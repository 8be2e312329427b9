"""What a chain lacks for a target: the least more capacity that would reach it, step by step."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.chain.bottlenecks import steps
from onshore.chain.choosing import output_row
from onshore.chain.compiling import Compiled
from onshore.chain.solver import Model, Solver, sorted_by_rows

SHORTFALL = {
    "kind": pl.String,
    "step": pl.String,
    "more": pl.Float64,
    "unit": pl.String,
    "share": pl.Float64,
    "place": pl.String,
    "words": pl.String,
}
_SMALL = 1e-7
_WORDS = {
    "process": "more {unit} of {step} a year",
    "imports": "more {unit} of {step} imported a year",
    "exports": "more {unit} of {step} exported a year",
    "links": "more {unit} of {step} carried a year",
    "limit": "more {unit} within the limit {step}",
}


def reach_by_more(compiled: Compiled, commodity: str, amount: float) -> pl.DataFrame:
    """Find the least more capacity by which one year's output reaches an amount.

    Each plant, market, link and limit may be widened; the sum over the steps of what is added,
    as a share of the step's capacity, is as small as can be.

    Parameters
    ----------
    compiled
        Of one year, with all that is to count in service.
    commodity, amount
        What is to be made.

    Returns
    -------
    DataFrame
        ``kind``, ``step``, ``more`` (yearly capacity), ``unit``, ``share`` (of the step's),
        ``place`` (where most of it is added), ``words``; the largest share first.
        Empty where nothing is needed, or where no capacity would help.
    """
    model, owner, per_unit = _widened(compiled, commodity, amount)
    answer = Solver(model).run()
    if answer.status != "optimal":
        return pl.DataFrame(schema=SHORTFALL)
    more = answer.values[len(compiled.cost) :]
    rows = []
    for number, step in enumerate(steps(compiled)):
        mine = more[owner == number]
        total = float(mine.sum())
        share = float((mine * per_unit[owner == number]).sum())
        if share <= _SMALL:
            continue
        words = _WORDS[step.kind].format(unit=step.unit, step=step.step)
        place = step.places[int(mine.argmax())]
        rows.append((step.kind, step.step, total, step.unit, share, place, f"{total:,.0f} {words}"))
    found = pl.DataFrame(rows, schema=SHORTFALL, orient="row")
    return found.sort("share", descending=True, maintain_order=True)


def _widened(
    compiled: Compiled, commodity: str, amount: float
) -> tuple[Model, np.ndarray, np.ndarray]:
    """Give the model in which capacity is bought, and of each such column its step and price."""
    n, m = len(compiled.cost), len(compiled.row_lower)
    upper = compiled.upper.copy()
    rows = [np.repeat(np.arange(m), np.diff(compiled.starts))]
    columns, values = [compiled.index.astype(np.int64)], [compiled.value]
    row_upper, owner, price = [compiled.row_upper], [], []
    first, at = n, m
    for number, step in enumerate(steps(compiled)):
        count = len(step.names)
        # x - room x more <= upper, for each bounded column; rows - more <= upper.
        own = at + np.arange(len(step.columns))
        rows += [own, own, step.rows]
        columns += [step.columns, first + step.entity, first + step.row_entity]
        values += [np.ones(len(own)), -step.room, -np.ones(len(step.rows))]
        row_upper.append(upper[step.columns])
        yearly = np.zeros(count)
        whole = compiled.upper[step.columns] / np.maximum(step.room, 1e-12)
        np.maximum.at(yearly, step.entity, whole)
        np.maximum.at(yearly, step.row_entity, compiled.row_upper[step.rows])
        owner.append(np.full(count, number))
        price.append(np.full(count, 1.0 / max(float(yearly.sum()), 1e-9)))
        first, at = first + count, at + len(own)
    for step in steps(compiled):
        upper[step.columns] = np.inf
    wanted = output_row(compiled, commodity, compiled.years[0], amount)
    rows.append(np.full(len(wanted.columns), at))
    columns.append(wanted.columns)
    values.append(wanted.values)
    height, width = at + 1, first
    starts, index, value = sorted_by_rows(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(values), height, width
    )
    added = height - m
    prices = np.concatenate(price) if price else np.zeros(0)
    model = Model(
        cost=np.concatenate([np.zeros(n), prices]),
        lower=np.concatenate([compiled.lower, np.zeros(width - n)]),
        upper=np.concatenate([upper, np.full(width - n, np.inf)]),
        row_lower=np.concatenate([compiled.row_lower, np.full(added - 1, -np.inf), [amount]]),
        row_upper=np.concatenate([*row_upper, [np.inf]]),
        starts=starts,
        index=index,
        value=value,
    )
    return model, np.concatenate(owner) if owner else np.zeros(0), prices
