"""Import sessions: a sheet that was uploaded, read apart, set beside what is there.

An upload's folder holds the file as it came and what `onshore.desk.upload_reader` read of it;
``plan.parquet`` says of each row whether it is new, changed or the same.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from onshore.desk.actor import Actor
from onshore.desk.frames import programme_settings
from onshore.desk.jobs import Run, job
from onshore.desk.models import RECORDS, ColumnMemory, Need, Offer, Role, Upload
from onshore.desk.models.record_tables import field_name
from onshore.desk.policies import may, visible
from onshore.desk.upload_reader import Asked
from onshore.records import Column, schema

SUFFIXES = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt")
SECONDS, MEMORY = 60, 3 << 30
_NO_MEMORY = 3
_AT_ONCE = BoundedSemaphore(2)
_BATCH = 5_000


@dataclass(frozen=True)
class Kind:
    """A table that can be uploaded.

    Parameters
    ----------
    model, table, key
        The model, its table and its key.
    owner
        Column of the organisation that a row belongs to.
    role
        Whose people may upload rows of their own organisation; officers may upload any.
    kept_out
        Columns that may not come from a file.
    references
        Tables that the rows refer to.
    ended
        States of rows that are not changed any more.
    """

    model: Any
    table: str
    key: str
    owner: str
    role: Role
    kept_out: tuple[str, ...] = ()
    references: tuple[str, ...] = ("organisations", "places")
    ended: tuple[str, ...] = ()

    def own(self, actor: Actor) -> frozenset[str] | None:
        """Organisations whose rows the actor may bring in; None for all."""
        return None if actor.is_a(Role.OFFICER) else actor.organisations(self.role)


KINDS = {
    "needs": Kind(
        *(Need, "needs", "need_id", "buyer_id", Role.ENGINEER, ("state",)),
        references=("organisations", "items", "places"),
        ended=("verified localized",),
    ),
    "offers": Kind(Offer, "offers", "offer_id", "maker_id", Role.MAKER),
}


def kinds_of(actor: Actor) -> list[Kind]:
    """Give the tables that an actor may upload."""
    return [kind for kind in KINDS.values() if may(actor, "add", kind.model)]


class NotRead(Exception):
    """A file that could not be read; its text says why and what to do, in English."""


class Session:
    """An upload with its folder: what was read of it, and what it would change."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.kind = KINDS[upload.table]
        self.folder = Path(upload.file.path).parent

    @property
    def told(self) -> dict[str, Any]:
        """What the file looks like, as ``read.json`` says it."""
        return self.upload.summary.get("told", {})

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed and the same."""
        return self.upload.summary.get("counts", {})

    @property
    def is_ready(self) -> bool:
        """Whether there is something to bring in, and nothing wrong."""
        waiting = self.counts.get("new", 0) + self.counts.get("changed", 0)
        return self.upload.state == Upload.State.READ and not self.upload.errors and waiting > 0

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows, typed, with their row numbers."""
        return pl.read_parquet(self.folder / "rows.parquet")

    @cached_property
    def errors(self) -> pl.DataFrame:
        """The errors of the first faulty rows, by row."""
        path = self.folder / "errors.parquet"
        return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=_ERRORS)

    def texts(self, rows: pl.Series) -> dict[int, dict[str, str]]:
        """Give the cells of some faulty rows as they are written."""
        path = self.folder / "texts.parquet"
        if not path.exists():
            return {}
        told = pl.read_parquet(path).filter(pl.col("row").is_in(rows.implode()))
        return {row.pop("row"): row for row in told.to_dicts()}

    @cached_property
    def plan(self) -> pl.DataFrame:
        """Row, key, kind (new, changed, same) and version of what is there."""
        return pl.read_parquet(self.folder / "plan.parquet")

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def remove_workings(self) -> None:
        """Remove all but the file as it came."""
        for path in self.folder.iterdir():
            if path.name != Path(self.upload.file.name).name:
                path.unlink()


_ERRORS = {
    "row": pl.Int64(),
    **dict.fromkeys(("column", "reason", "found", "next_step", "heading"), pl.String()),
}


