"""Candidates and limits in; a plan of what to localize first, and its bound, out."""

from typing import TYPE_CHECKING, Any

from onshore.plan.awards import award_projects
from onshore.plan.comparing import change_totals, compare_plans, extend_plan
from onshore.plan.decided import with_fixed
from onshore.plan.duals import Duals, find_duals
from onshore.plan.explanations import explain_plan
from onshore.plan.frontier import frontier, scaled
from onshore.plan.infeasible import PlanInfeasible, why_infeasible
from onshore.plan.instance import Instance, PlanError
from onshore.plan.instance_folder import (
    instance_digest,
    instance_hash,
    is_instance_folder,
    read_instance,
)
from onshore.plan.limits import limits
from onshore.plan.losses import Recourse, rank_losses, recourse
from onshore.plan.making import Plan, make_plan
from onshore.plan.meetings import schedule_meetings
from onshore.plan.mending import mended
from onshore.plan.prices import prices
from onshore.plan.provinces import choose_provinces
from onshore.plan.risk import (
    Scenarios,
    draw_scenarios,
    evaluate_plan,
    risks_of,
    scenario_values,
)
from onshore.plan.robust import RiskPlan, cvar_plan, expected_plan, worst_case_plan
from onshore.plan.selection import Selection
from onshore.plan.solver import SolverError
from onshore.plan.tables import plan_table
from onshore.plan.valuation import Valued, instance_from_records

if TYPE_CHECKING:
    from onshore.plan.large.assignment import Assigned, NoAssignment, assign

__all__ = [
    "Assigned",
    "Duals",
    "Instance",
    "NoAssignment",
    "Plan",
    "PlanError",
    "PlanInfeasible",
    "Recourse",
    "RiskPlan",
    "Scenarios",
    "Selection",
    "SolverError",
    "Valued",
    "assign",
    "award_projects",
    "change_totals",
    "choose_provinces",
    "compare_plans",
    "cvar_plan",
    "draw_scenarios",
    "evaluate_plan",
    "expected_plan",
    "explain_plan",
    "extend_plan",
    "find_duals",
    "frontier",
    "instance_digest",
    "instance_from_records",
    "instance_hash",
    "is_instance_folder",
    "limits",
    "make_plan",
    "mended",
    "plan_table",
    "prices",
    "rank_losses",
    "read_instance",
    "recourse",
    "risks_of",
    "scaled",
    "scenario_values",
    "schedule_meetings",
    "why_infeasible",
    "with_fixed",
    "worst_case_plan",
]


def __getattr__(name: str) -> Any:
    """Load what needs Numba (extra ``plan``) once it is asked for."""
    if name not in ("Assigned", "NoAssignment", "assign"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from onshore.plan.large import assignment

    return getattr(assignment, name)
