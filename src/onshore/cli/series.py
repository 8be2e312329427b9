"""``onshore series``: growth, targets, forecasts and projects, from a programme or a table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, note, result, result_json, warn
from onshore.cli.targets import file_target, writing

if TYPE_CHECKING:
    import polars as pl

Json = Annotated[bool, Parameter(name="--json", negative="")]
AsOf = Annotated[str | None, Parameter(name="--as-of")]

series = App(name="series", help="Growth, targets, forecasts and projects.")


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(series)


@series.command
def growth(
    data: Path,
    /,
    *,
    indicator: str | None = None,
    whole: list[str] | None = None,
    period: str | None = None,
    base: str | None = None,
    revisions: bool = False,
    as_of: AsOf = None,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Show each value's growth on the same period of the year before, with that of its whole.

    Parameters
    ----------
    data
        A programme folder, or a table of observations (CSV, XLSX or Parquet).
    indicator
        Only this indicator; needed with --whole.
    whole
        A product that is a part of the whole; repeat it. Shows the parts, what each contributes,
        and the whole, in --period.
    period
        The period to show, such as 1398-Q1.
    base
        Compare with this one period, such as 1397, in place of the year before.
    revisions
        Show the first and the last published value of each period in place of growth.
    as_of
        Only what was published by this day: 2024-09-22 or 1403/07/01.
    out
        CSV, XLSX or Parquet file to write.
    json
        Write the result as JSON.
    """
    import polars as pl

    from onshore import series as room

    (observations,), warnings = _tables(data, observations=None)
    name_doubtful(observations)
    day = _day(as_of)
    with _refusals():
        observations = _published(observations, day) if revisions else room.as_of(observations, day)
    if indicator is not None:
        mine = pl.col("indicator").is_in([indicator, f"{indicator}, growth as stated"])
        if observations.filter(mine).is_empty():
            raise Refused(_not_there("indicator", indicator, observations["indicator"]))
        observations = observations.filter(mine)
    asked = _period(period, "--period")
    with _refusals():
        if revisions:
            table = room.revisions(observations)
        elif whole:
            if indicator is None or asked is None:
                raise Refused("--whole needs --indicator and --period: of what, and when.")
            table = room.with_whole(observations, period=asked, indicator=indicator, parts=whole)
            table = table.with_columns(pl.col("part").fill_null("together"))
        elif base is not None:
            table = room.change_on(observations, _period(base, "--base") or "")
        else:
            table = room.growth_with_wholes(observations)
    if asked is not None and not whole:
        table = table.filter(pl.col("period") == asked)
    shares = ("growth", "stated_growth", "whole_growth", "contribution", "share", "relative")
    hidden = ("factor", "growth_a_day", "vintage", "whole_parts", "change")
    _show(table, json=json, out=out, shares=shares, hidden=hidden)
    warn(() if json else warnings)
    return 0


