"""What an officer decides on candidates; decisions are remembered, and teach the ranking."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held
from onshore.desk.actor import Actor
from onshore.desk.models import Candidate, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.policies import require

CLASSES = ("exact", "near", "could make")
"""Classes that an officer may give; a candidate of none of them is rejected."""

OVER = ("withdrawn", "verified localized")
"""States of a need whose candidates are not reviewed any more."""


def decide(
    actor: Actor,
    candidate_id: Any,
    *,
    decision: str,
    category: str = "",
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Confirm a candidate, in its class or another, or reject it.

    Parameters
    ----------
    decision
        *confirmed* or *rejected*.
    category
        Class given to a confirmed candidate; its own where empty.
    reason
        Why, where the officer says so.

    Returns
    -------
    str
        Key of the candidate.
    """
    with acting(actor, "candidates.decide", reason=reason, once=once, at=at) as deed:
        candidate = _reviewable(actor, candidate_id, version)
        if decision not in ("confirmed", "rejected"):
            raise Refused(_("This is no decision."), _("Agree or reject."), field="decision")
        if category and category not in CLASSES:
            raise Refused(
                _("A candidate cannot be confirmed in this class."),
                _("Choose another class, or reject the candidate."),
                field="category",
            )
        given = category or candidate.category
        if decision == "confirmed" and given not in CLASSES:
            raise Refused(
                _("The ranking found no likeness here, so that a class has to be given."),
                _("Say whether it is the very thing, near to it, or could be made."),
                field="category",
            )
        deed.change(
            candidate,
            decision=decision,
            category=given if decision == "confirmed" else candidate.category,
            reviewer=actor.name,
            decided_on=deed.today,
        )
        if decision == "confirmed":
            _tell_maker(deed, candidate)
        return str(candidate.pk)


def take_back(
    actor: Actor,
    candidate_id: Any,
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take a decision back, so that the candidate waits again."""
    with acting(actor, "candidates.take_back", reason=reason, once=once, at=at) as deed:
        candidate = _reviewable(actor, candidate_id, version)
        if not candidate.decision:
            raise Refused(_("Nothing was decided here yet."), _("Agree or reject."))
        deed.change(candidate, decision="", reviewer="", decided_on=None)
        return str(candidate.pk)


def _reviewable(actor: Actor, candidate_id: Any, version: int | None) -> Any:
    candidate = held(actor, Candidate, candidate_id, version)
    require(actor, "review", candidate)
    if candidate.need.state in OVER:
        raise Refused(
            _("This need is over: its candidates are not reviewed any more."),
            _("Reopen the need first, if it is wanted again."),
        )
    return candidate


def _tell_maker(deed: Deed, candidate: Any) -> None:
    makers = people_of(candidate.offer.maker_id or "-", Role.MAKER, on=deed.today)
    need = candidate.need
    tell(makers, "match.confirmed", "needs", need.pk, {"need": need.description}, at=deed.at)
