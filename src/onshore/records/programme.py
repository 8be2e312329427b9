"""A programme's folder, opened for use or checked for errors."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from onshore.codes import fold
from onshore.records.cells import Known
from onshore.records.database import read_database
from onshore.records.errors import ERRORS, FileFault, Findings, RowError, TableErrors, row_errors
from onshore.records.headings import guess_table, heading_key, table_named
from onshore.records.programme_rules import check_programme, missing_tables
from onshore.records.reading import Read, read_sheet
from onshore.records.references import check_references
from onshore.records.schemas import Schema, schema, tables
from onshore.records.settings import FILE, Settings, read_settings
from onshore.records.sheets import SUFFIXES, UNREAD_SUFFIXES, open_sheet


@dataclass(frozen=True)
class Programme:
    """A programme: its settings and its tables.

    Parameters
    ----------
    settings
        What holds for the whole programme.
    frames
        Typed frames by the names of their tables.
    folder
        Where it was read from; None if it was not read from a folder.
    notes
        What a person should know about how it was read.
    warnings
        What is no error and hardly meant, such as a programme without needs.
    """

    settings: Settings
    frames: Mapping[str, pl.DataFrame] = field(repr=False)
    folder: Path | None = None
    notes: tuple[str, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = field(default=(), repr=False)

    def table(self, name: str) -> pl.DataFrame:
        """Give a table with all columns of its schema; without rows if the programme has none.

        Raises
        ------
        KeyError
            There is no table of this name.
        """
        columns = schema(name).dtypes
        return self.frames[name] if name in self.frames else pl.DataFrame(schema=columns)


@dataclass(frozen=True)
class Check:
    """What was read and all that is wrong with it.

    Parameters
    ----------
    tables
        Frame of file, rows and errors: how many of each.
    errors
        Frame of file, row, column, reason, found and next_step.
    notes
        What a person should know and need not mend.
    warnings
        What is no error and hardly meant: a file that is nearly named as a table, or no needs.
    """

    tables: pl.DataFrame
    errors: pl.DataFrame
    notes: list[str]
    warnings: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[RowError]:
        return row_errors(self.errors)


def open_programme(path: str | Path, token: str = "") -> Programme:
    """Open the programme in a folder of tables, in a desk's database, or of a running desk.

    Parameters
    ----------
    path
        The folder, or its ``programme.toml``; or the address of the desk's database,
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``; or that of a running
        desk, ``https://desk.example.org``.
    token
        A token for the desk's API; without it, the environment variable ``ONSHORE_TOKEN``.

    Raises
    ------
    TableErrors
        The settings or tables have errors; it carries all of them.
    NoProgramme
        The database or the desk cannot be read, or holds no programme.
    """
    if isinstance(path, str) and path.lower().startswith(("https://", "http://")):
        from onshore.records.opening import read_desk

        return Programme(*read_desk(path, token))
    if isinstance(path, str) and "://" in path:
        return Programme(*read_database(path))
    path = Path(path)
    folder = path.parent if path.name == FILE else path
    read = _read_folder(folder, keep_all=True)
    errors = read.errors()
    if read.settings is None or errors.height:
        raise TableErrors(errors)
    frames = {name: table.frame for name, table in read.tables.items()}
    notes, warnings = tuple(read.notes()), tuple(read.warnings())
    return Programme(read.settings, frames, folder, notes, warnings)


def check(path: str | Path) -> Check:
    """Read a programme's folder, or one file of a table, and tell all that is wrong.

    Of a single file the table is told by its name or its headings, and references to other
    tables are not checked.

    Parameters
    ----------
    path
        The folder, its ``programme.toml``, or a CSV, XLSX or Parquet file.
    """
    path = Path(path)
    path = path.parent if path.name == FILE else path
    if path.is_dir():
        return _read_folder(path, keep_all=False).check()
    return _check_file(path)


@dataclass
class _FolderRead:
    settings: Settings | None
    tables: dict[str, Read]
    findings: dict[str, Findings]

    def errors(self) -> pl.DataFrame:
        frames = [findings.frame() for findings in self.findings.values()]
        return pl.concat([pl.DataFrame(schema=ERRORS), *frames])

    def notes(self) -> list[str]:
        return [note for findings in self.findings.values() for note in findings.notes]

    def warnings(self) -> list[str]:
        return [text for findings in self.findings.values() for text in findings.warnings]

    def check(self) -> Check:
        counts = {findings.file: 0 for findings in self.findings.values()}
        for name, read in self.tables.items():
            counts[self.findings[name].file] = read.count
        errors = self.errors()
        per_file = dict(errors.group_by("file").len().iter_rows())
        told = pl.DataFrame(
            [
                (file, rows, per_file.get(file, 0))
                for file, rows in counts.items()
                if file in per_file or file not in (FILE, self.findings[_FOLDER].file)
            ],
            schema={"file": pl.String, "rows": pl.Int64, "errors": pl.Int64},
            orient="row",
        )
        return Check(told, errors, self.notes(), self.warnings())


_FOLDER = "the folder"


def _read_folder(folder: Path, *, keep_all: bool) -> _FolderRead:
    findings = {_FOLDER: Findings(folder.name or str(folder)), FILE: Findings(FILE)}
    if not folder.is_dir():
        findings[_FOLDER].add(0, "", "there is no such folder.", str(folder), "check the name.")
        return _FolderRead(None, {}, findings)
    settings = read_settings(folder, findings[FILE])
    files = _table_files(folder, findings[_FOLDER])
    read: dict[str, Read] = {}
    known = Known(settings.home if settings else None)
    for name in sorted(files, key=lambda name: (name != "places", tables().index(name))):
        findings[name] = Findings(files[name].name)
        keep = None if keep_all else _needed(schema(name))
        read[name] = read_sheet(files[name], schema(name), findings[name], known, keep=keep)
        if name == "places":
            known = Known(known.home, frozenset(read[name].frame["place_id"].drop_nulls()))
    for name in read:
        for target in dict.fromkeys(c.table for c in schema(name).references if c.table):
            there = read.get(target)
            if there is None or there.layout is not None:
                frame = None if there is None else there.frame
                check_references(read[name], target, frame, findings[name])
    if settings:
        check_programme(settings, read, findings)
    for said in missing_tables(read, findings) if files else ():
        findings[_FOLDER].warn(said)
    return _FolderRead(settings, read, findings)


def _table_files(folder: Path, findings: Findings) -> dict[str, Path]:
    """Find the file of each table; note two for one table, and files of no table."""
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        suffix = path.suffix.lower()
        if path.name.startswith((".", "~$")) or suffix not in (*SUFFIXES, *UNREAD_SUFFIXES):
            continue
        name = table_named(path.stem)
        if suffix in UNREAD_SUFFIXES:
            if name is not None:
                _add_unread(path, name, findings)
        elif name is None:
            _say_not_read(path, findings)
        elif name in files:
            findings.add(
                0,
                "",
                f"{files[name].name} and {path.name} are both the table {name}.",
                "",
                "keep one of them in the folder.",
            )
        else:
            files[name] = path
    if not files:
        findings.add(
            0,
            "",
            "the folder has no tables.",
            "",
            "put tables such as needs.csv, offers.csv and organisations.csv into it.",
        )
    return files


def _add_unread(path: Path, name: str, findings: Findings) -> None:
    findings.add(
        0,
        "",
        f"{path.name} is named as the table {name} and is not of a kind that can be read.",
        path.suffix,
        f"open it in its program and save it as XLSX: {path.stem}.xlsx.",
    )


def _say_not_read(path: Path, findings: Findings) -> None:
    near = _table_nearly_named(path.stem)
    if near:
        findings.warn(
            f"{path.name} is not read. If it is the table {near}, name it {near}{path.suffix}."
        )
    elif path.suffix.lower() != ".txt":
        findings.note(f"{path.name} is not named as a table and is not read.")


def _table_nearly_named(stem: str) -> str | None:
    """Give the table that a file's name holds as a word, or misspells."""
    for word in re.split(r"[\W_\d]+", fold(stem)):
        if word and (name := table_named(word)):
            return name
    titles = {heading_key(text): name for name in tables() for text in (name, schema(name).title)}
    near = difflib.get_close_matches(heading_key(stem), titles, n=1, cutoff=0.8)
    return titles[near[0]] if near else None


def _needed(table: Schema) -> Collection[str]:
    """Columns that have to be kept to check a table against others and against itself."""
    columns = {*table.key, *(column.name for column in table.references), "name", "name_fa"}
    return columns | _ALSO_NEEDED.get(table.name, set())


_ALSO_NEEDED = {
    "claims": {"period"},
    "places": {"phase"},
    "budgets": {"currency"},
    "rates": set(schema("rates").dtypes),
}


def _check_file(path: Path) -> Check:
    findings = Findings(path.name)
    try:
        name = table_named(path.stem) or guess_table(path.stem, open_sheet(path).heads)
    except FileFault as fault:
        findings.add_fault(fault)
        return _FolderRead(None, {}, {_FOLDER: findings}).check()
    table = schema(name)
    read = read_sheet(path, table, findings, Known(), keep=_needed(table))
    unchecked = [column for column in table.references if column.name in read.headings]
    if unchecked:
        told = ", ".join(f"{read.headings[c.name]} to {c.table}" for c in unchecked)
        findings.note(f"references were not checked ({told}): check the programme's folder.")
    empty = Findings(FILE)
    return _FolderRead(None, {name: read}, {_FOLDER: empty, name: findings}).check()
