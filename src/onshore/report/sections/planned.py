"""What should be localized first: the plan, how near it is to the best possible, what binds."""

import math

import polars as pl

from onshore.figures import Basis
from onshore.report import charts
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.edition import Edition
from onshore.report.totals import with_total

_MATCHES = ("exact", "near", "could make", "confirmed")
_TOP_ROWS = 25
_TOP_LIMITS = 15


def planned(edition: Edition) -> Section:
    """Show the plan: its worth and bound, by year, province and class, its largest rows."""
    say = edition.say
    plan = edition.results.plan
    rows = plan_rows(edition)
    if rows.is_empty():
        return Section(
            key="plan",
            title=say("plan.title_empty"),
            lead=_empty_lead(edition),
            name=say("plan.name"),
            tables=_limit_tables(edition),
        )
    exact = plan.gap <= 1e-6
    return Section(
        key="plan",
        title=say(
            "plan.title_best" if exact else "plan.title_gap",
            saving=edition.amount(plan.objective),
            years=edition.number(edition.settings.years),
            gap=_gap(edition),
        ),
        lead=_lead(edition, rows),
        name=say("plan.name"),
        headlines=_headlines(edition, rows),
        charts=(_tooling_chart(edition, rows), _class_chart(edition, rows)),
        tables=(
            _match_table(edition, rows),
            _year_table(edition, rows),
            _province_table(edition, rows),
            _row_table(edition, rows),
            *_limit_tables(edition),
        ),
        notes=(
            *_no_limits_note(edition),
            say("plan.note_basis"),
            say("plan.note_discount", rate=_discount(edition)),
        ),
    )


def _empty_lead(edition: Edition) -> str:
    if edition.results.left_out.is_empty():
        return edition.say("plan.lead_empty")
    return edition.say("plan.lead_empty_why", section=edition.say("left.name"))


def _lead(edition: Edition, rows: pl.DataFrame) -> str:
    """Say how many starts there are and what kind of match their saving rests on."""
    say = edition.say
    whole = float(rows["expected_saving"].sum() or 0)
    rests = [
        say(f"plan.rests_{kind.replace(' ', '_')}", share=edition.percent(saving / whole))
        for kind, _, saving in _by_match(rows).iter_rows()
        if whole
    ]
    starts = say(
        "plan.lead",
        starts=edition.count("plan.starts", rows.height),
        needs=edition.count("plan.of_needs", edition.needs.height),
        tooling=edition.amount(rows["tooling_cost"].sum()),
    )
    rest = say("plan.rests", parts=edition.listed(rests)) if rests else ""
    return " ".join(filter(None, (starts, rest, say("plan.aim"))))


def _by_match(rows: pl.DataFrame) -> pl.DataFrame:
    """Sum the plan by the class of match it rests on: ``match``, ``starts``, ``saving``."""
    return (
        rows.group_by("match")
        .agg(pl.len().alias("starts"), pl.col("expected_saving").cast(pl.Float64).sum())
        .sort(pl.col("match").cast(pl.Enum(_MATCHES)))
    )


def _match_table(edition: Edition, rows: pl.DataFrame) -> Table:
    say = edition.say
    frame = _by_match(rows)
    whole = frame["expected_saving"].sum()
    unit = edition.unit([whole])
    frame = frame.select(
        pl.Series("match", [_match(edition, kind) for kind in frame["match"]], pl.String),
        "starts",
        unit.of("expected_saving"),
        (pl.col("expected_saving") / whole if whole else pl.lit(None, pl.Float64)).alias("share"),
    )
    return Table(
        title=say("plan.match_table"),
        columns=(
            Column("match", say("column.match"), "class"),
            Column("starts", say("column.starts"), "whole"),
            Column("expected_saving", say("column.saving"), "money", unit.name, unit.decimals),
            Column("share", say("column.saving_share"), "share"),
        ),
        frame=with_total(frame, "match", say("word.total")),
        total=True,
        note=say("plan.match_note"),
    )


def _match(edition: Edition, kind: str) -> str:
    return edition.say(f"match.{kind.replace(' ', '_')}")


