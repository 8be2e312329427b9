"""Alerts: what a person should know, told on the page and by e-mail."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _translated
from django.utils.translation import gettext_lazy as _

from onshore.desk.models import Alert, Role, User
from onshore.desk.pages import showing
from onshore.desk.pages.navigation import address
from onshore.desk.pages.wording import language
from onshore.figures import shown

KINDS: Final[dict[str, Any]] = {
    "need.moved": _("%(need)s is now: %(state)s."),
    "need.past": _("%(need)s is past its day, %(due)s."),
    "needs.past": _("%(count)s needs are past their day; the longest since %(due)s."),
    "mou.past": _("The MoU for %(need)s ran past its days on %(due)s, without a contract."),
    "mous.past": _("%(count)s MoUs ran past their days without a contract."),
    "exception.ends": _("The import exception for %(good)s ends on %(due)s."),
    "exceptions.end": _("%(count)s import exceptions end soon; the first on %(due)s."),
    "exception.asked": _("An import exception was asked for: %(good)s."),
    "exception.published": _("An import exception is open to comment: %(good)s."),
    "exception.contested": _("The import exception for %(good)s was contested."),
    "exception.decided": _("The import exception for %(good)s: %(decision)s."),
    "match.confirmed": _("Your offer was matched to a need: %(need)s."),
    "specification.granted": _("You may read the specifications of %(need)s."),
    "specification.issued": _("A new version of %(title)s was issued: version %(version)s."),
    "quotation.submitted": _("%(maker)s sent a quotation for %(need)s."),
    "quotation.changed": _("%(maker)s changed its quotation for %(need)s."),
    "quotation.withdrawn": _("%(maker)s withdrew its quotation for %(need)s."),
    "quotation.decided": _("Your quotation for %(need)s: %(decision)s."),
    "quotation.lost": _("Another maker was chosen for %(need)s."),
    "commitment.made": _("Your organisation promised: %(text)s."),
    "call.published": _("A call for proposals is open: %(call)s."),
    "proposal.submitted": _("%(proposer)s sent a proposal: %(proposal)s."),
    "proposal.decided": _("Your proposal %(proposal)s: %(decision)s."),
    "review.assigned": _("You are asked to review a proposal: %(proposal)s."),
    "review.conflict": _(
        "%(reviewer)s has a conflict of interest and does not review %(proposal)s."
    ),
    "award.given": _("Your organisation was given an award: %(award)s."),
    "tranche.reached": _("%(receiver)s handed in a milestone: %(milestone)s."),
    "tranche.accepted": _("Your milestone was accepted: %(milestone)s."),
    "tranche.returned": _("Your milestone was sent back: %(milestone)s."),
    "tranche.paid": _("A tranche was paid to you: %(milestone)s."),
    "idea.received": _("An idea was handed in: %(idea)s."),
    "idea.sorted": _("Your idea %(idea)s: %(decision)s."),
    "challenge.published": _("A technology challenge is open to proposals: %(challenge)s."),
    "gate.asked": _("%(study)s asks for readiness level %(level)s."),
    "gate.decided": _("Readiness level %(level)s of %(study)s: %(decision)s."),
    "pilot.planned": _("A result of research is to be tried in your plant: %(study)s."),
    "pilot.judged": _("The trial of %(study)s: %(result)s."),
    "study.handed_over": _("A result of research became a maker's offer: %(study)s."),
    "course.enrolled": _("%(person)s has a place in the course %(course)s."),
    "block.offered": _("The block %(block)s is offered to your firm."),
    "block.asked": _("%(firm)s asks for the block %(block)s."),
    "block.decided": _("What you asked for, the block %(block)s: %(decision)s."),
    "block.taken_back": _("The block %(block)s was taken back."),
    "work.handed_in": _("%(firm)s handed exploration work in: %(work)s."),
    "work.accepted": _("Your exploration work was accepted: %(work)s."),
    "work.returned": _("Your exploration work was sent back: %(work)s."),
    "meetings.scheduled": _("Your meetings are scheduled: %(event)s."),
    "package.published": _("A package is open for expressions of interest: %(package)s."),
    "interest.submitted": _("%(maker)s is interested in the package %(package)s."),
    "interest.decided": _("Your interest in the package %(package)s: %(decision)s."),
    "qualification.judged": _("The test of your sample for %(need)s: %(result)s."),
    "sample.sent": _("%(maker)s sent a sample for %(need)s."),
    "delivery.recorded": _("%(maker)s delivered %(quantity)s %(unit)s."),
    "delivery.accepted": _(
        "%(accepted)s of %(quantity)s %(unit)s that you delivered were accepted."
    ),
    "claim.filed": _("A saving waits for your verification: %(item)s, %(period)s."),
    "claim.verified": _("The saving claimed for %(item)s, %(period)s, was verified."),
    "claim.refused": _("The saving claimed for %(item)s, %(period)s, was refused."),
    "webhook.failed": _("The webhook %(webhook)s took no call for two days."),
    "job done": _("Done: %(label)s."),
    "job failed": _("Failed: %(label)s."),
}
"""What each kind of alert says; the names in brackets are the facts that it needs.

