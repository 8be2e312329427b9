"""Exchange rates: what one currency cost in another, on a day, by type of rate."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import polars as pl

from onshore.figures.errors import FigureError, MissingRate
from onshore.figures.money import Money
from onshore.figures.quantity import as_decimal
from onshore.figures.rate_rows import RATE, check_currency, checked_rates
from onshore.figures.rate_search import chained_rates, own_rates
from onshore.figures.scaled_amounts import AMOUNT, column_times, times

_Asked = tuple[str, str, date]


@dataclass(frozen=True)
class Rate:
    """A rate as it was found in a table.

    Parameters
    ----------
    base, quote
        One unit of ``base`` is ``rate`` units of ``quote``.
    rate
        The rate; of an inverse or a chain, rounded to 28 digits.
    published, pair
        The rate as it was published and which way: ``42000`` of ``"USD/IRR"`` are 42,000 rials
        for one dollar, whether dollars or rials are asked for. A chain, which nobody published,
        is told the way in which it is the larger number.
    date
        First day of the rate; of a chain, the latest of those of its parts.
    rate_type
        Such as ``"official"``.
    source
        Who published it; the parts of a chain are joined by ``"; "``.
    illustrative
        Whether it, or a part of it, is invented for illustration.
    path
        How it was come by: ``"USD/IRR"``, ``"1 ÷ USD/IRR"`` or ``"EUR/USD × USD/IRR"``; empty
        within one currency.
    factor
        The rate without rounding.
    """

    base: str
    quote: str
    rate: Decimal
    published: Decimal
    pair: str
    date: date
    rate_type: str
    source: str
    illustrative: bool
    path: str
    factor: Fraction = field(repr=False)


class RateTable:
    """Exchange rates that convert only by a named type and on a given day.

    A rate holds from its ``date`` to its ``until``; without one, up to the next rate of the same
    pair and type, and at most 31 days. Where the pair itself has no rate, its inverse will do,
    then a chain over one third currency by rates of the same type (of several, the one whose
    older part is newest).

    Parameters
    ----------
    frame
        One row per rate: ``base``, ``quote`` (ISO 4217), ``date``, ``until`` (Date, may be null),
        ``rate`` (units of quote for one of base, positive), ``rate_type`` (str), ``source``
        (str), ``illustrative`` (bool).

    Raises
    ------
    FigureError
        A column is missing, or rows are incomplete, not positive, or hold on the same day; all
        such rows are named.

    Examples
    --------
    >>> table = RateTable(pl.DataFrame({
    ...     "base": ["USD"], "quote": ["IRR"], "date": [date(2020, 8, 1)], "until": [None],
    ...     "rate": [Decimal(42000)], "rate_type": ["official"], "source": ["Central Bank"],
    ...     "illustrative": [False],
    ... }))
    >>> on = date(2020, 8, 20)
    >>> print(table.convert(Money.parse("40 trillion IRR"), "USD", on=on, rate_type="official"))
    952380952.380952 USD
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._rates = checked_rates(frame)

    @property
    def rate_types(self) -> list[str]:
        """Types of rate that the table has, in order of the alphabet."""
        return self._rates["rate_type"].unique().sort().to_list()

    def find(self, base: str, quote: str, *, on: date, rate_type: str) -> Rate:
        """Give what one unit of ``base`` was in ``quote`` on a day, by a type of rate.

        Raises
        ------
        MissingRate
            There is none; the message says what the table has and what to do.
        FigureError
            A currency is unknown.
        """
        self._check_asked(base, quote, on, rate_type)
        rate = self._one(base, quote, on, rate_type)
        if rate is None:
            raise MissingRate(self._missing([(base, quote, on)], rate_type))
        return rate

    def convert(self, money: Money, to: str, *, on: date, rate_type: str) -> Money:
        """Give an amount in another currency, rounded to 6 places.

        Raises
        ------
        MissingRate
            The table has no rate of this type on this day.
        FigureError
            A currency is unknown.
        """
        rate = self.find(money.currency, to, on=on, rate_type=rate_type)
        return _converted(money, rate)

    def at_each_type(self, money: Money, to: str, *, on: date) -> pl.DataFrame:
        """Give an amount in another currency at each type of rate that holds on a day.

        Returns
        -------
        DataFrame
            One row per type, in order of the alphabet: ``rate_type`` (str), ``rate`` (Decimal,
            as published), ``pair`` (str, which way: of ``USD/IRR`` the rate is rials for one
            dollar), ``date`` (first day of the rate), ``amount`` (Decimal), ``currency`` (str),
            ``source`` (str), ``illustrative`` (bool).

        Raises
        ------
        MissingRate
            No type has a rate on this day.
        """
        check_currency(to)
        _check_day(on)
        found = [self._one(money.currency, to, on, kind) for kind in self.rate_types]
        rows = [
            (
                r.rate_type,
                r.published,
                r.pair,
                r.date,
                _converted(money, r).amount,
                to,
                r.source,
                r.illustrative,
            )
            for r in found
            if r is not None
        ]
        if not rows:
            raise MissingRate(self._missing([(money.currency, to, on)], None))
        return pl.DataFrame(rows, schema=_EACH_TYPE, orient="row")

    def convert_column(
        self,
        frame: pl.DataFrame,
        *,
        amount: str,
        currency: str,
        on: str,
        to: str,
        rate_type: str,
        out: str,
    ) -> pl.DataFrame:
        """Add to a table its amounts in one currency, each by the rate of its day.

        Parameters
        ----------
        frame
            The table.
        amount
            Name of the column of amounts (Decimal or integer); a null stays null.
        currency
            Name of the column of their currencies (str).
        on
            Name of the column of days (Date).
        to
            The currency wanted.
        rate_type
            The type of rate.
        out
            Name of the column added: Decimal(38, 6), rounded half to even.

        Returns
        -------
        DataFrame
            The same rows in the same order, with ``out``.

        Raises
        ------
        MissingRate
            Rates are missing; every pair and day is listed.
        FigureError
            A row has an amount but no currency or no day, or a currency is unknown.
        """
        check_currency(to)
        asked = frame.select(
            amount=pl.col(amount).cast(AMOUNT), base=pl.col(currency), on=pl.col(on)
        )
        wanted = _wanted(asked, to)
        if not wanted:
            return frame.with_columns(asked["amount"].alias(out))
        self._check_type(rate_type)
        found = self._found(wanted, rate_type)
        missing = [pair for pair in wanted if pair not in found]
        if missing:
            raise MissingRate(self._missing(missing, rate_type))
        factors = {(base, day): rate.factor for (base, _, day), rate in found.items()}
        return frame.with_columns(_at_factors(asked, factors, to).alias(out))

    def _check_asked(self, base: str, quote: str, on: date, rate_type: str) -> None:
        check_currency(base)
        check_currency(quote)
        _check_day(on)
        if base != quote:
            self._check_type(rate_type)

    def _check_type(self, rate_type: str) -> None:
        if rate_type in self.rate_types:
            return
        has = ", ".join(self.rate_types) or "none"
        if not rate_type:
            raise MissingRate(f"A type of rate is needed to convert. The table has: {has}.")
        raise MissingRate(
            f"The table has no rates of type '{rate_type}'. It has: {has}. Write one of these, or "
            "add rates of that type."
        )

    def _one(self, base: str, quote: str, on: date, rate_type: str) -> Rate | None:
        if base == quote:
            one, pair = Decimal(1), f"{base}/{quote}"
            return Rate(base, quote, one, one, pair, on, rate_type, "", False, "", Fraction(1))
        return self._found([(base, quote, on)], rate_type).get((base, quote, on))

    def _found(self, asked: list[_Asked], rate_type: str) -> dict[_Asked, Rate]:
        """Find the rates of many pairs and days at once; pairs without one are left out."""
        requests = pl.DataFrame(
            asked, schema={"base": pl.String, "quote": pl.String, "on": pl.Date}, orient="row"
        )
        rates = self._rates.filter(pl.col("rate_type") == rate_type)
        own = own_rates(requests, rates)
        found = {
            (base, quote, on): self._rate(base, quote, legs)
            for base, quote, on, *legs in own.iter_rows()
        }
        rest = requests.join(own, on=["base", "quote", "on"], how="anti")
        if not rest.is_empty():
            for base, quote, on, *legs in chained_rates(rest, rates).iter_rows():
                found[base, quote, on] = self._rate(base, quote, legs)
        return found

    def _rate(self, base: str, quote: str, legs: list[Any]) -> Rate:
        """Make a rate of the rows it goes over, each followed by whether it is turned round."""
        rows = [self._records[row] for row in legs[::2]]
        factor, path = Fraction(1), []
        for row, inverse in zip(rows, legs[1::2], strict=True):
            rate = Fraction(row["rate"])
            factor *= 1 / rate if inverse else rate
            path.append(f"{'1 ÷ ' if inverse else ''}{row['base']}/{row['quote']}")
        sources = dict.fromkeys(row["source"] for row in rows if row["source"])
        published, pair = _as_published(base, quote, rows, factor)
        return Rate(
            base,
            quote,
            as_decimal(factor),
            published,
            pair,
            max(row["date"] for row in rows),
            rows[0]["rate_type"],
            "; ".join(sources),
            any(row["illustrative"] for row in rows),
            " × ".join(path),
            factor,
        )

    @cached_property
    def _records(self) -> list[dict[str, Any]]:
        return self._rates.to_dicts()

    def _missing(self, asked: list[_Asked], rate_type: str | None) -> str:
        kind = f"'{rate_type}' rate" if rate_type else "rate of any type"
        lines = [f"There is no {kind} {_told(asked)}."]
        pairs = {frozenset(pair[:2]) for pair in asked}
        lines += [self._spans_kept(*sorted(pair)) for pair in sorted(pairs, key=sorted)]
        others = [
            other
            for other in self.rate_types
            if other != rate_type and len(asked) == 1 and self._found(asked, other)
        ]
        step = "Add the missing rates to the table rates, with date, type and source"
        if others:
            step += f", or ask for the type {' or '.join(others)}, which has one on this day"
        return " ".join([*lines, step + "."])

    def _spans_kept(self, a: str, b: str) -> str:
        pair = self._rates.filter(
            ((pl.col("base") == a) & (pl.col("quote") == b))
            | ((pl.col("base") == b) & (pl.col("quote") == a))
        )
        if pair.is_empty():
            return f"The table has no rate between {a} and {b}."
        spans = pair.group_by("rate_type").agg(pl.col("date").min(), pl.col("last").max())
        kept = "; ".join(
            f"{kind} from {first} to {last}" for kind, first, last in spans.sort("rate_type").rows()
        )
        return f"Between {a} and {b} the table has: {kept}."


