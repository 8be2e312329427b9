"""Records whose keys hold slashes, blanks, Persian letters and percent signs are reached."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from django.urls import reverse
from filling import typed

from onshore.desk.actions import tokens
from onshore.desk.models import (
    Claim,
    Deal,
    Desk,
    ImportException,
    ImportRule,
    Need,
    Offer,
    Specification,
)

pytestmark = pytest.mark.django_db

KEYS = ("A/12", "A 12", "نیاز ۱۲", "50%", "100%25/1", "a/../b", "x?y#z", "A%2F12")


@pytest.fixture
def records(programme, organisations):
    """A need, a desk, a claim, an exception and what belongs to them, of each key."""
    for key in KEYS:
        _make(key)


def _make(key):
    told = {"need_id": key, "buyer_id": "steelworks", "item_id": "I1", "state": "published"}
    Need.objects.create(**told, description="Awkward", yearly_quantity=Decimal(3), unit="H87")
    Desk.objects.create(desk_id=key, name="Awkward", sector="steel")
    Offer.objects.create(offer_id=key, maker_id="workshop", description="Awkward")
    Specification.objects.create(specification_id=key, need_id=key, title="Awkward", version=1)
    Deal.objects.create(
        deal_id=key,
        basis="contracted",
        desk_id=key,
        buyer_id="steelworks",
        maker_id="workshop",
        item_id="I1",
        need_id=key,
        signed=date(2024, 9, 1),
    )
    Claim.objects.create(
        claim_id=key,
        buyer_id="steelworks",
        item_id="I1",
        deal_id=key,
        period="1403",
        basis="accepted",
        claimed_by="engineer",
    )
    ImportRule.objects.create(rule_id=key, item_id="I1", published=date(2024, 9, 1))
    ImportException.objects.create(
        exception_id=key, rule_id=key, need_id=key, published=date(2024, 9, 1), reason="Awkward"
    )


def links(page):
    """Give the addresses on a page that hold one of the keys."""
    found = {unescape(href) for href in re.findall(r'href="(/[^"#]*)"', page.content.decode())}
    read = {href: unquote(unquote(urlsplit(href).path)) for href in found}
    return {href for href, text in read.items() if any(key in text for key in KEYS)}


@pytest.mark.parametrize(
    ("start", "name"),
    [("needs", "need"), ("desks", "desk"), ("claims", "claim"), ("exceptions", "exception")],
)
def test_every_link_to_a_record_leads_to_it(client_of, records, start, name):
    client, asked, waiting = client_of("officer"), set(), {reverse(start)}
    while waiting:
        address = waiting.pop()
        asked.add(address)
        page = client.get(address)
        assert page.status_code in (200, 302), address
        if page.status_code == 200 and address.rstrip("/").count("/") < 3:
            waiting |= links(page) - asked
    assert {reverse(name, args=[key]) for key in KEYS} <= asked


@pytest.mark.parametrize("key", KEYS)
def test_a_form_of_such_a_record_is_carried_out(client_of, records, key):
    client = client_of("officer")
    done = typed(client, reverse("need_move", args=[key, "hold"]), reason="Awkward")
    assert done.url == reverse("need", args=[key])
    held = Need.objects.filter(state="on hold")
    assert list(held.values_list("pk", flat=True)) == [key]


def test_the_api_gives_such_records(client, actors, records):
    _made, token = tokens.make(actors["officer"], "test", 1)
    for key in KEYS:
        address = reverse("api-1:needs.one", args=[key])
        row = client.get(address, headers={"authorization": f"Bearer {token}"}).json()
        assert row["need_id"] == key
