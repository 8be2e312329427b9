"""Needs and offers in; ranked candidates, each with its class and its reasons, out.

Also items, makers and pairs of records that are the same, and codes for item lines.
"""

from onshore.match.coding import CodeModel, classify_items, learn_codes
from onshore.match.comparing import FirstRight, first_right
from onshore.match.errors import MatchError
from onshore.match.index import Index
from onshore.match.letters import normalise
from onshore.match.merging import (
    Decisions,
    PairModel,
    apply_decisions,
    equal_lines,
    learn_pairs,
    merge_items,
    merge_makers,
    rank_undecided,
)
from onshore.match.model import Model, default_model
from onshore.match.ranking import find_candidates
from onshore.match.reasons import explain
from onshore.match.training import Judgements, reviewed, train
from onshore.match.why import why

__all__ = [
    "CodeModel",
    "Decisions",
    "FirstRight",
    "Index",
    "Judgements",
    "MatchError",
    "Model",
    "PairModel",
    "apply_decisions",
    "classify_items",
    "default_model",
    "equal_lines",
    "explain",
    "find_candidates",
    "first_right",
    "learn_codes",
    "learn_pairs",
    "merge_items",
    "merge_makers",
    "normalise",
    "rank_undecided",
    "reviewed",
    "train",
    "why",
]
