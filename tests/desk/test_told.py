"""Faults that other rooms name in English are told in Persian, without losing what they name."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from onshore.desk.pages.told import told
from onshore.records import look, read_table

BAD = {
    "yearly_quantity": ["many", "-5", "1e99", "(12)", "n/a", "12 kg", "0,5", "#REF!", "بسیار"],
    "unit": ["furlongs", "xyzzy", "…"],
    "currency": ["toman", "تومان", "XXX", "doubloon"],
    "price_date": ["yesterday", "45000", "03/04/2024", "1403", "1403/13/01", "1403/12/31", "12/34"],
    "hs_code": ["12", "99999999", "Section II", "8481.80.99.12"],
    "origin": ["Atlantis"],
    "place": ["Nowhere", "IR-99"],
    "class": ["mechanic", "zzz"],
    "required_year": ["1403.5", "-3"],
    "illustrative": ["maybe"],
    "item_id": ["I-404"],
    "description": [""],
    "need_id": ["N1", ""],
}
_ISOLATED = re.compile("\u2068[^\u2069]*\u2069|«[^»]*»")
_ENGLISH = re.compile(r"\b(?!zip\b)[a-z]{3,}\b")


def faults(tmp_path: Path) -> list[str]:
    """Give every reason and step that a sheet full of faults brings about."""
    columns = list(dict.fromkeys(["need_id", "description", "buyer_id", *BAD]))
    good = {"need_id": "N{}", "description": "x", "buyer_id": "B"}
    lines, number = [",".join(columns)], 0
    for name, texts in BAD.items():
        for text in texts:
            number += 1
            row = {key: value.format(number + 100) for key, value in good.items()} | {name: text}
            lines.append(",".join(f'"{row.get(column, "")}"' for column in columns))
    lines.append('"N1","x","B"' + "," * (len(columns) - 3))
    lines.append('"N900","x","NO-SUCH"' + "," * (len(columns) - 3))
    path = tmp_path / "needs.csv"
    path.write_text("\n".join(lines), "utf-8")
    references = {"items": ["I1"], "organisations": ["B"], "places": []}
    read = read_table(path, "needs", references=references, home="IR")
    return [*read.errors["reason"], *read.errors["next_step"]]


def test_english_stays_and_begins_like_a_sentence() -> None:
    with override("en"):
        assert told("the number is negative.") == "The number is negative."


def test_every_fault_of_a_bad_sheet_has_its_persian(tmp_path: Path) -> None:
    said = set(faults(tmp_path))
    assert len(said) > 40
    with override("fa"):
        persian = {text: told(text) for text in said}
    left = {
        text: fa
        for text, fa in persian.items()
        if fa == text or _ENGLISH.search(_ISOLATED.sub("", fa))
    }
    assert left == {}


@pytest.mark.parametrize(
    ("english", "persian"),
    [
        (
            "32 Azar 1405 is not a day: Azar 1405 has 30 days.",
            "چنین روزی نیست (۳۲ آذر ۱۴۰۵): آذر ۱۴۰۵ ۳۰ روز دارد.",
        ),
        (
            "write a day of the month; its last is 30 Azar 1405 (2026-12-21).",
            "روزی از همان ماه بنویسید؛ روز آخرش ۳۰ آذر ۱۴۰۵ (۲۱ دسامبر ۲۰۲۶) است.",
        ),
        (
            "near it: IR-05 (Kermanshah); IR-08 (Kerman).",
            "نزدیک به آن: IR-05 (کرمانشاه)؛ IR-08 (کرمان).",
        ),
        (
            "nothing is near it; write one such as EUR, USD or IRR.",
            "چیزی نزدیک به آن نیست؛ نمونه درست: EUR، USD یا IRR.",
        ),
        (
            "'1 x 2' is not a number that can be read. Write it plainly, such as 1200.5.",
            "«1 x 2» عدد خواندنی نیست. ساده بنویسیدش، مانند ۱۲۰۰٫۵.",
        ),
    ],
)
def test_days_places_and_numbers_are_told_in_persian(english: str, persian: str) -> None:
    with override("fa"):
        assert re.sub("[\u2068\u2069]", "", told(english)) == persian


def test_on_a_form_columns_have_its_labels_and_cells_are_none() -> None:
    labels = {"amount": "مبلغ", "currency": "ارز"}
    lacking = "amount has a value and currency has none."
    day = "write the day as 2024-09-22 or 1403/07/01, or leave the cell empty."
    assert told(lacking, labels) == "'مبلغ' has a value and 'ارز' has none."
    assert told(day, labels, required=True) == "Write the day as 2024-09-22 or 1403/07/01."
    with override("fa"):
        assert told(lacking, labels) == "«مبلغ» مقدار دارد و «ارز» ندارد."
        assert told(day, labels).endswith("یا خالی بگذارید.")


def test_what_a_fault_names_is_kept(tmp_path: Path) -> None:
    with override("fa"):
        assert "furlongs" in told("'furlongs' is not a unit of UN/ECE Recommendation 20.")
        assert "۶" in told("the key is that of row 6 already.")
        assert "۲۰۰,۰۰۰" in told("it has more than 200,000 rows.")


@pytest.mark.parametrize(
    "head", [b"%PDF-1.7", b"PK\x03\x04" + b"\0" * 40, b"", bytes(range(256)) * 9]
)
def test_faults_of_files_have_their_persian(tmp_path: Path, head: bytes) -> None:
    for name in ("x.csv", "x.xlsx"):
        (tmp_path / name).write_bytes(head)
        with pytest.raises(ValueError, match=r"\.") as caught:
            look(tmp_path / name, "needs")
        with override("fa"):
            fa = told(str(caught.value))
        assert not _ENGLISH.search(_ISOLATED.sub("", fa)), fa


def test_reasons_of_plan_and_account_are_told_too() -> None:
    with override("fa"):
        assert told("the maker is abroad") == "سازنده در خارج است"


def test_a_sentence_that_is_not_known_stays() -> None:
    with override("fa"):
        assert told("something new happened.") == "something new happened."
