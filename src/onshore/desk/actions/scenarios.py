"""Scenarios: assumed, reckoned in the background, and adopted as the programme's plan."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk import jobs
from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.analysing.scenarios import planned
from onshore.desk.models import RECORDS, Need, Scenario
from onshore.desk.policies import require, visible

_MOST_TIMES, _MOST_SECONDS = Decimal(100), 600


def add(
    actor: Actor,
    title: str,
    assumptions: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Note the assumptions of a scenario and have it reckoned.

    Raises
    ------
    Refused
        A share is below 0 or beyond a hundred times, or the search would take too long.
    """
    with acting(actor, "scenarios.add", once=once, at=at) as deed:
        require(actor, "add", Scenario)
        told = _sound(assumptions)
        if not title.strip():
            raise Refused(
                _("A scenario has a title."), _("Say in a few words what it assumes."), "title"
            )
        row = Scenario(title=title.strip(), assumptions=told, made_by=actor.name, made_at=deed.at)
        deed.create(row)
    jobs.start(actor, "scenarios.run", {"scenario": row.pk})
    return row


def reckon_again(actor: Actor, key: int) -> Any:
    """Have a scenario reckoned with the records as they are now."""
    require(actor, "add", Scenario)
    with acting(actor, "scenarios.again") as deed:
        row = held(actor, Scenario, key)
        if row.adopted_at is not None:
            raise Refused(
                _("This scenario was adopted: it stays as it is."), _("Make another one.")
            )
        deed.change(row, result=None)
    return jobs.start(actor, "scenarios.run", {"scenario": row.pk})


def keep_result(actor: Actor, key: int, result: Mapping[str, Any]) -> Any:
    """Keep what a scenario was reckoned to be; one that was adopted meanwhile stays."""
    with acting(actor, "scenarios.reckoned") as deed:
        row = held(actor, Scenario, key)
        if row.adopted_at is None:
            Scenario._default_manager.filter(pk=row.pk).update(
                result=dict(result), version=row.version + 1
            )
            told = {name: result[name] for name in ("objective", "bound", "gap", "status")}
            deed.note(Scenario._meta.db_table, str(row.pk), {}, told)
        deed.key = str(row.pk)
        return row


def adopt(
    actor: Actor,
    key: int,
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Make a scenario's plan the programme's; what it does not hold goes from the plan.

    Raises
    ------
    Refused
        It is not reckoned yet, was adopted before, no reason is given, or it plans needs that are
        gone or that the actor does not see.
    """
    with acting(actor, "scenarios.adopt", reason=reason, once=once, at=at) as deed:
        row = held(actor, Scenario, key, version)
        require(actor, "adopt", row)
        said(reason)
        if row.result is None:
            raise Refused(_("This scenario is not reckoned yet."), _("Wait until its job is done."))
        if row.adopted_at is not None:
            raise Refused(_("This scenario was adopted before."), _("Reckon a new one."))
        _replace(actor, deed, planned(row).to_dicts())
        deed.key = ""
        deed.change(row, adopted_at=deed.at, adopted_by=actor.name)
        deed.key = str(row.pk)
        return row


def _replace(actor: Actor, deed: Any, rows: list[dict[str, Any]]) -> None:
    """Change the plan's rows to those given: only what differs is written."""
    model = RECORDS["plan"]
    wanted = {(row["need_id"], row["offer_id"]): row for row in rows}
    _require_there(actor, rows)
    for one in model._default_manager.select_for_update().order_by("pk"):
        row = wanted.pop((one.need_id, one.offer_id), None)
        if row is None:
            deed.remove(one)
        elif any(getattr(one, name) != value for name, value in row.items()):
            deed.change(one, **row)
    for row in wanted.values():
        deed.create(model(**row))


def _require_there(actor: Actor, rows: list[dict[str, Any]]) -> None:
    needs = {row["need_id"] for row in rows}
    offers = {row["offer_id"] for row in rows}
    gone = needs - set(visible(actor, Need).filter(pk__in=needs).values_list("pk", flat=True))
    known = RECORDS["offers"]._default_manager.filter(pk__in=offers)
    gone |= offers - set(known.values_list("pk", flat=True))
    if gone:
        raise Refused(
            _("The scenario plans what is no longer there: %s.") % ", ".join(sorted(gone)[:5]),
            _("Reckon it again with the records as they are now."),
        )


def _sound(told: Mapping[str, Any]) -> dict[str, Any]:
    shares = {}
    for name in ("budgets", "capacities"):
        share = Decimal(str(told.get(name, 1)))
        if not 0 <= share <= _MOST_TIMES:
            raise Refused(
                _("This is no share of what there is now."),
                _("Write a number from 0 to 10,000 percent; 100 leaves it as it is."),
                field=name,
            )
        shares[name] = float(share)
    seconds = int(told.get("seconds") or 0)
    if not 0 < seconds <= _MOST_SECONDS:
        raise Refused(
            _("The search takes from 1 to 600 seconds."), _("Write 60, for a start."), "seconds"
        )
    without = sorted(set(told.get("without") or ()))
    return {
        **shares,
        "seconds": seconds,
        "rate_type": str(told.get("rate_type") or ""),
        "without": without,
    }
