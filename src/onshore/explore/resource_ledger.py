"""A ledger of resources and reserves: what there was, what changed and why, what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import polars as pl

from onshore.explore.errors import ExploreError

Row: TypeAlias = dict[str, Any]

REASONS = (
    *("discovery", "drilling", "depletion", "price", "cost", "recovery", "method", "density"),
    *("licence", "reclassification", "transfer", "correction"),
)
NOT_EXPLAINED = "not explained"
_KEY = ("deposit_id", "commodity", "class")
_PARTS = {
    **dict.fromkeys(("%", "percent", "pct"), Decimal("0.01")),
    **dict.fromkeys(("g/t", "grams per tonne", "ppm", "mg/kg"), Decimal("0.000001")),
    **dict.fromkeys(("ppb",), Decimal("0.000000001")),
    **dict.fromkeys(("kg/t",), Decimal("0.001")),
}
_AMOUNT = pl.Decimal(38, 6)
_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(_KEY, pl.String),
    "date": pl.Date,
    "reason": pl.String,
    "tonnage_opening": _AMOUNT,
    "tonnage": _AMOUNT,
    "tonnage_closing": _AMOUNT,
    "metal_opening": _AMOUNT,
    "metal": _AMOUNT,
    "metal_closing": _AMOUNT,
    "note": pl.String,
    "source": pl.String,
}


class _Amount(NamedTuple):
    tonnage: Decimal
    metal: Decimal | None

    def __add__(self, other: object) -> _Amount:
        if not isinstance(other, _Amount):
            return NotImplemented
        both = self.metal is not None and other.metal is not None
        metal = self.metal + other.metal if both else None  # type: ignore[operator]
        return _Amount(self.tonnage + other.tonnage, metal)


@dataclass(frozen=True)
class Ledger:
    """Resources and reserves by date.

    Attributes
    ----------
    lines : DataFrame
        A line each: ``deposit_id``, ``commodity``, ``class``, ``date``, ``reason`` (``opening``,
        ``estimate`` for a balance that is stated anew, a reason for change, or ``not explained``),
        ``tonnage_opening``, ``tonnage`` (change), ``tonnage_closing`` (t), ``metal_opening``,
        ``metal``, ``metal_closing`` (t; null where not told), ``note``, ``source``. On each line
        opening + change = closing, and each line opens as the one before closed.
    balances : DataFrame
        The last closing of each deposit, commodity and class: ``date``, ``tonnage``, ``metal``.
    warnings : list of str
        Differences without a reason, and changes of class that do not balance.
    """

    lines: pl.DataFrame
    balances: pl.DataFrame
    warnings: list[str] = field(default_factory=list)


def resource_ledger(estimates: pl.DataFrame, changes: pl.DataFrame | None = None) -> Ledger:
    """Join estimates and the changes between them to a ledger that ties.

    The first estimate of a deposit, commodity and class opens its account. A later one has to be
    what the changes since make of the one before; what is left is its own line, ``not
    explained``, and a warning. Changes after the last estimate carry the balance on.

    Parameters
    ----------
    estimates
        Rows of the table ``estimates``: ``deposit_id``, ``class``, ``tonnage`` (t), ``grade``,
        ``grade_unit``, ``estimated_on``; ``commodity`` and ``source`` if there.
    changes
        Rows of the table ``resource_changes``: ``deposit_id``, ``class``, ``changed_on``,
        ``reason``, ``tonnage`` (t, signed); ``commodity``, ``metal`` (t, signed), ``note`` and
        ``source`` if there. A change of the day of an estimate is part of what it tells.

    Returns
    -------
    Ledger
        Exact decimals; lines by account and date.

    Raises
    ------
    ExploreError
        A table lacks columns or cells, two estimates are of one account and day, a change comes
        before its account is opened, a reason is not known, or a balance would be negative.
    """
    accounts = _accounts(estimates)
    moves = _moves(changes, accounts)
    rows: list[Row] = []
    warnings: list[str] = []
    for key in sorted(accounts, key=lambda key: tuple(part or "" for part in key)):
        rows += _account(key, accounts[key], moves.get(key, []), warnings)
    warnings += _unbalanced(rows)
    lines = pl.DataFrame(
        [[row[name] for name in _SCHEMA] for row in rows], schema=_SCHEMA, orient="row"
    )
    balances = lines.group_by(_KEY, maintain_order=True).agg(
        pl.col("date").last(),
        pl.col("tonnage_closing").last().alias("tonnage"),
        pl.col("metal_closing").last().alias("metal"),
    )
    return Ledger(lines, balances, warnings)


def _taken(table: pl.DataFrame, name: str, needed: tuple[str, ...]) -> Iterator[Row]:
    lacking = [column for column in needed if column not in table.columns]
    if lacking:
        raise ExploreError(f"the table {name} has no {', '.join(lacking)}: add the column.")
    for number, row in enumerate(table.iter_rows(named=True), 1):
        empty = [column for column in needed if row[column] is None]
        if empty:
            raise ExploreError(f"{name}, row {number}: {', '.join(empty)} is empty; fill it in.")
        yield row | {"row": number}


def _accounts(estimates: pl.DataFrame) -> dict[tuple[Any, ...], list[Row]]:
    needed = ("deposit_id", "class", "tonnage", "grade", "grade_unit", "estimated_on")
    accounts: dict[tuple[Any, ...], list[Row]] = {}
    for row in _taken(estimates, "estimates", needed):
        part = _PARTS.get(str(row["grade_unit"]).strip().lower())
        tonnage = _decimal(row["tonnage"])
        metal = None if part is None else (tonnage * _decimal(row["grade"]) * part)
        account = accounts.setdefault(_key(row), [])
        if any(other["date"] == row["estimated_on"] for other in account):
            raise ExploreError(
                f"estimates, row {row['row']}: {_told(_key(row))} has an estimate of "
                f"{row['estimated_on']} already; keep one, or tell the commodity of each."
            )
        account.append(
            {
                "date": row["estimated_on"],
                "amount": _Amount(_rounded(tonnage), None if metal is None else _rounded(metal)),
                "source": row.get("source"),
            }
        )
    for account in accounts.values():
        account.sort(key=lambda row: row["date"])
    return accounts


def _moves(
    changes: pl.DataFrame | None, accounts: dict[tuple[Any, ...], list[Row]]
) -> dict[tuple[Any, ...], list[Row]]:
    moves: dict[tuple[Any, ...], list[Row]] = {}
    if changes is None:
        return moves
    needed = ("deposit_id", "class", "changed_on", "reason", "tonnage")
    for row in _taken(changes, "resource_changes", needed):
        where, key = f"resource_changes, row {row['row']}", _key(row)
        if row["reason"] not in REASONS:
            raise ExploreError(
                f"{where}: {row['reason']!r} is no reason for a change; write one of "
                f"{', '.join(REASONS)}."
            )
        opened = accounts.get(key, [{"date": None}])[0]["date"]
        if opened is None:
            raise ExploreError(
                f"{where}: there is no estimate of {_told(key)}; add the one that opens it (0 t "
                "before a discovery)."
            )
        if row["changed_on"] <= opened:
            raise ExploreError(
                f"{where}: the change of {row['changed_on']} is not after the first estimate of "
                f"{_told(key)}, {opened}, which holds it already; delete it or mend its day."
            )
        metal = row.get("metal")
        amount = _Amount(
            _rounded(_decimal(row["tonnage"])), None if metal is None else _rounded(_decimal(metal))
        )
        moves.setdefault(key, []).append(
            {"date": row["changed_on"], "amount": amount, "reason": row["reason"], "where": where}
            | {name: row.get(name) for name in ("note", "source")}
        )
    for account in moves.values():
        account.sort(key=lambda row: row["date"])
    return moves


def _account(
    key: tuple[Any, ...], states: list[Row], moves: list[Row], warnings: list[str]
) -> Iterator[Row]:
    """Give the lines of an account: its opening, then each change and each later estimate."""
    first, pending = states[0], list(moves)
    nothing = _Amount(Decimal(0), None if first["amount"].metal is None else Decimal(0))
    yield _line(key, first["date"], "opening", nothing, first["amount"], first["amount"], first)
    balance = first["amount"]
    for state in states[1:]:
        while pending and pending[0]["date"] <= state["date"]:
            move = pending.pop(0)
            yield _moved(key, balance, move)
            balance = balance + move["amount"]
        stated = state["amount"]
        left = _less(stated, balance)
        if left.tonnage or left.metal:
            warnings.append(
                f"{_told(key)}: the estimate of {state['date']} differs by {_shown(left)} from "
                "what the changes before it make; tell the missing changes."
            )
            yield _line(key, state["date"], NOT_EXPLAINED, balance, left, stated, {})
        zero = _Amount(Decimal(0), None if stated.metal is None else Decimal(0))
        yield _line(key, state["date"], "estimate", stated, zero, stated, state)
        balance = stated
    for move in pending:
        yield _moved(key, balance, move)
        balance = balance + move["amount"]


def _moved(key: tuple[Any, ...], balance: _Amount, move: Row) -> Row:
    closing = balance + move["amount"]
    if closing.tonnage < 0 or (closing.metal is not None and closing.metal < 0):
        raise ExploreError(
            f"{move['where']}: after this change {_told(key)} would have "
            f"{_shown(closing)}; mend the change, or add what came before it."
        )
    return _line(key, move["date"], move["reason"], balance, move["amount"], closing, move)


def _line(
    key: tuple[Any, ...],
    day: date,
    reason: str,
    opening: _Amount,
    change: _Amount,
    closing: _Amount,
    told: Row,
) -> Row:
    return dict(zip(_KEY, key, strict=True)) | {
        "date": day,
        "reason": reason,
        "tonnage_opening": opening.tonnage,
        "tonnage": change.tonnage,
        "tonnage_closing": closing.tonnage,
        "metal_opening": opening.metal,
        "metal": change.metal,
        "metal_closing": closing.metal,
        "note": told.get("note"),
        "source": told.get("source"),
    }


def _unbalanced(rows: list[Row]) -> list[str]:
    """Tell changes of class between resources of a deposit and day that are not out and in."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    for row in rows:
        if row["reason"] == "reclassification":
            group = (row["deposit_id"], row["commodity"], row["date"])
            sums[group] = sums.get(group, Decimal(0)) + row["tonnage"]
    return [
        f"deposit {deposit}{f', {commodity}' if commodity else ''}: the reclassifications of {day} "
        f"add up to {total.normalize():,f} t, not 0; what became reserve was lost or diluted."
        for (deposit, commodity, day), total in sums.items()
        if total
    ]


def _less(one: _Amount, other: _Amount) -> _Amount:
    metal = None if one.metal is None or other.metal is None else one.metal - other.metal
    return _Amount(one.tonnage - other.tonnage, metal)


def _key(row: Row) -> tuple[Any, ...]:
    return row["deposit_id"], row.get("commodity"), row["class"]


def _told(key: tuple[Any, ...]) -> str:
    deposit, commodity, name = key
    return f"deposit {deposit}, {f'{commodity}, ' if commodity else ''}{name}"


def _shown(amount: _Amount) -> str:
    metal = "" if amount.metal is None else f" and {amount.metal.normalize():,f} t of metal"
    return f"{amount.tonnage.normalize():,f} t{metal}"


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"))
