"""Cells: what is read, what is refused, and what the refusal says."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.records import read_table, row_errors
from onshore.records.number_cells import NumberReader
from onshore.records.schemas import Column


@pytest.fixture
def read(write):
    """Read one column of a table from its cells; give its values and errors."""

    def read(table, column, cells, **others):
        from onshore.records import schema

        required = {c.name: c for c in schema(table) if c.required and c.name != column}
        names = [column, *required, *(name for name in others if name not in required)]
        rows = ["\t".join(names)]
        for i, cell in enumerate(cells):
            row = [cell, *(others.get(n, _sample(c.type, i)) for n, c in required.items())]
            row += [others[name] for name in others if name not in required]
            rows.append("\t".join(row))
        reading = read_table(write(f"{table}.tsv", "\n".join(rows) + "\n"), table)
        return reading.frame[column].to_list(), list(row_errors(reading.errors))

    return read


def _sample(kind, i):
    samples = {"currency": "EUR", "date": "2024-09-22", "unit": "H87", "number": "1", "money": "1"}
    return samples.get(kind, f"K-{i}")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1200", "1200"),
        (" 1200 ", "1200"),
        ("۱۲۰۰", "1200"),
        ("١٢٠٠", "1200"),
        ("1,234.5", "1234.5"),
        ("1,234", "1234"),
        ("12,345,678", "12345678"),
        ("1 234.5", "1234.5"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234", "1234"),
        ("1'234.5", "1234.5"),
        ("۱٬۲۳۴٫۵", "1234.5"),
        ("۱،۲۳۴", "1234"),
        ("۱۲٫۵", "12.5"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1e3", "1000"),
        ("0.000001", "0.000001"),
        ("\u200e1200\u200f", "1200"),
    ],
)
def test_numbers_are_read_as_people_write_them(read, cell, number):
    assert read("needs", "yearly_quantity", [cell], unit="H87") == ([Decimal(number)], [])


@pytest.mark.parametrize(
    ("cell", "reason", "step"),
    [
        ("12,5", "decimal or thousands", "12.5 or 125"),
        ("0,125", "decimal mark", "0.125"),
        ("12/5", "fraction", "12.5"),
        ("-5", "negative", "write 5"),
        ("−5", "negative", "write 5"),
        (
            "۱۲۰۰ عدد",
            "a quantity and its unit",
            "write 1200 here and H87 (piece) in the column unit",
        ),
        ("1,200 kg", "a quantity and its unit", "write 1200 here and KGM (kilogram)"),
        ("5 million", "in words", "5000000"),
        ("40%", "does not hold shares", "without %"),
        ("(5)", "brackets", "write 5"),
        ("n/a", "no value", "leave the cell empty"),
        ("-", "no value", "leave the cell empty"),
        ("#DIV/0!", "spreadsheet's error", "formula"),
        ("many", "not a number", "1200"),
        ("5 xyzzy", "a number and a text", "number alone"),
        ("9" * 40, "too large", "digits"),
        ("nan", "not a number", "1200"),
        ("inf", "not a number", "1200"),
        ("1.2.3", "not a number", "1200.5"),
        ("1,23,456", "not a number", "1200.5"),
    ],
)
def test_numbers_that_may_mislead_are_refused_with_what_to_write(read, cell, reason, step):
    [value], [error] = read("needs", "yearly_quantity", [cell], unit="H87")
    assert value is None
    assert (error.file, error.row, error.column) == ("needs.tsv", 2, "yearly_quantity")
    assert reason in error.reason
    assert step in error.next_step
    assert error.found == cell


def test_an_amount_with_its_currency_names_the_column_of_the_currency(read):
    _, [error] = read("needs", "import_price", ["12 USD"], currency="EUR")
    assert error.reason == "the cell holds an amount and its currency."
    assert "write 12 here and USD" in error.next_step


def test_a_decimal_comma_elsewhere_makes_either_mark_doubtful(read):
    cells = ["1.234", "1.234,56", "7", "1,234", "12.5"]
    values, errors = read("needs", "yearly_quantity", cells, unit="H87")
    assert values == [None, Decimal("1234.56"), 7, None, Decimal("12.5")]
    assert [error.row for error in errors] == [2, 5]
    assert errors[0].next_step == "write 1234 or 1.234."


def test_more_than_six_decimals_are_rounded_with_a_note(write):
    text = "need_id,description,qty,unit\nN-1,Pump,0.12345678,kg\nN-2,Pump,1.5000000,kg\n"
    reading = read_table(write("needs.csv", text), "needs")
    assert reading.frame["yearly_quantity"].to_list() == [Decimal("0.123457"), Decimal("1.5")]
    assert reading.errors.is_empty()
    assert any("1 cells of qty" in note for note in reading.notes)


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(0, 10**12, places=6, allow_nan=False),
    st.sampled_from(["plain", "english", "spaced", "persian", "comma"]),
)
def test_a_number_is_the_same_in_every_way_of_writing_it(number, way):
    text = f"{number:,f}"
    if way == "plain":
        text = f"{number:f}"
    elif way == "spaced":
        text = text.replace(",", " ")
    elif way == "persian":
        text = text.translate(str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫"))
    elif way == "comma":
        text = text.translate(str.maketrans(",.", ".,"))
        if number < 1000:
            return
    cells = NumberReader(Column("q", "number")).read(pl.Series("q", [text]))
    assert cells.values.to_list() == [number]


@pytest.mark.parametrize(
    ("cell", "share"),
    [("0.35", 0.35), ("35%", 0.35), ("۳۵٪", 0.35), ("٪۳۵", 0.35), ("2.5 %", 0.025), ("1", 1.0)],
)
def test_shares_are_fractions_however_written(read, cell, share):
    assert read("offers", "local_content", [cell]) == ([pytest.approx(share)], [])


@pytest.mark.parametrize(
    ("cell", "step"), [("35", "35% or 0.35"), ("120%", "1.2%"), ("-1%", "0.01"), ("3500", "35%")]
)
def test_shares_outside_0_to_1_are_refused(read, cell, step):
    [value], [error] = read("offers", "local_content", [cell])
    assert value is None
    assert step in error.next_step


@pytest.mark.parametrize(("cell", "number"), [("1404", 1404), ("۱۴۰۴", 1404), ("1404.0", 1404)])
def test_whole_numbers(read, cell, number):
    assert read("needs", "required_year", [cell]) == ([number], [])


@pytest.mark.parametrize("cell", ["1404.5", "-3", "soon"])
def test_what_is_not_a_whole_number_is_refused(read, cell):
    [value], [error] = read("needs", "required_year", [cell])
    assert value is None
    assert error.row == 2


DAY = dt.date(2024, 10, 6)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-10-06",
        "2024/10/06",
        "20241006",
        "2024-10-06 00:00:00",
        "2024-10-06T09:30:00Z",
        "06.10.2024",
        "6.10.2024",
        "1403/07/15",
        "1403-7-15",
        "14030715",
        "۱۴۰۳/۰۷/۱۵",
        "١٤٠٣/٠٧/١٥",
        "15 Mehr 1403",
        "۱۵ مهر ۱۴۰۳",
        "6 Oct 2024",
        "October 6, 2024",
    ],
)
def test_days_in_both_calendars(read, cell):
    assert read("needs", "price_date", [cell]) == ([DAY], [])


def test_a_day_above_twelve_tells_the_order_of_day_and_month(read):
    values, errors = read("needs", "price_date", ["25/04/2024", "04/25/2024"])
    assert values == [dt.date(2024, 4, 25)] * 2
    assert errors == []


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("03/04/2024", "day 3 of month 4"),
        ("1403/07/31", "Mehr 1403 has 30 days"),
        ("۱۴۰۳/۰۷/۳۱", "Mehr 1403 has 30 days"),
        ("31 Mehr 1403", "Mehr 1403 has 30 days"),
        ("1404/12/30", "29 days"),
        ("2024-02-30", "February 2024 has 29 days"),
        ("2024-13-01", "no month 13"),
        ("45557", "day number"),
        ("1403", "single day"),
        ("soon", "does not hold a day"),
        ("03/07/15", ""),
    ],
)
def test_days_that_are_impossible_or_ambiguous_are_refused(read, cell, reason):
    [value], [error] = read("needs", "price_date", [cell])
    assert value is None
    assert reason in error.reason
    assert error.next_step


@pytest.mark.parametrize(
    ("table", "column", "cell", "value"),
    [
        ("needs", "unit", "کیلوگرم", "KGM"),
        ("needs", "unit", "pcs", "H87"),
        ("needs", "currency", "یورو", "EUR"),
        ("needs", "currency", "usd", "USD"),
        ("needs", "origin", "آلمان", "DE"),
        ("needs", "hs_code", "8482.10", "848210"),
        ("needs", "place", "اصفهان", "IR-10"),
        ("needs", "class", "مکانیکی", "mechanical"),
        ("needs", "class", "Raw_Material", "raw material"),
        ("needs", "incoterm", "fob", "FOB"),
        ("needs", "state", "mou", "MoU"),
        ("needs", "illustrative", "بله", True),
        ("needs", "illustrative", "NO", False),
        ("items", "isic", "2410", "2410"),
        ("observations", "period", "شش ماهه نخست ۱۴۰۳", "1403-H1"),
        ("observations", "period", "1398Q1", "1398-Q1"),
        ("observations", "status", "موقت", "provisional"),
        ("desks", "target_period", "2019", "2019"),
        ("organisations", "role", "maker؛ buyer;", "maker;buyer"),
        ("packages", "need_ids", "N-۱; N-2", "N-1;N-2"),
        ("claims", "basis", "تفاهم‌نامه", "MoU"),
    ],
)
def test_codes_and_words_are_kept_as_their_code(read, table, column, cell, value):
    values, errors = read(table, column, [cell])
    assert values == [value]
    assert [error for error in errors if error.column == column] == []


@pytest.mark.parametrize(
    ("table", "column", "cell", "near"),
    [
        ("needs", "unit", "kilogramm", "KGM"),
        ("needs", "currency", "EURO1", "EUR"),
        ("needs", "currency", "تومان", "rial"),
        ("needs", "hs_code", "848219", "84821"),
        ("needs", "hs_code", "84821000", "848210"),
        ("needs", "hs_code", "10121", "010121"),
        ("needs", "origin", "Germny", "DE"),
        ("needs", "place", "Isfahaan city", "IR-10"),
        ("needs", "class", "mechanicl", "mechanical"),
        ("needs", "state", "publishd", "published"),
        ("needs", "illustrative", "perhaps", "yes or no"),
        ("items", "isic", "2499", "24"),
        ("observations", "period", "spring", "year"),
        ("observations", "status", "finale", "final"),
        ("claims", "basis", "verifed", "verified"),
    ],
)
def test_unknown_codes_and_words_say_what_is_near(read, table, column, cell, near):
    [value], errors = read(table, column, [cell])
    assert value is None
    [error] = [error for error in errors if error.column == column]
    assert error.found == cell
    assert near in error.next_step


def test_keys_have_one_spelling_of_digits_and_letters(read):
    values, errors = read("needs", "need_id", ["N-۱۲", " ك-٣ ", "ی\u200e4"])
    assert values == ["N-12", "ک-3", "ی4"]
    assert errors == []


def test_empty_required_cells_are_named_and_white_space_is_empty(write):
    text = "need_id,description,qty,unit\n,Pump,1,kg\nN-2,  ,1,kg\nN-3,Pump,  ,kg\n"
    reading = read_table(write("needs.csv", text), "needs")
    assert reading.errors.select("row", "column").rows() == [(2, "need_id"), (3, "description")]
    assert reading.frame["yearly_quantity"].to_list() == [1, 1, None]


def test_all_errors_of_all_rows_come_at_once_in_order(write):
    bad = "N-{i},,-1,xyzzy,abc,XXQ,31 Mehr 1403"
    rows = "\n".join(bad.format(i=i) for i in range(50))
    text = "need_id,description,qty,unit,price,currency,price_date\n" + rows + "\n"
    errors = read_table(write("needs.csv", text), "needs").errors
    assert errors.height == 50 * 6
    assert errors["row"].to_list() == [row for row in range(2, 52) for _ in range(6)]


def test_an_error_reads_as_a_person_would_say_it(read):
    _, [error] = read("needs", "yearly_quantity", ["۱۲۰۰ عدد"], unit="H87")
    assert str(error) == (
        "needs.tsv, row 2, column yearly_quantity: the cell holds a quantity and its unit.\n"
        "  found: '۱۲۰۰ عدد'\n"
        "  next:  write 1200 here and H87 (piece) in the column unit."
    )
