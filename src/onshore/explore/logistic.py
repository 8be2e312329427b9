"""Logistic regression with a ridge, its uncertainty by the delta method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from onshore.explore.categories import (
    Classes,
    encode,
    learned_classes,
    read_classes,
    saved_classes,
)
from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array, Parts, checked_cells, checked_values

_STEPS = 100
_SETTLED = 1e-10


@dataclass(frozen=True)
class Logistic:
    """Logistic regression on standardised layers; classes enter by their weight.

    Attributes
    ----------
    ridge : float
        Penalty of squared coefficients (the intercept has none): a normal prior of variance
        1 / ridge.
    """

    ridge: float = 1.0

    name = "logistic"

    def fit(
        self,
        values: Array,
        kinds: Sequence[str],
        counts: Array,
        *,
        seed: int = 0,  # noqa: ARG002 (nothing is drawn)
    ) -> FittedLogistic:
        """Learn from cells; see `Method.fit`. Nothing is drawn: the seed has no effect.

        A cell with several deposits is as many cells. The intercept is moved by the logarithm of
        background over deposits, so that 0.5 is as many deposits as on average (King and Zeng
        2001); the other coefficients do not depend on how much background was drawn.
        """
        values, kinds, counts = checked_cells(values, kinds, counts)
        learned = learned_classes(values, kinds, counts)
        rows = encode(values, learned).T.astype(np.float64)
        background = counts == 0
        centre, scale = rows[background].mean(axis=0), rows[background].std(axis=0)
        scale[scale == 0] = 1.0
        design = np.column_stack([np.ones(len(rows)), (rows - centre) / scale])
        coefficients, covariance = _fitted(design, counts, self.ridge)
        coefficients[0] -= np.log(counts.sum() / np.count_nonzero(background))
        return FittedLogistic(centre, scale, coefficients, covariance, learned)


@dataclass(frozen=True)
class FittedLogistic:
    """Coefficients of the intercept and the standardised layers, with their covariance."""

    centre: Array
    scale: Array
    coefficients: Array
    covariance: Array
    classes: list[Classes] = field(default_factory=list)
    name: str = "logistic"
    uncertainty: str = "standard deviation by the delta method"

    def score(self, values: Array) -> tuple[Array, Array]:
        """Give probability and its standard deviation, float32 (n,).

        sd = p (1 - p) sqrt(x' S x + sum of b^2 s^2), S the coefficients' covariance and s the
        standard deviation of the weight of a cell's class.
        """
        from onshore.explore.linear_kernels import add_linear

        values = checked_values(values, len(self.centre))
        columns = encode(values, self.classes)
        log_odds, variance = np.zeros(len(values)), np.zeros(len(values))
        root = np.linalg.cholesky(self.covariance)
        add_linear(columns, self.centre, self.scale, self.coefficients, root, log_odds, variance)
        for one in self.classes:
            slope = self.coefficients[1 + one.layer] / self.scale[one.layer]
            variance += (slope * one.spread(np.ascontiguousarray(values[:, one.layer]))) ** 2
        share = 1 / (1 + np.exp(-log_odds))
        deviation = share * (1 - share) * np.sqrt(variance)
        return share.astype(np.float32), deviation.astype(np.float32)

    def describe(self) -> pl.DataFrame:
        """Tell each layer's coefficient (per standard deviation of the layer) and its error."""
        layers = np.arange(len(self.centre), dtype=np.int64)
        errors = np.sqrt(np.diag(self.covariance))[1:]
        tell = [
            pl.DataFrame({"layer": layers, "what": [what] * len(layers), "value": value})
            for what, value in (("coefficient", self.coefficients[1:]), ("standard error", errors))
        ]
        return pl.concat(tell)

    def parts(self) -> Parts:
        """Give what is saved."""
        arrays = {
            "centre": self.centre,
            "scale": self.scale,
            "coefficients": self.coefficients,
            "covariance": self.covariance,
        }
        return Parts(
            {**arrays, **saved_classes(self.classes)},
            {"layers": len(self.centre), "uncertainty": self.uncertainty},
        )


METHOD = Logistic


def restored(parts: Parts) -> FittedLogistic:
    """Make the fitted method of its parts."""
    names = ("centre", "scale", "coefficients", "covariance")
    made = {name: np.ascontiguousarray(parts.arrays[name], np.float64) for name in names}
    layers = int(parts.settings["layers"])
    shapes = [(layers,), (layers,), (layers + 1,), (layers + 1, layers + 1)]
    if [made[name].shape for name in names] != shapes or not all(
        np.all(np.isfinite(array)) for array in made.values()
    ):
        raise ExploreError(
            f"the saved coefficients are not those of {layers} layers. Train the model anew."
        )
    return FittedLogistic(
        made["centre"],
        made["scale"],
        made["coefficients"],
        made["covariance"],
        read_classes(parts.arrays),
    )


def _fitted(design: Array, counts: Array, ridge: float) -> tuple[Array, Array]:
    """Give coefficients and covariance by Newton's method, halving steps that lead astray."""
    known, trials = counts, np.where(counts > 0, counts, 1.0)
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-9  # so that the information can be inverted whatever the data
    beta = np.zeros(design.shape[1])
    before = _likelihood(design, known, trials, penalty, beta)
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-(design @ beta)))
        slope = design.T @ (known - trials * share) - penalty * beta
        curve = (design * (trials * share * (1 - share))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        now = _likelihood(design, known, trials, penalty, beta + step)
        while now < before - 1e-9 * abs(before):
            step /= 2
            now = _likelihood(design, known, trials, penalty, beta + step)
        beta, before = beta + step, now
        if np.max(np.abs(step)) < _SETTLED:
            return beta, np.linalg.inv(curve)
    raise ExploreError(
        f"logistic regression did not settle in {_STEPS} steps. "
        "Take a larger ridge, or leave out layers that say the same."
    )


def _likelihood(design: Array, known: Array, trials: Array, penalty: Array, beta: Array) -> float:
    log_odds = design @ beta
    return float(known @ log_odds - trials @ np.logaddexp(0, log_odds) - penalty @ beta**2 / 2)
