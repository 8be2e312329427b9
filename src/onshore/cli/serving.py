"""``onshore serve``, ``load``, ``export``, ``audit``, ``backup``, ``restore``: the desk."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cyclopts import App

from onshore.cli.console import Refused, counted, error, existing, note, result, warn
from onshore.cli.targets import file_target, folder_target

_MOST_FAULTS = 100


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(serve)
    app.command(backup)
    app.command(restore)
    app.command(load)
    app.command(export)
    audit = App(name="audit", help="The desk's audit: what was done, by whom, chained by hashes.")
    audit.command(verify)
    audit.command(head)
    app.command(audit)


def serve(*, port: int = 8000, host: str = "127.0.0.1", example: bool = False) -> int:
    """Serve the desk until Ctrl-C.

    Records are kept in the user's data folder, or in ONSHORE_DATA; in PostgreSQL where
    DATABASE_URL names one. At the first start an administrator is made, and a one-time password
    is printed.

    Parameters
    ----------
    port
        Where to listen.
    host
        Address to listen on; 0.0.0.0 for all of this machine's.
    example
        Load the worked example, where no records are there yet.
    """
    with _desk():
        from onshore.desk.running.serving import CannotServe
        from onshore.desk.running.serving import serve as serve_desk

        try:
            serve_desk(host, port, example=example, say=_say)
        except CannotServe as refused:
            raise Refused(str(refused)) from None
    return 0


def load(folder: Path, /, *, replace: bool = False) -> int:
    """Read a programme's folder into the desk: all of it, or nothing.

    Parameters
    ----------
    folder
        A programme folder.
    replace
        Replace the records that are there.
    """
    from onshore.records import TableErrors

    existing(folder)
    with _desk(tables=True):
        from onshore.desk.actor import PUBLIC
        from onshore.desk.tables.exchange import NotEmpty
        from onshore.desk.tables.exchange import load as read_in

        try:
            counts = read_in(folder, PUBLIC, replace=replace)
        except NotEmpty:
            raise Refused(
                "The desk holds a programme already. Export it, then give --replace.", status=1
            ) from None
        except TableErrors as wrong:
            raise Refused(f"{wrong}\nSee all of them: onshore check {folder}", status=1) from None
        unvalued = _needs_without_a_rate()
    _tell_rows(counts)
    if unvalued:
        told = (
            f"No rate for the currency of {counted(unvalued, 'need')}: no value to sort by. "
            "Add the rates to the table rates, with date, type and source."
        )
        warn([told])
    return 0


def export(folder: Path, /) -> int:
    """Write the desk's programme as a folder of tables, all of it or nothing.

    Parameters
    ----------
    folder
        Where to write; files of the same names are replaced.
    """
    folder_target(folder)
    with _desk(tables=True):
        from onshore.desk.tables.exchange import export as write_out

        try:
            counts = write_out(folder)
        except LookupError as nothing:
            raise Refused(f"Nothing to export: {nothing}", status=1) from None
    result(str(folder))
    _tell_rows(counts)
    return 0


def backup(file: Path, /) -> int:
    """Write the desk's database and files into one file; the desk may be served meanwhile.

    Parameters
    ----------
    file
        The backup, such as desk-2026-03-21.zip.
    """
    file_target(file, suffixes=(".zip",))
    with _desk(tables=True):
        from onshore.desk.running.backup import BackupError
        from onshore.desk.running.backup import backup as back_up

        try:
            kept = back_up(file)
        except BackupError as refused:
            raise Refused(str(refused), status=1) from None
    result(str(file))
    note(f"{kept.size / 2**20:,.1f} MiB, {counted(kept.files, 'file')}")
    note(f"audit head: {kept.head[0]} {kept.head[1]}")
    return 0


def restore(file: Path, /, *, replace: bool = False) -> int:
    """Put a backup in the place of this desk; stop the server first.

    Parameters
    ----------
    file
        A file that onshore backup wrote.
    replace
        Let the backup take the place of records that are here; they are kept aside.
    """
    existing(file)
    with _desk():
        from onshore.desk.running.backup import BackupError
        from onshore.desk.running.backup import restore as put_back
        from onshore.desk.running.serving import CannotServe

        try:
            kept, former = put_back(file, replace=replace)
        except (BackupError, CannotServe) as refused:
            raise Refused(str(refused), status=1) from None
    note(f"Restored: {counted(kept.files, 'file')}, audit up to line {kept.head[0]:,}; it holds.")
    if former is not None:
        note(f"What was here before is in {former}")
    return 0


def verify(*, head: str = "") -> int:
    """Go through the audit and name each line that was forged, removed or moved.

    Parameters
    ----------
    head
        Number and hash of a line as onshore audit head told them before, joined by a colon:
        the audit has to hold that line still.
    """
    known = _known(head)
    with _desk(tables=True):
        from onshore.desk.auditing import audit

        lines, found = audit.head()[0], 0
        for fault in audit.verify(known):
            found += 1
            if found <= _MOST_FAULTS:
                error(f"line {fault.number}: {fault.reason}")
    if found:
        note(f"The audit does not hold: {counted(found, 'fault')} in {counted(lines, 'line')}.")
        return 1
    result(f"The audit holds: {counted(lines, 'line')}.")
    return 0


def head() -> int:
    """Print number and hash of the audit's last line: kept elsewhere, they prove it all."""
    with _desk(tables=True):
        from onshore.desk.auditing import audit

        number, known = audit.head()
    result(f"{number}:{known}")
    return 0


def _needs_without_a_rate() -> int:
    from onshore.desk.choosing.comparing import comparable_currencies
    from onshore.desk.models import Need

    priced = Need.objects.filter(import_price__isnull=False)
    return int(priced.exclude(currency__in=comparable_currencies()).count())


def _tell_rows(counts: Mapping[str, int]) -> None:
    for table, rows in counts.items():
        note(f"  {table:<24} {rows:>9,}")
    note(counted(sum(counts.values()), "row"))


def _known(head: str) -> tuple[int, str] | None:
    if not head:
        return None
    number, _, known = head.strip().replace(" ", ":").partition(":")
    if not number.isdigit() or len(known) != 64:
        raise Refused(f"{head} is no line of an audit. Give what onshore audit head printed.")
    return int(number), known


def _say(text: str) -> None:
    result(text)
    sys.stdout.flush()


@contextmanager
def _desk(*, tables: bool = False) -> Iterator[None]:
    """Set the desk up, with its tables where they are read, or say what it lacks."""
    try:
        from onshore.desk.running import serving

        try:
            serving.prepare()
        except serving.CannotServe as refused:
            raise Refused(str(refused)) from None
        if tables:
            serving.migrate()
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("onshore"):
            raise
        raise Refused(
            f"The desk needs the package {missing.name}, which is not installed. Install the"
            " extra: pip install 'onshore[desk]'"
        ) from None
