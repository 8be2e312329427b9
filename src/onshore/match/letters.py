"""Letters made alike: one spelling for what Unicode and keyboards write in many ways."""

import re
import unicodedata
from functools import lru_cache

# Compatibility decomposition would glue "1½" into "11/2" and turn the ordinal sign that many
# keyboards offer for degrees into a letter.
_BEFORE = str.maketrans({"º": "°", "˚": "°", **{c: f" {c}" for c in "¼½¾⅓⅔⅛⅜⅝⅞"}})

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)

_SPELLINGS: dict[str | int, str | None] = {
    # Arabic letters as Persian writes them
    **dict.fromkeys("\u064a\u0649\u06cc\u06d0\u06cd\u06d2", "ی"),
    **dict.fromkeys("\u0643\u06a9\u06aa\u06ad", "ک"),
    **dict.fromkeys("\u0629\u0647\u06be\u06c1\u06c3\u06d5", "ه"),
    # digits
    **{0x0660 + d: str(d) for d in range(10)},
    **{0x06F0 + d: str(d) for d in range(10)},
    # marks of number and of writing
    "\u066b": ".",
    "\u066c": ",",
    "\u066a": "%",
    "\u060c": ",",
    "\u061b": ";",
    "\u061f": "?",
    "\u2044": "/",
    "\u2215": "/",
    "×": "x",
    "✕": "x",
    "∅": "ø",
    "⌀": "ø",
    "φ": "ø",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u06d4\u30fc\u00ac", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u02ba", '"'),
    "\u200c": " ",  # the half-space between the parts of a Persian word
    # drawn but not said: tatweel, joiners, marks of direction, soft hyphen
    **dict.fromkeys(
        "\u0640\u00ad\u034f\u061c\u180e\u200b\u200d\u200e\u200f\u2060\ufeff"
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        None,
    ),
}
_ALIKE = str.maketrans(_SPELLINGS)

_BLANK = re.compile(r"[\x00-\x20\x7f-\x9f\s]+")

# Letters of other scripts that are drawn as Latin capitals; within a code they are typed for them.
LOOKALIKE = str.maketrans("авекмнорстухіјѕαβεζηικμνορτυχ", "abekmhopctyxijsabezhikmnoptyx")

_NOT_CODE = re.compile(r"[^a-z0-9а-я]+")
_DIGITS = re.compile("[0-9]+")
_BETWEEN_NUMBERS = re.compile("(?<=#)[^a-z0-9а-я#]+(?=#)")
_NOT_SHAPE = re.compile("[^a-zа-я#-]+|(?<!#)-|-(?!#)")


def normalise(text: str) -> str:
    """Write a line the one way in which lines are compared.

    Compatibility forms (full width, superscripts, ligatures, presentation forms) are resolved,
    case is folded, marks above and below letters are dropped, Arabic ي ك ة ى are written as
    Persian ی ک ه, Persian and Arabic-Indic digits as 0-9, every dash as ``-``, a half-space
    (ZWNJ) or control character as a space. Tatweel, zero-width and direction marks vanish.
    Applying it twice changes nothing more.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The normalised text, without blanks at its ends or in a row.

    Examples
    --------
    >>> normalise("شير پروانه‌اي  DN۲۰۰")
    'شیر پروانه ای dn200'
    >>> normalise("ＫＸ–８８１４")
    'kx-8814'
    """
    if text.isascii():
        text = text.lower()
    elif _LETTER_BY_LETTER.fullmatch(text):
        text = text.translate(_WRITTEN)
    else:
        text = _written_alike(text)
    # Where nothing but letters, marks and blanks is left, the blanks are all that split() parts.
    return " ".join(text.split()) if text.isprintable() else _BLANK.sub(" ", text).strip()


def _written_alike(text: str) -> str:
    text = _unicode_folded(text.translate(_BEFORE))
    text = _MARKS.sub("", text).translate(_ALIKE)
    return _unicode_folded(text).casefold()


class _Written(dict[int, str]):
    """How each letter is written, worked out where it first occurs."""

    def __missing__(self, letter: int) -> str:
        written = self[letter] = _written_alike(chr(letter))
        return written


_WRITTEN = _Written()
# Blocks of which no mark stays: there a text is written as its letters are, one by one.
_LETTER_BY_LETTER = re.compile(
    "[\x00-\u024f\u0300-\u036f\u0386-\u03ff\u0400-\u0482\u048a-\u052f\u0600-\u060f\u061b-\u065f"
    "\u0660-\u06d5\u2000-\u204f\u2070-\u2094\u2100-\u23ff\u2500-\u27bf\ufb50-\ufbb1\ufe70-\ufefc"
    "\uff01-\uff9d]*"
)


@lru_cache(maxsize=1 << 16)
def code_key(text: str) -> str:
    """Give the form in which part numbers are compared: letters and digits only.

    Hyphens, spaces, slashes, dots and case fall away, letters that only look Latin become Latin,
    and the letter O counts as the digit 0 where there is a digit beside letters.

    Examples
    --------
    >>> code_key("KX–8814 / b"), code_key("АВС-1О5"), code_key("6205-2RS")
    ('kx8814b', 'abc105', '62052rs')
    """
    return _NOT_CODE.sub("", _alike_in_codes(text))


@lru_cache(maxsize=1 << 16)
def code_shape(text: str) -> str:
    """Give a code with its numbers blotted out: codes of one shape are sizes of one series.

    Examples
    --------
    >>> code_shape("PS-LX350H"), code_shape("pslx300h"), code_shape("SLA-12-100")
    ('pslx#h', 'pslx#h', 'sla#-#')
    """
    shape = _DIGITS.sub("#", _alike_in_codes(text))
    return _NOT_SHAPE.sub("", _BETWEEN_NUMBERS.sub("-", shape))


@lru_cache(maxsize=1 << 16)
def word_form(word: str) -> str:
    """Normalise a word; many lines share the same ones."""
    return normalise(word)


def _alike_in_codes(text: str) -> str:
    code = normalise(text).translate(LOOKALIKE)
    return code.replace("o", "0") if _DIGITS.search(code) else code


def _unicode_folded(text: str) -> str:
    """Fold case and compatibility forms until neither changes the other (Unicode 3.13, D146)."""
    fold = unicodedata.normalize
    return fold("NFKD", fold("NFKD", fold("NFD", text).casefold()).casefold())
