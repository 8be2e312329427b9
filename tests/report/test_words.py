"""Every text is there in both languages, says the same, and is used."""

import re
import string
from importlib.resources import files

import pytest

from onshore.report.reasons import kind_in, reason_in, reasons
from onshore.report.words import Words, texts

SOURCES = {
    file.name: file.read_text(encoding="utf-8")
    for folder in (files("onshore.report"), files("onshore.report").joinpath("sections"))
    for file in folder.iterdir()
    if file.name.endswith((".py", ".html"))
}
PERSIAN = re.compile("[\u0600-\u06ff]")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(texts()))
def test_a_text_is_in_both_languages_with_the_same_placeholders(key):
    text = texts()[key]
    assert set(text) == {"en", "fa"}
    if key == "name.product.all sectors":
        assert text == {"en": "", "fa": ""}
        return
    assert text["en"].strip()
    assert text["fa"].strip()
    assert placeholders(text["en"]) == placeholders(text["fa"])


def test_persian_is_persian():
    own_language = {"html.language"}
    for key, text in texts().items():
        words = re.sub(r"\{\w+\}|provinces\.geojson|iso_3166_2|\w+\.csv|name\)", "", text["fa"])
        if words.strip() and key not in own_language and not key.startswith("standing.value"):
            assert PERSIAN.search(words), key
        # The Arabic letters and digits that look like the Persian ones, and Western digits.
        assert not re.search("[\u0643\u064a\u0649\u0660-\u0669]", words), key
        assert not re.search("[0-9]", words), key


def test_each_number_has_both_forms():
    keys = set(texts())
    ones = {key.removesuffix(".one") for key in keys if key.endswith(".one")}
    others = {key.removesuffix(".other") for key in keys if key.endswith(".other")}
    assert ones == others


def test_every_key_that_is_asked_for_exists_and_every_text_is_asked_for():
    asked = re.compile(r'"([a-z_]+(?:\.[a-z_]+)+)"|\'(html\.[a-z]+)\'')
    literal = {a or b for source in SOURCES.values() for a, b in asked.findall(source)}
    prefixes = ("match.", "limit.", "scale.", "scale_alone.", "calendar.", "basis.")
    prefixes += ("standing.series_", "plan.rests_", "bulletin.foot_illustrative", "bulletin.ill")
    known = {re.sub(r"\.(one|other)$", "", key) for key in texts() if not key.startswith("name.")}
    unused = {key for key in known - literal if not key.startswith(prefixes)}
    assert unused == set()
    rooms = {key.partition(".")[0] for key in known}
    files_named = {"bulletin.typ"}
    assert {key for key in literal if key.partition(".")[0] in rooms} - files_named <= known


@pytest.mark.parametrize("reason", reasons(), ids=lambda reason: reason.text["en"][:40])
def test_a_reason_says_the_same_in_both_languages(reason):
    asked = placeholders(reason.text["fa"])
    given = placeholders(reason.text["en"])
    assert asked <= given
    filled = reason.text["en"].format(**{name: f"<{name}>" for name in given})
    shown = reason_in("fa", filled)
    assert PERSIAN.search(shown)
    assert all(f"<{name}>" in shown for name in asked)
    for locale in ("en", "fa"):
        if reason.kind is None:
            assert kind_in(locale, filled) == reason_in(locale, filled)
        else:
            assert kind_in(locale, filled) == reason.kind[locale]
            assert "<" not in reason.kind[locale]


def test_a_reason_nobody_knows_is_shown_as_it_was_written():
    assert reason_in("fa", "a new reason") == "a new reason"
    assert kind_in("fa", "a new reason") == "a new reason"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("the baseline holds until 2024-12-31, the period 1404 ends on 2026-03-20", "۱۱ دی ۱۴۰۳"),
        ("the baseline holds until 2024-12-31, the period 1404 ends on 2026-03-20", "دورهٔ ۱۴۰۴"),
        ("7978 of the 15956 claimed were delivered in 1403-H1", "از ۱۵٬۹۵۶ ادعاشده"),
        ("7978 of the 15956 claimed were delivered in 1403-H1", "شش‌ماهه نخست ۱۴۰۳"),
        ("SET (set) measures set, and H87 (piece) measures count: one cannot be told in the other.",
         "ست و عدد"),
        ("the need's state is 'on hold'", "«متوقف»"),
        ("the offer does not say its lead time", "زمان تحویل"),
        ("there is no market rate from USD to EUR on 2024-09-22", "از دلار آمریکا به یورو"),
        ("there is no market rate from USD to EUR on 2024-09-22, its baseline's price date; there "
         "is no market rate from IRR to EUR on 2024-09-22, its baseline's price date",
         "؛ در تاریخ مبنای واردات"),
        ("the HS codes are of different chapters, 83 and 84: confirm the match if it holds",
         "(۸۳)"),
    ],
)  # fmt: skip
def test_figures_days_units_and_terms_in_a_reason_are_persian(reason, said):
    shown = reason_in("fa", reason)
    assert said in shown
    assert not re.search("[0-9A-Za-z]", shown)


def test_one_concept_has_one_persian_word():
    """Basis and baseline are two words; what was literal or colloquial is gone."""
    persian = {key: text["fa"] for key, text in texts().items()}
    strange = "تحویل انبوه|نامزد|می‌ارزد|می‌خواند|پله به پله|روی هم|کارپوشه|اُخرا|هم‌خوان|هزینه‌ای"
    assert {key for key, text in persian.items() if re.search(strange, text)} == set()
    baseline = {key for key, text in persian.items() if "مبنا" in text}
    assert all("وارد" in persian[key] for key in baseline)
    assert persian["column.basis"] == "پایه"


def test_a_term_of_the_programmes_own_is_shown_as_it_was_written():
    assert Words("fa").name("sector", "steel") == "فولاد"
    assert Words("fa").name("sector", "Schiffbau {x}") == "Schiffbau {x}"
