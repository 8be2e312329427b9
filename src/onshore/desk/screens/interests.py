"""Interest in a package: said by makers, decided on by the agency, everybody told why."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import packages as deeds
from onshore.desk.models import Interest, Package, Role
from onshore.desk.pages.forms import (
    OnceForm,
    WithdrawForm,
    carry_out,
    carry_out_on,
    form_for,
    signed_in,
)
from onshore.desk.pages.names import named
from onshore.desk.pages.own_makers import maker_choices
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import NotAllowed, find, require, visible


class ExpressForm(OnceForm):
    """An expression of interest."""

    maker_id = forms.ChoiceField(label=gettext_lazy("Maker"))
    statement = forms.CharField(
        label=gettext_lazy("What you can do for these needs"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Similar parts you made and for whom, machines, certificates."),
    )


class DecideForm(OnceForm):
    """A decision and its reason for everybody who waits for it."""

    def __init__(self, *args: Any, stage: str, waiting: list[Interest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yes, no = ("chosen", "not chosen") if stage == "award" else ("short-listed", "not chosen")
        choices = [(each, choice_label(each)) for each in (yes, no)]
        self.waiting = waiting
        for interest in waiting:
            self.fields[f"decision_{interest.pk}"] = forms.ChoiceField(
                label=_("Decision on %s") % named(interest.maker),
                choices=choices,
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"reason_{interest.pk}"] = forms.CharField(
                label=_("Reason that %s reads") % named(interest.maker),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            )

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The expressions of interest with their fields."""
        return [
            {
                "interest": interest,
                "decision": self[f"decision_{interest.pk}"],
                "reason": self[f"reason_{interest.pk}"],
            }
            for interest in self.waiting
        ]

    @property
    def decisions(self) -> dict[int, tuple[str, str]]:
        """What was decided on each, and why."""
        told = self.cleaned_data
        return {
            row.pk: (
                told.get(f"decision_{row.pk}") or "",
                told.get(f"reason_{row.pk}") or "",
            )
            for row in self.waiting
        }


@signed_in
def express_interest(request: HttpRequest, key: str) -> HttpResponse:
    """The form of an expression of interest."""
    called = find(request.actor, Package, key)
    require(request.actor, "express", called)
    makers = request.actor.organisations(Role.MAKER)
    own = visible(request.actor, Interest).filter(package=called, maker_id__in=makers).first()
    first = {"statement": own.statement if own else ""}
    form = form_for(request, ExpressForm, initial=first)
    form.fields["maker_id"].choices = maker_choices(request.actor)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.express(
            request.actor,
            key,
            cleaned["statement"],
            maker_id=cleaned["maker_id"],
            once=cleaned["once"],
        ),
        done=lambda _key: reverse("package", args=[key]),
        title=_("Say that you are interested"),
        lead=called.title,
        button=_("Hand it in"),
        cancel=reverse("package", args=[key]),
    )


@signed_in
def withdraw_interest(request: HttpRequest, key: int) -> HttpResponse:
    """The form that withdraws an expression of interest."""
    interest = find(request.actor, Interest, key)
    require(request.actor, "withdraw", interest)
    return carry_out_on(
        request,
        interest,
        WithdrawForm,
        deeds.withdraw,
        page=lambda _key: reverse("package", args=[interest.package_id]),
        title=_("Withdraw your interest"),
        lead=str(interest.package),
        button=_("Withdraw it"),
    )


@signed_in
def decide_package(request: HttpRequest, key: str, stage: str) -> HttpResponse:
    """The form of the short list or of the award: everybody at once, each with a reason."""
    called = find(request.actor, Package, key)
    require(request.actor, "decide", called)
    if deeds.is_open(called, timezone.localdate()) or called.published is None:
        raise NotAllowed(stage)
    stage = stage.replace("-", " ")
    state = "short-listed" if stage == "award" else "submitted"
    waiting = visible(request.actor, Interest).filter(package=called, state=state)
    rows = list(waiting.select_related("maker").order_by("maker__name"))
    form = form_for(request, DecideForm, record=called, stage=stage, waiting=rows)
    return carry_out(
        request,
        form,
        lambda _cleaned: deeds.decide(
            request.actor,
            key,
            stage,
            form.decisions,
            **form.sent,
        ),
        done=lambda _key: reverse("package", args=[key]),
        template="desk/package_decide.html",
        package=called,
        stage=stage,
        cancel=reverse("package", args=[key]),
    )


urlpatterns = [
    path("packages/<key:key>/interest/", express_interest, name="express_interest"),
    path("interests/<int:key>/withdraw/", withdraw_interest, name="withdraw_interest"),
    path(
        "packages/<key:key>/short-list/",
        decide_package,
        {"stage": "short-list"},
        name="short_list_package",
    ),
    path("packages/<key:key>/award/", decide_package, {"stage": "award"}, name="award_package"),
]
