"""A statistical bulletin says what the figures say, and a template's faults by their lines."""

from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from small_programme import SETTINGS, small_table

from onshore.records import Programme
from onshore.report import (
    Bulletin,
    Chart,
    Headline,
    Section,
    TemplateErrors,
    default_template,
    read_template,
    statistical_bulletin,
    to_html,
    to_pdf,
    to_xlsx,
)

LOCALES = ("en", "fa")


def seen(indicator, product, period, value, unit="million t", **more):
    return {
        "indicator": indicator,
        "product": product,
        "period": period,
        "value": str(value),
        "unit": unit,
        "status": "reported",
        "source": "IMIDRO",
    } | more


def programme(*observations, targets=()):
    rows = [{"observation_id": f"O{n}", **row} for n, row in enumerate(observations)]
    aims = [{"target_id": f"T{n}", **row} for n, row in enumerate(targets)]
    frames = {
        "observations": small_table("observations", rows),
        "targets": small_table("targets", aims),
    }
    return Programme(SETTINGS, frames)


# Steel exports of the first quarter of 1398, as Mehr News Agency published them from IMIDRO.
STEEL = (
    seen("exports", "steel products", "1398-Q1", "0.758"),
    seen("exports, growth as stated", "steel products", "1398-Q1", 20, "percent"),
    seen("exports", "steel ingots", "1398-Q1", "1.425", status="provisional"),
    seen("exports", "steel ingots", "1397-Q1", "1.854"),
)
SECTION = """
[[section]]
name = "Steel"
indicator = "exports"
"""
HEAD = """
[bulletin]
title = "Bulletin of {programme}"
"""
WHOLE = f"""{HEAD}{SECTION}
title = "{{product}} {{moved}}; {{whole}} {{whole_moved}}"
show = ["headline", "growth", "whole", "table"]
headline = "steel products"
whole = ["steel products", "steel ingots"]
"""


def composed(text, *observations, locale="en", targets=()) -> Bulletin:
    template = read_template(text, "t.toml")
    return statistical_bulletin(programme(*observations, targets=targets), template, locale)


def faults(text, *observations):
    with pytest.raises(TemplateErrors) as refused:
        composed(text, *observations)
    return [(fault.line, fault.reason) for fault in refused.value.faults]


def test_a_headline_stands_beside_its_whole():
    """A rise of 20 % of 758,000 t hides a fall of 12.2 % of both together."""
    section = composed(WHOLE, *STEEL).sections[0]
    assert section.title == (
        "Exports of steel products rose by 20%; steel products and steel ingots together fell by "
        "12.2%"
    )
    part, whole = section.headlines
    assert (part.value, whole.value) == ("+20%", "−12.2%")
    assert "0.632 million t" in part.note
    assert "2.183 million t" in whole.note
    assert "2.486 million t" in whole.note
    # Of a reported and a provisional figure, the sum is no better than the lesser.
    assert whole.status == "reported"
    assert "steel products is not published" in section.notes[0]
    table = section.tables[0].frame
    assert [round(growth, 3) for growth in table["growth"]] == [0.2, -0.231, -0.122]
    assert table["contribution"][:-1].sum() == pytest.approx(table["contribution"][-1])


def test_in_persian_the_figures_are_the_same():
    section = composed(WHOLE, *STEEL, locale="fa").sections[0]
    figures = [headline.value.strip("\u2066\u2069") for headline in section.headlines]
    assert figures == ["+۲۰٪", "−۱۲٫۲٪"]
    title = section.title.replace("\u2066", "").replace("\u2069", "")
    assert title.startswith("صادرات محصولات فولادی ۲۰٪ بیشتر شد")


