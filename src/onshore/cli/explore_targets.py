"""``onshore explore targets``: from a map to ranked targets and an order of drilling."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from onshore.cli.chain_inputs import read_table
from onshore.cli.console import Refused, result
from onshore.cli.explore_inputs import (
    Sites,
    grid_of,
    read_sites,
    refusals,
    sites_told,
    there,
    told_step,
    workroom,
    write_explored,
)
from onshore.cli.result_folder import source

if TYPE_CHECKING:
    import polars as pl

    from onshore.explore import DrillingOrder, Targets


@Parameter(name="*")
@dataclass(frozen=True)
class Around:
    """What lies around targets already."""

    provinces: Annotated[
        Path | None, Parameter(help="Outlines with names: GeoPackage, GeoJSON, GeoParquet.")
    ] = None
    blocks: Annotated[
        Path | None, Parameter(help="Blocks that are held already: block_id or name, outlines.")
    ] = None
    mines: Annotated[Path | None, Parameter(help="A table of mines: name, lon, lat.")] = None
    plants: Annotated[Path | None, Parameter(help="A table of plants: name, lon, lat.")] = None
    reach_km: Annotated[
        float | None, Parameter(help="Only what lies so near a plant, or else a mine.")
    ] = None
    effort: Annotated[
        Path | None, Parameter(help="A raster of what a km of each cell is worth, at least 1.")
    ] = None


@Parameter(name="*")
@dataclass(frozen=True)
class Drilling:
    """What drilling costs and may bring."""

    value: Annotated[float | None, Parameter(help="Worth of a deposit that is found.")] = None
    cost: Annotated[float | None, Parameter(help="Cost of drilling a target.")] = None
    budget: Annotated[float | None, Parameter(help="What may be spent.")] = None
    odds_ratio: Annotated[
        float, Parameter(help="How much likelier a find makes a target beside it.")
    ] = 2.0
    range_km: Annotated[float, Parameter(help="Within how many km targets tell of each other.")] = (
        10.0
    )
    currency: Annotated[str | None, Parameter(help="Currency of worth and cost.")] = None


def register(app: App) -> None:
    """Add this file's commands to the group."""
    app.command(targets)


def targets(
    map: Path,  # noqa: A002
    /,
    *,
    out: Path,
    deposits: Path | None = None,
    top_share: float | None = None,
    threshold: float | None = None,
    least_km2: float = 1.0,
    most_km2: float = 100.0,
    most: int | None = None,
    curve: Path | None = None,
    method: str | None = None,
    hidden: float | None = None,
    unit_cell: float | None = None,
    around: Around = Around(),
    drilling: Drilling = Drilling(),
    read: Sites = Sites(),  # noqa: B008
) -> int:
    """Cut a map into ranked targets, and tell in which order to drill them.

    Writes targets.csv, targets.gpkg (GeoPackage), targets.parquet (GeoParquet), explored.csv, with
    --reach-km around.csv, with --value and --cost order.csv; metadata.json, chart.svg and
    report.html.

    Parameters
    ----------
    map
        A map that onshore explore map or weights wrote, or another raster of scores.
    out
        Folder for the results.
    deposits
        Known deposits.
    top_share
        Share of the map to take, the best first; 0.05 where no threshold is given.
    threshold
        Least score of a target's cells.
    least_km2
        Smaller targets are left out.
    most_km2
        Larger ones are cut into parts of about this size; 0: none is.
    most
        At most so many targets.
    curve
        curves.csv of onshore explore validate: what the map finds on land it has not seen.
    method
        The method of that table that the map was made by, where it tells several.
    hidden
        Deposits supposed not yet found; as many as are known when not given.
    unit_cell
        The map tells probabilities per unit cell of so many km2 (posterior.tif of weights).
    around
        What lies around targets already.
    drilling
        What drilling costs and may bring.
    read
        How the deposits are read.
    """
    from onshore import explore as room

    there(map, "a map that onshore explore map wrote, or another raster of scores")
    if (drilling.value is None) != (drilling.cost is None):
        raise Refused("an order of drilling needs both --value V and --cost C.")
    with workroom(out):
        rate = _curve(curve, method)
        if around.effort is not None:
            there(around.effort, "a raster of the effort of each cell")
        given = {
            "provinces": _areas(around.provinces, "provinces"),
            "blocks": _areas(around.blocks, "blocks"),
            "mines": _points(around.mines, "the mines"),
            "plants": _points(around.plants, "the plants"),
        }
        with refusals():
            grid = grid_of(map)
        sites = None if deposits is None else read_sites(deposits, grid, read)
        with refusals(), told_step("Cutting the map into targets") as progress:
            found = room.targets(
                map, top_share=top_share, threshold=threshold, least_km2=least_km2,
                most_km2=most_km2 or None, most=most,
                deposits=sites, curve=rate, hidden=hidden, unit_cell_km2=unit_cell,
                provinces=given["provinces"], blocks=given["blocks"], mines=given["mines"],
                plants=given["plants"], reach_km=around.reach_km, effort=around.effort,
                progress=progress,
            )  # fmt: skip
        order = _order(found, drilling)
        tables = {"targets": found.polygons.drop("geometry"), "explored": found.explored}
        if found.around is not None and found.around.height:
            tables["around"] = found.around
        warnings = list(found.warnings)
        if order is not None:
            tables["order"] = order.table
            warnings += order.warnings
        told: dict[str, Any] = {
            "source": source(map, 0),
            "currency": drilling.currency,
            "area_km2": found.scored_km2,
            "parameters": {
                "threshold": found.threshold,
                "share_above": found.share,
                "least_km2": least_km2,
                "most_km2": most_km2,
                "hidden": hidden,
                "unit_cell_km2": unit_cell,
                "reach_km": around.reach_km,
                "value_of_deposit": drilling.value,
                "cost_of_target": drilling.cost,
                "budget": drilling.budget,
            },
            "beside": {
                name: source(path, 0)
                for name in ("provinces", "blocks", "mines", "plants", "effort")
                if (path := getattr(around, name)) is not None
            },
        }
        if curve is not None:
            told["curve"] = source(curve, 0)
        if deposits is not None and sites is not None:
            tables["deposits"] = sites.points
            told |= sites_told(deposits, sites)
            warnings += sites.warnings
        if order is not None:
            told |= {
                "worth": order.worth,
                "worth_bound": order.bound,
                "exact": order.exact,
                "worth_without_learning": order.worth_without_learning,
            }
        write_explored(
            out, "targets", tables, told, warnings, read.language,
            beside=_layer_files(found, told), rasters=_score(map), outlines=found.polygons,
        )  # fmt: skip
    for row in found.polygons.head(10).iter_rows(named=True):
        result(f"{row['rank']}. {row['target']}: {row['area_km2']:.1f} km2, mean {row['mean']:.3f}")
    return 0


