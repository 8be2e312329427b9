"""What is out against a fund: given, paid, guaranteed and called in, by currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from onshore.desk.actions.guarantees import COVERS, cover_standing, standing
from onshore.figures import Basis


@dataclass
class FundStanding:
    """What is out against a fund in one currency.

    Attributes
    ----------
    budget
        Budgets of its published calls.
    given
        Grants, loans, contracts and prizes under contract or further.
    paid
        Tranches of those that were paid.
    announced
        Awards that are only announced, aimed at or agreed on in an MoU: no money is out.
    guaranteed
        Guarantees that hold today, less what was called in of them; and covers of drilling.
    called
        What was paid out under guarantees.
    """

    currency: str
    budget: Decimal = Decimal(0)
    given: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    announced: Decimal = Decimal(0)
    guaranteed: Decimal = Decimal(0)
    called: Decimal = Decimal(0)

    @property
    def to_pay(self) -> Decimal:
        """What is given and not paid yet."""
        return self.given - self.paid

    @property
    def out(self) -> Decimal:
        """What the fund may still have to pay: given and unpaid, and guaranteed."""
        return self.to_pay + self.guaranteed


def stand(
    calls: Iterable[Any],
    awards: Iterable[Any],
    tranches: Iterable[Any],
    covers: Iterable[Any],
    today: date,
) -> list[FundStanding]:
    """Reckon what is out against a fund on a day, one line for each currency.

    Amounts of different currencies are never added: what a rate would make of them is another
    question.

    Parameters
    ----------
    calls, awards, tranches, covers
        All of the fund; the tranches are those of its awards.
    """
    lines: dict[str, FundStanding] = {}

    def line(currency: str) -> FundStanding:
        return lines.setdefault(currency, FundStanding(currency))

    for call in calls:
        if call.published is not None:
            line(call.currency).budget += call.budget
    by_key = {award.pk: award for award in awards}
    for award in by_key.values():
        at = line(award.currency)
        if Basis.parse(award.basis) < Basis.CONTRACTED:
            at.announced += award.amount
        elif award.kind == "guarantee":
            at.called += award.called_amount or 0
            if standing(award, today) != "ended":
                at.guaranteed += award.amount - (award.called_amount or 0)
        else:
            at.given += award.amount
    for tranche in tranches:
        award = by_key[tranche.award_id]
        if tranche.paid_on is not None and tranche.paid_on <= today and award.kind != "guarantee":
            line(award.currency).paid += tranche.amount
    for cover in covers:
        at = line(cover.currency)
        if cover.kind in COVERS:
            called = _called(cover)
            at.called += called
            if cover_standing(cover, today) != "ended":
                at.guaranteed += cover.amount - called
        elif cover.state == "granted":
            at.given += cover.amount  # lent or granted for drilling: paid as it begins
            at.paid += cover.amount if cover.starts <= today else 0
    return [lines[currency] for currency in sorted(lines)]


def _called(cover: Any) -> Decimal:
    """Give what was called in of a cover: all of it where the amount was not told."""
    if cover.called_amount is not None:
        return Decimal(cover.called_amount)
    return Decimal(cover.amount if cover.state == "called" else 0)
