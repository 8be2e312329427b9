"""The pages of trade say what their tables say, in both languages."""

import re
from xml.etree import ElementTree

import polars as pl
import pytest

from onshore.report import Bulletin, first_chart, to_html, to_xlsx, trade_bulletin

KINDS = ("dependency", "complexity", "opportunity", "exports")
METADATA = {
    "version": "9.9",
    "source": {"file": "facts <1>.csv", "rows": 1234, "sha256": "ab" * 32},
    "country": "irn",
    "years": [2019, 2020],
    "currency": "thousand USD",
    "warnings": ["the key 'rom' is not in the code list"],
    "formulas": ["Hidalgo and Hausmann (2009)"],
    "limits": {"concentration": 0.4},
    "growth": {"since": 2019, "until": 2020},
    "filter": {
        "thresholds": {"exporters": 2},
        "removed": {"country": [{"key": "vat", "share": 0.0, "reason": "exports nothing"}]},
    },
}

PRODUCTS = ["848210", "870899", "720711"]
TABLES: dict[str, dict[str, pl.DataFrame]] = {
    "dependency": {
        "products": pl.DataFrame(
            {
                "product": PRODUCTS,
                "value": [2_000_000.0, 1_000_000.0, 1_000_000.0],
                "hhi": [0.9, 0.5, 0.2],
                "top_partner": ["chn", "deu", "kor"],
                "top_partner_name": ["China", "Germany", "South Korea"],
                "top_share": [0.95, 0.6, 0.3],
                "partners": [3, 5, 9],
                "geodep": [True, False, False],
            }
        ),
        "trend": pl.DataFrame(
            {
                "year": [2019, 2020],
                "imports": [3e6, 4e6],
                "concentrated_share": [0.5, 0.75],
                "dependent_share": [0.4, 0.5],
            }
        ),
        "replacements": pl.DataFrame(
            {
                "product": ["848210"],
                "replaced": ["chn"],
                "supplier": ["jpn"],
                "rank": [1],
                "spare": [9e6],
                "cover": [4.7],
            }
        ),
        "unit_values": pl.DataFrame(
            {
                "product": ["848210", "848210"],
                "partner": ["chn", "deu"],
                "value": [10.0, 20.0],
                "quantity": [1.0, 1.0],
                "unit_value": [10.0, 20.0],
                "outlier": [False, True],
            }
        ),
    },
    "complexity": {
        "countries": pl.DataFrame(
            {
                "year": [2019, 2019, 2020, 2020, 2020],
                "country": ["jpn", "irn", "jpn", "irn", "xyz"],
                "diversity": [3, 1, 3, 2, 1],
                "eci": [1.0, -1.0, 1.5, -0.25, None],
                "coi": [0.1, 0.2, 0.3, 0.4, None],
                "fitness": [1.0, 1.0, 1.0, 1.0, 1.0],
            }
        ),
        "products": pl.DataFrame(
            {
                "year": [2020] * 3,
                "product": PRODUCTS,
                "ubiquity": [1, 2, 2],
                "pci": [2.0, 0.5, -1.0],
            }
        ),
        "pairs": pl.DataFrame(
            {
                "year": [2020] * 3,
                "country": ["irn"] * 3,
                "product": PRODUCTS,
                "value": [1.0, 50.0, 9000.0],
                "rca": [0.1, 0.7, 4.0],
                "density": [0.2, 0.4, 0.6],
                "cog": [1.0, 0.5, 0.0],
            }
        ),
    },
    "opportunity": {
        "products": pl.DataFrame(
            {
                "rank": [1, 2, 3],
                "product": PRODUCTS,
                "name": ["Ball bearings", "Parts of vehicles", None],
                "score": [0.8, 0.7, 0.1],
                "import_value": [50_000.0, 90_000.0, 10.0],
                "top_partner": ["chn", "chn", "deu"],
                "top_share": [0.9, 0.5, 0.4],
                "density": [0.4, 0.3, 0.1],
                "gain_percentile": [0.9, 0.5, 0.1],
                "rank_low": [1, 1, 3],
                "rank_high": [2, 25, 3],
                "reason": ["near & dear", "imported for much", "neither"],
            }
        ),
        "needs": pl.DataFrame(
            {"rank": [1], "product": ["848210"], "need_id": ["N-1"], "description": ["<bearing>"]}
        ),
    },
    "exports": {
        "products": pl.DataFrame(
            {
                "product": PRODUCTS,
                "exports": [10.0, 20.0, 30.0],
                "potential": [13_000.0, 66_000.0, 30.0],
                "unrealised": [3_000.0, 53_000.0, 0.0],
            }
        ),
        "partners": pl.DataFrame(
            {
                "partner": ["irq", "rus"],
                "potential": [100.0, 66_000.0],
                "unrealised": [50.0, 60_000.0],
            }
        ),
        "growth": pl.DataFrame(
            {
                "partner": ["rus", "irq"],
                "exports_from": [13_000.0, 9e5],
                "exports_to": [66_000.0, 9e5],
            }
        ),
        "next_markets": pl.DataFrame(
            {"rank": [1, 2], "partner": ["blr", "kaz"], "imports": [1.0, 2.0]}
        ),
        "diversification": pl.DataFrame({"product": ["848210"], "indicator": [0.5]}),
    },
}