def _curve(path: Path | None, method: str | None) -> "pl.DataFrame | None":
    """Read the success rate of one method, or refuse where it is not told which."""
    import polars as pl

    if path is None:
        return None
    needed = ("method", "area_share", "deposit_share")
    rows = read_table(path, "the success rate", needed)
    rows = rows.with_columns(
        pl.col(name).cast(pl.Float64, strict=False)
        for name in ("area_share", "deposit_share", "deposits")
        if name in rows.columns
    )
    methods = rows["method"].unique(maintain_order=True).to_list()
    if method is None and len(methods) > 1:
        raise Refused(
            f"{path.name} tells of several methods: {', '.join(methods)}. Say which made the map: "
            f"--method {methods[0]}."
        )
    if method is not None and method not in methods:
        raise Refused(f"{path.name} has no method '{method}'. There are: {', '.join(methods)}.")
    return rows.filter(pl.col("method") == (method or methods[0]))


def _areas(path: Path | None, what: str) -> "pl.DataFrame | None":
    """Read outlines and give them in WGS 84, or refuse them."""
    if path is None:
        return None
    there(path, f"the {what} as GeoPackage or GeoJSON")
    from onshore.report.geo_layers import in_degrees, read_layer

    try:
        with refusals():
            return in_degrees(read_layer(path)).frame
    except ValueError as wrong:
        raise Refused(str(wrong), status=1) from None


def _points(path: Path | None, what: str) -> "pl.DataFrame | None":
    import polars as pl

    if path is None:
        return None
    rows = read_table(path, what, ("name", "lon", "lat"))
    from onshore.codes import latin_digits

    plain = rows.with_columns(
        pl.col(name).cast(pl.String).map_elements(latin_digits, pl.String).str.replace("٫", ".")
        for name in ("lon", "lat")
    )
    numbers = plain.with_columns(pl.col("lon", "lat").cast(pl.Float64, strict=False))
    for row in numbers.select(
        pl.any_horizontal(pl.col("lon", "lat").is_null())
    ).to_series().arg_true().head(1):  # fmt: skip
        raise Refused(
            f"{path.name}, row {row + 2}: lon {rows['lon'][row]}, lat {rows['lat'][row]} is no "
            "place. Write degrees of WGS 84, such as 54.35 and 31.9.",
            status=1,
        )
    return numbers


def _order(found: "Targets", drilling: Drilling) -> "DrillingOrder | None":
    from onshore import explore as room

    if drilling.value is None:
        return None
    if "expected" not in found.polygons.columns or found.polygons["expected"].is_null().all():
        raise Refused(
            "an order of drilling needs the deposits that targets should hold: give --curve "
            "curves.csv of onshore explore validate, or --unit-cell KM2 for a posterior."
        )
    with refusals(), told_step("Ordering the drilling"):
        return room.drilling_order(
            found.polygons,
            value=drilling.value,
            cost=drilling.cost,
            odds_ratio=drilling.odds_ratio,
            range_km=drilling.range_km,
            budget=drilling.budget,
        )


def _layer_files(found: "Targets", told: Mapping[str, Any]) -> dict[str, Any]:
    """Give the targets as GeoPackage and GeoParquet."""
    from onshore.report.geo_layers import Layer, geopackage, geoparquet

    layer = Layer(found.polygons, found.crs)
    return {
        "targets.gpkg": geopackage({"targets": layer}, provenance=told),
        "targets.parquet": geoparquet(layer),
    }


def _score(path: Path) -> dict[str, Any]:
    from onshore.report.explore_raster import read_raster

    return {"score": read_raster(path, 1)}
