"""Candidates and limits in; a plan of what to localize first, and its bound, out."""

from onshore.plan.instance import Instance, PlanError
from onshore.plan.limits import limits
from onshore.plan.making import Plan, make_plan
from onshore.plan.solver import SolverError
from onshore.plan.tables import plan_table
from onshore.plan.valuation import Valued, instance_from_records

__all__ = [
    "Instance",
    "Plan",
    "PlanError",
    "SolverError",
    "Valued",
    "instance_from_records",
    "limits",
    "make_plan",
    "plan_table",
]
