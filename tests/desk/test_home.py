"""The first page of each role: what waits for it, and where its own needs stand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onshore.desk.models import Candidate, Need, Quotation

pytestmark = pytest.mark.django_db


@pytest.fixture
def needs(programme):
    """A need that the workshop's offer was matched to, and one that it was not."""
    Need.objects.filter(pk="N1").update(state="published", access="public")
    Need.objects.create(
        need_id="A0",
        buyer_id="steelworks",
        description="Conveyor belt",
        state="published",
        access="public",
    )


def test_a_maker_is_led_to_the_needs_its_products_were_matched_to(needs, client_of):
    page = client_of("maker").get("/").content.decode()
    assert "Spherical roller bearing 22220 E" in page
    assert "/needs/N1/quote/" in page
    assert "Conveyor belt" not in page


@pytest.mark.parametrize("why", ["none", "rejected", "quoted"])
def test_what_is_no_match_or_quoted_already_does_not_wait(needs, client_of, why):
    if why == "quoted":
        told = {"need_id": "N1", "maker_id": "workshop", "state": "submitted"}
        Quotation.objects.create(quotation_id="Q1", **told)
    else:
        changes = {"category": "none"} if why == "none" else {"decision": "rejected"}
        Candidate.objects.filter(offer__maker_id="workshop").update(**changes)
    assert "/needs/N1/quote/" not in client_of("maker").get("/").content.decode()


def test_an_engineer_sees_where_the_own_needs_stand(needs, client_of):
    Need.objects.filter(pk="A0").update(buyer_id=None, state="contracted")
    page = client_of("engineer").get("/").content.decode()
    assert "/needs/?state=published" in page
    assert "/needs/?state=contracted" not in page


@pytest.mark.parametrize("role", ["officer", "engineer", "verifier", "maker", "analyst"])
def test_the_page_asks_a_bounded_number_of_queries(needs, client_of, role):
    client = client_of(role)
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/")
    assert len(asked) <= 12
