"""XLSX as people make it: dates, formulas, merged cells; and as an attacker would."""

import datetime as dt
import io
import tracemalloc
import zipfile
from decimal import Decimal

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from onshore.records import check, read_table

HEADINGS = ["need_id", "description", "qty", "unit", "price_date"]


@pytest.fixture
def workbook(tmp_path):
    """Write rows of values, from the first row on, and give the path."""

    def workbook(rows, name="needs.xlsx", sheet="Sheet1", first=(0, 0)):
        path = tmp_path / name
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            page = book.add_worksheet(sheet)
            for row, cells in enumerate(rows, start=first[0]):
                for column, value in enumerate(cells, start=first[1]):
                    if value is not None:
                        page.write(row, column, value)
        return path

    return workbook


def errors(reading):
    return reading.errors.select("row", "column").rows()


def test_numbers_texts_and_dates_of_a_sheet(workbook):
    path = workbook(
        [
            HEADINGS,
            ["N-1", "Pump", 1234.5, "piece", dt.date(2024, 9, 22)],
            [2, "Pump", "۱٬۲۳۴", "عدد", "1403/07/01"],
            ["N-3", "Pump", 0.1 + 0.2, "kg", dt.datetime.fromisoformat("2024-09-22 10:30")],
        ]
    )
    reading = read_table(path, "needs")
    assert errors(reading) == []
    day = dt.date(2024, 9, 22)
    assert reading.frame.select("need_id", "yearly_quantity", "unit", "price_date").rows() == [
        ("N-1", Decimal("1234.5"), "H87", day),
        ("2", 1234, "H87", day),
        ("N-3", Decimal("0.3"), "KGM", day),
    ]


def test_rows_are_counted_as_the_spreadsheet_does_wherever_the_table_stands(workbook):
    rows = [["Needs of 1404"], [], HEADINGS, ["N-1", "Pump", -1, "piece"], [], ["N-2", "Pump", "x"]]
    reading = read_table(workbook(rows, first=(2, 3)), "needs")
    assert errors(reading) == [(6, "qty"), (8, "qty"), (8, "unit")][:2]


def test_the_sheet_named_as_the_table_is_read_else_the_first_visible(tmp_path):
    path = tmp_path / "needs.xlsx"
    with xlsxwriter.Workbook(path) as book:
        hidden = book.add_worksheet("hidden")
        for name, key in (("cover", "A"), ("Needs", "B")):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ["need_id", "description"])
            page.write_row(1, 0, [key, "Pump"])
        book.worksheets()[1].activate()
        book.worksheets()[1].set_first_sheet()
        hidden.hide()
    reading = read_table(path, "needs")
    assert reading.frame["need_id"].to_list() == ["B"]
    assert any("cover" in note for note in reading.notes)
    offers = tmp_path / "offers.xlsx"
    path.rename(offers)
    assert any("cover" in note for note in read_table(offers, "offers").notes)


def test_merged_cells_below_the_headings_are_named(tmp_path):
    path = tmp_path / "needs.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.merge_range(0, 0, 0, 3, "Needs of the plant")
        page.write_row(1, 0, HEADINGS)
        page.write_row(2, 0, ["N-1", "Pump", 1, "piece"])
        page.write_row(3, 0, ["N-2", None, 2, "piece"])
        page.merge_range(2, 1, 3, 1, "Pump")
    reading = read_table(path, "needs")
    assert errors(reading) == [(4, "description")]
    assert "merged" in reading.errors["reason"][0]
    assert reading.frame["need_id"].to_list() == ["N-1", "N-2"]


def test_error_cells_and_formulas_without_a_result_are_named(tmp_path):
    path = tmp_path / "needs.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.append(HEADINGS)
    page.append(["N-1", '=CONCATENATE("Pu","mp")', 1, "piece"])
    page.append(["N-2", "Pump", "#N/A", "piece"])
    page.append(["N-3", "#REF!", 1, "piece"])
    book.save(path)
    reading = read_table(path, "needs")
    assert errors(reading) == [(2, "description"), (3, "qty"), (4, "description")]
    assert "result was not saved" in reading.errors["reason"][0]
    assert reading.errors["found"].to_list()[1:] == ["#N/A", "#REF!"]


def test_a_formulas_saved_result_is_its_value_and_a_text_that_looks_like_one_is_text(tmp_path):
    path = tmp_path / "needs.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADINGS)
        page.write_string(1, 0, "N-1")
        page.write_string(1, 1, "=2+3")
        page.write_formula(1, 2, "=2+3", None, 5)
        page.write_string(1, 3, "piece")
    reading = read_table(path, "needs")
    assert reading.frame.select("description", "yearly_quantity").row(0) == ("=2+3", 5)


def test_a_day_number_is_not_taken_for_a_day(workbook):
    rows = [HEADINGS, ["N-1", "Pump", 1, "piece", 45557]]
    [error] = read_table(workbook(rows), "needs").errors.rows(named=True)
    assert "day number" in error["reason"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"need_id,description\n", "not an XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"),
        (b"PK\x05\x06" + bytes(18), "not an XLSX"),
        (b"PK\x03\x04" + bytes(100), "not an XLSX"),
    ],
)
def test_what_is_no_workbook_is_refused_as_a_whole(write, content, reason):
    [error] = read_table(write("needs.xlsx", content), "needs").errors.rows(named=True)
    assert reason in error["reason"]
    assert error["next_step"]


