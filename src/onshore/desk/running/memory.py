"""How often the server looks through its memory for what nobody uses any more."""

import gc
from typing import Final

_SELDOM: Final = (50_000, 10, 20)


def settle() -> None:
    """Keep what is loaded by now, and look through what comes after it seldom.

    Called once all is loaded. Objects that are kept out of the search make no page wait for it;
    with few left, Python's own thresholds would look through all of them at every other page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
