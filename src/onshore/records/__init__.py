"""The tables of a programme: read with every error named, checked, written whole."""

from onshore.records.choice import Choice, Look, look, texts_of_rows
from onshore.records.database import NoProgramme, settings_from
from onshore.records.errors import RowError, TableErrors, row_errors
from onshore.records.headings import table_named
from onshore.records.marking import mark_errors
from onshore.records.programme import Check, Programme, check, open_programme
from onshore.records.reading import Reading, read_table
from onshore.records.schemas import Column, Rule, Schema, choice_name, schema, tables
from onshore.records.settings import Settings
from onshore.records.settings_text import settings_text
from onshore.records.typed_rows import read_rows
from onshore.records.whole import write_whole
from onshore.records.writing import csv_bytes, write_table

__all__ = [
    "Check",
    "Choice",
    "Column",
    "Look",
    "NoProgramme",
    "Programme",
    "Reading",
    "RowError",
    "Rule",
    "Schema",
    "Settings",
    "TableErrors",
    "check",
    "choice_name",
    "csv_bytes",
    "look",
    "mark_errors",
    "open_programme",
    "read_rows",
    "read_table",
    "row_errors",
    "schema",
    "settings_from",
    "settings_text",
    "table_named",
    "tables",
    "texts_of_rows",
    "write_table",
    "write_whole",
]
