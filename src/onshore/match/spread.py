"""Work on the parts of a table spread over processes of one machine, the results in their order."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.match.errors import MatchError
from onshore.match.tables import texts_of

if TYPE_CHECKING:
    from onshore.match.model import Model

_AT_ONCE = 512  # needs handed to a process at a time

Work = Callable[[pl.DataFrame], pl.DataFrame]


def rank_spread(
    needs: pl.DataFrame, offers: pl.DataFrame, *, top: int, model: "Model | None", processes: int
) -> pl.DataFrame:
    """Rank the offers for each need as `find_candidates` does, the needs spread over processes.

    Each process reads and indexes all offers and ranks some of the needs, so that results do not
    depend on how many there are; each takes the memory that one alone would take. The tables are
    checked before any starts.

    Parameters
    ----------
    needs, offers
        As `find_candidates` takes them.
    top
        Most candidates of a need.
    model
        None for the model of the package.
    processes
        How many. A program that starts processes needs ``if __name__ == "__main__":`` around its
        work.

    Raises
    ------
    MatchError
        What `find_candidates` raises, or if a process ends before its work is done.
    """
    texts, offered = texts_of(needs, "needs", "need_id"), texts_of(offers, "offers", "offer_id")
    parts = [texts.slice(at, _AT_ONCE) for at in range(0, max(texts.height, 1), _AT_ONCE)]
    fewer = max(1, min(processes, len(parts)))
    return pl.concat(spread(_ranking, (offered, top, model), parts, processes=fewer))


def _ranking(offers: pl.DataFrame, top: int, model: "Model | None") -> Work:
    from onshore.match.model import default_model
    from onshore.match.offered import Offered
    from onshore.match.ranking import Ranking, find_candidates

    if offers.is_empty():
        return lambda needs: find_candidates(needs, offers, top=top, model=model)
    ranking = Ranking(Offered.of(offers), model or default_model())
    return lambda needs: ranking.table(needs, top)


def spread(
    prepare: Callable[..., Work],
    given: tuple[Any, ...],
    parts: Iterable[pl.DataFrame],
    *,
    processes: int,
) -> Iterator[pl.DataFrame]:
    """Give ``prepare(*given)(part)`` for each part, in their order.

    Each process prepares once and takes a part whenever it is free. ``prepare`` must be a function
    of a module.

    Raises
    ------
    MatchError
        What the work raises, or if a process ends before its work is done.
    """
    waiting = enumerate(parts)
    done: dict[int, pl.DataFrame] = {}
    given_out: dict[Connection, int] = {}
    due = 0
    with ExitStack() as opened:
        for _ in range(processes):
            given_out[opened.enter_context(_Process(prepare, given)).to] = -1
        while given_out:
            for free in wait(list(given_out)):
                assert isinstance(free, Connection)
                at, answer = given_out.pop(free), _answer(free)
                if at >= 0:
                    done[at] = answer
                try:
                    at, part = next(waiting)
                except StopIteration:
                    continue
                free.send(part)
                given_out[free] = at
            while due in done:
                yield done.pop(due)
                due += 1


class _Process:
    """A process that works on the parts that are sent to it."""

    def __init__(self, prepare: Callable[..., Any], given: tuple[Any, ...]) -> None:
        context = get_context("spawn")
        self.to, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, prepare, given), daemon=True)
        self._process.start()
        other.close()

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.to.close()
        self._process.join()


def _work(to: Connection, prepare: Callable[..., Work], given: tuple[Any, ...]) -> None:
    """Prepare, say so, and work until the other end is closed."""
    try:
        work = prepare(*given)
        to.send(None)
        while True:
            to.send(work(to.recv()))
    except MatchError as error:
        to.send(error)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


def _answer(to: Connection) -> Any:
    try:
        answer = to.recv()
    except (EOFError, ConnectionResetError):
        raise MatchError(
            "A process that ranks needs has ended, perhaps for want of memory. "
            "Run it again with fewer processes."
        ) from None
    if isinstance(answer, MatchError):
        raise answer
    return answer
