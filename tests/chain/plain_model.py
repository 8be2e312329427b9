"""The chain's linear program written a second time: row by row, from the tables, for SciPy."""

from collections import defaultdict

import numpy as np
from scipy.optimize import linprog


def plain_optimum(chain, objective):
    """Give the optimum of a chain as the method's page states it, without the package's arrays."""
    t = {name: frame.to_dicts() for name, frame in chain.tables.items()}
    s = chain.settings
    pooled = {c["commodity"] for c in t["commodities"] if c["pooled"]}
    counted = {p["process"]: p["commodity"] for p in t["processes"]}
    wanted = objective.partition(":")[2] or None
    when = [(y, name) for y in s.years for name, _ in s.seasons]
    share = dict(s.seasons)
    columns, balance, upper_rows = [], defaultdict(dict), []
    equal_rows = []

    def column(cost, low=0.0, high=None):
        columns.append((cost, low, high))
        return len(columns) - 1

    def at(commodity, place, p):
        return balance[commodity, None if commodity in pooled else place, p]

    def put(commodity, place, p, col, value):
        node = at(commodity, place, p)
        node[col] = node.get(col, 0.0) + value

    def holds(limit, year, season):
        return limit["year"] in (None, year) and limit["season"] in (None, season)

    money = {"least cost": 1.0}.get(objective, 0.0)
    trading = 1.0 if objective in ("least cost", "least net imports") else 0.0
    disc = {y: (1 + s.discount) ** -(y - s.years[0]) for y in s.years}
    runs, takes = {}, []
    for a in t["assets"]:
        for p, (y, season) in enumerate(when):
            there = a["from_year"] <= y <= (a["to_year"] or 9999)
            most = a["capacity"] * a["availability"] * share[season] * there
            for lim in t["limits"]:
                about = (
                    lim["process"] == a["process"]
                    or lim["asset"] == a["asset"]
                    or lim["commodity"] == counted[a["process"]]
                )
                here = lim["place"] in (None, a["place"])
                if lim["factor"] is not None and about and here and holds(lim, y, season):
                    most *= lim["factor"]
            x = column(money * a["cost"] * disc[y], a["min_use"] * most, most)
            runs[a["asset"], p] = x
            groups = defaultdict(list)
            for r in t["recipes"]:
                if r["process"] != a["process"]:
                    continue
                col = x
                if r["group"]:
                    col = column(0.0)
                    groups[r["group"]].append((col, r))
                put(r["commodity"], a["place"], p, col, r["rate"])
                takes.append((r["commodity"], a["place"], p, col, r["rate"]))
                by_product = r["commodity"] != counted[a["process"]]
                left = by_product or a["min_use"] > 0 or r["commodity"] == wanted
                if r["rate"] > 0 and left:
                    put(r["commodity"], a["place"], p, column(0.0), -1.0)
            for members in groups.values():
                equal_rows.append(({**{col: 1.0 for col, _ in members}, x: -1.0}, 0.0))
                for col, r in members:
                    for key, sign in (("share_min", 1.0), ("share_max", -1.0)):
                        if r[key] is None:
                            continue
                        row = {c: sign * r[key] * abs(m["rate"]) for c, m in members}
                        row[col] -= sign * abs(r["rate"])
                        upper_rows.append((row, 0.0))
    for link in t["links"]:
        for p, (y, season) in enumerate(when):
            most = None if link["capacity"] is None else link["capacity"] * share[season]
            col = column(money * link["cost"] * disc[y], 0.0, most)
            put(link["commodity"], link["from"], p, col, -1.0)
            put(link["commodity"], link["to"], p, col, 1.0 - link["loss"])
    for m in t["markets"]:
        sign = 1.0 if m["direction"] == "import" else -1.0
        of_year = defaultdict(dict)
        for p, (y, season) in enumerate(when):
            if m["year"] not in (None, y):
                continue
            factors = [
                lim["factor"]
                for lim in t["limits"]
                if lim["factor"] is not None
                and lim["commodity"] == m["commodity"]
                and sign > 0
                and lim["place"] in (None, m["place"])
                and holds(lim, y, season)
            ]
            most = None
            if factors and m["most"] is not None:
                most = m["most"] * share[season] * np.prod(factors)
            col = column(trading * sign * m["price"] * disc[y], 0.0, most)
            of_year[y][col] = 1.0
            put(m["commodity"], m["place"], p, col, sign)
        if m["most"] is not None:
            upper_rows += [(row, m["most"]) for row in of_year.values()]
    right = defaultdict(float)
    for k in t["stocks"]:
        before = None
        for p, (y, season) in enumerate(when):
            last = p == len(when) - 1 and s.stocks_end == "as first"
            low = k["first"] if last else 0.0
            col = column(money * k["cost"] * share[season] * disc[y], low, k["capacity"])
            put(k["commodity"], k["place"], p, col, -1.0)
            if before is None:
                right[k["commodity"], None if k["commodity"] in pooled else k["place"], p] -= k[
                    "first"
                ]
            else:
                put(k["commodity"], k["place"], p, before, 1.0)
            before = col
    for d in t["demands"]:
        for p, (y, season) in enumerate(when):
            if d["year"] not in (None, y):
                continue
            part = share[season]
            if d["season_share"]:
                part = float(d["season_share"].split(";")[[n for n, _ in s.seasons].index(season)])
            asked = d["amount"] * part
            at(d["commodity"], d["place"], p)
            right[d["commodity"], None if d["commodity"] in pooled else d["place"], p] += asked
            if d["worth"] is not None:
                put(
                    d["commodity"],
                    d["place"],
                    p,
                    column(trading * d["worth"] * disc[y], 0, asked),
                    1.0,
                )
    for lim in t["limits"]:
        if lim["amount"] is None:
            continue
        for y in s.years:
            row = defaultdict(float)
            for p, (year, season) in enumerate(when):
                if year != y or not holds(lim, y, season):
                    continue
                if lim["commodity"]:
                    for commodity, place, then, col, rate in takes:
                        here = lim["place"] in (None, place)
                        if commodity == lim["commodity"] and then == p and rate < 0 and here:
                            row[col] -= rate
                    continue
                for a in t["assets"]:
                    about = lim["process"] == a["process"] or lim["asset"] == a["asset"]
                    if about and lim["place"] in (None, a["place"]):
                        row[runs[a["asset"], p]] += 1.0
            if row:
                upper_rows.append((dict(row), lim["amount"]))
    cost = np.array([c for c, _, _ in columns])
    if wanted:
        for commodity, _, _, col, rate in takes:
            if commodity == wanted and rate > 0:
                cost[col] -= rate
    equal_rows += [(row, right[node]) for node, row in balance.items()]
    found = linprog(
        cost,
        A_ub=_dense(upper_rows, len(columns)),
        b_ub=[b for _, b in upper_rows] or None,
        A_eq=_dense(equal_rows, len(columns)),
        b_eq=[b for _, b in equal_rows],
        bounds=[(low, high) for _, low, high in columns],
    )
    if found.status == 2:
        return None
    assert found.status == 0, found.message
    return -found.fun if wanted else found.fun


def _dense(rows, width):
    if not rows:
        return None
    matrix = np.zeros((len(rows), width))
    for n, (row, _) in enumerate(rows):
        for col, value in row.items():
            matrix[n, col] = value
    return matrix
