"""Rasters, deposits and drillholes in; prospectivity, resources and their uncertainty out.

The room answers: what lies in the ground and where to look first.
"""

from onshore.explore.autocorrelation import Autocorrelation, autocorrelation
from onshore.explore.block_estimates import BlockEstimate, estimate_blocks, leave_holes_out
from onshore.explore.block_maps import SparkBlocks, map_blocks
from onshore.explore.blocks import Block, Cells
from onshore.explore.chance import chance_of_cut
from onshore.explore.class_counts import class_counts
from onshore.explore.composites import composite, rock_shares
from onshore.explore.curves import area_under_curve, success_curve
from onshore.explore.deposits import Deposits, read_deposits
from onshore.explore.desurvey import desurvey, positions
from onshore.explore.drillholes import Drillholes, read_drillholes
from onshore.explore.drilling_order import DrillingOrder, drilling_order
from onshore.explore.errors import ExploreError
from onshore.explore.fuzzy import Membership, fuzzy, fuzzy_overlay
from onshore.explore.grids import Grid
from onshore.explore.independence import Independence, independence
from onshore.explore.methods import METHODS, Fitted, Method, method
from onshore.explore.opening import open_stack
from onshore.explore.paired import paired_differences
from onshore.explore.posterior import Response, posterior, response
from onshore.explore.reporting_classes import BRIDGE, RULES, classify_blocks, unfc_bridge
from onshore.explore.resource_ledger import Ledger, resource_ledger
from onshore.explore.saving import load_model
from onshore.explore.stacks import Stack
from onshore.explore.targets import Targets, targets
from onshore.explore.tonnage import tonnage_grade
from onshore.explore.training import Model, train
from onshore.explore.validation import Validation, validate
from onshore.explore.variograms import Variogram, fit_variogram
from onshore.explore.weights import Weights, weights

__all__ = [
    "BRIDGE",
    "METHODS",
    "RULES",
    "Autocorrelation",
    "Block",
    "BlockEstimate",
    "Cells",
    "Deposits",
    "Drillholes",
    "DrillingOrder",
    "ExploreError",
    "Fitted",
    "Grid",
    "Independence",
    "Ledger",
    "Membership",
    "Method",
    "Model",
    "Response",
    "SparkBlocks",
    "Stack",
    "Targets",
    "Validation",
    "Variogram",
    "Weights",
    "area_under_curve",
    "autocorrelation",
    "chance_of_cut",
    "class_counts",
    "classify_blocks",
    "composite",
    "desurvey",
    "drilling_order",
    "estimate_blocks",
    "fit_variogram",
    "fuzzy",
    "fuzzy_overlay",
    "independence",
    "leave_holes_out",
    "load_model",
    "map_blocks",
    "method",
    "open_stack",
    "paired_differences",
    "positions",
    "posterior",
    "read_deposits",
    "read_drillholes",
    "resource_ledger",
    "response",
    "rock_shares",
    "success_curve",
    "targets",
    "tonnage_grade",
    "train",
    "unfc_bridge",
    "validate",
    "weights",
]
