"""Every address of the desk, as every role: nobody is shown, or changes, what is not theirs.

The routes are those of the running desk, so that a page added later is tried too. For a record
that a role must not see, every route answers as for one that is not there.
"""

import re
from functools import cache
from itertools import count, cycle, islice
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver
from worlds import DAY, MARK, PRICES, build

from onshore.desk.actor import PUBLIC, actor_of
from onshore.desk.models import (
    RECORDS,
    Agreement,
    Alert,
    Analysis,
    ApiToken,
    AuditEntry,
    Award,
    Bulletin,
    Call,
    Challenge,
    Claim,
    Commitment,
    Course,
    Deal,
    Delivery,
    Desk,
    DrillingFinance,
    Enrolment,
    Event,
    Founding,
    FoundingStep,
    Gate,
    Grant,
    Idea,
    ImportException,
    Interest,
    Item,
    Job,
    Meeting,
    Membership,
    Need,
    Offer,
    Organisation,
    Package,
    Participant,
    Phase,
    Pilot,
    Proposal,
    Qualification,
    Quotation,
    Ranking,
    Review,
    SavedFilter,
    Scenario,
    SignedInSession,
    Specification,
    Study,
    Tranche,
    Upload,
    User,
    Webhook,
    WebhookCall,
    Wish,
)
from onshore.desk.pages.keys import KeyConverter
from onshore.desk.policies import may, visible
from onshore.desk.states import MOVES
from onshore.records import schema, tables

pytestmark = pytest.mark.django_db

ROLES = (
    *("public", "officer", "engineer", "verifier", "maker", "researcher", "analyst", "auditor"),
    "administrator",
)
ACROSS = ("rival", "stranger")
"""The maker and the engineer of the other side, where all is as on this one."""
# All roles once, on SQLite; on PostgreSQL those whose policies ask the database most.
if connection.vendor == "postgresql":
    ROLES, ACROSS = ("public", "officer", "maker"), ()

MODELS = {
    "account/sessions/": SignedInSession,
    "account/tokens/": ApiToken,
    "alerts/": Alert,
    "api/v1/needs/": Need,
    "audit/": AuditEntry,
    "catalogue/desks/": Desk,
    "catalogue/items/": Item,
    "catalogue/places/": RECORDS["places"],
    "catalogue/rates/": RECORDS["rates"],
    "agreements/": Agreement,
    "block-offers/": RECORDS["block_offers"],
    "blocks/": RECORDS["blocks"],
    "bulletins/": Bulletin,
    "deposits/": RECORDS["deposits"],
    "ogc/collections/blocks/items/": RECORDS["blocks"],
    "ogc/collections/deposits/items/": RECORDS["deposits"],
    "ogc/collections/plants/items/": RECORDS["plants"],
    "ogc/collections/targets/items/": Analysis,
    "rigs/": RECORDS["rigs"],
    "work-commitments/": RECORDS["work_commitments"],
    "challenges/": Challenge,
    "courses/": Course,
    "enrolments/": Enrolment,
    "foundings/": Founding,
    "foundings/steps/": FoundingStep,
    "gates/": Gate,
    "ideas/": Idea,
    "pilots/": Pilot,
    "scenarios/": Scenario,
    "studies/": Study,
    "analysis/": Analysis,
    "awards/": Award,
    "calls/": Call,
    "claims/": Claim,
    "commitments/": Commitment,
    "contracts/": Deal,
    "covers/": DrillingFinance,
    "events/": Event,
    "funds/": Organisation,
    "meetings/": Meeting,
    "participants/": Participant,
    "partners/goods/": RECORDS["partner_goods"],
    "phases/": Phase,
    "proposals/": Proposal,
    "reviews/": Review,
    "tranches/": Tranche,
    "wishes/": Wish,
    "deliveries/": Delivery,
    "desks/": Desk,
    "exceptions/": ImportException,
    "filters/": SavedFilter,
    "grants/": Grant,
    "interests/": Interest,
    "jobs/": Job,
    "needs/": Need,
    "offers/": Offer,
    "organisations/": Organisation,
    "packages/": Package,
    "people/": User,
    "people/roles/": Membership,
    "people/sessions/": SignedInSession,
    "qualifications/": Qualification,
    "quotations/": Quotation,
    "review/need/": Need,
    "review/rankings/": Ranking,
    "specifications/": Specification,
    "uploads/": Upload,
    "webhooks/": Webhook,
    "webhooks/calls/": WebhookCall,
}
"""What the first part of an address that is not fixed is the key of."""

