"""A programme's settings, read from programme.toml."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from onshore.codes import UnknownCode, countries, currencies
from onshore.figures import FigureError, Period
from onshore.records.date_cells import read_date
from onshore.records.errors import Findings
from onshore.records.verdicts import Unreadable, why

FILE = "programme.toml"


@dataclass(frozen=True)
class Settings:
    """What holds for a whole programme.

    Parameters
    ----------
    name, name_fa
        Its name in English and in Persian.
    home
        ISO 3166-1 alpha-2 code of the country where things are to be made.
    currency
        ISO 4217 code of the currency that results are told in.
    price_date
        Day whose exchange rates value the prices.
    rate_type
        Type of the exchange rates that value the prices, as in the table rates.
    first_year
        First year of the plan, in the programme's calendar.
    years
        Number of years of the plan.
    calendar
        ``"solar_hijri"`` or ``"gregorian"``.
    discount_rate
        Fraction by which a later year's money counts less than that of the year before.
    phases
        First year in which the places of a phase are open, by phase.
    illustrative
        Whether the programme is invented for illustration.
    note, note_fa
        What readers of its results have to know, in English and in Persian.
    """

    name: str
    home: str
    currency: str
    price_date: date
    rate_type: str
    first_year: int
    years: int
    calendar: str = "gregorian"
    discount_rate: float = 0.0
    phases: dict[int, int] = field(default_factory=dict)
    illustrative: bool = False
    name_fa: str = ""
    note: str = ""
    note_fa: str = ""


def read_settings(folder: Path, findings: Findings) -> Settings | None:
    """Read a programme's settings; note all that is wrong with them and give None then."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
        written = tomllib.loads(text)
    except FileNotFoundError:
        findings.add(0, "", "the programme has no settings.", "", _HOW)
        return None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        step = "open it in a text editor and save it with the encoding UTF-8."
        findings.add(line, "", "the file is not in UTF-8; the line has other letters.", "", step)
        return None
    except OSError as error:
        step = "check that it is a text file and your rights to it."
        findings.add(0, "", "the file cannot be read.", error.strerror or str(error), step)
        return None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        findings.add(
            int(place[1]) if place else 0, "", "the file is not TOML.", str(error), _MEND_TOML
        )
        return None
    values = _Reading(text, written, findings).values()
    return Settings(**values) if findings.is_empty() else None


_HOW = 'write programme.toml with at least name = "...", home = "IR" and currency = "EUR".'
_MEND_TOML = 'write each line as key = value, texts in "quotation marks".'
_Judge = Callable[[Any], Any]


class _Reading:
    """Settings as they are read, key by key."""

    def __init__(self, text: str, written: dict[str, Any], findings: Findings) -> None:
        self.lines = text.splitlines()
        self.written = written
        self.findings = findings
        self.some_year = 1404 if written.get("calendar") == "solar_hijri" else 2025

    def values(self) -> dict[str, Any]:
        """Give the value of each key that is written and sound; note the others."""
        values = self._section("", self.written, _KEYS, {"horizon", "phases"})
        horizon = self.written.get("horizon", {})
        values |= self._section("horizon", horizon, _HORIZON_KEYS, set())
        values["phases"] = self._phases(self.written.get("phases", {}))
        self._check_calendar(values)
        return values

    def _section(
        self, section: str, written: Any, keys: dict[str, tuple[bool, _Judge, str]], also: set[str]
    ) -> dict[str, Any]:
        if not isinstance(written, dict):
            self._add(section, section, "is not a section.", written, f"begin it with [{section}].")
            return {}
        values = {}
        for key, (required, judge, example) in keys.items():
            if key in written:
                try:
                    values[key] = judge(written[key])
                except (Unreadable, FigureError, UnknownCode) as error:
                    reason, step = why(error)
                    self._add(section, key, reason, written[key], step)
            elif required:
                where = f"under [{section}]" if section else "at the top"
                told = example.replace("{year}", str(self.some_year))
                self._add(section, key, "the setting is missing.", "", f"add {told} {where}.")
        unknown = [key for key in written if key not in keys and key not in also]
        if unknown:
            self.findings.note(f"settings not known, ignored: {', '.join(unknown)}")
        return values

    def _phases(self, written: Any) -> dict[int, int]:
        phases = {}
        for key, year in written.items() if isinstance(written, dict) else ():
            if key.isdecimal() and isinstance(year, int) and not isinstance(year, bool):
                phases[int(key)] = year
            else:
                reason, step = "a phase is a number with a year.", f"write 1 = {self.some_year}."
                self._add("phases", key, reason, year, step)
        return phases

    def _check_calendar(self, values: dict[str, Any]) -> None:
        calendar = values.get("calendar", "gregorian")
        years = {"first_year": values.get("first_year"), **values["phases"]}
        for key, year in years.items():
            try:
                if year is not None:
                    Period.year(year, calendar)
            except FigureError as error:
                section = "horizon" if key == "first_year" else "phases"
                self._add(section, str(key), *why(error)[:1], year, why(error)[1])

    def _add(self, section: str, key: str, reason: str, found: Any, step: str) -> None:
        row = self._line(section, key)
        self.findings.add(row, key, reason, str(found), step)

    def _line(self, section: str, key: str) -> int:
        """Line of a key, or of its section where the key is missing, or else 1."""
        current, begins = "", 1
        for number, line in enumerate(self.lines, start=1):
            if heading := re.match(r"\s*\[([\w.]+)\]", line):
                current = heading[1]
                begins = number if current == section else begins
            elif current == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return begins


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unreadable("the setting is not a text.", 'write a text in "quotation marks".')
    return value.strip()


def _any_text(value: Any) -> str:
    return _text(value) if value != "" else ""


def _home(value: Any) -> str:
    return countries.find(_text(value)).code


def _currency(value: Any) -> str:
    return currencies.find(_text(value)).code


def _calendar(value: Any) -> str:
    if value not in ("gregorian", "solar_hijri"):
        raise Unreadable("there is no such calendar.", 'write "gregorian" or "solar_hijri".')
    return str(value)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return read_date(_text(value))


def _fraction(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise Unreadable("the setting is not a fraction.", "write one from 0 to below 1: 0.08.")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("the setting is neither true nor false.", "write true or false.")
    return value


def _year(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unreadable("the setting is not a year.", "write a year such as 1404 or 2025.")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise Unreadable("the setting is not a number of years.", "write one from 1 to 100.")
    return value


_KEYS: dict[str, tuple[bool, _Judge, str]] = {
    "name": (True, _text, 'name = "..."'),
    "name_fa": (False, _any_text, ""),
    "home": (True, _home, 'home = "IR"'),
    "currency": (True, _currency, 'currency = "EUR"'),
    "calendar": (False, _calendar, ""),
    "price_date": (True, _day, "price_date = 2024-09-22"),
    "rate_type": (True, _text, 'rate_type = "official"'),
    "discount_rate": (False, _fraction, ""),
    "illustrative": (False, _truth, ""),
    "note": (False, _any_text, ""),
    "note_fa": (False, _any_text, ""),
}
_HORIZON_KEYS: dict[str, tuple[bool, _Judge, str]] = {
    "first_year": (True, _year, "first_year = {year}"),
    "years": (True, _count, "years = 5"),
}
