"""Series added up over their parts, in one unit, and a headline beside its whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import polars as pl

from onshore.codes import currencies
from onshore.figures import FigureError, RateTable
from onshore.series.growth import growth
from onshore.series.measured import RATIOS, Measure, measure_of
from onshore.series.settled import SERIES, SeriesError, settled

_MONEY = pl.Decimal(38, 6)
_PLACES = 6
STATED = ", growth as stated"
"""How the indicator ends of a growth that a source states itself, in percent."""

Part = Literal["product", "place", "partner"]


def in_unit(
    observations: pl.DataFrame,
    unit: str,
    *,
    rates: RateTable | None = None,
    on: date | None = None,
    rate_type: str | None = None,
) -> pl.DataFrame:
    """Tell all values in one unit: units convert by their codes, money by a rate.

    Parameters
    ----------
    observations
        A table like the programme's ``observations``.
    unit
        The unit, such as ``"thousand t"`` or ``"million EUR"``.
    rates, on, rate_type
        The table of rates, the day and the type; needed where currencies differ.

    Returns
    -------
    DataFrame
        The observations with ``value`` (Decimal(38, 6), rounded once) in ``unit``.

    Raises
    ------
    SeriesError
        Rows cannot be told in the unit, all of them named; or currencies differ and the rates,
        the day or the type are not given.
    FigureError
        The table has no such rate.

    Examples
    --------
    >>> in_unit(pl.DataFrame({"observation_id": ["A"], "value": [Decimal("1.425")],
    ...     "unit": ["million t"]}), "t")["value"].to_list()
    [Decimal('1425000.000000')]
    """
    asked = measure_of(unit)
    factors: dict[str, Fraction] = {}
    unlike: list[str] = []
    for name in observations["unit"].unique().sort():
        found = measure_of(name)
        if found.dimension == asked.dimension:
            factors[name] = found.factor / asked.factor
        elif _both_money(found, asked):
            rate = _rate(found, asked, rates, on, rate_type, observations, name)
            factors[name] = found.factor * rate / asked.factor
        else:
            unlike.append(name)
    if unlike:
        raise SeriesError(
            f"Not told in {unit}: {_named(observations.filter(pl.col('unit').is_in(unlike)))}. "
            "Leave these rows out, or give them in a unit of the same kind."
        )
    values = [
        None if value is None else _rounded(Fraction(value) * factors[name])
        for value, name in zip(observations["value"], observations["unit"], strict=True)
    ]
    return observations.with_columns(
        value=pl.Series(values, dtype=_MONEY), unit=pl.lit(unit, dtype=pl.String)
    )


def aggregate(
    observations: pl.DataFrame,
    *,
    over: Part,
    unit: str | None = None,
    rates: RateTable | None = None,
    on: date | None = None,
    rate_type: str | None = None,
) -> pl.DataFrame:
    """Add up each indicator's values of a period over its products, places or partners.

    Parameters
    ----------
    observations
        The programme's table ``observations``, only the rows that make up the whole; the last
        vintages are taken.
    over
        What to add up over.
    unit, rates, on, rate_type
        As for `in_unit`; without a unit, the rows must be in one.

    Returns
    -------
    DataFrame
        One row per sum: the columns of a series without ``over``, ``period`` (str), ``value``
        (Decimal(38, 6), in ``unit``), ``parts`` (int) and ``of`` (str: the parts, joined by
        ``"; "``). A sum is of the parts that are there: compare ``of`` between periods.

    Raises
    ------
    SeriesError
        Units are mixed, a part is listed twice, a part is the whole itself (an empty cell
        beside others), or values are levels such as shares; the rows are named.
    """
    own, group = _parts(observations, over, unit, rates, on, rate_type)
    return (
        own.group_by(*group, "starts", "ends", maintain_order=True)
        .agg(
            pl.col("period").first(),
            pl.col("value").sum(),
            parts=pl.len().cast(pl.Int64),
            of=pl.col(over).sort().str.join("; "),
        )
        .select(*group, "period", "value", "parts", "of")
    )


def with_whole(
    observations: pl.DataFrame,
    *,
    period: str,
    indicator: str,
    parts: Sequence[str],
    over: Part = "product",
    unit: str | None = None,
    rates: RateTable | None = None,
    on: date | None = None,
    rate_type: str | None = None,
) -> pl.DataFrame:
    """Show the growth of each part with the growth of their whole, and what each contributes.

    contribution = change of the part / value of the whole a year before

    Where a part's year before is not observed and a source states its growth (an indicator that
    ends in ``, growth as stated``, in percent), the year before is value / (1 + growth).

    Parameters
    ----------
    observations
        The programme's table ``observations``; the last vintages are taken.
    period, indicator, parts
        The period, the indicator and the products (places, partners) that make up the whole.
    over
        What the parts are.
    unit, rates, on, rate_type
        As for `in_unit`; without a unit, that of the first part.

    Returns
    -------
    DataFrame
        The parts in their order, then the whole (null in ``part``): ``part`` (str), ``value``,
        ``value_before``, ``change`` (Decimal(38, 6), in ``unit``), ``growth`` and
        ``contribution`` (float, shares), ``share`` (float, of the whole's value), ``unit`` (str)
        and ``before_is`` (str, ``"observed"`` or ``"implied"`` by a stated growth). Values,
        changes and contributions of the parts add up to the whole's.

    Raises
    ------
    SeriesError
        A part is listed twice, is not observed, or has no year before; units are mixed.

    Examples
    --------
    Exports of the first quarter of 1398 (IMIDRO): one product's growth hides the whole's fall.

    >>> same = {"place": None, "partner": None, "status": "reported", "vintage": None}
    >>> rows = [
    ...     ("exports", "steel products", "1398-Q1", "0.758", "million t"),
    ...     ("exports, growth as stated", "steel products", "1398-Q1", "20", "percent"),
    ...     ("exports", "steel ingots", "1398-Q1", "1.425", "million t"),
    ...     ("exports", "steel ingots", "1397-Q1", "1.854", "million t")]
    >>> observations = pl.DataFrame([same | {"observation_id": str(n), "indicator": i,
    ...     "product": p, "period": t, "value": Decimal(v), "unit": u}
    ...     for n, (i, p, t, v, u) in enumerate(rows)])
    >>> shown = with_whole(observations, period="1398-Q1", indicator="exports",
    ...     parts=["steel products", "steel ingots"])
    >>> shown["growth"].round(3).to_list()
    [0.2, -0.231, -0.122]
    """
    twice = sorted({part for part in parts if list(parts).count(part) > 1})
    if twice:
        raise SeriesError(f"Listed twice among the parts: {', '.join(twice)}. List each part once.")
    about = observations.filter(pl.col("indicator").is_in([indicator, f"{indicator}{STATED}"]))
    rows = _part_rows(about, over, list(parts), period, indicator)
    asked = unit or str(rows[0]["unit"])
    told = in_unit(pl.DataFrame(rows), asked, rates=rates, on=on, rate_type=rate_type)
    before = in_unit(
        told.with_columns(
            value="value_before", unit=pl.Series([row["unit"] for row in rows], dtype=pl.String)
        ),
        asked,
        rates=rates,
        on=on,
        rate_type=rate_type,
    )
    return _beside_whole(
        told.select(
            "part", "value", value_before=before["value"], unit=pl.lit(asked), before_is="before_is"
        )
    )


def _beside_whole(parts: pl.DataFrame) -> pl.DataFrame:
    implied = (parts["before_is"] == "implied").any()
    whole = parts.select(
        part=pl.lit(None, dtype=pl.String),
        value=pl.col("value").sum(),
        value_before=pl.col("value_before").sum(),
        unit=pl.col("unit").first(),
        before_is=pl.lit("implied" if implied else "observed"),
    )
    total, total_before = (float(whole[name][0]) for name in ("value", "value_before"))
    both = pl.concat([parts, whole]).with_columns(change=pl.col("value") - pl.col("value_before"))
    change, value, before = (
        pl.col(name).cast(pl.Float64) for name in ("change", "value", "value_before")
    )
    return both.select(
        "part",
        "value",
        "value_before",
        "change",
        growth=pl.when(before > 0).then(change / before),
        contribution=change / total_before if total_before > 0 else pl.lit(None, dtype=pl.Float64),
        share=value / total if total else pl.lit(None, dtype=pl.Float64),
        unit="unit",
        before_is="before_is",
    )


def _part_rows(
    about: pl.DataFrame, over: str, parts: list[str], period: str, indicator: str
) -> list[dict[str, object]]:
    """Give each part's value of the period and of the year before, observed or implied."""
    found = growth(about).filter(pl.col("indicator") == indicator)
    return [_part_row(found, about, over, part, period, indicator) for part in parts]


def _part_row(
    found: pl.DataFrame,
    observations: pl.DataFrame,
    over: str,
    part: str,
    period: str,
    indicator: str,
) -> dict[str, object]:
    of_part = (pl.col("indicator") == indicator) & (pl.col(over) == part)
    rows = found.filter(of_part, pl.col("period") == period).to_dicts()
    if not rows:
        have = ", ".join(found.filter(of_part)["period"].unique().sort()) or "no period"
        raise SeriesError(
            f"{indicator} of {part} is not observed in {period} (it has {have}). "
            "Add it, or leave the part out."
        )
    if len(rows) > 1:
        raise SeriesError(
            f"{indicator} of {part} in {period} is {len(rows)} series, which differ in product, "
            "place, partner or unit. Keep one of them."
        )
    row = rows[0]
    before, kind = row["value_before"], "observed"
    if before is None:
        before, kind = _implied(observations, row, indicator), "implied"
    if before is None:
        raise SeriesError(
            f"{indicator} of {part} has no year before {period}: {row['reason']} Add the value of "
            f"the year before, or its growth as '{indicator}{STATED}' in percent."
        )
    value = row["value"]
    return {
        "observation_id": f"{part} ({period})",
        "part": part,
        "value": value,
        "value_before": before,
        "unit": row["unit"],
        "before_is": kind,
    }


def _implied(observations: pl.DataFrame, row: dict[str, object], indicator: str) -> Decimal | None:
    own = [name for name in SERIES if name not in {"indicator", "unit"}]
    stated = observations.filter(
        pl.col("indicator") == f"{indicator}{STATED}",
        pl.col("unit").is_in(["percent", "%", "per cent"]),
        pl.col("period") == row["period"],
        *(pl.col(name).eq_missing(pl.lit(row[name], dtype=pl.String)) for name in own),
    )
    if stated.is_empty():
        return None
    factor = 1 + Fraction(settled(stated)["value"][0]) / 100
    return _rounded(Fraction(str(row["value"])) / factor) if factor > 0 else None


def _parts(
    observations: pl.DataFrame,
    over: Part,
    unit: str | None,
    rates: RateTable | None,
    on: date | None,
    rate_type: str | None,
) -> tuple[pl.DataFrame, list[str]]:
    """Check the rows that are to be added up, and tell them in one unit."""
    own = settled(observations).with_columns(pl.col("value").cast(_MONEY))
    group = [name for name in SERIES if name != over]
    levels = own.filter(
        pl.col("unit").is_in([u for u in own["unit"].unique() if measure_of(u).dimension in RATIOS])
    )
    if not levels.is_empty():
        raise SeriesError(
            f"Shares and indices do not add up: {_named(levels)}. Add up what they are shares of."
        )
    if unit is not None:
        own = in_unit(own, unit, rates=rates, on=on, rate_type=rate_type)
    else:
        _require_one_unit(own, [name for name in group if name != "unit"])
    key = [*group, over, "starts", "ends"]
    twice = own.filter(pl.struct(key).is_duplicated())
    if not twice.is_empty():
        raise SeriesError(f"A part is listed twice: {_named(twice)}. Keep one of them.")
    whole = own.filter(pl.col(over).is_null() & (pl.len().over([*group, "starts", "ends"]) > 1))
    if not whole.is_empty():
        raise SeriesError(
            f"A whole stands among its parts (its {over} is empty): {_named(whole)}. "
            "Leave it out, or fill it in."
        )
    return own, group


def _require_one_unit(own: pl.DataFrame, group: list[str]) -> None:
    mixed = own.filter(pl.col("unit").n_unique().over([*group, "starts", "ends"]) > 1)
    if not mixed.is_empty():
        raise SeriesError(
            f"Units are mixed: {_named(mixed)}. Name the unit to add them up in; for currencies "
            "give the rates, the day and the type of rate too."
        )


def _both_money(a: Measure, b: Measure) -> bool:
    yearly = a.dimension.endswith("per year") == b.dimension.endswith("per year")
    return a.currency is not None and b.currency is not None and yearly


def _rate(
    found: Measure,
    asked: Measure,
    rates: RateTable | None,
    on: date | None,
    rate_type: str | None,
    observations: pl.DataFrame,
    name: str,
) -> Fraction:
    if found.currency is None or asked.currency is None:
        raise FigureError(f"'{name}' is not money. Give a unit with a currency.")
    if rates is None or on is None or rate_type is None:
        raise SeriesError(
            f"Currencies differ: {_named(observations.filter(pl.col('unit') == name))}. Give a "
            f"table of rates, a day and a type of rate to tell {found.currency} "
            f"({currencies.name(found.currency)}) in {asked.currency}."
        )
    return rates.find(found.currency, asked.currency, on=on, rate_type=rate_type).factor


def _named(rows: pl.DataFrame, most: int = 12) -> str:
    told = [
        f"{row['observation_id']} ({row['value']:f} {row['unit']})"
        for row in rows.head(most).iter_rows(named=True)
    ]
    more = f" and {rows.height - most} more" if rows.height > most else ""
    return ", ".join(told) + more


def _rounded(value: Fraction) -> Decimal:
    return Decimal(round(value * 10**_PLACES)).scaleb(-_PLACES)
