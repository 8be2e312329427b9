"""What each need would save with each maker's offer, and the planning instance that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from onshore.figures import RateTable
from onshore.plan.instance import Instance
from onshore.plan.openings import opening_years
from onshore.plan.pairs import candidate_pairs, in_one_currency, missing_facts
from onshore.plan.parity import with_parity
from onshore.plan.programme_limits import capacities, yearly_budgets

if TYPE_CHECKING:
    from onshore.records import Settings

_MONEY = pl.Decimal(38, 6)


@dataclass(frozen=True, eq=False)
class Valued:
    """A programme's candidates, valued.

    Attributes
    ----------
    instance : Instance
        The planning problem: an item is a need, a resource is an offer.
    valued : DataFrame
        One row per candidate in the instance: ``need_id``, ``offer_id``, ``maker_id``,
        ``class`` (str), ``place`` (str, the maker's), ``yearly_quantity`` (Decimal, in
        ``unit``), ``unit`` (str, the need's), ``currency`` (str, the programme's) and in that
        currency, per unit of the need, ``reference_cif``, ``domestic_price``,
        ``imported_content``, ``import_parity`` (Decimal); ``duty`` (float, share of the CIF; null
        where no baseline says it); ``annual_saving``, ``cost_effect`` (Decimal, per year, never
        added), ``tooling_cost`` (Decimal, once); ``use_per_year`` and ``capacity_per_year``
        (Decimal, in the offer's unit); ``lead_years``, ``opens``, ``needed_from`` (int; the last
        two counted from the first year of the horizon).
    left_out : DataFrame
        ``need_id``, ``offer_id``, ``reason`` (str): the candidates that are not in the
        instance, and why.
    """

    instance: Instance
    valued: pl.DataFrame
    left_out: pl.DataFrame


def instance_from_records(
    needs: pl.DataFrame,
    items: pl.DataFrame,
    offers: pl.DataFrame,
    organisations: pl.DataFrame,
    places: pl.DataFrame,
    budgets: pl.DataFrame,
    candidates: pl.DataFrame,
    rates: RateTable,
    *,
    settings: Settings,
    baselines: pl.DataFrame | None = None,
) -> Valued:
    """Value every candidate and state the planning problem of a programme.

    annual saving = yearly quantity x (reference CIF - imported content), where
    imported content = domestic price x (1 - local content)

    cost effect = yearly quantity x (import parity - domestic price), where
    import parity = reference CIF x (1 + duty) + handling and inland carriage

    The saving is foreign currency that stays at home, the cost effect what the buyer pays less (or,
    below 0, more) than for the import: the two are shown side by side and never added. The plan
    saves as much currency as it can; the cost effect does not steer it.

    A candidate is a need beside an offer of the class *exact*, *near* or *could make*. It
    is left out, with its reason, where a reviewer rejected it, where the need is stopped or
    already has a maker, where buyer or maker is abroad, where the HS codes of the two are of
    different chapters, where a fact is missing, where the offer costs less than a fifth of the
    import and nobody confirmed it, or where it would save nothing. Of the offers
    that *could make* a need, only the one of rank 1 is taken, or one a reviewer confirmed.

    Parameters
    ----------
    needs, items, offers, organisations, places, budgets, candidates
        The programme's tables of these names.
    rates
        The programme's exchange rates.
    settings
        The programme's settings.
    baselines
        The programme's table of that name: duty, handling and inland carriage of the imports of an
        item by its buyer. Without a baseline they are not known and count as 0, so that the cost
        effect is a lower figure.

    Returns
    -------
    Valued
        The instance, the values behind it, and what was left out.

    Raises
    ------
    MissingRate
        A budget is in a currency that has no rate on the price date. (A candidate without a
        rate is left out.)
    PlanError
        A budget's year is outside the horizon, or a place's phase has no first year.

    Notes
    -----
    **Reference CIF**, from the import price by its delivery term (Incoterms 2020, ICC
    publication 723E):

    - EXW, FCA, FAS, FOB: the main carriage and its insurance are not in the price;
      ``freight_insurance`` is added, and the candidate is left out where it is missing. For
      EXW it has to cover the way to the border too.
    - CFR, CPT: carriage is in, insurance is not; ``freight_insurance``, here the insurance
      alone, is added, and required likewise.
    - CIF, CIP: taken as they are.
    - DAP, DPU: taken as they are; they hold carriage (and unloading) beyond the port, so the
      saving is an upper figure.
    - DDP: holds the import duty, which is no foreign currency; left out, since the duty is
      not known. Give the CIF price instead.

    **Conversion**: every price is converted as it stands at the rate of ``price_date`` and
    ``rate_type``; prices are not restated from their own days. Units are converted exactly.

    **Local content** that is not said counts as none: the whole domestic price is taken as
    imported.

    **Lead time** is rounded up to whole years; *could make* takes one year more.

    **Openings**: a maker starts when the phase of its place begins. A place without a phase
    has that of the place it lies in. A maker without one opens with the last phase, or at
    once where the programme has no phases.

    **Required year**: what is produced before it is not counted, in saving or capacity.

    **Budgets** of several funds are added by year. A year without a row has no budget; a
    programme without any row has no limit on tooling.
    """
    pairs = candidate_pairs(candidates, needs, items, offers, organisations, settings.home)
    pairs = opening_years(pairs, places, settings)
    pairs = missing_facts(pairs, rates, settings)
    known = pairs.filter(pl.col("reason").is_null())
    priced = with_parity(in_one_currency(known, rates, settings), baselines, rates, settings)
    valued = _without_gain(_with_savings(priced))
    left_out = pl.concat(
        frame.filter(pl.col("reason").is_not_null()).select("need_id", "offer_id", "reason")
        for frame in (pairs, valued)
    )
    kept = _as_shown(valued.filter(pl.col("reason").is_null()), settings.currency)
    instance = Instance(
        candidates=_as_planned(kept),
        capacity=capacities(kept, settings.years),
        budgets=yearly_budgets(budgets, rates, settings),
    )
    return Valued(instance, kept, left_out)


def _with_savings(priced: pl.DataFrame) -> pl.DataFrame:
    foreign = (1 - pl.col("local_content").fill_null(0.0)).cast(_MONEY)
    return priced.with_columns(imported_content=pl.col("domestic_price") * foreign).with_columns(
        annual_saving=pl.col("yearly_quantity")
        * (pl.col("reference_cif") - pl.col("imported_content")),
        cost_effect=pl.col("yearly_quantity")
        * (pl.col("import_parity") - pl.col("domestic_price")),
    )


def _without_gain(valued: pl.DataFrame) -> pl.DataFrame:
    too_small = pl.format(
        "the offer's capacity of {} a year is below the {} {} that the need takes",
        _written("capacity_per_year"),
        _written("use_per_year"),
        "offer_unit",
    )
    nothing = pl.format(
        "it saves nothing: a unit's imported content of {} is not below the CIF price of {}{}",
        _written("imported_content"),
        _written("reference_cif"),
        pl.when(pl.col("local_content").is_null())
        .then(pl.lit("; the offer does not say its local content, so all of it counts as imported"))
        .otherwise(pl.lit("")),
    )
    too_cheap = pl.format(
        "its price of {} is under a fifth of the CIF price of {}: confirm the match if it is the "
        "same good in the same unit",
        _written("domestic_price"),
        _written("reference_cif"),
    )
    confirmed = (pl.col("decision") == "confirmed").fill_null(value=False)
    return valued.with_columns(
        reason=pl.when(pl.col("annual_saving") <= 0)
        .then(nothing)
        .when((pl.col("domestic_price") * 5 < pl.col("reference_cif")) & ~confirmed)
        .then(too_cheap)
        .when(pl.col("use_per_year") > pl.col("capacity_per_year"))
        .then(too_small)
    )


def _written(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


def _as_shown(valued: pl.DataFrame, currency: str) -> pl.DataFrame:
    return valued.select(
        "need_id",
        "offer_id",
        "maker_id",
        "class",
        "place",
        "yearly_quantity",
        pl.col("need_unit").alias("unit"),
        pl.lit(currency).alias("currency"),
        "reference_cif",
        "domestic_price",
        "imported_content",
        "duty",
        "import_parity",
        "annual_saving",
        "cost_effect",
        "tooling_cost",
        "use_per_year",
        "capacity_per_year",
        "lead_years",
        "opens",
        "needed_from",
    )


def _as_planned(valued: pl.DataFrame) -> pl.DataFrame:
    return valued.select(
        "tooling_cost",
        "lead_years",
        "use_per_year",
        "annual_saving",
        "cost_effect",
        "opens",
        "needed_from",
        item="need_id",
        maker="maker_id",
        resource="offer_id",
        share=pl.lit(1.0),
        max_makers=pl.lit(1),
    )
