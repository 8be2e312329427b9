"""Published contracts as open contracting data: valid, whole, and nothing that is restricted."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from onshore.desk.actions import publication as doing
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.actor import PUBLIC
from onshore.desk.models import AuditEntry, Deal, Delivery, Need
from onshore.desk.policies import NotAllowed, visible
from onshore.desk.publishing import contract_data
from onshore.report import contracting_processes

pytestmark = pytest.mark.django_db

PACKAGE = {"releases": "release-package-schema.json", "records": "record-package-schema.json"}
SECRETS = ("310.5", "receipt 77-B", "engineer-of-the-plant", "Roller bearing 22220")
"""Import price, evidence, who accepted, and the catalogue's own words of the item."""


@pytest.fixture(scope="module")
def schemas(shared_data: Any) -> dict[str, Draft4Validator]:
    """The standard's own schemas, without a network."""
    path = shared_data / "domain" / "ocds-standard-1.1.5.zip"
    if not path.is_file():
        pytest.skip("the schemas of OCDS 1.1.5 are not beside the checkout")
    with zipfile.ZipFile(path) as held:
        read = {
            name.rpartition("/")[2]: json.loads(held.read(name))
            for name in held.namelist()
            if name.endswith(".json")
        }
    known = [(told["id"], Resource(told, DRAFT4)) for told in read.values() if "id" in told]
    registry: Registry[Any] = Registry().with_resources(known)
    return {
        kind: Draft4Validator(read[name], registry=registry, format_checker=FormatChecker())
        for kind, name in PACKAGE.items()
    }


@pytest.fixture
def signed(programme: Any) -> Any:
    """A public contract with two deliveries, a restricted one, and a memorandum."""
    Need.objects.filter(pk="N1").update(access="public", state="serial supply", hs_code="848230")
    Need.objects.create(
        need_id="N2", buyer_id="steelworks", description="Secret lining", access="restricted",
        state="contracted",
    )  # fmt: skip
    told: dict[str, Any] = {
        "buyer_id": "steelworks", "maker_id": "workshop", "quantity": Decimal(240), "unit": "H87",
        "value": Decimal("57600.5"), "currency": "EUR", "signed": date(2024, 9, 10),
        "until": date(2026, 9, 9), "milestones": "receipt 77-B",
    }  # fmt: skip
    Deal.objects.create(deal_id="C/1", basis="contracted", need_id="N1", item_id="I1", **told)
    Deal.objects.create(deal_id="C2", basis="contracted", need_id="N2", **told)
    Deal.objects.create(deal_id="M1", basis="MoU", need_id="N1", **told)
    for key, day, accepted in (("V1", 3, 100), ("V2", 9, 20), ("V3", 20, None)):
        Delivery.objects.create(
            delivery_id=key, deal_id="C/1", quantity=Decimal(120), unit="",
            delivered_on=date(2024, 12, day), accepted=accepted and Decimal(accepted),
            accepted_on=date(2024, 12, day + 1) if accepted else None,
            accepted_by="engineer-of-the-plant", evidence="receipt 77-B",
        )  # fmt: skip
    return programme


@pytest.fixture
def published(signed: Any, actors: Any) -> Any:
    doing.publish(actors["officer"], "C/1")
    cache.clear()
    return signed


def package(client: Any, kind: str = "releases", year: int = 2024) -> dict[str, Any]:
    answer = client.get(reverse("ocds_package", args=[year, kind]))
    assert answer.status_code == 200
    return dict(json.loads(answer.content))


def test_packages_are_valid_by_the_standard_s_own_schemas(published, client_of, schemas):
    for kind, schema in schemas.items():
        told = package(client_of("public"), kind)
        assert [fault.message for fault in schema.iter_errors(told)] == []
        broken = json.loads(json.dumps(told))
        rows = broken[kind]
        del (rows[0] if kind == "releases" else rows[0]["releases"][0])["ocid"]
        assert list(schema.iter_errors(broken))


def test_a_contract_s_releases_tell_its_award_what_was_accepted_and_its_end(
    published, client_of, monkeypatch
):
    monkeypatch.setenv("ONSHORE_OCID_PREFIX", "ocds-a1b2c3")
    found = contracting_processes(
        contract_data.tables_of(contract_data.published()),
        prefix=contract_data.prefix(),
        on=date(2026, 9, 10),
    )
    (one,) = found
    assert one.ocid == "ocds-a1b2c3-C/1"
    told = [(release["tag"], release["date"][:10]) for release in one.releases]
    assert told == [
        (["contract"], "2024-09-10"),
        (["implementation"], "2024-12-04"),
        (["implementation"], "2024-12-10"),
        (["contractTermination"], "2026-09-09"),
    ]
    first, last = one.releases[0]["contracts"][0], one.compiled["contracts"][0]
    assert first["value"] == {"amount": 57600.5, "currency": "EUR"}
    assert first["status"] == "active"
    assert last["status"] == "terminated"
    assert [each["id"] for each in last["implementation"]["milestones"]] == ["V1", "V2"]
    assert last["implementation"]["milestones"][0]["description"] == "Accepted: 100 piece"
    goods = last["items"][0]
    assert goods["quantity"] == 240
    assert goods["classification"] == {"scheme": "HS", "id": "848230"}
    assert goods["unit"]["id"] == "H87"


