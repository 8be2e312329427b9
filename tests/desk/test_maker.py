"""A maker's pages: needs it can make, its quotations, its products."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed

from onshore.desk.actions import offers, quotations
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.models import Alert, Need, Offer, Quotation
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(programme):
    programme.need.state = "scouting"
    programme.need.past_quantity = Decimal(90)
    programme.need.save()
    return programme.need


PRICE = {"maker_id": "workshop", "price": "۲۴۰٫۵", "currency": "EUR", "unit": "H87"}


def test_a_maker_sees_the_needs_it_can_make_without_their_import_price(client_of, need):
    page = client_of("maker").get(reverse("needs_i_can_make"))
    text = page.content.decode()
    assert page.status_code == 200
    for told in ("Spherical roller bearing 22220 E", "120", "90", "60 days", "part number agrees"):
        assert told in text
    assert "310.5" not in text
    assert reverse("quote", args=["N1"]) in text


@pytest.mark.parametrize("state", ["draft", "contracted", "on hold"])
def test_a_need_that_takes_no_quotations_is_not_offered(client_of, need, state):
    Need.objects.filter(pk="N1").update(state=state)
    page = client_of("maker").get(reverse("needs_i_can_make"))
    assert "Spherical roller bearing 22220 E" not in page.content.decode()


def test_a_rejected_candidate_is_not_offered_and_its_need_is_hidden(client_of, need, programme):
    programme.candidates["workshop"].decision = "rejected"
    programme.candidates["workshop"].save()
    client = client_of("maker")
    assert "22220 E" not in client.get(reverse("needs_i_can_make")).content.decode()
    assert client.get(reverse("quote", args=["N1"])).status_code == 404


def test_a_quotation_is_handed_in_with_persian_digits(client_of, need, people):
    client = client_of("maker", "fa")
    answer = typed(client, reverse("quote", args=["N1"]), **PRICE, valid_until="1450/01/01")
    made = Quotation.objects.get()
    assert answer.url == reverse("quotation", args=[made.pk])
    assert (made.price, made.currency, made.maker_id) == (Decimal("240.5"), "EUR", "workshop")
    assert (made.state, made.valid_until) == ("submitted", date(2071, 3, 21))
    assert "۲۴۰٫۵" in client.get(answer.url).content.decode()
    assert set(Alert.objects.values_list("user__username", "kind")) == {
        ("engineer", "quotation.submitted")
    }


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"price": "0"}, "above zero"),
        ({"price": ""}, "required"),
        ({"currency": "JPY"}, "There is no exchange rate for JPY"),
        ({"valid_until": "2001-01-01"}, "is past"),
        ({"price": "cheap"}, "price"),
    ],
)
def test_what_is_wrong_in_a_quotation_is_told_and_what_was_typed_is_kept(
    client_of, need, told, says
):
    sent = {**PRICE, "note": "Forged at home", "price": "240", **told}
    answer = typed(client_of("maker"), reverse("quote", args=["N1"]), **sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text
    assert "Forged at home" in text
    assert not Quotation.objects.exists()


def test_the_same_form_sent_twice_makes_one_quotation(client_of, need):
    client = client_of("maker")
    form = client.get(reverse("quote", args=["N1"])).context["form"]
    sent = {**PRICE, "once": form["once"].value()}
    first, second = (client.post(reverse("quote", args=["N1"]), sent) for _ in range(2))
    assert first.url == second.url
    assert Quotation.objects.count() == 1


def test_a_maker_quotes_once_for_a_need_until_it_withdraws(actors, need):
    made = quotations.submit(actors["maker"], "N1", {"price": Decimal(9), "currency": "EUR"})
    with pytest.raises(Refused, match=made.pk):
        quotations.submit(actors["maker"], "N1", {"price": Decimal(8), "currency": "EUR"})
    quotations.withdraw(actors["maker"], made.pk)
    quotations.submit(actors["maker"], "N1", {"price": Decimal(8), "currency": "EUR"})
    assert Quotation.objects.count() == 2


def test_another_makers_quotation_and_product_are_out_of_reach(actors, client_of, need, programme):
    made = quotations.submit(actors["maker"], "N1", {"price": Decimal(9), "currency": "EUR"})
    rival = client_of("rival")
    for name in ("quotation", "change_quotation", "withdraw_quotation"):
        assert rival.get(reverse(name, args=[made.pk])).status_code == 404
    assert made.pk not in rival.get(reverse("my_quotations")).content.decode()
    with pytest.raises(Refused, match="not there"):
        quotations.submit(
            actors["rival"],
            "N1",
            {"price": Decimal(9), "currency": "EUR", "offer_id": "O-workshop"},
        )
    assert rival.get(reverse("change_offer", args=["O-workshop"])).status_code == 404


def test_a_stale_change_is_refused_and_shows_what_changed(actors, client_of, need):
    made = quotations.submit(actors["maker"], "N1", {"price": Decimal(9), "currency": "EUR"})
    client, address = client_of("maker"), reverse("change_quotation", args=[made.pk])
    form = client.get(address).context["form"]
    hidden = {field.name: field.value() for field in form.hidden_fields()}
    quotations.change(actors["maker"], made.pk, {"price": Decimal(7), "currency": "EUR"})
    answer = client.post(address, hidden | {"price": "8", "currency": "EUR"})
    assert answer.status_code == 409
    again = {field.name: field.value() for field in answer.context["form"].hidden_fields()}
    assert client.post(address, again | {"price": "8", "currency": "EUR"}).status_code == 302
    assert Quotation.objects.get().price == 8


def test_a_maker_reads_why_another_was_chosen(actors, client_of, need):
    made = quotations.submit(actors["maker"], "N1", {"price": Decimal(9), "currency": "EUR"})
    quotations.decide(
        actors["engineer"], made.pk, "not chosen", reason="Lead time of the other is half."
    )
    client = client_of("maker")
    for address in (reverse("my_quotations"), reverse("quotation", args=[made.pk])):
        assert "Lead time of the other is half." in client.get(address).content.decode()
    assert Alert.objects.filter(user__username="maker", kind="quotation.decided").count() == 1
    with pytest.raises(Refused):
        quotations.withdraw(actors["maker"], made.pk)


def test_a_product_is_added_and_changed_by_its_maker_only(actors, client_of, programme):
    client = client_of("maker")
    told = {
        "maker_id": "workshop",
        "description": "Bucket tooth, forged",
        "unit": "H87",
        "capacity_per_year": "۱٬۲۰۰",
    }
    answer = typed(client, reverse("new_offer"), **told)
    assert answer.status_code == 302
    made = Offer.objects.get(description="Bucket tooth, forged")
    assert (made.capacity_per_year, made.maker_id) == (1200, "workshop")
    assert "Bucket tooth, forged" in client.get(reverse("my_offers")).content.decode()
    address = reverse("change_offer", args=[made.pk])
    assert typed(client, address, **told | {"capacity_per_year": "900"}).status_code == 302
    made.refresh_from_db()
    assert made.capacity_per_year == 900
    with pytest.raises(Refused):
        offers.change(actors["rival"], made.pk, {"description": "Mine"})
    with pytest.raises(NotAllowed):
        offers.change(actors["engineer"], made.pk, {"description": "Mine"})
    with pytest.raises(Refused):
        offers.add(actors["maker"], {"maker_id": "rival", "description": "Mine"})


def test_a_price_needs_its_currency(actors, programme):
    with pytest.raises(Refused, match="currency"):
        offers.add(actors["maker"], {"description": "Bolt", "price": Decimal(1), "currency": ""})


def test_a_token_is_used_once(actors, programme):
    made = offers.add(actors["maker"], {"description": "Bolt"}, once="abc")
    with pytest.raises(AlreadyDone) as done:
        offers.add(actors["maker"], {"description": "Bolt"}, once="abc")
    assert done.value.key == made.pk


@pytest.mark.parametrize("role", ["engineer", "verifier", "researcher", "analyst", "auditor"])
def test_others_do_not_quote(actors, client_of, need, role):
    with pytest.raises((NotAllowed, Refused)):
        quotations.submit(actors[role], "N1", {"price": Decimal(9), "currency": "EUR"})
    assert client_of(role).get(reverse("quote", args=["N1"])).status_code in (403, 404)
