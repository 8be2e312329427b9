"""A Sankey draws streams as wide as what they carry, and nothing outside its picture."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.report.charts import WIDTH
from onshore.report.sankey import Station, Stream, sankey

SVG = "{http://www.w3.org/2000/svg}"
STEEL = (
    Station("ore", "Iron ore", "120 kt", 120.0),
    Station("scrap", "Scrap", "10 kt", 10.0),
    Station("iron", "Sponge iron", "80 kt", 80.0),
    Station("steel", "Crude steel", "85 kt", 85.0),
    Station("home", "used at home", "60 kt", 60.0, "stream-home"),
    Station("sea", "exports", "25 kt", 25.0),
)
STREAMS = (
    Stream("ore", "iron", 120.0, 80.0, "Direct reduction", "ore to iron"),
    Stream("iron", "steel", 80.0, 75.0, "Melting", "iron to steel"),
    Stream("scrap", "steel", 10.0, 10.0, "", "scrap to steel"),
    Stream("steel", "home", 60.0, 60.0, "", "to home", "stream-home"),
    Stream("steel", "sea", 25.0, 25.0, "", "to sea"),
)


def elements(svg, tag):
    return list(ElementTree.fromstring(svg).iter(SVG + tag))


def boxes(svg):
    """The boxes by what they are called: left, top, width, height."""
    return {
        one.find(SVG + "title").text.partition(":")[0]: tuple(
            float(one.get(name)) for name in ("x", "y", "width", "height")
        )
        for one in elements(svg, "rect")
    }


def numbers(path):
    return [float(one) for one in re.findall(r"-?[\d.]+", path)]


def ends(path):
    """The left and right edge of a stream at its upper and its lower end."""
    near, far = path.get("d").split("L")
    one, other = numbers(near), numbers(far)
    return (one[0], other[-2]), (one[-2], other[0])


def test_each_stands_below_all_that_flows_into_it():
    told = boxes(sankey("s", STEEL, STREAMS, alt="steel"))
    assert set(told) == {one.label for one in STEEL}
    top = {name: box[1] for name, box in told.items()}
    assert top["Iron ore"] < top["Sponge iron"] < top["Crude steel"] < top["used at home"]
    # A source stands right above what it feeds, not at the very top.
    assert top["Scrap"] == top["Sponge iron"]
    assert top["exports"] == top["used at home"]


def test_widths_go_with_amounts_and_a_stream_narrows_by_what_is_lost():
    svg = sankey("s", STEEL, STREAMS, alt="steel")
    told = boxes(svg)
    scale = told["Iron ore"][2] / 120.0
    for one in STEEL:
        assert told[one.label][2] == pytest.approx(one.amount * scale, abs=0.02)
    paths = {one.find(SVG + "title").text: one for one in elements(svg, "path")}
    for stream in STREAMS:
        upper, lower = ends(paths[stream.title])
        assert upper[1] - upper[0] == pytest.approx(stream.leaving * scale, abs=0.05)
        assert lower[1] - lower[0] == pytest.approx(stream.arriving * scale, abs=0.05)


def test_streams_of_a_box_lie_side_by_side_on_its_edge():
    svg = sankey("s", STEEL, STREAMS, alt="steel")
    box = boxes(svg)["Crude steel"]
    paths = {one.find(SVG + "title").text: one for one in elements(svg, "path")}
    leaving = sorted(ends(paths[title])[0] for title in ("to home", "to sea"))
    assert leaving[0][0] >= box[0] - 0.05
    assert leaving[0][1] <= leaving[1][0] + 0.05
    assert leaving[1][1] <= box[0] + box[2] + 0.05


def test_a_label_is_written_only_where_it_has_room():
    svg = sankey("s", STEEL, STREAMS, alt="steel")
    texts = {one.text for one in elements(svg, "text")}
    assert "Direct reduction" in texts
    thin = (STREAMS[2].__class__("scrap", "steel", 10.0, 10.0, "A very long way of melting scrap"),)
    svg = sankey("s", STEEL, (*STREAMS[:2], *thin, *STREAMS[3:]), alt="steel")
    assert not any("very long" in (one.text or "") for one in elements(svg, "text"))


def test_a_persian_page_is_mirrored():
    left, right = (sankey("s", STEEL, STREAMS, alt="steel", rtl=rtl) for rtl in (False, True))
    for name, box in boxes(left).items():
        mirrored = boxes(right)[name]
        assert mirrored[0] == pytest.approx(WIDTH - box[0] - box[2], abs=0.05)
        assert mirrored[1:] == pytest.approx(box[1:], abs=0.05)


def test_a_circle_and_an_unknown_station_are_named():
    round_trip = (*STREAMS, Stream("steel", "ore", 1.0, 1.0))
    with pytest.raises(ValueError, match="run in a circle"):
        sankey("s", STEEL, round_trip, alt="steel")
    with pytest.raises(ValueError, match="names no station: slag"):
        sankey("s", STEEL, (*STREAMS, Stream("steel", "slag", 1.0, 1.0)), alt="steel")


def test_what_is_written_is_escaped():
    stations = (Station("a", "<a>", "1 & 2", 1.0), Station("b", "b", "1", 1.0))
    svg = sankey("s", stations, (Stream("a", "b", 1.0, 1.0, "", "<b>"),), alt="<&>")
    assert "&lt;a&gt;" in svg
    ElementTree.fromstring(svg)


@st.composite
def networks(draw):
    number = draw(st.integers(2, 9))
    amounts = st.floats(0.01, 1e6)
    streams = [
        Stream(str(a), str(b), draw(amounts), draw(amounts), "process")
        for a in range(number)
        for b in range(a + 1, number)
        if draw(st.booleans())
    ] or [Stream("0", "1", draw(amounts), draw(amounts))]
    stations = []
    for one in range(number):
        out = sum(stream.leaving for stream in streams if stream.source == str(one))
        into = sum(stream.arriving for stream in streams if stream.target == str(one))
        if out or into:
            stations.append(Station(str(one), f"Station {one}", "1 kt", max(out, into)))
    return stations, streams


@given(networks(), st.booleans())
def test_any_network_stays_within_its_picture(network, rtl):
    stations, streams = network
    svg = sankey("s", stations, streams, alt="any", rtl=rtl)
    root = ElementTree.fromstring(svg)
    _, _, width, height = (float(one) for one in root.get("viewBox").split())
    found = boxes(svg)
    assert len(found) == len(stations)
    for left, top, wide, high in found.values():
        assert left >= -1.5
        assert left + wide <= width + 1.5
        assert top >= 0
        assert top + high <= height
    rows = {}
    for box in found.values():
        rows.setdefault(box[1], []).append(box)
    for row in rows.values():
        row.sort()
        assert all(a[0] + a[2] <= b[0] + 0.05 for a, b in pairwise(row))
    assert len(elements(svg, "path")) == len(streams)
