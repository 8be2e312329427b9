"""Partner countries: needs matched to home makers, mutual lists, growth, invitations."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import polars as pl
import pytest
from django.urls import reverse
from django.utils import timezone
from filling import typed, words

from onshore.desk.actions import events as event_deeds
from onshore.desk.actions import partners as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.models import (
    Analysis,
    AuditEntry,
    Candidate,
    Event,
    Job,
    Need,
    Organisation,
    Participant,
    PartnerGood,
)
from onshore.desk.policies import NotAllowed
from onshore.desk.reckoning import bulletins, partnering
from onshore.report import trade_bulletin


@pytest.fixture
def abroad(organisations, programme):
    """A Russian buyer whose bearing both makers match, one of them rejected."""
    buyer = Organisation.objects.create(
        organisation_id="zavod", name="Zavod", role="buyer", country="RU"
    )
    need = Need.objects.create(
        need_id="R1", buyer=buyer, description="Подшипник 22220", hs_code="848230",
        yearly_quantity=Decimal(40), unit="H87", state="published", access="public",
    )  # fmt: skip
    for rank, (maker, decision) in enumerate((("workshop", ""), ("rival", "rejected")), 1):
        Candidate.objects.create(
            need=need, offer=programme.offers[maker], rank=rank, category="near",
            decision=decision, score=Decimal("0.9"), reasons="number",
        )  # fmt: skip
    return need


def good(key, **told):
    facts = {"partner": "RU", "direction": "export", "description": "Auto parts"}
    return PartnerGood.objects.create(good_id=key, **facts | told)


@pytest.mark.django_db
def test_a_partner_s_needs_meet_makers_at_home(actors, abroad, client_of):
    good("G1", partner="AM", hs_code="848230")
    (row,) = partnering.wanted(actors["officer"], "RU")
    assert [each.offer.maker_id for each in row.candidates] == ["workshop"]
    assert row.sold_to == ["AM"]
    assert partnering.pairs(actors["officer"], "RU") == [("zavod", "workshop")]
    told = {each.country: each for each in partnering.partners(actors["officer"])}
    assert set(told) == {"RU", "AM"}
    assert (told["RU"].buyers, told["RU"].needs, told["RU"].matched) == (1, 1, 1)
    assert told["AM"].exports == 1
    page = words(client_of("officer").get(reverse("partner", args=["RU"])))
    assert "1 open need of its buyers; 1 has a maker at home" in page
    assert "Armenia" in page
    assert client_of("officer").get(reverse("partner", args=["QQ"])).status_code == 404


@pytest.mark.django_db
def test_a_maker_sees_its_own_matches_only(abroad, client_of):
    page = words(client_of("maker").get(reverse("partner", args=["RU"])))
    assert "Workshop" in page
    page = words(client_of("rival").get(reverse("partner", args=["RU"])))
    assert "Workshop" not in page
    assert "none found" in page


@pytest.mark.django_db
def test_growth_is_that_of_the_list(actors):
    rows = [
        SimpleNamespace(
            partner="RU", direction="export", description="Auto parts", hs_code="",
            value=Decimal(value), currency=currency, period=period,
        )
        for period, value, currency in (
            ("2022", 13, "USD"), ("2023", 60, "USD"), ("2023", 6, "USD"), ("1401", 1, "EUR"),
        )
    ]  # fmt: skip
    (told,) = partnering.growth(rows, "RU")
    assert (told["exports_from"], told["exports_to"], told["change"]) == (13, 66, 53)
    assert told["growth"] == pytest.approx(66 / 13 - 1)
    assert (told["first"], told["last"], told["currency"]) == ("2022", "2023", "USD")
    assert partnering.growth(rows, "AM") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"partner": "IR"}, "partner"),
        ({"currency": ""}, "currency"),
        ({"period": ""}, "period"),
        ({"description": "Auto parts"}, "description"),
    ],
)
def test_a_good_that_cannot_be_is_answered(actors, programme, wrong, field):
    good("G1", period="1403")
    told = {
        "partner": "RU", "direction": "export", "description": "Bearings", "value": Decimal(5),
        "currency": "USD", "period": "1403",
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        doing.add_good(actors["officer"], told | wrong)
    assert refused.value.field == field
    assert PartnerGood.objects.count() == 1


@pytest.mark.django_db
def test_goods_are_told_by_the_agency_and_by_firms_for_themselves(actors, programme, client_of):
    told = {"partner": "RU", "direction": "export", "description": "Bearings"}
    address = reverse("new_partner_good")
    maker = client_of("maker", "fa")
    sent = typed(
        maker, address, **told, organisation_id="workshop", value="۲٫۵", currency="USD",
        period="۱۴۰۳",
    )  # fmt: skip
    assert sent.status_code == 302, sent.context["form"].errors
    row = PartnerGood.objects.get()
    assert (row.organisation_id, row.value, row.period) == ("workshop", Decimal("2.5"), "1403")
    page = reverse("change_partner_good", args=[row.pk])
    assert client_of("rival").get(page).status_code == 403
    with pytest.raises(Refused) as refused:
        doing.add_good(actors["rival"], {**told, "organisation_id": "workshop"})
    assert refused.value.field == "organisation_id"
    with pytest.raises(NotAllowed):
        doing.add_good(actors["researcher"], told)
    assert typed(client_of("officer"), page, **told, source="customs").status_code == 302
    row.refresh_from_db()
    assert row.source == "customs"
    assert AuditEntry.objects.filter(action="partner_goods.change").exists()
    listed = client_of("analyst").get(reverse("partner_goods"), {"partner": "RU", "export": "csv"})
    assert "Bearings" in listed.getvalue().decode()


@pytest.mark.django_db
def test_who_the_matches_suggest_is_invited(actors, abroad, client_of):
    ahead = timezone.localdate() + timedelta(days=9)
    event = Event.objects.create(
        event_id="E1", title="Russia day", kind="partner event", country="RU",
        starts=ahead, until=ahead,
    )  # fmt: skip
    assert "Invite who the matches suggest" in words(
        client_of("officer").get(reverse("event", args=["E1"]))
    )
    assert event_deeds.invite(actors["officer"], "E1") == 2
    assert set(Participant.objects.values_list("organisation", "side")) == {
        ("zavod", "buying"),
        ("workshop", "selling"),
    }
    assert event_deeds.invite(actors["officer"], "E1") == 0
    assert event_deeds.wish_from_matches(actors["officer"], "E1") == 1
    with pytest.raises(NotAllowed):
        event_deeds.invite(actors["maker"], "E1")
    event.country = "AM"
    event.save()
    with pytest.raises(Refused, match="has a maker at home"):
        event_deeds.invite(actors["officer"], "E1")
    event.kind = "desk day"
    event.save()
    with pytest.raises(Refused, match="no event with a partner"):
        event_deeds.invite(actors["officer"], "E1")


@pytest.mark.django_db
def test_makers_are_looked_for_in_the_background(abroad, client_of):
    address = reverse("partner_makers", args=["RU"])
    assert client_of("maker").get(address).status_code == 403
    answer = typed(client_of("officer"), address)
    assert answer.status_code == 302
    job = Job.objects.get()
    assert (job.kind, job.arguments["needs"]) == ("matching.run", ["R1"])
    assert job.state == Job.State.DONE, job.error


@pytest.mark.django_db
def test_a_trade_result_is_narrowed_to_the_partner(actors, abroad, client_of):
    partners = pl.DataFrame(
        {
            "partner": ["RUS", "ARM"], "exports": [10.0, 70.0], "potential": [40.0, 90.0],
            "unrealised": [30.0, 20.0], "realised": [0.25, 0.78], "ease": [1.1, 2.0],
            "products": [3, 4],
        }
    )  # fmt: skip
    metadata = {"command": "exports", "country": "IRN", "currency": "USD", "years": [2023]}
    content = {
        locale: bulletins.as_json(
            trade_bulletin("exports", {"partners": partners}, metadata, locale)
        )
        for locale in ("en", "fa")
    }
    Analysis.objects.create(
        kind="exports", title="Export potential", file="x.zip", sha256="0" * 64, content=content,
        made_by="analyst", made_at=timezone.now(),
    )  # fmt: skip
    for locale in ("en", "fa"):
        _row, told = partnering.opportunities(actors["analyst"], "RU", locale)
        frames = [table.frame for section in told.sections for table in section.tables]
        assert [frame.height for frame in frames] == [1]
        assert frames[0]["unrealised"].to_list() == pytest.approx([30])
    assert partnering.opportunities(actors["analyst"], "CN", "en") is None
    assert partnering.opportunities(actors["maker"], "RU", "en") is None
    page = words(client_of("analyst").get(reverse("partner", args=["RU"])))
    assert "What the trade figures say could be sold there" in page


@pytest.mark.django_db
def test_the_public_reads_events_and_not_who_takes_part(abroad, client_of):
    Event.objects.create(event_id="E1", title="Russia day", kind="partner event", country="RU")
    Participant.objects.create(
        event_id="E1", organisation=Organisation.objects.get(pk="zavod"), side="buying"
    )
    public = client_of("public")
    assert "Russia day" in words(public.get(reverse("events")))
    for query in ({}, {"show": "wishes"}, {"show": "meetings"}):
        page = words(public.get(reverse("event", args=["E1"]), query))
        assert "Who takes part is told to those who take part." in page
        assert "Zavod" not in page
    assert public.get(reverse("partners")).status_code == 302
