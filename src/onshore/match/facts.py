"""What lines say as whole numbers, so that many pairs of them are measured at once."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from onshore.match.agreement import offered, tolerance_of
from onshore.match.lines import Line
from onshore.match.measures import Measure

Array = np.ndarray[Any, Any]
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
GROUPS = (
    "bore", "length", "pressure", "electric", "bearing", "grade", "mark", "standard", "share",
    "other",
)  # fmt: skip
MARK = GROUPS.index("mark")
SCRIPTS = ("latin", "persian", "cyrillic")

MOST_WORDS = 64  # of a need that are looked at one by one
_HS = (2, 4, 6)

# Numbers that stand before what a line says, where all of it stands together.
OUTLINE = 11


class Quantity(NamedTuple):
    """What values of a quantity are about and how they are compared."""

    group: int
    tolerance: float
    is_of_sides: bool


@lru_cache(maxsize=1 << 12)
def quantity_of(name: str) -> Quantity:
    """Give what is known of a quantity."""
    group = GROUPS.index(_ABOUT.get(name.partition(":")[0], "other"))
    return Quantity(group, tolerance_of(name), name == "dimensions")


class Lists(NamedTuple):
    """Lists one after the other: list i is ``values[starts[i]:starts[i + 1]]``."""

    starts: Whole
    values: Array

    @classmethod
    def of(cls, sizes: Sequence[int], values: Sequence[Any], dtype: Any = np.int64) -> "Lists":
        """Lay lists of these sizes out."""
        starts = np.array([0, *accumulate(sizes)], dtype=np.int64)
        return cls(starts, np.array(values, dtype=dtype))

    @property
    def sizes(self) -> Whole:
        """How long each list is."""
        sizes: Whole = np.diff(self.starts)
        return sizes


@dataclass
class Numbers:
    """The numbers of what offers say: words, keys of part numbers, quantities, texts, lines."""

    words: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    quantities: dict[str, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    lines: dict[tuple[str, frozenset[str]], int] = field(default_factory=dict)


class Sets(NamedTuple):
    """Sets of values as numbers.

    The values of set i are those from ``starts[i]`` to ``starts[i + 1]``. A value is the text of
    that number in ``texts``, -2 for one that no offer states, or -1 for numbers: those of
    ``numbers``, as many as it has.
    """

    starts: Whole
    texts: Whole
    bounds: Whole
    numbers: Floats


@dataclass(frozen=True)
class Facts:
    """What lines say, by the `Numbers` of offers; -1 for what no offer says.

    Parameters
    ----------
    words
        The words of each line, each once.
    with_digits
        How many of the words have a digit.
    keys, own, stated
        The keys of all part numbers of each line, which of them are its own, and stated.
    letters, codes
        The letters of its own keys; the first and the last of each line.
    stating, sets
        Numbers of the quantities that it states, and of the set of values of each in ``values``.
    script, hs, alone
        Number of its script, first 2, 4 and 6 digits of its HS code (-1 where there are fewer),
        and whether it is a part number alone.
    lines
        Numbers of the lines by their letters and digits alone, and their part numbers.
    shown, texts
        Of offers: for each word the number of what the line says for it, and these texts.
    """

    words: Lists
    with_digits: Whole
    keys: Lists
    own: Truth
    stated: Truth
    letters: Lists
    codes: Whole
    stating: Lists
    kinds: Whole
    tolerances: Floats
    of_sides: Truth
    sets: Whole
    values: list[Values]
    script: Whole
    hs: Array
    alone: Truth
    lines: Whole
    shown: Whole
    texts: list[str]
    numbers: Numbers = field(repr=False)

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self.script)

    @cached_property
    def own_count(self) -> Whole:
        """How many part numbers each line has of its own."""
        count: Whole = np.diff(self.codes)
        return count

    @cached_property
    def as_numbers(self) -> Sets:
        """The sets of values as numbers."""
        texts = self.numbers.texts
        of: list[int] = []
        sizes: list[int] = []
        numbers: list[float] = []
        for values in self.values:
            for measure in values:
                value = measure.value
                if isinstance(value, str):
                    of.append(texts.get(value, -2))
                    sizes.append(0)
                else:
                    of.append(-1)
                    sizes.append(len(value))
                    numbers += value
        return Sets(
            np.array([0, *accumulate(map(len, self.values))], dtype=np.int64),
            np.array(of, dtype=np.int64),
            np.array([0, *accumulate(sizes)], dtype=np.int64),
            np.array(numbers, dtype=np.float64),
        )

    @cached_property
    def packed(self) -> tuple[Array, ...]:
        """All of it in the order in which the kernels take it.

        What one line says stands together, so that it is soon at hand: in ``packed[1]`` from
        ``packed[0][i]`` on `OUTLINE` numbers of line i, its words, its keys (each times 4, and 2
        where it is its own, 1 where it is stated), its quantities, its sets and what it says
        for its words.
        """
        counts = [self.words.sizes, self.keys.sizes, self.stating.sizes]
        outline = np.column_stack(
            (*counts, self.own_count, self.codes[:-1], self.with_digits, self.script, self.hs,
             self.alone)
        )  # fmt: skip
        sizes = OUTLINE + 2 * counts[0] + counts[1] + 2 * counts[2]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        stream = np.empty(starts[-1], dtype=np.int32)
        at = starts[:-1]
        stream[at[:, None] + np.arange(OUTLINE)] = outline
        at = at + OUTLINE
        keys = 4 * self.keys.values + 2 * self.own + self.stated
        for lists in (
            self.words, self.keys._replace(values=keys), self.stating,
            self.stating._replace(values=self.sets), self.words._replace(values=self.shown),
        ):  # fmt: skip
            shift = np.repeat(at - lists.starts[:-1], lists.sizes)
            stream[shift + np.arange(len(shift))] = lists.values
            at = at + lists.sizes
        ways = (self.stating.starts, self.kinds, self.tolerances, self.of_sides)
        return starts, stream, *self.letters, *self.as_numbers, *ways


def facts_of(lines: Sequence[Line], numbers: Numbers, *, asked: bool) -> Facts:
    """Give what needs (``asked``) or offers say; what offers say gets its numbers here."""
    words: list[list[str]] = []
    keys: list[str] = []
    own: list[bool] = []
    own_keys: list[str] = []
    stated: list[bool] = []
    key_counts: list[int] = []
    quantities: list[str] = []
    values: dict[Values, int] = {}
    sets: list[int] = []
    set_counts: list[int] = []
    for line in lines:
        said = list(dict.fromkeys(line.words))
        words.append(said[:MOST_WORDS] if asked else said)
        part = line.part_numbers
        key_counts.append(len(part.own) + len(part.others))
        if key_counts[-1]:
            keys += part.own
            keys += part.others
            own_keys += part.own
            own += [True] * len(part.own) + [False] * len(part.others)
            stated += map(part.stated.__contains__, keys[-key_counts[-1] :])
        stating = line.measures if asked else _offered(line)
        set_counts.append(len(stating))
        quantities += stating
        sets += [values.setdefault(found, len(values)) for found in stating.values()]
    if not asked:
        _number_texts(values, numbers)
    known = list(map(quantity_of, quantities))
    find: Any = _found if asked else _numbered
    spelled = [
        ("".join(filter(str.isalnum, x.spelled)), frozenset(x.part_numbers.own)) for x in lines
    ]
    flat = [word for said in words for word in said]
    texts: dict[str, int] = {}
    shown = [
        0 if asked else texts.setdefault(line.said[word], len(texts))
        for line, said in zip(lines, words, strict=True)
        for word in said
    ]
    return Facts(
        words=Lists.of(list(map(len, words)), find(numbers.words, flat)),
        with_digits=np.array([sum(map(has_digit, said)) for said in words], dtype=np.int64),
        keys=Lists.of(key_counts, find(numbers.keys, keys)),
        own=np.array(own, dtype=np.bool_),
        stated=np.array(stated, dtype=np.bool_),
        letters=Lists.of(list(map(len, own_keys)), list(map(ord, "".join(own_keys)))),
        codes=np.array([0, *accumulate(len(line.part_numbers.own) for line in lines)]),
        stating=Lists.of(set_counts, find(numbers.quantities, quantities)),
        kinds=np.array([quantity.group for quantity in known], dtype=np.int64),
        tolerances=np.array([quantity.tolerance for quantity in known], dtype=np.float64),
        of_sides=np.array([quantity.is_of_sides for quantity in known], dtype=np.bool_),
        sets=np.array(sets, dtype=np.int64),
        values=list(values),
        script=np.array([SCRIPTS.index(line.script) for line in lines], dtype=np.int64),
        hs=_hs(lines),
        alone=np.array([is_number_alone(line) for line in lines], dtype=np.bool_),
        lines=np.array(find(numbers.lines, spelled), dtype=np.int64),
        shown=np.array(shown, dtype=np.int64),
        texts=list(texts),
        numbers=numbers,
    )


def _number_texts(sets: Iterable[Values], numbers: Numbers) -> None:
    for values in sets:
        for measure in values:
            if isinstance(measure.value, str):
                numbers.texts.setdefault(measure.value, len(numbers.texts))


def is_number_alone(line: Line) -> bool:
    """Tell whether a line is a part number alone; most are told apart by having none."""
    return line.is_part_number_alone if line.part_numbers.own else not line.words


@lru_cache(maxsize=1 << 16)
def has_digit(word: str) -> bool:
    """Tell whether a word has a digit."""
    return any(map(str.isdigit, word))


def _found(numbers: dict[Any, int], texts: Iterable[Any]) -> list[int]:
    get = numbers.get
    return [get(text, -1) for text in texts]


def _numbered(numbers: dict[Any, int], texts: Iterable[Any]) -> list[int]:
    return [numbers.setdefault(text, len(numbers)) for text in texts]


def _offered(line: Line) -> dict[str, Values]:
    """Give what an offer states, nominal pipe sizes in both systems."""
    if line.measures.keys().isdisjoint(("DN", "inch")):
        return line.measures
    also = {quantity: offered(line, quantity) for quantity in ("DN", "inch")}
    return line.measures | {quantity: values for quantity, values in also.items() if values}


def _hs(lines: Sequence[Line]) -> Array:
    """Give the first 2, 4 and 6 digits of the HS codes, -1 where there are fewer."""
    codes = np.full((len(lines), len(_HS)), -1, dtype=np.int64)
    for at, line in enumerate(lines):
        if line.hs_code:
            digits = "".join(filter(str.isdecimal, line.hs_code))
            for column, size in enumerate(_HS):
                if len(digits) >= size:
                    codes[at, column] = int(digits[:size])
    return codes


@dataclass(frozen=True)
class OfferFacts:
    """What offers say, and how rare their words are.

    ``idf`` is that of each word that offers have, ``unknown`` that of a word no offer has;
    ``mass`` is the sum of the idf of each offer's words.
    """

    said: Facts
    idf: Floats
    is_digit: Truth
    unknown: float
    mass: Floats

    def asked_by(self, needs: Sequence[Line]) -> Facts:
        """Give what needs say, by the numbers of what these offers say."""
        return facts_of(needs, self.said.numbers, asked=True)

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "OfferFacts":
        """Lay out offers that have been read."""
        numbers = Numbers()
        said = facts_of(lines, numbers, asked=False)
        holding = np.bincount(said.words.values, minlength=len(numbers.words)).astype(np.float64)
        idf: Floats = np.log1p((len(lines) - holding + 0.5) / (holding + 0.5))
        places = np.repeat(np.arange(len(lines)), said.words.sizes)
        return cls(
            said=said,
            idf=idf,
            is_digit=np.array([has_digit(word) for word in numbers.words], dtype=np.bool_),
            unknown=math.log1p((len(lines) + 0.5) / 0.5),
            mass=np.bincount(places, idf[said.words.values], minlength=len(lines)).astype(
                np.float64
            ),
        )
