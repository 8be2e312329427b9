"""What a chain must not be: mass from nothing, gain in a circle, inputs that nobody supplies."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from onshore.chain.columns import Problems, bad_rows, problem
from onshore.chain.conversion import kilograms
from onshore.chain.gains import circle_with_gain
from onshore.chain.tables import ChainSettings, schema

Tables = Mapping[str, pl.DataFrame]

_SLACK = 1 + 1e-6  # rates are written with a few digits


def check_rows(tables: Tables, settings: ChainSettings, problems: Problems) -> None:
    """Note rows that contradict themselves."""
    pooled = tables["commodities"].filter("pooled")["commodity"].implode()
    for table, column, rule, reason, next_step in _RULES:
        _note(tables[table], table, column, rule, reason, next_step, problems)
    no_place = pl.col("place").is_null() & ~pl.col("commodity").is_in(pooled)
    for table in ("demands", "markets", "stocks"):
        next_step = "Name a place, or set pooled = true for the commodity (one balance for all)."
        _note(tables[table], table, "place", no_place, "it names no place", next_step, problems)
    linked = pl.col("commodity").is_in(pooled)
    reason = "this commodity is pooled: it is everywhere without links"
    _note(tables["links"], "links", "commodity", linked, reason, "Take the link out.", problems)
    unknown = pl.col("season").is_not_null() & ~pl.col("season").is_in(list(settings.season_names))
    known = f"Write one of {', '.join(settings.season_names)}, or leave it empty."
    _note(tables["limits"], "limits", "season", unknown, "no such season", known, problems)
    taken = pl.col("project").is_in(tables["assets"]["asset"].implode())
    reason = "an asset has the same key"
    _note(tables["projects"], "projects", "project", taken, reason, "Give it its own.", problems)
    _check_season_shares(tables["demands"], settings, problems)


def _note(
    frame: pl.DataFrame,
    table: str,
    column: str,
    rule: pl.Expr,
    reason: str,
    next_step: str,
    problems: Problems,
) -> None:
    if frame.is_empty():
        return
    bad = frame.select(rule.fill_null(value=False).alias("bad")).to_series()
    if bad.any():
        problems.append(bad_rows(table, frame, column, bad, reason, next_step))


_BOTH_SIGNS = (
    pl.col("group").is_not_null()
    & (pl.col("rate").sign().min().over("process", "group") < 0)
    & (pl.col("rate").sign().max().over("process", "group") > 0)
)
_SHARES = pl.col("share_min").is_not_null() | pl.col("share_max").is_not_null()
_OF = [pl.col(name).is_not_null().cast(pl.Int8) for name in ("process", "commodity", "asset")]
_RULES: tuple[tuple[str, str, pl.Expr, str, str], ...] = (
    ("recipes", "rate", pl.col("rate") == 0, "the rate is 0", "Take the row out, or mend it."),
    (
        "recipes",
        "group",
        _SHARES & pl.col("group").is_null(),
        "shares are told of a row without a group",
        "Name the group whose members replace each other.",
    ),
    (
        "recipes",
        "share_max",
        pl.col("share_min") > pl.col("share_max"),
        "the least share is above the largest",
        "Mend one of them.",
    ),
    (
        "recipes",
        "share_min",
        pl.col("group").is_not_null()
        & (pl.col("share_min").sum().over("process", "group") > _SLACK),
        "the least shares of the group add up to more than 1",
        "Lower them.",
    ),
    (
        "recipes",
        "share_max",
        pl.col("group").is_not_null()
        & (pl.col("share_max").fill_null(1.0).sum().over("process", "group") < 1 / _SLACK),
        "the largest shares of the group add up to less than 1",
        "Raise them: something has to make up the rest.",
    ),
    (
        "recipes",
        "group",
        _BOTH_SIGNS,
        "the group has inputs and outputs",
        "Give inputs (negative) and outputs (positive) groups of their own.",
    ),
    (
        "assets",
        "to_year",
        pl.col("to_year") < pl.col("from_year"),
        "it ends before it begins",
        "Mend one of the years.",
    ),
    ("links", "to", pl.col("from") == pl.col("to"), "it ends where it starts", "Take it out."),
    (
        "stocks",
        "first",
        pl.col("first") > pl.col("capacity"),
        "more is there than there is room for",
        "Raise the capacity or lower first.",
    ),
    (
        "limits",
        "name",
        pl.sum_horizontal(_OF) != 1,
        "a limit is of one process, one commodity or one asset",
        "Fill in one of the three.",
    ),
    (
        "limits",
        "amount",
        pl.col("factor").is_null() == pl.col("amount").is_null(),
        "a limit has either a factor or an amount",
        "Fill in one of the two.",
    ),
    (
        "projects",
        "finish_likely",
        (pl.col("finish_low") > pl.col("finish_likely"))
        | (pl.col("finish_likely") > pl.col("finish_high"))
        | (pl.col("finish_low") > pl.col("finish_high")),
        "the days of finishing are not in order",
        "Let finish_low <= finish_likely <= finish_high.",
    ),
)


def season_shares(text: str) -> list[float]:
    """Read the shares of the year that a demand tells by season."""
    return [float(part) for part in text.split(";")]


def _check_season_shares(
    demands: pl.DataFrame, settings: ChainSettings, problems: Problems
) -> None:
    told = demands["season_share"]
    if told.null_count() == demands.height:
        return
    bad = []
    for text in told:
        try:
            shares = [] if text is None else season_shares(text)
            right = text is None or (
                len(shares) == len(settings.seasons)
                and min(shares) >= 0
                and abs(sum(shares) - 1) < 1e-6
            )
        except ValueError:
            right = False
        bad.append(not right)
    if any(bad):
        reason = "these are not the shares of the seasons"
        next_step = f"Write {len(settings.seasons)} numbers that add up to 1, such as 0.4;0.6."
        rows = pl.Series(bad, dtype=pl.Boolean)
        problems.append(bad_rows("demands", demands, "season_share", rows, reason, next_step))


def with_capacity_rates(tables: Tables, problems: Problems) -> dict[str, pl.DataFrame]:
    """Let each process have a recipe row of what its capacity is counted in, at rate 1."""
    recipes, processes = tables["recipes"], tables["processes"]
    counted = recipes.join(
        processes.select("process", counted="commodity"),
        on="process",
        how="left",
        maintain_order="left",
    )
    own = counted["commodity"] == counted["counted"]
    wrong = own & (((counted["rate"] - 1).abs() > 1e-9) | counted["group"].is_not_null())
    if wrong.any():
        reason = "the capacity is counted in this commodity, so its rate is 1, in no group"
        next_step = "Divide the recipe's rates by it, or count the capacity in another output."
        problems.append(bad_rows("recipes", recipes, "rate", wrong, reason, next_step))
    told = recipes.filter(own)["process"].implode()
    units = tables["commodities"].select("commodity", "unit")
    more = (
        processes.filter(~pl.col("process").is_in(told))
        .join(units, on="commodity", how="left", maintain_order="left")
        .select(
            "process",
            "commodity",
            "unit",
            "source",
            "illustrative",
            rate=pl.lit(1.0),
            per_unit=pl.col("unit"),
        )
    )
    recipes = pl.concat([recipes, more], how="diagonal").select(recipes.columns)
    return {**tables, "recipes": recipes.cast(schema("recipes"))}  # type: ignore[arg-type]


def check_chain(tables: Tables, settings: ChainSettings, problems: Problems) -> list[str]:
    """Note what cannot be of the chain as a whole; give what is only odd."""
    _refuse_mass_from_nothing(tables, problems)
    _refuse_unlike_shares(tables, problems)
    if not problems:
        _refuse_circles(tables, problems)
    warnings = _refuse_unsupplied(tables, problems)
    return warnings + _outside_the_years(tables, settings)


def _refuse_mass_from_nothing(tables: Tables, problems: Problems) -> None:
    """Compare what each process makes with what it takes in, as mass.

    Of a group's inputs the lightest counts, of its outputs the heaviest, so that no allowed mix
    makes mass. Inputs of material that are not told in mass leave the process unchecked.
    """
    commodities = tables["commodities"]
    mass = [kilograms(unit) for unit in commodities["unit"]]
    of = commodities.select("commodity", "kind", kg=pl.Series(mass, dtype=pl.Float64))
    flows = (
        tables["recipes"]
        .join(of, on="commodity", how="left")
        .filter(pl.col("share_max").fill_null(1.0) > 0)
        .with_columns(
            kg=pl.col("kg") * pl.col("rate").abs(),
            takes=pl.col("rate") < 0,
            one=pl.coalesce("group", pl.format("only {}", "commodity")),
            material=(pl.col("kind") == "material") | pl.col("kg").is_not_null(),
        )
        .filter("material")
    )
    sides = (
        flows.group_by("process", "takes", "one")
        .agg(
            least=pl.col("kg").min(),
            most=pl.col("kg").max(),
            untold=pl.col("kg").is_null().any(),
        )
        .group_by("process")
        .agg(
            taken=pl.col("least").filter("takes").sum(),
            made=pl.col("most").filter(~pl.col("takes")).sum(),
            makes=(~pl.col("takes")).any(),
            inputs=pl.col("takes").any(),
            untold=(pl.col("untold") & pl.col("takes")).any(),
        )
    )
    processes = tables["processes"]
    judged = processes.join(sides, on="process", how="left", maintain_order="left").with_columns(
        nothing=pl.col("makes") & ~pl.col("inputs"),
        more=pl.col("inputs") & ~pl.col("untold") & (pl.col("made") > pl.col("taken") * _SLACK),
    )
    bad = judged.filter((pl.col("nothing") | pl.col("more")) & ~pl.col("from_nature"))
    for row in bad.iter_rows(named=True):
        told = f"{row['made']:.6g} kg come of {row['taken'] or 0:.6g} kg"
        if row["nothing"]:
            told = "it takes in no material"
        at = pl.Series(processes["process"] == row["process"])
        problems.append(
            bad_rows(
                "processes",
                processes,
                "",
                at,
                f"its recipe makes mass from nothing: {told}",
                "Tell all that it takes in, mend the rates, or set from_nature = true (a mine).",
            )
        )


def _refuse_unlike_shares(tables: Tables, problems: Problems) -> None:
    """Refuse shares of a total that cannot be added up."""
    recipes = tables["recipes"]
    told = recipes.filter(_SHARES).select("process", "group").unique()
    if told.is_empty():
        return
    unit_kg = {u: kilograms(u) for u in recipes["unit"].unique().drop_nulls()}
    like = pl.col("unit").replace_strict(
        {u: "mass" if kg else u for u, kg in unit_kg.items()}, return_dtype=pl.String
    )
    unlike = (
        recipes.filter(pl.col("group").is_not_null())
        .with_columns(like=like)
        .join(told, on=["process", "group"])
        .group_by("process", "group")
        .agg(n=pl.col("like").n_unique())
        .filter(pl.col("n") > 1)
    )
    for process, group, _ in unlike.iter_rows():
        at = ((recipes["process"] == process) & (recipes["group"] == group)).fill_null(value=False)
        reason = "shares are told of a group whose members are measured in unlike units"
        next_step = "Tell them all in mass, or take the shares out."
        problems.append(bad_rows("recipes", recipes, "unit", at, reason, next_step))


def _refuse_circles(tables: Tables, problems: Problems) -> None:
    gain = circle_with_gain(tables["recipes"], tables["processes"])
    if gain is None:
        return
    names, gained = gain
    if len(names) == 1:
        told = f"{names[0]} makes more {gained} than it takes in"
    else:
        told = f"{', '.join(names[:-1])} and {names[-1]} feed each other and gain {gained}"
    reason = f"processes gain by running in a circle: {told} without any other input"
    next_step = "Mend the rates, or tell what else they take in."
    problems.append(problem("recipes", "rate", reason, next_step, key=", ".join(names)))


def _refuse_unsupplied(tables: Tables, problems: Problems) -> list[str]:
    """Refuse what is needed and that nobody makes or imports; warn of alternatives like that."""
    run = pl.concat([tables["assets"].select("process"), tables["projects"].select("process")])
    recipes = tables["recipes"].join(run.unique(), on="process", how="semi", maintain_order="left")
    supplied = pl.concat(
        [
            recipes.filter(pl.col("rate") > 0)["commodity"],
            tables["markets"].filter(direction="import")["commodity"],
            tables["stocks"].filter(pl.col("first") > 0)["commodity"],
        ]
    ).implode()
    lacking = recipes.filter((pl.col("rate") < 0) & ~pl.col("commodity").is_in(supplied))
    some = (
        recipes.filter(pl.col("group").is_not_null())
        .group_by("process", "group")
        .agg(some=pl.col("commodity").is_in(supplied).any())
    )
    lacking = lacking.join(some, on=["process", "group"], how="left", maintain_order="left")
    needed = ~pl.col("some").fill_null(value=False) | (pl.col("share_min") > 0)
    _note_unsupplied("recipes", lacking.filter(needed), "process", problems)
    asked = tables["demands"].filter(~pl.col("commodity").is_in(supplied), pl.col("amount") > 0)
    _note_unsupplied("demands", asked, "place", problems)
    warnings = [
        f"{process} may take in {commodity}, which nobody makes or imports: it takes others of "
        f"{group}."
        for process, commodity, group in lacking.filter(~needed.fill_null(value=False))
        .select("process", "commodity", "group")
        .unique(maintain_order=True)
        .iter_rows()
    ]
    sold = tables["markets"].filter(
        pl.col("direction") == "export", ~pl.col("commodity").is_in(supplied)
    )
    warnings += [
        f"the market {name} exports {commodity}, which nobody makes or imports."
        for name, commodity in sold.select("market", "commodity").unique(maintain_order=True).rows()
    ]
    return warnings


def _note_unsupplied(table: str, rows: pl.DataFrame, by: str, problems: Problems) -> None:
    wanted = rows.group_by("commodity", maintain_order=True).agg(pl.col(by).unique().sort())
    for commodity, users in wanted.iter_rows():
        told = ", ".join(str(user) for user in users[:5] if user)
        verb = "takes it in" if table == "recipes" else "asks for it"
        reason = f"nobody makes or imports {commodity}, and {told or 'a demand'} {verb}"
        next_step = "Add an asset whose process makes it, or an import market."
        problems.append(problem(table, "commodity", reason, next_step, key=commodity))


def _outside_the_years(tables: Tables, settings: ChainSettings) -> list[str]:
    warnings = []
    for table in ("demands", "markets", "limits", "budgets"):
        frame = tables[table]
        outside = frame.filter(~pl.col("year").is_in(list(settings.years)))
        if not outside.is_empty():
            years = ", ".join(str(y) for y in outside["year"].unique().sort()[:5])
            warnings.append(
                f"{table}: {outside.height} row{'s are' if outside.height > 1 else ' is'} of years "
                f"that the chain does not tell ({years}), not used."
            )
    return warnings
