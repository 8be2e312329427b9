"""Observations and targets as the rows of an SDMX data set, and back."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import polars as pl

from onshore.codes import UnknownCode, places
from onshore.figures import FigureError, Period
from onshore.records import schema
from onshore.report.bounds import bounds
from onshore.report.sdmx_codes import NOT_APPLICABLE, ids, is_id, measure_of

Flow = Literal["observations", "targets"]

FLOWS: Final[tuple[Flow, ...]] = ("observations", "targets")

DIMENSIONS: Final = (
    "FREQ",
    "INDICATOR",
    "PRODUCT",
    "REF_AREA",
    "COUNTERPART_AREA",
    "UNIT_MEASURE",
    "KIND",
    "VINTAGE",
    "ENTRY",
    "TIME_PERIOD",
)
MEASURE: Final = "OBS_VALUE"

# Attributes that carry what the codes of the dimensions leave out; the others are the table's own.
_CARRIED: Final = ("UNIT_MULT", "UNIT", "CALENDAR", "PERIOD", "PLACE", "OBS_STATUS", "RECORD_ID")
_KINDS: Final[dict[Flow, str]] = {"observations": "OBSERVED", "targets": "TARGET"}
_KEYS: Final[dict[Flow, str]] = {"observations": "observation_id", "targets": "target_id"}
_VINTAGES: Final = ("vintage", "set_on")
_FREQUENCIES: Final = {"year": "A", "half": "S", "quarter": "Q", "month": "M", "range": "I"}
_STATUSES: Final = {"reported": "A", "provisional": "P", "revised": "A", "final": "A"}
_IN_DIMENSIONS: Final = frozenset(
    {"indicator", "product", "place", "partner", "period", "value", "unit"}
)
_NUMBER: Final = r"^-?[0-9]+(\.[0-9]+)?$"
# What XML 1.0 cannot hold, not even as a number.
_UNWRITABLE: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"


class SdmxError(ValueError):
    """Tables or files that SDMX cannot carry; the message says where and what to do."""


@dataclass(frozen=True)
class Names:
    """The ids of a programme's indicators and products, and back."""

    indicators: dict[str, str]
    products: dict[str, str]

    @classmethod
    def of(cls, tables: dict[Flow, pl.DataFrame]) -> "Names":
        """Give an id to every indicator and product of the tables."""
        found = {
            column: ids(
                text for frame in tables.values() for text in frame[column].drop_nulls().unique()
            )
            for column in ("indicator", "product")
        }
        return cls(found["indicator"], found["product"])


def attributes(flow: Flow) -> tuple[str, ...]:
    """Name the attributes of a flow, in the order they are written."""
    bound = ("BOUND",) if flow == "observations" else ()
    return (*_CARRIED, *bound, *(name.upper() for name in own_columns(flow)))


def own_columns(flow: Flow) -> tuple[str, ...]:
    """Name the columns of a table that are an attribute each."""
    known = {*_IN_DIMENSIONS, _KEYS[flow], _vintage(flow)}
    return tuple(column.name for column in schema(flow) if column.name not in known)


