"""Analyses and scenarios reckoned in the background, and results brought in."""

__all__: list[str] = []
