"""Who sees what, who may do what; and that nothing goes round the policies."""

import ast
import inspect
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, get_resolver
from worlds import DAY, build, grant

from onshore.desk import screens
from onshore.desk.actor import PUBLIC, Actor, actor_of
from onshore.desk.models import (
    RECORDS,
    AuditEntry,
    Candidate,
    Claim,
    Deal,
    ImportException,
    Interest,
    Membership,
    Need,
    Offer,
    Organisation,
    Package,
    Quotation,
    Role,
    Specification,
    User,
)
from onshore.desk.policies import Policy, may, policy, visible

pytestmark = pytest.mark.django_db

ALL = ("officer", "auditor", "analyst", "engineer", "verifier", "stranger", "maker", "rival")
EVERYONE = (*ALL, "researcher", "administrator", "public")


@pytest.fixture
def worlds(people):
    return build(people)


@pytest.fixture
def actor(people, worlds):
    def find(name: str) -> Actor:
        return PUBLIC if name == "public" else actor_of(people[name], DAY)

    return find


SEES_NEEDS = {
    "draft": {"officer", "auditor", "engineer", "verifier"},
    "restricted": {"officer", "auditor", "analyst", "engineer", "verifier", "maker", "rival"},
    "unset": {"officer", "auditor", "analyst", "engineer", "verifier"},
    "matched": {"officer", "auditor", "analyst", "engineer", "verifier", "maker", "rival"},
    "contracted": {"officer", "auditor", "engineer", "verifier", "maker"},
    "confidential": {"officer", "auditor", "engineer", "verifier"},
    "public": set(EVERYONE),
    "public draft": {"officer", "auditor", "engineer", "verifier"},
}
"""Who sees the steelworks' needs. Its restricted one is in published packages; rival has quoted
for the matched one; the contract is the workshop's."""


@pytest.mark.parametrize("kind", SEES_NEEDS)
def test_who_sees_which_need(worlds, actor, kind):
    need = worlds.sides["steelworks"].needs[kind]
    seers = {name for name in EVERYONE if visible(actor(name), Need).filter(pk=need.pk)}
    assert seers == SEES_NEEDS[kind]


OWN = {
    Quotation: {"officer", "auditor", "engineer", "verifier", "maker"},
    Deal: {"officer", "auditor", "engineer", "verifier", "maker"},  # it is of a confidential need
    Claim: {"officer", "auditor", "analyst", "engineer", "verifier"},
    Offer: {"officer", "auditor", "analyst", "engineer", "verifier", "stranger", "maker"},
}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_who_sees_the_records_of_the_steelworks_and_the_workshop(worlds, actor, model):
    side = worlds.sides["steelworks"]
    row = {Quotation: side.quotation, Deal: side.deal, Claim: side.claim, Offer: side.offer}[model]
    seers = {name for name in EVERYONE if visible(actor(name), model).filter(pk=row.pk)}
    assert seers == OWN[model]


def test_makers_see_neither_each_other_s_quotations_nor_interests(worlds, actor):
    for name, other in (("maker", "rival"), ("rival", "workshop")):
        for model in (Quotation, Interest):
            seen = visible(actor(name), model)
            assert seen.exists()
            assert not seen.filter(maker_id=other).exists()


@pytest.mark.parametrize(
    ("access", "granted", "sees"),
    [
        (None, None, {"public"}),
        ("restricted", "workshop", {"public", "restricted"}),
        ("confidential", "workshop", {"public", "restricted", "confidential"}),
        ("confidential", "rival", {"public"}),
    ],
)
def test_specifications_have_an_access_level_of_their_own(
    worlds, actor, people, organisations, access, granted, sees
):
    need = worlds.sides["steelworks"].needs["matched"]
    if access:
        grant(need, organisations[granted], people["engineer"], access)
    seen = visible(actor("maker"), Specification).filter(need=need)
    assert set(seen.values_list("access", flat=True)) == sees
    assert visible(actor("engineer"), Specification).filter(need=need).count() == 3
    assert not visible(actor("stranger"), Specification).filter(need=need).exists()


