"""Part numbers: in their own column or found in a description, compared by their key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from onshore.match.letters import code_key, code_shape
from onshore.match.measures import Measure
from onshore.match.terms import glossary

_CODE = re.compile(r"[a-z0-9а-я]+(?:[-./_+][a-z0-9а-я]+)*")
# No part number is longer, and no line that is one good's has more of them.
_LONGEST, _MOST = 40, 200
_OTHER_LETTER = re.compile(r"[^\Wa-z0-9а-я_]")
_SEVERAL = re.compile(r"[;,|]| / ")

# Grades of steel, iron and plastics and oxides look like part numbers but name a material.
_GRADE = re.compile(
    r"st-?\d.*|s\d{3}[a-z0-9+]*|c[kf]?\d\d|gg{1,2}g?-?\d+|gj[sl]-?\d.*|a\d{2,4}[a-z]?|1\.\d{4}"
    r"|x?\d{1,3}(?:cr|mn|mo|ni|si|nb|al|ti|cu|b|v|w|s|p|co|n)+[\d-]*"
    r"|\d{2}(?:[хгнмтсвюбдф]\d{0,2})+|(?:ss|aisi)?[2-4]\d\d[a-z]{0,2}"
    r"|(?:(?:al|si|ca|mg|fe|cr|ti|zr|mn|na|k|p|v|mo|ni|zn|cu)\d?)+o\d?"
    r"|(?:pa|pe|pp|pc|pom|abs|gf|cf)-?\d.*"
)


@dataclass(frozen=True)
class PartNumbers:
    """The part numbers of a line.

    ``own`` are those stated as such, or in the description and like one, by key, with what the
    line says; ``stated`` are those of them that can be no other code: the column's and bearing
    numbers. ``others`` are further keys under which it may be found: words in a row, which
    may be one number typed with spaces, any other number, a bearing's without its suffix.
    ``marks`` are its words of letters and digits: the same letters with other digits name
    another size.
    """

    own: dict[str, str]
    stated: frozenset[str]
    others: frozenset[str]
    marks: tuple[Measure, ...]

    @cached_property
    def all(self) -> frozenset[str]:
        """All keys under which it may be found."""
        return self.others.union(self.own)


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
    codes, in_column = _codes(rest), _codes(column)
    own: dict[str, str] = {}
    for number in filter(None, map(str.strip, _SEVERAL.split(column))):
        key = code_key(number)
        if 3 <= len(key) <= _LONGEST and any(c.isdigit() for c in key):
            own[key] = number.upper()
    own |= {code_key(bearing.said): bearing.said for bearing in bearings}
    stated = frozenset(own) | {str(bearing.value) for bearing in bearings}
    own |= {code_key(code): code.upper() for code in codes if _like_a_part_number(code)}
    others = {
        *_in_a_row(codes),
        *_in_a_row(in_column),
        *(code_key(code) for code in in_column if _like_a_part_number(code)),
        *(key for key in map(code_key, codes) if len(key) >= 4 and any(map(str.isdigit, key))),
        *(str(bearing.value) for bearing in bearings),
    }
    return PartNumbers(
        own, stated, frozenset(others - own.keys()), tuple(_marks([*in_column, *codes]))
    )


def is_part_number_alone(text: str) -> bool:
    """Tell whether a normalised description is nothing but a part number.

    It has at most three words, each with a digit or short and no term of the glossary, and
    together at least four letters and digits, two of them digits.

    Examples
    --------
    >>> [is_part_number_alone(text) for text in ("pb 9999", "pump 32", "st52")]
    [True, False, False]
    """
    if len(text) > _LONGEST:
        return False
    codes = _codes(text)
    key = code_key(text)
    return (
        len(codes) <= 3
        and not _OTHER_LETTER.search(text)
        and all(any(c.isdigit() for c in code) or _is_letters(code) for code in codes)
        and len(key) >= 4
        and sum(c.isdigit() for c in key) >= 2
        and not _GRADE.fullmatch(text)
    )


def _codes(text: str) -> list[str]:
    return [code for code in _CODE.findall(text) if len(code) <= _LONGEST][:_MOST]


def _is_letters(code: str) -> bool:
    return len(code) <= 4 and code not in glossary().terms


@lru_cache(maxsize=1 << 16)
def _like_a_part_number(code: str) -> bool:
    if _GRADE.fullmatch(code) or all(map(_GRADE.fullmatch, re.split("[-./_+]", code))):
        return False
    key = code_key(code)
    if key.isdigit():
        return len(key) >= 6 and "." not in code
    return len(key) >= 5 and sum(c.isdigit() for c in key) >= 2


def _in_a_row(codes: list[str]) -> set[str]:
    """Join two or three words that are numbers, or short and beside one."""
    short = [len(code) <= 4 or any(c.isdigit() for c in code) for code in codes]
    rows = [a + b for (a, b), fit in zip(pairwise(codes), pairwise(short), strict=True) if all(fit)]
    rows += [
        a + b + c
        for a, b, c, *fit in zip(
            codes, codes[1:], codes[2:], short, short[1:], short[2:], strict=False
        )
        if all(fit)
    ]
    return {code_key(row) for row in rows if _like_a_part_number(row)}


def _marks(codes: list[str]) -> Iterable[Measure]:
    for code in codes:
        key = code_key(code)
        if not key.isdigit() and any(c.isdigit() for c in key):
            yield Measure(f"mark:{code_shape(code)}", key, key, code.upper())
