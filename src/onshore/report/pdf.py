"""A bulletin as a PDF: set in Typst, with the package's own fonts."""

import json
import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from onshore.figures import Basis, shown
from onshore.report.bulletin import Bulletin, Chart, Column, Headline, Section, Table
from onshore.report.directions import set_apart
from onshore.report.inks import INK_OF, PAINTS
from onshore.report.words import Locale, Words

if TYPE_CHECKING:
    from types import ModuleType

_FAMILIES: Final = frozenset({"Inter", "Vazirmatn"})
_NUMERIC: Final = frozenset({"number", "money", "share", "percent", "whole"})
_WIDEST_PORTRAIT: Final = 8
_SAMPLES: Final = 6
_NONE: Final = "–"

_PAGE: Final = {"en": ("Page", "of"), "fa": ("صفحهٔ", "از")}


def to_pdf(bulletin: Bulletin, *, created: datetime | None = None) -> bytes:
    """Render a bulletin as a tagged A4 PDF.

    The fonts are those of the package, whatever the machine has; nothing is fetched and no other
    file is read. Texts of the bulletin are set as they are, never as markup. The same bulletin
    gives the same bytes.

    Parameters
    ----------
    bulletin
        What is to be shown, in one language.
    created
        Creation date to write into the file, with its time zone. The file carries none if absent.

    Returns
    -------
    bytes
        The PDF, with title, language, outline and tags for screen readers.

    Raises
    ------
    ModuleNotFoundError
        If the extra ``report`` is not installed.
    RuntimeError
        If the package's fonts are missing, or a chart cannot be read as SVG.

    Examples
    --------
    >>> from onshore.report import Bulletin, to_pdf
    >>> empty = Bulletin("en", "Savings", "2024", (), ("Illustrative data.",), ())
    >>> to_pdf(empty)[:5]
    b'%PDF-'
    """
    typst = _typst()
    report = files("onshore.report")
    with as_file(report / "fonts") as fonts:
        try:
            pdf: bytes = typst.compile(
                (report / "bulletin.typ").read_bytes(),
                root=fonts,
                font_paths=_fonts(typst, fonts),
                ignore_system_fonts=True,
                sys_inputs={"bulletin": json.dumps(_bulletin(bulletin, created is not None))},
                timestamp=created,
            )
        except typst.TypstError as error:
            raise RuntimeError(f"The bulletin {bulletin.title!r} cannot be set: {error}") from error
    return pdf


def _typst() -> "ModuleType":
    try:
        import typst
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "A PDF needs the extra 'report'. Install it: pip install 'onshore[report]'"
        ) from error
    return typst


def _fonts(typst: "ModuleType", folder: Any) -> Any:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    missing = _FAMILIES - set(fonts.families())
    if missing:
        raise RuntimeError(
            f"The fonts {', '.join(sorted(missing))} are missing from {folder}. "
            "Install onshore again."
        )
    return fonts


def _bulletin(bulletin: Bulletin, dated: bool) -> dict[str, Any]:
    """Return all the template needs, as strings that are already in the bulletin's digits."""
    locale = bulletin.locale
    words = Words(locale)
    return {
        "lang": locale,
        "dir": bulletin.direction,
        "dated": dated,
        "paints": PAINTS,
        "words": {key: words.say(f"html.{key}") for key in ("contents", "ladder", "sources")},
        "page": _PAGE[locale],
        "title": set_apart(bulletin.title, locale),
        "cover-title": set_apart(_bound(bulletin.title), locale),
        "subtitle": set_apart(bulletin.subtitle, locale),
        "imprint": [[set_apart(text, locale) for text in pair] for pair in bulletin.imprint],
        "foot": set_apart(bulletin.foot or next(iter(bulletin.notices), ""), locale),
        "notices": [set_apart(notice, locale) for notice in bulletin.notices],
        "ladder": [_chip(basis, locale) for basis in sorted(Basis, reverse=True)]
        if bulletin.on_ladder
        else [],
        "sections": [_section(section, locale) for section in bulletin.sections],
        "sources": [set_apart(source, locale) for source in bulletin.sources],
    }


def _section(section: Section, locale: Locale) -> dict[str, Any]:
    return {
        "name": set_apart(section.name, locale),
        "title": set_apart(section.title, locale),
        "lead": set_apart(section.lead, locale),
        "headlines": [_headline(headline, locale) for headline in section.headlines],
        "charts": [_chart(chart, locale) for chart in section.charts],
        "tables": [_table(table, locale) for table in section.tables],
        "notes": [set_apart(note, locale) for note in section.notes],
    }


def _bound(title: str) -> str:
    """Keep the last two words on one line."""
    head, space, last = title.rpartition(" ")
    return f"{head}\u00a0{last}" if space else title


