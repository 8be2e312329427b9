"""Slots for pairs that are to meet: the colours of the edges of a bipartite graph.

Pairs take slots one by one, the most wanted first. Where the two have no free slot in common, the
meetings in two slots are exchanged along the chain that begins with one of them (Kempe 1879), as
in the proof that a bipartite graph needs no more colours than its largest degree (König 1916);
absences and tables may forbid it. A pair that still finds no slot takes that of a less wanted
one, which looks for another.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

Pair = tuple[str, str]


class Seats:
    """Who meets whom in which slot, while it is put together.

    Parameters
    ----------
    free
        For each party (buyers and makers under names of their own), the slots in which it can
        meet, as a boolean row.
    tables
        Meetings that each slot has room for.
    most
        Meetings that a party may have.
    """

    def __init__(
        self,
        free: Mapping[Pair, npt.NDArray[np.bool_]],
        tables: npt.NDArray[np.int64],
        most: Mapping[Pair, int],
    ) -> None:
        self.can = {party: row.copy() for party, row in free.items()}
        self.open = {party: row.copy() for party, row in free.items()}
        self.room = tables.copy()
        self.left = dict(most)
        self.met: dict[Pair, dict[int, Pair]] = {party: {} for party in free}
        self.slot_of: dict[tuple[Pair, Pair], int] = {}

    def place(self, one: Pair, other: Pair) -> bool:
        """Find a slot for two parties; False where there is none."""
        if self.left[one] < 1 or self.left[other] < 1:
            return False
        common = np.flatnonzero(self.open[one] & self.open[other] & (self.room > 0))
        if len(common):
            self._meet(one, other, int(common[np.argmax(self.room[common])]))
            return True
        for slot in np.flatnonzero(self.open[one] & self.can[other]):
            for instead in np.flatnonzero(self.open[other] & self.can[one]):
                if self._exchange(other, int(slot), int(instead)):
                    self._meet(one, other, int(slot))
                    return True
        return False

    def part(self, one: Pair, other: Pair) -> int:
        """Take the meeting of two parties out; give the slot that it had."""
        slot = self.slot_of.pop((one, other))
        for party in (one, other):
            del self.met[party][slot]
            self.open[party][slot] = True
            self.left[party] += 1
        self.room[slot] += 1
        return slot

    def put_back(self, one: Pair, other: Pair, slot: int) -> bool:
        """Put a meeting back into a slot that both still have free."""
        if not (self.open[one][slot] and self.open[other][slot] and self.room[slot] > 0):
            return False
        if self.left[one] < 1 or self.left[other] < 1:
            return False
        self._meet(one, other, slot)
        return True

    def _meet(self, one: Pair, other: Pair, slot: int) -> None:
        for party, partner in ((one, other), (other, one)):
            self.met[party][slot] = partner
            self.open[party][slot] = False
            self.left[party] -= 1
        self.slot_of[one, other] = slot
        self.room[slot] -= 1

    def _exchange(self, start: Pair, slot: int, instead: int) -> bool:
        """Exchange two slots along the chain from a party, so that it is free in ``slot``.

        The chain has the meetings of ``slot`` and ``instead`` by turns.
        """
        chain: list[tuple[Pair, Pair, int]] = []
        party, at = start, slot
        while (partner := self.met[party].get(at)) is not None:
            new = instead if at == slot else slot
            if not (self.can[party][new] and self.can[partner][new]):
                return False
            chain.append((party, partner, at))
            party, at = partner, new
        moved = len(chain) % 2
        if self.room[instead if moved else slot] < 1:
            return False
        for party, partner, at in chain:
            for each in (party, partner):
                self.met[each].pop(at, None)
                self.open[each][at] = True
        for party, partner, at in chain:
            new = instead if at == slot else slot
            for each, other in ((party, partner), (partner, party)):
                self.met[each][new] = other
                self.open[each][new] = False
            key = (party, partner) if (party, partner) in self.slot_of else (partner, party)
            self.slot_of[key] = new
        if moved:
            self.room[instead] -= 1
            self.room[slot] += 1
        return True


def seat(
    first: Iterable[tuple[str, str, float]],
    rest: Iterable[tuple[str, str, float]],
    seats: Seats,
) -> dict[Pair, int]:
    """Give pairs their slots: those that are best whenever they meet first, then the others.

    Parameters
    ----------
    first, rest
        Buyer, maker and wish.
    seats
        The slots and tables, empty.

    Returns
    -------
    dict
        The number of the slot of each buyer and maker that meet.
    """
    wish: dict[tuple[Pair, Pair], float] = {}
    waiting = []
    for part in (first, rest):
        for buyer, maker, wanted in sorted(part, key=lambda told: (-told[2], told[:2])):
            pair = (("buyer", buyer), ("maker", maker))
            wish[pair] = wanted
            if not seats.place(*pair):
                waiting.append(pair)
    for pair in sorted(waiting, key=lambda pair: (-wish[pair], pair)):
        if pair not in seats.slot_of and not seats.place(*pair):
            _instead_of_less(pair, wish, seats)
    return {(one[1], other[1]): slot for (one, other), slot in seats.slot_of.items()}


def _instead_of_less(
    pair: tuple[Pair, Pair], wish: Mapping[tuple[Pair, Pair], float], seats: Seats
) -> None:
    """Let a pair meet instead of a less wanted one, if that finds a place where it is wanted less.

    Both places are tried for what was put out, so that as little as possible is lost.
    """
    one, other = pair
    rivals = [(one, met) for met in seats.met[one].values()]
    rivals += [(met, other) for met in seats.met[other].values()]
    for rival in sorted(rivals, key=lambda rival: (wish[rival], rival)):
        if wish[rival] >= wish[pair]:
            return
        slot = seats.part(*rival)
        if seats.place(*pair):
            seats.place(*rival)
            return
        seats.put_back(*rival, slot)
