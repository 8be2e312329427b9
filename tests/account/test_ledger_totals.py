"""Identities of the ledger: parts sum to wholes, years to the running sum, nothing counts twice."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import (
    AccountError,
    annual_savings,
    by_basis,
    check_claims,
    cumulative_savings,
    itemised_content,
    jobs,
    savings,
    sound_claims,
    totals,
)
from onshore.figures import Basis, MissingRate, Period, RateTable

MONEY = pl.Decimal(38, 6)
BASES = [str(basis.value) for basis in Basis]
DIMENSIONS = ["sector", "desk_id", "place", "buyer_id", "period"]
SCHEMA = {
    "claim_id": pl.String,
    "basis": pl.String,
    **dict.fromkeys(DIMENSIONS, pl.String),
    "net_currency_saved": MONEY,
    "cost_effect": MONEY,
}
WITHIN = ["1401", "1402-H1", "1402-Q4", "1403-07", "2022-04", "2023-Q2"]
STRADDLING = ["2022", "2023-Q1", "2021-03-20/2024-03-20", "2024-03-19/2024-03-20"]
amounts = st.decimals(-(10**9), 10**9, places=6)


def ledgers(periods=WITHIN, least=0):
    names = {name: st.sampled_from([f"{name} 1", f"{name} 2", None]) for name in DIMENSIONS}
    line = st.fixed_dictionaries(
        names
        | {
            "basis": st.sampled_from(BASES),
            "period": st.sampled_from(periods),
            "net_currency_saved": amounts,
            "cost_effect": st.none() | amounts,
        }
    )
    return st.lists(line, min_size=least, max_size=12).map(
        lambda rows: pl.DataFrame(
            [{"claim_id": f"C{n}"} | row for n, row in enumerate(rows)], schema=SCHEMA
        )
    )


def plain_sums(rows, keys) -> dict:
    """The same sums, one line after the other."""
    sums: dict = defaultdict(lambda: [Decimal(0), Decimal(0), 0, 0])
    for row in rows:
        kept = sums[tuple(row[key] for key in keys)]
        kept[0] += row["net_currency_saved"]
        kept[1] += row["cost_effect"] or 0
        kept[2] += 1
        kept[3] += row["cost_effect"] is None
    return {key: tuple(kept) for key, kept in sums.items()}


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.sets(st.sampled_from(DIMENSIONS)))
def test_totals_by_any_columns_agree_with_adding_line_by_line(ledger, columns):
    keys = [*sorted(columns), "basis"]
    found = totals(ledger, sorted(columns))
    measures = ["net_currency_saved", "cost_effect", "claims", "without_cost_effect"]
    told = {row[: len(keys)]: row[len(keys) :] for row in found.select(*keys, *measures).rows()}
    assert told == plain_sums(ledger.to_dicts(), keys)


@settings(max_examples=100, deadline=None)
@given(ledgers(least=1), st.lists(st.sampled_from(DIMENSIONS), unique=True))
def test_the_parts_of_any_aggregation_sum_to_the_whole(ledger, order):
    """Rolling any dimension up gives what the fewer dimensions give, down to the ladder."""
    finer = totals(ledger, order)
    for size in range(len(order) - 1, -1, -1):
        rolled = finer.group_by(*order[:size], "basis").agg(pl.exclude(*order, "basis").sum())
        coarse = totals(ledger, order[:size])
        keys = [*order[:size], "basis"]
        assert rolled.sort(keys).equals(coarse.sort(keys))
        finer = coarse
    ladder = by_basis(ledger).filter(pl.col("claims") > 0)
    assert ladder.equals(totals(ledger))


@settings(max_examples=150, deadline=None)
@given(
    ledgers([*WITHIN, *STRADDLING]),
    st.sampled_from(["gregorian", "solar_hijri"]),
    st.lists(st.sampled_from(["sector", "place"]), unique=True),
)
def test_the_cumulative_is_the_sum_of_the_annuals_and_ends_at_the_total(ledger, calendar, by):
    annual, running = (
        series(ledger, by, calendar=calendar, straddling="days")
        for series in (annual_savings, cumulative_savings)
    )
    keys, money = [*by, "basis"], ["net_currency_saved", "cost_effect"]
    assert running.select(*keys, year="through").equals(annual.select(*keys, "year"))
    sums: dict = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for year, through in zip(annual.to_dicts(), running.to_dicts(), strict=True):
        kept = sums[tuple(year[key] for key in keys)]
        kept[:] = [so_far + year[name] for so_far, name in zip(kept, money, strict=True)]
        assert [through[name] for name in money] == kept
    last = running.group_by(keys, maintain_order=True).last().drop("through", "split")
    assert last.equals(totals(ledger, by).select(last.columns))


@settings(max_examples=100, deadline=None)
@given(ledgers(STRADDLING, least=1), st.sampled_from(["gregorian", "solar_hijri"]))
def test_a_split_claim_gives_each_year_its_days(ledger, calendar):
    one = ledger.head(1)
    row = one.row(0, named=True)
    period = Period.parse(row["period"])
    for found in annual_savings(one, calendar=calendar, straddling="days").to_dicts():
        year = Period.year(found["year"], calendar)
        days = sum(year.contains(period.start + timedelta(days=n)) for n in range(period.days))
        share = row["net_currency_saved"] * days / period.days
        assert abs(found["net_currency_saved"] - share) <= Decimal("2e-6")


def line(**changed) -> dict:
    return (
        dict.fromkeys(DIMENSIONS)
        | {
            "claim_id": "C",
            "basis": "verified",
            "period": "1403",
            "net_currency_saved": Decimal(100),
            "cost_effect": Decimal(-10),
        }
        | changed
    )


def ledger_of(*lines: dict) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=SCHEMA)


def test_a_period_over_two_years_is_refused_until_it_is_to_be_split():
    both = ledger_of(line(), line(claim_id="D", period="2024"))
    with pytest.raises(AccountError, match=r"1 claims .* D \(2024\).*split by days"):
        annual_savings(both, calendar="solar_hijri")
    found = annual_savings(both, calendar="solar_hijri", straddling="days")
    # Of 2024's 366 days, 79 are of 1402.
    assert found["year"].to_list() == [1402, 1403]
    assert found["split"].to_list() == [1, 1]
    assert found["claims"].to_list() == [1, 2]
    assert found["net_currency_saved"].to_list() == [
        Decimal("21.584699"),
        Decimal("178.415301"),
    ]
    running = cumulative_savings(both, calendar="solar_hijri", straddling="days")
    assert running["claims"].to_list() == [1, 2]
    assert annual_savings(ledger_of(line(period="2024")), calendar="gregorian").height == 1


def test_years_without_claims_are_there_with_nothing():
    found = annual_savings(
        ledger_of(line(period="1400"), line(claim_id="D")), calendar="solar_hijri"
    )
    assert found.select("year", "claims").rows() == [(1400, 1), (1401, 0), (1402, 0), (1403, 1)]


@pytest.mark.parametrize(
    ("by", "lines", "said"),
    [
        ((), [line(), line()], "counted twice: C"),
        ((), [line(basis="signed")], r"C \(signed\)"),
        (["colour"], [line()], "cannot be grouped by colour"),
        (["basis"], [line()], "cannot be grouped by basis"),
        (["place", "place"], [line()], "name once"),
        (["sponsor_id"], [line()], "claim_shares"),
    ],
)
def test_totals_that_make_no_sense_are_refused(by, lines, said):
    with pytest.raises(AccountError, match=said):
        totals(ledger_of(*lines), by)


def test_lines_in_several_currencies_are_not_added():
    both = ledger_of(line(), line(claim_id="D")).with_columns(currency=pl.Series(["EUR", "USD"]))
    with pytest.raises(AccountError, match="EUR, USD"):
        totals(both)
    with pytest.raises(AccountError, match="EUR, USD"):
        annual_savings(both, calendar="solar_hijri")


# Sponsors


@st.composite
def shared_ledgers(draw):
    ledger = draw(ledgers(least=1))
    rows = []
    for claim in ledger["claim_id"]:
        parts = draw(st.lists(st.integers(0, 30), max_size=4))
        whole = sum(parts) + draw(st.sampled_from([0, 0, 1, 50]))
        rows += [
            {"claim_id": claim, "sponsor_id": f"S{n}", "share": part / whole}
            for n, part in enumerate(parts)
            if whole
        ]
    return ledger, pl.DataFrame(
        rows, schema={"claim_id": pl.String, "sponsor_id": pl.String, "share": pl.Float64}
    )


@settings(max_examples=150, deadline=None)
@given(shared_ledgers(), st.randoms(use_true_random=False))
def test_the_shares_of_sponsors_add_up_to_the_claims_exactly(drawn, random):
    ledger, shares = drawn
    found = totals(ledger, ["sponsor_id"], shares=shares)
    whole = totals(ledger).select("basis", "net_currency_saved", "cost_effect")
    assert (
        found.group_by("basis")
        .agg(pl.col("net_currency_saved", "cost_effect").sum())
        .sort("basis")
        .equals(whole.sort("basis"))
    )
    for row in totals(ledger, ["claim_id", "sponsor_id"], shares=shares).to_dicts():
        claim = ledger.row(by_predicate=pl.col("claim_id") == row["claim_id"], named=True)
        own = shares.filter(claim_id=row["claim_id"])
        share = (
            1 - own["share"].sum()
            if row["sponsor_id"] is None
            else own.filter(sponsor_id=row["sponsor_id"])["share"].item()
        )
        near = abs(claim["net_currency_saved"]) * Decimal("1e-5") + Decimal("1e-5")
        assert abs(row["net_currency_saved"] - claim["net_currency_saved"] * Decimal(share)) <= near
    order = list(range(shares.height))
    random.shuffle(order)
    assert totals(ledger, ["sponsor_id"], shares=shares[order]).equals(found)


def shares_of(*rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=["claim_id", "sponsor_id", "share"], orient="row")


def test_thirds_are_whole():
    thirds = shares_of(*(("C", name, 1 / 3) for name in "abc"))
    found = totals(
        ledger_of(line(net_currency_saved=Decimal("0.01"))), ["sponsor_id"], shares=thirds
    )
    assert found["sponsor_id"].to_list() == ["a", "b", "c"]
    assert found["net_currency_saved"].sum() == Decimal("0.01")


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([("C", "a", 0.6), ("C", "b", 0.5)], r"C \(its sponsors' shares add up to 110 %\)"),
        ([("C", "a", 0.2), ("C", "a", 0.2)], "its sponsor a is listed twice"),
        ([("C", "a", 1.2)], "not from 0 to 1"),
        ([("C", "a", -0.2)], "not from 0 to 1"),
        ([("C", None, 0.2)], "names no sponsor"),
    ],
)
def test_shares_that_do_not_hold_are_refused_and_break_a_rule(shares, said):
    table = shares_of(*shares)
    with pytest.raises(AccountError, match=said):
        totals(ledger_of(line()), ["sponsor_id"], shares=table)
    claim = pl.DataFrame({"claim_id": ["C"], "period": ["1403"], "basis": ["announced"]})
    claim = claim.with_columns(stated_amount=pl.lit(1))
    empty = [pl.DataFrame()] * 3
    assert "shares" in check_claims(claim, *empty, shares=table)["rule"].to_list()
    assert check_claims(
        claim, *empty, shares=shares_of(("C", "a", 0.6), ("C", "b", 0.4))
    ).is_empty()


# Claims never count twice

DAY = date(2021, 1, 1)
BASELINE = {
    "baseline_id": "P",
    "reference_cif": Decimal(10),
    "currency": "EUR",
    "price_date": DAY,
    "frozen_on": DAY,
    "until": date(2030, 1, 1),
    "volume": Decimal(1),
    "evidence": "invoice",
    "unit": "H87",
}
NO_RATES = RateTable(
    pl.DataFrame(
        schema={
            "base": pl.String,
            "quote": pl.String,
            "date": pl.Date,
            "rate": MONEY,
            "rate_type": pl.String,
        }
    )
)
KEYS = st.tuples(
    st.sampled_from(["I1", "I2"]),
    st.sampled_from(["B1", "B2"]),
    st.sampled_from(["1402", "1402-H1", "1402-H2", "1403", "2024", "2023-11", "1403-Q3"]),
    st.integers(1, 1000),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_no_day_of_an_item_and_buyer_counts_twice_in_any_order_of_entry(keys, random):
    claims = [
        {
            "claim_id": f"C{n}",
            "item_id": item,
            "buyer_id": buyer,
            "period": period,
            "basis": "target",
            "quantity": Decimal(quantity),
            "baseline_id": f"{item} {buyer}",
            "imported_content": Decimal(3),
        }
        for n, (item, buyer, period, quantity) in enumerate(keys)
    ]
    baselines = pl.DataFrame(
        [
            BASELINE | {"baseline_id": f"{item} {buyer}", "item_id": item, "buyer_id": buyer}
            for item in ("I1", "I2")
            for buyer in ("B1", "B2")
        ]
    )

    def kept(rows):
        frame = pl.DataFrame(rows)
        broken = check_claims(frame, pl.DataFrame(), pl.DataFrame(), baselines)
        for refused in broken.iter_rows(named=True):
            assert refused["rule"] == "one claim"
            assert any(other["claim_id"] in refused["reason"] for other in rows)
        sound = sound_claims(frame, broken).with_columns(
            domestic_price=pl.lit(None, MONEY), domestic_currency=pl.lit(None, pl.String)
        )
        return savings(sound, baselines, rates=NO_RATES, currency="EUR", rate_type="official")

    ledger = kept(claims)
    for claim in ledger.to_dicts():
        twins = ledger.filter(item_id=claim["item_id"], buyer_id=claim["buyer_id"])
        spans = sorted(Period.parse(text) for text in twins["period"])
        assert not any(one.overlaps(other) for one, other in pairwise(spans))
    random.shuffle(claims)
    by = ["item_id", "buyer_id"]
    assert totals(kept(claims), by).equals(totals(ledger, by))


# Imported content by its lines


def content_of(*lines) -> pl.DataFrame:
    names = ["line", "kind", "amount", "currency", "over_volume", "unit"]
    rows = [{"claim_id": "C"} | dict(zip(names, row, strict=False)) for row in lines]
    return pl.DataFrame(
        rows,
        schema={
            "claim_id": pl.String,
            "line": pl.String,
            "kind": pl.String,
            "amount": MONEY,
            "currency": pl.String,
            "over_volume": MONEY,
            "unit": pl.String,
        },
    )


CLAIM = {"claim_id": "C", "baseline_id": "P", "imported_content": None}
MASS = pl.DataFrame([BASELINE | {"unit": "KGM", "currency": "USD"}])
USD = RateTable(
    pl.DataFrame(
        {
            "base": ["EUR"],
            "quote": ["USD"],
            "date": [DAY],
            "rate": [Decimal("1.25")],
            "rate_type": ["official"],
        }
    )
)
STEEL = ("steel", "materials", Decimal(3), "USD")
LICENCE = ("licence", "royalty", Decimal("0.4"), "EUR")
DIE = ("die", "tooling", Decimal(5000), "USD", Decimal(10), "TNE")


def filled(*lines, claim=CLAIM, rates=USD, rate_type="official"):
    found = itemised_content(
        pl.DataFrame([claim]), content_of(*lines), MASS, rates=rates, rate_type=rate_type
    )
    return found["imported_content"].item()


def test_imported_content_is_materials_royalties_and_tooling_over_its_volume():
    # 3 USD, 0.40 EUR at 1.25, and 5,000 USD over ten tonnes of a good counted in kilograms
    assert filled(STEEL, LICENCE, DIE) == 4
    assert filled(claim=CLAIM | {"imported_content": Decimal(7)}) == 7
    assert filled() is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([STEEL, STEEL], "'steel' of imported content is listed twice"),
        ([(*DIE[:4],)], "over what volume"),
        ([(*DIE[:4], Decimal(0))], "over what volume"),
        ([(*DIE[:5], "H87")], "another unit"),
        ([(*STEEL, Decimal(5))], "is not tooling"),
        ([("steel", "materials", None, "USD")], "no amount"),
        ([("steel", "materials", Decimal(1), None)], "no currency"),
    ],
)
def test_lines_that_do_not_hold_are_refused_and_break_a_rule(lines, said):
    with pytest.raises(AccountError, match=said):
        filled(*lines)
    claim = pl.DataFrame([CLAIM | {"period": "1403", "basis": "target"}])
    empty = pl.DataFrame()
    found = check_claims(claim, empty, empty, MASS, content=content_of(*lines))
    assert said in found.filter(rule="imported content")["reason"].item()


def test_one_figure_and_lines_are_one_too_many():
    with pytest.raises(AccountError, match="both in one figure and in lines"):
        filled(STEEL, claim=CLAIM | {"imported_content": Decimal(1)})


def test_a_line_without_a_rate_breaks_the_rule_of_rates():
    with pytest.raises(MissingRate):
        filled(LICENCE, rate_type="market")
    claim = pl.DataFrame([CLAIM | {"period": "1403", "basis": "target", "quantity": Decimal(1)}])
    yen = ("licence", "royalty", Decimal(1), "JPY")
    checks = {"rates": USD, "currency": "USD", "rate_type": "official"}
    empty = pl.DataFrame()
    for one, missing in ((LICENCE, False), (yen, True)):
        found = check_claims(claim, empty, empty, MASS, content=content_of(one), **checks)
        assert ("rate" in found["rule"].to_list()) is missing


# Jobs


def test_jobs_are_summed_by_deal_and_basis_and_never_over_bases():
    deals = pl.DataFrame(
        {
            "deal_id": ["D1", "D2", "D3", "D4"],
            "basis": ["MoU", "contracted", "contracted", "contracted"],
            "desk_id": ["K1", "K1", "K2", None],
            "maker_id": ["M1", "M1", "M2", "M2"],
            "jobs": [400, 25, None, 5],
        }
    )
    desks = pl.DataFrame({"desk_id": ["K1", "K2"], "sector": ["steel", "copper"]})
    makers = pl.DataFrame({"organisation_id": ["M1", "M2"], "place": ["IR-10", "IR-21"]})
    assert jobs(deals).rows() == [("MoU", 400, 1, 0), ("contracted", 30, 3, 1)]
    assert jobs(deals, ["sector"], desks=desks).rows() == [
        ("copper", "contracted", 0, 1, 1),
        ("steel", "MoU", 400, 1, 0),
        ("steel", "contracted", 25, 1, 0),
        (None, "contracted", 5, 1, 0),
    ]
    places = jobs(deals, ["place"], organisations=makers)
    assert places.filter(place="IR-21")["jobs"].to_list() == [5]
    with pytest.raises(AccountError, match="counted twice: D1"):
        jobs(pl.concat([deals, deals.head(1)]))
    with pytest.raises(AccountError, match="sector"):
        jobs(deals, ["sector"])
    with pytest.raises(AccountError, match=r"D1 \(promised\)"):
        jobs(pl.DataFrame({"deal_id": ["D1"], "basis": ["promised"], "jobs": [1]}))
