"""Figures that meet: the same amount in other money, shares, averages, one thing told twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from onshore.account.tie_out import subjects
from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.figure import Figure, rounded_alike
from onshore.account.tie_out.finding import (
    CANNOT,
    DERIVED,
    OFF,
    TIES,
    Finding,
    as_written,
    in_unit,
    judged,
    plain,
    shown,
    with_unit,
)
from onshore.account.tie_out.growths import same_subject
from onshore.figures import FigureError, MissingRate, Money, RateTable

_NEAR = 12
_MOST_SCANNED = 200


# Conversions ----------------------------------------------------------------------------------


def propose_conversions(figures: Sequence[Figure], rates: pl.DataFrame | None) -> Iterator[Finding]:
    """Find one amount in two currencies and compare the rate it implies with each type's."""
    by_source: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.number and figure.unit.currency:
            by_source[figure.source].append(figure)
    for group in by_source.values():
        for place, figure in enumerate(group):
            near = group[max(0, place - _NEAR) : place]
            other = _other_money(figure, near)
            if other is not None:
                yield conversion_finding(figure, other, rates)


def _other_money(figure: Figure, near: list[Figure]) -> Figure | None:
    same = subjects.tells_same(f"{figure.statement} {figure.who}")
    for other in reversed(near):
        if other.unit.currency == figure.unit.currency or other.when != figure.when:
            continue
        if subjects.tells_same(f"{other.statement} {other.who}") and not same:
            continue
        if same_subject(figure, other):
            return other
        if same and figure.sector_words == other.sector_words:
            shared = figure.words & other.words
            if shared or not figure.words:
                return other
    return None


def conversion_finding(
    figure: Figure,
    other: Figure,
    rates: pl.DataFrame | None,
    *,
    rate_type: str | None = None,
    on: date | None = None,
) -> Finding:
    """Judge two amounts of one thing by the rates of exchange of its time."""
    ids = (other.id, figure.id)
    dear, cheap = figure, other
    if (other.bounds.point / figure.bounds.point) < 1:
        dear, cheap = other, figure
    implied = cheap.rounded / dear.rounded
    base, quote = dear.unit.currency, cheap.unit.currency
    values = {
        "cheap": f"{as_written(cheap)} {cheap.unit.label}",
        "dear": f"{as_written(dear)} {dear.unit.label}",
        "implied": shown(implied.point),
        "base": base,
        "quote": quote,
        "low": "…" if implied.low is None else shown(implied.low),
        "high": "…" if implied.high is None else shown(implied.high),
    }
    stated, computed = with_unit(figure), f"{plain(implied.point)} {quote} per {base}"
    tolerance = "one-sided" if implied.half is None else plain(implied.half)
    first, last = (on, on) if on else _days(figure, other)
    there = _rates_in(rates, base, quote, first, last) or _chained(rates, base, quote, first, last)
    if rate_type is not None:
        there = {name: ends for name, ends in there.items() if name == rate_type}
    if not there:
        key = "conversion.no_rate" if rates is None or rates.is_empty() else "conversion.no_such"
        return Finding(
            "conversion", ids, CANNOT, key, values, stated, computed, "", tolerance
        )  # fmt: skip
    ties = [n for n, (low, high) in there.items() if implied.meets(Bounds(low, low, high))]
    told = "; ".join(
        f"{name} {shown(low)}" + (f" to {shown(high)}" if high != low else "")
        for name, (low, high) in there.items()
    )
    values |= {"rates": told, "ties": ", ".join(ties)}
    nearest = min(
        (end for ends in there.values() for end in ends), key=lambda rate: abs(rate - implied.point)
    )
    difference = plain(implied.point - nearest)
    if ties:
        only = len(ties) < len(there)
        key = "conversion.only" if only else "conversion.ties"
        return Finding(
            "conversion", ids, TIES, key, values, stated, computed, difference, tolerance
        )
    return Finding(
        "conversion", ids, OFF, "conversion.off", values, stated, computed, difference, tolerance
    )


def _days(*figures: Figure) -> tuple[date | None, date | None]:
    """Give the days within which the amounts were told."""
    spans = [s for f in figures for s in (f.gregorian, f.solar)]
    periods = [s.period for s in spans if s.period]
    starts = [p.start for p in periods] or [s.start for s in spans if s.start]
    ends = [p.end for p in periods] or [s.end for s in spans if s.end]
    return (min(starts) if starts else None), (max(ends) if ends else None)


def _rates_in(
    rates: pl.DataFrame | None, base: str, quote: str, first: date | None, last: date | None
) -> dict[str, tuple[Fraction, Fraction]]:
    """Give the least and the greatest rate of each type that held on a day of these."""
    if rates is None or rates.is_empty():
        return {}
    pair = rates.filter(
        ((pl.col("base") == base) & (pl.col("quote") == quote))
        | ((pl.col("base") == quote) & (pl.col("quote") == base))
    )
    if "until" not in pair.columns:
        pair = pair.with_columns(until=pl.lit(None, pl.Date))
    found: dict[str, list[Fraction]] = defaultdict(list)
    ordered = pair.sort("rate_type", "base", "date").with_columns(
        following=pl.col("date").shift(-1).over("rate_type", "base")
    )
    for row in ordered.iter_rows(named=True):
        longest = row["date"] + _MONTH
        until = row["until"] or min(longest, (row["following"] or longest))
        if (last and row["date"] > last) or (first and until < first):
            continue
        rate = Fraction(row["rate"])
        found[row["rate_type"]].append(rate if row["base"] == base else 1 / rate)
    return {name: (min(all_), max(all_)) for name, all_ in sorted(found.items())}


