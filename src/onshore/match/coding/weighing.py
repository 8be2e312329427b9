"""The probability of each candidate code from its numbers: a small network, learned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from onshore.match.coding.evidence import NUMBERS
from onshore.match.coding.fields import Vector
from onshore.match.errors import MatchError

Matrix = np.ndarray[Any, np.dtype[np.float64]]

# Where none of the candidates may be right, this is told of the line instead of a code.
OF_LINE = ("weight", "says_other", "words", "understood", "foreign")


@dataclass(frozen=True)
class Weighing:
    """Weights of the network: numbers to hidden units (tanh) to one score for each candidate.

    The probabilities are the exponentials of the scores over their sum, to which that of
    "none of these" is added, a linear function of what the line is.

    Parameters
    ----------
    mean, spread
        Of each number in training; numbers are centred and scaled by them.
    hidden, hidden_bias, out
        The network.
    straight
        Weights that go past the hidden units.
    none, none_bias
        Weights of "none of these".
    """

    mean: Vector
    spread: Vector
    hidden: Matrix
    hidden_bias: Vector
    out: Vector
    straight: Vector
    none: Vector
    none_bias: Vector

    def probabilities(self, numbers: Matrix, counts: Sequence[int]) -> Vector:
        """Weigh the candidates of lines.

        Parameters
        ----------
        numbers
            One row a candidate, those of a line together.
        counts
            Candidates of each line.

        Returns
        -------
        numpy.ndarray
            The probability of each candidate, Float64, 0 to 1; of a line together below 1.
        """
        scaled = (numbers - self.mean) / self.spread
        scores = np.tanh(scaled @ self.hidden + self.hidden_bias) @ self.out
        scores += scaled @ self.straight
        starts = np.cumsum([0, *counts[:-1]])
        none = scaled[np.ix_(starts, np.array(_PLACES))] @ self.none + self.none_bias
        highest = np.maximum(np.maximum.reduceat(scores, starts), none)
        odds = np.exp(scores - np.repeat(highest, counts))
        sums = np.add.reduceat(odds, starts) + np.exp(none - highest)
        found: Vector = odds / np.repeat(sums, counts)
        return found

    def text(self) -> str:
        """Give the weights as JSON, for the file that comes with the package."""
        weights = {name: _short(value) for name, value in vars(self).items()}
        return json.dumps({"numbers": NUMBERS, **weights}, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> "Weighing":
        """Read what `text` gave.

        Raises
        ------
        MatchError
            The weights are of other numbers.
        """
        read = json.loads(text)
        if read.pop("numbers", None) != list(NUMBERS):
            raise MatchError("The weights are of another version. Install the package again.")
        return cls(**{name: np.array(value, dtype=np.float64) for name, value in read.items()})


def _short(values: Matrix) -> list[Any]:
    """Write numbers with five digits that count."""
    rounded = [float(f"{value:.5g}") for value in values.ravel().tolist()]
    written: list[Any] = np.array(rounded).reshape(values.shape).tolist()
    return written


_PLACES = [NUMBERS.index(name) for name in OF_LINE]


@cache
def default_weighing() -> Weighing:
    """Give the weights that come with the package; see ``data/README.md``."""
    path = resources.files("onshore.match.coding").joinpath("data", "weighing.json")
    return Weighing.of_text(path.read_text("utf-8"))
