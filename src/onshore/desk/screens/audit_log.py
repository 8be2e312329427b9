"""The audit: who did what to which record, and proof that no line was forged."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onshore.desk import jobs
from onshore.desk.auditing import audit, audit_proof
from onshore.desk.models import AuditEntry, Job
from onshore.desk.pages.forms import DayField, form_for, signed_in
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.wording import table_label
from onshore.desk.policies import find, may, require, visible
from onshore.records import tables


class ProofForm(forms.Form):
    """A line's number and hash as they were written down before."""

    number = forms.IntegerField(
        label=gettext_lazy("Number of a line"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "code"}),
    )
    hash = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=gettext_lazy("Its hash"),
        required=False,
        strip=True,
        widget=forms.TextInput(attrs={"class": "code", "dir": "ltr"}),
        error_messages={"invalid": gettext_lazy("A hash has 64 signs: digits and a to f.")},
    )

    def clean(self) -> dict[str, Any]:
        """Hold that both are there, or neither."""
        told = super().clean() or self.cleaned_data
        if not self.errors and bool(told.get("number")) != bool(told.get("hash")):
            raise forms.ValidationError(_("Write the number and the hash, or neither."))
        return told


@signed_in
def audit_log(request: HttpRequest) -> HttpResponse:
    """List the lines, the latest first."""
    require(request.actor, "read", AuditEntry)
    number, line_hash = audit.head()
    own = visible(request.actor, Job).filter(kind=audit_proof.VERIFY)
    return listing(
        request,
        visible(request.actor, AuditEntry),
        title=_("Who did what"),
        empty=_("No line fits these filters."),
        columns=[
            Column(_("Line"), "number", "number", link=_page_of),
            Column(_("When"), "at", "day"),
            Column(_("Who"), "actor", "code"),
            Column(_("On behalf of"), "organisation", "code"),
            Column(_("Deed"), "action", "code"),
            Column(_("Table"), lambda line: _table(line.table)),
            Column(_("Record"), "key", "code"),
            Column(_("Reason"), "reason"),
        ],
        filters=[
            Filter("actor", _("Who"), (), lambda rows, text: rows.filter(actor=text)),
            Filter("action", _("Deed"), (), _by_action),
            Filter("table", _("Table"), _tables, lambda rows, text: rows.filter(table=text)),
            Filter("key", _("Record"), (), lambda rows, text: rows.filter(key=text)),
            Filter("from", _("From day"), (), _from),
            Filter("to", _("To day"), (), _to),
        ],
        sorts=[
            Sort("latest", _("Latest first"), ("-number",)),
            Sort("first", _("Earliest first"), ("number",)),
        ],
        actions=[Action(_("Export all lines with hashes"), reverse("audit_export"), "download")],
        template="desk/audit/log.html",
        head_number=number,
        head_hash=line_hash,
        proof_form=ProofForm(label_suffix=""),
        proof=own.order_by("-asked_at").first(),
    )


def _page_of(line: AuditEntry) -> str:
    return reverse("audit_line", args=[line.number])


def _tables() -> list[tuple[str, str]]:
    own = [
        ("desk_users", _("People")),
        ("desk_memberships", _("Roles of people")),
        ("programme_settings", _("What holds for the whole programme")),
    ]
    return [*((table, table_label(table)) for table in tables()), *own]


def _table(table: str) -> str:
    return dict(_tables()).get(table, table)


def _by_action(rows: Any, text: str) -> Any:
    return rows.filter(action=text) if "." in text else rows.filter(action__startswith=f"{text}.")


def _from(rows: Any, text: str) -> Any:
    day = _day(text)
    return rows if day is None else rows.filter(at__gte=day)


def _to(rows: Any, text: str) -> Any:
    day = _day(text)
    return rows if day is None else rows.filter(at__lt=day + timedelta(days=1))


def _day(text: str) -> datetime | None:
    """Read a day of either calendar as its first moment; None where it is no day."""
    try:
        day = DayField(required=False).clean(text)
    except forms.ValidationError:
        return None
    return timezone.make_aware(datetime.combine(day, time())) if day else None


@signed_in
def audit_line(request: HttpRequest, number: int) -> HttpResponse:
    """Show a line: what was there before and after."""
    line = find(request.actor, AuditEntry, number)
    of_record = visible(request.actor, AuditEntry).filter(table=line.table, key=line.key)
    return render(
        request,
        "desk/audit/line.html",
        {
            "line": line,
            "table": _table(line.table),
            "earlier": of_record.filter(number__lt=number).order_by("-number").first(),
            "later": of_record.filter(number__gt=number).order_by("number").first(),
            "holds": audit.line_hash(line) == line.hash,
            "may_read_all": may(request.actor, "read", AuditEntry),
        },
    )


@signed_in
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Start the proof of the whole chain."""
    require(request.actor, "verify", AuditEntry)
    form = form_for(request, ProofForm, label_suffix="")
    if not form.is_valid():
        number, line_hash = audit.head()
        told = {"proof_form": form, "head_number": number, "head_hash": line_hash}
        return render(request, "desk/audit/proof.html", told, status=422)
    known = {name: form.cleaned_data[name] for name in ("number", "hash")}
    jobs.start(request.actor, audit_proof.VERIFY, known if all(known.values()) else {})
    return redirect(reverse("audit") + "#proof")


@signed_in
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give every line with its hashes, as one JSON object a line."""
    require(request.actor, "read", AuditEntry)
    name = f"audit-{timezone.localdate():%Y-%m-%d}.jsonl"
    return StreamingHttpResponse(
        audit_proof.as_json_lines(visible(request.actor, AuditEntry)),
        content_type="application/x-ndjson; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


urlpatterns = [
    path("audit/", audit_log, name="audit"),
    path("audit/export/", export, name="audit_export"),
    path("audit/verify/", verify, name="audit_verify"),
    path("audit/<int:number>/", audit_line, name="audit_line"),
]
