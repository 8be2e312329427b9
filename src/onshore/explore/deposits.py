"""Known deposits as points with weights, in the cells of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from onshore.codes import fold
from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid, system
from onshore.explore.layers import read_frame
from onshore.explore.point_files import VECTORS, read_points
from onshore.explore.stacks import Stack
from onshore.figures import FigureError, parse_number

# Usual names of columns: of degrees, and of lengths.
_DEGREES = (
    ("lon", "lat"),
    ("longitude", "latitude"),
    ("long", "lat"),
    ("طول جغرافیایی", "عرض جغرافیایی"),
)
_LENGTHS = (("easting", "northing"), ("east", "north"))
_EITHER = (("x", "y"),)
# Fewer deposits, or cells with any, are told: weights and accuracies are then very unsure.
FEW = 10


@dataclass(frozen=True)
class Deposits:
    """Deposits placed on a grid.

    Attributes
    ----------
    cells : DataFrame
        One row for each cell with deposits, by row and column: ``row``, ``column``, ``count``
        (Int64), ``weight`` (Float64; the sum of the deposits' weights, the count without them).
    points : DataFrame
        One row for each deposit kept: ``number`` (its row in the table, from 1), ``row``,
        ``column``, ``x``, ``y`` (in the grid's CRS), ``weight``, and the table's other columns.
    left_out : DataFrame
        ``number``, ``x``, ``y`` as given, ``reason``, for each that was not kept.
    warnings : list of str
        What was odd.
    """

    cells: pl.DataFrame
    points: pl.DataFrame
    left_out: pl.DataFrame
    warnings: list[str]

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.cells["weight"].sum())


def read_deposits(
    table: pl.DataFrame | Path | str,
    stack_or_grid: Stack | Grid,
    *,
    weight: str | None = None,
    crs: str = "EPSG:4326",
    columns: tuple[str, str] | None = None,
) -> Deposits:
    """Place deposits on a grid.

    Parameters
    ----------
    table
        One row for each deposit: a frame, CSV, XLSX or Parquet with columns of coordinates
        (in Latin, Persian or Arabic digits), or points in a file that says its own crs
        (GeoPackage, GeoJSON, Shapefile).
    stack_or_grid
        A stack leaves out deposits outside its region, and tells of those where layers have no
        data.
    weight
        A column of weights, 0 or more (for instance tonnes, or how sure a deposit is); 1 for all
        without it.
    crs
        Of the coordinates; longitude and latitude on WGS 84 if not given.
    columns
        The columns of x (longitude, easting) and y; otherwise those of the usual names.

    Raises
    ------
    ExploreError
        There are no such columns, a coordinate or weight is no number, or no deposit lies in the
        grid or region.

    Examples
    --------
    >>> grid = Grid("EPSG:4326", (0.5, 0.0, 50.0, 0.0, -0.5, 36.0), 8, 10)
    >>> table = pl.DataFrame({"lon": [50.1, 50.2, 53.9], "lat": [35.9, 35.8, 10.0]})
    >>> found = read_deposits(table, grid)
    >>> found.cells.rows(), found.left_out["reason"].to_list()
    ([(0, 0, 2, 2.0)], ['outside the grid'])
    """
    grid = stack_or_grid if isinstance(stack_or_grid, Grid) else stack_or_grid.grid
    name = "the table of deposits"
    if not isinstance(table, pl.DataFrame):
        path = Path(table)
        name = path.name
        if path.suffix.lower() in VECTORS:
            table, crs = read_points(path)
            columns = ("x", "y")
        else:
            table = read_frame(path)
    if table.is_empty():
        raise ExploreError(f"{name} has no rows. Give at least one deposit.")
    across, down = columns or _usual(table, name, crs)
    x, y = (_numbers(table, column, name) for column in (across, down))
    weights = (
        np.ones(table.height)
        if weight is None
        else _numbers(table, weight, name, what="weight", least=0.0)
    )
    _check_degrees(x, y, crs, name, (across, down))
    at_x, at_y = _in_system(x, y, crs, grid, name)
    rows, cells = grid.rows_columns(at_x, at_y)
    reasons = np.where(grid.holds(rows, cells), "", "outside the grid").astype(object)
    values = _values(stack_or_grid, rows, cells, reasons)
    kept = reasons == ""
    if not kept.any():
        raise _nowhere(name, x, y, crs, grid, reasons)
    number = np.arange(1, table.height + 1)
    points = pl.DataFrame(
        {
            "number": number,
            "row": rows,
            "column": cells,
            "x": at_x,
            "y": at_y,
            "weight": weights,
        }
    )
    others = table.drop([c for c in points.columns if c in table.columns])
    points = points.hstack(others).filter(pl.Series(kept))
    left_out = pl.DataFrame(
        {
            "number": number[~kept],
            "x": x[~kept],
            "y": y[~kept],
            "reason": pl.Series(reasons[~kept].tolist(), dtype=pl.String),
        }
    )
    warnings = _odd(name, points, left_out, stack_or_grid, values, kept)
    return Deposits(_by_cell(points), points, left_out, warnings)


def _by_cell(points: pl.DataFrame) -> pl.DataFrame:
    return (
        points.group_by("row", "column")
        .agg(count=pl.len().cast(pl.Int64), weight=pl.col("weight").sum())
        .sort("row", "column")
    )


def _usual(table: pl.DataFrame, name: str, crs: str) -> tuple[str, str]:
    """Find the columns of coordinates by their usual names."""
    known = {fold(column): column for column in table.columns}
    pairs = _DEGREES if system(crs).is_geographic else _LENGTHS
    for across, down in (*pairs, *_EITHER):
        if fold(across) in known and fold(down) in known:
            return known[fold(across)], known[fold(down)]
    raise ExploreError(
        f"{name}: the columns of coordinates are not known. Found: {', '.join(table.columns)}. "
        "Name them lon and lat (degrees), easting and northing, or x and y; or say which they are "
        "(columns), and their crs if they are not degrees."
    )


def _numbers(
    table: pl.DataFrame, column: str, name: str, *, what: str = "coordinate", least: float = -np.inf
) -> Array:
    """Take a column of numbers; each row that holds none is named."""
    if column not in table.columns:
        raise ExploreError(
            f"{name} has no column {column}. Found: {', '.join(table.columns)}. Name another."
        )
    numbers = _as_numbers(table[column])
    wrong = ~(numbers.is_finite() & (numbers >= least)).fill_null(value=False)
    if wrong.any():
        rows = wrong.arg_true()
        shown = ", ".join(
            f"row {row + 1} ({table[column][int(row)]!r})" for row in rows.head(5).to_list()
        )
        more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
        limit = f", {least:g} or more" if np.isfinite(least) else ""
        raise ExploreError(
            f"{name}, column {column}: a {what} is a number{limit}. Found: {shown}{more}. "
            "Mend or remove these rows."
        )
    return numbers.to_numpy()


def _as_numbers(told: pl.Series) -> pl.Series:
    """Read texts as people write numbers, in any digits; null where they are none."""
    if told.dtype != pl.String:
        return told.cast(pl.Float64, strict=False)

    def read(text: str | None) -> float | None:
        try:
            return None if text is None else float(parse_number(text))
        except FigureError:
            return None

    return pl.Series(told.name, [read(text) for text in told], dtype=pl.Float64)


def _check_degrees(x: Array, y: Array, crs: str, name: str, columns: tuple[str, str]) -> None:
    """Refuse degrees that are none."""
    if not system(crs).is_geographic:
        return
    far = (np.abs(x) > 360) | (np.abs(y) > 90)
    if far.any():
        row = int(np.flatnonzero(far)[0])
        swapped = np.all(np.abs(x) <= 90) and np.all(np.abs(y) <= 360)
        step = (
            f"x and y seem swapped: give columns as {columns[1]}, {columns[0]}."
            if swapped
            else "Say in which crs the coordinates are."
        )
        raise ExploreError(
            f"{name}: coordinates are not degrees. Found: {int(far.sum())} rows, first row "
            f"{row + 1} ({columns[0]} {x[row]:g}, {columns[1]} {y[row]:g}). {step}"
        )


def _in_system(x: Array, y: Array, crs: str, grid: Grid, name: str) -> tuple[Array, Array]:
    """Give coordinates in the grid's CRS."""
    if system(crs) == system(grid.crs):
        return x, y
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        way = Transformer.from_crs(crs, grid.crs, always_xy=True)
        at_x, at_y = way.transform(x, y)
    except ProjError as problem:
        raise ExploreError(
            f"{name}: no way leads from {crs[:60]} to the grid's {grid.crs[:60]} ({problem}). "
            "Give coordinates in the grid's system."
        ) from problem
    return (np.where(np.isfinite(part), part, np.nan) for part in (at_x, at_y))  # type: ignore[return-value]


def _values(where: Stack | Grid, rows: Array, columns: Array, reasons: Any) -> Array | None:
    """Read the stack at deposits in the grid; those outside the region get their reason."""
    if isinstance(where, Grid):
        return None
    inside = np.flatnonzero(reasons == "")
    values = np.full((len(rows), len(where.names)), np.nan, dtype=np.float32)
    if len(inside) == 0:
        return values
    values[inside] = where.at(rows[inside], columns[inside])
    if where.region is not None:
        held = where.inside_at(rows[inside], columns[inside])
        reasons[inside[~held]] = "outside the region"
    return values


def _nowhere(name: str, x: Array, y: Array, crs: str, grid: Grid, reasons: Any) -> ExploreError:
    where = "region" if np.any(reasons == "outside the region") else "grid"
    west, south, east, north = grid.bounds
    return ExploreError(
        f"{name}: no deposit lies in the {where}. Found: {len(x)} deposits at x {x.min():g} to "
        f"{x.max():g}, y {y.min():g} to {y.max():g} in {crs[:40]}; the grid at x {west:g} to "
        f"{east:g}, y {south:g} to {north:g} in {grid.crs[:40]}. "
        "Check their crs and the order of their columns."
    )


def _odd(
    name: str,
    points: pl.DataFrame,
    left_out: pl.DataFrame,
    where: Stack | Grid,
    values: Array | None,
    kept: Array,
) -> list[str]:
    """Tell of deposits left out, without data, twice, or few."""
    found = [
        f"{name}: {many} deposits are {reason} and left out"
        for reason, many in left_out.group_by("reason").len().sort("reason").iter_rows()
    ]
    if values is not None and not isinstance(where, Grid):
        lacking = np.isnan(values[kept])
        found += [
            f"{name}: {int(many)} deposits lie where layer '{layer}' has no data"
            for layer, many in zip(where.names, lacking.sum(axis=0), strict=True)
            if many
        ]
    twice = points.height - points.select("x", "y").n_unique()
    if twice:
        found.append(f"{name}: {twice} deposits are at the same place as another; each counts")
    if points.height < FEW:
        found.append(
            f"{name}: there are {points.height} deposits; with fewer than {FEW}, weights and "
            "accuracies are hardly more than chance: add occurrences, or widen the region"
        )
    elif (places := points.select("row", "column").n_unique()) < FEW:
        found.append(
            f"{name}: {points.height} deposits lie in only {places} cells; weights take each for "
            "one found by itself, and tell much more surely than they know: add occurrences "
            "elsewhere, or give each place one row"
        )
    if points["weight"].sum() == 0:
        raise ExploreError(
            f"{name}: all weights are 0. Found: {points.height} deposits. Give some a weight."
        )
    return found
