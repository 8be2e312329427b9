"""Server time and queries of the desk's pages on a nation's programme.

100,000 needs, 50,000 offers, 1,000,000 lines of the audit and what `desk_programme` adds, on
SQLite; with DATABASE_URL in a database of its own in PostgreSQL. ``--kill`` instead kills the
server 50 times while six clients write. ``--keep FOLDER`` keeps SQLite's data for the next run.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import desk_programme

ROOT = Path(__file__).parents[1]
NEEDS, OFFERS, LINES = 100_000, 50_000, 1_000_000
MOST_MS, MOST_QUERIES = 150.0, 12
ROUNDS = 30
TODAY = date(2026, 3, 21)
_SECTORS = ("steel", "mining", "automotive", "copper", "energy", "cement")
_GOODS = (
    *("slurry pump", "spherical roller bearing", "hydraulic cylinder", "conveyor belt"),
    *("graphite electrode", "mill liner", "gate valve", "pressure transmitter", "gear reducer"),
    *("بلبرینگ شیار عمیق", "پمپ سانتریفیوژ", "شیر پروانه‌ای", "نوار نقاله", "الکترود گرافیتی"),
)
_WORDS = (
    *("horizontal", "stainless", "forged", "high chrome", "flanged", "heavy duty", "spare part"),
    *("فولادی", "صنعتی", "فشار قوی", "یدکی", "ضد سایش", "افقی", "کوره قوس"),
)


def make(chance: random.Random, needs: int, offers: int, lines: int) -> None:
    """Fill an empty database."""
    from django.core.management import call_command

    from onshore.desk import search
    from onshore.desk.models import Desk, Organisation, ProgrammeSettings, Role, User

    call_command("migrate", verbosity=0, skip_checks=True)
    settings = {
        "name": "Bench", "name_fa": "سنجش", "home": "IR", "currency": "EUR",
        "calendar": "solar_hijri", "price_date": "2025-09-22", "rate_type": "market",
        "discount_rate": 0.0, "first_year": 1404, "years": 5, "phases": {},
        "illustrative": True, "note": "", "note_fa": "",
    }  # fmt: skip
    ProgrammeSettings.objects.create(pk=1, settings=settings)
    told = [("agency", "agency"), *((f"buyer-{n}", "buyer") for n in range(60))]
    told += [(f"maker-{n}", "maker") for n in range(3000)]
    Organisation.objects.bulk_create(
        Organisation(organisation_id=key, name=key.title(), name_fa=f"شرکت {key}", role=role)
        for key, role in told
    )
    Desk.objects.bulk_create(
        Desk(
            desk_id=sector,
            name=f"{sector.title()} desk",
            sector=sector,
            target_amount=Decimal(10**8),
            target_currency="EUR",
        )
        for sector in _SECTORS
    )
    _people(User, Role)
    _needs_and_offers(chance, needs, offers)
    _deals(chance)
    search.rebuild()
    _audit(chance, lines, needs)
    desk_programme.make(chance)


def _people(user_model: Any, role: Any) -> None:
    from onshore.desk.models import Membership

    homes = {"engineer": "buyer-1", "verifier": "buyer-1", "maker": "maker-1"}
    for one in role:
        user = user_model.objects.create_user(one.value, password=None)
        Membership.objects.create(
            user=user,
            organisation_id=homes.get(one.value, "agency"),
            role=one,
            since=date(2020, 1, 1),
        )


def _line(chance: random.Random) -> str:
    words = (chance.choice(_GOODS), chance.choice(_WORDS), chance.choice(_WORDS))
    return f"{' '.join(words)} DN{chance.randrange(15, 900)}"


def _needs_and_offers(chance: random.Random, needs: int, offers: int) -> None:
    from onshore.desk.models import Candidate, Need, Offer
    from onshore.desk.states import LIFE, SIDE_EXITS

    states = (*LIFE, *SIDE_EXITS)
    weights = [3, 20, 20, 12, 6, 5, 6, 3, 3, 6, 5, 4, 2, 2, 2, 1, 1]
    told = chance.choices(states, weights[: len(states)], k=needs)
    Need.objects.bulk_create(
        (
            Need(
                need_id=f"N-{n:06}",
                buyer_id=f"buyer-{chance.randrange(60)}",
                description=_line(chance),
                part_number=f"KX-{chance.randrange(10**6)}",
                category="mechanical",
                sector=chance.choice(_SECTORS),
                yearly_quantity=Decimal(chance.randrange(1, 500)),
                unit="H87",
                import_price=Decimal(chance.randrange(10, 90000)),
                currency="EUR",
                incoterm="CIF",
                price_date=date(2025, 9, 1),
                state=state,
                access=chance.choice(("public", "restricted", "restricted", "confidential")),
                state_since=TODAY - timedelta(days=chance.randrange(400)),
                due=TODAY + timedelta(days=chance.randrange(-200, 200)),
                yearly_value=chance.random() * 1e7,
            )
            for n, state in enumerate(told)
        ),
        batch_size=2000,
    )
    Offer.objects.bulk_create(
        (
            Offer(
                offer_id=f"O-{n:06}",
                maker_id=f"maker-{n % 3000}",
                description=_line(chance),
                unit="H87",
                price=Decimal(chance.randrange(10, 9000)),
                currency="EUR",
            )
            for n in range(offers)
        ),
        batch_size=2000,
    )
    decided = {"draft": "", "published": "", "scouting": ""}
    Candidate.objects.bulk_create(
        (
            Candidate(
                need_id=f"N-{n:06}",
                offer_id=f"O-{(n * 7 + rank * 13) % offers:06}",
                rank=rank,
                score=Decimal("0.8"),
                category="near" if rank == 1 else "could make",
                reasons="the part number agrees",
                decision=decided.get(told[n], "confirmed" if rank == 1 else "rejected"),
            )
            for n in range(needs)
            for rank in (1, 2)
        ),
        batch_size=2000,
    )


def _deals(chance: random.Random) -> None:
    from onshore.desk.models import Deal, Delivery, Need

    supplied = ("serial supply", "verified localized")
    later = ("MoU", "contracted", "sample", "qualified", *supplied)
    told = list(
        Need.objects.filter(state__in=later).values_list("pk", "buyer_id", "state", "sector")
    )
    Deal.objects.bulk_create(
        (
            Deal(
                deal_id=f"D-{key}",
                basis="MoU" if state == "MoU" else "contracted",
                desk_id=sector,
                buyer_id=buyer,
                maker_id=f"maker-{chance.randrange(3000)}",
                need_id=key,
                quantity=Decimal(100),
                unit="H87",
                value=Decimal(chance.randrange(10**4, 10**6)),
                currency="EUR",
                signed=date(2025, 6, 1),
                until=date(2027, 6, 1),
            )
            for key, buyer, state, sector in told
        ),
        batch_size=2000,
    )
    Delivery.objects.bulk_create(
        (
            Delivery(
                delivery_id=f"L-{key}",
                deal_id=f"D-{key}",
                delivered_on=date(2026, 1, 1),
                serial=True,
                quantity=Decimal(50),
                accepted=Decimal(48),
                unit="H87",
            )
            for key, _buyer, state, _sector in told
            if state in supplied
        ),
        batch_size=2000,
    )


def _audit(chance: random.Random, lines: int, needs: int) -> None:
    from django.db import connection, transaction

    from onshore.desk.auditing import audit
    from onshore.desk.models import AuditEntry, AuditHead

    began = datetime(2025, 3, 21, tzinfo=UTC)
    last = AuditEntry(number=0, hash=audit.FIRST)
    names = [told.attname for told in AuditEntry._meta.concrete_fields]
    columns = ", ".join(f'"{told.column}"' for told in AuditEntry._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(names))

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        for n in range(1, lines + 1):
            last = AuditEntry(
                number=n,
                at=began + timedelta(seconds=20 * n),
                actor=chance.choice(("officer", "engineer", "maker")),
                organisation="agency",
                action="needs.change",
                table="needs",
                key=f"N-{chance.randrange(needs):06}",
                before='{"brand":"KX"}',
                after='{"brand":"SKF"}',
                previous_hash=last.hash,
            )
            last.hash = audit.line_hash(last)
            yield tuple(getattr(last, name) for name in names)

    with transaction.atomic(), connection.cursor() as cursor:
        for some in _batches(rows(), 20_000):
            cursor.executemany(f"INSERT INTO audit_entries ({columns}) VALUES ({marks})", some)
        AuditHead.objects.update_or_create(
            pk=1, defaults={"number": last.number, "hash": last.hash}
        )


def _batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def pages(chance: random.Random, needs: int) -> list[tuple[str, str, list[str]]]:
    """Give what is measured: a name, who asks, and the addresses asked for."""
    keys = [f"N-{chance.randrange(needs):06}" for _ in range(ROUNDS)]
    words = ["pump", "بلبرینگ", "bearing forged", "KX-8", "DN300", "mill liner heavy", "شرکت"]
    queries = [f"/search/?q={chance.choice(words)}" for _ in range(ROUNDS)]
    numbers = [chance.randrange(1, 1000) for _ in range(ROUNDS)]
    return [
        ("home", "officer", ["/"]),
        ("home", "engineer", ["/"]),
        ("home", "maker", ["/"]),
        ("home", "public", ["/"]),
        ("board", "officer", ["/board/"]),
        ("board, one sector", "officer", [f"/board/?sector={sector}" for sector in _SECTORS]),
        ("needs", "officer", ["/needs/"]),
        ("needs, a later page", "officer", [f"/needs/?page={number}" for number in numbers]),
        ("needs, one state", "officer", ["/needs/?state=published", "/needs/?state=MoU"]),
        ("needs", "maker", ["/needs/"]),
        ("needs", "public", ["/needs/"]),
        ("need", "officer", [f"/needs/{key}/" for key in keys]),
        ("search", "officer", queries),
        ("search", "maker", queries),
        ("search", "public", queries),
        ("desks", "officer", ["/desks/"]),
        ("desk", "officer", [f"/desks/{sector}/" for sector in _SECTORS]),
        ("match review", "officer", ["/review/"]),
        ("my needs", "engineer", ["/my-needs/"]),
        ("needs I can make", "maker", ["/can-make/"]),
        ("organisations", "officer", ["/organisations/"]),
        ("audit", "auditor", ["/audit/"]),
        ("audit of a record", "auditor", [f"/audit/?key={key}" for key in keys]),
        *desk_programme.pages(chance, ROUNDS),
    ]


def measure(chance: random.Random, needs: int) -> bool:
    """Ask for every page, print its times and queries; tell whether all are within the bars.

    The processor's time is told too: on a busy machine it says what the page itself takes. An
    address that leads on to another is measured, and so is the page that it leads to.
    """
    from django.test import Client
    from django.urls import get_resolver

    from onshore.desk.models import User
    from onshore.desk.running.memory import settle

    get_resolver()._populate()
    settle()  # as the server does when all is loaded
    good = True
    sys.stdout.write(
        f"\n{'page':<24}{'who':<10}{'p50 ms':>8}{'p95 ms':>8}{'cpu p95':>8}{'queries':>9}\n"
    )
    for name, who, addresses in pages(chance, needs):
        client = Client(headers={"accept-language": "en"})
        if who != "public":
            user = User.objects.get(username=who)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        first = client.get(addresses[0])  # the first one also notes the session
        if first.status_code == 302:
            good &= _measured(client, f"to the {name}", who, addresses)
            addresses = [first.url]
        good &= _measured(client, name, who, addresses)
    return good


def _measured(client: Any, name: str, who: str, addresses: list[str]) -> bool:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(addresses[0])
    asked = len(queries)
    took, worked = [], []
    for n in range(ROUNDS):
        began, began_work = time.perf_counter(), time.process_time()
        answer = client.get(addresses[n % len(addresses)])
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - began_work))
    p95, cpu95 = (statistics.quantiles(of, n=20)[-1] for of in (took, worked))
    fits = p95 <= MOST_MS and asked <= MOST_QUERIES and answer.status_code in (200, 302)
    times = f"{statistics.median(took):>8.1f}{p95:>8.1f}{cpu95:>8.1f}"
    line = f"{name:<24}{who:<10}{times}{asked:>9}"
    sys.stdout.write(f"{line}  {answer.status_code}{'' if fits else '  <-- over the bar'}\n")
    sys.stdout.flush()
    return fits


def main() -> int:
    """Make the data, measure, print; 1 where a page is over its bar."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kill", type=int, nargs="?", const=50, metavar="ROUNDS")
    words.add_argument("--keep", type=Path, help="folder that keeps SQLite's data between runs")
    words.add_argument("--scale", type=float, default=1.0, help="a share of the rows, to try it")
    asked = words.parse_args()
    if asked.kill:
        killing = [sys.executable, str(ROOT / "tests/desk/killing.py"), "--rounds", str(asked.kill)]
        return subprocess.run(killing, check=False).returncode
    sys.path.insert(0, str(ROOT / "tests/desk"))
    from killing import database

    chance = random.Random(1)
    needs, offers, lines = (int(asked.scale * size) for size in (NEEDS, OFFERS, LINES))
    with tempfile.TemporaryDirectory() as scratch, database() as url:
        folder = asked.keep or Path(scratch)
        os.environ |= {
            "ONSHORE_DATA": str(folder),
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "onshore.desk.settings",
            "ONSHORE_LOG": "ERROR",
            "ONSHORE_SECOND_FACTOR": "optional",
        }
        made = not url and (folder / "made").exists()
        import django

        django.setup()
        from django.conf import settings
        from django.db import connection

        settings.ALLOWED_HOSTS.append("testserver")
        if not made:
            began = time.perf_counter()
            make(chance, needs, offers, lines)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            (folder / "made").touch()
            sys.stdout.write(f"made in {time.perf_counter() - began:.0f} s\n")
        sys.stdout.write(
            f"{connection.vendor}: {needs:,} needs, {offers:,} offers, {lines:,} audit lines\n"
        )
        good = measure(chance, needs)
        connection.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
