"""Import exceptions: asked for, put out for comment, contested, decided by another, ended."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.models import Comment, ImportException, ImportRule, Need, Role, User
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.policies import require

LEAST_COMMENT_DAYS = 7
"""Days, first and last included, that comments are open."""

LONGEST_DAYS = 366
"""Days that an exception may last: it is no way around a rule."""


def ask(
    actor: Actor,
    *,
    rule_id: str,
    need_id: str,
    why: str,
    starts: date,
    until: date,
    quantity: Decimal | None = None,
    unit: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Ask that a need may be imported for a while although a rule stands against it."""
    with acting(actor, "exceptions.ask", once=once, at=at) as deed:
        require(actor, "ask", ImportException)
        need = held(actor, Need, need_id)
        _require_own(actor, need)
        rule = held(actor, ImportRule, rule_id)
        _require_rule_holds(rule, starts)
        _require_days(deed.today, starts, until)
        if quantity is not None and quantity <= 0:
            raise Refused(
                _("A quantity is more than nothing."),
                _("Say how much is to be let in."),
                field="quantity",
            )
        asked = ImportException(
            exception_id=new_key("X"),
            rule=rule,
            need=need,
            quantity=quantity,
            unit=unit if quantity is not None else "",
            reason=_why(why),
            asked_by=actor.name,
            contested=False,
            decision="pending",
            starts=starts,
            until=until,
        )
        deed.create(asked)
        officers = people_of("", Role.OFFICER, on=deed.today)
        _tell(deed, asked, "exception.asked", [user for user in officers if user != actor.user])
        return str(asked.pk)


