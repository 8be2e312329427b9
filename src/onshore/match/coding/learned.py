"""A model of codes, learned from a user's own coded lines."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl

from onshore.match.coding.fields import Matrix, Vector, Whole
from onshore.match.coding.fitting import Rows, fit, likelihood
from onshore.match.coding.item_table import Item, read_items
from onshore.match.coding.marks import marks
from onshore.match.errors import MatchError
from onshore.match.merging.tables import some
from onshore.records import write_whole

_FORM = "onshore code model 1"
_HASHES, _MOST_WEIGHTS = 1 << 17, 60_000_000
_LEFT_OUT = 5  # one group of items in five is left out to find how sure the model may be
_SURENESS = np.geomspace(0.2, 20.0, 41)


@dataclass(frozen=True)
class CodeModel:
    """Gives items the codes that a user gave such items.

    It keeps no text but the codes: words, pieces of part numbers and makers are known to it by
    hashes.

    Parameters
    ----------
    codes
        The codes it knows, sorted.
    hashes
        Hashes of the marks it knows, ascending (Int64).
    rarity
        Of each mark, ln(1 + makers / makers that have it); lines count for makers where no
        maker is given.
    weights
        marks x codes, Float16.
    bias
        Of each code.
    sureness
        What scores are multiplied by, so that probabilities are borne out.
    left_out
        Share of items that were given their code by a model that had not seen their makers, or,
        where no makers are given, their lines.
    """

    codes: tuple[str, ...]
    hashes: Whole
    rarity: Vector
    weights: Matrix
    bias: Vector
    sureness: float
    left_out: float

    def probabilities(self, items: Sequence[Item]) -> Matrix:
        """Give the probability of each code: items x codes, each row adding up to 1."""
        return likelihood(self._scores(self._rows(items)) * self.sureness)

    def known(self, items: Sequence[Item]) -> Vector:
        """Give how much of each item the model has met in learning, 0 to 1."""
        return np.array([self._known(item) for item in items])

    def reasons(self, item: Item, code: str, most: int = 5) -> list[str]:
        """Give the marks that speak most for a code, best first, each as ``kind:text``."""
        column = self.weights[:, self.codes.index(code)]
        worth: dict[str, float] = {}
        for mark in marks(*item):
            at = int(np.searchsorted(self.hashes, _hash(mark)))
            if at < len(self.hashes) and self.hashes[at] == _hash(mark):
                worth[mark] = float(column[at]) * float(self.rarity[at])
        best = sorted(worth, key=lambda mark: (-worth[mark], mark))
        return [mark for mark in best[:most] if worth[mark] > 0]

    def save(self, path: str | Path) -> None:
        """Write the model to a file, which appears by rename once it is whole."""
        path = Path(path)
        head = {"form": _FORM, "codes": self.codes, "sureness": self.sureness,
                "left_out": self.left_out}  # fmt: skip
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
            hashes=self.hashes,
            rarity=self.rarity,
            weights=self.weights,
            bias=self.bias,
        )
        write_whole(path.parent, {path.name: buffer.getvalue()})

    @classmethod
    def load(cls, path: str | Path) -> "CodeModel":
        """Read a model that `save` wrote.

        Raises
        ------
        MatchError
            The file is not there, is no model of codes, is of another version, or is cut short.
        """
        path = Path(path)
        again = "Learn it again: onshore classify learn LABELLED.csv --out MODEL."
        try:
            with np.load(path, allow_pickle=False) as file:
                head = json.loads(file["head"].tobytes())
                if head.pop("form") != _FORM:
                    raise MatchError(f"{path} is a model of another version. {again}")
                arrays = {name: file[name] for name in ("hashes", "rarity", "weights", "bias")}
        except FileNotFoundError:
            raise MatchError(f"{path} is not there. Check the spelling.") from None
        except (OSError, ValueError, KeyError, TypeError, EOFError, AttributeError,
                zipfile.BadZipFile) as error:  # fmt: skip
            if isinstance(error, MatchError):
                raise
            raise MatchError(f"{path} is not a model of codes, or is cut short. {again}") from None
        model = cls(codes=tuple(head.pop("codes")), **head, **arrays)
        if model.weights.shape != (len(model.hashes), len(model.codes)):
            raise MatchError(f"{path} is not a whole model of codes. {again}")
        return model

    def _scores(self, rows: Rows) -> Matrix:
        scores = np.zeros((rows.count, len(self.codes)))
        for at, (places, worths) in enumerate(rows):
            scores[at] = worths @ self.weights[places].astype(np.float64) + self.bias
        return scores

    def _rows(self, items: Sequence[Item]) -> Rows:
        return _weighed([_hashes(item) for item in items], self.hashes, self.rarity)

    def _known(self, item: Item) -> float:
        hashed = _hashes(item)
        return float(np.isin(hashed, self.hashes).mean()) if len(hashed) else 0.0


def learn_codes(labelled: pl.DataFrame, *, seed: int = 0) -> CodeModel:
    """Learn codes from a user's coded lines.

    Linear models, one code against the rest, over the marks of an item: its words, pieces of its
    part number and the shape of it, words of its maker's name. Items of one maker
    share a weight that grows with the root of their number, so that the model learns what holds
    for makers it has not met. Its probabilities are set to be borne out by items of makers (where
    none are given: lines) that are left out.

    Parameters
    ----------
    labelled
        Columns ``item_id``, ``code`` and ``description`` or ``part_number``, optional ``maker``;
        others are ignored.
    seed
        Draws the order of learning and what is left out; the same seed gives the same model.

    Returns
    -------
    CodeModel
        The model; `CodeModel.save` writes it to a file.

    Raises
    ------
    MatchError
        A column is missing, an id is empty or occurs twice, a code is empty, or there are fewer
        than two codes.

    Examples
    --------
    >>> model = learn_codes(pl.DataFrame({
    ...     "item_id": ["1", "2", "3", "4"],
    ...     "description": ["gate valve", "ball valve", "hex bolt", "stud bolt"],
    ...     "code": ["V", "V", "B", "B"],
    ... }))
    >>> model.codes
    ('B', 'V')
    """
    _, items = read_items(labelled, "labelled")
    labels = _codes(labelled)
    codes = tuple(sorted(set(labels)))
    if len(codes) < 2:
        raise MatchError(
            f"labelled: {len(codes)} different codes; a model needs at least 2 to tell apart."
        )
    place = {code: at for at, code in enumerate(codes)}
    right = np.array([place[code] for code in labels])
    bags = [_hashes(item) for item in items]
    makers = [item.maker.split()[0].casefold() if item.maker.split() else "" for item in items]
    groups = np.array([maker or f" {at}" for at, maker in enumerate(makers)])
    kept = _kept(groups, seed)
    sureness, left_out = 1.0, 0.0
    if kept.any() and not kept.all():
        trial = _fit(bags, right, groups, codes, kept, seed)
        scores = trial._scores(
            _weighed(
                [bags[at] for at in np.flatnonzero(~kept).tolist()], trial.hashes, trial.rarity
            )
        )
        sureness = _sureness(scores, right[~kept])
        left_out = float((scores.argmax(axis=1) == right[~kept]).mean())
    whole = _fit(bags, right, groups, codes, np.ones(len(bags), dtype=np.bool_), seed)
    return CodeModel(
        codes, whole.hashes, whole.rarity, whole.weights, whole.bias, sureness, left_out
    )


def _fit(
    bags: Sequence[Whole],
    right: Whole,
    groups: np.ndarray,
    codes: tuple[str, ...],
    kept: np.ndarray,
    seed: int,
) -> CodeModel:
    chosen: list[int] = np.flatnonzero(kept).tolist()
    hashes, rarity = _rarity([bags[at] for at in chosen], groups[chosen])
    most = max(_MOST_WEIGHTS // len(codes), 1)
    if len(hashes) > most:  # keep the marks that most makers have
        common = np.sort(np.argsort(rarity, kind="stable")[:most])
        hashes, rarity = hashes[common], rarity[common]
    rows = _weighed([bags[at] for at in chosen], hashes, rarity)
    size = Counter(groups[chosen].tolist())
    shares = np.array([size[group] ** -0.5 for group in groups[chosen].tolist()])
    weights, bias = fit(rows, right[chosen], len(codes), len(hashes), shares, seed=seed)
    return CodeModel(codes, hashes, rarity, weights.astype(np.float16), bias, 1.0, 0.0)


def _codes(labelled: pl.DataFrame) -> list[str]:
    if "code" not in labelled.columns:
        raise MatchError(
            f"labelled: no column code. Found: {', '.join(labelled.columns)}. Rename or add it."
        )
    codes = labelled["code"].cast(pl.String).fill_null("").str.strip_chars().to_list()
    empty = [str(row) for row, code in enumerate(codes, start=1) if not code]
    if empty:
        raise MatchError(f"labelled: code is empty in data row {some(empty)}. Fill it in.")
    return codes


def _hash(mark: str) -> int:
    return crc32(mark.encode()) % _HASHES


def _hashes(item: Item) -> Whole:
    return np.unique(np.fromiter(map(_hash, marks(*item)), dtype=np.int64))


def _rarity(bags: Sequence[Whole], groups: np.ndarray) -> tuple[Whole, Vector]:
    """Give the hashes there are, with ln(1 + groups / groups that have them)."""
    _, numbers = np.unique(groups, return_inverse=True)
    lengths = [len(bag) for bag in bags]
    pairs = np.unique(np.concatenate(bags) * (numbers.max() + 1) + np.repeat(numbers, lengths))
    hashes, having = np.unique(pairs // (numbers.max() + 1), return_counts=True)
    return hashes, np.log1p((numbers.max() + 1) / having)


def _weighed(bags: Sequence[Whole], hashes: Whole, rarity: Vector) -> Rows:
    """Weigh the marks of items by their rarity, each item to the length 1."""
    places = []
    for bag in bags:
        at = np.searchsorted(hashes, bag)
        at[at == len(hashes)] = 0
        places.append(at[hashes[at] == bag] if len(hashes) else at[:0])
    worths = []
    for at in places:
        worth = rarity[at]
        worths.append(worth / (np.sqrt(worth @ worth) or 1.0))
    return Rows(places, worths)


def _kept(groups: np.ndarray, seed: int) -> np.ndarray:
    names = np.unique(groups)
    drawn = np.random.default_rng(seed).permutation(len(names)) % _LEFT_OUT != 0
    kept: np.ndarray = drawn[np.searchsorted(names, groups)]
    return kept


def _sureness(scores: Matrix, right: Whole) -> float:
    """Find the factor under which the items left out are most likely to have their codes."""
    rows = np.arange(len(right))
    losses = [
        -np.log(np.maximum(likelihood(scores * by)[rows, right], 1e-12)).mean() for by in _SURENESS
    ]
    return float(_SURENESS[int(np.argmin(losses))])
