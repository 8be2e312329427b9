"""Regions: where an industry is concentrated, and a province's own table by location quotients."""

from collections.abc import Collection
from typing import Literal, get_args

import numpy as np
import polars as pl

from onshore.economy.coefficients import input_coefficients, per_output, reciprocal
from onshore.economy.errors import EconomyError
from onshore.economy.table import Matrix, Table, Vector, first_few

Method = Literal["slq", "cilq", "flq"]


def location_quotients(activity: pl.DataFrame) -> pl.DataFrame:
    """Tell how concentrated each sector is in each place.

    LQ = (v of sector and place / v of the place) / (v of the sector / v of the country), with v a
    measure of activity such as persons employed or output. Source: Florence (1939); Isard (1960);
    Miller and Blair (2009), section 8.2.

    Parameters
    ----------
    activity
        ``place``, ``sector`` (String), ``value`` (number, not below 0; one row for each pair, and
        none for what there is not).

    Returns
    -------
    DataFrame
        A row for each place and sector, absent pairs with 0, by sector and then place:
        ``place``, ``sector``, ``value``, ``share_of_place``, ``share_of_country``,
        ``location_quotient`` (Float64). Places and sectors without any activity are left out.

    Raises
    ------
    EconomyError
        A column is missing, a value missing or below 0, or a pair is there twice.

    Examples
    --------
    >>> activity = pl.DataFrame(
    ...     {
    ...         "place": ["north", "north", "south", "south"],
    ...         "sector": ["steel", "food", "steel", "food"],
    ...         "value": [30, 10, 10, 50],
    ...     }
    ... )
    >>> location_quotients(activity).filter(sector="steel").select(
    ...     "place", pl.col("location_quotient").round(3)
    ... ).rows()
    [('north', 1.875), ('south', 0.417)]
    """
    values = _checked(activity)
    places, sectors = (
        values.filter(pl.col("value").sum().over(name) > 0)[name].unique().sort()
        for name in ("place", "sector")
    )
    if places.is_empty():
        raise EconomyError("all values of activity are 0. Give places where something is made.")
    value = pl.col("value")
    return (
        sectors.to_frame()
        .join(places.to_frame(), how="cross")
        .join(values, on=["place", "sector"], how="left")
        .select(
            "place",
            "sector",
            value.fill_null(0.0),
        )
        .with_columns(
            share_of_place=value / value.sum().over("place"),
            share_of_country=value.sum().over("sector") / value.sum(),
        )
        .with_columns(location_quotient=pl.col("share_of_place") / pl.col("share_of_country"))
        .sort("sector", "place")
    )


