"""One year's network of countries and products, what is found in it, and what is wanting."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.trade.advantage import Matrix, Network, Vector, network, revealed_advantage
from onshore.trade.complexity_index import Indices, indices
from onshore.trade.fitness import Fitness, fitness
from onshore.trade.naming import some
from onshore.trade.outlook import Outlook, outlook


class YearOfTrade:
    """One year's matrices and what is found in them.

    Parameters
    ----------
    year
        The year; None where the facts have none.
    frame
        ``country``, ``product``, ``value`` of that year, one row each.
    least
        RCA from which on a country is said to make a product.
    """

    def __init__(self, year: int | str | None, frame: pl.DataFrame, least: float) -> None:
        self.year = year
        silent = frame.filter(pl.col("value") == 0)
        traded = frame.filter(pl.col("value") > 0) if silent.height else frame
        self.idle = {kind: _only_in(silent, traded, kind) for kind in ("country", "product")}
        self.countries = traded["country"].unique().sort()
        self.products = traded["product"].unique().sort()
        self.values = np.zeros((len(self.countries), len(self.products)))
        self.values[_places(traded, self.countries), _places(traded, self.products)] = traded[
            "value"
        ].to_numpy()
        self.advantage: Matrix = revealed_advantage(self.values)
        self.linked: Network = network(self.advantage, least)
        self.found: Indices = indices(self.linked, self.values.sum(axis=1))
        self.outlook: Outlook = outlook(self.linked, self.found)
        inside, of = self.found.part_of_country == 0, self.found.part_of_product == 0
        self.fit: Fitness = fitness(self.linked, inside, of)

    def country_table(self) -> pl.DataFrame:
        """Give diversity and the indices of each country."""
        found = pl.DataFrame(
            {
                "country": self.countries,
                "diversity": self.linked.sum(axis=1),
                "eci": _known(self.found.eci),
                "coi": _known(self.outlook.coi),
                "fitness": _known(self.fit.fitness),
            }
        )
        idle = pl.DataFrame({"country": self.idle["country"], "diversity": 0})
        table = pl.concat([found, idle.cast({"diversity": pl.Int64})], how="diagonal")
        return self._dated(table.sort("eci", "country", descending=[True, False], nulls_last=True))

    def product_table(self) -> pl.DataFrame:
        """Give ubiquity and PCI of each product."""
        found = pl.DataFrame(
            {
                "product": self.products,
                "ubiquity": self.linked.sum(axis=0),
                "pci": _known(self.found.pci),
            }
        )
        idle = pl.DataFrame({"product": self.idle["product"], "ubiquity": 0})
        table = pl.concat([found, idle.cast({"ubiquity": pl.Int64})], how="diagonal")
        return self._dated(table.sort("pci", "product", descending=[True, False], nulls_last=True))

    def pair_table(self) -> pl.DataFrame:
        """Give RCA, density and COG of each country with each product that is traded."""
        countries, products = self.values.shape
        return self._dated(
            pl.DataFrame(
                {
                    "country": self.countries.gather(np.repeat(np.arange(countries), products)),
                    "product": self.products.gather(np.tile(np.arange(products), countries)),
                    "value": self.values.ravel(),
                    "rca": self.advantage.ravel(),
                    "density": _known(self.outlook.density.ravel()),
                    "cog": _known(self.outlook.cog.ravel()),
                }
            )
        )

    def warnings(self) -> list[str]:
        """Name what has no exports, no advantage or no index, and why."""
        told = [
            f"{_count(names, kind)} without exports{self._when}: {some(names)}."
            for kind, names in self.idle.items()
            if len(names)
        ]
        for kind, names, parts, what in (
            ("country", self.countries, self.found.part_of_country, "without an advantage"),
            ("product", self.products, self.found.part_of_product, "that are nobody's advantage"),
        ):
            bare = names.filter(pl.Series(parts < 0, dtype=pl.Boolean))
            if len(bare):
                told.append(
                    f"{_count(bare, kind)} {what} at this threshold of RCA, so without "
                    f"indices{self._when}: {some(bare)}."
                )
        told += self._of_parts() + self._of_indices() + self._of_single_exporters()
        if not self.fit.steady:
            told.append(
                f"Fitness still moves after {self.fit.rounds} rounds{self._when}: that of some "
                "countries falls to 0 without end. Its order tells, its value does not."
            )
        if np.isnan(self.outlook.coi).all() and not self.found.trouble:
            told.append(f"All countries have the same outlook{self._when}, so COI is empty.")
        return told

    def _of_parts(self) -> list[str]:
        apart = self.countries.filter(pl.Series(self.found.part_of_country > 0, dtype=pl.Boolean))
        if apart.is_empty():
            return []
        parts = int(self.found.part_of_country.max()) + 1
        products = int((self.found.part_of_product > 0).sum())
        return [
            f"The network of countries and products falls into {parts} parts that share no "
            f"product{self._when}. ECI, PCI, COI, COG and fitness are those of the largest; "
            f"{_count(apart, 'country')} and {products} products of the others have none: "
            f"{some(apart)}."
        ]

    def _of_indices(self) -> list[str]:
        why = {
            "no links": "no country has an advantage in anything",
            "one of a kind": "there is only one country, or only one product, to compare",
            "no second pattern": "all countries have their advantages in the same products",
            "tied": "two patterns of specialisation are equally strong, so that neither is the one",
            "": "",
        }[self.found.trouble]
        if why:
            return [f"ECI, PCI, COI and COG are empty{self._when}: {why}."]
        if not self.found.sign_certain:
            return [
                f"ECI does not go with diversity{self._when}, so that its sign was chosen by the "
                "value of exports: high and low may be exchanged."
            ]
        return []

    def _of_single_exporters(self) -> list[str]:
        lone = self.products.filter(pl.Series((self.values > 0).sum(axis=0) == 1, dtype=pl.Boolean))
        if lone.is_empty():
            return []
        return [
            f"{_count(lone, 'product')} exported by one country alone{self._when}, whose PCI "
            f"mirrors that country: {some(lone)}."
        ]

    @property
    def _when(self) -> str:
        return "" if self.year is None else f" in {self.year}"

    def _dated(self, table: pl.DataFrame) -> pl.DataFrame:
        dtype = pl.String if isinstance(self.year, str) else pl.Int64
        return table.select(pl.lit(self.year, dtype=dtype).alias("year"), pl.all())


def _only_in(silent: pl.DataFrame, traded: pl.DataFrame, kind: str) -> pl.Series:
    """Name the countries, or products, that are told without any exports."""
    names = silent[kind].unique()
    return (
        names.filter(~names.is_in(traded[kind].unique().implode())).sort() if len(names) else names
    )


def _places(frame: pl.DataFrame, names: pl.Series) -> np.ndarray:
    """Give the place of each row's name among sorted names."""
    return frame[names.name].cast(pl.Enum(names)).to_physical().to_numpy().astype(int)


def _known(values: Vector) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64).fill_nan(None)


def _count(names: pl.Series, kind: str) -> str:
    many = "countries" if kind == "country" else "products"
    return f"{len(names):,} {kind if len(names) == 1 else many}"