def test_the_whole_that_the_table_names_stands_beside_each_part():
    rows = [row | {"part_of": "steel"} for row in STEEL]
    text = WHOLE.replace('["steel products", "steel ingots"]', '"part_of"')
    section = composed(text, *rows).sections[0]
    assert [headline.value for headline in section.headlines] == ["+20%", "−12.2%"]
    beside = section.tables[1].frame.select("period", "whole").rows()
    assert beside.count(("first quarter of 1398", "steel: −12.2%")) == 2
    assert ("first quarter of 1397", "") in beside
    lacking = composed(text, *rows[:3]).sections[0]
    assert lacking.headlines == ()
    assert "whole" not in [column.key for column in lacking.tables[-1].columns]
    ((line, reason),) = faults(text, *STEEL)
    assert line == text.splitlines().index('whole = "part_of"') + 1
    assert "what 'steel products' is a part of" in reason


@pytest.mark.parametrize("left_out", [1, 2, 3])
def test_no_headline_is_told_without_its_whole(left_out):
    rows = [row for number, row in enumerate(STEEL) if number != left_out]
    section = composed(WHOLE, *rows).sections[0]
    assert section.headlines == ()
    assert section.title == "Steel"
    assert "No headline is told of steel products" in section.notes[0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from([0, 3])),
        min_size=2,
        max_size=5,
    )
)
def test_a_whole_is_the_sum_of_its_parts(parts):
    units = {0: "t", 3: "thousand t"}
    rows, names = [], []
    for number, (now, before, power) in enumerate(parts):
        names.append(f"p{number}")
        rows.append(seen("output", names[-1], "1403", now, units[power]))
        rows.append(seen("output", names[-1], "1402", before, units[power]))
    text = f"""{HEAD}
[[section]]
name = "All"
indicator = "output"
show = ["headline", "whole"]
headline = "p0"
whole = {names}
"""
    table = composed(text, *rows).sections[0].tables[0].frame
    total = sum(now * 10**power for now, _, power in parts)
    before = sum(old * 10**power for _, old, power in parts)
    assert table["growth"][-1] == pytest.approx(float(Fraction(total, before) - 1), abs=1e-9)
    assert table["value"][:-1].sum() == table["value"][-1]
    assert table["contribution"][:-1].sum() == pytest.approx(table["growth"][-1], abs=1e-9)


def test_a_large_rise_is_told_in_times_and_more_than_is_kept():
    rows = (
        seen("exports", "auto parts", "2022", 13, "million USD", partner="RU"),
        seen("exports", "auto parts", "2023", 66, "million USD", partner="RU")
        | {"statement": "Auto parts exports to Russia, more than"},
    )
    text = f"""{HEAD}{SECTION}
title = "{{product}} {{moved}}"
show = ["headline", "course", "wide table", "table"]
headline = "auto parts"
whole = "itself"
"""
    section = composed(text, *rows).sections[0]
    assert section.title == "Exports of auto parts to Russia rose to more than 5.0 times"
    assert [headline.value for headline in section.headlines] == ["more than ×5.0"]
    long, wide = section.tables
    line = wide.frame.row(0, named=True)
    assert (line["p0"], line["p1"]) == (13, 66)
    assert line["change"] == 4.076  # 4.0769 rounded up would be more than the source says
    assert line["bound"] == "more than this in 2023"
    assert "more than 66 million USD" in section.charts[0].title
    for table in section.tables:
        assert [column.title for column in table.columns].count("Bound") == 1
        assert "the least it may be" in table.note
    assert long.frame["bound"].to_list() == ["", "more than this"]
    assert long.frame["value"].to_list() == [13, 66]


