"""How values are placed along a chart: straight or by powers of ten, with round marks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """Places values between ``low`` and ``high`` along a line from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value stands; what lies outside stands at the nearer end."""
        low, high, value = (self._laid(number) for number in (self.low, self.high, value))
        fraction = (value - low) / ((high - low) or 1.0)
        return self.start + min(max(fraction, 0.0), 1.0) * (self.end - self.start)

    def marks(self, about: int = 5) -> list[float]:
        """Return round values within the scale, about so many."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, math.ceil((last - first + 1) / about))
            if last > first:
                return [10.0**power for power in range(first, last + 1, every)]
        step = step_of(self.low, self.high, about)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]

    def _laid(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.log else value


def step_of(low: float, high: float, about: int = 5) -> float:
    """Return a round step that divides a range into about so many parts."""
    rough = (high - low) / about or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def decimals_of(marks: Iterable[float]) -> int:
    """Return the places after the mark that tell marks apart."""
    values = list(marks)
    return next(
        (places for places in range(6) if all(abs(round(v, places) - v) < 1e-9 for v in values)), 6
    )


def span_of(
    values: Iterable[float], *, room: float = 0.04, log: bool = False
) -> tuple[float, float]:
    """Return the range of values with some room at both ends; never an empty one."""
    known = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not known:
        return (1.0, 10.0) if log else (0.0, 1.0)
    low, high = min(known), max(known)
    if log:
        wider = max((high / low) ** room, 1.2)
        return low / wider, high * wider
    wider = (high - low) * room or abs(high) * 0.5 or 0.5
    return low - wider, high + wider
