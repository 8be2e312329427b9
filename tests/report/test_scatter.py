"""Scatters, ranked bars, lines and heat tables draw the values they are given."""

import math
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.report.canvas import width_of
from onshore.report.charts import SMALL, WIDTH, Segment
from onshore.report.lines import Line, lines
from onshore.report.ranked import Ranked, heat, ranked
from onshore.report.scales import Scale, decimals_of, span_of
from onshore.report.scatter import Axis, Dot, scatter

SVG = "{http://www.w3.org/2000/svg}"
values = st.floats(-1e6, 1e6)
positive = st.floats(1e-3, 1e9)


def plain(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def elements(svg: str, tag: str, paint: str = "") -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter(SVG + tag)
    return [one for one in found if paint in one.get("class", "").split() or not paint]


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in elements(svg, "text")]


def x_of(svg: str) -> list[float]:
    return [float(one.get("cx", "nan")) for one in elements(svg, "circle")]


def places_of(svg: str) -> list[tuple[float, float]]:
    """Places of the many unnamed dots."""
    (path,) = elements(svg, "path", "p-many")
    found = re.findall(r"M([-\d.]+) ([-\d.]+)h0", path.get("d", ""))
    return [(float(x), float(y)) for x, y in found]


@given(st.lists(values, min_size=1, max_size=20), st.booleans())
def test_marks_are_round_and_within_the_values(numbers, log):
    if log:
        numbers = [abs(number) + 1e-3 for number in numbers]
    low, high = span_of(numbers, log=log)
    assert low < min(numbers) <= max(numbers) < high
    scale = Scale(low, high, 0.0, 100.0, log)
    marks = scale.marks()
    assert all(low <= mark <= high or math.isclose(mark, high) for mark in marks)
    assert marks == sorted(set(marks))
    for mark in marks:
        assert float(plain(mark, decimals_of(marks))) == pytest.approx(mark, abs=1e-6)
    assert scale.place(low) == pytest.approx(0.0, abs=1e-6)
    assert scale.place(high) == pytest.approx(100.0, abs=1e-6)
    steps = [scale.place(mark) for mark in marks]
    assert steps == sorted(steps)


def test_a_scale_of_one_value_or_none_has_a_width():
    assert span_of([5.0]) == (2.5, 7.5)
    assert span_of([]) == (0.0, 1.0)
    assert span_of([0.0, -1.0], log=True) == (1.0, 10.0)
    assert span_of([math.nan, math.inf, 2.0]) == (1.0, 3.0)


@given(st.lists(st.tuples(values, values), min_size=2, max_size=60))
def test_dots_stand_in_the_order_of_their_values(pairs):
    x, y = Axis("x", plain), Axis("y", plain)
    dots = [Dot(*pair) for pair in pairs]
    left = places_of(scatter("s", dots, x, y, alt="field"))
    right = places_of(scatter("s", dots, x, y, alt="field", rtl=True))
    assert len(left) == len(pairs)
    for (a, at), (b, bt) in combinations(list(zip(pairs, left, strict=True)), 2):
        if a[0] < b[0]:
            assert at[0] <= bt[0]
        if a[1] < b[1]:
            assert at[1] >= bt[1]  # upwards
    for at, mirrored in zip(left, right, strict=True):
        assert mirrored[0] == pytest.approx(WIDTH - at[0], abs=0.02)
        assert mirrored[1] == at[1]


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=40))
def test_names_never_cover_each_other_and_stay_inside(pairs):
    dots = [Dot(*pair, label=f"name {n}", home=n == 3) for n, pair in enumerate(pairs)]
    x, y = Axis("x", plain, log=True), Axis("y", plain, log=True)
    svg = scatter("s", dots, x, y, alt="names")
    named = [one for one in elements(svg, "text") if (one.text or "").startswith("name")]
    boxes = []
    for one in named:
        width = width_of(one.text or "", SMALL)
        at, anchor = float(one.get("x", "0")), one.get("text-anchor")
        start = {"start": at, "middle": at - width / 2, "end": at - width}[anchor or "start"]
        top = float(one.get("y", "0"))
        boxes.append((start, top - 9, start + width, top + 3))
        assert start >= 0
        assert start + width <= WIDTH + 0.1
    for a, b in combinations(boxes, 2):
        assert (
            a[2] <= b[0] + 0.05 or b[2] <= a[0] + 0.05 or a[3] <= b[1] + 0.05 or b[3] <= a[1] + 0.05
        )
    assert len(elements(svg, "circle")) == len(pairs)


def test_cuts_corners_and_the_home_country_are_drawn():
    dots = [Dot(1, 1), Dot(2, 3, label="Iran", home=True), Dot(3, 2, title="Chile")]
    x, y = Axis("near", plain, cut=1.5), Axis("complex", plain, cut=2.5)
    svg = scatter("s", dots, x, y, alt="field", corners=("", "both", "", "one"))
    assert len(elements(svg, "line", "p-cut")) == 2
    assert {"both", "one", "Iran", "near", "complex"} <= set(texts(svg))
    assert [one.get("class") for one in elements(svg, "circle")] == ["p-home", "p-dot"]
    assert [one.text for one in elements(svg, "title")] == ["Iran", "Chile"]
    assert "p-solid" not in svg  # the ladder's ink has no other meaning


