"""What the world sells and buys of each product, and what one country sells to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.trade.errors import TradeError
from onshore.trade.territories import AGGREGATE, UNSPECIFIED, territories

if TYPE_CHECKING:
    from onshore.trade.facts import Facts

_FLOWS = ("exporter", "importer", "product", "value")


@dataclass(frozen=True)
class MarketSums:
    """Flows summed as far as the questions of one country's markets need them.

    Parameters
    ----------
    country
        The home country's key, as it is written in the flows.
    years
        The years that are there, in order.
    home
        ``importer, product, year, value``: exports of the home country.
    supply
        ``exporter, product, year, value``: every country's exports.
    demand
        ``importer, product, year, value``: every country's imports.
    world
        Whether there is trade between others too, so that shares of markets are known.
    nowhere
        Keys of trade with no known country ("areas not elsewhere specified"): part of the
        world's trade, but no market to go to.
    warnings
        What was left out, and why.
    """

    country: str
    years: tuple[int, ...]
    home: pl.DataFrame
    supply: pl.DataFrame
    demand: pl.DataFrame
    world: bool = True
    nowhere: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def within(self, years: Sequence[int]) -> MarketSums:
        """Keep some of the years.

        Raises
        ------
        TradeError
            A year is not there.
        """
        absent = [year for year in years if year not in self.years]
        if absent:
            raise TradeError(
                f"The flows have no year {absent[0]}; they have {told_years(self.years)}. "
                "Ask for one of these."
            )
        chosen = self._where(pl.col("year").is_in(list(years)))
        return replace(chosen, years=tuple(sorted(years)))

    def of_products(self, beginnings: Sequence[str]) -> MarketSums:
        """Keep the products whose codes begin so.

        Raises
        ------
        TradeError
            No product does.
        """
        chosen = self._where(begins(beginnings))
        if chosen.demand.is_empty():
            there = ", ".join(self.demand["product"].unique().sort().head(4))
            raise TradeError(
                f"No product of the flows begins with {' or '.join(beginnings)}. Their codes look "
                f"like {there}."
            )
        return chosen

    def require_world(self) -> None:
        """Refuse where only one country's trade is told."""
        if not self.world:
            raise TradeError(
                f"The flows are those of {self.country} alone: what others sell and buy is not "
                "there, so no share of a market is known. Give the world's trade, such as BACI, "
                "and not the country's own extract."
            )

    def _where(self, condition: pl.Expr) -> MarketSums:
        return replace(
            self,
            home=self.home.filter(condition),
            supply=self.supply.filter(condition),
            demand=self.demand.filter(condition),
        )


def begins(beginnings: Sequence[str]) -> pl.Expr:
    """Say of each product whether its code begins in one of these ways."""
    return pl.any_horizontal(pl.col("product").str.starts_with(text) for text in beginnings)


def market_sums(source: Facts | pl.DataFrame, country: str) -> MarketSums:
    """Sum flows by exporter and product, by importer and product, and for one country by partner.

    Parameters
    ----------
    source
        `Facts`, or flows in a frame: ``exporter``, ``importer``, ``product`` (str), ``value``
        (number, any one currency) and, where there are several years, ``period`` (a year).
        Each flow is told once.
    country
        The home country's key, as it is written in the flows.

    Raises
    ------
    TradeError
        A column is missing, the country is in no flow, a period is not a year, or a value is
        negative or missing.

    Examples
    --------
    >>> flows = pl.DataFrame({
    ...     "exporter": ["A", "A", "B"], "importer": ["B", "C", "C"],
    ...     "product": ["p", "p", "p"], "value": [1.0, 2.0, 3.0],
    ... })
    >>> market_sums(flows, "A").demand.select("importer", "value").rows()
    [('B', 1.0), ('C', 5.0)]
    """
    if isinstance(source, pl.DataFrame):
        (home, supply, demand), warnings = _of_frame(source, country)
    else:
        (home, supply, demand), warnings = _of_facts(source, country)
    if country not in supply["exporter"] and country not in demand["importer"]:
        raise TradeError(_not_there(country, supply["exporter"]))
    kinds = territories(demand["importer"].unique().sort())
    return MarketSums(
        country,
        years=tuple(sorted({*supply["year"].to_list(), *demand["year"].to_list()})),
        home=home,
        supply=supply,
        demand=demand,
        world=_of_others(home, demand, country),
        nowhere=tuple(kinds.filter(pl.col("kind") == UNSPECIFIED)["key"]),
        warnings=warnings,
    )


def told_years(years: Sequence[int]) -> str:
    """Say which years there are: ``2018 to 2020``, ``2018, 2020``."""
    if len(years) > 2 and list(years) == list(range(years[0], years[-1] + 1)):
        return f"{years[0]} to {years[-1]}"
    return ", ".join(str(year) for year in years)


