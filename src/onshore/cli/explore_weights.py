"""``onshore explore weights``: how much each layer tells of where deposits lie."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from onshore.cli.console import Refused, result
from onshore.cli.explore_inputs import (
    USUAL,
    Ground,
    Texts,
    map_files,
    opened_stack,
    read_sites,
    refusals,
    sites_told,
    stack_told,
    told_step,
    workroom,
    write_explored,
)

if TYPE_CHECKING:
    import polars as pl

    from onshore.explore import Deposits, Stack, Weights

Kind = Literal["ascending", "descending", "categorical", "unique"]
_KINDS = ("ascending", "descending", "categorical", "unique")


def register(app: App) -> None:
    """Add this file's command to the group."""
    app.command(weights)


def weights(
    layers: Path,
    deposits: Path,
    /,
    *,
    out: Path,
    kind: Texts = None,
    unit_cell: float = 1.0,
    confidence: float = 2.0,
    classes: int = 20,
    with_map: Annotated[bool, Parameter(name="--map", negative="--no-map")] = True,
    size: int = 512,
    workers: int = 1,
    ground: Ground = USUAL,
) -> int:
    """Show how much each layer tells of where deposits lie: weights of evidence.

    Writes weights.csv, cuts.csv, independence.csv, deposits.csv, and the map of the probability
    posterior.tif with its STAC item posterior.json; metadata.json, chart.svg and report.html.

    Parameters
    ----------
    layers
        A table of the layers: layer, file, kind, nodata, meaning.
    deposits
        A table of known deposits with the coordinates of each.
    out
        Folder for the results.
    kind
        How a layer is weighed, as LAYER=ascending, descending, categorical or unique; repeat it.
        A numeric layer that is not told is weighed in the direction that tells more.
    unit_cell
        Area of the unit cell, in km2: what one deposit takes.
    confidence
        Studentised contrast from which on a cut counts as one.
    classes
        Classes of equal area that a numeric layer is cut into; 0: each value for itself.
    with_map
        Whether the map of the probability is made.
    size
        Rows and columns of the blocks that the map is made by.
    workers
        Processes that make it.
    ground
        How layers and deposits are read.
    """
    from onshore import explore as room
    from onshore.report.explore_raster import with_scores

    with workroom(out) as work:
        stack = opened_stack(layers, ground)
        wanted = _kinds(kind, stack)
        sites = read_sites(deposits, stack, ground)
        found, notes = [], []
        for name in stack.names:
            with refusals(), told_step(f"Weighing {name}"):
                one, chosen = _weighed(
                    stack, name, sites, wanted.get(name), classes, unit_cell, confidence
                )
            found.append(one)
            notes += chosen
        with refusals(), told_step("Weighing layers that tell nothing"):
            chances = {one.layer: _chance(one, wanted) for one in found}
        tables = _weight_tables(found, chances)
        with refusals(), told_step("Testing conditional independence"):
            tested = room.independence(stack, found, sites)
        tables |= {"independence": tested.table, "pairs": tested.pairs}
        tables["deposits"] = sites.points
        told = {
            **stack_told(layers, stack),
            **sites_told(deposits, sites),
            "parameters": {
                "unit_cell_km2": unit_cell,
                "confidence": confidence,
                "classes": classes,
                "kinds": {one.layer: one.kind for one in found},
            },
        }
        warnings = [*stack.warnings, *sites.warnings, *notes, *tested.warnings]
        warnings += [told for one in found for told in one.warnings]
        beside: dict[str, Any] = {}
        rasters: dict[str, Any] = {}
        if with_map:
            path = work / "posterior.tif"
            with refusals(), told_step("Making the map of the probability") as progress:
                room.posterior(
                    stack, found, path, size=size, workers=workers, progress=progress,
                    provenance=told,
                )  # fmt: skip
            beside, rasters = map_files(path, "posterior", told)
            tables["deposits"] = with_scores(path, sites.points)
        write_explored(
            out, "weights", tables, told, warnings, ground.language, beside=beside, rasters=rasters
        )
    for row in tables["cuts"].iter_rows(named=True):
        result(_cut_told(row))
    return 0


