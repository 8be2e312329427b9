"""Schemathesis over the whole API: nothing fails, nothing answers what is not described.

Each operation is asked with a few requests made from its description, good and bad ones, half of
them about records that are there; every change is undone. For a long run, with more roles::

    ONSHORE_API_EXAMPLES=100 ONSHORE_API_ROLES=officer,maker,engineer,analyst ./run test \\
        tests/desk/test_schemathesis.py
"""

import os
from itertools import count

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from worlds import DAY, build

from onshore.desk.actions import tokens
from onshore.desk.actor import actor_of
from onshore.desk.api import document
from onshore.desk.models import RECORDS
from onshore.desk.policies import visible

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("ONSHORE_API_EXAMPLES", "2"))
ASKERS = os.environ.get("ONSHORE_API_ROLES", "officer").split(",")
load_all_checks()
WANTED = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    "response_schema_conformance",
)
HELD = [CHECKS.get_one(name) for name in WANTED]


def _keys(actor):
    """Give a key that the actor sees of each table that has one."""
    first = {
        table: visible(actor, model).order_by("pk").values_list("pk", flat=True).first()
        for table, model in RECORDS.items()
    }
    return {table: str(key) for table, key in first.items() if key is not None}


@pytest.fixture
def application():
    """The desk, which leaves the test's connection to the database open after a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("role", ASKERS)
def test_the_api_answers_as_it_is_described(people, application, monkeypatch, role):
    monkeypatch.setenv("ONSHORE_API_A_MINUTE", "0")
    build(people)
    actor = actor_of(people[role], DAY)
    _made, token = tokens.make(actor, "fuzz", 1)
    keys, turn, asked = _keys(actor), count(), count()
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    limits = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def ask(case):
        table = case.path.removeprefix("/api/v1/").partition("/")[0]
        if "key" in case.path_parameters and table in keys and next(turn) % 2:
            case.path_parameters["key"] = keys[table]
        next(asked)
        with transaction.atomic():
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=HELD)
            transaction.set_rollback(True)

    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in modes:
            limits(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    assert next(asked) > 150
