"""Where needs arise, by province: a map of the home country, with a table as its equal."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Need
from onshore.desk.pages.names import place_name
from onshore.desk.pages.wording import language
from onshore.desk.policies import STAFF, visible
from onshore.desk.states import OPEN
from onshore.figures import shown
from onshore.report.map import Legend, Mark, Province, draw_map, read_provinces

FILE = "provinces.geojson"
SECONDS = 600
"""How long what was counted stands."""
LOCALIZED = "verified localized"


@dataclass(frozen=True)
class InProvince:
    """What is needed in a province: open needs, and needs that are verified as localized."""

    code: str
    names: dict[str, str]
    needs: int
    localized: int

    @property
    def name(self) -> str:
        """Its name in the page's language."""
        return self.names["fa" if language() == "fa" else "en"]


def outlines_file() -> Path:
    """Give where the outlines of the home country's provinces are kept, if there are any."""
    return Path(settings.MEDIA_ROOT) / FILE


def keep_outlines(folder: Path) -> None:
    """Take the outlines of a programme's folder over; without them the old ones go."""
    outlines_file().unlink(missing_ok=True)
    if (folder / FILE).is_file():
        outlines_file().parent.mkdir(parents=True, exist_ok=True)
        outlines_file().write_bytes((folder / FILE).read_bytes())


def needs_by_province(actor: Actor, sector: str = "") -> list[InProvince]:
    """Count the needs that an actor sees by the province where they arise, most needs first.

    A need arises at its place, or else at its buyer's. What was counted stands for some minutes.
    """
    scope = "staff" if actor.is_a(*STAFF) else f"{actor.name}-{timezone.localdate()}"
    told = sha256(f"{scope} {sector}".encode()).hexdigest()
    return cache.get_or_set(f"provinces-{told}", lambda: _counted(actor, sector), SECONDS)


def _counted(actor: Actor, sector: str) -> list[InProvince]:
    rows = visible(actor, Need).filter(state__in=(*OPEN, LOCALIZED))
    if sector:
        rows = rows.filter(sector=sector)
    localized = Count("pk", filter=Q(state=LOCALIZED))
    grouped = rows.order_by().values_list("place", "buyer__place")
    known = {row.pk: row for row in RECORDS["places"].objects.all()}
    above = {key: (row.kind, row.parent_id) for key, row in known.items()}
    counts: dict[str, list[int]] = {}
    for own, buyers, every, done in grouped.annotate(Count("pk"), done=localized):
        code = province_of(own or buyers or "", above)
        if code:
            held = counts.setdefault(code, [0, 0])
            held[0] += every - done
            held[1] += done
    found = [
        InProvince(code, _names(code, known.get(code)), *held) for code, held in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.needs, -one.localized, one.code))


def _names(code: str, row: Any) -> dict[str, str]:
    if row is not None:
        return {"en": row.name, "fa": row.name_fa or row.name}
    told = {}
    for locale in ("en", "fa"):
        with override(locale):
            told[locale] = place_name(code)
    return told


def province_of(place: str, above: dict[str, tuple[str, str | None]]) -> str:
    """Find the province that a place lies in; "" where it lies in none.

    Examples
    --------
    >>> above = {"PARK": ("industrial park", "IR-10"), "IR": ("country", None)}
    >>> province_of("PARK", above), province_of("IR-10", above), province_of("IR", above)
    ('IR-10', 'IR-10', '')
    """
    seen: set[str] = set()
    while place and place not in seen:
        seen.add(place)
        kind, parent = above.get(place, ("", None))
        if kind == "province" or (not kind and "-" in place):
            return place
        place = parent or ""
    return ""


def drawn(rows: list[InProvince]) -> SafeString:
    """Draw the map of provinces: needs in graphite, what is verified of them in solid ink.

    Without outlines, or without a need in one of them, there is no map: "".
    """
    outlines = _outlines()
    known = {outline.code for outline in outlines}
    inside = [row for row in rows if row.code in known and row.needs + row.localized]
    if not inside:
        return SafeString("")
    marks = {
        row.code: Mark(
            name=row.name,
            value=row.needs + row.localized,
            shown=shown.number(row.needs, language()),
            verified=row.localized,
            paint="pale",
        )
        for row in inside
    }
    legend = Legend(phases={}, circle="", dot="")  # told under the map, in letters of the page
    alt = _("Map of the provinces with their needs; the table beside it tells the same.")
    rtl = language() == "fa"
    told = draw_map(
        "provinces", outlines, phases={}, marks=marks, dots=(), legend=legend, alt=alt, rtl=rtl
    )
    return mark_safe(told)


def _outlines() -> list[Province]:
    path = outlines_file()
    try:
        return _read(str(path), path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return []


@lru_cache(maxsize=2)
def _read(path: str, _written: int) -> list[Province]:
    return read_provinces(Path(path))


def told_of(actor: Actor, sector: str = "") -> dict[str, Any]:
    """Give the map and its table for a page."""
    rows = needs_by_province(actor, sector)
    return {"province_map": drawn(rows), "provinces": rows}
