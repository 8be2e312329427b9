"""Import sessions: a sheet that was uploaded, read apart, set beside what is there.

An upload's folder holds the file as it came and what `onshore.desk.uploading.reader` read of it;
``plan.parquet`` says of each row whether it is new, changed or the same.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from onshore.desk.actor import Actor
from onshore.desk.choosing.comparing import comparable_currencies
from onshore.desk.jobs import Run, job
from onshore.desk.models import RECORDS, ColumnMemory, Upload
from onshore.desk.policies import visible
from onshore.desk.tables.frames import programme_settings
from onshore.desk.uploading.existing import ERRORS, Existing, own_errors, without_held
from onshore.desk.uploading.kinds import KINDS
from onshore.desk.uploading.reader import Asked

SUFFIXES = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt")
SECONDS, MEMORY = 60, 3 << 30
_NO_MEMORY = 3
_AT_ONCE = BoundedSemaphore(2)


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
        return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=ERRORS)

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
        if "currency" in frame.columns:
            named = set(frame["currency"].drop_nulls())
            told["without_rate"] = sorted(named - set(comparable_currencies()))
        path = session.folder / "errors.parquet"
        errors = pl.read_parquet(path)
        if session.kind.key in frame.columns:
            lacking = set(errors["column"]) - set(frame.columns)
            existing = Existing(session.kind, frame, lacking)
            errors = pl.concat([without_held(errors, existing), own_errors(actor, existing)])
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
            [sys.executable, "-I", "-m", "onshore.desk.uploading.reader"],
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
