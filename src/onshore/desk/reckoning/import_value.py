"""What a year's import of needs costs, in the programme's currency: kept for sorting."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from onshore.desk.tables.frames import programme_settings, reckoning

PRICED_BY = frozenset({"import_price", "currency", "price_date", "yearly_quantity"})
"""Fields of a need that its yearly import value is made of."""


def put_yearly_value(needs: Sequence[Any]) -> None:
    """Put the yearly import value on needs, unsaved; None where a price or rate is not known.

    value = import price x yearly quantity, at the rate of the price's day, or of the programme's
    price date where the price has none.
    """
    if not needs:
        return
    known, told = reckoning(), programme_settings().get("price_date")
    day = date.fromisoformat(told) if told else None
    prices = [(need.import_price, need.currency, need.price_date or day) for need in needs]
    for need, price in zip(needs, known.worths(prices, known.currency), strict=True):
        quantity = need.yearly_quantity
        need.yearly_value = None if price is None or quantity is None else float(price * quantity)
