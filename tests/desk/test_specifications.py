"""Specification packages: versions, levels, grants and files."""

import hashlib
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from filling import typed

from onshore.desk.actions import specifications
from onshore.desk.actions.acting import Refused
from onshore.desk.models import Alert, AuditEntry, Grant, Need, Specification
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nAn inner ring.\n"


def packed(*names: str) -> bytes:
    """Make a ZIP file with something under each name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, b"something")
    return out.getvalue()


WORKBOOK = ("[Content_Types].xml", "xl/workbook.xml", "xl/printerSettings/printerSettings1.bin")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def need(programme):
    Need.objects.filter(pk="N1").update(state="scouting")
    return programme.need


def file(name="drawing.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def issue(actor, title="Drawing", access="restricted", content=PDF, **told):
    return specifications.issue(
        actor, "N1", title=title, file=file(content=content), access=access, **told
    )


def test_a_document_is_kept_with_its_fingerprint_and_the_next_is_its_version(
    client_of, need, tmp_path
):
    client, address = client_of("engineer"), reverse("issue_specification", args=["N1"])
    assert (
        typed(client, address, title="Drawing", file=file(), access="restricted").status_code == 302
    )
    first = Specification.objects.get()
    assert (first.version, first.sha256) == (1, hashlib.sha256(PDF).hexdigest())
    answer = typed(
        client, address, title="Drawing ", file=file(content=PDF + b"2"), access="restricted"
    )
    assert "Say what changed since" in answer.content.decode()
    assert typed(
        client,
        address,
        title="Drawing",
        file=file(content=PDF + b"2"),
        access="restricted",
        note="Bore 100 H7",
    ).url == reverse("specifications", args=["N1"])
    assert sorted(Specification.objects.values_list("version", flat=True)) == [1, 2]
    text = client.get(reverse("specifications", args=["N1"])).content.decode()
    assert "Bore 100 H7" in text
    assert Specification.objects.get(version=2).sha256 in text
    kept = client.get(reverse("specification_file", args=[first.pk]))
    assert b"".join(kept.streaming_content) == PDF
    assert kept["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("virus.exe", b"MZ", "is not taken"),
        ("page.html", b"<script>", "is not taken"),
        ("drawing.pdf", b"MZ\x90", "contents are not what its ending"),
        ("notes.txt", b"a\x00b", "contents are not what its ending"),
        ("drawing.pdf", b"", "empty"),
        ("../../etc/passwd", b"root", "is not taken"),
        ("picture.svg", b"<svg onload='x'/>", "is not taken"),
        ("macros.xlsm", packed(*WORKBOOK), "is not taken"),
        ("notes.txt", b"\xef\xbb\xbf \n<!DOCTYPE  HTML><p>", "would run"),
        ("notes.txt", b"bore 100 H7\n<SCRIPT src=//x>", "would run"),
        ("table.csv", b"<svg xmlns='http://www.w3.org/2000/svg'>", "would run"),
        ("table.csv", b"MZ\x90", "contents are not what its ending"),
        ("drawing.dxf", b"#!/bin/sh\nrm -r .", "contents are not what its ending"),
        ("notes.txt", b"a" * 100_000 + b"\x00", "contents are not what its ending"),
        ("drawing.pdf", PDF + b"<</S /JavaScript /JS (app.alert(1))>>", "would run"),
        ("drawing.pdf", PDF + b"<</S /Launch /F (calc.exe)>>", "would run"),
        ("drawing.png", b"\x89PNG", "contents are not what its ending"),
        ("model.step", PDF, "contents are not what its ending"),
        ("table.xlsx", packed("word/document.xml"), "contents are not what its ending"),
        ("table.xlsx", packed(*WORKBOOK)[:-30], "contents are not what its ending"),
        ("table.xlsx", packed(*WORKBOOK, "xl/vbaProject.bin"), "would run"),
        ("text.docx", packed("word/document.xml", "word/activeX/activeX1.xml"), "would run"),
        ("all.zip", packed("drawings/a.pdf", "drawings/Setup.EXE"), "would run"),
        ("all.zip", packed("a.pdf", "index.html"), "would run"),
        ("all.zip", packed("a.pdf", "list.xlsm"), "would run"),
        ("all.zip", packed("a.pdf", "more.zip"), "packed file lies in this one"),
    ],
)
def test_a_file_of_a_wrong_kind_is_refused_on_the_page(
    client_of, need, tmp_path, name, content, says
):
    answer = typed(
        client_of("engineer"),
        reverse("issue_specification", args=["N1"]),
        title="Drawing",
        file=file(name, content),
        access="restricted",
    )
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Specification.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.xlsx", packed(*WORKBOOK)),
        ("text.docx", packed("[Content_Types].xml", "word/document.xml")),
        ("all.zip", packed("drawings/a.pdf", "drawings/b.step")),
        ("model.STEP", b"ISO-10303-21;\nHEADER;"),
        ("drawing.dxf", b"  0\nSECTION\n  2\nHEADER\n"),
        ("notes.txt", "رینگ داخلی، قطر < ۱۰۰ mm".encode()),
        ("table.csv", b"a<b,c\n1,2\n"),
    ],
)
def test_a_file_of_its_kind_is_kept_and_given_only_to_be_kept(client_of, need, name, content):
    client, address = client_of("engineer"), reverse("issue_specification", args=["N1"])
    sent = {"title": "Drawing", "file": file(name, content), "access": "restricted"}
    assert typed(client, address, **sent).status_code == 302
    document = Specification.objects.get()
    answer = client.get(reverse("specification_file", args=[document.pk]))
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_too_large_is_refused(actors, need, settings):
    settings.MOST_UPLOAD_BYTES = 2**20
    with pytest.raises(Refused, match="the most is 1 MB"):
        issue(actors["engineer"], content=PDF + b"x" * 2**20)


def test_a_file_goes_if_its_document_is_not_kept(actors, need, tmp_path, monkeypatch):
    def fail(*_arguments, **_told):
        raise RuntimeError("the power went")

    monkeypatch.setattr(specifications, "tell_members", fail)
    with pytest.raises(RuntimeError):
        issue(actors["engineer"])
    assert not Specification.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_same_file_is_no_new_version(actors, need):
    issue(actors["engineer"])
    with pytest.raises(Refused, match="the same file as version 1"):
        issue(actors["engineer"], note="None")


@pytest.mark.parametrize(
    ("access", "granted", "reads"),
    [
        ("public", None, True),
        ("restricted", None, False),
        ("restricted", "restricted", True),
        ("confidential", "restricted", False),
        ("confidential", "confidential", True),
    ],
)
def test_a_maker_reads_what_its_grant_reaches(actors, client_of, need, access, granted, reads):
    document = issue(actors["engineer"], access=access)
    if granted:
        specifications.grant(actors["engineer"], "N1", "workshop", granted)
    client = client_of("maker")
    answer = client.get(reverse("specification_file", args=[document.pk]))
    assert answer.status_code == (200 if reads else 404)
    page = client.get(reverse("specifications", args=["N1"])).content.decode()
    assert (document.sha256 in page) is reads
    if granted:
        other = client_of("rival").get(reverse("specification_file", args=[document.pk]))
        assert other.status_code == 404


def test_a_grant_is_told_and_ends_with_a_reason(actors, client_of, need):
    document = issue(actors["engineer"])
    client = client_of("engineer")
    address = reverse("grant_access", args=["N1"])
    assert typed(client, address, organisation="workshop", access="restricted").status_code == 302
    grant = Grant.objects.get()
    assert Alert.objects.filter(user__username="maker", kind="specification.granted").exists()
    maker = client_of("maker")
    assert maker.get(reverse("specification_file", args=[document.pk])).status_code == 200
    assert "Rival" not in maker.get(reverse("specifications", args=["N1"])).content.decode()
    ending = reverse("end_grant", args=[grant.pk])
    assert typed(client, ending, reason="").status_code == 422
    assert typed(client, ending, reason="Deal with another").status_code == 302
    assert maker.get(reverse("specification_file", args=[document.pk])).status_code == 404
    line = AuditEntry.objects.get(action="specifications.end_grant")
    assert line.reason == "Deal with another"


def test_a_changed_level_holds_at_once_and_keeps_the_version(actors, client_of, need):
    document = issue(actors["engineer"], access="public")
    specifications.change_access(actors["engineer"], document.pk, "confidential", reason="Leak")
    document.refresh_from_db()
    assert (document.access, document.version) == ("confidential", 1)
    assert (
        client_of("maker").get(reverse("specification_file", args=[document.pk])).status_code == 404
    )


@pytest.mark.parametrize("role", ["maker", "officer", "verifier", "auditor"])
def test_only_the_buyers_engineer_issues_and_grants(actors, need, role):
    with pytest.raises((NotAllowed, Refused)):
        issue(actors[role])
    with pytest.raises((NotAllowed, Refused)):
        specifications.grant(actors[role], "N1", "workshop", "confidential")


def test_only_makers_are_granted(actors, need):
    with pytest.raises(Refused, match="is not a maker"):
        specifications.grant(actors["engineer"], "N1", "university", "restricted")
