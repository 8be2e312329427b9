"""Deliveries: a maker records what it delivered, the buyer's engineer what was accepted."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.choosing.comparing import convertible
from onshore.desk.models import Deal, Delivery, Role
from onshore.desk.pages.showing import day_text, unit_text
from onshore.desk.pages.wording import language
from onshore.desk.policies import require
from onshore.figures import shown

SERIAL_FROM = ("qualified", "serial supply", "verified localized")
"""States of a need from which deliveries are serial supply."""


def record(
    actor: Actor,
    deal_id: str,
    values: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> Delivery:
    """Record a delivery under a contract.

    Parameters
    ----------
    values
        ``delivered_on`` (date), ``quantity`` (Decimal), ``unit`` (empty: the contract's),
        ``serial`` (bool), ``evidence``.

    Raises
    ------
    Refused
        There is only an MoU, the day is before the contract or ahead, the unit measures
        something else, or it is called serial before the product was qualified.
    """
    with acting(actor, "deliveries.record", once=once, at=at) as deed:
        deal = held(actor, Deal, deal_id)
        require(actor, "deliver", deal)
        told = dict(values)
        _fits(deal, told, deed.today)
        made = Delivery(pk=new_key("V"), deal=deal, **told)
        deed.create(made)
        tell_members(
            [deal.buyer_id],
            [Role.ENGINEER],
            kind="delivery.recorded",
            table="deliveries",
            key=made.pk,
            on=deed.today,
            maker=deal.maker.name,
            quantity=str(made.quantity),
            unit=made.unit or deal.unit,
        )
        return made


def accept(
    actor: Actor,
    delivery_id: str,
    accepted: Decimal,
    *,
    accepted_on: date | None = None,
    evidence: str = "",
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Delivery:
    """Accept a delivery, wholly or in part; what is not accepted needs a reason.

    Raises
    ------
    Refused
        It was accepted before, more is accepted than was delivered, less without a reason,
        or without a receipt.
    """
    with acting(actor, "deliveries.accept", reason=reason, once=once, at=at) as deed:
        delivery = held(actor, Delivery, delivery_id, version)
        require(actor, "accept", delivery)
        day = accepted_on or deed.today
        _acceptable(delivery, accepted, day, deed.today)
        if accepted < delivery.quantity:
            said(reason)
        receipt = evidence.strip() or delivery.evidence
        if accepted and not receipt:
            raise Refused(
                _("There is no receipt."),
                _("Write the number of the goods receipt or inspection note."),
                field="evidence",
            )
        deed.change(
            delivery,
            accepted=accepted,
            accepted_on=day,
            accepted_by=actor.name,
            evidence=receipt,
        )
        tell_members(
            [delivery.deal.maker_id],
            [Role.MAKER],
            kind="delivery.accepted",
            table="deliveries",
            key=delivery.pk,
            on=deed.today,
            accepted=str(accepted),
            quantity=str(delivery.quantity),
            unit=delivery.unit or delivery.deal.unit,
            reason=reason.strip(),
        )
        return delivery


def _fits(deal: Deal, told: dict[str, Any], today: date) -> None:
    if deal.basis != "contracted":
        raise Refused(
            _("This is an MoU: nothing is delivered under it."),
            _("Record the contract first; its deliveries count."),
        )
    if told.get("quantity") is None or told["quantity"] <= 0:
        raise Refused(
            _("A delivery needs a quantity above zero."),
            _("Write how much was delivered."),
            field="quantity",
        )
    day = told.get("delivered_on")
    if day is None or day > today:
        raise Refused(
            _("The day of delivery lies ahead."),
            _("Write the day on which it was delivered."),
            field="delivered_on",
        )
    if deal.signed and day < deal.signed:
        raise Refused(
            _("The contract was signed on %s, after this day.") % day_text(deal.signed),
            _("Look at the day, and choose the contract that it was delivered under."),
            field="delivered_on",
        )
    unit = told.get("unit") or deal.unit
    if unit and deal.unit and not convertible(unit, deal.unit):
        raise Refused(
            _("The contract is by %(one)s; %(other)s measures something else.")
            % {"one": unit_text(deal.unit), "other": unit_text(unit)},
            _("Write the quantity in the contract's unit."),
            field="unit",
        )
    told["unit"] = unit
    if told.get("serial") and deal.need is not None and deal.need.state not in SERIAL_FROM:
        raise Refused(
            _("Serial supply begins once the product is qualified; this one is not yet."),
            _("Record it as a sample, or have the buyer qualify it first."),
            field="serial",
        )


def _acceptable(delivery: Delivery, accepted: Decimal, day: date, today: date) -> None:
    if delivery.accepted is not None:
        raise Refused(
            _("This delivery was accepted on %s already.")
            % (day_text(delivery.accepted_on) if delivery.accepted_on else "–"),
            _("Savings may rest on it: it stays as it is."),
        )
    if accepted is None or accepted < 0:
        raise Refused(
            _("Write how much was accepted."), _("Write 0 if nothing was."), field="accepted"
        )
    if accepted > delivery.quantity:
        raise Refused(
            _("More is accepted than was delivered: %s.")
            % shown.number(delivery.quantity, language()),
            _("Write at most what was delivered."),
            field="accepted",
        )
    if day > today or day < delivery.delivered_on:
        raise Refused(
            _("The day of acceptance is before the delivery, or lies ahead."),
            _("Write the day on which it was accepted."),
            field="accepted_on",
        )
