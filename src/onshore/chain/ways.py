"""Ways to a target: which projects have to be finished by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from onshore.chain.choosing import Options, choose, output_row
from onshore.chain.compiling import Compiled
from onshore.chain.finish_dates import Days, FinishDates, first_day
from onshore.chain.service import service_share
from onshore.chain.solver import Floats
from onshore.chain.tables import ChainSettings

_QUARTERS = 4
_UNLIKELY = 1e-9
_A_PROJECT = 1e-6
_NO_MATTER = date.max.toordinal()


@dataclass(frozen=True, eq=False)
class Way:
    """A way to a target.

    Parameters
    ----------
    needed
        Which projects it takes.
    days
        By which day each is to be finished; the last day there is where it does not matter.
    chance
        Of each project, to be finished by then.
    proven
        Whether no way is likelier.
    """

    needed: np.ndarray
    days: Days
    chance: Floats
    proven: bool


def likeliest_way(
    compiled: Compiled,
    told: FinishDates,
    commodity: str,
    amount: float,
    *,
    at: str = "output",
    seconds: float = 20.0,
) -> Way | None:
    """Find the projects, and the days they are finished by, that most likely reach a target.

    Of each project at most one of the first days of the year's quarters is taken (with ``at``
    ``"rate"`` the year's last day), so that what is in service by then makes the amount and the
    product of the chances to be finished by then is largest: a small mixed-integer program with
    the costs -log(chance).

    Parameters
    ----------
    compiled
        Of one year, with all projects of ``told`` in service, and no others.
    told
        Their days.
    commodity, amount, at
        The target.
    seconds
        Time after which the best way found so far is taken.

    Returns
    -------
    Way or None
        None where no way has a chance above 1e-9 of each of its projects.
    """
    year = compiled.years[0]
    chain = compiled.chain
    days = _deadlines(chain.settings, year, at)
    count = told.projects.height
    shares = service_share(chain, [date.fromordinal(int(day)) for day in days], years=[year])
    service = np.ones_like(shares) if at == "rate" else shares
    chance = np.stack([told.chance(np.full(count, day)) for day in days], axis=1)
    project, when = np.nonzero(chance > _UNLIKELY)
    if not len(project):
        return None
    options = Options(project, service[when], np.ones(len(project), bool))
    choice = choose(
        compiled,
        options,
        cost=np.zeros(len(compiled.cost)),
        cost_of_options=np.maximum(-np.log(chance[project, when]), _A_PROJECT),
        rows=[output_row(compiled, commodity, year, amount * (1.0 - 1e-9))],
        gap=1e-6,
        seconds=seconds,
    )
    if not choice.found:
        return None
    taken = choice.taken > 0.5
    by, of = np.full(count, _NO_MATTER), np.full(count, np.nan)
    by[project[taken]] = days[when[taken]]
    of[project[taken]] = chance[project[taken], when[taken]]
    needed = by < _NO_MATTER
    return Way(needed, by, of, choice.status == "optimal")


def _deadlines(settings: ChainSettings, year: int, at: str) -> Days:
    first, after = first_day(year, settings).toordinal(), first_day(year + 1, settings).toordinal()
    if at == "rate":
        return np.array([after - 1])
    return first + (after - first) * np.arange(_QUARTERS) // _QUARTERS
