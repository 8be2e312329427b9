"""Files that appear all together or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

Content = bytes | Callable[[Path], None]


def write_whole(folder: str | Path, files: Mapping[str, Content]) -> None:
    """Write some files into a folder, all or none; its other files are not touched.

    Everything is first written beside its place, in a folder of its own, and then moved there
    by rename. If anything fails, the folder is as it was before, or is gone if it was not there.
    Of two programs that write the same files, the one that ends last wins, with all of its own.

    Parameters
    ----------
    folder
        Where the files shall be; made if it is not there.
    files
        Names within the folder, such as ``"plan.csv"`` or ``"charts/years.svg"``, each with its
        bytes or with a function that writes the file at the path it is given.

    Raises
    ------
    ValueError
        A name leads out of the folder.
    OSError
        The files cannot be written; for example, the disk is full, or a name is a folder's.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_whole(folder, {"a.txt": b"1", "b.txt": lambda path: print(path.write_text("2"))})
    1
    >>> sorted(path.name for path in folder.iterdir())
    ['a.txt', 'b.txt']
    """
    folder = Path(folder)
    names = [_inside(name) for name in files]
    made = _make_folder(folder)
    try:
        work = Path(tempfile.mkdtemp(prefix=".onshore-", dir=folder))
        try:
            for number, content in enumerate(files.values()):
                _write(work / f"new-{number}", content)
            with _alone(folder):
                _move_all(work, folder, names)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except BaseException:
        if made:
            shutil.rmtree(made, ignore_errors=True)
        raise


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(f"{name!r} is not the name of a file within the folder.")
    return path


def _make_folder(folder: Path) -> Path | None:
    """Make a folder and those above it; give the topmost one that was made."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[-1] if missing else None


def _write(path: Path, content: Content) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _move_all(work: Path, folder: Path, names: list[PurePosixPath]) -> None:
    """Move the new files to their places, or put everything back as it was."""
    moved: list[tuple[Path, Path | None]] = []
    folders: list[Path] = []
    try:
        for number, name in enumerate(names):
            place = folder / name
            if place.is_dir():
                raise IsADirectoryError(f"{place} is a folder, and a file of this name is due.")
            made = _make_folder(place.parent)
            folders += [made] if made else []
            old = work / f"old-{number}" if place.exists() else None
            if old:
                shutil.copy2(place, old)
            (work / f"new-{number}").replace(place)
            moved.append((place, old))
    except BaseException:
        for place, old in reversed(moved):
            if old:
                old.replace(place)
            else:
                place.unlink()
        for made in folders:
            shutil.rmtree(made, ignore_errors=True)
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other writers of the folder waiting; where the system has no such lock, do not."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
