"""The ledger of resources ties: opening and changes make the closing, to the last digit."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.explore import ExploreError, resource_ledger
from onshore.records import schema

REASONS = schema("resource_changes").column("reason").choices


def estimates(*rows):
    """Deposit, class, day, tonnage, grade in percent."""
    return pl.DataFrame(
        [
            {
                "deposit_id": deposit,
                "class": name,
                "estimated_on": day,
                "tonnage": Decimal(str(tonnage)),
                "grade": Decimal(str(grade)),
                "grade_unit": "%",
            }
            for deposit, name, day, tonnage, grade in rows
        ],
        schema_overrides={"tonnage": pl.Decimal(38, 6), "grade": pl.Decimal(38, 6)},
    )


def changes(*rows):
    """Deposit, class, day, reason, tonnage, metal."""
    names = ("deposit_id", "class", "changed_on", "reason", "tonnage", "metal")
    amounts = {"tonnage": pl.Decimal(38, 6), "metal": pl.Decimal(38, 6)}
    told = [[*row[:4], *(None if x is None else Decimal(str(x)) for x in row[4:])] for row in rows]
    return pl.DataFrame(told, schema=list(names), orient="row", schema_overrides=amounts)


def test_a_year_of_a_mine():
    made = resource_ledger(
        estimates(
            ("D", "proved", date(2023, 1, 1), 100, 2), ("D", "proved", date(2024, 1, 1), 95, 2)
        ),
        changes(
            ("D", "proved", date(2023, 6, 1), "depletion", -12, "-0.24"),
            ("D", "proved", date(2023, 9, 1), "drilling", 5, "0.1"),
            ("D", "proved", date(2024, 1, 1), "price", 2, "0.04"),
            ("D", "proved", date(2024, 3, 1), "depletion", -3, "-0.06"),
        ),
    )
    assert made.warnings == []
    told = made.lines.select("reason", "tonnage", "tonnage_closing", "metal_closing").rows()
    assert told == [
        ("opening", Decimal(100), Decimal(100), Decimal(2)),
        ("depletion", Decimal(-12), Decimal(88), Decimal("1.76")),
        ("drilling", Decimal(5), Decimal(93), Decimal("1.86")),
        ("price", Decimal(2), Decimal(95), Decimal("1.9")),
        ("estimate", Decimal(0), Decimal(95), Decimal("1.9")),
        ("depletion", Decimal(-3), Decimal(92), Decimal("1.84")),
    ]
    assert made.balances.select("date", "tonnage").row(0) == (date(2024, 3, 1), Decimal(92))


def test_what_has_no_reason_is_its_own_line():
    made = resource_ledger(
        estimates(
            ("D", "inferred", date(2023, 1, 1), 50, 1), ("D", "inferred", date(2024, 1, 1), 80, 1)
        ),
        changes(("D", "inferred", date(2023, 5, 1), "drilling", 10, "0.1")),
    )
    line = made.lines.filter(reason="not explained").row(0, named=True)
    assert (line["tonnage"], line["metal"]) == (Decimal(20), Decimal("0.2"))
    assert made.warnings == [
        "deposit D, inferred: the estimate of 2024-01-01 differs by 20 t and 0.2 t of metal from "
        "what the changes before it make; tell the missing changes."
    ]


AMOUNT = st.integers(0, 10**12).map(lambda n: Decimal(n) / 10**6)


@given(
    st.lists(AMOUNT, min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 500), AMOUNT, st.sampled_from(REASONS)), max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_every_line_ties(states, moves):
    first = date(2020, 1, 1)
    made = resource_ledger(
        estimates(
            *(("D", "indicated", first + timedelta(100 * k), t, 2) for k, t in enumerate(states))
        ),
        changes(
            *(
                ("D", "indicated", first + timedelta(days), reason, t, None)
                for days, t, reason in moves
            )
        ),
    )
    lines = made.lines
    assert (lines["tonnage_opening"] + lines["tonnage"] == lines["tonnage_closing"]).all()
    assert (lines["tonnage_opening"][1:] == lines["tonnage_closing"][:-1]).all()
    assert lines["tonnage_opening"][0] == 0
    assert lines["tonnage"].sum() == lines["tonnage_closing"][-1] == made.balances["tonnage"][0]
    assert lines["date"].is_sorted()
    for k, stated in enumerate(states):
        held = lines.filter(date=first + timedelta(100 * k))["tonnage_closing"][-1]
        assert held == stated
    kept = lines.filter(pl.col("metal_closing").is_not_null() & pl.col("metal").is_not_null())
    kept = kept.filter(pl.col("metal_opening").is_not_null())
    assert (kept["metal_opening"] + kept["metal"] == kept["metal_closing"]).all()


def test_a_change_of_class_has_to_balance():
    day = date(2023, 5, 1)
    start = estimates(
        ("D", "inferred", date(2023, 1, 1), 50, 1), ("D", "indicated", date(2023, 1, 1), 20, 1)
    )
    out = ("D", "inferred", day, "reclassification", -10, "-0.1")
    good = resource_ledger(
        start, changes(out, ("D", "indicated", day, "reclassification", 10, "0.1"))
    )
    assert good.warnings == []
    lost = resource_ledger(
        start, changes(out, ("D", "indicated", day, "reclassification", 8, "0.1"))
    )
    assert "reclassifications of 2023-05-01 add up to -2 t, not 0" in lost.warnings[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("D", "proved", date(2023, 6, 1), "luck", 1, None)], "row 1: 'luck' is no reason"),
        (
            [("E", "proved", date(2023, 6, 1), "drilling", 1, None)],
            "no estimate of deposit E, proved",
        ),
        ([("D", "proved", date(2022, 6, 1), "drilling", 1, None)], "not after the first estimate"),
        (
            [("D", "proved", date(2023, 6, 1), "depletion", -101, None)],
            "row 1: after this change deposit D, proved would have -1 t",
        ),
        ([("D", None, date(2023, 6, 1), "drilling", 1, None)], "row 1: class is empty"),
    ],
)
def test_changes_that_cannot_be_are_refused(rows, said):
    with pytest.raises(ExploreError, match=said):
        resource_ledger(estimates(("D", "proved", date(2023, 1, 1), 100, 2)), changes(*rows))


def test_two_estimates_of_one_day_are_refused_unless_of_two_commodities():
    both = estimates(
        ("D", "proved", date(2023, 1, 1), 100, 2), ("D", "proved", date(2023, 1, 1), 90, 1)
    )
    with pytest.raises(
        ExploreError, match="row 2: deposit D, proved has an estimate of 2023-01-01"
    ):
        resource_ledger(both)
    told = resource_ledger(both.with_columns(commodity=pl.Series(["Cu", "Au"])))
    assert told.balances["commodity"].to_list() == ["Au", "Cu"]
    with pytest.raises(ExploreError, match="has no grade"):
        resource_ledger(both.drop("grade"))


def test_metal_is_told_where_the_unit_is_known():
    told = estimates(("D", "proved", date(2023, 1, 1), 1_000_000, "1.5"))
    for unit, metal in (("g/t", "1.5"), ("percent", "15000"), ("ppb", "0.0015"), ("pounds", None)):
        made = resource_ledger(told.with_columns(grade_unit=pl.lit(unit)))
        assert made.balances["metal"][0] == (None if metal is None else Decimal(metal))
