"""Make the tables of examples/chain/steel from the tracker in examples/chain/tracker.

    python examples/chain/make_steel.py

Capacities, plants, places and statuses are the tracker's, recipes those of
``src/onshore/chain/steel`` with their sources. Everything that this script sets itself is
illustrative and is told so row by row.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import polars as pl

from onshore.chain.concentrating import concentrate
from onshore.chain.neighbours import nearest_links
from onshore.chain.steel_chain import step_balance, vocabulary
from onshore.chain.tracked import tracked_assets, tracked_places, tracked_projects
from onshore.chain.tracker import IN_SERVICE, Tracker, read_tracker

HERE = Path(__file__).parent
PROVINCES = HERE.parent / "steel" / "provinces.geojson"
YEARS = (2025, 2026, 2027, 2028, 2029, 2030)
SEASONS = {"winter": 0.2466, "spring": 0.2493, "summer": 0.2521, "autumn": 0.2520}
AS_OF = datetime.date(2025, 9, 30)
ILLUSTRATIVE = "illustrative"

COUNTRY, TEHRAN = "IR", "IR-23"
KHUZESTAN, KERMAN, KHORASAN, ZANJAN = "IR-06", "IR-08", "IR-09", "IR-19"
YAZD, HORMOZGAN, TABRIZ, MAKRAN = "IR-21", "IR-22", "IR-03", "IR-11"

POOLED = ("iron ore fines", "sinter", "limestone", "coal", "coke", "natural gas", "electricity")
MOVED = ("iron ore concentrate", "pellets", "sponge iron", "crude steel", "finished steel")
USD_PER_KT_KM = 30.0

ORE = concentrate(1.0, feed_grade=0.50, concentrate_grade=0.67, recovery=0.85, mineral_grade=0.724)

RUNNING = {  # USD per t, inputs apart; of coke USD per GJ, of gas per GJ, of power per MWh
    "iron ore mining": 6,
    "fines mining": 8,
    "ore dressing": 14,
    "limestone quarrying": 5,
    "scrap collection": 280,
    "pelletizing": 12,
    "sintering": 10,
    "coke making": 1,
    "direct reduction": 30,
    "blast furnace": 40,
    "electric arc furnace": 60,
    "basic oxygen furnace": 40,
    "other steelmaking": 70,
    "finishing": 60,
    "gas supply": 2,
    "power supply": 40,
}
BUILDING = {"direct reduction": 250, "electric arc furnace": 300}  # USD per t of capacity a year

UNLISTED = {  # what the source does not list: kt a year; TJ of coke and gas, GWh of power
    "iron ore mining": {KERMAN: 76_000, YAZD: 45_000, KHORASAN: 29_000, ZANJAN: 5_000},
    "ore dressing": {KERMAN: 48_000, YAZD: 28_000, KHORASAN: 18_000, ZANJAN: 3_000},
    "pelletizing": {KERMAN: 16_000, YAZD: 9_000, KHORASAN: 9_000},
    "fines mining": {KERMAN: 9_000},
    "limestone quarrying": {COUNTRY: 3_000},
    "coke making": {COUNTRY: 30_000},
    "scrap collection": {COUNTRY: 3_500},
    "gas supply": {COUNTRY: 620_000},
    "power supply": {COUNTRY: 62_000},
}
ROLLING_SHARE, ROLLING_APART = 0.7, {TEHRAN: 2_000, TABRIZ: 1_500}

DEMAND = 20_000  # kt of finished steel in 2025
GROWTH = 0.03
DEMAND_SHARES = {
    TEHRAN: 0.30,
    KHORASAN: 0.12,
    "IR-10": 0.12,
    TABRIZ: 0.10,
    KHUZESTAN: 0.10,
    "IR-07": 0.09,
    "IR-02": 0.07,
    YAZD: 0.05,
    HORMOZGAN: 0.05,
}
UNSERVED = 1_200  # USD per t

MARKETS = [  # market, commodity, place, direction, USD per t or GJ, most kt a year
    ("crude steel by Bandar Abbas", "crude steel", HORMOZGAN, "export", 470, 10_000),
    ("crude steel by Bandar Imam", "crude steel", KHUZESTAN, "export", 470, 5_000),
    ("crude steel by Chabahar", "crude steel", MAKRAN, "export", 465, 2_000),
    ("finished steel by Bandar Abbas", "finished steel", HORMOZGAN, "export", 560, 2_000),
    ("finished steel by land, north-west", "finished steel", TABRIZ, "export", 560, 1_000),
    ("sponge iron by Bandar Abbas", "sponge iron", HORMOZGAN, "export", 260, 1_500),
    ("pellets by Bandar Abbas", "pellets", HORMOZGAN, "export", 95, 3_000),
    ("concentrate by Bandar Abbas", "iron ore concentrate", HORMOZGAN, "export", 70, 5_000),
    ("finished steel from abroad", "finished steel", HORMOZGAN, "import", 820, 2_000),
    ("coking coal from abroad", "coal", None, "import", 6, None),
    ("coke from abroad", "coke", None, "import", 10, None),
]
LIMITS = [  # name, process, season, share that remains
    ("gas to the chain cut in winter", "gas supply", "winter", 0.60),
    ("power to the chain cut in summer", "power supply", "summer", 0.50),
]
BUDGET = 1_200_000_000  # USD a year

PARTS = [  # process, item of examples/steel, t per kt
    ("electric arc furnace", "I-S0041", 1.8),
    ("electric arc furnace", "I-S0024", 6.0),
    ("direct reduction", "I-S0055", 0.02),
]


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracker", type=Path, default=HERE / "tracker")
    parser.add_argument("--out", type=Path, default=HERE / "steel")
    told = parser.parse_args()
    tracker = read_tracker(
        told.tracker / "steel_plants.csv", told.tracker / "steel_capacity.csv"
    ).of(COUNTRY)
    told.out.mkdir(parents=True, exist_ok=True)
    for name, frame in tables(tracker).items():
        columns = [column.name for column in frame if column.null_count() < frame.height]
        frame.select(columns).write_csv(told.out / f"{name}.csv")
    (told.out / "chain.toml").write_text(settings(tracker), encoding="utf-8")
    (told.out / PROVINCES.name).write_bytes(PROVINCES.read_bytes())


def tables(tracker: Tracker) -> dict[str, pl.DataFrame]:
    """Give the tables of the chain."""
    listed = tracked_assets(tracker, tracker.capacity, YEARS[0])
    places = _places(tracker)
    projects = _projects(tracker)
    assets = _assets(listed)
    used = set(assets["process"])
    recipes = pl.concat(
        [vocabulary("recipes").filter(pl.col("process").is_in(list(used))), _dressing()],
        how="diagonal",
    )
    known = [*recipes["commodity"], *[row[1] for row in MARKETS], "scrap"]
    commodities = vocabulary("commodities").filter(pl.col("commodity").is_in(known))
    return {
        "commodities": commodities.drop("price", "source", "illustrative").with_columns(
            pooled=pl.col("commodity").is_in([*POOLED, "scrap"])
        ),
        "places": places,
        "processes": vocabulary("processes").filter(pl.col("process").is_in(list(used))),
        "recipes": recipes,
        "assets": assets,
        "projects": projects,
        "links": nearest_links(
            places.filter(pl.col("place") != COUNTRY),
            MOVED,
            neighbours=3,
            cost_per_km=USD_PER_KT_KM,
        ),
        "demands": _demands(),
        "markets": _markets(),
        "stocks": _stocks(listed),
        "limits": _limits(),
        "budgets": _budgets(),
        "parts": _parts(),
    }


def settings(tracker: Tracker) -> str:
    """Word ``chain.toml``."""
    now, later = (
        dict(step_balance(tracker, statuses=statuses).select("commodity", "short").iter_rows())
        for statuses in (IN_SERVICE, [*IN_SERVICE, "construction"])
    )
    note = (
        "Capacities of pellets to crude steel are those of the Global Iron and Steel Tracker, "
        "September 2025 (V1); mines, rolling, demand, prices, costs, limits of gas and power and "
        "the projects' dates are illustrative. Listed pellet plants fall short by "
        f"{now['pellets'] / 1000:.1f} Mt a year of what direct reduction and blast furnaces in "
        f"service take ({later['pellets'] / 1000:.1f} Mt with what is under construction). The "
        "source lists few mine-side plants, so illustrative ones make up the rest."
    )
    note_fa = (
        "ظرفیت گندله تا فولاد خام از «رهگیر جهانی آهن و فولاد»، نسخه سپتامبر ۲۰۲۵، است؛ "
        "معدن، نورد، تقاضا، قیمت، هزینه، محدودیت گاز و برق و تاریخ طرح‌ها فرضی است. "
        "واحدهای گندله‌سازی این منبع کمتر از نیاز است، اما منبع واحدهای کنار معدن را کم آورده است "
        "و واحدهای فرضی جای آن‌ها را می‌گیرند."
    )
    lines = [
        'name = "Iron and steel: Iran"',
        'name_fa = "آهن و فولاد: ایران"',
        f"years = {list(YEARS)}",
        'currency = "USD"',
        'objective = "least cost"',
        "discount = 0.08",
        f'note = "{note}"',
        f'note_fa = "{note_fa}"',
        "illustrative = false",
        *[f'\n[[seasons]]\nname = "{name}"\nshare = {share}' for name, share in SEASONS.items()],
    ]
    return "\n".join(lines) + "\n"


def _places(tracker: Tracker) -> pl.DataFrame:
    apart = pl.DataFrame(
        [
            (COUNTRY, "Iran, the whole country", "ایران، سراسر کشور", 32.4279, 53.6880, "IR"),
            (TEHRAN, "Tehran", "تهران", 35.6892, 51.3890, "IR"),
        ],
        schema=["place", "name", "name_fa", "lat", "lon", "region"],
        orient="row",
    )
    listed = tracked_places(tracker, tracker.capacity, COUNTRY)
    return pl.concat([listed, apart]).sort("place")


def _assets(listed: pl.DataFrame) -> pl.DataFrame:
    own = [
        (f"{process}, {place}", process, place, float(size), "not listed in the source")
        for process, sites in UNLISTED.items()
        for place, size in sites.items()
    ]
    crude = listed.filter(_steelmaking()).group_by("place").agg(pl.col("capacity").sum())
    rolling = {
        place: _rounded(size * ROLLING_SHARE, 50) for place, size in crude.sort("place").iter_rows()
    }
    for place, size in ROLLING_APART.items():
        rolling[place] = rolling.get(place, 0.0) + size
    own += [
        (f"finishing, {place}", "finishing", place, size, "rolling mills, not listed in the source")
        for place, size in rolling.items()
    ]
    apart = pl.DataFrame(
        own, schema=["asset", "process", "place", "capacity", "name"], orient="row"
    ).with_columns(
        from_year=pl.lit(YEARS[0], pl.Int64),
        status=pl.lit("operating"),
        source=pl.lit(ILLUSTRATIVE),
        illustrative=pl.lit(value=True),
    )
    assets = pl.concat([listed, apart], how="diagonal")
    return _costed(assets.drop("country"), "cost").with_columns(cost_source=pl.lit(ILLUSTRATIVE))


def _projects(tracker: Tracker) -> pl.DataFrame:
    """Give what is under construction; the source tells neither progress nor, mostly, dates."""
    building = tracked_projects(tracker, tracker.capacity, ("construction",))
    size = pl.col("capacity")
    rule = pl.when(size < 600).then(2027).when(size < 1500).then(2028).otherwise(2029)
    told = pl.when(pl.col("start_year") >= YEARS[0]).then(pl.max_horizontal("start_year", 2026))
    year = pl.coalesce(told, rule)
    shares = {2026: 0.85, 2027: 0.70, 2028: 0.50, 2029: 0.35, 2030: 0.25}
    likely = pl.date(year, 6, 30)
    return _costed(building.drop("country"), "running_cost").with_columns(
        progress=year.replace_strict(shares, return_dtype=pl.Float64),
        as_of=pl.lit(AS_OF),
        finish_low=pl.max_horizontal(
            likely.dt.offset_by("-6mo"), pl.lit(datetime.date(2026, 1, 1))
        ),
        finish_likely=likely,
        finish_high=likely.dt.offset_by("24mo"),
        cost=size * pl.col("process").replace_strict(BUILDING, return_dtype=pl.Float64) * 1000,
        lumpy=pl.lit(value=True),
        dates_source=pl.when(told.is_not_null())
        .then(pl.lit("the source's year of start; spread, progress and costs illustrative"))
        .otherwise(pl.lit("dates, progress and costs illustrative")),
    )


def _costed(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add running costs, in USD per kt, TJ or GWh."""
    cost = pl.col("process").replace_strict(RUNNING, return_dtype=pl.Float64) * 1000
    return frame.with_columns(cost.alias(column))


