"""Deciding on the proposals of a call, all at once and each with its reason."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from onshore.desk.actions import call_decisions as doing
from onshore.desk.models import Call
from onshore.desk.pages.forms import OnceForm, carry_out, form_for, signed_in
from onshore.desk.pages.names import named, titled
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import find, require
from onshore.desk.screens.calls import page_of, ranked, selection_told
from onshore.figures import shown

_CHOICES = ("chosen", "not chosen")


class DecideForm(OnceForm):
    """A decision and its reason for every proposal that waits for it."""

    def __init__(self, *args: Any, waiting: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = waiting
        choices = [(each, choice_label(each)) for each in _CHOICES]
        decision, reason = _fields(choices)
        for line in waiting:
            key, selected = line["proposal"].pk, (line["line"] or {}).get("chosen", False)
            if self.is_bound:  # only what is wrong is told with its label
                decision, reason = _fields(
                    choices,
                    _("Decision on %s") % line["proposal"].title,
                    _("Reason that %s reads") % named(line["proposal"].proposer),
                )
            self.fields[f"decision_{key}"], self.fields[f"reason_{key}"] = decision, reason
            self.initial[f"decision_{key}"] = "chosen" if selected else "not chosen"
            self.initial[f"reason_{key}"] = _draft(line, len(waiting))

    @cached_property
    def cards(self) -> list[dict[str, Any]]:
        """The proposals with their fields, as plain values: there may be hundreds."""
        return [
            {
                **line,
                "decision": self._plain(f"decision_{line['proposal'].pk}"),
                "reason": self._plain(f"reason_{line['proposal'].pk}"),
            }
            for line in self.waiting
        ]

    def _plain(self, name: str) -> dict[str, Any]:
        told = {"name": name, "id": self.auto_id % name}
        if not self.is_bound:
            return {**told, "value": self.initial[name], "error": None}
        errors = self[name].errors
        return {**told, "value": self[name].value() or "", "error": errors and errors.as_text()}

    @property
    def decisions(self) -> dict[str, tuple[str, str]]:
        """What was decided on each, and why."""
        told = self.cleaned_data
        keys = [line["proposal"].pk for line in self.waiting]
        return {
            key: (told.get(f"decision_{key}") or "", told.get(f"reason_{key}") or "")
            for key in keys
        }


def _fields(
    choices: list[tuple[str, str]], decision: str = "", reason: str = ""
) -> tuple[forms.Field, forms.Field]:
    """Make the fields of a decision and of its reason; those nobody has filled in may be shared."""
    return (
        forms.ChoiceField(label=decision, choices=choices, required=False),
        forms.CharField(label=reason, required=False),
    )


def _draft(line: dict[str, Any], of: int) -> str:
    """Draft the reason that a proposer is told; the officer goes on from there."""
    told = {
        "score": shown.number(round(line["row"].score or Decimal(0), 1), language()),
        "rank": shown.number(line["rank"], language()),
        "of": shown.number(of, language()),
    }
    return _("It scored %(score)s of 100 and came at place %(rank)s of %(of)s.") % told


@signed_in
def decide_call(request: HttpRequest, key: str) -> HttpResponse:
    """Decide on all proposals of a call at once."""
    found = find(request.actor, Call, key)
    require(request.actor, "decide", found)
    waiting = [line for line in ranked(request.actor, found) if line["waits"]]
    form = form_for(request, DecideForm, record=found, waiting=waiting)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.decide(request.actor, found.pk, form.decisions, **form.sent),
        done=lambda _made: page_of(found.pk),
        template="desk/call_decide.html",
        choices=[(str(at), each, choice_label(each)) for at, each in enumerate(_CHOICES)],
        title=_("Which proposals are chosen?"),
        call_title=titled(found),
        selection=selection_told(found),
        cancel=page_of(found.pk),
    )


urlpatterns = [path("calls/<key:key>/decide/", decide_call, name="decide_call")]
