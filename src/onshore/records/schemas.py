"""The programme's tables, as data: columns, types, units, synonyms and rules."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import polars as pl

from onshore.codes import fold

NUMBER = pl.Decimal(38, 6)

_DTYPES: dict[str, type[pl.DataType] | pl.DataType] = {
    "number": NUMBER,
    "money": NUMBER,
    "signed": NUMBER,
    "share": pl.Float64(),
    "whole": pl.Int64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
}
_TEXTS = (
    *("key", "ref", "refs", "text", "list", "period", "choice"),
    *("unit", "currency", "country", "place", "hs", "isic", "basis", "status"),
)
TYPES = frozenset((*_DTYPES, *_TEXTS))


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        Name in frames and files.
    type
        ``key``, ``ref``, ``refs``, ``text``, ``list``, ``number``, ``money``, ``signed``,
        ``share``, ``whole``, ``bool``, ``date``, ``period``, ``choice``, ``unit``, ``currency``,
        ``country``, ``place``, ``hs``, ``isic``, ``basis`` or ``status``.
    required
        Whether every row needs a value.
    unit
        Unit of its numbers, for people.
    meaning
        What it says.
    table
        The table that a ``ref`` or ``refs`` points to.
    choices
        The values of a ``choice``.
    synonyms
        Other headings it is known by, in English and Persian.
    last_resort
        Headings that stand for it only where no better one is there.
    """

    name: str
    type: str
    required: bool = False
    unit: str = ""
    meaning: str = ""
    table: str | None = None
    choices: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    last_resort: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """Type of the column in frames: numbers and money are Decimal(38, 6)."""
        dtype = _DTYPES.get(self.type, pl.String())
        return dtype if isinstance(dtype, pl.DataType) else dtype()


@dataclass(frozen=True)
class Rule:
    """What must hold between the cells of one row.

    ``with``: where ``column`` has a value, ``other`` (or else ``unless``) needs one.
    ``not_before``: ``column`` is not a day before ``other``.
    ``at_most``: ``column`` is not above ``other``.
    ``between``: ``column`` lies within ``low`` and ``high``.
    """

    kind: str
    column: str
    other: str = ""
    unless: str = ""
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Schema:
    """A table: its columns, its key and its rules.

    Examples
    --------
    >>> schema("needs").key
    ('need_id',)
    >>> schema("needs").column("yearly_quantity").unit
    'per year'
    >>> "qty" in schema("needs").column("yearly_quantity").synonyms
    True
    """

    name: str
    key: tuple[str, ...]
    title: str
    title_fa: str
    meaning: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = field(default=(), repr=False)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def column(self, name: str) -> Column:
        """Give a column by its name.

        Raises
        ------
        KeyError
            The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"the table {self.name} has no column {name}")

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Name and type of each column of the table's frame, in order."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def references(self) -> tuple[Column, ...]:
        """Columns that point to the key of a table."""
        return tuple(column for column in self.columns if column.table)


def tables() -> tuple[str, ...]:
    """Names of the programme's tables.

    Examples
    --------
    >>> tables()[:4]
    ('organisations', 'places', 'items', 'needs')
    """
    return tuple(_schemas())


def schema(table: str) -> Schema:
    """Give the schema of a table.

    Raises
    ------
    KeyError
        There is no such table.
    """
    try:
        return _schemas()[table]
    except KeyError:
        names = ", ".join(tables())
        raise KeyError(f"there is no table {table!r}; the tables are {names}") from None


@cache
def choice_spellings(choices: tuple[str, ...]) -> dict[str, str]:
    """Give the folded English and Persian spellings of some choices, each with its choice."""
    spellings = {}
    for row in _rows("_choices.csv"):
        if row["value"] in choices:
            for text in (row["name_fa"], *_listed(row["synonyms"])):
                spellings[fold(text)] = row["value"]
    return spellings | {fold(choice): choice for choice in choices}


def choice_name(value: str) -> str | None:
    """Give the Persian name of a choice; None if it has none."""
    return _choice_names().get(value)


@cache
def _choice_names() -> dict[str, str]:
    return {row["value"]: row["name_fa"] for row in _rows("_choices.csv")}


@cache
def _schemas() -> dict[str, Schema]:
    rules: dict[str, list[Rule]] = {}
    for row in _rows("_rules.csv"):
        low, _, high = row["bounds"].partition("..")
        rules.setdefault(row["table"], []).append(
            Rule(
                row["rule"],
                row["column"],
                row["other"],
                row["unless"],
                float(low or 0),
                float(high or 0),
            )
        )
    return {
        row["table"]: Schema(
            row["table"],
            tuple(row["key"].split("+")),
            row["title"],
            row["title_fa"],
            row["meaning"],
            tuple(_column(line) for line in _rows(f"{row['table']}.csv")),
            tuple(rules.get(row["table"], ())),
        )
        for row in _rows("_tables.csv")
    }


def _column(row: dict[str, str]) -> Column:
    kind, _, argument = row["type"].partition(" ")
    synonyms = _listed(row["synonyms"])
    return Column(
        row["column"],
        kind,
        required=row["required"] == "yes",
        unit=row["unit"],
        meaning=row["meaning"],
        table=argument if kind in ("ref", "refs") else None,
        choices=tuple(argument.split("/")) if kind == "choice" else (),
        synonyms=tuple(text for text in synonyms if not text.endswith("?")),
        last_resort=tuple(text[:-1] for text in synonyms if text.endswith("?")),
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = files("onshore.records").joinpath("tables", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())
