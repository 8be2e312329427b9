"""CPU of all effects of a table, beside `calc_all` of pymrio on the same table and one thread.

    python benchmarks/economy_multipliers.py --peer PEER_PYTHON [--sectors 2000]

The peer has its own environment: `uv venv peer && uv pip install --python peer/bin/python -r
benchmarks/peers/pymrio/requirements.txt`, then `--peer peer/bin/python`. Both get the same
made-up flows, final demand and three factors; both results are compared. CPU is the process's,
the least of three runs. pymrio gives the inverse and consumption-based accounts too; the last
line is ours with the whole inverse.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")}
os.environ.update(ONE_THREAD | {"POLARS_MAX_THREADS": "1"})

import numpy as np  # noqa: E402

from onshore import economy  # noqa: E402

PEER = Path(__file__).parent / "peers" / "pymrio" / "peer.py"


def made_up(sectors: int, seed: int = 1) -> dict[str, np.ndarray]:
    """A dense table whose sectors spend 25 to 65 per cent of their output at home."""
    draw = np.random.default_rng(seed)
    coefficients = draw.random((sectors, sectors)) * draw.random((sectors, 1)) ** 2
    coefficients *= draw.uniform(0.25, 0.65, sectors) / coefficients.sum(axis=0)
    demand = draw.random(sectors) * 1000
    output = np.linalg.solve(np.eye(sectors) - coefficients, demand)
    flows = coefficients * output
    factors = np.array([output - flows.sum(axis=0), *(draw.random((2, sectors)) * output)])
    return {"flows": flows, "demand": demand, "output": output, "factors": factors}


def least_cpu(work: Callable[[], object]) -> tuple[float, object]:
    took, result = [], None
    for _ in range(3):
        began = time.process_time()
        result = work()
        took.append(time.process_time() - began)
    return min(took), result


def main() -> None:
    parser = argparse.ArgumentParser(description="Effects of a table beside pymrio")
    parser.add_argument("--sectors", type=int, default=2000)
    parser.add_argument("--peer", type=Path, help="Python of the environment with pymrio")
    asked = parser.parse_args()
    made = made_up(asked.sectors)
    names = [f"s{n}" for n in range(asked.sectors)]
    factors = dict(zip(("value added", "jobs", "energy"), made["factors"], strict=True))

    def table() -> economy.Table:
        return economy.Table(
            names, made["flows"], made["output"], factors, final_demand=made["demand"]
        )

    building, built = least_cpu(table)
    one, _ = least_cpu(lambda: economy.multipliers(built))
    ours, found = least_cpu(lambda: economy.effects(built))
    inverse, _ = least_cpu(lambda: economy.leontief_inverse(built))
    print(f"{asked.sectors} sectors, one thread; CPU seconds, least of three")
    print(f"onshore  table checked              {building:6.3f}")
    print(f"onshore  multipliers, output        {one:6.3f}")
    print(f"onshore  effects, 4 factors         {ours:6.3f}")
    print(f"onshore  Leontief inverse           {inverse:6.3f}")
    if asked.peer is None:
        print("pymrio   not run: give --peer PYTHON, see this file's first lines")
        return
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "table.npz", **made)
        done = subprocess.run(
            [asked.peer, PEER, folder],
            env={**os.environ, **ONE_THREAD},
            capture_output=True,
            text=True,
            check=True,
        )
        theirs = np.load(Path(folder) / "effects.npy")
    took, version = done.stdout.split()
    ratio = float(took) / (building + ours)
    print(f"pymrio   {version} calc_all             {float(took):6.3f}")
    print(f"ours, with the table checked, takes {ratio:.1f} times less")
    mine = found.filter(found["factor"] != "output")["effect"].to_numpy().reshape(theirs.shape)
    print(f"largest relative difference {np.max(np.abs(mine / theirs - 1)):.1e}")


if __name__ == "__main__":
    main()
