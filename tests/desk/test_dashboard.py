"""The dashboard: every figure is recomputed here from the records, another way."""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from django.core.cache import cache
from django.urls import reverse

import onshore.desk.access.analysis  # noqa: F401
from onshore.desk.models import RECORDS, Claim, Deal, Delivery, Desk, Need
from onshore.desk.policies import visible
from onshore.desk.reckoning import dashboard
from onshore.desk.reckoning.dashboard import SAVED, STEPS, Terms
from onshore.desk.reckoning.desk_standing import desk_standing
from onshore.figures import Period, solar_hijri

pytestmark = pytest.mark.django_db

EUR = Terms("EUR", "market", "solar_hijri")
USD_IN_EUR = Decimal("0.9")


def deal(key: str, basis: str, value: str | None, **facts: Any) -> Deal:
    told: dict[str, Any] = {
        "deal_id": key,
        "basis": basis,
        "desk_id": "steel",
        "buyer_id": "steelworks",
        "maker_id": "workshop",
        "value": Decimal(value) if value else None,
        "currency": "EUR",
        "quantity": Decimal(100),
        "unit": "H87",
        "signed": date(2024, 9, 10),
    }
    return Deal.objects.create(**told | facts)


@pytest.fixture
def signed(programme: Any, organisations: dict[str, Any]) -> Any:
    """Two desks, three provinces, contracts in two currencies with deliveries and claims."""
    places = RECORDS["places"].objects
    places.create(place_id="IR-10", name="Isfahan", kind="province")
    places.create(place_id="PARK", name="Park", kind="industrial park", parent_id="IR-10")
    for maker, place in (("workshop", "PARK"), ("rival", "IR-23")):
        organisations[maker].place = place
        organisations[maker].save()
    Desk.objects.create(
        desk_id="oil", name="Oil desk", sector="oil", target_amount=Decimal(500),
        target_period="1403-H2", target_currency="USD", opened=date(2024, 9, 5),
    )  # fmt: skip
    RECORDS["rates"].objects.create(
        base="USD", quote="EUR", date=date(2024, 2, 1), until=date(2024, 8, 31),
        rate=USD_IN_EUR, rate_type="market", source="test",
    )  # fmt: skip
    Need.objects.create(need_id="N2", buyer_id="steelworks", description="Pump", sector="steel")
    deal("M1", "MoU", "90000", need_id="N1")
    deal("M2", "MoU", "40000", need_id="N2", signed=date(2024, 3, 1))
    contract = deal("C1", "contracted", "100000", need_id="N1")
    oil = deal(
        *("C2", "contracted", "10000"),
        currency="USD", desk_id="oil", maker_id="rival", quantity=Decimal(3), unit="TNE",
        signed=date(2024, 12, 30),
    )  # fmt: skip
    deal("C3", "contracted", None)
    deal("C4", "contracted", "5000", currency="JPY")  # there is no rate
    deal("C5", "contracted", "700", desk_id=None, need_id="N2", maker_id="rival")
    for number, (of, day, quantity, accepted, unit) in enumerate(
        [
            (contract, date(2024, 9, 20), 50, 50, "H87"),
            (contract, date(2025, 3, 25), 60, 10, "H87"),  # more than was left
            (oil, date(2025, 1, 4), 1500, None, "KGM"),
        ]
    ):
        Delivery.objects.create(
            delivery_id=f"V{number}", deal=of, delivered_on=day, quantity=Decimal(quantity),
            accepted=Decimal(accepted) if accepted else None, unit=unit, serial=True,
        )  # fmt: skip
    baseline = RECORDS["baselines"].objects.create(
        baseline_id="B1", item_id="I1", buyer_id="steelworks", reference_cif=Decimal(310),
        currency="EUR", price_date=date(2024, 9, 10), unit="H87", frozen_on=date(2024, 2, 1),
        evidence="Invoice",
    )  # fmt: skip
    told: dict[str, Any] = {
        "item_id": "I1",
        "buyer_id": "steelworks",
        "deal": contract,
        "desk_id": "steel",
        "baseline": baseline,
        "claimed_by": "engineer",
        "verified_by": "verifier",
        "imported_content": Decimal(60),
    }
    Claim.objects.create(
        claim_id="K1", period="1403", basis="verified", quantity=Decimal(40), place="IR-23", **told
    )
    Claim.objects.create(
        claim_id="K2",
        period="1404-Q1",
        basis="verified",
        quantity=Decimal(5),
        sector="cars",
        **told,
    )
    Claim.objects.create(
        claim_id="K3", period="1404-Q2", basis="accepted", quantity=Decimal(5), **told
    )
    cache.clear()
    return programme


# The figures, reckoned again from the records alone ----------------------------------------------

PRICED = date(2024, 9, 22)
"""The programme's price date: that of targets without a day of their own."""
NO_MEMORANDUM = ("USD", "official")
"""Its euros of March have no official rate."""
OFFICIAL = Decimal("0.5")
"""What a dollar is in euros at the official rate, from September 2024."""


