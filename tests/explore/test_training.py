"""From a stack to a map: cells drawn, models kept in files, maps the same for every block size."""

import json
import pickle
import shutil
import zipfile

import numpy as np
import polars as pl
import pytest
import rasterio

from onshore import explore
from onshore.explore.training import training_cells

SIDE = (90, 130)
TRANSFORM = rasterio.Affine(500.0, 0, 400_000, 0, -500.0, 7_000_000)
QUICK = {
    "boosted": {"bags": 2, "trees": 5},
    "forest": {"trees": 6},
    "logistic": {},
    "positive-unlabelled": {"trees": 6},
    "weights": {},
}


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    """Three layers with gaps, and 40 deposits where gravity is high and in unit 4."""
    folder = tmp_path_factory.mktemp("land")
    random = np.random.default_rng(2)
    down, across = np.mgrid[: SIDE[0], : SIDE[1]]
    gravity = np.sin(down / 11) + np.cos(across / 17) + 0.2 * random.normal(size=SIDE)
    units = (1 + (down // 20 + across // 30) % 5).astype(float)
    potassium = random.normal(size=SIDE)
    gravity[(down - 40) ** 2 + (across - 100) ** 2 < 150] = -9999
    units[:, 120:] = 0
    for name, values in (("gravity", gravity), ("units", units), ("potassium", potassium)):
        with rasterio.open(
            folder / f"{name}.tif",
            "w",
            driver="GTiff",
            height=SIDE[0],
            width=SIDE[1],
            count=1,
            dtype="float32",
            crs="EPSG:32640",
            transform=TRANSFORM,
        ) as raster:
            raster.write(values.astype(np.float32), 1)
    layers = pl.DataFrame(
        {
            "layer": ["gravity", "units", "potassium"],
            "file": [str(folder / f"{n}.tif") for n in ("gravity", "units", "potassium")],
            "kind": ["numeric", "categorical", "numeric"],
            "nodata": ["-9999", "0", None],
            "meaning": ["made up"] * 3,
        }
    )
    stack = explore.open_stack(layers)
    log_odds = np.where(gravity > -99, 2 * gravity, -99) + 2 * (units == 4)
    share = np.exp(log_odds).ravel()
    cells = random.choice(len(share), 40, replace=False, p=share / share.sum())
    row, column = np.divmod(cells, SIDE[1])
    x, y = 400_000 + 500 * (column + 0.5), 7_000_000 - 500 * (row + 0.5)
    points = pl.DataFrame({"x": x, "y": y, "sure": np.linspace(0.5, 1.5, 40)})
    deposits = explore.read_deposits(points, stack, weight="sure", crs="EPSG:32640")
    return {"layers": layers, "stack": stack, "deposits": deposits, "valid": units > 0}


def trained(land, name, **options):
    made = explore.method(name, **{**QUICK[name], **options})
    return explore.train(land["stack"], land["deposits"], method=made, negatives=1500, seed=4)


@pytest.fixture(scope="module")
def models(land):
    return {name: trained(land, name) for name in QUICK}


def test_background_has_data_and_no_deposit_and_is_drawn_evenly(land):
    drawn = [
        training_cells(land["stack"], land["deposits"], negatives=2000, seed=seed)
        for seed in range(6)
    ]
    deposits = {(r, c) for r, c in land["deposits"].cells.select("row", "column").rows()}
    hits = np.zeros(SIDE)
    for sample in drawn:
        assert np.all(np.isfinite(sample.values))
        background = sample.counts == 0
        places = list(zip(sample.rows[background], sample.columns[background], strict=True))
        assert len(set(places)) == 2000
        assert not set(places) & deposits
        assert np.array_equal(sample.values, land["stack"].at(sample.rows, sample.columns))
        np.add.at(hits, (sample.rows[background], sample.columns[background]), 1)
    valid = land["stack"].read(land["stack"].grid.whole).valid
    assert np.all(hits[~valid] == 0)
    # a hit is as likely left as right, above as below: 12,000 draws, 5 standard errors
    for half in (np.s_[:45], np.s_[:, :60]):
        share = valid[half].sum() / valid.sum()
        assert abs(hits[half].sum() / 12_000 - share) < 5 * np.sqrt(share * (1 - share) / 12_000)


def test_the_same_seed_draws_the_same_and_weights_are_kept(land):
    one, same, other = (
        training_cells(land["stack"], land["deposits"], negatives=300, seed=seed)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one.values, same.values)
    assert not np.array_equal(one.values, other.values)
    cells = land["deposits"].cells
    at = {(r, c): w for r, c, w in cells.select("row", "column", "weight").rows()}
    known = one.counts > 0
    assert [at[place] for place in zip(one.rows[known], one.columns[known], strict=True)] == list(
        one.counts[known]
    )


def test_background_keeps_its_distance(land):
    sample = training_cells(
        land["stack"], land["deposits"], negatives=100_000, apart_km=3.0, seed=0
    )
    away = sample.counts == 0
    cells = land["deposits"].cells
    apart = np.hypot(
        sample.rows[away][:, None] - cells["row"].to_numpy(),
        sample.columns[away][:, None] - cells["column"].to_numpy(),
    )
    assert apart.min() * 0.5 > 3.0
    whole = training_cells(land["stack"], land["deposits"], negatives=100_000, seed=0)
    everything = land["stack"].read(land["stack"].grid.whole).valid.sum()
    assert (whole.counts == 0).sum() + (whole.counts > 0).sum() == everything
    assert any("no more have data" in warning for warning in whole.warnings)


@pytest.mark.parametrize("name", QUICK)
def test_a_model_is_the_same_from_its_file(land, models, name, tmp_path):
    model = models[name]
    path = model.save(tmp_path / "model.npz")
    read = explore.load_model(path)
    values = training_cells(land["stack"], land["deposits"], negatives=500, seed=9).values
    for one, other in zip(model.score(values), read.score(values), strict=True):
        assert np.array_equal(one, other)
    assert read.describe().equals(model.describe())
    assert (read.names, read.kinds, read.facts) == (model.names, model.kinds, model.facts)
    assert (read.method, read.uncertainty) == (name, model.uncertainty)
    again = read.save(tmp_path / "again.npz")
    assert again.read_bytes() == path.read_bytes()
    assert set(model.describe()["layer"]) == {"gravity", "units", "potassium"}
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("name", QUICK)
def test_the_map_is_the_score_of_each_cell_for_every_block_size(land, models, name, tmp_path):
    model = models[name]
    cells = land["stack"].read(land["stack"].grid.whole)
    rows = cells.values[:, cells.valid].T
    expected = np.full((2, *SIDE), np.nan, np.float32)
    expected[:, cells.valid] = model.score(rows)
    for size in (32, 57, 512):
        path = model.predict(land["stack"], tmp_path / f"{size}.tif", size=size)
        with rasterio.open(path) as raster:
            assert np.array_equal(raster.read(), expected, equal_nan=True)
            assert raster.descriptions == ("score", "uncertainty")
            assert raster.crs == "EPSG:32640"


class Elsewhere:
    """An executor that sends the task as another process would get it, and takes blocks anyhow."""

    def map(self, function, things):
        sent = pickle.loads(pickle.dumps(function))
        things = list(things)
        made = {number: sent(things[number]) for number in reversed(range(len(things)))}
        return [made[number] for number in range(len(things))]


@pytest.mark.parametrize("name", QUICK)
def test_the_map_is_the_same_where_blocks_are_sent_away(land, models, name, tmp_path):
    done = []
    maps = [
        models[name].predict(land["stack"], tmp_path / "here.tif", size=64),
        models[name].predict(
            land["stack"],
            tmp_path / "there.tif",
            size=40,
            executor=Elsewhere(),
            progress=lambda *told: done.append(told),
        ),
    ]
    with rasterio.open(maps[0]) as here, rasterio.open(maps[1]) as there:
        assert np.array_equal(here.read(), there.read(), equal_nan=True)
        told = json.loads(here.tags()["ONSHORE_PROVENANCE"])
    assert told["model"]["method"] == name
    assert told["model"]["seed"] == 4
    assert done[-1] == (len(done), 3 * 4)


def test_layers_are_matched_by_name_and_kind(land, models, tmp_path):
    model = models["forest"]
    shuffled = explore.open_stack(land["layers"][[2, 0, 1]])
    more = explore.open_stack(
        pl.concat(
            [
                land["layers"],
                land["layers"][:1].with_columns(layer=pl.lit("gravity again")),
            ]
        )
    )
    maps = []
    for number, stack in enumerate((land["stack"], shuffled, more)):
        path = model.predict(stack, tmp_path / f"{number}.tif", size=64)
        with rasterio.open(path) as raster:
            maps.append(raster.read())
    assert np.array_equal(maps[0], maps[1], equal_nan=True)
    assert np.array_equal(maps[0], maps[2], equal_nan=True)
    lacking = explore.open_stack(land["layers"][:1])
    with pytest.raises(explore.ExploreError, match="no layer 'units'; it has no layer 'potass"):
        model.predict(lacking, tmp_path / "no.tif")
    changed = explore.open_stack(
        land["layers"].with_columns(
            kind=pl.Series(["numeric", "numeric", "numeric"]),
        )
    )
    with pytest.raises(explore.ExploreError, match="'units' is numeric, the model's categorical"):
        model.predict(changed, tmp_path / "no.tif")
    assert not list(tmp_path.glob("no*"))


def test_few_deposits_are_told_and_too_few_refused(land):
    cells = land["deposits"].cells

    class Few:
        def __init__(self, many):
            self.cells = cells.head(many)

    told = explore.train(land["stack"], Few(8), method="logistic", negatives=200)
    assert any("only" in warning for warning in told.warnings)
    with pytest.raises(explore.ExploreError, match="Found: 3 cells with deposits"):
        explore.train(land["stack"], Few(3), method="logistic", negatives=200)
    with pytest.raises(explore.ExploreError, match="Found: -1"):
        explore.train(land["stack"], Few(8), method="logistic", negatives=200, seed=-1)
    with pytest.raises(explore.ExploreError, match="Found: 1 cells, 0"):
        explore.train(land["stack"], Few(20), negatives=1)
    with pytest.raises(explore.ExploreError, match="no background"):
        explore.train(land["stack"], Few(20), apart_km=1000.0)


def damaged(path, change):
    """Write the model anew with one entry changed."""
    with zipfile.ZipFile(path) as archive:
        content = {entry: archive.read(entry) for entry in archive.namelist()}
    change(content)
    with zipfile.ZipFile(path, "w") as archive:
        for name, held in content.items():
            archive.writestr(name, held)


def test_files_that_are_no_whole_model_are_named(models, tmp_path):
    kept = models["boosted"].save(tmp_path / "kept.npz")

    def fault(change):
        path = shutil.copy(kept, tmp_path / "model.npz")
        damaged(path, change)
        with pytest.raises(explore.ExploreError) as told:
            explore.load_model(path)
        return str(told.value)

    def with_told(**changed):
        def change(content):
            told = {**json.loads(content["model.json"]), **changed}
            content["model.json"] = json.dumps(told).encode()

        return change

    def other_number(content):
        held = bytearray(content["value_0.npy"])
        held[-9] ^= 1
        content["value_0.npy"] = bytes(held)

    def code(content):
        with (tmp_path / "code.npy").open("wb") as file:
            np.save(file, np.array([print], dtype=object), allow_pickle=True)
        content["value_0.npy"] = (tmp_path / "code.npy").read_bytes()

    assert "numbers are not those" in fault(other_number)
    assert "no model of this programme" in fault(code)
    assert "version 7" in fault(with_told(version=7))
    assert "not a prospectivity model" in fault(with_told(form="picture"))
    assert "kinds cannot be read" in fault(with_told(kinds=["numeric"]))
    assert "does not know: 'magic'" in fault(with_told(method="magic"))
    assert "not whole" in fault(with_told(method="forest"))
    assert "numbers are not those" in fault(lambda content: content.pop("value_0.npy"))
    assert "no model of this programme" in fault(lambda content: content.pop("model.json"))
    half = tmp_path / "half.npz"
    half.write_bytes(kept.read_bytes()[:500])
    with pytest.raises(explore.ExploreError, match="damaged"):
        explore.load_model(half)
    half.write_bytes(pickle.dumps([1]))
    with pytest.raises(explore.ExploreError, match="no model of this programme"):
        explore.load_model(half)
    with pytest.raises(explore.ExploreError, match="there is no model at"):
        explore.load_model(tmp_path / "none.npz")
    with pytest.raises(explore.ExploreError, match="cannot be written"):
        models["boosted"].save(tmp_path / "no folder" / "model.npz")


def test_trees_that_lead_astray_are_refused():
    from onshore.explore.trees import Trees

    good = {
        "roots": np.array([0]),
        "feature": np.array([0, 0, 0]),
        "threshold": np.array([0.5, np.inf, np.inf]),
        "left": np.array([1, 1, 2]),
        "value": np.array([0.0, 1.0, 2.0]),
    }
    assert len(Trees.of_arrays(good, 1)) == 1
    for name, value, said in (
        ("left", [2, 1, 2], "outside its tree"),
        ("left", [1, 0, 2], "outside its tree"),
        ("left", [-5, 1, 2], "outside its tree"),
        ("feature", [4, 0, 0], "beyond the 1"),
        ("value", [0.0, np.nan, 1.0], "not a number"),
        ("roots", [1], "follow each other"),
        ("value", [0.0], "different length"),
    ):
        with pytest.raises(explore.ExploreError, match=said):
            Trees.of_arrays({**good, name: np.array(value)}, 1)
