"""What is left to plan once decisions already taken are set aside."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.plan.errors import PlanError
from onshore.plan.infeasible import PlanInfeasible, why_infeasible
from onshore.plan.instance import TOLERANCE, Instance
from onshore.plan.starts import groups_of, limits_of, opened_by, possible_starts, uses_of

_LIMIT = ["kind", "name", "year"]
_PAIR = ["item", "maker"]


def with_fixed(instance: Instance) -> tuple[Instance, pl.DataFrame]:
    """Set the decisions already taken aside: what is left to plan, and the starts that are kept.

    Budgets and capacities are less what the decisions use; an item has fewer makers left, and a
    decided pair may not be chosen again; what is opened already costs nothing more; an item that
    goes together with a decided one is required, and one that a decided item excludes has no
    candidates. Of a floor's amount the group's decided value is taken off (one that is reached
    is gone, also where an item has to be made at a loss); of its share stays ``owed`` =
    floor_share x the decided value - the group's decided value.

    A plan of what is left, with the kept starts, is a plan of the whole; its value and its bound
    are those of what is left, plus the value of the kept starts, less what these open.

    Parameters
    ----------
    instance
        With or without the table ``fixed``.

    Returns
    -------
    (Instance, DataFrame)
        The instance that is left, and the kept starts in the columns of
        `onshore.plan.starts.possible_starts`.

    Raises
    ------
    PlanInfeasible
        The decisions by themselves break limits: which, and the least change that mends it.
    PlanError
        An item that has to be made with a decided one has no candidate left, or a decided one
        excludes an item that is required.

    Examples
    --------
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M", "M"], "resource": ["M", "M"],
    ...     "tooling_cost": [3.0, 2.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [5.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> left, kept = with_fixed(Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M"], "year": [0], "amount": [9.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ...     fixed=pl.DataFrame({
    ...         "item": ["pump"], "maker": ["M"], "resource": ["M"], "start_year": [0],
    ...     }),
    ... ))
    >>> left.budgets["amount"].item(), left.candidates["item"].to_list(), left.is_plain
    (1.0, ['valve'], True)
    >>> kept["value"].to_list()
    [5.0]
    """
    alone = _decisions_alone(instance)
    kept = possible_starts(alone).filter("fixed")
    if instance.fixed is None:
        return instance, kept
    left = _limits_left(alone, kept)
    links, required, barred = _links_left(instance, kept)
    barred_decision = set(barred) & set(kept["item"])
    if kept.height < instance.fixed.height or left is None or barred_decision:
        raise PlanInfeasible(why_infeasible(alone))
    makers = kept.group_by("item").agg(taken=pl.len())
    candidates = (
        instance.candidates.join(kept, on=_PAIR, how="anti", maintain_order="left")
        .join(makers, on="item", how="left", maintain_order="left")
        .with_columns(
            max_makers=pl.col("max_makers") - pl.col("taken").fill_null(0),
            required=(pl.col("required") & pl.col("taken").is_null())
            | pl.col("item").is_in(required),
        )
        .filter(pl.col("max_makers") > 0, ~pl.col("item").is_in(barred))
        .drop("taken")
    )
    needed = instance.candidates.filter("required")["item"]
    ruled_out = sorted(set(needed) & set(barred))
    if ruled_out:
        raise PlanError(
            f"links: {ruled_out[0]} is required, and a decided item excludes it. "
            "Take the link, the decision or the requirement back."
        )
    lost = [item for item in required if item not in set(candidates["item"])]
    if lost:
        raise PlanError(
            f"links: {lost[0]} goes together with a decided item, and has no candidate left. "
            "Take the link or the decision back."
        )
    return (
        Instance(
            candidates,
            left.filter(kind="capacity").select("year", resource="name", amount="limit"),
            instance.budgets.drop("amount").join(
                left.filter(kind="budget").select("year", fund="name", amount="limit"),
                on=["year", "fund"],
                nulls_equal=True,
            ),
            _floors_left(instance, kept),
            _still_known(links, candidates),
            _openings_left(instance, kept, candidates),
        ),
        kept,
    )


def _decisions_alone(instance: Instance) -> Instance:
    # Only the rows that decisions are about, so that a large instance is not laid out twice.
    if instance.fixed is None:
        return Instance(instance.candidates.clear(), instance.capacity, instance.budgets)
    rows = instance.candidates.join(
        instance.fixed, on=[*_PAIR, "resource"], how="semi", maintain_order="left"
    ).with_columns(required=pl.lit(value=False))
    links = _still_known(instance.links, rows)
    return Instance(rows, instance.capacity, instance.budgets, None, links, None, instance.fixed)


def _limits_left(instance: Instance, kept: pl.DataFrame) -> pl.DataFrame | None:
    """Take what is kept off budgets and capacities; None where it is too much for one."""
    used = uses_of(kept, instance).group_by(_LIMIT).agg(used=pl.col("amount").sum())
    left = (
        limits_of(instance)
        .join(used, on=_LIMIT, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("used").fill_null(0.0))
    )
    if (left["used"] > left["limit"] * (1 + TOLERANCE)).any():
        return None
    return left.with_columns(limit=(pl.col("limit") - pl.col("used")).clip(0.0))


def _links_left(
    instance: Instance, kept: pl.DataFrame
) -> tuple[pl.DataFrame | None, list[str], list[str]]:
    """Split the links: those left, the items that decisions require, and those they bar."""
    if instance.links is None:
        return None, [], []
    decided = set(kept["item"])
    rows = instance.links.rows()
    together = [(a, b) for a, b, kind in rows if kind == "together"]
    excluded = [(a, b) for a, b, kind in rows if kind == "exclude" and decided & {a, b}]
    required = _reached(decided, together) - decided
    # Of a pair that is decided on both sides each bars the other.
    both = {item for pair in excluded if set(pair) <= decided for item in pair}
    ends = {item for pair in excluded for item in pair} - decided
    barred = (_reached(ends, together) - decided) | both
    served = pl.col("item").is_in(list(decided)) | pl.col("with_item").is_in(list(decided))
    return instance.links.filter(~served), sorted(required), sorted(barred)


def _reached(items: set[str], pairs: list[tuple[str, str]]) -> set[str]:
    """Follow the pairs from these items as far as they lead."""
    reached = set(items)
    while more := {item for pair in pairs if reached & set(pair) for item in pair} - reached:
        reached |= more
    return reached


def _floors_left(instance: Instance, kept: pl.DataFrame) -> pl.DataFrame | None:
    if instance.floors is None:
        return None
    own = groups_of(kept).group_by("group").agg(own=pl.col("value").sum())
    share = pl.col("floor_share")
    return (
        instance.floors.join(own, on="group", how="left", maintain_order="left")
        .with_columns(pl.col("own").fill_null(0.0))
        .with_columns(
            # A floor of nothing asks for nothing, whatever is decided.
            owed=pl.when((share > 0) | (pl.col("owed") != 0))
            .then(pl.col("owed") + share * kept["value"].sum() - pl.col("own"))
            .otherwise(0.0),
            floor_amount=pl.when(pl.col("floor_amount") > 0)
            .then((pl.col("floor_amount") - pl.col("own")).clip(0.0))
            .otherwise(0.0),
        )
        .drop("own")
    )


def _openings_left(
    instance: Instance, kept: pl.DataFrame, candidates: pl.DataFrame
) -> pl.DataFrame | None:
    if instance.openings is None:
        return None
    open_already = opened_by(kept, instance)["opening"].unique().to_numpy()
    closed = np.setdiff1d(np.arange(instance.openings.height), open_already)
    left: pl.DataFrame = instance.openings[closed.tolist()]
    groups = candidates["group"]
    known = {
        "resource": set(candidates["resource"]),
        "maker": set(candidates["maker"]),
        "group": set(groups.explode() if groups.dtype == pl.List else groups),
    }
    useful = [name in known[what] for what, name in left.select("what", "name").iter_rows()]
    return left.filter(pl.Series(useful, dtype=pl.Boolean))


def _still_known(links: pl.DataFrame | None, candidates: pl.DataFrame) -> pl.DataFrame | None:
    if links is None:
        return None
    items = candidates["item"].unique().implode()
    gone = links.filter(~pl.col("item").is_in(items) | ~pl.col("with_item").is_in(items))
    return links.join(gone, on=["item", "with_item", "kind"], how="anti", maintain_order="left")