def _chained(
    rates: pl.DataFrame | None, base: str, quote: str, first: date | None, last: date | None
) -> dict[str, tuple[Fraction, Fraction]]:
    """Give the rates over a third currency, month by month of the time."""
    if rates is None or rates.is_empty() or first is None or last is None:
        return {}
    table = RateTable(rates)
    found: dict[str, list[Fraction]] = defaultdict(list)
    for day in [*pl.date_range(first, last, "1mo", eager=True).to_list()[:_MOST_MONTHS], last]:
        try:
            shown_rates = table.at_each_type(Money(Decimal(1), base), quote, on=day)
        except (MissingRate, FigureError):
            continue
        for row in shown_rates.iter_rows(named=True):
            if row["rate"] is not None:
                found[row["rate_type"]].append(Fraction(row["rate"]))
    return {name: (min(all_), max(all_)) for name, all_ in sorted(found.items())}


_MOST_MONTHS = 60
_MONTH = date(2000, 1, 31) - date(2000, 1, 1)


# Shares ---------------------------------------------------------------------------------------


def propose_shares(figures: Sequence[Figure], sums: Sequence[Finding]) -> Iterator[Finding]:
    """Check the percent that a part is of its whole."""
    total_of = {i: f.ids[0] for f in sums if f.relation == "sum" for i in f.ids[1:]}
    by_id = {figure.id: figure for figure in figures}
    groups: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.level and figure.number:
            groups[figure.source, figure.when].append(figure)
    for share in figures:
        if share.kind != "percent" or share.number is None:
            continue
        if not subjects.tells_share(share.statement):
            continue
        group = groups.get((share.source, share.when), [])
        found = _part_and_whole(share, group, total_of, by_id)
        if found:
            yield share_finding(share, *found)


def _part_and_whole(
    share: Figure, group: list[Figure], total_of: dict[str, str], by_id: dict[str, Figure]
) -> tuple[Figure, Figure] | None:
    if not 1 < len(group) <= _MOST_SCANNED:
        return None
    own = [f for f in group if f.sector_words and f.sector_words == share.sector_words]
    scored = sorted(
        own or group, key=lambda f: (-len(f.all_words & share.all_words), len(f.all_words))
    )
    best = len(scored[0].all_words & share.all_words)
    for part in scored:
        told = len(part.all_words & share.all_words)
        total = by_id.get(total_of.get(part.id, ""))
        # Words of the part that the share does not say would make it another part's share.
        common = total.all_words if total else frozenset()
        if not told or told < best or len(part.all_words - share.all_words - common) > 1:
            continue
        if total is not None:
            return part, total
        wholes = [
            whole
            for whole in group
            if whole is not part
            and whole.unit.dimension == part.unit.dimension
            and whole.bounds.point >= part.bounds.point
            and (
                subjects.tells_total(whole.statement)
                or subjects.of_all(whole.sector)
                or (whole.words and whole.all_words < part.all_words | share.all_words)
            )
        ]
        if wholes:
            return part, max(
                wholes, key=lambda f: (len(f.all_words & share.all_words), f.bounds.point)
            )
    return None


def share_finding(share: Figure, part: Figure, whole: Figure) -> Finding:
    """Judge a share by its part and its whole."""
    ids = (share.id, part.id, whole.id)
    values = {
        "part": f"{as_written(part)} {part.unit.label}",
        "whole": f"{as_written(whole)} {whole.unit.label}",
    }
    if not whole.bounds.point:
        return Finding("share", ids, CANNOT, "growth.from_nothing", {"base": values["whole"]})
    some, whole_of = rounded_alike([part, whole])
    computed = some / whole_of
    return judged("share", share, computed, ids, "share.checked", values)


# Averages -------------------------------------------------------------------------------------


