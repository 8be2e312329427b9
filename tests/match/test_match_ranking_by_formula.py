"""The first stage against BM25 written plainly from the book, on words without synonyms."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match.index import Index
from onshore.match.lines import read_line

# No stop words, no endings, no terms of the glossary, no digits.
WORDS = ["kazo", "bilo", "teru", "nafo", "gozu", "limo", "paro", "zano"]
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


def best(need, offers):
    """Give the ids and scores that the index finds, the best first."""
    ids = [f"O{i}" for i in range(len(offers))]
    index = Index.of(pl.DataFrame({"offer_id": ids, "description": offers}))
    found = index.retrieve([read_line(need)], len(offers))
    some = found.positions[0] >= 0
    positions, scores = found.positions[0][some].tolist(), found.score[0][some].tolist()
    return {index.ids[at]: score for at, score in zip(positions, scores, strict=True)}


@settings(deadline=None)
@given(need=lines, offers=st.lists(lines, min_size=1, max_size=6))
def test_scores_are_those_of_the_formula(need, offers):
    slow = {f"O{i}": score for i, score in enumerate(slow_scores(need, offers))}
    got = best(need, offers)

    assert got == pytest.approx({o: slow[o] for o in got}, abs=1e-5)
    assert all(slow[offer] < 1e-6 for offer in slow.keys() - got.keys())
    assert list(got) == sorted(got, key=lambda offer: (-got[offer], offer))


def test_a_need_offered_word_for_word_meets_its_whole_score():
    assert best("kazo bilo", ["kazo bilo", "bilo teru"])["O0"] == pytest.approx(1.0)


def test_a_word_that_no_offer_has_lowers_the_score():
    offers = ["kazo bilo", "bilo teru"]
    assert best("kazo bilo wexu", offers)["O0"] < best("kazo bilo", offers)["O0"]


def test_repeated_words_count_as_often_as_they_stand():
    offers = ["kazo kazo bilo", "kazo bilo", "teru"]
    slow = slow_scores("kazo kazo", offers)
    for offer, score in best("kazo kazo", offers).items():
        assert score == pytest.approx(slow[int(offer[1:])], abs=1e-5)
