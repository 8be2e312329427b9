"""The ranking of offers for each need."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from onshore.match.agreement import compare
from onshore.match.bm25 import Vector
from onshore.match.errors import MatchError
from onshore.match.index import OfferIndex
from onshore.match.lines import Line, read_line
from onshore.match.reasons import write_note, write_reasons

_CELLS = 4_000_000  # of the needs x offers array that is held at a time: 32 MB
_TEXT = ("description", "brand", "part_number", "hs_code")
_SCHEMA = {
    "need_id": pl.String,
    "rank": pl.Int64,
    "offer_id": pl.String,
    "score": pl.Float64,
    "class": pl.String,
    "reasons": pl.String,
}

Row = tuple[str, int, str, float, str, str]


def find_candidates(needs: pl.DataFrame, offers: pl.DataFrame, *, top: int = 10) -> pl.DataFrame:
    """Rank the offers for each need, each with its class and its reasons.

    Lines are compared by their words, their part numbers and their letters, each by BM25 and as
    a share of what the need's own line would score; see `onshore.match.index`. Persian and
    Russian terms are read as English ones by the glossary ``terms.csv``. Every size, rating,
    standard or type in which the two lines differ takes a fifth off, up to four of them.

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

    Returns
    -------
    polars.DataFrame
        ``need_id`` (String, in the order of ``needs``), ``rank`` (Int64, from 1), ``offer_id``
        (String), ``score`` (Float64, the share of the need that is met, 0 to 1, comparable
        between needs), ``class`` (String):

        - *near*: the score is at least 0.5 and nothing stated differs;
        - *exact*: near, and a full part number agrees (in the column of one table at least, or a
          bearing's), or a standard and every size of the need;
        - *could make*: the score is at least 0.2, or a part number agrees though something
          else differs;
        - *none*: anything less. The class of rank 1 is the need's.

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
    [(1, 'B', 'near'), (2, 'A', 'could make')]
    """
    if top < 1:
        raise MatchError(f"top is {top}; ask for at least 1 candidate.")
    asked = _read(needs, "needs", "need_id")
    offered = sorted(_read(offers, "offers", "offer_id"), key=lambda offer: offer[0])
    rows: list[Row] = []
    if offered:
        index = OfferIndex.of([line for _, line in offered])
        step = max(1, _CELLS // len(offered))
        for start in range(0, len(asked), step):
            batch = asked[start : start + step]
            scores = index.scores([line for _, line in batch])
            for (need_id, need), scored in zip(batch, scores, strict=True):
                rows += _candidates(need_id, need, scored, offered, top)
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _read(table: pl.DataFrame, name: str, key: str) -> list[tuple[str, Line]]:
    missing = [column for column in (key, "description") if column not in table.columns]
    if missing:
        raise MatchError(
            f"{name}: no column {' or '.join(missing)}. "
            f"Found: {', '.join(table.columns) or 'no column'}. Rename or add it."
        )
    texts = table.select(
        _text(table, column, name) if column in table.columns else pl.lit(None).alias(column)
        for column in (key, *_TEXT)
    )
    _check_ids(texts[key], name)
    return [
        (
            identifier,
            read_line(
                description or "",
                brand=brand or "",
                part_number=number or "",
                hs_code=hs_code or "",
            ),
        )
        for identifier, description, brand, number, hs_code in texts.iter_rows()
    ]


def _text(table: pl.DataFrame, column: str, name: str) -> pl.Expr:
    kind = table.schema[column]
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise MatchError(f"{name}: {column} holds {kind}, not text. Write one text in each row.")
    return pl.col(column).cast(pl.String)


def _check_ids(ids: pl.Series, name: str) -> None:
    empty = [row for row, value in enumerate(ids, start=1) if not (value or "").strip()]
    if empty:
        raise MatchError(
            f"{name}: {ids.name} is empty in data row {_some(empty)}. Give each row its own id."
        )
    repeated = ids.filter(ids.is_duplicated()).unique(maintain_order=True).to_list()
    if repeated:
        raise MatchError(
            f"{name}: {ids.name} occurs more than once: {_some(repeated)}. "
            "Give each row its own id, or remove the repeated rows."
        )


def _some(values: Sequence[object], most: int = 5) -> str:
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(map(str, values[:most])) + more


def _candidates(
    need_id: str, need: Line, scores: Vector, offered: Sequence[tuple[str, Line]], top: int
) -> Iterator[Row]:
    best = _best(scores, top)
    for rank, at in enumerate(best, start=1):
        offer_id, offer = offered[at]
        score = float(scores[at])
        agreement = compare(need, offer)
        reasons = write_reasons(agreement, need, offer)
        yield need_id, rank, offer_id, score, agreement.grade(score), reasons
    if not best:
        note = write_note("empty need" if need.is_blank else "nothing in common")
        yield need_id, 1, offered[0][0], 0.0, "none", note


def _best(scores: Vector, top: int) -> list[int]:
    """Give the positions of the best scores above 0, equal ones in their order."""
    found = np.flatnonzero(scores)
    if found.size > top:
        least = np.partition(scores[found], -top)[-top]
        found = found[scores[found] >= least]
    best: list[int] = found[np.argsort(-scores[found], kind="stable")][:top].tolist()
    return best
