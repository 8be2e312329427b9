"""Time of `totals` on a million ledger lines by five dimensions, beside plain DuckDB SQL.

    python benchmarks/account_ledger.py [LINES]

The same made-up ledger (default 1,000,000 lines, as `savings` gives them) is summed by sector,
desk, province, buyer and period, for each basis. Both engines refuse a claim that occurs twice,
read the same columns in memory and give the same table, to the last decimal place; CPU is user
and system time of all threads, the least of five runs in turn.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

import duckdb
import numpy as np
import polars as pl

from onshore.account import annual_savings, cumulative_savings, totals
from onshore.figures import Basis

BY = ["sector", "desk_id", "place", "buyer_id", "period"]
MONEY = pl.Decimal(38, 6)
SQL = f"""
create or replace table summed as
select * from (
    select {", ".join(BY)}, basis,
        sum(net_currency_saved) as net_currency_saved,
        coalesce(sum(cost_effect), 0) as cost_effect,
        count(*) as claims, count(*) - count(cost_effect) as without_cost_effect
    from ledger group by {", ".join(BY)}, basis
)
order by {", ".join(f"{name} nulls last" for name in BY)},
    list_position({[str(basis.value) for basis in Basis]}, basis)
"""


SPREADS = {"nearly every line its own group": (40, 31, 200, 32), "few groups": (8, 5, 20, 8)}
"""Desks, provinces, buyers and quarters."""


def made_up(lines: int, spread: tuple[int, int, int, int]) -> pl.DataFrame:
    many_desks, places, buyers, quarters = spread
    draw = np.random.default_rng(5)

    def one_of(names: list[str]) -> pl.Series:
        return pl.Series(names).gather(draw.integers(0, len(names), lines))

    def money(low: int, high: int) -> pl.Series:
        return pl.Series(draw.integers(low, high, lines)).cast(MONEY) / 1000

    desks = [f"DESK-{n:02}" for n in range(many_desks)]
    desk = pl.Series(draw.integers(0, len(desks), lines))
    return pl.DataFrame(
        {
            "claim_id": [f"CL-{n:07}" for n in range(lines)],
            "basis": one_of([str(basis.value) for basis in Basis]),
            "sector": pl.Series([f"sector {n // 4}" for n in range(len(desks))]).gather(desk),
            "desk_id": pl.Series(desks).gather(desk),
            "place": one_of([f"IR-{n:02}" for n in range(places)]),
            "buyer_id": one_of([f"ORG-{n:04}" for n in range(buyers)]),
            "period": one_of([f"{1396 + n // 4}-Q{n % 4 + 1}" for n in range(quarters)]),
            "net_currency_saved": money(-(10**9), 10**10),
            "cost_effect": money(-(10**9), 10**9),
            "currency": pl.Series(["EUR"]).gather(np.zeros(lines, dtype=np.int64)),
        }
    ).with_columns(
        cost_effect=pl.when(pl.Series(draw.random(lines)) > 0.05).then("cost_effect").cast(MONEY),
        net_currency_saved=pl.col("net_currency_saved").cast(MONEY),
    )


def by_sql(connection: duckdb.DuckDBPyConnection) -> None:
    asked = connection.execute("select count(distinct claim_id) < count(*) from ledger")
    if asked.fetchall()[0][0]:
        raise ValueError("a claim occurs twice")
    connection.execute(SQL)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    began, cpu = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - began, _cpu() - cpu


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{os.cpu_count()} cores, polars {pl.__version__}, DuckDB {duckdb.__version__}")
    for name, spread in SPREADS.items():
        compare(name, made_up(lines, spread))


def compare(spread: str, ledger: pl.DataFrame) -> None:
    connection = duckdb.connect()
    runs: dict[str, list[tuple[float, float]]] = {"onshore": [], "DuckDB": []}
    with tempfile.TemporaryDirectory() as folder:
        ledger.write_parquet(f"{folder}/ledger.parquet")
        connection.execute(f"create table ledger as from '{folder}/ledger.parquet'")
        for _ in range(5):
            runs["onshore"].append(timed(lambda: totals(ledger, BY)))
            runs["DuckDB"].append(timed(lambda: by_sql(connection)))
        connection.execute(f"copy summed to '{folder}/summed.parquet'")
        theirs = pl.read_parquet(f"{folder}/summed.parquet")
    ours = totals(ledger, BY)
    same = theirs.select(pl.col(name).cast(kind) for name, kind in ours.schema.items())
    assert ours.equals(same), "the two do not agree"
    assert theirs.height == ours.height
    assert ours["net_currency_saved"].sum() == ledger["net_currency_saved"].sum()

    print(f"{ledger.height:,} lines, {spread}: {ours.height:,} groups, same result")
    least = {name: [min(run[n] for run in rows) for n in (0, 1)] for name, rows in runs.items()}
    for name, (wall, cpu) in least.items():
        print(f"{name:<8} {wall:6.2f} s, CPU {cpu:6.2f} s")
    print(f"CPU ratio {least['onshore'][1] / least['DuckDB'][1]:.2f}")
    for name, series in (("annual", annual_savings), ("cumulative", cumulative_savings)):
        wall, cpu = timed(partial(series, ledger, BY[:3], calendar="solar_hijri"))
        print(f"{name} by {', '.join(BY[:3])}: {wall:.2f} s, CPU {cpu:.2f} s")


if __name__ == "__main__":
    main()
