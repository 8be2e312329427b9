"""A programme's folder: settings, tables, checks."""

import subprocess
import sys
from datetime import date

import polars as pl
import pytest

import onshore
from onshore.records import TableErrors, check, schema, tables

NEEDS = "need_id,description,qty,unit\nN-1,Pump,5,piece\nN-2,پمپ,۱۲,عدد\n"


def test_a_programme_is_opened_with_its_settings_and_all_its_tables(programme):
    opened = onshore.open(programme({"needs": NEEDS}))
    told = opened.settings
    assert (told.name, told.name_fa, told.home, told.currency) == ("Trial", "آزمایش", "IR", "EUR")
    assert (told.calendar, told.price_date, told.rate_type) == (
        "solar_hijri",
        date(2024, 9, 22),
        "market",
    )
    assert (told.discount_rate, told.first_year, told.years) == (0.08, 1404, 5)
    assert told.phases == {1: 1404, 2: 1406}
    assert told.illustrative is False
    assert opened.table("needs")["yearly_quantity"].to_list() == [5, 12]
    for name in tables():
        assert dict(opened.table(name).schema) == schema(name).dtypes
    with pytest.raises(KeyError, match="needs"):
        opened.table("nedes")


def test_the_settings_file_stands_for_the_folder(programme):
    folder = programme({"needs": NEEDS})
    assert onshore.open(folder / "programme.toml").folder == folder
    assert check(folder / "programme.toml").tables.rows() == [("needs.csv", 2, 0)]


def test_opening_with_errors_raises_all_of_them(programme):
    bad = NEEDS + "".join(f"M-{i},Pump,-1,piece\n" for i in range(30))
    folder = programme({"needs": bad})
    with pytest.raises(TableErrors) as raised:
        onshore.open(folder)
    assert len(raised.value) == 30
    assert len(list(raised.value)) == 30
    assert str(raised.value).count("negative") == 20
    assert "10 more" in str(raised.value)


def test_importing_onshore_imports_nothing_heavy():
    code = "import onshore, sys; print('polars' in sys.modules, callable(onshore.open))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("settings", "row", "column", "step"),
    [
        (
            'name = "x"\nhome = "IR"\nprice_date = 2024-09-22\nrate_type = "market"\n[horizon]\n'
            "first_year = 1404\nyears = 5\n",
            1,
            "currency",
            'currency = "EUR"',
        ),
        ('name = "x"\nhome = "Iranistan"\n', 2, "home", "IR"),
        ('name = "x"\nhome = "IR"\ncurrency = "toman"\n', 3, "currency", "rial"),
        ('name = ""\n', 1, "name", "quotation"),
        ('calendar = "lunar"\n', 1, "calendar", "gregorian"),
        ("price_date = 5\n", 1, "price_date", "quotation"),
        ('price_date = "1403/07/31"\n', 1, "price_date", "30 Mehr"),
        ("discount_rate = 8\n", 1, "discount_rate", "0.08"),
        ('illustrative = "yes"\n', 1, "illustrative", "true or false"),
        ("# a\n[horizon]\nyears = 0\n", 3, "years", "1 to 100"),
        ('calendar = "solar_hijri"\n[horizon]\nfirst_year = 2025\n', 3, "first_year", "1300"),
        ("[horizon]\nyears = 5\n[phases]\none = 1404\n", 4, "one", "1 = 2025"),
        ('calendar = "solar_hijri"\n[phases]\none = 1404\n', 3, "one", "1 = 1404"),
        ("[horizon]\nyears = 5\n", 1, "first_year", "first_year = 2025"),
        ('calendar = "solar_hijri"\n[horizon]\nyears = 5\n', 2, "first_year", "first_year = 1404"),
        ("horizon = 5\n", 1, "horizon", "[horizon]"),
    ],
)
def test_errors_in_the_settings_name_their_line_and_key(programme, settings, row, column, step):
    errors = [
        error for error in check(programme({"needs": NEEDS}, settings)) if error.column == column
    ]
    assert {(error.file, error.row) for error in errors} == {("programme.toml", row)}
    assert step in errors[0].next_step


def test_all_missing_settings_are_told_at_once(programme):
    result = check(programme({"needs": NEEDS}, "illustrative = true\n"))
    assert [error.column for error in result] == [
        "name",
        "home",
        "currency",
        "price_date",
        "rate_type",
        "first_year",
        "years",
    ]


@pytest.mark.parametrize("text", ['name = "x', "name x\n", "=", "[horizon"])
def test_settings_that_are_not_toml_are_one_error(programme, text):
    [error] = check(programme({"needs": NEEDS}, text))
    assert error.file == "programme.toml"
    assert "not TOML" in error.reason


