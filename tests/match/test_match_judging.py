"""Judging pairs: compiled and plain forms alike, trees as walked by hand, exact only if earned."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match import explain, features, find_candidates, forest, telling
from onshore.match.forest import Forest, Forests, Tree
from onshore.match.judging import pair_kernels

GOODS = [
    "Gate valve DN200 PN16", "Gate valve 8 inch PN40", "شیر کشویی DN۲۰۰", "Задвижка DN150 PN16",
    "Ball bearing 6205-2RS C3", "بلبرینگ ۶۲۰۵ دو طرف لاستیک", "Подшипник 180205 ГОСТ 8882-75",
    "Electric motor 7,5 kW 400 V", "الکتروموتور ۷/۵ کیلووات", "Electric motor 11 kW 380/660 V",
    "Contactor LC1-D09-M7 230 V", "LC1D09M7", "KX-8814", "KX 8814 A", "Filter kx8814ab",
    "Refractory brick 230x114x64", "Refractory brick 230 × 114 × 76 mm", "Hex bolt M16x80 DIN 933",
    "پیچ شش‌گوش M16×80 DIN 933", "Pressure gauge 0-10 bar", "Pressure gauge 0…1 MPa", "", "5 mm",
    "Ball bearing 6206 ZZ", "Hex bolt M16x80 DIN 931", "Pump CK-150 50 m3/h", "Pump CK-200 80 m3/h",
    "Stainless sheet 304L 2 mm", "ورق استیل ۳۱۶ ضخامت ۲", "gearbox coupling шпиндель گیربکس",
]  # fmt: skip


def table(key, size, seed):
    """Draw lines of one or two goods, with part numbers and HS codes here and there."""
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            key: [f"{at:03}" for at in range(size)],
            "description": [
                " ".join(draw.sample(GOODS, draw.choice([1, 1, 2]))) for _ in range(size)
            ],
            "part_number": [draw.choice([None, None, "KX-8814", "6205-2RS"]) for _ in range(size)],
            "hs_code": [draw.choice([None, "848180", "8481.30", "848210"]) for _ in range(size)],
        }
    )


def ranked(monkeypatch, kernels, needs, offers, top):
    for module in (features, forest, telling):
        monkeypatch.setattr(module, "pair_kernels", lambda _: kernels)
    return find_candidates(needs, offers, top=top)


@pytest.mark.parametrize("seed", range(4))
def test_compiled_kernels_change_nothing(monkeypatch, seed):
    pytest.importorskip("numba")
    needs, offers = table("need_id", 40, seed), table("offer_id", 80, seed + 100)
    compiled = pair_kernels(10**9)
    fast = ranked(monkeypatch, compiled, needs, offers, 70)
    assert fast.equals(ranked(monkeypatch, None, needs, offers, 70))
    assert set(fast["class"]) >= {"near", "could make", "none"}


def test_features_are_the_same_to_the_last_bit():
    pytest.importorskip("numba")
    from onshore.match.offered import Offered
    from onshore.match.tables import read_lines, texts_of

    offered = Offered.of(table("offer_id", 90, 7))
    needs = list(read_lines(texts_of(table("need_id", 50, 8), "needs", "need_id")))
    pool = offered.retrieve(needs, 60)
    asked = offered.facts.asked_by(needs)
    assert pair_kernels(10**9) is not None
    fast = features.measure(asked, offered.facts, pool)
    plain = features.measure_plainly(asked, offered.facts, pool)
    differ = [
        name
        for name, same in zip(features.FEATURES, (fast == plain).all(axis=0), strict=True)
        if not same
    ]
    assert not differ
    # Every feature is put to the test by some pair.
    constant = {
        name
        for name, least in zip(features.FEATURES, np.ptp(plain, axis=0), strict=True)
        if not least
    }
    assert constant <= {"agree share", "differ share"}


def test_a_longer_list_has_the_same_head():
    needs, offers = table("need_id", 20, 3), table("offer_id", 90, 4)
    short = find_candidates(needs, offers, top=features.HEAD)
    long = find_candidates(needs, offers, top=90).filter(pl.col("rank") <= features.HEAD)
    assert short.equals(long)


@st.composite
def trees(draw):
    """Grow a tree of at most 16 leaves over three features."""
    tree = Tree([], [], [], [], [])

    def grow(leaves):
        if leaves == 1:
            tree.values.append(draw(st.floats(-1, 1)))
            return ~(len(tree.values) - 1)
        at = len(tree.features)
        tree.features.append(draw(st.integers(0, 2)))
        tree.thresholds.append(float(draw(st.integers(-2, 2))))
        tree.left.append(0)
        tree.right.append(0)
        left = draw(st.integers(1, leaves - 1))
        tree.left[at] = grow(left)
        tree.right[at] = grow(leaves - left)
        return at

    grow(draw(st.integers(1, 16)))
    return tree


def walked(tree, row):
    node = 0 if tree.features else -1
    while node >= 0:
        goes_left = row[tree.features[node]] <= tree.thresholds[node]
        node = (tree.left if goes_left else tree.right)[node]
    return tree.values[~node]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(trees(), min_size=1, max_size=4), min_size=1, max_size=3))
def test_forests_give_what_walking_each_tree_gives(grown):
    rows = np.array([[a, b, c] for a in (-2, -0.5, 2) for b in (-3, 0, 1) for c in (-1, 3)], float)
    forests = Forests([Forest(some) for some in grown])
    truth = [[sum(walked(tree, row) for tree in some) for row in rows] for some in grown]
    plain = forests._sums(rows)
    assert plain == pytest.approx(np.array(truth))
    if pair_kernels(10**9) is not None:
        assert (forests.sums(rows) == plain).all()


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("Ball bearing 6306", "Conveyor roller 133 x 465 mm with bearing 6306"),
        ("بلبرینگ ۶۳۰۶", "رولیک نوار نقاله ۱۳۳ طول ۴۶۵ بلبرینگ ۶۳۰۶"),
        ("Conveyor roller 133 mm, bearing 6306", "Ball bearing 6306"),
        ("Hex bolt ISO 4014 M16x80", "Hex nut ISO 4014 M16x80"),
    ],
)
def test_a_code_of_a_part_or_of_another_good_is_not_the_same_good(need, offer):
    found = one_row(need, offer)
    assert found["class"] != "exact"
    assert "Agrees: " in explain(found["reasons"])


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("Deep groove ball bearing 6306-2RS", "بلبرینگ شیار عمیق ۶۳۰۶ 2RS"),
        ("Hex bolt ISO 4014 M16x80", "پیچ شش‌گوش ISO 4014 M16×80"),
    ],
)
def test_a_code_of_the_good_itself_makes_it_the_same(need, offer):
    assert one_row(need, offer)["class"] == "exact"


def test_headings_of_the_tariff_that_differ_are_not_the_same_good():
    hs = {"need": "831120", "offer": "845490"}
    line = "SAW overlay 414N"
    assert one_row(line, line, None, part="414N")["class"] == "exact"
    assert one_row(line, line, hs, part="414N")["class"] != "exact"


def one_row(need, offer, hs=None, part=None):
    """Give the candidate row of a need for an offer, among offers of other things."""
    hs = hs or {"need": None, "offer": None}
    others = ["Roller chain 16B-1", "Cable 3x2.5 mm2", "Graphite gasket", "Refractory castable"]
    needs = pl.DataFrame(
        {"need_id": ["N"], "description": [need], "part_number": [part], "hs_code": [hs["need"]]}
    )
    offers = pl.DataFrame(
        {
            "offer_id": ["it", *others],
            "description": [offer, *others],
            "part_number": [part] + [None] * 4,
            "hs_code": [hs["offer"]] + [None] * 4,
        },
        schema_overrides={"part_number": pl.String, "hs_code": pl.String},
    )
    found = find_candidates(needs, offers).filter(pl.col("offer_id") == "it")
    return found.row(0, named=True)