_EACH_TYPE = {
    "rate_type": pl.String(),
    "rate": RATE,
    "pair": pl.String(),
    "date": pl.Date(),
    "amount": AMOUNT,
    "currency": pl.String(),
    "source": pl.String(),
    "illustrative": pl.Boolean(),
}


def _as_published(
    base: str, quote: str, rows: list[dict[str, Any]], factor: Fraction
) -> tuple[Decimal, str]:
    """Give a rate the way it was published, a chain the way in which it is not below one."""
    if len(rows) == 1:
        return rows[0]["rate"].normalize() + 0, f"{rows[0]['base']}/{rows[0]['quote']}"
    if factor >= 1:
        return as_decimal(factor), f"{base}/{quote}"
    return as_decimal(1 / factor), f"{quote}/{base}"


def _converted(money: Money, rate: Rate) -> Money:
    if rate.base == rate.quote:
        return money
    return Money(times(money.amount, rate.factor), rate.quote)


def _wanted(asked: pl.DataFrame, to: str) -> list[_Asked]:
    """Give the pairs and days for which a rate is needed; refuse amounts without either."""
    if asked["amount"].null_count() == asked.height or asked["base"].eq_missing(to).all():
        return []
    needed = asked.filter(pl.col("amount").is_not_null())
    bare = needed.filter(
        pl.col("base").is_null() | (pl.col("on").is_null() & (pl.col("base") != to))
    )
    if not bare.is_empty():
        raise FigureError(
            f"{bare.height} of {asked.height} rows have an amount but no currency or no day, so "
            "they cannot be converted. Fill both in."
        )
    pairs = needed.filter(pl.col("base") != to).select("base", "on").unique().sort("base", "on")
    for code in pairs["base"].unique().sort():
        check_currency(code)
    return [(base, to, day) for base, day in pairs.iter_rows()]


