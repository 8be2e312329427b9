"""Calls for proposals: what is asked for, what came in, how it scores, what is chosen."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import call_decisions
from onshore.desk.actions import calls as doing
from onshore.desk.actor import Actor
from onshore.desk.choosing.selecting import WAITING, scored
from onshore.desk.models import RECORDS, Award, Call, Commitment, Organisation, Proposal, Review
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named, titled
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.typed_lines import Cell, LinesForm
from onshore.desk.pages.wording import choice_label, column_label, language
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.figures import shown

_COLUMNS = (
    *("title", "title_fa", "kind", "fund_id", "text", "budget", "currency", "most"),
    *("reviewers", "closes", "commitment_id", "source"),
)
STANDING = {
    "not published": gettext_lazy("not published"),
    "open": gettext_lazy("open for proposals"),
    "under review": gettext_lazy("under review"),
    "selected": gettext_lazy("selected, not decided yet"),
    "decided": gettext_lazy("decided"),
}
_CRITERIA = (
    Cell("name", gettext_lazy("What is judged")),
    Cell("name_fa", gettext_lazy("In Persian")),
    Cell("weight", gettext_lazy("Weight"), "number"),
    Cell("most", gettext_lazy("Highest score"), "number"),
)
_MOST_SHOWN = 80
"""Proposals that a call's page shows; all of them stand in the list of proposals."""
ProlongForm = record_form("calls", ("closes",), required=("closes",))


def criterion_named(criterion: Any) -> str:
    """Give a criterion's name in the page's language."""
    return str((criterion.name_fa if language() == "fa" else "") or criterion.name)


def page_of(key: str) -> str:
    """Give the address of a call's page."""
    return reverse("call", args=[key])


@open_to_all
def calls(request: HttpRequest) -> HttpResponse:
    """List the calls, those that close last first."""
    today = timezone.localdate()
    makes = may(request.actor, "add", Call)
    return listing(
        request,
        visible(request.actor, Call).select_related("fund"),
        title=_("What funds call for proposals on"),
        lead=_("Everybody who proposes by the closing day is scored by the same criteria."),
        empty=_("No call is out now."),
        actions=(Action(_("Make a call"), reverse("new_call"), "plus"),) if makes else (),
        columns=(
            Column(_("Call"), titled, link=lambda row: page_of(row.pk)),
            Column(_("Number"), "pk", "code"),
            Column(_("Stands"), lambda row: STANDING[doing.standing(row, today)]),
            Column(_("What is given"), lambda row: choice_label(row.kind)),
            Column(_("Fund"), lambda row: named(row.fund)),
            Column(_("Budget"), lambda row: (row.budget, row.currency), "money"),
            Column(_("Published"), "published", "day"),
            Column(_("Closes"), "closes", "day"),
        ),
        filters=(
            Filter(
                "open",
                _("Stands"),
                (("yes", _("open")), ("no", _("closed"))),
                lambda found, value: (
                    found.filter(published__isnull=False, closes__gte=today)
                    if value == "yes"
                    else found.filter(closes__lt=today)
                ),
            ),
        ),
        sorts=(
            Sort("newest", _("Published last first"), ("-published", "pk")),
            Sort("closes", _("Closing first"), ("closes", "pk")),
        ),
    )


