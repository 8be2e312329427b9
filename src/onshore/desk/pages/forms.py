"""Fields that read what people type, and how a form is carried out.

Persian digits and days of both calendars are read in every field. Nothing typed is lost,
whatever goes wrong.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import uuid4

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions.acting import AlreadyDone, Refused, Stale
from onshore.desk.models import AuditEntry
from onshore.desk.pages.key_fields import seen_by
from onshore.desk.pages.wording import language, sentence
from onshore.figures import FigureError, parse_number, shown
from onshore.records import read_rows

_View = Callable[..., HttpResponse]


class NumberField(forms.Field):
    """A number in Persian or Latin digits; a Decimal, or a whole number."""

    def __init__(self, *, whole: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)
        self.whole = whole

    def to_python(self, value: Any) -> Decimal | int | None:
        """Read the number."""
        if value is None or not str(value).strip():
            return None
        try:
            number = parse_number(str(value))
        except FigureError as error:
            told = sentence(str(error), {}, required=self.required)
            raise forms.ValidationError(told) from error
        if self.whole and number != int(number):
            raise forms.ValidationError(_("Write a whole number."))
        return int(number) if self.whole else Decimal(number)


class DayField(forms.Field):
    """A day, in either calendar: 1403/07/12 or 2024-10-03."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", day_input())
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        """Read the day."""
        if value is None or not str(value).strip():
            return None
        if isinstance(value, date):
            return value
        read = read_rows("deals", [{"signed": str(value)}])
        errors = read.errors.filter(read.errors["column"] == "signed")
        for reason, step in errors.select("reason", "next_step").rows():
            said = (sentence(text, {}, required=self.required) for text in (reason, step))
            raise forms.ValidationError(" ".join(said))
        return read.frame["signed"][0]


class ReasonField(forms.CharField):
    """Why something is done."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Reason"))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(**kwargs)


class DebriefField(ReasonField):
    """What the makers are told who were not chosen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("What the other makers are told"))
        kwargs.setdefault("help_text", gettext_lazy("What decided it. May be left empty."))
        super().__init__(required=False, **kwargs)


def day_input() -> forms.TextInput:
    """Give the box that a day is typed in."""
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

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Give what a box holds at first: days and numbers as the page's language writes them."""
        value = super().get_initial_for_field(field, field_name)
        return typed_as(value) if isinstance(field.widget, forms.TextInput) else value

    @property
    def sent(self) -> dict[str, Any]:
        """What actions that change a record take from any form: version, token and reason."""
        told = ("version", "once", "reason")
        return {name: self.cleaned_data[name] for name in told if name in self.cleaned_data}

    def renewed(self, record: Any) -> None:
        """Let the form be sent again over the record as it is now."""
        self.changed_by_others = _changes_since(record, self.cleaned_data.get("version"))
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = record.version


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


class ReasonForm(OnceForm):
    """Why something is done."""

    reason = ReasonField()


class WithdrawForm(OnceForm):
    """Why something is withdrawn; it may be left unsaid."""

    reason = ReasonField(required=False)


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
    guard: Callable[[], None] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form; if it was sent, do what it asks for.

    Parameters
    ----------
    action
        Takes the form's cleaned data and gives the record that came of it, or None.
    done
        Gives the address to go to from the record's key.
    guard
        The action's own guard: where it refuses, the reason is shown instead of the form.
    """
    status = 200
    if guard is not None and request.method != "POST":
        try:
            guard()
        except Refused as refused:
            return render(request, "desk/refused.html", {**context, "refused": refused})
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = action(form.cleaned_data)
                return redirect(done(str(getattr(made, "pk", made) or "")))
            except AlreadyDone as already:
                return redirect(done(already.key))
            except Refused as refused:
                tell(form, refused)
                status = 409 if isinstance(refused, Stale) else 422
    elif kept := request.session.pop(f"typed {request.path}", None):
        form.initial |= {name: value for name, value in kept.items() if name in form.fields}
        context["kept"] = True
    return render(request, template, {"form": form, **context}, status=status)


def carry_out_on(
    request: HttpRequest,
    record: Any,
    made: type[OnceForm],
    action: Callable[..., Any],
    *,
    page: Callable[[str], str],
    done: Callable[[str], str] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form of what is done to a record; if it was sent, do it and go to the record's page.

    Parameters
    ----------
    action
        Takes the actor, the record's key and all that the form holds.
    page
        Gives the address of a record's page from its key.
    done
        Gives another address to go to afterwards.
    """
    return carry_out(
        request,
        form_for(request, made, record=record),
        lambda cleaned: action(request.actor, record.pk, **cleaned),
        done=done or (lambda key: page(key or record.pk)),
        cancel=page(record.pk),
        **context,
    )


def tell(form: OnceForm, refused: Refused) -> None:
    """Say on a form why it was refused, and of a stale one what others changed."""
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
    sent = (request.POST, request.FILES or None) if request.method == "POST" else ()
    form = made(*sent, **kwargs)
    seen_by(form, request.actor)
    return form


def choose(rows: models.QuerySet, label: Callable[[Any], str] = str) -> list[tuple[str, str]]:
    """Give a choice of records by their keys."""
    return [("", "—"), *((str(row.pk), label(row)) for row in rows)]
