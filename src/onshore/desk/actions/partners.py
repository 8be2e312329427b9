"""Goods of the trade with partner countries: put on the lists of exports and imports, changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import PartnerGood, Role
from onshore.desk.policies import require
from onshore.desk.reckoning.partnering import home


def add_good(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Put a good on the list of a partner country; ``values`` by the fields of the model.

    Raises
    ------
    Refused
        The partner is the programme's own country, a value has no currency or no period, a maker
        writes for somebody else, or the good is on the list already.
    """
    with acting(actor, "partner_goods.add", once=once, at=at) as deed:
        require(actor, "add", PartnerGood)
        _fits(actor, values)
        same = PartnerGood._default_manager.filter(
            **{name: values.get(name) or "" for name in ("partner", "direction", "period")},
            description=values["description"],
            organisation_id=values.get("organisation_id") or None,
        )
        if same.exists():
            raise Refused(
                _("This good is on the list for that period already."),
                _("Change it there, or write another period."),
                field="description",
            )
        return str(deed.create(PartnerGood(good_id=new_key("PG"), **values)).pk)


def change_good(
    actor: Actor,
    good_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a good on the list of a partner country."""
    with acting(actor, "partner_goods.change", reason=reason, once=once, at=at) as deed:
        good = held(actor, PartnerGood, good_id, version)
        require(actor, "change", good)
        _fits(actor, values)
        deed.change(good, **values)
        return str(good.pk)


def _fits(actor: Actor, values: Mapping[str, Any]) -> None:
    if values.get("partner") == home():
        raise Refused(
            _("This is the programme's own country."),
            _("Choose the country that it is traded with."),
            field="partner",
        )
    if values.get("value") is not None:
        missing = next((name for name in ("currency", "period") if not values.get(name)), None)
        if missing:
            raise Refused(
                _("A value is told with its currency and its period."),
                _("Write both, such as USD and 1403."),
                field=missing,
            )
    if actor.is_a(Role.OFFICER, Role.ANALYST):
        return
    if values.get("organisation_id") not in actor.organisations(Role.MAKER):
        raise Refused(
            _("You tell the goods of your own firm."),
            _("Choose your organisation."),
            field="organisation_id",
        )
