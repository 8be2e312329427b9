"""What is asked of OGC API Features: the parameters of its addresses, read and checked."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from onshore.desk.publishing.features import Box, Span

MOST: Final = 10_000
DEFAULT: Final = 100
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG4326: Final = "http://www.opengis.net/def/crs/EPSG/0/4326"
CRSS: Final = (CRS84, EPSG4326)
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")


class Problem(ValueError):
    """What cannot be answered: a status and what to do, in the reader's language."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{title} {detail}")
        self.status, self.title, self.detail = status, title, detail


@dataclass(frozen=True)
class Question:
    """Which features are asked for, and in which reference system."""

    box: Box | None = None
    when: Span | None = None
    limit: int = DEFAULT
    offset: int = 0
    crs: str = CRS84


def read_question(asked: QueryDict) -> Question:
    """Read the parameters of a request for features.

    Raises
    ------
    Problem
        One is not known or cannot be read.
    """
    require_known(asked, "bbox", "bbox-crs", "crs", "datetime", "limit", "offset")
    limit = _whole(asked, "limit", DEFAULT, least=1)
    return Question(
        box=_box(asked),
        when=_when(asked.get("datetime")),
        limit=min(limit, MOST),
        offset=_whole(asked, "offset", 0, least=0),
        crs=read_crs(asked),
    )


def require_known(asked: QueryDict, *known: str) -> None:
    """Refuse parameters that are not known."""
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise Problem(
            400,
            _("A parameter is not known: %s.") % ", ".join(unknown)[:200],
            _("Use: %s.") % ", ".join(known) if known else _("Leave it out."),
        )


def read_crs(asked: QueryDict, name: str = "crs") -> str:
    """Read a reference system's address."""
    crs = asked.get(name, CRS84)
    if crs not in CRSS:
        raise Problem(
            400,
            _("The reference system in %s is not known.") % name,
            _("Use one of: %s.") % ", ".join(CRSS),
        )
    return crs


def _whole(asked: QueryDict, name: str, default: int, *, least: int) -> int:
    text = asked.get(name)
    if text is None:
        return default
    number = int(text) if _WHOLE.fullmatch(text) else least - 1
    if number < least:
        raise Problem(
            400,
            _("%(name)s cannot be %(value)s.") % {"name": name, "value": text[:40]},
            _("Write a whole number of %(least)s or more.") % {"least": least}
            if name == "offset"
            else _("Write a whole number from 1 to %(most)s.") % {"most": MOST},
        )
    return number


def _box(asked: QueryDict) -> Box | None:
    text = asked.get("bbox")
    crs = read_crs(asked, "bbox-crs")
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise _no_box()
    if crs == EPSG4326:
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    west, south, east, north = numbers
    if not (-90 <= south <= north <= 90 and all(-180 <= lon <= 180 for lon in (west, east))):
        raise _no_box()
    return west, south, east, north


def _no_box() -> Problem:
    return Problem(
        400,
        _("This is no bounding box."),
        _("Write west,south,east,north in degrees, such as 44,25,64,40."),
    )


def _when(text: str | None) -> Span | None:
    if text is None:
        return None
    parts = text.split("/")
    try:
        if len(parts) == 1:
            day = _day(parts[0])
            return day, day
        begins, ends = (None if part in ("", "..") else _day(part) for part in parts)
    except (ValueError, OverflowError):
        raise _no_time() from None
    if begins is not None and ends is not None and begins > ends:
        raise _no_time()
    return begins, ends


def _day(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return date.fromisoformat(text)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}[Tt][\d:.]+([Zz]|[+-]\d{2}:\d{2})", text, re.ASCII):
        raise ValueError(text)
    # RFC 3339 allows a leap second and any number of decimals: neither changes the day here.
    plain = re.sub(r"\.\d+", "", text.upper()).replace(":60", ":59")
    return datetime.fromisoformat(plain).astimezone(UTC).date()


def _no_time() -> Problem:
    return Problem(
        400,
        _("This is no time."),
        _("Write a day, or two with a slash: 2024-03-20, 2024-03-20/2025-03-20, ../2024-03-20."),
    )


def in_crs(geometry: Any, crs: str) -> Any:
    """Give a geometry of GeoJSON in a reference system: EPSG:4326 has the latitude first."""
    if geometry is None or crs == CRS84:
        return geometry
    return geometry | {"coordinates": _swapped(geometry["coordinates"])}


def _swapped(coordinates: Any) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return [coordinates[1], coordinates[0], *coordinates[2:]]
    return [_swapped(each) for each in coordinates]