def _headline(headline: Headline, locale: Locale) -> dict[str, Any]:
    return {
        "label": set_apart(headline.label, locale),
        "value": headline.value,
        "chip": _chip(headline.basis, locale) if headline.basis is not None else None,
        "status": headline.status,
        "note": set_apart(headline.note, locale),
    }


def _chart(chart: Chart, locale: Locale) -> dict[str, Any]:
    box = re.search(r'viewBox="([^"]+)"', chart.svg)
    if box is None:
        raise RuntimeError(f"The chart {chart.title!r} has no viewBox: give its <svg> one.")
    return {
        "title": set_apart(chart.title, locale),
        "svg": chart.svg,
        "width": float(re.split(r"[\s,]+", box[1].strip())[2]),
        "wide": chart.wide,
        "alt": chart.alt,
        "foot": set_apart(chart.foot, locale),
    }


def _table(table: Table, locale: Locale) -> dict[str, Any]:
    frame, hidden = _shown_rows(table, locale)
    cells = [_cells(column, frame[column.key], locale) for column in table.columns]
    return {
        "title": set_apart(table.title, locale),
        "notes": [set_apart(note, locale) for note in (hidden, table.note) if note],
        "total": table.total,
        "wide": len(table.columns) > _WIDEST_PORTRAIT,
        "columns": [
            _column(column, below, locale)
            for column, below in zip(table.columns, cells, strict=True)
        ],
        "rows": list(zip(*cells, strict=True)),
    }


def _shown_rows(table: Table, locale: Locale) -> tuple[pl.DataFrame, str]:
    """Return the rows a page shows, and what to say of those it does not."""
    rows = table.frame.height - table.total
    if not table.shown or table.shown >= rows:
        return table.frame, ""
    kept = table.frame.head(table.shown)
    if table.total:
        kept = kept.vstack(table.frame.tail(1))
    number = partial(shown.number, locale=locale, decimals=0)
    return kept, Words(locale).say("html.hidden", shown=number(table.shown), rows=number(rows))


def _column(column: Column, cells: list[Any], locale: Locale) -> dict[str, Any]:
    """Return the heading, and the texts that decide how wide the column is set."""
    texts = [_width_of(cell) for cell in cells]
    words = {word for text in texts for word in text.split()}
    if column.kind in _NUMERIC:
        set_as = "number"
    elif column.kind in ("basis", "code"):
        set_as = column.kind
    else:
        set_as = "text"
    return {
        "title": set_apart(column.title, locale),
        "unit": column.unit,
        "set": set_as,
        "longest": _longest(texts),
        "words": _longest(words),
        "title-words": [*column.title.split(), *_longest(column.unit.split())],
    }


def _width_of(cell: Any) -> str:
    """Return the text that is as wide as the cell, but for a chip."""
    if isinstance(cell, dict):
        return str(cell["label"]) if "ink" in cell else f"{cell['text']}{cell['filling']}"
    return str(cell)


def _longest(texts: Iterable[str]) -> list[str]:
    return sorted(set(texts), key=lambda text: (-len(text), text))[:_SAMPLES]


def _cells(column: Column, values: pl.Series, locale: Locale) -> list[Any]:
    cells = [_cell(column, value, locale) for value in values]
    if column.decimals is None and column.kind in ("number", "money"):
        return _aligned(cells, locale)
    return cells


def _aligned(texts: list[str], locale: Locale) -> list[Any]:
    """Add the unseen places that bring decimal marks of unlike numbers under each other."""
    mark = shown.number(Decimal("0.1"), locale)[1]
    places = [len(text.partition(mark)[2]) for text in texts]
    most = max(places, default=0)
    return [
        {"text": text, "filling": ""}
        if text == _NONE
        else {"text": text, "filling": ("" if own or not most else mark) + "0" * (most - own)}
        for text, own in zip(texts, places, strict=True)
    ]


def _cell(column: Column, value: Any, locale: Locale) -> Any:
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return _NONE
    match column.kind:
        case "basis":
            return _chip(Basis.parse(value), locale)
        case "number" | "money":
            return shown.number(value, locale, column.decimals)
        case "whole":
            return shown.number(value, locale, 0)
        case "share":
            return shown.percent(value, locale, column.decimals or 0)
        case "percent":
            return shown.percent(value / 100, locale, column.decimals or 0)
        case "year":
            return shown.digits(str(value), locale)
        case "date" if isinstance(value, date):
            return shown.day(value, locale, "solar_hijri" if locale == "fa" else "gregorian")
        case "code":
            return str(value)
        case _:
            return set_apart(str(value), locale)


def _chip(basis: Basis, locale: Locale) -> dict[str, Any]:
    return {"step": basis.step, "ink": INK_OF[basis], "label": basis.label(locale)}
