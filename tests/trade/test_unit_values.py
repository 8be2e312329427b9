"""Unit values and their outliers."""

import polars as pl
import pytest

from onshore.trade import dependency, open_facts

PARTNERS = ["CHN", "DEU", "IND", "ITA", "JPN", "KOR"]
# Unit values 9, 10, 10, 11, 12 and 1200: the last quantity is told in tonnes, not kilograms.
BOUGHT = pl.DataFrame(
    {
        "exporter": PARTNERS,
        "importer": "IRN",
        "product": "848210",
        "year": 2020,
        "value": [90.0, 100.0, 50.0, 110.0, 120.0, 1200.0],
        "quantity": [10.0, 10.0, 5.0, 10.0, 10.0, 1.0],
    }
)


def prices(frame: pl.DataFrame) -> pl.DataFrame:
    with open_facts(frame) as facts:
        return dependency(facts, "IRN").unit_values


def test_far_unit_value_is_an_outlier_and_comes_first() -> None:
    found = prices(BOUGHT)
    assert found["partner"][0] == "KOR"
    assert found["unit_value"][0] == 1200.0
    assert found["median"].unique().to_list() == [10.5]
    assert found["outlier"].to_list() == [True, False, False, False, False, False]


def test_deviation_is_the_modified_z_score_of_the_logarithm() -> None:
    logs = BOUGHT.select((pl.col("value") / pl.col("quantity")).log()).to_series()
    spread = (logs - logs.median()).abs().median()
    expected = 0.6745 * (logs - logs.median()) / spread
    found = prices(BOUGHT).sort("partner")["deviation"]
    assert found.to_list() == pytest.approx(expected.to_list())


def test_no_verdict_on_few_partners_or_without_spread() -> None:
    assert prices(BOUGHT.tail(4))["outlier"].to_list() == [None] * 4
    same = BOUGHT.with_columns(quantity=pl.col("value") / 10)
    assert prices(same)["outlier"].to_list() == [None] * 6


def test_flows_without_a_quantity_have_no_unit_value() -> None:
    some = BOUGHT.with_columns(quantity=pl.Series([10.0, 0.0, None, 10.0, 10.0, 1.0]))
    assert sorted(prices(some)["partner"]) == ["CHN", "ITA", "JPN", "KOR"]
    with open_facts(BOUGHT.drop("quantity")) as facts:
        found = dependency(facts, "IRN")
    assert found.unit_values.is_empty()
    assert any("no quantities" in line for line in found.warnings)


def test_prices_in_unlike_units_are_not_compared() -> None:
    pieces = BOUGHT.with_columns(unit=pl.lit("kg"))
    other = BOUGHT.with_columns(unit=pl.lit("u"), quantity=pl.col("quantity") * 1000)
    found = prices(pl.concat([pieces, other]))
    assert found.height == 12
    assert found["outlier"].sum() == 2
