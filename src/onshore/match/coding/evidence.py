"""How far each code of a scheme answers a line: the numbers that its probability rests on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onshore.match.coding.bounds import kept_and_broken
from onshore.match.coding.fields import Field, Matrix, Vector, Whole, bm25, grams, rarity, shares
from onshore.match.coding.hearing import Hearing
from onshore.match.coding.names import Names
from onshore.match.coding.reading import Said
from onshore.match.coding.schemes import Scheme
from onshore.match.coding.texts import Texts
from onshore.match.coding.translating import is_foreign

CANDIDATES = 60
_SHARPNESS = 8.0
_NAMED, _NAMED_OWN = 1.2, 0.6  # what a name that answers counts for in finding candidates
_HEARD = 0.8  # what a word counts for that one of the line may stand for

# What the model is told of a code, in this order; see `Evidence.of`.
NUMBERS = (
    "base", "own", "all", "above", "covered", "siblings", "letters", "first", "share_own",
    "share_head", "clash", "both_shut_out", "shut_out_here", "residual", "residual_both", "last",
    "last_residual", "alone", "group", "root", "own_behind", "all_behind", "covered_behind",
    "siblings_behind", "named", "named_behind", "named_share", "weight", "says_other", "length",
    "words", "understood", "bounds_kept", "bounds_broken",
    "named_own", "foreign",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A line with its best candidates: their places in the scheme and their numbers."""

    said: Said
    places: Whole
    numbers: Vector


