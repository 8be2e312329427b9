"""Analyses reckoned here, in the background: the needs' import dependency, chains and shocks."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.analysing.chain_files import opened
from onshore.desk.jobs import Run, job
from onshore.desk.models import Analysis, Need, Role
from onshore.desk.pages.wording import language
from onshore.desk.policies import find, require, visible
from onshore.desk.tables.frames import programme_settings
from onshore.figures import shown

LOST: Final = {
    "asset": gettext_lazy("Plants and units"),
    "place": gettext_lazy("Places"),
    "process": gettext_lazy("Processes"),
    "route": gettext_lazy("Routes"),
    "market": gettext_lazy("Markets"),
    "commodity": gettext_lazy("Commodities"),
}
"""What can be lost in turn, and what it is called."""
_FIRST = 25
_Found = tuple[dict[str, pl.DataFrame], dict[str, Any]]


@job(gettext_lazy("Reckon the needs' import dependency"))
def dependency(run: Run) -> dict[str, Any]:
    """Tell on which countries the imports that the needs are about hang."""
    require(run.actor, "add", Analysis)
    run.report(0, 0, _("Reading the needs"))
    rows, of = needs_as_imports(run.actor)
    if rows.is_empty():
        raise Refused(
            _("No need tells its origin, price, quantity and HS code."),
            _("Complete some needs, then reckon it again."),
        )
    tables, metadata = _dependency(rows, of)
    titles = {}
    for locale in ("en", "fa"):
        with override(locale):
            count = {"count": shown.number(of, locale)}
            titles[locale] = _("Import dependency of %(count)s needs") % count
    return _kept(run, "dependency", "", (tables, metadata), titles=titles)


@job(gettext_lazy("Solve a chain"))
def chain(run: Run) -> dict[str, Any]:
    """Find a chain's flows and bottlenecks, or what the loss of each of its parts costs."""
    require(run.actor, "add", Analysis)
    told = run.arguments
    files = told.get("files")
    if files is None:
        files = find(run.actor, Analysis, told.get("analysis")).content.get("files") or {}
    kind = "shock" if told.get("lost") else "run"
    with opened(files) as read:
        run.report(0, 0, _("Solving the chain"))
        found = _shocks(read, told) if kind == "shock" else _flows(read)
    return _kept(run, kind, str(told.get("title") or ""), found, files=files)


def needs_as_imports(actor: Actor) -> tuple[pl.DataFrame, int]:
    """Give the needs as rows of trade, and how many needs they are of.

    Only needs that an analyst may see count, whoever asks: analysts read what comes of them.

    Returns
    -------
    DataFrame
        ``reporter``, ``partner`` (where the need is imported from), ``product`` (HS code of the
        need, else of its item), ``year``, ``flow``, ``value`` (a year's import, in the
        programme's currency).
    """
    told = programme_settings()
    reader = Actor(actor.user, {Role.ANALYST.value: frozenset()})
    rows = visible(reader, Need).exclude(origin="").filter(yearly_value__gt=0)
    cells = [
        (told.get("home") or "IR", origin, code or of_item, "import", value)
        for origin, code, of_item, value in rows.values_list(
            "origin", "hs_code", "item__hs_code", "yearly_value"
        )
        if code or of_item
    ]
    names = dict.fromkeys(("reporter", "partner", "product", "flow"), pl.String)
    frame = pl.DataFrame(cells, schema=names | {"value": pl.Float64}, orient="row")
    year = int(str(told.get("price_date") or "2000")[:4])
    summed = frame.group_by(*names, maintain_order=True).agg(pl.col("value").sum())
    return summed.with_columns(year=pl.lit(year)), frame.height


def _dependency(rows: pl.DataFrame, needs: int) -> _Found:
    from onshore import trade

    home, currency = str(rows["reporter"][0]), str(programme_settings()["currency"])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "needs.csv"
        rows.write_csv(path)
        try:
            with trade.open_facts(path, home=home, currency=currency) as facts:
                key = facts.key(home)
                found = trade.dependency(facts, key)
                money = facts.money
        except trade.TradeError as wrong:
            raise Refused(str(wrong), _("Mend the needs that it names, then try again.")) from wrong
        except ModuleNotFoundError as missing:
            raise Refused(str(missing), _("Ask the administrator to install it.")) from missing
    metadata = {
        **found.metadata,
        "source": {"file": "needs", "rows": needs},
        "country": key,
        "currency": money,
        "warnings": found.warnings,
    }
    return found.tables, metadata


def _flows(read: Any) -> _Found:
    from onshore.chain import ChainError, names, sites, solve, streams

    try:
        found = solve(read)
    except ChainError as mistake:
        raise _unsolved(mistake) from mistake
    kept = (
        *("balance", "self_sufficiency", "exports_left", "bottlenecks", "capacity_worth"),
        *("activity", "flows", "trades", "stocks", "unserved", "prices"),
    )
    tables = {name: getattr(found, name) for name in kept}
    tables |= {"streams": streams(found), "sites": sites(read, found.activity)}
    more = {"objective_value": found.objective, "status": found.status}
    told = _told_of(read, found.compiled.objective, found.warnings)
    return {**tables, "names": names(read)}, told | more


def _shocks(read: Any, told: Mapping[str, Any]) -> _Found:
    from onshore.chain import ChainError, names, rank_losses, sites

    weeks = float(told.get("weeks") or 4)
    kinds = tuple(told["lost"])
    try:
        found = rank_losses(read, kinds, first=_FIRST, weeks=weeks)
    except ChainError as mistake:
        raise _unsolved(mistake) from mistake
    more = {"parameters": {"weeks": weeks, "kinds": list(kinds)}}
    metadata = _told_of(read, None, read.warnings, sorted(set(found["year"])))
    return {"losses": found, "sites": sites(read, None), "names": names(read)}, metadata | more


def _told_of(read: Any, objective: str | None, warnings: Any, years: Any = None) -> dict[str, Any]:
    from onshore.chain.telling import description, main_product

    rows = sum(read.table(name).height for name in read.tables)
    return {
        **description(read, years),
        "source": {"file": read.settings.name, "rows": rows},
        "product": main_product(read, objective),
        "warnings": list(warnings),
    }


def _unsolved(mistake: Exception) -> Refused:
    return Refused(
        _("The chain has no answer: %s") % mistake, _("Mend its tables, then bring it in again.")
    )


def _kept(run: Run, kind: str, title: str, found: _Found, **more: Any) -> dict[str, Any]:
    """Keep what was found as an analysis, in the columns that its command writes."""
    from onshore.desk.actions.analyses import keep

    row = keep(run.actor, kind, title, *found, **more)
    return {
        "address": reverse("analysis", args=[row.pk]),
        "summary": _("%s is reckoned.") % (row.title or row.content[language()]["title"]),
    }
