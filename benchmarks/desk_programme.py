"""Part two of the desk's records for `desk.py`: agreements, funds, research, events, analyses."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

TODAY = date(2026, 3, 21)
NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
LARGE_CALL, LARGE_EVENT = "CALL-000", "EV-000"
AGREEMENTS, COMMITMENTS, CALLS, PROPOSALS, AWARDS = 100, 2000, 100, 300, 2000
IDEAS, CHALLENGES, STUDIES, COURSES, CLAIMS, TARGETS = 20_000, 2000, 3000, 500, 10_000, 60
EVENTS, BUYERS, MAKERS, SLOTS = 40, 60, 300, 30
PLANNED = 2000
_SECTORS = ("steel", "mining", "automotive", "copper", "energy", "cement")
_PROVINCES = ("IR-10", "IR-23", "IR-06", "IR-22", "IR-02", "IR-16")
_COUNTED = ("needs published", "needs localized", "deals signed", "contracted value",
            "delivered value", "verified savings", "people trained", "awards made",
            "meetings held", "observed indicator", "")  # fmt: skip


def make(chance: random.Random) -> None:
    """Fill a database that holds part one."""
    for fill in (_claims, _agreements, _funds, _research, _events, _analyses):
        fill(chance)


def _add(table: str, rows: Iterator[dict[str, Any]]) -> None:
    from onshore.desk.models import RECORDS

    model = RECORDS[table]
    model._default_manager.bulk_create((model(**row) for row in rows), batch_size=1000)


def _ago(chance: random.Random, days: int = 700) -> date:
    return TODAY - timedelta(days=chance.randrange(days))


def _claims(chance: random.Random) -> None:
    from onshore.desk.models import Delivery

    _add("items", ({"item_id": "I", "description": "Bearing", "unit": "H87"} for _ in range(1)))
    _add(
        "baselines",
        (
            {"baseline_id": f"B-{n}", "item_id": "I", "buyer_id": f"buyer-{n}",
             "reference_cif": Decimal(310), "currency": "EUR", "price_date": date(2025, 9, 10),
             "unit": "H87", "frozen_on": date(2025, 2, 1), "evidence": "Invoice"}
            for n in range(60)
        ),
    )  # fmt: skip
    told = Delivery._default_manager.values_list("deal_id", "deal__buyer_id", "deal__desk_id")
    _add(
        "claims",
        (
            {"claim_id": f"K-{n:05}", "item_id": "I", "buyer_id": buyer, "deal_id": deal,
             "desk_id": desk, "baseline_id": f"B-{buyer.removeprefix('buyer-')}",
             "period": str(chance.choice((1403, 1404))), "basis": "verified",
             "quantity": Decimal(chance.randrange(1, 48)), "place": chance.choice(_PROVINCES),
             "imported_content": Decimal(60), "claimed_by": "engineer", "verified_by": "verifier"}
            for n, (deal, buyer, desk) in enumerate(told.order_by("pk")[:CLAIMS])
        ),
    )  # fmt: skip


def _agreements(chance: random.Random) -> None:
    _add(
        "agreements",
        (
            {"agreement_id": f"AG-{n:03}", "title": f"Agreement {n}", "title_fa": f"تفاهم‌نامه {n}",
             "parties": f"agency;maker-{n}", "signed": _ago(chance), "access": "restricted"}
            for n in range(AGREEMENTS)
        ),
    )  # fmt: skip
    _add(
        "commitments",
        (
            {"commitment_id": f"CM-{n:04}", "agreement_id": f"AG-{n % AGREEMENTS:03}",
             "party_id": f"maker-{n % AGREEMENTS}", "text": f"What is promised, {n}",
             "measure": "What is counted", "target": Decimal(chance.randrange(10, 4000)),
             "unit": "million EUR" if "value" in counted or "saving" in counted else "number",
             "due": TODAY + timedelta(days=chance.randrange(-300, 600)),
             "counted": counted, "sector": chance.choice(("", *_SECTORS)),
             "indicator": "production", "product": "product 1", "starts": date(2024, 3, 20)}
            for n, counted in zip(range(COMMITMENTS), cycle(_COUNTED), strict=False)
        ),
    )  # fmt: skip
    _add(
        "phases",
        (
            {"phase": 1 + n % 3, "place": place, "starts": date(2024, 3, 20), "sector": "steel",
             "quotient": Decimal("1.4"), "decided_on": date(2024, 3, 1)}
            for n, place in enumerate(_PROVINCES)
        ),
    )  # fmt: skip


def _proposal(chance: random.Random, call: int, number: int) -> dict[str, Any]:
    decided = call % 2 == 1
    return {
        "proposal_id": f"PR-{call:03}-{number:03}",
        "title": f"Proposal {number} of call {call}",
        "call_id": f"CALL-{call:03}",
        "proposer_id": f"maker-{chance.randrange(3000)}",
        "received": date(2025, 11, 1),
        "summary": "What we would make, and how.",
        "amount": Decimal(chance.randrange(10_000, 90_000)),
        "currency": "EUR",
        "months": 12,
        "state": ("chosen" if number % 4 == 0 else "not chosen") if decided else "submitted",
        "reason": "Its score." if decided else "",
    }


def _funds(chance: random.Random) -> None:
    proposals = [
        _proposal(chance, call, number)
        for call in range(CALLS)
        for number in range(PROPOSALS if call == 0 else 30)
    ]
    _add(
        "organisations",
        ({"organisation_id": f"fund-{n}", "name": f"Fund {n}", "role": "fund"} for n in range(20)),
    )
    _add(
        "calls",
        (
            {"call_id": f"CALL-{n:03}", "title": f"Call {n}", "title_fa": f"فراخوان {n}",
             "kind": "grant", "fund_id": f"fund-{n % 20}", "text": "What will you make?",
             "budget": Decimal(3_000_000), "currency": "EUR", "reviewers": 2,
             "published": date(2025, 10, 1), "closes": date(2025, 12, 1),
             "decided_on": date(2026, 1, 10) if n % 2 else None}
            for n in range(CALLS)
        ),
    )  # fmt: skip
    names = ("novelty", "team", "market", "plan")
    weighed = {"weight": Decimal(1), "most": Decimal(10)}
    _add(
        "criteria",
        ({"call_id": f"CALL-{n:03}", "name": name, **weighed}
         for n in range(CALLS) for name in names),
    )  # fmt: skip
    _add("proposals", iter(proposals))
    reviewers = ("verifier", "analyst", "officer")
    _add(
        "reviews",
        ({"proposal_id": row["proposal_id"], "reviewer": who, "assigned_on": date(2025, 12, 2),
          "declared_on": date(2025, 12, 3), "conflict": False, "submitted": date(2025, 12, 9)}
         for row in proposals for who in reviewers),
    )  # fmt: skip
    _add(
        "scores",
        ({"proposal_id": row["proposal_id"], "reviewer": who, "criterion": name,
          "score": Decimal(chance.randrange(1, 11))}
         for row in proposals for who in reviewers for name in names),
    )  # fmt: skip
    _selected()
    chosen = [row for row in proposals if row["state"] == "chosen"]
    _add(
        "awards",
        (
            {"award_id": f"AW-{n:04}", "kind": "guarantee" if n % 5 == 0 else "grant",
             "fund_id": f"fund-{n % 20}", "receiver_id": f"maker-{chance.randrange(3000)}",
             "amount": Decimal(chance.randrange(10_000, 90_000)), "currency": "EUR",
             "awarded": _ago(chance), "basis": "contracted", "until": date(2028, 1, 1),
             "proposal_id": chosen[n]["proposal_id"] if n < len(chosen) else None}
            for n in range(AWARDS)
        ),
    )  # fmt: skip
    _add(
        "tranches",
        ({"award_id": f"AW-{n:04}", "number": number, "milestone": f"Milestone {number}",
          "amount": Decimal(5000), "due": TODAY + timedelta(days=90 * number)}
         for n in range(AWARDS) for number in (1, 2, 3)),
    )  # fmt: skip
    _add(
        "drilling_finance",
        (
            {"drilling_finance_id": f"DF-{n:04}", "organisation_id": f"maker-{n}",
             "provider_id": f"fund-{n % 20}", "kind": "guarantee", "amount": Decimal(40_000),
             "currency": "EUR", "starts": date(2025, 1, 1), "state": "granted"}
            for n in range(500)
        ),
    )  # fmt: skip


def _selected() -> None:
    """Have the large call's selection reckoned, so that it is ready to be decided on."""
    from onshore.desk.actions import call_decisions
    from onshore.desk.actor import actor_of
    from onshore.desk.models import User

    officer = actor_of(User._default_manager.get(username="officer"), TODAY)
    call_decisions.choose(officer, LARGE_CALL, weigh="money", at=NOW)


