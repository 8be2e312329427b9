"""Where expressions are run: DuckDB on this machine, or Spark on a cluster."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from onshore.trade.errors import TradeError

if TYPE_CHECKING:
    import ibis.expr.types as ir

TABLE = "onshore_facts"
"""The name by which the unbound expressions know the table of facts."""


class Engine(Protocol):
    """What the facts need of the place where they lie."""

    def open_parquet(self, files: Sequence[Path]) -> None:
        """Make the rows of Parquet files known as the table of facts."""

    def open_csv(self, files: Sequence[Path]) -> None:
        """Make the rows of CSV files known as the table of facts, all columns as text."""

    def open_frame(self, frame: pl.DataFrame) -> None:
        """Make a frame known as the table of facts."""

    def table(self) -> ir.Table:
        """Give the table of facts as an unbound table: its name and its columns."""

    def store(self, expression: ir.Table) -> bool:
        """Put the rows of an expression in the place of the table, where that pays; say if so."""

    def run(self, expression: ir.Table) -> pl.DataFrame:
        """Run an unbound expression."""

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write the rows of an unbound expression to a Parquet file."""

    def stage(self, parts: Sequence[ir.Table]) -> ir.Table:
        """Put the rows of unbound expressions into one table."""

    def unstage(self) -> None:
        """Drop that table."""

    def first_row(self, cell: ir.Column, condition: ir.BooleanValue) -> tuple[int, str] | None:
        """Give the number of the first row that fits, as a file counts them, and its cell."""

    def close(self) -> None:
        """Let go of what is held."""


def engine_for(connection: object) -> Engine:
    """Choose the engine that a connection asks for.

    Parameters
    ----------
    connection
        None for DuckDB in this process; the address of a Spark master (``spark://host:7077``,
        ``local[2]``); or an Ibis backend of either.
    """
    if connection is None:
        return DuckDB()
    if isinstance(connection, str):
        if connection.startswith(("spark://", "local", "yarn", "k8s://")):
            return Spark(_session(connection))
        raise TradeError(
            f"'{connection}' is no connection that is known. Give the address of a Spark master "
            "such as spark://host:7077, or none for DuckDB."
        )
    name = getattr(connection, "name", "")
    if name == "duckdb":
        return DuckDB(connection)
    if name == "pyspark":
        return Spark(connection)
    raise TradeError(
        f"A connection of the kind {name or type(connection).__name__} is not known. "
        "Give an Ibis backend of DuckDB or Spark."
    )


def require_ibis() -> Any:
    """Import Ibis, or name the extra that brings it."""
    try:
        import ibis
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            f"Customs facts need {missing.name}. Install it: pip install 'onshore[trade]'",
            name=missing.name,
        ) from None
    return ibis


