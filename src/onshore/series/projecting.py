"""One series carried on: the middle and the spread of each step ahead.

The middle is the mean of two projections: exponential smoothing (statsmodels; its form chosen by
the corrected Akaike criterion) and the last value (of the same season) with its drift, shrunk
towards none. Their mean is the idea of the Theta method (Assimakopoulos and Nikolopoulos 2000;
Hyndman and Billah 2003). The spread is the widest of three: either projection's own, and that of
the changes over as many steps within the series. Series above 0 are carried on as logarithms.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from onshore.series.settled import SeriesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 6
"""Fewest values of a series without seasons; with seasons, two years and one more period."""

_NO_DRIFT = 10.0
"""The drift is shrunk as if so many changes of 0 had been observed."""


@dataclass(frozen=True)
class Projection:
    """The steps ahead of a series.

    Parameters
    ----------
    middle, spread, freedom
        Of each step: centre, scale and degrees of freedom of a Student t distribution of the
        value, or of its logarithm where ``logs``.
    logs
        Whether the distribution is of logarithms.
    model
        What smoothed the series, in words.
    """

    middle: Floats
    spread: Floats
    freedom: Floats
    logs: bool
    model: str

    def quantile(self, share: float) -> Floats:
        """Give each step's quantile, in the series' unit."""
        from scipy.stats import t

        return self._out(self.middle + self.spread * t.ppf(share, self.freedom))

    def at_least(self, aim: float, step: int) -> float:
        """Give the probability that a step's value is an aim or more."""
        from scipy.stats import t

        if self.logs and aim <= 0:
            return 1.0
        place = np.log(aim) if self.logs else aim
        z = (place - self.middle[step]) / self.spread[step]
        return float(t.sf(z, self.freedom[step]))

    def paths(self, draws: int, seed: int) -> Floats:
        """Draw paths (one a row): errors grow together as those of a random walk."""
        rng = np.random.default_rng(seed)
        steps = len(self.middle)
        walk = rng.standard_normal((draws, steps)).cumsum(axis=1)
        walk /= np.sqrt(np.arange(1, steps + 1))
        freedom = float(self.freedom.min())
        tails = np.sqrt(freedom / rng.chisquare(freedom, size=(draws, 1)))
        return self._out(self.middle + self.spread * walk * tails)

    def _out(self, values: Floats) -> Floats:
        if not self.logs:
            return values
        return np.asarray(np.exp(np.clip(values, -700, 700)), dtype=np.float64)


def fewest(seasons: int) -> int:
    """Give the fewest values that a series of so many periods a year is projected from."""
    return FEWEST if seasons == 1 else max(FEWEST, 2 * seasons + 1)


def require_extra() -> None:
    """Refuse where the library that smooths is not installed."""
    if find_spec("statsmodels") is None:
        raise SeriesError("Projections need the extra 'series': pip install 'onshore[series]'")


def project(values: Floats, *, seasons: int, horizon: int) -> Projection:
    """Carry a series on, its last value being the newest; `fewest` says how many it needs."""
    if len(values) < fewest(seasons):
        raise SeriesError(
            f"{len(values)} values are too few to project: {fewest(seasons)} are needed."
        )
    logs = bool((values > 0).all())
    own = np.log(values) if logs else values.astype(np.float64)
    if np.ptp(own) == 0:
        raise SeriesError("All values are equal, so nothing tells how far they may move.")
    smooth, smooth_spread, model = _smoothed(own, seasons, horizon)
    drifted, drift_spread, freedom = _drifted(own, seasons, horizon)
    return Projection(
        middle=(smooth + drifted) / 2,
        spread=np.maximum(smooth_spread, drift_spread),
        freedom=freedom,
        logs=logs,
        model=f"{model} and drift, of {'logarithms' if logs else 'values'}",
    )


def _drifted(own: Floats, seasons: int, horizon: int) -> tuple[Floats, Floats, Floats]:
    """Carry the last value of the same season on with the mean change of a year."""
    changes = own[seasons:] - own[:-seasons]
    count = len(changes)
    drift = changes.sum() / (count + _NO_DRIFT * seasons)
    variance = ((changes - drift) ** 2).sum() / max(count - 1, 1)
    steps = np.arange(1, horizon + 1)
    years = np.ceil(steps / seasons)
    last = own[len(own) - seasons + (steps - 1) % seasons]
    theory = np.sqrt(variance * (years + years**2 * seasons / (count + _NO_DRIFT * seasons)))
    seen = np.array([_seen_spread(own, seasons, drift, int(ahead)) for ahead in years])
    # Changes over several years overlap, so they tell less of the spread than their number.
    freedom = np.maximum(count / ((years + 1) / 2) - 1, 2.0)
    return last + drift * years, np.maximum(theory, seen), freedom


def _seen_spread(own: Floats, seasons: int, drift: float, years: int) -> float:
    lag = seasons * years
    if len(own) - lag < 2:
        return 0.0
    errors = own[lag:] - own[:-lag] - drift * years
    return float(np.sqrt((errors**2).sum() / (len(errors) - 1)))


def _smoothed(own: Floats, seasons: int, horizon: int) -> tuple[Floats, Floats, str]:
    """Smooth exponentially by the form with the lowest corrected Akaike criterion."""
    forms: list[tuple[str | None, bool]] = [(None, False)]
    # Of years the drift carries the trend: on held-out years a second one made errors larger.
    if seasons > 1 and len(own) >= 3 * seasons:
        forms.append(("add", True))
    fits = [_fit(own, trend, damped=damped, seasons=seasons) for trend, damped in forms]
    best = min(range(len(fits)), key=lambda n: (_criterion(fits[n]), n))
    ahead = fits[best].get_prediction(start=len(own), end=len(own) + horizon - 1)
    count = len(own)
    used = 2 + 2 * best + (seasons if seasons > 1 else 0)
    variance = np.asarray(ahead.forecast_variance) * count / max(count - used, 1)
    names = ("smoothing", "smoothing with a damped trend")
    model = names[best] + (f", {seasons} seasons" if seasons > 1 else "")
    return np.asarray(ahead.predicted_mean), np.sqrt(variance), f"exponential {model}"


def _criterion(fit: Any) -> float:
    return float(fit.aicc) if np.isfinite(fit.aicc) else float("inf")


def _fit(own: Floats, trend: str | None, *, damped: bool, seasons: int) -> Any:
    require_extra()
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model = ETSModel(
        pd.Series(own),
        error="add",
        trend=trend,
        damped_trend=damped,
        seasonal="add" if seasons > 1 else None,
        seasonal_periods=seasons if seasons > 1 else None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(disp=False)
