"""Formulas of local content as data: named, dated, with their source, and nothing to run.

A formula is a weighted sum over a weighted sum, plus shares::

    content = sum(above) / sum(below) + sum(plus)

Weights and thresholds are numbers and components are names, so that a file holds no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from onshore.account.errors import AccountError
from onshore.figures import Period


@dataclass(frozen=True)
class Component:
    """What a formula asks for.

    Parameters
    ----------
    name
        Name in the formula and in the table ``declaration_amounts``.
    meaning
        What belongs to it.
    kind
        ``money``, an amount in a currency, or ``share``, a fraction.
    source
        Where it is taken from when the declaration does not state it: ``offer price``,
        ``bill of materials`` (its imports) or nowhere (empty).
    required
        Whether a declaration without it is refused; else it counts as 0.
    """

    name: str
    meaning: str
    kind: str = "money"
    source: str = ""
    required: bool = True


@dataclass(frozen=True)
class Formula:
    """A version of a formula of local content.

    Parameters
    ----------
    name
        Such as ``india-ppp-mii``; the versions of one formula share it.
    version
        Its day, or its year where the day of issue is not known.
    title, title_fa, issuer, edition
        What it is called, who issued it, and which edition it is.
    components
        What it asks for.
    above, below, plus
        Weights by component: ``sum(above) / sum(below) + sum(plus)``.
    holds_from, holds_until
        First and last day of its effect; None where open or not known.
    currency
        ISO 4217 code of the currency it is reckoned in; empty for that of its divisor.
    exchange
        Its rule for rates of exchange, in words.
    ties
        Sums that have to be equal: name, weights of one side and of the other.
    classes
        Classes with the least content of each (a fraction), highest first.
    sources
        Title, issuer, day, address, and what was read there.
    unconfirmed
        What no source could be found or read for; none of it is in the formula's numbers
        unless the text says so.
    examples
        Published worked examples: amounts, content, rounding and source.
    """

    name: str
    version: Period
    title: str
    title_fa: str
    issuer: str
    components: tuple[Component, ...]
    above: Mapping[str, Decimal]
    below: Mapping[str, Decimal]
    plus: Mapping[str, Decimal] = field(default_factory=dict)
    edition: str = ""
    holds_from: date | None = None
    holds_until: date | None = None
    currency: str = ""
    exchange: str = ""
    ties: tuple[tuple[str, Mapping[str, Decimal], Mapping[str, Decimal]], ...] = ()
    classes: tuple[tuple[str, Decimal], ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()
    unconfirmed: tuple[str, ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def label(self) -> str:
        """Name and version, as a declaration shows them."""
        return f"{self.name} {self.version}"

    @property
    def expression(self) -> str:
        """The formula as it is read: ``(value - imported) / value``."""
        quotient = f"{_grouped(self.above)} / {_grouped(self.below)}"
        return f"{quotient} + {_sum(self.plus)}" if self.plus else quotient

    @property
    def source(self) -> str:
        """The first source in a line."""
        first = self.sources[0] if self.sources else {}
        told = [first.get(key, "") for key in ("title", "issuer", "published", "url")]
        return ", ".join(text for text in told if text)

    def component(self, name: str) -> Component | None:
        """Give a component by its name, or None."""
        return next((part for part in self.components if part.name == name), None)

    def holds_on(self, day: date) -> bool:
        """Whether the version is in effect on a day."""
        return (self.holds_from is None or self.holds_from <= day) and (
            self.holds_until is None or day <= self.holds_until
        )

    def content(self, amounts: Mapping[str, Decimal]) -> Decimal:
        """Reckon the content from amounts in one currency; those not given count as 0.

        Raises
        ------
        AccountError
            A required component is not given, or what is divided by is not positive.

        Examples
        --------
        >>> from onshore.account import find_formula
        >>> formula = find_formula("neutral", "2026-01-01")
        >>> formula.content({"value": Decimal(200), "imported": Decimal(50)})
        Decimal('0.75')
        """
        lacking = [c.name for c in self.components if c.required and c.name not in amounts]
        if lacking:
            raise AccountError(
                f"{self.label} asks for {', '.join(lacking)}, and nothing is given for it. "
                "Put the amount into the table declaration_amounts."
            )
        divisor = weighed(self.below, amounts)
        if divisor <= 0:
            raise AccountError(
                f"{self.label} divides by {_sum(self.below)}, which comes to {plain(divisor)}. "
                "Give an amount above 0."
            )
        return weighed(self.above, amounts) / divisor + weighed(self.plus, amounts)

    def class_of(self, content: Decimal) -> str | None:
        """Give the class that a content belongs to; None where the formula has no classes."""
        return next((name for name, least in self.classes if content >= least), None)


def weighed(weights: Mapping[str, Decimal], amounts: Mapping[str, Decimal]) -> Decimal:
    """Add up amounts by their weights; those not given count as 0."""
    zero = Decimal(0)
    return sum((weight * amounts.get(name, zero) for name, weight in weights.items()), zero)


def plain(number: Decimal) -> str:
    """Write a number without exponent or trailing zeros."""
    return format(number.normalize() if number else Decimal(0), "f")


def _sum(weights: Mapping[str, Decimal]) -> str:
    told = ""
    for name, weight in weights.items():
        sign = ("-" if weight < 0 else "") if not told else (" - " if weight < 0 else " + ")
        told += f"{sign}{'' if abs(weight) == 1 else f'{plain(abs(weight))} x '}{name}"
    return told


def _grouped(weights: Mapping[str, Decimal]) -> str:
    return _sum(weights) if len(weights) == 1 else f"({_sum(weights)})"
