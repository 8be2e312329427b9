"""CSV as it comes: encodings, separators, titles, quotation marks, broken rows."""

import csv
import functools
import io
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.records import read_table
from onshore.records.csv_records import cut_by_line, cut_records
from onshore.records.csv_text import text_blocks

PLAIN = "need_id,description,qty,unit\nN-1,Bearing 6205,12,piece\nN-2,پمپ آب,۳۴,عدد\n"


def values(reading, *columns):
    assert reading.errors.rows() == []
    return reading.frame.select(columns).rows()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_read_alike(write, encoding, separator, line_end):
    text = PLAIN.replace(",", separator).replace("\n", line_end)
    if encoding.endswith("-bom"):
        encoding = encoding.removesuffix("-bom")
        text = "\ufeff" + text
    reading = read_table(write("needs.csv", text, encoding), "needs")
    assert values(reading, "need_id", "description", "yearly_quantity", "unit") == [
        ("N-1", "Bearing 6205", 12, "H87"),
        ("N-2", "پمپ آب", 34, "H87"),
    ]


def test_windows_1256_is_recognised_and_said(write):
    # Windows-1256 has the Arabic ي and ك only, and no Persian digits.
    text = "شناسه نياز;شرح كالا;مقدار سالانه;واحد\nN-1;پمپ گريز از مركز;12;عدد\n"
    reading = read_table(write("needs.csv", text, "cp1256"), "needs")
    assert values(reading, "description", "yearly_quantity") == [("پمپ گريز از مركز", 12)]
    assert any("Windows-1256" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "need_id,description\nN-1,Подшипник шариковый радиальный\nN-2,Насос водяной\n"),
        ("cp1250", "need_id,description\nN-1,Größenänderung für Bögen\nN-2,Grünfläche\n"),
    ],
)
def test_text_in_another_encoding_is_refused_rather_than_garbled(write, encoding, text):
    [error] = read_table(write("needs.csv", text, encoding), "needs").errors.rows(named=True)
    assert "neither UTF-8" in error["reason"]
    assert "CSV UTF-8" in error["next_step"]


def test_utf_8_with_damaged_bytes_names_the_damaged_row(write):
    whole = PLAIN.encode()
    damaged = whole.replace("پمپ".encode(), "پمپ".encode()[:-1])
    [error] = read_table(write("needs.csv", damaged), "needs").errors.rows(named=True)
    assert error["row"] == 3
    assert "not UTF-8" in error["reason"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n \n\t\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"PK\x03\x04rest", "zip file"),
        (b"\xd0\xcf\x11\xe0rest", "old or protected"),
        (b"PAR1....PAR1", "Parquet"),
        (bytes(range(256)) * 40, "binary"),
        (PLAIN.encode("utf-16-le"), "UTF-16"),
        (b"just,some,words\n1,2,3\n", "no headings"),
    ],
)
def test_what_is_no_table_of_text_is_refused_as_a_whole(write, content, reason):
    [error] = read_table(write("needs.csv", content), "needs").errors.rows(named=True)
    assert reason in error["reason"]
    assert error["row"] == 0
    assert error["next_step"]


def test_a_heading_row_alone_is_a_note(write):
    reading = read_table(write("needs.csv", "need_id,description\n"), "needs")
    assert reading.errors.is_empty()
    assert reading.frame.is_empty()
    assert any("no rows" in note for note in reading.notes)


def test_titles_above_the_headings_and_blank_rows_are_passed_over(write):
    text = (
        'Needs of the plant;;;\n"Year ""1404""";;;\n\nneed_id;description;qty;unit\n'
        "N-1;Pump;1;piece\n;;;\n\nN-2;Pump;-1;piece\n\n"
    )
    reading = read_table(write("needs.csv", text), "needs")
    assert reading.frame["need_id"].to_list() == ["N-1", "N-2"]
    assert reading.errors.select("row", "column").rows() == [(8, "qty")]


