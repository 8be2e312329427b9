"""An index of offers: searched, added to, changed, saved and opened."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np
import polars as pl

from onshore.match.asked import Asked
from onshore.match.errors import MatchError
from onshore.match.lines import Line
from onshore.match.retrieval import Retrieved, Snapshot
from onshore.match.segments import MOST, Live, Segment
from onshore.match.statistics import Statistics
from onshore.match.stored import open_segments, save_segments
from onshore.match.tables import read_lines, some, texts_of

# Offers that an addition may merge at once, and how much larger the one merged with may be.
AT_ONCE, _TIER = 2_048, 4
BATCH = 512  # needs whose terms are held at a time


class Index:
    """Offers that can be searched, added to, changed and saved.

    Offers are kept in segments that never change (McCandless, Hatcher & Gospodnetić 2010,
    "Lucene in Action", ch. 2): an addition makes a new one, a removal only marks, and small ones
    are merged, each time at most `AT_ONCE` offers; `merge` does the rest. What the scores
    depend on is counted exactly after each change, so that results are those of an index
    built anew, bit for bit.

    Examples
    --------
    >>> from onshore.match.lines import read_line
    >>> index = Index.of(pl.DataFrame({"offer_id": ["A"], "description": ["Gate valve DN200"]}))
    >>> index.add(pl.DataFrame({"offer_id": ["B"], "description": ["شیر کشویی DN200"]}))
    >>> found = index.retrieve([read_line("gate valve DN200")], 3)
    >>> found.positions.tolist(), index.ids.to_list(), (found.bridge > 0).tolist()
    ([[0, 1, -1]], ['A', 'B'], [[False, True, False]])
    """

    def __init__(self, parts: Sequence[Live] = ()) -> None:
        self._now = Snapshot(tuple(parts))
        self._writing = Lock()

    @classmethod
    def of(cls, offers: pl.DataFrame) -> "Index":
        """Index offers: columns ``offer_id`` and ``description``, optional those of `TEXTS`.

        Raises
        ------
        MatchError
            If a column is missing, or an id is empty or occurs twice.
        """
        return cls([Live.all_of(segment) for segment in _segments(_checked(offers))])

    @property
    def ids(self) -> pl.Series:
        """Ids by position, also of offers that were removed since the last merge."""
        return self._now.ids

    @property
    def snapshot(self) -> Snapshot:
        """The segments as they are now; later changes do not show in it."""
        return self._now

    def __len__(self) -> int:
        return sum(part.size for part in self._now.parts)

    def retrieve(self, needs: Sequence[Line], k: int) -> Retrieved:
        """Give the k best offers of each need; positions hold until the next change."""
        if k < 1:
            raise MatchError(f"k is {k}; ask for at least 1 candidate.")
        now = self._now
        batches = [
            _retrieve(now, needs[start : start + BATCH], k)
            for start in range(0, max(len(needs), 1), BATCH)
        ]
        return batches[0].joined(*batches[1:])

    def line(self, position: int) -> Line:
        """Read the offer at a position again."""
        now = self._now
        at = bisect_right(now.offsets, position) - 1
        row = now.parts[at].segment.offers.slice(position - now.offsets[at], 1)
        return next(read_lines(row))

    def add(self, offers: pl.DataFrame) -> None:
        """Add offers whose ids the index does not have.

        Raises
        ------
        MatchError
            If a column is missing, or an id is empty, occurs twice or is in the index; then
            nothing is added.
        """
        texts = _checked(offers)
        with self._writing:
            here = texts["offer_id"].filter(texts["offer_id"].is_in(self._left().implode()))
            if len(here):
                raise MatchError(
                    f"offers: offer_id is in the index already: {some(here.to_list())}. "
                    "Use `change` for these, or give them ids of their own."
                )
            self._now = Snapshot(_with(self._now.parts, texts))

    def change(self, offers: pl.DataFrame) -> None:
        """Put offers in the place of those that have their ids; all of them or none.

        Raises
        ------
        MatchError
            If a column is missing, or an id is empty, occurs twice or is not in the index.
        """
        texts = _checked(offers)
        with self._writing:
            parts = self._without(texts["offer_id"])
            self._now = Snapshot(_with(parts, texts))

    def remove(self, ids: Sequence[str]) -> None:
        """Take offers out; all of them or none.

        Raises
        ------
        MatchError
            If an id is not in the index.
        """
        with self._writing:
            self._now = Snapshot(self._without(pl.Series("offer_id", ids, dtype=pl.String)))

    def merge(self) -> None:
        """Make few large segments of many small ones and drop what was removed."""
        with self._writing:
            self._now = Snapshot(_packed(self._now.parts))

    def save(self, path: str | Path) -> None:
        """Merge, and write the index into a folder; segments already there are kept."""
        self.merge()
        save_segments(Path(path), self._now.parts)

    @classmethod
    def open(cls, path: str | Path) -> "Index":
        """Open a saved index; its arrays stay in the files until they are needed.

        Raises
        ------
        MatchError
            If it is not there, of another version, cut short or damaged, or was read by
            another glossary; the message tells what to do.
        """
        return cls([Live.all_of(segment) for segment in open_segments(Path(path))])

    def _left(self) -> pl.Series:
        alive = [part.alive for part in self._now.parts]
        return self._now.ids.filter(pl.Series(np.concatenate([np.zeros(0, np.bool_), *alive])))

    def _without(self, ids: pl.Series) -> tuple[Live, ...]:
        unknown = ids.filter(~ids.is_in(self._left().implode()))
        if len(unknown):
            raise MatchError(
                f"offers: offer_id is not in the index: {some(unknown.to_list())}. "
                "Use `add` for new offers."
            )
        out = self._now.ids.is_in(ids.implode()).to_numpy()
        bounds = pairwise(self._now.offsets)
        return tuple(
            part.without(out[start:end]) if out[start:end].any() else part
            for part, (start, end) in zip(self._now.parts, bounds, strict=True)
        )


def _retrieve(now: Snapshot, needs: Sequence[Line], k: int) -> Retrieved:
    asked = Asked.by(needs)
    looked = now.look_up(asked)
    return now.retrieve(asked, looked, Statistics.total([f.statistics for f in looked]), k)


def _checked(offers: pl.DataFrame) -> pl.DataFrame:
    return texts_of(offers, "offers", "offer_id")


def _segments(texts: pl.DataFrame) -> Iterator[Segment]:
    for rows in texts.iter_slices(MOST):
        yield Segment.of(rows, list(read_lines(rows)))


def _with(parts: tuple[Live, ...], texts: pl.DataFrame) -> tuple[Live, ...]:
    """Add segments at the end and merge the last ones while that is little work.

    The last but one is merged with the last if it is no more than `_TIER` times as large, so
    that sizes fall geometrically and an offer is merged a number of times that grows with the
    logarithm of theirs.
    """
    all_parts = [*parts, *map(Live.all_of, _segments(texts))]
    while len(all_parts) > 1:
        before, last = all_parts[-2:]
        if before.size > _TIER * last.size or before.size + last.size > AT_ONCE:
            break
        all_parts[-2:] = [Live.all_of(Segment.merged([before, last]))]
    return tuple(part for part in all_parts if part.size)


def _packed(parts: Sequence[Live]) -> tuple[Live, ...]:
    """Merge neighbours as long as they fit into one segment."""
    packed: list[list[Live]] = []
    room = 0
    for part in parts:
        if not packed or part.size > room:
            packed.append([])
            room = MOST
        packed[-1].append(part)
        room -= part.size
    return tuple(
        group[0] if len(group) == 1 and group[0].alive.all() else Live.all_of(Segment.merged(group))
        for group in packed
        if any(part.size for part in group)
    )
