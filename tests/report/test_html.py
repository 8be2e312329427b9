"""The page: self-contained, escaped, readable in both directions and on every width."""

import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from html import escape
from html.parser import HTMLParser

import polars as pl
import pytest
from small_programme import outlines, small_results

from onshore.report import Bulletin, Column, Section, Table, compose, to_html

pytest.importorskip("jinja2", reason="the extra 'report' is not installed")

both = pytest.mark.parametrize("locale", ["en", "fa"])
VOID = {"meta", "br", "link", "img", "input"}


class Page(HTMLParser):
    """Every element with its attributes, and the text of the body."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts, self.unclosed = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def text(self):
        return "".join(self.texts)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programme")
    (folder / "provinces.geojson").write_text(json.dumps(outlines()), encoding="utf-8")
    others = {"en": "report.fa.html", "fa": "report.html"}
    return {loc: to_html(compose(small_results(folder), loc), o) for loc, o in others.items()}


def one_table(table, locale="en"):
    return Bulletin(locale, "T", "", (), (), (Section("s", "t", "", "n", tables=(table,)),))


@both
def test_the_page_is_well_formed_and_names_its_language(pages, locale):
    page = Page(pages[locale])
    assert page.unclosed == []
    assert page.open == []
    (root,) = page.all("html")
    assert (root["lang"], root["dir"]) == {"en": ("en", "ltr"), "fa": ("fa", "rtl")}[locale]
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert targets <= set(ids)
    assert len(page.all("h1")) == 1


@both
def test_the_page_needs_nothing_from_elsewhere(pages, locale):
    text, page = pages[locale], Page(pages[locale])
    for tag in ("script", "link", "img", "iframe", "object", "base", "form"):
        assert page.all(tag) == []
    assert [name for _, attrs in page.elements for name in attrs if name.startswith("on")] == []
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, never fetched
    assert set(re.findall(r"url\(([^)#]{5})", text)) <= {"data:"}
    other = {"en": "report.fa.html", "fa": "report.html"}[locale]
    outward = {a["href"] for a in page.all("a") if not a["href"].startswith("#")}
    assert outward == {other}
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; font-src data:")
    assert text.count("data:font/woff2;base64,") == 2


@both
def test_nothing_of_the_data_becomes_markup(pages, locale):
    text = pages[locale]
    assert "<script" not in text
    assert "<b>25 mm" not in text
    assert "<roller" not in text
    assert "&lt;script&gt;alert(" in text
    assert "Mobarakeh &lt;Steel&gt;" in text or locale == "fa"
    assert "<script>alert('need')</script>" in Page(text).text


def test_a_foot_cannot_leave_its_style_sheet():
    evil = "a\"; } </style><script>x</script> \\ \n 'نمونه"
    text = to_html(Bulletin("fa", "T", "", (), (), (), foot=evil))
    assert "<script" not in text
    assert text.count("</style>") == 1
    content = re.search(r'content:"((?:[^"\\]|\\.)*)"', text)
    assert content
    told = re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), content[1])
    assert told == evil


@both
def test_every_cell_has_its_name_on_a_card(pages, locale):
    page = Page(pages[locale])
    cells = page.all("td") + [th for th in page.all("th") if th.get("scope") == "row"]
    assert cells
    assert all(cell["data-label"] for cell in cells)
    for svg in page.all("svg"):
        assert svg["role"] == "img"
        assert svg["aria-label"]


def test_digits_and_calendars_are_the_languages_own(pages):
    body = Page(pages["fa"]).text
    assert "۱ مهر ۱۴۰۳ · ۲۲ سپتامبر ۲۰۲۴" in body
    assert "۴۵۰٫۰" in body
    numbers = re.findall(
        r'<td class="k-(?:money|number|whole|share|year)[^>]*>([^<]*)<', pages["fa"]
    )
    assert numbers
    assert not any(re.search("[0-9]", number) for number in numbers)
    assert "2024-09-22 · 1 Mehr 1403" in Page(pages["en"]).text


def test_codes_stay_whole_within_persian_text():
    frame = pl.DataFrame(
        {
            "code": ["6205-2RS"],
            "text": ["بلبرینگ 6205-2RS C3 طول ۱۲"],
            "more": ["agrees: بلبرینگ, شفت; DN 50"],
        }
    )
    columns = (Column("code", "c", "code"), Column("text", "t"), Column("more", "m"))
    text = to_html(one_table(Table("t", columns, frame), "fa"))
    assert '<bdi class="code" dir="ltr">6205-2RS</bdi>' in text
    assert '<bdi dir="rtl">بلبرینگ <bdi dir="ltr">6205-2RS C3</bdi> طول ۱۲</bdi>' in text
    assert '<bdi dir="ltr">agrees: <bdi dir="rtl">بلبرینگ, شفت</bdi>; DN 50</bdi>' in text


def test_a_long_table_shows_its_first_rows_its_total_and_says_so():
    frame = pl.DataFrame({"name": [*"abcdefgh", "Total"], "n": [1, 2, 3, 4, 5, 6, 7, 8, 36]})
    columns = (Column("name", "Name"), Column("n", "N", "whole"))
    page = Page(to_html(one_table(Table("t", columns, frame, total=True, shown=3))))
    rows = [th for th in page.all("th") if th.get("scope") == "row"]
    assert len(rows) == 4
    assert "36" in page.text
    assert "The first 3 of 8 rows" in page.text


def test_places_of_unlike_rows_are_each_their_own_and_stand_under_each_other():
    frame = pl.DataFrame(
        {"v": pl.Series(["11", "0.758", None], dtype=pl.String).cast(pl.Decimal(38, 6))}
    )
    text = to_html(one_table(Table("t", (Column("v", "V", "number", decimals=None),) * 2, frame)))
    filled = re.findall(r"<td[^>]*>([^<]*)(?:<span class=\"fill\"[^>]*>([^<]*)</span>)?</td>", text)
    assert filled == [("11", ".000"), ("0.758", ""), ("–", "")]


def test_what_is_not_known_is_a_dash_and_not_a_nought():
    frame = pl.DataFrame({"a": ["x"], "n": pl.Series([None], dtype=pl.Float64)})
    page = Page(
        to_html(one_table(Table("t", (Column("a", "A"), Column("n", "N", "number")), frame)))
    )
    assert "–" in page.text
    assert "0" not in page.text.split("A")[-1]


def test_the_same_bulletin_gives_the_same_page(tmp_path):
    assert to_html(compose(small_results(tmp_path), "en")) == to_html(
        compose(small_results(tmp_path), "en")
    )


def test_a_bulletin_without_sections_is_still_a_page():
    page = Page(to_html(replace(one_table(Table("t", (), pl.DataFrame())), sections=())))
    assert page.unclosed == []


@cache
def widths(chromium, page, width, folder):
    """Let Chromium lay the page out at a width; return the page's width and what sticks out."""
    script = """
      <script>addEventListener("load", () => {
        const page = document.querySelector("iframe").contentDocument;
        const out = [...page.querySelectorAll("main *, header *")].filter(e => {
          const box = e.getBoundingClientRect();
          return box.width && (box.right > innerWidthOf + 1 || box.left < -1)
            && !e.closest(".table, thead, .skip, svg");
        });
        document.title = JSON.stringify(
          [page.documentElement.scrollWidth, out.slice(0, 5).map(e => e.outerHTML.slice(0, 80))]);
      });</script>""".replace("innerWidthOf", str(width))
    frame = (
        f'<iframe srcdoc="{escape(page)}" style="border:0;width:{width}px;height:900px"></iframe>'
    )
    file = folder / f"frame-{width}.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{script}{frame}", encoding="utf-8")
    run = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=4000",
            f"--user-data-dir={folder}",
            "--window-size=1600,1000",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", run.stdout)
    assert title, run.stderr[-500:]
    return json.loads(title[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
@both
def test_nothing_sticks_out_of_the_page(pages, locale, width, chromium, tmp_path):
    whole, out = widths(chromium, pages[locale], width, tmp_path)
    assert out == []
    assert whole <= width


@pytest.mark.parametrize(("rows", "told"), [(8, False), (9, True)])
def test_a_long_table_says_on_a_phone_that_the_workbook_has_all_of_it(rows, told):
    table = Table("T", (Column("n", "N", "whole"),), pl.DataFrame({"n": list(range(rows))}))
    section = Section("only", "Only", "", "Only", tables=(table,))
    page = to_html(Bulletin("en", "Bulletin", "", (), (), (section,)))
    assert ("at most the first 8 rows" in page) is told
