"""Contracts put out as open data, and taken back."""

from datetime import datetime

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.models import Deal
from onshore.desk.policies import require


def publish(
    actor: Actor,
    key: str,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Deal:
    """Let everybody read a contract: its parties, goods, value and what was accepted under it.

    Raises
    ------
    Refused
        It is a memorandum, its need is not public, or it is published already.
    """
    with acting(actor, "deals.publish", once=once, at=at) as deed:
        deal = held(actor, Deal, key, version)
        require(actor, "publish", deal)
        if deal.basis != "contracted":
            raise Refused(
                _("This is a memorandum; only contracts are published."),
                _("Publish the contract once it is signed."),
            )
        if deal.need_id and deal.need.access != "public":
            raise Refused(
                _("The need that it answers is not public."),
                _("Ask the buyer to make the need public first."),
            )
        if deal.access == "public":
            raise Refused(_("This contract is published already."))
        deed.change(deal, access="public")
        return deal


def take_back(
    actor: Actor,
    key: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Deal:
    """Take a contract out of the open data: what was read before cannot be called back.

    Raises
    ------
    Refused
        It is not published, or no reason is given.
    """
    with acting(actor, "deals.take_back", reason=reason, once=once, at=at) as deed:
        deal = held(actor, Deal, key, version)
        require(actor, "publish", deal)
        said(reason)
        if deal.access != "public":
            raise Refused(_("This contract is not published."))
        deed.change(deal, access="restricted")
        return deal
