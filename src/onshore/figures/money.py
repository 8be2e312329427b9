"""An amount of money and its currency."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from onshore.codes import UnknownCode, currencies
from onshore.figures.errors import CurrencyMismatch, FigureError
from onshore.figures.numerals import plain_text, split_amount
from onshore.figures.quantity import exact


@dataclass(frozen=True)
class Money:
    """An exact amount in a currency of ISO 4217.

    Amounts add, subtract and compare within one currency. Between two there is always a rate,
    its date and its type: see ``RateTable``.

    Parameters
    ----------
    amount
        The amount in the currency's main unit; an int is taken as a Decimal, a float is refused.
    currency
        Code of the currency, such as ``"EUR"``.

    Raises
    ------
    FigureError
        The currency is not a code of the list, or the amount is not a finite Decimal.

    Examples
    --------
    >>> print(Money.parse("1.5 billion EUR") + Money.parse("€45 m"))
    1545000000 EUR
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))
        try:
            currencies.get(self.currency)
        except UnknownCode as error:
            raise FigureError(str(error)) from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an amount and a currency, such as ``"40 trillion IRR"`` or ``"۴۰ میلیون یورو"``.

        Raises
        ------
        FigureError
            The amount or the currency cannot be read, or the currency is missing.
        """
        value, before, after = split_amount(
            text, "40 trillion IRR or EUR 245 million", short_scales=True
        )
        named = before or after
        if (before and after) or not named:
            raise FigureError(
                f"'{text}' needs one currency beside the amount. Write both, such as "
                "40 trillion IRR or EUR 245 million."
            )
        try:
            return cls(value, currencies.find(named).code)
        except UnknownCode as error:
            raise FigureError(str(error)) from None

    def __add__(self, other: Self) -> Self:
        self._check(other, "added")
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._check(other, "subtracted")
        return type(self)(self.amount - other.amount, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __mul__(self, number: Decimal | int) -> Self:
        return type(self)(self.amount * exact(number), self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Self) -> bool:
        self._check(other, "compared")
        return self.amount < other.amount

    def __le__(self, other: Self) -> bool:
        self._check(other, "compared")
        return self.amount <= other.amount

    def __gt__(self, other: Self) -> bool:
        self._check(other, "compared")
        return self.amount > other.amount

    def __ge__(self, other: Self) -> bool:
        self._check(other, "compared")
        return self.amount >= other.amount

    def __str__(self) -> str:
        return f"{plain_text(self.amount)} {self.currency}"

    def _check(self, other: Self, deed: str) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self} and {other} cannot be {deed}: they are in two currencies. Convert one "
                "with a rate table, giving the date and the rate type."
            )
