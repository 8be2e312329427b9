"""HS revisions: which one codes are of, and how they are carried to another."""

from itertools import pairwise, product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.codes import UnknownCode, hs, hs_revisions
from onshore.codes.hs_revisions import REVISIONS, convert, detect, identify, revision_of

# Subheadings of each revision as the World Customs Organization counts them.
SIX_DIGITS = {"HS1996": 5113, "HS2002": 5224, "HS2007": 5052, "HS2012": 5205, "HS2017": 5387}
YEARS = [revision[2:] for revision in REVISIONS]


@pytest.fixture(scope="module")
def published(request) -> pl.DataFrame:
    folder = request.getfixturevalue("shared_data") / "trade" / "concordance"
    return pl.read_csv(folder / "hs_adjacent_revisions.csv", infer_schema=False)


@pytest.fixture(scope="module")
def concordance(request):
    return request.getfixturevalue("shared_data") / "trade" / "concordance"


def subheadings(revision):
    known = hs_revisions._presence().filter(pl.col("revision") == revision)["written"]
    return [code for code in known if len(code) == 6]


@pytest.mark.parametrize(("revision", "count"), SIX_DIGITS.items())
def test_each_revision_is_whole(revision, count):
    assert len(subheadings(revision)) == count


def test_hs2022_is_the_code_list():
    own = {code for code in hs.codes if len(code) == 6 and code.isdigit()}
    assert own - set(subheadings("HS2022")) == {"999999"}
    assert set(subheadings("HS2022")) < own


@pytest.mark.parametrize(("before", "after"), list(pairwise(YEARS)))
def test_every_published_link_is_kept_and_no_other(published, before, after):
    links = published.filter(
        pl.col("adjustment") == f"{after} to {before}", pl.col("code_before") != "999999"
    )
    for source, to, first, second in (
        (before, after, "code_before", "code_after"),
        (after, before, "code_after", "code_before"),
    ):
        codes = links[first].unique().sort()
        ours = convert(codes, source=source, to=to, every_link=True)
        assert set(ours.select("code", "to").iter_rows()) == set(
            links.select(first, second).iter_rows()
        )
        sums = ours.group_by("code").agg(pl.col("share").sum())["share"]
        assert sums.to_list() == pytest.approx([1.0] * len(codes), abs=1e-12)


@pytest.mark.parametrize("year", YEARS[:-1])
def test_the_best_links_of_another_source_are_among_ours(concordance, year):
    best = pl.read_csv(concordance / f"hs2022_hs{year}.csv", infer_schema=False)
    best.columns = ["code", "to"]
    ours = convert(best["code"], source="HS2022", to=year, every_link=True)
    theirs = best.filter(pl.col("code") != "999999")
    missing = theirs.join(ours, on=["code", "to"], how="anti").height
    assert missing / theirs.height < 0.01
    whole = ours.filter(pl.col("share") == 1.0)
    agreed = whole.join(theirs, on=["code", "to"]).height
    assert agreed / whole.height > 0.97


def test_the_kind_is_of_all_links():
    kept = convert(["850610"], source="HS2017", to="HS2022")
    assert kept.rows() == [("850610", "850610", 1.0, "1:n")]  # its waste is now in 8549
    every = convert(["850610"], source="HS2017", to="HS2022", every_link=True)
    assert every["to"][0] == "850610"
    assert set(every["to"][1:].str.slice(0, 4)) == {"8549"}
    merged = convert(["010111"], source="HS1992", to="HS2012")
    assert merged["kind"].unique().to_list() == ["n:n"]


def test_shares_multiply_along_the_way():
    halves = convert(["010110"], source="HS2007", to="HS2012")
    assert halves.select("to", "share").rows() == [("010121", 0.5), ("010130", 0.5)]
    longer = convert(["010111"], source="HS1996", to="HS2017")
    by_steps: dict[str, float] = {}
    for first, share in (
        convert(["010111"], source="HS1996", to="HS2007").select("to", "share").rows()
    ):
        onward = convert([first], source="HS2007", to="HS2017").select("to", "share")
        for last, further in onward.rows():
            by_steps[last] = by_steps.get(last, 0.0) + share * further
    assert dict(longer.select("to", "share").rows()) == pytest.approx(by_steps)


