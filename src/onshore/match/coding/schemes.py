"""Schemes of codes: HS 2022 as it comes with the package, or any list a user supplies."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import polars as pl

from onshore.codes import hs
from onshore.match.errors import MatchError

NOT_SPECIFIED = "99"


@dataclass(frozen=True)
class Scheme:
    """The codes that goods may be given, each with all that is said of it.

    Parameters
    ----------
    name
        ``hs2022``, or what the user calls the list.
    codes
        The codes without anything below them, sorted.
    descriptions
        Of each code in the list, also those above others.
    parents
        The code one level up; only those that have one.
    wordings
        What else is said of a code, by code.
    names
        What people call the goods of a code, in any language, by code; of a code above others,
        the goods of all of them.
    """

    name: str
    codes: tuple[str, ...]
    descriptions: Mapping[str, str] = field(repr=False)
    parents: Mapping[str, str] = field(repr=False)
    wordings: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def above(self, code: str) -> Iterator[str]:
        """Give the codes above one, nearest first."""
        while code in self.parents:
            code = self.parents[code]
            yield code

    def refined(self, code: str) -> str | None:
        """Give the code of the list that one is, or refines as national tariff lines do."""
        return next(
            (c for n in range(len(code), 0, -1) if (c := code[:n]) in self.descriptions), None
        )

    def description(self, code: str) -> str | None:
        """Describe a code, or the one that it refines."""
        found = self.refined(code)
        return None if found is None else self.descriptions[found]


@cache
def hs_scheme() -> Scheme:
    """Give the six-digit codes of HS 2022, without chapter 99 (not specified)."""
    listed = {code.code: code for code in hs if not code.code.startswith(NOT_SPECIFIED)}
    return Scheme(
        name="hs2022",
        codes=tuple(sorted(code for code in listed if len(code) == 6)),
        descriptions={code: entry.name for code, entry in listed.items()},
        parents={code: entry.parent for code, entry in listed.items() if entry.parent},
        wordings=_texts("hs_wordings.csv", "wording"),
        names=_texts("hs_names.csv", "english", "persian", "russian"),
    )


def scheme_of(table: pl.DataFrame, name: str = "scheme") -> Scheme:
    """Read a user's code list.

    Parameters
    ----------
    table
        Columns ``code``, ``parent`` (empty or null at the top) and ``description``; others are
        ignored. Without ``parent`` the list is flat.
    name
        How messages call it.

    Raises
    ------
    MatchError
        A column is missing, a code or description is empty, a code occurs twice, a parent is
        not in the list, or codes are above each other in a circle.

    Examples
    --------
    >>> scheme_of(pl.DataFrame({
    ...     "code": ["A", "A1", "A2"], "parent": [None, "A", "A"],
    ...     "description": ["Valves", "Gate valves", "Ball valves"],
    ... })).codes
    ('A1', 'A2')
    """
    missing = [column for column in ("code", "description") if column not in table.columns]
    if missing:
        found = ", ".join(table.columns) or "no column"
        raise MatchError(
            f"{name}: no column {' or '.join(missing)}. Found: {found}. "
            "A scheme has the columns code, parent, description."
        )
    descriptions: dict[str, str] = {}
    parents: dict[str, str] = {}
    rows = table.with_columns(
        parent=pl.col("parent").cast(pl.String) if "parent" in table.columns else pl.lit(None)
    ).select(pl.col("code", "parent", "description").cast(pl.String).str.strip_chars())
    for row, (code, parent, description) in enumerate(rows.iter_rows(), start=1):
        if not code or not description:
            empty = "description" if code else "code"
            raise MatchError(f"{name}: {empty} is empty in data row {row}. Fill it in.")
        if code in descriptions:
            raise MatchError(
                f"{name}: the code {code} occurs twice, again in data row {row}. Keep one of them."
            )
        descriptions[code] = description
        if parent:
            parents[code] = parent
    _check_parents(descriptions, parents, name)
    above = set(parents.values())
    codes = tuple(sorted(code for code in descriptions if code not in above))
    if not codes:
        raise MatchError(f"{name}: the list has no codes. Give at least one row.")
    return Scheme(name, codes, descriptions, parents)


def _check_parents(descriptions: Mapping[str, str], parents: Mapping[str, str], name: str) -> None:
    for code, parent in parents.items():
        if parent not in descriptions:
            raise MatchError(
                f"{name}: the parent {parent} of {code} is not in the list. "
                "Add its row, or leave the parent empty."
            )
    sound: set[str] = set()
    for code in parents:
        path = [code]
        while path[-1] in parents and path[-1] not in sound:
            path.append(parents[path[-1]])
            if path[-1] in path[:-1]:
                circle = " > ".join(path[path.index(path[-1]) :])
                raise MatchError(f"{name}: codes are above each other in a circle: {circle}.")
        sound.update(path)


def _texts(file: str, *columns: str) -> dict[str, tuple[str, ...]]:
    path = resources.files("onshore.match.coding").joinpath("data", file)
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(path.read_text("utf-8").splitlines()):
        texts = (text for column in columns for text in row[column].split("|"))
        found.setdefault(row["code"], []).extend(text for text in texts if text)
    return {code: tuple(texts) for code, texts in found.items()}
