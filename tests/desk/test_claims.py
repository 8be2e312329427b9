"""Savings claimed from accepted deliveries, verified or refused by somebody else."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from onshore.desk.actions import claims
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.auditing import audit
from onshore.desk.models import RECORDS, Alert, AuditEntry, Claim, Deal, Delivery, Need
from onshore.desk.policies import NotAllowed
from onshore.desk.tables.frames import frame_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(programme: Any) -> Any:
    """A contract with 100 serial pieces accepted in 1403, and a baseline of 310 EUR CIF."""
    Need.objects.update(state="serial supply")
    RECORDS["baselines"].objects.create(
        baseline_id="B1", item_id="I1", buyer_id="steelworks", reference_cif=Decimal(310),
        currency="EUR", price_date=date(2024, 1, 10), duty=0.1, handling_inland=Decimal(4),
        volume=Decimal(400), unit="H87", frozen_on=date(2024, 2, 1), until=date(2026, 3, 20),
        evidence="Customs declaration 1",
    )  # fmt: skip
    deal = Deal.objects.create(
        deal_id="D1", basis="contracted", buyer_id="steelworks", maker_id="workshop",
        need_id="N1", item_id="I1", desk_id="steel", quantity=Decimal(240), unit="H87",
        value=Decimal(57600), currency="EUR", signed=date(2024, 3, 1),
    )  # fmt: skip
    for number, (accepted, serial) in enumerate([(60, True), (40, True), (20, False)]):
        Delivery.objects.create(
            delivery_id=f"V{number}", deal=deal, delivered_on=date(2024, 6, 1 + number),
            quantity=Decimal(accepted), accepted=Decimal(accepted), unit="H87",
            accepted_on=date(2024, 6, 10), accepted_by="engineer", serial=serial,
        )  # fmt: skip
    return programme


FACTS: dict[str, Any] = {
    "deal_id": "D1",
    "baseline_id": "B1",
    "period": "1403",
    "quantity": Decimal(100),
    "imported_content": Decimal(90),
    "domestic_price": Decimal(240),
    "domestic_currency": "EUR",
    "evidence": "Goods receipts 1 and 2",
}


def file(actor: Any, **facts: Any) -> str:
    return claims.file(actor, **FACTS | facts)


def test_a_claim_is_filed_and_verified(delivered: Any, actors: Any) -> None:
    key = file(actors["engineer"])
    claim = Claim.objects.get()
    assert (claim.pk, claim.basis, claim.claimed_by, claim.sector, claim.desk_id) == (
        *(key, "accepted", "engineer"),
        *("steel", "steel"),
    )
    assert Alert.objects.get(kind="claim.filed").user.username == "verifier"
    saved = claims.savings_of(frame_of(Claim.objects.all())).row(0, named=True)
    assert saved["net_currency_saved"] == 100 * (310 - 90)
    # parity: 310 and its duty of a tenth and 4 of carriage
    assert saved["cost_effect"] == 100 * (345 - 240)
    claims.verify(actors["verifier"], key)
    claim.refresh_from_db()
    assert (claim.basis, claim.verified_by) == ("verified", "verifier")
    assert claim.verified_on is not None
    assert Alert.objects.get(kind="claim.verified").user.username == "engineer"
    deeds = AuditEntry.objects.filter(table="claims").order_by("number")
    assert list(deeds.values_list("action", flat=True)) == ["claims.file", "claims.verify"]
    assert not list(audit.verify())


def test_who_filed_does_not_verify(delivered: Any, actors: Any, people: Any) -> None:
    key = file(actors["engineer"])
    for role in ("officer", "maker", "auditor", "analyst", "administrator"):
        with pytest.raises((NotAllowed, Refused)):
            claims.verify(actors[role], key)
    with pytest.raises(Refused, match="You filed this claim"):
        claims.verify(actors["engineer"], key)
    Claim.objects.update(claimed_by="verifier")
    for deed in (claims.verify, claims.refuse):
        with pytest.raises(Refused, match="You filed this claim"):
            deed(actors["verifier"], key, reason="x")
    assert Claim.objects.get().basis == "accepted"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"quantity": Decimal(101)}, "100 of the 101 claimed"),
        ({"quantity": Decimal(0)}, "more than nothing"),
        ({"quantity": None}, "more than nothing"),
        ({"period": "1402"}, "rules of the account"),
        ({"period": "the year before last"}, "cannot be read"),
        ({"imported_content": None, "domestic_price": None}, "Nothing can be computed"),
        ({"domestic_currency": "USD"}, "There is no market rate"),
        ({"domestic_currency": ""}, "without domestic_currency"),
        ({"baseline_id": "B9"}, "not there"),
        ({"deal_id": "D9"}, "not there"),
    ],
)
def test_what_could_never_be_verified_is_not_filed(
    delivered: Any, actors: Any, facts: Any, message: str
) -> None:
    with pytest.raises(Refused, match=message):
        file(actors["engineer"], **facts)
    assert not Claim.objects.exists()
    assert not AuditEntry.objects.filter(table="claims").exists()


def test_what_is_refused_is_said_in_persian(delivered: Any, actors: Any) -> None:
    from django.utils.translation import override

    with override("fa"), pytest.raises(Refused) as refused:
        file(actors["engineer"], quantity=Decimal(101))
    assert "۱۰۱" in refused.value.reason


def test_one_saving_is_claimed_once(delivered: Any, actors: Any) -> None:
    file(actors["engineer"], quantity=Decimal(50))
    with pytest.raises(Refused, match="same item and buyer"):
        file(actors["officer"], quantity=Decimal(50))


def test_others_file_no_claims(delivered: Any, actors: Any) -> None:
    for role in ("maker", "verifier", "auditor", "analyst", "researcher"):
        with pytest.raises(NotAllowed):
            file(actors[role])
    Deal.objects.update(buyer="university")
    with pytest.raises(Refused, match="not there"):
        file(actors["engineer"])


def test_a_refused_claim_is_mended_and_verified(delivered: Any, actors: Any) -> None:
    key = file(actors["engineer"])
    with pytest.raises(Refused, match="reason"):
        claims.refuse(actors["verifier"], key, reason=" ")
    claims.refuse(actors["verifier"], key, reason="The receipt is of another item")
    claim = Claim.objects.get()
    assert (claim.basis, claim.refusal, claim.refused_by) == (
        *("accepted", "The receipt is of another item"),
        "verifier",
    )
    assert Alert.objects.get(kind="claim.refused").user.username == "engineer"
    with pytest.raises(Refused, match="not mended yet"):
        claims.verify(actors["verifier"], key)
    with pytest.raises(Refused, match="Only who filed"):
        claims.mend(actors["officer"], key, quantity=Decimal(60))
    with pytest.raises(Refused, match="100 of the 300"):
        claims.mend(actors["engineer"], key, quantity=Decimal(300))
    claim.refresh_from_db()
    assert (claim.quantity, claim.refusal) == (100, "The receipt is of another item")
    with pytest.raises(Stale):
        claims.mend(actors["engineer"], key, quantity=Decimal(60), version=1)
    claims.mend(actors["engineer"], key, quantity=Decimal(60), version=2)
    claims.verify(actors["verifier"], key)
    with pytest.raises(Refused, match="not changed any more"):
        claims.mend(actors["engineer"], key, quantity=Decimal(50))
    with pytest.raises(Refused, match="not changed any more"):
        claims.withdraw(actors["engineer"], key, reason="x")


def test_deliveries_that_vanish_keep_a_claim_from_being_verified(
    delivered: Any, actors: Any
) -> None:
    key = file(actors["engineer"])
    Delivery.objects.filter(pk="V1").update(accepted=Decimal(10))
    with pytest.raises(Refused, match="70 of the 100"):
        claims.verify(actors["verifier"], key)


def test_a_claim_is_taken_back(delivered: Any, actors: Any) -> None:
    key = file(actors["engineer"])
    claims.withdraw(actors["engineer"], key, reason="Filed under the wrong contract")
    assert not Claim.objects.exists()
    line = AuditEntry.objects.get(action="claims.withdraw")
    assert '"quantity":"100"' in line.before
    assert line.after == "{}"


def raw(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[-2000:]
    return unescape(answer.content.decode())


def page(client: Client, address: str, status: int = 200) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", raw(client, address, status)).split())


def test_pages(delivered: Any, client_of: Any, django_assert_max_num_queries: Any) -> None:
    engineer, verifier = client_of("engineer"), client_of("verifier")
    assert "Roller bearing 22220" in page(engineer, "/claims/file/")
    assert "240" in raw(engineer, "/claims/file/?deal=D1")  # the contract's price of one unit
    sent = {
        "deal_id": "D1",
        "baseline_id": "B1",
        "period": "۱۴۰۳",
        "quantity": "۱۰۰",
        "imported_content": "90",
        "domestic_price": "240",
        "domestic_currency": "یورو",
        "once": "one",
    }
    wrong = engineer.post("/claims/file/", {**sent, "quantity": "۱۰۱"})
    assert wrong.status_code == 422
    assert 'value="۱۰۱"' in wrong.content.decode()
    answer = engineer.post("/claims/file/", sent)
    assert answer.status_code == 302, answer.content.decode()
    assert engineer.post("/claims/file/", sent).url == answer.url
    here = answer.url
    with django_assert_max_num_queries(24):
        shown = page(verifier, here)
    for told in ("22 000", "10 500", "waits for a verifier", "Verify", "Refuse"):
        assert told in shown
    assert "Mend" not in shown
    assert "Mend" in page(engineer, here)
    assert client_of("officer").get(f"{here}verify/").status_code == 403
    page(client_of("maker"), here, 404)
    assert verifier.post(f"{here}refuse/", {"reason": "no receipt"}).status_code == 302
    assert "no receipt" in page(engineer, here)
    assert "no receipt" in page(engineer, "/")[0:20000] or "refused" in page(engineer, "/")
    mended = {name: sent[name] for name in sent if name not in ("deal_id", "baseline_id", "once")}
    assert engineer.post(f"{here}mend/", {**mended, "evidence": "receipt 7"}).status_code == 302
    assert verifier.post(f"{here}verify/", {}).status_code == 302
    assert "a verified saving" in page(verifier, here)
    assert here in raw(verifier, "/claims/?stands=verified")
    assert here not in raw(verifier, "/claims/?stands=waiting")


def test_a_published_sum_is_shown_as_it_was_published(delivered: Any, client_of: Any) -> None:
    Claim.objects.create(
        claim_id="A1", period="1399", basis="announced", stated_amount=Decimal(245000000),
        stated_currency="EUR", statement="To be localized", source="An article",
    )  # fmt: skip
    shown = page(client_of("officer"), "/claims/A1/")
    assert "245 000 000" in shown
    assert "An article" in shown
    assert "Verify" not in shown.split("What was saved")[1].split("What it rests on")[0]
    assert client_of("officer").post("/claims/A1/withdraw/", {"reason": "x"}).status_code == 422


def test_a_contract_without_an_item_is_claimed_by_its_baseline(
    delivered: Any, client_of: Any
) -> None:
    Deal.objects.update(item=None)
    Need.objects.update(item=None)
    client = client_of("engineer")
    sent = {
        "deal_id": "D1", "baseline_id": "B1", "period": "1403", "quantity": "100",
        "imported_content": "90", "domestic_price": "240", "domestic_currency": "EUR",
    }  # fmt: skip
    assert client.post("/claims/file/", sent).status_code == 302
    assert Claim.objects.get().item_id == "I1"
    Claim.objects.all().delete()
    RECORDS["baselines"].objects.all().delete()
    assert "No import price is frozen" in page(client, "/claims/file/?deal=D1")
