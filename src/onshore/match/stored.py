r"""Segments in files: written whole, opened memory-mapped, refused when they are not as written.

A folder holds ``index.json``, which names the segments, and a file for each. Such a file is
the 8 bytes ``onshore\n``, the format's version (UInt32), the length of the heading (UInt32),
the BLAKE2b checksum of all that follows (32 bytes), the heading as JSON (the length of the arrays,
the reading, the place of each array) and the arrays, each from a multiple of 64 bytes on. Numbers
are little-endian. A segment is named by its checksum, so that one that is there need not be
written again.
"""

import json
import mmap
import struct
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from hashlib import blake2b
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import onshore
from onshore.match.asked import FIELDS
from onshore.match.errors import MatchError
from onshore.match.postings import Array, Postings
from onshore.match.segments import Live, Segment

VERSION = 1
_MAGIC = b"onshore\n"
_START = struct.Struct("<8sII32s")
_ALIGNED = 64
_MANIFEST = "index.json"
_AGAIN = "Build it again: Index.of(offers).save(folder)."


def save_segments(folder: Path, parts: Sequence[Live]) -> None:
    """Write segments of which nothing is left out; what the folder held of others is removed."""
    from onshore.records import write_whole

    before = set(_named(folder)) if (folder / _MANIFEST).exists() else set()
    files: dict[str, bytes] = {}
    names = []
    for part in parts:
        content = _written(part.segment)
        name = f"segment-{content[16:32].hex()}.onshore"
        names.append(name)
        if name not in before:
            files[name] = content
    manifest = {"format": "onshore index", "version": VERSION, "segments": names}
    files[_MANIFEST] = json.dumps(manifest, indent=1).encode()
    write_whole(folder, files)
    for name in before - set(names):
        (folder / name).unlink(missing_ok=True)


def open_segments(folder: Path) -> list[Segment]:
    """Open the segments of a folder.

    Raises
    ------
    MatchError
        See `onshore.match.Index.open`.
    """
    return [_opened(folder / name) for name in _named(folder)]


def _named(folder: Path) -> list[str]:
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
        version, names = manifest["version"], manifest["segments"]
    except FileNotFoundError:
        raise MatchError(
            f"{folder}: no index is here, {_MANIFEST} is missing. "
            "Give the folder that Index.save wrote."
        ) from None
    except (ValueError, TypeError, KeyError):
        raise MatchError(f"{path}: this is not the list of an index's segments. {_AGAIN}") from None
    if version != VERSION:
        raise _other_version(path, version)
    if not isinstance(names, list) or not all(
        isinstance(name, str) and name == Path(name).name for name in names
    ):
        raise MatchError(f"{path}: this is not the list of an index's segments. {_AGAIN}")
    return names


def _written(segment: Segment) -> bytes:
    arrays = {
        **{
            f"{name}.{part}": array
            for name, postings in _postings(segment)
            for part, array in postings.arrays().items()
        },
        **{f"lengths.{at}": array for at, array in enumerate(segment.lengths)},
        "hs": segment.hs,
        "hs_digits": segment.hs_digits,
        "offers": np.frombuffer(_table(segment.offers), dtype=np.uint8),
    }  # fmt: skip
    places, end = {}, 0
    for name, array in arrays.items():
        places[name] = [array.dtype.str, len(array), end]
        end += -(-array.nbytes // _ALIGNED) * _ALIGNED
    heading = json.dumps({"reading": reading(), "bytes": end, "arrays": places}).encode()
    heading += b" " * (-(_START.size + len(heading)) % _ALIGNED)
    body = bytearray(end)
    for name, array in arrays.items():
        at = places[name][2]
        body[at : at + array.nbytes] = array.tobytes()
    checksum = blake2b(heading + body, digest_size=32).digest()
    return _START.pack(_MAGIC, VERSION, len(heading), checksum) + heading + body


def _opened(path: Path) -> Segment:
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise MatchError(f"{path}: this segment of the index is missing. {_AGAIN}") from None
    except ValueError:  # an empty file
        raise MatchError(f"{path}: the file is cut short. {_AGAIN}") from None
    arrays = _arrays(path, content)
    return Segment(
        offers=pl.read_ipc(BytesIO(arrays["offers"].tobytes())),
        fields=tuple(_of_name(arrays, name) for name in FIELDS),
        own=_of_name(arrays, "own"),
        lengths=tuple(arrays[f"lengths.{at}"] for at in range(3)),
        hs=arrays["hs"],
        hs_digits=arrays["hs_digits"],
    )


def _arrays(path: Path, content: mmap.mmap) -> dict[str, Array]:
    if len(content) < _START.size:
        raise MatchError(f"{path}: the file is cut short. {_AGAIN}")
    magic, version, length, checksum = _START.unpack_from(content)
    if magic != _MAGIC:
        raise MatchError(f"{path}: this is not a segment of an index. {_AGAIN}")
    if version != VERSION:
        raise _other_version(path, version)
    with memoryview(content) as whole, whole[_START.size :] as rest:
        sound = blake2b(rest, digest_size=32).digest() == checksum
    if not sound:
        raise MatchError(
            f"{path}: the file is cut short or damaged, its checksum is another. {_AGAIN}"
        )
    start = _START.size + length
    heading = json.loads(content[_START.size : start])
    if heading["reading"] != reading():
        raise MatchError(
            f"{path}: the offers were read with another glossary or by another version of "
            f"onshore, so that needs would not be read alike. {_AGAIN}"
        )
    return {
        name: np.frombuffer(content, dtype=np.dtype(kind), count=count, offset=start + at)
        for name, (kind, count, at) in heading["arrays"].items()
    }


def _postings(segment: Segment) -> list[tuple[str, Postings]]:
    return [*zip(FIELDS, segment.fields, strict=True), ("own", segment.own)]


def _of_name(arrays: dict[str, Any], name: str) -> Postings:
    return Postings(**{part.name: arrays[f"{name}.{part.name}"] for part in fields(Postings)})


def _table(offers: pl.DataFrame) -> bytes:
    table = BytesIO()
    offers.write_ipc(table)
    return table.getvalue()


@cache
def reading() -> str:
    """Identify how lines are read: the version of the package and the tables it reads by."""
    tables = sorted(
        (file for file in resources.files("onshore.match").iterdir() if file.name.endswith(".csv")),
        key=lambda file: file.name,
    )
    digest = blake2b(onshore.__version__.encode(), digest_size=16)
    for table in tables:
        digest.update(table.read_bytes())
    return digest.hexdigest()


def _other_version(path: Path, version: object) -> MatchError:
    return MatchError(
        f"{path}: the index is of version {version}, this onshore reads version {VERSION}. {_AGAIN}"
    )
