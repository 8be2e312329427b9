"""Lists: what the address asks for, what the page shows, what a file holds."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from onshore.desk.actions.acting import Refused
from onshore.desk.actions.preferences import remove_filter, save_filter
from onshore.desk.models import AuditEntry, Need, SavedFilter
from onshore.desk.pages import listing as lists
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.figures import Money

COLUMNS = (
    Column("Need", "description", link=lambda need: f"/needs/{need.pk}/"),
    Column("Part", "part_number", "code"),
    Column("Buyer", "buyer.name"),
    Column("Quantity", "yearly_quantity", "number", unit="a year"),
    Column("Unit", "unit", "unit"),
    Column("Price", lambda need: (need.import_price, need.currency), "money"),
    Column("Since", "state_since", "day"),
    Column("State", "state", "state"),
    Column("Class", "category", "choice"),
)
FILTERS = (
    Filter("state", "State", [("draft", "Draft"), ("published", "Published")],
           lambda rows, value: rows.filter(state=value)),
    Filter("q", "Words", (), lambda rows, value: rows.filter(description__icontains=value)),
)  # fmt: skip
SORTS = (
    Sort("key", "By key", ("need_id",)),
    Sort("last", "Last first", ("-need_id",)),
)


@pytest.fixture
def needs(organisations):
    buyer = organisations["steelworks"]
    Need.objects.bulk_create(
        Need(
            need_id=f"N{number:04}",
            buyer=buyer,
            description=f"=Bearing {number}" if number % 2 else f"بلبرینگ {number}",
            part_number="6205-2RS",
            yearly_quantity=Decimal("1200.5") if number % 2 else Decimal(7),
            unit="H87",
            import_price=Decimal("310.55"),
            currency="EUR",
            state="published" if number % 3 else "draft",
            state_since=date(2024, 9, 22),
            category="mechanical",
        )
        for number in range(120)
    )
    return Need.objects.select_related("buyer")


@pytest.fixture
def ask(needs, actors):
    """Ask for the list as it is asked for in an address."""

    def answer(query="", language="en", rows=None, **more):
        request = RequestFactory().get(f"/needs/?{query}")
        request.session, request._messages = {}, []
        request.actor = actors["officer"]
        request.user = actors["officer"].user
        told = {"filters": FILTERS, "sorts": SORTS, "title": "Needs", "columns": COLUMNS} | more
        with override(language):
            return listing(request, needs if rows is None else rows, **told)

    return answer


def shown(response):
    return response.content.decode()


def said(response):
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"</?bdi[^>]*>", "", shown(response)).split())


def test_a_page_holds_fifty_rows_and_says_how_many_there_are(ask):
    response = ask()
    page = shown(response)
    assert page.count('<th scope="row"') == 50
    assert "120 rows" in said(response)
    assert "Page 1 of 3" in said(response)
    assert 'href="/needs/?page=2"' in page


def test_the_last_page_is_shown_for_any_beyond_it(ask):
    for wanted in ("3", "99", "999999999"):
        response = ask(f"page={wanted}")
        assert "Page 3 of 3" in said(response)
        assert shown(response).count('<th scope="row"') == 20


@pytest.mark.parametrize("wanted", ["0", "-1", "x", "", "1e9", "٢٢٢٢٢٢٢٢٢٢٢", "9" * 400])
def test_a_page_that_is_no_number_is_answered(ask, wanted):
    assert 'scope="row"' in shown(ask(f"page={wanted}"))


def test_filters_narrow_and_stay_in_the_links(ask):
    response = ask("state=published&q=bearing&sort=last")
    page = shown(response)
    expected = [n for n in range(119, -1, -1) if n % 3 and n % 2]
    assert f"{len(expected)} rows" in said(response)
    assert page.index(f"=Bearing {expected[0]}<") < page.index(f"=Bearing {expected[1]}<")
    assert "state=published&amp;q=bearing&amp;sort=last&amp;export=csv" in page
    assert '<option value="published" selected>' in page


def test_a_choice_that_is_not_offered_is_left_out(ask):
    assert "120 rows" in said(ask("state=nonsense&sort=nonsense"))


def test_text_of_an_address_is_never_markup(ask):
    page = shown(ask("q=%22%3E<script>alert(1)</script>%00"))
    assert "<script>alert" not in page
    assert "No row fits these filters." in page


def test_an_empty_list_says_what_to_do_first(ask):
    page = shown(ask(rows=Need.objects.none(), empty="Add the first need."))
    assert "Add the first need." in page
    assert "<table" not in page


def test_numbers_of_a_column_have_the_same_decimals(ask):
    page = shown(ask())
    assert "1\u202f200.5<" in page
    assert "7.0<" in page


def test_persian_has_its_digits_days_and_names(ask):
    response = ask(language="fa")
    page = shown(response)
    assert "۱\u066c۲۰۰\u066b۵" in page
    assert "۱ مهر ۱۴۰۳" in page
    assert "2024-09-22 · ۱ مهر" not in page
    assert "۱۲۰ ردیف" in said(response)
    assert "عدد" in page
    assert "مکانیکی" in page
    assert '<bdi class="code" dir="ltr">6205-2RS</bdi>' in page


def test_queries_do_not_grow_with_rows(ask):
    ask(page_size=5)  # the first page also asks whether the programme is an example
    counts = []
    for size in (5, 50):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(page_size=size)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_csv_has_every_row_found_and_no_formula(ask):
    response = ask("state=published&export=csv")
    assert response["Content-Disposition"].startswith('attachment; filename="needs-')
    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + sum(1 for n in range(120) if n % 3)
    assert (
        lines[0] == "Need,Part,Buyer,Quantity (a year),Unit,Price,Price: currency,Since,State,Class"
    )
    assert lines[1] == (
        "'=Bearing 1,6205-2RS,Steelworks,1200.5,H87,310.55,EUR,2024-09-22,Published,Mechanical"
    )


def test_xlsx_has_numbers_as_numbers_and_texts_as_texts(ask):
    sheet = openpyxl.load_workbook(BytesIO(ask("export=xlsx", "fa").content)).active
    rows = list(sheet.values)
    assert len(rows) == 121
    assert rows[2][0] == "=Bearing 1"
    assert sheet.cell(3, 1).data_type == "s"
    assert rows[2][3] == pytest.approx(1200.5)
    assert rows[2][5] == pytest.approx(310.55)
    assert rows[2][7].date() == date(2024, 9, 22)
    assert rows[2][8] == "منتشرشده"


def test_an_export_beyond_bounds_says_what_to_do(ask, monkeypatch):
    monkeypatch.setattr(lists, "MOST_EXPORTED", 100)
    response = ask("export=csv")
    assert response.status_code == 413
    assert "Narrow it with the filters" in shown(response)


def test_what_is_counted_is_bounded(ask, monkeypatch):
    monkeypatch.setattr(lists, "MOST_COUNTED", 100)
    page = said(ask("page=9"))
    assert "More than 100 rows" in page
    assert "Page 2 of 2" in page


def test_a_sequence_may_be_listed(ask):
    rows = [{"name": "one", "value": Money(Decimal("1.5"), "USD")}, {"name": "two", "value": None}]
    page = shown(
        ask(
            rows=rows,
            columns=(Column("Name", "name"), Column("Value", "value", "money")),
            sorts=(),
            filters=(),
            actions=(Action("Add one", "/add/", "plus"),),
            lead=lambda count: f"{count} things",
        )
    )
    assert "1.5</bdi>&nbsp;" in page
    assert "2 things" in page
    assert 'href="/add/"' in page


@pytest.mark.django_db
def test_a_filter_is_kept_used_and_removed(client_of, people):
    client = client_of("officer")
    address = "/needs/?state=published&q=bearing"
    kept = client.post("/filters/", {"name": "My bearings", "address": address})
    assert kept["Location"] == address
    again = client.post("/filters/", {"name": "My bearings", "address": "/needs/?q=valve"})
    assert again["Location"] == "/needs/?q=valve"
    saved = SavedFilter.objects.get()
    assert (saved.user, saved.address) == (people["officer"], "/needs/?q=valve")
    assert client_of("engineer").post(f"/filters/{saved.pk}/remove/").status_code == 302
    assert SavedFilter.objects.exists()
    assert client.post(f"/filters/{saved.pk}/remove/")["Location"] == "/needs/"
    assert not SavedFilter.objects.exists()
    assert AuditEntry.objects.filter(action="preferences.save_filter").count() == 2


def test_a_kept_filter_stands_on_its_list_only(ask, actors):
    save_filter(actors["officer"], name="Drafts", address="/needs/?state=draft")
    save_filter(actors["officer"], name="Elsewhere", address="/offers/?state=draft")
    save_filter(actors["engineer"], name="Another's", address="/needs/?state=draft")
    page = shown(ask("state=draft"))
    assert "Drafts" in page
    assert "Elsewhere" not in page
    assert "Another" not in page


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", ""],
)
def test_only_addresses_of_this_desk_are_kept(actors, address):
    with pytest.raises(Refused):
        save_filter(actors["officer"], name="x", address=address)


def test_another_persons_filter_cannot_be_removed(actors):
    kept = save_filter(actors["officer"], name="x", address="/needs/?q=a")
    with pytest.raises(Refused):
        remove_filter(actors["maker"], kept.pk)
    assert SavedFilter.objects.filter(pk=kept.pk).exists()


def test_the_address_of_a_saved_filter_is_what_the_form_sends(ask):
    page = shown(ask("q=a&page=2&state=draft"))
    start = page.index('name="address" value="') + len('name="address" value="')
    address = page[start : page.index('"', start)].replace("&amp;", "&")
    assert QueryDict(address.split("?")[1]).dict() == {"q": "a", "state": "draft"}
