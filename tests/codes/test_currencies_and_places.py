"""Currencies, countries and provinces by code and by name."""

import json
import os
from pathlib import Path

import pycountry
import pytest
from babel import Locale

from onshore.codes import UnknownCode, countries, currencies, places

SHARED = Path(
    os.environ.get("ONSHORE_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)

IRAN = [code for code in places.codes if code.startswith("IR-")]


def test_the_lists_are_those_of_iso():
    assert set(currencies.codes) == {c.alpha_3 for c in pycountry.currencies}
    assert set(countries.codes) == {c.alpha_2 for c in pycountry.countries}
    assert set(places.codes) == {p.code for p in pycountry.subdivisions}
    assert len(IRAN) == 31
    assert all(places.get(code).parent == "IR" for code in IRAN)


@pytest.mark.parametrize("codes", [currencies, countries, places])
def test_every_code_is_found_by_itself(codes):
    for code in codes.codes:
        assert codes.find(code.lower()).code == code


@pytest.mark.parametrize("codes", [currencies, countries])
def test_names_are_those_of_cldr(codes):
    for locale in ("en", "fa"):
        names = getattr(Locale(locale), "territories" if codes is countries else "currencies")
        for code in codes.codes:
            if code in names:
                assert codes.name(code, locale) == names[code]
                if code not in {"VED", "VES"}:  # ISO 4217 gives both one name
                    assert codes.find(names[code]).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EUR", "EUR"),
        ("euro", "EUR"),
        ("€", "EUR"),
        ("یورو", "EUR"),
        ("US dollar", "USD"),
        ("$", "USD"),
        ("دلار", "USD"),
        ("دلار امریکا", "USD"),
        ("ريال", "IRR"),
        ("Iranian rial", "IRR"),
        ("364", "IRR"),
        ("yuan", "CNY"),
        ("درهم", "AED"),
        ("руб", "RUB"),
    ],
)
def test_currencies_are_found(text, code):
    assert currencies.find(text).code == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("dollars", "AUD; .*USD"),
        ("rial", r"IRR \(Iranian Rial\); OMR .*YER"),
        ("pound", "GBP"),
        ("toman", "one toman is ten rial"),
        ("تومان", "one toman is ten rial"),
        ("EURO area", "Near it: EUR"),
        ("", "currency of ISO 4217 is missing"),
    ],
)
def test_what_is_no_currency_or_several_is_refused(text, why):
    with pytest.raises(UnknownCode, match=why):
        currencies.find(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("IR", "IR"),
        ("Iran", "IR"),
        ("Iran, Islamic Republic of", "IR"),
        ("ایران", "IR"),
        ("IRN", "IR"),
        ("Türkiye", "TR"),
        ("turkey", "TR"),
        ("ترکیه", "TR"),
        ("USA", "US"),
        ("امريكا", "US"),
        ("UAE", "AE"),
        ("امارات متحده عربی", "AE"),
        ("چین", "CN"),
        ("South Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Россия", "RU"),
        ("المان", "DE"),
    ],
)
def test_countries_are_found(text, code):
    assert countries.find(text).code == code


@pytest.mark.parametrize(
    ("text", "near"), [("Irann", "IR"), ("Korea", "KR.*KP"), ("Rusia", "RU"), ("کره", "KP.*KR")]
)
def test_what_is_no_country_is_refused_with_what_is_near(text, near):
    with pytest.raises(UnknownCode, match=f"Near it: .*{near}"):
        countries.find(text)


@pytest.mark.parametrize("code", IRAN)
def test_a_province_of_iran_is_found_by_its_names(code):
    place, iso = places.get(code), pycountry.subdivisions.get(code=code).name
    for name in (place.name, place.name_fa, iso, iso.removesuffix(" Province")):
        assert places.find(name).code == code
    assert places.find(f"{place.name} Province").code == code
    assert places.find(f"استان {place.name_fa}").code == code


SPELLINGS = {
    "Isfahan": "IR-10",
    "Esfahan": "IR-10",
    "Eşfahān": "IR-10",
    "Eṣfahān": "IR-10",
    "Isfahan province": "IR-10",
    "اصفهان": "IR-10",
    "Khouzestan": "IR-06",
    "Khuzestan": "IR-06",
    "Khūzestān": "IR-06",
    "Hormuzgan": "IR-22",
    "Hormozgan": "IR-22",
    "East Azarbaijan": "IR-03",
    "آذربایجان شرقی": "IR-03",
    "آذربايجان غربي": "IR-04",
    "Guilan": "IR-01",
    "Ardebil": "IR-24",
    "Ghazvin": "IR-26",
    "Loristan": "IR-15",
    "Kordestan": "IR-12",
    "Sistan va Baluchestan": "IR-11",
    "Sistan-Baluchestan": "IR-11",
    "Kohgiluyeh and Boyer-Ahmad": "IR-17",
    "Chahar Mahaal and Bakhtiari": "IR-14",
    "Razavi Khorasan": "IR-09",
    "Khorasan-e Razavi": "IR-09",
    "خراسان رضوي": "IR-09",
    "North Khorasan": "IR-28",
    "Khorasan Jonoubi": "IR-29",
    "Qom": "IR-25",
    "Markazi": "IR-00",
    "California": "US-CA",
    "İstanbul": "TR-34",
}


@pytest.mark.parametrize(("text", "code"), SPELLINGS.items())
def test_places_are_found_however_they_are_transcribed(text, code):
    assert places.find(text).code == code


@pytest.mark.parametrize("text", ["Khorasan", "khurasan", "Khorāsān", "خراسان", "استان خراسان"])
def test_khorasan_alone_is_three_provinces_and_refused(text):
    for country in (None, "IR"):
        with pytest.raises(UnknownCode, match=r"IR-09 .*IR-28 .*IR-29"):
            places.find(text, country)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Azerbaijan", "IR-03 .*IR-04"),
        ("Punjab", "IN-PB .*PK-PB"),
        ("S. Khorasan", "Near it: IR-09"),
        ("IR-31", "Near it: IR-"),
        ("", "A place of ISO 3166-2 is missing"),
    ],
)
def test_what_is_no_place_or_several_is_refused(text, why):
    with pytest.raises(UnknownCode, match=why):
        places.find(text)


def test_a_place_is_looked_for_within_a_country():
    assert places.find("Punjab", "IN").code == "IN-PB"
    assert places.find("Khouzestan", "IR").code == "IR-06"
    with pytest.raises(UnknownCode):
        places.find("California", "IR")


@pytest.mark.shared_data
def test_provinces_agree_with_a_map_of_the_country():
    path = SHARED / "explore" / "provinces.geojson"
    if not path.exists():
        pytest.skip("the map of provinces is not beside the checkout")
    features = [f["properties"] for f in json.loads(path.read_text("utf-8"))["features"]]
    assert {f["iso_3166_2"] for f in features} == set(IRAN)
    for feature in features:
        assert places.find(feature["name"], "IR").code == feature["iso_3166_2"]


@pytest.mark.shared_data
def test_provinces_of_steel_plants_are_found():
    path = SHARED / "chain" / "steel_plants.csv"
    if not path.exists():
        pytest.skip("the table of steel plants is not beside the checkout")
    import polars as pl

    plants = pl.read_csv(path, infer_schema_length=0).filter(pl.col("country") == "Iran")
    for province in plants["province"].drop_nulls().unique():
        assert places.find(province, "IR").code in IRAN
