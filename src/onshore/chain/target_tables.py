"""The largest outputs of drawn days, and the tables that tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.bottlenecks import Step, steps
from onshore.chain.choosing import project_columns
from onshore.chain.compiling import Compiled, compile_chain
from onshore.chain.finish_dates import Days, FinishDates
from onshore.chain.reaching import Reached, most_output
from onshore.chain.service import service_share
from onshore.chain.solver import Floats
from onshore.chain.tables import Chain
from onshore.chain.ways import Way

CASES = ("none", "latest", "likely", "earliest", "all")
QUANTILES = {"p05": 0.05, "p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95}
WITHIN = 1e-9
_Z = 1.959963984540054


@dataclass(frozen=True, eq=False)
class Outputs:
    """The largest outputs of one year: of the draws, and of the cases beside them."""

    compiled: Compiled
    reached: Reached
    cases: dict[str, float]
    drawn: Floats
    service: Floats


def outputs(
    chain: Chain, commodity: str, year: int, told: FinishDates, days: Days, at: str
) -> Outputs:
    """Find the largest outputs of a year: with no project, with all, and with those of the days."""
    compiled = compile_chain(
        chain, years=[year], objective=f"most output:{commodity}", projects="all"
    )
    cases = {"latest": told.highest, "likely": told.likeliest, "earliest": told.lowest}
    service = _service(chain, np.vstack([*cases.values(), days]), year, at)
    none, everything = np.zeros_like(service[:1]), np.ones_like(service[:1])
    service = np.concatenate([none, everything, service])
    reached = most_output(compiled, service)
    names = ["none", "all", *cases]
    told_cases = {name: float(reached.output[n]) for n, name in enumerate(names)}
    first = len(names)
    return Outputs(compiled, reached, told_cases, reached.output[first:], service[first:])


def _service(chain: Chain, days: Days, year: int, at: str) -> Floats:
    """Tell what part of each season projects are in service, from the days they are finished."""
    distinct, back = np.unique(days, return_inverse=True)
    dates = [date.fromordinal(int(day)) for day in distinct]
    shares = service_share(chain, dates, years=[year])
    if at == "rate":
        shares = np.broadcast_to(shares[:, -1:] > 0.0, shares.shape).astype(np.float64)
    service: Floats = shares[back.reshape(days.shape)]
    return service


def unit_told(chain: Chain, commodity: str) -> str:
    """Give the unit that a commodity is told in."""
    return str(chain.table("commodities").filter(commodity=commodity)["unit"][0])


def interval(share: float, count: int) -> tuple[float, float]:
    """Give the 95 % interval of a share of some draws (Wilson 1927)."""
    z2 = _Z * _Z / count
    middle = (share + z2 / 2) / (1 + z2)
    half = float(np.sqrt(share * (1 - share) * z2 + z2 * z2 / 4)) / (1 + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


def fan_table(found: dict[int, Outputs], amount: float) -> pl.DataFrame:
    """Tell the outputs of each year; see ``Target.fan``."""
    rows = []
    for year, one in found.items():
        reached = float((one.drawn >= amount * (1.0 - WITHIN)).mean())
        low, high = interval(reached, len(one.drawn))
        # By rank, so that a draw that cannot serve (-inf) stays what it is.
        ranked = np.quantile(one.drawn, list(QUANTILES.values()), method="inverted_cdf")
        rows.append(
            {"year": year}
            | {name: _finite(one.cases[name]) for name in CASES}
            | {"mean": _finite(float(one.drawn.mean()))}
            | {name: _finite(float(value)) for name, value in zip(QUANTILES, ranked, strict=True)}
            | {"amount": amount, "probability": reached, "low": low, "high": high}
        )
    numbers = [*CASES, "mean", *QUANTILES, "amount", "probability", "low", "high"]
    return pl.DataFrame(rows, schema={"year": pl.Int64} | dict.fromkeys(numbers, pl.Float64))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def projects_table(
    told: FinishDates,
    here: Outputs,
    reached: NDArray[np.bool_],
    way: Way | None,
) -> pl.DataFrame:
    """Tell each project's part; see ``Target.projects``."""
    in_time = here.service.max(axis=2, initial=0.0) > 0.0
    count = told.projects.height
    chances = {}
    for name, when in (("if_in_time", in_time), ("if_late", ~in_time)):
        draws = when.sum(axis=0)
        both = (when & reached[:, None]).sum(axis=0)
        chances[name] = [float(b / n) if n else None for b, n in zip(both, draws, strict=True)]
    needed = np.zeros(count, bool) if way is None else way.needed
    by = [date.fromordinal(int(way.days[p])) if way and needed[p] else None for p in range(count)]
    chance = [float(way.chance[p]) if way and needed[p] else None for p in range(count)]
    unit = pl.col("process").replace_strict(_unit_of(here.compiled.chain), return_dtype=pl.String)
    return told.projects.select(
        "project", "name", "process", "place", "capacity", unit.alias("unit"),
        "progress", "finish_low", "finish_likely", "finish_high",
        pl.Series("in_time", in_time.mean(axis=0), dtype=pl.Float64),
        *[pl.Series(name, values, dtype=pl.Float64) for name, values in chances.items()],
        pl.Series("needed_by", by, dtype=pl.Date),
        pl.Series("needed_chance", chance, dtype=pl.Float64),
    )  # fmt: skip