class DuckDB:
    """DuckDB in this process; what does not fit into memory goes to a temporary folder."""

    def __init__(self, backend: Any = None) -> None:
        self._ibis = require_ibis()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._is_own = backend is None
        self._first_row = 1
        if backend is None:
            self._folder = tempfile.TemporaryDirectory(prefix="onshore-trade-")
            place = Path(self._folder.name)
            backend = self._ibis.duckdb.connect(
                place / "facts.duckdb",
                temp_directory=str(place / "spill"),
                memory_limit=_MEMORY,
                preserve_insertion_order=False,
            )
        self.backend = backend

    def open_parquet(self, files: Sequence[Path]) -> None:
        """Make the rows of Parquet files known as the table of facts."""
        self._view(f"read_parquet({_listed(files)})", files)

    def open_csv(self, files: Sequence[Path]) -> None:
        """Make the rows of CSV files known as the table of facts, all columns as text."""
        self._first_row = 2  # The first holds the headings.
        self._view(f"read_csv({_listed(files)}, all_varchar = true, header = true)", files)

    def _view(self, reading: str, files: Sequence[Path]) -> None:
        import duckdb

        if not any(file.stat().st_size for file in files):
            raise TradeError(f"{files[0].name} is empty. Give a table with facts.")
        try:
            self.backend.raw_sql(f"CREATE OR REPLACE TEMP VIEW {TABLE} AS SELECT * FROM {reading}")
        except duckdb.Error as failure:
            told = str(failure).strip().splitlines()[0]
            raise TradeError(
                f"{files[0].name} cannot be read: {told} Save it as CSV (UTF-8) or Parquet."
            ) from None

    def open_frame(self, frame: pl.DataFrame) -> None:
        """Make a frame known as the table of facts."""
        self.backend.con.register(TABLE, frame.to_arrow())

    def table(self) -> ir.Table:
        """Give the table of facts as an unbound table: its name and its columns."""
        table: ir.Table = self._ibis.table(self.backend.table(TABLE).schema(), name=TABLE)
        return table

    def store(self, expression: ir.Table) -> bool:
        """Read text files once: put their rows, typed, in the place of the table."""
        if not self._is_own:
            return False
        sql = self.backend.compile(expression)
        self.backend.raw_sql(f"CREATE TABLE stored_facts AS {sql}")
        self.backend.raw_sql(f"CREATE OR REPLACE TEMP VIEW {TABLE} AS SELECT * FROM stored_facts")
        return True

    def run(self, expression: ir.Table) -> pl.DataFrame:
        """Run an unbound expression."""
        # Not Ibis's to_polars: it imports pandas, which takes a second.
        rows = self.backend.con.sql(self.backend.compile(expression)).to_arrow_table()
        frame = pl.from_arrow(rows.cast(expression.schema().to_pyarrow()))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write the rows of an unbound expression to a Parquet file."""
        self.backend.to_parquet(expression, path)

    def stage(self, parts: Sequence[ir.Table]) -> ir.Table:
        """Put the rows of unbound expressions into one table, one after the other."""
        for place, part in enumerate(parts):
            sql = self.backend.compile(part)
            into = f"INSERT INTO {_STAGE}" if place else f"CREATE OR REPLACE TABLE {_STAGE} AS"
            self.backend.raw_sql(f"{into} {sql}")
        table: ir.Table = self._ibis.table(parts[0].schema(), name=_STAGE)
        return table

    def unstage(self) -> None:
        """Drop that table."""
        self.backend.raw_sql(f"DROP TABLE IF EXISTS {_STAGE}")

    def first_row(self, cell: ir.Column, condition: ir.BooleanValue) -> tuple[int, str] | None:
        """Give the number of the first row that fits, as a file counts them, and its cell."""
        row = self._ibis.row_number() + self._first_row
        numbered = self.table().select(row=row, cell=cell.cast("string"), fits=condition)
        found = self.run(numbered.filter(numbered.fits).order_by("row").limit(1))
        return None if found.is_empty() else found.row(0)[:2]

    def close(self) -> None:
        """Let go of the database and its files."""
        if self._is_own:
            self.backend.disconnect()
        if self._folder is not None:
            self._folder.cleanup()


_STAGE = "onshore_stage"
_MEMORY = "2000MB"


class Spark:
    """Spark: the files must be where its workers see them."""

    def __init__(self, backend: Any) -> None:
        self._ibis = require_ibis()
        self.backend = backend
        self._session = backend._session

    def open_parquet(self, files: Sequence[Path]) -> None:
        """Make the rows of Parquet files known as the table of facts."""
        self._known(self._session.read.parquet(*map(_address, files)))

    def open_csv(self, files: Sequence[Path]) -> None:
        """Make the rows of CSV files known as the table of facts, all columns as text."""
        self._known(self._session.read.csv([_address(file) for file in files], header=True))

    def open_frame(self, frame: pl.DataFrame) -> None:
        """Make a frame known as the table of facts."""
        self._known(self._session.createDataFrame(frame.to_arrow()))

    def _known(self, rows: Any) -> None:
        rows.createOrReplaceTempView(TABLE)

    def table(self) -> ir.Table:
        """Give the table of facts as an unbound table: its name and its columns."""
        table: ir.Table = self._ibis.table(self.backend.table(TABLE).schema(), name=TABLE)
        return table

    def store(self, expression: ir.Table) -> bool:  # noqa: ARG002 - each worker reads its part
        """Leave the rows where they are."""
        return False

    def run(self, expression: ir.Table) -> pl.DataFrame:
        """Run an unbound expression."""
        frame = pl.from_arrow(self.backend.to_pyarrow(expression))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write the rows of an unbound expression to a Parquet file of this machine."""
        self.run(expression).write_parquet(path)

    def stage(self, parts: Sequence[ir.Table]) -> ir.Table:
        """Give the rows of unbound expressions as one: Spark plans them together."""
        return self._ibis.union(*parts) if len(parts) > 1 else parts[0]

    def unstage(self) -> None:
        """Do nothing: nothing was stored."""

    def first_row(
        self,
        cell: ir.Column,
        condition: ir.BooleanValue,
    ) -> None:
        """Give None: the rows of a cluster have no numbers."""

    def close(self) -> None:
        """Leave the session to who opened it."""


def _session(master: str) -> Any:
    ibis = require_ibis()
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            f"A Spark cluster needs {missing.name}. Install it: pip install 'onshore[spark]'",
            name=missing.name,
        ) from None
    builder = SparkSession.builder.master(master).appName("onshore trade")
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def _listed(files: Sequence[Path]) -> str:
    quoted = (str(file).replace("'", "''") for file in files)
    return "[" + ", ".join(f"'{file}'" for file in quoted) + "]"


def _address(file: Path) -> str:
    return file.absolute().as_uri()
