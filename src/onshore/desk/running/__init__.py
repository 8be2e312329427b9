"""The desk as running processes: served, worked, backed up, logged and measured."""

__all__: list[str] = []
