"""Meetings of a large event: slots by exchanging them along chains, beside a proven bound."""

from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.plan.meeting_slots import Seats, seat

SLOTS = 3


def best(pairs, free, room, most):
    """Try every way of giving the pairs slots."""

    def worth(choice):
        used, count, seats, total = set(), {}, {}, 0.0
        for (buyer, maker, wish), slot in zip(pairs, choice, strict=True):
            if slot is None:
                continue
            parties = (("buyer", buyer), ("maker", maker))
            seats[slot] = seats.get(slot, 0) + 1
            for party in parties:
                count[party] = count.get(party, 0) + 1
                if (party, slot) in used or not free[party][slot] or count[party] > most[party]:
                    return -1.0
                used.add((party, slot))
            if seats[slot] > room[slot]:
                return -1.0
            total += wish
        return total

    return max(worth(choice) for choice in product([None, *range(SLOTS)], repeat=len(pairs)))


@st.composite
def events(draw):
    import numpy as np

    pairs = [(f"{b}", f"{m}") for b in range(3) for m in range(2)]
    told = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=5, unique=True))
    parties = [("buyer", f"{b}") for b in range(3)] + [("maker", f"{m}") for m in range(2)]
    free = {
        party: np.array(draw(st.lists(st.booleans(), min_size=SLOTS, max_size=SLOTS)))
        for party in parties
    }
    most = {party: draw(st.integers(0, SLOTS)) for party in parties}
    room = np.array(draw(st.lists(st.integers(0, 3), min_size=SLOTS, max_size=SLOTS)))
    return [(*pair, float(draw(st.integers(1, 9)))) for pair in told], free, room, most


@settings(max_examples=200, deadline=None)
@given(events())
def test_every_limit_is_kept_and_nothing_beats_the_best(event):
    pairs, free, room, most = event
    given_slots = seat(pairs, [], Seats(free, room, most))
    wish = {(buyer, maker): value for buyer, maker, value in pairs}
    meets: dict = {}
    for (buyer, maker), slot in given_slots.items():
        for party in (("buyer", buyer), ("maker", maker)):
            assert free[party][slot]
            assert slot not in meets.setdefault(party, set())
            meets[party].add(slot)
    assert all(len(slots) <= most[party] for party, slots in meets.items())
    for slot in range(SLOTS):
        assert sum(at == slot for at in given_slots.values()) <= room[slot]
    worth = sum(wish[pair] for pair in given_slots)
    assert worth <= best(pairs, free, room, most)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=18))
def test_with_as_many_slots_as_anybody_has_meetings_all_meet(edges):
    """König: a bipartite graph's edges need no more colours than its largest degree."""
    import numpy as np

    degree = max(
        (sum(edge[end] == at for edge in edges) for at in range(6) for end in (0, 1)), default=0
    )
    pairs = [(f"{b}", f"{m}", 1.0) for b, m in sorted(edges)]
    parties = [(side, f"{at}") for side in ("buyer", "maker") for at in range(6)]
    free = {party: np.ones(max(degree, 1), dtype=bool) for party in parties}
    most = dict.fromkeys(parties, 99)
    found = seat(pairs, [], Seats(free, np.full(max(degree, 1), 99), most))
    assert len(found) == len(edges)


def test_an_event_with_more_wishes_than_places_is_scheduled_near_its_bound():
    import numpy as np

    from onshore.plan import schedule_meetings

    rng = np.random.default_rng(4)
    rows = [
        (f"B{b}", f"M{m}", float(rng.integers(1, 10)))
        for b in range(80)
        for m in rng.choice(40, 22, replace=False)
    ]
    found = schedule_meetings(
        pl.DataFrame(rows, schema=["buyer", "maker", "wish"], orient="row"),
        pl.DataFrame({"buyer": [f"B{b}" for b in range(80)]}),
        pl.DataFrame({"maker": [f"M{m}" for m in range(40)]}),
        pl.DataFrame({"slot": [f"{s}" for s in range(24)], "tables": [30] * 24}),
        gap=0.005,
        seconds=20,
    )
    assert found.gap <= 0.005
    assert found.objective == pytest.approx(sum(found.chosen["wish"]))
    assert found.chosen.select("buyer", "slot").is_unique().all()
    assert found.chosen.select("maker", "slot").is_unique().all()
    assert found.chosen.group_by("slot").len()["len"].max() <= 30
