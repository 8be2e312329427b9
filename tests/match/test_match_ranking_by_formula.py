"""The ranking against BM25 written plainly from the book, on words that mean only themselves."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match import find_candidates

# No stop words, no endings, no terms of the glossary, no digits.
WORDS = ["kazo", "bilmo", "teru", "nafto", "gozu", "limbo", "parok", "zanto"]
K1, B = 0.9, 0.4

lines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


def grams(text):
    text = f" {text} "
    return [text[i : i + n] for n in (3, 4) for i in range(len(text) - n + 1)]


def bm25(query, document, documents):
    """Robertson & Zaragoza (2009), eq. 3.15, with ln(1 + RSJ odds): lists of terms."""
    mean_length = sum(map(len, documents)) / len(documents)
    score = 0.0
    for term in query:
        holding = sum(term in other for other in documents)
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        tf = document.count(term)
        score += idf * tf / (K1 * (1 - B + B * len(document) / mean_length) + tf)
    return score


def share(query, document, documents):
    return min(1.0, bm25(query, document, documents) / bm25(query, query, documents))


def slow_scores(need, offers):
    words = [offer.split() for offer in offers]
    letters = [grams(offer) for offer in offers]
    return [
        (share(need.split(), w, words) + share(grams(need), g, letters)) / 2
        for w, g in zip(words, letters, strict=True)
    ]


@settings(deadline=None)
@given(need=lines, offers=st.lists(lines, min_size=1, max_size=6))
def test_scores_are_those_of_the_formula(need, offers):
    found = find_candidates(
        pl.DataFrame({"need_id": ["N"], "description": [need]}),
        pl.DataFrame({"offer_id": [f"O{i}" for i in range(len(offers))], "description": offers}),
        top=len(offers),
    )
    slow = {f"O{i}": score for i, score in enumerate(slow_scores(need, offers))}
    got = dict(found.select("offer_id", "score").iter_rows())

    assert got == pytest.approx({o: slow[o] for o in got}, abs=2e-6)
    assert all(slow[offer] < 1e-6 for offer in slow.keys() - got.keys())
    order = sorted(got, key=lambda offer: (-got[offer], offer))
    assert found["offer_id"].to_list() == order


def test_a_need_offered_word_for_word_meets_its_whole_score():
    offers = pl.DataFrame({"offer_id": ["A", "B"], "description": ["kazo bilmo", "bilmo teru"]})
    needs = pl.DataFrame({"need_id": ["N"], "description": ["kazo bilmo"]})

    assert find_candidates(needs, offers, top=1).row(0)[2:4] == ("A", 1.0)


def test_a_word_that_no_offer_has_lowers_the_score():
    offers = pl.DataFrame({"offer_id": ["A", "B"], "description": ["kazo bilmo", "bilmo teru"]})
    needs = pl.DataFrame(
        {"need_id": ["known", "partly"], "description": ["kazo bilmo", "kazo bilmo wexur"]}
    )
    scores = dict(find_candidates(needs, offers, top=1).select("need_id", "score").iter_rows())

    assert scores["partly"] < scores["known"]


def test_repeated_words_count_as_often_as_they_stand():
    offers = ["kazo kazo bilmo", "kazo bilmo", "teru"]
    slow = slow_scores("kazo kazo", offers)
    found = find_candidates(
        pl.DataFrame({"need_id": ["N"], "description": ["kazo kazo"]}),
        pl.DataFrame({"offer_id": ["0", "1", "2"], "description": offers}),
    )
    for _, _, offer, score, *_ in found.iter_rows():
        assert score == pytest.approx(slow[int(offer)], abs=2e-6)
