"""The history of a record, as the audit tells it: who changed what, and why."""

from typing import Any

from django.utils.translation import gettext_lazy

from onshore.desk.actor import Actor
from onshore.desk.models import AuditEntry
from onshore.desk.policies import visible
from onshore.desk.states import MOVES

MOST = 200
"""Lines of a record's history that a page shows."""


def history(actor: Actor, record: Any) -> list[Any]:
    """Give the last lines of the audit about a record, as far as the actor may read them.

    The last stands first; each has besides its own fields ``deed``, what was done in the page's
    language.
    """
    lines = visible(actor, AuditEntry).filter(table=record._meta.db_table, key=str(record.pk))
    told = list(lines.order_by("-number")[:MOST])
    for line in told:
        line.deed = deed_label(line.action)
    return told


def reason_of(record: Any, action: str) -> str:
    """Give the reason that was told when an action was last done to a record."""
    lines = AuditEntry.objects.filter(
        table=record._meta.db_table, key=str(record.pk), action=action
    )
    return lines.order_by("-number").values_list("reason", flat=True).first() or ""


def deed_label(action: str) -> str:
    """Name what was done, in the page's language; what has no name stays as it was written.

    Examples
    --------
    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     deed_label("needs.publish"), deed_label("claims.verify"), deed_label("a.b")
    ('Publish', 'Claim verified', 'a.b')
    """
    table, _dot, name = action.partition(".")
    if table == "needs" and name in MOVES:
        return str(MOVES[name].label)
    return str(_DEEDS.get(action, action))


_DEEDS = {
    "needs.add": gettext_lazy("Need added"),
    "needs.change": gettext_lazy("Need changed"),
    "candidates.decide": gettext_lazy("Candidate reviewed"),
    "candidates.take_back": gettext_lazy("Review taken back"),
    "deals.publish": gettext_lazy("Contract published"),
    "deals.take_back": gettext_lazy("Contract taken back"),
    "claims.file": gettext_lazy("Claim filed"),
    "claims.mend": gettext_lazy("Claim mended"),
    "claims.verify": gettext_lazy("Claim verified"),
    "claims.refuse": gettext_lazy("Claim refused"),
    "claims.withdraw": gettext_lazy("Claim taken back"),
    "exceptions.ask": gettext_lazy("Exception asked for"),
    "exceptions.publish": gettext_lazy("Exception put out for comment"),
    "exceptions.comment": gettext_lazy("Exception commented on"),
    "exceptions.decide": gettext_lazy("Exception decided"),
    "exceptions.end": gettext_lazy("Exception ended"),
    "desks.add": gettext_lazy("Desk opened"),
    "desks.change": gettext_lazy("Desk changed"),
    "ideas.hand_in": gettext_lazy("Idea handed in"),
    "ideas.sort": gettext_lazy("Idea sorted"),
    "foundings.begin": gettext_lazy("Founding begun"),
    "foundings.step": gettext_lazy("Step done"),
    "foundings.found": gettext_lazy("Unit founded"),
    "foundings.give_up": gettext_lazy("Founding given up"),
    "challenges.add": gettext_lazy("Challenge drafted"),
    "challenges.change": gettext_lazy("Challenge changed"),
    "challenges.publish": gettext_lazy("Challenge published"),
    "challenges.withdraw": gettext_lazy("Challenge withdrawn"),
    "studies.begin": gettext_lazy("Research begun"),
    "studies.set_state": gettext_lazy("State of the research changed"),
    "gates.ask": gettext_lazy("Readiness level asked for"),
    "gates.decide": gettext_lazy("Readiness level decided"),
    "studies.hand_over": gettext_lazy("Handed over to a maker"),
    "pilots.plan": gettext_lazy("Trial planned"),
    "pilots.judge": gettext_lazy("Trial judged"),
    "courses.add": gettext_lazy("Course announced"),
    "courses.change": gettext_lazy("Course changed"),
    "courses.attend": gettext_lazy("Attendance recorded"),
    "calls.add": gettext_lazy("Call made"),
    "calls.change": gettext_lazy("Call changed"),
    "calls.criteria": gettext_lazy("Criteria set"),
    "calls.publish": gettext_lazy("Call published"),
    "calls.select": gettext_lazy("Selection reckoned"),
    "calls.decide": gettext_lazy("Call decided"),
    "awards.give": gettext_lazy("Award given"),
    "guarantees.open": gettext_lazy("Guarantee recorded"),
    "guarantees.call_in": gettext_lazy("Guarantee called in"),
    "guarantees.end": gettext_lazy("Guarantee ended"),
    "agreements.add": gettext_lazy("Agreement recorded"),
    "agreements.change": gettext_lazy("Agreement changed"),
    "commitments.add": gettext_lazy("Commitment recorded"),
    "commitments.change": gettext_lazy("Commitment changed"),
    "commitments.report": gettext_lazy("Progress told"),
    "events.add": gettext_lazy("Event planned"),
    "events.change": gettext_lazy("Event changed"),
    "events.lay_out": gettext_lazy("Slots laid out"),
    "events.take_part": gettext_lazy("Participant entered"),
    "events.leave": gettext_lazy("Participant taken out"),
    "events.invite": gettext_lazy("Participants invited"),
    "events.wish": gettext_lazy("Meeting wished"),
    "events.withdraw_wish": gettext_lazy("Wish taken back"),
    "events.wish_from_matches": gettext_lazy("Wishes taken from matches"),
    "meetings.schedule": gettext_lazy("Meetings scheduled"),
    "meetings.take_back": gettext_lazy("Schedule taken back"),
    "meetings.tell": gettext_lazy("Outcome of a meeting told"),
    "partner_goods.add": gettext_lazy("Good put on the list"),
    "partner_goods.change": gettext_lazy("Good changed"),
    "blocks.add": gettext_lazy("Block recorded"),
    "blocks.change": gettext_lazy("Block changed"),
    "blocks.offer": gettext_lazy("Block offered"),
    "blocks.ask": gettext_lazy("Block asked for"),
    "blocks.award": gettext_lazy("Block awarded"),
    "blocks.refuse": gettext_lazy("Firm refused"),
    "blocks.withdraw": gettext_lazy("Offer withdrawn"),
    "blocks.take_back": gettext_lazy("Block taken back"),
    "block_work.hand_in": gettext_lazy("Work handed in"),
    "block_work.accept": gettext_lazy("Work accepted"),
    "block_work.send_back": gettext_lazy("Work sent back"),
    "rigs.add": gettext_lazy("Rig recorded"),
    "rigs.change": gettext_lazy("Rig changed"),
    "deposits.add": gettext_lazy("Deposit recorded"),
    "deposits.change": gettext_lazy("Deposit changed"),
}
