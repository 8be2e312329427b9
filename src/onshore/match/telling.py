"""Needs told apart from their offers: the class and the reasons of each candidate."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from onshore.match.agreement import LIKELY, Claims, Class, Stated, grade, listed, stand
from onshore.match.facts import Array, Facts, OfferFacts, Whole
from onshore.match.judging import pair_kernels
from onshore.match.lines import Line
from onshore.match.reasons import (
    MOST_WORDS,
    Asked,
    Words,
    asked_terms,
    bridge,
    covers,
    joined,
    said_for,
    write_reasons,
    written,
)

# What the kernels tell of a term that is a mark of a quantity which the offer states, and of one
# whose words the offer says in several ways.
_SKIPPED, _MIXED = -2, -3
# Where a reason stands, and that it does not.
_AGREE, _DIFFER, _UNSAID, _NOWHERE = range(4)
_ALIKE, _BRIDGED, _MISSING = range(3)

Reasons = dict[int, tuple[int, str]]


class Telling:
    """A need, told of one offer after the other how they stand to each other.

    What was said of a set of values or of a text that offers have is kept: the best offers of a
    need say much the same.
    """

    def __init__(self, need: Line, offers: OfferFacts) -> None:
        self.need = need
        self.claims = Claims(need)
        self.terms = asked_terms(need)
        self._offers = offers.said
        self._of_sets: list[tuple[Reasons, Stated]] = [({}, said) for said in self.claims.stated]
        self._of_texts: list[tuple[Reasons, Asked]] = [({}, term) for term in self.terms]
        numbers = list(need.part_numbers.own.values())
        self._no_number = written(("part number", listed(numbers))) if numbers else ""

    def plainly(self, offer: Line, chance: float, exact: float, *, none: bool) -> tuple[Class, str]:
        """Give the class of an offer, as `grade` takes what the model says, and its reasons."""
        agreement = self.claims.compared_with(offer)
        named = grade(agreement, chance, exact, none=none)
        return named, write_reasons(agreement, self.need, offer, self.terms)

    def by_codes(
        self, offer: Line, chance: float, exact: float, codes: Sequence[int], *, none: bool
    ) -> tuple[Class, str]:
        """Give the same of an offer without a part number in common, by what kernels told."""
        reasons: tuple[list[str], ...] = ([], [], [], [])
        another = False
        for (known, stated), code in zip(self._of_sets, codes, strict=False):
            where, said = known.get(code) or self._stand(known, stated, code)
            reasons[where].append(said)
            another |= where == _DIFFER and stated[1] in ("mark", "bearing")
        agree, differ, unsaid, _ = reasons
        if self._no_number and not another:
            unsaid.append(self._no_number)
        named: Class = "none" if none else "could make"
        if not (none or differ or chance < LIKELY):
            named = grade(self.claims.compared_with(offer), chance, exact, none=False)
        words = self._words(offer, codes[len(self._of_sets) :])
        hs = (self.need.hs_code, offer.hs_code) if self.need.hs_code else ("", "")
        return named, joined(agree, differ, unsaid, words, hs)

    def _stand(self, known: Reasons, stated: Stated, code: int) -> tuple[int, str]:
        """Tell how the values of a quantity stand to a set of an offer's."""
        _, kind, asked, all_of_it = stated
        if code < 0:  # a mark that no offered one is like is named among the words
            known[code] = (_NOWHERE if kind == "mark" else _UNSAID), written(all_of_it)
            return known[code]
        found = self._offers.values[code]
        agrees, reason = (True, all_of_it) if found == asked else stand(kind, asked, found)
        known[code] = (_AGREE if agrees else _DIFFER), written(reason)
        return known[code]

    def _words(self, offer: Line, codes: Sequence[int]) -> Words:
        words = Words([], [], [])
        looked_at = 0
        for (known, term), code in zip(self._of_texts, codes, strict=True):
            if code != _SKIPPED:
                if looked_at == MOST_WORDS:
                    break
                looked_at += 1
                how, said = known.get(code) or self._said(known, term, code, offer)
                words[how].append(said)
        return words

    def _said(self, known: Reasons, term: Asked, code: int, offer: Line) -> tuple[int, str]:
        """Tell how an offer says a term."""
        if code == _MIXED:
            offered = said_for(term, offer)
        elif code >= 0:
            offered = self._offers.texts[code // 2]
        else:
            known[code] = _MISSING, term.shown
            return known[code]
        is_heard = code >= 0 and code % 2 == 1
        is_alike = not is_heard and covers(offered, term.said)
        told = (_ALIKE, term.shown) if is_alike else (_BRIDGED, bridge(term, offered))
        if code != _MIXED:
            known[code] = told
        return told


def told_by_kernels(
    tellings: Sequence[Telling], asked: Facts, offers: OfferFacts, need_of: Whole, places: Whole
) -> Sequence[Sequence[int] | None]:
    """Let the kernels tell of each pair what `Telling.by_codes` takes; None without them.

    ``need_of`` and ``places`` are the need and the offer of each pair.
    """
    compiled = pair_kernels(len(places))
    if compiled is None:
        return [None] * len(places)
    terms = [term for telling in tellings for term in telling.terms]
    counts = np.array([len(telling.terms) for telling in tellings], dtype=np.int64)
    sizes = (asked.stating.sizes + counts)[need_of]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    codes = np.empty(starts[-1], dtype=np.int64)
    word, quantity = offers.said.numbers.words.get, offers.said.numbers.quantities.get
    compiled.told(
        need_of,
        places,
        asked.packed,
        offers.said.packed,
        (
            np.concatenate(([0], np.cumsum(counts))),
            _whole([0, *accumulate(1 + len(term.more) for term in terms)]),
            _whole([word(one, -1) for term in terms for one in (term.word, *term.more)]),
            _whole([word(term.sound, -1) for term in terms]),
            _whole([quantity(term.mark, -1) for term in terms]),
        ),
        starts,
        codes,
    )
    flat, bounds = codes.tolist(), starts.tolist()
    return [flat[start:end] for start, end in pairwise(bounds)]


def _whole(values: list[int]) -> Array:
    return np.array(values, dtype=np.int64)
