"""The application: its commands, and how it ends.

Exit status 0: done. 1: the data have errors, all of them listed. 2: wrong usage.
"""

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from onshore import __version__
from onshore.cli import money, planning, programme, ranking
from onshore.cli.console import Refused, error

app = App(
    name="onshore",
    help="Run an industrial localization programme.",
    help_format="plaintext",
    version=__version__,
)
programme.register(app)
ranking.register(app)
planning.register(app)
money.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        The words after the program's name; the process's own when None.

    Returns
    -------
    int
        The exit status: 0 done, 1 the data have errors, 2 wrong usage.

    Examples
    --------
    >>> main(["check", "no/such/folder"])
    2
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        status = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as mistake:
        error(f"{mistake}\nSee: onshore {' '.join(mistake.command_chain or ())} --help".rstrip())
        return 2
    except Refused as refused:
        error(str(refused))
        return refused.status
    except KeyboardInterrupt:
        error("Stopped; nothing was written.")
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as `head` does; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(status or 0)
