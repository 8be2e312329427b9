"""The records of a CSV text: where each ends, and which do not have the cells they should.

Most blocks are cut by counting separators and line ends outside quotation marks, all at once.
A block with stray quotation marks or NUL characters is cut line by line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from onshore.records.errors import FileFault

_QUOTE, _NEWLINE, _RETURN = b'"'[0], b"\n"[0], b"\r"[0]
_SHOWN = 300

# A quotation mark that nobody closed would make one cell of all that follows. A record may
# run over many lines if its cells fit the headings, over few if they do not, and is looked for
# no further than this.
_LONGEST_RECORD = 500
_LONGEST_RAGGED = 20
_LONGEST_REST = 1 << 20

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Fault:
    """A record that cannot be split into cells under the headings."""

    row: int
    reason: str
    found: str
    next_step: str


@dataclass(frozen=True)
class Records:
    """The records of a block: those that are sound, as CSV bytes, and what is wrong with others."""

    sound: bytes
    rows: Rows
    faults: list[Fault]
    rest: bytes
    next_row: int


def cut_records(block: bytes, separator: bytes, width: int, row: int, *, final: bool) -> Records:
    """Cut a block of CSV text into records of ``width`` cells.

    Parameters
    ----------
    block
        UTF-8 text that begins with a record. What follows its last whole record is given back
        as ``rest``; the ``final`` block has no rest.
    row
        Row number of the block's first record. Blank lines count as rows and are left out.
    """
    if final and not block.endswith(b"\n"):
        block += b"\n"
    return _cut_at_once(block, separator, width, row, final=final) or cut_by_line(
        block, separator, width, row, final=final
    )


def head_records(text: bytes, separator: bytes, count: int) -> list[tuple[list[str], int]]:
    """Cells and end offset of the first records of a CSV text, whatever their number of cells."""
    records: list[tuple[list[str], int]] = []
    offset = 0
    lines = text.split(b"\n")
    at = 0
    while at < len(lines) and len(records) < count:
        taken = 1
        cells, is_open = _cells(lines[at].removesuffix(b"\r"), separator)
        while is_open and taken < _LONGEST_RECORD and at + taken < len(lines):
            taken += 1
            joined = b"\n".join(lines[at : at + taken]).removesuffix(b"\r")
            more, is_open = _cells(joined, separator)
            if not is_open and _lines_quoted(more):
                cells = more
                break
        else:
            taken = 1
        offset += sum(len(line) + 1 for line in lines[at : at + taken])
        records.append(([_plain(cell) for cell in cells], min(offset, len(text))))
        at += taken
    return records


def _cut_at_once(
    block: bytes, separator: bytes, width: int, row: int, *, final: bool
) -> Records | None:
    if b"\0" in block:
        return None
    text = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(text == _NEWLINE)
    breaks = np.flatnonzero(text == separator[0])
    if b'"' in block:
        quotes = np.flatnonzero(text == _QUOTE)
        ends, breaks = _outside(quotes, ends), _outside(quotes, breaks)
        length = ends[-1] + 1 if ends.size else 0
        if len(block) - length > _LONGEST_REST:
            return None
        if not _quotes_in_pairs(text, quotes[quotes < length], separator[0]):
            return None
    if final and (not ends.size or ends[-1] + 1 != len(block)):
        return None
    if not ends.size:
        return Records(b"", np.empty(0, np.int64), [], block, row)
    starts = np.concatenate(([0], ends[:-1] + 1))
    cells = np.diff(np.searchsorted(breaks, ends), prepend=0) + 1
    blank = (ends == starts) | ((ends == starts + 1) & (text[starts] == _RETURN))
    rows = np.arange(row, row + ends.size)
    faults = []
    kept = ~blank
    for at in np.flatnonzero((cells != width) & ~blank):
        record = block[starts[at] : ends[at]].removesuffix(b"\r")
        if record.count(b"\n") > _LONGEST_RAGGED:
            return None
        empty_beyond = cells[at] > width and _nothing_beyond(record, separator, width)
        kept[at] = empty_beyond
        if not empty_beyond and _has_text(record, separator):
            faults.append(_ragged(int(rows[at]), int(cells[at]), width, record))
    sound = _kept(block, starts, ends, kept)
    return Records(sound, rows[kept], faults, block[ends[-1] + 1 :], row + ends.size)


def _kept(block: bytes, starts: Rows, ends: Rows, kept: NDArray[np.bool_]) -> bytes:
    pieces, begin = [], 0
    whole = memoryview(block)
    for at in np.flatnonzero(~kept):
        pieces.append(whole[begin : starts[at]])
        begin = ends[at] + 1
    return b"".join([*pieces, whole[begin : ends[-1] + 1]])


def _outside(quotes: Rows, places: Rows) -> Rows:
    """Give the places that are not between an opening and a closing mark."""
    before = np.searchsorted(places, quotes)
    opened = np.bincount(before[::2], minlength=places.size + 1)
    closed = np.bincount(before[1::2], minlength=places.size + 1)
    outside: Rows = places[np.cumsum(opened - closed)[:-1] == 0]
    return outside


def _quotes_in_pairs(text: NDArray[np.uint8], quotes: Rows, separator: int) -> bool:
    """Whether each opening mark begins a cell and each closing one ends it, or is a doubled one."""
    if quotes.size % 2:
        return False
    if not quotes.size:
        return True
    opening, closing = quotes[::2], quotes[1::2]
    before = text[np.maximum(opening - 1, 0)]
    doubled = np.concatenate(([False], opening[1:] == closing[:-1] + 1))
    begins = (before == separator) | (before == _NEWLINE) | (opening == 0) | doubled
    after = text[closing + 1]
    is_doubled = np.concatenate((doubled[1:], [False]))
    line_end = (after == _RETURN) & (text[np.minimum(closing + 2, text.size - 1)] == _NEWLINE)
    ends = (after == separator) | (after == _NEWLINE) | line_end | is_doubled
    return bool(begins.all() and ends.all())


def _nothing_beyond(record: bytes, separator: bytes, width: int) -> bool:
    return not _has_text(separator.join(_cells(record, separator)[0][width:]), separator)


def _has_text(record: bytes, separator: bytes) -> bool:
    return bool(record.strip(separator + b' \t"'))


def cut_by_line(block: bytes, separator: bytes, width: int, row: int, *, final: bool) -> Records:
    """Cut a block line by line, as `cut_records` does where quotation marks are out of order."""
    *lines, last = block.split(b"\n")
    sound, rows, faults = [], [], []
    at = 0
    while at < len(lines):
        found = _record(lines, at, separator, width, final=final)
        if found is None:
            break
        cells, taken, is_open = found
        fault = _fault(row, lines[at], cells, width, separator, is_open=is_open)
        if fault:
            faults.append(fault)
        elif len(cells) >= width and (lines[at].strip() or taken > 1):
            sound.append(separator.join(_well_quoted(cell) for cell in cells[:width]))
            rows.append(row)
        at += taken
        row += 1
    rest = b"\n".join([*lines[at:], last])
    text = b"".join(record + b"\n" for record in sound)
    return Records(text, np.array(rows, np.int64), faults, rest, row)


def each_record(text: bytes, separator: bytes, width: int) -> Iterator[list[str]]:
    """Give the cells of each record of a whole text, in the rows that `cut_records` counts."""
    lines = text.removesuffix(b"\n").split(b"\n")
    at = 0
    while at < len(lines):
        found = _record(lines, at, separator, width, final=True)
        if found is None:
            raise AssertionError("the final lines always hold a record")
        cells, taken, _ = found
        yield [_plain(cell) for cell in cells]
        at += taken


def _record(
    lines: list[bytes], at: int, separator: bytes, width: int, *, final: bool
) -> tuple[list[bytes], int, bool] | None:
    """Give the cells of the record that begins in a line, its number of lines, and its state.

    The state is whether it has a cell that is opened and not closed. None if more lines are
    needed to tell.
    """
    cells, is_open = _cells(lines[at].removesuffix(b"\r"), separator)
    if is_open:
        joined = _joined(lines, at, separator, width)
        if joined:
            return *joined, False
        if not final and len(lines) - at < _LONGEST_RECORD:
            return None
    return cells, 1, is_open


def _fault(
    row: int, record: bytes, cells: list[bytes], width: int, separator: bytes, *, is_open: bool
) -> Fault | None:
    if b"\0" in record:
        return Fault(
            row, "the row holds NUL characters.", _shown(record), "type the row again as text."
        )
    if is_open:
        return Fault(
            row,
            "a quotation mark opens a cell and does not close it.",
            _shown(record),
            'close the cell with " or, where the mark is part of the text, write it twice: "".',
        )
    if len(cells) < width and not _has_text(separator.join(cells), separator):
        return None
    if len(cells) < width or _has_text(separator.join(cells[width:]), separator):
        return _ragged(row, len(cells), width, record)
    return None


def _ragged(row: int, cells: int, width: int, record: bytes) -> Fault:
    too = "few" if cells < width else "many"
    step = "add the missing cells." if cells < width else "take the extra cells out."
    return Fault(
        row,
        f"the row has too {too} cells: {cells}, under {width} headings.",
        _shown(record),
        step[:-1] + ', and put "quotation marks" around text that holds the separator.',
    )


def _joined(
    lines: list[bytes], at: int, separator: bytes, width: int
) -> tuple[list[bytes], int] | None:
    """Cells of the record that begins in a line and runs over several, and its number of lines."""
    for taken in range(2, min(_LONGEST_RECORD, len(lines) - at) + 1):
        if b'"' in lines[at + taken - 1]:
            joined = b"\n".join(lines[at : at + taken]).removesuffix(b"\r")
            cells, is_open = _cells(joined, separator)
            if not is_open:
                fits = len(cells) == width or taken <= _LONGEST_RAGGED
                return (cells, taken) if fits and _lines_quoted(cells) else None
    return None


def _lines_quoted(cells: list[bytes]) -> bool:
    """Whether each line end within a record is within quotation marks."""
    return all(b"\n" not in cell or (cell.startswith(b'"') and _is_quoted(cell)) for cell in cells)


def _cells(record: bytes, separator: bytes) -> tuple[list[bytes], bool]:
    """Cells of a record as written, and whether one of them is opened and not closed."""
    if b'"' not in record:
        return record.split(separator), False
    pattern = _cell_pattern(separator)
    cells, at = [], 0
    while True:
        found = pattern.match(record, at)
        assert found, "the pattern matches an empty cell"
        cell = found[1]
        cells.append(cell)
        if cell.startswith(b'"') and not _is_quoted(cell) and record.count(b'"', at) % 2:
            return cells, True
        if found.end() == found.end(1):
            return cells, False
        at = found.end()


@cache
def _cell_pattern(separator: bytes) -> re.Pattern[bytes]:
    mark = re.escape(separator)
    return re.compile(rb'("[^"]*(?:""[^"]*)*"(?=%b|\Z)|[^%b]*)(?:%b|\Z)' % (mark, mark, mark))


def _is_quoted(cell: bytes) -> bool:
    return len(cell) > 1 and cell.endswith(b'"') and cell[1:-1].replace(b'""', b"").count(b'"') == 0


def _well_quoted(cell: bytes) -> bytes:
    if b'"' not in cell or (cell.startswith(b'"') and _is_quoted(cell)):
        return cell
    return b'"' + cell.replace(b'"', b'""') + b'"'


def _plain(cell: bytes) -> str:
    if cell.startswith(b'"') and _is_quoted(cell):
        cell = cell[1:-1].replace(b'""', b'"')
    return cell.decode("utf-8", "replace").strip()


def _shown(record: bytes) -> str:
    return record[:_SHOWN].decode("utf-8", "ignore")


def unreadable() -> FileFault:
    """Give the fault of a file whose rows cannot be told apart."""
    return FileFault(
        "it cannot be read as a CSV file.", "save the sheet again as 'CSV UTF-8' or as XLSX."
    )
