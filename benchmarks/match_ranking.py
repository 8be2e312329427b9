"""How good the ranking is on needs that its model has not seen, beside a peer in the same run.

    python benchmarks/match_ranking.py [--only SET] [--quick]

The sets are those of ``match_sets.py``; each is ranked four times:

- by a peer: bm25s with English stemming for the product tables, TF-IDF over runs of 2 to 5
  characters (scikit-learn) for lines in three languages, which words alone do not join;
- by the index alone, without a model;
- *other sets*: by a model trained on the other sets only (the worked example with and without
  HS codes is one set);
- *folds*: by five models, each trained on four fifths of the needs of all sets, so that all
  pairs of a need are on one side.

P@1 counts offers of grade 2 and 3, nDCG@10 has gains 7, 3, 1 for grades 3, 2, 1; only needs with
an offer of grade 2 or 3 count. Then the decision *none*: the threshold of each fold is set on the
needs of the other folds. ``--quick`` leaves out what has to be trained. The shipped model is
trained on all sets, so its own figures on them are not shown.

    uv pip install lightgbm bm25s PyStemmer scikit-learn
"""

import argparse
import math
import resource
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import polars as pl

from match_sets import judged_sets
from onshore.match import find_candidates
from onshore.match.model import Model
from onshore.match.offered import Offered
from onshore.match.tables import read_lines, texts_of
from onshore.match.training import FALSE_ALARMS, FOLDS, Examples, Judgements, out_of_fold, train

GAINS = (0, 1, 3, 7)
LANGUAGES = ("fa", "en", "ru")
TABLES = ("Abt-Buy", "Amazon-Google")
ROW = "{:<16}{:<12}{:>6}{:>8}{:>9}{:>8}"
Ranking = dict[str, list[str]]
T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", help="rank this set only (folds are of all sets)")
    parser.add_argument("--quick", action="store_true", help="peers and the index alone")
    options = parser.parse_args()
    sets = judged_sets()
    print(ROW.format("set", "ranking", "needs", "P@1", "nDCG@10", "CPU s"), flush=True)
    for name, judged in sets.items():
        if options.only in (None, name):
            rank_beside_peer(name, judged, [] if options.quick else others_of(name, sets))
    if not options.quick:
        by_folds(sets)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    return 0


def others_of(name: str, sets: dict[str, Judgements]) -> list[Judgements]:
    """Give the sets that share no line with this one."""
    family = name.split(",")[0]
    return [one for other, one in sets.items() if other.split(",")[0] != family]


def rank_beside_peer(name: str, judged: Judgements, others: list[Judgements]) -> None:
    """Rank a set by a peer, by the index alone and by a model that never saw the set."""
    if name in TABLES:
        show(name, "bm25s", judged, *timed(lambda: bm25s_ranking(judged)))
    else:
        show(name, "TF-IDF", judged, *timed(lambda: tf_idf_ranking(judged)))
    show(name, "index alone", judged, *timed(lambda: first_stage(judged)))
    if others:
        model = train(others)
        found, cost = timed(lambda: find_candidates(judged.needs, judged.offers, model=model))
        show(name, "other sets", judged, ranking_of(found), cost)
        if judged.decides:
            decided_by(name, model, judged, found)


def decided_by(name: str, model: Model, judged: Judgements, found: pl.DataFrame) -> None:
    """Tell which needs of a set that a model never saw it calls none."""
    classes = dict(found.filter(pl.col("rank") == 1).select("need_id", "class").iter_rows())
    best = {need: max(of.values(), default=0) for need, of in grades_of(judged).items()}
    none = np.array([classes[need] == "none" for need in best])
    print(f"{name}: none below {model.none_below:.3f} of the other sets; "
          + told(none, np.array(list(best.values()))), flush=True)  # fmt: skip


def by_folds(sets: dict[str, Judgements]) -> None:
    """Show what models say of needs that they were not trained on."""
    scored, cost = timed(lambda: out_of_fold(list(sets.values())))
    deciding: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for (name, judged), (examples, scores) in zip(sets.items(), scored, strict=True):
        show(name, "folds", judged, ordered(examples, scores))
        if judged.decides:
            top = examples.pool.best(scores[:, None])[:, 0]
            deciding.append((examples.folds, top, examples.best))
    print(f"all folds trained in {cost:.0f} CPU s")
    folds, tops, best = (np.concatenate(columns) for columns in zip(*deciding, strict=True))
    none = np.zeros(len(tops), dtype=np.bool_)
    for fold in range(FOLDS):
        elsewhere = np.sort(tops[(folds != fold) & (best >= 2)])
        threshold = elsewhere[int(FALSE_ALARMS * len(elsewhere))]
        none |= (folds == fold) & (tops < threshold)
    print(f"folds: {told(none, best)}")


