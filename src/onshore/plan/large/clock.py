"""The time that a search has."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

Progress = Callable[[float, float, float], None]
"""Called with the seconds gone, the best plan's value and the bound."""


class Clock:
    """The seconds that are gone and left, and whom to tell."""

    def __init__(
        self,
        seconds: float = np.inf,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._begun, self.seconds = time.perf_counter(), seconds
        self._progress, self.stop = progress, stop

    @property
    def gone(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self._begun

    @property
    def left(self) -> float:
        """Seconds to the end, 0 once it was stopped."""
        return 0.0 if self.stop() else self.seconds - self.gone

    def tell(self, value: float, bound: float) -> None:
        """Say how far it is."""
        if self._progress is not None:
            self._progress(self.gone, value, bound)