@series.command
def targets(
    data: Path,
    /,
    *,
    targets: Path | None = None,
    path: bool = False,
    level: float = 0.8,
    as_of: AsOf = None,
    seed: int = 0,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Show how far each target is attained, the pace it needs, and how likely it is to be met.

    Parameters
    ----------
    data
        A programme folder, or a table of observations (CSV, XLSX or Parquet).
    targets
        A table of targets; needed where the first is a table.
    path
        Show what each period up to the target must bring, in place of where it stands.
    level
        Probability that the value lies within the interval.
    as_of
        Only what was published and set by this day: 2024-09-22 or 1403/07/01.
    seed
        Of the paths that are drawn.
    out
        CSV, XLSX or Parquet file to write.
    json
        Write the result as JSON.
    """
    from onshore import series as room

    (observations, aims), warnings = _tables(data, observations=None, targets=targets)
    name_doubtful(observations)
    day = _day(as_of)
    with _refusals():
        if path:
            table = room.required_path(observations, aims, as_of=day)
        else:
            table = room.track(observations, aims, as_of=day, level=level, seed=seed)
    _show(table, json=json, out=out, shares=("probability",), hidden=("model", "level"))
    warn(() if json else warnings)
    return 0


@series.command
def forecast(
    data: Path,
    /,
    *,
    horizon: int = 3,
    level: float = 0.8,
    as_of: AsOf = None,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Carry each series on by some periods, with an interval for each.

    Parameters
    ----------
    data
        A programme folder, or a table of observations (CSV, XLSX or Parquet).
    horizon
        Number of periods ahead.
    level
        Probability that a value lies within its interval.
    as_of
        Only what was published by this day: 2024-09-22 or 1403/07/01.
    out
        CSV, XLSX or Parquet file to write.
    json
        Write the result as JSON.
    """
    from onshore import series as room

    (observations,), warnings = _tables(data, observations=None)
    name_doubtful(observations)
    with _refusals():
        table = room.forecast(observations, horizon=horizon, level=level, as_of=_day(as_of))
    _show(table, json=json, out=out, hidden=("step", "model"))
    warn(() if json else warnings)
    return 0


@series.command
def projects(
    data: Path,
    /,
    *,
    progress: Path | None = None,
    by: str | None = None,
    stream: list[str] | None = None,
    level: float = 0.8,
    as_of: AsOf = None,
    seed: int = 0,
    out: Path | None = None,
    json: Json = False,
) -> int:
    """Show when each capacity project will be finished, by its physical progress.

    Parameters
    ----------
    data
        A programme folder, or a table of projects (CSV, XLSX or Parquet).
    progress
        A table of progress figures; for a table of projects.
    by
        A day whose probability of completion is shown: 2027-03-20 or 1405/12/29.
    stream
        A day; repeat it. Shows the capacity on stream by these days in place of finish dates.
    level
        Probability that the day lies within its interval.
    as_of
        Only what was known by this day: 2024-09-22 or 1403/07/01.
    seed
        Of the draws.
    out
        CSV, XLSX or Parquet file to write.
    json
        Write the result as JSON.
    """
    from onshore import series as room

    (own, figures), warnings = _tables(data, projects=None, progress=progress)
    day, until = _day(as_of), _day(by, "--by")
    with _refusals():
        if stream:
            days = [found for text in stream if (found := _day(text, "--stream")) is not None]
            table = room.capacity_on_stream(
                own, figures, days=days, as_of=day, level=level, seed=seed
            )
        else:
            table = room.finish_dates(own, figures, by=until, as_of=day, level=level, seed=seed)
    _show(table, json=json, out=out, shares=("progress", "probability"), hidden=("level",))
    warn(() if json else warnings)
    return 0


def _tables(data: Path, **given: Path | None) -> tuple[list["pl.DataFrame"], list[str]]:
    """Read tables of a programme, or the first as the file that is given, the others as theirs."""
    from onshore.cli.programme import open_programme

    if existing(data).is_dir():
        opened = open_programme(data)
        frames = [
            opened.table(name) if path is None else _read(existing(path), name)
            for name, path in given.items()
        ]
        return frames, list(opened.warnings)
    first, *others = given
    frames = [_read(data, first)]
    for name in others:
        path = given[name]
        if path is None and name in _NEEDED:
            raise Refused(f"{data} is one table. Give the table of {name} too: --{name} FILE")
        frames.append(_empty(name) if path is None else _read(existing(path), name))
    return frames, []


_NEEDED = ("targets",)
"""Tables without which a command has nothing to show."""


def _empty(table: str) -> "pl.DataFrame":
    import polars as pl

    from onshore import records

    return pl.DataFrame(schema={column.name: pl.String for column in records.schema(table).columns})


def _read(path: Path, table: str) -> "pl.DataFrame":
    """Read a file as a table; list its errors with file, row and column, and refuse."""
    from onshore import records

    reading = records.read_table(path, table)
    if reading.errors.height:
        for row in records.row_errors(reading.errors):
            result(str(row))
        raise Refused(f"{path} has {reading.errors.height} errors as a table of {table}.", status=1)
    for remark in reading.notes:
        note(f"note: {remark}")
    return reading.frame


def _published(observations: "pl.DataFrame", day: date | None) -> "pl.DataFrame":
    """Keep every vintage published by a day."""
    import polars as pl

    if day is None:
        return observations
    return observations.filter(pl.col("vintage").is_null() | (pl.col("vintage") <= day))


def name_doubtful(observations: "pl.DataFrame") -> None:
    """Name on standard error the observations that no series can hold as they are."""
    from onshore.series import check_observations

    for row in check_observations(observations).iter_rows(named=True):
        note(
            f"doubtful: observation {row['observation_id']}, {row['column']} {row['found']}: "
            f"{row['reason']}\n  next: {row['next_step']}"
        )


@contextmanager
def _refusals() -> Iterator[None]:
    from onshore.figures import FigureError
    from onshore.series import SeriesError

    try:
        yield
    except (SeriesError, FigureError) as mistake:
        raise Refused(str(mistake), status=1) from None


def _day(text: str | None, option: str = "--as-of") -> date | None:
    from onshore.figures import FigureError, Period

    if text is None:
        return None
    try:
        period = Period.parse(text)
    except FigureError as mistake:
        raise Refused(f"{option}: {mistake}") from None
    if period.start != period.end:
        raise Refused(f"{option} {text}: give one day, such as 2024-09-22 or 1403/07/01.")
    return period.start


def _period(text: str | None, option: str) -> str | None:
    from onshore.figures import FigureError, Period

    try:
        return None if text is None else str(Period.parse(text))
    except FigureError as mistake:
        raise Refused(f"{option}: {mistake}") from None


def _not_there(what: str, asked: str, column: "pl.Series") -> str:
    there = ", ".join(column.unique().sort().drop_nulls())
    return f"--{what} {asked}: there is none of it. There are: {there or 'none'}."


def _show(
    table: "pl.DataFrame",
    *,
    json: bool,
    out: Path | None,
    shares: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
) -> None:
    """Write a table as JSON, to a file, or for the eye: reasons below, empty columns left out."""
    from onshore import records

    if out is not None:
        with writing(file_target(out)):
            records.write_table(table, out)
        note(f"{table.height:,} rows: {out}")
    elif json:
        result_json(table.to_dicts())
    else:
        _as_text(table, shares, hidden)


def _as_text(table: "pl.DataFrame", shares: tuple[str, ...], hidden: tuple[str, ...]) -> None:
    reasons = [name for name in ("reason", "whole_reason") if name in table.columns]
    columns = [
        name
        for name in table.columns
        if name not in hidden and name not in reasons and table[name].null_count() < table.height
    ]
    if table.is_empty():
        result("Nothing to show: the table has no rows.")
        return
    cells = [[_cell(row[name], name in shares) for name in columns] for row in table.to_dicts()]
    widths = [max(len(name), *(len(row[n]) for row in cells)) for n, name in enumerate(columns)]
    right = [table[name].dtype.is_numeric() for name in columns]
    result(_line(columns, widths, right))
    remarks: dict[str, int] = {}
    for row, record in zip(cells, table.to_dicts(), strict=True):
        told = [record[name] for name in reasons if record[name]]
        marks = [f"[{remarks.setdefault(text, len(remarks) + 1)}]" for text in told]
        result(" ".join([_line(row, widths, right), *marks]).rstrip())
    for text, number in remarks.items():
        result(f"[{number}] {text}")


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    aligned: list[Callable[[int], str]] = [
        cell.rjust if to_right else cell.ljust for cell, to_right in zip(cells, right, strict=True)
    ]
    return "  ".join(align(width) for align, width in zip(aligned, widths, strict=True))


def _cell(value: Any, share: bool) -> str:
    from decimal import Decimal

    if value is None:
        return ""
    if share:
        return f"{float(value) * 100:.1f} %"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)
