"""A line of a need or of an offer, read: its words, part numbers and stated sizes."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from onshore.match.letters import LOOKALIKE, normalise, word_form
from onshore.match.measures import Measure, find_measures
from onshore.match.part_numbers import PartNumbers, find_part_numbers, is_part_number_alone
from onshore.match.sounds import sound
from onshore.match.terms import Term, glossary
from onshore.match.words import WORD, stem

_GRAMS = (3, 4)
_CODE_GRAM = 3
_FEW = 12
_MOST_OF_A_QUANTITY = 50

SOUND = "~"  # begins the word that stands for how another word sounds
_LOAN = 5  # English words shorter than this are not compared by sound


@dataclass(frozen=True)
class Line:
    """What a line says.

    ``words`` are stems in their order, Persian and Russian terms read as English ones, each
    word that the glossary lacks followed by its sound; ``said`` gives for each the words of the
    line. ``spelled`` is the text whose letters are compared.
    ``measures`` are its sizes, ratings, standards and marks by quantity.
    """

    words: tuple[str, ...]
    said: dict[str, str]
    spelled: str
    part_numbers: PartNumbers
    measures: dict[str, tuple[Measure, ...]]
    hs_code: str = ""
    script: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing in it can be compared."""
        return not (self.words or self.part_numbers.own)

    @cached_property
    def is_part_number_alone(self) -> bool:
        """Whether its words say nothing beyond its part numbers."""
        words = [
            word.translate(LOOKALIKE).replace("o", "0") for word in self.words if word[0] != SOUND
        ]
        return len(words) <= _FEW and all(
            any(word in key for key in self.part_numbers.own) for word in words
        )

    def grams(self) -> Counter[str]:
        """Count the runs of 3 and 4 letters, blanks standing for the ends of words."""
        text = f" {self.spelled} "
        return Counter(
            text[at : at + size] for size in _GRAMS for at in range(len(text) - size + 1)
        )

    def code_terms(self, others: Iterable[str] = ()) -> Counter[str]:
        """Give each own part number as a whole and by its runs of 3 letters, half and half.

        ``others`` are further keys, taken as wholes only.
        """
        terms: Counter[str] = Counter()
        for key in self.part_numbers.own:
            terms.update(key[at : at + _CODE_GRAM] for at in range(len(key) - _CODE_GRAM + 1))
        for key in (*self.part_numbers.own, *others):
            terms[f"={key}"] = max(len(key) - _CODE_GRAM + 1, 1)
        return terms


def read_line(
    description: str, *, brand: str = "", part_number: str = "", hs_code: str = ""
) -> Line:
    """Read a need or an offer.

    Examples
    --------
    >>> line = read_line("شیر پروانه‌ای DN 200 PN۱۶")
    >>> line.words, sorted(line.measures)
    (('butterfly', 'valv', 'dn200', 'pn16'), ['DN', 'PN'])
    """
    text = normalise(f"{description} {brand}")
    spelled, rest, measures = find_measures(text)
    column = normalise(part_number)
    named = not measures or (len(measures) == 1 and "-" in text)  # "HB-150" is no hardness alone
    if not column and named and is_part_number_alone(text):
        column = text  # a part number put where the description belongs
    in_column = find_measures(column, bearings=True)[2] if column else []
    measures += [measure for measure in in_column if measure.quantity == "bearing"]
    bearings = [measure for measure in measures if measure.quantity == "bearing"]
    part_numbers = find_part_numbers(column, rest, bearings)

    # Words are shown as they were written, not as they are compared.
    written = {word_form(word): word for word in WORD.findall(f"{description} {brand}")}
    shown = {word: measure.said for measure in measures for word in measure.word.split()}
    words: list[str] = []
    said: dict[str, str] = {}
    plain: list[str] = []
    for term in glossary().read(WORD.findall(spelled)):
        plain += [term.said] if term.said.isascii() else term.english
        as_written = " ".join(written.get(word, word) for word in term.said.split())
        for word in map(stem, term.english):
            words.append(word)
            said.setdefault(word, shown.get(word, as_written))
        heard = _heard(term)
        if heard:
            words.append(heard)
            said.setdefault(heard, as_written)
    return Line(
        tuple(words),
        said,
        " ".join(plain),
        part_numbers,
        _by_quantity([*measures, *part_numbers.marks]),
        hs_code,
        _script(text),
    )


def _by_quantity(measures: list[Measure]) -> dict[str, tuple[Measure, ...]]:
    found: dict[str, dict[Measure, None]] = {}
    for measure in measures:
        alike = found.setdefault(measure.quantity, {})
        if len(alike) < _MOST_OF_A_QUANTITY:
            alike[measure] = None
    return {quantity: tuple(alike) for quantity, alike in found.items()}


def _heard(term: Term) -> str:
    """Give the word's sound if neither the glossary nor a digit tells what it is."""
    word = term.english[0]
    if len(term.english) > 1 or word != term.said or (word.isascii() and len(word) < _LOAN):
        return ""
    return SOUND + heard if word not in glossary().terms and (heard := sound(stem(word))) else ""


_PERSIAN, _RUSSIAN = re.compile("[\u0600-\u06ff]"), re.compile("[а-я]{3}")


def _script(text: str) -> str:
    """Give the script a normalised line is written in, beside the Latin of its codes."""
    if text.isascii():
        return "latin"
    if _PERSIAN.search(text):
        return "persian"
    return "cyrillic" if _RUSSIAN.search(text) else "latin"
