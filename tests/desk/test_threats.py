"""What is done against whom: the answers' headers, forged forms, markup in data, and the table."""

import ast
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from test_routes import routes
from worlds import build

from onshore.desk.actions import catalogue
from onshore.desk.models import AuditEntry, Organisation, User
from onshore.desk.screens import organisations

TESTS = Path(__file__).parent
TABLE = TESTS.parents[1] / "docs" / "desk" / "threats.md"
MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
PASSWORD = "correct horse battery staple"


def plain_routes() -> list[str]:
    """Give the routes that need no key."""
    return [f"/{route}" for route in routes() if "<" not in route]


def named_tests() -> list[tuple[str, str]]:
    """Give the tests that the table of threats names."""
    text = TABLE.read_text(encoding="utf-8")
    return re.findall(r"`(test_\w+)::(test_\w+)`", text)


def test_the_table_names_a_test_for_each_threat_and_each_is_there():
    rows = [
        line
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| Who", "| ---"))
    ]
    assert len(rows) > 20
    assert not [row for row in rows if not re.search(r"`test_\w+::test_\w+`", row)]
    missing = []
    for module, name in set(named_tests()):
        path = TESTS / f"{module}.py"
        tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
        if name not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.append(f"{module}::{name}")
    assert not missing


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["public", "officer", "administrator"])
def test_every_page_runs_only_what_is_the_desk_s_own(people, client_of, role):
    build(people)
    client, faults = client_of(role), []
    for url in plain_routes():
        answer = client.get(url)
        if answer.status_code >= 500 or answer.streaming:
            continue
        policy = answer.headers.get("Content-Security-Policy", "")
        told = dict(part.strip().partition(" ")[::2] for part in policy.split(";") if part)
        if told.get("default-src") != "'self'" or "unsafe" in policy or "http" in policy:
            faults.append(f"{url}: {policy or 'no policy'}")
        if answer.headers.get("X-Frame-Options") != "DENY":
            faults.append(f"{url}: may be framed")
        if answer.headers.get("X-Content-Type-Options") != "nosniff":
            faults.append(f"{url}: may be taken for another type")
        if "html" in answer.headers.get("Content-Type", ""):
            faults += [f"{url}: {found}" for found in inline(answer.content.decode())]
    assert not faults, "\n".join(faults)


def inline(page: str) -> list[str]:
    """Name what in a page would run or style without a file, or come from elsewhere."""
    found = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page)
    found += re.findall(r"<style\b[^>]*>", page)
    found += re.findall(r"<[a-z][^>]*\s(?:style|on[a-z]+|hx-on[^=]*)=", page)
    found += re.findall(r'(?:src|action)="(?:https?:)?//[^"]*"', page)
    return found + re.findall(r'<link[^>]*href="(?:https?:)?//[^"]*"', page)


def test_the_check_finds_what_is_inline():
    for bad in (
        "<script>x</script>",
        '<p style="color:red">',
        '<a onclick="x()">',
        "<style>",
        '<script src="https://elsewhere.example/x.js">',
        '<link rel=x href="//elsewhere.example/x.css">',
    ):
        assert inline(bad), bad
    assert not inline('<script src="/static/x.js" defer></script><a href="https://a.example">')


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["officer", "administrator"])
def test_a_form_from_elsewhere_is_refused_everywhere(people, role, monkeypatch):
    monkeypatch.setenv("ONSHORE_WRITES_A_MINUTE", "0")
    client = Client(enforce_csrf_checks=True)
    client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
    for url in plain_routes():
        if url.startswith("/api/v1/"):  # its keys are sent by programs, never by browsers
            continue
        assert client.post(url, {"reason": "forged"}).status_code in (403, 405), url
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_session_opens_nothing_in_the_api(client_of):
    answer = client_of("officer").get("/api/v1/needs/")
    assert answer.status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fa"])
