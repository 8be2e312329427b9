"""``onshore explore``: where to look, how sure that is, what was drilled and what lies there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from cyclopts import App

from onshore.cli import explore_holes, explore_targets, explore_weights
from onshore.cli.console import Refused
from onshore.cli.explore_inputs import (
    USUAL,
    Ground,
    Texts,
    map_files,
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

explore = App(
    name="explore", help="Exploration: prospectivity, its validation, targets, drillholes."
)
explore_weights.register(explore)
explore_targets.register(explore)
explore_holes.register(explore)


def register(app: App) -> None:
    """Add this file's group of commands to the application."""
    app.command(explore)


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
        beside, rasters = map_files(path, "map", told)
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
