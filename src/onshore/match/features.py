"""What is measured of a need and an offer before they are ranked: numbers only, no text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.match.agreement import common_numbers, offered, set_apart
from onshore.match.lines import Line
from onshore.match.measures import Measure

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Whole = np.ndarray[tuple[int], np.dtype[np.int64]]
Truth = np.ndarray[tuple[int], np.dtype[np.bool_]]
Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Values = tuple[Measure, ...]

# What a difference is about, for the quantities in which one makes another good.
_ABOUT = {
    "DN": "bore",
    "inch": "bore",
    "thread": "bore",
    "length": "length",
    "dimensions": "length",
    "PN": "pressure",
    "class": "pressure",
    "pressure": "pressure",
    "schedule": "pressure",
    "voltage": "electric",
    "power": "electric",
    "current": "electric",
    "frequency": "electric",
    "apparent power": "electric",
    "area": "electric",
    "cores": "electric",
    "bearing": "bearing",
    "seal": "bearing",
    "clearance": "bearing",
    "share": "share",
    "grade": "grade",
    "mark": "mark",
    "standard": "standard",
}
_GROUPS = (
    "bore",
    "length",
    "pressure",
    "electric",
    "bearing",
    "grade",
    "mark",
    "standard",
    "share",
    "other",
)

FIELDS = ("share", "words", "letters", "numbers")
_OF_FIELDS = (*FIELDS, *(f"{name} to best" for name in FIELDS), "place")
_OF_WORDS = (
    "need met",
    "offer met",
    "words met",
    "words missing",
    "rarest met",
    "rarest missing",
    "first of need met",
    "first of offer met",
    "need words",
    "offer words",
    "need met to best",
    "digits met",
    "digits missing",
    "digits surplus",
)
_OF_MEASURES = (
    *(f"{state} {name}" for name in _GROUPS for state in ("agree", "differ")),
    "agree",
    "differ",
    "unsaid",
    "surplus",
)
_OF_CODES = (
    "number",
    "stated number",
    "fragment",
    "number unsaid",
    "number alone",
    "hs",
    "same script",
)
_OF_SCRIPT = ("share to best alike", "need met to best alike", "place alike")
FEATURES = (*_OF_FIELDS, *_OF_WORDS, *_OF_MEASURES, *_OF_CODES, *_OF_SCRIPT)

# Each quantity that differs takes a fifth off the share, at most four of them.
_MOST_DIFFERENCES = 4
_PENALTIES = [0.8**n for n in range(_MOST_DIFFERENCES + 1)]

# The offers of a need that are compared with each other.
HEAD = 40

_MOST_WORDS = 64  # of a need that are looked at one by one


@dataclass(frozen=True)
class Pool:
    """The offers retrieved for a number of needs, those of a need in a row, the best first.

    ``starts`` has one more entry than there are needs; ``offers`` are positions; ``fields`` has
    a row for each of them with the columns `FIELDS`, each 0 to 1.
    """

    starts: Whole
    offers: Whole
    fields: Table

    def in_head(self) -> Truth:
        """Tell which pairs are among the first `HEAD` of their need.

        Only those are compared with each other, so that a longer list has the same head.
        """
        at = np.arange(len(self.offers)) - np.repeat(self.starts[:-1], np.diff(self.starts))
        return at < HEAD

    def best(self, values: Table) -> Table:
        """Give the greatest value, above 0, of each column in the head of each need."""
        best = np.zeros((len(self.starts) - 1, values.shape[1]))
        some = np.diff(self.starts) > 0
        if some.any():
            head = np.where(self.in_head()[:, None], values, 0.0)
            best[some] = np.maximum.reduceat(head, self.starts[:-1][some], axis=0)
        return best


@dataclass(frozen=True)
class Stated:
    """The sets of values that offers state, by quantity, numbered.

    ``quantities`` numbers the quantities; ``values`` are the sets, ``numbered`` their numbers.
    An offer states the set ``sets[i]`` of a quantity where ``keys[i]`` is the quantity's number
    times the number of offers plus the offer's position; ``keys`` ascend. ``count`` is the
    number of quantities of each offer. ``known`` keeps how two sets stand to each other.
    """

    size: int
    quantities: dict[str, int]
    numbered: dict[Values, int]
    values: list[Values]
    keys: Whole
    sets: Whole
    count: Whole
    known: dict[tuple[int, int], bool] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Stated":
        """Collect what offers state."""
        quantities: dict[str, int] = {}
        numbered: dict[Values, int] = {}
        keys: list[int] = []
        sets: list[int] = []
        count = np.zeros(len(lines), dtype=np.int64)
        for at, line in enumerate(lines):
            for quantity in (*line.measures, *({"DN", "inch"} - line.measures.keys())):
                if values := offered(line, quantity):
                    number = quantities.setdefault(quantity, len(quantities))
                    keys.append(number * len(lines) + at)
                    sets.append(numbered.setdefault(values, len(numbered)))
                    count[at] += 1
        ordered = np.argsort(np.array(keys, dtype=np.int64))
        return cls(
            size=len(lines),
            quantities=quantities,
            numbered=numbered,
            values=list(numbered),
            keys=np.array(keys, dtype=np.int64)[ordered],
            sets=np.array(sets, dtype=np.int64)[ordered],
            count=count,
        )

    def measure(self, needs: Sequence[Line], pool: Pool) -> Table:
        """Count, for each pair, the quantities that agree, differ and are not said."""
        asked_of: list[int] = []
        quantity_of: list[int] = []
        group_of: list[int] = []
        asked: list[Values] = []
        for at, need in enumerate(needs):
            for quantity, measures in need.measures.items():
                asked_of.append(at)
                quantity_of.append(self.quantities.get(quantity, -1))
                group_of.append(_group(quantity))
                asked.append(measures)
        owner = np.array(asked_of, dtype=np.int64)
        sizes = np.diff(pool.starts)[owner]
        item = np.repeat(np.arange(len(asked)), sizes)
        within = np.arange(len(item)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        pair = pool.starts[owner][item] + within
        asked_quantity = np.array(quantity_of, dtype=np.int64)[item]
        group = np.array(group_of, dtype=np.int64)[item]

        wanted = asked_quantity * self.size + pool.offers[pair]
        place = np.minimum(np.searchsorted(self.keys, wanted), max(len(self.keys) - 1, 0))
        said = np.zeros(len(item), dtype=np.bool_)
        if len(self.keys):
            said = (self.keys[place] == wanted) & (asked_quantity >= 0)
        differs = np.zeros(len(item), dtype=np.bool_)
        differs[said] = self._differ(asked, item[said], self.sets[place[said]])

        cells, width = len(pool.offers), 2 * len(_GROUPS)
        by_group = np.bincount(
            pair[said] * width + 2 * group[said] + differs[said], minlength=cells * width
        ).reshape(cells, width)
        unsaid = np.bincount(pair[~said & (group != _MARK)], minlength=cells)
        agree, differ = by_group[:, 0::2].sum(axis=1), by_group[:, 1::2].sum(axis=1)
        surplus = self.count[pool.offers] - agree - differ
        return np.column_stack((by_group, agree, differ, unsaid, surplus)).astype(np.float64)

    def _differ(self, asked: Sequence[Values], item: Whole, found: Whole) -> Truth:
        """Tell whether asked and found sets differ, comparing each two different ones once."""
        ways, which = np.unique(item * len(self.values) + found, return_inverse=True)
        told = np.zeros(len(ways), dtype=np.bool_)
        for at, way in enumerate(ways.tolist()):
            one, other = divmod(way, len(self.values))
            want, have = asked[one], self.values[other]
            if want == have:
                continue
            number = self.numbered.get(want)
            if number is None:
                told[at] = all(set_apart(want, have))
            else:
                differ = self.known.get((number, other))
                if differ is None:
                    differ = self.known[number, other] = all(set_apart(want, have))
                told[at] = differ
        answer: Truth = told[which]
        return answer


@dataclass(frozen=True)
class OfferFacts:
    """What offers say, laid out so that many pairs are measured at once.

    ``idf`` is that of each word of the ``vocabulary``, ``unknown`` that of a word no offer has.
    The words of offer i are ``words[starts[i]:starts[i + 1]]``, each once; ``mass`` is the sum of
    their idf, ``digits`` counts those with a digit. ``hs`` has the first 2, 4 and 6 digits of
    the HS codes, -1 where there are none.
    """

    lines: Sequence[Line]
    vocabulary: dict[str, int]
    idf: Floats
    unknown: float
    starts: Whole
    words: Whole
    mass: Floats
    is_digit: Truth
    digits: Whole
    script: Whole
    hs: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    stated: Stated

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "OfferFacts":
        """Lay out offers that have been read."""
        sets = [dict.fromkeys(line.words) for line in lines]
        vocabulary = {word: at for at, word in enumerate(sorted(set().union(*sets)))}
        words = np.array([vocabulary[word] for found in sets for word in found], dtype=np.int64)
        lengths = np.array([len(found) for found in sets], dtype=np.int64)
        holding = np.bincount(words, minlength=len(vocabulary)).astype(np.float64)
        idf: Floats = np.log1p((len(lines) - holding + 0.5) / (holding + 0.5))
        places = np.repeat(np.arange(len(lines)), lengths)
        is_digit = np.array([_has_digit(word) for word in vocabulary], dtype=np.bool_)
        return cls(
            lines=lines,
            vocabulary=vocabulary,
            idf=idf,
            unknown=math.log1p((len(lines) + 0.5) / 0.5),
            starts=np.concatenate(([0], np.cumsum(lengths))),
            words=words,
            mass=np.bincount(places, idf[words], minlength=len(lines)).astype(np.float64),
            is_digit=is_digit,
            digits=np.bincount(places[is_digit[words]], minlength=len(lines)),
            script=np.array([SCRIPTS.index(line.script) for line in lines], dtype=np.int64),
            hs=_hs(lines),
            stated=Stated.of(lines),
        )

    def measure(self, needs: Sequence[Line], pool: Pool) -> Table:
        """Measure each need and each offer retrieved for it: a row a pair, columns `FEATURES`."""
        need_of = np.repeat(np.arange(len(needs)), np.diff(pool.starts))
        words = self._of_words(needs, pool, need_of)
        measures = self.stated.measure(needs, pool)
        differing = np.minimum(measures[:, _OF_MEASURES.index("differ")], _MOST_DIFFERENCES)
        shares = pool.fields.copy()
        shares[:, 0] *= np.array(_PENALTIES)[differing.astype(np.int64)]
        return np.column_stack(
            (
                shares,
                _ratio(shares, pool.best(shares)[need_of]),
                np.log1p(_places(need_of, shares[:, 0])),
                words,
                measures,
                self._of_codes(needs, pool, need_of),
                self._of_script(pool, need_of, np.column_stack((shares[:, 0], words[:, 0]))),
            )
        )

    def _of_script(self, pool: Pool, need_of: Whole, values: Table) -> Table:
        """Compare with the best offer in the same script: other scripts share fewer words."""
        group = len(SCRIPTS) * need_of + self.script[pool.offers]
        best = np.zeros((len(SCRIPTS) * (len(pool.starts) - 1), values.shape[1]))
        np.maximum.at(best, group, np.where(pool.in_head()[:, None], values, 0.0))
        places = np.log1p(_places(group, values[:, 0]))
        return np.column_stack((_ratio(values, best[group]), places))

    def _of_words(self, needs: Sequence[Line], pool: Pool, need_of: Whole) -> Table:
        asked = _Asked.of(needs, self)
        begins, ends = self.starts[pool.offers], self.starts[pool.offers + 1]
        lengths = ends - begins
        pair = np.repeat(np.arange(len(need_of)), lengths)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        flat = self.words[np.repeat(begins, lengths) + within]
        column = asked.column_of[need_of[pair], asked.local[flat]]
        hit = np.flatnonzero(column >= 0)
        pair, flat, column, within = pair[hit], flat[hit], column[hit], within[hit]

        size = len(need_of)
        met = np.bincount(pair, self.idf[flat], minlength=size)
        count = np.bincount(pair, minlength=size)
        digits_met = np.bincount(pair[self.is_digit[flat]], minlength=size)
        rarest = np.zeros(size)
        np.maximum.at(rarest, pair, self.idf[flat])
        missing = np.ones((size, asked.width + 1), dtype=np.bool_)
        missing[pair, column] = False
        rarest_missing = asked.worth[need_of, missing.argmax(axis=1)]
        first_of_need = np.zeros(size)
        first_of_need[pair[column == asked.first[need_of[pair]]]] = 1.0
        first_of_offer = np.zeros(size)
        first_of_offer[pair[within == 0]] = 1.0
        length = asked.length[need_of]
        share = _ratio(met, asked.mass[need_of])
        return np.column_stack(
            (
                share,
                _ratio(met, self.mass[pool.offers]),
                count,
                length - count,
                rarest / self.unknown,
                rarest_missing / self.unknown,
                first_of_need,
                first_of_offer,
                np.log1p(length),
                np.log1p(lengths),
                _ratio(share, pool.best(share[:, None])[need_of, 0]),
                digits_met,
                asked.digits[need_of] - digits_met,
                self.digits[pool.offers] - digits_met,
            )
        )

    def _of_codes(self, needs: Sequence[Line], pool: Pool, need_of: Whole) -> Table:
        offers, hs = pool.offers, _hs(needs)[need_of]
        theirs = self.hs[offers]
        digits = np.where(
            (hs[:, 0] < 0) | (theirs[:, 0] < 0),
            -1,
            2 * ((hs == theirs) & (hs >= 0)).cumprod(axis=1).sum(axis=1),
        )
        script = np.array([SCRIPTS.index(need.script) for need in needs], dtype=np.int64)
        alone = np.array([need.is_part_number_alone for need in needs], dtype=np.bool_)
        own = np.array([len(need.part_numbers.own) for need in needs], dtype=np.int64)
        codes = np.zeros((len(need_of), 4))
        codes[:, 3] = own[need_of]
        # Without a run of letters in common no number is.
        for row in np.flatnonzero(pool.fields[:, FIELDS.index("numbers")] > 0).tolist():
            codes[row] = _codes(needs[need_of[row]], self.lines[offers[row]])
        same = script[need_of] == self.script[offers]
        return np.column_stack((codes, alone[need_of], digits, same))


@dataclass(frozen=True)
class _Asked:
    """The words of some needs, each once, the rarest first.

    ``local`` numbers the words of the vocabulary that any need has, ``column_of`` gives the
    place that such a word has in a need (-1 where it has none); ``worth`` is the idf by place, 0
    after the last, ``first`` the place of the need's first word.
    """

    width: int
    local: Whole
    column_of: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    worth: Table
    first: Whole
    length: Whole
    mass: Floats
    digits: Whole

    @classmethod
    def of(cls, needs: Sequence[Line], facts: OfferFacts) -> "_Asked":
        asked = [list(dict.fromkeys(need.words))[:_MOST_WORDS] for need in needs]
        flat = [facts.vocabulary.get(word, -1) for words in asked for word in words]
        numbers = np.array(flat, dtype=np.int64)
        length = np.array([len(words) for words in asked], dtype=np.int64)
        owner = np.repeat(np.arange(len(needs)), length)
        idf = np.full(len(numbers), facts.unknown)
        idf[numbers >= 0] = facts.idf[numbers[numbers >= 0]]
        at = np.arange(len(numbers))
        start = np.cumsum(length) - length
        order = np.lexsort((at, -idf, owner))
        place = np.empty(len(numbers), dtype=np.int64)
        place[order] = at - np.repeat(start, length)

        width = int(length.max(initial=0))
        worth = np.zeros((len(needs), width + 1))
        worth[owner, place] = idf
        known = numbers >= 0
        here = np.unique(numbers[known])
        local = np.full(len(facts.vocabulary) + 1, len(here))
        local[here] = np.arange(len(here))
        column_of = np.full((len(needs), len(here) + 1), -1)
        column_of[owner[known], local[numbers[known]]] = place[known]
        first = np.full(len(needs), -2)
        first[length > 0] = place[start[length > 0]]
        has_digit = np.array([_has_digit(word) for words in asked for word in words], np.bool_)
        return cls(
            width=width,
            local=local,
            column_of=column_of,
            worth=worth,
            first=first,
            length=length,
            mass=np.bincount(owner, idf, minlength=len(needs)).astype(np.float64),
            digits=np.bincount(owner[has_digit], minlength=len(needs)),
        )


SCRIPTS = ("latin", "persian", "cyrillic")
_MARK = _GROUPS.index("mark")


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


@cache
def _group(quantity: str) -> int:
    return _GROUPS.index(_ABOUT.get(quantity.partition(":")[0], "other"))


def _places(group: Whole, values: Floats) -> Floats:
    """Count for each the greater values in its group."""
    order = np.lexsort((-values, group))
    ordered, of = values[order], group[order]
    at = np.arange(len(order))
    begins = np.ones((2, len(order)), dtype=np.bool_)
    begins[:, 1:] = of[1:] != of[:-1]
    begins[1, 1:] |= ordered[1:] != ordered[:-1]
    first, of_equals = np.maximum.accumulate(np.where(begins, at, 0), axis=1)
    places = np.empty(len(order))
    places[order] = of_equals - first
    return places


def _codes(need: Line, offer: Line) -> list[float]:
    asked, found = need.part_numbers, offer.part_numbers
    numbers = common_numbers(need, offer) if asked.own or found.own else []
    fragment = 0.0
    if asked.own and not numbers:
        fragment = max(
            (
                min(len(a), len(b)) / max(len(a), len(b))
                for a in asked.own
                for b in found.own
                if a in b or b in a
            ),
            default=0.0,
        )
    return [
        len(numbers),
        any(key in asked.stated or key in found.stated for key in numbers),
        fragment,
        len(asked.own) - len(numbers),
    ]


def _hs(lines: Sequence[Line]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Give the first 2, 4 and 6 digits of the HS codes, -1 where there are fewer."""
    codes = np.full((len(lines), 3), -1)
    for at, line in enumerate(lines):
        if line.hs_code:
            digits = "".join(filter(str.isdecimal, line.hs_code))
            for column, size in enumerate((2, 4, 6)):
                if len(digits) >= size:
                    codes[at, column] = int(digits[:size])
    return codes


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    # Of no weights, bincount makes integers.
    ratio: NDArray[Any] = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return ratio
