"""Blocks, deposits, plants and targets as features of OGC API Features, each by its policy."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onshore.desk.access.analysis import reads_figures
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Analysis, Block, Deposit
from onshore.desk.pages.outlines import geojson_of, shape_of
from onshore.desk.policies import visible

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; where west is above east, over the 180th meridian."""
Span = tuple[date | None, date | None]
EXTENT_SECONDS: Final = 600


@dataclass(frozen=True)
class Entry:
    """A feature as it is selected: its key, where and when it is (None: nowhere, at no time)."""

    key: str
    where: Any = None
    when: Span | None = None


@dataclass(frozen=True)
class Collection:
    """A collection of features.

    Parameters
    ----------
    name, title, description
        Its identifier in addresses, and what it is.
    entries
        All that an actor sees, by key.
    features
        The features of some keys, in their order; keys that the actor does not see are left out.
    read_by
        Whether an actor reads the collection at all.
    """

    name: str
    title: Any
    description: Any
    entries: Callable[[Actor], Iterable[Entry]]
    features: Callable[[Actor, Sequence[str]], list[dict[str, Any]]]
    read_by: Callable[[Actor], bool] = lambda _actor: True

    def select(self, actor: Actor, box: Box | None = None, when: Span | None = None) -> list[str]:
        """Give the keys of what lies in a box and a time; what is nowhere or never, always."""
        if box is None and when is None and (model := _MODELS.get(self.name)) is not None:
            return list(visible(actor, model).order_by("pk").values_list("pk", flat=True))
        found = self.entries(actor)
        return [
            entry.key for entry in found if _lies_in(entry.where, box) and _meets(entry.when, when)
        ]

    def extent(self, actor: Actor) -> dict[str, Any]:
        """Give the extent of the whole in space and time, as it was some minutes ago at most."""
        return cache.get_or_set(
            f"features-extent-{self.name}", lambda: _extent(self.entries(actor)), EXTENT_SECONDS
        )


def _lies_in(where: Any, box: Box | None) -> bool:
    if box is None or where is None:
        return True
    import shapely

    west, south, east, north = box
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    if isinstance(where, tuple):
        return any(a <= where[0] <= b for a, b in parts) and south <= where[1] <= north
    return any(where.intersects(shapely.box(a, south, b, north)) for a, b in parts)


def _meets(when: Span | None, asked: Span | None) -> bool:
    if asked is None or when is None:
        return True
    begins, ends = when
    after, before = asked
    return (ends is None or after is None or ends >= after) and (
        begins is None or before is None or begins <= before
    )


def _extent(entries: Iterable[Entry]) -> dict[str, Any]:
    boxes: list[Sequence[float]] = []
    starts: list[date | None] = []
    ends: list[date | None] = []
    for entry in entries:
        where = entry.where
        if where is not None:
            boxes.append(where * 2 if isinstance(where, tuple) else where.bounds)
        if entry.when is not None:
            starts.append(entry.when[0])
            ends.append(entry.when[1])
    told: dict[str, Any] = {}
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        told["spatial"] = {"bbox": [[min(west), min(south), max(east), max(north)]]}
    if starts:
        first = None if None in starts else _moment(min(filter(None, starts)))
        last = None if None in ends else _moment(max(filter(None, ends)))
        told["temporal"] = {"interval": [[first, last]]}
    return told


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _point(lon: Decimal | None, lat: Decimal | None) -> tuple[float, float] | None:
    return None if lon is None or lat is None else (float(lon), float(lat))


def _feature(key: str, geometry: Any, told: dict[str, Any]) -> dict[str, Any]:
    """Make a feature; what is not told is null."""
    properties = {name: None if value == "" else _plain(value) for name, value in told.items()}
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _geo_point(row: Any) -> dict[str, Any] | None:
    where = _point(row.lon, row.lat)
    return None if where is None else {"type": "Point", "coordinates": list(where)}


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(";") if each.strip()]


def _in_order(rows: QuerySet, keys: Sequence[str]) -> list[Any]:
    found = rows.in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


def _block_entries(actor: Actor) -> Iterable[Entry]:
    rows = visible(actor, Block).order_by("pk")
    for key, wkt, offered, until in rows.values_list("pk", "geometry", "offered_on", "until"):
        when = None if offered is None and until is None else (offered, until)
        yield Entry(key, shape_of(wkt), when)


