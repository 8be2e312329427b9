"""What the commands say: results to standard output, messages to standard error."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl


class Refused(Exception):
    """A command that cannot go on, with what to do about it.

    Parameters
    ----------
    message
        What is wrong and the next step.
    status
        Exit status: 1 the data have errors, 2 wrong usage.
    """

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def error(message: str) -> None:
    """Write a message of failure to standard error."""
    sys.stderr.write(f"onshore: {message}\n")


def note(message: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(f"{message}\n")


def warn(messages: Iterable[str]) -> None:
    """Write messages to standard error that should be seen last, after the results."""
    sys.stdout.flush()
    for message in messages:
        note(f"warning: {message}")


def result(text: str) -> None:
    """Write a line of the result to standard output, never wrapped."""
    sys.stdout.write(f"{text}\n")


def result_json(value: Any) -> None:
    """Write a result to standard output as one JSON document."""
    plain = not sys.stdout.encoding.lower().startswith("utf")
    json.dump(value, sys.stdout, ensure_ascii=plain, indent=2, default=str)
    sys.stdout.write("\n")


def result_table(frame: pl.DataFrame) -> None:
    """Write a table to standard output as CSV."""
    sys.stdout.write(frame.write_csv())


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say on standard error what is being done and, when done, how long it took."""
    began = time.perf_counter()
    live = sys.stderr.isatty()
    if live:
        sys.stderr.write(f"  {doing} ...")
        sys.stderr.flush()
    try:
        yield
    except BaseException:
        if live:
            sys.stderr.write("\n")
        raise
    took = f"{time.perf_counter() - began:.1f} s"
    sys.stderr.write(f"\r  {doing:<44} {took:>8}\n" if live else f"  {doing:<44} {took:>8}\n")
    sys.stderr.flush()


def counted(number: int, thing: str) -> str:
    """Say how many there are of a thing: ``no errors``, ``1 error``, ``1,200 errors``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}" if number else f"no {thing}s"


def existing(path: Path) -> Path:
    """Give the path back where it exists, else refuse."""
    if not path.exists():
        raise Refused(
            f"{path} is not there. Check the spelling, or make a programme: onshore new {path}"
        )
    return path
