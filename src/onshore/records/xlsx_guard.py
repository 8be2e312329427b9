"""A look into an XLSX file before anything unpacks it: bombs are refused, oddities are noted.

Every part is inflated once, piece by piece, and counted; what the file declares of itself is
checked, not trusted. Memory does not grow with the file.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from onshore.records.errors import FileFault

MOST_BYTES = 2 << 30
MOST_CELLS = 40_000_000
_MOST_PARTS = 10_000
_MOST_TIMES = 200
_SMALL = 256 << 10
_PIECE = 1 << 20
_OVERLAP = 16 << 10
_DEFLATED = 8

# A reader lays a sheet out as one block from its first to its last cell, so a stray cell far
# off costs memory. Nearly all cells are in columns A to Z; only others are looked at one by one.
_FAR_CELL = re.compile(rb'\sr\s*=\s*["\'](?:[A-Z]{2}|[A-Z]\d{7})')
_DEEP_CELL = re.compile(rb'\sr\s*=\s*["\'][A-Z](\d{5,6})["\']')
_FULL_CELL = re.compile(rb'<c\s(?:[^>]*?\s)?r\s*=\s*["\']([A-Z]+)(\d+)["\'][^>]*(?<!/)>(?!</c>)')
_ERROR_CELL = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(?:<f[^<]*</f>|<f[^>]*/>)?(?:<v>([^<]*)</v>)?')
_BARE_FORMULA = re.compile(rb"<c\b([^>]*)><f(?:[^>]*/>|[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_REFERENCE = re.compile(rb'\br="([A-Z]+)(\d+)"')


@dataclass
class SheetFacts:
    """What a worksheet holds that its values do not tell. Rows and columns count from 1.

    ``rows`` and ``columns`` say how far it may reach at most.
    """

    rows: int = 1
    columns: int = 26
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    not_calculated: set[tuple[int, int]] = field(default_factory=set)
    merged: set[tuple[int, int, int, int]] = field(default_factory=set)


def look_into(path: Path) -> dict[str, SheetFacts]:
    """Give the facts of each worksheet part of a workbook that is safe to unpack.

    Raises
    ------
    FileFault
        The file is not an XLSX workbook, or unpacking it would fill the memory: it inflates
        more than 200 times or beyond 2 GiB, overlaps itself, lies about its sizes, holds a
        document type definition or spans more cells than a table would.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _not_a_workbook(path, str(error)) from None
    _check_declared(parts, path.stat().st_size)
    facts = {}
    total = 0
    with path.open("rb") as file:
        for part in parts:
            scan = _Scan(part.filename)
            size = 0
            for piece in _inflated(file, part):
                size += len(piece)
                _check_size(size, part, total + size)
                scan.take(piece)
            if size != part.file_size:
                raise _false_sizes()
            total += size
            if scan.is_sheet:
                facts[part.filename] = scan.facts
    return facts


def _check_declared(parts: list[zipfile.ZipInfo], file_size: int) -> None:
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise FileFault("it is not an XLSX workbook.", _SAVE_AGAIN)
    if len(parts) > _MOST_PARTS:
        raise _bomb(f"it has {len(parts):,} parts")
    end = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        if part.header_offset < end:
            raise _bomb("its parts overlap")
        end = part.header_offset + part.compress_size
        if part.flag_bits & 1 or part.compress_type not in (0, _DEFLATED):
            raise FileFault("it is encrypted or packed in an unusual way.", _SAVE_AGAIN)
        _check_size(part.file_size, part, part.file_size)
    if end > file_size:
        raise _false_sizes()
    declared = sum(part.file_size for part in parts)
    if declared > MOST_BYTES:
        raise _bomb(f"it would unpack to {declared / 2**30:.1f} GiB")


def _check_size(size: int, part: zipfile.ZipInfo, total: int) -> None:
    if size > _SMALL and size > _MOST_TIMES * max(part.compress_size, 1):
        raise _bomb(f"a part of it unpacks to more than {_MOST_TIMES} times its size")
    if total > MOST_BYTES:
        raise _bomb(f"it would unpack to more than {MOST_BYTES / 2**30:.0f} GiB")


