"""Opening customs facts: headings, what is left out and named, what is refused."""

from pathlib import Path

import polars as pl
import pytest

from onshore.trade import TradeError, open_facts, territories
from onshore.trade.columns import recognise

BACI = pl.DataFrame(
    {
        "t": [2020, 2020, 2020, 2021],
        "i": [276, 156, 699, 276],
        "j": [364, 364, 364, 368],
        "k": ["010121", "848210", "848210", "848210"],
        "v": [3.5, 1.25, 2.0, 4.0],
        "q": [0.5, None, 1.0, 2.0],
    }
)
REPORTED = pl.DataFrame(
    {
        "reporter": ["IRN", "IRN", "IRN", "DEU"],
        "partner": ["DEU", "CHN", "IRQ", "IRN"],
        "product": ["848210"] * 4,
        "year": [2020] * 4,
        "flow": ["import", "import", "export", "export"],
        "value": [10.0, 5.0, 2.0, 9.0],
    }
)


def flows(source: object, by: str = "importer", **given: object) -> list[tuple[object, ...]]:
    with open_facts(source, **given) as facts:
        rows = facts.run(facts.flows(by))
    return sorted(rows.select("exporter", "importer", "product", "period", "value").rows())


def warnings(source: object, **given: object) -> str:
    with open_facts(source, **given) as facts:
        return "\n".join(facts.warnings)


def refusal(source: object, **given: object) -> str:
    with pytest.raises(TradeError) as refused:
        open_facts(source, **given).close()
    return str(refused.value)


def test_reconciled_flow_serves_both_sides() -> None:
    assert flows(BACI) == flows(BACI, "exporter")
    assert flows(BACI)[0] == ("156", "364", "848210", 2020, 1.25)


def test_baci_is_in_thousand_dollars_and_tonnes() -> None:
    with open_facts(BACI) as facts:
        assert facts.money == "thousand USD"
        assert facts.metadata["quantity_unit"] == "t"
        assert facts.metadata["years"] == [2020, 2021]


def test_country_is_found_however_it_is_written() -> None:
    with open_facts(BACI) as facts:
        assert {facts.key(text) for text in ("IRN", "ir", "364", "Iran", "ایران")} == {"364"}
        assert facts.key("India") == "699"
        assert facts.run(facts.imports("IRN"))["importer"].unique().to_list() == ["364"]
        with pytest.raises(TradeError, match="France is not in it"):
            facts.key("France")


def test_imports_and_exports_are_told_by_each_side() -> None:
    assert flows(REPORTED) == [
        ("CHN", "IRN", "848210", 2020, 5.0),
        ("DEU", "IRN", "848210", 2020, 10.0),
    ]
    assert flows(REPORTED, "exporter") == [
        ("DEU", "IRN", "848210", 2020, 9.0),
        ("IRN", "IRQ", "848210", 2020, 2.0),
    ]


@pytest.mark.parametrize("form", ["csv", "parquet", "folder", "csv folder"])
def test_files_read_as_the_frame_does(tmp_path: Path, form: str) -> None:
    source = tmp_path / "BACI_HS17_Y2020_V202401.csv"
    if form == "parquet":
        source = source.with_suffix(".parquet")
        BACI.write_parquet(source)
    elif form == "folder":
        BACI.head(2).write_parquet(tmp_path / "a.parquet")
        BACI.tail(2).write_parquet(tmp_path / "b.parquet")
        source = tmp_path
    elif form == "csv folder":
        BACI.head(2).write_csv(tmp_path / "a.csv")
        BACI.tail(2).write_csv(tmp_path / "b.csv")
        (tmp_path / "country_codes_V202401.csv").write_text("country_code,name\n4,x\n")
        source = tmp_path
    else:
        BACI.write_csv(source)
    assert flows(source) == flows(BACI)
    with open_facts(source) as facts:
        assert facts.metadata["vintage"] == ("202401" if source.is_file() else None)


def test_leading_zeros_lost_in_numbers_are_put_back() -> None:
    numbers = BACI.with_columns(pl.col("k").cast(pl.Int64))
    assert flows(numbers) == flows(BACI)


