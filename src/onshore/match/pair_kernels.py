"""Pairs of needs and offers measured and judged, compiled by Numba.

The same results as the plain forms in `onshore.match.features` and `onshore.match.forest`, to the
last bit: no operation on fractions is reordered or fused. Importing this module needs the extra
``match``.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
Function = TypeVar("Function", bound=Callable[..., Any])

# Columns of a row of features, and quantities by what they are about.
_TO_BEST, _PLACE, _WORDS, _ABOUT, _STATES, _CODES, _ALIKE = 4, 8, 9, 23, 43, 47, 54
_MARK, _MOST_WORDS, _OUTLINE = 6, 64, 11
_ALL = np.uint16(0xFFFF)
_SKIPPED, _MIXED = -2, -3
_NUMBERS = -1  # in the place of the text of a value that is no text


def kernel(function: Function) -> Function:
    """Compile a function at its first call and keep the code beside the module."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


@kernel
def tree_sums(
    rows: Array, features: Array, bounds: Array, thresholds: Array, masks: Array, values: Array,
    first_bit: Array, groups: Array,
) -> Array:  # fmt: skip
    """Give the sum of the values of each group of trees for each row, the trees in their order."""
    trees = masks.shape[1]
    sums = np.zeros((len(groups) - 1, len(rows)))
    reached = np.empty(trees, dtype=np.uint16)
    for row in range(len(rows)):
        reached[:] = _ALL
        for i in range(len(features)):
            value, low, high = rows[row, features[i]], bounds[i], bounds[i + 1]
            if value <= thresholds[low]:
                continue
            while low < high:
                middle = (low + high) // 2
                if thresholds[middle] < value:
                    low = middle + 1
                else:
                    high = middle
            # Of each feature there is a mask more than there are thresholds.
            mask = masks[low + i]
            for tree in range(trees):
                reached[tree] &= mask[tree]
        for group in range(len(groups) - 1):
            total = 0.0
            for tree in range(groups[group], groups[group + 1]):
                bits = np.int64(reached[tree])
                lowest = ((bits & -bits) * 0x9AF & 0xFFFF) >> 12
                total += values[tree, first_bit[lowest]]
            sums[group, row] = total
    return sums