@pytest.mark.parametrize(
    ("asked", "periods"),
    [
        ('periods = "last 2"', ["1402", "1403"]),
        ('periods = ["1401", "۱۴۰۳"]', ["1401", "1403"]),
        ('every = "half"', ["1403-H1"]),
        ('periods = "all"\nevery = "year"', ["1401", "1402", "1403"]),
        ('products = ["steel"]\nperiods = "last 1"', ["1403"]),
    ],
)
def test_a_section_takes_the_periods_it_asks_for(asked, periods):
    rows = [seen("exports", "steel", year, 10) for year in ("1401", "1402", "1403")]
    rows += [seen("exports", "copper", "1403-H1", 5), seen("output", "steel", "1404", 10)]
    if "last 2" in asked:
        rows = [row for row in rows if row["product"] == "steel"]
    text = f'{HEAD}{SECTION}{asked}\nshow = ["table"]\nlead = "{{first}}, {{last}}: {{figures}}"'
    section = composed(text, *rows).sections[0]
    read = {"first half of 1403": "1403-H1"}
    assert [read.get(p, p) for p in section.tables[0].frame["period"]] == periods
    assert f": {len(periods)} observed figure" in section.lead


def test_each_fault_is_named_by_its_line():
    text = """# A template with a fault in most lines.
[bulletin]
titel = "Exports"

[[section]]
name = { en = "Steel" }
indicator = "exports"
title = "{chnage} in {period}"
periods = ["1403-H7"]
show = ["table", "picture"]

[[section]]
name = "Copper {"
headline = "cathode"
whole = ["concentrate"]
lead = \"\"\"
title = "not a key"
\"\"\"
every = "week"
"""
    assert [(line, reason.split(":")[0]) for line, reason in faults(text)] == [
        (2, "the bulletin has no title"),
        (3, "'titel' means nothing here"),
        (6, "name"),
        (8, "nothing fills {chnage} here"),
        (8, "nothing fills {period} here"),
        (9, "periods"),
        (10, "show"),
        (12, "the section has no indicator"),
        (13, "a brace is open in 'Copper {'"),
        (15, "'cathode' is not among its whole"),
        (19, "every"),
    ]
    with pytest.raises(TemplateErrors) as refused:
        read_template(text, "t.toml")
    assert "t.toml, line 3: 'titel' means nothing here\n  next: Write title." in str(refused.value)


def test_a_headline_without_a_whole_is_refused():
    text = f'{HEAD}{SECTION}show = ["headline"]\nheadline = "steel products"\n'
    line = text.splitlines().index('headline = "steel products"') + 1
    assert faults(text, *STEEL) == [(line, "a headline stands alone")]


def test_a_sentence_of_a_whole_needs_one():
    text = f'{HEAD}{SECTION}headline = "steel ingots"\nwhole = "itself"\ntitle = "{{whole}}"\n'
    ((line, reason),) = faults(text, *STEEL)
    assert (line, reason) == (text.splitlines().index('title = "{whole}"') + 1, reason)
    assert reason == "nothing fills {whole} here"


_KEYS = ["name", "indicator", "title", "lead", "notes", "products", "periods", "every", "show"]
_KEYS += ["headline", "whole"]
_VALUES = st.sampled_from(
    """
3|1979-05-27|true|{}|{ en = "a" }|{ en = "{x}", fa = "{" }|[]|[1]|[[]]|""|" "|"{}"|"{0}"
"{product!r}"|"{product:>9}"|"{product.x}"|"last 0"|"last 2"|["1398-Q1"]|["2019"]|["last"]
"each"|"all"|"exports"|"steel ingots"|["steel ingots"]|["steel ingots", "steel ingots"]|"itself"
"part_of"|["headline"]|["growth", "course", "whole", "table", "wide table", "targets"]
["شمش"]|"{whole} {moved}"|"{span} {rising}"|"quarter"|"}"|"{{}}"
""".strip()
    .replace("\n", "|")
    .split("|")
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES), st.sampled_from(LOCALES))
def test_a_template_serves_or_is_refused(changes, locale):
    keys = {"name": '"Steel"', "indicator": '"exports"'} | changes
    text = f"{HEAD}[[section]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
    try:
        bulletin = composed(text, *STEEL, locale=locale)
    except TemplateErrors as errors:
        refused = errors.faults
    else:
        refused = ()
        assert all(section.title for section in bulletin.sections)
    last = len(text.splitlines())
    assert all(1 <= fault.line <= last and fault.next_step for fault in refused)


