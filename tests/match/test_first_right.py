"""Whether learning orders better: told on needs that were not learned from."""

import polars as pl
import pytest

from onshore.match import default_model, find_candidates, first_right, reviewed

GOODS = ("slurry pump", "gate valve", "ball bearing", "hydraulic cylinder", "conveyor idler")


def judged(confirm):
    """Forty needs of two reviewed offers each; ``confirm`` says whether the like one is right."""
    lines = [f"{GOODS[n % 5]} DN{15 + 5 * n}" for n in range(40)]
    needs = pl.DataFrame({"need_id": [f"R{n}" for n in range(40)], "description": lines})
    offers = pl.DataFrame(
        {
            "offer_id": [f"{kind}{n}" for n in range(40) for kind in ("like", "other")],
            "description": [
                text
                for n, line in enumerate(lines)
                for text in (line, f"{GOODS[n % 5]} DN{900 + n}")
            ],
        }
    )
    decisions = ("confirmed", "rejected") if confirm else ("rejected", "confirmed")
    candidates = pl.DataFrame(
        {
            "need_id": [f"R{n}" for n in range(40) for _ in range(2)],
            "offer_id": offers["offer_id"],
            "decision": [*decisions] * 40,
        }
    )
    return needs, offers, candidates


@pytest.mark.parametrize("confirm", [True, False])
def test_before_is_what_the_ranking_itself_puts_first(confirm):
    needs, offers, candidates = judged(confirm)
    found = first_right([reviewed(needs, offers, candidates)], default_model())
    ranked = find_candidates(needs, offers, top=80).join(candidates, on=["need_id", "offer_id"])
    both = pl.col("decision").n_unique().over("need_id") == 2
    first = ranked.filter(both).sort("rank").unique("need_id", keep="first", maintain_order=True)
    assert found.needs == first.height
    assert found.before == pytest.approx((first["decision"] == "confirmed").mean())


def test_decisions_against_the_ranking_are_learned():
    found = first_right([reviewed(*judged(False))], default_model())
    assert found.needs > 30
    assert found.after > found.before


def test_without_both_kinds_there_is_nothing_to_compare():
    needs, offers, candidates = judged(True)
    # Each need has only a confirmed, or only a rejected offer: the halves never meet.
    kind = pl.col("offer_id").str.starts_with("like") == (pl.int_range(pl.len()) // 2 % 2 == 0)
    found = first_right([reviewed(needs, offers, candidates.filter(kind))], default_model())
    assert found.needs == 0
    assert found.before != found.before  # not a number
