"""Tables of pairs: which columns are compared, and what is wrong with a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.match.errors import MatchError
from onshore.match.merging.readings import Reading, read_text

LEFT, RIGHT = "left_", "right_"
_MOST_CROSSED = 6
_MOSTLY = 0.9
_SHOWN = 10


@dataclass(frozen=True)
class Columns:
    """What is compared in a table of pairs.

    ``left`` and ``right`` are all columns of either side without those that hold amounts;
    ``texts`` and ``amounts`` are the pairs of columns that are compared one by one.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    amounts: tuple[tuple[str, str], ...]

    @property
    def needed(self) -> list[str]:
        """Every column that a table must have to be compared."""
        amounts = [name for pair in self.amounts for name in pair]
        return list(dict.fromkeys([*self.left, *self.right, *amounts]))


def find_columns(pairs: pl.DataFrame) -> Columns:
    """Find what is compared in a table of pairs.

    ``left_x`` is compared with ``right_x``; columns whose names have no counterpart are
    compared each with each, if these are few.

    Raises
    ------
    MatchError
        A side has no column.
    """
    left = [name for name in pairs.columns if name.startswith(LEFT)]
    right = [name for name in pairs.columns if name.startswith(RIGHT)]
    if not left or not right:
        missing = LEFT if not left else RIGHT
        raise MatchError(
            f"The pairs have no column that begins with {missing!r}; there are: "
            f"{', '.join(pairs.columns) or 'none'}. Name the columns of one record left_... and "
            "of the other right_... ."
        )
    same = [name for name in left if RIGHT + name.removeprefix(LEFT) in right]
    both = [(name, RIGHT + name.removeprefix(LEFT)) for name in same]
    alone = [name for name in right if name not in {b for _, b in both}]
    crossed = [(a, b) for a in left if a not in same for b in alone]
    compared = [*both, *(crossed if len(crossed) <= _MOST_CROSSED else [])]
    amounts = [(a, b) for a, b in compared if _are_amounts(pairs, a, b)]
    held = {name for pair in amounts for name in pair}
    texts = [pair for pair in compared if not held & set(pair)]
    of_left, of_right = (tuple(name for name in side if name not in held) for side in (left, right))
    # Where each record is one text, that is the whole record, and compared already.
    one_text = len(of_left) == len(of_right) == 1
    return Columns(of_left, of_right, () if one_text else tuple(texts), tuple(amounts))


def labels_of(pairs: pl.DataFrame) -> NDArray[np.int64]:
    """Give the labels of pairs.

    Raises
    ------
    MatchError
        There is no column ``label``, a label is not 0 or 1, or all are the same.
    """
    if "label" not in pairs.columns:
        raise MatchError(
            "The pairs have no column 'label'. Add it: 1 where both records are the same, else 0."
        )
    texts = pairs["label"].cast(pl.String).fill_null("").str.strip_chars()
    texts = texts.replace({"1.0": "1", "0.0": "0", "true": "1", "false": "0"})
    wrong = [(row, text) for row, text in enumerate(texts, 2) if text not in ("0", "1")]
    if wrong:
        shown = ", ".join(f"row {row}: {text!r}" for row, text in wrong[:_SHOWN])
        more = f" and {len(wrong) - _SHOWN:,} more" if len(wrong) > _SHOWN else ""
        raise MatchError(f"A label is 0 or 1, but not in {shown}{more}. Mend or drop these rows.")
    labels = texts.cast(pl.Int64).to_numpy()
    if len(set(labels.tolist())) < 2:
        which = f"all {len(labels):,} labels are {labels[0]}" if len(labels) else "there is no row"
        raise MatchError(
            f"Pairs that are the same and pairs that are not are both needed to learn; {which}."
        )
    return labels


@dataclass(frozen=True)
class ReadPairs:
    """A table of pairs, read: for each pair the whole records and the columns compared."""

    whole: list[tuple[Reading, Reading]]
    texts: list[list[tuple[Reading, Reading]]]
    amounts: list[list[tuple[Reading, Reading]]]
    records: list[tuple[str, str]]


def read_pairs(pairs: pl.DataFrame, columns: Columns) -> ReadPairs:
    """Read a table of pairs, each different text once.

    Raises
    ------
    MatchError
        A column is not there.
    """
    missing = [name for name in columns.needed if name not in pairs.columns]
    if missing:
        raise MatchError(
            f"The pairs lack {', '.join(missing)}, which the model compares. "
            "Rename or add the columns, or learn a model for this table: onshore merge learn."
        )
    cells = pairs.select(pl.col(columns.needed).cast(pl.String).fill_null(""))
    texts = {name: cells[name].to_list() for name in columns.needed}
    left, right = (_rows(texts, side, pairs.height) for side in (columns.left, columns.right))
    known: dict[str, Reading] = {}

    def read(text: str) -> Reading:
        if text not in known:
            known[text] = read_text(text)
        return known[text]

    def two(a: Sequence[str], b: Sequence[str]) -> list[tuple[Reading, Reading]]:
        return [(read(x), read(y)) for x, y in zip(a, b, strict=True)]

    return ReadPairs(
        two(left, right),
        [two(texts[a], texts[b]) for a, b in columns.texts],
        [two(texts[a], texts[b]) for a, b in columns.amounts],
        list(zip(left, right, strict=True)),
    )


def _rows(texts: dict[str, list[str]], names: Sequence[str], height: int) -> list[str]:
    if not names:
        return [""] * height
    return [
        " ".join(filter(None, row)) for row in zip(*(texts[name] for name in names), strict=True)
    ]


def _are_amounts(pairs: pl.DataFrame, left: str, right: str) -> bool:
    """Tell whether nearly every cell of both columns is a number, and some cell is."""
    for name in (left, right):
        if pairs[name].dtype.is_numeric():
            continue
        cells = pairs[name].cast(pl.String).drop_nulls().unique().to_list()
        filled = [text for text in cells if text.strip()]
        numbers = sum(is_amount(text) for text in filled)
        if not filled or numbers < _MOSTLY * len(filled):
            return False
    return True


def is_amount(text: str) -> bool:
    """Tell whether a text is a number, perhaps with a currency."""
    return len(text) <= 40 and read_text(text).amount is not None
