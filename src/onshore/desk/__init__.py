"""The web application: people, workflow, audit, screens and API.

The room answers: officers, buyers, makers and verifiers working on one programme together.
It offers nothing yet.
"""

__all__: list[str] = []
