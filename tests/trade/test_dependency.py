"""Dependency: worked by hand, against brute force, and the command that writes it."""

import json
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onshore.cli import trade as commands
from onshore.cli.console import Refused
from onshore.trade import Dependency, Limits, TradeError, concentration, dependency, open_facts

COLUMNS = ("exporter", "importer", "product", "year", "value")


def table(*rows: tuple[str, str, str, int, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def told(frame: pl.DataFrame, country: str = "IRN", **given: object) -> Dependency:
    with open_facts(frame) as facts:
        return dependency(facts, country, **given)


def product(found: Dependency, code: str) -> dict[str, object]:
    return found.products.filter(pl.col("product") == code).row(0, named=True)


# Iran buys bearings: 60 from China, 30 from Germany, 10 from India, sells 20 itself. China sells
# 200 more to Iraq, Germany 50, Japan 40 to Iraq alone. Of engines China sells all.
WORKED = table(
    ("CHN", "IRN", "848210", 2020, 60.0),
    ("DEU", "IRN", "848210", 2020, 30.0),
    ("IND", "IRN", "848210", 2020, 10.0),
    ("IRN", "AFG", "848210", 2020, 20.0),
    ("CHN", "IRQ", "848210", 2020, 200.0),
    ("DEU", "IRQ", "848210", 2020, 50.0),
    ("JPN", "IRQ", "848210", 2020, 40.0),
    ("CHN", "IRN", "840820", 2020, 12.0),
)


def test_worked_by_hand() -> None:
    row = product(told(WORKED), "848210")
    assert row["value"] == 100.0
    assert row["hhi"] == pytest.approx(0.36 + 0.09 + 0.01)
    assert (row["top_partner"], row["top_partner_name"]) == ("CHN", "China")
    assert row["top_share"] == pytest.approx(0.6)
    assert row["partners"] == 3
    assert row["world_exports"] == 410.0
    world = (260**2 + 80**2 + 10**2 + 20**2 + 40**2) / 410**2
    assert row["world_hhi"] == pytest.approx(world)
    assert (row["exports"], row["imports_to_exports"]) == (20.0, 5.0)
    assert (row["cdi1"], row["cdi2"], row["cdi3"]) == (pytest.approx(0.46), 1.0, 5.0)
    assert row["eu_dependent"]
    assert row["holds"]
    # Others than China sell 50 + 40 elsewhere (Iran itself is not asked), China sells 60 here.
    assert row["spare_exports"] == 90.0
    assert row["cover"] == pytest.approx(1.5)
    assert row["via_hub"] is False


def test_who_could_replace_the_top_partner() -> None:
    found = told(WORKED).replacements
    rows = found.filter(pl.col("product") == "848210").select(
        "replaced", "replaced_value", "rank", "supplier", "sold_here", "spare", "cover"
    )
    assert rows.rows() == [
        ("CHN", 60.0, 1, "DEU", 30.0, 50.0, pytest.approx(50 / 60)),
        ("CHN", 60.0, 2, "JPN", 0.0, 40.0, pytest.approx(40 / 60)),
    ]
    assert found.filter(pl.col("product") == "840820").is_empty()


def test_who_could_replace_one_partner() -> None:
    rows = told(WORKED, partner="Germany", candidates=1).replacements
    assert rows.select("product", "replaced", "supplier", "spare").rows() == [
        ("848210", "DEU", "CHN", 200.0)
    ]


def test_partners_and_what_depends_on_them() -> None:
    rows = told(WORKED).partners
    assert rows["partner"].to_list() == ["CHN", "DEU", "IND"]
    assert rows["value"].to_list() == [72.0, 30.0, 10.0]
    assert rows["top_of"].to_list() == [2, 0, 0]
    assert rows["dependent_value"].to_list() == [72.0, 30.0, 10.0]


def test_own_area_is_not_outside() -> None:
    row = product(told(WORKED, area=["India", "DEU"]), "848210")
    assert row["cdi1"] == 1.0
    assert row["cdi2"] == pytest.approx(0.6)
    assert row["cdi3"] == pytest.approx(3.0)


def test_no_exports_counts_as_not_substitutable() -> None:
    row = product(told(WORKED), "840820")
    assert row["exports"] is None
    assert row["cdi3"] is None
    assert row["not_substitutable"]
    assert row["eu_dependent"]


def test_partner_that_buys_what_it_sells_is_a_hub() -> None:
    more = pl.concat([WORKED, table(("JPN", "CHN", "840820", 2020, 15.0))])
    found = told(more)
    assert product(found, "840820")["via_hub"]
    assert any("may only pass the goods on" in line for line in found.warnings)


def test_equal_partners_give_one_and_the_same_top() -> None:
    even = table(*(("CHN", "IRN", "1", 2020, 5.0), ("DEU", "IRN", "1", 2020, 5.0)) * 3)
    row = product(told(even), "1")
    assert (row["top_partner"], row["top_share"], row["partners"]) == ("DEU", 0.5, 2)


@pytest.mark.parametrize(
    ("held", "persists"),
    [
        ({2018: 1, 2019: 1, 2020: 0}, True),
        ({2018: 1, 2019: 0, 2020: 0}, False),
        ({2018: 0, 2019: 1, 2020: 1}, True),
        ({2019: 1, 2020: 1}, True),
        ({2019: 0, 2020: 1}, None),
        ({2019: 0, 2020: 0}, False),
        ({2020: 1}, None),
        ({2016: 1, 2017: 1, 2018: 0, 2019: 0, 2020: 1}, False),
    ],
)
def test_two_years_of_three(held: dict[int, int], persists: bool | None) -> None:
    rows = []
    for year, holds in held.items():
        rows.append(("CHN", "IRN", "1", year, 9.0))
        rows.append(("IRN", "IRQ", "1", year, 1.0 if holds else 50.0))
    limits = Limits(world=0.1)
    assert product(told(table(*rows), limits=limits), "1")["geodep"] is persists


def test_year_without_imports_is_a_year_in_which_they_do_not_hold() -> None:
    rows = [("CHN", "IRN", "1", 2020, 9.0), ("CHN", "IRN", "1", 2018, 9.0)]
    rows += [("CHN", "IRN", "2", 2019, 9.0)]
    assert product(told(table(*rows)), "1")["geodep"] is True
    rows = [*rows[:1], *rows[2:], ("CHN", "IRN", "2", 2018, 9.0)]
    assert product(told(table(*rows)), "1")["geodep"] is False


def test_trend_and_change() -> None:
    frame = table(
        ("CHN", "IRN", "1", 2018, 50.0),
        ("DEU", "IRN", "1", 2018, 50.0),
        ("CHN", "IRN", "1", 2020, 121.0),
    )
    found = told(frame)
    row = product(found, "1")
    assert (row["first_year"], row["hhi_change"]) == (2018, 0.5)
    assert row["value_growth"] == pytest.approx(0.1)
    assert found.trend.select("year", "imports", "hhi").rows() == [(2018, 100, 0.5), (2020, 121, 1)]
    assert product(told(frame, year=2018), "1")["hhi"] == 0.5


def test_one_country_alone_cannot_tell_the_world() -> None:
    alone = WORKED.filter(pl.col("importer") == "IRN").select(
        "product", "year", "value", reporter="importer", partner="exporter", flow=pl.lit("M")
    )
    found = told(alone)
    row = product(found, "848210")
    assert row["hhi"] == pytest.approx(0.46)
    unknown = ("world_hhi", "exports", "holds", "geodep", "eu_dependent", "not_substitutable")
    assert [row[name] for name in (*unknown, "spare_exports", "cover", "via_hub")] == [None] * 9
    assert found.replacements.is_empty()
    assert any("trade of one country only" in line for line in found.warnings)
    assert any("tells no exports" in line for line in found.warnings)


def test_re_exports_stand_beside_the_exports() -> None:
    rows = [("IRN", "CHN", "1", 2020, "M", 9.0), ("IRN", "IRQ", "1", 2020, "X", 5.0)]
    rows += [("IRN", "IRQ", "1", 2020, "RX", 4.0), ("IRQ", "CHN", "1", 2020, "M", 9.0)]
    names = ("reporter", "partner", "product", "year", "flow", "value")
    row = product(told(pl.DataFrame(rows, schema=names, orient="row")), "1")
    assert (row["exports"], row["re_exports"], row["imports_to_exports"]) == (5.0, 4.0, 9 / 5)


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(TradeError, match="no imports in 1999"):
        told(WORKED, year=1999)
    with pytest.raises(TradeError, match="JPN has no imports"):
        told(WORKED, "JPN")
    world = table(("World", "IRN", "1", 2020, 5.0), ("World", "IRQ", "1", 2020, 5.0))
    with pytest.raises(TradeError, match="from the world only"):
        told(world)


def test_mixed_revisions_of_the_hs_are_named() -> None:
    # 854231 came with HS 2007, 854221 went with HS 2002: no revision has both.
    mixed = table(("CHN", "IRN", "854231", 2020, 1.0), ("CHN", "IRN", "854221", 2020, 1.0))
    assert any("854221" in line or "854231" in line for line in told(mixed).warnings)


KEYS = st.sampled_from(["AFG", "CHN", "DEU", "IRN", "IRQ"])
ROWS = st.lists(
    st.tuples(
        KEYS, KEYS, st.sampled_from("12"), st.integers(2018, 2022), st.integers(1, 9).map(float)
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS)
def test_concentration_is_that_of_brute_force(rows: list[tuple[str, str, str, int, float]]) -> None:
    rows = [row for row in rows if row[0] != row[1]] or [("CHN", "IRN", "1", 2020, 1.0)]
    with open_facts(table(*rows)) as facts:
        found = facts.run(concentration(facts))
    assert {(r["importer"], r["product"], r["period"]): _known(r) for r in found.to_dicts()} == {
        key: pytest.approx(value) for key, value in brute_force(rows).items()
    }


def _known(row: dict[str, object]) -> list[object]:
    names = ("imports", "hhi", "top_share", "partners", "world_hhi", "holds", "years_held")
    return [float(row[name]) for name in names]  # type: ignore[arg-type]


def brute_force(
    rows: list[tuple[str, str, str, int, float]],
) -> dict[tuple[str, str, int], list[float]]:
    bought: dict[tuple[str, str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    sold: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for exporter, importer, goods, year, value in rows:
        bought[importer, goods, year][exporter] += value
        sold[goods, year][exporter] += value

    def hhi(values: dict[str, float]) -> float:
        return sum((v / sum(values.values())) ** 2 for v in values.values())

    def holds(importer: str, goods: str, year: int) -> bool:
        own = bought.get((importer, goods, year))
        if not own or hhi(own) <= 0.4 or hhi(sold[goods, year]) <= 0.4:
            return False
        return sum(own.values()) > sold[goods, year].get(importer, 0.0)

    return {
        (importer, goods, year): [
            sum(own.values()),
            hhi(own),
            max(own.values()) / sum(own.values()),
            len(own),
            hhi(sold[goods, year]),
            float(holds(importer, goods, year)),
            float(sum(holds(importer, goods, y) for y in range(year - 2, year + 1))),
        ]
        for (importer, goods, year), own in bought.items()
    }


def test_command_writes_all_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    WORKED.write_csv(tmp_path / "facts.csv")
    out = tmp_path / "out"
    asked = ["dependency", str(tmp_path / "facts.csv"), "--country", "iran", "--out", str(out)]
    assert commands.trade(asked, result_action="return_value") == 0
    assert {file.name for file in out.iterdir()} >= {
        *("products.csv", "partners.csv", "replacements.csv", "trend.csv", "unit_values.csv"),
        *("metadata.json", "chart.svg"),
    }
    metadata = json.loads((out / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["command"] == "dependency"
    assert metadata["country"] == "IRN"
    assert metadata["source"]["rows"] == 8
    assert len(metadata["source"]["sha256"]) == 64
    assert metadata["limits"]["concentration"] == 0.4
    products = pl.read_csv(out / "products.csv", infer_schema=False)
    assert products["product"].to_list() == ["848210", "840820"]
    said = capsys.readouterr()
    assert "Iran, 2020: 2 products imported for 112 USD" in said.out
    assert "warning: facts.csv" in said.err


def test_command_refuses_without_writing(tmp_path: Path) -> None:
    WORKED.write_csv(tmp_path / "facts.csv")
    out = tmp_path / "out"
    asked = ["dependency", str(tmp_path / "facts.csv"), "--country", "FRA", "--out", str(out)]
    with pytest.raises(Refused, match="FRA is not in it") as refused:
        commands.trade(asked, result_action="return_value")
    assert refused.value.status == 1
    assert not out.exists()


@pytest.mark.shared_data
def test_published_baci_sample(shared_data: Path) -> None:
    with open_facts(shared_data / "trade" / "baci_2020_sample.parquet") as facts:
        found = dependency(facts, "IRN")
        assert facts.money == "thousand USD"
    # South Africa is one of two exporters in this sample, and Afghanistan sells Iran little.
    assert set(found.partners["partner"]) <= {"710", "4"}
    assert found.products["value"].sum() == pytest.approx(found.partners["value"].sum())
    assert any("2 exporters only" in line for line in found.warnings)