def test_a_rejected_candidate_shows_the_need_no_longer(worlds, actor):
    need = worlds.sides["mill"].needs["matched"]
    Quotation.objects.filter(need=need).delete()
    assert visible(actor("rival"), Need).filter(pk=need.pk).exists()
    Candidate.objects.filter(need=need).update(decision="rejected")
    assert not visible(actor("rival"), Need).filter(pk=need.pk).exists()


def test_packages_are_seen_once_published_by_their_access(worlds, actor):
    def seen(name: str) -> set[tuple[bool, str]]:
        rows = visible(actor(name), Package)
        return {(row.published is not None, row.access) for row in rows}

    assert seen("public") == {(True, "public")}
    assert seen("maker") == {(True, "public"), (True, "restricted")}
    assert len(seen("officer")) == 4


def test_import_exceptions_are_everyone_s_once_published(worlds, actor):
    for name in ("public", "maker", "engineer"):
        rows = visible(actor(name), ImportException)
        assert rows.exists()
        assert not rows.filter(published__isnull=True).exists()
    assert visible(actor("officer"), ImportException).filter(published__isnull=True).exists()


@pytest.mark.parametrize("name", EVERYONE)
def test_a_claim_is_verified_by_the_buyer_s_verifier_who_did_not_file_it(worlds, actor, name):
    claim = worlds.sides["steelworks"].claim
    assert may(actor(name), "verify", claim) is (name == "verifier")
    claim.claimed_by = name
    assert not may(actor(name), "verify", claim)


def test_a_verifier_of_another_buyer_verifies_nothing_here(worlds, people, actor):
    Membership.objects.filter(user=people["stranger"]).update(role=Role.VERIFIER)
    assert may(actor("stranger"), "verify", worlds.sides["mill"].claim)
    assert not may(actor("stranger"), "verify", worlds.sides["steelworks"].claim)


def test_who_asked_for_an_exception_does_not_decide_it(worlds, actor):
    asked = ImportException.objects.first()
    assert may(actor("officer"), "decide", asked)
    asked.asked_by = "officer"
    assert not may(actor("officer"), "decide", asked)


def test_the_import_price_is_for_those_who_buy_or_watch(worlds, actor):
    need = worlds.sides["steelworks"].needs["public"]
    seers = {name for name in EVERYONE if may(actor(name), "see_price", need)}
    assert seers == {"officer", "auditor", "analyst", "engineer", "verifier"}


def test_a_role_sees_nothing_before_its_first_and_after_its_last_day(worlds, people):
    Membership.objects.filter(user=people["officer"]).update(
        since=DAY, until=DAY + timedelta(days=1)
    )
    counts = [
        visible(actor_of(people["officer"], DAY + timedelta(days=day)), Deal).count()
        for day in (-1, 0, 1, 2)
    ]
    assert counts[0] == counts[3] == 0
    assert counts[1] == counts[2] == Deal.objects.count() > 0


def test_a_person_with_two_roles_sees_what_each_of_them_sees(worlds, people, organisations):
    Membership.objects.create(
        user=people["rival"],
        organisation=organisations["steelworks"],
        role=Role.VERIFIER,
        since=date(2020, 1, 1),
    )
    seen = visible(actor_of(people["rival"], DAY), Claim)
    assert list(seen) == [worlds.sides["steelworks"].claim]
    assert visible(actor_of(people["rival"], DAY), Deal).count() == 2


def test_deactivated_people_are_the_public(worlds, people):
    people["officer"].is_active = False
    assert actor_of(people["officer"], DAY) == PUBLIC


def test_a_model_without_a_policy_shows_nothing_and_allows_nothing(worlds, actor):
    policy(Need)
    bare = [model for model in apps.get_app_config("desk").get_models() if _is_bare(model)]
    assert bare
    for model in bare:
        for name in EVERYONE:
            assert not visible(actor(name), model).exists()
            assert not may(actor(name), "change", model)


def _is_bare(model: type) -> bool:
    return model not in Policy.registry


