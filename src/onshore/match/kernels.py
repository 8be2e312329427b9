"""The sweeps of `onshore.match.sweeps`, compiled by Numba: the same results, sooner.

Sums are of whole numbers and no operation on fractions is reordered or fused, so that results are
the same to the last bit. Importing this module needs the extra ``match``.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]

# Offers whose best score is looked at before theirs are.
BLOCK = 32

# A key holds a score and, taken from this, a rank.
LAST = np.uint64(0xFFFFFFFF)

# More than rounding can change of a score.
ROUNDING = np.float32(1e-6)

# Bits after the point of the factors of repeated terms.
FRACTION = 24

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function at its first call and keep the code beside the module."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def kernel_of_numbers(function: Function) -> Function:
    """Compile a function in which nothing is NaN or -0: the greatest of many is found sooner."""
    return cast(Function, numba.njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})(function))


@kernel
def bagged(keys: Array, starts: Array) -> Arrays:
    """Sort the terms of each text, equal ones counted as one."""
    found = np.empty(len(keys), dtype=np.uint64)
    counts = np.empty(len(keys), dtype=np.float64)
    ends = np.zeros(len(starts), dtype=np.int64)
    at = -1
    for text in range(len(starts) - 1):
        part = np.sort(keys[starts[text] : starts[text + 1]])
        for i in range(len(part)):
            if i > 0 and part[i] == part[i - 1]:
                counts[at] += 1.0
            else:
                at += 1
                found[at] = part[i]
                counts[at] = 1.0
        ends[text + 1] = at + 1
    return found[: at + 1].copy(), counts[: at + 1].copy(), ends


@kernel
def looked_up(keys: Array, directory: Array, asked: Array) -> Array:
    """Give the place of each asked term among the keys, -1 where it is not there."""
    places = np.full(len(asked), -1, dtype=np.int32)
    bits = 0
    while 2**bits < len(directory) - 1:
        bits += 1
    shift = np.uint64(64 - bits)
    for i in range(len(asked)):
        key = asked[i]
        leading = np.int64(key >> shift)
        for at in range(directory[leading], directory[leading + 1]):
            if keys[at] == key:
                places[i] = at
                break
    return places


@kernel
def sweep(
    offset: int,
    ranks: Array,
    by_rank: Array,
    gains: Arrays,
    postings: tuple[Arrays, Arrays, Arrays, Arrays, Arrays],
    common: Arrays,
    query: tuple[Arrays, Arrays, Arrays, Arrays, Array],
    mix: Any,
    best: tuple[Array, Array],
) -> None:
    """Put the best offers of a segment among the best so far of each need.

    Letters that many offers have weigh little. They are left out at first; what they could add
    at most tells which offers may still be among the best, and only for these they are added
    (after Turtle & Flood 1995, "Query evaluation: strategies and optimizations", Information
    Processing & Management 31(6), max-score).
    """
    starts, docs, more_starts, more_docs, more_factors = postings
    bounds, terms, weights, units, alone = query
    common_at, bits = common
    size, k = len(ranks), best[0].shape[1]
    greatest = _peak(gains[1])
    sums = np.zeros((4, size), dtype=np.int32)
    score = np.empty(size, dtype=np.float32)
    peaks = np.empty(-(-size // BLOCK), dtype=np.float32)
    held = np.empty(size, dtype=np.int32)
    left_out = np.empty((2, len(bits[0]) * 64), dtype=np.int32)
    for need in range(len(alone)):
        touched = np.zeros(4, dtype=np.bool_)
        count, rest = 0, 0
        for field in range(4):
            for i in range(bounds[field][need], bounds[field][need + 1]):
                term, weight = terms[field][i], weights[field][i]
                if term < 0 or weight == 0:
                    continue
                touched[field] = True
                start, end = more_starts[field][term], more_starts[field][term + 1]
                _add_more(sums[field], weight, more_docs[field], more_factors[field], start, end)
                if field == 1 and common_at[term] >= 0:
                    left_out[0, count], left_out[1, count] = common_at[term], weight
                    count += 1
                    rest += weight
                else:
                    start, end = starts[field][term], starts[field][term + 1]
                    _add(sums[field], weight, docs[field], start, end)
        if not touched.any():
            continue
        unit = (units[0][need], units[1][need], units[2][need])
        _score(score, sums, gains, unit, touched[2], alone[need], mix)
        slack = mix[1] * np.float32(rest) * unit[1]
        floor = _score_of(best[0][need, k - 1])
        found = _possible(score, peaks, gains[1], greatest, slack, k, floor, held)
        if count:
            _complete(sums[1], bits, left_out[0], left_out[1], count, held[:found])
        keys = _keys(held[:found], score, ranks, sums, gains, unit, alone[need], mix)
        _merge(keys, offset, by_rank, sums, gains, unit, best[0][need], best[1][need])
        for field in range(4):
            if touched[field]:
                sums[field, :] = 0


@kernel
def _add(sums: Array, weight: int, docs: Array, start: int, end: int) -> None:
    for i in range(start, end):
        sums[docs[i]] += weight


@kernel
def _add_more(sums: Array, weight: int, docs: Array, factors: Array, start: int, end: int) -> None:
    for i in range(start, end):
        sums[docs[i]] += np.int32((np.int64(weight) * factors[i]) >> FRACTION)


@kernel
def _score(
    score: Array, sums: Array, gains: Arrays, unit: Any, numbered: bool, alone: bool, mix: Any
) -> None:
    """Score all offers by what was added so far."""
    _score_text(score, sums[0], sums[1], gains[0], gains[1], unit[0], unit[1], mix[0], mix[1])
    if numbered:
        _score_numbers(score, sums[2], gains[2], unit[2], alone, mix)


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
    one: Any = np.float32(1.0)
    for at in range(len(score)):
        share = of_words[at] * np.float32(words[at]) * word
        spelled = of_letters[at] * np.float32(letters[at]) * letter
        score[at] = words_part * min(one, share) + letters_part * min(one, spelled)


@kernel
def _score_numbers(
    score: Array, numbers: Array, of_numbers: Array, unit: float, alone: bool, mix: Any
) -> None:
    for at in range(len(score)):
        if numbers[at]:
            share = of_numbers[at] * np.float32(numbers[at]) * unit
            score[at] = _numbered(score[at], share, alone, mix)


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
def _numbered(text: Any, share: Any, alone: bool, mix: Any) -> Any:
    one: Any = np.float32(1.0)
    number = min(one, share)
    if alone and number >= mix[3]:
        return one + number
    return text + mix[2] * number * (one - text)


@kernel
def _possible(
    score: Array,
    peaks: Array,
    gains: Array,
    greatest: float,
    slack: float,
    k: int,
    floor: Any,
    held: Array,
) -> int:
    """Find the offers that may be among the best k though their letters may grow by the slack.

    The k-th best of the blocks' best scores is not above the k-th best score.
    """
    for block in range(len(peaks)):
        peaks[block] = _peak(score[block * BLOCK : (block + 1) * BLOCK])
    if len(peaks) > k:
        floor = max(floor, _kth_greatest(peaks.copy(), k))
    floor -= ROUNDING
    found = 0
    for block in range(len(peaks)):
        if peaks[block] + slack * greatest >= floor:
            start = block * BLOCK
            part, gain = score[start : start + BLOCK], gains[start : start + BLOCK]
            for at in range(len(part)):
                held[found] = start + at
                found += part[at] + slack * gain[at] >= floor
    return found


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


@kernel
def _complete(
    sums: Array, bits: Array, places: Array, weights: Array, count: int, held: Array
) -> None:
    """Add what was left out."""
    for at in held:
        row = bits[at]
        more = np.int32(0)
        for i in range(count):
            place = places[i]
            has = row[place >> 6] >> np.uint64(place & 63) & np.uint64(1)
            more += np.int32(has) * weights[i]
        sums[at] += more


@kernel
def _keys(
    held: Array,
    score: Array,
    ranks: Array,
    sums: Array,
    gains: Arrays,
    unit: Any,
    alone: bool,
    mix: Any,
) -> Array:
    """Score again, and give numbers that are the greater the better: by score, then by rank.

    The bits of a fraction above 0, read as a whole number, ascend with it. There is none for
    score 0.
    """
    for at in held:
        score[at] = _text(sums[0, at], sums[1, at], gains[0][at], gains[1][at], unit, mix)
        if sums[2, at]:
            share = gains[2][at] * np.float32(sums[2, at]) * unit[2]
            score[at] = _numbered(score[at], share, alone, mix)
    bits = score.view(np.uint32)
    keys = np.empty(len(held), dtype=np.uint64)
    found = 0
    for at in held:
        keys[found] = np.uint64(bits[at]) << np.uint64(32) | (LAST - np.uint64(ranks[at]))
        found += bits[at] > 0
    return keys[:found]


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
    gains: Arrays,
    unit: Any,
    best: Array,
    shares: Array,
) -> None:
    """Merge new keys with the best so far, which are sorted."""
    k = len(best)
    if len(keys) > k:
        _kth_greatest(keys, k)
        keys = keys[:k]
    keys.sort()
    old, old_shares = best.copy(), shares.copy()
    units = (unit[0], unit[1], unit[2], unit[0])
    i, j = len(keys) - 1, 0
    for place in range(k):
        if i >= 0 and keys[i] > old[j]:
            best[place] = keys[i]
            at = by_rank[LAST - (keys[i] & LAST)] - offset
            for field in range(4):
                share = gains[field][at] * np.float32(sums[field, at]) * units[field]
                shares[place, field] = min(np.float32(1.0), share)
            i -= 1
        else:
            best[place] = old[j]
            shares[place] = old_shares[j]
            j += 1
