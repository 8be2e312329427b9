"""Calls for proposals: what a fund asks for, by which criteria, and until when."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Call, Proposal, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.showing import decimals_of
from onshore.desk.pages.wording import language
from onshore.desk.policies import require
from onshore.figures import Money, shown

PROPOSERS = (Role.MAKER, Role.RESEARCHER)
Criterion = RECORDS["criteria"]


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Make a call; nobody but the agency sees it before it is published."""
    with acting(actor, "calls.add", once=once, at=at) as deed:
        require(actor, "add", Call)
        _fits(values)
        return str(deed.create(Call(call_id=new_key("CALL"), **values)).pk)


def change(
    actor: Actor,
    call_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a call that is not published; of a published one only a later closing day."""
    with acting(actor, "calls.change", reason=reason, once=once, at=at) as deed:
        call = held(actor, Call, call_id, version)
        require(actor, "change", call)
        if call.published is not None:
            return _prolong(deed, call, values.get("closes"))
        _fits(values)
        deed.change(call, **values)
        return str(call.pk)


def set_criteria(
    actor: Actor,
    call_id: str,
    lines: Sequence[Mapping[str, Any]],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Say by what proposals are scored, until the call is published.

    Parameters
    ----------
    lines
        ``number`` (of the line on the form), ``name``, ``name_fa``, ``weight``, ``most``.

    Raises
    ------
    Refused
        The call is published, or a line has no name, no weight or no highest score.
    """
    with acting(actor, "calls.criteria", once=once, at=at) as deed:
        call = held(actor, Call, call_id, version)
        require(actor, "change", call)
        if call.published is not None:
            raise Refused(
                _("The call is published: proposals are scored by the criteria that it told."),
                _("Make another call for other criteria."),
            )
        told = _criteria(lines)
        for row in Criterion._default_manager.filter(call=call):
            deed.remove(row)
        for line in told:
            deed.create(Criterion(call=call, **line))
        deed.key = str(call.pk)
        deed.change(call)
        return str(call.pk)


def publish(
    actor: Actor,
    call_id: str,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Put a call out until its closing day.

    Raises
    ------
    Refused
        It is out already, its closing day is not ahead, or no criteria are told.
    """
    with acting(actor, "calls.publish", once=once, at=at) as deed:
        call = held(actor, Call, call_id, version)
        require(actor, "publish", call)
        if call.published is not None:
            raise Refused(_("This call is published already."))
        if call.closes is None or call.closes <= deed.today:
            raise Refused(
                _("The closing day has to lie ahead, so that firms have time."),
                _("Change the call and set a later day."),
            )
        if not Criterion._default_manager.filter(call=call).exists():
            raise Refused(
                _("Nobody knows yet by what proposals are scored."),
                _("Set the criteria first: they are published with the call."),
            )
        deed.change(call, published=deed.today)
        told = people_of("", *PROPOSERS, on=deed.today)
        tell(told, "call.published", "calls", call.pk, {"call": call.title}, at=deed.at)
        return str(call.pk)


def is_open(call: Any, today: date) -> bool:
    """Whether proposals may still come in on a day."""
    return call.published is not None and (call.closes is None or today <= call.closes)


def standing(call: Any, today: date) -> str:
    """Tell where a call stands: *not published*, *open*, *under review*, *selected*, *decided*."""
    if call.published is None:
        return "not published"
    if call.decided_on is not None:
        return "decided"
    if is_open(call, today):
        return "open"
    return "selected" if call.selection else "under review"


def money_told(amount: Decimal, currency: str) -> str:
    """Write an amount in the page's language, to its last digit."""
    return shown.money(Money(amount, currency), language(), decimals_of(amount))


def _fits(values: Mapping[str, Any]) -> None:
    if values.get("budget") is None or values["budget"] <= 0:
        raise Refused(
            _("A call without a budget gives nothing."),
            _("Write what may be given in all."),
            field="budget",
        )
    if values.get("reviewers") is not None and values["reviewers"] < 1:
        raise Refused(
            _("Each proposal needs one review at least."), _("Write 1 or more."), field="reviewers"
        )


def _criteria(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    seen: set[str] = set()
    for line in lines:
        number = line["number"]
        name = str(line.get("name") or "").strip()
        if not name:
            raise Refused(
                _("This criterion has no name."), _("Say what is judged."), field=f"name_{number}"
            )
        if name.casefold() in seen:
            raise Refused(
                _("This criterion is there already."),
                _("Write each of them once."),
                field=f"name_{number}",
            )
        for column in ("weight", "most"):
            if line.get(column) is None or line[column] <= 0:
                raise Refused(
                    _("The number has to be more than nothing."),
                    _("Write the weight, and the highest score that a reviewer may give."),
                    field=f"{column}_{number}",
                )
        seen.add(name.casefold())
        told.append(
            {"name": name, "name_fa": str(line.get("name_fa") or "").strip()}
            | {column: line[column] for column in ("weight", "most")}
        )
    if not told:
        raise Refused(
            _("There is no criterion."), _("Write one at least, with its weight."), field="name_1"
        )
    return told


def _prolong(deed: Deed, call: Any, closes: date | None) -> str:
    if closes is None or call.closes is None or closes < call.closes or call.decided_on:
        raise Refused(
            _("Of a published call only the closing day can change, to a later one."),
            _("Set a later day; for other changes make another call."),
            field="closes",
        )
    if Proposal._default_manager.filter(call=call, reviews_as_proposal__isnull=False).exists():
        raise Refused(
            _("Proposals are being reviewed already: the call stays closed."), field="closes"
        )
    deed.change(call, closes=closes)
    return str(call.pk)
