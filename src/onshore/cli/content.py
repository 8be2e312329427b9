"""``onshore account content``, ``parts`` and ``formulas``: local content by dated formulas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, note, result, result_json, result_table, warn
from onshore.cli.targets import file_target, writing

if TYPE_CHECKING:
    from onshore.account import Formula

Json = Annotated[bool, Parameter(name="--json", negative="")]
_TABLES = ("declaration_amounts", "bill_of_materials", "offers", "rates")
_FOLDER = "local_content"


def register(app: App) -> None:
    """Add this file's commands to the application, under ``onshore account``."""
    app["account"].command(content)
    app["account"].command(parts)
    app["account"].command(formulas)


def content(
    source: Path,
    /,
    *,
    bill: Path | None = None,
    amounts: Path | None = None,
    home: str | None = None,
    rate_type: str | None = None,
    more: Annotated[list[Path] | None, Parameter(name="--formula")] = None,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Reckon declarations of local content by their formulas, and check what they declare.

    Parameters
    ----------
    source
        A programme folder, or a table of declarations (CSV, XLSX or Parquet); beside such a
        table, declaration_amounts, bill_of_materials, offers and rates are read where they are.
    bill
        A bill of materials to use instead of the one that is there.
    amounts
        A table of the declarations' amounts to use instead of the one that is there.
    home
        Home country, for a table that is in no programme: ISO 3166-1 alpha-2 code or name.
    rate_type
        Type of exchange rate; the programme's when not given.
    more
        TOML file of a formula of your own; may be repeated. A programme's folder local_content
        is read without asking.
    out
        CSV, XLSX or Parquet file to write, with every column.
    json
        Write the result as JSON to standard output.
    """
    from onshore import records
    from onshore.account import AccountError, local_content
    from onshore.figures import FigureError, RateTable

    if out is not None:
        file_target(out)
    given = _given(existing(source), bill, amounts, home, rate_type)
    try:
        rates = given.tables["rates"]
        table = local_content(
            given.tables["declarations"],
            given.tables["declaration_amounts"],
            given.tables["bill_of_materials"],
            home=given.home,
            offers=given.tables["offers"],
            among=_formulas(given.folder, more or ()),
            rates=None if rates.is_empty() else RateTable(rates),
            rate_type=given.rate_type,
        )
    except (AccountError, FigureError) as mistake:
        raise Refused(str(mistake), status=1) from None
    if out is not None:
        with writing(out):
            records.write_table(table, out)
        note(f"{table.height:,} rows: {out}")
    if json:
        result_json(table.to_dicts())
    elif out is None:
        for line in _told(table):
            result(line)
    warn(given.warnings)
    return 1 if "refused" in table["verdict"] else 0


def parts(
    source: Path, assembly: str, /, *, home: str | None = None, out: Path | None = None
) -> int:
    """List what goes into one unit of an assembly at its last tier, the largest imports first.

    Parameters
    ----------
    source
        A programme folder, or a bill of materials (CSV, XLSX or Parquet).
    assembly
        The assembly, as it stands in assembly_id.
    home
        Home country, for a table that is in no programme: ISO 3166-1 alpha-2 code or name.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore import records
    from onshore.account import AccountError, flatten

    if out is not None:
        file_target(out)
    given = _given(existing(source), None, None, home, None, table="bill_of_materials")
    try:
        table = flatten(given.tables["bill_of_materials"], assembly, home=given.home)
    except AccountError as mistake:
        raise Refused(str(mistake), status=1) from None
    if out is None:
        result_table(table)
    else:
        with writing(out):
            records.write_table(table, out)
        note(f"{table.height:,} rows: {out}")
    warn(given.warnings)
    return 0


def formulas(
    *, more: Annotated[list[Path] | None, Parameter(name="--formula")] = None, json: Json = False
) -> int:
    """List the formulas of local content with their versions, sources and open points.

    Parameters
    ----------
    more
        TOML file of a formula of your own; may be repeated.
    json
        Write the list as JSON.
    """
    from onshore.account import AccountError, formula_table

    try:
        table = formula_table(_formulas(None, more or ()))
    except AccountError as mistake:
        raise Refused(str(mistake), status=1) from None
    if json:
        result_json(table.to_dicts())
    else:
        result_table(table)
    return 0


@dataclass(frozen=True)
class _Given:
    tables: dict[str, pl.DataFrame]
    home: str
    rate_type: str | None
    folder: Path
    warnings: Sequence[str] = ()


def _given(
    source: Path,
    bill: Path | None,
    amounts: Path | None,
    home: str | None,
    rate_type: str | None,
    table: str = "declarations",
) -> _Given:
    """Read what is to be reckoned: of a programme, or of a table and those beside it."""
    from onshore.cli.programme import open_programme

    chosen = {"bill_of_materials": bill, "declaration_amounts": amounts}
    if source.is_dir() or source.name == "programme.toml":
        opened = open_programme(source)
        tables = {name: opened.table(name) for name in ("declarations", *_TABLES)}
        country, kind = opened.settings.home, rate_type or opened.settings.rate_type
        tables |= _read({name: path for name, path in chosen.items() if path}, country)
        folder = opened.folder or source
        return _Given(tables, _country(home) or country, kind, folder, opened.warnings)
    country = _country(home) or ""
    there = {name: _beside(source, name) for name in _TABLES}
    paths = {**there, **{name: path for name, path in chosen.items() if path}, table: source}
    tables = _read({name: path for name, path in paths.items() if path}, country)
    if not country and not tables.get("bill_of_materials", pl.DataFrame()).is_empty():
        raise Refused(
            "which origin is home is not said. Give --home, such as --home IR, or a programme."
        )
    return _Given(
        {name: tables.get(name, _empty(name)) for name in ("declarations", *_TABLES)},
        country,
        rate_type,
        source.parent,
    )


def _read(paths: dict[str, Path], home: str) -> dict[str, pl.DataFrame]:
    from onshore import records

    frames, errors = {}, []
    for name, path in paths.items():
        reading = records.read_table(existing(path), name, home=home or None)
        frames[name] = reading.frame
        errors.append(reading.errors)
    found = pl.concat(errors) if errors else pl.DataFrame()
    if not found.is_empty():
        raise Refused(str(records.TableErrors(found)), status=1)
    return frames


def _beside(source: Path, table: str) -> Path | None:
    return next(
        (
            path
            for suffix in (".csv", ".xlsx", ".parquet")
            if (path := source.with_name(table + suffix)).exists()
        ),
        None,
    )


def _empty(table: str) -> pl.DataFrame:
    from onshore import records

    return pl.DataFrame(schema=records.schema(table).dtypes)


def _country(home: str | None) -> str | None:
    from onshore.codes import UnknownCode, countries

    if home is None:
        return None
    try:
        return countries.find(home).code
    except UnknownCode as unknown:
        raise Refused(f"--home: {unknown}") from None


def _formulas(folder: Path | None, more: Sequence[Path]) -> "tuple[Formula, ...]":
    """Give the formulas that onshore brings, those of the programme and those asked for."""
    from onshore.account import formulas as all_formulas
    from onshore.account import read_formula

    own = [] if folder is None else sorted((folder / _FOLDER).glob("*.toml"))
    read = []
    for path in (*own, *more):
        try:
            text = existing(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as failure:
            raise Refused(f"{path} cannot be read: {failure}. Save it as UTF-8.", 1) from None
        read.append(read_formula(text, path.name))
    return all_formulas(read)


def _told(table: pl.DataFrame) -> Iterator[str]:
    """Write the declarations for a person: a table, what is refused and why, and the sources."""
    rows = [("declaration", "formula", "declared", "content", "verdict", "class")]
    for row in table.iter_rows(named=True):
        label = f"{row['formula']} {row['version']}"
        shares = (_percent(row["declared"]), _percent(row["content"]))
        rows.append((row["declaration_id"], label, *shares, row["verdict"], row["class"] or ""))
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(
            str(cell).rjust(width) if place in (2, 3) else str(cell).ljust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
    for row in table.iter_rows(named=True):
        told = list(_remarks(row))
        if told:
            yield ""
            yield f"{row['declaration_id']}: {told[0]}"
            yield from (f"  {line}" for line in told[1:])
    sources = table.drop_nulls("title").unique(["formula", "version"], maintain_order=True)
    if not sources.is_empty():
        yield ""
        yield "Formulas"
    for row in sources.iter_rows(named=True):
        yield f"  {row['formula']} {row['version']}: {row['title']}. Source: {row['source']}"
    if not sources.is_empty():
        yield "  what could not be confirmed of them: onshore account formulas"


def _remarks(row: dict[str, Any]) -> Iterator[str]:
    if row["reason"]:
        yield f"{row['reason']}."
        yield f"next: {row['next_step']}"
    if row["working"]:
        yield row["working"]
    if row["imported"] is not None:
        yield f"from the bill of materials: {_money(row, 'imported')} imported in one unit"
        if row["unknown_origin"]:
            yield f"of it {_money(row, 'unknown_origin')} without an origin, counted as imported"
        if row["undeclared"]:
            yield (
                f"{_money(row, 'undeclared')} of home-made parts, counted as local, have no "
                "content declared by their suppliers"
            )


def _money(row: dict[str, Any], column: str) -> str:
    return f"{row[column]:,.2f} {row['currency']}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
