"""The glossary: industrial terms in Persian and Russian read as the English ones."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import permutations
from typing import NamedTuple

from onshore.match.letters import normalise
from onshore.match.words import STOP, WORD, stem

_BEGIN = 4
_LANGUAGES = ("english", "persian", "russian")


class Term(NamedTuple):
    """What one or more words of a line mean.

    ``said`` are the words of the line, ``english`` the words they are read as, unstemmed.
    """

    said: str
    english: tuple[str, ...]


@dataclass(frozen=True)
class Glossary:
    """Terms by their letters without blanks, so that half-spaces and compounds do not matter.

    ``sizes`` gives, by their first four letters, the most words that terms may be written in.
    """

    terms: dict[str, tuple[str, ...]]
    sizes: dict[str, int]

    def read(self, words: Sequence[str]) -> list[Term]:
        """Split normalised words into terms, the longest first from the left.

        A word that the glossary lacks, and an English one, means itself; of an English synonym
        it is the first spelling of its row.

        Examples
        --------
        >>> glossary().read(["شیر", "پروانه", "ای", "فولادی"])
        [Term(said='شیر پروانه ای', english=('butterfly', 'valve')), \
Term(said='فولادی', english=('steel',))]
        """
        stems = list(map(stem, words))
        found, at = [], 0
        while at < len(words):
            english = None
            for size in range(self._most(words, stems, at), 1, -1):
                end = at + size
                english = self.terms.get("".join(words[at:end]))
                english = english or self.terms.get("".join(stems[at:end]))
                if english:
                    break
            else:
                size = 1
                english = self.terms.get(words[at]) or self.terms.get(stems[at])
            said = words[at] if size == 1 else " ".join(words[at : at + size])
            if said not in STOP:
                found.append(Term(said, english or (words[at],)))
            at += size
        return found

    def _most(self, words: Sequence[str], stems: Sequence[str], at: int) -> int:
        """Give the number of words that a term which begins like these may have."""
        end = at + _BEGIN
        most = max(
            self.sizes.get("".join(words[at:end])[:_BEGIN], 0),
            self.sizes.get("".join(stems[at:end])[:_BEGIN], 0),
        )
        return min(most, len(words) - at)


@cache
def glossary() -> Glossary:
    """Read the glossary that comes with the package (``terms.csv``)."""
    text = resources.files("onshore.match").joinpath("terms.csv").read_text("utf-8")
    rows = [
        [[_words(spelling) for spelling in row[language].split("|")] for language in _LANGUAGES]
        for row in csv.DictReader(text.splitlines())
    ]
    # "plate" alone is a row's second spelling: inside "orifice plate" it is read the same way.
    alone = {
        spelling[0]: english[0] for english, _, _ in rows for spelling in english
        if len(spelling) == 1 and len(english[0]) == 1
    }  # fmt: skip
    exact: dict[str, tuple[str, ...]] = {}
    stemmed: dict[str, tuple[str, ...]] = {}
    for english, persian, russian in rows:
        meaning = tuple(w for word in english[0] for w in alone.get(word, (word,)))
        # A Russian catalogue puts the adjective before the noun or after it.
        turned = [p for words in russian for p in permutations(words) if len(words) == 2]
        for words in (*english, *persian, *russian, *turned):
            exact.setdefault("".join(words), meaning)
            stemmed.setdefault(_stems(words), meaning)
    sizes: dict[str, int] = {}
    for words in (words for row in rows for spellings in row for words in spellings):
        # A compound may be parted once more than in the glossary.
        for begin in {"".join(words)[:_BEGIN], _stems(words)[:_BEGIN]}:
            sizes[begin] = max(sizes.get(begin, 0), len(words) + 1)
    return Glossary(stemmed | exact, sizes)


def _words(spelling: str) -> tuple[str, ...]:
    return tuple(WORD.findall(normalise(spelling)))


def _stems(words: Sequence[str]) -> str:
    return "".join(stem(word) for word in words)
