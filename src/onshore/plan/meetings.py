"""Who meets whom and when: buyers and makers at an exhibition."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import polars as pl

from onshore.plan.columns import broken
from onshore.plan.errors import PlanError
from onshore.plan.meeting_slots import Seats, seat
from onshore.plan.selection import Limits, Selection, bounds_of, choose, selected
from onshore.plan.sheets import negative, read_sheet, refuse, twice, unknown
from onshore.plan.solver import SolverError

_PARTIES = ("buyer", "maker")
_OPTIMAL = 1e-6
_WHOLE = 40_000  # possible meetings that are scheduled at once


def schedule_meetings(
    requests: pl.DataFrame,
    buyers: pl.DataFrame,
    makers: pl.DataFrame,
    slots: pl.DataFrame,
    *,
    unavailable: pl.DataFrame | None = None,
    gap: float = 1e-6,
    seconds: float = 60.0,
) -> Selection:
    """Schedule the meetings that are wished for most.

    maximize the sum of ``wish`` of the meetings held, where a pair meets at most once, a buyer
    and a maker have at most one meeting a slot and none in a slot in which they cannot, each
    has between its least and most meetings, and no slot has more than it has tables. Solved by
    HiGHS as a 0-1 program (without its last three kinds of limits a weighted matching in a
    bipartite graph), with a proven bound. Where many meetings are possible, the pairs that
    are best whenever they meet are scheduled first, and more of them as long as that falls
    short of the bound that they give.

    Parameters
    ----------
    requests
        ``buyer``, ``maker`` (str, the two together are the key), ``wish`` (float > 0: how much
        the meeting is wanted). Only these pairs meet.
    buyers
        ``buyer`` (str, the key), and ``least``, ``most`` (whole numbers of meetings) where
        limited.
    makers
        ``maker``, and ``least``, ``most`` likewise.
    slots
        ``slot`` (str or number, the key, in order of time), and ``tables`` (whole: the most
        meetings at once) where limited.
    unavailable
        ``party`` (``buyer`` or ``maker``), ``name``, ``slot``: who cannot when.
    gap, seconds
        As in `make_plan`.

    Returns
    -------
    Selection
        ``chosen``: ``slot``, ``buyer``, ``maker``, ``wish``, in order of slot and buyer;
        ``limits`` of the kinds ``buyer`` and ``maker`` (meetings; most is null where none was
        given) and ``slot`` (tables).

    Raises
    ------
    PlanError
        A row cannot be used (all such are named), or no schedule keeps all limits (those missed
        by the nearest one are named).
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    Illustrative figures. Both buyers want the pump maker most, who leaves after the first slot.

    >>> found = schedule_meetings(
    ...     pl.DataFrame({
    ...         "buyer": ["Mine", "Mill", "Mill"], "maker": ["Pumps", "Pumps", "Valves"],
    ...         "wish": [3.0, 5.0, 4.0],
    ...     }),
    ...     pl.DataFrame({"buyer": ["Mine", "Mill"]}),
    ...     pl.DataFrame({"maker": ["Pumps", "Valves"]}),
    ...     pl.DataFrame({"slot": ["09:00", "09:30"]}),
    ...     unavailable=pl.DataFrame({"party": ["maker"], "name": ["Pumps"], "slot": ["09:30"]}),
    ... )
    >>> found.chosen.rows()
    [('09:00', 'Mill', 'Pumps', 5.0), ('09:30', 'Mill', 'Valves', 4.0)]
    >>> found.objective, found.bound
    (9.0, 9.0)
    """
    kinds = {"buyer": pl.String, "maker": pl.String, "wish": pl.Float64}
    asked = read_sheet("requests", requests, kinds)
    times = read_sheet("slots", slots, {"slot": pl.String}, {"tables": pl.Int64})
    parties = {
        party: read_sheet(
            f"{party}s", frame, {party: pl.String}, {"least": pl.Int64, "most": pl.Int64}
        )
        for party, frame in zip(_PARTIES, (buyers, makers), strict=True)
    }
    of_requests = [unknown(party, parties[party][party], f"{party}s") for party in _PARTIES]
    no_wish = ("wish", pl.col("wish") <= 0, "it is not above 0; leave out who need not meet")
    crossed = ("most", (pl.col("most") < pl.col("least")).fill_null(False), "it is below the least")
    refuse(
        [
            broken("requests", asked, [*of_requests, no_wish, twice(*_PARTIES)]),
            broken("slots", times, [twice("slot"), *negative("tables")]),
            *(
                broken(f"{p}s", frame, [twice(p), *negative("least", "most"), crossed])
                for p, frame in parties.items()
            ),
        ]
    )
    table = _possible(asked, times, parties, unavailable)
    if table.height > _WHOLE:
        return _by_layers(table, times, parties, gap, seconds)
    return _schedule(table, times, parties, gap, seconds)


def _schedule(
    table: pl.DataFrame,
    times: pl.DataFrame,
    parties: dict[str, pl.DataFrame],
    gap: float,
    seconds: float,
) -> Selection:
    return choose(
        table.select("slot", *_PARTIES, "wish"),
        table["wish"].to_numpy(),
        _limits(table.with_row_index("row"), times, parties),
        gap=gap,
        seconds=seconds,
    )


def _by_layers(
    table: pl.DataFrame,
    times: pl.DataFrame,
    parties: dict[str, pl.DataFrame],
    gap: float,
    seconds: float,
) -> Selection:
    """Give the best pairs slots, then the others; if that is not near the bound, search on.

    The bound is that of the best pairs, whenever they meet. What is searched is the best pairs
    alone, then beside the next best.
    """
    end = time.perf_counter() + seconds
    rest = table.group_by(_PARTIES, maintain_order=True).agg(pl.first("wish"))
    taken, bound, best = rest.clear(), math.inf, None
    while not rest.is_empty():
        left = max(end - time.perf_counter(), 1.0)
        layer = _best_pairs(rest, table, times, parties, first=taken.is_empty(), seconds=left)
        if taken.is_empty():
            bound = layer.bound
            best = _seated(layer.chosen, rest, table, times, parties)
            if best is not None and best.objective * (1 + max(gap, _OPTIMAL)) >= bound:
                break
        # Where no more can be taken at once, all are.
        taken = pl.concat([taken, layer.chosen if len(layer.chosen) else rest])
        rest = rest.join(taken, on=_PARTIES, how="anti")
        tried = table.join(taken, on=_PARTIES, how="semi", maintain_order="left")
        left = max(end - time.perf_counter(), 1.0)
        try:
            found = _schedule(tried, times, parties, gap, left)
        except (PlanError, SolverError):
            if best is None and (rest.is_empty() or time.perf_counter() > end):
                raise
        else:
            bound = min(bound, found.bound) if rest.is_empty() else bound
            best = found if best is None or found.objective > best.objective else best
        near = best is not None and best.objective * (1 + max(gap, _OPTIMAL)) >= bound
        if near or time.perf_counter() > end:
            break
    assert best is not None
    return _beside(best, bound, gap)


def _seated(
    best: pl.DataFrame,
    pairs: pl.DataFrame,
    table: pl.DataFrame,
    times: pl.DataFrame,
    parties: dict[str, pl.DataFrame],
) -> Selection | None:
    """Give the best pairs and then the others slots; None where somebody misses its least."""
    number = {slot: at for at, slot in enumerate(times["slot"])}
    free, most = {}, {}
    for party, frame in parties.items():
        for name, limit in frame.select(party, "most").iter_rows():
            free[party, name] = np.zeros(len(number), dtype=np.bool_)
            most[party, name] = len(number) if limit is None else limit
        for name, slot in table.select(party, "slot").unique().iter_rows():
            free[party, name][number[slot]] = True
    room = times["tables"].fill_null(table.height).to_numpy().astype(np.int64)
    columns = (*_PARTIES, "wish")
    others = pairs.join(best, on=_PARTIES, how="anti")
    given = seat(
        best.select(columns).iter_rows(),
        others.select(columns).iter_rows(),
        Seats(free, room, most),
    )
    slots = times["slot"]
    schema = dict.fromkeys((*_PARTIES, "slot"), pl.String)
    held = [(*pair, slots[at]) for pair, at in given.items()]
    chosen = table.with_row_index("row").join(
        pl.DataFrame(held, schema=schema, orient="row"), on=[*_PARTIES, "slot"], how="semi"
    )
    rows = chosen["row"].sort().to_numpy().astype(np.int64)
    limits = _limits(table.with_row_index("row"), times, parties)
    plain = table.select("slot", *_PARTIES, "wish")
    found = selected(plain, table["wish"].to_numpy(), limits, rows, math.inf, "time limit")
    missed = found.limits.filter(pl.col("used") < pl.col("least"))
    return found if missed.is_empty() else None


def _beside(found: Selection, bound: float, gap: float) -> Selection:
    bound = max(bound, found.objective)
    above = bound - found.objective
    share = above / found.objective if found.objective > 0 else (math.inf if above else 0.0)
    status = "optimal" if share <= _OPTIMAL else "within the gap" if share <= gap else "time limit"
    return replace(found, bound=bound, gap=share, status=status)


def _best_pairs(
    pairs: pl.DataFrame,
    table: pl.DataFrame,
    times: pl.DataFrame,
    parties: dict[str, pl.DataFrame],
    *,
    first: bool,
    seconds: float,
) -> Selection:
    """Choose the pairs that meet, whenever they do; only the ``first`` ask for the least."""
    rows = pairs.with_row_index("row")
    limits = []
    for party, frame in parties.items():
        free = table.group_by(party).agg(free=pl.col("slot").n_unique())
        bounds = frame.join(free, on=party, how="left", maintain_order="left").with_columns(
            most=pl.min_horizontal("most", "free")
        )
        amounts = rows.select("row", name=party, amount=pl.lit(1.0))
        least = bounds["least"] if first else None
        limits.append(Limits(party, amounts, bounds_of(bounds[party], least, bounds["most"])))
    if not times["tables"].has_nulls():
        every = rows.select("row", name=pl.lit("all slots"), amount=pl.lit(1.0))
        held = bounds_of(pl.Series(["all slots"]), most=float(times["tables"].sum()))
        limits.append(Limits("tables", every, held))
    return choose(pairs, pairs["wish"].to_numpy(), limits, gap=0.0, seconds=seconds)


def _possible(
    asked: pl.DataFrame,
    times: pl.DataFrame,
    parties: dict[str, pl.DataFrame],
    unavailable: pl.DataFrame | None,
) -> pl.DataFrame:
    """List every meeting asked for in every slot in which both can, in order of time."""
    in_time = times.select("slot").with_row_index("at")
    table = asked.join(in_time, how="cross")
    if unavailable is not None:
        kinds = dict.fromkeys(("party", "name", "slot"), pl.String)
        away = read_sheet("unavailable", unavailable, kinds)
        neither = ~pl.col("party").is_in(_PARTIES)
        stranger = [
            (
                "name",
                (pl.col("party") == p) & ~pl.col("name").is_in(frame[p].implode()),
                f"it is not in the table {p}s",
            )
            for p, frame in parties.items()
        ]
        rules = [
            ("party", neither, "it is neither 'buyer' nor 'maker'"),
            *stranger,
            unknown("slot", times["slot"], "slots"),
        ]
        refuse([broken("unavailable", away, rules)])
        for party in _PARTIES:
            own = away.filter(party=party).select("slot", pl.col("name").alias(party))
            table = table.join(own, on=["slot", party], how="anti")
    return table.sort("at", *_PARTIES)


def _limits(
    rows: pl.DataFrame, times: pl.DataFrame, parties: dict[str, pl.DataFrame]
) -> list[Limits]:
    one = pl.lit(1.0)
    limits = [_at_most_one("pair", rows, list(_PARTIES))]
    for party, frame in parties.items():
        limits.append(_at_most_one(f"{party} and slot", rows, [party, "slot"]))
        limits.append(
            Limits(
                party,
                rows.select("row", name=party, amount=one),
                bounds_of(frame[party], frame["least"], frame["most"]),
            )
        )
    limited = times.drop_nulls("tables")
    held = rows.select("row", name="slot", amount=one)
    return [*limits, Limits("slot", held, bounds_of(limited["slot"], most=limited["tables"]))]


def _at_most_one(kind: str, rows: pl.DataFrame, key: list[str]) -> Limits:
    # The number of the key is its name: two texts joined could be another two joined.
    ones = rows.select("row", name=pl.struct(key).rank("dense").cast(pl.String), amount=pl.lit(1.0))
    several = ones.filter(pl.len().over("name") > 1)
    return Limits(
        kind, several, bounds_of(several["name"].unique(maintain_order=True), most=1.0), shown=False
    )
