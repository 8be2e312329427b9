"""Flows as streams between stations, from top to bottom: as wide as what they carry."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from onshore.report.canvas import Canvas, folded, points, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.directions import set_apart
from onshore.report.words import Locale

_GAP = 12.0
_LINE = 13.0
_FALL = 46.0
_PAD = 4.0
_LABEL = 104.0
_LEAST = 1.2
_SWEEPS = 6


@dataclass(frozen=True)
class Station:
    """Where streams meet: a commodity, or where one comes from or goes to.

    ``shown`` is its amount as it is written; ``paint`` fills its box.
    """

    key: str
    label: str
    shown: str
    amount: float
    paint: str = "heat-3"


@dataclass(frozen=True)
class Stream:
    """What flows from one station to another: how much leaves, and how much arrives.

    They differ where mass is lost on the way, as in slag. ``label`` is written on the stream where
    there is room, ``title`` is told when it is pointed at.
    """

    source: str
    target: str
    leaving: float
    arriving: float
    label: str = ""
    title: str = ""
    paint: str = "stream"


@dataclass
class _Place:
    """A station, or the way of a stream past a row of stations, as it is laid out."""

    key: str
    row: int
    amount: float
    least: float
    station: Station | None = None
    middle: float = 0.0
    width: float = 0.0
    lines: list[str] = field(default_factory=list)


def sankey(
    key: str,
    stations: Sequence[Station],
    streams: Sequence[Stream],
    *,
    alt: str,
    rtl: bool = False,
) -> str:
    """Draw stations in rows, a row below all that flows into it, and the streams between them.

    Parameters
    ----------
    key
        Unique within the page.
    stations
        Every station that a stream names.
    streams
        They may not run in a circle.
    alt
        What the picture shows.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.

    Raises
    ------
    ValueError
        A stream names no station, or streams run in a circle.

    Examples
    --------
    >>> picture = sankey(
    ...     "steel",
    ...     [Station("ore", "Ore", "160 kt", 160.0), Station("iron", "Iron", "100 kt", 100.0)],
    ...     [Stream("ore", "iron", 160.0, 100.0, "Smelting")],
    ...     alt="From ore to iron",
    ... )
    >>> picture.count("<path"), picture.count("<rect")
    (1, 2)
    """
    rows_of = _rows([one.key for one in stations], streams)
    places, ways = _places(stations, streams, rows_of)
    rows: list[list[_Place]] = [[] for _ in range(max(rows_of.values(), default=0) + 1)]
    for place in places.values():
        rows[place.row].append(place)
    _order(rows, ways)
    scale = _scale(rows)
    for row in rows:
        _set(row, scale)
    heights = [
        _PAD * 2 + _LINE * max((len(place.lines) + 1 for place in row if place.station), default=0)
        for row in rows
    ]
    tops = [sum(heights[:n]) + _FALL * n + 2 for n in range(len(rows))]
    height = tops[-1] + heights[-1] + 4 if rows else 8.0
    canvas = Canvas(key, WIDTH, height, rtl=rtl)
    _draw_streams(canvas, streams, ways, places, scale, tops, heights)
    for row, top, deep in zip(rows, tops, heights, strict=True):
        for place in row:
            if place.station is not None:
                _draw_station(canvas, place, top, deep)
    return canvas.svg(alt)


def _rows(keys: Sequence[str], streams: Sequence[Stream]) -> dict[str, int]:
    """Put each station one row below the lowest that flows into it; sources stand just above."""
    known = set(keys)
    for stream in streams:
        for end in (stream.source, stream.target):
            if end not in known:
                raise ValueError(f"The stream to {stream.target} names no station: {end}.")
    row = dict.fromkeys(keys, 0)
    for _ in keys:
        moved = False
        for stream in streams:
            if row[stream.target] <= row[stream.source]:
                row[stream.target] = row[stream.source] + 1
                moved = True
        if not moved:
            break
    else:
        if streams:
            raise ValueError("The streams run in a circle. Cut it, and name its end a station.")
    # What nothing flows into stands right above what it feeds.
    fed = {stream.target for stream in streams}
    for key in keys:
        below = [row[stream.target] for stream in streams if stream.source == key]
        if key not in fed and below:
            row[key] = min(below) - 1
    return row


def _places(
    stations: Sequence[Station], streams: Sequence[Stream], row: Mapping[str, int]
) -> tuple[dict[str, _Place], list[list[str]]]:
    """Lay out stations and, for streams that pass rows, a way through each of these."""
    crowd: dict[int, int] = defaultdict(int)
    for number in row.values():
        crowd[number] += 1
    places: dict[str, _Place] = {}
    for one in stations:
        room = min(_LABEL, (WIDTH - _GAP * (crowd[row[one.key]] - 1)) / crowd[row[one.key]])
        lines = folded(one.label, room, SMALL)[:3]
        widest = max(width_of(text, SMALL) for text in (*lines, one.shown)) + 4
        places[one.key] = _Place(
            one.key, row[one.key], one.amount, min(widest, room), one, lines=lines
        )
    ways = []
    for number, stream in enumerate(streams):
        way = [stream.source]
        for between in range(row[stream.source] + 1, row[stream.target]):
            key = f"\0{number}-{between}"
            places[key] = _Place(key, between, max(stream.leaving, stream.arriving), 0.0)
            way.append(key)
        ways.append([*way, stream.target])
    return places, ways


def _order(rows: Sequence[list[_Place]], ways: Sequence[Sequence[str]]) -> None:
    """Order the rows so that few streams cross: each place at the mean of its neighbours'."""
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for way in ways:
        for upper, lower in pairwise(way):
            below[upper].append(lower)
            above[lower].append(upper)
    at: dict[str, float] = {}

    def note(row: Sequence[_Place]) -> None:
        for number, place in enumerate(row):
            at[place.key] = (number + 0.5) / len(row)

    for row in rows:
        note(row)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else rows[::-1]:
            linked = above if down else below
            mean = {
                place.key: sum(at[other] for other in linked[place.key]) / len(linked[place.key])
                if linked[place.key]
                else at[place.key]
                for place in row
            }
            row.sort(key=lambda place: mean[place.key])
            note(row)


