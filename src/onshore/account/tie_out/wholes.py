"""Headlines beside their whole: parts at two periods, known or implied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.finding import DERIVED, Finding, in_unit, percent, plain, shown
from onshore.account.tie_out.growths import Pair

_MOST_SCANNED = 200
_YEAR = Fraction("365.2425")


def propose_wholes(pairs: Sequence[Pair], sums: Sequence[Finding]) -> Iterator[Finding]:
    """Show a headline beside its whole, where the one rises and the other falls.

    Parts of a total that is stated have their whole already.
    """
    parts = {part for found in sums for part in found.ids[1:]}
    pairs = [pair for pair in pairs if pair.figure.id not in parts]
    groups: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.source, pair.dimension, pair.now, pair.before].append(pair)
    for members in groups.values():
        for siblings in _siblings(members):
            finding = _whole(siblings)
            if finding:
                yield finding


def _siblings(members: list[Pair]) -> Iterator[list[Pair]]:
    """Give things of one kind that are not part of one another."""
    if not 1 < len(members) <= _MOST_SCANNED:
        return
    by_words = {pair.words: pair for pair in members}
    narrow = [p for words, p in by_words.items() if not any(words < other for other in by_words)]
    rest = list(narrow)
    while rest:
        first, *others = rest
        kin = [p for p in others if len(p.words & first.words) * 2 > len(first.words | p.words) - 2
               and p.words & first.words]  # fmt: skip
        if kin:
            yield [first, *kin]
        rest = [p for p in others if p not in kin]


def _whole(parts: list[Pair]) -> Finding | None:
    now, before = parts[0].current, parts[0].base
    for part in parts[1:]:
        now, before = now + part.current, before + part.base
    if before.point <= 0 or any(part.base.point <= 0 for part in parts):
        return None
    change = now / before - Bounds.exact(1)
    own = [part.current.point / part.base.point - 1 for part in parts]
    if not any(one * change.point < 0 for one in own):
        return None
    unit = parts[0].figure
    if any(part.figure.unit.factor > unit.unit.factor for part in parts):
        unit = max((part.figure for part in parts), key=lambda f: f.unit.factor)
    told = "; ".join(
        f"{part.figure.statement}: {'+' if one > 0 else ''}{percent(one)} %"
        for part, one in zip(parts, own, strict=True)
    )
    values = {
        "now": " + ".join(shown(in_unit(p.current.point, unit)) for p in parts),
        "before": " + ".join(shown(in_unit(p.base.point, unit)) for p in parts),
        "now_sum": shown(in_unit(now.point, unit)),
        "before_sum": shown(in_unit(before.point, unit)),
        "unit": unit.unit.label,
        "change": percent(change.point),
        "own": told,
    }
    ids = tuple(dict.fromkeys(i for part in parts for i in part.ids))
    tolerance = "" if change.half is None else plain(change.half * 100)
    return Finding(
        "combination", ids, DERIVED, "whole.beside", values, "",
        f"{percent(change.point)} percent", "", tolerance,
    )  # fmt: skip
