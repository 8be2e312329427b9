"""Blocks, rigs and what may be taken back, by program: with the guards of the pages."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from onshore.desk.actions import tokens
from onshore.desk.models import (
    RECORDS,
    Block,
    BlockOffer,
    Event,
    Participant,
    Rig,
    Wish,
    WorkCommitment,
)

pytestmark = pytest.mark.django_db
SQUARE = "POLYGON ((57 29, 57.1 29, 57.1 29.1, 57 29.1, 57 29))"
Ask = Callable[..., Any]


@pytest.fixture
def ask(actors: dict[str, Any]) -> Ask:
    """Ask for a change as a person, and hold what is answered."""

    def asked(name: str, path: str, body: Any, status: int = 200) -> Any:
        _made, token = tokens.make(actors[name], "test", 1)
        headers = {"authorization": f"Bearer {token}"}
        told = json.dumps(body)
        answer = Client().post(f"/api/v1/{path}", told, "application/json", headers=headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    return asked


def day(ahead: int) -> str:
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def test_a_block_from_its_outline_to_accepted_work(ask: Ask) -> None:
    facts = {"name": "North", "geometry": SQUARE, "commodities": "Cu;Au"}
    ask("maker", "blocks/", {"facts": facts}, 403)
    wrong = ask("officer", "blocks/", {"facts": facts | {"geometry": "POINT (57 29)"}}, 422)
    assert wrong["field"] == "geometry"
    block = ask("officer", "blocks/", {"facts": facts})
    assert (block["state"], float(block["area"]) > 100) == ("returned", True)
    moves = f"blocks/{block['block_id']}/moves/"
    assert ask("officer", moves, {"move": "offer", "facts": {}}, 422)["field"] == "closes"
    offered = {"move": "offer", "facts": {"closes": day(9), "organisation_id": "workshop"}}
    assert ask("officer", moves, offered)["state"] == "on offer"

    offer = BlockOffer.objects.get()
    moves = f"block_offers/{offer.pk}/moves/"
    asked = {"organisation_id": "workshop", "kind_1": "drilling", "amount_1": "۳۰۰۰"}
    asked |= {"due_1": day(300), "cost_1": 900000, "kind_2": "study", "amount_2": 1}
    ask("rival", moves, {"move": "ask", "facts": asked}, 404)
    assert ask("maker", moves, {"move": "ask", "facts": asked}, 422)["field"] == "currency"
    wrong = asked | {"currency": "pebbles"}
    assert ask("maker", moves, {"move": "ask", "facts": wrong}, 422)["field"] == "currency"
    asked |= {"currency": "EUR"}
    assert ask("maker", moves, {"move": "ask", "facts": asked}, 422)["field"] == "due_2"
    asked |= {"due_2": day(30)}
    assert ask("maker", moves, {"move": "ask", "facts": asked | {"kind_99": "study"}}, 422)
    assert ask("maker", moves, {"move": "ask", "facts": asked})["state"] == "submitted"
    assert {
        (row.kind, row.amount, row.unit, row.currency) for row in WorkCommitment.objects.all()
    } == {
        ("drilling", 3000, "MTR", "EUR"),
        ("study", 1, "C62", ""),
    }
    award = {"move": "award", "facts": {"until": day(900)}}
    assert ask("officer", moves, award, 422)["field"] == "reason"
    assert ask("officer", moves, award | {"reason": "It alone asked."})["state"] == "awarded"

    moves = f"work_commitments/{WorkCommitment.objects.get(kind='drilling').pk}/moves/"
    done = {"move": "hand_in", "facts": {"done": 1200, "spent": 9, "evidence": "Report 7"}}
    ask("rival", moves, done, 404)
    ask("maker", moves, done)
    assert ask("officer", moves, {"move": "send_back"}, 422)["field"] == "reason"
    assert ask("officer", moves, {"move": "accept"})["done"] == "1200"
    back = {"move": "take_back", "reason": "The right ended."}
    assert ask("officer", f"blocks/{block['block_id']}/moves/", back)["state"] == "returned"


def test_an_offer_that_nobody_answered_is_withdrawn(ask: Ask) -> None:
    block = Block.objects.create(block_id="B", name="B", geometry=SQUARE, state="returned")
    ask("officer", "blocks/B/moves/", {"move": "offer", "facts": {"closes": day(9)}})
    key = BlockOffer.objects.get().pk
    ask("maker", f"block_offers/{key}/moves/", {"move": "withdraw"}, 403)
    row = ask("officer", f"block_offers/{key}/moves/", {"move": "withdraw"})
    block.refresh_from_db()
    assert (row["state"], block.state) == ("withdrawn", "returned")


def test_a_rig_is_recorded_and_told_of(ask: Ask) -> None:
    facts = {"owner_id": "workshop", "model": "LF90", "hours": 10}
    assert ask("rival", "rigs/", {"facts": facts}, 422)["field"] == "owner_id"
    rig = ask("maker", "rigs/", {"facts": facts})
    moves = f"rigs/{rig['rig_id']}/moves/"
    told = {"move": "tell", "facts": {"hours": 900, "state": "under repair"}}
    row = ask("maker", moves, told)
    assert (row["hours"], row["state"], row["model"]) == ("900", "under repair", "LF90")
    ask("maker", moves, {"move": "tell", "facts": {}}, 422)
    assert ask("maker", moves, told | {"facts": {"hours": 5}}, 422)["field"] == "hours"
    ask("rival", moves, told, 404)
    service = {"organisation_id": "workshop", "role": "contractor", "service": "core drilling"}
    assert ask("maker", "exploration_services/", {"facts": service})["service"] == "core drilling"
    assert Rig.objects.get().hours == 900


def test_a_row_that_a_move_removes_is_answered_as_it_last_was(ask: Ask, organisations: Any) -> None:
    event = Event.objects.create(
        event_id="E", title="Day", kind="desk day", starts=date(2090, 1, 1)
    )
    rows = {}
    for key, side in (("steelworks", "buying"), ("workshop", "selling")):
        rows[key] = Participant.objects.create(event=event, organisation_id=key, side=side)
    wish = Wish.objects.create(event=event, buyer_id="steelworks", maker_id="workshop", weight=1)
    ask("rival", f"wishes/{wish.pk}/moves/", {"move": "withdraw"}, 404)
    gone = ask("maker", f"wishes/{wish.pk}/moves/", {"move": "withdraw"})
    assert (gone["id"], gone["maker_id"]) == (wish.pk, "workshop")
    assert not Wish.objects.exists()
    ask("maker", f"wishes/{wish.pk}/moves/", {"move": "withdraw"}, 404)
    left = f"participants/{rows['workshop'].pk}/moves/"
    ask("engineer", left, {"move": "leave"}, 403)
    assert ask("maker", left, {"move": "leave", "reason": "ill"})["side"] == "selling"
    assert set(Participant.objects.values_list("organisation", flat=True)) == {"steelworks"}
    rate = RECORDS["rates"].objects.create(
        base="USD", quote="EUR", date=date(2024, 9, 1), rate=1, rate_type="market", source="t"
    )
    body = {"move": "remove"}
    assert ask("officer", f"rates/{rate.pk}/moves/", body, 422)["field"] == "reason"
    ask("maker", f"rates/{rate.pk}/moves/", body | {"reason": "wrong"}, 403)
    ask("officer", f"rates/{rate.pk}/moves/", body | {"reason": "wrong"})
    assert not RECORDS["rates"].objects.exists()
