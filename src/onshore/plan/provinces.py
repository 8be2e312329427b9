"""Which provinces a programme opens in its next phase."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.plan.columns import broken
from onshore.plan.errors import PlanError
from onshore.plan.selection import Limits, Selection, bounds_of, choose
from onshore.plan.sheets import negative, read_sheet, refuse, twice, unknown

_PROVINCES = {"province": pl.String, "benefit": pl.Float64, "cost": pl.Float64}


def choose_provinces(
    provinces: pl.DataFrame,
    budget: float,
    *,
    most: int | None = None,
    coverage: pl.DataFrame | None = None,
    floors: pl.DataFrame | None = None,
    needs: pl.DataFrame | None = None,
    opened: Sequence[str] = (),
    gap: float = 1e-6,
    seconds: float = 60.0,
) -> Selection:
    """Choose the provinces whose opening brings most within a budget.

    maximize the sum of ``benefit`` of the chosen provinces, where their costs are at most the
    budget, they are at most ``most``, what they cover adds up to each floor, and none is chosen
    without those it needs. Solved by HiGHS, with a proven bound.

    Parameters
    ----------
    provinces
        ``province`` (str, the key), ``benefit`` (float >= 0), ``cost`` (float >= 0, money).
    budget
        Money, in the unit of ``cost``: 0 or more.
    most
        How many provinces at most; None: as many as the budget pays for.
    coverage
        ``province``, ``what`` (str: a zone, a border, a field of industry ...), ``amount``
        (float >= 0: 1 for each province of a zone, or people, firms, needs).
    floors
        ``what``, ``least`` (float >= 0, in the unit of its amounts).
    needs
        ``province``, ``needs``: the first is opened only with the second, or after it.
    opened
        Provinces that are open already: what they cover counts, they cost nothing, and their
        needs are met. Their rows in ``provinces``, if any, are not chosen again.
    gap, seconds
        As in `make_plan`.

    Returns
    -------
    Selection
        ``chosen``: the rows of ``provinces``, the highest benefit first; ``limits`` of the kinds
        ``budget``, ``provinces``, ``coverage``, the last after what is covered already.

    Raises
    ------
    PlanError
        A row cannot be used (all such are named), or no choice keeps all limits (those missed
        by the nearest choice are named).
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    Illustrative figures. South must be covered, and Kerman opens only with Yazd.

    >>> provinces = pl.DataFrame({
    ...     "province": ["Alborz", "Kerman", "Yazd", "Fars"], "benefit": [12.0, 8.0, 3.0, 4.0],
    ...     "cost": [5.0, 3.0, 2.0, 4.0],
    ... })
    >>> south = pl.DataFrame({
    ...     "province": ["Kerman", "Fars"], "what": ["south"] * 2, "amount": [1, 1],
    ... })
    >>> found = choose_provinces(
    ...     provinces, 9.0, coverage=south,
    ...     floors=pl.DataFrame({"what": ["south"], "least": [1]}),
    ...     needs=pl.DataFrame({"province": ["Kerman"], "needs": ["Yazd"]}),
    ... )
    >>> found.chosen["province"].to_list(), found.objective
    (['Alborz', 'Fars'], 16.0)
    """
    if not 0 <= budget < float("inf"):
        raise PlanError(f"budget: {budget} is not an amount of 0 or more")
    if most is not None and most < 0:
        raise PlanError(f"most: {most} is negative; give how many provinces may open")
    given = read_sheet("provinces", provinces, _PROVINCES)
    refuse([broken("provinces", given, [*negative("benefit", "cost"), twice("province")])])
    known = pl.concat([given["province"], pl.Series(opened, dtype=pl.String)])
    table = given.filter(~pl.col("province").is_in(list(opened)))
    rows = table.with_row_index("row")
    limits = [
        Limits(
            "budget",
            rows.select("row", name=pl.lit("budget"), amount="cost"),
            bounds_of(pl.Series(["budget"]), most=float(budget)),
        )
    ]
    if most is not None:
        counted = rows.select("row", name=pl.lit("provinces"), amount=pl.lit(1.0))
        limits.append(
            Limits("provinces", counted, bounds_of(pl.Series(["provinces"]), most=float(most)))
        )
    if floors is not None:
        limits.append(_coverage(coverage, floors, rows, known, opened))
    if needs is not None:
        limits.append(_needs(needs, rows, known, opened))
    found = choose(table, table["benefit"].to_numpy(), limits, gap=gap, seconds=seconds)
    return found.sorted_by("benefit", "province")


def _coverage(
    coverage: pl.DataFrame | None,
    floors: pl.DataFrame,
    rows: pl.DataFrame,
    known: pl.Series,
    opened: Sequence[str],
) -> Limits:
    if coverage is None:
        raise PlanError("floors: there is no table coverage that says which province counts")
    kinds = {"province": pl.String, "what": pl.String, "amount": pl.Float64}
    covers = read_sheet("coverage", coverage, kinds)
    least = read_sheet("floors", floors, {"what": pl.String, "least": pl.Float64})
    of_coverage = [unknown("province", known, "provinces"), *negative("amount")]
    refuse(
        [
            broken("coverage", covers, [*of_coverage, twice("province", "what")]),
            broken("floors", least, [*negative("least"), twice("what")]),
        ]
    )
    already = (
        covers.filter(pl.col("province").is_in(list(opened)))
        .group_by("what")
        .agg(already=pl.col("amount").sum())
    )
    left = least.join(already, on="what", how="left", maintain_order="left").with_columns(
        least=(pl.col("least") - pl.col("already").fill_null(0.0)).clip(0.0)
    )
    return Limits(
        "coverage",
        covers.join(rows.select("province", "row"), on="province").select(
            "row", "amount", name="what"
        ),
        bounds_of(left["what"], least=left["least"]),
    )


def _needs(
    needs: pl.DataFrame, rows: pl.DataFrame, known: pl.Series, opened: Sequence[str]
) -> Limits:
    read = read_sheet("needs", needs, {"province": pl.String, "needs": pl.String})
    rules = [
        unknown("province", known, "provinces"),
        unknown("needs", known, "provinces"),
        ("needs", pl.col("province") == pl.col("needs"), "the province needs itself"),
    ]
    refuse([broken("needs", read, rules)])
    done = list(opened)
    left = read.unique(maintain_order=True).filter(
        ~pl.col("province").is_in(done), ~pl.col("needs").is_in(done)
    )
    named = left.with_columns(name=pl.format("{} needs {}", "province", "needs"))
    parts = [
        named.select("name", province=column)
        .join(rows, on="province")
        .select("name", "row", amount=pl.lit(amount))
        for column, amount in (("province", 1.0), ("needs", -1.0))
    ]
    return Limits("need", pl.concat(parts), bounds_of(named["name"], most=0.0), shown=False)