def yearly_growth(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Fit each key's growth a year: the least-squares slope of log(value) over the years.

    With two years it is the compound growth between them. Years whose value is not above 0 are
    left out; with fewer than two, growth is null.

    Parameters
    ----------
    frame
        Columns ``by``, ``year`` (integer) and ``value``, one row a key and year.
    by
        Columns of the key.

    Returns
    -------
    DataFrame
        Columns ``by``, ``growth`` (Float64, 0.05 is 5 % a year), ``years_seen`` (UInt32), in
        the order of the key.

    Examples
    --------
    >>> frame = pl.DataFrame({"product": ["p", "p"], "year": [2020, 2022], "value": [100.0, 121.0]})
    >>> [round(rate, 12) for rate in yearly_growth(frame, ["product"])["growth"]]
    [0.1]
    """
    x, y = pl.col("year").cast(pl.Float64), pl.col("value").log()
    seen = pl.col("value") > 0
    dx = x.filter(seen) - x.filter(seen).mean()
    slope = (dx * y.filter(seen)).sum() / dx.pow(2).sum()
    return (
        frame.group_by(by)
        .agg(growth=slope.exp() - 1, years_seen=seen.sum())
        .with_columns(pl.when(pl.col("years_seen") > 1).then("growth").alias("growth"))
        .select(*by, "growth", "years_seen")
        .sort(by)
    )


_Parts = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def _of_frame(flows: pl.DataFrame, country: str) -> tuple[_Parts, tuple[str, ...]]:
    missing = [name for name in _FLOWS if name not in flows.columns]
    if missing:
        raise TradeError(
            f"The flows have no column '{missing[0]}'; they have {', '.join(flows.columns)}. "
            "Rename theirs, or read the file with onshore.trade.open_facts."
        )
    _require_values(flows)
    period = pl.col("period") if "period" in flows.columns else pl.lit(0)
    own = flows.select(
        *(pl.col(name).cast(pl.String) for name in _FLOWS[:3]),
        period.alias("year"),
        pl.col("value").cast(pl.Float64),
    )
    own = own.with_columns(_years(own["year"]))
    own, told_twice = _without_aggregates(own)
    abroad = own.filter(pl.col("exporter") != pl.col("importer"))
    parts = (
        _summed(abroad.filter(pl.col("exporter") == country), "importer"),
        _summed(abroad, "exporter"),
        _summed(abroad, "importer"),
    )
    return parts, (*told_twice, *_at_home(own.height - abroad.height))


def _summed(flows: pl.DataFrame, side: str) -> pl.DataFrame:
    keys = [side, "product", "year"]
    return flows.group_by(keys).agg(pl.col("value").sum()).sort(keys)


def _of_facts(facts: Facts, country: str) -> tuple[_Parts, tuple[str, ...]]:
    """Sum the flows that importers tell; where none does, those that exporters tell."""
    for side in ("importer", "exporter"):
        flows = facts.flows(side)
        demand = _run(facts, flows, "importer")
        if not demand.is_empty():
            break
    home = flows if facts.knows_the_world else facts.exports(country)
    (key,) = facts.raw_keys([country])
    sold = _run(facts, home.filter(home.exporter == key), "importer")
    return (sold, _run(facts, flows, "exporter"), demand), tuple(facts.warnings)


def _run(facts: Facts, flows: Any, side: str) -> pl.DataFrame:
    grouped = flows.group_by([side, "product", "period"]).aggregate(value=flows.value.sum())
    keys = [side, "product", "year"]
    frame = facts.run(grouped).rename({"period": "year"})
    return frame.select(*keys, "value").cast({"year": pl.Int64, "value": pl.Float64}).sort(keys)


def _of_others(home: pl.DataFrame, demand: pl.DataFrame, country: str) -> bool:
    """Say whether others buy from each other too, and not from the country alone."""
    bought = float(demand.filter(pl.col("importer") != country)["value"].sum())
    sold = float(home["value"].sum())
    return bought - sold > 1e-9 * bought


def _require_values(flows: pl.DataFrame) -> None:
    bad = flows.with_row_index("row", offset=1).filter(
        pl.col("value").is_null()
        | pl.col("value").cast(pl.Float64).is_nan()
        | (pl.col("value") < 0)
    )
    if bad.height:
        row = bad.row(0, named=True)
        raise TradeError(
            f"Row {row['row']} of the flows ({row['exporter']} to {row['importer']}, product "
            f"{row['product']}) has the value {row['value']}; {bad.height:,} such rows in all. "
            "Values are zero or more: mend them or leave the rows out."
        )


def _years(column: pl.Series) -> pl.Series:
    years = column.cast(pl.String).str.extract(r"^\s*(\d{1,4})(?:\.0+)?\s*$").cast(pl.Int64)
    wrong = column.filter(years.is_null())
    if wrong.len():
        raise TradeError(
            f"The period '{wrong[0]}' is not a year. Markets are compared year by year: sum the "
            "flows to years, or leave others out."
        )
    return years.alias("year")


def _without_aggregates(flows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Leave out the world, unions and regions: they tell again what their members tell."""
    keys = pl.concat([flows["exporter"], flows["importer"]]).unique().drop_nulls().sort()
    groups = territories(keys).filter(pl.col("kind") == AGGREGATE)["key"].to_list()
    if not groups:
        return flows, ()
    one = flows.filter(~pl.col("exporter").is_in(groups) & ~pl.col("importer").is_in(groups))
    told = f"{flows.height - one.height:,} rows of {', '.join(groups)} were left out"
    return one, (f"{told}: they repeat what the countries' own rows tell.",)


def _at_home(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (
        f"{count:,} rows of flows from a country to itself (goods that came back) were left out.",
    )


def _not_there(country: str, keys: pl.Series) -> str:
    there = keys.unique().sort()
    shown = ", ".join(there.head(8)) + (" ..." if there.len() > 8 else "")
    return f"The country {country} is in no flow. There are {there.len():,} exporters: {shown}"
