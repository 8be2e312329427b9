"""PyPSA's model of the chains in a folder: objective, flows, and CPU seconds of building it.

    python benchmarks/peers/pypsa/peer.py FOLDER

Each folder in FOLDER holds a chain's tables as CSV, amounts in the units of their commodities,
and settings.json (years, seasons, discount, stocks_end). A process is a `Process` with a rate for
each bus; the members of a group are processes of their own, which feed a bus that the asset takes
one unit from. Shares, a year's most of a market and limits are constraints of linopy, one for all
rows of a kind. answer.json is written beside: objective, seconds, activity, sent and traded. It
is run by benchmarks/chain_build.py in an environment of its own (see requirements.txt).
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pypsa
import xarray as xr

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
WIDE = 1e9
TABLES = ("commodities", "processes", "recipes", "assets", "links", "demands", "markets", "stocks")


class Peer:
    """A chain as a network, built and solved."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "settings.json").read_text())
        self.years, self.discount = told["years"], told["discount"]
        self.seasons, self.stocks_end = dict(told["seasons"]), told["stocks_end"]
        self.t = {name: pd.read_csv(folder / f"{name}.csv") for name in (*TABLES, "limits")}
        self.year = np.repeat(self.years, len(self.seasons))
        self.season = np.tile(list(self.seasons), len(self.years))
        self.share = np.array([self.seasons[s] for s in self.season])
        self.sns = pd.RangeIndex(len(self.year), name="snapshot")
        commodities = self.t["commodities"]
        self.pooled = set(commodities.loc[commodities["pooled"], "commodity"])
        self.counted = self.t["processes"].set_index("process")["commodity"]

    def node(self, commodity: pd.Series, place: pd.Series) -> pd.Series:
        here = place.astype(object).where(~commodity.isin(self.pooled), "everywhere")
        return commodity + " @ " + here.astype(str)

    def over_time(self, rows: np.ndarray, names: pd.Series) -> pd.DataFrame:
        return pd.DataFrame(rows.T, index=self.sns, columns=list(names))

    def holds(self, limit: pd.Series) -> np.ndarray:
        then = np.ones(len(self.sns), bool)
        if not pd.isna(limit["year"]):
            then &= self.year == limit["year"]
        if not pd.isna(limit["season"]):
            then &= self.season == limit["season"]
        return then

    def network(self) -> pypsa.Network:
        n = pypsa.Network()
        n.set_snapshots(self.sns)
        n.snapshot_weightings["objective"] = (1 + self.discount) ** -(
            self.year.astype(float) - self.years[0]
        )
        self.uses = self.t["assets"].merge(self.t["recipes"], on="process", suffixes=("", "_r"))
        self.uses["node"] = self.node(self.uses["commodity"], self.uses["place"])
        self.assets = self.t["assets"].copy()
        self.assets["commodity"] = self.assets["process"].map(self.counted)
        parts = [self.uses["node"]]
        for table in ("demands", "markets", "stocks"):
            frame = self.t[table]
            frame["node"] = self.node(frame["commodity"], frame["place"])
            parts.append(frame["node"])
        links = self.t["links"]
        for end in ("from", "to"):
            links[f"{end}_node"] = self.node(links["commodity"], links[end])
            parts.append(links[f"{end}_node"])
        n.add("Bus", pd.unique(pd.concat(parts)))
        self.add_processes(n)
        self.add_links_and_trade(n)
        self.add_demand(n)
        self.add_stocks(n)
        return n

    def add_processes(self, n: pypsa.Network) -> None:
        a = self.assets
        room = np.outer(a["availability"], self.share)
        until = a["to_year"].fillna(9999).to_numpy()[:, None]
        room = room * ((a["from_year"].to_numpy()[:, None] <= self.year) & (self.year <= until))
        for _, limit in self.t["limits"].dropna(subset=["factor"]).iterrows():
            about = (
                (a["process"] == limit["process"])
                | (a["asset"] == limit["asset"])
                | (a["commodity"] == limit["commodity"])
            )
            if not pd.isna(limit["place"]):
                about &= a["place"] == limit["place"]
            room[np.ix_(about.to_numpy(), self.holds(limit))] *= limit["factor"]
        self.members = self.uses[self.uses["group"].notna()].copy()
        members = self.members
        members["charge"] = members["asset"] + " / " + members["group"]
        members["name"] = members["charge"] + " / " + members["commodity"]
        if len(members):
            charges = members.drop_duplicates("charge")
            n.add("Bus", charges["charge"])
            n.add(
                "Process",
                members["name"],
                bus0=members["node"].to_numpy(),
                bus1=members["charge"].to_numpy(),
                rate0=members["rate"].to_numpy(),
                rate1=np.ones(len(members)),
                p_nom=WIDE,
            )
        single = self.uses[self.uses["group"].isna()][["asset", "node", "rate"]]
        ports = single
        if len(members):
            taken = pd.DataFrame(
                {"asset": charges["asset"], "node": charges["charge"], "rate": -1.0}
            )
            ports = pd.concat([single, taken])
        ports = ports.assign(port=ports.groupby("asset").cumcount())
        bus = ports.pivot(index="asset", columns="port", values="node").reindex(a["asset"])
        rate = ports.pivot(index="asset", columns="port", values="rate").reindex(a["asset"])
        columns = {}
        for port in bus.columns:
            columns[f"bus{port}"] = bus[port].fillna("").to_numpy()
            columns[f"rate{port}"] = rate[port].fillna(0.0).to_numpy()
        n.add(
            "Process",
            a["asset"],
            **columns,
            p_nom=a["capacity"].to_numpy(),
            p_max_pu=self.over_time(room, a["asset"]),
            p_min_pu=self.over_time(room * a["min_use"].to_numpy()[:, None], a["asset"]),
            marginal_cost=a["cost"].to_numpy(),
        )
        by_product = self.uses[
            (self.uses["rate"] > 0)
            & ((self.uses["commodity"] != self.uses["process"].map(self.counted))
               | (self.uses["min_use"] > 0))
        ]  # fmt: skip
        nodes = by_product["node"].drop_duplicates()
        if len(nodes):
            n.add("Generator", "surplus " + nodes, bus=nodes.to_numpy(), sign=-1, p_nom=WIDE)

    def add_links_and_trade(self, n: pypsa.Network) -> None:
        links = self.t["links"]
        if len(links):
            most = links["capacity"].fillna(WIDE)
            n.add(
                "Link",
                links["link"],
                bus0=links["from_node"].to_numpy(),
                bus1=links["to_node"].to_numpy(),
                efficiency=1 - links["loss"].to_numpy(),
                p_nom=most.to_numpy(),
                p_max_pu=self.over_time(np.outer(np.ones(len(links)), self.share), links["link"]),
                marginal_cost=links["cost"].to_numpy(),
            )
        m = self.t["markets"]
        m["name"] = "market " + m.index.astype(str)
        sign = np.where(m["direction"] == "import", 1.0, -1.0)
        year = m["year"].to_numpy(float)[:, None]
        most = np.where(np.isnan(year) | (year == self.year), WIDE, 0.0)
        yearly = m["most"].fillna(WIDE).to_numpy()[:, None]
        for _, limit in self.t["limits"].dropna(subset=["factor", "commodity"]).iterrows():
            about = (m["commodity"] == limit["commodity"]) & (sign > 0) & m["most"].notna()
            if not pd.isna(limit["place"]):
                about &= m["place"] == limit["place"]
            at = np.ix_(about.to_numpy(), self.holds(limit))
            cut = np.broadcast_to(yearly * self.share, most.shape)[at]
            most[at] = np.where(most[at] < WIDE, most[at], cut) * limit["factor"]
        if len(self.seasons) == 1:
            most = np.minimum(most, yearly)
        n.add(
            "Generator",
            m["name"],
            bus=m["node"].to_numpy(),
            sign=sign,
            p_nom=1.0,
            p_max_pu=self.over_time(most, m["name"]),
            marginal_cost=m["price"].to_numpy() * sign,
        )

    def add_demand(self, n: pypsa.Network) -> None:
        d = self.t["demands"]
        year = d["year"].to_numpy(float)[:, None]
        asked = (
            d["amount"].to_numpy()[:, None] * self.share * (np.isnan(year) | (year == self.year))
        )
        order = list(self.seasons)
        for row, text in d["season_share"].dropna().items():
            part = [float(x) for x in text.split(";")]
            own = np.array([part[order.index(s)] for s in self.season])
            asked[row] = np.where(asked[row] > 0, d["amount"][row] * own, 0.0)
        d["name"] = "demand " + d.index.astype(str)
        n.add("Load", d["name"], bus=d["node"].to_numpy(), p_set=self.over_time(asked, d["name"]))
        soft = d["worth"].notna().to_numpy()
        if soft.any():
            names = "unserved " + d["name"][soft]
            n.add(
                "Generator",
                names,
                bus=d["node"][soft].to_numpy(),
                p_nom=1.0,
                p_max_pu=self.over_time(asked[soft], names),
                marginal_cost=d["worth"][soft].to_numpy(),
            )

    def add_stocks(self, n: pypsa.Network) -> None:
        s = self.t["stocks"]
        if s.empty:
            return
        names = "stock " + s.index.astype(str)
        room = s["capacity"].fillna(WIDE).to_numpy()
        least = np.zeros((len(s), len(self.sns)))
        if self.stocks_end == "as first":
            least[:, -1] = s["first"] / room
        n.add(
            "Store",
            names,
            bus=s["node"].to_numpy(),
            e_nom=room,
            e_initial=s["first"].to_numpy(),
            e_min_pu=self.over_time(least, names),
            marginal_cost_storage=self.over_time(np.outer(s["cost"], self.share), names),
        )

    def constrain(self, n: pypsa.Network) -> None:
        """Add what PyPSA has no component for: shares, a year's most, limits with an amount."""
        m = n.model
        if len(self.members):
            self.constrain_shares(m)
        trade = self.t["markets"]
        told = trade[trade["most"].notna()]
        if len(self.seasons) > 1 and len(told):
            of = xr.DataArray(list(told["name"]), dims="market")
            for year in self.years:
                then = self.sns[self.year == year]
                sold = m["Generator-p"].sel(name=of, snapshot=then).sum("snapshot")
                limit = xr.DataArray(told["most"].to_numpy(), dims="market")
                m.add_constraints(sold <= limit, name=f"most {year}")
        takes = self.uses[self.uses["rate"] < 0]
        for k, limit in self.t["limits"].dropna(subset=["amount"]).reset_index().iterrows():
            if pd.isna(limit["commodity"]):
                rows = self.assets
                rows = rows[
                    (rows["process"] == limit["process"]) | (rows["asset"] == limit["asset"])
                ]
                names, rates = rows["asset"], np.ones(len(rows))
            else:
                rows = takes[takes["commodity"] == limit["commodity"]]
                group = rows["asset"] + " / " + rows["group"] + " / " + rows["commodity"]
                names, rates = group.fillna(rows["asset"]), -rows["rate"].to_numpy()
            if not pd.isna(limit["place"]):
                here = (rows["place"] == limit["place"]).to_numpy()
                names, rates = names[here], rates[here]
            if not len(names):
                continue
            of = xr.DataArray(list(names), dims="of")
            for year in self.years:
                then = self.sns[self.holds(limit) & (self.year == year)]
                if len(then):
                    used = m["Process-p"].sel(name=of, snapshot=then) * xr.DataArray(
                        rates, dims="of"
                    )
                    m.add_constraints(
                        used.sum(["of", "snapshot"]) <= limit["amount"], name=f"limit {k} {year}"
                    )

    def constrain_shares(self, m: object) -> None:
        members = self.members
        members["size"] = -members["rate"]
        members["place_in"] = members.groupby("charge").cumcount()
        names = members.pivot(index="charge", columns="place_in", values="name")
        sizes = members.pivot(index="charge", columns="place_in", values="size")
        for side, bound in (("share_min", 1.0), ("share_max", -1.0)):
            told = members[members[side].notna()]
            if told.empty:
                continue
            whole = 0
            share = xr.DataArray(told[side].to_numpy() * bound, dims="held")
            for k in names.columns:
                # A place that a group does not fill repeats its first member, at size 0.
                of = names.loc[told["charge"], k].fillna(names.loc[told["charge"], 0])
                size = xr.DataArray(
                    sizes.loc[told["charge"], k].fillna(0.0).to_numpy(), dims="held"
                )
                of = xr.DataArray(list(of), dims="held")
                whole = whole + m["Process-p"].sel(name=of) * (size * share)
            own = m["Process-p"].sel(name=xr.DataArray(list(told["name"]), dims="held"))
            size = xr.DataArray(told["size"].to_numpy() * bound, dims="held")
            m.add_constraints(whole - own * size <= 0, name=side)


def run(folder: Path, times: int) -> None:
    took = []
    for _ in range(times):
        peer = Peer(folder)
        began = time.process_time()
        n = peer.network()
        between = time.process_time()
        n.optimize.create_model()
        peer.constrain(n)
        took.append((between - began, time.process_time() - between))
    n.optimize.solve_model(
        solver_name="highs",
        solver_options={"output_flag": False, "primal_feasibility_tolerance": 1e-9},
    )
    runs = n.c["Process"].dynamic["p"][list(peer.assets["asset"])]
    answer = {
        "objective": float(n.objective),
        "version": pypsa.__version__,
        "network": min(t[0] for t in took),
        "model": min(t[1] for t in took),
        "both": min(sum(t) for t in took),
        "activity": runs.to_numpy().T.tolist(),
        "sent": n.c["Link"].dynamic["p0"][list(peer.t["links"]["link"])].to_numpy().T.tolist()
        if len(peer.t["links"])
        else [],
        "traded": n.c["Generator"]
        .dynamic["p"][list(peer.t["markets"]["name"])]
        .to_numpy()
        .T.tolist(),
    }
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    for place in sorted(Path(sys.argv[1]).iterdir()):
        run(place, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