@kernel
def measured(pool: Any, asked: Any, said: Any, worth: Any, sizes: tuple[int, int, int]) -> Array:
    """Measure the pairs of a pool: a row a pair, counts not as logarithms.

    ``asked`` and ``said`` are `Facts.packed` of the needs and of all offers.
    """
    starts, offers, fields = pool
    idf, is_digit, mass, unknown, penalties = worth
    head, width, scripts = sizes
    n_starts, n_stream, our_letters, our_codes = asked[0], asked[1], asked[3], asked[2]
    o_starts, o_stream, their_letters, their_codes = said[0], said[1], said[3], said[2]
    ours, theirs = asked[4:8], said[4:8]
    ways, kinds, tolerances, of_sides = asked[8:12]
    table = np.zeros((len(offers), width))
    # Where a need says each word, from 1; 0 where it does not.
    place_of = np.zeros(len(idf), dtype=np.int32)
    script_of = np.empty(len(offers), dtype=np.int32)
    missing = np.empty(_MOST_WORDS, dtype=np.bool_)
    worths = np.empty(_MOST_WORDS)
    for need in range(len(starts) - 1):
        begin, end = starts[need], starts[need + 1]
        if begin == end:
            continue
        need_line = n_stream[n_starts[need] : n_starts[need + 1]]
        length, n_keys, n_sets = need_line[0], need_line[1], need_line[2]
        n_words = need_line[_OUTLINE : _OUTLINE + length]
        n_at = _OUTLINE + length
        whole = 0.0
        for i in range(length):
            worths[i] = unknown
            if n_words[i] >= 0:
                worths[i] = idf[n_words[i]]
                place_of[n_words[i]] = i + 1
            whole += worths[i]
        for row in range(begin, end):
            offer, out = offers[row], table[row]
            line = o_stream[o_starts[offer] : o_starts[offer + 1]]
            o_length, o_keys, o_sets = line[0], line[1], line[2]
            o_at = _OUTLINE + o_length
            script_of[row] = line[6]
            out[0:4] = fields[row]

            # Words.
            met, count, digits, rarest, rarest_missing = 0.0, 0, 0, 0.0, 0.0
            missing[:length] = True
            for i in range(o_length):
                word = line[_OUTLINE + i]
                place = place_of[word] - 1
                if place < 0:
                    continue
                missing[place] = False
                met += idf[word]
                count += 1
                digits += is_digit[word]
                rarest = max(rarest, idf[word])
                if place == 0:
                    out[_WORDS + 6] = 1.0
                if i == 0:
                    out[_WORDS + 7] = 1.0
            for i in range(length):
                if missing[i]:
                    rarest_missing = max(rarest_missing, worths[i])
            out[_WORDS] = met / whole if whole > 0 else 0.0
            out[_WORDS + 1] = met / mass[offer] if mass[offer] > 0 else 0.0
            out[_WORDS + 2], out[_WORDS + 3] = count, length - count
            out[_WORDS + 4], out[_WORDS + 5] = rarest / unknown, rarest_missing / unknown
            out[_WORDS + 8], out[_WORDS + 9] = length, o_length
            out[_WORDS + 11] = digits
            out[_WORDS + 12], out[_WORDS + 13] = need_line[5] - digits, line[5] - digits

            # What is stated.
            agree, differ, unsaid = 0, 0, 0
            n_from, o_from = n_at + n_keys, o_at + o_keys
            for i in range(n_sets):
                way = ways[need] + i
                kind, found = kinds[way], -1
                if need_line[n_from + i] >= 0:
                    for j in range(o_sets):
                        if line[o_from + j] == need_line[n_from + i]:
                            found = line[o_from + o_sets + j]
                            break
                if found < 0:
                    unsaid += kind != _MARK
                elif _differ(
                    ours, need_line[n_from + n_sets + i], theirs, found, tolerances[way],
                    of_sides[way],
                ):  # fmt: skip
                    differ += 1
                    out[_ABOUT + 2 * kind + 1] += 1.0
                else:
                    agree += 1
                    out[_ABOUT + 2 * kind] += 1.0
            out[_STATES], out[_STATES + 1], out[_STATES + 2] = agree, differ, unsaid
            out[_STATES + 3] = o_sets - agree - differ
            out[0] *= penalties[min(differ, len(penalties) - 1)]

            # Codes.
            out[_CODES + 3] = need_line[3]
            # Without a run of letters in common no number is.
            if fields[row, 3] > 0:
                common, stated = 0, 0
                for i in range(n_at, n_at + n_keys):
                    for j in range(o_at, o_at + o_keys):
                        flags = need_line[i] | line[j]
                        if need_line[i] >> 2 == line[j] >> 2 and flags & 2:
                            common += 1
                            stated |= flags & 1
                out[_CODES], out[_CODES + 1] = common, stated
                out[_CODES + 3] = need_line[3] - common
                if common == 0:
                    out[_CODES + 2] = _fragment(
                        our_letters, our_codes, need_line[4], need_line[4] + need_line[3],
                        their_letters, their_codes, line[4], line[4] + line[3],
                    )  # fmt: skip
            out[_CODES + 4] = need_line[10]
            out[_CODES + 5] = _hs_digits(need_line[7:10], line[7:10])
            out[_CODES + 6] = 1.0 if need_line[6] == line[6] else 0.0
        for i in range(length):
            if n_words[i] >= 0:
                place_of[n_words[i]] = 0
        _compare(table, begin, end, min(end, begin + head), script_of, scripts)
    return table


@kernel
def _differ(
    ours: Arrays, want: int, theirs: Arrays, have: int, tolerance: float, of_sides: bool
) -> bool:
    """Tell whether each of two sets has a value that the other lacks."""
    return _lacks(ours, want, theirs, have, tolerance, of_sides) and _lacks(
        theirs, have, ours, want, tolerance, of_sides
    )


@kernel
def _lacks(
    one: Arrays, of_one: int, other: Arrays, of_other: int, tolerance: float, of_sides: bool
) -> bool:
    for i in range(one[0][of_one], one[0][of_one + 1]):
        found = False
        for j in range(other[0][of_other], other[0][of_other + 1]):
            if _same(one, i, other, j, tolerance, of_sides):
                found = True
                break
        if not found:
            return True
    return False


@kernel
def _same(
    one: Arrays, at: int, other: Arrays, place: int, tolerance: float, of_sides: bool
) -> bool:
    text, another = one[1][at], other[1][place]
    if text != _NUMBERS or another != _NUMBERS:
        return bool(text == another)
    a, b = one[3][one[2][at] : one[2][at + 1]], other[3][other[2][place] : other[2][place + 1]]
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    if len(few) < len(many) and not of_sides:
        return bool(many[0] <= few[0] <= many[-1])
    for i in range(len(few)):
        found = False
        for j in range(len(many)):
            if i == j or len(few) < len(many):
                found |= _close(few[i], many[j], tolerance)
        if not found:
            return False
    return True


