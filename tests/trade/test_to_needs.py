"""From products to needs and back: levels, revisions, the worked example."""

import polars as pl
import pytest

import onshore
from onshore.trade import TradeError, needs_of_screen, products_of_needs

NEEDS = pl.DataFrame(
    {"need_id": ["N1", "N2", "N3", "N4"], "item_id": ["I1", "I2", None, None],
     "hs_code": [None, "722511", "854921", None], "description": ["a", "b", "c", "d"]}
)  # fmt: skip
ITEMS = pl.DataFrame({"item_id": ["I1", "I2"], "hs_code": ["848210", "720610"]})


def screen_of(*products):
    return pl.DataFrame({"rank": range(1, len(products) + 1), "product": list(products)})


def test_a_need_falls_under_chapter_heading_subheading_and_national_line():
    table = needs_of_screen(
        screen_of("848210", "84", "8482", "84821000", "847130"), NEEDS, ITEMS, revision="HS2022"
    )
    assert table.select("rank", "product", "need_id", "level", "hs_from").rows() == [
        (1, "848210", "N1", 6, "item"),
        (2, "84", "N1", 2, "item"),
        (3, "8482", "N1", 4, "item"),
        (4, "84821000", "N1", 6, "item"),
    ]
    assert set(table["kind"]) == {"same"}


def test_the_needs_own_code_goes_before_its_items():
    table = needs_of_screen(screen_of("720610", "722511"), NEEDS, ITEMS, revision="HS2022")
    assert table.select("need_id", "product", "hs_from").rows() == [("N2", "722511", "need")]


def test_codes_are_carried_to_the_revision_of_the_screen():
    # 8549 (electronic waste) is new in HS 2022.
    table = needs_of_screen(screen_of("854921"), NEEDS, ITEMS, revision="HS2022")
    assert table["need_id"].to_list() == ["N3"]
    older = products_of_needs(NEEDS, screen_of("854810", "848210"), ITEMS, revision="HS2017")
    row = older.filter(pl.col("need_id") == "N3").row(0, named=True)
    assert (row["product"], row["level"]) == ("854810", 6)
    assert row["kind"] in {"1:n", "n:1", "n:n"}
    assert 0 < row["share"] <= 1


def test_the_revision_is_found_from_the_screen():
    # 854921 is of HS 2022 alone.
    table = needs_of_screen(screen_of("854921", "848210"), NEEDS, ITEMS)
    assert set(table["kind"]) == {"same"}


def test_every_need_has_its_finest_product_or_a_reason():
    table = products_of_needs(NEEDS, screen_of("84", "848210", "7225"), ITEMS, revision="HS2022")
    assert table.select("need_id", "product", "level").rows() == [
        ("N1", "848210", 6),
        ("N2", "7225", 4),
        ("N3", None, None),
        ("N4", None, None),
    ]
    assert table["reason"].to_list() == [
        None,
        None,
        "no product of the screen holds the code",
        "neither the need nor its item has an HS code",
    ]


def test_lost_leading_zeros_and_dots_are_put_right():
    needs = pl.DataFrame({"need_id": ["N"], "hs_code": ["010121"]})
    table = needs_of_screen(screen_of("10121", "1.01", "0101.21"), needs, revision="HS2022")
    assert table.select("product", "level").rows() == [("10121", 6), ("1.01", 4), ("0101.21", 6)]


def test_a_screen_of_another_classification_is_refused():
    sitc = screen_of(*(f"{number:04}" for number in range(9000, 9100)))
    with pytest.raises(TradeError, match="not codes of the Harmonized System"):
        needs_of_screen(sitc, NEEDS, ITEMS)
    with pytest.raises(TradeError, match="The screen has no column 'product'"):
        needs_of_screen(ITEMS, NEEDS, ITEMS)


def test_the_worked_example_goes_there_and_back(worked_example):
    programme = onshore.open(worked_example)
    needs, items = programme.table("needs"), programme.table("items")
    coded = items.drop_nulls("hs_code").select("item_id", of_item="hs_code")
    codes = needs.join(coded, on="item_id", how="left").select(
        "need_id", code=pl.coalesce("hs_code", "of_item")
    )
    screen = screen_of(*codes["code"].drop_nulls().unique().sort())
    there = needs_of_screen(screen, needs, items, revision="HS2022")
    own = there.filter(pl.col("product") == pl.col("hs_code"))
    assert set(own["need_id"]) == set(codes.drop_nulls()["need_id"])
    back = products_of_needs(needs, screen, items, revision="HS2022")
    assert set(back["need_id"]) == set(needs["need_id"])
    expected = dict(codes.iter_rows())
    for row in back.filter(pl.col("product").is_not_null()).iter_rows(named=True):
        assert expected[row["need_id"]].startswith(row["product"])
    # Carried to HS 1992 and back, no need with a code is lost.
    chapters = screen_of(*sorted({code[:2] for code in codes["code"].drop_nulls()}))
    old = products_of_needs(needs, chapters, items, revision="HS1992")
    with_code = old.filter(pl.col("hs_code").is_not_null())
    assert with_code["product"].null_count() == 0
