"""Learn the item model that is shipped, and tell how well it does on lists it has not seen.

    python benchmarks/learn_item_model.py DATA/match src/onshore/match/merging/items.npz

Without the second path nothing is written. The model keeps thresholds on numeric features and no
word of the lists. Pairs of records from shops (training parts only) teach what retail text needs;
lines of the MRO development set, each varied as cataloguers do, teach what industrial lines need.
For each list in turn a model learned on the others alone is tested on that list's validation part.
"""

import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from onshore.match.merging.item_training import item_pairs, learn_items

TABLES = ("abt_buy", "amazon_google", "wdc_computers", "wdc_cameras")
COMMAND = "python benchmarks/learn_item_model.py DATA/match src/onshore/match/merging/items.npz"
PRECISION = 0.9  # a wrong merger harms more than a missed one
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
UNITS = [
    (r"(\d+(?:\.\d+)?) ?kW\b", lambda m: f"{float(m[1]) * 1000:g} W"),
    (r"(\d+) ?mm\b", lambda m: f"{int(m[1]) / 10:g} cm"),
    (r"(\d+) ?bar\b", lambda m: f"{int(m[1]) / 10:g} MPa"),
    (r"\bDN ?(\d+)", lambda m: f"DN {m[1]}"),
    (r"(\d)[xX×](\d)", lambda m: f"{m[1]} x {m[2]}"),
]


def shop_pairs(folder: Path, table: str, part: str) -> pl.DataFrame:
    pairs = pl.read_csv(folder / "pairs" / f"{table}_{part}.csv", infer_schema=False)
    return pairs.select(
        *(
            pl.concat_str(
                [f"{side}_{c}" for c in ("name", "title", "description") if f"{side}_{c}" in pairs],
                separator=" ",
                ignore_nulls=True,
            ).alias(f"{side}_description")
            for side in ("left", "right")
        ),
        *(
            pl.col(f"{side}_manufacturer").alias(f"{side}_issuer")
            for side in ("left", "right")
            if f"{side}_manufacturer" in pairs
        ),
        pl.col("label").cast(pl.Int64),
    )


