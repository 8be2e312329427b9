"""An instance of the planning problem: its tables, typed and checked on the way in."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from onshore.plan.checks import TOLERANCE, out_of_range
from onshore.plan.columns import require_columns, typed, unreadable
from onshore.plan.errors import PlanError

__all__ = ["TOLERANCE", "Instance", "PlanError"]

_TABLES = ("candidates", "capacity", "budgets", "floors", "links", "openings", "fixed")


@dataclass(frozen=True, eq=False)
class Instance:
    """What may be localized, by whom, under which limits.

    Years are counted from 0; the horizon is as long as the years of ``budgets``. All money is
    in one currency and in the prices of year 0.

    Parameters
    ----------
    candidates
        One row per pair that may be chosen. ``item``, ``maker``, ``resource`` (str; the
        three together are the key), ``tooling_cost`` (float, money, paid once in the start
        year), ``lead_years`` (whole years from the start to the first production),
        ``use_per_year`` (float, of the resource, to supply the *whole* need of the item),
        ``annual_saving`` (float, money per year, by supplying the whole need; where it is 0 or
        less, planned only if the item is required, decided or goes together with another),
        ``opens`` (first year in which it may start: the phase of its place),
        ``share`` (0 < share <= 1: what each chosen maker supplies of the need),
        ``max_makers`` (1 or more). The last two are the same in every row of an item.

        Optional:

        - ``needed_from`` (first year in which the item is needed at all; else 0);
        - ``group`` (str, or a list of str where a candidate is in several groups, say its
          province and its class: the groups whose floors its value counts for);
        - ``fund`` (str, the source that pays for the tooling; null is the general one);
        - ``required`` (bool, the same in every row of an item: it must have a maker);
        - ``probability`` (0 to 1, that the candidate qualifies; else 1), ``delay_years``
          (whole years that production may come late; else 0): not part of the plan's value
          here, but what its risk is reckoned from;
        - ``cost_effect`` (float, money per year, a second saving of supplying the whole need:
          discounted and shown beside the value, never added to it);
        - ``currency`` (str; also in budgets, floors and openings): one and the same in all.
    capacity
        ``resource``, ``year``, ``amount`` (float, the unit of ``use_per_year``; ``inf`` means
        no limit). Every resource of a candidate has one row for each year.
    budgets
        ``year`` (0, 1, 2 ...), ``amount`` (float, money for tooling, not carried over;
        ``inf`` means no limit), ``discount`` (float > 0, the factor of that year). Optional:
        ``fund`` (str, null is the general one); each fund has one row for each year.
    floors
        ``group`` and at least one of ``floor_share`` (0 to 1, the least share of the plan's
        whole value that the group's starts make up) and ``floor_amount`` (money, the least
        value of the group's starts). Where a candidate has one group at most, the shares add
        up to 1 at most. Optional: ``owed`` (money, may be negative; what the share of decisions
        that were taken off the instance asks more of the group, see `with_fixed`). The value is
        before the costs of ``openings``.
    links
        ``item``, ``with_item``, ``kind``: ``together`` (both are made or neither) or
        ``exclude`` (at most one of the two is made).
    openings
        ``what`` (``resource``, ``maker`` or ``group``), ``name``, ``cost`` (money, in prices of
        year 0): taken off what the plan saves, once, if any start uses it.
    fixed
        ``item``, ``maker``, ``resource``, ``start_year``: decisions already taken, which stay in
        the plan.

    Raises
    ------
    PlanError
        A column is missing, or a row cannot be used: empty, not a number, negative, a
        duplicate, a year outside the horizon, a resource without capacity, money in another
        currency, an item, maker, fund or group that is not known, and so on. All such rows are
        named at once.

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
    links: pl.DataFrame | None = None
    openings: pl.DataFrame | None = None
    fixed: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in _TABLES}
        given = {name: frame for name, frame in given.items() if frame is not None}
        require_columns(given)
        problems = pl.concat([unreadable(name, frame) for name, frame in given.items()])
        if problems.is_empty():
            tables = {name: typed(name, frame) for name, frame in given.items()}
            problems = out_of_range(tables)
            tables["budgets"] = tables["budgets"].sort("year", "fund")
            for name, frame in tables.items():
                empty = name in ("links", "openings", "fixed") and frame.is_empty()
                object.__setattr__(self, name, None if empty else frame)
        if not problems.is_empty():
            raise PlanError.of_rows(problems)

    @property
    def years(self) -> int:
        """How many years the horizon has."""
        return self.budgets["year"].n_unique()

    @property
    def currency(self) -> str | None:
        """The currency of the money, where the tables say it."""
        tables = (self.candidates, self.budgets, self.floors, self.openings)
        said = (t["currency"].drop_nulls() for t in tables if t is not None)
        return next((str(column[0]) for column in said if len(column)), None)

    @property
    def is_plain(self) -> bool:
        """Whether there are only budgets by year, capacities, and shares of single groups.

        The empty plan keeps all limits of such an instance.
        """
        return self.falls_apart and self.budgets["fund"].null_count() == self.budgets.height

    @property
    def falls_apart(self) -> bool:
        """Whether there are only budgets of any funds, capacities, and shares of single groups.

        Such an instance falls apart by resource once its other limits are priced.
        """
        one_group = self.candidates.schema["group"] == pl.String
        extra = any(table is not None for table in (self.links, self.openings, self.fixed))
        shares_only = (
            self.floors is None
            or not ((self.floors["floor_amount"] > 0) | (self.floors["owed"] != 0)).any()
        )
        return one_group and shares_only and not extra and not self._requires

    @property
    def may_be_empty(self) -> bool:
        """Whether the empty plan keeps all limits."""
        owes = (
            self.floors is not None
            and ((self.floors["floor_amount"] > 0) | (self.floors["owed"] > 0)).any()
        )
        return not (owes or self._requires or self.fixed is not None)

    @property
    def _requires(self) -> bool:
        return bool(self.candidates["required"].any())
