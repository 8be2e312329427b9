"""What the room says when facts cannot be taken as they are."""


class TradeError(ValueError):
    """Facts that cannot be taken as they are.

    The message names the file, column, row or key, says why, and gives the next step.
    """
