"""``onshore explore desurvey`` and ``resources``: drillholes, blocks, classes and the ledger."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from onshore.cli.chain_inputs import read_table
from onshore.cli.console import Refused, counted, result
from onshore.cli.explore_inputs import (
    Language,
    Texts,
    refusals,
    there,
    told_step,
    workroom,
    write_explored,
)
from onshore.cli.result_folder import source

if TYPE_CHECKING:
    import polars as pl

Dips = Literal["down negative", "down positive"]
_UNITS = {"percent": "%", "grams per tonne": "g/t"}
_SHOWN = 20
_NUMBERS = ("from", "to", "sampled", "value", "x", "y", "z")


def register(app: App) -> None:
    """Add this file's commands to the group."""
    app.command(desurvey)
    app.command(resources)


def desurvey(
    collars: Path,
    /,
    *,
    out: Path,
    surveys: Path | None = None,
    assays: Path | None = None,
    lithology: Path | None = None,
    crs: str | None = None,
    dip: Dips | None = None,
    declination: float | None = None,
    elevation: float | None = None,
    step: float | None = 10.0,
    length: float = 2.0,
    analyte: str | None = None,
    rock: Texts = None,
    language: Language = "en",
) -> int:
    """Check the tables of drillholes, and tell where the holes run and what they cut.

    Writes findings.csv, points.csv, with --assays composites.csv, with --rock shares.csv (how much
    of each length is of these rocks); metadata.json, chart.svg and report.html. Ends with 1 where
    rows had to be left out.

    Parameters
    ----------
    collars
        A table of the holes: hole_id, east, north, crs or lon, lat, elevation, depth, azimuth, dip.
    out
        Folder for the results.
    surveys
        A table of directions along the holes: hole_id, depth, azimuth, dip.
    assays
        A table of what samples hold: hole_id, from, to, analyte, value, unit.
    lithology
        A table of rocks along the holes: hole_id, from, to.
    crs
        Projected reference system of the results; else that of the collars, or their zone of UTM.
    dip
        Sign of the dips, where the tables leave it open.
    declination
        Degrees that magnetic north lies east of true north.
    elevation
        Elevation in m of collars that have none; else they are left out.
    step
        Metres between points along the holes.
    length
        Length of a composite in m.
    analyte
        What the page shows of the composites; the first one when not given.
    rock
        A rock that holds the ore, as the lithology names it; repeat it. Composites are then of
        these rocks alone.
    language
        Language of the page.
    """
    from onshore import explore as room

    if rock and (assays is None or lithology is None):
        raise Refused("composites of a rock need both --assays FILE and --lithology FILE.")
    tables_given = {"surveys": surveys, "assays": assays, "lithology": lithology}
    there(collars, "the table of drillholes: hole_id, east, north, crs, elevation, depth")
    for name, path in tables_given.items():
        if path is not None:
            there(path, f"the table of {name}")
    with workroom(out):
        with refusals(), told_step("Checking the tables"):
            holes = room.read_drillholes(
                collars, surveys, assays, lithology, crs=crs, dip=dip, declination=declination,
                elevation=elevation,
            )  # fmt: skip
        with refusals(), told_step("Following the holes"):
            points = room.desurvey(holes, step=step)
        tables = {"findings": holes.findings, "points": points}
        told: dict[str, Any] = {
            "source": source(collars, holes.collars.height),
            "beside": {
                name: source(path, 0) for name, path in tables_given.items() if path is not None
            },
            "crs": holes.crs,
            "composite_m": length,
            "parameters": {
                "dip": dip,
                "declination": declination,
                "elevation": elevation,
                "step_m": step,
                "length_m": length,
                "rocks": rock or [],
            },
        }
        if _invented(collars):
            told["illustrative"] = True
        if assays is not None:
            with refusals(), told_step("Joining assays to composites"):
                joined = room.composite(holes, length=length, by_rock=bool(rock))
                if rock:
                    tables["shares"] = room.rock_shares(holes, rock, length=length)
                    joined = joined.filter(joined["rock"].is_in(rock))
                tables["composites"] = joined
            told |= _shown(tables["composites"], analyte)
        write_explored(out, "desurvey", tables, told, holes.warnings, language)
    lost = int(holes.findings["left_out"].sum()) if holes.findings.height else 0
    result(f"{counted(holes.collars.height, 'hole')}, {counted(lost, 'row')} left out")
    return 1 if lost else 0


