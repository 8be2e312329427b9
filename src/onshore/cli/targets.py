"""Where a command may write: asked before its work, so that none is done in vain."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from onshore.cli.console import Refused

TABLE_SUFFIXES = (".csv", ".xlsx", ".parquet")


def file_target(out: Path, *, suffixes: Collection[str] | None = TABLE_SUFFIXES) -> Path:
    """Give a file's path back where the file can be written, else refuse; None: of any name."""
    if out.is_dir():
        raise Refused(f"{out} is a folder. Give the name of a file for --out.")
    if suffixes is not None and out.suffix.lower() not in suffixes:
        *others, last = suffixes
        told = f"{', '.join(others)} or {last}" if others else last
        raise Refused(f"{out}: give a name that ends in {told}.")
    _require_writable(out.parent)
    return out


def folder_target(out: Path, names: Collection[str] = ()) -> Path:
    """Give a folder's path back where files of these names can be written, else refuse."""
    if out.exists() and not out.is_dir():
        raise Refused(f"{out} is a file. Give a folder for --out.")
    for name in names:
        if (out / name).is_dir():
            raise Refused(f"{out / name} is a folder, and a file of this name is due. Rename it.")
    _require_writable(out)
    return out


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Refuse in one line where a file cannot be written after all."""
    try:
        yield
    except OSError as failure:
        told = failure.strerror or str(failure)
        raise Refused(f"{out} cannot be written: {told}. Nothing was written.") from None
    except ValueError as failure:
        raise Refused(f"{out} cannot be written: {failure}") from None


def _require_writable(folder: Path) -> None:
    """Refuse a folder that neither is there and writable nor can be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise Refused(f"{there} is a file, so nothing can be written to {folder}.")
    try:
        # Rights alone do not tell: some file systems refuse even who has them.
        tempfile.TemporaryDirectory(prefix=".onshore-", dir=there).cleanup()
    except OSError as failure:
        told = failure.strerror or str(failure)
        raise Refused(
            f"{there} cannot be written to: {told}. Give another place for the results."
        ) from None
