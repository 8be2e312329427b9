"""One spelling for what keyboards write in many ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.match import normalise

PERSIAN = "اآأإبپتثجچحخدذرزژسشصضطظعغفقکكگلمنوؤهةۀیيىئ ءًٌٍَُِّْـ‌‍۰۱۲٣٤٥٫٬٪،؛؟"
CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВЙЁ №"
SIGNS = "½¼¾²³°ºØ⌀×÷–—−‐‑″′“”«»\u200b\u200c\u200e\u200f\u202b\u00ad\ufeff\x00\t\r\n ＡＢ１２-./"


@given(st.text())
def test_twice_is_once_for_any_text(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet=PERSIAN + CYRILLIC + SIGNS))
def test_twice_is_once_for_the_letters_of_the_trade(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet=PERSIAN + CYRILLIC + SIGNS + "Part 12"))
def test_nothing_invisible_or_doubled_is_left(text):
    normal = normalise(text)
    assert normal.isprintable()
    assert "  " not in normal
    assert normal == normal.strip()
    assert normal == normal.casefold()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("شير كنترلي", "شیر کنترلی"),  # Arabic yeh and kaf
        ("پروانه‌ای", "پروانه ای"),  # half-space
        ("بُلبرینگ", "بلبرینگ"),  # vowel mark
        ("پمــــپ", "پمپ"),  # tatweel
        ("آلومینیوم", "الومینیوم"),
        ("قطعۀ یدکی", "قطعه یدکی"),
        ("DN۲۰۰", "dn200"),
        ("DN٢٠٠", "dn200"),
        ("ＤＮ２００", "dn200"),
        ("KX–8814", "kx-8814"),
        ("KX−8814", "kx-8814"),
        ("KX\u20118814", "kx-8814"),
        ("6205\u200f-2RS", "6205-2rs"),
        ("62\u200b05", "6205"),
        ("۷٫۵ کیلووات", "7.5 کیلووات"),
        ("1½ in", "1 1/2 in"),
        ("16 mm²", "16 mm2"),
        ("100 º", "100 °"),
        ("a\x00b\tc", "a b c"),
        ("ЩЁТКА", "щетка"),
    ],
)
def test_spellings_of_one_thing_become_one(written, meant):
    assert normalise(written) == normalise(meant) == meant.replace("آ", "ا")
