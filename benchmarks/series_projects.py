"""Finish dates of projects whose truth is drawn: coverage of the interval, against a straight line.

    python benchmarks/series_projects.py --worlds 30

Each world draws an S-curve of its own, and projects whose pace and course differ from it; some are
completed and teach the curve, the others are seen at a progress of 20 to 90 % only. The straight
line takes the time left as (1 - progress) / progress of the time gone.
"""

import argparse
import time
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import betainc

from onshore.series import finish_dates

DAY = date(2024, 1, 1)


def world(rng: np.random.Generator, completed: int, open_: int) -> tuple[pl.DataFrame, ...]:
    shapes = np.exp(rng.normal(np.log([2.2, 2.0]), 0.25))
    rows, figures, truth = [], [], {}
    for n in range(completed + open_):
        own = shapes * np.exp(rng.normal(0, 0.15, 2))
        days = float(np.exp(rng.normal(np.log(1500), 0.4)))
        start = DAY - timedelta(days=int(rng.uniform(2500, 4000)))
        done = n < completed
        name = f"P{n}"
        shares = np.linspace(0.1, 0.9, 9) if done else [_share(rng, own)]
        for share in shares:
            progress = float(np.clip(betainc(*own, share) + rng.normal(0, 0.015), 0.01, 0.99))
            figures.append((name, start + timedelta(days=round(share * days)), progress))
        end = start + timedelta(days=round(days))
        truth[name] = end
        rows.append((name, "steel", 1000, start, end if done else None, done))
    projects = pl.DataFrame(
        [
            {
                "project_id": name,
                "name": name,
                "product": product,
                "capacity": capacity,
                "started_on": start,
                "finished_on": end,
                "status": "operating" if done else "construction",
            }
            for name, product, capacity, start, end, done in rows
        ],
        schema_overrides={"finished_on": pl.Date},
    )
    progress = pl.DataFrame(figures, schema=["project_id", "date", "progress"], orient="row")
    return projects, progress, truth


def _share(rng: np.random.Generator, own: np.ndarray) -> float:
    grid = np.linspace(0.02, 0.98, 193)
    return float(grid[np.argmin(np.abs(betainc(*own, grid) - rng.uniform(0.2, 0.9)))])


def main() -> None:
    parser = argparse.ArgumentParser(description="Finish dates of drawn projects")
    parser.add_argument("--worlds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.perf_counter()
    print("80 % interval; error: median of |days| / days left")
    print("completed  open projects  covered  width / days left  error  straight line")
    for completed in (0, 3, 10, 30):
        rng = np.random.default_rng(given.seed + completed)
        inside, errors, line, widths = [], [], [], []
        for _ in range(given.worlds):
            projects, progress, truth = world(rng, completed, 10)
            # Each is told on the day of its own figure: nothing later is known of it.
            for name in [f"P{n}" for n in range(completed, completed + 10)]:
                own = progress.filter(pl.col("project_id") == name).row(0, named=True)
                keep = pl.col("project_id").is_in([f"P{n}" for n in range(completed)] + [name])
                found = finish_dates(
                    projects.filter(keep).with_columns(
                        # The lesson of the completed is whole, whatever their days were.
                        pl.when(pl.col("project_id") == name)
                        .then(pl.col("started_on") + timedelta(days=9000))
                        .otherwise("started_on")
                        .alias("started_on")
                    ),
                    progress.filter(keep).with_columns(
                        pl.when(pl.col("project_id") == name)
                        .then(pl.col("date") + timedelta(days=9000))
                        .otherwise("date")
                        .alias("date")
                    ),
                    draws=1000,
                ).row(0, named=True)
                end = truth[name] + timedelta(days=9000)
                left = max((end - found["progress_on"]).days, 1)
                inside.append(found["low"] <= end <= found["high"])
                widths.append((found["high"] - found["low"]).days / left)
                errors.append(abs((found["median"] - end).days) / left)
                start = projects.filter(pl.col("project_id") == name)["started_on"][0]
                gone = (own["date"] - start).days
                by_line = gone * (1 - own["progress"]) / own["progress"]
                line.append(abs(by_line - left) / left)
        print(
            f"{completed:>9}  {len(inside):>13}  {np.mean(inside):>7.2f}  "
            f"{np.median(widths):>17.2f}  {np.median(errors):>5.2f}  {np.median(line):>13.2f}"
        )
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