def mro_pairs(folder: Path, names: Sequence[str], *, seed: int) -> pl.DataFrame:
    """Vary each line as cataloguers do; pair it with its variants, and with other lines."""
    draw = random.Random(seed)
    lines = [
        (row["description"], row["part_number"] or "")
        for name in names
        for row in pl.read_csv(folder / "mro_dev" / f"{name}.csv", infer_schema=False).to_dicts()
    ]
    words = [w for text, _ in lines for w in re.findall(r"[^\W\d_]{3,}", text)]
    rows = []
    for line in lines:
        for _ in range(6):
            rows.append((*line, *varied(draw, *line), 1))
            rows.append((*line, *varied(draw, other_word(draw, line[0], words), line[1]), 0))
        alike = sorted(range(len(lines)), key=lambda b: -shared(line[0], lines[b][0]))
        others = [b for b in alike if lines[b][0] != line[0]][:6]
        rows += [(*line, *varied(draw, *lines[other]), 0) for other in others]
    columns = ["left_description", "left_part_number", "right_description", "right_part_number"]
    schema = dict.fromkeys(columns, pl.String) | {"label": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def shared(a: str, b: str) -> float:
    one, other = (set(re.findall(r"\w{3,}", text.lower())) for text in (a, b))
    return len(one & other) / max(len(one | other), 1)


def other_word(draw: random.Random, text: str, words: list[str]) -> str:
    """Name another thing: one or two of the words of a line give way to words of other lines."""
    own = re.findall(r"[^\W\d_]{3,}", text)
    for word in draw.sample(own, min(len(own), draw.choice([1, 1, 2]))):
        text = text.replace(word, draw.choice(words), 1)
    return text


def varied(draw: random.Random, text: str, number: str) -> tuple[str, str]:
    if draw.random() < 0.4:
        parts = re.split(r"[,،;] *", text)
        draw.shuffle(parts)
        text = draw.choice([", ", " - ", " "]).join(parts)
    elif draw.random() < 0.3:
        parts = text.split()
        draw.shuffle(parts)
        text = " ".join(parts)
    for pattern, spell in UNITS:
        if draw.random() < 0.5:
            text = re.sub(pattern, spell, text)
    words = text.split()
    plain = [at for at, w in enumerate(words) if w.isalpha() and len(w) > 3]
    if len(plain) > 3 and draw.random() < 0.35:
        words.pop(draw.choice(plain))
    elif plain and draw.random() < 0.35:
        at = draw.choice(plain)
        words[at] = words[at][: max(3, len(words[at]) // 2)] + draw.choice([".", ""])
    if plain and draw.random() < 0.3:
        at = draw.choice([at for at in plain if at < len(words)] or [0])
        words[at] = typo(draw, words[at])
    text = " ".join(words)
    if draw.random() < 0.3:
        text = draw.choice([str.upper, str.lower, str.title])(text)
    if draw.random() < 0.2:
        text = text.translate(PERSIAN)
    if number and draw.random() < 0.5:
        number = number.replace("-", draw.choice(["", " ", "–"])).lower()
    elif number and draw.random() < 0.5:
        text, number = f"{text} {number}", ""
    elif draw.random() < 0.3:
        number = ""
    return text, number


def typo(draw: random.Random, word: str) -> str:
    if len(word) < 4:
        return word
    at = draw.randrange(1, len(word) - 1)
    swapped = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    return draw.choice([word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], swapped])


def main(folder: Path, out: Path | None) -> None:
    train, test = {}, {}
    for table in TABLES:
        for part, into in (("train", train), ("valid", test)):
            pairs = shop_pairs(folder, table, part)
            into[table] = (*item_pairs(pairs), pairs["label"].to_numpy())
    for name, into in (("offers", train), ("needs", test)):
        pairs = mro_pairs(folder, [name], seed=1)
        into["mro"] = (*item_pairs(pairs), pairs["label"].to_numpy())
    chances = {}
    for table, (features, forbidden, labels) in test.items():
        # The shops' lists are tested without any of their pairs, the MRO needs without a need.
        others = [_free(data) for name, data in train.items() if name != table or name == "mro"]
        model = learn_items(others, threshold=0.5, made_by="")
        chances[table] = np.where(forbidden, 0.0, model.probability(features)), labels
    # Versions of software differ by one word: they teach, but are no measure for goods.
    threshold = least_precise([c for name, c in chances.items() if name != "amazon_google"])
    print(f"threshold {threshold:.2f}: mean precision {PRECISION} on goods not learned from")
    print(f"{'list':<14} {'pairs':>6} {'same':>6} {'precision':>9} {'recall':>7} {'F1':>6}")
    for table, (chance, labels) in chances.items():
        precision, recall = rates(chance >= threshold, labels)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{table:<14} {len(labels):>6} {labels.sum():>6} {precision:>9.3f} {recall:>7.3f} "
              f"{f1:>6.3f}", flush=True)  # fmt: skip
    if out:
        pairs = mro_pairs(folder, ["offers", "needs"], seed=1)
        train["mro"] = (*item_pairs(pairs), pairs["label"].to_numpy())
        lists = [_free(data) for data in train.values()]
        learn_items(lists, threshold=threshold, made_by=COMMAND).save(out)
        print(f"{out}: {out.stat().st_size:,} bytes")


def rates(same: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    hits = (same & (labels == 1)).sum()
    return float(hits / max(same.sum(), 1)), float(hits / labels.sum())


def least_precise(scored: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Give the least threshold with a mean precision of PRECISION."""

    def precision(threshold: float) -> float:
        return float(np.mean([rates(chance >= threshold, labels)[0] for chance, labels in scored]))

    thresholds = [round(t, 2) for t in np.arange(0.3, 0.96, 0.01)]
    return next(t for t in thresholds if precision(t) >= PRECISION)


def _free(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Leave out pairs that may not be merged whatever the model says."""
    features, forbidden, labels = data
    return features[~forbidden], labels[~forbidden]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