class Evidence:
    """A scheme read, so that lines can be set beside its codes.

    Parameters
    ----------
    scheme
        The codes with their texts.
    """

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.place = {code: at for at, code in enumerate(scheme.codes)}
        self.texts = texts = Texts.of(scheme)
        self.idf = rarity(texts.covering, len(scheme.codes))
        self._unknown = float(np.log1p((len(scheme.codes) + 0.5) / 0.5))
        for bag in (*texts.shut_out, *texts.own):
            self.idf |= {word: self._unknown for word in bag if word not in self.idf}
        idf = self.idf
        self._own = bm25([Counter(bag) for bag in texts.own])
        self._all = bm25(texts.all)
        self._above = bm25([Counter(bag) for bag in texts.above])
        self._letters = bm25([grams(bag) for bag in texts.all])
        self._covered = Field.of([{word: idf[word] for word in bag} for bag in texts.covering])
        self._share_own = shares([set(bag) for bag in texts.own], idf)
        self._share_head = shares([{w for w in bag if w in idf} for bag in texts.head], idf)
        self._shut_out = Field.of([{word: idf[word] for word in bag} for bag in texts.shut_out])
        self._siblings = Field.of(_apart(texts.all, texts.groups))
        self.names = Names.of(scheme)
        self._hearing = Hearing(Counter(word for bag in texts.all for word in bag))
        self._groups, self._roots = _numbered(texts.groups), _numbered(texts.roots)
        last = {group: at for at, group in enumerate(texts.groups)}
        size = Counter(texts.groups)
        self._residual = np.array(texts.residual, dtype=np.float64)
        self._last = np.array([float(last[g] == at) for at, g in enumerate(texts.groups)])
        self._alone = np.array([float(size[group] == 1) for group in texts.groups])
        self._length = np.array([sum(idf[word] for word in bag) for bag in texts.own])

    def of(self, said: Said, most: int = CANDIDATES) -> Asked:
        """Find the best candidates for a line and give their numbers.

        Parameters
        ----------
        said
            The line, read.
        most
            Candidates that are kept; none where nothing of the line is known, or it is all digits.
        """
        words = self._worth(said)
        one = dict.fromkeys(words, 1.0)
        total = sum(self.idf.get(w, self._unknown) * n for w, n in words.items()) or 1.0
        own, every = self._own.sums(words) / total, self._all.sums(words) / total
        above, covered = self._above.sums(words) / total, self._covered.sums(words) / total
        letters = self._letters.sums(grams(word for word in words if word.isalpha()))
        letters = letters / (letters.max() or 1.0)
        share_own = self._share_own.sums(one)
        named, named_own, named_share = self.names.best(dict.fromkeys((*said.native, *words), 1.0))
        named, named_own = named / total, named_own / total
        base = (
            0.6 * own + every + 0.6 * letters + 0.3 * above + 0.6 * covered + 0.2 * share_own
            + _NAMED * named + _NAMED_OWN * named_own
        )  # fmt: skip
        only_digits = not any(word.strip("<>=")[:1].isalpha() for word in (*words, *said.native))
        if base.max() <= 0 or only_digits:
            return Asked(said, np.zeros(0, dtype=np.int64), np.zeros((0, len(NUMBERS))))
        places = _best(base, most)
        siblings = self._siblings.sums(words)[places]
        start = dict.fromkeys(said.wanted[:2], 1.0)
        start_total = sum(self.idf.get(word, self._unknown) for word in start) or 1.0
        out = dict.fromkeys(said.shut_out, 1.0)
        likely = np.exp((base - base.max()) * _SHARPNESS)
        whole = np.ones(len(places))
        residual, last = self._residual[places], self._last[places]
        numbers = (
            base[places] - base.max(), own[places], every[places], above[places], covered[places],
            siblings, letters[places], self._covered.sums(start)[places] / start_total,
            share_own[places], self._share_head.sums(one)[places],
            self._shut_out.sums(one)[places] / total, self._shut_out.sums(out)[places],
            self._own.sums(out)[places], residual, residual * said.residual, last,
            last * said.residual, self._alone[places], _within(likely, self._groups)[places],
            _within(likely, self._roots)[places], own[places] - own.max(),
            every[places] - every.max(), covered[places] - covered.max(),
            siblings - siblings.max(), named[places], named[places] - named.max(),
            named_share[places], whole * total, whole * said.residual, self._length[places],
            whole * len(words), whole * covered.max(), *self._bounds(said, places),
            named_own[places], whole * bool(said.native),
        )  # fmt: skip
        return Asked(said, places, np.column_stack(numbers))

    def _bounds(self, said: Said, places: Whole) -> Matrix:
        if not said.bounds:
            return np.zeros((2, len(places)))
        bounds = self.texts.bounds
        return np.array([kept_and_broken(said.bounds, bounds[at]) for at in places.tolist()]).T

    def _worth(self, said: Said) -> dict[str, float]:
        """Give the words of a line; in place of an unknown one, those that it may stand for."""
        words: dict[str, float] = {}
        for word in said.wanted:
            heard = self.heard(word)
            if not heard and not is_foreign(word):
                words[word] = 1.0
            for other in heard:
                words.setdefault(other, _HEARD / len(heard))
        return words

    def heard(self, word: str) -> tuple[str, ...]:
        """Give the scheme's words that a word which it does not have may stand for."""
        return () if word in self.idf else self._hearing.words(word)


def _apart(bags: Sequence[Counter[str]], groups: Sequence[str]) -> list[dict[str, float]]:
    """Weigh the words of each code by how few codes of its group have them."""
    size = Counter(groups)
    having = Counter((group, word) for bag, group in zip(bags, groups, strict=True) for word in bag)
    return [
        {word: float(np.log(size[group] / having[group, word])) for word in bag}
        for bag, group in zip(bags, groups, strict=True)
    ]


def _numbered(groups: Sequence[str]) -> Whole:
    place = {group: at for at, group in enumerate(sorted(set(groups)))}
    return np.array([place[group] for group in groups], dtype=np.int64)


def _within(likely: Vector, groups: Whole) -> Vector:
    """Give the logarithm of the share that each code's group has of what is likely."""
    sums = np.bincount(groups, likely)
    logarithms: Vector = np.log(sums / sums.sum())[groups]
    return logarithms


def _best(scores: Vector, most: int) -> Whole:
    """Give the places of the best scores, equal ones in their order."""
    most = min(most, len(scores))
    least = np.partition(scores, -most)[-most]
    places = np.flatnonzero(scores >= least)
    best: Whole = places[np.argsort(-scores[places], kind="stable")][:most]
    return best