def test_table_of_an_ibis_backend(tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis")
    BACI.write_parquet(tmp_path / "x.parquet")
    backend = ibis.duckdb.connect()
    table = backend.read_parquet(tmp_path / "x.parquet")
    assert flows(table.filter(table.t == 2020)) == flows(BACI.filter(pl.col("t") == 2020))


def test_comtrade_headings_prefer_codes_and_primary_value() -> None:
    columns = "refYear reporterISO reporterDesc flowCode partnerISO partnerDesc cmdCode cmdDesc"
    found = recognise(
        [*columns.split(), "qtyUnitAbbr", "qty", "netWgt", "cifvalue", "fobvalue", "primaryValue"],
        ["reporter", "partner", "product", "period", "flow", "value"],
        optional=["quantity", "unit"],
    )
    assert found == {
        "reporterISO": "reporter",
        "partnerISO": "partner",
        "cmdCode": "product",
        "refYear": "period",
        "flowCode": "flow",
        "primaryValue": "value",
        "netWgt": "quantity",
        "qtyUnitAbbr": "unit",
    }


def test_persian_extract_without_a_reporter() -> None:
    extract = pl.DataFrame(
        {
            "سال": ["۱۴۰۲", "۱۴۰۲"],
            "کشور": ["آلمان", "چین"],
            "تعرفه": ["84821000", "84821000"],
            "جریان": ["واردات", "واردات"],
            "وزن": ["۱۲۰", "۸۰"],
            "ارزش": ["۱۰۰۰", "۲۰۰۰٫۵"],
        }
    )
    assert flows(extract, home="IR") == [
        ("آلمان", "IR", "84821000", 1402, 1000.0),
        ("چین", "IR", "84821000", 1402, 2000.5),
    ]


def test_world_beside_countries_is_left_out_and_named() -> None:
    more = REPORTED.head(1).with_columns(partner=pl.lit("World"), value=pl.lit(15.0))
    table = pl.concat([REPORTED, more])
    assert flows(table) == flows(REPORTED)
    told = warnings(table)
    assert "World (" in told
    assert "count their trade twice" in told


def test_unspecified_partner_is_kept_with_its_share() -> None:
    more = REPORTED.head(1).with_columns(partner=pl.lit("Areas, nes"))
    table = pl.concat([REPORTED, more])
    assert ("Areas, nes", "IRN", "848210", 2020, 10.0) in flows(table)
    assert "Areas, nes" in warnings(table)


def test_unknown_key_is_kept_with_one_warning() -> None:
    table = REPORTED.with_columns(partner=pl.col("partner").replace({"CHN": "qq1", "IRQ": "qq2"}))
    assert any(row[0] == "qq1" for row in flows(table))
    told = [line for line in warnings(table).splitlines() if "ISO 3166" in line]
    assert len(told) == 1
    assert "qq1, qq2" in told[0]


def test_values_that_are_no_trade_are_left_out_and_counted() -> None:
    spoiled = BACI.with_columns(v=pl.Series([None, -1.0, 0.0, 4.0]))
    assert len(flows(spoiled)) == 1
    told = warnings(spoiled)
    assert "1 of 4 rows have no value" in told
    assert "1 of 4 rows have a value below 0" in told
    with open_facts(spoiled) as facts:
        assert facts.metadata["left_out"]["zero_value"] == 1


def test_flow_of_a_country_to_itself_and_of_nobody() -> None:
    table = BACI.with_columns(i=pl.Series([364, None, 699, 276]))
    assert [row[:2] for row in flows(table)] == [("276", "368"), ("699", "364")]
    assert "1 of 4 rows go from a country to itself" in warnings(table)
    assert "1 of 4 rows name no territory" in warnings(table)


def test_products_that_hold_others_are_left_out() -> None:
    totals = BACI.head(2).with_columns(k=pl.Series(["TOTAL", "8482"]))
    table = pl.concat([BACI, totals])
    assert flows(table) == flows(BACI)
    assert "2 products (TOTAL, 8482) hold others" in warnings(table)


def test_re_exports_are_not_added_to_exports() -> None:
    table = REPORTED.with_columns(flow=pl.Series(["M", "M", "X", "RX"]))
    assert [row[0] for row in flows(table, "exporter")] == ["IRN"]


def test_months_add_up_to_years() -> None:
    months = BACI.with_columns(t=pl.Series([202001, 202002, 202012, 202101]))
    assert flows(months) == flows(BACI)


def test_years_beside_months_are_refused() -> None:
    mixed = BACI.with_columns(t=pl.Series([2020, 202002, 2020, 2021]))
    assert "would count twice" in refusal(mixed)


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("v", "1,250.5", "row 3, column v: '1,250.5' is not a number (1 such cell)"),
        ("t", "last", "row 3, column t: 'last' is not a year"),
        ("v", "inf", "row 3, column v: 'inf' is not a number"),
        ("v", "1e308", "row 3, column v: '1e308' is not a number"),
        ("q", "many", "row 3, column q: 'many' is not a number"),
    ],
)
def test_unreadable_cell_is_named(tmp_path: Path, column: str, cell: str, said: str) -> None:
    text = BACI.cast(pl.String).with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(cell)).otherwise(column).alias(column)
    )
    text.write_csv(tmp_path / "facts.csv")
    assert f"facts.csv, {said}" in refusal(tmp_path / "facts.csv")


