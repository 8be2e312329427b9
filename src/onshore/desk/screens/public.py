"""The public page: what is published of the programme, for whoever comes by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actor import PUBLIC
from onshore.desk.models import Bulletin, Call, Challenge, Course, Event, Need, Package
from onshore.desk.pages.names import titled
from onshore.desk.policies import visible
from onshore.desk.publishing.published_figures import LEAST, Published, published_figures
from onshore.desk.screens.dashboard import rate_label
from onshore.figures import Money

SHOWN = 6
_SECONDS = 60


@dataclass(frozen=True)
class Open:
    """Something that one can take part in: what it is, its title, where it is read, its day."""

    kind: str
    icon: str
    title: str
    url: str
    day: date | None = None
    until: bool = True


def public_page(request: HttpRequest) -> HttpResponse:
    """Show what everybody may know: needs, what was verified, what is open, what was published."""
    figures = published_figures()
    count, sectors = _needs()
    newest = visible(PUBLIC, Need).order_by(F("state_since").desc(nulls_last=True), "pk")
    open_now = sorted(_open(timezone.localdate()), key=lambda one: (one.day or date.max, one.title))
    return render(
        request,
        "desk/public.html",
        {
            "title": _("What industry here needs and would rather buy at home"),
            "count": count,
            "sectors": sectors,
            "needs": newest[:SHOWN],
            "bars": _bars(figures),
            "saved": _worth(figures, "saved"),
            "currency": figures.terms.currency,
            "rate_type": rate_label(figures.terms.rate_type),
            "least": LEAST,
            "open": open_now[: 2 * SHOWN],
            "bulletins": _bulletins(),
        },
    )


def _needs() -> tuple[int, list[tuple[str, int]]]:
    """Count the published needs, and those of each sector, the most first."""

    def counted() -> tuple[int, list[tuple[str, int]]]:
        rows = visible(PUBLIC, Need).order_by().values_list("sector")
        by_sector = sorted(rows.annotate(Count("pk")), key=lambda told: (-told[1], told[0]))
        return sum(number for _sector, number in by_sector), by_sector

    count, by_sector = cache.get_or_set("public-needs", counted, _SECONDS)
    return count, [told for told in by_sector if told[0]][:SHOWN]


def _bars(found: Published) -> dict[str, Any]:
    """Give the worth of contracts by the basis that it has reached, where it may be told."""
    steps = ("contracted", "delivered", "accepted", "verified")
    return {step: round(found.totals[step].worth) for step in steps if step in found.totals}


def _worth(found: Published, step: str) -> Money | None:
    told = found.totals.get(step)
    return Money(round(told.worth), found.terms.currency) if told else None  # type: ignore[arg-type]


def _open(today: date) -> Iterator[Open]:
    """Give the calls, challenges, packages, courses and events that are open or to come."""
    ahead = Q(closes=None) | Q(closes__gte=today)
    calls = visible(PUBLIC, Call).filter(ahead, decided_on=None).order_by("closes", "pk")
    for row in calls[:SHOWN]:
        url = reverse("call", args=[row.pk])
        yield Open(_("Call for proposals"), "megaphone", titled(row), url, row.closes)
    challenges = visible(PUBLIC, Challenge).filter(ahead, state="published")
    for row in challenges.order_by("closes", "pk")[:SHOWN]:
        url = reverse("challenge", args=[row.pk])
        yield Open(_("Technology challenge"), "flask", _in_language(row), url, row.closes)
    packages = visible(PUBLIC, Package).filter(ahead).order_by("closes", "pk")
    for row in packages[:SHOWN]:
        url = reverse("package", args=[row.pk])
        yield Open(_("Package of needs"), "package", row.title, url, row.closes)
    courses = visible(PUBLIC, Course).filter(starts__gte=today).order_by("starts", "pk")
    for row in courses[:SHOWN]:
        url = reverse("course", args=[row.pk])
        yield Open(_("Course"), "school", row.title, url, row.starts, until=False)
    to_come = Q(starts__gte=today) | Q(until__gte=today)
    for row in visible(PUBLIC, Event).filter(to_come).order_by("starts", "pk")[:SHOWN]:
        url = reverse("event", args=[row.pk])
        yield Open(_("Event"), "calendar", row.title, url, row.starts, until=False)


def _in_language(row: Any) -> str:
    from onshore.desk.pages.wording import language

    return str(getattr(row, "title_fa", "") if language() == "fa" else "") or str(row.title)


def _bulletins() -> list[tuple[str, str, date]]:
    """Give the newest vintage of the bulletins published last, but for withdrawn ones."""
    newest: dict[str, Any] = {}
    rows = visible(PUBLIC, Bulletin).filter(withdrawn="").defer("content")
    for row in rows.order_by("-vintage", "-number")[:50]:
        newest.setdefault(row.slug, row)
    shown = list(newest.values())[:3]
    return [(titled(row), reverse("bulletin", args=[row.slug]), row.vintage) for row in shown]
