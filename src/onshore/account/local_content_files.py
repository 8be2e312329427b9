"""The formulas of local content that there are, and their files.

A file is TOML: texts, days, components by name, and weights that are numbers. Nothing in it is run.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

import polars as pl

from onshore.account.errors import AccountError
from onshore.account.local_content_formulas import Component, Formula, plain
from onshore.codes import UnknownCode, currencies
from onshore.figures import FigureError, Period

_KINDS = ("money", "share")
_ORIGINS = ("", "offer price", "bill of materials")
_LARGEST, _LAST_YEAR = 1_000_000, 9998
_TEXTS = ("title", "title_fa", "issuer", "edition", "exchange")


def formulas(more: Iterable[Formula] = ()) -> tuple[Formula, ...]:
    """Give the formulas that onshore brings, and more of your own.

    Raises
    ------
    AccountError
        Two formulas have the same name and version.

    Examples
    --------
    >>> sorted({formula.name for formula in formulas()})[:3]
    ['aramco-iktva', 'brazil-bndes-value', 'india-ppp-mii']
    """
    known: dict[tuple[str, date], Formula] = {}
    for formula in (*_brought(), *more):
        key = (formula.name, formula.version.start)
        if key in known:
            raise AccountError(
                f"the formula {formula.label} is there twice. Give your own another name or "
                "version."
            )
        known[key] = formula
    return tuple(sorted(known.values(), key=lambda f: (f.name, f.version.start)))


def find_formula(name: str, version: str, among: Iterable[Formula] | None = None) -> Formula:
    """Give a formula by its name and version.

    Raises
    ------
    AccountError
        There is none; the message names what there is.

    Examples
    --------
    >>> find_formula("south-africa-sats-1286", "2011").expression
    '(value - exempted - imported) / (value - exempted)'
    """
    there = formulas() if among is None else tuple(among)
    versions = [formula for formula in there if formula.name == name]
    if not versions:
        names = sorted({formula.name for formula in there})
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        meant = f"Write {near[0]} if that is meant" if near else f"There are {', '.join(names)}"
        raise AccountError(f"there is no formula {name!r}. {meant}, or add it as a file.")
    try:
        asked = Period.parse(version)
    except FigureError as mistake:
        raise AccountError(f"the version {version!r} is no day or year: {mistake}") from None
    for formula in versions:
        if (formula.version.start, formula.version.end) == (asked.start, asked.end):
            return formula
    told = ", ".join(str(formula.version) for formula in versions)
    raise AccountError(
        f"{name} has no version {version}. Its versions are {told}: write the one it was made by."
    )


def formula_table(among: Iterable[Formula] | None = None) -> pl.DataFrame:
    """List formulas with their versions, sources and what could not be confirmed.

    Returns
    -------
    DataFrame
        One row per version: ``formula``, ``version``, ``title``, ``issuer``, ``edition``,
        ``content`` (the formula), ``classes``, ``holds_from``, ``holds_until`` (Date),
        ``source``, ``examples`` (Int64, published worked examples), ``unconfirmed``.

    Examples
    --------
    >>> formula_table().filter(formula="neutral")["content"].item()
    '(value - imported) / value'
    """
    rows = [
        {
            "formula": f.name,
            "version": str(f.version),
            "title": f.title,
            "issuer": f.issuer,
            "edition": f.edition,
            "content": f.expression,
            "classes": "; ".join(f"{name} from {_percent(least)}" for name, least in f.classes),
            "holds_from": f.holds_from,
            "holds_until": f.holds_until,
            "source": f.source,
            "examples": len(f.examples),
            "unconfirmed": " ".join(f.unconfirmed),
        }
        for f in (formulas() if among is None else among)
    ]
    types = {"holds_from": pl.Date, "holds_until": pl.Date, "examples": pl.Int64}
    return pl.DataFrame(rows, schema_overrides=types)


def read_formula(text: str, file: str) -> Formula:
    """Read a formula from the text of its TOML file.

    Raises
    ------
    AccountError
        The file is no formula; the message names the file, the entry and what to write.

    Examples
    --------
    >>> formula = read_formula('''
    ... name = "ours"
    ... version = 2025-03-21
    ... title = "Our own"
    ... issuer = "The agency"
    ... above = { price = 1, imported = -1 }
    ... below = { price = 1 }
    ... [components.price]
    ... meaning = "Price without tax."
    ... [components.imported]
    ... meaning = "Imports at the border."
    ... source = "bill of materials"
    ... [[sources]]
    ... title = "Circular 12"
    ... ''', "ours.toml")
    >>> formula.label
    'ours 2025-03-21'
    """
    try:
        written = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as mistake:
        raise AccountError(f"{file} is no TOML: {mistake}. Mend that line.") from None
    return _Reader(file, written).formula()


@cache
def _brought() -> tuple[Formula, ...]:
    folder = files("onshore.account").joinpath("data", "local_content")
    found = (path for path in folder.iterdir() if path.name.endswith(".toml"))
    return tuple(read_formula(path.read_text(encoding="utf-8"), path.name) for path in found)


class _Reader:
    """Reads one file's entries; whatever is wrong is told with the entry and what to write."""

    def __init__(self, file: str, written: dict[str, Any]) -> None:
        self.file, self.written = file, written

    def formula(self) -> Formula:
        known = {"name", "version", "version_year", "from", "until", "currency", "components"}
        known |= {"above", "below", "plus", "ties", "classes", "sources", "unconfirmed", "examples"}
        for entry in self.written:
            if entry not in known and entry not in _TEXTS:
                self.refuse(entry, "no such entry", f"one of {', '.join(sorted(known))}")
        components = self.components()
        names = frozenset(part.name for part in components)
        shares = frozenset(part.name for part in components if part.kind == "share")
        above, below = self.weights("above", names - shares), self.weights("below", names - shares)
        if not above or not below:
            self.refuse("above and below", "empty", "weights such as { value = 1, imported = -1 }")
        texts = {entry: self.text(entry) for entry in _TEXTS}
        self.require("title", texts["title"])
        self.require("issuer", texts["issuer"])
        return Formula(
            name=self.require("name", self.text("name")),
            version=self.version(),
            components=components,
            above=above,
            below=below,
            plus=self.weights("plus", shares),
            holds_from=self.day("from"),
            holds_until=self.day("until"),
            currency=self.currency(),
            ties=tuple(self.tie(tie, names - shares) for tie in self.rows("ties")),
            classes=self.classes(),
            sources=self.sources(),
            unconfirmed=self.unconfirmed(),
            examples=tuple(self.rows("examples")),
            **texts,
        )

    def components(self) -> tuple[Component, ...]:
        table = self.written.get("components")
        if not isinstance(table, dict) or not table:
            self.refuse("components", "missing", "a table [components.NAME] for each with meaning")
        found = []
        for name, told in table.items():
            entry = f"components.{name}"
            if not isinstance(told, dict) or not isinstance(told.get("meaning"), str):
                self.refuse(entry, "without meaning", 'meaning = "..."')
            unknown = set(told) - {"meaning", "kind", "source", "required"}
            if unknown:
                self.refuse(entry, f"with {', '.join(sorted(unknown))}", "kind, source, required")
            if told.get("kind", "money") not in _KINDS:
                self.refuse(f"{entry}.kind", repr(told["kind"]), " or ".join(_KINDS))
            if told.get("source", "") not in _ORIGINS:
                self.refuse(f"{entry}.source", repr(told["source"]), " or ".join(_ORIGINS[1:]))
            if not isinstance(told.get("required", True), bool):
                self.refuse(f"{entry}.required", repr(told["required"]), "true or false")
            found.append(Component(name, **told))
        return tuple(found)

    def weights(self, entry: str, allowed: frozenset[str]) -> dict[str, Decimal]:
        told = self.written.get(entry, {})
        return self.weights_of(entry, told, allowed)

    def weights_of(self, entry: str, told: Any, allowed: frozenset[str]) -> dict[str, Decimal]:
        if not isinstance(told, dict):
            self.refuse(entry, repr(told), "weights such as { value = 1, imported = -1 }")
        for name in told:
            if name not in allowed:
                self.refuse(entry, f"the component {name}", f"one of {', '.join(sorted(allowed))}")
        return {name: self.number(f"{entry}.{name}", weight) for name, weight in told.items()}

    def tie(
        self, told: dict[str, Any], allowed: frozenset[str]
    ) -> tuple[str, dict[str, Decimal], dict[str, Decimal]]:
        sides = [self.weights_of(f"ties.{side}", told.get(side), allowed) for side in ("a", "b")]
        return str(told.get("name", "the parts")), sides[0], sides[1]

    def classes(self) -> tuple[tuple[str, Decimal], ...]:
        found = [
            (
                self.require("classes.name", str(row.get("name", ""))),
                self.number("classes.at_least", row.get("at_least")),
            )
            for row in self.rows("classes")
        ]
        return tuple(sorted(found, key=lambda pair: pair[1], reverse=True))

    def sources(self) -> tuple[dict[str, str], ...]:
        rows = self.rows("sources")
        if not rows or not all(row.get("title") for row in rows):
            self.refuse("sources", "none with a title", '[[sources]] with title = "..."')
        return tuple({str(key): str(told) for key, told in row.items()} for row in rows)

    def unconfirmed(self) -> tuple[str, ...]:
        told = self.written.get("unconfirmed", [])
        if not isinstance(told, list):
            self.refuse("unconfirmed", repr(told), 'a list of texts: ["..."]')
        return tuple(map(str, told))

    def version(self) -> Period:
        year = self.written.get("version_year")
        if type(year) is int and 1 <= year <= _LAST_YEAR and "version" not in self.written:
            return Period.year(year, "gregorian")
        day = self.day("version")
        if day is None:
            self.refuse("version", "missing", "version = 2024-07-19, or version_year = 2011")
        return Period.parse(day.isoformat())

    def currency(self) -> str:
        code = self.text("currency")
        if not code:
            return ""
        try:
            return currencies.find(code).code
        except UnknownCode as unknown:
            self.refuse("currency", str(unknown), "an ISO 4217 code such as ZAR")

    def day(self, entry: str) -> date | None:
        told = self.written.get(entry)
        if told is None or type(told) is date:
            return told
        return self.refuse(entry, repr(told), "a day such as 2024-07-19, without quotation marks")

    def rows(self, entry: str) -> list[dict[str, Any]]:
        told = self.written.get(entry, [])
        if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
            self.refuse(entry, "no list of tables", f"[[{entry}]] above each")
        return told

    def text(self, entry: str) -> str:
        told = self.written.get(entry, "")
        if not isinstance(told, str):
            self.refuse(entry, repr(told), f'{entry} = "..."')
        return told.strip()

    def number(self, entry: str, told: Any) -> Decimal:
        if isinstance(told, bool) or not isinstance(told, int | Decimal) or not _fits(told):
            self.refuse(entry, repr(told), "a number such as 0.5")
        return Decimal(told)

    def require(self, entry: str, text: str) -> str:
        if not text:
            self.refuse(entry, "missing", f'{entry} = "..."')
        return text

    def refuse(self, entry: str, found: str, write: str) -> NoReturn:
        raise AccountError(f"{self.file}, entry {entry}: {found}. Write {write}.")


def _fits(number: int | Decimal) -> bool:
    weight = Decimal(number)
    return weight.is_finite() and abs(weight) <= _LARGEST and weight == round(weight, 12)


def _percent(fraction: Decimal) -> str:
    return f"{plain(100 * fraction)} %"
