"""The list of needs and the page of one: where it is, what is next, what hangs on it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from onshore.desk.actions import needs
from onshore.desk.models import Candidate, Deal, Need, Quotation

pytestmark = pytest.mark.django_db


def raw(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[-2000:]
    return unescape(answer.content.decode())


def page(client: Client, address: str, status: int = 200) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", raw(client, address, status)).split())


def test_moves_are_offered_to_those_who_may(programme: Any, client_of: Any) -> None:
    for role, seen in (("officer", True), ("engineer", True), ("verifier", False)):
        shown = raw(client_of(role), "/needs/N1/")
        assert ('action="/needs/N1/do/publish/"' in shown) is seen
    assert "Withdraw" in page(client_of("engineer"), "/needs/N1/")
    assert "Withdraw" not in page(client_of("officer"), "/needs/N1/")
    page(client_of("maker"), "/needs/N1/", 404)  # a draft is the buyer's and the agency's
    page(client_of("public"), "/needs/N1/", 404)


def test_a_move_is_made_with_a_button(programme: Any, client_of: Any) -> None:
    client = client_of("engineer")
    shown = raw(client, "/needs/N1/")
    form = re.search(r'/do/publish/">.*?name="once" value="(\w+)".*?version" value="(\d+)"', shown)
    assert form
    sent = {"once": form[1], "version": form[2]}
    answer = client.post("/needs/N1/do/publish/", sent)
    assert answer.url == "/needs/N1/"
    assert client.post("/needs/N1/do/publish/", sent).url == "/needs/N1/"
    assert Need.objects.get().state == "published"
    stale = client_of("officer").post("/needs/N1/do/scout/", {"version": form[2]})
    assert stale.status_code == 409
    assert Need.objects.get().state == "published"
    # a move that does not start from here leads back to the need
    assert client.get("/needs/N1/do/publish/").url == "/needs/N1/"
    assert client.get("/needs/N1/do/scout/").status_code == 403
    assert client.get("/needs/N1/do/dance/").status_code == 404


def test_a_reason_that_is_due_is_asked_for(programme: Any, client_of: Any, actors: Any) -> None:
    needs.publish(actors["engineer"], "N1")
    client = client_of("officer")
    assert "Put on hold" in page(client, "/needs/N1/do/hold/")
    assert client.post("/needs/N1/do/hold/", {"reason": " "}).status_code == 422
    assert client.post("/needs/N1/do/hold/", {"reason": "mill stands still"}).status_code == 302
    assert Need.objects.get().state == "on hold"
    history = page(client, "/needs/N1/?show=history")
    assert "mill stands still" in history
    assert "Put on hold" in history


def test_an_offer_is_taken_up_and_a_contract_recorded(programme: Any, client_of: Any) -> None:
    Need.objects.update(state="matched")
    for key, state in (("Q1", "submitted"), ("Q2", "withdrawn")):
        Quotation.objects.create(
            quotation_id=key, need_id="N1", maker_id="workshop", price=Decimal(240),
            currency="EUR", state=state, submitted=date(2024, 9, 20),
        )  # fmt: skip
    client = client_of("engineer")
    form = raw(client, "/needs/N1/do/take_offer/")
    assert "Workshop · Q1" in form
    assert "· Q2" not in form
    assert 'value="Q2"' not in form
    wrong = client.post("/needs/N1/do/take_offer/", {"quotation_id": "Q2"})
    assert wrong.status_code == 422
    answer = client.post("/needs/N1/do/take_offer/", {"quotation_id": "Q1"})
    assert answer.status_code == 302
    sent = {
        "maker_id": "workshop",
        "quantity": "۲۴۰",
        "unit": "عدد",
        "value": "57,600",
        "currency": "یورو",
        "signed": "1403/07/01",
        "until": "2026-09-22",
        "desk_id": "steel",
    }
    wrong = client.post("/needs/N1/do/sign_contract/", {**sent, "value": "many"})
    assert wrong.status_code == 422
    assert 'value="۲۴۰"' in wrong.content.decode()
    assert client.post("/needs/N1/do/sign_contract/", sent).status_code == 302
    deal = Deal.objects.get()
    assert (deal.basis, deal.value, deal.currency, deal.signed, deal.desk_id) == (
        *("contracted", Decimal(57600), "EUR", date(2024, 9, 22)),
        "steel",
    )
    assert "57 600" in page(client, "/needs/N1/?show=supply")


def test_prices_are_shown_to_those_who_may_see_them(programme: Any, client_of: Any) -> None:
    Need.objects.update(state="published", access="public")
    for role in ("officer", "engineer", "verifier", "analyst", "auditor"):
        for address in ("/needs/", "/needs/N1/"):
            assert "310.5" in page(client_of(role), address), (role, address)
    for role in ("maker", "rival", "researcher", "public"):
        for address in ("/needs/", "/needs/N1/"):
            assert "310.5" not in page(client_of(role), address), (role, address)
    Need.objects.update(buyer="university")  # another buyer's price
    assert "310.5" not in page(client_of("engineer"), "/needs/")
    assert "310.5" not in page(client_of("engineer"), "/needs/N1/")


def test_a_maker_sees_its_own_candidate_only(programme: Any, client_of: Any) -> None:
    Need.objects.update(state="scouting")
    shown = page(client_of("maker"), "/needs/N1/")
    assert "Workshop" in shown
    assert "Rival" not in shown
    Candidate.objects.filter(offer__maker="rival").update(decision="rejected")
    page(client_of("rival"), "/needs/N1/", 404)


def test_the_list_is_filtered_sorted_and_exported(programme: Any, client_of: Any) -> None:
    today = timezone.localdate()
    for number, (state, due) in enumerate([("scouting", -5), ("scouting", 5), ("offer", -9)], 2):
        Need.objects.create(
            need_id=f"N{number}", buyer_id="steelworks", description=f"Valve of size {number}",
            state=state, due=today + timedelta(days=due), sector="cement", category="mechanical",
            yearly_value=float(number),
        )  # fmt: skip
    client = client_of("officer")

    def found(query: str) -> list[str]:
        shown = raw(client, f"/needs/?{query}")
        return re.findall(r'<th scope="row" class="k-text"><a href="/needs/(\w+)/"', shown)

    assert found("") == ["N4", "N2", "N3", "N1"]
    assert found("late=yes") == ["N4", "N2"]
    assert found("state=scouting") == ["N2", "N3"]
    assert found("sector=cement&sort=key") == ["N2", "N3", "N4"]
    assert found("sort=value") == ["N4", "N3", "N2", "N1"]
    assert found("q=valve+size+3") == ["N3"]
    assert found("q=n2") == ["N2"]
    assert found("class=mechanical&buyer=steelworks&state=offer") == ["N4"]
    told = client.get("/needs/?export=csv&state=offer").content.decode()
    assert "Valve of size 4" in told
    assert "N3" not in told


def test_a_need_that_is_not_there(programme: Any, client_of: Any) -> None:
    client = client_of("officer")
    for key in ("N9", "%00", "نیاز"):
        assert client.get(f"/needs/{key}/").status_code == 404
    assert client.post("/needs/N9/do/publish/").status_code == 404


def test_the_page_in_persian(programme: Any, client_of: Any) -> None:
    Need.objects.update(state="published", state_since=date(2024, 10, 1))
    shown = unescape(client_of("officer", "fa").get("/needs/N1/").content.decode())
    assert 'dir="rtl"' in shown
    assert "۱۴۰۳" in shown
    assert "What you can do" not in shown


def test_the_pages_beside_are_linked_for_those_who_may(programme: Any, client_of: Any) -> None:
    beside = ("change", "specifications", "quotations", "baseline")
    for role, names in (
        ("engineer", beside),
        ("officer", ("change", "quotations", "baseline")),  # there are no specifications yet
        ("verifier", ()),
    ):
        shown = raw(client_of(role), "/needs/N1/")
        assert [each for each in beside if f'"/needs/N1/{each}/"' in shown] == list(names), role


def test_a_key_may_hold_a_slash(programme: Any, client_of: Any) -> None:
    Need.objects.create(need_id="N/7", buyer_id="steelworks", description="Seal of the pump")
    client = client_of("officer")
    address = re.search(r'href="(/needs/[^"]+)"[^>]*>[^/]*Seal of the pump', raw(client, "/needs/"))
    assert address
    assert "Seal of the pump" in page(client, address[1])
