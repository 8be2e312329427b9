"""Processes, plants and projects in; flows, bottlenecks, targets and shocks out.

The room answers: how ore becomes exports, where the chain binds, and what a loss would cost.
"""

from onshore.chain.compiling import Compiled, compile_chain
from onshore.chain.concentrating import (
    concentrate,
    concentrate_elements,
    recovery_of_assays,
    with_grades,
)
from onshore.chain.cuts import cut, cut_losses
from onshore.chain.errors import ChainError
from onshore.chain.expansion import Expansion, expand
from onshore.chain.finish_dates import draw_finish_dates
from onshore.chain.frontier import budget_frontier
from onshore.chain.nodes import nodes
from onshore.chain.parts import part_needs
from onshore.chain.protection import Protection, price_protection, protect
from onshore.chain.reading import read_chain
from onshore.chain.service import service_share
from onshore.chain.shocks import rank_losses, shock
from onshore.chain.sites import names, sites
from onshore.chain.solver import Answer, Solver
from onshore.chain.solving import Result, solve
from onshore.chain.steel_chain import steel_chain, step_balance
from onshore.chain.streams import streams
from onshore.chain.tables import Chain, ChainSettings
from onshore.chain.targets import Target, target
from onshore.chain.tracker import capacity_by_step, read_tracker

__all__ = [
    "Answer",
    "Chain",
    "ChainError",
    "ChainSettings",
    "Compiled",
    "Expansion",
    "Protection",
    "Result",
    "Solver",
    "Target",
    "budget_frontier",
    "capacity_by_step",
    "compile_chain",
    "concentrate",
    "concentrate_elements",
    "cut",
    "cut_losses",
    "draw_finish_dates",
    "expand",
    "names",
    "nodes",
    "part_needs",
    "price_protection",
    "protect",
    "rank_losses",
    "read_chain",
    "read_tracker",
    "recovery_of_assays",
    "service_share",
    "shock",
    "sites",
    "solve",
    "steel_chain",
    "step_balance",
    "streams",
    "target",
    "with_grades",
]