def test_headings_below_the_twentieth_row_are_not_looked_for(write):
    text = "title\n" * 20 + PLAIN
    [error] = read_table(write("needs.csv", text), "needs").errors.rows(named=True)
    assert "first 20 rows" in error["reason"]
    assert read_table(write("needs.csv", "title\n" * 19 + PLAIN), "needs").errors.is_empty()


@pytest.mark.parametrize(
    "heading", ["Yearly_Quantity *", "ANNUAL QUANTITY:", "مقدار‌سالانه", "مقدار سالانه", " qty "]
)
def test_headings_are_known_by_synonyms_whatever_their_spelling(write, heading):
    text = f"need_id,شرح كالا,{heading},unit\nN-1,Pump,7,piece\n"
    assert values(read_table(write("needs.csv", text), "needs"), "yearly_quantity") == [(7,)]


def test_columns_not_known_are_ignored_with_a_note(write):
    text = "need_id,description,colour,,wheels\nN-1,Pump,red,x,4\n"
    reading = read_table(write("needs.csv", text), "needs")
    assert reading.errors.is_empty()
    assert "colour" not in reading.frame.columns
    assert any("colour, wheels" in note for note in reading.notes)


def test_a_missing_required_column_says_what_is_there_and_what_would_do(write):
    [error] = read_table(
        write("needs.csv", "need_id,qty,unit\nN-1,1,piece\n"), "needs"
    ).errors.rows(named=True)
    assert (error["row"], error["column"]) == (1, "description")
    assert "need_id, qty, unit" in error["found"]
    assert "شرح" in error["next_step"]


def test_two_headings_for_one_column_are_an_error(write):
    text = "need_id,description,qty,annual demand,unit\nN-1,Pump,1,2,piece\n"
    [error] = read_table(write("needs.csv", text), "needs").errors.rows(named=True)
    assert "yearly_quantity" in error["reason"]
    assert error["found"] == "qty, annual demand"


def test_a_columns_own_name_wins_over_a_synonym_and_a_row_number_is_a_key_at_last(write):
    text = "ردیف,need_id,id,description\n1,N-1,77,Pump\n"
    reading = read_table(write("needs.csv", text), "needs")
    assert values(reading, "need_id") == [("N-1",)]
    assert any("ردیف" in note for note in reading.notes)
    alone = read_table(write("needs.csv", "ردیف,description\n۱,Pump\n"), "needs")
    assert values(alone, "need_id") == [("1",)]


def test_ragged_rows_are_named_and_the_others_are_read(write):
    text = PLAIN + "N-3,Pump\nN-4,Pump,1,piece,more\nN-5,Pump,1,piece,,\nN-6,Pump,1,piece\n"
    reading = read_table(write("needs.csv", text), "needs")
    assert [(r["row"], "few" in r["reason"]) for r in reading.errors.rows(named=True)] == [
        (4, True),
        (5, False),
    ]
    assert reading.frame["need_id"].to_list() == ["N-1", "N-2", "N-5", "N-6"]


def test_nul_characters_are_named_with_their_row(write):
    reading = read_table(write("needs.csv", PLAIN + "N-3,Pu\0mp,1,piece\n"), "needs")
    [error] = reading.errors.rows(named=True)
    assert error["row"] == 4
    assert "NUL" in error["reason"]
    assert reading.frame.height == 2


@pytest.mark.parametrize("after", ["", 'N-4,"Pump, big",1,piece\n', "N-4,Pump,1,piece\n"])
def test_a_quotation_mark_left_open_costs_its_own_row_only(write, after):
    reading = read_table(write("needs.csv", PLAIN + 'N-3,"Pump,1,piece\n' + after), "needs")
    [error] = reading.errors.rows(named=True)
    assert error["row"] == 4
    assert "quotation mark" in error["reason"]
    assert reading.frame.height == 2 + bool(after)


