"""Tables written and read again; files that appear whole or not at all."""

import csv
import threading
from datetime import date
from decimal import Decimal

import openpyxl
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onshore.records import read_table, write_table, write_whole
from onshore.records.schemas import schema

TEXTS = (
    st.text(
        alphabet=st.one_of(
            st.characters(exclude_categories=("Cs",), exclude_characters="\0\ue000"),
            st.sampled_from("=+-@\t\r\n'\",; \u200c\u200f\u202bیک۱_x"),
        ),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(
        lambda text: (
            text and not text.startswith("#") and pl.Series([text]).str.strip_chars()[0] == text
        )
    )
)


def needs(texts):
    frame = pl.DataFrame({"need_id": [f"N-{i}" for i in range(len(texts))], "description": texts})
    return pl.concat([pl.DataFrame(schema=schema("needs").dtypes), frame], how="diagonal")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
@settings(max_examples=150, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@example(texts=["=1+1", "+1", "-1", "-5", "@SUM(A1)", "'=1", "''=1", "'plain", "-cmd|' /C'!A0"])
@example(texts=['a"b', "a\nb", "a\r\nb", "a\rb", "a,b;c", '"', '""', "_x0041_", "\x01", "\u200fb"])
@example(texts=["\u200eفارسی\u200c", "a\u2028b", "\ufeffx", "a\x0bb", "1e5", "TRUE", "2024-01-01"])
def test_any_text_written_is_read_back_the_same(tmp_path_factory, suffix, texts):
    path = tmp_path_factory.mktemp("t") / f"needs.{suffix}"
    frame = needs(texts)
    write_table(frame, path)
    reading = read_table(path, "needs")
    assert reading.errors.rows() == []
    assert reading.frame.equals(frame)


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_all_types_are_read_back_the_same(tmp_path, suffix):
    frame = pl.DataFrame(
        {
            "offer_id": ["O-1", "O-2", "O-3"],
            "description": ["Pump", "پمپ", "насос"],
            "unit": ["H87", "H87", None],
            "price": [Decimal("1234.5"), Decimal("12345678901234567.123456"), None],
            "currency": ["EUR", "IRR", None],
            "price_date": [date(2024, 9, 22), date(1899, 1, 1), None],
            "capacity_per_year": [Decimal("0.000001"), Decimal("40000000000000"), None],
            "local_content": [0.35, 1.0, None],
            "trl": [9, 1, None],
            "illustrative": [True, False, None],
        }
    ).cast(
        {
            name: dtype
            for name, dtype in schema("offers").dtypes.items()
            if name in ("price", "capacity_per_year")
        }
    )
    path = tmp_path / f"offers.{suffix}"
    write_table(frame, path)
    reading = read_table(path, "offers")
    assert reading.errors.rows() == []
    assert reading.frame.select(frame.columns).equals(frame)


def test_csv_holds_no_cell_that_a_spreadsheet_would_run(tmp_path):
    texts = ["=1+1", "+1+1", "-1+1", "@A1", "\t=1", "\r=1", "-5", "+5", "-5.5", "plain", "'=x"]
    path = tmp_path / "t.csv"
    write_table(pl.DataFrame({"=a": texts, "n": range(-5, 6)}), path)
    with path.open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["'=a", "n"]
    for row in rows:
        runs = row[0][0] in "=+-@\t\r"
        assert not runs or float(row[0])
    assert [row[1] for row in rows] == [str(n) for n in range(-5, 6)]


def test_xlsx_holds_formulas_as_text(tmp_path):
    path = tmp_path / "t.xlsx"
    write_table(pl.DataFrame({"a": ["=1+1", "https://a.b", "12"], "n": [-1, 2, 3]}), path)
    sheet = openpyxl.load_workbook(path).active
    assert [(cell.value, cell.data_type) for cell in sheet["A"]][1:] == [
        ("=1+1", "s") if sheet["A2"].data_type == "s" else ("=1+1", "f"),
        ("https://a.b", "s"),
        ("12", "s"),
    ]
    assert b"<f>" not in _part(path, "xl/worksheets/sheet1.xml")
    assert [cell.value for cell in sheet["B"]][1:] == [-1, 2, 3]


def _part(path, name):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


@pytest.mark.parametrize(
    ("frame", "name", "reason"),
    [
        (pl.DataFrame({"a": [1]}), "t.ods", ".csv, .xlsx or .parquet"),
        (pl.DataFrame({"a": ["x\0"]}), "t.csv", "NUL"),
        (pl.DataFrame({"a": ["x" * 40_000]}), "t.xlsx", "32,767"),
        (pl.DataFrame({"a": range(1_048_576)}), "t.xlsx", "1,048,577"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_left(tmp_path, frame, name, reason):
    with pytest.raises(ValueError, match=reason):
        write_table(frame, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_files_appear_all_together(tmp_path):
    folder = tmp_path / "a" / "b"
    write_whole(folder, {"x.txt": b"1", "deep/y.txt": lambda path: path.write_text("2")})
    assert (folder / "x.txt").read_bytes() == b"1"
    assert (folder / "deep/y.txt").read_text() == "2"
    assert sorted(path.name for path in folder.iterdir()) == ["deep", "x.txt"]


def fail(path):
    path.write_text("half")
    raise RuntimeError("the disk is full")


def test_a_failure_leaves_the_folder_as_it_was(tmp_path):
    (tmp_path / "x.txt").write_text("old")
    (tmp_path / "other.txt").write_text("other")
    with pytest.raises(RuntimeError, match="disk is full"):
        write_whole(tmp_path, {"x.txt": b"new", "y.txt": fail})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "x.txt": "old",
        "other.txt": "other",
    }
    with pytest.raises(RuntimeError):
        write_whole(tmp_path / "new" / "folder", {"y.txt": fail})
    assert not (tmp_path / "new").exists()


def test_a_failure_while_moving_puts_everything_back(tmp_path):
    (tmp_path / "x.txt").write_text("old")
    (tmp_path / "z.txt").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, {"x.txt": b"new", "d/y.txt": b"new", "z.txt": b"new"})
    assert (tmp_path / "x.txt").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.txt", "z.txt"]


@pytest.mark.parametrize("name", ["../x", "/x", "", "a/../../x", "a\\x"])
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="within the folder"):
        write_whole(tmp_path / "f", {name: b""})
    assert list(tmp_path.iterdir()) == []


def test_two_writers_do_not_mix_their_files(tmp_path):
    names = [f"{i}.txt" for i in range(20)]

    def write(who):
        for _ in range(10):
            write_whole(tmp_path, dict.fromkeys(names, who.encode()))

    threads = [threading.Thread(target=write, args=(who,)) for who in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(tmp_path / name).read_bytes() for name in names}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
