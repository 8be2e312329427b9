"""The whole desk in one file, and back: database, files, and the audit's head to hold it to.

A backup is a ZIP of ``manifest.json``, the database and ``files/``. It holds no secret key:
after a restore elsewhere, people sign in again.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from onshore import __version__
from onshore.desk.auditing import audit
from onshore.desk.models import AuditEntry, User
from onshore.desk.running.serving import alone

_DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
_MANIFEST = "manifest.json"
_CHUNK = 2**20


class BackupError(Exception):
    """A backup or restore that cannot be done: why, and what to do."""


@dataclass(frozen=True)
class Kept:
    """What a backup holds: files, bytes, and the number and hash of the audit's last line."""

    files: int
    size: int
    head: tuple[int, str]


def backup(target: Path) -> Kept:
    """Write the database and all files into one file, while the desk is served.

    The file appears by rename once it is whole.

    Raises
    ------
    BackupError
        PostgreSQL's ``pg_dump`` is not here or fails.
    OSError
        The file cannot be written.
    """
    with _folder(target.absolute().parent) as folder:
        database = folder / _DATABASES[connection.vendor]
        head = _dump(database)
        written = folder / "backup.zip"
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            names = {database.name: database, **_files()}
            sums = {name: _add(archive, name, path) for name, path in names.items()}
            manifest = {
                "onshore": __version__,
                "made": timezone.now().isoformat(timespec="seconds"),
                "database": connection.vendor,
                "audit": {"number": head[0], "hash": head[1]},
                "sha256": sums,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
        with written.open("rb+") as file:
            os.fsync(file.fileno())
        written.chmod(0o600)
        written.replace(target)
    return Kept(len(sums) - 1, target.stat().st_size, head)


def restore(source: Path, *, replace: bool = False) -> tuple[Kept, Path | None]:
    """Put a backup in the place of the desk that is here; the server has to be stopped.

    The backup is checked whole before anything is changed. What was here is kept in a folder of
    the data folder; of PostgreSQL, only the files.

    Parameters
    ----------
    source
        A file that `backup` wrote.
    replace
        Whether records that are here may give way.

    Returns
    -------
    tuple
        What was restored, and where the former desk is kept, if there was one.

    Raises
    ------
    BackupError
        The file is no whole backup, is one of another database engine, or records are here and
        ``replace`` was not asked for. Nothing was changed.
    CannotServe
        The desk is being served.
    """
    with alone(), _folder(settings.DATA) as folder:
        manifest = _unpack(source, folder)
        if not replace and _holds_something():
            raise BackupError(
                f"Records are in {settings.DATA} already. Back them up, then give --replace."
            )
        head = (int(manifest["audit"]["number"]), str(manifest["audit"]["hash"]))
        former = settings.DATA / f"before-restore-{timezone.now():%Y%m%d-%H%M%S}"
        if connection.vendor == "sqlite":
            _check_sqlite(folder / _DATABASES["sqlite"], head)
        kept = _swap(folder, former)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        if fault := next(audit.verify(head), None):
            raise BackupError(
                f"The audit of the backup does not hold at line {fault.number}: {fault.reason}"
                f" The former desk is in {former}."
            )
    return Kept(len(manifest["sha256"]) - 1, source.stat().st_size, head), kept


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".onshore-", dir=beside) as name:
        yield Path(name)


