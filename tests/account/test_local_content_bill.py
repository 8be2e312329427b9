"""Imports through a bill of materials: against recursion, matrices and lists taken apart."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import AccountError, flatten, imported_content

HOME = "IR"
MONEY = pl.Decimal(38, 6)
SCHEMA = {
    "assembly_id": pl.String,
    "part_id": pl.String,
    "quantity": MONEY,
    "unit": pl.String,
    "scrap_share": pl.Float64,
    "unit_price": MONEY,
    "currency": pl.String,
    "origin": pl.String,
    "local_content": pl.Float64,
}


def line(assembly, part, quantity=1, price=None, origin=None, **more):
    currency = None if price is None else "EUR"
    quantity, price = (None if n is None else Decimal(str(n)) for n in (quantity, price))
    told = {"assembly_id": assembly, "part_id": part, "quantity": quantity, "unit_price": price}
    return told | {"currency": currency, "origin": origin} | more


def bill(*lines) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=SCHEMA)


def imports(frame: pl.DataFrame) -> dict[tuple[str, str | None], Decimal]:
    rows = imported_content(frame, home=HOME).iter_rows(named=True)
    return {(row["assembly_id"], row["currency"]): row["imported"] for row in rows}


def only(frame: pl.DataFrame, assembly: str) -> dict:
    return imported_content(frame, home=HOME).filter(assembly_id=assembly).row(0, named=True)


def test_each_tier_is_deducted_with_quantities_and_scrap():
    # 2 bearings at 10 from abroad; a home-made motor at 90 with 3 kg of imported copper at 5 of
    # which a quarter is lost: 20 + 3 / 0.75 x 5 = 40.
    frame = bill(
        line("pump", "bearing", 2, 10, "DE"),
        line("pump", "motor", 1, 90, HOME),
        line("motor", "copper", 3, 5, "CL", scrap_share=0.25),
        line("motor", "labour", 1, 30, HOME),
    )
    assert imports(frame) == {("motor", "EUR"): Decimal(20), ("pump", "EUR"): Decimal(40)}


def test_an_unknown_origin_counts_as_imported_and_is_told():
    known = only(bill(line("pump", "seal", 3, 7, HOME)), "pump")
    unknown = only(bill(line("pump", "seal", 3, 7, None)), "pump")
    assert (known["imported"], known["unknown_origin"]) == (Decimal(0), Decimal(0))
    assert (unknown["imported"], unknown["unknown_origin"]) == (Decimal(21), Decimal(21))


def test_a_suppliers_own_content_is_taken_and_its_silence_is_told():
    declared = only(bill(line("pump", "casting", 1, 200, HOME, local_content=0.8)), "pump")
    silent = only(bill(line("pump", "casting", 1, 200, HOME)), "pump")
    foreign = only(bill(line("pump", "casting", 1, 200, "CN", local_content=0.8)), "pump")
    assert (declared["imported"], declared["undeclared"]) == (Decimal(40), Decimal(0))
    assert (silent["imported"], silent["undeclared"]) == (Decimal(0), Decimal(200))
    assert foreign["imported"] == Decimal(200)


def test_a_part_bought_without_origin_is_imported_whole_though_it_has_lines():
    made = [line("motor", "copper", 1, 5, "CL")]
    own_works = bill(line("pump", "motor", 1), *made)
    home_made = bill(line("pump", "motor", 1, 90, HOME), *made)
    unknown = bill(line("pump", "motor", 1, 90, None), *made)
    foreign = bill(line("pump", "motor", 1, 90, "CN"), *made)
    told = [only(frame, "pump")["imported"] for frame in (own_works, home_made, unknown, foreign)]
    assert told == [Decimal(5), Decimal(5), Decimal(90), Decimal(90)]


def test_a_shared_sub_assembly_counts_wherever_it_is_used():
    frame = bill(
        line("machine", "left arm", 1),
        line("machine", "right arm", 1),
        line("left arm", "joint", 2),
        line("right arm", "joint", 3),
        line("joint", "bearing", 4, 1, "SE"),
    )
    assert imports(frame)["machine", "EUR"] == Decimal(20)
    (row,) = flatten(frame, "machine", home=HOME).rows(named=True)
    assert (row["part_id"], row["quantity"], row["imported"]) == (
        "bearing",
        Decimal(20),
        Decimal(20),
    )


def test_currencies_are_kept_apart():
    frame = bill(
        line("pump", "bearing", 2, 10, "DE"),
        line("pump", "chip", 1, 300, "TW") | {"currency": "TWD"},
    )
    assert imports(frame) == {("pump", "EUR"): Decimal(20), ("pump", "TWD"): Decimal(300)}


def test_an_assembly_without_imports_says_nothing_is_imported():
    assert imports(bill(line("brick", "clay", 2, None, HOME))) == {("brick", None): Decimal(0)}


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ({}, {"quantity": None}, "the part seal has no quantity above 0"),
        ({}, {"quantity": Decimal(0)}, "no quantity above 0"),
        ({"scrap_share": 0.99}, {"scrap_share": 1.0}, "a scrap share of 1.0"),
        ({"scrap_share": 0.0}, {"scrap_share": -0.1}, "a scrap share of -0.1"),
        ({"scrap_share": None}, {"scrap_share": float("nan")}, "a scrap share of NaN"),
        ({"local_content": 1.0}, {"local_content": 1.01}, "a local content of 1.01"),
        ({"local_content": 0.0}, {"local_content": -0.01}, "a local content of -0.01"),
        ({}, {"currency": None}, "a price without currency"),
        ({}, {"unit_price": Decimal(-1)}, "a price below 0"),
        ({}, {"unit_price": None, "currency": None, "origin": None}, "no price"),
        ({}, {"unit_price": None, "currency": None, "origin": "DE"}, "no price"),
        ({}, {"unit_price": None, "local_content": 0.5}, "a local content and no price"),
        ({}, {"part_id": None}, "a part has no name"),
        ({}, {"quantity": Decimal(10) ** 20, "unit_price": Decimal(10) ** 20, "origin": "DE"},
         "more than can be reckoned"),
    ],
)  # fmt: skip
def test_a_faulty_line_refuses_its_assembly_and_those_above_but_no_other(good, bad, told):
    whole = [line("plant", "pump", 1), line("other", "seal", 1, 7, HOME)]
    seal = line("pump", "seal", 1, 7, HOME)
    sound = imported_content(bill(*whole, seal | good), home=HOME)
    assert sound["reason"].null_count() == 3
    faulty = imported_content(bill(*whole, seal | bad), home=HOME)
    refused = dict(faulty.drop_nulls("reason").select("assembly_id", "reason").rows())
    assert set(refused) == {"pump", "plant"}
    assert all(told in reason for reason in refused.values())
    assert faulty.drop_nulls("reason")["next_step"].null_count() == 0
    with pytest.raises(AccountError, match="pump"):
        flatten(bill(*whole, seal | bad), "plant", home=HOME)


def test_a_part_listed_twice_is_refused():
    frame = bill(line("pump", "seal", 1, 7, HOME), line("pump", "seal", 2, 7, HOME))
    assert "the part seal is listed twice" in only(frame, "pump")["reason"]


def test_an_assembly_counted_in_two_units_is_refused():
    frame = bill(
        line("a", "paste", 1, unit="KGM"),
        line("b", "paste", 1, unit="LTR"),
        line("paste", "powder", 1, 5, "DE", unit="KGM"),
        line("c", "powder", 1, 5, "DE", unit="GRM"),
    )
    refused = imported_content(frame, home=HOME).drop_nulls("reason")
    assert refused["assembly_id"].to_list() == ["a", "b"]
    assert "counted in several units" in refused["reason"][0]


@pytest.mark.parametrize("first", ["b", "c", "d"])
def test_a_cycle_is_named_and_refuses_only_what_reaches_it(first):
    ring = {"b": "c", "c": "d", "d": "b"}
    lines = [line(first, ring[first])]
    lines += [line(a, p) for a, p in ring.items() if a != first]
    frame = bill(
        line("a", "b"), line("a", "seal", 1, 7, "DE"), *lines, line("e", "seal", 1, 7, "DE")
    )
    found = imported_content(frame, home=HOME)
    refused = found.drop_nulls("reason")
    assert refused["assembly_id"].to_list() == ["a", "b", "c", "d"]
    assert set(refused["reason"]) == {"the bill of materials goes in a circle: b > c > d > b"}
    assert found.filter(assembly_id="e")["imported"].item() == 7
    with pytest.raises(AccountError, match="b > c > d > b"):
        flatten(frame, "a", home=HOME)


def test_a_part_of_itself_is_a_cycle():
    assert "circle: a > a" in only(bill(line("a", "a")), "a")["reason"]


def test_a_chain_of_thousands_of_tiers_is_no_trouble():
    tiers = 5_000
    lines = [line(f"t{n:05}", f"t{n + 1:05}") for n in range(tiers)]
    frame = bill(*lines, line(f"t{tiers:05}", "ore", 1, 3, "AU"))
    assert imports(frame)["t00000", "EUR"] == 3
    closed = bill(*lines, line(f"t{tiers:05}", "t00000"))
    assert only(closed, "t00000")["reason"].endswith("> ... > t00000")


def test_an_assembly_that_is_not_there_is_named():
    with pytest.raises(AccountError, match="the assembly pmup has no line"):
        flatten(bill(line("pump", "seal", 1, 7, HOME)), "pmup", home=HOME)
    with pytest.raises(AccountError, match="no column quantity"):
        imported_content(pl.DataFrame({"assembly_id": ["a"], "part_id": ["b"]}), home=HOME)


@st.composite
def bills(draw):
    """Bills without cycles: assemblies take only those of a higher number."""
    made = draw(st.integers(1, 7))
    lines = []
    for number in range(made):
        parts = draw(st.sets(st.integers(number + 1, made + 3), min_size=1, max_size=4))
        for part in parts:
            bought = part >= made
            price = draw(st.integers(0, 1000)) if bought else None
            origin = draw(st.sampled_from([HOME, "DE", None])) if bought else None
            content = draw(st.sampled_from([None, 0.0, 0.25, 1.0])) if origin == HOME else None
            scrap = draw(st.sampled_from([None, 0.0, 0.2, 0.5]))
            quantity = Decimal(draw(st.integers(1, 400))) / 8
            told = line(f"p{number}", f"p{part}", quantity, price, origin)
            lines.append(told | {"scrap_share": scrap, "local_content": content})
    return lines


def by_recursion(lines, assembly) -> Fraction:
    total = Fraction(0)
    for row in lines:
        if row["assembly_id"] != assembly:
            continue
        use = Fraction(row["quantity"]) / (1 - Fraction(str(row["scrap_share"] or 0)))
        if row["unit_price"] is None:
            each = by_recursion(lines, row["part_id"])
        elif row["origin"] != HOME:
            each = Fraction(row["unit_price"])
        else:
            content = 1.0 if row["local_content"] is None else row["local_content"]
            each = Fraction(row["unit_price"]) * (1 - Fraction(str(content)))
        total += use * each
    return total


@settings(max_examples=60, deadline=None)
@given(bills())
def test_rolling_up_flattening_and_recursion_agree(lines):
    frame = bill(*lines)
    for (assembly, _), found in imports(frame).items():
        truth = by_recursion(lines, assembly)
        assert abs(Fraction(found) - truth) <= Fraction(1, 1_000_000)
        apart = flatten(frame, assembly, home=HOME)
        assert abs(Fraction(apart["imported"].sum()) - truth) <= Fraction(len(lines), 1_000_000)


@settings(max_examples=40, deadline=None)
@given(bills())
def test_rolling_up_is_the_leontief_inverse_of_the_uses(lines):
    names = sorted({row["assembly_id"] for row in lines} | {row["part_id"] for row in lines})
    place = {name: n for n, name in enumerate(names)}
    uses, direct = np.zeros((len(names), len(names))), np.zeros(len(names))
    for row in lines:
        use = float(row["quantity"]) / (1 - (row["scrap_share"] or 0))
        at = place[row["assembly_id"]]
        if row["unit_price"] is None:
            uses[at, place[row["part_id"]]] += use
        elif row["origin"] != HOME:
            direct[at] += use * float(row["unit_price"])
        elif row["local_content"] is not None:
            direct[at] += use * float(row["unit_price"]) * (1 - row["local_content"])
    total = np.linalg.solve(np.eye(len(names)) - uses, direct)
    for (assembly, _), found in imports(bill(*lines)).items():
        assert float(found) == pytest.approx(total[place[assembly]], rel=1e-9, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(bills(), st.randoms())
def test_the_order_of_rows_changes_nothing(lines, draws):
    shuffled = list(lines)
    draws.shuffle(shuffled)
    one, other = (imported_content(bill(*rows), home=HOME) for rows in (lines, shuffled))
    assert one.equals(other)
    top = lines[0]["assembly_id"]
    assert flatten(bill(*lines), top, home=HOME).equals(flatten(bill(*shuffled), top, home=HOME))


@settings(max_examples=40, deadline=None)
@given(bills(), st.data())
def test_more_imports_in_a_line_never_mean_fewer_in_an_assembly(lines, data):
    before = imports(bill(*lines))
    changed = [dict(row) for row in lines]
    row = data.draw(st.sampled_from(changed))
    row["quantity"] *= 2
    if row["unit_price"] is not None:
        row["origin"] = None
    after = imports(bill(*changed))
    sums = [dict.fromkeys({a for a, _ in found}, Decimal(0)) for found in (before, after)]
    for found, total in zip((before, after), sums, strict=True):
        for (assembly, _), amount in found.items():
            total[assembly] += amount
    assert all(sums[0][assembly] <= sums[1][assembly] for assembly in sums[0])
