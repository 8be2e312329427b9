"""An instance of the planning problem: its tables, typed and checked on the way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

TOLERANCE = 1e-9
"""How far, as a share of itself, a limit may be passed: what binary floats need and no more."""

_Columns = dict[str, type[pl.DataType]]
_REQUIRED: dict[str, _Columns] = {
    "candidates": {
        "item": pl.String,
        "maker": pl.String,
        "resource": pl.String,
        "tooling_cost": pl.Float64,
        "lead_years": pl.Int64,
        "use_per_year": pl.Float64,
        "annual_saving": pl.Float64,
        "opens": pl.Int64,
        "share": pl.Float64,
        "max_makers": pl.Int64,
    },
    "capacity": {"resource": pl.String, "year": pl.Int64, "amount": pl.Float64},
    "budgets": {"year": pl.Int64, "amount": pl.Float64, "discount": pl.Float64},
    "floors": {"group": pl.String, "floor_share": pl.Float64},
}
_OPTIONAL: _Columns = {"needed_from": pl.Int64, "group": pl.String}
_PROBLEMS = {
    "table": pl.String,
    "row": pl.Int64,
    "column": pl.String,
    "reason": pl.String,
    "found": pl.String,
}
_SHOWN = 10


class PlanError(ValueError):
    """The input of a plan cannot be used; every bad row is named.

    Attributes
    ----------
    problems : DataFrame
        One row per problem: ``table``, ``row`` (counted from 1, the heading not
        counted), ``column``, ``reason``, ``found``. Empty where the error is not
        about a row.
    """

    def __init__(self, message: str, problems: pl.DataFrame | None = None) -> None:
        super().__init__(message)
        self.problems = pl.DataFrame(schema=_PROBLEMS) if problems is None else problems

    @classmethod
    def of_rows(cls, problems: pl.DataFrame) -> PlanError:
        """Word the error from the table of problems."""
        lines = [
            f"  {table}, row {row}, column {column}: {reason} (found: {found})"
            for table, row, column, reason, found in problems.head(_SHOWN).iter_rows()
        ]
        more = problems.height - _SHOWN
        if more > 0:
            lines.append(f"  and {more} more; all of them are in the error's table 'problems'")
        count = f"{problems.height} row{'s' if problems.height > 1 else ''}"
        return cls(f"{count} cannot be planned with:\n" + "\n".join(lines), problems)


@dataclass(frozen=True, eq=False)
class Instance:
    """What may be localized, by whom, under which limits.

    Years are counted from 0; the horizon is as long as ``budgets``. All money is in one
    currency and in the prices of year 0.

    Parameters
    ----------
    candidates
        One row per pair that may be chosen. ``item``, ``maker``, ``resource`` (str; the
        three together are the key), ``tooling_cost`` (float, money, paid once in the start
        year), ``lead_years`` (whole years from the start to the first production),
        ``use_per_year`` (float, of the resource, to supply the *whole* need of the item),
        ``annual_saving`` (float, money per year, by supplying the whole need; may be
        negative, and is then never planned), ``opens`` (first year in which it may start),
        ``share`` (0 < share <= 1: what each chosen maker supplies of the need),
        ``max_makers`` (1 or more). The last two are the same in every row of an item.
        Optional: ``needed_from`` (first year in which the item is needed at all; 0 if the
        column is absent) and ``group`` (str, the group whose floor its value counts for).
    capacity
        ``resource``, ``year``, ``amount`` (float, the unit of ``use_per_year``; ``inf`` means
        no limit). Every resource of a candidate has one row for each year.
    budgets
        ``year`` (0, 1, 2 ...), ``amount`` (float, money for tooling, not carried over;
        ``inf`` means no limit), ``discount`` (float > 0, the factor of that year).
    floors
        ``group``, ``floor_share`` (0 to 1): the least share of the plan's whole value that
        the group's starts make up. They add up to 1 at most.

    Raises
    ------
    PlanError
        A column is missing, or a row cannot be used: empty, not a number, negative, a
        duplicate, a year outside the horizon, a resource without capacity, and so on. All
        such rows are named at once.

    Examples
    --------
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump"], "maker": ["M1"], "resource": ["M1"], "tooling_cost": [3.0],
    ...     "lead_years": [1], "use_per_year": [40.0], "annual_saving": [5.0], "opens": [0],
    ...     "share": [1.0], "max_makers": [1],
    ... })
    >>> capacity = pl.DataFrame({
    ...     "resource": ["M1", "M1"], "year": [0, 1], "amount": [50.0, 50.0],
    ... })
    >>> budgets = pl.DataFrame({
    ...     "year": [0, 1], "amount": [4.0, 4.0], "discount": [1.0, 0.9],
    ... })
    >>> Instance(candidates, capacity, budgets).years
    2
    """

    candidates: pl.DataFrame
    capacity: pl.DataFrame
    budgets: pl.DataFrame
    floors: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        given = {"candidates": self.candidates, "capacity": self.capacity, "budgets": self.budgets}
        if self.floors is not None:
            given["floors"] = self.floors
        _require_columns(given)
        problems = pl.concat([_unreadable(name, frame) for name, frame in given.items()])
        if problems.is_empty():
            typed = {name: _typed(name, frame) for name, frame in given.items()}
            problems = _out_of_range(typed)
            for name, frame in typed.items():
                object.__setattr__(self, name, frame)
        if not problems.is_empty():
            raise PlanError.of_rows(problems)

    @property
    def years(self) -> int:
        """How many years the horizon has."""
        return self.budgets.height


def _columns(table: str, frame: pl.DataFrame) -> _Columns:
    optional = {name: kind for name, kind in _OPTIONAL.items() if name in frame.columns}
    return _REQUIRED[table] | (optional if table == "candidates" else {})


def _require_columns(given: dict[str, pl.DataFrame]) -> None:
    for table, frame in given.items():
        missing = [name for name in _columns(table, frame) if name not in frame.columns]
        if table == "candidates" and "floors" in given and "group" not in frame.columns:
            missing.append("group")
        if missing:
            raise PlanError(
                f"{table}: no column {', '.join(missing)}; found: {', '.join(frame.columns)}"
            )
    if given["budgets"].is_empty():
        raise PlanError("budgets: no rows; give one row for each year of the horizon, from 0 on")


def _unreadable(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    rules = []
    for column, kind in _columns(table, frame).items():
        if kind == pl.String:
            value = pl.col(column).cast(pl.String)
            if column != "group" or table == "floors":
                empty = value.is_null() | (value.str.strip_chars() == "")
                rules.append((column, empty, "it is empty"))
            continue
        number = pl.col(column).cast(pl.Float64, strict=False)
        rules.append((column, number.is_null() | number.is_nan(), "it is not a number"))
        if kind == pl.Int64:
            whole = number.is_finite() & (number == number.round())
            rules.append((column, ~whole & number.is_not_nan(), "it is not a whole number"))
    return _broken(table, frame, rules)


def _typed(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    columns = _columns(table, frame)
    typed = frame.select(pl.col(name).cast(kind) for name, kind in columns.items())
    if table == "candidates" and "needed_from" not in columns:
        typed = typed.with_columns(needed_from=pl.lit(0, dtype=pl.Int64))
    if table == "candidates" and "group" not in columns:
        typed = typed.with_columns(group=pl.lit(None, dtype=pl.String))
    return typed.sort("year") if table == "budgets" else typed


def _out_of_range(typed: dict[str, pl.DataFrame]) -> pl.DataFrame:
    horizon = typed["budgets"].height
    found = [
        _broken("budgets", typed["budgets"], _budget_rules(horizon)),
        _broken("capacity", typed["capacity"], _capacity_rules(horizon)),
        _broken("candidates", typed["candidates"], _candidate_rules(horizon)),
        _without_capacity(typed["candidates"], typed["capacity"], horizon),
    ]
    if "floors" in typed:
        found.append(_broken("floors", typed["floors"], _floor_rules()))
    return pl.concat(found)


_Rules = Sequence[tuple[str, pl.Expr, str]]


def _budget_rules(horizon: int) -> _Rules:
    year = pl.col("year")
    return [
        ("amount", pl.col("amount") < 0, "it is negative"),
        ("discount", ~(pl.col("discount").is_finite() & (pl.col("discount") > 0)), "not above 0"),
        ("year", year.is_duplicated(), "the year occurs twice"),
        (
            "year",
            ~year.is_between(0, horizon - 1) & ~year.is_duplicated(),
            f"years must run 0, 1, 2 ... without a hole; {horizon} rows end with {horizon - 1}",
        ),
    ]


def _capacity_rules(horizon: int) -> _Rules:
    return [
        ("amount", pl.col("amount") < 0, "it is negative"),
        ("year", ~pl.col("year").is_between(0, horizon - 1), _outside(horizon)),
        (
            "resource",
            pl.struct("resource", "year").is_duplicated(),
            "the resource occurs twice in this year",
        ),
    ]


def _candidate_rules(horizon: int) -> _Rules:
    amounts = ("tooling_cost", "use_per_year")
    share, makers = pl.col("share"), pl.col("max_makers")
    return [
        *((name, pl.col(name) < 0, "it is negative") for name in (*amounts, "lead_years")),
        *((n, pl.col(n).is_infinite(), "it is not finite") for n in (*amounts, "annual_saving")),
        *(
            (name, ~pl.col(name).is_between(0, horizon - 1), _outside(horizon))
            for name in ("opens", "needed_from")
        ),
        ("share", ~((share > 0) & (share <= 1)), "it is not above 0 and up to 1"),
        ("max_makers", makers < 1, "it is below 1"),
        (
            "share",
            share.is_between(0, 1) & (makers * share > 1 + TOLERANCE),
            "times max_makers it is above 1: more than the need would be supplied",
        ),
        ("share", share.n_unique().over("item") > 1, "it differs between the rows of the item"),
        ("max_makers", makers.n_unique().over("item") > 1, "it differs between rows of the item"),
        (
            "item",
            pl.struct("item", "maker", "resource").is_duplicated(),
            "the item, maker and resource occur twice",
        ),
    ]


def _floor_rules() -> _Rules:
    share = pl.col("floor_share")
    return [
        ("group", pl.col("group").is_duplicated(), "the group occurs twice"),
        ("floor_share", ~share.is_between(0, 1), "it is not between 0 and 1"),
        (
            "floor_share",
            share.is_between(0, 1).all() & (share.sum() > 1 + TOLERANCE),
            "the floors add up to more than 1: they cannot all be kept",
        ),
    ]


def _without_capacity(
    candidates: pl.DataFrame, capacity: pl.DataFrame, horizon: int
) -> pl.DataFrame:
    years = (
        capacity.filter(pl.col("year").is_between(0, horizon - 1))
        .group_by("resource")
        .agg(known=pl.col("year").n_unique())
    )
    known = candidates.join(years, on="resource", how="left", maintain_order="left")
    known = known.with_columns(pl.col("known").fill_null(0))
    some = f"the resource's capacity is missing in some of the {horizon} years"
    return _broken(
        "candidates",
        known,
        [
            ("resource", pl.col("known") == 0, "the resource is not in the table capacity"),
            ("resource", pl.col("known").is_between(1, horizon - 1), some),
        ],
    )


def _outside(horizon: int) -> str:
    return f"it is outside the horizon 0 to {horizon - 1}"


def _broken(table: str, frame: pl.DataFrame, rules: _Rules) -> pl.DataFrame:
    numbered = frame.with_row_index("row", offset=1)
    found = [pl.DataFrame(schema=_PROBLEMS)]
    for column, is_bad, reason in rules:
        bad = numbered.filter(is_bad)
        found.append(
            bad.select(
                table=pl.lit(table),
                row=pl.col("row").cast(pl.Int64),
                column=pl.lit(column),
                reason=pl.lit(reason),
                found=pl.col(column).cast(pl.String).fill_null("nothing"),
            )
        )
    return pl.concat(found)
