"""Sizes, ratings and standards that a line states: 7.5 kW, DN200, M16x80, ISO 4014."""

import csv
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

from onshore.match.bearings import (
    GOST_PATTERN,
    MAY_BE_GOST,
    PATTERN,
    SPEAKS_OF_ONE,
    read_bearing,
)
from onshore.match.grades import Named, grades
from onshore.match.letters import normalise

# Nominal pipe sizes in inches and their DN in millimetres (ASME B36.10M, ISO 6708).
DN_OF_INCH: dict[float | str, float] = {
    0.25: 8, 0.375: 10, 0.5: 15, 0.75: 20, 1: 25, 1.25: 32, 1.5: 40, 2: 50, 2.5: 65, 3: 80,
    4: 100, 5: 125, 6: 150, 8: 200, 10: 250, 12: 300, 14: 350, 16: 400, 18: 450, 20: 500,
    24: 600, 28: 700, 30: 750, 32: 800, 36: 900, 40: 1000, 48: 1200,
}  # fmt: skip

_LABELS = {
    "dn": "DN", "nd": "DN", "ду": "DN", "pn": "PN", "ру": "PN", "class": "class", "cl": "class",
    "کلاس": "class", "класс": "class", "schedule": "schedule", "sch": "schedule", "hrc": "HRC",
    "hbw": "HB", "hb": "HB", "hv": "HV", "ip": "IP", "ø": "length",
}  # fmt: skip
_IN_WORDS = str.maketrans({".": "p", "-": "n", "+": None})
_CLASSES = {75, 125, 150, 250, 300, 400, 600, 800, 900, 1500, 2500, 3000, 6000, 9000}

_NUMBER = "[0-9]{1,12}(?:[.,][0-9]{1,12})*"
_BY = "(?: ?[xх*] ?| در )"
_STANDARD = (
    "(?P<body>din|iso|en|astm|asme|ansi|api|aisi|sae|aws|bs|jis|iec|nema|gost|гост|isiri)"
    "(?P<also>(?:[ /-]{1,3}(?:din|iso|en|iec|asme|ansi)){0,3})"
    "[ :.-]{0,3}(?P<document>[a-fr]? ?[0-9][0-9a-z.]{0,15}(?:-[0-9]{1,6}){0,3})"
)
_LABELLED = rf"(?P<label>{'|'.join(_LABELS)})[ :.-]*(?P<rating>{_NUMBER})"
_THREAD = (
    rf"[mм] ?(?P<thread>[0-9]{{1,3}})(?:{_BY}(?P<along>{_NUMBER}))?(?:{_BY}(?P<further>{_NUMBER}))?"
    "(?: ?(?:mm|мм))?"
)
_POUNDS = "(?P<pounds>150|300|400|600|800|900|1500|2500|3000|6000) ?(?:#|پوند)"
_SIDES = rf"(?:ø ?)?(?P<sides>{_NUMBER}(?:{_BY}{_NUMBER}){{1,3}})(?: ?(?P<side>{{length}}))?"
_INCHES = (
    r"(?:(?P<whole>[0-9]{1,4})[ -])?(?P<over>[0-9]{1,4})/(?P<under>[1-9][0-9]?)"
    r' ?(?P<inch>"|\'\'|inch(?:es)?|in|дюима?|дюимов|اینچ|npt|bsp)'
)
_WITH_UNIT = (
    rf"(?P<sign>[-+])?(?P<low>{_NUMBER})"
    rf"(?: ?(?P<to>-|\.{{2,3}}|/| to | تا | до )\+? ?(?P<high>{_NUMBER}))? ?(?P<unit>{{unit}})"
)


Value = tuple[float, ...] | str


class Measure(NamedTuple):
    """One size, rating, standard or other mark that a line states.

    ``value`` holds one number, the two ends of a range or the sides of a body, in the unit the
    quantity is compared in; for what is not a number, its text. ``word`` is one spelling of it
    for all, ``said`` the form in which it is shown.
    """

    quantity: str
    value: Value
    word: str
    said: str


