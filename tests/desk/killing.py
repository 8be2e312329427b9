"""Six clients write through HTTP while the server is killed: is what was acknowledged there?

``python tests/desk/killing.py --rounds 50`` runs it by itself; with DATABASE_URL on a database
of its own in PostgreSQL, else on SQLite.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLIENTS = 6
NEEDS = 100
"""Needs of each client for each round: more than it publishes until the server is killed."""
_CSRF = "k" * 32
_SERVE = "import sys; from onshore.cli import main; sys.exit(main(sys.argv[1:]))"
_READY = "The desk: http://127.0.0.1:"


@dataclass
class Client:
    """A buyer's engineer who publishes one need after another."""

    cookie: str
    waiting: list[str]
    acknowledged: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)

    def work(self, port: int) -> None:
        """Publish until the server is gone; a need without an answer is sent again next time."""
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {
            "Cookie": f"sessionid={self.cookie}; csrftoken={_CSRF}",
            "X-CSRFToken": _CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        while self.waiting:
            key = self.waiting[0]
            body = urllib.parse.urlencode({"once": self.tokens.setdefault(key, uuid.uuid4().hex)})
            try:
                server.request("POST", f"/needs/{key}/do/publish/", body, headers)
                answer = server.getresponse()
                text = answer.read().decode(errors="replace")
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 302:
                page = re.sub(r"<[^>]+>|\s+", " ", text.partition("<main")[2])
                self.surprises.append(f"{key}: {answer.status} {page[:500]}")
                return
            self.acknowledged.add(self.waiting.pop(0))


class Server:
    """The desk on a data folder of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.environment = os.environ | {
            "ONSHORE_DATA": str(folder),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "onshore.desk.settings",
            "ONSHORE_WRITES_A_MINUTE": "0",
            "ONSHORE_LOG": "ERROR",
        }
        self.process: Any = None
        self.port = 0

    def ask(self, *words: str) -> Any:
        """Run a part of this file beside the server, on the same database."""
        done = subprocess.run(
            [sys.executable, __file__, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def start(self) -> None:
        """Serve, and wait for the printed address."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, "serve", "--port", "0"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stdout:
            if line.startswith(_READY):
                self.port = int(line.removeprefix(_READY).split("/")[0])
                return
        raise RuntimeError(f"the server ended with {self.process.wait()}")

    def kill(self) -> None:
        """End the server as a failing machine would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def one_round(server: Server, clients: list[Client], seconds: float) -> None:
    """Serve, let all clients write, kill the server in the middle of it."""
    server.start()
    threads = [threading.Thread(target=one.work, args=[server.port]) for one in clients]
    for thread in threads:
        thread.start()
    before = _acknowledged(clients)
    ends = time.monotonic() + 60
    while _acknowledged(clients) == before and time.monotonic() < ends:
        time.sleep(0.01)
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join(60)


def _acknowledged(clients: list[Client]) -> int:
    return sum(len(one.acknowledged) for one in clients)


def lost(server: Server, clients: list[Client]) -> list[str]:
    """Tell all that does not hold: faults of the audit, lost or halved or doubled actions."""
    held = server.ask("--inspect")
    told = [f"audit: {fault}" for fault in held["faults"]]
    for one in clients:
        told += one.surprises
        told += [f"lost: {key}" for key in one.acknowledged - set(held["published"])]
    told += [f"without its line: {key}" for key in set(held["published"]) - set(held["lines"])]
    told += [f"without its deed: {key}" for key in set(held["lines"]) - set(held["published"])]
    told += [f"done {count} times: {key}" for key, count in held["lines"].items() if count != 1]
    return told


@contextmanager
def database() -> Iterator[str]:
    """Give the address of an empty database: PostgreSQL's where DATABASE_URL names a server."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield ""
        return
    import psycopg

    name = f"onshore_killing_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urllib.parse.urlparse(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rounds(count: int, *, seed: int = 1, empty_desk: Path | None = None) -> tuple[int, list[str]]:
    """Run rounds; give the number of acknowledged actions, and all that does not hold.

    ``empty_desk`` is a data folder to begin with; its tables need not be made.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="onshore-kill-") as folder, database() as url:
        if empty_desk is not None:
            shutil.copytree(empty_desk, folder, dirs_exist_ok=True)
        server = Server(Path(folder), url)
        clients = [
            Client(one["cookie"], one["needs"]) for one in server.ask("--prepare", str(count))
        ]
        for _ in range(count):
            one_round(server, clients, chance.uniform(0.5, 1.5))
            if any(one.surprises for one in clients) or not all(one.waiting for one in clients):
                break
        told = lost(server, clients)  # what a round lost is not there after the last one either
        told += [f"ran out of needs: {one.cookie}" for one in clients if not one.waiting]
        return _acknowledged(clients), told


def _prepare(count: int) -> list[dict[str, Any]]:
    from datetime import date

    from django.core.management import call_command
    from django.test import Client as Browser

    from onshore.desk.models import Membership, Need, Organisation, Role, User

    call_command("migrate", verbosity=0, skip_checks=True)
    told = []
    for n in range(CLIENTS):
        buyer = Organisation.objects.create(
            organisation_id=f"buyer-{n}", name=f"B{n}", role="buyer"
        )
        user = User.objects.create_user(f"engineer-{n}", password=None)
        Membership.objects.create(
            user=user, organisation=buyer, role=Role.ENGINEER, since=date(2020, 1, 1)
        )
        keys = [f"N-{n}-{m}" for m in range(NEEDS * count)]
        Need.objects.bulk_create(
            Need(
                need_id=key,
                description="Pump",
                buyer=buyer,
                yearly_quantity=12,
                unit="H87",
                state="draft",
            )
            for key in keys
        )
        browser = Browser()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        told.append({"cookie": browser.cookies["sessionid"].value, "needs": keys})
    return told


def _inspect() -> dict[str, Any]:
    from collections import Counter

    from onshore.desk.auditing import audit
    from onshore.desk.models import AuditEntry, Need

    lines = AuditEntry.objects.filter(action="needs.publish", table="needs")
    return {
        "faults": [f"{fault.number}: {fault.reason}" for fault in audit.verify()],
        "published": list(Need.objects.exclude(state="draft").values_list("pk", flat=True)),
        "lines": Counter(lines.values_list("key", flat=True)),
    }


def main() -> None:
    """Run the rounds, or a part of one beside its server."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--prepare", type=int)
    words.add_argument("--inspect", action="store_true")
    asked = words.parse_args()
    if asked.prepare or asked.inspect:
        import django

        django.setup()
        told = _prepare(asked.prepare) if asked.prepare else _inspect()
        sys.stdout.write(json.dumps(told) + "\n")
        return
    began = time.perf_counter()
    acknowledged, told = rounds(asked.rounds)
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{asked.rounds} rounds, {acknowledged:,} acknowledged, {seconds:.0f} s\n")
    sys.stdout.write("\n".join(told) or "no acknowledged action lost, the audit is whole")
    sys.stdout.write("\n")
    sys.exit(bool(told))


if __name__ == "__main__":
    main()
