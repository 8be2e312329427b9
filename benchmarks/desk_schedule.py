"""A full exhibition's meetings scheduled: 300 buyers, 120 makers, 10 slots a day for three days.

    ./run bench desk_schedule

Wishes are drawn at random: each buyer wants some dozens of makers, popular ones more often, some
are away for a day, and tables are scarce. No peer schedules with a proof: beside ours stands the
usual way by hand, the most wanted meeting first into the first slot in which both are free.
"""

import argparse
import resource
import time
from types import SimpleNamespace

import numpy as np

from onshore.desk.events.scheduling import schedule


def drawn(buyers: int, makers: int, slots: int, seed: int) -> tuple[list, list, list]:
    """Draw wishes, participants and slots."""
    rng = np.random.default_rng(seed)
    liked = rng.pareto(1.5, makers) + 1
    wishes = []
    for buyer in range(buyers):
        wanted = rng.choice(makers, size=min(40, makers), replace=False, p=liked / liked.sum())
        wishes += [(f"B{buyer}", f"M{maker}", float(rng.integers(1, 10))) for maker in wanted]
    rows = [("buying", f"B{at}") for at in range(buyers)]
    rows += [("selling", f"M{at}") for at in range(makers)]
    participants = []
    for side, key in rows:
        day = int(rng.integers(0, 3)) * 10
        away = ";".join(str(day + at) for at in range(1, 11)) if rng.random() < 0.1 else ""
        participants.append(SimpleNamespace(organisation_id=key, side=side, most=None, away=away))
    return (
        wishes,
        participants,
        [SimpleNamespace(number=at, pause=False) for at in range(1, slots + 1)],
    )


def by_hand(wishes: list, participants: list, slots: list, tables: int) -> float:
    """Put the most wanted meeting first into the first slot in which both are free."""
    away = {
        row.organisation_id: {int(part) for part in row.away.split(";") if part}
        for row in participants
    }
    used: set = set()
    count: dict[int, int] = {}
    worth = 0.0
    for buyer, maker, weight in sorted(wishes, key=lambda wish: -wish[2]):
        for slot in slots:
            number = slot.number
            busy = {(buyer, number), (maker, number)} & used
            if busy or number in away[buyer] | away[maker] or count.get(number, 0) >= tables:
                continue
            used |= {(buyer, number), (maker, number)}
            count[number] = count.get(number, 0) + 1
            worth += weight
            break
    return worth


def main() -> None:
    """Schedule, and print worth, bound, seconds and memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--buyers", type=int, default=300)
    parser.add_argument("--makers", type=int, default=120)
    parser.add_argument("--slots", type=int, default=30)
    parser.add_argument("--tables", type=int, default=90)
    parser.add_argument("--seeds", type=int, default=3)
    told = parser.parse_args()
    for seed in range(told.seeds):
        wishes, participants, slots = drawn(told.buyers, told.makers, told.slots, seed)
        began, cpu = time.perf_counter(), time.process_time()
        found = schedule(wishes, participants, slots, told.tables)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        hand = by_hand(wishes, participants, slots, told.tables)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"seed {seed}: {len(wishes)} wishes, {found.meetings.height} meetings, worth "
            f"{found.worth:.0f}, bound {found.bound:.1f}, gap {found.gap:.2%}; by hand {hand:.0f} "
            f"({hand / found.worth:.3f}); {wall:.1f} s, {cpu:.1f} CPU s, {peak:.0f} MB"
        )


if __name__ == "__main__":
    main()
