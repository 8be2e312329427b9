"""The tables of a chain: their columns, what they mean, and a chain as it is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import polars as pl

TEXT, NUMBER, WHOLE, DATE, BOOL = pl.String, pl.Float64, pl.Int64, pl.Date, pl.Boolean


@dataclass(frozen=True)
class Field:
    """A column of a table.

    Parameters
    ----------
    kind
        Polars type: String, Float64, Int64, Date or Boolean.
    meaning
        What it tells, with its unit.
    required
        Whether the column has to be there with a value in every row.
    default
        What an empty cell stands for, where that is a value.
    refers
        Table whose key the value has to be.
    choices
        The values it may have, where these are few.
    least, most
        Bounds of a number.
    """

    kind: type[pl.DataType]
    meaning: str
    required: bool = False
    default: float | str | bool | None = None
    refers: str | None = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


def _key(meaning: str) -> Field:
    return Field(TEXT, meaning, required=True)


def _text(meaning: str) -> Field:
    return Field(TEXT, meaning)


def _ref(table: str, meaning: str, *, required: bool = True) -> Field:
    return Field(TEXT, meaning, required=required, refers=table)


def _amount(
    meaning: str,
    *,
    required: bool = False,
    default: float | None = None,
    least: float | None = 0.0,
    most: float | None = None,
) -> Field:
    return Field(NUMBER, meaning, required=required, default=default, least=least, most=most)


_NAMES = {"name": _text("Name in English."), "name_fa": _text("Name in Persian.")}
_SOURCE = {
    "source": _text("Source of the row's figures."),
    "illustrative": Field(
        BOOL, "Whether the figures are invented for illustration.", default=False
    ),
}
_UNIT = {
    "unit": _text("Unit of the row's amounts and of what its money is per; else the commodity's.")
}

TABLES: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "commodities": {
            "commodity": _key("Key of the commodity."),
            **_NAMES,
            "unit": _key("Unit that amounts are told in, such as kt, t, GJ, MWh."),
            "kind": Field(
                TEXT,
                "What it is: mass is checked for materials.",
                required=True,
                choices=("material", "energy", "service"),
            ),
            "pooled": Field(
                BOOL,
                "One balance for all places and no links, as of a grid; rows may leave the place.",
                default=False,
            ),
            **_SOURCE,
        },
        "places": {
            "place": _key("Key of the place."),
            **_NAMES,
            "lat": Field(NUMBER, "Latitude, degrees, WGS 84.", least=-90.0, most=90.0),
            "lon": Field(NUMBER, "Longitude, degrees, WGS 84.", least=-180.0, most=180.0),
            "region": _text("Province or country that it lies in."),
        },
        "processes": {
            "process": _key("Key of the process (a step of the chain)."),
            **_NAMES,
            "commodity": _ref("commodities", "What its capacity is counted in (rate 1)."),
            "from_nature": Field(
                BOOL, "Whether it takes mass from ground, air or water: a mine.", default=False
            ),
            **_SOURCE,
        },
        "recipes": {
            "process": _ref("processes", "Process."),
            "commodity": _ref("commodities", "What it takes in or makes."),
            "rate": _amount(
                "Amount per unit of the capacity commodity: inputs negative, outputs positive.",
                required=True,
                least=None,
            ),
            "unit": _text("Unit of the amount; else the commodity's."),
            "per_unit": _text("Unit of the capacity commodity it is per; else that commodity's."),
            "group": _text("Members of a group replace each other, weighted by their rates."),
            "share_min": _amount("Least share of the group's total input.", most=1.0),
            "share_max": _amount("Largest share of the group's total input.", most=1.0),
            "caveat": _text("What to mind."),
            **_SOURCE,
        },
        "assets": {
            "asset": _key("Key of the asset: a plant's unit."),
            "process": _ref("processes", "Process that it runs."),
            "place": _ref("places", "Where it is."),
            "capacity": _amount("Capacity per year.", required=True),
            "availability": _amount("Share of the capacity that can be used.", default=1.0, most=1),
            "from_year": Field(WHOLE, "First year in service.", required=True),
            "to_year": Field(WHOLE, "Last year in service; empty: no end."),
            "cost": _amount("Cost per unit of activity, inputs apart.", default=0.0, least=None),
            "min_use": _amount("Least share of what is available.", default=0.0, most=1.0),
            "status": _text("Operating, under construction ..., as the source says."),
            "name": _text("Name."),
            "owner": _text("Owner."),
            **_UNIT,
            **_SOURCE,
        },
        "links": {
            "link": _key("Key of the link."),
            "commodity": _ref("commodities", "What it carries."),
            "from": _ref("places", "Where it starts."),
            "to": _ref("places", "Where it ends."),
            "distance_km": _amount("Distance, km."),
            "mode": _text("Rail, road, ship, pipeline, conveyor ..."),
            "cost": _amount("Cost per unit sent.", default=0.0, least=None),
            "capacity": _amount("Most that can be sent per year; empty: no limit."),
            "loss": _amount("Share lost on the way.", default=0.0, most=1.0),
            **_UNIT,
            **_SOURCE,
        },
        "demands": {
            "commodity": _ref("commodities", "What is asked for."),
            "place": _ref("places", "Where.", required=False),
            "year": Field(WHOLE, "Year; empty: each year."),
            "amount": _amount("Amount per year.", required=True),
            "season_share": _text(
                "Shares of the year by season, in order, joined by ;. Empty: as the seasons'."
            ),
            "worth": _amount("Worth of one unit unserved; empty: it has to be served."),
            **_UNIT,
            **_SOURCE,
        },
        "markets": {
            "market": _key("Key of the market; may stand in several rows."),
            "commodity": _ref("commodities", "What is traded."),
            "place": _ref("places", "Where it enters or leaves: a port.", required=False),
            "direction": Field(
                TEXT, "Import or export.", required=True, choices=("import", "export")
            ),
            "price": _amount("Price per unit.", default=0.0, least=None),
            "most": _amount("Most that can be traded per year; empty: no limit."),
            "year": Field(WHOLE, "Year; empty: each year."),
            "partner": _text("Country or company."),
            **_UNIT,
            **_SOURCE,
        },
        "stocks": {
            "commodity": _ref("commodities", "What is kept."),
            "place": _ref("places", "Where.", required=False),
            "capacity": _amount("Most that can be kept; empty: no limit."),
            "first": _amount("What is there when the first season begins.", default=0.0),
            "cost": _amount("Cost of keeping one unit for a year.", default=0.0),
            **_UNIT,
            **_SOURCE,
        },
        "limits": {
            "name": _key("Name of the limit, as it is to be told."),
            "process": _ref("processes", "Process whose activity is limited.", required=False),
            "commodity": _ref(
                "commodities",
                "Amount: the most that processes use of it; factor: on what is made or imported.",
                required=False,
            ),
            "asset": _ref("assets", "Asset whose activity is limited.", required=False),
            "place": _ref("places", "Only there; empty: all places together.", required=False),
            "season": _text("Only then; empty: the whole year (amount), each season (factor)."),
            "year": Field(WHOLE, "Only then; empty: each year."),
            "factor": _amount("What remains of the capacity, as a share."),
            "amount": _amount("Most in the season, or in the year."),
            **_UNIT,
            **_SOURCE,
        },
        "projects": {
            "project": _key("Key of the project; none of the assets'."),
            "process": _ref("processes", "Process that it will run."),
            "place": _ref("places", "Where it is."),
            "capacity": _amount("Capacity per year.", required=True),
            "progress": _amount("Physical progress, 0 to 1.", most=1.0),
            "as_of": Field(DATE, "Day of the progress."),
            "finish_low": Field(DATE, "Earliest day of finishing."),
            "finish_likely": Field(DATE, "Likeliest day of finishing."),
            "finish_high": Field(DATE, "Latest day of finishing."),
            "cost": _amount("What finishing it costs, in the chain's currency."),
            "lumpy": Field(BOOL, "Whether it is built whole or not at all.", default=True),
            "availability": _amount("Share of the capacity that can be used.", default=1.0, most=1),
            "running_cost": _amount("Cost per unit of activity.", default=0.0, least=None),
            "name": _text("Name."),
            "owner": _text("Owner."),
            "status": _text("Announced, construction ..., as the source says."),
            **_UNIT,
            **_SOURCE,
        },
        "budgets": {
            "year": Field(WHOLE, "Year.", required=True),
            "amount": _amount("What may be spent, in the chain's currency.", required=True),
            "name": _text("Name of the fund."),
            **_SOURCE,
        },
        "parts": {
            "process": _ref("processes", "Process that consumes the part."),
            "item": _key("Item, as in the programme's table items."),
            "quantity": _amount("Quantity per unit of activity.", required=True),
            "unit": _text("Unit of the quantity."),
            **_SOURCE,
        },
    }
)
"""The columns of each table, by table and column."""

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "commodities": ("commodity",),
        "places": ("place",),
        "processes": ("process",),
        "recipes": ("process", "commodity", "group"),
        "assets": ("asset",),
        "links": ("link",),
        "demands": ("commodity", "place", "year"),
        "markets": ("market", "commodity", "place", "direction", "year"),
        "stocks": ("commodity", "place"),
        "projects": ("project",),
        "budgets": ("year", "name"),
        "parts": ("process", "item"),
    }
)
"""The columns that tell a table's rows apart; ``limits`` has none."""