def plan_rows(edition: Edition) -> pl.DataFrame:
    """Return the plan with its needs' facts, its makers' provinces and the class of each match.

    A pair that no ranking holds stands in the plan because a reviewer confirmed it.
    """
    needs = edition.needs.select(
        "need_id", "description", "buyer_id", "class", "sector", "withheld"
    )
    matches = edition.results.matches.select(
        "need_id", "offer_id", pl.col("class").replace("none", None).alias("match")
    ).unique(["need_id", "offer_id"])
    return (
        edition.results.plan_table.join(needs, on="need_id", how="left")
        .join(matches, on=["need_id", "offer_id"], how="left")
        .with_columns(pl.col("match").fill_null("confirmed"))
        .join(edition.makers, on="maker_id", how="left")
        .sort(
            "expected_saving",
            "need_id",
            "offer_id",
            descending=[True, False, False],
            nulls_last=True,
        )
    )


def _discount(edition: Edition) -> str:
    return edition.percent(edition.settings.discount_rate, 1)


def _gap(edition: Edition) -> str:
    gap = edition.results.plan.gap
    if math.isinf(gap):
        return edition.say("plan.gap_unknown")
    # Rounded up: a gap is a promise, and 0.1 must not be promised as 0.0.
    decimals = 1 if gap >= 0.001 else 2 if gap >= 0.0001 else 4
    scale = 10 ** (decimals + 2)
    return edition.percent(math.ceil(gap * scale - 1e-9) / scale, decimals)


def _headlines(edition: Edition, rows: pl.DataFrame) -> tuple[Headline, ...]:
    say, plan = edition.say, edition.results.plan
    budget = _budget_by_year(edition)
    spent = rows["tooling_cost"].sum() or 0
    exact = plan.gap <= 1e-6
    return (
        Headline(
            label=say("plan.saving"),
            value=edition.amount(plan.objective),
            basis=Basis.TARGET,
            note=say(
                "plan.saving_note_best" if exact else "plan.saving_note_gap",
                bound=edition.amount(plan.bound),
                gap=_gap(edition),
            ),
        ),
        Headline(
            label=say("plan.makers"),
            value=edition.number(rows["maker_id"].n_unique()),
            basis=Basis.TARGET,
            note=_makers_note(edition, rows),
        ),
        Headline(
            label=say("plan.tooling"),
            value=edition.amount(spent),
            basis=Basis.TARGET,
            note=say("plan.tooling_note", budget=edition.amount(sum(budget.values())))
            if budget
            else say("plan.no_limit"),
        ),
    )


def _makers_note(edition: Edition, rows: pl.DataFrame) -> str:
    provinces = rows["province"].drop_nulls().n_unique()
    if not provinces:
        return edition.say("plan.makers_nowhere")
    return edition.say("plan.makers_note", provinces=edition.count("plan.provinces", provinces))


def _horizon(edition: Edition) -> range:
    first = edition.settings.first_year
    return range(first, first + edition.settings.years)


def _budget_by_year(edition: Edition) -> dict[int, float]:
    """Return what may be spent in each year; a year without a limit is not in it."""
    limits = edition.results.limits.filter(
        (pl.col("kind") == "budget") & pl.col("limit").is_finite()
    )
    first = edition.settings.first_year
    return {first + year: limit for year, limit in limits.select("year", "limit").iter_rows()}


def _tooling_chart(edition: Edition, rows: pl.DataFrame) -> Chart:
    say = edition.say
    spent = dict(
        rows.group_by("start_year").agg(pl.col("tooling_cost").cast(pl.Float64).sum()).iter_rows()
    )
    budget = _budget_by_year(edition)
    unit = edition.unit([*spent.values(), *budget.values()])
    size = float(unit.size)
    columns = [
        charts.Column(
            label=edition.year(year),
            value=spent.get(year, 0.0) / size,
            shown=edition.number(spent.get(year, 0.0) / size, 1),
            limit=budget[year] / size if year in budget else None,
            limit_shown=edition.number(budget.get(year, 0.0) / size, 1),
        )
        for year in _horizon(edition)
    ]
    most = max(_horizon(edition), key=lambda year: spent.get(year, 0.0))
    title = say("plan.tooling_title", year=edition.year(most), amount=edition.amount(spent[most]))
    return Chart(
        title=title,
        svg=charts.columns("plan-tooling", columns, paint="outline-1", alt=title, rtl=edition.rtl),
        alt=title,
        foot=say("plan.tooling_foot" if budget else "plan.tooling_foot_free", unit=unit.name),
    )