def test_markup_in_data_stays_text(people, actors, client_of, language):
    build(people)
    catalogue.change_record(actors["officer"], "organisations", "workshop", {"name": MARKUP})
    User.objects.filter(username="maker").update(display_name=MARKUP)
    client, shown = client_of("administrator", language), 0
    maker = people["maker"].pk
    urls = [
        reverse("organisations"),
        reverse("organisation", args=["workshop"]),
        reverse("organisation_change", args=["workshop"]),
        reverse("people"),
        reverse("person", args=[maker]),
        reverse("person_role", args=[maker]),
        reverse("audit"),
        reverse("audit_line", args=[AuditEntry.objects.count()]),
        reverse("organisations", query={"q": MARKUP}),
        reverse("sign_in", query={"next": MARKUP}),
        "/" + MARKUP,
    ]
    for url in urls:
        page = client.get(url).content.decode()
        assert "<script>alert" not in page, url
        assert "<img src=x" not in page, url
        shown += "&lt;script&gt;alert(1)" in page
    assert shown > 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "%", "_", "\\", "a'); DROP TABLE needs; --", "\0", "٪", "[[", "(" * 99]
)
def test_what_is_typed_into_filters_is_no_query(people, client_of, text):
    build(people)
    administrator = client_of("administrator")
    urls = [reverse(name) for name in ("people", "organisations", "audit", "needs", "search")]
    if text == "' OR 1=1 --":
        silent = ("sign", "export", "metrics", "health")
        urls = [url for url in plain_routes() if not any(part in url for part in silent)]
    for url in urls:
        for name in ("q", "actor", "sort", "page", "from"):
            assert administrator.get(url, {name: text}).status_code < 500, (url, name)
    if text != "\0":  # which is left out, as if nothing had been typed
        page = administrator.get(reverse("people"), {"q": text}).content.decode()
        assert reverse("person", args=[people["maker"].pk]) not in page
    assert Organisation.objects.exists()


@pytest.mark.django_db
def test_another_host_s_name_is_refused():
    answer = Client(raise_request_exception=False).get(
        "/sign-in/", headers={"host": "evil.example"}
    )
    assert answer.status_code == 400


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(people):
    client = Client()
    client.get(reverse("sign_in"))
    client.post(reverse("sign_in"), {"username": "maker", "password": PASSWORD})
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] in ("Lax", "Strict"), name


def _settings_say(expression: str, **environment: str) -> str:
    code = f"from onshore.desk import settings; print({expression})"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return told.stdout.strip()


def test_behind_https_cookies_and_addresses_are_secure(tmp_path):
    told = _settings_say(
        "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        " settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS >= 31536000",
        ONSHORE_HTTPS="1",
        ONSHORE_DATA=str(tmp_path),
    )
    assert told == "True True True True"


@pytest.mark.parametrize("https", ["", "1"])
def test_django_s_own_check_for_deployment_is_clean(tmp_path, https):
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "onshore.desk.manage"),
            *("check", "--deploy", "--fail-level", "WARNING"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={
            **{name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            "ONSHORE_DATA": str(tmp_path),
            "ONSHORE_HTTPS": https,
            "ONSHORE_SECRET_KEY": "",
            "ONSHORE_HOSTS": "desk.example.org",
        },
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no issues" in checked.stdout + checked.stderr


def test_the_secret_key_is_the_owner_s_alone_and_stays(tmp_path):
    first = _settings_say("settings.SECRET_KEY", ONSHORE_DATA=str(tmp_path), ONSHORE_SECRET_KEY="")
    second = _settings_say("settings.SECRET_KEY", ONSHORE_DATA=str(tmp_path), ONSHORE_SECRET_KEY="")
    assert first == second
    assert len(first) >= 64
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_passwords_are_kept_by_argon2(tmp_path):
    told = _settings_say("settings.PASSWORD_HASHERS[0]", ONSHORE_DATA=str(tmp_path))
    assert told == "django.contrib.auth.hashers.Argon2PasswordHasher"


@pytest.mark.django_db
def test_the_log_holds_neither_passwords_nor_what_was_typed(people, caplog):
    caplog.set_level(logging.DEBUG)
    client = Client()
    client.post(reverse("sign_in"), {"username": "maker", "password": "a wrong secret"})
    client.post(reverse("sign_in"), {"username": "maker", "password": PASSWORD})
    client.get(reverse("organisations"), {"q": "what was typed"})
    written = "\n".join(f"{line.getMessage()} {vars(line)}" for line in caplog.records)
    assert "/sign-in/" in written
    for secret in ("a wrong secret", PASSWORD, "what was typed"):
        assert secret not in re.sub(r"<WSGIRequest[^>]*>", "", written)


@pytest.mark.django_db
@override_settings(DEBUG=False)
def test_a_failing_page_tells_no_internals(client_of, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("the innermost secret")

    monkeypatch.setattr(organisations, "listing", fail)
    client = client_of("officer")
    client.raise_request_exception = False
    answer = client.get(reverse("organisations"))
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "innermost" not in page
    assert "Traceback" not in page
    assert "Nothing was changed" in page


@pytest.mark.django_db
def test_no_page_sends_a_browser_elsewhere(people, client_of):
    client = client_of("administrator")
    for url in plain_routes():
        answer = client.post(f"{url}?next=https://evil.example/", {"next": "//evil.example/"})
        assert not urlsplit(answer.headers.get("Location", "")).netloc, url
