"""The guides lead where they say: each step is done in a browser, in both languages.

With ``ONSHORE_PICTURES=all`` the guides' pictures are drawn anew on the way; with names of roles,
those of their guides, and no other guide is walked.
"""

import os
import re
import shlex
import struct
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from catalogues import persian
from django.conf import settings
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from guide_reader import GUIDES, Guide, Reader

from onshore.cli.app import app
from onshore.desk.models import Membership, Organisation, Role, User
from onshore.desk.running import serving

ROLES = ("officer", "engineer", "maker", "verifier", "analyst", "auditor", "administrator")
ALL = [Guide(role, language) for role in ROLES for language in ("en", "fa")]
HOMES = {
    "officer": ("IMIDRO", "IMIDRO"),
    "engineer": ("ORG-C060", "ORG-C060"),
    "maker": ("ORG-S046", "ORG-S046"),
    "verifier": ("ORG-C060", "ORG-S006"),
    "analyst": ("MIMT", "MIMT"),
    "auditor": ("MIMT", "MIMT"),
}
"""Whose people the readers of the English and of the Persian guide are."""
NAMES = {
    "officer": ("Sara Amini", "سارا امینی"),
    "engineer": ("Reza Karimi", "رضا کریمی"),
    "maker": ("Leila Moradi", "لیلا مرادی"),
    "verifier": ("Omid Rahimi", "امید رحیمی"),
    "analyst": ("Nima Safavi", "نیما صفوی"),
    "auditor": ("Mina Jalali", "مینا جلالی"),
}
KINDS = {"press", "value", "see"}
COMMANDS = {"serve", "load", "export", "backup", "restore", "audit"}
WIDTH, HEIGHT = 1040, 630
DRAWN = set(os.environ.get("ONSHORE_PICTURES", "").split())
MOST_BYTES, MOST_BYTES_TOGETHER = 150_000, 4_000_000


@pytest.mark.parametrize("guide", ALL, ids=lambda guide: guide.path.name)
def test_a_guide_has_steps_that_can_be_checked(guide):
    steps = list(guide.steps())
    assert 6 <= len(steps) <= 16
    for words in steps:
        assert {word.kind for word in words} & KINDS, words


@pytest.mark.parametrize("role", ROLES)
def test_both_languages_tell_the_same_steps(role):
    english, translated = (
        [[word.kind for word in words] for words in Guide(role, language).steps()]
        for language in ("en", "fa")
    )
    assert english == translated


PART = {
    "officer": {"funds", "research", "events", "exploration"},
    "engineer": {"uploads", "research", "events"},
    "maker": {"funds", "research", "events", "exploration"},
    "verifier": {"using"},
    "analyst": {"analysis", "open-data", "exploration"},
    "auditor": {"using", "funds"},
    "administrator": {"running", "threats"},
}
"""Pages of docs/desk that tell of a role's part beyond its guide."""


@pytest.mark.parametrize("guide", ALL, ids=lambda guide: guide.path.name)
def test_a_guide_leads_on_to_the_pages_of_its_part(guide):
    role = guide.path.name.partition(".")[0]
    pages = re.findall(r"\]\(\.\./desk/([a-z-]+)\.md\)", guide.path.read_text(encoding="utf-8"))
    assert set(pages) >= PART[role]
    assert all((GUIDES.parent / "desk" / f"{page}.md").exists() for page in pages)


def test_the_pictures_are_there_and_small():
    shown = [picture for guide in ALL for picture in guide.pictures()]
    assert len(set(shown)) == len(shown)
    folder = GUIDES.parent / "images" / "guide"
    assert set(shown) == set(folder.glob("*.png"))
    for picture in shown:
        head = picture.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", head[16:24]) == (WIDTH, HEIGHT), picture.name
        assert picture.stat().st_size <= MOST_BYTES, picture.name
    assert sum(picture.stat().st_size for picture in shown) <= MOST_BYTES_TOGETHER


