"""Ideas: the public form, what became of an idea, and the agency's sorting."""

from typing import Any

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions import challenges as calling
from onshore.desk.actions import ideas as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import Challenge, Founding, Idea, Organisation
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonField,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, column_label
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.records import schema

AN_HOUR = 10
"""Ideas that one address may hand in within an hour without an account."""
TRAP = "homepage"
"""A field that people do not see and programs fill in."""
_COLUMNS = ("title", "summary", "sector", "trl", "challenge_id", "handed_in_by", "contact")


def page_of(key: str) -> str:
    """Give the address of an idea's page."""
    return reverse("idea", args=[key])


@signed_in
def ideas(request: HttpRequest) -> HttpResponse:
    """List ideas: those that wait to be sorted first."""
    staff = request.actor.is_a(*STAFF)
    rows = visible(request.actor, Idea).select_related("proposer")
    return listing(
        request,
        rows,
        title=_("Ideas handed in, and what became of them"),
        lead=_waiting if staff else "",
        empty=_("No idea was handed in yet. Anybody may hand one in, without an account.")
        if staff
        else _("Your organisation has not handed in an idea yet."),
        columns=(
            Column(_("Idea"), "title", link=lambda row: page_of(row.pk)),
            Column(_("Number"), "pk", "code"),
            Column(_("Handed in by"), lambda row: named(row.proposer) or row.handed_in_by),
            Column(_("Sector"), lambda row: _sector(row.sector)),
            Column(_("Received"), "received", "day"),
            Column(_("State"), lambda row: row.state or "received", "choice"),
        ),
        filters=(
            by_choice("state", _("State"), schema("ideas").column("state").choices),
            by_words("title", "summary"),
        ),
        sorts=(
            Sort("newest", _("Received last first"), ("-received", "pk")),
            Sort("oldest", _("Waiting longest first"), ("received", "pk")),
        ),
        actions=(Action(_("Hand in an idea"), reverse("new_idea"), "plus"),),
    )


def _waiting(count: int) -> str:
    return _("Each is sorted with a reason, which who handed it in is told.") if count else ""


def _sector(sector: str) -> str:
    from onshore.desk.templatetags.desk import sector_label

    return sector_label(sector)


@signed_in
def idea(request: HttpRequest, key: str) -> HttpResponse:
    """An idea: what it is, where it stands, and why."""
    actor = request.actor
    found = find(actor, Idea, key)
    challenge = visible(actor, Challenge).filter(pk=found.challenge_id).first()
    sorts = may(actor, "sort", found) and bool(doing.NEXT[found.state])
    accepted = found.state in ("accepted", "piloted", "handed over")
    return render(
        request,
        "desk/idea.html",
        {
            "title": found.title,
            "idea": found,
            "state": found.state or "received",
            "challenge": challenge,
            "staff": actor.is_a(*STAFF),
            "foundings": visible(actor, Founding).filter(idea=found).order_by("pk"),
            "may_sort": sorts,
            "may_found": accepted and may(actor, "add", Founding),
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


def _hand_in_form(actor: Actor) -> Any:
    today = timezone.localdate()
    open_ones = visible(actor, Challenge).filter(state="published").order_by("closes", "pk")
    challenges = [("", "—")]
    challenges += [(row.pk, row.title) for row in open_ones[:200] if calling.is_open(row, today)]
    extra: dict[str, forms.Field] = {
        "summary": forms.CharField(
            label=column_label("ideas", "summary"),
            widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
            help_text=gettext_lazy("What it is, whom it serves, what it would change."),
        ),
        "challenge_id": forms.ChoiceField(
            label=gettext_lazy("Challenge that it answers"), choices=challenges, required=False
        ),
    }
    own = actor.organisations(*RESEARCHERS)
    if own:
        rows = visible(actor, Organisation).filter(pk__in=own).order_by("name")
        extra["proposer_id"] = forms.ChoiceField(
            label=gettext_lazy("Handed in for"), choices=choose(rows, named), required=False
        )
    required = ("handed_in_by",) if actor.user is not None else ("handed_in_by", "contact")
    return record_form("ideas", _COLUMNS, extra=extra, required=required)


@open_to_all
def new_idea(request: HttpRequest) -> HttpResponse:
    """Hand in an idea: anybody, without an account."""
    actor = request.actor
    over = False

    def act(cleaned: dict[str, Any]) -> str:
        nonlocal over
        if request.POST.get(TRAP, "").strip():
            raise Refused(
                _("This form looks as if a program filled it in."),
                _("If you are a person, send it again: nothing that you typed is lost."),
            )
        over = actor.user is None and _too_many(request)
        if over:
            raise Refused(
                _("Too many ideas came from your address within an hour."),
                _("Nothing was kept. Send it again in an hour."),
            )
        return doing.hand_in(
            actor,
            form.record_fields,
            proposer_id=cleaned.get("proposer_id", ""),
            once=cleaned["once"],
        )

    first = {"challenge_id": request.GET.get("challenge", "")}
    if actor.user is not None:
        first["handed_in_by"] = actor.user.display_name or actor.name
    form = form_for(request, _hand_in_form(actor), initial=first)
    answer = carry_out(
        request,
        form,
        act,
        done=lambda key: f"{reverse('idea_standing')}?{urlencode({'number': key})}",
        template="desk/idea_form.html",
        title=_("Hand in an idea"),
        lead=_("You are told what becomes of it, and why. No account is needed."),
        button=_("Send the idea in"),
        trap=TRAP,
    )
    if over:
        answer.status_code = 429
        answer["Retry-After"] = "3600"
    return answer


def _too_many(request: HttpRequest) -> bool:
    """Count an idea of an address, and tell whether these are too many within an hour."""
    hour = timezone.now().strftime("%Y%m%d%H")
    key = f"ideas:{request.META.get('REMOTE_ADDR', '')}:{hour}"
    cache.add(key, 0, timeout=7200)
    try:
        return cache.incr(key) > AN_HOUR
    except ValueError:  # the cache let go of it just now
        return False


@open_to_all
def idea_standing(request: HttpRequest) -> HttpResponse:
    """What became of an idea, for who knows its number."""
    number = request.GET.get("number", "").strip()[:40]
    found = doing.answer_to(number) if number and "\0" not in number else None
    return render(
        request,
        "desk/idea_standing.html",
        {
            "title": _("What became of your idea"),
            "number": number,
            "answer": found,
            "state": choice_label(found.state) if found else "",
        },
        status=404 if number and found is None else 200,
    )


@signed_in
def sort_idea(request: HttpRequest, key: str) -> HttpResponse:
    """Sort an idea, with the reason that is told."""
    found = find(request.actor, Idea, key)
    require(request.actor, "sort", found)
    choices = [(each, choice_label(each)) for each in doing.NEXT[found.state]]

    class SortForm(OnceForm):
        decision = forms.ChoiceField(
            label=gettext_lazy("What it becomes"), choices=choices, widget=forms.RadioSelect
        )
        reason = ReasonField(help_text=gettext_lazy("Who handed it in is told this."))

    return carry_out_on(
        request,
        found,
        SortForm,
        doing.sort,
        page=page_of,
        title=_("Sort this idea"),
        lead=found.title,
        button=_("Record it"),
    )


urlpatterns = [
    path("ideas/", ideas, name="ideas"),
    path("ideas/new/", new_idea, name="new_idea"),
    path("ideas/standing/", idea_standing, name="idea_standing"),
    path("ideas/<key:key>/", idea, name="idea"),
    path("ideas/<key:key>/sort/", sort_idea, name="sort_idea"),
]