FIXED = {
    "partners/<slug:country>/": ["RU", "QQ"],
    "partners/<slug:country>/makers/": ["RU"],
    "catalogue/codes/<slug:name>/": ["hs", "nothing"],
    "choose/<slug:of>/": ["organisations", "needs", "offers", "place", "nothing"],
    "open-data/<slug:name>/": ["needs", "nothing"],
    "open-data/<slug:name>.csv-metadata.json": ["series", "nothing"],
    "open-data/<slug:name>.<slug:form>": ["needs"],
    "open-data/ocds/<int:year>/<slug:kind>.json": [2024],
}
ANSWERS = {200, 302, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422, 503}
"""What a page may answer; 503 is the health page's where no worker runs."""
ASKED = {"q=zqmark": 'name="q" value=', "export=csv": "export=csv"}
"""What more is asked of a list, and what it shows where that may be asked."""
NOT_THERE = {int: 987654321, str: "not-there"}
FORM = "application/x-www-form-urlencoded"


def routes() -> list[str]:
    """Give every route of the desk."""

    def walk(patterns: Any, before: str) -> Any:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield before + str(pattern.pattern)
            else:
                yield from walk(pattern.url_patterns, before + str(pattern.pattern))

    # The API opens to tokens only: test_api_roles asks it, table by table.
    every = set(walk(get_resolver().url_patterns, ""))
    return sorted(one for one in every if not one.startswith("api/v1/") or "/needs/" in one)


def model_of(route: str) -> Any:
    """Give what the key in a route is one of."""
    before = route.partition("<")[0]
    assert before in MODELS, f"say in MODELS what the key in the route {route} is one of"
    return MODELS[before]


def address(route: str, key: Any, move: str = "hold") -> str:
    """Write a key into a route."""
    written = KeyConverter().to_url(key) if "<key:" in route else str(key)
    filled = re.sub(r"<[^>]+>", lambda _part: written, route, count=1)
    return "/" + re.sub(r"<[^>]+>", move, filled)


def test_every_route_with_a_key_says_what_it_is_one_of():
    with_keys = [route for route in routes() if "<" in route and route not in FIXED]
    assert len(with_keys) > 60
    for route in with_keys:
        assert model_of(route)


_TYPED = {
    "choice": None,
    "number": "12",
    "money": "34",
    "signed": "3",
    "share": "0.5",
    "whole": "3",
    "bool": "on",
    "date": "2024-10-05",
    "period": "1403",
    "unit": "H87",
    "currency": "EUR",
    "country": "IR",
    "place": "IR-23",
    "hs": "848230",
    "isic": "2814",
    "basis": "contracted",
    "status": "final",
}


@cache
def typed() -> dict[str, str]:
    """Give something for every field that a form of the desk may have."""
    fields = {}
    for table in tables():
        for column in schema(table):
            value = _TYPED.get(column.type, "intruder")
            fields[column.name] = column.choices[0] if value is None else value
    return fields | {
        "reason": "an intruder's reason",
        "version": "1",
        "decision": "confirmed",
        "result": "passed",
        "accepted": "1",
        "organisation": "workshop",
        "organisation_id": "new-one",
        "role": "administrator",
        "user": "1",
        "until": "2030-01-01",
        "name": "intruder",
        "username": "intruder",
        "display_name": "intruder",
        "language": "en",
        "theme": "dark",
        "address": "/needs/?q=intruder",
        "move": "hold",
    }


@cache
def filled_in() -> str:
    """Give what is typed as a browser sends it."""
    return urlencode(typed())


