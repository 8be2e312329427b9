"""Whether a ranking learned from reviews orders better than the one before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from onshore.match.forest import Vector
from onshore.match.model import Model
from onshore.match.training import Examples, Judgements, out_of_fold


@dataclass(frozen=True)
class FirstRight:
    """How often the first of a need's reviewed offers is one that was confirmed.

    Parameters
    ----------
    needs
        Number of needs with both confirmed and rejected offers: only these tell.
    before
        Share of them where the ranking to begin with puts a confirmed offer first; NaN where
        there are none.
    after
        The same where trees learned from the other needs are put on top of it.
    """

    needs: int
    before: float
    after: float


def first_right(judged: Sequence[Judgements], start: Model) -> FirstRight:
    """Compare a ranking with what it becomes by learning, on needs not learned from.

    Pairs that nobody reviewed are left out on both sides, since whoever reviewed saw the first
    ones of one ranking only. The needs are dealt into folds; each is judged by a model that
    learned from the others.

    Raises
    ------
    MatchError
        As `train`.
    """
    right: list[tuple[bool, bool]] = []
    for examples, learned in out_of_fold(judged, start=start):
        known = start.judge(examples.features, examples.pool).score
        right += _first_ones(examples, known, learned)
    before, after = np.mean(right, axis=0) if right else (np.nan, np.nan)
    return FirstRight(len(right), float(before), float(after))


def _first_ones(examples: Examples, *scores: Vector) -> list[tuple[bool, bool]]:
    found = []
    for low, high in pairwise(examples.pool.starts):
        reviewed = low + np.flatnonzero(examples.known[low:high])
        good = examples.grades[reviewed] >= 2
        if good.any() and not good.all():
            before, after = (bool(good[np.argmax(score[reviewed])]) for score in scores)
            found.append((before, after))
    return found
