"""Open data: whole, in every form alike, under addresses that stay, and nothing that is hidden."""

import csv
import io
import json
import zipfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from worlds import MARK, PRICES, build

from onshore.desk.actor import PUBLIC
from onshore.desk.models import RECORDS, Agreement, Claim, Commitment, Deal, Delivery, Need
from onshore.desk.policies import visible
from onshore.desk.publishing.open_data import DATA_SETS
from onshore.desk.publishing.open_data_files import FORMS
from onshore.desk.publishing.published_figures import (
    ALL,
    ANALYST,
    LEAST,
    OTHERS,
    STEPS,
    published_figures,
    tells_too_much,
    together,
)
from onshore.desk.reckoning import counting, dashboard
from onshore.desk.reckoning.dashboard import Terms
from onshore.desk.screens.open_data import SDMX
from onshore.desk.tables import exchange
from onshore.records import tables
from onshore.report import from_sdmx, to_sdmx

pytestmark = pytest.mark.django_db


def files() -> list[str]:
    """Every public address that gives a file."""
    return [
        *(f"/open-data/{name}.{form}" for name in DATA_SETS for form in FORMS),
        *(f"/open-data/{name}.csv-metadata.json" for name in DATA_SETS),
        *(f"/open-data/sdmx/{name}" for name in SDMX),
        "/open-data/catalogue.json",
    ]


def pages() -> list[str]:
    """Every public page of this part."""
    return ["/", "/open-data/", "/contracts/", *(f"/open-data/{name}/" for name in DATA_SETS)]


def text_of(answer: Any) -> str:
    """Give all that an answer says; a workbook's sheets too."""
    if "spreadsheetml" not in answer["Content-Type"]:
        return str(answer.content.decode())
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        return "".join(held.read(name).decode() for name in held.namelist())


def rows_of(client: Any, name: str, form: str = "csv") -> list[dict[str, str]]:
    content = client.get(f"/open-data/{name}.{form}").content
    return list(csv.DictReader(io.StringIO(content.decode())))


# Nothing hidden --------------------------------------------------------------------------------


def test_no_mark_of_anything_hidden_is_in_any_public_answer(programme, people, client_of):
    worlds = build(people)
    RECORDS["observations"].objects.create(
        observation_id="O1", indicator="production", period="1403", value=Decimal(5), unit="t",
        status="final", source="Office",
    )  # fmt: skip
    side = worlds.sides["mill"]
    deal = worlds.world.row(
        "deals", buyer=side.needs["public"].buyer, maker=side.maker, need=side.needs["public"],
        item=worlds.item, basis="contracted", access="public",
    )  # fmt: skip
    worlds.world.row("deliveries", deal=deal)
    ocds = [f"/open-data/ocds/2024/{kind}.json" for kind in ("releases", "records")]
    ocds.append(reverse("contract_record", args=[deal.pk]))
    hidden = worlds.world.hidden_from(PUBLIC)
    shown = {mark for mark in worlds.world.marks if mark not in hidden}
    assert len(hidden) > 100
    found: set[str] = set()
    for name, language in (("public", "en"), ("officer", "fa")):
        client = client_of(name, language)
        every = (*files(), *pages(), *ocds)
        for url in every if name == "public" else (*ocds, "/open-data/needs.csv"):
            answer = client.get(url)
            assert answer.status_code == 200, url
            text = text_of(answer)
            marks = set(MARK.findall(text))
            assert not marks & set(hidden), url
            assert not [price for price in PRICES.values() if str(price) in text], url
            found |= marks & shown
    assert found  # the marks of what is public do stand in the files


def test_no_file_names_a_column_that_only_some_may_see():
    told = {field.name for one in DATA_SETS.values() for field in one.fields}
    for secret in ("import_price", "origin", "milestones", "evidence", "claimed_by", "accepted_by"):
        assert secret not in told
    need = {field.name for field in DATA_SETS["needs"].fields}
    assert not need & {"buyer_id", "currency", "incoterm", "freight_insurance", "price_date"}


