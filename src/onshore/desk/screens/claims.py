"""Savings claimed: filed from accepted deliveries, verified or refused by somebody else."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Case, F, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import claims as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import RECORDS, Claim, Deal, Delivery, Role
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonField,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import language
from onshore.desk.policies import find, may, require, visible
from onshore.desk.tables.frames import reckoning
from onshore.figures import Basis

COLUMNS = ("period", "quantity", "imported_content", "domestic_price", "domestic_currency")

_WAITS = Q(basis="accepted", refusal="", baseline__isnull=False)
_WAITING = Case(When(_WAITS, then=1), default=0)
_LATEST = F("verified_on").desc(nulls_last=True)


@signed_in
def claims(request: HttpRequest) -> HttpResponse:
    """List the claims that the actor sees, those that wait for a verifier first."""
    actor = request.actor
    files = may(actor, "add", Claim)
    return listing(
        request,
        visible(actor, Claim).select_related("item", "buyer"),
        title=_("Savings claimed and what is verified of them"),
        lead=_("Only verified savings count; the others are shown beside them."),
        empty=_("No saving is claimed yet. File one from accepted deliveries."),
        columns=(
            Column(_("What"), _what, link=lambda row: reverse("claim", args=[row.pk])),
            Column(_("Key"), "pk", kind="code"),
            Column(_("Buyer"), lambda row: named(row.buyer)),
            Column(_("Period"), lambda row: _period(row.period), "period"),
            Column(_("Quantity"), "quantity", kind="number"),
            Column(_("Basis"), "basis", kind="basis"),
            Column(_("Claimed by"), "claimed_by"),
            Column(_("Verified by"), "verified_by"),
            Column(_("Verified on"), "verified_on", kind="day"),
        ),
        filters=(
            Filter("stands", _("Where it stands"), _stands, _standing_at),
            Filter("basis", _("Basis"), _bases, lambda rows, value: rows.filter(basis=value)),
        ),
        sorts=(
            Sort("waiting", _("Waiting first"), (_WAITING.desc(), _LATEST, "pk")),
            Sort("key", _("Key"), ("pk",)),
        ),
        actions=(Action(_("File a claim"), reverse("claim_file"), "plus"),) if files else (),
    )


def _what(claim: Any) -> str:
    if claim.item:
        return str(claim.item.description)
    said = claim.statement_fa if language() == "fa" else claim.statement
    return str(said or claim.statement or claim.pk)


def _period(text: str) -> str:
    from onshore.desk.templatetags.work import period_label

    return period_label(text)


def _stands() -> list[tuple[str, str]]:
    return [
        ("waiting", _("Waits for a verifier")),
        ("refused", _("Refused, to be mended")),
        ("verified", _("Verified")),
        ("published", _("Published sums")),
    ]


def _standing_at(rows: QuerySet, value: str) -> QuerySet:
    if value == "published":
        return rows.filter(baseline=None)
    return {
        "waiting": waiting(rows),
        "refused": rows.exclude(refusal="").exclude(basis="verified"),
        "verified": rows.filter(basis="verified"),
    }[value]


def waiting(rows: QuerySet) -> QuerySet:
    """Narrow claims to those that a verifier has to look at."""
    return rows.filter(_WAITS)


def _bases() -> list[tuple[str, str]]:
    return [(str(basis.value), basis.label(language())) for basis in sorted(Basis, reverse=True)]


@signed_in
def claim(request: HttpRequest, key: str) -> HttpResponse:
    """Show a claim: how the saving is reckoned, what it rests on, what can be done."""
    actor = request.actor
    found = find(actor, Claim, key)
    known = reckoning()
    reckoned = doing.savings_of(doing.claim_frame(found), known=known)
    computed = found.quantity is not None and found.baseline_id is not None
    verifier = found.verified_by
    broken = doing.broken_rules(found, verified_by=verifier, known=known) if computed else []
    deliveries: Any = ()
    if found.deal_id:
        deliveries = visible(actor, Delivery).filter(deal=found.deal_id).order_by("-delivered_on")
    context = {
        "title": _title(found),
        "claim": found,
        "computed": computed,
        "saved": reckoned.row(0, named=True) if reckoned.height else None,
        "currency": known.currency,
        "content_unknown": found.imported_content is None,
        "baseline": found.baseline,
        "deliveries": deliveries[:60],
        "broken": broken,
        "deeds": _deeds(actor, found),
        "verifies": _open(found) and not broken and _verifies(actor, found),
        "form": OnceForm(record=found),
        "history": history(actor, found),
    }
    return render(request, "desk/claim.html", context)


def _title(found: Any) -> str:
    what = {"what": _what(found), "period": _period(found.period)}
    if found.basis == "verified":
        return _("%(what)s, %(period)s: a verified saving") % what
    if found.refusal:
        return _("%(what)s, %(period)s: refused, to be mended") % what
    if _open(found):
        return _("%(what)s, %(period)s: a saving that waits for a verifier") % what
    return _("%(what)s, %(period)s") % what


def _open(found: Any) -> bool:
    return found.basis != "verified" and not found.refusal and found.baseline_id is not None


def _verifies(actor: Actor, found: Any) -> bool:
    return may(actor, "verify", found) and found.claimed_by != actor.name


def _deeds(actor: Actor, found: Any) -> list[tuple[str, str]]:
    if found.basis == "verified" or found.baseline_id is None:
        return []
    deeds = []
    if _verifies(actor, found) and not found.refusal:
        deeds.append((_("Refuse"), reverse("claim_refuse", args=[found.pk])))
    if found.claimed_by == actor.name and actor.user is not None:
        deeds.append((_("Mend"), reverse("claim_mend", args=[found.pk])))
        deeds.append((_("Take back"), reverse("claim_withdraw", args=[found.pk])))
    return deeds


@signed_in
def claim_file(request: HttpRequest) -> HttpResponse:
    """File a claim: first its deal, then what was saved under it."""
    actor = request.actor
    require(actor, "add", Claim)
    deals = visible(actor, Deal).filter(basis="contracted", deliveries_as_deal__serial=True)
    if not actor.is_a(Role.OFFICER):
        deals = deals.filter(buyer_id__in=actor.organisations(Role.ENGINEER))
    deals = deals.distinct().select_related("maker", "item", "need")
    asked = request.POST.get("deal_id") or request.GET.get("deal", "")
    deal = deals.filter(pk=asked).first() if asked and "\0" not in asked else None
    if deal is None:
        return render(
            request,
            "desk/claim_deal.html",
            {
                "title": _("Under which contract was it delivered?"),
                "deals": deals.order_by("-signed", "pk")[:200],
            },
        )
    baselines = visible(actor, RECORDS["baselines"]).filter(buyer=deal.buyer_id)
    item = deal.item_id or (deal.need.item_id if deal.need else None)
    if item:
        baselines = baselines.filter(item=item)
    else:  # then it is the item of the baseline that is chosen
        chosen = baselines.filter(pk=request.POST.get("baseline_id", "").replace("\0", ""))
        item = chosen.values_list("item", flat=True).first()
    made = record_form(
        "claims",
        ("baseline_id", *COLUMNS, *_GIVEN),
        required=("period", "quantity"),
        extra={
            **_given(),
            "deal_id": forms.CharField(widget=forms.HiddenInput),
            "baseline_id": forms.ChoiceField(
                label=_("Frozen import price"), choices=choose(baselines.order_by("pk"), _baseline)
            ),
            "evidence": forms.CharField(label=_("Evidence"), required=False, max_length=2000),
        },
    )
    given = {"deal_id": deal.pk, "buyer_id": deal.buyer_id, "item_id": item or ""}
    form = form_for(request, made, initial={**given, **_suggested(deal)})

    def act(cleaned: dict[str, Any]) -> str:
        facts = {name: cleaned[name] for name in (*COLUMNS, "baseline_id", "evidence", "once")}
        facts["domestic_currency"] = facts["domestic_currency"] or ""
        return doing.file(actor, deal_id=deal.pk, **facts)

    return carry_out(
        request,
        form,
        act,
        done=_page,
        title=_("Claim what was saved by %s") % _deal_label(deal),
        lead=_lead(actor, deal, baselines),
        button=_("File the claim"),
        cancel=reverse("claims"),
    )


def _lead(actor: Actor, deal: Any, baselines: QuerySet) -> str:
    if baselines.exists():
        return _(
            "Net currency saved is the quantity times the reference CIF less the imported content; "
            "the cost effect is the quantity times the import parity less the domestic price."
        )
    told = _("No import price is frozen for this good: freeze one on the need's page first.")
    if deal.need is None or not may(actor, "freeze", deal.need):
        return told
    address = reverse("freeze_baseline", args=[deal.need_id])
    return format_html('{} <a href="{}">{}</a>', told, address, _("Freeze the import price"))


_GIVEN = ("item_id", "buyer_id")


def _given(*more: str) -> dict[str, forms.Field]:
    """Make the fields that a claim has from its deal: read with it, and not to be typed."""
    return {
        name: forms.CharField(widget=forms.HiddenInput, disabled=True, required=False)
        for name in (*_GIVEN, *more)
    }


def _page(key: str) -> str:
    return reverse("claim", args=[key]) if key else reverse("claims")


def _deal_label(deal: Any) -> str:
    good = deal.item.description if deal.item else deal.need.description if deal.need else deal.pk
    return f"{good} · {named(deal.maker)}"


def _baseline(row: Any) -> str:
    from onshore.desk.pages.showing import day_text

    return f"{row.pk} · {row.currency} · {day_text(row.price_date)}"


def _suggested(deal: Any) -> dict[str, Any]:
    """Suggest the price of the contract: what one unit costs by it."""
    from onshore.desk.pages.forms import typed_as

    if not deal.value or not deal.quantity:
        return {}
    price = (deal.value / deal.quantity).quantize(Decimal("0.01"))
    return {"domestic_price": typed_as(price), "domestic_currency": deal.currency}


@signed_in
def claim_mend(request: HttpRequest, key: str) -> HttpResponse:
    """Mend a claim that is not verified."""
    actor = request.actor
    found = find(actor, Claim, key)
    require(actor, "add", Claim)
    made = record_form(
        "claims",
        (*COLUMNS, "evidence", "baseline_id", *_GIVEN),
        required=("period", "quantity"),
        extra={"reason": ReasonField(required=False), **_given("baseline_id")},
    )
    form = form_for(request, made, record=found)

    def act(cleaned: dict[str, Any]) -> str:
        facts = {name: cleaned[name] for name in ("version", "reason", "once")}
        return doing.mend(actor, found.pk, **form.record_fields, **facts)

    return carry_out(
        request,
        form,
        act,
        done=lambda made: _page(made or found.pk),
        title=_("Mend the claim %s") % found.pk,
        lead=_("It waits for a verifier again."),
        cancel=_page(found.pk),
    )


class VerifyForm(OnceForm):
    """A verifier's remark."""

    reason = ReasonField(label=gettext_lazy("Remark"), required=False)


