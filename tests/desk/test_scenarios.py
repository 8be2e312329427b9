"""Scenarios: a plan under assumptions, reckoned by a job, compared, adopted by the agency."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

import onshore.desk.access.analysis  # noqa: F401
from onshore.desk import jobs
from onshore.desk.actions import scenarios as doing
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.analysing.scenarios import planned, reckon
from onshore.desk.models import (
    RECORDS,
    AuditEntry,
    Candidate,
    Item,
    Job,
    Need,
    Offer,
    Organisation,
    Scenario,
)
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

ASSUMED: dict[str, Any] = {"budgets": 1, "capacities": 1, "rate_type": "market", "seconds": 20}


@pytest.fixture
def planning(programme: Any, organisations: dict[str, Any]) -> Any:
    """Three needs, each with an offer of either maker; tooling for two of them a year."""
    Candidate.objects.all().delete()
    Need.objects.filter(pk="N1").delete()
    for maker in ("workshop", "rival"):
        organisations[maker].save()
    for number, price in ((1, 300), (2, 200), (3, 100)):
        item = Item.objects.create(item_id=f"IT{number}", description="Part", unit="H87")
        need = Need.objects.create(
            need_id=f"P{number}", item=item, buyer=organisations["steelworks"], sector="steel",
            description=f"Part {number}", yearly_quantity=Decimal(100), unit="H87",
            import_price=Decimal(price), currency="EUR", incoterm="CIF", state="matched",
            price_date=date(2024, 9, 1), access="restricted",
        )  # fmt: skip
        for maker, cost in (("workshop", 40), ("rival", 60)):
            offer = Offer.objects.create(
                offer_id=f"P{number}-{maker}", maker=organisations[maker], description="Part",
                unit="H87", price=Decimal(cost), currency="EUR", price_date=date(2024, 9, 1),
                capacity_per_year=Decimal(150), lead_months=Decimal(6), local_content=0.5,
                tooling_cost=Decimal(1000),
            )  # fmt: skip
            Candidate.objects.create(
                need=need, offer=offer, rank=1, score=Decimal("0.9"), category="exact",
                decision="confirmed",
            )  # fmt: skip
    for year in range(1403, 1408):
        RECORDS["budgets"].objects.create(year=year, fund="F", amount=Decimal(1000), currency="EUR")
    return programme


def made(actor: Any, title: str = "As it is", **told: Any) -> Any:
    row = doing.add(actor, title, {**ASSUMED, **told})
    jobs.carry_out.func(Job.objects.latest("pk").pk)
    row.refresh_from_db()
    return row


def test_a_scenario_is_planned_with_its_bound(planning: Any, actors: Any) -> None:
    row = made(actors["analyst"])
    assert Job.objects.get().state == "done", Job.objects.get().error
    table = planned(row)
    assert sorted(table["need_id"]) == ["P1", "P2", "P3"]
    assert table["start_year"].to_list() == [1403, 1404, 1405]  # one tool a year
    assert table["need_id"].to_list() == ["P1", "P2", "P3"]  # the worthiest first
    assert set(table["maker_id"]) == {"workshop"}
    assert row.result["bound"] == pytest.approx(row.result["objective"], rel=1e-3)
    assert row.result["objective"] == pytest.approx(float(table["expected_saving"].sum()))
    assert [line[1] for line in row.result["budgets"]] == [1000, 1000, 1000, 0, 0]


def test_what_is_assumed_is_planned_under(planning: Any, actors: Any) -> None:
    base = reckon(actors["officer"], ASSUMED)
    twice = reckon(actors["officer"], {**ASSUMED, "budgets": 2})
    none = reckon(actors["officer"], {**ASSUMED, "budgets": 0})
    alone = reckon(actors["officer"], {**ASSUMED, "without": ["workshop"]})
    small = reckon(actors["officer"], {**ASSUMED, "capacities": 0.5})
    assert none["objective"] == 0 < alone["objective"] < base["objective"] < twice["objective"]
    assert {row[2] for row in alone["rows"]} == {"rival"}
    assert small["rows"] == []


def test_adopting_makes_it_the_plan_and_changes_only_what_differs(
    planning: Any, actors: Any
) -> None:
    first = made(actors["analyst"])
    doing.adopt(actors["officer"], first.pk, version=first.version, reason="Agreed on")
    plan = RECORDS["plan"].objects
    assert set(plan.values_list("need_id", "maker_id", "start_year")) == {
        ("P1", "workshop", 1403), ("P2", "workshop", 1404), ("P3", "workshop", 1405)
    }  # fmt: skip
    before = AuditEntry.objects.filter(table="plan").count()
    second = made(actors["officer"], "More money", budgets=2)
    doing.adopt(actors["officer"], second.pk, reason="A fund joined")
    assert set(plan.values_list("need_id", "start_year")) == {
        ("P1", 1403), ("P2", 1403), ("P3", 1404)
    }  # fmt: skip
    assert AuditEntry.objects.filter(table="plan").count() == before + 2  # P1 stays as it was
    second.refresh_from_db()
    assert second.adopted_by == "officer"


def test_who_may_do_what(planning: Any, actors: Any) -> None:
    row = made(actors["analyst"])
    for role in ("analyst", "auditor"):
        with pytest.raises(NotAllowed):
            doing.adopt(actors[role], row.pk, reason="x")
    for role in ("maker", "engineer", "researcher"):
        with pytest.raises(Refused):
            doing.adopt(actors[role], row.pk, reason="x")
        with pytest.raises(NotAllowed):
            doing.add(actors[role], "Mine", ASSUMED)
    with pytest.raises(Stale):
        doing.adopt(actors["officer"], row.pk, version=99, reason="x")
    with pytest.raises(Refused) as refused:
        doing.adopt(actors["officer"], row.pk, reason=" ")
    assert refused.value.field == "reason"
    doing.adopt(actors["officer"], row.pk, reason="x")
    with pytest.raises(Refused):
        doing.adopt(actors["officer"], row.pk, reason="again")
    with pytest.raises(Refused):
        doing.reckon_again(actors["analyst"], row.pk)
    unfinished = doing.add(actors["analyst"], "Waits", ASSUMED)
    Scenario.objects.filter(pk=unfinished.pk).update(result=None)
    with pytest.raises(Refused):
        doing.adopt(actors["officer"], unfinished.pk, reason="x")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"budgets": -1}, "budgets"),
        ({"capacities": 1000}, "capacities"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": 10**6}, "seconds"),
    ],
)
def test_assumptions_that_cannot_be(
    planning: Any, actors: Any, told: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        doing.add(actors["officer"], "No", {**ASSUMED, **told})
    assert refused.value.field == field
    assert not Scenario.objects.exists()


def test_a_scenario_of_what_is_gone_is_not_adopted(planning: Any, actors: Any) -> None:
    row = made(actors["analyst"])
    Candidate.objects.filter(need="P1").delete()
    Need.objects.filter(pk="P1").delete()
    with pytest.raises(Refused, match="P1"):
        doing.adopt(actors["officer"], row.pk, reason="x")
    assert not RECORDS["plan"].objects.exists()


def test_an_analyst_sees_no_confidential_need_of_an_officer_s_scenario(
    planning: Any, actors: Any, client_of: Any
) -> None:
    Need.objects.filter(pk="P1").update(access="confidential")
    Offer.objects.update(tooling_cost=Decimal("900.333333"))
    Organisation.objects.filter(pk="workshop").update(role="buyer;maker")
    row = made(actors["officer"])
    page = client_of("analyst").get(reverse("scenario", args=[row.pk])).text
    assert ">900<" in page
    assert ">Workshop<" in page
    assert "/needs/P2/" in page
    assert "/needs/P1/" not in page
    assert "/needs/P1/" in client_of("officer").get(reverse("scenario", args=[row.pk])).text
    compared = client_of("analyst").get(reverse("scenario_compare"), {"other": row.pk}).text
    assert "P1" not in compared.replace("P10", "")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_pages(
    planning: Any, actors: Any, client_of: Any, language: str, django_assert_max_num_queries: Any
) -> None:
    client = client_of("officer", language)
    typed = {
        "title": "Half the money",
        "budgets": "۵۰",
        "capacities": "100",
        "once": "t",
        "rate_type": "market",
        "without": ["rival"],
        "seconds": "20",
    }
    answer = client.post(reverse("scenario_new"), typed)
    assert answer.status_code == 302, answer.text
    row = Scenario.objects.get()
    assert row.assumptions["budgets"] == 0.5
    assert "reckon" in client.get(answer.url).text or language == "fa"
    jobs.carry_out.func(Job.objects.latest("pk").pk)
    for url in (answer.url, reverse("scenarios"), f"{reverse('scenario_compare')}?other={row.pk}"):
        with django_assert_max_num_queries(13):
            page = client.get(url)
        assert page.status_code == 200
        assert "Half the money" in page.text
    wrong = client.post(reverse("scenario_new"), {**typed, "budgets": "much", "once": "u"})
    assert wrong.status_code == 422
    refused = client.post(reverse("scenario_new"), {**typed, "seconds": "9999", "once": "v"})
    assert refused.status_code == 422
    adopted = client.post(
        reverse("scenario_adopt", args=[row.pk]),
        {"reason": "Less money", "version": "2", "once": "w"},
    )
    assert adopted.status_code == 302
    told = client.get(answer.url).text
    assert "Less money" in told
    assert ("تاریخ پذیرش" if language == "fa" else "Adopted on") in told
    for role, status in (("maker", 403), ("public", 302), ("auditor", 200)):
        assert client_of(role).get(reverse("scenarios")).status_code == status
    assert client_of("maker").get(answer.url).status_code == 404
    assert (
        client.get(reverse("scenario_compare"), {"one": "x", "other": "9" * 30}).status_code == 200
    )
