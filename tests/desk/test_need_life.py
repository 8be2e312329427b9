"""A need from draft to verified localized, and everything that stands in its way."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from onshore.desk.actions import acting, needs
from onshore.desk.auditing import audit
from onshore.desk.models import (
    AuditEntry,
    Candidate,
    Claim,
    Deal,
    Delivery,
    Need,
    Qualification,
    Quotation,
)
from onshore.desk.policies import NotAllowed
from onshore.desk.states import LIFE, MOVES, SIDE_EXITS
from onshore.records import schema

pytestmark = pytest.mark.django_db


def _state() -> str:
    return Need.objects.get(pk="N1").state


def test_states_are_those_of_the_records() -> None:
    states = set(schema("needs").column("state").choices)
    assert set(LIFE) | set(SIDE_EXITS) == states
    assert {move.target for move in MOVES.values()} - {""} <= states
    assert all(set(move.sources) <= states for move in MOVES.values())
    reached = {"draft"}
    for _ in MOVES:
        reached |= {m.target for m in MOVES.values() if m.target and reached & set(m.sources)}
    assert reached == states


def test_whole_life(programme, organisations, actors) -> None:
    engineer, officer, maker = actors["engineer"], actors["officer"], actors["maker"]
    needs.publish(engineer, "N1")
    needs.scout(officer, "N1")
    with pytest.raises(acting.Refused, match="confirmed"):
        needs.match(officer, "N1")
    Candidate.objects.filter(offer__maker_id="workshop").update(decision="confirmed")
    needs.match(officer, "N1")
    Quotation.objects.create(
        quotation_id="QU1", need=programme.need, maker_id="workshop", state="submitted"
    )
    needs.take_offer(engineer, "N1", quotation_id="QU1")
    needs.sign_mou(engineer, "N1")
    assert Deal.objects.get(basis="MoU").maker_id == "workshop"
    needs.sign_contract(officer, "N1", value=Decimal(90000), currency="EUR")
    needs.send_sample(maker, "N1", offer_id="O-workshop", stage="first article")
    with pytest.raises(acting.Refused, match="pending"):
        needs.qualify(engineer, "N1")
    Qualification.objects.update(result="passed", tested_on=date.today())
    needs.qualify(engineer, "N1")
    needs.start_serial(engineer, "N1")
    with pytest.raises(acting.Refused, match="No serial delivery"):
        needs.verify_localized(actors["verifier"], "N1")
    deal = Deal.objects.get(basis="contracted")
    delivery = Delivery.objects.create(
        delivery_id="L1",
        deal=deal,
        delivered_on=date.today(),
        quantity=Decimal(60),
        accepted=Decimal(58),
        accepted_by="engineer",
        serial=True,
    )
    claim = Claim.objects.create(
        claim_id="C1", deal=deal, period="1403", basis="accepted", claimed_by="verifier"
    )
    with pytest.raises(acting.Refused, match="filed a claim"):
        needs.verify_localized(actors["verifier"], "N1")
    Claim.objects.filter(pk=claim.pk).update(claimed_by="engineer")
    with pytest.raises(acting.Refused, match="verified yet"):
        needs.verify_localized(actors["verifier"], "N1")
    Claim.objects.filter(pk=claim.pk).update(basis="verified")
    Delivery.objects.filter(pk=delivery.pk).update(accepted_by="verifier")
    with pytest.raises(acting.Refused, match="accepted a delivery"):
        needs.verify_localized(actors["verifier"], "N1")
    Delivery.objects.filter(pk=delivery.pk).update(accepted_by="engineer")
    needs.verify_localized(actors["verifier"], "N1")
    assert _state() == "verified localized"
    assert not list(audit.verify())
    moves = AuditEntry.objects.filter(table="needs").order_by("number")
    assert [entry.action for entry in moves] == [
        *("needs.publish", "needs.scout", "needs.match", "needs.take_offer", "needs.sign_mou"),
        *("needs.sign_contract", "needs.send_sample", "needs.qualify", "needs.start_serial"),
        "needs.verify_localized",
    ]


def test_mou_is_not_localized(programme, actors) -> None:
    Need.objects.update(state="MoU")
    with pytest.raises(acting.Refused, match="starts from"):
        needs.verify_localized(actors["verifier"], "N1")


@pytest.mark.parametrize(
    ("name", "who"),
    [("publish", "maker"), ("publish", "analyst"), ("publish", "auditor"), ("hold", "verifier")],
)
def test_other_roles_do_not_move_it(programme, actors, name, who) -> None:
    with pytest.raises((NotAllowed, acting.Refused)):
        needs.BY_NAME[name](actors[who], "N1", reason="because")
    assert _state() == "draft"
    assert not AuditEntry.objects.exists()


def test_hold_and_resume_go_back(programme, actors) -> None:
    Need.objects.update(state="scouting")
    with pytest.raises(acting.Refused, match="reason"):
        needs.hold(actors["officer"], "N1", reason="  ")
    needs.hold(actors["officer"], "N1", reason="budget frozen")
    assert _state() == "on hold"
    needs.resume(actors["officer"], "N1")
    assert _state() == "scouting"


def test_stale_form_changes_nothing(programme, actors) -> None:
    needs.change(actors["engineer"], "N1", {"sector": "copper"}, version=1)
    with pytest.raises(acting.Stale):
        needs.change(actors["officer"], "N1", {"sector": "zinc"}, version=1)
    assert Need.objects.get(pk="N1").sector == "copper"


def test_double_submit_is_done_once(programme, actors) -> None:
    values = {"need_id": "N2", "description": "Pump", "buyer_id": "steelworks"}
    needs.add(actors["engineer"], values, once="token")
    with pytest.raises(acting.AlreadyDone) as again:
        needs.add(actors["engineer"], {**values, "need_id": "N3"}, once="token")
    assert again.value.key == "N2"
    assert not Need.objects.filter(pk="N3").exists()


def test_engineer_adds_only_for_the_own_buyer(programme, actors) -> None:
    with pytest.raises(NotAllowed):
        needs.add(actors["engineer"], {"need_id": "N9", "description": "x", "buyer_id": "rival"})
    assert not Need.objects.filter(pk="N9").exists()


def test_no_match_asks_for_a_review_of_each_candidate(programme, actors) -> None:
    Need.objects.update(state="scouting")
    with pytest.raises(acting.Refused, match="2 candidates"):
        needs.no_match(actors["officer"], "N1", reason="none")
    Candidate.objects.update(decision="rejected")
    needs.no_match(actors["officer"], "N1", reason="none can hold the tolerance")
    assert _state() == "no-match"


def test_expired_quotation_is_not_taken_up(programme, actors) -> None:
    Need.objects.update(state="matched")
    Quotation.objects.create(
        quotation_id="QU1",
        need=programme.need,
        maker_id="workshop",
        state="submitted",
        valid_until=date.today() - timedelta(days=1),
    )
    with pytest.raises(acting.Refused, match="held until"):
        needs.take_offer(actors["engineer"], "N1", quotation_id="QU1")
    assert Quotation.objects.get().state == "submitted"
