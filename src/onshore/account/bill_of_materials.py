"""Imports in an assembly, through its bill of materials, to any depth.

A line says that one unit of an assembly takes a quantity of a part; a scrap share s of what is put
in is lost, so that ``quantity / (1 - s)`` is used. A bought part (one with a price) counts as
imported in full unless its origin is given as the home country. A home-made part counts by its own
lines where it has some, else by the content its supplier declares, else as local. A part without a
price is made in the assembly's own works and counts by its own lines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from onshore.account.bill_of_materials_faults import Refusal, bill_faults
from onshore.account.errors import AccountError

_MONEY = pl.Decimal(38, 6)
_EXACT = Context(prec=60)
_ONE, _ZERO, _PLACES = Decimal(1), Decimal(0), Decimal("0.000001")
_LARGEST = Decimal(10) ** 26
_MOST_NAMED = 12
_COLUMNS = {
    "assembly_id": pl.String(),
    "part_id": pl.String(),
    "quantity": _MONEY,
    "unit": pl.String(),
    "scrap_share": pl.Float64(),
    "unit_price": _MONEY,
    "currency": pl.String(),
    "origin": pl.String(),
    "supplier": pl.String(),
    "local_content": pl.Float64(),
}
_IMPORTED, _UNKNOWN, _DECLARED, _UNDECLARED = (
    "imported",
    "origin unknown",
    "home-made, content declared",
    "home-made, content not declared",
)


def imported_content(bill: pl.DataFrame, *, home: str) -> pl.DataFrame:
    """Work out the imports in one unit of every assembly, at every tier.

    imports of an assembly = sum over its lines of quantity / (1 - scrap share) x imports in one
    unit of the part

    Parameters
    ----------
    bill
        The programme's table ``bill_of_materials``.
    home
        ISO 3166-1 alpha-2 code of the home country.

    Returns
    -------
    DataFrame
        One row per assembly and currency, in order of the alphabet: ``assembly_id``, ``currency``
        (str; null where nothing is imported), ``imported`` (Decimal, per unit), ``unknown_origin``
        (what of it has no origin stated), ``undeclared`` (Decimal, home-made parts of other
        suppliers whose own content nobody has declared: counted as local), ``reason`` and
        ``next_step`` (str, null unless the assembly cannot be reckoned; then the amounts are
        null). Refused are a part listed twice, a quantity that is not above 0, a scrap or
        content share out of bounds, a part without price that has no lines of its own and is not
        home-made, a price without currency, a part counted in two units, and a cycle, which is
        named.

    Examples
    --------
    A pump takes two bearings from abroad and a home-made motor with imported copper.

    >>> bill = pl.DataFrame({
    ...     "assembly_id": ["pump", "pump", "motor"],
    ...     "part_id": ["bearing", "motor", "copper"],
    ...     "quantity": [Decimal(2), Decimal(1), Decimal(3)],
    ...     "scrap_share": [None, None, 0.25],
    ...     "unit_price": [Decimal(10), Decimal(90), Decimal(5)],
    ...     "currency": ["EUR", "EUR", "EUR"],
    ...     "origin": ["DE", "IR", None],
    ... })
    >>> imported_content(bill, home="IR").select("assembly_id", "imported", "unknown_origin").rows()
    [('motor', Decimal('20.000000'), Decimal('20.000000')), \
('pump', Decimal('40.000000'), Decimal('20.000000'))]
    """
    rolled = RolledBill.of(bill, home=home)
    rows: list[tuple[object, ...]] = []
    for assembly in sorted(rolled.lines):
        refused = rolled.refusals.get(assembly)
        if refused:
            rows.append((assembly, None, None, None, None, *refused))
            continue
        sums = rolled.imports[assembly]
        rows += [
            (assembly, currency, *(_rounded(part) for part in sums[currency]), None, None)
            for currency in sorted(sums)
        ] or [(assembly, None, _ZERO, _ZERO, _ZERO, None, None)]
    schema = {
        "assembly_id": pl.String(),
        "currency": pl.String(),
        "imported": _MONEY,
        "unknown_origin": _MONEY,
        "undeclared": _MONEY,
        "reason": pl.String(),
        "next_step": pl.String(),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def flatten(bill: pl.DataFrame, assembly: str, *, home: str) -> pl.DataFrame:
    """List what goes into one unit of an assembly from the last tier that is known.

    Parameters
    ----------
    bill
        The programme's table ``bill_of_materials``.
    assembly
        Whose parts to list.
    home
        ISO 3166-1 alpha-2 code of the home country.

    Returns
    -------
    DataFrame
        One row per line of the bill that counts by itself, the largest imports first:
        ``assembly_id`` (whose line it is), ``part_id``, ``supplier``, ``origin``, ``quantity``
        (Decimal, in one unit of the assembly asked for, scrap included), ``unit``, ``unit_price``,
        ``currency``, ``imported`` (Decimal), ``counted`` (str: why it counts so).

    Raises
    ------
    AccountError
        There is no such assembly, or it cannot be reckoned.

    Examples
    --------
    >>> bill = pl.DataFrame({
    ...     "assembly_id": ["pump", "motor"], "part_id": ["motor", "copper"],
    ...     "quantity": [Decimal(2), Decimal(3)], "unit_price": [None, Decimal(5)],
    ...     "currency": [None, "EUR"], "origin": [None, "CL"],
    ... })
    >>> flatten(bill, "pump", home="IR").select("part_id", "quantity", "imported").row(0)
    ('copper', Decimal('6.000000'), Decimal('30.000000'))
    """
    rolled = RolledBill.of(bill, home=home)
    rolled.require(assembly)
    rows = []
    with localcontext(_EXACT):
        for line, quantity in rolled.leaves(assembly):
            imported = quantity * line.imported
            rows.append((*line.shown, *map(_rounded, (quantity, imported)), line.counted))
    schema = {
        **{
            name: _COLUMNS[name]
            for name in (
                *("assembly_id", "part_id", "supplier", "origin"),
                *("unit", "unit_price", "currency"),
            )
        },
        "quantity": _MONEY,
        "imported": _MONEY,
        "counted": pl.String(),
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        "imported", "assembly_id", "part_id", descending=[True, False, False]
    )


class Sums(NamedTuple):
    """Amounts in one unit, in one currency, not rounded."""

    imported: Decimal
    unknown_origin: Decimal
    undeclared: Decimal


class _Line(NamedTuple):
    part: str
    use: Decimal
    rolls: bool
    currency: str
    imported: Decimal
    counted: str
    price: Decimal
    shown: tuple[object, ...]


@dataclass(frozen=True)
class RolledBill:
    """A bill of materials with the imports in one unit of every assembly.

    ``imports`` gives the sums of each assembly by currency; ``refusals`` gives reason and next
    step of the assemblies that cannot be reckoned.
    """

    lines: Mapping[str, list[_Line]]
    order: list[str]
    imports: dict[str, dict[str, Sums]] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)

    @classmethod
    def of(cls, bill: pl.DataFrame, *, home: str) -> RolledBill:
        """Roll a bill up from its last tier."""
        whole = _with_columns(bill)
        with localcontext(_EXACT):
            finite = pl.when(cs.float().is_finite()).then(cs.float())
            lines = _lines(whole.with_columns(finite), home)
            order, stuck = _from_the_last_tier(lines)
            rolled = cls(lines, order)
            rolled.refusals.update(bill_faults(whole, home))
            rolled.refusals.update(_cycles(lines, stuck))
            for assembly in order:
                rolled._roll(assembly)
        return rolled

    def require(self, assembly: str) -> None:
        """Refuse an assembly that is not there or cannot be reckoned."""
        if assembly in self.refusals:
            reason, next_step = self.refusals[assembly]
            raise AccountError(f"{reason}. {next_step}")
        if assembly not in self.lines:
            raise AccountError(
                f"the assembly {assembly} has no line in the bill of materials. "
                "Check its spelling, or add its lines."
            )

    def leaves(self, assembly: str) -> Iterable[tuple[_Line, Decimal]]:
        """Give the lines that count by themselves, with their quantities in one unit."""
        needed = {assembly: _ONE}
        for made in reversed(self.order):
            if made not in needed:
                continue
            for line in self.lines[made]:
                quantity = needed[made] * line.use
                if line.rolls:
                    needed[line.part] = needed.get(line.part, _ZERO) + quantity
                else:
                    yield line, quantity

    def _roll(self, assembly: str) -> None:
        for line in self.lines[assembly]:
            below = self.refusals.get(line.part) if line.rolls else None
            if below:
                self.refusals.setdefault(assembly, below)
        if assembly in self.refusals:
            return
        sums: dict[str, Sums] = {}
        for line in self.lines[assembly]:
            if line.rolls:
                for currency, part in self.imports[line.part].items():
                    _add(sums, currency, line.use, part)
            elif line.currency:
                unknown = line.imported if line.counted == _UNKNOWN else _ZERO
                undeclared = line.price if line.counted == _UNDECLARED else _ZERO
                _add(sums, line.currency, line.use, Sums(line.imported, unknown, undeclared))
        if any(amount >= _LARGEST for part in sums.values() for amount in part):
            self.refusals[assembly] = (
                f"the parts of {assembly} cost more than can be reckoned",
                "Check the digits of quantities and prices in its lines.",
            )
            return
        self.imports[assembly] = sums


def _add(sums: dict[str, Sums], currency: str, use: Decimal, part: Sums) -> None:
    so_far = sums.get(currency)
    if so_far is None:
        sums[currency] = Sums(*(use * amount for amount in part))
    else:
        sums[currency] = Sums(*(old + use * new for old, new in zip(so_far, part, strict=True)))


def _with_columns(bill: pl.DataFrame) -> pl.DataFrame:
    """Take the columns that are used; those that a frame lacks are empty."""
    lacking = [name for name in ("assembly_id", "part_id", "quantity") if name not in bill.columns]
    if lacking:
        raise AccountError(
            f"the bill of materials has no column {', '.join(lacking)}. It needs assembly_id, "
            "part_id and quantity."
        )
    return bill.select(
        (pl.col(name) if name in bill.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _COLUMNS.items()
    )


def _lines(bill: pl.DataFrame, home: str) -> dict[str, list[_Line]]:
    # In order of the alphabet, so that the order of rows changes no digit and no message.
    rows = bill.drop_nulls(["assembly_id", "part_id", "quantity"]).sort(
        "assembly_id", "part_id", maintain_order=True
    )
    lines: dict[str, list[_Line]] = {
        assembly: [] for assembly in bill["assembly_id"].drop_nulls().unique().sort()
    }
    for row in rows.iter_rows():
        assembly, part, quantity, unit, scrap, price, currency, origin, supplier, content = row
        at_home = origin == home or (origin is None and price is None)
        rolls = at_home and part in lines
        if rolls or (at_home and price is None):
            imported, counted = _ZERO, _DECLARED
        elif not at_home:
            imported, counted = price or _ZERO, _IMPORTED if origin else _UNKNOWN
        elif content is None:
            imported, counted = _ZERO, _UNDECLARED
        else:
            imported, counted = price * (_ONE - _share(content)), _DECLARED
        kept = _ONE - _share(scrap) if scrap is not None else _ONE
        lines[assembly].append(
            _Line(
                part,
                quantity / kept if kept > 0 else _ZERO,
                rolls,
                currency or "",
                imported,
                counted,
                price or _ZERO,
                (assembly, part, supplier, origin, unit, price, currency),
            )
        )
    return lines


def _share(share: float) -> Decimal:
    """Give the share that was written: 0.1 is a tenth."""
    return Decimal(repr(share))


def _from_the_last_tier(lines: Mapping[str, list[_Line]]) -> tuple[list[str], set[str]]:
    """Order assemblies so that each comes after its parts; and those that reach a cycle."""
    waiting: dict[str, int] = {}
    users: dict[str, list[str]] = {}
    for assembly, own in lines.items():
        waiting[assembly] = 0
        for line in own:
            if line.part in lines:
                waiting[assembly] += 1
                users.setdefault(line.part, []).append(assembly)
    ready = deque(assembly for assembly, count in waiting.items() if not count)
    order = []
    while ready:
        assembly = ready.popleft()
        order.append(assembly)
        for user in users.get(assembly, ()):
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return order, set(lines).difference(order)


def _cycles(lines: Mapping[str, list[_Line]], stuck: set[str]) -> dict[str, Refusal]:
    """Name for each assembly the cycle that its parts run into."""
    told: dict[str, Refusal] = {}
    for assembly in sorted(stuck):
        path: dict[str, int] = {}
        at = assembly
        while at not in path and at not in told:
            path[at] = len(path)
            at = next(line.part for line in lines[at] if line.part in stuck)
        refusal = told[at] if at in told else _circle(list(path)[path[at] :])
        told |= dict.fromkeys(path, refusal)
    return told


def _circle(assemblies: list[str]) -> Refusal:
    first = assemblies.index(min(assemblies))
    names = [*assemblies[first:], *assemblies[: first + 1]]
    shown = names if len(names) <= _MOST_NAMED else [*names[: _MOST_NAMED - 2], "...", names[-1]]
    return (
        f"the bill of materials goes in a circle: {' > '.join(shown)}",
        "Take out the line that names an assembly among its own parts.",
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_PLACES, context=_EXACT)
