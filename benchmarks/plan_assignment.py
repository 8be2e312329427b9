"""Items placed on machines at least cost, beside HiGHS: Chu and Beasley's classes A to D.

    python benchmarks/plan_assignment.py DATA/plan/gap --seconds 60

Both get the same file, the same wall seconds and a process of their own; ours is compiled before
it is timed. The peer gets the whole model, a row an item and a row a machine. Every assignment is
recomputed from the file in plain Python before a figure is printed. ``published`` is the best
known value of best_known.csv; ``over`` is what the cost is above it.
"""

import argparse
import csv
import multiprocessing
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from onshore.plan.large.assignment import assign
from onshore.plan.large.placement_model import Placement, solve_placement


class Case(NamedTuple):
    name: str
    cost: np.ndarray  # machines x items
    weight: np.ndarray
    capacity: np.ndarray
    opening: np.ndarray
    published: float


class Result(NamedTuple):
    cost: float
    bound: float
    cpu: float
    wall: float
    peak_mb: float


def read(path: Path, published: float) -> Case:
    """Machines and items; then costs, weights and capacities."""
    figures = np.array(path.read_text(encoding="ascii").split(), dtype=float)
    m, n = int(figures[0]), int(figures[1])
    cost, weight, capacity = np.split(figures[2:], [m * n, 2 * m * n])
    return Case(
        path.stem, cost.reshape(m, n), weight.reshape(m, n), capacity, np.zeros(m), published
    )


def recomputed(case: Case, machine_of: np.ndarray) -> float:
    """Add up an assignment from the file's figures; refuse one that breaks a capacity."""
    total, load = 0.0, [0.0] * len(case.capacity)
    for item, machine in enumerate(machine_of.tolist()):
        if machine < 0:
            return np.inf
        total += float(case.cost[machine, item])
        load[machine] += float(case.weight[machine, item])
    for used, room in zip(load, case.capacity.tolist(), strict=True):
        assert used <= room * (1 + 1e-9), f"{case.name}: {used} on a capacity of {room}"
    return total + sum(float(case.opening[machine]) for machine in set(machine_of.tolist()))


def by_us(case: Case, seconds: float) -> tuple[np.ndarray | None, float]:
    found = assign(case.cost, case.weight, case.capacity, case.opening, seconds=seconds)
    return found.machine_of, found.bound


def by_highs(case: Case, seconds: float) -> tuple[np.ndarray | None, float]:
    possible = case.weight <= case.capacity[:, None]
    placement = Placement(case.cost, case.weight, case.capacity, case.opening, possible)
    answer = solve_placement(placement, possible, seconds=seconds)
    return answer.machine_of, answer.bound


SOLVERS = {"ours": by_us, "HiGHS": by_highs}


def _work(solver: str, case: Case, seconds: float, answers: Any) -> None:
    chance = np.random.default_rng(0)
    small = Case("warm", *chance.integers(1, 9, (2, 3, 9)).astype(float), np.full(3, 30.0),
                 np.ones(3), 0.0)  # fmt: skip
    SOLVERS[solver](small, 2.0)
    cpu, wall = time.process_time(), time.perf_counter()
    machine_of, bound = SOLVERS[solver](case, seconds)
    answers.send(
        (machine_of, bound, time.process_time() - cpu, time.perf_counter() - wall,
         resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    )  # fmt: skip


def measured(solver: str, case: Case, seconds: float) -> Result:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(solver, case, seconds, theirs))
    process.start()
    theirs.close()  # so that a process that dies ends the wait
    machine_of, bound, cpu, wall, peak = ours.recv()
    process.join()
    cost = np.inf if machine_of is None else recomputed(case, machine_of)
    return Result(cost, bound, cpu, wall, peak)


def compare(cases: Iterator[Case], seconds: float, solvers: list[str]) -> None:
    print(f"{'instance':<14} {'by':<6} {'cost':>10} {'bound':>10} {'gap %':>7} {'published':>10} "
          f"{'over %':>7} {'CPU s':>6} {'wall s':>6} {'MB':>5}")  # fmt: skip
    for case in cases:
        for solver in solvers:
            r = measured(solver, case, seconds)
            gap = 100 * (r.cost - r.bound) / abs(r.cost) if np.isfinite(r.cost) else np.inf
            over = 100 * (r.cost / case.published - 1)
            below = " published is below the bound" if case.published < r.bound * (1 - 1e-6) else ""
            print(f"{case.name:<14} {solver:<6} {r.cost:>10.2f} {r.bound:>10.2f} {gap:>7.3f} "
                  f"{case.published:>10.2f} {over:>7.3f} {r.cpu:>6.1f} {r.wall:>6.1f} "
                  f"{r.peak_mb:>5.0f}{below}", flush=True)  # fmt: skip


def options(about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", default="", help="instances whose names begin so")
    parser.add_argument("--by", choices=SOLVERS, action="append")
    return parser


def main() -> None:
    given = options("Generalized assignment").parse_args()
    with (given.folder / "best_known.csv").open(encoding="utf-8") as file:
        published = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file)}
    names = [name for name in published if name.startswith(given.only)]
    cases = (read(given.folder / f"{name}.txt", published[name]) for name in names)
    compare(cases, given.seconds, given.by or list(SOLVERS))


if __name__ == "__main__":
    main()