def test_settings_may_be_missing_or_in_another_encoding(programme):
    folder = programme({"needs": NEEDS})
    (folder / "programme.toml").write_bytes('name = "آزمایش ي"'.encode("utf-16"))
    [error] = check(folder)
    assert "UTF-8" in error.next_step
    (folder / "programme.toml").write_bytes('name = "x"\nname_fa = "طرح"'.encode("cp1256"))
    [error] = check(folder)
    assert (error.row, "UTF-8" in error.reason, "codec" in str(error)) == (2, True, False)
    (folder / "programme.toml").unlink()
    [error] = check(folder)
    assert (error.file, error.reason) == ("programme.toml", "the programme has no settings.")


def test_unknown_settings_are_a_note(programme):
    folder = programme({"needs": NEEDS})
    with (folder / "programme.toml").open("a", encoding="utf-8") as file:
        file.write("[colours]\nred = 1\n")
    result = check(folder)
    assert list(result) == []
    assert any("colours" in note for note in result.notes)


def test_two_files_for_one_table_are_an_error_naming_both(programme):
    folder = programme({"needs": NEEDS})
    (folder / "Needs.tsv").write_text(NEEDS.replace(",", "\t"), encoding="utf-8")
    [error] = check(folder)
    assert "Needs.tsv and needs.csv" in error.reason


def test_files_may_be_named_by_the_tables_title_in_persian(programme):
    folder = programme()
    (folder / "نیازها.csv").write_text(NEEDS, encoding="utf-8")
    assert onshore.open(folder).table("needs").height == 2


def test_other_files_are_left_alone_with_a_note(programme):
    folder = programme({"needs": NEEDS})
    (folder / "sketch.csv").write_text("a,b\n", encoding="utf-8")
    (folder / "~$needs.xlsx").write_bytes(b"lock")
    (folder / "README.txt").write_text("read me", encoding="utf-8")
    result = check(folder)
    assert list(result) == []
    assert [note for note in result.notes if "sketch.csv" in note]
    assert not [note for note in result.notes if "README" in note or "~$" in note]


def test_header_only_tables_are_notes(programme):
    result = check(programme({"needs": NEEDS, "offers": "offer_id,description\n"}))
    assert result.tables.rows() == [("needs.csv", 2, 0), ("offers.csv", 0, 0)]
    assert list(result) == []
    assert any(note.startswith("offers.csv") for note in result.notes)


def test_errors_are_counted_per_file(programme):
    offers = "offer_id,description,price\nO-1,Pump,5\nO-2,Pump\n"
    result = check(programme({"needs": NEEDS, "offers": offers}, "illustrative = 5\n"))
    assert result.tables.filter(pl.col("file") != "programme.toml").rows() == [
        ("needs.csv", 2, 0),
        ("offers.csv", 2, 2),
    ]
    assert result.errors.group_by("file").len().height == 2


@pytest.mark.parametrize("name", ["nothing.csv", "nowhere"])
def test_what_is_not_there_is_said(tmp_path, name):
    [error] = check(tmp_path / name)
    assert "no such" in error.reason
    with pytest.raises(TableErrors, match="no such folder"):
        onshore.open(tmp_path / name)


def test_an_empty_folder_says_what_to_put_into_it(tmp_path):
    errors = list(check(tmp_path))
    assert any("no tables" in error.reason for error in errors)
    assert any("programme.toml" in error.next_step for error in errors)


@pytest.mark.parametrize("name", ["needs.csv", "Needs.CSV", "list-of-march.csv", "نیازها.csv"])
def test_a_single_file_is_checked_as_the_table_it_is(write, name):
    result = check(write(name, NEEDS.replace("qty", "yearly_quantity") + "N-3,Pump,-5,piece\n"))
    [error] = result
    assert (error.file, error.row) == (name, 4)
    assert result.tables.rows() == [(name, 3, 1)]


def test_a_single_file_of_no_table_is_told_the_names_of_tables(write):
    [error] = check(write("list.csv", "a,b\n1,2\n"))
    assert "which table" in error.reason
    assert "needs" in error.next_step


def test_references_of_a_single_file_are_a_note(write):
    result = check(write("needs.csv", "need_id,description,item_id\nN-1,Pump,IT-1\n"))
    assert list(result) == []
    assert any("item_id to items" in note for note in result.notes)


def test_a_file_of_another_kind_is_refused(write):
    [error] = check(write("needs.ods", b"PK"))
    assert "'.ods'" in error.reason
    [error] = check(write("needs", b"need_id"))
    assert error.next_step


def test_checking_and_opening_find_the_same_errors(programme):
    tables = {
        "needs": "need_id,description,item_id\nN-1,,IT-1\nN-1,Pump,IT-9\n",
        "items": "item_id,description,class,unit\nIT-1,Pump,mech,blob\n",
    }
    folder = programme(tables)
    with pytest.raises(TableErrors) as raised:
        onshore.open(folder)
    assert raised.value.errors.equals(check(folder).errors)
