"""Offers of exploration blocks: made to firms, asked for with promised work, awarded."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Block, BlockOffer, Role, WorkCommitment
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.names import named
from onshore.desk.policies import require

UNITS: Final = {
    "mapping": "KMK",
    "geochemistry": "C62",
    "geophysics": "KMT",
    "trenching": "MTR",
    "drilling": "MTR",
    "laboratory": "C62",
    "study": "C62",
}
"""What each kind of exploration work is counted in."""


def offer(
    actor: Actor,
    block_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Offer a block to all firms, or to one.

    Parameters
    ----------
    values
        ``closes``, and ``organisation_id`` (empty: all), ``state_share``, ``terms``, ``source``.

    Raises
    ------
    Refused
        The block is held, is on offer to them already, or the last day to answer has passed.
    """
    with acting(actor, "blocks.offer", once=once, at=at) as deed:
        block = held(actor, Block, block_id, version)
        require(actor, "offer", block)
        if block.state == "held":
            raise Refused(
                _("The block is held by %s.") % named(block.holder),
                _("It can be offered once it was taken back."),
            )
        closes = values.get("closes")
        if closes is None or closes <= deed.today:
            raise Refused(
                _("The last day to answer has to lie ahead."),
                _("Give firms time to look at the data."),
                field="closes",
            )
        firm = values.get("organisation_id") or None
        open_now = BlockOffer._default_manager.filter(block=block, state="on offer")
        if open_now.filter(organisation_id__in=[firm] if firm else []).exists() or (
            open_now.filter(organisation__isnull=True).exists()
        ):
            raise Refused(
                _("The block is on offer to them already."), _("Withdraw that offer first.")
            )
        told = dict(values) | {"organisation_id": firm}
        made = BlockOffer(
            block_offer_id=new_key("BO"),
            block=block,
            offered_on=deed.today,
            state="on offer",
            **told,
        )
        deed.change(
            block, state="on offer", offered_on=deed.today, closes=closes, holder=None, until=None
        )
        deed.create(made)
        deed.key = str(block.pk)
        if firm:
            _tell(deed, made, "block.offered", firm)
        return str(block.pk)