REQUIRED_TABLES = ("commodities", "places", "processes", "recipes", "assets")
"""The tables that a chain cannot do without."""

MAY_BE_NEGATIVE = ("rate", "cost", "price", "running_cost")


@dataclass(frozen=True)
class ChainSettings:
    """What holds for a whole chain (``chain.toml``).

    Parameters
    ----------
    name, name_fa
        Its name in English and Persian.
    years
        The years told, in order; each stands for itself.
    seasons
        Name and share of the year of each season, in order; the shares add up to 1.
    currency
        ISO 4217 code of all money.
    objective
        ``"least cost"``, ``"most output:COMMODITY"`` or ``"least net imports"``.
    discount
        Fraction by which a later year's money counts less than that of the year before.
    calendar
        ``"gregorian"`` or ``"solar_hijri"``: what the years are counted in.
    stocks_end
        ``"as first"``: at the end of the last year each stock holds at least what it began with;
        ``"free"``: it may be used up.
    note, note_fa
        What readers of its results have to know.
    illustrative
        Whether the whole chain is invented for illustration.
    """

    name: str
    years: tuple[int, ...]
    seasons: tuple[tuple[str, float], ...] = (("year", 1.0),)
    currency: str = "USD"
    objective: str = "least cost"
    discount: float = 0.0
    calendar: str = "gregorian"
    stocks_end: str = "as first"
    name_fa: str = ""
    note: str = ""
    note_fa: str = ""
    illustrative: bool = False

    @property
    def season_names(self) -> tuple[str, ...]:
        """Names of the seasons, in order."""
        return tuple(name for name, _ in self.seasons)

    @property
    def periods(self) -> int:
        """Number of years times seasons."""
        return len(self.years) * len(self.seasons)


