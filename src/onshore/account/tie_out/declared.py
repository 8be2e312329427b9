"""Relations that a person declares: one a line, ``sum: A2-1 = A2-2 + A2-3``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl

from onshore.account.tie_out import calendars, meetings, paths
from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.figure import Figure
from onshore.account.tie_out.finding import DERIVED, Finding, as_written, judged, plain, shown
from onshore.account.tie_out.sums import sum_finding
from onshore.codes import latin_digits
from onshore.records import RowError
from onshore.records.csv_text import find_encoding
from onshore.records.errors import FileFault

KINDS = {
    "sum": "sum: TOTAL = PART + PART + ...",
    "growth": "growth: GROWTH = NEW / OLD - 1",
    "ratio": "ratio: TIMES = NEW / OLD",
    "share": "share: SHARE = PART / WHOLE",
    "product": "product: TOTAL = COUNT * EACH",
    "quotient": "quotient: EACH = TOTAL / COUNT",
    "conversion": "conversion: AMOUNT = AMOUNT at official on 2020-08-22",
    "same": "same: FIGURE = FIGURE",
    "path": "path: FIGURE -> FIGURE -> FIGURE",
    "period": "period: FIGURE",
    "formula": "formula: FIGURE = any arithmetic of figures and numbers",
}
"""Kinds of relation, each as it is written. ``?`` for what is stated asks for the result."""

_TOKEN = re.compile(r"\s*(?:(?P<word>[^\s()*+/=]+)|(?P<sign>[()*+/=]))")
_NUMBER = re.compile(r"\d[\d,]*(\.\d+)?%?")
_HOW = "write one such as " + KINDS["sum"] + "."


class Faulty(Exception):
    """A relation that cannot be used, with its next step."""

    def __init__(self, column: str, reason: str, found: str, step: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.found, self.step = column, reason, found, step


@dataclass(frozen=True)
class Term:
    """A value with its dimension."""

    bounds: Bounds
    dimension: Mapping[str, int]


def judge_relations(
    path: str | Path, figures: Sequence[Figure], rates: pl.DataFrame | None = None
) -> tuple[list[Finding], list[RowError]]:
    """Judge the relations of a file by the figures they name.

    Parameters
    ----------
    path
        A text file: one relation a line, ``kind: formula``; lines that begin with ``#`` are
        remarks. A CSV with the columns ``kind`` and ``formula`` is the same.
    figures
        The figures that it names by their ids.
    rates
        The table of rates, for conversions.

    Returns
    -------
    tuple
        The findings, and an error for every line that cannot be used.
    """
    path = Path(path)
    by_id = {figure.id: figure for figure in figures}
    found: list[Finding] = []
    errors: list[RowError] = []
    try:
        encoding = find_encoding(path)
        text = path.read_bytes()[encoding.bom :].decode(encoding.name, "replace")
    except FileFault as fault:
        return [], [RowError(path.name, 0, "", fault.reason, fault.found, fault.next_step)]
    for row, line in enumerate(text.splitlines(), start=1):
        told = line.strip().strip('"').strip()
        if not told or told.startswith("#") or re.fullmatch(r"kind ?, ?(formula|relation)", told):
            continue
        try:
            found.append(_judge(told, by_id, rates))
        except Faulty as fault:
            errors.append(
                RowError(path.name, row, fault.column, fault.reason, fault.found, fault.step)
            )
    if not found and not errors:
        errors.append(RowError(path.name, 0, "", "the file declares no relation.", "", _HOW))
    return found, errors


def _judge(told: str, by_id: Mapping[str, Figure], rates: pl.DataFrame | None) -> Finding:
    match = re.match(r"([^\W\d_]+)\s*[:,;\t]\s*\"?(.+?)\"?$", told)
    kind = match[1].lower() if match else ""
    if match is None or kind not in KINDS:
        raise Faulty(
            "kind", "it names no kind of relation that is known.", told,
            f"begin with one of {', '.join(KINDS)}; {_HOW}",
        )  # fmt: skip
    formula = " ".join(match[2].split())
    if kind == "path":
        series = [_figure(word, by_id) for word in re.split(r"\s*(?:->|→)\s*", formula)]
        return _path(series, formula)
    if kind == "period":
        figure = _figure(formula, by_id)
        finding = calendars.period_finding(figure)
        if finding is None:
            raise Faulty(
                "formula", "its row has no two periods to hold against each other.", formula,
                "fill in period_gregorian and period_solar_hijri.",
            )  # fmt: skip
        return finding
    left, equals, right = formula.partition("=")
    if not equals or not right.strip() or not left.strip():
        raise Faulty(
            "formula", "it has no two sides.", formula, f"write it as {KINDS[kind]}."
        )  # fmt: skip
    if kind == "conversion":
        return _conversion(left.strip(), right.strip(), by_id, rates)
    if kind == "same":
        first, second = _figure(left.strip(), by_id), _figure(right.strip(), by_id)
        _same_dimension(first, second, formula)
        return meetings.same_finding(first, second)
    return _formula(kind, left.strip(), right.strip(), by_id)


def _figure(word: str, by_id: Mapping[str, Figure]) -> Figure:
    figure = by_id.get(word.strip())
    if figure is None:
        import difflib

        near = difflib.get_close_matches(word, by_id, n=3)
        hint = f"near it: {', '.join(near)}." if near else "write an id of the table of figures."
        raise Faulty("formula", "there is no figure of this id.", word.strip(), hint)
    return figure


def _with_number(figure: Figure) -> Figure:
    if figure.number is None:
        raise Faulty(
            "formula", "the figure has no number to reckon with.",
            f"{figure.id}: {figure.written}", "name a figure with a number.",
        )  # fmt: skip
    return figure


def _same_dimension(first: Figure, second: Figure, formula: str) -> None:
    if first.unit.dimension == second.unit.dimension:
        return
    monies = first.unit.currency and second.unit.currency
    reason = "the figures are in different currencies." if monies else "the units do not agree."
    step = (
        "declare a conversion, or give the figures in one currency."
        if monies
        else "relate figures of one kind of unit."
    )
    told = f"{first.id}: {first.unit.label}; {second.id}: {second.unit.label}"
    raise Faulty("formula", reason, told or formula, step)


def _path(series: list[Figure], formula: str) -> Finding:
    if len(series) < 2:
        raise Faulty("formula", "a path needs two figures.", formula, f"{KINDS['path']}.")
    for figure in series:
        _with_number(figure)
        _same_dimension(series[0], figure, formula)
        if figure.period is None:
            raise Faulty(
                "formula", "the figure has no period.", figure.id, "fill in its period."
            )  # fmt: skip
    starts = [f.period.start for f in series if f.period]
    if starts != sorted(set(starts)):
        raise Faulty(
            "formula", "the periods do not follow one another.", formula,
            "name the figures from the earliest to the latest, each of its own period.",
        )  # fmt: skip
    return paths.path_finding(series)


def _conversion(
    left: str, right: str, by_id: Mapping[str, Figure], rates: pl.DataFrame | None
) -> Finding:
    match = re.fullmatch(r"(\S+)(?: at (?P<type>\S+))?(?: on (?P<on>\d{4}-\d\d-\d\d))?", right)
    if not match:
        raise Faulty("formula", "it cannot be read.", right, f"write {KINDS['conversion']}.")
    first, second = _figure(left, by_id), _figure(match[1], by_id)
    for figure in (first, second):
        if not figure.unit.currency or not figure.number:
            raise Faulty(
                "formula", "the figure is not an amount of money.",
                f"{figure.id}: {figure.written} {figure.unit.label}", "name two amounts of money.",
            )  # fmt: skip
    if first.unit.currency == second.unit.currency:
        raise Faulty(
            "formula", "both are in one currency.", f"{left} = {right}", "declare them as same."
        )
    on = date.fromisoformat(match["on"]) if match["on"] else None
    return meetings.conversion_finding(first, second, rates, rate_type=match["type"], on=on)


# Arithmetic -----------------------------------------------------------------------------------


def _formula(kind: str, left: str, right: str, by_id: Mapping[str, Figure]) -> Finding:
    used: list[Figure] = []
    tokens = list(_tokens(right, by_id, used))
    term, rest = _expression(tokens)
    if rest:
        raise Faulty("formula", "it cannot be read to its end.", right, f"write {KINDS[kind]}.")
    twice = sorted({f.id for f in used if used.count(f) > 1})
    if kind == "sum":
        if twice:
            raise Faulty(
                "formula", "a part is listed twice.", ", ".join(twice), "name each part once."
            )
        if left != "?" and left in {f.id for f in used}:
            raise Faulty("formula", "the total is one of its own parts.", left, "take it out.")
    told = " ".join(_told(token) for token in tokens)
    if left == "?":
        names = " ".join(
            f"{name}^{power}" if power != 1 else name
            for name, power in term.dimension.items()
            if power
        )
        half = term.bounds.half
        return Finding(
            kind, tuple(f.id for f in used), DERIVED, "formula.derived",
            {"formula": told, "computed": shown(term.bounds.point), "unit": names}, "",
            f"{plain(term.bounds.point)} {names}".strip(), "",
            "one-sided" if half is None else plain(half),
        )  # fmt: skip
    stated = _with_number(_figure(left, by_id))
    if _clean(dict(stated.unit.dimension)) != _clean(term.dimension):
        raise Faulty(
            "formula", "the two sides are not of one unit.",
            f"{stated.unit.label or 'a number'} and {_named(term.dimension)}",
            "relate figures whose units agree.",
        )  # fmt: skip
    plain_sum = kind == "sum" and all(token not in ("-", "*", "/") for token in tokens)
    if plain_sum and len(used) > 1:
        return sum_finding(stated, used)
    ids = (stated.id, *dict.fromkeys(f.id for f in used))
    return judged(kind, stated, term.bounds, ids, "formula.checked", {"formula": told})


_Token = Figure | Decimal | str


def _tokens(text: str, by_id: Mapping[str, Figure], used: list[Figure]) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if word is None:
            yield match["sign"]
        elif word in {"-", "\u2212"}:
            yield "-"
        elif word in {"x", "×"}:
            yield "*"
        elif word in by_id:
            used.append(_with_number(by_id[word]))
            yield by_id[word]
        elif _NUMBER.fullmatch(latin_digits(word)):
            number = Decimal(latin_digits(word).rstrip("%").replace(",", ""))
            yield number / 100 if word.endswith("%") else number
        else:
            _figure(word, by_id)


def _expression(tokens: list[_Token]) -> tuple[Term, list[_Token]]:
    term, rest = _product(tokens)
    while rest and rest[0] in ("+", "-"):
        sign, (other, rest) = rest[0], _product(rest[1:])
        if _clean(term.dimension) != _clean(other.dimension):
            names = (_named(term.dimension), _named(other.dimension))
            monies = all(re.fullmatch("[A-Z]{3}", name) for name in names)
            raise Faulty(
                "formula",
                "parts in different currencies are not added."
                if monies
                else "what is added is not of one unit.",
                " and ".join(names),
                "declare a conversion, or give the figures in one currency."
                if monies
                else "add figures of one kind of unit.",
            )
        bounds = term.bounds + other.bounds if sign == "+" else term.bounds - other.bounds
        term = Term(bounds, term.dimension)
    return term, rest


def _product(tokens: list[_Token]) -> tuple[Term, list[_Token]]:
    term, rest = _atom(tokens)
    while rest and rest[0] in ("*", "/"):
        sign, (other, rest) = rest[0], _atom(rest[1:])
        power = 1 if sign == "*" else -1
        names = {*term.dimension, *other.dimension}
        dimension = {
            name: term.dimension.get(name, 0) + power * other.dimension.get(name, 0)
            for name in names
        }
        if sign == "/" and not other.bounds.point:
            raise Faulty("formula", "it divides by zero.", "0", "check the figure divided by.")
        bounds = term.bounds * other.bounds if sign == "*" else term.bounds / other.bounds
        term = Term(bounds, dimension)
    return term, rest


def _atom(tokens: list[_Token]) -> tuple[Term, list[_Token]]:
    if not tokens:
        raise Faulty("formula", "it breaks off.", "", "write what is missing at its end.")
    first, *rest = tokens
    if first == "(":
        term, rest = _expression(rest)
        if not rest or rest[0] != ")":
            raise Faulty("formula", "a bracket is not closed.", "(", "close it.")
        return term, rest[1:]
    if isinstance(first, Figure):
        return Term(first.rounded, dict(first.unit.dimension)), rest
    if isinstance(first, Decimal):
        return Term(Bounds.exact(Fraction(first)), {}), rest
    raise Faulty("formula", "a sign stands where a figure should.", first, "check the formula.")


def _told(token: _Token) -> str:
    if isinstance(token, Figure):
        return f"{as_written(token)} {token.unit.label}".strip()
    return f"{token:f}" if isinstance(token, Decimal) else token


def _clean(dimension: Mapping[str, int]) -> dict[str, int]:
    return {name: power for name, power in dimension.items() if power}


def _named(dimension: Mapping[str, int]) -> str:
    named = [n if p == 1 else f"{n}^{p}" for n, p in sorted(dimension.items()) if p]
    return " ".join(named) or "a number without unit"
