"""The tables' schemas are data; what they say has to hold together."""

import csv
from importlib.resources import files

import pytest

from onshore.codes import fold
from onshore.records import schema, tables
from onshore.records.headings import heading_key
from onshore.records.schemas import TYPES

COLUMNS = [(table, column) for table in tables() for column in schema(table)]


def raw(name: str) -> list[dict[str, str]]:
    path = files("onshore.records").joinpath("tables", name)
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_every_schema_file_is_a_table_and_every_table_has_one():
    names = {path.name for path in files("onshore.records").joinpath("tables").iterdir()}
    assert {name for name in names if not name.startswith("_")} == {f"{t}.csv" for t in tables()}


@pytest.mark.parametrize("table", tables())
def test_a_table_has_its_key_and_says_what_it_is(table):
    it = schema(table)
    columns = {column.name: column for column in it}
    assert len(columns) == len(it.columns)
    assert it.title
    assert it.title_fa
    assert it.meaning
    for name in it.key:
        assert columns[name].required


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda x: getattr(x, "name", x))
def test_a_column_has_a_known_type_and_meaning(table, column):
    assert column.type in TYPES
    assert column.meaning.endswith(".")
    if column.type in ("ref", "refs"):
        assert column.table in tables()
        assert len(schema(column.table).key) == 1
    if column.type == "choice":
        assert len(set(map(fold, column.choices))) == len(column.choices) > 1


@pytest.mark.parametrize("table", tables())
def test_no_heading_means_two_columns_of_a_table(table):
    owners: dict[str, set[str]] = {}
    for column in schema(table):
        for text in (column.name, *column.synonyms, *column.last_resort):
            owners.setdefault(heading_key(text), set()).add(column.name)
    assert {text: names for text, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("table", tables())
def test_rules_speak_of_columns_that_are_there(table):
    names = set(schema(table).dtypes)
    for rule in schema(table).rules:
        spoken = {name for name in (rule.column, rule.other, rule.unless) if name}
        assert spoken <= names
        assert rule.kind in ("with", "not_before", "at_most", "between")
        if rule.kind == "between":
            assert rule.low < rule.high
    assert {row["table"] for row in raw("_rules.csv")} <= set(tables())


def test_every_choice_has_a_persian_name_and_no_spelling_means_two_choices():
    rows = {row["value"]: row for row in raw("_choices.csv")}
    incoterms = set(schema("needs").column("incoterm").choices)
    for _, column in COLUMNS:
        spellings: dict[str, str] = {}
        for choice in column.choices:
            if choice in incoterms:
                continue
            row = rows[choice]
            assert row["name_fa"]
            for text in (choice, row["name_fa"], *row["synonyms"].split(";")):
                if text.strip():
                    assert spellings.setdefault(fold(text), choice) == choice
    used = {choice for _, column in COLUMNS for choice in column.choices}
    assert set(rows) <= used


def test_unknown_names_say_what_there_is():
    with pytest.raises(KeyError, match="organisations"):
        schema("nedes")
    with pytest.raises(KeyError, match="no column qty"):
        schema("needs").column("qty")
