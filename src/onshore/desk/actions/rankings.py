"""The ranking that offers are ordered by: learned from reviews, and put to use."""

from datetime import datetime
from math import isnan
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting
from onshore.desk.actor import Actor
from onshore.desk.models import Ranking
from onshore.desk.policies import require
from onshore.match import FirstRight, MatchError, Model


def keep(
    actor: Actor,
    model: Model,
    *,
    confirmed: int,
    rejected: int,
    compared: FirstRight,
    at: datetime | None = None,
) -> Ranking:
    """Keep a ranking that was learned; use it if it orders no worse than the one onshore brings."""
    with acting(actor, "rankings.learn", at=at) as deed:
        require(actor, "learn", Ranking)
        made = Ranking.objects.create(
            made_at=deed.at,
            made_by=actor.name,
            confirmed=confirmed,
            rejected=rejected,
            compared=compared.needs,
            before=None if isnan(compared.before) else compared.before,
            after=None if isnan(compared.after) else compared.after,
            text=model.text(),
        )
        facts = {"confirmed": confirmed, "rejected": rejected, "compared": compared.needs}
        deed.note("rankings", str(made.pk), {}, facts)
        if made.compared and made.after >= made.before:
            _put_to_use(deed, made)
        return made


def use(actor: Actor, ranking_id: int | None, *, once: str = "", at: datetime | None = None) -> str:
    """Order offers by a ranking that was learned; with None by the one that onshore brings."""
    with acting(actor, "rankings.use", once=once, at=at) as deed:
        require(actor, "use", Ranking)
        chosen = None
        if ranking_id is not None:
            chosen = Ranking.objects.filter(pk=ranking_id).first()
            if chosen is None:
                raise Refused(_("There is no such ranking."), _("Choose one of the list."))
            read(chosen)
        _put_to_use(deed, chosen)
        return str(ranking_id or "")


def in_use() -> Model | None:
    """Give the ranking that was put to use; None where it is the one that onshore brings."""
    chosen = Ranking.objects.filter(in_use=True).first()
    return None if chosen is None else read(chosen)


def read(ranking: Ranking) -> Model:
    """Read a ranking that was kept.

    Raises
    ------
    Refused
        It was learned by another version of onshore.
    """
    try:
        return Model.of_text(ranking.text, f"ranking {ranking.pk}")
    except MatchError as error:
        raise Refused(
            _("This ranking was learned by another version of onshore."),
            _("Learn from the decisions again, or use the ranking that onshore brings."),
        ) from error


def _put_to_use(deed: Any, chosen: Ranking | None) -> None:
    """Use one ranking and no other."""
    before = list(Ranking.objects.filter(in_use=True).values_list("pk", flat=True))
    Ranking.objects.filter(pk__in=before).update(in_use=False)
    if chosen is not None:
        chosen.in_use = True
        chosen.save(update_fields=["in_use"])
    was = before[0] if before else None
    now = chosen.pk if chosen is not None else None
    deed.note("rankings", str(now or was or ""), {"in_use": was}, {"in_use": now})
