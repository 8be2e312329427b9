"""Compose a bulletin: the answers in order, in one language."""

import polars as pl

from onshore import __version__
from onshore.report.bulletin import Bulletin, Section
from onshore.report.edition import Edition
from onshore.report.results import Results
from onshore.report.sections.chain import value_chain
from onshore.report.sections.left_out import left_out
from onshore.report.sections.money import money
from onshore.report.sections.needs import needs_and_makers
from onshore.report.sections.planned import planned
from onshore.report.sections.provinces import provinces
from onshore.report.sections.saved import saved
from onshore.report.sections.standing import standing
from onshore.report.words import Locale

# Tables whose sources stand behind a figure of the bulletin, in the order of their sections.
_SOURCED = ("claims", "desks", "budgets", "plants", "observations", "targets", "awards", "rates")


def compose(results: Results, locale: Locale) -> Bulletin:
    """Write what a run found as a bulletin.

    Its sections answer, in this order: what was truly saved, what should be localized first, who
    could make it, where, where production stands, what plants and projects can make, what an
    amount is worth, what was left out. Every section's title states its finding.

    Parameters
    ----------
    results
        What the run found.
    locale
        ``en`` or ``fa``: texts, digits, names of places and organisations, and the calendar that
        comes first are the language's own; the figures are the same.

    Returns
    -------
    Bulletin
        For ``to_html``, ``to_pdf`` and ``to_xlsx``.

    Raises
    ------
    ValueError
        The folder's ``provinces.geojson`` is not a GeoJSON of provinces; the message says what
        to do.
    """
    edition = Edition(results, locale)
    say, settings = edition.say, edition.settings
    programme = (settings.name_fa or settings.name) if locale == "fa" else settings.name
    country = edition.country(settings.home)
    return Bulletin(
        locale=locale,
        title=programme,
        subtitle=say("bulletin.subtitle", country=country),
        imprint=_imprint(edition, country),
        notices=_notices(edition),
        sections=_sections(edition),
        sources=_sources(edition),
        foot=" · ".join((programme, *_illustrative(edition, "bulletin.foot_illustrative"))),
    )


def _sections(edition: Edition) -> tuple[Section, ...]:
    """Compose the sections; where there is no map, the last one says so."""
    drawn = provinces(edition)
    absent = () if drawn else (edition.say("map.absent"),)
    sections = (
        saved(edition),
        planned(edition),
        needs_and_makers(edition),
        drawn,
        standing(edition),
        value_chain(edition),
        money(edition),
        left_out(edition, notes=absent),
    )
    return tuple(section for section in sections if section is not None)


def _imprint(edition: Edition, country: str) -> tuple[tuple[str, str], ...]:
    say, settings = edition.say, edition.settings
    horizon = say(
        "bulletin.horizon_value",
        first=edition.year(settings.first_year),
        last=edition.year(settings.first_year + settings.years - 1),
        calendar=say(f"calendar.{settings.calendar}"),
    )
    return (
        (say("bulletin.home"), country),
        (say("bulletin.price_date"), edition.day(settings.price_date)),
        (say("bulletin.horizon"), horizon),
        (say("bulletin.currency"), edition.currency(settings.currency)),
        (say("bulletin.rate_type"), edition.name("rate type", settings.rate_type)),
        (say("bulletin.version"), f"onshore {__version__}"),
    )


def _notices(edition: Edition) -> tuple[str, ...]:
    settings = edition.settings
    note = (settings.note_fa or settings.note) if edition.rtl else settings.note
    return (*_illustrative(edition, "bulletin.illustrative"), *((note,) if note else ()))


def _illustrative(edition: Edition, key: str) -> tuple[str, ...]:
    """Say what is invented, and what beside it is real, where there is any."""
    if not edition.settings.illustrative:
        return ()
    real = not edition.table("plants").is_empty() or not edition.table("observations").is_empty()
    parts = [edition.say(key), *([edition.say(f"{key}_real")] if real else [])]
    return (" ".join(parts),)


def _sources(edition: Edition) -> tuple[str, ...]:
    """Name each source once; what is marked illustrative has none."""
    named = [
        source
        for table in _SOURCED
        for source in cited(edition.table(table))["source"].drop_nulls().to_list()
    ]
    return tuple(dict.fromkeys(named))


def cited(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of a table that are not invented for illustration."""
    if "illustrative" not in rows.columns:
        return rows
    return rows.filter(~pl.col("illustrative").fill_null(value=False))
