"""Run the desk's tests on a PostgreSQL server of their own, made here and removed again.

    python tests/postgresql.py [arguments of pytest]

Without PostgreSQL on the machine it says so and ends well, but not in CI, which installs it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LEAST = 15
ROOT = Path(__file__).parents[1]


def programs() -> Path | None:
    """Find the folder of the newest PostgreSQL server's programs."""
    folders = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if int(path.parts[-3]) >= LEAST
    ]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server on a socket in a folder of its own; give its address."""
    binaries = programs()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL")
    data, sockets = folder / "data", folder / "sockets"
    sockets.mkdir()
    # PostgreSQL refuses to run as root: Debian's package brings a user for it.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        folder.chmod(0o755)
        shutil.chown(folder, "postgres")
        shutil.chown(sockets, "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "onshore", "-A", "trust", "-E", "UTF8"],
        check=True,
        cwd=folder,
        **quiet,
    )
    options = ["-k", sockets, "-c", "listen_addresses=", "-c", "max_connections=200"]
    process = subprocess.Popen(
        [*as_user, binaries / "postgres", "-D", data, *options], cwd=folder, **quiet
    )
    ready = [binaries / "pg_isready", "-q", "-h", sockets, "-U", "onshore", "-d", "postgres"]
    try:
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the PostgreSQL server did not start")
            time.sleep(0.1)
        yield f"postgresql://onshore@/postgres?host={sockets}"
    finally:
        subprocess.run(
            [*as_user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
            check=False,
            cwd=folder,
            **quiet,
        )
        process.wait(30)


def main(arguments: list[str]) -> int:
    """Run pytest on the desk's tests with the server's address in the environment."""
    if programs() is None:
        told = f"PostgreSQL {LEAST} or later is not here: the desk was tested on SQLite only."
        print(told, file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    folder = Path(tempfile.mkdtemp(prefix="onshore-postgresql-"))
    try:
        with server(folder) as address:
            environment = {**os.environ, "DATABASE_URL": address}
            # How pages look and work in a browser, and how the API reads what is sent, do not hang
            # on the database; what `serve` makes for itself is a desk on SQLite: tested once.
            once = ("look", "serving", "schemathesis")
            chosen = ["tests/desk", "-m", "not browser"]
            chosen += [f"--ignore=tests/desk/test_{name}.py" for name in once]
            # A third of the time is spent waiting for the server: three share two cores well.
            workers = str(max(3, os.cpu_count() or 1))
            command = [sys.executable, "-m", "pytest", *(arguments or ["-n", workers]), *chosen]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
