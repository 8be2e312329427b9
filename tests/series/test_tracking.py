"""Forecasts, the way to the targets and finish dates: against arithmetic and drawn truth."""

import importlib.util
import json
import math
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from observed_series import aimed, observed

from onshore.cli import main
from onshore.records import write_table
from onshore.series import (
    SeriesError,
    capacity_on_stream,
    finish_dates,
    forecast,
    required_path,
    track,
)

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("statsmodels") is None, reason="needs the extra 'series'"
)

YEARS = {str(1390 + n): round(20 * 1.05**n * (1 + 0.03 * (-1) ** n), 3) for n in range(10)}
QUARTERS = {
    f"{year}-Q{q}": 100 + 10 * q + (year - 1398) + (3 if year % 2 else 0)
    for year in range(1398, 1403)
    for q in range(1, 5)
}


def test_intervals_hold_the_median_widen_and_take_in_more_at_a_higher_level():
    table = observed(YEARS)
    found = forecast(table, horizon=4)
    assert found["period"].to_list() == ["1400", "1401", "1402", "1403"]
    assert ((found["low"] < found["median"]) & (found["median"] < found["high"])).all()
    width = (found["high"] / found["low"]).log()
    assert width.is_sorted()
    wider = forecast(table, horizon=4, level=0.95)
    assert (wider["low"] < found["low"]).all()
    assert (wider["high"] > found["high"]).all()
    assert found.equals(forecast(table, horizon=4))


def test_seasons_return():
    found = forecast(observed(QUARTERS), horizon=4)["median"]
    assert found.is_sorted()
    assert found[3] - found[0] == pytest.approx(30, rel=0.2)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"1398": 1, "1399": 2}, "needs 6 years without a gap; there are 2 up to 1399. Add 1397"),
        (
            {f"{y}-Q{q}": y + q for y in (1401, 1402) for q in range(1, 5)},
            "needs 9 quarters without a gap; there are 8 up to 1402-Q4. Add 1400-Q4",
        ),
        (YEARS | {"1402": 33}, "there is 1 up to 1402. Add 1401"),
        ({str(1390 + n): 7 for n in range(8)}, "All values are equal"),
        ({"1402-01-05/1402-01-09": 7}, "Not a year, half, quarter or month"),
    ],
)
def test_a_series_that_cannot_be_carried_on_says_what_it_lacks(values, said):
    row = forecast(observed(values)).row(0, named=True)
    assert said in row["reason"]
    assert row["median"] is None


def test_horizon_and_level_are_checked():
    with pytest.raises(SeriesError, match="give 1 to 60"):
        forecast(observed(YEARS), horizon=0)
    with pytest.raises(SeriesError, match="between 0 and 1"):
        forecast(observed(YEARS), level=1.0)


def test_the_rest_of_a_year_is_projected_on_what_it_has_reached():
    table = observed(QUARTERS | {"1403-Q1": 116, "1403-Q2": 126})
    row = track(table, aimed({"1403": 520})).row(0, named=True)
    assert (row["observed_to"], row["observed"]) == ("1403-Q2", 242)
    assert (row["pace"], row["pace_needed"]) == (121, 139)
    assert row["pace_is"] == "amount a period"
    assert 242 < row["low"] < row["median"] < row["high"]
    path = required_path(table, aimed({"1403": 520}))
    assert path["period"].to_list() == ["1403-Q3", "1403-Q4"]
    assert path["required_to_date"].to_list() == [381, 520]


