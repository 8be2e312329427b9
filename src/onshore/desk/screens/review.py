"""Match review: a candidate beside its need, decided with a key; decisions teach the ranking."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django import forms
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from onshore.desk import jobs
from onshore.desk.actions import matches
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Candidate, Need, ProgrammeSettings
from onshore.desk.pages.forms import OnceForm, ReasonField, carry_out, form_for, signed_in
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.showing import choice_label
from onshore.desk.policies import NotAllowed, find, may, visible
from onshore.desk.screens.needs import price_shown
from onshore.desk.states import MOVES

BESIDE = 20
"""Candidates of a need that are shown for review."""

WAITS = ("published", "scouting", "matched", "no-match")
"""States of a need whose candidates wait for review."""


class DecisionForm(OnceForm):
    """What an officer decides on a candidate."""

    decision = forms.CharField(widget=forms.HiddenInput, required=False)
    category = forms.ChoiceField(choices=[], required=False)
    reason = ReasonField(required=False, widget=forms.TextInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.label = _("Class")
        field.choices = [(each, choice_label(each)) for each in matches.CLASSES]
        self.fields["reason"].label = _("Remark")


def likeliest_waiting(actor: Actor, most: int, without: Any = None) -> list[Any]:
    """Give some of the candidates that wait for a decision, of the likeliest class first."""
    rows = visible(actor, Candidate).filter(decision="", need__state__in=WAITS)
    if without is not None:
        rows = rows.exclude(need=without)
    found: list[Any] = []
    for category in matches.CLASSES:
        of_class = rows.filter(category=category).select_related("need", "offer")
        found += of_class.order_by("pk")[: most - len(found)]
        if len(found) == most:
            break
    return found


@signed_in
def review(request: HttpRequest) -> HttpResponse:
    """Lead to the next need whose candidates wait; tell when none does."""
    _require_reviewer(request)
    for first in likeliest_waiting(request.actor, 1):
        return redirect(_address(first))
    return render(request, "desk/review_done.html", {"title": _("No candidate waits for review")})


@signed_in
def review_need(request: HttpRequest, key: str) -> HttpResponse:
    """Show a need beside one of its candidates; decide on it."""
    actor = request.actor
    _require_reviewer(request)
    found = find(actor, Need, key)
    ranked = visible(actor, Candidate).filter(need=found).select_related("offer__maker")
    candidates = list(ranked.order_by(F("rank").asc(nulls_last=True), "pk")[:BESIDE])
    chosen = _chosen(request, candidates)
    form = None
    if chosen is not None:
        form = form_for(
            request, DecisionForm, record=chosen, initial={"category": _class_of(chosen)}
        )
    status = 200
    if request.method == "POST" and form is not None:
        answer = _decide(request, form, chosen)
        if answer is not None:
            return answer
        status = 422
    at = candidates.index(chosen) if chosen in candidates else 0
    context = {
        "title": found.description,
        "need": found,
        "price": price_shown(actor)(found),
        "candidates": candidates,
        "chosen": chosen,
        "form": form,
        "before": candidates[at - 1] if at > 0 else None,
        "after": candidates[at + 1] if at + 1 < len(candidates) else None,
        "matched": any(each.decision == "confirmed" for each in candidates),
        "next_need": _next_need(actor, found),
        "move": _move(actor, found, candidates),
    }
    return render(request, "desk/review.html", context, status=status)


def _chosen(request: HttpRequest, candidates: list[Any]) -> Any:
    asked = request.POST.get("candidate") or request.GET.get("candidate", "")
    for candidate in candidates:
        if str(candidate.pk) == asked:
            return candidate
    undecided = (each for each in candidates if not each.decision)
    return next(undecided, candidates[0] if candidates else None)


def _class_of(candidate: Any) -> str:
    return candidate.category if candidate.category in matches.CLASSES else "near"


def _decide(request: HttpRequest, form: DecisionForm, candidate: Any) -> HttpResponse | None:
    """Carry out a decision and lead to the candidate after it; None where it was refused."""
    if not form.is_valid():
        return None
    told = dict(form.cleaned_data)
    decision = told.pop("decision")
    try:
        if decision == "take back":
            told.pop("category")
            matches.take_back(request.actor, candidate.pk, **told)
            return redirect(_address(candidate))
        matches.decide(request.actor, candidate.pk, decision=decision, **told)
    except AlreadyDone:
        pass
    except Refused as refused:
        form.add_error(None, str(refused))
        if form.record is not None:
            form.record.refresh_from_db()
            form.renewed(form.record)
        return None
    left = visible(request.actor, Candidate).filter(need=candidate.need_id, decision="")
    left = left.exclude(category="none").order_by(F("rank").asc(nulls_last=True), "pk")
    following = left.first()
    if following is not None:
        return redirect(_address(following))
    return redirect(reverse("review_need", args=[candidate.need_id]))


def _next_need(actor: Actor, found: Any) -> str:
    following = likeliest_waiting(actor, 1, without=found)
    return reverse("review_need", args=[following[0].need_id]) if following else ""


def _move(actor: Actor, found: Any, candidates: list[Any]) -> tuple[str, str] | None:
    """Give the move of the need that its reviews have made possible, and its address."""
    confirmed = any(each.decision == "confirmed" for each in candidates)
    looked_at = all(each.decision or each.category == "none" for each in candidates)
    name = "match" if confirmed else "no_match" if looked_at else ""
    if not name or found.state not in MOVES[name].sources or not may(actor, name, found):
        return None
    return str(MOVES[name].label), reverse("need_move", args=[found.pk, name])


def _address(candidate: Any) -> str:
    return f"{reverse('review_need', args=[candidate.need_id])}?candidate={candidate.pk}"


def _require_reviewer(request: HttpRequest) -> None:
    if not may(request.actor, "review", Candidate):
        raise NotAllowed("review")


@signed_in
def review_list(request: HttpRequest) -> HttpResponse:
    """List candidates and what was decided on them."""
    _require_reviewer(request)
    decided = [("waiting", _("Waiting")), *_labels("confirmed", "rejected")]

    def by_decision(rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(decision="" if value == "waiting" else value)

    return listing(
        request,
        visible(request.actor, Candidate).select_related("need", "offer__maker"),
        title=_("Candidates and what was decided on them"),
        lead=_("What is decided here is remembered, and teaches the ranking."),
        empty=_("Upload needs and offers; candidates are found for them."),
        columns=(
            Column(_("Need"), "need.description", link=_address),
            Column(_("Offer"), "offer.description"),
            Column(_("Maker"), lambda row: named(row.offer.maker)),
            Column(_("Class"), "category", kind="choice"),
            Column(_("Score"), lambda row: row.score and round(row.score, 3), kind="number"),
            Column(_("Decision"), "decision", kind="choice"),
            Column(_("Reviewer"), "reviewer"),
            Column(_("Decided on"), "decided_on", kind="day"),
        ),
        filters=(
            Filter("decision", _("Decision"), decided, by_decision),
            Filter(
                *("class", _("Class"), _labels(*matches.CLASSES, "none")),
                lambda rows, value: rows.filter(category=value),
            ),
        ),
        sorts=(
            Sort("key", _("As they came"), ("pk",)),
            Sort("decided", _("Decided last"), (F("decided_on").desc(nulls_last=True), "pk")),
        ),
        actions=(
            Action(_("Go on reviewing"), reverse("review"), "link"),
            Action(_("Look for makers again"), reverse("review_match"), "search"),
            Action(_("What was learned from them"), reverse("rankings"), "link"),
            Action(_("Decisions, for training"), reverse("review_export"), "download"),
        ),
    )


def _labels(*terms: str) -> list[tuple[str, str]]:
    return [(term, choice_label(term)) for term in terms]


@signed_in
def review_match(request: HttpRequest) -> HttpResponse:
    """Look for makers of all open needs anew, in the background; decisions are kept."""
    _require_reviewer(request)
    form = form_for(request, OnceForm)
    return carry_out(
        request,
        form,
        lambda _cleaned: jobs.start(request.actor, "matching.run", {}),
        done=lambda key: reverse("job", args=[key]),
        title=_("Look for makers again"),
        lead=_("Every open need is set beside every offer again; what was decided stays decided."),
        button=_("Look for makers again"),
        cancel=reverse("review_list"),
    )


@signed_in
def review_export(request: HttpRequest) -> HttpResponse:
    """Give the decided candidates as a programme that ``onshore match train`` learns from."""
    _require_reviewer(request)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, content in _training_files(request.actor):
            archive.writestr(f"decisions/{name}", content)
    return HttpResponse(
        packed.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="decisions.zip"'},
    )


def _training_files(actor: Actor) -> Iterator[tuple[str, bytes]]:
    """Write the decided candidates, their needs and offers, and all that these refer to."""
    from onshore.desk.tables.frames import frame_of
    from onshore.records import csv_bytes, settings_from, settings_text

    decided = visible(actor, Candidate).exclude(decision="")
    needs = visible(actor, Need).filter(pk__in=decided.values("need"))
    offers = visible(actor, RECORDS["offers"]).filter(pk__in=decided.values("offer"))
    parties = {*needs.values_list("buyer", flat=True), *offers.values_list("maker", flat=True)}
    organisations = visible(actor, RECORDS["organisations"]).filter(pk__in=parties - {None})
    items = visible(actor, RECORDS["items"]).filter(pk__in=needs.values("item"))
    places = visible(actor, RECORDS["places"])
    settings = visible(actor, ProgrammeSettings).first()
    if settings is not None:
        yield "programme.toml", settings_text(settings_from(settings.settings)).encode()
    for rows in (places, organisations, items, needs, offers, decided):
        yield f"{rows.model.table}.csv", csv_bytes(frame_of(rows.order_by("pk")))


urlpatterns = [
    path("review/", review, name="review"),
    path("review/all/", review_list, name="review_list"),
    path("review/match/", review_match, name="review_match"),
    path("review/decisions.zip/", review_export, name="review_export"),
    path("review/need/<key:key>/", review_need, name="review_need"),
]
