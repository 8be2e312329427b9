"""``onshore merge``: records that are the same, and decisions kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from cyclopts import App

from onshore.cli.console import Refused, existing, note, result_table, step
from onshore.cli.targets import file_target, writing

merge = App(
    name="merge",
    help="Find records that are the same, and keep what people decided.",
    help_format="plaintext",
)


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(merge)


@merge.command
def items(items: Path, /, *, out: Path | None = None) -> int:
    """Find items that are the same good: item_id, cluster_id, probability, reasons.

    Parameters
    ----------
    items
        Table with item_id, description; attributes, part_number, part_number_issuer, unit,
        hs_code and class are used if there.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.match.merging import merge_items

    return _merge(items, "items", merge_items, out)


@merge.command
def makers(organisations: Path, /, *, out: Path | None = None) -> int:
    """Find organisations that are one: organisation_id, cluster_id, probability, reasons.

    Parameters
    ----------
    organisations
        Table with organisation_id, name; name_fa, country, place, industrial_park and website
        are used if there.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.match.merging import merge_makers

    return _merge(organisations, "organisations", merge_makers, out)


@merge.command
def learn(pairs: Path, /, *, out: Path, seed: int = 0) -> int:
    """Learn from labelled pairs of records to tell which are the same.

    Parameters
    ----------
    pairs
        CSV, XLSX or Parquet table with columns left_... and right_... of any names, and label:
        1 where both are the same, else 0.
    out
        File of the model to write.
    seed
        Draws the parts that are left out in turn; the same seed gives the same model.
    """
    from onshore.match.merging import learn_pairs

    file_target(out, suffixes=None)
    table = _any_table(pairs)
    with _refusing(pairs), step(f"learning from {table.height:,} pairs"):
        model = learn_pairs(table, seed=seed)
    with writing(out):
        model.save(out)
    note(
        f"{out}: F1 {model.left_out_f1:.3f} on pairs left out of learning, "
        f"threshold {model.threshold:.3f}"
    )
    return 0


@merge.command
def score(pairs: Path, /, *, model: Path, out: Path | None = None) -> int:
    """Tell for pairs of records whether they are the same: probability, label_predicted.

    Parameters
    ----------
    pairs
        CSV, XLSX or Parquet table with the columns of the pairs that the model was learned from.
    model
        File that `onshore merge learn` wrote.
    out
        CSV, XLSX or Parquet file to write: the same rows in the same order with the two
        columns more; standard output when not given.
    """
    from onshore.match.merging import PairModel

    _check(out)
    table = _any_table(pairs)
    with _refusing(model):
        learned = PairModel.load(existing(model))
    with _refusing(pairs):
        scored = learned.score(table)
    return _give(scored, out)


@merge.command
def remember(candidates: Path, needs: Path, offers: Path, /, *, decisions: Path) -> int:
    """Keep the decisions of reviewed candidates, by what their lines say.

    Parameters
    ----------
    candidates
        Table with need_id, offer_id, decision (confirmed, rejected or empty).
    needs
        The needs that the ids refer to.
    offers
        The offers that the ids refer to.
    decisions
        File of decisions to add to; made if it is not there.
    """
    from onshore.match.merging import Decisions

    file_target(decisions, suffixes=None)
    reviewed = _programme_table(candidates, "candidates")
    wanted, offered = _programme_table(needs, "needs"), _programme_table(offers, "offers")
    with _refusing(candidates):
        added = Decisions(decisions).add(reviewed, wanted, offered)
    note(f"{added:,} decisions new or changed: {decisions}")
    return 0


@merge.command
def recall(
    matches: Path, needs: Path, offers: Path, /, *, decisions: Path, out: Path | None = None
) -> int:
    """Put earlier decisions into ranked matches; those without one are still to be asked.

    Parameters
    ----------
    matches
        What `onshore match rank` wrote.
    needs
        The needs that were matched.
    offers
        The offers that were matched.
    decisions
        File that `onshore merge remember` wrote.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.match.merging import Decisions, apply_decisions

    _check(out)
    ranked = _any_table(matches)
    numbers = {"rank": pl.Int64, "score": pl.Float64, "probability": pl.Float64}
    ranked = ranked.cast({name: kind for name, kind in numbers.items() if name in ranked.columns})
    wanted, offered = _programme_table(needs, "needs"), _programme_table(offers, "offers")
    with _refusing(matches):
        decided = apply_decisions(ranked, wanted, offered, Decisions(existing(decisions)))
    return _give(decided, out)


def _merge(
    path: Path,
    table: str,
    merged: Callable[[pl.DataFrame], pl.DataFrame],
    out: Path | None,
) -> int:
    _check(out)
    rows = _programme_table(path, table)
    with _refusing(path):
        return _give(merged(rows), out)


def _check(out: Path | None) -> None:
    if out is not None:
        file_target(out)


def _give(table: pl.DataFrame, out: Path | None) -> int:
    from onshore import records

    if out is None:
        result_table(table)
    else:
        with writing(out):
            records.write_table(table, out)
        note(f"{table.height:,} rows: {out}")
    return 0


def _any_table(path: Path) -> pl.DataFrame:
    """Read a table of any columns, every cell as text."""
    kind = existing(path).suffix.lower()
    try:
        if kind == ".csv":
            table = pl.read_csv(path, infer_schema=False, encoding="utf8", null_values=[""])
        elif kind == ".xlsx":
            table = pl.read_excel(path, infer_schema_length=0, raise_if_empty=False)
        elif kind == ".parquet":
            table = pl.read_parquet(path)
        else:
            raise Refused(f"{path}: a table is a .csv, .xlsx or .parquet file; name it so.")
    except (pl.exceptions.PolarsError, OSError) as mistake:
        reason = str(mistake).partition("\n")[0]
        raise Refused(
            f"{path} cannot be read as a table ({reason}). Save it anew as CSV in UTF-8.", status=1
        ) from None
    # The apostrophe that keeps a spreadsheet from running a text is not part of it.
    texts = pl.col(pl.String).str.replace(r"^'('*[=+\-@\t\r\n])", "$1")
    return table.with_columns(texts) if pl.String in table.dtypes else table


def _programme_table(path: Path, name: str) -> pl.DataFrame:
    """Read one of the programme's tables as texts, whatever of it is there.

    Its columns may have any heading that the programme's table knows.
    """
    from onshore.codes import fold
    from onshore.records import schema

    table = _any_table(path)
    known = {
        fold(heading): column.name
        for column in schema(name).columns
        for heading in (*column.synonyms, column.name)
    }
    named: dict[str, str] = {}
    for heading in table.columns:
        column = known.get(fold(heading), heading)
        if column != heading and column not in table.columns and column not in named.values():
            named[heading] = column
    return table.rename(named)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    from onshore.match import MatchError

    try:
        yield
    except MatchError as mistake:
        said = str(mistake)
        raise Refused(said if str(path) in said else f"{path}: {said}", status=1) from None
