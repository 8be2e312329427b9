"""CPU of all single-sector extractions, beside one inverse and beside solving each table anew.

    python benchmarks/economy_extraction.py [--sectors 1435] [--solved 12]

Each extraction of `extract` is compared with solving (I - A) x = f anew, without the sector's row
and column, for some sectors drawn at random; the time of solving all of them is that of these,
carried on. One thread; CPU seconds, the least of three runs.
"""

import argparse
import os
import time

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")})
os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np

from economy_multipliers import least_cpu, made_up
from onshore import economy


def main() -> None:
    parser = argparse.ArgumentParser(description="All single-sector extractions")
    parser.add_argument("--sectors", type=int, default=1435)
    parser.add_argument("--solved", type=int, default=12)
    asked = parser.parse_args()
    n, made = asked.sectors, made_up(asked.sectors)
    names = [f"s{k}" for k in range(n)]
    table = economy.Table(names, made["flows"], made["output"], {"jobs": made["factors"][1]})
    coefficients = economy.input_coefficients(table)
    inverse, _ = least_cpu(lambda: np.linalg.inv(np.eye(n) - coefficients))
    print(f"{n} sectors, one thread; CPU seconds, least of three")
    print(f"one inverse                 {inverse:8.3f}")
    drawn = np.random.default_rng(2).choice(n, asked.solved, replace=False)
    for variant in ("whole", "backward", "forward"):
        took, found = least_cpu(lambda variant=variant: economy.extract(table, variant))
        began = time.process_time()
        solved = np.array([lost_by_solving(table, coefficients, k, variant) for k in drawn])
        anew = (time.process_time() - began) / len(drawn) * n
        got = found["output_lost"].to_numpy()[drawn]
        print(
            f"extract, {variant:<18} {took:8.3f}  {took / inverse:5.2f} times one inverse; each "
            f"solved anew {anew:6.0f}; largest relative difference "
            f"{np.max(np.abs(got / solved - 1)):.1e}"
        )


def lost_by_solving(table: economy.Table, inputs: np.ndarray, k: int, variant: str) -> float:
    n, output = table.size, table.output
    if variant == "forward":
        sales = inputs * output / output[:, None]
        primary = output - output @ sales
        sales[k] = 0.0
        return float(output.sum() - np.linalg.solve((np.eye(n) - sales).T, primary).sum())
    without, demand = inputs.copy(), output - inputs @ output
    without[:, k] = 0.0
    if variant == "whole":
        without[k], demand[k] = 0.0, 0.0
    return float(output.sum() - np.linalg.solve(np.eye(n) - without, demand).sum())


if __name__ == "__main__":
    main()
