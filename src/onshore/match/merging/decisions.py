"""Memory of decisions: a pair that a person confirmed or rejected is not asked again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import polars as pl

from onshore.match.agreement import compare
from onshore.match.errors import MatchError
from onshore.match.lines import Line, read_line
from onshore.match.merging.line_keys import need_keys, offer_keys
from onshore.match.merging.tables import some, texts_of
from onshore.match.reasons import write_reasons

CONFIRMED, REJECTED = "confirmed", "rejected"
_FORM = 0x0F5D01  # SQLite's application_id of such files
_PATIENCE = 60.0  # seconds that a writer waits for others
_FILE_COLUMNS = ("need_line", "offer_line", "decision", "reviewer", "decided_on")
_TABLE = """
    CREATE TABLE IF NOT EXISTS decisions (
        need_line TEXT NOT NULL, offer_line TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('confirmed', 'rejected')),
        reviewer TEXT NOT NULL, decided_on TEXT NOT NULL,
        PRIMARY KEY (need_line, offer_line)
    ) WITHOUT ROWID
"""
# Of two decisions on a pair the later one holds; of two on one day, the one that is added last.
_ADD = """
    INSERT INTO decisions VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET decision = excluded.decision, reviewer = excluded.reviewer,
        decided_on = excluded.decided_on
    WHERE excluded.decided_on >= decided_on AND (excluded.decision, excluded.reviewer,
        excluded.decided_on) IS NOT (decision, reviewer, decided_on)
