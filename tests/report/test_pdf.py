"""A printed bulletin: its text, its pages and what it must never do, read back with poppler."""

import re
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
from bulletin_sample import INERT, Locale, hatch_chart, long_table, sample, wide_table

from onshore.report import Bulletin, Chart, Column, Section, Table, Words, to_pdf

pytest.importorskip("typst", reason="the extra 'report' is not installed")
poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler (pdftotext, pdfinfo, pdffonts) is not there"
)
both = pytest.mark.parametrize("locale", ["en", "fa"])

_MARKS = dict.fromkeys(
    map(ord, "\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


@cache
def pdf_of(locale: Locale) -> bytes:
    return to_pdf(sample(locale))


def run(tool: str, pdf: bytes, folder: Path, *options: str) -> str:
    path = folder / "bulletin.pdf"
    path.write_bytes(pdf)
    target = ["-"] if tool == "pdftotext" else []
    done = subprocess.run([tool, *options, str(path), *target], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def words_of(text: str) -> list[str]:
    """Words without marks of direction and of vowels, each with its letters sorted.

    Poppler turns the letters of a ligature (lam-alef) and moves joiners and marks within a word.
    """
    letters = unicodedata.normalize("NFKD", text.translate(_MARKS))
    text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return ["".join(sorted(word)) for word in re.findall(r"\w+", text)]


def position(needle: str, haystack: list[str], start: int) -> int:
    wanted = words_of(needle)
    for index in range(start, len(haystack)):
        if haystack[index : index + len(wanted)] == wanted:
            return index
    raise AssertionError(f"{needle!r} is not there after word {start}")


def one_table(table: Table, locale: Locale = "en") -> Bulletin:
    section = Section("only", "Only", "", "Only", tables=(table,))
    return Bulletin(locale, "Bulletin", "", (), (), (section,))


@poppler
@both
def test_text_comes_out_in_reading_order(locale: Locale, tmp_path: Path) -> None:
    bulletin = sample(locale)
    text = words_of(run("pdftotext", pdf_of(locale), tmp_path))
    at = position(bulletin.title, text, 0)
    at = position(bulletin.subtitle, text, at)
    at = position(bulletin.notices[0], text, at)
    for section in bulletin.sections:
        at = position(section.lead, text, at)
        for table in section.tables:
            at = position(table.title, text, at)
    for source in bulletin.sources:
        position(source, text, at)


@poppler
@both
def test_contents_name_the_page_on_which_a_section_stands(locale: Locale, tmp_path: Path) -> None:
    pages = run("pdftotext", pdf_of(locale), tmp_path, "-layout").split("\f")
    leads = [" ".join(words_of(section.lead)) for section in sample(locale).sections]
    found = [
        next(n for n, page in enumerate(pages, 1) if lead in " ".join(words_of(page)))
        for lead in leads
    ]
    digits = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
    contents = pages[0].translate(_MARKS).translate(digits)
    edge = r"^\s*(\d+)\s{3,}\S.*$" if locale == "fa" else r"^.*\S\s{3,}(\d+)$"
    assert [int(n) for n in re.findall(edge, contents, re.MULTILINE)][-3:] == found


@poppler
@both
def test_every_page_carries_the_notice_and_its_number(locale: Locale, tmp_path: Path) -> None:
    *pages, rest = run("pdftotext", pdf_of(locale), tmp_path).split("\f")
    assert not rest
    assert len(pages) == int(
        re.search(r"Pages:\s+(\d+)", run("pdfinfo", pdf_of(locale), tmp_path))[1]
    )
    notice = " ".join(words_of(sample(locale).notices[0]))
    for page in pages:
        assert notice in " ".join(words_of(page))
    if locale == "en":
        for number, page in enumerate(pages, 1):
            assert f"Page {number} of {len(pages)}" in page


@poppler
def test_a_foot_of_its_own_replaces_the_notice(tmp_path: Path) -> None:
    foot = "Nothing here is real. " * 30
    pdf = to_pdf(replace(sample("en"), foot=foot.strip()))
    *pages, _ = run("pdftotext", pdf, tmp_path).split("\f")
    for page in pages:
        assert words_of(page)[-len(words_of(foot)) - 8 :].count("Nghinot") == 30


@poppler
def test_heading_is_repeated_on_every_page_of_a_table(tmp_path: Path) -> None:
    pages = run("pdftotext", to_pdf(one_table(long_table("en"))), tmp_path).split("\f")
    with_rows = [page for page in pages if re.search(r"N-00\d\d", page)]
    assert len(with_rows) > 1
    for page in with_rows:
        assert "Part number" in page
        assert "kg" in page
    rows = re.findall(r"N-\d{4}", "".join(pages))
    assert rows == [f"N-{row:04d}" for row in range(1, 61)]


@poppler
@both
def test_decimal_marks_stand_under_each_other(locale: Locale, tmp_path: Path) -> None:
    layout = run("pdftotext", to_pdf(one_table(long_table(locale), locale)), tmp_path, "-bbox")
    mark = "." if locale == "en" else "٫"
    cell = rf'xMax="([\d.]+)" yMax="[\d.]+">[^<]*[\d۰-۹]{re.escape(mark)}[\d۰-۹]{{2}}\W*</word>'
    right = [float(x) for x in re.findall(cell, layout)]
    assert len(right) >= 60
    assert max(right) - min(right) < 0.6  # points


@poppler
def test_decimal_marks_stand_under_each_other_where_places_differ(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [13.0, 1.854, -10.5, 145.0]})
    table = Table("T", (Column("n", "N", "number", decimals=None),), frame)
    layout = run("pdftotext", to_pdf(one_table(table)), tmp_path, "-bbox")
    cell = r'xMax="([\d.]+)" yMax="[\d.]+">([^<]+)<'
    end = {text: float(x) for x, text in re.findall(cell, layout)}
    assert end["13"] == pytest.approx(end["145"], abs=0.01)
    # One digit and the mark stand out by one place, three digits and the mark by three.
    one, three = end["−10.5"] - end["13"], end["1.854"] - end["13"]
    digit = (three - one) / 2
    assert 0 < one - digit < digit


@poppler
@both
def test_columns_run_in_the_direction_of_the_language(locale: Locale, tmp_path: Path) -> None:
    layout = run("pdftotext", to_pdf(one_table(long_table(locale), locale)), tmp_path, "-bbox")
    need = float(re.search(r'xMin="([\d.]+)"[^>]*>[^<\w]*N-0001', layout)[1])
    part = float(re.search(r'xMin="([\d.]+)"[^>]*>[^<\w]*LF-02-001/B', layout)[1])
    assert (need < part) == (locale == "en")


@poppler
@both
def test_a_table_of_many_columns_lies_on_its_side(locale: Locale, tmp_path: Path) -> None:
    def sizes(table: Table) -> set[str]:
        pdf = to_pdf(one_table(table, locale))
        info = run("pdfinfo", pdf, tmp_path, "-f", "1", "-l", "99")
        return set(re.findall(r"size:\s+([\d.]+ x [\d.]+)", info))

    upright, on_its_side = "595.276 x 841.89", "841.89 x 595.276"
    assert sizes(wide_table(locale)) == {upright, on_its_side}
    narrow = replace(wide_table(locale), columns=wide_table(locale).columns[:8])
    assert sizes(narrow) == {upright}


@poppler
@both
def test_a_report_of_one_question_begins_under_its_title(locale: Locale, tmp_path: Path) -> None:
    table = Table("Rows", (Column("n", "Name"),), pl.DataFrame({"n": ["only-row"]}))
    pdf = to_pdf(one_table(table, locale))
    assert re.search(r"Pages:\s+1\b", run("pdfinfo", pdf, tmp_path))
    text = run("pdftotext", pdf, tmp_path)
    assert "only-row" in text
    assert Words(locale).say("html.contents") not in text


@poppler
def test_no_column_runs_over_the_edge_of_the_page(tmp_path: Path) -> None:
    text = "A description of some length, of the kind that catalogues hold, with its standard"
    columns = tuple(Column(f"c{n}", f"Heading of column {n}") for n in range(12))
    frame = pl.DataFrame({column.key: [text] * 3 for column in columns})
    layout = run("pdftotext", to_pdf(one_table(Table("Broad", columns, frame))), tmp_path, "-bbox")
    assert (
        max(float(x) for x in re.findall(r'xMax="([\d.]+)"', layout)) < 841.89 - 18 / 25.4 * 72 + 1
    )


@poppler
def test_rows_that_are_left_out_are_said(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [f"row-{n}" for n in range(50)] + ["all-rows"]})
    table = Table("Rows", (Column("n", "Name"),), frame, total=True, shown=10)
    text = run("pdftotext", to_pdf(one_table(table)), tmp_path)
    assert re.findall(r"row-\d+", text) == [f"row-{n}" for n in range(10)]
    assert "all-rows" in text
    assert "10" in text.split("all-rows")[1]
    assert "50" in text.split("all-rows")[1]


@poppler
def test_data_are_never_markup(tmp_path: Path) -> None:
    text = run("pdftotext", pdf_of("en"), tmp_path, "-layout")
    for inert in (*INERT, "#panic() *x* $ <label>", "= note @ref $ \\ #panic()"):
        assert inert in text


@poppler
@both
def test_only_the_packages_fonts_are_used(locale: Locale, tmp_path: Path) -> None:
    listed = run("pdffonts", pdf_of(locale), tmp_path).splitlines()[2:]
    assert {re.match(r"[A-Z]{6}\+(\w+)-", line)[1] for line in listed} == {"Inter", "Vazirmatn"}
    assert all(re.search(r"\byes yes yes\b", line) for line in listed)


@both
def test_title_language_outline_and_tags_are_in_the_file(locale: Locale) -> None:
    pdf = pdf_of(locale)
    assert re.search(rb"/Lang ?\(%s\)" % locale.encode(), pdf)
    for key in (b"/Outlines", b"/StructTreeRoot", b"/MarkInfo", b"/Title"):
        assert key in pdf


@poppler
@both
def test_title_is_the_bulletins(locale: Locale, tmp_path: Path) -> None:
    info = run("pdfinfo", pdf_of(locale), tmp_path)
    assert re.search(r"Title:\s+(.*)", info)[1] == sample(locale).title
    assert "CreationDate" not in info


def test_the_same_bulletin_gives_the_same_bytes() -> None:
    assert to_pdf(sample("fa")) == pdf_of("fa")
    at = datetime(2024, 3, 20, 12, tzinfo=UTC)
    assert to_pdf(sample("en"), created=at) == to_pdf(sample("en"), created=at) != pdf_of("en")


@poppler
def test_creation_date_is_the_one_given(tmp_path: Path) -> None:
    pdf = to_pdf(sample("en"), created=datetime(2024, 3, 20, 12, tzinfo=UTC))
    assert re.search(r"CreationDate:.*Mar 20 .*2024", run("pdfinfo", pdf, tmp_path))


@pytest.mark.parametrize(
    "address", ["https://example.org/a.png", "/etc/hostname", "../bulletin.typ"]
)
def test_a_chart_cannot_fetch_anything(address: str) -> None:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="{address}"/></svg>'
    )
    with pytest.raises(RuntimeError, match=re.escape(address)):
        to_pdf(with_chart(svg))


