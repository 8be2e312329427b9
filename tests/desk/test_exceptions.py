"""Import exceptions: asked for, put out for comment, contested, decided by another, ended."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from onshore.desk.actions import exceptions, needs
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.actor import Actor, actor_of
from onshore.desk.auditing import audit
from onshore.desk.models import (
    Alert,
    AuditEntry,
    Comment,
    ImportException,
    ImportRule,
    Membership,
    Need,
    Role,
    User,
)
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

START = datetime(2024, 10, 1, 9, tzinfo=UTC)


def on(days: int) -> datetime:
    return START + timedelta(days=days)


def day(days: int) -> date:
    return on(days).date()


@pytest.fixture
def rule(programme: Any) -> Any:
    Need.objects.filter(pk="N1").update(state="scouting")
    return ImportRule.objects.create(
        rule_id="R1", item=programme.item, measure="banned", reason="made at home",
        equivalent_offer=programme.offers["workshop"], starts=day(-100), published=day(-200),
    )  # fmt: skip


@pytest.fixture
def second(people: Any, organisations: Any) -> Actor:
    """Another officer."""
    user = User.objects.create_user("second", password="-")
    Membership.objects.create(
        user=user, organisation=organisations["agency"], role=Role.OFFICER, since=day(-500)
    )
    return actor_of(user, day(0))


def ask(actor: Actor, **facts: Any) -> str:
    asked = {
        "rule_id": "R1",
        "need_id": "N1",
        "why": "home lots are still on trial",
        "starts": day(40),
        "until": day(200),
        "at": on(0),
    }
    return exceptions.ask(actor, **asked | facts)


def test_the_whole_way(rule: Any, actors: Any) -> None:
    key = ask(actors["engineer"], quantity=60, unit="H87")
    assert Alert.objects.get(kind="exception.asked").user.username == "officer"
    exceptions.publish(actors["officer"], key, comment_until=day(30), at=on(1))
    assert Alert.objects.get(kind="exception.published").user.username == "maker"
    exceptions.comment(actors["maker"], key, text="We deliver now.", contests=True, at=on(2))
    found = ImportException.objects.get(pk=key)
    assert (found.contested, found.contested_by_id, found.contest) == (
        *(True, "workshop"),
        "We deliver now.",
    )
    assert Comment.objects.get().organisation_id == "workshop"
    exceptions.decide(
        actors["officer"], key, decision="granted", reason="Until the trial is over", at=on(31)
    )
    found.refresh_from_db()
    assert (found.decision, found.decided_by, found.decided_on) == ("granted", "officer", day(31))
    told = set(Alert.objects.filter(kind="exception.decided").values_list("user__username", flat=1))
    assert told == {"engineer", "maker"}
    needs.except_from_rule(actors["officer"], "N1", reason="granted", at=on(32))
    assert Need.objects.get(pk="N1").state == "import exception"
    assert [exceptions.standing(found, day(at)) for at in (50, 200, 201)] == [
        *("granted", "granted"),
        "ended",
    ]
    deeds = AuditEntry.objects.filter(table="exceptions").values_list("action", flat=True)
    assert list(deeds.order_by("number")) == [
        f"exceptions.{name}" for name in ("ask", "publish", "comment", "decide")
    ]
    assert not list(audit.verify())


def test_who_asked_or_contested_does_not_decide(rule: Any, actors: Any, second: Actor) -> None:
    key = ask(actors["officer"])
    exceptions.publish(actors["officer"], key, comment_until=day(30), at=on(1))
    with pytest.raises(Refused, match="does not decide"):
        exceptions.decide(actors["officer"], key, decision="granted", reason="mine", at=on(31))
    ImportException.objects.filter(pk=key).update(contested=True, contested_by="agency")
    with pytest.raises(Refused, match="contests an exception does not decide"):
        exceptions.decide(second, key, decision="refused", reason="ours", at=on(31))
    ImportException.objects.filter(pk=key).update(contested=False, contested_by=None)
    exceptions.decide(second, key, decision="refused", reason="No need of it", at=on(31))


def test_nobody_decides_before_comments_close_or_without_a_reason(rule: Any, actors: Any) -> None:
    key = ask(actors["engineer"])
    told = {"decision": "granted", "reason": "because"}
    with pytest.raises(Refused, match="was not put out"):
        exceptions.decide(actors["officer"], key, **told, at=on(1))
    exceptions.publish(actors["officer"], key, comment_until=day(30), at=on(1))
    with pytest.raises(Refused, match="still open"):
        exceptions.decide(actors["officer"], key, **told, at=on(30))
    with pytest.raises(Refused, match="reason"):
        exceptions.decide(actors["officer"], key, decision="granted", reason=" ", at=on(31))
    with pytest.raises(Refused, match="no decision"):
        exceptions.decide(actors["officer"], key, decision="perhaps", reason="x", at=on(31))
    exceptions.decide(actors["officer"], key, **told, at=on(31))
    with pytest.raises(Refused, match="decided already"):
        exceptions.decide(actors["officer"], key, **told, at=on(32))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"until": day(20)}, "before the first"),
        ({"starts": day(-90), "until": day(-80)}, "over"),
        ({"until": day(40 + 366)}, "a year at most"),
        ({"why": "  "}, "reason"),
        ({"quantity": 0, "unit": "H87"}, "more than nothing"),
        ({"rule_id": "R9"}, "not there"),
        ({"need_id": "N9"}, "not there"),
    ],
)
def test_what_cannot_be_asked_for(rule: Any, actors: Any, facts: Any, message: str) -> None:
    with pytest.raises(Refused, match=message):
        ask(actors["engineer"], **facts)
    assert not ImportException.objects.exists()
    assert not AuditEntry.objects.filter(table="exceptions").exists()


def test_an_exception_is_asked_for_by_the_buyer(rule: Any, actors: Any) -> None:
    Need.objects.filter(pk="N1").update(buyer="university", access="public", state="published")
    with pytest.raises(Refused, match="by the buyer"):
        ask(actors["engineer"])
    for role in ("maker", "verifier", "auditor", "analyst"):
        with pytest.raises(NotAllowed):
            ask(actors[role])


def test_the_comment_window(rule: Any, actors: Any) -> None:
    key = ask(actors["engineer"])
    with pytest.raises(Refused, match="at least 7 days"):
        exceptions.publish(actors["officer"], key, comment_until=day(6), at=on(1))
    with pytest.raises(Refused, match="before comments close"):
        exceptions.publish(actors["officer"], key, comment_until=day(200), at=on(1))
    exceptions.publish(actors["officer"], key, comment_until=day(7), at=on(1))
    exceptions.comment(actors["researcher"], key, text="We can test it.", at=on(7))
    with pytest.raises(Refused, match="Only a maker"):
        exceptions.comment(actors["engineer"], key, text="No", contests=True, at=on(7))
    with pytest.raises(Refused, match="closed"):
        exceptions.comment(actors["maker"], key, text="Too late", at=on(8))
    assert Comment.objects.count() == 1


def test_it_is_ended_before_its_day(rule: Any, actors: Any) -> None:
    key = ask(actors["engineer"])
    exceptions.publish(actors["officer"], key, comment_until=day(30), at=on(1))
    with pytest.raises(Refused, match="does not hold"):
        exceptions.end(actors["officer"], key, reason="x", at=on(2))
    exceptions.decide(actors["officer"], key, decision="granted", reason="for now", at=on(31))
    exceptions.end(actors["officer"], key, reason="The home lots passed", at=on(60))
    found = ImportException.objects.get(pk=key)
    assert found.until == day(60)
    assert exceptions.standing(found, day(61)) == "ended"


def test_a_stale_decision_is_not_taken(rule: Any, actors: Any) -> None:
    key = ask(actors["engineer"])
    with pytest.raises(Stale):
        exceptions.publish(actors["officer"], key, comment_until=day(30), version=7, at=on(1))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[-2000:]
    return " ".join(re.sub(r"<[^>]+>", "", unescape(answer.content.decode())).split())


def test_pages(rule: Any, client_of: Any, people: Any) -> None:
    from django.utils import timezone

    today = timezone.localdate()
    engineer, officer = client_of("engineer"), client_of("officer")
    sent = {
        "rule_id": "R1",
        "need_id": "N1",
        "quantity": "۶۰",
        "unit": "عدد",
        "starts": (today + timedelta(days=40)).isoformat(),
        "until": (today + timedelta(days=90)).isoformat(),
        "why": "still on trial",
        "once": "one",
    }
    assert "Ask for an exception" in page(engineer, "/exceptions/ask/?need=N1")
    wrong = engineer.post("/exceptions/ask/", {**sent, "until": today.isoformat()})
    assert wrong.status_code == 422
    assert "still on trial" in wrong.content.decode()  # nothing typed is lost
    answer = engineer.post("/exceptions/ask/", sent)
    assert answer.status_code == 302
    assert engineer.post("/exceptions/ask/", sent).url == answer.url  # sent twice, done once
    asked = ImportException.objects.get()
    assert (asked.quantity, asked.unit) == (60, "H87")
    here = f"/exceptions/{asked.pk}/"
    page(client_of("public"), here, 404)
    page(client_of("maker"), here, 404)
    assert "Put out for comment" in page(officer, here)
    until = (today + timedelta(days=20)).isoformat()
    assert officer.post(f"{here}publish/", {"comment_until": until}).status_code == 302
    public = page(client_of("public"), here)
    assert "Comments are open until" in public
    for hidden in ("Spherical roller bearing 22220 E", "Steelworks"):
        assert hidden not in public
    maker = client_of("maker")
    said = {"text": "ما می‌سازیم", "contests": "on"}
    assert maker.post(f"{here}comment/", said).status_code == 302
    assert "ما می‌سازیم" in page(officer, here)
    early = officer.post(f"{here}decide/", {"decision": "granted", "reason": "well"})
    assert "still open" in early.content.decode()
    assert client_of("maker").get(f"{here}decide/").status_code == 403
    assert client_of("verifier").get("/exceptions/ask/").status_code == 403
    assert "Contested" in page(officer, here)
    assert "Open for comment" in page(officer, "/exceptions/?standing=open+for+comment")
    assert "No row fits" in page(officer, "/exceptions/?standing=granted")


def test_who_asked_sees_it_before_it_is_published(rule: Any, actors: Any, client_of: Any) -> None:
    key = ask(actors["engineer"])
    assert "Asked for" in page(client_of("engineer"), f"/exceptions/{key}/")
