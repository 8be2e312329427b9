"""A full exhibition scheduled: 300 buyers, 120 makers, 10 slots a day for three days.

    ./run bench plan_meetings

Wishes are drawn: each buyer wants forty makers, popular ones more often; one in ten is away for a
day; 90 tables. No peer schedules with a proof: beside ours stands the way by hand, the most wanted
meeting first, into the first slot in which both are free.
"""

import argparse
import resource
import time

import numpy as np
import polars as pl

from onshore.plan import schedule_meetings

SLOTS, TABLES = 30, 90
Wishes = list[tuple[str, str, float]]


def drawn(buyers: int, makers: int, seed: int) -> tuple[Wishes, dict[str, set[int]]]:
    """Draw wishes, and the slots in which each party is away."""
    rng = np.random.default_rng(seed)
    liked = rng.pareto(1.5, makers) + 1
    wishes = [
        (f"B{buyer}", f"M{maker}", float(rng.integers(1, 10)))
        for buyer in range(buyers)
        for maker in rng.choice(makers, min(40, makers), replace=False, p=liked / liked.sum())
    ]
    parties = [f"B{at}" for at in range(buyers)] + [f"M{at}" for at in range(makers)]
    away: dict[str, set[int]] = {}
    for party in parties:
        first = int(rng.integers(0, 3)) * 10
        away[party] = set(range(first, first + 10)) if rng.random() < 0.1 else set()
    return wishes, away


def by_hand(wishes: Wishes, away: dict[str, set[int]]) -> float:
    """Put the most wanted meeting first into the first slot in which both are free."""
    used: set[tuple[str, int]] = set()
    count = [0] * SLOTS
    worth = 0.0
    for buyer, maker, wish in sorted(wishes, key=lambda told: -told[2]):
        for slot in range(SLOTS):
            busy = {(buyer, slot), (maker, slot)} & used
            if not busy and slot not in away[buyer] | away[maker] and count[slot] < TABLES:
                used |= {(buyer, slot), (maker, slot)}
                count[slot] += 1
                worth += wish
                break
    return worth


def main() -> None:
    """Schedule, and print worth, bound, seconds and memory."""
    parser = argparse.ArgumentParser(description="Meetings of an exhibition")
    parser.add_argument("--buyers", type=int, default=300)
    parser.add_argument("--makers", type=int, default=120)
    parser.add_argument("--seeds", type=int, default=3)
    told = parser.parse_args()
    for seed in range(told.seeds):
        wishes, away = drawn(told.buyers, told.makers, seed)
        side = {"B": "buyer", "M": "maker"}
        absent = [(side[p[0]], p, str(slot)) for p, slots in away.items() for slot in slots]
        wall, cpu = time.perf_counter(), time.process_time()
        found = schedule_meetings(
            pl.DataFrame(wishes, schema=["buyer", "maker", "wish"], orient="row"),
            pl.DataFrame({"buyer": [f"B{at}" for at in range(told.buyers)]}),
            pl.DataFrame({"maker": [f"M{at}" for at in range(told.makers)]}),
            pl.DataFrame({"slot": [str(at) for at in range(SLOTS)], "tables": [TABLES] * SLOTS}),
            unavailable=pl.DataFrame(absent, schema=["party", "name", "slot"], orient="row"),
            gap=0.005,
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"seed {seed}: {len(wishes)} wishes, {found.chosen.height} meetings, worth "
            f"{found.objective:.0f}, bound {found.bound:.1f}, gap {found.gap:.3%}; by hand "
            f"{by_hand(wishes, away):.0f}; {wall:.1f} s, {cpu:.1f} CPU s, {peak:.0f} MB"
        )


if __name__ == "__main__":
    main()
