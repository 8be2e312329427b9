"""Files that people bring: sheets read apart and set beside the records, specifications."""

__all__: list[str] = []
