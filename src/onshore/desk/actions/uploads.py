"""Bringing in sheets: begun, columns chosen, cells mended, then brought in at once or given up."""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.upload_draft import Draft, changed_meanwhile
from onshore.desk.actor import Actor
from onshore.desk.jobs import start
from onshore.desk.models import ColumnMemory, Job, Organisation, Upload
from onshore.desk.pages.told import told
from onshore.desk.policies import find, require, visible
from onshore.desk.uploading.existing import Existing, in_batches, own_errors
from onshore.desk.uploading.kinds import KINDS, Kind
from onshore.desk.uploading.uploads import SUFFIXES, NotRead, Session, read
from onshore.records import schema

_SECOND = re.compile(r"(?<=\. )[a-z]")
"""Where the second sentence of an error in English begins."""

Report = Callable[[int, int, str], None]


def begin(
    actor: Actor,
    table: str,
    file: Any,
    *,
    organisation: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Upload:
    """Keep an uploaded file and read it a first time.

    Parameters
    ----------
    table
        ``needs`` or ``offers``.
    file
        The uploaded file.
    organisation
        Whose rows these are; needed by all but officers.

    Raises
    ------
    Refused
        The organisation is not the actor's, or the file is of another kind or cannot be read.
    """
    kind = KINDS[table]
    require(actor, "add", kind.model)
    own = kind.own(actor)
    if own is not None and len(own) == 1:
        organisation = organisation or next(iter(own))
    if own is not None and organisation not in own:
        raise Refused(
            _("This organisation is not yours."),
            _("Choose one of your organisations."),
            field="organisation",
        )
    suffix = Path(file.name).suffix.lower()
    if suffix not in SUFFIXES:
        raise Refused(
            _("A sheet is read from XLSX or CSV, and this file ends in “%s”.") % suffix,
            _("Save it as XLSX or as “CSV UTF-8” and choose that file."),
            field="file",
        )
    at = at or timezone.now()
    upload = Upload(
        user=actor.user,
        organisation=_organisation(actor, organisation),
        table=table,
        name=Path(file.name).name[:300],
        sha256=_sha256(file),
        size=file.size,
        at=at,
    )
    upload.file.save(f"{uuid.uuid4().hex}/{table}{suffix}", file, save=False)
    session = Session(upload)
    try:
        # Reading may take a minute, and no transaction is kept open for so long.
        upload.summary = _same_before(upload)
        _take(upload, read(actor, session))
        with acting(actor, "uploads.begin", once=once, at=at) as deed:
            upload.save(force_insert=True)
            deed.key = str(upload.pk)
            deed.note("desk_uploads", deed.key, {}, _told_of(upload))
    except NotRead as error:
        session.remove()
        raise _refused(error) from error
    except BaseException:
        session.remove()
        raise
    return upload


def _organisation(actor: Actor, key: str) -> Any:
    if not key:
        return None
    found = visible(actor, Organisation).filter(pk=key).first()
    if found is None:
        raise Refused(
            _("This organisation is not there."),
            _("Choose one from the list."),
            field="organisation",
        )
    return found


def choose(
    actor: Actor,
    upload_id: int,
    *,
    sheet: str,
    heading_row: int,
    columns: Sequence[str],
) -> Upload:
    """Choose the sheet, the row of the headings and the column of each heading.

    Raises
    ------
    Refused
        Two headings mean the same column, or the sheet cannot be read.
    """
    upload = _open(actor, upload_id)
    names = [name for name in columns if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(
            _("Two headings mean the same column: %s.") % ", ".join(twice),
            _("Keep one of them and set the other to “not read”."),
        )
    known = {column.name for column in schema(upload.table)} - set(KINDS[upload.table].kept_out)
    chosen = {"sheet": sheet, "heading_row": heading_row, "columns": list(columns)}
    if not set(names) <= known:
        raise Refused(_("One of the columns is not known."), _("Choose from the list."))
    if chosen["sheet"] != upload.columns.get("sheet"):
        upload.mended = {}
    upload.columns = chosen
    try:
        _read_again(actor, upload)
    except NotRead as error:
        raise _refused(error) from error
    return upload


def mend(
    actor: Actor,
    upload_id: int,
    cells: Mapping[str, Mapping[str, str]],
    *,
    left_out: Sequence[int] = (),
) -> Upload:
    """Put texts in the place of cells, by row and column, and leave rows out."""
    upload = _open(actor, upload_id)
    kept = {row: dict(texts) for row, texts in upload.mended.get("cells", {}).items()}
    for row, texts in cells.items():
        kept.setdefault(row, {}).update(texts)
    out = sorted({*upload.mended.get("left_out", []), *left_out})
    upload.mended = {"cells": kept, "left_out": out}
    try:
        _read_again(actor, upload)
    except NotRead as error:
        raise _refused(error) from error
    return upload


def discard(actor: Actor, upload_id: int, *, at: datetime | None = None) -> Upload:
    """Give an upload up: its file is removed."""
    with acting(actor, "uploads.discard", at=at) as deed:
        upload = held(actor, Upload, upload_id)
        if upload.state == Upload.State.COMMITTED:
            raise _committed()
        session = Session(upload)
        deed.note("desk_uploads", str(upload.pk), _told_of(upload), {"state": "discarded"})
        upload.state, upload.summary, upload.mended = Upload.State.DISCARDED, {}, {}
        upload.save()
    session.remove()
    return upload


def ask_commit(actor: Actor, upload_id: int) -> Job:
    """Start bringing the rows of an upload in; give the job, also where it is at work already.

    Raises
    ------
    Refused
        Nothing in it is new, or rows have errors.
    """
    upload = _open(actor, upload_id)
    if upload.job_id and upload.job.state in (Job.State.WAITING, Job.State.RUNNING):
        return upload.job
    if not Session(upload).is_ready:
        raise Refused(_("There is nothing to bring in."), _("Mend the rows first."))
    job = start(actor, "uploads.commit", {"upload": upload.pk})
    Upload.objects.filter(pk=upload.pk).update(job=job)
    return job


def commit(
    actor: Actor, upload_id: int, *, report: Report | None = None, at: datetime | None = None
) -> Upload:
    """Bring in the rows of an upload: all of them in one transaction, or none.

    Raises
    ------
    Refused
        Rows have errors, or the upload was brought in already.
    Stale
        Records that it would change were changed since it was read.
    """
    say = report or _silent
    upload = _open(actor, upload_id)
    kind, session = KINDS[upload.table], Session(upload)
    if upload.errors:
        raise Refused(_("Rows of this sheet have errors."), _("Mend them or leave them out first."))
    total = max(upload.rows, 1)
    say(0, total, _("Setting the rows beside what is there"))
    existing = Existing(kind, session.rows)
    if own_errors(actor, existing).height:
        raise Refused(
            _("Rows of this sheet are no longer yours to bring in."), _("Read the sheet again.")
        )
    plan = existing.plan()
    say(total // 3, total, _("Preparing the records"))
    moment = at or timezone.now()
    draft = Draft(kind, existing, plan, timezone.localdate(moment))
    say(2 * total // 3, total, _("Writing"))
    with acting(actor, "uploads.commit", at=moment) as deed:
        upload = held(actor, Upload, upload_id)
        if upload.state != Upload.State.READ:
            raise _committed()
        _hold_as_seen(kind, session, plan)
        draft.write()
        deed.words[kind.table] = draft.words
        deed.changes += draft.changes
        _remember(upload)
        upload.state = Upload.State.COMMITTED
        counts = {"new": len(draft.new), "changed": len(draft.changed)}
        upload.summary |= {"counts": counts | {"same": plan.height - sum(counts.values())}}
        upload.save()
        deed.note("desk_uploads", str(upload.pk), {}, _told_of(upload) | counts)
        deed.key = str(upload.pk)
    session.remove_workings()
    return upload


def _silent(done: int, total: int, step: str) -> None:
    """Tell nobody how far it is."""


def _open(actor: Actor, upload_id: int) -> Upload:
    upload = find(actor, Upload, upload_id)
    if upload.state in (Upload.State.COMMITTED, Upload.State.DISCARDED):
        raise _committed()
    require(actor, "add", KINDS[upload.table].model)
    return upload


def _committed() -> Refused:
    return Refused(
        _("This sheet was brought in or given up already."), _("Upload it again to change more.")
    )


def _refused(error: NotRead) -> Refused:
    text = _SECOND.sub(lambda found: found.group().upper(), told(str(error)))
    return Refused(text, field="file")


def _read_again(actor: Actor, upload: Upload) -> None:
    _take(upload, read(actor, Session(upload)))
    upload.save()


def _take(upload: Upload, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(upload, name, value)


def _hold_as_seen(kind: Kind, session: Session, plan: pl.DataFrame) -> None:
    """Go on only if what is there is what the person was shown, and lock it."""
    versions: dict[str, int] = {}
    for some in in_batches(plan["key"].to_list()):
        rows = kind.model.objects.select_for_update().filter(pk__in=some)
        versions |= dict(rows.values_list("pk", "version"))
    now = [versions.get(key, 0) for key in plan["key"]]
    if not session.plan.equals(plan) or now != plan["version"].to_list():
        raise changed_meanwhile()


def _remember(upload: Upload) -> None:
    """Remember which heading is which column, for the organisation's next file."""
    headings = upload.summary["told"]["headings"]
    chosen = {
        heading: column
        for heading, column in zip(headings, upload.columns["columns"], strict=False)
        if heading and headings.count(heading) == 1
    }
    before = ColumnMemory.objects.filter(organisation=upload.organisation_id, table=upload.table)
    before.filter(heading__in=chosen).delete()
    ColumnMemory.objects.bulk_create(
        ColumnMemory(
            organisation_id=upload.organisation_id, table=upload.table, heading=heading, column=name
        )
        for heading, name in chosen.items()
    )


def _same_before(upload: Upload) -> dict[str, Any]:
    """Tell the last time that the very same file was brought in."""
    before = Upload.objects.filter(
        sha256=upload.sha256,
        table=upload.table,
        organisation=upload.organisation,
        state=Upload.State.COMMITTED,
    ).order_by("-at")
    last = before.first()
    return {"same_as": last.at.isoformat()} if last else {}


def _sha256(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _told_of(upload: Upload) -> dict[str, Any]:
    return {
        "table": upload.table,
        "name": upload.name,
        "sha256": upload.sha256,
        "organisation": upload.organisation_id or "",
        "state": upload.state,
    }