def resources(
    *,
    out: Path,
    composites: Path | None = None,
    shares: Path | None = None,
    analyte: str | None = None,
    block: Annotated[str, Parameter(help="Size of a block in m, as X,Y,Z.")] = "20,20,10",
    density: float | None = None,
    cutoff: Annotated[list[float] | None, Parameter(negative="")] = None,
    estimates: Path | None = None,
    changes: Path | None = None,
    language: Language = "en",
) -> int:
    """Estimate blocks and their tonnes by cut-off, or keep the ledger of resources by date.

    Writes with --composites blocks.parquet, variogram.csv, tonnage_grade.csv and classes.csv; with
    --estimates unfc.csv and, with --changes, ledger.csv; metadata.json, chart.svg and report.html.

    Parameters
    ----------
    out
        Folder for the results.
    composites
        composites.csv of onshore explore desurvey.
    shares
        shares.csv of onshore explore desurvey --rock: a block counts with its share of these rocks.
    analyte
        What is estimated; needed where the composites tell several.
    block
        Size of a block.
    density
        Tonnes in a cubic metre.
    cutoff
        A cut-off grade, in the composites' unit; repeat it. Some ten round ones when not given.
    estimates
        A table of resources and reserves by class and date, as the programme's table estimates.
    changes
        A table of what changed them and why, as the programme's table resource_changes.
    language
        Language of the page.
    """
    if composites is None and estimates is None:
        raise Refused(
            "say what is known: --composites composites.csv of onshore explore desurvey, or "
            "--estimates estimates.csv."
        )
    if changes is not None and estimates is None:
        raise Refused("a ledger needs the amounts that it opens with: --estimates estimates.csv.")
    if composites is not None and density is None:
        raise Refused("tonnes need the rock's density: --density T_PER_M3, such as 2.7.")
    tables: dict[str, pl.DataFrame] = {}
    told: dict[str, Any] = {}
    warnings: list[str] = []
    with workroom(out):
        if composites is not None and density is not None:
            made, facts, notes = _estimated(composites, shares, analyte, block, density, cutoff)
            tables |= made
            told |= facts
            warnings += notes
        if estimates is not None:
            made, facts, notes = _kept(estimates, changes)
            tables |= made
            told = {**facts, **told, "beside": facts}
            warnings += notes
        write_explored(out, "resources", tables, told, warnings, language, parquet=("blocks",))
    for name in ("tonnage_grade", "classes", "ledger"):
        if name in tables:
            result(f"{name}: {counted(tables[name].height, 'row')}")
    return 0


def _invented(path: Path) -> bool:
    """Tell whether rows of a table say that they are invented."""
    import polars as pl

    rows = read_table(path, "the table", ())
    if "illustrative" not in rows.columns:
        return False
    said = rows["illustrative"].cast(pl.String).str.strip_chars().str.to_lowercase()
    return bool(said.is_in(["true", "yes", "1"]).any())


def _of_invented(composites: Path) -> bool:
    """Tell whether the holes were invented that composites are of."""
    beside = composites.parent / "metadata.json"
    if not beside.is_file():
        return False
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(told, dict) and bool(told.get("illustrative"))


def _shown(composites: "pl.DataFrame", analyte: str | None) -> dict[str, Any]:
    """Tell which analyte the page shows, with its unit, or refuse one that there is not."""
    there_are = composites["analyte"].unique(maintain_order=True).to_list()
    if analyte is not None and analyte not in there_are:
        raise Refused(
            f"nothing was analysed for {analyte}. There are: {', '.join(map(str, there_are))}.",
            status=1,
        )
    if not there_are:
        return {}
    name = analyte or there_are[0]
    unit = composites.filter(composites["analyte"] == name)["unit"][0]
    return {"grade": name, "grade_unit": _UNITS.get(unit, unit)}


