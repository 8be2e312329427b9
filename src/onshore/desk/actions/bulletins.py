"""Bulletins: published for good, a new vintage beside the old ones; withdrawn with the reason."""

import re
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.models import Bulletin
from onshore.desk.policies import require
from onshore.desk.reckoning import bulletins
from onshore.desk.reckoning.bulletins import Plan

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 80
RESERVED = ("new", "preview")
"""Names that addresses of bulletins take themselves."""


def next_number(slug: str) -> int:
    """Give the number of the vintage that is published next under an address."""
    last = Bulletin._default_manager.filter(slug=slug).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def publish(
    actor: Actor, slug: str, plan: Plan, *, once: str = "", at: datetime | None = None
) -> Any:
    """Compose a bulletin as of today and publish it: a new address, or a new vintage of one.

    Raises
    ------
    Refused
        The address cannot be one, nothing was chosen, or the vintage is of a day to come or
        older than the one before it.
    """
    require(actor, "publish", Bulletin)
    _require_slug(slug)
    if not plan.sections:
        raise Refused(
            _("A bulletin holds at least one section."), _("Choose one."), field="sections"
        )
    with acting(actor, "bulletins.publish", once=once, at=at) as deed:
        if plan.vintage > deed.today:
            raise Refused(
                _("This day is still to come."),
                _("A bulletin is of today, or of a day before."),
                field="vintage",
            )
        before = Bulletin._default_manager.select_for_update().filter(slug=slug)
        last = before.order_by("-number").first()
        if last is not None and plan.vintage < last.vintage:
            raise Refused(
                _("The last vintage under this address is of a later day."),
                _("Give a day from then on, or another address."),
                field="vintage",
            )
        numbered = Plan(**{**vars(plan), "number": last.number + 1 if last else 1})
        content = {lang: bulletins.as_json(bulletins.compose(numbered, lang)) for lang in _EDITIONS}
        made = Bulletin(
            slug=slug,
            number=numbered.number,
            title=plan.title,
            title_fa=plan.title_fa,
            vintage=plan.vintage,
            content=content,
            sha256=bulletins.fingerprint(content),
            published_by=actor.name,
            published_at=deed.at,
        )
        made.save(force_insert=True)
        deed.note(
            Bulletin._meta.db_table,
            str(made.pk),
            {},
            {"slug": slug, "number": made.number, "title": made.title, "sha256": made.sha256},
        )
        deed.key = str(made.pk)
        return made


_EDITIONS = ("en", "fa")


def withdraw(
    actor: Actor, key: int, *, reason: str = "", once: str = "", at: datetime | None = None
) -> Any:
    """Mark a vintage as withdrawn: it stays where it is, with the reason over it."""
    with acting(actor, "bulletins.withdraw", reason=reason, once=once, at=at) as deed:
        row = held(actor, Bulletin, key)
        require(actor, "withdraw", row)
        if row.withdrawn:
            raise Refused(_("This vintage is withdrawn already."))
        Bulletin._default_manager.filter(pk=row.pk).update(withdrawn=said(reason))
        deed.note(
            Bulletin._meta.db_table, str(row.pk), {"withdrawn": ""}, {"withdrawn": reason.strip()}
        )
        deed.key = str(row.pk)
        return row


def _require_slug(slug: str) -> None:
    if len(slug) > _LONGEST or not _SLUG.fullmatch(slug) or slug in RESERVED:
        raise Refused(
            _("This cannot stand in an address: %s.") % slug,
            _("Write small Latin letters and digits, with hyphens between words."),
            field="slug",
        )
