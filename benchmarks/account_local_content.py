"""Rolls a bill of materials of many lines up, and takes one assembly apart.

python benchmarks/account_local_content.py --lines 100000 --depth 10
"""

import argparse
import random
import resource
import time
from decimal import Decimal

import polars as pl

from onshore.account import flatten, imported_content

HOME, ABROAD = "IR", ("DE", "CN", None)


def draw(lines: int, depth: int, *, parts_each: int = 10, seed: int = 1) -> pl.DataFrame:
    """Draw assemblies in tiers; each takes parts of the tier below, shared among many."""
    draws = random.Random(seed)
    tiers = [
        [f"T{tier}-{n}" for n in range(max(1, lines // (depth * parts_each)))]
        for tier in range(depth)
    ]
    rows = []
    for tier, assemblies in enumerate(tiers):
        for assembly in assemblies:
            below = tiers[tier + 1] if tier + 1 < depth else ()
            made = draws.sample(below, k=min(len(below), parts_each // 2))
            bought = [f"P{draws.randrange(lines)}-{n}" for n in range(parts_each - len(made))]
            rows += [
                (assembly, part, draws.randint(1, 3), 0.02, None, None, None, None) for part in made
            ]
            for part in bought:
                price = Decimal(draws.randint(1, 10_000)) / 100
                origin = draws.choice((HOME, *ABROAD))
                content = draws.choice((None, 0.4)) if origin == HOME else None
                rows.append(
                    (assembly, part, draws.randint(1, 9), None, price, "EUR", origin, content)
                )
    money = pl.Decimal(38, 6)
    schema = {
        "assembly_id": pl.String,
        "part_id": pl.String,
        "quantity": money,
        "scrap_share": pl.Float64,
        "unit_price": money,
        "currency": pl.String,
        "origin": pl.String,
        "local_content": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--lines", type=int, default=100_000)
    words.add_argument("--depth", type=int, default=10)
    asked = words.parse_args()
    bill = draw(asked.lines, asked.depth)
    began = time.perf_counter()
    rolled = imported_content(bill, home=HOME)
    took = time.perf_counter() - began
    assert rolled["reason"].null_count() == rolled.height
    began = time.perf_counter()
    parts = flatten(bill, "T0-0", home=HOME)
    apart = time.perf_counter() - began
    top = rolled.filter(assembly_id="T0-0")["imported"].item()
    assert abs(parts["imported"].sum() - top) / top < Decimal("1e-9")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{bill.height:,} lines, {asked.depth} tiers, {rolled.height:,} assemblies")
    print(f"rolled up in {took:.2f} s; one taken apart in {apart:.2f} s; peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