def _kinds(given: Sequence[str] | None, stack: "Stack") -> dict[str, Kind]:
    """Read LAYER=KIND, or refuse a layer or a kind that there is not."""
    kinds: dict[str, Kind] = {}
    for text in given or ():
        name, _, told = (part.strip() for part in text.partition("="))
        if name not in stack.names:
            raise Refused(
                f"--kind {text}: there is no layer '{name}'. There are: {', '.join(stack.names)}."
            )
        if told not in _KINDS:
            raise Refused(f"--kind {text}: write LAYER=KIND; kinds are {', '.join(_KINDS)}.")
        kinds[name] = told  # type: ignore[assignment]
    return kinds


def _weighed(
    stack: "Stack",
    name: str,
    sites: "Deposits",
    kind: Kind | None,
    classes: int,
    unit_cell: float,
    confidence: float,
) -> "tuple[Weights, list[str]]":
    """Weigh a layer; of a numeric one whose direction is not told, take the one that tells more."""
    from onshore import explore as room

    is_numeric = stack.kinds[stack.names.index(name)] == "numeric"
    counts = room.class_counts(
        stack, name, sites, breaks=classes if is_numeric and classes else None
    )
    usual: tuple[Kind, ...] = ("ascending", "descending") if is_numeric else ("categorical",)
    found = [
        room.weights(counts, kind=one, unit_cell_km2=unit_cell, confidence=confidence)
        for one in ([kind] if kind else usual)
    ]
    if len(found) == 1:
        return found[0], []
    best = max(found, key=lambda one: _strength(one))
    return best, [
        f"{name}: weighed {best.kind}, the direction that tells more of these deposits. "
        f"Say --kind {name}={best.kind} where it is known beforehand."
    ]


def _strength(found: "Weights") -> float:
    contrasts = found.table["studentised"].drop_nulls().drop_nans()
    return float(contrasts.max() or 0.0) if len(contrasts) else 0.0  # type: ignore[arg-type]


def _chance(found: "Weights", wanted: Mapping[str, Kind]) -> float | None:
    """Tell how often a layer that tells nothing would have as good a cut."""
    from onshore import explore as room

    if found.kind not in ("ascending", "descending") or found.cut is None:
        return None
    return room.chance_of_cut(found, either_way=found.layer not in wanted)


def _weight_tables(
    found: "Sequence[Weights]", chances: Mapping[str, float | None]
) -> "dict[str, pl.DataFrame]":
    """Give the weights of all layers in one table, and a row for each layer's cut."""
    import polars as pl

    tables = [
        one.table.select(
            pl.lit(one.layer).alias("layer"),
            pl.lit(one.kind).alias("kind"),
            *[column for column in one.table.columns if column not in ("layer", "kind")],
        )
        for one in found
    ]
    cuts = [{**_cut(one), "chance": chances[one.layer]} for one in found]
    return {"cuts": pl.DataFrame(cuts, infer_schema_length=None),
            "weights": pl.concat(tables, how="diagonal_relaxed")}  # fmt: skip


def _cut(found: "Weights") -> dict[str, Any]:
    table = found.table
    rows = table.filter(table["class"] == found.cut) if found.cut is not None else table.clear()
    rows = rows if rows.height else table.sort("studentised", descending=True, nulls_last=True)
    row = rows.to_dicts()[0]
    keys = ("class", "area_km2", "points", "w_plus", "w_minus", "contrast", "s_contrast",
            "studentised")  # fmt: skip
    bound = row["upper"] if found.kind == "ascending" else row["lower"]
    cut = None if found.cut is None else float(row["class"] if bound is None else bound)
    return {"layer": found.layer, "kind": found.kind, "cut": cut, **{k: row[k] for k in keys}}


def _cut_told(row: Mapping[str, Any]) -> str:
    if row["kind"] in ("categorical", "unique"):
        return (
            f"{row['layer']} ({row['kind']}): surest class {row['class']:g}, contrast "
            f"{row['contrast']:.3f}, studentised {row['studentised']:.2f}"
        )
    if row["cut"] is None:
        return f"{row['layer']} ({row['kind']}): no cut is sure enough"
    return (
        f"{row['layer']} ({row['kind']}): cut at {row['cut']:g}, contrast {row['contrast']:.3f}, "
        f"studentised {row['studentised']:.2f}"
    )
