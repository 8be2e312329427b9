"""What makers say they can make: their offers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import Offer, Organisation, Role
from onshore.desk.policies import require


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> Offer:
    """Add an offer of the actor's own organisation; an officer names the maker.

    Raises
    ------
    Refused
        No maker is named, or the offer's price has no currency.
    """
    require(actor, "add", Offer)
    with acting(actor, "offers.add", once=once, at=at) as deed:
        told = dict(values)
        told["maker_id"] = own_maker(actor, told.get("maker_id"))
        _check(told)
        return deed.create(Offer(pk=new_key("O"), **told))


def change(
    actor: Actor,
    offer_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Offer:
    """Change an offer; its maker stays."""
    with acting(actor, "offers.change", once=once, at=at) as deed:
        offer = held(actor, Offer, offer_id, version)
        require(actor, "change", offer)
        told = {name: value for name, value in values.items() if name != "maker_id"}
        _check(told)
        return deed.change(offer, **told)


def own_maker(actor: Actor, named: str | None) -> str:
    """Give the key of the maker that the actor acts for.

    Raises
    ------
    Refused
        The actor acts for several and names none, or names another's.
    """
    own = actor.organisations(Role.MAKER)
    if not named and len(own) == 1:
        return next(iter(own))
    if named and (named in own or actor.is_a(Role.OFFICER)):
        return held(actor, Organisation, named).pk
    raise Refused(
        _("It is not clear for which maker this is."),
        _("Choose one of your organisations."),
        field="maker_id",
    )


def _check(told: Mapping[str, Any]) -> None:
    if (told.get("price") is not None or told.get("tooling_cost")) and not told.get("currency"):
        raise Refused(
            _("A price needs its currency."),
            _("Choose the currency of the price."),
            field="currency",
        )
