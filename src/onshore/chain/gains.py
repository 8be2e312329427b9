"""Processes that gain by running in a circle, found by a small linear program."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.chain.solver import Model, Solver, sorted_by_rows

_LONGEST = 1e4
"""How often a process may run per unit gained: beyond it, a gain is rounding of the rates."""


def circle_with_gain(
    recipes: pl.DataFrame, processes: pl.DataFrame
) -> tuple[list[str], str] | None:
    """Find processes that together make something of nothing, and what they gain.

    With N the rates (commodities x processes) and x >= 0 how much each runs: N x >= 0 with some
    commodity above 0. Processes that take from nature, or take in nothing at all, stand for what
    comes into the chain and are left out. Of all such x the one with the least running is taken.
    """
    inputs = recipes.filter(pl.col("rate") < 0)["process"].implode()
    inside = processes.filter(~pl.col("from_nature"), pl.col("process").is_in(inputs))["process"]
    rates = recipes.filter(
        pl.col("process").is_in(inside.implode()), pl.col("share_max").fill_null(1.0) > 0
    )
    if rates.is_empty():
        return None
    commodities = rates["commodity"].unique().sort()
    row = _places(commodities, rates["commodity"])
    # Columns: processes, then the members of groups; a group's members run as much as its process.
    member = rates["group"].is_not_null().to_numpy()
    column = _places(inside, rates["process"])
    column = np.where(member, len(inside) + np.cumsum(member) - 1, column)
    groups = rates.filter(pl.col("group").is_not_null()).select("process", "group")
    unique = groups.unique(maintain_order=True).with_row_index("n")
    group = groups.join(unique, on=["process", "group"], how="left", maintain_order="left")
    n_columns = len(inside) + groups.height
    first = len(commodities)
    rows = np.concatenate(
        [
            row,
            first + group["n"].to_numpy().astype(np.int64),
            first + np.arange(unique.height),
            np.full(rates.height, first + unique.height),
        ]
    )
    columns = np.concatenate(
        [
            column,
            len(inside) + np.arange(groups.height),
            _places(inside, unique["process"]),
            column,
        ]
    )
    rate = rates["rate"].to_numpy()
    values = np.concatenate([rate, np.ones(groups.height), -np.ones(unique.height), rate])
    n_rows = first + unique.height + 1
    lower = np.zeros(n_rows)
    lower[-1] = 1.0
    upper = np.concatenate([np.full(first, np.inf), np.zeros(unique.height), [1.0]])
    cost = np.concatenate([np.ones(len(inside)), np.zeros(groups.height)])
    model = Model(
        cost,
        np.zeros(n_columns),
        np.full(n_columns, _LONGEST),
        lower,
        upper,
        *sorted_by_rows(rows, columns, values, n_rows, n_columns),
    )
    answer = Solver(model).run()
    if answer.status != "optimal":
        return None
    runs = answer.values[: len(inside)]
    gained = np.zeros(len(commodities))
    np.add.at(gained, row, rate * answer.values[column])
    names = [name for name, run in zip(inside, runs, strict=True) if run > 1e-9]
    return names, str(commodities[int(gained.argmax())])


def _places(known: pl.Series, wanted: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Tell where in ``known`` each of ``wanted`` stands."""
    at = {name: n for n, name in enumerate(known)}
    return np.array([at[name] for name in wanted], dtype=np.int64)
