"""Makers by their names in three scripts and by where they are."""

import json
import random

import polars as pl
import pytest

from onshore.cli.merging import merge
from onshore.match import MatchError
from onshore.match.merging import merge_makers


def makers(*names, **columns):
    ids = [f"{at:03}" for at in range(len(names))]
    return pl.DataFrame({"organisation_id": ids, "name": names, **columns})


def are_one(table):
    return merge_makers(table)["cluster_id"].n_unique() == 1


SAME = [
    ("Foolad Mobarakeh Co.", "شرکت فولاد مبارکه (سهامی عام)"),
    ("Mobarakeh Steel Company", "فولاد مبارکه"),
    ("Foolad Mobarakeh", "ООО «Фулад Мобараке»"),
    ("Pars Pump Ltd", "PARS PUMP Co., Private Joint Stock"),
    ("Machine Sazi Arak (Public JSC)", "ماشین سازی اراک"),
    ("Alborz Manufacturing Industries", "صنایع تولیدی البرز"),
    ("Siemens AG", "Siemens A.G."),
    ("Уралмашзавод ПАО", "ПАО «Уралмашзавод»"),
    ("Khuzestan Pipe Mill", "Khouzestan Pipe Mill Inc."),
]
OTHERS = [
    ("Foolad Mobarakeh", "Foolad Khuzestan"),
    ("Tehran Bearing", "Tabriz Bearing"),
    ("Alborz Cable Plant 1", "Alborz Cable Plant 2"),
    ("Pars Pump", "Persia Pump"),
    ("Ltd", "Co."),
    ("", ""),
    ("شرکت صنایع فولاد", "شرکت صنایع مس"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_maker_written_in_two_ways_is_one(one, other):
    assert are_one(makers(one, other))


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_makers_of_other_names_are_two(one, other):
    assert not are_one(makers(one, other))


def test_where_they_are_decides_between_names_that_are_nearly_alike():
    names = "Pars Pump Ray Shiraz", "Pars Pump Ray"
    assert not are_one(makers(*names))
    assert are_one(makers(*names, website=["https://www.parspump.ir/en", "parspump.ir"]))
    assert are_one(makers(*names, place=["IR-07", "IR-07"]))
    assert not are_one(makers(*names, place=["IR-07", "IR-23"]))


def test_one_name_in_two_provinces_or_countries_is_two():
    assert not are_one(makers("Pars Pump", "Pars Pump", place=["IR-07", "IR-23"]))
    assert not are_one(makers("Pars Pump", "Pars Pump", country=["IR", "DE"]))
    assert are_one(makers("Pars Pump", "Pars Pump", country=["IR", None]))


def test_a_name_in_another_column_counts():
    table = makers("PPC", "پارس پمپ", name_fa=["شرکت پارس پمپ", None])
    assert are_one(table)


def test_reasons_say_which_words_and_places_agree():
    table = makers("Pars Pump Ltd", "پارس پمپ", city=["Shiraz", "شیراز"])
    reasons = json.loads(merge_makers(table)["reasons"][0])
    assert reasons["with"] == "001"
    assert ["name", "pump", "پمپ"] in reasons["agree"]
    assert ["city", "shiraz"] in reasons["agree"]


def test_the_order_of_rows_changes_nothing():
    table = makers(*(name for pair in SAME + OTHERS for name in pair))
    merged = merge_makers(table)
    assert merged["organisation_id"].to_list() == table["organisation_id"].to_list()
    rows = list(range(table.height))
    random.Random(4).shuffle(rows)
    again = merge_makers(table[rows])
    assert again.sort("organisation_id").equals(merged.sort("organisation_id"))


def test_bad_tables_are_refused():
    with pytest.raises(MatchError, match="name"):
        merge_makers(makers("a").drop("name"))
    with pytest.raises(MatchError, match="more than once: 000"):
        merge_makers(pl.concat([makers("a"), makers("b")]))
    assert merge_makers(makers("x" * 100_000, "پ" * 100_000)).height == 2


def test_the_command_reads_the_programmes_headings(tmp_path, capsys):
    path = tmp_path / "organisations.csv"
    makers("Pars Pump Ltd", "پارس پمپ").rename({"name": "نام سازمان"}).write_csv(path)
    words = ["makers", str(path)]
    assert merge(words, exit_on_error=False, print_error=False, result_action="return_value") == 0
    written = pl.read_csv(capsys.readouterr().out.encode(), infer_schema=False)
    assert written["cluster_id"].to_list() == ["000", "000"]
