"""Needs and offers in; ranked candidates, each with its class and its reasons, out."""

from onshore.match.errors import MatchError
from onshore.match.letters import normalise
from onshore.match.ranking import find_candidates
from onshore.match.reasons import explain

__all__ = ["MatchError", "explain", "find_candidates", "normalise"]