def next_places(
    quotients: pl.DataFrame,
    sector: str,
    *,
    taken: Collection[str] = (),
    least: float = 1.25,
    least_share: float = 0.02,
) -> pl.DataFrame:
    """Rank the places that should come next in a programme for an industry.

    Those come *next* that have a concentration (a location quotient of `least` or more) and weigh
    something (`least_share` of the country's activity in the sector); what is already in the
    programme is *taken*, the rest comes *later*, with the reason. The usual 1.25 is a rule of
    thumb of cluster studies (Bergman and Feser 1999), not a law.

    Parameters
    ----------
    quotients
        As `location_quotients` gives them.
    sector
        The industry.
    taken
        Places of the phases that are under way.
    least
        Location quotient of a concentration.
    least_share
        Share of the country's activity in the sector (0 to 1).

    Returns
    -------
    DataFrame
        ``rank`` (Int64, null where taken), ``place``, ``value``, ``share_of_sector``,
        ``location_quotient`` (Float64), ``phase`` ("taken", "next", "later"), ``reason``; those
        taken first, then those next and later, each by value, the largest first.

    Raises
    ------
    EconomyError
        The sector or a taken place is not in the table.

    Examples
    --------
    >>> activity = pl.DataFrame(
    ...     {"place": ["a", "a", "b", "b"], "sector": ["x", "y", "x", "y"], "value": [9, 1, 1, 9]}
    ... )
    >>> next_places(location_quotients(activity), "x").select("rank", "place", "phase").rows()
    [(1, 'a', 'next'), (2, 'b', 'later')]
    """
    own = quotients.filter(pl.col("sector") == sector)
    if own.is_empty():
        there = first_few(quotients["sector"].unique().sort().to_list())
        raise EconomyError(f"there is no sector {sector!r} in the activity. There are: {there}.")
    strange = sorted(set(taken) - set(own["place"]))
    if strange:
        raise EconomyError(
            f"places taken that are not in the activity: {first_few(strange)}. Write them as the "
            "table does."
        )
    share, quotient = pl.col("share_of_sector"), pl.col("location_quotient")
    own = own.with_columns(
        share_of_sector=pl.col("value") / pl.col("value").sum(),
        taken=pl.col("place").is_in(list(taken)),
    )
    small, thin = share < least_share, quotient < least
    phase = pl.when("taken").then(pl.lit("taken")).when(small | thin).then(pl.lit("later"))
    told = (
        pl.when("taken")
        .then(pl.lit("in the programme already"))
        .when(small & thin)
        .then(pl.format("neither concentrated ({} < {}) nor large", quotient.round(2), least))
        .when(thin)
        .then(pl.format("not concentrated: {} < {}", quotient.round(2), least))
        .when(small)
        .then(pl.format("concentrated ({}), but too small", quotient.round(2)))
        .otherwise(pl.format("concentrated: {} times the country's share", quotient.round(2)))
    )
    order = {"taken": 0, "next": 1, "later": 2}
    return (
        own.with_columns(phase=phase.otherwise(pl.lit("next")), reason=told)
        .with_columns(order=pl.col("phase").replace_strict(order, return_dtype=pl.Int64))
        .sort("order", "value", "place", descending=[False, True, False])
        .with_columns(
            rank=pl.when(~pl.col("taken")).then((~pl.col("taken")).cast(pl.Int64).cum_sum())
        )
        .select("rank", "place", "value", "share_of_sector", "location_quotient", "phase", "reason")
    )


def regional_table(
    table: Table,
    activity: pl.DataFrame,
    place: str,
    *,
    method: Method = "flq",
    delta: float = 0.3,
) -> Table:
    """Give a place's own table, from the country's by location quotients.

    The place's share of each sector's activity scales output and factors. A coefficient is kept
    where the place is at least as concentrated in the seller as the country, and cut by the
    quotient q < 1 where it is not; what is cut comes from elsewhere and counts as imports.

        slq    q = LQ of the seller
        cilq   q = LQ of the seller / LQ of the buyer (LQ of the sector on the diagonal)
        flq    cilq x log2(1 + the place's share of all activity)^delta

    Source: Miller and Blair (2009), section 8.2; Flegg, Webber and Elliott (1995); Flegg and
    Webber (1997). Tables made so are illustrative: they know nothing of the place's own
    techniques.

    Parameters
    ----------
    table
        The country's table.
    activity
        As in `location_quotients`, with the sectors of the table.
    place
        The place.
    method
        Which quotient.
    delta
        Between 0 and 1; for *flq* alone. Studies of regions with a known table find 0.2 to 0.4.

    Returns
    -------
    Table
        With the country's sectors; imports by buyer, from abroad and from other places together.

    Raises
    ------
    EconomyError
        No such place, method or sector, or a delta out of range.

    Examples
    --------
    >>> table = Table(["x", "y"], [[10, 20], [30, 10]], [100, 100], {})
    >>> activity = pl.DataFrame(
    ...     {"place": ["a", "a", "b", "b"], "sector": ["x", "y", "x", "y"], "value": [5, 15, 15, 5]}
    ... )
    >>> own = regional_table(table, activity, "a", method="slq")
    >>> own.output.tolist(), own.flows.tolist(), own.imports.tolist()
    ([25.0, 75.0], [[1.25, 7.5], [7.5, 7.5]], [1.25, 7.5])
    """
    if method not in get_args(Method):
        raise EconomyError(f"there is no method {method!r}. Write slq, cilq or flq.")
    if not 0 <= delta < 1:
        raise EconomyError(f"delta {delta} is not from 0 to below 1. Studies find 0.2 to 0.4.")
    own, whole = _activity_of(table, activity, place)
    share = own * reciprocal(whole)
    quotient = share / (own.sum() / whole.sum())
    kept = _kept(quotient, method, float(own.sum() / whole.sum()), delta)
    coefficients = input_coefficients(table)
    output = table.output * share
    bought_elsewhere = (coefficients * (1 - kept)).sum(axis=0) * output
    abroad = table.import_total
    abroad = np.zeros(table.size) if abroad is None else per_output(table, abroad) * output
    idle = (~table.active) | (share == 0)
    notes = [
        f"the table of {place} is made from the country's by location quotients ({method}): it is "
        "illustrative.",
    ]
    if (idle & table.active).any():
        notes.append(f"{place} has no activity in {table.named(idle & table.active)}.")
    return Table(
        table.sectors,
        coefficients * kept * output,
        output,
        {name: values * share for name, values in table.factors.items()},
        abroad + bought_elsewhere,
        warnings=notes,
    )


