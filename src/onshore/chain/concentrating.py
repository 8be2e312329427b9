"""Ore to concentrate by mass balance: the two-product formula, with grade and recovery given."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.tables import Chain
from onshore.codes import units

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Concentration:
    """What a mass of ore gives: concentrate and tailings, by mass and grade.

    Masses are in the unit of the ore, grades and recovery fractions of 1.

    Parameters
    ----------
    ore, concentrate, tailings
        Masses; the ore is the sum of the two others.
    feed_grade, concentrate_grade, tailings_grade
        Share of the metal (or oxide) in each of them.
    recovery
        Share of the ore's metal that is in the concentrate.
    """

    ore: float
    concentrate: float
    tailings: float
    feed_grade: float
    concentrate_grade: float
    tailings_grade: float
    recovery: float

    @property
    def mass_pull(self) -> float:
        """Concentrate per unit of ore."""
        return self.feed_grade * self.recovery / self.concentrate_grade

    @property
    def ratio(self) -> float:
        """Ore per unit of concentrate: the ratio of concentration."""
        return self.concentrate_grade / (self.feed_grade * self.recovery)

    @property
    def enrichment(self) -> float:
        """Grade of the concentrate over that of the ore."""
        return self.concentrate_grade / self.feed_grade

    @property
    def metal(self) -> float:
        """Metal in the concentrate, in the unit of the ore."""
        return self.concentrate * self.concentrate_grade

    def recipe(
        self, process: str, ore: str, concentrate: str, tailings: str | None = None
    ) -> pl.DataFrame:
        """Give the rows of a chain's table ``recipes``, per unit of concentrate.

        Parameters
        ----------
        process, ore, concentrate
            Keys of the process and of its commodities.
        tailings
            Key of the tailings where the chain follows them; they then need somewhere to go.

        Returns
        -------
        DataFrame
            ``process``, ``commodity``, ``rate`` (inputs negative), ``caveat``.

        Examples
        --------
        >>> split = concentrate(1000, 0.01, 0.25, 0.8)
        >>> split.recipe("mill", "ore", "concentrate").select("commodity", "rate").rows()
        [('ore', -31.25), ('concentrate', 1.0)]
        """
        rates = [(ore, -self.ratio), (concentrate, 1.0)]
        if tailings is not None:
            rates.append((tailings, self.ratio - 1.0))
        told = (
            f"Two-product formula: grade {self.feed_grade:.6g} to {self.concentrate_grade:.6g}, "
            f"recovery {self.recovery:.6g}."
        )
        return pl.DataFrame(
            {
                "process": [process] * len(rates),
                "commodity": [commodity for commodity, _ in rates],
                "rate": [rate for _, rate in rates],
                "caveat": [told] * len(rates),
            }
        )


def concentrate(
    ore: float,
    feed_grade: float,
    concentrate_grade: float,
    recovery: float,
    *,
    mineral_grade: float | None = None,
) -> Concentration:
    """Give the concentrate and tailings that ore is split into.

    C = F f R / c, T = F - C, t = f F (1 - R) / T, with ore F of grade f, concentrate C of grade
    c, tailings T of grade t and recovery R (the two-product formula: B. A. Wills and J. Finch,
    Wills' Mineral Processing Technology, 8th edition, 2016, chapter 3).

    Parameters
    ----------
    ore
        Mass, in any unit.
    feed_grade, concentrate_grade
        Share of the metal (or oxide) in ore and concentrate: fractions, so 0.7 % is 0.007.
    recovery
        Share of the metal that is won: a fraction, above 0 and at most 1.
    mineral_grade
        Share of the metal in the pure mineral (0.346 of copper in chalcopyrite, 0.724 of iron in
        magnetite), which no concentrate can exceed.

    Returns
    -------
    Concentration

    Raises
    ------
    ChainError
        A share is not between 0 and 1, the ore is below 0, the concentrate is poorer than the
        ore, or it is richer than its mineral.

    Examples
    --------
    >>> split = concentrate(1000, feed_grade=0.007, concentrate_grade=0.28, recovery=0.9)
    >>> round(split.concentrate, 6), round(split.tailings, 6), round(split.tailings_grade, 6)
    (22.5, 977.5, 0.000716)
    """
    if not math.isfinite(ore) or ore < 0:
        raise ChainError(f"ore is {ore:.6g}. Give a mass of 0 or more.")
    for name, share in (
        ("feed_grade", feed_grade),
        ("concentrate_grade", concentrate_grade),
        ("recovery", recovery),
    ):
        _refuse_no_share(name, share)
    if concentrate_grade < feed_grade:
        raise ChainError(
            f"the concentrate ({concentrate_grade:.6g}) is poorer than the ore "
            f"({feed_grade:.6g}). Check that feed_grade and concentrate_grade are not exchanged."
        )
    if mineral_grade is not None:
        _refuse_no_share("mineral_grade", mineral_grade)
        if concentrate_grade > mineral_grade:
            raise ChainError(
                f"the concentrate ({concentrate_grade:.6g}) is richer than its mineral "
                f"({mineral_grade:.6g}). Give a grade of at most that."
            )
    won = ore * feed_grade * recovery / concentrate_grade
    left = max(ore - won, 0.0)
    lost = ore * feed_grade * (1.0 - recovery)
    return Concentration(
        ore=ore,
        concentrate=won,
        tailings=left,
        feed_grade=feed_grade,
        concentrate_grade=concentrate_grade,
        tailings_grade=lost / left if left > _ROUNDING * ore else 0.0,
        recovery=recovery,
    )


def with_grades(
    chain: Chain, process: str, feed_grade: float, concentrate_grade: float, recovery: float
) -> Chain:
    """Give a chain in which a process concentrates ore of other grades, or with other recovery.

    The ore it takes follows from `concentrate`; what else it takes (power, reagents) grows with
    the ore, and what it gives beside the concentrate is what the ore leaves.

    Parameters
    ----------
    chain
        Of `read_chain`; its process takes one material and makes the concentrate.
    process
        Key of the process.
    feed_grade, concentrate_grade, recovery
        Fractions, as for `concentrate`.

    Returns
    -------
    Chain

    Raises
    ------
    ChainError
        There is no such process, or it takes no material or several.
    """
    processes, recipes = chain.table("processes"), chain.table("recipes")
    counted = dict(processes.select("process", "commodity").iter_rows())
    if process not in counted:
        known = ", ".join(sorted(counted))
        raise ChainError(f"there is no process {process!r}. The chain has: {known}.")
    commodities = chain.table("commodities")
    materials = commodities.filter(pl.col("kind") == "material")["commodity"]
    of_it = pl.col("process") == process
    of_material = pl.col("commodity").is_in(materials.implode())
    ores = recipes.filter(of_it & of_material & (pl.col("rate") < 0))
    if ores.height != 1:
        taken = ", ".join(ores["commodity"]) or "none"
        raise ChainError(
            f"{process} takes {ores.height} materials ({taken}), where a concentrator takes one: "
            "its ore. Name another process."
        )
    split = concentrate(1.0, feed_grade, concentrate_grade, recovery)
    unit = dict(commodities.select("commodity", "unit").iter_rows())
    ore, product = str(ores["commodity"][0]), counted[process]
    exchange = float(units.factor(units.find(unit[product]).code, units.find(unit[ore]).code))
    before, after = -float(ores["rate"][0]) / exchange, split.ratio
    beside = of_material & (pl.col("rate") > 0) & (pl.col("commodity") != product)
    rate = (
        pl.when(~of_it | (pl.col("commodity") == product))
        .then(pl.col("rate"))
        .when(beside)
        .then(pl.col("rate") * ((after - 1.0) / (before - 1.0) if before > 1.0 else 0.0))
        .otherwise(pl.col("rate") * (after / before))
    )
    return chain.with_tables(recipes=recipes.with_columns(rate.alias("rate")))


def recovery_of_assays(feed_grade: float, concentrate_grade: float, tailings_grade: float) -> float:
    """Give the recovery that the assays of feed, concentrate and tailings tell.

    R = c (f - t) / (f (c - t)), the two-product formula solved for the recovery.

    Parameters
    ----------
    feed_grade, concentrate_grade, tailings_grade
        Fractions of 1.

    Returns
    -------
    float
        Recovery, a fraction of 1.

    Raises
    ------
    ChainError
        A grade is no fraction, or the feed's is not between those of the two products.

    Examples
    --------
    >>> round(recovery_of_assays(0.007, 0.28, 0.000716112), 6)
    0.9
    """
    _refuse_no_share("feed_grade", feed_grade)
    _refuse_no_share("concentrate_grade", concentrate_grade)
    if tailings_grade != 0.0:
        _refuse_no_share("tailings_grade", tailings_grade)
    if not tailings_grade < feed_grade <= concentrate_grade:
        raise ChainError(
            f"the feed ({feed_grade:.6g}) has to be richer than the tailings "
            f"({tailings_grade:.6g}) and no richer than the concentrate "
            f"({concentrate_grade:.6g}). Check the assays."
        )
    return (
        concentrate_grade
        * (feed_grade - tailings_grade)
        / (feed_grade * (concentrate_grade - tailings_grade))
    )


def concentrate_elements(
    ore: float, elements: pl.DataFrame, concentrate_grade: float
) -> pl.DataFrame:
    """Give what becomes of each element or oxide of an ore, each with its own recovery.

    The concentrate's mass is the sum of what is won of all of them over `concentrate_grade`.

    Parameters
    ----------
    ore
        Mass, in any unit.
    elements
        ``element`` (str), ``grade`` (fraction of the ore), ``recovery`` (fraction); other columns
        are kept.
    concentrate_grade
        Of all the elements together, such as total rare-earth oxides: a fraction.

    Returns
    -------
    DataFrame
        The rows as they are with ``won`` and ``lost`` (in the ore's unit), ``concentrate_grade``
        (fraction of the concentrate), ``share`` (of all that is won) and ``tailings_grade``.

    Raises
    ------
    ChainError
        As `concentrate`; a column is missing, or the grades add up to more than 1.

    Examples
    --------
    >>> ore = pl.DataFrame(
    ...     {"element": ["CeO2", "Nd2O3"], "grade": [0.03, 0.01], "recovery": [0.7, 0.6]}
    ... )
    >>> concentrate_elements(1000, ore, 0.45)["concentrate_grade"].round(3).to_list()
    [0.35, 0.1]
    """
    missing = [name for name in ("element", "grade", "recovery") if name not in elements.columns]
    if missing:
        raise ChainError(
            f"elements: the column {missing[0]} is missing. Give element, grade and recovery."
        )
    if elements.is_empty():
        raise ChainError("elements: there are none. Give at least one row.")
    for element, grade, recovery in elements.select("element", "grade", "recovery").rows():
        _refuse_no_share(f"grade of {element}", grade)
        _refuse_no_share(f"recovery of {element}", recovery)
    grades, recoveries = pl.col("grade"), pl.col("recovery")
    feed = float(elements["grade"].sum())
    if feed > 1.0:
        raise ChainError(f"the elements' grades add up to {feed:.6g}. Give shares of the ore.")
    recovered = float((elements["grade"] * elements["recovery"]).sum())
    split = concentrate(ore, feed, concentrate_grade, recovered / feed)
    lost = ore * grades * (1.0 - recoveries)
    return elements.with_columns(
        won=ore * grades * recoveries,
        lost=lost,
        concentrate_grade=grades * recoveries / split.mass_pull,
        share=grades * recoveries / recovered,
        tailings_grade=lost / split.tailings if split.tailings > 0 else pl.lit(0.0),
    )


def _refuse_no_share(name: str, share: float | None) -> None:
    if share is None or not 0.0 < share <= 1.0:
        found = "missing" if share is None else f"{share:.6g}"
        hint = f" {share:.6g} % is {share / 100:.6g}." if share and 1.0 < share <= 100.0 else ""
        raise ChainError(f"{name} is {found}. Give a fraction above 0 and at most 1.{hint}")
