"""Multiples of two periods of a series, and the growth that a path of targets requires."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from onshore.account.tie_out.figure import Figure, rounded_alike
from onshore.account.tie_out.finding import DERIVED, Finding, in_unit, percent, plain, shown
from onshore.account.tie_out.growths import Pair, in_unit_of, told_with_unit

_MOST_SCANNED = 200
_YEAR = Fraction("365.2425")


def propose_multiples(
    figures: Sequence[Figure], told: set[frozenset[str]]
) -> tuple[list[Finding], list[Pair]]:
    """Compare the periods of a series; between targets, give the growth that is required."""
    found: list[Finding] = []
    pairs: list[Pair] = []
    for series in _series(figures):
        if any(figure.forward for figure in series):
            found.append(path_finding(series))
            continue
        first, last = series[0], series[-1]
        if frozenset((first.id, last.id)) in told or not first.rounded.point:
            continue
        found.append(_multiple(series))
        pairs.append(
            Pair(
                first.source, first.unit.dimension, last.when, first.when, last.rounded,
                first.rounded, last, (last.id, first.id), last.words,
            )
        )  # fmt: skip
    return found, pairs


_Kind = tuple[str, object, int]


def _series(figures: Sequence[Figure]) -> Iterator[list[Figure]]:
    """Give amounts of one subject in two periods or more, of like length, in their order."""
    by_subject: dict[tuple[_Kind, frozenset[str]], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.level and figure.period and figure.words and figure.number:
            kind = (figure.source, figure.unit.dimension, _length(figure))
            by_subject[kind, figure.all_words].append(figure)
    for members in _joined(by_subject):
        times: dict[str, Figure] = {}
        for figure in members:
            times.setdefault(figure.when, figure)
        series = sorted(times.values(), key=lambda f: f.period)  # type: ignore[arg-type,return-value]
        if len(series) > 1:
            yield series


def _joined(
    by_subject: dict[tuple[_Kind, frozenset[str]], list[Figure]],
) -> Iterator[list[Figure]]:
    """Take a target told in fewer words together with the series it goes on from."""
    groups: dict[_Kind, list[frozenset[str]]] = defaultdict(list)
    for key, words in by_subject:
        groups[key].append(words)
    for key, subjects_here in groups.items():
        if len(subjects_here) > _MOST_SCANNED:
            for words in subjects_here:
                yield by_subject[key, words]
            continue
        gone: set[frozenset[str]] = set()
        for words in sorted(subjects_here, key=len, reverse=True):
            if words in gone:
                continue
            members = list(by_subject[key, words])
            wider = [
                other
                for other in subjects_here
                if other < words and len(words - other) == 1 and len(other) > 1
            ]
            for other in wider:
                more = [f for f in by_subject[key, other] if _goes_on(f, members)]
                if more and len(more) == len(by_subject[key, other]):
                    gone.add(other)
                    members += more
            yield members


def _goes_on(target: Figure, members: list[Figure]) -> bool:
    return target.forward and all(
        target.who == f.who and f.period and target.period and f.period.end < target.period.start
        for f in members
    )


def _length(figure: Figure) -> int:
    """Tell apart months, quarters, halves and years, and those of other seasons."""
    assert figure.period
    days = figure.period.days
    return round(days / 30) * 100 + (
        figure.period.start.timetuple().tm_yday // 30 if days < 300 else 0
    )


def _years_between(a: Figure, b: Figure) -> Fraction:
    assert a.period
    assert b.period
    days = Fraction((b.period.start - a.period.start).days)
    years = days / _YEAR
    return Fraction(round(years)) if abs(years - round(years)) < Fraction(1, 50) else years


def _multiple(series: list[Figure]) -> Finding:
    first, last = series[0], series[-1]
    new, old = rounded_alike([last, first])
    ratio = new / old
    change = percent(ratio.point - 1)
    values = {
        "current": told_with_unit(last),
        "base": in_unit_of(first, last),
        "ratio": shown(ratio.point, 2),
        "change": f"+{change}" if ratio.point > 1 else change,
        "least": "@word.at_least" if last.hedge == "at least" else "",
    }
    tolerance = "one-sided" if ratio.half is None else plain(ratio.half)
    computed = f"{float(ratio.point):.2f} times"
    return Finding(
        "ratio", (last.id, first.id), DERIVED, "ratio.multiple", values, "", computed, "", tolerance
    )


def path_finding(series: Sequence[Figure]) -> Finding:
    """Give the yearly growth that each step of a path requires."""
    ids = tuple(figure.id for figure in series)
    steps = []
    for before, after in pairwise(series):
        years = _years_between(before, after)
        ratio = after.bounds.point / before.bounds.point
        rate = Fraction(float(ratio) ** (1 / float(years)) - 1) if ratio > 0 else Fraction(-1)
        steps.append((years, rate))
    unit = series[0].unit.label
    places = " to ".join(shown(in_unit(f.bounds.point, series[0])) for f in series)
    told = " then ".join(
        f"{percent(rate)} % ({shown(years)} years)" if years != 1 else f"{percent(rate)} %"
        for years, rate in steps
    )
    values = {"path": f"{places} {unit}", "steps": told}
    computed = " then ".join(f"{percent(rate)} percent a year" for _, rate in steps)
    return Finding("path", ids, DERIVED, "path.required", values, "", computed)
