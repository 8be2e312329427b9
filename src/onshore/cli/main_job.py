"""The main job: match, plan, account, report, each from the tables of the step before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from onshore.cli.console import step

if TYPE_CHECKING:
    from onshore.plan import Plan, Valued
    from onshore.records import Programme
    from onshore.report import Locale, Results

OFFERS_KEPT = 10
RESULT_FILES = (
    *("matches.csv", "plan.csv", "savings.csv", "left_out.csv"),
    *("report.html", "report.pdf", "report.xlsx"),
    *("report.fa.html", "report.fa.pdf", "report.fa.xlsx"),
)


@dataclass(frozen=True)
class Planned:
    """Matches and the plan made from them."""

    matches: pl.DataFrame
    valued: "Valued"
    plan: "Plan"
    plan_table: pl.DataFrame
    limits: pl.DataFrame
    left_out: pl.DataFrame


@dataclass(frozen=True)
class Accounts:
    """The savings ledger and the claims that broke a rule."""

    ledger: pl.DataFrame
    broken: pl.DataFrame


def match_and_plan(
    programme: "Programme",
    *,
    gap: float = 1e-4,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Callable[[float, float, float], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Planned:
    """Rank offers for every need, then choose needs, makers and years."""
    from onshore.figures import RateTable
    from onshore.match import find_candidates
    from onshore.plan import instance_from_records, limits, make_plan, plan_table

    needs, offers = programme.table("needs"), programme.table("offers")
    with step("Ranking makers for needs"):
        matches = find_candidates(needs, offers, top=OFFERS_KEPT)
    with step("Planning"):
        valued = instance_from_records(
            needs,
            programme.table("items"),
            offers,
            programme.table("organisations"),
            programme.table("places"),
            programme.table("budgets"),
            _with_decisions(matches, programme.table("candidates")),
            RateTable(programme.table("rates")),
            settings=programme.settings,
            baselines=programme.table("baselines"),
        )
        plan = make_plan(
            valued.instance, gap=gap, seconds=seconds, seed=seed, progress=progress, stop=stop
        )
        table = plan_table(plan, valued, programme.settings)
    return Planned(
        matches=matches,
        valued=valued,
        plan=plan,
        plan_table=table,
        limits=limits(plan, valued.instance),
        left_out=valued.left_out,
    )


def _with_decisions(matches: pl.DataFrame, reviewed: pl.DataFrame) -> pl.DataFrame:
    """Set people's decisions beside the matches; a pair they confirmed need not be ranked."""
    pair = ["need_id", "offer_id"]
    decided = matches.join(reviewed.select(*pair, "decision"), on=pair, how="left")
    is_confirmed = pl.col("decision") == "confirmed"
    unranked = reviewed.filter(is_confirmed).join(matches, on=pair, how="anti")
    both = pl.concat([decided, unranked.select(*pair, "class", "decision")], how="diagonal")
    overruled = is_confirmed & (pl.col("class").fill_null("none") == "none")
    told = pl.when(overruled).then(pl.lit("near")).otherwise("class")
    return both.with_columns(told.alias("class"))


def keep_accounts(programme: "Programme") -> Accounts:
    """Compute the savings of every claim that holds; name those that break a rule."""
    from onshore.account import check_claims, itemised_content, savings, sound_claims
    from onshore.figures import RateTable

    claims, baselines = programme.table("claims"), programme.table("baselines")
    content = programme.table("content_lines")
    rates = RateTable(programme.table("rates"))
    currency, rate_type = programme.settings.currency, programme.settings.rate_type
    broken = check_claims(
        claims,
        programme.table("deals"),
        programme.table("deliveries"),
        baselines,
        content=content,
        shares=programme.table("claim_shares"),
        rates=rates,
        currency=currency,
        rate_type=rate_type,
    )
    ledger = savings(
        itemised_content(
            sound_claims(claims, broken), content, baselines, rates=rates, rate_type=rate_type
        ),
        baselines,
        rates=rates,
        currency=currency,
        rate_type=rate_type,
    )
    return Accounts(ledger, broken)


def do_main_job(programme: "Programme") -> "Results":
    """Match, plan and account; gather what the report is written from."""
    from onshore.figures import RateTable
    from onshore.report import Results

    planned = match_and_plan(programme)
    with step("Accounting for savings"):
        accounts = keep_accounts(programme)
    return Results(
        programme=programme,
        notes=(*programme.notes, *programme.warnings),
        matches=planned.matches,
        plan=planned.plan,
        plan_table=planned.plan_table,
        left_out=planned.left_out,
        limits=planned.limits,
        ledger=accounts.ledger,
        broken_claims=accounts.broken,
        rates=RateTable(programme.table("rates")),
    )


def result_files(results: "Results") -> dict[str, bytes]:
    """Give every file of the main job by name."""
    from onshore.records import csv_bytes
    from onshore.report import compose, to_html, to_pdf, to_xlsx

    files = {
        "matches.csv": csv_bytes(results.matches),
        "plan.csv": csv_bytes(results.plan_table),
        "savings.csv": csv_bytes(results.ledger),
        "left_out.csv": csv_bytes(results.left_out),
    }
    editions: tuple[tuple[Locale, str, str, str], ...] = (
        ("en", "English", "report", "report.fa"),
        ("fa", "Persian", "report.fa", "report"),
    )
    for locale, language, name, other in editions:
        with step(f"Composing the report ({language})"):
            bulletin = compose(results, locale)
            files[f"{name}.html"] = to_html(bulletin, other=f"{other}.html").encode()
            files[f"{name}.pdf"] = to_pdf(bulletin)
            files[f"{name}.xlsx"] = to_xlsx(bulletin)
    return files
