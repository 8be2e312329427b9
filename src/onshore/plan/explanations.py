"""Why each item is in the plan or not, and who would be next."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.plan.absent_items import absent, impossible
from onshore.plan.duals import Duals, find_duals
from onshore.plan.explanation_sentences import with_sentences
from onshore.plan.fitting import Fitting
from onshore.plan.instance import TOLERANCE, Instance
from onshore.plan.making import Plan
from onshore.plan.standing import COLUMNS, Standing, best_of
from onshore.plan.starts import with_cost_effect

_START = ["item", "maker", "resource", "start_year"]


def explain_plan(
    instance: Instance,
    plan: Plan,
    *,
    items: pl.Series | None = None,
    duals: Duals | None = None,
    first_year: int = 0,
    unit: tuple[str, str] = ("", ""),
    left_out: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell of each item why it is in the plan or not, and what would be next best.

    Two things are told apart. Whether a start would *fit* is tried on the plan itself: it is
    added, or put in the place of the item's own start, and each limit is looked at. What a start
    takes is *worth to others* by the prices of the linear relaxation (see `prices`): these say
    why the plan has better use for the limits, but are no proof for a single start.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    plan
        A plan of this instance.
    items
        All items that were to be planned (str); those without candidates are told of too.
    duals
        Those of the instance, where they were found already (see `find_duals`).
    first_year
        What year 0 is called in the sentences, for example 1405.
    unit
        The name of the unit of money in the sentences, in English and in Persian.
    left_out
        Candidates that are not in the instance: ``item`` and ``reason`` (str, in words).

    Returns
    -------
    DataFrame
        One row per start of the plan and one per item without any, in order of item:

        - ``item`` (str), ``in_plan`` (bool), ``maker``, ``resource`` (str), ``start_year`` (int,
          counted from 0), ``value`` (float, money) of the start, null outside the plan;
          ``cost_effect_value`` (float, money, beside it and never added; null where not known);
        - ``reason`` (str). In the plan: ``best`` (no start of the item is worth more,
          less what it would open),
          ``limited`` (one is, but breaks a limit), ``improvable`` (one is and would fit),
          ``decided``. Not in the plan: ``no_candidate``, ``left_out`` (it had some, but none
          that could be valued; ``why`` gives the commonest reason), ``saves_nothing``,
          ``lead_too_long``, ``opens_late``, ``no_budget`` (no year's pays for it), ``too_large``
          (for the capacity of any maker); ``worth_less_capacity``, ``worth_less_budget`` (it saves
          no more than what it takes is worth to others, and a limit of this kind keeps it out),
          ``worth_less_floors`` (so only for what the floors ask of other groups),
          ``capacity_taken``, ``budget_taken`` (it is worth more, but does not fit in whole);
          ``floor``, ``excluded``, ``together``, ``opening`` (what must be opened costs more),
          ``would_fit`` (the search has missed it);
        - ``limit_kind``, ``limit_name``, ``limit_year``: the limit that decides, as in `limits`
          (of several broken the one with the greatest price); ``taken_by`` (list of str, the
          three items of the plan that use most of it);
        - ``price_of_budget``, ``price_of_capacity`` (float, money, what the start takes of them
          at the relaxation's prices), ``price_of_floors`` (what the floors add to its value, or
          take), ``left`` (value and floors less the prices): of the start in the plan, else of
          the next best; ``least_cost`` (float, money, the cheapest tooling of the item);
        - ``next_best_maker``, ``next_best_resource`` (str), ``next_best_year`` (int),
          ``next_best_value`` (float, money): of an item in the plan the most valuable start of a
          maker who is not making it that fits in the place of this start; if none fits, and of an
          item that is not in the plan, the start with most left at the prices;
          ``next_best_fits`` (bool), ``next_best_loss`` (float, money, value less
          next_best_value; null outside the plan);
        - ``sentence``, ``sentence_fa`` (str): the same in words.

    Raises
    ------
    PlanError
        The plan has a start that the instance does not know.
    SolverError
        The relaxation has no solution.

    Examples
    --------
    >>> from onshore.plan.making import make_plan
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
    >>> told = explain_plan(instance, make_plan(instance))
    >>> told.select("item", "reason", "limit_kind", "taken_by").rows()
    [('pump', 'best', None, None), ('valve', 'worth_less_capacity', 'capacity', ['pump'])]
    """
    standing = Standing.of(
        Fitting.of(plan, instance), duals or find_duals(instance, plan), instance
    )
    candidates = instance.candidates
    parts = [_planned(standing), absent(standing, instance), impossible(standing, instance)]
    if items is not None:
        known = candidates["item"].unique().implode()
        unknown = pl.DataFrame({"item": items.cast(pl.String).unique()}).filter(
            ~pl.col("item").is_in(known)
        )
        parts.append(_without_candidates(unknown, left_out))
    least = candidates.group_by("item").agg(least_cost=pl.col("tooling_cost").min())
    told = pl.concat([pl.DataFrame(schema=COLUMNS), *parts], how="diagonal_relaxed")
    told = told.drop("least_cost").join(least, on="item", how="left")
    fitting = standing.fitting
    effects = with_cost_effect(fitting.starts[fitting.chosen], instance).select(
        *_START, "cost_effect_value"
    )
    told = told.drop("cost_effect_value").join(effects, on=_START, how="left", nulls_equal=True)
    told = told.select(list(COLUMNS)).sort("item", "maker", "resource", nulls_last=True)
    return with_sentences(told, first_year, unit)


