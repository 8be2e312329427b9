"""The pages of calls, proposals, reviews, awards and guarantees, and who sees them."""

from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from filling import typed
from funding import made_fund, open_call, proposed

from onshore.desk.models import RECORDS, Award, Call, Proposal, Review, Tranche

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> Any:
    return timezone.localdate()


def page(client: Any, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return unescape(answer.content.decode())


def sent(client: Any, address: str, **told: Any) -> str:
    """Fill in a form, which has to be taken, and give where it leads."""
    answer = typed(client, address, **told)
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer.url)


def rows(number: int, **cells: str) -> dict[str, str]:
    return {f"{name}_{number}": value for name, value in cells.items()}


def test_a_call_from_its_form_to_the_paid_tranche(
    people: Any, programme: Any, client_of: Any, today: Any
) -> None:
    made_fund()
    officer, maker, engineer = (client_of(role) for role in ("officer", "maker", "engineer"))
    facts = {
        "title": "Steel parts", "kind": "grant", "fund_id": "fund", "text": "What will you make?",
        "budget": "۱۰۰۰۰", "currency": "EUR", "most": "8000", "reviewers": "1",
        "closes": (today + timedelta(days=20)).isoformat(), "commitment_id": "",
    }  # fmt: skip
    wrong = typed(officer, reverse("new_call"), **facts | {"budget": "0", "most": ""})
    assert wrong.status_code == 422
    assert "A call without a budget" in str(wrong.context["form"].errors)
    assert wrong.context["form"]["text"].value() == "What will you make?"
    criteria = sent(officer, reverse("new_call"), **facts)
    call = Call.objects.get()
    assert criteria == reverse("call_criteria", args=[call.pk])
    assert call.budget == 10000
    lines = rows(1, name="novelty", name_fa="نوآوری", weight="3", most="10")
    bad = typed(officer, criteria, **lines, **rows(3, name="team", weight="-1", most="5"))
    assert "weight_3" in bad.context["form"].errors
    lines |= rows(3, name="team", name_fa="گروه", weight="1", most="5")
    assert sent(officer, criteria, **lines) == reverse("call", args=[call.pk])
    here = reverse("call", args=[call.pk])
    page(maker, here, 404)
    page(client_of("public"), here, 404)
    assert sent(officer, reverse("publish_call", args=[call.pk])) == here
    assert "Steel parts" in page(client_of("public"), here)
    assert "Steel parts" in page(client_of("public"), reverse("calls"))
    propose = reverse("propose", args=[call.pk])
    told = {"title": "Rolls", "summary": "زر 17", "amount": "9000", "months": "۱۲", "trl": "6"}
    told |= {"proposer_id": "workshop", "place": "اصفهان", "currency": "EUR"}
    assert "gives" in typed(maker, propose, **told).context["form"].errors["amount"][0]
    late = typed(maker, propose, **told | {"amount": "8000", "trl": "12"})
    assert "trl" in late.context["form"].errors
    sent(maker, propose, **told | {"amount": "8000"})
    rival = sent(client_of("rival"), propose, **told | {"title": "Rings", "amount": "4000",
                                                        "proposer_id": "rival"})  # fmt: skip
    proposal = Proposal.objects.get(proposer="workshop")
    assert (proposal.place, proposal.months) == ("IR-10", 12)
    assert "Rolls" in page(maker, here)
    assert "Rings" not in page(maker, here)
    page(maker, rival, 404)
    page(engineer, reverse("proposal", args=[proposal.pk]), 404)
    assert client_of("analyst").get(reverse("new_call")).status_code == 403
    assert engineer.get(propose).status_code == 403
    Call.objects.update(closes=today - timedelta(days=1))
    assign = reverse("assign_reviewers", args=[call.pk])
    both = list(Proposal.objects.values_list("pk", flat=True))
    own = typed(officer, assign, reviewer="maker", proposals=both)
    assert "own organisation: Rolls" in own.context["form"].errors["proposals"][0]
    assert sent(officer, assign, reviewer="engineer", proposals=both) == here
    for review in Review.objects.order_by("pk"):
        at = reverse("proposal_review", args=[review.pk])
        told_once = page(engineer, at)
        assert "Declare your interests" in told_once
        assert "زر 17" not in told_once
        assert Proposal.objects.get(pk=review.proposal_id).title not in told_once
        score = reverse("score_proposal", args=[review.pk])
        assert engineer.get(score).url == reverse("declare_interest", args=[review.pk])
        early = engineer.post(score, {"score_1": "9", "score_2": "4", "comment": ""})
        assert "first whether a conflict" in early.content.decode()
        page(client_of("verifier"), at, 404)
        page(maker, at, 404)
        typed(engineer, reverse("declare_interest", args=[review.pk]), conflict="no", text="")
        assert "زر 17" in page(engineer, score)
        high = typed(engineer, score, score_1="۱۱", score_2="4", comment="")
        assert "from 0 to 10" in high.context["form"].errors["score_1"][0]
        points = "9" if review.proposal_id == proposal.pk else "5"
        assert sent(engineer, score, score_1=points, score_2="4", comment="Good") == at
    assert "Change the scores" in page(engineer, at)
    sent(officer, reverse("select_call", args=[call.pk]), weigh="money", least="", most_per_firm="")
    shown = page(officer, here)
    assert "no choice within the budget scores more" in shown
    assert "engineer" in shown
    decide = reverse("decide_call", args=[call.pk])
    form = officer.get(decide).context["form"]
    assert form[f"decision_{proposal.pk}"].value() == "chosen"
    assert "87.5 of 100 and came at place 1 of 2" in form[f"reason_{proposal.pk}"].value()
    decisions = {}
    for key in both:
        decisions[f"decision_{key}"] = "chosen" if key == proposal.pk else "not chosen"
        decisions[f"reason_{key}"] = "Only the rolls are sought."
    silent = typed(officer, decide, **decisions | {f"reason_{proposal.pk}": " "})
    assert f"reason_{proposal.pk}" in silent.context["form"].errors
    assert sent(officer, decide, **decisions) == here
    answered = page(client_of("rival"), rival)
    assert "Only the rolls are sought." in answered
    assert "57.5" in answered
    assert "engineer" not in answered
    assert "87.5" not in answered
    give = reverse("give_award", args=[proposal.pk])
    award = {"amount": "8000", "awarded": today.isoformat(), "until": "", "statement": "Rolls"}
    apart = typed(officer, give, **award, **rows(1, milestone="Sample", amount="7000"))
    assert "Make them equal" in apart.context["form"].errors["amount_1"][0]
    sent(officer, give, **award, **rows(1, milestone="Sample", amount="8000"))
    tranche = Tranche.objects.get()
    at = reverse("award", args=[tranche.award_id])
    page(client_of("rival"), at, 404)
    assert "Hand it in as reached" in page(maker, at)
    reach = reverse("reach_tranche", args=[tranche.pk])
    assert typed(maker, reach, evidence="").context["form"].errors["evidence"]
    assert sent(maker, reach, evidence="Report 12") == at
    assert maker.get(reverse("accept_tranche", args=[tranche.pk])).status_code == 403
    assert sent(officer, reverse("accept_tranche", args=[tranche.pk]), reason="") == at
    pay = reverse("pay_tranche", args=[tranche.pk])
    assert sent(officer, pay, paid_on=today.isoformat()) == at
    assert "Report 12" in page(client_of("auditor"), at)
    fund = page(client_of("analyst"), reverse("fund", args=["fund"]))
    assert "8 000" in fund.replace("\u202f", " ")
    assert client_of("maker").get(reverse("fund", args=["fund"])).status_code == 403


