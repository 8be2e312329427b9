"""Organisations, desks, items, places, rates, code lists and settings on their pages."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from onshore.desk.actions import catalogue
from onshore.desk.models import RECORDS, AuditEntry, Item, Organisation, ProgrammeSettings
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

RATE = {
    "base": "USD",
    "quote": "EUR",
    "date": "2025-01-01",
    "until": "2025-01-31",
    "rate": "۰٫۹۵",
    "rate_type": "market",
    "source": "ECB",
}


def test_an_organisation_is_added_and_changed(client_of, programme):
    officer = client_of("officer")
    typed = {"organisation_id": "park/7", "name": "Park Seven", "role": "maker", "country": "ایران"}
    answer = officer.post(reverse("organisation_new"), typed)
    assert answer.url == reverse("organisation", args=["park/7"])
    made = Organisation.objects.get(pk="park/7")
    assert (made.country, made.role) == ("IR", "maker")
    changed = officer.post(
        reverse("organisation_change", args=["park/7"]),
        {"name": "Park 7", "role": "maker;buyer", "country": "IR", "version": 1},
    )
    assert changed.url == answer.url
    assert "Park 7" in officer.get(answer.url).content.decode()


def test_a_key_that_is_there_already_is_told(client_of, programme):
    typed = {"organisation_id": "workshop", "name": "Another", "role": "maker"}
    answer = client_of("officer").post(reverse("organisation_new"), typed)
    assert answer.status_code == 422
    assert Organisation.objects.get(pk="workshop").name == "Workshop"


def test_a_stale_form_is_told_and_loses_nothing(client_of, programme, actors):
    catalogue.change_record(
        actors["administrator"], "organisations", "workshop", {"website": "first.example"}
    )
    answer = client_of("officer").post(
        reverse("organisation_change", args=["workshop"]),
        {"name": "Workshop", "role": "maker", "website": "second.example", "version": 1},
    )
    assert answer.status_code == 409
    assert "second.example" in answer.content.decode()
    assert Organisation.objects.get(pk="workshop").website == "first.example"


def test_a_maker_changes_its_own_page_only(client_of, programme):
    maker = client_of("maker")
    own = reverse("organisation_change", args=["workshop"])
    others = reverse("organisation_change", args=["rival"])
    typed = {"name": "New", "role": "maker", "version": 1}
    assert maker.post(own, typed).status_code == 302
    assert maker.post(others, typed).status_code == 403
    assert Organisation.objects.get(pk="rival").name == "Rival"


@pytest.mark.parametrize("role", ["auditor", "analyst", "verifier", "researcher"])
def test_others_add_nothing_to_the_catalogue(client_of, actors, programme, role):
    client = client_of(role)
    for name in ("organisation_new", "catalogue_desks_new", "catalogue_rates_new"):
        assert client.post(reverse(name), {}).status_code == 403
    with pytest.raises(NotAllowed):
        catalogue.add_record(actors[role], "items", {"item_id": "X"})


def test_a_desk_with_its_target_is_added(client_of, programme):
    typed = {
        "desk_id": "copper",
        "name": "Copper desk",
        "name_fa": "میز مس",
        "sector": "copper",
        "agency_id": "agency",
        "opened": "1403/07/01",
        "target_amount": "۲٬۵۰۰٬۰۰۰",
        "target_currency": "یورو",
        "target_period": "1404",
    }
    answer = client_of("officer").post(reverse("catalogue_desks_new"), typed)
    assert answer.url == reverse("catalogue_desks")
    desk = RECORDS["desks"].objects.get(pk="copper")
    assert (desk.target_amount, desk.target_currency) == (Decimal(2500000), "EUR")
    assert desk.opened == date(2024, 9, 22)
    assert desk.agency_id == "agency"


def test_a_reference_to_nothing_is_told_at_its_field(client_of, programme):
    typed = {"desk_id": "x", "name": "X", "sector": "steel", "agency_id": "nobody"}
    answer = client_of("officer").post(reverse("catalogue_desks_new"), typed)
    assert answer.status_code == 422
    assert "nobody" in answer.content.decode()
    assert not RECORDS["desks"].objects.filter(pk="x").exists()


def test_an_item_is_changed_and_its_key_stays(client_of, programme):
    item = Item.objects.get(pk="I1")
    typed = {"description": "Bearing", "class": "mechanical", "unit": "عدد", "version": 1}
    answer = client_of("officer").post(reverse("catalogue_items_change", args=["I1"]), typed)
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.description, item.category, item.unit) == ("Bearing", "mechanical", "H87")


def test_a_rate_is_added_with_persian_digits(client_of, programme):
    answer = client_of("administrator").post(reverse("catalogue_rates_new"), RATE)
    assert answer.status_code == 302
    made = RECORDS["rates"].objects.get(date=date(2025, 1, 1))
    assert made.rate == Decimal("0.95")


@pytest.mark.parametrize(
    ("differs", "field"),
    [
        ({"rate": "0"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"base": "EUR"}, "quote"),
        ({"base": "XXQ"}, "base"),
        ({"date": "2024-09-01"}, "date"),
        ({"base": "EUR", "quote": "USD", "date": "2024-10-01", "rate": "9"}, "rate"),
        ({"date": "2024-08-20", "until": "2024-09-10"}, "until"),
    ],
)
def test_a_rate_that_contradicts_is_refused(client_of, programme, differs, field):
    answer = client_of("administrator").post(reverse("catalogue_rates_new"), {**RATE, **differs})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert RECORDS["rates"].objects.count() == 1


def test_a_rate_is_corrected_and_removed_with_a_reason(client_of, programme):
    administrator, rate = client_of("administrator"), RECORDS["rates"].objects.get()
    typed = {**RATE, "date": "2024-09-01", "until": "2024-12-31", "rate": "0.91"}
    changed = administrator.post(reverse("catalogue_rates_change", args=[rate.pk]), typed)
    assert changed.status_code == 302
    rate.refresh_from_db()
    assert rate.rate == Decimal("0.91")
    url = reverse("rate_remove", args=[rate.pk])
    assert administrator.post(url, {"reason": ""}).status_code == 422
    assert administrator.post(url, {"reason": "typed twice"}).status_code == 302
    assert not RECORDS["rates"].objects.exists()
    assert "0.91" in AuditEntry.objects.get(action="rates.remove").before


@pytest.mark.parametrize("name", ["hs", "isic", "units", "currencies", "countries", "provinces"])
def test_code_lists_are_shown_and_searched(client_of, programme, name):
    answer = client_of("maker").get(reverse("code_list", args=[name]))
    assert answer.status_code == 200
    assert answer.context["count"] > 25


def test_a_code_is_found_by_its_persian_name(client_of, programme):
    maker = client_of("maker")
    page = maker.get(reverse("code_list", args=["currencies"]), {"q": "يورو"}).content.decode()
    assert "EUR" in page
    assert maker.get(reverse("code_list", args=["nonsense"])).status_code == 404


def settings_typed(**differs: str) -> dict[str, str]:
    return {
        "name": "Programme",
        "name_fa": "برنامه",
        "home": "ایران",
        "currency": "EUR",
        "calendar": "solar_hijri",
        "price_date": "1403/07/01",
        "rate_type": "market",
        "discount_rate": "۰٫۰۸",
        "first_year": "۱۴۰۴",
        "years": "5",
        "phases": "۱ = ۱۴۰۴؛ 2 = 1406",
    } | differs


def test_the_programme_s_settings_are_changed(client_of, programme):
    administrator = client_of("administrator")
    answer = administrator.post(reverse("programme_settings"), settings_typed())
    assert answer.url == reverse("catalogue")
    held = ProgrammeSettings.objects.get().settings
    assert held["home"] == "IR"
    assert held["price_date"] == "2024-09-22"
    assert held["discount_rate"] == 0.08
    assert held["phases"] == {"1": 1404, "2": 1406}
    line = AuditEntry.objects.get(action="programme.change")
    assert "0.08" in line.after
    assert "currency" not in line.after
    shown = administrator.get(reverse("programme_settings")).content.decode()
    assert "1 = 1404; 2 = 1406" in shown


def test_settings_that_another_changed_meanwhile_are_told_with_what_changed(client_of, programme):
    address = reverse("programme_settings")
    administrator = client_of("administrator")
    opened = administrator.get(address).context["form"]
    hidden = {field.html_name: field.value() for field in opened.hidden_fields()}
    other = administrator.post(address, settings_typed(currency="USD"))
    assert other.status_code == 302
    answer = administrator.post(address, settings_typed(name="Mine") | hidden)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody else changed this record" in page
    assert "USD" in page  # what changed
    assert 'value="Mine"' in page  # what was typed
    held = ProgrammeSettings.objects.get()
    assert (held.settings["currency"], held.version) == ("USD", 2)
    form = answer.context["form"]
    again = {field.html_name: field.value() for field in form.hidden_fields()}
    assert administrator.post(address, settings_typed(name="Mine") | again).status_code == 302
    assert ProgrammeSettings.objects.get().settings["name"] == "Mine"


@pytest.mark.parametrize(
    ("differs", "field"),
    [
        ({"home": "Nowhere"}, "home"),
        ({"currency": "ZZZ"}, "currency"),
        ({"price_date": "1403/13/01"}, "price_date"),
        ({"first_year": "99999"}, "first_year"),
        ({"years": "0"}, "years"),
        ({"discount_rate": "1.5"}, "discount_rate"),
        ({"phases": "one"}, "phases"),
        ({"name": ""}, "name"),
    ],
)
def test_settings_that_cannot_be_are_told(client_of, programme, differs, field):
    answer = client_of("administrator").post(
        reverse("programme_settings"), settings_typed(**differs)
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert ProgrammeSettings.objects.get().settings["name"] == "Test programme"


@pytest.mark.parametrize("role", ["officer", "engineer", "maker", "auditor"])
def test_the_settings_are_the_administrator_s(client_of, programme, role):
    answer = client_of(role).post(reverse("programme_settings"), settings_typed())
    assert answer.status_code == 403


def test_an_organisation_s_page_shows_only_what_one_may_see(client_of, programme):
    url = reverse("organisation", args=["steelworks"])
    assert programme.need.description in client_of("engineer").get(url).content.decode()
    assert programme.need.description not in client_of("maker").get(url).content.decode()
    people = client_of("administrator").get(url).content.decode()
    assert "verifier" in people