@dataclass(frozen=True, eq=False)
class Chain:
    """A chain as it was read and checked: typed tables, settings, and what was odd.

    Every table of ``TABLES`` is there with all its columns (an empty frame where the chain has
    none), amounts in the unit of their commodity; other columns are kept behind them.

    Parameters
    ----------
    tables
        The frames by name; ``chain.table("assets")`` gives one.
    settings
        Years, seasons, currency and objective.
    warnings
        What is odd and was used as it is.
    """

    tables: Mapping[str, pl.DataFrame]
    settings: ChainSettings
    warnings: tuple[str, ...] = field(default=())

    def table(self, name: str) -> pl.DataFrame:
        """Give a table by its name."""
        return self.tables[name]

    def with_tables(self, **tables: pl.DataFrame) -> Chain:
        """Give the same chain with some tables replaced by ones that are typed and checked."""
        return replace(self, tables=MappingProxyType({**self.tables, **tables}))

    def with_settings(self, **settings: Any) -> Chain:
        """Give the same chain with some settings replaced."""
        return replace(self, settings=replace(self.settings, **settings))


def schema(table: str) -> dict[str, type[pl.DataType]]:
    """Give the columns of a table and their Polars types."""
    return {name: column.kind for name, column in TABLES[table].items()}


def empty(table: str) -> pl.DataFrame:
    """Give a table without rows."""
    return pl.DataFrame(schema=schema(table))
