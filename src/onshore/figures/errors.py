"""What can be wrong with a figure. Each message says what, what was found and what to do."""


class FigureError(ValueError):
    """A figure that cannot be read, made or combined."""


class UnitMismatch(FigureError):
    """Two quantities whose units measure different things."""


class CurrencyMismatch(FigureError):
    """Two amounts of money in different currencies, with no rate between them."""


class MissingRate(FigureError):
    """An exchange rate that the table of rates does not have."""
