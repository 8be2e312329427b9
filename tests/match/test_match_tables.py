"""Tables in, tables out: columns, order, refusals, awkward text."""

import random
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from onshore.match import MatchError, find_candidates

NEEDS = pl.DataFrame(
    {
        "need_id": ["N2", "N1", "N3"],
        "description": ["پمپ سانتریفیوژ ۷/۵ کیلووات", "gate valve DN100", None],
        "part_number": [None, None, "KX-8814"],
        "quantity": [1, 2, 3],
    }
)
OFFERS = pl.DataFrame(
    {
        "offer_id": ["O3", "O1", "O2", "O4"],
        "maker": ["m", "m", "n", "n"],
        "description": [
            "gate valve DN100",
            "gate valve DN100",
            "centrifugal pump 7.5 kW",
            "contactor KX 8814",
        ],
    }
)
SCHEMA = {
    "need_id": pl.String,
    "rank": pl.Int64,
    "offer_id": pl.String,
    "score": pl.Float64,
    "probability": pl.Float64,
    "class": pl.String,
    "reasons": pl.String,
}


def test_every_need_is_answered_in_the_order_of_the_needs():
    found = find_candidates(NEEDS, OFFERS, top=2)

    assert dict(found.schema) == SCHEMA
    assert found["need_id"].unique(maintain_order=True).to_list() == ["N2", "N1", "N3"]
    best = found.filter(pl.col("rank") == 1)["offer_id"].to_list()
    assert best == ["O2", "O1", "O4"]
    assert found.group_by("need_id").len()["len"].max() == 2


def test_equal_scores_are_ranked_by_offer_id():
    found = find_candidates(NEEDS.filter(pl.col("need_id") == "N1"), OFFERS, top=2)
    assert found["offer_id"].to_list() == ["O1", "O3"]
    assert found["score"].n_unique() == 1


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_order_of_rows_and_the_other_needs_have_no_influence(chance: random.Random, top: int):
    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        return frame[chance.sample(range(frame.height), frame.height)]

    whole = find_candidates(NEEDS, OFFERS, top=top).sort("need_id", "rank")
    assert_frame_equal(
        find_candidates(shuffled(NEEDS), shuffled(OFFERS), top=top).sort("need_id", "rank"), whole
    )
    one = chance.choice(NEEDS["need_id"].to_list())
    assert_frame_equal(
        find_candidates(NEEDS.filter(pl.col("need_id") == one), OFFERS, top=top),
        whole.filter(pl.col("need_id") == one),
    )


def test_a_shorter_list_is_the_head_of_a_longer_one():
    longer = find_candidates(NEEDS, OFFERS, top=4)
    assert_frame_equal(find_candidates(NEEDS, OFFERS, top=2), longer.filter(pl.col("rank") <= 2))


def test_scores_fall_and_stay_between_0_and_1():
    found = find_candidates(NEEDS, OFFERS)
    assert found["score"].is_between(0, 1).all()
    falls = found.with_columns(step=pl.col("score").diff().over("need_id"))["step"]
    assert (falls.fill_null(0.0) <= 0).all()


def test_without_offers_or_needs_there_are_no_rows():
    assert dict(find_candidates(NEEDS, OFFERS.clear()).schema) == SCHEMA
    assert find_candidates(NEEDS, OFFERS.clear()).is_empty()
    assert find_candidates(NEEDS.clear(), OFFERS).is_empty()


def test_offers_that_say_nothing_are_never_found():
    offers = pl.DataFrame(
        {"offer_id": ["A", "B"], "description": [None, "pump"]},
        schema_overrides={"description": pl.String},
    )
    needs = pl.DataFrame({"need_id": ["N"], "description": ["pump"]})
    assert find_candidates(needs, offers)["offer_id"].to_list() == ["B"]


def test_numbers_are_taken_as_ids_and_part_numbers():
    needs = pl.DataFrame({"need_id": [7], "description": [None], "part_number": [881422]})
    offers = pl.DataFrame({"offer_id": [1], "description": ["seal"], "part_number": ["8814-22"]})
    assert find_candidates(needs, offers).row(0)[:6] == ("7", 1, "1", 1.0, 1.0, "exact")


@pytest.mark.parametrize(
    ("needs", "offers", "top", "said"),
    [
        (NEEDS.drop("description"), OFFERS, 1, "needs: no column description. Found: need_id"),
        (NEEDS, OFFERS.drop("offer_id"), 1, "offers: no column offer_id"),
        (pl.DataFrame(), OFFERS, 1, "no column need_id or description"),
        (pl.concat([NEEDS, NEEDS]), OFFERS, 1, "need_id occurs more than once: N2, N1, N3"),
        (NEEDS, pl.concat([OFFERS, OFFERS[:1]]), 1, "offer_id occurs more than once: O3"),
        (NEEDS.with_columns(need_id=None), OFFERS, 1, "need_id is empty in data row 1, 2, 3"),
        (NEEDS, OFFERS.with_columns(offer_id=pl.lit(" ")), 1, "offer_id is empty in data row 1"),
        (NEEDS, OFFERS, 0, "top is 0"),
        (
            NEEDS.with_columns(description=pl.struct("need_id")),
            OFFERS,
            1,
            "description holds Struct",
        ),
    ],
)
def test_tables_that_cannot_be_matched_are_refused_with_the_reason(needs, offers, top, said):
    with pytest.raises(MatchError, match=re.escape(said)):
        find_candidates(needs, offers, top=top)


AWKWARD = {
    "100 kB of words": "centrifugal pump spare part " * 3600,
    "100 kB of numbers": "1.5 kW 200 mm 3-4 bar " * 4600,
    "100 kB of codes": " ".join(f"KX-{i}/B" for i in range(10_000)),
    "100 kB without a blank": "a" * 100_000,
    "100 kB of digits": "7" * 100_000,
    "100 kB of points": "1." * 50_000,
    "100 kB of hyphens": "iso-" + "-" * 100_000,
    "100 kB of standards": "iso din " * 12_500,
    "control characters": "gate\x00valve\x07 DN\x1b100",
    "direction marks": "\u202bgate valve\u202c \u200fDN100\u200e",
    "only digits": "12345678",
    "only punctuation": "-- // ,,, ؟",
    "mixed scripts": "گیت gate задвижка DN١٠٠ ＤＮ100",
    "emoji": "🔧🔩 gate valve",
    "lone surrogate is no text": "gate \ufffd valve",
}


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_text_is_ranked_as_need_and_as_offer(text):
    needs = pl.DataFrame({"need_id": ["odd", "plain"], "description": [text, "gate valve DN100"]})
    offers = pl.DataFrame({"offer_id": ["odd", "plain"], "description": [text, "gate valve DN100"]})
    found = find_candidates(needs, offers)

    assert found["need_id"].unique().sort().to_list() == ["odd", "plain"]
    assert found["score"].is_between(0, 1).all()
    assert found["reasons"].str.len_bytes().max() < 5_000
    plain = found.filter(pl.col("need_id") == "plain", pl.col("rank") == 1)
    assert plain["score"][0] > 0.5


def test_marks_and_control_characters_do_not_hide_the_words():
    needs = pl.DataFrame(
        {
            "need_id": ["A", "B"],
            "description": [AWKWARD["control characters"], AWKWARD["direction marks"]],
        }
    )
    offers = pl.DataFrame({"offer_id": ["O", "P"], "description": ["gate valve DN100", "oil seal"]})
    best = find_candidates(needs, offers, top=1)
    plain = needs.with_columns(description=pl.lit("gate valve DN100"))
    assert_frame_equal(best, find_candidates(plain, offers, top=1))
