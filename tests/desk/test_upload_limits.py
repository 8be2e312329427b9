"""What an upload may not be: too large, a bomb, another kind of file, cut short, too slow."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onshore.desk.actions import uploads as actions
from onshore.desk.actions.acting import Refused
from onshore.desk.models import Upload
from onshore.desk.uploading import uploads
from onshore.desk.uploading.reader import Asked

pytestmark = pytest.mark.django_db
TOLD = {"table": "needs", "organisation": "", "whole": "1"}


def send(client: Any, name: str, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("new_upload"), {**TOLD, **more, "file": file})


@pytest.fixture
def client(programme: Any, client_of: Callable[..., Any]) -> Any:
    return client_of("engineer")


def workbook(sheet: bytes) -> bytes:
    """Make an XLSX whose sheet is some XML."""
    import xlsxwriter

    file, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, sheet if is_sheet else old.read(part))
    return out.getvalue()


def test_a_file_beyond_50_megabytes_is_answered_on_the_page(client: Any) -> None:
    answer = send(client, "big.csv", b"x" * (settings.MOST_UPLOAD_BYTES + 100_000))
    assert answer.status_code == 413
    assert "larger than 50 MB" in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_bomb_is_refused_before_it_is_unpacked(client: Any) -> None:
    bomb = workbook(b"<worksheet><sheetData>" + b" " * (60 << 20) + b"</sheetData></worksheet>")
    assert len(bomb) < 200_000
    answer = send(client, "bomb.xlsx", bomb)
    assert answer.status_code == 422
    assert "refused before it is unpacked" in answer.content.decode()
    assert not Upload.objects.exists()


def test_entities_are_refused(client: Any) -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet><sheetData/></worksheet>'
    answer = send(client, "lol.xlsx", workbook(lol))
    assert "document type definition" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.png", b"\x89PNG", "ends in “.png”"),
        ("old.xls", b"\xd0\xcf\x11\xe0", "ends in “.xls”"),
        ("really.xlsx", b"%PDF-1.7 and more", "not an XLSX workbook"),
        ("really.csv", b"%PDF-1.7 and more", "PDF"),
        ("zip.csv", b"PK\x03\x04" + b"\0" * 50, "zip file"),
        ("nul.csv", bytes(range(256)) * 40, "not text"),
        ("empty.csv", b"", "empty"),
    ],
)
def test_another_kind_of_file_is_told(client: Any, name: str, content: bytes, said: str) -> None:
    answer = send(client, name, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_refused_file_leaves_nothing_behind(client: Any) -> None:
    folder = settings.MEDIA_ROOT / "uploads"
    before = set(folder.iterdir()) if folder.exists() else set()
    send(client, "really.xlsx", b"%PDF-1.7 and more")
    assert set(folder.iterdir()) == before


def test_a_file_that_was_cut_on_its_way_is_told(client: Any) -> None:
    file = SimpleUploadedFile("list.csv", b"need_id,description\nR1,Val")
    answer = client.post(reverse("new_upload"), {"table": "needs", "file": file})
    assert answer.status_code == 400
    assert "did not arrive whole" in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_form_from_elsewhere_is_refused(programme: Any, people: dict[str, Any]) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(people["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, "list.csv", b"need_id,description\nR1,Valve\n").status_code == 403
    assert not Upload.objects.exists()


def test_too_many_rows_are_told(actors: dict[str, Any], programme: Any) -> None:
    rows = "".join(f"R{n},V\n" for n in range(200_001))
    file = SimpleUploadedFile("list.csv", f"need_id,description\n{rows}".encode())
    upload = actions.begin(actors["engineer"], "needs", file)
    page = actions.Session(upload).errors
    assert page["reason"].to_list() == ["it has more than 200,000 rows."]


def test_a_reader_that_takes_too_long_is_ended(
    actors: dict[str, Any], programme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    file = SimpleUploadedFile("list.csv", b"need_id,description\nR1,Valve\n")
    with pytest.raises(Refused, match="took more than"):
        actions.begin(actors["engineer"], "needs", file)
    assert not Upload.objects.exists()


def test_a_reader_that_takes_too_much_memory_is_ended(
    actors: dict[str, Any], programme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MEMORY", 300 << 20)
    file = SimpleUploadedFile("list.csv", b"need_id,description\nR1,Valve\n")
    with pytest.raises(Refused, match=r"memory|could not go on"):
        actions.begin(actors["engineer"], "needs", file)
    assert not Upload.objects.exists()


def test_the_reader_holds_its_limits() -> None:
    pytest.importorskip("resource")
    code = (
        "from onshore.desk.uploading.reader import hold_limits\n"
        "from resource import RLIMIT_AS, RLIMIT_CPU, getrlimit\n"
        "hold_limits(7, 1 << 30)\n"
        "print(getrlimit(RLIMIT_AS)[0], getrlimit(RLIMIT_CPU)[0])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert said.stdout.split() == [str(1 << 30), "7"]


def test_the_reader_gets_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    seen: dict[str, Any] = {}

    def run(command: list[str], **told: Any) -> Any:
        seen.update(told["env"])
        return type("Done", (), {"returncode": 0, "stderr": b""})()

    monkeypatch.setenv("ONSHORE_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:password@host/name")
    monkeypatch.setattr(uploads.subprocess, "run", run)
    uploads._run(Asked(file="", table="needs", out=str(tmp_path)))
    assert "secret" not in str(seen)
    assert "password" not in str(seen)


def test_formulas_come_back_inert(actors: dict[str, Any], programme: Any) -> None:
    file = SimpleUploadedFile("list.csv", b"need_id,description,qty\nR1,=1+1,many\n")
    upload = actions.begin(actors["engineer"], "needs", file)
    session = actions.Session(upload)
    uploads.run_reader(actors["engineer"], session, marked="marked.xlsx")
    with zipfile.ZipFile(session.folder / "marked.xlsx") as book:
        assert b"<f>" not in b"".join(
            book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")
        )
