"""Import exceptions: asked for, open to comment, contested, decided by another, ended."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import exceptions as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import Comment, ImportException, ImportRule, Need, Role
from onshore.desk.pages.forms import (
    DayField,
    OnceForm,
    ReasonField,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
    typed_as,
)
from onshore.desk.pages.key_fields import KeyField
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.showing import choice_label
from onshore.desk.policies import find, may, require, visible

STANDING = {
    "asked": gettext_lazy("Asked for"),
    "open for comment": gettext_lazy("Open for comment"),
    "to be decided": gettext_lazy("To be decided"),
    "granted": gettext_lazy("Granted, holds"),
    "refused": gettext_lazy("Refused"),
    "ended": gettext_lazy("Ended"),
}
_UNDECIDED = Q(decision__in=("", "pending"))


@open_to_all
def exceptions(request: HttpRequest) -> HttpResponse:
    """List the exceptions that the actor sees."""
    today = timezone.localdate()
    asks = may(request.actor, "ask", ImportException)
    rows = visible(request.actor, ImportException)
    return listing(
        request,
        rows.select_related("rule__item", "rule__equivalent_offer", "contested_by"),
        title=_("Import exceptions and who may still speak"),
        lead=_("Each is put out for comment, may be contested, and ends on its day."),
        empty=_("No exception was asked for that you may see."),
        columns=(
            Column(_("Good"), good_of, link=lambda row: reverse("exception", args=[row.pk])),
            Column(_("Key"), "pk", kind="code"),
            Column(_("Where it stands"), lambda row: STANDING[doing.standing(row, today)]),
            Column(_("Comments until"), "comment_until", kind="day"),
            Column(_("Contested"), lambda row: bool(row.contested), kind="choice"),
            Column(_("From"), "starts", kind="day"),
            Column(_("Until"), "until", kind="day"),
        ),
        filters=(
            Filter(
                *("standing", _("Where it stands"), list(STANDING.items())),
                lambda rows, value: _standing_at(rows, value, today),
            ),
        ),
        sorts=(
            Sort("ends", _("Ends last"), ("-until", "pk")),
            Sort("comment", _("Comments close first"), _BY_WINDOW),
        ),
        actions=(Action(_("Ask for an exception"), reverse("exception_ask"), "plus"),)
        if asks
        else (),
    )


_BY_WINDOW = (F("comment_until").asc(nulls_last=True), "pk")


def _standing_at(rows: QuerySet, standing: str, today: Any) -> QuerySet:
    conditions = {
        "asked": _UNDECIDED & Q(published=None),
        "open for comment": _UNDECIDED & Q(comment_until__gte=today, published__lte=today),
        "to be decided": _UNDECIDED & Q(published__isnull=False, comment_until__lt=today),
        "granted": Q(decision="granted", until__gte=today),
        "refused": Q(decision="refused"),
        "ended": Q(decision="granted", until__lt=today),
    }
    return rows.filter(conditions[standing])


def good_of(asked: Any) -> str:
    """Name the good of an exception by its rule, which is no secret of a buyer."""
    rule = asked.rule
    return str(rule.item.description if rule.item else rule.hs_code)


@open_to_all
def exception(request: HttpRequest, key: str) -> HttpResponse:
    """Show an exception: what is asked, what was said, what was decided, what can be done."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, ImportException, key)
    standing = doing.standing(found, today)
    need = visible(actor, Need).filter(pk=found.need_id).first() if found.need_id else None
    comments = visible(actor, Comment).filter(exception=found).select_related("organisation")
    context = {
        "title": _("%(good)s: %(standing)s")
        % {"good": good_of(found), "standing": STANDING[standing]},
        "found": found,
        "need": need,
        "standing": standing,
        "standing_label": STANDING[standing],
        "comments": comments.order_by("said_on", "pk"),
        "speaks": standing == "open for comment" and may(actor, "comment", found),
        "deeds": _deeds(actor, found, standing),
        "history": history(actor, found) if actor.user else [],
    }
    return render(request, "desk/exception.html", context)


def _deeds(actor: Actor, found: Any, standing: str) -> list[tuple[str, str]]:
    deeds = {
        "asked": ("publish", _("Put out for comment"), "exception_publish"),
        "to be decided": ("decide", _("Decide"), "exception_decide"),
        "granted": ("publish", _("End it today"), "exception_end"),
    }
    if standing not in deeds:
        return []
    deed, label, name = deeds[standing]
    return [(label, reverse(name, args=[found.pk]))] if may(actor, deed, found) else []


