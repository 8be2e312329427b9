"""Bringing in sheets: upload, which column is which, mend, see what would change, bring in."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from onshore.desk.actions import uploads as actions
from onshore.desk.actions.acting import Refused
from onshore.desk.models import Job, Organisation, Upload
from onshore.desk.pages.forms import OnceForm, carry_out, choose, form_for, signed_in
from onshore.desk.pages.listing import Action, Column, Filter, listing
from onshore.desk.pages.told import told
from onshore.desk.pages.wording import language, table_label
from onshore.desk.policies import NotAllowed, find, visible
from onshore.desk.uploading import page as upload_page
from onshore.desk.uploading.kinds import kinds_of
from onshore.desk.uploading.uploads import NotRead, Session, run_reader
from onshore.figures import shown
from onshore.records import schema

_BEYOND_FILE = 64 << 10
"""Bytes that a form may have beside its file."""

_STATES = {
    Upload.State.UPLOADED: gettext_lazy("Uploaded"),
    Upload.State.READ: gettext_lazy("Read, not brought in yet"),
    Upload.State.COMMITTED: gettext_lazy("Brought in"),
    Upload.State.DISCARDED: gettext_lazy("Given up"),
}


@signed_in
def uploads(request: HttpRequest) -> HttpResponse:
    """List one's own uploads."""
    rows = visible(request.actor, Upload).select_related("organisation").order_by("-at", "-pk")
    may_add = kinds_of(request.actor)
    return listing(
        request,
        rows,
        title=_("Sheets you brought in, the last first"),
        columns=[
            Column(_("File"), "name", "link", link=lambda row: reverse("upload", args=[row.pk])),
            Column(_("Table"), lambda row: table_label(row.table)),
            Column(_("Organisation"), "organisation"),
            Column(_("Rows"), "rows", "number"),
            Column(_("Errors"), "errors", "number"),
            Column(_("State"), lambda row: _STATES[row.state]),
            Column(_("Day"), "at", "day"),
        ],
        filters=[
            Filter(
                "state",
                _("State"),
                list(_STATES.items()),
                lambda rows, value: rows.filter(state=value),
            )
        ],
        empty=_("Upload a sheet of needs or offers, as XLSX or CSV, in your own headings."),
        actions=[Action(_("Upload a sheet"), reverse("new_upload"), "upload")] if may_add else [],
    )


class _FileInput(forms.ClearableFileInput):
    template_name = "django/forms/widgets/file.html"


class UploadForm(OnceForm):
    """Which table a file is, whose rows it holds, and the file."""

    table = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    organisation = forms.ChoiceField(label=gettext_lazy("Whose rows they are"), required=False)
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=_FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.tsv,.txt"}),
        help_text=gettext_lazy("XLSX or CSV, up to 50 MB and 200,000 rows."),
        error_messages={
            "required": gettext_lazy("Choose the file."),
            "empty": gettext_lazy("The file is empty. Choose another."),
        },
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [
            (kind.table, table_label(kind.table)) for kind in kinds_of(actor)
        ]
        own: set[str] | None = set()
        for kind in kinds_of(actor):
            keys = kind.own(actor)
            own = None if keys is None or own is None else own | keys
        rows = visible(actor, Organisation).order_by("name")
        rows = rows if own is None else rows.filter(pk__in=own)
        self.fields["organisation"].choices = choose(rows[:2000])
        if own is not None and len(own) == 1:
            self.fields["organisation"].initial = next(iter(own))
        self.fields["organisation"].help_text = _(
            "Needed if the sheet has no column that names it."
        )


@csrf_exempt
@signed_in
def new_upload(request: HttpRequest) -> HttpResponse:
    """Upload a sheet; one that is too large is answered before it is read."""
    if not kinds_of(request.actor):
        raise NotAllowed("uploads.begin")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.MOST_UPLOAD_BYTES + _BEYOND_FILE:
        form = UploadForm(actor=request.actor)
        error = _("The file is larger than 50 MB. Divide it into several files.")
        context = {"form": form, "refused": error, **_upload_context()}
        return render(request, "desk/uploads/new.html", context, status=413)
    return _new_upload(request)


@csrf_protect
def _new_upload(request: HttpRequest) -> HttpResponse:
    actor = request.actor
    form = form_for(request, UploadForm, actor=actor)
    if request.method == "POST" and "whole" not in request.POST:
        error = _("The file did not arrive whole. Nothing was kept: choose it and send it again.")
        context = {"form": UploadForm(actor=actor), "refused": error, **_upload_context()}
        return render(request, "desk/uploads/new.html", context, status=400)
    return carry_out(
        request,
        form,
        lambda typed: actions.begin(
            *(actor, typed["table"], typed["file"]),
            organisation=typed["organisation"],
            once=typed["once"],
        ),
        done=lambda key: reverse("upload", args=[key]),
        template="desk/uploads/new.html",
        **_upload_context(),
    )


def _upload_context() -> dict[str, Any]:
    return {
        "title": _("Which sheet do you bring in?"),
        "button": _("Upload and read"),
        "cancel": reverse("uploads"),
    }