def test_inch_marks_inside_a_cell_are_text(write):
    text = PLAIN + 'N-3,Pipe 2" x 6 m,1,piece\nN-4,"Pipe 3"" x 6 m, black",1,piece\n'
    reading = read_table(write("needs.csv", text), "needs")
    assert values(reading, "description")[2:] == [('Pipe 2" x 6 m',), ('Pipe 3" x 6 m, black',)]


def test_cells_with_line_ends_are_one_row_as_the_spreadsheet_counts(write):
    text = PLAIN + 'N-3,"Pump,\nbig",1,piece\nN-4,Pump,-1,piece\n'
    reading = read_table(write("needs.csv", text), "needs")
    assert reading.frame["description"][2] == "Pump,\nbig"
    assert reading.errors["row"].to_list() == [5]


def test_a_cell_made_inert_is_read_back_as_it_was(write):
    text = "need_id,description\nN-1,'=SUM(A1)\nN-2,'plain\nN-3,''-x\n"
    reading = read_table(write("needs.csv", text), "needs")
    assert values(reading, "description") == [("=SUM(A1)",), ("'plain",), ("'-x",)]


def test_blocks_are_joined_wherever_they_are_cut(write, monkeypatch):
    rows = [f'N-{i},"Pump {i},\n""big""",{i},piece' for i in range(1, 41)]
    path = write("needs.csv", "\n".join(["need_id,description,qty,unit", *rows]))
    whole = read_table(path, "needs")
    assert whole.frame.height == 40
    for size in (7, 64, 1000):
        smaller = functools.partial(text_blocks, size=size)
        monkeypatch.setattr(
            "onshore.records.csv_file.text_blocks",
            lambda path, encoding, head=None, cut=smaller: (
                text_blocks(path, encoding, head) if head else cut(path, encoding)
            ),
        )
        assert read_table(path, "needs").frame.equals(whole.frame)


CELL = st.text(alphabet='ab",;\n\r\té۱ ', max_size=6)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
def test_records_are_cut_as_the_csv_module_cuts_them(rows):
    # The peer is Python's own reader; a row of empty cells is as good as none.
    written = io.StringIO()
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    text = written.getvalue().encode()
    expected = list(csv.reader(io.StringIO(written.getvalue(), newline="")))
    for cut in (cut_records, cut_by_line):
        records = cut(text, b",", 3, 1, final=True)
        assert records.faults == []
        assert records.rest == b""
        sound = records.sound.decode()
        assert list(csv.reader(io.StringIO(sound, newline=""))) == expected


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet='a",\n\r0', max_size=60))
def test_no_text_is_lost_or_crashes_the_cutting(text):
    block = text.encode() or b"\n"
    at_once = cut_records(block, b",", 3, 1, final=True)
    by_line = cut_by_line(block if block.endswith(b"\n") else block + b"\n", b",", 3, 1, final=True)
    for records in (at_once, by_line):
        assert records.rest == b""
        cells = (
            pl.read_csv(
                records.sound,
                has_header=False,
                infer_schema=False,
                schema=dict.fromkeys("abc", pl.String),
                truncate_ragged_lines=True,
                extra_columns="ignore",
            )
            if records.rows.size
            else pl.DataFrame()
        )
        assert cells.height == records.rows.size
        assert len({*records.rows.tolist()}) == records.rows.size


def test_random_damage_never_crashes_and_is_always_reported(write):
    draw = random.Random(7)
    sound = "".join(f'N-{i},"Pump ""{i}"", big",{i},piece\n' for i in range(200)).encode()
    heading = b"need_id,description,qty,unit\n"
    for _ in range(200):
        text = bytearray(sound)
        for _ in range(draw.randint(1, 5)):
            text[draw.randrange(len(text))] = draw.choice(b'",\n\0\xff;x')
        reading = read_table(write("needs.csv", heading + bytes(text)), "needs")
        assert reading.frame.height + reading.errors["row"].n_unique() >= 190
