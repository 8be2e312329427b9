"""Growth against base: checked by both amounts, or giving the one it implies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from onshore.account.tie_out import subjects
from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.figure import Figure, days_key, rounded_alike
from onshore.account.tie_out.finding import (
    CANNOT,
    DERIVED,
    Finding,
    as_written,
    in_unit,
    judged,
    percent,
    plain,
    shown,
)

_MOST_SCANNED = 200
_MOST_ALIKE = 100


@dataclass(frozen=True)
class Pair:
    """A thing's amount now and before, known or implied."""

    source: str
    dimension: object
    now: str
    before: str
    current: Bounds
    base: Bounds
    figure: Figure
    ids: tuple[str, ...]
    words: frozenset[str]
    told: str = ""


class Levels:
    """Amounts, found by what they are of and when."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._by_words: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
        self._by_source: dict[str, list[Figure]] = defaultdict(list)
        for figure in figures:
            if figure.level:
                self._by_words[figure.words, figure.sector_words, figure.when].append(figure)
                self._by_words[figure.all_words, figure.when].append(figure)
                self._by_words[figure.words, figure.sector_words].append(figure)
                self._by_source[figure.source].append(figure)

    def of(self, figure: Figure, when: str) -> Figure | None:
        """Give the amount of a figure's subject in a period: its own source's first."""
        found = [
            *self._by_words.get((figure.words, figure.sector_words, when), ()),
            *self._by_words.get((figure.all_words, when), ()),
        ]
        beside = self._by_source[figure.source]
        if not found and len(beside) <= _MOST_SCANNED:
            found = [f for f in beside if f.when == when and same_subject(figure, f)]
        found = found[:_MOST_ALIKE]
        found = [f for f in found if f.forward == figure.forward] or found
        return min(found, key=lambda f: f.source != figure.source) if found else None

    def narrower(self, figure: Figure, when: str) -> Figure | None:
        """Give the one amount in a period whose statement says more than the figure's."""
        beside = self._by_source[figure.source]
        if len(beside) > _MOST_SCANNED:
            return None
        found = [f for f in beside if f.when == when and tells_more(figure, f)]
        return found[0] if len(found) == 1 else None

    def ever(self, figure: Figure) -> list[Figure]:
        """Give all amounts of a figure's subject."""
        found = self._by_words.get((figure.words, figure.sector_words), [])
        beside = self._by_source[figure.source]
        if not found and len(beside) <= _MOST_SCANNED:
            found = [f for f in beside if same_subject(figure, f)]
        return found[:_MOST_SCANNED]

    def nearest_before(self, figure: Figure) -> Figure | None:
        """Give the amount above a figure that tells no subject of its own."""
        beside = self._by_source[figure.source]
        if len(beside) > _MOST_SCANNED:
            return None
        above = [f for f in beside if f.row < figure.row and f.when == figure.when]
        return above[-1] if above else None


def same_subject(a: Figure, b: Figure) -> bool:
    """Whether each one's words are covered by the other's statement and sector."""
    if not a.words or not b.words:
        return False
    return a.words <= b.all_words and b.words <= a.all_words and _sectors_agree(a, b)


def tells_more(a: Figure, b: Figure) -> bool:
    """Whether b's statement says all that a's does and more, of the very same sector."""
    return (
        bool(a.words)
        and a.words <= b.words
        and len(a.sector_words) > 0
        and (a.sector_words == b.sector_words)
    )


def _sectors_agree(a: Figure, b: Figure) -> bool:
    if not a.sector_words or not b.sector_words:
        return True
    return a.sector_words <= b.all_words or b.sector_words <= a.all_words


def propose_growth(figures: Sequence[Figure], levels: Levels) -> tuple[list[Finding], list[Pair]]:
    """Check growth figures by the amounts of both periods; else give the amount they imply."""
    found, pairs = [], []
    for figure in figures:
        if figure.number is None or figure.kind not in {"percent", "times"}:
            continue
        told = figure.kind == "times" or subjects.tells_growth(figure.statement)
        if not told and not figure.span.compared:
            continue
        if figure.kind == "percent" and subjects.tells_share(figure.statement):
            continue
        current, base = _both(figure, levels)
        if current and base and current.unit.dimension == base.unit.dimension:
            finding, pair = growth_finding(figure, current, base)
        elif current:
            finding, pair = _implied_base(figure, current)
        elif base:
            finding, pair = _implied_current(figure, base)
        elif figure.dated and levels.ever(figure):
            finding, pair = _no_level(figure), None
        else:
            continue
        found.append(finding)
        if pair:
            pairs.append(pair)
    return found, pairs


