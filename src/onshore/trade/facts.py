"""Customs facts: who buys what from whom, as expressions that run on DuckDB or Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from onshore.trade.engines import TABLE, Engine, engine_for, require_ibis
from onshore.trade.errors import TradeError
from onshore.trade.layout import EXPORT, IMPORT, Layout, files_of, layout_of
from onshore.trade.sifting import Sifted, sift
from onshore.trade.territories import find_country
from onshore.trade.typed_rows import checked, stored_layout, typed

if TYPE_CHECKING:
    import ibis.expr.types as ir

_KEYS = ("exporter", "importer", "reporter", "partner", "country", "top_partner", "top_exporter")


class Facts:
    """A table of trade, opened: its flows as unbound Ibis expressions, and what was left out.

    Made by `open_facts`. Use it in a ``with`` block, or call ``close``: temporary files go then.

    Parameters
    ----------
    engine
        Where the expressions run.
    layout
        Which heading is what.
    sifted
        What the table holds and what is left out of it.
    metadata
        Source, columns, years, money and what was left out, for ``metadata.json``.

    Attributes
    ----------
    warnings : list of str
        What a reader of the results must know, one sentence or two each.
    """

    def __init__(
        self, engine: Engine, layout: Layout, sifted: Sifted, metadata: dict[str, Any]
    ) -> None:
        self._engine = engine
        self._layout = layout
        self._sifted = sifted
        self.metadata = metadata
        self.warnings: list[str] = list(sifted.warnings)

    @property
    def years(self) -> list[int]:
        """The years told, in order."""
        return self._sifted.years

    @property
    def money(self) -> str:
        """In which money the values are, with its multiple: ``"thousand USD"``."""
        return str(self.metadata["currency"])

    @property
    def territories(self) -> pl.DataFrame:
        """The table's territories: ``key``, ``code``, ``name``, ``kind`` as `territories` tells."""
        return self._sifted.territories

    @property
    def knows_the_world(self) -> bool:
        """Whether more than one country tells its trade, so that world exports are known."""
        return self._layout.reconciled or len(self._sifted.reporters) > 1

    @property
    def tells_exports(self) -> bool:
        """Whether exports are told: by a reconciled table, or by rows of that flow."""
        return self._layout.reconciled or bool(self._sifted.flows[EXPORT])

    @property
    def tells_imports(self) -> bool:
        """Whether imports are told: by a reconciled table, or by rows of that flow."""
        return self._layout.reconciled or bool(self._sifted.flows[IMPORT])

    def flows(self, by: str = "importer") -> ir.Table:
        """Give the flows that are told by one side.

        Parameters
        ----------
        by
            ``"importer"``: what importers tell (as a rule with freight and insurance, CIF);
            ``"exporter"``: what exporters tell (FOB). A reconciled table, as BACI, tells each
            flow once: it serves as both.

        Returns
        -------
        ibis.Table
            Unbound: ``exporter``, ``importer``, ``product`` (as in the table), ``period`` (int,
            the year), ``value`` (float, in the table's money, above 0) and ``quantity`` (float
            or null, in the table's unit). Left out: rows without a value, not above 0, from a
            country to itself, and of aggregates that repeat what their members tell.
        """
        return self._sifted.keep(typed(self._engine.table(), self._layout), self._layout, by)

    def imports(self, country: str) -> ir.Table:
        """Give the flows to a country, as `flows` does, by what it tells."""
        flows = self.flows("importer")
        return flows.filter(flows.importer == self._raw(country))

    def exports(self, country: str) -> ir.Table:
        """Give the flows from a country: by what it tells, else by what importers tell of it."""
        flows = self.supply()
        return flows.filter(flows.exporter == self._raw(country))

    def re_exports(self, country: str) -> ir.Table | None:
        """Give what a country tells of its exports as re-exports; None where it tells none."""
        if not self._sifted.re_exports:
            return None
        rows = typed(self._engine.table(), self._layout)
        flows = self._sifted.keep(rows, self._layout, "exporter", self._sifted.re_exports)
        return flows.filter(flows.exporter == self._raw(country))

    def supply(self) -> ir.Table:
        """Give all flows by the side that tells the world's exports: exporters if they do."""
        return self.flows("exporter" if self.tells_exports else "importer")

    def key(self, country: str) -> str:
        """Give the key by which the table names a country; ``IRN`` finds ``irn`` and ``364``."""
        return find_country(country, self._sifted.raw, self.metadata["source"]["file"])

    def raw_keys(self, countries: Iterable[str]) -> list[object]:
        """Give the values that stand for countries in the expressions' columns."""
        return [self._raw(country) for country in countries]

    def _raw(self, country: str) -> object:
        return self._sifted.raw[self.key(country)]

    def run(self, expression: ir.Table) -> pl.DataFrame:
        """Run an expression; keys of countries and products come back as text."""
        frame = self._engine.run(expression)
        keys = [name for name in _KEYS if name in frame.columns]
        frame = frame.with_columns(pl.col(keys).cast(pl.String))
        if "product" in frame.columns:
            text = pl.col("product").cast(pl.String)
            digits = self._sifted.product_digits
            frame = frame.with_columns(text.str.zfill(digits) if digits else text)
        return frame

    @contextmanager
    def staged(self, parts: Sequence[ir.Table]) -> Iterator[ir.Table]:
        """Put the rows of expressions of the same columns, run in turn, into one table."""
        table = self._engine.stage(parts)
        try:
            yield table
        finally:
            self._engine.unstage()

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write an expression's rows to a Parquet file as they come, keys as in the columns."""
        self._engine.write(expression, path)

    def close(self) -> None:
        """Let go of the connection and of temporary files."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        mistake: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_facts(
    source: Path | str | pl.DataFrame | ir.Table,
    *,
    home: str | None = None,
    currency: str | None = None,
    connection: object = None,
    name: str | None = None,
) -> Facts:
    """Open a table of trade and look through it once.

    Parameters
    ----------
    source
        A file (CSV, Parquet), a folder of such files (BACI as it is published), a Polars frame,
        or a table of an Ibis backend. The columns are those of a reconciled table (``exporter,
        importer, product, period, value``; BACI's ``t, i, j, k, v, q``) or of reporters
        (``reporter, partner, product, period, flow, value``), with ``quantity``, ``unit`` and
        ``currency`` optional, in English or Persian, in any order. Text files are UTF-8.
    home
        The reporter, for a national extract that does not name it.
    currency
        In which money the values are, where neither heading nor column says it; USD else.
    connection
        Where to run: None for DuckDB, ``"spark://host:7077"``, or an Ibis backend.
    name
        What messages call the source; its file name otherwise.

    Returns
    -------
    Facts
        Its ``warnings`` name what was found: double counting, missing and negative values,
        territories that are not known.

    Raises
    ------
    TradeError
        The table cannot be read, a column is missing, a number cannot be read, or the values are
        in several currencies.
    ModuleNotFoundError
        The extra ``trade`` (or ``spark``) is not installed.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"t": [2020, 2020], "i": ["DEU", "CHN"], "j": ["IRN", "IRN"], "k": ["848210"] * 2,
    ...      "v": [3.0, 1.0], "q": [0.5, None]}
    ... )
    >>> with open_facts(frame) as facts:
    ...     imports = facts.imports("Iran")
    ...     rows = facts.run(imports.group_by("exporter").agg(value=imports.value.sum()))
    >>> rows.sort("exporter").rows(), facts.money
    ([('CHN', 1.0), ('DEU', 3.0)], 'thousand USD')
    """
    require_ibis()
    label = name or (Path(source).name if isinstance(source, str | Path) else "the table")
    engine, is_text = _opened(source, connection)
    try:
        table = engine.table()
        layout = layout_of(table.columns, label, home)
        headings = dict(layout.columns)
        layout = checked(engine, layout, label)
        if is_text and engine.store(typed(table, layout)):
            layout = stored_layout(layout)
        sifted = sift(engine, typed(engine.table(), layout), layout, label)
    except BaseException:
        engine.close()
        raise
    return Facts(engine, layout, sifted, _metadata(label, layout, headings, sifted, currency))


def _opened(source: Any, connection: object) -> tuple[Engine, bool]:
    """Give an engine that knows the source as its table, and whether that is text."""
    if isinstance(source, str | Path):
        files, is_parquet = files_of(Path(source))
        engine = engine_for(connection)
        (engine.open_parquet if is_parquet else engine.open_csv)(files)
        return engine, not is_parquet
    if isinstance(source, pl.DataFrame):
        engine = engine_for(connection)
        engine.open_frame(source)
        return engine, False
    if hasattr(source, "get_backend"):
        backend = source.get_backend()
        engine = engine_for(backend)
        backend.create_view(TABLE, source, overwrite=True)
        return engine, False
    raise TradeError(
        f"Customs facts are not read from a {type(source).__name__}. Give a file, a folder, a "
        "Polars frame or an Ibis table."
    )


def _metadata(
    label: str, layout: Layout, headings: dict[str, str], sifted: Sifted, currency: str | None
) -> dict[str, Any]:
    money = currency or layout.money or sifted.currency
    return {
        "source": {"file": label, "rows": sifted.rows},
        "vintage": layout.vintage,
        "revision": layout.revision,
        "columns": headings,
        "years": sifted.years,
        "currency": money or "USD",
        "currency_told": money is not None,
        "quantity_unit": layout.unit,
        "told_by": "reconciled flows" if layout.reconciled else f"{IMPORT}ers and {EXPORT}ers",
        "left_out": sifted.left_out,
    }
