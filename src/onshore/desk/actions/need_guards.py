"""What stands against a move of a need, and what a move brings about besides the need's state.

Each guard takes the deed, the need and what was told with the move; it refuses, or goes on.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from onshore.desk.actions import quotations
from onshore.desk.actions.acting import Deed, Refused
from onshore.desk.actions.new_keys import new_key
from onshore.desk.models import (
    Candidate,
    Claim,
    Deal,
    Delivery,
    ImportException,
    Offer,
    Organisation,
    Qualification,
    Quotation,
)
from onshore.desk.pages.wording import choice_label
from onshore.desk.states import MOVES, SIDE_EXITS

Guard = Callable[[Deed, Any, Mapping[str, Any]], None]


def nothing(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """A move without guards of its own."""


def fit_to_publish(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask for the quantity and the unit that makers price by."""
    if need.yearly_quantity is None or not (need.unit or (need.item and need.item.unit)):
        raise Refused(
            _("A need is published with its yearly quantity and unit: makers price by them."),
            _("Fill them in on the need's page."),
        )


def has_confirmed_candidate(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask for a candidate that a reviewer agreed to."""
    if not Candidate.objects.filter(need=need, decision="confirmed").exists():
        raise Refused(
            _("No candidate of this need is confirmed."),
            _("Review its candidates and agree to the one that could make it."),
        )


def has_no_open_candidate(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask that every candidate was looked at and rejected."""
    open_ones = Candidate.objects.filter(need=need).exclude(decision="rejected")
    count = open_ones.exclude(Q(category="none") & ~Q(decision="confirmed")).count()
    if count:
        raise Refused(
            _("%d candidates of this need were not rejected.") % count,
            _("Review them first: “no maker found” has to be an answer, not an omission."),
        )


def take_quotation(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Choose the quotation ``quotation_id``; who else quoted is told, with the ``debrief``."""
    key = told.get("quotation_id") or ""
    quotation = Quotation.objects.select_for_update().filter(need=need, pk=key).first()
    if quotation is None or quotation.state in ("withdrawn", "not chosen"):
        raise Refused(
            _("Name the quotation that is taken up; it has to stand for this need."),
            _("Choose one of the need's quotations."),
            field="quotation_id",
        )
    quotations.holds_still(quotation, deed.today, field="quotation_id")
    if quotation.state != "chosen":
        quotations.choose(deed, quotation, debrief=told.get("debrief") or "")


def sign(basis: str) -> Guard:
    """Give the guard that records a deal of a basis, ``MoU`` or ``contracted``."""

    def guard(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
        before = Deal.objects.filter(need=need).order_by("-signed").first()
        signed, until = told.get("signed") or deed.today, told.get("until")
        _check_terms(told, signed, until, deed.today)
        deed.create(
            Deal(
                deal_id=told.get("deal_id") or new_key("D"),
                basis=basis,
                desk_id=told.get("desk_id") or (before.desk_id if before else None),
                buyer_id=need.buyer_id,
                maker=_maker_of(need, told.get("maker_id"), before),
                item_id=need.item_id,
                need=need,
                quantity=told.get("quantity"),
                unit=told.get("unit") or need.unit,
                value=told.get("value"),
                currency=told.get("currency") or "",
                signed=signed,
                until=until,
                jobs=told.get("jobs"),
                milestones=told.get("milestones") or "",
            )
        )

    return guard


def _maker_of(need: Any, told: str | None, before: Any) -> Any:
    """Give the maker that is named, or that of the deal before, or of the chosen quotation."""
    chosen = Quotation.objects.filter(need=need, state="chosen").first()
    known = (one.maker_id for one in (before, chosen) if one is not None)
    maker = Organisation.objects.filter(pk=told or next(known, None)).first()
    if maker is None:
        raise Refused(
            _("Say with which maker it was signed."),
            _("Choose a maker that the programme knows."),
            field="maker_id",
        )
    return maker


def _check_terms(told: Mapping[str, Any], signed: date, until: date | None, today: date) -> None:
    if signed > today:
        raise Refused(
            _("The day of signing lies in the future."),
            _("Record it when it is signed."),
            field="signed",
        )
    if until and until < signed:
        raise Refused(_("It would end before it is signed."), field="until")
    if told.get("value") is not None and not told.get("currency"):
        raise Refused(_("The value has no currency."), _("Write its currency."), field="currency")


def begin_qualification(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Begin the test of a sample of the maker under contract."""
    makers = deed.actor.organisations(*MOVES["send_sample"].roles)
    deals = Deal.objects.filter(need=need, basis="contracted", maker_id__in=makers)
    if not deals.exists():
        raise Refused(_("Your organisation has no contract for this need."))
    offers = Offer.objects.filter(maker_id__in=deals.values("maker_id"))
    offer = offers.filter(pk=told.get("offer_id") or "").first()
    if offer is None:
        raise Refused(
            _("Say which of your products the sample is of."),
            _("Choose one of your offers; add it to your offers first if it is not there."),
            field="offer_id",
        )
    deed.create(
        Qualification(
            qualification_id=told.get("qualification_id") or new_key("T"),
            need=need,
            offer=offer,
            stage=told.get("stage") or "sample",
            result="pending",
        )
    )


def has_passed(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask for a first article or field test that passed, and none that waits or failed."""
    tests = Qualification.objects.filter(need=need).order_by("tested_on", "pk")
    last: dict[str, str] = dict(tests.values_list("stage", "result"))
    if "pending" in last.values():
        raise Refused(_("A test of this need is still pending."), _("Record its result first."))
    if not {"first article", "field test"} & {s for s, r in last.items() if r == "passed"}:
        raise Refused(
            _("No first article or field test of this need has passed."),
            _("A sample alone does not qualify: record the first-article inspection."),
        )
    failed = [stage for stage, result in last.items() if result == "failed"]
    if failed:
        raise Refused(
            _("The last test of a stage failed: %s.") % ", ".join(map(choice_label, failed)),
            _("Reject the sample, or record the test that passed after it."),
        )


def fail_open_tests(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Let the tests that wait for a result fail."""
    for test in Qualification.objects.select_for_update().filter(need=need, result="pending"):
        deed.change(test, result="failed", tested_on=test.tested_on or deed.today)


def has_contract_in_force(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask for a contract that has not ended."""
    running = Deal.objects.filter(need=need, basis="contracted").filter(
        Q(until__isnull=True) | Q(until__gte=deed.today)
    )
    if not running.exists():
        raise Refused(
            _("No contract of this need is in force."),
            _("Record the contract, or the new one if it has ended."),
        )


def is_localized(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask for accepted serial deliveries and a verified saving, none of them the actor's own."""
    me = deed.actor.name
    deliveries = Delivery.objects.filter(deal__need=need, serial=True, accepted__isnull=False)
    accepted = [d for d in deliveries if d.accepted and d.accepted > Decimal(0)]
    if not accepted:
        raise Refused(
            _("No serial delivery of this need was accepted."),
            _("A memorandum, a contract or a sample is not localization."),
        )
    if any(delivery.accepted_by == me for delivery in accepted):
        raise Refused(
            _("You accepted a delivery of this need."),
            _("Another verifier has to verify it."),
        )
    claims = Claim.objects.filter(deal__need=need)
    if claims.filter(claimed_by=me).exists():
        raise Refused(
            _("You filed a claim for this need."), _("Another verifier has to verify it.")
        )
    if not claims.filter(basis="verified").exists():
        raise Refused(
            _("No saving of this need is verified yet."),
            _("Verify its claim first: localized means delivered, accepted and saved."),
        )


def remember_state(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Remember where the need was, for `resume`."""
    if need.state in SIDE_EXITS and need.state != "no-match":
        raise Refused(_("A need at a side exit is not put on hold."))
    need.held_state = need.state


def has_no_running_contract(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask that no contract is in force."""
    running = Deal.objects.filter(need=need, basis="contracted").filter(
        Q(until__isnull=True) | Q(until__gte=deed.today)
    )
    if running.exists():
        raise Refused(
            _("A contract of this need is in force."),
            _("Let it end, or give the need up as failed with the reason."),
        )


def has_exception(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """Ask for an import exception that is granted and in force."""
    granted = ImportException.objects.filter(need=need, decision="granted", until__gte=deed.today)
    if not granted.exists():
        raise Refused(
            _("No import exception for this need is granted and in force."),
            _("Ask for one: it is published for comment and decided by another person."),
        )
