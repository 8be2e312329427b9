"""Awards, provinces and meetings against every choice there is."""

import itertools
import random
from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.plan import PlanError
from onshore.plan.awards import award_projects
from onshore.plan.meetings import schedule_meetings
from onshore.plan.provinces import choose_provinces

SEEDS = st.integers(0, 2**32)


def subsets(rows):
    return itertools.chain.from_iterable(
        itertools.combinations(rows, size) for size in range(len(rows) + 1)
    )


def agree(solve, best):
    """The best choice is found and bounded, or that there is none is said."""
    if best is None:
        with pytest.raises(PlanError, match="no choice keeps all limits"):
            solve()
        return None
    found = solve()
    assert found.objective == pytest.approx(best, abs=1e-6)
    assert found.bound == pytest.approx(best, rel=1e-6, abs=1e-6)
    over = found.limits.filter(
        (pl.col("used") > pl.col("most") + 1e-6) | (pl.col("used") < pl.col("least") - 1e-6)
    )
    assert over.is_empty()
    return found


@settings(max_examples=35)
@given(SEEDS)
def test_awards_are_the_best_of_all_sets_of_projects(seed):
    dice = random.Random(seed)
    projects = [
        {
            "project": f"P{at}",
            "firm": dice.choice("ABC"),
            "field": dice.choice(["steel", "water"]),
            "cost": float(dice.randint(0, 20)),
            "score": float(dice.randint(0, 50)),
        }
        for at in range(7)
    ]
    fund = float(dice.randint(5, 60))
    firms = {"firm": ["A"], "most_projects": [dice.choice([None, 1])], "most_amount": [20.0]}
    field = {
        "field": ["water"],
        "least_projects": [dice.choice([0, 1, 2])],
        "least_amount": [dice.choice([None, 10.0])],
        "most_amount": [dice.choice([None, 30.0])],
    }
    known = {row["firm"] for row in projects}, {row["field"] for row in projects}
    pairs = [dice.sample([row["project"] for row in projects], 2) for _ in range(2)]

    def keeps(chosen) -> bool:
        own = [row for row in chosen if row["firm"] == "A"]
        water = [row for row in chosen if row["field"] == "water"]
        names = {row["project"] for row in chosen}
        spent = sum(row["cost"] for row in water)
        return (
            sum(row["cost"] for row in chosen) <= fund
            and len(own) <= (firms["most_projects"][0] or 9)
            and sum(row["cost"] for row in own) <= 20
            and len(water) >= field["least_projects"][0]
            and (field["least_amount"][0] or 0) <= spent <= (field["most_amount"][0] or 999)
            and not any(set(pair) <= names for pair in pairs)
        )

    if "A" not in known[0] or "water" not in known[1]:
        return
    scores = [sum(row["score"] for row in c) for c in subsets(projects) if keeps(c)]
    agree(
        partial(
            award_projects,
            pl.DataFrame(projects),
            fund,
            firms=pl.DataFrame(firms, schema_overrides={"most_projects": pl.Int64}),
            fields=pl.DataFrame(field, schema_overrides={"least_amount": pl.Float64}),
            exclusions=pl.DataFrame(pairs, schema=["project", "with_project"], orient="row"),
        ),
        max(scores, default=None),
    )


@settings(max_examples=35)
@given(SEEDS)
def test_provinces_are_the_best_of_all_sets_that_keep_their_needs(seed):
    dice = random.Random(seed)
    names = [f"R{at}" for at in range(7)]
    rows = [
        {"province": n, "benefit": float(dice.randint(0, 20)), "cost": float(dice.randint(0, 9))}
        for n in names
    ]
    budget, most = float(dice.randint(5, 30)), dice.choice([None, 2, 4])
    covers = [
        {"province": n, "what": dice.choice(["east", "west"]), "amount": dice.randint(1, 5)}
        for n in names
    ]
    least = {"what": ["east", "west"], "least": [dice.randint(0, 8), dice.randint(0, 8)]}
    needs = [dice.sample(names, 2) for _ in range(2)]
    opened = dice.sample(names, dice.choice([0, 1]))

    def keeps(chosen) -> bool:
        all_open = {row["province"] for row in chosen} | set(opened)
        covered = {
            what: sum(
                c["amount"] for c in covers if c["what"] == what and c["province"] in all_open
            )
            for what in least["what"]
        }
        return (
            sum(row["cost"] for row in chosen) <= budget
            and len(chosen) <= (99 if most is None else most)
            and all(covered[w] >= n for w, n in zip(*least.values(), strict=True))
            and all(b in all_open for a, b in needs if a in all_open and a not in opened)
        )

    closed = [row for row in rows if row["province"] not in opened]
    benefits = [sum(row["benefit"] for row in c) for c in subsets(closed) if keeps(c)]
    found = agree(
        partial(
            choose_provinces,
            pl.DataFrame(rows),
            budget,
            most=most,
            coverage=pl.DataFrame(covers),
            floors=pl.DataFrame(least),
            needs=pl.DataFrame(needs, schema=["province", "needs"], orient="row"),
            opened=opened,
        ),
        max(benefits, default=None),
    )
    if found is not None:
        assert keeps(found.chosen.to_dicts())


