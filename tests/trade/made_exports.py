"""Made-up exports, and what must hold of every result."""

from itertools import product as every

import numpy as np
import polars as pl


def facts_of(values):
    rows = [
        (f"c{c:02}", f"p{p:03}", float(values[c][p]))
        for c, p in every(range(len(values)), range(len(values[0])))
    ]
    return pl.DataFrame(rows, schema=["country", "product", "value"], orient="row")


def drawn(countries, products, seed=0):
    rng = np.random.default_rng(seed)
    scale = rng.normal(size=(countries, 1)) + rng.normal(size=(1, products))
    values = np.exp(scale + 1.5 * rng.normal(size=(countries, products)))
    return np.round(values * (rng.random((countries, products)) < 0.8), 3)


def assert_plain(found):
    for table in (found.countries, found.products, found.pairs):
        for column in table.iter_columns():
            if column.dtype.is_float():
                assert column.is_nan().sum() == 0
                assert column.is_infinite().sum() == 0
