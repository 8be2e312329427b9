"""Time, memory and correctness of `merge_items` on a made-up catalogue.

    python benchmarks/merge_items.py [ITEMS]

A tenth of the items (default 100,000) are copies of others as cataloguers write them: words in
another order, upper case, hyphens and spaces elsewhere, units spelled otherwise, a word cut
short. The rest are series whose sizes and part numbers differ. The same seed gives the same
catalogue.
"""

import random
import resource
import sys
import time
from itertools import combinations

import polars as pl

from onshore.match.merging import merge_items

KINDS = (
    "gear pump", "centrifugal pump", "butterfly valve", "gate valve", "ball valve", "hex bolt",
    "roller chain", "electric motor", "pressure gauge", "hydraulic cylinder", "oil seal",
    "contactor", "circuit breaker", "proximity sensor", "coupling", "gearbox", "conveyor roller",
    "refractory brick", "filter cartridge", "deep groove ball bearing", "cable", "hose",
    "flange", "reducer", "thermocouple", "solenoid valve", "fuse", "relay", "v belt", "gasket",
)  # fmt: skip
MATERIALS = (
    "steel",
    "stainless steel 304",
    "cast iron",
    "brass",
    "bronze",
    "PTFE",
    "NBR",
    "galvanized",
)
MAKERS = [
    a + b
    for a in ("Ar", "Bel", "Cor", "Dan", "Ely", "Fer")
    for b in ("mont", "tek", "vin", "lux", "gard")
]


def line(draw: random.Random) -> tuple[str, str]:
    number = (
        f"{draw.choice(MAKERS)[:2].upper()}-{draw.randrange(1000, 9999)}-{draw.choice('ABCDEF')}"
    )
    parts = [
        draw.choice(KINDS),
        draw.choice(MATERIALS),
        f"DN{draw.choice((15, 20, 25, 32, 40, 50, 65, 80, 100, 125, 150, 200, 250, 300))}",
        f"{draw.choice((0.75, 1.1, 1.5, 2.2, 3, 4, 5.5, 7.5, 11, 15, 18.5, 22, 30))} kW",
        f"{draw.randrange(20, 400, 5)}x{draw.randrange(20, 400, 5)} mm",
        draw.choice(MAKERS),
    ]
    return ", ".join(parts), number if draw.random() < 0.4 else ""


def copied(draw: random.Random, text: str, number: str) -> tuple[str, str]:
    parts = text.split(", ")
    draw.shuffle(parts)
    text = " ".join(parts)
    if draw.random() < 0.5:
        text = text.upper()
    if draw.random() < 0.3:
        text = text.replace("DN", "DN ").replace("x", " x ")
    if draw.random() < 0.2:
        text = text.replace(" kW", "kw").replace("stainless", "stainl.")
    return text, number.replace("-", draw.choice(["", " ", "-"]))


def catalogue(size: int) -> tuple[pl.DataFrame, set[tuple[str, str]]]:
    draw = random.Random(7)
    rows = [line(draw) for _ in range(size - size // 10)]
    of: list[int | None] = [None] * len(rows)
    for _ in range(size // 10):
        at = draw.randrange(len(rows))
        rows.append(copied(draw, *rows[at]))
        of.append(at)
    items = pl.DataFrame(
        [(f"I{at:06}", *row) for at, row in enumerate(rows)],
        schema=["item_id", "description", "part_number"],
        orient="row",
    )
    home: dict[int, list[int]] = {}
    roots: list[int] = []
    for at, source in enumerate(of):
        roots.append(at if source is None else roots[source])
        home.setdefault(roots[at], []).append(at)
    same = {(f"I{a:06}", f"I{b:06}") for group in home.values() for a, b in combinations(group, 2)}
    return items, same


def main(size: int) -> None:
    items, same = catalogue(size)
    began = time.perf_counter(), time.process_time()
    merged = merge_items(items)
    took = time.perf_counter() - began[0], time.process_time() - began[1]
    groups = merged.group_by("cluster_id").agg("item_id").filter(pl.col("item_id").list.len() > 1)
    found = {pair for ids in groups["item_id"] for pair in combinations(sorted(ids.to_list()), 2)}
    hits = len(found & same)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{size:,} items: {took[0]:.0f} s ({took[1]:.0f} s CPU), peak {peak:,.0f} MB; "
          f"pairs that are the same {len(same):,}, found {len(found):,}, "
          f"precision {hits / max(len(found), 1):.4f}, recall {hits / len(same):.4f}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