def _without_candidates(items: pl.DataFrame, left_out: pl.DataFrame | None) -> pl.DataFrame:
    """Tell of items without a candidate whether they had some that were left out, and why."""
    if left_out is None:
        why = pl.DataFrame(schema={"item": pl.String, "why": pl.String})
    else:
        counted = left_out.group_by("item", why="reason").len()
        why = counted.sort("item", "len", "why", descending=[False, True, False]).unique(
            "item", keep="first", maintain_order=True
        )
    reason = pl.when(pl.col("why").is_null()).then(pl.lit("no_candidate"))
    return items.join(why.select("item", "why"), on="item", how="left").with_columns(
        in_plan=False, reason=reason.otherwise(pl.lit("left_out"))
    )


def _planned(standing: Standing) -> pl.DataFrame:
    """Tell of each start of the plan why it is there, and who would be next."""
    fitting = standing.fitting
    chosen = pl.DataFrame({"at": fitting.chosen})
    numbers = pl.DataFrame(
        {
            "start": np.arange(fitting.starts.height),
            "item": fitting.of_item,
            "pair": fitting.of_pair,
            "value": fitting.value,
            "saved": fitting.value - standing.starts["opening"].to_numpy(),
        }
    )
    own = chosen.join(numbers, left_on="at", right_on="start", maintain_order="left")
    taken = own["pair"].implode()
    others = numbers.join(chosen, left_on="start", right_on="at", how="anti")
    # A start may take the place of its own pair's, or of any of its item's if its maker is new.
    moves = others.join(own, on="item", suffix="_own").filter(
        (pl.col("pair") == pl.col("pair_own")) | ~pl.col("pair").is_in(taken)
    )
    moves = standing.tried(moves.sort("at", "start"), replaced="at")
    tolerance = TOLERANCE * pl.col("value_own").abs()
    better = moves.filter(pl.col("saved") > pl.col("value_own") + tolerance)
    better = best_of(better, "at", ["fits", "value"]).select("at", "fits", "limit")
    elsewhere = moves.filter(pl.col("pair") != pl.col("pair_own"))
    # What does not fit as the plan stands could only take the place of others: by the prices.
    left = standing.starts["left"].gather(elsewhere["start"])
    elsewhere = elsewhere.with_columns(key=pl.when("fits").then("value").otherwise(left))
    following = best_of(elsewhere, "at", ["fits", "key"]).select("at", "start", "fits")
    decided = fitting.starts.select(at=pl.col("start").cast(pl.Int64), decided="fixed")
    reason = (
        pl.when("decided")
        .then(pl.lit("decided"))
        .when(pl.col("fits").is_null())
        .then(pl.lit("best"))
        .when("fits")
        .then(pl.lit("improvable"))
        .otherwise(pl.lit("limited"))
    )
    return (
        chosen.join(decided, on="at", how="left", maintain_order="left")
        .join(better, on="at", how="left", maintain_order="left")
        .with_columns(reason=reason)
        .with_columns(
            limit=pl.when(pl.col("reason") == "limited").then("limit"), in_plan=pl.lit(value=True)
        )
        .drop("fits")
        .join(following, on="at", how="left", maintain_order="left")
        .rename({"fits": "next_best_fits"})
        .join(standing.described("at"), on="at", how="left", maintain_order="left")
        .join(standing.next_best("start"), on="start", how="left", maintain_order="left")
        .join(standing.limits, on="limit", how="left", maintain_order="left")
        .with_columns(next_best_loss=pl.col("value") - pl.col("next_best_value"))
        .drop("at", "start", "limit", "decided")
    )
