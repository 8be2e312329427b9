"""Records of the database as typed frames, for the rooms that compute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from django.db.models import QuerySet

from onshore.desk.models import RECORDS, ProgrammeSettings
from onshore.figures import FigureError, RateTable
from onshore.records import schema
from onshore.records.schemas import NUMBER


def frame_of(rows: QuerySet) -> pl.DataFrame:
    """Give rows of a record as the frame of its table: all columns of the schema, typed."""
    table = rows.model.table
    cells = list(rows.values_list(*fields_of(table)))
    frame = pl.DataFrame(cells, schema=schema(table).dtypes, orient="row")
    texts = [column.name for column in schema(table) if column.dtype == pl.String()]
    return frame.with_columns(pl.col(texts).replace("", None))


def frame_of_table(table: str) -> pl.DataFrame:
    """Give a whole table of the records."""
    return frame_of(RECORDS[table]._default_manager.all())


def fields_of(table: str) -> list[str]:
    """Give the fields of a table's columns, in their order."""
    by_column = {told.column: told.attname for told in RECORDS[table]._meta.concrete_fields}
    return [by_column[column.name] for column in schema(table)]


@dataclass(frozen=True)
class Reckoning:
    """What the programme reckons in: its currency, its type of rate, and the rates it has."""

    currency: str
    rate_type: str
    rates: RateTable
    table: pl.DataFrame

    def worths(
        self, amounts: Sequence[tuple[Decimal | None, str, date | None]], to: str
    ) -> list[Decimal | None]:
        """Give amounts, each with its currency and day, in another currency; None without a rate.

        See `worth_column`.
        """
        schema: dict[str, Any] = {"amount": NUMBER, "currency": pl.String, "on": pl.Date}
        return self.worth_column(pl.DataFrame(amounts, schema=schema, orient="row"), to).to_list()

    def worth_column(self, frame: pl.DataFrame, to: str) -> pl.Series:
        """Give what amounts are worth in a currency: Decimal(38, 6), null without a rate.

        Takes a frame of amount, currency and day, in that order. A currency without a rate on
        some days is looked up day by day, the others at once.
        """
        frame = frame.rename(dict(zip(frame.columns, ("amount", "currency", "on"), strict=True)))
        frame = frame.with_row_index("at")
        whole = frame.drop_nulls().filter(pl.col("currency") != "")
        found = [whole.filter(currency=to).select("at", worth="amount")]
        others = whole.filter(pl.col("currency") != to)
        parts = [] if others.is_empty() else [self._within_spans(others)]
        while parts:
            part = parts.pop()
            try:
                converted = self.rates.convert_column(
                    part,
                    amount="amount",
                    currency="currency",
                    on="on",
                    to=to,
                    rate_type=self.rate_type,
                    out="worth",
                )
            except FigureError:
                days = part.select("currency", "on").unique(maintain_order=True)
                if days.height > 1:
                    half = days[: days.height // 2]
                    parts += [
                        part.join(half, on=["currency", "on"], how=how) for how in ("semi", "anti")
                    ]
                continue
            found.append(converted.select("at", "worth"))
        told = pl.concat(found)
        return frame.join(told, on="at", how="left", maintain_order="left")["worth"]

    def _within_spans(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Leave out what surely has no rate: days before its currency's first or after its last."""
        ends = pl.coalesce("until", pl.col("date").dt.offset_by("31d"))
        spans = (
            pl.concat(
                self.table.select("date", currency=side, ends=ends) for side in ("base", "quote")
            )
            .group_by("currency")
            .agg(first=pl.col("date").min(), last=pl.col("ends").max())
        )
        known = frame.join(spans, on="currency", how="inner", maintain_order="left")
        return known.filter(pl.col("on").is_between("first", "last")).select(frame.columns)


def programme_settings() -> dict[str, Any]:
    """Give the programme's settings; a currency of EUR and market rates where it has none."""
    row = ProgrammeSettings._default_manager.first()
    return {"currency": "EUR", "rate_type": "market", **(row.settings if row else {})}


def reckoning() -> Reckoning:
    """Give what the programme reckons in, with the rates of the database."""
    settings = programme_settings()
    table = frame_of_table("rates")
    currency, rate_type = settings["currency"], settings["rate_type"]
    own = table.filter(rate_type=rate_type)
    return Reckoning(currency, rate_type, RateTable(table), own)
