"""Numbers known only within bounds: what a rounded figure may truly have been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Bounds:
    """A point with the least and the greatest value that it may stand for; None is unbounded."""

    point: Fraction
    low: Fraction | None
    high: Fraction | None

    @classmethod
    def exact(cls, value: Fraction | int) -> Bounds:
        """Give a number without doubt."""
        return cls(Fraction(value), Fraction(value), Fraction(value))

    def __add__(self, other: Bounds) -> Bounds:
        return Bounds(
            self.point + other.point,
            None if self.low is None or other.low is None else self.low + other.low,
            None if self.high is None or other.high is None else self.high + other.high,
        )

    def __neg__(self) -> Bounds:
        return Bounds(
            -self.point,
            None if self.high is None else -self.high,
            None if self.low is None else -self.low,
        )

    def __sub__(self, other: Bounds) -> Bounds:
        return self + -other

    def __mul__(self, other: Bounds) -> Bounds:
        return self._spread(other, lambda a, b: a * b, self.point * other.point)

    def __truediv__(self, other: Bounds) -> Bounds:
        """Divide; what is divided by must not be zero, and is unbounded where it may be."""
        point = self.point / other.point
        if other.holds(Fraction(0)):
            return Bounds(point, None, None)
        positive = other.point > 0
        inverse = Bounds(
            1 / other.point,
            (Fraction(0) if positive else None) if other.high is None else 1 / other.high,
            (None if positive else Fraction(0)) if other.low is None else 1 / other.low,
        )
        return Bounds(point, *self._spread(inverse, lambda a, b: a * b, point).ends)

    @property
    def ends(self) -> tuple[Fraction | None, Fraction | None]:
        """Least and greatest value."""
        return self.low, self.high

    @property
    def half(self) -> Fraction | None:
        """How far from the point the bounds reach, on the farther side; None if without end."""
        if self.low is None or self.high is None:
            return None
        return max(self.high - self.point, self.point - self.low)

    def holds(self, value: Fraction) -> bool:
        """Whether the value lies within."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)

    def meets(self, other: Bounds) -> bool:
        """Whether one value may be both."""
        below = self.low is None or other.high is None or self.low <= other.high
        return below and (self.high is None or other.low is None or other.low <= self.high)

    def _spread(
        self, other: Bounds, of: Callable[[Fraction, Fraction], Fraction], point: Fraction
    ) -> Bounds:
        """Bound a product by the products of the ends; one without end leaves its side open."""
        known = [of(a, b) for a in self.ends for b in other.ends if a is not None and b is not None]
        if None not in self.ends and None not in other.ends:
            return Bounds(point, min(known), max(known))
        positive = all(b.low is not None and b.low >= 0 for b in (self, other))
        return Bounds(point, min(known) if positive and known else None, None)
