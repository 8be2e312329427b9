"""A programme's settings written as programme.toml."""

import json
from dataclasses import fields
from datetime import date
from typing import Any

from onshore.records.settings import Settings

_HORIZON = ("first_year", "years")


def settings_text(settings: Settings) -> str:
    """Write a programme's settings as the text of its ``programme.toml``.

    Examples
    --------
    >>> example = Settings("A", "IR", "EUR", date(2024, 9, 22), "market", 1404, 5)
    >>> print(settings_text(example).split("[horizon]")[0].strip())
    name = "A"
    home = "IR"
    currency = "EUR"
    price_date = 2024-09-22
    rate_type = "market"
    calendar = "gregorian"
    discount_rate = 0.0
    illustrative = false
    """
    held = {told.name: getattr(settings, told.name) for told in fields(settings)}
    phases = held.pop("phases")
    lines = [
        f"{name} = {_value(value)}"
        for name, value in held.items()
        if name not in _HORIZON and value != ""
    ]
    lines += ["", "[horizon]", *(f"{name} = {held[name]}" for name in _HORIZON)]
    if phases:
        lines += ["", "[phases]", *(f"{phase} = {year}" for phase, year in phases.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
