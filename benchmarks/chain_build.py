"""Chains built and solved, beside PyPSA's model of the same chains.

    python benchmarks/chain_build.py --peer PEER_PYTHON [--random 20] [--times 3]

The peer has its own environment: `uv venv peer && uv pip install --python peer/bin/python -r
benchmarks/peers/pypsa/requirements.txt`, then `--peer peer/bin/python`. Both get the same tables:
random chains of several sizes and the steel chain of examples/chain, least cost, all costs moved
a little at random and later years discounted, so that the best flows of a year are the only ones.
Objective, and flows of each asset, link and market by year, are compared. Building is from tables
in memory to a model that the solver has (ours) or that linopy has (theirs): CPU seconds, one
thread, the least of `--times` runs. `--record FILE` writes the peer's answers for the tests.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")}
os.environ.update(ONE_THREAD | {"POLARS_MAX_THREADS": "1"})

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402

from onshore import chain  # noqa: E402

ROOT = Path(__file__).parents[1]
PEER = ROOT / "benchmarks/peers/pypsa/peer.py"
sys.path.insert(0, str(ROOT / "tests/chain"))
from drawn_chains import oracle_chain, with_distinct_costs  # noqa: E402

TABLES = ("commodities", "processes", "recipes", "assets", "links", "demands", "markets", "stocks",
          "limits")  # fmt: skip


def write(told: chain.Chain, folder: Path) -> None:
    folder.mkdir()
    for name in TABLES:
        told.table(name).write_csv(folder / f"{name}.csv")
    s = told.settings
    settings = {
        "years": s.years,
        "seasons": s.seasons,
        "discount": s.discount,
        "stocks_end": s.stocks_end,
    }
    (folder / "settings.json").write_text(json.dumps(settings))


def building(told: chain.Chain, times: int) -> float:
    took = []
    for _ in range(times):
        began = time.process_time()
        chain.Solver(chain.compile_chain(told, objective="least cost"))
        took.append(time.process_time() - began)
    return min(took)


def differences(result: chain.Result, answer: dict[str, object]) -> tuple[float, float]:
    """Largest difference of the objective, and of flows, relative to the largest of their kind."""
    theirs = float(answer["objective"])
    objective = abs(result.objective - theirs) / max(1.0, abs(theirs))
    compiled, worst = result.compiled, 0.0
    for block, name in (("activity", "activity"), ("flow", "sent"), ("trade", "traded")):
        mine = compiled.of(result.flow.values, block)
        other = np.array(answer[name], dtype=float).reshape(mine.shape)
        by_year = (len(mine), len(compiled.years), len(compiled.seasons))
        mine, other = (flows.reshape(by_year).sum(axis=2) for flows in (mine, other))
        if mine.size:
            worst = max(worst, float(np.abs(mine - other).max() / max(1.0, np.abs(other).max())))
    return objective, worst


def made(result: chain.Result, answer: dict[str, object]) -> dict[str, float]:
    """What the peer's assets of each process make in all years."""
    processes = result.compiled.entities["activity"]["process"].to_list()
    totals: dict[str, float] = dict.fromkeys(processes, 0.0)
    for process, runs in zip(processes, answer["activity"], strict=True):
        totals[process] += sum(runs)
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description="Chains built and solved beside PyPSA")
    parser.add_argument("--peer", type=Path, help="Python of the environment with PyPSA")
    parser.add_argument("--random", type=int, default=20)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--record", type=Path, help="file to write the peer's answers to")
    asked = parser.parse_args()
    chains: dict[str, chain.Chain] = {}
    for seed in range(asked.random):
        chains[f"drawn {seed:02}"] = oracle_chain(seed)
    chains["steel of Iran"] = with_distinct_costs(
        chain.read_chain(ROOT / "examples/chain/steel"), 0
    )
    print("one thread; CPU seconds, least of", asked.times)
    with tempfile.TemporaryDirectory() as place:
        for name, told in chains.items():
            write(told, Path(place) / name)
        if asked.peer is not None:
            environment = {**os.environ, **ONE_THREAD}
            command = [str(asked.peer), str(PEER), place, str(asked.times)]
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        rows, record = [], {}
        for name, told in chains.items():
            seconds = building(told, asked.times)
            result = chain.solve(told, objective="least cost")
            row = {"chain": name, "columns": len(result.compiled.cost), "onshore": seconds}
            if asked.peer is not None:
                answer = json.loads((Path(place) / name / "answer.json").read_text())
                row["PyPSA network"], row["PyPSA model"] = answer["network"], answer["model"]
                row["times"] = answer["both"] / seconds
                row["objective"], row["flows"] = differences(result, answer)
                record[name] = {"objective": answer["objective"], "made": made(result, answer)}
            rows.append(row)
    table = pl.DataFrame(rows)
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=140, tbl_hide_dataframe_shape=True,
                   tbl_hide_column_data_types=True, tbl_formatting="ASCII_MARKDOWN"):  # fmt: skip
        print(
            table.with_columns(
                pl.col("onshore", *[c for c in table.columns if c.startswith("PyPSA")]).round(4),
                *[pl.col(c).round(1) for c in table.columns if c == "times"],
                *[
                    pl.col(c).map_elements(lambda x: f"{x:.0e}", return_dtype=pl.String)
                    for c in ("objective", "flows")
                    if c in table.columns
                ],
            )
        )
    if asked.peer is None:
        print("PyPSA not run: give --peer PYTHON, see this file's first lines")
        return
    if asked.record is not None:
        record.pop("steel of Iran")
        asked.record.write_text(json.dumps({"PyPSA": answer["version"], **record}, indent=1) + "\n")
    print(f"PyPSA {answer['version']}; ours takes {table['times'].min():.0f} to "
          f"{table['times'].max():.0f} times less to build")  # fmt: skip
    print(f"largest relative difference: objective {table['objective'].max():.0e}, flows "
          f"{table['flows'].max():.0e}")  # fmt: skip


if __name__ == "__main__":
    main()