def test_a_field_of_many_dots_stays_small():
    dots = [Dot(math.sin(n), math.cos(n * 7)) for n in range(5000)]
    svg = scatter("s", dots, Axis("x", plain), Axis("y", plain), alt="many")
    assert len(places_of(svg)) == 5000
    assert len(svg) < 120_000


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=12))
def test_bars_are_as_long_as_their_values(pairs):
    rows = [
        Ranked(str(n), (Segment(a, "graphite"), Segment(b, "pale")), "1")
        for n, (a, b) in enumerate(pairs)
    ]
    svg = ranked("r", rows, alt="bars")
    bars = [one for one in elements(svg, "rect") if one.get("class") in {"p-graphite", "p-pale"}]
    widths = [float(one.get("width", "0")) for one in bars]
    flat = [value for pair in pairs for value in pair]
    largest = max(range(len(flat)), key=flat.__getitem__)
    for value, width in zip(flat, widths, strict=True):
        wanted = value / flat[largest] * widths[largest]
        assert width == pytest.approx(max(wanted, 1.0), abs=0.05)
    assert max(float(one.get("x", "0")) + float(one.get("width", "0")) for one in bars) <= WIDTH


def test_bars_below_zero_run_the_other_way():
    rows = [
        Ranked("up", (Segment(3, "graphite"),), "3"),
        Ranked("down", (Segment(-2, "missing"),), "-2"),
    ]
    svg = ranked("r", rows, alt="bars")
    (up,), (down,) = (elements(svg, "rect", f"p-{paint}") for paint in ("graphite", "missing"))
    zero = float(up.get("x", "nan"))
    assert float(down.get("x", "nan")) + float(down.get("width", "nan")) == pytest.approx(zero)
    assert float(up.get("width", "0")) / float(down.get("width", "1")) == pytest.approx(
        1.5, abs=0.01
    )
    assert len(elements(svg, "line", "p-axis")) == 1
    mirrored = ranked("r", rows, alt="bars", rtl=True)
    (other,) = elements(mirrored, "rect", "p-graphite")
    assert float(other.get("x", "nan")) + float(other.get("width", "0")) == pytest.approx(
        WIDTH - zero, abs=0.02
    )


def test_a_range_and_a_threshold_are_drawn_over_the_bar():
    row = Ranked("one", (Segment(2, "graphite"),), "2", note="of 3", low=1, high=4)
    svg = ranked("r", [row], alt="range", cut=3)
    (bar,) = elements(svg, "rect", "p-graphite")
    unit = float(bar.get("width", "0")) / 2
    line = elements(svg, "line", "p-interval")[0]
    assert float(line.get("x1", "nan")) == pytest.approx(unit, abs=0.02)
    assert float(line.get("x2", "nan")) == pytest.approx(4 * unit, abs=0.02)
    (cut,) = elements(svg, "line", "p-cut")
    assert float(cut.get("x1", "nan")) == pytest.approx(3 * unit, abs=0.02)
    assert {"one", "2", "of 3"} <= set(texts(svg))


def test_long_names_are_cut_to_the_chart():
    svg = ranked("r", [Ranked("W" * 200, (Segment(1, "graphite"),), "1")], alt="long")
    (label,) = [text for text in texts(svg) if text.startswith("W")]
    assert label.endswith("…")
    assert width_of(label) <= WIDTH


def test_lines_keep_gaps_and_name_each_course_once():
    courses = [Line("Iran", (1.0, None, 3.0, 4.0), home=True), Line("Chile", (2.0, 2.0, 2.0, 2.0))]
    svg = lines("l", ["1", "2", "3", "4"], courses, name="ECI", shown=plain, alt="years")
    assert len(elements(svg, "path", "p-course")) == 1
    assert len(elements(svg, "path", "p-home-line")) == 1
    assert elements(svg, "path", "p-home-line")[0].get("d", "").count(" ") == 3  # two places
    assert len(elements(svg, "circle", "p-home")) == 1  # the year before the gap
    assert sorted(text for text in texts(svg) if text in {"Iran", "Chile"}) == ["Chile", "Iran"]
    assert {"1", "2", "3", "4", "ECI"} <= set(texts(svg))


@given(st.lists(st.lists(st.none() | positive, min_size=3, max_size=3), min_size=1, max_size=8))
def test_names_of_lines_stand_apart(rows):
    if all(value is None for row in rows for value in row):
        rows = [[1.0, 2.0, 3.0]]
    courses = [Line(f"course {n}", tuple(row)) for n, row in enumerate(rows)]
    svg = lines("l", ["1", "2", "3"], courses, name="x", shown=plain, alt="a", from_zero=True)
    named = [one for one in elements(svg, "text") if (one.text or "").startswith("course")]
    heights = sorted(float(one.get("y", "0")) for one in named)
    assert len(named) == sum(any(value is not None for value in row) for row in rows)
    assert all(b - a >= 13.9 for a, b in pairwise(heights))


def test_a_heat_table_is_darker_where_more_is():
    rows = [("steel", [4.0, 0.2]), ("food", [None, 2.0])]
    svg = heat("h", rows, ["north", "south"], [["4.0", "0.2"], ["", "2.0"]], alt="places")
    shades = [one.get("class") for one in elements(svg, "rect")]
    assert shades == ["p-heat-4", "p-heat-0", "p-heat-2"]
    assert texts(svg) == ["north", "south", "steel", "4.0", "0.2", "food", "2.0"]


def test_texts_are_escaped():
    svg = ranked("r", [Ranked("<b>&", (Segment(1, "graphite"),), "<1>")], alt='"quoted" <alt>')
    assert "<b>" not in svg
    assert ElementTree.fromstring(svg).get("aria-label") == '"quoted" <alt>'
