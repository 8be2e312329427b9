"""Rank the products of one shop for those of another, beside a peer, on published tables.

    python benchmarks/match_tables.py [FOLDER]

FOLDER holds ``abt.csv``, ``buy.csv``, ``abt_buy_gold.csv``, ``amazon.csv``, ``google.csv`` and
``amazon_google_gold.csv``; without it, ``match/tables`` of the folder that ONSHORE_SHARED_DATA
names, or of ``../shared/data`` beside the checkout. Names alone are compared (Abt-Buy: name,
Amazon-Google: title). Each product with a published partner is a need, all products of the other
shop are offers. The peer is bm25s with English stemming (PyStemmer), stop words and words
of any length, the best of its settings on these tables together:

    uv pip install bm25s PyStemmer

Every run is a process of its own. CPU seconds are those of indexing and ranking, without the
start of Python and imports; peak memory is the whole process's.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import polars as pl

TOP = 10
ROW = "{:<15}{:<9}{:>7}{:>8}{:>8}{:>9}{:>8}{:>9}"
TABLES = {
    "Abt-Buy": ("abt", "buy", "abt_buy_gold", "name"),
    "Amazon-Google": ("amazon", "google", "amazon_google_gold", "title"),
}
Ranking = dict[str, list[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=_shared() / "match" / "tables")
    parser.add_argument("--run", nargs=2, metavar=("SYSTEM", "TABLES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"No folder {options.folder}: give the folder of the tables.", file=sys.stderr)
        return 2
    if options.run:
        print(json.dumps(measure(*options.run, folder=options.folder)))
        return 0
    systems = [name for name in SYSTEMS if name != "bm25s" or peer_is_there()]
    print(ROW.format("tables", "system", "needs", "offers", "P@1", "nDCG@10", "CPU s", "peak MB"))
    for tables in TABLES:
        for system in systems:
            command = [sys.executable, __file__, str(options.folder), "--run", system, tables]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            got = json.loads(done.stdout)
            quality = f"{got['p1']:.3f}", f"{got['ndcg']:.3f}"
            cost = f"{got['cpu']:.2f}", f"{got['peak']:.0f}"
            print(ROW.format(tables, system, got["needs"], got["offers"], *quality, *cost))
    return 0


def peer_is_there() -> bool:
    missing = [name for name in ("bm25s", "Stemmer") if find_spec(name) is None]
    if missing:
        print("Without the peer: install it by 'uv pip install bm25s PyStemmer'.", file=sys.stderr)
    return not missing


def measure(system: str, tables: str, *, folder: Path) -> dict[str, float]:
    needs, offers, gold = read(tables, folder)
    prepare, rank = SYSTEMS[system]
    prepare()
    start = time.process_time()
    ranking = rank(needs, offers)
    cpu = time.process_time() - start
    places = [
        ranking[need].index(offer) if offer in ranking.get(need, []) else None
        for need, offer in gold.items()
    ]
    return {
        "needs": needs.height,
        "offers": offers.height,
        "p1": sum(place == 0 for place in places) / len(places),
        # One offer is right, so the ideal gain is 1.
        "ndcg": sum(1 / math.log2(at + 2) for at in places if at is not None) / len(places),
        "cpu": cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def read(tables: str, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, str]]:
    left, right, gold, column = TABLES[tables]
    links = pl.read_csv(folder / f"{gold}.csv", infer_schema=False)
    needs, offers = (
        pl.read_csv(folder / f"{name}.csv", infer_schema=False).select(
            pl.col("id").alias(key), pl.col(column).alias("description")
        )
        for name, key in ((left, "need_id"), (right, "offer_id"))
    )
    needs = needs.filter(pl.col("need_id").is_in(links["D1"].to_list()))
    return needs, offers, dict(links.select("D1", "D2").iter_rows())


def rank_onshore(needs: pl.DataFrame, offers: pl.DataFrame) -> Ranking:
    from onshore.match import find_candidates

    found = find_candidates(needs, offers, top=TOP)
    return dict(found.group_by("need_id", maintain_order=True).agg("offer_id").iter_rows())


def rank_bm25s(needs: pl.DataFrame, offers: pl.DataFrame) -> Ranking:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    tokens = [
        bm25s.tokenize(
            table["description"].fill_null("").to_list(),
            stopwords="en",
            stemmer=stemmer,
            token_pattern=r"(?u)\b\w+\b",
            show_progress=False,
        )
        for table in (needs, offers)
    ]
    retriever = bm25s.BM25()
    retriever.index(tokens[1], show_progress=False)
    documents, _ = retriever.retrieve(tokens[0], k=TOP, show_progress=False)
    ids = offers["offer_id"].to_list()
    return {
        need: [ids[document] for document in row]
        for need, row in zip(needs["need_id"], documents, strict=True)
    }


def import_onshore() -> None:

    import onshore.match  # noqa: F401


def import_bm25s() -> None:
    import bm25s  # noqa: F401
    import Stemmer  # noqa: F401


SYSTEMS = {"onshore": (import_onshore, rank_onshore), "bm25s": (import_bm25s, rank_bm25s)}


def _shared() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ONSHORE_SHARED_DATA", beside))


if __name__ == "__main__":
    raise SystemExit(main())
