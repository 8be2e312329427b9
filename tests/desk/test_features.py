"""OGC API Features over blocks, deposits, plants and targets, as other programs ask for them."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from onshore.desk.actions import targets, tokens
from onshore.desk.actions.acting import Refused
from onshore.desk.models import RECORDS, Analysis, Block, Deposit, Organisation
from onshore.desk.publishing.feature_questions import CRS84, EPSG4326

pytestmark = pytest.mark.django_db

ROOT = "/ogc/collections"
SQUARE = "POLYGON ((57 29, 57.1 29, 57.1 29.1, 57 29.1, 57 29))"
PLANTS = RECORDS["plants"]


@pytest.fixture
def ground(organisations):
    """A block, deposits on both sides of a degree, plants with and without a place."""
    Block.objects.create(
        block_id="B/1",
        name="North",
        name_fa="شمالی",
        geometry=SQUARE,
        state="held",
        holder=organisations["workshop"],
        commodities="Cu;Au",
        area=Decimal("107.5"),
        work_commitment=Decimal(987654),
        offered_on=date(2021, 4, 21),
        until=date(2028, 3, 19),
    )
    for number in range(7):
        Deposit.objects.create(
            deposit_id=f"D{number}",
            name=f"Deposit {number}",
            commodities="Fe",
            lon=Decimal(50 + number),
            lat=Decimal(30),
            source="survey",
        )
    for key, lon, year in (("P1", Decimal(50), 1972), ("P2", None, None)):
        PLANTS.objects.create(
            plant_id=key, name=key, lon=lon, lat=lon and Decimal(31), start_year=year, source="s"
        )


def ask(path, client=None, **asked):
    return (client or Client()).get(f"{ROOT}{path}", asked)


def keys(answer):
    assert answer.status_code == 200, answer.content
    return [feature["id"] for feature in answer.json()["features"]]


def problem(answer, status=400):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    return told["title"]


def test_the_landing_page_leads_to_everything(ground):
    landing = Client().get("/ogc/")
    assert landing["Content-Type"] == "application/json"
    links = {link["rel"]: link for link in landing.json()["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(links)
    for rel in ("service-desc", "conformance", "data"):
        answer = Client().get(links[rel]["href"])
        assert answer.status_code == 200
        assert answer["Content-Type"] == links[rel]["type"]
    classes = Client().get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    told = {each["id"]: each for each in Client().get(ROOT).json()["collections"]}
    assert set(told) == {"blocks", "deposits", "plants"}
    assert told["deposits"]["extent"]["spatial"]["bbox"] == [[50, 30, 56, 30]]
    assert ask("/deposits").json()["extent"] == told["deposits"]["extent"]


def test_the_definition_names_every_address_that_is_answered(ground):
    told = Client().get("/ogc/api").json()
    assert told["openapi"].startswith("3.0")
    for path in told["paths"]:
        address = "/ogc" + path.replace("{featureId}", "D0")
        expected = 404 if "{" in path and "deposits" not in path else 200
        assert Client().get(address).status_code == expected, address
    asked = told["paths"]["/collections/blocks/items"]["get"]["parameters"]
    assert {each["name"] for each in asked} == {
        *("bbox", "bbox-crs", "crs", "datetime", "limit", "offset")
    }


def test_a_block_is_a_feature_without_what_is_restricted(ground):
    answer = ask("/blocks/items")
    assert answer["Content-Type"] == "application/geo+json"
    feature = answer.json()["features"][0]
    assert feature["geometry"]["coordinates"][0][0] == [57, 29]
    assert feature["properties"]["holder"] == Organisation.objects.get(pk="workshop").name
    assert feature["properties"]["commodities"] == ["Cu", "Au"]
    assert "987654" not in answer.content.decode()
    alone = Client().get(reverse("ogc_blocks_item", args=["B/1"]))
    assert alone.json()["properties"] == feature["properties"]
    assert {link["rel"] for link in alone.json()["links"]} == {"self", "collection"}


def test_pages_follow_each_other_to_the_end(ground):
    address, found, steps = f"{ROOT}/deposits/items?limit=3", [], 0
    while address:
        answer = Client().get(address).json()
        found += [feature["id"] for feature in answer["features"]]
        assert answer["numberMatched"] == 7
        assert answer["numberReturned"] == len(answer["features"]) <= 3
        following = [link["href"] for link in answer["links"] if link["rel"] == "next"]
        address, steps = (following or [""])[0], steps + 1
    assert (found, steps) == ([f"D{number}" for number in range(7)], 3)
    back = ask("/deposits/items", limit=3, offset=3).json()["links"]
    assert "offset=0" in next(link["href"] for link in back if link["rel"] == "prev")


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("50.5,29,52.5,31", ["D1", "D2"]),
        ("52,30,52,30", ["D2"]),
        ("50.5,29,0,52.5,31,9000", ["D1", "D2"]),
        ("-170,-80,-160,-70", []),
        ("55,29,-170,31", ["D5", "D6"]),  # over the 180th meridian
    ],
)
def test_only_what_lies_in_a_box_is_given(ground, box, expected):
    assert keys(ask("/deposits/items", bbox=box)) == expected


def test_a_box_takes_what_has_no_place_and_an_area_that_it_touches(ground):
    assert keys(ask("/plants/items", bbox="0,0,1,1")) == ["P2"]
    assert keys(ask("/blocks/items", bbox="57.05,29.05,57.06,29.06")) == ["B/1"]
    assert keys(ask("/blocks/items", bbox="57.2,29,57.3,29.1")) == []


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2021-04-21", ["B/1"]),
        ("2021-04-20", []),
        ("2028-03-19T12:00:00Z", ["B/1"]),
        ("2029-01-01/..", []),
        ("../2020-01-01", []),
        ("2020-01-01/2022-01-01", ["B/1"]),
        ("/2021-12-31T23:59:60.5Z", ["B/1"]),
    ],
)
def test_only_what_is_at_a_time_is_given(ground, time, expected):
    assert keys(ask("/blocks/items", datetime=time)) == expected


def test_what_has_no_time_is_given_at_every_time(ground):
    assert len(keys(ask("/deposits/items", datetime="1900-01-01"))) == 7
    assert keys(ask("/plants/items", datetime="1950-01-01")) == ["P2"]


@pytest.mark.parametrize(
    "asked",
    [
        *({"limit": value} for value in ("-1", "0", "ten", "1e3", "", "-" + "9" * 40)),
        *({"offset": value} for value in ("-1", "1000000000", "x")),
        *({"bbox": value} for value in ("1,2,3", "a,b,c,d", "1,9,2,3", "1,2,nan,4", "1,2,inf,4")),
        *({"bbox": value} for value in ("200,0,210,5", "0,-100,1,0", "")),
        *({"datetime": value} for value in ("yesterday", "2024-13-01", "2024-02-02/2024-01-01")),
        *({"datetime": value} for value in ("a/b/c", "2024-01-01/2024-01-02/2024-01-03", "")),
        *({"crs": "EPSG:4326"}, {"bbox-crs": "x"}, {"ooga": "booga"}, {"f": "html"}),
    ],
)
def test_what_cannot_be_read_is_answered_as_a_problem(ground, asked):
    problem(ask("/deposits/items", **asked))


def test_problems_are_told_in_the_reader_s_language(ground):
    told = ask("/deposits/items", Client(headers={"accept-language": "fa"}), limit="-1")
    assert "نمی‌تواند" in problem(told)


def test_a_limit_above_the_most_is_answered_with_the_most(ground, monkeypatch):
    monkeypatch.setattr("onshore.desk.publishing.feature_questions.MOST", 4)
    answer = ask("/deposits/items", limit=10**9).json()
    assert answer["numberReturned"] == 4
    assert any(link["rel"] == "next" for link in answer["links"])


def test_a_reference_system_with_the_latitude_first_turns_the_answer(ground):
    plain = ask("/deposits/items", limit=1)
    assert plain["Content-Crs"] == f"<{CRS84}>"
    turned = ask("/deposits/items", limit=1, crs=EPSG4326)
    assert turned["Content-Crs"] == f"<{EPSG4326}>"
    places = [each.json()["features"][0]["geometry"]["coordinates"] for each in (plain, turned)]
    assert places == [[50, 30], [30, 50]]
    asked = {"bbox": "29,50.5,31,52.5", "bbox-crs": EPSG4326}
    assert keys(ask("/deposits/items", **asked)) == ["D1", "D2"]


@pytest.mark.parametrize("path", ["/nothing", "/nothing/items", "/deposits/items/none"])
def test_what_is_not_there_is_not_found(ground, path):
    assert ask(path).status_code == 404


def test_features_are_only_read(ground):
    assert Client().post(f"{ROOT}/blocks/items").status_code == 405
    assert Client().head(f"{ROOT}/blocks/items").status_code == 200


def folder(command="targets", **files):
    """Give the folder of a result of ``onshore explore targets`` as a ZIP file."""
    held = BytesIO()
    metadata = {"command": command, "version": "1", "area_km2": 1600.0, "parameters": {}}
    with ZipFile(held, "w") as archive:
        for name, content in {"metadata.json": json.dumps(metadata), **files}.items():
            archive.writestr(f"out/{name}", content)
    return held.getvalue()


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A result with one target, in the projected system of its map."""
    pytest.importorskip("geopandas")
    from onshore.report.geo_layers import Layer, geoparquet

    outline = "POLYGON ((480000 3300000, 490000 3300000, 490000 3310000, 480000 3300000))"
    told = {"target": ["T001"], "rank": [1], "area_km2": [50.0], "mean": [0.7], "top": [0.9]}
    more = {"expected": [None], "nearest_mine": [None], "lon": [56.8], "lat": [29.8]}
    frame = pl.DataFrame(told | more, schema_overrides={"expected": pl.Float64})
    frame = frame.with_columns(pl.col("nearest_mine").cast(pl.String))
    path = tmp_path_factory.mktemp("result") / "targets.parquet"
    geoparquet(Layer(frame.with_columns(geometry=pl.lit(outline)), "EPSG:32640"))(path)
    return {"targets.parquet": path.read_bytes(), "targets.csv": frame.write_csv()}


