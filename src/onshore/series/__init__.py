"""Observations in; growth on the year before, and the way to the targets, out."""

from onshore.series.growth import growth
from onshore.series.settled import SeriesError
from onshore.series.targets import against_targets

__all__ = ["SeriesError", "against_targets", "growth"]
