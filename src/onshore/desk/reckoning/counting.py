"""How far a commitment is, counted from the programme's own records.

What is counted stands with the records behind it, so that anybody who may see them can go
through them one by one. What the party itself states stands beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl
from django.core.cache import cache
from django.db.models import Q, QuerySet

from onshore.desk.models import (
    RECORDS,
    Award,
    Course,
    Enrolment,
    Idea,
    Meeting,
    Need,
    Offer,
    Phase,
    Study,
)
from onshore.desk.reckoning.reckoned import SECONDS, key_of, last_changes
from onshore.desk.reckoning.valued import RESTS_ON, Valued
from onshore.desk.states import LIFE
from onshore.figures import FigureError, Money

SHOWN = 200
"""Records behind a count that are told by their keys."""


@dataclass(frozen=True)
class Count:
    """What the records tell of a commitment's measure.

    Parameters
    ----------
    value
        The count; None where the records cannot tell it.
    unit
        Its unit: that of the aim.
    table, keys
        The records that were counted; the first of them, where there are many.
    of
        How many records were counted.
    why_not
        Why there is no value, as a sentence's key of `WHY_NOT`.
    left_out
        Records that could not be valued: their price, quantity or rate is missing.
    """

    value: Decimal | None
    unit: str = ""
    table: str = ""
    keys: tuple[str, ...] = ()
    of: int = 0
    why_not: str = ""
    left_out: int = 0

    def share_of(self, aim: Decimal | None) -> Decimal | None:
        """Give how much of an aim is reached."""
        return None if self.value is None or not aim else self.value / aim


class Counts:
    """Counts of commitments on a day, each made once for each state of what it is counted from.

    Everything that the records hold counts, whoever looks: a published measure is one number.

    Parameters
    ----------
    on
        The day.
    """

    def __init__(self, on: date) -> None:
        self.on = on

    @cached_property
    def _changes(self) -> dict[str, str]:
        return last_changes({table for tables in _RESTS_ON.values() for table in tables})

    @cached_property
    def _valued(self) -> Valued:
        return Valued(self._changes)

    def of(self, commitment: Any) -> Count:
        """Count a commitment, or give its count from before."""
        tables = _RESTS_ON.get(commitment.counted)
        if tables is None:
            return Count(None, why_not="not counted")
        names = ("sector", "place", "phase", "unit", "indicator", "product", "starts")
        told = [str(getattr(commitment, name)) for name in names]
        told += [str(commitment.agreement.signed), str(self.on), commitment.counted]
        if commitment.counted in _OWN:
            told.append(commitment.pk)
        key = key_of("|".join(["count", *told]), self._changes, tables)
        found: Count = cache.get_or_set(key, lambda: self._count(commitment), SECONDS)
        return found

    def _count(self, commitment: Any) -> Count:
        since = commitment.starts or commitment.agreement.signed or date.min
        return _COUNTS[commitment.counted](commitment, since, self.on, self._valued)


def _narrowed(rows: QuerySet, commitment: Any, sector: str, place: str = "") -> QuerySet:
    if commitment.sector and sector:
        rows = rows.filter(**{sector: commitment.sector})
    if commitment.place and place:
        rows = rows.filter(**{place: commitment.place})
    return rows


def _number(commitment: Any, rows: QuerySet, key: str = "pk") -> Count:
    keys = rows.filter(**{f"{key}__isnull": False}).values_list(key, flat=True)
    keys = keys.distinct().order_by(key)
    table = rows.model.table if key == "pk" else "organisations"
    first, many = tuple(str(found) for found in keys[: SHOWN + 1]), 0
    many = keys.count() if len(first) > SHOWN else len(first)
    return Count(Decimal(many), commitment.unit, table, first[:SHOWN], many)


def _needs_in(states: tuple[str, ...]) -> Callable[..., Count]:
    def counted(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
        rows = Need._default_manager.filter(state__in=states)
        if states == ("verified localized",):
            rows = rows.filter(state_since__gte=since)
        return _number(commitment, _narrowed(rows, commitment, "sector", "place"))

    return counted


def _makers(small: bool) -> Callable[..., Count]:
    def counted(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
        rows = Offer._default_manager.all()
        rows = rows.filter(maker__small=True) if small else rows
        return _number(commitment, _narrowed(rows, commitment, "", "maker__place"), "maker")

    return counted


def _dated(model: Any, day: str, sector: str = "", place: str = "", **held: Any) -> Any:
    """Make the count of records whose day lies within the commitment's."""

    def counted(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
        rows = model._default_manager.filter(**held)
        rows = rows.filter(**{f"{day}__gte": since, f"{day}__lte": on})
        return _number(commitment, _narrowed(rows, commitment, sector, place))

    return counted


def _within(commitment: Any, rows: pl.DataFrame, since: date, on: date) -> pl.DataFrame:
    """Keep valued records of some days, of the commitment's sector and province."""
    rows = rows.filter(pl.col("day").is_between(since, on))
    if commitment.sector:
        rows = rows.filter(sector=commitment.sector)
    return rows.filter(place=commitment.place) if commitment.place else rows


def _signed(commitment: Any, since: date, on: date, valued: Valued) -> Count:
    keys = _within(commitment, valued.contracts(), since, on)["pk"]
    first = tuple(keys.head(SHOWN))
    return Count(Decimal(keys.len()), commitment.unit, "deals", first, keys.len())


def _contracted(commitment: Any, since: date, on: date, valued: Valued) -> Count:
    return _worth(
        commitment,
        "deals",
        lambda currency: _within(commitment, valued.contracts(currency), since, on),
    )


def _delivered(commitment: Any, since: date, on: date, valued: Valued) -> Count:
    """Sum what was accepted, of contracts signed by the day."""
    return _worth(
        commitment,
        "deliveries",
        lambda currency: _within(
            commitment, valued.deliveries(currency).filter(pl.col("signed") <= on), since, on
        ),
    )


def _saved(commitment: Any, since: date, on: date, valued: Valued) -> Count:
    """Sum the net currency saved of verified claims."""
    return _worth(
        commitment,
        "claims",
        lambda currency: _within(commitment, valued.savings(currency), since, on),
    )


def _awards(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
    rows = Award._default_manager.filter(awarded__gte=since, awarded__lte=on)
    own = rows.filter(call__commitment=commitment.pk)
    return _number(commitment, own if own.exists() else rows)


def _amount_awarded(commitment: Any, since: date, on: date, valued: Valued) -> Count:
    def awarded(currency: str) -> pl.DataFrame:
        rows = valued.awards(currency).filter(pl.col("day").is_between(since, on))
        own = rows.filter(commitment=commitment.pk)
        return rows if own.is_empty() else own

    return _worth(commitment, "awards", awarded)


def _worth(commitment: Any, table: str, valued: Callable[[str], pl.DataFrame]) -> Count:
    """Sum valued records in the currency of the commitment's aim."""
    try:
        one = Money.parse(f"1 {commitment.unit}")
    except FigureError:
        return Count(None, why_not="no currency")
    rows = valued(one.currency)
    return Count(
        Decimal(rows["worth"].sum()) / one.amount,
        commitment.unit,
        table,
        tuple(rows["pk"].head(SHOWN)),
        rows.height,
        left_out=rows["worth"].null_count(),
    )


def _provinces(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
    rows = Phase._default_manager.filter(Q(starts__lte=on) | Q(starts__isnull=True))
    rows = rows.filter(Q(until__gte=on) | Q(until__isnull=True))
    phase = commitment.phase
    rows = rows if phase is None else rows.filter(phase=phase)
    keys = sorted(set(_narrowed(rows, commitment, "sector").values_list("place", flat=True)))
    unit = commitment.unit
    return Count(Decimal(len(keys)), unit, "places", tuple(keys[:SHOWN]), len(keys))


def _of_courses(commitment: Any, since: date, on: date) -> QuerySet:
    rows = Course._default_manager.filter(until__gte=since, until__lte=on)
    own = rows.filter(commitment=commitment.pk)
    return own if own.exists() else _narrowed(rows, commitment, "", "place")


def _courses(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
    return _number(commitment, _of_courses(commitment, since, on))


def _trained(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
    """Add up who came: by name where names are kept, else as the course states."""
    courses = list(_of_courses(commitment, since, on).values_list("pk", "attended"))
    named: dict[str, int] = {}
    came = Enrolment._default_manager.filter(course__in=[key for key, _ in courses], attended=True)
    for key in came.values_list("course_id", flat=True):
        named[key] = named.get(key, 0) + 1
    people = sum(named.get(key, stated or 0) for key, stated in courses)
    keys = tuple(key for key, _ in courses[:SHOWN])
    return Count(Decimal(people), commitment.unit, "courses", keys, len(courses))


def _observed(commitment: Any, since: date, on: date, _valued: Valued) -> Count:
    """Give the newest value of the indicator that was observed since."""
    from onshore.figures import Period

    rows = RECORDS["observations"]._default_manager.filter(
        indicator=commitment.indicator, product=commitment.product, place=commitment.place
    )
    periods = []
    for row in rows:
        period = Period.parse(row.period)
        if period.end >= since and period.start <= on:
            periods.append((period.end, row.vintage or date.min, row.pk, row))
    if not periods:
        return Count(None, why_not="not observed")
    newest = max(periods)[3]
    if newest.unit != commitment.unit:
        return Count(None, why_not="another unit")
    return Count(newest.value, newest.unit, "observations", (newest.pk,), 1)


def _after(state: str) -> tuple[str, ...]:
    return LIFE[LIFE.index(state) :]


_LEFT = ("failed", "import exception", "reverted to import")
"""Side exits of needs that a maker was found for."""

_COUNTS: dict[str, Callable[..., Count]] = {
    "needs published": _needs_in((*_after("published"), "no-match", *_LEFT)),
    "needs matched": _needs_in((*_after("matched"), *_LEFT)),
    "needs localized": _needs_in(("verified localized",)),
    "makers with an offer": _makers(small=False),
    "small firms with an offer": _makers(small=True),
    "deals signed": _signed,
    "contracted value": _contracted,
    "delivered value": _delivered,
    "verified savings": _saved,
    "provinces open": _provinces,
    "ideas received": _dated(Idea, "received", "sector"),
    "projects and theses": _dated(Study, "starts", "need__sector"),
    "courses held": _courses,
    "people trained": _trained,
    "awards made": _awards,
    "amount awarded": _amount_awarded,
    "meetings held": _dated(Meeting, "event__starts", state="took place"),
    "observed indicator": _observed,
}

_RESTS_ON: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("needs published", "needs matched", "needs localized"), ("needs",)),
    "makers with an offer": ("offers", "organisations"),
    "small firms with an offer": ("offers", "organisations"),
    "deals signed": RESTS_ON["contracts"],
    "contracted value": RESTS_ON["contracts"],
    "delivered value": RESTS_ON["deliveries"],
    "verified savings": RESTS_ON["savings"],
    "provinces open": ("phases",),
    "ideas received": ("ideas",),
    "projects and theses": ("studies", "needs"),
    "courses held": ("courses",),
    "people trained": ("courses", "enrolments"),
    "awards made": ("awards", "calls"),
    "amount awarded": RESTS_ON["awards"],
    "meetings held": ("meetings", "events"),
    "observed indicator": ("observations",),
}
"""The tables whose changes change a count."""
_OWN = frozenset(("courses held", "people trained", "awards made", "amount awarded"))
"""Counts that take the records of the commitment itself, where there are any."""
