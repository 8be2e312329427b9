"""Cells of each type of column: text in, typed values and faults out."""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from onshore.codes import (
    CodeList,
    UnknownCode,
    countries,
    currencies,
    fold,
    hs,
    isic,
    places,
    units,
)
from onshore.figures import Basis, Period, Status
from onshore.records.date_cells import read_date
from onshore.records.number_cells import NumberReader
from onshore.records.schemas import Column, choice_spellings
from onshore.records.verdicts import ByText, Cells, Unreadable, faults_of, scattered

# A reader of workbooks puts these in the place of cells that hold no value of their own.
MERGED = "\ue000merged"
NOT_CALCULATED = "\ue000not calculated"

_VOID = (
    r"^(?:#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)"
    f"|{MERGED}|{NOT_CALCULATED})$"
)
_KEY_SPELLING = {
    **{digit: str(i) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for i, digit in enumerate(row)},
    "ي": "ی",
    "ك": "ک",
    **dict.fromkeys(("\u200b", "\u200e", "\u200f", "\u2066", "\u2067", "\u2069", "\ufeff"), ""),
}


@dataclass(frozen=True)
class Known:
    """What a programme knows that its cells may name.

    ``home`` is its country, where places are looked for first; ``places`` are the keys of its
    own places.
    """

    home: str | None = None
    places: frozenset[str] = field(default_factory=frozenset)


class Reader(Protocol):
    """Reads a column's cells, some at a time."""

    def read(self, texts: pl.Series) -> Cells:
        """Read some cells of the column."""


def reader_of(column: Column, known: Known, *, comma_seen: bool = False) -> Reader:
    """Give the reader of a column.

    Parameters
    ----------
    column
        The column.
    known
        What the programme's cells may name.
    comma_seen
        Whether a cell of the column is known to have a decimal comma; see `NumberReader`.
    """
    if column.type in ("number", "money", "signed", "share", "whole"):
        return Guarded(NumberReader(column, comma_seen=comma_seen))
    if column.type in ("key", "ref"):
        return Guarded(KeyReader())
    if column.type == "text":
        return Guarded(TextReader())
    return Guarded(ByText(_judge(column, known), column.dtype))


class Guarded:
    """A reader that refuses cells a workbook could not give a value of."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def read(self, texts: pl.Series) -> Cells:
        """Read some cells of the column."""
        marked = texts.str.starts_with("#") | texts.str.starts_with("\ue000")
        if not marked.any():
            return self.reader.read(texts)
        void = marked & texts.str.contains(_VOID)
        void = void.fill_null(value=False)
        cells = self.reader.read(scattered(texts, void.arg_true()))
        bad = texts.filter(void).unique().to_list()
        faults = faults_of(texts, bad, {text: _why_void(text) for text in bad})
        shown = pl.col("found").str.replace("^\ue000.*", "")
        return Cells(cells.values, pl.concat([cells.faults, faults.with_columns(shown)]))


def _why_void(text: str) -> tuple[str, str]:
    if text == MERGED:
        return (
            "the cell is merged with another, which alone holds the value.",
            "unmerge the cells and write the value in each row it holds for.",
        )
    if text == NOT_CALCULATED:
        return (
            "the cell holds a formula whose result was not saved.",
            "open the workbook in a spreadsheet program and save it, or write the value.",
        )
    return "the cell holds a spreadsheet's error.", "mend its formula or write the value."


class TextReader:
    """Reads texts: white space around them is dropped, and empty ones are null."""

    def read(self, texts: pl.Series) -> Cells:
        """Read some cells of the column."""
        bare = texts.str.strip_chars()
        values = pl.select(pl.when(bare != "").then(bare).alias(texts.name)).to_series()
        return Cells(values, faults_of(texts, [], {}))


class KeyReader(TextReader):
    """Reads keys and references: as texts, with one spelling of digits, ی and ک."""

    def read(self, texts: pl.Series) -> Cells:
        """Read some cells of the column."""
        if (texts.str.len_bytes() != texts.str.len_chars()).any():
            texts = texts.str.replace_many(_KEY_SPELLING)
        return super().read(texts)


def key_spelling(text: str) -> str:
    """Spell a key as `KeyReader` does."""
    for written, plain in _KEY_SPELLING.items():
        text = text.replace(written, plain)
    return text.strip()


def _judge(column: Column, known: Known) -> Callable[[str], object]:
    match column.type:
        case "date":
            return read_date
        case "period":
            return lambda text: str(Period.parse(text))
        case "basis":
            return lambda text: Basis.parse(text).value
        case "status":
            return lambda text: Status.parse(text).value
        case "bool":
            return _yes_or_no
        case "list":
            return lambda text: ";".join(_parts(text))
        case "refs":
            return lambda text: ";".join(key_spelling(part) for part in _parts(text))
        case "choice":
            return _choice(column)
        case "place":
            return _place(known)
        case "hs":
            return _goods_code
        case "currency":
            return _currency
    return _code(_CODE_LISTS[column.type])


_CODE_LISTS: dict[str, CodeList] = {
    "unit": units,
    "country": countries,
    "isic": isic,
}


def _currency(text: str) -> str:
    code = currencies.find(text).code
    if code in ("XXX", "XTS"):
        raise Unreadable(
            f"{code} stands for no currency.", "write the code of the currency, such as EUR."
        )
    return code


def _code(codes: CodeList) -> Callable[[str], str]:
    return lambda text: codes.find(text).code


def _goods_code(text: str) -> str:
    code = hs.find(text).code
    if not code.isdigit():
        raise Unreadable("the cell names a section of the HS.", "write the six digits of the good.")
    return code


def _place(known: Known) -> Callable[[str], str]:
    def judge(text: str) -> str:
        key = key_spelling(text)
        if key in known.places:
            return key
        if re.search(r"\d", key):
            # A key or code; what names of places it resembles says nothing.
            return places.get(key.upper()).code
        try:
            return places.find(text, known.home).code
        except UnknownCode:
            pass
        try:
            return countries.find(text).code
        except UnknownCode:
            return places.find(text).code

    return judge


def _choice(column: Column) -> Callable[[str], str]:
    spellings = {_loose(text): value for text, value in choice_spellings(column.choices).items()}

    def judge(text: str) -> str:
        if (key := _loose(text)) in spellings:
            return spellings[key]
        near = difflib.get_close_matches(key, spellings, n=1)
        hint = f"write {spellings[near[0]]}, or " if near else "write "
        raise Unreadable(
            "the value is not one of the column's.", f"{hint}one of: {', '.join(column.choices)}."
        )

    return judge


def _loose(text: str) -> str:
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


_YES = frozenset(("yes", "y", "true", "t", "1", "بله", "بلی", "آری", "دارد", "درست"))
_NO = frozenset(("no", "n", "false", "f", "0", "خیر", "نه", "ندارد", "نادرست"))


def _yes_or_no(text: str) -> bool:
    word = text.lower().translate(str.maketrans("۰۱٠١", "0101"))
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable("the value is neither yes nor no.", "write yes or no (بله or خیر).")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split("[;؛\n]", text) if part.strip()]
