"""What can be wrong with the tables that are matched."""


class MatchError(ValueError):
    """A table cannot be matched; the message says what is wrong, where, and what to do."""
