"""Plans of instances with every component and their proof, beside HiGHS on the same model whole.

    python benchmarks/plan_components.py [--items 1000 5000] [--seed 0] [--time 120] [--gap 0.003]
        [--only links openings required amounts funds groups] [--ours-only]

Draws instances by ``localization/generate.py`` and adds to each, by the seed:

- links: 1 % of the items go together with another, 2 % exclude another;
- openings: every third maker costs 2 to 20 % of what a maker saves on average, and every place
  0.5 % of what all save;
- required: 2 % of the items, of those that some maker has room for;
- amounts: the three regions of most makers save at least 80 % of what these let expect;
- funds: a bank pays for the candidates of every fourth maker, out of a quarter of each budget;
- groups: every fifth maker is small, and small makers have a floor of 10 % beside the regions'.

Both systems run in processes of their own with the same time limit. The plan's value and every row
are recomputed here, from the tables and the plan's item, maker and year alone.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from plan_localization import script

PARTS = ("links", "openings", "required", "amounts", "funds", "groups")
ROW = "{:>7} {:<9}{:>12}{:>12}{:>9}{:>9}{:>9}{:>8}  {}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, nargs="*", default=[1000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time", type=float, default=120.0)
    parser.add_argument("--gap", type=float, default=0.003)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        system, folder = options.run
        instance = components(Path(folder), options.seed, options.only)
        print(json.dumps(measured(SYSTEMS[system], instance, options)))
        return 0
    print(ROW.format("items", "system", "worth", "bound", "gap %", "CPU s", "wall s", "MB", ""))
    for items in options.items:
        with tempfile.TemporaryDirectory() as folder:
            generate = script("generate")
            generate.write(generate.draw(n_items=items, seed=options.seed), folder)
            for system in ["onshore"] if options.ours_only else SYSTEMS:
                tell(items, system, apart(system, folder, options))
    return 0


def components(folder: Path, seed: int, only: list[str]):
    """Read an instance and add components to it."""
    from onshore.plan import Instance, read_instance

    plain = read_instance(folder)
    dice = random.Random(seed)
    candidates, budgets, floors = plain.candidates, plain.budgets, plain.floors
    items = sorted(set(candidates["item"]))
    makers = sorted(set(candidates["maker"]))
    whole = expected(plain)
    links = openings = None
    if "links" in only:
        drawn = dice.sample(items, 2 * (len(items) // 100) * 3 // 2)
        pairs = list(zip(drawn[::2], drawn[1::2], strict=True))
        together = len(pairs) // 3
        rows = [(*p, "together" if at < together else "exclude") for at, p in enumerate(pairs)]
        links = pl.DataFrame(rows, schema=["item", "with_item", "kind"], orient="row")
    if "openings" in only:
        each = whole / len(makers)
        rows = [("maker", name, each * dice.uniform(0.02, 0.2)) for name in makers[::3]]
        places = sorted(set(candidates["group"].drop_nulls()))
        rows += [("group", name, 0.005 * whole) for name in places]
        openings = pl.DataFrame(rows, schema=["what", "name", "cost"], orient="row")
    if "required" in only:
        room = plain.capacity.group_by("resource").agg(pl.col("amount").min())
        able = (
            candidates.join(room, on="resource")
            .filter(
                pl.col("share") * pl.col("use_per_year") < 0.2 * pl.col("amount"),
                pl.col("opens") + pl.col("lead_years") < plain.years,
            )["item"]
            .unique()
            .sort()
            .to_list()
        )
        needed = dice.sample(able, min(len(items) // 50, len(able)))
        candidates = candidates.with_columns(required=pl.col("item").is_in(needed))
    if "amounts" in only:
        own = candidates.group_by("group").agg(made=pl.col("maker").n_unique())
        some = floors.join(own, on="group").sort("made", "group", descending=True).head(3)
        amounts = some.select("group", floor_amount=0.8 * whole * pl.col("made") / len(makers))
        floors = floors.drop("floor_amount").join(amounts, on="group", how="left")
        floors = floors.with_columns(pl.col("floor_amount").fill_null(0.0))
    if "funds" in only:
        banked = pl.when(pl.col("maker").is_in(makers[::4])).then(pl.lit("bank"))
        candidates = candidates.with_columns(fund=banked)
        parts = [
            budgets.with_columns(pl.col("amount") * part, fund=pl.lit(fund, dtype=pl.String))
            for fund, part in ((None, 0.75), ("bank", 0.25))
        ]
        budgets = pl.concat(parts)
    if "groups" in only:
        small = pl.when(pl.col("maker").is_in(makers[::5])).then(pl.lit("small"))
        candidates = candidates.with_columns(group=pl.concat_list("group", small).list.drop_nulls())
        more = pl.DataFrame({"group": ["small"], "floor_share": [0.1]})
        floors = pl.concat([floors, more], how="diagonal").with_columns(
            pl.col("floor_amount", "owed").fill_null(0.0)
        )
    return Instance(candidates, plain.capacity, budgets, floors, links, openings)


def expected(instance) -> float:
    """Guess what a plan saves: each item at its mean candidate, from the middle of the horizon.

    Three quarters of that are what the budgets of drawn instances pay for.
    """
    saved = (pl.col("annual_saving") * pl.col("share") * pl.col("max_makers")).mean()
    each = instance.candidates.group_by("item").agg(saved=saved)["saved"]
    return float(each.sum()) * float(instance.budgets["discount"].sum()) / 2 * 0.75


def apart(system: str, folder: str, options: argparse.Namespace) -> dict:
    words = [
        sys.executable, __file__, "--run", system, folder, "--time", str(options.time),
        "--gap", str(options.gap), "--seed", str(options.seed), "--only", *options.only,
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"told": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def tell(items: int, system: str, found: dict) -> None:
    def shown(key: str, places: int) -> str:
        return f"{found[key]:,.{places}f}" if found.get(key) is not None else "-"

    gap = "-"
    if found.get("worth") and found.get("bound"):
        gap = f"{100 * (found['bound'] - found['worth']) / found['worth']:.3f}"
    cells = (shown("worth", 2), shown("bound", 2), gap, shown("cpu", 1), shown("wall", 1))
    print(ROW.format(items, system, *cells, shown("peak", 0), found["told"]), flush=True)


def onshore(instance, options: argparse.Namespace) -> dict:
    from onshore.plan import make_plan

    seen: list[str] = []
    told = lambda *at: seen.append("{:.0f} s: {:.1f} / {:.1f}".format(*at))  # noqa: E731
    plan = make_plan(instance, gap=options.gap, seconds=options.time, progress=told)
    worth, broken = judged(instance, plan.starts.select("item", "maker", "start_year").rows())
    assert abs(worth - plan.objective) < 1e-6 * max(1.0, abs(worth)), (worth, plan.objective)
    kept = f"BROKEN {broken[:3]}" if broken else "every row kept"
    return {"worth": worth, "bound": plan.bound, "told": f"{plan.status}; {kept}"}


def highs(instance, options: argparse.Namespace) -> dict:
    import highspy

    from onshore.plan.model import build_model
    from onshore.plan.solver import _pass
    from onshore.plan.starts import possible_starts

    model = build_model(possible_starts(instance), instance)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", options.time)
    solver.setOptionValue("mip_rel_gap", options.gap)
    _pass(model, solver)
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    return {
        "worth": info.objective_function_value * model.scale if found else None,
        "bound": info.mip_dual_bound * model.scale,
        "told": solver.getModelStatus().name,
    }


def judged(instance, starts: list[tuple[str, str, int]]) -> tuple[float, list[str]]:
    """Recompute a plan's worth and name the rows it breaks."""
    rows = {(r["item"], r["maker"]): r for r in instance.candidates.iter_rows(named=True)}
    discounts = dict(instance.budgets.select("year", "discount").iter_rows())
    last = instance.years
    sums: dict[tuple, float] = {}
    made: dict[str, set[str]] = {}

    def add(key: tuple, amount: float) -> None:
        sums[key] = sums.get(key, 0.0) + amount

    for item, maker, year in starts:
        row = rows[item, maker]
        first = max(year + row["lead_years"], row["needed_from"])
        value = row["share"] * row["annual_saving"] * sum(discounts[y] for y in range(first, last))
        made.setdefault(item, set())
        if maker in made[item] or year < row["opens"] or first >= last:
            add(("impossible", item, maker), 1.0)
        made[item].add(maker)
        add(("value",), value)
        add(("budget", year, row["fund"]), row["tooling_cost"])
        add(("maker", maker), 1)
        groups = row["group"] if isinstance(row["group"], list) else [row["group"]]
        for group in groups:
            add(("group", group), value)
        for y in range(first, last):
            add(("capacity", row["resource"], y), row["share"] * row["use_per_year"])
    broken = [str(key) for key in sums if key[0] == "impossible"]

    def most(key: tuple, limit: float) -> None:
        if sums.get(key, 0.0) > limit * (1 + 1e-6):
            broken.append(f"{key}: {sums[key]} > {limit}")

    for year, fund, amount in instance.budgets.select("year", "fund", "amount").iter_rows():
        most(("budget", year, fund), amount)
    for name, year, amount in instance.capacity.select("resource", "year", "amount").iter_rows():
        most(("capacity", name, year), amount)
    whole = sums.get(("value",), 0.0)
    for row in instance.floors.iter_rows(named=True):
        least = max(row["floor_share"] * whole, row["floor_amount"])
        if sums.get(("group", row["group"]), 0.0) < least - 1e-6 * max(1.0, least):
            broken.append(f"floor {row['group']}")
    for row in instance.candidates.unique("item").iter_rows(named=True):
        count = len(made.get(row["item"], ()))
        if count > row["max_makers"] or (row["required"] and not count):
            broken.append(f"item {row['item']}: {count} makers")
    links = [] if instance.links is None else instance.links.iter_rows()
    for one, other, kind in links:
        both = (one in made) + (other in made)
        if both == (1 if kind == "together" else 2):
            broken.append(f"{one} and {other}: {kind}")
    openings = [] if instance.openings is None else instance.openings.iter_rows(named=True)
    paid = sum(row["cost"] for row in openings if (row["what"], row["name"]) in sums)
    return whole - paid, broken


def measured(system, instance, options: argparse.Namespace) -> dict:
    begun, used = time.perf_counter(), time.process_time()
    found = system(instance, options)
    return found | {
        "cpu": time.process_time() - used,
        "wall": time.perf_counter() - begun,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


SYSTEMS = {"onshore": onshore, "HiGHS": highs}

if __name__ == "__main__":
    sys.exit(main())
