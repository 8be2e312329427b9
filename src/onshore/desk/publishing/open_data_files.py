"""Data sets as files: CSV, JSON, XLSX, each with what its columns mean and how it may be used."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import polars as pl
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import override

from onshore.desk.publishing.open_data import DataSet, Field, changed, licence, publisher
from onshore.desk.publishing.published_figures import SECONDS
from onshore.records import csv_bytes

_XSD: Final = {
    "text": "string",
    "number": "decimal",
    "whole": "integer",
    "share": "double",
    "day": "date",
    "yes or no": "boolean",
}
_XLSX_ROWS: Final = 1_000_000


@dataclass(frozen=True)
class Made:
    """A file that was made: its bytes, what sort they are, when its contents changed last."""

    content: bytes
    media: str
    changed: datetime

    @property
    def etag(self) -> str:
        """Name of exactly these bytes."""
        return f'"{sha256(self.content).hexdigest()[:32]}"'


def made_once(name: str, make: Callable[[], tuple[bytes, str]], *, state: str = "") -> Made:
    """Make a file, or give the one that was made within the last `SECONDS`.

    Parameters
    ----------
    state
        Another one makes it anew at once, so that nothing stays that was taken back.
    """

    def made() -> Made:
        content, media = make()
        return Made(content, media, changed())

    key = sha256(f"{name} {state}".encode()).hexdigest()
    return cache.get_or_set(f"open-data-{key}", made, SECONDS)


def answer(request: HttpRequest, file: Made, *, name: str = "", about: str = "") -> HttpResponse:
    """Answer with a file, or with 304 to who has it already.

    Parameters
    ----------
    name
        The name to save it under; without one it is shown.
    about
        Address of the page that says what it holds.
    """
    response = HttpResponse(file.content, content_type=file.media)
    modified = int(file.changed.timestamp())
    links = [f'<{licence()}>; rel="license"', *([f'<{about}>; rel="describedby"'] if about else [])]
    response["ETag"] = file.etag
    response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = f"public, max-age={SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Link"] = ", ".join(links)
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    told = get_conditional_response(request, file.etag, modified, response)
    return response if told is None else told


def csv_of(data: DataSet) -> tuple[bytes, str]:
    """Write a data set as CSV: UTF-8, comma, every digit."""
    return csv_bytes(data.frame()), "text/csv; charset=utf-8; header=present"


def json_of(data: DataSet) -> tuple[bytes, str]:
    """Write a data set as JSON, with its dictionary, licence and date."""
    rows = [
        {name: _plain(value) for name, value in row.items()}
        for row in data.frame().iter_rows(named=True)
    ]
    return as_json({**described(data), "rows": rows})


def as_json(told: Any) -> tuple[bytes, str]:
    """Write plain values as JSON."""
    return json.dumps(told, ensure_ascii=False).encode(), "application/json"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, date) else value


def described(data: DataSet) -> dict[str, Any]:
    """Say what a data set is, in both languages: titles, columns, licence, date."""
    fields = [
        {
            "name": field.name,
            "kind": field.kind,
            "meaning": both(field.meaning),
        }
        for field in data.fields
    ]
    return {
        "name": data.name,
        "title": both(data.title),
        "about": both(data.about),
        "publisher": publisher(),
        "licence": licence(),
        "changed": changed().astimezone(UTC).date().isoformat(),
        "fields": fields,
    }


def both(text: Any) -> dict[str, str]:
    """Give a text of the desk in both languages."""
    told = {}
    for locale in ("en", "fa"):
        with override(locale):
            told[locale] = str(text)
    return told


def csvw_of(data: DataSet, url: str) -> tuple[bytes, str]:
    """Describe a data set's CSV as the W3C's metadata for tables (CSVW).

    Parameters
    ----------
    url
        Address of the CSV file.
    """
    told = described(data)
    columns = [
        {
            "name": field.name,
            "titles": field.name,
            "datatype": _XSD[field.kind],
            "dc:description": _in_languages(field.meaning),
        }
        for field in data.fields
    ]
    metadata = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:title": _in_languages(data.title),
        "dc:description": _in_languages(data.about),
        "dc:publisher": told["publisher"],
        "dc:license": {"@id": told["licence"]},
        "dc:modified": {"@value": told["changed"], "@type": "xsd:date"},
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": {"columns": columns},
    }
    return json.dumps(metadata, ensure_ascii=False).encode(), "application/csvm+json"


def _in_languages(text: Any) -> list[dict[str, str]]:
    return [{"@value": told, "@language": locale} for locale, told in both(text).items()]


def xlsx_of(data: DataSet) -> tuple[bytes, str]:
    """Write a data set as a workbook: the rows, the dictionary, licence and date."""
    from xlsxwriter import Workbook

    target = BytesIO()
    # No text becomes a formula, a link or a number; the day made is the day of the change.
    inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(target, {"in_memory": True, **inert})
    told = described(data)
    book.set_properties({"title": told["title"]["en"], "created": changed().replace(tzinfo=None)})
    _sheet(book, data.name, data.frame().head(_XLSX_ROWS), data.fields)
    dictionary = pl.DataFrame(
        [(f["name"], f["kind"], f["meaning"]["en"], f["meaning"]["fa"]) for f in told["fields"]],
        schema=["column", "kind", "meaning", "meaning_fa"],
        orient="row",
    )
    _sheet(book, "dictionary", dictionary)
    facts = [
        ("title", told["title"]["en"]),
        ("title_fa", told["title"]["fa"]),
        ("about", told["about"]["en"]),
        ("about_fa", told["about"]["fa"]),
        *((name, told[name]) for name in ("publisher", "licence", "changed")),
    ]
    _sheet(book, "about", pl.DataFrame(facts, schema=["fact", "told"], orient="row"))
    book.close()
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return target.getvalue(), media


def _sheet(book: Any, name: str, frame: pl.DataFrame, fields: tuple[Field, ...] = ()) -> None:
    sheet = book.add_worksheet(name)
    head, days = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    kinds = {field.name: field.kind for field in fields}
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(frame.columns):
        sheet.write_string(0, at, column, head)
        sheet.set_column(at, at, 16 if fields else 28)
        for row, value in enumerate(frame[column], start=1):
            if value is None:
                continue
            if kinds.get(column) == "day":
                sheet.write_datetime(row, at, value, days)
            elif isinstance(value, bool):
                sheet.write_boolean(row, at, value)
            elif isinstance(value, Decimal | int | float):
                sheet.write_number(row, at, float(value))
            else:
                sheet.write_string(row, at, str(value)[:32_767])


FORMS: Final = {"csv": csv_of, "json": json_of, "xlsx": xlsx_of}
"""The forms that each data set comes in."""
