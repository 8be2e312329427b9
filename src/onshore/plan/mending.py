"""The changes of limits that let a plan pass, in words and applied."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.starts import loads_of

_KEPT = 1e-7  # as a share: the solver's own rounding
_LIMIT = ["kind", "name", "year"]
_GIVEN = {
    "kind": pl.String,
    "name": pl.String,
    "year": pl.Int64,
    "given": pl.Float64,
    "needed": pl.Float64,
}
_TOLD = _GIVEN | {
    "reason": pl.String,
    "limit": pl.String,
    "collides": pl.Boolean,
    "proved": pl.Boolean,
}
_START = ["item", "maker", "resource", "start_year"]


def changes_for(chosen: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """List the limits that the chosen starts pass: as ``given``, and as ``needed`` for them."""
    every = _all_limits(instance)
    decided = chosen.select(*_START)
    made = set(chosen["item"])
    rows: list[pl.DataFrame] = [_amounts_passed(chosen, instance)]
    for kind, name, year, given, _ in every.filter(
        pl.col("kind").is_in(["required", "fixed", "together", "exclude"])
    ).iter_rows():
        if _is_dropped(kind, name, year, instance, made, decided):
            rows.append(_rows([(kind, name, year, given, 0.0)]))
    early = (
        chosen.filter(pl.col("start_year") < pl.col("opens"))
        .group_by("maker", "opens", maintain_order=True)
        .agg(needed=pl.col("start_year").min())
        .select(kind=pl.lit("phase"), name="maker", year="opens", given="opens", needed="needed")
    )
    rows.append(early.select(pl.col(name).cast(kind) for name, kind in _GIVEN.items()))
    return pl.concat(rows)


def in_words(colliding: pl.DataFrame, changes: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """Tell the limits that collide or are changed, each in words."""
    if colliding.is_empty() and changes.is_empty():
        return pl.DataFrame(schema=_TOLD)
    given = _all_limits(instance)
    mends = changes.select(*_LIMIT, "needed")
    rows = (
        colliding.join(mends, on=_LIMIT, how="full", nulls_equal=True, coalesce=True)
        .join(given.drop("needed"), on=_LIMIT, how="left", nulls_equal=True)
        .with_columns(pl.col("collides").fill_null(value=False))
        .sort(pl.col("collides").not_(), pl.col("needed").is_null(), *_LIMIT)
    )
    impossible = _never_made(instance)
    told = [
        (
            row["kind"],
            row["name"],
            row["year"],
            row["given"],
            row["needed"],
            _mend(row, impossible),
            _limit(row),
            row["collides"],
            row["proved"],
        )
        for row in rows.iter_rows(named=True)
    ]
    return pl.DataFrame(told, schema=_TOLD, orient="row")


def mended(instance: Instance, reasons: pl.DataFrame) -> Instance:
    """Change the limits of an instance as `why_infeasible` says it is needed.

    Parameters
    ----------
    instance
        An instance that no plan keeps the limits of.
    reasons
        What `why_infeasible` says of it.

    Returns
    -------
    Instance
        The same with the limits as ``needed``; some plan keeps them.
    """
    needed = reasons.filter(pl.col("needed").is_not_null())

    def changed(kind: str, key: dict[str, str], column: str, frame: pl.DataFrame) -> pl.DataFrame:
        new = needed.filter(kind=kind).select(
            "needed", **{ours: pl.col(theirs) for ours, theirs in key.items()}
        )
        return (
            frame.join(new, on=list(key), how="left", nulls_equal=True, maintain_order="left")
            .with_columns(
                pl.coalesce(pl.col("needed").cast(frame.schema[column]), column).alias(column)
            )
            .drop("needed")
        )

    dropped = {
        kind: set(needed.filter(kind=kind).select("name", "year").iter_rows())
        for kind in ("required", "fixed", "together", "exclude")
    }
    floors, links, fixed = instance.floors, instance.links, instance.fixed
    if floors is not None:
        floors = changed("floor", {"group": "name"}, "floor_share", floors)
        floors = changed("floor_amount", {"group": "name"}, "floor_amount", floors)
        gone = needed.filter(kind="floor", needed=0.0)["name"].implode()
        owed = pl.when(pl.col("group").is_in(gone)).then(0.0).otherwise("owed")
        floors = floors.with_columns(owed=owed)
    if links is not None:
        kept = [(f"{a}, {b}", None) not in dropped[kind] for a, b, kind in links.iter_rows()]
        links = links.filter(pl.Series(kept, dtype=pl.Boolean))
    if fixed is not None:
        kept = [(f"{i}, {m}, {r}", y) not in dropped["fixed"] for i, m, r, y in fixed.iter_rows()]
        fixed = fixed.filter(pl.Series(kept, dtype=pl.Boolean))
    free = [name for name, _ in dropped["required"]]
    candidates = changed("phase", {"maker": "name", "opens": "year"}, "opens", instance.candidates)
    return replace(
        instance,
        candidates=candidates.with_columns(pl.col("required") & ~pl.col("item").is_in(free)),
        budgets=changed("budget", {"fund": "name", "year": "year"}, "amount", instance.budgets),
        capacity=changed(
            "capacity", {"resource": "name", "year": "year"}, "amount", instance.capacity
        ),
        floors=floors,
        links=links,
        fixed=fixed,
    )


def _rows(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_GIVEN, orient="row")


def _amounts_passed(chosen: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    loads = loads_of(chosen, instance)
    total = math.fsum(chosen["value"])
    small = _KEPT * (abs(total) + pl.col("limit").abs())
    floor = pl.col("kind").is_in(["floor", "floor_amount"])
    passed = loads.filter(
        pl.when(floor)
        .then(pl.col("limit") - pl.col("used") > small)
        .otherwise(pl.col("used") - pl.col("limit") > _KEPT * pl.col("limit"))
    ).with_columns(
        # A floor of 0 asks for nothing, of a group that is worth less than that too.
        needed=pl.when(floor).then(pl.col("used").clip(0.0)).otherwise("used"),
        given=pl.col("limit"),
    )
    if instance.floors is not None:
        shares = instance.floors.select("floor_share", "owed", kind=pl.lit("floor"), name="group")
        share = ((pl.col("used") - pl.col("owed")) / total).clip(0.0) if total > 0 else pl.lit(0.0)
        passed = passed.join(
            shares, on=["kind", "name"], how="left", maintain_order="left"
        ).with_columns(
            given=pl.coalesce("floor_share", "given"),
            needed=pl.when(pl.col("floor_share").is_not_null()).then(share).otherwise("needed"),
        )
    return passed.select(pl.col(name).cast(kind) for name, kind in _GIVEN.items())


def _is_dropped(
    kind: str,
    name: str,
    year: int | None,
    instance: Instance,
    made: set[str],
    decided: pl.DataFrame,
) -> bool:
    if kind == "required":
        return name not in made
    if kind == "fixed":
        known = pl.format("{}, {}, {}", "item", "maker", "resource")
        return decided.filter(known == name, pl.col("start_year") == year).is_empty()
    assert instance.links is not None
    pair = instance.links.filter(
        pl.col("kind") == kind, pl.format("{}, {}", "item", "with_item") == name
    ).select("item", "with_item")
    one, other = (item in made for item in pair.row(0))
    return one != other if kind == "together" else one and other


def _all_limits(instance: Instance) -> pl.DataFrame:
    """List every limit that may be passed, with what it is."""
    no_year = pl.lit(None, dtype=pl.Int64)
    one = pl.lit(1.0)
    candidates = instance.candidates
    required = candidates.filter("required").select("item").unique(maintain_order=True)
    parts = [
        instance.budgets.select(kind=pl.lit("budget"), name="fund", year="year", given="amount"),
        instance.capacity.select(
            kind=pl.lit("capacity"), name="resource", year="year", given="amount"
        ),
        candidates.filter(pl.col("opens") > 0)
        .unique(["maker", "opens"], maintain_order=True)
        .select(kind=pl.lit("phase"), name="maker", year="opens", given="opens"),
        required.select(kind=pl.lit("required"), name="item", year=no_year, given=one),
    ]
    if instance.floors is not None:
        for kind, column in (("floor", "floor_share"), ("floor_amount", "floor_amount")):
            shown = instance.floors.select(
                kind=pl.lit(kind), name="group", year=no_year, given=column
            )
            parts.append(shown)
    if instance.fixed is not None:
        name = pl.format("{}, {}, {}", "item", "maker", "resource")
        parts.append(
            instance.fixed.select(kind=pl.lit("fixed"), name=name, year="start_year", given=one)
        )
    if instance.links is not None:
        name = pl.format("{}, {}", "item", "with_item")
        parts.append(instance.links.select(kind="kind", name=name, year=no_year, given=one))
    missing = pl.lit(None, dtype=pl.Float64).alias("needed")
    return pl.concat(
        part.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in _GIVEN.items())
        for part in parts
    )


def _never_made(instance: Instance) -> set[str]:
    """Name the items that no maker could produce before the horizon ends, whenever it starts."""
    earliest = pl.max_horizontal("lead_years", "needed_from").min()
    first = instance.candidates.group_by("item").agg(first=earliest)
    return set(first.filter(pl.col("first") >= instance.years)["item"])


def _limit(row: dict[str, Any]) -> str:
    kind, name, year, given = (row[key] for key in ("kind", "name", "year", "given"))
    words = {
        "budget": f"the {_budget(name, year)} ({given:g})",
        "capacity": f"the capacity of {name} in year {year} ({given:g})",
        "floor": f"the floor of {name} ({100 * given:g} %)",
        "floor_amount": f"the least value of {name} ({given:g})",
        "phase": f"{name} opens in year {year}",
        "required": f"{name} is required",
        "fixed": f"{name} is decided for year {year}",
        "together": f"{name} go together",
        "exclude": f"{name} exclude each other",
    }
    return words[kind]


def _mend(row: dict[str, Any], impossible: set[str]) -> str:
    kind, name, year = row["kind"], row["name"], row["year"]
    if row["needed"] is None:
        return "it collides and may stay as it is"
    given, needed = row["given"], row["needed"]
    by = _rounded(needed - given, up=True)
    why = ": no maker can produce it before the horizon ends" if name in impossible else ""
    words = {
        "budget": f"raise the {_budget(name, year)} by {by}",
        "capacity": f"raise the capacity of {name} in year {year} by {by}",
        "floor": f"lower the floor of {name} to {_rounded(100 * needed, up=False)} %",
        "floor_amount": f"lower the least value of {name} to {_rounded(needed, up=False)}",
    }
    if kind.startswith("floor") and needed == 0:
        return f"drop the {'floor' if kind == 'floor' else 'least value'} of {name}"
    words |= {
        "phase": f"open {name} in year {needed:g}",
        "required": f"do not require {name}{why}",
        "fixed": f"take back the decision {name} in year {year}",
        "together": f"let one of {name} be made without the other",
        "exclude": f"let both of {name} be made",
    }
    return words[kind]


def _budget(fund: str | None, year: int) -> str:
    return f"budget of year {year}" if fund is None else f"budget of {fund} in year {year}"


def _rounded(amount: float, *, up: bool) -> str:
    """Write six digits, so that what is raised is enough and what is lowered is low enough."""
    if amount <= 0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(amount)) - 5)
    steps = amount / step
    near = round(steps)
    if not math.isclose(steps, near, rel_tol=1e-12):
        near = math.ceil(steps) if up else math.floor(steps)
    return f"{near * step:.6g}"