def converted(amount: Decimal | None, currency: str, day: date, terms: Terms) -> Decimal | None:
    """Convert as the rates of the fixtures tell; None where they tell nothing."""
    if amount is None or currency not in ("EUR", "USD"):
        return None
    if currency == terms.currency:
        return amount
    usd = USD_IN_EUR if terms.rate_type == "market" else OFFICIAL
    if terms.rate_type == "official" and day < date(2024, 9, 1):
        return None
    return amount * usd if currency == "USD" else amount / usd


def year_of(day: date | None, terms: Terms) -> int | None:
    if day is None:
        return None
    return day.year if terms.calendar == "gregorian" else solar_hijri.from_gregorian(day)[0]


def middle(period: str) -> date:
    told = Period.parse(period)
    return told.start + timedelta(days=told.days // 2)


def province(place: str) -> str | None:
    return {"PARK": "IR-10", "IR-23": "IR-23"}.get(place)


def again(terms: Terms) -> dict[tuple[str, str, Any], Decimal]:
    """Reckon every figure: by step, part and group."""
    sums: dict[tuple[str, str, Any], Decimal] = defaultdict(Decimal)

    def add(step: str, worth: Decimal | None, sector: Any, desk: Any, lies: Any, year: Any) -> None:
        if worth is None:
            return
        for part, group in (("sector", sector), ("desk", desk), ("province", lies), ("year", year)):
            sums[step, part, group] += worth

    for one in Desk.objects.all():
        if one.target_amount:
            period = Period.parse(one.target_period) if one.target_period else None
            year = year_of(middle(one.target_period), terms) if period else None
            on = period.start if period else one.opened or PRICED
            worth = converted(one.target_amount, one.target_currency, on, terms)
            add("target", worth, one.sector, one.pk, None, year)
    contracted = {
        (one.desk_id, one.need_id) for one in Deal.objects.filter(basis="contracted") if one.need_id
    }
    for one in Deal.objects.all():
        sector = one.desk.sector if one.desk else one.need.sector
        own = (sector, one.desk_id, province(one.maker.place))
        worth = converted(one.value, one.currency, one.signed, terms)
        if one.basis == "MoU":
            if (one.desk_id, one.need_id) not in contracted:
                add("MoU", worth, *own, year_of(one.signed, terms))
            continue
        add("contracted", worth, *own, year_of(one.signed, terms))
        if worth is None:
            continue
        factor = {("KGM", "TNE"): Decimal("0.001")}
        for step in ("delivered", "accepted"):
            left = one.quantity
            for line in Delivery.objects.filter(deal=one).order_by("delivered_on"):
                amount = line.quantity if step == "delivered" else line.accepted or Decimal(0)
                amount = min(left, amount * factor.get((line.unit, one.unit), Decimal(1)))
                left -= amount
                add(step, worth * amount / one.quantity, *own, year_of(line.delivered_on, terms))
        left = one.quantity
        for claim in Claim.objects.filter(deal=one, basis="verified").order_by("pk"):
            amount = min(left, claim.quantity)
            left -= amount
            place = (claim.sector or sector, one.desk_id, province(claim.place or one.maker.place))
            year = year_of(middle(claim.period), terms)
            add("verified", worth * amount / one.quantity, *place, year)
            saved = claim.quantity * (claim.baseline.reference_cif - claim.imported_content)
            day = claim.baseline.price_date
            add(SAVED, converted(saved, claim.baseline.currency, day, terms), *place, year)
    return dict(sums)


@pytest.mark.parametrize("calendar", ["solar_hijri", "gregorian"])
@pytest.mark.parametrize(
    ("currency", "rate_type"),
    [("EUR", "market"), ("USD", "market"), ("EUR", "official"), ("USD", "official")],
)
def test_every_figure_is_recomputed_from_the_records(
    signed: Any, actors: Any, currency: str, rate_type: str, calendar: Any
) -> None:
    RECORDS["rates"].objects.create(
        base="USD", quote="EUR", date=date(2024, 9, 1), until=date(2025, 12, 31),
        rate=OFFICIAL, rate_type="official", source="test",
    )  # fmt: skip
    terms = Terms(currency, rate_type, calendar)
    rows = dashboard.ledger(actors["analyst"], terms)
    expected = again(terms)
    told: dict[tuple[str, str, Any], Decimal] = {}
    for part in dashboard.PARTS:
        for row in dashboard.figures(rows, part).iter_rows(named=True):
            group = int(row["group"]) if part == "year" and row["group"] else row["group"]
            told |= {(step, part, group): row[step] for step in (*STEPS, SAVED) if row[step]}
    assert set(told) == {key for key, worth in expected.items() if worth}
    for key, worth in told.items():
        assert abs(worth - expected[key]) < Decimal("0.001"), key
    bases = {step for step, _part, _group in told}
    assert {*STEPS, SAVED} - bases == ({"MoU"} if (currency, rate_type) == NO_MEMORANDUM else set())
    assert rows.height > rows["worth"].null_count() > 0
    assert {group for _step, part, group in told if part == "province"} == {"IR-10", "IR-23", None}


def test_a_desk_stands_as_its_own_page_says(signed: Any, actors: Any) -> None:
    rows = dashboard.ledger(actors["officer"], EUR)
    standing = desk_standing(actors["officer"], Desk.objects.get(pk="steel"))
    found = dashboard.totals(rows.filter(desk="steel"))
    for basis, worth in standing.worth.items():
        assert abs(found[basis.value] - worth) < Decimal("0.001"), basis
    assert found[SAVED] == standing.saved
    assert rows.filter(pl.col("worth").is_null(), desk="steel")["key"].to_list() == ["C3", "C4"]


def test_years_are_those_of_the_calendar_asked_for(signed: Any, actors: Any) -> None:
    solar_years = dashboard.figures(dashboard.ledger(actors["officer"], EUR), "year")
    gregorian = Terms("EUR", "market", "gregorian")
    years = dashboard.figures(dashboard.ledger(actors["officer"], gregorian), "year")
    assert solar_years["group"].to_list() == ["1402", "1403", "1404", None]
    assert years["group"].to_list() == ["2024", "2025", None]
    assert years["contracted"].sum() == solar_years["contracted"].sum() == 109_700


def test_any_currency_with_its_type_of_rate(signed: Any, actors: Any) -> None:
    eur = dashboard.totals(dashboard.ledger(actors["officer"], EUR))
    usd = dashboard.totals(dashboard.ledger(actors["officer"], Terms("USD", "market", "gregorian")))
    for step in (*STEPS, SAVED):
        assert abs(usd[step] * USD_IN_EUR - eur[step]) < Decimal("0.01"), step
    RECORDS["rates"].objects.create(
        base="USD", quote="EUR", date=date(2024, 9, 1), until=date(2025, 12, 31),
        rate=Decimal("0.5"), rate_type="official", source="test",
    )  # fmt: skip
    cache.clear()
    official = dashboard.totals(
        dashboard.ledger(actors["officer"], Terms("EUR", "official", "gregorian"))
    )
    assert official["contracted"] == 100_700 + 5_000


def test_every_figure_of_the_page_leads_to_rows_that_add_up_to_it(
    signed: Any, client_of: Any
) -> None:
    client = client_of("analyst")
    page = client.get(reverse("dashboard"), {"by": "province", "currency": "EUR"})
    assert page.status_code == 200
    cells = re.findall(
        r'<a href="(/dashboard/rows/\?[^"]+)"><bdi class="figure">([^<]+)</bdi>', page.text
    )
    assert len(cells) > 10
    for url, figure in cells:
        rows = client.get(url.replace("&amp;", "&") + "&export=csv").text.splitlines()
        worth = rows[0].removeprefix("\ufeff").split(",").index("Worth")
        import csv

        whole = sum(Decimal(line[worth] or 0) for line in csv.reader(rows[1:]))
        assert f"{round(whole):,}".replace(",", "\u202f") == figure, url


@pytest.mark.parametrize("language", ["en", "fa"])
def test_rows_show_what_they_are_and_their_rate(signed: Any, client_of: Any, language: str) -> None:
    client = client_of("officer", language)
    page = client.get(reverse("drill"), {"step": "contracted", "desk": "oil"})
    assert page.status_code == 200
    assert "C2" in page.text
    assert "C1" not in page.text
    assert ("۰٫۹" if language == "fa" else "0.9") in page.text
    assert ("یورو به ازای هر دلار" if language == "fa" else "EUR per USD") in page.text
    assert "/desks/oil/" in page.text


@pytest.mark.parametrize(
    "asked",
    ["?currency=XXX", "?by=nothing", "?year=abc", "?calendar=lunar", "?desk=%00", "?step=9"],
)
def test_what_is_not_on_offer_is_left_aside(signed: Any, client_of: Any, asked: str) -> None:
    client = client_of("officer")
    for name in ("dashboard", "drill"):
        assert client.get(reverse(name) + asked).status_code == 200


def test_figures_are_for_those_who_answer_for_them(signed: Any, client_of: Any) -> None:
    for role, status in (
        *(("officer", 200), ("analyst", 200), ("auditor", 200)),
        *(("maker", 403), ("engineer", 403), ("researcher", 403), ("public", 302)),
    ):
        for name in ("dashboard", "drill"):
            assert client_of(role).get(reverse(name)).status_code == status, role


def test_an_analyst_sees_no_confidential_need_s_deal(signed: Any, actors: Any) -> None:
    Need.objects.filter(pk="N1").update(access="confidential")
    cache.clear()
    rows = dashboard.ledger(actors["analyst"], EUR)
    seen = set(visible(actors["analyst"], Deal).values_list("pk", flat=True))
    assert "C1" not in seen
    assert set(rows.filter(table="deals")["key"]) <= seen
    assert not set(rows["key"]) & {"V0", "V1"}


def test_the_page_asks_the_database_a_bounded_number_of_times(
    signed: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of("officer")
    url = reverse("dashboard")
    client.get(url)
    with django_assert_max_num_queries(12):
        client.get(url)
    for number in range(30):
        deal(f"X{number}", "contracted", "10")
    cache.clear()
    with django_assert_max_num_queries(20):  # the ledger reckoned anew
        client.get(url)
