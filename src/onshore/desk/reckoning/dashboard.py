"""The figures of the dashboard: each is the sum of rows of a ledger that can be shown.

A row of the ledger is one record with what it is worth: a desk's target, a deal, a delivery, what
was accepted of one, a verified claim. Nothing on the dashboard is counted any other way.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache as remembered
from functools import lru_cache
from typing import Any, Final, Literal

import polars as pl
from django.utils import timezone

from onshore.desk.actions.claims import baselines_of, savings_of
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Claim, Deal, Delivery, Desk
from onshore.desk.policies import STAFF, visible
from onshore.desk.reckoning.desk_standing import unit_factor
from onshore.desk.reckoning.provinces import province_of
from onshore.desk.reckoning.reckoned import reckoned_once
from onshore.desk.tables.frames import Reckoning, frame_of, programme_settings
from onshore.figures import FigureError, Period, RateTable, solar_hijri
from onshore.records.schemas import NUMBER

Calendar = Literal["gregorian", "solar_hijri"]
STEPS: Final = ("target", "MoU", "contracted", "delivered", "accepted", "verified")
"""Steps whose worth is told; each step of a contract is part of the step before it."""
SAVED: Final = "saved"
"""Net currency saved by verified claims: no worth of contracts, and never added to it."""
PARTS: Final = ("sector", "desk", "province", "year")
"""What the figures are told by."""
RESTS_ON: Final = (
    *("deals", "deliveries", "claims", "baselines", "desks", "rates"),
    *("needs", "organisations", "places"),
)
"""The tables that the figures come from."""
_LEDGER: Final[dict[str, Any]] = {
    **dict.fromkeys(("step", "table", "key", "sector", "desk", "province"), pl.String),
    "day": pl.Date,
    "amount": NUMBER,
    "currency": pl.String,
    "on": pl.Date,
    "worth": NUMBER,
}
_SIX_PLACES = Decimal("0.000001")
_LONGEST_YEAR = 366


@dataclass(frozen=True)
class Terms:
    """In which money and calendar figures are told.

    Parameters
    ----------
    currency
        ISO 4217 code.
    rate_type
        Type of the exchange rates.
    calendar
        Whose years are counted.
    """

    currency: str
    rate_type: str
    calendar: Calendar

    @staticmethod
    def of_programme() -> "Terms":
        """Give the programme's own terms."""
        told = programme_settings()
        calendar: Calendar = "solar_hijri" if told.get("calendar") == "solar_hijri" else "gregorian"
        return Terms(told["currency"], told["rate_type"], calendar)


def ledger(actor: Actor, terms: Terms) -> pl.DataFrame:
    """Give every row behind the dashboard, of the records that the actor sees.

    Until a table that it rests on changes, the same ledger stands.

    Returns
    -------
    DataFrame
        ``step`` (one of `STEPS`, or `SAVED`), ``table`` and ``key`` of the record, ``sector``,
        ``desk``, ``province`` (null where it is not told), ``day`` (whose year it counts in;
        null for aims over several years), ``year`` (of the calendar), ``amount`` in ``currency``,
        ``on`` (the day of its rate), ``worth`` (in the currency of the terms; null where a value,
        a quantity or a rate is missing).
    """
    scope = "staff" if actor.is_a(*STAFF) else f"{actor.name}-{timezone.localdate()}"
    what = f"dashboard {scope} {terms.currency} {terms.rate_type}"
    rows = reckoned_once(what, RESTS_ON, lambda: _reckoned(actor, terms))
    return rows.with_columns(year=_years(rows["day"], terms.calendar))


def narrowed(rows: pl.DataFrame, chosen: dict[str, str]) -> pl.DataFrame:
    """Keep the rows of some sector, desk, province, year or step; "-" is what tells none."""
    for name, value in chosen.items():
        if name not in (*PARTS, "step") or not value:
            continue
        column = pl.col(name).cast(pl.String)
        rows = rows.filter(column.is_null() if value == "-" else column == value)
    return rows


