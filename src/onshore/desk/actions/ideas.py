"""Ideas: handed in by anybody, sorted by the agency, answered with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions.acting import AlreadyDone, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Challenge, Idea, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import require, visible

NEXT: dict[str, tuple[str, ...]] = {
    "": ("screened", "accepted", "declined"),
    "received": ("screened", "accepted", "declined"),
    "screened": ("accepted", "declined"),
    "accepted": ("piloted", "declined"),
    "piloted": ("handed over", "declined"),
    "declined": ("accepted",),
    "handed over": (),
}
"""What an idea may become, by where it stands."""
LONGEST = 8000
"""Characters of an idea's text."""


@dataclass(frozen=True)
class Answer:
    """What who handed in an idea is told of it."""

    title: str
    state: str
    received: date | None
    sorted_on: date | None
    reason: str


def hand_in(
    actor: Actor,
    values: Mapping[str, Any],
    *,
    proposer_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take in an idea, from whoever hands it in, and give the number it can be asked by.

    Raises
    ------
    AlreadyDone
        The same was handed in that day.
    Refused
        It says too little or too much, or its challenge takes no proposals.
    """
    with acting(actor, "ideas.hand_in", once=once, at=at) as deed:
        require(actor, "hand_in", Idea)
        told = _whole(actor, values, deed.today)
        own = actor.organisations(*RESEARCHERS)
        if proposer_id and proposer_id not in own:
            raise Refused(
                _("You do not act for this organisation."),
                _("Choose one of your organisations, or none."),
                field="proposer_id",
            )
        same = Idea._default_manager.filter(received=deed.today, **told).first()
        if same is not None:
            raise AlreadyDone(str(same.pk))
        made = Idea(idea_id=new_key("IDEA"), received=deed.today, state="received", **told)
        made.proposer_id = proposer_id or None
        deed.create(made)
        officers = people_of("", Role.OFFICER, on=deed.today)
        tell(officers, "idea.received", "ideas", made.pk, {"idea": made.title}, at=deed.at)
        return str(made.pk)


def sort(
    actor: Actor,
    idea_id: str,
    *,
    decision: str,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Sort an idea: screened, accepted, declined, tried or handed over, each with its reason.

    Raises
    ------
    Refused
        It cannot become that from where it stands, or no reason is told.
    """
    with acting(actor, "ideas.sort", reason=reason, once=once, at=at) as deed:
        idea = held(actor, Idea, idea_id, version)
        require(actor, "sort", idea)
        if decision not in NEXT[idea.state]:
            raise Refused(
                _("An idea that is %(state)s does not become %(next)s.")
                % {
                    "state": choice_label(idea.state or "received"),
                    "next": choice_label(decision),
                },
                _("Choose one of the steps that are offered."),
                field="decision",
            )
        why = said(reason)
        deed.change(idea, state=decision, reason=why, sorted_on=deed.today, sorted_by=actor.name)
        tell_members(
            [idea.proposer_id],
            RESEARCHERS,
            kind="idea.sorted",
            table="ideas",
            key=idea.pk,
            on=deed.today,
            idea=idea.title,
            decision=decision,
            reason=why,
        )
        return str(idea.pk)


def answer_to(number: str) -> Answer | None:
    """Tell what became of an idea to who knows its number: only who handed it in was given it."""
    idea = Idea._default_manager.filter(pk=number.strip().upper()).first()
    if idea is None:
        return None
    return Answer(idea.title, idea.state or "received", idea.received, idea.sorted_on, idea.reason)


def _whole(actor: Actor, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    from onshore.desk.actions.challenges import is_open

    told = {name: value for name, value in values.items() if value not in (None, "")}
    summary = str(told.get("summary", "")).strip()
    if len(summary) < 20:
        raise Refused(
            _("The idea is not told."),
            _("Say in a few sentences what it is, and what it would change."),
            field="summary",
        )
    if len(summary) > LONGEST:
        raise Refused(
            _("The text is too long."), _("Tell it in two pages at most."), field="summary"
        )
    if actor.user is None and not str(told.get("contact", "")).strip():
        raise Refused(
            _("Nobody could answer you."),
            _("Write an e-mail address or a telephone number."),
            field="contact",
        )
    level = told.get("trl")
    if level is not None and not 1 <= level <= 9:
        raise Refused(
            _("There are nine levels of technology readiness."),
            _("Write 1 to 9, or leave it empty."),
            field="trl",
        )
    if key := told.get("challenge_id"):
        asked = visible(actor, Challenge).filter(pk=key).first()
        if asked is None or not is_open(asked, today):
            raise Refused(
                _("This challenge takes no more proposals."),
                _("Choose an open one, or none."),
                field="challenge_id",
            )
    return told
