"""Forms made from the schemas of the records.

What is typed is read as the cells of a sheet are: Persian digits, units by name, days of both
calendars, HS codes. Other records are chosen by their names; see `onshore.desk.pages.key_fields`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from onshore.desk.models import RECORDS
from onshore.desk.models.record_tables import field_name
from onshore.desk.pages.choices import home
from onshore.desk.pages.forms import OnceForm, day_input, typed_as
from onshore.desk.pages.key_fields import KeyField, KeyInput, PlaceField, SectorField
from onshore.desk.pages.record_choices import TABLES
from onshore.desk.pages.wording import choice_label, column_label, sentence, table_label, unit_note
from onshore.records import Column, read_rows, schema

_NUMBERS = ("number", "money", "signed", "share", "whole")
_CODES = ("hs", "isic", "currency", "country", "unit")
_LONG = frozenset({"description", "note", "statement", "reason", "milestones", "references"})


class RecordForm(OnceForm):
    """A form of some columns of a table of the records; made by `record_form`."""

    table = ""
    columns: tuple[str, ...] = ()

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        own = getattr(record, "table", None) == self.table
        shown_first = _as_shown(self.table, self.columns, record) if own else {}
        kwargs["initial"] = shown_first | kwargs.get("initial", {})
        super().__init__(*args, record=record, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Read what was typed as a row of the table."""
        cleaned = super().clean() or self.cleaned_data
        typed = {
            name: str(cleaned[name]) if cleaned.get(name) is not None else ""
            for name in self.columns
            if name in cleaned
        }
        read = read_rows(self.table, [typed], home=home(), places=_places(typed))
        labels = self._labels()
        for column, reason, step in read.errors.select("column", "reason", "next_step").rows():
            if "is empty, and every row" in reason and not self._asked(column):
                continue
            required = self._asked(column)
            said = (sentence(text, labels, required=required) for text in (reason, step))
            self.add_error(column if column in self.fields else None, " ".join(said).strip())
        if read.frame.height:
            row = read.frame.row(0, named=True)
            cleaned |= {name: row[name] for name in typed}
            self._check_references(row)
        else:
            cleaned |= dict.fromkeys(typed)
        return cleaned

    def _check_references(self, row: Mapping[str, Any]) -> None:
        for column in schema(self.table).references:
            key = row.get(column.name)
            if column.type != "ref" or not key or column.name not in self.fields:
                continue
            if not RECORDS[column.table or ""].objects.filter(pk=key).exists():
                told = {"table": table_label(column.table or ""), "key": key}
                message = _("The table %(table)s has no row with the key %(key)s.") % told
                self.add_error(column.name, message)

    def _labels(self) -> dict[str, str]:
        """What the form calls the columns of its table, those that it does not show too."""
        labels = {name: column_label(self.table, name) for name in schema(self.table).dtypes}
        return labels | {name: str(field.label) for name, field in self.fields.items()}

    def _asked(self, column: str) -> bool:
        return column in self.fields and self.fields[column].required

    @property
    def record_fields(self) -> dict[str, Any]:
        """What was typed, by the fields of the model; empty texts as ``""``."""
        told = schema(self.table)
        values = {}
        for name in self.columns:
            value = self.cleaned_data.get(name)
            column = told.column(name)
            if column.type == "ref":
                values[f"{field_name(name)}_id"] = value or None
            else:
                values[field_name(name)] = "" if value is None and _is_text(column) else value
        return values


def record_form(
    table: str,
    columns: Sequence[str],
    *,
    extra: Mapping[str, forms.Field] | None = None,
    required: Sequence[str] = (),
) -> type[RecordForm]:
    """Make the form of some columns of a table.

    Parameters
    ----------
    table, columns
        The table and its columns, in the form's order.
    extra
        Fields besides, or instead of, those of the columns.
    required
        Columns that the form asks for, besides those that the table needs.
    """
    told = schema(table)
    fields = {
        name: _form_field(table, told.column(name), name in required)
        for name in columns
        if name not in (extra or {})
    }
    body = {"table": table, "columns": tuple(columns), **fields, **(extra or {})}
    made: Any = type(f"{table.title()}Form", (RecordForm,), body)
    made.base_fields = {
        name: made.base_fields[name]
        for name in ("once", "version", *columns, *(extra or {}))
        if name in made.base_fields
    }
    return made


def _form_field(table: str, column: Column, required: bool) -> forms.Field:
    told: dict[str, Any] = {
        "required": required or column.required,
        "label": lazy(column_label, str)(table, column.name),
        "help_text": lazy(unit_note, str)(column.unit),
    }
    if column.type == "choice":
        return forms.ChoiceField(choices=lambda: _choices(column), **told)
    if column.type == "bool":
        return forms.BooleanField(**{**told, "required": False})
    if column.type == "date":
        return forms.CharField(widget=day_input(), **told)
    if column.type in _NUMBERS:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "number"})
        return forms.CharField(widget=widget, **told)
    if column.name in _LONG:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **told)
    if column.table in TABLES:
        return KeyField(column.table, several=column.type == "refs", **told)
    if column.type == "place" or column.name == "places":
        return PlaceField(several=column.type == "list", **told)
    if column.name == "sector" and table != "desks":
        return SectorField(**told)
    if column.type in _CODES:
        return forms.CharField(widget=KeyInput(column.type), max_length=4000, **told)
    codes = column.type in ("key", "ref") or column.name == "part_number"
    widget = forms.TextInput(attrs={"dir": "auto", "class": "code" if codes else "text"})
    return forms.CharField(widget=widget, max_length=4000, **told)


def _choices(column: Column) -> list[tuple[str, str]]:
    return [("", "—"), *((value, choice_label(value)) for value in column.choices)]


def _is_text(column: Column) -> bool:
    return column.type not in (*_NUMBERS, "bool", "date", "ref")


def _places(typed: Mapping[str, str]) -> list[str]:
    """Keys of the programme's places among what was typed."""
    texts = [text for name, text in typed.items() if name in ("place", "country") and text]
    if not texts:
        return []
    return list(RECORDS["places"].objects.filter(pk__in=texts).values_list("pk", flat=True))


def _as_shown(table: str, columns: Sequence[str], record: Any) -> dict[str, Any]:
    told, values = schema(table), {}
    for name in columns:
        column = told.column(name)
        attribute = f"{field_name(name)}_id" if column.type == "ref" else field_name(name)
        if told.key == (name,):
            attribute = name
        values[name] = typed_as(getattr(record, attribute))
    return values