def figures(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Add a ledger up by one of `PARTS`.

    Returns
    -------
    DataFrame
        ``group`` (str; null for rows that do not tell it), a column for each of `STEPS` and
        `SAVED` (Decimal; 0 where there is none), ``rows`` and ``not_valued`` (int: rows whose
        worth is not known). The largest contracted worth first; years in order.
    """
    group = pl.col(by).cast(pl.String)
    found = rows.group_by(group=group).agg(
        *(
            pl.col("worth").filter(pl.col("step") == step).sum().alias(step)
            for step in (*STEPS, SAVED)
        ),
        rows=pl.len().cast(pl.Int64),
        not_valued=pl.col("worth").is_null().sum().cast(pl.Int64),
    )
    if by == "year":
        return found.sort("group", nulls_last=True)
    return found.sort("contracted", "MoU", "target", "group", descending=[True] * 3 + [False])


def totals(rows: pl.DataFrame) -> dict[str, Decimal]:
    """Add a ledger up by its steps."""
    sums = rows.group_by("step").agg(pl.col("worth").sum())
    found = dict(sums.iter_rows())
    return {step: found.get(step) or Decimal(0) for step in (*STEPS, SAVED)}


def offered_terms(own: Terms) -> tuple[list[str], list[str]]:
    """Give the currencies and the types of rates that figures can be told in."""
    rates = frame_of_rates()
    currencies = {*rates["base"].to_list(), *rates["quote"].to_list()}
    types = set(rates["rate_type"].to_list())
    return sorted(currencies | {own.currency}), sorted(types | {own.rate_type})


# The ledger ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Contract:
    """A deal with where it counts, and its unit price's parts."""

    row: Any
    sector: str | None
    province: str | None


def _reckoned(actor: Actor, terms: Terms) -> pl.DataFrame:
    table = frame_of_rates()
    own = table.filter(rate_type=terms.rate_type)
    known = Reckoning(terms.currency, terms.rate_type, RateTable(table), own)
    lies_in = _provinces(actor)
    desks = {row.pk: row for row in visible(actor, Desk)}
    deals = list(_deals(actor, lies_in))
    signed = {(one.row.desk_id, one.row.need_id) for one in deals if one.row.basis == "contracted"}
    contracts = {one.row.pk: one for one in deals if one.row.basis == "contracted"}
    claims = frame_of(visible(actor, Claim).filter(basis="verified"))
    baselines = baselines_of(claims)
    rows = [
        *_aims(desks.values()),
        *(_of_deal(one) for one in deals if _counts(one, signed)),
        *_deliveries(actor, contracts),
        *_verified(claims, baselines, contracts, lies_in),
    ]
    frame = pl.DataFrame(rows, schema=_LEDGER, orient="row")
    worth = known.worth_column(frame.select("amount", "currency", "on"), terms.currency)
    frame = frame.with_columns(worth=worth)
    return pl.concat([frame, _saved(claims, baselines, known, contracts, desks, lies_in)])


def frame_of_rates() -> pl.DataFrame:
    """Give the programme's exchange rates."""
    return frame_of(RECORDS["rates"]._default_manager.all())


def _counts(one: _Contract, signed: set[tuple[Any, Any]]) -> bool:
    """Whether a deal counts: a memorandum only until there is a contract after it."""
    need = one.row.need_id
    return one.row.basis == "contracted" or not need or (one.row.desk_id, need) not in signed


def _provinces(actor: Actor) -> Callable[[str | None], str | None]:
    places = visible(actor, RECORDS["places"]).values_list("pk", "kind", "parent")
    above = {key: (kind, parent) for key, kind, parent in places}
    return remembered(lambda place: province_of(place or "", above) or None)


def _aims(desks: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Give the targets of desks: of a year where they are for one, converted as of their start."""
    price_date = date.fromisoformat(programme_settings().get("price_date") or "2000-01-01")
    for row in desks:
        if row.target_amount is None or not row.target_currency:
            continue
        period = _period(row.target_period)
        on = (period.start if period else row.opened) or price_date
        day = _middle(period) if period and period.days <= _LONGEST_YEAR else None
        yield (
            *("target", "desks", row.pk, row.sector or None, row.pk, None, day),
            *(row.target_amount, row.target_currency, on, None),
        )


_OF_DEALS = (
    *("pk", "basis", "desk_id", "need_id", "quantity", "unit", "value", "currency", "signed"),
    *("desk__sector", "need__sector", "maker__place"),
)


def _deals(actor: Actor, lies_in: Callable[[str | None], str | None]) -> Iterator[_Contract]:
    rows = visible(actor, Deal).filter(basis__in=("MoU", "contracted")).order_by("pk")
    for row in rows.values_list(*_OF_DEALS, named=True):
        sector = row.desk__sector or row.need__sector or None
        yield _Contract(row, sector, lies_in(row.maker__place))


def _of_deal(one: _Contract) -> tuple[Any, ...]:
    row = one.row
    return (
        *(row.basis, "deals", row.pk, one.sector, row.desk_id, one.province, row.signed),
        *(row.value, row.currency or None, row.signed, None),
    )


def _deliveries(actor: Actor, contracts: dict[str, _Contract]) -> Iterator[tuple[Any, ...]]:
    """Give what was delivered and accepted under contracts, the first deliveries first."""
    parts = {"delivered": _Parts(contracts), "accepted": _Parts(contracts)}
    rows = visible(actor, Delivery).order_by("delivered_on", "pk")
    columns = ("pk", "deal_id", "quantity", "accepted", "unit", "delivered_on", "accepted_on")
    for row in rows.values_list(*columns, named=True):
        for step, quantity, day in (
            ("delivered", row.quantity, row.delivered_on),
            ("accepted", row.accepted, row.accepted_on or row.delivered_on),
        ):
            if row.deal_id in contracts and quantity:
                amount = parts[step].take(row.deal_id, quantity, row.unit)
                yield _of_contract(step, "deliveries", row.pk, contracts[row.deal_id], day, amount)


def _verified(
    claims: pl.DataFrame,
    baselines: pl.DataFrame,
    contracts: dict[str, _Contract],
    lies_in: Callable[[str | None], str | None],
) -> Iterator[tuple[Any, ...]]:
    """Give the worth of what verified claims are about, of contracts."""
    parts = _Parts(contracts)
    units = baselines.select("baseline_id", "unit")
    told = claims.join(units, on="baseline_id", how="left").sort("claim_id")
    for row in told.iter_rows(named=True):
        one = contracts.get(row["deal_id"] or "")
        if one is None or row["quantity"] is None:
            continue
        if row["place"]:
            one = replace(one, province=lies_in(row["place"]))
        if row["sector"]:
            one = replace(one, sector=row["sector"])
        amount = parts.take(one.row.pk, row["quantity"], row["unit"])
        day = _middle(_period(row["period"]))
        yield _of_contract("verified", "claims", row["claim_id"], one, day, amount)


def _of_contract(
    step: str, table: str, key: str, one: _Contract, day: date | None, amount: Decimal | None
) -> tuple[Any, ...]:
    row = one.row
    return (
        *(step, table, key, one.sector, row.desk_id, one.province, day),
        *(amount, row.currency or None, row.signed, None),
    )


class _Parts:
    """Parts of contracts that are done: all of a contract's together are no more than the whole."""

    def __init__(self, contracts: dict[str, _Contract]) -> None:
        self.contracts = contracts
        self.done: dict[str, Decimal] = {}

    def take(self, key: str, quantity: Decimal, unit: str | None) -> Decimal | None:
        """Give the part of a contract's value that a quantity more of it is."""
        row = self.contracts[key].row
        if row.value is None or not row.quantity:
            return None
        before = self.done.get(key, Decimal(0))
        after = min(before + quantity * unit_factor(unit or "", row.unit), row.quantity)
        self.done[key] = after
        return Decimal(row.value * (after - before) / row.quantity).quantize(_SIX_PLACES)


def _saved(
    claims: pl.DataFrame,
    baselines: pl.DataFrame,
    known: Reckoning,
    contracts: dict[str, _Contract],
    desks: dict[str, Any],
    lies_in: Callable[[str | None], str | None],
) -> pl.DataFrame:
    """Give what verified claims saved, by the account's formulas; null where they cannot tell."""
    reckoned = savings_of(claims, baselines, known)
    worth = dict(reckoned.select("claim_id", "net_currency_saved").iter_rows())
    priced = dict(baselines.select("baseline_id", "price_date").iter_rows())
    rows = []
    for row in claims.drop_nulls("quantity").iter_rows(named=True):
        one = contracts.get(row["deal_id"] or "")
        desk = row["desk_id"] or (one.row.desk_id if one else None)
        sector = row["sector"] or (desks[desk].sector if desk in desks else None)
        amount = worth.get(row["claim_id"])
        rows.append(
            (
                *(SAVED, "claims", row["claim_id"], sector or (one.sector if one else None), desk),
                lies_in(row["place"]) if row["place"] else (one.province if one else None),
                _middle(_period(row["period"])),
                *(amount, known.currency, priced.get(row["baseline_id"]), amount),
            )
        )
    return pl.DataFrame(rows, schema=_LEDGER, orient="row")


@lru_cache(maxsize=1024)
def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text) if text else None
    except FigureError:
        return None


def _middle(period: Period | None) -> date | None:
    """Give the day in the middle of a period: its year holds most of the period's days."""
    return period.start + timedelta(days=period.days // 2) if period else None


def _years(days: pl.Series, calendar: Calendar) -> pl.Series:
    if calendar == "gregorian":
        return days.dt.year().cast(pl.Int64).alias("year")
    known = {day: _solar_year(day) for day in days.unique().drop_nulls()}
    return pl.Series("year", [known.get(day) for day in days], pl.Int64)


def _solar_year(day: date) -> int | None:
    try:
        return solar_hijri.from_gregorian(day)[0]
    except FigureError:  # a day that the tables of the calendar do not reach
        return None
