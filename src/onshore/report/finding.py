"""One result of trade or economy in one language: its tables set, its keys and amounts named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

from onshore.codes import UnknownCode, countries, currencies, hs
from onshore.figures import shown
from onshore.report.bulletin import Chart, Column, Kind, Table
from onshore.report.words import Locale, Words

Tables = Mapping[str, pl.DataFrame]
Metadata = Mapping[str, Any]

_PLACES: Final = 3
_COUNTRIES: Final = frozenset(("country", "partner", "top_partner", "supplier", "replaced"))
_SCALES: Final = (
    ("trillion", 1e12, 1e13),
    ("billion", 1e9, 1e10),
    ("million", 1e6, 1e6),
    ("thousand", 1e3, 1e4),
)
_MULTIPLES: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


@dataclass(frozen=True)
class Unit:
    """The unit in which a column of amounts is read most easily; ``size`` in the file's unit."""

    size: float
    name: str
    decimals: int


class Finding:
    """A result in one language: its tables, and how its keys and amounts are told.

    Parameters
    ----------
    tables
        The tables as they are written to files, by the stem of the file.
    metadata
        What is written to ``metadata.json``.
    locale
        ``en`` or ``fa``.
    """

    def __init__(self, tables: Tables, metadata: Metadata, locale: Locale) -> None:
        self.tables = tables
        self.metadata = metadata
        self.locale: Locale = locale
        self.words = Words(locale)
        self.say = self.words.say

    @property
    def rtl(self) -> bool:
        """Whether the language reads from right to left."""
        return self.locale == "fa"

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether a table is there, has rows and has these columns."""
        frame = self.tables.get(table)
        return frame is not None and not frame.is_empty() and set(columns) <= set(frame.columns)

    def find(self, *columns: str) -> pl.DataFrame | None:
        """Return the first table that has rows and these columns."""
        return next((self.tables[name] for name in self.tables if self.has(name, *columns)), None)

    def newest(self, table: str) -> pl.DataFrame:
        """Return the rows of the last year of a table, all where it has no years."""
        frame = self.tables[table]
        if "year" not in frame.columns:
            return frame
        return frame.filter(pl.col("year") == frame["year"].max())

    @property
    def main_factors(self) -> list[str]:
        """The factors of an economy that a page shows first, as its table calls them."""
        return [str(name) for name in self.metadata.get("main_factors") or ()]

    @property
    def home(self) -> str | None:
        """The country that was asked for, as the data write it."""
        country = self.metadata.get("country")
        return str(country) if country not in (None, "") else None

    # Figures

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number."""
        return shown.number(value, self.locale, decimals)

    def plain(self, value: float) -> str:
        """Write a number to three figures or so."""
        size = abs(value)
        decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
        return self.number(value, decimals)

    def apart(self, name: str) -> str:
        """Keep a name of the data apart from the one that follows it in a Persian line."""
        return shown.isolate(name) if self.rtl else name

    def listed(self, names: Sequence[str]) -> str:
        """Join names with the language's comma."""
        return ("، " if self.rtl else ", ").join(names)

    def term(self, term: str) -> str:
        """Name a term of the tables, such as a factor; as it is written where none is known."""
        name = self.words.name("trade term", term)
        return name if name != term else term.replace("_", " ")

    def percent(self, fraction: float, decimals: int = 0) -> str:
        """Write a fraction in percent."""
        return shown.percent(fraction, self.locale, decimals)

    def year(self, year: object) -> str:
        """Write a year or another period in the language's digits."""
        return shown.digits(str(year), self.locale)

    def amount(self, value: float) -> str:
        """Write an amount with its scale and currency, to three figures or so."""
        unit = self.unit([value])
        scaled = value / unit.size
        size = abs(scaled)
        decimals = 0 if size >= 100 or scaled == int(scaled) else 1 if size >= 10 else 2
        return f"{self.number(scaled, decimals)} {unit.name}".rstrip()

    def short_amount(self, value: float, _: int = 0) -> str:
        """Write an amount by its scale alone, for the marks of an axis."""
        unit = self.unit([value], alone=True)
        scaled = value / unit.size
        figure = self.number(scaled) if scaled == round(scaled) else self.plain(scaled)
        return f"{figure} {unit.name}".strip()

    def in_unit(self, value: float, unit: Unit) -> str:
        """Write an amount in a unit that is told elsewhere."""
        return self.number(value / unit.size, unit.decimals)

    def titled(self, title: str, unit: Unit) -> str:
        """Add the unit of a chart's figures to its title."""
        return self.listed([title, unit.name]) if unit.name else title

    def unit(self, values: Iterable[float | None], *, alone: bool = False) -> Unit:
        """Choose the unit of a column of amounts; ``alone`` names it without the currency."""
        own, currency = self._money
        largest = max((abs(value) * own for value in values if value is not None), default=0.0)
        for scale, size, least in _SCALES:
            if largest >= (size if alone else least):
                ratio = largest / size
                decimals = 0 if ratio >= 1000 else 1 if ratio >= 100 else 2
                name = self.say(f"scale.{scale}", currency=currency).strip()
                if alone:
                    name = self.say(f"scale_alone.{scale}")
                return Unit(size / own, name, decimals)
        return Unit(1.0 / own, "" if alone else currency, 0 if largest >= 1000 else 2)

    @cached_property
    def _money(self) -> tuple[float, str]:
        """Return what one of the file's unit is, and the currency's name."""
        stated = str(self.metadata.get("currency") or "")
        first, _, rest = stated.partition(" ")
        own, currency = (_MULTIPLES[first], rest) if first in _MULTIPLES else (1.0, stated)
        if self.rtl and re.fullmatch("[A-Z]{3}", currency):
            with suppress(UnknownCode):
                currency = currencies.name(currency, "fa")
        return own, currency

    # Names

    def country(self, key: object) -> str:
        """Name a country or territory; its key where no name is known."""
        code = self._territories.get(str(key))
        if code is None:
            return str(key)
        return countries.name(code[0], self.locale) if code[0] else code[1]

    def product(self, key: object) -> str:
        """Name a product after its code, where the codes are of the Harmonized System."""
        name = self.product_name(key)
        return f"{key} {name}".strip()

    def product_name(self, key: object) -> str:
        """Give a product's name in short; nothing where none is known."""
        code = str(key)
        if code in self._names:
            return self._names[code]
        if self._harmonized and code in hs:
            return _short(hs.get(code).name)
        return ""

    @cached_property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for frame in self.tables.values():
            if {"product", "name"} <= set(frame.columns):
                rows = frame.select("product", "name").drop_nulls().unique().iter_rows()
                names.update({str(key): _short(str(name)) for key, name in rows})
        return names

    @cached_property
    def _harmonized(self) -> bool:
        from onshore.codes.hs_revisions import detect

        known = [frame["product"] for frame in self.tables.values() if "product" in frame.columns]
        if not known:
            return False
        codes = pl.concat([column.cast(pl.String).unique() for column in known])
        return bool(detect(codes)["share_known"][0] >= 0.95)

    @cached_property
    def _territories(self) -> dict[str, tuple[str | None, str]]:
        """Map keys of countries to their code and name."""
        from onshore.trade.territories import territories

        keys = {str(self.home)} if self.home else set()
        for frame in self.tables.values():
            for column in _COUNTRIES & set(frame.columns):
                keys |= set(frame[column].drop_nulls().cast(pl.String).unique())
        found = territories(sorted(keys))
        return {
            row["key"]: (row["code"], row["name"] or row["key"])
            for row in found.iter_rows(named=True)
            if row["kind"] != "unknown"
        }

    # Tables

    def table(
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
        """Set a table: columns by what they hold, amounts in one unit, keys with names.

        ``keys`` are the columns in reading order, all where none are given; those that the frame
        does not have, or that hold nothing, are left out. ``money`` are amounts in the file's
        unit, ``shares`` fractions.
        """
        wanted = [key for key in keys if key in frame.columns] or list(frame.columns)
        wanted = [key for key in wanted if not _empty(frame[key])] or wanted
        amounts = [key for key in wanted if key in set(money) and frame[key].dtype.is_numeric()]
        unit = self.unit(
            value for key in amounts for value in frame[key].cast(pl.Float64).drop_nulls()
        )
        frame = frame.select(wanted)
        fractions = set(shares)
        columns: list[Column] = []
        for key in wanted:
            title_of = self.column(key)
            if key in amounts:
                frame = frame.with_columns(pl.col(key).cast(pl.Float64) / unit.size)
                columns.append(Column(key, title_of, "money", unit.name, unit.decimals))
            elif key in fractions:
                columns.append(Column(key, title_of, "share", decimals=1))
            else:
                frame, column = self._set(frame, key, title_of)
                columns.append(column)
        frame, columns = self._named(frame, columns)
        return Table(title, tuple(columns), frame, note=note, shown=rows)

    def column(self, key: str) -> str:
        """Name a column; as it is written where it has no name of its own."""
        name = self.words.name("trade column", key)
        return name if name != key else key.replace("_", " ")

    def _set(self, frame: pl.DataFrame, key: str, title: str) -> tuple[pl.DataFrame, Column]:
        kind: Kind = "text"
        decimals: int | None = 0
        dtype = frame[key].dtype
        if key == "year":
            kind = "year"
        elif dtype.is_integer():
            kind = "whole"
        elif dtype.is_numeric():
            kind, decimals = "number", _places(frame[key])
        elif dtype == pl.Boolean:
            yes, no = self.say("finding.yes"), self.say("finding.no")
            frame = frame.with_columns(
                pl.when(pl.col(key))
                .then(pl.lit(yes))
                .when(~pl.col(key))
                .then(pl.lit(no))
                .alias(key)
            )
        elif key in {"product", "hs_code"}:
            kind = "code"
        elif key in _COUNTRIES:
            frame = frame.with_columns(
                pl.col(key).cast(pl.String).map_elements(self.country, return_dtype=pl.String)
            )
        elif dtype == pl.List(pl.String):
            frame = frame.with_columns(pl.col(key).list.join(", "))
        elif key in {"effect", "kind", "phase", "factor"}:
            frame = frame.with_columns(pl.col(key).map_elements(self.term, return_dtype=pl.String))
        return frame, Column(key, title, kind, decimals=decimals)

    def _named(
        self, frame: pl.DataFrame, columns: list[Column]
    ) -> tuple[pl.DataFrame, list[Column]]:
        """Put names after the codes of products, where they have any and the table has none."""
        keys = [column.key for column in columns]
        if "product" not in keys:
            return frame, columns
        names = [self.product_name(key) for key in frame["product"]]
        if "name" in keys:
            frame = frame.with_columns(name=pl.Series(names, dtype=pl.String))
        elif any(names):
            frame = frame.with_columns(name=pl.Series(names, dtype=pl.String))
            columns.insert(keys.index("product") + 1, Column("name", self.column("name")))
        return frame, columns

    # Charts

    def picture(
        self, title: str, svg: str, *, foot: str = "", alt: str = "", wide: bool = False
    ) -> Chart:
        """Put a picture under the sentence it shows, with the source at its foot."""
        source = self.source_line
        return Chart(title, svg, alt or title, " ".join(filter(None, (foot, source))), wide)

    @property
    def source_line(self) -> str:
        """Name the file and the years."""
        file = dict(self.metadata.get("source") or {}).get("file")
        years = self.years
        parts = [shown.isolate(str(file)) if file else "", years]
        told = self.listed([part for part in parts if part])
        return self.say("finding.source", source=told) if told else ""

    @property
    def years(self) -> str:
        """Write the years that the result is of."""
        years = self.metadata.get("year") or self.metadata.get("years") or ()
        if isinstance(years, str | int):
            return self.year(years)
        known = sorted(years)
        if not known:
            return ""
        first, last = self.year(known[0]), self.year(known[-1])
        return first if first == last else self.say("finding.years", first=first, last=last)


def _empty(column: pl.Series) -> bool:
    """Tell whether a column of some rows holds nothing."""
    bare = column.drop_nulls()
    return len(column) > 0 and (bare.is_empty() or (bare.dtype == pl.String and not any(bare)))


def _short(name: str, width: int = 60) -> str:
    name = re.sub(r"\s+", " ", name).strip()
    if len(name) <= width:
        return name
    whole_words = name[:width].rpartition(" ")[0] or name[: width - 1]
    return whole_words.rstrip(" ,;(") + "…"


def _places(column: pl.Series) -> int:
    """Return the places at which most of a column's values are told apart, up to three."""
    known = column.cast(pl.Float64).drop_nulls()
    if len(known) and (known == known.round()).all():
        return 0
    middle = known.abs().median()
    size = float(middle) if isinstance(middle, int | float) else 0.0
    return 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 or not size else _PLACES
