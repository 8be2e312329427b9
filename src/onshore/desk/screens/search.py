"""Search everywhere: what I am looking for, whatever kind of record it is."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.pages.forms import open_to_all
from onshore.desk.pages.names import named
from onshore.desk.pages.navigation import address
from onshore.desk.pages.wording import table_label
from onshore.desk.search import SEARCHED, Found, search
from onshore.figures.shown import isolate

MOST_OF_EACH = 8
MOST_OF_ONE = 100
_LONGEST = 200
_PAGES = {
    "needs": "need",
    "offers": "offer",
    "organisations": "organisation",
    "items": "item",
    "deals": "deal",
}
_NEXT_STEP = gettext_lazy("Try fewer or shorter words; the beginning of a word is enough.")


@dataclass(frozen=True)
class Line:
    """A record as search shows it."""

    key: str
    label: str
    url: str
    who: str = ""
    state: str = ""


@dataclass(frozen=True)
class Section:
    """What was found of one kind."""

    table: str
    label: str
    lines: list[Line]
    more: bool


@open_to_all
def everywhere(request: HttpRequest) -> HttpResponse:
    """Show what was found, kind by kind; of one kind where the address names it."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST]
    kind = request.GET.get("kind", "")
    chosen = [kind] if kind in SEARCHED else list(SEARCHED)
    most = MOST_OF_ONE if kind in SEARCHED else MOST_OF_EACH
    found = search(request.actor, typed, tables=chosen, most=most)
    context = {
        "title": _("Search everywhere"),
        "lead": _lead(typed, found),
        "typed": typed,
        "kind": kind if kind in SEARCHED else "",
        "sections": [_section(of) for of in found],
    }
    return render(request, "desk/search.html", context)


def _lead(typed: str, found: list[Found]) -> str:
    if not typed:
        return _("Type words, a part number or a key of a record; all words have to fit.")
    if not found:
        return _("Nothing that you may see holds: %s.") % isolate(typed) + f" {_NEXT_STEP}"
    return ""


def _section(found: Found) -> Section:
    lines = [_line(found.table, row) for row in found.rows]
    return Section(found.table, table_label(found.table), lines, found.more)


def _line(table: str, row: Any) -> Line:
    url = address(_PAGES[table], row.pk)
    if table == "needs":
        return Line(row.pk, row.description, url, named(row.buyer), row.state)
    if table == "offers":
        return Line(row.pk, row.description, url, named(row.maker))
    if table == "organisations":
        return Line(row.pk, named(row), url)
    if table == "items":
        return Line(row.pk, row.description, url, row.part_number)
    label = row.need.description if row.need else row.pk
    return Line(row.pk, label, url, f"{named(row.buyer)} – {named(row.maker)}")


urlpatterns = [path("search/", everywhere, name="search")]
