"""Records that are the same: pairs, items and makers merged, and decisions kept."""

from onshore.match.merging.decisions import Decisions, apply_decisions
from onshore.match.merging.duplicates import merge_items
from onshore.match.merging.line_keys import equal_lines
from onshore.match.merging.makers import merge_makers
from onshore.match.merging.pair_model import PairModel, learn_pairs
from onshore.match.merging.undecided import rank_undecided

__all__ = [
    "Decisions",
    "PairModel",
    "apply_decisions",
    "equal_lines",
    "learn_pairs",
    "merge_items",
    "merge_makers",
    "rank_undecided",
]
