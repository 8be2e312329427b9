"""Awards: given to chosen proposals, paid in tranches as milestones are accepted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.calls import PROPOSERS, money_told
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import AuditEntry, Award, Call, Proposal, Role, Tranche
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.names import named
from onshore.desk.policies import require


def give(
    actor: Actor,
    proposal_id: str,
    values: Mapping[str, Any],
    tranches: Sequence[Mapping[str, Any]],
    *,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Award a chosen proposal what its call gives, in tranches by milestone.

    Parameters
    ----------
    values
        ``amount``, and ``awarded``, ``until``, ``premium``, ``statement``, ``statement_fa``,
        ``source`` where they are told.
    tranches
        ``number`` (of the line on the form), ``milestone``, ``amount``, ``due``; together the
        award's amount. A guarantee or a prize needs none.

    Raises
    ------
    Refused
        The proposal was not chosen or has its award, more is given than was asked for or than is
        left of the budget, or the tranches are not the whole amount.
    """
    with acting(actor, "awards.give", once=once, at=at) as deed:
        proposal = held(actor, Proposal, proposal_id)
        require(actor, "award", proposal)
        if proposal.call is None or proposal.state != "chosen":
            raise Refused(_("Only a proposal that was chosen is given an award."))
        # Awards of a call wait for each other, so that together they keep to its budget.
        call = held(actor, Call, proposal.call_id)
        others = list(Award._default_manager.filter(call=call))
        if any(each.proposal_id == proposal.pk for each in others):
            raise Refused(_("This proposal has its award already."))
        if proposal.proposer_id in actor.organisations(*Role):
            raise Refused(
                _("It is your own organisation's proposal: you do not award it."),
                _("Another officer does."),
            )
        given = sum((each.amount for each in others), Decimal(0))
        limits = (proposal.amount, call.budget - given)
        amount = _amount(values.get("amount"), *limits, call.currency)
        lines = _lines(
            tranches, amount, call.currency, none_needed=call.kind in ("guarantee", "prize")
        )
        # Who reads awards does not read every proposal: an award says itself what it is for.
        first = {"awarded": deed.today, "basis": "contracted", "statement": proposal.title}
        made = Award(
            award_id=new_key("AW"),
            **first | {name: value for name, value in values.items() if value not in (None, "")},
            kind=call.kind,
            fund=call.fund,
            receiver=proposal.proposer,
            currency=call.currency,
            call=call,
            proposal=proposal,
        )
        require_days(made.awarded, made.until, deed.today)
        deed.create(made)
        for number, line in enumerate(lines, 1):
            deed.create(Tranche(award=made, number=number, **line))
        _tell(deed, made, "award.given", award=proposal.title)
        return str(made.pk)


