"""Ranking that asks nobody again about a pair that somebody decided."""

import polars as pl

from onshore.match.merging.decisions import REJECTED, Decisions, apply_decisions
from onshore.match.model import Model
from onshore.match.ranking import find_candidates


def rank_undecided(
    needs: pl.DataFrame,
    offers: pl.DataFrame,
    decisions: Decisions,
    *,
    top: int = 10,
    model: Model | None = None,
) -> pl.DataFrame:
    """Rank the offers for each need with what people decided about the same lines before.

    Rejected offers take no place from others: as many more are ranked.

    Parameters
    ----------
    needs, offers, top, model
        As `find_candidates` takes them.
    decisions
        What was decided.

    Returns
    -------
    DataFrame
        As `find_candidates` gives it, at most ``top`` rows of a need, with ``decision`` (String,
        null where the pair is still to be asked): confirmed pairs first, rejected ones last.

    Raises
    ------
    MatchError
        The tables or the file of decisions are no such.

    Examples
    --------
    >>> import tempfile
    >>> needs = pl.DataFrame({"need_id": ["N1"], "description": ["Gear pump 7.5 kW"]})
    >>> offers = pl.DataFrame({"offer_id": ["A", "B"], "description": ["Gear pump", "Pump"]})
    >>> decisions = Decisions(tempfile.mkdtemp() + "/decisions.sqlite")
    >>> rejected = pl.DataFrame({"need_id": ["N1"], "offer_id": ["A"], "decision": ["rejected"]})
    >>> decisions.add(rejected, needs, offers)
    1
    >>> rank_undecided(needs, offers, decisions, top=1).select("offer_id", "decision").rows()
    [('B', None)]
    """
    rejected = decisions.candidates(needs, offers).filter(decision=REJECTED)
    per_need = rejected.group_by("need_id").len()["len"].to_list()
    ranked = find_candidates(needs, offers, top=top + max(per_need, default=0), model=model)
    return apply_decisions(ranked, needs, offers, decisions).filter(pl.col("rank") <= top)
