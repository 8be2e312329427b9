"""Whatever a cell or a file holds, reading it ends with errors and not with a crash."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.records import check, read_table, row_errors, schema, tables, write_table

NASTY = [
    *("", " ", "\u00a0", "0", "-0", "00", "1", "-1", "1e999", "1e-999", "9" * 60, "0.0000001"),
    *("NaN", "inf", "-inf", "None", "null", "true", "TRUE()", "#N/A", "#REF!", "\ue000merged"),
    *("=1+1", "'=1+1", "@x", "\t", "\n", "\r\n", '"', '""', ";", ";;;", ",", "|", "\\", "\x01"),
    *(
        "1403/07/31",
        "0000-00-00",
        "9999-99-99",
        "2024-02-29",
        "1/1/1",
        "1403",
        "14030731",
        "31 Mehr",
    ),
    *(
        "۱۲۳",
        "١٢٣",
        "１２３",
        "½",
        "٪",
        "%",
        "5%",
        "1,2,3",
        "1.2.3.4",
        "--5",
        "+",
        "-",
        "(1)",
        "1/0",
    ),
    *("EUR", "€", "$5", "5 kg", "kg", "XXX", "تومان", "IR", "IR-99", "IR-10", "848210", "99", "IV"),
    *("a" * 5000, "پ" * 5000, "\u202e\u202d", "\u200f\u200e", "𐎀", "👷🏽‍♀️", "e\u0301", "\ufeff"),
]


@pytest.mark.parametrize("table", tables())
def test_no_text_in_any_column_crashes_the_reading(table, tmp_path):
    columns = list(schema(table).dtypes)
    frame = pl.DataFrame(
        {
            name: [NASTY[(row + 3 * at) % len(NASTY)] for row in range(len(NASTY))]
            for at, name in enumerate(columns)
        }
    )
    write_table(frame, tmp_path / f"{table}.csv")
    reading = read_table(tmp_path / f"{table}.csv", table)
    assert dict(reading.frame.schema) == schema(table).dtypes
    for error in row_errors(reading.errors):
        assert error.row
        assert error.reason
        assert error.next_step
        assert len(error.found) <= 80


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=300), suffix=st.sampled_from(["csv", "xlsx", "parquet", "toml"]))
def test_no_bytes_crash_the_check(tmp_path_factory, content, suffix):
    folder = tmp_path_factory.mktemp("nasty")
    name = "programme.toml" if suffix == "toml" else f"needs.{suffix}"
    (folder / name).write_bytes(content)
    assert check(folder).errors.height
    check(folder / name)


@settings(max_examples=300, deadline=None)
@given(
    content=st.text(
        alphabet=st.sampled_from("need_id,description\n\";\tN-1ی۱\r\0\ufffd='|"), max_size=200
    ),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp1256", "utf-8-sig"]),
)
def test_no_text_crashes_the_check(tmp_path_factory, content, encoding):
    path = tmp_path_factory.mktemp("nasty") / "needs.csv"
    path.write_bytes(("need_id,description\n" + content).encode(encoding, "replace"))
    result = check(path)
    assert result.tables.height == 1
