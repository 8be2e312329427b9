"""Technology challenges: made from needs that nobody can serve, put out, answered, decided."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.proposals import own_proposer, received
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.choosing.selecting import WAITING
from onshore.desk.models import Challenge, Need, Proposal, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import require


def is_open(challenge: Any, today: date) -> bool:
    """Whether a challenge takes proposals on a day."""
    past = challenge.closes is not None and challenge.closes < today
    return challenge.state == "published" and not past


def add(
    actor: Actor,
    values: Mapping[str, Any],
    *,
    need_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Draft a challenge: of a need that no maker was found for, or of a problem by itself.

    Raises
    ------
    Refused
        The need has a maker, or a challenge already; or whose problem it is cannot be told.
    """
    with acting(actor, "challenges.add", once=once, at=at) as deed:
        made = Challenge(challenge_id=new_key("CH"), state="draft", **_whole(values))
        if need_id:
            made.need = _unserved(actor, need_id)
            made.owner_id = made.need.buyer_id
        elif not made.owner_id:
            own = actor.organisations(Role.ENGINEER)
            if len(own) != 1:
                raise Refused(
                    _("It is not told whose problem this is."),
                    _("Choose the organisation."),
                    field="owner_id",
                )
            made.owner_id = next(iter(own))
        require(actor, "add", made)
        deed.create(made)
        return str(made.pk)


def _unserved(actor: Actor, need_id: str) -> Any:
    need = held(actor, Need, need_id)
    if need.state != "no-match":
        raise Refused(
            _("This need is: %s.") % choice_label(need.state),
            _("A challenge is made of a need for which no maker was found; record that first."),
        )
    standing = Challenge._default_manager.filter(need=need).exclude(state="withdrawn").first()
    if standing is not None:
        raise Refused(
            _("This need has a challenge already: %s.") % standing.title,
            _("Change that one, or withdraw it first."),
        )
    return need


