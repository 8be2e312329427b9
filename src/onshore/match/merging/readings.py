"""A cell of a table of pairs, read once: its words, its codes, its sizes, its letters."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from onshore.match.letters import code_key, normalise
from onshore.match.measures import Measure, find_measures
from onshore.match.part_numbers import PartNumbers, find_part_numbers
from onshore.match.words import WORD, stem

# A text that is one good's says what it is long before this many letters.
LONGEST = 10_000
_MOST_WORDS, _LONGEST_WORD = 400, 60
_GRAM = 3
_CURRENCY = "[$€£¥₽﷼]|usd|eur|gbp|irr|rub|cny|jpy|aed|try|rials?|toman|ریال|تومان|руб[.]?"
_AMOUNT = re.compile(
    rf"(?:(?:{_CURRENCY}) ?)?-?([1-9][0-9.,]{{0,20}}|0(?:[.,][0-9]+)?)(?: ?(?:{_CURRENCY}))?"
)


@dataclass(frozen=True)
class Reading:
    """What a text says.

    ``words`` are its normalised stems in order, sizes written one way; ``part_numbers`` and
    ``measures`` are what the matching of needs reads in a line.
    """

    text: str
    words: tuple[str, ...]
    part_numbers: PartNumbers
    measures: tuple[Measure, ...]

    @cached_property
    def counts(self) -> dict[int, int]:
        """Each word by its hash, with how often it occurs."""
        return Counter(map(hashed, self.words))

    @cached_property
    def grams(self) -> frozenset[str]:
        """Give the runs of three letters within and across words."""
        text = f" {' '.join(self.words)} "
        return frozenset(text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1))

    @cached_property
    def squeezed(self) -> str:
        """The letters and digits alone, as codes are compared."""
        return code_key(self.text)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Give the words that are a number or begin with one."""
        return frozenset(word for word in self.words if word[0].isdigit())

    @cached_property
    def codes(self) -> frozenset[str]:
        """Give every key under which a part number may stand in the text."""
        return frozenset(self.part_numbers.own) | self.part_numbers.others

    @cached_property
    def amount(self) -> float | None:
        """The text as a number, where it is one."""
        found = _AMOUNT.fullmatch(self.text)
        if not found:
            return None
        digits = found[1].rstrip(".,")
        decimals = re.search(r"[.,]([0-9]{1,2})$", digits)
        whole = re.sub(r"[.,]", "", digits[: decimals.start()] if decimals else digits)
        return float(f"{whole or 0}.{decimals[1]}") if decimals else float(whole)


def read_text(text: str) -> Reading:
    """Read a text.

    Examples
    --------
    >>> reading = read_text("Gear pumps 7.5 kW, KX-8814")
    >>> reading.words, sorted(reading.part_numbers.own), read_text("EUR 1,299.50").amount
    (('gear', 'pump', '7p5kw', 'kx', '8814'), ['kx8814'], 1299.5)
    """
    normal = normalise(text[:LONGEST])
    spelled, rest, measures = find_measures(normal)
    words = tuple(stem(word[:_LONGEST_WORD]) for word in WORD.findall(spelled)[:_MOST_WORDS])
    return Reading(normal, words, find_part_numbers("", rest), tuple(measures))


def hashed(word: str) -> int:
    """Give the place of a word in a table of 2^18 counts or weights."""
    return crc32(word.encode("utf-8", "surrogatepass")) & 0x3FFFF
