"""Maps of plants and fans draw the values they are given."""

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.report.charts import WIDTH
from onshore.report.fan import Aim, Range, fan
from onshore.report.map import Province
from onshore.report.plant_map import MapKey, Site, plant_map

SVG = "{http://www.w3.org/2000/svg}"
KEY = MapKey(now="In service")
ISFAHAN = Province("IR-10", "Isfahan", ([(49.0, 31.0), (55.0, 31.0), (55.0, 35.0), (49.0, 35.0)],))


def circles(svg, paint):
    root = ElementTree.fromstring(svg)
    found = [one for one in root.iter(SVG + "circle") if f"p-{paint}" == one.get("class")]
    return [tuple(float(one.get(name)) for name in ("cx", "cy", "r")) for one in found]


def texts(svg):
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(SVG + "text")]


def test_areas_go_with_capacity_and_what_is_coming_lies_around_what_is_there():
    sites = [Site(50.0, 32.0, 4.0), Site(53.0, 34.0, 1.0, 8.0)]
    svg = plant_map("m", sites, words=MapKey("now", "coming"), alt="map")
    there, coming = circles(svg, "dot"), circles(svg, "waiting")
    # The keys under the map are circles too.
    assert len(there) == 3
    assert len(coming) == 2
    (x, y, whole), *_ = coming
    inner = next(one for one in there if (one[0], one[1]) == (x, y))
    assert (inner[2] / whole) ** 2 == pytest.approx(1 / 9, rel=1e-2)
    other = next(one for one in there[:2] if one is not inner)
    assert (other[2] / whole) ** 2 == pytest.approx(4 / 9, rel=1e-2)


def test_north_is_up_and_east_is_right_in_both_languages():
    sites = [Site(45.0, 38.0, 1.0), Site(60.0, 26.0, 1.0)]
    left = plant_map("m", sites, words=KEY, alt="map")
    right = plant_map("m", sites, words=KEY, alt="map", rtl=True)
    (west, north, _), (east, south, _), *_ = circles(left, "dot")
    assert west < east
    assert north < south
    assert circles(right, "dot")[:2] == circles(left, "dot")[:2]


def test_outlines_take_the_place_of_the_graticule():
    sites = [Site(51.7, 32.6, 1.0, label="Works"), Site(52.0, 33.0, 1.0)]
    with_outline = plant_map("m", sites, words=KEY, alt="map", outlines=[ISFAHAN])
    without = plant_map("m", sites, words=KEY, alt="map")
    assert with_outline.count('class="p-land"') == 1
    assert "p-grid" not in with_outline
    assert "p-grid" in without
    assert any("°" in text for text in texts(without))
    assert "Works" in texts(with_outline)


def test_a_plant_alone_in_the_world_is_still_drawn():
    svg = plant_map("m", [Site(151.2, -33.9, 3.0, label="Sydney")], words=KEY, alt="map")
    (x, y, _), *_ = circles(svg, "dot")
    assert 0 < x < WIDTH
    assert y > 0
    assert "Sydney" in texts(svg)


def test_a_name_is_left_out_where_it_would_lie_on_another():
    sites = [Site(50.0, 32.0, 5.0, label=f"A long name of a works {n}") for n in range(9)]
    svg = plant_map("m", [*sites, Site(60.0, 36.0, 1.0)], words=KEY, alt="map")
    written = [text for text in texts(svg) if text.startswith("A long name")]
    assert 1 <= len(written) < 9


@given(
    st.lists(
        st.builds(
            Site,
            st.floats(-179, 179),
            st.floats(-80, 80),
            st.floats(0.1, 1e5),
            st.floats(0, 1e5),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_any_plants_stand_within_the_picture(sites):
    svg = plant_map("m", sites, words=KEY, alt="map")
    root = ElementTree.fromstring(svg)
    _, _, width, height = (float(one) for one in root.get("viewBox").split())
    for x, y, radius in circles(svg, "dot"):
        assert -0.5 <= x <= width + 0.5
        assert -0.5 <= y <= height + 0.5
        assert math.isfinite(radius)


def plain(value, decimals):
    return f"{value:.{decimals}f}"


def drawn(svg, paint):
    """The heights at which a path's points lie."""
    found = re.findall(rf'<path d="([^"]+)" class="p-{paint}"', svg)
    return [
        [tuple(map(float, step.split())) for step in re.split("[ML]", path.rstrip("Z")) if step]
        for path in found
    ]


def test_a_fan_has_its_middle_within_its_ranges_and_its_target_where_it_is_due():
    svg = fan(
        "f",
        ["2025", "2026", "2027"],
        [20.0, 30.0, 40.0],
        [
            Range("nine of ten", (18.0, 24.0, 30.0), (22.0, 36.0, 48.0)),
            Range("half", (19.0, 27.0, 36.0), (21.0, 33.0, 44.0)),
        ],
        middle_name="median",
        name="Mt",
        shown=plain,
        alt="steel",
        aims=[Aim("target: 45", 45.0, 2)],
    )
    wide, half = drawn(svg, "fan")
    assert len(wide) == len(half) == 6
    widest = [wide[n][1] for n in range(3)], [wide[5 - n][1] for n in range(3)]
    inner = [half[n][1] for n in range(3)], [half[5 - n][1] for n in range(3)]
    for n in range(3):
        # High values lie higher up, at smaller y.
        assert widest[0][n] < inner[0][n] < inner[1][n] < widest[1][n]
    (x, y, _), *_ = circles(svg, "ring")
    assert x == pytest.approx(wide[2][0], abs=0.1)
    assert widest[0][2] < y < inner[0][2]
    assert {"median", "nine of ten", "target: 45"} <= set(texts(svg))


def test_a_fan_begins_at_zero_unless_its_values_lie_far_above():
    def marks(middle):
        svg = fan(
            "f", ["1", "2"], middle, [], middle_name="m", name="n", shown=plain, alt="a",
        )  # fmt: skip
        return [float(text) for text in texts(svg) if re.fullmatch(r"-?[\d.]+", text)]

    assert 0.0 in marks([10.0, 40.0])
    assert min(one for one in marks([42.0, 46.0]) if one > 2) > 30


def test_a_fan_of_one_year_is_drawn_too():
    svg = fan(
        "f", ["2025"], [3.0], [Range("all", (2.0,), (4.0,))], middle_name="m", name="n",
        shown=plain, alt="a",
    )  # fmt: skip
    assert len(circles(svg, "home")) == 1
    assert svg.count('class="p-fan"') == 1
