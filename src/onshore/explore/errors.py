"""What can be wrong with rasters, deposits and drillholes."""


class ExploreError(ValueError):
    """A layer, a table or a question that cannot be used; the message names the next step."""
