"""The audit: what was done, held against its own chain, and read as a record's history."""

__all__: list[str] = []
