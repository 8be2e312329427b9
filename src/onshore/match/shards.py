"""Indexes side by side, in processes of one machine, that answer as one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import fields
from functools import cached_property
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
import polars as pl

from onshore.match.asked import Asked
from onshore.match.errors import MatchError
from onshore.match.index import BATCH, Index
from onshore.match.keys import Whole
from onshore.match.lines import Line
from onshore.match.retrieval import Retrieved, Snapshot
from onshore.match.statistics import Looked, Statistics
from onshore.match.tables import texts_of

_NAME = "shard-{:04}"


class Shards:
    """A folder of indexes, searched as one.

    Each shard counts what a batch of needs asks for, the counts are added up, and each ranks its
    own offers by the sums; so results do not depend on how many shards there are, nor on how
    many processes search them. Close it, or use it in a ``with`` statement.

    Parameters
    ----------
    folder
        Where `Shards.build` wrote the indexes.
    processes
        How many processes to spread the shards over; 0 searches them in this one. A program
        that starts processes needs ``if __name__ == "__main__":`` around its work.

    Raises
    ------
    MatchError
        If there are no shards, or one cannot be opened; see `Index.open`.
    """

    def __init__(self, folder: str | Path, *, processes: int = 0) -> None:
        paths = sorted(Path(folder).glob(_NAME.replace("{:04}", "*")))
        if not paths:
            raise MatchError(f"{folder}: no shards are here. Build them by Shards.build.")
        self._open = ExitStack()
        groups = list(_even(paths, min(processes, len(paths))))
        self._hosts: list[_Host] = [_Here(paths)] if not groups else []
        try:
            for group in groups:
                self._hosts.append(self._open.enter_context(_Elsewhere(group)))
            self._ids = [ids for host in self._hosts for ids in host.ids()]
        except BaseException:
            self._open.close()
            raise

    @staticmethod
    def build(offers: pl.DataFrame, folder: str | Path, *, shards: int) -> None:
        """Index offers in some shards of equal size, one after the other; see `Index.of`.

        Raises
        ------
        MatchError
            If a column is missing, an id is empty or occurs twice, there are shards in the
            folder already, or there shall be fewer than one.
        """
        texts = texts_of(offers, "offers", "offer_id")
        if shards < 1:
            raise MatchError(f"shards is {shards}; ask for at least 1.")
        if any(Path(folder).glob(_NAME.replace("{:04}", "*"))):
            raise MatchError(f"{folder}: shards are here already. Give another folder.")
        size = -(-texts.height // shards)
        for at in range(shards):
            Index.of(texts.slice(at * size, size)).save(Path(folder) / _NAME.format(at))

    @cached_property
    def ids(self) -> pl.Series:
        """Ids of the offers by position."""
        return pl.concat(self._ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __enter__(self) -> "Shards":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        self._open.close()

    def retrieve(self, needs: Sequence[Line], k: int) -> Retrieved:
        """Give the k best offers of each need, as `Index.retrieve` of all offers would."""
        if k < 1:
            raise MatchError(f"k is {k}; ask for at least 1 candidate.")
        batches = [
            self._retrieve(Asked.by(needs[start : start + BATCH]), k)
            for start in range(0, max(len(needs), 1), BATCH)
        ]
        return batches[0].joined(*batches[1:])

    def _retrieve(self, asked: Asked, k: int) -> Retrieved:
        for host in self._hosts:
            host.send_count(asked)
        counts = Statistics.total([part for host in self._hosts for part in host.counted()])
        for host in self._hosts:
            host.send_rank(counts, k)
        return self._merged([found for host in self._hosts for found in host.ranked()], k)

    def _merged(self, found: Sequence[Retrieved], k: int) -> Retrieved:
        """Take the best of the shards' best, of equal ones the one with the lesser id."""
        sizes = np.cumsum([0, *map(len, self._ids)])
        positions = np.concatenate(
            [
                np.where(one.positions < 0, -1, one.positions + start)
                for one, start in zip(found, sizes, strict=False)
            ],
            axis=1,
        )
        score = np.concatenate([one.score for one in found], axis=1)
        ranks = np.append(self._ranks, len(self))[positions]
        order = np.lexsort((ranks, -score), axis=1)[:, :k]

        def best(name: str) -> Any:
            values = np.concatenate([getattr(one, name) for one in found], axis=1)
            return np.take_along_axis(values, order, axis=1)

        rest = {name.name: best(name.name) for name in fields(Retrieved)}
        return Retrieved(**rest | {"positions": np.take_along_axis(positions, order, axis=1)})

    @cached_property
    def _ranks(self) -> Whole:
        ranks = np.empty(len(self.ids), dtype=np.int64)
        ranks[self.ids.arg_sort().to_numpy()] = np.arange(len(self.ids))
        return ranks


