"""Duplicates among items: what is one good, what never is, and that clusters are a partition."""

import json
from itertools import combinations, permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.cli.merging import merge
from onshore.match import MatchError, explain
from onshore.match.merging import merge_items

# Lines of which others are written in the same list, so that a word's rarity means something.
FILLER = [
    "Roller chain 16B-1",
    "Refractory castable 60 % alumina",
    "Cable 3x2.5 mm2",
    "V belt SPB 2650",
    "Graphite gasket spiral wound",
    "Solenoid valve 24 V DC",
    "Limit switch with roller lever",
    "Welding electrode E7018 3.2 mm",
]


def items(*lines, **columns):
    return pl.DataFrame(
        {
            "item_id": [f"{at:03}" for at in range(len(lines) + len(FILLER))],
            "description": [*lines, *FILLER],
            **{name: [*cells, *[None] * len(FILLER)] for name, cells in columns.items()},
        }
    )


def clusters(table):
    """Give each cluster of two or more as the set of its ids."""
    found = merge_items(table).group_by("cluster_id").agg("item_id")["item_id"]
    return sorted(sorted(ids.to_list()) for ids in found if len(ids) > 1)


SAME = [
    ("Gear pump 7.5 kW KX-8814", "GEAR PUMP, 7500 W, kx 8814"),
    ("Butterfly valve DN200 PN16 cast iron", "Cast iron butterfly valve, DN 200, PN 16"),
    ("شیر پروانه‌ای DN۲۰۰ PN16", "Butterfly valve DN200 PN16"),
    ("شير پروانه اي DN200", "شیر پروانه‌ای DN ۲۰۰"),
    ("Подшипник шариковый 6205-2RS", "Ball bearing 6205-2RS"),
    ("Hex bolt M16x80 DIN 933 8.8", "Bolt, hex, M16 x 80, DIN 933, 8.8"),
    ("Hydraulic cylinder 80/45-300 stroke", "hydraulic  CYLINDER 80/45-300 stroke"),
]
OTHERS = [
    ("Butterfly valve DN200 PN16", "Butterfly valve DN250 PN16"),
    ("Butterfly valve DN200 PN16", "شیر پروانه‌ای DN250 PN16"),
    ("Electric motor 75 kW 400 V", "Electric motor 75 kW 690 V"),
    ("Deep groove ball bearing 6205", "Deep groove ball bearing 6206"),
    ("Hex bolt M16x80 DIN 933", "Hex bolt M16x100 DIN 933"),
    ("Contactor LC1-D09 coil", "Contactor LC1-D12 coil"),
    ("Gear pump KX-8814 left", "Gear pump RV-1020 left"),
    ("Gate valve DN200 PN16", "Check valve DN200 PN16"),
    ("Butterfly valve", "Butterfly valve DN200 PN16"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_good_written_in_two_ways_is_one(one, other):
    assert clusters(items(one, other)) == [["000", "001"]]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_goods_that_differ_in_a_size_or_number_are_two(one, other):
    assert clusters(items(one, other)) == []


def test_part_numbers_that_differ_forbid_what_the_words_suggest():
    lines = "Mechanical seal complete", "Mechanical seal, complete"
    assert clusters(items(*lines, part_number=["MS-100", "ms 100"])) == [["000", "001"]]
    assert clusters(items(*lines, part_number=["MS-100", "MS-101"])) == []


def test_no_chain_joins_what_conflicts():
    # The line in the middle could be either of the others, which cannot be one another.
    table = items("Butterfly valve DN200 PN16", "Butterfly valve", "Butterfly valve DN250 PN16")
    for ids in clusters(table):
        assert not {"000", "002"} <= set(ids)


def test_equal_lines_are_one_good_with_certainty_and_without_a_model():
    merged = merge_items(items("Pump KX-8814", "pump  kx–8814 ", "PUMP: KX-8814"))
    assert merged["cluster_id"].to_list()[:3] == ["000"] * 3
    assert merged["probability"].to_list()[:3] == [1.0] * 3


def test_lines_that_say_nothing_are_never_one():
    merged = merge_items(items("", "  ", "\u200f", None, "-"))
    assert merged["cluster_id"].to_list() == merged["item_id"].to_list()
    assert merged["reasons"].head(5).null_count() == 5


def test_reasons_name_the_other_item_and_what_agrees_or_differs():
    merged = merge_items(
        items("Butterfly valve DN200", "Valve butterfly DN 200", "Butterfly valve DN300")
    )
    one, _, other = merged.rows(named=True)[:3]
    assert json.loads(one["reasons"])["with"] == "001"
    assert ["DN", "DN 200"] in json.loads(one["reasons"])["agree"]
    assert json.loads(other["reasons"])["differ"][0][:2] == ["DN", "DN 300"]
    assert "butterfly" in explain(one["reasons"]).lower()


WORDS = ["pump", "valve", "DN200", "DN250", "7.5 kW", "KX-8814", "KX-8815", "left", "steel", "پمپ"]
APART = [*permutations(["DN200", "DN250"]), *permutations(["KX-8814", "KX-8815"])]
lines = st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), max_size=12)