def test_an_empty_sheet_is_refused(workbook):
    [error] = read_table(workbook([]), "needs").errors.rows(named=True)
    assert "empty" in error["reason"]


def test_a_strict_open_xml_workbook_is_read(sound, write):
    def strict(xml):
        return xml.replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        ).replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        )

    parts = ("xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")
    path = write("needs.xlsx", remade(sound, dict.fromkeys(parts, strict)))
    assert read_table(path, "needs").frame["need_id"].to_list() == ["N-1"]


# Attacks ---------------------------------------------------------------------------------


def remade(path, changes, **options):
    """Write a workbook's parts again, some of them changed, and give the bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            change = changes.get(part.filename)
            new.writestr(part.filename, change(content) if change else content, **options)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def sound(workbook):
    return workbook([HEADINGS, ["N-1", "Pump", 1, "piece"]], name="sound.xlsx")


def refused(path):
    """Read a file that must be refused, in little memory, and give the reason."""
    tracemalloc.start()
    [error] = read_table(path, "needs").errors.rows(named=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error["row"] == 0
    assert peak < 40 << 20
    return error["reason"]


@pytest.mark.parametrize("size", [2 << 20, 70 << 20])
@pytest.mark.parametrize("part", [SHEET, "docProps/core.xml"])
def test_a_zip_bomb_of_700_to_1_is_refused(sound, write, size, part):
    bomb = write("needs.xlsx", remade(sound, {part: lambda xml: xml + b" " * size}))
    with zipfile.ZipFile(bomb) as archive:
        info = archive.getinfo(part)
        assert info.file_size > 700 * info.compress_size
    assert "more than 200 times" in refused(bomb)


def test_a_bomb_that_declares_a_small_size_is_refused(sound, write):
    size = 70 << 20
    padded = bytearray(remade(sound, {SHEET: lambda xml: xml + b" " * size}))
    for name, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = 0
        while (at := padded.find(name, at)) >= 0:
            if int.from_bytes(padded[at + offset : at + offset + 4], "little") > size:
                padded[at + offset : at + offset + 4] = (5000).to_bytes(4, "little")
            at += 4
    assert "200 times" in refused(write("needs.xlsx", bytes(padded)))


def test_a_false_size_is_refused_even_if_small(sound, write):
    honest = bytearray(remade(sound, {}))
    at = honest.rfind(b"PK\x01\x02")
    honest[at + 24 : at + 28] = (1).to_bytes(4, "little")
    assert "declares" in refused(write("needs.xlsx", bytes(honest)))


def test_parts_that_share_their_bytes_are_refused(sound, write):
    honest = bytearray(remade(sound, {}))
    directory = honest.find(b"PK\x01\x02")
    second = honest.find(b"PK\x01\x02", directory + 4)
    honest[second + 42 : second + 46] = honest[directory + 42 : directory + 46]
    assert "overlap" in refused(write("needs.xlsx", bytes(honest)))


def test_an_entity_bomb_is_refused(sound, write):
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'

    def with_entities(xml):
        head, _, rest = xml.partition(b"?>")
        return head + b"?>" + entities + rest

    for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"):
        content = remade(sound, {part: with_entities})
        assert "document type" in refused(write("needs.xlsx", content))


def test_a_stray_cell_that_would_fill_the_memory_is_refused(sound, write):
    stray = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content = remade(sound, {SHEET: lambda xml: xml.replace(b"</sheetData>", stray)})
    assert "1,048,576 rows and 16,384 columns" in refused(write("needs.xlsx", content))
    formatted = b'<row r="3"><c r="XFD3" s="0"/></row></sheetData>'
    content = remade(sound, {SHEET: lambda xml: xml.replace(b"</sheetData>", formatted)})
    assert read_table(write("needs.xlsx", content), "needs").errors.rows() == []


def test_damaged_workbooks_are_refused_and_never_crash(sound, write):
    whole = sound.read_bytes()
    for cut in range(0, len(whole), 97):
        reading = read_table(write("needs.xlsx", whole[:cut]), "needs")
        assert reading.errors.height == 1
    for at in range(0, len(whole), 53):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        read_table(write("needs.xlsx", bytes(damaged)), "needs")


@pytest.mark.slow
def test_a_workbook_of_200_000_rows_with_one_bad_in_a_hundred_is_read(tmp_path):
    path = tmp_path / "needs.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADINGS)
        for i in range(200_000):
            page.write_row(i + 1, 0, [f"N-{i}", "Pump", -1 if i % 100 == 0 else i, "piece"])
    result = check(path)
    assert result.tables.rows() == [("needs.xlsx", 200_000, 2000)]
    assert result.errors["row"].to_list() == list(range(2, 200_002, 100))
    assert isinstance(result.errors, pl.DataFrame)
