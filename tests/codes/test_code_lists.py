"""What all code lists have in common: folding, lookups, quick and lazy."""

import cProfile
import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onshore.codes import (
    UnknownCode,
    countries,
    currencies,
    fold,
    hs,
    isic,
    latin_digits,
    places,
    units,
)

LISTS = {
    "hs": hs,
    "isic": isic,
    "units": units,
    "currencies": currencies,
    "countries": countries,
    "places": places,
}
lists = st.sampled_from(list(LISTS.values()))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Eşfahān", "esfahan"),
        ("  Two   words ", "two words"),
        ("كيلو‌گرم", "کیلو گرم"),
        ("مؤسسهٔ آزاد", "موسسه ازاد"),
        ("ＡＢＣ１２", "abc12"),
        ("۱۲٣", "123"),
        ("ЁЛКА", "елка"),
        ("m²", "m2"),
        ("a\u2013b\u200f", "a-b"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


@settings(deadline=None)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_digits_of_any_script_become_latin_and_nothing_else_changes(text):
    latin = latin_digits(text)
    assert len(latin) == len(text)
    assert not set(latin) & set("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")


@settings(deadline=None)
@given(lists, st.text(max_size=20))
def test_any_text_is_found_or_refused_in_words(codes, text):
    refusal = ""
    try:
        assert codes.find(text).code in codes
    except UnknownCode as error:
        refusal = str(error)
    assert not refusal or refusal.endswith(".")


@settings(deadline=None)
@given(st.sampled_from([currencies, countries, isic]), st.data())
def test_a_slip_of_the_pen_leaves_the_entry_near(codes, data):
    entry = codes.get(data.draw(st.sampled_from(codes.codes)))
    assume(len(entry.name) > 11)
    slip = data.draw(st.integers(1, len(entry.name) - 2))
    near = codes.near(entry.name[:slip] + entry.name[slip + 1 :], 10)
    assert entry.name in {code.name for code in near}


def test_near_is_ranked_and_cut():
    assert [code.code for code in units.near("kilogram", 1)] == ["KGM"]
    assert units.near("@@@@") == []


@pytest.mark.parametrize(
    ("codes", "text", "first"),
    [
        (currencies, "eur", ["EUR"]),
        (currencies, "يورو", ["EUR"]),
        (units, "kg", ["KGM"]),
        (units, "کیلوگرم", ["KGM"]),
        (countries, "united kingdom", ["GB"]),
        (hs, "8482", ["8482", "848210", "848220"]),
        (hs, "84.82.1", ["848210"]),
        (hs, "bearing ball", ["8482", "848210"]),
        (isic, "C24", ["24", "241", "2410"]),
    ],
)
def test_codes_are_found_by_a_part_of_a_name_or_code(codes, text, first):
    assert [code.code for code in codes.holding(text)][: len(first)] == first


def test_what_begins_with_a_text_comes_before_what_holds_it():
    names = [code.name.lower() for code in countries.holding("guinea", 40)]
    assert [name.startswith("guinea") for name in names] == [True, True, False, False]
    assert countries.holding("@@@@") == []
    assert [code.code for code in countries.holding(" ", 2)] == list(countries.codes[:2])


@settings(deadline=None)
@given(lists, st.text(max_size=20), st.integers(1, 30))
def test_any_text_gives_codes_of_the_list(codes, text, most):
    found = codes.holding(text, most)
    assert len(found) == len({code.code for code in found}) <= most
    assert all(code.code in codes for code in found)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_a_collection_of_its_codes(name):
    codes = LISTS[name]
    assert len(codes) == len(codes.codes) == len(set(codes.codes))
    assert [entry.code for entry in codes] == list(codes.codes)
    assert codes.codes[0] in codes
    assert "no such code" not in codes
    with pytest.raises(UnknownCode):
        codes.get("no such code")


def test_importing_both_rooms_reads_no_data():
    script = "import sys, onshore.figures; print(sorted({'babel', 'pycountry'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_refusal_asks_little_of_a_large_list():
    words = [f"{code.name[:25]}x{n}" for n, code in enumerate(list(hs)[:1000:5])]
    hs.near("warm")
    with cProfile.Profile() as steps:
        for word in words:
            with pytest.raises(UnknownCode):
                hs.find(word)
    assert sum(step.callcount for step in steps.getstats()) < 8 * len(words) * len(hs)
