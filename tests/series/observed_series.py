"""Tables of observations, targets and projects, made by hand for the tests of series."""

from decimal import Decimal
from itertools import count

import polars as pl

OBSERVATIONS = {
    "observation_id": pl.String,
    "indicator": pl.String,
    "product": pl.String,
    "part_of": pl.String,
    "place": pl.String,
    "partner": pl.String,
    "period": pl.String,
    "value": pl.Decimal(38, 6),
    "unit": pl.String,
    "status": pl.String,
    "vintage": pl.Date,
}
TARGETS = {
    "target_id": pl.String,
    "indicator": pl.String,
    "product": pl.String,
    "place": pl.String,
    "partner": pl.String,
    "period": pl.String,
    "value": pl.Decimal(38, 6),
    "unit": pl.String,
    "direction": pl.String,
    "set_on": pl.Date,
}


def observed(values, **same):
    """Observations of a series: values by period, or rows that say more."""
    numbers = count()
    pairs = values.items() if isinstance(values, dict) else values
    rows = [
        {
            "observation_id": f"O{next(numbers)}",
            "indicator": "production",
            "product": "steel",
            "unit": "t",
            "status": "final",
            "period": period,
            "value": Decimal(str(value)),
        }
        | same
        | dict(*more)
        for period, value, *more in pairs
    ]
    return pl.DataFrame(rows, schema=OBSERVATIONS)


def aimed(values, **same):
    rows = [
        {
            "target_id": f"T{n}",
            "indicator": "production",
            "product": "steel",
            "unit": "t",
            "period": period,
            "value": Decimal(str(value)),
        }
        | same
        for n, (period, value) in enumerate(values.items())
    ]
    return pl.DataFrame(rows, schema=TARGETS)
