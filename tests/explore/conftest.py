"""The Cloncurry case that is shipped as an example."""

from pathlib import Path

import pytest

from onshore import explore

CLONCURRY = Path(__file__).parents[2] / "examples" / "explore" / "cloncurry"


@pytest.fixture(scope="session")
def cloncurry() -> Path:
    """The folder: evidence, binary, weights, deposits.csv, layers.csv, binary_layers.csv."""
    return CLONCURRY


@pytest.fixture(scope="session")
def cloncurry_stack() -> explore.Stack:
    """Evidence as made: breccia, fault_density (numeric) and strat (categorical)."""
    return explore.open_stack(CLONCURRY / "layers.csv")


@pytest.fixture(scope="session")
def cloncurry_binary() -> explore.Stack:
    """The same cut in two classes: breccia, fault, fault_density, strat."""
    return explore.open_stack(CLONCURRY / "binary_layers.csv")


@pytest.fixture(scope="session")
def cloncurry_deposits(cloncurry_stack: explore.Stack) -> explore.Deposits:
    """258 iron-oxide copper-gold deposits and occurrences, in 252 cells."""
    return explore.read_deposits(CLONCURRY / "deposits.csv", cloncurry_stack)
