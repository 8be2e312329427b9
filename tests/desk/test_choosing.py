"""Keys and codes are chosen by a part of a name, in either language, among what one may see."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
import worlds
from browsing import narrow, sound
from django import forms
from django.urls import reverse
from filling import typed, words
from test_routes import FIXED, address, keys_of, model_of, routes
from test_uploads import HEADINGS, begin, csv

from onshore.desk import search
from onshore.desk.actor import actor_of
from onshore.desk.models import RECORDS, Agreement, Desk, Event, Membership, Need, Organisation
from onshore.desk.pages.choices import CHOICES
from onshore.desk.pages.key_fields import KeyField, KeyInput
from onshore.desk.pages.record_choices import TABLES
from onshore.desk.pages.record_forms import RecordForm
from onshore.desk.policies import visible
from onshore.records import schema

pytestmark = pytest.mark.django_db

_OPTION = re.compile(r'<option value="([^"]*)"(?: label="([^"]*)")?>([^<]*)</option>')


def offered(client: Any, of: str, text: str, **more: str) -> dict[str, str]:
    """Give what a box offers: the label of each key, as a browser shows it."""
    answer = client.get(reverse("choose", args=[of]), {"q": text, **more})
    assert answer.status_code == 200
    options = _OPTION.findall(answer.content.decode())
    return {unescape(key): unescape(label or name) for key, label, name in options}


@pytest.fixture
def named(programme: Any, organisations: dict[str, Any]) -> dict[str, Any]:
    """Organisations with names in both languages, of which two have the same."""
    facts = {
        "ORG-1": ("Foundry of Isfahan", "ریخته‌گری اصفهان", "maker", "IR-10"),
        "ORG-2": ("Northern Castings", "کارخانه یکم", "maker", "IR-01"),
        "ORG-3": ("Northern Castings", "", "buyer", "IR-02"),
    }
    for key, (name, name_fa, role, place) in facts.items():
        organisations[key] = Organisation.objects.create(
            organisation_id=key, name=name, name_fa=name_fa, role=role, place=place
        )
    search.rebuild()
    return organisations


@pytest.mark.parametrize("text", ["isfah", "FOUNDRY", "isfahan foundry", "org-1", "ريخته گري"])
def test_a_part_of_a_name_in_either_language_is_enough(
    named: Any, client_of: Callable[..., Any], text: str
) -> None:
    found = offered(client_of("officer"), "organisations", text)
    assert list(found) == ["ORG-1"]
    assert found["ORG-1"].startswith("Foundry of Isfahan · Maker · Isfahan")


def test_names_are_in_the_language_of_the_page(named: Any, client_of: Callable[..., Any]) -> None:
    found = offered(client_of("officer", "fa"), "organisations", "ریخته")
    assert found == {"ORG-1": "ریخته‌گری اصفهان · سازنده · اصفهان"}


@pytest.mark.parametrize("text", ["isfahan foundry", "ريخته", "ORG-1; northern"])
def test_a_browser_finds_in_each_option_what_was_typed(
    named: Any, client_of: Callable[..., Any], text: str
) -> None:
    several = {"several": "1"} if ";" in text else {}
    found = offered(client_of("officer"), "organisations", text, **several)
    assert found
    assert all(text in f"{key} {label}" for key, label in found.items())


def test_of_several_keys_the_last_is_chosen(named: Any, client_of: Callable[..., Any]) -> None:
    found = offered(client_of("officer"), "organisations", "ORG-1; northern", several="1")
    assert set(found) == {"ORG-1; ORG-2", "ORG-1; ORG-3"}


@pytest.mark.parametrize(
    ("of", "text", "key", "label"),
    [
        ("currency", "يورو", "EUR", "Euro · يورو"),
        ("currency", "eur", "EUR", "Euro"),
        ("unit", "kg", "KGM", "kilogram · kg"),
        ("unit", "متر", "MTR", "metre · m · متر"),
        ("country", "germ", "DE", "Germany"),
        ("hs", "ball bearing", "848210", "Ball bearings"),
        ("hs", "8482.10", "848210", "Ball bearings · 8482.10"),
        ("isic", "basic iron", "2410", "Manufacture of basic iron and steel"),
        ("place", "khuz", "IR-06", "Khuzestan"),
        ("place", "Aldo", "MINE-1", "Aldochir mine · Mine"),
        ("place", "germa", "DE", "Germany"),
        ("sector", "ste", "steel", "Steel"),
        ("desks", "فولاد", "steel", "Steel desk · Steel · میز فولاد"),
        ("plants", "golshan", "PL-1", "Golshan plant · Isfahan · crude steel"),
        ("items", "roller", "I1", "Roller bearing 22220"),
        ("needs", "spherical", "N1", "Spherical roller bearing 22220 E · 22220 E · Steelworks"),
        (
            *("offers", "spherical", "O-workshop"),
            "Spherical roller bearing 22220 · 22220 E · Workshop",
        ),
    ],
)
def test_each_list_offers_what_was_meant_with_its_name(
    programme: Any, client_of: Callable[..., Any], of: str, text: str, key: str, label: str
) -> None:
    RECORDS["places"].objects.create(place_id="MINE-1", name="Aldochir mine", kind="mine")
    RECORDS["plants"].objects.create(
        plant_id="PL-1", name="Golshan plant", place="IR-10", product="crude steel"
    )
    search.rebuild()
    found = offered(client_of("officer"), of, text)
    assert found[key] == label


def test_provinces_of_home_come_before_others(
    programme: Any, client_of: Callable[..., Any]
) -> None:
    found = list(offered(client_of("officer"), "place", "al"))
    home = [key.startswith("IR-") for key in found]
    assert any(home)
    assert home == sorted(home, reverse=True)


@pytest.mark.parametrize("of", list(CHOICES))
def test_odd_questions_are_answered(programme: Any, client_of: Callable[..., Any], of: str) -> None:
    client = client_of("officer")
    for text in ("", "  ", "x" * 5000, "\0", '"><script>alert(1)</script>', ";;;", "'\"*%_\\", "؛"):
        for more in ({}, {"several": "1"}):
            found = offered(client, of, text, **more)
            assert len(found) <= 20
    assert b"<script" not in client.get(f"/choose/{of}/", {"q": '<script>a"'}).content
    assert client.get(f"/choose/{of}/").status_code == 200


def test_without_a_text_the_first_are_offered(named: Any, client_of: Callable[..., Any]) -> None:
    client = client_of("officer")
    assert offered(client, "desks", "") == {"steel": "Steel desk · Steel"}
    assert "ORG-1" in offered(client, "organisations", "")


@pytest.mark.parametrize("of", ["nothing", "claims", "users", "desk_users"])
def test_what_is_no_list_is_not_there(
    programme: Any, client_of: Callable[..., Any], of: str
) -> None:
    assert client_of("officer").get(f"/choose/{of}/", {"q": "a"}).status_code == 404


@pytest.mark.parametrize("of", list(CHOICES))
def test_who_is_not_signed_in_is_offered_nothing(
    programme: Any, client_of: Callable[..., Any], of: str
) -> None:
    Need.objects.update(state="published", access="public")
    assert offered(client_of("public"), of, "") == {}
    assert offered(client_of("public"), of, "bearing") == {}


@pytest.mark.parametrize(
    "role", ["engineer", "maker", "researcher", "analyst", "rival", "stranger"]
)
def test_nobody_is_offered_what_is_hidden(
    people: dict[str, Any], client_of: Callable[..., Any], role: str
) -> None:
    world = worlds.build(people).world
    actor, client = actor_of(people[role], worlds.DAY), client_of(role)
    for table in TABLES:
        model = RECORDS[table]
        seen = set(visible(actor, model).values_list("pk", flat=True))
        assert set(offered(client, table, "")) <= seen
        for mark, made in world.marks.items():
            if isinstance(made, model):
                assert (made.pk in offered(client, table, mark)) is (made.pk in seen)


def refused(client: Any, field: str, text: str) -> str:
    """Give why a study's form refuses what was typed."""
    answer = client.post(reverse("new_study"), {field: text})
    assert answer.status_code == 422
    said = " ".join(answer.context["form"].errors.get(field, ()))
    return said.replace("\u2068", "").replace("\u2069", "")


