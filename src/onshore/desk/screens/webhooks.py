"""Webhooks: which systems are told of what happens here, and what came of each call."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onshore.desk.actions import webhooks as doing
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.models import Webhook, WebhookCall
from onshore.desk.notices.webhooks import TABLES
from onshore.desk.pages.forms import OnceForm, form_for, signed_in
from onshore.desk.pages.listing import Column, Sort, listing
from onshore.desk.pages.wording import table_label
from onshore.desk.policies import find, may, require, visible


class WebhookForm(OnceForm):
    """Which system is told, and of what."""

    name = forms.CharField(label=gettext_lazy("Which system it is"), max_length=80)
    url = forms.CharField(
        label=gettext_lazy("Its address"),
        max_length=500,
        widget=forms.TextInput(
            attrs={"dir": "ltr", "class": "code", "placeholder": "https://example.org/hook"}
        ),
    )
    happenings = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told of"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(table, _label(table)) for table in TABLES],
    )


def _label(table: str) -> str:
    return _("Bulletins") if table == "bulletins" else table_label(table)


@signed_in
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the webhooks, and make another: its secret is shown once."""
    require(request.actor, "add", Webhook)
    form, secret, status = form_for(request, WebhookForm), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed: dict[str, Any] = form.cleaned_data
            try:
                _made, secret = doing.add(
                    request.actor,
                    name=typed["name"],
                    url=typed["url"],
                    happenings=typed["happenings"],
                    once=typed["once"],
                )
                form, status = WebhookForm(), 200
            except AlreadyDone as already:
                messages.info(request, _("This webhook was made already."))
                return redirect("webhook", int(already.key))
            except Refused as refused:
                form.add_error(refused.field or None, str(refused))
    rows = visible(request.actor, Webhook).select_related("owner").order_by("ended", "-created")
    context = {
        "title": _("Which systems are told of what happens here"),
        "form": form,
        "button": _("Make a webhook"),
        "secret": secret,
        "webhooks": [(row, [_label(table) for table in row.happenings]) for row in rows[:200]],
    }
    return render(request, "desk/webhooks/webhooks.html", context, status=status)


@signed_in
def webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Show a webhook with its calls, the latest first."""
    found = find(request.actor, Webhook, webhook_id)
    return listing(
        request,
        visible(request.actor, WebhookCall).filter(webhook=found),
        title=_("What came of each call to %s") % found.name,
        lead=_("A call that is not taken is sent again, later and later, for two days."),
        empty=_("Nothing was sent yet. Try it out."),
        columns=(
            Column(_("What happened"), "happening", "code"),
            Column(_("When"), "made_at", "day"),
            Column(_("Tries"), "tries", "number"),
            Column(_("Taken"), "taken_at", "day"),
            Column(_("Sent next"), "next_at", "day"),
            Column(_("Answer"), "answer", "code"),
        ),
        sorts=(Sort("latest", _("Latest first"), ("-pk",)),),
        template="desk/webhooks/webhook.html",
        webhook=found,
        tables=[_label(table) for table in found.happenings],
        may_try=found.ended is None and may(request.actor, "try", found),
        may_end=found.ended is None and may(request.actor, "end", found),
        waiting=_waiting(request, found),
    )


def _waiting(request: HttpRequest, found: Webhook) -> Any:
    """Give the calls that were not taken, for the button that sends each again."""
    calls = visible(request.actor, WebhookCall).filter(webhook=found, taken_at=None, tries__gt=0)
    return calls.order_by("-pk")[:5] if may(request.actor, "try", found) else ()


_SOON = gettext_lazy("It is sent within a few seconds; look again.")


@signed_in
@require_POST
def try_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Send a webhook a call that tells of nothing."""
    found = find(request.actor, Webhook, webhook_id)
    return _done(request, found.pk, partial(doing.try_out, request.actor, found.pk), _SOON)


@signed_in
@require_POST
def end_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """End a webhook."""
    found = find(request.actor, Webhook, webhook_id)
    ended = gettext_lazy("The webhook has ended.")
    return _done(request, found.pk, partial(doing.end, request.actor, found.pk), ended)


@signed_in
@require_POST
def send_call(request: HttpRequest, call_id: int) -> HttpResponse:
    """Send a call again."""
    found = find(request.actor, WebhookCall, call_id)
    again = partial(doing.send_again, request.actor, found.pk)
    return _done(request, found.webhook_id, again, _SOON)


def _done(request: HttpRequest, key: int, act: Any, says: str) -> HttpResponse:
    try:
        act()
        messages.success(request, says)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("webhook", args=[key]))


urlpatterns = [
    path("webhooks/", webhooks, name="webhooks"),
    path("webhooks/calls/<int:call_id>/again/", send_call, name="send_call"),
    path("webhooks/<int:webhook_id>/", webhook, name="webhook"),
    path("webhooks/<int:webhook_id>/try/", try_webhook, name="try_webhook"),
    path("webhooks/<int:webhook_id>/end/", end_webhook, name="end_webhook"),
]
