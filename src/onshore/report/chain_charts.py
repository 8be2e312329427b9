"""The pictures of a value chain: its streams, and its plants on the map."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from onshore.report.bulletin import Chart
from onshore.report.chain_finding import ChainFinding
from onshore.report.plant_map import MapKey, Site, plant_map
from onshore.report.sankey import Station, Stream, sankey

_BROKEN: Final = 5.0
_LEAST: Final = 0.004
_INWARD: Final = ("imports", "from stock")
_OUTWARD: Final = ("exports", "home demand", "surplus", "to stock")
_PAINTS: Final = {
    "imports": ("missing", "stream-missing"),
    "home demand": ("stream-home", "stream-home"),
}
_LABELLED: Final = 6
_MAPS: Final = 4
_NAME: Final = 22


def stream_chart(finding: ChainFinding, year: int, title: str) -> Chart | None:
    """Draw what flows from commodity to commodity in a year; nothing where nothing does."""
    if not finding.has("streams", "year", "source", "target", "leaving", "arriving", "unit"):
        return None
    rows = finding.tables["streams"].filter(pl.col("year") == year).to_dicts()
    drawn, broken = _without_gangue(rows)
    largest = max((max(row["leaving"], row["arriving"]) for row in drawn), default=0.0)
    kept = [row for row in drawn if max(row["leaving"], row["arriving"]) >= _LEAST * largest]
    if not kept:
        return None
    joined = _joined(_cut(kept))
    told: dict[str, float] = defaultdict(float)
    for row in rows:
        told[f"out {row['source']}"] += row["leaving"]
        told[f"in {row['target']}"] += row["arriving"]
    stations = _stations(finding, joined, told, kept[0]["unit"])
    streams = [
        Stream(
            row["from_key"],
            row["to_key"],
            row["leaving"],
            row["arriving"],
            label=finding.process(row["process"]) if row["process"] else "",
            title=_title(finding, row),
            paint=_PAINTS.get(row["source"], _PAINTS.get(row["target"], ("", "stream")))[1],
        )
        for row in joined
    ]
    foot = [finding.say("chain.streams_foot")]
    if broken:
        names = finding.listed([finding.commodity(key) for key in broken])
        foot.append(finding.say("chain.streams_broken", names=names))
    if len(kept) < len(drawn):
        number = finding.number(len(drawn) - len(kept))
        foot.append(finding.say("chain.streams_small", number=number))
    svg = sankey("chain-streams", stations, streams, alt=title, rtl=finding.rtl)
    return finding.picture(title, svg, foot=" ".join(foot))


def _without_gangue(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Draw what mostly is gangue only as wide as what arrives; name whose width is so broken."""
    drawn, broken = [], []
    for row in rows:
        leaving = row["leaving"]
        if leaving > _BROKEN * row["arriving"]:
            broken.append(row["source"])
            leaving = row["arriving"]
        drawn.append({**row, "leaving": leaving, "leaves": row["leaving"]})
    return drawn, list(dict.fromkeys(broken))


