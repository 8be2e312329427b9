"""What programs may change: the moves of records that are there, and the making of new ones."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions import (
    agreements,
    awards,
    calls,
    catalogue,
    challenges,
    claims,
    courses,
    deliveries,
    events,
    exceptions,
    foundings,
    guarantees,
    ideas,
    matches,
    meetings,
    needs,
    offers,
    packages,
    pilots,
    proposals,
    publication,
    quotations,
    reviews,
    studies,
)
from onshore.desk.actions.acting import Refused
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.api import exploration_changes
from onshore.desk.api.changing import Change, same
from onshore.desk.models import Role
from onshore.desk.policies import NotAllowed

MOVES_OF: dict[str, tuple[Change, ...]] = {
    "commitments": (
        Change(
            "report",
            gettext_noop("Tell how far a commitment is, with the evidence."),
            *(agreements.report, "commitments", same("progress", "evidence")),
        ),
    ),
    "calls": (Change("publish", gettext_noop("Open a call for proposals."), calls.publish),),
    "proposals": (
        Change("withdraw", gettext_noop("Withdraw a proposal."), proposals.withdraw),
        Change(
            "decide",
            gettext_noop("Decide on a proposal to a challenge."),
            *(challenges.decide, "proposals", {"decision": "state"}),
        ),
    ),
    "tranches": (
        Change(
            "reach",
            gettext_noop("Hand in a milestone, with its evidence."),
            *(awards.reach, "tranches", same("evidence")),
        ),
        Change("accept", gettext_noop("Accept a milestone."), awards.accept),
        Change("send_back", gettext_noop("Send a milestone back."), awards.send_back),
        Change(
            "pay",
            gettext_noop("Record that a tranche was paid."),
            *(awards.pay, "tranches", same("paid_on")),
        ),
    ),
    "awards": (
        Change(
            "call_in",
            gettext_noop("Record that a guarantee was called in."),
            *(guarantees.call_in, "awards", {"amount": "called_amount", "called_on": "called_on"}),
        ),
        Change("end", gettext_noop("End an award or a guarantee."), guarantees.end),
    ),
    "ideas": (
        Change(
            "sort",
            gettext_noop("Sort an idea, with the reason."),
            *(ideas.sort, "ideas", {"decision": "state"}),
        ),
    ),
    "challenges": (
        Change("publish", gettext_noop("Publish a challenge."), challenges.publish),
        Change("withdraw", gettext_noop("Withdraw a challenge."), challenges.withdraw),
    ),
    "studies": (
        Change(
            "set_state",
            gettext_noop("Say how a study stands."),
            *(studies.set_state, "studies", same("state")),
        ),
        Change(
            "ask_gate",
            gettext_noop("Ask for a readiness level, with its evidence."),
            *(studies.ask_gate, "gates", {"level": "trl", "evidence": "evidence"}),
        ),
    ),
    "gates": (
        Change(
            "decide",
            gettext_noop("Decide on a readiness level."),
            *(studies.decide_gate, "gates", same("decision")),
        ),
    ),
    "pilots": (
        Change(
            "judge",
            gettext_noop("Judge a trial by what was measured."),
            *(pilots.judge, "pilots", same("result", "reached")),
        ),
    ),
    "founding_steps": (
        Change(
            "do",
            gettext_noop("Record that a step was done, with its evidence."),
            *(foundings.do_step, "founding_steps", same("evidence")),
        ),
    ),
    "courses": (
        Change(
            "enrol",
            gettext_noop("Take a place in a course."),
            *(courses.enrol, "enrolments", same("person", "organisation_id")),
        ),
    ),
    "enrolments": (
        Change(
            "leave",
            gettext_noop("Give a place in a course back: the row is removed."),
            courses.leave,
        ),
    ),
    "reviews": (
        Change(
            "take_back",
            gettext_noop("Take back a review that was not handed in: the row is removed."),
            reviews.take_back,
        ),
    ),
    "drilling_finance": (
        Change(
            "end",
            gettext_noop("End the cover of a rig or a block today, with the reason."),
            guarantees.end_cover,
        ),
    ),
    "events": (
        Change(
            "wish",
            gettext_noop("Wish for a meeting of a buyer and a maker."),
            *(events.wish, "wishes", same("buyer_id", "maker_id", "weight", "need_id", "note")),
        ),
        Change(
            "take_schedule_back",
            gettext_noop("Take the schedule of meetings back, with the reason."),
            meetings.take_back,
        ),
    ),
    "participants": (
        Change(
            "leave",
            gettext_noop("Take an organisation out of an event: the row is removed."),
            events.leave,
        ),
    ),
    "wishes": (
        Change(
            "withdraw",
            gettext_noop("Take a wish for a meeting back: the row is removed."),
            events.withdraw_wish,
        ),
    ),
    "meetings": (
        Change(
            "tell",
            gettext_noop("Tell whether a meeting was held, and what came of it."),
            *(meetings.tell_outcome, "meetings", same("state", "outcome", "deal_id", "note")),
        ),
    ),
    "packages": (
        Change("publish", gettext_noop("Publish a package."), packages.publish),
        Change(
            "express",
            gettext_noop("Express interest in a package."),
            *(packages.express, "interests", same("statement", "maker_id")),
        ),
    ),
    "interests": (
        Change("withdraw", gettext_noop("Withdraw an expression of interest."), packages.withdraw),
    ),
    "candidates": (
        Change(
            "decide",
            gettext_noop("Confirm a match, or reject it."),
            *(matches.decide, "candidates", {"decision": "decision", "category": "class"}),
        ),
        Change(
            "take_back",
            gettext_noop("Take the decision on a match back."),
            matches.take_back,
        ),
    ),
    "deals": (
        Change("publish", gettext_noop("Let everybody read a contract."), publication.publish),
        Change(
            "take_back",
            gettext_noop("Take a contract out of the open data, with the reason."),
            publication.take_back,
        ),
    ),
    "rates": (
        Change(
            "remove",
            gettext_noop("Remove an exchange rate, with the reason: the row is removed."),
            catalogue.remove_rate,
        ),
    ),
    "quotations": (
        Change("withdraw", gettext_noop("Withdraw a quotation."), quotations.withdraw),
        Change(
            "decide",
            gettext_noop("Short-list, choose or turn down a quotation."),
            *(quotations.decide, "quotations", {"decision": "state"}, ("debrief",)),
        ),
    ),
    "deliveries": (
        Change(
            "accept",
            gettext_noop("Accept a delivery, wholly or in part."),
            *(deliveries.accept, "deliveries", same("accepted", "accepted_on", "evidence")),
        ),
    ),
    "claims": (
        Change("verify", gettext_noop("Verify a saving."), claims.verify),
        Change("refuse", gettext_noop("Refuse a saving, with the reason."), claims.refuse),
        Change("withdraw", gettext_noop("Withdraw a claim."), claims.withdraw),
    ),
    "exceptions": (
        Change(
            "publish",
            gettext_noop("Open an import exception to comment."),
            *(exceptions.publish, "exceptions", same("comment_until")),
        ),
        Change(
            "comment",
            gettext_noop("Comment on an import exception, or contest it."),
            *(exceptions.comment, "comments", {"text": "comment", "contests": "contests"}),
        ),
        Change(
            "decide",
            gettext_noop("Decide on an import exception."),
            *(exceptions.decide, "exceptions", same("decision")),
        ),
        Change("end", gettext_noop("End an import exception."), exceptions.end),
    ),
    **exploration_changes.MOVES,
}
"""The moves of each table's records, but for those of a need's life."""


def _add_need(actor: Actor, values: dict[str, Any], *, once: str = "") -> Any:
    return needs.add(actor, {"need_id": new_key("N"), **values}, once=once)


def _hand_in(actor: Actor, values: dict[str, Any], *, proposer_id: str = "", once: str = "") -> Any:
    """Hand in an idea for one's own organisation, so that one sees what becomes of it."""
    own = sorted(actor.organisations(*RESEARCHERS))
    if not own and not actor.is_a(Role.OFFICER):
        raise NotAllowed("hand_in")
    if len(own) == 1:
        proposer_id = proposer_id or own[0]
    if own and not proposer_id:
        raise Refused(
            _("It is not clear for which organisation this is."),
            _("Choose one of your organisations."),
            "proposer_id",
        )
    return ideas.hand_in(actor, values, proposer_id=proposer_id, once=once)


