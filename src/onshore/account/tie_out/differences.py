"""Differences: balances of exports and imports, and percents that rose by points."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from onshore.account.tie_out import subjects
from onshore.account.tie_out.figure import Figure, days_key
from onshore.account.tie_out.finding import Finding, as_written, judged, shown
from onshore.account.tie_out.growths import in_unit_of, same_subject, told_with_unit
from onshore.codes import fold

_MOST_SCANNED = 200
_DEFICIT = re.compile(r"\b(trade|commercial)\b.*\bdeficit\b|کسری تراز تجاری")
_SURPLUS = re.compile(r"\btrade (surplus|balance)\b|(مازاد )?تراز تجاری")
_TURNOVER = re.compile(r"\b(total|whole|overall|foreign) (foreign )?trade\b|کل تجارت|جمع تجارت")
_EXPORTS = subjects.words_of("exports صادرات")
_IMPORTS = subjects.words_of("imports واردات")


def propose_balances(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Check a balance or a turnover of trade by the exports and imports beside it."""
    groups: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.level:
            key = (figure.source, figure.when, figure.unit.dimension, figure.sector_words)
            groups[key].append(figure)
    for group in groups.values():
        if not 2 < len(group) <= _MOST_SCANNED:
            continue
        exports = [f for f in group if f.words & _EXPORTS]
        imports = [f for f in group if f.words & _IMPORTS]
        if len(exports) != 1 or len(imports) != 1 or exports == imports:
            continue
        for figure in group:
            if figure not in (exports[0], imports[0]):
                yield from _balance(figure, exports[0], imports[0])


def _balance(figure: Figure, exports: Figure, imports: Figure) -> Iterator[Finding]:
    said = fold(figure.statement)
    ids = (figure.id, exports.id, imports.id)
    first, second, sign = exports, imports, "-"
    if _DEFICIT.search(said):
        first, second = imports, exports
    elif _TURNOVER.search(said):
        sign = "+"
    elif not _SURPLUS.search(said):
        return
    one, other = first.bounds, second.bounds
    computed = one - other if sign == "-" else one + other
    relation = "sum" if sign == "+" else "difference"
    values = {"parts": f"{_number_in(first, figure)} {sign} {_number_in(second, figure)}"}
    yield judged(relation, figure, computed, ids, "sum.checked", values)


def _number_in(figure: Figure, other: Figure) -> str:
    if figure.unit.factor == other.unit.factor:
        return as_written(figure)
    return shown(figure.bounds.point / other.unit.factor)


def propose_points(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Check a rise in percentage points by the percents of both periods."""
    percents: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.kind == "percent" and figure.number is not None:
            percents[figure.source, figure.when].append(figure)
    for figure in figures:
        if figure.kind != "points" or figure.number is None or figure.base_period is None:
            continue
        now = _of(figure, percents.get((figure.source, figure.when), []))
        before = _of(figure, percents.get((figure.source, days_key(figure.base_period)), []))
        if now and before:
            ids = (figure.id, now.id, before.id)
            values = {"parts": f"{told_with_unit(now)} - {in_unit_of(before, now)}"}
            computed = now.bounds - before.bounds
            yield judged("difference", figure, computed, ids, "sum.checked", values)


def _of(figure: Figure, group: list[Figure]) -> Figure | None:
    if len(group) > _MOST_SCANNED:
        return None
    return next((f for f in group if same_subject(figure, f)), None)
