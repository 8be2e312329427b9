"""Research projects and theses: their readiness levels, gate by gate, and the hand-over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import (
    Challenge,
    Gate,
    Need,
    Offer,
    Organisation,
    Pilot,
    Proposal,
    Role,
    Study,
)
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import require
from onshore.figures.shown import digits

HIGHEST = 9
IN_PLANT = 7
"""The level that needs a trial in a plant: shown where it will be used."""
NEXT: dict[str, tuple[str, ...]] = {
    "running": ("paused", "finished", "stopped"),
    "paused": ("running", "stopped"),
    "finished": ("running",),
    "stopped": ("running",),
}
"""What research may become, by where it stands."""


def level_of(study: Any) -> int:
    """Give the readiness level that research has reached: that of its start, or its last gate."""
    passed = Gate._default_manager.filter(study=study, decision="passed")
    return max(study.trl or 0, *passed.values_list("trl", flat=True), 0)


def told_level(level: int) -> str:
    """Write a readiness level in the page's digits."""
    return digits(str(level), language())


def begin(
    actor: Actor,
    values: Mapping[str, Any],
    *,
    proposal_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Begin a research project or a thesis, by itself or of a proposal that was chosen.

    Raises
    ------
    Refused
        The proposal was not chosen or has its research already, the days are out of order, or a
        thesis has no student.
    """
    with acting(actor, "studies.begin", once=once, at=at) as deed:
        made = Study(study_id=new_key("RS"), state="running", **_whole(actor, values))
        if proposal_id:
            _of_proposal(actor, made, proposal_id)
        elif not made.organisation_id:
            made.organisation_id = _own(actor)
        require(actor, "add", made)
        deed.create(made)
        return str(made.pk)


def _of_proposal(actor: Actor, study: Any, proposal_id: str) -> None:
    proposal = held(actor, Proposal, proposal_id)
    if proposal.state != "chosen":
        raise Refused(_("This proposal was not chosen."), _("Decide on it first."))
    if Study._default_manager.filter(proposal=proposal).exists():
        raise Refused(_("The research of this proposal has begun already."))
    study.proposal, study.challenge = proposal, proposal.challenge
    study.organisation_id = proposal.proposer_id
    if proposal.challenge_id:
        study.need = proposal.challenge.need


def _own(actor: Actor) -> str:
    own = actor.organisations(*RESEARCHERS)
    if len(own) == 1:
        return next(iter(own))
    raise Refused(
        _("It is not told who does the research."),
        _("Choose the university or the firm."),
        field="organisation_id",
    )


def _whole(actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(values)
    if told.get("kind") == "thesis" and not str(told.get("student") or "").strip():
        raise Refused(_("A thesis has a student."), _("Write the name."), field="student")
    level = told.get("trl")
    if level is not None and not 1 <= level <= HIGHEST:
        raise Refused(
            _("There are nine levels of technology readiness."),
            _("Write 1 to 9, or leave it empty."),
            field="trl",
        )
    begins, ends = told.get("starts"), told.get("until")
    if begins and ends and ends < begins:
        raise Refused(_("It ends before it begins."), _("Write the last day again."), field="until")
    for name, model in (("need_id", Need), ("challenge_id", Challenge)):
        if told.get(name):
            _seen(actor, model, told[name], name)
    if told.get("organisation_id"):
        _seen(actor, Organisation, told["organisation_id"], "organisation_id")
    return told


def _seen(actor: Actor, model: Any, key: str, field: str) -> None:
    try:
        held(actor, model, key)
    except Refused as refused:
        raise Refused(refused.reason, _("Look its key up."), field=field) from None


def set_state(
    actor: Actor,
    study_id: str,
    *,
    state: str,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Pause, take up, finish or stop research."""
    with acting(actor, "studies.set_state", reason=reason, once=once, at=at) as deed:
        study = held(actor, Study, study_id, version)
        require(actor, "change", study)
        if study.handed_over is not None:
            raise Refused(_("This research was handed over: it is at its end."))
        if state not in NEXT[study.state]:
            raise Refused(
                _("It is %s: choose another state.") % choice_label(study.state), field="state"
            )
        if state in ("paused", "stopped") or study.state in ("finished", "stopped"):
            said(reason)
        deed.change(study, state=state)
        return str(study.pk)


def ask_gate(
    actor: Actor,
    study_id: str,
    *,
    level: int,
    evidence: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Ask for the next readiness level, with what shows that it is reached.

    Raises
    ------
    Refused
        A level would be skipped, another gate waits to be decided, nothing shows it, or the
        level of use in a plant has no trial that was passed.
    """
    with acting(actor, "gates.ask", once=once, at=at) as deed:
        study = held(actor, Study, study_id, version)
        require(actor, "ask", study)
        _require_running(study)
        _require_next(study, level)
        if not evidence.strip():
            raise Refused(
                _("Nothing shows that the level is reached."),
                _("Name the test, the report or the sample that anybody can look up."),
                field="evidence",
            )
        facts = {
            "evidence": evidence.strip(),
            "asked_on": deed.today,
            "asked_by": actor.name,
            "decision": "pending",
            "decided_on": None,
            "decided_by": "",
            "reason": "",
        }
        # A level that was failed is asked for again in its own row; the audit keeps what was.
        gate = Gate._default_manager.filter(study=study, trl=level).first()
        if gate is None:
            deed.create(Gate(study=study, trl=level, **facts))
        else:
            deed.change(gate, **facts)
        deed.key = str(study.pk)
        officers = people_of("", Role.OFFICER, on=deed.today)
        told = {"study": study.title, "level": str(level)}
        tell(officers, "gate.asked", "studies", study.pk, told, at=deed.at)
        return str(study.pk)


def _require_running(study: Any) -> None:
    if study.state != "running":
        raise Refused(
            _("This research is: %s.") % choice_label(study.state), _("Take it up again first.")
        )


def _require_next(study: Any, level: int) -> None:
    reached = level_of(study)
    if reached >= HIGHEST:
        raise Refused(_("The highest level is reached."))
    if level != reached + 1:
        raise Refused(
            _("No level is skipped: %(reached)s is reached, so %(next)s comes next.")
            % {"reached": told_level(reached), "next": told_level(reached + 1)},
            _("Ask for level %s.") % told_level(reached + 1),
            field="level",
        )
    if Gate._default_manager.filter(study=study, decision="pending").exists():
        raise Refused(_("A gate waits to be decided."), _("Wait for its decision."))
    tried = Pilot._default_manager.filter(study=study, result="passed")
    if level == IN_PLANT and not tried.exists():
        raise Refused(
            _("Level 7 is reached where the thing will be used."),
            _("Have it tried in a buyer's plant first; that trial has to be passed."),
            field="level",
        )


def decide_gate(
    actor: Actor,
    gate_id: int,
    *,
    decision: str,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Decide on a gate: passed or failed, by somebody who did not ask for it."""
    with acting(actor, "gates.decide", reason=reason, once=once, at=at) as deed:
        gate = held(actor, Gate, gate_id, version)
        if gate.asked_by == actor.name:
            raise Refused(
                _("You asked for this level yourself."), _("Somebody else decides on it.")
            )
        require(actor, "decide", gate)
        if gate.decision != "pending":
            raise Refused(_("This gate is decided already."))
        if decision not in ("passed", "failed"):
            raise Refused(_("Choose what is decided."), field="decision")
        study = held(actor, Study, gate.study_id)
        deed.key = str(study.pk)
        deed.change(
            gate,
            decision=decision,
            reason=said(reason),
            decided_on=deed.today,
            decided_by=actor.name,
        )
        tell_members(
            [study.organisation_id],
            RESEARCHERS,
            kind="gate.decided",
            table="studies",
            key=study.pk,
            on=deed.today,
            study=study.title,
            level=str(gate.trl),
            decision=decision,
            reason=gate.reason,
        )
        return str(study.pk)


def hand_over(
    actor: Actor,
    study_id: str,
    *,
    offer_id: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Hand what came of research over to a maker's offer; its challenge is then solved.

    The offer takes over the readiness level. The maker, and the buyer of the need that it serves,
    are told.

    Raises
    ------
    Refused
        It was handed over already, or did not reach the level of use in a plant.
    """
    with acting(actor, "studies.hand_over", once=once, at=at) as deed:
        study = held(actor, Study, study_id, version)
        require(actor, "hand_over", study)
        if study.handed_over is not None:
            raise Refused(_("This research was handed over already."))
        level = level_of(study)
        if level < IN_PLANT:
            raise Refused(
                _("It stands at level %s: a maker takes it over from level 7.") % told_level(level),
                _("Take it through its gates and a trial in a plant first."),
            )
        offer = _offer(actor, offer_id)
        deed.change(study, offer=offer, handed_over=deed.today, state="finished")
        if (offer.trl or 0) < level:
            deed.change(offer, trl=level)
        _solve(deed, study)
        deed.key = str(study.pk)
        _tell(deed, study, offer)
        return str(study.pk)


def _offer(actor: Actor, offer_id: str) -> Any:
    try:
        return held(actor, Offer, offer_id)
    except Refused as refused:
        raise Refused(refused.reason, _("Look its key up."), field="offer_id") from None


def _solve(deed: Deed, study: Any) -> None:
    challenge = study.challenge
    if challenge is not None and challenge.state in ("published", "closed"):
        deed.change(challenge, state="solved")


def _tell(deed: Deed, study: Any, offer: Any) -> None:
    facts: dict[str, Any] = {"kind": "study.handed_over", "table": "studies", "key": study.pk}
    facts |= {"on": deed.today, "study": study.title}
    tell_members([offer.maker_id, study.organisation_id], RESEARCHERS, **facts)
    if study.need_id:
        tell_members([study.need.buyer_id], (Role.ENGINEER,), **facts)
