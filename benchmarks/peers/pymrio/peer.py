"""pymrio on a made-up table: CPU seconds of `calc_all`, and its effects for comparison.

    python benchmarks/peers/pymrio/peer.py FOLDER

Reads table.npz of the folder (flows, demand, factors), writes effects.npy there (a row for each
factor, a column for each sector) and prints the least CPU seconds of three runs. It is run by
benchmarks/economy_multipliers.py in an environment of its own (see requirements.txt).
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pymrio


def main() -> None:
    folder = Path(sys.argv[1])
    with np.load(folder / "table.npz") as saved:
        flows, demand, factors = saved["flows"], saved["demand"], saved["factors"]
    names = [f"s{n}" for n in range(len(flows))]
    sectors = pd.MultiIndex.from_product([["reg1"], names], names=["region", "sector"])
    category = pd.MultiIndex.from_product([["reg1"], ["final"]], names=["region", "category"])
    rows = pd.Index([f"factor {n}" for n in range(len(factors))], name="stressor")
    took = []
    for _ in range(3):
        system = pymrio.IOSystem(
            Z=pd.DataFrame(flows, sectors, sectors),
            Y=pd.DataFrame(demand[:, None], sectors, category),
            factors={"name": "factors", "F": pd.DataFrame(factors, rows, sectors)},
        )
        began = time.process_time()
        system.calc_all()
        took.append(time.process_time() - began)
    np.save(folder / "effects.npy", system.factors.M.to_numpy())
    print(min(took), pymrio.__version__)


if __name__ == "__main__":
    main()
