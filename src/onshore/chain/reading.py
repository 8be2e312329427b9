"""A chain read from a folder, or taken from frames, and checked."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from onshore.chain.checks import check_chain, check_rows, with_capacity_rates
from onshore.chain.columns import Problems, check_references, problem, typed
from onshore.chain.conversion import in_commodity_units
from onshore.chain.errors import ChainError
from onshore.chain.tables import REQUIRED_TABLES, TABLES, Chain, ChainSettings, empty
from onshore.codes import UnknownCode, currencies

FILE = "chain.toml"
_SUFFIXES = (".csv", ".xlsx", ".parquet")


def read_chain(
    source: str | Path | Mapping[str, pl.DataFrame],
    *,
    settings: ChainSettings | Mapping[str, Any] | None = None,
) -> Chain:
    """Read a chain and check it.

    A folder holds ``chain.toml`` (name, years, and where needed seasons, currency, objective,
    discount, calendar, stocks_end, note, illustrative) and a file for each table (CSV, XLSX or
    Parquet): commodities, places, processes, recipes, assets, and where needed links, demands,
    markets, stocks, limits, projects, budgets, parts. Amounts, costs and rates are told in the
    unit of their commodity afterwards; each process has a recipe row of what its capacity is
    counted in (rate 1).

    Parameters
    ----------
    source
        The folder, or the frames by the names of the tables.
    settings
        Settings, where frames are given; with a folder they replace those of ``chain.toml``.

    Returns
    -------
    Chain
        With what is odd in its warnings.

    Raises
    ------
    ChainError
        Something cannot be used: each bad row with table, row, reason and next step in
        ``problems``. Among them a recipe that makes mass from nothing, processes that gain by
        running in a circle, a commodity nobody makes or imports, units that do not match, and
        capacity without a year.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame
    >>> chain = read_chain(
    ...     {
    ...         "commodities": frame(
    ...             {"commodity": ["ore", "steel"], "unit": ["kt", "kt"], "kind": ["material"] * 2}
    ...         ),
    ...         "places": frame({"place": ["here"]}),
    ...         "processes": frame({"process": ["melting"], "commodity": ["steel"]}),
    ...         "recipes": frame({"process": ["melting"], "commodity": ["ore"], "rate": [-1.6]}),
    ...         "assets": frame(
    ...             {
    ...                 "asset": ["works"],
    ...                 "process": ["melting"],
    ...                 "place": ["here"],
    ...                 "capacity": [10.0],
    ...                 "from_year": [2020],
    ...             }
    ...         ),
    ...         "markets": frame(
    ...             {
    ...                 "market": ["ore by sea"],
    ...                 "commodity": ["ore"],
    ...                 "place": ["here"],
    ...                 "direction": ["import"],
    ...             }
    ...         ),
    ...     },
    ...     settings={"name": "small", "years": [2025]},
    ... )
    >>> chain.table("recipes")["rate"].to_list(), chain.settings.season_names
    ([-1.6, 1.0], ('year',))
    """
    problems: Problems = []
    name = "the chain"
    if isinstance(source, Mapping):
        given = {table: frame for table, frame in source.items() if table in TABLES}
        strange = [table for table in source if table not in TABLES]
        written: Mapping[str, Any] = {}
    else:
        folder = Path(source)
        name = folder.name or str(folder)
        written, given, strange = _folder(folder)
    told = settings if isinstance(settings, ChainSettings) else _settings(written, settings)
    _refuse_settings(told)
    for table in REQUIRED_TABLES:
        if table not in given or given[table].is_empty():
            problems.append(problem(table, "", "the table is missing or empty", "Add its rows."))
    warnings = [f"the table {table} is not known and is not read." for table in strange]
    tables = {table: typed(table, given.get(table, empty(table)), problems) for table in TABLES}
    warnings += _strange_columns(given)
    _raise(problems, name)
    check_references(tables, problems)
    check_rows(tables, told, problems)
    _raise(problems, name)
    tables = with_capacity_rates(in_commodity_units(tables, problems), problems)
    _raise(problems, name)
    warnings += check_chain(tables, told, problems)
    _raise(problems, name)
    return Chain(MappingProxyType(tables), told, tuple(warnings))


def _folder(folder: Path) -> tuple[dict[str, Any], dict[str, pl.DataFrame], list[str]]:
    path = folder / FILE
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise ChainError(
            f"{path} is not there. A chain is a folder with {FILE}, which holds at least name and "
            "years, and a file for each table."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ChainError(
            f"{path} cannot be read: {wrong}. Write each line as key = value, in UTF-8."
        ) from None
    given: dict[str, pl.DataFrame] = {}
    strange = []
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in _SUFFIXES:
            continue
        if file.stem not in TABLES:
            strange.append(file.name)
        elif file.stem in given:
            raise ChainError(
                f"{folder}: the table {file.stem} is there in two files. Keep one of them."
            )
        else:
            given[file.stem] = _file(file)
    return written, given, strange


def _file(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        if path.suffix.lower() == ".xlsx":
            return pl.read_excel(path, infer_schema_length=None)
        if not path.read_bytes().strip():
            return pl.DataFrame()
        return pl.read_csv(path, infer_schema=False)
    except Exception as wrong:
        _refuse_ragged(path)
        raise ChainError(
            f"{path.name} cannot be read: {wrong}. Save it as CSV in UTF-8, commas between cells, "
            "with one row of headings."
        ) from None


def _refuse_ragged(path: Path) -> None:
    """Name the first row of a CSV file with more cells than there are headings."""
    if path.suffix.lower() != ".csv":
        return
    rows = csv.reader(path.read_text("utf-8-sig", errors="replace").splitlines())
    try:
        headings = len(next(rows, []))
        for number, cells in enumerate(rows, start=2):
            if len(cells) > headings:
                raise ChainError(
                    f"{path.name}, row {number}: it has {len(cells)} cells, and there are "
                    f"{headings} headings. Put texts with commas in quotes."
                )
    except csv.Error:
        return


def _settings(written: Mapping[str, Any], more: Mapping[str, Any] | None) -> ChainSettings:
    values = {**written, **(more or {})}
    known = {field.name for field in fields(ChainSettings)}
    unknown = sorted(set(values) - known)
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, 1)
        meant = f" Is {near[0]} meant?" if near else ""
        raise ChainError(
            f"{FILE}: the key {unknown[0]} is not known.{meant} Mend it or take it out."
        )
    for key in ("name", "years"):
        if key not in values:
            raise ChainError(f'{FILE}: {key} is missing. Write name = "..." and years = [2025].')
    try:
        values["years"] = tuple(_year(year) for year in values["years"])
        if "seasons" in values:
            values["seasons"] = _seasons(values["seasons"])
        if "discount" in values:
            values["discount"] = float(values["discount"])
    except (TypeError, ValueError, KeyError, AttributeError) as wrong:
        raise ChainError(
            f"{FILE}: {wrong}. Write years = [2025, 2026], and each season as [[seasons]] with "
            "name and share."
        ) from None
    return ChainSettings(**values)


def _year(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"the year {value!r} is not a whole number")
    return value


def _seasons(written: Any) -> tuple[tuple[str, float], ...]:
    if isinstance(written, Mapping):
        return tuple((str(name), float(share)) for name, share in written.items())
    pairs = [(s["name"], s["share"]) if isinstance(s, Mapping) else tuple(s) for s in written]
    return tuple((str(name), float(share)) for name, share in pairs)


def _refuse_settings(settings: ChainSettings) -> None:
    years, names = settings.years, settings.season_names
    shares = [share for _, share in settings.seasons]
    wrong = None
    if not years or list(years) != sorted(set(years)):
        wrong = f"years are {list(years)}. Write each year once, in order"
    elif not names or len(set(names)) < len(names) or not all(names):
        wrong = f"seasons are named {list(names)}. Give each season its own name"
    elif not all(share > 0 for share in shares) or abs(sum(shares) - 1) > 1e-9:
        wrong = f"the seasons' shares of the year add up to {sum(shares):.6g}. Let them add up to 1"
    elif not -1 < settings.discount < float("inf"):
        wrong = f"discount is {settings.discount}. Write a fraction such as 0.1"
    elif settings.calendar not in ("gregorian", "solar_hijri"):
        wrong = f"calendar is {settings.calendar}. Write gregorian or solar_hijri"
    elif settings.stocks_end not in ("as first", "free"):
        wrong = f"stocks_end is {settings.stocks_end}. Write as first or free"
    else:
        try:
            currencies.find(settings.currency)
        except UnknownCode as unknown:
            wrong = f"currency: {unknown} Write its ISO 4217 code"
    if wrong:
        raise ChainError(f"{FILE}: {wrong}.")


def _strange_columns(given: Mapping[str, pl.DataFrame]) -> list[str]:
    warnings = []
    for table, frame in given.items():
        for name in frame.columns:
            near = difflib.get_close_matches(name.strip(), TABLES[table], 1, cutoff=0.8)
            if name.strip() not in TABLES[table] and near:
                warnings.append(
                    f"{table}: the column {name} is not known; is {near[0]} meant? It is not used."
                )
    return warnings


def _raise(problems: Problems, name: str) -> None:
    if problems:
        raise ChainError.of_rows(pl.concat(problems), name)
