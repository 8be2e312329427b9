"""What is typed or sent wrongly is answered with what to do, in the user's language."""

import json
import shutil
from decimal import Decimal

import polars as pl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override
from filling import typed

from onshore.desk.actions import tokens
from onshore.desk.actor import PUBLIC
from onshore.desk.models import Deal, Delivery, Need, Quotation, Upload
from onshore.desk.pages.forms import DayField, NumberField
from onshore.desk.tables import exchange
from onshore.records import TableErrors

pytestmark = pytest.mark.django_db

NEEDS = "need_id,description,yearly_quantity,unit,import_price,currency,price_date"
_ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))
QUOTE = {"maker_id": "workshop", "price": "۲۵۰٫۵", "currency": "یورو", "unit": "عدد"}


def send(client, content, name="list.csv", table="needs"):
    file = SimpleUploadedFile(name, content)
    told = {"table": table, "organisation": "", "whole": "1", "file": file}
    return client.post(reverse("new_upload"), told, follow=True)


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "There is no exchange rate for JPY, XAF"), ("fa", "برای JPY, XAF نرخ ارزی نیست")],
)
def test_an_uploaded_price_without_a_rate_is_told_of(client_of, programme, language, says):
    rows = ("A1,Ball,1,H87,5,JPY,2024-09-01", "A2,Ball,1,H87,5,XAF,", "A3,Ball,1,H87,5,USD,")
    page = send(client_of("engineer", language), "\n".join([NEEDS, *rows]).encode())
    assert says in page.content.decode()
    assert Upload.objects.get().errors == 0  # it is no error: the rate may come later


def test_an_upload_in_known_currencies_tells_of_no_rate(client_of, programme):
    page = send(client_of("engineer"), f"{NEEDS}\nA1,Ball,1,H87,5,یورو,۱۴۰۳/۰۷/۰۱".encode())
    assert "exchange rate" not in page.content.decode()


@pytest.mark.parametrize(
    ("language", "content", "says"),
    [
        ("en", b"", "The file is empty."),
        ("fa", b"", "فایل خالی است."),
        ("en", b"\n\n", "The file is empty. Write a heading row and the rows under it."),
        ("en", b"%PDF-1.7 \x00", "It is a PDF file, not a table. Give the file the ending"),
        ("fa", b"%PDF-1.7 \x00", "فایل PDF است، نه جدول."),
        ("en", NEEDS.encode(), "There are no rows in this sheet"),
        ("fa", NEEDS.encode(), "در این برگه هیچ ردیفی نیست"),
    ],
)
def test_a_sheet_with_nothing_to_read_is_told_of(client_of, programme, language, content, says):
    page = send(client_of("engineer", language), content).content.decode()
    assert says in page
    assert "Every row is there already" not in page


@pytest.mark.parametrize(
    ("wrong", "field", "english", "persian"),
    [
        ({"unit": "cubit"}, "unit", "is not a unit", "نیست"),
        ({"unit": "KGM"}, "unit", "The need is by piece; kg measures", "واحد این نیاز عدد است"),
        ({"currency": "ZZZ"}, "currency", "is not a currency", "ارزی از ISO 4217 نیست"),
        ({"currency": "ین"}, "currency", "no exchange rate for JPY", "برای JPY نرخ ارزی نیست"),
        ({"price": "۲۵۰ EUR"}, "price", "an amount and its currency", "مبلغ و ارزش با هم"),
        ({"valid_until": "31/31/31"}, "valid_until", "is not a day", "این تاریخ نیست"),
    ],
)
def test_a_wrong_quotation_is_told_why(client_of, programme, wrong, field, english, persian):
    Need.objects.update(state="scouting")
    for language, says in (("en", english), ("fa", persian)):
        client = client_of("maker", language)
        answer = typed(client, reverse("quote", args=["N1"]), **QUOTE | wrong)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert says in answer.content.decode()
    assert not Quotation.objects.exists()


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "The day is before 'From'."), ("fa", "این روز پیش از «از» است.")],
)
def test_all_that_is_wrong_on_a_form_is_told_at_once(client_of, programme, language, says):
    told = {"title": "Steel days", "kind": "exhibition"}
    wrong = {"from": "1404/02/02", "until": "1404/02/01", "place": "Kermanshahr", "country": "zz"}
    told |= {**wrong, "desk_id": "none", "tables": "سی"}
    answer = typed(client_of("officer", language), reverse("new_event"), **told)
    form = answer.context["form"]
    assert set(form.errors) == {"until", "place", "country", "desk_id", "tables"}
    assert says in form.errors["until"][0]


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        (NumberField(), "سی", "با رقم بنویسید، مانند ۱۲۰۰ یا ۱۲۰۰٫۵."),
        (NumberField(), "۲۰۰۰ متر", "تنها عدد را بنویسید."),
        (DayField(), "1405/13/01", "ماه ۱۳ نداریم. ماهی از ۱ تا ۱۲ بنویسید."),
        (DayField(required=False), "دیروز", "یا خالی بگذارید."),
        (DayField(), "دیروز", "این تاریخ نیست. روز را به شکل ۱۴۰۳/۰۷/۰۱ یا 2024-09-22 بنویسید."),
    ],
)
def test_a_field_says_what_to_write(field, text, says):
    with override("fa"), pytest.raises(ValidationError) as caught:
        field.clean(text)
    assert caught.value.messages[0].translate(_ISOLATES).endswith(says)


