"""Units of measure: their codes, what they are known by, and what they convert by."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.codes import UnknownCode, units

codes = st.sampled_from(units.codes)

# Codes, names and factors to SI as printed in UN/ECE Recommendation 20, revision 17, annex II.
RECOMMENDATION = [
    ("KGM", "kilogram", "kg", "1"),
    ("TNE", "tonne", "t", "1000"),
    ("KTN", "kilotonne", "kt", "1000000"),
    ("LBR", "pound", "lb", "0.45359237"),
    ("MTR", "metre", "m", "1"),
    ("INH", "inch", "in", "0.0254"),
    ("FOT", "foot", "ft", "0.3048"),
    ("MTK", "square metre", "m²", "1"),
    ("MTQ", "cubic metre", "m³", "1"),
    ("LTR", "litre", "l", "0.001"),
    ("HUR", "hour", "h", "3600"),
    ("DAY", "day", "d", "86400"),
    ("ANN", "year", "y", "31557600"),
    ("BAR", "bar", "bar", "100000"),
    ("ATM", "standard atmosphere", "atm", "101325"),
    ("KWT", "kilowatt", "kW", "1000"),
    ("VLT", "volt", "V", "1"),
    ("KVA", "kilovolt-ampere", "kVA", "1000"),
    ("E18", "tonne per hour", "t/h", "5/18"),
    ("4C", "centistokes", "cSt", "0.000001"),
    ("DZN", "dozen", "", "12"),
    ("GRO", "gross", "", "144"),
]


@pytest.mark.parametrize(("code", "name", "symbol", "factor"), RECOMMENDATION)
def test_units_are_those_of_the_recommendation(code, name, symbol, factor):
    assert units.get(code).name == name
    assert units.symbol(code) == (symbol or name)
    first = units.reference(code)
    assert units.factor(code, first) == Fraction(factor)


def test_there_are_enough_units_and_each_has_both_names():
    assert 150 <= len(units) <= 300
    for unit in units:
        assert unit.name
        assert unit.name_fa
        assert not unit.code.isdigit()


def test_every_unit_is_found_by_code_symbol_and_names():
    for unit in units:
        assert units.find(unit.code) == unit
        assert units.find(units.symbol(unit.code)) == unit
        assert units.find(unit.name) == unit


def test_persian_names_are_each_of_one_unit_or_refused_with_all():
    refused = set()
    for unit in units:
        try:
            assert units.find(unit.name_fa) == unit
        except UnknownCode:
            refused.add(unit.name_fa)
            with pytest.raises(UnknownCode, match=unit.code):
                units.find(unit.name_fa)
    assert refused <= {"بشکه", "اسب بخار"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kg", "KGM"),
        ("KG", "KGM"),
        ("kgs", "KGM"),
        ("كيلوگرم", "KGM"),
        ("кг", "KGM"),
        ("t", "TNE"),
        ("ton", "TNE"),
        ("MT", "TNE"),
        ("تن", "TNE"),
        ("тонна", "TNE"),
        ("pcs", "H87"),
        ("PCS.", "H87"),
        ("عدد", "H87"),
        ("دستگاه", "H87"),
        ("шт.", "H87"),
        ("each", "EA"),
        ("واحد", "C62"),
        ("set", "SET"),
        ("ست", "SET"),
        ("комплект", "SET"),
        ("pair", "PR"),
        ("جفت", "PR"),
        ("m2", "MTK"),
        ("متر‌مربع", "MTK"),
        ("مترمربع", "MTK"),
        ("sqm", "MTK"),
        ("м2", "MTK"),
        ("m3", "MTQ"),
        ("لیتر", "LTR"),
        ("kwh", "KWH"),
        ("kW·h", "KWH"),
        ("кВт·ч", "KWH"),
        ("M", "MTR"),
        ("mm", "MMT"),
        ("MM", "MMT"),
        ("RO", "XRO"),
        ("roll", "XRO"),
        ("رول", "XRO"),
        ("рулон", "XRO"),
        ("BX", "XBX"),
        ("ST", "XST"),
        ("ورق", "XST"),
        ("man-hour", "LH"),
        ("نفر ساعت", "LH"),
        ("°C", "CEL"),
        ("Nm³/h", "Q40"),
    ],
)
def test_units_are_found_as_people_write_them(text, code):
    assert units.find(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("mW", "C31"), ("MW", "MAW"), ("мВт", "C31"), ("МВт", "MAW"), ("Mg", "2U"), ("mg", "MGM")],
)
def test_case_tells_milli_from_mega(text, code):
    assert units.find(text).code == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kilogrm", "Near it: KGM"),
        ("mPa", "Near it: MPA"),
        ("МВТ", "C31.*MAW"),
        ("gal", "GLL .*GLI"),
        ("بشکه", "BLL.*XDR"),
        ("اسب بخار", "BHP.*N12"),
        ("23", "is not a unit"),
        ("", "A unit of UN/ECE Recommendation 20 is missing"),
        ("xyzzy", "Nothing is near it; write one such as KGM"),
    ],
)
def test_what_is_no_unit_or_two_is_refused(text, why):
    with pytest.raises(UnknownCode, match=why):
        units.find(text)


@settings(deadline=None)
@given(codes, codes, codes)
def test_factors_are_exact_and_consistent(a, b, c):
    if not (units.convertible(a, b) and units.convertible(b, c)):
        return
    assert units.factor(a, a) == 1
    assert units.factor(a, b) * units.factor(b, a) == 1
    assert units.factor(a, b) * units.factor(b, c) == units.factor(a, c)


@settings(deadline=None)
@given(codes, codes)
def test_only_units_of_one_dimension_convert(a, b):
    if units.dimension(a) == units.dimension(b):
        assert units.factor(a, b) > 0
    else:
        with pytest.raises(ValueError, match="cannot be told in the other"):
            units.factor(a, b)


def test_an_unknown_code_has_no_factor():
    with pytest.raises(UnknownCode, match="not a unit"):
        units.factor("KGM", "kg")
    with pytest.raises(UnknownCode):
        units.dimension("kg")