def _dressing() -> pl.DataFrame:
    return ORE.recipe("ore dressing", "iron ore", "iron ore concentrate").with_columns(
        unit=pl.lit("t"),
        per_unit=pl.lit("t"),
        source=pl.lit("mass balance of illustrative grades and recovery"),
        illustrative=pl.lit(value=True),
    )


def _demands() -> pl.DataFrame:
    rows = [
        ("finished steel", place, year, _rounded(DEMAND * share * (1 + GROWTH) ** n, 1))
        for n, year in enumerate(YEARS)
        for place, share in DEMAND_SHARES.items()
    ]
    frame = pl.DataFrame(rows, schema=["commodity", "place", "year", "amount"], orient="row")
    return _invented(frame.with_columns(worth=pl.lit(UNSERVED * 1000.0)))


def _markets() -> pl.DataFrame:
    columns = ["market", "commodity", "place", "direction", "price", "most"]
    frame = pl.DataFrame(MARKETS, schema=columns, orient="row")
    return _invented(frame.with_columns(pl.col("price") * 1000.0, pl.col("most").cast(pl.Float64)))


def _stocks(listed: pl.DataFrame) -> pl.DataFrame:
    """Give four weeks of pellets and one of sponge iron where there is direct reduction."""
    reduced = listed.filter(pl.col("process") == "direct reduction")
    weekly = reduced.group_by("place").agg(pl.col("capacity").sum() / 52).sort("place")
    rows = []
    for place, amount in weekly.iter_rows():
        pellets, iron = _rounded(4 * 1.43 * amount, 10), _rounded(amount, 10)
        rows.append(("pellets", place, pellets, pellets / 2, 5_000.0))
        rows.append(("sponge iron", place, iron, iron / 2, 15_000.0))
    columns = ["commodity", "place", "capacity", "first", "cost"]
    return _invented(pl.DataFrame(rows, schema=columns, orient="row"))


def _limits() -> pl.DataFrame:
    columns = ["name", "process", "season", "factor"]
    return _invented(pl.DataFrame(LIMITS, schema=columns, orient="row"))


def _budgets() -> pl.DataFrame:
    return _invented(
        pl.DataFrame({"year": list(YEARS), "amount": [float(BUDGET)] * len(YEARS)}).with_columns(
            name=pl.lit("projects of the steel chain")
        )
    )


def _parts() -> pl.DataFrame:
    columns = ["process", "item", "quantity"]
    return _invented(
        pl.DataFrame(PARTS, schema=columns, orient="row").with_columns(unit=pl.lit("t"))
    )


def _invented(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(source=pl.lit(ILLUSTRATIVE), illustrative=pl.lit(value=True))


def _steelmaking() -> pl.Expr:
    makers = vocabulary("processes").filter(pl.col("commodity") == "crude steel")
    return pl.col("process").is_in(makers["process"].to_list())


def _rounded(amount: float, step: int) -> float:
    return float(round(amount / step) * step)


if __name__ == "__main__":
    main()
