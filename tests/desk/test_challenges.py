"""Technology challenges of needs that nobody can serve: put out, answered, decided."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed, words

from onshore.desk.actions import challenges as doing
from onshore.desk.actions import ideas, studies
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import PUBLIC
from onshore.desk.auditing import audit
from onshore.desk.models import Alert, Challenge, Idea, Need, Proposal, Study
from onshore.desk.policies import NotAllowed, visible

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 10, 1, 12, tzinfo=UTC)
LATER = datetime(2024, 12, 2, 12, tzinfo=UTC)
TOLD = {"title": "Lining that lasts 600 heats", "text": "600 heats; ours lasts 380."}
CLOSES = date(2024, 12, 1)
PROPOSAL = {"title": "Spinel lining", "summary": "We fire spinel bricks.", "trl": 4}


@pytest.fixture
def need(programme):
    Need.objects.filter(pk="N1").update(state="no-match")
    return Need.objects.get(pk="N1")


@pytest.fixture
def challenge(need, actors):
    """A published challenge of the steelworks' need."""
    key = doing.add(actors["officer"], TOLD | {"closes": CLOSES}, need_id="N1", at=NOW)
    return doing.publish(actors["officer"], key, at=NOW)


def test_a_challenge_is_made_of_a_need_without_a_maker(need, actors, client_of):
    engineer = client_of("engineer")
    listed = engineer.get(reverse("challenge_needs"))
    assert reverse("need_challenge", args=["N1"]) in listed.content.decode()
    address = reverse("need_challenge", args=["N1"])
    own = reverse("need", args=["N1"])
    assert address in engineer.get(own).text
    assert address not in client_of("maker").get(own).text
    day = {"closes": "2030-12-01", "prize": "5000", "currency": "EUR"}
    assert typed(engineer, address, **TOLD, **day).status_code == 302
    made = Challenge.objects.get()
    assert (made.owner_id, made.need_id, made.state) == ("steelworks", "N1", "draft")
    assert made.prize == Decimal(5000)
    assert reverse("challenge", args=[made.pk]) in engineer.get(own).text
    assert "N1" not in engineer.get(reverse("challenge_needs")).content.decode()
    assert not visible(PUBLIC, Challenge).exists()
    assert not visible(actors["maker"], Challenge).exists()
    again = typed(engineer, address, **TOLD)
    assert again.status_code == 422
    assert "has a challenge already" in words(again)
    assert engineer.get(reverse("publish_challenge", args=[made.pk])).status_code == 403
    officer = client_of("officer")
    assert typed(officer, reverse("publish_challenge", args=[made.pk])).status_code == 302
    told = set(Alert.objects.filter(kind="challenge.published").values_list("user__username"))
    assert told == {("maker",), ("rival",), ("researcher",)}
    public = words(client_of("public").get(reverse("challenge", args=[made.pk])))
    assert "ours lasts 380" in public
    # Neither whose problem it is nor the need that it comes from is the public's.
    assert "Steelworks" not in public
    assert "22220" not in public
    assert "Lining that lasts" in words(client_of("public").get(reverse("challenges")))


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"text": ""}, "what is sought"),
        ({"closes": None}, "lie ahead"),
        ({"closes": date(2024, 10, 1)}, "lie ahead"),
    ],
)
def test_a_challenge_that_cannot_be_published(need, actors, facts, match):
    key = doing.add(actors["officer"], TOLD | {"closes": CLOSES} | facts, need_id="N1", at=NOW)
    with pytest.raises(Refused, match=match):
        doing.publish(actors["officer"], key, at=NOW)


def test_a_challenge_has_an_owner_and_its_need_no_maker(programme, actors, people):
    with pytest.raises(Refused, match="This need is: Draft"):
        doing.add(actors["officer"], TOLD, need_id="N1", at=NOW)
    with pytest.raises(Refused) as refused:
        doing.add(actors["officer"], TOLD, at=NOW)
    assert refused.value.field == "owner_id"
    with pytest.raises(Refused) as refused:
        doing.add(actors["engineer"], TOLD | {"prize": Decimal(5)}, at=NOW)
    assert refused.value.field == "currency"
    assert doing.add(actors["engineer"], TOLD, at=NOW)
    with pytest.raises(NotAllowed):
        doing.add(actors["maker"], TOLD | {"owner_id": "steelworks"}, at=NOW)


def test_what_is_out_is_only_put_off(challenge, actors):
    officer = actors["officer"]
    told = TOLD | {"prize": None, "currency": ""}
    with pytest.raises(Refused, match="others work on"):
        doing.change(officer, challenge, told | {"text": "700 heats", "closes": CLOSES}, at=NOW)
    with pytest.raises(Refused, match="others work on"):
        doing.change(officer, challenge, told | {"closes": date(2024, 11, 1)}, at=NOW)
    doing.change(officer, challenge, told | {"closes": date(2024, 12, 20)}, at=NOW)
    assert Challenge.objects.get().closes == date(2024, 12, 20)


