"""The user's sheets given back with the faulty cells marked."""

from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter

from onshore.records import check, mark_errors, read_table, write_table

HEADINGS = ["need_id", "description", "تعداد", "unit"]


def marked(sheet):
    return {
        cell.coordinate: cell.comment.text if cell.comment else None
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb == "FFF7D5D0"
    }


@pytest.fixture
def faulty(tmp_path):
    path = tmp_path / "needs.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("فهرست")
        page.write(0, 1, "Needs of 1404")
        page.write_row(2, 1, HEADINGS)
        page.write_row(3, 1, ["N-1", "Pump", -5, "piece"])
        page.write_row(4, 1, ["N-1", "Pump", 7, "blob"])
        page.write_row(5, 1, ["N-3", "Pump", 9, "piece"])
    return path


def test_faulty_cells_of_a_workbook_are_marked_and_commented(faulty, tmp_path):
    out = tmp_path / "errors.xlsx"
    mark_errors(faulty, check(faulty).errors, out)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["فهرست", "Errors"]
    marks = marked(book["فهرست"])
    assert set(marks) == {"D4", "B5", "E5"}
    assert "negative" in marks["D4"]
    assert "row 4" in marks["B5"]
    assert "KGM" in marks["E5"] or "piece" in marks["E5"] or "Near" in marks["E5"] or marks["E5"]
    assert [book["فهرست"][cell].value for cell in ("B1", "D4", "D5", "D6")] == [
        "Needs of 1404",
        -5,
        7,
        9,
    ]
    listed = list(book["Errors"].iter_rows(values_only=True))
    assert listed[0] == ("file", "row", "column", "reason", "found", "next_step")
    assert [row[1:3] for row in listed[1:]] == [(4, "تعداد"), (5, "need_id"), (5, "unit")]


def test_the_marked_workbook_can_be_mended_and_read_again(faulty, tmp_path):
    out = tmp_path / "errors.xlsx"
    mark_errors(faulty, check(faulty).errors, out)
    assert read_table(out, "needs").errors.height == 3
    book = openpyxl.load_workbook(out)
    sheet = book["فهرست"]
    sheet["D4"], sheet["B5"], sheet["E5"] = 5, "N-2", "kg"
    book.save(out)
    reading = read_table(out, "needs")
    assert reading.errors.is_empty()
    assert reading.frame["yearly_quantity"].to_list() == [5, 7, 9]


