"""Trade with partner countries: who buys there, who at home could make it, and what grew."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import polars as pl
from django.db.models import Count

from onshore import codes
from onshore.desk.actor import Actor
from onshore.desk.models import (
    Analysis,
    Candidate,
    Event,
    Need,
    Organisation,
    PartnerGood,
    ProgrammeSettings,
)
from onshore.desk.policies import visible
from onshore.desk.reckoning import bulletins
from onshore.desk.states import OPEN
from onshore.figures import FigureError, Period
from onshore.report import Bulletin

MATCHED = ("exact", "near", "could make")
"""Classes of candidates that a home maker could serve a need by."""
PARTNER_EVENT = "partner event"
MOST_NEEDS = 100
_TRADE = ("exports", "opportunity")
_PARTNER_COLUMNS = ("partner", "top_partner")


@dataclass
class Partner:
    """What there is with a partner country, as far as somebody sees it."""

    country: str
    buyers: int = 0
    needs: int = 0
    matched: int = 0
    exports: int = 0
    imports: int = 0
    events: int = 0


def home() -> str:
    """Give the programme's own country; empty without a programme."""
    row = ProgrammeSettings._default_manager.filter(pk=1).first()
    return str((row.settings if row else {}).get("home") or "")


def partners(actor: Actor) -> list[Partner]:
    """Give the partner countries that an actor sees anything of, by their codes."""
    own = home()
    found: dict[str, Partner] = {}

    def at(country: str) -> Partner:
        return found.setdefault(country, Partner(country))

    for country, count in _by(_buyers(actor, own), "country"):
        at(country).buyers = count
    needs = needs_abroad(actor, own)
    for country, count in _by(needs, "buyer__country"):
        at(country).needs = count
    matched = _matches(actor, own).filter(need__in=needs.values("pk"))
    for country, count in _by(matched, "need__buyer__country", "need"):
        at(country).matched = count
    for direction, name in (("export", "exports"), ("import", "imports")):
        goods = visible(actor, PartnerGood).filter(direction=direction)
        for country, count in _by(goods, "partner"):
            setattr(at(country), name, count)
    events = visible(actor, Event).filter(kind=PARTNER_EVENT).exclude(country__in=("", own))
    for country, count in _by(events, "country"):
        at(country).events = count
    return [found[country] for country in sorted(found)]


def _by(rows: Any, field: str, of: str = "pk") -> Iterable[tuple[str, int]]:
    counted = rows.order_by().values(field).annotate(count=Count(of, distinct=True))
    return [(row[field], row["count"]) for row in counted if row[field]]


def _buyers(actor: Actor, own: str) -> Any:
    return (
        visible(actor, Organisation).filter(role__contains="buyer").exclude(country__in=("", own))
    )


def needs_abroad(actor: Actor, own: str, country: str = "") -> Any:
    """Give the open needs of buyers abroad, or in one country, that an actor sees."""
    buyers = _buyers(actor, own)
    if country:
        buyers = buyers.filter(country=country)
    return visible(actor, Need).filter(buyer__in=buyers.values("pk"), state__in=OPEN)


def _matches(actor: Actor, own: str) -> Any:
    """Candidates of home makers that were not rejected."""
    return (
        visible(actor, Candidate)
        .filter(category__in=MATCHED, offer__maker__country__in=("", own))
        .exclude(decision="rejected")
    )


def pairs(actor: Actor, country: str) -> list[tuple[str, str]]:
    """Give buyer and maker of each match between a country's open needs and makers at home."""
    own = home()
    needs = needs_abroad(actor, own, country)
    rows = _matches(actor, own).filter(need__in=needs.values("pk")).order_by("need", "rank")
    return list(rows.values_list("need__buyer", "offer__maker").distinct())


@dataclass(frozen=True)
class Wanted:
    """A need of a partner's buyer with the home makers that match it, the best first.

    ``candidates`` holds the best of each maker; ``sold_to`` the countries that home sells goods
    of the need's tariff code to, or of its item's.
    """

    need: Any
    candidates: list[Any]
    sold_to: list[str]


