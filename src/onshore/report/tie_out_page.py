"""A tie-out as a bulletin: what does not tie first, each relation with its working."""

from fractions import Fraction

import polars as pl

from onshore import __version__
from onshore.account.tie_out import VERDICTS, Figure, Finding, TieOut, in_persian, persian_digits
from onshore.figures import shown
from onshore.report.bulletin import Bulletin, Column, Headline, Section, Table
from onshore.report.words import Locale, Words

_SECTIONS = {
    "off": ("off by",),
    "ambiguous": ("ambiguous place", "ambiguous period"),
    "cannot": ("cannot tie",),
    "derived": ("derived",),
    "ties": ("ties",),
}
_TITLES = {
    "off": "tie_out.title_of.off_none",
    "ambiguous": "tie_out.title_of.ambiguous",
    "cannot": "tie_out.title_of.cannot",
    "derived": "tie_out.title_of.derived",
    "ties": "tie_out.title_of.ties",
}
_SHOWN = 500


def compose_tie_out(result: TieOut, locale: Locale, *, file: str) -> Bulletin:
    """Write a tie-out as a bulletin.

    Parameters
    ----------
    result
        What was found.
    locale
        ``en`` or ``fa``: texts, workings and digits are the language's own; statements and units
        stay as the table has them.
    file
        Name of the table of figures.

    Returns
    -------
    Bulletin
        For ``to_html``, ``to_pdf`` and ``to_xlsx``.
    """
    words = Words(locale)
    say = words.say
    sections = [_section(key, result, words) for key in _SECTIONS]
    sources = dict.fromkeys(figure.source for figure in result.figures if figure.source)
    return Bulletin(
        locale=locale,
        title=say("tie_out.title"),
        subtitle=say("tie_out.subtitle", file=shown.isolate(file)),
        imprint=(
            (say("tie_out.file"), file),
            (say("tie_out.figures"), _number(len(result.figures), locale)),
            (say("tie_out.relations"), _number(len(result.findings), locale)),
            (say("tie_out.version"), f"onshore {__version__}"),
        ),
        notices=(say("tie_out.notice"),),
        sections=(*(s for s in sections if s is not None), _as_read(result.figures, words)),
        sources=tuple(sources),
        foot=say("tie_out.foot"),
    )


def _section(key: str, result: TieOut, words: Words) -> Section | None:
    findings = [f for f in result.findings if f.verdict in _SECTIONS[key]]
    if not findings and key != "off":
        return None
    count = _number(len(findings), words.locale)
    title = words.say(_TITLES[key])
    if key == "off" and findings:
        title = words.count("tie_out.title_of.off", len(findings), number=count)
    return Section(
        key=key,
        title=title,
        lead=words.say("tie_out.lead", count=count) if findings else words.say("tie_out.nothing"),
        name=words.name("tie-out verdict", _SECTIONS[key][0]),
        headlines=_headlines(result, words) if key == "off" else (),
        tables=(_table(findings, key, result.figures, words),) if findings else (),
    )


def _headlines(result: TieOut, words: Words) -> tuple[Headline, ...]:
    counts = {v: sum(f.verdict == v for f in result.findings) for v in VERDICTS}
    return tuple(
        Headline(words.name("tie-out verdict", verdict), _number(count, words.locale))
        for verdict, count in counts.items()
        if count
    )


def _table(findings: list[Finding], key: str, figures: tuple[Figure, ...], words: Words) -> Table:
    locale = words.locale
    statement = {figure.id: figure.statement for figure in figures}
    columns = ["relation", "ids", "statement", "working"]
    if key in {"off", "ties"}:
        columns[3:3] = ["stated", "computed", "difference", "tolerance"]
    if key == "derived":
        columns[3:3] = ["computed", "tolerance"]
    rows = [
        {
            "relation": words.name("tie-out relation", finding.relation),
            "ids": " · ".join(finding.ids),
            "statement": statement[finding.ids[0]],
            "stated": _cell(finding.stated, locale),
            "computed": _cell(finding.computed, locale),
            "difference": _cell(finding.difference, locale),
            "tolerance": _cell(finding.tolerance, locale),
            "working": finding.working(locale),
        }
        for finding in findings
    ]
    frame = pl.DataFrame([{name: row[name] for name in columns} for row in rows])
    title = words.name("tie-out verdict", _SECTIONS[key][0])
    return Table(title, _columns(columns, words), frame, shown=_SHOWN)


def _as_read(figures: tuple[Figure, ...], words: Words) -> Section:
    locale = words.locale
    rows = [
        {
            "id": figure.id,
            "statement": figure.statement,
            "value": _cell(figure.written, locale),
            "unit": figure.unit.label,
            "bounds": _bounds(figure, locale),
            "days": _days(figure),
        }
        for figure in figures
    ]
    columns = ["id", "statement", "value", "unit", "bounds", "days"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
    title = words.say("tie_out.read_name")
    return Section(
        key="read",
        title=words.say("tie_out.read_title"),
        lead=words.say("tie_out.read_lead"),
        name=title,
        tables=(Table(title, _columns(columns, words), frame, shown=_SHOWN),),
    )


def _columns(names: list[str], words: Words) -> tuple[Column, ...]:
    codes = {"id", "days"}
    return tuple(
        Column(name, words.name("tie-out column", name), "code" if name in codes else "text")
        for name in names
    )


def _bounds(figure: Figure, locale: Locale) -> str:
    if figure.number is None:
        return ""
    factor = figure.unit.factor
    ends = [None if end is None else Fraction(end, factor) for end in figure.bounds.ends]
    low, high = ("…" if end is None else shown.number(float(end), locale) for end in ends)
    return f"{low} – {high}"


def _days(figure: Figure) -> str:
    span = figure.span
    if not (span.start or span.end):
        return ""
    return f"{span.start or '…'} – {span.end or '…'}"


def _cell(text: str, locale: Locale) -> str:
    return persian_digits(in_persian(text)) if locale == "fa" else text


def _number(value: int, locale: Locale) -> str:
    return shown.number(value, locale, 0)
