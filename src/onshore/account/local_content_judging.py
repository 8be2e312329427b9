"""One declaration at a time: what it is given, what that makes, and how far it is off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from onshore.account.bill_of_materials import RolledBill
from onshore.account.errors import AccountError
from onshore.account.local_content_files import find_formula
from onshore.account.local_content_formulas import Component, Formula, plain, weighed
from onshore.figures import MissingRate, RateTable

Stated = tuple[str, Decimal | None, str | None]
"""A component's name, amount and currency, as a declaration states them."""

_ByCurrency = dict[str, Decimal]
_ZERO, _HUNDRED, _LARGEST = Decimal(0), Decimal(100), Decimal(10) ** 26


class _Refused(AccountError):
    """A declaration that cannot be reckoned."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason}. {next_step}")
        self.reason, self.next_step = reason, next_step


class _Unproved(_Refused):
    """A declaration with nothing to reckon it from."""


@dataclass
class Judge:
    """What declarations are judged by."""

    formulas: tuple[Formula, ...]
    bill: RolledBill
    stated: Mapping[str, list[Stated]]
    prices: Mapping[str, tuple[Decimal, str]]
    rates: RateTable | None
    rate_type: str | None
    _factors: dict[tuple[str, str, date], Decimal] = field(default_factory=dict)

    def row(self, declared: dict[str, Any], tolerance: Decimal) -> dict[str, Any]:
        """Give a declaration's row of the result."""
        share = declared["local_content"]
        row = {
            "declaration_id": declared["declaration_id"],
            "offer_id": declared["offer_id"],
            "formula": declared["formula"],
            "version": declared["formula_version"],
            "declared": share,
        }
        try:
            formula = _formula(declared, self.formulas)
            row |= {
                "version": str(formula.version),
                "title": formula.title,
                "source": formula.source,
            }
            if share is not None and not 0 <= share <= 1:
                raise _Refused(
                    f"it declares a local content of {share * 100:g} %",
                    "Declare a share from 0 to 100 %, with its formula's version.",
                )
            row |= self._reckoned(formula, declared, tolerance)
        except _Unproved as unproved:
            row |= _verdict("unproved", unproved)
        except _Refused as refused:
            row |= _verdict("refused", refused)
        return row

    def _reckoned(
        self, formula: Formula, declared: dict[str, Any], tolerance: Decimal
    ) -> dict[str, Any]:
        money, shares = self._given(formula, declared)
        currency = _currency_of(formula, money)
        day = declared["rates_on"] or declared["declared_on"]
        amounts = {name: self._in_one(part, currency, day) for name, part in money.items()}
        _check_ties(formula, amounts)
        try:
            content = formula.content(amounts | shares)
        except AccountError as mistake:
            reason, _, step = str(mistake).partition(". ")
            raise _Refused(reason, step) from None
        working = _working(formula, amounts | shares, currency)
        if not 0 <= content <= 1:
            raise _Refused(
                f"its parts make a local content of {plain(round(content * _HUNDRED, 2))} %: "
                f"{working}",
                "Check the amounts: imports cannot exceed the value, nor local parts the whole.",
            )
        row: dict[str, Any] = {
            "content": float(content),
            "class": formula.class_of(content),
            "working": working,
            "currency": currency,
            "verdict": "computed",
        }
        if declared["local_content"] is not None:
            apart = Decimal(repr(declared["local_content"])) - content
            row["difference"] = float(apart)
            agrees = abs(apart) <= tolerance
            row["verdict"] = "agrees" if agrees else "overstated" if apart > 0 else "understated"
        return row | self._from_bill(declared["assembly_id"], currency, day)

    def _given(
        self, formula: Formula, declared: dict[str, Any]
    ) -> tuple[dict[str, _ByCurrency], dict[str, Decimal]]:
        """Take each component from the declaration, the bill of materials or the offer."""
        stated = self.stated.get(declared["declaration_id"], [])
        assembly = declared["assembly_id"]
        if not stated and assembly is None:
            raise _Unproved(
                "nothing is given to reckon it from",
                "Put its amounts into declaration_amounts, or its parts into bill_of_materials.",
            )
        if assembly is not None and not any(
            component.source == "bill of materials" for component in formula.components
        ):
            raise _Refused(
                f"{formula.label} takes nothing from a bill of materials, and it names {assembly}",
                "Leave assembly_id empty, and name the bill in evidence.",
            )
        money: dict[str, _ByCurrency] = {}
        shares: dict[str, Decimal] = {}
        for name, amount, currency in stated:
            component = _component(formula, name, seen=name in money or name in shares)
            if amount is None or amount < 0:
                raise _Refused(
                    f"its component {name} is {'empty' if amount is None else 'below 0'}",
                    "Write the amount itself; the formula takes imports off.",
                )
            if component.kind == "share":
                shares[name] = amount
            elif currency is None:
                raise _Refused(f"its {name} has no currency", "Write the currency of the amount.")
            else:
                money[name] = {currency: amount}
        for component in formula.components:
            name = component.name
            if component.source == "bill of materials" and assembly is not None:
                if name in money:
                    raise _Refused(
                        f"its {name} is stated and follows from the bill of {assembly} as well",
                        f"Leave out the amount of {name}, or the assembly.",
                    )
                money[name] = self._imports(assembly)
            elif component.source == "offer price" and name not in money:
                price = self.prices.get(declared["offer_id"])
                if price:
                    money[name] = {price[1]: price[0]}
        return money, shares

    def _imports(self, assembly: str) -> _ByCurrency:
        refused = self.bill.refusals.get(assembly)
        if refused:
            raise _Refused(*refused)
        if assembly not in self.bill.lines:
            raise _Refused(
                f"the assembly {assembly} has no line in the bill of materials",
                "Check its spelling in assembly_id, or add its lines.",
            )
        sums = self.bill.imports[assembly]
        return {currency: part.imported for currency, part in sums.items()}

    def _from_bill(self, assembly: str | None, currency: str, day: date | None) -> dict[str, Any]:
        if assembly is None or assembly not in self.bill.imports:
            return {}
        sums = self.bill.imports[assembly]
        return {
            name: round(
                self._in_one(
                    {code: getattr(part, name) for code, part in sums.items()}, currency, day
                ),
                6,
            )
            for name in ("imported", "unknown_origin", "undeclared")
        }

    def _in_one(self, amounts: Mapping[str, Decimal], to: str, day: date | None) -> Decimal:
        total = _ZERO
        for currency in sorted(amounts):
            if amounts[currency]:
                total += amounts[currency] * self._factor(currency, to, day)
        if total >= _LARGEST:
            raise _Refused(
                f"its amounts come to more than can be reckoned in {to}", "Check their digits."
            )
        return total

    def _factor(self, currency: str, to: str, day: date | None) -> Decimal:
        if currency == to:
            return Decimal(1)
        if self.rates is None or self.rate_type is None or day is None:
            raise _Refused(
                f"its amounts are in {currency} and {to}, and no rate is given between them",
                "Give the rates of rates_on with their type, or state all amounts in one currency.",
            )
        key = (currency, to, day)
        if key not in self._factors:
            try:
                found = self.rates.find(currency, to, on=day, rate_type=self.rate_type)
            except MissingRate as missing:
                raise _Refused(
                    f"its amounts are in {currency} and {to}: {missing}",
                    "Add the rate of that day to the table rates, with its type and source.",
                ) from None
            self._factors[key] = Decimal(found.factor.numerator) / found.factor.denominator
        return self._factors[key]