def _scale(rows: Sequence[Sequence[_Place]]) -> float:
    """Find how wide a unit can be drawn so that every row has room."""
    low, high = 0.0, WIDTH / max((place.amount for row in rows for place in row), default=1.0)
    for _ in range(50):
        middle = (low + high) / 2
        fits = all(
            sum(max(place.amount * middle, place.least) for place in row) + _GAP * (len(row) - 1)
            <= WIDTH
            for row in rows
        )
        low, high = (middle, high) if fits else (low, middle)
    return low


def _set(row: Sequence[_Place], scale: float) -> None:
    """Put the places of a row side by side about the middle."""
    slots = [max(place.amount * scale, place.least) for place in row]
    left = (WIDTH - sum(slots) - _GAP * (len(row) - 1)) / 2
    for place, slot in zip(row, slots, strict=True):
        place.width = max(place.amount * scale, _LEAST)
        place.middle = left + slot / 2
        left += slot + _GAP


def _draw_streams(
    canvas: Canvas,
    streams: Sequence[Stream],
    ways: Sequence[Sequence[str]],
    places: Mapping[str, _Place],
    scale: float,
    tops: Sequence[float],
    heights: Sequence[float],
) -> None:
    starts = _ends(streams, ways, places, scale, leaving=True)
    stops = _ends(streams, ways, places, scale, leaving=False)
    order = sorted(range(len(streams)), key=lambda n: -streams[n].leaving)
    labels = []
    for number in order:
        stream, way = streams[number], ways[number]
        first, last = (places[way[0]], places[way[-1]])
        # Where the stream runs, how wide, and at which heights: out of a box, past rows, in.
        steps = [(starts[number], stream.leaving, tops[first.row] + heights[first.row])]
        for key in way[1:-1]:
            row, middle = places[key].row, places[key].middle
            told = (stream.leaving + stream.arriving) / 2
            steps += [(middle, told, tops[row]), (middle, told, tops[row] + heights[row])]
        steps.append((stops[number], stream.arriving, tops[last.row]))
        widths = [max(amount * scale, _LEAST) for _, amount, _ in steps]
        near = [(x - w / 2, y) for (x, _, y), w in zip(steps, widths, strict=True)]
        far = [(x + w / 2, y) for (x, _, y), w in zip(steps, widths, strict=True)]
        d = f"M{_curve(canvas, near)}L{_curve(canvas, far[::-1])}Z"
        canvas.outline(d, stream.paint, title=stream.title)
        (x0, _, y0), (x1, _, y1) = steps[0], steps[1]
        room = min(widths[0], widths[1])
        if stream.label and width_of(stream.label, SMALL) + 6 <= room:
            labels.append(((x0 + x1) / 2, (y0 + y1) / 2 + 4, stream.label))
    locale: Locale = "fa" if canvas.rtl else "en"
    for x, y, label in labels:
        canvas.text(x, y, set_apart(label, locale), anchor="middle", paint="muted", size=SMALL)


def _ends(
    streams: Sequence[Stream],
    ways: Sequence[Sequence[str]],
    places: Mapping[str, _Place],
    scale: float,
    *,
    leaving: bool,
) -> dict[int, float]:
    """Find where along a station's edge each stream is joined, in the order of the other ends."""
    joined: dict[str, list[int]] = defaultdict(list)
    for number, way in enumerate(ways):
        joined[way[0] if leaving else way[-1]].append(number)
    found = {}
    for key, numbers in joined.items():
        ordered = sorted(numbers, key=lambda n: places[ways[n][1 if leaving else -2]].middle)
        widths = [
            max((streams[n].leaving if leaving else streams[n].arriving) * scale, _LEAST)
            for n in ordered
        ]
        at = places[key].middle - sum(widths) / 2
        for number, width in zip(ordered, widths, strict=True):
            found[number] = at + width / 2
            at += width
    return found


def _curve(canvas: Canvas, steps: Sequence[tuple[float, float]]) -> str:
    """Write an edge through its steps, upright at each of them."""
    told = [(canvas.width - x if canvas.rtl else x, y) for x, y in steps]
    parts = [f"{points(told[0][0])} {points(told[0][1])}"]
    for (x0, y0), (x1, y1) in pairwise(told):
        middle = points((y0 + y1) / 2)
        parts.append(f"C{points(x0)} {middle} {points(x1)} {middle} {points(x1)} {points(y1)}")
    return "".join(parts)


def _draw_station(canvas: Canvas, place: _Place, top: float, height: float) -> None:
    station = place.station
    assert station is not None
    locale: Locale = "fa" if canvas.rtl else "en"
    title = f"{station.label}: {station.shown}"
    left = place.middle - place.width / 2
    canvas.bar(left, top, place.width, height, station.paint, title=title)
    written = [*place.lines, station.shown]
    wide = all(width_of(line, SMALL) + 4 <= place.width for line in written)
    paint = "text" if wide else "halo"
    first = top + (height - _LINE * len(written)) / 2 + 10
    for number, line in enumerate(written):
        text = set_apart(line, locale)
        canvas.text(
            place.middle, first + number * _LINE, text, anchor="middle", paint=paint, size=SMALL
        )
