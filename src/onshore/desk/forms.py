"""Forms made from the schemas of the records, and how a form is carried out.

What is typed is read as the cells of a sheet are: Persian digits, units by name, days of both
calendars, HS codes. Nothing typed is lost, whatever goes wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import uuid4

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions.acting import AlreadyDone, Refused, Stale
from onshore.desk.models import RECORDS, AuditEntry, ProgrammeSettings
from onshore.desk.models.record_tables import field_name
from onshore.desk.wording import (
    choice_label,
    column_label,
    language,
    sentence,
    table_label,
    unit_note,
)
from onshore.figures import FigureError, parse_number, shown
from onshore.records import Column, read_rows, schema

_View = Callable[..., HttpResponse]
_NUMBERS = ("number", "money", "signed", "share", "whole")
_LONG = frozenset({"description", "note", "statement", "reason", "milestones", "references"})


class NumberField(forms.Field):
    """A number in Persian or Latin digits; a Decimal, or a whole number."""

    def __init__(self, *, whole: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)
        self.whole = whole

    def to_python(self, value: Any) -> Decimal | int | None:
        """Read the number."""
        if value in (None, ""):
            return None
        try:
            number = parse_number(str(value))
        except FigureError as error:
            raise forms.ValidationError(sentence(str(error))) from error
        if self.whole and number != int(number):
            raise forms.ValidationError(_("Write a whole number."))
        return int(number) if self.whole else Decimal(number)


class DayField(forms.Field):
    """A day, in either calendar: 1403/07/12 or 2024-10-03."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _day_input())
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        """Read the day."""
        if value in (None, ""):
            return None
        if isinstance(value, date):
            return value
        read = read_rows("deals", [{"signed": str(value)}])
        errors = read.errors.filter(read.errors["column"] == "signed")
        if errors.height:
            raise forms.ValidationError(sentence(errors["reason"][0]))
        return read.frame["signed"][0]


class ReasonField(forms.CharField):
    """Why something is done."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Reason"))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(**kwargs)


def _day_input() -> forms.TextInput:
    return forms.TextInput(attrs={"class": "day", "autocomplete": "off", "data-day": "1"})


class OnceForm(forms.Form):
    """A form that is carried out once, however often it is sent.

    Parameters
    ----------
    record
        The record that it changes, if one: its version is sent along, so that a change by
        somebody else meanwhile is noticed.
    """

    data: Any
    once = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        initial = {"once": uuid4().hex, **kwargs.pop("initial", {})}
        if record is not None:
            initial["version"] = getattr(record, "version", None)
        super().__init__(*args, initial=initial, **kwargs)
        self.record = record
        self.changed_by_others: list[AuditEntry] = []

    def renewed(self, record: Any) -> None:
        """Let the form be sent again over the record as it is now."""
        self.changed_by_others = _changes_since(record, self.cleaned_data.get("version"))
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = record.version


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
        settings = ProgrammeSettings.objects.values_list("settings", flat=True).first() or {}
        read = read_rows(self.table, [typed], home=settings.get("home"), places=_places(typed))
        for column, reason, step in read.errors.select("column", "reason", "next_step").rows():
            if "is empty, and every row" in reason and not self._asked(column):
                continue
            error = f"{sentence(reason)} {sentence(step)}".strip()
            self.add_error(column if column in self.fields else None, error)
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
        return forms.CharField(widget=_day_input(), **told)
    if column.type in _NUMBERS:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "number"})
        return forms.CharField(widget=widget, **told)
    if column.name in _LONG:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **told)
    codes = column.type in ("key", "ref", "hs", "currency", "country", "unit") or column.name in (
        "part_number",
    )
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


def typed_as(value: Any) -> Any:
    """Write a value as a person of the page's language would type it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date):
        calendar = "solar_hijri" if language() == "fa" else "gregorian"
        return shown.day(value, language(), calendar) if calendar == "gregorian" else _hijri(value)
    if isinstance(value, Decimal | int | float):
        return shown.digits(f"{value:f}" if isinstance(value, Decimal) else str(value), language())
    return value


def _hijri(day: date) -> str:
    from onshore.figures import solar_hijri

    year, month, number = solar_hijri.from_gregorian(day)
    return shown.digits(f"{year:04}/{month:02}/{number:02}", "fa")


def _changes_since(record: Any, version: int | None) -> list[AuditEntry]:
    """Give the audit's lines of what others changed since a version, the last first."""
    count = max(record.version - (version or record.version), 0)
    lines = AuditEntry.objects.filter(table=record._meta.db_table, key=str(record.pk))
    return list(lines.order_by("-number")[:count])


def carry_out(
    request: HttpRequest,
    form: OnceForm,
    action: Callable[[dict[str, Any]], Any],
    *,
    done: Callable[[str], str],
    template: str = "desk/form.html",
    **context: Any,
) -> HttpResponse:
    """Show a form; if it was sent, do what it asks for.

    Parameters
    ----------
    action
        Takes the form's cleaned data and gives the record that came of it, or None.
    done
        Gives the address to go to from the record's key.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = action(form.cleaned_data)
                return redirect(done(str(getattr(made, "pk", made) or "")))
            except AlreadyDone as already:
                return redirect(done(already.key))
            except Refused as refused:
                _tell(form, refused)
                status = 409 if isinstance(refused, Stale) else 422
    elif kept := request.session.pop(f"typed {request.path}", None):
        form.initial |= {name: value for name, value in kept.items() if name in form.fields}
        context["kept"] = True
    return render(request, template, {"form": form, **context}, status=status)


def _tell(form: OnceForm, refused: Refused) -> None:
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, f"{refused.reason} {refused.next_step}".strip())
    if isinstance(refused, Stale) and form.record is not None:
        form.record.refresh_from_db()
        form.renewed(form.record)


_SECRET = ("csrfmiddlewaretoken", "once", "version", "password", "token", "again", "code")
_MOST_KEPT = 100_000


def signed_in(view: _View) -> _View:
    """Let only people who signed in reach a page.

    What was typed into a form whose session ended is kept and shown again after signing in.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor.user is not None:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            typed = {
                name: text
                for name, text in request.POST.items()
                if not any(secret in name for secret in _SECRET)
            }
            if sum(map(len, typed.values())) <= _MOST_KEPT:
                request.session[f"typed {request.path}"] = typed
        return redirect(f"{_sign_in()}?{urlencode({'next': request.get_full_path()})}")

    guarded.open_to = "people"  # type: ignore[attr-defined]
    return guarded


def open_to_all(view: _View) -> _View:
    """Mark a page as the public's; a test holds that every page is marked one way or the other."""
    view.open_to = "all"  # type: ignore[attr-defined]
    return view


def _sign_in() -> str:
    from django.urls import reverse

    return reverse("sign_in")


def form_for(request: HttpRequest, made: type[OnceForm], **kwargs: Any) -> Any:
    """Give a form filled with what was sent, or a fresh one."""
    if request.method == "POST":
        return made(request.POST, request.FILES or None, **kwargs)
    return made(**kwargs)


def choose(rows: models.QuerySet, label: Callable[[Any], str] = str) -> list[tuple[str, str]]:
    """Give a choice of records by their keys."""
    return [("", "—"), *((str(row.pk), label(row)) for row in rows)]
