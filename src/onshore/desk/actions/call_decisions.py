"""What is chosen of the proposals to a call: selected under the budget, decided on, told why."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.calls import PROPOSERS, is_open, money_told
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.choosing.selecting import WAITING, Scored, scored, select
from onshore.desk.models import Call, Role
from onshore.desk.pages.wording import language
from onshore.desk.policies import require, visible
from onshore.figures import shown


def choose(
    actor: Actor,
    call_id: str,
    *,
    weigh: str = "money",
    least: Decimal | None = None,
    most_per_firm: int | None = None,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Select the proposals that are worth most under the budget; nobody is told yet.

    Parameters
    ----------
    weigh
        What the proposals are worth: ``points``, or ``money``, as `select` says.
    least
        Proposals that score less, of 100, are left out.
    most_per_firm
        Most proposals of one firm.

    Raises
    ------
    Refused
        The call is open or decided, a proposal lacks reviews, or the actor's own organisation
        proposed.
    """
    # Solved before the transaction, so that nobody waits for the solver.
    seen = visible(actor, Call).filter(pk=call_id).first()
    if seen is None:
        raise Refused(_("This record is not there, or your role does not see it."))
    rows = _ready(actor, seen, timezone.localdate(at))
    _require_limits(weigh, least, most_per_firm)
    found = select(rows, seen.budget, weigh=weigh, least=least, most_per_firm=most_per_firm)
    with acting(actor, "calls.select", once=once, at=at) as deed:
        call = held(actor, Call, call_id, version)
        if not is_fresh(found, _ready(actor, call, deed.today)):
            raise Refused(
                _("Scores or proposals have changed since the selection was reckoned."),
                _("Have it reckoned again, then decide."),
            )
        told = {"on": deed.today.isoformat(), "by": actor.name, "currency": call.currency}
        deed.change(call, selection={**found, **told})
        return str(call.pk)


def decide(
    actor: Actor,
    call_id: str,
    decisions: Mapping[str, tuple[str, str]],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Decide on all proposals of a call at once, and tell each proposer why.

    Parameters
    ----------
    decisions
        By the proposal's key: ``chosen`` or ``not chosen``, and the reason that is told.

    Raises
    ------
    Refused
        Nothing was selected, scores have changed since, somebody is left out or not told why,
        or what is chosen costs more than the budget.
    """
    with acting(actor, "calls.decide", once=once, at=at) as deed:
        call = held(actor, Call, call_id, version)
        require(actor, "decide", call)
        _require_closed(call, deed.today)
        rows = waiting_of(call)
        _require_apart(actor, rows)
        if not call.selection:
            raise Refused(
                _("Nothing was selected yet under the budget."),
                _("Have the selection reckoned first; you may depart from it with a reason."),
            )
        if not is_fresh(call.selection, rows):
            raise Refused(
                _("Scores or proposals have changed since the selection was reckoned."),
                _("Have it reckoned again, then decide."),
            )
        spent = Decimal(0)
        for row in rows:
            decision, reason = decisions.get(row.proposal.pk, ("", ""))
            spent += row.proposal.amount if decision == "chosen" else 0
            _decide_one(deed, row.proposal, decision, reason)
        if spent > call.budget:
            raise Refused(
                _("What is chosen costs %(spent)s, more than the call's budget.")
                % {"spent": money_told(spent, call.currency)},
                _("Choose less, or another call."),
            )
        deed.key = str(call.pk)
        deed.change(call, decided_on=deed.today)
        return str(call.pk)


def waiting_of(call: Any) -> list[Scored]:
    """Give the proposals of a call that wait for their decision, the best score first."""
    return [row for row in scored(call) if row.proposal.state in WAITING]


def is_fresh(selection: Mapping[str, Any], rows: Sequence[Scored]) -> bool:
    """Whether a selection still rests on the scores and amounts that are there."""
    then = {
        (line["proposal"], Decimal(line["score"]), Decimal(line["amount"]))
        for line in selection["lines"]
    }
    now = {(row.proposal.pk, row.score or Decimal(0), row.proposal.amount) for row in rows}
    return then == now


def _decide_one(deed: Deed, proposal: Any, decision: str, reason: str) -> None:
    if decision not in ("chosen", "not chosen"):
        raise Refused(
            _("There is no decision on %s.") % proposal.title,
            _("Decide on everybody at once, so that nobody is left waiting."),
            field=f"decision_{proposal.pk}",
        )
    try:
        told = said(reason)
    except Refused as empty:
        raise Refused(
            _("%s is not told why.") % proposal.title,
            _("Say in a sentence what decided it; who proposed it reads it."),
            field=f"reason_{proposal.pk}",
        ) from empty
    deed.change(proposal, state=decision, reason=told, decided_on=deed.today)
    tell_members(
        [proposal.proposer_id],
        PROPOSERS,
        kind="proposal.decided",
        table="proposals",
        key=proposal.pk,
        on=deed.today,
        proposal=proposal.title,
        decision=decision,
        reason=told,
    )


def _require_closed(call: Any, today: date) -> None:
    if call.decided_on is not None:
        raise Refused(_("This call is decided already."))
    if call.published is None or is_open(call, today):
        raise Refused(
            _("The call is open until its closing day: nobody is decided on before."),
            _("Come back after it closes."),
        )


def _ready(actor: Actor, call: Any, today: date) -> list[Scored]:
    """Give the proposals of a call that is ready for its selection."""
    require(actor, "select", call)
    _require_closed(call, today)
    rows = waiting_of(call)
    _require_apart(actor, rows)
    _require_reviews(call, rows)
    return rows


def _require_limits(weigh: str, least: Decimal | None, most_per_firm: int | None) -> None:
    if weigh not in ("points", "money"):
        raise Refused(_("This is no way to weigh proposals."), field="weigh")
    if least is not None and not 0 <= least <= 100:
        raise Refused(_("Scores lie between 0 and 100."), _("Write such a number."), field="least")
    if most_per_firm is not None and most_per_firm < 1:
        raise Refused(
            _("Each firm may have one proposal at least."),
            _("Write 1 or more, or leave it empty."),
            field="most_per_firm",
        )


def _require_apart(actor: Actor, rows: Sequence[Scored]) -> None:
    if not rows:
        raise Refused(_("No proposal waits for this decision."))
    own = actor.organisations(*Role)
    if any(row.proposal.proposer_id in own for row in rows):
        raise Refused(
            _("Your own organisation proposed to this call: you do not decide on it."),
            _("Another officer decides."),
        )


def _require_reviews(call: Any, rows: Sequence[Scored]) -> None:
    needed = call.reviewers or 1
    short = [row.proposal.title for row in rows if row.reviews < needed]
    if short:
        raise Refused(
            _("These proposals have fewer reviews than the call promises (%(needed)s): %(short)s.")
            % {"needed": shown.number(needed, language()), "short": ", ".join(short[:10])},
            _("Ask for the scores that are missing, or assign more reviewers."),
        )
