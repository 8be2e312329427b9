"""Real product lists with published partners, and a development set of industrial lines."""

import json
import math
import re
import subprocess
import sys
from collections import Counter, defaultdict

import polars as pl
import pytest

from onshore.match import find_candidates

pytestmark = pytest.mark.shared_data

TABLES = [
    ("abt", "buy", "abt_buy_gold", "name"),
    ("amazon", "google", "amazon_google_gold", "title"),
]


def plain_bm25(needs, offers, *, k1=1.5, b=0.75):
    """Rank by BM25 over lower-case words alone (Robertson & Zaragoza 2009, eq. 3.15)."""
    documents = [Counter(re.findall(r"\w+", text.lower())) for text in offers]
    holding = Counter(word for document in documents for word in document)
    mean_length = sum(map(Counter.total, documents)) / len(documents)
    weights = defaultdict(list)
    for at, document in enumerate(documents):
        length = k1 * (1 - b + b * document.total() / mean_length)
        for word, tf in document.items():
            idf = math.log(1 + (len(documents) - holding[word] + 0.5) / (holding[word] + 0.5))
            weights[word].append((at, idf * tf / (length + tf)))
    for need in needs:
        scores = defaultdict(float)
        for word in re.findall(r"\w+", need.lower()):
            for at, weight in weights[word]:
                scores[at] += weight
        yield sorted(scores, key=lambda at: (-scores[at], at))[:10]


def quality(rankings, gold):
    """Give P@1 and nDCG@10, where each need has one right offer."""
    places = [
        ranking.index(right) if right in ranking else None
        for ranking, right in zip(rankings, gold, strict=True)
    ]
    found = [place for place in places if place is not None]
    return found.count(0) / len(places), sum(1 / math.log2(p + 2) for p in found) / len(places)


@pytest.mark.parametrize(("left", "right", "links", "column"), TABLES)
def test_ranking_is_better_than_bm25_over_words(shared_data, left, right, links, column):
    folder = shared_data / "match" / "tables"
    gold = pl.read_csv(folder / f"{links}.csv", infer_schema=False)
    needs, offers = (
        pl.read_csv(folder / f"{name}.csv", infer_schema=False).select(
            pl.col("id").alias(key), pl.col(column).fill_null("").alias("description")
        )
        for name, key in ((left, "need_id"), (right, "offer_id"))
    )
    needs = gold.join(needs, left_on="D1", right_on="need_id", maintain_order="left").rename(
        {"D1": "need_id"}
    )
    found = find_candidates(needs, offers).group_by("need_id", maintain_order=True).agg("offer_id")
    ours = quality(found["offer_id"].to_list(), needs["D2"].to_list())

    ids = offers["offer_id"].to_list()
    ranked = plain_bm25(needs["description"], offers["description"])
    plain = quality([[ids[at] for at in row] for row in ranked], needs["D2"].to_list())

    assert ours[0] >= plain[0]
    assert ours[1] >= plain[1]


def test_industrial_lines_in_three_languages(shared_data, tmp_path):
    folder = shared_data / "match" / "mro_dev"
    needs, offers, lookups = (
        pl.read_csv(folder / f"{name}.csv", infer_schema=False)
        for name in ("needs", "offers", "torture")
    )
    find_candidates(needs, offers).write_csv(tmp_path / "matches.csv")
    numbers = lookups.select(
        pl.int_range(pl.len()).cast(pl.String).alias("need_id"),
        pl.lit(None, dtype=pl.String).alias("description"),
        pl.col("query").alias("part_number"),
    )
    find_candidates(numbers, offers).join(numbers, on="need_id").select(
        pl.col("part_number").alias("query"), "rank", "offer_id", "score"
    ).write_csv(tmp_path / "lookups.csv")
    run = subprocess.run(
        [sys.executable, folder / "evaluate.py", "matches.csv", "--torture", "lookups.csv"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    result = json.loads(run.stdout)

    assert min(result["needs"][language]["P@1"] for language in ("fa", "en", "ru")) >= 0.75
    assert result["torture"]["R@1"] >= 0.98