@kernel
def _close(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


@kernel
def _fragment(
    ours: Array, our_starts: Array, our_first: int, our_last: int,
    theirs: Array, their_starts: Array, their_first: int, their_last: int,
) -> float:  # fmt: skip
    """Give how much of the longer of two part numbers the shorter is that stands in it."""
    most = 0.0
    for i in range(our_first, our_last):
        a = ours[our_starts[i] : our_starts[i + 1]]
        for j in range(their_first, their_last):
            b = theirs[their_starts[j] : their_starts[j + 1]]
            few, many = (a, b) if len(a) <= len(b) else (b, a)
            share = len(few) / len(many)
            if share > most and _stands_in(few, many):
                most = share
    return most


@kernel
def _stands_in(few: Array, many: Array) -> bool:
    for start in range(len(many) - len(few) + 1):
        alike = 0
        while alike < len(few) and many[start + alike] == few[alike]:
            alike += 1
        if alike == len(few):
            return True
    return False


@kernel
def _hs_digits(ours: Array, theirs: Array) -> int:
    if ours[0] < 0 or theirs[0] < 0:
        return -1
    digits = 0
    while digits < 6 and ours[digits // 2] >= 0 and ours[digits // 2] == theirs[digits // 2]:
        digits += 2
    return digits


@kernel
def _compare(table: Array, begin: int, end: int, last: int, script_of: Array, scripts: int) -> None:
    """Compare the offers of a need with the best ones at its head, all and of one script."""
    best = np.zeros(5)
    alike = np.zeros((scripts, 2))
    for row in range(begin, last):
        for i in range(4):
            best[i] = max(best[i], table[row, i])
        best[4] = max(best[4], table[row, _WORDS])
        script = script_of[row]
        alike[script, 0] = max(alike[script, 0], table[row, 0])
        alike[script, 1] = max(alike[script, 1], table[row, _WORDS])
    for row in range(begin, end):
        out, script = table[row], script_of[row]
        for i in range(4):
            out[_TO_BEST + i] = out[i] / best[i] if best[i] > 0 else 0.0
        out[_WORDS + 10] = out[_WORDS] / best[4] if best[4] > 0 else 0.0
        out[_ALIKE] = out[0] / alike[script, 0] if alike[script, 0] > 0 else 0.0
        out[_ALIKE + 1] = out[_WORDS] / alike[script, 1] if alike[script, 1] > 0 else 0.0
        place, place_alike = 0, 0
        for other in range(begin, last):
            if table[other, 0] > out[0]:
                place += 1
                place_alike += script_of[other] == script
        out[_PLACE], out[_ALIKE + 2] = place, place_alike


@kernel
def told(
    need_of: Array, offers: Array, asked: Any, said: Any, terms: Any, starts: Array, codes: Array
) -> None:
    """Tell for some pairs what the offer says to each quantity and each term of the need.

    The codes of pair i, from ``starts[i]`` on, are for each quantity the number of the offer's
    set of values, -1 for none, and for each term twice the number of what the offer says for it,
    and 1 if that is by its sound; -1 where it says nothing, `_SKIPPED` where the term is a mark of
    a quantity that it states, `_MIXED` where it says several things for the words of the term.
    """
    n_starts, n_stream, o_starts, o_stream = asked[0], asked[1], said[0], said[1]
    of_need, word_starts, words, sounds, marks = terms
    for pair in range(len(need_of)):
        need, at = need_of[pair], starts[pair]
        need_line = n_stream[n_starts[need] : n_starts[need + 1]]
        line = o_stream[o_starts[offers[pair]] : o_starts[offers[pair] + 1]]
        length, sets = line[0], line[2]
        stated = _OUTLINE + length + line[1]
        shown = stated + 2 * sets
        n_stated = _OUTLINE + need_line[0] + need_line[1]
        for i in range(n_stated, n_stated + need_line[2]):
            place = _place(line, stated, sets, need_line[i])
            codes[at] = line[stated + sets + place] if place >= 0 else -1
            at += 1
        for term in range(of_need[need], of_need[need + 1]):
            codes[at] = _said_for(line, length, shown, words, word_starts[term : term + 2])
            if codes[at] == -1:
                place = _place(line, _OUTLINE, length, sounds[term])
                codes[at] = 2 * line[shown + place] + 1 if place >= 0 else -1
            if marks[term] >= 0 and _place(line, stated, sets, marks[term]) >= 0:
                codes[at] = _SKIPPED
            at += 1


@kernel
def _said_for(line: Array, length: int, shown: int, words: Array, bounds: Array) -> int:
    said = -1
    for i in range(bounds[0], bounds[1]):
        place = _place(line, _OUTLINE, length, words[i])
        if place < 0:
            return -1
        text = 2 * line[shown + place]
        said = text if said in (-1, text) else _MIXED
    return said


@kernel
def _place(line: Array, start: int, size: int, number: int) -> int:
    """Give the place of a number among some of a line, -1 where it is not there."""
    if number >= 0:
        for i in range(size):
            if line[start + i] == number:
                return i
    return -1