def told(none: np.ndarray, best: np.ndarray) -> str:
    """Say which share of needs is called none, by the grade of their best offer."""
    groups = {
        "false alarms (needs with an offer)": best >= 2,
        "caught (needs without any)": best == 0,
        "also called none (another size is made)": best == 1,
    }
    return ", ".join(f"{of} {none[those].mean():.3f} of {those.sum()}"
                     for of, those in groups.items() if those.any())  # fmt: skip


def grades_of(judged: Judgements) -> dict[str, dict[str, int]]:
    """Give the graded offers of each need."""
    grades: dict[str, dict[str, int]] = {need: {} for need in judged.needs["need_id"]}
    for need, offer, grade in judged.grades.select("need_id", "offer_id", "grade").iter_rows():
        if offer and int(grade) and need in grades:
            grades[need][offer] = int(grade)
    return grades


def show(
    name: str, ranking: str, judged: Judgements, ranked: Ranking, cost: float | None = None
) -> None:
    """Print one row, and one for each language where needs name theirs."""
    spent = "" if cost is None else f"{cost:.2f}"
    for label, needs in parts(name, judged):
        p1, ndcg, count = measured(
            grades_of(Judgements(needs, judged.offers, judged.grades)), ranked
        )
        print(ROW.format(label, ranking, count, f"{p1:.3f}", f"{ndcg:.3f}", spent), flush=True)
        spent = ""


def parts(name: str, judged: Judgements) -> Iterator[tuple[str, pl.DataFrame]]:
    yield name, judged.needs
    if "language" in judged.needs.columns:
        for language in LANGUAGES:
            yield f"{name} {language}", judged.needs.filter(pl.col("language") == language)


def measured(grades: dict[str, dict[str, int]], ranked: Ranking) -> tuple[float, float, int]:
    """Give P@1, nDCG@10 and the number of needs that have an offer."""
    firsts, gains = [], []
    for need, graded in grades.items():
        if max(graded.values(), default=0) < 2:
            continue
        order = ranked.get(need, [])[:10]
        firsts.append(bool(order) and graded.get(order[0], 0) >= 2)
        ideal = sorted(graded.values(), reverse=True)[:10]
        gains.append(dcg([graded.get(offer, 0) for offer in order]) / dcg(ideal))
    return float(np.mean(firsts)), float(np.mean(gains)), len(firsts)


def dcg(grades: list[int]) -> float:
    return sum(GAINS[grade] / math.log2(at + 2) for at, grade in enumerate(grades))


def timed(run: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


def ranking_of(found: pl.DataFrame) -> Ranking:
    return dict(found.group_by("need_id", maintain_order=True).agg("offer_id").iter_rows())


def ordered(examples: Examples, scores: np.ndarray) -> Ranking:
    needs, offers = examples.ids
    starts = examples.pool.starts
    found = {}
    for at, need in enumerate(needs):
        rows = slice(starts[at], starts[at + 1])
        order = np.lexsort((examples.pool.offers[rows], -scores[rows]))
        found[need] = [offers[offer] for offer in examples.pool.offers[rows][order]]
    return found


def first_stage(judged: Judgements) -> Ranking:
    offered = Offered.of(judged.offers)
    texts = texts_of(judged.needs, "needs", "need_id")
    found = offered.index.retrieve(list(read_lines(texts)), 10)
    return {
        need: [offered.ids[at] for at in row if at >= 0]
        for need, row in zip(texts["need_id"], found.positions.tolist(), strict=True)
    }


def bm25s_ranking(judged: Judgements) -> Ranking:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    tokens = [
        bm25s.tokenize(
            text_of(table), stopwords="en", stemmer=stemmer, token_pattern=r"(?u)\b\w+\b",
            show_progress=False,
        )
        for table in (judged.needs, judged.offers)
    ]  # fmt: skip
    retriever = bm25s.BM25()
    retriever.index(tokens[1], show_progress=False)
    documents, _ = retriever.retrieve(tokens[0], k=10, show_progress=False)
    ids = judged.offers["offer_id"].to_list()
    return {
        need: [ids[document] for document in row]
        for need, row in zip(judged.needs["need_id"], documents, strict=True)
    }


def tf_idf_ranking(judged: Judgements) -> Ranking:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    offers = vectors.fit_transform(text_of(judged.offers))
    scores = (vectors.transform(text_of(judged.needs)) @ offers.T).toarray()
    ids = judged.offers["offer_id"].to_list()
    return {
        need: [ids[at] for at in np.argsort(-row, kind="stable")[:10]]
        for need, row in zip(judged.needs["need_id"], scores, strict=True)
    }


def text_of(table: pl.DataFrame) -> list[str]:
    columns = [name for name in ("description", "part_number", "brand") if name in table.columns]
    joined = pl.concat_str(columns, separator=" ", ignore_nulls=True).fill_null("")
    return table.select(joined).to_series().to_list()


if __name__ == "__main__":
    raise SystemExit(main())
