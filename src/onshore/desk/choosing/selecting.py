"""Proposals to a call: what reviewers' scores come to, and which to choose under the budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from onshore.desk.models import RECORDS, Proposal, Review

WAITING = ("submitted", "short-listed")
"""States of a proposal that waits for its decision."""
MOST_EXPLAINED = 40
"""Proposals left out whose loss is reckoned, each by a selection of its own."""
SECONDS = 3.0
"""Time that the selection may take; then the best one found stands with its proven bound."""
_SECONDS_EACH = 0.1
_CLOSE = 1e-3
"""A loss is told only where the selection that it rests on is this near to its bound."""
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Scored:
    """A proposal with what its reviews come to.

    Attributes
    ----------
    score, low, high
        Mean, lowest and highest of its reviews' weighted scores, 0 to 100; None without reviews.
    reviews
        Reviews handed in by reviewers without a conflict of interest.
    waited
        Reviewers assigned without a conflict who have not handed theirs in.
    by_criterion
        Mean score by criterion, as a share of the criterion's highest score.
    """

    proposal: Any
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    reviews: int
    waited: int
    by_criterion: dict[str, Decimal]


def weighted(scores: Mapping[str, Decimal], criteria: Sequence[Any]) -> Decimal:
    """Give the weighted score of a review, 0 to 100.

    The sum over the criteria of weight x score / highest score, over the sum of the weights.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> told = [SimpleNamespace(name="novelty", weight=Decimal(3), most=Decimal(10)),
    ...         SimpleNamespace(name="team", weight=Decimal(1), most=Decimal(5))]
    >>> print(weighted({"novelty": Decimal(8), "team": Decimal(5)}, told))
    85.000000
    """
    weight = sum((each.weight for each in criteria), Decimal(0))
    reached = sum(
        (each.weight * scores[each.name] / each.most for each in criteria), start=Decimal(0)
    )
    return (100 * reached / weight).quantize(_PLACES)


def scored(call: Any, criteria: Sequence[Any] | None = None) -> list[Scored]:
    """Give the proposals of a call that wait for a decision or have one, the best first.

    Its criteria are read where they are not given.
    """
    if criteria is None:
        criteria = list(RECORDS["criteria"]._default_manager.filter(call=call).order_by("pk"))
    proposals = Proposal._default_manager.filter(call=call).exclude(state="withdrawn")
    rows = list(proposals.select_related("proposer"))
    reviews: dict[str, list[Any]] = {row.pk: [] for row in rows}
    held = Review._default_manager.filter(proposal__call=call).exclude(conflict=True)
    for review in held.values_list("proposal_id", "reviewer", "submitted", named=True):
        reviews.setdefault(review.proposal_id, []).append(review)
    given: dict[tuple[str, str], dict[str, Decimal]] = {}
    scores = RECORDS["scores"]._default_manager.filter(proposal__call=call)
    for key, reviewer, criterion, score in scores.values_list(
        "proposal_id", "reviewer", "criterion", "score"
    ):
        given.setdefault((key, reviewer), {})[criterion] = score
    found = [_scored(row, reviews[row.pk], given, criteria) for row in rows]
    return sorted(found, key=_best_first)


def _best_first(one: Scored) -> tuple[Decimal, Any, str]:
    score = Decimal(-1) if one.score is None else one.score
    return -score, one.proposal.received or 0, one.proposal.pk


def _scored(
    proposal: Any,
    reviews: list[Any],
    given: Mapping[tuple[str, str], Mapping[str, Decimal]],
    criteria: Sequence[Any],
) -> Scored:
    done = [given.get((proposal.pk, each.reviewer), {}) for each in reviews if each.submitted]
    whole = [scores for scores in done if criteria and all(c.name in scores for c in criteria)]
    points = [weighted(scores, criteria) for scores in whole]
    count = len(points)
    by_criterion = {
        each.name: sum((scores[each.name] for scores in whole), Decimal(0)) / count / each.most
        for each in criteria
        if count
    }
    return Scored(
        proposal,
        (sum(points, Decimal(0)) / count).quantize(_PLACES) if count else None,
        min(points, default=None),
        max(points, default=None),
        count,
        len(reviews) - count,
        by_criterion,
    )


def select(
    rows: Sequence[Scored],
    budget: Decimal,
    *,
    weigh: str = "points",
    least: Decimal | None = None,
    most_per_firm: int | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Choose the proposals that are worth most within a budget.

    Parameters
    ----------
    rows
        Proposals, each with a score and an amount in the budget's currency.
    weigh
        ``points``: each proposal is worth its score, so that many small good ones may beat one
        that is large and best. ``money``: its score times its share of the budget, so that the
        sum is the mean score of the budget's money, what is not spent counting nothing.
    least
        Proposals that score less are left out.
    most_per_firm
        Most proposals of one firm.

    Returns
    -------
    dict
        JSON values: ``status``, ``objective``, ``bound``, ``gap``, ``spent``, and ``lines`` in
        the order of the scores: ``proposal``, ``score``, ``amount``, ``chosen``, ``why``
        (``chosen``, ``below``, ``too large``, ``no room``) and ``loss``, what choosing it would
        cost the others in points (None where it was not reckoned).
    """
    fits = [row for row in rows if least is None or _points(row) >= least]
    worth = {row.proposal.pk: float(_worth(row, budget, weigh)) for row in fits}
    task = _Task(fits, worth, budget, most_per_firm)
    found, chosen = task.solve(seconds)
    spent = sum((row.proposal.amount for row in fits if row.proposal.pk in chosen), Decimal(0))
    lines, explained = [], 0
    for row in rows:
        key, loss = row.proposal.pk, None
        why = "chosen" if key in chosen else "no room"
        if least is not None and _points(row) < least:
            why = "below"
        elif row.proposal.amount > budget:
            why = "too large"
        elif why == "no room" and explained < MOST_EXPLAINED:
            explained += 1
            loss = task.loss(found.objective, key)
        lines.append(
            {
                "proposal": key,
                "score": str(_points(row)),
                "amount": str(row.proposal.amount),
                "chosen": key in chosen,
                "why": why,
                "loss": None if loss is None else round(loss, 6),
            }
        )
    return {
        "status": found.status,
        "objective": round(found.objective, 6),
        "bound": round(found.bound, 6),
        "gap": found.gap,
        "spent": str(spent),
        "budget": str(budget),
        "weigh": weigh,
        "least": None if least is None else str(least),
        "most_per_firm": most_per_firm,
        "lines": lines,
    }


