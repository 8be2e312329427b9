"""Forecasts on held-out years, beside the naive one: coverage of the interval and error.

    python benchmarks/series_forecasts.py DATA/trade/metal_production.csv --cases 150
    python benchmarks/series_forecasts.py --simulated --cases 60

The first takes stretches of yearly mine production (a country and a metal) at random, holds the
last five years out and projects them from the years before. The second draws quarterly series
whose truth is known: a random walk with drift and seasons, and the year's sum is projected from
its first two quarters as a target is. The naive forecast is the last value (of the same quarter),
with the spread of the changes seen. Its interval is of the same level.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

from onshore.series.projecting import project

LEVEL, AHEAD = 0.8, 5


def stretches(path: Path, counts: list[int], cases: int, seed: int) -> list[np.ndarray]:
    table = pl.read_csv(path, infer_schema_length=None)
    runs = []
    for _, own in table.sort("Year").group_by("Entity", maintain_order=True):
        for metal in table.columns[2:]:
            kept = own.select("Year", value=pl.col(metal).cast(pl.Float64)).drop_nulls()
            kept = kept.filter(pl.col("value") > 0)
            gaps = kept.filter((pl.col("Year").diff() != 1).fill_null(value=False))["Year"]
            for first, last in zip([0, *gaps], [*gaps, 9999], strict=True):
                run = kept.filter(pl.col("Year") >= first, pl.col("Year") < last)["value"]
                if run.len() >= max(counts) + AHEAD:
                    runs.append(run.to_numpy())
    rng = np.random.default_rng(seed)
    print(f"{len(runs)} unbroken series of {max(counts) + AHEAD} years or more")
    found = []
    for _ in range(cases):
        run = runs[rng.integers(len(runs))]
        for count in counts:
            end = rng.integers(count + AHEAD, len(run) + 1)
            found.append(run[end - count - AHEAD : end])
    return found


def naive(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    logs = np.log(values)
    spread = np.sqrt((np.diff(logs) ** 2).mean() * np.arange(1, AHEAD + 1))
    reach = stats.t.ppf((1 + LEVEL) / 2, len(logs) - 1) * spread
    middle = np.repeat(logs[-1], AHEAD)
    return np.exp(middle - reach), np.exp(middle), np.exp(middle + reach)


def ours(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ahead = project(values, seasons=1, horizon=AHEAD)
    return tuple(ahead.quantile(q) for q in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))


def backtest(path: Path, cases: int, seed: int) -> None:
    counts = [6, 10, 20, 35]
    drawn = stretches(path, counts, cases, seed)
    print(f"{LEVEL:.0%} interval, {AHEAD} years held out; error: of the logarithm, absolute")
    print("years seen  forecast  cases  covered 1st  3rd  5th   all   mean error  median  width")
    for count in counts:
        for name, method in (("naive", naive), ("onshore", ours)):
            inside, errors, widths = [], [], []
            for values in drawn:
                seen, held = values[:-AHEAD], values[-AHEAD:]
                if len(seen) != count or np.ptp(seen) == 0:
                    continue
                low, middle, high = method(seen)
                inside.append((held >= low) & (held <= high))
                errors.append(np.abs(np.log(held / middle)))
                widths.append(np.log(high / low))
            covered = np.mean(inside, axis=0)
            print(
                f"{count:>10}  {name:<8}  {len(inside):>5}  {covered[0]:>11.2f}  {covered[2]:.2f}  "
                f"{covered[4]:.2f}  {np.mean(inside):.2f}  {np.mean(errors):>10.3f}  "
                f"{np.median(errors):>6.3f}  {np.median(widths):>5.2f}"
            )


def simulated(cases: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    print("quarters seen  covered (year's sum)  mean |error|  naive  Brier  always the base rate")
    for years in (3, 5, 10):
        inside, errors, plain, chances, met = [], [], [], [], []
        for case in range(cases):
            seasons = rng.normal(0, 0.15, 4)
            drift, spread = rng.normal(0.01, 0.01), rng.uniform(0.02, 0.08)
            steps = 4 * years + 4
            walk = np.cumsum(rng.normal(drift, spread, steps)) + np.tile(seasons, years + 1)
            values = 100 * np.exp(walk)
            seen, year = values[:-2], values[-4:]
            paths = project(seen, seasons=4, horizon=2).paths(4000, seed=case)
            sums = seen[-2:].sum() + paths.sum(axis=1)
            low, middle, high = np.quantile(sums, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
            truth = year.sum()
            inside.append(low <= truth <= high)
            errors.append(abs(np.log(truth / middle)))
            plain.append(abs(np.log(truth / (seen[-2:].sum() + seen[-4:-2].sum()))))
            aim = (seen[-2:].sum() + seen[-4:-2].sum()) * rng.uniform(0.95, 1.1)
            chances.append((sums >= aim).mean())
            met.append(truth >= aim)
        chances, met = np.array(chances), np.array(met, dtype=float)
        brier, base = ((chances - met) ** 2).mean(), met.mean() * (1 - met.mean())
        print(
            f"{4 * years + 2:>13}  {np.mean(inside):>20.2f}  {np.mean(errors):>12.4f}  "
            f"{np.mean(plain):.4f}  {brier:.3f}  {base:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Forecasts on held-out years")
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--cases", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.perf_counter()
    if given.simulated or given.path is None:
        simulated(given.cases, given.seed)
    else:
        backtest(given.path, given.cases, given.seed)
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
