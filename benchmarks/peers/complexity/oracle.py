"""The results that ecomplexity 0.5.3 gives, kept for the tests (tests/trade/complexity_oracle).

    uv venv peer && uv pip install --python peer/bin/python -r requirements.txt
    peer/bin/python oracle.py DATA/trade/world_trade_1998_2000.csv OUT

It is run on the whole file (226 countries, 785 products) and on a part of it: every fifth country
and every eighth product, in the order of their codes. Every country and
product is kept, and of the pairs a sample. Numbers are written with all their figures.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from ecomplexity import ecomplexity, proximity

PAIRS = 1000
COLUMNS = {"time": "year", "loc": "country", "prod": "sitc2", "val": "export_usd"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Results of ecomplexity 0.5.3")
    parser.add_argument("facts", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    facts = pd.read_csv(given.facts, dtype={"sitc2": str})
    countries = sorted(facts["country"].unique())[::5]
    products = sorted(facts["sitc2"].unique())[::8]
    part = facts[facts["country"].isin(countries) & facts["sitc2"].isin(products)]
    given.out.mkdir(parents=True, exist_ok=True)
    part.to_csv(given.out / "part_facts.csv", index=False, lineterminator="\n")
    keep("part", part, given.out)
    keep("whole", facts, given.out)


def keep(name: str, facts: pd.DataFrame, out: Path) -> None:
    dated = facts.assign(year=2000)
    found = ecomplexity(dated, COLUMNS, check_logsupermodularity=False, verbose=False)
    found = found.sort_values(["country", "sitc2"]).rename(columns={"sitc2": "product"})
    near = proximity(dated, COLUMNS).drop(columns="year")
    near.columns = ["product", "other", "proximity"]
    near = near[near["product"] < near["other"]]
    drawn = np.random.default_rng(0)
    some = found.iloc[np.sort(drawn.choice(len(found), PAIRS, replace=False))]
    near = near.iloc[np.sort(drawn.choice(len(near), PAIRS, replace=False))]
    tables = {
        "countries": found.drop_duplicates("country")[["country", "diversity", "eci", "coi"]],
        "products": found.drop_duplicates("product")[["product", "ubiquity", "pci"]],
        "pairs": some[["country", "product", "rca", "density", "cog"]],
        "proximity": near,
    }
    for table, frame in tables.items():
        frame.to_csv(out / f"{name}_{table}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
