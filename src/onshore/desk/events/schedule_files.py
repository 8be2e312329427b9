"""An event's meetings to take along: as a PDF for each participant, and as calendar files."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from onshore.desk.pages.names import named
from onshore.desk.pages.wording import language
from onshore.figures import shown
from onshore.report import Bulletin, Column, Section, Table

_LINE = 75
"""Octets of a line of a calendar file (RFC 5545, section 3.1)."""


def schedule_bulletin(
    event: Any, meetings: Sequence[Any], slots: dict[int, Any], *, of: str = ""
) -> Bulletin:
    """Compose the printed schedule: a page for each participant, or of one alone.

    Parameters
    ----------
    meetings
        Those that the reader may see, with ``buyer`` and ``maker`` at hand.
    slots
        The event's slots by number.
    of
        Key of the organisation whose meetings are printed; empty for all.
    """
    parties = {row.buyer_id: row.buyer for row in meetings}
    parties |= {row.maker_id: row.maker for row in meetings}
    wanted = sorted(
        (party for key, party in parties.items() if of in ("", key)), key=lambda party: named(party)
    )
    locale = language()
    calendar = "solar_hijri" if locale == "fa" else "gregorian"
    days = [
        shown.day(day, locale, calendar) for day in (event.starts, event.until) if day is not None
    ]
    return Bulletin(
        locale=locale,
        title=event.title,
        subtitle=_("Schedule of meetings"),
        imprint=((_("Days"), " – ".join(dict.fromkeys(days))),) if days else (),
        notices=(_("This event is invented for illustration."),) if event.illustrative else (),
        sections=tuple(_of(party, meetings, slots) for party in wanted),
        sources=(event.source,) if event.source else (),
    )


def _of(party: Any, meetings: Sequence[Any], slots: dict[int, Any]) -> Section:
    own = sorted(
        (row for row in meetings if party.pk in (row.buyer_id, row.maker_id)),
        key=lambda row: row.slot,
    )
    frame = pl.DataFrame(
        [
            (
                slots[row.slot].date,
                shown.digits(f"{slots[row.slot].starts}–{slots[row.slot].ends}", language()),
                row.table_number,
                named(row.maker if row.buyer_id == party.pk else row.buyer),
            )
            for row in own
        ],
        schema={"day": pl.Date, "time": pl.String, "table": pl.Int64, "with": pl.String},
        orient="row",
    )
    columns = (
        Column("day", _("Day"), "date"),
        Column("time", _("Time"), "code"),
        Column("table", _("Meeting table"), "whole"),
        Column("with", _("Meeting with")),
    )
    count = shown.number(len(own), language())
    return Section(
        key=f"p{party.pk}",
        name=named(party),
        title=named(party),
        lead=_("%s meetings") % count,
        tables=(Table(_("Meetings"), columns, frame),),
    )


def calendar_file(
    event: Any, meetings: Iterable[Any], slots: dict[int, Any], *, of: str, at: datetime
) -> bytes:
    """Write meetings as an iCalendar file (RFC 5545), in the local time of the event's place.

    ``of`` is the organisation that takes the file along.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//onshore//desk//EN", "CALSCALE:GREGORIAN"]
    for row in sorted(meetings, key=lambda row: row.slot):
        slot = slots[row.slot]
        other = named(row.maker if row.buyer_id == of else row.buyer)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{row.pk}@onshore",
            f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART:{_local(slot.date, slot.starts)}",
            f"DTEND:{_local(slot.date, slot.ends)}",
            f"SUMMARY:{_escaped(other)}",
            f"DESCRIPTION:{_escaped(event.title)}",
            f"LOCATION:{_escaped(_('Table %s') % (row.table_number or '–'))}",
            f"STATUS:{'CANCELLED' if row.state == 'cancelled' else 'CONFIRMED'}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _local(day: date, minute: str) -> str:
    return f"{day:%Y%m%d}T{minute.replace(':', '')}00"


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Break a line after 75 octets at most, never within a letter."""
    parts, now = [], ""
    for letter in line:
        if len((now + letter).encode()) > _LINE:
            parts.append(now)
            now = " "
        now += letter
    return [*parts, now]
