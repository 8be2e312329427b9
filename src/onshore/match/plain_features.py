"""The features of pairs by plain arrays: what `onshore.match.pair_kernels` compiles."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.match.agreement import set_apart
from onshore.match.facts import (
    GROUPS,
    MARK,
    SCRIPTS,
    Facts,
    Floats,
    Lists,
    OfferFacts,
    Table,
    Truth,
    Whole,
)
from onshore.match.pool import FIELDS, Pool

# Each quantity that differs takes a fifth off the share, at most four of them.
PENALTIES = np.array([0.8**n for n in range(5)])

_NUMBERS = FIELDS.index("numbers")


def measured(asked: Facts, offers: OfferFacts, pool: Pool) -> Table:
    """Measure the pairs of a pool: a row a pair, columns `FEATURES`, counts not as logarithms."""
    words = _of_words(asked, offers, pool)
    measures = _of_measures(asked, offers.said, pool)
    differing = np.minimum(measures[:, 2 * len(GROUPS) + 1], len(PENALTIES) - 1)
    shares = pool.fields.copy()
    shares[:, 0] *= PENALTIES[differing.astype(np.int64)]
    need_of, head = pool.need_of, pool.in_head()
    return np.column_stack(
        (
            shares,
            _ratio(shares, pool.best(shares)[need_of]),
            _places(need_of, shares[:, 0], head),
            words,
            measures,
            _of_codes(asked, offers.said, pool),
            _of_script(offers.said.script, pool, np.column_stack((shares[:, 0], words[:, 0]))),
        )
    )


def _of_script(script: Whole, pool: Pool, values: Table) -> Table:
    """Compare with the best offer in the same script: other scripts share fewer words."""
    group, head = len(SCRIPTS) * pool.need_of + script[pool.offers], pool.in_head()
    best = np.zeros((len(SCRIPTS) * (len(pool.starts) - 1), values.shape[1]))
    np.maximum.at(best, group[head], values[head])
    return np.column_stack((_ratio(values, best[group]), _places(group, values[:, 0], head)))


def _of_words(asked: Facts, offers: OfferFacts, pool: Pool) -> Table:
    said, need_of, size = offers.said, pool.need_of, len(pool.offers)
    width = len(offers.idf)
    wanted = asked.words.values
    idf = np.full(len(wanted), offers.unknown)
    idf[wanted >= 0] = offers.idf[wanted[wanted >= 0]]
    owner = np.repeat(np.arange(asked.size), asked.words.sizes)
    mass = np.bincount(owner, idf, minlength=asked.size)
    length = asked.words.sizes[need_of]

    # Each word of each offer that the need has, too.
    pair, flat, within = _spread(said.words, pool.offers)
    asks = np.flatnonzero(wanted >= 0)
    keys = owner[asks] * width + wanted[asks]
    order = np.argsort(keys)
    hit, at = _looked_up(keys[order], need_of[pair] * width + said.words.values[flat])
    pair, within, word = pair[hit], within[hit], said.words.values[flat[hit]]
    place = asks[order[at[hit]]]

    met = np.bincount(pair, offers.idf[word], minlength=size)
    count = np.bincount(pair, minlength=size)
    digits_met = np.bincount(pair[offers.is_digit[word]], minlength=size)
    rarest, rarest_missing, first_of_need, first_of_offer = np.zeros((4, size))
    np.maximum.at(rarest, pair, offers.idf[word])
    first_of_need[pair[place == asked.words.starts[need_of[pair]]]] = 1.0
    first_of_offer[pair[within == 0]] = 1.0

    # Each word of the need that the offer lacks.
    asking, of_need, _ = _spread(asked.words, need_of)
    begins = np.cumsum(length) - length
    lacking = np.ones(len(asking), dtype=np.bool_)
    lacking[begins[pair] + place - asked.words.starts[need_of[pair]]] = False
    np.maximum.at(rarest_missing, asking[lacking], idf[of_need[lacking]])

    share = _ratio(met, mass[need_of])
    return np.column_stack(
        (
            share,
            _ratio(met, offers.mass[pool.offers]),
            count,
            length - count,
            rarest / offers.unknown,
            rarest_missing / offers.unknown,
            first_of_need,
            first_of_offer,
            length,
            said.words.sizes[pool.offers],
            _ratio(share, pool.best(share[:, None])[need_of, 0]),
            digits_met,
            asked.with_digits[need_of] - digits_met,
            said.with_digits[pool.offers] - digits_met,
        )
    )


def _of_measures(asked: Facts, said: Facts, pool: Pool) -> Table:
    """Count, for each pair, the quantities that agree, differ and are not said."""
    pair, item, _ = _spread(asked.stating, pool.need_of)
    quantity, group = asked.stating.values[item], asked.kinds[item]
    owner = np.repeat(np.arange(said.size), said.stating.sizes)
    keys = said.stating.values * said.size + owner
    order = np.argsort(keys)
    hit, at = _looked_up(keys[order], quantity * said.size + pool.offers[pair])
    hit &= quantity >= 0
    differs = np.zeros(len(pair), dtype=np.bool_)
    differs[hit] = _differ(asked, said, asked.sets[item[hit]], said.sets[order[at[hit]]])

    cells, width = len(pool.offers), 2 * len(GROUPS)
    by_group = np.bincount(
        pair[hit] * width + 2 * group[hit] + differs[hit], minlength=cells * width
    ).reshape(cells, width)
    unsaid = np.bincount(pair[~hit & (group != MARK)], minlength=cells)
    agree, differ = by_group[:, 0::2].sum(axis=1), by_group[:, 1::2].sum(axis=1)
    surplus = said.stating.sizes[pool.offers] - agree - differ
    return np.column_stack((by_group, agree, differ, unsaid, surplus)).astype(np.float64)


def _differ(asked: Facts, said: Facts, want: Whole, have: Whole) -> Truth:
    """Tell whether two sets of values differ, comparing each two different ones once."""
    ways, which = np.unique(want * len(said.values) + have, return_inverse=True)
    told = [
        all(set_apart(asked.values[one], said.values[other]))
        for one, other in (divmod(way, len(said.values)) for way in ways.tolist())
    ]
    differ: Truth = np.array(told, dtype=np.bool_)[which]
    return differ


def _of_codes(asked: Facts, said: Facts, pool: Pool) -> Table:
    need_of, offers = pool.need_of, pool.offers
    hs, theirs = asked.hs[need_of], said.hs[offers]
    digits = np.where(
        (hs[:, 0] < 0) | (theirs[:, 0] < 0),
        -1,
        2 * ((hs == theirs) & (hs >= 0)).cumprod(axis=1).sum(axis=1),
    )
    codes = np.zeros((len(need_of), 4))
    codes[:, 3] = asked.own_count[need_of]
    # Without a run of letters in common no number is.
    for row in np.flatnonzero(pool.fields[:, _NUMBERS] > 0).tolist():
        codes[row] = _in_common(asked, need_of[row], said, offers[row])
    same = asked.script[need_of] == said.script[offers]
    return np.column_stack((codes, asked.alone[need_of], digits, same))


def _in_common(asked: Facts, need: int, said: Facts, offer: int) -> list[float]:
    """Count the part numbers that two lines have in common, one of them as its own."""
    ours, theirs = (
        slice(*facts.keys.starts[at : at + 2]) for facts, at in ((asked, need), (said, offer))
    )
    one, other = np.nonzero(asked.keys.values[ours, None] == said.keys.values[None, theirs])
    one, other = one + ours.start, other + theirs.start
    common = asked.own[one] | said.own[other]
    stated = common & (asked.stated[one] | said.stated[other])
    number, fragment = int(common.sum()), 0.0
    if not number:
        shares = [
            min(len(a), len(b)) / max(len(a), len(b))
            for a in _own_keys(asked, need)
            for b in _own_keys(said, offer)
            if a in b or b in a
        ]
        fragment = max(shares, default=0.0)
    return [number, stated.any(), fragment, asked.own_count[need] - number]


def _own_keys(facts: Facts, at: int) -> list[str]:
    first, last = facts.codes[at : at + 2]
    bounds = facts.letters.starts[first : last + 1]
    letters = facts.letters.values
    return ["".join(map(chr, letters[a:b])) for a, b in pairwise(bounds)]


def _spread(lists: Lists, of: Whole) -> tuple[Whole, Whole, Whole]:
    """Lay the lists of these lines out: whose each value is, where it stands, its place there."""
    sizes = lists.sizes[of]
    whose = np.repeat(np.arange(len(of)), sizes)
    within = np.arange(len(whose)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return whose, lists.starts[of][whose] + within, within


def _looked_up(keys: Whole, wanted: Whole) -> tuple[Truth, Whole]:
    """Tell which wanted keys are among these, which ascend, and where."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.bool_), np.zeros(len(wanted), dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[at] == wanted, at


def _places(group: Whole, values: Floats, head: Truth) -> Floats:
    """Count for each the greater values of its group that are in the head."""
    at = np.arange(len(group))
    # In a group the greater come first, and among equals those that are asked come last.
    order = np.lexsort((at, -values, group))
    of, ordered = group[order], values[order]
    before = np.concatenate(([0], np.cumsum(head[order])))[:-1]
    begins = np.ones((2, len(order)), dtype=np.bool_)
    begins[:, 1:] = of[1:] != of[:-1]
    begins[1, 1:] |= ordered[1:] != ordered[:-1]
    first, of_equals = np.maximum.accumulate(np.where(begins, at, 0), axis=1)
    places = np.empty(len(order))
    places[order] = before[of_equals] - before[first]
    return places


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    # Of no weights, bincount makes integers.
    ratio: NDArray[Any] = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return ratio