def test_a_form_tells_nothing_of_what_is_hidden(
    people: dict[str, Any], client_of: Callable[..., Any]
) -> None:
    world = worlds.build(people)
    hidden = world.world.hidden_from(actor_of(people["researcher"], worlds.DAY))
    client = client_of("researcher")
    needs = [(mark, made) for mark, made in hidden.items() if isinstance(made, Need)]
    assert needs
    for _mark, need in needs:
        for text in (need.pk, need.description):
            told = refused(client, "need_id", text)
            first = f"Nothing that you may see has this key or name: {text}."
            assert told.startswith(first)
            rest = told.removeprefix(first)
            assert need.pk not in re.findall(r"[\w-]+", rest)
            assert not set(hidden) & set(worlds.MARK.findall(rest))


# What is typed into a form.


def test_a_name_is_taken_for_its_key(named: Any, client_of: Callable[..., Any]) -> None:
    told = {"desk_id": "gas", "name": "Gas desk", "sector": "gas"}
    for at, text in enumerate(
        ("FOUNDRY of isfahan", "ريخته گري اصفهان", "كارخانه يكم", "ORG-1", "org-۱")
    ):
        sent = told | {"desk_id": f"gas-{at}", "agency_id": text}
        answer = client_of("officer").post(reverse("catalogue_desks_new"), sent)
        assert answer.status_code == 302, text
    keys = Desk.objects.filter(pk__startswith="gas").order_by("pk").values_list("agency", flat=True)
    assert list(keys) == ["ORG-1", "ORG-1", "ORG-2", "ORG-1", "ORG-1"]


