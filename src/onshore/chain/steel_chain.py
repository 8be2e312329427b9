"""The steel chain of a country, or of the world, from the plants of a tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.neighbours import nearest_links
from onshore.chain.reading import read_chain
from onshore.chain.tables import Chain
from onshore.chain.tracked import tracked_assets, tracked_places, tracked_projects
from onshore.chain.tracker import IN_SERVICE, SOURCE, Tracker, country_code
from onshore.codes import countries

SCRAP_SHARE = 0.34
"""Scrap per unit of crude steel, of the world: 575 Mt for 1.7 Gt a year (worldsteel, fact sheet
"Steel and raw materials")."""

_MOVED = ("sponge iron", "pig iron", "scrap")
_PLACED = (*_MOVED, "crude steel")
_COST_PER_KT_KM = 30.0
_BOUGHT = "bought: not listed in the source"
_CAVEATS = {
    "pellets": "The source lists few mine-side plants: pellets look shorter than they are.",
    "sinter": "The source tells the size of few sinter plants.",
    "sponge iron": "With no scrap and no pig iron in electric arc and other furnaces.",
    "pig iron": "With no scrap in the converter.",
}


def steel_chain(
    tracker: Tracker,
    country: str | None = None,
    *,
    years: Sequence[int] = (2025,),
    projects: Sequence[str] = ("construction",),
    scrap_share: float | Mapping[str, float] = SCRAP_SHARE,
    coal_based: Sequence[str] = (),
) -> Chain:
    """Give the chain of a country from pellets to crude steel, by province; or of the world.

    What the tracker lists is placed; what it does not (ore, energy, and pellets beyond the plants
    listed) is bought from markets without bounds. Sponge iron, pig iron and scrap move between
    neighbouring places. The objective is the largest output of crude steel.

    Parameters
    ----------
    tracker
        Of `read_tracker`.
    country
        ISO 3166-1 code or name; None for the world, whose places are countries.
    years
        Years of the chain.
    projects
        Statuses of the source that are told as projects, such as ``("construction",
        "announced")``.
    scrap_share
        Scrap collected at each place per unit of its crude steel capacity in service; or by
        country, where it is not the world's 0.34 (of those that melt mostly scrap it is more).
    coal_based
        Ids of plants, or countries, whose direct reduction runs on coal; the source does not
        tell.

    Returns
    -------
    Chain
        With, in ``assets`` and ``projects``, the further columns ``plant``, ``unit_kind`` (EAF,
        DRI ...), ``country``, ``name_fa``, ``lat`` and ``lon`` (of the plant), and in ``assets``
        ``at_least`` (whether the source says that there is more).

    Raises
    ------
    ChainError
        The tracker has no plant there, or none in service.
    """
    tables = steel_tables(
        tracker,
        country,
        years=years,
        projects=projects,
        scrap_share=scrap_share,
        coal_based=coal_based,
    )
    here = tracker.of(country)
    world = country is None
    name = "the world" if world else str(here.plants["country_name"][0])
    settings: dict[str, Any] = {
        "name": f"Iron and steel: {name}",
        "years": list(years),
        "objective": "most output:crude steel",
        "note": " ".join(
            [
                f"Capacities: {SOURCE}. Scrap, prices and costs are illustrative.",
                *here.warnings,
                *_short(step_balance(tracker, country)),
            ]
        ),
    }
    if not world:
        code = str(here.plants["country"][0])
        settings["name_fa"] = f"آهن و فولاد: {countries.name(code, 'fa')}"
    return read_chain(tables, settings=settings)


def steel_tables(
    tracker: Tracker,
    country: str | None = None,
    *,
    years: Sequence[int] = (2025,),
    projects: Sequence[str] = ("construction",),
    scrap_share: float | Mapping[str, float] = SCRAP_SHARE,
    coal_based: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """Give the tables of `steel_chain`, to be added to before they are read.

    Parameters, columns and errors are those of `steel_chain`.
    """
    here = tracker.of(country)
    located = _with_coal(here.capacity, coal_based)
    if country is None:
        located = located.with_columns(place="country")
    assets = tracked_assets(here, located, years[0])
    if assets.is_empty():
        raise ChainError(
            f"the tracker has no unit in service in {country}. Its statuses there are: "
            f"{', '.join(sorted(set(located['status'])))}."
        )
    planned = tracked_projects(here, located, projects)
    sites = tracked_places(here, located, country)
    scrap = _scrap(assets, scrap_share, years[0])
    assets = pl.concat([assets, scrap], how="diagonal")
    used = set(assets["process"]) | set(planned["process"])
    processes = vocabulary("processes").filter(pl.col("process").is_in(list(used)))
    recipes = vocabulary("recipes").filter(pl.col("process").is_in(list(used)))
    needed = set(recipes["commodity"]) | set(processes["commodity"])
    commodities = vocabulary("commodities").filter(pl.col("commodity").is_in(list(needed)))
    bought = commodities.filter(~pl.col("commodity").is_in(_PLACED))
    moved = [commodity for commodity in _MOVED if commodity in needed]
    return {
        "commodities": commodities,
        "places": sites,
        "processes": processes,
        "recipes": recipes,
        "assets": assets,
        "projects": planned,
        "links": nearest_links(
            sites, moved, cost_per_km=_COST_PER_KT_KM, mode="sea" if country is None else "rail"
        ),
        "markets": bought.select(
            market=pl.format(f"{{}} {_BOUGHT}", "commodity"),
            commodity="commodity",
            direction=pl.lit("import"),
            price=pl.col("price").cast(pl.Float64),
            source=pl.lit("illustrative price; the source lists no or few plants"),
            illustrative=pl.lit(value=True),
        ),
    }


def step_balance(
    tracker: Tracker, country: str | None = None, *, statuses: Sequence[str] = IN_SERVICE
) -> pl.DataFrame:
    """Compare what each step can make with what the next would take at full capacity.

    Parameters
    ----------
    tracker
        Of `read_tracker`.
    country
        ISO 3166-1 code or name; None for all.
    statuses
        Of the source, that count as in service.

    Returns
    -------
    DataFrame
        ``commodity``, ``capacity`` and ``needed`` (kt per year), ``short`` (kt per year; below 0
        is spare), ``supports`` (share of the next steps' capacity that can run), ``caveat``.
        Upstream first. No scrap is charged.
    """
    rows = tracker.of(country).capacity.filter(pl.col("status").is_in(list(statuses)))
    by_step = dict(rows.group_by("step").agg(pl.col("capacity").sum()).iter_rows())
    recipes = vocabulary("recipes").filter(~_replaced())
    found = []
    for commodity, caveat in _CAVEATS.items():
        takers = recipes.filter(pl.col("commodity") == commodity)
        needed = -sum(
            rate * by_step.get(process, 0.0)
            for process, rate in takers.select("process", "rate").iter_rows()
        )
        made = sum(by_step.get(process, 0.0) for process in _makers(commodity))
        if needed or made:
            found.append((commodity, made, needed, caveat))
    columns = {
        "commodity": pl.String,
        "capacity": pl.Float64,
        "needed": pl.Float64,
        "caveat": pl.String,
    }
    frame = pl.DataFrame(found, schema=columns, orient="row")
    return frame.select(
        "commodity",
        "capacity",
        "needed",
        short=pl.col("needed") - pl.col("capacity"),
        supports=pl.when(pl.col("needed") > 0)
        .then(pl.min_horizontal(pl.col("capacity") / pl.col("needed"), pl.lit(1.0)))
        .otherwise(1.0),
        caveat="caveat",
    )


def vocabulary(table: str) -> pl.DataFrame:
    """Give the commodities, processes or recipes of iron and steel, with their sources."""
    file = resources.files("onshore.chain").joinpath("steel", f"{table}.csv")
    with file.open("rb") as opened:
        frame = pl.read_csv(opened, infer_schema=False)
    numbers = [
        name for name in ("rate", "share_min", "share_max", "price") if name in frame.columns
    ]
    truths = [name for name in ("pooled", "from_nature", "illustrative") if name in frame.columns]
    return frame.with_columns(
        pl.col(numbers).cast(pl.Float64), *[pl.col(name) == "true" for name in truths]
    )


def _scrap(
    assets: pl.DataFrame, scrap_share: float | Mapping[str, float], first_year: int
) -> pl.DataFrame:
    """Give the collection of scrap at each place that melts steel; illustrative."""
    by_country = {}
    if isinstance(scrap_share, Mapping):
        by_country = {country_code(name): share for name, share in scrap_share.items()}
    usual = SCRAP_SHARE if isinstance(scrap_share, Mapping) else scrap_share
    for share in (usual, *by_country.values()):
        if not share >= 0.0:
            raise ChainError(f"scrap_share is {share:.6g}. Give 0 or more.")
    told = pl.col("country").replace_strict(by_country, default=usual, return_dtype=pl.Float64)
    return (
        assets.filter(pl.col("process").is_in(_makers("crude steel")))
        .group_by("place", "country")
        .agg(pl.col("capacity").sum())
        .select(
            pl.format("scrap {}", "place").alias("asset"),
            pl.lit("scrap collection").alias("process"),
            "place",
            pl.col("capacity") * told,
            pl.lit(first_year, pl.Int64).alias("from_year"),
            pl.format("{} of the crude steel capacity in service; illustrative", told).alias(
                "source"
            ),
            pl.lit(value=True).alias("illustrative"),
            "country",
        )
        .filter(pl.col("capacity") > 0)
        .sort("place")
    )


def _with_coal(rows: pl.DataFrame, coal_based: Sequence[str]) -> pl.DataFrame:
    if not coal_based:
        return rows
    plants = set(rows["plant_id"])
    lands = [country_code(text) for text in coal_based if text not in plants]
    coal = pl.col("plant_id").is_in(list(coal_based)) | pl.col("country").is_in(lands)
    return rows.with_columns(
        step=pl.when(coal & (pl.col("unit") == "DRI"))
        .then(pl.lit("coal direct reduction"))
        .otherwise(pl.col("step"))
    )


def _makers(commodity: str) -> list[str]:
    made = vocabulary("processes").filter(pl.col("commodity") == commodity)
    return [str(name) for name in made["process"]]


def _replaced() -> pl.Expr:
    """Tell the members of a charge that replace its first, which is what plants are built for."""
    return pl.col("group").is_not_null() & (pl.int_range(pl.len()).over("process", "group") > 0)


def _short(balance: pl.DataFrame) -> list[str]:
    """Name the listed intermediate that is short, where it is the pellets."""
    return [
        f"Pellets are short: {capacity:,.0f} kt a year are listed and {needed:,.0f} kt needed. "
        f"{caveat}"
        for capacity, needed, caveat in balance.filter(
            (pl.col("commodity") == "pellets") & (pl.col("short") > 0)
        )
        .select("capacity", "needed", "caveat")
        .iter_rows()
    ]
