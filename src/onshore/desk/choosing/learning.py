"""Learning the ranking from what officers decided on candidates."""

from importlib.util import find_spec
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import rankings
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.jobs import Run, job
from onshore.desk.models import Candidate, Need, Offer, Ranking
from onshore.desk.policies import require, visible
from onshore.desk.tables.frames import frame_of

LEAST = 20
"""Confirmed, and rejected, candidates that are needed at least."""


@job(gettext_lazy("Learn the ranking from decisions"))
def run(run: Run) -> dict[str, Any]:
    """Learn from all decisions; what is learned is used if it orders no worse than before."""
    run.report(0, 0, _("Reading the decisions"))
    made = learn(run.actor, run)
    summary = (
        _("What was learned is in use: look for makers again, and the new order holds.")
        if made.in_use
        else _("What was learned does not order better yet, so it is kept but not used.")
    )
    return {"address": reverse("rankings"), "summary": summary}


def learn(actor: Actor, run: Run | None = None) -> Ranking:
    """Learn a ranking from all decisions that the actor sees, on top of the one onshore brings.

    Raises
    ------
    Refused
        Too little was decided, or the learning is not installed.
    """
    from onshore.match import MatchError, default_model, first_right, reviewed, train

    require(actor, "learn", Ranking)
    if find_spec("lightgbm") is None:
        raise Refused(
            _("Learning is not installed on this server."),
            _("Ask the administrator to install it: pip install 'onshore[match]'."),
        )
    told = decided(actor)
    if min(told) < LEAST:
        raise Refused(
            _("%(confirmed)s confirmed and %(rejected)s rejected candidates teach too little.")
            % {"confirmed": told[0], "rejected": told[1]},
            _("Review until there are %s of each at least.") % LEAST,
        )
    candidates = visible(actor, Candidate).exclude(decision="")
    needs = visible(actor, Need).filter(pk__in=candidates.values("need"))
    judged = [
        reviewed(
            frame_of(needs.order_by("pk")),
            frame_of(visible(actor, Offer).order_by("pk")),
            frame_of(candidates.order_by("pk")),
        )
    ]
    start = default_model()
    try:
        if run is not None:
            run.report(0, 0, _("Comparing with the ranking that onshore brings"))
        compared = first_right(judged, start)
        if run is not None:
            run.report(0, 0, _("Learning"))
        model = train(judged, start=start, trained_by=f"the desk, by {actor.name}")
    except MatchError as error:
        raise Refused(
            _("Nothing could be learned from these decisions."),
            _("Review more candidates, of more needs; rejected ones as well as confirmed ones."),
        ) from error
    return rankings.keep(actor, model, confirmed=told[0], rejected=told[1], compared=compared)


def decided(actor: Actor) -> tuple[int, int]:
    """Count the confirmed and the rejected candidates that the actor sees."""
    rows = visible(actor, Candidate)
    counts = [rows.filter(decision=each).count() for each in ("confirmed", "rejected")]
    return counts[0], counts[1]
