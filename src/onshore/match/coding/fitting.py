"""Linear models of sparse rows, one code against the rest, by stochastic gradient descent."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from onshore.match.coding.fields import Matrix, Vector, Whole

_BATCH, _RATE, _SHRINK = 128, 0.1, 1e-5
_EPOCHS, _LEAST_EPOCHS, _BUDGET = 12, 2, 3e12


@dataclass(frozen=True)
class Rows:
    """Sparse rows: for each the places of its marks and what they are worth."""

    places: list[Whole]
    worths: list[Vector]

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.places)

    def __iter__(self) -> Iterator[tuple[Whole, Vector]]:
        return iter(zip(self.places, self.worths, strict=True))


def fit(
    rows: Rows, right: Whole, codes: int, marks: int, shares: Vector, *, seed: int
) -> tuple[Matrix, Vector]:
    """Fit weights of marks x codes (Float32) and the bias of each code.

    The loss is the squared hinge, as in linear support vector machines: on makers that are left
    out it does better than the logistic one. The descent is AdaGrad (Duchi, Hazan & Singer 2011,
    "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12),
    which suits marks that are rare.

    Parameters
    ----------
    rows
        The items.
    right
        The code of each.
    codes, marks
        How many there are.
    shares
        How much each row counts.
    seed
        Draws the order of the rows.
    """
    weights = np.zeros((marks, codes), dtype=np.float32)
    steepness = np.full((marks, codes), 1e-4, dtype=np.float32)
    bias, bias_steepness = np.zeros(codes), np.full(codes, 1e-4)
    shares = shares / shares.mean()
    chance = np.random.default_rng(seed)
    cost = 6.0 * sum(map(len, rows.places)) * codes * _BATCH / 2
    for _ in range(int(np.clip(_BUDGET / max(cost, 1.0), _LEAST_EPOCHS, _EPOCHS))):
        order = chance.permutation(rows.count)
        for start in range(0, rows.count, _BATCH):
            batch = order[start : start + _BATCH]
            used, dense = _dense(rows, batch)
            mine = weights[used]
            off = _slopes(dense @ mine + bias, right[batch])
            off *= (shares[batch] / len(batch))[:, None]
            slope = dense.T @ off.astype(np.float32)
            slope += _SHRINK * mine
            steep = steepness[used]
            steep += slope * slope
            steepness[used] = steep
            slope *= _RATE
            slope /= np.sqrt(steep, out=steep)
            mine -= slope
            weights[used] = mine
            down = off.sum(axis=0)
            bias_steepness += down * down
            bias -= 0.1 * _RATE * down / np.sqrt(bias_steepness)
    return weights, bias


def _slopes(scores: Matrix, right: Whole) -> Matrix:
    """Give the slope of half the squared hinge for each code."""
    signs = np.full(scores.shape, -1.0)
    signs[np.arange(len(right)), right] = 1.0
    slopes: Matrix = -np.maximum(0.0, 1.0 - signs * scores) * signs
    return slopes


def likelihood(scores: Matrix) -> Matrix:
    """Turn scores into probabilities, each row adding up to 1."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely: Matrix = odds / odds.sum(axis=1, keepdims=True)
    return likely


def _dense(rows: Rows, batch: Whole) -> tuple[Whole, Matrix]:
    """Write some rows as a dense array of the marks that they use."""
    places = [rows.places[at] for at in batch]
    used, columns = np.unique(np.concatenate(places), return_inverse=True)
    dense = np.zeros((len(batch), len(used)), dtype=np.float32)
    owners = np.repeat(np.arange(len(batch)), [len(at) for at in places])
    dense[owners, columns] = np.concatenate([rows.worths[at] for at in batch])
    return used, dense