# Sums tell no contract ------------------------------------------------------------------------

_sizes = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 6))


@given(_sizes)
def test_groups_are_joined_until_each_has_enough(sizes: dict[str, int]) -> None:
    groups = {
        name: SimpleNamespace(
            contracts={f"{name}{number}" for number in range(size)}, worth=Decimal(size)
        )
        for name, size in sizes.items()
    }
    told = dict(together(groups))
    assert all(len(one.contracts) >= LEAST for one in told.values())
    if sum(sizes.values()) >= LEAST:
        assert sum(one.worth for one in told.values()) == sum(sizes.values())
    else:
        assert not told
    for name, one in told.items():
        if name != OTHERS:
            assert one.contracts == groups[name].contracts


@pytest.fixture
def contracts(programme: Any) -> Any:
    """Five contracts of steel and one of copper, with deliveries and a verified claim."""
    for number in range(6):
        need = Need.objects.create(
            need_id=f"W{number}", buyer_id="steelworks", description="Roll", access="restricted",
            sector="copper" if number == 5 else "steel", state="contracted",
        )  # fmt: skip
        deal = Deal.objects.create(
            deal_id=f"C{number}", basis="contracted", buyer_id="steelworks", maker_id="workshop",
            need=need, value=Decimal(1000 + number), currency="EUR", quantity=Decimal(10),
            unit="H87", signed=date(2024, 9, 10),
        )  # fmt: skip
        for part in range(3 if number == 0 else 0):
            Delivery.objects.create(
                delivery_id=f"V{part}", deal=deal, quantity=Decimal(1), unit="H87",
                delivered_on=date(2024, 10, 1 + part),
            )  # fmt: skip
    cache.clear()
    return programme


def test_published_sums_are_those_of_the_ledger_and_tell_no_single_contract(contracts):
    found = published_figures()
    whole = dashboard.totals(dashboard.ledger(ANALYST, Terms.of_programme()))
    assert {step: one.worth for step, one in found.totals.items()} == {
        "contracted": whole["contracted"]
    }  # three deliveries of one contract are one contract's
    by_part: dict[Any, Decimal] = defaultdict(Decimal)
    for one in found.figures:
        assert one.contracts >= LEAST
        assert one.step in STEPS
        by_part[one.part, one.step] += one.worth
    assert by_part["sector", "contracted"] == by_part[ALL, "contracted"] == 6015
    sectors = [one for one in found.figures if one.part == "sector"]
    # One contract of copper: telling steel's five beside the whole would tell it too.
    assert [(one.group, one.contracts) for one in sectors] == [(OTHERS, 6)]


def test_a_contract_that_is_confidential_is_in_no_sum(contracts):
    Need.objects.filter(pk="W4").update(access="confidential")
    cache.clear()
    assert published_figures().totals["contracted"].worth == 6015 - 1004


# Files ----------------------------------------------------------------------------------------


@pytest.fixture
def filled(programme: Any) -> Any:
    """Public rows of each data set, with Persian, quotes and what a spreadsheet would compute."""
    Need.objects.filter(pk="N1").update(access="public", state="published")
    Need.objects.create(
        need_id="N2", buyer_id="steelworks", description='=1+1 "غلتک", نورد\u200cکاری',
        yearly_quantity=Decimal("12345678901234567890.123456"), access="public", state="scouting",
    )  # fmt: skip
    agreement = Agreement.objects.create(
        agreement_id="A1", title="Five parties", parties="agency", access="public",
        signed=date(2024, 5, 1), source="A newspaper",
    )  # fmt: skip
    for key, counted in (("P1", "needs published"), ("P2", "contracted value")):
        Commitment.objects.create(
            commitment_id=key, agreement=agreement, text=f"Promise {key}", counted=counted,
            target=Decimal(10), unit="EUR", progress=0.25,
        )  # fmt: skip
    Agreement.objects.create(agreement_id="A2", title="Hidden one", parties="agency", access="")
    Deal.objects.create(
        deal_id="C1", basis="contracted", buyer_id="steelworks", maker_id="workshop",
        value=Decimal(777), currency="EUR", signed=date(2024, 9, 10),
    )  # fmt: skip
    for number, period in enumerate(("1402", "2023-Q1")):
        RECORDS["observations"].objects.create(
            observation_id=f"O{number}", indicator="production", product="steel", period=period,
            value=Decimal("-2.5"), unit="million t", status="final", source="An office",
            statement_fa="گفته شد",
        )  # fmt: skip
    cache.clear()
    return programme


