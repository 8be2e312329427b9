"""The folder that ``onshore new`` makes: settings and tables filled in as examples."""

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import polars as pl

# Countries whose public accounts run on the Solar Hijri year.
SOLAR_HIJRI_HOMES = frozenset({"AF", "IR"})


def write_template(folder: Path, *, home: str, currency: str, today: date) -> None:
    """Write a programme folder of examples.

    Parameters
    ----------
    folder
        Where; made if it is not there.
    home
        Home country, ISO 3166-1 alpha-2.
    currency
        Currency the programme reports in, ISO 4217.
    today
        Day that becomes the price date; the horizon begins the year after it.
    """
    from onshore.records import csv_bytes, write_whole

    calendar = "solar_hijri" if home in SOLAR_HIJRI_HOMES else "gregorian"
    first_year = _year_of(today, calendar) + 1
    values = {
        "home": home,
        "currency": currency,
        "calendar": calendar,
        "price_date": today.isoformat(),
        "until": (today + timedelta(days=365)).isoformat(),
        "extra_rate": _rate_to(currency, today),
        "origin_1": _first_abroad(home, "DE", "SE"),
        "origin_2": _first_abroad(home, "IT", "FR"),
        "origin_3": _first_abroad(home, "CN", "KR"),
    } | {f"year_{k}": str(first_year + k - 1) for k in (1, 2, 3)}
    contents: dict[str, bytes] = {}
    for source in (files("onshore.cli") / "starter").iterdir():
        text = source.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        contents[source.name] = (text.rstrip("\n") + "\n").encode()
    contents["places.csv"] = csv_bytes(_places(home))
    write_whole(folder, contents)


def _year_of(day: date, calendar: str) -> int:
    from onshore.figures import solar_hijri

    return day.year if calendar == "gregorian" else solar_hijri.from_gregorian(day)[0]


def _first_abroad(home: str, *countries: str) -> str:
    """Give the first country that is not home: what is imported comes from abroad."""
    return next(country for country in countries if country != home)


def _rate_to(currency: str, today: date) -> str:
    """Give the line that lets the examples, priced in EUR and USD, be valued in the currency."""
    if currency in {"EUR", "USD"}:
        return ""
    until = (today + timedelta(days=365)).isoformat()
    return (
        f"EUR,{currency},{today.isoformat()},{until},1,market,"
        "Example: write the true rate and who published it,true"
    )


def _places(home: str) -> pl.DataFrame:
    from onshore.codes import countries, places

    inside = [code for code in places.codes if code.startswith(f"{home}-")]
    top = [code for code in inside if places.get(code).parent in {None, "", home}]
    return pl.DataFrame(
        [
            {
                "place_id": home,
                "name": countries.name(home, "en"),
                "name_fa": countries.name(home, "fa"),
                "kind": "country",
                "parent": None,
            },
            *(
                {
                    "place_id": code,
                    "name": places.name(code, "en"),
                    "name_fa": places.get(code).name_fa,
                    "kind": "province",
                    "parent": home,
                }
                for code in top
            ),
        ],
        schema=["place_id", "name", "name_fa", "kind", "parent"],
    )