@open_to_all
def call(request: HttpRequest, key: str) -> HttpResponse:
    """A call: what it asks for, the actor's own proposals and, for the agency, all of them."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, Call, key)
    standing = doing.standing(found, today)
    criteria = list(visible(actor, RECORDS["criteria"]).filter(call=found).order_by("pk"))
    whole = sum((each.weight for each in criteria), Decimal(0))
    staff = actor.is_a(*STAFF)
    ranking = ranked(actor, found, criteria, reviewed=_MOST_SHOWN) if staff else []
    closed = standing in ("under review", "selected")
    waits = any(line["waits"] for line in ranking)
    own = [] if staff or actor.user is None else visible(actor, Proposal).filter(call=found)
    return render(
        request,
        "desk/call.html",
        {
            "title": titled(found),
            "call": found,
            "standing": STANDING[standing],
            "open_now": standing == "open",
            "fund": named(found.fund),
            "criteria": [
                (criterion_named(each), each, float(each.weight / whole)) for each in criteria
            ],
            "own": own,
            "ranking": ranking[:_MOST_SHOWN],
            "not_shown": max(len(ranking) - _MOST_SHOWN, 0),
            "selection": selection_told(found) if staff else {},
            "stale": staff and closed and bool(found.selection) and not _fresh(found, ranking),
            "may_propose": standing == "open" and may(actor, "propose", found),
            "may_change": standing in ("not published", "open") and may(actor, "change", found),
            "may_publish": standing == "not published" and may(actor, "publish", found),
            "may_assign": closed and waits and may(actor, "assign", found),
            "may_select": closed and waits and may(actor, "select", found),
            "may_decide": standing == "selected" and may(actor, "decide", found),
            "needed": found.reviewers or 1,
        },
    )


def ranked(
    actor: Actor, found: Any, criteria: list[Any] | None = None, *, reviewed: int = 0
) -> list[dict[str, Any]]:
    """Give the proposals of a call by their scores, with what was selected.

    The first ``reviewed`` of them come with their reviews.
    """
    rows = scored(found, criteria)
    lines = {line["proposal"]: line for line in (found.selection or {}).get("lines", ())}
    given: dict[str, str] = {}
    if found.decided_on is not None:
        awarded = visible(actor, Award).filter(call=found)
        given = dict(awarded.values_list("proposal_id", "award_id"))
    reviews: dict[str, list[Any]] = {}
    if reviewed:
        keys = [row.proposal.pk for row in rows[:reviewed]]
        for review in visible(actor, Review).filter(proposal__in=keys).order_by("pk"):
            reviews.setdefault(review.proposal_id, []).append(review)
    least = (found.selection or {}).get("least")
    awards = found.decided_on is not None and may(actor, "award", Proposal)
    return [
        {
            "rank": number,
            "row": row,
            "proposal": row.proposal,
            "waits": row.proposal.state in WAITING,
            "spread": row.reviews > 1,
            "reviewers": reviews.get(row.proposal.pk, []),
            "line": lines.get(row.proposal.pk),
            "why": why_told(lines.get(row.proposal.pk), least),
            "award": given.get(row.proposal.pk, ""),
            "may_award": awards and row.proposal.state == "chosen" and row.proposal.pk not in given,
        }
        for number, row in enumerate(rows, 1)
    ]


def _fresh(found: Any, ranking: list[dict[str, Any]]) -> bool:
    return call_decisions.is_fresh(
        found.selection, [line["row"] for line in ranking if line["waits"]]
    )


def why_told(line: dict[str, Any] | None, least: str | None) -> str:
    """Say why a proposal was selected or left out, in the page's language."""
    if line is None:
        return ""
    if line["why"] == "no room" and line["loss"] is not None:
        loss = shown.number(round(Decimal(str(line["loss"])), 1), language())
        return _("choosing it would cost %(loss)s points in all") % {"loss": loss}
    told = {
        "chosen": _("selected"),
        "below": _("scores less than %s")
        % (shown.number(Decimal(least), language()) if least else ""),
        "too large": _("asks for more than the whole budget"),
        "no room": _("no room left in the budget"),
    }
    return told[line["why"]]


def selection_told(found: Any) -> dict[str, Any]:
    """Give what a page shows of a call's selection; nothing where none was reckoned."""
    kept = found.selection
    if not kept:
        return {}
    return {
        "money": kept["weigh"] == "money",
        "objective": round(Decimal(str(kept["objective"])), 1),
        "bound": round(Decimal(str(kept["bound"])), 1),
        "proved": kept["status"] == "optimal",
        "spent": Decimal(kept["spent"]),
        "budget": Decimal(kept["budget"]),
        "currency": kept["currency"],
        "on": date.fromisoformat(kept["on"]),
        "by": kept["by"],
        "least": Decimal(kept["least"]) if kept["least"] else None,
        "most_per_firm": kept["most_per_firm"],
        "chosen": sum(line["chosen"] for line in kept["lines"]),
        "of": len(kept["lines"]),
    }


