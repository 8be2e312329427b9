"""Which imported products to make at home first: a ranked screen, each component shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.trade.errors import TradeError
from onshore.trade.market_sums import MarketSums, market_sums, yearly_growth
from onshore.trade.screen_ranks import rank_range, ranks_without, weighted_scores
from onshore.trade.screen_reasons import reasons

if TYPE_CHECKING:
    from onshore.trade.facts import Facts

COMPONENTS = {
    "import_value": "import_value",
    "dependency": "hhi",
    "density": "density",
    "gain": "cog",
    "growth": "market_growth",
}
"""What a product is ranked by, and the column that holds it; more of each ranks it higher."""


@dataclass(frozen=True)
class Opportunity:
    """A screen of imported products.

    Parameters
    ----------
    products
        One row a product, the best first; see `opportunity`.
    metadata
        Country, year, weights, what was left out, and how the ranks were tried.
    warnings
        What a reader must know.
    """

    products: pl.DataFrame
    metadata: dict[str, Any]
    warnings: tuple[str, ...]


def opportunity(
    source: Facts | pl.DataFrame | MarketSums,
    country: str,
    *,
    dependency: pl.DataFrame | None = None,
    pairs: pl.DataFrame | None = None,
    indices: pl.DataFrame | None = None,
    year: int | None = None,
    weights: Mapping[str, float] | None = None,
    made_from: float | None = 1.0,
    minimum: float = 0.0,
    top: int = 20,
    draws: int = 1000,
    spread: float = 2.0,
    seed: int = 0,
) -> Opportunity:
    """Rank imported products by how much speaks for making them at home.

    Five components: the value imported; the dependency on few partners (HHI); the density of
    what the country already makes around the product; the complexity outlook that it would gain
    (COG); and the growth a year of what the rest of the world imports of it. Each becomes a
    percentile among the products of the screen::

        percentile = (mean rank - 1/2) / number of products
        score      = sum of weight x percentile / sum of weight      (over what is known)

    Parameters
    ----------
    source
        `Facts`, flows in a frame (see `market_sums`), or what `market_sums` gave.
    country
        The home country's key.
    dependency
        The table ``products`` of the dependency of the same country and year: ``product``,
        ``hhi`` (Herfindahl-Hirschman index, 0 to 1), and where there are, ``top_partner``,
        ``top_share`` and ``geodep`` (dependent by CEPII's rule); these are shown, not weighed.
    pairs
        The table ``pairs`` of `complexity`: ``country``, ``product``, ``rca``, ``density``,
        ``cog``.
    indices
        The table ``products`` of `complexity`: ``product``, ``pci``; shown, not weighed.
    year
        The year of the imports; by default the last.
    weights
        Weights of components; those not named keep 1, and 0 leaves one out.
    made_from
        Revealed comparative advantage (RCA) from which on a product counts as made at home
        already and is left out; None leaves none out.
    minimum
        Imports below which a product is left out, in the money of the flows.
    top
        How many are "the top" for ``in_top``.
    draws, spread, seed
        Sensitivity: so many times every weight is multiplied by a factor drawn between
        1 / ``spread`` and ``spread`` (evenly in its logarithm).

    Returns
    -------
    Opportunity
        ``products``: ``rank``, ``product``, ``score`` (0 to 1), ``import_value``, ``hhi``,
        ``top_partner``, ``top_share``, ``geodep``, ``density``, ``cog``, ``pci``, ``rca``,
        ``market_growth`` (a year); ``import_value_percentile``, ``dependency_percentile``,
        ``density_percentile``, ``gain_percentile``, ``growth_percentile``; ``rank_low`` and
        ``rank_high`` (between which 90 % of the drawn weights leave it), ``in_top`` (the share
        of them that leaves it in the top), ``rank_without_import_value`` and so on (its rank if
        the component did not count); ``missing`` (components not known of it) and ``reason``.

    Raises
    ------
    TradeError
        See `market_sums`; or the country imports nothing that year, nothing is left to rank, no
        component is known, or a weight is not one.

    Notes
    -----
    The components are those of the rooms' own tables; weighing percentiles is this room's own
    rule, chosen because it takes no unit and no outlier. Percentiles with mean ranks: Hazen
    (1914), Transactions of the American Society of Civil Engineers 77.

    Examples
    --------
    >>> flows = pl.DataFrame({
    ...     "exporter": ["B", "B", "C"], "importer": ["A", "A", "A"],
    ...     "product": ["pump", "valve", "valve"], "value": [60.0, 20.0, 20.0],
    ... })
    >>> dependency = pl.DataFrame({"product": ["pump", "valve"], "hhi": [1.0, 0.5]})
    >>> found = opportunity(flows, "A", dependency=dependency)
    >>> found.products.select("rank", "product", "score", "rank_high").rows()
    [(1, 'pump', 0.75, 1), (2, 'valve', 0.25, 2)]
    >>> found.products["reason"][0]
    'Imports of 60 (top 25 %); HHI 1.00 (top 25 %).'
    """
    if draws < 1 or top < 1 or not 1 <= spread < float("inf"):
        raise TradeError(
            f"draws ({draws}), top ({top}) and spread ({spread}) are 1 or more. A spread of 1 "
            "leaves the weights as they are."
        )
    sums = source if isinstance(source, MarketSums) else market_sums(source, country)
    last = sums.years[-1] if year is None else year
    known = _components(sums, country, last, dependency, pairs, indices)
    kept, left_out = _screened(known, made_from, minimum)
    used, warnings = _weights(kept, weights)
    ranked = _ranked(kept, used)
    low, high, in_top = rank_range(ranked, used, top=top, draws=draws, spread=spread, seed=seed)
    table = ranked.with_columns(
        rank_low=low,
        rank_high=high,
        in_top=in_top,
        **ranks_without(ranked, used),
        missing=_missing(used),
    )
    table = table.with_columns(reason=reasons(table, list(used)))
    return Opportunity(
        products=table.select(name for name in _ORDER if name in table.columns),
        metadata={
            "country": country,
            "year": last,
            "years_of_growth": list(sums.years),
            "weights": used,
            "filter": {"made_from_rca": made_from, "minimum": minimum, "left_out": left_out},
            "normalisation": "percentiles among the products of the screen, (rank - 1/2) / n",
            "sensitivity": {"draws": draws, "spread": spread, "seed": seed, "top": top},
        },
        warnings=(*sums.warnings, *warnings),
    )


_PERCENTILES = [f"{component}_percentile" for component in COMPONENTS]
_ORDER = [
    *("rank", "product", "score", "import_value", "hhi", "top_partner", "top_share", "geodep"),
    *("density", "cog", "pci", "rca", "market_growth"),
    *_PERCENTILES,
    *("rank_low", "rank_high", "in_top"),
    *(f"rank_without_{component}" for component in COMPONENTS),
    *("missing", "reason"),
]


def _components(
    sums: MarketSums,
    country: str,
    year: int,
    dependency: pl.DataFrame | None,
    pairs: pl.DataFrame | None,
    indices: pl.DataFrame | None,
) -> pl.DataFrame:
    """Bring the components together, one row an imported product; what is not known is null."""
    own = pl.col("importer") == country
    bought = sums.within([year]).demand.filter(own, pl.col("value") > 0)
    if bought.is_empty():
        raise TradeError(
            f"{country} imports nothing in {year} by these flows. Choose another year with --year, "
            "or give flows that hold its imports."
        )
    table = bought.select("product", import_value="value")
    elsewhere = sums.demand.filter(~own).group_by("product", "year").agg(pl.col("value").sum())
    growth = yearly_growth(elsewhere, ["product"]).select("product", market_growth="growth")
    parts = [
        growth,
        _part(dependency, ("hhi",), ("top_partner", "top_share", "geodep"), "dependency"),
        _part(_of_country(pairs, country), ("rca", "density", "cog"), (), "complexity pairs"),
        _part(indices, ("pci",), (), "complexity products"),
    ]
    for part in parts:
        table = table.join(part, on="product", how="left")
    return table.with_columns(
        pl.col("hhi", "density", "cog", "pci", "rca", "market_growth")
        .cast(pl.Float64)
        .fill_nan(None)
    )


def _part(
    table: pl.DataFrame | None, wanted: tuple[str, ...], optional: tuple[str, ...], what: str
) -> pl.DataFrame:
    """Take the columns of another question's table; an absent table knows nothing."""
    if table is None:
        columns = dict.fromkeys(wanted, pl.Float64())
        return pl.DataFrame(schema={"product": pl.String(), **columns})
    missing = [name for name in ("product", *wanted) if name not in table.columns]
    if missing:
        raise TradeError(
            f"The table of {what} has no column '{missing[0]}'; it has "
            f"{', '.join(table.columns)}. Give the table as the command wrote it."
        )
    there = [name for name in optional if name in table.columns]
    part = table.select(pl.col("product").cast(pl.String), *wanted, *there)
    twice = part.filter(pl.col("product").is_duplicated())
    if twice.height:
        raise TradeError(
            f"The table of {what} has the product {twice['product'][0]} more than once. Give the "
            "table of one country and one year."
        )
    return part


def _of_country(pairs: pl.DataFrame | None, country: str) -> pl.DataFrame | None:
    if pairs is None or "country" not in pairs.columns:
        return pairs
    return pairs.filter(pl.col("country") == country)


def _screened(
    known: pl.DataFrame, made_from: float | None, minimum: float
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Leave out what is made already and what is too small; count both."""
    made = (
        pl.lit(value=False)
        if made_from is None
        else (pl.col("rca") >= made_from).fill_null(value=False)
    )
    small = pl.col("import_value") < minimum
    kept = known.filter(~made, ~small)
    if kept.is_empty():
        raise TradeError(
            f"None of the {known.height:,} imported products is left to rank: they are made "
            f"already (RCA of {made_from} or more) or their imports are below {minimum:,}. Lower "
            "the minimum, or keep what is made already (--include-made)."
        )
    return kept, {
        "made_already": known.filter(made).height,
        "below_minimum": known.filter(small, ~made).height,
    }


def _weights(
    kept: pl.DataFrame, weights: Mapping[str, float] | None
) -> tuple[dict[str, float], list[str]]:
    """Give the weight of each component that counts and is known of some product."""
    asked = dict(weights or {})
    for name, weight in asked.items():
        if name not in COMPONENTS:
            raise TradeError(
                f"'{name}' is not a component of the screen. There are: {', '.join(COMPONENTS)}."
            )
        if not 0 <= weight < float("inf"):
            raise TradeError(
                f"The weight of {name} is {weight}. A weight is 0 or more; 0 leaves it out."
            )
    counted = {name: float(asked.get(name, 1.0)) for name in COMPONENTS}
    unknown = [
        name
        for name, column in COMPONENTS.items()
        if counted[name] > 0 and kept[column].null_count() == kept.height
    ]
    used = {name: w for name, w in counted.items() if w > 0 and name not in unknown}
    if not used:
        raise TradeError(
            "No component with a weight above 0 is known of any product. Give a weight to one of "
            f"{', '.join(name for name in COMPONENTS if name not in unknown)}."
        )
    told = {
        "dependency": "no table of dependency was given",
        "density": "no complexity could be computed",
        "gain": "no complexity could be computed",
        "growth": "growth needs two years of the world's imports",
    }
    return used, [
        f"{name} is not known of any product ({told[name]}) and does not count."
        for name in unknown
        if name in told
    ]


def _ranked(kept: pl.DataFrame, used: Mapping[str, float]) -> pl.DataFrame:
    percentiles = [
        ((pl.col(column).rank("average") - 0.5) / pl.col(column).count()).alias(
            f"{component}_percentile"
        )
        for component, column in COMPONENTS.items()
    ]
    scored = kept.sort("product").with_columns(percentiles)
    return (
        scored.with_columns(score=weighted_scores(scored, used))
        .with_columns(
            rank=pl.col("score").rank("min", descending=True).cast(pl.Int64),
        )
        .sort("rank", "product")
    )


def _missing(used: Mapping[str, float]) -> pl.Expr:
    names = [
        pl.when(pl.col(f"{component}_percentile").is_null()).then(pl.lit(component))
        for component in used
    ]
    told = pl.concat_str(names, separator="; ", ignore_nulls=True)
    return pl.when(told != "").then(told)
