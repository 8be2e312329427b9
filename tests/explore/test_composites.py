"""Composites hold what the assays hold."""

import polars as pl
import pytest
from drilled import assays, collars
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.explore import ExploreError, composite, read_drillholes, rock_shares

INTERVAL = st.tuples(
    st.floats(0, 2).map(lambda gap: 0.0 if gap < 1.2 else round(gap, 2)),
    st.floats(0.1, 4).map(lambda length: round(length, 2)),
    st.floats(0, 30),
)


def content(frame, length):
    return (frame["value"] * length).sum()


@given(
    st.lists(INTERVAL, min_size=1, max_size=12),
    st.floats(0.5, 6),
    st.sampled_from(["merge", "keep", "even"]),
)
@settings(max_examples=30, deadline=None)
def test_length_times_grade_is_kept(intervals, length, tail):
    rows, depth = [], 0.0
    for gap, course, value in intervals:
        rows.append((depth + gap, depth + gap + course, value))
        depth = rows[-1][1]
    holes = read_drillholes(collars("A"), None, assays("A", *rows))
    made = composite(holes, length=length, tail=tail)
    given_length = holes.assays["to"] - holes.assays["from"]
    assert made["sampled"].sum() == pytest.approx(given_length.sum())
    assert content(made, made["sampled"]) == pytest.approx(content(holes.assays, given_length))
    assert (made["value"] <= holes.assays["value"].max() + 1e-9).all()
    assert (made["value"] >= holes.assays["value"].min() - 1e-9).all()
    assert (made["from"][1:] >= made["to"][:-1] - 1e-9).all()
    if tail == "keep":
        assert (made["sampled"] <= length + 1e-6).all()
    if tail == "merge":
        assert (made["sampled"] < 1.5 * length + 1e-6).all()


def test_means_are_weighted_by_length():
    holes = read_drillholes(collars("A"), None, assays("A", (0, 1, 3.0), (1, 4, 1.0), (4, 5, 6.0)))
    made = composite(holes, length=2.0, tail="keep")
    assert made.select("from", "to", "value").rows() == [
        (0.0, 2.0, 2.0),
        (2.0, 4.0, 1.0),
        (4.0, 5.0, 6.0),
    ]
    assert made["z"].to_list() == pytest.approx([999, 997, 995.5])
    merged = composite(holes, length=2.4)
    assert merged["to"].to_list() == [2.4, 5.0]
    assert composite(holes, length=2.0, tail="even")["sampled"].to_list() == [2.5, 2.5]


def logs():
    return pl.DataFrame(
        {
            "hole_id": ["A"] * 3,
            "from": [0.0, 1.5, 4.0],
            "to": [1.5, 4.0, 6.0],
            "rock": ["oxide", "skarn", "skarn"],
            "density": [2.0, 3.0, 4.0],
        }
    )


def test_by_rock_no_composite_holds_two_rocks():
    holes = read_drillholes(collars("A"), None, assays("A", (0, 3, 1.0), (3, 6, 2.0)), logs())
    made = composite(holes, length=2.0, by_rock=True, tail="keep")
    assert made.select("from", "to", "rock").rows() == [
        (0.0, 1.5, "oxide"),
        (1.5, 3.5, "skarn"),
        (3.5, 5.5, "skarn"),
        (5.5, 6.0, "skarn"),
    ]
    assert content(made, made["sampled"]) == pytest.approx(9.0)


def test_by_mass_metal_is_kept():
    holes = read_drillholes(collars("A"), None, assays("A", (0, 3, 1.0), (3, 6, 2.0)), logs())
    made = composite(holes, length=2.5, by_mass=True)
    metal = 1.5 * 2 * 1 + 1.5 * 3 * 1 + 1.0 * 3 * 2 + 2.0 * 4 * 2
    assert (made["value"] * made["sampled"] * made["density"]).sum() == pytest.approx(metal)
    mass = 1.5 * 2 + 2.5 * 3 + 2 * 4
    assert (made["sampled"] * made["density"]).sum() == pytest.approx(mass)
    without = read_drillholes(collars("A"), None, assays("A", (0, 7, 1.0)), logs())
    with pytest.raises(ExploreError, match=r"hole A has assays but no density at 6\.5 m"):
        composite(without, by_mass=True)


def test_what_cannot_be_composited_is_told():
    holes = read_drillholes(collars("A"), None, assays("A", (0, 3, 1.0)))
    with pytest.raises(ExploreError, match="no assays of Au; analysed are Cu"):
        composite(holes, analytes=["Au"])
    with pytest.raises(ExploreError, match="positive"):
        composite(holes, length=0)
    with pytest.raises(ExploreError, match="no assays"):
        composite(read_drillholes(collars("A")))


def test_shares_of_a_rock_are_lengths_logged_as_it():
    holes = read_drillholes(collars("A"), lithology=logs())
    made = rock_shares(holes, ["skarn"], length=2.0, tail="keep")
    assert made["value"].to_list() == pytest.approx([0.25, 1.0, 1.0])
    assert made["unit"].unique().to_list() == ["share"]
    assert rock_shares(holes, ["skarn", "oxide"])["value"].to_list() == pytest.approx([1, 1, 1])
    with pytest.raises(ExploreError, match="do not name marble; they name oxide, skarn"):
        rock_shares(holes, ["marble"])