def read(actor: Actor, session: Session) -> dict[str, Any]:
    """Read an upload as it is now chosen and mended; give the values of its record to keep.

    Raises
    ------
    NotRead
        The file cannot be read, or only beyond the limits.
    """
    told = run_reader(actor, session)
    if "fault" in told:
        raise NotRead(told["fault"])
    count, counts = 0, {}
    if any(told["columns"]):
        frame = pl.read_parquet(session.folder / "rows.parquet")
        path = session.folder / "errors.parquet"
        errors = pl.read_parquet(path)
        if session.kind.key in frame.columns:
            lacking = set(errors["column"]) - set(frame.columns)
            existing = Existing(session.kind, frame, lacking)
            errors = pl.concat([_without_held(errors, existing), own_errors(actor, existing)])
            errors = errors.sort("row", maintain_order=True)
            errors.write_parquet(path)
            plan = existing.plan()
            plan.write_parquet(session.folder / "plan.parquet")
            counts = dict(plan["kind"].value_counts().iter_rows())
        count, told["faulty"] = errors.height, errors["row"].n_unique()
    chosen = {name: told[name] for name in ("sheet", "heading_row", "columns")}
    return {
        "columns": chosen,
        "rows": told["rows"],
        "errors": count,
        "state": Upload.State.READ,
        "summary": {**session.upload.summary, "told": told, "counts": counts},
    }


def run_reader(actor: Actor, session: Session, *, marked: str = "") -> dict[str, Any]:
    """Let a process of its own, with limits, read a file.

    Raises
    ------
    NotRead
        It took too long, too much memory, or the reader died of the file.
    """
    upload, kind = session.upload, session.kind
    references = session.folder / "references.json"
    keys = {
        table: list(visible(actor, RECORDS[table]).values_list("pk", flat=True))
        for table in kind.references
    }
    references.write_text(json.dumps(keys), encoding="utf-8")
    for name in ("read.json", "rows.parquet", "errors.parquet", "texts.parquet", "plan.parquet"):
        (session.folder / name).unlink(missing_ok=True)
    asked = Asked(
        file=upload.file.path,
        table=kind.table,
        out=str(session.folder),
        **upload.columns,
        remembered=remembered(upload),
        filled={kind.owner: upload.organisation_id} if upload.organisation_id else {},
        mended=upload.mended.get("cells", {}),
        left_out=upload.mended.get("left_out", []),
        kept_out=list(kind.kept_out),
        references=str(references),
        home=programme_settings().get("home"),
        marked=marked,
        seconds=SECONDS,
        memory=MEMORY,
    )
    with _AT_ONCE:
        _run(asked)
    return json.loads((session.folder / "read.json").read_text(encoding="utf-8"))


def _run(asked: Asked) -> None:
    kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"POLARS_MAX_THREADS": "2", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "onshore.desk.upload_reader"],
            input=json.dumps(asdict(asked)).encode(),
            env=environment,
            cwd=asked.out,
            capture_output=True,
            timeout=asked.seconds * 1.5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotRead(f"Reading it took more than {asked.seconds} seconds. {_SMALLER}") from None
    if done.returncode == -24:  # SIGXCPU
        raise NotRead(f"Reading it took more than {asked.seconds} seconds. {_SMALLER}")
    if done.returncode == _NO_MEMORY or b"memory allocation" in done.stderr:
        raise NotRead(f"Reading it took more memory than an upload may take. {_SMALLER}")
    if done.returncode:
        raise NotRead(f"The reader could not go on with this file. {_SMALLER}")


_SMALLER = "Save the table alone as 'CSV UTF-8', or divide it into several files."


def remembered(upload: Upload) -> dict[str, str]:
    """Columns that the organisation gave to headings before."""
    rows = ColumnMemory.objects.filter(organisation=upload.organisation_id, table=upload.table)
    return dict(rows.values_list("heading", "column"))


