"""Match review: decided with a key, remembered, and learned from."""

import io
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import onshore
from onshore.desk.actions import matches
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.auditing import audit
from onshore.desk.models import Alert, AuditEntry, Candidate, Need
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_need(programme: Any) -> Any:
    Need.objects.filter(pk="N1").update(state="scouting")
    return programme


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[-2000:]
    return unescape(answer.content.decode())


def test_a_decision_is_remembered_and_told(open_need: Any, actors: Any) -> None:
    key = open_need.candidates["workshop"].pk
    matches.decide(actors["officer"], key, decision="confirmed", category="exact", reason="same")
    found = Candidate.objects.get(pk=key)
    assert (found.decision, found.category, found.reviewer) == ("confirmed", "exact", "officer")
    assert found.decided_on is not None
    line = AuditEntry.objects.get(table="candidates")
    assert (line.action, line.reason) == ("candidates.decide", "same")
    assert '"decision":"confirmed"' in line.after
    assert Alert.objects.get(kind="match.confirmed").user.username == "maker"
    assert not list(audit.verify())


def test_a_rejected_candidate_keeps_its_class(open_need: Any, actors: Any) -> None:
    key = open_need.candidates["workshop"].pk
    matches.decide(actors["officer"], key, decision="rejected", category="exact")
    found = Candidate.objects.get(pk=key)
    assert (found.decision, found.category) == ("rejected", "near")
    assert not Alert.objects.exists()


def test_what_is_no_decision(open_need: Any, actors: Any) -> None:
    candidate = open_need.candidates["workshop"]
    for told, message in (
        ({"decision": "maybe"}, "no decision"),
        ({"decision": "confirmed", "category": "none"}, "cannot be confirmed"),
    ):
        with pytest.raises(Refused, match=message):
            matches.decide(actors["officer"], candidate.pk, **told)
    with pytest.raises(Stale):
        matches.decide(actors["officer"], candidate.pk, decision="rejected", version=9)
    Candidate.objects.filter(pk=candidate.pk).update(category="none")
    with pytest.raises(Refused, match="class has to be given"):
        matches.decide(actors["officer"], candidate.pk, decision="confirmed")
    matches.decide(actors["officer"], candidate.pk, decision="confirmed", category="could make")
    Need.objects.filter(pk="N1").update(state="withdrawn")
    with pytest.raises(Refused, match="over"):
        matches.take_back(actors["officer"], candidate.pk)


def test_a_decision_is_taken_back(open_need: Any, actors: Any) -> None:
    key = open_need.candidates["workshop"].pk
    with pytest.raises(Refused, match="Nothing was decided"):
        matches.take_back(actors["officer"], key)
    matches.decide(actors["officer"], key, decision="rejected")
    matches.take_back(actors["officer"], key)
    found = Candidate.objects.get(pk=key)
    assert (found.decision, found.reviewer, found.decided_on) == ("", "", None)


@pytest.mark.parametrize("role", ["engineer", "verifier", "maker", "auditor", "analyst"])
def test_others_do_not_review(open_need: Any, actors: Any, client_of: Any, role: str) -> None:
    key = open_need.candidates["workshop"].pk
    with pytest.raises((NotAllowed, Refused)):
        matches.decide(actors[role], key, decision="confirmed")
    client = client_of(role)
    for address in ("/review/", "/review/all/", "/review/decisions.zip/", "/review/need/N1/"):
        assert client.get(address).status_code == 403
    sent = {"candidate": key, "decision": "confirmed", "category": "near"}
    assert client.post("/review/need/N1/", sent).status_code == 403
    assert Candidate.objects.get(pk=key).decision == ""


def test_review_goes_from_one_to_the_next(open_need: Any, client_of: Any) -> None:
    client = client_of("officer")
    first, second = (open_need.candidates[maker].pk for maker in ("workshop", "rival"))
    answer = client.get("/review/")
    assert answer.url == f"/review/need/N1/?candidate={first}"
    shown = page(client, answer.url)
    for told in ("Spherical roller bearing 22220 E", "Workshop", "the part number agrees"):
        assert told in shown
    for key in ("confirmed", "rejected", "category", "after"):
        assert f'data-review="{key}"' in shown
    version = re.search(r'name="version" value="(\d+)"', shown)
    once = re.search(r'name="once" value="(\w+)"', shown)
    assert version
    assert once
    sent = {
        "candidate": first,
        "decision": "confirmed",
        "category": "exact",
        "version": version[1],
        "once": once[1],
    }
    answer = client.post("/review/need/N1/", sent)
    assert answer.url == f"/review/need/N1/?candidate={second}"
    assert client.post("/review/need/N1/", sent).status_code == 302  # sent twice, done once
    assert AuditEntry.objects.filter(action="candidates.decide").count() == 1
    stale = client.post("/review/need/N1/", {**sent, "once": "other", "decision": "rejected"})
    assert stale.status_code == 422
    assert "Somebody else changed" in unescape(stale.content.decode())
    sent = {"candidate": second, "decision": "rejected", "category": "near"}
    assert client.post("/review/need/N1/", sent).url == "/review/need/N1/"
    assert "Record a match" in page(client, "/review/need/N1/")
    assert "No candidate waits" in page(client, "/review/")
    sent = {"candidate": second, "decision": "take back", "category": "near"}
    assert client.post("/review/need/N1/", sent).status_code == 302
    assert Candidate.objects.get(pk=second).decision == ""


def test_the_list_of_decisions(open_need: Any, actors: Any, client_of: Any) -> None:
    key = open_need.candidates["rival"].pk
    matches.decide(actors["officer"], key, decision="rejected")
    client = client_of("officer")
    shown = page(client, "/review/all/?decision=rejected")
    assert "Rival" in shown
    assert "Workshop" not in shown
    assert "Workshop" in page(client, "/review/all/?decision=waiting")
    answer = client.get("/review/all/?export=csv")
    assert answer.status_code == 200


def test_decisions_are_given_as_a_programme_to_learn_from(
    open_need: Any, actors: Any, client_of: Any, tmp_path: Path
) -> None:
    from onshore.match.training import reviewed

    for maker, decision in (("workshop", "confirmed"), ("rival", "rejected")):
        key = open_need.candidates[maker].pk
        matches.decide(actors["officer"], key, decision=decision)
    Need.objects.create(need_id="N2", buyer_id="steelworks", description="Not reviewed")
    answer = client_of("officer").get("/review/decisions.zip/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(tmp_path)
    opened = onshore.open(tmp_path / "decisions")
    needs, offers, candidates = map(opened.table, ("needs", "offers", "candidates"))
    assert needs["need_id"].to_list() == ["N1"]
    learned = reviewed(needs, offers, candidates)
    assert dict(learned.grades.select("offer_id", "grade").iter_rows()) == {
        "O-workshop": 3,
        "O-rival": 0,
    }


def test_makers_are_looked_for_again(open_need: Any, actors: Any, client_of: Any) -> None:
    key = open_need.candidates["rival"].pk
    matches.decide(actors["officer"], key, decision="rejected")
    client = client_of("officer")
    assert "what was decided stays decided" in page(client, "/review/match/")
    answer = client.post("/review/match/", {"once": "one"})
    assert answer.url.startswith("/jobs/")
    assert Candidate.objects.get(need="N1", offer="O-rival").decision == "rejected"
    assert client_of("engineer").post("/review/match/").status_code == 403