def blocks(language: str) -> list[tuple[str, str]]:
    """Give kind and text of what the administrator's guide shows to type or to copy."""
    text = Guide("administrator", language).text
    return re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)


def test_both_administrators_type_the_same():
    assert blocks("en") == blocks("fa")


def test_the_commands_of_the_administrators_guide_are_those_of_the_program():
    lines = [line for _kind, text in blocks("en") for line in text.splitlines()]
    commands = [found[1] for line in lines if (found := re.search(r"\bonshore (\w.*)", line))]
    for words in (shlex.split(told) for told in commands if told.split()[0] in COMMANDS):
        app.parse_args(words, exit_on_error=False, print_error=False)
    assert {told.split()[0] for told in commands} >= COMMANDS


def test_the_settings_of_the_administrators_guide_are_read_somewhere():
    package = Path(serving.__file__).parents[1]
    read = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r"ONSHORE_\w+", path.read_text(encoding="utf-8"))
    }
    for language in ("en", "fa"):
        named = set(re.findall(r"ONSHORE_\w+", Guide("administrator", language).text))
        assert len(named) > 8
        assert named <= read


def test_what_a_guide_names_outside_its_steps_is_said_by_the_desk():
    words = persian()
    told = {
        "en": {english for _context, english in words},
        "fa": {form for found in words.values() for _subject, forms in found for form in forms},
    }
    for guide in ALL:
        assert guide.named_elsewhere() <= told[guide.language], guide.path.name


@pytest.fixture
def example(transactional_db: None) -> str:
    """The worked example as ``onshore serve --example`` loads it; the one-time password."""
    password = serving._first_administrator()
    assert "is loaded" in serving._load_example()
    return password


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_step_of_the_guides_is_as_they_say(chrome, live_server, example):
    astray = []
    for language, locale in {"en": "en-US", "fa": "fa-IR"}.items():
        size = {"width": WIDTH, "height": HEIGHT}
        context = chrome.new_context(viewport=size, locale=locale)
        for guide in ALL:
            if guide.language != language or (DRAWN and not {"all", guide.role} & DRAWN):
                continue
            context.clear_cookies()
            known = first_sign_in(guide, example) if guide.role == "administrator" else {}
            if guide.role in HOMES:
                context.add_cookies([signed_in(guide) | {"url": live_server.url}])
            page = context.new_page()
            reader = Reader(page, live_server.url, known=known, draw=bool(DRAWN))
            astray += reader.follow(guide)
            page.close()
        context.close()
    assert not astray, "\n".join(astray)


def signed_in(guide: Guide) -> dict[str, str]:
    """Give the cookie of somebody with the guide's role in the organisation that it names."""
    home = Organisation.objects.get(pk=HOMES[guide.role][guide.language == "fa"])
    named = home.name_fa if guide.language == "fa" else home.name
    assert named in " ".join(guide.text.split()), f"{guide.path.name} does not name {named}"
    english, own = NAMES[guide.role]
    told = {"en": english.lower().replace(" ", "."), "fa": english.lower().split()[1]}
    shown = {"en": english, "fa": own}
    user = User.objects.create_user(
        told[guide.language], display_name=shown[guide.language], language=guide.language
    )
    Membership.objects.create(
        user=user, organisation=home, role=Role(guide.role), since=date(2020, 1, 1)
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


def first_sign_in(guide: Guide, password: str) -> dict[str, Callable[[Any], str]]:
    """Give what the first administrator reads elsewhere: on the terminal, and in the app."""
    first = User.objects.get(is_superuser=True)
    first.set_password(password)
    first.must_change_password = True
    first.save()
    TOTPDevice.objects.all().delete()

    def code(page: Any) -> str:
        waiting = TOTPDevice.objects.get(confirmed=False)
        return str(TOTP(waiting.bin_key, waiting.step).token()).zfill(6)

    words = {"en": ("the one-time password", "the code"), "fa": ("رمز یک‌بارمصرف", "کد برنامه")}
    return dict(zip(words[guide.language], (lambda page: password, code), strict=True))
