"""Awards in tranches by milestone, guarantees, and what is out against a fund."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from funding import LATER, made_fund, open_call, proposed, reviewed

from onshore.desk.actions import awards, call_decisions, guarantees, reviews
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor, actor_of
from onshore.desk.auditing import audit
from onshore.desk.models import RECORDS, Alert, Award, Call, Membership, Role, Tranche
from onshore.desk.policies import NotAllowed, visible
from onshore.desk.reckoning.fund_standing import FundStanding, stand

pytestmark = pytest.mark.django_db

DAY = LATER.date()
LINES = [
    {"number": 1, "milestone": "Drawing released", "amount": Decimal(20), "due": DAY},
    {"number": 3, "milestone": "Sample passed", "amount": Decimal("39.5"), "due": None},
]


@pytest.fixture
def chosen(people: Any, actors: Any) -> str:
    """A chosen proposal of the workshop, of 60 EUR."""
    made_fund()
    officer = actors["officer"]
    call = open_call(officer, reviewers=1, budget=Decimal(70))
    one = proposed(actors["maker"], call, "Rolls", 60)
    other = proposed(actors["rival"], call, "Rings", 50)
    reviews.assign(officer, call, reviewer="engineer", proposals=[one, other], at=LATER)
    reviewed(actors["engineer"], one, 9, 4)
    reviewed(actors["engineer"], other, 5, 4)
    call_decisions.choose(officer, call, at=LATER)
    decided = {one: ("chosen", "Best"), other: ("not chosen", "No room")}
    call_decisions.decide(officer, call, decided, at=LATER)
    return one


def given(
    actor: Actor, proposal: str, amount: str = "59.5", lines: Any = LINES, **more: Any
) -> str:
    return awards.give(actor, proposal, {"amount": Decimal(amount), **more}, lines, at=LATER)


def test_an_award_is_paid_milestone_by_milestone(chosen: str, actors: Any) -> None:
    officer, maker = actors["officer"], actors["maker"]
    key = given(officer, chosen)
    award = Award.objects.get(pk=key)
    assert (award.receiver_id, award.fund_id, award.kind) == ("workshop", "fund", "grant")
    assert (award.basis, award.awarded, award.currency) == ("contracted", DAY, "EUR")
    assert Alert.objects.get(kind="award.given").user.username == "maker"
    assert set(visible(maker, Award)) == {award}
    assert not visible(actors["rival"], Award).exists()
    assert not visible(actors["rival"], Tranche).exists()
    first, second = Tranche.objects.order_by("number")
    assert (first.number, second.number, second.amount) == (1, 2, Decimal("39.5"))
    with pytest.raises(Refused, match="not handed in"):
        awards.accept(officer, first.pk, at=LATER)
    with pytest.raises(Refused, match="Nothing shows"):
        awards.reach(maker, first.pk, evidence=" ", at=LATER)
    with pytest.raises(NotAllowed):
        awards.reach(officer, first.pk, evidence="Drawing 7", at=LATER)
    awards.reach(maker, first.pk, evidence="Drawing 7", at=LATER)
    with pytest.raises(NotAllowed):
        awards.accept(maker, first.pk, at=LATER)
    with pytest.raises(Refused, match="not accepted"):
        awards.pay(officer, first.pk, paid_on=DAY, at=LATER)
    with pytest.raises(Refused, match="reason"):
        awards.send_back(officer, first.pk, reason=" ", at=LATER)
    awards.send_back(officer, first.pk, reason="Revision 0 only", at=LATER)
    returned = Alert.objects.get(kind="tranche.returned")
    assert (returned.user.username, returned.facts["reason"]) == ("maker", "Revision 0 only")
    awards.reach(maker, first.pk, evidence="Drawing 7, revision 1", at=LATER)
    awards.accept(officer, first.pk, at=LATER)
    with pytest.raises(Refused, match="accepted already"):
        awards.reach(maker, first.pk, evidence="more", at=LATER)
    for day in (DAY - timedelta(days=1), DAY + timedelta(days=1)):
        with pytest.raises(Refused, match="days to come"):
            awards.pay(officer, first.pk, paid_on=day, at=LATER)
    awards.pay(officer, first.pk, paid_on=DAY, at=LATER)
    with pytest.raises(Refused, match="paid already"):
        awards.pay(officer, first.pk, paid_on=DAY, at=LATER)
    first.refresh_from_db()
    assert (first.accepted_by, first.paid_on) == ("officer", DAY)
    assert [awards.state_of(each, DAY) for each in (first, second)] == ["paid", "ahead"]
    assert not list(audit.verify())


def test_who_handed_a_milestone_in_does_not_accept_it(
    chosen: str, actors: Any, people: Any, organisations: Any
) -> None:
    key = given(actors["officer"], chosen)
    first = Tranche.objects.get(award=key, number=1)
    # The maker's engineer moves to the agency after handing the milestone in.
    awards.reach(actors["maker"], first.pk, evidence="Drawing 7", at=LATER)
    Membership.objects.filter(user=people["maker"]).update(until=DAY)
    Membership.objects.create(
        user=people["maker"], organisation=organisations["agency"], role=Role.OFFICER,
        since=DAY + timedelta(days=1),
    )  # fmt: skip
    moved = actor_of(people["maker"], DAY + timedelta(days=1))
    with pytest.raises(Refused, match="yourself"):
        awards.accept(moved, first.pk, at=LATER + timedelta(days=1))
    awards.accept(actors["officer"], first.pk, at=LATER + timedelta(days=1))


@pytest.mark.parametrize(
    ("amount", "lines", "field"),
    [
        ("0", LINES, "amount"),
        ("60.5", LINES, "amount"),
        ("60", LINES, "amount_3"),
        ("59.5", [], "milestone_1"),
        ("59.5", [{"number": 2, "milestone": " ", "amount": Decimal(1)}], "milestone_2"),
        ("59.5", [{"number": 2, "milestone": "x", "amount": None}], "amount_2"),
    ],
)
def test_an_award_that_does_not_add_up(
    chosen: str, actors: Any, amount: str, lines: Any, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        given(actors["officer"], chosen, amount, lines)
    assert refused.value.field == field
    assert not Award.objects.exists()


def test_an_award_is_given_once_to_what_was_chosen(chosen: str, actors: Any) -> None:
    officer = actors["officer"]
    other = RECORDS["proposals"].objects.exclude(pk=chosen).get()
    with pytest.raises(Refused, match="that was chosen"):
        given(officer, other.pk)
    with pytest.raises(NotAllowed):
        given(actors["maker"], chosen)
    with pytest.raises(Refused, match="ends before"):
        given(officer, chosen, until=DAY)
    with pytest.raises(Refused, match="lies ahead"):
        given(officer, chosen, awarded=DAY + timedelta(days=1))
    given(officer, chosen)
    with pytest.raises(Refused, match="its award already"):
        given(officer, chosen)
    # What others were given is no longer there to give.
    other.state = "chosen"
    other.save()
    with pytest.raises(Refused, match=r"budget 10\.5.EUR are left"):
        given(officer, other.pk, "20", [{**LINES[0]}])


@pytest.fixture
def project(people: Any) -> Any:
    made_fund()
    RECORDS["rigs"].objects.create(rig_id="R1", model="Core drill", owner_id="workshop")
    return RECORDS["projects"].objects.create(
        project_id="PJ", name="Pellet plant", product="pellet", capacity=Decimal(5), source="x"
    )


def guaranteed(actor: Actor, **facts: Any) -> str:
    values = {
        "fund_id": "fund",
        "receiver_id": "workshop",
        "project_id": "PJ",
        "amount": Decimal(400),
        "currency": "EUR",
        "awarded": date(2024, 10, 1),
        "until": date(2027, 10, 1),
    }
    return guarantees.guarantee(actor, values | facts, at=LATER)


def test_a_guarantee_is_called_in_and_ends(project: Any, actors: Any) -> None:
    officer = actors["officer"]
    key = guaranteed(officer)
    with pytest.raises(NotAllowed):
        guaranteed(actors["maker"])
    told = {"amount": Decimal(150), "called_on": DAY, "reason": "The loan was not served"}
    for facts, message in (
        ({"amount": Decimal(401)}, "No more is called in"),
        ({"called_on": date(2024, 9, 30)}, "does not hold"),
        ({"called_on": DAY + timedelta(days=1)}, "does not hold"),
        ({"reason": ""}, "reason"),
    ):
        with pytest.raises(Refused, match=message):
            guarantees.call_in(officer, key, **told | facts, at=LATER)
    guarantees.call_in(officer, key, **told, at=LATER)
    with pytest.raises(Refused, match="called in already"):
        guarantees.call_in(officer, key, **told, at=LATER)
    award = Award.objects.get(pk=key)
    assert (award.called_amount, guarantees.standing(award, DAY)) == (150, "called")
    guarantees.end(officer, key, reason="The rest was let go", at=LATER)
    award.refresh_from_db()
    assert guarantees.standing(award, DAY) == "ended"
    with pytest.raises(Refused, match="cannot be ended"):
        guarantees.end(officer, key, reason="again", at=LATER)
    for facts, field in (
        ({"amount": None}, "amount"),
        ({"until": date(2024, 10, 1)}, "until"),
        ({"awarded": date(2025, 1, 1)}, "awarded"),
        ({"receiver_id": "fund"}, "receiver_id"),
    ):
        with pytest.raises(Refused) as refused:
            guaranteed(officer, **facts)
        assert refused.value.field == field


def test_a_rig_is_covered(project: Any, actors: Any) -> None:
    officer = actors["officer"]
    values = {
        "kind": "insurance",
        "provider_id": "fund",
        "organisation_id": "workshop",
        "rig_id": "R1",
        "amount": Decimal(90),
        "currency": "EUR",
        "starts": date(2024, 10, 1),
        "until": date(2025, 10, 1),
    }
    for facts, field in (
        ({"rig_id": None}, "rig_id"),
        ({"kind": "loan"}, "kind"),
        ({"until": date(2024, 10, 1)}, "until"),
        ({"organisation_id": "fund"}, "organisation_id"),
    ):
        with pytest.raises(Refused) as refused:
            guarantees.cover(officer, values | facts, at=LATER)
        assert refused.value.field == field
    covers = RECORDS["drilling_finance"]
    one, other = (covers.objects.get(pk=guarantees.cover(officer, values, at=LATER)) for _ in "ab")
    assert set(visible(actors["maker"], covers)) == {one, other}
    assert not visible(actors["rival"], covers).exists()
    assert guarantees.cover_standing(one, date(2025, 9, 30)) == "open"
    assert guarantees.cover_standing(one, date(2025, 10, 1)) == "ended"
    told = {"amount": Decimal(60), "called_on": DAY, "reason": "A dry hole"}
    with pytest.raises(Refused, match="No more is called in"):
        guarantees.call_in_cover(officer, one.pk, **told | {"amount": Decimal(91)}, at=LATER)
    guarantees.call_in_cover(officer, one.pk, **told, at=LATER)
    guarantees.end_cover(officer, other.pk, reason="The rig was sold", at=LATER)
    for row, state in ((one, "called"), (other, "ended")):
        row.refresh_from_db()
        assert guarantees.cover_standing(row, DAY) == state
        again = told | {"called_on": DAY + timedelta(days=1)}
        with pytest.raises(Refused, match=r"called in already|does not hold"):
            guarantees.call_in_cover(officer, row.pk, **again, at=LATER + timedelta(days=2))
    assert one.called_amount == 60
    guarantees.end_cover(officer, one.pk, reason="The rest lapses", at=LATER)
    with pytest.raises(Refused, match="cannot be ended"):
        guarantees.end_cover(officer, one.pk, reason="again", at=LATER)


def test_what_is_out_against_a_fund(chosen: str, project_after: Any, actors: Any) -> None:
    officer = actors["officer"]
    given(officer, chosen)
    first = Tranche.objects.get(number=1)
    awards.reach(actors["maker"], first.pk, evidence="Drawing 7", at=LATER)
    awards.accept(officer, first.pk, at=LATER)
    awards.pay(officer, first.pk, paid_on=DAY, at=LATER)
    called, open_one, over = (guaranteed(officer) for _ in range(3))
    guarantees.call_in(
        officer, called, amount=Decimal(150), called_on=DAY, reason="not served", at=LATER
    )
    guarantees.end(officer, over, reason="repaid", at=LATER)
    guaranteed(officer, amount=Decimal(7), currency="USD")
    Award.objects.create(
        award_id="A", kind="grant", fund_id="fund", amount=Decimal(1000), currency="EUR",
        basis="announced",
    )  # fmt: skip
    cover = {
        "organisation_id": "workshop", "provider_id": "fund", "currency": "EUR",
        "starts": date(2024, 1, 1), "rig_id": "R1",
    }  # fmt: skip
    for kind, amount, state in (
        ("insurance", 30, "granted"),
        ("guarantee", 11, "called"),
        ("loan", 500, "granted"),
        ("loan", 80, "refused"),
    ):
        RECORDS["drilling_finance"].objects.create(
            drilling_finance_id=f"{kind}{amount}", kind=kind, amount=amount, state=state, **cover
        )
    RECORDS["drilling_finance"].objects.create(
        drilling_finance_id="part", kind="insurance", amount=20, state="called", called_amount=8,
        **cover,
    )  # fmt: skip
    lines = stand(
        Call.objects.all(),
        Award.objects.all(),
        Tranche.objects.all(),
        RECORDS["drilling_finance"].objects.all(),
        DAY,
    )
    assert lines == [
        FundStanding(
            "EUR",
            budget=Decimal(70),
            given=Decimal("559.5"),
            paid=Decimal(520),
            announced=Decimal(1000),
            guaranteed=Decimal(400 - 150 + 400 + 30 + 20 - 8),
            called=Decimal(150 + 11 + 8),
        ),
        FundStanding("USD", guaranteed=Decimal(7)),
    ]
    assert (lines[0].to_pay, lines[0].out) == (Decimal("39.5"), Decimal("731.5"))
    assert open_one != over


@pytest.fixture
def project_after(chosen: str) -> Any:
    RECORDS["rigs"].objects.create(rig_id="R1", model="Core drill", owner_id="workshop")
    return RECORDS["projects"].objects.create(
        project_id="PJ", name="Pellet plant", product="pellet", capacity=Decimal(5), source="x"
    )
