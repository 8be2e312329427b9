"""The peers, each in a process of its own: reads a folder's facts.parquet, writes its results.

    peer/bin/python peer.py economic-complexity FOLDER [plain]
    peer/bin/python peer.py ecomplexity FOLDER

``plain``: relatedness and opportunity gain are called with the RCA alone, as its manual shows, so
that each finds the proximities anew; else these are found once and handed on.

Prints CPU seconds, without imports and reading, and the peak memory of the process in MB.
"""

import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd


def economic_complexity(facts: pd.DataFrame, plain: bool) -> dict[str, np.ndarray]:
    from economic_complexity import complexity, opportunity_gain, proximity, rca, relatedness

    table = facts.pivot(index="country", columns="product", values="value")
    advantage = rca(table)
    eci, pci = complexity(advantage)
    near = proximity(advantage)
    handed = {} if plain else {"proximities": near}
    density = relatedness(advantage, **handed)
    gain = opportunity_gain(advantage, pci=pci, **handed)
    tables = {"rca": advantage, "eci": eci, "pci": pci, "proximity": near}
    tables |= {"density": density, "gain": gain}
    return {name: table.to_numpy() for name, table in tables.items()}


def ecomplexity(facts: pd.DataFrame, plain: bool) -> dict[str, np.ndarray]:
    from ecomplexity import ecomplexity, proximity

    del plain
    columns = {"time": "year", "loc": "country", "prod": "product", "val": "value"}
    dated = facts.assign(year=0)
    found = ecomplexity(dated, columns, check_logsupermodularity=False, verbose=False)
    found = found.sort_values(["country", "product"])
    near = proximity(dated, columns)["proximity"].to_numpy()
    shape = found["country"].nunique(), found["product"].nunique()
    pairs = {name: found[name].to_numpy().reshape(shape) for name in ("rca", "density", "cog")}
    return {
        **pairs,
        "eci": found["eci"].to_numpy().reshape(shape)[:, 0],
        "coi": found["coi"].to_numpy().reshape(shape)[:, 0],
        "pci": found["pci"].to_numpy().reshape(shape)[0],
        "proximity": near.reshape(shape[1], shape[1]),
    }


def main() -> None:
    warnings.filterwarnings("ignore")
    which, folder = sys.argv[1], Path(sys.argv[2])
    facts = pd.read_parquet(folder / "facts.parquet")
    reckon = {"economic-complexity": economic_complexity, "ecomplexity": ecomplexity}[which]
    began = time.process_time()
    found = reckon(facts, sys.argv[3:] == ["plain"])
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.savez(folder / f"{which}.npz", **found)
    print(f"{took:.2f} {peak:.0f}")


if __name__ == "__main__":
    main()
