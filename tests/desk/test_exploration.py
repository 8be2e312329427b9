"""Blocks are offered, asked for, awarded; work is handed in and accepted; resources tie."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from onshore.desk.actions import block_offers, block_work, blocks, resources, rigs
from onshore.desk.actions.acting import AlreadyDone, Refused, Stale
from onshore.desk.models import (
    RECORDS,
    Alert,
    AuditEntry,
    Block,
    BlockOffer,
    Deposit,
    Estimate,
    Rig,
    WorkCommitment,
)
from onshore.desk.pages.outlines import area_km2, read_outline, shape_of
from onshore.desk.policies import NotAllowed, visible

pytestmark = pytest.mark.django_db

SQUARE = "POLYGON ((57 29, 57.1 29, 57.1 29.1, 57 29.1, 57 29))"
BESIDE = "POLYGON ((57.1 29, 57.2 29, 57.2 29.1, 57.1 29.1, 57.1 29))"
OVER = "POLYGON ((57.05 29, 57.2 29, 57.2 29.1, 57.05 29.1, 57.05 29))"
BOWTIE = "POLYGON ((57 29, 58 30, 58 29, 57 30, 57 29))"
START = timezone.make_aware(datetime(2024, 10, 1, 9))
CLOSES = date(2024, 11, 1)


def facts(name="North", geometry=SQUARE, **more):
    empty = {"name_fa": "", "commodities": "Cu;Au", "place": "IR-08", "area": None, "source": "s"}
    return {"name": name, "geometry": geometry, **empty, **more}


def at(days):
    return START + timedelta(days=days)


def terms(closes=CLOSES, firm="", **more):
    return {"closes": closes, "organisation_id": firm, "state_share": 0.08, "terms": "t", **more}


def work(number=1, **more):
    line = {"kind": "drilling", "amount": Decimal(3000), "due": date(2026, 1, 1)}
    return {"number": number, **line, "cost": Decimal(900000), "text": "Core drilling", **more}


@pytest.fixture
def offered(actors):
    """A block on offer to all firms until CLOSES."""
    key = blocks.add(actors["officer"], facts(), at=START)
    block_offers.offer(actors["officer"], key, terms(), at=START)
    return Block.objects.get(pk=key)


def ask(actors, offered, name="maker", firm="workshop", on=1, **more):
    offer = BlockOffer.objects.get(block=offered, state="on offer")
    told = {"organisation_id": firm, "currency": "EUR", "terms": ""}
    return block_offers.ask(actors[name], offer.pk, told, [work(**more)], at=at(on))


@pytest.fixture
def awarded(actors, offered):
    """The block held by the workshop, with its drilling."""
    mine, theirs = (
        ask(actors, offered),
        ask(actors, offered, "rival", "rival", amount=Decimal(1000)),
    )
    block_offers.award(
        actors["officer"], mine, until=date(2029, 1, 1), reason="Most metres", at=at(60)
    )
    offered.refresh_from_db()
    drilling = WorkCommitment.objects.get(block_offer=mine)
    return SimpleNamespace(block=offered, mine=mine, theirs=theirs, work=drilling)


def refused(action, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        action(*args, **kwargs)
    return caught.value


def test_an_outline_that_crosses_itself_is_answered_with_the_place():
    assert "57.500000 29.500000" in refused(read_outline, BOWTIE).reason
    with translation.override("fa"):
        told = refused(read_outline, BOWTIE)
    assert "۵۷٫۵۰۰۰۰۰" in told.reason or "۵۷.۵۰۰۰۰۰" in told.reason
    assert told.field == "geometry"


@pytest.mark.parametrize(
    "text",
    [
        *("", "POINT (57 29)", "{}", "[1]", '{"type": 3}', '{"type": "Feature"}', "POLYGON EMPTY"),
        *("POLYGON ((570 29, 580 30, 580 29, 570 29))", "POLYGON ((nan 1, 2 3, 4 5, nan 1))"),
        "POLYGON ((57 29, 58 29, 58 30, 57 30, 57 29), (60 29, 61 29, 61 30, 60 29))",
    ],
)
def test_what_is_no_outline_on_the_earth_is_refused(text):
    assert refused(read_outline, text).field == "geometry"


def test_an_outline_is_read_from_wkt_and_geojson_and_measured_on_the_ellipsoid():
    ring = [[57, 29], [57.1, 29], [57.1, 29.1], [57, 29.1], [57, 29]]
    told = f'{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    assert read_outline(told).equals(read_outline(SQUARE))
    # geographiclib's area of a degree square at 57 E 29 N with edges along the parallels.
    degree = read_outline("POLYGON ((57 29, 58 29, 58 30, 57 30, 57 29))")
    assert area_km2(degree) == pytest.approx(10748.0004, abs=0.001)
    holed = read_outline(
        "POLYGON ((57 29, 58 29, 58 30, 57 30, 57 29), "
        "(57.2 29.2, 57.4 29.2, 57.4 29.4, 57.2 29.4, 57.2 29.2))"
    )
    assert 10000 < area_km2(holed) < 10748 - 400


def test_a_block_is_measured_and_covers_no_other(actors, offered):
    assert offered.area == Decimal(str(round(area_km2(shape_of(SQUARE)), 3)))
    beside = blocks.add(actors["officer"], facts("East", BESIDE), at=START)
    assert Block.objects.get(pk=beside).state == "returned"
    told = refused(blocks.add, actors["officer"], facts("Over", OVER), at=START)
    assert told.field == "geometry"
    assert offered.pk in told.reason
    told = refused(blocks.add, actors["officer"], facts("E", BESIDE, area=Decimal(5)), at=START)
    assert told.field == "area"


def test_a_block_is_offered_asked_for_and_awarded(actors, offered, awarded):
    block = awarded.block
    assert (block.state, block.holder_id, block.until) == ("held", "workshop", date(2029, 1, 1))
    assert (block.work_commitment, block.currency) == (Decimal(900000), "EUR")
    states = dict(BlockOffer.objects.values_list("organisation_id", "state"))
    assert states == {None: "withdrawn", "workshop": "awarded", "rival": "refused"}
    told = BlockOffer.objects.get(pk=awarded.theirs)
    assert "Most metres" in told.reason
    kinds = set(Alert.objects.values_list("user__username", "kind"))
    assert {("officer", "block.asked"), ("maker", "block.decided"), ("rival", "block.decided")} <= (
        kinds
    )
    assert AuditEntry.objects.filter(action="blocks.award", table="blocks").exists()


def test_what_firms_ask_for_stays_between_them_and_the_agency(actors, awarded):
    def seen(name, model):
        return set(visible(actors[name], model).values_list("pk", flat=True))

    assert awarded.theirs not in seen("maker", BlockOffer)
    assert awarded.mine not in seen("rival", BlockOffer)
    assert seen("rival", WorkCommitment).isdisjoint({awarded.work.pk})
    for name in ("officer", "analyst", "auditor"):
        assert {awarded.mine, awarded.theirs} <= seen(name, BlockOffer)
    assert seen("engineer", BlockOffer) == set()
    assert awarded.block.pk in seen("engineer", Block)


def test_what_cannot_be_offered_or_asked_is_refused(actors, offered):
    officer = actors["officer"]
    assert refused(block_offers.offer, officer, offered.pk, terms(), at=START)
    told = refused(
        block_offers.offer, officer, offered.pk, terms(closes=date(2024, 9, 1)), at=START
    )
    assert told.field == "closes"
    with pytest.raises(NotAllowed):
        block_offers.offer(actors["maker"], offered.pk, terms(), at=START)
    assert refused(ask, actors, offered, on=60)
    assert refused(ask, actors, offered, firm="rival").field == "organisation_id"
    assert refused(ask, actors, offered, kind="").field == "kind_1"
    assert refused(ask, actors, offered, amount=Decimal(0)).field == "amount_1"
    assert refused(ask, actors, offered, due=date(2024, 1, 1)).field == "due_1"
    offer = BlockOffer.objects.get(block=offered)
    told = {"organisation_id": "workshop", "currency": "", "terms": ""}
    assert (
        refused(block_offers.ask, actors["maker"], offer.pk, told, [], at=at(1)).field == "kind_1"
    )
    mine = ask(actors, offered)
    assert refused(ask, actors, offered)
    early = refused(block_offers.award, officer, mine, until=date(2029, 1, 1), reason="r", at=at(2))
    assert "closes later" in early.reason
    block_offers.withdraw(actors["maker"], mine, at=at(2))
    assert refused(block_offers.award, officer, mine, until=date(2029, 1, 1), reason="r", at=at(60))


def test_an_offer_to_one_firm_is_that_firm_s(actors):
    officer = actors["officer"]
    key = blocks.add(officer, facts(), at=START)
    block_offers.offer(officer, key, terms(firm="workshop"), at=START)
    offer = BlockOffer.objects.get(block_id=key)
    assert not visible(actors["rival"], BlockOffer).exists()
    told = {"organisation_id": "workshop", "currency": "EUR", "terms": ""}
    assert block_offers.ask(actors["maker"], offer.pk, told, [work()], at=at(1)) == offer.pk
    block_offers.award(
        officer, offer.pk, until=date(2029, 1, 1), reason="It alone was asked", at=at(2)
    )
    blocks.take_back(officer, key, reason="Work was not done", at=at(400))
    block = Block.objects.get(pk=key)
    assert (block.state, block.holder) == ("returned", None)
    assert Alert.objects.filter(user__username="maker", kind="block.taken_back").exists()


def test_nothing_is_done_twice_or_over_somebody_else_s_change(actors, offered):
    officer = actors["officer"]
    blocks.add(officer, facts("A", BESIDE), once="one", at=START)
    with pytest.raises(AlreadyDone):
        blocks.add(officer, facts("A", BESIDE), once="one", at=START)
    with pytest.raises(Stale):
        blocks.change(officer, offered.pk, facts(), version=1, at=START)


def test_work_counts_once_the_agency_accepted_it(actors, awarded):
    maker, officer, key = actors["maker"], actors["officer"], awarded.work.pk
    hand = {"done": Decimal(1200), "spent": Decimal(400000), "evidence": "Report 7"}
    assert refused(block_work.hand_in, maker, key, **hand | {"evidence": " "}).field == "evidence"
    assert refused(block_work.hand_in, maker, key, **hand | {"done": Decimal(0)}).field == "done"
    with pytest.raises(Refused):
        block_work.hand_in(actors["rival"], key, **hand)
    block_work.hand_in(maker, key, **hand, at=at(100))
    line = WorkCommitment.objects.get(pk=key)
    assert line.done is None
    with pytest.raises(NotAllowed):
        block_work.accept(maker, key, at=at(101))
    block_work.send_back(officer, key, reason="The logs are missing", at=at(101))
    assert refused(block_work.accept, officer, key, at=at(102))
    block_work.hand_in(maker, key, **hand, at=at(103))
    block_work.accept(officer, key, at=at(104))
    line.refresh_from_db()
    assert (line.done, line.spent, line.evidence) == (Decimal(1200), Decimal(400000), "Report 7")
    assert line.done_on == at(104).date()
    assert refused(block_work.hand_in, maker, key, **hand, at=at(105)).field == "done"


def test_rigs_are_their_owners_and_the_agency_s(actors):
    told = {"owner_id": "workshop", "model": "Core rig", "built": 2012, "hours": Decimal(900)}
    key = rigs.add(actors["maker"], told, at=START)
    assert not visible(actors["rival"], Rig).exists()
    assert refused(rigs.add, actors["maker"], told | {"owner_id": "rival"}).field == "owner_id"
    assert refused(rigs.add, actors["officer"], told | {"built": 1403}, at=START).field == "built"
    bought = told | {"bought_on": date(2010, 1, 1)}
    assert refused(rigs.add, actors["officer"], bought, at=START).field == "bought_on"
    fewer = told | {"hours": Decimal(10)}
    assert refused(rigs.change, actors["maker"], key, fewer).field == "hours"
    rigs.change(actors["maker"], key, fewer, reason="The engine was replaced")
    assert Rig.objects.get(pk=key).hours == 10


def estimated(**more):
    told = {"category": "inferred", "commodity": "Cu", "tonnage": Decimal(3000000)}
    grade = {"grade": Decimal("0.6"), "grade_unit": "%", "estimated_on": date(2023, 1, 1)}
    return {**told, **grade, "source": "report", **more}


def changed(tonnage, **more):
    told = {"category": "inferred", "commodity": "Cu", "changed_on": date(2024, 1, 1)}
    return {**told, "reason": "drilling", "tonnage": Decimal(tonnage), "metal": None, **more}


@pytest.fixture
def deposit(actors):
    return resources.add_deposit(
        actors["officer"],
        {"name": "Skarn", "commodities": "Cu", "lon": Decimal("57.05"), "lat": Decimal("29.05")},
        at=START,
    )


def test_a_deposit_lies_on_the_earth_and_in_its_block(actors, offered):
    officer = actors["officer"]
    told = {"name": "S", "commodities": "Cu", "lon": Decimal(60), "lat": Decimal(29)}
    away = refused(resources.add_deposit, officer, told | {"block_id": offered.pk}, at=START)
    assert away.field == "block_id"
    assert refused(resources.add_deposit, officer, told | {"lat": Decimal(95)}).field == "lat"


def test_a_ledger_ties_or_says_what_is_missing(actors, deposit, client_of):
    officer = actors["officer"]
    early = refused(resources.tell_change, officer, deposit, changed(1), at=START)
    assert early.field == "category"
    resources.estimate(officer, deposit, estimated(), at=START)
    twice = refused(resources.estimate, officer, deposit, estimated(), at=START)
    assert twice.field == "estimated_on"
    over = refused(resources.tell_change, officer, deposit, changed(-4000000), at=START)
    assert over.field == "tonnage"
    past = changed(1, changed_on=date(2022, 1, 1))
    assert refused(resources.tell_change, officer, deposit, past, at=START).field == "changed_on"
    much = estimated(grade=Decimal(120), estimated_on=date(2023, 2, 1))
    assert refused(resources.estimate, officer, deposit, much, at=START).field == "grade"
    resources.tell_change(officer, deposit, changed(500000, metal=Decimal(3000)), at=START)
    later = estimated(tonnage=Decimal(3600000), estimated_on=date(2024, 6, 1))
    resources.estimate(officer, deposit, later, at=START)
    page = client_of("officer").get(reverse("deposit", args=[deposit])).content.decode()
    # 3,600,000 - (3,000,000 + 500,000) is what no change tells.
    assert "not explained" in page
    assert "100 000 t" in page.replace("\u202f", " ").replace(",", " ")
    total = client_of("officer").get(reverse("resources")).content.decode()
    assert "3\u202f600\u202f000" in total
    for name in ("maker", "public"):
        hidden = client_of(name).get(reverse("deposit", args=[deposit])).content.decode()
        assert "3\u202f600\u202f000" not in hidden
        assert "Skarn" in hidden


def test_one_deposit_without_a_ledger_hides_no_other(actors, deposit, client_of):
    resources.estimate(actors["officer"], deposit, estimated(), at=START)
    other = Deposit.objects.create(
        deposit_id="other", name="Other", commodities="Fe", lon=1, lat=1, source="s"
    )
    Estimate.objects.create(estimate_id="E", deposit=other, **estimated(commodity="Fe"))
    RECORDS["resource_changes"].objects.create(
        resource_change_id="C", deposit=other, **changed(1, changed_on=date(2020, 1, 1))
    )
    page = client_of("officer", "fa").get(reverse("resources")).content.decode()
    assert "برآورد صفر تن" in page or "برآوردی ثبت نشده" in page
    assert "۳٬۰۰۰٬۰۰۰" in page


def test_a_form_answers_a_crossing_at_its_field_and_keeps_what_was_typed(client_of, actors):
    officer = client_of("officer", "fa")
    answer = officer.post(
        reverse("new_block"), {"name": "گره", "geometry": BOWTIE, "once": "b", "commodities": "Cu"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "خودش را قطع می‌کند" in page
    assert BOWTIE in page
    assert not Block.objects.exists()


PAGES = ("exploration", "blocks", "deposits", "work_commitments", "rigs", "exploration_services")


def test_pages_answer_with_few_queries(
    awarded, deposit, actors, client_of, django_assert_max_num_queries
):
    resources.estimate(actors["officer"], deposit, estimated(), at=START)
    addresses = [reverse(name) for name in (*PAGES, "resources")]
    addresses.append(reverse("block", args=[awarded.block.pk]))
    addresses.append(reverse("work_commitment", args=[awarded.work.pk]))
    for name in ("officer", "maker"):
        client = client_of(name)
        client.get(addresses[0])
        for address in addresses:
            with django_assert_max_num_queries(12):
                assert client.get(address).status_code == 200, address


def test_what_a_firm_does_on_its_pages(offered, client_of):
    maker = client_of("maker")
    offer = BlockOffer.objects.get(block=offered)
    BlockOffer.objects.update(closes=timezone.localdate() + timedelta(days=30))
    page = maker.get(reverse("block", args=[offered.pk])).content.decode()
    address = reverse("ask_for_block", args=[offer.pk])
    assert address in page
    due = (timezone.localdate() + timedelta(days=300)).isoformat()
    told = {"organisation_id": "workshop", "once": "a", "kind_1": "geophysics", "amount_1": "۳۰۰"}
    answer = maker.post(address, told | {"due_1": due, "cost_1": "90000"})
    assert answer.status_code == 422
    assert "currency" in answer.content.decode()
    answer = maker.post(address, told | {"due_1": due, "cost_1": "90000", "currency": "euro"})
    assert answer.status_code == 302
    line = WorkCommitment.objects.get()
    assert (line.amount, line.unit, line.currency) == (Decimal(300), "KMT", "EUR")
    assert reverse("award_block", args=[line.block_offer_id]) not in page
    again = maker.get(address).content.decode()
    assert "asked for this block already" in again
    assert 'name="kind_1"' not in again
    assert address not in maker.get(reverse("block", args=[offered.pk])).content.decode()