def _unit_of(chain: Chain) -> dict[str, str]:
    """Give the unit that each process's capacity is counted in."""
    unit = chain.table("commodities").select("commodity", "unit")
    counted = chain.table("processes").join(unit, on="commodity", how="left")
    return dict(counted.select("process", "unit").iter_rows())


def steps_table(here: Outputs) -> pl.DataFrame:
    """Tell which step one percent more of would bring most, draw by draw, from the duals."""
    compiled, answers = here.compiled, here.reached.answers
    some = here.drawn > 0.0
    by, output = here.reached.by[-len(here.drawn) :][some], here.drawn[some]
    found = list(steps(compiled))
    percent = np.stack([_percent(one, here, by, some) for one in found]) / output
    worth = np.array([[one.worth(answer).max() for answer in answers] for one in found])
    often = np.zeros(len(found))
    if len(output):
        binding = np.where(percent.max(axis=0) > WITHIN, percent.argmax(axis=0), -1)
        often = np.array([(binding == n).mean() for n in range(len(found))])
    own = unit_told(compiled.chain, compiled.objective.partition(":")[2])
    frame = pl.DataFrame(
        {
            "kind": [one.kind for one in found],
            "step": [one.step for one in found],
            "binds": often,
            "percent": percent.mean(axis=1) if len(output) else often,
            "worth": worth[:, by].mean(axis=1) if len(output) else often,
            "of": [one.unit for one in found],
        }
    )
    return (
        frame.with_columns(unit=pl.format(f"{own} per {{}} a year", "of"))
        .drop("of")
        .filter(pl.col("percent") > WITHIN)
        .sort("binds", "percent", descending=True, maintain_order=True)
    )


def _percent(step: Step, here: Outputs, by: NDArray[np.int64], some: NDArray[np.bool_]) -> Floats:
    """Give what the duals say that one percent more of a step brings in each draw."""
    compiled, answers = here.compiled, here.reached.answers
    projects = project_columns(compiled).ravel()
    at = np.full(len(compiled.cost), -1)
    at[projects] = np.arange(len(projects))
    planned = at[step.columns] >= 0
    built, mine = step.columns[~planned], step.columns[planned]
    fixed = np.array(
        [
            np.maximum(-answer.reduced[built], 0.0) @ compiled.upper[built]
            + np.maximum(-answer.duals[step.rows], 0.0) @ compiled.row_upper[step.rows]
            for answer in answers
        ]
    )
    total: Floats = fixed[by]
    if len(mine):
        price = np.array([np.maximum(-answer.reduced[mine], 0.0) for answer in answers])
        service = here.service[some].reshape(len(by), len(projects))[:, at[mine]]
        total = total + (price[by] * service * compiled.upper[mine]).sum(axis=1)
    return total


def drawn_table(found: dict[int, Outputs]) -> pl.DataFrame:
    """Tell the output of each draw and year; see ``Target.outputs``."""
    frames = []
    for year, one in found.items():
        output = pl.Series("output", one.drawn)
        draw = np.arange(1, len(output) + 1)
        frames.append(pl.DataFrame({"draw": draw, "year": [year] * len(output), "output": output}))
    finite = pl.when(pl.col("output").is_finite()).then("output")
    return pl.concat(frames).with_columns(output=finite)
