"""An engineer's needs: listed, added, changed."""

from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed

from onshore.desk.actions import quotations
from onshore.desk.models import AuditEntry, Need

pytestmark = pytest.mark.django_db

NEW = {
    "buyer_id": "steelworks",
    "description": "Mandrel bar, H13, 128 mm",
    "yearly_quantity": "۱٬۲۰۰",
    "unit": "عدد",
    "import_price": "۴۵۰٫۵",
    "currency": "EUR",
    "price_date": "۱۴۰۳/۰۷/۱۲",
    "access": "restricted",
}


def test_a_need_is_added_with_persian_digits_units_and_days(client_of, programme):
    client = client_of("engineer", "fa")
    answer = typed(client, reverse("new_need"), **NEW)
    made = Need.objects.get(description=NEW["description"])
    assert answer.url == reverse("need", args=[made.pk])
    assert (made.yearly_quantity, made.unit) == (1200, "H87")
    assert (made.import_price, str(made.price_date)) == (Decimal("450.5"), "2024-10-03")
    assert (made.state, made.buyer_id) == ("draft", "steelworks")
    assert made.yearly_value == pytest.approx(1200 * 450.5)
    line = AuditEntry.objects.get(key=made.pk)
    assert (line.actor, line.action) == ("engineer", "needs.add")


def test_a_changed_price_is_valued_anew_in_the_programmes_currency(client_of, programme):
    client, address = client_of("engineer"), reverse("change_need", args=["N1"])

    def value_once(**told):
        form = client.get(address).context["form"]
        filled = {field.html_name: field.value() or "" for field in form}
        assert client.post(address, filled | told).status_code == 302
        return Need.objects.get(pk="N1").yearly_value

    assert value_once(yearly_quantity="۱۰") == pytest.approx(10 * 310.5)
    assert value_once(import_price="200", currency="USD") == pytest.approx(10 * 200 * 0.9)
    # On that day the programme knows no rate: better no value than a wrong one.
    assert value_once(price_date="2020-01-01") is None
    assert value_once(price_date="") == pytest.approx(10 * 200 * 0.9)  # its own price date
    assert "yearly_value" not in "".join(AuditEntry.objects.values_list("after", flat=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"description": ""},
        {"yearly_quantity": "many"},
        {"unit": "cubit of Noah"},
        {"price_date": "1403/13/40"},
        {"currency": "ZZZ"},
        {"buyer_id": "rival"},
    ],
)
def test_a_wrong_need_is_not_added_and_what_was_typed_is_kept(client_of, programme, wrong):
    answer = typed(client_of("engineer"), reverse("new_need"), **NEW | {"brand": "Kept"} | wrong)
    assert answer.status_code == 422
    assert "Kept" in answer.content.decode()
    assert next(iter(wrong)) in answer.context["form"].errors
    assert Need.objects.count() == 1


def test_a_need_is_changed_and_a_stale_form_is_told(client_of, programme):
    client, address = client_of("engineer"), reverse("change_need", args=["N1"])
    form = client.get(address).context["form"]
    first = {field.html_name: field.value() or "" for field in form}
    assert client.post(address, first | {"yearly_quantity": "150"}).status_code == 302
    programme.need.refresh_from_db()
    assert programme.need.yearly_quantity == 150
    again = client.post(address, first | {"yearly_quantity": "90", "once": "another"})
    assert again.status_code == 409
    assert "Somebody else changed this record" in again.content.decode()
    programme.need.refresh_from_db()
    assert programme.need.yearly_quantity == 150


def test_the_list_shows_what_waits_at_each_need(actors, client_of, programme):
    Need.objects.filter(pk="N1").update(state="scouting")
    quotations.submit(actors["maker"], "N1", {"price": Decimal(9), "currency": "EUR"})
    client = client_of("engineer")
    text = client.get(reverse("my_needs")).content.decode()
    assert "Spherical roller bearing 22220 E" in text
    assert reverse("compare_quotations", args=["N1"]) in text
    assert "/needs/N1/" not in client.get(reverse("my_needs"), {"state": "draft"}).content.decode()
    assert "/needs/N1/" in client.get(reverse("my_needs"), {"waits": "yes"}).content.decode()
    exported = client.get(reverse("my_needs"), {"export": "csv"}).content.decode("utf-8-sig")
    assert "Spherical roller bearing 22220 E" in exported


@pytest.mark.parametrize("role", ["maker", "rival", "researcher", "analyst", "verifier"])
def test_others_neither_add_nor_change_needs(client_of, programme, role):
    client = client_of(role)
    assert client.get(reverse("new_need")).status_code == 403
    assert client.get(reverse("change_need", args=["N1"])).status_code in (403, 404)
    assert "Spherical" not in client_of("maker").get(reverse("my_needs")).content.decode()


def test_the_list_costs_few_queries_whatever_its_length(
    client_of, programme, django_assert_max_num_queries
):
    Need.objects.bulk_create(
        Need(
            need_id=f"M{number}",
            buyer_id="steelworks",
            description=f"Roll {number}",
            state="published",
            yearly_quantity=Decimal(number),
            unit="H87",
        )
        for number in range(1, 300)
    )
    client = client_of("engineer")
    client.get(reverse("my_needs"))
    with django_assert_max_num_queries(12):
        client.get(reverse("my_needs"))
