"""Assays of drillholes joined to samples of one length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from onshore.explore.desurvey import positions
from onshore.explore.drillholes import Drillholes
from onshore.explore.errors import ExploreError

Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Tail: TypeAlias = Literal["merge", "keep", "even"]

_SAME = 1e-6
_DTYPES: dict[str, Any] = {
    "hole_id": pl.String,
    "analyte": pl.String,
    "unit": pl.String,
    "from": pl.Float64,
    "to": pl.Float64,
    "sampled": pl.Float64,
    "value": pl.Float64,
    "rock": pl.String,
    "density": pl.Float64,
}


class _Run(NamedTuple):
    """Samples without a gap, in one rock: edges n + 1, values and densities n."""

    rock: str | None
    edges: Vector
    values: Vector
    densities: Vector


def composite(
    holes: Drillholes,
    *,
    length: float = 2.0,
    analytes: Sequence[str] | None = None,
    tail: Tail = "merge",
    by_rock: bool = False,
    by_mass: bool = False,
) -> pl.DataFrame:
    """Join the assays of each hole to composites of one length.

    Composites begin anew after each gap, and after each change of rock where asked for. What they
    hold is what the assays hold: the sum of value times length (by mass: times density too) is
    the same before and after.

    Parameters
    ----------
    holes
        From `read_drillholes`.
    length
        Length of a composite, m.
    analytes
        Which; all by default.
    tail
        What becomes of the rest of a run: shorter than half a composite it is joined to the one
        before, else left by itself (``merge``); always left by itself (``keep``); or the run is
        cut into equal composites of about the length (``even``).
    by_rock
        Begin anew where the logged rock changes.
    by_mass
        Weigh samples by the density of the lithology log.

    Returns
    -------
    DataFrame
        ``hole_id``, ``analyte``, ``unit``, ``from``, ``to``, ``sampled`` (m, the length analysed),
        ``value`` (mean, in the unit), ``rock`` (null unless by rock), ``density`` (t/m3, null
        unless by mass), ``x``, ``y``, ``z`` (m, of the middle), by hole, analyte and depth.

    Raises
    ------
    ExploreError
        The length is not positive, an analyte was not analysed, there are no assays, or by mass
        an interval has no density.
    """
    if not length > 0:
        raise ExploreError(f"the length of composites is in metres and positive; found {length:g}.")
    if tail not in ("merge", "keep", "even"):
        raise ExploreError(f"{tail!r} is nothing to do with a tail: merge, keep or even.")
    assays = _asked_for(holes.assays, analytes)
    logs = {
        key[0]: log for key, log in holes.lithologies.partition_by("hole_id", as_dict=True).items()
    }
    rows: list[tuple[Any, ...]] = []
    groups = assays.sort("hole_id", "analyte", "from").group_by(
        "hole_id", "analyte", "unit", maintain_order=True
    )
    for (hole, analyte, unit), samples in groups:
        for run in _runs(str(hole), samples, logs.get(hole), by_rock=by_rock, by_mass=by_mass):
            for told in _cut(run, length, tail):
                density = told[-1] if by_mass else None
                rows.append((hole, analyte, unit, *told[:4], run.rock, density))
    table = pl.DataFrame(rows, schema=_DTYPES, orient="row")
    middle = table.with_columns(((pl.col("from") + pl.col("to")) / 2).alias("depth"))
    return positions(holes, middle).select(*_DTYPES, "x", "y", "z")


def rock_shares(
    holes: Drillholes, rocks: Sequence[str], *, length: float = 2.0, tail: Tail = "merge"
) -> pl.DataFrame:
    """Tell how much of each length of the holes was logged as some rocks.

    Where an estimate is bound to a rock, its blocks' share of the rock is estimated from these:
    give them to `estimate_blocks` as ``within``.

    Parameters
    ----------
    holes
        From `read_drillholes`, with lithology logs.
    rocks
        Rocks as the logs name them.
    length, tail
        As for `composite`.

    Returns
    -------
    DataFrame
        As from `composite`; ``value`` is the share, 0 to 1, ``unit`` is "share".

    Raises
    ------
    ExploreError
        The logs do not name one of the rocks.
    """
    logs = holes.lithologies
    there = logs["rock"].unique().sort().to_list()
    lacking = [rock for rock in rocks if rock not in there]
    if lacking or not rocks:
        raise ExploreError(
            f"the lithology logs do not name {', '.join(lacking) or 'a rock'}; they name "
            f"{', '.join(map(str, there)) or 'none'}."
        )
    logged = logs.select(
        "hole_id",
        pl.lit(" or ".join(rocks)).alias("analyte"),
        pl.lit("share").alias("unit"),
        *("from", "to"),
        pl.col("rock").is_in(list(rocks)).fill_null(value=False).cast(pl.Float64).alias("value"),
    )
    return composite(replace(holes, assays=logged), length=length, tail=tail)


def _asked_for(assays: pl.DataFrame, analytes: Sequence[str] | None) -> pl.DataFrame:
    if assays.is_empty():
        raise ExploreError("the holes have no assays that can be used: give the table assays.")
    if analytes is None:
        return assays
    there = assays["analyte"].unique().sort().to_list()
    lacking = [name for name in analytes if name not in there]
    if lacking:
        raise ExploreError(
            f"there are no assays of {', '.join(lacking)}; analysed are {', '.join(there)}."
        )
    return assays.filter(pl.col("analyte").is_in(list(analytes)))


def _runs(
    hole: str, samples: pl.DataFrame, log: pl.DataFrame | None, *, by_rock: bool, by_mass: bool
) -> Iterator[_Run]:
    """Split samples at gaps, and at the edges of the log where it tells rock or density."""
    top, bottom, value = (samples[name].to_numpy() for name in ("from", "to", "value"))
    gaps = np.flatnonzero(top[1:] > bottom[:-1] + _SAME) + 1
    for part in np.split(np.arange(top.size), gaps):
        edges = np.append(top[part], bottom[part[-1]])
        values, rocks = value[part], np.full(part.size, None, dtype=object)
        densities = np.ones(part.size)
        if by_rock or by_mass:
            edges, source = _split(edges, log)
            middle = (edges[1:] + edges[:-1]) / 2
            values = values[source]
            rocks, densities = _logged(hole, middle, log, by_mass=by_mass)
        if not by_rock:
            yield _Run(None, edges, values, densities)
            continue
        changes = np.flatnonzero(rocks[1:] != rocks[:-1]) + 1
        for one in np.split(np.arange(values.size), changes):
            yield _Run(rocks[one[0]], edges[one[0] : one[-1] + 2], values[one], densities[one])


def _split(edges: Vector, log: pl.DataFrame | None) -> tuple[Vector, Any]:
    """Add the log's edges; tell which sample each piece is of."""
    if log is None:
        return edges, np.arange(edges.size - 1)
    marks = np.concatenate([log["from"].to_numpy(), log["to"].to_numpy()])
    inside = marks[(marks > edges[0] + _SAME) & (marks < edges[-1] - _SAME)]
    near = np.abs(inside[:, None] - edges[None, :]).min(axis=1, initial=np.inf) <= _SAME
    joined = np.unique(np.concatenate([edges, inside[~near]]))
    return joined, np.searchsorted(edges, joined[:-1], side="right") - 1


