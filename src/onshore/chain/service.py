"""When capacity is in service: assets by their years, projects from the day they are finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.solver import Floats
from onshore.chain.tables import Chain, ChainSettings
from onshore.figures import solar_hijri


def service_share(
    chain: Chain, dates: Sequence[date | None], *, years: Sequence[int] | None = None
) -> Floats:
    """Tell what part of each period is left after each date.

    Parameters
    ----------
    chain
        The chain, for its years, seasons and calendar. Seasons follow each other in order, from
        the first day of the year.
    dates
        Days from which something is in service; None: never.
    years
        The years to tell, where not all of the chain's.

    Returns
    -------
    ndarray
        dates x (years x seasons), each from 0 (finished later) to 1 (finished before).

    Examples
    --------
    >>> from datetime import date
    >>> from onshore.chain.tables import ChainSettings
    >>> chain = Chain({}, ChainSettings("c", (2025, 2026), (("cold", 0.5), ("warm", 0.5))))
    >>> service_share(chain, [date(2025, 7, 2), None]).round(2).tolist()
    [[0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]
    """
    starts, ends = _days(chain.settings, tuple(years or chain.settings.years))
    never = float(ends[-1]) + 1.0
    day = np.array([never if d is None else float(d.toordinal()) for d in dates])
    share: Floats = np.clip((ends - day[:, None]) / (ends - starts), 0.0, 1.0)
    # A day within half a day of a season's end is at its end: seasons need not end at midnight.
    share[share * (ends - starts) < 0.51] = 0.0
    return share


def project_dates(chain: Chain, projects: str | Mapping[str, date]) -> dict[str, date]:
    """Tell from what day each project that is asked for is in service."""
    table = chain.table("projects")
    if isinstance(projects, Mapping):
        unknown = sorted(set(projects) - set(table["project"]))
        if unknown:
            raise ChainError(
                f"the chain has no project {', '.join(unknown)}. It has "
                f"{', '.join(table['project'][:10]) or 'none'}."
            )
        return dict(projects)
    if projects == "none":
        return {}
    if projects == "all":
        return {name: date.min + timedelta(days=1) for name in table["project"]}
    if projects == "likely":
        undated = table.filter(pl.col("finish_likely").is_null())["project"]
        if len(undated):
            raise ChainError(
                f"projects: finish_likely is empty for {', '.join(undated[:5])}. Fill it in, or "
                "say when each is finished."
            )
        return dict(table.select("project", "finish_likely").iter_rows())
    raise ChainError(
        f"projects: {projects!r} is not known. Write none, all, likely, or a day for each project."
    )


def in_service(
    activity: pl.DataFrame, settings: ChainSettings, years: Sequence[int], seasons: Sequence[str]
) -> Floats:
    """Give how long each asset is in service in each period, as a share of the year."""
    share_of = dict(settings.seasons)
    shares = np.array([share_of[name] for name in seasons])
    year = np.array(years)
    begins = activity["from_year"].to_numpy()[:, None]
    ends = activity["to_year"].fill_null(np.iinfo(np.int64).max).to_numpy()[:, None]
    there = ((begins <= year) & (year <= ends)).astype(np.float64)
    told: Floats = (there[:, :, None] * shares).reshape(activity.height, -1)
    finished = activity["finished"]
    late = finished.is_not_null().to_numpy()
    if late.any():
        chain = Chain({}, settings)
        left = service_share(chain, finished.drop_nulls().to_list(), years=years)
        names = settings.season_names
        kept = [y * len(names) + names.index(s) for y in range(len(years)) for s in seasons]
        told[late] *= left[:, kept]
    return told


def _days(settings: ChainSettings, years: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Give the first day of each period and the day after its last, as ordinals."""
    until = np.cumsum([0.0, *(share for _, share in settings.seasons)])
    starts, ends = [], []
    for year in years:
        first, after = _new_year(year, settings), _new_year(year + 1, settings)
        edges = first + until * (after - first)
        starts.append(edges[:-1])
        ends.append(edges[1:])
    return np.concatenate(starts), np.concatenate(ends)


def _new_year(year: int, settings: ChainSettings) -> float:
    if settings.calendar == "solar_hijri":
        return float(solar_hijri.to_gregorian(year, 1, 1).toordinal())
    return float(date(year, 1, 1).toordinal())
