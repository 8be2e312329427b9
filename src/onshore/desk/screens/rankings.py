"""Rankings learned from reviews: what each learned from, how it compares, which one is in use."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from onshore.desk import jobs
from onshore.desk.actions import rankings as doing
from onshore.desk.choosing import learning
from onshore.desk.models import Ranking
from onshore.desk.pages.forms import OnceForm, carry_out, form_for, signed_in
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.wording import language
from onshore.desk.policies import find, may, require, visible
from onshore.figures import shown


@signed_in
def rankings(request: HttpRequest) -> HttpResponse:
    """List the rankings, the latest first."""
    require(request.actor, "read", Ranking)
    confirmed, rejected = learning.decided(request.actor)
    learns = may(request.actor, "learn", Ranking)
    rows = visible(request.actor, Ranking).defer("text")
    used = rows.filter(in_use=True).exists()
    actions = [Action(_("Learn from the decisions"), reverse("ranking_learn"), "plus")]
    if used:
        actions.append(Action(_("Use the one onshore brings"), reverse("ranking_first"), "link"))
    return listing(
        request,
        rows,
        title=_("Offers are ordered by a ranking learned from your decisions")
        if used
        else _("Offers are ordered by the ranking that onshore brings"),
        lead=_("%(confirmed)s confirmed and %(rejected)s rejected candidates can be learned from.")
        % {
            "confirmed": shown.number(confirmed, language()),
            "rejected": shown.number(rejected, language()),
        },
        empty=_("None was learned yet. Review candidates, then let the ranking learn from them."),
        columns=(
            Column(_("Learned on"), "made_at", "day", link=_use_address if learns else None),
            Column(_("Learned by"), "made_by", "code"),
            Column(_("Confirmed"), "confirmed", "number"),
            Column(_("Rejected"), "rejected", "number"),
            Column(_("Needs compared"), "compared", "number"),
            Column(_("A confirmed offer first, before"), lambda row: _share(row.before)),
            Column(_("and after learning"), lambda row: _share(row.after)),
            Column(_("In use"), lambda row: _("yes") if row.in_use else _("no")),
        ),
        sorts=(Sort("latest", _("Latest"), ("-made_at", "-pk")),),
        actions=tuple(actions) if learns else (),
    )


def _share(value: float | None) -> str:
    return "" if value is None else shown.percent(value, language())


def _use_address(row: Any) -> str:
    return reverse("ranking_use", args=[row.pk])


@signed_in
def ranking_learn(request: HttpRequest) -> HttpResponse:
    """Learn from all decisions, in the background."""
    require(request.actor, "learn", Ranking)
    return carry_out(
        request,
        form_for(request, OnceForm),
        lambda _cleaned: jobs.start(request.actor, "learning.run", {}),
        done=lambda key: reverse("job", args=[key]),
        title=_("Learn the ranking from decisions"),
        lead=_(
            "Every confirmed and rejected candidate teaches. What is learned is compared on needs "
            "that it did not learn from, and used if it orders no worse."
        ),
        button=_("Learn from the decisions"),
        cancel=reverse("rankings"),
    )


@signed_in
def ranking_use(request: HttpRequest, key: int | None = None) -> HttpResponse:
    """Order offers by a ranking of the list, or by the one that onshore brings."""
    require(request.actor, "use", Ranking)
    if key is not None:
        find(request.actor, Ranking, key)
    return carry_out(
        request,
        form_for(request, OnceForm),
        lambda cleaned: doing.use(request.actor, key, once=cleaned["once"]),
        done=lambda _key: reverse("rankings"),
        title=_("Order offers by the ranking that onshore brings")
        if key is None
        else _("Order offers by this ranking"),
        lead=_("It holds from the next search for makers on; what was decided stays decided."),
        button=_("Use it"),
        cancel=reverse("rankings"),
    )


urlpatterns = [
    path("review/rankings/", rankings, name="rankings"),
    path("review/rankings/learn/", ranking_learn, name="ranking_learn"),
    path("review/rankings/first/", ranking_use, name="ranking_first"),
    path("review/rankings/<int:key>/", ranking_use, name="ranking_use"),
]
