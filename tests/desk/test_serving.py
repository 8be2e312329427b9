"""One command serves the desk: it makes what is missing, says where it is, and ends cleanly."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from onshore.desk.models import User

_RUN = "import sys; from onshore.cli import main; sys.exit(main(sys.argv[1:]))"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="uses signals")]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "ONSHORE_DATA": str(tmp_path),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "onshore.desk.settings",
        "ONSHORE_LOG": "ERROR",
    }


@pytest.fixture
def used_before(environment: dict[str, str], empty_desk: Path) -> None:
    """Serve from a folder whose tables are made, which takes seconds."""
    shutil.copytree(empty_desk, environment["ONSHORE_DATA"], dirs_exist_ok=True)


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _RUN, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class Served:
    """A desk being served, with what it printed."""

    def __init__(self, environment: dict[str, str], *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUN, "serve", *words],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.folder = Path(environment["ONSHORE_DATA"])
        self.said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if line.startswith("The desk:"):
                break
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.said)
        assert found, self.said
        self.port = int(found[1])

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        server.request("GET", path, headers=headers)
        answer = server.getresponse()
        return answer.status, answer.read().decode()

    def end(self) -> None:
        self.process.terminate()
        assert self.process.wait(30) == 0

    def worker(self) -> int:
        return int((self.folder / "worker.alive").read_text())


@pytest.fixture
def serve(environment: dict[str, str]) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(*words: str) -> Served:
        started.append(Served(environment, *words))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def wait_for(held: Callable[[], Any], seconds: float = 20) -> Any:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if value := held():
            return value
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_first_start_makes_all_and_ctrl_c_ends_all(serve: Any, environment: Any) -> None:
    desk = serve("--port", "0")
    assert re.search(r"one-time password: \S{16}\n", desk.said)
    state = wait_for(lambda: desk.get("/health/")[0] == 200 and desk.get("/health/")[1])
    assert json.loads(state)["state"] == "well"
    status, page = desk.get("/")
    assert status in (200, 302), page
    worker = desk.worker()
    desk.process.send_signal(signal.SIGINT)
    assert desk.process.wait(30) == 0
    assert is_gone(worker)


@pytest.mark.usefixtures("used_before")
def test_a_killed_worker_is_started_again_and_a_killed_server_takes_it_along(serve: Any) -> None:
    desk = serve("--port", "0")
    first = wait_for(lambda: (desk.folder / "worker.alive").exists() and desk.worker())
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: desk.worker() != first)
    second = desk.worker()
    desk.process.kill()
    desk.process.wait()
    wait_for(lambda: is_gone(second))


@pytest.mark.usefixtures("used_before")
def test_one_data_folder_is_served_once(serve: Any, environment: Any, tmp_path: Path) -> None:
    serve("--port", "0")
    refused = run(environment, "serve", "--port", "0")
    assert refused.returncode == 2
    assert "is being served already" in refused.stderr
    backup = tmp_path / "b.zip"
    assert run(environment, "backup", str(backup)).returncode == 0
    refused = run(environment, "restore", str(backup), "--replace")
    assert refused.returncode == 1
    assert "is being served already" in refused.stderr


def test_a_taken_port_is_told_with_what_to_do(environment: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run(environment, "serve", "--port", str(port))
    assert refused.returncode == 2
    assert f"Port {port}" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://x@127.0.0.1/y", "names no database"),
        ("nonsense", "names no database"),
        ("postgresql://x@127.0.0.1:1/y", "cannot be reached"),
    ],
)
def test_a_wrong_database_is_told_with_what_to_do(
    environment: Any, address: str, said: str
) -> None:
    for words in (["audit", "head"], ["serve", "--port", "0"]):
        refused = run(environment | {"DATABASE_URL": address}, *words)
        assert refused.returncode == 2
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_port_that_is_none_is_told(environment: Any) -> None:
    refused = run(environment, "serve", "--port", "99999")
    assert refused.returncode == 2
    assert "99999 is no port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_without_the_extra_the_command_says_what_to_install(environment: Any) -> None:
    without = "import sys; sys.modules['django'] = None; " + _RUN
    for words in (["serve"], ["audit", "verify"], ["backup", "x.zip"]):
        refused = subprocess.run(
            [sys.executable, "-c", without, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 2
        assert "onshore[desk]" in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.usefixtures("used_before")
def test_the_example_is_loaded_once_and_the_password_told_until_it_is_used(
    serve: Any, environment: Any, tmp_path: Path
) -> None:
    first = serve("--port", "0", "--example")
    assert "one-time password" in first.said
    assert "The worked example is loaded" in first.said
    first.end()
    second = serve("--port", "0", "--example")
    assert "one-time password" in second.said
    assert first.said.splitlines()[0] != second.said.splitlines()[0]
    assert "was not loaded" in second.said
    second.end()
    told = run(environment, "audit", "verify")
    assert told.returncode == 0, told.stderr
    assert "The audit holds" in told.stdout
    out = tmp_path / "out"
    assert run(environment, "export", str(out)).returncode == 0
    assert (out / "needs.csv").exists()
    with closing(sqlite3.connect(tmp_path / "onshore.sqlite3")) as database, database:
        database.execute(f"UPDATE {User._meta.db_table} SET must_change_password = 0")
    assert "one-time password" not in serve("--port", "0").said
