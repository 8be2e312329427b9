"""Tables as they come: wide, long, in several files, and what is wrong with them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_output_tables import drawn

from onshore import economy

WIDE = """sector,steel,cars,total,households,exports,total use
steel,20,30,50,10,40,100
cars,0,10,10,50,20,80
total,20,40,,,,
imports,10,24,,,,
wages,30,10,,,,
value added,70,16,,,,
output,100,80,,,,
jobs,5,8,,,,
"""
LONG = """row,column,value
steel,steel,20
steel,cars,30
cars,cars,10
steel,households,10
steel,exports,40
cars,households,50
cars,exports,20
imports,steel,10
imports,cars,24
value added,steel,70
value added,cars,16
wages,steel,30
wages,cars,10
jobs,steel,5
jobs,cars,8
"""


def written(folder, text, name="table.csv"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def refused(path, **options):
    with pytest.raises(economy.EconomyError) as caught:
        economy.read_table(path, **options)
    return str(caught.value)


def same(one, two):
    assert one.sectors == two.sectors
    assert one.flows.tolist() == two.flows.tolist()
    assert one.output.tolist() == two.output.tolist()
    assert {k: v.tolist() for k, v in one.factors.items()} == {
        k: v.tolist() for k, v in two.factors.items()
    }
    assert one.imports.tolist() == two.imports.tolist()
    assert {k: v.tolist() for k, v in one.final_demand.items()} == {
        k: v.tolist() for k, v in two.final_demand.items()
    }


def test_a_wide_table_is_read_with_its_parts(tmp_path):
    table = economy.read_table(written(tmp_path, WIDE))
    assert table.sectors == ("steel", "cars")
    assert table.flows.tolist() == [[20, 30], [0, 10]]
    assert table.output.tolist() == [100, 80]
    assert table.imports.tolist() == [10, 24]
    assert list(table.factors) == ["wages", "value added", "jobs"]
    assert list(table.final_demand) == ["households", "exports"]
    assert table.warnings == ()
    assert repr(table) == "Table(2 sectors: steel, cars; factors: wages, value added, jobs)"


def test_a_long_table_is_the_same_but_says_that_output_was_reckoned(tmp_path):
    long = economy.read_table(written(tmp_path, LONG))
    wide = economy.read_table(written(tmp_path, WIDE, "wide.csv"))
    assert set(long.factors) == set(wide.factors)
    assert long.flows.tolist() == wide.flows.tolist()
    assert long.output.tolist() == wide.output.tolist()
    assert long.warnings == (
        "table.csv states no output: it is taken as all sales to sectors and final users.",
    )
    headed = LONG.replace("row,column,value", "from,to,amount")
    assert economy.read_table(written(tmp_path, headed)).flows.tolist() == wide.flows.tolist()


@pytest.mark.parametrize("form", ["semicolon", "tab", "bom", "crlf", "persian", "parquet", "xlsx"])
def test_the_same_table_in_other_clothes(tmp_path, form):
    wide = economy.read_table(written(tmp_path, WIDE, "plain.csv"))
    path = tmp_path / "other.csv"
    if form == "semicolon":
        path.write_text(WIDE.replace(",", ";"), "utf-8")
    elif form == "tab":
        path = tmp_path / "other.tsv"
        path.write_text(WIDE.replace(",", "\t"), "utf-8")
    elif form == "bom":
        path.write_text(WIDE, "utf-8-sig")
    elif form == "crlf":
        path.write_bytes(WIDE.replace("\n", "\r\n").encode())
    elif form == "persian":
        path.write_text(WIDE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")), "utf-8")
    else:
        path = tmp_path / f"other.{form}"
        frame = pl.read_csv(tmp_path / "plain.csv")
        frame.write_parquet(path) if form == "parquet" else frame.write_excel(path)
    same(economy.read_table(path), wide)


def test_headings_are_known_in_persian(tmp_path):
    text = "بخش,فولاد,خودرو,مصرف خانوار,صادرات\nفولاد,20,30,10,40\nخودرو,0,10,50,20\n"
    text += "واردات,10,24,,\nارزش افزوده,70,16,,\nاشتغال,5,8,,\nستانده,100,80,,\n"
    table = economy.read_table(written(tmp_path, text))
    assert table.output.tolist() == [100, 80]
    assert table.factor_name("value_added") == "ارزش افزوده"
    assert economy.multipliers(table, "employment").height == 2


def test_chiles_table_is_read_from_its_three_files(shared_data):
    folder = shared_data / "trade"
    table = economy.read_table(folder / "chile_2013_transactions.csv")
    beside = [folder / f"chile_2013_{name}.csv" for name in ("wage_and_demand", "employment")]
    same_table = economy.read_table(folder / "chile_2013_transactions.csv", beside=beside)
    stated = pl.read_csv(beside[0])
    assert np.allclose(table.output, stated["final_total_demand"])
    assert table.flows.tolist() == same_table.flows.tolist()
    assert set(table.factors) == set(same_table.factors) == {"wage", "employees"}
    assert "gross_fixed_capital_formation" in table.final_demand
    assert [path.name for path in table.read_from[1:]] == [
        "chile_2013_employment.csv",
        "chile_2013_wage_and_demand.csv",
    ]
    # Published beside the flows: employees per unit of output.
    coefficients = pl.read_csv(beside[1])["employment_coefficient"]
    found = economy.effects(table).filter(factor="employees", kind="I")["direct"]
    assert np.allclose(found, coefficients)


def test_imports_by_product_are_read_from_their_own_file(tmp_path):
    imports = "product,cars,steel,households\ncars,1,2,9\nsteel,3,4,8\n"
    table = economy.read_table(
        written(tmp_path, WIDE), imports=written(tmp_path, imports, "imports.csv")
    )
    assert table.imports.tolist() == [[4, 3], [2, 1]]
    assert {k: v.tolist() for k, v in table.final_imports.items()} == {"households": [8, 9]}


def test_names_that_tell_nothing_can_be_told(tmp_path):
    text = "s,a,b,Q9\na,1,2,7\nb,3,4,13\nspirit,5,6,\n"
    path = written(tmp_path, text)
    assert "a row and no column: spirit" in refused(path)
    assert "a column and no row: Q9" in refused(path)
    table = economy.read_table(path, factors=["spirit"], final=["Q9"])
    assert table.output.tolist() == [10, 20]
    assert table.factors["spirit"].tolist() == [5, 6]
    other = written(tmp_path, text.replace("Q9", "q").replace("spirit", "made"), "other.csv")
    table = economy.read_table(other, final=["q"], output="made")
    assert table.output.tolist() == [5, 6]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WIDE.replace("steel,20,30", "steel,20,x3"), "row 2 (steel), column cars: 'x3' is no num"),
        (WIDE.replace("steel,20,30", 'steel,20,"3,5"'), "row 2 (steel), column cars: '3,5' is no"),
        (WIDE.replace("cars,0,10,10,50,20,80\n", ""), "not square: a column and no row: cars"),
        (WIDE.replace("steel,20", "iron,20"), "a row and no column: iron"),
        (WIDE.replace("wages,", "cars,"), "the row cars is there twice"),
        (WIDE.replace("sector,steel,cars", "sector,steel,steel"), "column steel is there twice"),
        (WIDE.replace("cars,0,10", ",0,10"), "row 3: it has no name"),
        ("sector,steel\n", "there is no table in it"),
        ("", "there is no table in it"),
        ("a,b\nc,1\n", "no name is both a row and a column"),
        ("s,a,b\na,1,2\nb,3,4\n", "neither output nor final demand"),
        (LONG + "cars,cars,11\n", "there twice: cars to cars"),
        (LONG + ",cars,11\n", "row 17: no row or column is named"),
        (LONG.replace("steel,cars,30", "steel,cars,many"), "row 3 (steel to cars)"),
        (WIDE.replace("output,100", "output,-100"), "output below 0: steel"),
        (WIDE.replace("output,100,80", "output,100,"), "output: empty for cars. Write the output"),
        ("1,2\n3,4\n", "no name is both a row and a column"),
        (WIDE + "jobs 2,1,2,3,4,5,6,7,8,9\n", "cells"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path, text, told):
    message = refused(written(tmp_path, text))
    assert told in message
    assert message.rstrip().endswith(".")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00s\x00", b"PK\x03\x04rubbish", bytes(range(256))])
def test_files_of_another_kind_are_refused(tmp_path, content):
    for suffix in (".csv", ".xlsx", ".parquet", ".docx"):
        path = tmp_path / f"table{suffix}"
        path.write_bytes(content)
        assert "table" in refused(path)
    assert "not there" in refused(tmp_path / "no.csv")


@given(data=st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_refusal(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "table.csv"
    path.write_bytes(data)
    with pytest.raises(economy.EconomyError):
        economy.read_table(path)


def test_empty_flows_are_zeros_and_named(tmp_path):
    table = economy.read_table(written(tmp_path, WIDE.replace("cars,0,10", "cars,,10")))
    assert table.flows.tolist() == [[20, 30], [0, 10]]
    assert "1 empty flows are read as 0, such as cars to steel" in table.warnings[0]


def test_empty_cells_of_factors_and_final_demand_are_named_too(tmp_path):
    text = WIDE.replace("wages,30,10", "wages,30,").replace("50,20,80", ",20,80")
    table = economy.read_table(written(tmp_path, text))
    assert "table.csv, wages: empty, read as 0: cars." in table.warnings
    assert "table.csv, households: empty, read as 0: cars." in table.warnings


def test_an_unbalanced_table_is_used_and_its_residuals_are_told(tmp_path):
    text = WIDE.replace("output,100", "output,110").replace("value added,70", "value added,71")
    table = economy.read_table(written(tmp_path, text))
    rows, columns = table.warnings
    assert "unbalanced rows" in rows
    assert "steel +10 (+9.091%)" in rows
    assert "unbalanced columns" in columns
    assert "steel +9 (+8.182%)" in columns
    assert economy.multipliers(table)["effect"].is_finite().all()


def test_a_sector_without_a_column_is_not_taken_for_a_factor_because_of_its_name(tmp_path):
    text = WIDE.replace("cars,0,10", "labour services,1,2,3,4,5,6\ncars,0,10")
    assert "a row and no column: labour services" in refused(written(tmp_path, text))
    text = WIDE.replace("steel,20,30", "water,1,2,3,4,5,6\nsteel,20,30")
    assert "a row and no column: water" in refused(written(tmp_path, text))


def test_files_beside_need_each_sector_and_known_names(tmp_path):
    flows = written(tmp_path, "s,a,b\na,1,2\nb,3,4\n", "flows.csv")
    lacking = written(tmp_path, "s,exports\na,7\n", "half.csv")
    assert "no row for b" in refused(flows, beside=[lacking])
    strange = written(tmp_path, "s,exports,zeal\na,7,1\nb,13,1\n", "zeal.csv")
    assert "the column zeal is not known" in refused(flows, beside=[strange])
    table = economy.read_table(flows, beside=[strange], factors=["zeal"])
    assert table.output.tolist() == [10, 20]
    gap = written(tmp_path, "s,exports,wages\na,7,\nb,13,1\n", "gap.csv")
    assert "wages: empty, read as 0: a" in economy.read_table(flows, beside=[gap]).warnings[0]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (([], [], [], {}), "no sectors"),
        ((["a", "a"], np.eye(2), [1, 1], {}), "named twice: a"),
        ((["a", ""], np.eye(2), [1, 1], {}), "sector 2 has no name"),
        ((["a", "b"], np.ones((2, 3)), [1, 1], {}), "2 x 3 numbers for 2 sectors"),
        ((["a", "b"], np.eye(2), [1, 1, 1], {}), "output: 3 numbers"),
        ((["a", "b"], [[0, np.nan], [1, 0]], [1, 1], {}), "missing or beyond all bounds: a to b"),
        ((["a", "b"], np.eye(2), [1, np.inf], {}), "missing or beyond all bounds: b"),
        ((["a", "b"], np.eye(2), [1, 1e300], {}), "missing or beyond all bounds: b"),
        ((["a", "b"], np.eye(2), [1, 1e-300], {}), "next to nothing: b"),
        ((["a", "b"], [["1", "x"], [1, 1]], [1, 1], {}), "not all are numbers"),
        ((["a", "b"], np.eye(2), [1, -1], {}), "output below 0: b"),
        ((["a", "b"], np.eye(2), [1, 1], [1, 2]), "give them by name"),
        ((["a", "b"], np.eye(2), [1, 1], {"output": [1, 1]}), "named output"),
        ((["a", "b"], np.eye(2), [1, 1], {"x": [1]}), "factors x: 1 numbers"),
        ((["a", "b"], np.eye(2), [1, 1], pl.DataFrame({"sector": ["a"], "x": [1]})), "lacks b"),
    ],
)
def test_a_table_that_cannot_be_is_refused(parts, told):
    with pytest.raises(economy.EconomyError, match=told):
        economy.Table(*parts)


def test_parts_may_be_frames():
    by_rows = pl.DataFrame({"sector": ["b", "a"], "jobs": [8, 5]})
    by_columns = pl.DataFrame({"factor": ["jobs"], "a": [5], "b": [8]})
    plain = pl.DataFrame({"jobs": [5, 8]})
    for factors in (by_rows, by_columns, plain, {"jobs": [5, 8]}):
        table = economy.Table(["a", "b"], [[1, 2], [3, 4]], [10, 20], factors, [1, 1], [7, 13])
        assert table.factors["jobs"].tolist() == [5, 8]
        assert table.final_demand["final demand"].tolist() == [7, 13]
        assert table.warnings == ()


def test_odd_flows_are_named_and_used():
    table = economy.Table(["a", "b"], [[1, -2], [30, 4]], [10, 20], {})
    below, sold, spent = table.warnings
    assert "a to b" in below
    assert "sales to sectors above output: b" in sold
    assert "inputs from home above output: a" in spent


def test_a_table_cannot_be_changed_under_ones_hands():
    flows = np.ones((2, 2))
    table = economy.Table(["a", "b"], flows, [10, 20], {})
    flows[0, 0] = 99
    assert table.flows[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        table.flows[0, 0] = 2


@given(seed=st.integers(0, 9999), n=st.integers(1, 6))
def test_a_table_written_wide_or_long_is_read_as_it_was(tmp_path_factory, seed, n):
    folder, table = tmp_path_factory.mktemp("table"), drawn(seed, n, by_product=False)
    columns = {"sector": list(table.sectors)}
    columns |= dict(zip(table.sectors, table.flows.T, strict=True))
    wide = pl.DataFrame({**columns, **table.final_demand})
    below = {"imports": table.imports, **table.factors, "output": table.output}
    rows = pl.DataFrame(
        [{"sector": name, **dict(zip(table.sectors, values.tolist(), strict=True))}
         for name, values in below.items()]
    )  # fmt: skip
    wide = pl.concat([wide, rows], how="diagonal")
    long = wide.unpivot(index="sector").drop_nulls()
    long.columns = ["row", "column", "value"]
    wide.write_csv(folder / "wide.csv")
    long.write_csv(folder / "long.csv")
    for path in folder.glob("*.csv"):
        read = economy.read_table(path)
        same(read, table)
        assert read.warnings == ()


COMPETING = """sector,steel,cars,households,exports,imports,output
steel,30,40,10,40,-20,100
cars,0,30,80,20,-50,80
"""


@pytest.mark.parametrize("sign", ["-", ""])
@pytest.mark.parametrize("stated", [True, False])
def test_flows_that_hold_imports_are_split_by_the_share_of_each_product(tmp_path, sign, stated):
    text = COMPETING.replace("-", sign)
    if not stated:
        text = "\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n"
    table = economy.read_table(written(tmp_path, text))
    # Of steel 20 of 80 used at home is imported, of cars 50 of 110.
    assert np.allclose(table.flows, [[22.5, 30], [0, 30 * 6 / 11]])
    assert np.allclose(table.imports, [[7.5, 10], [0, 30 * 5 / 11]])
    assert np.allclose(table.final_imports["households"], [2.5, 80 * 5 / 11])
    assert list(table.final_imports) == ["households"]
    assert table.final_demand["exports"].tolist() == [40, 20]
    assert table.output.tolist() == [100, 80]
    assert not any("unbalanced" in told for told in table.warnings)
    assert "the same share of a product" in " ".join(table.warnings)


def test_imports_told_twice_or_with_both_signs_are_refused(tmp_path):
    both = COMPETING + "imports,1,2,,,,\n"
    assert "a row and a column of imports" in refused(written(tmp_path, both))
    signs = COMPETING.replace("-20", "20")
    assert "above 0 for steel and below 0" in refused(written(tmp_path, signs))
    path = written(tmp_path, COMPETING)
    file = written(tmp_path, "p,steel,cars\nsteel,1,2\ncars,0,1\n", "imports.csv")
    assert "both by a column and by a file" in refused(path, imports=file)


def test_a_sector_may_be_called_by_one_letter(tmp_path):
    table = economy.read_table(written(tmp_path, "s,x,y,exports\nx,1,2,7\ny,3,4,13\n"))
    assert table.sectors == ("x", "y")


def test_columns_that_do_not_add_up_are_a_warning_where_no_imports_are_told(
    tmp_path,
):
    path = tmp_path / "unbalanced.csv"
    path.write_text("sector,steel,cars,خانوار\nsteel,20,30,10\ncars,0,10,90\nvalue added,1,60,\n")
    table = economy.read_table(path)
    told = [warning for warning in table.warnings if "unbalanced columns" in warning]
    assert len(told) == 1
    assert "no imports are told" in told[0]
    assert "steel +39" in told[0]