def _even(paths: Sequence[Path], groups: int) -> Iterator[Sequence[Path]]:
    """Part paths into groups of nearly one size, in their order."""
    bounds = [len(paths) * at // groups for at in range(groups + 1)] if groups else []
    for start, end in pairwise(bounds):
        yield paths[start:end]


class _Host(Protocol):
    """Where some shards are: what is sent to it is answered by the next call."""

    def ids(self) -> list[pl.Series]: ...
    def send_count(self, asked: Asked) -> None: ...
    def counted(self) -> list[Statistics]: ...
    def send_rank(self, counts: Statistics, k: int) -> None: ...
    def ranked(self) -> list[Retrieved]: ...


class _Here:
    """Shards in this process."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._shards: list[Snapshot] = [Index.open(path).snapshot for path in paths]
        self._looked: list[list[Looked]] = []

    def ids(self) -> list[pl.Series]:
        return [shard.ids for shard in self._shards]

    def send_count(self, asked: Asked) -> None:
        self._asked = asked
        self._looked = [shard.look_up(asked) for shard in self._shards]

    def counted(self) -> list[Statistics]:
        return [found.statistics for looked in self._looked for found in looked]

    def send_rank(self, counts: Statistics, k: int) -> None:
        self._found = [
            shard.retrieve(self._asked, looked, counts, k)
            for shard, looked in zip(self._shards, self._looked, strict=True)
        ]

    def ranked(self) -> list[Retrieved]:
        return self._found


class _Elsewhere:
    """Shards in a process of their own."""

    def __init__(self, paths: Sequence[Path]) -> None:
        context = get_context("spawn")
        self._to, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, paths), daemon=True)
        self._process.start()
        other.close()

    def __enter__(self) -> "_Elsewhere":
        return self

    def __exit__(self, *_: object) -> None:
        self._to.close()
        self._process.join()

    def ids(self) -> list[pl.Series]:
        found: list[pl.Series] = self._answer()
        return found

    def send_count(self, asked: Asked) -> None:
        self._to.send(("send_count", (asked,)))

    def counted(self) -> list[Statistics]:
        found: list[Statistics] = self._answer()
        return found

    def send_rank(self, counts: Statistics, k: int) -> None:
        self._to.send(("send_rank", (counts, k)))

    def ranked(self) -> list[Retrieved]:
        found: list[Retrieved] = self._answer()
        return found

    def _answer(self) -> Any:
        try:
            answer = self._to.recv()
        except EOFError:
            raise MatchError(
                "A process that searches shards has ended, perhaps for want of memory. "
                "Open the shards again, with fewer processes."
            ) from None
        if isinstance(answer, MatchError):
            raise answer
        return answer


def _serve(to: Connection, paths: Sequence[Path]) -> None:
    """Answer until the other end is closed."""
    try:
        here = _Here(paths)
    except MatchError as error:
        to.send(error)
        return
    to.send(here.ids())
    for question, given in _questions(to):
        getattr(here, question)(*given)
        to.send(here.counted() if question == "send_count" else here.ranked())


def _questions(to: Connection) -> Iterator[tuple[str, tuple[Any, ...]]]:
    while True:
        try:
            yield to.recv()
        except (EOFError, KeyboardInterrupt):
            return
