"""Part numbers: in their own column or found in a description, compared by their key."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from onshore.match.letters import code_key, code_shape
from onshore.match.measures import Measure
from onshore.match.terms import glossary
from onshore.match.words import STOP

_CODE = re.compile(r"[a-z0-9а-я]+(?:[-./_+][a-z0-9а-я]+)*")
# No part number is longer, and no line that is one good's has more of them.
_LONGEST, _MOST = 40, 200
_LONGEST_PIECE, _MOST_PIECES = 6, 12
_DIGIT = re.compile("[0-9]")
_VOWEL = re.compile("[aeiouy]")
_OTHER_LETTER = re.compile(r"[^\Wa-z0-9а-я_]")
_SEVERAL = re.compile(r"[;,|]| / ")

# Grades of steel, iron and plastics and oxides look like part numbers but name a material.
_GRADE = re.compile(
    r"st-?\d.*|s\d{3}[a-z0-9+]*|c[kf]?\d\d|gg{1,2}g?-?\d+|gj[sl]-?\d.*|a\d{2,4}[a-z]?|1\.\d{4}"
    r"|x?\d{1,3}(?:cr|mn|mo|ni|si|nb|al|ti|cu|b|v|w|s|p|co|n)+[\d-]*"
    r"|\d{2}(?:[хгнмтсвюбдф]\d{0,2})+|(?:ss|aisi|er|sus|f|tp)?[2-4]\d\d[a-z]{0,2}"
    r"|(?:(?:al|si|ca|mg|fe|cr|ti|zr|hf|mn|na|li|ba|k|p|v|w|mo|ni|zn|cu|ce|la|y)\d?)+o\d?"
    r"|(?:pa|pe|pp|pc|pom|abs|gf|cf)-?\d.*|uns[- ]?[a-z]\d{5}|[acnrs]\d{5}"
)
# So do designations that many makers' goods share: refrigerants (ISO 817), sensors, interfaces,
# colours, gauges of wire and wall, forms and cooling of motors, vector groups, emission classes.
_REFRIGERANT = (
    "r-?(?:1[1-4]|2[23]|32|11[345]|12[345]|13b1|134a|14[123]b?|143a|152a|227ea|236fa|245fa|290|40[12][ab]"
    "|404a|407[acf]|40[89]a|410a|413a|417a|422[ad]|427a|43[48]a|44[89]a|45[0357]a|452[ab]|454[abc]"
    "|466a|50[0237]a?|508[ab]|51[34]a|515b|60[01]a?|717|718|744|1150|1233zd|1234yf|1234ze|1270)"
)
_DESIGNATION = re.compile(
    f"{_REFRIGERANT}|(?:pt|ni)-?10{{2,3}}|rs-?(?:232|422|485)c?|ral-?[0-9]{{4}}|(?:bwg|awg|swg)-?[0-9]+"
    "|im-?[0-9]{4}|ic-?[0-9]{3}|ip-?[0-9]{2}[a-z]{0,2}|i[ep]-?[0-9]+k[0-9]?k?|d?yn?d?-?[0-9]{1,2}"
    "|(?:euro|евро)-?[0-9]|(?:nlgi|vg|hlp|hv|sae)-?[0-9]+[a-z]?|(?:cat|din|usb|ddr)-?[0-9.]+[a-z]?"
    # ropes of 6x36, several of "10-hole", "32-bit", "90deg"
    "|[0-9]{1,2}x[0-9]{1,3}[a-z]{0,4}(?:[+-](?:iwrc|[fwi]c))?"
    "|[0-9]{1,4}-?(?:[a-zа-я]{4,}|bit|pin|way|deg|rpm|ppm|ppr|pcs|ply|set|pos)"
)
# Two numbers are a range or a pair of sizes; further ones parted by slashes are a choice of sizes;
# the rest are a date and a Russian standard with its year.
_NUMBERS = re.compile(
    "[0-9]{1,4}-[0-9]{1,4}|[0-9]{1,4}(?:/[0-9]{1,4})+|[0-9]{5}-(?:[0-9]{2}|(?:19|20)[0-9]{2})"
    "|(?:1[34]|19|20)[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]"
    "|[0-3]?[0-9][-/.][01]?[0-9][-/.](?:1[34]|19|20)?[0-9]{2}"
)


class PartNumbers(NamedTuple):
    """The part numbers of a line.

    ``own`` are those stated as such, or in the description and like one, by key, with what the
    line says; ``stated`` are those of them that can be no other code: the column's and bearing
    numbers. ``others`` are further keys under which it may be found: words in a row, which
    may be one number typed with spaces, any other number, a bearing's without its suffix; ``all``
    are both.
    ``marks`` are its words of letters and digits: the same letters with other digits name
    another size.
    """

    own: dict[str, str]
    stated: frozenset[str]
    others: frozenset[str]
    all: frozenset[str]
    marks: tuple[Measure, ...]


class _Code(NamedTuple):
    """A word as a code: its key, whether it is like a part number, and the mark it makes.

    ``fits`` tells whether it may be one piece of a number typed with blanks.
    """

    key: str
    said: str
    like: bool
    digits: bool
    fits: bool
    mark: Measure | None


_SHORT = _Code("", "", like=False, digits=False, fits=True, mark=None)
_WORD = _SHORT._replace(fits=False)


def find_part_numbers(column: str, rest: str, bearings: Iterable[Measure] = ()) -> PartNumbers:
    """Find the part numbers of a line.

    Parameters
    ----------
    column
        Normalised text of the column ``part_number``; empty if there is none. Several numbers
        are parted by ``;``, ``,``, ``|`` or a slash between blanks.
    rest
        Normalised description without its sizes and ratings.
    bearings
        Measures of quantity ``bearing``; what each says is a part number.

    Examples
    --------
    >>> found = find_part_numbers("kx 8814", "contactor lc1-d09 for panel")
    >>> found.own, found.marks[-1].quantity
    ({'kx8814': 'KX 8814', 'lc1d09': 'LC1-D09'}, 'mark:lc#d#')
    """
    codes = _codes(rest)
    read = [_read(code) for code in codes]
    own: dict[str, str] = {}
    stated: set[str] = set()
    others: set[str] = set()
    marks: list[Measure] = []
    if column:
        for number in filter(None, map(str.strip, _SEVERAL.split(column))):
            key = code_key(number)
            if 3 <= len(key) <= _LONGEST and _DIGIT.search(key):
                own[key] = number.upper()
        in_column = _codes(column)
        read_column = [_read(code) for code in in_column]
        others.update(code.key for code in read_column if code.like)
        others.update(_in_a_row(in_column, read_column))
        marks += [code.mark for code in read_column if code.mark]
    for bearing in bearings:
        own[code_key(bearing.said)] = bearing.said
        stated.add(str(bearing.value))
    stated.update(own)
    others.update(str(bearing.value) for bearing in bearings)
    for code in read:
        if code.digits:
            if code.like:
                own[code.key] = code.said
            if len(code.key) >= 4:
                others.add(code.key)
            if code.mark:
                marks.append(code.mark)
    others.update(_in_a_row(codes, read))
    others.difference_update(own)
    return PartNumbers(
        own, frozenset(stated), frozenset(others), frozenset(others.union(own)), tuple(marks)
    )


def is_part_number_alone(text: str, measures: Iterable[Measure] = ()) -> bool:
    """Tell whether a normalised description is nothing but a part number.

    Each of its words has a digit or is short and no term of the glossary; together they have at
    least four letters and digits, two of them digits. ``measures`` are its sizes: pieces of a
    number typed with blanks may look like some, but not for more than half of it.

    Examples
    --------
    >>> [is_part_number_alone(text) for text in ("pb 9999", "pump 32", "st52", "b 722 s 22 k 1")]
    [True, False, False, True]
    """
    if len(text) > _LONGEST or _OTHER_LETTER.search(text):
        return False
    codes, key = _codes(text), code_key(text)
    sizes = sum(len(code_key(measure.said)) for measure in measures)
    if (
        len(key) < 4
        or len(_DIGIT.findall(key)) < 2
        or not _may_be_one(codes, sizes, hyphen="-" in text)
    ):
        return False
    return all(map(_is_piece, codes)) and not (
        _GRADE.fullmatch(text) or _DESIGNATION.fullmatch(text)
    )


def _may_be_one(codes: Sequence[str], sizes: int, *, hyphen: bool) -> bool:
    """Tell whether these words may be one number, so many letters and digits of them sizes."""
    if len(codes) <= 3:
        return not sizes or hyphen  # "HB-150" alone is no hardness
    # Typed with blanks for hyphens, or wherever letters and digits meet.
    return (
        len(codes) <= _MOST_PIECES
        and code_key("".join(codes)).isascii()
        and all(code.isalnum() and len(code) <= _LONGEST_PIECE for code in codes)
        and 2 * sizes <= sum(map(len, codes))
    )


def _codes(text: str) -> list[str]:
    return [code for code in _CODE.findall(text) if len(code) <= _LONGEST][:_MOST]


def _is_piece(code: str) -> bool:
    if _DIGIT.search(code):
        return True
    # "DVDVR" is no word that is said.
    said = 5 * len(_VOWEL.findall(code)) >= len(code) or not code.isascii()
    known = (len(code) > 1 and code in STOP) or code in glossary().terms
    return len(code) <= (4 if said else 8) and not known


@lru_cache(maxsize=1 << 16)
def _read(code: str) -> _Code:
    if not _DIGIT.search(code):
        return _SHORT if len(code) <= 4 else _WORD
    key, said = code_key(code), code.upper()
    mark = None if key.isdigit() else Measure(f"mark:{code_shape(code)}", key, key, said)
    return _Code(key, said, _like_a_part_number(code), digits=True, fits=True, mark=mark)


def _like_a_part_number(code: str) -> bool:
    if _GRADE.fullmatch(code) or _DESIGNATION.fullmatch(code) or _NUMBERS.fullmatch(code):
        return False
    if all(map(_names_no_number, re.split("[-./_+]", code))):
        return False
    key = code_key(code)
    if key.isdigit():
        return len(key) >= 6 and "." not in code
    return len(key) >= 5 and len(_DIGIT.findall(key)) >= 2


def _names_no_number(piece: str) -> bool:
    """Tell whether a piece names a material, or is a word: "ss316/graphite"."""
    return _GRADE.fullmatch(piece) is not None or (
        len(piece) > 4 and piece.isalpha() and piece in glossary().terms
    )


def _in_a_row(codes: Sequence[str], read: Sequence[_Code]) -> list[str]:
    """Join two or three words that are numbers, or short and beside one."""
    keys = []
    for at in range(len(codes) - 1):
        if read[at].fits and read[at + 1].fits:
            row = codes[at] + codes[at + 1]
            keys.append(_key_of_row(row))
            if at + 2 < len(codes) and read[at + 2].fits:
                keys.append(_key_of_row(row + codes[at + 2]))
    return [key for key in keys if key]


@lru_cache(maxsize=1 << 16)
def _key_of_row(row: str) -> str:
    """Give the key of words that are like a part number when joined, or nothing."""
    return code_key(row) if _DIGIT.search(row) and _like_a_part_number(row) else ""
