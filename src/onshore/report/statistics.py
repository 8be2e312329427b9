"""A statistical bulletin: the series that a template asks for, as a bulletin."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from onshore import __version__
from onshore.figures import Period, Status
from onshore.records import Programme
from onshore.report.bounds import is_over
from onshore.report.bulletin import Bulletin, Headline, Section
from onshore.report.edition import Edition
from onshore.report.sections.standing import series_name
from onshore.report.statistics_rows import (
    Change,
    Incomplete,
    Row,
    Whole,
    aimed,
    changed,
    expanded,
    headline_row,
    require_known,
    selected,
    whole_of,
    with_parts,
)
from onshore.report.statistics_tables import (
    TIMES,
    charts_of,
    newest_compared,
    own_places,
    supported,
    tables_of,
    whole_name,
)
from onshore.report.statistics_template import (
    ITSELF,
    OF_GROWTH,
    OF_HEADLINE,
    OF_PERIODS,
    SectionPlan,
    StatisticsTemplate,
    Text,
)
from onshore.report.words import Locale, Words


class _Edition(Edition):
    """An edition of a programme's own tables, without the results of a run."""

    def __init__(self, programme: Programme, locale: Locale) -> None:
        self.locale = locale
        self.words = Words(locale)
        self.say = self.words.say
        self.name = self.words.name
        self.settings = programme.settings
        self.table = programme.table


@dataclass(frozen=True)
class _Head:
    """A headline with its whole, or with what keeps either from being told."""

    row: Row | None = None
    whole: Whole | None = None
    missing: tuple[str, ...] = ()


def statistical_bulletin(
    programme: Programme, template: StatisticsTemplate, locale: Locale
) -> Bulletin:
    """Compose a statistical bulletin of a programme's observations and targets.

    A headline stands beside its whole: the parts added up, with their own change on the same
    period of the year before. Where a part's year before is not observed and its source states
    the change, the year before is reckoned from that, and a note says so.

    Parameters
    ----------
    programme
        As ``onshore.open`` gives it.
    template
        As ``read_template`` gives it.
    locale
        ``en`` or ``fa``.

    Returns
    -------
    Bulletin
        For ``to_html``, ``to_pdf`` and ``to_xlsx``.

    Raises
    ------
    TemplateErrors
        The template names an indicator, a product or a place that no row has, or adds unlike
        units; each by its line.
    SeriesError
        The observations contradict each other.
    """
    edition = _Edition(programme, locale)
    observations, targets = edition.table("observations"), edition.table("targets")
    require_known(template, observations, targets)
    settings = edition.settings
    name = (settings.name_fa or settings.name) if locale == "fa" else settings.name
    fills = {"programme": name, "country": edition.country(settings.home)}
    sections = [
        _section(edition, plan, number, template.where, fills)
        for number, plan in enumerate(expanded(template, observations), 1)
    ]
    return Bulletin(
        locale=locale,
        title=_filled(template.title, locale, fills),
        subtitle=_filled(template.subtitle, locale, fills),
        imprint=_imprint(edition, observations),
        notices=tuple(_filled(notice, locale, fills) for notice in template.notices),
        sections=tuple(sections),
        sources=_sources(observations, targets, expanded(template, observations)),
        foot=_filled(template.foot, locale, fills) or name,
    )


def _section(
    edition: Edition, plan: SectionPlan, number: int, where: str, fills: Mapping[str, str]
) -> Section:
    plan = with_parts(edition.table("observations"), plan, where)
    rows = selected(edition.table("observations"), plan)
    targets = aimed(edition.table("targets"), plan)
    head = _head(edition.table("observations"), rows, plan, where)
    fills = {**fills, **_section_fills(edition, plan, rows), **_head_fills(edition, plan, head)}
    name = _capital(_filled(plan.name, edition.locale, fills))
    key = f"s{number}"
    if not rows and targets.is_empty():
        empty = _filled(plan.empty, edition.locale, fills) or edition.say("statistics.empty")
        return Section(key=key, title=name, lead=empty, name=name)
    title, lead = (_filled(text, edition.locale, fills) for text in (plan.title, plan.lead))
    written = (_filled(note, edition.locale, fills) for note in plan.notes)
    return Section(
        key=key,
        title=_capital(title) or name,
        lead=lead,
        name=name,
        headlines=_headlines(edition, plan, head) if "headline" in plan.show else (),
        charts=charts_of(edition, plan, rows, head.whole, key),
        tables=tables_of(edition, plan, rows, head.whole, targets),
        notes=(*filter(None, written), *_head_notes(edition, plan, head)),
    )