def _blocks(actor: Actor, keys: Sequence[str]) -> list[dict[str, Any]]:
    rows = _in_order(visible(actor, Block).select_related("holder"), keys)
    return [
        _feature(
            row.pk,
            geojson_of(row.geometry),
            {
                "name": row.name,
                "name_fa": row.name_fa,
                "state": row.state,
                "commodities": _split(row.commodities),
                "place": row.place,
                "area_km2": row.area,
                "holder": row.holder.name if row.holder else None,
                "offered_on": row.offered_on,
                "closes": row.closes,
                "until": row.until,
                "source": row.source,
                "illustrative": row.illustrative,
            },
        )
        for row in rows
    ]


def _deposit_entries(actor: Actor) -> Iterable[Entry]:
    rows = visible(actor, Deposit).order_by("pk").values_list("pk", "lon", "lat")
    return (Entry(key, _point(lon, lat)) for key, lon, lat in rows)


def _deposits(actor: Actor, keys: Sequence[str]) -> list[dict[str, Any]]:
    return [
        _feature(
            row.pk,
            _geo_point(row),
            {
                "name": row.name,
                "name_fa": row.name_fa,
                "commodities": _split(row.commodities),
                "kind": row.kind,
                "stage": row.stage,
                "place": row.place,
                "block": row.block_id,
                "source": row.source,
                "illustrative": row.illustrative,
            },
        )
        for row in _in_order(visible(actor, Deposit), keys)
    ]


def _plant_entries(actor: Actor) -> Iterable[Entry]:
    rows = visible(actor, RECORDS["plants"]).order_by("pk")
    for key, lon, lat, year in rows.values_list("pk", "lon", "lat", "start_year"):
        began = date(year, 1, 1) if year and 0 < year < 10000 else None
        yield Entry(key, _point(lon, lat), (began, None) if began else None)


def _plants(actor: Actor, keys: Sequence[str]) -> list[dict[str, Any]]:
    return [
        _feature(
            row.pk,
            _geo_point(row),
            {
                "name": row.name,
                "name_fa": row.name_fa,
                "owner": row.owner,
                "place": row.place,
                "product": row.product,
                "capacity_kt_per_year": row.capacity,
                "status": row.status,
                "start_year": row.start_year,
                "source": row.source,
            },
        )
        for row in _in_order(visible(actor, RECORDS["plants"]), keys)
    ]


TARGETS: Final = "targets"
"""The kind of the analyses that hold targets."""


def _analyses(actor: Actor) -> QuerySet:
    return visible(actor, Analysis).filter(kind=TARGETS).order_by("pk")


def _target_entries(actor: Actor) -> Iterable[Entry]:
    import shapely

    for row in _analyses(actor):
        for feature in row.content["features"]:
            where = shapely.from_geojson(json.dumps(feature["geometry"]))
            day = row.made_at.date()
            yield Entry(f"{row.pk}.{feature['id']}", where, (day, day))


def _targets(actor: Actor, keys: Sequence[str]) -> list[dict[str, Any]]:
    wanted = {key.partition(".")[0] for key in keys}
    told = {}
    for row in _analyses(actor).filter(pk__in=[key for key in wanted if _is_number(key)]):
        for feature in row.content["features"]:
            key = f"{row.pk}.{feature['id']}"
            about = {"analysis": row.title, "made_on": row.made_at.date()}
            told[key] = _feature(key, feature["geometry"], feature["properties"] | about)
    return [told[key] for key in keys if key in told]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


_MODELS: Final[dict[str, Any]] = {
    "blocks": Block,
    "deposits": Deposit,
    "plants": RECORDS["plants"],
}

COLLECTIONS: Final = {
    each.name: each
    for each in (
        Collection(
            "blocks",
            _("Exploration blocks"),
            _("Areas on offer to private firms, held, or returned; the time is that of the right."),
            _block_entries,
            _blocks,
        ),
        Collection(
            "deposits",
            _("Deposits"),
            _("Deposits and mineral occurrences, with their commodities."),
            _deposit_entries,
            _deposits,
        ),
        Collection(
            "plants",
            _("Plants"),
            _("Plants of the value chain, with their capacity; the time begins with the plant."),
            _plant_entries,
            _plants,
        ),
        Collection(
            TARGETS,
            _("Prospectivity targets"),
            _("Areas to look at first, from maps of prospectivity; read by the agency's analysts."),
            _target_entries,
            _targets,
            reads_figures,
        ),
    )
}
"""The collections by their names."""


def collections_of(actor: Actor) -> list[Collection]:
    """Give the collections that an actor reads."""
    return [each for each in COLLECTIONS.values() if each.read_by(actor)]