class Existing:
    """Rows of a file set beside the records that have their keys.

    ``also`` names columns that the file does not have and whose values are asked for.
    """

    def __init__(self, kind: Kind, frame: pl.DataFrame, also: Collection[str] = ()) -> None:
        self.kind = kind
        told = schema(kind.table)
        self.also = {
            column.name: attribute(column)
            for column in told
            if column.name in also and column.name != kind.key
        }
        self.columns = [name for name in frame.columns if name not in ("row", kind.key)]
        self._told = {name: told.column(name) for name in self.columns}
        self.attributes = {name: attribute(self._told[name]) for name in self.columns}
        self._values = [
            (row.pop("row"), row.pop(kind.key), row) for row in frame.iter_rows(named=True)
        ]
        self.found = self._find({key for _, key, _ in self._values if key})

    def _find(self, keys: set[str]) -> dict[str, dict[str, Any]]:
        names = ["pk", "version", field_name(self.kind.owner) + "_id", *self.attributes.values()]
        names += [*self.also.values(), *(["state"] if self.kind.ended else [])]
        found: dict[str, dict[str, Any]] = {}
        for some in in_batches(sorted(keys)):
            rows = self.kind.model._default_manager.filter(pk__in=some)
            found |= {row["pk"]: row for row in rows.values(*dict.fromkeys(names))}
        return found

    def plan(self) -> pl.DataFrame:
        """Say of each row whether it is new, changed or the same."""
        rows = []
        for number, key, values in self._values:
            there = self.found.get(key)
            kind = (
                "new" if there is None else "changed" if self.differing(values, there) else "same"
            )
            rows.append((number, key, kind, there["version"] if there else 0))
        dtypes = {"row": pl.Int64, "key": pl.String, "kind": pl.String, "version": pl.Int64}
        return pl.DataFrame(rows, schema=dtypes, orient="row")

    def differing(self, values: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values of a row's columns that differ from the record's, as models keep them."""
        out = {}
        for name, attribute_ in self.attributes.items():
            value = as_kept(values[name], self._told[name])
            if value != there[attribute_]:
                out[name] = value
        return out

    def kept(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values of a row's columns as models keep them."""
        return {name: as_kept(values[name], self._told[name]) for name in self.columns}

    def __iter__(self) -> Any:
        return iter(self._values)


def attribute(column: Column) -> str:
    """Give the model's attribute of a column; of a reference, the one that holds its key."""
    return field_name(column.name) + ("_id" if column.type == "ref" else "")


def as_kept(value: Any, column: Column) -> Any:
    """Give a cell's value as the models keep it: empty texts are ``""``."""
    if value is None and column.dtype == pl.String() and column.type != "ref":
        return ""
    if isinstance(value, Decimal):
        return Decimal(f"{value.normalize():f}")
    return value


def in_batches(keys: list[str]) -> Iterable[list[str]]:
    """Divide keys, so that no statement has more than a database takes."""
    return (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))


def _without_held(errors: pl.DataFrame, existing: Existing) -> pl.DataFrame:
    """Leave out that a row lacks what its record has: a price's currency, not sent again."""
    held = []
    for number, key, _values in existing:
        there = existing.found.get(key, {})
        for name, kept in existing.also.items():
            if there.get(kept) not in (None, ""):
                held.append((number, name))
    if not held:
        return errors
    dtypes = {"row": pl.Int64, "column": pl.String}
    return errors.join(
        pl.DataFrame(held, schema=dtypes, orient="row"), on=["row", "column"], how="anti"
    )


def own_errors(actor: Actor, existing: Existing) -> pl.DataFrame:
    """Note rows of other organisations, and changes of records that are not changed any more."""
    kind = existing.kind
    own = kind.own(actor)
    owner = field_name(kind.owner) + "_id"
    errors = []
    for number, key, values in existing:
        there = existing.found.get(key)
        named = values.get(kind.owner)
        if own is not None and named and named not in own:
            step = f"write {' or '.join(sorted(own))}, or leave the row out."
            reason = "the row is another organisation's, and you bring in your own."
            errors.append((number, kind.owner, reason, named, step, ""))
        if there is None:
            continue
        if own is not None and there[owner] not in own:
            reason = "another record has this key already."
            errors.append((number, kind.key, reason, key, "give the row another key.", ""))
        elif named and there[owner] != named:
            reason = f"the record with this key belongs to {there[owner]}."
            errors.append((number, kind.owner, reason, named, f"write {there[owner]}.", ""))
        elif there.get("state") in kind.ended and existing.differing(values, there):
            reason = "the need is verified as localized and is not changed any more."
            step = "leave the row out, or revert the need to import first."
            errors.append((number, kind.key, reason, key, step, ""))
    return pl.DataFrame(errors, schema=_ERRORS, orient="row")


@job(_("Bring in a sheet"))
def commit(run: Run) -> dict[str, Any]:
    """Bring in an upload's rows; then look for makers anew."""
    from django.urls import reverse

    from onshore.desk.actions import uploads as actions
    from onshore.desk.actions.acting import Stale
    from onshore.desk.jobs import start

    key = run.arguments["upload"]
    try:
        upload = actions.commit(run.actor, key, report=run.report)
    except Stale:
        actions.mend(run.actor, key, {})  # shows what would change now
        raise
    counts = upload.summary["counts"]
    if counts.get("new", 0) + counts.get("changed", 0):
        start(run.actor, "matching.run", {"upload": upload.pk})
    return {"address": reverse("upload", args=[upload.pk]), **counts}