@signed_in
def exception_ask(request: HttpRequest) -> HttpResponse:
    """Ask for an exception."""
    actor = request.actor
    require(actor, "ask", ImportException)
    needs = visible(actor, Need)
    if not actor.is_a(Role.OFFICER):
        needs = needs.filter(buyer_id__in=actor.organisations(Role.ENGINEER))
    needs = needs.exclude(state__in=("withdrawn", "verified localized"))
    rules = visible(actor, ImportRule).select_related("item")
    asked = request.GET.get("need", "")
    made = record_form(
        "exceptions",
        ("need_id", "quantity", "unit"),
        extra={
            "rule_id": forms.ChoiceField(
                label=_("Rule"), choices=choose(rules.order_by("pk")[:500], _rule_label)
            ),
            "need_id": KeyField("needs", label=_("Need")),
            "starts": DayField(label=_("First day")),
            "until": DayField(label=_("Last day")),
            "why": ReasonField(label=_("Why home supply will not do yet")),
        },
    )
    form = form_for(request, made, initial={"need_id": asked})

    def act(cleaned: dict[str, Any]) -> str:
        own = needs.filter(pk=cleaned["need_id"]).values_list("pk", flat=True).first()
        return doing.ask(
            actor,
            rule_id=cleaned["rule_id"],
            need_id=own or "",
            why=cleaned["why"],
            starts=cleaned["starts"],
            until=cleaned["until"],
            quantity=cleaned["quantity"],
            unit=cleaned["unit"] or "",
            once=cleaned["once"],
        )

    return carry_out(
        request,
        form,
        act,
        done=_page,
        title=_("Ask for an exception from an import rule"),
        lead=_("It is put out for comment, and another person decides on it."),
        button=_("Ask"),
        cancel=reverse("exceptions"),
    )


def _rule_label(rule: Any) -> str:
    good = rule.item.description if rule.item else rule.hs_code
    return f"{rule.pk} · {good} · {choice_label(rule.measure)}"


def _page(key: str) -> str:
    return reverse("exception", args=[key])


class PublishForm(OnceForm):
    """Until when comments are open."""

    comment_until = DayField(label=gettext_lazy("Comments until"))


@signed_in
def exception_publish(request: HttpRequest, key: str) -> HttpResponse:
    """Put an exception out for comment."""
    found = find(request.actor, ImportException, key)
    require(request.actor, "publish", found)
    window = timezone.localdate() + timedelta(days=30)
    form = form_for(request, PublishForm, record=found, initial={"comment_until": typed_as(window)})
    return carry_out(
        request,
        form,
        lambda cleaned: doing.publish(request.actor, found.pk, **cleaned),
        done=lambda made: _page(made or found.pk),
        title=_("Put out for comment: %s") % good_of(found),
        lead=_("Makers are told, and may contest it until this day."),
        button=_("Put out for comment"),
        cancel=_page(found.pk),
    )


class CommentForm(OnceForm):
    """What somebody thinks of an exception."""

    text = forms.CharField(label=gettext_lazy("Comment"), widget=forms.Textarea(attrs={"rows": 4}))
    contests = forms.BooleanField(
        label=gettext_lazy("We contest it: we make this good"), required=False
    )


@signed_in
def exception_comment(request: HttpRequest, key: str) -> HttpResponse:
    """Comment on an exception, or contest it."""
    actor = request.actor
    found = find(actor, ImportException, key)
    require(actor, "comment", found)
    form = form_for(request, CommentForm)
    if not actor.is_a(Role.MAKER):
        del form.fields["contests"]

    def act(cleaned: dict[str, Any]) -> str:
        facts = {name: cleaned[name] for name in ("text", "contests", "once") if name in cleaned}
        return doing.comment(actor, found.pk, **facts)

    return carry_out(
        request,
        form,
        act,
        done=lambda made: _page(made or found.pk),
        title=_("Comment on: %s") % good_of(found),
        lead=_("Everybody who may read the exception reads the comment."),
        button=_("Send the comment"),
        cancel=_page(found.pk),
    )


class DecideForm(OnceForm):
    """A decision and its reason."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=lambda: [(each, choice_label(each)) for each in ("granted", "refused")],
        widget=forms.RadioSelect,
    )
    reason = ReasonField()


@signed_in
def exception_decide(request: HttpRequest, key: str) -> HttpResponse:
    """Decide on an exception."""
    found = find(request.actor, ImportException, key)
    require(request.actor, "decide", found)
    contest = _("It was contested: answer what was said.") if found.contested else ""
    return carry_out_on(
        request,
        found,
        DecideForm,
        doing.decide,
        page=_page,
        title=_("Decide on: %s") % good_of(found),
        lead=contest or _("The reason is published with the decision."),
        button=_("Decide"),
    )


@signed_in
def exception_end(request: HttpRequest, key: str) -> HttpResponse:
    """End an exception today."""
    found = find(request.actor, ImportException, key)
    require(request.actor, "publish", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.end,
        page=_page,
        title=_("End the exception today: %s") % good_of(found),
        button=_("End it today"),
    )


urlpatterns = [
    path("exceptions/", exceptions, name="exceptions"),
    path("exceptions/ask/", exception_ask, name="exception_ask"),
    path("exceptions/<key:key>/", exception, name="exception"),
    path("exceptions/<key:key>/publish/", exception_publish, name="exception_publish"),
    path("exceptions/<key:key>/comment/", exception_comment, name="exception_comment"),
    path("exceptions/<key:key>/decide/", exception_decide, name="exception_decide"),
    path("exceptions/<key:key>/end/", exception_end, name="exception_end"),
]
