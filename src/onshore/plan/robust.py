"""Plans that weigh what may go wrong: by expectation, against the worst failures, by CVaR."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.plan.budgeted import worst_failures
from onshore.plan.conditional import worst_scenarios
from onshore.plan.errors import PlanError
from onshore.plan.instance import Instance
from onshore.plan.making import Plan
from onshore.plan.outcomes import mean_of_worst, sum_of_largest, with_risks
from onshore.plan.risk import Scenarios, laid_out, read_risks, require_share
from onshore.plan.starts import possible_starts, with_cost_effect
from onshore.plan.weighing import Weighed, best_at, costs_of, is_whole, worth_of

_SHOWN = [
    "item",
    "maker",
    "resource",
    "start_year",
    "first_production_year",
    "tooling_cost",
    "value",
    "cost_effect_value",
]


@dataclass(frozen=True, eq=False)
class RiskPlan(Plan):
    """A plan that is best by a measure of risk; a `Plan` otherwise.

    ``starts`` shows the plain values, as if all went as planned. ``objective``, ``bound`` and
    ``gap`` are of the measure, after the costs of openings.

    Attributes
    ----------
    measure : str
        ``expected``, ``worst case`` or ``CVaR``.
    bound_is : str
        What the bound comes from and whom it holds for, in words.
    """

    measure: str = ""
    bound_is: str = ""


def expected_plan(
    instance: Instance,
    risks: pl.DataFrame | None,
    *,
    gap: float = 1e-6,
    seconds: float = 60.0,
    seed: int = 0,
) -> RiskPlan:
    """Make the plan that is expected to save most, under the instance's own limits.

    With p the probability that a candidate qualifies, q that it is late by D years, v(f) the
    value of a start that produces from year f on:

    expected value = p x ((1 - q) x v(f) + q x v(f + D))

    Limits are kept as planned: tooling is paid and hours are reserved in any case, and floors
    count what is planned.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    risks
        As in `draw_scenarios`.
    gap, seconds, seed
        As in `make_plan`.

    Raises
    ------
    PlanError
        A row of ``risks`` cannot be used, or an argument is out of range.
    PlanInfeasible
        No plan keeps the limits.
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    Illustrative figures. The pump saves more, but hardly qualifies; the budget pays for one.

    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M1", "M2"], "resource": ["M1", "M2"],
    ...     "tooling_cost": [3.0, 3.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [5.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M1", "M2"], "year": [0, 0], "amount": [1.0, 1.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ... )
    >>> risks = pl.DataFrame({
    ...     "item": ["pump"], "maker": ["M1"], "resource": ["M1"], "probability": [0.5],
    ...     "delay_years": [0], "probability_late": [0.0],
    ... })
    >>> plan = expected_plan(instance, risks)
    >>> plan.starts["item"].to_list(), plan.objective
    (['valve'], 4.0)
    """
    begun = _checked(gap, seconds)
    starts = with_risks(possible_starts(instance), instance, read_risks(instance, risks))
    expected = starts["expected"].to_numpy()
    found = best_at(instance, starts, expected, gap=gap, seconds=seconds, seed=seed)
    objective = worth_of(found.chosen, starts, expected, instance)
    whole = is_whole(instance, starts)
    said = "branch and cut" if whole else "prices apart by resource"
    said = f"{said}: no plan is expected to save more"
    return _plan("expected", instance, starts, found, objective, whole, said, begun)


def worst_case_plan(
    instance: Instance,
    risks: pl.DataFrame,
    *,
    failures: float,
    gap: float = 1e-6,
    seconds: float = 60.0,
    seed: int = 0,
) -> RiskPlan:
    """Make the plan that saves most after the worst that so many failures can do to it.

    maximize sum v x - max over sets S of at most ``failures`` chosen candidates of sum over S d

    where d is what a candidate loses by failing: all of its value if it may not qualify
    (``probability`` below 1), what its delay costs if it may only be late (``probability_late``
    above 0), nothing if it is not at risk. How likely a failure is does not matter. By linear
    duality the same as

    maximize sum v x - failures z - sum p_k, with z + p_k >= the loss of k's start, z, p_k >= 0

    over candidates k (over items, where an item may have one maker only). A budget that is not
    whole counts its last failure in part.

    Up to 4,000 possible starts, or without the extra ``plan``, this is solved as one
    mixed-integer program. Else it is searched: for each z the rest is a plan with the values
    v - max(0, d - z), and for a z from a to b no plan is worth more than the higher of two bounds
    at a and b, with values that are linear in z; the highest of them is lowered first.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    risks
        As in `draw_scenarios`.
    failures
        The budget of failures, Gamma: 0 or more.
    gap, seconds, seed
        As in `make_plan`.

    Raises
    ------
    PlanError
        A row of ``risks`` cannot be used, or an argument is out of range.
    PlanInfeasible
        No plan keeps the limits.
    SolverError
        The solver came to no usable answer.

    References
    ----------
    Bertsimas, D., and Sim, M. (2004). The price of robustness. Operations Research 52(1), 35-53;
    for the search over z: the same (2003). Robust discrete optimization and network flows.
    Mathematical Programming 98, 49-71.

    Examples
    --------
    Illustrative figures. One big start, or two small ones of which at most one fails.

    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "seal", "valve"], "maker": ["M1", "M2", "M3"],
    ...     "resource": ["M1", "M2", "M3"], "tooling_cost": [4.0, 2.0, 2.0],
    ...     "lead_years": [0] * 3, "use_per_year": [1.0] * 3, "annual_saving": [9.0, 4.0, 3.0],
    ...     "opens": [0] * 3, "share": [1.0] * 3, "max_makers": [1] * 3,
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M1", "M2", "M3"], "year": [0] * 3, "amount": [1.0] * 3}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ... )
    >>> risks = candidates.select("item", "maker", "resource").with_columns(
    ...     probability=pl.lit(0.8), delay_years=pl.lit(0), probability_late=pl.lit(0.0),
    ... )
    >>> worst_case_plan(instance, risks, failures=0).starts["item"].to_list()
    ['pump']
    >>> plan = worst_case_plan(instance, risks, failures=1)
    >>> plan.starts["item"].to_list(), round(plan.objective, 6)
    (['seal', 'valve'], 3.0)
    """
    begun = _checked(gap, seconds)
    if not 0 <= failures < math.inf:
        raise PlanError(f"failures: {failures} is not 0 or more; give the number that may fail")
    starts = with_risks(possible_starts(instance), instance, read_risks(instance, risks))
    found = worst_failures(instance, starts, failures, gap=gap, seconds=seconds, seed=seed)
    values, losses = (starts[name].to_numpy()[found.chosen] for name in ("value", "loss"))
    objective = math.fsum(values) - sum_of_largest(losses, failures)
    objective -= costs_of(found.chosen, starts, instance)
    whole = is_whole(instance, starts)
    said = "branch and cut of the robust counterpart" if whole else "intervals of the dual price z"
    said = f"{said}: no plan saves more after its worst {failures:g} failures"
    return _plan("worst case", instance, starts, found, objective, whole, said, begun)


def cvar_plan(
    scenarios: Scenarios,
    *,
    share: float = 0.05,
    gap: float = 1e-6,
    seconds: float = 60.0,
    seed: int = 0,
) -> RiskPlan:
    """Make the plan whose worst share of the scenarios is the best on average.

    maximize CVaR = maximize eta - (1 / (share x S)) x sum over s of max(0, eta - V_s(x))

    with V_s(x) what the plan saves in scenario s of S, and eta free.

    Where scenarios x possible starts are at most 200,000, or without the extra ``plan``, this is
    one mixed-integer program. Else it is searched: CVaR is the least of the means with weights
    of at most 1 / (share x S) a scenario that add up to 1, so that a bound on the weighed mean
    at any such weights holds for the CVaR of every plan. Prices and weights are lowered
    together, and the search lets the weights follow the plan. The bound can stay above the best
    CVaR by what single plans fall short of mixtures of plans.

    Parameters
    ----------
    scenarios
        What may come, with the instance.
    share
        The worst share of the scenarios: above 0, up to 1 (then it is their mean).
    gap, seconds, seed
        As in `make_plan`.

    Raises
    ------
    PlanError
        An argument is out of range.
    PlanInfeasible
        No plan keeps the limits.
    SolverError
        The solver came to no usable answer.

    References
    ----------
    Rockafellar, R. T., and Uryasev, S. (2000). Optimization of conditional value-at-risk.
    Journal of Risk 2(3), 21-41. For the weights: Artzner, P., Delbaen, F., Eber, J.-M., and
    Heath, D. (1999). Coherent measures of risk. Mathematical Finance 9(3), 203-228.

    Examples
    --------
    Illustrative figures. The pump saves 9 or nothing; the valve 4 in both scenarios.

    >>> from onshore.plan.risk import Scenarios
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M1", "M2"], "resource": ["M1", "M2"],
    ...     "tooling_cost": [3.0, 3.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [9.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> scenarios = Scenarios(
    ...     Instance(
    ...         candidates,
    ...         pl.DataFrame({"resource": ["M1", "M2"], "year": [0, 0], "amount": [1.0, 1.0]}),
    ...         pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ...     ),
    ...     rates=pl.DataFrame({"scenario": [0, 1], "factor": [1.0, 1.0]}),
    ...     demand=pl.DataFrame(schema={"item": str, "factor": pl.Array(float, 2)}),
    ...     outcomes=pl.DataFrame({
    ...         "item": ["pump"], "maker": ["M1"], "resource": ["M1"], "years_late": [[0, -1]],
    ...     }),
    ... )
    >>> cvar_plan(scenarios, share=1.0).starts["item"].to_list()
    ['pump']
    >>> plan = cvar_plan(scenarios, share=0.5)
    >>> plan.starts["item"].to_list(), round(plan.objective, 6)
    (['valve'], 4.0)
    """
    begun = _checked(gap, seconds)
    require_share(share)
    instance = scenarios.instance
    starts = possible_starts(instance)
    laid = laid_out(starts, scenarios)
    found, whole = worst_scenarios(
        instance, starts, laid, share, gap=gap, seconds=seconds, seed=seed
    )
    of_plan = laid_out(starts[found.chosen], scenarios).values(slice(None)).sum(axis=1)
    objective = mean_of_worst(of_plan, share) - costs_of(found.chosen, starts, instance)
    said = "branch and cut" if whole else "the weighed mean of scenarios, at the best weights tried"
    said = f"{said}: no plan has a higher CVaR over these scenarios"
    return _plan("CVaR", instance, starts, found, objective, whole, said, begun)


def _checked(gap: float, seconds: float) -> float:
    if not gap >= 0:
        raise PlanError(f"gap: {gap} is not a share of 0 or more; give 0.01 for one per cent")
    if not seconds > 0:
        raise PlanError(f"seconds: {seconds} is not above 0; give the time the solver may take")
    return time.perf_counter()


def _plan(
    measure: str,
    instance: Instance,
    starts: pl.DataFrame,
    found: Weighed,
    objective: float,
    whole: bool,
    bound_is: str,
    begun: float,
) -> RiskPlan:
    bound = max(found.bound, objective)
    above = bound - objective
    gap = above / objective if objective > 0 else (0.0 if above == 0 else math.inf)
    status = found.stopped
    if status == "proved":
        status = "optimal" if gap <= 1e-6 else "within the gap"
        if not len(found.chosen) and not starts.is_empty():
            status = "only the empty plan"
    return RiskPlan(
        starts=with_cost_effect(starts[np.sort(found.chosen)], instance).select(_SHOWN),
        objective=objective,
        bound=bound,
        gap=gap,
        status=status,
        method="whole" if whole else "priced apart",
        seconds=time.perf_counter() - begun,
        measure=measure,
        bound_is=bound_is,
    )
