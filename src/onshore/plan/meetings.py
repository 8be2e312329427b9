"""Who meets whom and when: buyers and makers at an exhibition."""

from __future__ import annotations

import polars as pl

from onshore.plan.columns import broken
from onshore.plan.selection import Limits, Selection, bounds_of, choose
from onshore.plan.sheets import negative, read_sheet, refuse, twice, unknown

_PARTIES = ("buyer", "maker")


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
    bipartite graph), with a proven bound.

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
    limits = _limits(table.with_row_index("row"), times, parties)
    return choose(
        table.select("slot", *_PARTIES, "wish"),
        table["wish"].to_numpy(),
        limits,
        gap=gap,
        seconds=seconds,
    )


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
