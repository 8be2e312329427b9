"""The API under ``/api/v1/``: the same records, policies and actions as the pages.

Rows are read with paging by key; numbers and money are exact decimals, written as texts.
"""

from onshore.desk.api import moving, reading  # noqa: F401  (they add the operations)
from onshore.desk.api.calling import api, document
from onshore.desk.api.moves_and_makings import MAKINGS, MOVES_OF
from onshore.desk.api.reading import MOST as MOST_ROWS
from onshore.desk.api.rows import component
from onshore.desk.pages import keys  # noqa: F401  (registers a converter)
from onshore.desk.pages.showing import choice_label
from onshore.records import schema


def state_names() -> dict[str, str]:
    """Give the states of a need with their names in the page's language."""
    return {state: choice_label(state) for state in schema("needs").column("state").choices}


__all__ = ["MAKINGS", "MOST_ROWS", "MOVES_OF", "api", "component", "document", "state_names"]
