"""Where Numba is installed (extra ``match``), the kernels it compiles; else their plain forms."""

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_MODULE = "onshore.match.kernels"

# Additions that plain arrays make in about the time that loading the kernels takes.
_WORTH_LOADING = 4_000_000


def kernels(work: int) -> Any:
    """Give the module of compiled kernels, or None where Numba is missing or not worth loading.

    Results are the same with it and without it, so that it only matters how many additions there
    are to make.
    """
    if work < _WORTH_LOADING and _MODULE not in sys.modules:
        return None
    return _loaded()


@cache
def _loaded() -> Any:
    return import_module(_MODULE) if find_spec("numba") else None