class Visitor:
    """Somebody who tries addresses; what a request changes is undone after it."""

    once = count()

    def __init__(self, client: Client, actor: Any) -> None:
        self.client, self.actor = client, actor
        self.cookies = client.cookies.copy()
        client.raise_request_exception = False  # a page that fails is told with its address

    def send(self, url: str) -> HttpResponse:
        """Fill every field that a form may have, and send it."""
        return self.client.post(url, f"{filled_in()}&once=once-{next(self.once)}", FORM)

    def ask(self, method: str, url: str) -> tuple[HttpResponse, str, int]:
        """Give the answer, its text, and how many lines it added to the audit."""
        with transaction.atomic():
            before = AuditEntry.objects.count()
            answer = self.client.get(url) if method == "GET" else self.send(url)
            content = b"".join(answer) if answer.streaming else answer.content
            added = AuditEntry.objects.count() - before
            transaction.set_rollback(True)
        self.client.cookies = self.cookies.copy()
        return answer, content.decode("utf-8", "replace"), added


@pytest.fixture
def worlds(people):
    return build(people)


@pytest.fixture
def visitor(worlds, people, client_of, monkeypatch):
    for limit in ("ONSHORE_WRITES_A_MINUTE", "ONSHORE_API_A_MINUTE"):
        monkeypatch.setenv(limit, "0")

    def make(role: str) -> Visitor:
        actor = PUBLIC if role == "public" else actor_of(people[role], DAY)
        return Visitor(client_of(role), actor)

    return make


def keys_of(actor: Any, model: Any) -> tuple[list[Any], list[Any]]:
    """Give keys of rows that an actor sees, and of rows that it must not see: a few of each."""
    seen = visible(actor, model)
    hidden = model._default_manager.exclude(pk__in=seen.values("pk"))
    return list(seen.values_list("pk", flat=True)[:2]), list(
        hidden.values_list("pk", flat=True)[:4]
    )


def told(text: str, hidden: dict[str, Any]) -> list[str]:
    """Name what a text tells of records that are hidden."""
    return [f"{mark} of {hidden[mark]!r}" for mark in set(MARK.findall(text)) if mark in hidden]


def told_prices(text: str, buyers: list[str]) -> list[str]:
    """Name the buyers whose import price a text tells, however it is written."""
    latin = text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789."))
    plain = re.sub(r"[\u202f\u066c\u2009 ,٬]", "", latin)
    return [buyer for buyer in buyers if str(PRICES[buyer]) in plain]


@pytest.mark.parametrize("role", [*ROLES, *ACROSS])
def test_no_page_tells_what_is_hidden(worlds, visitor, role):
    somebody = visitor(role)
    hidden = worlds.world.hidden_from(somebody.actor)
    priceless = [
        buyer
        for buyer, side in worlds.sides.items()
        if not may(somebody.actor, "see_price", side.needs["public"])
    ]
    leaks, tried = [], 0
    for route in routes():
        if "<" not in route:
            urls = [f"/{route}"]
        elif route in FIXED:
            urls = [address(route, key) for key in FIXED[route]]
        else:
            seen, _hidden = keys_of(somebody.actor, model_of(route))
            urls = [address(route, key) for key in seen]
        for url in urls:
            answer, text, _added = somebody.ask("GET", url)
            tried += 1
            if answer.status_code not in ANSWERS:
                leaks.append(f"{url}: {answer.status_code}")
            leaks += [f"{url} tells {mark}" for mark in told(text, hidden)]
            leaks += [
                f"{url} tells the import price of {buyer}" for buyer in told_prices(text, priceless)
            ]
            if url == f"/{route}":
                urls += [f"/{route}?{asked}" for asked, shown in ASKED.items() if shown in text]
    assert tried > 100
    assert not leaks, "\n".join(leaks)


def test_what_is_not_hidden_is_found(worlds, visitor):
    engineer, need = visitor("engineer"), worlds.sides["steelworks"].needs["matched"]
    _answer, text, _added = engineer.ask("GET", address("needs/<key:key>/", need.pk))
    marks = {mark: made for mark, made in worlds.world.marks.items() if made == need}
    assert told(text, marks)
    assert told_prices(text, ["steelworks", "mill"]) == ["steelworks"]


