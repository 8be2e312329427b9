"""The application: its commands and their exit statuses.

Exit status 0: done. 1: the data have errors, all of them listed. 2: wrong usage.
"""

from collections.abc import Sequence

from cyclopts import App, CycloptsError

from onshore import __version__
from onshore.cli import (
    chain,
    coding,
    content,
    economy,
    explore,
    merging,
    money,
    planning,
    programme,
    publishing,
    ranking,
    reconciling,
    series,
    serving,
    trade,
)
from onshore.cli.console import Refused, error

app = App(
    name="onshore",
    help="Run an industrial localization programme.",
    help_format="plaintext",
    version=__version__,
    suppress_keyboard_interrupt=False,
)
programme.register(app)
ranking.register(app)
merging.register(app)
coding.register(app)
planning.register(app)
money.register(app)
content.register(app)
reconciling.register(app)
series.register(app)
publishing.register(series.series)
trade.register(app)
economy.register(app)
chain.register(app)
explore.register(app)
serving.register(app)


def answer(words: Sequence[str]) -> int:
    """Do what the words ask for and give the exit status."""
    try:
        status = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as mistake:
        error(f"{mistake}\nSee: onshore {' '.join(mistake.command_chain or ())} --help".rstrip())
        return 2
    except Refused as refused:
        error(str(refused))
        return refused.status
    return int(status or 0)
