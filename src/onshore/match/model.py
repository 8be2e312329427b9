"""The learned ranking: what it makes of the features of pairs, and its file."""

import json
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from onshore.match.errors import MatchError
from onshore.match.features import FEATURES, Pool
from onshore.match.forest import Forest, Forests, Table, Vector

_FORMAT = 1
_DEFAULT = "ranking.json"
GRADES = (1, 2, 3)


class Judged(NamedTuple):
    """What a model says of each pair of a pool.

    ``score`` is the expected grade as a share of the highest, ``probability`` that of grade 2 or
    above, ``exact`` that of grade 3.
    """

    score: Vector
    probability: Vector
    exact: Vector


@dataclass(frozen=True)
class Measured:
    """How often a model took the wrong decision on needs it was not trained on.

    ``false_alarms`` is the share of the needs with an offer that it called *none*, ``caught`` the
    share of the needs without one that it did.
    """

    needs: int
    false_alarms: float
    nobody: int
    caught: float


@dataclass(frozen=True)
class Model:
    """Forests over `FEATURES`, and where the classes begin.

    ``ranks`` was trained to order the offers of a need (LambdaMART); ``grades`` give, from the
    same features, its value and the value's distance from the best of the need, the log odds of
    grade 1, 2 and 3 or above, turned by ``slopes`` and ``shifts`` so that they are calibrated. A
    candidate whose score is below ``none_below`` is of class *none*.
    """

    ranks: Forest
    grades: tuple[Forest, ...]
    slopes: tuple[float, ...]
    shifts: tuple[float, ...]
    none_below: float
    measured: Measured
    trained_by: str

    @cached_property
    def _grades(self) -> Forests:
        return Forests(self.grades)

    def judge(self, features: Table, pool: Pool) -> Judged:
        """Judge the pairs of a pool by their features."""
        table = stacked(features, self.ranks.sums(features), pool)
        chances = [
            1 / (1 + np.exp(-(slope * odds + shift)))
            for odds, slope, shift in zip(
                self._grades.sums(table), self.slopes, self.shifts, strict=True
            )
        ]
        # Of a higher grade is of the lower ones, too.
        chances = list(np.minimum.accumulate(np.array(chances), axis=0).round(6))
        return Judged(np.mean(chances, axis=0).round(6), chances[1], chances[2])

    def text(self) -> str:
        """Write the model as JSON text."""
        parts = {
            "format": _FORMAT,
            "features": FEATURES,
            "trained_by": self.trained_by,
            "measured": asdict(self.measured),
            "none_below": self.none_below,
            "slopes": self.slopes,
            "shifts": self.shifts,
            "ranks": self.ranks.written(),
            "grades": [forest.written() for forest in self.grades],
        }
        return json.dumps(parts, separators=(",", ":")) + "\n"

    def write(self, path: Path) -> None:
        """Write the model as a file of JSON."""
        path.write_text(self.text(), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Model":
        """Read a model that `write` wrote.

        Raises
        ------
        MatchError
            If the file is no such model, is cut short, or was trained for another version.
        """
        try:
            text = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise _no_model(str(path), error) from error
        return cls.of_text(text, str(path))

    @classmethod
    def of_text(cls, text: str, name: str = "the text") -> "Model":
        """Read a model from what `text` gave; ``name`` says in messages where it is from.

        Raises
        ------
        MatchError
            As `read`.
        """
        try:
            return _read(json.loads(text), name)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise _no_model(name, error) from error


def _no_model(name: str, error: Exception) -> MatchError:
    return MatchError(
        f"{name} is no model of the ranking ({error}). "
        "Give a file that 'onshore match train' wrote."
    )


@cache
def default_model() -> Model:
    """Read the model that comes with the package (``ranking.json``)."""
    text = resources.files("onshore.match").joinpath(_DEFAULT).read_text("utf-8")
    return _read(json.loads(text), _DEFAULT)


def stacked(features: Table, values: Vector, pool: Pool) -> Table:
    """Put beside the features the ranking's value and its distance from the best of the need."""
    sizes = np.diff(pool.starts)
    best = np.zeros(len(sizes))
    some = sizes > 0
    head = np.where(pool.in_head(), values, -np.inf)
    if some.any():
        best[some] = np.maximum.reduceat(head, pool.starts[:-1][some])
    return np.column_stack((features, values, values - np.repeat(best, sizes)))


def _read(parts: dict[str, Any], name: str) -> Model:
    if parts["format"] != _FORMAT or tuple(parts["features"]) != FEATURES:
        raise MatchError(
            f"{name} was trained for another version of the ranking. Train it again with "
            "'onshore match train'."
        )
    return Model(
        ranks=Forest.read(parts["ranks"]),
        grades=tuple(Forest.read(written) for written in parts["grades"]),
        slopes=tuple(parts["slopes"]),
        shifts=tuple(parts["shifts"]),
        none_below=float(parts["none_below"]),
        measured=Measured(**parts["measured"]),
        trained_by=parts["trained_by"],
    )
