"""The ranking of offers for each need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.match.agreement import compare, grade
from onshore.match.errors import MatchError
from onshore.match.features import FIELDS, HEAD, Pool, Table, Whole
from onshore.match.lines import Line
from onshore.match.model import Judged, Model, default_model
from onshore.match.offered import Offered
from onshore.match.reasons import asked_terms, write_note, write_reasons
from onshore.match.tables import read_lines, texts_of

# Where an offer has this share of a part number that stands alone, only the number is compared.
FOUND = 0.3
_NUMBERS = FIELDS.index("numbers")

_BATCH = 128  # needs ranked at a time
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
    needs: pl.DataFrame, offers: pl.DataFrame, *, top: int = 10, model: Model | None = None
) -> pl.DataFrame:
    """Rank the offers for each need, each with its class and its reasons.

    The index gives the offers that share words, part numbers and letters with a need; the 40
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
    texts = texts_of(needs, "needs", "need_id")
    offered = Offered.of(offers)
    rows: list[Row] = []
    if offered.ids:
        ranking = Ranking(offered, model or default_model())
        for batch in texts.iter_slices(_BATCH):
            rows += ranking.rows(batch["need_id"].to_list(), list(read_lines(batch)), top)
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


@dataclass(frozen=True)
class Ranked:
    """The offers of some needs in their order: positions, what was measured and judged."""

    pool: Pool
    order: Whole
    features: Table
    judged: Judged

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
        features = self.offered.facts.measure(needs, pool)
        judged = self.model.judge(features, pool)
        judged = _by_number(needs, pool, judged)
        score = judged.score.copy()
        if top > HEAD:
            for start, end in zip(pool.starts[:-1], pool.starts[1:], strict=True):
                head = slice(start, min(start + HEAD, end))
                low = score[head].min(initial=1.0)
                score[head.stop : end] = np.minimum(low, score[head.stop : end])
                score[head.stop : end] = np.minimum.accumulate(score[head.stop : end])
        need_of = np.repeat(np.arange(len(needs)), np.diff(pool.starts))
        order = np.lexsort((pool.offers, ~pool.in_head(), -score, need_of))
        return Ranked(pool, order, features, judged._replace(score=score))

    def rows(self, ids: Sequence[str], needs: Sequence[Line], top: int) -> Iterator[Row]:
        """Give the rows of the table of candidates."""
        ranked = self.rank(needs, top)
        offers = ranked.pool.offers.tolist()
        scores, chances, exact = (values.tolist() for values in ranked.judged)
        for at, (need_id, need) in enumerate(zip(ids, needs, strict=True)):
            best, terms = ranked.of(at, top), asked_terms(need)
            for rank, row in enumerate(best, start=1):
                offer = self.offered.lines[offers[row]]
                agreement = compare(need, offer)
                below = scores[row] < self.model.none_below
                named = grade(agreement, chances[row], exact[row], none=below)
                reasons = write_reasons(agreement, need, offer, terms)
                offer_id = self.offered.ids[offers[row]]
                yield need_id, rank, offer_id, scores[row], chances[row], named, reasons
            if not best:
                note = write_note("empty need" if need.is_blank else "nothing in common")
                yield need_id, 1, self.offered.ids[0], 0.0, 0.0, "none", note


def _by_number(needs: Sequence[Line], pool: Pool, judged: Judged) -> Judged:
    """Judge the offers of needs that are a part number alone by nothing but that number."""
    alone = np.array([[need.is_part_number_alone] for need in needs], dtype=np.bool_)
    share = pool.fields[:, _NUMBERS]
    decides = alone & (pool.best(share[:, None]) >= FOUND)
    decided = np.repeat(decides[:, 0], np.diff(pool.starts))
    return Judged(*(np.where(decided, share, values) for values in judged))
