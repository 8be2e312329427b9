"""Every reason that a claim is refused for can be told in Persian."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from onshore.account import check_claims
from onshore.records import schema
from onshore.report.reasons import reason_in

CLAIM = {
    "claim_id": "C1",
    "item_id": "I1",
    "buyer_id": "B1",
    "period": "1403",
    "basis": "target",
    "quantity": Decimal(1),
    "baseline_id": "P1",
}
BASELINE = {
    "baseline_id": "P1",
    "item_id": "I1",
    "buyer_id": "B1",
    "reference_cif": Decimal(10),
    "currency": "EUR",
    "price_date": date(2024, 1, 1),
    "frozen_on": date(2024, 1, 1),
    "until": date(2026, 1, 1),
    "volume": Decimal(5),
    "unit": "H87",
    "evidence": "invoice",
}
QUOTED = {"reference_cif": None, "import_price": Decimal(9)}
LINE = {"claim_id": "C1", "line": "steel", "kind": "materials", "amount": 1, "currency": "EUR"}
TOOL = LINE | {"kind": "tooling"}


def table(name, rows):
    return pl.DataFrame(list(rows), schema=schema(name).dtypes, strict=False)


@pytest.mark.parametrize(
    ("rule", "claim", "baseline", "lines", "shares"),
    [
        ("frozen baseline", {}, {"volume": None, "evidence": None}, [LINE], {}),
        ("frozen late", {}, {"frozen_on": date(2024, 5, 1)}, [LINE], {}),
        ("baseline price", {}, QUOTED | {"incoterm": "EXW"}, [LINE], {}),
        ("baseline price", {}, {"reference_cif": None}, [LINE], {}),
        ("baseline price", {}, {"import_price": Decimal(9)}, [LINE], {}),
        ("baseline price", {}, QUOTED, [LINE], {}),
        ("baseline price", {}, QUOTED | {"incoterm": "CIF", "delivered_to": "port"}, [LINE], {}),
        (
            "baseline price",
            {},
            QUOTED | {"incoterm": "DAP", "handling_inland": Decimal(9)},
            [LINE],
            {},
        ),
        ("imported content", {"imported_content": Decimal(1)}, {}, [LINE], {}),
        ("imported content", {}, {}, [LINE, LINE], {}),
        ("imported content", {}, {}, [LINE | {"kind": None}], {}),
        ("imported content", {}, {}, [LINE | {"amount": None}], {}),
        ("imported content", {}, {}, [TOOL], {}),
        ("imported content", {}, {}, [LINE | {"over_volume": 1}], {}),
        ("imported content", {}, {}, [TOOL | {"over_volume": 1, "unit": "KGM"}], {}),
        ("shares", {}, {}, [LINE], {"A": 1.5}),
        ("shares", {}, {}, [LINE], {None: 0.5}),
        ("shares", {}, {}, [LINE], {"A": 0.75, "B": 0.5}),
    ],
)
def test_a_reason_is_known_in_persian(rule, claim, baseline, lines, shares):
    sponsors = [{"claim_id": "C1", "sponsor_id": s, "share": n} for s, n in shares.items()]
    found = check_claims(
        table("claims", [CLAIM | claim]),
        table("deals", []),
        table("deliveries", []),
        table("baselines", [BASELINE | baseline]),
        content=table("content_lines", lines),
        shares=table("claim_shares", sponsors),
    )
    assert found["rule"].to_list() == [rule]
    persian = reason_in("fa", found["reason"].item())
    assert persian != found["reason"].item()
    latin = {"frozen", "baseline", "share", "line", "price", "of", "its"}
    assert not latin & set(persian.split())


def test_deliveries_shared_and_sponsors_twice_are_known_too():
    said = (
        "it rests on the same deliveries, of deal D1, as C2, C3",
        "its sponsor S1 is listed twice",
    )
    for reason in said:
        assert reason_in("fa", reason) != reason
