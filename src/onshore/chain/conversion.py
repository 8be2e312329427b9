"""Amounts and rates told in the unit of their commodity."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from onshore.chain.columns import Problems, bad_rows
from onshore.codes import UnknownCode, units

AMOUNTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "assets": (("capacity",), ("cost",)),
    "links": (("capacity",), ("cost",)),
    "demands": (("amount",), ("worth",)),
    "markets": (("most",), ("price",)),
    "stocks": (("capacity", "first"), ("cost",)),
    "limits": (("amount",), ()),
    "projects": (("capacity",), ("running_cost",)),
}
"""Of each table what is an amount, and what is money per unit of it."""


def in_commodity_units(
    tables: Mapping[str, pl.DataFrame], problems: Problems
) -> dict[str, pl.DataFrame]:
    """Tell all amounts, money per unit and rates in the units of the table commodities."""
    converted = dict(tables)
    commodities = tables["commodities"]
    bad = pl.Series([_code(unit) is None for unit in commodities["unit"]], dtype=pl.Boolean)
    if bad.any():
        problems.append(
            bad_rows(
                "commodities", commodities, "unit", bad, "no such unit is known", _WRITE_A_UNIT
            )
        )
        return converted
    unit_of = dict(commodities.select("commodity", "unit").iter_rows())
    counted_in = dict(tables["processes"].select("process", "commodity").iter_rows())
    process_of = dict(tables["assets"].select("asset", "process").iter_rows())
    for table, (amounts, money) in AMOUNTS.items():
        frame = tables[table]
        if frame.is_empty():
            continue
        wanted = [unit_of.get(name) for name in _commodity_of(table, frame, counted_in, process_of)]
        factor = _factors(table, frame, "unit", wanted, problems)
        converted[table] = frame.with_columns(
            *[pl.col(name) * factor for name in amounts],
            *[pl.col(name) / factor for name in money],
            unit=pl.Series(wanted, dtype=pl.String),
        )
    recipes = tables["recipes"]
    own = [unit_of.get(name) for name in recipes["commodity"]]
    per = [unit_of.get(counted_in.get(name, "")) for name in recipes["process"]]
    rate_factor = _factors("recipes", recipes, "unit", own, problems)
    per_factor = _factors("recipes", recipes, "per_unit", per, problems)
    converted["recipes"] = recipes.with_columns(
        rate=pl.col("rate") * rate_factor / per_factor,
        unit=pl.Series(own, dtype=pl.String),
        per_unit=pl.Series(per, dtype=pl.String),
    )
    return converted


def kilograms(unit: str) -> float | None:
    """How many kilograms one of this unit is; None where it does not measure mass."""
    code = _code(unit)
    if code is None or not units.convertible(code, "KGM"):
        return None
    return float(units.factor(code, "KGM"))


_WRITE_A_UNIT = "Write a UN/ECE code or a symbol, such as kt (not Mt), t, GJ, MWh."
_AMBIGUOUS = ("Mt",)  # a million tonnes to some, a metric ton to the code list


def _commodity_of(
    table: str, frame: pl.DataFrame, counted_in: Mapping[str, str], process_of: Mapping[str, str]
) -> list[str]:
    if table in ("assets", "projects"):
        return [counted_in.get(name, "") for name in frame["process"]]
    if table != "limits":
        return frame["commodity"].to_list()
    rows = frame.select("process", "commodity", "asset").iter_rows()
    return [c or counted_in.get(p or process_of.get(a, ""), "") for p, c, a in rows]


def _factors(
    table: str,
    frame: pl.DataFrame,
    column: str,
    wanted: list[str | None],
    problems: Problems,
) -> pl.Series:
    """Give what each row's amount is multiplied by; 1 where it names no unit of its own."""
    pairs = list(zip(frame[column].to_list(), wanted, strict=True))
    factor: dict[tuple[str | None, str | None], float] = {}
    wrong: dict[tuple[str | None, str | None], str] = {}
    for pair in set(pairs):
        own, other = pair
        factor[pair] = 1.0
        if own is None or other is None or own == other:
            continue
        a, b = _code(own), _code(other)
        if a is None or b is None:
            wrong[pair] = "no such unit is known"
        elif not units.convertible(a, b):
            wrong[pair] = (
                f"the units do not match: {own} measures {units.dimension(a)}, and the commodity "
                f"is told in {other} ({units.dimension(b)})"
            )
        else:
            factor[pair] = float(units.factor(a, b))
    for pair, reason in wrong.items():
        bad = pl.Series([p == pair for p in pairs], dtype=pl.Boolean)
        next_step = f"Give the figure in {pair[1]} or a unit that converts to it."
        problems.append(bad_rows(table, frame, column, bad, reason, next_step))
    return pl.Series([factor[pair] for pair in pairs], dtype=pl.Float64)


def _code(text: str | None) -> str | None:
    if text in _AMBIGUOUS:
        return None
    try:
        return units.find(text).code if text else None
    except UnknownCode:
        return None