@signed_in
def claim_verify(request: HttpRequest, key: str) -> HttpResponse:
    """Verify a claim."""
    found = find(request.actor, Claim, key)
    require(request.actor, "verify", found)
    return carry_out_on(
        request,
        found,
        VerifyForm,
        doing.verify,
        page=_page,
        title=_("Verify the saving %s") % found.pk,
        lead=_("You vouch that the deliveries were accepted and the prices are as claimed."),
        button=_("Verify"),
    )


@signed_in
def claim_refuse(request: HttpRequest, key: str) -> HttpResponse:
    """Refuse a claim."""
    found = find(request.actor, Claim, key)
    require(request.actor, "refuse", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.refuse,
        page=_page,
        title=_("Refuse the saving %s") % found.pk,
        lead=_("Who filed it reads the reason, and may mend it."),
        button=_("Refuse"),
    )


@signed_in
def claim_withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take a claim back."""
    found = find(request.actor, Claim, key)
    require(request.actor, "add", Claim)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.withdraw,
        page=_page,
        done=lambda _made: reverse("claims"),
        title=_("Take back the claim %s") % found.pk,
        lead=_("The audit keeps what it said."),
        button=_("Take back"),
    )


urlpatterns = [
    path("claims/", claims, name="claims"),
    path("claims/file/", claim_file, name="claim_file"),
    path("claims/<key:key>/", claim, name="claim"),
    path("claims/<key:key>/mend/", claim_mend, name="claim_mend"),
    path("claims/<key:key>/verify/", claim_verify, name="claim_verify"),
    path("claims/<key:key>/refuse/", claim_refuse, name="claim_refuse"),
    path("claims/<key:key>/withdraw/", claim_withdraw, name="claim_withdraw"),
]
