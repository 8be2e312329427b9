"""How the program begins and ends, whatever happens between.

It imports next to nothing, so that it can be stopped from its first moment.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after the program's name; the process's own when None.

    Returns
    -------
    int
        The exit status: 0 done, 1 the data have errors, 2 wrong usage or the system refused,
        130 stopped.

    Examples
    --------
    >>> main(["check", "no/such/folder"])
    2
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What the terminal's encoding lacks is written as \u0646, and does not stop the work.
            stream.reconfigure(errors="backslashreplace")
    try:
        from onshore.cli.app import answer

        status = answer(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("onshore: Stopped; nothing was written.\n")
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as `head` does; nothing is wrong.
        _leave_output()
        return 0
    except OSError as failure:
        where = f"{failure.filename}: " if failure.filename else ""
        told = failure.strerror or str(failure)
        sys.stderr.write(f"onshore: {where}{told}. Check the disk and your rights; try again.\n")
        if failure.filename is None:
            _leave_output()
        return 2
    return status


def _leave_output() -> None:
    """Let what is still to be written to standard output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