def test_a_year_of_quarters_that_is_over_or_not_begun_is_added_up_too():
    table = observed(QUARTERS)
    rows = track(table, aimed({"1401": 400, "1402": 600, "1403": 530, "1404": 530})).to_dicts()
    years = [sum(v for p, v in QUARTERS.items() if p.startswith(y)) for y in ("1401", "1402")]
    assert [row["observed"] for row in rows] == [*years, 0, 0]
    assert [row["stands"] for row in rows] == ["met", "missed", "open", "open"]
    assert rows[2]["pace_needed"] == 132.5
    assert rows[2]["pace"] is None
    assert rows[2]["median"] == pytest.approx(years[-1], rel=0.05)
    assert rows[3]["median"] == pytest.approx(years[-1], rel=0.1)
    spread = [math.log(row["high"] / row["low"]) for row in rows[2:]]
    assert spread[1] > spread[0]
    path = required_path(table, aimed({"1404": 530}))
    assert path["period"].to_list() == [f"1404-Q{q}" for q in range(1, 5)]
    gap = track(observed({"1398": 1, "1400": 2}), aimed({"1398": 1})).row(0, named=True)
    assert "before the newest unbroken run of observations, from 1400" in gap["reason"]


def test_a_year_is_projected_by_years_where_its_quarters_are_too_few():
    table = observed(YEARS | {"1400-Q1": 9})
    row = track(table, aimed({"1400": 33})).row(0, named=True)
    assert (row["observed_to"], row["pace_is"], row["reason"]) == ("1399", "growth a year", None)


def test_without_its_extra_a_forecast_says_what_to_install(monkeypatch):
    monkeypatch.setattr("onshore.series.projecting.find_spec", lambda name: None)
    with pytest.raises(SeriesError, match="pip install 'onshore"):
        forecast(observed(YEARS))
    row = track(observed(YEARS), aimed({"1402": 33})).row(0, named=True)
    assert "pip install" in row["reason"]


def test_probability_falls_as_the_aim_rises_and_at_most_is_its_opposite():
    table = observed(YEARS)
    rows = [track(table, aimed({"1402": aim})).row(0, named=True) for aim in (20, 33, 36, 80)]
    chances = [row["probability"] for row in rows]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.9
    assert chances[-1] < 0.1
    opposite = track(table, aimed({"1402": 33}, direction="at most"))["probability"][0]
    assert opposite == pytest.approx(1 - chances[1])
    median = rows[0]["median"]
    even = track(table, aimed({"1402": median}))["probability"][0]
    assert even == pytest.approx(0.5, abs=1e-4)


def test_a_target_in_another_unit_of_its_kind_is_the_same_target():
    table = observed(YEARS, unit="kt")
    ours, theirs = (
        track(table, aimed({"1402": value}, unit=unit)).row(0, named=True)
        for value, unit in ((33, "kt"), (33000, "t"))
    )
    assert ours["probability"] == pytest.approx(theirs["probability"])
    assert ours["median"] * 1000 == pytest.approx(theirs["median"])


def test_growth_needed_is_the_published_one_and_few_values_are_refused():
    # 25 million t in 1397, 45 planned for 1400: 21.6 % a year; see test_growth_and_targets.
    row = track(observed({"1397": 25}), aimed({"1400": 45})).row(0, named=True)
    assert round(row["pace_needed"], 3) == 0.216
    assert "needs 6 years" in row["reason"]
    assert row["probability"] is None
    path = required_path(observed({"1397": 25}), aimed({"1400": 45}))
    assert path["required"].to_list()[-1] == pytest.approx(45)
    ratios = path["required"] / path["required"].shift(1)
    assert ratios.to_list()[1:] == pytest.approx([1.8 ** (1 / 3)] * 2)


@given(st.integers(1, 100), st.integers(1, 200), st.sampled_from(["at least", "at most"]))
def test_a_year_that_is_over_is_met_or_missed(value, aim, direction):
    targets = aimed({"1398": aim}, direction=direction)
    row = track(observed({"1398": value}), targets).row(0, named=True)
    met = value >= aim if direction == "at least" else value <= aim
    assert (row["stands"], row["probability"]) == ("met" if met else "missed", float(met))


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (aimed({"1402": 1}, unit="cars"), "in cars and the observations in t"),
        (aimed({"1402": 1}, product="copper"), "Nothing is observed of it"),
        (aimed({"2023": 1}), "no step with a year of the gregorian calendar"),
        (aimed({"2023-10-01/2024-09-30": 1}), "no year, half, quarter or month"),
    ],
)
def test_a_target_that_cannot_be_tracked_says_why(targets, said):
    row = track(observed(YEARS), targets).row(0, named=True)
    assert said in row["reason"]