def _kept(quotient: Vector, method: Method, size: float, delta: float) -> Matrix:
    """Give the part of each input that the place has itself (seller x buyer)."""
    n = len(quotient)
    simple = np.tile(quotient[:, None], (1, n))
    if method == "slq":
        return np.minimum(simple, 1.0)
    crossed = quotient[:, None] * reciprocal(quotient)
    crossed[np.diag_indices(n)] = quotient
    if method == "flq":
        crossed *= np.log2(1 + size) ** delta
    return np.minimum(crossed, 1.0)


def _activity_of(table: Table, activity: pl.DataFrame, place: str) -> tuple[Vector, Vector]:
    """Give the activity of a place and of the country, in the order of the table's sectors."""
    values = _checked(activity)
    if place not in values["place"]:
        there = first_few(values["place"].unique().sort().to_list())
        raise EconomyError(f"there is no place {place!r} in the activity. There are: {there}.")
    strange = sorted(set(values["sector"]) - set(table.sectors))
    lacking = [name for name in table.sectors if name not in set(values["sector"])]
    if strange or lacking:
        told = [f"{name} is not in the table" for name in strange]
        told += [f"{name} has no activity" for name in lacking]
        raise EconomyError(
            f"activity and table have other sectors: {first_few(told)}. Bring both to the same."
        )
    own, whole = (
        dict(rows.group_by("sector").agg(pl.col("value").sum()).iter_rows())
        for rows in (values.filter(place=place), values)
    )
    ours = np.array([own.get(name, 0.0) for name in table.sectors])
    if ours.sum() <= 0:
        raise EconomyError(f"the activity of {place} is 0. Give a place where something is made.")
    return ours, np.array([whole[name] for name in table.sectors])


def _checked(activity: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in ("place", "sector", "value") if name not in activity.columns]
    if missing:
        raise EconomyError(
            f"the activity lacks {', '.join(missing)}. It needs the columns place, sector, value."
        )
    try:
        values = activity.select(
            pl.col("place").cast(pl.String),
            pl.col("sector").cast(pl.String),
            pl.col("value").cast(pl.Float64),
        )
    except pl.exceptions.PolarsError as wrong:
        raise EconomyError(f"values of activity are no numbers: {wrong}. Mend them.") from None
    bad = values.filter(
        pl.col("value").is_null() | ~pl.col("value").is_finite() | (pl.col("value") < 0)
        | pl.col("place").is_null() | pl.col("sector").is_null()
    )  # fmt: skip
    if not bad.is_empty():
        told = first_few([f"{place} {sector}: {value}" for place, sector, value in bad.iter_rows()])
        raise EconomyError(
            f"{bad.height} values of activity are missing or below 0: {told}. Write a number, 0 or "
            "more."
        )
    twice = values.filter(pl.struct("place", "sector").is_duplicated())
    if not twice.is_empty():
        told = first_few([f"{p} {s}" for p, s in twice.select("place", "sector").unique().rows()])
        raise EconomyError(f"there twice in the activity: {told}. Add them up to one row each.")
    return values
