"""Cells judged by their text: each distinct text once, however often it stands in a column."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from onshore.codes import UnknownCode
from onshore.figures import FigureError

FAULTS = {"index": pl.UInt32(), "found": pl.String(), "reason": pl.String(), "next": pl.String()}


class Unreadable(ValueError):
    """A cell that cannot be read: why, and what to write."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(reason)
        self.reason, self.next_step = reason, next_step


@dataclass(frozen=True)
class Cells:
    """A column read: its values, null where the cell is empty or faulty, and the faults.

    ``faults`` has the columns of `FAULTS`; ``index`` counts the column's cells from 0.
    """

    values: pl.Series
    faults: pl.DataFrame


class ByText:
    """Reads a column by judging each distinct text once.

    Parameters
    ----------
    judge
        Gives the value of a text without white space around it, or raises `Unreadable`,
        `FigureError` or `UnknownCode`.
    dtype
        Type of the values.
    """

    def __init__(self, judge: Callable[[str], object], dtype: pl.DataType) -> None:
        self._judge = judge
        self._dtype = dtype
        self._values: dict[str, object] = {}
        self._faults: dict[str, tuple[str, str]] = {}

    def read(self, texts: pl.Series) -> Cells:
        """Read some cells of the column."""
        distinct = texts.drop_nulls().unique()
        known = distinct.to_list()
        for text in known:
            if text not in self._values:
                self._values[text] = self._verdict(text)
        values = texts.replace_strict(
            distinct,
            pl.Series([self._values[text] for text in known], dtype=self._dtype),
            default=None,
            return_dtype=self._dtype,
        )
        bad = [text for text in known if text in self._faults]
        return Cells(values.alias(texts.name), faults_of(texts, bad, self._faults))

    def _verdict(self, text: str) -> object:
        try:
            return self._judge(text.strip()) if text.strip() else None
        except (Unreadable, FigureError, UnknownCode) as error:
            self._faults[text] = why(error)
            return None


def faults_of(
    texts: pl.Series, bad: list[str], verdicts: dict[str, tuple[str, str]]
) -> pl.DataFrame:
    """Give the faults of all cells whose text is a bad one."""
    if not bad:
        return pl.DataFrame(schema=FAULTS)
    explained = pl.DataFrame(
        {
            "found": bad,
            "reason": [verdicts[text][0] for text in bad],
            "next": [verdicts[text][1] for text in bad],
        }
    )
    cells = texts.alias("found").to_frame().with_row_index()
    return cells.join(explained, on="found", how="inner").select(list(FAULTS))


def scattered(values: pl.Series, index: pl.Series, *, value: bool | None = None) -> pl.Series:
    """Give the values with one value, or null, at some places."""
    # Series.scatter changes the series itself.
    return values.clone().scatter(
        index, pl.repeat(value, len(index), dtype=values.dtype, eager=True)
    )


_NEXT_STEP = re.compile(
    r"(?<=[.:]) (?=(?:Near it|Nothing|Did you|Its last|Write|Check|Use|Give|Leave|Add)\b)"
)

_DEEDS = {"near it": "correct the cell; ", "its last is": "write a day of the month; "}
_QUOTED_FIRST = re.compile(r"^'.*': (?=\S)", re.DOTALL)


def why(error: Exception) -> tuple[str, str]:
    """Split what an error says into the reason and the next step."""
    if isinstance(error, Unreadable):
        return error.reason, error.next_step
    reason, *step = _NEXT_STEP.split(_QUOTED_FIRST.sub("", str(error)), maxsplit=1)
    text = _uncapitalized(step[0] if step else "write the cell again.")
    for hint, deed in _DEEDS.items():
        if text.startswith(hint):
            text = deed + text
    return _uncapitalized(reason), text


def _uncapitalized(text: str) -> str:
    return text[:1].lower() + text[1:]
