"""Two plans beside each other, and a plan that keeps what is decided already."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.making import Plan, Progress, make_plan

_OF_START = ["maker", "resource", "start_year", "tooling_cost", "value"]
_DECISION = ["item", "maker", "resource", "start_year"]
_CHANGES = ["same", "other year", "other resource", "other maker", "added", "dropped"]


def compare_plans(one: Plan, other: Plan) -> pl.DataFrame:
    """Set two plans beside each other, item by item.

    The starts of an item are paired by their maker first, then in order of value: a start
    without a partner was added or dropped.

    Parameters
    ----------
    one, other
        Two plans over the same items; they may be of instances with other limits.

    Returns
    -------
    DataFrame
        One row per pair of starts, in order of item: ``item`` (str); ``change`` (str: ``same``,
        ``other year``, ``other resource`` (the same maker), ``other maker``, ``added`` (only in
        ``other``), ``dropped`` (only in ``one``)); ``maker``, ``resource`` (str), ``start_year``
        (int, counted from 0), ``tooling_cost``, ``value`` (float, money) of the start in ``one``;
        the same with the ending ``_other`` of that in ``other``; both null where there is none;
        ``value_difference`` and ``cost_difference`` (float, money, other less one; what is absent
        counts 0).

    Examples
    --------
    >>> def plan(rows):
    ...     names = ["item", "maker", "resource", "start_year", "tooling_cost", "value"]
    ...     return Plan(pl.DataFrame(rows, schema=names, orient="row"), 0.0, 0.0, 0.0, "drawn")
    >>> one = plan([("pump", "M1", "M1", 0, 3.0, 9.0), ("seal", "M1", "M1", 0, 1.0, 2.0)])
    >>> other = plan([("pump", "M2", "M2", 0, 2.0, 8.0)])
    >>> compare_plans(one, other).select("item", "change", "value_difference").rows()
    [('pump', 'other maker', -1.0), ('seal', 'dropped', -2.0)]
    """
    ours, theirs = _starts(one), _starts(other)
    paired = ours.join(theirs, on=["item", "maker"], suffix="_other").with_columns(
        maker_other="maker"
    )
    left, new = (
        _in_order_of_value(starts.join(paired, on=["item", "maker"], how="anti"))
        for starts in (ours, theirs)
    )
    unpaired = left.join(new, on=["item", "place"], how="full", suffix="_other", coalesce=True)
    columns = ["item", *_OF_START, *(f"{name}_other" for name in _OF_START)]
    pairs = pl.concat([paired.select(columns), unpaired.select(columns)])
    return (
        pairs.with_columns(
            value_difference=_less("value"), cost_difference=_less("tooling_cost"), change=_change()
        )
        .select(
            "item",
            "change",
            *_OF_START,
            *columns[len(_OF_START) + 1 :],
            "value_difference",
            "cost_difference",
        )
        .sort("item", pl.coalesce("maker", "maker_other"), "maker_other")
    )


def change_totals(compared: pl.DataFrame) -> pl.DataFrame:
    """Add up a comparison by kind of change.

    Parameters
    ----------
    compared
        What `compare_plans` gives.

    Returns
    -------
    DataFrame
        One row per kind of change, those without starts too, and a last row ``all``: ``change``
        (str), ``starts`` (int), ``value``, ``value_other``, ``value_difference``,
        ``tooling_cost``, ``tooling_cost_other``, ``cost_difference`` (float, money).

    Examples
    --------
    >>> starts = pl.DataFrame({
    ...     "item": ["pump"], "maker": ["M1"], "resource": ["M1"], "start_year": [0],
    ...     "tooling_cost": [3.0], "value": [9.0],
    ... })
    >>> one = Plan(starts, 9.0, 9.0, 0.0, "optimal")
    >>> other = Plan(starts.clear(), 0.0, 0.0, 0.0, "optimal")
    >>> totals = change_totals(compare_plans(one, other))
    >>> totals.filter(change="all").select("starts", "value", "value_difference").row(0)
    (1, 9.0, -9.0)
    """
    money = [f"{name}{end}" for name in ("value", "tooling_cost") for end in ("", "_other")]
    sums = [*money, "value_difference", "cost_difference"]
    kinds = pl.DataFrame({"change": _CHANGES})
    by_kind = compared.group_by("change").agg(
        pl.len().cast(pl.Int64).alias("starts"), pl.col(sums).sum()
    )
    totals = kinds.join(by_kind, on="change", how="left", maintain_order="left").fill_null(0)
    whole = totals.sum().with_columns(change=pl.lit("all"))
    return pl.concat([totals, whole]).select(
        "change",
        "starts",
        *money[:2],
        "value_difference",
        *money[2:],
        "cost_difference",
    )


def extend_plan(
    instance: Instance,
    kept_starts: pl.DataFrame,
    *,
    gap: float = 1e-6,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Plan:
    """Keep the starts that are decided already and plan the rest around them.

    Parameters
    ----------
    instance
        What may be chosen, under which limits. The decisions take their part of each limit, and
        count for the floors; those that the instance has already (``fixed``) stay.
    kept_starts
        The decisions: ``item``, ``maker``, ``resource`` (str), ``start_year`` (int, counted from
        0); other columns are not read, so that the ``starts`` of a plan can be given.
    gap, seconds, seed, progress
        As for `make_plan`.

    Returns
    -------
    Plan
        The decisions and what is planned beside them; objective and bound are of both together.

    Raises
    ------
    PlanInfeasible
        The decisions break a limit, alone or with what is required.
    PlanError
        A decision is not known to the instance, or an item or maker is decided too often.

    Examples
    --------
    The pump is worth more, but the valve is decided and leaves no hours for it.

    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M", "M"], "resource": ["M", "M"],
    ...     "tooling_cost": [3.0, 2.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [5.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M"], "year": [0], "amount": [1.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [9.0], "discount": [1.0]}),
    ... )
    >>> make_plan(instance).starts["item"].to_list()
    ['pump']
    >>> kept = pl.DataFrame({
    ...     "item": ["valve"], "maker": ["M"], "resource": ["M"], "start_year": [0],
    ... })
    >>> extend_plan(instance, kept).starts["item"].to_list()
    ['valve']
    """
    decided = kept_starts.select(
        *(pl.col(name).cast(pl.String) for name in _DECISION[:3]),
        pl.col("start_year").cast(pl.Int64),
    )
    if instance.fixed is not None:
        decided = pl.concat([instance.fixed.select(_DECISION), decided]).unique(maintain_order=True)
    fixed = replace(instance, fixed=decided)
    return make_plan(fixed, gap=gap, seconds=seconds, seed=seed, progress=progress)


def _starts(plan: Plan) -> pl.DataFrame:
    return plan.starts.select("item", *_OF_START)


def _in_order_of_value(starts: pl.DataFrame) -> pl.DataFrame:
    ordered = starts.sort("item", "value", "maker", descending=[False, True, False])
    return ordered.with_columns(place=pl.int_range(pl.len()).over("item"))


def _less(name: str) -> pl.Expr:
    return pl.col(f"{name}_other").fill_null(0.0) - pl.col(name).fill_null(0.0)


def _change() -> pl.Expr:
    return (
        pl.when(pl.col("maker").is_null())
        .then(pl.lit("added"))
        .when(pl.col("maker_other").is_null())
        .then(pl.lit("dropped"))
        .when(pl.col("maker") != pl.col("maker_other"))
        .then(pl.lit("other maker"))
        .when(pl.col("resource") != pl.col("resource_other"))
        .then(pl.lit("other resource"))
        .when(pl.col("start_year") != pl.col("start_year_other"))
        .then(pl.lit("other year"))
        .otherwise(pl.lit("same"))
    )
