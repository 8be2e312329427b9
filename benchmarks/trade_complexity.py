"""Economic complexity beside two peers: the same results, CPU and memory on the same facts.

    python benchmarks/trade_complexity.py --peer PEER_PYTHON [--world WORLD.csv]

The peers have their own environment: `uv venv peer && uv pip install --python peer/bin/python -r
benchmarks/peers/complexity/requirements.txt`, then `--peer peer/bin/python`. Each result is made
in a process of its own, from a table in memory to tables in memory; CPU leaves out imports and
reading, the peak of memory is the whole process's. The first part compares every measure with
ecomplexity on the world's trade (the shared file world_trade_1998_2000.csv). The second makes up
exports of 230 countries in 5,000 products, about half of the pairs, and runs economic-complexity;
it gives RCA, ECI, PCI, proximity, density and opportunity gain, once with each function called as
its manual shows and once with the proximities handed on from one to the next. Its ECI and PCI come
of 20 reflections, so that they agree in order only; RCA and proximity are compared. Ours gives all
of these, COI and fitness.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from onshore.trade import complexity, scan_exports

PEER = Path(__file__).parent / "peers" / "complexity" / "peer.py"


def made_up(countries: int, products: int, years: int) -> pl.DataFrame:
    """Exports whose size is that of the country, the product and chance."""
    tables = []
    for year in range(years):
        draw = np.random.default_rng(year)
        size = 2 * draw.normal(size=(countries, 1)) + draw.normal(size=(1, products))
        values = np.exp(size + 2 * draw.normal(size=(countries, products)))
        c, p = np.nonzero(draw.random((countries, products)) < 0.5)
        table = {
            "country": [f"c{n:03}" for n in c],
            "product": [f"{n:06}" for n in p],
            "value": values[c, p],
        }
        tables.append(pl.DataFrame(table).with_columns(year=pl.lit(2000 + year)))
    return pl.concat(tables)


def ours(folder: Path, near: bool) -> None:
    """Run ours in this process; told apart by the caller."""
    facts = pl.read_parquet(folder / "facts.parquet")
    began = time.process_time()
    found = complexity(facts, reliable=False)
    table = found.proximity() if near else None
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if not near and "year" not in found.countries.columns:
        by_country, by_product = found.countries.sort("country"), found.products.sort("product")
        shape = by_country.height, by_product.height
        pairs = {n: found.pairs[n].to_numpy().reshape(shape) for n in ("rca", "density", "cog")}
        singles = {n: by_country[n].to_numpy() for n in ("eci", "coi")}
        np.savez(folder / "ours.npz", pci=by_product["pci"].to_numpy(), **pairs, **singles)
    if table is not None:
        table.write_parquet(folder / "near.parquet")
    print(f"{took:.2f} {peak:.0f}")


def run(*words: object) -> tuple[float, float]:
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    cpu, peak = done.stdout.splitlines()[-1].split()
    return float(cpu), float(peak)


def run_ours(folder: Path, *, near: bool = False) -> tuple[float, float]:
    return run(sys.executable, __file__, "--own", folder, *(["--near"] if near else []))


def told(name: str, spent: tuple[float, float]) -> None:
    print(f"{name:<52} {spent[0]:>8.2f} CPU s {spent[1]:>7.0f} MB", flush=True)


def apart(folder: Path, peer: str, names: tuple[str, ...]) -> None:
    mine, theirs = np.load(folder / "ours.npz"), np.load(folder / f"{peer}.npz")
    for name in names:
        print(f"  {name:<10} greatest difference {np.abs(mine[name] - theirs[name]).max():.1e}")
    near = pl.read_parquet(folder / "near.parquet")
    products = pl.concat([near["product"], near["other"]]).unique().sort()
    place = {name: n for n, name in enumerate(products)}
    ends = near.select(pl.col("product", "other").replace_strict(place, return_dtype=pl.Int64))
    square = np.zeros((len(products), len(products)))
    square[ends["product"].to_numpy(), ends["other"].to_numpy()] = near["proximity"].to_numpy()
    difference = np.abs(square - np.triu(theirs["proximity"], 1)).max()
    print(f"  {'proximity':<10} greatest difference {difference:.1e}")


def world(path: Path, peer: Path, folder: Path) -> None:
    facts = scan_exports(path).rename({"sitc2": "product", "export_usd": "value"}).collect()
    facts = facts.with_columns(pl.col("value").cast(pl.Float64))
    facts.write_parquet(folder / "facts.parquet")
    print(f"{facts['country'].n_unique()} countries, {facts['product'].n_unique()} products")
    told("ecomplexity 0.5.3", run(peer, PEER, "ecomplexity", folder))
    told("onshore", run_ours(folder))
    told("onshore, with a table of proximities", run_ours(folder, near=True))
    apart(folder, "ecomplexity", ("eci", "pci", "rca", "density", "coi", "cog"))


def synthetic(given: argparse.Namespace, folder: Path) -> None:
    made_up(given.countries, given.products, given.years).write_parquet(folder / "facts.parquet")
    print(f"\n{given.countries} countries, {given.products} products, made up")
    many = run_ours(folder)
    facts = pl.scan_parquet(folder / "facts.parquet").filter(pl.col("year") == 2000)
    facts.drop("year").collect().write_parquet(folder / "facts.parquet")
    one = run_ours(folder)
    if given.peer:
        plain = run(given.peer, PEER, "economic-complexity", folder, "plain")
        told("economic-complexity 0.3.0, one year", plain)
        theirs = run(given.peer, PEER, "economic-complexity", folder)
        told("economic-complexity 0.3.0, proximities found once", theirs)
    told("onshore, one year", one)
    near = run_ours(folder, near=True)
    told("onshore, one year, with a table of proximities", near)
    told(f"onshore, {given.years} years", many)
    print(f"{given.years} years cost {many[0] / one[0]:.1f} times one year")
    if given.peer:
        for name, spent in (("as called", plain), ("proximities found once", theirs)):
            times = spent[0] / one[0], spent[0] / near[0]
            print(f"the peer, {name}: {times[0]:.0f} times ours; {times[1]:.0f} times with a table")
        apart(folder, "economic-complexity", ("rca",))


def main() -> None:
    parser = argparse.ArgumentParser(description="Economic complexity beside two peers")
    parser.add_argument("--peer", type=Path, help="Python of the environment with the peers")
    parser.add_argument("--world", type=Path, help="world_trade_1998_2000.csv")
    parser.add_argument("--countries", type=int, default=230)
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--own", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--near", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.own:
        ours(given.own, given.near)
        return
    with tempfile.TemporaryDirectory() as folder:
        if given.world and given.peer:
            world(given.world, given.peer, Path(folder))
        synthetic(given, Path(folder))


if __name__ == "__main__":
    main()