def test_first_of_several_unreadable_cells_is_told_with_its_row(tmp_path: Path) -> None:
    text = BACI.cast(pl.String).with_columns(v=pl.Series(["3.5", "1,2", "9,9", "4"]))
    text.write_csv(tmp_path / "facts.csv")
    assert "row 3, column v: '1,2' is not a number (2 such cells)" in refusal(
        tmp_path / "facts.csv"
    )


def test_floats_that_are_no_figures_are_missing() -> None:
    table = BACI.with_columns(v=pl.Series([float("nan"), 1.25, float("inf"), 4.0]))
    assert flows(table) == [row for row in flows(BACI) if row[4] in (1.25, 4.0)]
    assert "2 of 4 rows have no value" in warnings(table)


def test_country_spelt_in_two_ways_is_named() -> None:
    table = REPORTED.with_columns(partner=pl.Series(["DEU", "CHN", "IRQ", "irn"]))
    assert "Iran stands under IRN and irn" in warnings(table)
    assert "stands under" not in warnings(REPORTED)


def test_what_cannot_be_facts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    assert "empty.csv is empty" in refusal(tmp_path / "empty.csv")
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    (tmp_path / "no.parquet").write_bytes(b"nothing")
    assert "read from CSV or Parquet" in refusal(tmp_path / "book.xlsx")
    assert "no.parquet cannot be read" in refusal(tmp_path / "no.parquet")
    assert "is not there" in refusal(tmp_path / "absent.csv")
    assert "has no rows" in refusal(BACI.clear())
    assert "there is no column 'value'" in refusal(BACI.drop("v"))
    assert "Add a column flow" in refusal(REPORTED.drop("flow"))
    assert "says sideways" in refusal(REPORTED.with_columns(flow=pl.lit("sideways")))
    two = REPORTED.with_columns(currency=pl.Series(["USD", "EUR", "USD", "USD"]))
    assert "EUR, USD" in refusal(two)
    assert "'hs6' and 'sitc2'" in refusal(BACI.rename({"k": "hs6"}).with_columns(sitc2=pl.lit("1")))


def test_kinds_of_territories() -> None:
    told = territories(["irn", "004", "4", "842", "490", "EU27_2020", "899", "scg", "???", "0"])
    assert dict(zip(told["key"], told["kind"], strict=True)) == {
        "irn": "country",
        "004": "country",
        "4": "country",
        "842": "country",
        "490": "country",
        "EU27_2020": "aggregate",
        "899": "unspecified",
        "scg": "country",
        "???": "unknown",
        "0": "aggregate",
    }
    assert told["code"].to_list() == ["IR", "AF", "AF", "US", "TW", None, None, None, None, None]


def test_no_country_of_the_list_is_taken_for_something_else() -> None:
    import pycountry

    for written in ("alpha_2", "alpha_3", "name"):
        listed = {getattr(country, written): country.alpha_2 for country in pycountry.countries}
        told = territories(listed)
        assert dict(zip(told["key"], told["code"], strict=True)) == listed
