"""The database as tables: moved to and from a folder, and as typed frames."""

__all__: list[str] = []
