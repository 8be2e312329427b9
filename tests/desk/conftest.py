"""People, organisations and a small programme for the desk's tests."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import chrome, page_of  # noqa: F401  (fixtures)
from django.core.cache import cache
from django.db import connection
from django.test import Client

from onshore.desk.actor import Actor, actor_of
from onshore.desk.models import (
    RECORDS,
    Candidate,
    Desk,
    Item,
    Membership,
    Need,
    Offer,
    Organisation,
    ProgrammeSettings,
    Role,
    User,
)

TODAY = date(2024, 10, 1)
PASSWORD = "correct horse battery staple"
HOME = {
    Role.OFFICER: "agency",
    Role.ENGINEER: "steelworks",
    Role.VERIFIER: "steelworks",
    Role.MAKER: "workshop",
    Role.RESEARCHER: "university",
    Role.ANALYST: "agency",
    Role.AUDITOR: "agency",
    Role.ADMINISTRATOR: "agency",
}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Path | None:
    """Make the tables, which takes seconds, and keep a copy of the SQLite file before any test."""
    if connection.vendor != "sqlite":
        return None
    empty = Path(f"{connection.settings_dict['NAME']}.empty")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(empty)])
    connection.close()
    return empty


@pytest.fixture(scope="session")
def empty_desk(django_db_setup: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the data folder of a desk whose tables are made, and empty, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    if django_db_setup is not None:
        shutil.copy(django_db_setup, folder / "onshore.sqlite3")
    return folder


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Begin with an empty cache: another test's database is not this one's."""
    cache.clear()


@pytest.fixture(autouse=True)
def _flushable_audit(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Lift the audit's triggers while a transactional test's database is emptied."""
    mark = request.node.get_closest_marker("django_db")
    if mark is None or not mark.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    _run_each("_SQLITE_BACK", "_POSTGRESQL_BACK")
    request.node.stash[_LIFTED] = django_db_blocker


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Put the triggers back once the database was emptied."""
    yield
    blocker = item.stash.get(_LIFTED, None)
    if blocker is not None and nextitem is not None:
        with blocker.unblock():
            _run_each("_SQLITE", "_POSTGRESQL")


_LIFTED = pytest.StashKey[Any]()


def _run_each(sqlite: str, postgresql: str) -> None:
    triggers = import_module("onshore.desk.migrations.0003_audit_append_only")
    connection.close()  # it may still read what was there before another connection changed it
    for statement in getattr(triggers, sqlite if connection.vendor == "sqlite" else postgresql):
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def organisations(db: None) -> dict[str, Any]:
    """An agency, a buyer and two makers, a university."""
    roles = {
        "agency": "agency",
        "steelworks": "buyer",
        "workshop": "maker",
        "rival": "maker",
        "university": "university",
    }
    return {
        key: Organisation.objects.create(
            organisation_id=key, name=key.title(), role=role, country="IR", small=key != "agency"
        )
        for key, role in roles.items()
    }


def person(name: str, role: Role, organisation: Any) -> User:
    """Make a person with a role that holds since 2020."""
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, display_name=name)
    Membership.objects.create(
        user=user, organisation=organisation, role=role, since=date(2020, 1, 1)
    )
    return user


@pytest.fixture
def people(organisations: dict[str, Any]) -> dict[str, User]:
    """One person of each role by the role's name; ``rival`` is another maker."""
    made = {role.value: person(role.value, role, organisations[HOME[role]]) for role in Role}
    return made | {"rival": person("rival", Role.MAKER, organisations["rival"])}


@pytest.fixture
def actors(people: dict[str, User]) -> dict[str, Actor]:
    """The actor of each person, on the day of the tests."""
    return {name: actor_of(user, TODAY) for name, user in people.items()}


@pytest.fixture
def client_of(people: dict[str, User]) -> Callable[[str], Client]:
    """Sign a person in: ``client_of("officer")``; ``client_of("public")`` has nobody."""

    def sign_in(name: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        if name != "public":
            client.force_login(people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def programme(organisations: dict[str, Any]) -> SimpleNamespace:
    """A draft need of the steelworks, an offer of each maker, candidates, a desk, rates."""
    ProgrammeSettings.objects.create(
        pk=1,
        settings={
            "name": "Test programme",
            "home": "IR",
            "currency": "EUR",
            "price_date": "2024-09-22",
            "rate_type": "market",
            "first_year": 1403,
            "years": 5,
            "calendar": "solar_hijri",
            "discount_rate": 0.0,
            "phases": {},
            "illustrative": True,
            "name_fa": "برنامه آزمون",
            "note": "",
            "note_fa": "",
        },
    )
    desk = Desk.objects.create(
        desk_id="steel",
        name="Steel desk",
        name_fa="میز فولاد",
        sector="steel",
        target_amount=Decimal(1000000),
        target_currency="EUR",
    )
    item = Item.objects.create(
        item_id="I1", description="Roller bearing 22220", category="mechanical", unit="H87"
    )
    need = Need.objects.create(
        need_id="N1",
        item=item,
        buyer=organisations["steelworks"],
        description="Spherical roller bearing 22220 E",
        part_number="22220 E",
        sector="steel",
        yearly_quantity=Decimal(120),
        unit="H87",
        import_price=Decimal("310.5"),
        currency="EUR",
        incoterm="CIF",
        price_date=date(2024, 9, 1),
        payment_terms="60 days",
        state="draft",
        state_since=TODAY,
    )
    offers = {
        maker: Offer.objects.create(
            offer_id=f"O-{maker}",
            maker=organisations[maker],
            description="Spherical roller bearing 22220",
            part_number="22220 E",
            unit="H87",
            price=Decimal(240),
            currency="EUR",
            price_date=date(2024, 9, 1),
            capacity_per_year=Decimal(500),
            lead_months=Decimal(6),
            local_content=0.6,
        )
        for maker in ("workshop", "rival")
    }
    candidates = {
        maker: Candidate.objects.create(
            need=need,
            offer=offers[maker],
            rank=rank,
            score=Decimal("0.9"),
            category="near",
            reasons="the part number agrees",
        )
        for rank, maker in enumerate(("workshop", "rival"), 1)
    }
    RECORDS["rates"].objects.create(
        base="USD",
        quote="EUR",
        date=date(2024, 9, 1),
        until=date(2024, 12, 31),
        rate=Decimal("0.9"),
        rate_type="market",
        source="test",
    )
    return SimpleNamespace(need=need, item=item, desk=desk, offers=offers, candidates=candidates)
