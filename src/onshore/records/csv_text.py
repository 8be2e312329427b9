"""The text of a CSV file: in which encoding it is written, and its bytes as UTF-8."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from onshore.records.errors import FileFault

BLOCK = 16 << 20
_SAMPLE = 1 << 20
_LINES_PER_DAMAGE = 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAVE_AGAIN = "save the sheet again as 'CSV UTF-8' or as XLSX."
_MAGIC = (
    (b"PK\x03\x04", "it is a zip file (perhaps an XLSX workbook), not text."),
    (b"\xd0\xcf\x11\xe0", "it is an old or protected Excel workbook, not text."),
    (b"PAR1", "it is a Parquet file, not text."),
    (b"%PDF", "it is a PDF file, not a table."),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class TextEncoding:
    """How the bytes of a text file are to be read.

    ``damaged`` says that some bytes are not of the encoding; they become U+FFFD.
    """

    name: str
    bom: int = 0
    damaged: bool = False
    old_mac: bool = False


def find_encoding(path: Path) -> TextEncoding:
    """Tell UTF-8, UTF-16 and Windows-1256 apart by reading the whole file once.

    Raises
    ------
    FileFault
        The file is empty, is not text, or is text in another encoding.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise FileFault("the file is empty.", "write a heading row and the rows under it.")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FileFault("its text is in UTF-32.", _SAVE_AGAIN)
    for bom, name in _BOMS:
        if head.startswith(bom):
            if name.startswith("utf-16"):
                text = head[: len(head) & ~1].decode(name, "replace").encode()
                return TextEncoding(name, len(bom), not _decodes(path, name), _old_mac(text))
            return TextEncoding(name, len(bom), not _all_utf8(path), _old_mac(head))
    _refuse_binary(head)
    if _all_utf8(path):
        return TextEncoding("utf-8", old_mac=_old_mac(head))
    return _not_utf8(path, _old_mac(head))


def text_blocks(path: Path, encoding: TextEncoding, size: int = BLOCK) -> Iterator[bytes]:
    """Give a file's text block by block, as UTF-8 with line feeds at line ends."""
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    recode = encoding.damaged or encoding.name != "utf-8"
    with path.open("rb") as file:
        file.seek(encoding.bom)
        while block := file.read(size):
            if recode:
                block = decoder.decode(block).encode()
            yield block.replace(b"\r", b"\n") if encoding.old_mac else block
    if recode:
        yield decoder.decode(b"", final=True).encode()


def _old_mac(head: bytes) -> bool:
    return b"\r" in head and b"\n" not in head


def _refuse_binary(head: bytes) -> None:
    for magic, reason in _MAGIC:
        if head.startswith(magic):
            raise FileFault(reason, "give the file the ending of what it is, or " + _SAVE_AGAIN)
    odd = len(_CONTROL.findall(head))
    zeros = [head[parity::2].count(0) for parity in (0, 1)]
    if sum(zeros) * 5 > len(head) and min(zeros) * 20 < max(zeros):
        raise FileFault("it looks like UTF-16 text without a byte-order mark.", _SAVE_AGAIN)
    if sum(zeros) * 100 > len(head) or (odd * 20 > len(head) and not _is_utf8(head)):
        raise FileFault("it is a binary file, not text.", _SAVE_AGAIN)


def _all_utf8(path: Path) -> bool:
    return next(_not_utf8_blocks(path), None) is None


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8_blocks(path: Path) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            whole, rest = _whole_characters(rest + block)
            if not _is_utf8(whole):
                yield whole
    if rest and not _is_utf8(rest):
        yield rest


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    # Polars checks several gigabytes a second; Python's own decoder a tenth of that.
    try:
        pl.Series([block], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _whole_characters(block: bytes) -> tuple[bytes, bytes]:
    for back in range(1, min(4, len(block)) + 1):
        if block[-back] < 0x80:
            break
        if block[-back] >= 0xC0:
            return block[:-back], block[-back:]
    return block, b""


def _not_utf8(path: Path, old_mac: bool) -> TextEncoding:
    block = next(_not_utf8_blocks(path))
    text = block.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) - lost > lost:
        return TextEncoding("utf-8", damaged=True, old_mac=old_mac)
    if _reads_as_windows_1256(block.decode("cp1256")):
        return TextEncoding("cp1256", old_mac=old_mac)
    if lost * _LINES_PER_DAMAGE <= text.count("\n"):
        return TextEncoding("utf-8", damaged=True, old_mac=old_mac)
    raise FileFault("its text is neither UTF-8, UTF-16 nor Windows-1256.", _SAVE_AGAIN)


_ARABIC = re.compile(r"[\u0621-\u06d2]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0152\u0153]")


def _reads_as_windows_1256(text: str) -> bool:
    # Text of another one-byte encoding becomes words that mix Arabic and Latin letters.
    words = [word for word in re.findall(r"\w+", text) if not word.isascii()]
    mixed = sum(1 for word in words if _ARABIC.search(word) and _LATIN.search(word))
    return mixed * 20 <= len(words)