@settings(max_examples=35)
@given(SEEDS)
def test_schedules_are_the_best_of_all_sets_of_meetings(seed):
    dice = random.Random(seed)
    buyers, makers, slots = ["b1", "b2"], ["m1", "m2", "m3"], ["s1", "s2"]
    pairs = dice.sample(list(itertools.product(buyers, makers)), 4)
    wishes = {pair: float(dice.randint(1, 9)) for pair in pairs}
    away = {("buyer", "b1", dice.choice(slots)), ("maker", dice.choice(makers), dice.choice(slots))}
    least = {name: dice.choice([None, None, 1]) for name in buyers + makers}
    most = {name: dice.choice([None, 1, 2]) for name in buyers + makers}
    tables = [dice.choice([None, 1]), None]
    meetings = [
        (b, m, s)
        for b, m in pairs
        for s in slots
        if ("buyer", b, s) not in away and ("maker", m, s) not in away
    ]

    def keeps(chosen) -> bool:
        def held(*parts) -> int:
            return sum(1 for meeting in chosen if set(parts) <= set(meeting))

        return (
            all(held(*pair) <= 1 for pair in pairs)
            and all(held(name, s) <= 1 for name in buyers + makers for s in slots)
            and all((least[n] or 0) <= held(n) <= (most[n] or 9) for n in least)
            and all(held(s) <= (9 if t is None else t) for s, t in zip(slots, tables, strict=True))
        )

    def party(kind: str, names: list[str]) -> pl.DataFrame:
        ends = {"least": [least[n] for n in names], "most": [most[n] for n in names]}
        whole = dict.fromkeys(ends, pl.Int64)
        return pl.DataFrame({kind: names, **ends}, schema_overrides=whole)

    sums = [sum(wishes[b, m] for b, m, _ in c) for c in subsets(meetings) if keeps(c)]
    found = agree(
        partial(
            schedule_meetings,
            pl.DataFrame(
                [(b, m, w) for (b, m), w in wishes.items()],
                schema=["buyer", "maker", "wish"],
                orient="row",
            ),
            party("buyer", buyers),
            party("maker", makers),
            pl.DataFrame({"slot": slots, "tables": tables}, schema_overrides={"tables": pl.Int64}),
            unavailable=pl.DataFrame(sorted(away), schema=["party", "name", "slot"], orient="row"),
        ),
        max(sums, default=None),
    )
    if found is not None:
        assert keeps(found.chosen.select("buyer", "maker", "slot").rows())


PROJECT = {"project": ["P"], "firm": ["A"], "field": ["steel"], "cost": [3.0], "score": [1.0]}
PROVINCE = {"province": ["R"], "benefit": [1.0], "cost": [1.0]}
MEETING = {"buyer": ["b"], "maker": ["m"], "wish": [1.0]}
frame = pl.DataFrame


