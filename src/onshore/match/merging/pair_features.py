"""What two texts have in common and where they part, as numbers.

Every number is the same when left and right change places: what is measured from each side is
given as the smaller and the larger of the two.
"""

from collections.abc import Callable, Sequence
from math import nan, sqrt

from onshore.match.agreement import set_apart
from onshore.match.measures import Measure
from onshore.match.merging.likeness import jaro_winkler
from onshore.match.merging.readings import Reading, hashed

Rarity = Callable[[int], float]

_MOST_COMPARED = 30
_ALIKE = 0.9

SHORT = (
    "both empty", "one empty", "equal", "cosine", "jaccard", "contained least",
    "contained most", "plain jaccard", "gram cosine", "gram contained", "soft least", "soft most",
    "first word", "words least", "words most",
)  # fmt: skip
LONG = (
    "rarest common", "rarest left out least", "rarest left out most", "left out least",
    "left out most", "common", "numbers common", "numbers left out least",
    "numbers left out most", "numbers jaccard", "letters left out least",
    "letters left out most", "codes common", "codes left out least", "codes left out most",
    "longest code common", "code within least", "code within most", "codes of one shape apart",
    "code prefix", "monge elkan least", "monge elkan most", "measures agree",
    "measures differ", "measures unsaid least", "measures unsaid most", "line jaro winkler",
    "head words", "brand apart", "longest common run",
)  # fmt: skip
AMOUNTS = ("amount missing", "amount ratio", "amount equal")


def short_features(left: Reading, right: Reading, rarity: Rarity) -> list[float]:
    """Compare two texts as a whole, cheaply: the features named ``SHORT``."""
    a, b = left.counts.keys(), right.counts.keys()
    if not a or not b:
        empty = (float(not a and not b), float(bool(a) != bool(b)))
        return [*empty, *[nan] * (len(SHORT) - 2)]
    common = a & b
    weight = {word: rarity(word) for word in a | b}
    in_common = sum(sorted(weight[word] for word in common))
    of_a, of_b = (sum(sorted(weight[word] for word in words)) for words in (a, b))
    squares = [sum(sorted(weight[w] ** 2 for w in words)) for words in (a, b, common)]
    soft_a, soft_b = _soft(left, right, rarity, of_a), _soft(right, left, rarity, of_b)
    contained = sorted((_over(in_common, of_a), _over(in_common, of_b)))
    grams = left.grams & right.grams
    return [
        0.0,
        0.0,
        float(left.words == right.words),
        _over(squares[2], sqrt(squares[0] * squares[1])),
        _over(in_common, of_a + of_b - in_common),
        *contained,
        len(common) / len(a | b),
        len(grams) / sqrt(len(left.grams) * len(right.grams)),
        len(grams) / min(len(left.grams), len(right.grams)),
        *sorted((soft_a, soft_b)),
        jaro_winkler(left.words[0], right.words[0]),
        *sorted((float(len(a)), float(len(b)))),
    ]


def long_features(left: Reading, right: Reading, rarity: Rarity) -> list[float]:
    """Compare two texts in what decides between goods of one kind: the features ``LONG``."""
    if not left.words or not right.words:
        return [nan] * len(LONG)
    only = _left_out(left, right), _left_out(right, left)
    common = [rarity(word) for word in left.counts.keys() & right.counts.keys()]
    rarest = [max((rarity(hashed(w)) for w in words), default=0.0) for words in only]
    amount = [sum(sorted(rarity(hashed(w)) for w in words)) for words in only]
    alpha = [sum(w.isalpha() for w in words) for words in only]
    number = [len(left.numbers - right.numbers), len(right.numbers - left.numbers)]
    both = len(left.numbers & right.numbers)
    monge = [_monge_elkan(left, right), _monge_elkan(right, left)]
    heads = jaro_winkler(" ".join(left.words[:3]), " ".join(right.words[:3]))
    return [
        max(common, default=0.0),
        *sorted(rarest),
        *sorted(amount),
        sum(sorted(common)),
        float(both),
        *sorted(map(float, number)),
        both / max(len(left.numbers | right.numbers), 1),
        *sorted(map(float, alpha)),
        *_codes(left, right),
        *sorted(monge),
        *_measures(left, right),
        jaro_winkler(" ".join(left.words)[:60], " ".join(right.words)[:60]),
        heads,
        _brand_apart(left, right),
        _longest_run(left, right),
    ]


def amount_features(left: Reading, right: Reading) -> list[float]:
    """Compare two texts that are numbers: the features named ``AMOUNTS``."""
    a, b = left.amount, right.amount
    if a is None or b is None:
        return [float((a is None) + (b is None)), nan, nan]
    low, high = sorted((abs(a), abs(b)))
    return [0.0, low / high if high else 1.0, float(a == b)]


