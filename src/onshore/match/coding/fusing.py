"""Learning the weights of `onshore.match.coding.weighing`.

    python -m onshore.match.coding.fusing SCHEDULE.csv GOODS.csv OUT.json

SCHEDULE.csv holds lines of goods with their code, as the United States' Schedule B does: a code
that begins with the six digits of the HS, and texts in the columns ``short`` and
``long_description``. GOODS.csv holds lines of trade in the columns ``persian`` and ``russian``
with their code; ours are ``benchmarks/data/goods_lines.csv``.
"""

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from onshore.match.coding.bounds import Bounds
from onshore.match.coding.evidence import CANDIDATES, NUMBERS, Evidence
from onshore.match.coding.fields import Whole
from onshore.match.coding.reading import Said, read
from onshore.match.coding.schemes import hs_scheme
from onshore.match.coding.weighing import OF_LINE, Matrix, Weighing

_HIDDEN, _EPOCHS, _BATCH, _RATE, _DECAY = 24, 30, 128, 0.004, 1e-3
_DROPPED, _LEAST_SPREAD = 0.35, 1e-3
_SCHEDULE, _GOODS = ("long_description", "short"), ("persian", "russian")
_GOODS_SEEDS = (
    None,
    3,
    4,
    5,
)  # lines of trade are few: each counts as it is and with words left out


@dataclass(frozen=True)
class Examples:
    """Lines with their candidates.

    ``numbers`` is lines x candidates x numbers, ``right`` the place of the right one among the
    candidates, -1 where it is not there, ``groups`` what a fold keeps together.
    """

    numbers: Matrix
    right: Whole
    groups: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> "Examples":
        return Examples(self.numbers[chosen], self.right[chosen], self.groups[chosen])


def examples(
    lines: Sequence[tuple[str, str]], evidence: Evidence, *, seed: int | None = None
) -> Examples:
    """Give the candidates of lines of text with their code.

    With a ``seed`` a third of the words of each line is left out by chance, as in a line whose
    words are not all known.
    """
    chance = np.random.default_rng(seed)
    lines_read = ((read(text), code) for text, code in lines)
    if seed is not None:
        lines_read = ((_without_some(said, chance), code) for said, code in lines_read)
    return _examples(lines_read, evidence)


def measured(evidence: Evidence, seed: int) -> Examples:
    """Give lines made of the descriptions that have bounds, a measure within them instead.

    A schedule says "exceeding 750 W but not exceeding 75 kW" as the HS does; a line of trade says
    30 kW. A third of the words is left out.
    """
    chance = np.random.default_rng(seed)
    codes = evidence.scheme.codes
    bounded = [(code, bounds) for code, bounds in zip(codes, evidence.texts.bounds, strict=True)]
    return _examples(
        (
            (_without_some(_within(read(evidence.scheme.descriptions[c]), chance), chance), c)
            for c, bounds in bounded
            if bounds
        ),
        evidence,
    )


def _within(said: Said, chance: np.random.Generator) -> Said:
    """Put a measure in place of each of the bounds."""
    measures = []
    for kind, low, high in said.bounds:
        if high == np.inf:
            low, high = low * 1.05, low * 3
        elif low == -np.inf:
            low = high / 3
        value = float(chance.uniform(low, high))
        measures.append(Bounds(kind, value, value))
    words = tuple(word for word in said.wanted if not word.strip("<>=")[:1].isdigit())
    return replace(said, wanted=words, bounds=tuple(measures))


def _examples(lines: Iterable[tuple[Said, str]], evidence: Evidence) -> Examples:
    place = {code: at for at, code in enumerate(evidence.scheme.codes)}
    numbers, right, chapters = [], [], []
    for said, code in lines:
        asked = evidence.of(said)
        if asked.places.size < CANDIDATES:
            continue  # nothing of it is known
        chapters.append(code[:2])
        numbers.append(asked.numbers)
        found = np.flatnonzero(asked.places == place[code])
        right.append(found[0] if found.size else -1)
    return Examples(np.array(numbers, dtype=np.float32), np.array(right), np.array(chapters))


