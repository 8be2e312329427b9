"""Why an offer has its place in the ranking of a need, or has none."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from onshore.match.agreement import Class, compare, grade
from onshore.match.errors import MatchError
from onshore.match.features import FIELDS
from onshore.match.model import Model, default_model
from onshore.match.offered import Offered
from onshore.match.ranking import Ranking
from onshore.match.reasons import write_note, write_reasons
from onshore.match.tables import TEXTS, read_lines, texts_of

Ground = Literal[
    "empty need", "nothing in common", "below the least score", "the part number agrees",
    "something stated differs", "not likely enough", "the part number or design agrees",
    "likely the very thing", "likely an equivalent",
]  # fmt: skip


@dataclass(frozen=True)
class Why:
    """What the ranking makes of one need and one offer.

    Parameters
    ----------
    need_id, offer_id
        The pair.
    rank
        Place that the offer has among all offers; None if it shares nothing with the need.
    ranked
        Number of offers that share something with the need.
    score, probability, class_
        As `find_candidates` gives them.
    fields
        The share of the need that the offer meets by ``words``, ``letters`` and ``numbers`` (part
        numbers), and the three together less a fifth for each quantity that differs
        (``share``), each 0 to 1.
    reasons
        As `find_candidates` gives them; `explain` says them in a sentence.
    ground
        What decided the class.
    none_below
        The score below which a candidate is of class *none*.
    first_offer_id, first_score
        The offer of rank 1 and its score.
    """

    need_id: str
    offer_id: str
    rank: int | None
    ranked: int
    score: float
    probability: float
    class_: Class
    fields: dict[str, float]
    reasons: str
    ground: Ground
    none_below: float
    first_offer_id: str
    first_score: float


def why(
    needs: pl.DataFrame,
    offers: pl.DataFrame,
    *,
    need_id: str,
    offer_id: str,
    model: Model | None = None,
) -> Why:
    """Tell what the ranking makes of a need and an offer, also of one that it does not propose.

    Parameters
    ----------
    needs, offers, model
        As `find_candidates` takes them.
    need_id, offer_id
        The pair.

    Raises
    ------
    MatchError
        If there is no such need or offer, or a table cannot be matched.

    Examples
    --------
    >>> needs = pl.DataFrame({"need_id": ["N"], "description": ["gate valve DN200"]})
    >>> offers = pl.DataFrame({
    ...     "offer_id": ["A", "B", "C"],
    ...     "description": ["gate valve DN200", "gate valve DN250", "oil"],
    ... })
    >>> found = why(needs, offers, need_id="N", offer_id="B")
    >>> found.rank, found.first_offer_id
    (2, 'A')
    >>> why(needs, offers, need_id="N", offer_id="C").ground
    'nothing in common'
    """
    model = model or default_model()
    texts = texts_of(needs, "needs", "need_id").filter(pl.col("need_id") == need_id)
    if texts.is_empty():
        raise MatchError(f"needs: no need {need_id!r}. Give an id of the column need_id.")
    offered = Offered.of(offers)
    if offer_id not in offered.ids:
        raise MatchError(f"offers: no offer {offer_id!r}. Give an id of the column offer_id.")
    need = next(read_lines(texts.select("need_id", *TEXTS)))
    at = offered.ids.index(offer_id)
    ranked = Ranking(offered, model).rank([need], len(offered.ids))
    order = ranked.of(0, len(offered.ids))
    places = ranked.pool.offers[order].tolist()
    scores = ranked.judged.score[order].tolist()
    first = (offered.ids[places[0]], scores[0]) if places else (offered.ids[0], 0.0)
    if at not in places:
        ground: Ground = "empty need" if need.is_blank else "nothing in common"
        note = write_note(ground)
        zero = dict.fromkeys(FIELDS, 0.0)
        return Why(
            need_id, offer_id, None, len(order), 0.0, 0.0, "none", zero, note, ground,
            model.none_below, *first,
        )  # fmt: skip
    row = order[places.index(at)]
    score, chance, exact = (float(values[row]) for values in ranked.judged)
    line = offered.lines[at]
    agreement = compare(need, line)
    below = score < model.none_below
    named = grade(agreement, chance, exact, none=below)
    if named == "none":
        ground = "below the least score"
    elif named == "could make":
        ground = "the part number agrees" if below else "not likely enough"
        ground = "something stated differs" if agreement.differ and not below else ground
    elif named == "exact":
        same = agreement.same_good
        ground = "the part number or design agrees" if same else "likely the very thing"
    else:
        ground = "likely an equivalent"
    fields = dict(zip(FIELDS, ranked.features[row, : len(FIELDS)].tolist(), strict=True))
    return Why(
        need_id, offer_id, places.index(at) + 1, len(order), score, chance, named, fields,
        write_reasons(agreement, need, line), ground, model.none_below, *first,
    )  # fmt: skip
