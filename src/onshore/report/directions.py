"""Texts in two directions: what runs against its surroundings is set apart from them."""

import re
import unicodedata
from typing import Final

from onshore.figures import shown
from onshore.report.words import Locale

_ISOLATED: Final = re.compile("([\u2066-\u2068][^\u2069]*\u2069)")
_MARKS: Final = dict.fromkeys(map(ord, "\u200e\u200f"))
_RIGHT_TO_LEFT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_LETTER: Final = "0-9A-Za-z\u00c0-\u024f\u0370-\u052f"
_OTHER: Final = rf"[^{_RIGHT_TO_LEFT}\u2066-\u2069()\[\]]"
_BRACKETED: Final = rf"\({_OTHER}*\)|\[{_OTHER}*\]"
# From a letter or digit to the last one before the script changes, with whole brackets between
# them, a sign before them and the sign of a unit after them.
LTR_RUN: Final = re.compile(
    rf"(?:(?<![^\s(\[])[-+−±<>≤≥~#])?[{_LETTER}]"
    rf"(?:(?:{_OTHER}|{_BRACKETED})*(?:[{_LETTER}]|{_BRACKETED}))?"
    r"[%°″′]?"
)


def set_apart(text: str, locale: Locale) -> str:
    """Isolate what would be turned round by the text or the page around it.

    In a Persian text every run of Latin, Greek or Cyrillic letters and Western digits is isolated:
    the bidirectional algorithm would else show the bearing ``6205-2RS`` as ``2RS-6205``. A text
    that runs against the page is isolated as a whole, so that its full stop stays at its end.
    Runs that are isolated already are left as they are.

    Parameters
    ----------
    text
        Any text of the data.
    locale
        Language of the page.

    Returns
    -------
    str
        The same text with marks of isolation (U+2068, U+2069) in it.

    Examples
    --------
    >>> set_apart("بلبرینگ 6205-2RS", "fa") == "بلبرینگ \u20686205-2RS\u2069"
    True
    >>> set_apart("Bearing (6205-2RS).", "fa") == "\u2068Bearing (6205-2RS).\u2069"
    True
    >>> set_apart("Bearing (6205-2RS).", "en")
    'Bearing (6205-2RS).'
    """
    if re.search(f"[{_RIGHT_TO_LEFT}]", text):
        pieces = _ISOLATED.split(text)
        pieces[::2] = [LTR_RUN.sub(_isolate, piece) for piece in pieces[::2]]
        marked = "".join(pieces)
    else:
        marked = text
    return shown.isolate(marked) if _runs_against(text, locale) else marked


def _isolate(run: re.Match[str]) -> str:
    return shown.isolate(run[0])


def _runs_against(text: str, locale: Locale) -> bool:
    # A sign's own mark says nothing of the text, nor does a figure that is isolated already.
    bare = _ISOLATED.sub("", text).translate(_MARKS) or text
    first = next((c for c in map(unicodedata.bidirectional, bare) if c in ("L", "R", "AL")), None)
    return first is not None and (first == "L") == (locale == "fa")
