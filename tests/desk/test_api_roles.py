"""Every address of the API as every role: it gives what the policies let the role see, no more."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from worlds import DAY, MARK, PRICES, build

from onshore.desk.actions import tokens
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import actor_of
from onshore.desk.api import MAKINGS, MOVES_OF, document
from onshore.desk.models import RECORDS, ApiToken, AuditEntry, Membership, Role
from onshore.desk.policies import may, visible
from onshore.desk.states import MOVES
from onshore.records import schema, tables

pytestmark = pytest.mark.django_db

ROLES = (
    *("officer", "engineer", "verifier", "maker", "researcher", "analyst", "auditor"),
    *("administrator", "rival", "stranger"),
)
if connection.vendor == "postgresql":  # all roles on SQLite; here those that ask the database most
    ROLES = ("officer", "maker")


@pytest.fixture
def worlds(people):
    return build(people)


@pytest.fixture
def ask(worlds, people, monkeypatch):
    monkeypatch.setenv("ONSHORE_API_A_MINUTE", "0")
    held, client = {}, Client(raise_request_exception=False)

    def asked(role, method, path, body=None):
        """Ask as a role; what is changed is undone."""
        if role not in held:
            _made, held[role] = tokens.make(actor_of(people[role], DAY), "test", 1)
        headers = {"authorization": f"Bearer {held[role]}"}
        with transaction.atomic():
            if method == "GET":
                answer = client.get(f"/api/v1/{path}", headers=headers)
            else:
                told = json.dumps(body)
                address = f"/api/v1/{path}"
                answer = client.post(address, told, "application/json", headers=headers)
            added = list(AuditEntry.objects.order_by("-number").values_list("table", "key")[:9])
            transaction.set_rollback(True)
        return answer, added

    return asked


def _keys(table, rows):
    column = schema(table).key[0]
    return [row.get("id", row[column]) for row in rows]


def test_a_role_reads_what_its_policies_show_and_nothing_else(worlds, people, ask):
    for role in ROLES:
        actor = actor_of(people[role], DAY)
        hidden = worlds.world.hidden_from(actor)
        priceless = {
            str(PRICES[buyer])
            for buyer, side in worlds.sides.items()
            if not may(actor, "see_price", side.needs["public"])
        }
        read = 0
        for table in tables():
            place = f"{role}: {table}"
            answer, _added = ask(role, "GET", f"{table}/?limit=2000")
            assert answer.status_code == 200, (place, answer.content)
            seen = visible(actor, RECORDS[table]).order_by("pk")
            expected = list(seen.values_list("pk", flat=True))
            assert _keys(table, answer.json()["rows"]) == expected, place
            text = answer.content.decode()
            assert not [mark for mark in MARK.findall(text) if mark in hidden], place
            assert not [price for price in priceless if price in text], place
            read += len(expected)
            key = RECORDS[table].objects.exclude(pk__in=expected).values_list("pk").first()
            if key:
                assert ask(role, "GET", f"{table}/{key[0]}/")[0].status_code == 404, place
            if expected:
                answer, _added = ask(role, "GET", f"{table}/{expected[0]}/")
                assert _keys(table, [answer.json()]) == [expected[0]], place
        assert read > 5, role


def _typed(facts):
    """Give something for every fact that a change takes."""
    plain = {"integer": 3, "number": 0.5, "boolean": True}
    return {name: plain.get(told["type"][0], "2024-10-05") for name, told in facts.items()}


def _changes():
    """Give every change of the API: its table, its move if one, and its facts."""
    schemas = document()["components"]["schemas"]
    for table, moves in MOVES_OF.items():
        model = RECORDS[table].__name__
        facts = schemas[f"{model}Move"]["properties"]["facts"]["properties"]
        for change in moves:
            own = {name: told for name, told in facts.items() if name in change.facts}
            yield table, change.name, _typed(own)
    for move in MOVES:
        yield "needs", move, {}
    for table in MAKINGS:
        model = RECORDS[table].__name__
        facts = schemas[f"New{model}"]["properties"]["facts"]["properties"]
        yield table, "", _typed(facts)


CHANGES = sorted(_changes(), key=lambda one: one[:2])
ANSWERS = {200, 403, 404, 409, 422}


def test_a_role_changes_nothing_that_it_does_not_see(worlds, people, ask):
    for role in ROLES:
        actor = actor_of(people[role], DAY)
        hidden = {(m._meta.db_table, str(m.pk)) for m in worlds.world.hidden_from(actor).values()}
        keys = {table: _one_of_each(actor, RECORDS[table]) for table in {one[0] for one in CHANGES}}
        for table, move, facts in CHANGES:
            place = f"{role}: {move or 'make'} in {table}"
            if not move:
                answer, added = ask(role, "POST", f"{table}/", {"facts": facts})
                assert answer.status_code in ANSWERS, (place, answer.content)
                assert not hidden & set(added), place
                continue
            body = {"move": move, "reason": "an intruder's reason", "facts": facts}
            for key, expected in zip(keys[table], (ANSWERS, {404}), strict=True):
                if key is not None:
                    answer, added = ask(role, "POST", f"{table}/{key}/moves/", body)
                    assert answer.status_code in expected, (place, answer.content)
                    assert not hidden & set(added), place
            keys[table][1] = None  # what is hidden is the same to every move


def _one_of_each(actor, model):
    """Give the key of a row that the actor sees, and of one that it does not."""
    seen = visible(actor, model)
    hidden = model.objects.exclude(pk__in=seen.values("pk"))
    return [rows.values_list("pk", flat=True).first() for rows in (seen, hidden)]


def test_every_change_is_tried():
    moves = {(table, change.name) for table, of in MOVES_OF.items() for change in of}
    assert len(moves) > 30
    assert {one[:2] for one in CHANGES} >= moves | {(table, "") for table in MAKINGS}
    for table, of in MOVES_OF.items():
        for change in of:
            assert all(change.needs(name) in (True, False) for name in change.facts), table


def test_a_token_of_one_role_acts_in_that_role_alone(worlds, people, organisations):
    Membership.objects.create(
        user=people["officer"], organisation=organisations["rival"], role=Role.MAKER, since=DAY
    )
    actor = actor_of(people["officer"], DAY)
    _made, whole = tokens.make(actor, "all", 1)
    _made, narrow = tokens.make(actor, "maker", 1, role=Role.MAKER)

    def quotations(token):
        headers = {"authorization": f"Bearer {token}"}
        return Client().get("/api/v1/quotations/", headers=headers).json()["rows"]

    assert {row["maker_id"] for row in quotations(narrow)} == {"rival"}
    assert {row["maker_id"] for row in quotations(whole)} == {"rival", "workshop"}
    Membership.objects.filter(user=people["officer"], role=Role.MAKER).delete()
    assert quotations(narrow) == []
    with pytest.raises(Refused):
        tokens.make(actor_of(people["maker"], DAY), "no", 1, role=Role.OFFICER)


def test_a_token_that_reads_only_changes_nothing(worlds, people):
    _made, token = tokens.make(actor_of(people["engineer"], DAY), "read", 1, reads_only=True)
    headers = {"authorization": f"Bearer {token}"}
    client, need = Client(headers=headers), worlds.sides["steelworks"].needs["draft"]
    assert client.get(f"/api/v1/needs/{need.pk}/").status_code == 200
    body = json.dumps({"move": "publish"})
    for path in (f"needs/{need.pk}/moves/", "needs/"):
        answer = client.post(f"/api/v1/{path}", body, "application/json")
        assert (answer.status_code, answer.json()["error"]) == (403, "This token only reads.")
    need.refresh_from_db()
    assert need.state == "draft"
    assert not ApiToken.objects.filter(expires__lt=timezone.now() - timedelta(days=2)).exists()
