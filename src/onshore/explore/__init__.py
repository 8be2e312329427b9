"""Rasters, deposits and drillholes in; prospectivity, resources and their uncertainty out.

The room answers: what lies in the ground and where to look first.
It offers nothing yet.
"""

__all__: list[str] = []
