"""What is looked at once a day: days that have passed, exceptions that end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from onshore.desk.models import Alert, Deal, ImportException, Membership, Need, Role, User
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.states import OPEN

EACH = 3
"""So many are told one by one; more are told in one sentence."""
ENDING = timedelta(days=14)
AGAIN = timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """A record whose day has come, with whom it concerns: a buyer, a sector."""

    table: str
    key: str
    buyer: str
    sector: str
    day: date
    facts: dict[str, Any]


def daily(*, at: datetime | None = None) -> int:
    """Tell people what became due; give the number of alerts. Told twice, it tells once."""
    moment = at or timezone.now()
    today = timezone.localdate(moment)
    before = Alert.objects.count()
    _tell("need.past", "needs.past", _needs_past(today), moment)
    _tell("mou.past", "mous.past", _mous_past(today), moment)
    _tell("exception.ends", "exceptions.end", _exceptions_ending(today), moment)
    return Alert.objects.count() - before


def _needs_past(today: date) -> list[Due]:
    rows = Need.objects.filter(due__lt=today, state__in=(*OPEN, "on hold")).exclude(state="MoU")
    told = rows.order_by("due", "pk").values_list("pk", "description", "buyer_id", "sector", "due")
    return [
        Due("needs", key, buyer or "", sector, due, {"need": text, "due": due.isoformat()})
        for key, text, buyer, sector, due in told.iterator(5000)
    ]


def _mous_past(today: date) -> list[Due]:
    """MoUs past their own end, or past the days that a need may stay at an MoU."""
    ended = Q(until__lt=today) | Q(until=None, need__due__lt=today)
    rows = Deal.objects.filter(ended, basis="MoU", need__state="MoU").select_related("need")
    return [
        Due(
            *("needs", deal.need_id, deal.need.buyer_id or "", deal.need.sector),
            *(day, {"need": deal.need.description, "due": day.isoformat()}),
        )
        for deal in rows.order_by("need_id")
        if (day := deal.until or deal.need.due)
    ]


def _exceptions_ending(today: date) -> list[Due]:
    rows = ImportException.objects.filter(
        decision="granted", until__gte=today, until__lte=today + ENDING
    )
    return [
        Due(
            *("exceptions", row.pk, row.need.buyer_id if row.need_id else "", "", row.until),
            {"good": _good(row), "due": row.until.isoformat()},
        )
        for row in rows.select_related("rule__item", "need").order_by("until", "pk")
    ]


def _good(row: ImportException) -> str:
    return row.need.description if row.need_id else _good_of_rule(row.rule)


def _good_of_rule(rule: Any) -> str:
    return rule.item.description if rule.item_id else rule.hs_code or rule.pk


def _tell(kind: str, summary: str, due: Sequence[Due], at: datetime) -> None:
    today = timezone.localdate(at)
    by_buyer: dict[str, list[Due]] = {}
    for one in due:
        by_buyer.setdefault(one.buyer, []).append(one)
    for buyer, own in by_buyer.items():
        for engineer in people_of(buyer, Role.ENGINEER, on=today) if buyer else ():
            _tell_person(engineer, kind, summary, own, at)
    for officer in people_of("", Role.OFFICER, on=today) if due else ():
        _tell_person(officer, kind, summary, _of_desks(officer, due, today), at)


def _of_desks(officer: User, due: Sequence[Due], today: date) -> Sequence[Due]:
    """Leave out what is of other sectors than those of the officer's desks."""
    held = Membership.objects.filter(
        Q(until=None) | Q(until__gte=today), user=officer, role=Role.OFFICER, since__lte=today
    )
    sectors = [
        desk.sector if desk else None for desk in (m.desk for m in held.select_related("desk"))
    ]
    if not sectors or None in sectors:
        return due
    return [one for one in due if not one.sector or one.sector in sectors]


def _tell_person(user: User, kind: str, summary: str, due: Sequence[Due], at: datetime) -> None:
    if len(due) > EACH:
        told = Alert.objects.filter(user=user, kind=summary)
        if not told.filter(Q(read_at=None) | Q(at__gt=at - AGAIN)).exists():
            facts = {"count": str(len(due)), "due": min(one.day for one in due).isoformat()}
            tell([user], summary, due[0].table, "", facts, at=at)
        return
    known = set(
        Alert.objects.filter(user=user, kind=kind, key__in=[one.key for one in due]).values_list(
            "key", "facts__due"
        )
    )
    for one in due:
        if (one.key, one.facts["due"]) not in known:
            tell([user], kind, one.table, one.key, one.facts, at=at)
