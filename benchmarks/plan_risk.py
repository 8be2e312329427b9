"""Plans under risk of drawn instances with their proof, beside HiGHS on the same model whole.

    python benchmarks/plan_risk.py [--items 1000] [--seed 0] [--time 60] [--gap 0.005]
        [--measures expected worst-5 worst-20 cvar cvar-one-rate] [--systems onshore HiGHS]

Draws an instance by ``localization/generate.py`` and risks of every candidate: the probability to
qualify between 0.5 and 1, that to be a year late between 0 and 0.5; for CVaR at 0.9 (the worst
tenth) 50 scenarios of them, of demand (20 %) and of the rate (15 %; ``cvar-one-rate``: one rate,
so that nothing but chance tells scenarios apart). ``worst-G`` is the worst case with G failures.
Each is planned by onshore and by HiGHS (the robust counterpart or the program of CVaR as one
model, the same time), each in a process of its own. The plan's measure is reckoned anew from the
scenarios or losses. CPU seconds are those of the process with compilation in them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from plan_localization import measured, script

ROW = "{:>7}  {:<15}{:<10}{:>12}{:>12}{:>9}{:>8}{:>8}{:>8}  {}"
MEASURES = ["expected", "worst-5", "worst-20", "cvar", "cvar-one-rate"]
SHARE, SCENARIOS = 0.1, 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, nargs="*", default=[1000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--measures", nargs="*", default=MEASURES)
    parser.add_argument("--systems", nargs="*", default=["onshore", "HiGHS"])
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        system, measure, folder = options.run
        print(json.dumps(run(system, measure, Path(folder), options)))
        return 0
    heads = ("items", "measure", "system", "objective", "bound", "gap %", "CPU s", "wall s", "MB")
    print(ROW.format(*heads, ""))
    for items in options.items:
        with tempfile.TemporaryDirectory() as folder:
            generate = script("generate")
            generate.write(generate.draw(n_items=items, seed=options.seed), folder)
            for measure in options.measures:
                for system in options.systems:
                    tell(items, measure, system, apart(system, measure, folder, options))
    return 0


def apart(system: str, measure: str, folder: str, options: argparse.Namespace) -> dict:
    words = [
        sys.executable, __file__, "--run", system, measure, folder,
        "--time", str(options.time), "--gap", str(options.gap), "--seed", str(options.seed),
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"told": (done.stderr.strip().splitlines() or [f"ended {done.returncode}"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def tell(items: int, measure: str, system: str, found: dict) -> None:
    def shown(key: str, places: int) -> str:
        return f"{found[key]:,.{places}f}" if found.get(key) is not None else "-"

    gap = "-" if found.get("gap") is None else f"{100 * found['gap']:.3f}"
    cells = shown("objective", 2), shown("bound", 2), gap, shown("cpu", 1), shown("wall", 1)
    print(ROW.format(items, measure, system, *cells, shown("peak", 0), found["told"]), flush=True)


def run(system: str, measure: str, folder: Path, options: argparse.Namespace) -> dict:
    from onshore.plan import (
        conditional,
        cvar_plan,
        draw_scenarios,
        expected_plan,
        weighing,
        worst_case_plan,
    )
    from onshore.plan.instance_folder import read_instance

    if system == "HiGHS":
        weighing._MOST_WHOLE = conditional._MOST_ENTRIES = 10**12
    instance = read_instance(folder)
    risks = drawn_risks(instance.candidates, options.seed)
    asked = {"gap": options.gap, "seconds": options.time}
    name, _, rest = measure.partition("-")
    if name == "cvar":
        spread = {"demand_sd": 0.2, "rate_sd": 0.0 if rest else 0.15}
        scenarios = draw_scenarios(instance, risks, count=SCENARIOS, seed=1, **spread)

    def plan() -> dict:
        if name == "cvar":
            made = cvar_plan(scenarios, share=SHARE, **asked)
            again = own_cvar(made, scenarios)
        elif name == "worst":
            made = worst_case_plan(instance, risks, failures=float(rest), **asked)
            again = own_worst(made, int(rest))
        else:
            made = expected_plan(instance, risks, **asked)
            again = made.objective
        told = made.status if abs(again - made.objective) <= 1e-6 * again else f"WRONG: {again}"
        return {
            "objective": made.objective,
            "bound": made.bound,
            "gap": made.gap,
            "told": told,
        }

    return measured(plan)


def drawn_risks(candidates: pl.DataFrame, seed: int) -> pl.DataFrame:
    dice = np.random.default_rng(seed)
    count = candidates.height
    return candidates.select("item", "maker", "resource").with_columns(
        probability=pl.Series(dice.uniform(0.5, 1, count)),
        delay_years=pl.lit(1),
        probability_late=pl.Series(dice.uniform(0, 0.5, count)),
    )


def own_worst(plan, failures: int) -> float:
    """Take off the largest values: every candidate may fail whole."""
    return float(plan.starts["value"].sort(descending=True)[failures:].sum())


def own_cvar(plan, scenarios) -> float:
    from onshore.plan import evaluate_plan

    return float(evaluate_plan(plan, scenarios, share=SHARE)["cvar"].item())


if __name__ == "__main__":
    sys.exit(main())
