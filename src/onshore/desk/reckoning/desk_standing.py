"""How far a sector's desk is: what it aims at, what is signed, delivered and verified of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from django.utils import timezone

from onshore.desk.actions.claims import baselines_of, savings_of
from onshore.desk.actor import Actor
from onshore.desk.models import Claim, Deal, Delivery
from onshore.desk.policies import STAFF, visible
from onshore.desk.reckoning.reckoned import reckoned_once
from onshore.desk.tables.frames import frame_of, reckoning
from onshore.figures import Basis, FigureError, Period

_COLUMNS = ("pk", "basis", "need_id", "quantity", "unit", "value", "currency", "signed")
_RESTS_ON = (
    *("desks", "deals", "needs", "deliveries", "claims", "baselines", "content_lines"),
    *("claim_shares", "rates", "organisations"),
)


@dataclass(frozen=True)
class DeskStanding:
    """How far a desk is, all in one currency.

    Parameters
    ----------
    currency
        The target's; the programme's where the desk has none.
    worth
        Worth of its deals by basis: memoranda without a contract after them, contracts, and of
        the contracts what was delivered, accepted and is claimed and verified. Each step of a
        contract is part of the step before it.
    within
        Worth of what was signed in the target's days; None without a target period.
    saved
        What is verified as saved, in the programme's currency.
    not_valued
        Deals whose value, quantity or rate is missing.
    """

    currency: str
    target: Decimal | None
    worth: dict[Basis, Decimal]
    within: Decimal | None
    saved: Decimal
    saved_currency: str
    claims: int
    not_valued: int


def desk_standing(actor: Actor, desk: Any) -> DeskStanding:
    """Reckon how far a desk is, from those of its deals that the actor sees.

    What was reckoned before stands until a record changes that it rests on.
    """
    scope = "staff" if actor.is_a(*STAFF) else f"{actor.name} {timezone.localdate()}"
    what = f"standing of {desk.pk} for {scope}"
    return reckoned_once(what, _RESTS_ON, lambda: _reckoned(actor, desk))


def _reckoned(actor: Actor, desk: Any) -> DeskStanding:
    known = reckoning()
    currency = desk.target_currency or known.currency
    rows = visible(actor, Deal).filter(desk=desk)
    deals = list(rows.values_list(*_COLUMNS, named=True))
    worths = known.worths([(deal.value, deal.currency, deal.signed) for deal in deals], currency)
    contracted = {deal.need_id for deal in deals if deal.basis == "contracted"} - {None}
    counted = [
        (deal, worth)
        for deal, worth in zip(deals, worths, strict=True)
        if deal.basis == "contracted" or deal.need_id not in contracted
    ]
    memoranda = [worth for deal, worth in counted if deal.basis == "MoU"]
    contracts = [pair for pair in counted if pair[0].basis == "contracted"]
    claims = frame_of(visible(actor, Claim).filter(desk=desk, basis="verified"))
    baselines = baselines_of(claims)
    verified = savings_of(claims, baselines, known)
    period = _period(desk.target_period)
    return DeskStanding(
        currency=currency,
        target=desk.target_amount if desk.target_currency else None,
        worth={Basis.MOU: _sum(memoranda), **_steps(actor, desk, contracts, claims, baselines)},
        within=_within(counted, period),
        saved=Decimal(verified["net_currency_saved"].sum() or 0),
        saved_currency=known.currency,
        claims=verified.height,
        not_valued=sum(worth is None for _deal, worth in counted),
    )


_Contract = tuple[Any, Decimal | None]


def _steps(
    actor: Actor,
    desk: Any,
    contracts: Sequence[_Contract],
    claims: pl.DataFrame,
    baselines: pl.DataFrame,
) -> dict[Basis, Decimal]:
    """Give the worth of contracts, and of what was delivered, accepted and verified of them."""
    delivered, accepted, verified = (_Quantities(contracts) for _ in range(3))
    rows = visible(actor, Delivery).filter(deal__desk=desk)
    for key, quantity, taken, unit in rows.values_list("deal", "quantity", "accepted", "unit"):
        delivered.add(key, quantity, unit)
        accepted.add(key, taken, unit)
    of_claims = claims.join(baselines.select("baseline_id", "unit"), on="baseline_id", how="left")
    for row in of_claims.select("deal_id", "quantity", "unit").iter_rows():
        verified.add(*row)
    return {
        Basis.CONTRACTED: _sum(worth for _deal, worth in contracts),
        Basis.DELIVERED: delivered.worth(),
        Basis.ACCEPTED: accepted.worth(),
        Basis.VERIFIED: verified.worth(),
    }


class _Quantities:
    """What was done of some contracts, each in its own unit."""

    def __init__(self, contracts: Sequence[_Contract]) -> None:
        self.contracts = contracts
        self.units = {deal.pk: deal.unit for deal, _worth in contracts}
        self.done: dict[str, Decimal] = dict.fromkeys(self.units, Decimal(0))

    def add(self, key: str | None, quantity: Decimal | None, unit: str | None) -> None:
        if key in self.done and quantity is not None:
            self.done[key] += quantity * unit_factor(unit or "", self.units[key])

    def worth(self) -> Decimal:
        """Give the part of the contracts' worth that was done; of none more than the whole."""
        return _sum(
            worth * min(self.done[deal.pk] / deal.quantity, Decimal(1))
            for deal, worth in self.contracts
            if worth is not None and deal.quantity
        )


def unit_factor(unit: str, wanted: str) -> Decimal:
    """Give how many wanted units one unit is; nothing counts that cannot be converted."""
    from onshore.codes import units

    if not unit or not wanted or unit == wanted:
        return Decimal(1)
    try:
        factor = units.factor(unit, wanted)
    except (LookupError, ValueError):
        return Decimal(0)
    return Decimal(factor.numerator) / Decimal(factor.denominator)


def _within(counted: Sequence[_Contract], period: Period | None) -> Decimal | None:
    if period is None:
        return None
    return _sum(worth for deal, worth in counted if period.start <= deal.signed <= period.end)


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text) if text else None
    except FigureError:
        return None


def _sum(amounts: Any) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))