def test_only_what_was_known_counts():
    rows = [(p, v, {"vintage": date(2012 + n, 6, 1)}) for n, (p, v) in enumerate(YEARS.items())]
    seen = track(observed(rows), aimed({"1402": 33}), as_of=date(2019, 1, 1))
    assert seen["observed_to"].to_list() == ["1396"]
    late = aimed({"1402": 33}, set_on=date(2020, 1, 1))
    assert track(observed(rows), late, as_of=date(2019, 1, 1)).is_empty()


START, DAYS = date(2015, 1, 1), 1500


def projects(**open_ones):
    rows = [
        {
            "project_id": name,
            "name": name,
            "product": "steel",
            "capacity": 1000.0,
            "status": "construction",
            "started_on": START,
        }
        | more
        for name, more in open_ones.items()
    ]
    schema = {
        "project_id": pl.String,
        "name": pl.String,
        "product": pl.String,
        "capacity": pl.Float64,
        "status": pl.String,
        "progress": pl.Float64,
        "progress_on": pl.Date,
        "started_on": pl.Date,
        "finished_on": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema)


def straight(count):
    """Completed projects whose progress is a straight line of time."""
    done = {
        f"D{n}": {
            "status": "operating",
            "finished_on": START + timedelta(days=DAYS + 10 * n),
        }
        for n in range(count)
    }
    figures = [
        (name, START + timedelta(days=round(share * (DAYS + 10 * n))), share)
        for n, name in enumerate(done)
        for share in (0.2, 0.4, 0.6, 0.8)
    ]
    return done, pl.DataFrame(figures, schema=["project_id", "date", "progress"], orient="row")


def test_the_curve_of_the_completed_tells_the_day():
    done, figures = straight(40)
    open_one = {"progress": 0.5, "progress_on": START + timedelta(days=1000)}
    table = projects(**done, A=open_one)
    row = finish_dates(table, figures, by=START + timedelta(days=2000)).row(0, named=True)
    assert row["learned_from"] == 40
    # A straight line has half of its time left at half of the work.
    assert abs((row["by_curve"] - START).days - 2000) < 40
    assert abs((row["median"] - START).days - 2000) < 60
    assert row["low"] < row["median"] < row["high"]
    assert row["probability"] == pytest.approx(0.5, abs=0.1)
    alone = finish_dates(projects(A=open_one)).row(0, named=True)
    assert alone["learned_from"] == 0
    assert alone["high"] - alone["low"] > 2 * (row["high"] - row["low"])


def test_a_day_is_the_same_for_a_seed_and_never_before_the_day_it_is_told_on():
    table = projects(A={"progress": 0.9, "progress_on": START + timedelta(days=1000)})
    once, again = (finish_dates(table, seed=3) for _ in range(2))
    assert once.equals(again)
    later = finish_dates(table, as_of=START + timedelta(days=3000))
    assert later["low"][0] >= START + timedelta(days=3000)


def test_capacity_grows_with_the_day_up_to_the_whole():
    seen = {"progress": 0.5, "progress_on": START + timedelta(days=800)}
    table = projects(A=seen, B=seen | {"capacity": 500.0, "product": "iron"}, C=seen)
    days = [START + timedelta(days=n) for n in (810, 1500, 2500, 60000)]
    found = capacity_on_stream(table, days=days).filter(pl.col("product") == "steel")
    assert found["expected"].is_sorted()
    assert found["expected"][0] < 10
    assert (found["capacity"] == 2000).all()
    assert found["expected"][-1] == pytest.approx(2000, rel=0.01)
    one = finish_dates(projects(A=seen), by=days[1])["probability"][0]
    assert found["expected"][1] == pytest.approx(2000 * one, rel=0.05)