def _over(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _soft(one: Reading, other: Reading, rarity: Rarity, whole: float) -> float:
    """Give how much of a text is in another that may spell or join its words in another way."""
    found = 0.0
    words = set(other.words)
    for word in dict.fromkeys(one.words[:_MOST_COMPARED]):
        if word in words:
            found += rarity(hashed(word))
        elif (len(word) >= 4 or any(map(str.isdigit, word))) and (
            (len(word) >= 3 and word in other.squeezed) or _alike(word, other)
        ):
            found += rarity(hashed(word)) * 0.9
    return _over(found, whole)


def _alike(word: str, other: Reading) -> bool:
    if any(map(str.isdigit, word)):
        return False
    return any(
        jaro_winkler(word, w) >= _ALIKE
        for w in other.words[:_MOST_COMPARED]
        if w[0] == word[0] and abs(len(w) - len(word)) <= 4
    )


def _left_out(one: Reading, other: Reading) -> list[str]:
    words = set(other.words)
    return [
        word
        for word in dict.fromkeys(one.words)
        if word not in words and not (len(word) >= 3 and word in other.squeezed)
    ]


def _codes(left: Reading, right: Reading) -> list[float]:
    own = left.part_numbers.own.keys(), right.part_numbers.own.keys()
    common = (own[0] & right.codes) | (own[1] & left.codes)
    out = [len(own[0] - right.codes), len(own[1] - left.codes)]
    within = [
        float(any(code in other.squeezed for code in mine)) if mine else nan
        for mine, other in ((own[0], right), (own[1], left))
    ]
    return [
        float(len(common)),
        *sorted(map(float, out)),
        float(max(map(len, common), default=0)),
        *sorted(within, key=lambda x: -1.0 if x != x else x),
        float(_shapes_apart(left, right)),
        max((_prefix(a, b) for a in own[0] for b in own[1]), default=nan),
    ]


def _shapes_apart(left: Reading, right: Reading) -> int:
    """Count the shapes of codes of which each text has one that the other lacks."""
    marks: list[dict[str, set[object]]] = []
    for reading in (left, right):
        shapes: dict[str, set[object]] = {}
        for mark in reading.part_numbers.marks:
            shapes.setdefault(mark.quantity, set()).add(mark.value)
        marks.append(shapes)
    a, b = marks
    return sum(bool(a[s] - b[s]) and bool(b[s] - a[s]) for s in a.keys() & b.keys())


def _prefix(a: str, b: str) -> float:
    same = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        same += 1
    return same / max(len(a), len(b))


def _monge_elkan(one: Reading, other: Reading) -> float:
    """Give the mean, over a text's words, of each one's best Jaro-Winkler likeness."""
    words, others = one.words[:_MOST_COMPARED], other.words[:_MOST_COMPARED]
    known = set(others)
    best = [1.0 if word in known else max(jaro_winkler(word, o) for o in others) for word in words]
    return sum(sorted(best)) / len(best)


def _measures(left: Reading, right: Reading) -> list[float]:
    a, b = _by_quantity(left.measures), _by_quantity(right.measures)
    agree = differ = 0
    for quantity in a.keys() & b.keys():
        missing, surplus = set_apart(a[quantity], b[quantity])
        if missing and surplus:
            differ += 1
        else:
            agree += 1
    unsaid = sorted((len(a.keys() - b.keys()), len(b.keys() - a.keys())))
    return [float(agree), float(differ), *map(float, unsaid)]


def _by_quantity(measures: Sequence[Measure]) -> dict[str, list[Measure]]:
    by: dict[str, list[Measure]] = {}
    for measure in measures[:50]:
        by.setdefault(measure.quantity, []).append(measure)
    return by


def _brand_apart(left: Reading, right: Reading) -> float:
    """Tell whether each text begins with a word that the other lacks altogether."""
    a, b = left.words[0], right.words[0]
    return float((a not in right.squeezed) + (b not in left.squeezed))


def _longest_run(left: Reading, right: Reading) -> float:
    """Give the share of the shorter text that its longest run of words in both makes up."""
    a, b = left.words[:60], right.words[:60]
    places: dict[str, list[int]] = {}
    for at, word in enumerate(b):
        places.setdefault(word, []).append(at)
    best = 0
    runs: dict[int, int] = {}
    for word in a:
        runs = {at: runs.get(at - 1, 0) + 1 for at in places.get(word, ())}
        best = max(best, max(runs.values(), default=0))
    return best / min(len(a), len(b))
