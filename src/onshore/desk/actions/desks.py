"""Sectors' production promotion desks: opened, and changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import Desk
from onshore.desk.policies import require


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Open a desk for a sector; ``values`` by the fields of the model."""
    with acting(actor, "desks.add", once=once, at=at) as deed:
        require(actor, "add", Desk)
        _require_whole(values)
        desk = Desk(desk_id=new_key("DESK"), **{"opened": deed.today, **values})
        return str(deed.create(desk).pk)


def change(
    actor: Actor,
    desk_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change what a desk is called, whose it is, or what it aims at."""
    with acting(actor, "desks.change", reason=reason, once=once, at=at) as deed:
        desk = held(actor, Desk, desk_id, version)
        require(actor, "change", desk)
        _require_whole(values)
        deed.change(desk, **values)
        return str(desk.pk)


def _require_whole(values: Mapping[str, Any]) -> None:
    target = values.get("target_amount")
    if target is not None and target <= 0:
        raise Refused(
            _("A target is more than nothing."),
            _("Leave it empty until there is one."),
            field="target_amount",
        )
    if target is not None and not values.get("target_currency"):
        raise Refused(
            _("The target has no currency."), _("Write its currency."), field="target_currency"
        )
