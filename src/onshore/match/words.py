"""Words of a line and their stems in English, Persian and Russian."""

import re
from functools import lru_cache

# A decimal number is one word.
WORD = re.compile(r"[0-9]+\.[0-9]+(?![.]?[^\W_])|[^\W_]+")

# Words that join others and name nothing, as `normalise` writes them.
_JOINING = """
    a an and are as at by for from in is of on or per the to with without pc pcs nos max min
    و از با به بر در تا یا را که برای جهت بدون مخصوص نوع انواع مدل ها های ای هایی عدد طبق
    а без в во для до и из или к на не о об от по под при с со у тип типа шт
"""
STOP = frozenset(_JOINING.split())

_SYLLABLE = re.compile("[aiouy]|e.")

_PERSIAN = ("هایی", "های", "ها")

# Case and number endings of nouns and adjectives, longest first; й is written и by `normalise`.
_CASES = """
    а е и о у ы ь ю я
    ая ее ие ое ые яя ую юю ии ои еи ыи ия ью
    ам ям ах ях ов ев ом ем ым им ых их
    ами ями ыми ими ого его ому ему иях иям
"""
_RUSSIAN = tuple(sorted(_CASES.split(), key=len, reverse=True))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Cut the light endings off a normalised word: plural, case, ``-ing`` and ``-ed``.

    A word with a digit, and whatever would become too short to tell apart, is left as it is.

    Examples
    --------
    >>> [stem(word) for word in ("valves", "batteries", "machined", "316l")]
    ['valv', 'battery', 'machin', '316l']
    >>> stem("شیرهای"), stem("فولادی"), stem("насосов"), stem("центробежныи")
    ('شیر', 'فولاد', 'насос', 'центробежн')
    """
    first = word[0]
    if "a" <= first <= "z":
        return _english(word) if word.isalpha() else word
    if "\u0600" <= first <= "\u06ff":
        return _persian(word)
    if "\u0400" <= first <= "\u04ff":
        return _cut(word, _RUSSIAN, keep=3)
    return word


def _english(word: str) -> str:
    if len(word) <= 3:
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _SYLLABLE.search(rest):
            double = rest[-1] == rest[-2] and rest[-1] not in "lsz"
            word = rest[:-1] if double else rest
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _persian(word: str) -> str:
    word = _cut(word, _PERSIAN, keep=2)
    return word[:-1] if len(word) >= 4 and word.endswith("ی") else word


def _cut(word: str, endings: tuple[str, ...], *, keep: int) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= keep:
            return word[: -len(ending)]
    return word
