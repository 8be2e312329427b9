"""Tables for the tests of economy: drawn at random, and one of a book."""

import numpy as np
from hypothesis import strategies as st

from onshore import economy

BOOK = economy.Table(
    ["agriculture", "manufacturing"],
    [[150, 500], [200, 100]],
    [1000, 2000],
    {"value added": [650, 1400]},
)
"""Miller and Blair (2009), table 2.3: output 1000 and 2000, final demand 350 and 1700."""


def drawn(seed, sectors=5, *, idle=(), by_product=True):
    """A balanced table with imports, final demand and factors; some sectors may have no output."""
    draw = np.random.default_rng(seed)
    inputs = draw.random((sectors, sectors)) * draw.uniform(0.2, 1, (sectors, sectors)).round()
    inputs *= draw.uniform(0.2, 0.6, sectors) / np.maximum(inputs.sum(axis=0), 1e-9)
    demand = draw.uniform(10, 100, sectors)
    for k in idle:
        inputs[k] = inputs[:, k] = demand[k] = 0.0
    output = np.linalg.solve(np.eye(sectors) - inputs, demand)
    flows = inputs * output
    imports = draw.random((sectors, sectors)) * 0.3 / sectors * output
    parts = draw.dirichlet([1, 1, 1], sectors).T * demand
    return economy.Table(
        [f"s{k}" for k in range(sectors)],
        flows,
        output,
        {
            "value added": output - flows.sum(axis=0) - imports.sum(axis=0),
            "jobs": output * draw.random(sectors),
            "wages": output * draw.uniform(0.1, 0.3, sectors),
        },
        imports if by_product else imports.sum(axis=0),
        dict(zip(("households", "government", "exports"), parts, strict=True)),
        final_imports={"households": draw.random(sectors) * 5} if by_product else None,
    )


def tables(**same):
    """Tables of two to seven sectors, some with a sector that makes nothing."""
    return st.builds(
        lambda seed, n, idle: drawn(seed, n, idle=[0] if idle else [], **same),
        st.integers(0, 10_000),
        st.integers(2, 7),
        st.booleans(),
    )


def inputs_of(table):
    """A = Z diag(x)^-1, by division."""
    made = np.where(table.output > 0, table.output, 1.0)
    return np.where(table.output > 0, table.flows / made, 0.0)
