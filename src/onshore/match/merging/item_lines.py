"""An item as it is compared with others: its line, its words by rarity, what forbids a merger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import log

from onshore.match.agreement import Reason, compare
from onshore.match.letters import code_key, normalise
from onshore.match.lines import Line, read_line
from onshore.match.merging.likeness import jaro_winkler
from onshore.match.merging.readings import LONGEST, hashed
from onshore.match.words import WORD

_MOST_WORDS = 80
_ALIKE = 0.85
_LEAST_BEGINNING = 5


@dataclass(frozen=True)
class ItemLine:
    """An item, read.

    ``line`` holds its words (Persian and Russian terms as English ones), part numbers and
    sizes; ``numbers`` are the keys of its own column of part numbers; ``issuer``, ``unit`` and
    ``kind`` are normalised, empty where not said.
    """

    key: str
    line: Line
    numbers: frozenset[str]
    issuer: str
    unit: str
    hs_code: str
    kind: str

    @cached_property
    def words(self) -> frozenset[str]:
        """Give the stems of the words, sizes included."""
        return frozenset(self.line.words[:_MOST_WORDS])

    @cached_property
    def hashes(self) -> frozenset[int]:
        """Give the words by their hashes."""
        return frozenset(map(hashed, self.words))

    @cached_property
    def sizes(self) -> frozenset[str]:
        """Give the words that spell a size, a rating or a code."""
        measures = (m for stated in self.line.measures.values() for m in stated)
        return frozenset(word for measure in measures for word in measure.word.split())

    @cached_property
    def grams(self) -> frozenset[str]:
        """Give the runs of three letters."""
        text = f" {self.line.spelled} "
        return frozenset(text[at : at + 3] for at in range(len(text) - 2))

    @property
    def terms(self) -> frozenset[str]:
        """Give the words and, marked as such, the keys of part numbers."""
        codes = self.line.part_numbers.own.keys() | self.line.part_numbers.others
        return self.words | {f"={code}" for code in codes}

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing that can be compared."""
        return self.line.is_blank


def read_item(
    key: str,
    description: str,
    *,
    part_number: str = "",
    issuer: str = "",
    unit: str = "",
    hs_code: str = "",
    kind: str = "",
) -> ItemLine:
    """Read an item."""
    line = read_line(description[:LONGEST], part_number=part_number[:LONGEST], hs_code=hs_code)
    numbers = frozenset(line.part_numbers.stated) if part_number.strip() else frozenset()
    return ItemLine(
        key, line, numbers, normalise(issuer), normalise(unit), code_key(hs_code), normalise(kind)
    )


def conflicts(a: ItemLine, b: ItemLine) -> tuple[Reason, ...]:
    """Give what forbids that two items are the same good.

    A size, a rating, a standard or a code of one shape that differs; part numbers of which
    none agrees, unless both stand in a description and one is the beginning of the other;
    makers that differ where no part number agrees.
    """
    one, other = compare(a.line, b.line), compare(b.line, a.line)
    found: list[Reason] = [*one.differ]
    if not found:
        found += [(kind, said[-1], said[0]) for kind, *said in other.differ]
    own = a.line.part_numbers.own, b.line.part_numbers.own
    agree = _numbers_agree(a.line, b.line)
    stated = bool(a.numbers or b.numbers)
    if own[0] and own[1] and not agree and (stated or not _one_begins(*own)):
        found.append(("part number", next(iter(own[0].values())), next(iter(own[1].values()))))
    if not agree and issuers_apart(a.issuer, b.issuer):
        found.append(("words", a.issuer, b.issuer))
    return tuple(found)


def may_be_one(a: ItemLine, b: ItemLine) -> bool:
    """Tell whether nothing forbids that two items are the same good.

    Besides a conflict, a size does that one states where the other states none and no part
    number agrees: "valve" may be any valve.
    """
    if conflicts(a, b):
        return False
    agree = _numbers_agree(a.line, b.line)
    return agree or bool(_quantities(a.line)) == bool(_quantities(b.line))


def _numbers_agree(a: Line, b: Line) -> bool:
    one, other = a.part_numbers, b.part_numbers
    return not (
        one.own.keys().isdisjoint(other.own.keys() | other.others)
        and other.own.keys().isdisjoint(one.others)
    )


def _quantities(line: Line) -> list[str]:
    return [name for name in line.measures if not name.startswith(("mark", "standard"))]


def _one_begins(own: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether a part number of one is the beginning of one of the other."""
    return any(
        len(min(a, b, key=len)) >= _LEAST_BEGINNING and (a.startswith(b) or b.startswith(a))
        for a, b in product(own, others)
    )


def issuers_apart(a: str, b: str) -> bool:
    """Tell whether two normalised names of makers are both there and not alike."""
    if not a or not b or a == b:
        return False
    if set(WORD.findall(a)) & set(WORD.findall(b)) or code_key(a) == code_key(b):
        return False
    return jaro_winkler(a[:40], b[:40]) < _ALIKE


class Rarity:
    """How rare each word is among some items: 0 where all have it, 1 where one has it."""

    def __init__(self, items: Sequence[ItemLine]) -> None:
        counts: dict[int, int] = {}
        for item in items:
            for word in item.hashes:
                counts[word] = counts.get(word, 0) + 1
        most = log(len(items) + 1) or 1.0
        self._of = {w: log((len(items) + 1) / n) / most for w, n in counts.items()}

    def of(self, word: int) -> float:
        """Give the rarity of a hashed word."""
        return self._of.get(word, 1.0)

    def total(self, words: frozenset[int]) -> float:
        """Add up the rarity of words, in an order of their own."""
        return sum(sorted(map(self.of, words)))