A fact ``reason`` or ``error``, where it is given, is told after it.
"""

_PAGES: Final = {
    "needs": "need",
    "quotations": "quotation",
    "packages": "package",
    "events": "event",
    "ideas": "idea",
    "challenges": "challenge",
    "studies": "study",
    "pilots": "pilot",
    "courses": "course",
    "calls": "call",
    "proposals": "proposal",
    "reviews": "proposal_review",
    "awards": "award",
    "blocks": "block",
    "work_commitments": "work_commitment",
    "commitments": "commitment",
    "qualifications": "qualification",
    "deliveries": "delivery",
    "claims": "claim",
    "exceptions": "exception",
    "desk_jobs": "job",
    "desk_webhooks": "webhook",
}
_LISTS: Final = {"needs.past": "board", "mous.past": "board", "exceptions.end": "exceptions"}
_FACT = re.compile(r"%\((\w+)\)s")
_NUMBERS = frozenset({"level", "quantity", "accepted", "count", "version"})
_DAYS = frozenset({"due", "day", "until"})
_CHOICES = frozenset({"state", "decision", "result"})


def tell(
    users: Iterable[User],
    kind: str,
    table: str,
    key: str,
    facts: Mapping[str, Any],
    *,
    at: datetime | None = None,
) -> None:
    """Tell people something; called by actions, within their transaction.

    Parameters
    ----------
    kind
        One of `KINDS`.
    table, key
        The record that it is about.
    facts
        What its sentence needs: texts, numbers as texts, days as ISO 8601.

    Raises
    ------
    KeyError
        There is no such kind, or one of its facts is missing.
    """
    missing = set(_FACT.findall(str(KINDS[kind]))) - set(facts)
    if missing:
        raise KeyError(f"the alert {kind!r} needs the facts {sorted(missing)}")
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in facts.items()
    }
    moment = at or timezone.now()
    Alert.objects.bulk_create(
        Alert(user=user, at=moment, kind=kind, table=table, key=key, facts=plain)
        for user in {user.pk: user for user in users}.values()
    )


def people_of(organisation: str, *roles: Role, on: date) -> list[User]:
    """Give those who have one of the roles on a day, in an organisation or ("") in any."""
    held = Q(memberships__until=None) | Q(memberships__until__gte=on)
    if organisation:
        held &= Q(memberships__organisation=organisation)
    return list(
        User.objects.filter(
            held, is_active=True, memberships__role__in=list(roles), memberships__since__lte=on
        )
        .distinct()
        .order_by("pk")
    )


def sentence(alert: Alert) -> str:
    r"""Say an alert in the page's language.

    Examples
    --------
    >>> sentence(Alert(kind="job done", facts={"label": "Matching"})).strip(".")
    'Done: \u2068Matching\u2069'
    """
    told = str(KINDS[alert.kind]) % _Told(alert.facts)
    why = alert.facts.get("reason") or alert.facts.get("error")
    return f"{told} {_translated('Reason')}: {shown.isolate(why)}" if why else told


class _Told(dict[str, Any]):
    """Facts as they are told in the page's language."""

    def __getitem__(self, name: str) -> str:
        value = self.get(name, "–")
        if name in _NUMBERS:
            return shown.digits(str(value), language())
        if name in _DAYS:
            return showing.day_text(date.fromisoformat(value))
        if name in _CHOICES:
            return showing.choice_label(value)
        if name == "unit":
            return showing.unit_text(value)
        return shown.isolate(str(value))


def page_of(alert: Alert) -> str:
    """Give the address of the page that an alert is about, "" where it has none."""
    if alert.kind in _LISTS:
        return address(_LISTS[alert.kind])
    name = _PAGES.get(alert.table)
    return address(name, alert.key) if name and alert.key else ""
