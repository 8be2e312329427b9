"""A folder of results: tables, what they were made from, a chart and a page, written whole."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore import __version__
from onshore.cli.console import note, result
from onshore.cli.targets import folder_target, writing

if TYPE_CHECKING:
    from onshore.report import Bulletin

LARGE = 1_000_000_000
"""Bytes from which on a source is told by its size and time alone, not by its digest."""

Content = bytes | Callable[[Path], object]
"""A file's bytes, or what writes it at a path."""

Composer = Callable[[str, dict[str, pl.DataFrame], dict[str, Any]], "Bulletin"]
"""Makes a bulletin of the kind of result, its tables and its metadata."""


def source(path: Path, rows: int) -> dict[str, Any]:
    """Tell which file, or folder of files, the results were made from.

    Up to 1 GB it is told by its SHA-256 (of a folder: of its files' names and bytes, in the order
    of their names), beyond that by its size and the time of its last change.
    """
    files = sorted(_files(path))
    size = sum(file.stat().st_size for file in files)
    told: dict[str, Any] = {"file": path.name, "size": size, "rows": rows}
    if size > LARGE:
        changed = max(file.stat().st_mtime for file in files)
        return {**told, "changed": datetime.fromtimestamp(changed, UTC).isoformat()}
    digest = hashlib.sha256()
    for file in files:
        if path.is_dir():
            digest.update(f"{file.relative_to(path).as_posix()}\n".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return {**told, "sha256": digest.hexdigest()}


def write_results(
    out: Path,
    kind: str,
    tables: Mapping[str, pl.DataFrame],
    metadata: Mapping[str, Any],
    *,
    parquet: Collection[str] = (),
    beside: Mapping[str, Content] | None = None,
    compose: Composer,
) -> None:
    """Write a result's tables, metadata.json, chart.svg and report.html, all or none.

    Parameters
    ----------
    out
        The folder.
    kind
        The command's name; ``compose`` is given it.
    tables
        Each table by its file's stem, in the order in which its rows shall stand.
    metadata
        What the tables were made from and how; ``command`` and ``version`` are put first.
    parquet
        Stems of the tables that are written as Parquet; the others become CSV.
    beside
        Other files of the result, such as maps and layers, by name: their bytes, or what writes
        them at the path it is given.
    compose
        Makes the bulletin of which the page and its first chart are drawn. Where the page's extra
        is not installed, it is left out and named on standard error.
    """
    from onshore import records, report

    there = {"command": kind, "version": __version__, **metadata}
    files: dict[str, Any] = {}
    for stem, table in tables.items():
        if stem in parquet:
            files[f"{stem}.parquet"] = table.write_parquet
        else:
            files[f"{stem}.csv"] = records.csv_bytes(table)
    files |= beside or {}
    told = json.dumps(there, ensure_ascii=False, indent=2, default=str)
    files["metadata.json"] = f"{told}\n".encode()
    bulletin = compose(kind, dict(tables), there)
    files["chart.svg"] = report.first_chart(bulletin).encode()
    try:
        files["report.html"] = report.to_html(bulletin).encode()
    except ModuleNotFoundError as missing:
        note(f"note: report.html is left out. {missing}")
    folder_target(out, files)
    with writing(out):
        records.write_whole(out, files)
    for name in files:
        result(str(out / name))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    else:
        yield path
