"""Search everywhere: words of needs, offers, organisations, items and deals.

Words are folded as `onshore.match.normalise` does, so that ی and ي, ۵ and 5, upper and lower
case find each other; part numbers are also found with and without their hyphens, and the
beginning of a word finds it. What is found is shown only where a policy lets the actor see it.

The table ``search_entries`` keeps each record's words; SQLite's FTS5 and PostgreSQL's tsvector
index it by themselves (migration ``search``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from onshore.desk.actor import Actor
from onshore.desk.auditing.audit import Change
from onshore.desk.models import Deal, Item, Need, Offer, Organisation, SearchEntry
from onshore.desk.policies import STAFF, visible
from onshore.desk.tables.bulk_rows import PreparedRows
from onshore.match import normalise

SEARCHED: dict[str, type[models.Model]] = {
    "needs": Need,
    "offers": Offer,
    "organisations": Organisation,
    "items": Item,
    "deals": Deal,
}
"""What is searched, in the order in which it is shown."""

MOST_WORDS = 8
_RANKED = 200
"""Best hits of a kind that are looked at first; more than a page ever shows."""
_WEIGHED = 2000
"""Hits of a kind that PostgreSQL weighs: a word more common than that tells nothing."""
_BATCH = 5_000
_LONGEST_WORD = 100
_WORD = re.compile(r"[^\W_]+")

_COLUMNS = {
    "needs": ("need_id", "description", "part_number", "brand", "sector", "hs_code"),
    "offers": ("offer_id", "description", "part_number", "brand", "hs_code"),
    "organisations": ("organisation_id", "name", "name_fa", "industrial_park"),
    "items": ("item_id", "description", "part_number", "part_number_issuer", "sector", "hs_code"),
    "deals": ("deal_id", "milestones", "buyer_id", "maker_id", "need_id", "item_id"),
}
"""Columns whose change changes a record's words."""

_FIELDS = _COLUMNS | {
    "deals": (
        *("deal_id", "milestones", "buyer__name", "buyer__name_fa", "maker__name"),
        *("maker__name_fa", "need__description", "item__description"),
    )
}
_CODES = frozenset({"need_id", "offer_id", "organisation_id", "item_id", "deal_id", "part_number"})
_DEALS_BY = {"organisations": ("buyer", "maker"), "needs": ("need",), "items": ("item",)}
_SHOWN_WITH = {"needs": ("buyer",), "offers": ("maker",), "deals": ("buyer", "maker", "need")}


@dataclass(frozen=True)
class Found:
    """What was found of one kind: its rows, best first, and whether there are more."""

    table: str
    rows: Sequence[Any]
    more: bool


def search(
    actor: Actor, text: str, *, tables: Iterable[str] = tuple(SEARCHED), most: int = 10
) -> list[Found]:
    """Find the records that hold all the words of a text and that the actor sees.

    Parameters
    ----------
    text
        What was typed; of more than `MOST_WORDS` words the first ones count.
    tables
        Where to look, of `SEARCHED`.
    most
        Rows of each kind.
    """
    asked = _asked(text)
    if not asked:
        return []
    typed = text.strip()
    found = []
    for table, keys in _best(asked, [table for table in SEARCHED if table in tables]).items():
        rows = _rows(actor, table, [typed, typed.upper(), *keys], asked, most + 1)
        if rows:
            found.append(Found(table, rows[:most], len(rows) > most))
    return found


