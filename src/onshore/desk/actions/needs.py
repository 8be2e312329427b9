"""The moves of a need's life, each with its guards.

All take the actor and the need's key, and besides ``version`` (of the record the form was opened
with), ``reason``, ``once`` (the form's token) and ``at`` (the moment).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.alerts import people_of, tell
from onshore.desk.models import (
    Candidate,
    Claim,
    Deal,
    Delivery,
    ImportException,
    Need,
    Offer,
    Organisation,
    Qualification,
    Quotation,
    Role,
)
from onshore.desk.policies import require
from onshore.desk.states import MOVES, SIDE_EXITS, Move

_Guard = Callable[[Deed, Any, Mapping[str, Any]], None]


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> Any:
    """Add a need as a draft.

    Parameters
    ----------
    values
        Values by the fields of the model; ``buyer_id`` is the buyer.

    Raises
    ------
    Refused
        The actor's organisation is not the buyer, or a need has the key already.
    """
    with acting(actor, "needs.add", once=once, at=at) as deed:
        need = Need(**{**values, "state": "draft", "state_since": deed.today})
        require(actor, "add", need)
        return deed.create(need)


def change(
    actor: Actor,
    need_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Change what a need says; its state changes by moves only.

    Raises
    ------
    Refused
        ``values`` names the state, or the need is at an end.
    Stale
        Somebody else changed the need since ``version``.
    """
    with acting(actor, "needs.change", reason=reason, once=once, at=at) as deed:
        need = held(actor, Need, need_id, version)
        require(actor, "change", need)
        if _KEPT & set(values):
            raise Refused(_("The state and the key of a need are not changed by hand."))
        if need.state == "verified localized":
            raise Refused(
                _("This need is verified as localized."),
                _("Revert it to import first, with the reason."),
            )
        return deed.change(need, **values)


_KEPT = {"state", "state_since", "held_state", "due", "need_id", "version"}


def publish(actor: Actor, need_id: str, **told: Any) -> Any:
    """Publish a draft: it needs a quantity and a unit to be of use to a maker."""
    return _move("publish", actor, need_id, _fit_to_publish, told)


def scout(actor: Actor, need_id: str, **told: Any) -> Any:
    """Start looking for makers, for the first time or again."""
    return _move("scout", actor, need_id, _nothing, told)


