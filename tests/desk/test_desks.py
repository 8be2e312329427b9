"""A sector's desk: what it aims at, what is signed, delivered and verified of it."""

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override

from onshore.desk.actions import desks
from onshore.desk.actions.acting import Refused
from onshore.desk.events.pack import event_pack
from onshore.desk.models import RECORDS, AuditEntry, Claim, Deal, Delivery, Desk, Need
from onshore.desk.policies import NotAllowed
from onshore.desk.reckoning.desk_standing import desk_standing
from onshore.figures import Basis

pytestmark = pytest.mark.django_db


def deal(key: str, basis: str, value: float, need: str | None, **facts: Any) -> Deal:
    told: dict[str, Any] = {
        "deal_id": key,
        "basis": basis,
        "desk_id": "steel",
        "buyer_id": "steelworks",
        "maker_id": "workshop",
        "need_id": need,
        "value": Decimal(str(value)),
        "currency": "EUR",
        "quantity": Decimal(100),
        "unit": "H87",
        "signed": date(2024, 9, 10),
    }
    return Deal.objects.create(**told | facts)


@pytest.fixture
def signed(programme: Any) -> Any:
    """One need with an MoU and the contract after it; another MoU; a contract in dollars."""
    Need.objects.create(need_id="N2", buyer_id="steelworks", description="Pump", sector="steel")
    deal("M1", "MoU", 90_000, "N1")
    contract = deal("C1", "contracted", 100_000, "N1")
    deal("M2", "MoU", 40_000, "N2")
    deal("C2", "contracted", 10_000, None, currency="USD")
    deal("C3", "contracted", 5_000, None, currency="JPY")  # there is no rate
    for number, (quantity, accepted) in enumerate([(50, 50), (30, 10)]):
        Delivery.objects.create(
            delivery_id=f"V{number}", deal=contract, delivered_on=date(2024, 9, 20),
            quantity=Decimal(quantity), accepted=Decimal(accepted), unit="H87", serial=True,
        )  # fmt: skip
    baseline = RECORDS["baselines"].objects.create(
        baseline_id="B1", item_id="I1", buyer_id="steelworks", reference_cif=Decimal(310),
        currency="EUR", price_date=date(2024, 1, 10), unit="H87", frozen_on=date(2024, 2, 1),
        evidence="Invoice",
    )  # fmt: skip
    Claim.objects.create(
        claim_id="K1", item_id="I1", buyer_id="steelworks", deal=contract, desk_id="steel",
        period="1403", basis="verified", quantity=Decimal(40), baseline=baseline,
        imported_content=Decimal(60), claimed_by="engineer", verified_by="verifier",
    )  # fmt: skip
    return programme


def standing(actor: Any) -> Any:
    return desk_standing(actor, Desk.objects.get())


def test_each_step_is_part_of_the_one_before(signed: Any, actors: Any) -> None:
    found = standing(actors["officer"])
    assert found.worth == {
        Basis.MOU: 40_000,  # that of N1 became a contract
        Basis.CONTRACTED: 100_000 + 9_000,
        Basis.DELIVERED: 80_000,
        Basis.ACCEPTED: 60_000,
        Basis.VERIFIED: 40_000,
    }
    assert (found.target, found.currency) == (1_000_000, "EUR")
    assert (found.not_valued, found.claims, found.saved) == (1, 1, 40 * 250)
    assert found.within is None


def test_what_is_signed_within_the_days_of_the_target(signed: Any, actors: Any) -> None:
    Desk.objects.update(target_period="1403-H1")
    deal("C4", "contracted", 7_000, None, signed=date(2024, 9, 22))  # the first day of autumn
    found = standing(actors["officer"])
    assert found.within == 40_000 + 109_000


def test_delivering_more_than_agreed_is_worth_no_more(signed: Any, actors: Any) -> None:
    Delivery.objects.update(quantity=Decimal(900), accepted=Decimal(900))
    found = standing(actors["officer"])
    assert found.worth[Basis.DELIVERED] == found.worth[Basis.ACCEPTED] == 100_000


def test_units_are_told_in_each_other(signed: Any, actors: Any) -> None:
    Deal.objects.filter(pk="C1").update(unit="TNE")
    Delivery.objects.update(unit="KGM", quantity=Decimal(10_000), accepted=Decimal(0))
    found = standing(actors["officer"])
    assert found.worth[Basis.DELIVERED] == 20_000
    Delivery.objects.update(unit="LTR")  # litres are no tonnes
    cache.clear()  # no action changed it
    assert standing(actors["officer"]).worth[Basis.DELIVERED] == 0