def _head(observations: pl.DataFrame, rows: list[Row], plan: SectionPlan, where: str) -> _Head:
    """Find the headline's row, and add up its whole."""
    if not plan.headline:
        return _Head()
    row = headline_row(rows, plan)
    if row is None or changed(row) is None:
        return _Head(row=row, missing=(plan.headline,))
    if plan.whole == (ITSELF,):
        return _Head(row=row)
    try:
        return _Head(row=row, whole=whole_of(observations, row, plan, where))
    except Incomplete as lacking:
        return _Head(row=row, missing=lacking.products)


def _section_fills(edition: Edition, plan: SectionPlan, rows: list[Row]) -> dict[str, str]:
    periods = sorted({Period.parse(row["period"]) for row in rows}, key=lambda period: period.end)
    indicators = dict.fromkeys(row["indicator"] for row in rows) or {plan.indicator: None}
    products = plan.products or dict.fromkeys(row["product"] for row in rows if row["product"])
    fills = {
        "indicator": edition.listed(edition.name("indicator", name) for name in indicators),
        "products": edition.both([edition.name("product", name) for name in products]),
        "figures": edition.count("standing.observations", len(rows)),
    }
    if periods:
        first, last = edition.the_period(periods[0]), edition.the_period(periods[-1])
        span = edition.say("statistics.span", first=first, last=last)
        fills |= {"first": first, "last": last, "span": last if first == last else span}
    compared = newest_compared(rows)
    if compared:
        rising = sum(row["value"] > row["value_before"] for row in compared)
        fills |= {
            "rising": edition.number(rising),
            "compared": edition.number(len(compared)),
        }
    return fills


def _head_fills(edition: Edition, plan: SectionPlan, head: _Head) -> dict[str, str]:
    """Fill in the headline and its whole; only together, as a part is never told alone."""
    row = head.row
    change = changed(row) if row is not None else None
    if row is None or change is None or head.missing:
        return {}
    period = Period.parse(row["period"])
    fills = {
        "product": series_name(edition, row),
        "period": edition.the_period(period),
        "before": edition.the_period(period.year_before()),
        "value": _valued(edition, change.value, row["unit"], own_places([row]), over=is_over(row)),
        "change": _changed(edition, change, over=is_over(row)),
        "moved": _moved(edition, change, over=is_over(row)),
        "value_before": _before(edition, change, [row]),
    }
    if head.whole is None:
        return fills
    whole = head.whole
    places = own_places(whole.rows)
    return fills | {
        "whole": whole_name(edition, plan),
        "whole_value": _valued(edition, whole.change.value, whole.unit, places),
        "whole_before": _before(edition, whole.change, whole.rows, whole.unit),
        "whole_change": _changed(edition, whole.change),
        "whole_moved": _moved(edition, whole.change),
    }


def _headlines(edition: Edition, plan: SectionPlan, head: _Head) -> tuple[Headline, ...]:
    """Set the headline and, beside it, its whole; neither where the whole is not known."""
    row = head.row
    change = changed(row) if row is not None else None
    if row is None or change is None or head.missing:
        return ()
    told = "statistics.stated" if change.stated else "statistics.from"
    first = Headline(
        label=series_name(edition, row),
        value=_changed(edition, change, over=is_over(row)),
        status=_status(edition, row["status"]),
        note=edition.say(told, **_figures(edition, change, row, [row], row["unit"])),
    )
    if head.whole is None:
        return (first,)
    whole = head.whole
    figures = _figures(edition, whole.change, row, whole.rows, whole.unit)
    second = Headline(
        label=_capital(whole_name(edition, plan)),
        value=_changed(edition, whole.change),
        status=_status(edition, whole.status),
        note=edition.say("statistics.from", **figures),
    )
    return (first, second)


