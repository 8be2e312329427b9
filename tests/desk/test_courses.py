"""Courses: places that run out, who came, and the commitment that they serve."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed, words

from onshore.desk.actions import courses as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import PUBLIC
from onshore.desk.auditing import audit
from onshore.desk.models import Agreement, Commitment, Course, Enrolment
from onshore.desk.policies import NotAllowed, visible
from onshore.desk.reckoning import counting

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 10, 1, 12, tzinfo=UTC)
AFTER = datetime(2024, 11, 6, 12, tzinfo=UTC)
TOLD = {
    "title": "Reading drawings",
    "provider_id": "university",
    "starts": date(2024, 11, 4),
    "until": date(2024, 11, 5),
    "seats": 2,
}


@pytest.fixture
def commitment(organisations):
    agreement = Agreement.objects.create(
        agreement_id="A1", title="Programme", parties="agency;university", signed=date(2024, 1, 1)
    )
    return Commitment.objects.create(
        commitment_id="C1", agreement=agreement, text="200 people", measure="people trained",
        target=Decimal(200), unit="persons", counted="people trained",
    )  # fmt: skip


@pytest.fixture
def course(actors):
    return doing.add(actors["researcher"], TOLD, at=NOW)


def enrol(actor, course, person, **facts):
    return doing.enrol(actor, course, person=person, **{"at": NOW, **facts})


def test_a_full_course_is_refused(course, actors, client_of):
    enrol(actors["maker"], course, "Maryam  Karimi")
    with pytest.raises(Refused, match="has a place already") as refused:
        enrol(actors["maker"], course, "Maryam Karimi")
    assert refused.value.field == "person"
    enrol(actors["engineer"], course, "Ali")
    with pytest.raises(Refused, match="all 2 places are taken"):
        enrol(actors["rival"], course, "Reza")
    Course.objects.update(starts=date(2030, 1, 1), until=None)
    page = client_of("rival", "fa")
    address = reverse("enrol", args=[course])
    full = page.post(address, {"person": "رضا", "organisation_id": "rival", "once": "a"})
    assert full.status_code == 422
    assert Enrolment.objects.count() == 2
    assert "۲" in words(full)
    opened = page.get(address)  # told on arrival, without a form
    assert "۲" in words(opened)
    assert 'name="person"' not in opened.text
    # A place that is given back is another's.
    row = Enrolment.objects.get(person="Ali")
    with pytest.raises(Refused, match="not there"):
        doing.leave(actors["rival"], row.pk, at=NOW)
    doing.leave(actors["engineer"], row.pk, at=NOW)
    assert typed(page, reverse("enrol", args=[course]), person="رضا", organisation_id="rival")
    assert set(Enrolment.objects.values_list("person", flat=True)) == {"Maryam Karimi", "رضا"}


def test_names_are_for_who_sent_them_and_who_gives_the_course(course, actors, client_of):
    enrol(actors["maker"], course, "Maryam")
    enrol(actors["rival"], course, "Reza")
    seen = {
        name: set(visible(actors[name], Enrolment).values_list("person", flat=True))
        for name in ("maker", "rival", "researcher", "officer", "analyst", "engineer")
    }
    assert seen == {
        "maker": {"Maryam"},
        "rival": {"Reza"},
        "researcher": {"Maryam", "Reza"},
        "officer": {"Maryam", "Reza"},
        "analyst": set(),
        "engineer": set(),
    }
    public = words(client_of("public").get(reverse("course", args=[course])))
    assert "Reading drawings" in public
    assert "Maryam" not in public
    with pytest.raises(NotAllowed):
        enrol(PUBLIC, course, "Nobody")
    Course.objects.update(seats=None)
    with pytest.raises(Refused, match="which organisation"):
        enrol(actors["maker"], course, "Sara", organisation_id="rival")


def test_who_came_counts_for_the_commitment(commitment, actors, client_of):
    key = doing.add(actors["officer"], TOLD | {"commitment_id": "C1", "seats": 5}, at=NOW)
    for name in ("Maryam", "Reza", "Sara"):
        enrol(actors["maker"], key, name)
    with pytest.raises(Refused, match="has not begun"):
        doing.attend(actors["officer"], key, at=NOW)
    rows = dict(Enrolment.objects.values_list("person", "pk"))
    with pytest.raises(NotAllowed):
        doing.attend(actors["maker"], key, came=rows.values(), at=AFTER)
    teacher, address = client_of("researcher"), reverse("attendance", args=[key])
    ghost = typed(teacher, address, came=[rows["Maryam"]], passed=[rows["Sara"]])
    assert ghost.status_code == 422
    assert "passed" in ghost.context["form"].errors
    came = [rows["Maryam"], rows["Sara"]]
    assert typed(teacher, address, came=came, passed=[rows["Sara"]]).status_code == 302
    assert Course.objects.get().attended == 2
    told = dict(Enrolment.objects.values_list("person", "attended"))
    assert told == {"Maryam": True, "Sara": True, "Reza": False}
    counted = counting.Counts(date(2024, 12, 1)).of(commitment)
    assert (counted.value, counted.keys) == (Decimal(2), (key,))
    page = words(client_of("officer").get(reverse("course", args=[key])))
    assert "200 people" in page
    assert "2 people came." in page
    with pytest.raises(Refused, match="recorded already"):
        doing.leave(actors["maker"], rows["Reza"], at=AFTER)
    assert not list(audit.verify())


def test_a_course_without_names_tells_how_many_came(course, actors):
    with pytest.raises(Refused) as refused:
        doing.attend(actors["researcher"], course, at=AFTER)
    assert refused.value.field == "attended"
    with pytest.raises(Refused, match="More came"):
        doing.attend(actors["researcher"], course, attended=3, at=AFTER)
    doing.attend(actors["researcher"], course, attended=2, at=AFTER)
    assert Course.objects.get().attended == 2
    with pytest.raises(Refused, match="is over"):
        enrol(actors["maker"], course, "Late", at=AFTER)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"until": date(2024, 11, 3)}, "until"),
        ({"seats": 0}, "seats"),
        ({"commitment_id": "C1"}, "commitment_id"),  # restricted, and the university no party
        ({"provider_id": "rival"}, "provider_id"),
    ],
)
def test_a_course_that_cannot_be_announced(commitment, actors, facts, field):
    Agreement.objects.update(parties="agency;workshop")
    with pytest.raises(Refused) as refused:
        doing.add(actors["researcher"], TOLD | facts, at=NOW)
    assert refused.value.field == field


def test_a_course_is_announced_and_changed_on_its_page(actors, client_of, commitment):
    officer = client_of("officer", "fa")
    told = {"title": "نقشه‌خوانی", "provider_id": "university", "from": "۱۴۰۹/۰۱/۱۵"}
    told |= {"seats": "۲۰", "commitment_id": "C1", "place": "اصفهان"}
    assert typed(officer, reverse("new_course"), **told).status_code == 302
    made = Course.objects.get()
    assert (made.seats, made.place, made.commitment_id) == (20, "IR-10", "C1")
    for name in ("Maryam", "Reza"):
        enrol(actors["maker"], made.pk, name)
    address = reverse("change_course", args=[made.pk])
    few = typed(officer, address, **told | {"seats": "۱"})
    assert "seats" in few.context["form"].errors
    assert typed(client_of("researcher"), address, **told | {"seats": "3"}).status_code == 302
    public = client_of("public")
    assert "1 of 3 places is free" in words(public.get(reverse("course", args=[made.pk])))
    assert "نقشه‌خوانی" in words(public.get(reverse("courses") + "?when=ahead"))
    assert "نقشه‌خوانی" not in words(public.get(reverse("courses") + "?when=over"))
    assert client_of("maker").get(address).status_code == 403
    with pytest.raises(NotAllowed):
        doing.add(actors["maker"], TOLD, at=NOW)
