"""Sizes, ratings and standards that a line states: 7.5 kW, DN200, M16x80, ISO 4014."""

import re
from collections.abc import Callable
from functools import lru_cache
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
from onshore.match.patterns import BODIES, LABELS, SCALES, measures_in
from onshore.match.plain import plain
from onshore.match.units import INCH, MILLIMETRE, NUMBER, Unit, as_word, number, shown, units

# Nominal pipe sizes in inches and their DN in millimetres (ASME B36.10M, ISO 6708).
DN_OF_INCH: dict[float | str, float] = {
    0.25: 8, 0.375: 10, 0.5: 15, 0.75: 20, 1: 25, 1.25: 32, 1.5: 40, 2: 50, 2.5: 65, 3: 80,
    4: 100, 5: 125, 6: 150, 8: 200, 10: 250, 12: 300, 14: 350, 16: 400, 18: 450, 20: 500,
    24: 600, 28: 700, 30: 750, 32: 800, 36: 900, 40: 1000, 48: 1200,
}  # fmt: skip

_INCH_OF_DN = {dn: float(inch) for inch, dn in DN_OF_INCH.items()}

_CLASSES = {75, 125, 150, 250, 300, 400, 600, 800, 900, 1500, 2500, 3000, 6000, 9000}
_NO_BEARING = "(?P<bearing>(?!))"
_DIGIT = re.compile("[0-9]")
_SIDE = re.compile(rf"({NUMBER})([^0-9xх*.,ø]*)")
_MM_IN_INCH = 25.4

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


