"""Keys of records that are made on the desk."""

import secrets

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_key(prefix: str) -> str:
    """Make a key that no other record has: a prefix and eight letters that are hard to confuse.

    Examples
    --------
    >>> new_key("X").startswith("X-"), len(new_key("X"))
    (True, 10)
    """
    return f"{prefix}-{''.join(secrets.choice(_LETTERS) for _ in range(8))}"
