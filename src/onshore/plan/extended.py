"""A model with more columns and rows: what a measure of risk, or another problem, adds to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from onshore.plan.model import Model
from onshore.plan.rows import NAMES, Floats, Rows

_LARGEST_VALUE = 1000.0


def bare_model(worth: Floats) -> Model:
    """Begin a model of 0-1 columns without rows; ``worth`` is what each brings."""
    largest = float(np.abs(worth).max(initial=0.0))
    scale = largest / _LARGEST_VALUE or 1.0
    return Model(
        starts=len(worth),
        scale=scale,
        worth=worth / scale,
        least=np.zeros(len(worth)),
        most=np.ones(len(worth)),
        whole=np.ones(len(worth), dtype=np.bool_),
        rows=pl.DataFrame(schema=NAMES),
        units=np.zeros(0),
        lower=np.zeros(0),
        upper=np.zeros(0),
        begins=np.zeros(1, dtype=np.int32),
        columns=np.zeros(0, dtype=np.int32),
        amounts=np.zeros(0),
    )


def with_columns(
    model: Model, worth: Floats, least: Floats | None = None, most: Floats | None = None
) -> Model:
    """Add columns of any amount behind all others, from 0 on unless ``least`` says otherwise.

    ``worth`` is in units of the model's objective (money / ``scale``).
    """
    count = len(worth)
    return replace(
        model,
        worth=np.concatenate([model.worth, worth]),
        least=np.concatenate([model.least, np.zeros(count) if least is None else least]),
        most=np.concatenate([model.most, np.full(count, np.inf) if most is None else most]),
        whole=np.concatenate([model.whole, np.zeros(count, dtype=np.bool_)]),
    )


def with_rows(model: Model, rows: Rows) -> Model:
    """Add rows below all others; their columns are there already."""
    count = len(rows.lower)
    entries = rows.entries.sort("row", "column")
    lengths = np.bincount(entries["row"].to_numpy(), minlength=count)
    ends = model.begins[-1] + np.cumsum(lengths)
    return replace(
        model,
        rows=pl.concat([model.rows, rows.names]),
        units=np.concatenate([model.units, np.ones(count)]),
        lower=np.concatenate([model.lower, rows.lower]),
        upper=np.concatenate([model.upper, rows.upper]),
        begins=np.concatenate([model.begins, ends]).astype(np.int32),
        columns=np.concatenate([model.columns, entries["column"].to_numpy()]),
        amounts=np.concatenate([model.amounts, entries["amount"].to_numpy()]),
    )
