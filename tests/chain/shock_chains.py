"""Chains for tests of losses: a mill with two furnaces, and random networks of three tiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore import chain as chains
from onshore.chain import Chain

PENALTY = 50.0


def mill(
    *,
    first: float,
    capacity: tuple[float, float] = (40.0, 80.0),
    cost: tuple[float, float] = (0.0, 0.0),
    worth: float = PENALTY,
    seasons: Sequence[tuple[str, float]] = (("year", 1.0),),
    stocks_end: str = "as first",
    winter_factor: float | None = None,
    source: float = 0.0,
    store: float | None = None,
    ore_most: float | None = None,
    min_use: float = 0.0,
) -> Chain:
    """Ore from a mine to two furnaces at the works; steel by rail to a town that asks for 100."""
    tables = {
        "commodities": pl.DataFrame(
            {"commodity": ["ore", "steel"], "unit": ["kt", "kt"], "kind": ["material"] * 2}
        ),
        "places": pl.DataFrame(
            {"place": ["works", "town"], "name": ["Works", "Town"], "region": ["north", "south"]}
        ),
        "processes": pl.DataFrame({"process": ["melting"], "commodity": ["steel"]}),
        "recipes": pl.DataFrame({"process": ["melting"], "commodity": ["ore"], "rate": [-1.6]}),
        "assets": pl.DataFrame(
            {
                "asset": ["old", "new"],
                "process": ["melting"] * 2,
                "place": ["works"] * 2,
                "capacity": list(capacity),
                "cost": list(cost),
                "from_year": [2000, 2020],
                "name": ["The old mill", "The new mill"],
                "owner": ["company"] * 2,
                "min_use": [min_use] * 2,
            }
        ),
        "links": pl.DataFrame(
            {"link": ["rail"], "commodity": ["steel"], "from": ["works"], "to": ["town"]}
        ),
        "markets": pl.DataFrame(
            {
                "market": ["mine", "friend"],
                "commodity": ["ore", "steel"],
                "place": ["works", "town"],
                "direction": ["import"] * 2,
                "price": [0.0, 1.0],
                "most": [ore_most, source],
                "partner": ["Oman", "Friend"],
            }
        ).filter((pl.col("market") == "mine") | (pl.lit(source) > 0)),
        "demands": pl.DataFrame(
            {"commodity": ["steel"], "place": ["town"], "amount": [100.0], "worth": [worth]}
        ),
    }
    if first > 0 or store is not None:
        tables["stocks"] = pl.DataFrame(
            {"commodity": ["steel"], "place": ["town"], "first": [first], "capacity": [store]}
        )
    if winter_factor is not None:
        tables["limits"] = pl.DataFrame(
            {
                "name": ["cold"],
                "process": ["melting"],
                "season": [seasons[-1][0]],
                "factor": [winter_factor],
            }
        )
    told = {
        "name": "mill",
        "years": [2025],
        "seasons": [{"name": name, "share": share} for name, share in seasons],
        "stocks_end": stocks_end,
    }
    return chains.read_chain(tables, settings=told)


@dataclass(frozen=True)
class Network:
    """Makers in three tiers: ``edges`` from supplier to user, each maker's ``part``."""

    size: int
    products: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    part: tuple[str, ...]
    ratio: dict[str, float]
    capacity: tuple[float, ...]
    stock: tuple[float, ...]
    demand: dict[int, float]
    margin: dict[int, float]


def network_of(seed: int) -> Network:
    """Draw a network in which all demand can be served before any loss."""
    rng = np.random.default_rng(seed)
    tiers = [2, int(rng.integers(2, 5)), int(rng.integers(2, 6))]
    begins = np.cumsum([0, *tiers])
    size = int(begins[-1])
    part = ["" for _ in range(size)]
    for node in range(tiers[0]):
        part[node] = f"product {node}"
    for tier in (1, 2):
        kinds = int(rng.integers(1, 3))
        for node in range(begins[tier], begins[tier + 1]):
            part[node] = f"part {tier}{int(rng.integers(kinds))}"
    edges = []
    for tier in (0, 1):
        for user in range(begins[tier], begins[tier + 1]):
            suppliers = np.arange(begins[tier + 1], begins[tier + 2])
            drawn = rng.choice(suppliers, int(rng.integers(1, len(suppliers) + 1)), replace=False)
            edges += [(int(supplier), user) for supplier in sorted(drawn)]
    products = tuple(range(tiers[0]))
    demand = {j: float(rng.uniform(5, 10)) for j in products}
    ratio = {name: float(rng.uniform(0.5, 2.0)) for name in set(part)}
    # Each supplier alone could serve all of its users at their most.
    capacity = [0.0] * size
    for node in range(size):
        own = demand.get(node, 0.0)
        through = sum(capacity[user] * ratio[part[node]] for i, user in edges if i == node)
        capacity[node] = (own + through) * float(rng.uniform(1.01, 1.5))
    stock = tuple(float(rng.uniform(0, 2)) if rng.random() < 0.7 else 0.0 for _ in range(size))
    margin = {j: float(rng.uniform(1, 5)) for j in products}
    return Network(
        size, products, tuple(edges), tuple(part), ratio, tuple(capacity), stock, demand, margin
    )


def network_chain(net: Network) -> Chain:
    """Tell a network as a chain: a place for each maker, a link for each edge."""
    nodes = range(net.size)
    # Chains mass-balance their materials; parts are counted in pieces here, so: energy.
    names = sorted(set(net.part))
    recipes = [
        (f"p{j}", part, -net.ratio[part])
        for j in nodes
        for part in sorted({net.part[i] for i, k in net.edges if k == j})
    ]
    return chains.read_chain(
        {
            "commodities": pl.DataFrame(
                {"commodity": names, "unit": ["GJ"] * len(names), "kind": ["energy"] * len(names)}
            ),
            "places": pl.DataFrame({"place": [f"n{i}" for i in nodes]}),
            "processes": pl.DataFrame(
                {
                    "process": [f"p{i}" for i in nodes],
                    "commodity": list(net.part),
                    "from_nature": [True] * net.size,
                }
            ),
            "recipes": pl.DataFrame(
                recipes or [("p0", net.part[0], 1.0)],
                schema=["process", "commodity", "rate"],
                orient="row",
            ),
            "assets": pl.DataFrame(
                {
                    "asset": [f"n{i}" for i in nodes],
                    "process": [f"p{i}" for i in nodes],
                    "place": [f"n{i}" for i in nodes],
                    "capacity": list(net.capacity),
                    "from_year": [2020] * net.size,
                }
            ),
            "links": pl.DataFrame(
                [(f"{i}-{j}", net.part[i], f"n{i}", f"n{j}") for i, j in net.edges],
                schema=["link", "commodity", "from", "to"],
                orient="row",
            ),
            "demands": pl.DataFrame(
                [(net.part[j], f"n{j}", net.demand[j], net.margin[j]) for j in net.products],
                schema=["commodity", "place", "amount", "worth"],
                orient="row",
            ),
            "stocks": pl.DataFrame(
                {
                    "commodity": list(net.part),
                    "place": [f"n{i}" for i in nodes],
                    "first": list(net.stock),
                }
            ),
        },
        settings={"name": "network", "years": [2025]},
    )
