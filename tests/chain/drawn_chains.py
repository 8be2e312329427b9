"""Chains for the tests of chain: drawn at random, and a small one of steel."""

import numpy as np
import polars as pl
from hypothesis import strategies as st

from onshore import chain

STEEL = {"name": "small steel", "years": [2025]}


def small_steel(**changed):
    """Ore to steel at three places; each keyword replaces a table, or columns of one by a dict."""
    tables = {
        "commodities": {
            "commodity": ["ore", "pellets", "sponge iron", "scrap", "steel", "gas"],
            "unit": ["kt", "kt", "kt", "kt", "kt", "TJ"],
            "kind": [*["material"] * 5, "energy"],
            "pooled": [*[False] * 5, True],
        },
        "places": {"place": ["mine", "mill", "port"]},
        "processes": {
            "process": ["mining", "pelletizing", "reduction", "melting"],
            "commodity": ["ore", "pellets", "sponge iron", "steel"],
            "from_nature": [True, False, False, False],
        },
        "recipes": {
            "process": ["pelletizing", "reduction", "reduction", "melting", "melting"],
            "commodity": ["ore", "pellets", "gas", "sponge iron", "scrap"],
            "rate": [-1.2, -1.4, -10.0, -1.05, -1.02],
            "unit": [None, None, "GJ", None, None],
            "per_unit": [None, None, "t", None, None],
            "group": [None, None, None, "charge", "charge"],
            "share_max": [None, None, None, None, 0.3],
        },
        "assets": {
            "asset": ["pit", "pellet plant", "module", "furnace"],
            "process": ["mining", "pelletizing", "reduction", "melting"],
            "place": ["mine", "mine", "mill", "mill"],
            "capacity": [4000.0, 3000.0, 1500.0, 2000.0],
            "from_year": [2000] * 4,
            "cost": [1.0, 2.0, 3.0, 4.0],
        },
        "links": {
            "link": ["pellets by rail", "steel by rail"],
            "commodity": ["pellets", "steel"],
            "from": ["mine", "mill"],
            "to": ["mill", "port"],
            "cost": [0.5, 0.6],
            "loss": [0.02, 0.0],
        },
        "demands": {"commodity": ["steel"], "place": ["mill"], "amount": [500.0]},
        "markets": {
            "market": ["steel by sea", "scrap", "gas grid"],
            "commodity": ["steel", "scrap", "gas"],
            "place": ["port", "mill", None],
            "direction": ["export", "import", "import"],
            "price": [500.0, 300.0, 0.1],
            "most": [None, 100.0, None],
        },
    }
    for name, columns in changed.items():
        tables[name] = (
            columns if isinstance(columns, pl.DataFrame) else {**tables.get(name, {}), **columns}
        )
    return {
        name: table if isinstance(table, pl.DataFrame) else pl.DataFrame(table, strict=False)
        for name, table in tables.items()
    }