@signed_in
def upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Show how far an upload is, what is wrong with its rows and what it would change."""
    return _page(request, find(request.actor, Upload, upload_id))


def _page(request: HttpRequest, found: Upload, refused: Refused | None = None) -> HttpResponse:
    session = Session(found)
    open_ = found.state == Upload.State.READ
    job = found.job if found.job_id else None
    context = {
        "upload": found,
        "session": session,
        "state": _STATES[found.state],
        "table": table_label(found.table),
        "refused": refused,
        "open": open_,
        "working": job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING),
        "job": job,
        "notes": _notes(session),
        "same_as": parse_datetime(found.summary["same_as"]) if "same_as" in found.summary else None,
        "title": _title(found, session),
    }
    if open_:
        page = _whole(request.GET.get("page"))
        context |= (
            upload_page.columns(session)
            | upload_page.faults(session, page, request.actor)
            | upload_page.changes(session, page)
        )
        context |= {"page": page, "previous": page - 1, "next": page + 1}
    return render(request, "desk/uploads/upload.html", context, status=422 if refused else 200)


def _notes(session: Session) -> list[str]:
    notes = [told(note) for note in session.told.get("notes", ())]
    if unknown := session.told.get("without_rate"):
        notes.append(
            _(
                "There is no exchange rate for %s: these prices are brought in, and cannot be"
                " compared until the agency adds the rate."
            )
            % ", ".join(unknown)
        )
    return notes


def _title(found: Upload, session: Session) -> str:
    counts = session.counts
    if found.state == Upload.State.COMMITTED:
        return _("Brought in: %(new)s new and %(changed)s changed rows") % _shown(counts)
    if found.state == Upload.State.DISCARDED:
        return _("This upload was given up")
    if not any(session.told.get("columns", ())):
        return _("Which column is which?")
    faulty = session.told.get("faulty", 0)
    if found.errors:
        told_ = ngettext(
            "%(count)s row needs mending before the sheet is brought in",
            "%(count)s rows need mending before the sheet is brought in",
            faulty,
        )
        return told_ % {"count": shown.number(faulty, language())}
    if session.is_ready:
        return _("Ready: %(new)s new and %(changed)s changed rows") % _shown(counts)
    return _("Nothing in this sheet is new") if found.rows else _("There are no rows in this sheet")


def _shown(counts: dict[str, int]) -> dict[str, str]:
    return {
        name: shown.number(counts.get(name, 0), language()) for name in ("new", "changed", "same")
    }


@signed_in
@require_POST
def choose_columns(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Choose the sheet, the row of the headings and each heading's column."""
    found = find(request.actor, Upload, upload_id)
    read = Session(found).told
    sheet = request.POST.get("sheet", read.get("sheet", ""))
    row = _whole(request.POST.get("heading_row"))
    same = sheet == read.get("sheet", "") and row == read.get("heading_row")
    count = len(read.get("headings", []))
    columns = [request.POST.get(f"column-{at}", "") for at in range(count)] if same else []
    return _done(
        request,
        found,
        lambda: actions.choose(
            request.actor, found.pk, sheet=sheet, heading_row=row, columns=columns
        ),
    )


@signed_in
@require_POST
def mend(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Mend cells and leave rows out; what cannot be read is asked for again."""
    found = find(request.actor, Upload, upload_id)
    cells: dict[str, dict[str, str]] = {}
    left_out = []
    for name, text in request.POST.items():
        kind, _colon, where = name.partition(":")
        row, _colon, column = where.partition(":")
        if kind == "cell" and row.isdecimal() and column in schema(found.table).dtypes:
            cells.setdefault(row, {})[column] = text.replace("\0", "")
        elif kind == "out" and row.isdecimal():
            left_out.append(int(row))
    return _done(
        request, found, lambda: actions.mend(request.actor, found.pk, cells, left_out=left_out)
    )


def _done(request: HttpRequest, found: Upload, action: Any) -> HttpResponse:
    try:
        action()
    except Refused as refused:
        found.refresh_from_db()
        return _page(request, found, refused)
    return redirect("upload", found.pk)


@signed_in
@require_POST
def commit(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Start bringing the rows in."""
    found = find(request.actor, Upload, upload_id)
    try:
        job = actions.ask_commit(request.actor, found.pk)
    except Refused as refused:
        return _page(request, found, refused)
    return redirect("job", job.pk)


@signed_in
@require_POST
def discard(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Give an upload up."""
    found = find(request.actor, Upload, upload_id)
    try:
        actions.discard(request.actor, found.pk)
    except Refused as refused:
        return _page(request, found, refused)
    messages.success(request, _("The upload was given up. Nothing of it was brought in."))
    return redirect("uploads")


@signed_in
def marked(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Give the sheet back with the faulty cells marked."""
    found = find(request.actor, Upload, upload_id)
    session = Session(found)
    if found.state != Upload.State.READ or not found.errors:
        return redirect("upload", found.pk)
    name = "marked.xlsx"
    try:
        run_reader(request.actor, session, marked=name)
        actions.mend(request.actor, found.pk, {})
    except (NotRead, Refused) as error:
        reason = error if isinstance(error, Refused) else Refused(told(str(error)))
        return _page(request, found, reason)
    stem = found.name.rpartition(".")[0] or found.name
    file = (session.folder / name).open("rb")
    told_name = _("%s, marked") % stem
    return FileResponse(file, as_attachment=True, filename=f"{told_name}.xlsx")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and 0 < int(text) < 10**6 else 1


urlpatterns = [
    path("uploads/", uploads, name="uploads"),
    path("uploads/new/", new_upload, name="new_upload"),
    path("uploads/<int:upload_id>/", upload, name="upload"),
    path("uploads/<int:upload_id>/columns/", choose_columns, name="upload_columns"),
    path("uploads/<int:upload_id>/mend/", mend, name="upload_mend"),
    path("uploads/<int:upload_id>/commit/", commit, name="upload_commit"),
    path("uploads/<int:upload_id>/discard/", discard, name="upload_discard"),
    path("uploads/<int:upload_id>/marked/", marked, name="upload_marked"),
]
