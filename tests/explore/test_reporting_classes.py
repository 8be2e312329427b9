"""CRIRSCO's classes in the UNFC, as the bridging document has them."""

import polars as pl
import pytest

from onshore.explore import BRIDGE, ExploreError, unfc_bridge
from onshore.records import schema


@pytest.mark.parametrize(
    ("name", "code", "project"),
    [
        ("proved", "111", "viable project"),
        ("probable", "112", "viable project"),
        ("measured", "221", "potentially viable project"),
        ("indicated", "222", "potentially viable project"),
        ("inferred", "223", "potentially viable project"),
        ("exploration target", "334", "prospective project"),
    ],
)
def test_a_class_has_its_code(name, code, project):
    row = unfc_bridge(pl.DataFrame({"class": [name]})).row(0, named=True)
    assert row["unfc"] == code
    assert row["e"] + row["f"] + row["g"] == "E{}F{}G{}".format(*code)
    assert row["unfc_class"] == project


def test_the_bridge_knows_every_class_of_the_records():
    for table in ("estimates", "resource_changes"):
        assert set(schema(table).column("class").choices) == {row[0] for row in BRIDGE}


def test_rows_stay_in_order_and_double_counting_is_marked():
    told = pl.DataFrame(
        {
            "estimate_id": ["a", "b", "c"],
            "class": ["probable", "measured", "indicated"],
            "includes_reserves": [True, True, None],
        }
    )
    made = unfc_bridge(told)
    assert made["estimate_id"].to_list() == ["a", "b", "c"]
    assert made["told_twice"].to_list() == [False, True, False]
    assert unfc_bridge(made).equals(made)


@pytest.mark.parametrize("name", ["possible", None, "Measured"])
def test_another_class_is_refused(name):
    with pytest.raises(ExploreError, match="no class of the CRIRSCO Template"):
        unfc_bridge(pl.DataFrame({"class": [name]}, schema={"class": pl.String}))