MAKINGS: dict[str, tuple[Change, str]] = {
    "needs": (
        Change(
            "add",
            gettext_noop("Write down a need; it stays a draft until it is published."),
            *(_add_need, "needs"),
            same(
                *("buyer_id", "description", "item_id", "part_number", "brand", "hs_code"),
                *("class", "sector", "yearly_quantity", "past_quantity", "unit"),
                *("import_price", "currency", "incoterm", "freight_insurance", "price_date"),
                *("payment_terms", "origin", "place", "required_year", "route", "access"),
            ),
            required=("buyer_id", "yearly_quantity", "unit"),
            whole=True,
        ),
        "",
    ),
    "offers": (
        Change(
            "add",
            gettext_noop("Add what a maker can make."),
            *(offers.add, "offers"),
            same(
                *("maker_id", "description", "part_number", "brand", "hs_code", "unit", "price"),
                *("currency", "price_date", "capacity_per_year", "lead_months", "tooling_cost"),
                *("local_content", "trl", "mrl", "references"),
            ),
            required=("unit", "capacity_per_year"),
            filled=("maker_id",),
            whole=True,
        ),
        "",
    ),
    "quotations": (
        Change(
            "submit",
            gettext_noop("Hand in a quotation for a need."),
            *(quotations.submit, "quotations"),
            same(
                *("need_id", "maker_id", "price", "currency", "unit", "quantity_per_year"),
                *("lead_months", "tooling_cost", "payment_terms", "valid_until", "offer_id"),
                "note",
            ),
            required=("price", "currency"),
            filled=("maker_id",),
            whole=True,
        ),
        "need_id",
    ),
    "deliveries": (
        Change(
            "record",
            gettext_noop("Record what was delivered under a contract."),
            *(deliveries.record, "deliveries"),
            same("deal_id", "delivered_on", "quantity", "unit", "serial", "evidence"),
            whole=True,
        ),
        "deal_id",
    ),
    "proposals": (
        Change(
            "submit",
            gettext_noop("Hand in a proposal to a call."),
            *(proposals.submit, "proposals"),
            same(
                *("call_id", "title", "summary", "amount", "currency", "months", "trl", "place"),
            ),
            texts=("proposer_id",),
            required=("call_id", "summary", "amount", "currency", "months"),
            whole=True,
        ),
        "call_id",
    ),
    "ideas": (
        Change(
            "hand_in",
            gettext_noop("Hand in an idea."),
            *(_hand_in, "ideas"),
            same("title", "summary", "sector", "trl", "challenge_id", "handed_in_by", "contact"),
            texts=("proposer_id",),
            required=("summary", "handed_in_by"),
            whole=True,
        ),
        "",
    ),
    **exploration_changes.MAKINGS,
}
"""The making of records: what is done, and the fact that is the key of what it belongs to."""