@pytest.mark.parametrize("role", ROLES)
def test_a_hidden_record_answers_as_one_that_is_not_there(worlds, visitor, role):
    somebody = visitor(role)
    hidden = worlds.world.hidden_from(somebody.actor)
    faults = []
    for number, route in enumerate(routes()):
        if "<" not in route or route in FIXED:
            continue
        model = model_of(route)
        _seen, keys = keys_of(somebody.actor, model)
        if not keys:
            continue
        # Two records for each route, and each record on some routes.
        chosen = list(islice(cycle(keys), number, number + min(2, len(keys))))
        absent = NOT_THERE[int if isinstance(keys[0], int) else str]
        for method in ("GET", "POST"):
            expected, _nothing, _told = somebody.ask(method, address(route, absent))
            # A page that does not miss a record that is not there has not looked for it.
            missed = expected.status_code == 404
            for key in chosen if method == "GET" and missed else chosen[:1]:
                url = address(route, key)
                answer, text, added = somebody.ask(method, url)
                if answer.status_code != expected.status_code:
                    faults.append(f"{method} {url}: {answer.status_code}, not as one not there")
                if answer.status_code == 200:
                    faults.append(f"{method} {url} is answered")
                if added:
                    faults.append(f"{method} {url} changed {added} records")
                faults += [f"{method} {url} tells {mark}" for mark in told(text, hidden)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_sent_to_pages_without_a_key_changes_nothing_hidden(worlds, visitor, role):
    somebody = visitor(role)
    hidden = worlds.world.hidden_from(somebody.actor)
    places = {(made._meta.db_table, str(made.pk)) for made in hidden.values()}
    faults = []
    for route in routes():
        if "<" in route:
            continue
        with transaction.atomic():
            last = AuditEntry.objects.count()
            answer = somebody.send(f"/{route}")
            lines = AuditEntry.objects.filter(number__gt=last).values_list("table", "key")
            touched = places & {(table, key) for table, key in lines}
            transaction.set_rollback(True)
        somebody.client.cookies = somebody.cookies.copy()
        if answer.status_code not in ANSWERS:
            faults.append(f"POST /{route}: {answer.status_code}")
        if role == "public" and lines and not route.startswith(("sign-in", "ideas/new/")):
            faults.append(f"the public changed something at /{route}")
        faults += [f"POST /{route} changed {table} {key}" for table, key in touched]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", ROLES)
def test_every_move_of_a_need_asks_who_makes_it(worlds, visitor, role):
    somebody = visitor(role)
    faults = []
    own, others = (worlds.sides[name].needs for name in ("steelworks", "mill"))
    chosen = (own["draft"], own["matched"], own["contracted"], own["public"], others["matched"])
    for need in chosen:
        for move in MOVES.values():
            if may(somebody.actor, move.name, need):
                continue
            url = address("needs/<key:key>/do/<str:move>/", need.pk, move.name)
            answer, _text, added = somebody.ask("POST", url)
            if added or answer.status_code == 200:
                faults.append(f"{role} did {move.name} to a need in state {need.state}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "key", ["\0", "%00", "../../etc/passwd", "a/b", "' OR 1=1 --", "۱۲", "9" * 40, "{{7*7}}"]
)
def test_keys_that_cannot_be_are_not_there(worlds, visitor, key):
    officer = visitor("officer")
    for route in routes():
        if "<" not in route or "<int:" in route or "/<key:" not in f"/{route}":
            continue
        answer, _text, _added = officer.ask("GET", address(route, key))
        # Without a token the API tells nobody anything, whatever the key.
        expected = (401, 404, 405) if route.startswith("api/") else (404, 405)
        assert answer.status_code in expected, (route, answer.status_code)


def test_numbers_that_no_table_holds_are_not_there(worlds, visitor):
    for role in ("administrator", "officer"):
        somebody = visitor(role)
        for route in routes():
            if "<int:" in route:
                answer, _text, _added = somebody.ask("GET", address(route, 10**30))
                assert answer.status_code in (403, 404, 405), (role, route)


def test_a_page_for_people_sends_the_public_to_sign_in_and_back(worlds, visitor):
    answer, _text, _added = visitor("public").ask("GET", "/people/?q=a")
    assert answer.status_code == 302
    assert answer.url == f"/sign-in/?{urlencode({'next': '/people/?q=a'})}"
