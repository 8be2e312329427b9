"""onshore runs an industrial localization programme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onshore.records import Programme

__version__ = "0.1.0"
__all__ = ["open"]


def open(path: str | Path, token: str = "") -> Programme:  # noqa: A001
    """Open the programme in a folder of tables, in a desk's database, or of a running desk.

    Parameters
    ----------
    path
        The folder, or its ``programme.toml``; or the address of the desk's database,
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``; or that of a running
        desk, ``https://desk.example.org``: what its API lets the token's holder read.
    token
        A token for the desk's API; without it, the environment variable ``ONSHORE_TOKEN``.

    Raises
    ------
    TableErrors
        The settings or tables have errors; it carries all of them.
    NoProgramme
        The database or the desk cannot be read, or holds no programme.
    """
    from onshore.records import open_programme

    return open_programme(path, token)