def meet(requests=MEETING, buyer=None, slot=None, **more):
    return schedule_meetings(
        frame(requests),
        frame({"buyer": ["b"], **(buyer or {})}),
        frame({"maker": ["m"]}),
        frame({"slot": ["s"], **(slot or {})}),
        **more,
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: award_projects(frame({**PROJECT, "cost": [-3.0]}), 9.0), "row 1, column cost"),
        (lambda: award_projects(frame({**PROJECT, "score": ["x"]}), 9.0), "column score: no fin"),
        (lambda: award_projects(frame({**PROJECT, "firm": [" "]}), 9.0), "column firm: it is emp"),
        (lambda: award_projects(pl.concat([frame(PROJECT)] * 2), 9.0), "row 2.*occurs twice"),
        (lambda: award_projects(frame(PROJECT).drop("field"), 9.0), "no column field"),
        (lambda: award_projects(frame(PROJECT), -1.0), "fund: -1.0"),
        (
            lambda: award_projects(frame(PROJECT), 9.0, firms=frame({"firm": ["B"]})),
            "firms, row 1, column firm: it is not in the table projects",
        ),
        (
            lambda: award_projects(
                frame(PROJECT), 9.0, exclusions=frame({"project": ["P"], "with_project": ["P"]})
            ),
            "excludes itself",
        ),
        (
            lambda: award_projects(
                frame(PROJECT), 2.0, fields=frame({"field": ["steel"], "least_amount": [3.0]})
            ),
            "field amount steel: at least 3 is asked for, 0 can be reached",
        ),
        (lambda: choose_provinces(frame({**PROVINCE, "benefit": [None]}), 1.0), "column benefit"),
        (lambda: choose_provinces(frame(PROVINCE), float("nan")), "budget: nan"),
        (lambda: choose_provinces(frame(PROVINCE), 1.0, most=-1), "most: -1"),
        (
            lambda: choose_provinces(
                frame(PROVINCE), 1.0, needs=frame({"province": ["R"], "needs": ["Q"]})
            ),
            "needs, row 1, column needs: it is not in the table provinces",
        ),
        (
            lambda: choose_provinces(
                frame(PROVINCE), 1.0, floors=frame({"what": ["east"], "least": [1.0]})
            ),
            "no table coverage",
        ),
        (lambda: meet({**MEETING, "wish": [0.0]}), "requests, row 1, column wish"),
        (lambda: meet({**MEETING, "maker": ["x"]}), "it is not in the table makers"),
        (lambda: meet(buyer={"least": [1.5]}), "buyers, row 1, column least: it is not a whole"),
        (lambda: meet(buyer={"least": [2], "most": [1]}), "it is below the least"),
        (lambda: meet(slot={"tables": [-1]}), "slots, row 1, column tables: it is negative"),
        (
            lambda: meet(unavailable=frame({"party": ["host"], "name": ["b"], "slot": ["s"]})),
            "neither 'buyer' nor 'maker'",
        ),
        (
            lambda: meet(unavailable=frame({"party": ["buyer"], "name": ["m"], "slot": ["s"]})),
            "it is not in the table buyers",
        ),
        (lambda: meet(buyer={"least": [2]}), "buyer b: at least 2 is asked for, 1 can be reached"),
        (lambda: meet(gap=-1.0), "gap: -1.0"),
        (lambda: meet(seconds=0.0), "seconds: 0.0"),
    ],
)
def test_what_cannot_be_chosen_from_is_named(call, said):
    with pytest.raises(PlanError, match=f"(?s){said}"):
        call()


def test_empty_tables_give_an_empty_choice():
    none = award_projects(frame(PROJECT).clear(), 5.0)
    assert (none.chosen.height, none.objective, none.gap, none.status) == (0, 0.0, 0.0, "optimal")
    assert none.limits.row(0) == ("fund", "fund", 0.0, None, 5.0)
    assert choose_provinces(frame(PROVINCE).clear(), 5.0).objective == 0.0
    assert meet(frame(MEETING).clear()).objective == 0.0


def test_a_fund_of_trillions_of_rials_is_kept_to_the_million():
    def chosen(cost: float) -> list[str]:
        rows = {"project": ["P1", "P2"], "firm": ["A", "B"], "field": ["steel"] * 2}
        return (
            award_projects(frame({**rows, "cost": [20e12, cost], "score": [2.0, 1.0]}), 40e12)
            .chosen["project"]
            .to_list()
        )

    assert chosen(20e12) == ["P1", "P2"]
    assert chosen(20e12 + 1e6) == ["P1"]


def test_a_floor_that_two_limits_share_is_named_with_what_can_be_reached():
    provinces = frame({"province": ["Q", "R"], "benefit": [1.0, 1.0], "cost": [2.0, 2.0]})
    covers = frame({"province": ["Q", "R"], "what": ["east", "west"], "amount": [4.0, 6.0]})
    floors = frame({"what": ["east", "west"], "least": [4.0, 3.0]})
    with pytest.raises(PlanError) as caught:
        choose_provinces(provinces, 2.0, coverage=covers, floors=floors)
    assert str(caught.value).count("is asked for, 0 can be reached") == 1
    assert choose_provinces(provinces, 4.0, coverage=covers, floors=floors).objective == 2.0
    opened = choose_provinces(provinces, 2.0, coverage=covers, floors=floors, opened=["Q"])
    assert opened.chosen["province"].to_list() == ["R"]