def match(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record that a maker was found: a reviewer has confirmed a candidate."""
    return _move("match", actor, need_id, _has_confirmed_candidate, told)


def no_match(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record that no maker was found: every candidate was looked at."""
    return _move("no_match", actor, need_id, _has_no_open_candidate, told)


def take_offer(actor: Actor, need_id: str, **told: Any) -> Any:
    """Take up a maker's quotation (``quotation_id``)."""
    return _move("take_offer", actor, need_id, _take_quotation, told)


def sign_mou(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record a memorandum of understanding; see `sign_contract` for its facts."""
    return _move("sign_mou", actor, need_id, _sign("MoU"), told)


def sign_contract(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record a contract.

    Facts: ``deal_id``, ``maker_id``, ``quantity``, ``unit``, ``value``, ``currency``, ``signed``,
    ``until``, ``desk_id``, ``jobs``, ``milestones``. A maker or a desk that is not given is that
    of the quotation or memorandum before.
    """
    return _move("sign_contract", actor, need_id, _sign("contracted"), told)


def send_sample(actor: Actor, need_id: str, **told: Any) -> Any:
    """Send a sample (``qualification_id``, ``offer_id``, ``stage``) to be tested by the buyer."""
    return _move("send_sample", actor, need_id, _begin_qualification, told)


def qualify(actor: Actor, need_id: str, **told: Any) -> Any:
    """Qualify: every test is done, a first article or field test has passed, none has failed."""
    return _move("qualify", actor, need_id, _has_passed, told)


def reject_sample(actor: Actor, need_id: str, **told: Any) -> Any:
    """Reject the sample, with the reason: the contract stands and another sample may come."""
    return _move("reject_sample", actor, need_id, _fail_open_tests, told)


def start_serial(actor: Actor, need_id: str, **told: Any) -> Any:
    """Start serial supply under a contract that is in force."""
    return _move("start_serial", actor, need_id, _has_contract_in_force, told)


def verify_localized(actor: Actor, need_id: str, **told: Any) -> Any:
    """Verify as localized.

    Serial deliveries were accepted, a saving is claimed and verified for the need's item and
    buyer, and the verifier filed none of these claims and accepted none of these deliveries.
    """
    return _move("verify_localized", actor, need_id, _is_localized, told)


def hold(actor: Actor, need_id: str, **told: Any) -> Any:
    """Put on hold, with the reason; `resume` brings it back to where it was."""
    return _move("hold", actor, need_id, _remember_state, told)


def resume(actor: Actor, need_id: str, **told: Any) -> Any:
    """Go on where the need was put on hold."""
    return _move("resume", actor, need_id, _nothing, told)


def withdraw(actor: Actor, need_id: str, **told: Any) -> Any:
    """Withdraw a need that is needed no more, with the reason; not while a contract runs."""
    return _move("withdraw", actor, need_id, _has_no_running_contract, told)


def fail(actor: Actor, need_id: str, **told: Any) -> Any:
    """Give up, with the reason."""
    return _move("fail", actor, need_id, _nothing, told)


def except_from_rule(actor: Actor, need_id: str, **told: Any) -> Any:
    """Let the good in by an import exception that was granted and has not ended."""
    return _move("except_from_rule", actor, need_id, _has_exception, told)


def end_exception(actor: Actor, need_id: str, **told: Any) -> Any:
    """Go back to scouting when the exception is over."""
    return _move("end_exception", actor, need_id, _nothing, told)


def revert_to_import(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record that the good is imported again, with the reason."""
    return _move("revert_to_import", actor, need_id, _nothing, told)


def reopen(actor: Actor, need_id: str, **told: Any) -> Any:
    """Publish a need again that was withdrawn, given up or reverted, with the reason."""
    return _move("reopen", actor, need_id, _fit_to_publish, told)


def _move(
    name: str,
    actor: Actor,
    need_id: str,
    guard: _Guard,
    told: Mapping[str, Any],
) -> Any:
    told = dict(told)
    version, once, at = (told.pop(key, None) for key in ("version", "once", "at"))
    reason = told.pop("reason", "") or ""
    move = MOVES[name]
    if move.reason:
        said(reason)
    with acting(actor, f"needs.{name}", reason=reason, once=once or "", at=at) as deed:
        need = held(actor, Need, need_id, version)
        require(actor, name, need)
        if need.state not in move.sources:
            raise Refused(
                _("This need is in the state “%(state)s”; this step starts from: %(sources)s.")
                % {"state": _state(need.state), "sources": ", ".join(map(_state, move.sources))},
                _("Reload the page to see what can be done now."),
            )
        guard(deed, need, {**told, "reason": reason})
        deed.change(need, **_moved(need, move, deed.today))
        deed.key = need.pk
        _tell_of(deed, need, name)
        return need


def _tell_of(deed: Deed, need: Any, move: str) -> None:
    """Tell the buyer's engineers, and a maker under contract, where the need is now."""
    engineers = people_of(need.buyer_id, Role.ENGINEER, on=deed.today)
    if move == "send_sample":
        own = Organisation.objects.filter(pk__in=deed.actor.organisations(Role.MAKER))
        makers = ", ".join(own.order_by("name").values_list("name", flat=True))
        facts = {"need": need.description, "maker": makers}
        tell(engineers, "sample.sent", "needs", need.pk, facts, at=deed.at)
        return
    parties = Deal.objects.filter(need=need).values_list("maker_id", flat=True).distinct()
    people = {person.pk: person for person in engineers}
    for maker in parties:
        people |= {person.pk: person for person in people_of(maker, Role.MAKER, on=deed.today)}
    if deed.actor.user is not None:
        people.pop(deed.actor.user.pk, None)
    facts = {"need": need.description, "state": need.state}
    tell(people.values(), "need.moved", "needs", need.pk, facts, at=deed.at)


def _state(state: str) -> str:
    from onshore.desk.wording import choice_label

    return choice_label(state)


def _moved(need: Any, move: Move, today: date) -> dict[str, Any]:
    target = move.target or need.held_state or "published"
    return {
        "state": target,
        "state_since": today,
        "due": today + timedelta(days=move.days) if move.days else None,
        "held_state": need.held_state if target == "on hold" else "",
    }


def _nothing(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    """A move without guards of its own."""


def _fit_to_publish(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    if need.yearly_quantity is None or not (need.unit or (need.item and need.item.unit)):
        raise Refused(
            _("A need is published with its yearly quantity and unit: makers price by them."),
            _("Fill them in on the need's page."),
        )


def _has_confirmed_candidate(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    if not Candidate.objects.filter(need=need, decision="confirmed").exists():
        raise Refused(
            _("No candidate of this need is confirmed."),
            _("Review its candidates and agree to the one that could make it."),
        )


def _has_no_open_candidate(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    open_ones = Candidate.objects.filter(need=need).exclude(decision="rejected")
    count = open_ones.exclude(Q(category="none") & ~Q(decision="confirmed")).count()
    if count:
        raise Refused(
            _("%d candidates of this need were not rejected.") % count,
            _("Review them first: “no maker found” has to be an answer, not an omission."),
        )


def _take_quotation(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    key = told.get("quotation_id") or ""
    quotation = Quotation.objects.select_for_update().filter(need=need, pk=key).first()
    if quotation is None or quotation.state in ("withdrawn", "not chosen"):
        raise Refused(
            _("Name the quotation that is taken up; it has to stand for this need."),
            _("Choose one of the need's quotations."),
            field="quotation_id",
        )
    if quotation.valid_until and quotation.valid_until < deed.today:
        raise Refused(
            _("This quotation was valid until %s.") % quotation.valid_until,
            _("Ask the maker to renew it."),
            field="quotation_id",
        )
    deed.change(quotation, state="chosen")


def _sign(basis: str) -> _Guard:
    def guard(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
        before = Deal.objects.filter(need=need).order_by("-signed").first()
        chosen = Quotation.objects.filter(need=need, state="chosen").first()
        maker_id = (
            told.get("maker_id")
            or (before.maker_id if before else None)
            or (chosen.maker_id if chosen else None)
        )
        maker = Organisation.objects.filter(pk=maker_id).first()
        if maker is None:
            raise Refused(
                _("Say with which maker it was signed."),
                _("Choose a maker that the programme knows."),
                field="maker_id",
            )
        signed, until = told.get("signed") or deed.today, told.get("until")
        if signed > deed.today:
            raise Refused(
                _("The day of signing lies in the future."),
                _("Record it when it is signed."),
                field="signed",
            )
        if until and until < signed:
            raise Refused(_("It would end before it is signed."), field="until")
        value = told.get("value")
        if value is not None and not told.get("currency"):
            raise Refused(
                _("The value has no currency."), _("Write its currency."), field="currency"
            )
        deed.create(
            Deal(
                deal_id=told.get("deal_id") or _next_key(Deal, "D"),
                basis=basis,
                desk_id=told.get("desk_id") or (before.desk_id if before else None),
                buyer_id=need.buyer_id,
                maker=maker,
                item_id=need.item_id,
                need=need,
                quantity=told.get("quantity"),
                unit=told.get("unit") or need.unit,
                value=value,
                currency=told.get("currency") or "",
                signed=signed,
                until=until,
                jobs=told.get("jobs"),
                milestones=told.get("milestones") or "",
            )
        )

    return guard


def _next_key(model: Any, letter: str) -> str:
    """Give a key that no row has: the letter and the next number."""
    number = model.objects.count() + 1
    while model.objects.filter(pk=f"{letter}{number}").exists():
        number += 1
    return f"{letter}{number}"


def _begin_qualification(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
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
            qualification_id=told.get("qualification_id") or _next_key(Qualification, "Q"),
            need=need,
            offer=offer,
            stage=told.get("stage") or "sample",
            result="pending",
        )
    )


def _has_passed(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
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
            _("The last test of a stage failed: %s.") % ", ".join(map(_state, failed)),
            _("Reject the sample, or record the test that passed after it."),
        )


def _fail_open_tests(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    for test in Qualification.objects.select_for_update().filter(need=need, result="pending"):
        deed.change(test, result="failed", tested_on=test.tested_on or deed.today)


def _has_contract_in_force(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    running = Deal.objects.filter(need=need, basis="contracted").filter(
        Q(until__isnull=True) | Q(until__gte=deed.today)
    )
    if not running.exists():
        raise Refused(
            _("No contract of this need is in force."),
            _("Record the contract, or the new one if it has ended."),
        )


def _is_localized(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
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


def _remember_state(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    if need.state in SIDE_EXITS and need.state != "no-match":
        raise Refused(_("A need at a side exit is not put on hold."))
    need.held_state = need.state


def _has_no_running_contract(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    running = Deal.objects.filter(need=need, basis="contracted").filter(
        Q(until__isnull=True) | Q(until__gte=deed.today)
    )
    if running.exists():
        raise Refused(
            _("A contract of this need is in force."),
            _("Let it end, or give the need up as failed with the reason."),
        )


def _has_exception(deed: Deed, need: Any, told: Mapping[str, Any]) -> None:
    granted = ImportException.objects.filter(need=need, decision="granted", until__gte=deed.today)
    if not granted.exists():
        raise Refused(
            _("No import exception for this need is granted and in force."),
            _("Ask for one: it is published for comment and decided by another person."),
        )


BY_NAME: dict[str, Callable[..., Any]] = {name: globals()[name] for name in MOVES}
"""The action of each move, by its name."""
