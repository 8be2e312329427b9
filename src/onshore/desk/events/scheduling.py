"""The schedule of an event's meetings: who meets whom when, and why others do not."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

SECONDS = 45.0
GAP = 0.01


@dataclass(frozen=True)
class Scheduled:
    """A schedule with its proof.

    Parameters
    ----------
    meetings
        ``slot`` (Int64), ``buyer``, ``maker`` (String), ``table`` (Int64, from 1).
    worth, bound
        Sum of the weights of the wishes that are met, and the most that any schedule could.
    left_out
        ``buyer``, ``maker``, ``why``: ``buyer full``, ``maker full``, ``no common slot``,
        ``tables full`` or ``others weigh more``.
    """

    meetings: pl.DataFrame
    worth: float
    bound: float
    left_out: pl.DataFrame

    @property
    def gap(self) -> float:
        """Give how far the schedule is from the best possible, at most."""
        return 0.0 if self.bound <= 0 else max(self.bound - self.worth, 0.0) / self.bound


def schedule(
    wishes: Iterable[tuple[str, str, float]],
    participants: Iterable[Any],
    slots: Iterable[Any],
    tables: int | None,
    *,
    seconds: float = SECONDS,
) -> Scheduled:
    """Schedule the meetings that are wished for most.

    Nobody is in two places, nobody meets in a pause or while away, nobody has more meetings than
    it wants, and no slot has more meetings than tables. Solved with a proven bound by
    `onshore.plan.schedule_meetings`.

    Parameters
    ----------
    wishes
        Buyer, maker and weight; several wishes for one meeting add up.
    participants
        Rows with ``organisation_id``, ``side``, ``most`` and ``away``.
    slots
        Rows with ``number`` and ``pause``.
    tables
        Meetings at one time; None for no limit.
    """
    from onshore.plan import schedule_meetings

    wanted: defaultdict[tuple[str, str], float] = defaultdict(float)
    for buyer, maker, weight in wishes:
        wanted[buyer, maker] += weight
    open_slots = sorted(row.number for row in slots if not row.pause)
    there = {
        side: {row.organisation_id: row for row in participants if row.side == side}
        for side in ("buying", "selling")
    }
    pairs = [pair for pair in wanted if pair[0] in there["buying"] and pair[1] in there["selling"]]
    requests = pl.DataFrame(
        [(*pair, float(wanted[pair])) for pair in sorted(pairs)],
        schema={"buyer": pl.String, "maker": pl.String, "wish": pl.Float64},
        orient="row",
    )
    if requests.is_empty() or not open_slots:
        return _scheduled(requests.clear(), requests, there, open_slots, tables, 0.0, 0.0)
    away = [
        (party, row.organisation_id, str(number))
        for party, side in (("buyer", "buying"), ("maker", "selling"))
        for row in there[side].values()
        for number in absences(row.away)
        if number in open_slots
    ]
    found = schedule_meetings(
        requests,
        _parties("buyer", there["buying"]),
        _parties("maker", there["selling"]),
        pl.DataFrame(
            [(str(number), tables) for number in open_slots],
            schema={"slot": pl.String, "tables": pl.Int64},
            orient="row",
        ),
        unavailable=pl.DataFrame(
            away, schema=dict.fromkeys(("party", "name", "slot"), pl.String), orient="row"
        ),
        gap=GAP / 2,
        seconds=seconds,
    )
    chosen = found.chosen.with_columns(pl.col("slot").cast(pl.Int64))
    return _scheduled(
        chosen, requests, there, open_slots, tables, float(found.objective), float(found.bound)
    )


def absences(away: str | None) -> list[int]:
    """Read the numbers of the slots in which a participant is away; no other text is kept.

    Examples
    --------
    >>> absences("1; 4,x")
    [1, 4]
    """
    parts = (away or "").replace(",", ";").split(";")
    return [int(part) for part in parts if part.strip().isdecimal()]


def _parties(name: str, rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [(key, row.most) for key, row in sorted(rows.items())],
        schema={name: pl.String, "most": pl.Int64},
        orient="row",
    )


def _scheduled(
    chosen: pl.DataFrame,
    requests: pl.DataFrame,
    there: dict[str, dict[str, Any]],
    open_slots: list[int],
    tables: int | None,
    worth: float,
    bound: float,
) -> Scheduled:
    if "slot" not in chosen.columns:
        chosen = chosen.with_columns(slot=pl.lit(None, dtype=pl.Int64))
    meetings = (
        chosen.sort("slot", "buyer", "maker")
        .with_columns(table=pl.int_range(1, pl.len() + 1).over("slot"))
        .select("slot", "buyer", "maker", pl.col("table").cast(pl.Int64))
    )
    return Scheduled(
        meetings, worth, bound, _left_out(meetings, requests, there, open_slots, tables)
    )


def _left_out(
    meetings: pl.DataFrame,
    requests: pl.DataFrame,
    there: dict[str, dict[str, Any]],
    open_slots: list[int],
    tables: int | None,
) -> pl.DataFrame:
    """Say of each wish that is not met what stands in its way."""
    taken: dict[str, set[int]] = {}
    used: Counter[int] = Counter()
    met = set()
    for slot, buyer, maker, _table in meetings.iter_rows():
        taken.setdefault(buyer, set()).add(slot)
        taken.setdefault(maker, set()).add(slot)
        used[slot] += 1
        met.add((buyer, maker))
    rows = []
    for buyer, maker, _wish in requests.iter_rows():
        if (buyer, maker) in met:
            continue
        sides = ((buyer, there["buying"][buyer]), (maker, there["selling"][maker]))
        free = [
            set(open_slots) - set(absences(row.away)) - taken.get(key, set()) for key, row in sides
        ]
        full = [
            not slots or (row.most is not None and len(taken.get(key, ())) >= row.most)
            for slots, (key, row) in zip(free, sides, strict=True)
        ]
        both = free[0] & free[1]
        rows.append((buyer, maker, _why(full, both, used, tables)))
    schema = dict.fromkeys(("buyer", "maker", "why"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _why(full: list[bool], both: set[int], used: Counter[int], tables: int | None) -> str:
    if full[0]:
        return "buyer full"
    if full[1]:
        return "maker full"
    if not both:
        return "no common slot"
    if tables is not None and all(used[slot] >= tables for slot in both):
        return "tables full"
    return "others weigh more"
