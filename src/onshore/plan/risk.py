"""What may go wrong with the starts of a plan, drawn as scenarios, and how a plan fares in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.plan.columns import broken
from onshore.plan.errors import PlanError
from onshore.plan.instance import Instance
from onshore.plan.making import Plan
from onshore.plan.outcomes import CANDIDATE, FAILED, Laid, discounts_to_come, mean_of_worst
from onshore.plan.rows import Floats
from onshore.plan.scenario_arrays import arrays_of, matrix_of, read_by_scenario
from onshore.plan.sheets import negative, read_sheet, refuse, twice
from onshore.plan.starts import opening_costs

_RISKS: dict[str, type[pl.DataType]] = {
    "item": pl.String,
    "maker": pl.String,
    "resource": pl.String,
    "probability": pl.Float64,
    "delay_years": pl.Int64,
    "probability_late": pl.Float64,
}
_LATEST = 100


@dataclass(frozen=True, eq=False)
class Scenarios:
    """What may come, equally likely each, counted from 0.

    In scenario s a start saves factor of s x factor of its item in s x share x annual_saving in
    each year from its first production (late by its years in s) to the end of the horizon,
    discounted; nothing if its candidate does not qualify in s. Tooling and openings are paid all
    the same, and capacity is kept free from the planned first production on.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    rates
        ``scenario`` (int, 0, 1, 2 ...), ``factor`` (float >= 0: what a unit of saving is worth,
        against the instance's).
    demand
        ``item`` (str), ``factor`` (Array of float >= 0, one a scenario: the need, against the
        instance's). An item that is not there has its planned need.
    outcomes
        ``item``, ``maker``, ``resource`` (str), ``years_late`` (Array of int, one a scenario: -1
        if the candidate does not qualify, else how many years it is late). A candidate that is
        not there qualifies in time.

    Raises
    ------
    PlanError
        A column is missing, an array has not one entry a scenario, a key occurs twice or is not
        the instance's, a factor is negative or no number.
    """

    instance: Instance
    rates: pl.DataFrame
    demand: pl.DataFrame
    outcomes: pl.DataFrame

    def __post_init__(self) -> None:
        kinds: dict[str, type[pl.DataType]] = {"scenario": pl.Int64, "factor": pl.Float64}
        rates = read_sheet("rates", self.rates, kinds)
        in_order = pl.col("scenario") != pl.int_range(pl.len())
        not_counted = ("scenario", in_order, "scenarios are counted 0, 1, 2 ... in order")
        refuse([broken("rates", rates, [*negative("factor"), not_counted])])
        if rates.is_empty():
            raise PlanError("rates: no rows; give one row for each scenario")
        object.__setattr__(self, "rates", rates)
        for table, key, column in (
            ("demand", ["item"], "factor"),
            ("outcomes", CANDIDATE, "years_late"),
        ):
            kind = pl.Float64 if table == "demand" else pl.Int16
            frame = read_by_scenario(getattr(self, table), table, key, column, rates.height, kind)
            outside = frame.join(self.instance.candidates, on=key, how="anti")
            if not outside.is_empty():
                row = ", ".join(outside.select(key).row(0))
                raise PlanError(f"{table}: {row} is not in the table candidates; leave it out")
            object.__setattr__(self, table, frame)

    @property
    def count(self) -> int:
        """How many scenarios there are."""
        return self.rates.height


def draw_scenarios(
    instance: Instance,
    risks: pl.DataFrame | None = None,
    *,
    count: int = 200,
    seed: int,
    demand_sd: float = 0.0,
    rate_sd: float = 0.0,
    more_is_served: bool = True,
) -> Scenarios:
    """Draw scenarios of demand, rates and qualification.

    All draws are independent: one rate a scenario, one demand an item and scenario (both
    log-normal with mean 1), one qualification and one delay a candidate and scenario.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    risks
        One row per candidate at risk: ``item``, ``maker``, ``resource`` (str),
        ``probability`` (0 to 1, that the candidate qualifies), ``delay_years`` (whole years, if
        it is late), ``probability_late`` (0 to 1, that one which qualifies is late). A candidate
        that is not there qualifies in time. None: no candidate is at risk.
    count
        How many scenarios, 1 or more.
    seed
        Draws the scenarios; the same seed draws the same.
    demand_sd, rate_sd
        Standard deviation of each item's need and of the rate, as a share of what was planned.
    more_is_served
        Whether a need above the planned one saves more. False: demand counts 1 at most, as
        where no hours are left.

    Raises
    ------
    PlanError
        A row of ``risks`` cannot be used (all such are named), or an argument is out of range.

    Examples
    --------
    Illustrative figures.

    >>> candidates = pl.DataFrame({
    ...     "item": ["pump"], "maker": ["M"], "resource": ["M"], "tooling_cost": [3.0],
    ...     "lead_years": [0], "use_per_year": [1.0], "annual_saving": [5.0], "opens": [0],
    ...     "share": [1.0], "max_makers": [1],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M"], "year": [0], "amount": [1.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ... )
    >>> risks = pl.DataFrame({
    ...     "item": ["pump"], "maker": ["M"], "resource": ["M"], "probability": [0.5],
    ...     "delay_years": [0], "probability_late": [0.0],
    ... })
    >>> drawn = draw_scenarios(instance, risks, count=6, seed=1)
    >>> sorted(set(drawn.outcomes["years_late"].item()))
    [-1, 0]
    """
    if count < 1:
        raise PlanError(f"count: {count} is not 1 or more; give the number of scenarios")
    for name, spread in (("demand_sd", demand_sd), ("rate_sd", rate_sd)):
        if not 0 <= spread < np.inf:
            raise PlanError(f"{name}: {spread} is not 0 or more; give 0.2 for a fifth")
    known = read_risks(instance, risks).sort(CANDIDATE)
    of_rate, of_demand, of_qualifying, of_delay = (
        np.random.default_rng(stream) for stream in np.random.SeedSequence(seed).spawn(4)
    )
    items = instance.candidates["item"].unique().sort()
    demand = _around_one(of_demand, (len(items) if demand_sd else 0, count), demand_sd)
    if not more_is_served:
        demand = np.minimum(demand, 1.0)
    shape = (known.height, count)
    late = of_delay.random(shape) < known["probability_late"].to_numpy()[:, None]
    years = np.where(late, known["delay_years"].to_numpy()[:, None], 0)
    qualifies = of_qualifying.random(shape) < known["probability"].to_numpy()[:, None]
    return Scenarios(
        instance,
        pl.DataFrame(
            {"scenario": np.arange(count), "factor": _around_one(of_rate, count, rate_sd)}
        ),
        pl.DataFrame({"item": items[: len(demand)], "factor": arrays_of(demand, pl.Float64)}),
        known.select(CANDIDATE).with_columns(
            years_late=arrays_of(np.where(qualifies, years, FAILED), pl.Int16)
        ),
    )


def evaluate_plan(
    plan: Plan, scenarios: Scenarios, *, share: float = 0.05, target: float | None = None
) -> pl.DataFrame:
    """Tell how a plan fares over the scenarios.

    Parameters
    ----------
    plan
        A plan of the scenarios' instance.
    scenarios
        What may come.
    share
        The worst share of the scenarios that ``cvar`` is the mean of: above 0, up to 1.
    target
        What the plan is wanted to save, in money.

    Returns
    -------
    DataFrame
        One row, money of year 0 as floats: ``planned`` (if all goes as planned), ``mean``,
        ``standard_deviation`` (over the scenarios, which are all there is), ``worst``, ``best``,
        ``value_at_risk`` (the best value within the worst share), ``cvar`` (the mean of the
        worst share; where the share ends within a scenario, that one counts in part),
        ``share``; ``target`` and ``probability_of_target`` (share of the scenarios that reach
        it; null without a target), ``scenarios`` (int). All are after the costs of openings.

    Raises
    ------
    PlanError
        ``share`` is out of range, or the plan has a start that the instance does not know.

    References
    ----------
    Rockafellar, R. T., and Uryasev, S. (2000). Optimization of conditional value-at-risk.
    Journal of Risk 2(3), 21-41.
    """
    require_share(share)
    values = scenario_values(plan, scenarios)["value"].to_numpy()
    # Means of equal scenarios differ in their last digit; a target met in full is met.
    reached = None if target is None else float((values >= target - 1e-9 * abs(target)).mean())
    rank = min(int(np.ceil(share * len(values) - 1e-9)), len(values))
    paid = float(
        opening_costs(rows_of_plan(plan, scenarios.instance), scenarios.instance)["cost"].sum()
    )
    row = {
        "planned": float(plan.starts["value"].sum()) - paid,
        "mean": float(values.mean()),
        "standard_deviation": float(values.std()),
        "worst": float(values.min()),
        "best": float(values.max()),
        "value_at_risk": float(np.sort(values)[rank - 1]),
        "cvar": mean_of_worst(values, share),
        "share": share,
        "target": target,
        "probability_of_target": reached,
    }
    kinds = dict.fromkeys(row, pl.Float64)
    return pl.DataFrame([row], schema=kinds).with_columns(scenarios=pl.lit(scenarios.count))


def scenario_values(plan: Plan, scenarios: Scenarios) -> pl.DataFrame:
    """Tell what a plan saves in each scenario.

    Returns
    -------
    DataFrame
        ``scenario`` (int), ``value`` (float, money of year 0, discounted, after the costs of
        openings).

    Raises
    ------
    PlanError
        The plan has a start that the instance does not know.
    """
    rows = rows_of_plan(plan, scenarios.instance)
    values = laid_out(rows, scenarios).values(slice(None)).sum(axis=1)
    paid = float(opening_costs(rows, scenarios.instance)["cost"].sum())
    return scenarios.rates.select("scenario", value=pl.Series(values - paid))


def risks_of(instance: Instance, *, probability_late: float) -> pl.DataFrame:
    """Make the table of risks from what the candidates themselves say.

    Parameters
    ----------
    instance
        Its candidates' ``probability`` (else 1) and ``delay_years`` (else 0) are taken.
    probability_late
        That a candidate with a delay has it: 0 to 1.

    Returns
    -------
    DataFrame
        As ``risks`` in `draw_scenarios`, of the candidates that something may go wrong with.

    Raises
    ------
    PlanError
        ``probability_late`` is out of range.
    """
    if not 0 <= probability_late <= 1:
        raise PlanError(f"probability_late: {probability_late} is not between 0 and 1")
    late = pl.when(pl.col("delay_years") > 0).then(probability_late).otherwise(0.0)
    return instance.candidates.select(
        *CANDIDATE, "probability", "delay_years", probability_late=late
    ).filter((pl.col("probability") < 1) | (pl.col("probability_late") > 0))


def read_risks(instance: Instance, risks: pl.DataFrame | None) -> pl.DataFrame:
    """Read the table of risks; every bad row is named."""
    if risks is None:
        return pl.DataFrame(schema=_RISKS)
    read = read_sheet("risks", risks, _RISKS)
    known = instance.candidates.select(CANDIDATE).with_columns(known=pl.lit(True))
    read = read.join(known, on=CANDIDATE, how="left", maintain_order="left")
    chances = [
        (name, ~pl.col(name).is_between(0, 1), "it is not between 0 and 1")
        for name in ("probability", "probability_late")
    ]
    delay = pl.col("delay_years")
    reason = "the item, maker and resource are not a row of the table candidates"
    rules = [
        *chances,
        ("delay_years", ~delay.is_between(0, _LATEST), f"it is not between 0 and {_LATEST} years"),
        ("item", pl.col("known").is_null(), reason),
        twice(*CANDIDATE),
    ]
    refuse([broken("risks", read, rules)])
    return read.drop("known")


def rows_of_plan(plan: Plan, instance: Instance) -> pl.DataFrame:
    """Give the plan's starts the columns of their candidates, and numbers."""
    shown = plan.starts.select(*CANDIDATE, "start_year", "first_production_year", "value")
    of_candidate = instance.candidates.drop("tooling_cost").with_columns(known=pl.lit(True))
    rows = shown.join(of_candidate, on=CANDIDATE, how="left", maintain_order="left").join(
        instance.candidates.select(*CANDIDATE, "tooling_cost"),
        on=CANDIDATE,
        how="left",
        maintain_order="left",
    )
    strange = rows.filter(pl.col("known").is_null())
    if not strange.is_empty():
        start = ", ".join(str(part) for part in strange.select(*CANDIDATE, "start_year").row(0))
        raise PlanError(f"the plan's start ({start}) is not possible in this instance")
    use = pl.col("share") * pl.col("use_per_year")
    return rows.drop("known").with_columns(use=use).with_row_index("start")


def laid_out(starts: pl.DataFrame, scenarios: Scenarios) -> Laid:
    """Set the starts beside the scenarios, as arrays."""
    items = scenarios.demand.select("item").with_row_index("demand_at")
    outcomes = scenarios.outcomes.select(CANDIDATE).with_row_index("outcome_at")
    placed = (
        starts.join(items, on="item", how="left", maintain_order="left")
        .join(outcomes, on=CANDIDATE, how="left", maintain_order="left")
        .with_columns(pl.col("demand_at", "outcome_at").cast(pl.Int64).fill_null(-1))
    )
    return Laid(
        yearly=(placed["share"] * placed["annual_saving"]).to_numpy(),
        first=placed["first_production_year"].to_numpy(),
        demand_at=placed["demand_at"].to_numpy(),
        outcome_at=placed["outcome_at"].to_numpy(),
        rate=scenarios.rates["factor"].to_numpy(),
        demand=matrix_of(scenarios.demand["factor"], scenarios.count),
        late=matrix_of(scenarios.outcomes["years_late"], scenarios.count),
        to_come=discounts_to_come(scenarios.instance),
    )


def require_share(share: float) -> None:
    """Refuse a worst share that is none."""
    if not 0 < share <= 1:
        raise PlanError(f"share: {share} is not above 0 and up to 1; give 0.05 for the worst 5 %")


def _around_one(random: np.random.Generator, shape: int | tuple[int, int], sd: float) -> Floats:
    """Draw log-normal factors of mean 1."""
    spread = np.sqrt(np.log1p(sd * sd))
    factors: Floats = np.exp(spread * random.standard_normal(shape) - spread * spread / 2)
    return factors
