"""Search finds what is there, however it is spelled, and shows nobody what is not theirs."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onshore.desk import search
from onshore.desk.actions import needs
from onshore.desk.actions.acting import acting
from onshore.desk.actor import PUBLIC, Actor
from onshore.desk.models import Deal, Need, Offer, Organisation

pytestmark = pytest.mark.django_db
AT = datetime(2024, 10, 1, 12, tzinfo=UTC)


def found(actor: Actor, text: str, **kwargs: Any) -> dict[str, list[str]]:
    return {of.table: [row.pk for row in of.rows] for of in search.search(actor, text, **kwargs)}


@pytest.fixture
def lines(organisations: dict[str, Any]) -> None:
    told = [
        ("N-1", "بلبرینگ شیار عمیق ۶۲۰۵", "6205-2RS", "restricted"),
        ("N-2", "Slurry pump, horizontal", "KX-8814", "public"),
        ("N-3", "Pump impeller", "", "confidential"),
    ]
    for key, description, part_number, access in told:
        Need.objects.create(
            need_id=key,
            description=description,
            part_number=part_number,
            access=access,
            buyer=organisations["steelworks"],
            state="published",
        )
    search.rebuild()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("بلبرينگ", ["N-1"]),  # Arabic yeh
        ("۶۲۰۵", ["N-1"]),
        ("6205 2rs", ["N-1"]),
        ("62052RS", ["N-1"]),
        ("kx8814", ["N-2"]),
        ("KX-8814", ["N-2"]),
        ("PUMP imp", ["N-3"]),
        ("impeller pump", ["N-3"]),
    ],
)
def test_a_need_is_found_however_it_is_spelled(
    lines: None, actors: dict[str, Actor], text: str, keys: list[str]
) -> None:
    assert found(actors["officer"], text) == {"needs": keys}


@pytest.mark.parametrize(
    "text", ["", "  ", "turbine", "pump turbine", "\"*' OR", "AND", "NEAR(", "words:", "%", "'):*"]
)
def test_what_is_not_there_is_not_found(lines: None, actors: dict[str, Actor], text: str) -> None:
    assert found(actors["officer"], text) == {}


def test_each_sees_only_what_the_policy_shows(lines: None, actors: dict[str, Actor]) -> None:
    assert found(PUBLIC, "pump") == {"needs": ["N-2"]}
    assert found(actors["rival"], "pump") == {"needs": ["N-2"]}
    assert found(actors["analyst"], "pump") == {"needs": ["N-2"]}
    assert sorted(found(actors["engineer"], "pump")["needs"]) == ["N-2", "N-3"]
    assert found(PUBLIC, "steelworks") == {}
    assert found(actors["rival"], "steelworks") == {"organisations": ["steelworks"]}


def test_common_words_hide_nothing_from_who_sees_little(
    organisations: dict[str, Any], actors: dict[str, Actor]
) -> None:
    """Hundreds of needs that a maker does not see come before the one that it sees."""
    kept = {"buyer": organisations["steelworks"], "state": "published", "access": "confidential"}
    Need.objects.bulk_create(Need(need_id=f"A-{n}", description="pump", **kept) for n in range(300))
    long = "pump " + " ".join(f"word{n}" for n in range(40))
    Need.objects.create(need_id="Z", description=long, **kept | {"access": "public"})
    search.rebuild()
    assert found(actors["rival"], "pump") == {"needs": ["Z"]}
    assert len(found(actors["officer"], "pump", most=20)["needs"]) == 20


def test_a_key_typed_exactly_comes_first(
    organisations: dict[str, Any], actors: dict[str, Actor]
) -> None:
    for key in ("B-10", "B-1", "B-100"):
        Need.objects.create(need_id=key, description=f"Valve {key}", buyer=organisations["agency"])
    search.rebuild()
    assert found(actors["officer"], "b-1")["needs"][0] == "B-1"


def test_actions_keep_the_words_up_to_date(
    programme: Any, actors: dict[str, Actor], organisations: dict[str, Any]
) -> None:
    actor = actors["officer"]
    search.rebuild()
    assert found(actor, "spherical")["needs"] == ["N1"]
    needs.change(actors["engineer"], "N1", {"description": "Turbine blade"}, at=AT)
    assert "needs" not in found(actor, "spherical")
    assert found(actor, "turbine") == {"needs": ["N1"]}
    programme.candidates["rival"].delete()
    with acting(actor, "test.remove", at=AT) as deed:
        deed.remove(Offer.objects.get(pk="O-rival"))
    assert found(actor, "spherical") == {"offers": ["O-workshop"]}


def test_deals_are_found_by_the_names_of_their_parties(
    programme: Any, actors: dict[str, Actor]
) -> None:
    actor = actors["officer"]
    with acting(actor, "test.deal", at=AT) as deed:
        deed.create(
            Deal(
                deal_id="D1",
                basis="MoU",
                buyer_id="steelworks",
                maker_id="workshop",
                need=programme.need,
                signed=AT.date(),
            )
        )
    assert found(actor, "workshop", tables=["deals"]) == {"deals": ["D1"]}
    with acting(actor, "test.rename", at=AT) as deed:
        deed.change(Organisation.objects.get(pk="workshop"), name="Foundry of the North")
    assert found(actor, "foundry", tables=["deals"]) == {"deals": ["D1"]}
    assert found(actor, "workshop", tables=["deals"]) == {}
    assert found(actors["rival"], "foundry", tables=["deals"]) == {}


def test_a_move_that_changes_no_word_asks_nothing_of_the_index(
    programme: Any, actors: dict[str, Actor]
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        needs.publish(actors["engineer"], "N1", at=AT)
    assert not [query for query in queries if "search_entries" in query["sql"]]


def test_the_page_finds_and_says_when_it_does_not(lines: None, client_of: Any) -> None:
    client = client_of("officer")
    page = client.get("/search/", {"q": "pump"})
    assert page.status_code == 200
    assert "Slurry pump" in page.text
    assert "Pump impeller" in page.text
    assert "Pump impeller" not in client_of("public").get("/search/", {"q": "pump"}).text
    nothing = client.get("/search/", {"q": "turbine\0", "kind": "no such kind"})
    assert "Nothing that you may see" in nothing.text


def test_the_page_asks_a_dozen_queries_at_most(lines: None, client_of: Any) -> None:
    client = client_of("maker")
    client.get("/search/", {"q": "pump"})
    with CaptureQueriesContext(connection) as queries:
        client.get("/search/", {"q": "pump"})
    assert len(queries) <= 12
