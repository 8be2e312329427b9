"""Drilling rigs, and what contractors, consultants and laboratories can do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Rig, Role
from onshore.desk.policies import require

Service = RECORDS["exploration_services"]


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record a drilling rig of one's own firm; the agency records any."""
    with acting(actor, "rigs.add", once=once, at=at) as deed:
        require(actor, "add", Rig)
        _own(actor, values.get("owner_id"), "owner_id")
        made = Rig(rig_id=new_key("RG"), **_likely(values, deed.today.year))
        return str(deed.create(made).pk)


def change(
    actor: Actor,
    rig_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change where a rig stands, what it ran and until when it is insured."""
    with acting(actor, "rigs.change", reason=reason, once=once, at=at) as deed:
        rig = held(actor, Rig, rig_id, version)
        require(actor, "change", rig)
        _own(actor, values.get("owner_id", rig.owner_id), "owner_id")
        told = _likely(values, deed.today.year)
        hours = told.get("hours")
        fewer = hours is not None and rig.hours is not None and hours < rig.hours
        if fewer and not reason.strip():
            raise Refused(
                _("The engine ran longer before."),
                _("Mend the hours, or say why they are fewer."),
                field="hours",
            )
        deed.change(rig, **told)
        return str(rig.pk)


def offer_service(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record what a contractor, consultant or laboratory can do."""
    with acting(actor, "exploration_services.add", once=once, at=at) as deed:
        require(actor, "add", Service)
        _own(actor, values.get("organisation_id"), "organisation_id")
        made = Service(exploration_service_id=new_key("ES"), **values)
        return str(deed.create(made).pk)


def _own(actor: Actor, firm: str | None, field: str) -> None:
    if actor.is_a(Role.OFFICER):
        return
    if not firm or firm not in actor.organisations(Role.MAKER):
        raise Refused(_("This firm is not yours."), _("Choose your own."), field=field)


def _likely(values: Mapping[str, Any], year: int) -> dict[str, Any]:
    built, bought = values.get("built"), values.get("bought_on")
    if built is not None and not 1950 <= built <= year + 1:
        raise Refused(
            _("No drilling rig in use was built in that year."),
            _("Write a year of the Gregorian calendar, such as 2012."),
            field="built",
        )
    if built is not None and bought is not None and bought.year < built:
        raise Refused(
            _("It was bought before it was built."), _("Mend one of them."), field="bought_on"
        )
    return dict(values)
