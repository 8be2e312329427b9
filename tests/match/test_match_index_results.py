"""What an index retrieves: by the formula, after any changes, in any number of shards."""

import math
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match import MatchError
from onshore.match.compiled import kernels
from onshore.match.index import Index
from onshore.match.lines import read_line
from onshore.match.shards import Shards

K1, B = 0.9, 0.4
FOUND = ("score", "words", "letters", "numbers", "bridge", "codes")

WORDS = ["kazo", "bilmo", "teru", "nafto", "gozu", "limbo", "parok", "zanto"]
GOODS = [
    "gate valve", "ball valve", "شیر کشویی", "задвижка", "pump", "پمپ", "насос", "bearing 6205",
    "DN200", "DN250", "PN16", "KX-8814", "KX 8814", "kx8814b", "LC1-D09", "steel", "فولادی",
    "7.5 kW",
]  # fmt: skip
lines = st.lists(st.sampled_from(GOODS), max_size=5).map(" ".join)


def table(offers):
    return pl.DataFrame(
        {"offer_id": list(offers), "description": list(offers.values())},
        schema={"offer_id": pl.String, "description": pl.String},
    )


def found(index, needs, k):
    """Give ids and scores of each need's candidates."""
    got = index.retrieve([read_line(need) for need in needs], k)
    ids = [[index.ids[at] if at >= 0 else None for at in row] for row in got.positions.tolist()]
    return ids, {name: getattr(got, name).tolist() for name in FOUND}


def grams(text):
    text = f" {text} "
    return [text[i : i + n] for n in (3, 4) for i in range(len(text) - n + 1)]


def share(query, document, documents, terms=None):
    """Robertson & Zaragoza (2009), eq. 3.15, as a share of the query's own score."""
    terms = query if terms is None else terms
    mean_length = sum(map(len, documents)) / len(documents)

    def score(document):
        total = 0.0
        for term in terms:
            holding = sum(term in other for other in documents)
            idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
            tf = document.count(term)
            total += idf * tf / (K1 * (1 - B + B * len(document) / mean_length) + tf)
        return total

    return min(1.0, score(document) / score(query))


@settings(deadline=None, max_examples=60)
@given(
    need=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    offers=st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=1, max_size=6
    ),
)
def test_shares_are_those_of_the_formula(need, offers):
    index = Index.of(table({str(at): " ".join(offer) for at, offer in enumerate(offers)}))
    (ids,), scores = found(index, [" ".join(need)], len(offers))
    asked, offered = read_line(" ".join(need)), [read_line(" ".join(offer)) for offer in offers]
    said, spelled = [line.words for line in offered], [grams(line.spelled) for line in offered]
    for place, offer_id in enumerate(ids):
        if offer_id is not None:
            at = int(offer_id)
            words = share(asked.words, said[at], said)
            letters = share(grams(asked.spelled), spelled[at], spelled)
            assert scores["words"][0][place] == pytest.approx(words, abs=2e-6)
            assert scores["letters"][0][place] == pytest.approx(letters, abs=2e-6)
            assert scores["score"][0][place] == pytest.approx((words + letters) / 2, abs=2e-6)
    got = zip(scores["score"][0], ids, strict=True)
    ranked = [(-score, offer_id) for score, offer_id in got if offer_id is not None]
    assert ranked == sorted(ranked)


def test_letters_that_many_offers_have_do_not_count():
    offers = [f"{draw} {word}" for word in WORDS for draw in drawn(6, 60)]
    asked = grams(read_line("kazo limbo").spelled)
    spelled = [grams(read_line(offer).spelled) for offer in offers]
    kept = [gram for gram in asked if sum(gram in other for other in spelled) <= 64]
    assert 0 < len(kept) < len(asked)  # of 480 offers more than a sixteenth are 64
    index = Index.of(table({f"{at:03}": offer for at, offer in enumerate(offers)}))
    (ids,), scores = found(index, ["kazo limbo"], 10)
    for place, offer_id in enumerate(ids):
        letters = share(asked, spelled[int(offer_id)], spelled, kept)
        assert scores["letters"][0][place] == pytest.approx(letters, abs=2e-6)


change = st.one_of(
    st.tuples(st.just("put"), st.dictionaries(st.sampled_from("abcdefgh"), lines, max_size=4)),
    st.tuples(st.just("remove"), st.sets(st.sampled_from("abcdefgh"), max_size=3)),
    st.tuples(st.just("merge"), st.none()),
)


@settings(deadline=None, max_examples=60)
@given(
    start=st.dictionaries(st.sampled_from("abcdefgh"), lines, max_size=8),
    changes=st.lists(change, max_size=6),
    needs=st.lists(lines, min_size=1, max_size=3),
)
def test_an_index_that_was_changed_answers_as_one_built_anew(start, changes, needs):
    index, offers = Index.of(table(start)), dict(start)
    for what, given_ in changes:
        if what == "put":
            index.add(table({key: line for key, line in given_.items() if key not in offers}))
            index.change(table({key: line for key, line in given_.items() if key in offers}))
            offers |= given_
        elif what == "remove":
            gone = sorted(given_ & offers.keys())
            index.remove(gone)
            offers = {key: line for key, line in offers.items() if key not in gone}
        else:
            index.merge()
        assert len(index) == len(offers)
        assert found(index, needs, 4) == found(Index.of(table(offers)), needs, 4)


