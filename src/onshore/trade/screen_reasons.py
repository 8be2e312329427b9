"""Why a product stands where it stands, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

_NAMES = {
    "import_value": "import value",
    "dependency": "dependency",
    "density": "density",
    "gain": "complexity gain",
    "growth": "market growth",
}


def reasons(screen: pl.DataFrame, components: Sequence[str]) -> pl.Series:
    """Say of each product what speaks for it: each component with its place, then the extremes."""
    told = [_reason(row, components) for row in screen.iter_rows(named=True)]
    return pl.Series("reason", told, dtype=pl.String)


def _reason(row: dict[str, Any], components: Sequence[str]) -> str:
    places = {name: row[f"{name}_percentile"] for name in components}
    known = {name: place for name, place in places.items() if place is not None}
    parts = [f"{_fact(name, row)} ({_place(place)})" for name, place in known.items()]
    absent = [_NAMES[name] for name in places if name not in known]
    if absent:
        parts.append(f"not known: {', '.join(absent)}")
    text = "; ".join(parts)
    if len(known) > 1 and max(known.values()) > min(known.values()):
        best = max(known, key=lambda name: known[name])
        worst = min(known, key=lambda name: known[name])
        text += f". For it most of all: {_NAMES[best]}; least: {_NAMES[worst]}"
    return f"{text[:1].upper()}{text[1:]}."


def _fact(component: str, row: dict[str, Any]) -> str:
    if component == "import_value":
        return f"imports of {row['import_value']:,.0f}"
    if component == "dependency":
        top, share = row.get("top_partner"), row.get("top_share")
        most = f", {share:.0%} from {top}" if top is not None and share is not None else ""
        rule = ", dependent by GeoDep's rule" if row.get("geodep") else ""
        return f"HHI {row['hhi']:.2f}{most}{rule}"
    if component == "density":
        return f"density {row['density']:.3f}"
    if component == "gain":
        return f"complexity gain {row['cog']:.3g}"
    growth = row["market_growth"]
    verb = "grow" if growth >= 0 else "shrink"
    return f"world imports {verb} {abs(growth):.1%} a year"


def _place(percentile: float) -> str:
    """Say a percentile as a part of the top or of the bottom, in whole percent from 1 on."""
    if percentile >= 0.5:
        return f"top {max(1, math.ceil(round((1 - percentile) * 100, 6)))} %"
    return f"bottom {max(1, math.ceil(round(percentile * 100, 6)))} %"
