"""Figures reckoned from the records: the dashboard, bulletins, what desks and funds come to."""

__all__: list[str] = []
