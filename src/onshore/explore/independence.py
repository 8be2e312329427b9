"""Whether layers are independent of each other given deposits, as their weights suppose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from onshore.explore.class_counts import Points
from onshore.explore.errors import ExploreError
from onshore.explore.posterior import Response, response
from onshore.explore.weights import Weights

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits
    from onshore.explore.stacks import Stack

Array: TypeAlias = np.ndarray[Any, Any]

# Bonham-Carter (1994), chapter 9: more than 15 % too many predicted deposits are a problem.
_TOO_MANY = 1.15
_ONE_SIDED = 0.95
_HALF_INTERVAL = 1.959963984540054
_MOST_KEYS = 2**62
_MOST_CONDITIONS = 4_000_000


@dataclass(frozen=True)
class Independence:
    """Tests of conditional independence.

    Attributes
    ----------
    table : DataFrame
        One row: ``observed`` (n, deposits), ``expected`` (T, the sum of all posterior
        probabilities), ``ratio`` (T / n) with ``ratio_low`` and ``ratio_high`` (its 95 %
        interval), ``deviation`` (s(T)), ``z`` ((T - n) / s(T)), ``probability`` (that the layers
        are not independent: of a standard normal below z), ``conditions`` (Int64: how many
        different combinations of groups occur).
    pairs : DataFrame
        For each pair of layers, the most dependent first: ``layer``, ``other``, ``chi_squared``,
        ``freedom`` (Int64), ``probability`` (of so large a value by chance), ``least_expected``
        (deposits expected in the emptiest cell; below 5 the probability is rough). Null where a
        layer has all its deposits in one group.
    warnings : list of str
        What to mind.
    """

    table: pl.DataFrame
    pairs: pl.DataFrame
    warnings: list[str] = field(default_factory=list)


def independence(
    stack: Stack,
    weights: Sequence[Weights],
    deposits: Deposits,
    *,
    prior: float | None = None,
    size: int = 512,
) -> Independence:
    """Test whether layers are independent of each other given deposits.

    If they are, the posterior probabilities of all unit cells sum up to the number of deposits:
    T = n. If two layers tell of the same thing, they count it twice and T exceeds n. The test of
    Agterberg and Cheng (2002) sets T - n against s(T), where s2(T) is the sum over unique
    conditions k (combinations of groups) of [N_k s(P_k)]2 with N_k unit cells and s2(P) =
    P2 [1 / n + sum of s2(W)], as ArcSDM has it: all cells of a condition have one probability and
    err together. As s(T) also holds what T and n have in common, the test is cautious: it hardly
    ever rejects independence wrongly, and may overlook dependence. The interval of T / n holds
    only what differs: it follows from how T and n change with each deposit (delta method, counts
    of deposits by condition taken as Poisson, cuts as given).

    Pairs of layers are compared by chi-squared on the deposits (Bonham-Carter 1994, chapter 9),
    with Yates's correction where both layers have two groups.

    Parameters
    ----------
    stack
        The evidence, read once by blocks.
    weights
        As for `posterior`.
    deposits
        Those that the weights were made of.
    prior
        As for `posterior`.
    size
        Cells a side of the blocks that are read.

    Returns
    -------
    Independence

    Raises
    ------
    ExploreError
        As for `posterior`; more than four million unique conditions; no deposit in the study
        area.
    """
    made = response(weights, prior=prior)
    conditions = _conditions(stack, made, deposits, size)
    table, warnings = _whole(made, conditions, stack.grid.cell_area_km2)
    pairs = _pairs(made, conditions)
    ratio = table["ratio"][0]
    if ratio > _TOO_MANY or table["probability"][0] > _ONE_SIDED:
        by = pairs.filter(pl.col("probability") < 1 - _ONE_SIDED)
        most = f" (most dependent: {by['layer'][0]} and {by['other'][0]})" if len(by) else ""
        warnings.append(
            f"T/n = {ratio:.3f}: the map expects {table['expected'][0]:.0f} deposits where "
            f"{table['observed'][0]:g} are known. Above {_TOO_MANY} the layers are not "
            f"conditionally independent{most}: take the probabilities as a ranking, leave one of "
            "two dependent layers out, or fit a logistic regression"
        )
    return Independence(table, pairs, [*made.warnings, *warnings])


@dataclass(frozen=True)
class _Conditions:
    """Unique conditions and deposits: groups (layers, n), cells of each, deposits of each."""

    groups: Array
    cells: Array
    at_deposits: Array
    deposits: Array


def _conditions(stack: Stack, made: Response, deposits: Deposits, size: int) -> _Conditions:
    """Count the cells of each combination of groups, in one pass over the blocks."""
    import onshore.explore.tally as tally

    radices = made.groups.sizes.astype(np.int64) + 1
    if np.prod(radices.astype(object)) > _MOST_KEYS:
        raise ExploreError(_too_many(made))
    points = Points(deposits)
    held = np.full((len(radices), len(points.rows)), -1, np.int32)
    keys, counts = tally.opened()
    used = 0
    one = stack.select(list(made.groups.layers))
    for block in one.blocks(size):
        cells = one.read(block)
        found = made.groups.find(np.ascontiguousarray(cells.values.reshape(len(radices), -1)))
        inside = cells.inside.ravel()
        here, rows, columns = points.within(block)
        place = rows * block.width + columns
        points.inside[here] = inside[place]
        held[:, here] = found[:, place]
        start = 0
        while start < len(inside):
            used, start = tally.count_conditions(found, inside, radices, keys, counts, used, start)
            if used > _MOST_CONDITIONS:
                raise ExploreError(_too_many(made))
            if start < len(inside):
                keys, counts = tally.doubled(keys, counts)
    known = points.inside
    if not points.weights[known].sum() > 0:
        raise ExploreError(
            "no deposit lies in the study area. Take the deposits that the weights were made of, "
            "or another mask."
        )
    order = np.flatnonzero(keys != tally.EMPTY)
    order = order[np.argsort(keys[order])]
    rest, groups = keys[order], np.empty((len(radices), len(order)), np.int32)
    for j in reversed(range(len(radices))):
        rest, groups[j] = np.divmod(rest, radices[j])
    return _Conditions(groups, counts[order], held[:, known], points.weights[known])


def _too_many(made: Response) -> str:
    return (
        f"the {len(made.groups.layers)} layers divide the area into too many unique conditions "
        f"to test (more than {_MOST_CONDITIONS:,}). Generalise them: take the kind ascending, "
        "descending or categorical in place of unique."
    )


def _whole(
    made: Response, conditions: _Conditions, cell_km2: float
) -> tuple[pl.DataFrame, list[str]]:
    from scipy.special import ndtr

    groups, layers = made.groups, range(len(made.groups.layers))
    everywhere = np.ones(len(conditions.cells), bool)
    p, spread = made.of_groups(conditions.groups, everywhere)
    units = conditions.cells * (cell_km2 / made.unit_cell_km2)
    variance = made.prior_variance + sum(
        groups.deviation[j, conditions.groups[j]] ** 2 for j in layers
    )
    gaps = spread**2 - (p * (1 - p)) ** 2 * variance
    observed, expected = float(conditions.deposits.sum()), float(units @ p)
    # As published, without the factor 1 - P; what layers without data add is kept.
    deviation = float(np.sqrt(np.sum(units**2 * (p**2 * variance + np.maximum(gaps, 0)))))
    z = (expected - observed) / deviation
    ratio = expected / observed
    change = _change(made, conditions, units * p * (1 - p))
    half = _HALF_INTERVAL * float(np.sqrt(conditions.deposits @ ((change - ratio) / observed) ** 2))
    warnings = []
    if abs(observed - made.deposits) > 1e-9 * observed:
        warnings.append(
            f"the study area holds {observed:g} deposits, the prior {made.deposits:g}: T/n "
            "compares the map with the first"
        )
    table = pl.DataFrame(
        {
            "observed": [observed],
            "expected": [expected],
            "ratio": [ratio],
            "ratio_low": [ratio - half],
            "ratio_high": [ratio + half],
            "deviation": [deviation],
            "z": [z],
            "probability": [float(ndtr(z))],
            "conditions": [len(units)],
        }
    )
    return table, warnings


def _change(made: Response, conditions: _Conditions, slope: Array) -> Array:
    """Tell by how much T would grow with one more deposit like each of those there are.

    slope is the change of each condition's expected deposits with its logit. One more deposit
    raises the prior, raises the weight of the groups it lies in, and lowers all of the layer.
    """
    groups = made.groups
    prior = 1 / made.deposits + 1 / (made.cells - made.deposits) if made.estimated else 0.0
    change = np.full(len(conditions.deposits), slope.sum() * prior)
    for j in range(len(groups.layers)):
        size = int(groups.sizes[j])
        by_group = np.bincount(conditions.groups[j], weights=slope, minlength=size + 1)[:size]
        held, cells = groups.points[j, :size], groups.cells[j, :size]
        own = np.divide(by_group, held, out=np.zeros(size), where=held > 0)
        own += np.divide(by_group, cells - held, out=np.zeros(size), where=cells - held > 0)
        # A layer that tells nothing has one group, whose weight is always 0.
        if size == 1:
            continue
        all_of_it = by_group.sum() * (1 / held.sum() + 1 / (cells - held).sum())
        at = conditions.at_deposits[j]
        change += np.where(at < size, own[np.minimum(at, size - 1)] - all_of_it, 0.0)
    return change


def _pairs(made: Response, conditions: _Conditions) -> pl.DataFrame:
    rows = [
        (made.groups.layers[i], made.groups.layers[j], *_chi_squared(made, conditions, i, j))
        for i, j in combinations(range(len(made.groups.layers)), 2)
    ]
    schema = {
        "layer": pl.String,
        "other": pl.String,
        "chi_squared": pl.Float64,
        "freedom": pl.Int64,
        "probability": pl.Float64,
        "least_expected": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        "probability", "layer", "other", nulls_last=True
    )


def _chi_squared(
    made: Response, conditions: _Conditions, i: int, j: int
) -> tuple[float | None, int | None, float | None, float | None]:
    from scipy.special import chdtrc

    sizes = made.groups.sizes
    first, second = conditions.at_deposits[i], conditions.at_deposits[j]
    both = (first < sizes[i]) & (second < sizes[j])
    held = np.zeros((sizes[i], sizes[j]))
    np.add.at(held, (first[both], second[both]), conditions.deposits[both])
    held = held[held.sum(axis=1) > 0][:, held.sum(axis=0) > 0]
    if min(held.shape) < 2:
        return None, None, None, None
    expected = np.outer(held.sum(axis=1), held.sum(axis=0)) / held.sum()
    apart = np.abs(held - expected)
    if held.shape == (2, 2):
        apart -= np.minimum(0.5, apart)
    value = float(np.sum(apart**2 / expected))
    freedom = (held.shape[0] - 1) * (held.shape[1] - 1)
    return value, freedom, float(chdtrc(freedom, value)), float(expected.min())
