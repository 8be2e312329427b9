"""Large plans: priced apart by resource, with a proven bound, and searched by compiled kernels.

Needs Numba (extra ``plan``).
"""

from onshore.plan.large.components import FoundStarts, search_starts
from onshore.plan.large.options import Names, Options, options_of
from onshore.plan.large.solving import Found, search_plan

__all__ = [
    "Found",
    "FoundStarts",
    "Names",
    "Options",
    "options_of",
    "search_plan",
    "search_starts",
]
