"""Customs facts in; dependency, complexity and opportunity by product out.

The room answers: what is imported, how exposed it leaves the country, and which
goods are near to what is already made.
It offers nothing yet.
"""

__all__: list[str] = []
