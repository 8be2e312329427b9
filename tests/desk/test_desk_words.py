"""Every message of the desk has its Persian, and what is compiled is what is written."""

import gettext
import string
from collections import Counter

import pytest
from catalogues import DESK, LOCALE, PLACEHOLDER, catalogues, messages, persian
from django.template.loader import get_template
from django.utils.translation import override

from onshore.desk.models import Role
from onshore.desk.notices.alerts import KINDS
from onshore.desk.pages.navigation import PLACES
from onshore.desk.states import MOVES

_LATIN = frozenset(string.ascii_letters)
_ALLOWED_LATIN = {
    "onshore",
    "CSV",
    "XLSX",
    "PDF",
    "API",
    "HS",
    "SHA-256",
    "CIF",
    "FOB",
    "TRL",
    "MRL",
}


def test_every_message_has_its_persian():
    told = persian()
    missing = {key: places[0] for key, places in messages().items() if key not in told}
    assert missing == {}


def test_a_message_reads_the_same_in_every_catalogue():
    unlike = {
        key: told
        for key, told in persian().items()
        if len({forms[0] for _subject, forms in told}) > 1
    }
    assert unlike == {}


def test_placeholders_are_kept():
    lost = []
    for catalogue in catalogues().values():
        for message in catalogue:
            if not message.id:
                continue
            if isinstance(message.id, str):
                if Counter(PLACEHOLDER.findall(message.id)) != Counter(
                    PLACEHOLDER.findall(message.string)
                ):
                    lost.append((message.id, message.string))
            else:  # the form for one may leave the number out
                one, many = (PLACEHOLDER.findall(message.string[end]) for end in (0, -1))
                if set(many) != set(PLACEHOLDER.findall(message.id[1])) or not set(one) <= set(
                    many
                ):
                    lost.append((message.id, message.string))
    assert lost == []


@pytest.mark.parametrize("subject", sorted(path.name for path in LOCALE.iterdir() if path.is_dir()))
def test_the_compiled_catalogue_fits_the_written_one(subject):
    written = catalogues()[subject]
    folder = LOCALE / subject / "fa" / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in written:
        if not message.id or message.fuzzy:
            continue
        english = message.id if isinstance(message.id, str) else message.id[0]
        key = f"{message.context}\x04{english}" if message.context else english
        if isinstance(message.id, str):
            assert compiled._catalog.get(key) == message.string, key
        else:
            for number, form in enumerate(message.string):
                assert compiled._catalog.get((key, number)) == form, key


def test_no_catalogue_says_what_nothing_asks_for():
    asked = set(messages())
    idle = {key: told[0][0] for key, told in persian().items() if key not in asked}
    assert idle == {}


def test_persian_has_its_own_letters_and_marks():
    arabic = [
        form
        for told in persian().values()
        for _subject, forms in told
        for form in forms
        if set(form) & set("يكىة٤٥٦")
    ]
    assert arabic == []


@pytest.mark.parametrize("language", ["en", "fa"])
def test_roles_moves_places_and_alerts_speak_the_language(language):
    with override(language):
        said = [
            *(role.label for role in Role),
            *(str(move.label) for move in MOVES.values()),
            *(str(place.label) for place in PLACES),
            *(PLACEHOLDER.sub("", str(kind)) for kind in KINDS.values()),
        ]
    latin = [text for text in said if set(text) & _LATIN and text not in _ALLOWED_LATIN]
    assert bool(latin) is (language == "en")


def test_every_template_can_be_read():
    folder = DESK / "templates"
    for path in folder.rglob("*.html"):
        get_template(str(path.relative_to(folder)))