def test_headings_and_chapters_are_carried_as_such():
    chapters = convert(["87", "8542"], source="HS2002", to="HS2022")
    assert chapters.filter(pl.col("code") == "87").rows() == [("87", "87", 1.0, "1:n")]
    headings = chapters.filter(pl.col("code") == "8542")
    assert headings["to"].str.len_chars().unique().to_list() == [4]
    assert headings["to"][0] == "8542"
    assert headings["share"].sum() == pytest.approx(1.0)


def test_codes_are_read_as_people_write_them():
    written = ["0101.21", "10121", "۰۱۰۱۲۱", "HS 010121", "0101 21 00 10"]
    found = convert(written, source="HS2012", to="HS2017")
    assert found["code"].to_list() == written
    assert found["to"].to_list() == ["010121"] * len(written)


def test_what_cannot_be_carried_is_said():
    found = convert(["999998", "291636", "010129"], source="HS2007", to="HS2012")
    assert found.select("code", "to", "kind").rows() == [
        ("999998", None, "unknown"),
        ("291636", None, "no link"),
        ("010129", None, "unknown"),
    ]
    assert convert([], source="HS2007", to="HS2012").is_empty()
    with pytest.raises(UnknownCode, match=r"'1999' is not a revision .* HS1992, HS1996"):
        convert(["010129"], source="1999", to="HS2012")


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_whole_revision_is_recognised(revision):
    codes = subheadings(revision)
    found = identify(codes)
    assert (found.revision, found.mixed, found.unknown, found.message) == (revision, {}, (), "")
    assert found.fits == (revision,)


def test_what_is_mixed_is_named():
    codes = [*subheadings("HS2012"), "854921", "854929", "999998"]
    found = identify(codes)
    assert found.revision == "HS2012"
    assert found.mixed == {"HS2022": ("854921", "854929")}
    assert found.unknown == ("999998",)
    assert f"{len(codes) - 3} of {len(codes)} codes are of HS2012" in found.message
    assert "2 only of HS2022 (854921, 854929)" in found.message
    assert "1 of" in found.message
    assert "999998" in found.message
    table = detect(codes)
    assert table["revision"][0] == "HS2012"
    assert table.filter(pl.col("revision") == "HS2022")["only_here"].item() == 2


def test_nothing_known_is_said():
    assert identify(["abc"]).message.startswith("None of the 1 codes is of the Harmonized System")
    assert identify([]).message == ""
    assert detect([])["share_known"].to_list() == [0.0] * 7


@pytest.mark.parametrize(
    ("text", "revision"),
    [(text, "HS2017") for text in ("HS2017", "hs 2017", "2017", 2017, "H5", "HS17", "HS5")],
)
def test_revisions_are_named_in_many_ways(text, revision):
    assert revision_of(text) == revision


@given(
    st.sampled_from(list(product(REVISIONS, REVISIONS))),
    st.lists(st.integers(0, 5000), min_size=1, max_size=20),
)
def test_value_is_neither_lost_nor_made(pair, numbers):
    source, to = pair
    codes = subheadings(source)
    asked = pl.Series(sorted({codes[number % len(codes)] for number in numbers}))
    found = convert(asked, source=source, to=to)
    assert found["code"].unique().sort().to_list() == asked.to_list()
    carried = found.drop_nulls("to")
    assert set(carried["to"]) <= set(subheadings(to))
    sums = carried.group_by("code").agg(pl.col("share").sum())["share"]
    assert sums.to_list() == pytest.approx([1.0] * len(sums), abs=1e-12)
    if source == to:
        assert carried["to"].to_list() == carried["code"].to_list()
