"""What must hold between the tables of a programme and its settings."""

import os
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import onshore
from onshore.figures import FigureError, RateTable
from onshore.records import TableErrors, check, read_table

NEEDS = "need_id,description,qty,unit\nN-1,Pump,5,piece\n"
OFFERS = "offer_id,description\nO-1,Pump\n"
RATES = "base,quote,date,until,rate,rate_type,source\n"


def errors_of(folder):
    return [(e.file, e.row, e.column, e.found) for e in check(folder)]


def test_a_phase_without_a_first_year_is_an_error_of_its_row(programme):
    places = "place_id,name,kind,فاز\nIR-01,Gilan,province,1\nIR-02,Mazandaran,province,3\n"
    folder = programme({"needs": NEEDS, "places": places})
    assert errors_of(folder) == [("places.csv", 3, "فاز", "3")]
    [error] = check(folder)
    assert "[phases]" in error.next_step
    with pytest.raises(TableErrors, match="no first year"):
        onshore.open(folder)


def test_a_budget_outside_the_horizon_is_an_error_of_its_row(programme):
    budgets = "year,fund,amount,currency\n1403,A,5,EUR\n1404,A,5,EUR\n1408,A,5,EUR\n1409,A,5,EUR\n"
    folder = programme({"budgets": budgets})
    assert errors_of(folder) == [
        ("budgets.csv", 2, "year", "1403"),
        ("budgets.csv", 5, "year", "1409"),
    ]


@pytest.mark.parametrize(
    ("rates", "faulty"),
    [
        (None, True),
        (RATES, True),
        (RATES + "GBP,EUR,2024-09-01,2024-12-31,1.2,market,Bank\n", False),
        (RATES + "EUR,GBP,2024-09-01,2024-12-31,0.8,market,Bank\n", False),
        (RATES + "GBP,EUR,2024-09-01,2024-12-31,1.2,official,Bank\n", True),
        (RATES + "GBP,EUR,2023-09-01,2023-12-31,1.2,market,Bank\n", True),
        (
            RATES + "GBP,IRR,2024-09-01,2024-12-31,800000,market,Bank\n"
            "EUR,IRR,2024-09-01,2024-12-31,700000,market,Bank\n",
            False,
        ),
    ],
)
def test_a_budget_needs_a_rate_of_its_currency_on_the_price_date(programme, rates, faulty):
    tables = {"budgets": "year,fund,amount,ارز\n1404,A,5,EUR\n1405,A,5,GBP\n"}
    folder = programme(tables | ({"rates": rates} if rates else {}))
    assert errors_of(folder) == ([("budgets.csv", 3, "ارز", "GBP")] if faulty else [])
    for error in check(folder):
        assert "from GBP to EUR" in error.reason
        assert "2024-09-22" in error.reason


def test_needs_and_offers_without_a_rate_are_no_errors(programme):
    needs = "need_id,description,import_price,currency\nN-1,Pump,5,JPY\n"
    offers = "offer_id,description,price,currency\nO-1,Pump,5,JPY\n"
    assert errors_of(programme({"needs": needs, "offers": offers})) == []


@pytest.mark.parametrize(
    ("rows", "column", "faulty"),
    [
        (["EUR,USD,2024-01-01,,0,market,B"], "rate", [2]),
        (["EUR,EUR,2024-01-01,,1,market,B"], "quote", [2]),
        (
            ["EUR,USD,2024-01-01,2024-03-01,1.1,market,B", "EUR,USD,2024-02-01,,1.1,market,B"],
            "until",
            [2],
        ),
        (["EUR,USD,2024-01-01,,1.10,market,B", "USD,EUR,2024-01-01,,5,market,B"], "rate", [2]),
        (["EUR,USD,2024-01-01,,1.10,market,B", "USD,EUR,2024-01-31,,5,market,B"], "rate", [3]),
        (["EUR,USD,2024-01-01,,1.10,market,B", "USD,EUR,2024-02-01,,5,market,B"], "rate", []),
        (["EUR,USD,2024-01-01,,1.10,market,B", "USD,EUR,2024-01-01,,5,official,B"], "rate", []),
        (["EUR,USD,2024-01-01,,1.10,market,B", "USD,EUR,2024-01-01,,0.92,market,B"], "rate", []),
    ],
)
def test_rates_that_nothing_can_be_converted_by_are_errors(write, rows, column, faulty):
    path = write("rates.csv", RATES + "\n".join(rows) + "\n")
    found = check(path).errors
    assert found.select("row", "column").rows() == [(row, column) for row in faulty]
    if len(rows) == 2 and faulty and column == "rate":
        assert "row 2" in found["reason"].item()
        assert "row 3" in found["reason"].item()
    assert read_table(path, "rates").errors.equals(found)