def find_measures(text: str, *, bearings: bool = False) -> tuple[str, str, list[Measure]]:
    """Find the sizes, ratings and standards that a normalised line states.

    Parameters
    ----------
    text
        Normalised text.
    bearings
        Whether a number such as 6205 is a bearing's even where the line names no bearing, as
        in a column of part numbers.

    Returns
    -------
    tuple
        The line with each measure as one word, so that 7,5 kW and 7500 W become the same one;
        the line without them; the measures in their order.

    Examples
    --------
    >>> find_measures("gear pump 7,5 kw dn 200 380/660 v")[0]
    'gear pump 7p5kw dn200 380v 660v'
    >>> [(m.quantity, m.value) for m in find_measures("bolt m16x80 din 933, 0-10 bar")[2]]
    [('thread', (16.0,)), ('length', (80.0,)), ('standard:din', '933'), ('pressure', (0.0, 10.0))]
    """
    named = list(grades().find(text))
    numbered = "(?P<bearing>(?!))"
    if bearings or SPEAKS_OF_ONE.search(text):
        numbered = GOST_PATTERN if MAY_BE_GOST.search(text) else PATTERN
    covered = _without(text, named)
    found = [
        (match.start(), match.end(), stated)
        for match in _pattern(numbered).finditer(covered)
        if (stated := _read(match))
    ]
    found += [(name.start, name.end, _grade(name, text)) for name in named]
    measures: list[Measure] = []
    spelled: list[str] = []
    rest: list[str] = []
    after = 0
    for start, end, stated in sorted(found, key=lambda part: part[0]):
        between = text[after:start]
        spelled += [between, " ".join(measure.word for measure in stated)]
        rest += [between, " ; "]
        measures += stated
        after = end
    return "".join([*spelled, text[after:]]), "".join([*rest, text[after:]]), measures


def _without(text: str, named: list[Named]) -> str:
    """Cover the grades of a line, in which digits are no sizes."""
    for name in named:
        text = text[: name.start] + "\0" * (name.end - name.start) + text[name.end :]
    return text


def _grade(name: Named, text: str) -> list[Measure]:
    said = text[name.start : name.end].upper()
    return [
        Measure("grade", material, re.sub(r"[\W_]", "", material.casefold()), said)
        for material in name.materials
    ]


class Unit(NamedTuple):
    """A unit as lines write it: what it measures, the unit that is compared in, and how much."""

    quantity: str
    compared_in: str
    factor: float
    symbol: str


_MILLIMETRE = Unit("length", "mm", 1.0, "mm")
_INCH = Unit("inch", "inch", 1.0, "inch")


@cache
def _units() -> dict[str, Unit]:
    """Give the units by their spellings (``measures.csv``)."""
    text = resources.files("onshore.match").joinpath("measures.csv").read_text("utf-8")
    return {
        normalise(spelling): Unit(row["quantity"], row["unit"], float(row["factor"]), row["symbol"])
        for row in csv.DictReader(text.splitlines())
        for spelling in row["spellings"].split("|")
    }


@cache
def _pattern(bearings: str) -> re.Pattern[str]:
    def any_of(spellings: list[str]) -> str:
        return "|".join(re.escape(s) for s in sorted(spellings, key=len, reverse=True))

    units = _units()
    lengths = any_of([spelling for spelling in units if units[spelling].quantity == "length"])
    # "In" and the Russian "в" and "а" are units only where they do not go on as words.
    doubtful = "|in(?! [0-9])|[ва](?! [а-я])"
    sure = any_of([spelling for spelling in units if spelling not in ("в", "а")])
    kinds = (
        bearings,
        _STANDARD,
        _LABELLED,
        _POUNDS,
        _THREAD,
        _SIDES.replace("{length}", lengths),
        _INCHES,
        _WITH_UNIT.replace("{unit}", sure + doubtful),
    )
    # A number inside a code ("kx-8814 a") is not a size; neither are "22320 cc/w33", "600 l=3 m".
    return re.compile(
        rf"(?<![^\W_])(?<![^\W_][-./,])(?:{'|'.join(kinds)})(?![^\W_]|[/-][a-zа-я]|[.][0-9]|=)"
    )


def _read(match: re.Match[str]) -> list[Measure]:
    part = match.groupdict()
    if part["bearing"]:
        return _bearing(part, match.string)
    if part["body"]:
        return [_standard(part)]
    if part["label"]:
        return _labelled(part)
    if part["pounds"]:
        return [_rating("class", float(part["pounds"]))]
    if part["thread"]:
        return _thread(part)
    if part["sides"]:
        return [_dimensions(part)]
    if part["over"]:
        size = int(part["whole"] or 0) + int(part["over"]) / int(part["under"])
        return [_measure(_INCH, size)]
    return _with_unit(part)


