"""Tables of drillholes are read, and what is odd about them is named."""

import math

import polars as pl
import pytest
from drilled import assays, collars, reasons, surveys

from onshore import explore
from onshore.explore import ExploreError, read_drillholes


def test_survey_without_collar_is_named_and_left_out():
    holes = read_drillholes(collars("A"), surveys("B", (10, 0, -60)))
    assert reasons(holes, "surveys") == [(1, "there is no collar of this hole.", True)]
    assert "add its collar" in holes.findings.filter(table="surveys")["next_step"][0]
    assert holes.surveys.is_empty()
    assert holes.warnings == ["rows are left out: 1 of surveys; the findings tell each."]


def test_a_hole_written_twice_is_kept_once_and_a_contradiction_not_at_all():
    told = collars("A", "A", "B", "B", "C", east=[0.0, 0.0, 5.0, 9.0, 50.0])
    holes = read_drillholes(told.with_columns(pl.col("east") + 500_000))
    assert reasons(holes, "drillholes")[:3] == [
        (2, "the hole is written twice.", True),
        (3, "the hole has 2 collars that differ.", True),
        (4, "the hole has 2 collars that differ.", True),
    ]
    assert holes.collars["hole_id"].to_list() == ["A", "C"]


def test_one_hole_under_two_names_is_named_and_kept():
    holes = read_drillholes(collars("A", "A-2", east=[500_000.0, 500_000.0], depth=[40.0, 40.0]))
    assert reasons(holes, "drillholes") == [
        (2, "place, depth and direction are those of hole A.", False)
    ]
    assert holes.collars.height == 2


@pytest.mark.parametrize(
    ("rows", "row", "said"),
    [
        ([(0, 2, 1.0), (1, 3, 2.0)], 2, "overlaps the one before, which ends at 2.0 m"),
        ([(0, 2, 1.0), (2, 2, 2.0)], 2, "does not lead downward"),
        ([(0, 2, 1.0), (99, 101, 2.0)], 2, "below the end of the hole, 100.0 m"),
        ([(0, 2, 1.0), (2, 4, -0.01)], 2, "the value is negative"),
        ([(0, 2, 1.0), (2, 4, 101.0)], 2, "more than the whole"),
    ],
)
def test_intervals_that_cannot_be_are_left_out(rows, row, said):
    holes = read_drillholes(collars("A"), None, assays("A", *rows))
    found = [told for told in reasons(holes, "assays") if told[2]]
    assert [told[0] for told in found] == [row]
    assert said in found[0][1]
    assert holes.assays["value"].to_list() == [1.0]


def test_an_overlap_does_not_take_out_what_comes_after():
    rows = [(0, 2, 1.0), (1, 6, 9.0), (2, 4, 2.0), (4, 6, 3.0)]
    holes = read_drillholes(collars("A"), None, assays("A", *rows))
    assert holes.assays["value"].to_list() == [1.0, 2.0, 3.0]


def test_gaps_are_named_and_two_analytes_do_not_overlap():
    both = pl.concat(
        [
            assays("A", (0, 2, 1.0), (5, 7, 2.0)),
            assays("A", (0, 7, 3.0)).with_columns(analyte=pl.lit("Au"), unit=pl.lit("g/t")),
        ]
    )
    holes = read_drillholes(collars("A"), None, both)
    assert reasons(holes, "assays") == [(2, "there is nothing between 2.0 and 5.0 m.", False)]
    assert holes.assays.height == 3
    assert holes.assays.filter(analyte="Au")["unit"].to_list() == ["grams per tonne"]


def test_what_lies_below_the_limit_counts_as_a_share_of_it():
    told = assays("A", (0, 1, 0.02), (1, 2, 0.5), below_limit=[True, False])
    holes = read_drillholes(collars("A"), None, told)
    assert holes.assays["value"].to_list() == [0.01, 0.5]
    assert "1 of 2 assays lie below the detection limit and count as 0.5 of it" in holes.warnings[0]
    told = read_drillholes(collars("A"), None, told, below_limit=0).assays
    assert told["value"].to_list() == [0.0, 0.5]


