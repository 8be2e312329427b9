"""Plans of drawn localization instances with their proof, beside HiGHS on the same model whole.

    python benchmarks/plan_localization.py [--items 1000 5000] [--seeds 1] [--time 120]
        [--gap 0.003] [--regimes] [--ours-only]

Draws instances by ``localization/generate.py``, plans each with onshore and with HiGHS (one model,
default options, the same time limit), each in a process of its own, and lets
``localization/checker.py`` recompute the objective and every limit from the files. ``--regimes``
draws 1,000 items with few or many items a maker, tight or loose budgets, and floors that bind.
CPU seconds are those of the process with compilation in them; peak memory is the whole process's.
HiGHS's relaxation is solved apart with ``--relaxation``.
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
ROW = "{:<26}{:<10}{:>12}{:>12}{:>9}{:>9}{:>9}{:>9}  {}"
REGIMES = {
    "2 items a maker": {"n_makers": 500},
    "50 items a maker": {"n_makers": 20},
    "tight budgets": {"budget_tightness": 0.05},
    "loose budgets": {"budget_tightness": 0.8},
    "tight hours": {"capacity_tightness": 0.1},
    "floors that bind": {"floor_share": 0.95},
    "half dual": {"dual_share": 0.5},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, nargs="*", default=[1000])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--time", type=float, default=120.0)
    parser.add_argument("--gap", type=float, default=0.003)
    parser.add_argument("--regimes", action="store_true")
    parser.add_argument("--relaxation", action="store_true")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--run", nargs=2, metavar=("SYSTEM", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        system, folder = options.run
        print(json.dumps(SYSTEMS[system](Path(folder), options)))
        return 0
    systems = ["onshore"] if options.ours_only else ["onshore", "HiGHS"]
    if options.relaxation:
        systems = ["bound", "HiGHS LP"]
    print(
        ROW.format("instance", "system", "objective", "bound", "gap %", "CPU s", "wall s", "MB", "")
    )
    for name, shape in shapes(options):
        with tempfile.TemporaryDirectory() as folder:
            generate = script("generate")
            generate.write(generate.draw(**shape), folder)
            for system in systems:
                tell(name, system, apart(system, folder, options))
    return 0


def shapes(options):
    for items in options.items:
        for seed in range(options.seeds):
            yield f"{items:,} items, seed {seed}", {"n_items": items, "seed": seed}
    if options.regimes:
        for name, shape in REGIMES.items():
            yield f"1,000 items, {name}", {"n_items": 1000, "seed": 0} | shape


def apart(system: str, folder: str, options: argparse.Namespace) -> dict:
    words = [
        sys.executable, __file__, "--run", system, folder,
        "--time", str(options.time), "--gap", str(options.gap),
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"told": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def tell(name: str, system: str, found: dict) -> None:
    def shown(key: str, places: int) -> str:
        return f"{found[key]:,.{places}f}" if found.get(key) is not None else "-"

    gap = "-"
    if found.get("objective") and found.get("bound"):
        gap = f"{100 * (found['bound'] - found['objective']) / found['objective']:.3f}"
    cells = (shown("objective", 2), shown("bound", 2), gap, shown("cpu", 1), shown("wall", 1))
    print(ROW.format(name, system, *cells, shown("peak", 0), found["told"]), flush=True)


def onshore(folder: Path, options: argparse.Namespace) -> dict:
    from onshore.plan import make_plan
    from onshore.plan.instance_folder import read_instance

    def plan() -> dict:
        made = make_plan(read_instance(folder), gap=options.gap, seconds=options.time)
        made.starts.select("item", "maker", "start_year").write_csv(folder / "plan.csv")
        return {"objective": made.objective, "bound": made.bound, "told": made.status}

    found = measured(plan)
    return found | {"told": f"{found['told']}; {checked(folder)}"}


def bound(folder: Path, _: argparse.Namespace) -> dict:
    from onshore.plan.instance_folder import read_instance
    from onshore.plan.large import options_of
    from onshore.plan.large.relaxation import relax

    def relaxed() -> dict:
        return {"bound": relax(options_of(read_instance(folder))[0])[1], "told": "first-order"}

    return measured(relaxed)


def highs(folder: Path, options: argparse.Namespace, *, whole: bool = True) -> dict:
    import highspy

    from onshore.plan.instance_folder import read_instance
    from onshore.plan.model import build_model
    from onshore.plan.solver import _pass
    from onshore.plan.starts import possible_starts

    def solved() -> dict:
        instance = read_instance(folder)
        model = build_model(possible_starts(instance), instance)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("time_limit", options.time if whole else 1e9)
        solver.setOptionValue("mip_rel_gap", options.gap)
        solver.setOptionValue("solve_relaxation", not whole)
        _pass(model, solver)
        solver.run()
        info = solver.getInfo()
        value = info.objective_function_value * model.scale
        top = info.mip_dual_bound * model.scale if whole else value
        return {
            "objective": value if whole else None,
            "bound": top,
            "told": solver.getModelStatus().name,
        }

    return measured(solved)


def measured(work) -> dict:
    begun, used = time.perf_counter(), time.process_time()
    found = work()
    return found | {
        "cpu": time.process_time() - used,
        "wall": time.perf_counter() - begun,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def checked(folder: Path) -> str:
    checker = script("checker")
    rows = checker.read(folder / "plan.csv", "item", "maker", "start_year")
    plan = [(row["item"], row["maker"], int(row["start_year"])) for row in rows]
    verdict = checker.check(checker.load(folder), plan)
    return (
        "checker: every limit kept" if not verdict["broken"] else f"BROKEN {verdict['broken'][:3]}"
    )


def script(name: str) -> ModuleType:
    path = HERE / "localization" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"localization_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SYSTEMS = {
    "onshore": onshore,
    "HiGHS": highs,
    "bound": bound,
    "HiGHS LP": lambda folder, options: highs(folder, options, whole=False),
}

if __name__ == "__main__":
    sys.exit(main())