def _estimated(
    path: Path,
    shares: Path | None,
    analyte: str | None,
    block: str,
    density: float,
    cutoffs: Sequence[float] | None,
) -> "tuple[dict[str, pl.DataFrame], dict[str, Any], list[str]]":
    """Estimate blocks from composites: the blocks, the variogram, tonnes by cut-off and class."""
    import polars as pl

    from onshore import explore as room

    rows = _placed(there(path, "composites.csv of onshore explore desurvey"))
    within = None if shares is None else _placed(there(shares, "shares.csv of the same holes"))
    told = _shown(rows, analyte)
    size = _size(block)
    with refusals(), told_step("Estimating blocks"):
        found = room.estimate_blocks(rows, analyte=told.get("grade"), size=size, within=within)
        classed = room.classify_blocks(found)
    grades = found.blocks["grade"].drop_nulls()
    most = float(grades.max() or 0.0)  # type: ignore[arg-type]
    wanted = sorted(set(cutoffs)) if cutoffs else _round_cutoffs(most)
    with refusals():
        by_cutoff = room.tonnage_grade(classed, wanted, density=density)
    tables = {
        "tonnage_grade": by_cutoff,
        "variogram": found.variogram.table,
        "blocks": classed.blocks,
    }
    first = by_cutoff.filter((pl.col("cutoff") == wanted[0]) & (pl.col("class") != "all"))
    if first.height:
        tables["classes"] = first
    facts = {
        "source": source(path, rows.height),
        **({} if shares is None else {"shares": source(shares, 0)}),
        **told,
        "parameters": {"block_m": block, "density": density, "cutoffs": list(cutoffs or [])},
    }
    if _of_invented(path):
        facts["illustrative"] = True
    notes = list(found.warnings)
    if not cutoffs:
        notes.append(
            f"no cut-off is told: classes are of all blocks from {wanted[0]:g} on, which is rock "
            "and no resource. Give the grade from which on it may pay: --cutoff."
        )
    return tables, facts, notes


def _placed(path: Path) -> "pl.DataFrame":
    """Read composites with their places."""
    import polars as pl

    needed = ("hole_id", "analyte", "unit", "from", "to", "value", "x", "y", "z")
    rows = read_table(path, "the composites", needed)
    return rows.with_columns(
        pl.col(name).cast(pl.Float64, strict=False) for name in _NUMBERS if name in rows.columns
    ).drop_nulls(["x", "y", "z"])


def _kept(
    estimates: Path, changes: Path | None
) -> "tuple[dict[str, pl.DataFrame], dict[str, Any], list[str]]":
    """Give resources by class with their UNFC, and the ledger of what changed them."""
    from onshore import explore as room

    before = _records(estimates, "estimates")
    with refusals():
        tables = {"unfc": room.unfc_bridge(before)}
    told: dict[str, Any] = {"source": source(estimates, before.height)}
    if "illustrative" in before.columns and before["illustrative"].fill_null(value=False).any():
        told["illustrative"] = True
    if changes is None:
        return tables, told, []
    rows = _records(changes, "resource_changes")
    with refusals():
        ledger = room.resource_ledger(before, rows)
    tables["ledger"] = ledger.lines
    told["changes"] = source(changes, rows.height)
    return tables, told, list(ledger.warnings)


def _records(path: Path, table: str) -> "pl.DataFrame":
    """Read one of the programme's tables, or refuse it with its first bad rows."""
    from onshore import records

    reading = records.read_table(there(path, f"the programme's table {table}"), table)
    if reading.errors.height:
        told = "\n".join(
            f"  row {row['row']}, column {row['column']}: {row['reason']} "
            f"Found: {row['found']}. {row['next_step']}"
            for row in reading.errors.head(_SHOWN).iter_rows(named=True)
        )
        raise Refused(
            f"{path.name} has {counted(reading.errors.height, 'error')}:\n{told}", status=1
        )
    return reading.frame


def _round_cutoffs(most: float) -> list[float]:
    """Give round grades from 0 up to the richest block's, some ten of them."""
    if most <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(most / 10))
    step = next(part * power for part in (1, 2, 5, 10) if part * power >= most / 10)
    return [round(number * step, 12) for number in range(math.floor(most / step) + 1)]


def _size(text: str) -> tuple[float, float, float]:
    parts = [part.strip() for part in text.split(",")]
    try:
        x, y, z = (float(part) for part in parts)
    except ValueError:
        raise Refused(f"--block {text}: write three lengths in m, such as 20,20,10.") from None
    return x, y, z
