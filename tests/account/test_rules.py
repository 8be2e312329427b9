"""Each rule has a claim that keeps it and the same claim made to break it."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import AccountError, check_claims, sound_claims
from onshore.figures import Period, RateTable

CLAIM = {
    "claim_id": "C1",
    "item_id": "I1",
    "buyer_id": "B1",
    "deal_id": "D1",
    "period": "1403",
    "basis": "verified",
    "quantity": Decimal(100),
    "baseline_id": "P1",
    "imported_content": Decimal(4),
    "domestic_price": None,
    "domestic_currency": None,
    "stated_amount": None,
    "claimed_by": "Plant A",
    "verified_by": "Auditor B",
}
DEAL = {"deal_id": "D1", "basis": "contracted", "buyer_id": "B1", "item_id": "I1", "unit": "KGM"}
DELIVERY = {
    "deal_id": "D1",
    "quantity": Decimal(60),
    "accepted": Decimal(50),
    "unit": None,
    "delivered_on": date(2024, 5, 1),
    "accepted_on": date(2024, 6, 1),
    "serial": True,
}
BASELINE = {
    "baseline_id": "P1",
    "item_id": "I1",
    "buyer_id": "B1",
    "price_date": date(2024, 1, 1),
    "reference_cif": Decimal(10),
    "frozen_on": date(2024, 1, 10),
    "until": date(2025, 12, 31),
    "unit": "KGM",
    "volume": Decimal(500),
    "evidence": "Customs declaration 1",
}


def broken(claims=(CLAIM,), deals=(DEAL,), deliveries=(DELIVERY, DELIVERY), baselines=(BASELINE,)):
    tables = (claims, deals, deliveries, baselines)
    return check_claims(*(pl.DataFrame(list(rows), infer_schema_length=None) for rows in tables))


def rules(**tables) -> list[str]:
    return broken(**tables)["rule"].to_list()


def claim(**changed) -> dict:
    return CLAIM | changed


def test_a_claim_that_keeps_every_rule_is_not_listed():
    assert broken().is_empty()
    assert broken().columns == ["claim_id", "rule", "reason", "next_step"]


@pytest.mark.parametrize(
    "gap", ["item_id", "buyer_id", "quantity", "baseline_id", "imported_content"]
)
def test_a_claim_needs_what_a_saving_is_computed_from(gap):
    found = broken(claims=[claim(**{gap: None})]).filter(rule="measure")
    assert gap in found["reason"].item()


def test_a_domestic_price_needs_its_currency():
    priced = claim(domestic_price=Decimal(1), imported_content=None)
    assert rules(claims=[priced]) == ["measure"]
    assert rules(claims=[priced | {"domestic_currency": "IRR"}]) == []


def test_a_baseline_is_of_the_same_item_and_buyer():
    assert rules(baselines=[BASELINE | {"item_id": "I2"}]) == ["baseline"]
    assert rules(baselines=[BASELINE | {"buyer_id": "B2"}]) == ["baseline"]
    assert "baseline" in rules(claims=[claim(baseline_id="P9")])


def test_a_baselines_price_is_from_before_the_period():
    first_day = Period.parse("1403").start
    assert rules(baselines=[BASELINE | {"price_date": first_day}]) == ["price date"]
    assert rules(baselines=[BASELINE | {"price_date": date(2024, 3, 19)}]) == []


def test_a_baseline_holds_to_the_end_of_the_period():
    last_day = Period.parse("1403").end
    assert rules(baselines=[BASELINE | {"until": date(2025, 3, 19)}]) == ["expired baseline"]
    assert rules(baselines=[BASELINE | {"until": last_day}]) == []


@pytest.mark.parametrize("gap", ["frozen_on", "until", "volume", "evidence"])
def test_a_baseline_is_frozen_with_its_day_expiry_volume_and_evidence(gap):
    found = broken(baselines=[BASELINE | {gap: None}, BASELINE | {"baseline_id": "P2"}])
    assert found["rule"].to_list() == ["frozen baseline"]
    assert found["reason"].item().endswith(f"without {gap}")


def test_a_baseline_is_frozen_before_its_period():
    first_day = Period.parse("1403").start
    assert rules(baselines=[BASELINE | {"frozen_on": first_day}]) == []
    assert rules(baselines=[BASELINE | {"frozen_on": date(2024, 3, 21)}]) == ["frozen late"]


def test_a_baselines_price_can_be_brought_to_cif():
    free_on_board = BASELINE | {
        "reference_cif": None,
        "import_price": Decimal(9),
        "incoterm": "FOB",
        "freight": Decimal("0.8"),
        "insurance": Decimal("0.2"),
    }
    assert rules(baselines=[free_on_board]) == []
    found = broken(baselines=[free_on_board | {"insurance": None}])
    assert found["rule"].to_list() == ["baseline price"]
    assert found["reason"].item() == "of its baseline P1: its FOB price needs insurance"
    assert rules(baselines=[BASELINE | {"import_price": Decimal(9)}]) == ["baseline price"]


def test_one_delivery_bears_out_one_item():
    any_item = DEAL | {"item_id": None}
    other = claim(claim_id="C2", item_id="I2", baseline_id="P2", basis="delivered")
    tables = {
        "deals": [any_item, DEAL | {"deal_id": "D2"}],
        "baselines": [BASELINE, BASELINE | {"baseline_id": "P2", "item_id": "I2"}],
    }
    found = broken(claims=[CLAIM, other], **tables)
    assert found["rule"].to_list() == ["shared deliveries"] * 2
    assert [reason.split()[-1] for reason in found["reason"]] == ["C2", "C1"]
    assert rules(claims=[CLAIM, other | {"basis": "contracted"}], **tables) == []
    assert rules(claims=[CLAIM, other | {"deal_id": "D2"}], **tables) == ["deal", "deliveries"]
    assert rules(claims=[CLAIM, other], baselines=tables["baselines"]) == ["deal"]


def test_a_memorandum_is_no_contract():
    memorandum = DEAL | {"basis": "MoU"}
    assert rules(deals=[memorandum]) == ["deal"]
    assert rules(deals=[memorandum], claims=[claim(basis="MoU")]) == []
    assert rules(claims=[claim(basis="contracted", deal_id=None)]) == ["deal"]
    assert rules(claims=[claim(basis="announced", deal_id=None)]) == []


def test_a_deal_is_of_the_same_buyer_and_item():
    assert rules(deals=[DEAL | {"buyer_id": "B2"}]) == ["deal"]
    assert rules(deals=[DEAL | {"item_id": "I2"}]) == ["deal"]
    assert rules(deals=[DEAL | {"item_id": None}, DEAL | {"deal_id": "D2"}]) == []


@pytest.mark.parametrize(
    ("basis", "quantity", "kept"),
    [
        ("contracted", 1000, True),
        ("delivered", 120, True),
        ("delivered", 121, False),
        ("accepted", 100, True),
        ("accepted", 101, False),
        ("verified", 100, True),
        ("verified", 101, False),
    ],
)
def test_no_more_can_be_claimed_than_was_delivered_and_accepted(basis, quantity, kept):
    found = broken(claims=[claim(basis=basis, quantity=Decimal(quantity))])
    assert found["rule"].to_list() == ([] if kept else ["deliveries"])
    if not kept:
        assert f"of the {quantity} claimed were" in found["reason"].item()


def test_samples_are_accepted_but_do_not_verify():
    sample = DELIVERY | {"serial": False}
    assert rules(deliveries=[DELIVERY, sample]) == ["deliveries"]
    assert rules(deliveries=[DELIVERY, sample], claims=[claim(basis="accepted")]) == []


def test_deliveries_outside_the_period_do_not_count():
    late = DELIVERY | {"accepted_on": date(2025, 3, 21)}
    assert rules(deliveries=[DELIVERY, late]) == ["deliveries"]
    assert rules(deliveries=[DELIVERY, late], claims=[claim(basis="delivered")]) == []


def test_deliveries_are_told_in_the_baselines_unit():
    tonnes = DELIVERY | {"unit": "TNE", "quantity": Decimal("0.06"), "accepted": Decimal("0.05")}
    assert rules(deliveries=[DELIVERY, tonnes]) == []
    pieces = broken(deliveries=[DELIVERY, DELIVERY | {"unit": "H87"}])
    assert "cannot be told in the other" in pieces["reason"].item()
    bare = broken(deals=[DEAL | {"unit": None}, DEAL | {"deal_id": "D2"}])
    assert bare["reason"].to_list() == ["a delivery has no unit, and neither has its deal"]


@pytest.mark.parametrize("verifier", ["Plant A", "plant  a", None])
def test_who_verifies_is_not_who_claims(verifier):
    assert rules(claims=[claim(verified_by=verifier)]) == ["verifier"]


def test_names_in_letters_of_either_keyboard_are_one_name():
    same = claim(claimed_by="شرکت فولاد یکم", verified_by="شركت فولاد يكم")
    assert rules(claims=[same]) == ["verifier"]


def test_a_claimant_who_is_not_named_cannot_be_told_from_the_verifier():
    assert rules(claims=[claim(claimed_by=None)]) == ["verifier"]


def test_a_published_sum_can_be_announced_but_not_verified():
    lump = claim(
        item_id=None,
        buyer_id=None,
        deal_id=None,
        quantity=None,
        baseline_id=None,
        imported_content=None,
        stated_amount=Decimal(245),
    )
    assert rules(claims=[lump | {"basis": "contracted"}]) == []
    assert rules(claims=[lump]) == ["deliveries"]


def test_claims_whose_periods_overlap_name_each_other():
    other = claim(claim_id="C2", period="1403-H1", basis="announced")
    found = broken(claims=[CLAIM, other]).filter(rule="one claim")
    assert found["claim_id"].to_list() == ["C1", "C2"]
    assert [reason.split()[-1] for reason in found["reason"]] == ["C2", "C1"]
    assert "one claim" not in rules(claims=[CLAIM, other | {"item_id": "I2"}])
    assert "one claim" not in rules(claims=[CLAIM, other | {"period": "1404"}])


def test_sound_claims_are_those_without_a_broken_rule():
    claims = [CLAIM, claim(claim_id="C2", item_id="I9", verified_by=None)]
    sound = sound_claims(pl.DataFrame(claims), broken(claims=claims))
    assert sound["claim_id"].to_list() == ["C1"]
    assert sound.columns == list(CLAIM)


PERIODS = ["1403", "1403-H1", "1403-H2", "1403-Q2", "1403-07", "1404", "2024", "2024-Q4"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["I1", "I2"]), st.sampled_from(["B1", "B2"]), st.sampled_from(PERIODS)
        ),
        min_size=1,
        max_size=7,
    )
)
def test_overlaps_agree_with_looking_at_every_pair(keys):
    claims = [
        claim(claim_id=f"C{n}", item_id=item, buyer_id=buyer, period=period, basis="target")
        for n, (item, buyer, period) in enumerate(keys)
    ]
    expected = {
        f"C{n}"
        for n, (item, buyer, period) in enumerate(keys)
        for m, (item2, buyer2, period2) in enumerate(keys)
        if n != m
        and (item, buyer) == (item2, buyer2)
        and Period.parse(period).overlaps(Period.parse(period2))
    }
    assert set(broken(claims=claims).filter(rule="one claim")["claim_id"]) == expected
    kept = sound_claims(pl.DataFrame(claims), broken(claims=claims).filter(rule="one claim"))
    assert kept.height == len(claims) - len(expected)


RATES = pl.DataFrame(
    {
        "base": ["USD"],
        "quote": ["EUR"],
        "date": [date(2024, 1, 1)],
        "until": [date(2024, 1, 31)],
        "rate": [Decimal("0.9")],
        "rate_type": ["market"],
        "source": ["Bank"],
        "illustrative": [True],
    }
)


def without_rate(baseline, **changed):
    tables = [
        pl.DataFrame(rows, infer_schema_length=None)
        for rows in ([claim(**changed)], [DEAL], [DELIVERY, DELIVERY], [BASELINE | baseline])
    ]
    return check_claims(*tables, rates=RateTable(RATES), currency="EUR", rate_type="market")


@pytest.mark.parametrize(
    ("baseline", "changed", "missing"),
    [
        ({"currency": "EUR"}, {}, None),
        ({"currency": "USD"}, {}, None),
        ({"currency": "USD", "price_date": date(2023, 12, 31)}, {}, "from USD to EUR"),
        ({"currency": "JPY"}, {}, "from JPY to EUR"),
        ({"currency": "EUR"}, {"domestic_price": Decimal(1), "domestic_currency": "IRR"}, "IRR"),
        ({"currency": "JPY"}, {"domestic_price": Decimal(1), "domestic_currency": "JPY"}, "JPY"),
        ({"currency": "EUR"}, {"domestic_currency": "IRR"}, None),
    ],
)
def test_a_claim_without_a_rate_on_its_baselines_day_is_named(baseline, changed, missing):
    found = without_rate(baseline, **changed)
    assert found["rule"].to_list() == ([] if missing is None else ["rate"])
    if missing is not None:
        day = baseline.get("price_date", BASELINE["price_date"])
        assert missing in found["reason"].item()
        assert str(day) in found["reason"].item()
        assert found["reason"].item().count("there is no") == 1
        assert "table rates" in found["next_step"].item()


def test_both_currencies_without_a_rate_are_named_together():
    found = without_rate({"currency": "JPY"}, domestic_price=Decimal(1), domestic_currency="IRR")
    assert "JPY" in found["reason"].item()
    assert "IRR" in found["reason"].item()


def test_rates_are_checked_with_all_that_it_takes_or_not_at_all():
    tables = [pl.DataFrame([row]) for row in (CLAIM, DEAL, DELIVERY, BASELINE)]
    with pytest.raises(AccountError, match="all of rates"):
        check_claims(*tables, rates=RateTable(RATES), currency="EUR")