def texts(bulletin: Bulletin) -> dict[str, str]:
    return {section.key: section.title for section in bulletin.sections}


@pytest.mark.parametrize("locale", ["en", "fa"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_is_whole_in_both_languages(kind, locale):
    bulletin = trade_bulletin(kind, TABLES[kind], METADATA, locale)
    page = to_html(trade_bulletin(kind, TABLES[kind], METADATA, locale))
    assert page.startswith("<!doctype html>")
    for section in bulletin.sections:
        for chart in section.charts:
            assert ElementTree.fromstring(chart.svg).tag.endswith("svg")
            assert chart.alt
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "<script" not in page
    assert "facts <1>" not in page
    assert not bulletin.on_ladder  # observed statistics stand off the ladder
    method = bulletin.sections[-1]
    assert method.key == "method"
    assert method.notes == tuple(METADATA["warnings"])
    assert any("ab" * 32 in source for source in bulletin.sources)
    assert "Hidalgo and Hausmann (2009)" in bulletin.sources
    removed = method.tables[-1].frame
    assert removed["key"].to_list() == ["vat"]
    assert to_xlsx(bulletin)[:2] == b"PK"


@pytest.mark.parametrize("kind", KINDS)
def test_the_persian_page_is_persian(kind):
    bulletin = trade_bulletin(kind, TABLES[kind], METADATA, "fa")
    for section in bulletin.sections:
        assert re.search("[\u0600-\u06ff]", section.title), section.key
        for table in section.tables:
            for column in table.columns:
                assert re.search("[\u0600-\u06ff]", column.title), column.key
    charts = [chart.svg for section in bulletin.sections for chart in section.charts]
    told = [one for svg in charts for one in ElementTree.fromstring(svg).itertext()]
    figures = [one for one in told if re.fullmatch(r"[\d.,\s]+", one) and one not in PRODUCTS]
    assert not [one for one in figures if re.search("[0-9]", one) and len(one.strip()) != 6]


@pytest.mark.parametrize("locale", ["en", "fa"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_chart_is_a_file_of_its_own(kind, locale):
    svg = first_chart(trade_bulletin(kind, TABLES[kind], METADATA, locale))
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    told = " ".join(root.itertext())
    assert "facts <1>.csv" in told.replace("\u2068", "").replace("\u2069", "")
    first = trade_bulletin(kind, TABLES[kind], METADATA, locale).sections[0].charts[0]
    assert root.get("aria-label") == first.title


def test_dependency_counts_what_comes_from_few_sources():
    bulletin = trade_bulletin("dependency", TABLES["dependency"], METADATA)
    told = texts(bulletin)
    assert told["products"] == "75% of imports come from few sources: 2 of 3 products"
    assert told["partners"] == "On whom most of these imports hang: China"
    assert told["trend"] == "The share of imports from few sources went from 50% to 75%"
    assert told["unit_values"] == "One unit value stands apart from those of its product"
    figures = [headline.value for headline in bulletin.sections[0].headlines]
    assert figures == ["4\u202f000 million USD", "75%", "1"]  # thousand USD are scaled
    products = bulletin.sections[0].tables[0]
    assert products.frame["product"].to_list() == ["848210"]  # what meets the rule
    units = bulletin.sections[4].tables[0].frame
    assert units["outlier"].to_list() == ["yes", "no"]


def test_the_limit_is_the_one_of_the_run():
    metadata = {**METADATA, "limits": {"concentration": 0.6}}
    told = texts(trade_bulletin("dependency", TABLES["dependency"], metadata))
    assert told["products"] == "50% of imports come from few sources: 1 of 3 products"


def test_dependency_without_the_rule_shows_what_is_concentrated():
    products = TABLES["dependency"]["products"].with_columns(geodep=pl.lit(None, dtype=pl.Boolean))
    bulletin = trade_bulletin("dependency", {"products": products}, METADATA)
    assert bulletin.sections[0].tables[0].frame.height == 2
    assert len(bulletin.sections[0].headlines) == 2


def test_complexity_ranks_the_last_year_and_names_the_country():
    bulletin = trade_bulletin("complexity", TABLES["complexity"], METADATA)
    told = texts(bulletin)
    assert told["countries"] == "Iran ranks 2 of 2 countries by the complexity of its exports"
    assert told["years"] == "Complexity of exports from 2019 to 2020"
    assert told["near"].startswith("2 products that Iran does not yet export with advantage")
    assert told["made"] == "Iran exports one product with comparative advantage"
    assert told["products"].startswith("848210 ")
    assert "earings" in told["products"]  # the name in HS 2022
    countries = bulletin.sections[0].tables[0].frame
    assert countries["country"].to_list() == ["Japan", "Iran"]
    assert "p-home" in bulletin.sections[0].charts[0].svg


def test_complexity_without_a_country_names_the_first():
    metadata = {key: value for key, value in METADATA.items() if key != "country"}
    told = texts(trade_bulletin("complexity", TABLES["complexity"], metadata))
    assert told["countries"] == "Japan exports the most complex goods of 2 countries"
    assert "near" not in told


def test_complexity_of_nothing_says_so():
    countries = TABLES["complexity"]["countries"].with_columns(eci=pl.lit(None, dtype=pl.Float64))
    told = texts(trade_bulletin("complexity", {"countries": countries}, METADATA))
    assert told["countries"] == "No country is left to compare"


def test_opportunity_tells_what_comes_first_and_how_firm_it_is():
    bulletin = trade_bulletin("opportunity", TABLES["opportunity"], METADATA)
    told = texts(bulletin)
    assert told["screen"] == "848210 Ball bearings comes first among the products to make at home"
    assert told["firm"].startswith("2 of the first 3 products stay among the first twenty")
    assert told["needs"] == "One need of the programme asks for products of this screen"
    page = to_html(trade_bulletin("opportunity", TABLES["opportunity"], METADATA))
    assert "&lt;bearing&gt;" in page
    assert "near &amp; dear" in page


def test_no_need_behind_a_screen_says_what_to_do():
    tables = {**TABLES["opportunity"], "needs": TABLES["opportunity"]["needs"].clear()}
    (section,) = [
        s for s in trade_bulletin("opportunity", tables, METADATA).sections if s.key == "needs"
    ]
    assert section.title == "No need of the programme asks for these products"
    assert "needs.csv" in section.lead


def test_exports_tell_the_potential_left_and_the_growth():
    bulletin = trade_bulletin("exports", TABLES["exports"], METADATA)
    told = texts(bulletin)
    assert told["products"].startswith("870899 ")
    assert told["products"].endswith("has the largest potential left: 53 million USD")
    assert told["partners"].startswith("Russia is the market")
    assert told["growth"] == "Exports to Russia went from 13 million USD to 66 million USD"
    assert told["next"] == "The next markets: Belarus, Kazakhstan"
    growth = next(section for section in bulletin.sections if section.key == "growth")
    words = set(ElementTree.fromstring(growth.charts[0].svg).itertext())
    assert {"2019", "2020", "Russia", "Iraq"} <= words


@pytest.mark.parametrize("kind", KINDS)
def test_missing_tables_and_new_columns_do_no_harm(kind):
    assert to_html(trade_bulletin(kind, {}, {})).startswith("<!doctype html>")
    assert first_chart(trade_bulletin(kind, {}, {})).startswith("<svg")
    odd = {"odd": pl.DataFrame({"a_new_column": [1.5, None], "product": ["x", "y"]})}
    bulletin = trade_bulletin(kind, odd, {})
    assert bulletin.sections[0].tables[0].columns[0].title == "a new column"
    empty = {name: table.clear() for name, table in TABLES[kind].items()}
    assert to_html(trade_bulletin(kind, empty, METADATA, "fa")).startswith("<!doctype html>")
    more = {name: table.with_columns(novel=pl.lit("yes")) for name, table in TABLES[kind].items()}
    assert texts(trade_bulletin(kind, more, METADATA)) == texts(
        trade_bulletin(kind, TABLES[kind], METADATA)
    )


def test_a_page_that_there_is_not_is_refused_by_name():
    with pytest.raises(ValueError, match=r"There is no page of 'imports'\. There are: dependency"):
        to_html(trade_bulletin("imports", {}, {}))


def test_codes_of_another_classification_get_no_names_of_the_harmonized_system():
    products = pl.DataFrame(
        {"product": ["7849", "7284", "0711"], "ubiquity": [1, 1, 1], "pci": [2.0, 1.0, 0.0]}
    )
    told = texts(trade_bulletin("complexity", {"products": products}, METADATA))
    assert told["products"] == "7849 is the most complex of 3 products"


@pytest.mark.parametrize(
    ("stated", "value", "shown"),
    [
        ("USD", 53_000_000.0, "53 million USD"),
        ("thousand USD", 53_000.0, "53 million USD"),
        ("million EUR", 1_045.0, "1\u202f045 million EUR"),
        ("", 1_234_567.0, "1.23 million"),
        ("USD", 12.5, "12.5 USD"),
    ],
)
def test_amounts_are_told_in_the_scale_a_reader_takes_in(stated, value, shown):
    rows = pl.DataFrame({"product": ["x"], "potential": [value], "unrealised": [value]})
    told = texts(trade_bulletin("exports", {"products": rows}, {"currency": stated}))
    assert told["products"] == f"x has the largest potential left: {shown}"
