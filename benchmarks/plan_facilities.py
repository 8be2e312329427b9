"""Customers served whole by facilities that cost to open, beside HiGHS: Holmberg's 71, TBED1.

    python benchmarks/plan_facilities.py DATA/plan/sscflp --only holmberg --seconds 60
    python benchmarks/plan_facilities.py DATA/plan/sscflp --only tbed1 --seconds 120

As plan_assignment.py, whose solvers and checks it uses; the peer's model also has a row for each
pair, that its facility is open. ``published`` is the value of optima.csv; where a bound is above
it, no assignment of the file's figures has it.
"""

import csv
from pathlib import Path

import numpy as np

from plan_assignment import SOLVERS, Case, compare, options


def read(path: Path, published: float) -> Case:
    """Facilities and customers; capacities, openings, demands; then a row a customer."""
    figures = np.array(path.read_text(encoding="ascii").split(), dtype=float)
    m, n = int(figures[0]), int(figures[1])
    capacity, opening, demand, cost = np.split(figures[2:], [m, 2 * m, 2 * m + n])
    weight = np.tile(demand, (m, 1))
    return Case(path.stem, cost.reshape(n, m).T.copy(), weight, capacity, opening, published)


def main() -> None:
    given = options("Single-source capacitated facility location").parse_args()
    with (given.folder / "optima.csv").open(encoding="utf-8") as file:
        published = {row["instance"]: float(row["optimum"]) for row in csv.DictReader(file)}
    names = [name for name in published if name.startswith(given.only)]
    cases = (read(given.folder / f"{name}.txt", published[name]) for name in names)
    compare(cases, given.seconds, given.by or list(SOLVERS))


if __name__ == "__main__":
    main()
