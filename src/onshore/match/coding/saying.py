"""Why an item was given a code: the words that decided, and how they were read."""

from collections.abc import Sequence
from typing import Any

from onshore.match.coding.evidence import Evidence
from onshore.match.coding.item_table import Item
from onshore.match.coding.reading import Said

_MOST, _LONGEST = 8, 60

Why = dict[str, list[Any]]


def said_by_words(said: Said, code: str, evidence: Evidence) -> Why:
    """Give what the line and the texts of a code have in common, the rarest words first.

    ``words`` are as the line writes them, ``bridged`` pairs of what the line says and the words
    it was read as, ``called`` words of what people call the goods, ``against`` words that the
    code shuts out. Lists that would be empty are left out.
    """
    at = evidence.place.get(code)
    if at is None:
        return {}
    covering, shut_out = evidence.texts.covering[at], evidence.texts.shut_out[at]
    words: list[str] = []
    bridged: dict[str, list[str]] = {}
    for word in sorted(set(said.wanted), key=lambda w: (-evidence.idf.get(w, 0.0), w)):
        written = said.words.get(word, word)[:_LONGEST]
        for read in (word,) if word.isascii() else evidence.heard(word):
            if read not in covering:
                continue
            if written.isascii():
                words.append(written)
            else:
                bridged.setdefault(written, []).append(read)
    called = (set(said.native) | set(said.wanted)) & evidence.names.words[at]
    why: Why = {
        "words": list(dict.fromkeys(words))[:_MOST],
        "bridged": [[line, " ".join(read)] for line, read in list(bridged.items())[:_MOST]],
        "called": sorted(called - covering)[:_MOST],
        "against": sorted({said.words.get(w, w) for w in set(said.wanted) & shut_out})[:_MOST],
    }
    return {head: found for head, found in why.items() if found}


def said_by_marks(marks: Sequence[str]) -> Why:
    """Give the marks by which a model decided, each as its kind and its text."""
    return {"marks": [mark.split(":", 1) for mark in marks]} if marks else {}


def not_read(item: Item) -> dict[str, str]:
    """Tell why an item has no code."""
    if item.description.strip():
        return {"note": "no word of the line is known"}
    if item.part_number.strip() or item.maker.strip():
        return {"note": "no description, and no model that knows part numbers"}
    return {"note": "empty item"}