def rows_of(frame: pl.DataFrame, flow: Flow, names: Names, home: str) -> pl.DataFrame:
    """Give the rows of a data set: one text column for each component, null where it is absent."""
    _require_writable(frame, flow)
    own = {name.upper(): pl.col(name).cast(pl.String) for name in own_columns(flow)}
    status = pl.col("status").replace_strict(_STATUSES, default=None) if "status" in frame else None
    coded = (
        frame.lazy()
        .join(_periods(frame["period"]).lazy(), on="period", how="left", maintain_order="left")
        .join(_units(frame["unit"]).lazy(), on="unit", how="left", maintain_order="left")
        .join(
            _areas(frame["place"], home).lazy(),
            on="place",
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(
            INDICATOR=pl.col("indicator").replace_strict(names.indicators),
            PRODUCT=pl.col("product")
            .replace_strict(names.products, default=None)
            .fill_null(NOT_APPLICABLE),
            COUNTERPART_AREA=pl.col("partner").fill_null(NOT_APPLICABLE),
            KIND=pl.lit(_KINDS[flow]),
            VINTAGE=pl.col(_vintage(flow)).cast(pl.String).fill_null(NOT_APPLICABLE),
            OBS_VALUE=_plain(pl.col("value")),
            OBS_STATUS=pl.lit(None, pl.String) if status is None else status,
            RECORD_ID=pl.col(_KEYS[flow]),
            UNIT=pl.col("unit"),
            PERIOD=pl.col("period"),
            BOUND=pl.lit(bounds(frame)) if flow == "observations" else pl.lit(None, pl.String),
            **own,
        )
    )
    key = [name for name in DIMENSIONS if name != "ENTRY"]
    return (
        coded.with_columns(ENTRY=pl.int_range(1, pl.len() + 1).over(key).cast(pl.String))
        .select(*DIMENSIONS, MEASURE, *attributes(flow))
        .collect()
    )


def frame_of(rows: pl.DataFrame, flow: Flow, names: Names, where: str) -> pl.DataFrame:
    """Give the table back from the rows of a data set; ``where`` names the file in errors."""
    missing = [name for name in (*DIMENSIONS, MEASURE, "UNIT", "RECORD_ID") if name not in rows]
    if missing:
        raise SdmxError(
            f"{where}: the column {missing[0]} is missing. "
            "Give a data set of onshore's own structure, as onshore series export writes it."
        )
    absent = [name for name in attributes(flow) if name not in rows]
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    _require_kind(rows, flow, where)
    for name in ("UNIT", "RECORD_ID", "VINTAGE"):
        _require(rows, name, rows[name].is_not_null(), where, "a value")
    _require(rows, MEASURE, rows[MEASURE].str.contains(_NUMBER), where, "a number")
    rows = rows.with_columns(
        indicator=_named(rows, "INDICATOR", names.indicators, where),
        product=_named(rows, "PRODUCT", names.products, where),
        place=pl.col("PLACE"),
        partner=pl.col("COUNTERPART_AREA").replace({NOT_APPLICABLE: None}),
        period=_read_periods(rows, where),
        value=pl.col(MEASURE),
        unit=pl.col("UNIT"),
    )
    texts = {
        _KEYS[flow]: pl.col("RECORD_ID"),
        _vintage(flow): pl.col("VINTAGE").replace({NOT_APPLICABLE: None}),
    } | {name: pl.col(name.upper()) for name in own_columns(flow)}
    return rows.select(
        _read(rows, column.name, column.dtype, texts, where) for column in schema(flow)
    )


def days_of(time_period: str) -> tuple[date, date]:
    """Read a time of SDMX as its first and last day.

    Examples
    --------
    >>> days_of("2019-03-21/P93D")
    (datetime.date(2019, 3, 21), datetime.date(2019, 6, 21))
    >>> days_of("2019-S2")
    (datetime.date(2019, 7, 1), datetime.date(2019, 12, 31))
    """
    ranged = re.fullmatch(r"(\d{4}-\d{2}-\d{2})/P(\d{1,6})D", time_period)
    if ranged:
        start = date.fromisoformat(ranged[1])
        return start, date.fromordinal(start.toordinal() + int(ranged[2]) - 1)
    period = Period.parse(time_period.replace("-S", "-H"), "gregorian")
    return period.start, period.end


def time_of(period: Period) -> str:
    """Write a period as a time of SDMX, which is always Gregorian.

    Examples
    --------
    >>> time_of(Period.parse("1398-Q1")), time_of(Period.parse("2019-H1"))
    ('2019-03-21/P93D', '2019-S1')
    """
    if period.calendar == "gregorian" and period.kind != "range":
        return str(period).replace("-H", "-S")
    return f"{period.start.isoformat()}/P{period.days}D"


def _vintage(flow: Flow) -> str:
    columns = {column.name for column in schema(flow)}
    return next(name for name in _VINTAGES if name in columns)


def _plain(value: pl.Expr) -> pl.Expr:
    """Write a number without noughts at its end."""
    text = value.cast(pl.Decimal(38, 6)).cast(pl.String)
    return text.str.strip_chars_end("0").str.strip_chars_end(".")


def _periods(texts: pl.Series) -> pl.DataFrame:
    names = texts.unique().drop_nulls().sort()
    periods = [Period.parse(name) for name in names]
    return pl.DataFrame(
        {
            "period": names,
            "FREQ": [_FREQUENCIES[period.kind] for period in periods],
            "TIME_PERIOD": [time_of(period) for period in periods],
            "CALENDAR": [period.calendar.upper() for period in periods],
        },
        schema_overrides=dict.fromkeys(("FREQ", "TIME_PERIOD", "CALENDAR"), pl.String),
    )


def _units(texts: pl.Series) -> pl.DataFrame:
    names = texts.unique().drop_nulls().sort()
    measures = [measure_of(name) for name in names]
    return pl.DataFrame(
        {
            "unit": names,
            "UNIT_MEASURE": [measure.code for measure in measures],
            "UNIT_MULT": [str(measure.power) for measure in measures],
        },
        schema_overrides=dict.fromkeys(("UNIT_MEASURE", "UNIT_MULT"), pl.String),
    )


def _areas(keys: pl.Series, home: str) -> pl.DataFrame:
    """Give each place its area: ISO 3166-2 where it has one, its own id else; none is home."""
    named = keys.unique().drop_nulls().sort().to_list()
    coded = ids(key for key in named if not is_id(key))
    return pl.DataFrame(
        {
            "place": [None, *named],
            "REF_AREA": [home, *(coded.get(key, key) for key in named)],
            "PLACE": [None, *named],
        },
        schema=dict.fromkeys(("place", "REF_AREA", "PLACE"), pl.String),
    )


def area_names(keys: pl.Series, named: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Name the areas of a column of places, in English and Persian, by their codes.

    ``named`` gives the names of the programme's own places.
    """
    found: dict[str, tuple[str, str]] = {}
    for area, key in _areas(keys, "").select("REF_AREA", "PLACE").iter_rows():
        if key is None:
            continue
        try:
            found[area] = (places.name(key, "en"), places.name(key, "fa"))
        except UnknownCode:
            found[area] = named.get(key, (key, key))
    return found


def _require_writable(frame: pl.DataFrame, flow: Flow) -> None:
    """Refuse what a file of SDMX cannot hold: signs that XML forbids, names with outer spaces."""
    key = _KEYS[flow]
    for name, dtype in frame.schema.items():
        if dtype != pl.String:
            continue
        bad = frame.filter(pl.col(name).str.contains(_UNWRITABLE))
        if not bad.is_empty():
            raise SdmxError(
                f"{flow}, {bad[key][0]}, {name}: a control character is in the text. "
                "XML has no place for it; delete it from the cell."
            )
        outer = pl.col(name) != pl.col(name).str.strip_chars()
        bad = frame.filter(outer if name in ("indicator", "product") else pl.lit(value=False))
        if not bad.is_empty():
            raise SdmxError(
                f"{flow}, {bad[key][0]}, {name}: the name begins or ends with a space. Delete it."
            )


def _require_kind(rows: pl.DataFrame, flow: Flow, where: str) -> None:
    _require(rows, "KIND", rows["KIND"] == _KINDS[flow], where, _KINDS[flow])
    known = set(_FREQUENCIES.values())
    _require(rows, "FREQ", rows["FREQ"].is_in(known), where, f"one of {', '.join(sorted(known))}")


def _require(rows: pl.DataFrame, column: str, holds: pl.Series, where: str, wanted: str) -> None:
    """Refuse the first row where a column does not hold what it should."""
    wrong = (~holds.fill_null(value=False)).arg_true()
    if len(wrong):
        found = rows[column][wrong[0]]
        raise SdmxError(
            f"{where}, row {wrong[0] + 1}, {column}: {found!r} is not {wanted}. "
            "Mend it there, or export the programme again."
        )


def _named(rows: pl.DataFrame, column: str, known: dict[str, str], where: str) -> pl.Series:
    back = {code: text for text, code in known.items()}
    codes = rows[column]
    holds = codes.is_in([*back, *([NOT_APPLICABLE] if column == "PRODUCT" else [])])
    _require(rows, column, holds, where, f"in the code list of {column} in structure.xml")
    return codes.replace_strict(back, default=None, return_dtype=pl.String)


def _read_periods(rows: pl.DataFrame, where: str) -> pl.Series:
    """Read the periods by their own names; the Gregorian days beside them must be the same."""
    pairs = rows.select("TIME_PERIOD", "PERIOD").unique(maintain_order=True)
    good: dict[tuple[str, str | None], str] = {}
    for time, name in pairs.iter_rows():
        try:
            days = days_of(time)
            period = Period.between(*days).named() if name is None else Period.parse(name)
        except (FigureError, ValueError, OverflowError, TypeError):
            continue
        if (period.start, period.end) == days:
            good[time, name] = str(period) if name is None else name
    found = [good.get(pair) for pair in rows.select("TIME_PERIOD", "PERIOD").iter_rows()]
    texts = pl.Series("period", found, dtype=pl.String)
    wanted = "a time whose days are those of the attribute PERIOD"
    _require(rows, "TIME_PERIOD", texts.is_not_null(), where, wanted)
    return texts


def _read(
    rows: pl.DataFrame, name: str, dtype: pl.DataType, texts: dict[str, pl.Expr], where: str
) -> pl.Series:
    text = rows.select(texts.get(name, pl.col(name)).alias(name))[name]
    if dtype == pl.Boolean:
        typed = text.replace_strict({"true": True, "false": False}, default=None).cast(pl.Boolean)
    elif dtype == pl.Date:
        typed = text.str.to_date("%Y-%m-%d", strict=False)
    else:
        typed = text.cast(dtype, strict=False)
    lost = typed.is_null() & text.is_not_null()
    _require(rows.with_columns(text.alias(name)), name, ~lost, where, f"a value of {name}")
    return typed