def test_what_is_no_toml_is_refused_by_its_line():
    (line, reason), *others = faults('[bulletin]\ntitle = "A\n')
    assert (line, others) == (2, [])
    assert reason.startswith("it is not TOML")


def test_a_name_that_no_row_has_is_refused_with_what_is_near():
    text = f'{HEAD}{SECTION}products = ["steel products", "steal ingots"]\n'
    with pytest.raises(TemplateErrors) as refused:
        composed(text, *STEEL)
    (fault,) = refused.value.faults
    assert fault.line == text.splitlines().index(text.splitlines()[-1]) + 1
    assert "'steal ingots'" in fault.reason
    assert fault.next_step.startswith("Write one of: steel ingots")


def test_parts_of_unlike_units_are_not_added():
    money = seen("exports", "steel ingots", "1398-Q1", 5, "million USD")
    before = seen("exports", "steel ingots", "1397-Q1", 4, "million USD")
    line = WHOLE.splitlines().index('whole = ["steel products", "steel ingots"]') + 1
    ((found, reason),) = faults(WHOLE, *STEEL[:2], money, before)
    assert found == line
    assert "million USD" in reason


@pytest.mark.parametrize("locale", LOCALES)
def test_the_default_template_serves_any_programme(locale):
    targets = [seen("exports", "steel ingots", "1398-Q2", 3) | {"set_on": None}]
    targets = [{k: v for k, v in row.items() if k != "status"} for row in targets]
    for bulletin in (
        composed(default_template(), *STEEL, locale=locale, targets=targets),
        composed(default_template(), locale=locale),
    ):
        assert to_html(bulletin).startswith("<!doctype html>")
        assert to_pdf(bulletin)[:5] == b"%PDF-"
        assert to_xlsx(bulletin)[:2] == b"PK"
        # An observed statistic is not on the ladder, so the ladder's legend is not there.
        assert 'class="ladder"' not in to_html(bulletin)


def test_the_template_that_is_written_has_every_key_it_speaks_of():
    """What stands in comments is a section that works, once its marks are taken away."""
    text = default_template()
    own = text[text.index("# [[section]]") :].replace("\n# ", "\n").removeprefix("# ")
    keep = [line for line in own.splitlines() if not line.startswith('    "')]
    rows = [row | {"place": "IR-10", "partner": "RU"} for row in STEEL]
    section = composed(HEAD + "\n".join(keep), *rows).sections[0]
    assert "fell by 12.2%" in section.title


def test_a_workbook_holds_the_figures_as_numbers():
    book = load_workbook(BytesIO(to_xlsx(composed(WHOLE, *STEEL))))
    cells = [cell.value for row in book["Steel"].iter_rows() for cell in row]
    numbers = [Decimal(str(cell)) for cell in cells if isinstance(cell, int | float)]
    assert {Decimal("0.758"), Decimal("1.425"), Decimal("2.183")} <= set(numbers)


def test_the_ladder_is_shown_where_a_figure_stands_on_it():
    from onshore.figures import Basis

    chart = Chart("t", '<svg viewBox="0 0 1 1"><rect class="p-solid"/></svg>', "a")
    for section in (
        Section("k", "t", "l", "n", headlines=(Headline("l", "v", Basis.MOU),)),
        Section("k", "t", "l", "n", charts=(chart,)),
    ):
        assert Bulletin("en", "T", "", (), (), (section,)).on_ladder
    assert not Bulletin("en", "T", "", (), (), (Section("k", "t", "l", "n"),)).on_ladder


def test_text_of_the_data_is_not_markup():
    rows = [row | {"product": "<b>x</b> {y}"} for row in STEEL[2:]]
    page = to_html(composed(default_template(), *rows))
    assert "<b>x</b>" not in page
    assert "{y}" in page
