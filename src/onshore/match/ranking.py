"""The ranking of offers for each need."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
import polars as pl

from onshore.match.equal import equal, judged_equal
from onshore.match.errors import MatchError
from onshore.match.facts import Facts, Table, Truth, Whole
from onshore.match.features import FEATURES, FIELDS, HEAD, Pool, measure
from onshore.match.judging import pair_kernels
from onshore.match.lines import Line
from onshore.match.model import Judged, Model, default_model
from onshore.match.offered import Offered
from onshore.match.reasons import write_note
from onshore.match.tables import read_lines, texts_of
from onshore.match.telling import Telling, told_by_kernels

# Where an offer has this share of a part number that stands alone, only the number is compared.
FOUND = 0.3
_NUMBERS = FIELDS.index("numbers")
_NUMBER = FEATURES.index("number")

_BATCH = 256  # needs ranked at a time
_SCHEMA = {
    "need_id": pl.String,
    "rank": pl.Int64,
    "offer_id": pl.String,
    "score": pl.Float64,
    "probability": pl.Float64,
    "class": pl.String,
    "reasons": pl.String,
}

Row = tuple[str, int, str, float, float, str, str]


def find_candidates(
    needs: pl.DataFrame,
    offers: pl.DataFrame,
    *,
    top: int = 10,
    model: Model | None = None,
    processes: int = 1,
) -> pl.DataFrame:
    """Rank the offers for each need, each with its class and its reasons.

    The index gives the offers that share words, part numbers and letters with a need; the 30
    best of them are compared with it by what they say and ordered by a learned model; see
    `onshore.match.features` and `train`. Persian and Russian terms are read as English ones by
    the glossary ``terms.csv``, other words by how they sound, names of grades by ``grades.csv``.

    Parameters
    ----------
    needs
        Columns ``need_id`` and ``description``; optional ``part_number``, ``brand``,
        ``hs_code``. A need may be a part number alone. Other columns are ignored.
    offers
        Columns ``offer_id`` and ``description``; optional ``part_number``, ``brand``,
        ``hs_code``. Other columns are ignored.
    top
        Most candidates of a need, at least 1.
    model
        What `train` gave; by default the model that comes with the package.
    processes
        How many processes share the needs; each reads all offers, so that it pays where there
        are many more needs than offers. The result is the same for any number.

    Returns
    -------
    polars.DataFrame
        ``need_id`` (String, in the order of ``needs``), ``rank`` (Int64, from 1), ``offer_id``
        (String), ``score`` (Float64, the expected grade of the candidate as a share of the
        highest, 0 to 1, comparable between needs), ``probability`` (Float64, that a person would
        take the offer for the need or an equivalent), ``class`` (String):

        - *near*: the probability is at least 0.5 and nothing stated differs;
        - *exact*: near, and it is more likely than not that the offer is the very thing, or a
          full part number agrees, or a standard and every size of the need;
        - *could make*: anything else whose score is at least the model's ``none_below``, or
          of which a part number agrees;
        - *none*: anything less. The class of rank 1 is the need's. Of needs with an offer at
          most about 5 % are called *none* (``model.measured``).

        and ``reasons`` (String): a JSON object with the lists ``agree``, ``differ`` and
        ``unsaid`` of reasons, each a list of its kind, what the need says and, where it is not
        the same, what the offer says; or with ``note`` instead. `explain` says it in a sentence.

        An offer that reads the same as the need, every word, size and part number, is put first
        without asking the model: score 1, probability at least 0.95, *exact*.

        Equal scores are ranked by ``offer_id``; the order of rows in the tables has no
        influence. A need without anything in common with any offer has one row, of class
        *none*; without offers there are no rows.

    Raises
    ------
    MatchError
        If a column is missing, an id is empty or occurs twice, or ``top`` is below 1.

    Examples
    --------
    >>> needs = pl.DataFrame({"need_id": ["N1"], "description": ["شیر پروانه‌ای DN200 PN16"]})
    >>> offers = pl.DataFrame({
    ...     "offer_id": ["A", "B"],
    ...     "description": ["Butterfly valve DN 250 PN 16", "Butterfly valve, wafer, DN200, PN16"],
    ... })
    >>> find_candidates(needs, offers).select("rank", "offer_id", "class").rows()
    [(1, 'B', 'exact'), (2, 'A', 'could make')]
    """
    if top < 1:
        raise MatchError(f"top is {top}; ask for at least 1 candidate.")
    if processes > 1:
        from onshore.match.spread import rank_spread

        return rank_spread(needs, offers, top=top, model=model, processes=processes)
    texts = texts_of(needs, "needs", "need_id")
    offered = Offered.of(offers)
    if not offered.ids:
        return pl.DataFrame(schema=_SCHEMA)
    ranking = Ranking(offered, model or default_model())
    return ranking.table(texts, top)


@dataclass(frozen=True)
class Ranked:
    """The offers of some needs in their order: positions, what was measured and judged."""

    asked: Facts
    pool: Pool
    order: Whole
    features: Table
    judged: Judged

    def best(self, top: int) -> Whole:
        """Give the rows of the best offers of each need, need after need."""
        sizes = np.diff(self.pool.starts)
        at = np.arange(len(self.order)) - np.repeat(self.pool.starts[:-1], sizes)
        rows: Whole = self.order[at < top]
        return rows

    def of(self, need: int, top: int) -> list[int]:
        """Give the rows of the best offers of a need."""
        start, end = self.pool.starts[need], self.pool.starts[need + 1]
        rows: list[int] = self.order[start : min(end, start + top)].tolist()
        return rows


@dataclass(frozen=True)
class Ranking:
    """Offers and the model that they are ranked by."""

    offered: Offered
    model: Model

    def rank(self, needs: Sequence[Line], top: int) -> Ranked:
        """Order the offers of each need.

        Those after the first `HEAD` that the index gives stay in its order and below the others,
        so that a longer list has the same head.
        """
        pool = self.offered.retrieve(needs, max(HEAD, top))
        asked = self.offered.facts.asked_by(needs)
        features = measure(asked, self.offered.facts, pool)
        judged = self.model.judge(features, pool)
        judged = _by_number(asked.alone, pool, judged)
        judged = judged_equal(judged, equal(asked, self.offered.facts.said, pool, features))
        score = judged.score.copy()
        if top > HEAD:
            for start, end in zip(pool.starts[:-1], pool.starts[1:], strict=True):
                head = slice(start, min(start + HEAD, end))
                low = score[head].min(initial=1.0)
                score[head.stop : end] = np.minimum(low, score[head.stop : end])
                score[head.stop : end] = np.minimum.accumulate(score[head.stop : end])
        order = np.lexsort((pool.offers, ~pool.in_head(), -score, pool.need_of))
        return Ranked(asked, pool, order, features, judged._replace(score=score))

    def table(self, texts: pl.DataFrame, top: int) -> pl.DataFrame:
        """Rank the offers for each need of a table of texts; see `find_candidates`."""
        pair_kernels(texts.height * max(HEAD, top))
        rows: list[Row] = []
        with _collector_put_off():
            for batch in texts.iter_slices(_BATCH):
                rows += self.rows(batch["need_id"].to_list(), list(read_lines(batch)), top)
        columns = zip(*rows, strict=True) if rows else ([] for _ in _SCHEMA)
        return pl.DataFrame(dict(zip(_SCHEMA, columns, strict=True)), schema=_SCHEMA)

    def rows(self, ids: Sequence[str], needs: Sequence[Line], top: int) -> Iterator[Row]:
        """Give the rows of the table of candidates."""
        ranked, names, facts = self.rank(needs, top), self.offered.ids, self.offered.facts
        tellings = [Telling(need, facts) for need in needs]
        best = ranked.best(top)
        need_of, places = ranked.pool.need_of[best], ranked.pool.offers[best]
        pairs = zip(
            places.tolist(),
            *(values[best].tolist() for values in ranked.judged),
            (ranked.features[best, _NUMBER] > 0).tolist(),
            told_by_kernels(tellings, ranked.asked, facts, need_of, places),
            strict=True,
        )
        sizes = np.bincount(need_of, minlength=len(needs)).tolist()
        below = self.model.none_below
        for need_id, telling, size in zip(ids, tellings, sizes, strict=True):
            for rank, pair in enumerate(islice(pairs, size), start=1):
                place, score, chance, exact, number, codes = pair
                offer, none = self.offered.lines[place], score < below
                # The kernels tell nothing of part numbers.
                if number or codes is None:
                    told = telling.plainly(offer, chance, exact, none=none)
                else:
                    told = telling.by_codes(offer, chance, exact, codes, none=none)
                yield need_id, rank, names[place], score, chance, *told
            if not size:
                note = "empty need" if telling.need.is_blank else "nothing in common"
                yield need_id, 1, names[0], 0.0, 0.0, "none", write_note(note)


@contextmanager
def _collector_put_off() -> Iterator[None]:
    """Put Python's search for cycles off: needs make none, and it goes through all offers."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _by_number(alone: Truth, pool: Pool, judged: Judged) -> Judged:
    """Judge the offers of needs that are a part number alone by nothing but that number."""
    share = pool.fields[:, _NUMBERS]
    decides = alone & (pool.best(share[:, None])[:, 0] >= FOUND)
    decided = np.repeat(decides, np.diff(pool.starts))
    return Judged(*(np.where(decided, share, values) for values in judged))
