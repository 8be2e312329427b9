"""The board and the first page: needs by state, the stalled ones first, and what waits."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from onshore.desk.models import Candidate, Claim, Deal, ImportException, ImportRule, Need

pytestmark = pytest.mark.django_db


def need(key: str, state: str, due: date | None = None, **facts: Any) -> Need:
    base: dict[str, Any] = {
        "description": f"Need {key} of a kind",
        "buyer_id": "steelworks",
        "sector": "steel",
        "state_since": timezone.localdate(),
    }
    return Need.objects.create(need_id=key, state=state, due=due, **base | facts)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[-2000:]
    return unescape(answer.content.decode())


def words(shown: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", shown).split())


def test_stalled_needs_stand_first_and_are_counted(programme: Any, client_of: Any) -> None:
    today = timezone.localdate()
    need("L1", "scouting", today - timedelta(days=3))
    need("L2", "scouting", today - timedelta(days=30))
    need("F1", "scouting", today + timedelta(days=3))
    need("U1", "scouting")
    need("D1", "draft", today - timedelta(days=3))  # nobody waits for a draft
    shown = page(client_of("officer"), "/board/")
    places = [shown.index(f"Need {key} of a kind") for key in ("L2", "L1", "F1", "U1")]
    assert places == sorted(places)
    assert "2 of 6 needs are stalled" in words(shown)


def test_a_column_shows_five_needs_and_leads_to_all(programme: Any, client_of: Any) -> None:
    today = timezone.localdate()
    for number in range(8):
        need(f"K{number}", "published", today + timedelta(days=number))
    shown = page(client_of("officer"), "/board/")
    assert [f"Need K{number} of" in shown for number in range(8)] == [True] * 5 + [False] * 3
    assert "All 8" in words(shown)
    assert "/needs/?state=published" in shown


def test_the_board_is_narrowed_by_sector_and_buyer(programme: Any, client_of: Any) -> None:
    need("S1", "published")
    need("C1", "published", sector="cement", buyer_id="university")
    client = client_of("officer")
    assert "Need S1 of" not in page(client, "/board/?sector=cement")
    assert "Need C1 of" in page(client, "/board/?sector=cement")
    assert "Need S1 of" in page(client, "/board/?buyer=steelworks")
    assert "Need C1 of" not in page(client, "/board/?buyer=steelworks")
    assert "Need C1 of" in page(client, "/board/?sector=there+is+none")  # no such filter


def test_who_has_no_role_has_no_board(programme: Any, client_of: Any) -> None:
    assert client_of("public").get("/board/").status_code == 302


def test_the_board_asks_few_questions_whatever_the_data(
    programme: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of("officer")
    today = timezone.localdate()
    states = ("draft", "published", "scouting", "matched", "no-match", "offer", "MoU", "sample")
    for number, state in enumerate(states * 6):
        need(f"Q{number}", state, today + timedelta(days=number - 20))
    page(client, "/needs/")  # the first page of a session also notes that it began
    for address in ("/", "/board/", "/needs/", "/needs/N1/", "/needs/N1/?show=supply"):
        with django_assert_max_num_queries(12):
            page(client, address)


def test_the_public_finds_published_needs_only(programme: Any, client_of: Any) -> None:
    need("P1", "published", access="public")
    need("R1", "published", access="restricted")
    need("D1", "draft", access="public")
    shown = page(client_of("public"), "/")
    assert "Need P1 of" in shown
    assert "Need R1 of" not in shown
    assert "Need D1 of" not in shown
    assert "Steelworks" not in shown
    assert page(client_of("public"), "/needs/P1/")
    page(client_of("public"), "/needs/R1/", 404)


def test_each_role_finds_what_waits_for_it(programme: Any, client_of: Any, actors: Any) -> None:
    today = timezone.localdate()
    late = need("L1", "serial supply", today - timedelta(days=9))
    need("M1", "MoU", today + timedelta(days=9))
    Deal.objects.create(
        deal_id="D1", basis="MoU", buyer_id="steelworks", maker_id="workshop",
        need_id="M1", signed=today - timedelta(days=99), until=today - timedelta(days=2),
    )  # fmt: skip
    Need.objects.filter(pk="N1").update(state="scouting")
    rule = ImportRule.objects.create(
        rule_id="R1", hs_code="848230", measure="banned", starts=today - timedelta(days=99)
    )
    ImportException.objects.create(
        exception_id="X1", rule=rule, reason="late", until=today + timedelta(days=60),
        decision="pending", asked_by="engineer",
    )  # fmt: skip
    officer = page(client_of("officer"), "/")
    for told in (
        *("Stalled needs", late.description, "Candidates to review", "22220 E"),
        *("MoUs past their days", "Need M1 of a kind", "to put out or to decide", "848230"),
    ):
        assert told in officer
    engineer = page(client_of("engineer"), "/")
    assert "Your needs whose next step is overdue" in engineer
    assert "Candidates to review" not in engineer
    Candidate.objects.update(decision="rejected")
    assert "Candidates to review" not in page(client_of("officer"), "/")
    assert "Nothing waits for you" in page(client_of("auditor"), "/")


def test_a_verifier_finds_claims_of_others_only(programme: Any, client_of: Any) -> None:
    from onshore.desk.models import RECORDS

    base = RECORDS["baselines"].objects.create(
        baseline_id="B1", item_id="I1", buyer_id="steelworks", reference_cif=300, currency="EUR",
        price_date=date(2023, 1, 1), unit="H87", frozen_on=date(2023, 2, 1), evidence="invoice",
    )  # fmt: skip
    for key, filer in (("C1", "engineer"), ("C2", "verifier")):
        Claim.objects.create(
            claim_id=key, item_id="I1", buyer_id="steelworks", period="2024", basis="accepted",
            quantity=10, baseline=base, claimed_by=filer,
        )  # fmt: skip
    shown = page(client_of("verifier"), "/")
    assert "Savings to verify" in shown
    assert "/claims/C1/" in shown
    assert "/claims/C2/" not in shown
