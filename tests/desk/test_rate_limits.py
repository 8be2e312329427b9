"""How often one may write, and who may ask how the desk is."""

import json
import os
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from onshore.desk.entering import ratelimit
from onshore.desk.models import Job, User
from onshore.desk.running import worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: 1_800_000_010.0))


def write(client: Client, **more: Any) -> Any:
    return client.post("/theme/", {"theme": "dark", "next": "/"}, **more)


def test_who_writes_too_often_is_told_when_to_come_back(
    client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONSHORE_WRITES_A_MINUTE", "3")
    client = client_of("maker")
    assert [write(client).status_code for _ in range(4)] == [302, 302, 302, 429]
    answer = write(client)
    assert answer["Retry-After"] == "51"
    assert "51 seconds" in answer.text
    assert "۵۱ ثانیه" in write(client_of("maker", "fa")).text
    assert client.get("/jobs/").status_code == 200  # reading goes on
    assert write(client_of("rival")).status_code == 302  # and so do others


def test_the_next_minute_counts_anew(client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONSHORE_WRITES_A_MINUTE", "1")
    client = client_of("maker")
    assert [write(client).status_code for _ in range(2)] == [302, 429]
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: 1_800_000_061.0))
    assert write(client).status_code == 302


def test_an_address_is_limited_whoever_writes(
    client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONSHORE_WRITES_A_MINUTE", "1")
    public = client_of("public")
    first = [write(public).status_code for _ in range(ratelimit.ADDRESS_SHARE + 1)]
    assert first == [302] * ratelimit.ADDRESS_SHARE + [429]
    assert write(public, REMOTE_ADDR="192.0.2.7").status_code == 302


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/ogc/nothing"])
def test_what_programs_ask_has_a_limit_told_as_json(
    client_of: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("ONSHORE_API_A_MINUTE", "1")
    client = client_of("maker")
    client.get(path)
    answer = client.get(path)
    assert answer.status_code == 429
    assert json.loads(answer.content)["seconds"] == 51


def test_a_limit_of_nought_is_none(client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONSHORE_WRITES_A_MINUTE", "0")
    client = client_of("public")
    assert {write(client).status_code for _ in range(20)} == {302}


@pytest.mark.parametrize("page", ["/health/", "/metrics"])
@pytest.mark.parametrize(
    ("request_is", "seen"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "192.0.2.7"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer right"}, True),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer wrong"}, False),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "}, False),
    ],
)
def test_only_this_machine_or_a_token_sees_how_the_desk_is(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    request_is: dict[str, str],
    seen: bool,
) -> None:
    monkeypatch.setenv("ONSHORE_HEALTH_TOKEN", "right")
    answer = client.get(page, **request_is)
    assert (answer.status_code != 404) == seen


def test_without_a_token_no_token_opens(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONSHORE_HEALTH_TOKEN", raising=False)
    answer = client.get("/health/", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer ")
    assert answer.status_code == 404


def test_health_says_whether_the_worker_lives(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any
) -> None:
    settings.DATA = tmp_path
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["worker"]) == (503, False)
    pulse = tmp_path / "worker.alive"
    pulse.write_text("1")
    now = worker.time.time()
    os.utime(pulse, (now, now))
    assert client.get("/health/").status_code == 200
    os.utime(pulse, (now - 60, now - 60))
    assert client.get("/health/").status_code == 503


def test_metrics_are_text_that_prometheus_reads(
    client: Client, programme: Any, people: dict[str, User]
) -> None:
    Job.objects.create(kind="x", user=people["maker"], asked_at="2024-10-01T00:00Z", state="failed")
    client.get("/health/")
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.]+(e[+-]?\d+)?')
    told = [text for text in answer.text.splitlines() if text and not text.startswith("#")]
    assert all(line.fullmatch(text) for text in told), told
    assert 'onshore_needs{state="draft"} 1' in told
    assert 'onshore_jobs{state="failed"} 1' in told
    assert any(text.startswith('onshore_requests_total{page="health"') for text in told)
    counts = [int(text.split()[-1]) for text in told if "_bucket" in text]
    assert counts == sorted(counts)
    assert f"onshore_request_seconds_count {counts[-1]}" in told
