"""A number and its unit."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from onshore.codes import UnknownCode, units
from onshore.figures.errors import FigureError, UnitMismatch
from onshore.figures.numerals import plain_text, split_amount


@dataclass(frozen=True, eq=False)
class Quantity:
    """An amount in a unit of UN/ECE Recommendation 20.

    Quantities whose units measure the same thing compare, add and subtract; the result is in
    the first one's unit.

    Parameters
    ----------
    value
        The number; an int is taken as a Decimal, a float is refused.
    unit
        Code of the unit, such as ``"KGM"``.

    Raises
    ------
    FigureError
        The unit is not a code of the list, or the value is not a finite Decimal.

    Examples
    --------
    >>> total = Quantity.parse("1.2 t") + Quantity.parse("300 kg")
    >>> print(total, "=", total.to("KGM"))
    1.5 TNE = 1500 KGM
    """

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", exact(self.value))
        try:
            units.get(self.unit)
        except UnknownCode as error:
            raise FigureError(str(error)) from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number and a unit, such as ``"1,200 kg"`` or ``"۱٫۵ میلیون تن"``.

        Raises
        ------
        FigureError
            The number or the unit cannot be read.
        """
        value, before, after = split_amount(text, "1200 kg or 1200 KGM", short_scales=False)
        if not after or before:
            raise FigureError(
                f"'{text}' has no unit after the number. Write both, such as 1200 kg or 1200 KGM."
            )
        try:
            return cls(value, units.find(after).code)
        except UnknownCode as error:
            raise FigureError(str(error)) from None

    def to(self, unit: str) -> Self:
        """Give the same amount in another unit of the same dimension.

        The result is exact where it has at most 28 digits, else rounded to 28.

        Raises
        ------
        UnitMismatch
            The units measure different things.
        FigureError
            The unit is not a code of the list.
        """
        if unit == self.unit:
            return self
        return type(self)(as_decimal(Fraction(self.value) * self._factor(unit)), unit)

    def __add__(self, other: Self) -> Self:
        if not isinstance(other, Quantity):
            return NotImplemented
        total = Fraction(self.value) + Fraction(other.value) * other._factor(self.unit)
        return type(self)(as_decimal(total), self.unit)

    def __neg__(self) -> Self:
        return type(self)(-self.value, self.unit)

    def __sub__(self, other: Self) -> Self:
        return self + -other if isinstance(other, Quantity) else NotImplemented

    def __mul__(self, number: Decimal | int) -> Self:
        return type(self)(self.value * exact(number), self.unit)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __lt__(self, other: Self) -> bool:
        return Fraction(self.value) < Fraction(other.value) * other._factor(self.unit)

    def __le__(self, other: Self) -> bool:
        return Fraction(self.value) <= Fraction(other.value) * other._factor(self.unit)

    def __gt__(self, other: Self) -> bool:
        return other < self

    def __ge__(self, other: Self) -> bool:
        return other <= self

    def __str__(self) -> str:
        return f"{plain_text(self.value)} {self.unit}"

    def _factor(self, unit: str) -> Fraction:
        try:
            return units.factor(self.unit, unit)
        except UnknownCode as error:
            raise FigureError(str(error)) from None
        except ValueError as error:
            raise UnitMismatch(f"{error} Give both in units of one kind.") from None

    def _key(self) -> tuple[str, Fraction]:
        reference = units.reference(self.unit)
        return reference, Fraction(self.value) * units.factor(self.unit, reference)


def exact(number: Decimal | int) -> Decimal:
    """Take a Decimal or an int as a finite Decimal; refuse all else."""
    if isinstance(number, bool) or not isinstance(number, Decimal | int):
        raise FigureError(
            f"{number!r} is a {type(number).__name__}; figures are kept exactly. "
            f"Write Decimal('{number}')."
        )
    value = Decimal(number)
    if not value.is_finite():
        raise FigureError(f"{number} is not a finite number. Leave the value out instead.")
    return value


def as_decimal(value: Fraction) -> Decimal:
    """Write a fraction as a Decimal, rounded to 28 digits where it does not end before."""
    return Decimal(value.numerator) / Decimal(value.denominator)
