"""Events: slots, participants, wishes, the schedule with its proof, and what came of meetings."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from types import SimpleNamespace

import pytest
from django.urls import reverse
from filling import typed, words
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.desk.actions import event_slots, meetings
from onshore.desk.actions import events as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.events.schedule_files import calendar_file
from onshore.desk.events.scheduling import schedule
from onshore.desk.models import (
    RECORDS,
    Alert,
    AuditEntry,
    Deal,
    Event,
    Job,
    Meeting,
    Participant,
    Wish,
)
from onshore.desk.policies import NotAllowed, visible

EventSlot = RECORDS["event_slots"]
DAY = date(2090, 10, 10)
"""Of an event that is ahead."""
AFTER = datetime(2090, 10, 12, 12, tzinfo=UTC)


@pytest.fixture
def event(organisations):
    return Event.objects.create(
        event_id="E1", title="Desk day", kind="desk day", starts=DAY,
        until=DAY + timedelta(days=1), tables=2,
    )  # fmt: skip


@pytest.fixture
def full(actors, event):
    """Two days of three slots with a pause, a buyer and two makers."""
    event_slots.lay_out(
        actors["officer"], "E1", starts=time(9), ends=time(11), minutes=30,
        pause_starts=time(10), pause_ends=time(10, 30),
    )  # fmt: skip
    for key, side in (("steelworks", "buying"), ("workshop", "selling"), ("rival", "selling")):
        doing.take_part(actors["officer"], "E1", {"organisation_id": key, "side": side})
    return event


@pytest.mark.django_db
def test_slots_are_laid_out_for_each_day_around_the_pause(actors, full):
    told = list(EventSlot.objects.order_by("number").values_list("date", "starts", "ends", "pause"))
    assert told[:4] == [
        (DAY, "09:00", "09:30", False),
        (DAY, "09:30", "10:00", False),
        (DAY, "10:00", "10:30", True),
        (DAY, "10:30", "11:00", False),
    ]
    assert len(told) == 8
    assert told[4][0] == DAY + timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends": time(8)}, "ends"),
        ({"minutes": 1}, "minutes"),
        ({"minutes": 300}, "minutes"),
        ({"pause_starts": time(10)}, "pause_ends"),
        ({"pause_starts": time(10), "pause_ends": time(9, 30)}, "pause_ends"),
    ],
)
def test_slots_that_cannot_be_are_answered(actors, event, wrong, field):
    told = {"starts": time(9), "ends": time(12), "minutes": 30} | wrong
    with pytest.raises(Refused) as refused:
        event_slots.lay_out(actors["officer"], "E1", **told)
    assert refused.value.field == field
    assert not EventSlot.objects.exists()


@pytest.mark.django_db
def test_who_takes_part_sees_who_does_and_wishes(actors, full, client_of):
    assert visible(actors["maker"], Participant).count() == 3
    assert not visible(actors["researcher"], Participant).exists()
    doing.wish(actors["maker"], "E1", buyer_id="steelworks", maker_id="workshop", weight=Decimal(2))
    assert Wish.objects.get().wished_by == "selling"
    assert visible(actors["engineer"], Wish).count() == 1
    assert not visible(actors["rival"], Wish).exists()
    page = words(client_of("rival").get(reverse("event", args=["E1"]), {"show": "wishes"}))
    assert "Workshop" not in page
    officer = client_of("officer")
    offered = [reverse(name, args=["E1"]) for name in ("take_part", "lay_out_event", "new_wish")]
    for over in (True, False):
        Event.objects.update(until=date(2024, 10, 11) if over else date(2100, 1, 1))
        shown = officer.get(reverse("event", args=["E1"]), {"show": "wishes"}).text
        assert [address in shown for address in offered] == [not over] * 3
    with pytest.raises(NotAllowed):
        doing.wish(
            actors["rival"], "E1", buyer_id="steelworks", maker_id="workshop", weight=Decimal(1)
        )
    with pytest.raises(NotAllowed):
        doing.take_part(actors["rival"], "E1", {"organisation_id": "workshop", "side": "selling"})
    for wrong, field in (
        ({"weight": Decimal(0)}, "weight"),
        ({"maker_id": "university"}, "maker_id"),
    ):
        facts = {"buyer_id": "steelworks", "maker_id": "rival", "weight": Decimal(1)} | wrong
        with pytest.raises(Refused) as refused:
            doing.wish(actors["officer"], "E1", **facts)
        assert refused.value.field == field


@pytest.mark.django_db
def test_what_is_over_is_closed_and_its_outcomes_are_not(actors, full):
    officer, pair = actors["officer"], {"buyer_id": "steelworks", "maker_id": "workshop"}
    doing.wish(officer, "E1", **pair, weight=Decimal(1))
    scheduled = meetings.reckon("E1")
    meetings.keep(officer, "E1", scheduled, at=AFTER - timedelta(days=1))  # its last day
    joining = {"organisation_id": "university", "side": "selling"}
    slots = {"starts": time(9), "ends": time(12), "minutes": 30}
    before = AuditEntry.objects.count()
    for deed, told in (
        (doing.take_part, {"values": joining}),
        (doing.invite, {}),
        (doing.wish, pair | {"weight": Decimal(2)}),
        (doing.wish_from_matches, {}),
        (event_slots.lay_out, slots),
        (meetings.keep, {"found": scheduled}),
    ):
        with pytest.raises(Refused, match="ended on 2090-10-11") as refused:
            deed(officer, "E1", **told, at=AFTER)
        assert "events that are ahead" in refused.value.next_step
    assert AuditEntry.objects.count() == before
    meetings.tell_outcome(officer, Meeting.objects.get().pk, state="took place", at=AFTER)
    assert Meeting.objects.get().state == "took place"


@pytest.mark.django_db
def test_forms_of_an_event_that_is_over_say_so(event, client_of):
    Event.objects.update(starts=date(2024, 10, 10), until=date(2024, 10, 11))
    officer = client_of("officer", "fa")
    for name in ("take_part", "lay_out_event", "invite_to_event", "new_wish",
                 "wishes_from_matches", "schedule_event"):  # fmt: skip
        page = words(officer.get(reverse(name, args=["E1"])))
        assert "این رویداد در ۲۰ مهر ۱۴۰۳ به پایان رسیده است." in page
        sent = officer.post(reverse(name, args=["E1"]), {"once": name, "version": "1"})
        assert sent.status_code == 422
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_absences_name_slots_that_are_there(actors, full):
    row = {"organisation_id": "rival", "side": "selling"}
    doing.take_part(actors["rival"], "E1", row | {"away": "1; 2"})
    for away in ("99", "1;tomorrow"):
        with pytest.raises(Refused) as refused:
            doing.take_part(actors["rival"], "E1", row | {"away": away})
        assert refused.value.field == "away"


@pytest.mark.django_db
def test_matches_that_were_not_rejected_suggest_meetings(actors, full, programme):
    doing.wish(actors["engineer"], "E1", buyer_id="steelworks", maker_id="rival", weight=Decimal(5))
    programme.candidates["workshop"].decision = "confirmed"
    programme.candidates["workshop"].save()
    made = doing.wish_from_matches(actors["officer"], "E1")
    assert made == 1
    told = {row.maker_id: (row.weight, row.wished_by) for row in Wish.objects.all()}
    assert told["rival"] == (5, "buying")
    assert told["workshop"][1] == "match"
    assert doing.wish_from_matches(actors["officer"], "E1") == 0
    programme.candidates["workshop"].decision = "rejected"
    programme.candidates["workshop"].save()
    Wish.objects.all().delete()
    doing.wish_from_matches(actors["officer"], "E1")
    assert set(Wish.objects.values_list("maker_id", flat=True)) == {"rival"}


@pytest.mark.django_db
def test_a_schedule_is_made_told_taken_along_and_taken_back(actors, full, client_of):
    for maker, weight in (("workshop", 1), ("rival", 2)):
        doing.wish(
            actors["officer"], "E1", buyer_id="steelworks", maker_id=maker, weight=Decimal(weight)
        )
    officer = client_of("officer")
    answer = typed(officer, reverse("schedule_event", args=["E1"]))
    assert answer.status_code == 302
    job = Job.objects.get()
    assert job.state == Job.State.DONE, job.error
    assert "Meetings scheduled: 2" in job.result["summary"]
    rows = list(Meeting.objects.order_by("slot"))
    assert len({row.slot for row in rows}) == 2
    assert {row.table_number for row in rows} == {1}
    assert Alert.objects.filter(kind="meetings.scheduled", user__username="rival").exists()
    page = words(officer.get(reverse("event", args=["E1"]), {"show": "meetings"}))
    assert "2 meetings, 0 wishes left out; this is the best possible schedule" in page
    seen = words(client_of("rival").get(reverse("event", args=["E1"]), {"show": "meetings"}))
    assert "Rival" in seen
    assert "Workshop" not in seen
    pdf = officer.get(reverse("schedule_pdf", args=["E1"]))
    assert pdf.content.startswith(b"%PDF")
    ics = client_of("maker").get(reverse("schedule_ics", args=["E1"])).content.decode()
    assert ics.count("BEGIN:VEVENT") == 1
    assert "SUMMARY:Steelworks\r\n" in ics
    with pytest.raises(Refused, match="scheduled in the slots"):
        event_slots.lay_out(actors["officer"], "E1", starts=time(9), ends=time(12), minutes=30)
    meetings.take_back(actors["officer"], "E1", reason="new dates")
    assert not Meeting.objects.exists()


@pytest.mark.django_db
def test_more_wishes_than_slots_are_answered_with_what_is_left_out(actors, event, client_of):
    event_slots.lay_out(actors["officer"], "E1", starts=time(9), ends=time(9, 30), minutes=30)
    for key, side in (("steelworks", "buying"), ("workshop", "selling"), ("rival", "selling"),
                      ("university", "selling")):  # fmt: skip
        doing.take_part(actors["officer"], "E1", {"organisation_id": key, "side": side})
    for maker, weight in (("workshop", 3), ("rival", 2), ("university", 1)):
        doing.wish(
            actors["officer"], "E1", buyer_id="steelworks", maker_id=maker, weight=Decimal(weight)
        )
    meetings.keep(actors["officer"], "E1", meetings.reckon("E1"))
    assert set(Meeting.objects.values_list("maker_id", flat=True)) == {"workshop", "rival"}
    page = words(client_of("officer").get(reverse("event", args=["E1"]), {"show": "meetings"}))
    assert "the buyer has as many meetings as it can" in page


@pytest.mark.django_db
def test_outcomes_name_the_deal_that_they_are(actors, full):
    doing.wish(
        actors["officer"], "E1", buyer_id="steelworks", maker_id="workshop", weight=Decimal(1)
    )
    meetings.keep(actors["officer"], "E1", meetings.reckon("E1"))
    row = Meeting.objects.get()
    facts = {"deal_id": "D1", "basis": "MoU", "buyer_id": "steelworks", "signed": date(2024, 10, 1)}
    Deal.objects.create(**facts, maker_id="workshop")
    Deal.objects.create(**facts | {"deal_id": "D2"}, maker_id="rival")
    for wrong, field in (
        ({"state": "scheduled"}, "state"),
        ({"state": "missed", "outcome": "sample"}, "outcome"),
        ({"state": "took place", "outcome": "MoU"}, "deal_id"),
        ({"state": "took place", "outcome": "MoU", "deal_id": "D2"}, "deal_id"),
    ):
        with pytest.raises(Refused) as refused:
            meetings.tell_outcome(actors["officer"], row.pk, **wrong, at=AFTER)
        assert refused.value.field == field
    with pytest.raises(Refused, match="not there"):
        meetings.tell_outcome(actors["rival"], row.pk, state="took place")
    told = {"state": "took place", "outcome": "MoU", "deal_id": "D1"}
    meetings.tell_outcome(actors["maker"], row.pk, **told, at=AFTER)
    row.refresh_from_db()
    assert (row.state, row.deal_id) == ("took place", "D1")
    with pytest.raises(Refused, match="held already"):
        meetings.keep(actors["officer"], "E1", meetings.reckon("E1"))


@pytest.mark.django_db
def test_who_leaves_takes_wishes_and_meetings_along(actors, full):
    doing.wish(
        actors["officer"], "E1", buyer_id="steelworks", maker_id="workshop", weight=Decimal(1)
    )
    meetings.keep(actors["officer"], "E1", meetings.reckon("E1"))
    row = Participant.objects.get(organisation="workshop")
    with pytest.raises((NotAllowed, Refused)):
        doing.leave(actors["rival"], row.pk)
    doing.leave(actors["maker"], row.pk, reason="ill")
    assert not Wish.objects.exists()
    assert Meeting.objects.get().state == "cancelled"


@pytest.mark.django_db
def test_times_are_read_in_persian_digits_and_wrong_ones_answered(event, client_of):
    officer = client_of("officer", "fa")
    address = reverse("lay_out_event", args=["E1"])
    told = {"starts": "۰۹:۰۰", "ends": "۱۲:۰۰", "minutes": "۶۰"}
    assert typed(officer, address, **told).status_code == 302
    assert EventSlot.objects.count() == 6
    wrong = typed(officer, address, **told | {"starts": "بامداد"})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors["starts"]


def parties(buyers, makers, most):
    rows = [(f"b{at}", "buying") for at in range(buyers)]
    rows += [(f"m{at}", "selling") for at in range(makers)]
    return [
        SimpleNamespace(organisation_id=key, side=side, most=most.get(key), away="")
        for key, side in rows
    ]


def best_by_hand(wishes, rows, slots, tables):
    """Try every schedule of a small event."""
    most = {row.organisation_id: row.most for row in rows}

    def worth(choice):
        used, count, total = set(), {}, 0.0
        per_slot = {}
        for (buyer, maker, weight), slot in zip(wishes, choice, strict=True):
            if slot is None:
                continue
            if (buyer, slot) in used or (maker, slot) in used:
                return -1.0
            used |= {(buyer, slot), (maker, slot)}
            per_slot[slot] = per_slot.get(slot, 0) + 1
            for key in (buyer, maker):
                count[key] = count.get(key, 0) + 1
                if most[key] is not None and count[key] > most[key]:
                    return -1.0
            total += weight
        if tables is not None and any(number > tables for number in per_slot.values()):
            return -1.0
        return total

    return max(worth(choice) for choice in product([None, *slots], repeat=len(wishes)))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_schedule_of_a_small_event_is_better(data):
    pairs = [(f"b{b}", f"m{m}") for b in range(2) for m in range(3)]
    chosen = data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=5, unique=True))
    wishes = [(*pair, float(data.draw(st.integers(1, 9)))) for pair in chosen]
    most = {"b0": data.draw(st.sampled_from([None, 1, 2])), "m1": 1}
    rows, tables = parties(2, 3, most), data.draw(st.sampled_from([None, 1, 2]))
    slots = [SimpleNamespace(number=at, pause=at == 2) for at in (1, 2, 3)]
    found = schedule(wishes, rows, slots, tables)
    best = best_by_hand(wishes, rows, [1, 3], tables)
    assert found.worth == pytest.approx(best, rel=0.006)
    assert found.bound >= best - 1e-6
    assert not (set(found.meetings["slot"]) & {2})
    assert found.meetings.height + found.left_out.height == len(wishes)


def test_a_calendar_file_is_folded_and_escaped():
    party = SimpleNamespace(pk="b", name="Steel; works, " + "فولاد" * 20, name_fa="")
    other = SimpleNamespace(pk="m", name="Maker", name_fa="")
    row = SimpleNamespace(
        pk="M1", slot=1, buyer=party, maker=other, buyer_id="b", maker_id="m", state="scheduled",
        table_number=3,
    )  # fmt: skip
    slot = SimpleNamespace(date=date(2024, 10, 10), starts="09:00", ends="09:30")
    event = SimpleNamespace(title="Day\nof desks")
    at = datetime(2024, 10, 1, 12, tzinfo=UTC)
    told = calendar_file(event, [row], {1: slot}, of="m", at=at)
    lines = told.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    whole = told.decode().replace("\r\n ", "")
    assert "SUMMARY:Steel\\; works\\, فولاد" in whole
    assert "DTSTART:20241010T090000" in whole
    assert "DESCRIPTION:Day\\nof desks" in whole
    assert whole.endswith("END:VCALENDAR\r\n")
