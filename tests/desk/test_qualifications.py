"""Qualification: characteristics measured, tests judged, the first-article report."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from filling import typed

from onshore.desk.actions import needs, qualifications
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.models import Alert, Characteristic, Deal, Qualification
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

BORE = {
    "characteristic": "Bore",
    "requirement": "100 H7",
    "measured": "100.012",
    "result": "passed",
    "note": "",
}
HARDNESS = BORE | {"characteristic": "Hardness", "requirement": "58-62 HRC", "measured": "60 HRC"}
FACTS = {"tested_on": date(2024, 10, 1), "laboratory": "RMRC", "standard": "ISO 15", "evidence": ""}


@pytest.fixture
def need(programme, organisations):
    programme.need.state = "contracted"
    programme.need.save()
    Deal.objects.create(
        deal_id="D1",
        basis="contracted",
        buyer_id="steelworks",
        maker_id="workshop",
        need=programme.need,
        quantity=Decimal(500),
        unit="H87",
        signed=date(2024, 9, 1),
    )
    return programme.need


@pytest.fixture
def tested(actors, need):
    return qualifications.begin(actors["engineer"], "N1", "O-workshop", "first article")


def test_a_sample_is_sent_by_its_maker_and_waits_for_the_engineer(client_of, need):
    client = client_of("maker")
    assert reverse("send_sample", args=["N1"]) in client.get(reverse("my_deals")).content.decode()
    answer = typed(
        client, reverse("send_sample", args=["N1"]), offer_id="O-workshop", stage="sample"
    )
    assert answer.status_code == 302
    made = Qualification.objects.get()
    assert (made.stage, made.result, made.offer_id) == ("sample", "pending", "O-workshop")
    need.refresh_from_db()
    assert need.state == "sample"
    for role in ("maker", "engineer", "officer"):
        page = client_of(role).get(reverse("qualifications")).content.decode()
        assert reverse("qualification", args=[made.pk]) in page
    assert reverse("qualification", args=[made.pk]) not in (
        client_of("rival").get(reverse("qualifications")).content.decode()
    )


def test_measurements_are_entered_on_the_page_and_judged(client_of, tested):
    client, address = client_of("engineer", "fa"), reverse("measure", args=[tested.pk])
    told = {"tested_on": "۱۴۰۳/۰۷/۱۰", "laboratory": "RMRC", "standard": "ISO 15", "evidence": "R7"}
    lines = {f"{name}_1": value for name, value in BORE.items()}
    lines |= {f"{name}_3": value for name, value in HARDNESS.items()}
    answer = typed(client, address, **told, **lines)
    assert answer.url == reverse("qualification", args=[tested.pk])
    rows = Characteristic.objects.order_by("number").values_list("number", "characteristic")
    assert list(rows) == [(1, "Bore"), (2, "Hardness")]
    tested.refresh_from_db()
    assert tested.tested_on == date(2024, 10, 1)
    answer = typed(client, reverse("qualification", args=[tested.pk]), result="passed")
    assert answer.status_code == 302
    tested.refresh_from_db()
    assert tested.result == "passed"
    assert Alert.objects.filter(user__username="maker", kind="qualification.judged").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (BORE | {"requirement": ""}, "Line 1 lacks"),
        (BORE | {"measured": ""}, "nothing that was measured"),
    ],
)
def test_a_line_that_says_half_is_refused(actors, tested, line, says):
    with pytest.raises(Refused, match=says):
        qualifications.measure(actors["engineer"], tested.pk, FACTS, [line])
    assert not Characteristic.objects.exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "Nothing was measured"),
        ([BORE, HARDNESS | {"result": "failed"}], "not passed: 2"),
        ([BORE | {"measured": "", "result": "pending"}], "not passed: 1"),
    ],
)
def test_a_test_is_not_passed_unless_every_characteristic_is(actors, tested, lines, says):
    qualifications.measure(actors["engineer"], tested.pk, FACTS, lines)
    with pytest.raises(Refused, match=says):
        qualifications.judge(actors["engineer"], tested.pk, "passed")
    with pytest.raises(Refused, match="reason"):
        qualifications.judge(actors["engineer"], tested.pk, "failed")
    qualifications.judge(actors["engineer"], tested.pk, "failed", reason="Soft")
    with pytest.raises(Refused, match="judged"):
        qualifications.measure(actors["engineer"], tested.pk, FACTS, [BORE])


def test_a_line_that_is_left_out_goes_and_a_changed_one_changes(actors, tested):
    engineer = actors["engineer"]
    qualifications.measure(engineer, tested.pk, FACTS, [BORE, HARDNESS])
    qualifications.measure(engineer, tested.pk, FACTS, [HARDNESS])
    assert list(Characteristic.objects.values_list("number", "characteristic")) == [(1, "Hardness")]


def test_two_engineers_do_not_overwrite_each_other(actors, tested):
    engineer, version = actors["engineer"], tested.version
    qualifications.measure(engineer, tested.pk, FACTS, [BORE], version=version)
    with pytest.raises(Stale):
        qualifications.measure(engineer, tested.pk, FACTS, [HARDNESS], version=version)
    assert Characteristic.objects.get().characteristic == "Bore"


def test_the_next_test_asks_for_the_same_characteristics(actors, tested):
    engineer = actors["engineer"]
    qualifications.measure(engineer, tested.pk, FACTS, [BORE, HARDNESS])
    qualifications.judge(engineer, tested.pk, "passed")
    again = qualifications.begin(engineer, "N1", "O-workshop", "field test")
    lines = Characteristic.objects.filter(qualification=again).order_by("number")
    assert [(line.requirement, line.measured, line.result) for line in lines] == [
        ("100 H7", "", "pending"),
        ("58-62 HRC", "", "pending"),
    ]
    with pytest.raises(Refused, match="under way"):
        qualifications.begin(engineer, "N1", "O-workshop", "field test")


def test_a_passed_first_article_lets_the_need_be_qualified(actors, tested, need):
    engineer = actors["engineer"]
    need.state = "sample"
    need.save()
    with pytest.raises(Refused):
        needs.qualify(engineer, "N1")
    qualifications.measure(engineer, tested.pk, FACTS, [BORE])
    qualifications.judge(engineer, tested.pk, "passed")
    needs.qualify(engineer, "N1")
    need.refresh_from_db()
    assert need.state == "qualified"


@pytest.mark.parametrize("role", ["maker", "rival", "verifier", "officer", "auditor"])
def test_only_the_buyers_engineer_measures_and_judges(actors, client_of, tested, role):
    with pytest.raises((NotAllowed, Refused)):
        qualifications.measure(actors[role], tested.pk, FACTS, [BORE])
    with pytest.raises((NotAllowed, Refused)):
        qualifications.judge(actors[role], tested.pk, "failed", reason="No")
    client = client_of(role)
    assert client.get(reverse("measure", args=[tested.pk])).status_code in (403, 404)
    posted = client.post(reverse("qualification", args=[tested.pk]), {"result": "failed"})
    assert posted.status_code in (403, 404)
    tested.refresh_from_db()
    assert tested.result == "pending"


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_report_is_a_pdf_for_those_who_see_the_test(actors, client_of, tested, language):
    qualifications.measure(actors["engineer"], tested.pk, FACTS, [BORE, HARDNESS])
    address = reverse("qualification_report", args=[tested.pk])
    answer = client_of("maker", language).get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client_of("rival").get(address).status_code == 404


def test_a_test_in_the_future_is_refused(actors, tested):
    with pytest.raises(Refused, match="ahead"):
        qualifications.measure(
            actors["engineer"], tested.pk, FACTS | {"tested_on": date(2999, 1, 1)}, [BORE]
        )