def test_one_analyte_in_two_units_is_told_in_the_commoner():
    told = assays("A", (0, 1, 0.5), (1, 2, 7000.0), (2, 3, 0.25), unit=["%", "ppm", "percent"])
    holes = read_drillholes(collars("A"), None, told)
    assert holes.assays["value"].to_list() == pytest.approx([0.5, 0.7, 0.25])
    assert holes.assays["unit"].to_list() == ["percent"] * 3
    assert holes.warnings == ["assays of Cu are in several units; all are told in percent."]


def test_dips_without_a_sign_have_to_be_said():
    told = surveys("A", (0, 90, 60), (50, 90, 62))
    upright = collars("A", dip=[None], azimuth=[None])
    with pytest.raises(ExploreError, match=r"none of the 2 dips is negative.*down positive"):
        read_drillholes(upright, told)
    down = read_drillholes(upright, told, dip="down positive")
    up = read_drillholes(upright, told, dip="down negative")
    ends = [explore.desurvey(holes)["z"][-1] for holes in (down, up)]
    assert ends[0] < 1000 < ends[1]
    assert 1000 - ends[0] == pytest.approx(ends[1] - 1000)


def test_a_dip_of_another_sign_and_a_sharp_bend_are_named():
    told = surveys("A", (0, 90, -60), (30, 90, -60), (60, 90, 60))
    holes = read_drillholes(collars("A"), told)
    assert reasons(holes, "surveys") == [
        (3, "the dip has another sign than the hole's other dips.", False),
        (3, "the hole turns 120.0 degrees within 30.0 m.", False),
    ]


def test_surveys_below_the_end_and_at_one_depth_are_left_out():
    told = surveys("A", (0, 90, -60), (50, 90, -61), (50, 90, -65), (130, 90, -62))
    holes = read_drillholes(collars("A"), told)
    assert [row for row, _, out in reasons(holes, "surveys") if out] == [3, 4]
    assert holes.surveys["dip"].to_list() == [-60.0, -61.0]


def test_a_hole_needs_a_direction_a_place_a_depth_and_an_elevation():
    told = collars(
        *("no direction", "no place", "no depth", "no elevation", "good"),
        dip=[None, -90.0, -90.0, -90.0, -90.0],
        north=[3.3e6, None, 3.3e6, 3.3e6, 3.3e6],
        depth=[60.0, 60.0, 0.0, 60.0, 60.0],
        elevation=[0.0, 0.0, 0.0, None, 0.0],
    )
    holes = read_drillholes(told)
    assert holes.collars["hole_id"].to_list() == ["good"]
    out = holes.findings.filter("left_out")
    assert sorted(out["hole_id"]) == ["no depth", "no direction", "no elevation", "no place"]
    assert read_drillholes(told, elevation=0.0).collars.height == 2
    with pytest.raises(ExploreError, match=r"no hole of the collars can be used.*row 1"):
        read_drillholes(told.head(2))


def test_true_and_magnetic_azimuths_are_turned_to_grid_north():
    # 1.5 degrees east of the zone's meridian; the sphere's convergence is atan(tan d sin lat).
    told = collars("A", lon=[58.5], lat=[30.0]).drop("east", "north", "crs")
    convergence = math.degrees(math.atan(math.tan(math.radians(1.5)) * 0.5))
    rows = surveys("A", (10, 90, -60)).with_columns(north=pl.lit("true"))
    holes = read_drillholes(told, rows)
    assert holes.crs == "EPSG:32640"
    assert holes.surveys["azimuth"][0] == pytest.approx(90 - convergence, abs=0.01)
    magnetic = rows.with_columns(north=pl.lit("magnetic"))
    with pytest.raises(ExploreError, match=r"magnetic north, first in row 1.*declination"):
        read_drillholes(told, magnetic)
    turned = read_drillholes(told, magnetic, declination=3.0).surveys["azimuth"][0]
    assert turned == pytest.approx(93 - convergence, abs=0.01)


