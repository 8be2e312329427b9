"""Deliveries: recorded by the maker, accepted by the buyer's engineer."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed

from onshore.desk.actions import deliveries
from onshore.desk.actions.acting import Refused
from onshore.desk.models import Alert, AuditEntry, Deal, Delivery
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(programme):
    programme.need.state = "qualified"
    programme.need.save()
    return Deal.objects.create(
        deal_id="D1",
        basis="contracted",
        buyer_id="steelworks",
        maker_id="workshop",
        need=programme.need,
        quantity=Decimal(500),
        unit="KGM",
        signed=date(2024, 9, 1),
    )


LOT = {
    "delivered_on": date(2024, 9, 20),
    "quantity": Decimal(40),
    "unit": "",
    "serial": True,
    "evidence": "",
}


@pytest.fixture
def delivery(actors, deal):
    return deliveries.record(actors["maker"], "D1", LOT)


def test_a_delivery_is_recorded_on_the_page_and_told_to_the_buyer(client_of, deal):
    client = client_of("maker", "fa")
    told = {"deal_id": "D1", "delivered_on": "۱۴۰۳/۰۶/۳۰", "quantity": "۴۰٫۵", "serial": "on"}
    answer = typed(client, f"{reverse('record_delivery')}?deal=D1", **told)
    made = Delivery.objects.get()
    assert answer.url == reverse("delivery", args=[made.pk])
    assert (made.delivered_on, made.quantity) == (date(2024, 9, 20), Decimal("40.5"))
    assert (made.unit, made.serial, made.accepted) == ("KGM", True, None)
    assert Alert.objects.filter(user__username="engineer", kind="delivery.recorded").exists()
    assert "۴۰٫۵" in client_of("engineer", "fa").get(reverse("deliveries")).content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"delivered_on": date(2999, 1, 1)}, "delivered_on"),
        ({"delivered_on": date(2024, 8, 31)}, "delivered_on"),
        ({"unit": "H87"}, "unit"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(actors, deal, wrong, field):
    with pytest.raises(Refused) as refused:
        deliveries.record(actors["maker"], "D1", LOT | wrong)
    assert refused.value.field == field
    assert refused.value.next_step


def test_serial_supply_needs_a_qualified_product(actors, deal, programme):
    programme.need.state = "sample"
    programme.need.save()
    with pytest.raises(Refused, match="not yet"):
        deliveries.record(actors["maker"], "D1", LOT)
    assert deliveries.record(actors["maker"], "D1", LOT | {"serial": False}).serial is False


def test_nothing_is_delivered_under_an_mou(actors, deal):
    Deal.objects.filter(pk="D1").update(basis="MoU")
    with pytest.raises(Refused, match="MoU"):
        deliveries.record(actors["maker"], "D1", LOT)


def test_the_engineer_accepts_a_part_with_a_reason(client_of, delivery):
    client, address = client_of("engineer"), reverse("delivery", args=[delivery.pk])
    answer = typed(client, address, accepted="38", evidence="GRN 5", reason="")
    assert answer.status_code == 422
    assert "A reason is needed" in answer.content.decode()
    sent = {"accepted": "38", "evidence": "GRN 5", "reason": "Two rings cracked"}
    assert typed(client, address, **sent).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.accepted, delivery.accepted_by) == (38, "engineer")
    assert AuditEntry.objects.get(action="deliveries.accept").reason == "Two rings cracked"
    told = Alert.objects.get(user__username="maker", kind="delivery.accepted")
    assert told.facts["accepted"] == "38"
    assert "accepted in part" in client_of("maker").get(address).content.decode()


@pytest.mark.parametrize(
    ("accepted", "told", "says"),
    [
        (41, {"evidence": "GRN"}, "More is accepted"),
        (-1, {"evidence": "GRN"}, "how much"),
        (40, {}, "receipt"),
        (40, {"evidence": "GRN", "accepted_on": date(2999, 1, 1)}, "ahead"),
        (40, {"evidence": "GRN", "accepted_on": date(2024, 9, 19)}, "before the delivery"),
    ],
)
def test_an_acceptance_that_cannot_be_is_refused(actors, delivery, accepted, told, says):
    with pytest.raises(Refused, match=says):
        deliveries.accept(actors["engineer"], delivery.pk, Decimal(accepted), **told)
    delivery.refresh_from_db()
    assert delivery.accepted is None


def test_what_is_accepted_stays(actors, delivery):
    deliveries.accept(actors["engineer"], delivery.pk, Decimal(40), evidence="GRN 5")
    with pytest.raises(Refused, match="already"):
        deliveries.accept(actors["engineer"], delivery.pk, Decimal(1), reason="Mistake")


@pytest.mark.parametrize("role", ["maker", "rival", "verifier", "officer", "analyst", "auditor"])
def test_only_the_buyers_engineer_accepts(actors, client_of, delivery, role):
    with pytest.raises((NotAllowed, Refused)):
        deliveries.accept(actors[role], delivery.pk, Decimal(40), evidence="GRN")
    posted = client_of(role).post(reverse("delivery", args=[delivery.pk]), {"accepted": "40"})
    assert posted.status_code in (403, 404)


@pytest.mark.parametrize("role", ["rival", "engineer", "officer"])
def test_only_the_contracts_maker_delivers(actors, deal, role):
    with pytest.raises((NotAllowed, Refused)):
        deliveries.record(actors[role], "D1", LOT)


def test_another_maker_sees_nothing_of_it(client_of, delivery):
    client = client_of("rival")
    assert client.get(reverse("delivery", args=[delivery.pk])).status_code == 404
    for name in ("deliveries", "my_deals", "record_delivery"):
        shown = client.get(reverse(name)).content.decode()
        # Not "D1" alone: the page's random token may spell it.
        assert not re.search(r"\bD1\b", shown)
