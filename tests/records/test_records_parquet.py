"""Parquet, as other programs write it."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from onshore.records import read_table


def test_typed_columns_are_read_as_if_typed_by_hand(tmp_path):
    path = tmp_path / "needs.parquet"
    pl.DataFrame(
        {
            "need_id": [1, 2],
            "شرح کالا": ["Pump", "پمپ"],
            "qty": [0.1 + 0.2, float("nan")],
            "unit": pl.Series(["kg", "kg"], dtype=pl.Categorical),
            "price_date": [dt.datetime.fromisoformat("2024-09-22 10:00"), None],
            "illustrative": [True, None],
            "required_year": pl.Series([1404, None], dtype=pl.Int16),
        }
    ).write_parquet(path)
    reading = read_table(path, "needs")
    assert reading.errors.select("row", "column", "found").rows() == [(3, "qty", "NaN")]
    assert reading.frame.select(
        "need_id", "description", "yearly_quantity", "price_date", "illustrative", "required_year"
    ).rows() == [
        ("1", "Pump", Decimal("0.3"), dt.date(2024, 9, 22), True, 1404),
        ("2", "پمپ", None, None, None, None),
    ]


def test_lists_of_text_are_lists_and_other_nested_columns_are_refused(tmp_path):
    path = tmp_path / "organisations.parquet"
    frame = pl.DataFrame({"organisation_id": ["O-1"], "name": ["A"], "role": [["buyer", "maker"]]})
    frame.write_parquet(path)
    assert read_table(path, "organisations").frame["role"].to_list() == ["buyer;maker"]
    frame.with_columns(name=pl.struct("name")).write_parquet(path)
    [error] = read_table(path, "organisations").errors.rows(named=True)
    assert (error["row"], error["column"]) == (1, "name")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"need_id,description\n", b"PAR1" + bytes(90)])
def test_what_is_not_parquet_is_refused(write, content):
    [error] = read_table(write("needs.parquet", content), "needs").errors.rows(named=True)
    assert "Parquet" in error["reason"]


def test_damaged_files_are_refused_and_never_crash(tmp_path, write):
    frame = pl.DataFrame({"need_id": [f"N-{i}" for i in range(1000)], "description": ["P"] * 1000})
    frame.write_parquet(tmp_path / "sound.parquet")
    whole = (tmp_path / "sound.parquet").read_bytes()
    for at in range(0, len(whole), 101):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        reading = read_table(write("needs.parquet", bytes(damaged)), "needs")
        assert reading.errors.height or reading.frame.height == 1000