def _points(row: Scored) -> Decimal:
    return row.score if row.score is not None else Decimal(0)


def _worth(row: Scored, budget: Decimal, weigh: str) -> Decimal:
    return _points(row) * (row.proposal.amount / budget if weigh == "money" else 1)


@dataclass(frozen=True)
class _Task:
    """What is to be selected from, and within which limits."""

    rows: Sequence[Scored]
    worth: Mapping[str, float]
    budget: Decimal
    most_per_firm: int | None

    def solve(self, seconds: float, forced: str = "") -> tuple[Any, set[str]]:
        """Solve, with a proposal forced in or not, and keep to the last digit of the budget.

        The solver takes a choice that is a billionth above the budget; then it is asked again
        with a fund that is smaller by more than that.
        """
        import polars as pl

        from onshore.plan import award_projects

        projects = pl.DataFrame(
            [
                (
                    *(row.proposal.pk, row.proposal.proposer_id, row.proposal.pk),
                    *(float(row.proposal.amount), self.worth[row.proposal.pk]),
                )
                for row in self.rows
            ],
            schema={
                **dict.fromkeys(("project", "firm", "field"), pl.String),
                **dict.fromkeys(("cost", "score"), pl.Float64),
            },
            orient="row",
        )
        limits: dict[str, Any] = {"seconds": seconds, "gap": _CLOSE / 10 if forced else 1e-6}
        if self.most_per_firm is not None:
            firms = projects.select("firm").unique(maintain_order=True)
            limits["firms"] = firms.with_columns(most_projects=pl.lit(self.most_per_firm))
        if forced:
            limits["fields"] = pl.DataFrame({"field": [forced], "least_projects": [1]})
        amounts = {row.proposal.pk: row.proposal.amount for row in self.rows}
        found = award_projects(projects, float(self.budget), **limits)
        bound = found.bound
        for smaller in (4e-9, 1e-6):
            if sum((amounts[key] for key in found.chosen["project"]), Decimal(0)) <= self.budget:
                break
            found = award_projects(projects, float(self.budget) * (1 - smaller), **limits)
            found = replace(found, bound=bound, gap=_gap(found.objective, bound))
        return found, set(found.chosen["project"])

    def loss(self, best: float, key: str) -> float | None:
        """Tell how much worth is lost where a proposal is chosen; None where it cannot be."""
        from onshore.plan import PlanError, SolverError

        try:
            forced, _chosen = self.solve(_SECONDS_EACH, key)
        except (PlanError, SolverError):
            return None
        return max(best - forced.objective, 0.0) if forced.gap <= _CLOSE else None


def _gap(objective: float, bound: float) -> float:
    return (bound - objective) / objective if objective else float(bound > objective)
