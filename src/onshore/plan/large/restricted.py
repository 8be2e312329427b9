"""The whole model over a pool of starts, improved part by part.

The plan at hand keeps every row but those in ``missed``, which pay a penalty for what they lack; a
part of the pool is freed, everything else stays as it is, and HiGHS solves what that leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.model import Model, build_model
from onshore.plan.solver import handed_over

Mask = npt.NDArray[np.bool_]

_KEPT = 1e-7  # a row is kept within this, as HiGHS keeps it
_ONE_START = 1000.0  # what the best start is worth in the model's scale
_PENALTY = 10.0  # for a row that is missed by one, in such starts; of floors, for one of value
_DEARER, _DEAREST = 2.0, 1e5
_ON_ITEMS = ("required", "together", "exclude")


@dataclass(eq=False)
class Restricted:
    """A plan within a pool of starts, and the model of all its rows.

    ``chosen`` tells of each start in the pool whether it is in the plan.
    """

    model: Model
    chosen: Mask
    row: Whole = field(init=False)
    values: Floats = field(init=False)

    def __post_init__(self) -> None:
        model = self.model
        self.row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
        kinds = model.rows["kind"]
        self._sums = (kinds == "whole value").to_numpy()
        self._paid = (kinds.is_in(["opening", "made"])).to_numpy() & (model.upper == 0)
        self._follows = self._sums | kinds.is_in(["opening", "made"]).to_numpy()
        on_items = kinds.is_in(_ON_ITEMS).to_numpy()
        self._penalty = np.where(on_items, _PENALTY * _ONE_START, _PENALTY)
        self._of_start = model.columns < model.starts
        self.values = self._with_others(self.chosen)

    @classmethod
    def of(cls, starts: pl.DataFrame, instance: Instance, chosen: Mask) -> Restricted:
        """Lay out the model over these starts, of which some are chosen."""
        numbered = starts.drop("start").with_row_index("start")
        return cls(build_model(numbered, instance), chosen.copy())

    @property
    def worth(self) -> float:
        """What the plan is worth, less what it opens."""
        return float(self.model.worth @ self.values) * self.model.scale

    @property
    def merit(self) -> float:
        """What the plan is worth less the penalties, in the model's scale."""
        return float(self.model.worth @ self.values - self._penalty @ self._lacks(self.values))

    @property
    def missed(self) -> Whole:
        """The rows that the plan does not keep."""
        return np.flatnonzero(self._lacks(self.values) > 0)

    @property
    def on_items(self) -> Mask:
        """Which rows are links or requirements; what they lack is an item more or less."""
        mask: Mask = self.model.rows["kind"].is_in(_ON_ITEMS).to_numpy()
        return mask

    def starts_in(self, rows: Whole) -> Whole:
        """List the starts that have an entry in any of these rows."""
        inside = np.isin(self.row, rows) & self._of_start
        return np.unique(self.model.columns[inside]).astype(np.int64)

    def items_made_by(self, rows: Whole) -> Whole:
        """List the starts behind the columns that tell whether an item is made, in these rows."""
        inside = np.isin(self.row, rows) & ~self._of_start
        made = (self.model.rows["kind"] == "made").to_numpy()
        behind = np.isin(self.model.columns, self.model.columns[inside]) & made[self.row]
        return self.starts_in(np.unique(self.row[behind]))

    def press(self, rows: Whole) -> None:
        """Make it dearer to miss these rows."""
        self._penalty[rows] *= _DEARER
        self._penalty = np.minimum(self._penalty, _DEAREST)

    def take(self, chosen: Mask) -> None:
        """Go to another plan."""
        self.chosen, self.values = chosen.copy(), self._with_others(chosen)

    def improve(self, free: Mask, *, nodes: int, seconds: float) -> bool:
        """Choose anew among the free starts; give whether the best choice was found.

        The plan changes if it gets better.
        """
        part = self._part(free)
        if part is None or seconds <= 0:
            return True
        sub, own, others = part
        highs = handed_over(sub)
        for option, value in {
            "mip_rel_gap": 1e-4,
            "mip_max_nodes": nodes,
            "time_limit": seconds,
            "parallel": "off",
        }.items():
            highs.setOptionValue(option, value)
        _begin_at(highs, np.concatenate([self.values[own], others]))
        highs.run()
        found = np.asarray(highs.getSolution().col_value)
        ended = bool(highs.getModelStatus().name == "kOptimal")
        if len(found) != len(sub.worth) or not np.isfinite(found).all():
            return ended
        chosen = self.chosen.copy()
        of_start = own < self.model.starts
        chosen[own[of_start]] = found[: len(own)][of_start] > 0.5
        before, plan, values = self.merit, self.chosen, self.values
        self.chosen, self.values = chosen, self._with_others(chosen)
        if not (self.merit > before and self._hard_kept()):
            self.chosen, self.values = plan, values
        return ended

    def _part(self, free: Mask) -> tuple[Model, Whole, Floats] | None:
        """Cut out the model of the free starts; None where there are none.

        Gives the part, the columns of the model that its first ones are, and how much the others,
        which tell what missed rows lack, are now.
        """
        model = self.model
        columns = np.append(free, np.zeros(len(model.worth) - len(free), bool))
        if not columns.any():
            return None
        touched = np.zeros(len(model.lower), bool)
        touched[self.row[columns[model.columns]]] = True
        columns[model.columns[touched[self.row] & ~self._of_start]] = True
        own_rows = touched.copy()
        touched[self.row[columns[model.columns]]] = True
        # Where no start is free, such a row says of its other column that it is paid, or nothing.
        told = self._paid & touched & ~own_rows
        touched &= ~told
        least = model.least.copy()
        paid = ~self._of_start & told[self.row]
        made = self._activity(np.where(np.arange(len(columns)) < model.starts, self.values, 0.0))
        np.maximum.at(least, model.columns[paid], np.round(made[self.row[paid]]))
        entry = touched[self.row]
        inside = entry & columns[model.columns]
        fixed = self._activity(np.where(columns, 0.0, self.values))
        rows, own = np.flatnonzero(touched), np.flatnonzero(columns)
        at_row, at_column = np.cumsum(touched) - 1, np.cumsum(columns) - 1
        lacks = self._lacks(self.values)[rows]
        short = np.flatnonzero(lacks > 0)
        under = self._activity(self.values)[rows[short]] < model.lower[rows[short]]
        row = np.concatenate([at_row[self.row[inside]], short])
        column = np.concatenate(
            [at_column[model.columns[inside]], len(own) + np.arange(len(short))]
        )
        amount = np.concatenate([model.amounts[inside], np.where(under, 1.0, -1.0)])
        order = np.lexsort((column, row))
        sub = Model(
            starts=int(columns[: model.starts].sum()),
            scale=model.scale,
            worth=np.concatenate([model.worth[own], -self._penalty[rows[short]]]),
            least=np.concatenate([least[own], np.zeros(len(short))]),
            most=np.concatenate([model.most[own], np.full(len(short), np.inf)]),
            whole=np.concatenate([model.whole[own], np.zeros(len(short), bool)]),
            rows=pl.DataFrame(),
            units=np.ones(len(rows)),
            lower=model.lower[rows] - fixed[rows],
            upper=model.upper[rows] - fixed[rows],
            begins=np.append(0, np.cumsum(np.bincount(row, minlength=len(rows)))).astype(np.int32),
            columns=column[order].astype(np.int32),
            amounts=amount[order],
        )
        return sub, own, lacks[short]

    def _with_others(self, chosen: Mask) -> Floats:
        """Give all columns their values: those beside the starts follow from the starts."""
        model = self.model
        values = np.append(chosen.astype(float), np.zeros(len(model.worth) - len(chosen)))
        own = self._activity(values)
        paid, summed = (~self._of_start & rows[self.row] for rows in (self._paid, self._sums))
        np.maximum.at(values, model.columns[paid], np.round(own[self.row[paid]]))
        values[model.columns[summed]] = own[self.row[summed]]
        return values

    def _activity(self, values: Floats) -> Floats:
        model = self.model
        amounts = model.amounts * values[model.columns]
        return np.asarray(np.bincount(self.row, amounts, minlength=len(model.lower)), np.float64)

    def _lacks(self, values: Floats) -> Floats:
        """Tell by how much each row is missed, 0 where it is kept."""
        activity = self._activity(values)
        by = np.maximum(self.model.lower - activity, activity - self.model.upper)
        lacks: Floats = np.where(~self._follows & (by > _KEPT), by, 0.0)
        return lacks

    def _hard_kept(self) -> bool:
        """Whether rows are missed only that were missed before or may be."""
        kinds = self.model.rows["kind"][self.missed.tolist()]
        return bool(kinds.is_in([*_ON_ITEMS, "floor", "floor_amount"]).all())


def _begin_at(highs: Any, values: Floats) -> None:
    import highspy

    solution = highspy.HighsSolution()
    solution.col_value = values.tolist()
    highs.setSolution(solution)