"""


_ALL = f"SELECT {', '.join(_FILE_COLUMNS)} FROM decisions ORDER BY need_line, offer_line"


class Decisions:
    """What people decided on pairs of a need and an offer, by what the lines say.

    The pairs are kept by their normalised lines, not by their ids, so that they hold for the
    same lines after an upload with new ones. The store is one SQLite file: programs may add to
    it at the same time, and a pair is never in it twice.

    Parameters
    ----------
    path
        The file; made when something is first added.

    Examples
    --------
    >>> import tempfile
    >>> decisions = Decisions(Path(tempfile.mkdtemp()) / "decisions.sqlite")
    >>> needs = pl.DataFrame({"need_id": ["N1"], "description": ["Gear pump 7.5 kW"]})
    >>> offers = pl.DataFrame({"offer_id": ["O1"], "description": ["Pump with gears"]})
    >>> reviewed = pl.DataFrame({"need_id": ["N1"], "offer_id": ["O1"], "decision": ["rejected"]})
    >>> decisions.add(reviewed, needs, offers), decisions.add(reviewed, needs, offers)
    (1, 0)
    >>> again = needs.with_columns(need_id=pl.lit("N77"), description=pl.lit("gear pump 7500 W"))
    >>> decisions.candidates(again, offers).select("need_id", "offer_id", "decision").rows()
    [('N77', 'O1', 'rejected')]
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def add(self, candidates: pl.DataFrame, needs: pl.DataFrame, offers: pl.DataFrame) -> int:
        """Add the decisions of reviewed candidates.

        Parameters
        ----------
        candidates
            The programme's table: ``need_id``, ``offer_id``, ``decision`` (*confirmed*,
            *rejected* or empty), optional ``reviewer``, ``decided_on``. Rows without a decision
            are passed over.
        needs, offers
            The tables that the ids refer to.

        Returns
        -------
        int
            How many pairs are new, or were decided otherwise before.

        Raises
        ------
        MatchError
            A column is missing, a decision is another word, an id is not in its table, or the
            file is no such store. Nothing is added then.
        """
        texts = texts_of(
            candidates,
            "candidates",
            ["need_id", "offer_id", "decision"],
            ["reviewer", "decided_on"],
        ).filter(pl.col("decision").str.strip_chars() != "")
        wrong = texts.filter(~pl.col("decision").is_in([CONFIRMED, REJECTED]))
        if wrong.height:
            raise MatchError(
                f"candidates: decision is {CONFIRMED}, {REJECTED} or empty, not "
                f"{some(wrong['decision'].unique(maintain_order=True).to_list())}."
            )
        rows = _with_lines(texts, needs, offers, "candidates").select(_FILE_COLUMNS).rows()
        with self._open(write=True) as store:
            before = store.total_changes
            store.executemany(_ADD, rows)
            return store.total_changes - before

    def table(self) -> pl.DataFrame:
        """Give all decisions.

        Returns
        -------
        DataFrame
            ``need_line``, ``offer_line`` (the normalised lines), ``decision``, ``reviewer``,
            ``decided_on`` (ISO 8601), all String, ordered by the lines; empty texts are null.
        """
        rows: list[tuple[str, ...]] = []
        if self.path.exists():
            with self._open(write=False) as store:
                # Where somebody is about to add the first, the file is there, but empty.
                if store.execute("SELECT 1 FROM sqlite_master WHERE name='decisions'").fetchone():
                    rows = store.execute(_ALL).fetchall()
        schema = dict.fromkeys(_FILE_COLUMNS, pl.String)
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.with_columns(
            pl.col(name).replace("", None) for name in ("reviewer", "decided_on")
        )

    def candidates(self, needs: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
        """Give the decisions that hold for these tables, with their ids.

        Returns
        -------
        DataFrame
            ``need_id``, ``offer_id``, ``decision``, ``reviewer``, ``decided_on`` (String), as in
            the programme's table ``candidates``, ordered by the ids. Every need and offer whose
            line is a decided one has its row.
        """
        held = self.table().join(need_keys(needs), on="need_line")
        return (
            held.join(offer_keys(offers), on="offer_line")
            .select("need_id", "offer_id", "decision", "reviewer", "decided_on")
            .sort("need_id", "offer_id")
        )

    @contextmanager
    def _open(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            ) as store:
                store.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                form = store.execute("PRAGMA application_id").fetchone()[0]
                tables = store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
                if form != _FORM and tables:
                    raise sqlite3.DatabaseError("another program's file")
                if write:
                    store.execute(_TABLE)
                    store.execute(f"PRAGMA application_id = {_FORM}")
                yield store
                store.execute("COMMIT")
        except sqlite3.DatabaseError as mistake:
            raise MatchError(
                f"{self.path} cannot be used as a store of decisions ({mistake}). "
                "Name another file, or put back a copy of it."
            ) from mistake


def apply_decisions(
    matches: pl.DataFrame, needs: pl.DataFrame, offers: pl.DataFrame, decisions: Decisions
) -> pl.DataFrame:
    """Put what people decided before into ranked matches.

    Parameters
    ----------
    matches
        As `find_candidates` gives them; ``probability`` may be there.
    needs, offers
        The tables that were matched.
    decisions
        What was decided.

    Returns
    -------
    DataFrame
        The matches with ``decision`` (String, null where nobody decided: these are to be
        asked). Confirmed pairs come first, also those that had not been proposed, with score
        1 and at least class *near*; rejected ones come last with score 0 and class *none*.
        Ranks are counted anew.

    Raises
    ------
    MatchError
        A column is missing, or an id of the matches is not in its table.
    """
    columns = [*matches.columns, "decision"]
    texts = texts_of(matches, "matches", ["need_id", "offer_id", "rank", "class"])
    ids = texts.select("need_id", "offer_id")
    _with_lines(ids.filter(pl.col("offer_id") != ""), needs, offers, "matches")
    decided = decisions.candidates(needs, offers).select("need_id", "offer_id", "decision")
    asked = matches.with_columns(ids.get_columns()).drop("decision", strict=False)
    known = asked.join(decided, on=["need_id", "offer_id"], how="left")
    added = decided.filter(decision=CONFIRMED).join(ids, on=["need_id", "offer_id"], how="anti")
    reasons = _reasons(added, needs, offers)
    known = pl.concat([known, added.with_columns(reasons)], how="diagonal")

    confirmed, rejected = (pl.col("decision") == word for word in (CONFIRMED, REJECTED))
    outcome = {"score": (1.0, 0.0), "probability": (1.0, 0.0)}
    changed = [
        pl.when(confirmed).then(yes).when(rejected).then(no).otherwise(name).alias(name)
        for name, (yes, no) in outcome.items()
        if name in known.columns
    ]
    good = pl.col("class").is_in(["exact", "near"]).fill_null(value=False)
    grade = (
        pl.when(rejected)
        .then(pl.lit("none"))
        .when(confirmed & ~good)
        .then(pl.lit("near"))
        .otherwise("class")
    )
    place = pl.when(confirmed).then(0).when(rejected).then(2).otherwise(1)
    order = {need: at for at, need in enumerate(needs["need_id"].cast(pl.String))}
    ranked = known.with_columns(*changed, grade.alias("class")).sort(
        pl.col("need_id").replace_strict(order, return_dtype=pl.Int64),
        place,
        "rank",
        "offer_id",
        nulls_last=True,
        maintain_order=True,
    )
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("need_id").alias("rank")
    return ranked.with_columns(rank).select(list(dict.fromkeys(columns)))


def _with_lines(
    rows: pl.DataFrame, needs: pl.DataFrame, offers: pl.DataFrame, name: str
) -> pl.DataFrame:
    for key, keys in (("need_id", need_keys(needs)), ("offer_id", offer_keys(offers))):
        unknown = rows.join(keys, on=key, how="anti")[key].unique(maintain_order=True).to_list()
        if unknown:
            raise MatchError(
                f"{name}: {key} {some(unknown)} is not in the table of {key[:-3]}s. "
                "Pass the tables that these rows were made from."
            )
        rows = rows.join(keys.unique(key, keep="first"), on=key, how="left", maintain_order="left")
    return rows


def _reasons(added: pl.DataFrame, needs: pl.DataFrame, offers: pl.DataFrame) -> pl.Series:
    asked = _lines(needs, "need_id", added["need_id"])
    offered = _lines(offers, "offer_id", added["offer_id"])
    written = [
        write_reasons(compare(asked[need], offered[offer]), asked[need], offered[offer])
        for need, offer in added.select("need_id", "offer_id").iter_rows()
    ]
    return pl.Series("reasons", written, dtype=pl.String)


def _lines(table: pl.DataFrame, key: str, ids: pl.Series) -> dict[str, Line]:
    texts = texts_of(table, key, [key, "description"], ["part_number", "brand", "hs_code"])
    return {
        identifier: read_line(text, part_number=number, brand=brand, hs_code=hs)
        for identifier, text, number, brand, hs in texts.filter(
            pl.col(key).is_in(ids.implode())
        ).iter_rows()
    }
