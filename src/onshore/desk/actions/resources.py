"""Deposits, estimates of what they hold, and the changes that explain the next estimate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import Block, Deposit, Estimate, ResourceChange
from onshore.desk.pages.outlines import shape_of
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import require


def add_deposit(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record a deposit at its place.

    Raises
    ------
    Refused
        It does not lie on the earth, or not in the block that is named.
    """
    with acting(actor, "deposits.add", once=once, at=at) as deed:
        require(actor, "add", Deposit)
        _placed(values)
        return str(deed.create(Deposit(deposit_id=new_key("DP"), **values)).pk)


def change_deposit(
    actor: Actor,
    deposit_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change what is known of a deposit."""
    with acting(actor, "deposits.change", reason=reason, once=once, at=at) as deed:
        deposit = held(actor, Deposit, deposit_id, version)
        require(actor, "change", deposit)
        _placed(values)
        deed.change(deposit, **values)
        return str(deposit.pk)


def _placed(values: Mapping[str, Any]) -> None:
    for name, most in (("lon", 180), ("lat", 90)):
        if values[name] is None or abs(values[name]) > most:
            raise Refused(
                _("This does not lie on the earth."),
                _("Write degrees of WGS 84, such as 57.3886 and 29.7936."),
                field=name,
            )
    if not values.get("block_id"):
        return
    import shapely

    block = Block._default_manager.filter(pk=values["block_id"]).first()
    area = shape_of(block.geometry) if block else None
    point = shapely.Point(float(values["lon"]), float(values["lat"]))
    if area is not None and area.is_valid and not area.intersects(point):
        raise Refused(
            _("It does not lie in the block %s.") % block.name,
            _("Mend its place, or leave the block empty."),
            field="block_id",
        )


def estimate(
    actor: Actor,
    deposit_id: str,
    values: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record an estimate of a resource or reserve by its class.

    Raises
    ------
    Refused
        Its account has an estimate of that day, its unit or day cannot be, or it would leave
        changes before the account's first day.
    """
    with acting(actor, "estimates.add", once=once, at=at) as deed:
        deposit = held(actor, Deposit, deposit_id)
        require(actor, "estimate", deposit)
        _past(values["estimated_on"], deed.today, "estimated_on")
        for name in ("tonnage", "grade"):
            if values[name] is None or values[name] < 0:
                raise Refused(_("This cannot be below 0."), _("Mend it."), field=name)
        if values["grade_unit"] in ("%", "percent") and values["grade"] > 100:
            raise Refused(_("A grade cannot be more than the whole."), _("Mend it."), field="grade")
        account = {name: values.get(name) or "" for name in ("category", "commodity")}
        rows = Estimate._default_manager.filter(deposit=deposit, **account)
        if rows.filter(estimated_on=values["estimated_on"]).exists():
            raise Refused(
                _("There is an estimate of this class and day already."),
                _("Tell the commodity of each, or another day."),
                field="estimated_on",
            )
        made = Estimate(estimate_id=new_key("EST"), deposit=deposit, **values)
        deed.create(made)
        _ties(deposit)
        return str(deposit.pk)


def tell_change(
    actor: Actor,
    deposit_id: str,
    values: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record why a resource or reserve changed, and by how much.

    Raises
    ------
    Refused
        Nothing was estimated before, or more would go than there is.
    """
    with acting(actor, "resource_changes.add", once=once, at=at) as deed:
        deposit = held(actor, Deposit, deposit_id)
        require(actor, "tell_change", deposit)
        _past(values["changed_on"], deed.today, "changed_on")
        if not values.get("tonnage") and not values.get("metal"):
            raise Refused(
                _("Nothing changes."), _("Write what came (+) or went (-)."), field="tonnage"
            )
        account = {name: values.get(name) or "" for name in ("category", "commodity")}
        rows = Estimate._default_manager.filter(deposit=deposit, **account).order_by("estimated_on")
        first = rows.first()
        if first is None:
            raise Refused(
                _("Nothing was estimated yet of the class %s.")
                % choice_label(values.get("category") or ""),
                _("Record the estimate first: 0 t before a discovery."),
                field="category",
            )
        if values["changed_on"] <= first.estimated_on:
            raise Refused(
                _("The first estimate is of the same day or later, and holds it already."),
                _("Mend the day."),
                field="changed_on",
            )
        made = ResourceChange(resource_change_id=new_key("RC"), deposit=deposit, **values)
        deed.create(made)
        _ties(deposit)
        return str(deposit.pk)


def _past(day: Any, today: Any, field: str) -> None:
    if day is None or day > today:
        raise Refused(_("This day lies ahead."), _("Write today or a day before."), field=field)


def _ties(deposit: Any) -> None:
    """Refuse what would leave less than nothing in an account."""
    from onshore.desk.reckoning.resource_statement import require_ledger
    from onshore.explore import ExploreError

    try:
        require_ledger(deposit.pk)
    except ExploreError as error:
        raise Refused(
            _("More would go than there is."),
            _("Mend the amount, or record first what came before it."),
            field="tonnage",
        ) from error
