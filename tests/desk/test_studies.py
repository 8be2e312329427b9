"""Research: readiness gates with evidence, a trial at a plant, the hand-over to a maker."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from filling import typed, words

from onshore.desk.actions import pilots
from onshore.desk.actions import studies as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import actor_of
from onshore.desk.auditing import audit
from onshore.desk.models import (
    RECORDS,
    Alert,
    AuditEntry,
    Challenge,
    Gate,
    Membership,
    Need,
    Offer,
    Pilot,
    Role,
    Study,
)
from onshore.desk.policies import NotAllowed, visible

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 10, 1, 12, tzinfo=UTC)
TOLD = {"kind": "research project", "title": "Spinel lining", "starts": date(2024, 9, 1)}
TRIAL = {"host_id": "steelworks", "measure": "heats", "aim": Decimal(600), "unit": "heats"}


def begun(actors, **facts):
    return doing.begin(actors["researcher"], TOLD | facts, at=NOW)


def pass_gate(actors, study, level):
    doing.ask_gate(actors["researcher"], study, level=level, evidence=f"report {level}", at=NOW)
    gate = Gate.objects.get(study=study, trl=level)
    doing.decide_gate(actors["officer"], gate.pk, decision="passed", reason="seen", at=NOW)


def test_no_level_is_skipped_and_another_decides(actors, client_of):
    study = begun(actors, trl=3)
    researcher, officer = actors["researcher"], actors["officer"]
    assert doing.level_of(Study.objects.get()) == 3
    for level in (3, 5, 9):
        with pytest.raises(Refused, match="No level is skipped") as refused:
            doing.ask_gate(researcher, study, level=level, evidence="x", at=NOW)
        assert refused.value.field == "level"
    asking = reverse("ask_gate", args=[study])
    page = client_of("researcher")
    empty = typed(page, asking, evidence=" ")
    assert empty.status_code == 422
    assert "evidence" in empty.context["form"].errors
    assert typed(page, asking, evidence="Report 12 of the laboratory").status_code == 302
    with pytest.raises(Refused, match="waits to be decided"):
        doing.ask_gate(researcher, study, level=4, evidence="x", at=NOW)
    gate = Gate.objects.get()
    assert Alert.objects.get(kind="gate.asked").facts["level"] == "4"
    assert page.get(reverse("decide_gate", args=[gate.pk])).status_code == 403
    decider = client_of("officer")
    shown = decider.get(reverse("decide_gate", args=[gate.pk]))
    assert "Report 12 of the laboratory" in words(shown)
    told = {"decision": "failed", "reason": "One sample only."}
    assert typed(decider, reverse("decide_gate", args=[gate.pk]), **told).status_code == 302
    assert doing.level_of(Study.objects.get()) == 3
    assert Alert.objects.get(kind="gate.decided").facts["reason"] == "One sample only."
    doing.ask_gate(researcher, study, level=4, evidence="Report 13: ten samples", at=NOW)
    doing.decide_gate(officer, gate.pk, decision="passed", reason="Ten samples.", at=NOW)
    assert doing.level_of(Study.objects.get()) == 4
    with pytest.raises(Refused, match="decided already"):
        doing.decide_gate(officer, gate.pk, decision="failed", reason="x", at=NOW)
    # The row holds the second answer; the audit keeps the first.
    kept = AuditEntry.objects.filter(action="gates.decide").order_by("number").first()
    assert "One sample only." in kept.after
    ladder = words(page.get(reverse("study", args=[study])))
    assert "readiness level 4" in ladder
    assert "Ten samples." in ladder
    assert not list(audit.verify())


def test_who_asked_does_not_decide_even_as_an_officer(actors, people, organisations):
    study = begun(actors)
    doing.ask_gate(actors["officer"], study, level=1, evidence="x", at=NOW)
    gate = Gate.objects.get()
    with pytest.raises(Refused, match="asked for this level yourself"):
        doing.decide_gate(actors["officer"], gate.pk, decision="passed", reason="x", at=NOW)
    # Nor does an officer who belongs to the university.
    Gate.objects.update(asked_by="somebody")
    Membership.objects.create(
        user=people["officer"],
        role=Role.RESEARCHER,
        organisation=organisations["university"],
        since=date(2020, 1, 1),
    )
    both = actor_of(people["officer"], NOW.date())
    with pytest.raises(NotAllowed):
        doing.decide_gate(both, gate.pk, decision="passed", reason="x", at=NOW)


def test_research_is_read_by_whom_it_concerns(actors, programme, client_of):
    study = begun(actors)
    seen = {
        name: visible(actors[name], Study).exists()
        for name in ("officer", "analyst", "auditor", "researcher", "maker", "engineer")
    }
    assert [name for name, sees in seen.items() if not sees] == ["maker", "engineer"]
    assert client_of("maker").get(reverse("study", args=[study])).status_code == 404
    Study.objects.update(need="N1")
    assert visible(actors["engineer"], Study).exists()
    with pytest.raises(NotAllowed):
        doing.ask_gate(actors["engineer"], study, level=1, evidence="x", at=NOW)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"kind": "thesis"}, "student"),
        ({"trl": 10}, "trl"),
        ({"until": date(2024, 8, 1)}, "until"),
        ({"need_id": "N1"}, "need_id"),  # the draft is not the university's to see
        ({"organisation_id": "nobody"}, "organisation_id"),
    ],
)
def test_research_that_cannot_be_recorded(actors, programme, facts, field):
    with pytest.raises(Refused) as refused:
        begun(actors, **facts)
    assert refused.value.field == field


def test_research_rests_and_goes_on(actors, client_of):
    study = begun(actors)
    page, address = client_of("researcher"), reverse("change_study_state", args=[study])
    assert "reason" in typed(page, address, state="paused").context["form"].errors
    assert typed(page, address, state="paused", reason="The oven broke").status_code == 302
    with pytest.raises(Refused, match="This research is: Paused"):
        doing.ask_gate(actors["researcher"], study, level=1, evidence="x", at=NOW)
    with pytest.raises(Refused) as refused:
        doing.set_state(actors["researcher"], study, state="finished", at=NOW)
    assert refused.value.field == "state"
    doing.set_state(actors["researcher"], study, state="running", at=NOW)


def test_from_the_laboratory_through_a_plant_to_a_maker(actors, programme, client_of):
    challenge = Challenge.objects.create(
        challenge_id="CH1", title="Lining", owner_id="steelworks", state="published"
    )
    Need.objects.filter(pk="N1").update(state="no-match")
    study = begun(actors, trl=5)
    Study.objects.update(need="N1", challenge=challenge)
    with pytest.raises(Refused, match="from level 6"):
        pilots.plan(actors["researcher"], study, TRIAL, at=NOW)
    pass_gate(actors, study, 6)
    with pytest.raises(Refused, match="tried in a buyer's plant"):
        doing.ask_gate(actors["researcher"], study, level=7, evidence="x", at=NOW)
    page = client_of("researcher")
    assert "a trial in a plant comes first" in words(page.get(reverse("study", args=[study])))
    planned = {"host_id": "steelworks", "from": "2024-10-01", "measure": "heats", "aim": "۶۰۰"}
    planned |= {"unit": "heats"}
    answer = typed(page, reverse("new_pilot", args=[study]), **planned)
    assert answer.status_code == 302
    pilot = Pilot.objects.get()
    assert pilot.aim == Decimal(600)
    assert Alert.objects.get(kind="pilot.planned").user.username == "engineer"
    judged = reverse("judge_pilot", args=[pilot.pk])
    assert page.get(judged).status_code == 403
    engineer = client_of("engineer")
    told = {"result": "passed", "reason": "Held to the end."}
    assert "reached" in typed(engineer, judged, **told).context["form"].errors
    assert typed(engineer, judged, **told, reached="612").status_code == 302
    assert "Held to the end." in words(page.get(reverse("pilot", args=[pilot.pk])))
    Pilot.objects.update(unit="million t")
    translated = client_of("researcher", "fa").get(reverse("pilot", args=[pilot.pk]))
    assert "۶۰۰ میلیون تن" in words(translated)
    with pytest.raises(Refused, match="from level 7"):
        doing.hand_over(actors["officer"], study, offer_id="O-workshop", at=NOW)
    pass_gate(actors, study, 7)
    with pytest.raises(NotAllowed):
        doing.hand_over(actors["researcher"], study, offer_id="O-workshop", at=NOW)
    handing = reverse("hand_over_study", args=[study])
    officer = client_of("officer")
    assert "offer_id" in typed(officer, handing, offer_id="none").context["form"].errors
    assert typed(officer, handing, offer_id="O-workshop").status_code == 302
    done = Study.objects.get()
    assert (done.offer_id, done.state) == ("O-workshop", "finished")
    assert Offer.objects.get(pk="O-workshop").trl == 7
    assert Challenge.objects.get().state == "solved"
    told_to = Alert.objects.filter(kind="study.handed_over").values_list("user__username")
    assert set(told_to) == {("maker",), ("researcher",), ("engineer",)}
    assert visible(actors["maker"], Study).exists()  # the maker reads what it took over
    assert "can be scouted again" in words(engineer.get(reverse("study", args=[study])))
    with pytest.raises(Refused, match="handed over already"):
        doing.hand_over(actors["officer"], study, offer_id="O-rival", at=NOW)
    with CaptureQueriesContext(connection) as asked:
        officer.get(reverse("study", args=[study]))
    assert len(asked) <= 12
    assert not list(audit.verify())


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"host_id": "workshop"}, "host_id"),
        ({"host_id": None}, "host_id"),
        ({"plant_id": "others"}, "plant_id"),
        ({"starts": date(2024, 10, 2), "until": date(2024, 10, 1)}, "until"),
        ({"measure": " "}, "measure"),
    ],
)
def test_a_trial_that_cannot_be_planned(actors, organisations, facts, field):
    study = begun(actors, trl=6)
    RECORDS["plants"].objects.create(
        plant_id="others", name="Mill", organisation_id="rival", source="test"
    )
    with pytest.raises(Refused) as refused:
        pilots.plan(actors["researcher"], study, TRIAL | facts, at=NOW)
    assert refused.value.field == field


def test_a_trial_is_judged_once_it_has_begun_by_the_plants_engineer(actors):
    study = begun(actors, trl=6)
    key = pilots.plan(actors["researcher"], study, TRIAL | {"starts": date(2024, 11, 1)}, at=NOW)
    told = {"result": "passed", "reached": Decimal(1), "reason": "x"}
    with pytest.raises(Refused, match="has not begun"):
        pilots.judge(actors["engineer"], key, **told, at=NOW)
    with pytest.raises(NotAllowed):
        pilots.judge(actors["officer"], key, **told, at=NOW)
    later = datetime(2024, 12, 1, tzinfo=UTC)
    pilots.judge(actors["engineer"], key, **told | {"result": "failed"}, at=later)
    with pytest.raises(Refused, match="judged already"):
        pilots.judge(actors["engineer"], key, **told, at=later)
    with pytest.raises(Refused, match="tried in a buyer's plant"):
        doing.ask_gate(actors["researcher"], study, level=7, evidence="x", at=later)
