"""Where Numba is installed (extra ``match``), the kernels that measure and judge pairs."""

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_MODULE = "onshore.match.pair_kernels"

# Pairs that plain arrays measure and judge in about the time that loading the kernels takes,
# without Numba at hand and with it.
_WORTH_LOADING, _WORTH_READING = 80_000, 10_000


def pair_kernels(pairs: int) -> Any:
    """Give the module of compiled kernels, or None where Numba is missing or not worth loading.

    Once it is loaded it is always given. Results are the same with it and without it, so that it
    only matters how many pairs there are to judge.
    """
    worth = _WORTH_READING if "numba" in sys.modules else _WORTH_LOADING
    if pairs < worth and _MODULE not in sys.modules:
        return None
    return _loaded()


@cache
def _loaded() -> Any:
    return import_module(_MODULE) if find_spec("numba") else None