def keep(changes: Iterable[Change], made: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Keep the words of changed records up to date; within the transaction of the change.

    Parameters
    ----------
    made
        Words that were made beforehand, by table and key; see `words_made`.
    """
    touched: dict[str, set[str]] = {}
    for change in changes:
        columns = _COLUMNS.get(change.table, ())
        if any(column in change.before or column in change.after for column in columns):
            touched.setdefault(change.table, set()).add(change.key)
    for table, keys in touched.items():
        refresh(table, keys, (made or {}).get(table, {}))
    _refresh_deals_of(touched)


def words_made(table: str, things: Iterable[Any]) -> dict[str, str]:
    """Make the words of records that are not written yet, of a table of plain columns."""
    names = _FIELDS[table]
    return {thing.pk: _joined((name, getattr(thing, name)) for name in names) for thing in things}


def refresh(table: str, keys: Iterable[str], made: Mapping[str, str] | None = None) -> None:
    """Read the words of records anew; those that are gone are found no more."""
    known_words = made or {}
    for some in _batches(keys):
        words = {key: known_words[key] for key in some if key in known_words}
        unread = [key for key in some if key not in words]
        if unread:
            words |= _words_of(SEARCHED[table].objects.filter(pk__in=unread), table)
        kept = SearchEntry.objects.filter(table=table, key__in=some)
        known = dict(kept.values_list("key", "words"))
        if gone := known.keys() - words.keys():
            kept.filter(key__in=gone).delete()
        _write(table, {key: said for key, said in words.items() if known.get(key) != said})


def rebuild() -> None:
    """Read the words of all records anew."""
    SearchEntry.objects.all().delete()
    for table, model in SEARCHED.items():
        for some in _batches(model.objects.values_list("pk", flat=True)):
            _write(table, _words_of(model.objects.filter(pk__in=some), table))


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    return (ordered[n : n + _BATCH] for n in range(0, len(ordered), _BATCH))


def _refresh_deals_of(touched: dict[str, set[str]]) -> None:
    """Deals carry the names of their parties and of what they are about."""
    behind: set[str] = set()
    for table, fields in _DEALS_BY.items():
        for some in _batches(touched.get(table, ())):
            told = [Q(**{f"{field}__in": some}) for field in fields]
            behind.update(Deal.objects.filter(reduce(or_, told)).values_list("pk", flat=True))
    refresh("deals", behind)


def _words_of(rows: models.QuerySet, table: str) -> dict[str, str]:
    """Give the words of records by their keys."""
    fields = _FIELDS[table]
    return {
        key: _joined(zip(fields, values, strict=True))
        for key, *values in rows.values_list("pk", *fields)
    }


def _joined(values: Iterable[tuple[str, str | None]]) -> str:
    return " ".join(dict.fromkeys(_said(values)))


def _said(values: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in values:
        for chunk in normalise(value or "").split():
            words = _WORD.findall(chunk)
            yield from (word[:_LONGEST_WORD] for word in words)
            if name in _CODES and len(words) > 1:
                yield "".join(words)[:_LONGEST_WORD]


def _write(table: str, words: dict[str, str]) -> None:
    entries = [SearchEntry(table=table, key=key, words=said) for key, said in words.items()]
    PreparedRows(SearchEntry, entries).insert_or_update("table", "key")


def _asked(text: str) -> list[list[str]]:
    """Give what was typed: for each part between blanks, its words."""
    chunks = [_WORD.findall(chunk) for chunk in normalise(text).split()]
    return [[word[:_LONGEST_WORD] for word in words] for words in chunks if words][:MOST_WORDS]


def _rows(
    actor: Actor, table: str, keys: list[str], asked: list[list[str]], most: int
) -> list[Any]:
    """Give the visible rows among the best hits, or among all where others may hide them."""
    seen = visible(actor, SEARCHED[table]).select_related(*_SHOWN_WITH.get(table, (None,)))
    if len(keys) < _RANKED or actor.is_a(*STAFF):
        place = {key: n for n, key in reversed(list(enumerate(keys)))}
        return sorted(seen.filter(pk__in=place), key=lambda row: place[row.pk])[:most]
    statement, values = _all_keys(table, asked)
    return list(seen.filter(pk__in=RawSQL(statement, values)).order_by("pk")[:most])


def _best(asked: list[list[str]], tables: list[str]) -> dict[str, list[str]]:
    """Give the keys of the best hits in each table that has any, by one query."""
    parts = [_best_of(table, asked) for table in tables]
    statement = " UNION ALL ".join(
        f"SELECT * FROM ({part}) AS of_{n}" for n, (part, _) in enumerate(parts)
    )
    hits: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, values in parts for value in values])
        for table, key, _rank in sorted(cursor.fetchall(), key=lambda hit: hit[2]):
            hits.setdefault(table, []).append(key)
    return {table: hits[table] for table in tables if table in hits}


def _best_of(table: str, asked: list[list[str]]) -> tuple[str, list[Any]]:
    if connection.vendor == "sqlite":
        return (
            'SELECT e."table", e.key, h.weight FROM (SELECT rowid AS id,'
            " bm25(search_index, 0, 1) AS weight FROM search_index WHERE search_index MATCH %s"
            " ORDER BY weight LIMIT %s) AS h JOIN search_entries AS e ON e.id = h.id",
            [_fts5(table, asked), _RANKED],
        )
    return (
        'SELECT "table", key, -ts_rank(vector, query) AS weight FROM (SELECT "table", key, vector,'
        " query FROM search_entries, CAST(%s AS tsquery) AS query"
        ' WHERE "table" = %s AND vector @@ query LIMIT %s) AS hits ORDER BY weight LIMIT %s',
        [_tsquery(asked), table, _WEIGHED, _RANKED],
    )


def _all_keys(table: str, asked: list[list[str]]) -> tuple[str, list[Any]]:
    if connection.vendor == "sqlite":
        return (
            "SELECT e.key FROM search_index JOIN search_entries AS e ON e.id = search_index.rowid"
            " WHERE search_index MATCH %s",
            [_fts5(table, asked)],
        )
    return (
        'SELECT key FROM search_entries WHERE "table" = %s AND vector @@ CAST(%s AS tsquery)',
        [table, _tsquery(asked)],
    )


def _fts5(table: str, asked: list[list[str]]) -> str:
    words = _query(asked, word='"{}"*', both=" AND ", either=" OR ")
    return f'"table" : "{table}" AND words : ({words})'


def _tsquery(asked: list[list[str]]) -> str:
    return _query(asked, word="'{}':*", both=" & ", either=" | ")


def _query(asked: list[list[str]], *, word: str, both: str, either: str) -> str:
    """Write that all parts are wanted; a part such as ``KX-8814`` also as one word."""
    parts = []
    for words in asked:
        part = both.join(word.format(said) for said in words)
        if len(words) > 1:
            part = f"({part}){either}{word.format(''.join(words))}"
        parts.append(f"({part})")
    return both.join(parts)
