"""Looking for makers: the open needs set beside all offers, a person's decisions kept."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import rankings
from onshore.desk.actions.acting import acting
from onshore.desk.actor import Actor
from onshore.desk.jobs import Run, job
from onshore.desk.models import Candidate, Need, Offer, Upload
from onshore.desk.policies import require
from onshore.desk.states import OPEN
from onshore.desk.uploading.kinds import KINDS

TOP = 10
_AT_ONCE = 2_000
_TEXTS = ("description", "part_number", "brand", "hs_code")
_FIELDS = ("rank", "score", "category", "reasons", "version")

Report = Callable[[int, int, str], None]


@job(gettext_lazy("Look for makers"))
def run(run: Run) -> dict[str, Any]:
    """Look for makers of all open needs, or of those that an upload brought in.

    Its arguments may name an ``upload`` or ``needs``; a draft is looked for too, so that its
    buyer sees who could make it before it is published.
    """
    from django.urls import reverse

    needs = Need.objects.filter(state__in=("draft", *OPEN))
    if named := run.arguments.get("needs"):
        needs = needs.filter(pk__in=named)
    elif key := run.arguments.get("upload"):
        upload = Upload.objects.filter(pk=key, user=run.actor.user).first()
        if upload is not None and upload.table == "needs":
            needs = needs.filter(buyer_id__in=_buyers(run.actor, upload))
    keys = list(needs.order_by("pk").values_list("pk", flat=True))
    found = look_for_makers(run.actor, keys, report=run.report)
    address = reverse("uploads") if run.arguments.get("upload") else reverse("home")
    return {"address": address, **found}


def _buyers(actor: Actor, upload: Upload) -> Iterable[str]:
    own = KINDS["needs"].own(actor)
    if own is not None:
        return own
    if upload.organisation_id:
        return [upload.organisation_id]
    return Need.objects.values_list("buyer_id", flat=True).distinct()


def look_for_makers(
    actor: Actor,
    needs: Sequence[str],
    *,
    report: Report | None = None,
    at: datetime | None = None,
) -> dict[str, int]:
    """Rank all offers for some needs and keep the candidates.

    A candidate that a person decided on keeps the decision and stays, even if it is no longer
    among the best; others are renewed. Of a need without any maker one candidate of class *none*
    tells why.

    Parameters
    ----------
    needs
        Keys of the needs.
    report
        Told how many needs are done, of how many.

    Returns
    -------
    dict
        ``needs`` looked at, ``found`` (needs with a maker), ``new``, ``changed`` and ``removed``
        candidates.
    """
    from onshore.match import find_candidates

    require(actor, "match", Candidate)
    say = report or _silent
    step = _("Comparing needs with offers")
    offers = _frame(Offer.objects.order_by("pk"), "offer_id")
    model = rankings.in_use()
    frames = []
    for start in range(0, len(needs), _AT_ONCE):
        say(start, len(needs), step)
        some = Need.objects.filter(pk__in=needs[start : start + _AT_ONCE]).order_by("pk")
        ranked = find_candidates(_frame(some, "need_id"), offers, top=TOP, model=model)
        frames.append(ranked.filter((pl.col("class") != "none") | (pl.col("rank") == 1)))
    if not frames:
        return dict.fromkeys(("needs", "found", "new", "changed", "removed"), 0)
    ranked = pl.concat(frames)
    say(len(needs), len(needs), _("Writing"))
    with acting(actor, "candidates.match", at=at) as deed:
        found = _keep(needs, ranked)
        deed.note("candidates", "", {}, found)
    return found


def _silent(done: int, total: int, step: str) -> None:
    """Tell nobody how far it is."""


def _frame(rows: Any, key: str) -> pl.DataFrame:
    cells = list(rows.values_list("pk", *_TEXTS))
    return pl.DataFrame(cells, schema=dict.fromkeys((key, *_TEXTS), pl.String), orient="row")


def _keep(needs: Sequence[str], ranked: pl.DataFrame) -> dict[str, int]:
    before: dict[tuple[str, str], Any] = {}
    for start in range(0, len(needs), _AT_ONCE):
        some = Candidate.objects.filter(need_id__in=needs[start : start + _AT_ONCE])
        before |= {(one.need_id, one.offer_id): one for one in some.select_for_update()}
    new, changed, seen, with_maker = [], [], set(), set()
    names = ("need_id", "offer_id", "rank", "score", "class", "reasons")
    for need, offer, rank, score, category, reasons in ranked.select(names).iter_rows():
        seen.add((need, offer))
        if category != "none":
            with_maker.add(need)
        values = (rank, Decimal(str(round(score, 6))), category, reasons)
        there = before.get((need, offer))
        if there is None:
            fields = dict(zip(_FIELDS, (*values, 1), strict=True))
            new.append(Candidate(need_id=need, offer_id=offer, **fields))
        elif (there.rank, there.score, there.category, there.reasons) != values:
            for name, value in zip(_FIELDS, (*values, there.version + 1), strict=True):
                setattr(there, name, value)
            changed.append(there)
    gone = [one.pk for pair, one in before.items() if pair not in seen and not one.decision]
    for start in range(0, len(gone), _AT_ONCE):
        Candidate.objects.filter(pk__in=gone[start : start + _AT_ONCE]).delete()
    Candidate.objects.bulk_create(new, batch_size=500)
    if changed:
        Candidate.objects.bulk_create(
            changed,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=_FIELDS,
        )
    return {
        "needs": len(needs),
        "found": len(with_maker),
        "new": len(new),
        "changed": len(changed),
        "removed": len(gone),
    }