def test_blanks_in_a_field_are_nothing():
    assert DayField(required=False).clean("  ") is None
    assert NumberField(required=False).clean("  ") is None


def test_a_quotation_in_persian_digits_and_words_is_read(client_of, programme):
    Need.objects.update(state="scouting")
    assert typed(client_of("maker"), reverse("quote", args=["N1"]), **QUOTE).status_code == 302
    made = Quotation.objects.get()
    assert (made.price, made.currency, made.unit) == (Decimal("250.5"), "EUR", "H87")


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "The contract is by piece; kg measures"), ("fa", "واحد قرارداد عدد است؛ کیلوگرم")],
)
def test_a_delivery_in_another_unit_is_told_by_name(client_of, programme, language, says):
    Deal.objects.create(
        deal_id="D1",
        basis="contracted",
        buyer_id="steelworks",
        maker_id="workshop",
        need_id="N1",
        quantity=Decimal(50),
        unit="H87",
    )
    told = {"deal_id": "D1", "delivered_on": "۱۴۰۳/۰۶/۳۰", "quantity": "۴۰", "unit": "کیلوگرم"}
    answer = typed(client_of("maker", language), reverse("record_delivery"), **told)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Delivery.objects.exists()


@pytest.fixture
def ask(client, actors, programme):
    """Ask for a memorandum by the API with some facts, or with a body as it is."""
    Need.objects.update(state="offer")
    _made, token = tokens.make(actors["officer"], "test", 1)

    def asked(language="en", body=None, **facts):
        told = {"maker_id": "workshop", "value": "۱۰۰", "currency": "یورو", **facts}
        return client.post(
            "/api/v1/needs/N1/moves/",
            json.dumps({"move": "sign_mou", "facts": told}) if body is None else body,
            content_type="application/json",
            headers={"authorization": f"Bearer {token}", "accept-language": language},
        )

    return asked


@pytest.mark.parametrize(
    ("facts", "field", "english", "persian"),
    [
        ({"unit": "cubit"}, "unit", "is not a unit", "واحدی از توصیه‌نامه"),
        ({"currency": "ZZZ"}, "currency", "is not a currency", "ارزی از ISO 4217 نیست"),
        ({"value": "many"}, "value", "is not a number", "عدد نیست"),
        ({"signed": "soon"}, "signed", "does not hold a day", "تاریخی نیست"),
        ({"color": "red"}, "facts", "These are no facts: color.", "color"),
    ],
)
def test_wrong_facts_in_the_api_are_told_why(ask, facts, field, english, persian):
    for language, says in (("en", english), ("fa", persian)):
        answer = ask(language, **facts)
        assert answer.status_code == 422
        told = answer.json()
        assert told["field"] == field
        assert says in told["error"]
        assert told["next_step"]
    assert not Deal.objects.exists()


def test_facts_in_persian_digits_and_words_are_read(ask):
    assert ask(signed="۱۴۰۳/۰۷/۰۱", unit="عدد", quantity="۱۰").status_code == 200
    made = Deal.objects.get()
    assert (made.value, made.currency, made.unit, made.quantity) == (100, "EUR", "H87", 10)
    assert made.signed.isoformat() == "2024-09-22"


@pytest.mark.parametrize("body", ["", "{", "\x89PNG", "[]"])
def test_a_body_that_is_no_json_is_told_in_the_form_of_all_errors(ask, body):
    answer = ask(body=body)
    assert answer.status_code in (400, 422)
    told = answer.json()
    assert set(told) == {"error", "next_step", "field"}
    assert told["error"]
    assert told["next_step"]


def _with(column, text):
    def spoil(folder):
        needs = pl.read_csv(folder / "needs.csv", infer_schema=False)
        needs.with_columns(pl.lit(text).alias(column)).write_csv(folder / "needs.csv")

    return spoil


def _holding(content):
    return lambda folder: (folder / "needs.csv").write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_with("unit", "cubit"), "is not a unit"),
        (_with("currency", "ZZZ"), "is not a currency"),
        (_holding(b""), "the file is empty"),
        (_holding(b"\x89PNG\r\n\x1a\n\x00"), "a binary file, not text"),
    ],
)
def test_a_folder_with_a_wrong_table_is_not_loaded(worked_example, tmp_path, spoil, says):
    folder = tmp_path / "programme"
    shutil.copytree(worked_example, folder)
    spoil(folder)
    with pytest.raises(TableErrors) as told:
        exchange.load(folder, PUBLIC)
    assert says in str(told.value)
    assert "needs.csv" in str(told.value)
    assert not Need.objects.exists()


def test_a_folder_in_persian_digits_or_without_a_rate_is_loaded(worked_example, tmp_path):
    folder = tmp_path / "programme"
    shutil.copytree(worked_example, folder)
    _with("yearly_quantity", "۱۲٬۰۰۰٫۵")(folder)
    _with("currency", "JPY")(folder)
    exchange.load(folder, PUBLIC)
    need = Need.objects.exclude(import_price=None).first()
    assert need.yearly_quantity == Decimal("12000.5")
    assert need.yearly_value is None  # no rate: no value, rather than a wrong one