def _logged(
    hole: str, depths: Vector, log: pl.DataFrame | None, *, by_mass: bool
) -> tuple[Any, Vector]:
    """Give rock and density at depths; the density 1 unless by mass."""
    rocks, densities = np.full(depths.size, None, dtype=object), np.full(depths.size, np.nan)
    if log is not None:
        log = log.sort("from")
        at = np.searchsorted(log["from"].to_numpy(), depths, side="right") - 1
        held = (at >= 0) & (depths < log["to"].to_numpy()[np.maximum(at, 0)])
        rocks[held] = np.array(log["rock"].to_list(), dtype=object)[at[held]]
        densities[held] = log["density"].to_numpy()[at[held]]
    if not by_mass:
        return rocks, np.ones(depths.size)
    if np.isnan(densities).any():
        where = depths[int(np.argmax(np.isnan(densities)))]
        raise ExploreError(
            f"hole {hole} has assays but no density at {where:g} m: fill in density in the "
            "lithology logs, or composite by length."
        )
    return rocks, densities


def _cut(run: _Run, length: float, tail: Tail) -> Iterator[tuple[float, ...]]:
    """Give from, to, sampled length, mean value and mean density of a run's composites."""
    start, end = run.edges[0], run.edges[-1]
    whole = int(np.floor((end - start) / length + _SAME))
    rest = (end - start) - whole * length
    if tail == "even" or not whole:
        cuts = np.linspace(start, end, max(1, round((end - start) / length)) + 1)
    else:
        cuts = start + length * np.arange(whole + 1)
        if rest > _SAME and (tail == "keep" or rest >= length / 2):
            cuts = np.append(cuts, end)
        cuts[-1] = end
    course = np.diff(run.edges)
    mass = np.interp(cuts, run.edges, np.cumsum(np.append(0.0, course * run.densities)))
    metal = np.interp(
        cuts, run.edges, np.cumsum(np.append(0.0, course * run.densities * run.values))
    )
    yield from zip(
        cuts[:-1].tolist(),
        cuts[1:].tolist(),
        np.diff(cuts).tolist(),
        (np.diff(metal) / np.diff(mass)).tolist(),
        (np.diff(mass) / np.diff(cuts)).tolist(),
        strict=True,
    )
