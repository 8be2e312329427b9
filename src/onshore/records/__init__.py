"""The tables of a programme: read with every error named, checked, written whole."""

from onshore.records.errors import RowError, TableErrors, row_errors
from onshore.records.headings import table_named
from onshore.records.marking import mark_errors
from onshore.records.programme import Check, Programme, check, open_programme
from onshore.records.reading import Reading, read_table
from onshore.records.schemas import Column, Rule, Schema, schema, tables
from onshore.records.settings import Settings
from onshore.records.whole import write_whole
from onshore.records.writing import csv_bytes, write_table

__all__ = [
    "Check",
    "Column",
    "Programme",
    "Reading",
    "RowError",
    "Rule",
    "Schema",
    "Settings",
    "TableErrors",
    "check",
    "csv_bytes",
    "mark_errors",
    "open_programme",
    "read_table",
    "row_errors",
    "schema",
    "table_named",
    "tables",
    "write_table",
    "write_whole",
]