def _research(chance: random.Random) -> None:
    _add(
        "ideas",
        (
            {"idea_id": f"ID-{n:05}", "title": f"Idea {n}", "summary": "How it would be made.",
             "proposer_id": f"maker-{chance.randrange(3000)}", "received": _ago(chance),
             "state": chance.choice(("received", "screened", "accepted", "declined")),
             "sector": chance.choice(_SECTORS)}
            for n in range(IDEAS)
        ),
    )  # fmt: skip
    _add(
        "challenges",
        (
            {"challenge_id": f"CH-{n:04}", "title": f"Challenge {n}", "text": "What is asked.",
             "owner_id": f"buyer-{n % 60}", "state": "published" if n % 3 else "draft",
             "published": _ago(chance), "closes": TODAY + timedelta(days=n % 200)}
            for n in range(CHALLENGES)
        ),
    )  # fmt: skip
    _add(
        "studies",
        (
            {"study_id": f"ST-{n:04}", "kind": "thesis" if n % 2 else "research project",
             "title": f"Study {n}", "organisation_id": f"maker-{n}", "starts": _ago(chance),
             "challenge_id": f"CH-{n % CHALLENGES:04}", "trl": 3, "state": "running"}
            for n in range(STUDIES)
        ),
    )  # fmt: skip
    _add(
        "gates",
        ({"study_id": f"ST-{n:04}", "trl": level, "evidence": "Report",
          "decision": "passed" if level < 4 else "pending"}
         for n in range(STUDIES) for level in (2, 3, 4)),
    )  # fmt: skip
    _add(
        "pilots",
        (
            {"pilot_id": f"PI-{n:04}", "study_id": f"ST-{n:04}", "host_id": f"buyer-{n % 60}",
             "measure": "Hours run", "aim": Decimal(500), "unit": "h", "result": "pending"}
            for n in range(1000)
        ),
    )  # fmt: skip
    _add(
        "foundings",
        ({"founding_id": f"FO-{n:04}", "name": f"Unit {n}", "founders": "Somebody",
          "opened": _ago(chance), "state": "open"} for n in range(500)),
    )  # fmt: skip
    _add(
        "founding_steps",
        ({"founding_id": f"FO-{n:04}", "number": number, "step": f"Step {number}"}
         for n in range(500) for number in range(1, 7)),
    )  # fmt: skip
    _add(
        "courses",
        (
            {"course_id": f"CO-{n:03}", "title": f"Course {n}", "place": "IR-23", "seats": 80,
             "starts": TODAY + timedelta(days=n - 250), "until": TODAY + timedelta(days=n - 248)}
            for n in range(COURSES)
        ),
    )  # fmt: skip
    _add(
        "enrolments",
        ({"course_id": f"CO-{n % COURSES:03}", "person": f"Person {n}",
          "organisation_id": f"maker-{n % 3000}", "enrolled_on": date(2026, 1, 1)}
         for n in range(40 * COURSES)),
    )  # fmt: skip


