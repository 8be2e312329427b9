"""Many names in one sentence."""

from collections.abc import Iterable


def some(names: Iterable[object], most: int = 10) -> str:
    """Name the first few, and say how many more there are.

    Examples
    --------
    >>> some(["irn", "irq", "tur"], most=2)
    'irn, irq and 1 more'
    """
    told = [str(name) for name in names]
    more = len(told) - most
    return ", ".join(told[:most]) + (f" and {more:,} more" if more > 0 else "")
