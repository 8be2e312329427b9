"""The sets of judged needs that the ranking is trained and measured on."""

import os
from pathlib import Path

import polars as pl

from onshore.match.training import Judgements

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent / "examples" / "steel"
TABLES = {
    "Abt-Buy": ("abt", "buy", "abt_buy_gold", "name"),
    "Amazon-Google": ("amazon", "google", "amazon_google_gold", "title"),
}


def judged_sets() -> dict[str, Judgements]:
    """Read all sets: product tables, maintenance goods, the worked example with and without HS."""
    steel = _steel()
    return {
        **{name: _tables(*files) for name, files in TABLES.items()},
        "maintenance": _maintenance(),
        "example": steel,
        "example, no HS": Judgements(
            steel.needs.drop("hs_code"), steel.offers.drop("hs_code"), steel.grades
        ),
    }


def shared() -> Path:
    beside = HERE.parents[1] / "shared" / "data"
    return Path(os.environ.get("ONSHORE_SHARED_DATA", beside)) / "match"


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _tables(left: str, right: str, gold: str, column: str) -> Judgements:
    folder = shared() / "tables"
    links = read(folder / f"{gold}.csv")
    needs, offers = (
        read(folder / f"{name}.csv").select(
            pl.col("id").alias(key), pl.col(column).alias("description")
        )
        for name, key in ((left, "need_id"), (right, "offer_id"))
    )
    return Judgements(
        needs=needs.filter(pl.col("need_id").is_in(links["D1"].to_list())),
        offers=offers,
        grades=links.select(need_id="D1", offer_id="D2", grade=pl.lit(3)),
        weight=0.3,
        decides=False,
    )


def _maintenance() -> Judgements:
    folder = shared() / "mro_dev"
    names = ("needs", "offers", "relevance")
    return Judgements(*(read(folder / f"{name}.csv") for name in names), weight=2.0)


def _steel() -> Judgements:
    columns = ("description", "part_number", "brand", "hs_code")
    return Judgements(
        read(EXAMPLE / "needs.csv").select("need_id", *columns),
        read(EXAMPLE / "offers.csv").select("offer_id", *columns),
        read(HERE / "data" / "steel_truth.csv"),
    )
