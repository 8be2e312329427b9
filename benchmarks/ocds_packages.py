"""Contracts of the worked example as OCDS, judged by the standard's own tools.

    python benchmarks/ocds_packages.py --peer PEER_PYTHON --standard ocds-standard-1.1.5.zip

The peer has its own environment: `uv venv peer && uv pip install --python peer/bin/python -r
benchmarks/peers/ocds/requirements.txt`. Every contract of the example is written, as if each were
published, and 20,000 made up of them, to see the time; libcoveocds then looks at both packages of
the example, and ocdsmerge compiles each record's releases anew. Its process has no network.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

import onshore
from onshore.report import (
    Publication,
    contracting_processes,
    record_package,
    release_package,
)

EXAMPLE = Path(__file__).parents[1] / "examples" / "steel"
PEER = Path(__file__).parent / "peers" / "ocds" / "peer.py"
TABLES = ("deals", "organisations", "needs", "items", "deliveries")
MANY = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--standard", required=True, type=Path)
    asked = parser.parse_args()
    programme = onshore.open(EXAMPLE)
    tables = {name: programme.table(name) for name in TABLES}
    home, on = programme.settings.home, date(2026, 1, 1)
    found = contracting_processes(tables, prefix="ocds-a1b2c3", home=home, on=on)
    publication = Publication(
        programme.settings.name,
        datetime(2026, 1, 1, tzinfo=UTC),
        "https://creativecommons.org/licenses/by/4.0/",
        "https://desk.example.org/open-data/",
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for kind, make in (("releases", release_package), ("records", record_package)):
            uri = f"https://desk.example.org/open-data/ocds/2024/{kind}.json"
            path = Path(folder) / f"{kind}.json"
            path.write_text(json.dumps(make(found, publication, uri)), encoding="utf-8")
            paths.append(str(path))
        judged = subprocess.run([asked.peer, PEER, asked.standard, *paths], check=False)
    contracts = tables["deals"].filter(basis="contracted")
    times = -(-MANY // contracts.height)
    many = pl.concat([contracts] * times).head(MANY).with_row_index("n")
    many = many.with_columns(pl.format("{}-{}", "deal_id", "n").alias("deal_id")).drop("n")
    began = time.process_time()
    made = contracting_processes({**tables, "deals": many}, home=home, on=on)
    size = len(json.dumps(release_package(made, publication, "https://desk.example.org/x")))
    spent = time.process_time() - began
    print(f"{len(made):,} contracts as a package: {spent:.2f} CPU s, {size / 1e6:.0f} MB")
    sys.exit(judged.returncode)


if __name__ == "__main__":
    main()
