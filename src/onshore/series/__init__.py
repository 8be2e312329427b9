"""Observations in; growth, revisions, sums, the way to the targets and finish dates out."""

from onshore.series.aggregation import aggregate, in_unit, with_whole
from onshore.series.capacity import capacity_on_stream, finish_dates
from onshore.series.checking import check_observations
from onshore.series.cumulative import cumulative, rebased
from onshore.series.forecasting import forecast
from onshore.series.growth import change_on, growth
from onshore.series.settled import SeriesError
from onshore.series.targets import against_targets
from onshore.series.tracking import required_path, track
from onshore.series.vintages import as_of, revisions
from onshore.series.wholes import growth_with_wholes

__all__ = [
    "SeriesError",
    "against_targets",
    "aggregate",
    "as_of",
    "capacity_on_stream",
    "change_on",
    "check_observations",
    "cumulative",
    "finish_dates",
    "forecast",
    "growth",
    "growth_with_wholes",
    "in_unit",
    "rebased",
    "required_path",
    "revisions",
    "track",
    "with_whole",
]
