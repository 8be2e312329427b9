"""The API: the same records, policies and moves as the pages, by a person's token."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onshore.desk import api_snapshot
from onshore.desk.actions import tokens
from onshore.desk.actions.acting import Refused
from onshore.desk.api import document
from onshore.desk.models import (
    Agreement,
    ApiToken,
    AuditEntry,
    Candidate,
    Commitment,
    Membership,
    Need,
    Quotation,
)
from onshore.records import schema, tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(actors: dict[str, Any], programme: Any) -> Callable[..., Any]:
    """Ask the API as a person: ``ask("officer", "needs/")``."""

    def asked(name: str, path: str, body: Any = None, **headers: str) -> Any:
        if name != "public":
            _made, token = tokens.make(actors[name], "test", 1)
            headers["authorization"] = f"Bearer {token}"
        address = f"/api/v1/{path}"
        if body is None:
            return Client().get(address, headers=headers)
        told = json.dumps(body)
        return Client().post(address, told, content_type="application/json", headers=headers)

    return asked


def test_needs_are_rows_of_the_records(ask: Callable[..., Any]) -> None:
    (row,) = ask("officer", "needs/").json()["rows"]
    told = {column.name for column in schema("needs")}
    assert set(row) == told | {"version", "state_since", "due", "moves"}
    assert (row["need_id"], row["import_price"], row["price_date"]) == ("N1", "310.5", "2024-09-01")
    assert row["yearly_quantity"] == "120"
    assert row["brand"] is None
    assert "publish" in row["moves"]


@pytest.mark.parametrize("name", ["maker", "researcher", "administrator"])
def test_what_a_policy_hides_is_not_there(ask: Callable[..., Any], name: str) -> None:
    assert ask(name, "needs/").json()["rows"] == []
    assert ask(name, "needs/N1/").status_code == 404
    assert ask(name, "needs/N1/moves/", {"move": "publish"}).status_code == 404


def test_makers_see_no_import_price(ask: Callable[..., Any]) -> None:
    Need.objects.update(state="scouting")
    row = ask("maker", "needs/N1/").json()
    assert row["yearly_quantity"] == "120"
    hidden = ("import_price", "currency", "incoterm", "freight_insurance", "price_date")
    assert [row[name] for name in hidden] == [None] * 5
    assert "310.5" not in ask("maker", "needs/").content.decode()
    assert ask("engineer", "needs/N1/").json()["import_price"] == "310.5"


def test_makers_see_their_own_offers_and_candidates(ask: Callable[..., Any]) -> None:
    Need.objects.update(state="scouting")
    rows = ask("maker", "offers/").json()["rows"]
    assert [row["offer_id"] for row in rows] == ["O-workshop"]
    rows = ask("maker", "candidates/?need_id=N1").json()["rows"]
    assert [(row["offer_id"], row["class"]) for row in rows] == [("O-workshop", "near")]
    assert ask("maker", "offers/O-rival/").status_code == 404


@pytest.mark.parametrize("path", ["deals/", "claims/", "packages/"])
def test_other_tables_are_read(ask: Callable[..., Any], path: str) -> None:
    assert ask("officer", path).json() == {"rows": [], "next": None}


def test_another_method_is_told_what_the_address_takes(ask: Callable[..., Any]) -> None:
    answer = ask("officer", "needs/N1/", {})
    told = answer.json()
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert told == {
        "error": "This address does not take POST.",
        "next_step": "It takes GET.",
        "field": "",
    }


def test_pages_follow_each_other(ask: Callable[..., Any], organisations: Any) -> None:
    buyer = organisations["steelworks"]
    Need.objects.bulk_create(
        Need(need_id=f"P{n:03}", buyer=buyer, description="x", state="draft") for n in range(25)
    )
    keys, after = [], ""
    while after is not None:
        page = ask("officer", f"needs/?limit=10&after={after}&state=draft").json()
        keys += [row["need_id"] for row in page["rows"]]
        after = page["next"]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys)) == 26


def test_candidates_page_by_number(ask: Callable[..., Any]) -> None:
    first = ask("officer", "candidates/?limit=1").json()
    second = ask("officer", f"candidates/?limit=1&after={first['next']}").json()
    assert first["rows"] != second["rows"]
    assert second["next"] is None
    assert ask("officer", "candidates/?after=x").status_code == 422


def test_a_page_asks_few_queries(
    actors: dict[str, Any], programme: Any, organisations: Any
) -> None:
    buyer = organisations["steelworks"]
    Need.objects.bulk_create(
        Need(need_id=f"P{n:03}", buyer=buyer, description="x", state="draft") for n in range(300)
    )
    _made, token = tokens.make(actors["engineer"], "test", 1)
    with CaptureQueriesContext(connection) as asked:
        answer = Client().get(
            "/api/v1/needs/?limit=300", headers={"authorization": f"Bearer {token}"}
        )
    assert len(answer.json()["rows"]) == 300
    assert len(asked) <= 12


def test_a_need_moves_with_the_guards_of_the_pages(ask: Callable[..., Any]) -> None:
    row = ask("engineer", "needs/N1/moves/", {"move": "publish", "version": 1}).json()
    assert (row["state"], row["version"]) == ("published", 2)
    line = AuditEntry.objects.get(action="needs.publish")
    assert (line.actor, line.key) == ("engineer", "N1")
    refused = ask("engineer", "needs/N1/moves/", {"move": "publish"})
    assert refused.status_code == 422
    assert refused.json()["next_step"]
    assert ask("engineer", "needs/N1/moves/", {"move": "scout"}).status_code == 403
    stale = ask("officer", "needs/N1/moves/", {"move": "scout", "version": 1})
    assert stale.status_code == 409
    assert ask("officer", "needs/N1/moves/", {"move": "fail"}).json()["field"] == "reason"


def test_facts_of_a_move_are_read_as_cells(ask: Callable[..., Any]) -> None:
    Need.objects.update(state="offer")
    facts = {"maker_id": "workshop", "value": "۱۲٬۰۰۰", "currency": "یورو", "signed": "1403/07/01"}
    row = ask("officer", "needs/N1/moves/", {"move": "sign_mou", "facts": facts}).json()
    assert row["state"] == "MoU"
    (deal,) = ask("officer", "deals/").json()["rows"]
    assert (deal["value"], deal["currency"], deal["signed"]) == ("12000", "EUR", "2024-09-22")
    bad = {"move": "sign_contract", "facts": {"signed": "yesterday"}}
    refused = ask("officer", "needs/N1/moves/", bad)
    assert (refused.status_code, refused.json()["field"]) == (422, "signed")
    forged = {"move": "sign_contract", "facts": {"at": "2020-01-01"}}
    assert ask("officer", "needs/N1/moves/", forged).status_code == 422


def test_a_move_that_is_sent_twice_is_done_once(ask: Callable[..., Any]) -> None:
    for _ in range(2):
        answer = ask("engineer", "needs/N1/moves/", {"move": "publish"}, **{"Idempotency-Key": "a"})
        assert answer.status_code == 200
        assert answer.json()["state"] == "published"
    assert AuditEntry.objects.filter(action="needs.publish").count() == 1


@pytest.mark.parametrize(
    "body", [{"move": "fly"}, {}, {"move": "publish", "version": "new"}, [], "publish"]
)
def test_what_cannot_be_read_is_told(ask: Callable[..., Any], body: Any) -> None:
    answer = ask("officer", "needs/N1/moves/", body)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "path", ["needs/?state=%00", "needs/?after=a%00", "candidates/?need_id=%00"]
)
def test_nul_characters_are_told(ask: Callable[..., Any], path: str) -> None:
    assert ask("officer", path).status_code == 422
    assert ask("officer", "needs/%00/").status_code == 404
    moves = ({"reason": "a\0"}, {"facts": {"maker_id": "a\0"}}, {"facts": {"x\0": 1}})
    for more in moves:
        answer = ask("engineer", "needs/N1/moves/", {"move": "publish", **more})
        assert answer.status_code == 422


def test_answers_are_in_the_language_asked_for(ask: Callable[..., Any]) -> None:
    answer = ask("officer", "needs/X/", **{"Accept-Language": "fa"})
    assert answer.json()["error"] == "چنین رکوردی نیست یا نقش شما آن را نمی‌بیند."


@pytest.mark.parametrize("path", ["needs/", "offers/", "candidates/", "deals/", "claims/"])
def test_without_a_valid_token_nothing_is_read(
    ask: Callable[..., Any], actors: dict[str, Any], path: str, client_of: Callable[..., Any]
) -> None:
    assert ask("public", path).status_code == 401
    assert ask("public", path, authorization="Bearer onshore_made-up").status_code == 401
    assert client_of("officer").get(f"/api/v1/{path}").status_code == 401  # no session opens it
    made, token = tokens.make(actors["officer"], "old", 1)
    ApiToken.objects.filter(pk=made.pk).update(expires=timezone.now() - timedelta(seconds=1))
    assert ask("public", path, authorization=f"Bearer {token}").status_code == 401


def test_a_token_ends_with_its_holder_and_by_hand(
    ask: Callable[..., Any], actors: dict[str, Any], people: dict[str, Any]
) -> None:
    made, token = tokens.make(actors["officer"], "one", 30)
    held = {"authorization": f"Bearer {token}"}
    assert ask("public", "needs/", **held).status_code == 200
    made.refresh_from_db()
    assert made.last_used is not None
    Membership.objects.filter(user=people["officer"]).update(until="2020-02-01")
    assert ask("public", "needs/", **held).json()["rows"] == []
    people["officer"].is_active = False
    people["officer"].save()
    assert ask("public", "needs/", **held).status_code == 401
    people["officer"].is_active = True
    people["officer"].save()
    tokens.end(actors["officer"], made.pk)
    assert ask("public", "needs/", **held).status_code == 401


def test_only_the_hash_of_a_token_is_kept(actors: dict[str, Any]) -> None:
    made, token = tokens.make(actors["officer"], "one", 30)
    assert token.startswith("onshore_")
    assert token not in str(ApiToken.objects.values())
    lines = str(AuditEntry.objects.values())
    assert token not in lines
    assert made.hash not in lines


def test_tokens_have_a_name_and_an_end(actors: dict[str, Any]) -> None:
    for name, days in (("", 30), ("one", 0), ("one", 367)):
        with pytest.raises(Refused):
            tokens.make(actors["officer"], name, days)
    with pytest.raises(Refused):
        tokens.end(actors["engineer"], tokens.make(actors["officer"], "one", 30)[0].pk)


def test_the_token_page_shows_it_once(client_of: Callable[..., Any]) -> None:
    client = client_of("engineer")
    form = {"name": "ERP", "days": "۳۰", "once": "abc"}
    page = client.post(reverse("tokens"), form)
    assert "onshore_" in page.content.decode().partition("Your new token")[2][:200]
    assert "no-store" in page["Cache-Control"]
    again = client.post(reverse("tokens"), form)
    assert again.status_code == 302
    assert ApiToken.objects.count() == 1
    listed = client.get(reverse("tokens")).content.decode()
    assert "ERP" in listed
    assert "onshore_" not in listed
    client.post(reverse("end_token", args=[ApiToken.objects.get().pk]))
    assert not ApiToken.objects.exists()


def test_tokens_are_their_owners_only(
    client_of: Callable[..., Any], actors: dict[str, Any]
) -> None:
    made, _token = tokens.make(actors["engineer"], "mine", 30)
    assert client_of("officer").post(reverse("end_token", args=[made.pk])).status_code == 404
    assert "mine" not in client_of("officer").get(reverse("tokens")).content.decode()


def test_the_description_is_whole_and_from_here(client_of: Callable[..., Any]) -> None:
    client = client_of("engineer")
    page = client.get(reverse("api_docs")).content.decode()
    told = client.get("/api/v1/openapi.json").json()
    for table in tables():
        assert f"/api/v1/{table}/" in page
        assert f"/api/v1/{table}/" in told["paths"]
    for path in ("/api/v1/needs/", "/api/v1/needs/{key}/moves/"):
        assert path in client.get(reverse("api_docs"), {"table": "needs"}).content.decode()
    assert "http://" not in page.replace("http://testserver", "").replace("http://www.w3.org", "")
    row = told["components"]["schemas"]["Need"]["properties"]
    assert row["yearly_quantity"]["description"] == "Forecast need in one year, in unit. (per year)"


def test_the_description_is_told_in_persian(client_of: Callable[..., Any]) -> None:
    from onshore.desk.screens.api import _SAID

    client = client_of("engineer", "fa")
    page = client.get(reverse("api_docs"), {"table": "needs"}).content.decode()
    assert "بیشینه ردیف‌های صفحه." in page
    for sentence in _SAID:
        assert sentence not in page
    for table in ("tranches", "quotations"):
        page = client.get(reverse("api_docs"), {"table": table}).content.decode()
        assert not re.search(r"[A-Z][a-z]+ [a-z]+ [a-z]+", re.sub(r"<[^>]*>", " ", page))


def test_candidates_of_unseen_needs_stay_unseen(ask: Callable[..., Any]) -> None:
    assert Candidate.objects.count() == 2
    assert ask("maker", "candidates/").json()["rows"] == []


def test_the_committed_description_is_that_of_the_desk() -> None:
    held = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
    told = api_snapshot.text(document())
    renew = "renew it: ONSHORE_DATA=$(mktemp -d) python -m onshore.desk.api_snapshot"
    assert held.read_text(encoding="utf-8") == told, renew
    assert json.loads(told) == json.loads(json.dumps(document()))


@pytest.mark.parametrize(
    ("path", "field", "english", "persian"),
    [
        ("needs/?limit=-1", "limit", "at least 1", "دست‌کم 1"),
        ("blocks/?limit=1000000000", "limit", "at most 2000", "حداکثر 2000"),
        ("events/?limit=many", "limit", "not a whole number", "عدد صحیح نیست"),
        ("needs/?state=flying", "state", "one of these", "یکی از این‌ها"),
        ("awards/?colour=red", "colour", "no such parameter", "چنین پارامتری نیست"),
        ("tranches/?after=99999999999999999999", "after", "a number", "عدد"),
    ],
)
def test_pages_that_cannot_be_are_told_in_the_language(
    ask: Callable[..., Any], path: str, field: str, english: str, persian: str
) -> None:
    for language, says in (("en", english), ("fa", persian)):
        answer = ask("officer", path, **{"Accept-Language": language})
        assert answer.status_code == 422
        told = answer.json()
        assert (told["field"], says in told["error"], bool(told["next_step"])) == (
            field,
            True,
            True,
        )


def test_a_maker_quotes_and_withdraws_by_program(ask: Callable[..., Any]) -> None:
    Need.objects.update(state="scouting")
    facts = {"need_id": "N1", "price": "۲۵۰٫۵", "currency": "یورو", "unit": "عدد"}
    for _turn in range(2):  # sent twice, done once
        made = ask("maker", "quotations/", {"facts": facts}, **{"Idempotency-Key": "q"})
        assert made.status_code == 200, made.content
    row = made.json()
    assert (row["price"], row["currency"], row["unit"]) == ("250.5", "EUR", "H87")
    assert Quotation.objects.count() == 1
    moves = f"quotations/{row['quotation_id']}/moves/"
    assert ask("rival", moves, {"move": "withdraw"}).status_code == 404
    body = {"move": "decide", "facts": {"decision": "short-listed", "debrief": ""}, "version": 7}
    assert ask("engineer", moves, body).status_code == 409
    answer = ask("engineer", moves, body | {"version": 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "short-listed")
    assert ask("maker", moves, {"move": "withdraw"}).json()["state"] == "withdrawn"
    wrong = ask("maker", "quotations/", {"facts": facts | {"price": "many"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "price")
    others = ask("maker", "quotations/", {"facts": facts | {"offer_id": "O-rival"}})
    assert (others.status_code, others.json()["field"]) == (422, "offer_id")
    assert ask("engineer", "quotations/", {"facts": facts}).status_code == 403


def test_records_are_made_by_the_actions_of_the_pages(ask: Callable[..., Any]) -> None:
    need = {"buyer_id": "steelworks", "description": "Ball", "yearly_quantity": 12.5, "unit": "H87"}
    row = ask("engineer", "needs/", {"facts": need}).json()
    assert (row["state"], row["yearly_quantity"]) == ("draft", "12.5")
    offer = {"description": "Ball", "unit": "H87", "capacity_per_year": 5}
    row = ask("maker", "offers/", {"facts": offer}).json()
    assert row["maker_id"] == "workshop"
    idea = {"title": "A better ball", "summary": "It is rounder. " * 9, "handed_in_by": "me"}
    row = ask("researcher", "ideas/", {"facts": idea}).json()
    assert row["state"] == "received", row
    moves = f"ideas/{row['idea_id']}/moves/"
    told = {"move": "sort", "facts": {"decision": "screened"}, "reason": "it may be so"}
    assert ask("officer", moves, told).json()["state"] == "screened"
    assert AuditEntry.objects.get(action="ideas.sort").reason == "it may be so"


def test_a_commitment_is_reported_on_by_program(
    ask: Callable[..., Any], organisations: Any
) -> None:
    agreement = Agreement.objects.create(agreement_id="A", title="t", parties="agency;workshop")
    Commitment.objects.create(
        commitment_id="C", agreement=agreement, party=organisations["workshop"], text="t"
    )
    body = {"move": "report", "facts": {"progress": "۴۰٪", "evidence": "letter 12"}}
    row = ask("maker", "commitments/C/moves/", body).json()
    assert (row["progress"], row["evidence"]) == (0.4, "letter 12")
    assert ask("rival", "commitments/C/moves/", body).status_code == 404
    assert ask("analyst", "commitments/C/moves/", body).status_code == 403
