"""Dependency over 50 million flows: ours beside DuckDB SQL written by hand, in CPU seconds.

    python benchmarks/trade_dependency.py make FOLDER --rows 50000000
    python benchmarks/trade_dependency.py run FOLDER

The flows are made block by block, in BACI's columns (t, i, j, k, v, q): 230 countries, 5,000
products, 5 years, one file a year. Each way runs in a process of its own on the same files and
writes one table of importer, product and year: imports, HHI, top partner and its share, number of
partners, world exports and their HHI, own exports, and the years of three in which CEPII's three
criteria hold. The two tables are then compared. ``ours`` is told with and without the look
through the facts that `open_facts` takes (double counting, missing values and so on).
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

COUNTRIES, PRODUCTS, YEARS = 230, 5000, range(2018, 2023)


def make(folder: Path, rows: int, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    codes = pl.Series(
        [f"{1 + p // 52:02d}{1 + p % 52 // 7:02d}{p % 7:02d}" for p in range(PRODUCTS)]
    )
    numbers = np.sort(rng.choice(np.arange(1, 895), COUNTRIES, replace=False)).astype(np.int32)
    supply, demand = rng.pareto(1.1, COUNTRIES) + 0.02, rng.pareto(1.6, COUNTRIES) + 0.1
    weight = rng.gamma(0.7, 1, PRODUCTS) + 0.02
    pairs = np.outer(supply / supply.mean(), demand / demand.mean())
    np.fill_diagonal(pairs, 0)
    scale = _scale(pairs, weight / weight.mean(), rows / len(YEARS))
    for year in YEARS:
        blocks = []
        for exporter in range(COUNTRIES):
            rate = scale * pairs[exporter][:, None] * (weight / weight.mean())
            chance = 1 - np.exp(-rate)
            importer, product = np.nonzero(rng.random(chance.shape, np.float32) < chance)
            value = np.maximum(np.round(rng.lognormal(3, 2.2, len(importer)), 3), 0.001)
            quantity = np.round(value / rng.lognormal(1, 0.7, len(importer)), 3)
            blocks.append(
                pl.DataFrame(
                    {
                        "t": np.full(len(importer), year, np.int32),
                        "i": np.full(len(importer), numbers[exporter]),
                        "j": numbers[importer],
                        "k": codes[product],
                        "v": value,
                        "q": quantity,
                    }
                )
            )
        made = pl.concat(blocks)
        made.write_parquet(folder / f"flows_{year}.parquet", row_group_size=500_000)
        print(f"{year}: {made.height:,} rows", flush=True)


def _scale(pairs: np.ndarray, weight: np.ndarray, wanted: float) -> float:
    """Find the rate at which as many cells are filled as wanted."""
    sample = np.random.default_rng(0).choice(pairs.ravel(), 6_000)
    low, high = 1e-4, 1e3
    for _ in range(24):
        middle = float(np.sqrt(low * high))
        filled = (1 - np.exp(-middle * np.outer(sample, weight))).mean() * pairs.size
        low, high = (middle, high) if filled * PRODUCTS < wanted else (low, middle)
    return low


SQL = """
WITH flows AS (
  SELECT i AS exporter, j AS importer, k AS product, t AS period, v AS value
  FROM read_parquet('{folder}/*.parquet') WHERE v > 0
), suppliers AS (
  SELECT importer, product, period, exporter, sum(value) AS value FROM flows GROUP BY ALL
), imported AS (
  SELECT importer, product, period, sum(value) AS imports, sum(value * value) AS squares,
         max({{'value': value, 'partner': exporter}}) AS top, count(*) AS partners
  FROM suppliers GROUP BY ALL
), exported AS MATERIALIZED (
  SELECT exporter, product, period, sum(value) AS exports FROM flows GROUP BY ALL
), world AS (
  SELECT product, period, sum(exports) AS world_exports,
         sum(exports * exports) / sum(exports) ** 2 AS world_hhi
  FROM exported GROUP BY ALL
), criteria AS (
  SELECT m.importer, m.product, m.period, m.imports, m.squares / m.imports ** 2 AS hhi,
         m.top.partner AS top_partner, m.top.value / m.imports AS top_share, m.partners,
         w.world_exports, w.world_hhi, e.exports
  FROM imported m JOIN world w USING (product, period)
  LEFT JOIN exported e
    ON e.exporter = m.importer AND e.product = m.product AND e.period = m.period
), flagged AS (
  SELECT *, hhi > 0.4 AND world_hhi > 0.4 AND coalesce(imports > exports, true) AS holds
  FROM criteria
)
SELECT *, sum(holds::INT) OVER (
  PARTITION BY importer, product ORDER BY period RANGE BETWEEN 2 PRECEDING AND CURRENT ROW
)::INT AS years_held
FROM flagged
"""
HHI = """
WITH suppliers AS (
  SELECT j AS importer, k AS product, t AS period, i AS exporter, sum(v) AS value
  FROM read_parquet('{folder}/*.parquet') WHERE v > 0 GROUP BY ALL
)
SELECT importer, product, period, sum(value * value) / sum(value) ** 2 AS hhi
FROM suppliers GROUP BY ALL
"""


def by_hand(folder: Path, out: Path, sql: str) -> dict[str, float]:
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        f"SET memory_limit = '2000MB'; SET temp_directory = '{out.parent}/spill'; "
        "SET preserve_insertion_order = false"
    )
    connection.execute(f"COPY ({sql.format(folder=folder)}) TO '{out}' (FORMAT parquet)")
    return {}


def ours(folder: Path, out: Path) -> dict[str, float]:
    from onshore.trade.criteria import write_concentration
    from onshore.trade.facts import open_facts

    with open_facts(folder) as facts:
        looked = _cpu()
        write_concentration(facts, out)
    return {"opening_cpu": looked}


WAYS = {
    "hand": lambda folder, out: by_hand(folder, out, SQL),
    "hhi": lambda folder, out: by_hand(folder, out, HHI),
    "ours": ours,
}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def one(way: str, folder: Path, out: Path) -> None:
    before, began = _cpu(), time.perf_counter()
    more = WAYS[way](folder, out)
    told = {
        "way": way,
        "cpu": round(_cpu() - before, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **{name: round(value - before, 1) for name, value in more.items()},
    }
    print(json.dumps(told), flush=True)


def run(folder: Path, ways: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        made = {}
        for way in ways:
            out = Path(place) / f"{way}.parquet"
            command = [sys.executable, __file__, "one", way, str(folder), str(out)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            made[way] = json.loads(done.stdout.splitlines()[-1])
            print(made[way], flush=True)
        if {"hand", "ours"} <= set(ways):
            ratio = made["ours"]["cpu"] / made["hand"]["cpu"]
            print(f"ratio of CPU, ours to by hand: {ratio:.2f}")
            _compare(Path(place))


def _compare(place: Path) -> None:
    keys = ["importer", "product", "period"]
    exact = ["top_partner", "partners", "holds", "years_held"]
    near = ["imports", "hhi", "top_share", "world_exports", "world_hhi", "exports"]
    hand, own = (
        pl.scan_parquet(place / f"{way}.parquet").with_columns(
            pl.col("importer", "product", "top_partner").cast(pl.String),
            pl.col("period", "partners", "years_held").cast(pl.Int64),
        )
        for way in ("hand", "ours")
    )
    both = hand.join(own, on=keys, how="full", suffix="_own", coalesce=True)
    told = both.select(
        pl.len(),
        *((pl.col(c).ne_missing(pl.col(f"{c}_own"))).sum().alias(c) for c in exact),
        *(((pl.col(c) - pl.col(f"{c}_own")).abs() / pl.col(c)).max().alias(c) for c in near),
        unlike_nulls=(pl.col("exports").is_null() != pl.col("exports_own").is_null()).sum(),
    ).collect(engine="streaming")
    print("rows; cells that differ; greatest relative difference of the others:")
    print(told.row(0, named=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["make", "run", "one"])
    parser.add_argument("rest", nargs="+")
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--ways", nargs="+", default=["hhi", "hand", "ours"])
    asked = parser.parse_args()
    if asked.what == "make":
        make(Path(asked.rest[0]), asked.rows, asked.seed)
    elif asked.what == "run":
        run(Path(asked.rest[0]), asked.ways)
    else:
        one(asked.rest[0], Path(asked.rest[1]), Path(asked.rest[2]))


if __name__ == "__main__":
    main()