def test_every_form_of_a_data_set_holds_the_same(filled, client_of):
    client = client_of("public")
    for name, one in DATA_SETS.items():
        fields = [field.name for field in one.fields]
        read = rows_of(client, name)
        told = client.get(f"/open-data/{name}.json").json()
        assert [field["name"] for field in told["fields"]] == fields
        assert len(told["rows"]) == len(read)
        book = load_workbook(io.BytesIO(client.get(f"/open-data/{name}.xlsx").content))
        sheet = list(book[name].iter_rows(values_only=True))
        assert list(sheet[0]) == fields
        assert len(sheet) - 1 == len(read)
        if read:
            assert list(read[0]) == fields
            assert [row[fields[0]] for row in told["rows"]] == [row[0] for row in sheet[1:]]
        meanings = {row[0]: row[2:] for row in book["dictionary"].iter_rows(values_only=True)}
        for field in told["fields"]:
            assert field["meaning"]["en"]
            assert field["meaning"]["fa"] != field["meaning"]["en"]
            assert meanings[field["name"]] == tuple(field["meaning"].values())
        assert told["licence"].startswith("https://creativecommons.org/")
        assert dict(book["about"].iter_rows(values_only=True))["licence"] == told["licence"]


def test_texts_and_digits_come_out_as_they_are_and_nothing_is_computed(filled, client_of):
    client = client_of("public")
    row = next(row for row in rows_of(client, "needs") if row["need_id"] == "N2")
    assert row["description"] == '\'=1+1 "غلتک", نورد\u200cکاری'
    assert row["yearly_quantity"] == "12345678901234567890.123456"
    book = load_workbook(io.BytesIO(client.get("/open-data/needs.xlsx").content))
    cell = book["needs"]["B3"]
    assert (cell.data_type, cell.value) == ("s", '=1+1 "غلتک", نورد\u200cکاری')


def test_agreements_tell_counts_but_no_single_contract_s_worth(filled, client_of):
    rows = {row["commitment_id"]: row for row in rows_of(client_of("public"), "agreements")}
    assert set(rows) == {"P1", "P2"}
    assert rows["P1"]["counted"] == "2"
    assert rows["P2"]["counted"] == ""
    assert rows["P2"]["stated"] == "0.25"
    assert "777" not in str(rows)


def test_three_deliveries_of_one_contract_are_one_contract_s_worth(contracts):
    agreement = Agreement.objects.create(agreement_id="A", title="A", parties="", access="public")
    promise = Commitment.objects.create(
        commitment_id="P", agreement=agreement, text="P", counted="delivered value", unit="EUR"
    )
    Delivery.objects.update(accepted=Decimal(1))

    def hidden() -> bool:
        cache.clear()
        counted = counting.Counts(date(2025, 1, 1)).of(promise)
        assert counted.of - counted.left_out >= LEAST
        return tells_too_much(promise, counted)

    assert hidden()
    Delivery.objects.filter(pk="V1").update(deal_id="C1")
    Delivery.objects.filter(pk="V2").update(deal_id="C2")
    assert not hidden()


