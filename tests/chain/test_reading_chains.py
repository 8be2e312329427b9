"""Chains read from folders and frames; what cannot be is refused in the user's words."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from drawn_chains import STEEL, chains, drawn, small_steel
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore import chain
from onshore.chain import tables as described

TOML = 'name = "small steel"\nyears = [2025, 2026]\n[[seasons]]\nname = "summer"\nshare = 0.5\n'
TOML += '[[seasons]]\nname = "winter"\nshare = 0.5\n'


def read(told=STEEL, **changed):
    return chain.read_chain(small_steel(**changed), settings={**STEEL, **told})


def refused(told=STEEL, **changed):
    with pytest.raises(chain.ChainError) as error:
        read(told, **changed)
    message = str(error.value)
    assert message.rstrip().endswith(".")
    return message


def written(folder, tables, toml=TOML, suffix=".csv"):
    folder.mkdir(exist_ok=True)
    (folder / "chain.toml").write_text(toml, "utf-8")
    for name, frame in tables.items():
        if suffix == ".csv":
            frame.write_csv(folder / f"{name}.csv")
        elif suffix == ".xlsx":
            frame.write_excel(folder / f"{name}.xlsx")
        else:
            frame.write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_folder_is_read_as_its_frames_are(tmp_path, suffix):
    settings = {**STEEL, "years": [2025, 2026], "seasons": {"summer": 0.5, "winter": 0.5}}
    whole = chain.read_chain(small_steel(), settings=settings)
    told = chain.read_chain(written(tmp_path / "c", small_steel(), suffix=suffix))
    assert told.settings == whole.settings
    for name, frame in whole.tables.items():
        assert told.table(name).equals(frame, null_equal=True), name
    assert chain.solve(told).objective == pytest.approx(chain.solve(whole).objective)


@given(tables=chains())
@settings(max_examples=20)
def test_a_chain_that_was_read_is_read_again_as_it_is(tables):
    first = chain.read_chain(tables[0], settings=tables[1])
    again = chain.read_chain(first.tables, settings=first.settings)
    for name, frame in first.tables.items():
        assert again.table(name).equals(frame, null_equal=True), name


def test_every_column_is_there_with_its_type():
    whole = read()
    for name in described.TABLES:
        schema = described.schema(name)
        frame = whole.table(name)
        assert frame.columns[: len(schema)] == list(schema)
        assert dict(zip(frame.columns, frame.dtypes, strict=True)).items() >= schema.items()


def test_persian_digits_and_own_columns_are_read():
    assets = pl.DataFrame(small_steel()["assets"]).with_columns(
        capacity=pl.Series(["۴۰۰۰", "٣٠٠٠", "1500", "۲۰۰۰٫۵"]), remark=pl.lit("x")
    )
    told = read(assets=assets).table("assets")
    assert told["capacity"].to_list() == [4000.0, 3000.0, 1500.0, 2000.5]
    assert told["remark"].to_list() == ["x"] * 4


def test_amounts_and_money_are_told_in_the_commoditys_unit():
    in_tonnes = read(
        assets={"capacity": [4e6, 3e6, 1.5e6, 2e6], "cost": [1e-3, 2e-3, 3e-3, 4e-3],
                "unit": ["t"] * 4},
        demands={"amount": [5e8], "unit": ["kg"]},
        markets={"unit": ["t", "t", "GJ"], "price": [0.5, 0.3, 1e-4], "most": [None, 1e5, None]},
        links={"unit": ["t", "t"], "cost": [5e-4, 6e-4]},
        recipes={"rate": [-1200.0, -1.4, -10.0, -1.05, -1.02],
                 "unit": ["kg", None, "GJ", None, None],
                 "per_unit": ["t", None, "t", None, None]},
    )  # fmt: skip
    expected = chain.solve(read()).objective
    assert chain.solve(in_tonnes).objective == pytest.approx(expected)
    assert in_tonnes.table("recipes")["unit"].to_list()[0] == "kt"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        # Mass from nothing.
        ({"recipes": {"rate": [-0.9, -1.4, -10.0, -1.05, -1.02]}},
         "processes, row 3 (pelletizing): its recipe makes mass from nothing: 1e+06 kg come of "
         "900000 kg"),
        ({"recipes": {"rate": [-1.2, -1.4, -10.0, -1.05, -0.9]}}, "row 5 (melting): its recipe ma"),
        ({"processes": {"from_nature": [False] * 4}}, "(mining): its recipe makes mass from nothin"
         "g: it takes in no material. Tell all that it takes in, mend the rates, or set from_natu"),
        # A commodity nobody makes or imports.
        ({"markets": {"commodity": ["steel", "scrap", "scrap"], "place": ["port", "mill", "mill"]}},
         "nobody makes or imports gas, and reduction takes it in. Add an asset whose process"),
        ({"demands": {"commodity": ["scrap"]}, "markets": {"commodity": ["steel", "steel", "gas"]}},
         "nobody makes or imports scrap, and mill asks for it"),
        # Units that do not match.
        ({"recipes": {"unit": ["kWh", None, "GJ", None, None]}},
         "recipes, row 2 (pelletizing, ore), column unit: the units do not match: kWh measures ene"
         "rgy, and the commodity is told in kt (mass)"),
        ({"assets": {"unit": ["m3", None, None, None]}}, "m3 measures volume"),
        ({"commodities": {"unit": ["Mt", "kt", "kt", "kt", "kt", "TJ"]}}, "no such unit is known"),
        ({"commodities": {"unit": ["blob", "kt", "kt", "kt", "kt", "TJ"]}}, "row 2 (ore), c"),
        ({"recipes": {"unit": ["Mt", None, "GJ", None, None]}}, "a unit that converts to it"),
        ({"assets": {"capacity": [1e30, 3e3, 1.5e3, 2e3]}}, "Write a number below 1e15"),
        ({"demands": {"unit": ["GWh"]}}, "demands, row 2 (steel, mill), column unit: the units do"),
        # Capacity without a year.
        ({"assets": {"from_year": [2000, None, 2000, 2000]}},
         "assets, row 3 (pellet plant), column from_year: this capacity has no year"),
        ({"assets": {"capacity": ["4000", "3000", "many", "2000"]}},
         "assets, row 4 (module), column capacity: it is not a number. Found: many."),
        ({"assets": {"capacity": [4000.0, 3000.0, -1.0, 2000.0]}}, "it is below 0"),
        ({"assets": {"capacity": [4000.0, float("inf"), 1.0, 2000.0]}}, "it is without bound"),
        ({"assets": {"availability": [1.0, 1.2, 1.0, 1.0]}}, "it is above 1. Found: 1.2."),
        ({"assets": {"to_year": [1999, None, None, None]}}, "it ends before it begins"),
        ({"assets": {"place": ["mine", "moon", "mill", "mill"]}},
         "assets, row 3 (pellet plant), column place: places has no such row. Found: moon."),
        ({"assets": {"asset": ["pit", "pit", "module", "furnace"]}}, "the same asset stands in se"),
        ({"recipes": {"rate": [-1.2, -1.4, 0.0, -1.05, -1.02]}}, "the rate is 0"),
        ({"recipes": {"group": [None] * 5}}, "shares are told of a row without a group"),
        ({"recipes": {"share_min": [None, None, None, 0.8, 0.4], "share_max": [None] * 5}},
         "the least shares of the group add up to more than 1"),
        ({"recipes": {"share_max": [None, None, None, 0.2, 0.3]}}, "add up to less than 1"),
        ({"recipes": {"share_min": [None, None, None, None, 0.5]}}, "least share is above the lar"),
        ({"recipes": {"rate": [-1.2, -1.4, -10.0, 1.05, -1.02]}}, "the group has inputs and out"),
        ({"links": {"to": ["mine", "port"]}}, "it ends where it starts"),
        ({"links": {"commodity": ["gas", "steel"]}}, "this commodity is pooled"),
        ({"demands": {"place": [None]}}, "it names no place. Name a place, or set pooled = true"),
        ({"demands": {"season_share": ["0.5;0.6"]}}, "these are not the shares of the seasons"),
        ({"markets": {"direction": ["sell", "import", "import"]}}, "Write import or export."),
        ({"commodities": {"kind": [*["solid"] * 5, "energy"]}}, "Write material or energy or serv"),
        ({"stocks": {"commodity": ["ore"], "place": ["mine"], "capacity": [1.0], "first": [2.0]}},
         "more is there than there is room for"),
        ({"limits": {"name": ["x"], "process": ["mining"], "amount": [1.0], "factor": [0.5]}},
         "a limit has either a factor or an amount"),
        ({"limits": {"name": ["x"], "amount": [1.0]}}, "a limit is of one process, one commodity"),
        ({"limits": {"name": ["x"], "process": ["mining"], "season": ["autumn"], "amount": [1.0]}},
         "no such season. Found: autumn. Write one of year, or leave it empty."),
        ({"projects": {"project": ["pit"], "process": ["mining"], "place": ["mine"],
                       "capacity": [1.0]}}, "an asset has the same key"),
        ({"projects": {"project": ["new"], "process": ["mining"], "place": ["mine"],
                       "capacity": [1.0], "finish_low": [date(2027, 1, 1)],
                       "finish_likely": [date(2026, 1, 1)]}}, "the days of finishing are not in"),
        ({"processes": {"commodity": ["ore", "ore", "sponge iron", "steel"]}},
         "the capacity is counted in this commodity, so its rate is 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_table_row_and_next_step(changed, told):
    assert told in refused(**changed)


def test_processes_that_gain_in_a_circle_are_named():
    more = {
        "commodities": {
            "commodity": ["ore", "pellets", "sponge iron", "scrap", "steel", "gas", "power"],
            "unit": [*["kt"] * 5, "TJ", "GWh"],
            "kind": [*["material"] * 5, "energy", "energy"],
            "pooled": [*[False] * 5, True, True],
        },
        "processes": {
            "process": ["mining", "pelletizing", "reduction", "melting", "burning", "making gas"],
            "commodity": ["ore", "pellets", "sponge iron", "steel", "power", "gas"],
            "from_nature": [True, *[False] * 5],
        },
    }
    recipes = pl.DataFrame(small_steel()["recipes"])

    def with_rates(burning, gas):
        extra = pl.DataFrame(
            {
                "process": ["burning", "making gas"],
                "commodity": ["gas", "power"],
                "rate": [-burning, -gas],
            }
        )
        return small_steel(**more) | {"recipes": pl.concat([recipes, extra], how="diagonal")}

    # Nine TJ make a GWh, and a GWh ten TJ: each round gains one.
    with pytest.raises(chain.ChainError) as error:
        chain.read_chain(with_rates(9.0, 0.1), settings=STEEL)
    assert "processes gain by running in a circle" in str(error.value)
    assert "burning and making gas feed each other and gain" in str(error.value)
    assert chain.read_chain(with_rates(10.0, 0.1), settings=STEEL).warnings == ()


def test_an_alternative_that_nobody_supplies_is_a_warning():
    markets = {"commodity": ["steel", "steel", "gas"], "place": ["port", "mill", None]}
    told = read(markets=markets)
    assert told.warnings == (
        "melting may take in scrap, which nobody makes or imports: it takes others of charge.",
    )


def test_rows_of_other_years_and_columns_nearly_right_are_warnings():
    told = read(demands={"year": [2031]}, assets={"capacty": [1, 2, 3, 4]})
    assert any("demands: 1 row is of years that the chain does not tell (2031)" in w
               for w in told.warnings)  # fmt: skip
    assert any("column capacty is not known; is capacity meant?" in w for w in told.warnings)


def test_all_bad_rows_are_told_at_once_and_kept_as_a_table():
    with pytest.raises(chain.ChainError) as error:
        read(
            assets={"place": ["x", "y", "z", "mill"], "to_year": [1990, None, None, None]},
            links={"to": ["nowhere", "port"]},
        )
    problems = error.value.problems
    assert problems.height == 5
    assert problems.filter(table="assets", column="place")["row"].to_list() == [2, 3, 4]


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("years = [2025]", "name is missing"),
        ('name = "x"', "years is missing"),
        ('name = "x"\nyears = []', "Write each year once, in order"),
        ('name = "x"\nyears = [2026, 2025]', "Write each year once, in order"),
        ('name = "x"\nyears = [2025.5]', "2025.5 is not a whole number"),
        ('name = "x"\nyears = 2025', "Write years = [2025, 2026]"),
        (
            'name = "x"\nyears = [2025]\nseason = 1',
            "the key season is not known. Is seasons meant?",
        ),
        ('name = "x"\nyears = [2025]\nseasons = {a = 0.5}', "add up to 0.5"),
        ('name = "x"\nyears = [2025]\nseasons = [1]', "name and share"),
        ('name = "x"\nyears = [2025]\ncurrency = "XYZQ"', "currency"),
        ('name = "x"\nyears = [2025]\ncalendar = "lunar"', "calendar is lunar"),
        ('name = "x"\nyears = [2025]\nstocks_end = "empty"', "stocks_end is empty"),
        ('name = "x"\nyears = [2025]\ndiscount = -2', "discount is -2"),
        ("name = ", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, toml, told):
    with pytest.raises(chain.ChainError) as error:
        chain.read_chain(written(tmp_path / "c", small_steel(), toml))
    assert told in str(error.value)
    assert "chain.toml" in str(error.value)


def test_folders_that_are_none_and_files_that_are_odd(tmp_path):
    with pytest.raises(chain.ChainError, match=r"is not there\. A chain is a folder with"):
        chain.read_chain(tmp_path / "nowhere")
    folder = written(tmp_path / "c", small_steel())
    (folder / "asets.csv").write_text("a\n1\n")
    assert "asets.csv is not known" in chain.read_chain(folder).warnings[0]
    whole = (folder / "assets.csv").read_text()
    (folder / "assets.csv").write_text(whole + "a,b,c,d,e,f,g,h,i,j,k\n")
    with pytest.raises(chain.ChainError, match=r"assets.csv, row 6: it has 11 cells"):
        chain.read_chain(folder)
    (folder / "assets.csv").write_text(whole)
    (folder / "assets.parquet").write_bytes(b"x")
    with pytest.raises(chain.ChainError, match="assets is there in two files"):
        chain.read_chain(folder)
    (folder / "assets.csv").unlink()
    with pytest.raises(chain.ChainError, match=r"assets.parquet cannot be read"):
        chain.read_chain(folder)
    (folder / "assets.parquet").unlink()
    with pytest.raises(chain.ChainError, match="assets: the table is missing or empty"):
        chain.read_chain(folder)


@given(data=st.binary(max_size=120))
@settings(max_examples=40)
def test_no_bytes_end_in_anything_but_a_refusal(tmp_path_factory, data):
    folder = written(tmp_path_factory.mktemp("chain") / "c", small_steel())
    (folder / "assets.csv").write_bytes(data)
    with pytest.raises(chain.ChainError):
        chain.read_chain(folder)


def test_a_missing_column_is_told_with_its_meaning():
    tables = small_steel()
    tables["assets"] = tables["assets"].drop("capacity")
    with pytest.raises(
        chain.ChainError, match=r"column capacity: the column is missing.*Capacity pe"
    ):
        chain.read_chain(tables, settings=STEEL)


def test_tables_and_settings_can_be_replaced():
    whole = read()
    fewer = whole.with_tables(assets=whole.table("assets").filter(pl.col("asset") != "module"))
    assert fewer.table("assets").height == 3
    assert whole.table("assets").height == 4
    assert whole.with_settings(years=(2030,)).settings.years == (2030,)
    tables, settings = drawn(1)
    assert chain.read_chain(tables, settings=settings).settings.periods == 4


def test_the_methods_page_names_every_table_and_column():
    page = (Path(__file__).parents[2] / "docs/methods/chain.md").read_text("utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for table, fields in described.TABLES.items():
        told = lines[table].rsplit("|", 2)[1].strip().split(", ")
        expected = [f"**{name}**" if field.required else name for name, field in fields.items()]
        assert told == expected, table
