"""Needs by province: counted where they arise, on a map and in a table that tell the same."""

import json
import re

import pytest

from onshore.desk.actor import PUBLIC
from onshore.desk.models import RECORDS, Desk, Need, Organisation
from onshore.desk.reckoning import provinces
from onshore.desk.tables import exchange

pytestmark = pytest.mark.django_db

SQUARE = [[50, 30], [52, 30], [52, 32], [50, 32], [50, 30]]
OUTLINES = {
    "features": [
        {
            "properties": {"iso_3166_2": code, "name": f"<b>{code}</b>"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[lon + shift, lat] for lon, lat in SQUARE]],
            },
        }
        for code, shift in (("IR-10", 0), ("IR-06", 2))
    ]
}


@pytest.fixture
def placed(programme, settings, tmp_path):
    """Needs of three kinds in two provinces, and their outlines."""
    settings.MEDIA_ROOT = tmp_path
    provinces.outlines_file().write_text(json.dumps(OUTLINES), encoding="utf-8")
    places = RECORDS["places"].objects
    isfahan = places.create(place_id="IR-10", name="Isfahan", name_fa="اصفهان", kind="province")
    places.create(place_id="PARK", name="Park", kind="industrial park", parent=isfahan)
    Organisation.objects.filter(pk="steelworks").update(place="PARK")
    Need.objects.filter(pk="N1").update(state="published", access="public")
    told = {"buyer_id": "steelworks", "description": "x", "sector": "steel"}
    Need.objects.create(need_id="N2", state="verified localized", **told)
    Need.objects.create(need_id="N3", state="scouting", place="IR-06", **told)
    Need.objects.create(need_id="N4", state="failed", **told)
    Need.objects.create(need_id="N5", state="published", access="confidential", **told)


def test_needs_are_counted_in_the_province_of_their_place_or_their_buyer(placed, actors):
    found = provinces.needs_by_province(actors["officer"])
    assert [(row.code, row.needs, row.localized) for row in found] == [
        ("IR-10", 2, 1),
        ("IR-06", 1, 0),
    ]
    assert found[0].names == {"en": "Isfahan", "fa": "اصفهان"}
    assert found[1].names["en"] == "Khuzestan"


def test_only_what_the_actor_sees_is_counted(placed, actors):
    told = {
        name: sum(row.needs + row.localized for row in provinces.needs_by_province(actor))
        for name, actor in {**actors, "public": PUBLIC}.items()
    }
    assert (told["officer"], told["analyst"], told["public"]) == (4, 3, 1)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_table_tells_what_the_map_tells(placed, client_of, language):
    page = client_of("officer", language).get("/").content.decode()
    table = page.partition('<table class="table">')[2].partition("</table>")[0]
    picture = page.partition('<figure class="picture">')[2].partition("</svg>")[0]
    for name in {"en": ("Isfahan", "Khuzestan"), "fa": ("اصفهان", "خوزستان")}[language]:
        assert name in table
        assert name in picture
    assert len(re.findall("<circle", picture)) == 2 + 1  # needs, and what is localized
    assert "<b>" not in picture


def test_without_outlines_the_table_stands_alone(placed, client_of):
    provinces.outlines_file().write_text("{}", encoding="utf-8")
    page = client_of("officer").get("/").content.decode()
    assert "Isfahan" in page
    assert '<figure class="picture">' not in page


def test_a_desk_shows_the_needs_of_its_sector(placed, client_of):
    Desk.objects.create(desk_id="other", name="Other", sector="chemical")
    client = client_of("officer")
    assert "Isfahan" in client.get("/desks/steel/?show=work").content.decode()
    assert "Isfahan" not in client.get("/desks/other/?show=work").content.decode()


def test_outlines_go_with_a_programme(settings, tmp_path, worked_example):
    settings.MEDIA_ROOT = tmp_path
    exchange.load(worked_example, PUBLIC)
    held = (worked_example / provinces.FILE).read_bytes()
    assert provinces.outlines_file().read_bytes() == held
    exchange.export(tmp_path / "out")
    assert (tmp_path / "out" / provinces.FILE).read_bytes() == held
    provinces.keep_outlines(tmp_path / "no such folder")
    assert not provinces.outlines_file().exists()
