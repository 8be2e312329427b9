"""Where the desk keeps its database, files and secret key."""

import os
import secrets
import sys
from pathlib import Path


def data_folder() -> Path:
    """Give the data folder: ``ONSHORE_DATA``, or the user's own; make it if it is absent."""
    told = os.environ.get("ONSHORE_DATA")
    if told:
        folder = Path(told).expanduser()
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "onshore"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support" / "onshore"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "onshore"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder.resolve()


def secret_key(folder: Path) -> str:
    """Give ``ONSHORE_SECRET_KEY``, or the key kept in the folder; make one at first."""
    told = os.environ.get("ONSHORE_SECRET_KEY")
    if told:
        return told
    path = folder / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii").strip()
