"""Agreements and what was promised in them: by whom, by when, with which measure."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Agreement, Commitment, Organisation, Role
from onshore.desk.pages.showing import day_text
from onshore.desk.policies import require
from onshore.figures import FigureError, Money

_IN_MONEY = ("contracted value", "delivered value", "verified savings", "amount awarded")


def parties_of(agreement: Agreement) -> list[str]:
    """Give the keys of an agreement's parties, in its order."""
    return [key.strip() for key in agreement.parties.split(";") if key.strip()]


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Record an agreement between parties; ``values`` by the fields of the model."""
    with acting(actor, "agreements.add", once=once, at=at) as deed:
        require(actor, "add", Agreement)
        told = _whole(values)
        return str(deed.create(Agreement(agreement_id=new_key("AGR"), **told)).pk)


def change(
    actor: Actor,
    agreement_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change an agreement's parties, texts or days."""
    with acting(actor, "agreements.change", reason=reason, once=once, at=at) as deed:
        agreement = held(actor, Agreement, agreement_id, version)
        require(actor, "change", agreement)
        told = _whole(values)
        if signed := told.get("signed"):
            _signed_in_time(agreement, signed)
        promised = Commitment._default_manager.filter(agreement=agreement, party__isnull=False)
        gone = set(promised.values_list("party_id", flat=True)) - set(told["parties"].split(";"))
        if gone:
            raise Refused(
                _("A party that promised something cannot be left out: %s.")
                % ", ".join(sorted(gone)),
                _("Change its commitments first."),
                field="parties",
            )
        deed.change(agreement, **told)
        return str(agreement.pk)


def promise(
    actor: Actor,
    agreement_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record a commitment under an agreement, with the measure that tells whether it is kept."""
    with acting(actor, "commitments.add", once=once, at=at) as deed:
        agreement = held(actor, Agreement, agreement_id, version)
        require(actor, "promise", agreement)
        _measurable(agreement, values)
        _ahead(agreement, values, deed.today)
        made = Commitment(commitment_id=new_key("COM"), agreement=agreement, **values)
        deed.create(made)
        _tell(deed, made)
        return str(made.pk)


def change_promise(
    actor: Actor,
    commitment_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a commitment: its owner, aim, measure or day."""
    with acting(actor, "commitments.change", reason=reason, once=once, at=at) as deed:
        commitment = held(actor, Commitment, commitment_id, version)
        require(actor, "change", commitment)
        _measurable(commitment.agreement, values)
        kept = values.get("due") == commitment.due
        _ahead(commitment.agreement, values, None if kept else deed.today)
        deed.change(commitment, **values)
        _tell(deed, commitment)
        return str(commitment.pk)


def report(
    actor: Actor,
    commitment_id: str,
    *,
    progress: Decimal | float | None,
    evidence: str,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """State how far a commitment is, and what shows it.

    Raises
    ------
    Refused
        Progress is stated without evidence, or lies outside 0 to 1.
    """
    with acting(actor, "commitments.report", once=once, at=at) as deed:
        commitment = held(actor, Commitment, commitment_id, version)
        require(actor, "report", commitment)
        if progress is None or not 0 <= progress <= 1:
            raise Refused(
                _("Progress lies between nothing and the whole."),
                _("Write it as a percentage from 0% to 100%."),
                field="progress",
            )
        if progress and not evidence.strip():
            raise Refused(
                _("Progress is stated without anything that shows it."),
                _("Name the report, list or record that anybody can look up."),
                field="evidence",
            )
        deed.change(commitment, progress=float(progress), evidence=evidence.strip())
        return str(commitment.pk)


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(values)
    keys = list(dict.fromkeys(key.strip() for key in told["parties"].split(";") if key.strip()))
    if len(keys) < 2:
        raise Refused(
            _("An agreement has two parties at least."),
            _("Write the keys of the parties, joined by ;."),
            field="parties",
        )
    known = set(Organisation._default_manager.filter(pk__in=keys).values_list("pk", flat=True))
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise Refused(
            _("No organisation has the key %s.") % ", ".join(unknown),
            _("Look it up under Organisations, or add it there."),
            field="parties",
        )
    return told | {"parties": ";".join(keys)}


def _signed_in_time(agreement: Agreement, signed: date) -> None:
    """Refuse a day of signing after the day that something was promised for."""
    if signed == agreement.signed:
        return
    first = Commitment._default_manager.filter(agreement=agreement, due__lt=signed).order_by("due")
    if (late := first.first()) is not None:
        raise Refused(
            _("A commitment was due on %s, before this day.") % day_text(late.due),
            _("Write an earlier day, or change the commitment first."),
            field="signed",
        )


def _measurable(agreement: Agreement, values: Mapping[str, Any]) -> None:
    """Refuse a commitment that nobody could tell to be kept."""
    if not values.get("measure"):
        raise Refused(
            _("A commitment without a measure cannot be told to be kept."),
            _("Say what is counted, such as: provinces with an open phase."),
            field="measure",
        )
    party = values.get("party_id")
    if party and party not in parties_of(agreement):
        raise Refused(
            _("%s is no party of this agreement.") % party,
            _("Choose one of its parties, or leave it empty if all promised it together."),
            field="party_id",
        )
    counted = values.get("counted")
    if counted == "observed indicator" and not values.get("indicator"):
        raise Refused(
            _("The indicator that is observed is not named."),
            _("Write it as the observations do, such as: production."),
            field="indicator",
        )
    if counted and values.get("target") is None:
        raise Refused(
            _("The measure has no aim."),
            _("Write how many, or how much, is promised."),
            field="target",
        )
    if counted in _IN_MONEY:
        try:
            Money.parse(f"1 {values.get('unit')}")
        except FigureError:
            raise Refused(
                _("The aim is an amount of money, and its unit names no currency."),
                _("Write a unit such as EUR, million EUR or billion IRR."),
                field="unit",
            ) from None


def _ahead(agreement: Agreement, values: Mapping[str, Any], today: date | None) -> None:
    """Refuse a day that was over when the commitment began.

    It begins when the agreement was signed; where that is not known, on the day that it is counted
    from; where neither is, today: a commitment of long ago is recorded with one of these days.
    """
    due, starts, signed = values.get("due"), values.get("starts"), agreement.signed
    if due is None:
        return
    if signed and due < signed:
        raise Refused(
            _("The agreement was signed on %s, after this day.") % day_text(signed),
            _("Write a day after the signing, or leave it empty."),
            field="due",
        )
    if starts and due < starts:
        raise Refused(
            _("It is counted from %s, after this day.") % day_text(starts),
            _("Write a later day, or let it be counted from an earlier one."),
            field="due",
        )
    if today and not signed and not starts and due < today:
        raise Refused(
            _("This day is over, and the agreement has no day of signing."),
            _(
                "Write a day ahead. Of a commitment made long ago, write the day that it is "
                "counted from, or the day that the agreement was signed."
            ),
            field="due",
        )


def _tell(deed: Deed, commitment: Commitment) -> None:
    tell_members(
        [commitment.party_id],
        tuple(Role),
        kind="commitment.made",
        table="commitments",
        key=commitment.pk,
        on=deed.today,
        text=commitment.text,
    )