def _class_chart(edition: Edition, rows: pl.DataFrame) -> Chart:
    say = edition.say
    by_class = (
        rows.group_by("class")
        .agg(pl.col("expected_saving").cast(pl.Float64).sum(), pl.len().alias("starts"))
        .sort("expected_saving", "class", descending=[True, False], nulls_last=True)
    )
    unit = edition.unit(by_class["expected_saving"])
    bars = [
        charts.Bar(
            label=_class(edition, item_class),
            segments=(charts.Segment(saving, "outline-1"),),
            shown=edition.number(saving / float(unit.size), unit.decimals),
            note=edition.count("plan.starts", starts),
        )
        for item_class, saving, starts in by_class.iter_rows()
    ]
    top, saving, _ = by_class.row(0)
    title = say(
        "plan.class_title",
        item_class=_class(edition, top),
        share=edition.percent(saving / by_class["expected_saving"].sum()),
    )
    return Chart(
        title=title,
        svg=charts.bars("plan-class", bars, alt=title, rtl=edition.rtl),
        alt=title,
        foot=say("plan.class_foot", unit=unit.name),
    )


def _class(edition: Edition, item_class: str | None) -> str:
    return edition.name("item class", item_class) if item_class else edition.say("plan.no_class")


def _year_table(edition: Edition, rows: pl.DataFrame) -> Table:
    say = edition.say
    starts = rows.group_by("start_year").agg(
        pl.len().alias("starts"),
        pl.col("tooling_cost", "expected_saving").cast(pl.Float64).sum(),
    )
    begun = rows.group_by("first_production_year").agg(pl.len().alias("begun"))
    budget = _budget_by_year(edition)
    years = pl.DataFrame(
        {
            "year": list(_horizon(edition)),
            "shown_year": [str(year) for year in _horizon(edition)],
            "budget": [budget.get(year) for year in _horizon(edition)],
        },
        schema={"year": pl.Int64, "shown_year": pl.String, "budget": pl.Float64},
    )
    frame = (
        years.join(starts, left_on="year", right_on="start_year", how="left")
        .join(begun, left_on="year", right_on="first_production_year", how="left")
        .sort("year")
        .drop("year")
        .with_columns(pl.exclude("shown_year", "budget").fill_null(0))
    )
    unit = edition.unit(frame["expected_saving"])
    cost = edition.unit([*frame["tooling_cost"], *frame["budget"]])
    frame = frame.with_columns(unit.of("expected_saving"), cost.of("tooling_cost", "budget"))
    return Table(
        title=say("plan.year_table"),
        columns=(
            Column("shown_year", say("column.year"), "year"),
            Column("starts", say("column.starts"), "whole"),
            Column("begun", say("column.begun"), "whole"),
            Column("tooling_cost", say("column.tooling"), "money", cost.name, cost.decimals),
            *(
                (Column("budget", say("column.budget"), "money", cost.name, cost.decimals),)
                if budget
                else ()
            ),
            Column("expected_saving", say("column.saving"), "money", unit.name, unit.decimals),
        ),
        frame=with_total(frame, "shown_year", say("word.total")),
        total=True,
        note=say("plan.year_note")
        if budget
        else " ".join((say("plan.no_limit"), say("plan.year_note_free"))),
    )


def _province_table(edition: Edition, rows: pl.DataFrame) -> Table:
    say = edition.say
    phases = dict(edition.table("places").select("place_id", "phase").iter_rows())
    frame = (
        rows.group_by("province")
        .agg(
            pl.len().alias("starts"),
            pl.col("maker_id").n_unique().alias("makers"),
            pl.col("tooling_cost", "expected_saving").cast(pl.Float64).sum(),
        )
        .sort("expected_saving", "province", descending=[True, False], nulls_last=True)
    )
    unit = edition.unit(frame["expected_saving"])
    cost = edition.unit(frame["tooling_cost"])
    frame = frame.with_columns(
        unit.of("expected_saving"),
        cost.of("tooling_cost"),
        pl.Series("phase", [phases.get(code) for code in frame["province"]], dtype=pl.Int64),
        pl.Series(
            "province",
            [edition.place(code) if code else say("plan.no_place") for code in frame["province"]],
            dtype=pl.String,
        ),
    )
    # A maker stands in one province, so makers add up; phases are names, not amounts.
    total = with_total(frame.drop("phase"), "province", say("word.total"))
    return Table(
        title=say("plan.province_table"),
        columns=(
            Column("province", say("column.province")),
            Column("phase", say("column.phase"), "whole"),
            Column("starts", say("column.starts"), "whole"),
            Column("makers", say("column.makers"), "whole"),
            Column("tooling_cost", say("column.tooling"), "money", cost.name, cost.decimals),
            Column("expected_saving", say("column.saving"), "money", unit.name, unit.decimals),
        ),
        frame=total.with_columns(pl.Series("phase", [*frame["phase"], None], dtype=pl.Int64)),
        total=True,
    )


