"""A desk opened from a notebook: what its API may answer, and what is said then."""

import json
import re
import socket
import threading
import time
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import onshore
from onshore.records import NoProgramme, opening, tables

SETTINGS = {
    "name": "Test",
    "name_fa": "",
    "home": "IR",
    "currency": "EUR",
    "calendar": "solar_hijri",
    "price_date": "2024-09-22",
    "rate_type": "market",
    "discount_rate": 0.0,
    "first_year": 1403,
    "years": 5,
    "phases": {"1": 1403},
    "illustrative": True,
    "note": "",
    "note_fa": "",
}
NEEDS = [
    {"need_id": f"N{n}", "import_price": "310.123456", "price_date": "2024-09-01", "new": 1}
    for n in range(5)
]


class Desk(ThreadingHTTPServer):
    """Answers as a desk would, or as `answers` says for a path."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked = {}, []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _mark, question = self.path.removeprefix("/api/v1/").partition("?")
        self.server.asked.append((path, question, self.headers.get("Authorization")))
        status, body, headers = self.server.answers.get(path, (200, None, {}))
        if callable(body):
            status, body, headers = body()
        if body is None:
            body = json.dumps(_answer(path, question)).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_told):
        pass


def _answer(path, question):
    if path == "programme/":
        return {"settings": SETTINGS, "tables": [*tables(), "a_later_table"]}
    if path != "needs/":
        return {"rows": [], "next": None}
    after = question.rpartition("after=")[2]
    rows = [row for row in NEEDS if row["need_id"] > after]
    return {"rows": rows[:2], "next": rows[1]["need_id"] if len(rows) > 2 else None}


@pytest.fixture
def desk():
    server = Desk()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_desk_is_read_page_by_page(desk):
    programme = onshore.open(f"{desk.address}/api/v1/", token="onshore_x")
    needs = programme.table("needs")
    assert needs["need_id"].to_list() == ["N0", "N1", "N2", "N3", "N4"]
    assert needs["import_price"].to_list() == [Decimal("310.123456")] * 5
    assert needs["price_date"][0] == date(2024, 9, 1)
    assert needs.columns == list(programme.table("needs").schema)
    assert programme.settings.phases == {1: 1403}
    assert programme.folder is None
    assert [of for path, of, _token in desk.asked if path == "needs/"] == [
        "limit=2000&after=",
        "limit=2000&after=N1",
        "limit=2000&after=N3",
    ]
    assert {token for _path, _of, token in desk.asked} == {"Bearer onshore_x"}
    assert not [path for path, *_told in desk.asked if path == "a_later_table/"]


def test_the_token_may_stand_in_the_environment(desk, monkeypatch):
    monkeypatch.setenv("ONSHORE_TOKEN", "onshore_y")
    onshore.open(desk.address)
    assert desk.asked[0][2] == "Bearer onshore_y"


@pytest.mark.parametrize(
    ("status", "body", "headers", "says"),
    [
        (401, b"{}", {}, "refuses the token: it is unknown or has ended"),
        (403, b"{}", {}, "does not let this token read"),
        (404, b"", {}, "is no desk, none that holds a programme"),
        (500, b"", {}, "answers 500. Look at the desk's log"),
        (302, b"", {"Location": "https://elsewhere.example/"}, "sends on to https://elsewhere"),
        (200, b"<html>", {}, "is not a desk. Check the address."),
        (200, b"[1]", {}, "is not a desk. Check the address."),
        (200, b"{", {"Content-Length": "99"}, "broke off"),
    ],
)
def test_what_goes_wrong_is_said_with_what_to_do(desk, status, body, headers, says):
    desk.answers["programme/"] = (status, body, headers)
    with pytest.raises(NoProgramme, match=re.escape(says)) as told:
        onshore.open(desk.address, token="onshore_secret")
    assert "onshore_secret" not in str(told.value)


def test_an_answer_that_does_not_come_is_not_waited_for(desk):
    def late():
        time.sleep(1)
        return 200, b"{}", {}

    desk.answers["programme/"] = (200, late, {})
    with pytest.raises(opening.NoDesk, match=r"did not answer within 0.2 seconds"):
        opening.read_desk(desk.address, "x", seconds=0.2)


def test_what_is_asked_too_often_is_asked_again_later(desk, monkeypatch):
    waited, answers = [], iter([(429, b"{}", {"Retry-After": "7"}), (200, None, {})])
    monkeypatch.setattr(opening.time, "sleep", waited.append)
    desk.answers["needs/"] = (200, lambda: next(answers, (200, None, {})), {})
    assert onshore.open(desk.address, token="x").table("needs").height == 5
    assert waited == [7.0]
    desk.answers["needs/"] = (429, b"{}", {"Retry-After": "x"})
    with pytest.raises(opening.NoDesk, match="asked too often"):
        onshore.open(desk.address, token="x")


def test_nobody_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(opening.NoDesk, match="cannot be reached"):
        onshore.open(f"http://127.0.0.1:{port}", token="x")


@pytest.mark.parametrize(
    ("address", "token", "says"),
    [
        ("https://desk.example.org", "", "none was given"),
        ("http://desk.example.org", "x", "Write https://desk.example.org."),
        ("https://", "x", "is not the address of a desk"),
        ("https://u:p@desk.example.org", "x", "is not the address of a desk"),
        ("https://desk.example.org:port", "x", "is not the address of a desk"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused(monkeypatch, address, token, says):
    monkeypatch.delenv("ONSHORE_TOKEN", raising=False)
    with pytest.raises(opening.NoDesk, match=re.escape(says)):
        onshore.open(address, token=token)
