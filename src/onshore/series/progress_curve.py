"""The S-curve of physical progress, learned from completed projects.

progress = I(share of the time; a, b), the distribution function of the beta distribution: it is
monotone from 0 to 1, slow at both ends. Its two shapes are fitted by least squares, each completed
project counting once, and shrunk to a stated prior: with few projects the curve is the prior's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from onshore.series.settled import SeriesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_SHAPE = 2.0
"""Both shapes of the prior's curve: half of the work is done at half of the time."""

PRIOR_SHAPE_SPREAD = 0.3
"""Standard deviation of the logarithm of a shape, before any project is seen."""

PROGRESS_NOISE = 0.07
"""Standard deviation of a project's progress about the curve, against which the prior weighs."""

PRIOR_SPREAD = 0.5
"""Standard deviation, before any project is seen, of log(time left / time left by the curve)."""

PRIOR_FREEDOM = 4.0
PRIOR_WEIGHT = 2.0
_LIKE = 0.15
"""Errors made at a progress this near (standard deviation) tell of those at a progress: a project
counts as far as its nearest figure is near."""


@dataclass(frozen=True)
class Errors:
    """What is known of log(time left / time left by the curve) at a progress.

    A Student t distribution: its centre ``shift``, its scale ``spread``, its ``freedom``, and
    ``weight``, the number of projects (with the prior's) that its centre rests on.
    """

    shift: float
    spread: float
    freedom: float
    weight: float


@dataclass(frozen=True)
class ProgressCurve:
    """An S-curve and the errors it made on the projects it was learned from.

    Parameters
    ----------
    a, b
        Shapes of the beta distribution.
    projects
        Number of completed projects it was learned from.
    seen, errors, project
        Of each progress figure of these: the progress, log(time left / time left by the curve),
        and the project's number.
    """

    a: float
    b: float
    projects: int
    seen: Floats
    errors: Floats
    project: NDArray[np.int64]

    def progress(self, share: Floats | float) -> Floats:
        """Give the progress at a share of the time."""
        from scipy.special import betainc

        return np.asarray(betainc(self.a, self.b, np.clip(share, 0, 1)), dtype=np.float64)

    def share(self, progress: Floats | float) -> Floats:
        """Give the share of the time that has passed at a progress."""
        from scipy.special import betaincinv

        found = betaincinv(self.a, self.b, np.asarray(progress))
        return np.asarray(np.clip(found, 1e-6, 1 - 1e-6), dtype=np.float64)

    def days_left(self, progress: float, days: float) -> float:
        """Give the days left by the curve, ``days`` after the start."""
        share = float(self.share(progress))
        return days * (1 - share) / share

    def errors_at(self, progress: float) -> Errors:
        """Give what is known of the curve's errors at a progress, the prior included."""
        near = np.exp(-0.5 * ((self.seen - progress) / _LIKE) ** 2) + 1e-12
        sums = np.bincount(self.project, near, self.projects)
        own = np.bincount(self.project, near * self.errors, self.projects) / sums
        weights = np.zeros(self.projects)
        np.maximum.at(weights, self.project, near)
        count = float(weights.sum())
        mean = float((weights * own).sum() / count) if count else 0.0
        around = float((weights * (own - mean) ** 2).sum())
        weight, freedom = PRIOR_WEIGHT + count, PRIOR_FREEDOM + count
        pulled = PRIOR_WEIGHT * count / weight * mean**2
        scale = (PRIOR_FREEDOM * PRIOR_SPREAD**2 + around + pulled) / freedom
        return Errors(count * mean / weight, float(np.sqrt(scale)), freedom, weight)


def learn(projects: list[tuple[Floats, Floats, float]]) -> ProgressCurve:
    """Learn the curve from completed projects: days since the start, progress, days in all."""
    try:
        from scipy.optimize import least_squares
    except ImportError as missing:
        raise SeriesError(
            "Finish dates need the extra 'series': pip install 'onshore[series]'"
        ) from missing
    from scipy.special import betainc

    empty, nobody = np.zeros(0), np.zeros(0, dtype=np.int64)
    if not projects:
        return ProgressCurve(PRIOR_SHAPE, PRIOR_SHAPE, 0, empty, empty, nobody)
    share = np.concatenate([days / total for days, _, total in projects])
    seen = np.concatenate([progress for _, progress, _ in projects])
    project = np.repeat(np.arange(len(projects)), [len(days) for days, *_ in projects])
    weights = np.concatenate([np.full(len(days), 1 / len(days)) for days, *_ in projects])

    def residuals(shapes: Floats) -> Floats:
        fitted = betainc(*np.exp(shapes), share) - seen
        own = np.sqrt(weights) * fitted / PROGRESS_NOISE
        prior = (shapes - np.log(PRIOR_SHAPE)) / PRIOR_SHAPE_SPREAD
        return np.concatenate([own, prior])

    start = np.full(2, np.log(PRIOR_SHAPE))
    a, b = np.exp(least_squares(residuals, start).x)
    curve = ProgressCurve(float(a), float(b), len(projects), empty, empty, nobody)
    by_curve = curve.share(seen)
    errors = np.log((1 - share) / share) - np.log((1 - by_curve) / by_curve)
    return ProgressCurve(curve.a, curve.b, curve.projects, seen, errors, project)
