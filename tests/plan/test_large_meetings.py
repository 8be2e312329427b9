"""Meetings scheduled in layers of pairs, beside the whole model."""

import numpy as np
import polars as pl
import pytest

from onshore.plan import PlanError, Selection, meetings, schedule_meetings

KINDS = ("buyer", "maker")


def drawn(seed: int) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    chance = np.random.default_rng(seed)
    buyers, makers, slots = chance.integers(2, 7), chance.integers(2, 9), chance.integers(1, 6)
    asked = [(f"b{b}", f"m{m}") for b in range(buyers) for m in range(makers)]
    asked = [pair for pair in asked if chance.random() < 0.7] or asked[:1]
    requests = pl.DataFrame(asked, schema=list(KINDS), orient="row").with_columns(
        wish=chance.integers(1, 30, len(asked)).astype(float)
    )
    parties = {
        f"{kind}s": pl.DataFrame({kind: [f"{kind[0]}{k}" for k in range(count)]}).with_columns(
            least=pl.lit(int(chance.random() < 0.3)), most=pl.Series(chance.integers(1, 4, count))
        )
        for kind, count in zip(KINDS, (buyers, makers), strict=True)
    }
    times = pl.DataFrame({"slot": [f"t{s}" for s in range(slots)]}).with_columns(
        tables=pl.lit(int(chance.integers(1, 5)) if chance.random() < 0.7 else None, pl.Int64)
    )
    away = [
        (kind, f"{kind[0]}{k}", f"t{s}")
        for kind, count in zip(KINDS, (buyers, makers), strict=True)
        for k in range(count)
        for s in range(slots)
        if chance.random() < 0.25
    ]
    absences = pl.DataFrame(away, schema=dict.fromkeys(("party", "name", "slot"), pl.String),
                            orient="row")  # fmt: skip
    return {"requests": requests, **parties, "slots": times}, absences


def scheduled(seed: int) -> Selection | None:
    tables, absences = drawn(seed)
    try:
        return schedule_meetings(**tables, unavailable=absences, seconds=20.0)
    except PlanError:
        return None


def require_kept(found: Selection, seed: int) -> None:
    tables, absences = drawn(seed)
    held = found.chosen
    for key in (KINDS, ("buyer", "slot"), ("maker", "slot")):
        assert not held.select(key).is_duplicated().any(), (seed, key)
    for kind in KINDS:
        away = absences.filter(party=kind).select("slot", pl.col("name").alias(kind))
        assert held.join(away, on=["slot", kind], how="semi").is_empty(), seed
        counted = tables[f"{kind}s"].join(held.group_by(kind).len(), on=kind, how="left")
        number = pl.col("len").fill_null(0)
        assert counted.select(number.is_between("least", "most").all()).item(), seed
    counted = tables["slots"].join(held.group_by("slot").len(), on="slot")
    assert counted.filter(pl.col("len") > pl.col("tables")).is_empty(), seed


@pytest.mark.parametrize("seeds", [range(40), range(40, 80)])
def test_layers_of_pairs_bring_what_the_whole_brings(seeds, monkeypatch):
    several = 0
    for seed in seeds:
        monkeypatch.setattr(meetings, "_WHOLE", 10**9)
        whole = scheduled(seed)
        monkeypatch.setattr(meetings, "_WHOLE", 0)
        layered = scheduled(seed)
        assert (whole is None) == (layered is None), seed
        if whole is not None and layered is not None:
            several += len(whole.chosen) > 1
            assert layered.objective == pytest.approx(whole.objective, rel=2e-6), seed
            assert layered.bound >= whole.objective * (1 - 1e-9), seed
            assert layered.gap <= 2e-6, seed
            assert layered.status == "optimal", seed
            require_kept(layered, seed)
    assert several > 10