def change(
    actor: Actor,
    challenge_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a draft; of a published challenge the last day may be put off."""
    with acting(actor, "challenges.change", reason=reason, once=once, at=at) as deed:
        challenge = held(actor, Challenge, challenge_id, version)
        require(actor, "change", challenge)
        told = _whole({name: values[name] for name in values if name != "owner_id"})
        if challenge.state == "published":
            before = {name: getattr(challenge, name) for name in told if name != "closes"}
            now = {name: value for name, value in told.items() if name != "closes"}
            day, old = told.get("closes"), challenge.closes
            if now != before or (old is not None and (day is None or day < old)):
                raise Refused(
                    _("The challenge is out: others work on what it says."),
                    _("You may put its last day off; for all else withdraw it and make another."),
                )
        elif challenge.state != "draft":
            raise Refused(_("This challenge is at its end."))
        deed.change(challenge, **told)
        return str(challenge.pk)


def publish(
    actor: Actor,
    challenge_id: str,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Put a challenge out to firms, start-ups and universities.

    Raises
    ------
    Refused
        It does not say what is sought, or its last day does not lie ahead.
    """
    with acting(actor, "challenges.publish", once=once, at=at) as deed:
        challenge = held(actor, Challenge, challenge_id, version)
        require(actor, "publish", challenge)
        if challenge.state != "draft":
            raise Refused(_("This challenge was published already."))
        if not challenge.text.strip():
            raise Refused(
                _("The challenge does not say what is sought."),
                _("Write what it has to do, by which numbers, and what was tried."),
            )
        if challenge.closes is None or challenge.closes <= deed.today:
            raise Refused(
                _("The last day for proposals has to lie ahead."), _("Change the challenge first.")
            )
        deed.change(challenge, state="published", published=deed.today)
        people = people_of("", *RESEARCHERS, on=deed.today)
        facts = {"challenge": challenge.title}
        tell(people, "challenge.published", "challenges", challenge.pk, facts, at=deed.at)
        return str(challenge.pk)


def withdraw(
    actor: Actor,
    challenge_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Withdraw a challenge; proposals that wait are told so."""
    with acting(actor, "challenges.withdraw", reason=reason, once=once, at=at) as deed:
        challenge = held(actor, Challenge, challenge_id, version)
        require(actor, "withdraw", challenge)
        if challenge.state in ("solved", "withdrawn"):
            raise Refused(_("This challenge is at its end."))
        why = said(reason)
        deed.change(challenge, state="withdrawn")
        waiting = Proposal._default_manager.filter(challenge=challenge, state__in=WAITING)
        for proposal in waiting.select_for_update():
            _settle(deed, proposal, "not chosen", why)
        return str(challenge.pk)


def propose(
    actor: Actor,
    challenge_id: str,
    values: Mapping[str, Any],
    *,
    proposer_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Propose how to solve a challenge, for the actor's own organisation.

    Raises
    ------
    Refused
        It is closed, the organisation proposed already or has the problem itself, or the
        proposal does not say what is done.
    """
    with acting(actor, "proposals.submit", once=once, at=at) as deed:
        challenge = held(actor, Challenge, challenge_id)
        require(actor, "propose", challenge)
        require_open(challenge, deed.today)
        proposer = own_proposer(actor, proposer_id)
        _require_proposer(challenge, proposer)
        told = dict(values)
        _require_told(told)
        told["currency"] = told.get("currency") or challenge.currency
        return received(deed, proposer, challenge=challenge, **told)


def require_open(challenge: Any, today: date) -> None:
    """Go on only while a challenge takes proposals."""
    if not is_open(challenge, today):
        raise Refused(
            _("This challenge takes no more proposals."), _("Look at those that are open.")
        )


def _require_proposer(challenge: Any, proposer: str) -> None:
    if proposer in (challenge.owner_id, challenge.need.buyer_id if challenge.need_id else None):
        raise Refused(
            _("The problem is your own organisation's."), _("Others are asked to solve it.")
        )
    standing = Proposal._default_manager.filter(challenge=challenge, proposer_id=proposer)
    if standing.exclude(state="withdrawn").exists():
        raise Refused(
            _("Your organisation has proposed already."),
            _("Withdraw that proposal if this one shall stand."),
        )


def _require_told(told: Mapping[str, Any]) -> None:
    if not str(told.get("summary") or "").strip():
        raise Refused(
            _("What is proposed is not told."),
            _("Say what you will do, what comes of it, and who does it."),
            field="summary",
        )
    level = told.get("trl")
    if level is not None and not 1 <= level <= 9:
        raise Refused(
            _("There are nine levels of technology readiness."),
            _("Write 1 to 9, or leave it empty."),
            field="trl",
        )
    if told.get("months") is not None and told["months"] < 1:
        raise Refused(_("The work takes a month at least."), _("Write 1 or more."), field="months")
    if told.get("amount") is not None and not told.get("currency"):
        raise Refused(
            _("A price needs its currency."),
            _("Choose the currency of the price."),
            field="currency",
        )


def decide(
    actor: Actor,
    proposal_id: str,
    *,
    decision: str,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Choose a proposal to a challenge or do not, and tell the proposer why.

    Several may be chosen. Nothing is decided while others may still propose.
    """
    with acting(actor, "proposals.decide", reason=reason, once=once, at=at) as deed:
        proposal = held(actor, Proposal, proposal_id, version)
        require(actor, "decide", proposal)
        if proposal.challenge is None:
            raise Refused(
                _("This proposal answers a call, not a challenge."),
                _("The proposals to a call are decided together, on the call's page."),
            )
        if proposal.proposer_id in actor.organisations(*Role):
            raise Refused(
                _("This proposal is your own organisation's."), _("Somebody else decides on it.")
            )
        if is_open(proposal.challenge, deed.today):
            raise Refused(
                _("The challenge is still open: others may propose."),
                _("Decide after its last day."),
            )
        if proposal.state not in WAITING:
            raise Refused(_("This proposal is decided or withdrawn already."))
        if decision not in ("short-listed", "chosen", "not chosen"):
            raise Refused(_("Choose what is decided."), field="decision")
        _settle(deed, proposal, decision, said(reason))
        return str(proposal.challenge_id)


def _settle(deed: Any, proposal: Any, decision: str, reason: str) -> None:
    final = None if decision == "short-listed" else deed.today
    deed.change(proposal, state=decision, reason=reason, decided_on=final)
    tell_members(
        [proposal.proposer_id],
        RESEARCHERS,
        kind="proposal.decided",
        table="proposals",
        key=proposal.pk,
        on=deed.today,
        proposal=proposal.title,
        decision=decision,
        reason=reason,
    )


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(values)
    if told.get("prize") is not None:
        if told["prize"] <= 0:
            raise Refused(
                _("A prize is more than nothing."), _("Leave it empty if there is none."), "prize"
            )
        if not told.get("currency"):
            raise Refused(
                _("The prize has no currency."), _("Choose the currency."), field="currency"
            )
    return told
