"""Quotations: makers answer a need; its buyer compares, decides and says why."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.offers import own_maker
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.choosing.comparing import comparable_currencies, convertible
from onshore.desk.models import Need, Offer, Quotation, Role
from onshore.desk.pages.showing import day_text, unit_text
from onshore.desk.policies import require

TAKES_QUOTATIONS = ("published", "scouting", "no-match", "matched", "offer")
"""States of a need in which makers may quote."""
WAITING = ("submitted", "short-listed")
"""States of a quotation in which its buyer still has to decide."""


def submit(
    actor: Actor,
    need_id: str,
    values: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> Quotation:
    """Hand in a quotation for a need.

    Raises
    ------
    Refused
        The need takes none any more, the maker has handed one in already, or the price cannot
        be compared: it is absent, or in a currency that the programme knows no rate of.
    """
    with acting(actor, "quotations.submit", once=once, at=at) as deed:
        need = held(actor, Need, need_id)
        require(actor, "quote", need)
        if need.state not in TAKES_QUOTATIONS:
            raise Refused(
                _("This need takes no quotations now."),
                _("Look for open needs under “Needs I can make”."),
            )
        told = dict(values)
        told["maker_id"] = maker = own_maker(actor, told.get("maker_id"))
        before = Quotation.objects.filter(need=need, maker=maker, state__in=WAITING).first()
        if before is not None:
            raise Refused(
                _("You have handed in a quotation for this need: %s.") % before.pk,
                _("Change that one, or withdraw it first."),
            )
        _check(actor, need, told, deed.today, maker)
        quotation = Quotation(
            pk=new_key("Q"), need=need, submitted=deed.today, state="submitted", **told
        )
        deed.create(quotation)
        _tell_buyer(deed, quotation, "quotation.submitted")
        return quotation


def change(
    actor: Actor,
    quotation_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Quotation:
    """Change a quotation that the buyer has not taken up yet."""
    with acting(actor, "quotations.change", once=once, at=at) as deed:
        quotation = held(actor, Quotation, quotation_id, version)
        require(actor, "change", quotation)
        if quotation.state != "submitted":
            raise Refused(
                _("The buyer has begun to decide on this quotation: it stands as it is."),
                _("Withdraw it and hand in another, or call the buyer."),
            )
        told = {name: value for name, value in values.items() if name != "maker_id"}
        _check(actor, quotation.need, told, deed.today, quotation.maker_id)
        deed.change(quotation, submitted=deed.today, **told)
        _tell_buyer(deed, quotation, "quotation.changed")
        return quotation


def withdraw(
    actor: Actor,
    quotation_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Quotation:
    """Withdraw a quotation that is not decided yet."""
    with acting(actor, "quotations.withdraw", reason=reason, once=once, at=at) as deed:
        quotation = held(actor, Quotation, quotation_id, version)
        require(actor, "withdraw", quotation)
        _still_waiting(quotation)
        deed.change(quotation, state="withdrawn", reason=reason.strip())
        _tell_buyer(deed, quotation, "quotation.withdrawn")
        return quotation


def decide(
    actor: Actor,
    quotation_id: str,
    decision: str,
    *,
    reason: str = "",
    debrief: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Quotation:
    """Short-list, choose or turn down a quotation; who is turned down is told why.

    Parameters
    ----------
    decision
        ``short-listed``, ``chosen`` or ``not chosen``.
    reason
        What the quotation's maker is told.
    debrief
        What the other makers are told besides that another was chosen.

    Raises
    ------
    Refused
        It is decided already, its days are over, or it is turned down without a reason.
    """
    with acting(actor, "quotations.decide", reason=reason, once=once, at=at) as deed:
        quotation = held(actor, Quotation, quotation_id, version)
        require(actor, "decide", quotation)
        _still_waiting(quotation)
        if decision not in ("short-listed", "chosen", "not chosen"):
            raise Refused(
                _("Choose what becomes of the quotation."),
                _("Short-list it, choose it, or turn it down."),
                field="decision",
            )
        if decision == "not chosen":
            said(reason)
        else:
            holds_still(quotation, deed.today, field="decision")
        if decision == "chosen":
            choose(deed, quotation, reason=reason, debrief=debrief)
        else:
            _settle(deed, quotation, decision, reason)
        return quotation


def choose(deed: Deed, quotation: Quotation, *, reason: str = "", debrief: str = "") -> None:
    """Choose a quotation: its maker is told, and all others who quoted that another was chosen.

    Who was turned down before is told again why; the others are told ``debrief``, where it is
    given. Their quotations stand as they are, should the chosen one fail.
    """
    _settle(deed, quotation, "chosen", reason)
    others = Quotation.objects.filter(need=quotation.need).exclude(state="withdrawn")
    others = others.exclude(maker=quotation.maker).order_by("submitted", "pk")
    for other in {one.maker_id: one for one in others}.values():
        told = other.reason if other.state == "not chosen" else ""
        _tell_maker(deed, other, "quotation.lost", reason=told or debrief.strip())


def holds_still(quotation: Quotation, today: date, *, field: str) -> None:
    """Refuse to go on with a quotation whose last day is past."""
    if quotation.valid_until and quotation.valid_until < today:
        raise Refused(
            _("This quotation held until %s only.") % day_text(quotation.valid_until),
            _("Ask the maker to hand in another, or turn this one down."),
            field=field,
        )


def _settle(deed: Deed, quotation: Quotation, decision: str, reason: str) -> None:
    deed.change(quotation, state=decision, reason=reason.strip())
    _tell_maker(deed, quotation, "quotation.decided", decision=decision, reason=reason.strip())


def _tell_maker(deed: Deed, quotation: Quotation, kind: str, **facts: str) -> None:
    tell_members(
        [quotation.maker_id],
        [Role.MAKER],
        kind=kind,
        table="quotations",
        key=quotation.pk,
        on=deed.today,
        need=quotation.need.description,
        **facts,
    )


def _still_waiting(quotation: Quotation) -> None:
    if quotation.state not in WAITING:
        raise Refused(
            _("This quotation is decided or withdrawn already."),
            _("Nothing has to be done; its page shows where it stands."),
        )


def _check(actor: Actor, need: Need, told: Mapping[str, Any], today: date, maker: str) -> None:
    _check_price(need, told)
    until = told.get("valid_until")
    if until and until < today:
        raise Refused(
            _("The last day of the quotation is past."),
            _("Choose a day from today on."),
            field="valid_until",
        )
    offer = told.get("offer_id")
    if offer and held(actor, Offer, offer).maker_id != maker:
        raise Refused(
            _("This product is another maker's."), _("Choose one of your own."), field="offer_id"
        )


def _check_price(need: Need, told: Mapping[str, Any]) -> None:
    price, currency = told.get("price"), told.get("currency")
    if price is None or price <= 0:
        raise Refused(
            _("A quotation needs a price above zero."),
            _("Write the price of one unit, delivered."),
            field="price",
        )
    if not currency:
        raise Refused(
            _("A price needs its currency."),
            _("Choose the currency of the price."),
            field="currency",
        )
    known = comparable_currencies()
    if currency not in known:
        raise Refused(
            _("There is no exchange rate for %s: the buyer could not compare your price.")
            % currency,
            _("Quote in one of these: %s. Or ask the agency to add the rate.") % ", ".join(known),
            field="currency",
        )
    unit = told.get("unit")
    if unit and need.unit and not convertible(unit, need.unit):
        raise Refused(
            _("The need is by %(one)s; %(other)s measures something else.")
            % {"one": unit_text(need.unit), "other": unit_text(unit)},
            _("Write the price of one unit of the need: the buyer compares by it."),
            field="unit",
        )


def _tell_buyer(deed: Deed, quotation: Quotation, kind: str) -> None:
    tell_members(
        [quotation.need.buyer_id],
        [Role.ENGINEER],
        kind=kind,
        table="quotations",
        key=quotation.pk,
        on=deed.today,
        need=quotation.need.description,
        maker=quotation.maker.name,
    )