def propose_averages(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Divide an amount by the count of the things it speaks of; check a stated average."""
    groups: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.level and figure.number:
            groups[figure.source, figure.when].append(figure)
    for group in groups.values():
        for place, count in enumerate(group):
            if count.kind != "count" or len(count.unit.dimension) != 1:
                continue
            noun = count.unit.dimension[0][0]
            for amount in group[max(0, place - _NEAR) : place + _NEAR + 1]:
                if amount is count or amount.kind == "count" or len(amount.unit.dimension) != 1:
                    continue
                if _speaks_of(amount, noun, count):
                    yield average_finding(amount, count, _stated_average(group, amount, noun))


def propose_prices(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Check a price, such as EUR per t or per job, by an amount and a quantity of its subject."""
    groups: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.level and figure.number:
            groups[figure.source, figure.when].append(figure)
    for group in groups.values():
        if len(group) > _MOST_SCANNED:
            continue
        for price in group:
            above = [name for name, power in price.unit.dimension if power == 1]
            below = [name for name, power in price.unit.dimension if power == -1]
            if price.kind != "money" or len(above) != 1 or len(below) != 1:
                continue
            amount = _nearest(price, group, ((above[0], 1),))
            quantity = _nearest(price, group, ((below[0], 1),))
            if amount and quantity and _makes(price, amount, quantity, below[0]):
                yield average_finding(amount, quantity, price)


def _makes(price: Figure, amount: Figure, quantity: Figure, noun: str) -> bool:
    """Whether an amount makes a price with a quantity, or a count that nothing else divides by."""
    if quantity.kind == "quantity":
        return True
    named = bool((amount.words & price.words) - {noun})
    return (
        quantity.kind == "count"
        and named
        and amount.sector_words == quantity.sector_words == price.sector_words
        and not _speaks_of(amount, noun, quantity)
    )


def _nearest(price: Figure, group: list[Figure], dimension: object) -> Figure | None:
    """Give the amount of a dimension that shares most words with a price, and any at all."""
    fitting = [f for f in group if f.unit.dimension == dimension and f.all_words & price.all_words]
    return max(
        fitting,
        key=lambda f: (len(f.all_words & price.all_words), -abs(f.row - price.row)),
        default=None,
    )


def _speaks_of(amount: Figure, noun: str, count: Figure) -> bool:
    if noun not in subjects.all_words(amount.statement):
        return False
    back = subjects.refers_back(amount.statement) and abs(amount.row - count.row) <= 2
    alike = count.sector_words == amount.sector_words and bool(
        (count.words & amount.words) - {noun}
    )
    return (back and count.sector_words == amount.sector_words) or (
        alike and abs(amount.row - count.row) <= _NEAR
    )


def _stated_average(group: list[Figure], amount: Figure, noun: str) -> Figure | None:
    wanted = dict([*amount.unit.dimension, (noun, -1)])
    return next((f for f in group if dict(f.unit.dimension) == wanted), None)


def average_finding(amount: Figure, count: Figure, stated: Figure | None) -> Finding:
    """Divide an amount by a count; judge the average that was stated, where there is one."""
    average = amount.rounded / count.rounded
    noun = count.unit.label
    values = {
        "amount": f"{as_written(amount)} {amount.unit.label}",
        "count": f"{as_written(count)} {noun}",
    }
    if stated is not None:
        ids = (stated.id, amount.id, count.id)
        return judged("average", stated, average, ids, "average.checked", values)
    (unit, _), *_ = amount.unit.dimension
    values |= {"average": shown(average.point), "per": f"{unit} / {count.unit.dimension[0][0]}"}
    tolerance = "one-sided" if average.half is None else plain(average.half)
    return Finding(
        "average", (amount.id, count.id), DERIVED, "average.derived", values, "",
        f"{plain(average.point)} {values['per']}", "", tolerance,
    )  # fmt: skip


# One thing told twice -------------------------------------------------------------------------


def propose_doubles(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Set side by side two figures for the same thing in the same time."""
    groups: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.number is None or not figure.words or not figure.dated:
            continue
        if figure.kind in {"year", "years", "date"} or subjects.tells_part(figure.statement):
            continue
        relating = figure.kind in {"percent", "points", "times"}
        growth = subjects.tells_growth(figure.statement) if relating else None
        groups[
            figure.all_words, figure.when, figure.unit.dimension, growth, figure.forward,
            relating and subjects.tells_share(figure.statement),
        ].append(figure)  # fmt: skip
    for group in groups.values():
        if len(group) < 2:
            continue
        for first, second in _told_twice(group):
            yield same_finding(first, second)


def _told_twice(group: list[Figure]) -> Iterator[tuple[Figure, Figure]]:
    sources: dict[str, list[Figure]] = defaultdict(list)
    for figure in group:
        sources[figure.source].append(figure)
    if len(sources) > 1:
        # A breakdown by speaker within one source does not compare with a single figure.
        single = [members[0] for members in sources.values() if len(members) == 1]
        yield from ((single[0], other) for other in single[1:])
    for members in sources.values():
        if len(members) == 2 and len(sources) == 1:
            yield members[0], members[1]


def same_finding(first: Figure, second: Figure) -> Finding:
    """Judge two figures for one thing by each other."""
    ids = (first.id, second.id)
    values = {
        "first": f"{as_written(first)} {first.unit.label}",
        "second": f"{as_written(second)} {second.unit.label}",
        "first_source": first.source or first.who or first.id,
        "second_source": second.source or second.who or second.id,
    }
    if first.unit.dimension == second.unit.dimension:
        values["second_here"] = f"{shown(in_unit(second.bounds.point, first))} {first.unit.label}"
    return judged(
        "same thing", first, second.rounded, ids, "same.checked", values, of=first.rounded
    )
