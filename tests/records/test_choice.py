"""Sheets read as a person chose: the sheet, the columns, what was mended and left out."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.records import Choice, look, mark_errors, read_table, schema, texts_of_rows

COLUMNS = ("need_id", "description", "yearly_quantity", "unit")


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as made:
        for title, rows in sheets.items():
            sheet = made.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, "utf-8")
    return path


def test_headings_in_any_words_are_read_as_chosen(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "A;B;C;D\nN1;Valve;۱۲۰;عدد\n")
    read = read_table(path, "needs", choice=Choice(1, COLUMNS))
    row = read.frame.select(COLUMNS).row(0)
    assert row[:2] == ("N1", "Valve")
    assert (int(row[2]), row[3]) == (120, "H87")
    assert read.headings == dict(zip(COLUMNS, "ABCD", strict=True))


def test_errors_name_the_users_headings_and_rows(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "title\n\nA,B,C,D\nN1,Valve,many,kg\n")
    filled = {"buyer_id": "B"}
    read = read_table(path, "needs", choice=Choice(3, COLUMNS, filled=filled))
    assert read.errors.select("row", "column").rows() == [(4, "C")]


def test_a_chosen_heading_row_wins_over_a_better_one(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "need_id,description\nwas,is\nN1,Valve\n")
    choice = Choice(2, ("need_id", "description"), filled={"buyer_id": "B"})
    read = read_table(path, "needs", choice=choice)
    assert read.frame["need_id"].to_list() == ["N1"]


def test_another_sheet_is_read(tmp_path: Path) -> None:
    rows = [["need_id", "description", "buyer_id"], ["N1", "Valve", "B"]]
    path = book(tmp_path / "x.xlsx", {"needs": [["need_id"], ["no"]], "Second": rows})
    assert look(path, "needs").sheet == "needs"
    seen = look(path, "needs", sheet="Second")
    assert (seen.sheets, seen.columns) == (["needs", "Second"], rows[0])
    read = read_table(path, "needs", choice=Choice(1, seen.columns, "Second"))
    assert read.frame["need_id"].to_list() == ["N1"]
    with pytest.raises(ValueError, match="no visible sheet Third"):
        look(path, "needs", sheet="Third")


def test_what_the_file_lacks_is_filled_in_but_not_over_it(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "need_id,description,buyer_id\nN1,a,OWN\n,,\nN2,b,OWN\n")
    columns = ("need_id", "description", "buyer_id")
    filled = {"buyer_id": "B", "unit": "kg"}
    read = read_table(path, "needs", choice=Choice(1, columns, filled=filled))
    assert read.frame.select("buyer_id", "unit").rows() == [("OWN", "KGM")] * 2
    assert read.rows.to_list() == [2, 4]  # a blank row stays blank


def test_mended_cells_and_rows_left_out(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "A,B,C,D\nN1,a,many,kg\nN2,b,-1,kg\nN3,c,3,kg\n")
    told = {"filled": {"buyer_id": "B"}, "mended": {2: {"yearly_quantity": "۷"}}, "left_out": [3]}
    read = read_table(path, "needs", choice=Choice(1, COLUMNS, **told))
    assert read.errors.is_empty()
    assert read.frame["yearly_quantity"].cast(pl.Int64).to_list() == [7, 3]


def test_more_rows_than_allowed_are_told(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "A,B\n" + "N,x\n" * 11)
    choice = Choice(1, ("need_id", "description"), most_rows=10)
    read = read_table(path, "needs", choice=choice)
    assert read.errors["reason"].to_list() == ["it has more than 10 rows."]


def test_texts_of_rows_are_as_they_are_written(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "A,B,C,D\nN1,a,  many,kg\nN2,b,2,kg\n")
    choice = Choice(1, COLUMNS, mended={2: {"unit": "t"}})
    assert texts_of_rows(path, "needs", choice, [2]) == {
        2: {"need_id": "N1", "description": "a", "yearly_quantity": "  many", "unit": "t"}
    }


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_marked_sheet_is_that_which_was_chosen(tmp_path: Path, kind: str) -> None:
    from openpyxl import load_workbook

    rows = [["A", "B", "C", "D"], ["N1", "a", "many", "kg"]]
    if kind == "xlsx":
        path = book(tmp_path / "needs.xlsx", {"Cover": [["hello"]], "List": rows})
    else:
        path = text(tmp_path / "needs.csv", "\n".join(",".join(row) for row in rows))
    sheet = "List" if kind == "xlsx" else None
    choice = Choice(1, COLUMNS, sheet, filled={"buyer_id": "B"})
    read = read_table(path, "needs", choice=choice)
    mark_errors(path, read.errors, tmp_path / "marked.xlsx", choice=choice)
    marked = load_workbook(tmp_path / "marked.xlsx")
    page = marked["List" if kind == "xlsx" else "needs"]
    assert [cell.value for cell in page[1]][:4] == rows[0]
    assert [bool(cell.comment) for cell in page[2]][:4] == [False, False, True, False]


def test_remembered_headings_win_and_none_is_kept_none(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "need_id,description,Old Text,Qty\nN1,a,b,5\n")
    remembered = {"OLD_text": "description", "qty": ""}
    assert look(path, "needs", remembered=remembered).columns == ["need_id", "", "description", ""]


def test_without_known_headings_the_fullest_row_is_looked_at(tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", "Some list;;\n;;\nX1;Y1;Z1\n1;2;\n")
    seen = look(path, "needs")
    assert (seen.heading_row, seen.headings, seen.columns) == (3, ["X1", "Y1", "Z1"], [""] * 3)


@settings(max_examples=30, deadline=None)
@given(st.permutations(["need_id", "description", "buyer_id", "unit", "yearly_quantity"]))
def test_any_order_of_columns_reads_the_same(order: list[str]) -> None:
    import tempfile

    values = {
        "need_id": "N1",
        "description": "Valve",
        "buyer_id": "B",
        "unit": "kg",
        "yearly_quantity": "5",
    }
    with tempfile.TemporaryDirectory() as folder:
        line = ",".join(values[name] for name in order)
        path = text(Path(folder) / "x.csv", f"{','.join('abcde')}\n{line}\n")
        read = read_table(path, "needs", choice=Choice(1, order))
    assert read.errors.is_empty()
    assert read.frame.select("need_id", "unit").row(0) == ("N1", "KGM")
    assert read.frame.columns == [column.name for column in schema("needs")]