def _bearing(part: dict[str, str], line: str) -> list[Measure]:
    number, suffix = (re.sub("[ -]", "", part[name]) for name in ("bearing", "suffix"))
    bearing = read_bearing(number, suffix, line)
    if bearing is None:
        return []
    said = (part["bearing"] + part["suffix"]).strip().upper()
    suffix = suffix.replace("/", "")
    found = [Measure("bearing", bearing.number, f"{bearing.number} {suffix}".strip(), said)]
    found += [Measure("bearing", other, other, said) for other in bearing.also]
    if bearing.seal:
        found.append(Measure("seal", bearing.seal, bearing.seal.casefold(), bearing.seal))
    if bearing.clearance:
        clearance = bearing.clearance
        found.append(Measure("clearance", clearance, clearance.casefold(), clearance))
    return found


def _standard(part: dict[str, str]) -> Measure:
    last = re.findall("[a-z]+", part["also"] or "")[-1:] or [part["body"]]
    body = last[0].replace("гост", "gost")
    # "ISO 4014:2011" and "GOST 7798-70" name the edition, which is not compared.
    document = re.sub(r"-(?:[0-9]{2}|(?:19|20)[0-9]{2})$", "", part["document"].replace(" ", ""))
    document = document.strip(".")
    word = f"{body} {document}"
    return Measure(f"standard:{body}", document, word, word.upper())


def _labelled(part: dict[str, str]) -> list[Measure]:
    quantity = _LABELS[part["label"]]
    rating = _number(part["rating"])
    if quantity == "length":
        return [_measure(_MILLIMETRE, rating)]
    return [] if quantity == "class" and rating not in _CLASSES else [_rating(quantity, rating)]


def _rating(quantity: str, rating: float) -> Measure:
    word = _word(rating, label=quantity.casefold())
    return Measure(quantity, (rating,), word, f"{quantity} {_shown(rating)}")


def _thread(part: dict[str, str]) -> list[Measure]:
    size = float(part["thread"])
    found = [Measure("thread", (size,), _word(size, label="m"), f"M{_shown(size)}")]
    # M16x1.5 gives the pitch, M16x80 the length, M16x1.5x80 both.
    for name in ("along", "further"):
        number = _number(part[name]) if part[name] else 0.0
        if number:
            unit = _MILLIMETRE if number > 6 else _MILLIMETRE._replace(quantity="pitch")
            found.append(_measure(unit, number))
    return found


def _dimensions(part: dict[str, str]) -> Measure:
    unit = _units().get(part["side"] or "", _MILLIMETRE)
    stated = [_number(side) for side in re.findall(_NUMBER, part["sides"])]
    sides = [side * unit.factor for side in stated]
    said = " × ".join(map(_shown, stated)) + (f" {unit.symbol}" if part["side"] else "")
    return Measure("dimensions", tuple(sorted(sides)), " ".join(map(_word, sides)), said)


def _with_unit(part: dict[str, str]) -> list[Measure]:
    unit = _units().get(part["unit"], _INCH)
    low = _number(part["low"])
    if part["sign"] == "-" and unit.quantity == "temperature":
        low = -low
    if not part["high"]:
        return [_measure(unit, low)]
    high = _number(part["high"])
    if "/" not in part["to"]:
        return [_measure(unit, min(low, high), max(low, high))]
    if part["unit"] >= "\u0600" and len(part["low"]) < 3 > len(part["high"]):
        # Persian writes a slash for the decimal mark: ۷/۵ کیلووات.
        return [_measure(unit, _number(f"{part['low']}.{part['high']}"))]
    return [_measure(unit, low), _measure(unit, high)]


def _measure(unit: Unit, *stated: float) -> Measure:
    value = tuple(number * unit.factor for number in stated)
    # A bare number is a length in millimetres more often than anything else.
    is_length = unit.compared_in == "mm"
    letters = "" if is_length else re.sub(r"[\W_]", "", normalise(unit.compared_in))
    said = f"{'–'.join(map(_shown, stated))} {unit.symbol}"
    return Measure(unit.quantity, value, "x".join(map(_word, value)) + letters, said)


def _word(number: float, *, label: str = "") -> str:
    return label + _shown(number).translate(_IN_WORDS)


def _shown(number: float) -> str:
    return f"{number:.10g}"


def _number(text: str) -> float:
    """Read a number whose comma may be a decimal mark or part thousands."""
    whole, *groups = text.split(",")
    thousands = groups and whole != "0" and all(len(group) == 3 for group in groups)
    whole, *parts = text.replace(",", "" if thousands else ".").split(".")
    return float(f"{whole}.{''.join(parts)}" if parts else whole)
