"""Files of specifications: of a kind that is read, not run, and of the kind their name says.

A maker opens them on its own machine, so nothing that runs is taken: no programs, no scripts, no
pages for a browser, no macros, also not within a ZIP file. Nothing is unpacked to find out.
"""

import hashlib
import re
import struct
import zipfile
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused
from onshore.desk.pages.wording import language
from onshore.figures import shown

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_STARTS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".tif": (b"II*\x00", b"MM\x00*"),
    ".tiff": (b"II*\x00", b"MM\x00*"),
    ".dwg": (b"AC10",),
    ".step": (b"ISO-10303-21",),
    ".stp": (b"ISO-10303-21",),
    ".xlsx": _ZIP,
    ".docx": _ZIP,
    ".zip": _ZIP,
    ".dxf": (),
    ".igs": (),
    ".iges": (),
    ".csv": (),
    ".txt": (),
}
KINDS = tuple(_STARTS)
"""Endings of the files that a specification may be: documents, pictures, drawings, tables."""
_WITHIN = {".xlsx": "xl/workbook.xml", ".docx": "word/document.xml"}
"""What an Office file of a kind has in it."""
_RUNS = re.compile(
    r"""(?ix) (^|/)vbaproject[^/]*\.bin$ | (^|/)activex/ | (^|/)macros?/ | \.(
    app|apk|bat|bin|chm|cmd|com|cpl|dll|dmg|elf|exe|gadget|hta|html?|iso|jar|js|jse|lnk|mht(ml)?|
    msc|msi|msp|ocx|php|pif|pl|ps1|psm1|py[cw]?|rb|reg|scf|scr|sh|so|svgz?|swf|sys|url|vb|vbe|vbs|
    ws[cfh]?|xht(ml)?|xll|xslt?|(doc|dot|xls|xlt|ppt|pot|pps)m|xlam|ppam|jnlp|lsp|fas|vlx|arx|dvb
    )$""",
)
"""Names within a ZIP file of what runs on the machine that opens it."""
_HARMLESS = re.compile(r"(?i)(^|/)printersettings\d*\.bin$")
_PACKED = re.compile(r"(?i)\.(7z|bz2|cab|gz|rar|tar|tgz|xz|zip|zst)$")
_MARKUP = re.compile(rb"(?i)<\s*(!doctype\s+html|html|head|body|script|svg|iframe|object|\?php|%@)")
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"PK", b"%PDF-")
_IN_PDF = re.compile(rb"/(JavaScript|Launch|RichMedia)(?![A-Za-z])")
_SNIFFED = 4096
_MOST_NAMES = 2 << 20
"""Bytes of the list of names at the end of a ZIP file."""
_OVERLAP = 32


def checked(file: Any) -> tuple[str, str]:
    """Give an upload's plain name and SHA-256.

    Raises
    ------
    Refused
        It is empty, too large, of a kind that is not taken or not the one its name says, or
        something in it runs.
    """
    name = PurePosixPath(PureWindowsPath(file.name).name).name[-150:]
    ending = PurePosixPath(name).suffix.lower()
    if ending not in _STARTS:
        raise Refused(
            _("A file ending in “%s” is not taken.") % ending,
            _("Hand in one of these: %s.") % " ".join(KINDS),
            field="file",
        )
    if file.size > settings.MOST_UPLOAD_BYTES:
        raise Refused(
            _("The file has %(size)s MB; the most is %(most)s MB.")
            % {
                "size": shown.digits(str(file.size // 2**20), language()),
                "most": shown.digits(str(settings.MOST_UPLOAD_BYTES // 2**20), language()),
            },
            _("Split it, or hand in a smaller one."),
            field="file",
        )
    digest = _read_through(file, ending)
    if _STARTS[ending] is _ZIP:
        _look_within(file, ending)
    file.seek(0)
    return name, digest


def _read_through(file: Any, ending: str) -> str:
    """Look at all of a file once; give its SHA-256."""
    digest, start, last = hashlib.sha256(), b"", b""
    is_text = not _STARTS[ending]
    for piece in file.chunks():
        if not start:
            start = piece[:_SNIFFED]
            _check_start(start, ending)
        if is_text and b"\x00" in piece:
            raise _another_kind(ending)
        if ending == ".pdf" and (found := _IN_PDF.search(last + piece)):
            raise _runs(found.group().decode())
        last = piece[-_OVERLAP:]
        digest.update(piece)
    if not start:
        raise Refused(
            _("The file is empty."),
            _("Look at the file itself, and choose it again."),
            field="file",
        )
    return digest.hexdigest()


def _check_start(start: bytes, ending: str) -> None:
    if _STARTS[ending]:
        if not start.startswith(_STARTS[ending]):
            raise _another_kind(ending)
        return
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_PROGRAMS):
        raise _another_kind(ending)
    if found := _MARKUP.search(text):
        raise _runs(found.group().decode())


def _look_within(file: Any, ending: str) -> None:
    """Look at the names within a ZIP file; they stand at its end, unpacked."""
    file.seek(max(file.size - (1 << 16) - 42, 0))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22 or tail[max(at - 20, 0) :].startswith(b"PK\x06\x07"):
        raise _another_kind(ending)
    if struct.unpack_from("<I", tail, at + 12)[0] > _MOST_NAMES:
        raise _another_kind(ending)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            names = [name.replace("\\", "/") for name in packed.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _another_kind(ending) from error
    if ending in _WITHIN and _WITHIN[ending] not in names:
        raise _another_kind(ending)
    for name in names:
        if _RUNS.search(name) and not _HARMLESS.search(name):
            raise _runs(name)
        if _PACKED.search(name):
            raise Refused(
                _("Another packed file lies in this one: %s.") % shown.isolate(name[-100:]),
                _("Unpack it and pack its documents together, so that they can be looked at."),
                field="file",
            )


def _another_kind(ending: str) -> Refused:
    return Refused(
        _("The file's contents are not what its ending “%s” says.") % ending,
        _("Save it anew in that format, and choose it again."),
        field="file",
    )


def _runs(what: str) -> Refused:
    return Refused(
        _("Something in this file would run on the reader's machine: %s.")
        % shown.isolate(what[-100:]),
        _("Hand in the document without it: no macros, scripts, programs or web pages."),
        field="file",
    )
