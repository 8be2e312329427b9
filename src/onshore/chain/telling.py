"""What a result of a chain is told with: what it was made from, and which commodity it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from onshore.chain.tables import Chain


def description(chain: Chain, years: Sequence[int] | None = None) -> dict[str, Any]:
    """Tell what a result was made from: the chain's name, years, note, what is illustrative.

    Parameters
    ----------
    years
        Those that the result tells; all of the chain otherwise.

    Returns
    -------
    dict
        ``chain`` (name, name_fa), ``years``, ``seasons``, ``currency``, ``note``, ``note_fa``,
        ``illustrative`` and ``illustrative_rows`` (by table: how many, of how many).
    """
    settings = chain.settings
    return {
        "chain": {"name": settings.name, "name_fa": settings.name_fa},
        "years": list(years or settings.years),
        "seasons": dict(settings.seasons),
        "currency": settings.currency,
        "note": settings.note,
        "note_fa": settings.note_fa,
        "illustrative": settings.illustrative,
        "illustrative_rows": _illustrative_rows(chain),
    }


def _illustrative_rows(chain: Chain) -> dict[str, tuple[int, int]]:
    told = {}
    for name, frame in chain.tables.items():
        number = int(frame["illustrative"].sum()) if "illustrative" in frame.columns else 0
        if number:
            told[name] = (number, frame.height)
    return told


def main_product(chain: Chain, objective: str | None = None) -> str | None:
    """Choose the commodity that a page is about: what is to be made, asked for, or sold."""
    kind, _, commodity = (objective or chain.settings.objective).partition(":")
    if kind.strip() == "most output":
        return commodity.strip()
    materials = chain.table("commodities").filter(pl.col("kind") == "material")["commodity"]
    demands = chain.table("demands")
    markets = chain.table("markets").filter(pl.col("direction") == "export")
    for frame, amount in ((demands, "amount"), (markets, "most")):
        told = (
            frame.filter(pl.col("commodity").is_in(materials.implode()))
            .group_by("commodity", maintain_order=True)
            .agg(pl.col(amount).sum())
            .sort(amount, descending=True, nulls_last=True)
        )
        if told.height:
            return str(told["commodity"][0])
    return None
