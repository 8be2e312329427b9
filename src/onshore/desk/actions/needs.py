"""The moves of a need's life, each with its guards.

All take the actor and the need's key, and besides ``version`` (of the record the form was opened
with), ``reason``, ``once`` (the form's token) and ``at`` (the moment).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions import need_guards as guards
from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.models import Deal, Need, Organisation, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import require
from onshore.desk.reckoning.import_value import PRICED_BY, put_yearly_value
from onshore.desk.states import MOVES, Move


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
        return _valued(deed.create(need))


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
        deed.change(need, **values)
        return _valued(need) if PRICED_BY & set(values) else need


def _valued(need: Any) -> Any:
    put_yearly_value([need])
    need.save(update_fields=["yearly_value"])
    return need


_KEPT = {"state", "state_since", "held_state", "due", "need_id", "version"}


def publish(actor: Actor, need_id: str, **told: Any) -> Any:
    """Publish a draft: it needs a quantity and a unit to be of use to a maker."""
    return _move("publish", actor, need_id, guards.fit_to_publish, told)


def scout(actor: Actor, need_id: str, **told: Any) -> Any:
    """Start looking for makers, for the first time or again."""
    return _move("scout", actor, need_id, guards.nothing, told)


def match(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record that a maker was found: a reviewer has confirmed a candidate."""
    return _move("match", actor, need_id, guards.has_confirmed_candidate, told)


def no_match(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record that no maker was found: every candidate was looked at."""
    return _move("no_match", actor, need_id, guards.has_no_open_candidate, told)


def take_offer(actor: Actor, need_id: str, **told: Any) -> Any:
    """Take up a maker's quotation (``quotation_id``)."""
    return _move("take_offer", actor, need_id, guards.take_quotation, told)


def sign_mou(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record a memorandum of understanding; see `sign_contract` for its facts."""
    return _move("sign_mou", actor, need_id, guards.sign("MoU"), told)


def sign_contract(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record a contract.

    Facts: ``deal_id``, ``maker_id``, ``quantity``, ``unit``, ``value``, ``currency``, ``signed``,
    ``until``, ``desk_id``, ``jobs``, ``milestones``. A maker or a desk that is not given is that
    of the quotation or memorandum before.
    """
    return _move("sign_contract", actor, need_id, guards.sign("contracted"), told)


def send_sample(actor: Actor, need_id: str, **told: Any) -> Any:
    """Send a sample (``qualification_id``, ``offer_id``, ``stage``) to be tested by the buyer."""
    return _move("send_sample", actor, need_id, guards.begin_qualification, told)


def qualify(actor: Actor, need_id: str, **told: Any) -> Any:
    """Qualify: every test is done, a first article or field test has passed, none has failed."""
    return _move("qualify", actor, need_id, guards.has_passed, told)


def reject_sample(actor: Actor, need_id: str, **told: Any) -> Any:
    """Reject the sample, with the reason: the contract stands and another sample may come."""
    return _move("reject_sample", actor, need_id, guards.fail_open_tests, told)


def start_serial(actor: Actor, need_id: str, **told: Any) -> Any:
    """Start serial supply under a contract that is in force."""
    return _move("start_serial", actor, need_id, guards.has_contract_in_force, told)


def verify_localized(actor: Actor, need_id: str, **told: Any) -> Any:
    """Verify as localized.

    Serial deliveries were accepted, a saving is claimed and verified for the need's item and
    buyer, and the verifier filed none of these claims and accepted none of these deliveries.
    """
    return _move("verify_localized", actor, need_id, guards.is_localized, told)


def hold(actor: Actor, need_id: str, **told: Any) -> Any:
    """Put on hold, with the reason; `resume` brings it back to where it was."""
    return _move("hold", actor, need_id, guards.remember_state, told)


def resume(actor: Actor, need_id: str, **told: Any) -> Any:
    """Go on where the need was put on hold."""
    return _move("resume", actor, need_id, guards.nothing, told)


def withdraw(actor: Actor, need_id: str, **told: Any) -> Any:
    """Withdraw a need that is needed no more, with the reason; not while a contract runs."""
    return _move("withdraw", actor, need_id, guards.has_no_running_contract, told)


def fail(actor: Actor, need_id: str, **told: Any) -> Any:
    """Give up, with the reason."""
    return _move("fail", actor, need_id, guards.nothing, told)


def except_from_rule(actor: Actor, need_id: str, **told: Any) -> Any:
    """Let the good in by an import exception that was granted and has not ended."""
    return _move("except_from_rule", actor, need_id, guards.has_exception, told)


def end_exception(actor: Actor, need_id: str, **told: Any) -> Any:
    """Go back to scouting when the exception is over."""
    return _move("end_exception", actor, need_id, guards.nothing, told)


def revert_to_import(actor: Actor, need_id: str, **told: Any) -> Any:
    """Record that the good is imported again, with the reason."""
    return _move("revert_to_import", actor, need_id, guards.nothing, told)


def reopen(actor: Actor, need_id: str, **told: Any) -> Any:
    """Publish a need again that was withdrawn, given up or reverted, with the reason."""
    return _move("reopen", actor, need_id, guards.fit_to_publish, told)


def _move(
    name: str,
    actor: Actor,
    need_id: str,
    guard: guards.Guard,
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
                % {
                    "state": choice_label(need.state),
                    "sources": ", ".join(map(choice_label, move.sources)),
                },
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


def _moved(need: Any, move: Move, today: date) -> dict[str, Any]:
    target = move.target or need.held_state or "published"
    return {
        "state": target,
        "state_since": today,
        "due": today + timedelta(days=move.days) if move.days else None,
        "held_state": need.held_state if target == "on hold" else "",
    }


BY_NAME: dict[str, Callable[..., Any]] = {name: globals()[name] for name in MOVES}
"""The action of each move, by its name."""
