"""The first stage of matching beside two search engines: the same offers, needs and run.

    python benchmarks/match_retrieval.py [--offers 22000] [--needs 2000] [--large]

For each need the 100 best of the offers, on one core. Offers are lines of the worked example
and HS descriptions with other sizes and some words more; needs are lines of the worked example's
needs with other sizes and some words fewer: both drawn with a fixed seed. The peers rank words
alone; onshore ranks words, letters, part numbers, written words and codes. For all of them what a
need says is read before the clock starts: lines are read (the row "reading" tells at what cost),
bm25s' words are tokenized and stemmed, tantivy's queries are built.

    uv pip install bm25s PyStemmer tantivy

``--large`` runs 19,000 needs x 100,000 offers, the 20 best, instead, and adds an offer to them.
Every system is a process of its own. CPU seconds are those of the process; peak memory is the
whole process's.
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
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import polars as pl

K = 100
ROW = "{:<22}{:>9}{:>9}{:>12}{:>12}{:>10}"
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "steel"
NUMBER = re.compile(r"\d+")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--offers", type=int, default=22_000)
    parser.add_argument("--needs", type=int, default=2_000)
    parser.add_argument("--large", action="store_true", help="19,000 needs x 100,000 offers")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(SYSTEMS[options.run](options.offers, options.needs)))
        return 0
    if options.large:
        return _print("onshore, large", 100_000, 19_000)
    print(ROW.format("system", "offers", "needs", "CPU s", "needs/CPU s", "peak MB"))
    for system in SYSTEMS:
        module = system.partition(",")[0]
        if module != "onshore" and find_spec(module) is None:
            print(f"Without {module}: install it as above.", file=sys.stderr)
        elif system != "onshore, large":
            _print(system, options.offers, options.needs)
    return 0


def _print(system: str, offers: int, needs: int) -> int:
    command = [sys.executable, __file__, "--run", system]
    command += ["--offers", str(offers), "--needs", str(needs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    for name, cpu, of in json.loads(done.stdout)["rows"]:
        peak = json.loads(done.stdout)["peak"]
        rate = f"{of / cpu:,.0f}" if of else ""
        print(ROW.format(name, offers, needs, f"{cpu:.3f}", rate, f"{peak:.0f}"))
    return 0


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


def run_onshore(offers: int, needs: int) -> dict[str, object]:
    from onshore.match.index import Index
    from onshore.match.lines import read_line

    index = Index.of(_table(offers))
    lines = need_lines(needs)
    read_line(lines[0])
    index.retrieve([read_line(line) for line in lines[:10]], K)
    cpu = time.process_time()
    asked = [read_line(line) for line in lines]
    reading = time.process_time() - cpu
    cpu = time.process_time()
    index.retrieve(asked, K)
    ranking = time.process_time() - cpu
    return _result([("onshore", ranking, needs), ("  reading, beside", reading, needs)])


def run_large(offers: int, needs: int) -> dict[str, object]:
    from onshore.match.index import Index
    from onshore.match.lines import read_line

    table = _table(offers)
    cpu = time.process_time()
    index = Index.of(table)
    built = time.process_time() - cpu
    cpu = time.process_time()
    asked = [read_line(line) for line in need_lines(needs)]
    reading = time.process_time() - cpu
    index.retrieve(asked[:10], 20)
    cpu = time.process_time()
    index.retrieve(asked, 20)
    ranking = time.process_time() - cpu
    took = []
    for at in range(50):
        start = time.perf_counter()
        index.add(pl.DataFrame({"offer_id": [f"new {at}"], "description": [f"zanto {at}"]}))
        found = index.retrieve([read_line(f"zanto {at}")], 1)
        took.append(time.perf_counter() - start)
        assert index.ids[int(found.positions[0, 0])] == f"new {at}"
    return _result(
        [
            ("reading needs", reading, needs),
            ("reading, indexing", built, offers),
            ("onshore, top 20", ranking, needs),
            ("one more, median (s)", sorted(took)[25], 0),
            ("one more, longest (s)", max(took), 0),
        ]
    )


def run_bm25s(offers: int, needs: int) -> dict[str, object]:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def tokens(lines: list[str]) -> object:
        return bm25s.tokenize(
            lines,
            stopwords="en",
            stemmer=stemmer,
            token_pattern=r"(?u)\b\w+\b",
            show_progress=False,
        )

    retriever = bm25s.BM25(backend="numba")
    retriever.index(tokens(offer_lines(offers)), show_progress=False)
    asked = tokens(need_lines(needs))
    options = {"k": K, "show_progress": False, "n_threads": 1}
    retriever.retrieve(asked, **options)
    cpu = time.process_time()
    retriever.retrieve(asked, **options)
    return _result([("bm25s, words alone", time.process_time() - cpu, needs)])


def run_tantivy(offers: int, needs: int) -> dict[str, object]:
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
    asked = [
        index.parse_query(" ".join(re.findall(r"\w+", line)).lower(), ["text"])
        for line in need_lines(needs)
    ]
    for query in asked[:100]:
        searcher.search(query, K, count=False)
    cpu = time.process_time()
    for query in asked:
        searcher.search(query, K, count=False)
    return _result([("tantivy, words alone", time.process_time() - cpu, needs)])


def _table(offers: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"offer_id": [f"O-{at:06}" for at in range(offers)], "description": offer_lines(offers)}
    )


def _result(rows: list[tuple[str, float, int]]) -> dict[str, object]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "peak": peak}


SYSTEMS = {
    "onshore": run_onshore,
    "onshore, large": run_large,
    "bm25s": run_bm25s,
    "tantivy": run_tantivy,
}

if __name__ == "__main__":
    raise SystemExit(main())