def reach(
    actor: Actor,
    tranche_id: int | str,
    *,
    evidence: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Hand in a milestone as reached, with what shows it; gives the key of the award."""
    with acting(actor, "tranches.reach", once=once, at=at) as deed:
        tranche = held(actor, Tranche, tranche_id, version)
        require(actor, "reach", tranche)
        if tranche.accepted_on is not None:
            raise Refused(_("This milestone is accepted already."))
        if not evidence.strip():
            raise Refused(
                _("Nothing shows that the milestone was reached."),
                _("Name the report, test record or drawing that anybody can look up."),
                field="evidence",
            )
        deed.change(tranche, reached_on=deed.today, evidence=evidence.strip())
        facts = {"receiver": named(tranche.award.receiver), "milestone": tranche.milestone}
        officers = people_of("", Role.OFFICER, on=deed.today)
        tell(officers, "tranche.reached", "awards", tranche.award_id, facts, at=deed.at)
        return _done(deed, tranche)


def accept(
    actor: Actor,
    tranche_id: int | str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Accept a milestone: another person than who handed it in, of another organisation."""
    with acting(actor, "tranches.accept", reason=reason, once=once, at=at) as deed:
        tranche = _handed_in(actor, tranche_id, version, "accept")
        deed.change(tranche, accepted_by=actor.name, accepted_on=deed.today)
        _tell(deed, tranche.award, "tranche.accepted", milestone=tranche.milestone)
        return _done(deed, tranche)


def send_back(
    actor: Actor,
    tranche_id: int | str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Send a milestone back that is not shown to be reached, and say what is missing."""
    with acting(actor, "tranches.send_back", reason=reason, once=once, at=at) as deed:
        tranche = _handed_in(actor, tranche_id, version, "send_back")
        why = said(reason)
        deed.change(tranche, reached_on=None)
        told = {"milestone": tranche.milestone, "reason": why}
        _tell(deed, tranche.award, "tranche.returned", **told)
        return _done(deed, tranche)


def pay(
    actor: Actor,
    tranche_id: int | str,
    *,
    paid_on: date,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record the day a tranche was paid; its milestone has to be accepted before."""
    with acting(actor, "tranches.pay", once=once, at=at) as deed:
        tranche = held(actor, Tranche, tranche_id, version)
        require(actor, "pay", tranche)
        if tranche.accepted_on is None:
            raise Refused(
                _("Its milestone is not accepted, so that nothing is paid."),
                _("Have it handed in and accepted first."),
            )
        if tranche.paid_on is not None:
            raise Refused(_("This tranche is paid already."))
        if not tranche.accepted_on <= paid_on <= deed.today:
            raise Refused(
                _("It was paid neither before it was accepted nor in days to come."),
                _("Write the day from the bank's slip."),
                field="paid_on",
            )
        deed.change(tranche, paid_on=paid_on)
        _tell(deed, tranche.award, "tranche.paid", milestone=tranche.milestone)
        return _done(deed, tranche)


def state_of(tranche: Any, today: date) -> str:
    """Tell where a tranche stands: *ahead*, *past its day*, *handed in*, *accepted*, *paid*."""
    if tranche.paid_on is not None:
        return "paid"
    if tranche.accepted_on is not None:
        return "accepted"
    if tranche.reached_on is not None:
        return "handed in"
    return "past its day" if tranche.due and tranche.due < today else "ahead"


def require_days(awarded: date, until: date | None, today: date) -> None:
    """Refuse days of an award that cannot be.

    Raises
    ------
    Refused
        It is given in days to come, or ends before it begins.
    """
    if awarded > today:
        raise Refused(
            _("The day of the award lies ahead."), _("Write the day it was given."), "awarded"
        )
    if until is not None and until <= awarded:
        raise Refused(_("It ends before it begins."), _("Choose a later last day."), "until")


def _handed_in(actor: Actor, key: int | str, version: int | None, deed: str) -> Any:
    tranche = held(actor, Tranche, key, version)
    require(actor, deed, tranche)
    if tranche.accepted_on is not None:
        raise Refused(_("This milestone is accepted already."))
    if tranche.reached_on is None:
        raise Refused(
            _("This milestone is not handed in as reached."),
            _("Who receives the award hands it in, with what shows it."),
        )
    lines = AuditEntry.objects.filter(table="tranches", key=str(tranche.pk))
    last = lines.filter(action="tranches.reach").order_by("-number").first()
    if last is not None and last.actor == actor.name:
        raise Refused(_("You handed this milestone in yourself."), _("Another person accepts it."))
    return tranche


def _amount(amount: Decimal | None, asked: Decimal, left: Decimal, currency: str) -> Decimal:
    if amount is None or amount <= 0:
        raise Refused(
            _("The amount of the award is missing."), _("Write what is given."), field="amount"
        )
    limits = (
        (asked, _("The proposal asks for %(most)s.")),
        (left, _("Of the call's budget %(most)s are left.")),
    )
    for most, told in limits:
        if amount > most:
            raise Refused(
                told % {"most": money_told(most, currency)},
                _("Give that much or less."),
                field="amount",
            )
    return amount


def _lines(
    tranches: Sequence[Mapping[str, Any]], whole: Decimal, currency: str, *, none_needed: bool
) -> list[dict[str, Any]]:
    told, last = [], None
    for line in tranches:
        number, milestone = line["number"], str(line.get("milestone") or "").strip()
        if not milestone:
            raise Refused(
                _("This tranche has no milestone."),
                _("Say what has to be reached before it is paid."),
                field=f"milestone_{number}",
            )
        if line.get("amount") is None or line["amount"] <= 0:
            raise Refused(
                _("This tranche has no amount."), _("Write it."), field=f"amount_{number}"
            )
        told.append({"milestone": milestone, "amount": line["amount"], "due": line.get("due")})
        last = number
    if not told and none_needed:
        return []
    if not told:
        raise Refused(
            _("An award is paid in tranches, each when its milestone is accepted."),
            _("Write one tranche at least."),
            field="milestone_1",
        )
    paid = sum((line["amount"] for line in told), Decimal(0))
    if paid != whole:
        raise Refused(
            _("The tranches come to %(paid)s, the award is %(whole)s.")
            % {"paid": money_told(paid, currency), "whole": money_told(whole, currency)},
            _("Make them equal."),
            field=f"amount_{last}",
        )
    return told


def _tell(deed: Deed, given: Any, kind: str, **facts: str) -> None:
    tell_members(
        [given.receiver_id],
        PROPOSERS,
        kind=kind,
        table="awards",
        key=given.pk,
        on=deed.today,
        **facts,
    )


def _done(deed: Deed, tranche: Any) -> str:
    deed.key = str(tranche.award_id)
    return deed.key
