"""Declarations of local content: reckoned by their formula, and set beside what was declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, localcontext

import polars as pl

from onshore.account.bill_of_materials import RolledBill
from onshore.account.errors import AccountError
from onshore.account.local_content_files import formulas
from onshore.account.local_content_formulas import Formula
from onshore.account.local_content_judging import Judge, Stated
from onshore.figures import RateTable

_MONEY = pl.Decimal(38, 6)
_EXACT = Context(prec=60)
_RESULT = {
    "declaration_id": pl.String(),
    "offer_id": pl.String(),
    "formula": pl.String(),
    "version": pl.String(),
    "declared": pl.Float64(),
    "content": pl.Float64(),
    "difference": pl.Float64(),
    "verdict": pl.String(),
    "class": pl.String(),
    "working": pl.String(),
    "imported": _MONEY,
    "unknown_origin": _MONEY,
    "undeclared": _MONEY,
    "currency": pl.String(),
    "reason": pl.String(),
    "next_step": pl.String(),
    "title": pl.String(),
    "source": pl.String(),
}


def local_content(
    declarations: pl.DataFrame,
    amounts: pl.DataFrame,
    bill: pl.DataFrame,
    *,
    home: str,
    offers: pl.DataFrame | None = None,
    among: Iterable[Formula] | None = None,
    rates: RateTable | None = None,
    rate_type: str | None = None,
    tolerance: float = 0.005,
) -> pl.DataFrame:
    """Reckon each declaration by the formula it names, and check what it declares.

    Parameters
    ----------
    declarations
        The programme's table ``declarations``.
    amounts
        The programme's table ``declaration_amounts``: what is put into the formula's components.
    bill
        The programme's table ``bill_of_materials``. A component that the declaration does not
        state is taken from here (imports in one unit of ``assembly_id``) or from the price of
        the offer, where the formula says so.
    home
        ISO 3166-1 alpha-2 code of the home country.
    offers
        The programme's table ``offers``; without it no price is taken.
    among
        Formulas that may be named; those of `formulas` when not given.
    rates, rate_type
        Exchange rates and the type to go by, needed where amounts are in several currencies.
        They are of ``rates_on``, or else of the day declared.
    tolerance
        How far a declared share may lie from the reckoned one and still agree, as a fraction.

    Returns
    -------
    DataFrame
        One row per declaration, in their order: ``declaration_id``, ``offer_id``, ``formula``,
        ``version`` (str); ``declared``, ``content``, ``difference`` (Float64, fractions;
        difference is declared less content); ``verdict`` (str: *agrees*, *overstated*,
        *understated*, *computed* where no share is declared, *unproved* where a share is
        declared and nothing to reckon it from, *refused*); ``class`` (str, of the formula's
        classes); ``working`` (str, the formula with its numbers); ``imported``,
        ``unknown_origin`` and ``undeclared`` (Decimal, in ``currency``, of one unit, from the
        bill of materials; see `imported_content`); ``reason`` and ``next_step`` (str, where
        refused or unproved); ``title``, ``source`` (str, of the formula).

        Refused are: a formula or version that is not there, or was not in effect on the day
        declared; a component that the formula does not have, that is listed twice, is below 0,
        or is both stated and taken from the bill; a required one that is missing; amounts
        without currency, or in several without a rate; a bill that cannot be reckoned; sums
        that the formula wants equal and that are not; a share below 0 or above 1, declared or
        reckoned.

    Raises
    ------
    AccountError
        A table lacks a column.

    Examples
    --------
    >>> from datetime import date
    >>> declarations = pl.DataFrame({
    ...     "declaration_id": ["D1"], "offer_id": ["O1"], "formula": ["india-ppp-mii"],
    ...     "formula_version": ["2024-07-19"], "local_content": [0.6],
    ...     "declared_on": [date(2025, 1, 1)],
    ... })
    >>> amounts = pl.DataFrame({
    ...     "declaration_id": ["D1", "D1"], "component": ["value", "imported"],
    ...     "amount": [Decimal(1000), Decimal(550)], "currency": ["INR", "INR"],
    ... })
    >>> found = local_content(declarations, amounts, pl.DataFrame(), home="IN")
    >>> found.select("version", "content", "verdict", "class").row(0)
    ('2024-07-19', 0.45, 'overstated', 'Class-II local supplier')
    """
    judge = Judge(
        formulas=formulas() if among is None else tuple(among),
        bill=RolledBill.of(bill, home=home) if bill.width else RolledBill({}, []),
        stated=_by_declaration(amounts),
        prices=_prices(offers),
        rates=rates,
        rate_type=rate_type,
    )
    with localcontext(_EXACT):
        rows = [
            judge.row(row, Decimal(repr(tolerance)))
            for row in _with_columns(declarations, _DECLARATION, "declarations").iter_rows(
                named=True
            )
        ]
    return pl.DataFrame(rows, schema=_RESULT)


_DECLARATION = {
    "declaration_id": pl.String(),
    "offer_id": pl.String(),
    "formula": pl.String(),
    "formula_version": pl.String(),
    "local_content": pl.Float64(),
    "assembly_id": pl.String(),
    "rates_on": pl.Date(),
    "declared_on": pl.Date(),
}
_AMOUNT = {
    "declaration_id": pl.String(),
    "component": pl.String(),
    "amount": _MONEY,
    "currency": pl.String(),
}
_NEEDED = ("declaration_id", "formula", "formula_version", "component", "amount")


def _by_declaration(amounts: pl.DataFrame) -> dict[str, list[Stated]]:
    if not amounts.width:
        return {}
    stated: dict[str, list[Stated]] = {}
    rows = _with_columns(amounts, _AMOUNT, "declaration_amounts").sort("component")
    for declaration, *rest in rows.iter_rows():
        stated.setdefault(declaration, []).append((rest[0] or "", rest[1], rest[2]))
    return stated


def _prices(offers: pl.DataFrame | None) -> dict[str, tuple[Decimal, str]]:
    if offers is None or not offers.width:
        return {}
    types = {"offer_id": pl.String(), "price": _MONEY, "currency": pl.String()}
    rows = _with_columns(offers, types, "offers").drop_nulls()
    return {offer: (price, currency) for offer, price, currency in rows.iter_rows()}


def _with_columns(
    frame: pl.DataFrame, types: Mapping[str, pl.DataType], table: str
) -> pl.DataFrame:
    """Take the columns that are used; those that a frame lacks and need not have are empty."""
    lacking = [name for name in types if name in _NEEDED and name not in frame.columns]
    if lacking:
        raise AccountError(f"the table {table} has no column {', '.join(lacking)}. Add it.")
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in types.items()
    )
