"""What shares of a budget bring, where it is shared with others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from onshore.chain.building import Budget
from onshore.chain.expansion import expand
from onshore.chain.tables import Chain


def budget_frontier(
    chain: Chain,
    budget: Budget = None,
    *,
    shares: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    objective: str | None = None,
    years: Collection[int] | None = None,
    spent: pl.DataFrame | None = None,
    carry_over: bool = False,
    pay: str = "while built",
    life: float | None = 20.0,
    gap: float = 1e-3,
    seconds: float = 60.0,
) -> pl.DataFrame:
    """Tell what shares of a budget bring: to be set beside what a plan brings with the rest.

    Parameters
    ----------
    chain, budget, objective, years, spent, carry_over, pay, life, gap, seconds
        As for `expand`; ``seconds`` for each share.
    shares
        Of the budget that the chain may spend.

    Returns
    -------
    DataFrame
        ``share``, ``budget`` (of all years), ``spent``, ``objective``, ``gain``, ``gap`` and
        ``built`` (how many projects).

    Raises
    ------
    ChainError
        As `expand`.
    """
    told: Budget = chain.table("budgets") if budget is None else budget
    rows = []
    for share in shares:
        part: Budget
        if isinstance(told, pl.DataFrame):
            part = told.with_columns(amount=pl.col("amount") * share)
        else:
            part = float(told or 0.0) * share if share else 0.0
        found = expand(
            chain,
            part,
            objective=objective,
            years=years,
            spent=spent,
            carry_over=carry_over,
            pay=pay,
            life=life,
            gap=gap,
            seconds=seconds,
        )
        whole = part if isinstance(part, float) else float(found.spending["budget"].sum())
        rows.append(
            {
                "share": float(share),
                "budget": whole,
                "spent": float(found.spending["spent"].sum()),
                "objective": found.objective,
                "gain": found.gain,
                "gap": found.gap,
                "built": found.built.height,
            }
        )
    schema = dict.fromkeys(("share", "budget", "spent", "objective", "gain", "gap"), pl.Float64)
    return pl.DataFrame(rows, schema={**schema, "built": pl.Int64})
