"""``onshore explore``: where to look, how sure that is, what was drilled and what lies there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from onshore.cli import explore_holes, explore_targets
from onshore.cli.console import Refused, result
from onshore.cli.explore_inputs import (
    USUAL,
    Ground,
    Texts,
    moved,
    opened_stack,
    read_sites,
    refusals,
    sites_told,
    stack_told,
    there,
    told_step,
    workroom,
    write_explored,
)
from onshore.cli.result_folder import source

if TYPE_CHECKING:
    import polars as pl

    from onshore.explore import Deposits, Stack, Weights

explore = App(
    name="explore", help="Exploration: prospectivity, its validation, targets, drillholes."
)
explore_targets.register(explore)
explore_holes.register(explore)

Kind = Literal["ascending", "descending", "categorical", "unique"]
_KINDS = ("ascending", "descending", "categorical", "unique")


def register(app: App) -> None:
    """Add this file's group of commands to the application."""
    app.command(explore)


@explore.command
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
            beside, rasters = _map_files(path, "posterior", told)
            tables["deposits"] = with_scores(path, sites.points)
        write_explored(
            out, "weights", tables, told, warnings, ground.language, beside=beside, rasters=rasters
        )
    for row in tables["cuts"].iter_rows(named=True):
        result(_cut_told(row))
    return 0


@explore.command
def train(
    layers: Path,
    deposits: Path,
    /,
    *,
    out: Path,
    method: str = "boosted",
    option: Texts = None,
    seed: int = 0,
    ground: Ground = USUAL,
) -> int:
    """Train a model of where deposits lie, to make a map with.

    Writes the model, importance.csv, deposits.csv, metadata.json, chart.svg and report.html.

    Parameters
    ----------
    layers
        A table of the layers: layer, file, kind, nodata, meaning.
    deposits
        A table of known deposits with the coordinates of each.
    out
        Folder for the results.
    method
        boosted, forest, logistic, positive-unlabelled or weights.
    option
        A setting of the method, as NAME=VALUE; repeat it.
    seed
        Seed of what is drawn: the same seed, the same model.
    ground
        How layers and deposits are read.
    """
    from onshore import explore as room

    options = _options(option)
    if seed < 0:
        raise Refused(f"--seed {seed}: a seed is a whole number, 0 or more.")
    with workroom(out) as work:
        stack = opened_stack(layers, ground)
        sites = read_sites(deposits, stack, ground)
        with refusals(), told_step("Training the model"):
            model = room.train(stack, sites, method=room.method(method, **options), seed=seed)
            path = model.save(work / "model.npz")
        described = model.describe()
        told = {
            **stack_told(layers, stack),
            **sites_told(deposits, sites),
            "method": method,
            "seed": seed,
            "parameters": options,
        }
        write_explored(
            out,
            "train",
            {"importance": described, "deposits": sites.points},
            told,
            [*stack.warnings, *sites.warnings, *model.warnings],
            ground.language,
            beside={path.name: moved(path)},
        )
    return 0


@explore.command(name="map")
def make_map(
    layers: Path,
    model: Path,
    /,
    *,
    out: Path,
    deposits: Path | None = None,
    size: int = 512,
    workers: int = 1,
    ground: Ground = USUAL,
) -> int:
    """Make the map of a trained model: a score and its uncertainty for each cell.

    Writes map.tif (a Cloud-optimised GeoTIFF of two bands, score and uncertainty), its STAC item
    map.json, scores.csv, with --deposits deposits.csv; metadata.json, chart.svg and report.html.

    Parameters
    ----------
    layers
        A table of the layers; those the model was trained on, by name and kind.
    model
        A model that onshore explore train wrote.
    out
        Folder for the results.
    deposits
        Known deposits, to be shown on the map.
    size
        Rows and columns of the blocks that the map is made by; the map is the same for each.
    workers
        Processes that make it.
    ground
        How layers and deposits are read.
    """
    from onshore import explore as room
    from onshore.report.explore_raster import score_table, with_scores

    there(model, "a model that onshore explore train wrote")
    with workroom(out) as work:
        stack = opened_stack(layers, ground)
        with refusals(), told_step("Reading the model"):
            trained = room.load_model(model)
        sites = None if deposits is None else read_sites(deposits, stack, ground)
        path = work / "map.tif"
        with refusals(), told_step("Making the map") as progress:
            trained.predict(stack, path, size=size, workers=workers, progress=progress)
        told = {
            **stack_told(layers, stack),
            "model": source(model, 0),
            "method": trained.method,
            "uncertainty": trained.uncertainty,
            **({} if deposits is None or sites is None else sites_told(deposits, sites)),
        }
        beside, rasters = _map_files(path, "map", told)
        tables = {"scores": score_table(rasters["score"])}
        warnings = list(stack.warnings)
        if sites is not None:
            tables["deposits"] = with_scores(path, sites.points)
            warnings += sites.warnings
        write_explored(
            out, "map", tables, told, warnings, ground.language, beside=beside, rasters=rasters
        )
    return 0