def drawn(seed, *, steps=4, places=3, years=2, seasons=2, hard=False):
    """Tables and settings of a chain that always has flows.

    Ore is dug, each step takes in what the one before makes, some with alternatives and shares,
    by-products, power from a pool, stocks, seasonal limits, and demand that may stay unserved.
    """
    draw = np.random.default_rng(seed)
    names = [f"p{n}" for n in range(places)]
    goods = [f"g{n}" for n in range(steps + 1)]
    commodities = pl.DataFrame(
        {
            "commodity": [*goods, "scrap", "dust", "power"],
            "unit": [*["kt"] * (steps + 3), "GWh"],
            "kind": [*["material"] * (steps + 3), "energy"],
            "pooled": [*[False] * (steps + 3), True],
        }
    )
    recipes, assets, links, markets = [], [], [], []
    for n in range(1, steps + 1):
        need = draw.uniform(1.05, 1.6)
        with_group = draw.random() < 0.6
        main = {"process": f"step {n}", "commodity": goods[n - 1], "rate": -need}
        if with_group:
            least, most = sorted(draw.uniform(0.0, 0.9, 2))
            other = {"process": f"step {n}", "commodity": "scrap", "rate": -draw.uniform(1.05, 1.3)}
            bound = {"share_min": 0.5 * least} if draw.random() < 0.3 else {"share_max": most}
            recipes += [main | {"group": "charge"}, other | {"group": "charge"} | bound]
        else:
            recipes.append(main)
        recipes.append(
            {"process": f"step {n}", "commodity": "power", "rate": -draw.uniform(0.1, 2.0)}
        )
        if draw.random() < 0.4:
            recipes.append({"process": f"step {n}", "commodity": "dust", "rate": 0.04})
    processes = pl.DataFrame(
        {
            "process": ["digging", *[f"step {n}" for n in range(1, steps + 1)]],
            "commodity": goods,
            "from_nature": [True, *[False] * steps],
        }
    )
    for n in range(steps + 1):
        for k in range(int(draw.integers(1, 4))):
            assets.append(
                {
                    "asset": f"a{n}.{k}",
                    "process": "digging" if n == 0 else f"step {n}",
                    "place": names[int(draw.integers(places))],
                    "capacity": float(draw.uniform(10, 200)),
                    "availability": float(draw.uniform(0.6, 1.0)),
                    "from_year": int(draw.choice([2000, 2000, 2026])),
                    "to_year": int(draw.choice([2025, 2050, 2050])) if k else None,
                    "cost": float(draw.uniform(1, 20)),
                }
            )
            if assets[-1]["from_year"] == 2026 and assets[-1]["to_year"] == 2025:
                assets[-1]["to_year"] = None
    for good in [*goods, "scrap"]:
        for a in range(places):
            for b in range(places):
                if a != b and draw.random() < 0.7:
                    links.append(
                        {
                            "link": f"{good} {a}-{b}",
                            "commodity": good,
                            "from": names[a],
                            "to": names[b],
                            "cost": float(draw.uniform(0.1, 5)),
                            "capacity": float(draw.uniform(5, 100))
                            if draw.random() < 0.5
                            else None,
                            "loss": float(draw.choice([0.0, 0.01, 0.1])),
                        }
                    )
    for place in names:
        markets.append(_market("scrap", place, "import", draw.uniform(5, 80), draw.uniform(5, 40)))
    markets.append(_market("power", None, "import", draw.uniform(0.5, 3), None))
    port = names[int(draw.integers(places))]
    markets.append(_market(goods[-1], port, "export", draw.uniform(50, 200), draw.uniform(10, 90)))
    if draw.random() < 0.5:
        middle = goods[steps // 2]
        markets.append(_market(middle, port, "import", draw.uniform(60, 90), draw.uniform(10, 40)))
    worth = None if hard else 400.0
    demands = [
        {
            "commodity": goods[-1],
            "place": place,
            "year": year,
            "amount": float(draw.uniform(1, 60)),
            "worth": worth if worth is None else worth + float(draw.uniform(0, 50)),
        }
        for place in names
        for year in range(2025, 2025 + years)
    ]
    stocks = [
        {
            "commodity": good,
            "place": names[int(draw.integers(places))],
            "capacity": float(draw.uniform(5, 30)),
            "first": float(draw.uniform(0, 5)),
            "cost": float(draw.uniform(0.1, 1.0)),
        }
        for good in goods[1:3]
    ]
    season_names = [f"s{n}" for n in range(seasons)]
    limits = [
        {"name": "power cut", "commodity": "power", "season": season_names[-1], "amount": 60.0},
        {"name": "cold", "process": "step 1", "season": season_names[0], "factor": 0.7},
        {"name": "scrap rule", "commodity": "scrap", "season": season_names[0], "factor": 0.5},
        {"name": "quota", "process": f"step {steps}", "year": 2025, "amount": 90.0},
    ]
    tables = {
        "commodities": commodities,
        "places": pl.DataFrame({"place": names}),
        "processes": processes,
        "recipes": pl.from_dicts(recipes, schema=_schema(recipes)),
        "assets": pl.from_dicts(assets),
        "links": pl.from_dicts(links, schema=_schema(links)) if links else pl.DataFrame(),
        "markets": pl.from_dicts(markets),
        "demands": pl.from_dicts(demands),
        "stocks": pl.from_dicts(stocks),
        "limits": pl.from_dicts(limits, schema=_schema(limits)),
    }
    if not links:
        del tables["links"]
    shares = draw.dirichlet(np.full(seasons, 5.0))
    settings = {
        "name": f"drawn {seed}",
        "years": list(range(2025, 2025 + years)),
        "seasons": dict(zip(season_names, shares / shares.sum(), strict=True)),
        "discount": float(draw.choice([0.0, 0.08])),
    }
    return tables, settings


def with_distinct_costs(told, seed):
    """Move each cost by up to a hundredth and a little more, so that no two ways cost the same."""
    draw = np.random.default_rng(seed)
    moved = {}
    for name, column in (("assets", "cost"), ("links", "cost"), ("markets", "price"),
                         ("demands", "worth"), ("stocks", "cost")):  # fmt: skip
        frame = told.table(name)
        scale, size = 1 + 0.01 * draw.random(frame.height), frame[column].abs().max() or 1.0
        extra = pl.Series(1e-4 * size * draw.random(frame.height))
        moved[name] = frame.with_columns(pl.col(column) * pl.Series(scale) + extra)
    return told.with_tables(**moved).with_settings(discount=0.08)


def oracle_chain(seed):
    """A drawn chain of another size for each seed, of which the best flows of a year are unique."""
    sizes = {"steps": 3 + seed % 5, "places": 2 + seed % 6, "years": 1 + seed % 4}
    tables, settings = drawn(seed, **sizes, seasons=1 + seed % 4)
    return with_distinct_costs(chain.read_chain(tables, settings=settings), seed)


def chains(**same):
    """Seeds and sizes of drawn chains."""
    return st.builds(
        lambda seed, steps, places, years, seasons: drawn(
            seed, steps=steps, places=places, years=years, seasons=seasons, **same
        ),
        st.integers(0, 10_000),
        st.integers(2, 5),
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(1, 3),
    )


def _market(commodity, place, direction, price, most):
    return {
        "market": f"{commodity} {direction} {place}",
        "commodity": commodity,
        "place": place,
        "direction": direction,
        "price": float(price),
        "most": None if most is None else float(most),
    }


def _schema(rows):
    kinds = {str: pl.String, float: pl.Float64, int: pl.Int64}
    names = {name: None for row in rows for name in row}
    for name in names:
        value = next((row[name] for row in rows if row.get(name) is not None), "")
        names[name] = kinds.get(type(value), pl.Float64)
    return names