def test_series_go_out_as_sdmx_and_come_back(filled, client_of):
    client = client_of("public")
    for form in ("csv", "xml"):
        sent = {
            name: client.get(reverse(f"sdmx_{name}")).content
            for name in ("structure.xml", f"observations.{form}")
        }
        read = from_sdmx(sent | {f"targets.{form}": _empty_targets(form)})
        assert read.observations["value"].to_list() == [Decimal("-2.5")] * 2
        assert read.observations["period"].to_list() == ["1402", "2023-Q1"]
        assert read.observations["statement_fa"].to_list() == ["گفته شد"] * 2
    assert [row["period"] for row in rows_of(client, "series")] == ["1402", "2023-Q1"]


def test_a_series_says_which_value_is_the_least_it_may_be(filled, client_of):
    row = RECORDS["observations"].objects.order_by("pk").first()
    row.statement = "Exports, more than"
    row.save()
    cache.clear()
    told = {row["observation_id"]: row["bound"] for row in rows_of(client_of("public"), "series")}
    assert told.pop(row.pk) == "MORE_THAN"
    assert set(told.values()) == {""}


def _empty_targets(form: str) -> bytes:
    """Write a flow of targets without rows, which reading back asks for."""
    files = to_sdmx(exchange.programme(), "sdmx-csv" if form == "csv" else "sdmx-ml")
    return files[f"targets.{form}"]


def test_metadata_fit_the_file(filled, client_of):
    client = client_of("public")
    for name, one in DATA_SETS.items():
        told = client.get(reverse("open_data_metadata", args=[name])).json()
        assert told["url"].endswith(f"/open-data/{name}.csv")
        columns = [column["name"] for column in told["tableSchema"]["columns"]]
        assert columns == [field.name for field in one.fields]
    listed = client.get(reverse("open_data_catalogue")).json()["data_sets"]
    assert [each["name"] for each in listed] == list(DATA_SETS)
    for each in listed:
        for url in each["files"]:
            assert client.get(url.removeprefix("http://testserver")).status_code == 200


def test_a_file_that_is_known_already_is_not_sent_again(filled, client_of):
    client = client_of("public")
    for url in ("/open-data/needs.csv", "/open-data/needs.xlsx", "/open-data/series.json"):
        first = client.get(url)
        known = client.get(url, headers={"if-none-match": first["ETag"]})
        assert (known.status_code, known.content) == (304, b"")
        assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200
        since = client.get(url, headers={"if-modified-since": first["Last-Modified"]})
        assert since.status_code == 304
        assert 'rel="license"' in first["Link"]
        assert first["Access-Control-Allow-Origin"] == "*"
    tag = client.get("/open-data/needs.csv")["ETag"]
    cache.clear()
    assert client.get("/open-data/needs.csv")["ETag"] == tag
    assert client.get("/open-data/needs.xlsx").status_code == 200


def test_what_is_taken_back_is_out_at_once(filled, client_of):
    client = client_of("public")
    assert {row["need_id"] for row in rows_of(client, "needs")} == {"N1", "N2"}
    Need.objects.filter(pk="N2").update(access="restricted")
    assert {row["need_id"] for row in rows_of(client, "needs")} == {"N1"}
    assert not visible(PUBLIC, Need).filter(pk="N2").exists()


@pytest.mark.parametrize(
    "path", ["nothing.csv", "needs.pdf", "needs.parquet", "nothing/", "sdmx/other.xml", "needs."]
)
def test_files_that_are_not_there(db, client_of, path):
    assert client_of("public").get(f"/open-data/{path}").status_code == 404


def test_an_empty_desk_gives_empty_files_and_no_failure(db, client_of):
    assert not Claim.objects.exists()
    client = client_of("public")
    for url in (*files(), *pages()):
        assert client.get(url).status_code in (200, 404), url
    told = client.get("/open-data/needs.json").json()
    assert told["rows"] == []
    assert json.dumps(told["fields"])
    assert "observations" in tables()
