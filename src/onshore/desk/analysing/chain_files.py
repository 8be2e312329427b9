"""A chain as its analyst keeps it, packed as a ZIP file: chain.toml and its tables."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused
from onshore.desk.analysing.result_files import unpacked

if TYPE_CHECKING:
    from onshore.chain import Chain

MOST_CHARACTERS: Final = 2 * 10**6
"""A chain's tables are written by people; one that is larger is solved by the command."""
_FILE: Final = re.compile(r"[a-z_]+\.csv|chain\.toml")
_SHOWN = 4


def packed_chain(content: bytes) -> dict[str, str]:
    """Read the files of a chain from a ZIP file, and check them.

    Returns
    -------
    dict
        The text of ``chain.toml`` and of each table, by the file's name.

    Raises
    ------
    Refused
        It is no ZIP file, too large, no chain, or rows of it have to be mended: the first ones
        are named.
    """
    files = {
        name: told.decode("utf-8-sig", errors="replace")
        for name, told in unpacked(content, lambda name: bool(_FILE.fullmatch(name))).items()
    }
    if "chain.toml" not in files:
        raise _refused(_("It holds no chain.toml."))
    if sum(map(len, files.values())) > MOST_CHARACTERS:
        raise _refused(_("The chain is too large to be solved here."))
    with opened(files):
        return files


@contextmanager
def opened(files: Mapping[str, str]) -> Iterator["Chain"]:
    """Give the chain of some files.

    Raises
    ------
    Refused
        Rows have to be mended: the first ones are named.
    """
    from onshore.chain import ChainError, read_chain

    with TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        try:
            chain = read_chain(folder)
        except ChainError as mistake:
            problems = mistake.problems.head(_SHOWN).iter_rows(named=True)
            lines = [f"{row['table']}, {row['row']}: {row['reason']}." for row in problems]
            told = " ".join(lines) or str(mistake)
            raise _refused(_("The chain cannot be used: %s") % told) from None
        except tomllib.TOMLDecodeError as mistake:
            raise _refused(_("Its chain.toml cannot be read: %s") % mistake) from None
    yield chain


def _refused(reason: str) -> Refused:
    return Refused(
        reason,
        _("Pack a chain's folder as a ZIP file: chain.toml and its tables as CSV."),
        field="file",
    )
