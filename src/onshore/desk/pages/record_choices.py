"""Records to choose from by a part of their name, as far as an actor may see them."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from onshore.codes import fold
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS
from onshore.desk.pages.names import kinds_named, named, place_name
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import visible
from onshore.desk.search import SEARCHED, search
from onshore.report import Words

MOST = 20
_MOST_READ = 10_000
"""Rows of a table that search knows nothing of, of which all names are read."""
_MOST_ALIKE = 200
_SHORTEST = 3


@dataclass(frozen=True)
class Choice:
    """Something to choose: its key, its name, and what tells it from others of that name.

    ``also`` is its name in the other language.
    """

    key: str
    name: str
    apart: str = ""
    also: str = ""

    @property
    def label(self) -> str:
        """Its name, with what tells it apart."""
        return " · ".join(filter(None, (self.name, self.apart)))


@dataclass(frozen=True)
class RecordChoices:
    """The records of a table.

    Parameters
    ----------
    table
        The table.
    names
        Fields that name a record, in English and, where there is one, in Persian.
    apart
        Gives what tells a record from others of its name.
    beside
        Records to be read with it.
    """

    table: str
    names: tuple[str, ...]
    apart: Callable[[Any], Iterable[str]]
    beside: tuple[str, ...] = ()

    def holding(self, actor: Actor, text: str) -> list[Choice]:
        """Give the records that a part of a name, or a key, fits best."""
        if not text:
            order = "pk" if self.table in SEARCHED and len(self.names) == 1 else self.names[0]
            return self._choices(self._rows(actor).order_by(order, "pk")[:MOST])
        if self.table in SEARCHED:
            return self._choices(self._found(actor, text, MOST))
        words, wanted = fold(text).split(), fold(text)
        ranks: dict[str, int] = {}
        for key, names in self._read(actor):
            folded = [fold(name) for name in (key, *names)]
            if all(word in " ".join(folded) for word in words):
                begins = any(name.startswith(wanted) for name in folded)
                ranks[key] = 0 if wanted in folded else 1 if begins else 2
        return self.of_keys(actor, sorted(ranks, key=lambda key: (ranks[key], key))[:MOST])

    def of_keys(self, actor: Actor, keys: Iterable[str]) -> list[Choice]:
        """Give the records with some keys, in the order of the keys."""
        asked = list(dict.fromkeys(key for key in keys if "\0" not in key))
        rows = {row.pk: row for row in self._rows(actor).filter(pk__in=asked)}
        return self._choices(rows[key] for key in asked if key in rows)

    def called(self, actor: Actor, text: str) -> list[Choice]:
        """Give the records that have a name, however it is spelled."""
        wanted = fold(text)
        alike = reduce(or_, (Q(**{f"{name}__iexact": text}) for name in self.names))
        keys = list(self._rows(actor).filter(alike).values_list("pk", flat=True)[:_MOST_ALIKE])
        if self.table in SEARCHED:
            keys += [row.pk for row in self._found(actor, text, _MOST_ALIKE)]
        else:
            keys += [key for key, names in self._read(actor) if wanted in map(fold, names)]
        rows = self._rows(actor).filter(pk__in=set(keys)).order_by("pk")
        return self._choices(row for row in rows if wanted in map(fold, self._names(row)))

    def near(self, actor: Actor, text: str, most: int = 3) -> list[Choice]:
        """Give the records that hold a text, or else whose names look most like it, best first."""
        if held := self.holding(actor, text):
            return held[:most]
        if self.table in SEARCHED:
            tried = (self._found(actor, words, MOST) for words in _looser(text))
            rows = next((rows for rows in tried if rows), [])
            spelled = [(row.pk, self._names(row)) for row in rows]
        else:
            spelled = list(self._read(actor))
        keys = {fold(name): key for key, names in spelled for name in (key, *names) if name}
        cutoff = 0.0 if self.table in SEARCHED else 0.6
        best = difflib.get_close_matches(fold(text), keys, n=2 * most, cutoff=cutoff)
        return self.of_keys(actor, [keys[name] for name in best])[:most]

    def _rows(self, actor: Actor) -> QuerySet:
        return visible(actor, RECORDS[self.table]).select_related(*(self.beside or (None,)))

    def _found(self, actor: Actor, text: str, most: int) -> list[Any]:
        return [
            row
            for found in search(actor, text, tables=(self.table,), most=most)
            for row in found.rows
        ]

    def _read(self, actor: Actor) -> Iterator[tuple[str, list[str]]]:
        rows = self._rows(actor).order_by("pk").values_list("pk", *self.names)
        for key, *names in rows[:_MOST_READ]:
            yield key, names

    def _names(self, row: Any) -> list[str]:
        return [getattr(row, name) for name in self.names]

    def _choices(self, rows: Iterable[Any]) -> list[Choice]:
        return [self._choice(row) for row in rows]

    def _choice(self, row: Any) -> Choice:
        names = self._names(row)
        name = (names[-1] if language() == "fa" else "") or names[0]
        also = next((other for other in names if other != name), "")
        return Choice(row.pk, name, " · ".join(filter(None, self.apart(row))), also)


def _looser(text: str) -> Iterator[str]:
    """Give parts of a text that may be right where the whole is not: words, then beginnings."""
    words = sorted(fold(text).split(), key=len, reverse=True)[:4]
    if len(words) > 1:
        yield from words
    for word in words[:2]:
        for length in sorted({len(word) - 1, len(word) * 2 // 3, len(word) // 2}, reverse=True):
            if length >= _SHORTEST:
                yield word[:length]


def _word(kind: str, word: str) -> str:
    return Words(language()).name(kind, word or "")


_NAMES = ("name", "name_fa")
_TABLES = (
    RecordChoices(
        "organisations", _NAMES, lambda row: (kinds_named(row.role), place_name(row.place))
    ),
    RecordChoices("places", _NAMES, lambda row: (choice_label(row.kind),)),
    RecordChoices("items", ("description",), lambda row: (row.part_number,)),
    RecordChoices(
        *("needs", ("description",), lambda row: (row.part_number, named(row.buyer)), ("buyer",))
    ),
    RecordChoices(
        *("offers", ("description",), lambda row: (row.part_number, named(row.maker)), ("maker",))
    ),
    RecordChoices("desks", _NAMES, lambda row: (_word("sector", row.sector),)),
    RecordChoices(
        "plants", _NAMES, lambda row: (place_name(row.place), _word("product", row.product))
    ),
)
TABLES = {choices.table: choices for choices in _TABLES}
"""The tables that forms ask for a key of."""
