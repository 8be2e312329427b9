"""Two buyers and two makers, each with records that the others must not see.

Every text of a record holds a mark of its own (``zqmark17q``), so that a page which shows something
of a record can be told by its marks.
"""

import re
from datetime import date
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from onshore.desk import search
from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Alert,
    Analysis,
    ApiToken,
    Grant,
    Job,
    Membership,
    Organisation,
    PackageNeed,
    Role,
    SavedFilter,
    Scenario,
    SignedInSession,
    Upload,
    User,
    Webhook,
    WebhookCall,
)
from onshore.desk.models.record_tables import field_name
from onshore.desk.policies import visible
from onshore.desk.reckoning.bulletins import as_json
from onshore.records import schema
from onshore.report import Bulletin as Page

MARK = re.compile(r"zqmark\d+q")
PRICES = {"steelworks": Decimal("7319.57"), "mill": Decimal("8523.61")}
"""Import prices of each buyer's needs, like no other number on a page."""
DAY = date(2024, 10, 1)
MARKED = (
    *("needs", "offers", "candidates", "specifications", "quotations", "packages", "interests"),
    *("deals", "deliveries", "qualifications", "characteristics", "claims", "import_rules"),
    *("exceptions", "comments"),
)
_PLAIN: dict[str, Any] = {
    "number": Decimal(12),
    "money": Decimal(34),
    "signed": Decimal(3),
    "share": 0.5,
    "whole": 3,
    "bool": True,
    "date": DAY,
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


class World:
    """Records being made, each with its mark."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.marks: dict[str, Any] = {}

    def mark(self) -> str:
        return f"zqmark{next(self.numbers)}q"

    def row(self, table: str, **values: Any) -> Any:
        """Make a row with something in each of its columns."""
        model, mark = RECORDS[table], self.mark()
        told: dict[str, Any] = {}
        for column in schema(table):
            name = column.name if schema(table).key == (column.name,) else field_name(column.name)
            if name in values or column.type in ("ref", "refs"):
                continue
            if column.type == "choice":
                told[name] = column.choices[0]
            elif column.type == "key":
                told[name] = f"{table}-{mark[2:-1]}"  # addresses are repeated on pages: no mark
            else:
                told[name] = _PLAIN.get(column.type, f"text {mark}")
        made = model.objects.create(**told | values)
        self.marks[mark] = made
        return made

    def own(self, model: Any, **values: Any) -> Any:
        """Make a row of the desk's own; its mark is where ``MARK`` stands in a value."""
        mark = self.mark()
        told = {
            name: value.replace("MARK", mark) if isinstance(value, str) else value
            for name, value in values.items()
        }
        for name, value in told.items():
            if isinstance(value, dict):
                told[name] = {key: f"{text} {mark}" for key, text in value.items()}
        made = model.objects.create(**told)
        self.marks[mark] = made
        return made

    def hidden_from(self, actor: Actor) -> dict[str, Any]:
        """Give the marks of what an actor must not see."""
        seen: dict[Any, set[Any]] = {}
        hidden = {}
        for mark, made in self.marks.items():
            model = type(made)
            if model not in seen:
                seen[model] = set(visible(actor, model).values_list("pk", flat=True))
            if made.pk not in seen[model]:
                hidden[mark] = made
        return hidden


def build(people: dict[str, Any]) -> SimpleNamespace:
    """Make the worlds of steelworks and workshop, and of the rolling mill and rival."""
    world = World()
    mill = Organisation.objects.create(
        organisation_id="mill", name="Mill", role="buyer", country="IR"
    )
    people["stranger"] = User.objects.create_user("stranger")
    Membership.objects.create(
        user=people["stranger"], organisation=mill, role=Role.ENGINEER, since=date(2020, 1, 1)
    )
    organisations = {one.pk: one for one in Organisation.objects.all()}
    item = RECORDS["items"].objects.create(
        item_id="I", description="Bearing", category="mechanical", unit="H87"
    )
    desk = RECORDS["desks"].objects.create(desk_id="D", name="Desk", sector="steel")
    sides = {
        "steelworks": _side(world, organisations["steelworks"], organisations["workshop"], item),
        "mill": _side(world, mill, organisations["rival"], item),
    }
    _shared(world, sides, organisations, desk)
    for side in sides.values():
        part_two(world, side)
    analyses(world)
    for name, user in people.items():
        _belongings(world, name, user)
    search.rebuild()
    return SimpleNamespace(world=world, sides=sides, item=item, desk=desk)


def _side(world: World, buyer: Any, maker: Any, item: Any) -> SimpleNamespace:
    def need(state: str, access: str) -> Any:
        return world.row(
            "needs",
            item=item,
            buyer=buyer,
            state=state,
            access=access,
            state_since=DAY,
            import_price=PRICES[buyer.pk],
            sector="steel",
        )

    needs = {
        "draft": need("draft", "restricted"),
        "restricted": need("published", "restricted"),
        "unset": need("scouting", ""),
        "matched": need("matched", "restricted"),
        "contracted": need("contracted", "confidential"),
        "confidential": need("published", "confidential"),
        "public": need("published", "public"),
        "public draft": need("draft", "public"),
    }
    offer = world.row("offers", maker=maker)
    world.row("candidates", need=needs["matched"], offer=offer, category="near", decision="")
    world.row("candidates", need=needs["confidential"], offer=offer, category="near", decision="")
    world.row(
        "candidates", need=needs["contracted"], offer=offer, category="exact", decision="confirmed"
    )
    for access in ("public", "restricted", "confidential"):
        world.row("specifications", need=needs["matched"], access=access, version=1)
    quotation = world.row(
        "quotations", need=needs["matched"], maker=maker, offer=offer, state="submitted"
    )
    deal = world.row(
        "deals", buyer=buyer, maker=maker, need=needs["contracted"], item=item, basis="contracted"
    )
    delivery = world.row("deliveries", deal=deal)
    trial = world.row(
        "qualifications", need=needs["contracted"], offer=offer, stage="sample", result="pending"
    )
    world.row("characteristics", qualification=trial, number=1, result="pending")
    claim = world.row(
        "claims", buyer=buyer, item=item, deal=deal, basis="accepted", claimed_by="engineer"
    )
    rule = world.row("import_rules", item=item)
    for published in (None, DAY):
        asked = world.row(
            "exceptions", rule=rule, need=needs["restricted"], published=published, decision=""
        )
        world.row("comments", exception=asked, organisation=buyer)
    return SimpleNamespace(
        needs=needs,
        offer=offer,
        maker=maker,
        quotation=quotation,
        deal=deal,
        delivery=delivery,
        trial=trial,
        claim=claim,
    )


def _shared(world: World, sides: dict[str, Any], organisations: Any, desk: Any) -> None:
    """Quotations of both makers for one need, and packages that both are interested in."""
    one, other = sides["steelworks"], sides["mill"]
    world.row(
        "quotations",
        need=one.needs["matched"],
        maker=other.maker,
        offer=other.offer,
        state="submitted",
    )
    for published, access in (
        (None, "public"),
        (DAY, "restricted"),
        (DAY, "public"),
        (DAY, "confidential"),
    ):
        package = world.row("packages", desk=desk, published=published, access=access)
        for side in (one, other):
            PackageNeed.objects.create(package=package, need=side.needs["restricted"])
            if published is None or access == "confidential":
                continue  # a package that makers do not see
            world.row("interests", package=package, maker=side.maker, state="submitted")


def part_two(world: World, side: SimpleNamespace) -> None:
    """Agreements, calls, a proposal, an award, a cover and an event of a buyer and a maker."""
    buyer, maker = side.needs["matched"].buyer, side.maker
    for access in ("restricted", "public"):
        agreement = world.row("agreements", parties=f"agency;{maker.pk}", access=access)
        world.row("commitments", agreement=agreement, party=maker, counted="")
    world.row("phases", phase=1, place="IR-10" if maker.pk == "workshop" else "IR-06")
    for published in (None, DAY):
        call = world.row("calls", kind="grant", published=published)
        world.row("criteria", call=call)
    proposal = world.row("proposals", call=call, proposer=maker, state="submitted")
    reviewer = {"workshop": "engineer", "rival": "stranger"}[maker.pk]
    world.row("reviews", proposal=proposal, reviewer=reviewer)
    world.row("scores", proposal=proposal, reviewer=reviewer)
    award = world.row("awards", receiver=maker, proposal=proposal, kind="grant", basis="contracted")
    world.row("tranches", award=award, number=1)
    world.row(
        "drilling_finance", organisation=maker, provider=buyer, kind="guarantee", state="granted"
    )
    _research(world, side)
    _exploration(world, side)
    world.row("partner_goods", partner="RU", direction="export", organisation=maker)
    event = world.row("events", kind="desk day")
    world.row("event_slots", event=event, number=1)
    world.row("participants", event=event, organisation=buyer, side="buying", away="")
    world.row("participants", event=event, organisation=maker, side="selling", away="")
    world.row("wishes", event=event, buyer=buyer, maker=maker, wished_by="buying")
    world.row("meetings", event=event, buyer=buyer, maker=maker, slot=1, state="scheduled")


def _exploration(world: World, side: SimpleNamespace) -> None:
    """A block held by a maker and one on offer, what was asked for, work, a rig, resources."""
    maker = side.maker
    block = world.row("blocks", holder=maker, state="held")
    world.row("blocks", state="on offer")
    awarded = world.row("block_offers", block=block, organisation=maker, state="awarded")
    world.row("block_offers", block=block, organisation=maker, state="submitted")
    world.row("block_offers", block=block, state="on offer")
    world.row("work_commitments", block_offer=awarded)
    world.row("rigs", owner=maker)
    world.row("exploration_services", organisation=maker)
    deposit = world.row("deposits", block=block)
    world.row("estimates", deposit=deposit)
    world.row("drillholes", block=block, deposit=deposit)


def _research(world: World, side: SimpleNamespace) -> None:
    """Ideas, a founding, challenges, a study with its gate and trial, a course's place."""
    need, maker = side.needs["matched"], side.maker
    for proposer in (maker, None):
        world.row("ideas", proposer=proposer, state="received")
    founding = world.row("foundings", organisation=maker, state="open")
    world.row("founding_steps", founding=founding, number=1)
    for state in ("draft", "published"):
        world.row("challenges", owner=need.buyer, need=need, state=state)
    study = world.row("studies", organisation=maker, need=need, kind="thesis", state="running")
    world.row("gates", study=study, trl=3, decision="pending")
    world.row("pilots", study=study, host=need.buyer, result="pending")
    course = world.row("courses")
    world.row("enrolments", course=course, organisation=maker)


def analyses(world: World) -> None:
    """A scenario that is reckoned and one that is not, and an analysis: for who reads figures."""
    plan = list(schema("plan").dtypes)
    result = {"rows": [], "columns": plan, "budgets": [], "left_out": [], "objective": 1.0,
              "bound": 1.0, "gap": 0.0, "status": "optimal", "currency": "EUR"}  # fmt: skip
    for found in (result, None):
        mark = world.mark()
        world.marks[mark] = Scenario.objects.create(
            title=f"Scenario {mark}", assumptions={"rate_type": "market"}, result=found,
            made_by="analyst", made_at=timezone.now(),
        )  # fmt: skip
    mark = world.mark()
    pages = {
        locale: as_json(Page(locale, f"Analysis {mark}", "", (), (), ())) for locale in ("en", "fa")
    }
    world.marks[mark] = Analysis.objects.create(
        kind="run", title=f"Analysis {mark}", file=f"{mark}.zip", sha256="0", content=pages,
        made_by="analyst", made_at=timezone.now(),
    )  # fmt: skip


def _belongings(world: World, name: str, user: Any) -> None:
    now = timezone.now()
    world.own(Job, kind="MARK", user=user, asked_at=now, error="MARK", step="MARK")
    world.own(
        Upload,
        user=user,
        table="needs",
        name="MARK.csv",
        file="uploads/none",
        sha256="0",
        size=1,
        at=now,
    )
    world.own(
        Alert,
        user=user,
        kind="need.moved",
        at=now,
        table="needs",
        facts={"need": "x", "reason": ""},
    )
    hook = world.own(
        Webhook,
        owner=user,
        name="MARK",
        url="https://example.org/MARK",
        secret="MARK",
        created=now,
        ended=now,
    )
    world.own(WebhookCall, webhook=hook, happening="MARK", body="{}", made_at=now, answer="MARK")
    world.own(SavedFilter, user=user, name="MARK", address="/needs/?q=MARK")
    world.own(ApiToken, user=user, name="MARK", hash=f"hash {name}", created=now, expires=now)
    world.own(
        SignedInSession,
        user=user,
        session_key=f"key {name}",
        began=now,
        last_seen=now,
        browser="MARK",
    )


def grant(need: Any, maker: Any, by: Any, access: str = "restricted") -> Grant:
    """Let a maker read a need's specifications."""
    return Grant.objects.create(need=need, organisation=maker, access=access, granted_by=by, on=DAY)
