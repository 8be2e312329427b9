"""How a word sounds, so that one the glossary lacks meets its spelling in another script.

Persian writes no short vowels and Russian and English spell loan words each in its own way, but
their consonants stay in order: پریتکتیک, перитектика and peritectic all have p-r-t-k-t-k. Voiced
and voiceless k and g, and all hissing sounds, are one; h and w fall away.
"""

import re
from functools import lru_cache

_LEAST = 3

_PERSIAN = {
    **dict.fromkeys("پ", "p"), **dict.fromkeys("ب", "b"), **dict.fromkeys("تط", "t"),
    **dict.fromkeys("سصثزذظضش", "s"), **dict.fromkeys("جژ", "j"), **dict.fromkeys("چ", "c"),
    **dict.fromkeys("کگقغخ", "k"), **dict.fromkeys("د", "d"), **dict.fromkeys("ر", "r"),
    **dict.fromkeys("ف", "f"), **dict.fromkeys("ل", "l"), **dict.fromkeys("م", "m"),
    **dict.fromkeys("ن", "n"),
}  # fmt: skip
_RUSSIAN = {
    "п": "p", "б": "b", "т": "t", "с": "s", "з": "s", "ш": "s", "щ": "s", "ц": "s", "ж": "j",
    "ч": "c", "к": "k", "г": "k", "х": "k", "д": "d", "р": "r", "ф": "f", "л": "l", "м": "m",
    "н": "n",
}  # fmt: skip
_ENGLISH = {
    **{letter: letter for letter in "pbtdrflmnj"}, "s": "s", "z": "s", "k": "k", "q": "k",
    "g": "k", "c": "k", "x": "ks",
}  # fmt: skip

# English spellings that are not said letter by letter, in this order.
_SAID = [
    (re.compile(spelling), said)
    for spelling, said in (
        ("tch", "3"), ("ch(?=[rl])|^ch(?=e?m)|ch(?=n|m)", "k"), ("ch", "3"), ("ph", "f"),
        ("th", "t"), ("sh", "s"), ("gh(?=t)", ""), ("dge", "j"), ("[st]ion", "sn"), ("ck", "k"),
        ("c(?=[eiy])", "s"), ("g(?=[ey])", "j"), ("^[kg]n", "n"), ("^wr", "r"), ("^ps", "s"),
        ("^x", "ks"),
    )
]  # fmt: skip
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=1 << 16)
def sound(word: str) -> str:
    """Give the consonants of a normalised word in one script; empty where they are fewer than 3.

    Examples
    --------
    >>> sound("پریتکتیک"), sound("peritectic"), sound("изопропиловыи"), sound("isopropyl")
    ('prtktk', 'prtktk', 'sprpl', 'sprpl')
    """
    first = word[0]
    if "a" <= first <= "z":
        if not word.isascii() or not word.isalpha():
            return ""
        for spelling, said in _SAID:
            word = spelling.sub(said, word)
        heard = "".join("c" if c == "3" else _ENGLISH.get(c, "") for c in _TWICE.sub(r"\1", word))
    elif "\u0600" <= first <= "\u06ff":
        heard = "".join(_PERSIAN.get(c, "") for c in word)
    else:
        heard = "".join(_RUSSIAN.get(c, "") for c in _TWICE.sub(r"\1", word.replace("дж", "ж")))
    heard = _TWICE.sub(r"\1", heard)
    return heard if len(heard) >= _LEAST else ""
