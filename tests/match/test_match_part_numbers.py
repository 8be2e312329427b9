"""A part number is found however it is typed."""

import polars as pl
import pytest

from onshore.match import find_candidates

OFFERS = pl.DataFrame(
    {
        "offer_id": ["column", "inside", "bearing", "other size", "other"],
        "description": [
            "Contactor, 3 pole",
            "Limit switch ZB4-7701-X for cranes",
            "Deep groove ball bearing 6205-2RS",
            "Contactor, 4 pole",
            "Pump casing, ductile iron",
        ],
        "part_number": ["KX-8814/B", None, None, "KX-8815/B", None],
    }
)


def best(*, description=None, part_number=None, offers=OFFERS):
    needs = pl.DataFrame(
        {"need_id": ["N"], "description": [description], "part_number": [part_number]},
        schema_overrides={"description": pl.String, "part_number": pl.String},
    )
    return find_candidates(needs, offers, top=1).row(0, named=True)


VARIANTS = [
    "KX-8814/B",
    "kx8814b",
    "KX 8814 B",
    "KX.8814.B",
    "KX–8814–B",  # en dash
    "KX\u20118814\u2011B",  # non-breaking hyphen
    "KX−8814/B",  # minus
    "KX-۸۸۱۴/B",  # Persian digits
    "KX-٨٨١٤/B",  # Arabic digits
    "ＫＸ－８８１４／Ｂ",  # full width
    "КХ-8814/В",  # Cyrillic letters that look Latin
    "KX-\u200b8814\u200e/B",  # zero-width space and direction mark
]


@pytest.mark.parametrize("written", VARIANTS)
def test_a_number_in_its_column_is_found_however_typed(written):
    found = best(part_number=written)
    assert (found["offer_id"], found["class"]) == ("column", "exact")


@pytest.mark.parametrize("written", VARIANTS)
def test_a_number_alone_in_the_description_is_found(written):
    found = best(description=written)
    assert (found["offer_id"], found["class"]) == ("column", "exact")


@pytest.mark.parametrize("written", ["ZB4-7701-X", "zb47701x", "ZB4 7701 X", "ZB4–۷۷۰۱–X"])
@pytest.mark.parametrize("place", ["part_number", "description"])
def test_a_number_inside_an_offers_description_is_found(written, place):
    found = best(**{place: written})
    assert (found["offer_id"], found["class"]) == ("inside", "exact")


def test_a_number_inside_a_sentence_is_found():
    found = best(description="urgently needed for line 2: KX 8814 B, see drawing")
    assert found["offer_id"] == "column"


def test_a_fragment_is_found_but_is_not_the_whole_number():
    found = best(part_number="7701-X")
    assert found["offer_id"] == "inside"
    assert found["class"] in ("near", "could make")


def test_the_next_size_of_the_same_series_is_no_more_than_could_make():
    offers = OFFERS.filter(pl.col("offer_id") == "other size")
    assert best(part_number="KX-8814/B", offers=offers)["class"] in ("could make", "none")


@pytest.mark.parametrize("place", ["part_number", "description"])
def test_a_bearing_number_alone_finds_the_bearing(place):
    found = best(**{place: "6205"})
    assert (found["offer_id"], found["class"]) == ("bearing", "exact")


@pytest.mark.parametrize("place", ["part_number", "description"])
def test_another_bearing_number_is_no_more_than_could_make(place):
    assert best(**{place: "6206"})["class"] in ("could make", "none")


def test_a_number_that_nobody_has_hardly_lowers_what_the_words_say():
    stock = best(description="pump casing ductile iron, painted", part_number="STORE-77120-9")
    plain = best(description="pump casing ductile iron, painted")
    assert stock["offer_id"] == "other"
    assert stock["score"] == pytest.approx(plain["score"], abs=0.1)


def test_a_grade_of_steel_is_not_a_part_number():
    offers = pl.DataFrame({"offer_id": ["A"], "description": ["42CrMo4 shaft for pumps"]})
    assert best(description="42CrMo4 crane wheel", offers=offers)["class"] != "exact"