def _inflated(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Inflate a part piece by piece, to the end of its data, whatever size it declares."""
    file.seek(part.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise _false_sizes()
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = part.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == _DEFLATED else None
    while left:
        packed = file.read(min(left, _PIECE))
        if not packed:
            raise _false_sizes()
        left -= len(packed)
        if inflater is None:
            yield packed
            continue
        while True:
            try:
                piece = inflater.decompress(packed, _PIECE)
            except zlib.error as error:
                raise FileFault("it is damaged.", _SAVE_AGAIN, found=str(error)) from None
            yield piece
            packed = inflater.unconsumed_tail
            if not packed and len(piece) < _PIECE:
                break


class _Scan:
    """Reads the pieces of a part as they come and keeps its facts."""

    def __init__(self, name: str) -> None:
        self._is_xml = name.endswith((".xml", ".rels", ".vml"))
        self.is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
        self.facts = SheetFacts()
        self._tail = b""

    def take(self, piece: bytes) -> None:
        """Read one piece."""
        if self._is_xml and not self._tail and piece[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise FileFault("a part of it is in UTF-16.", _SAVE_AGAIN)
        window = self._tail + piece
        if self._is_xml and (b"<!DOCTYPE" in window or b"<!ENTITY" in window):
            raise FileFault(
                "it holds a document type definition, which no spreadsheet program writes.",
                _SAVE_AGAIN,
            )
        if self.is_sheet:
            self._note(window)
        self._tail = window[-_OVERLAP:]

    def _note(self, window: bytes) -> None:
        self._note_extent(window)
        facts = self.facts
        if b't="e"' in window:
            for attributes, value in _ERROR_CELL.findall(window):
                if place := _place(attributes):
                    facts.errors[place] = value.decode() or facts.errors.get(place, "#N/A")
        if b"<f" in window:
            for attributes in _BARE_FORMULA.findall(window):
                if b't="str"' not in attributes and (place := _place(attributes)):
                    facts.not_calculated.add(place)
        if b"<mergeCell " in window:
            for left, top, right, bottom in _MERGED.findall(window):
                corners = (int(top), _column_number(left), int(bottom), _column_number(right))
                facts.merged.add(corners)

    def _note_extent(self, window: bytes) -> None:
        facts = self.facts
        if _FAR_CELL.search(window):
            for letters, digits in _FULL_CELL.findall(window):
                facts.rows = max(facts.rows, int(digits))
                facts.columns = max(facts.columns, _column_number(letters))
        else:
            deep = max(map(int, _DEEP_CELL.findall(window)), default=0)
            facts.rows = max(facts.rows, 9_999, deep)
        if facts.rows * facts.columns > MOST_CELLS:
            raise _too_wide(facts)


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _REFERENCE.search(attributes)
    return (int(found[2]), _column_number(found[1])) if found else None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


_SAVE_AGAIN = "open it in a spreadsheet program and save it again as XLSX, or as 'CSV UTF-8'."


def _bomb(what: str) -> FileFault:
    return FileFault(
        f"it is refused before it is unpacked: {what}.",
        "ask whoever sent it for the table as CSV, or save it again from a spreadsheet program.",
    )


def _false_sizes() -> FileFault:
    return FileFault("it does not have the sizes that it declares.", _SAVE_AGAIN)


def _too_wide(facts: SheetFacts) -> FileFault:
    return FileFault(
        f"its sheet spans {facts.rows:,} rows and {facts.columns:,} columns.",
        "delete the stray cells far below or right of the table.",
    )


def _not_a_workbook(path: Path, found: str) -> FileFault:
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        return FileFault("the file is empty.", "write a heading row and the rows under it.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return FileFault(
            "it is an Excel workbook of the old kind, or one with a password.",
            "take the password off and save it as XLSX, or as 'CSV UTF-8'.",
        )
    if b"overlap" in found.lower().encode():
        return _bomb("its parts overlap")
    return FileFault("it is not an XLSX workbook.", _SAVE_AGAIN, found=found)