@settings(max_examples=60)
@given(lines, st.randoms(use_true_random=False))
def test_clusters_are_a_partition_that_the_order_of_rows_does_not_change(texts, random):
    table = items(*texts)
    merged = merge_items(table)
    assert merged["item_id"].to_list() == table["item_id"].to_list()
    assert merged["probability"].is_between(0, 1).all()
    least = merged.group_by("cluster_id").agg(pl.col("item_id").min())
    assert (least["cluster_id"] == least["item_id"]).all()
    rows = list(range(table.height))
    random.shuffle(rows)
    assert merge_items(table[rows]).sort("item_id").equals(merged.sort("item_id"))


@settings(max_examples=300)
@given(lines)
def test_no_cluster_holds_two_sizes(texts):
    table = items(*texts)
    merged = merge_items(table).join(table, on="item_id")
    for _, group in merged.group_by("cluster_id"):
        for a, b in combinations(group["description"].to_list(), 2):
            for one, other in APART:
                apart = (one in a) > (one in b) and (other in b) > (other in a)
                assert not apart, (a, b)


def test_very_long_and_odd_lines_are_read():
    odd = ["x" * 100_000, "پمپ " * 25_000, "\x00\u202e\u200f", "1" * 50_000, "DN200 " * 16_000]
    assert merge_items(items(*odd)).height == len(odd) + len(FILLER)


BAD = [
    (lambda t: t.drop("description"), "description"),
    (lambda t: t.rename({"item_id": "x"}), "item_id"),
    (lambda t: pl.concat([t, t.head(1)]), "000"),
    (lambda t: t.with_columns(item_id=pl.lit(None, pl.String)), "empty"),
    (lambda t: t.with_columns(description=pl.lit([1])), "not text"),
]


@pytest.mark.parametrize(("spoil", "said"), BAD)
def test_tables_that_cannot_be_merged_are_refused(spoil, said):
    with pytest.raises(MatchError, match=said):
        merge_items(spoil(items("a pump")))


def test_no_items_give_no_rows():
    assert merge_items(items("a").head(0)).is_empty()


def test_the_command_writes_one_row_per_item(tmp_path):
    table, out = tmp_path / "items.csv", tmp_path / "out.csv"
    items("Gear pump 7.5 kW", "gear pump 7500 W").rename({"description": "شرح کالا"}).write_csv(
        table
    )
    words = ["items", str(table), "--out", str(out)]
    assert merge(words, exit_on_error=False, print_error=False, result_action="return_value") == 0
    merged = pl.read_csv(out, infer_schema=False)
    assert merged.columns == ["item_id", "cluster_id", "probability", "reasons"]
    assert merged["cluster_id"].to_list()[:2] == ["000", "000"]
    assert merged["item_id"].to_list() == items("", "")["item_id"].to_list()
