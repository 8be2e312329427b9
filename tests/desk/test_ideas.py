"""Ideas handed in by anybody, sorted with reasons; foundings step by step."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from filling import typed, words

from onshore.desk.actions import foundings
from onshore.desk.actions import ideas as doing
from onshore.desk.actions.acting import AlreadyDone, Refused, Stale
from onshore.desk.actor import PUBLIC
from onshore.desk.auditing import audit
from onshore.desk.models import Alert, Founding, FoundingStep, Idea, Organisation
from onshore.desk.policies import NotAllowed, visible

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 10, 1, 12, tzinfo=UTC)
TOLD = {
    "title": "Dry cooling of sinter",
    "summary": "Air instead of water cools the sinter; a plant saves most of its water.",
    "handed_in_by": "Maryam",
    "contact": "maryam@example.org",
}


def handed_in(actor=PUBLIC, **facts):
    return doing.hand_in(actor, TOLD | facts, at=NOW)


def test_anybody_hands_in_an_idea_and_is_told_what_became_of_it(client_of, people):
    public = client_of("public")
    answer = typed(public, reverse("new_idea"), **TOLD)
    assert answer.status_code == 302
    idea = Idea.objects.get()
    assert (idea.state, idea.handed_in_by, idea.proposer_id) == ("received", "Maryam", None)
    assert "It waits to be sorted" in words(public.get(answer.url))
    assert Alert.objects.get(kind="idea.received").user == people["officer"]
    officer = client_of("officer")
    assert "maryam@example.org" in words(officer.get(reverse("idea", args=[idea.pk])))
    sorted_ = typed(
        officer,
        reverse("sort_idea", args=[idea.pk]),
        decision="declined",
        reason="Two plants do this already.",
    )
    assert sorted_.status_code == 302
    told = words(public.get(answer.url))
    assert "Declined" in told
    assert "Two plants do this already." in told
    assert "maryam" not in told.lower()
    assert public.get(reverse("idea_standing") + "?number=IDEA-NONE").status_code == 404
    assert not list(audit.verify())


def test_an_idea_is_read_by_the_agency_and_by_whose_it_is(actors, client_of):
    nobodys, own = handed_in(), handed_in(actors["maker"], title="Rolls", proposer_id=None)
    own = doing.hand_in(actors["maker"], TOLD | {"title": "Rolls 2"}, proposer_id="workshop")
    assert set(visible(actors["maker"], Idea).values_list("pk", flat=True)) == {own}
    assert not visible(actors["rival"], Idea).exists()
    assert not visible(PUBLIC, Idea).exists()
    assert visible(actors["auditor"], Idea).count() == 3
    assert client_of("rival").get(reverse("idea", args=[own])).status_code == 404
    page = words(client_of("maker").get(reverse("idea", args=[own])))
    assert "maryam@example.org" not in page
    with pytest.raises(NotAllowed):
        doing.sort(actors["maker"], own, decision="accepted", reason="mine", at=NOW)
    with pytest.raises(Refused, match="do not act"):
        doing.hand_in(actors["maker"], TOLD, proposer_id="rival", at=NOW)
    doing.sort(actors["officer"], own, decision="accepted", reason="New", version=1, at=NOW)
    alert = Alert.objects.get(kind="idea.sorted")
    assert (alert.user.username, alert.facts["reason"]) == ("maker", "New")
    with pytest.raises(Stale):
        doing.sort(actors["officer"], own, decision="piloted", reason="x", version=1, at=NOW)
    with pytest.raises(Refused, match="does not become"):
        doing.sort(actors["officer"], own, decision="handed over", reason="x", at=NOW)
    with pytest.raises(Refused) as refused:
        doing.sort(actors["officer"], nobodys, decision="accepted", reason=" ", at=NOW)
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"summary": "Good."}, "summary"),
        ({"summary": "x" * 8001}, "summary"),
        ({"contact": " "}, "contact"),
        ({"trl": 10}, "trl"),
        ({"challenge_id": "none"}, "challenge_id"),
    ],
)
def test_an_idea_that_cannot_be_taken_in(db, facts, field):
    with pytest.raises(Refused) as refused:
        handed_in(**facts)
    assert refused.value.field == field
    assert not Idea.objects.exists()


def test_the_same_idea_sent_twice_is_one(db):
    key = handed_in()
    with pytest.raises(AlreadyDone) as done:
        handed_in()
    assert done.value.key == key


def test_programs_and_floods_are_kept_out(client_of, people, monkeypatch):
    public, address = client_of("public", "fa"), reverse("new_idea")
    caught = typed(public, address, **TOLD, homepage="http://spam.example")
    assert caught.status_code == 422
    assert not Idea.objects.exists()
    assert TOLD["summary"] in words(caught)
    monkeypatch.setattr("onshore.desk.screens.ideas.AN_HOUR", 2)
    for number in range(2):
        assert typed(public, address, **TOLD | {"title": f"Idea {number}"}).status_code == 302
    over = typed(public, address, **TOLD | {"title": "One more"})
    assert (over.status_code, over["Retry-After"]) == (429, "3600")
    assert Idea.objects.count() == 2
    # Who is signed in is held by the limit of people instead.
    maker = client_of("maker")
    assert typed(maker, address, **TOLD | {"title": "Mine"}).status_code == 302


def test_a_unit_is_founded_step_by_step(actors, client_of, people):
    idea = doing.hand_in(actors["researcher"], TOLD, proposer_id="university", at=NOW)
    officer = actors["officer"]
    facts = {"name": "Sardsaz", "founders": "Maryam, Ali", "place": "IR-10", "idea_id": idea}
    steps = [{"number": 1, "step": "Plan"}, {"number": 3, "step": "Register"}]
    with pytest.raises(Refused, match="not accepted"):
        foundings.begin(officer, facts, steps, at=NOW)
    doing.sort(officer, idea, decision="accepted", reason="New", at=NOW)
    key = foundings.begin(officer, facts, steps, at=NOW)
    plan, register = FoundingStep.objects.filter(founding=key).order_by("number")
    with pytest.raises(Refused, match="before this one"):
        foundings.do_step(officer, register.pk, evidence="No. 5512", at=NOW)
    with pytest.raises(Refused, match="not done yet: Plan"):
        foundings.found(officer, key, at=NOW)
    page = client_of("officer")
    step = reverse("do_founding_step", args=[plan.pk])
    assert typed(page, step, evidence="").status_code == 422
    assert typed(page, step, evidence="Plan of 12 May").status_code == 302
    foundings.do_step(officer, register.pk, evidence="No. 5512", at=NOW)
    assert "2 of 2 steps done" in words(
        client_of("researcher").get(reverse("founding", args=[key]))
    )
    assert client_of("maker").get(reverse("founding", args=[key])).status_code == 404
    assert typed(page, reverse("found_unit", args=[key])).status_code == 302
    founded = Founding.objects.get(pk=key)
    unit = Organisation.objects.get(pk=founded.organisation_id)
    assert (founded.state, unit.name, unit.knowledge_based) == ("founded", "Sardsaz", True)
    with pytest.raises(Refused, match="at its end"):
        foundings.give_up(officer, key, reason="late", at=NOW)


def test_a_founding_is_begun_on_its_page(actors, client_of):
    officer = client_of("officer", "fa")
    address = reverse("new_founding")
    form = officer.get(address).context["form"]
    assert "شرکت" in form["step_3"].value()
    lines = {f"step_{n}": form[f"step_{n}"].value() or "" for n in form.numbers}
    told = {"name": "سردساز", "founders": "مریم", "place": "اصفهان", "due_1": "۱۴۰۳/۱۰/۱"}
    wrong = typed(
        officer, address, **{k: v or "" for k, v in lines.items()}, **told, due_2="1403/09/01"
    )
    assert wrong.status_code == 422
    assert "due_2" in wrong.context["form"].errors
    lost = typed(officer, address, **lines | told | {"place": "ناکجا"})
    assert "place" in lost.context["form"].errors
    assert typed(officer, address, **lines | told).status_code == 302
    founding = Founding.objects.get()
    first = FoundingStep.objects.get(founding=founding, number=1)
    assert (founding.place, first.due) == ("IR-10", date(2024, 12, 21))
    assert founding.founding_steps_as_founding.count() == 7
    with pytest.raises(Refused, match="without steps"):
        foundings.begin(actors["officer"], {"name": "a", "founders": "b"}, [], at=NOW)
    with pytest.raises(NotAllowed):
        foundings.begin(actors["maker"], {"name": "a", "founders": "b"}, [{"step": "c"}], at=NOW)
    given_up = reverse("give_up_founding", args=[founding.pk])
    assert typed(officer, given_up, reason="سرمایه نیامد").status_code == 302
    assert "سرمایه نیامد" in words(officer.get(reverse("founding", args=[founding.pk])))
    assert officer.get(reverse("foundings")).status_code == 200