_DAYS = st.integers(1, 28)


@given(
    st.lists(
        st.tuples(st.sampled_from(["EUR", "USD"]), _DAYS, st.none() | _DAYS, st.integers(0, 3)),
        max_size=6,
    )
)
def test_rates_without_an_error_are_those_that_can_be_used(tmp_path_factory, rows):
    text = RATES + "".join(
        f"{base},USD,2024-01-{day:02},{f'2024-01-{until:02}' if until else ''},{rate},market,B\n"
        for base, day, until, rate in rows
    )
    path = tmp_path_factory.mktemp("rates") / "rates.csv"
    path.write_text(text, encoding="utf-8")
    reading = read_table(path, "rates")
    try:
        RateTable(reading.frame)
        usable = True
    except FigureError:
        usable = False
    assert reading.errors.is_empty() == usable


@given(
    st.lists(st.integers(1, 120), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(1, 120), min_size=1, max_size=6, unique=True),
)
def test_contradictions_are_found_wherever_two_spans_share_a_day(tmp_path_factory, ours, theirs):
    from datetime import date, timedelta

    def spans(days):
        days = sorted(days)
        return [(day, min(day + 30, following - 1)) for day, following in pairwise([*days, 10_000])]

    def line(base, quote, day):
        return f"{base},{quote},{date(2024, 1, 1) + timedelta(day)},,3,market,B\n"

    text = RATES + "".join(line("EUR", "USD", day) for day in sorted(ours))
    text += "".join(line("USD", "EUR", day) for day in sorted(theirs))
    path = tmp_path_factory.mktemp("rates") / "rates.csv"
    path.write_text(text, encoding="utf-8")
    shared = sum(a <= d and c <= b for a, b in spans(ours) for c, d in spans(theirs))
    assert check(path).errors.height == shared


@pytest.mark.parametrize("suffix", [".xls", ".xlsb", ".ods", ".fods", ".numbers", ".XLS"])
def test_a_table_of_a_kind_that_is_not_read_is_an_error(programme, suffix):
    folder = programme({"offers": OFFERS})
    (folder / f"needs{suffix}").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / f"letters{suffix}").write_bytes(b"")
    [error] = check(folder)
    assert f"needs{suffix}" in error.reason
    assert "save it as XLSX" in error.next_step


@pytest.mark.parametrize(
    "name",
    ["my_needs_list.csv", "need.csv", "Needs (2).xlsx", "فهرست نیازها.csv", "needs-2024.txt"],
)
def test_a_file_nearly_named_as_a_table_is_a_warning(programme, name):
    folder = programme({"offers": OFFERS})
    (folder / name).write_bytes(b"x")
    result = check(folder)
    assert [name in text and "needs" in text for text in result.warnings] == [True, False]
    assert not any(name in text for text in result.notes)


def test_a_programme_without_needs_or_offers_is_warned_of(programme):
    assert check(programme({"needs": NEEDS, "offers": OFFERS})).warnings == []
    folder = programme({"needs": NEEDS, "offers": "offer_id,description\n"})
    [warning] = check(folder).warnings
    assert "offers.csv has no rows" in warning
    (folder / "needs.csv").unlink()
    assert [("no needs" in w, "offers" in w) for w in onshore.open(folder).warnings] == [
        (True, False),
        (False, True),
    ]


def test_what_is_no_file_is_told_for_what_it_is(programme):
    folder = programme({"needs": NEEDS, "offers": OFFERS})
    (folder / "desks.csv").mkdir()
    (folder / "items.csv").symlink_to("gone.csv")
    os.mkfifo(folder / "deals.csv")
    told = dict(pl.DataFrame(check(folder).errors).select("file", "reason").iter_rows())
    assert "is a folder" in told["desks.csv"]
    assert "link to a file that is not there" in told["items.csv"]
    assert "pipe" in told["deals.csv"]


def test_two_headings_of_one_column_say_which_is_read(programme):
    needs = "need_id,description,شرح\nN-1,Pump,پمپ\n"
    result = check(programme({"needs": needs, "offers": OFFERS}))
    assert list(result) == []
    [note] = result.notes
    assert "description and شرح are both the column description" in note
    assert "شرح is ignored" in note