def _at_factors(
    asked: pl.DataFrame, factors: dict[tuple[str, date], Fraction], to: str
) -> pl.Series:
    """Give each amount times the factor of its currency and day."""
    keys = pl.DataFrame(
        [(base, on, place) for place, (base, on) in enumerate(factors, start=1)],
        schema={"base": pl.String, "on": pl.Date, "place": pl.UInt32},
        orient="row",
    )
    place = (
        asked.join(keys, on=["base", "on"], how="left", maintain_order="left")
        .select(pl.when(pl.col("base") == to).then(0).otherwise("place").cast(pl.UInt32))
        .to_series()
    )
    return column_times(asked["amount"], [Fraction(1), *factors.values()], place)


def _check_day(on: date) -> None:
    if not isinstance(on, date):
        raise MissingRate("A conversion needs a day. Give the day whose rate is to be used.")


def _told(asked: list[_Asked]) -> str:
    """Name pairs and days, days in a row as one span."""
    days: dict[tuple[str, str], list[date]] = {}
    for base, quote, on in asked:
        days.setdefault((base, quote), []).append(on)
    return "; ".join(
        f"from {base} to {quote} on {', '.join(_spans(on))}"
        for (base, quote), on in sorted(days.items())
    )


def _spans(days: list[date]) -> list[str]:
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day == spans[-1][-1] + timedelta(days=1):
            spans[-1] = [spans[-1][0], day]
        else:
            spans.append([day])
    return [" to ".join(day.isoformat() for day in span) for span in spans]
