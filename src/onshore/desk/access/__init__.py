"""The policies of everything the desk holds; importing it registers them all."""

from onshore.desk.access import (
    agreements,
    analysis,
    background,
    events,
    exploration,
    funds,
    needs,
    people,
    programme,
    research,
    supply,
    webhooks,
)

__all__ = [
    "agreements",
    "analysis",
    "background",
    "events",
    "exploration",
    "funds",
    "needs",
    "people",
    "programme",
    "research",
    "supply",
    "webhooks",
]
