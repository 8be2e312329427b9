"""Phases by province, the quotients that argue for them, and the plan's aims."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed, words

from onshore.desk.actions import phases as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.models import RECORDS, Phase
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db


def observe(key, **told):
    facts = {"status": "reported", "source": "census", "unit": "persons", "period": "1402"}
    RECORDS["observations"].objects.create(observation_id=key, **facts | told)


@pytest.fixture
def employment(db):
    """Florence's quotient by hand: north 30 of 40 in steel, south 10 of 60; home 40 of 100."""
    for at, (place, sector, value) in enumerate(
        [
            ("IR-10", "steel", 30),
            ("IR-10", "food", 10),
            ("IR-06", "steel", 10),
            ("IR-06", "food", 50),
        ]
    ):
        observe(f"E{at}", indicator="employment", product=sector, place=place, value=Decimal(value))
    # An older vintage of the same cell does not count.
    observe(
        "E9",
        indicator="employment",
        product="steel",
        place="IR-10",
        value=Decimal(30),
        vintage=date(2024, 1, 1),
    )


def test_quotients_are_those_of_the_employment_observed(employment):
    found = doing.quotients("1402")
    assert found["IR-10", "steel"] == Decimal("1.875")
    assert found["IR-06", "steel"] == Decimal("0.416667")
    assert doing.quotients("1390") == {}


def test_a_province_is_opened_with_what_argues_for_it(actors, client_of, employment):
    officer = client_of("officer")
    page = officer.get(reverse("phases")).content.decode()
    assert "1.88" in page
    address = reverse("new_phase") + "?place=IR-10&sector=steel"
    offered = officer.get(address).context["form"].initial
    assert (offered["quotient"], offered["place"]) == (Decimal("1.875"), "IR-10")
    told = {"phase": "۱", "from": "1404/01/01", "place": "اصفهان", "sector": "steel"}
    told |= {"quotient": "۱٫۸۷۵", "quotient_period": "1402", "source": "census"}
    assert typed(officer, address, **told).status_code == 302
    made = Phase.objects.get()
    assert (made.place, made.quotient, made.quotient_period) == ("IR-10", Decimal("1.875"), "1402")
    shown = client_of("maker").get(reverse("phases")).content.decode()
    assert "Isfahan" in shown
    with pytest.raises(NotAllowed):
        doing.add(actors["maker"], {"phase": 2, "place": "IR-10"})


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"phase": 0}, "phase"),
        ({"phase": 1}, "phase"),
        ({"starts": date(2025, 1, 1)}, "starts"),
        ({"starts": date(2024, 1, 1), "until": date(2024, 12, 1)}, "until"),
        ({"starts": date(2027, 1, 1), "until": date(2026, 12, 1)}, "until"),
        ({"starts": date(2027, 1, 1), "quotient": Decimal(2)}, "source"),
    ],
)
def test_phases_that_cross_or_say_too_little_are_refused(actors, db, told, field):
    Phase.objects.create(
        phase=1, place="IR-10", starts=date(2024, 6, 1), until=date(2026, 6, 1), sector="steel"
    )
    with pytest.raises(Refused) as refused:
        doing.add(
            actors["officer"], {"phase": 2, "place": "IR-10", "starts": date(2027, 1, 1), **told}
        )
    assert refused.value.field == field
    assert Phase.objects.count() == 1


def test_another_sector_or_the_days_after_are_free(actors, db):
    Phase.objects.create(
        phase=1, place="IR-10", starts=date(2024, 6, 1), until=date(2026, 6, 1), sector="steel"
    )
    told = {"place": "IR-10", "sector": "copper", "starts": date(2025, 1, 1)}
    doing.add(actors["officer"], {"phase": 2, **told})
    doing.add(
        actors["officer"],
        {"phase": 3, "place": "IR-10", "sector": "steel", "starts": date(2026, 6, 2)},
    )
    assert Phase.objects.count() == 3


def test_the_plan_sets_actuals_beside_aims_in_either_calendar(client_of, db, programme):
    for key, period, value in (("T1", "1403", 30), ("T2", "1405", 45)):
        RECORDS["targets"].objects.create(
            target_id=key,
            indicator="production",
            product="crude steel",
            period=period,
            value=Decimal(value),
            unit="million t",
            source="Ministry",
        )
    client = client_of("analyst")
    page = words(client.get(reverse("five_year")))
    assert "No aim's period was observed yet." in page
    assert "not observed" in page
    assert "not observed in this unit" not in page
    observe(
        "P0",
        indicator="production",
        product="crude steel",
        value=Decimal(33),
        unit="t",
        period="1402",
    )
    assert "not observed in this unit" in words(client.get(reverse("five_year")))
    observe(
        "P1",
        indicator="production",
        product="crude steel",
        value=Decimal(33),
        unit="million t",
        period="1403",
    )
    page = words(client.get(reverse("five_year"), {"calendar": "solar_hijri"}))
    for told in ("110%", "1405", "Of 1 aims whose period was observed, 1 were reached"):
        assert told in page, told
    assert "more than this" not in page
    RECORDS["observations"].objects.filter(pk="P1").update(statement="Output, more than")
    assert "33 more than this" in words(client.get(reverse("five_year")))
    other = client.get(reverse("five_year"), {"calendar": "gregorian"}).content.decode()
    assert "2024" in other
    assert client.get(reverse("five_year"), {"calendar": "lunar"}).status_code == 200
    assert client_of("maker").get(reverse("five_year")).status_code == 403
