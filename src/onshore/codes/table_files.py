"""The data files of the code lists, read as rows of text."""

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """Read a CSV file of the package's data; empty cells are empty texts."""
    text = files("onshore.codes").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def listed(cell: str) -> tuple[str, ...]:
    """Split a cell of several texts joined by semicolons."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())