def _events(_chance: random.Random) -> None:
    events = [f"EV-{n:03}" for n in range(EVENTS)]
    _add(
        "events",
        ({"event_id": key, "title": f"Desk days {key}", "place": "IR-23", "kind": "desk day",
          "starts": date(2026, 5, 1), "until": date(2026, 5, 3), "tables": 60} for key in events),
    )  # fmt: skip
    _add(
        "event_slots",
        ({"event_id": key, "number": n, "date": date(2026, 5, 1 + (n - 1) // 10),
          "starts": f"{8 + (n - 1) % 10:02}:00", "ends": f"{8 + (n - 1) % 10:02}:45"}
         for key in events for n in range(1, SLOTS + 1)),
    )  # fmt: skip
    sides = {"buying": BUYERS, "selling": MAKERS}
    _add(
        "participants",
        ({"event_id": key, "side": side,
          "organisation_id": f"{'buyer' if side == 'buying' else 'maker'}-{n}"}
         for key in events for side, many in sides.items()
         for n in range(many if key == LARGE_EVENT else many // 6)),
    )  # fmt: skip
    _add(
        "wishes",
        ({"event_id": LARGE_EVENT, "buyer_id": f"buyer-{n % BUYERS}",
          "maker_id": f"maker-{n // BUYERS * 4 % MAKERS}", "weight": Decimal(1),
          "wished_by": "match"} for n in range(3000)),
    )  # fmt: skip
    _add(
        "meetings",
        ({"meeting_id": f"ME-{n:04}", "event_id": LARGE_EVENT, "buyer_id": f"buyer-{n % BUYERS}",
          "maker_id": f"maker-{(n % BUYERS + n // BUYERS) % MAKERS}",
          "slot": 1 + n // BUYERS, "table_number": 1 + n % BUYERS, "state": "scheduled"}
         for n in range(BUYERS * SLOTS)),
    )  # fmt: skip


def _analyses(chance: random.Random) -> None:
    from onshore.desk.models import Scenario
    from onshore.records import schema

    series = [f"product {n}" for n in range(TARGETS)]
    _add(
        "observations",
        ({"observation_id": f"OB-{n}-{year}", "indicator": "production", "product": product,
          "period": str(year), "value": Decimal(20 + year % 10 + chance.randrange(4)),
          "unit": "kt", "status": "final", "source": "test"}
         for n, product in enumerate(series) for year in range(1390, 1404)),
    )  # fmt: skip
    _add(
        "targets",
        ({"target_id": f"TA-{n}", "indicator": "production", "product": product, "period": "1406",
          "value": Decimal(30), "unit": "kt", "source": "test"}
         for n, product in enumerate(series)),
    )  # fmt: skip
    columns = list(schema("plan").dtypes)
    for number in range(20):
        keys = chance.sample(range(100_000), PLANNED)
        lines = [
            {"need_id": f"N-{key:06}", "offer_id": f"O-{key * 7 % 50_000:06}",
             "maker_id": f"maker-{key % 3000}", "start_year": 1404,
             "first_production_year": 1405, "tooling_cost": "1000", "expected_saving": "5000"}
            for key in keys
        ]  # fmt: skip
        result = {
            "rows": [[line.get(name) for name in columns] for line in lines], "columns": columns,
            "objective": 1e7, "bound": 1e7, "gap": 0.0, "status": "optimal", "currency": "EUR",
            "rate_type": "market", "first_year": 1404, "considered": PLANNED, "budgets": [],
            "left_out": [],
        }  # fmt: skip
        Scenario._default_manager.create(
            title=f"Scenario {number}", assumptions={"rate_type": "market"}, result=result,
            made_by="analyst", made_at=NOW,
        )  # fmt: skip


def pages(chance: random.Random, rounds: int) -> list[tuple[str, str, list[str]]]:
    """Give what is measured of these records: a name, who asks, and the addresses."""

    def some(path: str, most: int, digits: int) -> list[str]:
        return [f"{path}{chance.randrange(most):0{digits}}/" for _ in range(rounds)]

    lists = (
        *("agreements", "commitments", "phases", "five-year-plan", "calls", "proposals"),
        *("awards", "guarantees", "funds", "ideas", "challenges", "studies", "pilots"),
        *("foundings", "courses", "events", "tie-outs", "bulletins", "scenarios", "outlook"),
    )
    told = [(name, "officer", [f"/{name}/"]) for name in lists]
    told += [(name, "maker", [f"/{name}/"]) for name in ("agreements", "proposals", "ideas")]
    told += [(name, "researcher", [f"/{name}/"]) for name in ("challenges", "studies")]
    told += [(name, "public", [f"/{name}/"]) for name in ("calls", "challenges", "courses")]
    return [
        *told,
        ("agreement", "officer", some("/agreements/AG-", AGREEMENTS, 3)),
        ("commitment", "officer", some("/commitments/CM-", COMMITMENTS, 4)),
        ("call", "officer", some("/calls/CALL-", CALLS, 3)),
        ("call of 300", "officer", [f"/calls/{LARGE_CALL}/"]),
        ("decide on 300", "officer", [f"/calls/{LARGE_CALL}/decide/"]),
        ("reviewers of 300", "officer", [f"/calls/{LARGE_CALL}/reviewers/"]),
        ("my reviews", "analyst", ["/reviews/"]),
        ("proposal", "officer", some("/proposals/PR-000-", PROPOSALS, 3)),
        ("award", "officer", some("/awards/AW-", AWARDS, 4)),
        ("fund", "officer", [f"/funds/fund-{n}/" for n in range(20)]),
        ("idea", "officer", some("/ideas/ID-", IDEAS, 5)),
        ("challenge", "officer", some("/challenges/CH-", CHALLENGES, 4)),
        ("study", "officer", some("/studies/ST-", STUDIES, 4)),
        ("founding", "officer", some("/foundings/FO-", 500, 4)),
        ("course", "officer", some("/courses/CO-", COURSES, 3)),
        ("event", "officer", [f"/events/{LARGE_EVENT}/"]),
        ("event", "maker", [f"/events/{LARGE_EVENT}/"]),
        ("dashboard", "officer", ["/dashboard/?by=province", "/dashboard/?by=year"]),
        ("dashboard", "analyst", ["/dashboard/"]),
        ("rows of a figure", "officer", ["/dashboard/rows/?step=contracted&desk=steel"]),
        ("scenario", "officer", [f"/scenarios/{n + 1}/" for n in range(20)]),
        ("scenarios compared", "officer", ["/scenarios/compare/?one=1&other=2"]),
    ]
