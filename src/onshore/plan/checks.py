"""What must hold between the rows of an instance's tables."""

from __future__ import annotations

import polars as pl

from onshore.plan.columns import Rules, broken

TOLERANCE = 1e-9
"""How far, as a share of itself, a limit may be passed: what binary floats need and no more."""

_OPENED = {"resource": "resource", "maker": "maker", "group": "group"}


def out_of_range(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Name the rows of typed tables that no plan could be made with."""
    candidates, capacity, budgets = (tables[n] for n in ("candidates", "capacity", "budgets"))
    # As long as the fund with the most years: what another lacks is then named.
    horizon: int = budgets.select(pl.len().over("fund").max()).item()
    found = [
        broken("budgets", budgets, _budget_rules(horizon)),
        broken("capacity", capacity, _capacity_rules(horizon)),
        broken("candidates", candidates, _candidate_rules(candidates, budgets, horizon)),
        _without_capacity(candidates, capacity, horizon),
        _in_several_currencies(tables),
    ]
    if "floors" in tables:
        found.append(broken("floors", tables["floors"], _floor_rules(candidates)))
    if "links" in tables:
        found.append(broken("links", tables["links"], _link_rules(candidates)))
    if "openings" in tables:
        found.append(broken("openings", tables["openings"], _opening_rules(candidates)))
    if "fixed" in tables:
        found.append(_wrongly_fixed(tables["fixed"], candidates, horizon))
    return pl.concat(found)


def _budget_rules(horizon: int) -> Rules:
    year = pl.col("year")
    twice = pl.struct("year", "fund").is_duplicated()
    differs = pl.col("discount").min().over("year") != pl.col("discount").max().over("year")
    return [
        ("amount", pl.col("amount") < 0, "it is negative"),
        ("discount", ~(pl.col("discount").is_finite() & (pl.col("discount") > 0)), "not above 0"),
        ("discount", differs & ~twice, "it differs between the funds of the year"),
        ("year", twice, "the year occurs twice"),
        (
            "year",
            ~year.is_between(0, horizon - 1) & ~twice,
            f"years must run 0, 1, 2 ... without a hole; {horizon} rows end with {horizon - 1}",
        ),
        (
            "fund",
            pl.len().over("fund") < horizon,
            f"the fund has no row in some of the {horizon} years; give 0 where it pays nothing",
        ),
    ]


def _capacity_rules(horizon: int) -> Rules:
    return [
        ("amount", pl.col("amount") < 0, "it is negative"),
        ("year", ~pl.col("year").is_between(0, horizon - 1), _outside(horizon)),
        (
            "resource",
            pl.struct("resource", "year").is_duplicated(),
            "the resource occurs twice in this year",
        ),
    ]


def _candidate_rules(candidates: pl.DataFrame, budgets: pl.DataFrame, horizon: int) -> Rules:
    amounts = ("tooling_cost", "use_per_year")
    finite = (*amounts, "annual_saving", "cost_effect")
    share, makers, chance = pl.col("share"), pl.col("max_makers"), pl.col("probability")
    rules = [
        *((n, pl.col(n) < 0, "it is negative") for n in (*amounts, "lead_years", "delay_years")),
        *((name, pl.col(name).is_infinite(), "it is not finite") for name in finite),
        *(
            (name, ~pl.col(name).is_between(0, horizon - 1), _outside(horizon))
            for name in ("opens", "needed_from")
        ),
        ("share", ~((share > 0) & (share <= 1)), "it is not above 0 and up to 1"),
        ("max_makers", makers < 1, "it is below 1"),
        ("probability", ~chance.is_between(0, 1), "it is not between 0 and 1"),
        (
            "share",
            share.is_between(0, 1) & (makers * share > 1 + TOLERANCE),
            "times max_makers it is above 1: more than the need would be supplied",
        ),
        ("share", _differs("share"), "it differs between the rows of the item"),
        ("max_makers", _differs("max_makers"), "it differs between rows of the item"),
        (
            "item",
            pl.struct("item", "maker", "resource").is_duplicated(),
            "the item, maker and resource occur twice",
        ),
    ]
    if candidates["required"].any():
        differs = _differs("required")
        rules.append(("required", differs, "it differs between the rows of the item"))
    funds = budgets["fund"].unique()
    if funds.null_count() == 0:
        no_fund = "it is empty, but the budgets have no rows without a fund"
        rules.append(("fund", pl.col("fund").is_null(), no_fund))
    unknown = pl.col("fund").is_not_null() & ~pl.col("fund").is_in(funds.drop_nulls().implode())
    return [*rules, ("fund", unknown, "the fund is not in the table budgets")]


def _differs(column: str) -> pl.Expr:
    return pl.col(column).min().over("item") != pl.col(column).max().over("item")


def _floor_rules(candidates: pl.DataFrame) -> Rules:
    share, amount = pl.col("floor_share"), pl.col("floor_amount")
    rules: list[tuple[str, pl.Expr, str]] = [
        ("group", pl.col("group").is_duplicated(), "the group occurs twice"),
        ("floor_share", ~share.is_between(0, 1), "it is not between 0 and 1"),
        ("floor_amount", amount < 0, "it is negative"),
        ("floor_amount", amount.is_infinite(), "it is not finite"),
        ("owed", pl.col("owed").is_infinite(), "it is not finite"),
    ]
    # Of several groupings each may ask for the whole.
    if candidates.schema["group"] == pl.String:
        too_much = share.is_between(0, 1).all() & (share.sum() > 1 + TOLERANCE)
        reason = "the floors add up to more than 1: they cannot all be kept"
        rules.append(("floor_share", too_much, reason))
    return rules


def _link_rules(candidates: pl.DataFrame) -> Rules:
    known = candidates["item"].unique().implode()
    ends = pl.concat_list("item", "with_item").list.sort()
    return [
        *(
            (name, ~pl.col(name).is_in(known), "the item is not in the table candidates")
            for name in ("item", "with_item")
        ),
        ("with_item", pl.col("item") == pl.col("with_item"), "the item is linked to itself"),
        (
            "kind",
            ~pl.col("kind").is_in(["together", "exclude"]),
            "it is neither 'together' nor 'exclude'",
        ),
        ("item", pl.struct(ends, "kind").is_duplicated(), "the link occurs twice"),
    ]


def _opening_rules(candidates: pl.DataFrame) -> Rules:
    what, name = pl.col("what"), pl.col("name")
    rules: list[tuple[str, pl.Expr, str]] = [
        ("what", ~what.is_in(list(_OPENED)), "it is not 'resource', 'maker' or 'group'"),
        ("cost", pl.col("cost") < 0, "it is negative"),
        ("cost", pl.col("cost").is_infinite(), "it is not finite"),
        ("name", pl.struct("what", "name").is_duplicated(), "its opening occurs twice"),
    ]
    for kind, column in _OPENED.items():
        values = candidates[column]
        values = values.explode() if values.dtype == pl.List else values
        unknown = (what == kind) & ~name.is_in(values.drop_nulls().unique().implode())
        rules.append(("name", unknown, f"no candidate has this {kind}"))
    return rules


def _wrongly_fixed(fixed: pl.DataFrame, candidates: pl.DataFrame, horizon: int) -> pl.DataFrame:
    known = candidates.select("item", "maker", "resource", "max_makers")
    found = fixed.join(known, on=["item", "maker", "resource"], how="left", maintain_order="left")
    pair_twice = pl.struct("item", "maker").is_duplicated()
    return broken(
        "fixed",
        found,
        [
            (
                "item",
                pl.col("max_makers").is_null(),
                "the item, maker and resource are not a row of the table candidates",
            ),
            ("start_year", ~pl.col("start_year").is_between(0, horizon - 1), _outside(horizon)),
            ("maker", pair_twice, "the maker has two starts of the item"),
            (
                "item",
                pl.struct("item", "maker").n_unique().over("item") > pl.col("max_makers"),
                "it has more fixed starts than max_makers allows",
            ),
        ],
    )


def _without_capacity(
    candidates: pl.DataFrame, capacity: pl.DataFrame, horizon: int
) -> pl.DataFrame:
    years = (
        capacity.filter(pl.col("year").is_between(0, horizon - 1))
        .group_by("resource")
        .agg(known=pl.col("year").n_unique())
    )
    known = candidates.join(years, on="resource", how="left", maintain_order="left")
    known = known.with_columns(pl.col("known").fill_null(0))
    some = f"the resource's capacity is missing in some of the {horizon} years"
    return broken(
        "candidates",
        known,
        [
            ("resource", pl.col("known") == 0, "the resource is not in the table capacity"),
            ("resource", pl.col("known").is_between(1, horizon - 1), some),
        ],
    )


def _in_several_currencies(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    priced = [n for n in ("budgets", "candidates", "floors", "openings") if n in tables]
    said = pl.concat([tables[name]["currency"].unique() for name in priced]).drop_nulls()
    several = ", ".join(said.unique().sort())
    main = tables["budgets"]["currency"].drop_nulls()
    first = (main if len(main) else said)[:1].implode()
    reason = (
        f"the money is in several currencies ({several}): convert all of it into one, at the rate "
        "of a stated date and type (RateTable.convert_column)"
    )
    other = pl.col("currency").is_not_null() & ~pl.col("currency").is_in(first)
    return pl.concat(broken(n, tables[n], [("currency", other, reason)]) for n in priced)


def _outside(horizon: int) -> str:
    return f"it is outside the horizon 0 to {horizon - 1}"
