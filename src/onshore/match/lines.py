"""A line of a need or of an offer, read: its words, part numbers and stated sizes."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from onshore.match.letters import LOOKALIKE, code_key, normalise, word_form
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
    (('butterfly', 'valv', '8inch', 'pn16'), ['DN', 'PN'])
    """
    text = normalise(f"{description} {brand}" if brand else description)
    spelled, rest, measures = find_measures(text)
    column = normalise(part_number)
    if not column and is_part_number_alone(text, measures):
        column = text  # a part number put where the description belongs
        sizes = sum(len(code_key(measure.said)) for measure in measures)
        if 0 < 2 * sizes <= len(code_key(text)):
            spelled, rest, measures = text, text, []  # its pieces are no sizes
    in_column = find_measures(column, bearings=True)[2] if column else []
    measures += [measure for measure in in_column if measure.quantity == "bearing"]
    bearings = [measure for measure in measures if measure.quantity == "bearing"]
    part_numbers = find_part_numbers(column, rest, bearings)

    # Words are shown as they were written, not as they are compared.
    raw = WORD.findall(f"{description} {brand}" if brand else description)
    written = {word.lower() if word.isascii() else word_form(word): word for word in raw}
    shown = {word: measure.said for measure in measures for word in measure.word.split()}
    words: list[str] = []
    said: dict[str, str] = {}
    plain: list[str] = []
    for term in glossary().read(WORD.findall(spelled)):
        stems, heard, english = _of_term(term)
        if " " in term.said:
            as_written = " ".join([written.get(word, word) for word in term.said.split()])
        else:
            as_written = written.get(term.said, term.said)
        plain += english
        words += stems
        for word in stems:
            if word not in said:
                said[word] = shown.get(word, as_written)
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
    if len(measures) == 1:
        return {measures[0].quantity: (measures[0],)}
    found: dict[str, dict[Measure, None]] = {}
    for measure in measures:
        alike = found.setdefault(measure.quantity, {})
        if len(alike) < _MOST_OF_A_QUANTITY:
            alike[measure] = None
    return {quantity: tuple(alike) for quantity, alike in found.items()}


@lru_cache(maxsize=1 << 16)
def _of_term(term: Term) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Give the stems of a term, its sound if nothing else tells what it is, and how it is spelled.

    Neither the glossary nor a digit then says what it is.
    """
    stems = tuple(map(stem, term.english))
    spelled = (term.said,) if term.said.isascii() else term.english
    word = term.english[0]
    heard = ""
    if len(term.english) == 1 and word == term.said and not (word.isascii() and len(word) < _LOAN):
        heard = sound(stem(word)) if word not in glossary().terms else ""
    return stems, SOUND + heard if heard else "", spelled


_PERSIAN, _RUSSIAN = re.compile("[\u0600-\u06ff]"), re.compile("[а-я]{3}")


def _script(text: str) -> str:
    """Give the script a normalised line is written in, beside the Latin of its codes."""
    if text.isascii():
        return "latin"
    if _PERSIAN.search(text):
        return "persian"
    return "cyrillic" if _RUSSIAN.search(text) else "latin"
