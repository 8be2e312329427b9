"""Founding a knowledge-based unit: its steps one after the other, each with what shows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import Founding, FoundingStep, Idea, Organisation, ProgrammeSettings
from onshore.desk.policies import require


def usual_steps() -> list[str]:
    """Give the steps that most foundings take, in the page's language."""
    return [
        _("The idea is examined: whom it serves, whose it is"),
        _("A plan of work, money and people is written"),
        _("The company is registered"),
        _("It has a place in an incubator or a science park"),
        _("A first sample is made and measured"),
        _("It is recognised as knowledge-based"),
        _("A first buyer has signed"),
    ]


def begin(
    actor: Actor,
    values: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    *,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Begin to support a founding.

    Parameters
    ----------
    values
        Name, founders, place and idea, by the fields of the model.
    steps
        Each with ``number`` of its line, ``step`` and ``due``, in the order they are taken.
    """
    with acting(actor, "foundings.begin", once=once, at=at) as deed:
        require(actor, "add", Founding)
        if key := values.get("idea_id"):
            idea = held(actor, Idea, key)
            if idea.state not in ("accepted", "piloted", "handed over"):
                raise Refused(
                    _("The idea is not accepted."),
                    _("Accept it with your reason first."),
                    field="idea_id",
                )
        made = Founding(founding_id=new_key("UNIT"), opened=deed.today, state="open", **values)
        deed.create(made)
        _write_steps(deed, made, steps)
        return str(made.pk)


def _write_steps(deed: Deed, founding: Any, steps: Sequence[Mapping[str, Any]]) -> None:
    if not steps:
        raise Refused(
            _("A founding without steps goes nowhere."),
            _("Write what has to be done first."),
            field="step_1",
        )
    last = None
    for number, line in enumerate(steps, 1):
        text, due = str(line.get("step") or "").strip(), line.get("due")
        if not text:
            raise Refused(
                _("This step does not say what has to be done."),
                _("Write it, or leave the whole line empty."),
                field=f"step_{line['number']}",
            )
        if due and last and due < last:
            raise Refused(
                _("This step is due before the one that it follows."),
                _("Put the steps in their order."),
                field=f"due_{line['number']}",
            )
        last = due or last
        deed.create(FoundingStep(founding=founding, number=number, step=text, due=due))


def do_step(
    actor: Actor,
    step: int,
    *,
    evidence: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record that a step is done, and what shows it.

    Raises
    ------
    Refused
        An earlier step is not done, the founding is at its end, or nothing shows it.
    """
    with acting(actor, "foundings.step", once=once, at=at) as deed:
        row = held(actor, FoundingStep, step, version)
        require(actor, "step", row)
        founding = held(actor, Founding, row.founding_id)
        _require_open(founding)
        if row.done_on is not None:
            raise Refused(_("This step is done already."))
        steps = FoundingStep._default_manager.filter(founding=founding, done_on=None)
        if steps.filter(number__lt=row.number).exists():
            raise Refused(
                _("A step before this one is not done."), _("Record the steps in their order.")
            )
        if not evidence.strip():
            raise Refused(
                _("Nothing shows that the step is done."),
                _("Name the paper, the number or the address that anybody can look up."),
                field="evidence",
            )
        deed.key = str(founding.pk)
        deed.change(row, done_on=deed.today, done_by=actor.name, evidence=evidence.strip())
        return str(founding.pk)


def found(
    actor: Actor,
    founding_id: str,
    *,
    organisation_id: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record that the unit is founded: as an organisation of the list, or as a new one.

    Raises
    ------
    Refused
        A step is not done yet.
    """
    with acting(actor, "foundings.found", once=once, at=at) as deed:
        founding = held(actor, Founding, founding_id, version)
        require(actor, "end", founding)
        _require_open(founding)
        left = FoundingStep._default_manager.filter(founding=founding, done_on=None)
        if first := left.order_by("number").first():
            raise Refused(
                _("A step is not done yet: %s.") % first.step, _("Record it, then go on.")
            )
        if organisation_id:
            unit = held(actor, Organisation, organisation_id)
        else:
            unit = _new_unit(deed, founding)
        deed.change(founding, state="founded", organisation=unit)
        deed.key = str(founding.pk)
        return str(founding.pk)


def _new_unit(deed: Deed, founding: Any) -> Any:
    """Add the unit to the organisations: a start-up of the programme's home country."""
    home = (ProgrammeSettings.objects.values_list("settings", flat=True).first() or {}).get("home")
    unit = Organisation(
        organisation_id=new_key("ORG"),
        name=founding.name,
        role="start-up;maker",
        country=home or "",
        place=founding.place,
        knowledge_based=True,
        small=True,
    )
    return deed.create(unit)


def give_up(
    actor: Actor,
    founding_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record that a founding was given up, and why."""
    with acting(actor, "foundings.give_up", reason=reason, once=once, at=at) as deed:
        founding = held(actor, Founding, founding_id, version)
        require(actor, "end", founding)
        _require_open(founding)
        deed.change(founding, state="given up", reason=said(reason))
        return str(founding.pk)


def _require_open(founding: Any) -> None:
    if founding.state != "open":
        raise Refused(_("This founding is at its end already."))
