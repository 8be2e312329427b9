"""A fund's call for the tests: its facts, proposals to it and their reviews."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from onshore.desk.access import funds  # noqa: F401  (registers the policies)
from onshore.desk.actions import calls, proposals, reviews
from onshore.desk.actor import Actor
from onshore.desk.models import Organisation, Review


def on(day: date) -> datetime:
    """Give the noon of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


NOW, LATER = on(date(2024, 10, 1)), on(date(2024, 11, 6))
"""While the call is open, and after it closed."""
CRITERIA: list[dict[str, Any]] = [
    {
        "number": 1,
        "name": "novelty",
        "name_fa": "نوآوری",
        "weight": Decimal(3),
        "most": Decimal(10),
    },
    {"number": 2, "name": "team", "name_fa": "گروه", "weight": Decimal(1), "most": Decimal(5)},
]
NUMBERS = {"novelty": Decimal(8), "team": Decimal(4)}


def call_values(**facts: Any) -> dict[str, Any]:
    """Give the facts of a call: 100 EUR in all, 60 for each, two reviews."""
    return {
        "title": "Steel parts of 2025",
        "kind": "grant",
        "fund_id": "fund",
        "text": "What will you make?",
        "budget": Decimal(100),
        "currency": "EUR",
        "most": Decimal(60),
        "reviewers": 2,
        "closes": date(2024, 10, 31),
        **facts,
    }


def made_fund() -> Any:
    """Make a fund."""
    return Organisation.objects.create(
        organisation_id="fund", name="Innovation fund", role="fund", country="IR"
    )


def open_call(officer: Actor, **facts: Any) -> str:
    """Make a call with criteria and publish it."""
    key = calls.add(officer, call_values(**facts), at=NOW)
    calls.set_criteria(officer, key, CRITERIA, at=NOW)
    return calls.publish(officer, key, at=NOW)


def proposed(
    actor: Actor, call: str, title: str, amount: int, /, *, proposer_id: str = "", **facts: Any
) -> str:
    """Hand in a proposal."""
    at = facts.pop("at", NOW)
    values = {"title": title, "summary": f"We make {title}.", "amount": Decimal(amount)}
    values |= {"months": 12, **facts}
    return proposals.submit(actor, call, values, proposer_id=proposer_id, at=at)


def reviewed(actor: Actor, proposal: str, novelty: int, team: int) -> None:
    """Declare that no conflict stands, where that is due, and score a proposal."""
    review = Review.objects.get(proposal=proposal, reviewer=actor.name)
    if review.declared_on is None:
        reviews.declare(actor, review.pk, conflict=False, at=LATER)
    scores = {"novelty": Decimal(novelty), "team": Decimal(team)}
    reviews.score(actor, review.pk, scores=scores, at=LATER)
