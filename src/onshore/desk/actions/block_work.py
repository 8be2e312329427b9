"""Work promised for a block: handed in by the firm, accepted by the agency."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Role, WorkCommitment
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import require


def hand_in(
    actor: Actor,
    work_commitment_id: str,
    *,
    done: Decimal | None,
    spent: Decimal | None = None,
    evidence: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Hand in how much of promised work is done in all, and the report that shows it.

    Raises
    ------
    Refused
        The block is not the firm's, less is told than was accepted, or nothing shows it.
    """
    with acting(actor, "block_work.hand_in", once=once, at=at) as deed:
        work = held(actor, WorkCommitment, work_commitment_id, version)
        require(actor, "hand_in", work)
        if work.block_offer.state != "awarded":
            raise Refused(_("Work is handed in for a block that was awarded."))
        if done is None or done <= (work.done or 0):
            raise Refused(
                _("This is no more than what was accepted before."),
                _("Write what is done in all, since the award."),
                field="done",
            )
        if spent is not None and spent < (work.spent or 0):
            raise Refused(
                _("This is less than what was accepted before."),
                _("Write what was spent in all, since the award."),
                field="spent",
            )
        if spent is not None and not work.currency:
            raise Refused(
                _("No cost was promised for this work."), _("Leave it empty."), field="spent"
            )
        if not evidence.strip():
            raise Refused(
                _("Nothing shows that it is done."), _("Name the report."), field="evidence"
            )
        told = {
            "done": f"{done:f}",
            "spent": "" if spent is None else f"{spent:f}",
            "evidence": evidence.strip(),
            "by": actor.name,
            "on": deed.today.isoformat(),
        }
        deed.change(work, handed_in=told)
        firm = named(work.block_offer.organisation)
        tell(
            people_of("", Role.OFFICER, on=deed.today),
            "work.handed_in",
            "work_commitments",
            str(work.pk),
            {"firm": firm, "work": _told(work)},
        )
        return str(work.pk)


def accept(
    actor: Actor,
    work_commitment_id: str,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Accept what a firm handed in."""
    with acting(actor, "block_work.accept", once=once, at=at) as deed:
        work = _waiting(actor, work_commitment_id, version, "accept")
        told = work.handed_in
        spent = Decimal(told["spent"]) if told["spent"] else work.spent
        deed.change(
            work,
            done=Decimal(told["done"]),
            spent=spent,
            evidence=told["evidence"],
            done_on=deed.today,
            handed_in=None,
        )
        _tell_firm(deed, work, "work.accepted")
        return str(work.pk)


def send_back(
    actor: Actor,
    work_commitment_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Send what a firm handed in back, and say why."""
    with acting(actor, "block_work.send_back", reason=said(reason), once=once, at=at) as deed:
        work = _waiting(actor, work_commitment_id, version, "send_back")
        deed.change(work, handed_in=None)
        _tell_firm(deed, work, "work.returned", reason=reason)
        return str(work.pk)


def _waiting(actor: Actor, key: str, version: int | None, doing: str) -> Any:
    work = held(actor, WorkCommitment, key, version)
    require(actor, doing, work)
    if not work.handed_in:
        raise Refused(_("Nothing is handed in that waits for a decision."))
    if work.handed_in["by"] == actor.name:
        raise Refused(_("You handed it in yourself."), _("Somebody else decides."))
    return work


def _told(work: Any) -> str:
    return str(work.text or choice_label(work.kind))


def _tell_firm(deed: Deed, work: Any, kind: str, **facts: Any) -> None:
    tell_members(
        [work.block_offer.organisation_id],
        tuple(Role),
        kind=kind,
        table="work_commitments",
        key=str(work.pk),
        on=deed.today,
        work=_told(work),
        **facts,
    )
