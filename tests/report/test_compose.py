"""What a bulletin says is what the results hold, the same in both languages."""

import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from small_programme import (
    LEDGER,
    LIMITS,
    PLAN,
    PLAN_TABLE,
    SETTINGS,
    TABLES,
    outlines,
    small_results,
)

from onshore.account import check_claims
from onshore.figures import Basis
from onshore.match import find_candidates
from onshore.plan import instance_from_records
from onshore.report import compose
from onshore.report.reasons import reason_in

KEYS = ["savings", "plan", "needs", "map", "standing", "money", "left-out"]
both = pytest.mark.parametrize("locale", ["en", "fa"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "provinces.geojson").write_text(json.dumps(outlines()), encoding="utf-8")
    return tmp_path


def section(bulletin, key):
    return next(section for section in bulletin.sections if section.key == key)


def table(bulletin, key, column):
    """The section's table that has a column of this name."""
    return next(t for t in section(bulletin, key).tables if column in t.frame.columns)


def plain(text):
    """A text with narrow and no-break spaces as spaces, without marks of direction."""
    for mark in "\u200e\u200f\u2066\u2067\u2068\u2069":
        text = text.replace(mark, "")
    return text.replace("\u202f", " ").replace("\xa0", " ")


@both
def test_the_answers_come_in_their_order(folder, locale):
    bulletin = compose(small_results(folder), locale)
    assert [section.key for section in bulletin.sections] == KEYS
    assert all(section.title and section.lead and section.name for section in bulletin.sections)
    for shown_section in bulletin.sections:
        for each in shown_section.tables:
            assert {column.key for column in each.columns} <= set(each.frame.columns)


def test_verified_is_the_headline_and_the_whole_stands_beside_it(folder):
    saved = section(compose(small_results(folder), "en"), "savings")
    # 420,000 + 130,000 verified; 3,020,000 claimed on all steps.
    assert (
        plain(saved.title)
        == "550 000 EUR is verified as saved, 18% of the 3.02 million EUR claimed"
    )
    first = saved.headlines[0]
    assert first.basis is Basis.VERIFIED
    assert plain(first.value) == "550 000 EUR"
    assert "3.02 million EUR" in plain(first.note)
    assert plain(saved.headlines[2].value) == "−9 000 EUR"  # the cost effect, never added


def test_the_ladder_is_the_ledger_by_basis(folder):
    ladder = table(compose(small_results(folder), "en"), "savings", "net").frame
    assert ladder["basis"].to_list() == [b.value for b in sorted(Basis, reverse=True)]
    sums = LEDGER.group_by("basis").agg(pl.col("net_currency_saved").sum(), pl.len())
    expected = {basis: (float(net) / 1e3, count) for basis, net, count in sums.iter_rows()}
    found = {b: (float(net), count) for b, count, net, _ in ladder.iter_rows()}
    assert found == expected  # in thousand EUR


def test_published_sums_stand_apart_with_their_tie_out(folder):
    lump_sums = table(compose(small_results(folder), "en"), "savings", "tie")
    title = plain(lump_sums.title)
    assert "245 million EUR ties out" in title
    assert "1 045 million EUR is 5 million EUR above its parts" in title
    rows = {row["claim_id"]: row for row in lump_sums.frame.iter_rows(named=True)}
    assert (rows["A"]["stated_amount"], rows["A"]["sum_of_parts"]) == (245.0, 245.0)
    assert (rows["B"]["stated_amount"], rows["B"]["sum_of_parts"]) == (1045.0, 1040.0)
    assert rows["B1"]["tie"] == ""


def test_a_desk_is_set_against_its_target(folder):
    desks = table(compose(small_results(folder), "en"), "savings", "target").frame
    steel, petro = desks.iter_rows(named=True)
    assert (steel["verified"], steel["claimed"], steel["target"]) == (0.42, 1.48, 2.0)
    assert steel["share"] == pytest.approx(0.21)
    assert (petro["target"], petro["share"]) == (None, None)


def test_the_plan_is_told_with_its_bound_and_gap(folder):
    plan = section(compose(small_results(folder), "en"), "plan")
    assert "within 0.9% of the best possible" in plan.title
    assert plan.headlines[0].basis is Basis.TARGET  # nothing of a plan is contracted
    assert "at most 1.29 million EUR" in plain(plan.headlines[0].note)


@pytest.mark.parametrize(
    ("gap", "said"), [(0.00701, "0.8%"), (0.001, "0.1%"), (0.00032, "0.04%"), (0.2, "20.0%")]
)
def test_a_gap_is_never_promised_smaller_than_it_is(folder, gap, said):
    plan = replace(PLAN, gap=gap)
    assert (
        f"within {said} of"
        in section(compose(small_results(folder, plan=plan), "en"), "plan").title
    )


def test_an_optimal_plan_says_so(folder):
    plan = replace(PLAN, gap=0.0, status="optimal", bound=PLAN.objective)
    title = section(compose(small_results(folder, plan=plan), "en"), "plan").title
    assert "no plan within the limits saves more" in title


@both
def test_years_provinces_and_rows_of_the_plan_add_up(folder, locale):
    bulletin = compose(small_results(folder), locale)
    total = float(PLAN_TABLE["expected_saving"].sum()) / 1e6
    for column in ("budget", "makers", "buyer"):
        each = table(bulletin, "plan", column)
        savings = each.frame["expected_saving"].to_list()
        rows, last = (savings[:-1], savings[-1]) if each.total else (savings, total)
        assert sum(rows) == pytest.approx(last)
        assert last == pytest.approx(total)
    provinces = table(bulletin, "plan", "makers").frame
    assert provinces["province"][0] == {"en": "Khuzestan", "fa": "خوزستان"}[locale]
    assert provinces["phase"].to_list() == [1, 2, 1, None]  # a park has its province's


def test_limits_that_bind_are_shown_in_calendar_years(folder):
    limits = table(compose(small_results(folder), "en"), "plan", "used").frame
    assert limits["year"].to_list() == [1404, 1405]
    assert limits.height == LIMITS["binding"].sum()
    free = LIMITS.with_columns(binding=pl.lit(value=False))
    plan = section(compose(small_results(folder, limits=free), "en"), "plan")
    assert any("No budget, capacity or floor" in note for note in plan.notes)


def test_needs_without_a_maker_are_counted_and_listed(folder):
    needs = section(compose(small_results(folder), "en"), "needs")
    assert needs.title == "No maker at home was found for 3 of 6 needs"
    assert [headline.value for headline in needs.headlines] == ["1", "1", "1", "3"]
    listed = table(compose(small_results(folder), "en"), "needs", "import_price").frame
    assert listed["need_id"].to_list() == ["N-4", "N-5"]
    # There is no rate from USD to EUR in this programme, so there is no value.
    assert listed["yearly_value"].to_list() == [None, None]


def test_what_needs_without_a_maker_are_worth_is_converted_at_a_rate(folder):
    rates = [
        *TABLES["rates"],
        {
            "base": "USD",
            "quote": "EUR",
            "date": date(2024, 9, 1),
            "rate": "0.9",
            "rate_type": "market",
            "source": "x",
        },
    ]
    bulletin = compose(small_results(folder, tables={"rates": rates}), "en")
    listed = table(bulletin, "needs", "import_price").frame
    # 300 t x 4,200 USD x 0.9, in million EUR.
    assert listed["yearly_value"][0] == pytest.approx(300 * 4200 * 0.9 / 1e6)
    # With the confidential need of 10 t and that of 10 t.
    assert "1.21 million EUR a year" in plain(section(bulletin, "needs").lead)


def test_reasons_are_told_in_the_language_of_the_bulletin(folder):
    for locale, word in (("en", "Agrees"), ("fa", "همخوان")):
        examples = table(compose(small_results(folder), locale), "needs", "reasons").frame
        assert word in examples["reasons"][0]


@both
def test_a_confidential_need_is_counted_but_never_described(folder, locale):
    changed = PLAN_TABLE.with_columns(need_id=pl.col("need_id").replace("N-1", "N-6"))
    bulletin = compose(small_results(folder, plan_table=changed), locale)
    assert "secret electrode" not in repr(bulletin)
    everything = pl.concat(
        [t.frame.select(pl.all().cast(pl.String)) for s in bulletin.sections for t in s.tables],
        how="diagonal",
    )
    assert not any("secret" in (cell or "") for row in everything.iter_rows() for cell in row)


@both
def test_without_outlines_there_is_no_map_and_the_bulletin_says_so(tmp_path, locale):
    bulletin = compose(small_results(tmp_path), locale)
    assert [section.key for section in bulletin.sections] == [k for k in KEYS if k != "map"]
    assert any("provinces.geojson" in note for note in section(bulletin, "left-out").notes)


def test_growth_is_on_the_same_period_of_the_year_before(folder):
    standing = section(compose(small_results(folder), "en"), "standing")
    values = {headline.label: headline for headline in standing.headlines}
    # 1.425 / 1.854 - 1 = -23.1 percent, as the source rounds it: -23.
    ingots = values["Exports of steel ingots"]
    assert plain(ingots.value) == "−23.1%"
    assert (ingots.basis, ingots.status) == (None, "reported")
    assert "the first quarter of 1398" in ingots.note
    copper = values["Production of copper cathode"]
    assert plain(copper.value) == "+12%"
    assert "as the source states it" in copper.note
    observed = table(compose(small_results(folder), "en"), "standing", "across").frame
    assert observed.height == 6  # stated growths are no series of their own
    ingot_row = observed.filter(series="Exports of steel ingots", period="first quarter of 1398")
    assert ingot_row["across"].item() == "21 March – 21 June 2019"
    assert ingot_row["stated"].item() == pytest.approx(-0.23)


def test_a_target_is_set_against_what_was_observed(folder):
    targets = table(compose(small_results(folder), "en"), "standing", "attained").frame
    steel, ingots = targets.iter_rows(named=True)
    assert (steel["observed"], steel["of"], steel["attained"]) == (25, "1397", None)
    assert steel["needed"] == pytest.approx(30 / 25 - 1)
    assert ingots["attained"] == pytest.approx(1.425 / 1.9)


def test_forty_trillion_rial_are_shown_at_each_rate_type(folder):
    money = section(compose(small_results(folder), "en"), "money")
    assert plain(money.headlines[0].value) == "40 trillion IRR"
    amounts = money.tables[0].frame
    # The article of 2020 converts them to 952 million dollars, at the official 42,000.
    official = amounts.filter(rate_type="official", currency="USD")
    assert int(official["amount"].item()) == 952_380_952
    assert official["rate"].item() == pytest.approx(42_000)
    marked = dict(amounts.select("rate_type", "standing").iter_rows())
    assert marked == {"official": "cited", "market": "illustrative"}
    assert "952.4 million USD" in plain(money.title)


def test_an_amount_is_not_converted_without_a_rate(folder):
    bulletin = compose(small_results(folder, tables={"rates": []}), "en")
    money = section(bulletin, "money")
    assert plain(money.title).startswith("40 trillion IRR cannot be converted")
    assert money.tables == ()


@both
def test_what_was_left_out_is_counted_by_kind_of_reason(folder, locale):
    bulletin = compose(small_results(folder), locale)
    kinds = table(bulletin, "left-out", "kind").frame
    assert kinds["pairs"].to_list() == [2, 1, 1]  # FOB and EXW are one kind
    rows = table(bulletin, "left-out", "offer_id").frame
    assert rows["need_id"].to_list() == ["N-4", "N-5", "N-6", "N-3"]  # N-3 is in the plan
    assert "a reason of which nobody has heard" in rows["reason"].to_list()
    broken = table(bulletin, "left-out", "claimed_by").frame
    said = {"en": "who verified it is who claims it", "fa": "راستی‌آزما همان مدعی است"}
    assert broken["reason"].to_list() == [said[locale]]


def test_both_languages_show_the_same_figures(folder):
    english, persian = (compose(small_results(folder), locale) for locale in ("en", "fa"))
    for one, other in zip(english.sections, persian.sections, strict=True):
        assert len(one.headlines) == len(other.headlines)
        for first, second in zip(one.tables, other.tables, strict=True):
            for column in first.columns:
                if column.kind in {"number", "money", "share", "whole", "year", "basis", "code"}:
                    assert first.frame[column.key].equals(second.frame[column.key]), column.key


@both
def test_the_illustrative_is_told_at_the_top_and_at_every_foot(folder, locale):
    word = {"en": "llustrative", "fa": "ساختگی"}[locale]
    bulletin = compose(small_results(folder), locale)
    assert word in bulletin.notices[0]
    assert word in bulletin.foot
    real = compose(small_results(folder, settings=replace(SETTINGS, illustrative=False)), locale)
    assert real.notices == ()
    assert word not in real.foot


def test_the_imprint_has_both_calendars_and_the_sources_come_once(folder):
    bulletin = compose(small_results(folder), "en")
    imprint = dict(bulletin.imprint)
    assert imprint["Prices of"] == "2024-09-22 · 1 Mehr 1403"
    assert imprint["Horizon of the plan"] == "1404 to 1406, Solar Hijri years"
    assert len(bulletin.sources) == len(set(bulletin.sources))
    assert TABLES["plants"][0]["source"] in bulletin.sources


@both
def test_an_empty_programme_still_gives_a_bulletin_that_says_what_to_do(tmp_path, locale):
    empty = replace(
        small_results(tmp_path, tables={name: [] for name in TABLES}),
        **{
            name: getattr(small_results(tmp_path), name).clear()
            for name in ("matches", "plan_table", "limits", "left_out", "ledger", "broken_claims")
        },
        plan=replace(PLAN, objective=0.0, bound=0.0, gap=0.0, status="optimal"),
    )
    bulletin = compose(empty, locale)
    leads = " ".join(section.lead for section in bulletin.sections)
    for file in ("claims.csv", "needs.csv", "observations.csv"):
        assert file in leads


def test_every_reason_of_the_rooms_is_known_in_persian(worked_example):
    import onshore
    from onshore.figures import RateTable

    programme = onshore.open(worked_example)
    given = programme.table
    names = ("needs", "items", "offers", "organisations", "places", "budgets")
    matches = find_candidates(given("needs"), given("offers"), top=3)
    valued = instance_from_records(
        *(given(name) for name in names),
        matches,
        RateTable(given("rates")),
        settings=programme.settings,
    )
    broken = check_claims(*(given(n) for n in ("claims", "deals", "deliveries", "baselines")))
    reasons = [*valued.left_out["reason"], *broken["reason"]]
    assert reasons
    assert [reason for reason in reasons if reason_in("fa", reason) == reason] == []