def desk_refused(client: Any, agency: str) -> str:
    """Give why the form of a desk refuses its agency."""
    told = {"desk_id": "gas", "name": "Gas desk", "sector": "gas", "agency_id": agency}
    answer = client.post(reverse("catalogue_desks_new"), told)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["agency_id"]
    assert not Desk.objects.filter(pk="gas").exists()
    return words(answer)


def test_a_name_of_several_asks_for_the_key(named: Any, client_of: Callable[..., Any]) -> None:
    told = desk_refused(client_of("officer"), "northern castings")
    assert "Several have this name. Write the key of one: ORG-2 (Maker · Gilan); " in told
    assert "ORG-3 (Buyer · Mazandaran)." in told
    told = desk_refused(client_of("officer", "fa"), "northern castings")
    assert "شناسهٔ یکی را بنویسید: ORG-2 (سازنده · گیلان)؛ ORG-3" in told


@pytest.mark.parametrize("text", ["fo", "Foundry of Isfahn", "foundri", "Fondry Isfahan"])
def test_what_nobody_is_called_is_told_with_the_nearest(
    named: Any, client_of: Callable[..., Any], text: str
) -> None:
    told = desk_refused(client_of("officer"), text)
    assert f"Nothing that you may see has this key or name: {text}." in told
    assert "Near it: ORG-1 (Foundry of Isfahan)" in told


def test_where_nothing_is_near_the_next_step_is_told(
    named: Any, client_of: Callable[..., Any]
) -> None:
    told = desk_refused(client_of("officer"), "zzzz")
    assert "Type a part of the name, and choose from the list." in told


def test_a_table_that_search_does_not_know_is_near_too(
    named: Any, client_of: Callable[..., Any]
) -> None:
    form = {"title": "Fair", "kind": "exhibition", "from": "2025-01-01", "until": "2025-01-02"}
    officer = client_of("officer")
    for text in ("Stel desk", "st"):
        answer = officer.post(reverse("new_event"), form | {"desk_id": text})
        assert "Near it: steel (Steel desk)." in words(answer)
    answer = officer.post(reverse("new_event"), form | {"desk_id": "ميز فولاد"})
    assert answer.status_code == 302
    assert Event.objects.get().desk_id == "steel"


def test_a_place_of_the_programme_is_taken_by_its_name(
    named: Any, client_of: Callable[..., Any]
) -> None:
    place = RECORDS["places"].objects.create
    place(place_id="MINE-1", name="Aldochir mine", name_fa="معدن آلدوچیر", kind="mine")
    place(place_id="MINE-2", name="Other", name_fa="خوزستان", kind="mine")
    form = {"title": "Fair", "kind": "exhibition", "from": "2025-01-01", "until": "2025-01-02"}
    for text in ("aldochir MINE", "معدن آلدوچير", "MINE-1", "خوزستان", "Germany"):
        answer = client_of("officer").post(reverse("new_event"), form | {"place": text})
        assert answer.status_code == 302, text
    places = Event.objects.order_by("pk").values_list("place", flat=True)
    assert sorted(places) == ["DE", "IR-06", "MINE-1", "MINE-1", "MINE-1"]


