"""The results in one language: texts, names, amounts and periods as they are shown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import polars as pl

from onshore.codes import UnknownCode, countries, currencies, places, units
from onshore.figures import FigureError, Money, Period, shown
from onshore.report.reasons import reason_in
from onshore.report.results import Results
from onshore.report.words import Locale, Words

Figure = Decimal | float | int

# What a line says, where its first letter is Persian.
_SAID_IN_PERSIAN = re.compile("\u2068[^A-Za-z\u0370-\u052f\u2069]*[\u0620-\u06d3][^\u2069]*\u2069")
_PERSIAN_LETTERS = str.maketrans("\u064a\u0643", "\u06cc\u06a9")

# Each scale with its power of ten, and the power from which amounts are told in it.
_SCALES: tuple[tuple[shown.Scale, int, int], ...] = (
    ("trillion", 12, 13),
    ("billion", 9, 10),
    ("million", 6, 6),
    ("thousand", 3, 4),
)


@dataclass(frozen=True)
class Unit:
    """The unit of a column of money: what one of it is, how it is called, places shown.

    ``name`` is the scale and the currency, ``scale`` the scale alone, for columns that hold
    several currencies.
    """

    size: Decimal
    name: str
    scale: str
    decimals: int

    def of(self, *columns: str) -> pl.Expr:
        """Express columns of amounts in this unit."""
        return pl.col(*columns).cast(pl.Float64) / float(self.size)


class Edition:
    """Results and language together; what the sections of a bulletin are written with.

    Parameters
    ----------
    results
        What the run found.
    locale
        ``en`` or ``fa``.
    """

    def __init__(self, results: Results, locale: Locale) -> None:
        self.results = results
        self.locale: Locale = locale
        self.words = Words(locale)
        self.say = self.words.say
        self.name = self.words.name
        self.settings = results.programme.settings
        self.table = results.programme.table

    @property
    def rtl(self) -> bool:
        """Whether the language reads from right to left."""
        return self.locale == "fa"

    def count(self, key: str, how_many: int, **values: object) -> str:
        """Return the text for one or for several, with ``number`` filled in."""
        return self.words.count(key, how_many, number=self.number(how_many), **values)

    # Numbers

    def number(self, value: Figure, decimals: int | None = 0) -> str:
        """Write a number."""
        return shown.number(value, self.locale, decimals)

    def percent(self, fraction: Figure, decimals: int = 0) -> str:
        """Write a fraction in percent."""
        return shown.percent(fraction, self.locale, decimals)

    def signed_percent(self, fraction: Figure, decimals: int = 0) -> str:
        """Write a change, a fraction, in percent with its sign."""
        return shown.signed_percent(fraction, self.locale, decimals)

    def year(self, year: int) -> str:
        """Write a year of the programme's calendar."""
        return shown.digits(str(year), self.locale)

    def listed(self, parts: Iterable[str]) -> str:
        """Join names with the language's comma."""
        return ("، " if self.rtl else ", ").join(parts)

    def both(self, parts: Sequence[str]) -> str:
        """Join the parts of a sentence, the last two by "and"."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("word.both", first=self.listed(parts[:-1]), last=parts[-1])

    # Money

    def amount(self, value: Figure, currency: str | None = None) -> str:
        """Write an amount in words a reader takes in at once, to three figures or so."""
        money = Money(Decimal(str(value)), currency or self.settings.currency)
        size = abs(money.amount)
        for scale, power, least in _SCALES:
            if scale != "thousand" and size >= Decimal(10) ** least:
                scaled = round(
                    size / Decimal(10) ** power, 2 if size < Decimal(10) ** (power + 1) else 1
                )
                decimals = next(places for places in range(3) if round(scaled, places) == scaled)
                return shown.money(money, self.locale, decimals, scale)
        return shown.money(money, self.locale)

    def unit(self, values: Iterable[Figure | None], currency: str | None = None) -> Unit:
        """Choose the unit in which a column of amounts is read most easily."""
        largest = max((abs(float(value)) for value in values if value is not None), default=0.0)
        called = self.currency(currency or self.settings.currency)
        # A scale is left for the next at ten thousand of it: 1,045 million is not 1.045 billion.
        for scale, power, least in _SCALES:
            if largest >= 10.0**least:
                ratio = largest / 10.0**power
                decimals = 0 if ratio >= 1000 else 1 if ratio >= 100 else 2
                name = self.say(f"scale.{scale}", currency=called)
                return Unit(Decimal(10) ** power, name, self.say(f"scale_alone.{scale}"), decimals)
        return Unit(Decimal(1), called, "", 0)

    # Names

    def organisation(self, key: str | None) -> str:
        """Name an organisation in the reader's language where it has such a name."""
        if key is None:
            return ""
        return self._named("organisations", "organisation_id").get(key, key)

    def desk(self, key: str) -> str:
        """Name a desk."""
        return self._named("desks", "desk_id").get(key, key)

    def stated(self, row: Mapping[str, Any]) -> str:
        """Give what was stated, in this language where the record has it."""
        own = row["statement_fa"] if self.rtl else row["statement"]
        return self.text(own or row["statement"] or row["statement_fa"] or "")

    def text(self, text: str) -> str:
        """Write a text of the data; the Arabic yeh and kaf of Persian words as Persian ones."""
        return text.translate(_PERSIAN_LETTERS) if self.rtl else text

    def joined(self, text: str) -> str:
        """Write the reasons of a match: what is said in Persian, with the comma of Persian."""
        if not self.rtl:
            return text
        return _SAID_IN_PERSIAN.sub(lambda said: said[0].replace(", ", "، "), self.text(text))

    def reason(self, text: str) -> str:
        """Write why something was left out."""
        return reason_in(self.locale, text)

    def place(self, key: str | None) -> str:
        """Name a place of the programme, or one of ISO 3166-2."""
        if key is None:
            return self.country(self.settings.home)
        if key in self._place_names:
            return self._place_names[key]
        try:
            return places.name(key, self.locale)
        except UnknownCode:
            return key

    def currency(self, code: str) -> str:
        """Name a currency: its code, in Persian its name."""
        return currencies.name(code, "fa") if self.rtl else code

    def currency_kind(self) -> Literal["text", "code"]:
        """Return how a column of currencies is set: names in Persian, codes in English."""
        return "text" if self.rtl else "code"

    def currencies(self, codes: Iterable[str | None]) -> list[str]:
        """Name the currencies of a column."""
        return [self.currency(code) if code else "" for code in codes]

    def country(self, code: str) -> str:
        """Name a country."""
        try:
            return countries.name(code, self.locale)
        except UnknownCode:
            return code

    def measure(self, code: str | None) -> str:
        """Name a unit of measure."""
        if code is None:
            return ""
        try:
            return units.name(code, self.locale)
        except UnknownCode:
            return code

    def province_of(self, key: str | None) -> str | None:
        """Find the province that a place lies in: itself, or the first such place above it."""
        seen: set[str] = set()
        while key is not None and key not in seen:
            seen.add(key)
            kind, parent = self._place_parents.get(key, (None, None))
            if kind == "province" or (kind is None and "-" in key):
                return key
            key = parent
        return None

    # Time

    def day(self, value: date) -> str:
        """Write a date in both calendars."""
        return shown.both_calendars(value, self.locale)

    def period(self, text: str) -> str:
        """Write a period in its own calendar, a range of days in both."""
        return " · ".join(filter(None, (self.period_alone(text), self._range_across(text))))

    def period_alone(self, text: str) -> str:
        """Write a period in one calendar; a range in the one that comes first."""
        try:
            period = Period.parse(text).named()
        except FigureError:
            return text
        if period.kind == "range" and self._solar_first:
            return period.first_and_last_day("solar_hijri", self.locale)
        return period.label(self.locale)

    def _range_across(self, text: str) -> str:
        try:
            kind = Period.parse(text).named().kind
        except FigureError:
            return ""
        return self.period_across(text) if kind == "range" and self._solar_first else ""

    @property
    def _solar_first(self) -> bool:
        return self.rtl or self.settings.calendar == "solar_hijri"

    def the_period(self, period: Period) -> str:
        """Write a period as it stands in a sentence."""
        label = period.label(self.locale)
        return label if self.rtl or period.kind not in {"half", "quarter"} else f"the {label}"

    def short_period(self, period: Period) -> str:
        """Write a period where there is little room."""
        if self.rtl or period.kind not in {"half", "quarter"}:
            return period.label(self.locale)
        return str(period).replace("-", " ")

    def period_across(self, text: str) -> str:
        """Write the same days in the calendar that does not come first."""
        try:
            period = Period.parse(text).named()
        except FigureError:
            return ""
        if period.calendar == "solar_hijri" or (period.kind == "range" and self._solar_first):
            return period.first_and_last_day("gregorian", self.locale)
        return period.first_and_last_day("solar_hijri", self.locale)

    # Rows

    @cached_property
    def needs(self) -> pl.DataFrame:
        """Needs with their item's class, sector and unit where the need does not give them."""
        items = self.table("items").select(
            "item_id",
            pl.col("class").alias("item_class"),
            pl.col("sector").alias("item_sector"),
            pl.col("unit").alias("item_unit"),
        )
        return (
            self.table("needs")
            .join(items, on="item_id", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("class", "item_class").alias("class"),
                pl.coalesce("sector", "item_sector").alias("sector"),
                pl.coalesce("unit", "item_unit").alias("unit"),
                (pl.col("access") == "confidential").fill_null(value=False).alias("withheld"),
            )
            .drop("item_class", "item_sector", "item_unit")
        )

    @cached_property
    def buyers_abroad(self) -> frozenset[str]:
        """Organisations of another country than the home one; without a country, none is."""
        abroad = self.table("organisations").filter(pl.col("country") != self.settings.home)
        return frozenset(abroad["organisation_id"])

    @cached_property
    def makers(self) -> pl.DataFrame:
        """Organisations with the ``province`` they stand in."""
        return self.table("organisations").select(
            pl.col("organisation_id").alias("maker_id"),
            pl.col("place")
            .map_elements(self.province_of, return_dtype=pl.String)
            .alias("province"),
        )

    def _named(self, table: str, key: str) -> dict[str, str]:
        frame = self.table(table)
        name = pl.coalesce("name_fa", "name") if self.rtl else pl.col("name")
        return dict(frame.select(pl.col(key), name.alias("shown")).iter_rows())

    @cached_property
    def _place_names(self) -> dict[str, str]:
        return self._named("places", "place_id")

    @cached_property
    def _place_parents(self) -> dict[str, tuple[Any, Any]]:
        rows = self.table("places").select("place_id", "kind", "parent").iter_rows()
        return {key: (kind, parent) for key, kind, parent in rows}
