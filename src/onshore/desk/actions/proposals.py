"""Proposals to a call: handed in, changed and withdrawn by who proposes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held
from onshore.desk.actions.calls import PROPOSERS, is_open, money_told
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.choosing.selecting import WAITING
from onshore.desk.models import Call, Proposal, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.names import named
from onshore.desk.pages.showing import currency_name
from onshore.desk.policies import require


def submit(
    actor: Actor,
    call_id: str,
    values: Mapping[str, Any],
    *,
    proposer_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Hand in a proposal to a call that is open, for the actor's own organisation.

    Raises
    ------
    Refused
        The call is closed, or more is asked for than it gives.
    """
    with acting(actor, "proposals.submit", once=once, at=at) as deed:
        require(actor, "submit", Proposal)
        call = held(actor, Call, call_id)
        require_open(call, deed.today)
        proposer = own_proposer(actor, proposer_id)
        return received(deed, proposer, call=call, **_whole(call, values))


def received(deed: Deed, proposer: str, **told: Any) -> str:
    """Take in what an organisation proposes to a call or a challenge, and tell the officers."""
    made = Proposal(
        proposal_id=new_key("PR"),
        proposer_id=proposer,
        received=deed.today,
        state="submitted",
        **told,
    )
    deed.create(made)
    facts = {"proposer": named(made.proposer), "proposal": made.title}
    officers = people_of("", Role.OFFICER, on=deed.today)
    tell(officers, "proposal.submitted", "proposals", made.pk, facts, at=deed.at)
    return str(made.pk)


def require_open(call: Any, today: date) -> None:
    """Go on only while a call takes proposals."""
    if not is_open(call, today):
        raise Refused(
            _("This call takes no more proposals."), _("Look at the calls that are open.")
        )


def require_changeable(proposal: Any, today: date) -> None:
    """Go on only while a proposal's call is open and it is not decided on."""
    if proposal.call is None or not is_open(proposal.call, today):
        raise Refused(
            _("The call is closed: its proposals stand as they are."),
            _("You may withdraw the proposal until it is decided on."),
        )
    if proposal.state not in ("submitted", "withdrawn"):
        raise Refused(_("This proposal is decided already."))


def change(
    actor: Actor,
    proposal_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a proposal as long as its call is open."""
    with acting(actor, "proposals.change", once=once, at=at) as deed:
        proposal = held(actor, Proposal, proposal_id, version)
        require(actor, "change", proposal)
        require_changeable(proposal, deed.today)
        told = _whole(proposal.call, values)
        deed.change(proposal, state="submitted", received=deed.today, **told)
        return str(proposal.pk)


def withdraw(
    actor: Actor,
    proposal_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Withdraw a proposal that is not decided yet."""
    with acting(actor, "proposals.withdraw", reason=reason, once=once, at=at) as deed:
        proposal = held(actor, Proposal, proposal_id, version)
        require(actor, "withdraw", proposal)
        if proposal.state not in WAITING:
            raise Refused(_("This proposal is decided or withdrawn already."))
        deed.change(proposal, state="withdrawn", reason=reason.strip())
        return str(proposal.pk)


def own_proposer(actor: Actor, named_one: str) -> str:
    """Give the key of the organisation that the actor proposes for.

    Raises
    ------
    Refused
        The actor acts for several and names none, or names another's.
    """
    own = actor.organisations(*PROPOSERS)
    if not named_one and len(own) == 1:
        return next(iter(own))
    if named_one in own:
        return named_one
    raise Refused(
        _("It is not clear for which organisation this is."),
        _("Choose one of your organisations."),
        field="proposer_id",
    )


def _whole(call: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    told = {**values, "currency": call.currency}
    amount = told.get("amount")
    if amount is None or amount <= 0:
        raise Refused(
            _("The amount that you ask for is missing."),
            _("Write it in %s, the currency of the call.") % currency_name(call.currency),
            field="amount",
        )
    most = min(limit for limit in (call.most, call.budget) if limit is not None)
    if amount > most:
        raise Refused(
            _("The call gives %(most)s at most.") % {"most": money_told(most, call.currency)},
            _("Ask for less, or leave a part of the work out."),
            field="amount",
        )
    if not str(told.get("summary") or "").strip():
        raise Refused(
            _("What is proposed is not told."),
            _("Say what you will do, what comes of it, and who does it."),
            field="summary",
        )
    if told.get("months") is not None and told["months"] < 1:
        raise Refused(_("The work takes a month at least."), _("Write 1 or more."), field="months")
    return told
