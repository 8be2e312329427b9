"""The sentences of the explanations, from the templates in ``explanations.toml``."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from onshore.figures import shown

_Templates = dict[str, dict[str, dict[str, str]]]
_AMOUNTS = {
    "value": "value",
    "next_value": "next_best_value",
    "loss": "next_best_loss",
    "budget": "price_of_budget",
    "capacity": "price_of_capacity",
    "cost": "least_cost",
}
_AGAINST = {"more": "next_best_loss", "floors": "price_of_floors"}
_YEARS = {"year": "start_year", "next_year": "next_best_year", "limit_year": "limit_year"}
_NAMES = {
    "item": "item",
    "maker": "maker",
    "next_maker": "next_best_maker",
    "limit_name": "limit_name",
    "why": "why",
}
_COMMA = {"en": ", ", "fa": "، "}
_AND = {"en": " and ", "fa": " و "}


def with_sentences(explained: pl.DataFrame, first_year: int, unit: tuple[str, str]) -> pl.DataFrame:
    """Add ``sentence`` and ``sentence_fa``, filled from the row's other columns."""
    rows = explained.to_dicts()
    columns = {
        name: [_sentence(_Told(row, locale, first_year, of)) for row in rows]
        for name, locale, of in (("sentence", "en", unit[0]), ("sentence_fa", "fa", unit[1]))
    }
    return explained.with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in columns.items()
    )


@cache
def templates() -> _Templates:
    """Read the templates."""
    with files("onshore.plan").joinpath("explanations.toml").open("rb") as file:
        return tomllib.load(file)


class _Told:
    """What stands for the names in braces, written when it is asked for."""

    def __init__(self, row: dict[str, Any], locale: str, first_year: int, unit: str) -> None:
        self.row, self.locale = row, locale
        self._first_year, self._unit = first_year, unit

    def __getitem__(self, name: str) -> str:
        if name in _AMOUNTS:
            return self._amount(self.row[_AMOUNTS[name]])
        if name in _AGAINST:
            return self._amount(-self.row[_AGAINST[name]])
        if name in _YEARS:
            year = str(self._first_year + self.row[_YEARS[name]])
            return shown.digits(year, self.locale)
        if name in _NAMES:
            return self._name(self.row[_NAMES[name]])
        if name == "taken":
            *others, last = [self._name(name) for name in self.row["taken_by"]]
            before = _COMMA[self.locale].join(others)
            return before + _AND[self.locale] + last if others else last
        if name == "limit":
            kind = self.row["limit_kind"].removesuffix("_amount")
            kind = "fund" if kind == "budget" and self.row["limit_name"] is not None else kind
            return templates()["limit"][kind][self.locale].format_map(self)
        raise KeyError(name)

    def _name(self, name: str) -> str:
        return shown.isolate(name) if self.locale == "fa" else name

    def _amount(self, value: float) -> str:
        if not math.isfinite(value):
            return "–"
        # Three figures are enough to compare by.
        magnitude = math.floor(math.log10(abs(value))) if value else 0
        text = shown.number(value, self.locale, min(max(2 - magnitude, 0), 6))
        return f"{text}\u00a0{self._unit}" if self._unit else text


def _sentence(told: _Told) -> str:
    row = told.row
    part = "in_plan" if row["in_plan"] else "not_in_plan"
    sentence = templates()[part][row["reason"]][told.locale].format_map(told)
    if not row["in_plan"]:
        return sentence
    return f"{sentence} {templates()['next'][_next_of(row)][told.locale].format_map(told)}"


def _next_of(row: dict[str, Any]) -> str:
    if row["next_best_maker"] is None:
        return "none"
    loss, near = row["next_best_loss"], 1e-9 * abs(row["value"])
    if not row["next_best_fits"]:
        return "no_room_less" if loss >= -near else "no_room_more"
    if abs(loss) <= near:
        return "equal"
    return "less" if loss > 0 else "more"