def test_holes_of_two_zones_come_into_one_and_degrees_are_refused():
    there = collars("A", "B")
    moved = read_drillholes(there, crs="EPSG:32639").collars
    assert moved["x"].to_list() == pytest.approx([1_080_000, 1_080_000], abs=500)
    again = pl.DataFrame({"east": moved["x"], "north": moved["y"], "crs": ["EPSG:32639"] * 2})
    mixed = pl.concat([there.head(1), there.with_columns(again).tail(1)])
    back = read_drillholes(mixed, crs="EPSG:32640")
    assert back.collars["x"].to_list() == pytest.approx([500_000, 500_050], abs=1e-3)
    assert back.collars["y"].to_list() == pytest.approx([3_300_000, 3_300_000], abs=1e-3)
    with pytest.raises(ExploreError, match="not projected in metres"):
        read_drillholes(there, crs="EPSG:4326")
    with pytest.raises(ExploreError, match="no reference system"):
        read_drillholes(there, crs="EPSG:999999")


def test_a_long_hole_without_surveys_is_named():
    holes = read_drillholes(collars("A", "B", depth=[100.0, 30.0]))
    assert holes.findings.select("hole_id", "reason").rows() == [
        ("A", "the hole has no surveys and is taken as straight.")
    ]
    assert holes.warnings == []


def test_a_hole_far_from_all_others_is_named():
    told = collars("A", "B", "C", north=[3.3e6, 3.3e6, 3.9e6])
    assert reasons(read_drillholes(told), "drillholes") == [
        (3, "the collar lies 600 km from the middle of the others.", False)
    ]


def test_files_are_read_with_their_own_headings(tmp_path):
    collar = tmp_path / "collar.csv"
    collar.write_text(
        "BHID,X,Y,RL,crs,EOH,azimuth,dip\nA,500000,3300000,1000,EPSG:32640,100,0,-90\n"
        "B,500050,3300000,1000,EPSG:32640,deep,0,-90\n",
        "utf-8",
    )
    assay = tmp_path / "assay.csv"
    assay.write_text("گمانه;از;تا;عنصر;مقدار;واحد\nA;۰;۲;Cu;۱٫۵;%\nB;۰;۲;Cu;۱٫۵;%\n", "utf-8")
    holes = read_drillholes(collar, None, assay)
    assert holes.assays.select("hole_id", "from", "to", "value", "unit").rows() == [
        ("A", 0.0, 2.0, 1.5, "percent")
    ]
    first = holes.findings.filter("left_out").row(0, named=True)
    assert (first["table"], first["row"], first["column"], first["found"]) == (
        *("drillholes", 3, "EOH", "deep"),
    )
    assert reasons(holes, "assays") == [(3, "there is no collar of this hole.", True)]


def test_tables_without_their_columns_are_refused():
    with pytest.raises(ExploreError, match="surveys has no azimuth and no dip"):
        read_drillholes(collars("A"), pl.DataFrame({"hole_id": ["A"], "depth": [1.0]}))
    with pytest.raises(ExploreError, match="not of their column's type"):
        read_drillholes(collars("A", depth=["deep"]))
    with pytest.raises(ExploreError, match="share of the detection limit"):
        read_drillholes(collars("A"), below_limit=2)


def test_nothing_that_is_not_a_number_stays():
    rows = assays("A", (0, 2, math.nan), (2, 4, math.inf), (4, 6, 1.0))
    told = read_drillholes(collars("A", "B", depth=[100.0, math.nan]), None, rows)
    assert told.collars["hole_id"].to_list() == ["A"]
    assert told.assays["value"].to_list() == [1.0]


def test_a_row_of_too_few_cells_counts_as_left_out(tmp_path):
    collar, survey = tmp_path / "collar.csv", tmp_path / "survey.csv"
    collar.write_text("hole_id,east,north,elevation,crs,depth\nA,0,0,0,EPSG:32640,100\n", "utf-8")
    survey.write_text("hole_id,depth,azimuth,dip\nA,0,0,-90\nA,50,0\n", "utf-8")
    found = read_drillholes(collar, survey)
    told = found.findings.filter(table="surveys").row(0, named=True)
    assert (told["row"], told["left_out"]) == (3, True)
    assert "too few cells" in told["reason"]
    assert found.surveys.height == 1
