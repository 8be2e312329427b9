"""Processes, plants and projects in; flows, bottlenecks, targets and shocks out.

The room answers: how ore becomes exports, where the chain binds, and what a loss would cost.
It offers nothing yet.
"""

__all__: list[str] = []