def wanted(actor: Actor, country: str) -> list[Wanted]:
    """Give what the buyers of a country need, what home makers match and where these goods go."""
    own = home()
    needs = list(
        needs_abroad(actor, own, country)
        .select_related("buyer", "item")
        .order_by("buyer__name", "pk")[:MOST_NEEDS]
    )
    best: dict[str, dict[str, Any]] = {}
    rows = _matches(actor, own).filter(need__in=[need.pk for need in needs])
    for row in rows.select_related("offer__maker").order_by("need", "rank"):
        best.setdefault(row.need_id, {}).setdefault(row.offer.maker_id, row)
    sold: dict[str, set[str]] = {}
    goods = visible(actor, PartnerGood).filter(direction="export")
    asked = {_tariff_code(need) for need in needs} - {""}
    for code, partner in goods.filter(hs_code__in=asked).values_list("hs_code", "partner"):
        sold.setdefault(code, set()).add(partner)
    told = [
        Wanted(
            need,
            list(best.get(need.pk, {}).values()),
            sorted(sold.get(_tariff_code(need), ())),
        )
        for need in needs
    ]
    return sorted(told, key=lambda each: not each.candidates)


def _tariff_code(need: Any) -> str:
    return str(need.hs_code or (need.item.hs_code if need.item else ""))


def growth(goods: Iterable[Any], country: str) -> list[dict[str, Any]]:
    """Tell how home's exports of each good to a country grew, from its first year to its last.

    By `onshore.trade.export_growth` over the goods' yearly values; a good is its tariff code,
    or its description where it has none, and currencies are kept apart.

    Returns
    -------
    list
        ``good``, ``currency``, ``first`` and ``last`` (the periods), ``exports_from``,
        ``exports_to``, ``change``, ``growth``, ``growth_a_year``; the largest change first.
    """
    from onshore.trade import export_growth

    flows: dict[tuple[str, str], dict[int, float]] = {}
    names: dict[str, str] = {}
    periods: dict[tuple[str, str, int], str] = {}
    for row in goods:
        year = _year(row.period)
        if row.direction != "export" or row.partner != country or row.value is None or year is None:
            continue
        key = row.hs_code or row.description
        names.setdefault(key, row.description)
        by_year = flows.setdefault((key, row.currency), {})
        by_year[year] = by_year.get(year, 0.0) + float(row.value)
        periods[key, row.currency, year] = row.period
    rows = []
    for (key, currency), by_year in flows.items():
        if len(by_year) < 2:
            continue
        first, last = min(by_year), max(by_year)
        frame = pl.DataFrame(
            [("home", country, key, year, value) for year, value in by_year.items()],
            schema={
                **dict.fromkeys(("exporter", "importer", "product"), pl.String),
                "period": pl.Int64,
                "value": pl.Float64,
            },
            orient="row",
        )
        told = export_growth(frame, "home", since=first, until=last, by=("product",))
        kept = ("exports_from", "exports_to", "change", "growth", "growth_a_year")
        rows.append(
            {
                "good": names[key],
                "currency": currency,
                "first": periods[key, currency, first],
                "last": periods[key, currency, last],
                **{name: told[name][0] for name in kept},
            }
        )
    return sorted(rows, key=lambda row: -row["change"])


def _year(text: str) -> int | None:
    try:
        period = Period.parse(text)
    except FigureError:
        return None
    return period.start.year if period.kind == "year" else None


def opportunities(actor: Actor, country: str, locale: str) -> tuple[Any, Bulletin] | None:
    """Give the newest result of ``onshore trade`` with what it tells of a country; or nothing."""
    rows = visible(actor, Analysis).filter(kind__in=_TRADE).order_by("-made_at")
    for row in rows[:3]:
        told = _narrowed(bulletins.from_json(row.content[locale]), country)
        if told.sections:
            return row, told
    return None


def _narrowed(bulletin: Bulletin, country: str) -> Bulletin:
    sections = []
    for section in bulletin.sections:
        tables = []
        for table in section.tables:
            name = next((each for each in _PARTNER_COLUMNS if each in table.frame.columns), None)
            if name is None:
                continue
            keys = [key for key in table.frame[name].unique() if key and _is(str(key), country)]
            frame = table.frame.filter(pl.col(name).is_in(keys))
            if frame.height:
                tables.append(replace(table, frame=frame))
        if tables:
            sections.append(
                replace(
                    section,
                    title=section.name or section.title,
                    lead="",
                    headlines=(),
                    charts=(),
                    tables=tuple(tables),
                )
            )
    return replace(bulletin, sections=tuple(sections))


@lru_cache(maxsize=1024)
def _is(text: str, country: str) -> bool:
    try:
        return codes.countries.find(text).code == country
    except codes.UnknownCode:
        return False