def _cut(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tell the ends apart by commodity, and cut what runs back up the chain, as scrap does."""
    below: dict[str, set[str]] = defaultdict(set)
    told = []
    for row in sorted(rows, key=lambda one: -one["arriving"]):
        source, target = row["source"], row["target"]
        if source in _INWARD:
            source = f"{source}: {target}"
        if target in _OUTWARD:
            target = f"{target}: {source}"
        if source == target or _leads(below, target, source):
            target = f"again: {target}"
        below[source].add(target)
        told.append({**row, "from_key": source, "to_key": target})
    return told


def _joined(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the streams of one process between the same two stations."""
    by: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for row in rows:
        key = (row["from_key"], row["to_key"], row["process"])
        if key in by:
            for name in ("leaving", "arriving", "leaves"):
                by[key][name] += row[name]
        else:
            by[key] = dict(row)
    return list(by.values())


def _leads(below: dict[str, set[str]], start: str, end: str) -> bool:
    seen, ahead = set(), [start]
    while ahead:
        now = ahead.pop()
        if now == end:
            return True
        if now not in seen:
            seen.add(now)
            ahead += below.get(now, ())
    return False


def _stations(
    finding: ChainFinding, rows: Sequence[dict[str, Any]], told: dict[str, float], unit: str
) -> list[Station]:
    widths: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    ends: dict[str, str] = {}
    amounts: dict[str, float] = {}
    for row in rows:
        widths[row["from_key"]][1] += row["leaving"]
        widths[row["to_key"]][0] += row["arriving"]
        for key, name, side in (
            (row["from_key"], row["source"], "leaves"),
            (row["to_key"], row["target"], "arriving"),
        ):
            ends[key] = name
            amounts[key] = amounts.get(key, 0.0) + row[side]
    stations = []
    for key, (arriving, leaving) in widths.items():
        name = ends[key]
        if key.startswith("again: "):
            label = finding.say("chain.again", name=finding.commodity(name))
        elif name in (*_INWARD, *_OUTWARD):
            label = finding.term(name)
        else:
            label = finding.commodity(name)
            # What a commodity makes up to in all, whether it is drawn or not.
            amounts[key] = max(told[f"in {name}"], told[f"out {name}"])
        paint = _PAINTS.get(name, ("heat-3", ""))[0]
        shown = finding.quantity(amounts[key], unit)
        stations.append(Station(key, label, shown, max(arriving, leaving), paint))
    return stations


def _title(finding: ChainFinding, row: dict[str, Any]) -> str:
    ends = [
        finding.term(name) if name in (*_INWARD, *_OUTWARD) else finding.commodity(name)
        for name in (row["source"], row["target"])
    ]
    return finding.say(
        "chain.stream",
        source=ends[0],
        target=ends[1],
        process=finding.process(row["process"]) if row["process"] else "",
        leaving=finding.quantity(row["leaves"], row["unit"]),
        arriving=finding.quantity(row["arriving"], row["unit"]),
    )


def site_charts(finding: ChainFinding, first: Sequence[str] = ()) -> tuple[Chart, ...]:
    """Draw the plants of up to four commodities, each on a map of its own."""
    if not finding.has("sites", "lat", "lon", "capacity", "commodity", "kind"):
        return ()
    known = finding.tables["sites"].filter(
        pl.col("lat").is_not_null() & pl.col("lon").is_not_null() & (pl.col("capacity") > 0)
    )
    spread = (
        known.group_by("commodity", maintain_order=True)
        .agg(spots=pl.struct("lat", "lon").n_unique())
        .filter(pl.col("spots") > 1)
        .sort("spots", descending=True, maintain_order=True)
    )
    wanted = [one for one in first if one in spread["commodity"]]
    wanted += [one for one in spread["commodity"] if one not in wanted]
    return tuple(
        _site_chart(finding, known.filter(pl.col("commodity") == one), one, number)
        for number, one in enumerate(wanted[:_MAPS])
    )


def _site_chart(finding: ChainFinding, rows: pl.DataFrame, commodity: str, number: int) -> Chart:
    say = finding.say
    is_there = pl.col("kind") == "in service"
    own = "name_fa" if finding.rtl and "name_fa" in rows.columns else "name"
    by = (
        rows.sort("capacity", descending=True, maintain_order=True)
        .group_by("lat", "lon", maintain_order=True)
        .agg(
            now=pl.col("capacity").filter(is_there).sum(),
            coming=pl.col("capacity").filter(~is_there).sum(),
            name=pl.coalesce(own, "name").drop_nulls().first(),
            place=pl.col("place").first(),
            plants=pl.len(),
        )
        .with_columns(size=pl.col("now") + pl.col("coming"))
        .sort("size", descending=True, maintain_order=True)
    )
    sites = []
    for place, row in enumerate(by.iter_rows(named=True)):
        name = str(row["name"] or finding.place(row["place"])).partition(":")[0].strip()
        title = say(
            "chain.site",
            name=name,
            now=finding.quantity_of(row["now"], commodity),
            coming=finding.quantity_of(row["coming"], commodity),
        )
        label = _short(name) if place < _LABELLED else ""
        sites.append(Site(row["lon"], row["lat"], row["now"], row["coming"], label, title))
    now, coming = float(by["now"].sum()), float(by["coming"].sum())
    words = MapKey(
        now=say("chain.map_now", amount=finding.quantity_of(now, commodity)) if now else "",
        coming=say("chain.map_coming", amount=finding.quantity_of(coming, commodity))
        if coming
        else "",
        largest=say(
            "chain.map_largest", amount=finding.quantity_of(float(by["size"][0]), commodity)
        ),
    )
    title = say("chain.map_chart", commodity=finding.of(commodity))
    svg = plant_map(
        f"chain-map-{number}",
        sites,
        words=words,
        alt=title,
        outlines=finding.outlines,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg)


def _short(name: str) -> str:
    if len(name) <= _NAME:
        return name
    whole = name[:_NAME].rpartition(" ")[0] or name[: _NAME - 1]
    return f"{whole.rstrip(' ,;(')}…"
