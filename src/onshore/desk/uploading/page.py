"""What the page of an upload shows: headings and columns, faulty rows, what would change."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from django.forms import TextInput

from onshore.desk.actor import Actor
from onshore.desk.pages import showing
from onshore.desk.pages.choices import CHOICES
from onshore.desk.pages.forms import typed_as
from onshore.desk.pages.key_fields import KeyInput
from onshore.desk.pages.told import told
from onshore.desk.pages.wording import column_label, language
from onshore.desk.uploading.existing import Existing, attribute
from onshore.desk.uploading.uploads import Session
from onshore.records import schema

PAGE = 20
_SAMPLES = 3
_NEW_SHOWN, _COLUMNS_SHOWN = 5, 6


def columns(session: Session) -> dict[str, Any]:
    """Give each heading with its first cells and the column chosen for it."""
    read, kind = session.told, session.kind
    first, row = read.get("first", []), read.get("heading_row", 1)
    below = first[row : row + _SAMPLES]
    headings = [
        {
            "position": at,
            "heading": heading,
            "samples": [cells[at] for cells in below if at < len(cells) and cells[at]],
            "column": column,
        }
        for at, (heading, column) in enumerate(
            zip(read.get("headings", []), read.get("columns", []), strict=False)
        )
        if heading or any(at < len(cells) and cells[at] for cells in below)
    ]
    choices = [
        (column.name, column_label(kind.table, column.name))
        for column in schema(kind.table)
        if column.name not in kind.kept_out
    ]
    lacking = [
        column_label(kind.table, column.name)
        for column in schema(kind.table)
        if column.required
        and column.name not in read.get("columns", [])
        and not (column.name == kind.owner and session.upload.organisation_id)
    ]
    return {
        "headings": headings,
        "choices": choices,
        "lacking": _joined(lacking),
        "kept_out": _joined([column_label(kind.table, name) for name in kind.kept_out]),
        "heading_row": typed_as(row),
        "sheets": read.get("sheets", []),
        "sheet": read.get("sheet", ""),
    }


def _joined(words: list[str]) -> str:
    return ("، " if language() == "fa" else ", ").join(words)


def faults(session: Session, page: int, actor: Actor) -> dict[str, Any]:
    """Give the page of faulty rows, each with its cells to mend, and faults of the whole file."""
    errors, row = session.errors, session.told.get("heading_row", 1)
    whole = errors.filter(pl.col("row") <= row)
    faulty = errors.filter(pl.col("row") > row)
    numbers = faulty["row"].unique(maintain_order=True)
    here = numbers.slice((page - 1) * PAGE, PAGE)
    texts = session.texts(here)
    groups = faulty.filter(pl.col("row").is_in(here.implode())).group_by("row", maintain_order=True)
    return {
        "file_faults": [
            {"reason": told(one["reason"]), "step": told(one["next_step"]), **_where(session, one)}
            for one in whole.iter_rows(named=True)
        ],
        "faulty": [
            _faulty_row(session, actor, key[0], group, texts.get(key[0], {}))
            for key, group in groups
        ],
        "more_faulty": len(numbers) > page * PAGE,
    }


def _where(session: Session, error: dict[str, Any]) -> dict[str, str]:
    name = error["column"]
    known = name in schema(session.kind.table).dtypes
    return {
        "heading": error["heading"] if error["heading"] != name else "",
        "label": column_label(session.kind.table, name) if known else name,
    }


def _faulty_row(
    session: Session, actor: Actor, row: int, errors: pl.DataFrame, texts: dict[str, str]
) -> dict[str, Any]:
    cells: dict[str, dict[str, Any]] = {}
    for error in errors.iter_rows(named=True):
        name = error["column"]
        cell = cells.setdefault(name, {"name": name, "faults": [], **_where(session, error)})
        cell["faults"].append({"reason": told(error["reason"]), "step": told(error["next_step"])})
    for name in cells.keys() & texts.keys():
        cells[name]["box"] = _box(session, actor, row, name, texts[name])
    key = texts.get(session.kind.key, "")
    return {"row": row, "key": key, "about": texts.get("description", ""), "cells": cells.values()}


def _box(session: Session, actor: Actor, row: int, name: str, text: str) -> str:
    """Give the box that a cell is mended in: with a list, where it holds a key or a code."""
    column = schema(session.kind.table).column(name)
    of = column.table if column.type == "ref" else column.type
    box = KeyInput(of) if of in CHOICES else TextInput({"dir": "auto"})
    if isinstance(box, KeyInput):
        box.actor = actor
    where = f"{row}-{name}"
    told = {"id": f"cell-{where}", "aria-describedby": f"why-{where}", "aria-invalid": "true"}
    return box.render(f"cell:{row}:{name}", text, told)


def changes(session: Session, page: int) -> dict[str, Any]:
    """Give the page of records that would change, with before and after, and the first new."""
    if session.upload.errors or not session.counts:
        return {}
    plan, rows, kind = session.plan, session.rows, session.kind
    changed = plan.filter(pl.col("kind") == "changed")
    here = changed.slice((page - 1) * PAGE, PAGE)
    new = plan.filter(pl.col("kind") == "new")["row"].head(_NEW_SHOWN)
    names = [name for name in rows.columns if name != "row"][:_COLUMNS_SHOWN]
    labels = [column_label(kind.table, name) for name in names]
    kinds = [schema(kind.table).column(name).type for name in names]
    return {
        "changes": list(_diffs(session, here)),
        "more_changes": changed.height > page * PAGE,
        "new_labels": labels,
        "new_rows": [
            [(label, _cell(*cell)) for label, *cell in zip(labels, kinds, row, strict=True)]
            for row in rows.filter(pl.col("row").is_in(new.implode())).select(names).iter_rows()
        ],
    }


def _cell(kind: str, value: Any) -> Any:
    if kind == "unit":
        return showing.unit(value)
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return showing.number(value)
    return showing.day(value) if isinstance(value, date) else showing.text(value)


def _diffs(session: Session, changed: pl.DataFrame) -> Iterator[dict[str, Any]]:
    rows = session.rows.filter(pl.col("row").is_in(changed["row"].implode()))
    existing = Existing(session.kind, rows)
    columns = {column.name: column for column in schema(session.kind.table)}
    for row, key, values in existing:
        there = existing.found.get(key)
        if there is None:
            continue
        after = existing.differing(values, there)
        before = {name: there[attribute(columns[name])] for name in after}
        yield {"row": row, "key": key, "before": _texts(before), "after": _texts(after)}


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in values.items()
        if value is not None and value != ""
    }
