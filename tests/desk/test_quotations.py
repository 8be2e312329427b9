"""Quotations compared: one currency, one unit, against the import, and decided with reasons."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils.translation import override
from filling import typed

from onshore.desk.actions import needs, quotations
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import actor_of
from onshore.desk.choosing.comparing import compare
from onshore.desk.models import (
    RECORDS,
    Alert,
    Membership,
    Need,
    Organisation,
    Quotation,
    Role,
    User,
)
from onshore.desk.notices import alerts
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

AT = datetime(2024, 10, 1, 9, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def need(programme):
    programme.need.state = "scouting"
    programme.need.save()
    return programme.need


def quoted(actor, price, currency="EUR", at=AT, **told):
    values = {"price": Decimal(price), "currency": currency, **told}
    return quotations.submit(actor, "N1", values, at=at)


def test_prices_stand_in_one_currency_from_the_cheapest(actors, need):
    quoted(actors["maker"], 250)
    quoted(actors["rival"], 270, "USD", tooling_cost=Decimal(1000))
    imported, (first, second) = compare(need, Quotation.objects.all())
    # 270 USD at 0.9 EUR for a dollar, the rate of the day; 243 x 120 + 900 of tooling.
    assert (first.quotation.maker_id, first.price.amount) == ("rival", Decimal(243))
    assert first.rate.published == Decimal("0.9")
    assert first.first_year.amount == 243 * 120 + 900
    assert (second.quotation.maker_id, second.price.amount) == ("workshop", Decimal(250))
    assert imported.price.amount == Decimal("310.5")
    assert first.against_import == pytest.approx(243 / 310.5 - 1)


def test_prices_of_other_units_are_told_in_the_needs(actors, need):
    need.unit, need.yearly_quantity = "TNE", Decimal(10)
    need.save()
    quoted(actors["maker"], "0.25", unit="KGM")
    quoted(actors["rival"], 300)
    Quotation.objects.filter(maker="rival").update(unit="H87")  # the need's unit was another then
    _imported, (first, second) = compare(need, Quotation.objects.all())
    assert first.price.amount == 250
    assert second.price is None
    assert "quote by it" in second.problem


def test_a_price_on_a_day_without_a_rate_says_so_and_comes_last(actors, need):
    quoted(actors["maker"], 1, "USD", at=datetime(2025, 6, 1, tzinfo=ZoneInfo("UTC")))
    quoted(actors["rival"], 900)
    _imported, (first, last) = compare(need, Quotation.objects.all())
    assert first.quotation.maker_id == "rival"
    assert last.price is None
    assert "no exchange rate from USD to EUR on 2025-06-01" in last.problem


def test_the_import_is_taken_at_the_buyers_door_where_a_baseline_is_frozen(actors, need):
    # CIF 300, a tenth of duty, 12 of handling: 342 at the door.
    baseline = RECORDS["baselines"].objects.create(
        baseline_id="B1",
        item_id="I1",
        buyer_id="steelworks",
        reference_cif=Decimal(300),
        currency="EUR",
        price_date=date(2024, 9, 1),
        duty=0.1,
        handling_inland=Decimal(12),
        unit="H87",
        volume=Decimal(100),
        frozen_on=date(2024, 9, 1),
        until=date(2026, 9, 1),
        evidence="Invoice 7",
    )
    imported, _priced = compare(need, [], baseline=baseline)
    assert imported.price.amount == 342


def test_the_page_says_who_is_cheapest_and_with_which_rate(actors, client_of, need):
    quoted(actors["maker"], 250)
    quoted(actors["rival"], 270, "USD")
    page = client_of("engineer").get(reverse("compare_quotations", args=["N1"]))
    text = page.content.decode()
    assert "Rival" in text[: text.index("</title>")]
    assert "USD/EUR" in text
    assert "310.5" in text
    persian = client_of("engineer", "fa").get(reverse("compare_quotations", args=["N1"]))
    assert "۲۷۰" in persian.content.decode()


@pytest.mark.parametrize("role", ["maker", "rival", "researcher", "analyst"])
def test_others_do_not_compare(client_of, need, role):
    address = reverse("compare_quotations", args=["N1"])
    assert client_of(role).get(address).status_code in (403, 404)


def test_the_engineer_decides_on_the_page_and_says_why(actors, client_of, need):
    made = quoted(actors["maker"], 250)
    client, address = client_of("engineer"), reverse("quotation", args=[made.pk])
    answer = typed(client, address, decision="not chosen", reason="")
    assert answer.status_code == 422
    assert "A reason is needed" in answer.content.decode()
    assert typed(client, address, decision="short-listed", reason="").status_code == 302
    assert typed(client, address, decision="not chosen", reason="Dearer").status_code == 302
    made.refresh_from_db()
    assert (made.state, made.reason) == ("not chosen", "Dearer")
    with pytest.raises(Refused, match="decided"):
        quotations.decide(actors["engineer"], made.pk, "chosen")


def test_a_quotation_past_its_days_is_not_chosen(actors, need):
    made = quoted(actors["maker"], 250, valid_until=date(2024, 10, 31))
    late = datetime(2024, 11, 1, 9, tzinfo=ZoneInfo("UTC"))
    with pytest.raises(Refused, match="held until 2024-10-31"):
        quotations.decide(actors["engineer"], made.pk, "chosen", at=late)


def test_makers_do_not_decide(actors, need):
    made = quoted(actors["maker"], 250)
    with pytest.raises(NotAllowed):
        quotations.decide(actors["maker"], made.pk, "chosen")
    with pytest.raises(Refused, match="not there"):
        quotations.decide(actors["rival"], made.pk, "not chosen", reason="It is not mine")


def test_a_chosen_quotation_stands_as_it_is(actors, need):
    made = quoted(actors["maker"], 250)
    quotations.decide(actors["engineer"], made.pk, "chosen")
    with pytest.raises(Refused, match="begun to decide"):
        quotations.change(actors["maker"], made.pk, {"price": Decimal(1), "currency": "EUR"})
    assert Need.objects.get(pk="N1").state == "scouting"


def told_to(person, language="en"):
    with override(language):
        return [alerts.sentence(one) for one in Alert.objects.filter(user=person).order_by("pk")]


def test_who_was_not_chosen_is_told_so_and_why_in_either_language(
    actors, client_of, need, organisations, people
):
    third = Organisation.objects.create(organisation_id="third", name="Third", role="maker")
    other = User.objects.create_user("third")
    Membership.objects.create(
        user=other, organisation=third, role=Role.MAKER, since=date(2020, 1, 1)
    )
    Need.objects.update(access="public")
    own = quoted(actors["maker"], 250)
    quoted(actors["rival"], 300)
    turned_down = quoted(actor_of(other, AT.date()), 900)
    quotations.decide(actors["engineer"], turned_down.pk, "not chosen", reason="No certificate.")
    Need.objects.update(state="matched")
    address = reverse("need_move", args=["N1", "take_offer"])
    told = {"quotation_id": own.pk, "debrief": "Its price was lower."}
    assert typed(client_of("engineer"), address, **told).status_code == 302
    (won,) = told_to(people["maker"])
    assert "Chosen" in won
    (lost,) = told_to(people["rival"])
    assert lost.startswith("Another maker was chosen for")
    assert "Its price was lower." in lost
    assert "Workshop" not in lost  # who was chosen is not told
    (persian,) = told_to(people["rival"], "fa")
    assert "سازندهٔ دیگری انتخاب شد" in persian
    assert "Its price was lower." in persian
    first, again = told_to(other)
    assert "No certificate." in first
    assert again.startswith("Another maker was chosen for")
    assert "No certificate." in again  # its own debrief


def test_a_choice_on_the_quotations_page_tells_the_others_once(actors, client_of, need, people):
    own = quoted(actors["maker"], 250)
    other = quoted(actors["rival"], 300)
    page = reverse("quotation", args=[own.pk])
    assert typed(client_of("engineer"), page, decision="chosen").status_code == 302
    (lost,) = told_to(people["rival"])
    assert "Another maker was chosen" in lost
    Need.objects.update(state="matched")
    needs.take_offer(actors["engineer"], "N1", quotation_id=own.pk)
    assert told_to(people["rival"]) == [lost]
    other.refresh_from_db()
    assert other.state == "submitted"  # it stands, should the chosen one fail
