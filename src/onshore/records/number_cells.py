"""Number cells: plain ones all at once, the ways people write numbers after that."""

import re
from decimal import Decimal

import polars as pl

from onshore.codes import units
from onshore.figures import FigureError, Money, Quantity, parse_number
from onshore.records.schemas import NUMBER, Column
from onshore.records.verdicts import Cells, Unreadable, faults_of, scattered, why

_PLAIN = {
    **{digit: str(i) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for i, digit in enumerate(row)},
    "٫": ".",
    "٬": ",",
    "،": ",",
    "\u2212": "-",
    **dict.fromkeys(("\u200b", "\u200c", "\u200e", "\u200f", "\u2066", "\u2069", "\ufeff"), ""),
    **dict.fromkeys(("\u00a0", "\u2007", "\u2009", "\u202f"), " "),
}
_GROUPED = r"^[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:[ ']\d{3})+)(?:\.\d+)?$"
_DECIMAL_COMMA = r"^[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,}|(?: \d{3})+,\d+)$"
_EITHER_MARK = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
_HAS_WORD = re.compile(r"[-+]?\d[\d.,' ]*[^\d\s.,'/+-].*|[^\d\s.,+-]+\s*[-+]?\d[\d.,' ]*")


class NumberReader:
    """Reads a column of numbers.

    Parameters
    ----------
    column
        The column. ``number`` and ``money`` refuse what is negative, ``share`` what is outside
        0 to 1, ``whole`` what is negative or has decimals.
    comma_seen
        Whether some cell of the column has a decimal comma (``1.234,56``): then ``1.234`` and
        ``1,234`` are refused, for either mark may be the decimal one.
    """

    def __init__(self, column: Column, *, comma_seen: bool = False) -> None:
        self.column = column
        self.comma_seen = comma_seen
        self.finds_comma = False
        self.rounded = 0

    def read(self, texts: pl.Series) -> Cells:
        """Read some cells of the column."""
        values = texts.cast(NUMBER, strict=False)
        unread = (values.is_null() & texts.is_not_null()).arg_true()
        verdicts: dict[str, tuple[str, str]] = {}
        if unread.len():
            read, verdicts = self._read_written(texts.gather(unread))
            values = values.scatter(unread, read)
        self.rounded += _beyond_six_decimals(texts)
        out = self._outside(values)
        if out.any():
            for text, value in zip(texts.filter(out), values.filter(out), strict=True):
                verdicts[text] = self._why_outside(value)
        if self.comma_seen:
            self._refuse_either_mark(texts, verdicts)
        faults = faults_of(texts, list(verdicts), verdicts)
        return Cells(
            scattered(values, faults["index"]).cast(self.column.dtype).alias(texts.name), faults
        )

    def _read_written(self, texts: pl.Series) -> tuple[pl.Series, dict[str, tuple[str, str]]]:
        """Read cells that are not plain numbers; give what is wrong with each that cannot be."""
        share = self.column.type == "share"
        read = (
            texts.alias("text")
            .to_frame()
            .with_columns(plain=pl.col("text").str.replace_many(_PLAIN).str.strip_chars())
            .with_columns(percent=pl.col("plain").str.contains("[%٪]") & share)
            .with_columns(bare=_without_percent(share=share))
            .with_columns(comma=pl.col("bare").str.contains(_DECIMAL_COMMA))
            .with_columns(value=_without_groups("bare").cast(NUMBER, strict=False))
            .with_columns(
                pl.when("percent")
                .then((pl.col("value") / 100).cast(NUMBER))
                .otherwise("value")
                .alias("value")
            )
        )
        self.finds_comma |= bool(read["comma"].any())
        unread = read.filter(pl.col("value").is_null() & (pl.col("plain") != ""))
        bad = unread["text"].unique().to_list()
        return read["value"], {text: self._why_unreadable(text) for text in bad}

    def _outside(self, values: pl.Series) -> pl.Series:
        kind = self.column.type
        if kind == "signed":
            return pl.repeat(False, len(values), eager=True)
        out = values < 0
        if kind == "share":
            out = out | (values > 1)
        if kind == "whole":
            out = out | (values != values.round(0)) | (values > 2**62)
        return out.fill_null(value=False)

    def _why_outside(self, value: Decimal) -> tuple[str, str]:
        kind, told = self.column.type, format(value.normalize(), "f")
        if value < 0:
            return "the number is negative.", f"write {told[1:]}, or leave the cell empty."
        if kind == "share" and value <= 100:
            share = format((value / 100).normalize(), "f")
            return "a share lies between 0 and 1.", f"write {told}% or {share} if that is meant."
        if kind == "share":
            return "a share lies between 0 and 1.", "write it such as 35% or 0.35."
        if value > 2**62:
            return "the number is too large.", "check its digits."
        return "the number is not whole.", "write a whole number."

    def _why_unreadable(self, text: str) -> tuple[str, str]:
        try:
            return why(explain(text, self.column))
        except FigureError as error:
            return why(error)

    def _refuse_either_mark(self, texts: pl.Series, verdicts: dict[str, tuple[str, str]]) -> None:
        plain = texts.str.replace_many(_PLAIN)
        for text in texts.filter(plain.str.contains(_EITHER_MARK)).unique():
            bare = re.sub("[.,]", "", text)
            verdicts[text] = (
                "the mark may be a decimal mark or one of thousands: "
                "other cells of the column have a decimal comma.",
                f"write {bare} or {bare[:-3]}.{bare[-3:]}.",
            )


