"""What a table of trade holds, and which of its rows are left out, each kind by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.codes import fold
from onshore.trade.engines import Engine
from onshore.trade.errors import TradeError
from onshore.trade.layout import EXPORT, IMPORT, RE_EXPORTS, Layout, flow_words
from onshore.trade.naming import some
from onshore.trade.territories import (
    AGGREGATE,
    COUNTRY,
    UNKNOWN,
    UNSPECIFIED,
    country_warnings,
    territories,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Sifted:
    """What a table holds and what is left out of it."""

    rows: int
    years: list[int]
    territories: pl.DataFrame
    raw: dict[str, object]
    reporters: list[object]
    aggregates: list[object]
    flows: dict[str, list[object]]
    re_exports: list[object]
    nested: list[str]
    product_digits: int | None
    currency: str | None
    left_out: dict[str, Any]
    warnings: list[str]

    def keep(
        self, rows: ir.Table, layout: Layout, by: str, words: list[object] | None = None
    ) -> ir.Table:
        """Give the flows told by one side, or of these words, without what is left out."""
        import ibis

        if by not in ("importer", "exporter"):
            raise TradeError(f"Flows are told by 'importer' or by 'exporter', not by '{by}'.")
        if not layout.reconciled:
            words = self.flows[IMPORT if by == "importer" else EXPORT] if words is None else words
            rows = rows.filter(rows.flow.isin(words) if words else ibis.literal(False))
            sides = ("partner", "reporter") if by == "importer" else ("reporter", "partner")
            rows = rows.mutate(exporter=rows[sides[0]], importer=rows[sides[1]])
        wanted = rows.value > 0
        if self.left_out["to_itself"]:
            wanted &= rows.exporter != rows.importer
        if self.aggregates:
            wanted &= rows.exporter.notin(self.aggregates) & rows.importer.notin(self.aggregates)
        if self.left_out["without_a_territory"]:
            wanted &= rows.exporter.notnull() & rows.importer.notnull()
        if self.nested:
            wanted &= rows["product"].notin(self.nested)
        kept = rows.filter(wanted)
        quantity = kept.quantity if "quantity" in kept.columns else ibis.null("float64")
        columns = [kept[name] for name in ("exporter", "importer", "product", "period", "value")]
        extra = [kept.unit] if "unit" in kept.columns else []
        return kept.select(*columns, *extra, quantity=quantity)


def sift(engine: Engine, rows: ir.Table, layout: Layout, source: str) -> Sifted:
    """Look through a table once."""
    counts = _counts(engine, rows, layout)
    if not counts["rows"].sum():
        raise TradeError(f"{source} has no rows. Give a table with facts.")
    words = counts["flow"].drop_nulls().unique().to_list() if "flow" in counts.columns else []
    flows = flow_words(words, source)
    sides = ("exporter", "importer") if layout.reconciled else ("reporter", "partner")
    keys = [_totals(counts, side) for side in sides]
    raw = {str(key): key for side in keys for key in side["key"].to_list() if key is not None}
    known = territories(raw)
    aggregates, told = _double_counting(known, keys, source)
    nested, digits, more = _products(engine, rows, counts, source)
    left_out = {
        "missing_value": int(counts["missing"].sum()),
        "negative_value": int(counts["negative"].sum()),
        "zero_value": int(counts["zero"].sum()),
        "to_itself": int(counts["itself"].sum()),
        "without_a_territory": sum(_missing(side) for side in keys),
        "aggregates": [key for key in raw if raw[key] in aggregates],
        "products_that_hold_others": len(nested),
        "flows_told_again": [str(word) for word in flows[""]],
    }
    return Sifted(
        rows=int(counts["rows"].sum()),
        years=sorted(counts["period"].drop_nulls().unique().to_list()),
        territories=known,
        raw=raw,
        reporters=[] if layout.reconciled else keys[0]["key"].drop_nulls().to_list(),
        aggregates=aggregates,
        flows=flows,
        re_exports=[word for word in flows[""] if _is_re_export(word)],
        nested=nested,
        product_digits=digits,
        currency=_currency(engine, rows, source),
        left_out=left_out,
        warnings=[
            *told,
            *more,
            *_value_warnings(left_out, int(counts["rows"].sum()), source),
            *_calendar_warnings(counts, source),
            *country_warnings(known, source),
            *_spelt_twice(known, source),
        ],
    )


def _counts(engine: Engine, rows: ir.Table, layout: Layout) -> pl.DataFrame:
    """Count rows by year, flow and both sides, in one pass."""
    product = rows["product"]
    size = product.length() if product.type().is_string() else product
    sides = ("exporter", "importer") if layout.reconciled else ("reporter", "partner", "flow")
    counted = engine.run(
        rows.group_by("period", *sides).agg(
            rows=rows.count(),
            missing=rows.value.isnull().sum(),
            negative=(rows.value < 0).sum().fill_null(0),
            zero=(rows.value == 0).sum().fill_null(0),
            value=rows.value.sum().fill_null(0),
            least=size.min(),
            most=size.max(),
        )
    )
    one, other = (pl.col(side).cast(pl.String) for side in sides[:2])
    return counted.with_columns(itself=pl.when(one == other).then("rows").otherwise(0))


def _totals(counts: pl.DataFrame, side: str) -> pl.DataFrame:
    """Give the number of rows and the sum of the values by key."""
    grouped = counts.group_by(key=side, maintain_order=True)
    return grouped.agg(pl.col("rows", "value").sum()).sort("key", nulls_last=True)


def _missing(side: pl.DataFrame) -> int:
    return int(side.filter(pl.col("key").is_null())["rows"].sum())


def _double_counting(
    known: pl.DataFrame, keys: list[pl.DataFrame], source: str
) -> tuple[list[object], list[str]]:
    """Find the aggregates that stand beside countries, and say so."""
    kinds = dict(known.select("key", "kind").rows())
    aggregates: dict[object, None] = {}
    warnings = []
    for side in keys:
        kind = pl.Series([kinds.get(str(key)) for key in side["key"].to_list()], dtype=pl.String)
        is_sum, is_one = kind == AGGREGATE, kind.is_in([COUNTRY, UNKNOWN, UNSPECIFIED])
        if not (is_sum.any() and is_one.any()):
            continue
        found = side.filter(is_sum)
        aggregates.update(dict.fromkeys(found["key"].to_list()))
        own = float(side.filter(is_one)["value"].sum() or 0)
        told = ", ".join(
            f"{row['key']} ({row['value'] / own:.2f} times their sum)" if own else str(row["key"])
            for row in found.to_dicts()
        )
        warnings.append(
            f"{source}: {told} stands beside {int(is_one.sum())} territories and would count their "
            "trade twice; its rows were left out."
        )
    unspecified = known.filter(pl.col("kind") == UNSPECIFIED)["key"].to_list()
    if unspecified:
        share = max(_share(side, unspecified) for side in keys)
        warnings.append(
            f"{source}: {', '.join(unspecified)} stand for trade of no known country, up to "
            f"{share:.1%} of the value. It was kept, each as one partner."
        )
    return list(aggregates), warnings


def _spelt_twice(known: pl.DataFrame, source: str) -> list[str]:
    """Warn of countries that stand under several keys, whose trade is then counted apart."""
    keys = known.filter(pl.col("code").is_not_null()).group_by("name", maintain_order=True)
    several = keys.agg("key").filter(pl.col("key").list.len() > 1)
    if several.is_empty():
        return []
    told = [f"{name} stands under {' and '.join(sorted(same))}" for name, same in several.rows()]
    return [
        f"{source}: {some(told, most=5)}, which were taken for different countries. Write each "
        "country in one way, where they are the same."
    ]


def _share(side: pl.DataFrame, keys: list[str]) -> float:
    mine = side.filter(pl.col("key").cast(pl.String).is_in(keys))["value"].sum() or 0
    return float(mine) / float(side["value"].sum() or 1)


def _products(
    engine: Engine, rows: ir.Table, counts: pl.DataFrame, source: str
) -> tuple[list[str], int | None, list[str]]:
    """Find products that hold others, and how many digits numbers have that lost their zeros."""
    if not rows["product"].type().is_string():
        digits = len(str(counts["most"].max() or 0))
        return [], digits + digits % 2, []
    if counts["least"].min() == counts["most"].max():
        return [], None, []
    codes = engine.run(rows.select("product").distinct())["product"].drop_nulls().sort().to_list()
    totals = [code for code in codes if code.strip().upper() in _ALL_PRODUCTS]
    codes = [code for code in codes if code not in totals]
    nested = [code for code, later in pairwise(codes) if later.startswith(code)]
    if not (nested or totals):
        return [], None, []
    left = [*totals, *nested]
    examples = ", ".join(left[:5]) + (", ..." if len(left) > 5 else "")
    return (
        left,
        None,
        [
            f"{source}: {len(left)} products ({examples}) hold others of the table and would count "
            "those twice; their rows were left out."
        ],
    )


_ALL_PRODUCTS = ("TOTAL", "ALL", "AG2", "AG4", "AG6", "ALLCOMMODITIES", "ALL COMMODITIES")


def _currency(engine: Engine, rows: ir.Table, source: str) -> str | None:
    if "currency" not in rows.columns:
        return None
    found = engine.run(rows.select("currency").distinct())["currency"].drop_nulls().sort().to_list()
    if len(found) > 1:
        raise TradeError(
            f"{source}: the values are in {', '.join(map(str, found[:5]))}. Convert them to one "
            "currency, with the rate, its date and its type, and give the table again."
        )
    return str(found[0]) if found else None


def _value_warnings(left_out: dict[str, Any], rows: int, source: str) -> list[str]:
    said = {
        "missing_value": "have no value",
        "negative_value": "have a value below 0, as corrections have",
        "to_itself": "go from a country to itself",
        "without_a_territory": "name no territory on one side",
    }
    return [
        f"{source}: {left_out[kind]} of {rows} rows {told}; they were left out."
        for kind, told in said.items()
        if left_out[kind]
    ]


def _calendar_warnings(counts: pl.DataFrame, source: str) -> list[str]:
    years = counts["period"].drop_nulls()
    hijri = years.filter(years < 1600)
    if hijri.len() and hijri.len() < years.len():
        return [
            f"{source}: years of two calendars ({hijri[0]} and {years.sort()[-1]}) stand side by "
            "side. They were kept apart; give them in one calendar."
        ]
    return []


def _is_re_export(word: object) -> bool:
    return re.sub(r"[\W_]+", "", fold(str(word))) in RE_EXPORTS
