"""The ranking learns from what officers decided, is compared, and put to use."""

from typing import Any

import pytest

from onshore.desk.actions import rankings
from onshore.desk.actions.acting import Refused
from onshore.desk.auditing import audit
from onshore.desk.choosing.learning import learn
from onshore.desk.choosing.matching import look_for_makers
from onshore.desk.jobs import start
from onshore.desk.models import AuditEntry, Candidate, Job, Need, Offer, Ranking
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

GOODS = ("slurry pump", "gate valve", "ball bearing", "hydraulic cylinder", "conveyor idler")
MAKES = ("Alfa", "Beta", "Gamma", "Delta", "Sigma")


@pytest.fixture
def reviewed(organisations: Any) -> None:
    """Sixty needs; of two offers of each good, the one that gives the size is confirmed."""
    Candidate.objects.all().delete()
    Offer.objects.all().delete()
    for n in range(60):
        line = f"{GOODS[n % 5]} DN{15 + 5 * n} {MAKES[n // 5 % 5]}"
        need = Need.objects.create(
            need_id=f"R{n}", buyer=organisations["steelworks"], description=line, state="scouting"
        )
        said = {"right": f"{line} stainless", "wrong": f"{GOODS[n % 5]} DN{400 + 5 * n} stainless"}
        for kind, description in said.items():
            offer = Offer.objects.create(
                offer_id=f"{kind}-{n}", maker=organisations["workshop"], description=description
            )
            Candidate.objects.create(
                need=need,
                offer=offer,
                category="near",
                decision="confirmed" if kind == "right" else "rejected",
            )


def test_what_is_learned_is_compared_and_used(reviewed: Any, actors: Any) -> None:
    made = learn(actors["officer"])
    assert (made.confirmed, made.rejected) == (60, 60)
    assert made.compared > 40
    assert made.in_use == (made.after >= made.before)
    assert 0.9 < made.after <= 1
    model = rankings.in_use()
    assert model is not None
    assert model.trained_by == "the desk, by officer"
    lines = AuditEntry.objects.filter(action="rankings.learn")
    assert lines.count() == 2
    assert not list(audit.verify())


def test_the_ranking_in_use_orders_the_offers(reviewed: Any, actors: Any) -> None:
    officer = actors["officer"]
    look_for_makers(officer, ["R7"])
    before = dict(Candidate.objects.filter(need="R7").values_list("offer", "score"))
    learn(officer)
    look_for_makers(officer, ["R7"])
    after = dict(Candidate.objects.filter(need="R7").values_list("offer", "score"))
    assert before != after
    rankings.use(officer, None)
    assert rankings.in_use() is None
    look_for_makers(officer, ["R7"])
    assert dict(Candidate.objects.filter(need="R7").values_list("offer", "score")) == before


def test_few_decisions_teach_nothing(programme: Any, actors: Any) -> None:
    with pytest.raises(Refused, match="0 confirmed and 0 rejected") as refused:
        learn(actors["officer"])
    assert "20 of each" in str(refused.value)
    assert not Ranking.objects.exists()


def test_only_officers_learn_and_choose(reviewed: Any, actors: Any) -> None:
    for role in ("engineer", "maker", "auditor", "analyst", "verifier"):
        with pytest.raises(NotAllowed):
            learn(actors[role])
        with pytest.raises(NotAllowed):
            rankings.use(actors[role], None)
    assert not Ranking.objects.exists()


def test_the_job_tells_what_came_of_it(reviewed: Any, actors: Any) -> None:
    job = start(actors["officer"], "learning.run", {})
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    assert job.result["summary"].startswith("What was learned")


def test_a_ranking_of_another_version_is_not_used(actors: Any, organisations: Any) -> None:
    from django.utils import timezone

    old = Ranking.objects.create(
        made_at=timezone.now(), made_by="officer", confirmed=20, rejected=20, compared=0, text="{}"
    )
    with pytest.raises(Refused, match="another version"):
        rankings.use(actors["officer"], old.pk)
    with pytest.raises(Refused, match="no such ranking"):
        rankings.use(actors["officer"], old.pk + 1)
    assert rankings.in_use() is None


def test_the_pages_lead_from_learning_to_use(reviewed: Any, client_of: Any) -> None:
    client = client_of("officer")
    assert "60 confirmed and 60 rejected" in client.get("/review/rankings/").content.decode()
    form = client.get("/review/rankings/learn/").context["form"]
    answer = client.post("/review/rankings/learn/", {"once": form["once"].value()})
    assert answer.status_code == 302
    made = Ranking.objects.get()
    page = client.get("/review/rankings/").content.decode()
    assert "learned from your decisions" in page
    assert f"/review/rankings/{made.pk}/" in page
    form = client.get("/review/rankings/first/").context["form"]
    client.post("/review/rankings/first/", {"once": form["once"].value()})
    assert not Ranking.objects.filter(in_use=True).exists()
    assert client_of("maker").get("/review/rankings/").status_code in (403, 404)
