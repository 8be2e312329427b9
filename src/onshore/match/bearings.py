"""Bearing numbers: one bearing under the numbers of ISO, of its maker and of GOST.

A GOST 3189 number is read from the right: bore code (2 digits), diameter series (1), type (1),
design (2), width series (1); leading zeros are not written. Seals and clearances are named by
each maker's own suffixes.
"""

import re
from typing import NamedTuple

# Numbers of the dimension series of ISO 15, ISO 104 and ISO 355 with the makers' prefixes; a
# suffix such as "2RS" or "CC/W33" may follow. Read only where a line speaks of bearings.
_SUFFIXES = (
    "2rs[rh1]?1?|2rz|2rd|rsr?|rz|zz|2z|2zr|ddu|llu|llb|llh|lu|ee|vv|dd|z|c[2-5n]|cc|ca|ma|mb|w33"
    "|ec[pjm]|tvp|tn9|p[456]|k30|ek|k|m|e1?|j2?|q|nr|n"
)
_AFTER = rf"(?P<suffix>(?:[ /-]{{0,2}}(?:{_SUFFIXES})(?![^\W_]))*)"
_NUMBER = (
    "(?:nup|nu|nj|nf|n|na|nki|nk|hk|ucfl|ucf|ucp|uc)? ?-?"
    "(?:1[236]|2[0-4]|29|3[0-3]|5[1-4]|6[0-4]|7[0-4]|81)[0-9]{2,3}"
)
_GOST_NUMBER = (
    "(?:1?[568]|[1-4569]|[34679][26]|53|73|100|200|300)?[0-9]{4}(?! ?(?:мм|об|кг|квт|вт|[вагмн] ))"
    "|[1-4][0-9]{2}(?= ?(?:гост|gost))"
)
PATTERN = f"(?P<bearing>{_NUMBER}){_AFTER}"
GOST_PATTERN = f"(?P<bearing>{_NUMBER}|{_GOST_NUMBER}){_AFTER}"
_ISO = re.compile(_NUMBER)
SPEAKS_OF_ONE = re.compile("bearing|برینگ|یاتاقان|رولبرینگ|کف ?گرد|подшип")
MAY_BE_GOST = re.compile("гост|gost|подшип")

_SEALED = re.compile(
    "دو ?طرف(?:ه)? ?(?:لاستیک|کاسه ?نمد|پلاستیک|آببند|اببند)|(?:two|both|double)[ -](?:side[sd]? )?"
    "(?:rubber|seal)|rubber seal|двух ?сторонн[а-я]* (?:резин|уплотн)"
)
_SHIELDED = re.compile(
    "دو ?طرف(?:ه)? ?(?:فلز|فولاد|شیلد|درپوش)|(?:two|double|both|metal)[ -](?:side[sd]? )?"
    "(?:metal |steel )?shield|двумя защитн|двух ?сторонн[а-я]* (?:метал|защитн)"
    "|металлическ[а-я]* шаиб"
)
_SEAL = {
    "2RS": ("2rs", "llu", "ddu", "ee", "dd", "llh"),
    "2RZ": ("2rz", "llb", "vv", "2rd"),
    "ZZ": ("zz", "2z"),
    "RS": ("rs", "lu"),
    "Z": ("z",),
}

# By GOST type and design: the ISO number's beginning by diameter series, and the seal it has.
_WIDE = {"5": "22", "6": "23"}
_BALLS = {"1": "60", "2": "62", "3": "63", "4": "64"}
_ANGULAR = {"1": "70", "2": "72", "3": "73"}
_DESIGN_SEAL = {"06": "Z", "08": "ZZ", "16": "RS", "18": "2RS"}
_ROLLERS = {"00": "N", "01": "NF", "03": "NU", "04": "NJ", "09": "NUP"}


class Bearing(NamedTuple):
    """A bearing as a line names it: ``number`` by ISO and other readings of it in ``also``.

    ``seal`` and ``clearance`` are empty where they are not named.
    """

    number: str
    also: tuple[str, ...]
    seal: str
    clearance: str


def read_bearing(number: str, suffix: str, line: str) -> Bearing | None:
    """Read a bearing number with its suffix, both normalised and without blanks and hyphens.

    ``line`` is the normalised line it stands in: there a number may be one of GOST, and seals
    may be given in words. None if it is neither an ISO number nor, in a Russian line, one of GOST.

    Examples
    --------
    >>> read_bearing("6205", "llu/c3", "ball bearing 6205llu/c3")
    Bearing(number='6205', also=(), seal='2RS', clearance='C3')
    >>> read_bearing("180206", "", "подшипник 180206 гост 8882-75")
    Bearing(number='6206', also=('180206',), seal='2RS', clearance='')
    >>> read_bearing("7506", "", "подшипник 7506")
    Bearing(number='32206', also=('7506',), seal='', clearance='')
    """
    iso = _ISO.fullmatch(number) is not None
    soviet, seal = _of_gost(number) if MAY_BE_GOST.search(line) else ("", "")
    if not iso and not soviet:
        return None
    parts = re.findall(_SUFFIXES, suffix)
    named = next((seal for seal, ways in _SEAL.items() for p in parts if p.startswith(ways)), "")
    if not named and not seal:
        named = "2RS" if _SEALED.search(line) else "ZZ" if _SHIELDED.search(line) else ""
    clearance = next((p for p in parts if re.fullmatch("c[2-5n]", p)), "").upper()
    also = (number,) if soviet and soviet != number else ()
    return Bearing(soviet or number, also, named or seal, clearance)


def _of_gost(number: str) -> tuple[str, str]:
    """Give the ISO number of a GOST one, and its seal; empty where it has none."""
    if not number.isdigit() or not 3 <= len(number) <= 7:
        return "", ""
    width, design, kind, series, bore = re.fullmatch(  # type: ignore[union-attr]
        "(.)(..)(.)(.)(..)", number.rjust(7, "0")
    ).groups()
    match kind:
        case "0" if width == "1" and series in "89":
            return f"61{series}{bore}", ""
        case "0" if width == "0" and series in _BALLS and design in ("00", *_DESIGN_SEAL):
            return _BALLS[series] + bore, _DESIGN_SEAL.get(design, "")
        case "1" if design == "00" and series in "23":
            return f"1{series}{bore}", ""
        case "1" if design == "00" and series in _WIDE:
            return _WIDE[series] + bore, ""
        case "2" if design in _ROLLERS and series in "234":
            return f"{_ROLLERS[design]}{series}{bore}".casefold(), ""
        case "2" if design in _ROLLERS and series in _WIDE:
            return f"{_ROLLERS[design]}{_WIDE[series]}{bore}".casefold(), ""
        case "3" if width == "3" and series in "12":
            return f"23{'02'[series == '2']}{bore}", ""
        case "3" if series in _WIDE:
            return f"2{_WIDE[series]}{bore}", ""
        case "6" if design in ("03", "04", "06") and series in _ANGULAR:
            return _ANGULAR[series] + bore, ""
        case "7" if width == "2" and series == "1":
            return f"320{bore}", ""
        case "7" if design == "02" and series == "3":
            return f"313{bore}", ""
        case "7" if design == "00" and series in "23":
            return f"30{series}{bore}", ""
        case "7" if design == "00" and series in _WIDE:
            return f"3{_WIDE[series]}{bore}", ""
        case "8" if design == "00" and series in "1234":
            return f"51{series}{bore}", ""
    return "", ""
