"""The glossary: industrial terms in Persian and Russian read as the English ones."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import permutations
from typing import NamedTuple

from onshore.match.letters import normalise
from onshore.match.words import STOP, WORD, stem

_BEGIN, _SURE = 4, 7
_MOST_SEEN = 1 << 17
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

    ``sizes`` gives, by their first four letters, the most words that terms may be written in,
    ``begins`` are their first seven letters, ``short`` the first four of those that have fewer.
    """

    terms: dict[str, tuple[str, ...]]
    sizes: dict[str, int]
    begins: frozenset[str]
    short: frozenset[str]
    seen: dict[str, "_Known"] = field(default_factory=dict, repr=False, compare=False)

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
        seen = self.seen  # many lines share the same words
        known = [seen.get(word) or self._look_up(word) for word in words]
        found, at, end = [], 0, len(words)
        while at < end:
            word = known[at]
            size = 1
            for most in range(self._most(words, known, at) if word.begins else 0, 1, -1):
                english = self._term(words, known, at, at + most)
                if english:
                    found.append(Term(" ".join(words[at : at + most]), english))
                    size = most
                    break
            else:
                if word.term:
                    found.append(word.term)
            at += size
        return found

    def _term(
        self, words: Sequence[str], known: Sequence["_Known"], at: int, end: int
    ) -> tuple[str, ...] | None:
        return self.terms.get("".join(words[at:end])) or self.terms.get(
            "".join([word.stem for word in known[at:end]])
        )

    def _most(self, words: Sequence[str], known: Sequence["_Known"], at: int) -> int:
        """Give the number of words that a term which begins like these may have."""
        end = at + _SURE
        written = "".join(words[at:end])
        stems = "".join([word.stem for word in known[at:end]])
        most = known[at].most
        if most < 0:
            sizes = self.sizes
            most = max(sizes.get(written[:_BEGIN], 0), sizes.get(stems[:_BEGIN], 0))
        if most < 2 or not (
            written[:_SURE] in self.begins or stems[:_SURE] in self.begins
            or written[:_BEGIN] in self.short or stems[:_BEGIN] in self.short
        ):  # fmt: skip
            return 0
        return min(most, len(words) - at)

    def _look_up(self, word: str) -> "_Known":
        if len(self.seen) >= _MOST_SEEN:
            self.seen.clear()
        stemmed = stem(word)
        english = self.terms.get(word) or self.terms.get(stemmed) or (word,)
        begin, stem_begin = word[:_BEGIN], stemmed[:_BEGIN]
        most = self.sizes.get(begin, 0)
        if len(stem_begin) < _BEGIN:
            most = -1
        elif stem_begin != begin:
            most = max(most, self.sizes.get(stem_begin, 0))
        known = _Known(stemmed, most, most != 0, None if word in STOP else Term(word, english))
        self.seen[word] = known
        return known


class _Known(NamedTuple):
    """What is known of a word: its stem, itself as a term (none for a joining word).

    ``most`` is the number of words that terms with its beginning may have, -1 where it is too
    short to tell alone; ``begins`` tells whether it may begin one.
    """

    stem: str
    most: int
    begins: bool
    term: Term | None


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
    sizes: dict[str, int] = {}
    exact: dict[str, tuple[str, ...]] = {}
    stemmed: dict[str, tuple[str, ...]] = {}
    for english, persian, russian in rows:
        meaning = tuple(w for word in english[0] for w in alone.get(word, (word,)))
        # A Russian catalogue puts the adjective before the noun or after it.
        turned = [p for words in russian for p in permutations(words) if len(words) == 2]
        for words in (*english, *persian, *russian, *turned):
            written, stems = "".join(words), _stems(words)
            exact.setdefault(written, meaning)
            stemmed.setdefault(stems, meaning)
            # A compound may be parted once more than in the glossary.
            for begin in {written[:_BEGIN], stems[:_BEGIN]}:
                sizes[begin] = max(sizes.get(begin, 0), len(words) + 1)
    terms = stemmed | exact
    begins = frozenset(term[:_SURE] for term in terms if len(term) >= _SURE)
    short = frozenset(term[:_BEGIN] for term in terms if len(term) < _SURE)
    return Glossary(terms, sizes, begins, short)


def _words(spelling: str) -> tuple[str, ...]:
    return tuple(WORD.findall(normalise(spelling)))


def _stems(words: Sequence[str]) -> str:
    return "".join(stem(word) for word in words)
