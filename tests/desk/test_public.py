"""The public page: what everybody may know, and the ways in; walked in a browser."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from browsing import AXE, narrow
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onshore.desk.models import Bulletin, Call, Challenge, Course, Deal, Need, Organisation


@pytest.fixture
def busy(programme: Any) -> Any:
    """Something open of every kind, beside what is closed, hidden or past."""
    today = timezone.localdate()
    later, past = today + timedelta(days=9), today - timedelta(days=9)
    Need.objects.filter(pk="N1").update(access="public", state="published", state_since=today)
    Organisation.objects.create(organisation_id="fund", name="Fund", role="fund", country="IR")
    call = {"kind": "grant", "fund_id": "fund", "budget": Decimal(9), "currency": "EUR"}
    for key, published, closes in (
        ("Open call", past, later), ("Draft call", None, later), ("Past call", past, past),
    ):  # fmt: skip
        Call.objects.create(call_id=key, title=key, published=published, closes=closes, **call)
    for key, state in (("Open challenge", "published"), ("Draft challenge", "draft")):
        Challenge.objects.create(challenge_id=key, title=key, state=state, closes=later)
    for key, starts in (("Coming course", later), ("Past course", past)):
        Course.objects.create(course_id=key, title=key, starts=starts)
    for number in (1, 2):
        Bulletin.objects.create(
            slug="standing", number=number, title=f"Standing {number}", vintage=past, content={},
            sha256="0", published_by="analyst", published_at=timezone.now(),
        )  # fmt: skip
    for number in range(3):
        Deal.objects.create(
            deal_id=f"C{number}", basis="contracted", buyer_id="steelworks", maker_id="workshop",
            value=Decimal(4000), currency="EUR", signed=date(2024, 9, 10),
        )  # fmt: skip
    cache.clear()
    return programme


@pytest.mark.django_db
def test_the_public_finds_what_is_open_and_nothing_else(busy, client_of):
    client = client_of("public")
    page = client.get("/").content.decode()
    for told in ("Spherical roller bearing", "Open call", "Open challenge", "Coming course"):
        assert told in page
    for hidden in ("Draft call", "Past call", "Draft challenge", "Past course", "Steelworks"):
        assert hidden not in page
    assert "Standing 2" in page
    assert "Standing 1" not in page
    assert "12\u202f000" in page
    for name in ("open_data", "new_idea", "contracts", "agreements", "bulletins"):
        assert f'href="{reverse(name)}"' in page


@pytest.mark.django_db
def test_too_few_contracts_tell_no_sum(busy, client_of):
    Deal.objects.filter(pk="C0").delete()
    cache.clear()
    page = client_of("public").get("/").content.decode()
    assert "8\u202f000" not in page
    assert "4\u202f000" not in page


@pytest.mark.django_db
def test_the_public_page_asks_few_questions(busy, client_of):
    client = client_of("public")
    client.get("/")
    for url in ("/", "/open-data/", "/open-data/needs/", "/open-data/needs.csv", "/contracts/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        assert len(asked) <= 12, url


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("fa", 390)])
def test_a_visitor_goes_from_the_page_to_the_data(
    page_of: Callable[..., Any], busy: Any, language: str, width: int
) -> None:
    page = page_of("public", language, width)

    def good() -> None:
        """Nothing reaches over the edge, and axe finds no fault, on light and on dark ground."""
        assert narrow(page), page.url
        page.evaluate(AXE)
        for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            page.emulate_media(color_scheme=scheme)
            told = "options => axe.run(document, options).then(found => found.violations)"
            faults = page.evaluate(told, options | {"resultTypes": ["violations"]})
            assert not [(one["id"], one["nodes"][0]["html"]) for one in faults], page.url

    page.goto("/")
    good()
    page.click(f'main .buttons a[href="{reverse("open_data")}"]')
    good()
    page.click('main a[href="/open-data/needs/"]')
    good()
    assert "need_id" in page.inner_text("main")
    with page.expect_download() as saved:
        page.click('main a[href$="/open-data/needs.csv"]')
    assert saved.value.suggested_filename.startswith("needs-")
    page.goto("/contracts/")
    good()
    page.goto("/")
    page.click(f'main .buttons a[href="{reverse("new_idea")}"]')
    assert page.locator("[name=title]").count() == 1
    assert not page.troubles
