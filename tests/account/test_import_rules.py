"""Import rules and exceptions: what they do on a day, and what they have to keep to."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.account import (
    AccountError,
    check_import_rules,
    equivalence,
    equivalence_verdicts,
    import_status,
    sound_exceptions,
)
from onshore.figures import RateTable
from onshore.records import schema

ON = date(2024, 7, 1)
ITEMS = pl.DataFrame(
    {
        "item_id": ["ball", "roller", "pump", "uncoded"],
        "hs_code": ["848210", "848230", "841370", None],
    }
)
RULE = {
    "rule_id": "R1",
    "hs_code": "8482",
    "measure": "banned",
    "equivalent_offer_id": "O1",
    "reason": "made at home",
    "from": date(2024, 3, 20),
    "until": date(2025, 3, 20),
}
EXCEPTION = {
    "exception_id": "E1",
    "rule_id": "R1",
    "reason": "the maker is on strike",
    "published": date(2024, 4, 1),
    "comment_until": date(2024, 4, 30),
    "decision": "granted",
    "decision_reason": "the maker agrees",
    "decided_on": date(2024, 5, 2),
    "decided_by": "Agency",
    "from": date(2024, 5, 10),
    "until": date(2024, 8, 31),
}


def table(name, rows):
    return pl.DataFrame(list(rows), schema=schema(name).dtypes)


def statuses(rules=(RULE,), exceptions=(), on=ON, needs=None) -> dict:
    found = import_status(
        ITEMS,
        table("import_rules", rules),
        table("exceptions", exceptions),
        on=on,
        needs=needs,
    )
    assert found["item_id"].to_list() == ITEMS["item_id"].to_list()
    return {row["item_id"]: row for row in found.to_dicts()}


def told(**tables) -> dict[str, str]:
    return {item: row["status"] for item, row in statuses(**tables).items()}


def test_a_rule_by_code_holds_for_all_that_lies_in_it():
    assert told() == {"ball": "banned", "roller": "banned", "pump": "free", "uncoded": "free"}
    subheading = told(rules=[RULE | {"hs_code": "848210"}])
    assert (subheading["ball"], subheading["roller"]) == ("banned", "free")
    assert told(rules=[RULE | {"hs_code": "84"}])["pump"] == "banned"


def test_a_rule_by_item_holds_for_that_item_alone():
    rule = RULE | {"hs_code": None, "item_id": "uncoded"}
    assert [item for item, status in told(rules=[rule]).items() if status == "banned"] == [
        "uncoded"
    ]
    both = RULE | {"item_id": "ball"}
    assert told(rules=[both])["roller"] == "free"


def test_a_status_says_until_when_and_why():
    ball = statuses()["ball"]
    assert (ball["until"], ball["reason"], ball["rules"]) == (
        date(2025, 3, 20),
        "made at home",
        "R1",
    )
    assert statuses(rules=[RULE | {"until": None}])["ball"]["until"] is None
    assert statuses()["pump"]["reason"] == "no import rule holds for it"


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2024, 3, 19), "free"),
        (date(2024, 3, 20), "banned"),
        (date(2024, 5, 9), "banned"),
        (date(2024, 5, 10), "excepted"),
        (date(2024, 8, 31), "excepted"),
        (date(2024, 9, 1), "banned"),
        (date(2025, 3, 20), "banned"),
        (date(2025, 3, 21), "free"),
    ],
)
def test_rules_and_exceptions_hold_from_their_first_to_their_last_day(on, status):
    assert told(exceptions=[EXCEPTION], on=on)["ball"] == status


def test_the_strictest_rule_decides():
    licence = RULE | {"rule_id": "R2", "measure": "licence", "hs_code": "84", "until": None}
    found = statuses(rules=[RULE, licence])
    assert (found["ball"]["status"], found["ball"]["rules"]) == ("banned", "R1")
    assert (found["pump"]["status"], found["pump"]["until"]) == ("licence", None)
    # The ban is lifted; the licence is still needed.
    assert statuses(rules=[RULE, licence], exceptions=[EXCEPTION])["ball"]["status"] == "licence"


@pytest.mark.parametrize(
    "changed",
    [{"decision": "refused"}, {"decision": "pending"}, {"decision": None}, {"until": None}],
)
def test_what_is_not_granted_for_a_time_lifts_nothing(changed):
    assert told(exceptions=[EXCEPTION | changed])["ball"] == "banned"


NEEDS = pl.DataFrame({"need_id": ["N1", "N2", "N3"], "item_id": ["ball", "ball", None]})


def test_an_exception_for_a_need_is_for_that_need_alone():
    own = EXCEPTION | {"need_id": "N1"}
    found = statuses(exceptions=[own], needs=NEEDS)
    assert (found["ball"]["status"], found["ball"]["needs"]) == ("excepted", "N1")
    assert found["roller"]["status"] == "banned"
    everybody = EXCEPTION | {"exception_id": "E2", "until": date(2024, 7, 31)}
    ball = statuses(exceptions=[own, everybody], needs=NEEDS)["ball"]
    assert (ball["needs"], ball["exceptions"], ball["until"]) == (None, "E2", date(2024, 7, 31))
    with pytest.raises(AccountError, match=r"E1 \(N1\).*table needs"):
        statuses(exceptions=[own])
    with pytest.raises(AccountError, match=r"E1 \(N3\).*item_id"):
        statuses(exceptions=[EXCEPTION | {"need_id": "N3"}], needs=NEEDS)


def test_two_rules_lifted_for_different_needs_are_lifted_for_nobody():
    wide = RULE | {"rule_id": "R2", "hs_code": "84"}
    for_one = EXCEPTION | {"need_id": "N1"}
    for_other = EXCEPTION | {"exception_id": "E2", "rule_id": "R2", "need_id": "N2"}
    rules = [RULE, wide]
    assert told(rules=rules, exceptions=[for_one, for_other], needs=NEEDS)["ball"] == "banned"
    same = [for_one, for_other | {"need_id": "N1", "until": date(2024, 7, 15)}]
    ball = statuses(rules=rules, exceptions=same, needs=NEEDS)["ball"]
    assert (ball["status"], ball["needs"], ball["until"]) == ("excepted", "N1", date(2024, 7, 15))
    assert ball["exceptions"] == "E1, E2"


def test_an_item_given_twice_is_refused():
    twice = pl.concat([ITEMS, ITEMS.head(1)])
    with pytest.raises(AccountError, match="ball"):
        import_status(twice, table("import_rules", []), table("exceptions", []), on=ON)


DAYS = st.integers(0, 6).map(lambda n: date(2024, 1, 1) + timedelta(days=n))
MEASURES = ["licence", "restricted", "banned"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["84", "8482", "848210", None]),
            st.sampled_from(["ball", "pump", None]),
            st.sampled_from(MEASURES),
            DAYS,
            st.none() | DAYS,
        ),
        max_size=4,
    ),
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([None, "N1", "N2"]),
            st.sampled_from(["granted", "refused"]),
            DAYS,
            DAYS,
        ),
        max_size=5,
    ),
    DAYS,
)
def test_the_status_agrees_with_asking_for_every_item_rule_and_need(rules, exceptions, on):
    rule_rows = [
        dict(zip(["hs_code", "item_id", "measure", "from", "until"], row, strict=True))
        | {"rule_id": f"R{n}"}
        for n, row in enumerate(rules)
    ]
    exception_rows = [
        dict(zip(["need_id", "decision", "from", "until"], row, strict=True))
        | {"exception_id": f"E{n}", "rule_id": f"R{rule}"}
        for n, (rule, *row) in enumerate(exceptions)
    ]
    found = statuses(rule_rows, exception_rows, on, NEEDS)

    def in_force(row):
        return row["from"] <= on and (row["until"] is None or on <= row["until"])

    for item, code in ITEMS.rows():
        own = [
            rule
            for rule in rule_rows
            if in_force(rule)
            and (rule["item_id"] or rule["hs_code"])
            and rule["item_id"] in (None, item)
            and (rule["item_id"] == item or (code or "").startswith(rule["hs_code"]))
        ]

        def lifted(rule, need):
            return any(
                e["rule_id"] == rule["rule_id"]
                and e["decision"] == "granted"
                and in_force(e)
                and e["need_id"] in (None, need)
                for e in exception_rows
            )

        bound = [rule for rule in own if not lifted(rule, None)]
        wanted = [n for n in ("N1", "N2") if item == "ball"]
        let_in = [n for n in wanted if own and all(lifted(rule, n) for rule in own)]
        if not own:
            expected = ("free", None)
        elif not bound:
            expected = ("excepted", None)
        elif let_in:
            expected = ("excepted", ", ".join(let_in))
        else:
            expected = (max((r["measure"] for r in bound), key=MEASURES.index), None)
        assert (found[item]["status"], found[item]["needs"]) == expected


# What they have to keep to


def broken(rules=(RULE,), exceptions=(EXCEPTION,), on=ON, **more) -> list[tuple[str, str]]:
    found = check_import_rules(
        table("import_rules", rules), table("exceptions", exceptions), on=on, **more
    )
    assert found["next_step"].str.ends_with(".").all()
    return found.select("id", "rule").rows()


def test_rules_and_exceptions_in_order_break_nothing():
    assert broken() == []


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"hs_code": None}, "goods"),
        ({"reason": None}, "reason"),
        ({"equivalent_offer_id": None}, "reason"),
        ({"equivalent_offer_id": None, "measure": "restricted"}, None),
        ({"until": date(2024, 3, 19)}, "dates"),
        ({"comment_until": date(2024, 3, 20)}, "comments"),
        ({"comment_until": date(2024, 3, 19)}, None),
    ],
)
def test_what_a_rule_has_to_keep_to(changed, rule):
    assert broken(rules=[RULE | changed]) == ([("R1", rule)] if rule else [])


def test_the_same_goods_are_not_ruled_on_twice_in_the_same_days():
    twin = RULE | {"rule_id": "R2"}
    assert broken(rules=[RULE, twin]) == [("R1", "same goods"), ("R2", "same goods")]
    assert broken(rules=[RULE, twin | {"from": date(2025, 3, 21), "until": None}]) == []
    assert broken(rules=[RULE, twin | {"measure": "licence"}]) == []


def test_a_ban_needs_a_home_product_that_is_shown_to_be_equivalent():
    verdicts = pl.DataFrame({"offer_id": ["O1"], "verdict": ["not known"]})
    assert broken(equivalent=verdicts) == [("R1", "equivalence")]
    passed = verdicts.with_columns(verdict=pl.lit("equivalent"))
    assert broken(equivalent=passed) == []
    assert broken(rules=[RULE | {"measure": "restricted"}], equivalent=verdicts) == []


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"rule_id": "R9"}, "import rule"),
        ({"reason": None}, "reason"),
        ({"decision_reason": None}, "reason"),
        ({"until": None}, "expiry"),
        ({"until": date(2024, 5, 9)}, "expiry"),
        ({"decided_on": date(2024, 9, 1)}, "expiry"),
        ({"decided_on": date(2024, 4, 30)}, "comments"),
        ({"comment_until": None}, "comments"),
        ({"published": None}, "comments"),
        ({"decided_on": None}, "decision"),
        ({"decided_by": None}, "decision"),
        ({"from": None}, "decision"),
        ({"decision": "pending"}, "decision"),
        ({"contested": True}, "contest"),
        ({"contested": True, "contested_by": "ORG-1", "contest": "we deliver"}, None),
        ({"contested_by": "ORG-1", "contest": "we deliver", "decided_by": "org-1"}, "contest"),
    ],
)
def test_what_an_exception_has_to_keep_to(changed, rule):
    found = broken(exceptions=[EXCEPTION | changed])
    assert found == ([("E1", rule)] if rule else [])


def test_a_contest_is_decided_once_the_comments_close():
    waiting = EXCEPTION | {
        **dict.fromkeys(("decision", "decision_reason", "decided_on", "decided_by")),
        "contested": True,
        "contested_by": "ORG-1",
        "contest": "we deliver",
    }
    assert broken(exceptions=[waiting], on=date(2024, 4, 30)) == []
    assert broken(exceptions=[waiting], on=date(2024, 5, 1)) == [("E1", "contest")]
    assert broken(exceptions=[waiting | {"contested": False, "contested_by": None}]) == []


def test_who_contests_is_told_from_who_decides_by_name():
    organisations = pl.DataFrame({"organisation_id": ["ORG-1"], "name": ["Steel Agency"]})
    contested = EXCEPTION | {"contested_by": "ORG-1", "contest": "x", "decided_by": "steel  agency"}
    assert broken(exceptions=[contested]) == []
    assert broken(exceptions=[contested], organisations=organisations) == [("E1", "contest")]


def test_comments_are_open_for_as_long_as_a_programme_says():
    assert broken(least_comment_days=30) == []
    assert broken(least_comment_days=31) == [("E1", "comments")]


def test_an_exception_that_breaks_a_rule_lifts_nothing():
    hasty = EXCEPTION | {"decided_on": date(2024, 4, 20)}
    rules, exceptions = table("import_rules", [RULE]), table("exceptions", [hasty])
    sound = sound_exceptions(exceptions, check_import_rules(rules, exceptions, on=ON))
    assert sound.is_empty()
    assert import_status(ITEMS, rules, sound, on=ON)["status"].to_list()[0] == "banned"
    kept = table("exceptions", [EXCEPTION])
    assert sound_exceptions(kept, check_import_rules(rules, kept, on=ON)).equals(kept)


# The test of a domestic equivalent

RATES = RateTable(
    pl.DataFrame(
        {
            "base": ["EUR"],
            "quote": ["USD"],
            "date": [ON],
            "rate": [Decimal("1.25")],
            "rate_type": ["official"],
        }
    )
)
NEED = {
    "need_id": "N1",
    "item_id": "ball",
    "buyer_id": "B1",
    "unit": "KGM",
    "yearly_quantity": Decimal(1000),
    "import_price": Decimal(10),
    "freight_insurance": Decimal(2),
    "incoterm": "FOB",
    "currency": "USD",
}
OFFER = {
    "offer_id": "O1",
    "unit": "TNE",
    "price": Decimal(11_040),
    "currency": "EUR",
    "capacity_per_year": Decimal(1),
    "lead_months": Decimal(6),
}
CANDIDATE = {"need_id": "N1", "offer_id": "O1", "class": "near", "decision": "confirmed"}
BASELINE = {
    "baseline_id": "P1",
    "item_id": "ball",
    "buyer_id": "B1",
    "reference_cif": Decimal(12),
    "currency": "USD",
    "price_date": date(2024, 1, 1),
    "frozen_on": date(2024, 1, 1),
    "until": date(2024, 12, 31),
    "duty": 0.1,
    "unit": "KGM",
}


def judged_by(need=NEED, offer=OFFER, candidate=CANDIDATE, *, baseline=None, tests=None, **more):
    found = equivalence(
        table("needs", [need]),
        table("offers", [offer]),
        table("candidates", [candidate]),
        **({"premium": 0.15, "within_months": 6, "rates": RATES, "currency": "USD"} | more),
        rate_type="official",
        on=ON,
        baselines=baseline and table("baselines", [baseline]),
        qualifications=tests and table("qualifications", tests),
    )
    assert found["criterion"].to_list() == [
        *("class", "price", "delivery", "capacity", "specification")
    ]
    return {row["criterion"]: row for row in found.to_dicts()}, equivalence_verdicts(found).row(
        0, named=True
    )


def verdict(criterion, **changed) -> str:
    return judged_by(**changed)[0][criterion]["verdict"]


def test_an_equivalent_meets_every_criterion_with_its_figures():
    # 11,040 EUR a tonne is 13.80 USD a kilogram: 15 % above 10 + 2 USD, to the cent.
    found, judged = judged_by()
    assert {row["verdict"] for row in found.values()} == {"met"}
    assert judged["verdict"] == "equivalent"
    assert (found["price"]["found"], found["price"]["required"]) == (
        Decimal("13.8"),
        Decimal("13.8"),
    )
    assert (found["capacity"]["found"], found["capacity"]["required"]) == (1, 1)
    assert found["capacity"]["unit"] == "TNE"


@pytest.mark.parametrize(
    ("criterion", "changed", "expected"),
    [
        ("class", {"candidate": CANDIDATE | {"class": "exact"}}, "met"),
        ("class", {"candidate": CANDIDATE | {"class": "could make"}}, "not met"),
        ("class", {"candidate": CANDIDATE | {"class": None}}, "not known"),
        ("price", {"offer": OFFER | {"price": Decimal("11040.01")}}, "not met"),
        ("price", {"premium": 0.149}, "not met"),
        ("price", {"premium": 0.14, "baseline": BASELINE}, "met"),
        (
            "price",
            {"premium": 0.14, "baseline": BASELINE | {"until": date(2024, 6, 30)}},
            "not met",
        ),
        ("price", {"need": NEED | {"freight_insurance": None}}, "not known"),
        ("price", {"need": NEED | {"unit": "H87"}}, "not known"),
        ("price", {"offer": OFFER | {"currency": "JPY"}}, "not known"),
        ("price", {"offer": OFFER | {"price": None}}, "not known"),
        ("delivery", {"within_months": 5.9}, "not met"),
        ("delivery", {"offer": OFFER | {"lead_months": None}}, "not known"),
        ("capacity", {"need": NEED | {"yearly_quantity": Decimal(1001)}}, "not met"),
        ("capacity", {"need": NEED | {"unit": "H87"}}, "not known"),
        ("specification", {"candidate": CANDIDATE | {"decision": None}}, "not known"),
        ("specification", {"candidate": CANDIDATE | {"decision": "rejected"}}, "not met"),
    ],
)
def test_each_criterion_has_its_own_verdict(criterion, changed, expected):
    assert verdict(criterion, **changed) == expected


def test_a_parity_counts_duty_and_names_itself():
    found, _ = judged_by(baseline=BASELINE)
    assert found["price"]["required"] == Decimal("15.18")  # 12 x 1.1 x 1.15
    assert "import parity" in found["price"]["reason"]
    assert "without duty" in judged_by()[0]["price"]["reason"]


def test_the_last_test_of_every_stage_counts():
    test = {"need_id": "N1", "offer_id": "O1", "stage": "sample", "result": "failed"}
    failed = test | {"qualification_id": "Q1", "tested_on": date(2024, 1, 1)}
    passed = test | {"qualification_id": "Q2", "tested_on": date(2024, 2, 1), "result": "passed"}
    field = passed | {"qualification_id": "Q3", "stage": "field test", "result": "pending"}
    unreviewed = CANDIDATE | {"decision": None}
    assert verdict("specification", tests=[failed]) == "not met"
    assert verdict("specification", tests=[passed, failed], candidate=unreviewed) == "met"
    assert verdict("specification", tests=[failed, passed, field]) == "not known"


def test_one_criterion_that_is_not_met_is_enough():
    _, judged = judged_by(premium=0.0, candidate=CANDIDATE | {"decision": None})
    assert judged["verdict"] == "not equivalent"
    assert (judged["not_met"], judged["not_known"]) == ("price", "specification")
    _, judged = judged_by(candidate=CANDIDATE | {"decision": None})
    assert judged["verdict"] == "not known"


def test_a_test_that_cannot_be_is_refused():
    with pytest.raises(AccountError, match=r"0\.15"):
        judged_by(premium=-0.1)
    with pytest.raises(AccountError, match="N1 with O1"):
        equivalence(
            *(table(name, []) for name in ("needs", "offers")),
            table("candidates", [CANDIDATE, CANDIDATE]),
            premium=0.1,
            within_months=1,
            rates=RATES,
            currency="USD",
            rate_type="official",
            on=ON,
        )
