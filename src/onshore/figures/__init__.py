"""What a number is: quantity, money, rate, period, basis, status and source."""

from onshore.figures import shown, solar_hijri
from onshore.figures.errors import CurrencyMismatch, FigureError, MissingRate, UnitMismatch
from onshore.figures.ladder import Basis, Status
from onshore.figures.money import Money
from onshore.figures.numerals import parse_number
from onshore.figures.period import Period
from onshore.figures.quantity import Quantity
from onshore.figures.rates import Rate, RateTable
from onshore.figures.source import Source

__all__ = [
    "Basis",
    "CurrencyMismatch",
    "FigureError",
    "MissingRate",
    "Money",
    "Period",
    "Quantity",
    "Rate",
    "RateTable",
    "Source",
    "Status",
    "UnitMismatch",
    "parse_number",
    "shown",
    "solar_hijri",
]
