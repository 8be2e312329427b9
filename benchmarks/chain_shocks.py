"""All single-asset losses of the world's steel plants, ranked; some of them solved anew.

    python benchmarks/chain_shocks.py [--sample 25]

Reads the steel tracker from the folder named by ONSHORE_SHARED_DATA, else ../shared/data. Two
questions are asked of the same plants: what output of crude steel the world loses (as many plants
have room to take over as the source leaves any), and what it costs where each country asks for 85 %
of what it can make, steel is sent between countries and other plants take over. Each asset is lost
alone for four weeks; a sample drawn at random is compiled and solved anew without the asset.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from onshore import chain as chains
from onshore.chain import Chain
from onshore.chain.neighbours import nearest_links

WEEKS = 365.2425 / 7
LASTS = 4.0
ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("ONSHORE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def main() -> None:
    parser = argparse.ArgumentParser(description="All single-asset losses of the world's steel")
    parser.add_argument("--sample", type=int, default=25)
    asked = parser.parse_args()
    tracker = chains.read_tracker(
        FOLDER / "chain" / "steel_plants.csv", FOLDER / "chain" / "steel_capacity.csv"
    )
    print(f"{tracker.plants.height:,} plants in the tracker; losses of {LASTS:g} weeks; seconds")
    world = chains.steel_chain(tracker)
    for title, chain in {"most output": world, "least cost": with_demands(world)}.items():
        told = f"{title}: {chain.table('assets').height:,} assets"
        compiled, _, _ = timed(lambda chain=chain: chains.compile_chain(chain))
        print(f"\n{told}, {len(compiled.cost):,} columns, {len(compiled.row_lower):,} rows")
        for kind in ("plant", "asset"):
            ranked, wall, cpu = timed(
                lambda chain=chain, kind=kind: chains.rank_losses(chain, [kind], weeks=LASTS)
            )
            harmful = ranked.filter(pl.col("lost") > 0).height
            name = f"{ranked.height:,} {kind}s ranked"
            print(f"  {name:<26} {wall:8.2f} wall {cpu:8.2f} CPU; {harmful:,} do harm")
        check_anew(chain, ranked, asked.sample)
        print(ranked.select("rank", "name", "place", "lost", "unit", "exposure").head(5))


def with_demands(world: Chain) -> Chain:
    """Let each country ask for most of what it can make, and send steel to others."""
    assets, steel = world.table("assets"), "crude steel"
    makers = world.table("processes").filter(pl.col("commodity") == steel)["process"].implode()
    demands = (
        assets.filter(pl.col("process").is_in(makers))
        .group_by("place", maintain_order=True)
        .agg(amount=0.85 * pl.col("capacity").sum())
        .with_columns(commodity=pl.lit(steel), worth=pl.lit(2e6))
    )
    links = nearest_links(world.table("places"), [steel], cost_per_km=30.0, mode="sea")
    return world.with_tables(
        demands=pl.concat([world.table("demands"), demands], how="diagonal"),
        links=pl.concat([world.table("links"), links], how="diagonal"),
    ).with_settings(objective="least cost")


def check_anew(chain: Chain, ranked: pl.DataFrame, sample: int) -> None:
    """Compile and solve the chain without an asset, for some assets."""
    top, others = ranked.head(sample // 3), ranked.slice(sample // 3)
    picked = pl.concat([top, others.sample(sample - top.height, seed=3)])
    assets = chain.table("assets")
    base = chains.solve(chain).answer.objective
    largest, took = 0.0, 0.0
    for node, lost in picked.select("node", "lost").iter_rows():
        less = pl.when(pl.col("asset") == node).then(0.0).otherwise("capacity")
        without = chain.with_tables(assets=assets.with_columns(capacity=less))
        answer, wall, _ = timed(
            lambda without=without: chains.Solver(chains.compile_chain(without)).run()
        )
        took += wall
        anew = (answer.objective - base) * LASTS / WEEKS
        largest = max(largest, abs(anew - lost) / max(abs(anew), 1e-6 * abs(base)))
    each = took / picked.height
    print(
        f"  assets, each solved anew   {each * ranked.height:8.2f} wall, carried on from "
        f"{picked.height}; largest difference {largest:.1e} of the loss"
    )


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
