"""A bulletin as a workbook: what is written is read back by another library."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import openpyxl
import polars as pl
import pytest
from bulletin_sample import FORMULAS, INERT, Locale, sample
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from onshore.figures import Basis, shown
from onshore.report import Bulletin, Column, Section, Table, to_xlsx

both = pytest.mark.parametrize("locale", ["en", "fa"])


@cache
def xlsx_of(locale: Locale) -> bytes:
    return to_xlsx(sample(locale))


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def one_table(table: Table, locale: Locale = "en") -> Worksheet:
    section = Section("only", "Only", "", "Only", tables=(table,))
    return opened(to_xlsx(Bulletin(locale, "Bulletin", "", (), (), (section,)))).worksheets[1]


def row_of(sheet: Worksheet, text: str) -> int:
    return next(cell.row for row in sheet for cell in row if cell.value == text)


def column_below(sheet: Worksheet, heading: str, rows: int) -> list[Any]:
    head = next(cell for row in sheet for cell in row if cell.value == heading)
    return [sheet.cell(head.row + 1 + n, head.column) for n in range(rows)]


@both
def test_values_come_back_as_they_were(locale: Locale) -> None:
    for section, sheet in zip(
        sample(locale).sections, opened(xlsx_of(locale)).worksheets[1:], strict=True
    ):
        for table in section.tables:
            for column in table.columns:
                heading = f"{column.title} ({column.unit})" if column.unit else column.title
                if column.kind == "date" and locale == "fa":
                    heading = f"{column.title} (میلادی)"
                cells = column_below(sheet, heading, table.frame.height)
                for cell, value in zip(cells, table.frame[column.key], strict=True):
                    assert_equal(cell.value, value, column, locale)


def assert_equal(found: Any, value: Any, column: Column, locale: Locale) -> None:
    if value is None:
        assert found is None
    elif column.kind == "basis":
        assert found == Basis.parse(value).label(locale)
    elif column.kind == "date":
        assert isinstance(found, datetime)
        assert found.date() == value
    elif isinstance(value, int | float | Decimal):
        assert isinstance(found, int | float)
        assert found == pytest.approx(float(value), rel=1e-15)
    else:
        assert found == value


@both
def test_numbers_are_shown_with_their_places_and_shares_in_percent(locale: Locale) -> None:
    columns = (
        Column("a", "A", "money", "EUR", 2),
        Column("s", "S", "share", "", 1),
        Column("p", "P", "percent"),
        Column("y", "Y", "year"),
        Column("d", "D", "date"),
    )
    frame = pl.DataFrame(
        {"a": [-1234.5], "s": [0.125], "p": [12.5], "y": [1403], "d": [date(2024, 3, 20)]}
    )
    sheet = one_table(Table("T", columns, frame), locale)
    days = ["D"] if locale == "en" else ["D (خورشیدی)", "D (میلادی)"]
    heads = ["A (EUR)", "S", "P", "Y", *days]
    row = row_of(sheet, "A (EUR)")
    assert [cell.value for cell in sheet[row]][: len(heads)] == heads
    amount, share, percent, year, *day = sheet[row + 1]
    digits = "[$-3000401]" if locale == "fa" else ""
    assert amount.number_format == f'{digits}#,##0.00;{digits}"−"#,##0.00'
    assert (share.value, percent.value, year.value) == (0.125, 0.125, 1403)
    assert share.number_format.startswith(f"{digits}0.0%;")
    assert percent.number_format.startswith(f"{digits}0%;")
    assert year.number_format.startswith(f"{digits}0;")
    assert day[-1].is_date
    if locale == "fa":
        assert day[0].value == shown.day(date(2024, 3, 20), "fa", "solar_hijri")


@both
def test_no_text_becomes_a_formula_a_link_or_a_number(locale: Locale) -> None:
    book = opened(xlsx_of(locale))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert {*FORMULAS, *INERT} <= texts
    assert all(cell.hyperlink is None for cell in cells)
    with zipfile.ZipFile(io.BytesIO(xlsx_of(locale))) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert "hyperlink" not in name.lower()


@given(
    text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
    | st.sampled_from(["1e5", "007", "true", "=1", "_x0041_", "a\nb", "a\tb", " "])
)
def test_any_text_stays_the_text_it_was(text: str) -> None:
    sheet = one_table(Table("T", (Column("t", "Text of the row"),), pl.DataFrame({"t": [text]})))
    cell = sheet.cell(row_of(sheet, "Text of the row") + 1, 1)
    assert cell.value == text
    assert cell.data_type == "s"


@given(
    names=st.lists(
        st.text(st.sampled_from("Aa[]:*?/\\' نی\U0001f3ed"), max_size=45)
        | st.sampled_from(["History", "About", "about", "", "x" * 40]),
        min_size=1,
        max_size=6,
    )
)
def test_sheet_names_are_what_a_workbook_accepts(names: list[str]) -> None:
    sections = tuple(Section(str(n), "Title", "", name) for n, name in enumerate(names))
    titles = opened(to_xlsx(Bulletin("en", "B", "", (), (), sections))).sheetnames
    assert len(titles) == len(names) + 1
    assert len({title.casefold() for title in titles}) == len(titles)
    for title in titles:
        assert 0 < len(title.encode("utf-16-le")) / 2 <= 31
        assert not set(title) & set("[]:*?/\\")
        assert title.strip("'") == title
        assert title.casefold() != "history"


@both
def test_sheets_are_named_for_the_sections(locale: Locale) -> None:
    names = opened(xlsx_of(locale)).sheetnames
    if locale == "en":
        assert names == ["About", "Savings", "Needs makers none", "needs makers none 2"]
    else:
        assert names[0] == "درباره"
        assert names[1:3] == ["صرفه‌جویی ارزی", "نیازهای بی‌سازنده فهرست"]


@both
def test_first_sheet_says_what_the_bulletin_is(locale: Locale) -> None:
    bulletin = sample(locale)
    about = opened(xlsx_of(locale)).worksheets[0]
    texts = [cell.value for row in about for cell in row if cell.value is not None]
    wanted = [
        bulletin.title,
        bulletin.subtitle,
        *(text for pair in bulletin.imprint for text in pair),
        *bulletin.notices,
        *(h.value for s in bulletin.sections for h in s.headlines),
        *(basis.label(locale) for basis in sorted(Basis, reverse=True)),
        *bulletin.sources,
    ]
    rest = iter(texts)
    for text in wanted:
        assert text in rest, text


@both
def test_a_basis_is_inked_by_how_much_of_it_stands(locale: Locale) -> None:
    about = opened(xlsx_of(locale)).worksheets[0]
    last = {cell.value: cell for row in about for cell in row if cell.value is not None}
    cells = {basis: last[basis.label(locale)] for basis in Basis}
    patterns = {basis: cell.fill.patternType for basis, cell in cells.items()}
    assert (
        patterns[Basis.VERIFIED] == patterns[Basis.ACCEPTED] == patterns[Basis.DELIVERED] == "solid"
    )
    assert {patterns[Basis.CONTRACTED], patterns[Basis.MOU]} <= {"darkUp", "lightUp"}
    assert patterns[Basis.ANNOUNCED] is patterns[Basis.TARGET] is None
    fills = [cells[b].fill.fgColor.rgb for b in (Basis.DELIVERED, Basis.ACCEPTED, Basis.VERIFIED)]
    light = [sum(int(rgb[n : n + 2], 16) for n in (2, 4, 6)) for rgb in fills]
    assert light == sorted(light, reverse=True)
    assert len(set(light)) == 3
    assert all(cell.border.left.style for cell in cells.values())


@both
def test_sheets_run_in_the_direction_of_the_language_and_print_on_a_width(locale: Locale) -> None:
    for sheet in opened(xlsx_of(locale)):
        assert bool(sheet.sheet_view.rightToLeft) == (locale == "fa")
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
            None,
            0,
        )  # 1 by default
        foot = sheet.oddFooter.right if locale == "fa" else sheet.oddFooter.left
        assert sample(locale).notices[0] in foot.text


def test_heading_of_a_single_table_stays_in_sight_and_on_every_page() -> None:
    sheet = opened(xlsx_of("en")).worksheets[1]
    head = row_of(sheet, "Claims")
    assert sheet.freeze_panes == f"A{head + 1}"
    assert sheet.print_title_rows == f"${head}:${head}"
    assert sheet.auto_filter.ref == f"A{head}:F{head + 7}"  # without the total


def test_total_is_ruled_and_bold() -> None:
    sheet = opened(xlsx_of("en")).worksheets[1]
    last = sheet.cell(row_of(sheet, "Claims") + 8, 2)
    assert last.value == 71
    assert last.font.bold
    assert last.border.top.style == "thin"


def test_a_workbook_holds_every_row_whatever_a_page_shows() -> None:
    frame = pl.DataFrame({"n": range(50)})
    sheet = one_table(Table("Rows", (Column("n", "Number", "whole"),), frame, shown=5))
    assert [cell.value for cell in column_below(sheet, "Number", 50)] == list(range(50))


def test_not_a_number_is_an_empty_cell() -> None:
    frame = pl.DataFrame({"n": [float("nan"), float("inf"), 1.5]})
    sheet = one_table(Table("Rows", (Column("n", "Number", "number"),), frame))
    assert [cell.value for cell in column_below(sheet, "Number", 3)] == [None, None, 1.5]


def test_text_longer_than_a_cell_is_shortened_in_sight() -> None:
    frame = pl.DataFrame({"t": ["x" * 40_000]})
    sheet = one_table(Table("Rows", (Column("t", "Text"),), frame))
    found = column_below(sheet, "Text", 1)[0].value
    assert len(found) == 32_767
    assert found.endswith("…")


def test_the_same_bulletin_gives_the_same_bytes() -> None:
    assert to_xlsx(sample("fa")) == xlsx_of("fa")
    at = datetime(2024, 3, 20, 12, tzinfo=UTC)
    dated = to_xlsx(sample("en"), created=at)
    assert dated == to_xlsx(sample("en"), created=at)
    assert opened(dated).properties.created == at.replace(tzinfo=None)


@both
def test_a_bulletin_without_anything_in_it_is_written(locale: Locale) -> None:
    empty = Table("Empty", (Column("a", "A", "number", "kg", 1),), pl.DataFrame({"a": []}))
    bare = Table("Bare", (), pl.DataFrame())
    sections = (Section("1", "", "", ""), Section("2", "Two", "", "Two", tables=(empty, bare)))
    bulletin = Bulletin(locale, "", "", (), (), sections)
    assert len(opened(to_xlsx(bulletin)).worksheets) == 3
    assert len(opened(to_xlsx(replace(bulletin, sections=()))).worksheets) == 1


def test_years_are_numbers_also_above_a_total() -> None:
    frame = pl.DataFrame({"year": ["1404", "1405", "Total"], "n": [1, 2, 3]})
    columns = (Column("year", "Year", "year"), Column("n", "N", "whole"))
    sheet = one_table(Table("Years", columns, frame, total=True))
    assert [cell.value for cell in column_below(sheet, "Year", 3)] == [1404, 1405, "Total"]


def test_the_head_of_a_lone_table_stays_in_sight_and_no_title_does() -> None:
    columns = (Column("n", "N", "whole"),)
    table = Table("Numbers", columns, pl.DataFrame({"n": [1]}))
    sheet = one_table(table)
    head = next(cell for row in sheet for cell in row if cell.value == "N")
    assert sheet.freeze_panes == f"A{head.row + 1}"
    two = Section("two", "Two", "", "Two", tables=(table, table))
    sheet = opened(to_xlsx(Bulletin("en", "Bulletin", "", (), (), (two,)))).worksheets[1]
    assert sheet.freeze_panes is None