def _dump(target: Path) -> tuple[int, str]:
    """Copy the database as it is at one moment; give the audit's head, which it holds."""
    if connection.vendor == "sqlite":
        with closing(_sqlite(_database_file())) as live, closing(_sqlite(target)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            return _head_of(copy)
    head = audit.head()
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
    return head


def _sqlite(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=20)


def _head_of(database: sqlite3.Connection) -> tuple[int, str]:
    row = database.execute("SELECT number, hash FROM audit_head").fetchone()
    return (row[0], row[1]) if row else (0, audit.FIRST)


def _database_file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _files() -> dict[str, Path]:
    """Give the files that people sent, by their names in a backup."""
    root = Path(settings.MEDIA_ROOT)
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return {f"files/{path.relative_to(root).as_posix()}": path for path in found}


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Add a file to the archive; give its SHA-256."""
    known = hashlib.sha256()
    with path.open("rb") as file, archive.open(name, "w", force_zip64=True) as member:
        while chunk := file.read(_CHUNK):
            known.update(chunk)
            member.write(chunk)
    return known.hexdigest()


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup and check each of its files against the manifest."""
    no_backup = f"{source} is not a whole backup of onshore:"
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = dict(json.loads(archive.read(_MANIFEST)))
            for name, known in manifest["sha256"].items():
                if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
                    raise BackupError(f"{no_backup} {name} leads out of its folder.")
                if _take(archive, name, folder / name) != known:
                    raise BackupError(f"{no_backup} {name} was changed. Take another backup.")
            database = _DATABASES.get(manifest["database"])
            if database not in manifest["sha256"]:
                raise BackupError(f"{no_backup} it holds no database.")
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as failure:
        raise BackupError(f"{no_backup} {failure}. Take another backup.") from None
    if manifest["database"] != connection.vendor:
        raise BackupError(
            f"{source} is a backup of {manifest['database']}, and this desk is on"
            f" {connection.vendor}. Between the two, use onshore export and onshore load."
        )
    return manifest


def _take(archive: zipfile.ZipFile, name: str, target: Path) -> str:
    """Write a file of the archive; give its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    known = hashlib.sha256()
    with archive.open(name) as member, target.open("wb") as file:
        while chunk := member.read(_CHUNK):
            known.update(chunk)
            file.write(chunk)
    target.chmod(0o600)
    return known.hexdigest()


def _holds_something() -> bool:
    if not connection.introspection.table_names():
        return False
    made = AuditEntry.objects.exclude(action="people.first_administrator").exists()
    return made or User.objects.filter(last_login__isnull=False).exists()


def _check_sqlite(path: Path, head: tuple[int, str]) -> None:
    with closing(_sqlite(path)) as database:
        told = database.execute("PRAGMA integrity_check").fetchone()[0]
        if told != "ok":
            raise BackupError(f"The database in the backup is damaged: {told}. Take another one.")
        if _head_of(database) != head:
            raise BackupError("The database in the backup is not the one that its manifest names.")


def _swap(folder: Path, former: Path) -> Path | None:
    """Put the unpacked database and files in place; give where the former ones are, if any."""
    connections.close_all()
    new_files, old_files = folder / "files", Path(settings.MEDIA_ROOT)
    new_files.mkdir(exist_ok=True)
    if connection.vendor == "postgresql":
        _run(
            *("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"),
            *("--exit-on-error", str(folder / _DATABASES["postgresql"])),
        )
    else:
        _move_database(folder / _DATABASES["sqlite"], former)
    if old_files.exists():
        former.mkdir(mode=0o700, exist_ok=True)
        old_files.rename(former / "files")
    old_files.parent.mkdir(parents=True, exist_ok=True)
    new_files.rename(old_files)
    return former if former.exists() else None


def _move_database(new: Path, former: Path) -> None:
    live = _database_file()
    if live.exists():
        former.mkdir(mode=0o700, exist_ok=True)
        with closing(_sqlite(live)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for name in (live.name, f"{live.name}-wal", f"{live.name}-shm"):
            if (live.parent / name).exists():
                (live.parent / name).rename(former / name)
    new.rename(live)


def _run(program: str, *words: str) -> None:
    """Run a program of PostgreSQL on the desk's database; the password stays off its words."""
    if shutil.which(program) is None:
        raise BackupError(f"{program} is not here. Install PostgreSQL's client programs.")
    told = connection.get_connection_params()
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    environment = os.environ | {key: str(told[of]) for key, of in named.items() if told.get(of)}
    name = str(told["dbname"])
    where = ["--dbname", name] if program == "pg_restore" else [name]
    done = subprocess.run(
        [program, *words, *where], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[:500]}")
