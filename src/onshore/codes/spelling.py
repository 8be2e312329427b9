"""One spelling for text that people write in many ways."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ئ": "ی",
        "ك": "ک",
        "ة": "ه",
        "ۀ": "ه",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "آ": "ا",
        "ؤ": "و",
        "ё": "е",
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ß": "ss",
        "æ": "ae",
        "\u0640": None,  # tatweel
        "\u200c": " ",  # zero-width non-joiner
        "\u200d": None,
        "\u02bc": "'",
        "\u2018": "'",
        "\u2019": "'",
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2015": "-",
        "×": "x",
    }
)
_DIGITS = {ord(d): str(i) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for i, d in enumerate(row)}
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def latin_digits(text: str) -> str:
    """Write Persian and Arabic digits as 0 to 9 and leave all else as it is.

    Examples
    --------
    >>> latin_digits("۱۴۰۳ / ٧")
    '1403 / 7'
    """
    return text.translate(_DIGITS)


def fold(text: str) -> str:
    """Reduce a text to the spelling that code lists are searched by.

    Case, accents, Arabic forms of Persian letters, zero-width marks, kinds of dash and
    apostrophe, and runs of spaces make no difference; Persian and Arabic digits become 0 to 9.

    Examples
    --------
    >>> fold("Eşfahān") == fold("ESFAHAN")
    True
    >>> fold("كيلو‌گرم") == fold("کیلو گرم")
    True
    """
    if text.isascii():
        return " ".join(text.lower().split())
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", latin_digits(text)).casefold())
    bare = unicodedata.normalize("NFKD", composed.translate(_LETTERS))
    marks_gone = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(marks_gone.translate(_LETTERS).split())
