"""What two items have in common and where they part, as numbers without a word of the text.

All are the same when the two items change places.
"""

from math import nan, sqrt

from onshore.match.agreement import offered, set_apart
from onshore.match.merging.item_lines import ItemLine, Rarity, issuers_apart
from onshore.match.merging.likeness import jaro_winkler
from onshore.match.merging.readings import hashed

NAMES = (
    "cosine", "jaccard", "contained least", "contained most", "gram cosine", "gram contained",
    "rarest common", "rarest left out least", "rarest left out most", "left out least",
    "left out most", "words left out least", "words left out most", "sizes agree",
    "sizes unsaid least", "sizes unsaid most", "numbers agree", "numbers unsaid least",
    "numbers unsaid most", "length least", "length ratio", "first word", "issuers", "units",
    "hs", "kinds", "common amount", "code within",
)  # fmt: skip
_SPELLED_ALIKE = 0.88


def item_features(a: ItemLine, b: ItemLine, rarity: Rarity) -> list[float]:
    """Compare two items: the features ``NAMES``."""
    common = a.hashes & b.hashes
    shared, of_a, of_b = (rarity.total(words) for words in (common, a.hashes, b.hashes))
    grams = len(a.grams & b.grams)
    only = _left_out(a, b), _left_out(b, a)
    amounts = [sum(sorted(rarity.of(hashed(word)) for word in words)) for words in only]
    rarest = [max((rarity.of(hashed(word)) for word in words), default=0.0) for words in only]
    letters = [sum(word.isalpha() for word in words) for words in only]
    sizes = sorted((len(a.hashes), len(b.hashes)))
    return [
        cosine(a, b, rarity),
        _over(shared, of_a + of_b - shared),
        *sorted((_over(shared, of_a), _over(shared, of_b))),
        _over(grams, sqrt(len(a.grams) * len(b.grams))),
        _over(grams, min(len(a.grams), len(b.grams))),
        max(map(rarity.of, common), default=0.0),
        *sorted(rarest),
        *sorted(amounts),
        *sorted(map(float, letters)),
        *_sizes(a, b),
        *_numbers(a, b),
        float(sizes[0]),
        _over(sizes[0], sizes[1]),
        _first(a, b),
        _same(a.issuer, b.issuer) if not issuers_apart(a.issuer, b.issuer) else 0.0,
        _same(a.unit, b.unit),
        _hs(a.hs_code, b.hs_code),
        _same(a.kind, b.kind),
        shared,
        _code_within(a, b),
    ]


def cosine(a: ItemLine, b: ItemLine, rarity: Rarity) -> float:
    """Give the cosine of the words of two items, each weighing its rarity."""
    common, of_a, of_b = (
        sum(sorted(rarity.of(word) ** 2 for word in words))
        for words in (a.hashes & b.hashes, a.hashes, b.hashes)
    )
    return _over(common, sqrt(of_a * of_b))


def _over(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _left_out(one: ItemLine, other: ItemLine) -> list[str]:
    """Give the words of an item that the other neither has, spells otherwise nor joins."""
    rest = other.words - one.words
    joined = "".join(other.line.words)
    return [
        word
        for word in one.words - other.words
        if not (len(word) >= 3 and word in joined)
        and not any(_spelled_alike(word, candidate) for candidate in rest)
    ]


def _spelled_alike(a: str, b: str) -> bool:
    if a[0] != b[0] or not (a.isalpha() and b.isalpha()) or min(len(a), len(b)) < 3:
        return False
    return a.startswith(b) or b.startswith(a) or jaro_winkler(a, b) >= _SPELLED_ALIKE


def _sizes(a: ItemLine, b: ItemLine) -> list[float]:
    one, other = _sizes_of(a, b), _sizes_of(b, a)
    return [float(max(one[0], other[0])), *map(float, sorted((one[1], other[1])))]


def _sizes_of(one: ItemLine, other: ItemLine) -> tuple[int, int]:
    """Count the quantities of an item that agree with another's, and those it leaves unsaid."""
    agree = unsaid = 0
    for quantity, stated in one.line.measures.items():
        found = offered(other.line, quantity)
        agree += bool(found) and not all(set_apart(stated, found))
        unsaid += not found and not quantity.startswith("mark")
    return agree, unsaid


def _numbers(a: ItemLine, b: ItemLine) -> list[float]:
    one, other = a.line.part_numbers, b.line.part_numbers
    agree = (one.own.keys() & (other.own.keys() | other.others)) | (one.others & other.own.keys())
    unsaid = sorted((len(one.own.keys() - agree), len(other.own.keys() - agree)))
    return [float(len(agree)), *map(float, unsaid)]


def _first(a: ItemLine, b: ItemLine) -> float:
    if not a.line.words or not b.line.words:
        return nan
    return jaro_winkler(a.line.words[0], b.line.words[0])


def _same(a: str, b: str) -> float:
    return float(a == b) if a and b else nan


def _hs(a: str, b: str) -> float:
    """Give the share of six digits in which two HS codes agree from the left."""
    if not a or not b:
        return nan
    same = next((at for at in range(6) if a[at : at + 1] != b[at : at + 1]), 6)
    return same / 6


def _code_within(a: ItemLine, b: ItemLine) -> float:
    """Tell whether a part number of one stands somewhere in the letters of the other."""
    own = a.line.part_numbers.own, b.line.part_numbers.own
    if not own[0] and not own[1]:
        return nan
    squeezed = "".join(a.line.words), "".join(b.line.words)
    return float(
        any(code in squeezed[1] for code in own[0]) or any(code in squeezed[0] for code in own[1])
    )
