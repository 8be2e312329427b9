"""Qualification: samples and first articles measured against what the drawing asks for."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Characteristic, Need, Offer, Qualification, Role
from onshore.desk.pages.wording import language
from onshore.desk.policies import NotAllowed, require
from onshore.figures import shown

STAGES = ("sample", "first article", "field test")
_IN = ("contracted", "sample", "qualified", "serial supply")
_TEXTS = ("characteristic", "requirement", "measured", "result", "note")


def begin(
    actor: Actor,
    need_id: str,
    offer_id: str,
    stage: str,
    *,
    standard: str = "",
    laboratory: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Qualification:
    """Begin to qualify a maker's product for a need.

    What an earlier test of the same need measured is listed again, to be measured anew.

    Raises
    ------
    Refused
        The need is not that far, or a test of this stage is under way already.
    """
    with acting(actor, "qualifications.begin", once=once, at=at) as deed:
        need = held(actor, Need, need_id)
        if need.buyer_id not in actor.organisations(Role.ENGINEER):
            raise NotAllowed("judge")
        offer = held(actor, Offer, offer_id)
        if need.state not in _IN:
            raise Refused(
                _("Nothing is qualified before there is a contract."),
                _("Record the contract on the need's page first."),
            )
        if stage not in STAGES:
            raise Refused(_("Choose what is tested."), field="stage")
        running = Qualification.objects.filter(
            need=need, offer=offer, stage=stage, result="pending"
        ).first()
        if running is not None:
            raise Refused(
                _("A test of this stage is under way: %s.") % running.pk,
                _("Enter its measurements and judge it first."),
                field="stage",
            )
        measured = Characteristic.objects.values("qualification_id")
        before = Qualification.objects.filter(need=need, pk__in=measured)
        earlier = before.order_by("-tested_on", "-pk").first()
        made = Qualification(
            pk=new_key("T"),
            need=need,
            offer=offer,
            stage=stage,
            result="pending",
            standard=standard.strip() or (earlier.standard if earlier else ""),
            laboratory=laboratory.strip(),
        )
        deed.create(made)
        for line in _characteristics(earlier) if earlier else ():
            deed.create(
                Characteristic(
                    qualification=made,
                    number=line.number,
                    characteristic=line.characteristic,
                    requirement=line.requirement,
                    result="pending",
                )
            )
        return made


def measure(
    actor: Actor,
    qualification_id: str,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, str]],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Qualification:
    """Enter what was measured; the lines replace those that were there.

    Parameters
    ----------
    values
        ``tested_on`` (date), ``laboratory``, ``standard``, ``evidence``.
    lines
        In order: ``characteristic``, ``requirement``, ``measured``, ``result`` (*passed*,
        *failed* or *pending*) and ``note``; lines without a characteristic are left out.
    """
    with acting(actor, "qualifications.measure", once=once, at=at) as deed:
        tested = _open(actor, qualification_id, version)
        _not_after(values.get("tested_on"), deed.today)
        kept = [_line(number, line) for number, line in enumerate(_filled(lines), start=1)]
        there = {line.number: line for line in _characteristics(tested)}
        for line in kept:
            number = line["number"]
            if number in there:
                deed.change(there.pop(number), **line)
            else:
                deed.create(Characteristic(qualification=tested, **line))
        for left in there.values():
            deed.remove(left)
        deed.change(tested, **values)
        deed.key = tested.pk
        return tested


def judge(
    actor: Actor,
    qualification_id: str,
    result: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Qualification:
    """Judge a test as passed or failed; it then stands as it is.

    Raises
    ------
    Refused
        It is passed although a characteristic failed or was not measured, failed without a
        reason, or has no day of the test.
    """
    with acting(actor, "qualifications.judge", reason=reason, once=once, at=at) as deed:
        tested = _open(actor, qualification_id, version)
        if result not in ("passed", "failed"):
            raise Refused(_("Choose whether the test was passed."), field="result")
        if tested.tested_on is None:
            raise Refused(
                _("The day of the test is not given."), _("Enter it with the measurements.")
            )
        if result == "failed":
            said(reason)
        else:
            _all_passed(tested)
        deed.change(tested, result=result)
        tell_members(
            [tested.offer.maker_id],
            [Role.MAKER],
            kind="qualification.judged",
            table="qualifications",
            key=tested.pk,
            on=deed.today,
            need=tested.need.description,
            result=result,
            reason=reason.strip(),
        )
        return tested


def _open(actor: Actor, qualification_id: str, version: int | None) -> Qualification:
    tested = held(actor, Qualification, qualification_id, version)
    require(actor, "judge", tested)
    if tested.result != "pending":
        raise Refused(
            _("This test is judged: its results stand."),
            _("Begin another test if the product is measured again."),
        )
    return tested


def _characteristics(tested: Qualification) -> list[Characteristic]:
    return list(Characteristic.objects.filter(qualification=tested).order_by("number"))


def _filled(lines: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [line for line in lines if any(str(line.get(name, "")).strip() for name in _TEXTS[:3])]


def _line(number: int, line: Mapping[str, str]) -> dict[str, Any]:
    told = {name: str(line.get(name) or "").strip() for name in _TEXTS}
    told_number = shown.digits(str(number), language())
    if not told["characteristic"] or not told["requirement"]:
        raise Refused(
            _("Line %s lacks what is measured or what is asked for.") % told_number,
            _("Fill in both, or empty the line."),
        )
    if told["result"] in ("passed", "failed") and not told["measured"]:
        raise Refused(
            _("Line %s has a result but nothing that was measured.") % told_number,
            _("Write what was found."),
        )
    return {"number": number, **told, "result": told["result"] or "pending"}


def _all_passed(tested: Qualification) -> None:
    lines = _characteristics(tested)
    if not lines:
        raise Refused(
            _("Nothing was measured, so nothing is passed."),
            _("List the characteristics with what was found."),
        )
    short = [str(line.number) for line in lines if line.result != "passed"]
    if short:
        raise Refused(
            _("These characteristics are not passed: %s.") % ", ".join(short),
            _("Measure them, or judge the test as failed."),
            field="result",
        )


def _not_after(day: date | None, today: date) -> None:
    if day is not None and day > today:
        raise Refused(
            _("The day of the test lies ahead."),
            _("Write the day on which it was tested."),
            field="tested_on",
        )