def test_targets_are_brought_in_and_read_by_analysts_alone(ground, actors, result, client_of):
    content = folder(**result)
    row = targets.bring_in(actors["analyst"], "", "t.zip", content)
    feature = ask("/targets/items", client_of("analyst")).json()["features"][0]
    assert feature["id"] == f"{row.pk}.T001"
    # 480 km east in zone 40 is just west of its meridian, 57 E.
    lon, lat = min(feature["geometry"]["coordinates"][0])
    assert (lon, lat) == (pytest.approx(56.793, abs=0.001), pytest.approx(29.830, abs=0.001))
    assert feature["properties"]["area_km2"] == 50
    assert "T001" in client_of("analyst").get(reverse("exploration")).content.decode()
    assert client_of("analyst").get(reverse("analysis", args=[row.pk])).status_code == 200
    for name in ("public", "maker"):
        problem(ask("/targets/items", client_of(name)), 404)
        problem(ask(f"/targets/items/{row.pk}.T001", client_of(name)), 404)
        assert "T001" not in client_of(name).get(reverse("exploration")).content.decode()
    with pytest.raises(Refused, match="before"):
        targets.bring_in(actors["analyst"], "", "again.zip", content)


@pytest.mark.parametrize("kind", ["text", "empty", "other", "no layer", "broken layer"])
def test_what_is_no_result_of_targets_is_refused(actors, kind):
    content = {
        "text": b"not a zip",
        "empty": b"",
        "other": folder("validate"),
        "no layer": folder(),
        "broken layer": folder(**{"targets.parquet": b"PAR1 broken"}),
    }[kind]
    with pytest.raises(Refused) as caught:
        targets.bring_in(actors["analyst"], "", "t.zip", content)
    assert caught.value.field == "file"
    assert not Analysis.objects.exists()


def test_a_token_reads_as_its_holder(ground, actors, result):
    targets.bring_in(actors["analyst"], "", "t.zip", folder(**result))
    _row, token = tokens.make(actors["analyst"], "map", 5)
    client = Client(headers={"authorization": f"Bearer {token}"})
    assert len(keys(ask("/targets/items", client))) == 1
    wrong = Client(headers={"authorization": "Bearer onshore_wrong"})
    problem(ask("/targets/items", wrong), 401)
