"""Small programmes on disk."""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

SETTINGS = """\
name = "Trial"
name_fa = "آزمایش"
home = "IR"
currency = "EUR"
calendar = "solar_hijri"
price_date = 2024-09-22
rate_type = "market"
discount_rate = 0.08
[horizon]
first_year = 1404
years = 5
[phases]
1 = 1404
2 = 1406
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, of bytes or of text in an encoding, and give its path."""

    def write(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def programme(tmp_path: Path) -> Callable[..., Path]:
    """Write a programme's folder: settings and tables as CSV text, by name."""

    def programme(tables: Mapping[str, str] | None = None, settings: str = SETTINGS) -> Path:
        folder = tmp_path / "programme"
        folder.mkdir(exist_ok=True)
        (folder / "programme.toml").write_text(settings, encoding="utf-8")
        for name, text in (tables or {}).items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder

    return programme


@pytest.fixture
def needs(write: Write) -> Callable[..., pl.DataFrame]:
    """Read a table of needs from rows of CSV text and give its errors."""
    from onshore.records import read_table

    def needs(heading: str, *rows: str) -> pl.DataFrame:
        text = "\n".join([f"need_id,description,{heading}", *rows]) + "\n"
        return read_table(write("needs.csv", text), "needs").errors

    return needs
