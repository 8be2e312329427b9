"""The desk's documents: their examples work, and their limits are those of the program."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from onshore.desk import api
from onshore.desk.actions import tokens
from onshore.desk.actions import uploads as actions
from onshore.desk.actions.acting import Refused
from onshore.desk.entering import ratelimit
from onshore.desk.models import Need
from onshore.desk.uploading import reader as upload_reader
from onshore.desk.uploading import uploads
from onshore.figures.shown import number
from onshore.records import tables

pytestmark = pytest.mark.django_db

DOCUMENTS = Path(__file__).parents[2] / "docs" / "desk"
UPLOADS = (DOCUMENTS / "uploads.md").read_text(encoding="utf-8")
API = (DOCUMENTS / "api.md").read_text(encoding="utf-8")


def asked_and_answered() -> list[tuple[str, Any]]:
    """Give the requests of the document, each with the answer that follows it."""
    pairs = re.findall(r"```sh\n(curl [^\n]*)\n```\s+```json\n(.*?)\n```", API, re.DOTALL)
    return [(asked, json.loads(answer)) for asked, answer in pairs]


def send(words: str, token: str) -> Any:
    """Send to the desk what a line of curl would send."""
    parts = iter(shlex.split(words)[1:])
    method, headers, body, address = "GET", {}, "", ""
    for part in parts:
        if part == "-X":
            method = next(parts)
        elif part == "-H":
            name, _colon, value = next(parts).partition(": ")
            headers[name] = value.replace("$ONSHORE_TOKEN", token)
        elif part == "-d":
            body = next(parts)
        else:
            address = part
    told = urlsplit(address)
    kind = headers.pop("Content-Type", "application/octet-stream")
    query = f"?{told.query}" if told.query else ""
    return Client().generic(method, told.path + query, body, content_type=kind, headers=headers)


def holds(told: Any, found: Any) -> bool:
    """Whether an answer holds what a document tells of it; "..." stands for any text."""
    if isinstance(told, dict):
        return all(name in found and holds(value, found[name]) for name, value in told.items())
    if isinstance(told, list):
        return len(told) == len(found) and all(map(holds, told, found))
    return isinstance(found, str) if told == "..." else bool(told == found)


def test_the_requests_of_the_document_are_answered_as_it_says(actors, programme):
    _made, token = tokens.make(actors["engineer"], "test", 1)
    pairs = asked_and_answered()
    assert len(pairs) == 3
    for words, told in pairs:
        found = send(words, token).json()
        assert holds(told, found), (words, found)
    assert Need.objects.get(pk="N1").state == "published"


def test_the_document_names_every_kind_of_address_of_the_api():
    paths = {path.removeprefix("/api/v1/") for path in api.document()["paths"]}
    kinds = {
        re.sub("^(?:" + "|".join(tables()) + ")/", "TABLE/", path).replace("{key}", "KEY")
        for path in paths
    }
    assert kinds == set(re.findall(r"`((?:TABLE|programme)/(?:KEY/)?(?:moves/)?)`", API))
    assert "/needs/N1/moves/" in API


def test_the_sheet_of_the_document_is_read_as_it_says(actors, programme):
    sheet = re.search(r"```csv\n(.*?)```", UPLOADS, re.DOTALL)[1]
    file = SimpleUploadedFile("needs.csv", sheet.encode())
    upload = actions.begin(actors["engineer"], "needs", file)
    (fault,) = uploads.Session(upload).errors.iter_rows(named=True)
    assert (upload.rows, fault["row"], fault["found"]) == (3, 4, "many")
    with pytest.raises(Refused):
        actions.commit(actors["engineer"], upload.pk)
    actions.mend(actors["engineer"], upload.pk, {4: {"yearly_quantity": "240"}})
    actions.commit(actors["engineer"], upload.pk)
    needs = Need.objects.filter(pk__startswith="R")
    assert set(needs.values_list("state", "buyer_id")) == {("draft", "steelworks")}
    assert len(needs) == 3


def test_the_limits_of_the_documents_are_those_of_the_program():
    for told in (
        f"{settings.MOST_UPLOAD_BYTES >> 20} MB",
        f"{upload_reader.MOST_ROWS:,} rows",
        f"{uploads.SECONDS} seconds",
        f"{uploads.MEMORY >> 30} GB",
    ):
        assert told in UPLOADS
    for told in (
        f"up to {api.MOST_ROWS}",
        f"1 to {tokens.MOST_DAYS} days",
        f"{number(ratelimit.API_A_MINUTE, 'en')} requests",
    ):
        assert told in API
    assert (tokens.MOST_TOKENS, ratelimit.ADDRESS_SHARE) == (20, 5)