def test_a_sector_is_written_as_the_programme_writes_it(
    named: Any, client_of: Callable[..., Any]
) -> None:
    told = {"buyer_id": "steelworks", "description": "Roll", "unit": "عدد", "class": "mechanical"}
    told |= {"yearly_quantity": "5"}
    for at, text in enumerate(("فولاد", "Steel", "a new one")):
        sent = told | {"description": f"Roll {at}", "sector": text}
        assert client_of("engineer", "fa").post(reverse("new_need"), sent).status_code == 302
    found = Need.objects.filter(description__startswith="Roll").order_by("description")
    assert list(found.values_list("sector", flat=True)) == ["steel", "steel", "a new one"]


def test_several_are_taken_by_name_or_key(named: Any, client_of: Callable[..., Any]) -> None:
    officer = client_of("officer")
    told = {"title": "Accord", "signed": "2024-09-01"}
    sent = told | {"parties": "Agency; ریخته‌گری اصفهان؛ ORG-3;ORG-3"}
    assert typed(officer, reverse("new_agreement"), **sent).status_code == 302
    assert Agreement.objects.get().parties == "agency;ORG-1;ORG-3"
    answer = typed(officer, reverse("new_agreement"), **told, parties="Agency; nobody; no one")
    assert answer.status_code == 422
    page = words(answer)
    assert "this key or name: nobody." in page
    assert "this key or name: no one." in page


def test_needs_of_a_package_are_taken_by_their_words(
    programme: Any, client_of: Callable[..., Any]
) -> None:
    Need.objects.update(state="published", access="public")
    sent = {
        "title": "Bearings",
        "closes": "2030-01-01",
        "need_ids": "spherical ROLLER bearing 22220 E",
    }
    answer = typed(client_of("officer"), reverse("new_package"), **sent)
    assert answer.status_code == 302
    assert RECORDS["packages"].objects.get().need_ids == "N1"


def test_a_role_is_given_in_an_organisation_by_its_name(
    named: Any, client_of: Callable[..., Any], people: dict[str, Any]
) -> None:
    url = reverse("person_role", args=[people["maker"].pk])
    sent = {"role": "maker", "organisation": "foundry OF isfahan", "since": "2024-09-01"}
    assert client_of("administrator").post(url, sent).status_code == 302
    assert Membership.objects.filter(user=people["maker"], organisation="ORG-1").exists()
    answer = client_of("administrator").post(url, sent | {"organisation": "Northern Castings"})
    assert "ORG-2 (Maker · Gilan)" in words(answer)


def test_settings_are_named_in_words(programme: Any, client_of: Callable[..., Any]) -> None:
    page = client_of("administrator").get(reverse("programme_settings")).content.decode()
    assert 'for="id_home" dir="auto">Iran</output>' in page
    assert 'for="id_currency" dir="auto">Euro</output>' in page


# What stands beside a box.


def test_a_form_that_opens_with_a_key_says_whose_it_is(
    named: Any, client_of: Callable[..., Any]
) -> None:
    Desk.objects.filter(pk="steel").update(agency="ORG-1", target_currency="EUR")
    for language, name, euro in (
        ("en", "Foundry of Isfahan · Maker · Isfahan", "Euro"),
        ("fa", "ریخته‌گری اصفهان · سازنده · اصفهان", "یورو"),
    ):
        page = client_of("officer", language).get(reverse("catalogue_desks_change", args=["steel"]))
        text = page.content.decode()
        assert f'for="id_agency_id" dir="auto">{name}</output>' in text
        assert f'for="id_target_currency" dir="auto">{euro}</output>' in text
        assert 'value="ORG-1"' in text


def test_a_form_does_not_name_what_is_hidden(
    people: dict[str, Any], client_of: Callable[..., Any]
) -> None:
    world = worlds.build(people)
    hidden = world.world.hidden_from(actor_of(people["stranger"], worlds.DAY))
    client = client_of("stranger")
    for mark, made in hidden.items():
        if isinstance(made, Need):
            page = client.get(reverse("exception_ask"), {"need": made.pk}).content.decode()
            assert 'id="id_need_id_told" for="id_need_id" dir="auto"></output>' in page
            assert mark not in page
    own = world.sides["mill"].needs["matched"]
    page = client.get(reverse("exception_ask"), {"need": own.pk}).content.decode()
    assert own.description in page


