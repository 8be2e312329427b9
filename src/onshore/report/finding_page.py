"""A result of trade or economy as a bulletin, and its first chart as a file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

import polars as pl

from onshore import __version__
from onshore.figures import shown
from onshore.report.bulletin import Bulletin, Chart, Column, Section, Table
from onshore.report.canvas import FONT, folded
from onshore.report.charts import WIDTH
from onshore.report.directions import set_apart
from onshore.report.finding import Finding
from onshore.report.words import Locale

_TOLD: Final = (
    "filter", "limits", "thresholds", "weights", "normalisation", "parameters", "method",
    "left_out",
)  # fmt: skip


def page_of(finding: Finding, subtitle: str, title: str, sections: Sequence[Section]) -> Bulletin:
    """Make the bulletin of a result, its method and warnings last."""
    metadata = finding.metadata
    source = dict(metadata.get("source") or {})
    imprint = [
        (finding.say("bulletin.home"), finding.country(finding.home) if finding.home else ""),
        (finding.say("finding.period"), finding.years),
        (finding.say("finding.vintage"), str(metadata.get("vintage") or "")),
        (finding.say("finding.file"), str(source.get("file") or "")),
        (finding.say("finding.rows"), _rows(finding, source)),
        (finding.say("bulletin.version"), f"onshore {metadata.get('version') or __version__}"),
    ]
    notices = (finding.say("finding.illustrative"),) if metadata.get("illustrative") else ()
    return Bulletin(
        locale=finding.locale,
        title=title,
        subtitle=subtitle,
        imprint=tuple((label, value) for label, value in imprint if value),
        notices=notices,
        sections=(*(sections or _as_they_are(finding)), *_method(finding)),
        sources=tuple(dict.fromkeys(_sources(finding, source))),
        foot=subtitle,
        in_files=True,
    )


def _rows(finding: Finding, source: Mapping[str, Any]) -> str:
    rows = source.get("rows") or finding.metadata.get("rows")
    return finding.number(rows) if isinstance(rows, int) else ""


def _method(finding: Finding) -> tuple[Section, ...]:
    """Tell what the result rests on: filter, normalisation, what was left out, warnings."""
    stated = [(key, finding.metadata.get(key)) for key in _TOLD]
    rows = [row for key, value in stated for row in _flat(finding, (key,), value)]
    warnings = tuple(str(text) for text in finding.metadata.get("warnings") or ())
    left_out = _left_out(finding)
    if not (rows or warnings or left_out):
        return ()
    columns = (
        Column("what", finding.say("finding.what")),
        Column("stated", finding.say("finding.stated")),
    )
    frame = pl.DataFrame(rows, schema={"what": pl.String, "stated": pl.String}, orient="row")
    title = finding.say("finding.method_title")
    if warnings:
        number = finding.number(len(warnings))
        title = finding.words.count("finding.warnings", len(warnings), number=number)
    settings = (Table(finding.say("finding.settings"), columns, frame),) if rows else ()
    return (
        Section(
            key="method",
            title=title,
            lead="",
            name=finding.say("finding.method"),
            tables=(*settings, *left_out),
            notes=warnings,
        ),
    )


def _left_out(finding: Finding) -> tuple[Table, ...]:
    """List what the filter removed, by what it is, with the reasons."""
    removed = dict(finding.metadata.get("filter") or {}).get("removed")
    if not isinstance(removed, Mapping):
        return ()
    tables = []
    for what, rows in removed.items():
        if not rows or not all(isinstance(row, Mapping) and "key" in row for row in rows):
            continue
        names = [
            (str(row["key"]), finding.country(row["key"]), str(row.get("reason") or ""))
            if what == "country"
            else (str(row["key"]), finding.product_name(row["key"]), str(row.get("reason") or ""))
            for row in rows
        ]
        schema = dict.fromkeys(("key", "name", "reason"), pl.String)
        frame = pl.DataFrame(names, schema=schema, orient="row")
        kept = [key for key in schema if any(frame[key])]
        columns = tuple(
            Column(key, finding.column(key), "code" if key == "key" else "text") for key in kept
        )
        named = finding.words.name("finding setting", what)
        title = finding.say("finding.left_out_keys", what=named)
        tables.append(Table(title, columns, frame.select(kept), shown=20))
    return tuple(tables)


def _flat(finding: Finding, path: tuple[str, ...], value: object) -> list[tuple[str, str]]:
    """Write a setting, or each of several within it; lists of what was removed stand apart."""
    if isinstance(value, Mapping):
        return [
            row
            for key, one in value.items()
            if key != "removed"
            for row in _flat(finding, (*path, str(key)), one)
        ]
    text = _stated(finding, value)
    names = [finding.words.name("finding setting", key).replace("_", " ") for key in path]
    return [(": ".join((names[0], *names[1:][-1:])), text)] if text else []


def _stated(finding: Finding, value: object) -> str:
    if value is None or value in ([], {}, ""):
        return ""
    if isinstance(value, bool):
        return finding.say("finding.yes" if value else "finding.no")
    if isinstance(value, int | float):
        return shown.number(value, finding.locale)
    if isinstance(value, Sequence) and not isinstance(value, str):
        more = f" (+{len(value) - 8})" if len(value) > 8 else ""
        return ", ".join(str(one) for one in value[:8]) + more
    return str(value)


def _sources(finding: Finding, source: Mapping[str, Any]) -> Iterable[str]:
    if source.get("file"):
        digest = f", SHA-256 {source['sha256']}" if source.get("sha256") else ""
        yield f"{source['file']}{digest}"
    formulas = finding.metadata.get("formulas") or finding.metadata.get("formula_sources") or ()
    if isinstance(formulas, Mapping):
        formulas = [f"{name}: {text}" for name, text in formulas.items()]
    yield from map(str, [formulas] if isinstance(formulas, str) else formulas)


def first_chart(bulletin: Bulletin) -> str:
    """Set the first chart of a bulletin as a file; where it has none, its title alone."""
    charts = [chart for section in bulletin.sections for chart in section.charts]
    nothing = '<svg viewBox="0 0 400 8"></svg>'
    chart = charts[0] if charts else Chart(bulletin.title, nothing, bulletin.title)
    return alone(chart, bulletin.locale)


def _as_they_are(finding: Finding) -> list[Section]:
    """Show tables of which a page knows nothing."""
    tables = [finding.table(name, frame) for name, frame in finding.tables.items() if frame.width]
    title = finding.say("finding.tables")
    section = Section(key="tables", title=title, lead="", name=title, tables=tuple(tables))
    return [section] if tables else []


def alone(chart: Chart, locale: Locale) -> str:
    """Set a chart as a file of its own: its title above, its source below, on paper.

    Parameters
    ----------
    chart
        The chart as it stands on a page.
    locale
        Language of its texts.

    Returns
    -------
    str
        One ``<svg>`` element that needs no other file.
    """
    margin, rtl = 16.0, locale == "fa"
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', chart.svg)
    width, height = (float(found[1]), float(found[2])) if found else (WIDTH, WIDTH)
    title = folded(set_apart(chart.title, locale), width, 15.5)
    foot = folded(set_apart(chart.foot, locale), width, 11.0) if chart.foot else []
    top = margin + 20 * len(title) + 8
    bottom = top + height + 16 * len(foot) + (8 if foot else 0) + margin
    texts = [
        _line(line, margin + 14 + 20 * number, 15, "#1b2328", width, margin, rtl=rtl, bold=True)
        for number, line in enumerate(title)
    ]
    texts += [
        _line(line, top + height + 18 + 16 * number, 11, "#515c64", width, margin, rtl=rtl)
        for number, line in enumerate(foot)
    ]
    svg = chart.svg[chart.svg.index("<svg") :]
    inner = svg.replace("<svg ", f'<svg x="{margin:g}" y="{top:g}" ', 1)
    outer = f'viewBox="0 0 {width + 2 * margin:g} {bottom:g}"'
    outer += f' width="{width + 2 * margin:g}" height="{bottom:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {outer} role="img" '
        f'aria-label="{escape(chart.title)}" font-family="{FONT}">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(texts)}{inner}</svg>'
    )


def _line(
    text: str, y: float, size: int, fill: str, width: float, margin: float, *, rtl: bool,
    bold: bool = False,
) -> str:  # fmt: skip
    weight = ' font-weight="600"' if bold else ""
    at = f'x="{width + margin:g}" direction="rtl"' if rtl else f'x="{margin:g}"'
    return f'<text {at} y="{y:g}" font-size="{size}" fill="{fill}"{weight}>{escape(text)}</text>'
