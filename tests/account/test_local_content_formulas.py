"""Formulas of local content: what guides publish is reproduced, and files are data only."""

from decimal import Decimal
from pathlib import Path

import pytest

from onshore.account import AccountError, find_formula, formula_table, formulas, read_formula

OWN = """
name = "ours"
version = 2025-03-21
title = "Our own"
issuer = "The agency"
above = { price = 1, imported = -1, tooling = -0.5 }
below = { price = 1 }
plus = { bonus = 1 }
classes = [{ name = "low", at_least = 0 }, { name = "high", at_least = 0.4 }]

[components.price]
meaning = "Price without tax."
source = "offer price"

[components.imported]
meaning = "Imports at the border."
source = "bill of materials"

[components.tooling]
meaning = "Half of the imported tooling."
required = false

[components.bonus]
meaning = "For exports."
kind = "share"
required = false

[[sources]]
title = "Circular 12"
"""
EXAMPLES = [(formula, example) for formula in formulas() for example in formula.examples]


@pytest.mark.parametrize(
    ("formula", "example"), EXAMPLES, ids=[f"{f.name}: {e['title']}" for f, e in EXAMPLES]
)
def test_published_worked_examples_are_reproduced(formula, example):
    amounts = {name: Decimal(amount) for name, amount in example["amounts"].items()}
    assert abs(formula.content(amounts) - example["content"]) <= example["rounding"]
    assert example["source"]


def test_there_are_published_examples_to_reproduce():
    # U.S. Commercial Service, A Basic Guide to Exporting, page 197: ($1,000 - $500) / $1,000 is
    # 50 %, and $500 / $1,000 is 50 %. smetka.kz: 40,000 x 1 / 50,000 is 80 %.
    told = {(f.name, e["content"]) for f, e in EXAMPLES}
    assert told == {
        ("rvc-build-down", Decimal("0.5")),
        ("rvc-build-up", Decimal("0.5")),
        ("kazakhstan-goods", Decimal("0.8")),
    }


def test_the_formulas_of_the_programme_are_there_with_versions_and_sources():
    labels = {formula.label for formula in formulas()}
    assert {
        "neutral 2026-01-01",
        "india-ppp-mii 2017-06-15",
        "india-ppp-mii 2020-09-16",
        "india-ppp-mii 2024-07-19",
        "south-africa-sats-1286 2011",
        "aramco-iktva 2016",
        "aramco-iktva 2022",
    } <= labels
    for formula in formulas():
        assert formula.title_fa
        assert formula.issuer
        assert all(source["title"] and source["read"] for source in formula.sources)
        assert all(c.meaning.endswith((".", ")")) for c in formula.components)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        ("0.5", "Class-I local supplier"),
        ("0.499999", "Class-II local supplier"),
        ("0.2", "Class-II local supplier"),
        ("0.199999", "Non-local supplier"),
        ("0", "Non-local supplier"),
    ],
)
def test_india_has_three_classes_from_2020_on(share, told):
    # DPIIT's order: at least 50 % is Class-I, at least 20 % Class-II (Business Standard, 2 May
    # 2024).
    assert find_formula("india-ppp-mii", "2020-09-16").class_of(Decimal(share)) == told
    assert find_formula("india-ppp-mii", "2024-07-19").class_of(Decimal(share)) == told


def test_india_of_2024_takes_off_what_is_paid_abroad():
    amounts = {name: Decimal(n) for name, n in (("value", 100), ("imported", 30))}
    before, after = (find_formula("india-ppp-mii", day) for day in ("2020-09-16", "2024-07-19"))
    assert before.content(amounts) == after.content(amounts) == Decimal("0.7")
    with_royalty = amounts | {"paid_abroad": Decimal(15)}
    assert after.content(with_royalty) == Decimal("0.55")


def test_sats_1286_is_one_less_x_over_y():
    # SABS: LC = (1 - x/y) x 100.
    formula = find_formula("south-africa-sats-1286", "2011")
    x, y = Decimal(37), Decimal(148)
    assert formula.content({"imported": x, "value": y}) == 1 - x / y
    exempted = formula.content({"imported": x, "value": y, "exempted": Decimal(48)})
    assert exempted == 1 - x / 100


def test_the_two_forms_of_iktva():
    # McKinsey, October 2016: (A + B + C + D) / E. Saudi Aramco's guideline of 2022:
    # (A + B + C + D + R) / E + I.
    parts = {name: Decimal(n) for name, n in zip("ABCDE", (30, 15, 4, 1, 100), strict=True)}
    assert find_formula("aramco-iktva", "2016").content(parts) == Decimal("0.5")
    more = parts | {"R": Decimal(5), "I": Decimal("0.02")}
    assert find_formula("aramco-iktva", "2022").content(more) == Decimal("0.57")
    assert find_formula("aramco-iktva", "2016").component("R") is None


