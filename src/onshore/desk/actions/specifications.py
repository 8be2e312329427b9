"""Specification packages: versions of documents, who may read them, and their files."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Grant, Need, Organisation, Role, Specification
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import language
from onshore.desk.policies import require
from onshore.desk.uploading.specification_files import checked
from onshore.figures import shown

LEVELS = ("public", "restricted", "confidential")


def issue(
    actor: Actor,
    need_id: str,
    *,
    title: str,
    file: Any,
    access: str = "restricted",
    note: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Specification:
    """Issue a document of a need's specification; one with the same title is its next version.

    Parameters
    ----------
    title
        What it is: drawing, data sheet, standard or acceptance procedure.
    file
        The uploaded file.
    access
        Who may read it: ``public`` all who see the need; ``restricted`` makers with a grant;
        ``confidential`` makers with a grant of that level.
    note
        What changed since the version before; needed from the second version on.

    Raises
    ------
    Refused
        The file is too large, empty, of another kind than its name says, holds what runs, or is
        the same as the version before; or nothing is said of what changed.
    """
    name, digest = checked(file)
    saved: Specification | None = None
    try:
        with acting(actor, "specifications.issue", reason=note, once=once, at=at) as deed:
            need = held(actor, Need, need_id)
            require(actor, "specify", need)
            title = " ".join(title.split())
            _level(access)
            last = _last_version(need, title)
            if last is not None:
                _differs(last, digest, note)
            saved = Specification(
                pk=new_key("S"),
                need=need,
                version=last.version + 1 if last is not None else 1,
                title=title,
                file=name,
                sha256=digest,
                access=access,
                issued=deed.today,
                issued_by=actor.name,
                note=note.strip(),
            )
            saved.content.save(f"{digest}{PurePosixPath(name).suffix.lower()}", file, save=False)
            deed.create(saved)
            _tell_readers(deed, saved)
    except BaseException:
        if saved is not None and saved.content:
            saved.content.delete(save=False)
        raise
    return saved


def change_access(
    actor: Actor,
    specification_id: str,
    access: str,
    *,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Specification:
    """Change who may read a document; with its reason."""
    with acting(
        actor, "specifications.change_access", reason=said(reason), once=once, at=at
    ) as deed:
        document = held(actor, Specification, specification_id)
        require(actor, "specify", document.need)
        _level(access)
        # Its version is the document's own: a change of access does not raise it.
        before, after = {"access": document.access}, {"access": access}
        document.access = access
        document.save(update_fields=["access"])
        deed.note("specifications", document.pk, before, after)
        deed.key = document.pk
        return document


def grant(
    actor: Actor,
    need_id: str,
    organisation_id: str,
    access: str,
    *,
    once: str = "",
    at: datetime | None = None,
) -> Grant:
    """Let a maker read the specification of a need, up to a level."""
    with acting(actor, "specifications.grant", once=once, at=at) as deed:
        need = held(actor, Need, need_id)
        require(actor, "grant", need)
        if access not in LEVELS[1:]:
            raise Refused(
                _("Choose up to which level the maker may read."),
                _("Restricted, or confidential too."),
                field="access",
            )
        maker = held(actor, Organisation, organisation_id)
        if "maker" not in maker.role.split(";"):
            raise Refused(
                _("%s is not a maker.") % named(maker),
                _("Choose an organisation whose role is maker."),
                field="organisation",
            )
        given = Grant.objects.filter(need=need, organisation=maker).first()
        if given is None:
            given = Grant(
                need=need,
                organisation=maker,
                access=access,
                granted_by=actor.user,
                on=deed.today,
            )
            deed.create(given)
        else:
            deed.change(given, access=access, granted_by=actor.user, on=deed.today)
        tell_members(
            [maker.pk],
            [Role.MAKER],
            kind="specification.granted",
            table="needs",
            key=need.pk,
            on=deed.today,
            need=need.description,
        )
        return given


def end_grant(
    actor: Actor, grant_id: int, *, reason: str = "", once: str = "", at: datetime | None = None
) -> Need:
    """End a maker's right to read a need's specification."""
    with acting(actor, "specifications.end_grant", reason=said(reason), once=once, at=at) as deed:
        given = Grant.objects.select_for_update().filter(pk=grant_id).first()
        if given is None:
            raise Refused(_("This right to read has ended already."))
        need = held(actor, Need, given.need_id)
        require(actor, "grant", need)
        deed.remove(given)
        deed.key = need.pk
        return need


def _level(access: str) -> None:
    if access not in LEVELS:
        raise Refused(
            _("Choose who may read the document."),
            _("Public, restricted or confidential."),
            field="access",
        )


def _last_version(need: Need, title: str) -> Specification | None:
    rows = Specification.objects.filter(need=need, title=title)
    last = rows.aggregate(last=Max("version"))["last"]
    return rows.filter(version=last).first() if last is not None else None


def _differs(last: Specification, digest: str, note: str) -> None:
    version = shown.digits(str(last.version), language())
    if last.sha256 == digest:
        raise Refused(
            _("This is the same file as version %s.") % version,
            _("Nothing has to be done; if it should be another, choose that one."),
            field="file",
        )
    if not note.strip():
        raise Refused(
            _("There is a version %s of this document.") % version,
            _("Say what changed since, so that makers need not search for it."),
            field="note",
        )


def _tell_readers(deed: Deed, document: Specification) -> None:
    levels = ("confidential",) if document.access == "confidential" else LEVELS
    readers = Grant.objects.filter(need=document.need, access__in=levels)
    tell_members(
        readers.values_list("organisation_id", flat=True),
        [Role.MAKER],
        kind="specification.issued",
        table="needs",
        key=document.need_id,
        on=deed.today,
        title=document.title,
        version=document.version,
    )