def test_a_buyer_sees_its_own_deals_only(signed: Any, actors: Any, client_of: Any) -> None:
    Deal.objects.exclude(pk="M2").update(buyer="university")
    found = standing(actors["engineer"])
    assert found.worth[Basis.CONTRACTED] == 0
    assert found.worth[Basis.MOU] == 40_000
    assert "that you may see" in page(client_of("engineer"), "/desks/steel/")


def raw(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[-2000:]
    return unescape(answer.content.decode())


def page(client: Client, address: str, status: int = 200) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", raw(client, address, status)).split())


def test_the_page(signed: Any, client_of: Any, django_assert_max_num_queries: Any) -> None:
    client = client_of("officer")
    assert "Steel desk" in page(client, "/desks/")
    with django_assert_max_num_queries(12):
        shown = page(client, "/desks/steel/")
    assert "11 % of the target is contracted, 4 % verified" in shown.replace("%", " %").replace(
        "  ", " "
    )
    assert "1 deal is left out" in shown
    with django_assert_max_num_queries(12):
        assert "Draft" in page(client, "/desks/steel/?show=work")
    assert "میز فولاد" in raw(client_of("officer", "fa"), "/desks/steel/")
    assert client_of("public").get("/desks/steel/").status_code == 302
    page(client, "/desks/none/", 404)


def test_a_desk_is_opened_and_changed(programme: Any, client_of: Any, actors: Any) -> None:
    client = client_of("officer")
    sent = {
        "name": "Copper desk",
        "sector": "copper",
        "target_amount": "۵۰۰۰۰",
        "target_currency": "EUR",
        "target_period": "1404",
        "agency_id": "agency",
    }
    answer = client.post("/desks/new/", sent)
    assert answer.status_code == 302
    made = Desk.objects.get(sector="copper")
    assert (made.target_amount, made.agency_id) == (50_000, "agency")
    wrong = client.post(f"/desks/{made.pk}/change/", {**sent, "target_amount": "-5"})
    assert wrong.status_code == 422
    sent |= {"target_amount": "60000", "version": "1", "reason": "New budget"}
    assert client.post(f"/desks/{made.pk}/change/", sent).status_code == 302
    assert client.post(f"/desks/{made.pk}/change/", sent).status_code == 409
    line = AuditEntry.objects.get(action="desks.change")
    was, now = json.loads(line.before), json.loads(line.after)
    assert (Decimal(was["target_amount"]), Decimal(now["target_amount"])) == (50_000, 60_000)
    assert (set(now), line.reason) == ({"target_amount"}, "New budget")
    with pytest.raises(Refused, match="no currency"):
        desks.add(actors["officer"], {"name": "X", "sector": "x", "target_amount": Decimal(1)})
    with pytest.raises(NotAllowed):
        desks.add(actors["engineer"], {"name": "X", "sector": "x"})
    assert client_of("analyst").get("/desks/new/").status_code == 403


def told(bulletin: Any) -> str:
    """All that a bulletin says, in one text."""
    parts = [
        bulletin.title,
        bulletin.subtitle,
        *(text for pair in bulletin.imprint for text in pair),
    ]
    for section in bulletin.sections:
        parts += [section.title, section.lead, *(head.value for head in section.headlines)]
        parts += [
            str(cell) for table in section.tables for row in table.frame.rows() for cell in row
        ]
    return "\n".join(parts)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_pack_holds_what_the_public_may_see(
    programme: Any, client_of: Any, language: str
) -> None:
    event = RECORDS["events"].objects.create(
        event_id="E1", title="Steel fair", desk_id="steel", starts=date(2024, 11, 1)
    )
    for key, access in (("P1", "public"), ("R1", "restricted")):
        Need.objects.create(
            need_id=key, buyer_id="steelworks", description=f"Slide gate {key}", sector="steel",
            state="published", access=access, yearly_quantity=Decimal(1200), unit="H87",
            import_price=Decimal("777.5"), currency="EUR",
        )  # fmt: skip
    with override(language):
        text = told(event_pack(programme.desk, event, date(2024, 10, 1)))
    for seen in ("Slide gate P1", "Steel fair", "1200"):
        assert seen in text
    for hidden in ("R1", "777", "Steelworks"):
        assert hidden not in text
    assert ("میز فولاد" in text) is (language == "fa")
    client = client_of("officer", language)
    assert "event=E1" in raw(client, "/desks/steel/?show=work")
    answer = client.get("/desks/steel/pack.pdf/?event=E1")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client.get("/desks/steel/pack.pdf/?event=none").status_code == 404


def test_what_was_reckoned_stands_until_something_is_done(signed: Any, actors: Any) -> None:
    before = standing(actors["officer"])
    assert standing(actors["officer"]) == before
    values = {"target_amount": Decimal(500_000), "target_currency": "EUR"}
    desks.change(actors["officer"], "steel", values, reason="a smaller budget")
    assert standing(actors["officer"]).target == 500_000 != before.target
