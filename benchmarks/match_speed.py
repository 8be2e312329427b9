"""What it costs to rank needs with classes and reasons, beside a search engine that only ranks.

    python benchmarks/match_speed.py [--offers 22000] [--needs 4000] [FOLDER]

On lines drawn from the worked example (see ``match_retrieval.py``), and on the published product
tables of FOLDER (see ``match_tables.py``; by default those of ``../shared/data``) if they are
there. For each need the 10 best offers, on one core. Offers are indexed before the clock starts,
and kernels are compiled and warmed on other needs. Then each need is a text until its rows are
written: it is read, its offers are retrieved, measured, judged by the model, compared, classed
and given their reasons as JSON. The peer tokenizes and stems each need and gives the 10 best by
BM25 over words, without class or reasons: the difference is what judging costs.

    uv pip install bm25s PyStemmer

Every run is a process of its own. CPU seconds are those of the process; peak memory is the
whole process's.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from match_retrieval import need_lines, offer_lines
from match_tables import TABLES, _shared, read

TOP = 10
WARM = 256
ROW = "{:<15}{:<26}{:>8}{:>8}{:>9}{:>14}{:>9}{:>9}"
LINES = "lines"
JUDGING = "order, classes, reasons"
LAZY = ("reading", JUDGING)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=_shared() / "match" / "tables")
    parser.add_argument("--offers", type=int, default=22_000)
    parser.add_argument("--needs", type=int, default=4_000)
    parser.add_argument("--run", nargs=2, metavar=("SYSTEM", "SET"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        system, of = options.run
        print(json.dumps(SYSTEMS[system](*tables(of, options))))
        return 0
    sets = [LINES, *(TABLES if options.folder.is_dir() else ())]
    systems = [name for name in SYSTEMS if not name.startswith("bm25s") or peer_is_there()]
    heads = ("offers", "needs", "CPU s", "needs/CPU s", "us/need", "peak MB")
    print(ROW.format("set", "system", *heads))
    for of in sets:
        for system in systems:
            command = [sys.executable, __file__, str(options.folder), "--run", system, of]
            command += ["--offers", str(options.offers), "--needs", str(options.needs)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            show(of, system, json.loads(done.stdout))
    return 0


def peer_is_there() -> bool:
    missing = [name for name in ("bm25s", "Stemmer") if find_spec(name) is None]
    if missing:
        print("Without the peer: install it by 'uv pip install bm25s PyStemmer'.", file=sys.stderr)
    return not missing


def show(of: str, system: str, got: dict[str, float]) -> None:
    needs = int(got.pop("needs"))
    offers, peak = int(got.pop("offers")), got.pop("peak")
    for stage, cpu in got.items():
        name = system if stage == "all" else f"  {stage}"
        each = f"{needs / cpu:,.0f}" if stage == "all" else ""
        most = f"{peak:.0f}" if stage == "all" else ""
        cost = f"{cpu:.2f}", each, f"{1e6 * cpu / needs:.0f}", most
        print(ROW.format(of, name, offers, needs, *cost), flush=True)


def tables(of: str, options: argparse.Namespace) -> tuple[pl.DataFrame, pl.DataFrame]:
    if of != LINES:
        needs, offers, _ = read(of, options.folder)
        return needs, offers
    columns = (
        ("need_id", need_lines(options.needs + WARM)),
        ("offer_id", offer_lines(options.offers)),
    )
    needs, offers = (
        pl.DataFrame({key: [f"{at:06}" for at in range(len(lines))], "description": lines})
        for key, lines in columns
    )
    return needs, offers


def run_onshore(needs: pl.DataFrame, offers: pl.DataFrame) -> dict[str, float]:
    # Kernels are loaded even for few needs, as if many had been ranked before.
    import onshore.match.kernels
    import onshore.match.pair_kernels  # noqa: F401

    rank, cpu = timed_ranking(needs, offers)
    with stages() as spent:
        rank()
    return result(needs, offers, {"all": cpu, **spent})


def run_without_numba(needs: pl.DataFrame, offers: pl.DataFrame) -> dict[str, float]:
    sys.modules["numba"] = None
    needs = needs.head(WARM + 500)
    _, cpu = timed_ranking(needs, offers)
    return result(needs, offers, {"all": cpu})


def timed_ranking(needs: pl.DataFrame, offers: pl.DataFrame) -> tuple[Callable[[], object], float]:
    """Give what ranks all needs but the first ones, and the CPU seconds that it took at first."""
    from onshore.match.model import default_model
    from onshore.match.offered import Offered
    from onshore.match.ranking import Ranking
    from onshore.match.tables import texts_of

    ranking = Ranking(Offered.of(offers), default_model())
    texts = texts_of(needs, "needs", "need_id")
    ranking.table(texts.head(WARM), TOP)
    start = time.process_time()
    ranking.table(texts.slice(WARM), TOP)
    return lambda: ranking.table(texts.slice(WARM), TOP), time.process_time() - start


@contextmanager
def stages() -> Iterator[dict[str, float]]:
    """Take the time of the stages of a ranking, one inside the other left out."""
    from onshore.match import ranking
    from onshore.match.model import Model
    from onshore.match.offered import Offered

    spent: Counter[str] = Counter()
    watched = [
        (ranking, "read_lines", "reading"),
        (Offered, "retrieve", "retrieving"),
        (ranking, "measure", "features"),
        (Model, "judge", "model"),
        (ranking.Ranking, "rows", JUDGING),
    ]
    before = [getattr(owner, name) for owner, name, _ in watched]

    def timed(function, stage):
        def call(*given, **named):
            start = time.process_time()
            told = function(*given, **named)
            told = list(told) if stage in LAZY else told
            spent[stage] += time.process_time() - start
            return told

        return call

    for (owner, name, stage), function in zip(watched, before, strict=True):
        setattr(owner, name, timed(function, stage))
    names: dict[str, float] = {}
    yield names
    inside = sum(spent[stage] for stage in ("retrieving", "features", "model"))
    spent[JUDGING] -= inside
    names |= {stage: spent[stage] for _, _, stage in watched}
    for (owner, name, _), function in zip(watched, before, strict=True):
        setattr(owner, name, function)


def run_bm25s(needs: pl.DataFrame, offers: pl.DataFrame) -> dict[str, float]:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def tokens(lines: pl.Series) -> object:
        return bm25s.tokenize(
            lines.fill_null("").to_list(),
            stopwords="en",
            stemmer=stemmer,
            token_pattern=r"(?u)\b\w+\b",
            show_progress=False,
        )

    with_numba = find_spec("numba") is not None
    retriever = bm25s.BM25(backend="numba" if with_numba else "numpy")
    retriever.index(tokens(offers["description"]), show_progress=False)
    options = {"k": TOP, "show_progress": False, "n_threads": 1 if with_numba else 0}
    retriever.retrieve(tokens(needs["description"].head(WARM)), **options)
    start = time.process_time()
    retriever.retrieve(tokens(needs["description"].slice(WARM)), **options)
    return result(needs, offers, {"all": time.process_time() - start})


def result(needs: pl.DataFrame, offers: pl.DataFrame, spent: dict[str, float]) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"needs": needs.height - WARM, "offers": offers.height, "peak": peak, **spent}


SYSTEMS = {
    "onshore": run_onshore,
    "onshore without Numba": run_without_numba,
    "bm25s, no class or reason": run_bm25s,
}

if __name__ == "__main__":
    raise SystemExit(main())
