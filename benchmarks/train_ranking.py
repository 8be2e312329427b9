"""Train the ranking model that comes with the package, and write it into the package.

    python benchmarks/train_ranking.py [--out FILE]

It learns from the published product tables Abt-Buy (names) and Amazon-Google (titles), from the
development set of maintenance goods in three languages, all in ``match`` of the folder that
ONSHORE_SHARED_DATA names or of ``../shared/data`` beside the checkout, and from the worked
example with its judgements (``benchmarks/data/steel_truth.csv``), once with and once without HS
codes. Only numbers are learned. It needs LightGBM (extra ``match``).
"""

import argparse
from pathlib import Path

from match_sets import judged_sets
from onshore.match.training import train

HERE = Path(__file__).resolve().parent
DEFAULT = HERE.parent / "src" / "onshore" / "match" / "ranking.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=DEFAULT)
    options = parser.parse_args()
    model = train(list(judged_sets().values()), trained_by="python benchmarks/train_ranking.py")
    model.write(options.out)
    print(model.measured, f"none below {model.none_below:.4f}", f"{options.out.stat().st_size:,} B")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