def ask(
    actor: Actor,
    block_offer_id: str,
    values: Mapping[str, Any],
    work: Sequence[Mapping[str, Any]],
    *,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Ask for a block on offer, and promise exploration work.

    Parameters
    ----------
    values
        ``organisation_id`` (the firm), ``currency``, ``terms`` (what it wants to say).
    work
        ``number`` (of the line on the form), ``kind``, ``amount``, ``due``, ``cost``, ``text``.

    Raises
    ------
    Refused
        The offer has closed, the firm asked before, or no work is promised.
    """
    with acting(actor, "blocks.ask", once=once, at=at) as deed:
        offered = held(actor, BlockOffer, block_offer_id)
        require(actor, "ask", offered)
        firm = values.get("organisation_id")
        if not firm or firm not in actor.organisations(Role.MAKER):
            raise Refused(_("This firm is not yours."), _("Choose your own."), "organisation_id")
        require_open(offered, {firm}, deed.today)
        promised = _promised(work, deed.today)
        if offered.organisation_id is None:
            asked = deed.create(
                BlockOffer(
                    block_offer_id=new_key("BA"),
                    block_id=offered.block_id,
                    organisation_id=firm,
                    offered_on=offered.offered_on,
                    closes=offered.closes,
                    state_share=offered.state_share,
                    state="submitted",
                    terms=values.get("terms") or "",
                )
            )
        else:
            asked = deed.change(
                offered, state="submitted", terms=values.get("terms") or offered.terms
            )
        for line in promised:
            made = WorkCommitment(
                work_commitment_id=new_key("WC"),
                block_offer=asked,
                currency=values.get("currency") or "" if line["cost"] is not None else "",
                **line,
            )
            deed.create(made)
        _tell(deed, asked, "block.asked", "", Role.OFFICER, firm=named(asked.organisation))
        return str(asked.pk)


def award(
    actor: Actor,
    block_offer_id: str,
    *,
    until: date | None,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Award a block to a firm that asked for it; the others who asked are told why not.

    Raises
    ------
    Refused
        The firm no longer asks, the last day to answer lies ahead, no reason or last day of the
        right is told.
    """
    with acting(actor, "blocks.award", reason=said(reason), once=once, at=at) as deed:
        asked = held(actor, BlockOffer, block_offer_id, version)
        require(actor, "award", asked)
        block = held(actor, Block, asked.block_id)
        if asked.state != "submitted" or block.state != "on offer":
            raise Refused(_("Only a firm that asks for the block is awarded it."))
        others = BlockOffer._default_manager.filter(block=block).exclude(pk=asked.pk)
        if others.filter(
            state="on offer", organisation__isnull=True, closes__gte=deed.today
        ).exists():
            raise Refused(
                _("Others may still ask: the offer closes later."),
                _("Decide after its last day, so that all are weighed together."),
            )
        if until is None or until <= deed.today:
            raise Refused(
                _("The last day of the right has to lie ahead."), _("Write a later day."), "until"
            )
        deed.change(asked, state="awarded", decided_on=deed.today, reason=reason, until=until)
        rows = WorkCommitment._default_manager.filter(block_offer=asked, cost__isnull=False)
        costs = list(rows.values_list("cost", "currency"))
        one = len({currency for _cost, currency in costs}) == 1
        deed.change(
            block,
            state="held",
            holder_id=asked.organisation_id,
            until=until,
            work_commitment=sum(cost for cost, _currency in costs) if one else None,
            currency=costs[0][1] if one else "",
        )
        _tell(deed, asked, "block.decided", asked.organisation_id, decision="awarded")
        for other in others.filter(state="submitted").select_related("organisation"):
            why = _("Another firm was chosen: %s") % reason
            deed.change(other, state="refused", decided_on=deed.today, reason=why)
            _tell(
                deed, other, "block.decided", other.organisation_id, decision="refused", reason=why
            )
        for other in others.filter(state="on offer"):
            deed.change(other, state="withdrawn", decided_on=deed.today, reason=reason)
        return str(block.pk)


def refuse(
    actor: Actor,
    block_offer_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Refuse a firm that asked for a block."""
    with acting(actor, "blocks.refuse", reason=said(reason), once=once, at=at) as deed:
        asked = held(actor, BlockOffer, block_offer_id, version)
        require(actor, "refuse", asked)
        if asked.state != "submitted":
            raise Refused(_("This was decided already."))
        deed.change(asked, state="refused", decided_on=deed.today, reason=reason)
        _tell(
            deed, asked, "block.decided", asked.organisation_id, decision="refused", reason=reason
        )
        return str(asked.block_id)


def withdraw(
    actor: Actor,
    block_offer_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Withdraw an offer, or what a firm asked for; a block that nobody is offered rests."""
    with acting(actor, "blocks.withdraw", reason=reason, once=once, at=at) as deed:
        row = held(actor, BlockOffer, block_offer_id, version)
        require(actor, "withdraw", row)
        if row.state not in ("on offer", "submitted"):
            raise Refused(_("This was decided already."))
        offered = row.state == "on offer"
        deed.change(row, state="withdrawn", decided_on=deed.today, reason=reason)
        block = held(actor, Block, row.block_id)
        left = BlockOffer._default_manager.filter(block=block, state__in=("on offer", "submitted"))
        if block.state == "on offer" and offered and not left.exists():
            deed.change(block, state="returned", closes=None)
        return str(row.block_id)


def require_open(offered: Any, firms: AbstractSet[str], today: date) -> None:
    """Go on only while an offer can be answered by one of these firms."""
    on_offer = _("Look at the blocks that are on offer.")
    if have_asked(offered.block_id, firms):
        raise Refused(
            _("Your firm asked for this block already."),
            _("Wait for the decision, or withdraw what you asked for."),
        )
    if offered.state != "on offer" or offered.block.state != "on offer":
        raise Refused(_("This block is no longer on offer."), on_offer)
    if offered.closes is not None and offered.closes < today:
        raise Refused(_("The last day to answer has passed."), on_offer)


def have_asked(block_id: str, firms: AbstractSet[str]) -> bool:
    """Whether each of these firms asks for a block already."""
    asks = BlockOffer._default_manager.filter(block_id=block_id, state="submitted")
    return bool(firms) and firms <= set(asks.values_list("organisation_id", flat=True))


def _promised(work: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    if not work:
        raise Refused(
            _("No work is promised."),
            _("Promise one piece of exploration work at least."),
            field="kind_1",
        )
    promised = []
    for line in work:
        number, kind, amount, due = (line.get(name) for name in ("number", "kind", "amount", "due"))
        if kind not in UNITS:
            raise Refused(_("What work it is is missing."), _("Choose it."), f"kind_{number}")
        if amount is None or amount <= 0:
            raise Refused(
                _("How much is promised is missing."),
                _("Write a number above 0."),
                f"amount_{number}",
            )
        if due is None or due <= today:
            raise Refused(
                _("The day it is due has to lie ahead."), _("Write a later day."), f"due_{number}"
            )
        if (cost := line.get("cost")) is not None and cost < 0:
            raise Refused(
                _("What it costs cannot be below 0."),
                _("Leave it empty or mend it."),
                f"cost_{number}",
            )
        promised.append(
            {
                "kind": kind,
                "amount": Decimal(amount),
                "unit": UNITS[kind],
                "due": due,
                "cost": cost,
                "text": line.get("text") or "",
            }
        )
    return promised


def _tell(deed: Deed, row: Any, kind: str, to: str, *roles: Role, **facts: Any) -> None:
    """Tell a firm's people, or ("") those of a role, of an offer."""
    told = {
        "kind": kind,
        "table": "blocks",
        "key": str(row.block_id),
        "on": deed.today,
        "block": row.block.name,
    }
    if to:
        tell_members([to], roles or tuple(Role), **told, **facts)
        return
    tell(
        people_of("", *roles, on=deed.today),
        kind,
        "blocks",
        str(row.block_id),
        {"block": row.block.name, **facts},
    )
