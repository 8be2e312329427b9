"""A result of a value chain in one language: its keys named, its amounts in their units."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Final

import polars as pl

from onshore.codes import UnknownCode, units
from onshore.report.bulletin import Table
from onshore.report.finding import Finding, Metadata, Tables
from onshore.report.map import Province
from onshore.report.words import Locale

_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "commodity": ("commodity",),
    "source": ("commodity",),
    "target": ("commodity",),
    "place": ("place",),
    "from": ("place",),
    "to": ("place",),
    "process": ("process",),
    "asset": ("asset",),
    "project": ("project",),
    "site": ("asset", "project"),
    "node": ("asset", "project", "place", "process", "commodity"),
    "step": ("process", "commodity"),
}
_TERMS: Final = frozenset(("kind", "direction", "end", "mode", "status", "season", "protection"))


class ChainFinding(Finding):
    """A result of a chain: what a page of it is written with.

    Parameters
    ----------
    tables
        The tables as they are written to files; ``names`` tells how keys are called.
    metadata
        What is written to ``metadata.json``.
    locale
        ``en`` or ``fa``.
    outlines
        Outlines of provinces or countries for the maps.
    """

    def __init__(
        self,
        tables: Tables,
        metadata: Metadata,
        locale: Locale,
        outlines: Sequence[Province] = (),
    ) -> None:
        super().__init__(tables, metadata, locale)
        self.outlines = outlines

    # Names

    def named(self, kind: str, key: object) -> str:
        """Name a key of a kind (commodity, place ...); as it is written where none is known."""
        return self._called.get((kind, str(key)), str(key))

    def commodity(self, key: object) -> str:
        """Name a commodity."""
        return self.named("commodity", key)

    def of(self, key: object) -> str:
        """Name a commodity or a process within a sentence."""
        name = self.any_named("step", key)
        # A word, not an abbreviation, is written small there.
        return name[:1].lower() + name[1:] if name[1:2].islower() else name

    def process(self, key: object) -> str:
        """Name a process."""
        return self.named("process", key)

    def place(self, key: object) -> str:
        """Name a place."""
        return "" if key is None else self.named("place", key)

    def any_named(self, column: str, key: object) -> str:
        """Name a key by the column it stands in, whatever kind it is of there."""
        for kind in _NAMED.get(column, ()):
            name = self.named(kind, key)
            if name != str(key):
                return name
        return self.term(str(key)) if key is not None else ""

    @cached_property
    def _called(self) -> dict[tuple[str, str], str]:
        if not self.has("names", "kind", "key", "name"):
            return {}
        frame = self.tables["names"]
        own = "name_fa" if self.rtl and "name_fa" in frame.columns else "name"
        rows = frame.select("kind", "key", pl.col(own).alias("own"), "name").iter_rows()
        return {(kind, key): told or name or key for kind, key, told, name in rows}

    @cached_property
    def units_of(self) -> dict[str, str]:
        """The unit of each commodity, as its table tells it."""
        if not self.has("names", "kind", "key", "unit"):
            return {}
        frame = self.tables["names"].filter(pl.col("kind") == "commodity")
        return dict(frame.select("key", "unit").iter_rows())

    def term(self, term: str) -> str:
        """Name a term of the chain's tables."""
        name = self.words.name("chain term", term)
        return name if name != term else super().term(term)

    def column(self, key: str) -> str:
        """Name a column."""
        name = self.words.name("chain column", key)
        return name if name != key else super().column(key)

    # Amounts

    def measure(self, unit: str | None) -> str:
        """Write a unit: its symbol in English, its name in Persian."""
        if unit is None:
            return ""
        if self.rtl:
            with suppress(UnknownCode):
                return units.name(units.find(unit).code, "fa")
        return unit

    def quantity(self, value: float, unit: str | None) -> str:
        """Write an amount with its unit, mass of a million tonnes or more in these."""
        with suppress(UnknownCode):
            code = units.find(unit or "").code
            if units.convertible(code, "TNE"):
                tonnes = value * float(units.factor(code, "TNE"))
                if abs(tonnes) >= 1e6:
                    return self.say("chain.million_tonnes", number=self._digits(tonnes / 1e6))
        return f"{self._digits(value)} {self.measure(unit)}".strip()

    def quantity_of(self, value: float, commodity: str) -> str:
        """Write an amount of a commodity."""
        return self.quantity(value, self.units_of.get(commodity))

    def axis_unit(self, largest: float, unit: str | None) -> tuple[float, str]:
        """Give what an axis multiplies amounts by, and the unit it then names."""
        with suppress(UnknownCode):
            code = units.find(unit or "").code
            if units.convertible(code, "TNE"):
                tonnes = float(units.factor(code, "TNE"))
                if largest * tonnes >= 1e6:
                    return tonnes / 1e6, self.say("chain.million_tonnes_unit")
        return 1.0, self.measure(unit)

    def _digits(self, value: float) -> str:
        size = abs(value)
        whole = abs(value - round(value)) < 0.005
        return self.number(value, 0 if size >= 100 or whole else 1 if size >= 10 else 2)

    def objective(self, value: float, unit: str | None) -> str:
        """Write an amount of the objective: money, or output."""
        if unit is None or unit == str(self.metadata.get("currency")):
            return self.amount(value)
        symbol, _, of = unit.partition(" of ")
        told = self.quantity(value, symbol)
        return self.say("chain.of", amount=told, commodity=of) if of else told

    @property
    def year_shown(self) -> int | None:
        """The year that pictures show: the last one told."""
        known = self.metadata.get("years") or ()
        return max(known) if known else None

    @property
    def main(self) -> str | None:
        """The commodity that the page is about."""
        told = self.metadata.get("product")
        return str(told) if told else None

    # Tables

    def chain_table(
        self,
        title: str,
        frame: pl.DataFrame,
        keys: Sequence[str] = (),
        *,
        rows: int = 20,
        note: str = "",
        money: Iterable[str] = (),
        shares: Iterable[str] = (),
    ) -> Table:
        """Set a table with its keys and terms named; see ``Finding.table``."""
        wanted = [key for key in keys if key in frame.columns] or list(frame.columns)
        money, shares = tuple(money), tuple(shares)
        frame = frame.select(wanted)
        frame = frame.with_columns(
            *[self._names_of(frame[key], key) for key in wanted if frame[key].dtype == pl.String],
            *[
                _rounded(frame[key])
                for key in wanted
                if frame[key].dtype == pl.Float64 and key not in {*money, *shares}
            ],
        )
        told = self.table(title, frame, wanted, rows=rows, note=note, money=money, shares=shares)
        columns = (
            replace(column, kind="date") if frame[column.key].dtype == pl.Date else column
            for column in told.columns
        )
        return replace(told, columns=tuple(columns))

    def _names_of(self, column: pl.Series, key: str) -> pl.Series:
        if key in _NAMED:
            told = [None if one is None else self.any_named(key, one) for one in column]
        elif key in _TERMS:
            told = [None if one is None else self.term(one) for one in column]
        elif key in ("unit", "output_unit"):
            told = [None if one is None else self._unit(one) for one in column]
        else:
            return column
        return pl.Series(column.name, told, dtype=pl.String)

    def _unit(self, text: str) -> str:
        """Write a unit such as "USD per kt a year" or "kt of crude steel"."""
        if not self.rtl:
            return text
        over, _, under = text.partition(" per ")
        symbol, _, of = over.partition(" of ")
        told = self._currency_or_measure(symbol)
        if of:
            told = self.say("chain.of", amount=told, commodity=self._by_name.get(of, of))
        if not under:
            return told
        a_year = under.endswith(" a year")
        per = self._currency_or_measure(under.removesuffix(" a year"))
        return self.say("chain.per_year" if a_year else "chain.per", unit=told, per=per)

    def _currency_or_measure(self, symbol: str) -> str:
        currency = str(self.metadata.get("currency"))
        return self.unit([1.0]).name if symbol == currency else self.measure(symbol)

    def translated(self, name: str) -> str:
        """Write an English name of the tables in the page's language, where they have it."""
        return self._by_name.get(name, name)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """The names in the page's language, by the English ones."""
        if not self.has("names", "name", "key", "kind"):
            return {}
        rows = self.tables["names"].select("kind", "key", "name").iter_rows()
        return {name: self.named(kind, key) for kind, key, name in rows}


def _rounded(column: pl.Series) -> pl.Series:
    """Round a column of large amounts to whole ones, so that it is written without noughts."""
    largest = column.abs().max()
    return column.round(0) if isinstance(largest, float) and largest >= 1000 else column
