"""``onshore account content`` and ``formulas``: what a person reads and a program gets."""

import json

import polars as pl
import pytest

from onshore.cli import main

DECLARED = """declaration_id,offer_id,formula,formula_version,local_content,assembly_id,declared_on
D1,{offer},india-ppp-mii,2024-07-19,60%,,2025-01-10
D2,{offer},neutral,2026-01-01,,pump,2026-02-01
"""
AMOUNTS = """declaration_id,component,amount,currency
D1,value,1000,INR
D1,imported,550,INR
D2,value,100,EUR
"""
BILL = """assembly_id,part_id,quantity,unit,scrap_share,unit_price,currency,origin,local_content
pump,bearing,2,,,10,EUR,DE,
pump,motor,1,,,40,EUR,IR,
motor,copper,3,KGM,25%,2.5,EUR,,
"""
OWN = """
name = "ours"
version = 2025-06-01
title = "Our own"
issuer = "The agency"
above = { value = 1, imported = -2 }
below = { value = 1 }
components.value = { meaning = "Price." }
components.imported = { meaning = "Imports.", source = "bill of materials" }
sources = [{ title = "Circular 12" }]
"""


@pytest.fixture
def folder(tmp_path):
    """Tables that are in no programme, side by side."""
    (tmp_path / "declarations.csv").write_text(DECLARED.format(offer="O1"), "utf-8")
    (tmp_path / "declaration_amounts.csv").write_text(AMOUNTS, "utf-8")
    (tmp_path / "bill_of_materials.csv").write_text(BILL, "utf-8")
    return tmp_path


@pytest.fixture
def programme(tmp_path, capsys):
    mine = tmp_path / "mine"
    assert main(["new", str(mine)]) == 0
    offer = pl.read_csv(mine / "offers.csv")["offer_id"][0]
    (mine / "declarations.csv").write_text(DECLARED.format(offer=offer), "utf-8")
    (mine / "declaration_amounts.csv").write_text(AMOUNTS, "utf-8")
    (mine / "bill_of_materials.csv").write_text(BILL, "utf-8")
    capsys.readouterr()
    return mine


