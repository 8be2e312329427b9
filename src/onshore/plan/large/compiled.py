"""How the kernels of large plans are compiled."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Result = TypeVar("Result")


def kernel(function: Callable[..., Result]) -> Callable[..., Result]:
    """Compile a function at its first call and keep the code beside the module."""
    return cast(Callable[..., Result], numba.njit(cache=True, nogil=True)(function))
