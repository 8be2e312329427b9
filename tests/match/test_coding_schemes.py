"""A user's own list of codes: what it may be, what is refused, what its codes answer."""

import polars as pl
import pytest

from onshore.match import MatchError
from onshore.match.coding import classify_items

SCHEME = pl.DataFrame(
    {
        "code": ["V", "V1", "V2", "V9", "M", "M1", "M9"],
        "parent": [None, "V", "V", "V", None, "M", "M"],
        "description": [
            "Valves",
            "Gate valves, other than of cast iron",
            "Ball valves",
            "Other",
            "Electric motors",
            "Of an output exceeding 75 kW",
            "Other",
        ],
    }
)


def lines(*descriptions: str) -> pl.DataFrame:
    ids = [str(at) for at in range(1, len(descriptions) + 1)]
    return pl.DataFrame({"item_id": ids, "description": list(descriptions)})


def first_codes(items: pl.DataFrame, scheme: pl.DataFrame = SCHEME) -> list[str]:
    return classify_items(items, scheme, top=1)["code"].to_list()


def test_a_line_gets_the_code_that_describes_it_in_three_languages():
    assert first_codes(lines("BALL VALVE DN50", "شیر توپی", "кран шаровой")) == ["V2", "V2", "V2"]


def test_only_codes_with_nothing_below_them_are_given():
    found = classify_items(lines("valves and electric motors"), SCHEME, top=10)
    assert set(found["code"]) <= {"V1", "V2", "V9", "M1", "M9"}


def test_other_means_other_than_its_siblings_and_is_read_with_the_code_above():
    assert first_codes(lines("valves, n.e.s.", "electric motor, nesoi")) == ["V9", "M9"]


def test_what_a_code_shuts_out_speaks_against_it():
    found = classify_items(lines("gate valve of cast iron"), SCHEME, top=3)
    reasons = dict(found.select("code", "reasons").iter_rows())
    assert '"against": ["cast", "iron"]' in reasons["V1"]


def test_the_order_of_the_list_makes_no_difference():
    items = lines("gate valve", "motor 90 kW", "valves")
    turned = SCHEME.reverse()
    assert classify_items(items, SCHEME).equals(classify_items(items, turned))


def test_a_flat_list_needs_no_parent():
    flat = pl.DataFrame({"code": ["a", "b"], "description": ["sugar", "salt"]})
    assert first_codes(lines("salt for the table"), flat) == ["b"]


def test_a_list_of_one_code_works():
    one = pl.DataFrame({"code": ["a"], "description": ["sugar"]})
    assert first_codes(lines("cane sugar"), one) == ["a"]


@pytest.mark.parametrize(
    ("scheme", "says"),
    [
        (pl.DataFrame({"code": ["a", "a"], "description": ["x", "y"]}), "code a occurs twice"),
        (
            pl.DataFrame({"code": ["a"], "parent": ["Z"], "description": ["x"]}),
            "parent Z of a is not in the list",
        ),
        (
            pl.DataFrame({"code": ["a", "b"], "parent": ["b", "a"], "description": ["x", "y"]}),
            "in a circle",
        ),
        (pl.DataFrame({"code": ["a"], "description": [" "]}), "description is empty in data row 1"),
        (pl.DataFrame({"code": ["", "b"], "description": ["x", "y"]}), "code is empty"),
        (pl.DataFrame({"code": ["a"]}), "no column description"),
        (pl.DataFrame({"code": [], "description": []}, schema_overrides={}), "no codes"),
    ],
)
def test_a_wrong_list_is_refused_with_what_is_wrong(scheme, says):
    with pytest.raises(MatchError, match=says):
        classify_items(lines("x"), scheme)


def test_an_unknown_scheme_is_refused():
    with pytest.raises(MatchError, match="no scheme 'unspsc'"):
        classify_items(lines("x"), "unspsc")