def test_a_programmes_declarations_are_told_with_formula_version_and_source(programme, capsys):
    assert main(["account", "content", str(programme)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "declaration",
        "formula",
        "declared",
        "content",
        "verdict",
        "class",
    ]
    assert "india-ppp-mii 2024-07-19   60.00 %  45.00 %  overstated  Class-II" in lines[1]
    # 2 bearings at 10 and 3 / 0.75 kg of copper of no known origin at 2.5: 30 of 100.
    assert "70.00 %  computed" in lines[2]
    assert "  from the bill of materials: 30.00 EUR imported in one unit" in lines
    assert "  of it 10.00 EUR without an origin, counted as imported" in lines
    assert any("Morulaa" in line and "https://" in line for line in lines)


def test_a_programme_with_declarations_checks(programme, capsys):
    assert main(["check", str(programme)]) == 0
    assert "bill_of_materials.csv" in capsys.readouterr().out


def test_a_table_is_read_with_those_beside_it(folder, capsys):
    declarations = str(folder / "declarations.csv")
    assert main(["account", "content", declarations]) == 2
    assert "--home IR" in capsys.readouterr().err
    assert main(["account", "content", declarations, "--home", "Iran", "--json"]) == 0
    one, two = json.loads(capsys.readouterr().out)
    assert (one["content"], one["verdict"], two["content"]) == (0.45, "overstated", 0.7)
    assert main(["account", "content", declarations, "--home", "Germany", "--json"]) == 0
    # At home in Germany the bearings are local and the bought motor is from abroad.
    assert json.loads(capsys.readouterr().out)[1]["content"] == 0.6


def test_every_column_is_written_to_a_file(folder, capsys):
    out = folder / "content.csv"
    words = ["account", "content", str(folder / "declarations.csv"), "--home", "IR"]
    assert main([*words, "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    table = pl.read_csv(out)
    assert table["content"].to_list() == [0.45, 0.7]
    assert {"formula", "version", "source", "working", "reason", "next_step"} <= set(table.columns)


def test_what_is_refused_has_a_reason_a_next_step_and_status_1(folder, capsys):
    (folder / "bill_of_materials.csv").write_text(BILL + "copper,pump,1,KGM,,,,,\n", "utf-8")
    words = ["account", "content", str(folder / "declarations.csv"), "--home", "IR"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "D2: the bill of materials goes in a circle: copper > pump > motor > copper." in out
    assert "  next: Take out the line" in out
    assert "45.00 %  overstated" in out


def test_bad_cells_are_told_with_file_row_and_column(folder, capsys):
    text = DECLARED.format(offer="O1").replace("60%", "160%")
    (folder / "declarations.csv").write_text(text, "utf-8")
    (folder / "bill_of_materials.csv").write_text(BILL + "pump,motor,1,,,40,EUR,IR,\n", "utf-8")
    words = ["account", "content", str(folder / "declarations.csv"), "--home", "IR"]
    assert main(words) == 1
    told = capsys.readouterr().err
    assert "declarations.csv, row 2, column local_content: a share lies between 0 and 1." in told
    assert "bill_of_materials.csv, row 5, column assembly_id" in told
    assert "is that of row 3 already" in told


def test_a_formula_of_ones_own_needs_no_code(programme, capsys):
    declarations = programme / "declarations.csv"
    text = declarations.read_text("utf-8").replace("neutral,2026-01-01", "ours,2025-06-01")
    declarations.write_text(text, "utf-8")
    assert main(["account", "content", str(programme)]) == 1
    assert "no formula 'ours'" in capsys.readouterr().out
    (programme / "local_content").mkdir()
    (programme / "local_content" / "ours.toml").write_text(OWN, "utf-8")
    assert main(["account", "content", str(programme), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1]["content"] == 0.4
    assert main(["check", str(programme)]) == 0


def test_a_broken_formula_is_refused_with_its_file_and_entry(folder, capsys):
    own = folder / "ours.toml"
    own.write_text(OWN.replace("imported = -2", 'imported = "open(0)"'), "utf-8")
    assert main(["account", "formulas", "--formula", str(own)]) == 1
    assert "ours.toml, entry above.imported: 'open(0)'. Write a number" in capsys.readouterr().err


def test_the_formulas_are_listed_with_what_could_not_be_confirmed(capsys):
    assert main(["account", "formulas", "--json"]) == 0
    told = {row["formula"]: row for row in json.loads(capsys.readouterr().out)}
    assert told["south-africa-sats-1286"]["version"] == "2011"
    assert "could not be read" in told["aramco-iktva"]["unconfirmed"]
    assert main(["account", "formulas"]) == 0
    assert capsys.readouterr().out.startswith("formula,version,title")


def test_an_assembly_is_taken_apart(programme, folder, capsys):
    assert main(["account", "parts", str(programme), "pump"]) == 0
    found = pl.read_csv(capsys.readouterr().out.encode())
    assert found.select("part_id", "quantity", "imported").rows() == [
        ("bearing", 2.0, 20.0),
        ("copper", 4.0, 10.0),
    ]
    out = folder / "parts.csv"
    words = ["account", "parts", str(folder / "bill_of_materials.csv")]
    assert main([*words, "pump", "--home", "DE", "--out", str(out)]) == 0
    assert pl.read_csv(out)["part_id"].to_list() == ["motor", "bearing"]
    assert main([*words, "pmup", "--home", "DE"]) == 1
    assert "the assembly pmup has no line" in capsys.readouterr().err


def test_savings_are_still_told_by_the_group_itself(programme, capsys):
    assert main(["account", str(programme)]) == 0
    assert "basis" in capsys.readouterr().out
