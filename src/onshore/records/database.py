"""A programme opened from the desk's database, where the tables have the records' own columns."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import polars as pl

from onshore.records.schemas import Schema, schema, tables
from onshore.records.settings import Settings

_Ask = Callable[[str], list[tuple[Any, ...]]]


class NoProgramme(LookupError):
    """There is no programme at the address of a database."""


def read_database(address: str) -> tuple[Settings, dict[str, pl.DataFrame]]:
    """Read a programme's settings and tables from the desk's database, in one state of it.

    Parameters
    ----------
    address
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``.

    Raises
    ------
    NoProgramme
        The address cannot be read, or the database holds no programme.
    """
    kind = urlparse(address).scheme
    connect = {"sqlite": _sqlite, "postgresql": _postgresql, "postgres": _postgresql}.get(kind)
    if connect is None:
        raise NoProgramme(
            f"'{kind}' is not a kind of database that is read here."
            " Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    with connect(address) as ask:
        found = ask("SELECT settings FROM programme_settings WHERE id = 1")
        if not found:
            raise NoProgramme("the desk holds no programme yet. Load one: onshore load FOLDER.")
        held = found[0][0]
        settings = settings_from(json.loads(held) if isinstance(held, str) else held)
        frames = {name: _frame(ask, schema(name)) for name in tables()}
    return settings, {name: frame for name, frame in frames.items() if frame.height}


def settings_from(held: dict[str, Any]) -> Settings:
    """Give the settings that a database keeps as JSON."""
    known = {told.name for told in fields(Settings)}
    values = {name: value for name, value in held.items() if name in known}
    values["price_date"] = date.fromisoformat(values["price_date"])
    values["phases"] = {int(phase): year for phase, year in values.get("phases", {}).items()}
    return Settings(**values)


def _frame(ask: _Ask, table: Schema) -> pl.DataFrame:
    names = ", ".join(f'"{name}"' for name in table.dtypes)
    rows = ask(f'SELECT {names} FROM "{table.name}"')
    columns = {
        name: typed_series(name, [row[at] for row in rows], dtype)
        for at, (name, dtype) in enumerate(table.dtypes.items())
    }
    return pl.DataFrame(columns)


def typed_series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """Give a column's values, as a database or the API tells them, in the type of its frame."""
    if dtype == pl.String():
        return pl.Series(name, [value or None for value in values], dtype=pl.String)
    if dtype == pl.Boolean():
        return pl.Series(name, [None if v is None else bool(v) for v in values], dtype=dtype)
    if dtype == pl.Date():
        return pl.Series(
            name, [date.fromisoformat(v) if isinstance(v, str) else v for v in values], dtype=dtype
        )
    if isinstance(dtype, pl.Decimal):
        texts = [None if value is None else str(value) for value in values]
        return pl.Series(name, texts, dtype=pl.String).cast(dtype)
    return pl.Series(name, values, dtype=dtype)


@contextmanager
def _sqlite(address: str) -> Iterator[_Ask]:
    path = Path(unquote(address.removeprefix("sqlite:///")))
    if not path.is_file():
        raise NoProgramme(f"there is no database file {path}. Check the address.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("BEGIN")
            yield lambda query: database.execute(query).fetchall()
    except sqlite3.DatabaseError as error:
        raise NoProgramme(f"{path} is not the desk's database: {error}.") from error


@contextmanager
def _postgresql(address: str) -> Iterator[_Ask]:
    try:
        import psycopg
    except ImportError:
        raise NoProgramme(
            "PostgreSQL is read with the extra 'desk': pip install 'onshore[desk]'."
        ) from None
    try:
        with psycopg.connect(address) as database:
            database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield lambda query: database.execute(query).fetchall()
    except psycopg.Error as error:
        first_line = str(error).strip().splitlines()[0]
        raise NoProgramme(
            f"the database cannot be read: {first_line}. Check the address."
        ) from error
