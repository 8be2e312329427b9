"""Sums of parts: totals with the parts that are called so, named after them, or listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from onshore.account.tie_out import subjects
from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.figure import Figure
from onshore.account.tie_out.finding import (
    CANNOT,
    Finding,
    as_written,
    in_unit,
    judged,
    percent,
    shown,
)

_WIDEST = 5000
_MOST_WORDS = 9
_NEARLY_ALL = Fraction(9, 10)
_Group = list[Figure]


def propose_sums(figures: Sequence[Figure]) -> list[Finding]:
    """Find totals with their parts: of one source, unit and period."""
    groups: dict[tuple[str, object, str], _Group] = defaultdict(list)
    for figure in figures:
        if figure.level:
            groups[figure.source, figure.unit.dimension, figure.when].append(figure)
    order = {id(figure): place for place, figure in enumerate(figures)}
    found: list[Finding] = []
    for group in groups.values():
        if len(group) > 2:
            found += _in_group(group, order)
    return found


def _in_group(group: _Group, order: dict[int, int]) -> Iterator[Finding]:
    taken: set[int] = set()
    for total, parts in _called_parts(group):
        taken.update(id(figure) for figure in (total, *parts))
        yield sum_finding(total, parts)
    left = [figure for figure in group if id(figure) not in taken]
    for total, parts in _called_totals(left, order):
        taken.update(id(figure) for figure in (total, *parts))
        yield sum_finding(total, parts)
    left = [figure for figure in left if id(figure) not in taken]
    for total, parts in _named_within(left):
        taken.update(id(figure) for figure in (total, *parts))
        yield _soft(total, parts)
    left = [figure for figure in left if id(figure) not in taken]
    for total, parts in _listed_sectors(left):
        yield _soft(total, parts)


def _called_parts(group: _Group) -> Iterator[tuple[Figure, _Group]]:
    """Give totals whose parts are called parts, with the unmarked rows among these."""
    marked = [i for i, figure in enumerate(group) if subjects.tells_part(figure.statement)]
    marks = set(marked)
    runs: dict[int, list[int]] = {}
    for i in marked:
        total = _total_of(group, i, marks)
        if total is not None:
            runs.setdefault(total, []).append(i)
    totals = set(runs)
    for total, places in runs.items():
        if len(places) < 2:
            continue
        between = range(places[0], places[-1] + 1)
        yield group[total], [group[i] for i in between if i not in totals]


def _total_of(group: _Group, place: int, marks: set[int]) -> int | None:
    part = group[place]
    whole = subjects.part_of_what(part.statement)
    if whole:
        for i in range(place - 1, max(-1, place - 200), -1):
            if i not in marks and whole <= group[i].words and group[i].bounds.point > 0:
                return i
    for i in range(place - 1, max(-1, place - 200), -1):
        if i not in marks and abs(group[i].bounds.point) >= abs(part.bounds.point):
            return i
    return None


def _called_totals(group: _Group, order: dict[int, int]) -> Iterator[tuple[Figure, _Group]]:
    """Give what is called a total, with the parts of the same subject or those beside it."""
    totals = [
        i
        for i, figure in enumerate(group)
        if subjects.tells_total(figure.statement) or subjects.of_all(figure.sector)
    ]
    if not totals or len(totals) * len(group) > _WIDEST * 20:
        return
    called = set(totals)
    for i in totals:
        total = group[i]
        parts = [
            figure
            for j, figure in enumerate(group)
            if j not in called and _may_be_part(total, figure) and total.words <= figure.all_words
        ]
        parts = parts if len(parts) > 1 else _beside(group, i, called, order)
        if len(parts) > 1 and _are_told_apart(parts):
            yield total, parts


def _may_be_part(total: Figure, part: Figure) -> bool:
    return total.forward == part.forward


def _beside(group: _Group, place: int, called: set[int], order: dict[int, int]) -> _Group:
    """Give the rows that follow a total without a break, or else those that lead to it."""
    for step in (1, -1):
        parts: _Group = []
        at, row = place + step, order[id(group[place])] + step
        while 0 <= at < len(group) and at not in called and order[id(group[at])] == row:
            if not _may_be_part(group[place], group[at]):
                break
            parts.append(group[at])
            at, row = at + step, row + step
        if len(parts) > 1 and all(p.bounds.point <= group[place].bounds.point for p in parts):
            return parts[::step]
    return []


def _are_told_apart(parts: _Group) -> bool:
    return len({(figure.all_words, figure.who) for figure in parts}) == len(parts)


def _listed_sectors(group: _Group) -> Iterator[tuple[Figure, _Group]]:
    """Give figures of several sectors with the figures of each of these."""
    if len(group) > _WIDEST:
        return
    by_sector: dict[frozenset[str], _Group] = defaultdict(list)
    for figure in group:
        by_sector[figure.sector_words].append(figure)
    for total in group:
        names = [subjects.words_of(name) for name in subjects.listed(total.sector)]
        if len(names) < 2 or not all(names):
            continue
        parts = [
            figure
            for name in names
            for figure in by_sector.get(name, ())
            if figure is not total
            and _may_be_part(total, figure)
            and figure.bounds.point <= total.bounds.point
        ]
        if len(parts) > 1 and len(parts) == len(names) and _are_told_apart(parts):
            yield total, parts


def _named_within(group: _Group) -> Iterator[tuple[Figure, _Group]]:
    """Give figures whose subject the others narrow, or whose list of sectors they name."""
    if len(group) < 3 or len(group) > _WIDEST:
        return
    by_words: dict[frozenset[str], list[int]] = defaultdict(list)
    for i, figure in enumerate(group):
        by_words[figure.all_words].append(i)
    narrower: dict[int, list[int]] = defaultdict(list)
    for i, figure in enumerate(group):
        words = figure.all_words
        if not 1 < len(words) <= _MOST_WORDS:
            continue
        for size in (1, 2, 3):
            wider = [
                j
                for dropped in combinations(sorted(words), size)
                for j in by_words.get(words.difference(dropped), ())
            ]
            if wider:
                for j in wider:
                    narrower[j].append(i)
                break
    for i, places in narrower.items():
        parts = [group[j] for j in places if _may_be_part(group[i], group[j])]
        if len(parts) > 1 and group[i].words and _are_told_apart(parts):
            yield group[i], parts


def sum_finding(total: Figure, parts: _Group) -> Finding:
    """Judge a total by its parts."""
    computed = _sum([part.bounds for part in parts])
    ids = (total.id, *(part.id for part in parts))
    values = {"parts": _told(parts, total)}
    return judged("sum", total, computed, ids, "sum.checked", values)


def _soft(total: Figure, parts: _Group) -> Finding:
    """Judge parts that nobody calls all of them: they may fall short without being wrong."""
    computed = _sum([part.bounds for part in parts])
    finding = sum_finding(total, parts)
    covered = computed.point / total.bounds.point if total.bounds.point else Fraction(0)
    if finding.verdict == "off by" and covered < _NEARLY_ALL:
        values = {**finding.values, "covered": percent(covered)}
        return Finding(
            "sum", finding.ids, CANNOT, "sum.some", values, finding.stated, finding.computed,
            finding.difference, finding.tolerance,
        )  # fmt: skip
    return finding


def _sum(bounds: Sequence[Bounds]) -> Bounds:
    computed = bounds[0]
    for part in bounds[1:]:
        computed = computed + part
    return computed


def _told(parts: _Group, total: Figure) -> str:
    same = all(part.unit.factor == total.unit.factor for part in parts)
    shown_parts = parts if len(parts) <= 12 else [*parts[:10], *parts[-1:]]
    told = [
        as_written(part) if same else shown(in_unit(part.bounds.point, total))
        for part in shown_parts
    ]
    if len(parts) > 12:
        told.insert(-1, f"... ({len(parts) - 11})")
    return " + ".join(told)


# Sums over time -------------------------------------------------------------------------------

_STOCK = subjects.words_of(
    "capacity stock price rate population balance deposits employees workers staff installed "
    "branches members reserves ظرفیت موجودی قیمت نرخ جمعیت مانده سپرده ذخیره"
)
_LARGEST_PART = Fraction(4, 5)


def propose_sums_over_time(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Find periods with the shorter ones that make them up, of one subject."""
    series: dict[tuple[object, ...], _Group] = defaultdict(list)
    for figure in figures:
        flows = figure.level and figure.words and not (figure.all_words & _STOCK)
        if flows and figure.period is not None:
            key = (figure.source, figure.unit.dimension, figure.all_words, figure.forward)
            series[key].append(figure)
    for members in series.values():
        if 2 < len(members) <= _WIDEST:
            yield from _made_up(members)


def _made_up(members: _Group) -> Iterator[Finding]:
    starting: dict[date, _Group] = defaultdict(list)
    for figure in members:
        assert figure.period
        starting[figure.period.start].append(figure)
    for total in members:
        parts = _covering(total, starting)
        if len(parts) < 2:
            continue
        largest = max(part.bounds.point for part in parts)
        # What is as large in a quarter as in the year is a level and no flow.
        if largest < total.bounds.point * _LARGEST_PART:
            yield sum_finding(total, parts)


def _covering(total: Figure, starting: dict[date, _Group]) -> _Group:
    """Give the longest shorter periods that follow one another through a period."""
    assert total.period
    parts: _Group = []
    day = total.period.start
    while day <= total.period.end:
        fitting = [
            figure
            for figure in starting.get(day, ())
            if figure.period
            and figure.period.end <= total.period.end
            and figure.period.days < total.period.days
        ]
        if not fitting:
            return []
        part = max(fitting, key=lambda f: f.period.days if f.period else 0)
        assert part.period
        parts.append(part)
        day = part.period.end + timedelta(days=1)
    return parts
