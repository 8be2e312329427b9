"""What programs may change in the exploration wing: blocks, their offers and work, rigs."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from onshore.desk.actions import block_offers, block_work, blocks, rigs
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.api.changing import Change, Facts, same
from onshore.desk.pages.forms import NumberField
from onshore.records import Column


def _tell_of_rig(
    actor: Actor,
    rig_id: str,
    *,
    state: str = "",
    place: str = "",
    hours: Decimal | None = None,
    insured_until: date | None = None,
    version: int | None = None,
    reason: str = "",
    once: str = "",
) -> str:
    """Tell where a rig stands; what is not told stays as it is."""
    told = {"state": state, "place": place, "hours": hours, "insured_until": insured_until}
    values = {name: value for name, value in told.items() if value not in (None, "")}
    if not values:
        raise Refused(
            _("Nothing is told of the rig."), _("Tell its state, place, hours or insurance.")
        )
    return rigs.change(actor, rig_id, values, version=version, reason=reason, once=once)


class _HandedIn(forms.Form):
    """What a firm hands in; the currency is the commitment's, the day that of the acceptance."""

    done = NumberField()
    spent = NumberField(required=False)
    evidence = forms.CharField(required=False, max_length=4000)


_LINES = 10
_WORK = Change(
    "promise",
    "",
    *(block_offers.ask, "work_commitments"),
    same("kind", "amount", "due", "cost", "text", "currency"),
    whole=True,
)
_ASKING = Change(
    "ask", "", block_offers.ask, "block_offers", same("organisation_id", "terms"), whole=True
)


class _Asking(Change):
    """Asking for a block: each piece of work that is promised has numbered facts."""

    @property
    def facts(self) -> dict[str, Column | None]:
        """The column of each fact: ``kind_1``, ``amount_1`` and so on for the first piece."""
        work = {name: column for name, column in _WORK.facts.items() if name != "currency"}
        lines = {f"{name}_{at}": work[name] for at in range(1, _LINES + 1) for name in work}
        return {**_ASKING.facts, "currency": _WORK.facts["currency"], **lines}

    def needs(self, fact: str) -> bool:
        """Whether a fact has to be given: the firm, and one piece of work."""
        return fact in ("organisation_id", "kind_1", "amount_1", "due_1")

    def read(self, actor: Actor, facts: Facts) -> dict[str, Any]:
        """Read the facts as the form of the page does."""
        self.require_known(facts)
        own = {name: facts.get(name) for name in ("organisation_id", "terms")}
        values, work = _ASKING.read(actor, own)["values"], []
        for at in range(1, _LINES + 1):
            line = {name: facts.get(f"{name}_{at}") for name in _WORK.takes}
            if all(value in (None, "") for value in line.values()):
                continue
            try:
                told = _WORK.read(actor, line | {"currency": facts.get("currency")})["values"]
            except Refused as refused:
                field = refused.field if refused.field == "currency" else f"{refused.field}_{at}"
                raise Refused(refused.reason, refused.next_step, field) from None
            values["currency"] = told.pop("currency")
            work.append({"number": at, **told})
        return {"values": values, "work": work}


MOVES: dict[str, tuple[Change, ...]] = {
    "blocks": (
        Change(
            "offer",
            gettext_noop("Offer a block to all firms, or to one."),
            *(block_offers.offer, "block_offers"),
            same("organisation_id", "closes", "state_share", "terms", "source"),
            required=("closes",),
            whole=True,
        ),
        Change(
            "take_back",
            gettext_noop("Take a block back from its holder, with the reason."),
            blocks.take_back,
        ),
    ),
    "block_offers": (
        _Asking(
            "ask",
            gettext_noop("Ask for a block on offer, and promise exploration work."),
            block_offers.ask,
        ),
        Change(
            "award",
            gettext_noop("Award a block to a firm that asked for it, with the reason."),
            *(block_offers.award, "block_offers", same("until")),
        ),
        Change(
            "refuse",
            gettext_noop("Refuse a firm that asked for a block, with the reason."),
            block_offers.refuse,
        ),
        Change(
            "withdraw",
            gettext_noop("Withdraw an offer, or what a firm asked for."),
            block_offers.withdraw,
        ),
    ),
    "work_commitments": (
        Change(
            "hand_in",
            gettext_noop("Hand in how much of promised work is done in all, with the report."),
            *(block_work.hand_in, "work_commitments", same("done", "spent", "evidence")),
            reads=_HandedIn,
        ),
        Change("accept", gettext_noop("Accept work that was handed in."), block_work.accept),
        Change(
            "send_back",
            gettext_noop("Send work that was handed in back, with the reason."),
            block_work.send_back,
        ),
    ),
    "rigs": (
        Change(
            "tell",
            gettext_noop("Tell where a rig stands, what it ran and until when it is insured."),
            *(_tell_of_rig, "rigs", same("state", "place", "hours", "insured_until")),
        ),
    ),
}

MAKINGS: dict[str, tuple[Change, str]] = {
    "blocks": (
        Change(
            "add",
            gettext_noop("Record a block, with its outline."),
            *(blocks.add, "blocks"),
            same("name", "name_fa", "geometry", "commodities", "place", "area", "source"),
            whole=True,
        ),
        "",
    ),
    "rigs": (
        Change(
            "add",
            gettext_noop("Record a drilling rig."),
            *(rigs.add, "rigs"),
            same(
                *("owner_id", "model", "kind", "built", "depth_limit", "state", "place", "hours"),
                *("rate", "cost", "currency", "bought_on", "finance", "insured_until"),
            ),
            whole=True,
        ),
        "",
    ),
    "exploration_services": (
        Change(
            "add",
            gettext_noop("Record what a contractor, consultant or laboratory can do."),
            *(rigs.offer_service, "exploration_services"),
            same(
                *("organisation_id", "role", "service", "commodities", "places", "staff"),
                *("competent_persons", "equipment", "depth_limit", "capacity_per_year", "unit"),
                *("grade", "valid_until", "references", "source"),
            ),
            whole=True,
        ),
        "",
    ),
}