def fit(lines: Examples, *, seed: int = 0, epochs: int = _EPOCHS) -> Weighing:
    """Fit the network by stochastic gradient descent (Adam) on the logarithm of the likelihood."""
    count = lines.numbers.shape[2]
    flat = lines.numbers.reshape(-1, count)
    mean = flat.mean(axis=0, dtype=np.float64)
    spread = np.maximum(flat.std(axis=0, dtype=np.float64), _LEAST_SPREAD)
    chance = np.random.default_rng(seed)
    names = [NUMBERS.index(name) for name in OF_LINE]
    weights = {
        "hidden": chance.normal(0, count**-0.5, (count, _HIDDEN)),
        "hidden_bias": np.zeros(_HIDDEN),
        "out": chance.normal(0, 0.1, _HIDDEN),
        "straight": np.zeros(count),
        "none": np.zeros(len(names)),
        "none_bias": np.zeros(1),
    }
    weights = {name: w.astype(np.float32) for name, w in weights.items()}
    scaled = ((lines.numbers - mean) / spread).astype(np.float32)
    moments = {name: (np.zeros_like(w), np.zeros_like(w)) for name, w in weights.items()}
    step = 0
    for epoch in range(epochs):
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        order = chance.permutation(len(scaled))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            step += 1
            slopes = _slopes(weights, scaled[batch], lines.right[batch], names)
            for name, slope in slopes.items():
                first, second = moments[name]
                first += 0.1 * (slope - first)
                second += 0.001 * (slope * slope - second)
                ahead = first / (1 - 0.9**step)
                weights[name] -= rate * (
                    ahead / (np.sqrt(second / (1 - 0.999**step)) + 1e-8) + _DECAY * weights[name]
                )
    return Weighing(mean=mean, spread=spread, **weights)


def _slopes(
    weights: dict[str, Matrix], numbers: Matrix, right: Whole, names: list[int]
) -> dict[str, Matrix]:
    lines, candidates, _ = numbers.shape
    active = np.tanh(numbers @ weights["hidden"] + weights["hidden_bias"])
    scores = active @ weights["out"] + numbers @ weights["straight"]
    of_line = numbers[:, 0, names]
    none = of_line @ weights["none"] + weights["none_bias"]
    together = np.concatenate([scores, none[:, None]], axis=1)
    odds = np.exp(together - together.max(axis=1, keepdims=True))
    off = odds / odds.sum(axis=1, keepdims=True)
    off[np.arange(lines), np.where(right < 0, candidates, right)] -= 1
    off /= lines
    back = off[:, :-1, None] * weights["out"] * (1 - active * active)
    return {
        "hidden": np.tensordot(numbers, back, axes=([0, 1], [0, 1])),
        "hidden_bias": back.sum(axis=(0, 1)),
        "out": np.tensordot(off[:, :-1], active, axes=([0, 1], [0, 1])),
        "straight": np.tensordot(off[:, :-1], numbers, axes=([0, 1], [0, 1])),
        "none": off[:, -1] @ of_line,
        "none_bias": off[:, -1:].sum(axis=0),
    }


def _without_some(said: Said, chance: np.random.Generator) -> Said:
    kept = [word for word in said.wanted if chance.random() > _DROPPED]
    native = tuple(word for word in said.native if chance.random() > _DROPPED)
    return replace(said, wanted=tuple(kept) or said.wanted[:1], native=native)


def lines_of(schedule: Path, goods: Path, evidence: Evidence) -> dict[str, list[tuple[str, str]]]:
    """Read the lines of both files by their columns, with the codes of the scheme they are of."""
    return {
        column: _column(path, column, set(evidence.scheme.codes))
        for path, columns in ((schedule, _SCHEDULE), (goods, _GOODS))
        for column in columns
    }


def _column(path: Path, column: str, codes: set[str]) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row[column], row["code"][:6]) for row in csv.DictReader(file)]
    return [(text, code) for text, code in rows if text and code in codes]


def parts_of(lines: dict[str, list[tuple[str, str]]], evidence: Evidence) -> list[Examples]:
    """Give what to learn from: all lines, also with words left out, and those with measures."""
    schedule = [examples(lines[column], evidence) for column in _SCHEDULE]
    goods = [
        examples(lines[column], evidence, seed=seed) for column in _GOODS for seed in _GOODS_SEEDS
    ]
    dropped = examples(lines[_SCHEDULE[0]], evidence, seed=1)
    return [*schedule, dropped, measured(evidence, 2), *goods]


def join(parts: Sequence[Examples]) -> Examples:
    """Put examples one after the other."""
    return Examples(
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def main(arguments: Sequence[str]) -> int:
    """Fit on all lines and write the weights."""
    schedule, goods, out = map(Path, arguments)
    evidence = Evidence(hs_scheme())
    weighing = fit(join(parts_of(lines_of(schedule, goods, evidence), evidence)))
    out.write_text(weighing.text() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
