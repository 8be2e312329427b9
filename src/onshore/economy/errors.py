"""What can be wrong with an input-output table."""


class EconomyError(ValueError):
    """A table or a question that cannot be answered; the message names the next step."""