def test_a_csv_comes_back_as_a_workbook_with_its_broken_rows(write, tmp_path):
    text = (
        "title\n\nneed_id;description;required_year\nN-1;=1+1;-5\nN-2;Pump\n"
        'N-3;\'=A1;5\n;"two\nlines";5\nN-5;"open;5\nN-6;Pump;12,5\n'
    )
    path = write("needs.csv", text)
    errors = check(path).errors
    mark_errors(path, errors, tmp_path / "e.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "e.xlsx")["needs"]
    marks = marked(sheet)
    rows = sorted({int(cell[1:]) for cell in marks})
    assert rows == sorted(set(errors["row"].to_list())) == [4, 5, 7, 8, 9]
    assert sheet["B4"].value == "=1+1"
    assert sheet["B6"].value == "=A1"
    assert sheet["B7"].value == "two\nlines"
    assert "C9" in marks
    assert sheet["C9"].value == "12,5"


def test_each_faulty_file_of_a_folder_has_its_sheet(programme, tmp_path):
    folder = programme(
        {
            "needs": "need_id,description,item_id\nN-1,Pump,IT-9\n",
            "items": "item_id,description,class,unit\nIT-1,Pump,mechanical,blob\n",
            "offers": "offer_id,description\nO-1,Pump\n",
        },
        settings="name = 5\n",
    )
    (folder / "plants.csv").write_bytes(b"")
    mark_errors(folder, check(folder).errors, tmp_path / "e.xlsx")
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert book.sheetnames == ["needs", "items", "Errors"] or set(book.sheetnames) == {
        "needs",
        "items",
        "Errors",
    }
    files = {row[0] for row in book["Errors"].iter_rows(min_row=2, values_only=True)}
    assert files == {"programme.toml", "needs.csv", "items.csv", "plants.csv"}


def test_a_parquet_file_comes_back_too(tmp_path):
    import polars as pl

    path = tmp_path / "needs.parquet"
    write_table(pl.DataFrame({"need_id": ["N-1"], "description": ["Pump"], "qty": [-5]}), path)
    mark_errors(path, check(path).errors, tmp_path / "e.xlsx")
    assert set(marked(openpyxl.load_workbook(tmp_path / "e.xlsx")["needs"])) == {"C2"}


def test_only_a_workbook_can_be_marked(faulty, tmp_path):
    with pytest.raises(ValueError, match=r"\.xlsx"):
        mark_errors(faulty, check(faulty).errors, tmp_path / "e.csv")


@pytest.fixture
def own_workbook(tmp_path):
    """A user's workbook: a cover, a hidden sheet, and the needs with a day, a formula and #N/A."""
    path = tmp_path / "needs.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.title = "نیازها"
    page.append(["need_id", "description", "yearly_quantity", "unit", "price_date", "remark"])
    page.append(["N-1", "Pump", -5, "piece", date(2024, 9, 22), datetime(2024, 9, 22, 8, 30)])
    page.append(["N-2", "Valve", "#N/A", "piece", date(2024, 9, 23), 0.25])
    page["C3"].data_type = "e"
    lists = book.create_sheet("Lists")
    lists.append(["unit", date(2020, 1, 1)])
    lists.append(["#REF!", True])
    lists["A2"].data_type = "e"
    book.create_sheet("Old").append([1, 2])
    book["Old"].sheet_state = "hidden"
    book.save(path)
    return path


def test_a_marked_workbook_keeps_its_sheets_their_names_and_the_types_of_cells(
    own_workbook, tmp_path
):
    out = tmp_path / "errors.xlsx"
    mark_errors(own_workbook, check(own_workbook).errors, out)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["نیازها", "Lists", "Old", "Errors"]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "hidden", "visible"]
    page = book["نیازها"]
    assert page["E2"].value == datetime(2024, 9, 22)
    assert page["E2"].is_date
    assert page["F2"].value == datetime(2024, 9, 22, 8, 30)
    assert (page["F3"].value, page["C2"].value, page["C3"].value) == (0.25, -5, "#N/A")
    assert set(marked(page)) == {"C2", "C3"}
    assert [cell.value for row in book["Lists"] for cell in row] == [
        *("unit", datetime(2020, 1, 1)),
        *("#REF!", True),
    ]
    assert [cell.value for cell in book["Old"][1]] == [1, 2]


def test_a_marked_workbook_can_be_marked_again(own_workbook, tmp_path):
    first, second = tmp_path / "needs-1.xlsx", tmp_path / "errors.xlsx"
    mark_errors(own_workbook, check(own_workbook).errors, first)
    again = check(first).errors
    assert again.select("row", "column").rows() == [(2, "yearly_quantity"), (3, "yearly_quantity")]
    mark_errors(first, again, second)
    assert openpyxl.load_workbook(second).sheetnames == ["نیازها", "Lists", "Old", "Errors"]


def test_workbooks_of_a_folder_share_one_with_a_sheet_for_each_table(programme, tmp_path):
    folder = programme()
    for name, cells in (("needs", ["need_id", "description"]), ("offers", ["offer_id", "maker"])):
        book = openpyxl.Workbook()
        book.active.append(cells)
        book.active.append([None, "Pump"])
        book.create_sheet("Notes").append([name])
        book.save(folder / f"{name}.xlsx")
    mark_errors(folder, check(folder).errors, tmp_path / "e.xlsx")
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert book.sheetnames == ["needs", "Notes", "offers", "offers Notes", "Errors"]
    assert book["offers Notes"]["A1"].value == "offers"
    assert set(marked(book["needs"])) == {"A2"}


def test_days_and_numbers_of_a_parquet_file_stay_what_they_are(tmp_path):
    from decimal import Decimal

    import polars as pl

    path = tmp_path / "needs.parquet"
    frame = pl.DataFrame(
        {
            "need_id": ["N-1"],
            "description": ["Pump"],
            "qty": [-5],
            "import_price": [Decimal("1.50")],
            "price_date": [date(2024, 9, 22)],
            "old": [date(1804, 1, 1)],
            "ratio": [float("nan")],
        }
    )
    frame.write_parquet(path)
    mark_errors(path, check(path).errors, tmp_path / "e.xlsx")
    row = [cell.value for cell in openpyxl.load_workbook(tmp_path / "e.xlsx")["needs"][2]]
    assert row[2:] == [-5, 1.5, datetime(2024, 9, 22), "1804-01-01", "nan"]
