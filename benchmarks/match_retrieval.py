"""The first stage of matching beside two search engines: the same offers, needs and run.

    python benchmarks/match_retrieval.py [--offers 22000] [--needs 2000] [--rounds 3]

For each need the 100 best of the offers, on one core. Offers are lines of the worked example
and HS descriptions with other sizes and some words more; needs are lines of the worked example's
needs with other sizes and some words fewer: both drawn with a fixed seed. The peers rank words
alone; onshore ranks words, letters, part numbers, written words and codes.

Each system is a process of its own, which first answers all needs once, and then five times for
the clock; the systems take turns for some rounds, and each one's least CPU time counts, as other
work on the machine can only add to it. "Reading" is what turns the text of a need into what is
searched with: onshore reads lines (words, glossary, sizes, part numbers, all that the later ranking
uses too), bm25s tokenizes and stems, tantivy parses queries. Retrieval is counted without it and
with it. CPU seconds are those of the process; peak memory is the whole process's.

    uv pip install bm25s PyStemmer tantivy
"""

import argparse
import csv
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

K = 100
ROW = "{:<24}{:>12}{:>14}{:>14}{:>16}{:>10}"
TIMES = 5
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "steel"
NUMBER = re.compile(r"\d+")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--offers", type=int, default=22_000)
    parser.add_argument("--needs", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(SYSTEMS[options.run](options.offers, options.needs)))
        return 0
    there = [system for system in SYSTEMS if find_spec(system) is not None]
    for system in SYSTEMS.keys() - there:
        print(f"Without {system}: install it as above.", file=sys.stderr)
    runs: dict[str, list[dict[str, float]]] = {system: [] for system in there}
    for _ in range(options.rounds):
        for system in there:
            runs[system].append(_run(system, options))
    print(f"{options.needs:,} needs x {options.offers:,} offers, the {K} best, one core")
    print(ROW.format("", "CPU us/need", "needs/CPU s", "reading, us", "with it, /CPU s", "peak MB"))
    rates = {}
    for system, done in runs.items():
        search, read, peak = (min(run[what] for run in done) for what in ("search", "read", "peak"))
        rates[system] = (options.needs / search, options.needs / (search + read))
        shown = [search / options.needs * 1e6, rates[system][0], read / options.needs * 1e6]
        shown += [rates[system][1], peak]
        print(ROW.format(NAMES[system], *(f"{value:,.0f}" for value in shown)))
    for system in there[1:]:
        without, with_ = (a / b for a, b in zip(rates["onshore"], rates[system], strict=True))
        print(f"onshore answers {without:.2f} times as many as {system}, with reading {with_:.2f}")
    return 0


def _run(system: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--run", system]
    command += ["--offers", str(options.offers), "--needs", str(options.needs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def offer_lines(size: int) -> list[str]:
    """Draw lines of goods on offer."""
    draw = random.Random(20)
    lines = _column("offers") + _column("items")
    named = resources.files("onshore.codes").joinpath("data/hs2022.csv").read_text("utf-8")
    goods = [
        row["description"] for row in csv.DictReader(named.splitlines()) if len(row["code"]) == 6
    ]
    words = [word for line in lines for word in line.split()]
    drawn = []
    for _ in range(size):
        line = _resized(draw.choice(lines if draw.random() < 0.6 else goods), draw)
        drawn.append(" ".join([line, *draw.choices(words, k=draw.randrange(4))]))
    return drawn


def need_lines(size: int) -> list[str]:
    """Draw lines of what is needed."""
    draw = random.Random(21)
    lines = _column("needs") + _column("items")
    drawn = []
    for _ in range(size):
        words = _resized(draw.choice(lines), draw).split()
        kept = [word for word in words if draw.random() < 0.8]
        drawn.append(" ".join(kept or words))
    return drawn


def _column(table: str) -> list[str]:
    lines = pl.read_csv(EXAMPLE / f"{table}.csv", infer_schema=False)["description"]
    return [line for line in lines if line]


def _resized(line: str, draw: random.Random) -> str:
    def other(found: re.Match[str]) -> str:
        return str(max(1, int(int(found[0]) * draw.choice([0.5, 0.8, 1, 1, 1.25, 2, 3]))))

    return NUMBER.sub(other, line)


def run_onshore(offers: int, needs: int) -> dict[str, float]:
    from onshore.match.index import Index
    from onshore.match.lines import read_line

    ids = [f"O-{at:06}" for at in range(offers)]
    index = Index.of(pl.DataFrame({"offer_id": ids, "description": offer_lines(offers)}))
    lines = need_lines(needs)

    def read() -> list[object]:
        return [read_line(line) for line in lines]

    return _measured(read, lambda asked: index.retrieve(asked, K))


def run_bm25s(offers: int, needs: int) -> dict[str, float]:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    pattern = r"(?u)\b\w+\b"

    def tokens(lines: list[str]) -> object:
        return bm25s.tokenize(
            lines, stopwords="en", stemmer=stemmer, token_pattern=pattern, show_progress=False
        )

    retriever = bm25s.BM25(backend="numba")
    retriever.index(tokens(offer_lines(offers)), show_progress=False)
    lines = need_lines(needs)
    options = {"k": K, "show_progress": False, "n_threads": 1}
    return _measured(lambda: tokens(lines), lambda asked: retriever.retrieve(asked, **options))


def run_tantivy(offers: int, needs: int) -> dict[str, float]:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=False, tokenizer_name="en_stem")
    schema.add_unsigned_field("id", stored=True)
    index = tantivy.Index(schema.build())
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for at, line in enumerate(offer_lines(offers)):
        writer.add_document(tantivy.Document(text=line, id=at))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    lines = need_lines(needs)

    def read() -> list[object]:
        return [
            index.parse_query(" ".join(re.findall(r"\w+", line)).lower(), ["text"])
            for line in lines
        ]

    def search(asked: list[object]) -> None:
        for query in asked:
            searcher.search(query, K, count=False)

    return _measured(read, search)


def _measured(read: Callable[[], Any], search: Callable[[Any], object]) -> dict[str, float]:
    search(read())
    reading, searching = [], []
    for _ in range(TIMES):
        start = time.process_time()
        asked = read()
        between = time.process_time()
        search(asked)
        reading.append(between - start)
        searching.append(time.process_time() - between)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"read": min(reading), "search": min(searching), "peak": peak}


SYSTEMS = {"onshore": run_onshore, "bm25s": run_bm25s, "tantivy": run_tantivy}
NAMES = {"onshore": "onshore, all fields", "bm25s": "bm25s, words", "tantivy": "tantivy, words"}

if __name__ == "__main__":
    raise SystemExit(main())