def _form(actor: Actor) -> Any:
    funds = visible(actor, Organisation).filter(role__regex="fund|agency|insurer")
    promised = visible(actor, Commitment).order_by("pk")
    made = record_form(
        "calls",
        _COLUMNS,
        extra={
            "fund_id": forms.ChoiceField(
                label=gettext_lazy("Fund"), choices=choose(funds.order_by("name")[:500], named)
            ),
            "commitment_id": forms.ChoiceField(
                label=gettext_lazy("Commitment that it serves"),
                required=False,
                choices=choose(promised[:500], lambda row: f"{row.pk} · {row.text[:80]}"),
            ),
            "text": forms.CharField(
                label=column_label("calls", "text"),
                widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
            ),
        },
        required=("closes",),
    )
    made.base_fields["most"].label = _("Most that one proposal may get")
    made.base_fields["reviewers"].label = _("Reviews of each proposal")
    return made


@signed_in
def new_call(request: HttpRequest) -> HttpResponse:
    """Make a call."""
    require(request.actor, "add", Call)
    form = form_for(request, _form(request.actor))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(request.actor, form.record_fields, once=cleaned["once"]),
        done=lambda made: reverse("call_criteria", args=[made]),
        title=_("Make a call for proposals"),
        lead=_("Next you say by what proposals are scored; then you publish the call."),
        button=_("Go on to the criteria"),
        cancel=reverse("calls"),
    )


@signed_in
def change_call(request: HttpRequest, key: str) -> HttpResponse:
    """Change a call; of a published one only the closing day."""
    found = find(request.actor, Call, key)
    require(request.actor, "change", found)
    published = found.published is not None
    form = form_for(request, ProlongForm if published else _form(request.actor), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(request.actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        title=_("Give who proposes more time") if published else _("Change this call"),
        lead=titled(found),
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def call_criteria(request: HttpRequest, key: str) -> HttpResponse:
    """Say by what proposals are scored."""
    found = find(request.actor, Call, key)
    require(request.actor, "change", found)
    names = [cell.name for cell in _CRITERIA]
    there = visible(request.actor, RECORDS["criteria"]).filter(call=found).order_by("pk")
    form = form_for(
        request,
        LinesForm,
        record=found,
        cells=_CRITERIA,
        lines=[{name: getattr(row, name) for name in names} for row in there],
    )
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.set_criteria(request.actor, found.pk, form.lines, **form.sent),
        done=lambda _made: page_of(found.pk),
        template="desk/lines_form.html",
        title=_("By what are proposals scored?"),
        lead=titled(found),
        table=_("Criteria"),
        note=_("Only the weights against each other count. Empty a line to leave it out."),
        button=_("Save the criteria"),
        cancel=page_of(found.pk),
    )


@signed_in
def publish_call(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more before a call is put out."""
    found = find(request.actor, Call, key)
    require(request.actor, "publish", found)
    return carry_out_on(
        request,
        found,
        OnceForm,
        doing.publish,
        page=page_of,
        title=_("Publish this call?"),
        lead=_("Firms and research units may then propose, until the closing day."),
        button=_("Publish it"),
    )


class SelectForm(OnceForm):
    """Limits of the selection, besides the budget."""

    weigh = forms.ChoiceField(
        label=gettext_lazy("What counts"),
        choices=(
            ("money", gettext_lazy("The score of what each unit of money is spent on")),
            ("points", gettext_lazy("The points of all proposals together, large or small")),
        ),
        initial="money",
        widget=forms.RadioSelect,
    )
    least = NumberField(
        label=gettext_lazy("Lowest score that may be chosen"),
        required=False,
        help_text=gettext_lazy("Of 100. May be left empty."),
    )
    most_per_firm = NumberField(
        label=gettext_lazy("Most proposals of one firm"), required=False, whole=True
    )


@signed_in
def select_call(request: HttpRequest, key: str) -> HttpResponse:
    """Have the selection under the budget reckoned."""
    found = find(request.actor, Call, key)
    require(request.actor, "select", found)
    return carry_out_on(
        request,
        found,
        SelectForm,
        call_decisions.choose,
        page=page_of,
        title=_("Which proposals are worth most under the budget?"),
        lead=_("Nobody is told yet: you look at the selection, then decide."),
        button=_("Reckon the selection"),
    )


urlpatterns = [
    path("calls/", calls, name="calls"),
    path("calls/new/", new_call, name="new_call"),
    path("calls/<key:key>/", call, name="call"),
    path("calls/<key:key>/change/", change_call, name="change_call"),
    path("calls/<key:key>/criteria/", call_criteria, name="call_criteria"),
    path("calls/<key:key>/publish/", publish_call, name="publish_call"),
    path("calls/<key:key>/select/", select_call, name="select_call"),
]
