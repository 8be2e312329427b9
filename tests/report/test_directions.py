"""Texts in two directions, against a slow and plain reading of what must hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.figures import shown
from onshore.report.directions import set_apart


def bare(text: str) -> str:
    return re.sub("[\u2066-\u2069]", "", text)


def isolates(text: str) -> list[str]:
    return re.findall("\u2068([^\u2066-\u2069]*)\u2069", text)


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("بلبرینگ شیار عمیق 6205-2RS C3 (SKF)، دو عدد", ["6205-2RS C3 (SKF)"]),
        ("شیر کشویی (API 600) کلاس 150, DN 50.", ["API 600", "150, DN 50"]),
        ("بدنه (ASTM) 6205 و Задвижка 30с41нж", ["ASTM", "6205", "Задвижка 30с41нж"]),
        ("دمای -40 °C تا +60 °C، رطوبت 14%", ["-40 °C", "+60 °C", "14%"]),
        ("تاریخ 2024-03-20", ["2024-03-20"]),
        ("کد \u2068A-1 (x)\u2069 و B-2", ["A-1 (x)", "B-2"]),
        ("آجر نسوز ۱۴ درصد", []),
    ],
)
def test_runs_of_codes_are_isolated_in_persian(text: str, apart: list[str]) -> None:
    assert isolates(set_apart(text, "fa")) == apart


def test_a_text_that_runs_against_the_page_is_isolated_whole() -> None:
    assert set_apart("Gate valve DN 50.", "fa") == "\u2068Gate valve DN 50.\u2069"
    assert set_apart("شیر کشویی.", "en") == "\u2068شیر کشویی.\u2069"
    assert set_apart("Gate valve DN 50.", "en") == "Gate valve DN 50."
    assert set_apart("12,5 + 3", "fa") == "12,5 + 3"


letters = st.text(st.sampled_from("aZя7۷ب ژ-(),.[]%\u2068\u2069"), max_size=30)


@given(letters, st.sampled_from(["en", "fa"]))
def test_only_marks_are_added(text: str, locale: str) -> None:
    assert bare(set_apart(text, locale)) == bare(text)  # type: ignore[arg-type]


@given(st.text(st.sampled_from("aZя7۷ب ژ-(),.[]%"), max_size=30), st.sampled_from(["en", "fa"]))
def test_marks_are_paired_and_do_not_cross_brackets(text: str, locale: str) -> None:
    depth = 0
    marked = set_apart(text, locale)  # type: ignore[arg-type]
    for character in marked:
        depth += {"\u2068": 1, "\u2069": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    if re.search("[بژ]", text):
        for run in isolates(marked):
            if not re.search("[بژ۷]", run):
                assert run.count("(") == run.count(")")
                assert run.count("[") == run.count("]")


def test_a_figure_at_the_head_of_a_persian_text_does_not_turn_it():
    percent = shown.signed_percent(0.12, "fa")
    for text in (percent, f"{percent} صرفه‌جویی", shown.number(-9, "fa") + " یورو"):
        assert set_apart(text, "fa") == text
