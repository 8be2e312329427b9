"""What an expansion is told by: what is built, what is left out, and what is spent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from onshore.chain.building import Building, Funds
from onshore.chain.choosing import Row, project_columns
from onshore.chain.compiling import Compiled
from onshore.chain.solver import Answer, Floats, Solver
from onshore.chain.solving import Result

_NAMES = ("project", "name", "process", "place", "capacity", "unit")
_SAME = 1e-7


class Trial:
    """The chain's linear program, solved again and again with other things built."""

    def __init__(self, compiled: Compiled, ways: Building, extra: Sequence[Row]) -> None:
        self.ways = ways
        self.columns = project_columns(compiled)
        self.most = compiled.upper[self.columns]
        self.solver = Solver(compiled)
        for row in extra:
            self.solver.require(row.lower, row.upper, row.columns, row.values)

    def run(self, taken: Floats) -> Answer:
        """Solve with the options that are taken."""
        service = np.zeros_like(self.most)
        np.add.at(service, self.ways.options.project, taken[:, None] * self.ways.options.service)
        self.solver.bound(self.columns.ravel(), 0.0, (self.most * service).ravel())
        return self.solver.run()

    def without_useless(self, taken: Floats, charge: Floats) -> Floats:
        """Leave out, the dearest first, what costs but brings nothing."""
        best = self.run(taken)
        if best.status != "optimal":
            return taken
        slack = _SAME * max(1.0, abs(best.objective))
        for option in sorted(np.flatnonzero(taken), key=lambda o: -self.ways.cost[o]):
            tried = taken.copy()
            tried[option] = 0.0
            without = self.run(tried)
            if without.status == "optimal" and (
                without.objective <= best.objective + taken[option] * charge[option] + slack
            ):
                taken = tried
        return taken


def built_table(
    compiled: Compiled,
    ways: Building,
    trial: Trial,
    taken: Floats,
    charge: Floats | None,
    now: Answer,
    result: Result,
) -> pl.DataFrame:
    """Tell what is built; see ``Expansion.built``. ``charge`` None: gains are not asked for."""
    used = result.activity.group_by("asset").agg(pl.col("activity").sum(), pl.col("capacity").sum())
    use = used.select("asset", pl.col("activity") / pl.col("capacity")).filter(
        pl.col("activity").is_finite()
    )
    use_of = dict(use.iter_rows())
    activity = result.compiled.entities["activity"]
    names = activity.filter(pl.col("finished").is_not_null())["name"]
    rows = []
    for name, option in zip(names, np.flatnonzero(taken), strict=True):
        tried = taken.copy()
        tried[option] = 0.0
        without = trial.run(tried)
        gain = None
        if without.status == "optimal":
            gain = 0.0 if charge is None else without.objective - now.objective
        share = float(taken[option])
        rows.append(
            {
                "row": int(ways.options.project[option]),
                "share": share,
                "year": compiled.years[ways.year[option]],
                "finished": ways.finished[option],
                "cost": share * float(ways.cost[option]),
                "charge": 0.0 if charge is None else share * float(charge[option]),
                "use": use_of.get(name),
                "gain": gain,
            }
        )
    schema = {
        "row": pl.Int64,
        "share": pl.Float64,
        "year": pl.Int64,
        "finished": pl.Date,
        "cost": pl.Float64,
        "charge": pl.Float64,
        "use": pl.Float64,
        "gain": pl.Float64,
    }
    told = _named(compiled, ways.projects, pl.DataFrame(rows, schema=schema))
    return told.sort("year", "finished", "project")


def left_out_table(
    compiled: Compiled,
    ways: Building,
    limit: Funds,
    trial: Trial,
    taken: Floats,
    charge: Floats | None,
    now: Answer,
    unpriced: pl.DataFrame,
) -> pl.DataFrame:
    """Tell what is not built and why; see ``Expansion.left_out``."""
    there = set(ways.options.project[taken > 0].tolist())
    affordable = limit.affords(ways)
    rows: list[dict[str, object]] = []
    for p in range(ways.projects.height):
        if p in there:
            continue
        mine = np.flatnonzero(ways.options.project == p)
        gain, reason = None, "it cannot be finished within the years"
        if len(mine) and charge is None:
            gain, reason = 0.0, "it is not needed"
        elif len(mine) and charge is not None:
            tried = taken.copy()
            tried[mine[0]] = 1.0
            gain = max(0.0, now.objective - trial.run(tried).objective)
            if not affordable[mine].any():
                reason = "it costs more than the budget, whatever else is built"
            elif gain <= _SAME * max(1.0, abs(now.objective)):
                reason = "it would bring nothing by itself: another step binds"
            elif gain <= charge[mine[0]]:
                reason = "it would bring less than what is counted of its cost"
            elif limit.covers(ways, tried):
                reason = "what it would bring is within the gap that was asked for"
            else:
                reason = "others bring more within the budget"
        cost = float(ways.projects["cost"][p])
        rows.append({"row": p, "cost": cost, "gain": gain, "reason": reason})
    schema = {"row": pl.Int64, "cost": pl.Float64, "gain": pl.Float64, "reason": pl.String}
    unknown = [
        {"row": p, "cost": None, "gain": None, "reason": "its cost is not told"}
        for p in range(unpriced.height)
    ]
    told = [
        _named(compiled, ways.projects, pl.DataFrame(rows, schema=schema)),
        _named(compiled, unpriced, pl.DataFrame(unknown, schema=schema)),
    ]
    return pl.concat(told).sort(
        "gain", "project", descending=[True, False], nulls_last=True, maintain_order=True
    )


def spending_table(compiled: Compiled, ways: Building, limit: Funds, taken: Floats) -> pl.DataFrame:
    """Tell what is spent and left in each year; see ``Expansion.spending``."""
    spent = taken @ ways.paid
    if limit.total is not None:
        budget = pl.Series("budget", [None] * len(spent), dtype=pl.Float64)
        left = limit.total - np.cumsum(spent)
    else:
        budget = pl.Series("budget", limit.yearly)
        left = np.cumsum(limit.yearly - spent) if limit.carry_over else limit.yearly - spent
    return pl.DataFrame(
        {
            "year": pl.Series(compiled.years, dtype=pl.Int64),
            "budget": budget,
            "spent": spent,
            "left": np.maximum(left, 0.0),
        }
    )


def _named(compiled: Compiled, projects: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Set what a project is before what is told of its row."""
    unit = compiled.chain.table("commodities").select("commodity", "unit")
    counted = compiled.chain.table("processes").join(unit, on="commodity", how="left")
    names = projects.with_row_index("row").select(
        pl.col("row").cast(pl.Int64), "project", "name", "process", "place", "capacity"
    )
    return (
        rows.join(names, on="row", how="left", maintain_order="left")
        .join(counted.select("process", "unit"), on="process", how="left", maintain_order="left")
        .select(*_NAMES, pl.exclude(*_NAMES, "row"))
    )