Measures = tuple[Measure, ...]


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
        The line with each measure as one word, so that 7,5 kW and 7500 W become the same one,
        and DN 200 and 8 inches;
        the line without them; the measures in their order.

    Examples
    --------
    >>> find_measures("gear pump 7,5 kw dn 200 380/660 v")[0]
    'gear pump 7p5kw 8inch 380v 660v'
    >>> [(m.quantity, m.value) for m in find_measures("bolt m16x80 din 933, 0-10 bar")[2]]
    [('thread', (16.0,)), ('length', (80.0,)), ('standard:din', '933'), ('pressure', (0.0, 10.0))]
    """
    text = plain(text)
    named = list(grades().find(text))
    found = [(name.start, name.end, _grade(name, text)) for name in named]
    if _DIGIT.search(text):
        numbered = _NO_BEARING
        if bearings or SPEAKS_OF_ONE.search(text):
            numbered = GOST_PATTERN if MAY_BE_GOST.search(text) else PATTERN
        covered = _without(text, named) if named else text
        for match in measures_in(numbered).finditer(covered):
            stated = _READ[match.lastgroup or ""](match)
            if stated:
                found.append((*match.span(), stated))
    if not found:
        return text, text, []
    found.sort(key=lambda part: part[0])
    measures: list[Measure] = []
    spelled: list[str] = []
    rest: list[str] = []
    after = 0
    for start, end, stated in found:
        between = text[after:start]
        spelled += (between, " ".join([measure.word for measure in stated]))
        rest += (between, " ; ")
        measures += stated
        after = end
    return "".join([*spelled, text[after:]]), "".join([*rest, text[after:]]), measures


def _without(text: str, named: list[Named]) -> str:
    """Cover the grades of a line, in which digits are no sizes."""
    for name in named:
        text = text[: name.start] + "\0" * (name.end - name.start) + text[name.end :]
    return text


def _grade(name: Named, text: str) -> Measures:
    said = text[name.start : name.end].upper()
    return tuple(
        Measure("grade", material, re.sub(r"[\W_]", "", material.casefold()), said)
        for material in name.materials
    )


def _bearing(match: re.Match[str]) -> Measures:
    written, suffix = match["bearing"], match["suffix"]
    bearing = read_bearing(re.sub("[ -]", "", written), re.sub("[ -]", "", suffix), match.string)
    if bearing is None:
        return ()
    said = (written + suffix).strip().upper()
    suffix = re.sub("[ /-]", "", suffix)
    found = [Measure("bearing", bearing.number, f"{bearing.number} {suffix}".strip(), said)]
    found += [Measure("bearing", other, other, said) for other in bearing.also]
    if bearing.seal:
        found.append(Measure("seal", bearing.seal, bearing.seal.casefold(), bearing.seal))
    if bearing.clearance:
        clearance = bearing.clearance
        found.append(Measure("clearance", clearance, clearance.casefold(), clearance))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def _standard(named: str, also: str, document: str) -> Measures:
    others = [word for word in re.findall("[a-zа-я]+", also) if word != "р"]
    last = (others or [named])[-1]
    body = BODIES.get(last, last)
    # "ISO 4014:2011" and "GOST 7798-70" name the edition, which is not compared.
    document = re.sub(r"-(?:[0-9]{2}|(?:19|20)[0-9]{2})$", "", document.replace(" ", ""))
    document = document.strip(".")
    if body in ("ansi", "asme") and document.isdigit() and int(document) in _CLASSES:
        return (_rating("class", float(document)),)
    word = f"{body} {document}"
    return (Measure(f"standard:{body}", document, word, word.upper()),)


@lru_cache(maxsize=1 << 12)
def _labelled(label: str, rating: str, in_mpa: bool) -> Measures:
    quantity, value = LABELS[label], number(rating)
    if quantity == "length":
        return (_measure(MILLIMETRE, value),)
    if quantity == "class" and value not in _CLASSES:
        return ()
    return (_rating(quantity, 10 * value if in_mpa and quantity == "PN" else value),)


def _hardness(match: re.Match[str]) -> Measures:
    scale = SCALES[match["scale"] or match["scale_last"]]
    ends = (match["hard"] or match["hard_first"], match["harder"] or match["harder_first"])
    return (_rating(scale, *sorted(number(end) for end in ends if end)),)


def _rating(quantity: str, *rating: float) -> Measure:
    word = quantity.casefold() + "x".join(map(as_word, rating))
    if quantity == "DN" and rating[0] in _INCH_OF_DN:  # lines in inches then have the same word
        word = f"{as_word(_INCH_OF_DN[rating[0]])}inch"
    return Measure(quantity, rating, word, f"{quantity} {'–'.join(map(shown, rating))}")


@lru_cache(maxsize=1 << 12)
def _thread(size: str, *further: str | None) -> Measures:
    value = float(size)
    found = [Measure("thread", (value,), f"m{as_word(value)}", f"M{shown(value)}")]
    # M16x1.5 gives the pitch, M16x80 the length, M16x1.5x80 both.
    for text in further:
        size_of = number(text) if text else 0.0
        if size_of:
            unit = MILLIMETRE if size_of > 6 else MILLIMETRE._replace(quantity="pitch")
            found.append(_measure(unit, size_of))
    return tuple(found)


def _unified(match: re.Match[str]) -> Measures:
    size = _inches(match["unified"])
    word, said = f"{as_word(size)}inch", f"{match['unified']} inch"
    found = [Measure("thread", (size * _MM_IN_INCH,), word, said), _measure(INCH, size)]
    if match["per_inch"] and float(match["per_inch"]):
        pitch = _MM_IN_INCH / float(match["per_inch"])
        found.append(_measure(MILLIMETRE._replace(quantity="pitch"), round(pitch, 3)))
    return tuple(found)


@lru_cache(maxsize=1 << 14)
def _dimensions(stated: str, last: str) -> Measures:
    known = units()
    unit = known.get(last, MILLIMETRE)
    sides = [(number(side), known.get(of.strip())) for side, of in _SIDE.findall(stated)]
    named = {own for _, own in sides if own} | ({unit} if last else set())
    if named and not last:  # "256mx64" is a code
        return ()
    if len(named) > 1 and unit.quantity == "length":  # a tape of 25 mm x 50 m
        return tuple(_measure(own or unit, side) for side, own in sides)
    unit = next(iter(named), unit)
    found = []
    if unit.quantity == "area":  # a cable of 3 x 2.5 mm2
        if len(sides) == 2:
            found = [_measure(known["cores"], sides[0][0]), _measure(unit, sides[1][0])]
        unit = MILLIMETRE
    values = [side * unit.factor for side, _ in sides]
    said = " × ".join(shown(side) for side, _ in sides) + (f" {unit.symbol}" if named else "")
    word = " ".join(map(as_word, values))
    return (Measure("dimensions", tuple(sorted(values)), word, said), *found)


@lru_cache(maxsize=1 << 12)
def _in_inches(size: str, thread: str) -> Measures:
    """Read inches; of a pipe thread, NPT and BSP (G, R) do not fit each other."""
    inches = _measure(INCH, _inches(size))
    kind = "npt" if thread.startswith("npt") else "bsp" if thread[:1] in ("b", "g", "r") else ""
    return (inches._replace(word=f"{kind} {inches.word}") if kind else inches,)


def _inches(text: str) -> float:
    """Read inches such as 1 1/2, 3/4 or 2.5."""
    *whole, part = re.split("[ -]", text)
    over, _, under = part.partition("/")
    return float(whole[0] if whole else 0) + (int(over) / int(under) if under else number(over))


@lru_cache(maxsize=1 << 14)
def _with_unit(sign: str, low: str, to: str, high: str, unit_name: str) -> Measures:
    unit = units()["°c" if unit_name == "c" else unit_name] if unit_name != "in" else INCH
    least = number(low)
    if sign == "-" and unit.quantity == "temperature":
        least = -least
    if not high:
        return (_measure(unit, least),)
    most = number(high)
    if "/" in to:
        return (_measure(unit, least), _measure(unit, most))
    return (_measure(unit, min(least, most), max(least, most)),)


def _measure(unit: Unit, *stated: float) -> Measure:
    value = tuple(size * unit.factor for size in stated)
    # A bare number is a length in millimetres more often than anything else.
    is_length = unit.compared_in == "mm"
    letters = "" if is_length else re.sub(r"[\W_]", "", normalise(unit.compared_in))
    said = f"{'–'.join(map(shown, stated))} {unit.symbol}"
    return Measure(unit.quantity, value, "x".join(map(as_word, value)) + letters, said)


_READ: dict[str, Callable[[re.Match[str]], Measures]] = {
    "of_bearing": _bearing,
    "of_standard": lambda match: _standard(match["body"], match["also"] or "", match["document"]),
    "of_label": lambda match: _labelled(match["label"], match["rating"], bool(match["rated_in"])),
    "of_schedule": lambda match: (_rating("schedule", float(match["schedule"])),),
    "of_hardness": _hardness,
    "of_pounds": lambda match: (
        _rating("class", float(match["pounds"] or match["pounds_last"])),
    ),
    "of_thread": lambda match: _thread(match["thread"], match["along"], match["further"]),
    "of_sides": lambda match: _dimensions(match["sides"], match["side"] or ""),
    "of_unified": _unified,
    "of_pipe": lambda match: _in_inches(
        match["bore"] or match["bore_of"], match["pipe"] or match["pipe_of"]
    ),
    "of_inches": lambda match: _in_inches(match["inches"], match["after"]),
    "of_unit": lambda match: _with_unit(
        match["sign"] or "", match["low"], match["to"] or "", match["high"] or "", match["unit"]
    ),
}  # fmt: skip
