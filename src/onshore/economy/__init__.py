"""Input-output tables in; multipliers, extraction and import substitution out.

The room answers: what a new plant or a localized good would do to the rest of the economy.
It offers nothing yet.
"""

__all__: list[str] = []
