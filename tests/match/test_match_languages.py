"""Persian, Russian and English lines of one thing find each other."""

import csv
from collections import Counter
from importlib import resources

import polars as pl
import pytest

from onshore.match import find_candidates, normalise

ROWS = list(
    csv.DictReader(
        resources.files("onshore.match").joinpath("terms.csv").read_text("utf-8").splitlines()
    )
)


def best(need, offers):
    found = find_candidates(
        pl.DataFrame({"need_id": ["N"], "description": [need]}),
        pl.DataFrame({"offer_id": offers, "description": offers}),
        top=1,
    )
    return found["offer_id"][0]


@pytest.mark.parametrize(
    "trio",
    [
        ("Butterfly valve", "شیر پروانه‌ای", "Затвор дисковый"),
        ("Centrifugal pump", "پمپ گریز از مرکز", "Насос центробежный"),
        ("Graphite electrode", "الکترود گرافیتی", "Графитированные электроды"),
        ("Conveyor belt", "تسمه نقاله", "Лента конвейерная"),
        ("Mechanical seal", "مکانیکال سیل", "Торцевое уплотнение"),
        ("Wire rope", "سیم بکسل", "Канат стальной"),
        ("Gearbox", "گیربکس", "Редуктор"),
        ("Spark plug", "شمع موتور", "Свечи зажигания"),
    ],
)
def test_each_language_finds_the_others(trio):
    others = ["Refractory castable", "Ball valve", "دستکش ایمنی", "Шпилька резьбовая", "Oil seal"]
    for need in trio:
        for offer in trio:
            assert best(need, [offer, *others]) == offer


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("شیرهای پروانه‌ای", "شیر پروانه ای"),  # plural
        ("شیر پروانهای", "شیر پروانه‌ای"),  # joiner dropped
        ("بل برینگ", "بلبرینگ"),
        ("كوپلينگ", "کوپلینگ"),  # Arabic letters
        ("valves", "valve"),
        ("gear box", "gearbox"),
        ("насосов", "насос"),
        ("втулки бронзовые", "бронзовая втулка"),
    ],
)
def test_endings_and_half_spaces_do_not_part_words(need, offer):
    assert best(need, [offer, "آجر نسوز", "Refractory brick", "Огнеупор"]) == offer


def test_longer_terms_win_over_their_parts():
    offers = ["Ball valve", "Butterfly valve", "Ball bearing", "Butterfly nut"]
    assert best("شیر پروانه‌ای", offers) == "Butterfly valve"
    assert best("شیر توپی", offers) == "Ball valve"


@pytest.mark.parametrize("language", ["english", "persian", "russian"])
def test_no_spelling_has_two_meanings(language):
    spellings = Counter(
        "".join(normalise(spelling).split())
        for row in ROWS
        for spelling in row[language].split("|")
    )
    assert [spelling for spelling, times in spellings.items() if times > 1] == []


def test_every_term_is_written_in_its_own_letters():
    ranges = {"english": "a-z", "persian": "؀-ۿ", "russian": "а-я"}
    for language, letters in ranges.items():
        spellings = pl.Series([s for row in ROWS for s in row[language].split("|")])
        normal = spellings.map_elements(normalise, return_dtype=pl.String)
        assert normal.filter(~normal.str.contains(f"[{letters}]")).to_list() == []


def test_the_glossary_covers_the_trades_in_three_languages():
    assert len(ROWS) >= 300
    assert all(all(row.values()) for row in ROWS)