def test_a_cell_of_an_upload_has_its_list(
    programme: Any, actors: dict[str, Any], client_of: Callable[..., Any]
) -> None:
    upload = begin(
        actors["engineer"], csv("R1,Valve,BV,12,furlongs,310.5,Eruo,", headings=HEADINGS)
    )
    page = client_of("engineer").get(reverse("upload", args=[upload.pk])).content.decode()
    for column, of in (("unit", "unit"), ("currency", "currency")):
        box = re.search(rf'<input[^>]*name="cell:2:{column}"[^>]*>', page)[0]
        assert f'hx-get="/choose/{of}/"' in box
        assert f'aria-describedby="why-2-{column} ' in box
        assert f'<datalist id="{re.search(r"""list="([^"]+)""", box)[1]}">' in page


def forms_of(client: Any, actor: Any) -> Iterator[tuple[str, forms.BaseForm]]:
    """Give each form that somebody is shown, with the route of its page."""
    for route in routes():
        if route in FIXED:
            continue
        keys = keys_of(actor, model_of(route))[0] if "<" in route else [""]
        for key in keys:
            answer = client.get(address(route, key) if key else f"/{route}")
            if form := (answer.context or {}).get("form"):
                yield route, form


_CODES = ("hs", "isic", "currency", "country", "unit", "place")
_OWN_CODES = {"code", "url", "number", "hash", "username"}
"""Boxes for codes that nobody could choose: of a sign-in, a hook, the audit, and one's own."""


@pytest.mark.slow
@pytest.mark.parametrize("role", ["officer", "engineer", "maker", "researcher", "administrator"])
def test_every_box_for_a_key_or_a_code_has_a_list(
    people: dict[str, Any], client_of: Callable[..., Any], role: str
) -> None:
    worlds.build(people)
    bare, chosen = [], 0
    for route, form in forms_of(client_of(role), actor_of(people[role], worlds.DAY)):
        for name, field in form.fields.items():
            widget = field.widget
            if widget.is_hidden or isinstance(widget, KeyInput):
                chosen += isinstance(widget, KeyInput)
                continue
            column = None
            if isinstance(form, RecordForm) and name in form.columns:
                column = schema(form.table).column(name)
            is_text = isinstance(widget, forms.TextInput | forms.Textarea)
            coded = column is not None and (column.table or column.type in _CODES)
            looks_coded = "code" in widget.attrs.get("class", "").split()
            own_key = column is not None and (column.type == "key" or name == "part_number")
            if is_text and (coded or looks_coded) and not own_key and name not in _OWN_CODES:
                bare.append(f"{route}: {name}")
    assert chosen
    assert not bare


def test_who_is_not_signed_in_has_plain_boxes(client_of: Callable[..., Any]) -> None:
    page = client_of("public").get(reverse("new_idea")).content.decode()
    assert 'name="sector"' in page
    assert "/choose/" not in page


def test_a_key_field_without_an_actor_takes_what_was_typed() -> None:
    assert KeyField("organisations").clean(" ORG-1 ") == "ORG-1"


# In a browser.


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("fa", 390)])
def test_one_types_chooses_and_is_told(
    page_of: Callable[..., Any], named: Any, language: str, width: int
) -> None:
    page = page_of("officer", language, width)
    page.goto(reverse("catalogue_desks_new"))
    box, listed = page.locator("#id_agency_id"), "#id_agency_id_list option"
    box.fill("ريخته" if language == "fa" else "isfahan")
    page.locator(f"{listed}[value='ORG-1']").wait_for(state="attached")
    box.fill("ORG-1")
    name = "ریخته‌گری اصفهان" if language == "fa" else "Foundry of Isfahan"
    page.locator("#id_agency_id_told", has_text=name).wait_for()
    box.fill("ORG-1x")
    page.locator("#id_agency_id_told:empty").wait_for(state="attached")
    box.fill("ORG-1")
    page.locator("#id_agency_id_told", has_text=name).wait_for()
    sound(page)
    assert narrow(page)
    page.goto(reverse("new_agreement"))
    parties = page.locator("#id_parties")
    parties.fill("ORG-2; isfahan")
    page.locator("#id_parties_list option[value='ORG-2; ORG-1']").wait_for(state="attached")
    parties.fill("ORG-2; ORG-1")
    page.locator("#id_parties_told", has_text=name).wait_for()
    sound(page)
    assert not page.troubles