def _formula(declared: dict[str, Any], among: tuple[Formula, ...]) -> Formula:
    name, version, day = (
        declared[column] for column in ("formula", "formula_version", "declared_on")
    )
    if not name or not version:
        raise _Refused(
            "it names no formula or no version of it", "Write both: onshore account formulas"
        )
    try:
        formula = find_formula(name, version, among)
    except AccountError as mistake:
        reason, _, step = str(mistake).partition(". ")
        raise _Refused(reason, step) from None
    if day is not None and not formula.holds_on(day):
        then = [str(f.version) for f in among if f.name == name and f.holds_on(day)]
        raise _Refused(
            f"{formula.label} was not in effect on {day}, the day declared",
            f"Declare by the version of that day: {', '.join(then)}."
            if then
            else "Check the day declared; no version of it was in effect.",
        )
    return formula


def _component(formula: Formula, name: str, *, seen: bool) -> Component:
    component = formula.component(name)
    if component is None:
        names = ", ".join(part.name for part in formula.components)
        raise _Refused(f"{formula.label} has no component {name}", f"Its components are {names}.")
    if seen:
        raise _Refused(f"its component {name} is listed twice", "Add the two up into one row.")
    return component


def _currency_of(formula: Formula, money: Mapping[str, _ByCurrency]) -> str:
    """Give the currency to reckon in: the formula's, else that of what is divided by."""
    given = [code for name in formula.below if name in money for code in money[name]]
    return formula.currency or (given[0] if given else "")


def _check_ties(formula: Formula, amounts: Mapping[str, Decimal]) -> None:
    """Refuse sums that should be equal; a cent or a millionth part is left to rounding."""
    for name, one, other in formula.ties:
        if not any(part in amounts for part in one):
            continue
        a, b = weighed(one, amounts), weighed(other, amounts)
        if abs(a - b) > max(Decimal("0.01"), abs(b) / 1_000_000):
            raise _Refused(
                f"{name} do not tie: {plain(round(a, 2))} and {plain(round(b, 2))}",
                "Mend the part that is wrong, or leave the breakdown out.",
            )


def _working(formula: Formula, amounts: Mapping[str, Decimal], currency: str) -> str:
    """Write the formula and its numbers."""
    used = dict.fromkeys((*formula.above, *formula.below, *formula.plus))
    told = [
        f"{name} {plain(round(amounts.get(name, _ZERO), 6))}"
        + (f" {currency}" if name not in formula.plus else "")
        for name in used
    ]
    return f"{formula.expression}: {', '.join(told)}"


def _verdict(verdict: str, refused: _Refused) -> dict[str, Any]:
    return {"verdict": verdict, "reason": refused.reason, "next_step": refused.next_step}
