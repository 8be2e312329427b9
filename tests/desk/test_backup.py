"""A backup holds the desk whole; a restore brings it back, or changes nothing."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

_RUN = "import sys; from onshore.cli import main; sys.exit(main(sys.argv[1:]))"
_PREPARE = "from onshore.desk.running import serving; serving.prepare(); serving.migrate()\n"
_WRITE = """
from pathlib import Path
from django.conf import settings
from onshore.desk.actions.acting import acting
from onshore.desk.actor import PUBLIC
from onshore.desk.models import Organisation
with acting(PUBLIC, "test.add") as deed:
    deed.create(Organisation(organisation_id={key!r}, name="فولاد", role="buyer"))
(Path(settings.MEDIA_ROOT) / "specifications").mkdir(parents=True, exist_ok=True)
(Path(settings.MEDIA_ROOT) / "specifications" / "{key}.pdf").write_bytes(b"%PDF " * 1000)
"""
_READ = """
from onshore.desk.models import Organisation
print(";".join(Organisation.objects.order_by("pk").values_list("pk", flat=True)))
"""
pytestmark = pytest.mark.slow


class Desk:
    """A data folder and the commands that work on it."""

    def __init__(self, folder: Path, database: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.environment = os.environ | {
            "ONSHORE_DATA": str(folder),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "onshore.desk.settings",
            "ONSHORE_LOG": "ERROR",
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run(_RUN, *words)

    def write(self, key: str) -> None:
        done = self._run(_PREPARE + _WRITE.format(key=key))
        assert done.returncode == 0, done.stderr

    def keys(self) -> str:
        if self.environment["DATABASE_URL"]:
            done = self._run(_PREPARE + _READ)
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()
        with closing(sqlite3.connect(self.folder / "onshore.sqlite3")) as database:
            rows = database.execute("SELECT organisation_id FROM organisations ORDER BY 1")
            return ";".join(key for (key,) in rows)

    def files(self) -> set[str]:
        return {path.name for path in (self.folder / "files").rglob("*.pdf")}

    def _run(self, code: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, empty_desk: Path) -> Path:
    """A data folder with one record and one file, and its backup beside it."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("is a desk on SQLite: tested where the others are")
    folder = tmp_path_factory.mktemp("first")
    shutil.copytree(empty_desk, folder / "desk")
    one = Desk(folder / "desk")
    one.write("a")
    done = one.run("backup", str(folder / "kept.zip"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def desk(first: Path, tmp_path: Path) -> Desk:
    shutil.copytree(first / "desk", tmp_path / "desk")
    return Desk(tmp_path / "desk")


@pytest.fixture
def kept(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(first / "kept.zip", tmp_path / "kept.zip"))


def test_what_was_backed_up_comes_back_elsewhere(desk: Desk, kept: Path, tmp_path: Path) -> None:
    head = desk.run("audit", "head").stdout.strip()
    other = Desk(tmp_path / "other")
    done = other.run("restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert other.keys() == "a"
    assert other.files() == {"a.pdf"}
    told = other.run("audit", "verify", "--head", head)
    assert (told.returncode, told.stdout) == (0, "The audit holds: 1 line.\n")
    assert not any("secret" in name for name in zipfile.ZipFile(kept).namelist())


def test_a_restore_goes_back_to_that_moment_and_keeps_what_was_there(
    desk: Desk, kept: Path
) -> None:
    desk.write("b")
    refused = desk.run("restore", str(kept))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert desk.keys() == "a;b"
    done = desk.run("restore", str(kept), "--replace")
    assert done.returncode == 0, done.stderr
    assert desk.keys() == "a"
    assert desk.files() == {"a.pdf"}
    (former,) = desk.folder.glob("before-restore-*")
    with sqlite3.connect(former / "onshore.sqlite3") as database:
        rows = database.execute("SELECT count(*) FROM organisations").fetchone()
    assert rows == (2,)
    assert {path.name for path in former.rglob("*.pdf")} == {"a.pdf", "b.pdf"}
    desk.write("c")
    assert desk.run("audit", "verify").returncode == 0


def altered(kept: Path, name: str, change: Any) -> Path:
    """Write the backup anew with one of its files changed."""
    other = kept.with_name("altered.zip")
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(other, "w") as new:
        for one in old.namelist():
            content = old.read(one)
            content = change(content) if one == name else content
            if content is not None:
                new.writestr(one, content)
    return other


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("files/specifications/a.pdf", lambda content: content + b"x", "was changed"),
        ("database.sqlite3", lambda content: content[:-4096], "was changed"),
        ("files/specifications/a.pdf", lambda content: None, "not a whole backup"),
        ("manifest.json", lambda content: None, "not a whole backup"),
        ("manifest.json", lambda content: b"[]", "not a whole backup"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_happens(
    desk: Desk, kept: Path, name: str, change: Any, told: str
) -> None:
    refused = desk.run("restore", str(altered(kept, name, change)), "--replace")
    assert refused.returncode == 1, refused.stderr
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
    assert desk.keys() == "a"
    assert not list(desk.folder.glob("before-restore-*"))
    assert not list(desk.folder.glob(".onshore-*"))


def test_a_file_that_leads_out_of_the_folder_is_refused(desk: Desk, kept: Path) -> None:
    def leading_out(content: bytes) -> bytes:
        manifest = json.loads(content)
        manifest["sha256"]["../../out.txt"] = "0" * 64
        return json.dumps(manifest).encode()

    refused = desk.run("restore", str(altered(kept, "manifest.json", leading_out)), "--replace")
    assert refused.returncode == 1
    assert "leads out" in refused.stderr


def test_a_backup_of_another_engine_is_refused_with_the_way_over(desk: Desk, kept: Path) -> None:
    def of_postgresql(content: bytes) -> bytes:
        manifest = json.loads(content)
        manifest["database"] = "postgresql"
        manifest["sha256"]["database.dump"] = manifest["sha256"].pop("database.sqlite3")
        return json.dumps(manifest).encode()

    other = altered(kept, "manifest.json", of_postgresql)
    with zipfile.ZipFile(other, "a") as archive, zipfile.ZipFile(kept) as old:
        archive.writestr("database.dump", old.read("database.sqlite3"))
    refused = desk.run("restore", str(other), "--replace")
    assert refused.returncode == 1
    assert "onshore export" in refused.stderr


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all"])
def test_no_zip_at_all_is_refused(desk: Desk, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "no.zip"
    file.write_bytes(content)
    refused = desk.run("restore", str(file))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_a_backup_that_cannot_be_written_leaves_no_half_file(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("backup", str(tmp_path / "no" / "such" / "b.zip")).returncode == 2
    assert desk.run("backup", str(tmp_path / "b.tar")).returncode == 2
    assert not list(tmp_path.rglob("*.tar"))


@pytest.mark.postgres
@pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="DATABASE_URL names no server")
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not here")
def test_on_postgresql_a_restore_goes_back_to_that_moment(tmp_path: Path) -> None:
    from desk.killing import database

    with database() as url:
        desk = Desk(tmp_path / "desk", url)
        desk.write("a")
        file = tmp_path / "kept.zip"
        assert desk.run("backup", str(file)).returncode == 0
        desk.write("b")
        done = desk.run("restore", str(file), "--replace")
        assert done.returncode == 0, done.stderr
        assert desk.keys() == "a"
        assert desk.files() == {"a.pdf"}
        assert desk.run("audit", "verify").returncode == 0
