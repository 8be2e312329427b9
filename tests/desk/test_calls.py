"""A fund's call: proposals, reviews with declared interests, selection, decision."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.urls import reverse
from filling import words
from funding import (
    CRITERIA,
    LATER,
    NOW,
    NUMBERS,
    call_values,
    made_fund,
    on,
    open_call,
    proposed,
    reviewed,
)

from conftest import TODAY
from onshore.desk.actions import call_decisions, calls, proposals, reviews
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.actor import PUBLIC, actor_of
from onshore.desk.auditing import audit
from onshore.desk.choosing.selecting import Scored, scored, select, weighted
from onshore.desk.models import RECORDS, Alert, Call, Membership, Proposal, Review, Role
from onshore.desk.pages.names import place_name
from onshore.desk.policies import NotAllowed, visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund(people: Any) -> Any:
    return made_fund()


@pytest.fixture
def call(fund: Any, actors: Any) -> str:
    return open_call(actors["officer"])


def test_the_whole_way(fund: Any, actors: Any) -> None:
    officer = actors["officer"]
    key = calls.add(officer, call_values(), at=NOW)
    calls.set_criteria(officer, key, CRITERIA, at=NOW)
    assert not visible(actors["maker"], Call).exists()
    calls.publish(officer, key, at=NOW)
    told = set(Alert.objects.filter(kind="call.published").values_list("user__username", flat=True))
    assert told == {"maker", "rival", "researcher"}
    one = proposed(actors["maker"], key, "Rolls", 60)
    other = proposed(actors["rival"], key, "Rings", 50)
    third = proposed(actors["researcher"], key, "Dust", 40)
    assert set(visible(actors["maker"], Proposal).values_list("pk", flat=True)) == {one}
    for reviewer in ("engineer", "verifier"):
        reviews.assign(officer, key, reviewer=reviewer, proposals=[one, other, third], at=LATER)
    assert Alert.objects.filter(kind="review.assigned", user__username="engineer").count() == 3
    points = {one: (9, 4), other: (6, 5), third: (7, 4)}
    for reviewer in ("engineer", "verifier"):
        for proposal, given in points.items():
            reviewed(actors[reviewer], proposal, *given)
    rows = {row.proposal.pk: row for row in scored(Call.objects.get(pk=key))}
    # 100 x (3 x 9/10 + 1 x 4/5) / 4, and so on: reckoned by hand.
    assert {pk: row.score for pk, row in rows.items()} == {
        one: Decimal("87.5"),
        other: Decimal(70),
        third: Decimal("72.5"),
    }
    call_decisions.choose(officer, key, weigh="points", at=LATER)
    kept = Call.objects.get(pk=key).selection
    assert {line["proposal"] for line in kept["lines"] if line["chosen"]} == {one, third}
    assert (kept["objective"], kept["bound"], kept["spent"]) == (160.0, 160.0, "100")
    left = next(line for line in kept["lines"] if not line["chosen"])
    # With the rings only the dust fits beside: 142.5 points instead of 160.
    assert (left["proposal"], left["why"], left["loss"]) == (other, "no room", 17.5)
    decided = dict.fromkeys((one, third), ("chosen", "Best of all"))
    call_decisions.decide(officer, key, decided | {other: ("not chosen", "No room")}, at=LATER)
    assert Proposal.objects.get(pk=other).reason == "No room"
    alert = Alert.objects.get(kind="proposal.decided", user__username="rival")
    assert (alert.facts["decision"], alert.facts["reason"]) == ("not chosen", "No room")
    assert Call.objects.get(pk=key).decided_on == LATER.date()
    assert not list(audit.verify())


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "name_1"),
        ([{"number": 2, "name": " ", "weight": Decimal(1), "most": Decimal(5)}], "name_2"),
        ([{"number": 1, "name": "a", "weight": Decimal(0), "most": Decimal(5)}], "weight_1"),
        ([{"number": 1, "name": "a", "weight": Decimal(1), "most": None}], "most_1"),
        ([CRITERIA[0], {**CRITERIA[0], "number": 2}], "name_2"),
    ],
)
def test_criteria_that_nobody_can_score_by(fund: Any, actors: Any, lines: Any, field: str) -> None:
    key = calls.add(actors["officer"], call_values(), at=NOW)
    with pytest.raises(Refused) as refused:
        calls.set_criteria(actors["officer"], key, lines, at=NOW)
    assert refused.value.field == field


def test_a_call_is_published_with_criteria_and_a_day_ahead(fund: Any, actors: Any) -> None:
    officer = actors["officer"]
    with pytest.raises(Refused, match="budget"):
        calls.add(officer, call_values(budget=Decimal(0)), at=NOW)
    with pytest.raises(NotAllowed):
        calls.add(actors["maker"], call_values(), at=NOW)
    key = calls.add(officer, call_values(), at=NOW)
    with pytest.raises(Refused, match="by what"):
        calls.publish(officer, key, at=NOW)
    calls.set_criteria(officer, key, CRITERIA, at=NOW)
    with pytest.raises(Refused, match="lie ahead"):
        calls.publish(officer, key, at=on(date(2024, 10, 31)))
    with pytest.raises(Stale):
        calls.publish(officer, key, version=1, at=NOW)
    calls.publish(officer, key, at=NOW)
    with pytest.raises(Refused, match="criteria that it told"):
        calls.set_criteria(officer, key, CRITERIA, at=NOW)
    with pytest.raises(Refused, match="later one"):
        calls.change(officer, key, {"closes": date(2024, 10, 20)}, at=NOW)
    calls.change(officer, key, {"closes": date(2024, 11, 5)}, at=NOW)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": None}, "amount"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("60.000001")}, "amount"),
        ({"summary": " "}, "summary"),
        ({"months": 0}, "months"),
    ],
)
def test_a_proposal_that_cannot_be_handed_in(
    call: str, actors: Any, facts: Any, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        proposed(actors["maker"], call, "Rolls", 60, **facts)
    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_a_proposal_changes_until_the_call_closes(call: str, actors: Any, client_of: Any) -> None:
    maker = actors["maker"]
    key = proposed(maker, call, "Rolls", 60)
    values = {"title": "Rolls", "summary": "Cast them", "amount": Decimal(30), "months": 5}
    values["place"] = "IR-08"
    with pytest.raises(Refused, match="not there"):
        proposals.change(actors["rival"], key, values, at=NOW)
    proposals.withdraw(maker, key, at=NOW)
    with pytest.raises(Refused, match="withdrawn already"):
        proposals.withdraw(maker, key, at=NOW)
    proposals.change(maker, key, values, at=NOW)
    found = Proposal.objects.get(pk=key)
    assert (found.state, found.amount, found.currency) == ("submitted", 30, "EUR")
    with pytest.raises(Refused, match="closed"):
        proposals.change(maker, key, values, at=LATER)
    client = client_of("maker")
    assert place_name("IR-08") in words(client.get(reverse("proposal", args=[key])))
    with pytest.raises(Refused, match="no more proposals"):
        proposed(maker, call, "Late", 10, at=LATER)
    late = client.get(reverse("propose", args=[call]))  # by the clock of the page
    assert "takes no more proposals" in words(late)
    assert 'name="summary"' not in late.text
    with pytest.raises(NotAllowed):
        proposed(actors["engineer"], call, "Ours", 10)
    with pytest.raises(Refused, match="which organisation"):
        proposed(maker, call, "Theirs", 10, proposer_id="rival")


@pytest.fixture
def closed(call: str, actors: Any) -> dict[str, str]:
    """A closed call with proposals of the workshop and of the university."""
    return {
        "call": call,
        "rolls": proposed(actors["maker"], call, "Rolls", 60),
        "dust": proposed(actors["researcher"], call, "Dust", 40),
    }


def test_nobody_reviews_a_proposal_of_the_own_organisation(closed: Any, actors: Any) -> None:
    officer = actors["officer"]
    both = [closed["rolls"], closed["dust"]]
    with pytest.raises(Refused, match=r"own organisation: Rolls") as refused:
        reviews.assign(officer, closed["call"], reviewer="maker", proposals=both, at=LATER)
    assert refused.value.field == "proposals"
    assert not Review.objects.exists()
    reviews.assign(officer, closed["call"], reviewer="maker", proposals=[closed["dust"]], at=LATER)
    # A review that came in another way, with an upload, is not scored either.
    own = Review.objects.create(
        proposal_id=closed["rolls"], reviewer="maker", declared_on=LATER.date(), conflict=False
    )
    with pytest.raises(Refused, match="own organisation"):
        reviews.score(actors["maker"], own.pk, scores=NUMBERS, at=LATER)
    with pytest.raises(Refused, match="own organisation"):
        reviews.declare(actors["maker"], own.pk, conflict=False, at=LATER)
    assert not RECORDS["scores"].objects.exists()


def test_interests_are_declared_before_anything_is_scored(closed: Any, actors: Any) -> None:
    officer, engineer = actors["officer"], actors["engineer"]
    with pytest.raises(Refused, match="open"):
        reviews.assign(
            officer, closed["call"], reviewer="engineer", proposals=[closed["rolls"]], at=NOW
        )
    reviews.assign(
        officer, closed["call"], reviewer="engineer", proposals=[closed["rolls"]], at=LATER
    )
    with pytest.raises(Refused, match="before"):
        reviews.assign(
            officer, closed["call"], reviewer="engineer", proposals=[closed["rolls"]], at=LATER
        )
    review = Review.objects.get()
    assert not visible(engineer, Proposal).exists()
    with pytest.raises(Refused, match="first whether a conflict"):
        reviews.score(engineer, review.pk, scores=NUMBERS, at=LATER)
    with pytest.raises(Refused, match="not there"):
        reviews.declare(actors["verifier"], review.pk, conflict=False, at=LATER)
    with pytest.raises(NotAllowed):
        reviews.declare(officer, review.pk, conflict=False, at=LATER)
    reviews.declare(engineer, review.pk, conflict=False, at=LATER)
    assert visible(engineer, Proposal).get().pk == closed["rolls"]
    for scores in ({}, {"novelty": Decimal(11), "team": Decimal(3)}, {"novelty": Decimal(-1)}):
        with pytest.raises(Refused, match="novelty is scored from 0 to 10") as refused:
            reviews.score(engineer, review.pk, scores=scores, at=LATER)
        assert refused.value.field == "score_1"
    reviews.score(engineer, review.pk, scores=NUMBERS, at=LATER)
    for role in ("maker", "rival", "researcher", "verifier", "analyst", "administrator"):
        for model in (Review, RECORDS["scores"]):
            assert not visible(actors[role], model).exists(), (role, model)
    assert visible(actors["auditor"], RECORDS["scores"]).count() == 2
    assert not visible(actors["analyst"], Proposal).exists()
    assert not visible(PUBLIC, Proposal).exists()
    with pytest.raises(Refused, match="handed in"):
        reviews.take_back(officer, review.pk, at=LATER)
    with pytest.raises(Refused, match="what the conflict"):
        reviews.declare(engineer, review.pk, conflict=True, at=LATER)
    reviews.declare(engineer, review.pk, conflict=True, text="My brother owns it", at=LATER)
    assert Alert.objects.get(kind="review.conflict").user.username == "officer"
    assert not visible(engineer, Proposal).exists()
    for act in (
        lambda: reviews.score(engineer, review.pk, scores=NUMBERS, at=LATER),
        lambda: reviews.declare(engineer, review.pk, conflict=False, at=LATER),
    ):
        with pytest.raises(Refused, match="declared a conflict"):
            act()
    row = next(row for row in scored(Call.objects.get()) if row.proposal.pk == closed["rolls"])
    assert (row.score, row.reviews, row.waited) == (None, 0, 0)


def test_nothing_is_selected_before_every_proposal_has_its_reviews(
    closed: Any, actors: Any
) -> None:
    officer, key = actors["officer"], closed["call"]
    for reviewer in ("engineer", "verifier"):
        both = [closed["rolls"], closed["dust"]]
        reviews.assign(officer, key, reviewer=reviewer, proposals=both, at=LATER)
        reviewed(actors[reviewer], closed["rolls"], 8, 4)
    reviewed(actors["engineer"], closed["dust"], 8, 4)
    with pytest.raises(Refused, match=r"fewer reviews .* \(2\): Dust"):
        call_decisions.choose(officer, key, at=LATER)
    reviewed(actors["verifier"], closed["dust"], 8, 4)
    with pytest.raises(Refused, match="open until"):
        call_decisions.choose(officer, key, at=NOW)
    for facts in ({"least": Decimal(101)}, {"most_per_firm": 0}, {"weigh": "friends"}):
        with pytest.raises(Refused) as refused:
            call_decisions.choose(officer, key, at=LATER, **facts)
        assert refused.value.field in facts
    decided = {closed[name]: ("chosen", "Good") for name in ("rolls", "dust")}
    with pytest.raises(Refused, match="Nothing was selected"):
        call_decisions.decide(officer, key, decided, at=LATER)
    call_decisions.choose(officer, key, at=LATER)
    reviewed(actors["verifier"], closed["dust"], 9, 4)
    with pytest.raises(Refused, match="have changed since"):
        call_decisions.decide(officer, key, decided, at=LATER)
    call_decisions.choose(officer, key, at=LATER)
    with pytest.raises(Refused, match="no decision on Dust"):
        call_decisions.decide(officer, key, {closed["rolls"]: ("chosen", "Good")}, at=LATER)
    with pytest.raises(Refused, match="Rolls is not told why"):
        call_decisions.decide(officer, key, decided | {closed["rolls"]: ("chosen", " ")}, at=LATER)
    Call.objects.update(budget=Decimal(99))
    with pytest.raises(Refused, match="costs 100"):
        call_decisions.decide(officer, key, decided, at=LATER)
    assert not Alert.objects.filter(kind="proposal.decided").exists()


def test_scores_that_change_while_the_selection_is_reckoned(
    closed: Any, actors: Any, monkeypatch: Any
) -> None:
    officer, key = actors["officer"], closed["call"]
    both = [closed["rolls"], closed["dust"]]
    for reviewer in ("engineer", "verifier"):
        reviews.assign(officer, key, reviewer=reviewer, proposals=both, at=LATER)
        for proposal in both:
            reviewed(actors[reviewer], proposal, 8, 4)

    def slowly(*told: Any, **limits: Any) -> Any:
        found = select(*told, **limits)
        reviewed(actors["verifier"], closed["dust"], 9, 4)
        return found

    monkeypatch.setattr(call_decisions, "select", slowly)
    with pytest.raises(Refused, match="have changed since"):
        call_decisions.choose(officer, key, at=LATER)
    assert Call.objects.get().selection is None


def test_who_proposed_does_not_select_or_decide(
    closed: Any, actors: Any, people: Any, organisations: Any
) -> None:
    Membership.objects.create(
        user=people["officer"], organisation=organisations["workshop"], role=Role.MAKER,
        since=TODAY - timedelta(days=9),
    )  # fmt: skip
    both = actor_of(people["officer"], TODAY)
    for act in (call_decisions.choose, lambda *told, **at: call_decisions.decide(*told, {}, **at)):
        with pytest.raises(Refused, match="Your own organisation proposed"):
            act(both, closed["call"], at=LATER)


def made_up(*lines: tuple[str, str, int | str, float]) -> list[Scored]:
    """Make up scored proposals: key, firm, amount, score."""
    return [
        Scored(
            Proposal(proposal_id=key, proposer_id=firm, amount=Decimal(amount)),
            *(Decimal(str(score)), None, None, 1, 0, {}),
        )
        for key, firm, amount, score in lines
    ]


@pytest.mark.parametrize(("seed", "weigh"), [(n, ("points", "money")[n % 2]) for n in range(6)])
def test_the_selection_is_the_best_of_all_choices(seed: int, weigh: str) -> None:
    from random import Random

    draw = Random(seed)
    rows = made_up(
        *(
            (f"P{n}", f"F{n % 3}", draw.randint(1, 60), round(draw.uniform(20, 100), 1))
            for n in range(9)
        )
    )
    budget, least, most = Decimal(100), Decimal(30), 2

    def keeps(choice: Any) -> bool:
        firms = [row.proposal.proposer_id for row in choice]
        return (
            sum(row.proposal.amount for row in choice) <= budget
            and all(row.score >= least for row in choice)
            and all(firms.count(firm) <= most for firm in firms)
        )

    def worth(choice: Any) -> Decimal:
        share = 1 / budget if weigh == "money" else None
        return sum(row.score * (row.proposal.amount * share if share else 1) for row in choice)

    every = [choice for n in range(10) for choice in combinations(rows, n) if keeps(choice)]
    found = select(rows, budget, weigh=weigh, least=least, most_per_firm=most)
    best = max(map(worth, every))
    assert found["objective"] == pytest.approx(float(best), abs=1e-4)
    assert found["status"] == "optimal"
    assert found["bound"] == pytest.approx(found["objective"], rel=1e-6)
    for line in found["lines"]:
        if line["why"] != "no room" or line["loss"] is None:
            continue
        with_it = [c for c in every if any(row.proposal.pk == line["proposal"] for row in c)]
        forced = max(map(worth, with_it))
        assert line["loss"] == pytest.approx(float(best - forced), abs=1e-3)


def test_a_budget_is_kept_to_its_last_rial() -> None:
    # A billionth above the budget is within a solver's tolerance, and is not chosen.
    rows = made_up(
        ("A", "F", "20000000000000", 90), ("B", "G", "20000000000001", 80), ("C", "H", "1", 5)
    )
    found = select(rows, Decimal("40000000000000"))
    assert {line["proposal"] for line in found["lines"] if line["chosen"]} == {"A", "C"}
    exact = select(rows, Decimal("40000000000002"))
    assert exact["spent"] == exact["budget"]


def test_what_is_left_out_is_told_why() -> None:
    rows = made_up(("A", "F", 10, 90), ("B", "G", 500, 80), ("C", "H", 10, 20))
    found = select(rows, Decimal(100), least=Decimal(50))
    assert [line["why"] for line in found["lines"]] == ["chosen", "too large", "below"]
    assert weighted(NUMBERS, [RECORDS["criteria"](name="novelty", weight=1, most=4)]) == 200
