"""``onshore classify``: codes for items."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import polars as pl
from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, note, result_table, step
from onshore.cli.targets import file_target, writing

classify = App(
    name="classify",
    help="Give items codes of HS 2022 or of your own list, and say why.",
    help_format="plaintext",
)


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(classify)


@classify.command
def items(
    items: Path,
    /,
    *,
    scheme: str = "hs",
    model: Path | None = None,
    top: Annotated[int, Parameter(validator=lambda _, n: _at_least_one(n))] = 5,
    out: Path | None = None,
) -> int:
    """Give items codes: item_id, rank, code, probability, description, reasons.

    Parameters
    ----------
    items
        Table with item_id, description; part_number and maker are used if there.
    scheme
        hs for the six digits of HS 2022, or a table with code, parent, description.
    model
        File that `onshore classify learn` wrote from lines that were coded by this scheme.
    top
        Codes given for each item.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore import records
    from onshore.match.coding import CodeModel, classify_items

    if out is not None:
        file_target(out)
    table = _read(items, "items")
    codes = scheme if scheme.casefold() == "hs" else _read(Path(scheme), None)
    with _refusing(model or items):
        learned = CodeModel.load(model) if model else None
    with _refusing(items if isinstance(codes, str) else Path(scheme)):
        coded = classify_items(table, codes, model=learned, top=top)
    if out is None:
        result_table(coded)
        return 0
    with writing(out):
        records.write_table(coded, out)
    note(f"{coded.height:,} rows: {out}")
    return 0


@classify.command
def learn(labelled: Path, /, *, out: Path, seed: int = 0) -> int:
    """Learn codes from lines that you have coded.

    Parameters
    ----------
    labelled
        Table with item_id, code and description or part_number; maker is used if there.
    out
        File of the model to write.
    seed
        Draws the order of learning; the same seed gives the same model.
    """
    from onshore.match.coding import learn_codes

    file_target(out, suffixes=(out.suffix.lower(),))
    table = _read(labelled, "labelled")
    with _refusing(labelled), step(f"learning from {table.height:,} lines"):
        model = learn_codes(table, seed=seed)
    with writing(out):
        model.save(out)
    note(
        f"{out}: {len(model.codes):,} codes; {model.left_out:.0%} of the lines that were left out "
        "of learning were given their code"
    )
    return 0


def _at_least_one(number: int) -> None:
    if number < 1:
        raise ValueError("Give 1 or more.")


def _read(path: Path, table: str | None) -> pl.DataFrame:
    """Read a table of any columns as texts; those of items by any heading they are known by."""
    from onshore.codes import fold

    frame = _texts(path)
    if table is None:
        return frame
    known = {fold(name): column for column, names in _HEADINGS.items() for name in names}
    named: dict[str, str] = {}
    for heading in frame.columns:
        column = known.get(fold(heading), heading)
        if column not in frame.columns and column not in named.values():
            named[heading] = column
    frame = frame.rename(named)
    ignored = [name for name in frame.columns if name not in (*_HEADINGS, "code")]
    if ignored:
        note(f"note: {path.name}: not used: {', '.join(ignored)}")
    return frame


def _texts(path: Path) -> pl.DataFrame:
    kind = existing(path).suffix.lower()
    try:
        if kind in (".csv", ".txt"):
            frame = pl.read_csv(path, infer_schema=False)
        elif kind == ".tsv":
            frame = pl.read_csv(path, infer_schema=False, separator="\t")
        elif kind == ".xlsx":
            frame = pl.read_excel(path, infer_schema_length=0, raise_if_empty=False)
        elif kind == ".parquet":
            frame = pl.read_parquet(path)
        else:
            raise Refused(f"{path}: a table is a .csv, .tsv, .xlsx or .parquet file; name it so.")
    except (pl.exceptions.PolarsError, OSError) as mistake:
        reason = str(mistake).partition("\n")[0]
        raise Refused(
            f"{path} cannot be read as a table ({reason}). Save it anew as CSV in UTF-8.", status=1
        ) from None
    # The apostrophe that keeps a spreadsheet from running a text is not part of it.
    inert = pl.col(pl.String).str.replace(r"^'('*[=+\-@\t\r\n])", "$1")
    return frame.with_columns(inert) if pl.String in frame.dtypes else frame


_HEADINGS = {
    "item_id": ("item_id", "id", "stock code", "material number", "کد کالا", "شناسه کالا"),
    "description": ("description", "name", "item", "material", "شرح", "شرح کالا", "نام کالا"),
    "part_number": ("part_number", "part no", "pn", "catalogue number", "شماره فنی", "پارت نامبر"),
    "maker": ("maker", "manufacturer", "brand", "part_number_issuer", "سازنده", "برند"),
}


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    from onshore.match import MatchError

    try:
        yield
    except MatchError as mistake:
        said = str(mistake)
        raise Refused(said if str(path) in said else f"{path}: {said}", status=1) from None