def test_guarantees_have_their_pages(people: Any, client_of: Any, today: Any) -> None:
    made_fund()
    RECORDS["rigs"].objects.create(rig_id="R1", model="Core drill", owner_id="workshop")
    RECORDS["projects"].objects.create(
        project_id="PJ", name="Pellet plant", product="pellet", capacity=Decimal(5), source="x"
    )
    officer, until = client_of("officer"), (today + timedelta(days=300)).isoformat()
    facts = {
        "fund_id": "fund", "receiver_id": "workshop", "project_id": "PJ", "amount": "400",
        "currency": "EUR", "awarded": today.isoformat(), "until": until, "premium": "2%",
    }  # fmt: skip
    over = typed(officer, reverse("new_guarantee"), **facts | {"until": today.isoformat()})
    assert "ends before" in str(over.context["form"].errors["until"])
    at = sent(officer, reverse("new_guarantee"), **facts)
    call_in = reverse("call_in_guarantee", args=[Award.objects.get().pk])
    told = {"called_on": today.isoformat(), "reason": "Not served"}
    assert "amount" in typed(officer, call_in, amount="500", **told).context["form"].errors
    assert sent(officer, call_in, amount="100", **told) == at
    assert "Called in on" in page(client_of("maker"), at)
    cover = {
        "kind": "insurance", "provider_id": "fund", "organisation_id": "workshop", "rig_id": "R1",
        "block_id": "", "amount": "90", "currency": "EUR", "from": today.isoformat(),
        "until": until,
    }  # fmt: skip
    none = typed(officer, reverse("new_cover"), **cover | {"rig_id": ""})
    assert "rig_id" in none.context["form"].errors
    covered = sent(officer, reverse("new_cover"), **cover)
    page(client_of("rival"), covered, 404)
    assert "Core drill" in page(client_of("maker"), covered)
    listed = page(client_of("auditor"), reverse("guarantees"))
    assert "Pellet plant" in listed
    assert "Core drill" in listed
    only = page(client_of("auditor"), reverse("guarantees") + "?standing=open")
    assert "Pellet plant" not in only
    pk = RECORDS["drilling_finance"].objects.get().pk
    assert sent(officer, reverse("end_cover", args=[pk]), reason="Sold") == covered
    sent(officer, reverse("end_guarantee", args=[Award.objects.get().pk]), reason="x")
    assert client_of("maker").get(reverse("new_cover")).status_code == 403