def explain(text: str, column: Column) -> Unreadable:
    """Tell why a text is not a number of a column, and what to write instead.

    Raises
    ------
    FigureError
        The text has no unit or currency in it and is not a number either.
    """
    plain = text
    for mark, latin in _PLAIN.items():
        plain = plain.replace(mark, latin)
    plain = plain.strip()
    if plain in ("-", "--", "n/a", "N/A", "na", "NA", "nil", "null", "none", "None", "—", "–", "?"):
        return Unreadable("the cell says that there is no value.", "leave the cell empty.")
    if plain.startswith("#"):
        return Unreadable("the cell holds a spreadsheet's error.", "mend its formula.")
    if re.fullmatch(r"\(\s*\d[\d.,' ]*\)", plain):
        bare = plain.strip("() ")
        return Unreadable(
            "brackets around a number may mean that it is negative.",
            f"write {bare}, or -{bare} where the column takes it.",
        )
    if re.fullmatch(r"[+-]?\d{33,}(\.\d*)?", plain):
        return Unreadable("the number is too large.", "check its digits.")
    if re.fullmatch(r"[+-]?0,\d+", plain):
        return Unreadable(
            "the comma may be a decimal mark or one of thousands.",
            f"write {plain.replace(',', '.')} if it is the decimal mark.",
        )
    if _HAS_WORD.fullmatch(plain):
        return _number_with_word(text, column)
    parse_number(text)
    return Unreadable("the number cannot be read.", "write it plainly, such as 1200.5.")


def _number_with_word(text: str, column: Column) -> Unreadable:
    alone = f", in {column.unit}." if column.unit in _FIXED_UNITS else "."
    if re.search("[%٪]", text):
        return Unreadable("the column does not hold shares.", "write the number without %.")
    try:
        quantity = Quantity.parse(text)
    except FigureError:
        pass
    else:
        number, unit = f"{quantity.value.normalize():f}", units.get(quantity.unit)
        step = f"write {number} here and {unit.code} ({unit.name}) in the column unit."
        own_unit = column.type == "number" and column.unit not in _FIXED_UNITS
        return Unreadable(
            "the cell holds a quantity and its unit.",
            step if own_unit else f"write the number alone{alone}",
        )
    try:
        money = Money.parse(text)
    except FigureError:
        pass
    else:
        number = f"{money.amount.normalize():f}"
        step = f"write {number} here and {money.currency} in the column of the currency."
        return Unreadable(
            "the cell holds an amount and its currency.",
            step if column.type == "money" else f"write the number alone{alone}",
        )
    try:
        number = f"{Quantity.parse(f'{text} H87').value.normalize():f}"
    except FigureError:
        return Unreadable("the cell holds a number and a text.", f"write the number alone{alone}")
    return Unreadable("the cell holds a number in words.", f"write {number}.")


_FIXED_UNITS = ("months", "degrees", "m", "t", "kt per year")


def _without_percent(*, share: bool) -> pl.Expr:
    plain = pl.col("plain")
    return plain.str.replace(r"^[%٪]\s*|\s*[%٪]$", "") if share else plain


def _without_groups(column: str) -> pl.Expr:
    text = pl.col(column)
    return (
        pl.when(text.str.contains(_GROUPED))
        .then(text.str.replace_all("[, ']", ""))
        .when(text.str.contains(_DECIMAL_COMMA))
        .then(text.str.replace_all("[. ]", "").str.replace(",", "."))
        .otherwise(text)
    )


def _beyond_six_decimals(texts: pl.Series) -> int:
    long = texts.filter(texts.str.len_bytes() > 8)
    return int(long.str.contains(r"[.٫]\d{6,}[1-9]").sum()) if len(long) else 0
