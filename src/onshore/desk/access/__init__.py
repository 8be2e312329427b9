"""The policies of everything the desk holds; importing it registers them all."""

from onshore.desk.access import needs, people, programme, supply

__all__ = ["needs", "people", "programme", "supply"]
