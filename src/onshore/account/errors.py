"""What can be wrong with an account."""


class AccountError(ValueError):
    """An account that cannot be drawn up; the message names the claims and the next step."""