def drawn(seed, size, words=4):
    """Draw lines of which many share words, letters, numbers and repeat some."""
    draw = random.Random(seed)
    made = [
        f"{draw.choice('kmprt')}{draw.choice('aeiou')}{draw.choice('lnsz')}o" for _ in range(60)
    ]
    return [
        " ".join(
            draw.choices(GOODS + made + ["valve valve", "steel"], k=draw.randint(1, 2 * words))
        )
        for _ in range(size)
    ]


@pytest.fixture(scope="module")
def offers():
    ids = [f"{number:04}" for number in range(3000)]
    random.Random(3).shuffle(ids)
    return table(dict(zip(ids, drawn(1, 3000), strict=True)))


NEEDS = [*drawn(2, 60), "", "KX-8814", "6205", "x" * 3000, "valve " * 500, "???", "ـ\u200f\u0000"]


@pytest.mark.parametrize("k", [1, 10, 100, 5000])
def test_compiled_kernels_give_what_the_plain_ones_give(offers, k, monkeypatch):
    pytest.importorskip("numba")
    assert kernels(10**9) is not None  # loaded, and from now on used for little work too
    index = Index.of(offers)
    index.remove(offers["offer_id"].head(100).to_list())
    fast = found(index, NEEDS, k)
    for module in ("sweeps", "keys"):
        monkeypatch.setattr(f"onshore.match.{module}.kernels", lambda work: None)
    assert found(index, NEEDS, k) == fast


def test_the_best_are_the_best_of_all(offers):
    """The floor below which no offer is looked at costs no candidate."""
    index = Index.of(offers)
    everything, scores = found(index, NEEDS, offers.height)
    for k in (1, 20, 100):
        ids, best = found(index, NEEDS, k)
        assert ids == [row[:k] for row in everything]
        assert best == {name: [row[:k] for row in rows] for name, rows in scores.items()}


def test_the_order_of_the_offers_does_not_matter(offers):
    shuffled = offers.sample(fraction=1.0, shuffle=True, seed=5)
    assert found(Index.of(shuffled), NEEDS, 20) == found(Index.of(offers), NEEDS, 20)


def test_needs_are_answered_alike_alone_and_together(offers):
    index = Index.of(offers)
    together = found(index, NEEDS, 5)
    for at, need in enumerate(NEEDS):
        (ids,), scores = found(index, [need], 5)
        assert ids == together[0][at]
        assert scores == {name: [rows[at]] for name, rows in together[1].items()}


@pytest.mark.parametrize(("shards", "processes"), [(1, 0), (2, 0), (3, 2), (7, 0)])
def test_shards_answer_as_one_index(offers, shards, processes, tmp_path):
    Shards.build(offers, tmp_path, shards=shards)
    with Shards(tmp_path, processes=processes) as parts:
        assert len(parts) == offers.height
        assert found(parts, NEEDS, 20) == found(Index.of(offers), NEEDS, 20)


def test_many_small_additions_leave_few_segments():
    index = Index.of(table({}))
    for at, line in enumerate(drawn(4, 300)):
        index.add(table({f"{at}": line}))
        assert len(index.snapshot.parts) <= 8
    assert len(index) == 300


def test_an_addition_is_searchable_at_once_and_a_removal_gone():
    index = Index.of(table({"A": "gate valve DN200"}))
    index.add(table({"B": "ball valve DN200"}))
    assert found(index, ["ball valve"], 1)[0] == [["B"]]
    index.change(table({"B": "pump"}))
    assert found(index, ["ball valve"], 1)[0] == [["A"]]
    index.remove(["A", "B"])
    assert found(index, ["ball valve"], 2)[0] == [[None, None]]


def test_words_written_in_another_script_are_the_bridge():
    index = Index.of(table({"A": "gate valve", "B": "شیر کشویی", "C": "задвижка"}))
    (ids,), scores = found(index, ["شیر کشویی"], 3)
    bridge = dict(zip(ids, scores["bridge"][0], strict=True))
    words = dict(zip(ids, scores["words"][0], strict=True))
    assert bridge["A"] == words["A"] > 0
    assert bridge["B"] == 0


def test_hs_codes_agree_two_digits_at_a_time():
    codes = {"A": "848180", "B": "8481.30", "C": "730799", "D": None, "E": "84818030"}
    offers = table(dict.fromkeys(codes, "gate valve")).with_columns(
        hs_code=pl.Series(list(codes.values()))
    )
    got = Index.of(offers).retrieve([read_line("gate valve", hs_code="848180")], 5)
    shares = dict(zip("ABCDE", got.codes[0][np.argsort(got.positions[0])].tolist(), strict=True))
    expected = {"A": 1, "B": 4 / 6, "C": 0, "D": -1, "E": 1}
    assert shares == pytest.approx(expected)


def test_an_offer_at_a_position_can_be_read_again(offers):
    index = Index.of(offers)
    assert index.line(1234) == read_line(offers["description"][1234])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda index: index.add(table({"A": "x"})), "in the index already: A"),
        (lambda index: index.change(table({"B": "x"})), "not in the index: B"),
        (lambda index: index.remove(["A", "B"]), "not in the index: B"),
        (lambda index: index.retrieve([read_line("x")], 0), "k is 0"),
        (lambda index: index.add(pl.DataFrame({"offer_id": ["B"]})), "no column description"),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(change, said):
    index = Index.of(table({"A": "gate valve"}))
    before = found(index, ["gate valve"], 1)
    with pytest.raises(MatchError, match=said):
        change(index)
    assert found(index, ["gate valve"], 1) == before