def test_the_public_sees_nothing_but_what_was_made_public(worlds):
    published = ("import_rules", "agreements", "commitments", "calls", "criteria", "challenges")
    published += ("observations", "events", "blocks", "block_offers", "deposits", "plants")
    open_to_all = {Need, Package, ImportException, RECORDS["courses"]}
    open_to_all |= {RECORDS[table] for table in published}
    for model in apps.get_app_config("desk").get_models():
        seen = visible(PUBLIC, model)
        if model in (RECORDS["comments"], Specification, *open_to_all):
            continue
        assert not seen.exists(), model


@pytest.mark.parametrize("name", EVERYONE)
def test_nobody_may_change_the_audit(worlds, actor, name):
    for deed in ("add", "change", "remove", "delete", "end"):
        assert not may(actor(name), deed, AuditEntry)
        assert not may(actor(name), deed, AuditEntry(number=1))


@pytest.mark.parametrize("name", EVERYONE)
def test_people_are_the_administrator_s(worlds, actor, people, name):
    for deed in ("add", "change", "end"):
        assert may(actor(name), deed, User) is (name == "administrator")
    others = visible(actor(name), User).exclude(username=name)
    assert others.exists() is (name in ("administrator", "auditor"))


def test_a_maker_changes_its_own_page_and_no_other(worlds, actor, organisations):
    assert may(actor("maker"), "change", organisations["workshop"])
    assert not may(actor("maker"), "change", organisations["rival"])
    assert not may(actor("maker"), "add", Organisation)


# --- nothing goes round the policies -------------------------------------------------------

FORBIDDEN = {"objects", "_default_manager", "_base_manager", "raw", "cursor"}
FORBIDDEN_NAMES = {"get_object_or_404", "get_list_or_404"}


def _around_policies(text: str, reverse_accessors: set[str]) -> list[str]:
    """Name what in some code reaches rows without asking a policy."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and (
            node.attr in FORBIDDEN | reverse_accessors or ast.unparse(node) in reverse_accessors
        ):
            found.append(f"line {node.lineno}: .{node.attr}")
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            found.append(f"line {node.lineno}: {node.id}")
    return found


def _reverse_accessors() -> set[str]:
    """Give the attributes by which a record reaches rows that point to it.

    Forms and search have lines too; those of a package are told by their owner's name.
    """
    accessors = {
        relation.get_accessor_name()
        for model in apps.get_app_config("desk").get_models()
        for relation in model._meta.related_objects
    }
    return accessors - {"lines"} | {"package.lines"}


def _screens() -> list[Path]:
    folder = Path(screens.__path__[0])
    return [*sorted(folder.glob("*.py")), *sorted((folder.parent / "api").glob("*.py"))]


@pytest.mark.parametrize("path", _screens(), ids=lambda path: path.stem)
def test_a_screen_reaches_rows_only_through_policies(path):
    assert not _around_policies(path.read_text(encoding="utf-8"), _reverse_accessors())


@pytest.mark.parametrize(
    "code",
    [
        "Need.objects.all()",
        "Need._default_manager.filter(pk=key)",
        "get_object_or_404(Need, pk=key)",
        "need.quotations_as_need.all()",
        "package.lines.all()",
        "Need.objects.raw('select 1')",
        "with connection.cursor() as cursor: pass",
    ],
)
def test_the_check_finds_what_goes_round_policies(code):
    assert _around_policies(code, _reverse_accessors())


def test_templates_reach_no_rows_by_themselves():
    folder = Path(screens.__path__[0]).parent / "templates"
    accessors = _reverse_accessors()
    found = [
        f"{path.name}: {accessor}"
        for path in folder.rglob("*.html")
        for accessor in accessors
        if f".{accessor}".replace(".package", "package") in path.read_text(encoding="utf-8")
    ]
    assert not found


def test_every_page_says_whether_it_is_for_people_or_for_all():
    def views(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern.callback
            elif "api/" not in str(pattern.pattern):
                yield from views(pattern.url_patterns)

    unmarked = [
        f"{view.__module__}.{view.__name__}"
        for view in views(get_resolver().url_patterns)
        if getattr(view, "open_to", None) not in ("people", "all")
        and inspect.getmodule(view).__name__.startswith("onshore")
    ]
    assert not unmarked
