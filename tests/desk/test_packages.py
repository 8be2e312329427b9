"""Packages: published, answered, short-listed, awarded, and everybody told why."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from filling import typed

from onshore.desk.actions import packages
from onshore.desk.actions.acting import Refused
from onshore.desk.models import Alert, Interest, Need, Package, PackageNeed
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

VALUES = {
    "title": "Bearings of 2025",
    "desk_id": "steel",
    "need_ids": "N1",
    "closes": date(2024, 11, 1),
    "access": "restricted",
}


def on(day):
    return datetime.combine(day, datetime.min.time(), ZoneInfo("UTC")) + timedelta(hours=12)


OPEN, CLOSED = on(date(2024, 10, 2)), on(date(2024, 11, 2))


@pytest.fixture
def need(programme):
    Need.objects.filter(pk="N1").update(state="scouting")
    return programme.need


@pytest.fixture
def package(actors, need):
    made = packages.add(actors["officer"], VALUES, at=OPEN)
    return packages.publish(actors["officer"], made.pk, at=OPEN)


@pytest.fixture
def both(actors, package):
    for role in ("maker", "rival"):
        packages.express(actors[role], package.pk, f"The {role} forged 300 rings.", at=OPEN)
    return {row.maker_id: row for row in Interest.objects.all()}


def test_an_officer_puts_needs_together_by_ticking_them(client_of, need):
    Need.objects.create(
        need_id="N2",
        description="Roll neck bearing",
        buyer_id="steelworks",
        state="published",
        yearly_quantity=Decimal(5),
        unit="H87",
    )
    client = client_of("officer")
    closes = (timezone.localdate() + timedelta(days=30)).isoformat()
    address = f"{reverse('new_package')}?q=neck"
    assert "N1 ·" not in client.get(address).content.decode()
    answer = typed(
        client, address, title="Bearings", need_ids="N1", ticked=["N2"], closes=closes, desk_id=""
    )
    made = Package.objects.get()
    assert answer.url == reverse("package", args=[made.pk])
    assert made.need_ids == "N1;N2"
    assert set(PackageNeed.objects.values_list("need_id", flat=True)) == {"N1", "N2"}
    assert client_of("maker").get(answer.url).status_code == 404
    assert typed(client, reverse("publish_package", args=[made.pk])).status_code == 302
    assert client_of("maker").get(answer.url).status_code == 200
    assert Alert.objects.filter(user__username="maker", kind="package.published").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"need_ids": ""}, "need_ids"),
        ({"need_ids": "N1;N404"}, "need_ids"),
    ],
)
def test_a_package_that_says_too_little_is_refused(actors, need, wrong, field):
    with pytest.raises(Refused) as refused:
        packages.add(actors["officer"], VALUES | wrong)
    assert refused.value.field == field


def test_a_need_that_has_its_maker_is_not_called_for(actors, need):
    Need.objects.filter(pk="N1").update(state="contracted")
    with pytest.raises(Refused, match="no longer look"):
        packages.add(actors["officer"], VALUES)


def test_a_closing_day_lies_ahead_and_moves_only_later(actors, need):
    made = packages.add(actors["officer"], VALUES, at=OPEN)
    with pytest.raises(Refused, match="lie ahead"):
        packages.publish(actors["officer"], made.pk, at=on(date(2024, 11, 1)))
    packages.publish(actors["officer"], made.pk, at=OPEN)
    with pytest.raises(Refused, match="later"):
        packages.change(actors["officer"], made.pk, {"closes": date(2024, 10, 20)}, at=OPEN)
    packages.change(actors["officer"], made.pk, {"closes": date(2024, 12, 1)}, at=OPEN)
    made.refresh_from_db()
    assert made.closes == date(2024, 12, 1)


def test_a_maker_expresses_interest_once_and_may_change_it_until_it_closes(actors, package):
    maker = actors["maker"]
    with pytest.raises(Refused, match="what you can do"):
        packages.express(maker, package.pk, " ", at=OPEN)
    first = packages.express(maker, package.pk, "We forge rings.", at=OPEN)
    again = packages.express(maker, package.pk, "We forge and grind rings.", at=OPEN)
    assert first.pk == again.pk
    packages.withdraw(maker, first.pk, at=OPEN)
    packages.express(maker, package.pk, "After all.", at=on(date(2024, 11, 1)))
    assert Interest.objects.get().state == "submitted"
    with pytest.raises(Refused, match="no more"):
        packages.express(actors["rival"], package.pk, "Late.", at=CLOSED)


def test_nobody_is_decided_on_while_the_package_is_open(actors, both, package):
    told = {row.pk: ("short-listed", "Good") for row in both.values()}
    with pytest.raises(Refused, match="until its closing day"):
        packages.decide(actors["officer"], package.pk, "short list", told, at=OPEN)


def test_everybody_is_decided_at_once_and_told_why(actors, both, package):
    officer, workshop, rival = actors["officer"], both["workshop"], both["rival"]
    one = {workshop.pk: ("short-listed", "Good")}
    silent = one | {rival.pk: ("not chosen", " ")}
    early = {row.pk: ("chosen", "Best") for row in both.values()}
    with pytest.raises(Refused, match="no decision on Rival"):
        packages.decide(officer, package.pk, "short list", one, at=CLOSED)
    with pytest.raises(Refused, match="Rival is not told why"):
        packages.decide(officer, package.pk, "short list", silent, at=CLOSED)
    assert not Interest.objects.exclude(state="submitted").exists()
    with pytest.raises(Refused):
        packages.decide(officer, package.pk, "short list", early, at=CLOSED)
    both_on = {row.pk: ("short-listed", "Has the press") for row in both.values()}
    packages.decide(officer, package.pk, "short list", both_on, at=CLOSED)
    award = {workshop.pk: ("chosen", "Lead time"), rival.pk: ("not chosen", "No ISO 15 rig")}
    packages.decide(officer, package.pk, "award", award, at=CLOSED)
    told = dict(Interest.objects.values_list("maker_id", "reason"))
    assert told == {"workshop": "Lead time", "rival": "No ISO 15 rig"}
    assert Alert.objects.filter(user__username="rival", kind="interest.decided").count() == 2
    with pytest.raises(Refused, match="Nobody waits"):
        packages.decide(officer, package.pk, "award", award, at=CLOSED)


def test_a_maker_reads_its_own_debrief_and_never_anothers(actors, client_of, both, package):
    officer = actors["officer"]
    told = {
        both["workshop"].pk: ("short-listed", "Shows a qualified press line"),
        both["rival"].pk: ("not chosen", "Has no heat treatment of its own"),
    }
    packages.decide(officer, package.pk, "short list", told, at=CLOSED)
    address = reverse("package", args=[package.pk])
    rival = client_of("rival").get(address).content.decode()
    assert "Has no heat treatment of its own" in rival
    assert "Why you were not chosen" in rival
    for other in ("qualified press line", "The maker forged", "Workshop"):
        assert other not in rival
    for role in ("engineer", "researcher", "analyst"):
        page = client_of(role).get(address).content.decode()
        assert "heat treatment" not in page
        assert "forged 300" not in page


def test_the_officer_decides_on_the_page(client_of, both, package):
    client, address = client_of("officer"), reverse("short_list_package", args=[package.pk])
    answers = {}
    for row, decision in ((both["workshop"], "short-listed"), (both["rival"], "not chosen")):
        answers[f"decision_{row.pk}"] = decision
        answers[f"reason_{row.pk}"] = f"Because of {row.maker_id}"
    missing = {
        name: value for name, value in answers.items() if not name.endswith(str(both["rival"].pk))
    }
    answer = typed(client, address, **missing)
    assert answer.status_code == 422
    assert "Because of workshop" in answer.content.decode()
    assert typed(client, address, **answers).status_code == 302
    states = dict(Interest.objects.values_list("maker_id", "state"))
    assert states == {"workshop": "short-listed", "rival": "not chosen"}
    page = client.get(reverse("package", args=[package.pk])).content.decode()
    assert reverse("award_package", args=[package.pk]) in page


@pytest.mark.parametrize("role", ["maker", "engineer", "verifier", "auditor", "analyst"])
def test_only_the_agency_makes_packages_and_decides(actors, client_of, both, package, role):
    with pytest.raises(NotAllowed):
        packages.add(actors[role], VALUES)
    with pytest.raises(NotAllowed):
        packages.decide(actors[role], package.pk, "short list", {}, at=CLOSED)
    client = client_of(role)
    assert client.get(reverse("new_package")).status_code == 403
    assert client.get(reverse("short_list_package", args=[package.pk])).status_code == 403


def test_the_public_sees_only_published_public_packages(actors, client_of, package, need):
    client = client_of("public")
    assert client.get(reverse("package", args=[package.pk])).status_code == 404
    assert package.title not in client.get(reverse("packages")).content.decode()
    Package.objects.filter(pk=package.pk).update(access="public")
    page = client.get(reverse("package", args=[package.pk]))
    assert page.status_code == 200
    assert "Spherical roller bearing" not in page.content.decode()
    assert "is not shown to you" in page.content.decode()