def test_proposals_are_decided_after_the_last_day_with_reasons(challenge, actors, client_of):
    one = doing.propose(actors["researcher"], challenge, PROPOSAL, at=NOW)
    other = doing.propose(actors["maker"], challenge, PROPOSAL | {"title": "Resin"}, at=NOW)
    with pytest.raises(Refused, match="has proposed already"):
        doing.propose(actors["maker"], challenge, PROPOSAL, at=NOW)
    with pytest.raises(Refused, match="no more proposals"):
        doing.propose(actors["rival"], challenge, PROPOSAL, at=LATER)
    late = client_of("rival").get(reverse("propose_solution", args=[challenge]))
    assert "takes no more proposals" in words(late)
    assert 'name="summary"' not in late.text
    assert set(visible(actors["maker"], Proposal).values_list("pk", flat=True)) == {other}
    assert visible(actors["engineer"], Proposal).count() == 2
    choice = {"decision": "chosen", "reason": "The bricks are there."}
    with pytest.raises(Refused, match="still open"):
        doing.decide(actors["engineer"], one, **choice, at=NOW)
    with pytest.raises(NotAllowed):
        doing.decide(actors["maker"], other, **choice, at=LATER)
    engineer = client_of("engineer")  # by the clock of the page the last day has passed
    page = engineer.get(reverse("challenge", args=[challenge]))
    assert reverse("decide_solution", args=[one]) in page.content.decode()
    lost = typed(engineer, reverse("decide_solution", args=[other]), decision="not chosen")
    assert lost.status_code == 422
    assert "reason" in lost.context["form"].errors
    for key, told in (
        (one, choice),
        (other, {"decision": "not chosen", "reason": "Resin burns out."}),
    ):
        sent = typed(engineer, reverse("decide_solution", args=[key]), **told)
        assert sent.status_code == 302
    alert = Alert.objects.get(kind="proposal.decided", user__username="maker")
    assert alert.facts["reason"] == "Resin burns out."
    officer = client_of("officer")
    begin = reverse("begin_study", args=[one])
    assert begin in officer.get(reverse("challenge", args=[challenge])).content.decode()
    thesis = {"title": "Spinel lining", "kind": "thesis", "from": "1403/10/01", "trl": "۴"}
    assert "student" in typed(officer, begin, **thesis).context["form"].errors
    assert typed(officer, begin, **thesis, student="Ali").status_code == 302
    study = Study.objects.get()
    assert (study.organisation_id, study.need_id, study.trl) == ("university", "N1", 4)
    with pytest.raises(Refused, match="begun already"):
        studies.begin(actors["officer"], {"title": "x", "kind": "thesis", "student": "a"},
                      proposal_id=one, at=LATER)  # fmt: skip
    with pytest.raises(Refused, match="not chosen"):
        studies.begin(actors["officer"], {"title": "x", "kind": "research project"},
                      proposal_id=other, at=LATER)  # fmt: skip
    assert not list(audit.verify())


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"summary": " "}, "summary"),
        ({"trl": 0}, "trl"),
        ({"months": 0}, "months"),
        ({"amount": Decimal(5)}, "currency"),
    ],
)
def test_a_proposal_that_cannot_be_handed_in(challenge, actors, facts, field):
    with pytest.raises(Refused) as refused:
        doing.propose(actors["researcher"], challenge, PROPOSAL | facts, at=NOW)
    assert refused.value.field == field


def test_nobody_answers_his_own_problem_nor_decides_on_his_own_answer(challenge, actors):
    Challenge.objects.update(owner="workshop", need=None)
    with pytest.raises(NotAllowed):
        doing.propose(actors["maker"], challenge, PROPOSAL, at=NOW)
    own = doing.propose(actors["researcher"], challenge, PROPOSAL, at=NOW)
    Proposal.objects.update(proposer="agency")
    with pytest.raises(Refused, match="your own organisation"):
        doing.decide(actors["officer"], own, decision="chosen", reason="x", at=LATER)


def test_who_has_no_firm_hands_in_an_idea_for_a_challenge(challenge, client_of, actors):
    Challenge.objects.update(closes=date(2030, 1, 1))
    public = client_of("public")
    page = public.get(reverse("challenge", args=[challenge])).content.decode()
    assert f"{reverse('new_idea')}?challenge={challenge}" in page
    told = {"title": "Slag", "summary": "Coat the bricks with slag as some plants do abroad."}
    told |= {"handed_in_by": "Reza", "contact": "0913", "challenge_id": challenge}
    assert typed(public, reverse("new_idea"), **told).status_code == 302
    assert Idea.objects.get().challenge_id == challenge
    doing.propose(actors["researcher"], challenge, PROPOSAL, at=NOW)
    doing.withdraw(actors["officer"], challenge, reason="Bought abroad", at=NOW)
    assert Proposal.objects.get().state == "not chosen"
    with pytest.raises(Refused) as refused:
        ideas.hand_in(PUBLIC, told | {"title": "Slag 2"}, at=NOW)
    assert refused.value.field == "challenge_id"
    assert client_of("maker").get(reverse("challenge", args=[challenge])).status_code == 404
