"""The desk as one command: database made ready, pages served, jobs done in the background."""

import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onshore.desk.actor import Actor

Say = Callable[[str], None]

THREADS = 8
MOST_REQUEST_BYTES = 256 * 2**20
"""More than a page accepts, so that the page, and not the server, says what is too much."""
ADMINISTRATOR = "administrator"
_WORKER_ENDS_SECONDS = 15


class CannotServe(Exception):
    """What stands against serving, and what to do."""


_KINDS = ("postgresql", "postgres", "sqlite")


def prepare() -> None:
    """Set Django up with the desk's settings and reach its database; once is enough.

    Raises
    ------
    CannotServe
        DATABASE_URL names no database of a kind that is used here, or one that cannot be reached.
    """
    kind, colon, _ = os.environ.get("DATABASE_URL", "").partition("://")
    if kind and (not colon or kind not in _KINDS):
        raise CannotServe(
            "DATABASE_URL names no database that the desk can use."
            " Write postgresql://USER:PASSWORD@HOST:5432/NAME, or leave it out for SQLite."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onshore.desk.settings")
    import django

    django.setup()
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        why = str(error).strip().splitlines()[0]
        raise CannotServe(
            f"The desk's database cannot be reached: {why}. Check DATABASE_URL and the server."
        ) from None


def migrate() -> None:
    """Bring the database to this version's tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)


def serve(host: str, port: int, *, example: bool = False, say: Say = print) -> None:
    """Serve the desk until Ctrl-C or SIGTERM.

    The database is made or brought up to date. Until an administrator has signed in, a one-time
    password is printed at each start.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    example
        Whether to load the worked example, where no records are there yet.
    say
        Tells lines to whoever started it.

    Raises
    ------
    CannotServe
        The port is taken, or this data folder is being served already.
    """
    listening = _listen(host, port)
    prepare()
    with alone():
        migrate()
        if password := _first_administrator():
            say(f"Administrator: {ADMINISTRATOR}   one-time password: {password}")
        if example:
            say(_load_example())
        with _worker():
            _answer(listening, lambda: say(f"The desk: {_address(listening)}   (Ctrl-C ends)"))


@contextmanager
def alone() -> Iterator[None]:
    """Hold the data folder for one server, or one restore; a killed process lets go of it.

    Raises
    ------
    CannotServe
        Another process holds it.
    """
    from django.conf import settings

    lock = sqlite3.connect(settings.DATA / "serving.lock", isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise CannotServe(
            f"The desk in {settings.DATA} is being served already. Stop that server first, or"
            " give another data folder in ONSHORE_DATA."
        ) from None
    try:
        yield
    finally:
        lock.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let two servers share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OverflowError:
        listening.close()
        raise CannotServe(f"{port} is no port. Give one from 1 to 65535 with --port.") from None
    except OSError as failure:
        listening.close()
        raise CannotServe(
            f"Port {port} of {host} cannot be used: {failure.strerror}. Give another one with"
            f" --port, such as --port {port + 1}."
        ) from None
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _first_administrator() -> str:
    """Give the administrator a new one-time password, until one has signed in; else ""."""
    from onshore.desk.actions.acting import acting
    from onshore.desk.actor import Actor
    from onshore.desk.models import User

    administrators = User.objects.filter(is_superuser=True)
    if administrators.exclude(username=ADMINISTRATOR).exists():
        return ""
    found = administrators.first()
    if found is not None and (found.last_login or not found.must_change_password):
        return ""
    password = secrets.token_urlsafe(12)
    made = found or User(username=ADMINISTRATOR, is_superuser=True, must_change_password=True)
    made.set_password(password)
    made.save()
    with acting(Actor(made), "people.first_administrator") as deed:
        deed.note(User._meta.db_table, str(made.pk), {}, {"username": made.username})
    return password


def _load_example() -> str:
    """Load the worked example and look for makers, so that match review has something to show."""
    from onshore.desk.actor import Actor
    from onshore.desk.choosing.matching import look_for_makers
    from onshore.desk.models import Need, Role, User
    from onshore.desk.states import OPEN
    from onshore.desk.tables.exchange import NotEmpty, load

    loader = Actor(
        User.objects.filter(is_superuser=True).first(), {Role.OFFICER.value: frozenset()}
    )
    try:
        counts = load(example_folder(), loader)
    except NotEmpty:
        return "The worked example was not loaded: records are there already."
    open_needs = Need.objects.filter(state__in=OPEN).order_by("pk")
    look_for_makers(loader, list(open_needs.values_list("pk", flat=True)))
    _publish_and_plan(loader)
    return f"The worked example is loaded: {sum(counts.values()):,} rows."


def _publish_and_plan(loader: "Actor") -> None:
    """Publish a bulletin of the example and reckon two scenarios: no table holds these."""
    from django.utils import timezone

    from onshore.desk.actions import bulletins, scenarios
    from onshore.desk.actions.acting import acting
    from onshore.desk.analysing.scenarios import reckon
    from onshore.desk.models import Scenario
    from onshore.desk.reckoning.bulletins import Plan
    from onshore.desk.reckoning.dashboard import Terms

    terms = Terms.of_programme()
    bulletins.publish(
        loader,
        "programme",
        Plan(
            "The programme in figures",
            "برنامه در آینهٔ ارقام",
            ("sector", "tie_outs", "statistics"),
            terms,
            timezone.localdate(),
        ),
    )
    for title, budgets in (("As the programme stands", "1"), ("Half the budgets", "0.5")):
        told = {"budgets": budgets, "capacities": "1", "rate_type": terms.rate_type}
        assumed = {**told, "without": [], "seconds": 20}
        with acting(loader, "scenarios.add") as deed:
            row = Scenario(
                title=title, assumptions=assumed, made_by=loader.name, made_at=timezone.now()
            )
            deed.create(row)
        scenarios.keep_result(loader, row.pk, reckon(loader, row.assumptions))


def example_folder() -> Path:
    """Give the folder of the worked example: the installed one, or the repository's.

    Raises
    ------
    CannotServe
        Neither is there.
    """
    package = Path(__file__).parents[2]
    for folder in (package / "example", package.parents[1] / "examples" / "steel"):
        if folder.is_dir():
            return folder
    raise CannotServe("The worked example is not installed. Serve without --example.")


@contextmanager
def _worker() -> Iterator[None]:
    """Keep a worker going beside the server; it ends with the server."""
    ending = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep_going() -> None:
        while not ending.is_set():
            running[:] = [_start_worker()]
            running[0].wait()
            ending.wait(2)

    keeper = threading.Thread(target=keep_going, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        for worker in running:
            _end_worker(worker)
        keeper.join(5)


def _start_worker() -> subprocess.Popen[bytes]:
    # A session of its own: the terminal's Ctrl-C reaches the server, and the server ends it.
    return subprocess.Popen(
        [sys.executable, "-m", "onshore.desk.running.worker"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _end_worker(worker: subprocess.Popen[bytes]) -> None:
    if worker.stdin is not None:
        worker.stdin.close()
    try:
        worker.wait(_WORKER_ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _answer(listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until the process is told to end."""
    import waitress
    from django.urls import get_resolver

    from onshore.desk.running.memory import settle
    from onshore.desk.wsgi import application

    get_resolver()._populate()  # now, so that the first visitor does not wait for it
    settle()

    behind = os.environ.get("ONSHORE_PROXY")
    proxy = (
        {
            "trusted_proxy": behind,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        }
        if behind
        else {}
    )
    server = waitress.create_server(
        application,
        sockets=[listening],
        threads=THREADS,
        ident="onshore",
        max_request_body_size=MOST_REQUEST_BYTES,
        clear_untrusted_proxy_headers=bool(behind),
        **proxy,
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    ready()
    try:
        server.run()
    finally:
        server.close()


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