@explore.command
def validate(
    layers: Path,
    deposits: Path,
    /,
    *,
    out: Path,
    method: Texts = None,
    folds: int = 5,
    seeds: int = 10,
    block_km: float | None = None,
    split: Literal["spatial", "random"] = "spatial",
    ground: Ground = USUAL,
) -> int:
    """Show how well methods find deposits in blocks of land that they have not seen.

    Writes aucs.csv, paired.csv, curves.csv, autocorrelation.csv, ranges.csv, deposits.csv,
    metadata.json, chart.svg and report.html.

    Parameters
    ----------
    layers
        A table of the layers: layer, file, kind, nodata, meaning.
    deposits
        A table of known deposits with the coordinates of each.
    out
        Folder for the results.
    method
        A method to try; repeat it to compare. boosted and forest when not given.
    folds
        Parts into which the blocks are split; each is held out once.
    seeds
        How many times the split is drawn.
    block_km
        Side of a block; chosen from how far the data are alike when not given.
    split
        spatial: whole blocks are held out. random: single cells, next to those learned from;
        it flatters, and is marked so.
    ground
        How layers and deposits are read.
    """
    from onshore import explore as room

    methods = method or ["boosted", "forest"]
    with workroom(out):
        stack = opened_stack(layers, ground)
        sites = read_sites(deposits, stack, ground)
        with refusals(), told_step("Holding out land") as progress:
            found = room.validate(
                stack, sites, methods=methods, block_km=block_km, folds=folds, seeds=seeds,
                split=split, progress=progress,
            )  # fmt: skip
        alike = found.autocorrelation
        if alike is None:
            with refusals(), told_step("Measuring how far the data are alike"):
                alike = room.autocorrelation(stack, sites)
        tables = {
            "aucs": found.aucs,
            "paired": found.paired,
            "curves": found.curves,
            "autocorrelation": alike.table,
            "ranges": alike.ranges,
            "deposits": sites.points,
        }
        told = {
            **stack_told(layers, stack),
            **sites_told(deposits, sites),
            "block_km": found.block_km,
            "range_km": alike.range_km,
            "split": split,
            "parameters": {"folds": folds, "seeds": seeds, "methods": methods},
        }
        warnings = [*stack.warnings, *sites.warnings, *found.warnings]
        write_explored(out, "validate", tables, told, warnings, ground.language)
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


def _options(given: Sequence[str] | None) -> dict[str, Any]:
    """Read NAME=VALUE: whole numbers, numbers, and words."""
    options: dict[str, Any] = {}
    for text in given or ():
        name, equals, told = (part.strip() for part in text.partition("="))
        if not equals or not name or not told:
            raise Refused(f"--option {text}: write NAME=VALUE, such as trees=200.")
        options[name.replace("-", "_")] = _value(told)
    return options


def _value(text: str) -> bool | int | float | str:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _map_files(
    path: Path, stem: str, told: Mapping[str, Any]
) -> "tuple[dict[str, Any], dict[str, Any]]":
    """Give the files of a map, with its STAC item, and its bands for the page."""
    import json

    from onshore.report.explore_raster import read_raster
    from onshore.report.stac import stac_item

    item = stac_item(path, provenance=told)
    rasters = {"score": read_raster(path, 1), "uncertainty": read_raster(path, 2)}
    text = json.dumps(item, ensure_ascii=False, indent=2, default=str)
    return {f"{stem}.tif": moved(path), f"{stem}.json": f"{text}\n".encode()}, rasters
