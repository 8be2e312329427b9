"""What is lost without a supplier, plant, province, route or market, and which loss hurts most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.losing import Losing, Loss, Lost
from onshore.chain.losses import LONGEST, Shock, Struck, check_weeks, read_losses, seasons_of
from onshore.chain.nodes import nodes
from onshore.chain.solver import Floats
from onshore.chain.standing import WEEKS, Standing, in_season, stand
from onshore.chain.survival import Surviving, weeks_to_recover
from onshore.chain.tables import Chain

SHOCKS = {
    "shock": pl.String,
    "kind": pl.String,
    "node": pl.String,
    "name": pl.String,
    "place": pl.String,
    "year": pl.Int64,
    "season": pl.String,
    "weeks": pl.Float64,
    "share": pl.Float64,
    "lost": pl.Float64,
    "unit": pl.String,
    "commodity": pl.String,
    "output_lost": pl.Float64,
    "output_unit": pl.String,
    "output_share": pl.Float64,
    "survives": pl.Boolean,
    "weeks_to_survive": pl.Float64,
    "recovers": pl.Boolean,
    "weeks_to_recover": pl.Float64,
    "exposure": pl.Float64,
}
"""The columns of what `shock` and `rank_losses` give."""


def shock(
    chain: Chain,
    losses: pl.DataFrame,
    *,
    weeks: float = 4.0,
    year: int | None = None,
    season: str | None = None,
    objective: str | None = None,
    commodity: str | None = None,
    exports: bool = False,
    catch_up: bool = False,
    projects: str | Mapping[str, date] = "none",
) -> pl.DataFrame:
    """Tell what is lost while something is, how long that can be stood, and how soon it is over.

    While the loss lasts everything else runs as well as it can: other plants take over as far as
    they have room, stocks are drawn on, other routes and markets are used. It is one linear
    program of the weeks as a whole, as in Simchi-Levi et al. (2015); as all rates are steady, no
    division of the weeks into steps would change it. The weeks to survive are the longest time
    for which everything is delivered as planned; the weeks to recover those until stocks are
    filled again.

    Parameters
    ----------
    chain
        The chain. What its assets, links and markets run without any loss is the plan.
    losses
        A row for each thing lost: ``kind`` and ``node`` (as `nodes` lists them); where wanted
        ``weeks`` (how long), ``share`` (how much of it, 0 to 1; else all), ``season``, and
        ``shock``: rows of the same shock are lost together.
    weeks
        How long the losses without weeks of their own last: the node's time to recover.
    year
        Of the chain's years; else the first.
    season
        The season that losses without one fall in; else the one in which most is lost.
    objective
        Else the chain's: with ``"most output:COMMODITY"`` what is lost is output, with the others
        it is money (costs, and the worth of what is not served; a demand that has to be served
        counts as worth ten times the highest price).
    commodity
        The commodity that ``output_lost`` tells of; else the one of the objective, or the
        material most of which is asked for.
    exports
        Whether exports belong to what is to be kept up; always so where nothing is asked for.
    catch_up
        Whether what was not delivered is made up for afterwards.
    projects
        Those in service, as for `compile_chain`.

    Returns
    -------
    DataFrame
        A row for each shock: ``shock``, ``kind``, ``node``, ``name``, ``place``, ``year``,
        ``season``, ``weeks``, ``share``; ``lost`` over these weeks in ``unit`` (of the objective);
        ``commodity``, ``output_lost`` (made less of it, or delivered less where the objective is
        money), ``output_unit`` and ``output_share`` (of what would have been); ``survives``
        (longer than ten years), ``weeks_to_survive`` (0: not at all; null: it survives);
        ``recovers``, ``weeks_to_recover`` (from the beginning; null: no capacity is to spare);
        ``exposure``: lost / the largest loss of the rows, 0 to 1 (the risk exposure index).

    Raises
    ------
    ChainError
        A kind, node, season, share or number of weeks is not possible: each row is named.

    References
    ----------
    Simchi-Levi, D., Schmidt, W., Wei, Y., Zhang, P. Y., Combs, K., Ge, Y., Gusikhin, O., Sanders,
    M. and Zhang, D. (2015). Identifying Risks and Mitigating Disruptions in the Automotive Supply
    Chain. Interfaces 45(5), 375-390.

    Examples
    --------
    >>> from onshore.chain.reading import read_chain
    >>> frame = pl.DataFrame
    >>> chain = read_chain(
    ...     {
    ...         "commodities": frame(
    ...             {"commodity": ["ore", "steel"], "unit": ["kt", "kt"], "kind": ["material"] * 2}
    ...         ),
    ...         "places": frame({"place": ["here"]}),
    ...         "processes": frame({"process": ["melting"], "commodity": ["steel"]}),
    ...         "recipes": frame({"process": ["melting"], "commodity": ["ore"], "rate": [-1.6]}),
    ...         "assets": frame(
    ...             {
    ...                 "asset": ["old", "new"],
    ...                 "process": ["melting"] * 2,
    ...                 "place": ["here"] * 2,
    ...                 "capacity": [40.0, 80.0],
    ...                 "from_year": [2020] * 2,
    ...             }
    ...         ),
    ...         "markets": frame(
    ...             {"market": ["mine"], "commodity": ["ore"], "place": ["here"],
    ...              "direction": ["import"]}
    ...         ),
    ...         "demands": frame(
    ...             {"commodity": ["steel"], "place": ["here"], "amount": [100.0], "worth": [1.0]}
    ...         ),
    ...         "stocks": frame({"commodity": ["steel"], "place": ["here"], "first": [5.0]}),
    ...     },
    ...     settings={"name": "small", "years": [2025]},
    ... )
    >>> both = pl.DataFrame({"kind": ["asset", "asset"], "node": ["old", "new"]})
    >>> told = shock(chain, both, weeks=13.0)
    >>> told.select("node", pl.col("output_lost", "weeks_to_survive").round(1)).rows()
    [('old', 0.0, 13.0), ('new', 9.9, 4.3)]
    """
    last = chain.settings.season_names[-1]
    there = in_season(chain, year, last, projects).with_settings(seasons=chain.settings.seasons)
    wanted = read_losses(there, losses, weeks, season)
    rows = []
    for name in chain.settings.season_names:
        here = [one for one in wanted if one.season in (None, name)]
        if not here:
            continue
        standing = stand(chain, year=year, season=name, objective=objective, projects=projects)
        losing = Losing(standing)
        kept_up = exports or _nothing_asked(standing)
        surviving = Surviving(standing, exports=kept_up)
        delivered = _Delivered(standing, commodity)
        struck = Struck(standing.chain)
        for one in here:
            loss = Loss(struck.by(one), one.share, one.weeks)
            lost = losing.lose(loss)
            row = _row(one, standing, loss, lost, delivered)
            row |= _survival(surviving, loss)
            row |= _recovery(standing, loss, lost, exports=kept_up, catch_up=catch_up)
            rows.append(row)
    return _told(rows).drop("_number")


def rank_losses(
    chain: Chain,
    kinds: Sequence[str] = ("asset",),
    *,
    weeks: float = 4.0,
    year: int | None = None,
    season: str | None = None,
    objective: str | None = None,
    commodity: str | None = None,
    exports: bool = False,
    first: int | None = 25,
    projects: str | Mapping[str, date] = "none",
) -> pl.DataFrame:
    """Lose each node alone, and rank all of them by what is lost.

    Every loss is solved to the end, from the plan without it (see `losing.Losing`); only a node
    that the plan does not use is known to cost nothing.

    Parameters
    ----------
    chain
        The chain. A column ``recovery_weeks`` of assets tells how long an asset is lost.
    kinds
        The kinds of node, as for `nodes`.
    weeks
        How long the others are lost.
    year, season, objective, commodity, exports, projects
        As for `shock`.
    first
        For how many nodes, from the top, the weeks to survive and to recover are reckoned; None:
        for all.

    Returns
    -------
    DataFrame
        ``rank``, then the columns of `shock`, the largest loss first; nodes that lose the same
        are in the order of the tables. Where weeks are not reckoned, ``survives`` and
        ``recovers`` are null.

    Raises
    ------
    ChainError
        A kind, season or number of weeks is not possible.
    """
    check_weeks(weeks)
    rows, there = [], {}
    numbers: dict[tuple[str, str], int] = {}
    for name in seasons_of(chain, season):
        standing = stand(chain, year=year, season=name, objective=objective, projects=projects)
        losing, delivered = Losing(standing), _Delivered(standing, commodity)
        struck = Struck(standing.chain)
        surviving = Surviving(standing, exports=exports or _nothing_asked(standing))
        there[name] = (standing, losing, surviving)
        for one in _each(standing, kinds, weeks, numbers):
            loss = Loss(struck.by(one), one.share, one.weeks)
            row = _row(one, standing, loss, losing.lose(loss), delivered)
            rows.append({**row, "_loss": loss})
    ranked = _told([{k: v for k, v in row.items() if k != "_loss"} for row in rows])
    ranked = ranked.sort(["lost", "_number"], descending=[True, False])
    loss_of = {(row["_number"], row["season"]): row["_loss"] for row in rows}
    told = ranked.to_dicts()
    for row in told[: len(told) if first is None else first]:
        standing, losing, surviving = there[row["season"]]
        loss = loss_of[row["_number"], row["season"]]
        row |= _survival(surviving, loss)
        spared = losing.lose(loss)
        row |= _recovery(standing, loss, spared, exports=surviving.exports, catch_up=False)
    table = pl.DataFrame(told, schema={**SHOCKS, "_number": pl.Int64}).drop("_number")
    return table.with_row_index("rank", offset=1).with_columns(pl.col("rank").cast(pl.Int64))


def _each(
    standing: Standing,
    kinds: Sequence[str],
    weeks: float,
    numbers: dict[tuple[str, str], int],
) -> list[Shock]:
    """Lose each node alone, an asset as long as its own row tells; number nodes once."""
    own = _own_weeks(standing.chain)
    return [
        Shock(
            number=numbers.setdefault((kind, node), len(numbers)),
            name=node,
            members=((kind, node),),
            title=title,
            place=place,
            weeks=own.get(node, weeks) if kind == "asset" else weeks,
            share=1.0,
            season=standing.season,
        )
        for kind, node, title, place, _ in nodes(standing.chain, kinds).iter_rows()
    ]


class _Delivered:
    """How much of one commodity is made (or delivered) under a plan."""

    def __init__(self, standing: Standing, commodity: str | None) -> None:
        self.standing = standing
        known = standing.chain.table("commodities")["commodity"]
        if commodity is not None and commodity not in known:
            raise ChainError(
                f"the chain has no commodity {commodity!r}. Name one of {', '.join(known)}."
            )
        self.commodity = commodity or standing.wanted or _most_asked(standing)
        self.unit: str | None = None
        self.before = 0.0
        if self.commodity is not None:
            units = standing.chain.table("commodities").filter(
                pl.col("commodity") == self.commodity
            )
            self.unit = str(units["unit"].item())
            self.before = self._amount(standing.plan.values)

    def lost(self, lost: Lost, years: float) -> tuple[float | None, float | None]:
        """Give what is made or delivered less, and its share of what would have been."""
        if self.commodity is None:
            return None, None
        if self._of_objective:
            less = lost.lost
        else:
            less = (self.before - self._amount(lost.values)) * years
        small = 1e-8 * max(1.0, abs(self.before))
        less = 0.0 if abs(less) < small else less
        return less, less / (self.before * years) if self.before > small else None

    @property
    def _of_objective(self) -> bool:
        return self.commodity == self.standing.wanted

    def _amount(self, values: Floats) -> float:
        assert self.commodity is not None
        if self._of_objective:
            return -float(self.standing.measure @ values) + float(
                self.standing.measure[self.standing.stock] @ self.standing.first
            )
        return self.standing.delivered(values, self.commodity)


def _row(
    one: Shock, standing: Standing, loss: Loss, lost: Lost, delivered: _Delivered
) -> dict[str, Any]:
    less, part = delivered.lost(lost, loss.weeks / WEEKS)
    return {
        "_number": one.number,
        "shock": one.name,
        "kind": one.kind,
        "node": one.node,
        "name": one.title,
        "place": one.place,
        "year": standing.year,
        "season": standing.season,
        "weeks": loss.weeks,
        "share": loss.share,
        "lost": lost.lost,
        "unit": standing.unit,
        "commodity": delivered.commodity,
        "output_lost": less,
        "output_unit": delivered.unit,
        "output_share": part,
        "survives": None,
        "weeks_to_survive": None,
        "recovers": None,
        "weeks_to_recover": None,
        "exposure": None,
    }


def _survival(surviving: Surviving, loss: Loss) -> dict[str, Any]:
    found = surviving.survive(loss)
    return {"survives": found.endless, "weeks_to_survive": found.weeks}


def _recovery(
    standing: Standing, loss: Loss, lost: Lost, *, exports: bool, catch_up: bool
) -> dict[str, Any]:
    found = weeks_to_recover(standing, loss, lost, exports=exports, catch_up=catch_up)
    return {"recovers": found is not None, "weeks_to_recover": found}


def _told(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Keep of each shock the season in which most is lost, and tell the exposure."""
    table = pl.DataFrame(rows, schema={**SHOCKS, "_number": pl.Int64})
    largest = pl.col("lost") == pl.col("lost").max().over("_number")
    table = table.filter(largest).unique("_number", keep="first", maintain_order=True)
    most = table["lost"].max()
    part = pl.col("lost") / most if isinstance(most, float) and most > 0 else pl.lit(0.0)
    return table.with_columns(exposure=part).sort("_number")


