"""Agreements: who sees them, what a commitment needs, and what the records tell of it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.urls import reverse
from filling import typed, words

from onshore.desk.actions import agreements as doing
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.models import (
    RECORDS,
    Agreement,
    Alert,
    Award,
    Call,
    Commitment,
    Course,
    Deal,
    Delivery,
    Enrolment,
    Idea,
    Need,
    Phase,
    Study,
)
from onshore.desk.policies import NotAllowed, visible
from onshore.desk.reckoning import counting

pytestmark = pytest.mark.django_db
TODAY = date(2024, 10, 2)


@pytest.fixture
def agreement(organisations):
    return Agreement.objects.create(
        agreement_id="A1", title="Steel supply chain", parties="agency;university",
        signed=date(2024, 1, 1), text="Five parties localize together.",
    )  # fmt: skip


def promised(agreement, **told):
    facts = {"text": "Open provinces", "measure": "provinces open", "target": Decimal(4)}
    return Commitment.objects.create(
        commitment_id=f"C{Commitment.objects.count()}", agreement=agreement, **facts | told
    )


def count(commitment):
    cache.clear()  # records made here have no line in the audit
    return counting.Counts(TODAY).of(commitment)


def counted(agreement, what, **told):
    return count(promised(agreement, counted=what, **told))


def test_agreements_are_seen_by_their_parties_the_agency_and_where_public_by_all(
    actors, agreement, client_of
):
    Agreement.objects.create(agreement_id="A2", title="Other", parties="agency;workshop")
    Agreement.objects.create(agreement_id="A3", title="Open", parties="x;y", access="public")
    seen = {
        name: set(visible(actor, Agreement).values_list("pk", flat=True))
        for name, actor in actors.items()
    }
    assert seen["officer"] == seen["analyst"] == seen["auditor"] == {"A1", "A2", "A3"}
    assert seen["researcher"] == {"A1", "A3"}
    assert seen["maker"] == {"A2", "A3"}
    assert seen["rival"] == {"A3"}
    public = client_of("public")
    assert public.get(reverse("agreement", args=["A3"])).status_code == 200
    assert public.get(reverse("agreement", args=["A1"])).status_code == 404


def test_a_key_that_holds_another_is_no_party(actors, organisations):
    Agreement.objects.create(agreement_id="A4", title="T", parties="big-workshop;workshop-2")
    assert not visible(actors["maker"], Agreement).exists()


def test_an_agreement_is_recorded_and_changed(actors, client_of, organisations):
    officer = client_of("officer")
    told = {"title": "Localize", "parties": "agency; workshop;agency", "signed": "۱۴۰۳/۰۷/۰۱"}
    assert typed(officer, reverse("new_agreement"), **told).status_code == 302
    made = Agreement.objects.get()
    assert (made.parties, made.signed) == ("agency;workshop", date(2024, 9, 22))
    for parties, said in (("agency", "two parties"), ("agency;nobody", "nobody")):
        with pytest.raises(Refused, match=said):
            doing.change(actors["officer"], made.pk, {"parties": parties})
    with pytest.raises(Stale):
        doing.change(actors["officer"], made.pk, {"parties": made.parties}, version=99)
    with pytest.raises((NotAllowed, Refused)):
        doing.change(actors["maker"], made.pk, {"parties": made.parties})
    doing.promise(
        actors["officer"], made.pk, {"text": "Make", "measure": "parts", "party_id": "workshop"}
    )
    with pytest.raises(Refused, match="workshop"):
        doing.change(actors["officer"], made.pk, {"parties": "agency;rival"})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"measure": ""}, "measure"),
        ({"party_id": "rival"}, "party_id"),
        ({"counted": "observed indicator", "target": Decimal(1)}, "indicator"),
        ({"counted": "deals signed"}, "target"),
        ({"due": date(2023, 12, 31)}, "due"),
        ({"counted": "contracted value", "target": Decimal(5), "unit": "furlongs"}, "unit"),
    ],
)
def test_a_commitment_that_nobody_could_tell_is_refused(actors, agreement, wrong, field):
    with pytest.raises(Refused) as refused:
        doing.promise(actors["officer"], "A1", {"text": "T", "measure": "m", **wrong})
    assert refused.value.field == field
    assert refused.value.next_step
    assert not Commitment.objects.exists()


AT = datetime(2024, 10, 2, 12, tzinfo=UTC)


def test_a_day_that_is_over_needs_a_day_when_the_commitment_began(actors, agreement):
    officer, facts = actors["officer"], {"text": "T", "measure": "m"}
    Agreement.objects.update(signed=None)
    with pytest.raises(Refused, match="no day of signing") as refused:
        doing.promise(officer, "A1", facts | {"due": date(2024, 10, 1)}, at=AT)
    assert (refused.value.field, "counted from" in refused.value.next_step) == ("due", True)
    told = {"starts": date(2023, 3, 1), "due": date(2023, 2, 1)}
    with pytest.raises(Refused, match="counted from 2023-03-01"):
        doing.promise(officer, "A1", facts | told, at=AT)
    ahead = doing.promise(officer, "A1", facts | {"due": date(2024, 10, 2)}, at=AT)
    later = datetime(2025, 1, 1, 12, tzinfo=UTC)
    doing.change_promise(officer, ahead, facts | {"due": date(2024, 10, 2)}, at=later)
    with pytest.raises(Refused, match="no day of signing"):
        doing.change_promise(officer, ahead, facts | {"due": date(2024, 12, 2)}, at=later)
    Commitment.objects.all().delete()
    told = {"starts": date(2023, 1, 1), "due": date(2023, 6, 1)}
    doing.promise(officer, "A1", facts | told, at=AT)
    with pytest.raises(Refused, match="due on 2023-06-01") as refused:
        doing.change(officer, "A1", {"parties": agreement.parties, "signed": date(2023, 7, 1)})
    assert refused.value.field == "signed"
    signed = {"parties": agreement.parties, "signed": date(2022, 7, 1)}
    doing.change(officer, "A1", signed)
    doing.promise(officer, "A1", facts | {"due": date(2023, 1, 1)}, at=AT)
    assert Commitment.objects.filter(due__lt=TODAY).count() == 2


def test_a_missing_measure_is_answered_at_its_field_in_persian(client_of, agreement):
    officer = client_of("officer", "fa")
    address = reverse("new_commitment", args=["A1"])
    answer = typed(officer, address, text="آموزش", measure=" ")
    assert answer.status_code == 422
    assert "سنجه" in str(answer.context["form"].errors["measure"])


def test_progress_is_stated_by_the_party_with_evidence(actors, agreement, client_of):
    commitment = promised(agreement, party_id="university")
    with pytest.raises(Refused, match="shows it"):
        doing.report(actors["researcher"], commitment.pk, progress=Decimal("0.5"), evidence=" ")
    with pytest.raises(Refused, match="between"):
        doing.report(actors["researcher"], commitment.pk, progress=Decimal(2), evidence="x")
    with pytest.raises((NotAllowed, Refused)):
        doing.report(actors["maker"], commitment.pk, progress=Decimal(1), evidence="x")
    client = client_of("researcher")
    address = reverse("report_commitment", args=[commitment.pk])
    answer = typed(client, address, progress="۵۰", evidence="List of theses")
    assert answer.status_code == 302
    commitment.refresh_from_db()
    assert (commitment.progress, commitment.evidence) == (0.5, "List of theses")


def test_owners_are_told(actors, agreement):
    doing.promise(
        actors["officer"], "A1", {"text": "Theses", "measure": "n", "party_id": "university"}
    )
    assert Alert.objects.get(kind="commitment.made").user.username == "researcher"


def test_counts_of_needs_offers_and_makers(agreement, programme):
    assert counted(agreement, "needs published").value == 0
    Need.objects.filter(pk="N1").update(state="matched", sector="steel", place="IR-10")
    assert counted(agreement, "needs published").value == 1
    assert counted(agreement, "needs matched", sector="steel", place="IR-10").value == 1
    assert counted(agreement, "needs matched", sector="copper").value == 0
    Need.objects.filter(pk="N1").update(state="verified localized", state_since=date(2024, 3, 1))
    assert counted(agreement, "needs localized").keys == ("N1",)
    late = counted(agreement, "needs localized", starts=date(2024, 4, 1))
    assert late.value == 0
    both = counted(agreement, "makers with an offer")
    assert both.value == counted(agreement, "small firms with an offer").value == 2
    RECORDS["organisations"].objects.filter(pk="rival").update(small=False)
    assert counted(agreement, "small firms with an offer").keys == ("workshop",)


def test_worth_is_summed_in_the_aims_currency_at_the_rate_of_the_day(agreement, programme):
    facts = {"basis": "contracted", "buyer_id": "steelworks", "maker_id": "workshop"}
    facts |= {"quantity": Decimal(100), "unit": "H87", "signed": date(2024, 9, 25)}
    Deal.objects.create(deal_id="D1", value=Decimal(9_000_000), currency="EUR", **facts)
    Deal.objects.create(deal_id="D2", value=Decimal(5), currency="XTS", **facts)
    Deal.objects.create(deal_id="D3", value=Decimal(7), currency="EUR", **facts | {"basis": "MoU"})
    told = counted(agreement, "contracted value", unit="million EUR", target=Decimal(18))
    assert (told.value, told.of, told.left_out) == (9, 2, 1)
    assert told.share_of(Decimal(18)) == Decimal("0.5")
    Delivery.objects.create(
        delivery_id="V1", deal_id="D1", quantity=Decimal(50), accepted=Decimal(25), unit="H87",
        delivered_on=date(2024, 9, 30),
    )  # fmt: skip
    told = counted(agreement, "delivered value", unit="EUR", target=Decimal(1))
    assert told.value == 2_250_000
    assert counted(agreement, "deals signed").keys == ("D1", "D2")
    assert counted(agreement, "deals signed", starts=date(2024, 10, 1)).value == 0
    none = counted(agreement, "contracted value", unit="boxes")
    assert (none.value, none.why_not) == (None, "no currency")


def test_counts_of_what_the_programme_does(agreement, programme):
    day = date(2024, 5, 1)
    Idea.objects.create(idea_id="I1", title="T", received=day, sector="steel")
    Idea.objects.create(idea_id="I2", title="T", received=date(2023, 5, 1))
    assert counted(agreement, "ideas received").keys == ("I1",)
    Study.objects.create(
        study_id="S1", kind="thesis", title="T", organisation_id="university", starts=day
    )
    assert counted(agreement, "projects and theses").value == 1
    own = promised(agreement, counted="people trained")
    Course.objects.create(course_id="K1", title="T", starts=day, until=day, attended=12)
    Course.objects.create(
        course_id="K2", title="T", starts=day, until=day, attended=9, commitment=own
    )
    assert count(own).value == 9
    assert counted(agreement, "people trained").value == 21
    for name, came in (("A", True), ("B", True), ("C", False)):
        Enrolment.objects.create(course_id="K2", person=name, attended=came)
    assert count(own).value == 2
    assert counted(agreement, "courses held").value == 2
    call = Call.objects.create(
        call_id="L1", title="T", kind="grant", budget=Decimal(9), currency="EUR", commitment=own
    )
    for key, facts in (("W1", {"call": call}), ("W2", {})):
        Award.objects.create(
            award_id=key, kind="grant", amount=Decimal(4), currency="EUR", awarded=day,
            basis="contracted", **facts,
        )  # fmt: skip
    assert counted(agreement, "amount awarded", unit="EUR").value == 8
    assert counted(agreement, "awards made").value == 2


def test_provinces_open_are_those_whose_days_hold(agreement):
    for place, starts, until, phase in (
        ("IR-10", date(2024, 1, 1), None, 1),
        ("IR-15", date(2024, 1, 1), date(2024, 6, 1), 1),
        ("IR-06", date(2025, 1, 1), None, 2),
    ):
        Phase.objects.create(phase=phase, place=place, starts=starts, until=until)
    assert counted(agreement, "provinces open").keys == ("IR-10",)


def test_an_indicator_is_read_from_the_newest_observation(agreement):
    for key, period, value, vintage in (
        ("O1", "2023", 30, None),
        ("O2", "2024-Q1", 31, date(2024, 5, 1)),
        ("O3", "2024-Q1", 32, date(2024, 8, 1)),
        ("O4", "2030", 99, None),
    ):
        RECORDS["observations"].objects.create(
            observation_id=key, indicator="production", product="steel", period=period,
            value=Decimal(value), unit="million t", status="reported", vintage=vintage, source="s",
        )  # fmt: skip
    facts = {"indicator": "production", "product": "steel", "unit": "million t"}
    told = counted(agreement, "observed indicator", **facts)
    assert (told.value, told.keys) == (32, ("O3",))
    other = counted(agreement, "observed indicator", **facts | {"unit": "kt"})
    assert (other.value, other.why_not) == (None, "another unit")
    assert counted(agreement, "observed indicator", **facts | {"product": "x"}).value is None


def test_every_count_that_may_be_asked_for_is_made(agreement, programme):
    from onshore.records import schema

    for what in schema("commitments").column("counted").choices:
        told = counted(agreement, what, unit="EUR", indicator="i", product="p")
        assert told.value is not None or told.why_not


def test_pages_tell_counted_beside_stated_and_what_is_late(
    agreement, programme, client_of, django_assert_max_num_queries
):
    Phase.objects.create(phase=1, place="IR-10", starts=date(2024, 1, 1))
    late = promised(agreement, counted="provinces open", progress=0.9, due=date(2024, 9, 1))
    promised(agreement, measure="", target=None)
    client = client_of("analyst")
    client.get(reverse("agreement", args=["A1"]))
    with django_assert_max_num_queries(14):
        page = words(client.get(reverse("agreement", args=["A1"])))
    for told in ("25%", "90%", "past its day", "1 commitment has no measure"):
        assert told in page, told
    detail = words(client.get(reverse("commitment", args=[late.pk])))
    assert "Isfahan" in detail
    assert "Stated is 90%, counted is 25%" in detail
    listed = client.get(reverse("commitments"), {"due": "past"}).content.decode()
    assert reverse("commitment", args=[late.pk]) in listed
    none = client.get(reverse("commitments"), {"measure": "none"}).content.decode()
    assert reverse("commitment", args=[late.pk]) not in none


def test_records_behind_a_count_are_told_only_to_who_sees_them(agreement, programme, client_of):
    Need.objects.filter(pk="N1").update(state="matched", access="confidential")
    Agreement.objects.update(access="public")
    told = promised(agreement, counted="needs matched")
    address = reverse("commitment", args=[told.pk])
    for name, seen in (("officer", True), ("public", False), ("rival", False)):
        page = client_of(name).get(address).content.decode()
        assert ("/needs/N1/" in page) is seen
        assert ("Spherical roller bearing" in page) is seen


def test_one_contract_s_worth_is_told_to_nobody_but_who_reads_figures(
    agreement, programme, client_of
):
    Agreement.objects.update(access="public")
    Deal.objects.create(
        deal_id="D1", basis="contracted", buyer_id="steelworks", maker_id="rival", currency="EUR",
        value=Decimal(7_654_321), quantity=Decimal(10), unit="H87", signed=date(2024, 9, 25),
    )  # fmt: skip
    row = promised(agreement, counted="contracted value", unit="EUR", target=Decimal(10_000_000))
    pages = [reverse("agreement", args=["A1"]), reverse("commitment", args=[row.pk])]
    for name, told in (("public", False), ("maker", False), ("analyst", True), ("officer", True)):
        for page in pages:
            text = words(client_of(name).get(page)).replace(" ", "")
            assert ("7654321" in text) is told, (name, page)