def publish(
    actor: Actor,
    exception_id: str,
    *,
    comment_until: date,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Put an exception out for comment until a day."""
    with acting(actor, "exceptions.publish", reason=reason, once=once, at=at) as deed:
        asked = held(actor, ImportException, exception_id, version)
        require(actor, "publish", asked)
        _require_pending(asked)
        if asked.published:
            raise Refused(_("It is out for comment already."), _("Wait until comments close."))
        if (comment_until - deed.today).days + 1 < LEAST_COMMENT_DAYS:
            raise Refused(
                _("Comments have to be open for at least %(days)s days.")
                % {"days": LEAST_COMMENT_DAYS},
                _("Choose a later day, so that makers are heard."),
                field="comment_until",
            )
        if comment_until >= asked.until:
            raise Refused(
                _("The exception would end before comments close."),
                _("Choose an earlier day, or have it asked for anew."),
                field="comment_until",
            )
        deed.change(asked, published=deed.today, comment_until=comment_until)
        offer = asked.rule.equivalent_offer
        makers = people_of((offer and offer.maker_id) or "-", Role.MAKER, on=deed.today)
        _tell(deed, asked, "exception.published", makers)
        return str(asked.pk)


def comment(
    actor: Actor,
    exception_id: str,
    *,
    text: str,
    contests: bool = False,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Comment on an exception while comments are open; a maker may contest it."""
    with acting(actor, "exceptions.comment", once=once, at=at) as deed:
        asked = held(actor, ImportException, exception_id)
        require(actor, "comment", asked)
        if not comments_open(asked, deed.today):
            raise Refused(
                _("Comments on this exception are closed."),
                _("Write to the agency that decides, if there is something new."),
            )
        if not text.strip():
            raise Refused(_("The comment is empty."), _("Write what you think."), field="comment")
        makers = sorted(actor.organisations(Role.MAKER))
        if contests and not makers:
            raise Refused(
                _("Only a maker contests an exception."),
                _("Leave the mark away: your comment is read all the same."),
                field="contests",
            )
        own = makers or sorted(actor.organisations(Role.ENGINEER, Role.RESEARCHER))
        spoken = Comment(
            comment_id=new_key("CM"),
            exception=asked,
            organisation_id=own[0] if own else None,
            said_on=deed.today,
            comment=text.strip(),
            contests=contests,
        )
        deed.create(spoken)
        if contests and not asked.contested:
            deed.change(asked, contested=True, contested_by_id=makers[0], contest=text.strip())
            officers = people_of("", Role.OFFICER, on=deed.today)
            _tell(deed, asked, "exception.contested", [*officers, *_asker(asked)])
        deed.key = str(asked.pk)
        return str(asked.pk)


def decide(
    actor: Actor,
    exception_id: str,
    *,
    decision: str,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Grant or refuse an exception once comments are closed: another person than who asked."""
    with acting(actor, "exceptions.decide", reason=reason, once=once, at=at) as deed:
        asked = held(actor, ImportException, exception_id, version)
        _require_another(actor, asked)
        require(actor, "decide", asked)
        _require_pending(asked)
        if decision not in ("granted", "refused"):
            raise Refused(_("This is no decision."), _("Grant or refuse."), field="decision")
        if asked.published is None or asked.comment_until is None:
            raise Refused(
                _("Nobody could comment yet: it was not put out."), _("Put it out for comment.")
            )
        if deed.today <= asked.comment_until:
            raise Refused(
                _("Comments are still open."), _("Decide on the day after they close, or later.")
            )
        if decision == "granted" and asked.until < deed.today:
            raise Refused(
                _("The days it was asked for are over."), _("Refuse it, or have it asked for anew.")
            )
        granted = decision == "granted"
        deed.change(
            asked,
            decision=decision,
            decision_reason=said(reason),
            decided_on=deed.today,
            decided_by=actor.name,
            starts=max(asked.starts or deed.today, deed.today) if granted else asked.starts,
        )
        contesters = people_of(asked.contested_by_id or "-", Role.MAKER, on=deed.today)
        told = [*_asker(asked), *contesters]
        _tell(deed, asked, "exception.decided", told, decision=decision, reason=reason.strip())
        return str(asked.pk)


def end(
    actor: Actor,
    exception_id: str,
    *,
    reason: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """End a granted exception today, before its last day."""
    with acting(actor, "exceptions.end", reason=reason, once=once, at=at) as deed:
        given = held(actor, ImportException, exception_id, version)
        require(actor, "publish", given)
        said(reason)
        if given.decision != "granted" or given.until <= deed.today:
            raise Refused(_("It does not hold, so that it cannot be ended."))
        first = given.starts or deed.today
        deed.change(given, starts=min(first, deed.today), until=deed.today)
        return str(given.pk)


def comments_open(asked: Any, today: date) -> bool:
    """Whether comments on an exception are open on a day."""
    if asked.decision not in ("", "pending") or not asked.published or not asked.comment_until:
        return False
    return bool(asked.published <= today <= asked.comment_until)


def standing(asked: Any, today: date) -> str:
    """Tell where an exception stands on a day.

    One of *asked*, *open for comment*, *to be decided*, *granted*, *refused*, *ended*.
    """
    if asked.decision == "refused":
        return "refused"
    if asked.decision == "granted":
        return "ended" if asked.until < today else "granted"
    if asked.published is None:
        return "asked"
    return "open for comment" if comments_open(asked, today) else "to be decided"


def _require_own(actor: Actor, need: Any) -> None:
    if actor.is_a(Role.OFFICER) or need.buyer_id in actor.organisations(Role.ENGINEER):
        return
    raise Refused(
        _("An exception is asked for by the buyer whose need it is."),
        _("Choose a need of your own organisation."),
        field="need_id",
    )


def _require_rule_holds(rule: Any, starts: date) -> None:
    if rule.until and rule.until < starts:
        raise Refused(
            _("The rule ends before the exception would begin."),
            _("Then no exception is needed; or choose another rule."),
            field="rule_id",
        )


def _require_days(today: date, starts: date, until: date) -> None:
    if until < max(starts, today):
        raise Refused(
            _("The last day is before the first, or is over."), _("Choose a later day."), "until"
        )
    if until - starts >= timedelta(days=LONGEST_DAYS):
        raise Refused(
            _("An exception lasts a year at most."), _("Choose an earlier last day."), "until"
        )


def _require_pending(asked: Any) -> None:
    if asked.decision not in ("", "pending"):
        raise Refused(_("It is decided already."), _("Have a new exception asked for."))


def _require_another(actor: Actor, asked: Any) -> None:
    if asked.asked_by == actor.name:
        raise Refused(
            _("Who asks for an exception does not decide on it."), _("Another officer decides.")
        )
    if asked.contested_by_id and asked.contested_by_id in actor.organisations(*Role):
        raise Refused(
            _("Who contests an exception does not decide on it."), _("Another officer decides.")
        )


def _why(text: str) -> str:
    if not text.strip():
        raise Refused(_("A reason is needed."), _("Say why home supply will not do yet."), "why")
    return text.strip()


def _asker(asked: Any) -> list[User]:
    return list(User.objects.filter(username=asked.asked_by)) if asked.asked_by else []


def _tell(deed: Deed, asked: Any, kind: str, people: list[User], **facts: str) -> None:
    """Tell people of an exception by the good of its rule, which is no secret of a buyer."""
    rule = asked.rule
    good = rule.item.description if rule.item else rule.hs_code
    tell(people, kind, "exceptions", str(asked.pk), {"good": good, **facts}, at=deed.at)