def _own_weeks(chain: Chain) -> dict[str, float]:
    """Give the weeks that assets tell of themselves."""
    assets = chain.table("assets")
    if "recovery_weeks" not in assets.columns:
        return {}
    told = assets.select("asset", pl.col("recovery_weeks").cast(pl.Float64, strict=False))
    return dict(
        told.filter(pl.col("recovery_weeks").is_between(0, LONGEST, closed="right")).iter_rows()
    )


def _nothing_asked(standing: Standing) -> bool:
    return standing.wanted is None and standing.chain.table("demands").is_empty()


def _most_asked(standing: Standing) -> str | None:
    """Give the material of which most is asked for, else exported; None where nothing is."""
    materials = standing.chain.table("commodities").filter(pl.col("kind") == "material")
    is_one = pl.col("commodity").is_in(materials["commodity"].implode())
    asked = standing.chain.table("demands").filter(is_one).select("commodity", "amount")
    if asked.is_empty():
        model = standing.model
        sent = model.of(standing.plan.values, "trade").sum(axis=1)
        trade = model.entities["trade"].with_columns(amount=pl.Series(sent))
        asked = trade.filter(is_one & (pl.col("direction") == "export")).select(
            "commodity", "amount"
        )
    if asked.is_empty():
        return None
    sums = asked.group_by("commodity", maintain_order=True).agg(pl.col("amount").sum())
    return str(sums.sort("amount", descending=True)["commodity"][0])
