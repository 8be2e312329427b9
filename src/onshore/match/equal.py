"""Lines that say the same: nothing is left for a model to judge."""

import numpy as np

from onshore.match.facts import Facts, Table, Truth
from onshore.match.features import FEATURES
from onshore.match.model import Judged
from onshore.match.pool import Pool

# Of two lines that read the same a person nearly always takes the one for the other.
_CHANCE = 0.95

_WHOLE = [FEATURES.index(name) for name in ("need met", "offer met")]
_NOTHING = [
    FEATURES.index(name)
    for name in ("words missing", "differ", "unsaid", "surplus", "digits surplus", "number unsaid")
]
_NUMBER, _ALIKE = FEATURES.index("number"), FEATURES.index("same script")


def equal(asked: Facts, offers: Facts, pool: Pool, features: Table) -> Truth:
    """Tell which pairs read the same: all words of both, every size and every part number.

    Either the letters and digits of both are the same, or their words are, which are stems in
    one language and need not stand in the same order.
    """
    met = np.min(features[:, _WHOLE], axis=1) > 1 - 1e-9
    left = np.max(np.abs(features[:, _NOTHING]), axis=1)
    same = met & (left == 0) & (features[:, _ALIKE] > 0)
    numbers = features[:, _NUMBER]
    same &= (numbers == asked.own_count[pool.need_of]) & (numbers == offers.own_count[pool.offers])
    line = asked.lines[pool.need_of]
    same |= (
        (line >= 0) & (line == offers.lines[pool.offers]) & (asked.words.sizes > 0)[pool.need_of]
    )
    hs, theirs = asked.hs[pool.need_of], offers.hs[pool.offers]
    found: Truth = same & pool.in_head()
    found &= ~np.any((hs >= 0) & (theirs >= 0) & (hs != theirs), axis=1)
    return found


def judged_equal(judged: Judged, same: Truth) -> Judged:
    """Put pairs that read the same first, whatever the model says of them."""
    return Judged(
        np.where(same, 1.0, judged.score),
        np.where(same, np.maximum(judged.probability, _CHANCE), judged.probability),
        np.where(same, np.maximum(judged.exact, _CHANCE), judged.exact),
    )
