"""Persian and Russian lines of goods read in English."""

import csv
import re
from functools import cache
from importlib import resources

from onshore.match.letters import normalise
from onshore.match.terms import Term, glossary
from onshore.match.words import STOP, WORD, stem

_LONGEST = 3
_FOREIGN = re.compile("[\u0400-\u04ff\u0600-\u06ff]")


def translate(text: str) -> tuple[list[Term], tuple[str, ...]]:
    """Read a normalised text by the glossaries.

    Terms of trade (``qualities.csv``: fresh, knitted, for men) go before those of industry.

    Returns
    -------
    tuple
        The terms in their order, a word without a translation standing for itself, and the
        stems of the Persian and Russian words as they are written.

    Examples
    --------
    >>> terms, native = translate("насос чугунныи")
    >>> [term.english for term in terms], native
    ([('pump',), ('cast', 'iron')], ('насос', 'чугунн'))
    """
    words = WORD.findall(text)
    native = tuple(stem(word) for word in words if is_foreign(word) and word not in STOP)
    terms: list[Term] = []
    unread: list[str] = []
    for word, found in _by_quality(words):
        if found is None:
            unread.append(word)
            continue
        terms += glossary().read(unread)
        unread = []
        terms.append(Term(word, found))
    return terms + glossary().read(unread), native


def is_foreign(text: str) -> bool:
    """Tell whether a text has Cyrillic or Arabic letters."""
    return not text.isascii() and _FOREIGN.search(text) is not None


def _by_quality(words: list[str]) -> list[tuple[str, tuple[str, ...] | None]]:
    known = _qualities()
    stems = [stem(word) for word in words]
    found: list[tuple[str, tuple[str, ...] | None]] = []
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            english = known.get("".join(words[at : at + size])) or known.get(
                "".join(stems[at : at + size])
            )
            if english:
                found.append((" ".join(words[at : at + size]), english))
                break
        else:
            size = 1
            found.append((words[at], None))
        at += size
    return found


@cache
def _qualities() -> dict[str, tuple[str, ...]]:
    path = resources.files("onshore.match.coding").joinpath("data", "qualities.csv")
    known: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(path.read_text("utf-8").splitlines()):
        english = tuple(row["english"].split())
        for spelling in (row["persian"] + "|" + row["russian"]).split("|"):
            words = WORD.findall(normalise(spelling))
            if words:
                known.setdefault("".join(words), english)
                known.setdefault("".join(stem(word) for word in words), english)
    return known