def test_a_required_part_that_is_missing_is_refused_and_not_taken_as_nothing():
    formula = find_formula("neutral", "2026-01-01")
    with pytest.raises(AccountError, match="asks for imported"):
        formula.content({"value": Decimal(10)})
    with pytest.raises(AccountError, match="divides by value, which comes to 0"):
        formula.content({"value": Decimal(0), "imported": Decimal(0)})


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("india-ppp-mi", "2024-07-19", "Write india-ppp-mii if that is meant"),
        ("india-ppp-mii", "2024-07-20", "Its versions are 2017-06-15, 2020-06-04"),
        ("india-ppp-mii", "last", "no day or year"),
        ("aramco-iktva", "2016-01-01", "Its versions are 2016, 2022"),
    ],
)
def test_a_formula_that_is_not_there_is_named_with_what_is(name, version, told):
    with pytest.raises(AccountError, match=told):
        find_formula(name, version)


def test_a_version_may_be_written_in_the_solar_hijri_calendar():
    assert find_formula("india-ppp-mii", "1403-04-29").label == "india-ppp-mii 2024-07-19"


def test_a_formula_of_ones_own_is_a_file():
    own = read_formula(OWN, "ours.toml")
    assert own.expression == "(price - imported - 0.5 x tooling) / price + bonus"
    given = {"price": Decimal(10), "imported": Decimal(4), "tooling": Decimal(2)}
    assert own.content(given) == Decimal("0.5")
    assert own.content(given | {"bonus": Decimal("0.05")}) == Decimal("0.55")
    assert own.class_of(Decimal("0.4")) == "high"
    assert own.class_of(Decimal("0.39")) == "low"
    assert own in formulas([own])
    assert formula_table([own])["content"].to_list() == [own.expression]
    with pytest.raises(AccountError, match="ours 2025-03-21 is there twice"):
        formulas([own, own])


def test_the_manuals_own_formula_is_one():
    page = Path(__file__).parents[2] / "docs" / "methods" / "local_content.md"
    text = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    own = read_formula(text, "ours.toml")
    assert own.content({"value": Decimal(4), "imported": Decimal(2)}) == Decimal("0.5")
    assert own.class_of(Decimal("0.5")) == "preferred"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("price = 1, imported = -1", "prize = 1", "the component prize"),
        ("price = 1, imported = -1", 'price = "__import__(1)"', "above.price: '__import__"),
        ("below = { price = 1 }", "below = { price = 1e99999 }", "below.price"),
        ("below = { price = 1 }", "below = { price = nan }", "below.price"),
        ("below = { price = 1 }", "below = { bonus = 1 }", "the component bonus"),
        ("below = { price = 1 }", "below = {}", "above and below: empty"),
        ("below = { price = 1 }", "", "above and below: empty"),
        ("plus = { bonus = 1 }", "plus = { price = 1 }", "the component price"),
        ('kind = "share"', 'kind = "text"', "components.bonus.kind: 'text'"),
        ('source = "offer price"', 'source = "os.environ"', "components.price.source"),
        ("required = false", 'required = "no"', "components.tooling.required"),
        ("required = false", "weight = 3", "components.tooling: with weight"),
        ('meaning = "For exports."', "", "components.bonus: without meaning"),
        ("version = 2025-03-21", 'version = "2025-03-21"', "entry version"),
        ("version = 2025-03-21", "version_year = 99999999999", "entry version: missing"),
        ("version = 2025-03-21", "", "entry version: missing"),
        ('name = "ours"', "", "entry name: missing"),
        ('issuer = "The agency"', "", "entry issuer: missing"),
        ('issuer = "The agency"', "issuer = 3", "entry issuer: 3"),
        ('title = "Our own"', 'title = "Our own"\ncurrency = "ZZZ"', "entry currency"),
        ('title = "Our own"', 'title = "Our own"\nrun = "rm"', "entry run: no such entry"),
        ('title = "Our own"', 'title = "Our own"\nunconfirmed = "all"', "entry unconfirmed"),
        ('[[sources]]\ntitle = "Circular 12"', "", "entry sources"),
        ("at_least = 0.4", 'at_least = "half"', "classes.at_least"),
        ("[components.price]", "[components.price", "is no TOML"),
    ],
)
def test_a_file_that_is_no_formula_is_refused_with_its_entry(old, new, told):
    assert OWN.count(old) >= 1
    with pytest.raises(AccountError, match=r"ours\.toml") as refused:
        read_formula(OWN.replace(old, new, 1), "ours.toml")
    assert told in str(refused.value)
    assert str(refused.value).count(".") >= 1