def _figures(
    edition: Edition, change: Change, row: Row, parts: list[Row] | tuple[Row, ...], unit: str
) -> dict[str, str]:
    over = any(is_over(part) for part in parts)
    period = Period.parse(row["period"])
    return {
        "value": _valued(edition, change.value, unit, own_places(parts), over=over),
        "before": _before(edition, change, parts, unit),
        "period": edition.the_period(period),
        "earlier": edition.the_period(period.year_before()),
    }


def _head_notes(edition: Edition, plan: SectionPlan, head: _Head) -> tuple[str, ...]:
    """Say what keeps a headline from being told, or what its whole rests on."""
    if head.missing:
        names = edition.both([edition.name("product", name) for name in head.missing])
        headline = edition.name("product", plan.headline)
        return (edition.say("statistics.missing", headline=headline, products=names),)
    if head.whole is not None and head.whole.reckoned:
        names = edition.both([edition.name("product", name) for name in head.whole.reckoned])
        return (edition.say("statistics.reckoned", products=names),)
    return ()


def _valued(edition: Edition, value: Decimal, unit: str, places: int, *, over: bool = False) -> str:
    number = edition.number(value, places)
    told = edition.say("standing.value", number=number, unit=edition.name("unit", unit))
    return edition.say("standing.over", figure=told) if over else told


def _before(
    edition: Edition, change: Change, rows: list[Row] | tuple[Row, ...], unit: str = ""
) -> str:
    places = own_places([*rows, *({"value": row["value_before"]} for row in rows)])
    return _valued(edition, change.before, unit or rows[0]["unit"], places)


def _changed(edition: Edition, change: Change, *, over: bool = False) -> str:
    """Write a change with its sign; one of three times or more as how many times."""
    share, places = change.share, _places_of(change)
    if share is None:
        return edition.say("statistics.from_nothing")
    share = supported(share, places, over=over)
    if share >= TIMES:
        told = edition.say("statistics.times", factor=edition.number(share + 1, 1))
    else:
        told = edition.signed_percent(share, places)
    return edition.say("standing.over", figure=told) if over and share > 0 else told


def _moved(edition: Edition, change: Change, *, over: bool = False) -> str:
    share, places = change.share, _places_of(change)
    if share is None:
        return edition.say("statistics.from_nothing")
    share = supported(share, places, over=over)
    if share >= TIMES:
        told = edition.number(share + 1, 1)
        told = edition.say("standing.over", figure=told) if over else told
        return edition.say("statistics.rose_times", factor=told)
    told = edition.percent(abs(share), places)
    told = edition.say("standing.over", figure=told) if over and share > 0 else told
    return edition.say("statistics.rose" if share >= 0 else "statistics.fell", change=told)


def _places_of(change: Change) -> int:
    """Write a change to one place, one that is only stated as its source gives it."""
    share = change.share or 0.0
    return 0 if change.stated and abs(round(share * 100) - share * 100) < 1e-9 else 1


def _status(edition: Edition, status: str) -> str:
    return Status.parse(status).label(edition.locale)


def _imprint(edition: Edition, observations: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    say = edition.say
    vintages = observations["vintage"].drop_nulls()
    last = vintages.max() if len(vintages) else None
    published = ((say("statistics.published"), edition.day(last)),) if last is not None else ()  # type: ignore[arg-type]
    return (
        (say("bulletin.home"), edition.country(edition.settings.home)),
        *published,
        (say("bulletin.version"), f"onshore {__version__}"),
    )


def _sources(
    observations: pl.DataFrame, targets: pl.DataFrame, plans: list[SectionPlan]
) -> tuple[str, ...]:
    """Name each source of a section's figures once."""
    named = [
        source
        for plan in plans
        for frame in (observations, targets)
        for source in aimed(frame, plan)["source"].drop_nulls()
    ]
    return tuple(dict.fromkeys(named))


def _filled(text: Text, locale: Locale, fills: Mapping[str, str]) -> str:
    """Fill a text in; nothing where it asks for a figure that is not known."""
    written = text.of(locale)
    if any(
        f"{{{name}}}" in written
        for name in (*OF_HEADLINE, *OF_PERIODS, *OF_GROWTH)
        if name not in fills
    ):
        return ""
    return written.format(**fills) if written else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
