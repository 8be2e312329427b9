"""What is measured of a need and an offer before they are ranked: numbers only, no text."""

import numpy as np

from onshore.match.facts import GROUPS, SCRIPTS, Facts, OfferFacts, Table
from onshore.match.judging import pair_kernels
from onshore.match.plain_features import PENALTIES, measured
from onshore.match.pool import FIELDS, HEAD, Pool

__all__ = ["FEATURES", "FIELDS", "HEAD", "OfferFacts", "Pool", "measure", "measure_plainly"]

_OF_FIELDS = (*FIELDS, *(f"{name} to best" for name in FIELDS), "place")
_OF_WORDS = (
    "need met",
    "offer met",
    "words met",
    "words missing",
    "rarest met",
    "rarest missing",
    "first of need met",
    "first of offer met",
    "need words",
    "offer words",
    "need met to best",
    "digits met",
    "digits missing",
    "digits surplus",
)
_OF_MEASURES = (
    *(f"{state} {name}" for name in GROUPS for state in ("agree", "differ")),
    "agree",
    "differ",
    "unsaid",
    "surplus",
)
_OF_CODES = (
    "number",
    "stated number",
    "fragment",
    "number unsaid",
    "number alone",
    "hs",
    "same script",
)
_OF_SCRIPT = ("share to best alike", "need met to best alike", "place alike")
FEATURES = (*_OF_FIELDS, *_OF_WORDS, *_OF_MEASURES, *_OF_CODES, *_OF_SCRIPT)

# Counts that grow without bound are measured by the logarithm of 1 and them.
_OF_LOGARITHMS = [
    FEATURES.index(name) for name in ("place", "place alike", "need words", "offer words")
]


def measure(asked: Facts, offers: OfferFacts, pool: Pool) -> Table:
    """Measure each need and each offer retrieved for it: a row a pair, columns `FEATURES`."""
    compiled = pair_kernels(len(pool.offers))
    if compiled is None:
        return measure_plainly(asked, offers, pool)
    table: Table = compiled.measured(
        (pool.starts, pool.offers, np.ascontiguousarray(pool.fields)),
        asked.packed,
        offers.said.packed,
        (offers.idf, offers.is_digit, offers.mass, offers.unknown, PENALTIES),
        (HEAD, len(FEATURES), len(SCRIPTS)),
    )
    return _logarithms(table)


def measure_plainly(asked: Facts, offers: OfferFacts, pool: Pool) -> Table:
    """Measure pairs without compiled kernels, with the same results."""
    return _logarithms(measured(asked, offers, pool))


def _logarithms(table: Table) -> Table:
    table[:, _OF_LOGARITHMS] = np.log1p(table[:, _OF_LOGARITHMS])
    return table
