"""Published sums and their parts: the figures that Mehr News Agency printed in 2020."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from onshore.account import AccountError, stated
from onshore.figures import MissingRate, RateTable

COLUMNS = ["claim_id", "part_of", "stated_amount", "stated_currency"]
FIGURES = [
    ("saved", None, 1045, "EUR"),
    ("saved-oil", "saved", 140, "EUR"),
    ("saved-telecoms", "saved", 120, "EUR"),
    ("saved-cars", "saved", 340, "EUR"),
    ("saved-metals", "saved", 440, "EUR"),
    ("planned", None, 245, "EUR"),
    ("planned-petrochemicals", "planned", 60, "EUR"),
    ("planned-refining", "planned", 80, "EUR"),
    ("planned-appliances", "planned", 63, "EUR"),
    ("planned-cars", "planned", 42, "EUR"),
    ("projects", None, 40_000_000, "IRR"),
]


def claims(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row").with_columns(
        pl.col("stated_amount").cast(pl.Decimal(38, 6))
    )


def row(found: pl.DataFrame, claim: str) -> dict:
    return found.filter(claim_id=claim).row(0, named=True)


def test_the_parts_of_1045_million_euros_add_up_to_1040():
    saved = row(stated(claims(FIGURES)), "saved")
    assert (saved["parts"], saved["sum_of_parts"], saved["difference"]) == (4, 1040, 5)
    assert saved["tie_out"] == "differs"


def test_the_parts_of_245_million_euros_tie_out():
    planned = row(stated(claims(FIGURES)), "planned")
    assert (planned["sum_of_parts"], planned["difference"]) == (245, 0)
    assert planned["tie_out"] == "ties"


def test_a_figure_without_parts_has_nothing_to_tie_out():
    projects = row(stated(claims(FIGURES)), "projects")
    assert (projects["parts"], projects["sum_of_parts"], projects["tie_out"]) == (0, None, None)


def test_parts_of_parts_tie_out_with_their_own_total():
    rows = [*FIGURES, ("steel", "saved-metals", 300, "EUR"), ("copper", "saved-metals", 140, "EUR")]
    found = stated(claims(rows))
    assert row(found, "saved-metals")["tie_out"] == "ties"
    assert row(found, "saved")["sum_of_parts"] == 1040


def test_parts_in_another_currency_are_not_added():
    found = stated(claims([*FIGURES, ("saved-more", "saved", 5, "USD")]))
    saved = row(found, "saved")
    assert (saved["parts"], saved["sum_of_parts"], saved["difference"]) == (5, None, None)
    assert saved["tie_out"] == "other currencies"


def test_computed_claims_are_not_among_the_stated():
    rows = claims([*FIGURES, ("computed", None, None, None)])
    assert stated(rows)["claim_id"].to_list() == [figure[0] for figure in FIGURES]


def test_amounts_are_converted_only_by_a_rate_a_type_and_a_day():
    day = date(2020, 8, 20)
    rates = RateTable(
        pl.DataFrame(
            {
                "base": ["EUR"],
                "quote": ["IRR"],
                "date": [day],
                "rate": [Decimal(50000)],
                "rate_type": ["illustrative"],
            }
        )
    )
    found = stated(claims(FIGURES), rates, currency="EUR", rate_type="illustrative", on=day)
    assert row(found, "projects")["amount"] == 800
    assert row(found, "saved")["amount"] == 1045
    with pytest.raises(AccountError, match="all of rates, currency, rate_type and on"):
        stated(claims(FIGURES), rates, currency="EUR")
    with pytest.raises(MissingRate):
        stated(
            claims(FIGURES), rates, currency="EUR", rate_type="illustrative", on=date(2015, 1, 1)
        )


def test_a_figure_that_is_part_of_itself_is_refused():
    rows = [("a", "b", 1, "EUR"), ("b", "c", 1, "EUR"), ("c", "b", 1, "EUR")]
    with pytest.raises(AccountError, match="b is part of c is part of b"):
        stated(claims(rows))


def test_an_amount_without_a_currency_is_refused():
    with pytest.raises(AccountError, match="no currency: saved"):
        stated(claims([("saved", None, 1045, None)]))