def _row_table(edition: Edition, rows: pl.DataFrame) -> Table:
    say = edition.say
    unit = edition.unit(rows["expected_saving"])
    cost = edition.unit(rows["tooling_cost"])
    withheld = say("needs.withheld")
    frame = rows.select(
        "need_id",
        pl.when("withheld").then(pl.lit(withheld)).otherwise("description").alias("description"),
        pl.Series("buyer", [edition.organisation(key) for key in rows["buyer_id"]], pl.String),
        pl.Series("maker", [edition.organisation(key) for key in rows["maker_id"]], pl.String),
        pl.Series(
            "province",
            [edition.place(code) if code else "" for code in rows["province"]],
            dtype=pl.String,
        ),
        pl.Series("match", [_match(edition, kind) for kind in rows["match"]], pl.String),
        "start_year",
        "first_production_year",
        cost.of("tooling_cost"),
        unit.of("expected_saving"),
        "risk",
    )
    columns = [
        Column("need_id", say("column.need"), "code"),
        Column("description", say("column.description")),
        Column("buyer", say("column.buyer")),
        Column("maker", say("column.maker")),
        Column("province", say("column.province")),
        Column("match", say("column.match"), "class"),
        Column("start_year", say("column.start"), "year"),
        Column("first_production_year", say("column.production"), "year"),
        Column("tooling_cost", say("column.tooling"), "money", cost.name, cost.decimals),
        Column("expected_saving", say("column.saving"), "money", unit.name, unit.decimals),
    ]
    if rows["risk"].is_not_null().any():
        columns.append(Column("risk", say("column.risk"), "share"))
    return Table(
        title=say("plan.row_table"),
        columns=tuple(columns),
        frame=frame,
        note=say("plan.row_note"),
        shown=_TOP_ROWS,
    )


def _no_limits_note(edition: Edition) -> tuple[str, ...]:
    limits = edition.results.limits
    if limits.is_empty() or limits["binding"].any():
        return ()
    return (edition.say("plan.limits_none"),)


def _limit_tables(edition: Edition) -> tuple[Table, ...]:
    """Show the limits that keep a better start out, the most used first."""
    say = edition.say
    binding = edition.results.limits.filter("binding")
    if binding.is_empty():
        return ()
    first = edition.settings.first_year
    order = {"budget": 0, "capacity": 1, "floor": 2}
    makers = {
        offer: edition.say("limit.offer", offer=offer, maker=edition.organisation(maker))
        for offer, maker in edition.table("offers").select("offer_id", "maker_id").iter_rows()
    }
    binding = binding.sort(
        pl.col("kind").replace_strict(order, default=3, return_dtype=pl.Int64), "year", "name"
    )
    frame = binding.select(
        pl.Series("kind", [say(f"limit.{kind}") for kind in binding["kind"]], pl.String),
        pl.Series(
            "name",
            [makers.get(key, key) if key else "" for key in binding["name"]],
            dtype=pl.String,
        ),
        (pl.col("year") + first).alias("year"),
        pl.col("used", "limit"),
        (pl.col("used") / pl.col("limit")).alias("share"),
    )
    return (
        Table(
            title=edition.count("limit.title", binding.height),
            columns=(
                Column("kind", say("column.limit")),
                Column("name", say("column.limit_name")),
                Column("year", say("column.year"), "year"),
                Column("used", say("column.used"), "number"),
                Column("limit", say("column.limit_amount"), "number"),
                Column("share", say("column.used_share"), "share", decimals=1),
            ),
            frame=frame,
            note=say("limit.note", currency=edition.currency(edition.settings.currency)),
            shown=_TOP_LIMITS,
        ),
    )
