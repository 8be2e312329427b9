"""Guarantees by a fund or an insurer: of a capacity project or of drilling; called in, ended."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actions.awards import require_days
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import Award, DrillingFinance
from onshore.desk.policies import require

COVERS = ("guarantee", "insurance")
"""Kinds of drilling finance that are paid only if something happens."""


def guarantee(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record a guarantee that a fund or insurer gives for a capacity project.

    Parameters
    ----------
    values
        ``fund_id``, ``receiver_id``, ``project_id``, ``amount``, ``currency``, ``awarded``,
        ``until``, ``premium``, ``statement``, ``source``.
    """
    with acting(actor, "guarantees.open", once=once, at=at) as deed:
        require(actor, "add", Award)
        told = {**values, "awarded": values.get("awarded") or deed.today}
        _whole(told)
        require_days(told["awarded"], told.get("until"), deed.today)
        if told.get("fund_id") == told.get("receiver_id"):
            raise Refused(
                _("Nobody guarantees for oneself."), _("Choose another."), field="receiver_id"
            )
        made = Award(award_id=new_key("GU"), kind="guarantee", basis="contracted", **told)
        return str(deed.create(made).pk)


def cover(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record a guarantee or insurance of a drilling rig or of a block's drilling.

    Parameters
    ----------
    values
        ``organisation_id``, ``provider_id``, ``rig_id`` or ``block_id``, ``kind``, ``amount``,
        ``currency``, ``covers``, ``share``, ``charge``, ``starts``, ``until``, ``source``.
    """
    with acting(actor, "covers.open", once=once, at=at) as deed:
        require(actor, "add", DrillingFinance)
        _whole(values)
        if values.get("kind") not in COVERS:
            raise Refused(
                _("This is no guarantee or insurance."), _("Choose one of them."), field="kind"
            )
        if not values.get("rig_id") and not values.get("block_id"):
            raise Refused(
                _("It is not told which rig or block is covered."),
                _("Choose the rig, or the block whose drilling is covered."),
                field="rig_id",
            )
        if values.get("provider_id") == values.get("organisation_id"):
            raise Refused(
                _("Nobody guarantees for oneself."), _("Choose another."), field="organisation_id"
            )
        starts, until = values.get("starts") or deed.today, values.get("until")
        if until is not None and until <= starts:
            raise Refused(_("It ends before it begins."), _("Choose a later last day."), "until")
        made = DrillingFinance(
            drilling_finance_id=new_key("DC"),
            **{**values, "starts": starts, "state": "granted"},
        )
        return str(deed.create(made).pk)


def call_in(
    actor: Actor,
    award_id: str,
    *,
    amount: Decimal,
    called_on: date,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record that a guarantee was called in: what was paid out under it, when and why.

    Raises
    ------
    Refused
        It is none that holds on that day, or more is called in than it guarantees.
    """
    with acting(actor, "guarantees.call_in", reason=reason, once=once, at=at) as deed:
        award = held(actor, Award, award_id, version)
        require(actor, "call_in", award)
        _require_holds(award.kind == "guarantee", award, award.awarded, called_on, deed.today)
        _require_part(amount, award.amount)
        said(reason)
        deed.change(award, called_on=called_on, called_amount=amount)
        return str(award.pk)


def call_in_cover(
    actor: Actor,
    cover_id: str,
    *,
    amount: Decimal,
    called_on: date,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record that the cover of a rig's or block's drilling was called in, as `call_in` does."""
    with acting(actor, "covers.call_in", reason=reason, once=once, at=at) as deed:
        found = held(actor, DrillingFinance, cover_id, version)
        require(actor, "call_in", found)
        _require_holds(found.kind in COVERS, found, found.starts, called_on, deed.today)
        _require_part(amount, found.amount)
        said(reason)
        deed.change(found, state="called", called_on=called_on, called_amount=amount)
        return str(found.pk)


def end(
    actor: Actor,
    award_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """End a guarantee today, before its last day, and say why."""
    with acting(actor, "guarantees.end", reason=reason, once=once, at=at) as deed:
        award = held(actor, Award, award_id, version)
        require(actor, "end", award)
        said(reason)
        if award.kind != "guarantee" or standing(award, deed.today) == "ended":
            raise Refused(_("It does not hold, so that it cannot be ended."))
        deed.change(award, until=deed.today)
        return str(award.pk)


def end_cover(
    actor: Actor,
    cover_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """End the cover of a rig's or block's drilling today, and say why."""
    with acting(actor, "covers.end", reason=reason, once=once, at=at) as deed:
        found = held(actor, DrillingFinance, cover_id, version)
        require(actor, "end", found)
        said(reason)
        if cover_standing(found, deed.today) == "ended":
            raise Refused(_("It does not hold, so that it cannot be ended."))
        deed.change(found, until=max(deed.today, found.starts))
        return str(found.pk)


def standing(award: Any, today: date) -> str:
    """Tell where a guarantee stands on a day: *open*, *called* or *ended*.

    On its last day it is over: nothing can be called in any more the day after it was ended.
    """
    if award.until is not None and award.until <= today:
        return "ended"
    return "called" if award.called_on is not None else "open"


def cover_standing(cover: Any, today: date) -> str:
    """Tell where the cover of drilling stands on a day: *open*, *called* or *ended*."""
    if cover.until is not None and cover.until <= today:
        return "ended"
    return {"granted": "open", "called": "called"}.get(cover.state, "ended")


def _whole(values: Mapping[str, Any]) -> None:
    if values.get("amount") is None or values["amount"] <= 0:
        raise Refused(
            _("The amount that is guaranteed is missing."),
            _("Write it with its currency."),
            field="amount",
        )


def _require_part(amount: Decimal | None, whole: Decimal) -> None:
    if amount is None or not 0 < amount <= whole:
        raise Refused(
            _("No more is called in than is guaranteed, and no less than something."),
            _("Write what was paid out."),
            field="amount",
        )


def _require_holds(
    is_guarantee: bool, given: Any, starts: date | None, on: date, today: date
) -> None:
    if not is_guarantee:
        raise Refused(_("This award is no guarantee."))
    if given.called_on is not None:
        raise Refused(_("It was called in already."))
    over = given.until is not None and on > given.until
    if on > today or over or (starts is not None and on < starts):
        raise Refused(
            _("The guarantee does not hold on this day."),
            _("Write a day between its first and its last that is not ahead."),
            field="called_on",
        )