def test_the_template_imports_no_package_and_reads_no_file() -> None:
    template = files("onshore.report").joinpath("bulletin.typ").read_text(encoding="utf-8")
    assert not re.search(r"#import|#include|\bread\(|\beval\(|\bplugin\(", template)


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "Chart of nothing.*viewBox"),
        ('<svg viewBox="0 0 9 9"><rect', "cannot be set"),
    ],
)
def test_a_chart_that_cannot_be_read_is_named(svg: str, reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason):
        to_pdf(with_chart(svg))


def test_without_the_extra_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ModuleNotFoundError, match=r"onshore\[report\]"):
        to_pdf(sample("en"))


@both
def test_a_bulletin_without_anything_in_it_is_set(locale: Locale) -> None:
    empty = Table("Empty", (Column("a", "A", "number", "kg", 1),), pl.DataFrame({"a": []}))
    bare = Table("Bare", (), pl.DataFrame())
    sections = (
        Section("one", "", "", ""),
        Section("two", "Two", "", "Two", tables=(empty, bare)),
    )
    assert to_pdf(Bulletin(locale, "", "", (), (), ())).startswith(b"%PDF-")
    assert to_pdf(Bulletin(locale, "T", "", (), (), sections)).startswith(b"%PDF-")


@poppler
def test_charts_keep_their_words(tmp_path: Path) -> None:
    chart = hatch_chart("en")
    text = run("pdftotext", to_pdf(with_chart(chart.svg)), tmp_path)
    assert "verified" in text
    assert "contracted" in text


def with_chart(svg: str) -> Bulletin:
    section = Section("a", "A", "", "A", charts=(Chart("Chart of nothing", svg, "Nothing."),))
    return Bulletin("en", "Bulletin", "", (), (), (section,))
