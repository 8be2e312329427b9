"""Quotations side by side: every price in one currency and unit, with the rate that did it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.codes import units
from onshore.desk.models import RECORDS, Need, Quotation
from onshore.desk.pages.showing import day_text
from onshore.desk.pages.wording import language
from onshore.desk.tables.frames import Reckoning, programme_settings, reckoning
from onshore.figures import FigureError, Money, Rate, shown
from onshore.report.words import Words


@dataclass(frozen=True)
class Compared:
    """A price of one unit of a need in the programme's currency.

    Parameters
    ----------
    quotation
        The maker's quotation; None for the import that it stands against.
    price
        Price of one unit, delivered to the buyer; None where it cannot be compared.
    rate
        The exchange rate that was used; None within one currency.
    first_year
        Price of the need's yearly quantity, with the tooling.
    against_import
        Price over the import's, less one: -0.1 is a tenth cheaper.
    problem
        Why it cannot be compared, and what to do.
    note
        How the price was come by.
    """

    quotation: Quotation | None
    price: Money | None = None
    rate: Rate | None = None
    first_year: Money | None = None
    against_import: float | None = None
    problem: str = ""
    note: str = ""

    @property
    def rate_type_shown(self) -> str:
        """The type of the exchange rate, in the page's language."""
        if self.rate is None:
            return ""
        return Words(language()).name("rate type", self.rate.rate_type)

    @property
    def against_import_shown(self) -> str:
        """The difference to the import in percent, in the page's language."""
        if self.against_import is None:
            return "–"
        return shown.signed_percent(self.against_import, language())


class NotComparable(ValueError):
    """A price that cannot be told in the programme's currency and the need's unit."""


def convertible(one: str, other: str) -> bool:
    """Whether amounts of one unit can be told in another, as kilograms in tonnes."""
    try:
        units.factor(one, other)
    except (LookupError, ValueError):
        return one == other
    return True


def comparable_currencies() -> tuple[str, ...]:
    """Give the currencies that the programme knows rates of, its own first."""
    settings = programme_settings()
    pairs = RECORDS["rates"].objects.filter(rate_type=settings["rate_type"])
    named = {each for pair in pairs.values_list("base", "quote").distinct() for each in pair}
    return (settings["currency"], *sorted(named - {settings["currency"], ""}))


def compare(
    need: Need, quotations: Iterable[Quotation], *, baseline: Any = None
) -> tuple[Compared, list[Compared]]:
    """Set quotations beside each other and beside the import they would replace.

    Parameters
    ----------
    need
        The need; prices are of one of its units, the first year's cost of its yearly quantity.
    quotations
        Its quotations, each valued at the rate of the day it was handed in.
    baseline
        The frozen import price of the item for this buyer, where there is one.

    Returns
    -------
    tuple
        The import, and the quotations from the cheapest; those that cannot be compared last.
    """
    known = reckoning()
    imported = _told(None, lambda: _imported(need, baseline, known))
    priced = [
        _told(each, lambda each=each: _quoted(need, each, imported.price, known))
        for each in quotations
    ]
    priced.sort(key=lambda each: each.price.amount if each.price else Decimal("Infinity"))
    return imported, priced


def _told(quotation: Quotation | None, found: Any) -> Compared:
    try:
        return found()
    except NotComparable as problem:
        return Compared(quotation, problem=str(problem))


def _quoted(need: Need, quoted: Quotation, imported: Money | None, known: Reckoning) -> Compared:
    factor = _factor(quoted.unit or need.unit, need.unit)
    price, rate = _worth(quoted.price, quoted.currency, quoted.submitted, known)
    tooling, _rate = _worth(
        quoted.tooling_cost or Decimal(0), quoted.currency, quoted.submitted, known
    )
    return _priced(need, price * factor, rate, quoted, tooling, imported)


def _imported(need: Need, baseline: Any, known: Reckoning) -> Compared:
    if baseline is not None:
        price = _parity(baseline, known) * _factor(baseline.unit, need.unit)
        note = _("Import parity at the buyer's door, from the baseline %s.") % baseline.pk
        return _priced(need, price, note=note)
    if need.import_price is None or not need.currency:
        raise NotComparable(_("The need has no import price to compare with."))
    paid = need.import_price + (need.freight_insurance or 0)
    price, rate = _worth(paid, need.currency, need.price_date, known)
    note = _("From the need's import price; duty and inland carriage are not in it.")
    return _priced(need, price, rate, note=note)


def _priced(
    need: Need,
    price: Money,
    rate: Rate | None = None,
    quotation: Quotation | None = None,
    tooling: Money | None = None,
    imported: Money | None = None,
    note: str = "",
) -> Compared:
    first_year = None
    if need.yearly_quantity is not None:
        first_year = price * need.yearly_quantity
        first_year = first_year + tooling if tooling is not None else first_year
    against = None
    if imported is not None and imported.amount:
        against = float(price.amount / imported.amount) - 1
    return Compared(quotation, price, rate, first_year, against, note=note)


def _worth(
    amount: Decimal | None, currency: str, on: date | None, known: Reckoning
) -> tuple[Money, Rate | None]:
    """Give an amount in the programme's currency and the rate of the day that made it so."""
    if amount is None or not currency:
        raise NotComparable(_("There is no price, or no currency of it."))
    if currency == known.currency:
        return Money(amount, currency), None
    if on is None:
        raise NotComparable(_("The price has no day, so no exchange rate can be found for it."))
    try:
        rate = known.rates.find(currency, known.currency, on=on, rate_type=known.rate_type)
        money = Money(amount, currency)
        return known.rates.convert(money, known.currency, on=on, rate_type=known.rate_type), rate
    except FigureError as error:
        raise NotComparable(
            _(
                "There is no exchange rate from %(one)s to %(other)s on %(day)s. "
                "Ask the agency to add it, or the maker to quote in %(other)s."
            )
            % {"one": currency, "other": known.currency, "day": day_text(on)}
        ) from error


def _parity(baseline: Any, known: Reckoning) -> Money:
    """Give what one imported unit costs at the buyer's door."""
    from onshore.account import AccountError, landed_cost
    from onshore.desk.tables.frames import frame_of

    rows = frame_of(RECORDS["baselines"].objects.filter(pk=baseline.pk))
    try:
        landed = landed_cost(
            rows, rates=known.rates, currency=known.currency, rate_type=known.rate_type
        )
    except (AccountError, FigureError) as error:
        raise NotComparable(
            _("The import's baseline %s cannot be valued on its price date.") % baseline.pk
        ) from error
    return Money(landed["import_parity"][0], known.currency)


def _factor(quoted: str, wanted: str) -> Decimal:
    """Give what a price by one unit is multiplied by to be a price by another."""
    if not quoted or not wanted or quoted == wanted:
        return Decimal(1)
    try:
        factor = units.factor(wanted, quoted)
    except (LookupError, ValueError) as error:
        raise NotComparable(
            _("The price is by %(one)s and the need by %(other)s: ask the maker to quote by it.")
            % {"one": quoted, "other": wanted}
        ) from error
    return Decimal(factor.numerator) / Decimal(factor.denominator)