def _both(figure: Figure, levels: Levels) -> tuple[Figure | None, Figure | None]:
    subject = figure if figure.words else (levels.nearest_before(figure) or figure)
    current = levels.of(subject, figure.when)
    base = None
    if figure.base_period is not None:
        base = levels.of(subject, days_key(figure.base_period))
    if current is None and base is None and figure.base_period is not None:
        more = levels.narrower(subject, figure.when)
        less = levels.narrower(subject, days_key(figure.base_period))
        if more and less:
            return more, less
    period = figure.period
    if current is None and base is None and period is not None and period.days > 700:
        ever = [f for f in levels.ever(subject) if f.period and f.period.days < period.days]
        base = next((f for f in ever if f.period and f.period.start == period.start), None)
        current = next((f for f in ever if f.period and f.period.end == period.end), None)
    return current, (None if base is current else base)


def growth_finding(figure: Figure, current: Figure, base: Figure) -> tuple[Finding, Pair | None]:
    """Judge a growth, or a multiple, by both amounts."""
    ids = (figure.id, current.id, base.id)
    values = {"current": told_with_unit(current), "base": in_unit_of(base, current)}
    if not base.rounded.point:
        key = "growth.from_nothing"
        return Finding("growth", ids, CANNOT, key, values, _growth_told(figure)), None
    new, old = rounded_alike([current, base])
    ratio = new / old
    if figure.kind == "times":
        values["computed"] = f"{shown(ratio.point, 2)}"
        return judged("ratio", figure, ratio, ids, "ratio.checked", values), None
    change = ratio - Bounds.exact(1)
    places = max(1, 1 - int(figure.signed.as_tuple().exponent))
    values["computed"] = percent(change.point, places)
    finding = judged("growth", figure, change, ids, "growth.checked", values)
    pair = Pair(
        figure.source, current.unit.dimension, current.when, base.when, current.rounded,
        base.rounded, current, ids, current.words,
    )  # fmt: skip
    return finding, pair


def _implied_base(figure: Figure, current: Figure) -> tuple[Finding, Pair | None]:
    factor = _factor(figure)
    ids = (figure.id, current.id)
    if factor.point <= 0:
        return _impossible(figure, ids), None
    base = current.rounded / factor
    values = {
        "current": told_with_unit(current),
        "factor": shown(factor.point),
        "base": shown(in_unit(base.point, current)),
        "unit": current.unit.label,
        "low": _end(base.low, current),
        "high": _end(base.high, current),
    }
    before = days_key(figure.base_period) if figure.base_period else "before"
    pair = Pair(
        figure.source, current.unit.dimension, current.when, before, current.rounded, base,
        current, ids, current.words,
    )  # fmt: skip
    relation = "growth" if figure.kind == "percent" else "ratio"
    computed = f"{plain(in_unit(base.point, current))} {current.unit.label}"
    tolerance = "" if base.half is None else plain(in_unit(base.half, current))
    return Finding(
        relation, ids, DERIVED, "growth.base", values, "", computed, "", tolerance
    ), pair  # fmt: skip


def _implied_current(figure: Figure, base: Figure) -> tuple[Finding, Pair | None]:
    factor = _factor(figure)
    ids = (figure.id, base.id)
    if factor.point <= 0:
        return _impossible(figure, ids), None
    current = base.rounded * factor
    values = {
        "base": told_with_unit(base),
        "factor": shown(factor.point),
        "current": shown(in_unit(current.point, base)),
        "unit": base.unit.label,
        "low": _end(current.low, base),
        "high": _end(current.high, base),
    }
    pair = Pair(
        figure.source, base.unit.dimension, figure.when, base.when, current, base.rounded, base,
        ids, base.words,
    )  # fmt: skip
    relation = "growth" if figure.kind == "percent" else "ratio"
    computed = f"{plain(in_unit(current.point, base))} {base.unit.label}"
    tolerance = "" if current.half is None else plain(in_unit(current.half, base))
    return Finding(
        relation, ids, DERIVED, "growth.current", values, "", computed, "", tolerance
    ), pair  # fmt: skip


def _factor(figure: Figure) -> Bounds:
    if figure.kind == "times":
        return figure.bounds
    return figure.bounds + Bounds.exact(1)


def _impossible(figure: Figure, ids: tuple[str, ...]) -> Finding:
    values = {"growth": _growth_told(figure)}
    return Finding("growth", ids, CANNOT, "growth.impossible", values, _growth_told(figure))


def _no_level(figure: Figure) -> Finding:
    values = {"growth": _growth_told(figure)}
    return Finding("growth", (figure.id,), CANNOT, "growth.no_level", values, _growth_told(figure))


def _growth_told(figure: Figure) -> str:
    return f"{figure.number} {figure.unit.label}"


def _end(value: Fraction | None, figure: Figure) -> str:
    return "…" if value is None else shown(in_unit(value, figure))


def told_with_unit(figure: Figure) -> str:
    """Write a figure with its unit."""
    return f"{as_written(figure)} {figure.unit.label}"


def in_unit_of(figure: Figure, other: Figure) -> str:
    """Write a figure in the unit of another."""
    if figure.unit.factor == other.unit.factor:
        return told_with_unit(figure)
    return f"{shown(in_unit(figure.bounds.point, other))} {other.unit.label}"
