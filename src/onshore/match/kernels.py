"""The sweeps of `onshore.match.sweeps`, compiled by Numba: the same results, sooner.

Sums are of whole numbers and no operation on fractions is reordered or fused, so that results are
the same to the last bit. Importing this module needs the extra ``match``.

All that `sweep` calls is in this file, since Numba compiles it again only when this file changes.
"""

from typing import Any

import numpy as np

from onshore.match.term_kernels import (
    Array,
    Arrays,
    bagged,
    kernel,
    kernel_of_numbers,
    looked_up,
)

__all__ = ["bagged", "looked_up", "sweep"]

# Offers of which the best score stands for all where only a bound is sought.
GROUP = 16

# Steps to the least score that may be among the best; each halves what it may be too low by.
STEPS = 14

# Bytes that memory brings at once.
LINE = 64

# A key holds a score and, taken from this, a rank.
LAST = np.uint64(0xFFFFFFFF)

# Bits after the point of the factors of repeated terms.
FRACTION = 24


@kernel
def sweep(
    offset: int,
    ranks: Array,
    by_rank: Array,
    gains: Array,
    postings: tuple[Arrays, Arrays, Arrays, Arrays],
    query: tuple[Arrays, Arrays, Arrays, Arrays],
    units: Array,
    alone: Array,
    mix: Any,
    best: tuple[Array, Array],
) -> None:
    """Put the best offers of a segment among the best so far of each need.

    Most offers score too little. The best scores of some groups of offers give a score that k
    offers reach; only those that reach it too are looked at one by one.
    """
    size, k = len(ranks), best[0].shape[1]
    sums = np.zeros((4, size), dtype=np.int32)
    rows = gains.T.copy()
    peaks = np.empty(-(-size // GROUP), dtype=np.float32)
    score = np.zeros(len(peaks) * GROUP, dtype=np.float32)
    marks = np.zeros(-(-size // 8) * 8, dtype=np.uint8)
    held = np.empty(len(marks) + 1, dtype=np.int32)
    keys = np.empty(len(marks) + 1, dtype=np.uint64)
    spans = np.empty((_most(query) + 1, 5), dtype=np.int64)
    for need in range(len(alone)):
        worded = _add(sums[0], need, query[0], postings[0], spans)
        lettered = _add(sums[1], need, query[1], postings[1], spans)
        numbered = _add(sums[2], need, query[2], postings[2], spans)
        if not (worded or numbered or lettered):
            continue
        written = _add(sums[3], need, query[3], postings[3], spans)
        unit = units[need]
        _score_text(score, sums[0], sums[1], gains[0], gains[1], unit[0], unit[1], mix[0], mix[1])
        if numbered:
            _score_numbers(score, need, query[2], postings[2], sums, rows, unit, alone[need], mix)
        _peaks(score, peaks)
        floor = max(_score_of(best[0][need, k - 1]), _floor(score, peaks, k))
        found = _possible(score, size, floor, marks, held)
        found = _keys(held[:found], keys, ranks, score)
        _merge(keys[:found], offset, by_rank, sums, rows, unit, best[0][need], best[1][need])
        if worded:
            sums[0] = 0
        if lettered:
            sums[1] = 0
        if numbered:
            sums[2] = 0
        if written:
            sums[3] = 0


@kernel
def _most(query: tuple[Arrays, ...]) -> int:
    """Give the most terms that a need has in a field."""
    most = 0
    for bounds, _, _ in query:
        for need in range(len(bounds) - 1):
            most = max(most, bounds[need + 1] - bounds[need])
    return most


@kernel
def _add(sums: Array, need: int, query: Arrays, postings: Arrays, spans: Array) -> bool:
    """Add up what the need's terms are worth to the offers that have them."""
    _, docs, _, more_docs, factors = postings
    found = _spans(need, query, postings, spans)
    for i in range(found):
        weight = np.int32(spans[i, 0])
        for j in range(np.uint64(spans[i, 3]), np.uint64(spans[i, 4])):
            sums[more_docs[j]] += np.int32((np.int64(weight) * factors[j]) >> FRACTION)
        for j in range(np.uint64(spans[i, 1]), np.uint64(spans[i, 2])):
            sums[docs[j]] += weight
    return found > 0


@kernel
def _spans(need: int, query: Arrays, postings: Arrays, spans: Array) -> int:
    """Find where the postings of a need's terms are, all at first, so that none waits for another.

    A span is the weight of a term, and from where to where it has offers, and again those that
    have it more often.
    """
    bounds, terms, weights = query
    starts, docs, more_starts, more_docs, factors = postings
    found = 0
    for i in range(bounds[need], bounds[need + 1]):
        term = terms[i]
        if term >= 0 and weights[i]:
            spans[found, 0] = weights[i]
            spans[found, 1], spans[found, 2] = starts[term], starts[term + 1]
            spans[found, 3], spans[found, 4] = more_starts[term], more_starts[term + 1]
            found += 1
    _touch(docs, spans[:found, 1:3], spans[-1])
    _touch(more_docs, spans[:found, 3:5], spans[-1])
    _touch(factors, spans[:found, 3:5], spans[-1])
    return found


@kernel
def _touch(values: Array, spans: Array, seen: Array) -> None:
    """Have the memory bring the parts of an array that will soon be read, all at once."""
    for i in range(len(spans)):
        for j in range(spans[i, 0], spans[i, 1], LINE // values.itemsize):
            seen[0] += values[j]


@kernel
def _score_text(
    score: Array,
    words: Array,
    letters: Array,
    of_words: Array,
    of_letters: Array,
    word: float,
    letter: float,
    words_part: float,
    letters_part: float,
) -> None:
    """Score all offers by their words and letters."""
    one: Any = np.float32(1.0)
    for at in range(len(words)):
        share = of_words[at] * np.float32(words[at]) * word
        spelled = of_letters[at] * np.float32(letters[at]) * letter
        score[at] = words_part * min(one, share) + letters_part * min(one, spelled)


@kernel_of_numbers
def _peaks(score: Array, peaks: Array) -> None:
    """Give the best score of each group: every so manieth offer, as there are groups."""
    peaks[:] = 0
    for start in range(0, len(score), len(peaks)):
        part = score[start : start + len(peaks)]
        for at in range(len(peaks)):
            peaks[at] = max(peaks[at], part[at])


@kernel
def _score_numbers(
    score: Array,
    need: int,
    query: Arrays,
    postings: Arrays,
    sums: Array,
    gains: Array,
    unit: Array,
    alone: bool,
    mix: Any,
) -> None:
    """Score the offers that have a run of letters of a part number again."""
    bounds, terms, weights = query
    starts, docs, more_starts, more_docs, _ = postings
    for i in range(bounds[need], bounds[need + 1]):
        term = terms[i]
        if term >= 0 and weights[i]:
            for j in range(starts[term], starts[term + 1]):
                score[docs[j]] = _whole(docs[j], sums, gains, unit, alone, mix)
            for j in range(more_starts[term], more_starts[term + 1]):
                score[more_docs[j]] = _whole(more_docs[j], sums, gains, unit, alone, mix)


@kernel_of_numbers
def _peak(score: Array) -> Any:
    peak = np.float32(0.0)
    for at in range(len(score)):
        peak = max(peak, score[at])
    return peak


@kernel
def _text(words: Any, letters: Any, of_words: Any, of_letters: Any, unit: Any, mix: Any) -> Any:
    one: Any = np.float32(1.0)
    share = of_words * np.float32(words) * unit[0]
    spelled = of_letters * np.float32(letters) * unit[1]
    return mix[0] * min(one, share) + mix[1] * min(one, spelled)


@kernel
def _whole(at: int, sums: Array, gains: Array, unit: Any, alone: bool, mix: Any) -> Any:
    """Score an offer by all its fields."""
    one: Any = np.float32(1.0)
    text = _text(sums[0, at], sums[1, at], gains[at, 0], gains[at, 1], unit, mix)
    if sums[2, at] == 0:
        return text
    number = min(one, gains[at, 2] * np.float32(sums[2, at]) * unit[2])
    if alone and number >= mix[3]:
        return one + number
    return text + mix[2] * number * (one - text)


@kernel
def _floor(score: Array, peaks: Array, k: int) -> Any:
    """Give a score that k offers reach, nearly the greatest such one.

    Where k blocks reach it, as many offers do.
    """
    values = peaks if len(peaks) > 2 * k else score
    low, high = np.float32(0.0), _peak(peaks)
    if len(values) < k:
        return low
    for _ in range(STEPS):
        middle = np.float32(0.5) * (low + high)
        if _reach(values, middle) >= k:
            low = middle
        else:
            high = middle
    return low


@kernel
def _reach(values: Array, least: Any) -> int:
    count = np.int32(0)
    for at in range(len(values)):
        count += np.int32(values[at] >= least)
    return int(count)


@kernel
def _possible(score: Array, size: int, floor: Any, marks: Array, held: Array) -> int:
    """Find the offers that reach the floor."""
    for at in range(size):
        marks[at] = score[at] >= floor
    found = 0
    eights = marks.view(np.uint64)
    for eight in range(len(eights)):
        if eights[eight]:
            for at in range(8 * eight, 8 * eight + 8):
                held[found] = at
                found += marks[at]
    return found


@kernel
def _keys(held: Array, keys: Array, ranks: Array, score: Array) -> int:
    """Give numbers that are the greater the better: by score, then by rank.

    The bits of a fraction above 0, read as a whole number, ascend with it. There is none for
    score 0.
    """
    bits = score.view(np.uint32)
    found = 0
    for at in held:
        keys[found] = np.uint64(bits[at]) << np.uint64(32) | (LAST - np.uint64(ranks[at]))
        found += bits[at] > 0
    return found


@kernel
def _score_of(key: int) -> Any:
    bits = np.empty(1, dtype=np.uint32)
    bits[0] = np.uint32(key >> np.uint64(32))
    return bits.view(np.float32)[0]


@kernel
def _merge(
    keys: Array,
    offset: int,
    by_rank: Array,
    sums: Array,
    gains: Array,
    unit: Any,
    best: Array,
    shares: Array,
) -> None:
    """Merge new keys with the best so far, which are sorted."""
    k = len(best)
    if len(keys) > k:
        _kth_greatest(keys, k)
        keys = keys[:k]
    _sort(keys)
    old, old_shares = best.copy(), shares.copy()
    i, j = len(keys) - 1, 0
    for place in range(k):
        if i >= 0 and keys[i] > old[j]:
            best[place] = keys[i]
            at = by_rank[LAST - (keys[i] & LAST)] - offset
            for field in range(4):
                share = gains[at, field] * np.float32(sums[field, at]) * unit[field]
                shares[place, field] = min(np.float32(1.0), share)
            i -= 1
        else:
            best[place] = old[j]
            shares[place] = old_shares[j]
            j += 1


@kernel
def _sort(values: Array) -> None:
    """Sort a few values (Shell 1959, with the gaps of Ciura 2001)."""
    for gap in (1750, 701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, len(values)):
            value, j = values[i], i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value


@kernel
def _kth_greatest(values: Array, k: int) -> Any:
    """Move values until the k greatest are in front, and give the least of them (quickselect)."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if k - 1 <= right:
            high = right
        elif k - 1 >= left:
            low = left
        else:
            break
    return values[k - 1]