def test_pages_ask_the_database_a_dozen_times_at_most(
    people: Any, programme: Any, client_of: Any, today: Any
) -> None:
    made_fund()
    call = Call.objects.create(
        call_id="C", title="Steel", kind="grant", fund_id="fund", budget=Decimal(900),
        currency="EUR", published=today - timedelta(days=9), closes=today - timedelta(days=1),
    )  # fmt: skip
    RECORDS["criteria"].objects.create(call=call, name="all", weight=1, most=Decimal(10))
    for number in range(30):
        proposal = Proposal.objects.create(
            proposal_id=f"P{number}", title=f"No {number}", call=call, amount=Decimal(60),
            proposer_id=("workshop", "rival")[number % 2], currency="EUR", state="submitted",
        )  # fmt: skip
        for reviewer in ("engineer", "verifier"):
            Review.objects.create(
                proposal=proposal, reviewer=reviewer, declared_on=today, conflict=False,
                submitted=today,
            )  # fmt: skip
            RECORDS["scores"].objects.create(
                proposal=proposal, reviewer=reviewer, criterion="all", score=Decimal(number % 10)
            )
        award = Award.objects.create(
            award_id=f"A{number}", kind="grant", receiver_id="workshop", fund_id="fund",
            amount=Decimal(60), currency="EUR", basis="contracted", proposal=proposal, call=call,
        )  # fmt: skip
        Tranche.objects.create(award=award, number=1, milestone="x", amount=Decimal(60))
    officer = client_of("officer")
    officer.get(reverse("home"))
    for address in (
        *(reverse(name) for name in ("calls", "proposals", "proposal_reviews", "awards", "funds")),
        reverse("guarantees"),
        reverse("call", args=["C"]),
        reverse("decide_call", args=["C"]),
        reverse("assign_reviewers", args=["C"]),
        reverse("proposal", args=["P1"]),
        reverse("proposal_review", args=[Review.objects.first().pk]),
        reverse("award", args=["A1"]),
        reverse("fund", args=["fund"]),
    ):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(officer, address)
        # Besides those of the session, the person, its roles and its alerts.
        assert len(asked) <= 12 + 5, (address, [query["sql"][:120] for query in asked])


@pytest.mark.parametrize(("language", "said"), [("en", "The call is closed"), ("fa", "بسته شد")])
def test_a_proposal_to_a_closed_call_has_no_form(
    actors: Any, programme: Any, client_of: Any, language: str, said: str
) -> None:
    made_fund()
    key = proposed(actors["maker"], open_call(actors["officer"]), "Rolls", 50)  # of 2024
    maker, address = client_of("maker", language), reverse("change_proposal", args=[key])
    answer = maker.get(address)
    assert said in unescape(answer.content.decode())
    assert "form" not in answer.context
    told = {"once": "o", "version": "1", "summary": "Other", "amount": "5", "months": "2"}
    again = maker.post(address, {**told, "title": "T", "currency": "EUR"})
    assert again.status_code == 422
    assert said in unescape(again.content.decode())