def test_what_changes_gets_another_id_and_what_does_not_keeps_it(published):
    def ids() -> list[str]:
        tables = contract_data.tables_of(contract_data.published())
        (one,) = contracting_processes(tables, on=date(2025, 1, 1))
        return [release["id"] for release in one.releases]

    before = ids()
    assert ids() == before
    assert len(set(before)) == 3
    Delivery.objects.filter(pk="V2").update(accepted=Decimal(21))
    after = ids()
    assert after[:2] == before[:2]
    assert after[2] != before[2]


def references(told: Any) -> Iterator[tuple[str, str]]:
    """Give what a release refers to: organisations, awards."""
    if isinstance(told, list):
        for one in told:
            yield from references(one)
    elif isinstance(told, dict):
        for name, value in told.items():
            if name == "buyer":
                yield "parties", value["id"]
            elif name == "suppliers":
                yield from (("parties", one["id"]) for one in value)
            elif name == "awardID":
                yield "awards", value
            else:
                yield from references(value)


def test_no_id_leads_nowhere_and_none_stands_twice(published, client_of):
    for record in package(client_of("public"), "records")["records"]:
        assert len({one["id"] for one in record["releases"]}) == len(record["releases"])
        for release in (*record["releases"], record["compiledRelease"]):
            assert release["ocid"] == record["ocid"]
            found = list(references(release))
            assert {kind for kind, _key in found} == {"parties", "awards"}
            for kind, key in found:
                assert key in {one["id"] for one in release[kind]}


def test_nothing_restricted_is_in_any_package(published, client_of):
    urls = [
        *(reverse("ocds_package", args=[2024, kind]) for kind in PACKAGE),
        reverse("contract_record", args=["C/1"]),
    ]
    for name in ("public", "officer"):
        for url in urls:
            text = client_of(name).get(url).content.decode()
            assert "C/1" in text
            for secret in (*SECRETS, "C2", "M1", "Secret lining", "V3"):
                assert secret not in text, (url, secret)


def test_a_contract_is_open_only_while_it_and_its_need_are_public(signed, actors, client_of):
    public = client_of("public")
    record = reverse("contract_record", args=["C/1"])
    year = reverse("ocds_package", args=[2024, "releases"])

    def answers() -> list[int]:
        cache.clear()
        return [public.get(url).status_code for url in (record, year)]

    assert answers() == [404, 404]
    doing.publish(actors["officer"], "C/1")
    assert answers() == [200, 200]
    Need.objects.filter(pk="N1").update(access="restricted")
    assert answers() == [404, 404]
    Need.objects.filter(pk="N1").update(access="public")
    doing.take_back(actors["officer"], "C/1", reason="A wrong value was signed.")
    assert answers() == [404, 404]
    lines = AuditEntry.objects.filter(table="deals", key="C/1").order_by("number")
    assert [(line.action, line.reason) for line in lines] == [
        ("deals.publish", ""),
        ("deals.take_back", "A wrong value was signed."),
    ]


def test_what_cannot_be_published_is_refused(signed, actors):
    officer = actors["officer"]
    for key in ("M1", "C2"):
        with pytest.raises(Refused):
            doing.publish(officer, key)
    with pytest.raises(Refused):
        doing.take_back(officer, "C/1", reason="It never was.")
    with pytest.raises(Stale):
        doing.publish(officer, "C/1", version=7)
    doing.publish(officer, "C/1")
    with pytest.raises(Refused):
        doing.publish(officer, "C/1")
    with pytest.raises(Refused) as told:
        doing.take_back(officer, "C/1", reason=" ")
    assert told.value.field == "reason"
    for role in ("engineer", "maker", "analyst", "auditor"):
        with pytest.raises((NotAllowed, Refused)):
            doing.publish(actors[role], "C/1")
    assert list(visible(PUBLIC, Deal).values_list("pk", flat=True)) == ["C/1"]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_agency_publishes_on_the_page(signed, client_of, language):
    officer, public = client_of("officer", language), client_of("public", language)
    listed = officer.get(reverse("contracts")).content.decode()
    assert reverse("publish_contract", args=["C/1"]) in listed
    assert reverse("publish_contract", args=["C2"]) not in listed
    assert "C/1" not in public.get(reverse("contracts")).content.decode()
    url = reverse("publish_contract", args=["C/1"])
    assert officer.get(url).status_code == 200
    assert officer.post(url, {"once": "one", "version": 1}).url == reverse("contracts")
    shown = public.get(reverse("contracts")).content.decode()
    assert reverse("contract_record", args=["C/1"]) in shown
    assert "Steelworks" in shown
    back = officer.post(reverse("take_back_contract", args=["C/1"]), {"once": "two", "reason": ""})
    assert back.status_code == 422
    refused = {"en": "not public", "fa": "همگانی نیست"}[language]
    answer = officer.post(reverse("publish_contract", args=["C2"]), {"once": "three"})
    assert refused in answer.content.decode()


@pytest.mark.parametrize("address", ["1/releases.json", "9999/records.json", "2024/deals.json"])
def test_packages_that_are_not_there(published, client_of, address):
    assert client_of("public").get(f"/open-data/ocds/{address}").status_code == 404


def test_a_prefix_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("ONSHORE_OCID_PREFIX", "onshore")
    with pytest.raises(ImproperlyConfigured, match="ONSHORE_OCID_PREFIX"):
        contract_data.prefix()
