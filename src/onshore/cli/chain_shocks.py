"""``onshore chain shock``: what a loss costs, how long it is stood, and what protects from it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from onshore.cli.chain_inputs import (
    Language,
    Projects,
    Texts,
    chain_metadata,
    named_tables,
    opened_chain,
    product_of,
    read_table,
    refusals,
    write_chain,
)
from onshore.cli.console import Refused, counted, result, step
from onshore.cli.result_folder import source
from onshore.cli.targets import folder_target

if TYPE_CHECKING:
    import polars as pl

    from onshore.chain import Chain


def register(chain: App) -> None:
    """Add this file's command to the group."""
    chain.command(shock)


def shock(
    folder: Path,
    /,
    *,
    out: Path,
    kind: Texts = None,
    lose: Texts = None,
    losses: Path | None = None,
    cuts: Path | None = None,
    options: Path | None = None,
    lost_at_most: float | None = None,
    budget: float | None = None,
    weeks: float = 4.0,
    year: int | None = None,
    season: str | None = None,
    objective: str | None = None,
    commodity: str | None = None,
    exports: bool = False,
    first: int = 25,
    projects: Projects = "none",
    language: Language = "en",
) -> int:
    """Show what the loss of a plant, owner, place, route or market costs, and how long it is stood.

    Without --lose and --losses every node of the kinds asked for is lost in turn, and all are
    ranked. Writes losses.csv, with --cuts cuts.csv, with --options protection.csv, kept_ready.csv
    and protected.csv; sites.csv, names.csv, metadata.json, chart.svg and report.html.

    Parameters
    ----------
    folder
        A chain: chain.toml and its tables.
    out
        Folder for the results.
    kind
        What is lost in turn: asset, plant, owner, process, place, province, link, route, market,
        partner or commodity; repeat it. Assets when not given.
    lose
        One thing to lose, as KIND=NODE ("place=IR-10"); repeat it.
    losses
        A table of losses: kind, node and, where wanted, shock, weeks, share, season.
    cuts
        A table of foreseen cuts: commodity, share and, where wanted, season, place, year.
    options
        A table of what could be kept ready: kind (stock or source), commodity, place, cost and,
        where wanted, option, price, most.
    lost_at_most
        With --options: find the cheapest ones that hold every loss to this.
    budget
        With --options: find those that lower the largest loss most within this money a year.
    weeks
        How long things are lost.
    year
        When; the chain's first year when not given.
    season
        When; the one in which most is lost when not given.
    objective
        "least cost" (what is lost is money) or "most output:COMMODITY"; else as chain.toml says.
    commodity
        The commodity whose lost output is told.
    exports
        Count exports among what is to be kept up.
    first
        For how many of the worst the weeks to survive and to recover are reckoned.
    projects
        Which projects count as built.
    language
        Language of the page.
    """
    from onshore import chain as room

    if options is None and (lost_at_most is not None or budget is not None):
        raise Refused("say what could be kept ready: --options FILE.")
    folder_target(out)
    given = _losses(lose, losses)
    cut = None if cuts is None else read_table(cuts, "the cuts", ("commodity", "share"))
    ready = None
    if options is not None:
        ready = read_table(options, "the options", ("kind", "commodity", "cost"))
        if given is None:
            raise Refused("--options needs losses to protect from: --lose KIND=NODE or --losses.")
    opened = opened_chain(folder)
    when: dict[str, Any] = {
        "weeks": weeks,
        "year": year,
        "season": season,
        "objective": objective,
        "projects": projects,
    }
    what: dict[str, Any] = {"commodity": commodity, "exports": exports}
    with refusals(), step("Losing each in turn"):
        if given is None:
            found = room.rank_losses(opened, tuple(kind or ("asset",)), first=first, **when, **what)
        else:
            found = room.shock(opened, given, **when, **what)
            found = found.sort("lost", descending=True, maintain_order=True)
    tables = {"losses": found}
    if cut is not None:
        with refusals(), step("Planning around the cuts"):
            tables["cuts"] = room.cut_losses(opened, cut, objective=objective)
    if ready is not None and given is not None:
        with refusals(), step("Pricing protection"):
            tables |= _protection(opened, given, ready, when, lost_at_most, budget)
    tables |= named_tables(opened)
    beside = {"losses": losses, "cuts": cuts, "options": options}
    told = {
        **chain_metadata(opened, folder, sorted(set(found["year"]))),
        "product": product_of(opened, commodity, objective),
        "parameters": {**when, **what, "kinds": kind or ([] if given is not None else ["asset"])},
        "beside": {name: source(path, 0) for name, path in beside.items() if path is not None},
    }
    write_chain(out, "shock", tables, told, opened.warnings, folder, language)
    _tell_losses(found)
    return 0


def _losses(lose: Sequence[str] | None, path: Path | None) -> "pl.DataFrame | None":
    """Give the losses that are asked about; None where all of a kind are to be ranked."""
    import polars as pl

    if lose and path is not None:
        raise Refused("give --lose or --losses, not both.")
    if path is not None:
        return read_table(path, "the losses", ("kind", "node"))
    if not lose:
        return None
    rows = []
    for text in lose:
        kind, equals, node = text.partition("=")
        if not (kind.strip() and equals and node.strip()):
            raise Refused(f"--lose {text}: write it as KIND=NODE, such as asset=WORKS.")
        rows.append((kind.strip(), node.strip()))
    return pl.DataFrame(rows, schema={"kind": pl.String, "node": pl.String}, orient="row")


def _protection(
    opened: "Chain",
    given: "pl.DataFrame",
    ready: "pl.DataFrame",
    when: Mapping[str, Any],
    lost_at_most: float | None,
    budget: float | None,
) -> "dict[str, pl.DataFrame]":
    from onshore import chain as room

    tables = {"protection": room.price_protection(opened, given, ready, **when)}
    if lost_at_most is not None or budget is not None:
        kept = room.protect(opened, given, ready, lost_at_most=lost_at_most, budget=budget, **when)
        tables |= {"kept_ready": kept.options, "protected": kept.shocks}
    return tables


def _tell_losses(found: "pl.DataFrame") -> None:
    """Say in a few lines what hurts most."""
    hurt = found.filter(found["lost"] > 0)
    result(f"{counted(found.height, 'node')} lost in turn; {hurt.height:,} of them cost something")
    for row in hurt.head(3).iter_rows(named=True):
        weeks = row["weeks_to_survive"]
        stood = "without end" if row["survives"] else "?" if weeks is None else f"{weeks:.1f} weeks"
        result(
            f"{row['name'] or row['node']}: {row['lost']:,.6g} {row['unit']} lost; stood {stood}"
        )
