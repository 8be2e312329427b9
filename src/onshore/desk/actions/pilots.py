"""Pilots: what came of research is tried in a buyer's plant, and judged there."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.studies import IN_PLANT, level_of, told_level
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Organisation, Pilot, Role, Study
from onshore.desk.policies import require


def plan(
    actor: Actor,
    study_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Plan a trial in a buyer's plant: what is measured there, and what is aimed at.

    Raises
    ------
    Refused
        The research is below the level that comes before use in a plant, the host is no buyer,
        or the plant is another's.
    """
    with acting(actor, "pilots.plan", once=once, at=at) as deed:
        study = held(actor, Study, study_id, version)
        require(actor, "try", study)
        _require_ready(study)
        told = _whole(values)
        made = Pilot(pilot_id=new_key("TRY"), study=study, result="pending", **told)
        deed.create(made)
        tell_members(
            [made.host_id],
            (Role.ENGINEER,),
            kind="pilot.planned",
            table="pilots",
            key=made.pk,
            on=deed.today,
            study=study.title,
        )
        return str(made.pk)


def judge(
    actor: Actor,
    pilot_id: str,
    *,
    result: str,
    reached: Decimal | None,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record how a trial ended, what was measured and what was learned: the plant's engineer.

    Raises
    ------
    Refused
        It is judged already, has not begun, or says nothing of what was measured or learned.
    """
    with acting(actor, "pilots.judge", reason=reason, once=once, at=at) as deed:
        pilot = held(actor, Pilot, pilot_id, version)
        require(actor, "judge", pilot)
        if pilot.result != "pending":
            raise Refused(_("This trial is judged already."))
        if pilot.starts and pilot.starts > deed.today:
            raise Refused(_("The trial has not begun."), _("Judge it once it was run."))
        if result not in ("passed", "failed"):
            raise Refused(_("Choose how it ended."), field="result")
        if result == "passed" and pilot.aim is not None and reached is None:
            raise Refused(
                _("It has an aim, and nothing says what was measured."),
                _("Write the number that was measured."),
                field="reached",
            )
        deed.change(pilot, result=result, reached=reached, reason=said(reason))
        tell_members(
            [pilot.study.organisation_id],
            RESEARCHERS,
            kind="pilot.judged",
            table="pilots",
            key=pilot.pk,
            on=deed.today,
            study=pilot.study.title,
            result=result,
            reason=pilot.reason,
        )
        return str(pilot.pk)


def _require_ready(study: Any) -> None:
    if study.state != "running":
        raise Refused(_("Only research that runs is tried in a plant."))
    level = level_of(study)
    if level < IN_PLANT - 1:
        raise Refused(
            _("It stands at level %s: a plant lets it in from level 6.") % told_level(level),
            _("Take it through its gates first."),
        )


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(values)
    host = Organisation._default_manager.filter(pk=told.get("host_id")).first()
    if host is None or "buyer" not in host.role.split(";"):
        raise Refused(
            _("A trial has a buyer as its host."), _("Choose the buyer."), field="host_id"
        )
    if key := told.get("plant_id"):
        plant = RECORDS["plants"]._default_manager.filter(pk=key).first()
        if plant is None or plant.organisation_id not in (None, host.pk):
            raise Refused(
                _("The host has no such plant."),
                _("Choose one of its plants, or none."),
                field="plant_id",
            )
    begins, ends = told.get("starts"), told.get("until")
    if begins and ends and ends < begins:
        raise Refused(_("It ends before it begins."), _("Write the last day again."), field="until")
    if not str(told.get("measure") or "").strip():
        raise Refused(
            _("Nothing is measured, so nobody could tell how it ended."),
            _("Say what is measured, such as: heats until the lining is worn."),
            field="measure",
        )
    return told