def test_a_project_without_a_day_says_why():
    seen = {"progress": 0.5, "progress_on": START + timedelta(days=800)}
    table = projects(
        A={},
        B=seen | {"started_on": None},
        C=seen | {"status": "announced"},
        D=seen | {"progress": 1.0},
        E=seen | {"progress_on": START},
        F=seen | {"progress": 0.0},
    )
    reasons = finish_dates(table)["reason"].to_list()
    parts = ("No progress", "started_on", "not begun", "100 %", "not after its start", "0 %")
    for reason, said in zip(reasons, parts, strict=True):
        assert said in reason
    twice = pl.DataFrame({"project_id": ["G"], "date": [seen["progress_on"]], "progress": [0.6]})
    with pytest.raises(SeriesError, match="has two figures of progress on 2017-03-11"):
        finish_dates(projects(G=seen), twice)


def written(table, path, **more):
    write_table(table.with_columns(source=pl.lit("test"), **more), path)
    return str(path)


def test_commands_show_tables_and_json(tmp_path, capsys):
    data = written(observed(YEARS), tmp_path / "observations.csv")
    aims = written(aimed({"1402": 33}), tmp_path / "targets.csv")
    assert main(["series", "growth", data, "--period", "1399", "--json"]) == 0
    grown = json.loads(capsys.readouterr().out)
    assert [row["period_before"] for row in grown] == ["1398"]
    assert main(["series", "targets", data, "--targets", aims, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert 0 < told[0]["probability"] < 1
    assert main(["series", "forecast", data, "--horizon", "2", "--as-of", "1400/12/29"]) == 0
    assert "1401" in capsys.readouterr().out
    assert main(["series", "targets", data, "--targets", aims, "--path"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[1:3] == ["1402", "33"]
    seen = {"progress": 0.5, "progress_on": START + timedelta(days=800)}
    plans = written(projects(A=seen).drop("started_on"), tmp_path / "projects.csv")
    assert main(["series", "projects", plans]) == 0
    assert "Fill in started_on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["growth", "{data}", "--as-of", "1402"], 2, "give one day"),
        (["growth", "{data}", "--base", "1380"], 1, "No value is of the base period 1380"),
        (["growth", "{data}", "--indicator", "exports"], 2, "There are: production"),
        (["growth", "{data}", "--whole", "steel"], 2, "--whole needs --indicator and --period"),
        (["targets", "{data}"], 2, "--targets FILE"),
        (["forecast", "{data}", "--horizon", "99"], 1, "give 1 to 60"),
        (["growth", "{data}.none"], 2, "is not there"),
    ],
)
def test_commands_refuse_with_the_next_step(words, status, said, tmp_path, capsys):
    data = written(observed(YEARS), tmp_path / "observations.csv")
    assert main(["series", *(word.format(data=data) for word in words)]) == status
    assert said in capsys.readouterr().err


def test_a_bad_table_is_refused_by_row_and_column(tmp_path, capsys):
    path = tmp_path / "observations.csv"
    good = "observation_id,indicator,period,value,unit,status,source\nA,p,1402,1,t,final,s\n"
    path.write_text(good + "B,p,1402-H3,2,t,finall,s\n", encoding="utf-8")
    assert main(["series", "growth", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "period" in shown
    assert "did you mean 'final'" in shown
    path.write_text(good + "B,p,1402,2,t,final,s\n", encoding="utf-8")
    assert main(["series", "growth", str(path)]) == 1
    assert "A (1), B (2)" in capsys.readouterr().err


def test_draws_have_the_spread_that_the_quantiles_tell():
    # Truth is drawn: the interval of the year's rest holds it about as often as it says.
    inside = []
    for n in range(16):
        noise = [math.sin(12.9898 * (n * 100 + k)) * 43758.5453 % 1 - 0.5 for k in range(24)]
        level, values = 100.0, {}
        for k, change in enumerate(noise):
            level *= math.exp(0.2 * change)
            values[f"{1396 + k // 4}-Q{k % 4 + 1}"] = round(level, 3)
        seen = dict(list(values.items())[:-2])
        row = track(observed(seen), aimed({"1401": 400}), draws=1000).row(0, named=True)
        inside.append(row["low"] <= sum(list(values.values())[-4:]) <= row["high"])
    assert 0.6 <= sum(inside) / len(inside) <= 1
