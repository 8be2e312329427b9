"""Offers of exploration blocks: made to firms, asked for with promised work, decided on."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.exploration import FIRMS
from onshore.desk.actions import block_offers as doing
from onshore.desk.actor import Actor
from onshore.desk.models import Block, BlockOffer, Organisation
from onshore.desk.pages.forms import (
    DayField,
    OnceForm,
    ReasonField,
    ReasonForm,
    WithdrawForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.key_fields import KeyInput
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.typed_lines import Cell, LinesForm
from onshore.desk.pages.wording import choice_label, sentence
from onshore.desk.policies import find, require, visible
from onshore.desk.screens.blocks import page_of

_MOST = 500


@signed_in
def offer_block(request: HttpRequest, key: str) -> HttpResponse:
    """Offer a block."""
    actor = request.actor
    found = find(actor, Block, key)
    require(actor, "offer", found)
    made = record_form(
        "block_offers",
        ("organisation_id", "closes", "state_share", "terms", "source"),
        extra={
            "organisation_id": forms.ChoiceField(
                label=gettext_lazy("To whom"),
                required=False,
                choices=[("", _("to all firms")), *_firms(actor)[1:]],
            )
        },
        required=("closes",),
    )
    form = form_for(request, made, record=found)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.offer(
            actor, found.pk, form.record_fields, version=cleaned["version"], once=cleaned["once"]
        ),
        done=lambda _made: page_of(found.pk),
        title=_("Offer this block to firms"),
        lead=named(found),
        button=_("Offer it"),
        cancel=page_of(found.pk),
    )


def _firms(actor: Actor) -> list[tuple[str, str]]:
    rows = visible(actor, Organisation).filter(role__regex="maker|contractor").order_by("name")
    return choose(rows[:_MOST], named)


class AskForm(LinesForm):
    """Which firm asks, and what exploration work it promises."""

    organisation_id = forms.ChoiceField(label=gettext_lazy("Firm"))
    currency = forms.CharField(
        label=gettext_lazy("Currency of what it costs"),
        max_length=60,
        required=False,
        widget=KeyInput("currency"),
    )
    terms = forms.CharField(
        label=gettext_lazy("What you want to say"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args: Any, firms: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, cells=_CELLS, **kwargs)
        self.fields["organisation_id"].choices = firms
        kinds = [("", "—"), *((each, choice_label(each)) for each in doing.UNITS)]
        for number in self.numbers:
            typed = self.fields[f"kind_{number}"]
            told = {"aria-label": typed.label}
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=typed.label, choices=kinds, required=False, widget=forms.Select(attrs=told)
            )

    def clean_currency(self) -> str:
        """Read the currency by its code or name."""
        from onshore.codes import UnknownCode, currencies

        text = self.cleaned_data["currency"].strip()
        try:
            return currencies.find(text).code if text else ""
        except UnknownCode as error:
            raise forms.ValidationError(sentence(str(error))) from error

    def clean(self) -> dict[str, Any]:
        """Ask for the currency where a cost is told."""
        cleaned = super().clean() or self.cleaned_data
        costs = [line["cost"] for line in self.lines if line.get("cost") is not None]
        if costs and not cleaned.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("Say in which currency the costs are."))
        return cleaned


_CELLS = (
    Cell("kind", gettext_lazy("Kind of work")),
    Cell("amount", gettext_lazy("How much (km², km, m, samples)"), "number"),
    Cell("due", gettext_lazy("Due"), "day"),
    Cell("cost", gettext_lazy("What it costs"), "number"),
    Cell("text", gettext_lazy("In words")),
)


@signed_in
def ask_for_block(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for a block on offer."""
    actor = request.actor
    offered = find(actor, BlockOffer, key)
    require(actor, "ask", offered)
    firms = visible(actor, Organisation).filter(pk__in=actor.organisations(*FIRMS))
    choices = choose(firms.order_by("name"), named)
    form = form_for(request, AskForm, firms=choices[1:] if len(choices) == 2 else choices)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.ask(actor, offered.pk, cleaned, form.lines, once=cleaned["once"]),
        done=lambda _made: page_of(offered.block_id),
        guard=lambda: doing.require_open(
            offered, actor.organisations(*FIRMS), timezone.localdate()
        ),
        template="desk/lines_form.html",
        title=_("Ask for the block %s") % named(offered.block),
        lead=_("Promise exploration work: what, how much, by when."),
        table=_("Work that you promise"),
        note=_("Mapping in km², geophysics in km of line, trenching and drilling in m."),
        button=_("Ask for the block"),
        cancel=page_of(offered.block_id),
    )


class AwardForm(OnceForm):
    """Until when the right holds, and why this firm."""

    until = DayField(label=gettext_lazy("Last day of the right"))
    reason = ReasonField(label=gettext_lazy("Why this firm"))


@signed_in
def award_block(request: HttpRequest, key: str) -> HttpResponse:
    """Award a block to a firm that asks for it."""
    return _decide(request, key, "award", AwardForm, doing.award, _("Award the block to %s"))


@signed_in
def refuse_block(request: HttpRequest, key: str) -> HttpResponse:
    """Refuse a firm that asks for a block."""
    return _decide(request, key, "refuse", ReasonForm, doing.refuse, _("Refuse %s"))


@signed_in
def withdraw_block_offer(request: HttpRequest, key: str) -> HttpResponse:
    """Withdraw an offer, or what one's firm asked for."""
    return _decide(request, key, "withdraw", WithdrawForm, doing.withdraw, _("Withdraw it?"))


def _decide(
    request: HttpRequest, key: str, deed: str, made: type[OnceForm], act: Any, title: str
) -> HttpResponse:
    found = find(request.actor, BlockOffer, key)
    require(request.actor, deed, found)
    firm = named(found.organisation) if found.organisation_id else ""
    return carry_out_on(
        request,
        found,
        made,
        act,
        page=lambda _key: page_of(found.block_id),
        title=title % firm if "%s" in title else title,
        lead=named(found.block),
        button={"award": _("Award it"), "refuse": _("Refuse it")}.get(deed, _("Withdraw it")),
    )


urlpatterns = [
    path("blocks/<key:key>/offer/", offer_block, name="offer_block"),
    path("block-offers/<key:key>/ask/", ask_for_block, name="ask_for_block"),
    path("block-offers/<key:key>/award/", award_block, name="award_block"),
    path("block-offers/<key:key>/refuse/", refuse_block, name="refuse_block"),
    path("block-offers/<key:key>/withdraw/", withdraw_block_offer, name="withdraw_block_offer"),
]
